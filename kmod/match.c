// SPDX-License-Identifier: GPL-2.0-only
/*
 * Match vlan and match static: what differs from match flow on the way to the
 * function and back. Between the two a packet goes the way of core.c.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "flow.h"
#include "frag.h"
#include "icmp.h"
#include "latency.h"
#include "match.h"
#include "sid.h"
#include "special.h"
#include "trace.h"
#include "uplink.h"
#include "verdict.h"
#include "vlan.h"
#include "vnf.h"

/**
 * srp_static_make() - make the stack that a vnf puts on
 * @sn: the namespace
 * @cfg: what the user said
 * @res: the stack, to be given back by srp_static_end() and freed by kfree()
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0, -ENOENT if there is no such uplink, or -ENOMEM.
 */
int srp_static_make(struct srp_net *sn, const struct srp_vnf_cfg *cfg,
		    struct srp_static **res, struct netlink_ext_ack *extack)
{
	struct srp_uplink *uplink = srp_uplink_find(sn, cfg->out);
	struct srp_static *fixed;
	int i;

	if (!uplink) {
		NL_SET_ERR_MSG(extack, "there is no such uplink");
		return -ENOENT;
	}
	fixed = kzalloc(struct_size(fixed, lse, cfg->n_labels),
			GFP_KERNEL_ACCOUNT);
	if (!fixed)
		return -ENOMEM;
	fixed->uplink = uplink;
	fixed->depth = cfg->n_labels;
	for (i = 0; i < cfg->n_labels; i++)
		fixed->lse[i] = srp_lse_id(cfg->labels[i],
					   i == cfg->n_labels - 1);
	uplink->users++;
	*res = fixed;
	return 0;
}

/**
 * srp_static_end() - let go of the uplink
 * @fixed: the stack; packets may use it for another grace period
 *
 * Context: RTNL.
 */
void srp_static_end(struct srp_static *fixed)
{
	fixed->uplink->users--;
}

/* Whom packets of the uplink came from, so that they can go back there. */
static void srp_static_note(struct srp_static *fixed,
			    const struct srp_ctx *ctx)
{
	u32 now = (u32)jiffies;
	u64 way, old;

	if (ctx->uplink != fixed->uplink || !is_valid_ether_addr(ctx->way))
		return;
	way = ether_addr_to_u64(ctx->way);
	old = atomic64_read(&fixed->way);
	if (old == way || (old && now - READ_ONCE(fixed->moved) < HZ))
		return;
	WRITE_ONCE(fixed->moved, now);
	atomic64_set(&fixed->way, way);
}

/**
 * srp_match_stash() - remember what is to be put on a packet, not by flow
 * @ctx: the packet, its labels still on or not; gets its VLAN tag
 * @b: the visit, of a vnf with match vlan or static
 * @res: the flow that keeps it, or NULL if there is none
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
enum srp_drop srp_match_stash(struct srp_ctx *ctx, struct srp_binding *b,
			      struct srp_flow **res)
{
	const struct srp_chain chain = {
		.binding = b,
		.uplink = ctx->uplink,
		.way = ctx->way,
		.lse = ctx->lse,
		.depth = ctx->depth,
		.ttl = ctx->ttl,
		.tc = ctx->tc,
		.dscp = srp_inner_dscp(ctx->skb, ctx->outer),
	};
	enum srp_drop reason;

	*res = NULL;
	if (b->vnf->match == SRPROXY_MATCH_STATIC) {
		srp_static_note(b->vnf->fixed, ctx);
		return SRP_DROP_NONE;
	}
	reason = srp_vlan_stash(b->vnf, &chain, res);
	if (!reason)
		__vlan_hwaccel_put_tag(ctx->skb, htons(ETH_P_8021Q),
				       srp_vlan_of(*res));
	return reason;
}

/* A frame that is the function's: make it ours and see what is in it, @reason
 * is what the parser says. Return: false if it ends here, with @verdict.
 */
static bool srp_take_back(struct srp_vnf *vnf, struct srp_ctx *ctx,
			  struct sk_buff *skb, enum srp_drop *reason,
			  unsigned int *verdict)
{
	*verdict = NF_STOLEN;
	if (skb->protocol != htons(ETH_P_IP) &&
	    skb->protocol != htons(ETH_P_IPV6)) {
		*verdict = srp_not_ip(vnf, skb);
		return false;
	}
	ctx->sn = vnf->sn;
	if (!srp_own(ctx, skb))
		return false;
	skb_reset_network_header(ctx->skb);
	ctx->outer = 0;
	ctx->depth = 0;
	*reason = srp_inner_parse(ctx->skb, 0, &vnf->sn->hash_key, &ctx->key);
	return true;
}

/* Does a function of this node come next, as the stack has it or the function
 * that the packet comes from?
 */
static bool srp_local_next(const struct srp_ctx *ctx, const struct srp_vnf *vnf,
			   const __be32 *lse, u8 depth)
{
	u8 next = srp_special_skip(lse, depth);
	u32 label = 0;

	if (next == depth)
		return false;
	if (READ_ONCE(vnf->steers))
		label = READ_ONCE(vnf->steer[srp_inner_dscp(ctx->skb, 0)]);
	return srp_sid_lookup(ctx->sn, label ?: srp_lse_label(lse[next]));
}

/* The parser had something to say about a packet that is to get this stack.
 * That was found without the key: a later fragment waits for its first only if
 * the next one needs it. Return: true if it is not to go on now.
 */
static noinline bool srp_back_stopped(struct srp_ctx *ctx, struct srp_vnf *vnf,
				      const __be32 *lse, u8 depth,
				      enum srp_drop reason)
{
	u32 tag = skb_vlan_tag_get_id(ctx->skb);

	if (reason == SRP_INNER_FRAGMENT &&
	    !srp_local_next(ctx, vnf, lse, depth))
		reason = srp_frag_pass(ctx, &vnf->rx, tag);
	return reason && srp_stopped(ctx, &vnf->rx, tag, reason);
}

/* The id of a frame, 0 for one without (a tag of VLAN 0 is none), -1 for one
 * that is for others: whoever else is on the device, or the IP stack.
 */
static int srp_vlan_id(const struct srp_vnf *vnf, const struct sk_buff *skb)
{
	u16 vid;

	if ((skb->pkt_type == PACKET_OTHERHOST && !vnf->other_host) ||
	    !READ_ONCE(vnf->live))
		return -1;
	if (!skb_vlan_tag_present(skb))
		return 0;
	vid = skb_vlan_tag_get_id(skb);
	if (skb->vlan_proto != htons(ETH_P_8021Q) ||
	    (vid && (vid < vnf->rx.vlan_first || vid > vnf->rx.vlan_last)))
		return -1;
	return vid;
}

/**
 * srp_rx_vlan() - a frame came in from a function with match vlan
 * @priv: the vnf
 * @skb: the frame
 * @state: not used
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_rx_vlan(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	struct srp_vnf *vnf = priv;
	int vid = srp_vlan_id(vnf, skb);
	const struct srp_stack *stack;
	struct srp_flow *flow;
	struct srp_ctx ctx;
	enum srp_drop reason;
	unsigned int verdict;

	if (vid < 0)
		return NF_ACCEPT;
	if (!srp_take_back(vnf, &ctx, skb, &reason, &verdict))
		return verdict;
	flow = vid ? srp_vlan_find(vnf, vid) : NULL;
	stack = flow ? rcu_dereference(flow->stack) : NULL;
	if (reason && srp_back_stopped(&ctx, vnf, stack ? stack->lse : NULL,
				       stack ? stack->depth : 0, reason))
		return NF_STOLEN;
	if (!flow)
		return srp_miss(vnf, &ctx);
	__vlan_hwaccel_clear_tag(ctx.skb);
	trace_from_vnf(ctx.skb, vnf, stack->binding->label, stack->depth);
	srp_count_rx(stack->binding->stats, ctx.skb->len);
	if (srp_flow_touch_back(flow))
		srp_latency_back(vnf, flow, ctx.skb, false);
	srp_recall(&ctx, flow, stack, true);
	if (READ_ONCE(vnf->steers))
		return srp_steered(&ctx, vnf, READ_ONCE(flow->dscp));
	return srp_go_on(&ctx);
}

/* What hosts say to their link is of no chain. */
static bool srp_is_link_local(const struct srp_key *key)
{
	if (key->family == AF_INET)
		return ipv4_is_local_multicast(key->dst.s6_addr32[0]) ||
		       ipv4_is_lbcast(key->dst.s6_addr32[0]);
	return ipv6_addr_type(&key->dst) & IPV6_ADDR_LINKLOCAL ||
	       ipv6_addr_type(&key->src) & IPV6_ADDR_LINKLOCAL;
}

/* Nothing is kept that would count how often a packet comes round, so it has
 * to carry that itself: what goes to another function of this node loses one
 * TTL of its own.
 */
static enum srp_drop srp_static_age(struct srp_ctx *ctx)
{
	if (!srp_sid_lookup(ctx->sn, srp_lse_label(ctx->lse[0])))
		return SRP_DROP_NONE;
	if (ctx->ttl <= 1)
		return SRP_DROP_ttl_expired;
	return srp_inner_cap_ttl(ctx->skb, ctx->ttl - 1) ?
	       SRP_DROP_no_memory : SRP_DROP_NONE;
}

/* The stack that is written down, and where it goes. */
static void srp_static_recall(struct srp_ctx *ctx,
			      const struct srp_static *fixed, u8 *way)
{
	u64_to_ether_addr(atomic64_read(&fixed->way), way);
	ctx->uplink = fixed->uplink;
	ctx->way = way;
	ctx->lse = fixed->lse;
	ctx->depth = fixed->depth;
	ctx->odd = 0;
	ctx->outer = 0;
	ctx->tc = 0;
	ctx->ttl = srp_inner_ttl(ctx->skb, 0);
}

/**
 * srp_rx_static() - a frame came in from a function with match static
 * @priv: the vnf
 * @skb: the frame
 * @state: not used
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_rx_static(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	u8 way[ETH_ALEN] __aligned(2);
	__be32 lse[SRPROXY_STACK_MAX];
	struct srp_vnf *vnf = priv;
	struct srp_ctx ctx;
	enum srp_drop reason;
	unsigned int verdict;

	if (!srp_frame_is_ours(vnf, skb))
		return NF_ACCEPT;
	if (!srp_take_back(vnf, &ctx, skb, &reason, &verdict))
		return verdict;
	if (reason && srp_back_stopped(&ctx, vnf, vnf->fixed->lse,
				       vnf->fixed->depth, reason))
		return NF_STOLEN;
	reason = SRP_DROP_NONE;
	__vlan_hwaccel_clear_tag(ctx.skb);
	if (srp_is_link_local(&ctx.key) || srp_is_nd(ctx.skb, &ctx.key))
		return srp_miss(vnf, &ctx);
	trace_from_vnf(ctx.skb, vnf, 0, vnf->fixed->depth);
	srp_count_rx(vnf->stats, ctx.skb->len);
	srp_static_recall(&ctx, vnf->fixed, way);
	if (READ_ONCE(vnf->steers))
		reason = srp_steer_apply(&ctx, vnf, 0, lse);
	if (!reason)
		reason = srp_static_age(&ctx);
	if (reason == SRP_DROP_ttl_expired)
		return srp_expired_bare(&ctx);
	if (reason)
		return srp_drop(ctx.sn, ctx.skb, reason);
	return srp_go_on(&ctx);
}
