// SPDX-License-Identifier: Apache-2.0
/* The driver for tests: ports, queues and replication of a Tofino with 32
 * connectors; what is written there, and what comes of it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakebfrt.h"

#define CONNECTORS 32
#define QUEUES 8
#define MANTISSA 1024

/* ---- how it comes ---------------------------------------------------------- */

static struct value *key_value(struct key *key, const char *name)
{
	for (size_t i = 0; i < key->table->n_keys; i++)
		if (!strcmp(key->table->keys[i].name, name))
			return &key->values[i];
	abort();
}

static void begin(struct key *key, struct data *data, const char *name)
{
	const struct table *table = fake_table(name);

	*key = (struct key){ .table = table };
	*data = (struct data){ .table = table };
}

static uint32_t port_of(int connector, int channel)
{
	int pipe = connector <= CONNECTORS / 2 ? 1 : 0;

	return pipe << 7 | (connector - 1) % (CONNECTORS / 2) * 4 | channel;
}

static void fill_panel(void)
{
	struct key key;
	struct data data;

	for (int i = 1; i <= CONNECTORS; i++) {
		for (int j = 0; j < 4; j++) {
			begin(&key, &data, "$PORT_STR_INFO");
			snprintf(key_value(&key, "$PORT_NAME")->text, TEXT,
				 "%d/%d", i, j);
			fake_value(&data, "$DEV_PORT")->number = port_of(i, j);
			fake_put(fake_table("$PORT_STR_INFO"), &key, &data);
		}
	}
}

/* A port of the chip's own is there, and none of ours. */
static void fill_internal(void)
{
	struct key key;
	struct data data;

	begin(&key, &data, "$PORT");
	key_value(&key, "$DEV_PORT")->number = 68;
	fake_value(&data, "$IS_INTERNAL")->number = true;
	fake_put(fake_table("$PORT"), &key, &data);
}

static void fill_queues(const char *name)
{
	struct key key;
	struct data data;

	for (int group = 0; group < 18; group++) {
		for (int queue = 0; queue < 32; queue++) {
			begin(&key, &data, name);
			key_value(&key, "pg_id")->number = group;
			key_value(&key, "pg_queue")->number = queue;
			if (strstr(name, "sched_cfg")) {
				fake_value(&data, "dwrr_weight")->number = 1023;
				strcpy(fake_value(&data, "max_priority")->text,
				       "0");
			}
			fake_put(fake_table(name), &key, &data);
		}
	}
}

static void fill_groups(void)
{
	struct key key;
	struct data data;

	for (uint32_t port = 0; port < 288; port++) {
		struct value *queues;

		begin(&key, &data, "tf1.tm.port.cfg");
		key_value(&key, "dev_port")->number = port;
		fake_value(&data, "pg_id")->number = (port & 127) / 4;
		queues = fake_value(&data, "egress_qid_queues");
		for (queues->n = 0; queues->n < QUEUES; queues->n++)
			queues->list[queues->n] = port % 4 * QUEUES + queues->n;
		fake_put(fake_table("tf1.tm.port.cfg"), &key, &data);
	}
}

void fixed_fill(void)
{
	fill_panel();
	fill_internal();
	fill_groups();
	fill_queues("tf1.tm.queue.sched_cfg");
	fill_queues("tf1.tm.queue.sched_shaping");
	fill_queues("tf1.tm.counter.queue");
}

/* ---- what it takes --------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned int lanes;
	const char *fecs;
} speeds[] = {
	{ "BF_SPEED_10G", 1, "NONE FIRECODE" },
	{ "BF_SPEED_25G", 1, "NONE FIRECODE REED_SOLOMON" },
	{ "BF_SPEED_40G", 4, "NONE FIRECODE" },
	{ "BF_SPEED_50G", 2, "NONE FIRECODE REED_SOLOMON" },
	{ "BF_SPEED_100G", 4, "NONE REED_SOLOMON" },
};

static unsigned int lanes_of(const char *speed, const char *fec)
{
	for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++)
		if (!strcmp(speeds[i].name, speed) &&
		    strstr(speeds[i].fecs, fec + strlen("BF_FEC_TYP_")))
			return speeds[i].lanes;
	return 0;
}

static bool taken(const struct table *table, uint32_t port, unsigned int lanes)
{
	for (size_t i = 0; i < table->n; i++) {
		struct entry *entry = &table->entries[i];
		uint32_t other = fake_key_number(&entry->key, "$DEV_PORT");
		const char *speed = fake_value(&entry->data, "$SPEED")->text;
		unsigned int n =
			lanes_of(speed, fake_value(&entry->data, "$FEC")->text);

		if (port < other + n && other < port + lanes && port != other)
			return true;
	}
	return false;
}

static bf_status_t check_port(const struct table *table, const struct key *key,
			      struct data *data, bool add)
{
	uint32_t port = fake_key_number(key, "$DEV_PORT");
	unsigned int lanes;

	if (!data)
		return BF_SUCCESS;
	/* speed and what it may have: only a port that comes is looked at */
	if (!add)
		return fake_value(data, "$SPEED")->set ||
				       fake_value(data, "$FEC")->set ?
			       BF_INVALID_ARG :
			       BF_SUCCESS;
	if (!fake_value(data, "$SPEED")->set || !fake_value(data, "$FEC")->set)
		return BF_INVALID_ARG;
	lanes = lanes_of(fake_value(data, "$SPEED")->text,
			 fake_value(data, "$FEC")->text);
	if (!lanes || port % lanes || taken(table, port, lanes))
		return BF_INVALID_ARG;
	return BF_SUCCESS;
}

static bf_status_t check_group(const struct key *key, struct data *data)
{
	struct value *nodes = fake_value(data, "$MULTICAST_NODE_ID");
	struct table *table = fake_table("$pre.node");
	struct key node = { .table = table };

	(void)key;
	if (fake_value(data, "$MULTICAST_NODE_L1_XID_VALID")->n != nodes->n ||
	    fake_value(data, "$MULTICAST_NODE_L1_XID")->n != nodes->n)
		return BF_INVALID_ARG;
	for (size_t i = 0; i < nodes->n; i++) {
		key_value(&node, "$MULTICAST_NODE_ID")->number = nodes->list[i];
		if (!fake_find(table, &node))
			return BF_OBJECT_NOT_FOUND;
	}
	return BF_SUCCESS;
}

static bool is(const struct table *table, const char *name)
{
	return !strcmp(table->name, name);
}

bf_status_t fixed_check(const struct table *table, const struct key *key,
			const struct data *data, const bf_rt_target_t *dev,
			bool add)
{
	if (!strncmp(table->name, "tf1.tm.queue.", 13))
		return add || dev->pipe_id > 3 ? BF_INVALID_ARG : BF_SUCCESS;
	if (is(table, "$PORT"))
		return check_port(table, key, (struct data *)data, add);
	if (is(table, "$pre.mgid") && data)
		return check_group(key, (struct data *)data);
	if (is(table, "$mirror.cfg") && data &&
	    !fake_value((struct data *)data, "$direction")->set)
		return BF_INVALID_ARG;
	return BF_SUCCESS;
}

/* ---- what comes of it ------------------------------------------------------ */

/* A shaper's rate has ten bits. */
static void blur(struct value *rate)
{
	uint64_t unit = 1;

	while (rate->number / unit >= MANTISSA)
		unit *= 2;
	rate->number = rate->number / unit * unit;
}

static void lose_queues(uint32_t port)
{
	struct table *table = fake_table("tf1.tm.queue.sched_cfg");

	for (size_t i = 0; i < table->n; i++) {
		struct entry *entry = &table->entries[i];

		if (fake_key_number(&entry->key, "pg_id") != (port & 127) / 4 ||
		    fake_key_number(&entry->key, "pg_queue") / QUEUES !=
			    port % 4)
			continue;
		fake_value(&entry->data, "min_rate_enable")->number = 0;
		fake_value(&entry->data, "max_rate_enable")->number = 0;
		fake_value(&entry->data, "dwrr_weight")->number = 1023;
		strcpy(fake_value(&entry->data, "max_priority")->text, "0");
	}
}

void fixed_written(struct entry *entry)
{
	const struct table *table = entry->key.table;

	if (is(table, "tf1.tm.queue.sched_shaping")) {
		blur(fake_value(&entry->data, "min_rate"));
		blur(fake_value(&entry->data, "max_rate"));
	}
	if (!is(table, "$PORT"))
		return;
	if (getenv("FAKE_LIE"))
		strcpy(fake_value(&entry->data, "$AUTO_NEGOTIATION")->text,
		       "PM_AN_DEFAULT");
	if (fake_value(&entry->data, "$SPEED")->set)
		lose_queues(fake_key_number(&entry->key, "$DEV_PORT"));
	fake_value(&entry->data, "$SPEED")->set = false;
}

bf_status_t fixed_read(const struct table *table, const struct key *key,
		       struct data *data, const bf_rt_target_t *dev)
{
	(void)key;
	if (!strncmp(table->name, "tf1.tm.queue.", 13) && dev->pipe_id > 3)
		return BF_INVALID_ARG;
	if (is(table, "$PORT_STAT")) {
		fake_value(data, "$FramesReceivedOK")->number = 5;
		fake_value(data, "$OctetsReceivedinGoodFrames")->number = 500;
	}
	if (is(table, "tf1.tm.counter.queue"))
		fake_value(data, "drop_count_packets")->number = 17;
	return BF_SUCCESS;
}

/* ---- the dump -------------------------------------------------------------- */

static struct json_object *number_of(const struct field *field,
				     const struct value *value)
{
	char text[2 * OCTETS + 1] = "";

	if (field->type == TYPE_TEXT)
		return json_object_new_string(value->text);
	if (field->repeated) {
		struct json_object *list = json_object_new_array();

		for (size_t i = 0; i < value->n; i++)
			json_object_array_add(
				list, json_object_new_int64(value->list[i]));
		return list;
	}
	if (field->type != TYPE_BYTES)
		return json_object_new_int64(value->number);
	for (unsigned int i = 0; i < (field->bits + 7) / 8; i++)
		snprintf(text + 2 * i, 3, "%02x", value->octets[i]);
	return json_object_new_string(text);
}

static void dump_key(struct json_object *json, const struct field *field,
		     const struct value *value)
{
	struct value mask = *value;
	char name[80];

	json_object_object_add(json, field->name, number_of(field, value));
	snprintf(name, sizeof(name), "%s/", field->name);
	if (field->match == LPM)
		json_object_object_add(json, name,
				       json_object_new_int(value->length));
	if (field->match != TERNARY)
		return;
	memcpy(mask.octets, value->mask, OCTETS);
	json_object_object_add(json, name, number_of(field, &mask));
}

static struct json_object *dump_entry(const struct entry *entry)
{
	struct json_object *json = json_object_new_object();
	const struct action *action = entry->data.action;
	const struct table *table = entry->key.table;

	for (size_t i = 0; i < table->n_keys; i++)
		dump_key(json, &table->keys[i], &entry->key.values[i]);
	if (action)
		json_object_object_add(json, "action",
				       json_object_new_string(action->name));
	for (size_t i = 0; action && i < action->n; i++)
		if (entry->data.values[i].set)
			json_object_object_add(
				json, action->fields[i].name,
				number_of(&action->fields[i],
					  &entry->data.values[i]));
	for (size_t i = 0; i < table->common.n; i++)
		if (entry->data.values[FIELDS + i].set)
			json_object_object_add(
				json, table->common.fields[i].name,
				number_of(&table->common.fields[i],
					  &entry->data.values[FIELDS + i]));
	return json;
}

void fake_dump(const char *path)
{
	struct json_object *root = json_object_new_object();

	for (size_t i = 0; i < driver.n_tables; i++) {
		struct json_object *list = json_object_new_array();

		for (size_t j = 0; j < driver.tables[i]->n; j++)
			json_object_array_add(
				list,
				dump_entry(&driver.tables[i]->entries[j]));
		size_t number = driver.tables[i]->squares ?:
					driver.tables[i]->clears;

		if (number)
			json_object_array_add(list,
					      json_object_new_int64(number));
		json_object_object_add(root, driver.tables[i]->name, list);
	}
	json_object_object_add(root, "$writes",
			       json_object_new_int(driver.writes));
	json_object_to_file(path, root);
	json_object_put(root);
}
