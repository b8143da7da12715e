// SPDX-License-Identifier: Apache-2.0
/* load, apply: a switch as a file has it. */

#include <string.h>

#include "change.h"
#include "config.h"
#include "ctl.h"
#include "report.h"

static void say_change(struct ctl *ctl, const struct change *change)
{
	struct out *out = &ctl->out;

	out_item_open(out);
	out_num(out, "added", "added", change_count(change, WRITE_ADD));
	out_num(out, "changed", "changed", change_count(change, WRITE_CHANGE));
	out_num(out, "deleted", "deleted", change_count(change, WRITE_DELETE));
	out_item_close(out);
}

/* Ports and queues that a file does not name stay as they are. */
static void leave_alone(struct entries *have, const struct config *config)
{
	for (size_t i = 0; i < TABLES; i++)
		if (schema[i].fixed && !config->named[i])
			entries_drop(have, &schema[i]);
}

/* Bring the switch's tables to what the file says. */
static int settle(struct ctl *ctl, struct config *config, bool dry)
{
	struct change change = { 0 };
	struct entries have;
	int rc = ctl_read(ctl, &have);

	leave_alone(&have, config);
	if (!rc && ctl->target->ops->agree)
		rc = ctl->target->ops->agree(ctl->target, &config->entries,
					     &have);
	if (!rc)
		rc = change_make(&change, ctl->target->ops->layout(ctl->target),
				 &have, &config->entries);
	if (!rc && !dry)
		rc = change_do(ctl->target, &change);
	if (!rc)
		say_change(ctl, &change);
	change_free(&change);
	entries_free(&have);
	return rc;
}

static int check_program(struct ctl *ctl, const struct config *config)
{
	const char *program = ctl->target->ops->program(ctl->target);

	if (!program)
		return report_refused("the switch has no program: use load.");
	if (config->program && strcmp(program, config->program))
		return report_refused(
			"the switch runs \"%s\", the file is for \"%s\".",
			program, config->program);
	return RC_DONE;
}

static int read_and_connect(struct ctl *ctl, struct config *config,
			    const char *path)
{
	int rc;

	*config = (struct config){ 0 };
	if (!path)
		return report_usage("a file is missing.");
	rc = config_read(config, path);
	return rc ? rc : ctl_connect(ctl, config->target);
}

/**
 * ctl_load - put a program on the switch and fill its tables, if it can have
 *	what the file says
 * @ctl: this run
 * @args: FILE
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_load(struct ctl *ctl, struct args *args)
{
	const char *path = args_take(args);
	struct config config = { 0 };
	int rc = args_end(args);

	if (!rc)
		rc = read_and_connect(ctl, &config, path);
	if (!rc && !config.program)
		rc = report_usage("%s names no program.", path);
	if (!rc && ctl->target->ops->fits)
		rc = ctl->target->ops->fits(ctl->target, config.program,
					    &config.entries);
	if (!rc)
		rc = ctl->target->ops->load(ctl->target, config.program);
	if (!rc)
		rc = settle(ctl, &config, false);
	config_free(&config);
	return rc;
}

/**
 * ctl_apply - bring the switch's tables to what a file says, changing nothing
 *	that is so already; all of it or nothing
 * @ctl: this run
 * @args: FILE [dry-run]
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_apply(struct ctl *ctl, struct args *args)
{
	const char *path = args_take(args);
	bool dry = args_take_if(args, "dry-run");
	struct config config = { 0 };
	int rc = args_end(args);

	if (!rc)
		rc = read_and_connect(ctl, &config, path);
	if (!rc)
		rc = check_program(ctl, &config);
	if (!rc)
		rc = settle(ctl, &config, dry);
	config_free(&config);
	return rc;
}
