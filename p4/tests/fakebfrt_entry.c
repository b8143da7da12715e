// SPDX-License-Identifier: Apache-2.0
/* The driver for tests: entries, transactions, faults. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tofino/bf_pal/bf_pal_port_intf.h>

#include "fakebfrt.h"

#define TRANSACTIONS 1 /* the session that has them */

static struct table *of(const bf_rt_table_hdl *table)
{
	return (struct table *)table;
}

/* ---- entries --------------------------------------------------------------- */

/* A priority is part of what tells ternary entries apart. */
static bool same_key(const struct key *a, const struct key *b)
{
	for (size_t i = 0; i < a->table->n_keys; i++) {
		const struct value *x = &a->values[i], *y = &b->values[i];

		if (memcmp(x->octets, y->octets, OCTETS) ||
		    memcmp(x->mask, y->mask, OCTETS) ||
		    x->length != y->length || x->number != y->number ||
		    strcmp(x->text, y->text))
			return false;
	}
	return true;
}

struct entry *fake_find(struct table *table, const struct key *key)
{
	for (size_t i = 0; i < table->n; i++)
		if (same_key(&table->entries[i].key, key))
			return &table->entries[i];
	return NULL;
}

struct entry *fake_put(struct table *table, const struct key *key,
		       const struct data *data)
{
	struct entry *entry;

	if (table->n == table->room) {
		table->room = table->room ? 2 * table->room : 16;
		table->entries =
			realloc(table->entries, table->room * sizeof(*entry));
	}
	entry = &table->entries[table->n++];
	entry->key = *key;
	entry->data = *data;
	return entry;
}

void fake_take(struct table *table, struct entry *entry)
{
	size_t at = entry - table->entries;

	table->n--;
	memmove(entry, entry + 1, (table->n - at) * sizeof(*entry));
}

/* ---- sessions and transactions --------------------------------------------- */

static int sessions[4];

bf_status_t bf_rt_session_create(bf_rt_session_hdl **session)
{
	for (int i = 1; i < 4; i++) {
		if (sessions[i])
			continue;
		sessions[i] = i;
		*session = (bf_rt_session_hdl *)&sessions[i];
		return BF_SUCCESS;
	}
	return BF_MAX_SESSIONS_EXCEEDED;
}

bf_status_t bf_rt_session_destroy(bf_rt_session_hdl *const session)
{
	*(int *)session = 0;
	return BF_SUCCESS;
}

/* Whether the write that comes now is the one to fail, and with what. */
static bf_status_t fault(void)
{
	const char *plan = getenv("FAKE_FAIL");
	unsigned int transaction, at;
	int status;

	driver.writes++;
	if (!plan)
		return BF_SUCCESS;
	if (sscanf(plan, "each,%d", &status) == 1) {
		transaction = driver.transactions;
		at = transaction - 1;
	} else if (sscanf(plan, "%u,%u,%d", &transaction, &at, &status) != 3) {
		abort();
	}
	return transaction == driver.transactions && at == driver.writes ?
		       status :
		       BF_SUCCESS;
}

static void save(bool restore)
{
	for (size_t i = 0; i < driver.n_tables; i++) {
		struct table *t = driver.tables[i];

		if (t->fixed)
			continue;
		if (restore) {
			memcpy(t->entries, t->saved,
			       t->n_saved * sizeof(*t->saved));
			t->n = t->n_saved;
			continue;
		}
		free(t->saved);
		t->saved = calloc(t->n + 1, sizeof(*t->saved));
		memcpy(t->saved, t->entries, t->n * sizeof(*t->saved));
		t->n_saved = t->n;
	}
}

static void abort_transaction(void)
{
	if (driver.in_transaction)
		save(true);
	driver.in_transaction = false;
}

bf_status_t bf_rt_begin_transaction(bf_rt_session_hdl *const session,
				    bool atomic)
{
	(void)session;
	(void)atomic;
	if (driver.in_transaction)
		return BF_ALREADY_EXISTS;
	driver.in_transaction = true;
	driver.transactions++;
	driver.writes = 0;
	save(false);
	return BF_SUCCESS;
}

bf_status_t bf_rt_commit_transaction(bf_rt_session_hdl *const session,
				     bool synchronous)
{
	bf_status_t status;

	(void)session;
	(void)synchronous;
	if (!driver.in_transaction)
		return BF_OBJECT_NOT_FOUND;
	status = fault();
	if (status)
		abort_transaction();
	driver.in_transaction = false;
	return status;
}

bf_status_t bf_rt_abort_transaction(bf_rt_session_hdl *const session)
{
	(void)session;
	if (!driver.in_transaction)
		return BF_OBJECT_NOT_FOUND;
	abort_transaction();
	return BF_SUCCESS;
}

bf_status_t bf_rt_begin_batch(bf_rt_session_hdl *const session)
{
	(void)session;
	return driver.in_transaction ? BF_ALREADY_EXISTS : BF_SUCCESS;
}

bf_status_t bf_rt_end_batch(bf_rt_session_hdl *const session, bool synchronous)
{
	(void)session;
	(void)synchronous;
	return BF_SUCCESS;
}

/* ---- writing --------------------------------------------------------------- */

/* Everything that an action takes has to be there. */
static bool is_whole(const struct data *data)
{
	for (size_t i = 0; data->action && i < data->action->n; i++)
		if (data->action->fields[i].mandatory && !data->values[i].set)
			return false;
	return data->action || !data->table->n_actions;
}

static bf_status_t check(const struct table *table, const struct key *key,
			 const struct data *data, const bf_rt_target_t *dev,
			 const bf_rt_session_hdl *session, bool add)
{
	if (!session || !*(const int *)session || key->table != table ||
	    (data && data->table != table))
		return BF_INVALID_ARG;
	/* no transaction knows them, no other session may be in one */
	if (table->fixed == (*(const int *)session == TRANSACTIONS))
		return BF_TXN_NOT_SUPPORTED;
	if (!table->fixed && data && !is_whole(data))
		return BF_INVALID_ARG;
	return table->fixed ? fixed_check(table, key, data, dev, add) :
			      BF_SUCCESS;
}

/* A transaction ends with the first call in it that fails. */
static bf_status_t done(const struct table *table, bf_status_t status)
{
	if (status && !table->fixed)
		abort_transaction();
	return status;
}

/* The squares are many: they are looked at, and counted. */
static bool is_square(const struct table *table)
{
	size_t len = strlen(table->name);

	return len > 7 && !strcmp(table->name + len - 7, "_square");
}

static uint64_t octets_number(const struct value *value, unsigned int bits)
{
	uint64_t number = 0;

	for (unsigned int i = 0; i < (bits + 7) / 8; i++)
		number = number << 8 | value->octets[i];
	return number;
}

static bf_status_t put_square(struct table *table, const struct key *key,
			      const struct data *data)
{
	uint64_t root = octets_number(&key->values[0], table->keys[0].bits);
	uint64_t square =
		octets_number(&data->values[0], data->action->fields[0].bits);

	if (table->squares >= table->size)
		return BF_NO_SPACE;
	if (root != table->squares || square != root * root)
		return BF_INVALID_ARG;
	table->squares++;
	return BF_SUCCESS;
}

bf_status_t bf_rt_table_entry_add(const bf_rt_table_hdl *hdl,
				  const bf_rt_session_hdl *session,
				  const bf_rt_target_t *dev,
				  const uint64_t flags,
				  const bf_rt_table_key_hdl *key,
				  const bf_rt_table_data_hdl *data)
{
	struct table *table = of(hdl);
	bf_status_t status = fault();

	(void)flags;
	status = status ?:
			  check(table, (const struct key *)key,
				(const struct data *)data, dev, session, true);
	if (!status && is_square(table))
		return done(table, put_square(table, (const struct key *)key,
					      (const struct data *)data));
	if (!status && fake_find(table, (const struct key *)key))
		status = BF_ALREADY_EXISTS;
	if (!status && table->n >= table->size)
		status = BF_NO_SPACE;
	if (!status)
		fixed_written(fake_put(table, (const struct key *)key,
				       (const struct data *)data));
	return done(table, status);
}

/* Only what is set is changed. */
static void merge(struct entry *entry, const struct data *data)
{
	for (size_t i = 0; i < 2 * FIELDS; i++)
		if (data->values[i].set)
			entry->data.values[i] = data->values[i];
}

bf_status_t bf_rt_table_entry_mod(const bf_rt_table_hdl *hdl,
				  const bf_rt_session_hdl *session,
				  const bf_rt_target_t *dev,
				  const uint64_t flags,
				  const bf_rt_table_key_hdl *key,
				  const bf_rt_table_data_hdl *data)
{
	struct table *table = of(hdl);
	bf_status_t status = fault();
	struct entry *entry = fake_find(table, (const struct key *)key);

	(void)flags;
	status = status ?:
			  check(table, (const struct key *)key,
				(const struct data *)data, dev, session, false);
	if (!status && !entry)
		status = BF_OBJECT_NOT_FOUND;
	if (!status && table->fixed)
		merge(entry, (const struct data *)data);
	else if (!status)
		entry->data = *(const struct data *)data;
	if (!status)
		fixed_written(entry);
	return done(table, status);
}

bf_status_t bf_rt_table_entry_del(const bf_rt_table_hdl *hdl,
				  const bf_rt_session_hdl *session,
				  const bf_rt_target_t *dev,
				  const uint64_t flags,
				  const bf_rt_table_key_hdl *key)
{
	struct table *table = of(hdl);
	bf_status_t status = fault();
	struct entry *entry = fake_find(table, (const struct key *)key);

	(void)flags;
	status = status ?:
			  check(table, (const struct key *)key, NULL, dev,
				session, false);
	if (!status && !entry)
		status = BF_OBJECT_NOT_FOUND;
	if (!status)
		fake_take(table, entry);
	return done(table, status);
}

bf_status_t bf_rt_table_clear(const bf_rt_table_hdl *hdl,
			      const bf_rt_session_hdl *session,
			      const bf_rt_target_t *dev, const uint64_t flags)
{
	(void)session;
	(void)dev;
	(void)flags;
	of(hdl)->clears++;
	return fault();
}

/* ---- reading --------------------------------------------------------------- */

static uint64_t times(size_t fetches)
{
	const char *list = getenv("FAKE_COUNTS");
	uint64_t n = 1;
	char *end;

	for (size_t i = 0; list && i < fetches; i++) {
		n = strtoull(list, &end, 10);
		if (*end != ',')
			break;
		list = end + 1;
	}
	return n;
}

/* Counters say what they counted when they were last fetched. */
static void count(const struct table *table, size_t at, struct data *data)
{
	static const char *const names[] = { "$COUNTER_SPEC_PKTS",
					     "$COUNTER_SPEC_BYTES" };
	size_t field;

	for (size_t i = 0; table->fetches && i < 2; i++) {
		bf_rt_id_t id;

		if (!bf_rt_data_field_id_with_action_get(
			    (const bf_rt_table_hdl *)table, names[i],
			    data->action ? data->action->id : 0, &id) &&
		    fake_data_field(data, id, &field))
			data->values[field].number = (at + 1) * (i ? 100 : 1) *
						     times(table->fetches);
	}
}

static bf_status_t read_one(struct table *table, struct entry *entry,
			    struct data *data, const bf_rt_target_t *dev)
{
	if (!entry)
		return BF_OBJECT_NOT_FOUND;
	*data = entry->data;
	if (table->fixed)
		return fixed_read(table, &entry->key, data, dev);
	count(table, entry - table->entries, data);
	return BF_SUCCESS;
}

bf_status_t bf_rt_table_entry_get(const bf_rt_table_hdl *hdl,
				  const bf_rt_session_hdl *session,
				  const bf_rt_target_t *dev,
				  const uint64_t flags,
				  const bf_rt_table_key_hdl *key,
				  bf_rt_table_data_hdl *data)
{
	struct table *table = of(hdl);
	uint64_t index;

	(void)flags;
	if (!session || !*(const int *)session)
		return BF_SESSION_NOT_FOUND;
	if (!strcmp(table->name, "$PORT_STAT"))
		return fixed_read(table, (const struct key *)key,
				  (struct data *)data, dev);
	if (!table->counter)
		return read_one(table,
				fake_find(table, (const struct key *)key),
				(struct data *)data, dev);
	index = fake_key_number((const struct key *)key, "$COUNTER_INDEX");
	if (index >= table->size)
		return BF_INVALID_ARG;
	count(table, index, (struct data *)data);
	return BF_SUCCESS;
}

static bf_status_t read_at(struct table *table, size_t at,
			   bf_rt_table_key_hdl *key, bf_rt_table_data_hdl *data,
			   const bf_rt_target_t *dev)
{
	if (at >= table->n)
		return BF_OBJECT_NOT_FOUND;
	*(struct key *)key = table->entries[at].key;
	return read_one(table, &table->entries[at], (struct data *)data, dev);
}

bf_status_t bf_rt_table_entry_get_first(const bf_rt_table_hdl *hdl,
					const bf_rt_session_hdl *session,
					const bf_rt_target_t *dev,
					const uint64_t flags,
					bf_rt_table_key_hdl *key,
					bf_rt_table_data_hdl *data)
{
	(void)flags;
	(void)session;
	return read_at(of(hdl), 0, key, data, dev);
}

bf_status_t bf_rt_table_entry_get_next_n(
	const bf_rt_table_hdl *hdl, const bf_rt_session_hdl *session,
	const bf_rt_target_t *dev, const uint64_t flags,
	const bf_rt_table_key_hdl *key, bf_rt_table_key_hdl **keys,
	bf_rt_table_data_hdl **data, uint32_t n, uint32_t *returned)
{
	struct table *table = of(hdl);
	struct entry *last = fake_find(table, (const struct key *)key);
	size_t at = last ? last - table->entries + 1 : 0;

	(void)flags;
	(void)session;
	if (!last)
		return BF_OBJECT_NOT_FOUND;
	for (*returned = 0; *returned < n && at < table->n; (*returned)++, at++)
		read_at(table, at, keys[*returned], data[*returned], dev);
	return BF_SUCCESS;
}

bf_status_t bf_rt_table_size_get(const bf_rt_table_hdl *table,
				 const bf_rt_session_hdl *session,
				 const bf_rt_target_t *dev,
				 const uint64_t flags, size_t *size)
{
	(void)session;
	(void)dev;
	(void)flags;
	*size = of(table)->size;
	return BF_SUCCESS;
}

bf_status_t bf_pal_num_pipes_get(bf_dev_id_t dev, uint32_t *n)
{
	*n = atoi(getenv("FAKE_PIPES") ?: "1");
	return dev ? BF_INVALID_ARG : BF_SUCCESS;
}

/* ---- fetching counters ----------------------------------------------------- */

struct operation {
	struct table *table;
	bf_rt_counter_sync_cb call;
	void *cookie;
};

bf_status_t bf_rt_table_num_operations_supported(const bf_rt_table_hdl *hdl,
						 uint32_t *n)
{
	struct table *table = of(hdl);

	*n = !table->fixed && (table->counter || table->n_actions);
	return BF_SUCCESS;
}

bf_status_t
bf_rt_table_operations_supported(const bf_rt_table_hdl *table,
				 bf_rt_table_operations_mode_t *modes,
				 uint32_t *n)
{
	*modes = BFRT_COUNTER_SYNC;
	return bf_rt_table_num_operations_supported(table, n);
}

bf_status_t
bf_rt_table_operations_allocate(const bf_rt_table_hdl *table,
				const bf_rt_table_operations_mode_t mode,
				bf_rt_table_operations_hdl **hdl)
{
	struct operation *operation = calloc(1, sizeof(*operation));

	operation->table = of(table);
	*hdl = (bf_rt_table_operations_hdl *)operation;
	return mode == BFRT_COUNTER_SYNC ? BF_SUCCESS : BF_NOT_SUPPORTED;
}

bf_status_t bf_rt_table_operations_deallocate(bf_rt_table_operations_hdl *hdl)
{
	free(hdl);
	return BF_SUCCESS;
}

bf_status_t bf_rt_operations_counter_sync_set(bf_rt_table_operations_hdl *hdl,
					      const bf_rt_session_hdl *session,
					      const bf_rt_target_t *dev,
					      const bf_rt_counter_sync_cb call,
					      const void *cookie)
{
	struct operation *operation = (struct operation *)hdl;

	(void)dev;
	operation->call = call;
	operation->cookie = (void *)cookie;
	return session ? BF_SUCCESS : BF_INVALID_ARG;
}

bf_status_t
bf_rt_table_operations_execute(const bf_rt_table_hdl *table,
			       const bf_rt_table_operations_hdl *hdl)
{
	const struct operation *operation = (const struct operation *)hdl;
	bf_rt_target_t dev = { 0 };

	of(table)->fetches++;
	operation->call(&dev, operation->cookie);
	return BF_SUCCESS;
}

/* ---- the kernel's device --------------------------------------------------- */

int open(const char *path, int flags, ...)
{
	const char *error = getenv("FAKE_DEVICE");
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (error && !strcmp(path, "/dev/bf0")) {
		errno = atoi(error);
		return -1;
	}
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
