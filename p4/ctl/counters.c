// SPDX-License-Identifier: Apache-2.0
/* counters, monitor: what the switch counted. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"
#include "parse.h"
#include "report.h"

#define EVENTS 16

/**
 * struct events - a counter of the program, as Documentation/p4.md has it
 * @counter: its name in the program; NULL ends the list
 * @names: of its places; NULL: not used
 */
struct events {
	const char *counter;
	const char *names[EVENTS];
};

static const struct events all_events[] = {
	{ "srp_events",
	  { NULL, "parse", "ethertype", "ttl", "no_label", "no_route", "not_ip",
	    "no_nexthop", "deep", "again", "head_end", "rounds", "bad_ip" } },
	{ "srp_egress_events",
	  { [6] = "egress_not_ip", [13] = "egress_no_report" } },
	{ FEATURE_EVENTS,
	  { NULL, "new", "takeover", "restart", "collision", "report", "gap",
	    "saturated", "no_session" } },
	{ 0 },
};

#define ALL_FEATURE 2 /* the place of FEATURE_EVENTS among them */

/**
 * struct counters - what there is of a switch at a time
 * @events: of all_events, in its order
 */
struct counters {
	struct count events[3][EVENTS];
};

static int read_counters(struct ctl *ctl, struct counters *counters)
{
	int rc = ctl_connect(ctl, NULL);

	memset(counters, 0, sizeof(*counters));
	if (!rc && !ctl->target->ops->count)
		rc = report_refused("this switch counts nothing.");
	for (int i = 0; !rc && all_events[i].counter; i++)
		rc = ctl->target->ops->count(ctl->target, all_events[i].counter,
					     counters->events[i], EVENTS);
	return rc;
}

static void say_count(struct ctl *ctl, const char *name, struct count count)
{
	out_item_open(&ctl->out);
	out_str(&ctl->out, "event", "event", name);
	out_num(&ctl->out, "packets", "packets", count.packets);
	out_num(&ctl->out, "bytes", "bytes", count.bytes);
	out_item_close(&ctl->out);
}

/* From zero where the switch began anew in between. */
static uint64_t since(uint64_t before, uint64_t now)
{
	return now < before ? now : now - before;
}

/* Sessions have a slot until all are forgotten: as many as took a free one since. */
static void say_sessions(struct ctl *ctl, const struct counters *counters,
			 const struct slots *slots)
{
	uint64_t taken = counters->events[ALL_FEATURE][EVENT_NEW].packets;

	out_item_open(&ctl->out);
	out_str(&ctl->out, "event", "event", "sessions");
	out_num(&ctl->out, "used", "used", since(slots->forgotten, taken));
	out_num(&ctl->out, "slots", "of", slots->n);
	out_item_close(&ctl->out);
}

static void say_events(struct ctl *ctl, const struct counters *counters,
		       const struct slots *slots)
{
	for (int i = 0; all_events[i].counter; i++)
		for (int j = 0; j < EVENTS; j++)
			if (all_events[i].names[j])
				say_count(ctl, all_events[i].names[j],
					  counters->events[i][j]);
	say_sessions(ctl, counters, slots);
}

static void say_entries(struct ctl *ctl, const struct entries *set,
			const struct table *only)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct entry *entry = &set->list[i];

		if (entry->table != only)
			continue;
		out_item_open(&ctl->out);
		out_str(&ctl->out, "entry", only->name, entry->key);
		out_num(&ctl->out, "packets", "packets", entry->packets);
		out_num(&ctl->out, "bytes", "bytes", entry->bytes);
		out_item_close(&ctl->out);
	}
}

static int count_table(struct ctl *ctl, const struct table *table)
{
	struct entries have;
	int rc = ctl_read(ctl, &have);

	if (!rc && !ctl->target->ops->count)
		rc = report_refused("this switch counts nothing.");
	if (!rc) {
		out_list_open(&ctl->out);
		say_entries(ctl, &have, table);
		out_list_close(&ctl->out);
	}
	entries_free(&have);
	return rc;
}

/**
 * ctl_counters - print what the switch counted: events, or a table's entries
 * @ctl: this run
 * @args: [TABLE]
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_counters(struct ctl *ctl, struct args *args)
{
	const char *name = args_take(args);
	const struct table *table;
	struct counters counters;
	struct slots slots;
	int rc = args_end(args);

	if (rc)
		return rc;
	if (name) {
		table = schema_find(name);
		return table ? count_table(ctl, table) :
			       report_usage("there is no table \"%s\".", name);
	}
	rc = read_counters(ctl, &counters);
	rc = rc ? rc : ctl->target->ops->slots(ctl->target, &slots);
	if (rc)
		return rc;
	out_list_open(&ctl->out);
	say_events(ctl, &counters, &slots);
	out_list_close(&ctl->out);
	return RC_DONE;
}

/* ---- monitor --------------------------------------------------------------- */

/* What was counted since, if anything. */
static void say_change(struct ctl *ctl, const struct counters *before,
		       const struct counters *now)
{
	for (int i = 0; all_events[i].counter; i++) {
		for (int j = 0; j < EVENTS; j++) {
			const struct count *was = &before->events[i][j];
			const struct count *is = &now->events[i][j];
			struct count change = {
				.packets = since(was->packets, is->packets),
				.bytes = since(was->bytes, is->bytes),
			};

			if (all_events[i].names[j] && change.packets)
				say_count(ctl, all_events[i].names[j], change);
		}
	}
	fflush(ctl->out.file);
}

static int watch(struct ctl *ctl, uint32_t interval, uint32_t rounds)
{
	struct timespec pause = { .tv_sec = interval };
	struct counters before, now;
	int rc = read_counters(ctl, &before);

	for (uint32_t i = 0; !rc && (!rounds || i < rounds); i++) {
		nanosleep(&pause, NULL);
		rc = read_counters(ctl, &now);
		if (!rc)
			say_change(ctl, &before, &now);
		before = now;
	}
	return rc;
}

static int read_number(struct args *args, const char *word, uint32_t *number)
{
	const char *value;

	if (!args_take_if(args, word))
		return RC_DONE;
	value = args_take(args);
	if (!value || !parse_u32(value, number) || !*number)
		return report_usage("%s is a number from 1.", word);
	return RC_DONE;
}

/**
 * ctl_monitor - print what is counted, as it is counted
 * @ctl: this run
 * @args: [interval SECONDS] [rounds N]; without rounds until it is ended
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_monitor(struct ctl *ctl, struct args *args)
{
	uint32_t interval = 1, rounds = 0;
	int rc = read_number(args, "interval", &interval);

	rc = rc ? rc : read_number(args, "rounds", &rounds);
	rc = rc ? rc : args_end(args);
	return rc ? rc : watch(ctl, interval, rounds);
}

/* ---- sessions -------------------------------------------------------------- */

/**
 * ctl_sessions - have all sessions of the feature micro-service start anew
 * @ctl: this run
 * @args: forget
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_sessions(struct ctl *ctl, struct args *args)
{
	const char *word = args_take(args);
	int rc;

	if (!word || strcmp(word, "forget"))
		return report_usage("sessions are forgotten, try \"help\".");
	rc = args_end(args);
	rc = rc ? rc : ctl_connect(ctl, NULL);
	if (!rc && !ctl->target->ops->forget)
		rc = report_refused("this switch forgets sessions by itself.");
	return rc ? rc : ctl->target->ops->forget(ctl->target);
}
