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
 * @changed: the file is not what is here
 * @fail: writes left until one fails; 0: none will
 */
struct stub {
	struct target target;
	char *path;
	char *program;
	struct entries entries;
	bool changed;
	unsigned long fail;
};

static struct stub *stub_of(struct target *target)
{
	return (struct stub *)target;
}

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

	entries_free(&stub->entries);
	free(stub->program);
	free(stub->path);
	free(stub);
	return rc;
}

static struct target *stub_open(const char *where)
{
	const char *fail = getenv("SRP4_STUB_FAIL");
	struct stub *stub = calloc(1, sizeof(*stub));

	if (!stub)
		return NULL;
	stub->target.ops = &stub_target;
	stub->path = where ? strdup(where) : NULL;
	stub->fail = fail ? strtoul(fail, NULL, 10) : 0;
	if (stub_restore(stub)) {
		stub_close(&stub->target);
		return NULL;
	}
	return &stub->target;
}

static int stub_load(struct target *target, const char *program)
{
	struct stub *stub = stub_of(target);
	char *name = strdup(program);

	if (!name)
		return report_refused("memory ran out.");
	free(stub->program);
	stub->program = name;
	entries_free(&stub->entries);
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

/* A switch refuses what its tables do not have, or have already. */
static int stub_change(struct stub *stub, const struct update *update)
{
	const struct entry *entry = update->entry;
	struct entry *old =
		entries_find(&stub->entries, entry->table, entry->key);
	struct entry copy;

	if (!old != (update->write == WRITE_ADD))
		return report_refused("%s %s: the switch %s.",
				      entry->table->name, entry->key,
				      old ? "has it already" : "has it not");
	if (update->write == WRITE_DELETE) {
		entries_remove(&stub->entries, old);
		return RC_DONE;
	}
	if (!old &&
	    entries_count(&stub->entries, entry->table) >= entry->table->size)
		return report_refused("%s is full: %u entries.",
				      entry->table->name, entry->table->size);
	if (entry->table == schema_find("ports") &&
	    port_clash(&stub->entries, entry))
		return report_refused("ports %s: its channels are in use.",
				      entry->key);
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
	.load = stub_load,
	.program = stub_program,
	.read = stub_read,
	.write = stub_write,
};
