// SPDX-License-Identifier: Apache-2.0
/* Tofino: where what a switch has is not word for word what a file says, though
 * it is the same. */

#include <stdio.h>
#include <string.h>

#include "bfrt.h"
#include "compiler.h"
#include "rate.h"

#define NEAR_PERCENT 2

static const char *text(const struct entry *entry, const char *field)
{
	struct json_object *value;

	if (!json_object_object_get_ex(entry->json, field, &value))
		return NULL;
	return json_object_get_string(value);
}

/* The entry as its JSON has it by now. */
static bool again(struct entry *entry, char why[WHY_MAX])
{
	struct entry same;

	if (!entry_make(&same, entry->table, entry->json, why)) {
		entry_free(&same);
		return false;
	}
	same.packets = entry->packets;
	same.bytes = entry->bytes;
	entry_free(entry);
	*entry = same;
	return true;
}

/* ---- rates ----------------------------------------------------------------- */

static bool rate_of(const struct entry *entry, const char *field,
		    struct rate *rate)
{
	return text(entry, field) && rate_parse(text(entry, field), rate);
}

/* A shaper has ten bits for a rate: what is read is what came nearest. */
static bool is_near(const struct entry *a, const struct entry *b,
		    const char *field)
{
	struct rate x, y;
	uint64_t gap;

	if (!rate_of(a, field, &x) || !rate_of(b, field, &y) ||
	    x.packets != y.packets)
		return false;
	gap = x.number > y.number ? x.number - y.number : y.number - x.number;
	return gap * 100 <= (uint64_t)x.number * NEAR_PERCENT;
}

static bool agree_queue(const struct entry *want, struct entry *have,
			char why[WHY_MAX])
{
	static const char *const fields[] = { "min_rate", "max_rate" };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (is_near(have, want, fields[i]))
			json_object_object_add(
				have->json, fields[i],
				json_object_new_string(text(want, fields[i])));
	return again(have, why);
}

/**
 * agree_queues - have rates that are nearly those wanted be those
 * @want: what a file wants
 * @have: what the switch has
 * @why: a sentence if that fails
 *
 * Return: whether it did not.
 */
bool agree_queues(const struct entries *want, struct entries *have,
		  char why[WHY_MAX])
{
	const struct table *queues = schema_find("queues");

	for (size_t i = 0; i < have->n; i++) {
		struct entry *entry = &have->list[i];
		const struct entry *as =
			entry->table == queues ?
				entries_find(want, queues, entry->key) :
				NULL;

		if (as && !agree_queue(as, entry, why))
			return false;
	}
	return true;
}

/* ---- chains ---------------------------------------------------------------- */

static bool is_empty(const char *prefix)
{
	const char *slash = prefix ? strchr(prefix, '/') : NULL;

	return slash && !strcmp(slash, "/0");
}

/* A prefix of everything only says which family: once is enough. */
static bool agree_chain(struct entry *entry, char why[WHY_MAX])
{
	const char *src = text(entry, "src"), *dst = text(entry, "dst");
	char any[8];

	if (!is_empty(src) || (dst && !strchr(src, ':') != !strchr(dst, ':')))
		return true;
	snprintf(any, sizeof(any), "%.7s", src);
	if (!dst)
		json_object_object_add(entry->json, "dst",
				       json_object_new_string(any));
	json_object_object_del(entry->json, "src");
	return again(entry, why);
}

/* And one that stands beside a longer one says nothing. */
static bool agree_rest(struct entry *entry, char why[WHY_MAX])
{
	const char *src = text(entry, "src"), *dst = text(entry, "dst");

	if (!is_empty(dst) || !src || !strchr(src, ':') != !strchr(dst, ':'))
		return true;
	json_object_object_del(entry->json, "dst");
	return again(entry, why);
}

/**
 * agree_chains - have chains as this switch can have them
 * @want: what a file wants
 * @why: a sentence if it cannot
 *
 * An order is the number by which a chain's labels are found: there is one of
 * each.
 *
 * Return: whether it can.
 */
bool agree_chains(struct entries *want, char why[WHY_MAX])
{
	const struct table *chains = schema_find("ingress_chain");
	struct entries out = { 0 };
	bool seen[ORDERS] = { false };

	for (size_t i = 0; i < want->n; i++) {
		struct entry *entry = &want->list[i], copy = { 0 };
		int order = entry_number(entry, "order");
		bool done = entry_copy(&copy, entry);

		if (done && entry->table == chains) {
			if (seen[order])
				snprintf(
					why, WHY_MAX,
					"ingress_chain: this switch has one entry of an order, not two of %d.",
					order);
			done = !seen[order] && agree_chain(&copy, why) &&
			       agree_rest(&copy, why);
			seen[order] = true;
		}
		if (!done || !entries_add(&out, &copy)) {
			entry_free(&copy);
			entries_free(&out);
			return false;
		}
	}
	entries_free(want);
	*want = out;
	return true;
}

/* ---- windows --------------------------------------------------------------- */

/**
 * agree_windows - have windows of a length that this switch can have
 * @want: what a file wants
 * @why: a sentence if that fails
 *
 * Return: whether it did not.
 */
bool agree_windows(struct entries *want, char why[WHY_MAX])
{
	for (size_t i = 0; i < want->n; i++) {
		struct entry *entry = &want->list[i];
		int us = entry_number(entry, "window_us");
		uint32_t near;

		if (us < 0)
			continue;
		near = layout_us(&bfrt_layout, layout_ticks(&bfrt_layout, us));
		json_object_object_add(entry->json, "window_us",
				       json_object_new_int64(near ?: 1));
		if (!again(entry, why))
			return false;
	}
	return true;
}

/* ---- sessions of IPv6 ------------------------------------------------------ */

static bool is_folded(const struct entry *entry)
{
	return entry->table == schema_find("priority_flow") &&
	       (strchr(text(entry, "src"), ':') ||
		strchr(text(entry, "dst"), ':'));
}

/**
 * folded_keep - remember a session of which the switch has only a part
 * @bfrt: the switch
 * @step: what was done
 *
 * Return: whether there was memory.
 */
bool folded_keep(struct bfrt *bfrt, const struct step *step)
{
	struct entry *old, copy;

	if (!is_folded(&step->entry))
		return true;
	old = entries_find(&bfrt->folded, step->entry.table, step->entry.key);
	if (step->write == WRITE_DELETE) {
		if (old)
			entries_remove(&bfrt->folded, old);
		return true;
	}
	if (entry_copy(&copy, &step->entry) &&
	    entries_add(&bfrt->folded, &copy))
		return true;
	entry_free(&copy);
	return false;
}

static void put_folded(struct json_object *json, const struct entry *entry,
		       const char *field)
{
	char word[INET6_ADDRSTRLEN];
	struct octets octets = { 0 };

	octets_address(&octets, text(entry, field));
	octets = octets_of(octets_fold(&octets));
	octets = octets_wide(&octets, 4);
	json_object_object_add(
		json, field,
		json_object_new_string(octets_address_text(&octets, word)));
}

/* The session as the switch shows it. */
static bool fold(struct entry *to, const struct entry *from, char why[WHY_MAX])
{
	struct json_object *json = json_object_new_object();
	struct json_object_iterator it = json_object_iter_begin(from->json);
	struct json_object_iterator end = json_object_iter_end(from->json);
	bool made;

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		json_object_object_add(
			json, json_object_iter_peek_name(&it),
			json_object_get(json_object_iter_peek_value(&it)));
	put_folded(json, from, "src");
	put_folded(json, from, "dst");
	made = entry_make(to, from->table, json, why);
	json_object_put(json);
	return made;
}

/* What the switch has of a session, with all of its addresses. */
static bool show_one(const struct entry *whole, struct entries *set,
		     char why[WHY_MAX])
{
	struct entry part, copy, *have;
	bool done = fold(&part, whole, why);

	have = done ? entries_find(set, part.table, part.key) : NULL;
	if (!have) {
		entry_free(&part);
		return done;
	}
	done = entry_copy(&copy, whole);
	copy.packets = have->packets;
	copy.bytes = have->bytes;
	entries_remove(set, have);
	entry_free(&part);
	if (done && entries_add(set, &copy))
		return true;
	entry_free(&copy);
	snprintf(why, WHY_MAX, "memory ran out.");
	return false;
}

/**
 * folded_show - show sessions with their addresses, not with what is left of
 *	them
 * @bfrt: the switch
 * @set: what was read
 * @why: a sentence if that fails
 *
 * Return: whether it did not.
 */
bool folded_show(const struct bfrt *bfrt, struct entries *set,
		 char why[WHY_MAX])
{
	for (size_t i = 0; i < bfrt->folded.n; i++)
		if (!show_one(&bfrt->folded.list[i], set, why))
			return false;
	return true;
}
