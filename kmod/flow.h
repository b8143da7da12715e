/* SPDX-License-Identifier: GPL-2.0-only */
/* The stash: for a vnf and a flow key, the stack still to be travelled. */
#ifndef SRP_FLOW_H
#define SRP_FLOW_H

#include <linux/jiffies.h>
#include <linux/rhashtable.h>

#include "inner.h"
#include "net.h"
#include "stack.h"
#include "vnf.h"

/* Flags of a flow, under srp_vnf.flow_lock. */
#define SRP_FLOW_PROTECTED	BIT(0)	/* past probation */
#define SRP_FLOW_CONFLICT	BIT(1)	/* another stack claims it */
/* A conflict is over when nothing has claimed the flow for so long. */
#define SRP_CONFLICT_TIME	(4 * HZ)
#define SRP_FLOW_DEAD		BIT(2)	/* out of the table */

/**
 * struct srp_flow - one flow through one vnf, from its first packet on
 *
 * The first cache line is read by every packet, the second written, once per
 * jiffy but for @packets. With match vlan it is not in srp_net.flows and found
 * by its stack or its id; @key then holds the id only (vlan.h). Unlinked under
 * srp_vnf.flow_lock, freed by RCU. Its vnf is that of its stack's binding, which
 * holds it.
 */
struct srp_flow {
	/** @node: in srp_net.flows; lock: srp_vnf.flow_lock */
	struct rhash_head node;
	/** @key: constant */
	struct srp_key key;
	/** @stack: what is put back on; RCU, lock: srp_vnf.flow_lock */
	struct srp_stack __rcu *stack;

	/** @packets: sent to the function; may lose racing increments */
	u32 packets;
	/** @last_up: jiffies of the last packet with @stack */
	u32 last_up;
	/** @last_back: jiffies of the last packet that the function returned */
	u32 last_back;
	/** @flags: SRP_FLOW_*; lock: srp_vnf.flow_lock */
	u8 flags;
	/** @ttl: of the label to be put on top (pipe model) */
	u8 ttl;
	/** @tc: likewise */
	u8 tc;
	/** @dscp: of the packets that go in, where the function steers */
	u8 dscp;
	/** @refreshed: jiffies when way back, TTL, TC or DSCP last changed */
	u32 refreshed;
	/** @port: of an app: index of what stands for it (pool.h); constant */
	u32 port : 24;
	/** @hops: of an app: TTL of the IP packets that go in */
	u8 hops;
	/** @sample: packet under way that is timed, 0 for none; see latency.c */
	atomic64_t sample;
	/** @prev: stack before this one, for a second; srp_vnf.flow_lock */
	struct srp_stack *prev;
	union {
		/** @link: in the vnf's list, while in the table */
		struct srp_link link;
		/** @rcu: for freeing */
		struct rcu_head rcu;
	};
};

static_assert(offsetof(struct srp_flow, packets) == 64);
static_assert(sizeof(struct srp_flow) <= 128);

static inline u32 srp_flow_key_hash(const void *data, u32 len, u32 seed)
{
	const struct srp_key *key = data;

	/* The hash is keyed already; the vnf only has to spread. */
	return key->hash ^ key->vnf * GOLDEN_RATIO_32;
}

static inline int srp_flow_cmp(struct rhashtable_compare_arg *arg,
			       const void *obj)
{
	return !srp_key_equal(arg->key, &((const struct srp_flow *)obj)->key);
}

static const struct rhashtable_params srp_flow_params = {
	.head_offset = offsetof(struct srp_flow, node),
	.key_offset = offsetof(struct srp_flow, key),
	.key_len = sizeof(struct srp_key),
	.hashfn = srp_flow_key_hash,
	.obj_cmpfn = srp_flow_cmp,
	.automatic_shrinking = true,
};

/* The flow of a key, its vnf filled in, or NULL. In RCU read-side. */
static __always_inline struct srp_flow *srp_flow_find(struct srp_net *sn,
						      const struct srp_key *key)
{
	return rhashtable_lookup(&sn->flows, key, srp_flow_params);
}

/* Jiffies since the last packet of either side. */
static inline u32 srp_flow_idle(const struct srp_flow *flow, u32 now)
{
	u32 up = now - READ_ONCE(flow->last_up);
	u32 back = now - READ_ONCE(flow->last_back);

	return min(up, back);
}

/* Dead for its age, though the worker has not come by? */
static inline bool srp_flow_expired(const struct srp_net *sn,
				    const struct srp_flow *flow)
{
	u32 now = (u32)jiffies;

	if (likely(READ_ONCE(flow->last_up) == now))
		return false;
	return srp_flow_idle(flow, now) > READ_ONCE(sn->idle);
}

void __srp_flow_promote(struct srp_flow *flow);

/* A packet with the flow's own stack goes to the function. Return: whether it
 * is the first in this jiffy.
 */
static __always_inline bool srp_flow_touch_up(struct srp_flow *flow)
{
	u32 now = (u32)jiffies;

	WRITE_ONCE(flow->packets, READ_ONCE(flow->packets) + 1);
	if (READ_ONCE(flow->last_up) == now)
		return false;
	WRITE_ONCE(flow->last_up, now);
	if (unlikely(!(READ_ONCE(flow->flags) & SRP_FLOW_PROTECTED)) &&
	    now - READ_ONCE(flow->link.since) >= HZ)
		__srp_flow_promote(flow);
	return true;
}

/* The function returned a packet. Return: whether it can be one that is timed;
 * that costs those that are not one instruction.
 */
static __always_inline bool srp_flow_touch_back(struct srp_flow *flow)
{
	u64 sample = atomic64_read(&flow->sample);
	u32 now = (u32)jiffies;

	if (likely(!((READ_ONCE(flow->last_back) ^ now) | sample)))
		return false;
	WRITE_ONCE(flow->last_back, now);
	WRITE_ONCE(flow->link.returned, true);
	return sample;
}

void __srp_flow_refresh(struct srp_flow *flow, u8 ttl, u8 tc);

/* The label's TTL or TC is another than before: follow it, once a second. */
static inline void srp_flow_refresh(struct srp_flow *flow, u8 ttl, u8 tc)
{
	if ((u32)jiffies - READ_ONCE(flow->refreshed) >= HZ)
		__srp_flow_refresh(flow, ttl, tc);
}

void __srp_flow_follow(struct srp_flow *flow, u8 ttl, u8 tc, u8 dscp);

/* Likewise, and the DSCP. */
static inline void srp_flow_follow(struct srp_flow *flow, u8 ttl, u8 tc,
				   u8 dscp)
{
	if ((READ_ONCE(flow->ttl) != ttl || READ_ONCE(flow->tc) != tc ||
	     READ_ONCE(flow->dscp) != dscp) &&
	    (u32)jiffies - READ_ONCE(flow->refreshed) >= HZ)
		__srp_flow_follow(flow, ttl, tc, dscp);
}

struct srp_flow *srp_flow_make(const struct srp_key *key,
			       const struct srp_chain *chain,
			       struct srp_stack *stack);
void srp_flow_unmake(struct srp_flow *flow);
enum srp_drop srp_flow_stash(struct srp_net *sn, const struct srp_key *key,
			     const struct srp_chain *from,
			     struct srp_flow **res);
void srp_flow_flush(struct srp_vnf *vnf);
void srp_flow_hand_add(struct srp_vnf *vnf, struct srp_link *hand);
void srp_flow_hand_del(struct srp_vnf *vnf, struct srp_link *hand);
struct srp_flow *srp_flow_hand_next(struct srp_vnf *vnf,
				    struct srp_link *hand);
int srp_flows_init(struct srp_net *sn);
void srp_flows_resume(struct srp_net *sn);
void srp_flows_stop(struct srp_net *sn);
void srp_flows_exit(struct srp_net *sn);
struct srp_vnf *srp_flow_vnf(const struct srp_flow *flow);
void srp_flow_unlink(struct srp_vnf *vnf, struct srp_flow *flow);
u64 srp_flow_total_max(void);
void srp_flow_room_init(void);
bool srp_flow_room(struct srp_net *sn, struct srp_vnf *vnf);
void srp_flow_uncharge(struct srp_net *sn, struct srp_vnf *vnf);
bool srp_charge_module(const struct srp_net *sn);
void srp_uncharge_module(const struct srp_net *sn);
bool srp_protect_room(struct srp_net *sn, struct srp_vnf *vnf);
int srp_flow_init(void);
void srp_flow_exit(void);
unsigned int srp_flow_size(void);

#endif
