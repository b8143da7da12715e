// SPDX-License-Identifier: Apache-2.0
/* Ports and queues of a switch: what goes together, in one and among them. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compiler.h"
#include "parse.h"
#include "port.h"
#include "rate.h"
#include "report.h"

#define CHANNELS 4
#define CONNECTORS 65

/**
 * struct speed - what a speed wants
 * @name: the word
 * @mbit: megabits a second
 * @lanes: of its connector's four
 * @fecs: codes that there are for it, between spaces
 */
struct speed {
	const char *name;
	uint32_t mbit;
	uint32_t lanes;
	const char *fecs;
};

static const struct speed speeds[] = {
	{ "10G", 10000, 1, " none firecode " },
	{ "25G", 25000, 1, " none firecode rs " },
	{ "40G", 40000, 4, " none firecode " },
	{ "50G", 50000, 2, " none firecode rs " },
	{ "100G", 100000, 4, " none rs " },
};

/**
 * port_parse - read a port of the front panel
 * @text: CONNECTOR/CHANNEL
 * @place: filled
 *
 * Return: whether it is one.
 */
bool port_parse(const char *text, struct place *place)
{
	const char *slash = strchr(text, '/');
	char connector[8];

	if (!slash || slash - text >= (ptrdiff_t)sizeof(connector))
		return false;
	memcpy(connector, text, slash - text);
	connector[slash - text] = '\0';
	place->named = true;
	return parse_u32(connector, &place->connector) &&
	       parse_u32(slash + 1, &place->channel) && place->connector &&
	       place->connector <= CONNECTORS && place->channel < CHANNELS;
}

static const char *text_of(const struct entry *entry, const char *field)
{
	struct json_object *value;

	if (!json_object_object_get_ex(entry->json, field, &value))
		return NULL;
	return json_object_get_string(value);
}

static struct place place_of(const struct entry *entry)
{
	struct place place = { 0 };
	struct json_object *port;
	uint32_t number;

	json_object_object_get_ex(entry->json, "port", &port);
	if (json_object_is_type(port, json_type_string)) {
		port_parse(json_object_get_string(port), &place);
		return place;
	}
	number = json_object_get_int(port);
	place.connector = number / CHANNELS;
	place.channel = number % CHANNELS;
	return place;
}

static const struct speed *speed_of(const struct entry *entry)
{
	const char *name = text_of(entry, "speed");
	size_t i = 0;

	while (strcmp(speeds[i].name, name))
		i++;
	return &speeds[i];
}

/**
 * port_together - see that a port's code and channel are for its speed
 * @entry: the port
 * @why: a sentence if not
 * @room: at @why
 *
 * Return: whether they are.
 */
bool port_together(const struct entry *entry, char *why, size_t room)
{
	const char *fec = text_of(entry, "fec") ?: "none";
	const struct speed *speed = speed_of(entry);
	struct place place = place_of(entry);
	char word[16];

	snprintf(word, sizeof(word), " %s ", fec);
	if (!strstr(speed->fecs, word)) {
		snprintf(why, room, "fec %s is not for %s.", fec, speed->name);
		return false;
	}
	if (place.channel % speed->lanes) {
		snprintf(why, room,
			 "%s takes %" PRIu32 " channels, not from %" PRIu32
			 " on.",
			 speed->name, speed->lanes, place.channel);
		return false;
	}
	return true;
}

static bool rate_of(const struct entry *entry, const char *field,
		    struct rate *rate)
{
	const char *text = text_of(entry, field);

	return text && rate_parse(text, rate);
}

/**
 * queue_together - see that a queue's rates go together
 * @entry: the queue
 * @why: a sentence if not
 * @room: at @why
 *
 * Return: whether they do.
 */
bool queue_together(const struct entry *entry, char *why, size_t room)
{
	struct rate min, max;

	if (!rate_of(entry, "min_rate", &min) ||
	    !rate_of(entry, "max_rate", &max))
		return true;
	if (min.packets != max.packets)
		snprintf(
			why, room,
			"min_rate and max_rate are both of bits or of packets.");
	else if (min.number > max.number)
		snprintf(why, room, "min_rate %s is above max_rate %s.",
			 text_of(entry, "min_rate"),
			 text_of(entry, "max_rate"));
	else
		return true;
	return false;
}

/* ---- among them ------------------------------------------------------------ */

static bool overlap(const struct entry *a, const struct entry *b)
{
	struct place at = place_of(a), other = place_of(b);

	return at.named == other.named && at.connector == other.connector &&
	       at.channel < other.channel + speed_of(b)->lanes &&
	       other.channel < at.channel + speed_of(a)->lanes;
}

/**
 * port_clash - find a port that has a channel of another
 * @set: all entries
 * @port: the other, in the set or not
 *
 * Return: the port, or NULL.
 */
const struct entry *port_clash(const struct entries *set,
			       const struct entry *port)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct entry *other = &set->list[i];

		if (other->table == port->table &&
		    strcmp(other->key, port->key) && overlap(port, other))
			return other;
	}
	return NULL;
}

/* A connector's channels are one port's each. */
static int check_channels(const struct entries *set, const struct entry *port)
{
	const struct entry *other = port_clash(set, port);

	if (!other)
		return RC_DONE;
	return report_usage("ports %s: its channels are those of port %s too.",
			    text_of(other, "port"), text_of(port, "port"));
}

/* What is guaranteed has to be there. */
static int check_guarantees(const struct entries *set, const struct entry *port)
{
	const char *name = text_of(port, "port");
	uint64_t kbit = 0;
	struct rate rate;

	for (size_t i = 0; i < set->n; i++) {
		const struct entry *queue = &set->list[i];

		if (queue->table == schema_find("queues") &&
		    !strcmp(text_of(queue, "port"), name) &&
		    rate_of(queue, "min_rate", &rate) && !rate.packets)
			kbit += rate.number;
	}
	if (kbit > speed_of(port)->mbit * 1000ULL)
		return report_usage("queues of port %s: %" PRIu64
				    " kbit are guaranteed, and it has %s.",
				    name, kbit, speed_of(port)->name);
	return RC_DONE;
}

/* A queue is one of a port that is there; a number may be one of the chip's
 * own. */
static int check_queue(const struct entries *set, const struct entry *queue)
{
	const char *name = text_of(queue, "port");
	const struct table *ports = schema_find("ports");

	if (!place_of(queue).named || !entries_count(set, ports))
		return RC_DONE;
	for (size_t i = 0; i < set->n; i++)
		if (set->list[i].table == ports &&
		    !strcmp(text_of(&set->list[i], "port"), name))
			return RC_DONE;
	return report_usage("queues %s: there is no port %s.", queue->key,
			    name);
}

/**
 * ports_check - see what no port or queue can say alone
 * @set: all entries
 *
 * Return: RC_DONE, or what was reported.
 */
int ports_check(const struct entries *set)
{
	const struct table *ports = schema_find("ports");
	int rc = RC_DONE;

	for (size_t i = 0; !rc && i < set->n; i++) {
		const struct entry *entry = &set->list[i];

		if (entry->table == schema_find("queues"))
			rc = check_queue(set, entry);
		if (entry->table != ports)
			continue;
		rc = check_channels(set, entry);
		rc = rc ? rc : check_guarantees(set, entry);
	}
	return rc;
}
