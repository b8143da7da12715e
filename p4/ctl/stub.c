// SPDX-License-Identifier: Apache-2.0
/*
 * A switch that is not there: its entries are kept in memory or in a file. For
 * tests, and to see what a file would do.
 *
 * SRP4_STUB_FAIL=N in the environment makes the N-th write fail, as a switch
 * may.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "port.h"
#include "report.h"
#include "target.h"

/**
 * struct stub - the switch
 * @target: what others see of it
 * @path: file that keeps it, or NULL; owned
 * @program: its program, or NULL; owned
 * @entries: of its tables
 * @rows: of the program, that entries have to themselves, by row_compare(); owned
 * @n_rows: how many
 * @room: at @rows
 * @changed: the file is not what is here
 * @fail: writes left until one fails; 0: none will
 */
struct stub {
	struct target target;
	char *path;
	char *program;
	struct entries entries;
	struct row **rows;
	size_t n_rows;
	size_t room;
	bool changed;
	unsigned long fail;
};

static struct stub *stub_of(struct target *target)
{
	return (struct stub *)target;
}

/* ---- rows of the program --------------------------------------------------- */

/* As srproxy_tna has them; what carries copies is no row that it would own. */
static const struct layout tna_layout = {
	.tables = tna_tables,
	.tick_ns = 256,
	.step = 4,
	.tofino = true,
};

static const struct layout *stub_layout(struct target *target)
{
	const char *program = stub_of(target)->program;

	return program && !strcmp(program, "srproxy_tna") ? &tna_layout :
							    &v1model_layout;
}

/* The first place whose row is not less. */
static size_t place_of(const struct stub *stub, const struct row *row)
{
	size_t low = 0, high = stub->n_rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_compare(stub->rows[middle], row) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_row(const struct stub *stub, size_t place,
		    const struct row *row)
{
	return place < stub->n_rows && !row_compare(stub->rows[place], row);
}

static void give_row(struct stub *stub, const struct row *row)
{
	size_t place = place_of(stub, row);

	if (!has_row(stub, place, row))
		return;
	free(stub->rows[place]);
	stub->n_rows--;
	memmove(&stub->rows[place], &stub->rows[place + 1],
		(stub->n_rows - place) * sizeof(*stub->rows));
}

static bool make_room(struct stub *stub)
{
	size_t room = stub->room ? 2 * stub->room : 64;
	struct row **rows;

	if (stub->n_rows < stub->room)
		return true;
	rows = realloc(stub->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	stub->rows = rows;
	stub->room = room;
	return true;
}

/* False: there is one already, or no memory. */
static bool take_row(struct stub *stub, const struct row *row)
{
	size_t place = place_of(stub, row);
	struct row *own;

	if (has_row(stub, place, row) || !make_room(stub))
		return false;
	own = malloc(sizeof(*own));
	if (!own)
		return false;
	*own = *row;
	memmove(&stub->rows[place + 1], &stub->rows[place],
		(stub->n_rows - place) * sizeof(*stub->rows));
	stub->rows[place] = own;
	stub->n_rows++;
	return true;
}

static int take_rows(struct stub *stub, const struct entry *entry,
		     const struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		if (take_row(stub, &rows->list[i]))
			continue;
		while (i-- > 0)
			give_row(stub, &rows->list[i]);
		return report_refused("%s %s: the switch has it already.",
				      entry->table->name, entry->key);
	}
	return RC_DONE;
}

/* The rows of an entry that comes or goes. */
static int move_rows(struct stub *stub, const struct entry *entry, bool comes)
{
	char why[WHY_MAX] = "";
	struct rows rows = { 0 };
	int rc = RC_DONE;

	if (!layout_owns(stub_layout(&stub->target), entry, &rows, why))
		rc = report_refused("%s %s: %s", entry->table->name, entry->key,
				    why);
	if (!rc && comes)
		rc = take_rows(stub, entry, &rows);
	for (size_t i = 0; !comes && i < rows.n; i++)
		give_row(stub, &rows.list[i]);
	rows_free(&rows);
	return rc;
}

static void drop_all(struct stub *stub)
{
	entries_free(&stub->entries);
	while (stub->n_rows)
		free(stub->rows[--stub->n_rows]);
	free(stub->rows);
	stub->rows = NULL;
	stub->room = 0;
}

/* ---- the file -------------------------------------------------------------- */

/* What the file says; a file that is not there is an empty switch. */
static int stub_restore(struct stub *stub)
{
	struct config config;
	int rc;

	if (!stub->path || access(stub->path, F_OK))
		return RC_DONE;
	rc = config_read(&config, stub->path);
	if (!rc && config.program)
		stub->program = strdup(config.program);
	stub->entries = config.entries;
	config.entries = (struct entries){ 0 };
	config_free(&config);
	for (size_t i = 0; !rc && i < stub->entries.n; i++)
		rc = move_rows(stub, &stub->entries.list[i], true);
	return rc;
}

/* The switch as a file has it. */
static struct json_object *stub_json(const struct stub *stub)
{
	struct json_object *root = json_object_new_object();

	if (stub->program)
		json_object_object_add(root, "program",
				       json_object_new_string(stub->program));
	json_object_object_add(root, "tables",
			       entries_json(&stub->entries, NULL));
	return root;
}

static int stub_save(struct stub *stub)
{
	struct json_object *root;
	char part[4096];
	int ret;

	if (!stub->path)
		return RC_DONE;
	root = stub_json(stub);
	ret = snprintf(part, sizeof(part), "%s.new", stub->path);
	if (ret > 0 && (size_t)ret < sizeof(part))
		ret = json_object_to_file_ext(part, root,
					      JSON_C_TO_STRING_PRETTY);
	if (!ret)
		ret = rename(part, stub->path);
	json_object_put(root);
	return ret ? report_refused("%s: %s.", stub->path, strerror(errno)) :
		     RC_DONE;
}

static int stub_close(struct target *target)
{
	struct stub *stub = stub_of(target);
	int rc = stub->changed ? stub_save(stub) : RC_DONE;

	drop_all(stub);
	free(stub->program);
	free(stub->path);
	free(stub);
	return rc;
}

static int stub_open(const char *where, struct target **target)
{
	const char *fail = getenv("SRP4_STUB_FAIL");
	struct stub *stub = calloc(1, sizeof(*stub));
	int rc;

	if (!stub)
		return report_refused("memory ran out.");
	stub->target.ops = &stub_target;
	stub->path = where ? strdup(where) : NULL;
	stub->fail = fail ? strtoul(fail, NULL, 10) : 0;
	rc = stub_restore(stub);
	if (rc)
		stub_close(&stub->target);
	else
		*target = &stub->target;
	return rc;
}

/* On a switch that is not even a stub. */
static int stub_fits(struct target *target, const char *program,
		     const struct entries *want)
{
	struct stub other = { .program = strdup(program) };
	int rc = RC_DONE;

	(void)target;
	for (size_t i = 0; !rc && i < want->n; i++)
		rc = move_rows(&other, &want->list[i], true);
	drop_all(&other);
	free(other.program);
	return rc;
}

static int stub_load(struct target *target, const char *program)
{
	struct stub *stub = stub_of(target);
	char *name = strdup(program);

	if (!name)
		return report_refused("memory ran out.");
	free(stub->program);
	stub->program = name;
	drop_all(stub);
	stub->changed = true;
	return RC_DONE;
}

static const char *stub_program(struct target *target)
{
	return stub_of(target)->program;
}

static int stub_read(struct target *target, struct entries *set)
{
	struct stub *stub = stub_of(target);
	struct entry copy;

	for (size_t i = 0; i < stub->entries.n; i++) {
		if (!entry_copy(&copy, &stub->entries.list[i]) ||
		    !entries_add(set, &copy)) {
			entry_free(&copy);
			return report_refused("memory ran out.");
		}
	}
	return RC_DONE;
}

/* A switch refuses what its tables do not have, or have already: its own tables,
 * of which several logical ones may be made. */
static int stub_change(struct stub *stub, const struct update *update)
{
	const struct entry *entry = update->entry;
	struct entry *old =
		entries_find(&stub->entries, entry->table, entry->key);
	struct entry copy;
	int rc;

	if (!old != (update->write == WRITE_ADD))
		return report_refused("%s %s: the switch %s.",
				      entry->table->name, entry->key,
				      old ? "has it already" : "has it not");
	if (update->write == WRITE_DELETE) {
		rc = move_rows(stub, entry, false);
		entries_remove(&stub->entries, old);
		return rc;
	}
	if (!old &&
	    entries_count(&stub->entries, entry->table) >= entry->table->size)
		return report_refused("%s is full: %u entries.",
				      entry->table->name, entry->table->size);
	if (entry->table == schema_find("ports") &&
	    port_clash(&stub->entries, entry))
		return report_refused("ports %s: its channels are in use.",
				      entry->key);
	rc = old ? RC_DONE : move_rows(stub, entry, true);
	if (rc)
		return rc;
	if (!entry_copy(&copy, entry) || !entries_add(&stub->entries, &copy)) {
		entry_free(&copy);
		return report_refused("memory ran out.");
	}
	return RC_DONE;
}

static int stub_write(struct target *target, const struct update *update)
{
	struct stub *stub = stub_of(target);

	if (stub->fail && !--stub->fail)
		return report_refused("%s %s: the stub was told to fail.",
				      update->entry->table->name,
				      update->entry->key);
	stub->changed = true;
	return stub_change(stub, update);
}

const struct target_ops stub_target = {
	.name = "stub",
	.open = stub_open,
	.close = stub_close,
	.fits = stub_fits,
	.load = stub_load,
	.program = stub_program,
	.read = stub_read,
	.write = stub_write,
	.layout = stub_layout,
};
