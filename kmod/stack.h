/* SPDX-License-Identifier: GPL-2.0-only */
/* Stack objects: what of a chain is still to be travelled. */
#ifndef SRP_STACK_H
#define SRP_STACK_H

#include <linux/if_ether.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>

#include <linux/srproxy.h>

#include "label.h"

struct srp_binding;
struct srp_flow;
struct srp_net;
struct srp_uplink;

/**
 * struct srp_stack - a label stack still to be travelled, shared by flows
 *
 * Immutable but for @vlan. Referenced by flows; taken out of srp_net.stacks with the last
 * reference, freed by RCU.
 */
struct srp_stack {
	/** @node: in srp_net.stacks; lock: srp_net.stack_lock */
	struct rhash_head node;
	/** @binding: the visit it belongs to, held */
	struct srp_binding *binding;
	/** @uplink: where the packets came from, held */
	struct srp_uplink *uplink;
	/** @ref: references */
	refcount_t ref;
	/** @hash: of the content */
	u32 hash;
	/** @way: link-layer address they came from; zero if there is none */
	u8 way[ETH_ALEN] __aligned(2);
	/** @depth: entries, 0 for the last function of a chain */
	u8 depth;
	/** @odd: SRP_ODD_LABELS if there is a special-purpose label */
	u8 odd;
	/**
	 * @vlan: with match vlan, the flow that holds the id which stands for
	 * this stack; RCU, lock: srp_vnf.flow_lock
	 */
	struct srp_flow __rcu *vlan;
	/** @rcu: for freeing */
	struct rcu_head rcu;
	/** @lse: identities of the entries, wire order */
	__be32 lse[];
};

/**
 * struct srp_chain - the content of a stack object, before there is one
 * @binding: the visit
 * @uplink: where the packet came from
 * @way: link-layer address it came from
 * @lse: the entries still to be travelled, perhaps in the packet, with TC and
 *	TTL; masked where an object is made of them
 * @depth: how many
 * @ttl: of what goes on top of a packet that returns
 * @tc: likewise
 * @dscp: of the packet
 */
struct srp_chain {
	struct srp_binding *binding;
	struct srp_uplink *uplink;
	const u8 *way;
	const __be32 *lse;
	u8 depth;
	u8 ttl;
	u8 tc;
	u8 dscp;
};

/**
 * struct srp_chain_copy - a chain in memory of its own
 * @chain: the chain, pointing to what follows
 * @lse: bare identities of its entries
 * @way: where it came from, zero if that is no address
 */
struct srp_chain_copy {
	struct srp_chain chain;
	__be32 lse[SRPROXY_STACK_MAX];
	u8 way[ETH_ALEN] __aligned(2);
};

/* The same labels, to go the same way out? Who is visited and which
 * neighbour they came from are not part of it, nor are TC and TTL.
 */
static __always_inline bool __srp_stack_same(const struct srp_stack *s,
					     const struct srp_uplink *uplink,
					     const __be32 *lse, u8 depth)
{
	int i;

	if (s->depth != depth || s->uplink != uplink)
		return false;
	for (i = 0; i < depth; i++)
		if ((s->lse[i] ^ lse[i]) & SRP_LSE_ID)
			return false;
	return true;
}

static inline bool srp_stack_same(const struct srp_stack *s,
				  const struct srp_chain *chain)
{
	return __srp_stack_same(s, chain->uplink, chain->lse, chain->depth);
}

int srp_stacks_init(struct srp_net *sn);
void srp_stacks_exit(struct srp_net *sn);
void srp_chain_copy(struct srp_chain_copy *copy,
		    const struct srp_chain *chain);
struct srp_stack *srp_stack_find(struct srp_net *sn,
				 const struct srp_chain *chain);
struct srp_stack *srp_stack_get(struct srp_net *sn,
				const struct srp_chain *chain);
void srp_stack_put(struct srp_net *sn, struct srp_stack *stack);
bool srp_stack_revisits(struct srp_net *sn, const struct srp_chain *chain);

#endif
