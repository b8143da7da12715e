/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that is lacking for a test, where the kernel's own faults do not go. */
#ifndef SRP_FAULT_H
#define SRP_FAULT_H

#include <linux/types.h>

/* The kernel lets slabs and pages fail, and knows nothing of per-CPU memory,
 * which hardly ever takes either.
 */
#ifdef SRP_FAULTS
bool srp_percpu_fails(size_t size);
#else
static inline bool srp_percpu_fails(size_t size)
{
	return false;
}
#endif

#endif
