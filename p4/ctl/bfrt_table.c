// SPDX-License-Identifier: Apache-2.0
/* Tofino: tables of the program, and rows in and out of them. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bfrt.h"
#include "report.h"

#define READ_AT_ONCE 64
#define FIELDS_MAX 24
#define SYNC_SECONDS 5

/**
 * struct named_table - a table of the program
 * @name: the last part of its name
 * @table: BF-RT's
 */
struct named_table {
	const char *name;
	const bf_rt_table_hdl *table;
};

/**
 * struct fields - of a key or of an action's data, those of the program
 * @ids: BF-RT's, in the program's order
 * @n: how many
 * @priority: id of the match's priority, or 0
 */
struct fields {
	bf_rt_id_t ids[FIELDS_MAX];
	size_t n;
	bf_rt_id_t priority;
};

/* Behind the last dot. */
static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

/**
 * bfrt_table - find a table
 * @bfrt: the switch
 * @name: last part of its name
 *
 * Return: the table, or NULL.
 */
const bf_rt_table_hdl *bfrt_table(const struct bfrt *bfrt, const char *name)
{
	for (size_t i = 0; i < bfrt->n_tables; i++)
		if (!strcmp(bfrt->tables[i].name, name))
			return bfrt->tables[i].table;
	return NULL;
}

static bool learn_tables(struct bfrt *bfrt, const bf_rt_table_hdl **all, int n)
{
	const char *name;

	bfrt->tables = calloc(n, sizeof(*bfrt->tables));
	if (!bfrt->tables || bf_rt_tables_get(bfrt->info, all))
		return false;
	for (int i = 0; i < n; i++) {
		if (bf_rt_table_name_get(all[i], &name))
			return false;
		bfrt->tables[bfrt->n_tables++] =
			(struct named_table){ last_part(name), all[i] };
	}
	return true;
}

/**
 * bfrt_learn - find out which tables the program has
 * @bfrt: the switch, with its program
 *
 * Return: RC_DONE, or what was reported.
 */
int bfrt_learn(struct bfrt *bfrt)
{
	const bf_rt_table_hdl **all;
	bool learnt;
	int n = 0;

	if (bf_rt_num_tables_get(bfrt->info, &n) || n <= 0)
		return report_refused("the program has no tables.");
	all = calloc(n, sizeof(*all));
	learnt = all && learn_tables(bfrt, all, n);
	free(all);
	if (!learnt)
		return report_refused("the program's tables cannot be read.");
	for (size_t i = 0; tna_tables[i]; i++)
		if (!bfrt_table(bfrt, tna_tables[i]))
			return report_refused("the program has no table %s.",
					      tna_tables[i]);
	return RC_DONE;
}

static bool other_fields(const char *table, char why[WHY_MAX])
{
	snprintf(why, WHY_MAX, "the program has other fields in %s.", table);
	return false;
}

/* ---- keys ------------------------------------------------------------------ */

static bool key_fields(const bf_rt_table_hdl *table, struct fields *fields)
{
	bf_rt_id_t ids[FIELDS_MAX];
	const char *name;
	uint32_t n = 0;

	*fields = (struct fields){ 0 };
	if (bf_rt_key_field_id_list_size_get(table, &n) || n > FIELDS_MAX ||
	    bf_rt_key_field_id_list_get(table, ids))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (bf_rt_key_field_name_get(table, ids[i], &name))
			return false;
		if (!strcmp(name, "$MATCH_PRIORITY"))
			fields->priority = ids[i];
		else
			fields->ids[fields->n++] = ids[i];
	}
	return true;
}

/* A value in a field's width; false: it does not fit. */
static bool in_width(struct octets *out, const struct octets *value,
		     size_t bits)
{
	if (bits > OCTETS_MAX * 8 || !octets_fit(value, bits))
		return false;
	*out = octets_wide(value, (bits + 7) / 8);
	return true;
}

static bool set_key_field(const bf_rt_table_hdl *table,
			  bf_rt_table_key_hdl *hdl, bf_rt_id_t id,
			  const struct key *key)
{
	bf_rt_key_field_type_t type;
	struct octets value, mask;
	size_t bits;

	if (bf_rt_key_field_type_get(table, id, &type) ||
	    bf_rt_key_field_size_get(table, id, &bits) ||
	    !in_width(&value, &key->value, bits))
		return false;
	switch (type) {
	case TERNARY:
		if (!in_width(&mask, &key->mask, bits))
			return false;
		return !bf_rt_key_field_set_value_and_mask_ptr(
			hdl, id, value.at, mask.at, value.len);
	case LPM:
		return !bf_rt_key_field_set_value_lpm_ptr(
			hdl, id, value.at, key->any ? 0 : key->length,
			value.len);
	case EXACT:
		return !bf_rt_key_field_set_value_ptr(hdl, id, value.at,
						      value.len);
	default:
		return false;
	}
}

/* BF-RT looks at the lowest priority first, a row's at the highest. */
static bool set_key(const bf_rt_table_hdl *table, bf_rt_table_key_hdl *hdl,
		    const struct row *row)
{
	struct fields fields;

	if (!key_fields(table, &fields) || fields.n != row->n_keys ||
	    !fields.priority != !row->priority)
		return false;
	for (size_t i = 0; i < fields.n; i++)
		if (!set_key_field(table, hdl, fields.ids[i], &row->keys[i]))
			return false;
	return !fields.priority ||
	       !bf_rt_key_field_set_value(hdl, fields.priority,
					  ORDERS - row->priority);
}

static bool get_key_field(const bf_rt_table_hdl *table,
			  const bf_rt_table_key_hdl *hdl, bf_rt_id_t id,
			  struct key *key)
{
	bf_rt_key_field_type_t type;
	uint16_t length = 0;
	size_t bits;

	if (bf_rt_key_field_type_get(table, id, &type) ||
	    bf_rt_key_field_size_get(table, id, &bits) || bits > OCTETS_MAX * 8)
		return false;
	key->length = -1;
	key->value.len = key->mask.len = (bits + 7) / 8;
	switch (type) {
	case TERNARY:
		if (bf_rt_key_field_get_value_and_mask_ptr(
			    hdl, id, key->value.len, key->value.at,
			    key->mask.at))
			return false;
		key->any = !octets_count(&key->mask);
		return true;
	case LPM:
		if (bf_rt_key_field_get_value_lpm_ptr(hdl, id, key->value.len,
						      key->value.at, &length))
			return false;
		key->length = length;
		key->any = !length;
		return true;
	default:
		return !bf_rt_key_field_get_value_ptr(hdl, id, key->value.len,
						      key->value.at);
	}
}

static bool get_key(const bf_rt_table_hdl *table,
		    const bf_rt_table_key_hdl *hdl, struct row *row)
{
	struct fields fields;
	uint64_t priority;

	if (!key_fields(table, &fields) || fields.n > ROW_KEYS)
		return false;
	row->n_keys = fields.n;
	for (size_t i = 0; i < fields.n; i++)
		if (!get_key_field(table, hdl, fields.ids[i], &row->keys[i]))
			return false;
	if (!fields.priority)
		return true;
	if (bf_rt_key_field_get_value(hdl, fields.priority, &priority))
		return false;
	row->priority = ORDERS - (int)priority;
	return true;
}

/* ---- actions and their data ------------------------------------------------ */

/**
 * bfrt_action - find an action
 * @table: its table
 * @action: last part of its name
 *
 * Return: its id, or 0.
 */
bf_rt_id_t bfrt_action(const bf_rt_table_hdl *table, const char *action)
{
	bf_rt_id_t ids[FIELDS_MAX];
	const char *name;
	uint32_t n = 0;

	if (bf_rt_action_id_list_size_get(table, &n) || n > FIELDS_MAX ||
	    bf_rt_action_id_list_get(table, ids))
		return 0;
	for (uint32_t i = 0; i < n; i++)
		if (!bf_rt_action_name_get(table, ids[i], &name) &&
		    !strcmp(last_part(name), action))
			return ids[i];
	return 0;
}

/* The action's parameters; what BF-RT adds to them begins with $. */
static bool data_fields(const bf_rt_table_hdl *table, bf_rt_id_t action,
			struct fields *fields)
{
	bf_rt_id_t ids[FIELDS_MAX];
	const char *name;
	uint32_t n = 0;

	*fields = (struct fields){ 0 };
	if (bf_rt_data_field_id_list_size_with_action_get(table, action, &n) ||
	    n > FIELDS_MAX ||
	    bf_rt_data_field_list_with_action_get(table, action, ids))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (bf_rt_data_field_name_with_action_get(table, ids[i], action,
							  &name))
			return false;
		if (*name != '$')
			fields->ids[fields->n++] = ids[i];
	}
	return true;
}

static bool set_data_field(const bf_rt_table_hdl *table, bf_rt_id_t action,
			   bf_rt_table_data_hdl *data, bf_rt_id_t id,
			   const struct octets *value)
{
	bf_rt_data_type_t type;
	struct octets wide;
	size_t bits;

	if (bf_rt_data_field_type_with_action_get(table, id, action, &type) ||
	    bf_rt_data_field_size_with_action_get(table, id, action, &bits))
		return false;
	if (type == BOOL)
		return !bf_rt_data_field_set_bool(data, id,
						  octets_number(value));
	return in_width(&wide, value, bits) &&
	       !bf_rt_data_field_set_value_ptr(data, id, wide.at, wide.len);
}

static bool set_data(const bf_rt_table_hdl *table, bf_rt_id_t action,
		     bf_rt_table_data_hdl *data, const struct row *row)
{
	struct fields fields;

	if (!data_fields(table, action, &fields) || fields.n != row->n_params)
		return false;
	for (size_t i = 0; i < fields.n; i++)
		if (!set_data_field(table, action, data, fields.ids[i],
				    &row->params[i]))
			return false;
	return true;
}

static bool get_data_field(const bf_rt_table_hdl *table, bf_rt_id_t action,
			   const bf_rt_table_data_hdl *data, bf_rt_id_t id,
			   struct octets *value)
{
	bf_rt_data_type_t type;
	size_t bits;
	bool flag;

	if (bf_rt_data_field_type_with_action_get(table, id, action, &type) ||
	    bf_rt_data_field_size_with_action_get(table, id, action, &bits) ||
	    bits > OCTETS_MAX * 8)
		return false;
	if (type == BOOL) {
		if (bf_rt_data_field_get_bool(data, id, &flag))
			return false;
		*value = octets_of(flag);
		return true;
	}
	value->len = (bits + 7) / 8;
	return !bf_rt_data_field_get_value_ptr(data, id, value->len, value->at);
}

/* What was counted, if the table counts. */
static void get_counts(const bf_rt_table_hdl *table, bf_rt_id_t action,
		       const bf_rt_table_data_hdl *data, struct row *row)
{
	bf_rt_id_t id;

	if (!bf_rt_data_field_id_with_action_get(table, "$COUNTER_SPEC_PKTS",
						 action, &id))
		bf_rt_data_field_get_value(data, id, &row->packets);
	if (!bf_rt_data_field_id_with_action_get(table, "$COUNTER_SPEC_BYTES",
						 action, &id))
		bf_rt_data_field_get_value(data, id, &row->bytes);
}

static bool get_data(const bf_rt_table_hdl *table,
		     const bf_rt_table_data_hdl *data, struct row *row)
{
	struct fields fields;
	bf_rt_id_t action;
	const char *name;

	if (bf_rt_data_action_id_get(data, &action) ||
	    bf_rt_action_name_get(table, action, &name) ||
	    !data_fields(table, action, &fields) || fields.n > ROW_PARAMS)
		return false;
	snprintf(row->action, sizeof(row->action), "%s", last_part(name));
	row->n_params = fields.n;
	for (size_t i = 0; i < fields.n; i++)
		if (!get_data_field(table, action, data, fields.ids[i],
				    &row->params[i]))
			return false;
	get_counts(table, action, data, row);
	return true;
}

/* ---- rows ------------------------------------------------------------------ */

static bf_status_t write_entry(struct bfrt *bfrt, enum write write,
			       const bf_rt_table_hdl *table,
			       const bf_rt_table_key_hdl *key,
			       const bf_rt_table_data_hdl *data)
{
	uint64_t keep_counts = 1ULL << BF_RT_SKIP_STAT_RESET;

	switch (write) {
	case WRITE_ADD:
		return bf_rt_table_entry_add(table, bfrt->session, &bfrt->dev,
					     0, key, data);
	case WRITE_CHANGE:
		return bf_rt_table_entry_mod(table, bfrt->session, &bfrt->dev,
					     keep_counts, key, data);
	case WRITE_DELETE:
		break;
	}
	return bf_rt_table_entry_del(table, bfrt->session, &bfrt->dev, 0, key);
}

/**
 * bfrt_write_row - write one row
 * @bfrt: the switch
 * @write: what to do
 * @row: the row; for WRITE_DELETE its key is enough
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool bfrt_write_row(struct bfrt *bfrt, enum write write, const struct row *row,
		    char why[WHY_MAX])
{
	const bf_rt_table_hdl *table = bfrt_table(bfrt, row->table);
	bf_rt_id_t action = table ? bfrt_action(table, row->action) : 0;
	bf_rt_table_data_hdl *data = NULL;
	bf_rt_table_key_hdl *key = NULL;
	bool done = false;

	if (!table || !action) {
		snprintf(why, WHY_MAX, "the program has no %s%s%s.",
			 table ? "action " : "table ",
			 table ? row->action : row->table,
			 table ? " there" : "");
		return false;
	}
	if (bf_rt_table_key_allocate(table, &key) ||
	    bf_rt_table_action_data_allocate(table, action, &data))
		snprintf(why, WHY_MAX, "memory ran out.");
	else if (!set_key(table, key, row) ||
		 !set_data(table, action, data, row))
		other_fields(row->table, why);
	else
		done = !bfrt_say(why, "",
				 write_entry(bfrt, write, table, key, data));
	if (data)
		bf_rt_table_data_deallocate(data);
	if (key)
		bf_rt_table_key_deallocate(key);
	return done;
}

/* ---- reading --------------------------------------------------------------- */

/**
 * struct wait - for a callback of the driver
 * @lock: of @done
 * @change: of @done
 * @done: it came
 */
struct wait {
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool done;
};

static void synced(bf_rt_target_t *dev, void *cookie)
{
	struct wait *wait = cookie;

	(void)dev;
	pthread_mutex_lock(&wait->lock);
	wait->done = true;
	pthread_cond_signal(&wait->change);
	pthread_mutex_unlock(&wait->lock);
}

static bool wait_for(struct wait *wait)
{
	struct timespec end;
	int late = 0;
	bool done;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += SYNC_SECONDS;
	pthread_mutex_lock(&wait->lock);
	while (!wait->done && !late)
		late = pthread_cond_timedwait(&wait->change, &wait->lock, &end);
	done = wait->done;
	pthread_mutex_unlock(&wait->lock);
	return done;
}

static bool counts(const bf_rt_table_hdl *table)
{
	bf_rt_table_operations_mode_t modes[BFRT_INVALID];
	uint32_t n = 0;

	if (bf_rt_table_num_operations_supported(table, &n) ||
	    n > BFRT_INVALID ||
	    bf_rt_table_operations_supported(table, modes, &n))
		return false;
	while (n-- > 0)
		if (modes[n] == BFRT_COUNTER_SYNC)
			return true;
	return false;
}

/* Have the driver fetch a table's counters. What waits may still be called when
 * it is given up here, so it is given up for good then. */
static bool sync_counters(struct bfrt *bfrt, const bf_rt_table_hdl *table)
{
	bf_rt_table_operations_hdl *operation = NULL;
	struct wait *wait;
	bool done;

	if (!counts(table))
		return true;
	wait = calloc(1, sizeof(*wait));
	if (!wait || bf_rt_table_operations_allocate(table, BFRT_COUNTER_SYNC,
						     &operation)) {
		free(wait);
		return false;
	}
	pthread_mutex_init(&wait->lock, NULL);
	pthread_cond_init(&wait->change, NULL);
	done = !bf_rt_operations_counter_sync_set(operation, bfrt->plain,
						  &bfrt->dev, synced, wait) &&
	       !bf_rt_table_operations_execute(table, operation) &&
	       wait_for(wait);
	bf_rt_table_operations_deallocate(operation);
	if (done)
		free(wait);
	return done;
}

/**
 * struct batch - keys and data that are read at once
 * @keys: BF-RT's
 * @data: BF-RT's
 * @n: of each
 */
struct batch {
	bf_rt_table_key_hdl *keys[READ_AT_ONCE];
	bf_rt_table_data_hdl *data[READ_AT_ONCE];
	uint32_t n;
};

static void batch_free(struct batch *batch)
{
	for (uint32_t i = 0; i < batch->n; i++) {
		if (batch->data[i])
			bf_rt_table_data_deallocate(batch->data[i]);
		if (batch->keys[i])
			bf_rt_table_key_deallocate(batch->keys[i]);
	}
}

static bool batch_make(struct batch *batch, const bf_rt_table_hdl *table)
{
	*batch = (struct batch){ .n = READ_AT_ONCE };
	for (uint32_t i = 0; i < batch->n; i++)
		if (bf_rt_table_key_allocate(table, &batch->keys[i]) ||
		    bf_rt_table_data_allocate(table, &batch->data[i]))
			return false;
	return true;
}

static bool take(const bf_rt_table_hdl *table, const char *name,
		 const struct batch *batch, uint32_t n, struct rows *rows)
{
	for (uint32_t i = 0; i < n; i++) {
		struct row *row = rows_add(rows, name, "");

		if (!row || !get_key(table, batch->keys[i], row) ||
		    !get_data(table, batch->data[i], row))
			return false;
	}
	return true;
}

/* What was read into is empty again. */
static bool batch_empty(struct batch *batch, const bf_rt_table_hdl *table)
{
	for (uint32_t i = 0; i < batch->n; i++)
		if (bf_rt_table_data_reset(table, &batch->data[i]))
			return false;
	return true;
}

/* The first row, then as many at once as there is room for. */
static bool read_all(struct bfrt *bfrt, const bf_rt_table_hdl *table,
		     const char *name, struct batch *batch, struct rows *rows,
		     char why[WHY_MAX])
{
	uint32_t n = 1;
	bf_status_t status =
		bf_rt_table_entry_get_first(table, bfrt->plain, &bfrt->dev, 0,
					    batch->keys[0], batch->data[0]);

	if (status == BF_OBJECT_NOT_FOUND)
		return true;
	while (!status) {
		bf_rt_table_key_hdl *last = batch->keys[n - 1];

		if (!take(table, name, batch, n, rows) ||
		    !batch_empty(batch, table))
			return other_fields(name, why);
		/* what is read next must not be where its start is */
		batch->keys[n - 1] = batch->keys[READ_AT_ONCE - 1];
		batch->keys[READ_AT_ONCE - 1] = last;
		n = 0;
		status = bf_rt_table_entry_get_next_n(table, bfrt->plain,
						      &bfrt->dev, 0, last,
						      batch->keys, batch->data,
						      READ_AT_ONCE - 1, &n);
		if (!n && (!status || status == BF_OBJECT_NOT_FOUND))
			return true;
	}
	bfrt_say(why, name, status);
	return false;
}

/**
 * bfrt_read_rows - read a table, and what its entries counted
 * @from: the switch
 * @name: last part of the table's name
 * @rows: rows are added to it
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool bfrt_read_rows(void *from, const char *name, struct rows *rows,
		    char why[WHY_MAX])
{
	struct bfrt *bfrt = from;
	const bf_rt_table_hdl *table = bfrt_table(bfrt, name);
	struct batch batch;
	bool done;

	if (!table) {
		snprintf(why, WHY_MAX, "the program has no table %s.", name);
		return false;
	}
	if (!sync_counters(bfrt, table)) {
		snprintf(why, WHY_MAX, "%s: the switch does not answer.", name);
		return false;
	}
	done = batch_make(&batch, table);
	if (!done)
		snprintf(why, WHY_MAX, "memory ran out.");
	done = done && read_all(bfrt, table, name, &batch, rows, why);
	batch_free(&batch);
	return done;
}

/* ---- counters of their own ------------------------------------------------- */

static bool get_count(struct bfrt *bfrt, const bf_rt_table_hdl *table,
		      bf_rt_table_key_hdl *key, bf_rt_table_data_hdl *data,
		      struct count *count)
{
	uint64_t number = 0;
	bf_rt_id_t id;

	if (bf_rt_table_entry_get(table, bfrt->plain, &bfrt->dev, 0, key, data))
		return false;
	if (!bf_rt_data_field_id_get(table, "$COUNTER_SPEC_PKTS", &id) &&
	    !bf_rt_data_field_get_value(data, id, &number))
		count->packets += number;
	if (!bf_rt_data_field_id_get(table, "$COUNTER_SPEC_BYTES", &id) &&
	    !bf_rt_data_field_get_value(data, id, &number))
		count->bytes += number;
	return true;
}

static bool add_counter(struct bfrt *bfrt, const bf_rt_table_hdl *table,
			struct count *list, size_t n)
{
	bf_rt_table_data_hdl *data = NULL;
	bf_rt_table_key_hdl *key = NULL;
	bf_rt_id_t index;
	size_t size = 0;
	bool done;

	done = !bf_rt_key_field_id_get(table, "$COUNTER_INDEX", &index) &&
	       sync_counters(bfrt, table) &&
	       !bf_rt_table_size_get(table, bfrt->plain, &bfrt->dev, 0,
				     &size) &&
	       !bf_rt_table_key_allocate(table, &key) &&
	       !bf_rt_table_data_allocate(table, &data);
	for (size_t i = 0; done && i < n && i < size; i++)
		done = !bf_rt_key_field_set_value(key, index, i) &&
		       get_count(bfrt, table, key, data, &list[i]);
	if (data)
		bf_rt_table_data_deallocate(data);
	if (key)
		bf_rt_table_key_deallocate(key);
	return done;
}

/**
 * bfrt_counter - read a counter of the program, or several of that name
 * @bfrt: the switch
 * @name: last part of its name
 * @list: filled
 * @n: how many of its places
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool bfrt_counter(struct bfrt *bfrt, const char *name, struct count *list,
		  size_t n, char why[WHY_MAX])
{
	bool found = false;

	for (size_t i = 0; i < bfrt->n_tables; i++) {
		if (strcmp(bfrt->tables[i].name, name))
			continue;
		found = true;
		if (add_counter(bfrt, bfrt->tables[i].table, list, n))
			continue;
		snprintf(why, WHY_MAX, "%s: the switch does not answer.", name);
		return false;
	}
	if (!found)
		snprintf(why, WHY_MAX, "the program has no counter %s.", name);
	return found;
}
