// SPDX-License-Identifier: Apache-2.0
/* From what a switch has to what it shall have: all of it or nothing. */

#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "report.h"

/**
 * struct owner - a row of the program whose entry shall leave
 * @row: the row
 * @at: the entry's place
 */
struct owner {
	struct row row;
	size_t at;
};

/**
 * struct plan - a change that is being made
 * @change: the change
 * @layout: of the program
 * @from: what there is
 * @to: what there shall be
 * @owners: rows of entries that shall leave, by row_compare(); owned
 * @n: how many
 * @room: at @owners
 * @left: which entries of @from have left; owned
 */
struct plan {
	struct change *change;
	const struct layout *layout;
	const struct entries *from;
	const struct entries *to;
	struct owner *owners;
	size_t n;
	size_t room;
	bool *left;
};

static void add(struct plan *plan, enum write write, const struct entry *entry,
		const struct entry *before)
{
	struct change *change = plan->change;

	change->list[change->n++] = (struct update){ write, entry, before };
}

static void leave(struct plan *plan, size_t at)
{
	if (plan->left[at])
		return;
	plan->left[at] = true;
	add(plan, WRITE_DELETE, &plan->from->list[at], NULL);
}

static bool shall_leave(const struct plan *plan, size_t at, bool fixed)
{
	const struct entry *have = &plan->from->list[at];

	return have->table->fixed == fixed &&
	       !entries_find(plan->to, have->table, have->key);
}

/* What is there and shall not be, backwards: of the switch or of its program. */
static void leave_all(struct plan *plan, bool fixed)
{
	for (size_t i = plan->from->n; i-- > 0;)
		if (shall_leave(plan, i, fixed))
			leave(plan, i);
}

/* ---- rows that two entries want -------------------------------------------- */

static int no_memory(void)
{
	return report_refused("memory ran out.");
}

static int rows_of(const struct plan *plan, const struct entry *entry,
		   struct rows *rows)
{
	char why[WHY_MAX] = "";

	if (layout_owns(plan->layout, entry, rows, why))
		return RC_DONE;
	return report_refused("%s %s: %s", entry->table->name, entry->key, why);
}

static bool own(struct plan *plan, const struct row *row, size_t at)
{
	size_t room = plan->room ? 2 * plan->room : 64;
	struct owner *list;

	if (plan->n == plan->room) {
		list = realloc(plan->owners, room * sizeof(*list));
		if (!list)
			return false;
		plan->owners = list;
		plan->room = room;
	}
	plan->owners[plan->n++] = (struct owner){ *row, at };
	return true;
}

static int own_all(struct plan *plan, size_t at)
{
	struct rows rows = { 0 };
	int rc = rows_of(plan, &plan->from->list[at], &rows);

	for (size_t i = 0; !rc && i < rows.n; i++)
		if (!own(plan, &rows.list[i], at))
			rc = no_memory();
	rows_free(&rows);
	return rc;
}

static int by_row(const void *a, const void *b)
{
	return row_compare(&((const struct owner *)a)->row,
			   &((const struct owner *)b)->row);
}

static int find_owners(struct plan *plan)
{
	int rc = RC_DONE;

	for (size_t i = 0; !rc && i < plan->from->n; i++)
		if (shall_leave(plan, i, false))
			rc = own_all(plan, i);
	if (plan->n)
		qsort(plan->owners, plan->n, sizeof(*plan->owners), by_row);
	return rc;
}

/* Who has a row of an entry that comes leaves directly before it. */
static int make_room(struct plan *plan, const struct entry *entry)
{
	struct rows rows = { 0 };
	int rc = plan->n ? rows_of(plan, entry, &rows) : RC_DONE;

	for (size_t i = 0; !rc && i < rows.n; i++) {
		struct owner wanted = { .row = rows.list[i] };
		const struct owner *owner = bsearch(
			&wanted, plan->owners, plan->n, sizeof(wanted), by_row);

		if (owner)
			leave(plan, owner->at);
	}
	rows_free(&rows);
	return rc;
}

/* ---- the change ------------------------------------------------------------ */

static int come(struct plan *plan, const struct entry *want)
{
	const struct entry *have =
		entries_find(plan->from, want->table, want->key);
	int rc = RC_DONE;

	if (!have) {
		rc = make_room(plan, want);
		add(plan, WRITE_ADD, want, NULL);
	} else if (strcmp(have->text, want->text)) {
		add(plan, WRITE_CHANGE, want, have);
	}
	return rc;
}

static int make(struct plan *plan)
{
	int rc = find_owners(plan);

	leave_all(plan, true);
	for (size_t i = 0; !rc && i < plan->to->n; i++)
		rc = come(plan, &plan->to->list[i]);
	leave_all(plan, false);
	return rc;
}

/**
 * change_make - find out what has to be done
 * @change: filled; refers to entries of both sets, and is to be freed also
 *	after a failure
 * @layout: how the program has the tables
 * @from: what there is
 * @to: what there shall be
 *
 * The schema names tables before those that refer to them, and sets are sorted
 * by table: what is new or other goes in forwards, what is too much leaves
 * backwards, last. Only what has a row of the program that something new wants
 * leaves before that: a label that goes from one table to another, for one. Ports
 * and their queues that are too much leave first: a connector's channels are one
 * port's or several.
 *
 * Return: RC_DONE, or what was reported.
 */
int change_make(struct change *change, const struct layout *layout,
		const struct entries *from, const struct entries *to)
{
	struct plan plan = {
		.change = change,
		.layout = layout,
		.from = from,
		.to = to,
	};
	int rc;

	*change = (struct change){ 0 };
	change->list = calloc(from->n + to->n + 1, sizeof(*change->list));
	plan.left = calloc(from->n + 1, sizeof(*plan.left));
	rc = change->list && plan.left ? make(&plan) : no_memory();
	free(plan.owners);
	free(plan.left);
	return rc;
}

/**
 * change_free - give up a change
 * @change: the change
 */
void change_free(struct change *change)
{
	free(change->list);
	*change = (struct change){ 0 };
}

/**
 * change_count - how many updates of a kind there are
 * @change: the change
 * @write: the kind
 *
 * Return: the number.
 */
size_t change_count(const struct change *change, enum write write)
{
	size_t n = 0;

	for (size_t i = 0; i < change->n; i++)
		n += change->list[i].write == write;
	return n;
}

/**
 * change_inverse - what takes an update back
 * @update: the update
 *
 * Return: the other update; refers to the same entries.
 */
struct update change_inverse(const struct update *update)
{
	switch (update->write) {
	case WRITE_ADD:
		return (struct update){ WRITE_DELETE, update->entry, NULL };
	case WRITE_DELETE:
		return (struct update){ WRITE_ADD, update->entry, NULL };
	case WRITE_CHANGE:
		break;
	}
	return (struct update){ WRITE_CHANGE, update->before, update->entry };
}

/* Take back the first n updates, the last one first. */
static void take_back(struct target *target, const struct change *change,
		      size_t n)
{
	while (n-- > 0) {
		struct update back = change_inverse(&change->list[n]);

		if (target->ops->write(target, &back))
			report_warning("%s %s could not be taken back.",
				       back.entry->table->name,
				       back.entry->key);
	}
}

/**
 * change_do - do it to a switch
 * @target: the switch
 * @change: what to do
 *
 * Where the switch has transactions it is one, and ended however this ends;
 * elsewhere what was done is taken back when an update fails.
 *
 * Return: RC_DONE, or what was reported; then the switch is as it was.
 */
int change_do(struct target *target, const struct change *change)
{
	const struct target_ops *ops = target->ops;
	int rc = ops->begin ? ops->begin(target) : RC_DONE;
	size_t n = 0;

	if (rc)
		return rc;
	while (!rc && n < change->n)
		rc = ops->write(target, &change->list[n++]);
	if (rc && ops->begin)
		ops->abort(target);
	else if (rc)
		take_back(target, change, n - 1);
	return !rc && ops->begin ? ops->commit(target) : rc;
}
