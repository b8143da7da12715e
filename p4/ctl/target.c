// SPDX-License-Identifier: Apache-2.0
/* The kinds of switch that there are. */

#include <stdio.h>
#include <string.h>

#include "report.h"
#include "target.h"

static const struct target_ops *const targets[] = {
	&stub_target,
#ifdef HAVE_P4RUNTIME
	&p4runtime_target,
#endif
#ifdef HAVE_BFRT
	&bfrt_target,
#endif
};

/* What this srp4ctl could know, and why it does not. */
static const struct {
	const char *name;
	const char *why;
} others[] = {
	{ "p4runtime", "was built without p4runtime" },
	{ "bfrt", "was built without bfrt, which takes an SDE" },
	{ "softswitch", "does not know the software switch yet" },
};

/**
 * target_open - connect to a switch
 * @name: KIND or KIND:WHERE
 * @target: filled
 *
 * Return: RC_DONE, or what was reported.
 */
int target_open(const char *name, struct target **target)
{
	size_t len = strcspn(name, ":");

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (strlen(targets[i]->name) == len &&
		    !strncmp(targets[i]->name, name, len))
			return targets[i]->open(
				name[len] ? name + len + 1 : NULL, target);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (strlen(others[i].name) != len ||
		    strncmp(others[i].name, name, len))
			continue;
		return report_refused("this srp4ctl %s.", others[i].why);
	}
	return report_usage("there is no target \"%.*s\".", (int)len, name);
}

/**
 * target_close - disconnect
 * @target: the switch, or NULL
 *
 * Return: RC_DONE, or what was reported.
 */
int target_close(struct target *target)
{
	return target ? target->ops->close(target) : RC_DONE;
}
