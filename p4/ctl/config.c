// SPDX-License-Identifier: Apache-2.0
/* A switch in a file, and what has to hold between its entries. */

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "jfile.h"
#include "port.h"
#include "report.h"

/* One entry of a table, with its place in the file for who has to mend it. */
static int read_entry(struct entries *set, const struct table *table,
		      struct json_object *from, const char *path, size_t i)
{
	char why[WHY_MAX] = "";
	struct entry entry;
	int rc = RC_DONE;

	if (!entry_make(&entry, table, from, why))
		rc = report_usage("%s: %s[%zu]: %s", path, table->name, i, why);
	else if (entries_find(set, table, entry.key))
		rc = report_usage("%s: %s[%zu]: there is an entry %s already.",
				  path, table->name, i, entry.key);
	else if (!entries_add(set, &entry))
		rc = report_refused("memory ran out.");
	else
		return RC_DONE;
	entry_free(&entry);
	return rc;
}

static int read_table(struct config *config, const struct table *table,
		      struct json_object *list, const char *path)
{
	struct entries *set = &config->entries;
	int rc = RC_DONE;

	if (config->named[table - schema])
		return report_usage("%s: %s is there twice.", path,
				    table->name);
	config->named[table - schema] = true;
	if (!json_object_is_type(list, json_type_array))
		return report_usage("%s: %s is an array.", path, table->name);
	for (size_t i = 0; !rc && i < json_object_array_length(list); i++)
		rc = read_entry(set, table, json_object_array_get_idx(list, i),
				path, i);
	if (!rc && entries_count(set, table) > table->size)
		rc = report_usage("%s: %s takes %u entries, not %zu.", path,
				  table->name, table->size,
				  entries_count(set, table));
	return rc;
}

/* What `show` prints can be put here whole: ports and queues may stand here. */
static int read_tables(struct config *config, struct json_object *tables,
		       const char *path)
{
	struct json_object_iterator it, end;
	int rc = RC_DONE;

	if (!json_object_is_type(tables, json_type_object))
		return report_usage("%s: tables is an object.", path);
	it = json_object_iter_begin(tables);
	end = json_object_iter_end(tables);
	for (; !rc && !json_object_iter_equal(&it, &end);
	     json_object_iter_next(&it)) {
		const char *name = json_object_iter_peek_name(&it);
		const struct table *table = schema_find(name);

		if (!table)
			return report_usage("%s: there is no table \"%s\".",
					    path, name);
		rc = read_table(config, table, json_object_iter_peek_value(&it),
				path);
	}
	return rc;
}

/* Whether there is an entry with that number as its id. */
static bool id_exists(const struct entries *set, const char *name, int id)
{
	char key[32];

	snprintf(key, sizeof(key), "{\"id\":%d}", id);
	return entries_find(set, schema_find(name), key);
}

static int check_members(const struct entries *set, const struct entry *entry)
{
	struct json_object *list;

	if (!json_object_object_get_ex(entry->json, "members", &list))
		return RC_DONE;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		int id =
			json_object_get_int(json_object_array_get_idx(list, i));

		if (!id_exists(set, "nexthop", id))
			return report_usage("%s %s: there is no nexthop %d.",
					    entry->table->name, entry->key, id);
	}
	return RC_DONE;
}

/* A label has one meaning where it is looked up. */
static int check_label(const struct entries *set, const struct entry *entry)
{
	if (strcmp(entry->table->name, "local_sid"))
		return RC_DONE;
	if (entries_find(set, schema_find("nfv_sid"), entry->key))
		return report_usage("%s is in local_sid and in nfv_sid.",
				    entry->key);
	return RC_DONE;
}

static int check_entry(const struct entries *set, const struct entry *entry)
{
	int nexthop = entry_number(entry, "nexthop");
	int group = entry_number(entry, "group"), rc;

	if (nexthop >= 0 && !id_exists(set, "nexthop", nexthop))
		return report_usage("%s %s: there is no nexthop %d.",
				    entry->table->name, entry->key, nexthop);
	if (group >= 0 && !id_exists(set, "ecmp", group))
		return report_usage("%s %s: there is no ecmp group %d.",
				    entry->table->name, entry->key, group);
	rc = check_members(set, entry);
	return rc ? rc : check_label(set, entry);
}

/**
 * config_check - see that entries refer to what is there, that no table is
 *	too long and no label has two meanings
 * @set: all entries
 *
 * Return: RC_DONE, or what was reported.
 */
int config_check(const struct entries *set)
{
	int rc = RC_DONE;

	for (const struct table *t = schema; t->name; t++)
		if (entries_count(set, t) > t->size)
			return report_usage("%s is full: %u entries.", t->name,
					    t->size);
	for (size_t i = 0; !rc && i < set->n; i++)
		rc = check_entry(set, &set->list[i]);
	return rc ? rc : ports_check(set);
}

static int read_name(const char **into, struct json_object *value,
		     const char *what, const char *path)
{
	*into = json_object_get_string(value);
	if (!json_object_is_type(value, json_type_string) || !**into)
		return report_usage("%s: %s is a name, between quotes.", path,
				    what);
	if (strlen(*into) != (size_t)json_object_get_string_len(value))
		return report_usage("%s: %s has a zero in it.", path, what);
	return RC_DONE;
}

static int read_root(struct config *config, const char *path)
{
	struct json_object_iterator it, end;
	int rc = RC_DONE;

	if (!json_object_is_type(config->root, json_type_object))
		return report_usage("%s is not a JSON object.", path);
	it = json_object_iter_begin(config->root);
	end = json_object_iter_end(config->root);
	for (; !rc && !json_object_iter_equal(&it, &end);
	     json_object_iter_next(&it)) {
		const char *name = json_object_iter_peek_name(&it);
		struct json_object *value = json_object_iter_peek_value(&it);
		const struct table *table = schema_find(name);

		if (!strcmp(name, "program"))
			rc = read_name(&config->program, value, name, path);
		else if (!strcmp(name, "target"))
			rc = read_name(&config->target, value, name, path);
		else if (!strcmp(name, "tables"))
			rc = read_tables(config, value, path);
		else if (table && table->fixed)
			rc = read_table(config, table, value, path);
		else
			rc = report_usage("%s: \"%s\" is not known here.", path,
					  name);
	}
	return rc;
}

/**
 * config_read - read a file
 * @config: filled; to be freed also after a failure
 * @path: the file; "-" is stdin
 *
 * Return: RC_DONE, or what was reported.
 */
int config_read(struct config *config, const char *path)
{
	int rc;

	*config = (struct config){ 0 };
	rc = jfile_read(path, &config->root);
	rc = rc ? rc : read_root(config, path);
	return rc ? rc : config_check(&config->entries);
}

/**
 * config_free - give up what was read
 * @config: the file's contents
 */
void config_free(struct config *config)
{
	entries_free(&config->entries);
	json_object_put(config->root);
	*config = (struct config){ 0 };
}
