// SPDX-License-Identifier: Apache-2.0
/* show: the switch's tables; as JSON in the form of a file. */

#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "report.h"

static void print_value(FILE *file, struct json_object *value)
{
	if (!json_object_is_type(value, json_type_array)) {
		fputs(json_object_get_string(value), file);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(value); i++)
		fprintf(file, "%s%s", i ? "," : "",
			json_object_get_string(
				json_object_array_get_idx(value, i)));
}

static void print_line(FILE *file, const struct entry *entry)
{
	struct json_object_iterator it = json_object_iter_begin(entry->json);
	struct json_object_iterator end = json_object_iter_end(entry->json);

	fputs(entry->table->name, file);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		fprintf(file, " %s ", json_object_iter_peek_name(&it));
		print_value(file, json_object_iter_peek_value(&it));
	}
	fputc('\n', file);
}

/**
 * show_entries - print entries
 * @ctl: this run
 * @set: the entries
 * @only: of this table, or NULL for all
 */
void show_entries(struct ctl *ctl, const struct entries *set,
		  const struct table *only)
{
	struct json_object *tables;
	int style = ENTRY_JSON;

	if (!ctl->out.json) {
		for (size_t i = 0; i < set->n; i++)
			if (!only || set->list[i].table == only)
				print_line(ctl->out.file, &set->list[i]);
		return;
	}
	if (ctl->out.pretty)
		style |= JSON_C_TO_STRING_PRETTY;
	tables = entries_json(set, only);
	fprintf(ctl->out.file, "%s\n",
		json_object_to_json_string_ext(tables, style));
	json_object_put(tables);
}

/**
 * ctl_show - print what the switch has
 * @ctl: this run
 * @args: [TABLE]
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_show(struct ctl *ctl, struct args *args)
{
	const struct table *only = NULL;
	const char *name = args_take(args);
	struct entries have;
	int rc = args_end(args);

	if (rc)
		return rc;
	if (name) {
		only = schema_find(name);
		if (!only)
			return report_usage("there is no table \"%s\".", name);
	}
	rc = ctl_read(ctl, &have);
	if (!rc)
		show_entries(ctl, &have, only);
	entries_free(&have);
	return rc;
}
