/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_SCHEMA_H
#define SRP4_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a field of an entry is; how it is written in JSON. */
enum kind {
	KIND_NUMBER,
	KIND_LABEL,
	KIND_MAC,
	KIND_IPV4,
	KIND_ADDRESS,
	KIND_PREFIX4,
	KIND_PREFIX6,
	KIND_PREFIX,
	KIND_DIRECTION,
	KIND_LABELS,
	KIND_NEXTHOPS,
	KIND_PORT,
	KIND_SPEED,
	KIND_FEC,
	KIND_AUTONEG,
	KIND_FLAG,
	KIND_RATE,
};

/**
 * struct field - a part of an entry
 * @name: in JSON; NULL ends a list of fields
 * @kind: what it is
 * @max: highest number
 * @min: lowest number
 * @optional: may be left out
 * @has_usual: being left out means a value, and that value is left out
 * @usual: the number; of words the place in their list, see value.c
 */
struct field {
	const char *name;
	enum kind kind;
	uint32_t max;
	uint32_t min;
	bool optional;
	bool has_usual;
	uint32_t usual;
};

/**
 * struct action - what an entry does
 * @name: in JSON and in the program; NULL ends a list of actions
 * @args: its arguments
 */
struct action {
	const char *name;
	const struct field *args;
};

struct entry;

/**
 * struct table - a logical table; how a program lays it out is the target's
 *	business
 * @name: in JSON; NULL ends the list
 * @size: highest number of entries
 * @keys: what tells entries apart
 * @actions: of which an entry has one; a lone one need not be named
 * @together: whether an entry's fields go together, and if not why; or NULL
 * @fixed: of the switch, not of its program: a list of the file's own
 */
struct table {
	const char *name;
	unsigned int size;
	const struct field *keys;
	const struct action *actions;
	bool (*together)(const struct entry *entry, char *why, size_t room);
	bool fixed;
};

#define LABELS_MAX 8
#define BUCKETS 64
#define WINDOW_MAX 1000000
#define TABLES 11

/* and one without a name behind them */
extern const struct table schema[TABLES + 1];

const struct table *schema_find(const char *name);
const struct action *schema_action(const struct table *table, const char *name);
const struct field *schema_field(const struct field *fields, const char *name);

#endif
