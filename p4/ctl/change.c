// SPDX-License-Identifier: Apache-2.0
/* From what a switch has to what it shall have: all of it or nothing. */

#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "report.h"

static void add(struct change *change, enum write write,
		const struct entry *entry, const struct entry *before)
{
	change->list[change->n++] = (struct update){ write, entry, before };
}

/* What is there and shall not be, backwards: of the switch or of its program. */
static void add_deletes(struct change *change, const struct entries *from,
			const struct entries *to, bool fixed)
{
	for (size_t i = from->n; i-- > 0;) {
		const struct entry *have = &from->list[i];

		if (have->table->fixed == fixed &&
		    !entries_find(to, have->table, have->key))
			add(change, WRITE_DELETE, have, NULL);
	}
}

/**
 * change_make - find out what has to be done
 * @change: filled; refers to entries of both sets
 * @from: what there is
 * @to: what there shall be
 *
 * The schema names tables before those that refer to them, and sets are sorted
 * by table: what is new or other goes in forwards, what is too much leaves
 * backwards, last. Ports and their queues that are too much leave first: a
 * connector's channels are one port's or several.
 *
 * Return: whether there was memory.
 */
bool change_make(struct change *change, const struct entries *from,
		 const struct entries *to)
{
	*change = (struct change){ 0 };
	change->list = calloc(from->n + to->n + 1, sizeof(*change->list));
	if (!change->list)
		return false;
	add_deletes(change, from, to, true);
	for (size_t i = 0; i < to->n; i++) {
		const struct entry *want = &to->list[i];
		const struct entry *have =
			entries_find(from, want->table, want->key);

		if (!have)
			add(change, WRITE_ADD, want, NULL);
		else if (strcmp(have->text, want->text))
			add(change, WRITE_CHANGE, want, have);
	}
	add_deletes(change, from, to, false);
	return true;
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
 * Where the switch has transactions it is one; elsewhere what was done is
 * taken back when an update fails.
 *
 * Return: RC_DONE, or what was reported; then the switch is as it was.
 */
int change_do(struct target *target, const struct change *change)
{
	const struct target_ops *ops = target->ops;
	int rc = ops->begin ? ops->begin(target) : RC_DONE;

	for (size_t i = 0; !rc && i < change->n; i++) {
		rc = ops->write(target, &change->list[i]);
		if (rc && !ops->begin)
			take_back(target, change, i);
	}
	return !rc && ops->begin ? ops->commit(target) : rc;
}
