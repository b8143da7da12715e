// SPDX-License-Identifier: Apache-2.0
/* The driver for tests: values of an entry's data. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakebfrt.h"

static bf_status_t make(const bf_rt_table_hdl *table,
			const struct action *action, bf_rt_table_data_hdl **hdl)
{
	struct data *data = calloc(1, sizeof(*data));

	data->table = (const struct table *)table;
	data->action = action;
	*hdl = (bf_rt_table_data_hdl *)data;
	return BF_SUCCESS;
}

bf_status_t bf_rt_table_data_allocate(const bf_rt_table_hdl *table,
				      bf_rt_table_data_hdl **hdl)
{
	return make(table, NULL, hdl);
}

bf_status_t bf_rt_table_action_data_allocate(const bf_rt_table_hdl *hdl,
					     const bf_rt_id_t id,
					     bf_rt_table_data_hdl **data)
{
	const struct table *table = (const struct table *)hdl;

	for (size_t i = 0; i < table->n_actions; i++)
		if (table->actions[i].id == id)
			return make(hdl, &table->actions[i], data);
	return BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_table_data_reset(const bf_rt_table_hdl *table,
				   bf_rt_table_data_hdl **hdl)
{
	*(struct data *)*hdl = (struct data){
		.table = (const struct table *)table,
	};
	return BF_SUCCESS;
}

bf_status_t bf_rt_table_data_deallocate(bf_rt_table_data_hdl *hdl)
{
	free(hdl);
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_action_id_get(const bf_rt_table_data_hdl *hdl,
				     uint32_t *id)
{
	const struct data *data = (const struct data *)hdl;

	*id = data->action ? data->action->id : 0;
	return data->action ? BF_SUCCESS : BF_NOT_SUPPORTED;
}

/* A field that has to be of a type. */
static struct value *value_of(const bf_rt_table_data_hdl *hdl, bf_rt_id_t id,
			      enum type type, bool repeated)
{
	struct data *data = (struct data *)hdl;
	size_t at;
	const struct field *field = fake_data_field(data, id, &at);

	if (!field || field->type != type || field->repeated != repeated)
		return NULL;
	return &data->values[at];
}

static bool is_choice(const bf_rt_table_data_hdl *hdl, bf_rt_id_t id,
		      const char *text)
{
	size_t at;
	const struct field *field =
		fake_data_field((const struct data *)hdl, id, &at);

	for (size_t i = 0;
	     field->choices && i < json_object_array_length(field->choices);
	     i++)
		if (!strcmp(text,
			    json_object_get_string(json_object_array_get_idx(
				    field->choices, i))))
			return true;
	return !field->choices;
}

static bool too_wide(const bf_rt_table_data_hdl *hdl, bf_rt_id_t id,
		     const uint8_t *octets, size_t size)
{
	size_t at;
	const struct field *field =
		fake_data_field((const struct data *)hdl, id, &at);

	return size != (field->bits + 7) / 8 ||
	       (field->bits % 8 && octets[0] >> field->bits % 8);
}

bf_status_t bf_rt_data_field_set_value(bf_rt_table_data_hdl *hdl,
				       const bf_rt_id_t id,
				       const uint64_t number)
{
	struct data *data = (struct data *)hdl;
	size_t at;
	const struct field *field = fake_data_field(data, id, &at);

	if (!field || field->repeated || field->type > TYPE_NUMBER ||
	    !fake_number(&data->values[at], field, number))
		return BF_INVALID_ARG;
	data->values[at].set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_set_value_ptr(bf_rt_table_data_hdl *hdl,
					   const bf_rt_id_t id,
					   const uint8_t *octets,
					   const size_t size)
{
	struct value *value = value_of(hdl, id, TYPE_BYTES, false);

	if (!value || too_wide(hdl, id, octets, size))
		return BF_INVALID_ARG;
	memcpy(value->octets, octets, size);
	value->set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_set_bool(bf_rt_table_data_hdl *hdl,
				      const bf_rt_id_t id, const bool flag)
{
	struct value *value = value_of(hdl, id, TYPE_BOOL, false);

	if (!value)
		return BF_INVALID_ARG;
	value->number = flag;
	value->set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_set_string(bf_rt_table_data_hdl *hdl,
					const bf_rt_id_t id, const char *text)
{
	struct value *value = value_of(hdl, id, TYPE_TEXT, false);

	if (!value || !is_choice(hdl, id, text))
		return BF_INVALID_ARG;
	snprintf(value->text, sizeof(value->text), "%s", text);
	value->set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_set_value_array(bf_rt_table_data_hdl *hdl,
					     const bf_rt_id_t id,
					     const uint32_t *numbers,
					     const uint32_t n)
{
	struct value *value = value_of(hdl, id, TYPE_NUMBER, true);

	if (!value || n > LIST)
		return BF_INVALID_ARG;
	if (n)
		memcpy(value->list, numbers, n * sizeof(*numbers));
	value->n = n;
	value->set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_set_value_bool_array(bf_rt_table_data_hdl *hdl,
						  const bf_rt_id_t id,
						  const bool *flags,
						  const uint32_t n)
{
	struct value *value = value_of(hdl, id, TYPE_BOOL, true);

	if (!value || n > LIST)
		return BF_INVALID_ARG;
	for (uint32_t i = 0; i < n; i++)
		value->list[i] = flags[i];
	value->n = n;
	value->set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_get_value(const bf_rt_table_data_hdl *hdl,
				       const bf_rt_id_t id, uint64_t *number)
{
	struct value *value = value_of(hdl, id, TYPE_NUMBER, false);

	if (!value)
		return BF_INVALID_ARG;
	*number = value->number;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_get_value_ptr(const bf_rt_table_data_hdl *hdl,
					   const bf_rt_id_t id,
					   const size_t size, uint8_t *octets)
{
	struct value *value = value_of(hdl, id, TYPE_BYTES, false);

	if (!value || too_wide(hdl, id, value->octets, size))
		return BF_INVALID_ARG;
	memcpy(octets, value->octets, size);
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_get_bool(const bf_rt_table_data_hdl *hdl,
				      const bf_rt_id_t id, bool *flag)
{
	struct value *value = value_of(hdl, id, TYPE_BOOL, false);

	if (!value)
		return BF_INVALID_ARG;
	*flag = value->number;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_get_string_size(const bf_rt_table_data_hdl *hdl,
					     const bf_rt_id_t id,
					     uint32_t *size)
{
	struct value *value = value_of(hdl, id, TYPE_TEXT, false);

	*size = value ? strlen(value->text) : 0;
	return value ? BF_SUCCESS : BF_INVALID_ARG;
}

/* As many octets as the size says, and no end. */
bf_status_t bf_rt_data_field_get_string(const bf_rt_table_data_hdl *hdl,
					const bf_rt_id_t id, char *text)
{
	struct value *value = value_of(hdl, id, TYPE_TEXT, false);

	if (!value)
		return BF_INVALID_ARG;
	memcpy(text, value->text, strlen(value->text));
	return BF_SUCCESS;
}

bf_status_t
bf_rt_data_field_get_value_array_size(const bf_rt_table_data_hdl *hdl,
				      const bf_rt_id_t id, uint32_t *n)
{
	struct value *value = value_of(hdl, id, TYPE_NUMBER, true);

	*n = value ? value->n : 0;
	return value ? BF_SUCCESS : BF_INVALID_ARG;
}

bf_status_t bf_rt_data_field_get_value_array(const bf_rt_table_data_hdl *hdl,
					     const bf_rt_id_t id,
					     uint32_t *numbers)
{
	struct value *value = value_of(hdl, id, TYPE_NUMBER, true);

	if (!value)
		return BF_INVALID_ARG;
	memcpy(numbers, value->list, value->n * sizeof(*numbers));
	return BF_SUCCESS;
}
