/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_ENTRY_H
#define SRP4_ENTRY_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema.h"

#define WHY_MAX 256
#define ENTRY_JSON (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/**
 * struct entry - one entry of a table, in canonical form: fields in the order
 *	of the schema, every value written in the one way
 * @table: where it belongs
 * @action: what it does
 * @json: the whole entry; owned
 * @key: its key fields as text, which no two entries of a table share; owned
 * @text: the whole entry as text; owned by @json
 * @packets: that met it, where a switch was read that counts them
 * @bytes: of these packets
 */
struct entry {
	const struct table *table;
	const struct action *action;
	struct json_object *json;
	char *key;
	const char *text;
	uint64_t packets;
	uint64_t bytes;
};

/**
 * struct entries - entries of all tables, sorted by table and key
 * @list: the entries; owned
 * @n: how many
 * @room: at @list
 */
struct entries {
	struct entry *list;
	size_t n;
	size_t room;
};

bool entry_make(struct entry *entry, const struct table *table,
		struct json_object *from, char why[WHY_MAX]);
void entry_free(struct entry *entry);
bool entry_copy(struct entry *copy, const struct entry *entry);
int entry_number(const struct entry *entry, const char *field);

bool entries_add(struct entries *set, struct entry *entry);
struct entry *entries_find(const struct entries *set, const struct table *table,
			   const char *key);
void entries_remove(struct entries *set, struct entry *entry);
size_t entries_count(const struct entries *set, const struct table *table);
void entries_drop(struct entries *set, const struct table *table);
void entries_free(struct entries *set);
struct json_object *entries_json(const struct entries *set,
				 const struct table *only);

#endif
