// SPDX-License-Identifier: Apache-2.0
/* Tofino: tables that no program has, as the switch's ports, by the names of
 * their fields. What goes wrong is remembered: one look at the end does. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bfrt.h"

/**
 * struct fixed - an entry of such a table that is read or written
 * @bfrt: the switch
 * @table: BF-RT's
 * @dev: the device, and a pipe of it or all
 * @key: the entry's
 * @next: room for the one behind it
 * @data: the entry's
 * @action: of @data, or 0
 * @broken: a field was not there, or not of its kind
 */
struct fixed {
	struct bfrt *bfrt;
	const bf_rt_table_hdl *table;
	bf_rt_target_t dev;
	bf_rt_table_key_hdl *key;
	bf_rt_table_key_hdl *next;
	bf_rt_table_data_hdl *data;
	bf_rt_id_t action;
	bool broken;
};

static bf_status_t fresh_data(struct fixed *fixed)
{
	if (fixed->data)
		bf_rt_table_data_deallocate(fixed->data);
	fixed->data = NULL;
	if (fixed->action)
		return bf_rt_table_action_data_allocate(
			fixed->table, fixed->action, &fixed->data);
	return bf_rt_table_data_allocate(fixed->table, &fixed->data);
}

/**
 * fixed_open - begin with an entry
 * @bfrt: the switch
 * @table: the table's name; behind a blank the action that entries have
 * @why: a sentence if there is no such table
 *
 * Return: the entry, or NULL.
 */
struct fixed *fixed_open(struct bfrt *bfrt, const char *table,
			 char why[WHY_MAX])
{
	struct fixed *fixed = calloc(1, sizeof(*fixed));
	const char *action = strchr(table, ' ');
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(table, " "), table);
	if (!fixed ||
	    bf_rt_table_from_name_get(bfrt->info, name, &fixed->table)) {
		snprintf(why, WHY_MAX, "the switch has no table %s.", name);
		free(fixed);
		return NULL;
	}
	fixed->bfrt = bfrt;
	fixed->dev = bfrt->dev;
	if ((action && bf_rt_action_name_to_id(fixed->table, action + 1,
					       &fixed->action)) ||
	    bf_rt_table_key_allocate(fixed->table, &fixed->key) ||
	    bf_rt_table_key_allocate(fixed->table, &fixed->next) ||
	    fresh_data(fixed)) {
		snprintf(why, WHY_MAX, "the switch's table %s cannot be used.",
			 name);
		fixed_close(fixed);
		return NULL;
	}
	return fixed;
}

/**
 * fixed_close - end with an entry
 * @fixed: the entry, or NULL
 */
void fixed_close(struct fixed *fixed)
{
	if (!fixed)
		return;
	if (fixed->data)
		bf_rt_table_data_deallocate(fixed->data);
	if (fixed->next)
		bf_rt_table_key_deallocate(fixed->next);
	if (fixed->key)
		bf_rt_table_key_deallocate(fixed->key);
	free(fixed);
}

/**
 * fixed_pipe - say which pipe's entry it is
 * @fixed: the entry
 * @pipe: the pipe
 */
void fixed_pipe(struct fixed *fixed, uint32_t pipe)
{
	fixed->dev.pipe_id = pipe;
}

/**
 * fixed_broken - whether a field was not as it has to be
 * @fixed: the entry
 *
 * Return: whether one was.
 */
bool fixed_broken(const struct fixed *fixed)
{
	return fixed->broken;
}

static void expect(struct fixed *fixed, bf_status_t status)
{
	fixed->broken |= status != BF_SUCCESS;
}

/* ---- fields ---------------------------------------------------------------- */

static bf_rt_id_t key_id(struct fixed *fixed, const char *name)
{
	bf_rt_id_t id = 0;

	expect(fixed, bf_rt_key_field_id_get(fixed->table, name, &id));
	return id;
}

static bf_rt_id_t data_id(struct fixed *fixed, const char *name)
{
	bf_rt_id_t id = 0;

	expect(fixed, fixed->action ?
			      bf_rt_data_field_id_with_action_get(
				      fixed->table, name, fixed->action, &id) :
			      bf_rt_data_field_id_get(fixed->table, name, &id));
	return id;
}

/**
 * fixed_key - set a field of the key
 * @fixed: the entry
 * @name: of the field
 * @value: a number
 */
void fixed_key(struct fixed *fixed, const char *name, uint64_t value)
{
	expect(fixed, bf_rt_key_field_set_value(fixed->key, key_id(fixed, name),
						value));
}

/**
 * fixed_num - set a number
 * @fixed: the entry
 * @name: of the field
 * @value: the number
 */
void fixed_num(struct fixed *fixed, const char *name, uint64_t value)
{
	expect(fixed, bf_rt_data_field_set_value(fixed->data,
						 data_id(fixed, name), value));
}

/**
 * fixed_flag - set a flag
 * @fixed: the entry
 * @name: of the field
 * @value: the flag
 */
void fixed_flag(struct fixed *fixed, const char *name, bool value)
{
	expect(fixed, bf_rt_data_field_set_bool(fixed->data,
						data_id(fixed, name), value));
}

/**
 * fixed_text - set a word
 * @fixed: the entry
 * @name: of the field
 * @value: the word
 */
void fixed_text(struct fixed *fixed, const char *name, const char *value)
{
	expect(fixed, bf_rt_data_field_set_string(fixed->data,
						  data_id(fixed, name), value));
}

/**
 * fixed_nums - set a list of numbers
 * @fixed: the entry
 * @name: of the field
 * @values: the numbers
 * @n: how many
 */
void fixed_nums(struct fixed *fixed, const char *name, const uint32_t *values,
		size_t n)
{
	expect(fixed, bf_rt_data_field_set_value_array(
			      fixed->data, data_id(fixed, name), values, n));
}

/**
 * fixed_flags - set a list of flags
 * @fixed: the entry
 * @name: of the field
 * @values: the flags
 * @n: how many
 */
void fixed_flags(struct fixed *fixed, const char *name, const bool *values,
		 size_t n)
{
	expect(fixed, bf_rt_data_field_set_value_bool_array(
			      fixed->data, data_id(fixed, name), values, n));
}

/**
 * fixed_key_get - a number in the key
 * @fixed: the entry
 * @name: of the field
 *
 * Return: the number.
 */
uint64_t fixed_key_get(struct fixed *fixed, const char *name)
{
	uint64_t value = 0;

	expect(fixed, bf_rt_key_field_get_value(fixed->key, key_id(fixed, name),
						&value));
	return value;
}

/**
 * fixed_key_text - a word in the key
 * @fixed: the entry
 * @name: of the field
 * @text: filled; empty if the word is too long
 * @room: at @text
 */
void fixed_key_text(struct fixed *fixed, const char *name, char *text,
		    size_t room)
{
	bf_rt_id_t id = key_id(fixed, name);
	uint32_t size = 0;

	memset(text, 0, room);
	expect(fixed,
	       bf_rt_key_field_get_value_string_size(fixed->key, id, &size));
	if (size < room)
		expect(fixed,
		       bf_rt_key_field_get_value_string(fixed->key, id, text));
}

/**
 * fixed_num_get - a number
 * @fixed: the entry
 * @name: of the field
 *
 * Return: the number.
 */
uint64_t fixed_num_get(struct fixed *fixed, const char *name)
{
	uint64_t value = 0;

	expect(fixed, bf_rt_data_field_get_value(fixed->data,
						 data_id(fixed, name), &value));
	return value;
}

/**
 * fixed_flag_get - a flag
 * @fixed: the entry
 * @name: of the field
 *
 * Return: the flag.
 */
bool fixed_flag_get(struct fixed *fixed, const char *name)
{
	bool value = false;

	expect(fixed, bf_rt_data_field_get_bool(fixed->data,
						data_id(fixed, name), &value));
	return value;
}

/**
 * fixed_text_get - a word
 * @fixed: the entry
 * @name: of the field
 * @text: filled; empty if the word is too long
 * @room: at @text
 */
void fixed_text_get(struct fixed *fixed, const char *name, char *text,
		    size_t room)
{
	bf_rt_id_t id = data_id(fixed, name);
	uint32_t size = 0;

	memset(text, 0, room);
	expect(fixed, bf_rt_data_field_get_string_size(fixed->data, id, &size));
	if (size < room)
		expect(fixed,
		       bf_rt_data_field_get_string(fixed->data, id, text));
}

/**
 * fixed_nums_get - a list of numbers
 * @fixed: the entry
 * @name: of the field
 * @values: filled
 * @room: at @values
 *
 * Return: how many there are, none if more than @room.
 */
size_t fixed_nums_get(struct fixed *fixed, const char *name, uint32_t *values,
		      size_t room)
{
	bf_rt_id_t id = data_id(fixed, name);
	uint32_t n = 0;

	expect(fixed,
	       bf_rt_data_field_get_value_array_size(fixed->data, id, &n));
	if (n > room)
		return 0;
	expect(fixed,
	       bf_rt_data_field_get_value_array(fixed->data, id, values));
	return n;
}

/* ---- the entry ------------------------------------------------------------- */

/**
 * fixed_add - write an entry that is not there
 * @fixed: the entry
 *
 * Return: BF-RT's status.
 */
bf_status_t fixed_add(struct fixed *fixed)
{
	if (fixed->broken)
		return BF_INVALID_ARG;
	return bf_rt_table_entry_add(fixed->table, fixed->bfrt->plain,
				     &fixed->dev, 0, fixed->key, fixed->data);
}

/**
 * fixed_change - write an entry that is there
 * @fixed: the entry
 *
 * Return: BF-RT's status.
 */
bf_status_t fixed_change(struct fixed *fixed)
{
	if (fixed->broken)
		return BF_INVALID_ARG;
	return bf_rt_table_entry_mod(fixed->table, fixed->bfrt->plain,
				     &fixed->dev, 0, fixed->key, fixed->data);
}

/**
 * fixed_delete - take an entry away
 * @fixed: the entry
 *
 * Return: BF-RT's status.
 */
bf_status_t fixed_delete(struct fixed *fixed)
{
	if (fixed->broken)
		return BF_INVALID_ARG;
	return bf_rt_table_entry_del(fixed->table, fixed->bfrt->plain,
				     &fixed->dev, 0, fixed->key);
}

/**
 * fixed_get - read the entry with the key that was set
 * @fixed: the entry
 *
 * Return: BF-RT's status.
 */
bf_status_t fixed_get(struct fixed *fixed)
{
	bf_status_t status = fixed->broken ? BF_INVALID_ARG : fresh_data(fixed);

	if (status)
		return status;
	return bf_rt_table_entry_get(fixed->table, fixed->bfrt->plain,
				     &fixed->dev, 0, fixed->key, fixed->data);
}

/**
 * fixed_first - read the first entry
 * @fixed: any entry
 *
 * Return: BF-RT's status; BF_OBJECT_NOT_FOUND if there is none.
 */
bf_status_t fixed_first(struct fixed *fixed)
{
	bf_status_t status = fresh_data(fixed);

	if (status)
		return status;
	return bf_rt_table_entry_get_first(fixed->table, fixed->bfrt->plain,
					   &fixed->dev, 0, fixed->key,
					   fixed->data);
}

/**
 * fixed_next - read the entry behind
 * @fixed: the entry that was read last
 *
 * Return: BF-RT's status; BF_OBJECT_NOT_FOUND if there is none.
 */
bf_status_t fixed_next(struct fixed *fixed)
{
	bf_status_t status = fresh_data(fixed);
	bf_rt_table_key_hdl *key = fixed->key;
	uint32_t n = 0;

	if (status)
		return status;
	status = bf_rt_table_entry_get_next_n(fixed->table, fixed->bfrt->plain,
					      &fixed->dev, 0, key, &fixed->next,
					      &fixed->data, 1, &n);
	if (status)
		return status;
	fixed->key = fixed->next;
	fixed->next = key;
	return n ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}
