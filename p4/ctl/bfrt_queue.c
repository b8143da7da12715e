// SPDX-License-Identifier: Apache-2.0
/* Tofino: the traffic manager's queues, what they are guaranteed and allowed. */

#include <stdio.h>
#include <string.h>

#include "bfrt.h"
#include "rate.h"

#define QUEUES_MAX 32
#define WORD 16
#define CFG "tf1.tm.queue.sched_cfg"
#define SHAPING "tf1.tm.queue.sched_shaping"
#define USUAL_WEIGHT 1023

/**
 * struct place - where a port's queues are
 * @pipe: the port's
 * @group: of four ports, in the pipe
 * @queues: numbers in the group, by the port's own numbers
 * @n: how many
 */
struct place {
	uint32_t pipe;
	uint32_t group;
	uint32_t queues[QUEUES_MAX];
	size_t n;
};

static bool find(struct bfrt *bfrt, uint32_t dev_port, struct place *place,
		 char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, "tf1.tm.port.cfg", why);
	bool found;

	if (!fixed)
		return false;
	fixed_key(fixed, "dev_port", dev_port);
	found = !bfrt_say(why, "", fixed_get(fixed));
	place->pipe = PIPE_OF(dev_port);
	place->group = found ? fixed_num_get(fixed, "pg_id") : 0;
	place->n = found ? fixed_nums_get(fixed, "egress_qid_queues",
					  place->queues, QUEUES_MAX) :
			   0;
	if (found && fixed_broken(fixed)) {
		snprintf(why, WHY_MAX,
			 "the switch has other fields in tf1.tm.port.cfg.");
		found = false;
	}
	fixed_close(fixed);
	return found;
}

static struct fixed *open_queue(struct bfrt *bfrt, const char *table,
				const struct place *place, uint32_t queue,
				char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, table, why);

	if (!fixed)
		return NULL;
	fixed_pipe(fixed, place->pipe);
	fixed_key(fixed, "pg_id", place->group);
	fixed_key(fixed, "pg_queue", place->queues[queue]);
	return fixed;
}

/**
 * struct share - of a port's bandwidth
 * @min: guaranteed, if @has_min
 * @max: allowed, if @has_max
 * @has_min: something is guaranteed
 * @has_max: there is a limit
 * @priority: among its queues
 * @weight: among those of the same priority
 */
struct share {
	struct rate min;
	struct rate max;
	bool has_min;
	bool has_max;
	uint32_t priority;
	uint32_t weight;
};

/* ---- reading --------------------------------------------------------------- */

/* "0" to "7", or the ends of the scale. */
static uint32_t priority_of(const char *word)
{
	if (!strcmp(word, "HIGH"))
		return 7;
	return *word >= '0' && *word <= '7' ? *word - '0' : 0;
}

static bool get_rates(struct fixed *fixed, struct share *share,
		      char why[WHY_MAX])
{
	char unit[WORD];
	bool packets;

	if (bfrt_say(why, "", fixed_get(fixed)))
		return false;
	fixed_text_get(fixed, "unit", unit, sizeof(unit));
	packets = !strcmp(unit, "PPS");
	share->min = (struct rate){ fixed_num_get(fixed, "min_rate"), packets };
	share->max = (struct rate){ fixed_num_get(fixed, "max_rate"), packets };
	return true;
}

static bool get_cfg(struct fixed *fixed, struct share *share, char why[WHY_MAX])
{
	char priority[WORD];

	if (bfrt_say(why, "", fixed_get(fixed)))
		return false;
	share->has_min = fixed_flag_get(fixed, "min_rate_enable");
	share->has_max = fixed_flag_get(fixed, "max_rate_enable");
	share->weight = fixed_num_get(fixed, "dwrr_weight");
	fixed_text_get(fixed, "max_priority", priority, sizeof(priority));
	share->priority = priority_of(priority);
	return true;
}

static bool other_fields(const char *table, char why[WHY_MAX])
{
	snprintf(why, WHY_MAX, "the switch has other fields in %s.", table);
	return false;
}

static bool get_share(struct bfrt *bfrt, const struct place *place,
		      uint32_t queue, struct share *share, char why[WHY_MAX])
{
	struct fixed *fixed = open_queue(bfrt, CFG, place, queue, why);
	bool done = fixed && get_cfg(fixed, share, why);

	if (done && fixed_broken(fixed))
		done = other_fields(CFG, why);
	fixed_close(fixed);
	if (!done || (!share->has_min && !share->has_max))
		return done;
	fixed = open_queue(bfrt, SHAPING, place, queue, why);
	done = fixed && get_rates(fixed, share, why);
	if (done && fixed_broken(fixed))
		done = other_fields(SHAPING, why);
	fixed_close(fixed);
	return done;
}

static void put_rate(struct json_object *json, const char *name,
		     struct rate rate)
{
	char text[RATE_TEXT];

	json_object_object_add(json, name,
			       json_object_new_string(rate_text(rate, text)));
}

/* What was dropped before a queue. */
static void count(struct bfrt *bfrt, const struct place *place, uint32_t queue,
		  struct entry *entry)
{
	char why[WHY_MAX];
	struct fixed *fixed =
		open_queue(bfrt, "tf1.tm.counter.queue", place, queue, why);

	if (fixed && !fixed_get(fixed))
		entry->packets = fixed_num_get(fixed, "drop_count_packets");
	fixed_close(fixed);
}

static bool make(struct entry *entry, uint32_t dev_port, uint32_t queue,
		 const struct share *share, char why[WHY_MAX])
{
	struct json_object *json = json_object_new_object();
	bool made;

	json_object_object_add(json, "port", json_object_new_int64(dev_port));
	json_object_object_add(json, "queue", json_object_new_int64(queue));
	if (share->has_min)
		put_rate(json, "min_rate", share->min);
	if (share->has_max)
		put_rate(json, "max_rate", share->max);
	json_object_object_add(json, "priority",
			       json_object_new_int64(share->priority));
	json_object_object_add(json, "weight",
			       json_object_new_int64(share->weight));
	made = entry_make(entry, schema_find("queues"), json, why);
	json_object_put(json);
	return made;
}

static bool is_usual(const struct share *share)
{
	return !share->has_min && !share->has_max && !share->priority &&
	       share->weight == USUAL_WEIGHT;
}

/**
 * bfrt_read_queues - read the queues of a port that are not as they came
 * @bfrt: the switch
 * @dev_port: the port's number
 * @set: entries are added to it
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool bfrt_read_queues(struct bfrt *bfrt, uint32_t dev_port, struct entries *set,
		      char why[WHY_MAX])
{
	struct place place;
	struct entry entry;

	if (!find(bfrt, dev_port, &place, why))
		return false;
	for (uint32_t i = 0; i < place.n; i++) {
		struct share share = { 0 };

		if (!get_share(bfrt, &place, i, &share, why))
			return false;
		if (is_usual(&share))
			continue;
		if (!make(&entry, dev_port, i, &share, why)) {
			entry_free(&entry);
			return false;
		}
		count(bfrt, &place, i, &entry);
		if (!entries_add(set, &entry)) {
			entry_free(&entry);
			snprintf(why, WHY_MAX, "memory ran out.");
			return false;
		}
	}
	return true;
}

/* ---- writing --------------------------------------------------------------- */

static bool rate_of(const struct entry *entry, const char *field,
		    struct rate *rate)
{
	struct json_object *value;

	return json_object_object_get_ex(entry->json, field, &value) &&
	       rate_parse(json_object_get_string(value), rate);
}

static struct share share_of(const struct entry *entry)
{
	int priority = entry_number(entry, "priority");
	int weight = entry_number(entry, "weight");
	struct share share = {
		.priority = priority < 0 ? 0 : priority,
		.weight = weight < 0 ? USUAL_WEIGHT : weight,
	};

	share.has_min = rate_of(entry, "min_rate", &share.min);
	share.has_max = rate_of(entry, "max_rate", &share.max);
	return share;
}

static bool put_rates(struct bfrt *bfrt, const struct place *place,
		      uint32_t queue, const struct share *share,
		      char why[WHY_MAX])
{
	bool packets = share->has_min ? share->min.packets : share->max.packets;
	struct fixed *fixed;
	bool done;

	if (!share->has_min && !share->has_max)
		return true;
	fixed = open_queue(bfrt, SHAPING, place, queue, why);
	if (!fixed)
		return false;
	fixed_text(fixed, "unit", packets ? "PPS" : "BPS");
	fixed_text(fixed, "provisioning", "MIN_ERROR");
	if (share->has_min)
		fixed_num(fixed, "min_rate", share->min.number);
	if (share->has_max)
		fixed_num(fixed, "max_rate", share->max.number);
	done = !bfrt_say(why, "", fixed_change(fixed));
	fixed_close(fixed);
	return done;
}

/* Guaranteed bandwidth is served before the rest; the priority is that among
 * queues in either. */
static bool put_cfg(struct bfrt *bfrt, const struct place *place,
		    uint32_t queue, const struct share *share,
		    char why[WHY_MAX])
{
	struct fixed *fixed = open_queue(bfrt, CFG, place, queue, why);
	char priority[WORD];
	bool done;

	if (!fixed)
		return false;
	snprintf(priority, sizeof(priority), "%u", share->priority);
	fixed_flag(fixed, "min_rate_enable", share->has_min);
	fixed_text(fixed, "min_priority", priority);
	fixed_flag(fixed, "max_rate_enable", share->has_max);
	fixed_text(fixed, "max_priority", priority);
	fixed_num(fixed, "dwrr_weight", share->weight);
	done = !bfrt_say(why, "", fixed_change(fixed));
	fixed_close(fixed);
	return done;
}

/**
 * bfrt_write_queue - set what a queue is guaranteed and allowed
 * @bfrt: the switch
 * @write: WRITE_DELETE makes it as it came
 * @entry: the queue, its port by number
 * @why: a sentence if it fails, and then nothing is done
 *
 * Return: whether it did not.
 */
bool bfrt_write_queue(struct bfrt *bfrt, enum write write,
		      const struct entry *entry, char why[WHY_MAX])
{
	struct share share = { .weight = USUAL_WEIGHT }, before = { 0 };
	uint32_t queue = entry_number(entry, "queue");
	char lost[WHY_MAX];
	struct place place;

	if (write != WRITE_DELETE)
		share = share_of(entry);
	if (!find(bfrt, entry_number(entry, "port"), &place, why))
		return false;
	if (queue >= place.n) {
		snprintf(why, WHY_MAX, "the port has %zu queues.", place.n);
		return false;
	}
	if (!get_share(bfrt, &place, queue, &before, why))
		return false;
	if (put_rates(bfrt, &place, queue, &share, why) &&
	    put_cfg(bfrt, &place, queue, &share, why))
		return true;
	if (!put_rates(bfrt, &place, queue, &before, lost) ||
	    !put_cfg(bfrt, &place, queue, &before, lost))
		snprintf(why, WHY_MAX,
			 "refused, and the queue is not as it was: %.64s",
			 lost);
	return false;
}
