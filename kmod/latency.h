/* SPDX-License-Identifier: GPL-2.0-only */
/* How long functions keep packets, and what they lose: sampled packets. */
#ifndef SRP_LATENCY_H
#define SRP_LATENCY_H

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include <linux/srproxy.h>

#include "flow.h"
#include "vnf.h"

struct srp_ctx;

/* What has not come back by then never will. */
#define SRP_LATENCY_MAX_NS	NSEC_PER_SEC

/**
 * struct srp_latency - samples of one vnf on one CPU
 * @turn: jiffies of the last sample begun here: there is one a jiffy
 * @epoch: srp_vnf.latency_epoch that @max is of
 * @syncp: for readers on 32-bit machines, of what follows
 * @max: longest
 * @sum: of all, in nanoseconds
 * @lost: samples that did not come back
 * @bucket: samples by srp_latency_bucket()
 *
 * Written in softirq, or elsewhere with bottom halves off, by its CPU only.
 */
struct srp_latency {
	u32 turn;
	u32 epoch;
	struct u64_stats_sync syncp;
	u64_stats_t max;
	u64_stats_t sum;
	u64_stats_t lost;
	u64_stats_t bucket[SRPROXY_LATENCY_BUCKETS];
};

/**
 * struct srp_sight - by what a packet is known again
 * @digest: the same before and after the function, for most packets another
 *	than that of the flow's others
 * @span: how many digests from there on are of packets that have been merged
 *	into this one
 */
struct srp_sight {
	u16 digest;
	unsigned int span;
};

/* Bucket n is of 2^n to 2^(n+1) - 1 nanoseconds, the first of 0 too. */
static inline unsigned int srp_latency_bucket(u64 ns)
{
	unsigned int n = ns ? ilog2(ns) : 0;

	return min_t(unsigned int, n, SRPROXY_LATENCY_BUCKETS - 1);
}

void __srp_latency_sent(struct srp_vnf *vnf, struct srp_flow *flow,
			const struct srp_ctx *ctx);

/**
 * srp_latency_sent() - a packet goes to the function, the flow's first in this
 *	jiffy
 * @vnf: the function
 * @flow: the flow
 * @ctx: the packet, parsed, bare or with its labels
 *
 * Context: softirq, RCU read-side.
 */
static inline void srp_latency_sent(struct srp_vnf *vnf, struct srp_flow *flow,
				    const struct srp_ctx *ctx)
{
	if (this_cpu_read(vnf->latency->turn) != (u32)jiffies ||
	    unlikely(atomic64_read(&flow->sample)))
		__srp_latency_sent(vnf, flow, ctx);
}

void __srp_latency_age(struct srp_vnf *vnf, struct srp_flow *flow);

/**
 * srp_latency_age() - give up the flow's sample, if it is time to
 * @vnf: the vnf
 * @flow: the flow
 *
 * Context: srp_vnf.flow_lock.
 */
static inline void srp_latency_age(struct srp_vnf *vnf, struct srp_flow *flow)
{
	if (unlikely(atomic64_read(&flow->sample)))
		__srp_latency_age(vnf, flow);
}

void srp_latency_back(struct srp_vnf *vnf, struct srp_flow *flow,
		      const struct sk_buff *skb, bool frame);
bool srp_latency_sight(const struct sk_buff *skb, unsigned int off,
		       struct srp_sight *sight);
bool srp_latency_sight_frame(const struct sk_buff *skb, unsigned int off,
			     __be16 proto, struct srp_sight *sight);
struct srp_latency __percpu *srp_latency_alloc(void);
void srp_latency_sum(const struct srp_vnf *vnf, struct srp_latency_sums *sums);
void srp_latency_since_reset(const struct srp_vnf *vnf,
			     struct srp_latency_sums *sums);
void srp_latency_reset(struct srp_vnf *vnf);

#endif
