/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_CHANGE_H
#define SRP4_CHANGE_H

#include "target.h"

/**
 * struct change - what leads from one set of entries to another
 * @list: updates in an order in which no entry refers to what is not there
 * @n: how many
 */
struct change {
	struct update *list;
	size_t n;
};

int change_make(struct change *change, const struct layout *layout,
		const struct entries *from, const struct entries *to);
void change_free(struct change *change);
size_t change_count(const struct change *change, enum write write);
struct update change_inverse(const struct update *update);
int change_do(struct target *target, const struct change *change);

#endif
