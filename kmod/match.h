/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions whose packets are not found again by flow, and steering. */
#ifndef SRP_MATCH_H
#define SRP_MATCH_H

#include <linux/atomic.h>
#include <linux/netfilter.h>

#include "core.h"

struct netlink_ext_ack;
struct srp_binding;
struct srp_flow;
struct srp_vnf;
struct srp_vnf_cfg;

/**
 * struct srp_static - the stack that a vnf with match static puts on
 *
 * Made with the vnf and freed with it; while the vnf is in the configuration,
 * the uplink cannot be removed from it, and after that goes no earlier than
 * packets that are in the hook of the vnf.
 */
struct srp_static {
	/** @uplink: where packets leave; constant */
	struct srp_uplink *uplink;
	/** @way: neighbour that packets last came from on @uplink, or 0 */
	atomic64_t way;
	/** @moved: jiffies when @way last changed */
	u32 moved;
	/** @depth: entries; constant */
	u8 depth;
	/** @lse: identities of the entries, wire order; constant */
	__be32 lse[];
};

int srp_static_make(struct srp_net *sn, const struct srp_vnf_cfg *cfg,
		    struct srp_static **res, struct netlink_ext_ack *extack);
void srp_static_end(struct srp_static *fixed);

enum srp_drop srp_match_stash(struct srp_ctx *ctx, struct srp_binding *b,
			      struct srp_flow **res);
unsigned int srp_rx_vlan(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state);
unsigned int srp_rx_static(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state);

/* steer.c */
u8 srp_inner_dscp(const struct sk_buff *skb, unsigned int off);
enum srp_drop srp_steer_apply(struct srp_ctx *ctx, const struct srp_vnf *vnf,
			      u8 dscp, __be32 *lse);
unsigned int srp_steered(struct srp_ctx *ctx, const struct srp_vnf *vnf,
			 u8 dscp);

#endif
