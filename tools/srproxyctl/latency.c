// SPDX-License-Identifier: GPL-2.0-or-later
/* Latency and loss of functions: from the kernel's histogram to percentiles. */

#include <string.h>

#include "latency.h"

static void read_buckets(const struct nlattr *attr, struct latency *latency)
{
	size_t len;

	if (!attr)
		return;
	len = mnl_attr_get_payload_len(attr);
	if (len > sizeof(latency->bucket))
		len = sizeof(latency->bucket);
	memcpy(latency->bucket, mnl_attr_get_payload(attr), len);
}

/**
 * latency_read - read the samples of a vnf
 * @nest: the attribute, or NULL
 *
 * Return: the samples, 0 where there are none.
 */
struct latency latency_read(const struct nlattr *nest)
{
	const struct nlattr *tb[SRPROXY_A_LATENCY_MAX + 1];
	struct latency latency = { 0 };

	nl_parse_nested(nest, tb, SRPROXY_A_LATENCY_MAX);
	latency.count = nl_num(tb[SRPROXY_A_LATENCY_COUNT]);
	latency.sum = nl_num(tb[SRPROXY_A_LATENCY_SUM]);
	latency.max = nl_num(tb[SRPROXY_A_LATENCY_LONGEST]);
	latency.lost = nl_num(tb[SRPROXY_A_LATENCY_LOST]);
	read_buckets(tb[SRPROXY_A_LATENCY_BUCKETS], &latency);
	return latency;
}

/**
 * latency_since - the samples between two looks
 * @now: at the later one
 * @then: at the earlier one
 *
 * Return: the difference; all of @now if the counters were reset in between.
 * The longest is that of @now.
 */
struct latency latency_since(const struct latency *now,
			     const struct latency *then)
{
	struct latency since = *now;

	if (now->count < then->count || now->lost < then->lost)
		return since;
	since.count -= then->count;
	since.sum -= then->sum;
	since.lost -= then->lost;
	for (size_t n = 0; n < ARRAY_SIZE(since.bucket); n++)
		since.bucket[n] -= then->bucket[n];
	return since;
}

/**
 * latency_quantile - what part of the samples is not longer than
 * @latency: the samples
 * @q: which part, 0 to 1
 *
 * Within a bucket they are taken as spread evenly.
 *
 * Return: nanoseconds, 0 if there is no sample.
 */
uint64_t latency_quantile(const struct latency *latency, double q)
{
	double rank = q * latency->count, before = 0, ns = 0;

	for (size_t n = 0; n < ARRAY_SIZE(latency->bucket); n++) {
		double low = n ? (double)(UINT64_C(1) << n) : 0;
		double high = (double)(UINT64_C(2) << n);

		if (!latency->bucket[n])
			continue;
		ns = high;
		if (before + latency->bucket[n] >= rank) {
			ns = low + (high - low) * (rank - before) /
					   latency->bucket[n];
			break;
		}
		before += latency->bucket[n];
	}
	return latency->max && ns > latency->max ? latency->max : ns;
}

/**
 * latency_loss - what part of the samples was lost
 * @latency: the samples
 *
 * Return: 0 to 1.
 */
double latency_loss(const struct latency *latency)
{
	uint64_t all = latency->count + latency->lost;

	return all ? (double)latency->lost / all : 0;
}

static void print_buckets(struct out *out, const struct latency *latency)
{
	out_array_open(out, "buckets");
	for (size_t n = 0; n < ARRAY_SIZE(latency->bucket); n++)
		out_num(out, "", NULL, latency->bucket[n]);
	out_array_close(out);
}

/**
 * latency_print - print the samples of a vnf, within its counters
 * @out: the output
 * @latency: the samples
 */
void latency_print(struct out *out, const struct latency *latency)
{
	out_line(out);
	out_object_open(out, "latency_ns");
	out_num(out, "count", "samples", latency->count);
	out_num(out, "p50", "p50 ns", latency_quantile(latency, 0.5));
	out_num(out, "p99", "p99 ns", latency_quantile(latency, 0.99));
	out_num(out, "max", "max ns", latency->max);
	out_num(out, "sum", NULL, latency->sum);
	print_buckets(out, latency);
	out_object_close(out);
	out_num(out, "lost", "lost", latency->lost);
	out_real(out, "loss", NULL, latency_loss(latency));
}
