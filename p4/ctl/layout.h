/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_LAYOUT_H
#define SRP4_LAYOUT_H

#include "entry.h"
#include "octets.h"

#define ROW_NAME 32
#define ROW_KEYS 8
#define ROW_PARAMS 8

/* Not a table of the program: what carries a report's copy to a port. */
#define COPIES "$copies"

/**
 * struct key - a field of a key
 * @value: what is matched
 * @mask: of a ternary one
 * @length: of a prefix, or -1
 * @any: matches everything
 */
struct key {
	struct octets value;
	struct octets mask;
	int length;
	bool any;
};

/**
 * struct row - an entry of one of the program's tables, by names and places
 * @table: last part of its name
 * @action: likewise
 * @keys: as the table has them
 * @n_keys: how many
 * @params: as the action has them
 * @n_params: how many
 * @priority: the highest is looked at first, or 0
 * @packets: that met it, where a switch was read
 * @bytes: of these packets
 */
struct row {
	char table[ROW_NAME];
	char action[ROW_NAME];
	struct key keys[ROW_KEYS];
	size_t n_keys;
	struct octets params[ROW_PARAMS];
	size_t n_params;
	int priority;
	uint64_t packets;
	uint64_t bytes;
};

/**
 * struct rows - a list of rows
 * @list: the rows; owned
 * @n: how many
 * @room: at @list
 */
struct rows {
	struct row *list;
	size_t n;
	size_t room;
};

/**
 * struct layout - how a program has the logical tables
 * @tables: that it has to have; NULL ends the list
 * @tick_ns: the unit of its times
 * @step: times are multiples of so many ticks
 * @tofino: as srproxy_tna has them, not as srproxy_v1model
 * @copy: find what carries copies to a port, or make it; NULL: it is COPY_OF()
 *	the port, and made by a row of COPIES
 * @port: find the port that a copy goes to
 */
struct layout {
	const char *const *tables;
	uint32_t tick_ns;
	uint32_t step;
	bool tofino;
	bool (*copy)(void *of, uint32_t port, uint32_t *copy,
		     char why[WHY_MAX]);
	bool (*port)(void *of, uint32_t copy, uint32_t *port,
		     char why[WHY_MAX]);
};

extern const char *const v1model_tables[];
extern const char *const tna_tables[];
extern const struct layout v1model_layout;

struct row *rows_add(struct rows *rows, const char *table, const char *action);
void rows_free(struct rows *rows);

uint32_t layout_ticks(const struct layout *layout, uint32_t us);
uint32_t layout_us(const struct layout *layout, uint64_t ticks);
bool layout_rows(const struct layout *layout, void *of,
		 const struct entry *entry, struct rows *rows,
		 char why[WHY_MAX]);
bool layout_owns(const struct layout *layout, const struct entry *entry,
		 struct rows *rows, char why[WHY_MAX]);
int row_compare(const struct row *a, const struct row *b);

/**
 * typedef layout_fetch - add all rows of one of the program's tables
 * @from: who is asked
 * @table: its name
 * @rows: they are added here
 * @why: a sentence if that fails
 *
 * Return: whether it did not.
 */
typedef bool layout_fetch(void *from, const char *table, struct rows *rows,
			  char why[WHY_MAX]);

bool layout_gather(const struct layout *layout, layout_fetch *fetch, void *from,
		   struct entries *set, char why[WHY_MAX]);

#define ORDERS 65536 /* an order's priority counts down */
#define COPY_OF(port) ((port) + 1)
#define PORT_OF(copy) ((copy)-1)

#endif
