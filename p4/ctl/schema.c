// SPDX-License-Identifier: Apache-2.0
/* The switch's tables by their logical names, as Documentation/p4.md has them. */

#include <string.h>

#include "port.h"
#include "schema.h"

#define LABEL_MAX 1048575
#define U32_MAX 4294967295U

static const struct field none[] = { { 0 } };

/* ---- keys ---------------------------------------------------------------- */

static const struct field key_label[] = {
	{ "label", KIND_LABEL, LABEL_MAX, 16, false, false, 0 },
	{ 0 },
};

static const struct field key_prefix4[] = {
	{ "prefix", KIND_PREFIX4, 0, 0, false, false, 0 },
	{ 0 },
};

static const struct field key_prefix6[] = {
	{ "prefix", KIND_PREFIX6, 0, 0, false, false, 0 },
	{ 0 },
};

static const struct field key_id[] = {
	{ "id", KIND_NUMBER, 65535, 1, false, false, 0 },
	{ 0 },
};

static const struct field key_session[] = {
	{ "src", KIND_ADDRESS, 0, 0, false, false, 0 },
	{ "dst", KIND_ADDRESS, 0, 0, false, false, 0 },
	{ "proto", KIND_NUMBER, 255, 0, false, false, 0 },
	{ "sport", KIND_NUMBER, 65535, 0, false, false, 0 },
	{ "dport", KIND_NUMBER, 65535, 0, false, false, 0 },
	{ 0 },
};

/* What is left out matches everything; the lowest order is looked at first. */
static const struct field key_chain[] = {
	{ "order", KIND_NUMBER, 65535, 1, false, false, 0 },
	{ "src", KIND_PREFIX, 0, 0, true, false, 0 },
	{ "dst", KIND_PREFIX, 0, 0, true, false, 0 },
	{ "proto", KIND_NUMBER, 255, 0, true, false, 0 },
	{ "sport", KIND_NUMBER, 65535, 0, true, false, 0 },
	{ "dport", KIND_NUMBER, 65535, 0, true, false, 0 },
	{ 0 },
};

static const struct field key_port[] = {
	{ "port", KIND_PORT, 511, 0, false, false, 0 },
	{ 0 },
};

static const struct field key_queue[] = {
	{ "port", KIND_PORT, 511, 0, false, false, 0 },
	{ "queue", KIND_NUMBER, 31, 0, false, false, 0 },
	{ 0 },
};

/* ---- arguments ----------------------------------------------------------- */

static const struct field feature[] = {
	{ "direction", KIND_DIRECTION, 0, 0, false, false, 0 },
	{ "window_us", KIND_NUMBER, WINDOW_MAX, 1, false, false, 0 },
	{ 0 },
};

/* Where a packet goes: a nexthop or a group of them, see config.c. */
static const struct field to[] = {
	{ "nexthop", KIND_NUMBER, 65535, 1, true, false, 0 },
	{ "group", KIND_NUMBER, 65535, 1, true, false, 0 },
	{ 0 },
};

static const struct field swap_to[] = {
	{ "to", KIND_LABEL, LABEL_MAX, 16, false, false, 0 },
	{ "nexthop", KIND_NUMBER, 65535, 1, true, false, 0 },
	{ "group", KIND_NUMBER, 65535, 1, true, false, 0 },
	{ 0 },
};

static const struct field neighbour[] = {
	{ "port", KIND_PORT, 511, 0, false, false, 0 },
	{ "dmac", KIND_MAC, 0, 0, false, false, 0 },
	{ "smac", KIND_MAC, 0, 0, false, false, 0 },
	{ "vlan", KIND_NUMBER, 4094, 1, true, false, 0 },
	{ 0 },
};

static const struct field members[] = {
	{ "members", KIND_NEXTHOPS, 65535, 1, false, false, 0 },
	{ 0 },
};

static const struct field report[] = {
	{ "port", KIND_PORT, 511, 0, false, false, 0 },
	{ "dmac", KIND_MAC, 0, 0, false, false, 0 },
	{ "smac", KIND_MAC, 0, 0, false, false, 0 },
	{ "src", KIND_IPV4, 0, 0, false, false, 0 },
	{ "dst", KIND_IPV4, 0, 0, false, false, 0 },
	{ "dport", KIND_NUMBER, 65535, 1, true, true, 5252 },
	{ 0 },
};

static const struct field push[] = {
	{ "labels", KIND_LABELS, LABEL_MAX, 16, false, false, 0 },
	{ "ttl", KIND_NUMBER, 255, 2, true, true, 64 },
	{ "tc", KIND_NUMBER, 7, 0, true, true, 0 },
	{ 0 },
};

static const struct field queue[] = {
	{ "queue", KIND_NUMBER, 31, 0, false, false, 0 },
	{ "tc", KIND_NUMBER, 7, 0, true, false, 0 },
	{ "dscp", KIND_NUMBER, 63, 0, true, false, 0 },
	{ 0 },
};

static const struct field line[] = {
	{ "speed", KIND_SPEED, 0, 0, false, false, 0 },
	{ "fec", KIND_FEC, 0, 0, true, true, 0 },
	{ "autoneg", KIND_AUTONEG, 0, 0, true, true, 0 },
	{ "enabled", KIND_FLAG, 0, 0, true, true, 1 },
	{ 0 },
};

static const struct field share[] = {
	{ "min_rate", KIND_RATE, 0, 0, true, false, 0 },
	{ "max_rate", KIND_RATE, 0, 0, true, false, 0 },
	{ "priority", KIND_NUMBER, 7, 0, true, true, 0 },
	{ "weight", KIND_NUMBER, 1023, 1, true, true, 1023 },
	{ 0 },
};

/* ---- actions and tables -------------------------------------------------- */

static const struct action services[] = {
	{ "node", none },
	{ "priority", none },
	{ "feature", feature },
	{ 0 },
};

static const struct action label_actions[] = {
	{ "keep", to },
	{ "swap", swap_to },
	{ "pop", to },
	{ 0 },
};

static const struct action route_actions[] = { { "route", to }, { 0 } };
static const struct action send_actions[] = { { "send", neighbour }, { 0 } };
static const struct action member_actions[] = { { "spread", members }, { 0 } };
static const struct action report_actions[] = { { "report", report }, { 0 } };
static const struct action push_actions[] = { { "push", push }, { 0 } };
static const struct action queue_actions[] = { { "queue", queue }, { 0 } };
static const struct action port_actions[] = { { "port", line }, { 0 } };
static const struct action share_actions[] = { { "share", share }, { 0 } };

/* In the order in which entries can refer to each other. */
const struct table schema[TABLES + 1] = {
	{ "ports", 288, key_port, port_actions, port_together, true },
	{ "queues", 2304, key_queue, share_actions, queue_together, true },
	{ "nexthop", 1024, key_id, send_actions, NULL, false },
	{ "ecmp", 64, key_id, member_actions, NULL, false },
	{ "label_fib", 4096, key_label, label_actions, NULL, false },
	{ "ipv4_fib", 2048, key_prefix4, route_actions, NULL, false },
	{ "ipv6_fib", 512, key_prefix6, route_actions, NULL, false },
	{ "nfv_sid", 64, key_label, report_actions, NULL, false },
	{ "local_sid", 192, key_label, services, NULL, false },
	{ "ingress_chain", 1024, key_chain, push_actions, NULL, false },
	{ "priority_flow", 4096, key_session, queue_actions, NULL, false },
	{ 0 },
};

/**
 * schema_find - the table of a name
 * @name: in full
 *
 * Return: the table, or NULL.
 */
const struct table *schema_find(const char *name)
{
	for (const struct table *t = schema; t->name; t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

/**
 * schema_action - an action of a table
 * @table: the table
 * @name: in full, or NULL for the only one
 *
 * Return: the action, or NULL.
 */
const struct action *schema_action(const struct table *table, const char *name)
{
	if (!name)
		return table->actions[1].name ? NULL : table->actions;
	for (const struct action *a = table->actions; a->name; a++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

/**
 * schema_field - the field of a name
 * @fields: a list
 * @name: in full
 *
 * Return: the field, or NULL.
 */
const struct field *schema_field(const struct field *fields, const char *name)
{
	for (const struct field *f = fields; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}
