/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver of Tofino for tests: the calls of BF-RT that srp4ctl makes, in
 * memory, as strict as the real one. Tables are those of the bf-rt.json of a
 * program and of the SDE's own fixed tables.
 *
 * From the environment:
 *	FAKE_FIXED	directory with the SDE's bf_rt_*_tf1.json (src/bf_rt)
 *	FAKE_FAIL	TXN,N,STATUS: in the TXN-th transaction (0: before any)
 *			the N-th write or its commit fails with STATUS;
 *			each,STATUS: in the second the first, in the third the
 *			second, and so on
 *	FAKE_START	what bf_switchd_lib_init() returns
 *	FAKE_DEVICE	errno of opening /dev/bf0
 *	FAKE_ABSENT	the driver comes up without the device
 *	FAKE_LIE	the driver says that a port took its autonegotiation
 *	FAKE_PIPES	how many the device has, 1
 *	FAKE_COUNTS	N,N,...: of a table's counters, fetch after fetch, so
 *			many times what they usually say; the last for ever
 *	FAKE_DUMP	where the tables go at the end, as JSON
 */
#ifndef FAKEBFRT_H
#define FAKEBFRT_H

#include <json-c/json.h>
#include <stdbool.h>

#include <bf_rt/bf_rt.h>

#define OCTETS 16
#define FIELDS 40
#define LIST 8
#define TEXT 32

enum type {
	TYPE_BYTES,
	TYPE_NUMBER,
	TYPE_BOOL,
	TYPE_TEXT,
};

/* A field of a key or of data. */
struct field {
	bf_rt_id_t id;
	const char *name;
	enum type type;
	unsigned int bits;
	bool repeated;
	bool mandatory;
	bf_rt_key_field_type_t match;
	struct json_object *choices;
};

struct action {
	bf_rt_id_t id;
	const char *name;
	struct field fields[FIELDS];
	size_t n;
};

struct value {
	bool set;
	uint8_t octets[OCTETS];
	uint8_t mask[OCTETS];
	uint16_t length;
	uint64_t number;
	char text[TEXT];
	uint32_t list[LIST];
	size_t n;
};

struct table {
	const char *name;
	bool fixed;
	bool counter;
	size_t size;
	struct field keys[FIELDS];
	size_t n_keys;
	struct action actions[FIELDS];
	size_t n_actions;
	struct action common; /* data of no action */
	struct entry *entries;
	size_t n;
	size_t room;
	size_t fetches; /* of its counters */
	size_t clears;
	size_t squares; /* not kept, see put_square() */
	struct entry *saved; /* as they were when the transaction began */
	size_t n_saved;
};

struct key {
	const struct table *table;
	struct value values[FIELDS];
};

struct data {
	const struct table *table;
	const struct action *action;
	struct value values[2 * FIELDS]; /* the action's, then the common ones */
};

struct entry {
	struct key key;
	struct data data;
};

struct driver {
	struct json_object *roots[8];
	size_t n_roots;
	struct table *tables[512];
	size_t n_tables;
	bool in_transaction;
	unsigned int transactions;
	unsigned int writes;
};

extern struct driver driver;

struct table *fake_table(const char *name);
const struct field *fake_key_field(const struct table *table, bf_rt_id_t id,
				   size_t *at);
const struct field *fake_data_field(const struct data *data, bf_rt_id_t id,
				    size_t *at);
bool fake_number(struct value *value, const struct field *field,
		 uint64_t number);
struct value *fake_value(struct data *data, const char *name);
uint64_t fake_key_number(const struct key *key, const char *name);
struct entry *fake_find(struct table *table, const struct key *key);
struct entry *fake_put(struct table *table, const struct key *key,
		       const struct data *data);
void fake_take(struct table *table, struct entry *entry);
void fake_dump(const char *path);

/* fakebfrt_fixed.c: tables with a mind of their own */
void fixed_fill(void);
bf_status_t fixed_check(const struct table *table, const struct key *key,
			const struct data *data, const bf_rt_target_t *dev,
			bool add);
bf_status_t fixed_read(const struct table *table, const struct key *key,
		       struct data *data, const bf_rt_target_t *dev);
void fixed_written(struct entry *entry);

#endif
