// SPDX-License-Identifier: GPL-2.0-only
/* Per-CPU memory that is lacking: of debug flavours, see selftests/fault.py. */
#include <linux/fault-inject.h>

#include "fault.h"

/* Never by chance: only a task whose fail-nth has come to one. */
static struct fault_attr srp_percpu_fault = {
	.interval = 1,
	.times = ATOMIC_INIT(-1),
};

/**
 * srp_percpu_fails() - is this allocation to fail?
 * @size: octets on each CPU
 *
 * Context: before it is made.
 * Return: true if so.
 */
bool srp_percpu_fails(size_t size)
{
	return should_fail(&srp_percpu_fault, size);
}
