// SPDX-License-Identifier: Apache-2.0
/* priority: sessions with a queue of their own, one by one. */

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "ctl.h"
#include "parse.h"
#include "report.h"

static const char table_name[] = "priority_flow";

/* KEY VALUE, as long as there are any, as an entry of a file has them. */
static int read_words(struct json_object *from, struct args *args)
{
	const char *key, *value;
	uint32_t number;

	while ((key = args_take(args))) {
		value = args_take(args);
		if (!value)
			return report_usage("\"%s\" needs a value.", key);
		if (json_object_object_get_ex(from, key, NULL))
			return report_usage("\"%s\" is there twice.", key);
		json_object_object_add(from, key,
				       parse_u32(value, &number) ?
					       json_object_new_int64(number) :
					       json_object_new_string(value));
	}
	return RC_DONE;
}

static int read_session(struct entry *entry, struct args *args, bool only_key)
{
	struct json_object *from = json_object_new_object();
	char why[WHY_MAX] = "";
	int rc = read_words(from, args);

	*entry = (struct entry){ 0 };
	/* What is deleted is found by its key: any queue does. */
	if (only_key && !rc) {
		if (json_object_object_get_ex(from, "queue", NULL))
			rc = report_usage(
				"a session is deleted without its queue.");
		json_object_object_add(from, "queue", json_object_new_int(0));
	}
	if (!rc && !entry_make(entry, schema_find(table_name), from, why))
		rc = report_usage("%s", why);
	json_object_put(from);
	return rc;
}

static int do_write(struct ctl *ctl, struct entry *entry, bool add)
{
	struct update update = { WRITE_DELETE, entry, NULL };
	struct entry *old;
	struct entries have;
	int rc = ctl_read(ctl, &have);

	old = rc ? NULL : entries_find(&have, entry->table, entry->key);
	if (add)
		update = (struct update){ old ? WRITE_CHANGE : WRITE_ADD, entry,
					  old };
	if (!rc && !add && !old)
		rc = report_refused("there is no such session: %s.",
				    entry->key);
	if (!rc && add && !old &&
	    entries_count(&have, entry->table) >= entry->table->size)
		rc = report_refused("%s is full: %u entries.",
				    entry->table->name, entry->table->size);
	if (!rc)
		rc = ctl->target->ops->write(ctl->target, &update);
	entries_free(&have);
	return rc;
}

static int change_session(struct ctl *ctl, struct args *args, bool add)
{
	struct entry entry;
	int rc = read_session(&entry, args, !add);

	if (!rc)
		rc = do_write(ctl, &entry, add);
	entry_free(&entry);
	return rc;
}

static int list(struct ctl *ctl, struct args *args)
{
	struct entries have;
	int rc = args_end(args);

	if (rc)
		return rc;
	rc = ctl_read(ctl, &have);
	if (!rc)
		show_entries(ctl, &have, schema_find(table_name));
	entries_free(&have);
	return rc;
}

/**
 * ctl_priority - list, add or delete a session that has a queue of its own
 * @ctl: this run
 * @args: list | add SESSION queue N [tc N dscp N] | del SESSION
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_priority(struct ctl *ctl, struct args *args)
{
	const char *word = args_take(args);

	if (!word || !strcmp(word, "list"))
		return list(ctl, args);
	if (!strcmp(word, "add"))
		return change_session(ctl, args, true);
	if (!strcmp(word, "del"))
		return change_session(ctl, args, false);
	return report_usage("\"%s\" is not a known command, try \"help\".",
			    word);
}
