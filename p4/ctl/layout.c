// SPDX-License-Identifier: Apache-2.0
/* Logical entries as the program has them: each one or more rows of its tables. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "layout.h"
#include "parse.h"

#define CLASSES 7
#define CLASS_NFV 8
#define REPORT_PORT 5252
#define PUSH_TTL 64

#define BOTH                                                                 \
	"nexthop", "ecmp", "label_fib", "ipv4_fib", "ipv6_fib", "report_to", \
		"local_sid", "priority_flow", "class1", "class2", "class3",  \
		"class4", "class5", "class6", "class7"

const char *const v1model_tables[] = {
	BOTH,
	"nfv_sid",
	"ingress_chain",
	NULL,
};

const char *const tna_tables[] = {
	BOTH,	"ingress_chain4", "ingress_chain6",
	"push", "size_square",	  "iat_square",
	NULL,
};

/* srproxy_v1model counts time in microseconds. */
const struct layout v1model_layout = {
	.tables = v1model_tables,
	.tick_ns = 1000,
	.step = 1,
};

/**
 * struct put - an entry that is laid out
 * @layout: of the program
 * @of: the switch, for @layout
 * @entry: the entry
 * @rows: what it is, so far
 * @why: a sentence if it cannot be
 * @owns: only which rows they are is asked, not what they say
 * @failed: it cannot
 * @lost: in place of a row for which there was no memory
 */
struct put {
	const struct layout *layout;
	void *of;
	const struct entry *entry;
	struct rows *rows;
	char *why;
	bool owns;
	bool failed;
	struct row lost;
};

/**
 * rows_add - add a row that is empty yet
 * @rows: the list
 * @table: of the row
 * @action: of the row
 *
 * Return: the row, good until the next is added, or NULL without memory.
 */
struct row *rows_add(struct rows *rows, const char *table, const char *action)
{
	size_t room = rows->room ? 2 * rows->room : 16;
	struct row *list;

	if (rows->n == rows->room) {
		list = realloc(rows->list, room * sizeof(*list));
		if (!list)
			return NULL;
		rows->list = list;
		rows->room = room;
	}
	list = &rows->list[rows->n++];
	*list = (struct row){ 0 };
	snprintf(list->table, sizeof(list->table), "%s", table);
	snprintf(list->action, sizeof(list->action), "%s", action);
	return list;
}

/**
 * rows_free - give up a list
 * @rows: the list, empty afterwards
 */
void rows_free(struct rows *rows)
{
	free(rows->list);
	*rows = (struct rows){ 0 };
}

/**
 * layout_us - a time as the user has it
 * @layout: of the program
 * @ticks: the time in ticks
 *
 * Return: the time in microseconds.
 */
uint32_t layout_us(const struct layout *layout, uint64_t ticks)
{
	return (ticks * layout->tick_ns + 500) / 1000;
}

/**
 * layout_ticks - a time as the program has it
 * @layout: of the program
 * @us: the time in microseconds
 *
 * Return: the time in ticks, the nearest that can be.
 */
uint32_t layout_ticks(const struct layout *layout, uint32_t us)
{
	uint64_t step = (uint64_t)layout->tick_ns * layout->step;
	uint32_t ticks = (us * 1000ULL + step / 2) / step * layout->step;

	/* the nearest may be longer than a window is */
	if (layout_us(layout, ticks) > WINDOW_MAX)
		ticks -= layout->step;
	return ticks;
}

/* ---- values ---------------------------------------------------------------- */

static void fail(struct put *put, const char *fmt, ...) __printf(2, 3);

static void fail(struct put *put, const char *fmt, ...)
{
	va_list ap;

	if (put->failed)
		return;
	va_start(ap, fmt);
	vsnprintf(put->why, WHY_MAX, fmt, ap);
	va_end(ap);
	put->failed = true;
}

static struct json_object *field(const struct put *put, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(put->entry->json, name, &value);
	return value;
}

static bool has(const struct put *put, const char *name)
{
	return field(put, name);
}

static const char *text(const struct put *put, const char *name)
{
	return json_object_get_string(field(put, name));
}

/* A number; what is left out is as said. */
static uint32_t num(const struct put *put, const char *name, uint32_t none)
{
	return has(put, name) ? json_object_get_int64(field(put, name)) : none;
}

/* By now it is the number, not the front panel's name for it. */
static uint32_t port(struct put *put)
{
	if (!put->owns &&
	    json_object_is_type(field(put, "port"), json_type_string))
		fail(put, "this switch has numbers for its ports, not %s.",
		     text(put, "port"));
	return num(put, "port", 0);
}

static struct octets mac(struct put *put, const char *name)
{
	struct octets out = { .len = MAC_LEN };

	if (!parse_mac(text(put, name), out.at))
		fail(put, "%s is no MAC address.", name);
	return out;
}

static struct octets address(struct put *put, const char *word)
{
	struct octets out;

	if (!octets_address(&out, word))
		fail(put, "\"%s\" is no address.", word);
	return out;
}

/* ---- keys ------------------------------------------------------------------ */

static struct key exact(struct octets value)
{
	return (struct key){ .value = value, .length = -1 };
}

static struct key exact_num(uint64_t number)
{
	return exact(octets_of(number));
}

static struct key anything(void)
{
	return (struct key){ .length = -1, .any = true };
}

static struct key prefix(struct put *put, const char *name)
{
	const char *slash = strchr(text(put, name), '/');
	char net[INET6_ADDRSTRLEN];
	struct key key;

	snprintf(net, sizeof(net), "%.*s", (int)(slash - text(put, name)),
		 text(put, name));
	key = exact(address(put, net));
	key.length = atoi(slash + 1);
	key.any = !key.length;
	return key;
}

/* The same for tables that hold both families; IPv4 is a part of IPv6 there,
 * so nothing may be asked for that has both. */
static struct key either_prefix(struct put *put, const char *name)
{
	struct key key;
	int length;
	bool four;

	if (!has(put, name))
		return anything();
	key = prefix(put, name);
	length = key.length;
	four = key.value.len != OCTETS_MAX;
	key.value = octets_mapped(&key.value);
	key.mask = octets_ones(OCTETS_MAX, length + (four ? 96 : 0));
	key.length = -1;
	key.any = false;
	if (!four && octets_are_mapped(&key.value, &key.mask))
		fail(put, "%s %s would match IPv4, too.", name,
		     text(put, name));
	return key;
}

/* For a table of one family: the prefix as a value and a mask. */
static struct key masked_prefix(struct put *put, const char *name,
				unsigned int len)
{
	struct key key;

	if (!has(put, name))
		return anything();
	key = prefix(put, name);
	if (key.value.len != len)
		fail(put, "src and dst are of one family.");
	key.mask = octets_ones(len, key.length);
	key.length = -1;
	return key;
}

static struct key ternary(const struct put *put, const char *name,
			  unsigned int bits)
{
	struct key key;

	if (!has(put, name))
		return anything();
	key = exact_num(num(put, name, 0));
	key.mask = octets_of((1ULL << bits) - 1);
	return key;
}

/* ---- rows ------------------------------------------------------------------ */

/* A row with its keys. */
static struct row *add(struct put *put, const char *table, const char *action,
		       const struct key *keys, size_t n)
{
	struct row *row = rows_add(put->rows, table, action);

	if (!row) {
		fail(put, "memory ran out.");
		put->lost = (struct row){ 0 };
		return &put->lost;
	}
	memcpy(row->keys, keys, n * sizeof(*keys));
	row->n_keys = n;
	return row;
}

static struct row *add_one(struct put *put, const char *table,
			   const char *action, struct key key)
{
	return add(put, table, action, &key, 1);
}

static void param(struct row *row, struct octets value)
{
	row->params[row->n_params++] = value;
}

static void param_num(struct row *row, uint64_t number)
{
	param(row, octets_of(number));
}

/* Where it leads: a nexthop or a group, the other is 0. */
static void params_to(struct put *put, struct row *row)
{
	param_num(row, num(put, "nexthop", 0));
	param_num(row, num(put, "group", 0));
}

static void put_nexthop(struct put *put)
{
	bool tagged = has(put, "vlan");
	struct row *row = add_one(put, "nexthop",
				  tagged ? "tagged" : "untagged",
				  exact_num(num(put, "id", 0)));

	param_num(row, port(put));
	param(row, mac(put, "dmac"));
	param(row, mac(put, "smac"));
	if (tagged)
		param_num(row, num(put, "vlan", 0));
}

static void put_ecmp(struct put *put)
{
	struct json_object *list = field(put, "members");
	size_t n = json_object_array_length(list);
	struct key keys[2] = { exact_num(num(put, "id", 0)) };

	for (int i = 0; i < BUCKETS; i++) {
		keys[1] = exact_num(i);
		param_num(add(put, "ecmp", "member", keys, 2),
			  json_object_get_int(
				  json_object_array_get_idx(list, i % n)));
	}
}

static void put_label_fib(struct put *put)
{
	struct row *row = add_one(put, "label_fib", put->entry->action->name,
				  exact_num(num(put, "label", 0)));

	if (has(put, "to"))
		param_num(row, num(put, "to", 0));
	params_to(put, row);
}

static void put_ipv4_fib(struct put *put)
{
	params_to(put,
		  add_one(put, "ipv4_fib", "route4", prefix(put, "prefix")));
}

static void put_ipv6_fib(struct put *put)
{
	params_to(put,
		  add_one(put, "ipv6_fib", "route6", prefix(put, "prefix")));
}

/* What a label is below the top one: a table for each position. */
static void put_class(struct put *put, int value)
{
	char table[ROW_NAME], action[ROW_NAME];

	for (int i = 1; i <= CLASSES; i++) {
		snprintf(table, sizeof(table), "class%d", i);
		snprintf(action, sizeof(action), "set%d", i);
		param_num(add_one(put, table, action,
				  exact_num(num(put, "label", 0))),
			  value);
	}
}

/* What carries copies to the entry's port. */
static uint32_t copy(struct put *put)
{
	uint32_t to = port(put), id = COPY_OF(to);

	if (put->layout->copy && !put->owns && !put->failed &&
	    !put->layout->copy(put->of, to, &id, put->why))
		put->failed = true;
	return id;
}

static void put_nfv_sid(struct put *put)
{
	struct key label = exact_num(num(put, "label", 0));
	uint32_t id = copy(put);
	struct row *row;

	if (!put->layout->copy && !put->owns)
		param_num(add_one(put, COPIES, "to", exact_num(id)), port(put));
	row = add_one(put, "report_to", "to", label);
	param(row, mac(put, "dmac"));
	param(row, mac(put, "smac"));
	param(row, address(put, text(put, "src")));
	param(row, address(put, text(put, "dst")));
	param_num(row, num(put, "dport", REPORT_PORT));
	if (put->layout->tofino)
		param_num(row, id);
	put_class(put, CLASS_NFV);
	if (!put->layout->tofino)
		param_num(add_one(put, "nfv_sid", "mirror", label), id);
}

static void put_local_sid(struct put *put)
{
	const char *service = put->entry->action->name;
	struct row *row;

	put_class(put, !strcmp(service, "node")	    ? 2 :
		       !strcmp(service, "priority") ? 3 :
						      4);
	row = add_one(put, "local_sid", service,
		      exact_num(num(put, "label", 0)));
	if (strcmp(service, "feature"))
		return;
	param_num(row, !strcmp(text(put, "direction"), "down"));
	param_num(row, layout_ticks(put->layout, num(put, "window_us", 0)));
}

/* The labels as they are pushed, the last with its S bit. */
static void params_labels(struct put *put, struct row *row)
{
	struct json_object *labels = field(put, "labels");
	size_t n = json_object_array_length(labels);
	uint32_t low = num(put, "ttl", PUSH_TTL) | num(put, "tc", 0) << 9;

	snprintf(row->action, sizeof(row->action), "push%zu", n);
	for (size_t i = 0; i < n; i++) {
		uint32_t label = json_object_get_int(
			json_object_array_get_idx(labels, i));

		param_num(row, label << 12 | (i + 1 == n ? 1U << 8 : 0) | low);
	}
}

static void put_ingress_chain(struct put *put)
{
	struct key keys[] = { either_prefix(put, "src"),
			      either_prefix(put, "dst"),
			      ternary(put, "proto", 8),
			      ternary(put, "sport", 16),
			      ternary(put, "dport", 16) };
	struct row *row = add(put, "ingress_chain", "", keys, ARRAY_SIZE(keys));

	row->priority = ORDERS - num(put, "order", 0);
	params_labels(put, row);
}

/* Tofino: a table for each family leads to the labels by a number. */
static void put_chain_of(struct put *put, const char *table, const char *action,
			 unsigned int len)
{
	struct key keys[] = { masked_prefix(put, "src", len),
			      masked_prefix(put, "dst", len),
			      ternary(put, "proto", 8),
			      ternary(put, "sport", 16),
			      ternary(put, "dport", 16) };
	struct row *row = add(put, table, action, keys, ARRAY_SIZE(keys));

	row->priority = ORDERS - num(put, "order", 0);
	param_num(row, num(put, "order", 0));
}

/* Whether a prefix is there, and of which family. */
static bool is_of(const struct put *put, const char *name, bool six)
{
	return has(put, name) && !strchr(text(put, name), ':') == !six;
}

static void put_chain_tna(struct put *put)
{
	bool four = is_of(put, "src", false) || is_of(put, "dst", false);
	bool six = is_of(put, "src", true) || is_of(put, "dst", true);

	params_labels(put, add_one(put, "push", "",
				   exact_num(num(put, "order", 0))));
	if (four || !six)
		put_chain_of(put, "ingress_chain4", "chain4", 4);
	if (six || !four)
		put_chain_of(put, "ingress_chain6", "chain6", 16);
}

/* An end of a session, in the bits that a key has for it. */
static struct key end(struct put *put, const char *name)
{
	struct octets value = address(put, text(put, name));

	if (put->layout->tofino)
		return exact_num(octets_fold(&value));
	return exact(octets_mapped(&value));
}

static void put_priority_flow(struct put *put)
{
	struct key keys[] = { end(put, "src"), end(put, "dst"),
			      exact_num(num(put, "proto", 0)),
			      exact_num(num(put, "sport", 0)),
			      exact_num(num(put, "dport", 0)) };
	bool mark = has(put, "tc");
	struct row *row = add(put, "priority_flow",
			      mark ? "queue_mark" : "queue", keys,
			      ARRAY_SIZE(keys));

	param_num(row, num(put, "queue", 0));
	if (!mark)
		return;
	param_num(row, num(put, "tc", 0));
	param_num(row, num(put, "dscp", 0));
}

static const struct {
	const char *table;
	void (*put)(struct put *put);
	void (*tna)(struct put *put);
} layouts[] = {
	{ "nexthop", put_nexthop, put_nexthop },
	{ "ecmp", put_ecmp, put_ecmp },
	{ "label_fib", put_label_fib, put_label_fib },
	{ "ipv4_fib", put_ipv4_fib, put_ipv4_fib },
	{ "ipv6_fib", put_ipv6_fib, put_ipv6_fib },
	{ "nfv_sid", put_nfv_sid, put_nfv_sid },
	{ "local_sid", put_local_sid, put_local_sid },
	{ "ingress_chain", put_ingress_chain, put_chain_tna },
	{ "priority_flow", put_priority_flow, put_priority_flow },
};

static bool put_all(struct put *put)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		if (strcmp(layouts[i].table, put->entry->table->name))
			continue;
		if (put->layout->tofino)
			layouts[i].tna(put);
		else
			layouts[i].put(put);
	}
	return !put->failed;
}

/**
 * layout_rows - what a logical entry is in a program
 * @layout: of the program
 * @of: the switch, for @layout
 * @entry: the entry, of one of the program's tables
 * @rows: rows are added in the order of writing: what leads to others is last
 * @why: a sentence if the program cannot have it
 *
 * Return: whether it can.
 */
bool layout_rows(const struct layout *layout, void *of,
		 const struct entry *entry, struct rows *rows,
		 char why[WHY_MAX])
{
	struct put put = {
		.layout = layout,
		.of = of,
		.entry = entry,
		.rows = rows,
		.why = why,
	};

	return put_all(&put);
}

/**
 * layout_owns - which rows of a program no other entry can have besides
 * @layout: of the program
 * @entry: the entry
 * @rows: rows are added, good for row_compare(); none for a port or a queue
 * @why: a sentence if the program cannot have the entry
 *
 * What carries copies to a port is not among them: entries share it.
 *
 * Return: whether it can.
 */
bool layout_owns(const struct layout *layout, const struct entry *entry,
		 struct rows *rows, char why[WHY_MAX])
{
	struct put put = {
		.layout = layout,
		.entry = entry,
		.rows = rows,
		.why = why,
		.owns = true,
	};

	return put_all(&put);
}

static int key_compare(const struct key *a, const struct key *b)
{
	int order = memcmp(a->value.at, b->value.at, sizeof(a->value.at));

	if (!order)
		order = memcmp(a->mask.at, b->mask.at, sizeof(a->mask.at));
	return order ? order : a->length - b->length;
}

/**
 * row_compare - which of two rows is first, in an order of their places
 * @a: a row
 * @b: another
 *
 * Return: 0 if a table has room for one of them only.
 */
int row_compare(const struct row *a, const struct row *b)
{
	int order = strcmp(a->table, b->table);

	if (!order)
		order = a->priority - b->priority;
	for (size_t i = 0; !order && i < a->n_keys; i++)
		order = key_compare(&a->keys[i], &b->keys[i]);
	return order;
}
