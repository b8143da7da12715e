// SPDX-License-Identifier: Apache-2.0
/* Entries of the switch's tables, and sets of them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "value.h"

static bool fail(char why[WHY_MAX], const char *fmt, const char *word)
{
	snprintf(why, WHY_MAX, fmt, word);
	return false;
}

/* Take the fields of a list out of from. */
static bool take_fields(struct json_object *to, const struct field *fields,
			struct json_object *from, char why[WHY_MAX])
{
	struct json_object *value;

	for (const struct field *f = fields; f->name; f++) {
		if (!json_object_object_get_ex(from, f->name, &value)) {
			if (f->optional)
				continue;
			return fail(why, "%s is missing.", f->name);
		}
		value = value_canonical(f, value, why);
		if (!value)
			return false;
		if (value_is_usual(f, value))
			json_object_put(value);
		else
			json_object_object_add(to, f->name, value);
	}
	return true;
}

/* Nothing may stand in an entry that nobody reads. */
static bool all_known(const struct table *table, const struct action *action,
		      struct json_object *from, char why[WHY_MAX])
{
	struct json_object_iterator it = json_object_iter_begin(from);
	struct json_object_iterator end = json_object_iter_end(from);

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		const char *name = json_object_iter_peek_name(&it);

		if (strcmp(name, "action") &&
		    !schema_field(table->keys, name) &&
		    !schema_field(action->args, name))
			return fail(why, "\"%s\" is not known here.", name);
	}
	return true;
}

static bool find_action(struct entry *entry, struct json_object *from,
			char why[WHY_MAX])
{
	const char *name = NULL;
	struct json_object *value;

	if (json_object_object_get_ex(from, "action", &value))
		name = json_object_get_string(value);
	entry->action = schema_action(entry->table, name);
	if (entry->action)
		return true;
	return name ? fail(why, "there is no action \"%s\" here.", name) :
		      fail(why, "%s is missing.", "action");
}

static bool has(const struct entry *entry, const char *field)
{
	return json_object_object_get_ex(entry->json, field, NULL);
}

/* What no single field can say. */
static bool together(const struct entry *entry, char why[WHY_MAX])
{
	const struct field *args = entry->action->args;

	if (schema_field(args, "group") &&
	    has(entry, "nexthop") == has(entry, "group"))
		return fail(why, "%s", "an entry has either nexthop or group.");
	if (schema_field(args, "dscp") &&
	    has(entry, "tc") != has(entry, "dscp"))
		return fail(why, "%s", "tc and dscp go together.");
	return !entry->table->together ||
	       entry->table->together(entry, why, WHY_MAX);
}

/**
 * entry_make - read an entry
 * @entry: filled; to be freed also after a failure
 * @table: where it belongs
 * @from: as the user wrote it; stays the caller's
 * @why: a sentence if it is wrong
 *
 * Return: whether it is right.
 */
bool entry_make(struct entry *entry, const struct table *table,
		struct json_object *from, char why[WHY_MAX])
{
	*entry = (struct entry){ .table = table };
	if (!json_object_is_type(from, json_type_object))
		return fail(why, "%s", "an entry is an object.");
	if (!find_action(entry, from, why) ||
	    !all_known(table, entry->action, from, why))
		return false;
	entry->json = json_object_new_object();
	if (!take_fields(entry->json, table->keys, from, why))
		return false;
	entry->key =
		strdup(json_object_to_json_string_ext(entry->json, ENTRY_JSON));
	if (table->actions[1].name)
		json_object_object_add(
			entry->json, "action",
			json_object_new_string(entry->action->name));
	if (!take_fields(entry->json, entry->action->args, from, why) ||
	    !together(entry, why))
		return false;
	entry->text = json_object_to_json_string_ext(entry->json, ENTRY_JSON);
	return entry->key || fail(why, "%s", "memory ran out.");
}

/**
 * entry_free - give up what an entry owns
 * @entry: the entry
 */
void entry_free(struct entry *entry)
{
	free(entry->key);
	json_object_put(entry->json);
	*entry = (struct entry){ 0 };
}

/**
 * entry_copy - the same entry once more
 * @copy: filled
 * @entry: the entry
 *
 * Return: whether there was memory.
 */
bool entry_copy(struct entry *copy, const struct entry *entry)
{
	char why[WHY_MAX];

	return entry_make(copy, entry->table, entry->json, why);
}

/**
 * entry_number - a number in an entry
 * @entry: the entry
 * @field: its name
 *
 * Return: the number, or -1 where the entry has none.
 */
int entry_number(const struct entry *entry, const char *field)
{
	struct json_object *value;

	if (!json_object_object_get_ex(entry->json, field, &value))
		return -1;
	return json_object_get_int(value);
}

/* ---- sets ---------------------------------------------------------------- */

static int compare(const struct entry *entry, const struct table *table,
		   const char *key)
{
	if (entry->table != table)
		return entry->table < table ? -1 : 1;
	return strcmp(entry->key, key);
}

/* The first place whose entry is not less. */
static size_t place_of(const struct entries *set, const struct table *table,
		       const char *key)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&set->list[middle], table, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * entries_find - look an entry up
 * @set: a set
 * @table: its table
 * @key: its key
 *
 * Return: the entry, or NULL.
 */
struct entry *entries_find(const struct entries *set, const struct table *table,
			   const char *key)
{
	size_t place = place_of(set, table, key);

	if (place == set->n || compare(&set->list[place], table, key))
		return NULL;
	return &set->list[place];
}

/**
 * entries_add - put an entry into a set, in place of one with the same key
 * @set: a set
 * @entry: the entry; the set's from now on, unless this fails
 *
 * Return: whether there was memory.
 */
bool entries_add(struct entries *set, struct entry *entry)
{
	struct entry *old = entries_find(set, entry->table, entry->key), *list;
	size_t place, room = set->room ? 2 * set->room : 64;

	if (old) {
		entry_free(old);
		*old = *entry;
		return true;
	}
	if (set->n == set->room) {
		list = realloc(set->list, room * sizeof(*list));
		if (!list)
			return false;
		set->list = list;
		set->room = room;
	}
	place = place_of(set, entry->table, entry->key);
	memmove(&set->list[place + 1], &set->list[place],
		(set->n - place) * sizeof(*set->list));
	set->list[place] = *entry;
	set->n++;
	return true;
}

/**
 * entries_remove - take an entry out of its set and free it
 * @set: a set
 * @entry: an entry of it
 */
void entries_remove(struct entries *set, struct entry *entry)
{
	size_t place = entry - set->list;

	entry_free(entry);
	set->n--;
	memmove(entry, entry + 1, (set->n - place) * sizeof(*entry));
}

/**
 * entries_count - how many entries of a table there are
 * @set: a set
 * @table: the table
 *
 * Return: the number.
 */
size_t entries_count(const struct entries *set, const struct table *table)
{
	return place_of(set, table + 1, "") - place_of(set, table, "");
}

/**
 * entries_free - give up a set
 * @set: the set, empty afterwards
 */
void entries_free(struct entries *set)
{
	for (size_t i = 0; i < set->n; i++)
		entry_free(&set->list[i]);
	free(set->list);
	*set = (struct entries){ 0 };
}

/**
 * entries_drop - take all entries of a table out of a set
 * @set: the set
 * @table: the table
 */
void entries_drop(struct entries *set, const struct table *table)
{
	while (entries_count(set, table))
		entries_remove(set,
			       &set->list[place_of(set, table + 1, "") - 1]);
}

/**
 * entries_json - a set as a file has it
 * @set: the set
 * @only: this table, or NULL for all that have entries
 *
 * Return: an object of one array for each table, owned by the caller.
 */
struct json_object *entries_json(const struct entries *set,
				 const struct table *only)
{
	struct json_object *tables = json_object_new_object(), *list;

	for (const struct table *t = schema; t->name; t++) {
		if ((only && t != only) || (!only && !entries_count(set, t)))
			continue;
		list = json_object_new_array();
		for (size_t i = place_of(set, t, "");
		     i < set->n && set->list[i].table == t; i++)
			json_object_array_add(
				list, json_object_get(set->list[i].json));
		json_object_object_add(tables, t->name, list);
	}
	return tables;
}
