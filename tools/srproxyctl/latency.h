/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_LATENCY_H
#define SRPROXYCTL_LATENCY_H

#include "ctl.h"

/**
 * struct latency - how long a function keeps packets, from samples
 * @count: samples that came back
 * @sum: nanoseconds of all of them
 * @max: nanoseconds of the longest
 * @lost: samples that did not come back
 * @bucket: samples of 2^n to 2^(n+1) - 1 nanoseconds, the first of 0 too
 */
struct latency {
	uint64_t count;
	uint64_t sum;
	uint64_t max;
	uint64_t lost;
	uint64_t bucket[SRPROXY_LATENCY_BUCKETS];
};

struct latency latency_read(const struct nlattr *nest);
struct latency latency_since(const struct latency *now,
			     const struct latency *then);
uint64_t latency_quantile(const struct latency *latency, double q);
double latency_loss(const struct latency *latency);
void latency_print(struct out *out, const struct latency *latency);

#endif
