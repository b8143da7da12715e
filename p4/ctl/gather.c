// SPDX-License-Identifier: Apache-2.0
/* The rows of a program's tables as logical entries. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "layout.h"
#include "parse.h"

/**
 * struct get - what is gathered
 * @layout: of the program
 * @of: the switch, for @layout
 * @set: where entries go
 * @why: a sentence if the switch has something else
 */
struct get {
	const struct layout *layout;
	void *of;
	struct entries *set;
	char *why;
};

static bool fail(struct get *get, const char *fmt, ...) __printf(2, 3);

static bool fail(struct get *get, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(get->why, WHY_MAX, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- an entry on its way into the set -------------------------------------- */

static void put_num(struct json_object *json, const char *name, uint64_t number)
{
	json_object_object_add(json, name, json_object_new_int64(number));
}

static void put_octets(struct json_object *json, const char *name,
		       const struct octets *octets)
{
	put_num(json, name, octets_number(octets));
}

static void put_text(struct json_object *json, const char *name,
		     const char *text)
{
	json_object_object_add(json, name, json_object_new_string(text));
}

static void put_mac(struct json_object *json, const char *name,
		    const struct octets *octets)
{
	struct octets mac = octets_wide(octets, MAC_LEN);
	char text[MAC_TEXT];

	put_text(json, name, mac_text(mac.at, text));
}

static void put_address(struct json_object *json, const char *name,
			const struct octets *octets)
{
	char text[INET6_ADDRSTRLEN];

	put_text(json, name, octets_address_text(octets, text));
}

/* A nexthop or a group, of the two behind each other. */
static void put_to(struct json_object *json, const struct row *row, size_t at)
{
	if (octets_number(&row->params[at + 1]))
		put_octets(json, "group", &row->params[at + 1]);
	else
		put_octets(json, "nexthop", &row->params[at]);
}

/* Takes json. */
static bool into(struct get *get, const char *table, struct json_object *json,
		 const struct row *counted)
{
	char why[WHY_MAX] = "";
	struct entry entry;
	bool made = entry_make(&entry, schema_find(table), json, why);

	json_object_put(json);
	if (counted) {
		entry.packets = counted->packets;
		entry.bytes = counted->bytes;
	}
	if (made && entries_add(get->set, &entry))
		return true;
	entry_free(&entry);
	if (made)
		return fail(get, "memory ran out.");
	return fail(get, "the switch has something else in %s: %.128s", table,
		    why);
}

/* ---- rows that are entries ------------------------------------------------- */

static bool get_nexthop(struct get *get, const struct row *row)
{
	struct json_object *json = json_object_new_object();

	put_octets(json, "id", &row->keys[0].value);
	put_octets(json, "port", &row->params[0]);
	put_mac(json, "dmac", &row->params[1]);
	put_mac(json, "smac", &row->params[2]);
	if (!strcmp(row->action, "tagged"))
		put_octets(json, "vlan", &row->params[3]);
	return into(get, "nexthop", json, row);
}

static bool get_label_fib(struct get *get, const struct row *row)
{
	struct json_object *json = json_object_new_object();
	bool swap = !strcmp(row->action, "swap");

	put_octets(json, "label", &row->keys[0].value);
	put_text(json, "action", row->action);
	if (swap)
		put_octets(json, "to", &row->params[0]);
	put_to(json, row, swap);
	return into(get, "label_fib", json, row);
}

static void put_net(struct json_object *json, const char *name,
		    const struct octets *net, unsigned int length)
{
	char text[INET6_ADDRSTRLEN], whole[INET6_ADDRSTRLEN + 4];

	snprintf(whole, sizeof(whole), "%s/%u", octets_address_text(net, text),
		 length);
	put_text(json, name, whole);
}

static bool get_route(struct get *get, const struct row *row, unsigned int len)
{
	struct json_object *json = json_object_new_object();
	const struct key *key = &row->keys[0];
	struct octets net = octets_wide(&key->value, len);

	if (key->any)
		net = (struct octets){ .len = len };
	put_net(json, "prefix", &net, key->any ? 0 : key->length);
	put_to(json, row, 0);
	return into(get, row->table, json, row);
}

static bool get_ipv4_fib(struct get *get, const struct row *row)
{
	return get_route(get, row, 4);
}

static bool get_ipv6_fib(struct get *get, const struct row *row)
{
	return get_route(get, row, 16);
}

static bool get_local_sid(struct get *get, const struct row *row)
{
	struct json_object *json = json_object_new_object();

	put_octets(json, "label", &row->keys[0].value);
	put_text(json, "action", row->action);
	if (!strcmp(row->action, "feature")) {
		put_text(json, "direction",
			 octets_number(&row->params[0]) ? "down" : "up");
		put_num(json, "window_us",
			layout_us(get->layout, octets_number(&row->params[1])));
	}
	return into(get, "local_sid", json, row);
}

/* In bmv2's program IPv4 is a part of IPv6. */
static void put_prefix(const struct get *get, struct json_object *json,
		       const char *name, const struct key *key)
{
	unsigned int length = octets_count(&key->mask);
	struct octets net = key->value;
	bool mapped = !get->layout->tofino && length >= 96;

	if (key->any)
		return;
	if (mapped)
		net = octets_unmapped(&net);
	mapped &= net.len != OCTETS_MAX;
	put_net(json, name, &net, length - (mapped ? 96 : 0));
}

static void put_labels(struct json_object *json, const struct row *row)
{
	struct json_object *labels = json_object_new_array();
	uint32_t word = 0;

	for (size_t i = 0; i < row->n_params; i++) {
		word = octets_number(&row->params[i]);
		json_object_array_add(labels, json_object_new_int(word >> 12));
	}
	json_object_object_add(json, "labels", labels);
	put_num(json, "ttl", word & 0xff);
	put_num(json, "tc", word >> 9 & 7);
}

static void put_match(const struct get *get, struct json_object *json,
		      const struct row *row)
{
	static const char *const numbers[] = { "proto", "sport", "dport" };

	put_num(json, "order", ORDERS - row->priority);
	put_prefix(get, json, "src", &row->keys[0]);
	put_prefix(get, json, "dst", &row->keys[1]);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!row->keys[2 + i].any)
			put_octets(json, numbers[i], &row->keys[2 + i].value);
}

static bool get_ingress_chain(struct get *get, const struct row *row)
{
	struct json_object *json = json_object_new_object();

	put_match(get, json, row);
	put_labels(json, row);
	return into(get, "ingress_chain", json, row);
}

static void put_end(struct json_object *json, const char *name,
		    const struct key *key)
{
	struct octets address = key->value;

	if (address.len == OCTETS_MAX)
		address = octets_unmapped(&address);
	put_address(json, name, &address);
}

static bool get_priority_flow(struct get *get, const struct row *row)
{
	struct json_object *json = json_object_new_object();

	put_end(json, "src", &row->keys[0]);
	put_end(json, "dst", &row->keys[1]);
	put_octets(json, "proto", &row->keys[2].value);
	put_octets(json, "sport", &row->keys[3].value);
	put_octets(json, "dport", &row->keys[4].value);
	put_octets(json, "queue", &row->params[0]);
	if (!strcmp(row->action, "queue_mark")) {
		put_octets(json, "tc", &row->params[1]);
		put_octets(json, "dscp", &row->params[2]);
	}
	return into(get, "priority_flow", json, row);
}

/* ---- entries of several rows ----------------------------------------------- */

static int by_keys(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	for (size_t i = 0; i < 2; i++) {
		uint64_t x = octets_number(&one->keys[i].value);
		uint64_t y = octets_number(&other->keys[i].value);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* A group is all its buckets. */
static bool get_group(struct get *get, const struct row *buckets)
{
	uint64_t id = octets_number(&buckets->keys[0].value);
	struct json_object *json = json_object_new_object();
	struct json_object *members = json_object_new_array();
	struct row sum = { 0 };

	put_num(json, "id", id);
	json_object_object_add(json, "members", members);
	for (size_t i = 0; i < BUCKETS; i++) {
		json_object_array_add(members,
				      json_object_new_int64(octets_number(
					      &buckets[i].params[0])));
		sum.packets += buckets[i].packets;
		sum.bytes += buckets[i].bytes;
	}
	return into(get, "ecmp", json, &sum);
}

static bool get_ecmp(struct get *get, struct rows *rows)
{
	if (!rows->n)
		return true;
	qsort(rows->list, rows->n, sizeof(*rows->list), by_keys);
	for (size_t i = 0; i < rows->n; i += BUCKETS) {
		uint64_t id = octets_number(&rows->list[i].keys[0].value);
		size_t last = i + BUCKETS - 1;

		if (last >= rows->n ||
		    octets_number(&rows->list[last].keys[0].value) != id)
			return fail(
				get,
				"the switch has only a part of ecmp %" PRIu64
				": use load.",
				id);
		if (!get_group(get, &rows->list[i]))
			return false;
	}
	return true;
}

/* The row with a number for its key. */
static const struct row *row_of(const struct rows *rows, uint64_t number)
{
	for (size_t i = 0; i < rows->n; i++)
		if (octets_number(&rows->list[i].keys[0].value) == number)
			return &rows->list[i];
	return NULL;
}

/* Which port a copy goes to. */
static bool port_of(struct get *get, const struct octets *copy, uint32_t *port)
{
	*port = PORT_OF(octets_number(copy));
	return !get->layout->port ||
	       get->layout->port(get->of, octets_number(copy), port, get->why);
}

/* Of bmv2's program the copy is in row, of Tofino's with the rest. */
static bool get_nfv_sid(struct get *get, const struct row *row,
			const struct row *to)
{
	bool tofino = get->layout->tofino;
	struct json_object *json;
	uint32_t port;

	if (!port_of(get, tofino ? &to->params[5] : &row->params[0], &port))
		return false;
	json = json_object_new_object();
	put_octets(json, "label", &row->keys[0].value);
	put_num(json, "port", port);
	put_mac(json, "dmac", &to->params[0]);
	put_mac(json, "smac", &to->params[1]);
	put_address(json, "src", &to->params[2]);
	put_address(json, "dst", &to->params[3]);
	put_octets(json, "dport", &to->params[4]);
	return into(get, "nfv_sid", json, row);
}

static bool part(struct get *get, const char *table, const struct row *row)
{
	return fail(get,
		    "the switch has only a part of %s %" PRIu64 ": use load.",
		    table, octets_number(&row->keys[0].value));
}

/* Tofino: what matches leads to the labels by a number, which is the order. */
static bool get_chain(struct get *get, const struct row *row,
		      const struct rows *labels)
{
	const struct row *push = row_of(labels, octets_number(&row->params[0]));
	struct json_object *json;

	if (!push)
		return fail(
			get,
			"the switch has only a part of ingress_chain %" PRIu64
			": use load.",
			octets_number(&row->params[0]));
	json = json_object_new_object();
	put_match(get, json, row);
	put_labels(json, push);
	return into(get, "ingress_chain", json, row);
}

/* ---- all of them ----------------------------------------------------------- */

static const struct {
	const char *table;
	bool (*get)(struct get *get, const struct row *row);
} simple[] = {
	{ "nexthop", get_nexthop },	{ "label_fib", get_label_fib },
	{ "ipv4_fib", get_ipv4_fib },	{ "ipv6_fib", get_ipv6_fib },
	{ "local_sid", get_local_sid }, { "priority_flow", get_priority_flow },
};

/**
 * struct source - where rows are from
 * @fetch: gets them
 * @from: for @fetch
 */
struct source {
	layout_fetch *fetch;
	void *from;
};

static bool gather_simple(struct get *get, const struct source *source)
{
	for (size_t i = 0; i < ARRAY_SIZE(simple); i++) {
		struct rows rows = { 0 };
		bool ok = source->fetch(source->from, simple[i].table, &rows,
					get->why);

		for (size_t j = 0; ok && j < rows.n; j++)
			ok = simple[i].get(get, &rows.list[j]);
		rows_free(&rows);
		if (!ok)
			return false;
	}
	return true;
}

static bool fetch(struct get *get, const struct source *source,
		  const char *table, struct rows *rows)
{
	return source->fetch(source->from, table, rows, get->why);
}

static bool gather_ecmp(struct get *get, const struct source *source)
{
	struct rows rows = { 0 };
	bool ok = fetch(get, source, "ecmp", &rows) && get_ecmp(get, &rows);

	rows_free(&rows);
	return ok;
}

static bool gather_nfv_sid(struct get *get, const struct source *source)
{
	struct rows copies = { 0 }, reports = { 0 };
	bool ok = fetch(get, source, "nfv_sid", &copies) &&
		  fetch(get, source, "report_to", &reports);

	for (size_t i = 0; ok && i < copies.n; i++) {
		const struct row *row = &copies.list[i];
		const struct row *to =
			row_of(&reports, octets_number(&row->keys[0].value));

		ok = to ? get_nfv_sid(get, row, to) : part(get, "nfv_sid", row);
	}
	rows_free(&copies);
	rows_free(&reports);
	return ok;
}

static bool gather_chains(struct get *get, const struct source *source)
{
	struct rows rows = { 0 };
	bool ok = fetch(get, source, "ingress_chain", &rows);

	for (size_t i = 0; ok && i < rows.n; i++)
		ok = get_ingress_chain(get, &rows.list[i]);
	rows_free(&rows);
	return ok;
}

/* ---- Tofino ---------------------------------------------------------------- */

static bool gather_reports(struct get *get, const struct source *source)
{
	struct rows rows = { 0 };
	bool ok = fetch(get, source, "report_to", &rows);

	for (size_t i = 0; ok && i < rows.n; i++)
		ok = get_nfv_sid(get, &rows.list[i], &rows.list[i]);
	rows_free(&rows);
	return ok;
}

/* The prefix of nothing: what only one family's table has without a prefix. */
static bool is_bare(const struct row *row)
{
	return row->keys[0].any && row->keys[1].any;
}

static void any_of(struct row *row, unsigned int len)
{
	row->keys[1].any = false;
	row->keys[1].value = (struct octets){ .len = len };
	row->keys[1].mask = row->keys[1].value;
}

static const struct row *of_order(const struct rows *rows, int priority)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->list[i].priority == priority)
			return &rows->list[i];
	return NULL;
}

static bool get_family(struct get *get, struct rows *rows,
		       const struct rows *others, const struct rows *labels,
		       unsigned int len)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->list[i];
		const struct row *other = of_order(others, row->priority);

		/* the same of both is one entry, of the first */
		if (other && len == OCTETS_MAX)
			continue;
		if (!other && is_bare(row))
			any_of(row, len);
		if (other) {
			row->packets += other->packets;
			row->bytes += other->bytes;
		}
		if (!get_chain(get, row, labels))
			return false;
	}
	return true;
}

static bool gather_families(struct get *get, const struct source *source)
{
	struct rows four = { 0 }, six = { 0 }, labels = { 0 };
	bool ok = fetch(get, source, "push", &labels) &&
		  fetch(get, source, "ingress_chain4", &four) &&
		  fetch(get, source, "ingress_chain6", &six) &&
		  get_family(get, &four, &six, &labels, 4) &&
		  get_family(get, &six, &four, &labels, OCTETS_MAX);

	rows_free(&four);
	rows_free(&six);
	rows_free(&labels);
	return ok;
}

/**
 * layout_gather - the logical entries of a program's tables
 * @layout: of the program
 * @fetch: gets the rows of one table
 * @from: for @fetch and @layout
 * @set: entries are added to it
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool layout_gather(const struct layout *layout, layout_fetch *fetch, void *from,
		   struct entries *set, char why[WHY_MAX])
{
	struct source source = { fetch, from };
	struct get get = { layout, from, set, why };

	if (!gather_simple(&get, &source) || !gather_ecmp(&get, &source))
		return false;
	if (layout->tofino)
		return gather_reports(&get, &source) &&
		       gather_families(&get, &source);
	return gather_nfv_sid(&get, &source) && gather_chains(&get, &source);
}
