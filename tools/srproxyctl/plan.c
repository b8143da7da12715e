// SPDX-License-Identifier: GPL-2.0-or-later
/* A file of save's form, turned into the requests that make it so. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jfile.h"
#include "plan.h"
#include "report.h"
#include "stage.h"

#define FILE_VERSION 1

/* What a file may hold, in the order in which it is staged. */
static const struct section {
	const char *key;
	const char *name;
	stage_fn stage;
} sections[] = {
	{ "uplink", "dev", uplink_stage },
	{ "vnf", "name", vnf_stage },
	{ "sid", "label", sid_stage },
};

/* planning */

static struct step *new_step(struct plan *plan, const struct jread *j,
			     const char *name)
{
	struct step *step, *more;
	struct json_object *value;
	size_t max;

	if (plan->n == plan->max) {
		max = plan->max ? 2 * plan->max : 16;
		more = realloc(plan->steps, max * sizeof(*more));
		if (!more)
			return NULL;
		plan->steps = more;
		plan->max = max;
	}
	step = &plan->steps[plan->n++];
	*step = (struct step){ .req.failed = true };
	snprintf(step->path, sizeof(step->path), "%s", j->path);
	if (name && json_object_object_get_ex(j->object, name, &value))
		snprintf(step->name, sizeof(step->name), " (%.44s)",
			 json_object_get_string(value));
	return step;
}

static int add_step(struct plan *plan, const struct jread *j, stage_fn stage,
		    const char *name)
{
	struct step *step = new_step(plan, j, name);

	if (!step)
		return report_usage("%s: %s.", plan->file, strerror(ENOMEM));
	return stage(j, &step->req);
}

static int add_section(struct plan *plan, const struct jread *whole,
		       const struct section *section)
{
	struct jread j = { .file = plan->file };
	struct json_object *array;
	size_t n;
	int rc;

	rc = jread_array(whole, section->key, &array);
	if (rc || !array)
		return rc;
	n = json_object_array_length(array);
	for (size_t i = 0; !rc && i < n; i++) {
		snprintf(j.path, sizeof(j.path), "%s[%zu]", section->key, i);
		j.object = json_object_array_get_idx(array, i);
		if (!json_object_is_type(j.object, json_type_object))
			return jread_fail(&j, NULL, "is not an object");
		rc = add_step(plan, &j, section->stage, section->name);
	}
	return rc;
}

static int check_whole(const struct jread *whole)
{
	static const char *const keys[] = {
		"srproxy", "config", "uplink", "vnf", "sid", NULL,
	};
	uint32_t version = 0;
	const char *word;
	int rc;

	if (!json_object_is_type(whole->object, json_type_object))
		return report_usage("%s: the JSON is not an object.",
				    whole->file);
	rc = jread_u32(whole, "srproxy", &version, &word);
	if (rc)
		return rc;
	if (!word)
		return jread_fail(whole, "srproxy", "is missing");
	if (version != FILE_VERSION)
		return jread_fail(whole, "srproxy",
				  "is not %d: a form that is not known",
				  FILE_VERSION);
	return jread_only(whole, keys);
}

static int plan_whole(struct plan *plan)
{
	struct jread whole = { .file = plan->file, .object = plan->root };
	struct jread config;
	int rc;

	rc = check_whole(&whole);
	if (!rc)
		rc = jread_object(&whole, "config", &config);
	if (!rc && config.object)
		rc = add_step(plan, &config, config_stage, NULL);
	for (size_t i = 0; !rc && i < ARRAY_SIZE(sections); i++)
		rc = add_section(plan, &whole, &sections[i]);
	return rc;
}

/**
 * plan_read - read a file, and judge all of it that needs no kernel
 * @plan: the plan, for plan_free() in any case
 * @path: the file; "-" is stdin; kept by the caller
 *
 * Return: RC_DONE, or RC_USAGE and has said what is wrong.
 */
int plan_read(struct plan *plan, const char *path)
{
	int rc;

	*plan = (struct plan){ .file = path };
	rc = jfile_read(path, &plan->root);
	return rc ? rc : plan_whole(plan);
}

/**
 * plan_json - plan what save_take() gave
 * @plan: the plan, for plan_free() in any case
 * @name: what it is called if something is wrong; kept by the caller
 * @root: the JSON, which is the plan's from now on
 *
 * Return: RC_DONE, or RC_USAGE and has said what is wrong.
 */
int plan_json(struct plan *plan, const char *name, struct json_object *root)
{
	*plan = (struct plan){ .file = name, .root = root };
	return plan_whole(plan);
}

/**
 * plan_free - give back what a plan took
 * @plan: the plan
 */
void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		nl_req_free(&plan->steps[i].req);
	free(plan->steps);
	json_object_put(plan->root);
	*plan = (struct plan){ 0 };
}

/**
 * plan_find - find the object whose request had a number
 * @plan: the plan, its requests sent
 * @seq: the number
 *
 * Return: the object, or NULL.
 */
const struct step *plan_find(const struct plan *plan, uint32_t seq)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->steps[i].req.nlh->nlmsg_seq == seq)
			return &plan->steps[i];
	return NULL;
}
