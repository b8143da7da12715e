// SPDX-License-Identifier: Apache-2.0
/* Tofino: ports by connector and channel of the front panel, as people know
 * them, and by number, as the chip does. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bfrt.h"

/**
 * panel_read - find out which ports the front panel has
 * @bfrt: the switch
 * @why: a sentence if that fails
 *
 * Return: whether it did not.
 */
bool panel_read(struct bfrt *bfrt, char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, "$PORT_STR_INFO", why);
	bf_status_t status;

	if (!fixed)
		return false;
	free(bfrt->panel);
	bfrt->n_panel = 0;
	bfrt->panel = calloc(PORTS_MAX, sizeof(*bfrt->panel));
	status = bfrt->panel ? fixed_first(fixed) : BF_NO_SYS_RESOURCES;
	for (; !status && bfrt->n_panel < PORTS_MAX;
	     status = fixed_next(fixed)) {
		struct panel_port *port = &bfrt->panel[bfrt->n_panel++];

		fixed_key_text(fixed, "$PORT_NAME", port->name,
			       sizeof(port->name));
		port->dev_port = fixed_num_get(fixed, "$DEV_PORT");
	}
	if (!status || status == BF_OBJECT_NOT_FOUND)
		status = fixed_broken(fixed) ? BF_INVALID_ARG : BF_SUCCESS;
	fixed_close(fixed);
	return !bfrt_say(why, "$PORT_STR_INFO", status);
}

static const struct panel_port *by_name(const struct bfrt *bfrt,
					const char *name)
{
	for (size_t i = 0; i < bfrt->n_panel; i++)
		if (!strcmp(bfrt->panel[i].name, name))
			return &bfrt->panel[i];
	return NULL;
}

static const struct panel_port *by_number(const struct bfrt *bfrt,
					  uint32_t dev_port)
{
	for (size_t i = 0; i < bfrt->n_panel; i++)
		if (bfrt->panel[i].dev_port == dev_port)
			return &bfrt->panel[i];
	return NULL;
}

/* The same entry with another word for its port. Takes port. */
static bool with_port(struct entry *to, const struct entry *from,
		      struct json_object *port, char why[WHY_MAX])
{
	struct json_object *json = json_object_new_object();
	struct json_object_iterator it = json_object_iter_begin(from->json);
	struct json_object_iterator end = json_object_iter_end(from->json);
	bool made;

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		json_object_object_add(
			json, json_object_iter_peek_name(&it),
			json_object_get(json_object_iter_peek_value(&it)));
	json_object_object_add(json, "port", port);
	made = entry_make(to, from->table, json, why);
	to->packets = from->packets;
	to->bytes = from->bytes;
	json_object_put(json);
	return made;
}

/**
 * panel_to_number - the same entry with its port by number
 * @bfrt: the switch
 * @to: filled; to be freed also after a failure
 * @from: the entry
 * @why: a sentence if there is no such port
 *
 * Return: whether there is.
 */
bool panel_to_number(const struct bfrt *bfrt, struct entry *to,
		     const struct entry *from, char why[WHY_MAX])
{
	const struct panel_port *port;
	struct json_object *value;

	*to = (struct entry){ 0 };
	if (!json_object_object_get_ex(from->json, "port", &value) ||
	    !json_object_is_type(value, json_type_string)) {
		if (entry_copy(to, from))
			return true;
		snprintf(why, WHY_MAX, "memory ran out.");
		return false;
	}
	port = by_name(bfrt, json_object_get_string(value));
	if (!port) {
		snprintf(why, WHY_MAX, "the front panel has no %s.",
			 json_object_get_string(value));
		return false;
	}
	return with_port(to, from, json_object_new_int64(port->dev_port), why);
}

/* With its port by name, if that has one. */
static bool to_name(const struct bfrt *bfrt, struct entry *to,
		    const struct entry *from, char why[WHY_MAX])
{
	const struct panel_port *port = NULL;
	struct entry number;
	bool done;

	if (!panel_to_number(bfrt, &number, from, why)) {
		entry_free(&number);
		return false;
	}
	if (entry_number(&number, "port") >= 0)
		port = by_number(bfrt, entry_number(&number, "port"));
	if (!port) {
		*to = number;
		to->packets = from->packets;
		to->bytes = from->bytes;
		return true;
	}
	done = with_port(to, from, json_object_new_string(port->name), why);
	entry_free(&number);
	return done;
}

/**
 * panel_to_names - have all ports by their names, those that have one
 * @bfrt: the switch
 * @set: the entries
 * @why: a sentence if there is no such port, or it is there twice
 *
 * Return: whether all went well.
 */
bool panel_to_names(const struct bfrt *bfrt, struct entries *set,
		    char why[WHY_MAX])
{
	struct entries out = { 0 };

	for (size_t i = 0; i < set->n; i++) {
		const struct entry *from = &set->list[i];
		struct entry to = { 0 };
		bool made = to_name(bfrt, &to, from, why);

		if (made && entries_find(&out, to.table, to.key)) {
			snprintf(why, WHY_MAX, "%s %.96s: there is %.96s, too.",
				 from->table->name, from->key, to.key);
			made = false;
		}
		if (!made || !entries_add(&out, &to)) {
			entry_free(&to);
			entries_free(&out);
			return false;
		}
	}
	entries_free(set);
	*set = out;
	return true;
}
