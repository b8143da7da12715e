/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet's way through the node. */
#ifndef SRP_CORE_H
#define SRP_CORE_H

#include <linux/if_ether.h>
#include <linux/netfilter.h>

#include "inner.h"
#include "label.h"
#include "net.h"
#include "stack.h"

struct srp_binding;
struct srp_port;
struct srp_flow;
struct srp_uplink;
struct srp_vnf;

/* Fallback and steering decisions a packet may need before it is dropped. */
#define SRP_DECISIONS_MAX	8

/**
 * struct srp_ctx - one packet on its way, on the CPU's stack
 * @sn: the namespace
 * @skb: the packet; its data is the first label or the inner IP header, of
 *	Ethernet payload the frame's own header
 * @uplink: where it came from; valid in the RCU read-side section
 * @way: link-layer address it came from; in the packet or in a stack object
 * @lse: the entries still to be travelled, next first; likewise
 * @key: flow key
 * @depth: how many entries
 * @ttl: TTL of the label popped last less one, then of what goes on top
 * @tc: of what goes on top
 * @outer: octets of label stack (and control word) still on the packet, 0
 *	once it is bare
 * @odd: SRP_ODD_*, what is not plain about it; 0 for nearly every packet
 * @decisions: fallback and steering decisions taken so far
 * @cloned: the packet is a clone of what the hook was given, which is gone:
 *	it cannot be left to the stack any more
 */
struct srp_ctx {
	struct srp_net *sn;
	struct sk_buff *skb;
	struct srp_uplink *uplink;
	const u8 *way;
	const __be32 *lse;
	struct srp_key key;
	u8 depth;
	u8 ttl;
	u8 tc;
	u8 outer;
	u8 odd;
	u8 decisions;
	bool cloned;
};

/* Take off what is still in front: where it stood, before the data now, it can
 * still be read until something is pushed. A checksum that was to begin there is
 * not made any more.
 */
static __always_inline void srp_pull_outer(struct srp_ctx *ctx)
{
	const void *outer = ctx->skb->data;

	__skb_pull(ctx->skb, ctx->outer);
	skb_postpull_rcsum(ctx->skb, outer, ctx->outer);
	ctx->outer = 0;
}

bool srp_stopped(struct srp_ctx *ctx, const struct srp_port *port, u32 tag,
		 enum srp_drop reason);
unsigned int srp_rx_uplink(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state);
unsigned int srp_rx_vnf(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state);
unsigned int srp_rx_vnf_ether(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state);

/* steps that other ways to and from a function share */
bool srp_own(struct srp_ctx *ctx, struct sk_buff *skb);
enum srp_drop srp_keep(struct srp_ctx *ctx, struct srp_binding *b,
		       struct srp_flow **flow);
bool srp_make_bare(struct srp_ctx *ctx, unsigned int *verdict);
unsigned int srp_go_on(struct srp_ctx *ctx);
bool srp_frame_is_ours(const struct srp_vnf *vnf, const struct sk_buff *skb);
void srp_recall(struct srp_ctx *ctx, const struct srp_flow *flow,
		const struct srp_stack *stack, bool ip);

/* miss.c */
bool srp_is_nd(struct sk_buff *skb, const struct srp_key *key);
unsigned int srp_accept(struct srp_ctx *ctx);
unsigned int srp_miss(struct srp_vnf *vnf, struct srp_ctx *ctx);
unsigned int srp_not_ip(struct srp_vnf *vnf, struct sk_buff *skb);

/* egress.c */
unsigned int srp_egress(struct srp_ctx *ctx);
unsigned int srp_egress_ip(struct srp_ctx *ctx);
unsigned int srp_egress_lfib(struct srp_ctx *ctx, struct net_device *dev);

#endif
