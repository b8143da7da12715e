// SPDX-License-Identifier: Apache-2.0
/* Tofino: the slots of the feature micro-service. Every pipe has its own, the
 * driver adds up what all of them counted; a slot that was taken is so for good,
 * unless all are cleared. */

#include <stdio.h>

#include <tofino/bf_pal/bf_pal_port_intf.h>

#include "bfrt.h"
#include "report.h"

#define REGISTER "slot_used" /* says which slots are taken */

static int find_register(struct bfrt *bfrt, const bf_rt_table_hdl **table)
{
	if (!bfrt->program)
		return report_refused("the switch has no program: use load.");
	*table = bfrt_table(bfrt, REGISTER);
	return *table ?
		       RC_DONE :
		       report_refused("the program has no table " REGISTER ".");
}

/**
 * bfrt_slots - find out how many slots there are, in all pipes
 * @target: the switch
 * @slots: filled
 *
 * Return: RC_DONE, or what was reported.
 */
int bfrt_slots(struct target *target, struct slots *slots)
{
	struct bfrt *bfrt = bfrt_of(target);
	const bf_rt_table_hdl *table;
	int rc = find_register(bfrt, &table);
	char why[WHY_MAX];
	uint32_t pipes;
	size_t size;

	if (rc)
		return rc;
	if (bfrt_say(why, REGISTER,
		     bf_rt_table_size_get(table, bfrt->plain, &bfrt->dev, 0,
					  &size)) ||
	    bfrt_say(why, "pipes",
		     bf_pal_num_pipes_get(bfrt->dev.dev_id, &pipes)))
		return report_refused("%s", why);
	*slots = (struct slots){ .n = size * pipes,
				 .forgotten = bfrt->forgotten };
	return RC_DONE;
}

/**
 * bfrt_forget - have all slots free again
 * @target: the switch
 *
 * A slot counts as used for good, and its clock runs over in two days.
 *
 * Return: RC_DONE, or what was reported.
 */
int bfrt_forget(struct target *target)
{
	struct bfrt *bfrt = bfrt_of(target);
	struct count events[EVENT_NEW + 1] = { 0 };
	const bf_rt_table_hdl *table;
	int rc = find_register(bfrt, &table);
	char why[WHY_MAX];

	if (rc)
		return rc;
	if (!bfrt_counter(bfrt, FEATURE_EVENTS, events, EVENT_NEW + 1, why) ||
	    bfrt_say(why, REGISTER,
		     bf_rt_table_clear(table, bfrt->session, &bfrt->dev, 0)))
		return report_refused("%s", why);
	bfrt->forgotten = events[EVENT_NEW].packets;
	return RC_DONE;
}
