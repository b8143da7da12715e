// SPDX-License-Identifier: Apache-2.0
/* The driver for tests: tables, and the fields of keys and data. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bf_switchd/bf_switchd.h>

#include "fakebfrt.h"

struct driver driver;

/* ---- tables from their descriptions ---------------------------------------- */

static const char *text_of(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) ?
		       json_object_get_string(value) :
		       "";
}

static int64_t number_of(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) ?
		       json_object_get_int64(value) :
		       0;
}

static struct json_object *list_of(struct json_object *json, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(json, name, &value);
	return value;
}

static size_t length_of(struct json_object *list)
{
	return list ? json_object_array_length(list) : 0;
}

static void read_type(struct field *field, struct json_object *json)
{
	struct json_object *type = list_of(json, "type");
	const char *name = text_of(type, "type");
	unsigned int bits;

	field->bits = number_of(type, "width");
	field->choices = list_of(type, "choices");
	if (!strcmp(name, "bytes"))
		field->type = TYPE_BYTES;
	else if (!strcmp(name, "bool"))
		field->type = TYPE_BOOL;
	else if (!strcmp(name, "string"))
		field->type = TYPE_TEXT;
	else
		field->type = TYPE_NUMBER;
	if (sscanf(name, "uint%u", &bits) == 1)
		field->bits = bits;
}

static bf_rt_key_field_type_t match_of(const char *name)
{
	return !strcmp(name, "Ternary") ? TERNARY :
	       !strcmp(name, "LPM")	? LPM :
	       !strcmp(name, "Exact")	? EXACT :
					  RANGE;
}

static void read_field(struct field *field, struct json_object *json)
{
	struct json_object *single = list_of(json, "singleton") ?: json;

	field->id = number_of(single, "id");
	field->name = text_of(single, "name");
	field->repeated = json_object_get_boolean(list_of(single, "repeated"));
	field->mandatory = json_object_get_boolean(list_of(json, "mandatory"));
	field->match = match_of(text_of(json, "match_type"));
	read_type(field, single);
}

static size_t read_fields(struct field *fields, struct json_object *list)
{
	size_t n = 0;

	for (size_t i = 0; i < length_of(list) && n < FIELDS; i++)
		read_field(&fields[n++], json_object_array_get_idx(list, i));
	return n;
}

static void read_actions(struct table *table, struct json_object *list)
{
	for (size_t i = 0; i < length_of(list) && i < FIELDS; i++) {
		struct json_object *json = json_object_array_get_idx(list, i);
		struct action *action = &table->actions[table->n_actions++];

		action->id = number_of(json, "id");
		action->name = text_of(json, "name");
		action->n = read_fields(action->fields, list_of(json, "data"));
	}
}

static void read_table(struct json_object *json, bool fixed)
{
	struct table *table = calloc(1, sizeof(*table));

	table->name = text_of(json, "name");
	table->fixed = fixed;
	table->counter = !strcmp(text_of(json, "table_type"), "Counter");
	table->size = number_of(json, "size");
	table->n_keys = read_fields(table->keys, list_of(json, "key"));
	read_actions(table, list_of(json, "action_specs"));
	table->common.n =
		read_fields(table->common.fields, list_of(json, "data"));
	driver.tables[driver.n_tables++] = table;
}

static bool read_tables(const char *path, bool fixed)
{
	struct json_object *root = json_object_from_file(path);
	struct json_object *list = list_of(root, "tables");

	if (!list)
		return false;
	driver.roots[driver.n_roots++] = root;
	for (size_t i = 0; i < length_of(list); i++)
		read_table(json_object_array_get_idx(list, i), fixed);
	return true;
}

/* The driver's own file says where the program is. */
static bool read_conf(const char *path)
{
	struct json_object *root = json_object_from_file(path);
	struct json_object *device =
		json_object_array_get_idx(list_of(root, "p4_devices"), 0);
	struct json_object *program =
		json_object_array_get_idx(list_of(device, "p4_programs"), 0);
	struct json_object *pipe =
		json_object_array_get_idx(list_of(program, "p4_pipelines"), 0);
	bool read = *text_of(pipe, "context") == '/' &&
		    *text_of(pipe, "config") == '/' &&
		    read_tables(text_of(program, "bfrt-config"), false);

	json_object_put(root);
	return read;
}

static void finish(void)
{
	if (getenv("FAKE_DUMP"))
		fake_dump(getenv("FAKE_DUMP"));
	for (size_t i = 0; i < driver.n_tables; i++) {
		free(driver.tables[i]->entries);
		free(driver.tables[i]->saved);
		free(driver.tables[i]);
	}
	for (size_t i = 0; i < driver.n_roots; i++)
		json_object_put(driver.roots[i]);
}

int bf_switchd_lib_init(bf_switchd_context_t *context)
{
	static const char *const kinds[] = { "port", "tm", "pre", "mirror" };
	const char *status = getenv("FAKE_START");
	char path[512];

	printf("bf_switchd: this is not for those who read JSON\n");
	if (status)
		return atoi(status);
	if (!read_conf(context->conf_file))
		return BF_INVALID_ARG;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(path, sizeof(path), "%s/bf_rt_%s/bf_rt_%s_tf1.json",
			 getenv("FAKE_FIXED"), kinds[i], kinds[i]);
		if (!read_tables(path, true))
			return BF_INVALID_ARG;
	}
	fixed_fill();
	atexit(finish);
	return BF_SUCCESS;
}

struct table *fake_table(const char *name)
{
	for (size_t i = 0; i < driver.n_tables; i++)
		if (!strcmp(driver.tables[i]->name, name))
			return driver.tables[i];
	return NULL;
}

/* ---- info ------------------------------------------------------------------ */

static const struct table *of(const bf_rt_table_hdl *table)
{
	return (const struct table *)table;
}

bf_status_t bf_rt_info_get(const bf_dev_id_t dev, const char *program,
			   const bf_rt_info_hdl **info)
{
	if (dev || !*program || !driver.n_tables || getenv("FAKE_ABSENT"))
		return BF_OBJECT_NOT_FOUND;
	*info = (const bf_rt_info_hdl *)&driver;
	return BF_SUCCESS;
}

bool bf_rt_generic_flag_support(void)
{
	return true;
}

bf_status_t bf_rt_num_tables_get(const bf_rt_info_hdl *info, int *n)
{
	(void)info;
	*n = driver.n_tables;
	return BF_SUCCESS;
}

bf_status_t bf_rt_tables_get(const bf_rt_info_hdl *info,
			     const bf_rt_table_hdl **tables)
{
	(void)info;
	for (size_t i = 0; i < driver.n_tables; i++)
		tables[i] = (const bf_rt_table_hdl *)driver.tables[i];
	return BF_SUCCESS;
}

bf_status_t bf_rt_table_from_name_get(const bf_rt_info_hdl *info,
				      const char *name,
				      const bf_rt_table_hdl **table)
{
	(void)info;
	*table = (const bf_rt_table_hdl *)fake_table(name);
	return *table ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_table_name_get(const bf_rt_table_hdl *table,
				 const char **name)
{
	*name = of(table)->name;
	return BF_SUCCESS;
}

/* ---- fields of keys -------------------------------------------------------- */

const struct field *fake_key_field(const struct table *table, bf_rt_id_t id,
				   size_t *at)
{
	for (*at = 0; *at < table->n_keys; (*at)++)
		if (table->keys[*at].id == id)
			return &table->keys[*at];
	return NULL;
}

uint64_t fake_key_number(const struct key *key, const char *name)
{
	for (size_t i = 0; i < key->table->n_keys; i++)
		if (!strcmp(key->table->keys[i].name, name))
			return key->values[i].number;
	abort();
}

bf_status_t bf_rt_key_field_id_list_size_get(const bf_rt_table_hdl *table,
					     uint32_t *n)
{
	*n = of(table)->n_keys;
	return BF_SUCCESS;
}

bf_status_t bf_rt_key_field_id_list_get(const bf_rt_table_hdl *table,
					bf_rt_id_t *ids)
{
	for (size_t i = 0; i < of(table)->n_keys; i++)
		ids[i] = of(table)->keys[i].id;
	return BF_SUCCESS;
}

bf_status_t bf_rt_key_field_id_get(const bf_rt_table_hdl *table,
				   const char *name, bf_rt_id_t *id)
{
	for (size_t i = 0; i < of(table)->n_keys; i++) {
		if (strcmp(of(table)->keys[i].name, name))
			continue;
		*id = of(table)->keys[i].id;
		return BF_SUCCESS;
	}
	return BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_key_field_name_get(const bf_rt_table_hdl *table,
				     const bf_rt_id_t id, const char **name)
{
	size_t at;
	const struct field *field = fake_key_field(of(table), id, &at);

	*name = field ? field->name : NULL;
	return field ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_key_field_type_get(const bf_rt_table_hdl *table,
				     const bf_rt_id_t id,
				     bf_rt_key_field_type_t *type)
{
	size_t at;
	const struct field *field = fake_key_field(of(table), id, &at);

	*type = field ? field->match : INVALID;
	return field ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_key_field_size_get(const bf_rt_table_hdl *table,
				     const bf_rt_id_t id, size_t *bits)
{
	size_t at;
	const struct field *field = fake_key_field(of(table), id, &at);

	*bits = field ? field->bits : 0;
	return field ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

/* A number as what the field is; false: too many bits. */
bool fake_number(struct value *value, const struct field *field,
		 uint64_t number)
{
	unsigned int size = (field->bits + 7) / 8;

	value->number = number;
	if (field->type != TYPE_BYTES)
		return true;
	if (field->bits < 64 && number >> field->bits)
		return false;
	value->number = 0;
	for (unsigned int i = size; i-- > 0; number >>= 8)
		value->octets[i] = number;
	return true;
}

/* ---- values of keys -------------------------------------------------------- */

bf_status_t bf_rt_table_key_allocate(const bf_rt_table_hdl *table,
				     bf_rt_table_key_hdl **hdl)
{
	struct key *key = calloc(1, sizeof(*key));

	key->table = of(table);
	*hdl = (bf_rt_table_key_hdl *)key;
	return BF_SUCCESS;
}

bf_status_t bf_rt_table_key_deallocate(bf_rt_table_key_hdl *hdl)
{
	free(hdl);
	return BF_SUCCESS;
}

/* A field of a key that is to be of a kind, with octets in its width. */
static struct value *key_value(const bf_rt_table_key_hdl *hdl, bf_rt_id_t id,
			       bf_rt_key_field_type_t match, size_t size)
{
	struct key *key = (struct key *)hdl;
	size_t at;
	const struct field *field = fake_key_field(key->table, id, &at);

	if (!field || field->match != match ||
	    (size &&
	     (field->type != TYPE_BYTES || size != (field->bits + 7) / 8)))
		return NULL;
	return &key->values[at];
}

static bool in_bits(const uint8_t *octets, size_t size, unsigned int bits)
{
	return !(bits % 8) || !(octets[0] >> bits % 8) || !size;
}

static bf_status_t set_octets(const bf_rt_table_key_hdl *hdl, bf_rt_id_t id,
			      struct value *value, uint8_t *to,
			      const uint8_t *from, size_t size)
{
	size_t at;

	if (!value ||
	    !in_bits(from, size,
		     fake_key_field(((struct key *)hdl)->table, id, &at)->bits))
		return BF_INVALID_ARG;
	memset(to, 0, OCTETS);
	memcpy(to, from, size);
	value->set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_key_field_set_value(bf_rt_table_key_hdl *hdl,
				      const bf_rt_id_t id, uint64_t number)
{
	struct value *value = key_value(hdl, id, EXACT, 0);
	size_t at = value ? value - ((struct key *)hdl)->values : 0;

	if (!value)
		return BF_INVALID_ARG;
	if (!fake_number(value, &((struct key *)hdl)->table->keys[at], number))
		return BF_INVALID_ARG;
	value->set = true;
	return BF_SUCCESS;
}

bf_status_t bf_rt_key_field_set_value_ptr(bf_rt_table_key_hdl *hdl,
					  const bf_rt_id_t id,
					  const uint8_t *octets,
					  const size_t size)
{
	struct value *value = key_value(hdl, id, EXACT, size);

	return set_octets(hdl, id, value, value ? value->octets : NULL, octets,
			  size);
}

bf_status_t bf_rt_key_field_set_value_and_mask_ptr(bf_rt_table_key_hdl *hdl,
						   const bf_rt_id_t id,
						   const uint8_t *octets,
						   const uint8_t *mask,
						   const size_t size)
{
	struct value *value = key_value(hdl, id, TERNARY, size);
	bf_status_t status = set_octets(
		hdl, id, value, value ? value->octets : NULL, octets, size);

	return status ?: set_octets(hdl, id, value, value->mask, mask, size);
}

bf_status_t bf_rt_key_field_set_value_lpm_ptr(bf_rt_table_key_hdl *hdl,
					      const bf_rt_id_t id,
					      const uint8_t *octets,
					      const uint16_t length,
					      const size_t size)
{
	struct value *value = key_value(hdl, id, LPM, size);

	if (value)
		value->length = length;
	return length > size * 8 ?
		       BF_INVALID_ARG :
		       set_octets(hdl, id, value, value ? value->octets : NULL,
				  octets, size);
}

bf_status_t bf_rt_key_field_get_value(const bf_rt_table_key_hdl *hdl,
				      const bf_rt_id_t id, uint64_t *number)
{
	struct value *value = key_value(hdl, id, EXACT, 0);

	if (!value)
		return BF_INVALID_ARG;
	*number = value->number;
	return BF_SUCCESS;
}

bf_status_t bf_rt_key_field_get_value_ptr(const bf_rt_table_key_hdl *hdl,
					  const bf_rt_id_t id,
					  const size_t size, uint8_t *octets)
{
	struct value *value = key_value(hdl, id, EXACT, size);

	if (!value)
		return BF_INVALID_ARG;
	memcpy(octets, value->octets, size);
	return BF_SUCCESS;
}

bf_status_t
bf_rt_key_field_get_value_and_mask_ptr(const bf_rt_table_key_hdl *hdl,
				       const bf_rt_id_t id, const size_t size,
				       uint8_t *octets, uint8_t *mask)
{
	struct value *value = key_value(hdl, id, TERNARY, size);

	if (!value)
		return BF_INVALID_ARG;
	memcpy(octets, value->octets, size);
	memcpy(mask, value->mask, size);
	return BF_SUCCESS;
}

bf_status_t bf_rt_key_field_get_value_lpm_ptr(const bf_rt_table_key_hdl *hdl,
					      const bf_rt_id_t id,
					      const size_t size,
					      uint8_t *octets, uint16_t *length)
{
	struct value *value = key_value(hdl, id, LPM, size);

	if (!value)
		return BF_INVALID_ARG;
	memcpy(octets, value->octets, size);
	*length = value->length;
	return BF_SUCCESS;
}

bf_status_t
bf_rt_key_field_get_value_string_size(const bf_rt_table_key_hdl *hdl,
				      const bf_rt_id_t id, uint32_t *size)
{
	struct value *value = key_value(hdl, id, EXACT, 0);

	*size = value ? strlen(value->text) : 0;
	return value ? BF_SUCCESS : BF_INVALID_ARG;
}

/* As many octets as the size says, and no end. */
bf_status_t bf_rt_key_field_get_value_string(const bf_rt_table_key_hdl *hdl,
					     const bf_rt_id_t id, char *text)
{
	struct value *value = key_value(hdl, id, EXACT, 0);

	if (!value)
		return BF_INVALID_ARG;
	memcpy(text, value->text, strlen(value->text));
	return BF_SUCCESS;
}

/* ---- actions and fields of data -------------------------------------------- */

static const struct action *action_of(const struct table *table, bf_rt_id_t id)
{
	for (size_t i = 0; i < table->n_actions; i++)
		if (table->actions[i].id == id)
			return &table->actions[i];
	return NULL;
}

bf_status_t bf_rt_action_id_list_size_get(const bf_rt_table_hdl *table,
					  uint32_t *n)
{
	*n = of(table)->n_actions;
	return *n ? BF_SUCCESS : BF_NOT_SUPPORTED;
}

bf_status_t bf_rt_action_id_list_get(const bf_rt_table_hdl *table,
				     bf_rt_id_t *ids)
{
	for (size_t i = 0; i < of(table)->n_actions; i++)
		ids[i] = of(table)->actions[i].id;
	return BF_SUCCESS;
}

bf_status_t bf_rt_action_name_get(const bf_rt_table_hdl *table,
				  const bf_rt_id_t id, const char **name)
{
	const struct action *action = action_of(of(table), id);

	*name = action ? action->name : NULL;
	return action ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_action_name_to_id(const bf_rt_table_hdl *table,
				    const char *name, bf_rt_id_t *id)
{
	for (size_t i = 0; i < of(table)->n_actions; i++) {
		if (strcmp(of(table)->actions[i].name, name))
			continue;
		*id = of(table)->actions[i].id;
		return BF_SUCCESS;
	}
	return BF_OBJECT_NOT_FOUND;
}

/* A field of an action's data, or of what all actions have. */
static const struct field *field_of(const struct table *table,
				    const struct action *action, bf_rt_id_t id,
				    size_t *at)
{
	for (*at = 0; action && *at < action->n; (*at)++)
		if (action->fields[*at].id == id)
			return &action->fields[*at];
	for (*at = 0; *at < table->common.n; (*at)++)
		if (table->common.fields[*at].id == id) {
			*at += FIELDS;
			return &table->common.fields[*at - FIELDS];
		}
	return NULL;
}

const struct field *fake_data_field(const struct data *data, bf_rt_id_t id,
				    size_t *at)
{
	return field_of(data->table, data->action, id, at);
}

static bf_rt_id_t id_of(const struct table *table, const struct action *action,
			const char *name)
{
	for (size_t i = 0; action && i < action->n; i++)
		if (!strcmp(action->fields[i].name, name))
			return action->fields[i].id;
	for (size_t i = 0; i < table->common.n; i++)
		if (!strcmp(table->common.fields[i].name, name))
			return table->common.fields[i].id;
	return 0;
}

struct value *fake_value(struct data *data, const char *name)
{
	size_t at;

	if (!fake_data_field(data, id_of(data->table, data->action, name), &at))
		abort();
	return &data->values[at];
}

bf_status_t bf_rt_data_field_id_get(const bf_rt_table_hdl *table,
				    const char *name, bf_rt_id_t *id)
{
	*id = id_of(of(table), NULL, name);
	return *id ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_data_field_id_with_action_get(const bf_rt_table_hdl *table,
						const char *name,
						const bf_rt_id_t action,
						bf_rt_id_t *id)
{
	*id = id_of(of(table), action_of(of(table), action), name);
	return *id ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_data_field_id_list_size_with_action_get(
	const bf_rt_table_hdl *table, const bf_rt_id_t action, uint32_t *n)
{
	const struct action *a = action_of(of(table), action);

	*n = a ? a->n + of(table)->common.n : 0;
	return a ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_data_field_list_with_action_get(const bf_rt_table_hdl *table,
						  const bf_rt_id_t action,
						  bf_rt_id_t *ids)
{
	const struct action *a = action_of(of(table), action);

	for (size_t i = 0; i < a->n; i++)
		*ids++ = a->fields[i].id;
	for (size_t i = 0; i < of(table)->common.n; i++)
		*ids++ = of(table)->common.fields[i].id;
	return BF_SUCCESS;
}

bf_status_t bf_rt_data_field_name_with_action_get(const bf_rt_table_hdl *table,
						  const bf_rt_id_t id,
						  const bf_rt_id_t action,
						  const char **name)
{
	size_t at;
	const struct field *field =
		field_of(of(table), action_of(of(table), action), id, &at);

	*name = field ? field->name : NULL;
	return field ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_data_field_type_with_action_get(const bf_rt_table_hdl *table,
						  const bf_rt_id_t id,
						  const bf_rt_id_t action,
						  bf_rt_data_type_t *type)
{
	size_t at;
	const struct field *field =
		field_of(of(table), action_of(of(table), action), id, &at);

	if (field)
		*type = field->type == TYPE_BYTES ? BYTE_STREAM :
			field->type == TYPE_BOOL  ? BOOL :
			field->type == TYPE_TEXT  ? STRING :
						    UINT64;
	return field ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}

bf_status_t bf_rt_data_field_size_with_action_get(const bf_rt_table_hdl *table,
						  const bf_rt_id_t id,
						  const bf_rt_id_t action,
						  size_t *bits)
{
	size_t at;
	const struct field *field =
		field_of(of(table), action_of(of(table), action), id, &at);

	*bits = field ? field->bits : 0;
	return field ? BF_SUCCESS : BF_OBJECT_NOT_FOUND;
}
