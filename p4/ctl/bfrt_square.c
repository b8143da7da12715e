// SPDX-License-Identifier: Apache-2.0
/* Tofino: its look-up tables of squares, filled when the program is loaded:
 * every key its own square. The math unit's error would swamp a variance. */

#include <stdio.h>

#include "bfrt.h"
#include "compiler.h"

static const struct {
	const char *table;
	const char *action;
	uint32_t keys;
} squares[] = {
	{ "size_square", "octets_square", 16384 },
	{ "iat_square", "quarter_square", 65536 },
};

/**
 * struct filler - what fills a table
 * @table: the table
 * @key: of the entry
 * @data: of the entry
 * @root: the key's field
 * @square: the data's field
 */
struct filler {
	const bf_rt_table_hdl *table;
	bf_rt_table_key_hdl *key;
	bf_rt_table_data_hdl *data;
	bf_rt_id_t root;
	bf_rt_id_t square;
};

/* A key of one field, an action with one parameter before what counts. */
static bool prepare(struct bfrt *bfrt, struct filler *filler, const char *table,
		    const char *action)
{
	bf_rt_id_t id, fields[8];
	uint32_t n = 0;

	filler->table = bfrt_table(bfrt, table);
	id = filler->table ? bfrt_action(filler->table, action) : 0;
	if (!id || bf_rt_key_field_id_list_size_get(filler->table, &n) ||
	    n != 1 ||
	    bf_rt_key_field_id_list_get(filler->table, &filler->root) ||
	    bf_rt_data_field_id_list_size_with_action_get(filler->table, id,
							  &n) ||
	    !n || n > ARRAY_SIZE(fields) ||
	    bf_rt_data_field_list_with_action_get(filler->table, id, fields))
		return false;
	filler->square = fields[0];
	return !bf_rt_table_key_allocate(filler->table, &filler->key) &&
	       !bf_rt_table_action_data_allocate(filler->table, id,
						 &filler->data);
}

static bf_status_t put(struct bfrt *bfrt, const struct filler *filler,
		       uint64_t root)
{
	if (bf_rt_key_field_set_value(filler->key, filler->root, root) ||
	    bf_rt_data_field_set_value(filler->data, filler->square,
				       root * root))
		return BF_INVALID_ARG;
	return bf_rt_table_entry_add(filler->table, bfrt->session, &bfrt->dev,
				     0, filler->key, filler->data);
}

static bool fill(struct bfrt *bfrt, const char *table, const char *action,
		 uint32_t keys, char why[WHY_MAX])
{
	struct filler filler = { 0 };
	bf_status_t status = BF_SUCCESS;
	bool done = prepare(bfrt, &filler, table, action);

	if (!done)
		snprintf(why, WHY_MAX, "the program has other fields in %s.",
			 table);
	for (uint32_t i = 0; done && !status && i < keys; i++)
		status = put(bfrt, &filler, i);
	if (filler.data)
		bf_rt_table_data_deallocate(filler.data);
	if (filler.key)
		bf_rt_table_key_deallocate(filler.key);
	return done && !bfrt_say(why, table, status);
}

/**
 * bfrt_fill_squares - fill the look-up tables of a program that was just loaded
 * @bfrt: the switch
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool bfrt_fill_squares(struct bfrt *bfrt, char why[WHY_MAX])
{
	bf_status_t status = bf_rt_begin_batch(bfrt->session);
	bool done = !bfrt_say(why, "squares", status);

	for (size_t i = 0; done && i < ARRAY_SIZE(squares); i++)
		done = fill(bfrt, squares[i].table, squares[i].action,
			    squares[i].keys, why);
	if (!status)
		status = bf_rt_end_batch(bfrt->session, true);
	return done && !bfrt_say(why, "squares", status);
}
