// SPDX-License-Identifier: Apache-2.0
/* Tofino: its ports, speed, FEC, autonegotiation; breakout is by channel. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bfrt.h"
#include "compiler.h"

#define WORD 48
#define MACS_PORTS "$PORT"

/**
 * struct word - a word of ours and the driver's
 * @ours: in the file
 * @theirs: in the fixed table
 */
struct word {
	const char *ours;
	const char *theirs;
};

static const struct word speeds[] = {
	{ "10G", "BF_SPEED_10G" },   { "25G", "BF_SPEED_25G" },
	{ "40G", "BF_SPEED_40G" },   { "50G", "BF_SPEED_50G" },
	{ "100G", "BF_SPEED_100G" }, { 0 },
};

/* The first of what is the same is what is written. */
static const struct word fecs[] = {
	{ "none", "BF_FEC_TYP_NONE" },
	{ "firecode", "BF_FEC_TYP_FIRECODE" },
	{ "rs", "BF_FEC_TYP_REED_SOLOMON" },
	{ "firecode", "BF_FEC_TYP_FC" },
	{ "rs", "BF_FEC_TYP_RS" },
	{ 0 },
};

static const struct word policies[] = {
	{ "default", "PM_AN_DEFAULT" },
	{ "on", "PM_AN_FORCE_ENABLE" },
	{ "off", "PM_AN_FORCE_DISABLE" },
	{ 0 },
};

static const char *theirs(const struct word *words, const char *ours)
{
	while (words->ours && strcmp(words->ours, ours))
		words++;
	return words->theirs;
}

static const char *ours(const struct word *words, const char *theirs)
{
	while (words->ours && strcmp(words->theirs, theirs))
		words++;
	return words->ours;
}

static const char *text(const struct entry *entry, const char *field,
			const char *none)
{
	struct json_object *value;

	if (!json_object_object_get_ex(entry->json, field, &value))
		return none;
	return json_object_get_string(value);
}

static bool enabled(const struct entry *entry)
{
	struct json_object *value;

	return !json_object_object_get_ex(entry->json, "enabled", &value) ||
	       json_object_get_boolean(value);
}

/* ---- reading --------------------------------------------------------------- */

static bool is_internal(struct fixed *fixed)
{
	return fixed_flag_get(fixed, "$IS_INTERNAL");
}

/* The entry that was read last, as one of ours. */
static bool take(struct fixed *fixed, struct entry *entry, char why[WHY_MAX])
{
	struct json_object *json = json_object_new_object();
	static const struct {
		const char *ours;
		const char *theirs;
		const struct word *words;
	} fields[] = {
		{ "speed", "$SPEED", speeds },
		{ "fec", "$FEC", fecs },
		{ "autoneg", "$AUTO_NEGOTIATION", policies },
	};
	char word[WORD];
	bool made;

	json_object_object_add(
		json, "port",
		json_object_new_int64(fixed_key_get(fixed, "$DEV_PORT")));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		fixed_text_get(fixed, fields[i].theirs, word, sizeof(word));
		json_object_object_add(
			json, fields[i].ours,
			json_object_new_string(ours(fields[i].words, word) ?:
						       word));
	}
	json_object_object_add(
		json, "enabled",
		json_object_new_boolean(fixed_flag_get(fixed, "$PORT_ENABLE")));
	made = entry_make(entry, schema_find("ports"), json, why);
	json_object_put(json);
	return made;
}

/* What came in by a port. */
static void count(struct bfrt *bfrt, struct entry *entry)
{
	char why[WHY_MAX];
	struct fixed *fixed = fixed_open(bfrt, "$PORT_STAT", why);

	if (!fixed)
		return;
	fixed_key(fixed, "$DEV_PORT", entry_number(entry, "port"));
	if (!fixed_get(fixed)) {
		entry->packets = fixed_num_get(fixed, "$FramesReceivedOK");
		entry->bytes =
			fixed_num_get(fixed, "$OctetsReceivedinGoodFrames");
	}
	fixed_close(fixed);
}

/* Ports that the driver has for itself, to recirculate, are not ours. */
static bool add_port(struct bfrt *bfrt, struct fixed *fixed,
		     struct entries *set, char why[WHY_MAX])
{
	struct entry entry;

	if (is_internal(fixed))
		return true;
	if (!take(fixed, &entry, why)) {
		entry_free(&entry);
		return false;
	}
	count(bfrt, &entry);
	if (entries_add(set, &entry))
		return true;
	entry_free(&entry);
	snprintf(why, WHY_MAX, "memory ran out.");
	return false;
}

/**
 * bfrt_read_ports - read the ports and their queues
 * @bfrt: the switch
 * @set: entries are added to it
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool bfrt_read_ports(struct bfrt *bfrt, struct entries *set, char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, MACS_PORTS, why);
	bf_status_t status;
	bool done = true;

	if (!fixed)
		return false;
	status = fixed_first(fixed);
	for (; !status && done; status = fixed_next(fixed))
		done = add_port(bfrt, fixed, set, why) &&
		       bfrt_read_queues(bfrt, fixed_key_get(fixed, "$DEV_PORT"),
					set, why);
	if (done && fixed_broken(fixed)) {
		snprintf(why, WHY_MAX, "the switch has other fields in $PORT.");
		done = false;
	}
	if (done && status != BF_OBJECT_NOT_FOUND)
		done = !bfrt_say(why, "ports", status);
	fixed_close(fixed);
	return done;
}

/* ---- writing --------------------------------------------------------------- */

static void set_port(struct fixed *fixed, const struct entry *entry)
{
	fixed_text(fixed, "$SPEED", theirs(speeds, text(entry, "speed", "")));
	fixed_text(fixed, "$FEC", theirs(fecs, text(entry, "fec", "none")));
	fixed_text(fixed, "$AUTO_NEGOTIATION",
		   theirs(policies, text(entry, "autoneg", "default")));
	fixed_flag(fixed, "$PORT_ENABLE", enabled(entry));
}

/* The driver says that all went well also where only a part of it did. */
static bool is_so(struct bfrt *bfrt, const struct entry *want,
		  char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, MACS_PORTS, why);
	struct entry have = { 0 };
	bool same = false;

	if (!fixed)
		return false;
	fixed_key(fixed, "$DEV_PORT", entry_number(want, "port"));
	if (!fixed_get(fixed) && take(fixed, &have, why))
		same = !strcmp(have.text, want->text);
	if (!same)
		snprintf(why, WHY_MAX,
			 "the switch did not take it as a whole.");
	entry_free(&have);
	fixed_close(fixed);
	return same;
}

static bool add(struct bfrt *bfrt, const struct entry *entry, char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, MACS_PORTS, why);
	bool done;

	if (!fixed)
		return false;
	fixed_key(fixed, "$DEV_PORT", entry_number(entry, "port"));
	set_port(fixed, entry);
	done = !bfrt_say(why, "", fixed_add(fixed));
	if (done && !is_so(bfrt, entry, why)) {
		fixed_delete(fixed);
		done = false;
	}
	fixed_close(fixed);
	return done;
}

static bool delete (struct bfrt *bfrt, uint32_t dev_port, char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, MACS_PORTS, why);
	bool done;

	if (!fixed)
		return false;
	fixed_key(fixed, "$DEV_PORT", dev_port);
	done = !bfrt_say(why, "", fixed_delete(fixed));
	fixed_close(fixed);
	return done;
}

static bool enable(struct bfrt *bfrt, const struct entry *entry,
		   char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, MACS_PORTS, why);
	bool done;

	if (!fixed)
		return false;
	fixed_key(fixed, "$DEV_PORT", entry_number(entry, "port"));
	fixed_flag(fixed, "$PORT_ENABLE", enabled(entry));
	done = !bfrt_say(why, "", fixed_change(fixed)) &&
	       is_so(bfrt, entry, why);
	fixed_close(fixed);
	return done;
}

/* A port that comes comes with no queues: the same ones once more. */
static bool add_whole(struct bfrt *bfrt, const struct entry *entry,
		      const struct entries *queues, char why[WHY_MAX])
{
	char lost[WHY_MAX];

	if (!add(bfrt, entry, why))
		return false;
	for (size_t i = 0; i < queues->n; i++) {
		if (bfrt_write_queue(bfrt, WRITE_ADD, &queues->list[i], why))
			continue;
		delete (bfrt, entry_number(entry, "port"), lost);
		return false;
	}
	return true;
}

/* What the driver would refuse to change on a port that is there, or would
 * check against what was before: the port goes and comes again. */
static bool again(struct bfrt *bfrt, const struct entry *entry,
		  const struct entry *before, char why[WHY_MAX])
{
	uint32_t dev_port = entry_number(entry, "port");
	struct entries queues = { 0 };
	char lost[WHY_MAX];
	bool done;

	done = bfrt_read_queues(bfrt, dev_port, &queues, why) &&
	       delete (bfrt, dev_port, why);
	if (done && !add_whole(bfrt, entry, &queues, why)) {
		if (!add_whole(bfrt, before, &queues, lost))
			snprintf(why, WHY_MAX,
				 "refused, and the port is gone: %.64s", lost);
		done = false;
	}
	entries_free(&queues);
	return done;
}

static bool only_enabled(const struct entry *a, const struct entry *b)
{
	return !strcmp(text(a, "speed", ""), text(b, "speed", "")) &&
	       !strcmp(text(a, "fec", "none"), text(b, "fec", "none")) &&
	       !strcmp(text(a, "autoneg", "default"),
		       text(b, "autoneg", "default"));
}

/**
 * bfrt_write_port - write a port
 * @bfrt: the switch
 * @update: what to do, with ports by number
 * @queues: of a port that goes, or comes back
 * @why: a sentence if it fails, and then nothing is done
 *
 * Return: whether it did not.
 */
bool bfrt_write_port(struct bfrt *bfrt, const struct update *update,
		     struct entries *queues, char why[WHY_MAX])
{
	const struct entry *entry = update->entry;

	switch (update->write) {
	case WRITE_ADD:
		return add_whole(bfrt, entry, queues, why);
	case WRITE_CHANGE:
		if (only_enabled(entry, update->before))
			return enable(bfrt, entry, why);
		return again(bfrt, entry, update->before, why);
	case WRITE_DELETE:
		break;
	}
	return bfrt_read_queues(bfrt, entry_number(entry, "port"), queues,
				why) &&
	       delete (bfrt, entry_number(entry, "port"), why);
}
