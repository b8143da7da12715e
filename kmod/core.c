// SPDX-License-Identifier: GPL-2.0-only
/*
 * A packet's way through the node:
 *
 *	from an uplink			from a function
 *	--------------			---------------
 *	is its top label ours?		no label may be on it
 *	read the stack to its bottom	flow key
 *	flow key			find its flow: the remaining stack
 *	pop				|
 *	|				|
 *	+---------------+---------------+
 *			|
 *	nothing left: the IP stack takes it
 *	next label not ours: put the stack on, egress
 *	next label ours: pick an instance, stash, hand to the function
 */
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/mpls.h>
#include <net/ndisc.h>
#include <net/route.h>

#include "attach_dev.h"
#include "core.h"
#include "ethernet.h"
#include "flow.h"
#include "frag.h"
#include "icmp.h"
#include "icmperr.h"
#include "latency.h"
#include "match.h"
#include "sid.h"
#include "special.h"
#include "trace.h"
#include "uplink.h"
#include "verdict.h"
#include "vnf.h"

/* Take the label stack off; the packet is bare from here on. */
static __always_inline void srp_strip(struct srp_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;

	srp_pull_outer(ctx);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	skb->protocol = ctx->key.family == AF_INET ? htons(ETH_P_IP) :
						     htons(ETH_P_IPV6);
}

/* Likewise, whatever the labels carry. */
static void srp_strip_any(struct srp_ctx *ctx)
{
	if (ctx->odd & SRP_ODD_ETHER)
		srp_ether_strip(ctx);
	else
		srp_strip(ctx);
}

static noinline enum srp_drop srp_stash_new(struct srp_ctx *ctx,
					    struct srp_binding *b,
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

	return srp_flow_stash(ctx->sn, &ctx->key, &chain, res);
}

/* Is the flow as this packet wants it? A change of the visit or of the way
 * back alone can wait for its second.
 */
static __always_inline bool srp_stashed(const struct srp_ctx *ctx,
					const struct srp_binding *b,
					const struct srp_flow *flow)
{
	const struct srp_stack *stack;

	if (unlikely(!flow || srp_flow_expired(ctx->sn, flow)))
		return false;
	stack = rcu_dereference(flow->stack);
	if (unlikely(!__srp_stack_same(stack, ctx->uplink, ctx->lse,
				       ctx->depth)))
		return false;
	if (likely(stack->binding == b &&
		   ether_addr_equal(stack->way, ctx->way)))
		return true;
	return (u32)jiffies - READ_ONCE(flow->refreshed) < HZ;
}

/* The flow of a packet at a visit, made or changed if need be. */
static __always_inline enum srp_drop srp_stash(struct srp_ctx *ctx,
					       struct srp_binding *b,
					       struct srp_flow **res)
{
	*res = srp_flow_find(ctx->sn, &ctx->key);
	if (likely(srp_stashed(ctx, b, *res)))
		return SRP_DROP_NONE;
	return srp_stash_new(ctx, b, res);
}

/* What the function gets has no labels, and the TTL that they left. */
static __always_inline bool __srp_make_bare(struct srp_ctx *ctx,
					    unsigned int *verdict)
{
	if (ctx->outer)
		srp_strip(ctx);
	return likely(!READ_ONCE(ctx->sn->uniform)) ||
	       srp_uniform(ctx, verdict);
}

/* All is remembered: bare to the function. */
static __always_inline unsigned int srp_hand_bare(struct srp_ctx *ctx,
						  struct srp_binding *b)
{
	unsigned int verdict;

	if (unlikely(!__srp_make_bare(ctx, &verdict)))
		return verdict;
	return srp_dev_xmit(ctx, b);
}

/**
 * srp_keep() - the flow of a packet at a visit that is matched by flow
 * @ctx: the packet, its labels still on or not
 * @b: the visit
 * @flow: the flow, made or changed if need be
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
noinline enum srp_drop srp_keep(struct srp_ctx *ctx, struct srp_binding *b,
				struct srp_flow **flow)
{
	return srp_stash(ctx, b, flow);
}

/**
 * srp_make_bare() - make a packet what a function gets to see
 * @ctx: the packet, whose flow is kept
 * @verdict: the hook's, if the packet is gone
 *
 * Context: softirq, RCU read-side.
 * Return: false if the packet is gone.
 */
bool srp_make_bare(struct srp_ctx *ctx, unsigned int *verdict)
{
	return __srp_make_bare(ctx, verdict);
}

/* A function that is not matched by flow, or one that steers. */
static noinline unsigned int srp_visit_special(struct srp_ctx *ctx,
					       struct srp_binding *b)
{
	const struct srp_attach_ops *ops = b->vnf->ops;
	struct srp_flow *flow;
	enum srp_drop reason;

	if (ops && ops->visit)
		return ops->visit(ctx, b);
	reason = b->vnf->match == SRPROXY_MATCH_FLOW ?
		 srp_stash(ctx, b, &flow) : srp_match_stash(ctx, b, &flow);
	if (reason)
		return srp_drop(ctx->sn, ctx->skb, reason);
	if (flow) {
		if (srp_flow_touch_up(flow))
			srp_latency_sent(b->vnf, flow, ctx);
		srp_flow_follow(flow, ctx->ttl, ctx->tc,
				srp_inner_dscp(ctx->skb, ctx->outer));
	}
	return srp_hand_bare(ctx, b);
}

/* Hand the packet to the function of a label that was popped. @odd: there may
 * be something in ctx->odd.
 */
static __always_inline unsigned int srp_visit(struct srp_ctx *ctx,
					      struct srp_binding *b, bool odd)
{
	struct srp_flow *flow;
	enum srp_drop reason;

	ctx->key.vnf = b->vnf->id;
	if (unlikely(READ_ONCE(b->vnf->special)))
		return srp_visit_special(ctx, b);
	reason = srp_stash(ctx, b, &flow);
	if (unlikely(reason))
		return srp_drop(ctx->sn, ctx->skb, reason);
	if (unlikely(srp_flow_touch_up(flow)))
		srp_latency_sent(b->vnf, flow, ctx);
	if (unlikely(READ_ONCE(flow->ttl) != ctx->ttl ||
		     READ_ONCE(flow->tc) != ctx->tc))
		srp_flow_refresh(flow, ctx->ttl, ctx->tc);
	if (odd && ctx->odd & SRP_ODD_ETHER)
		return srp_ether_xmit_vnf(ctx, b);
	return srp_hand_bare(ctx, b);
}

/* The instance that serves the packet, or NULL. */
static __always_inline struct srp_binding *srp_select(struct srp_ctx *ctx,
						      const struct srp_sid *sid)
{
	struct srp_binding *b = srp_sid_select(ctx, sid);

	if (unlikely(srp_key_is_error(&ctx->key)))
		return srp_icmperr_select(ctx, sid, b);
	return b;
}

/* Pop the next label. Return: its sid; NULL if it is not of this node. */
static __always_inline struct srp_sid *srp_pop(struct srp_ctx *ctx)
{
	struct srp_sid *sid = srp_sid_lookup(ctx->sn,
					     srp_lse_label(ctx->lse[0]));

	if (!sid)
		return NULL;
	ctx->lse++;
	ctx->depth--;
	return sid;
}

/* Is the payload what explicit null at the bottom said, if there was one? */
static bool srp_null_is_right(const struct srp_ctx *ctx, u8 family)
{
	return !family ||
	       (family == ctx->key.family && !(ctx->odd & SRP_ODD_ETHER));
}

/* A label was popped where there may be something in ctx->odd, or in the
 * sid's: does the sid take what the packet is? Then make what remains of the
 * stack ready for the next pop. Return: why not, or SRP_DROP_NONE.
 */
static enum srp_drop srp_settle(struct srp_ctx *ctx, const struct srp_sid *sid)
{
	enum srp_drop reason;
	u8 family;

	if ((ctx->odd ^ sid->odd) & SRP_ODD_INNER)
		return SRP_DROP_inner_mismatch;
	if (!(ctx->odd & SRP_ODD_LABELS))
		return SRP_DROP_NONE;
	reason = srp_special_expose(ctx, &family);
	if (!reason && !srp_null_is_right(ctx, family))
		reason = SRP_DROP_label_special;
	return reason;
}

/* No label is left. Only IP has somebody here to take it. */
static unsigned int srp_bottom(struct srp_ctx *ctx)
{
	if (unlikely(ctx->odd & SRP_ODD_ETHER))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_inner_mismatch);
	return srp_egress_ip(ctx);
}

/**
 * struct srp_detour - a packet that left its way, none could serve its label
 * @decisions: fallback and steering decisions taken so far
 * @way: where the packet came from, in memory of its own
 * @lse: its stack, likewise; the last entries, so that one can be prepended
 */
struct srp_detour {
	u8 decisions;
	u8 way[ETH_ALEN] __aligned(2);
	__be32 lse[SRP_LSES_MAX];
};

/* Take what points into the packet out of it, and the labels off. */
static void srp_detour_begin(struct srp_ctx *ctx, const struct srp_sid *sid,
			     struct srp_detour *detour)
{
	__be32 *lse = detour->lse + ARRAY_SIZE(detour->lse) - ctx->depth;
	int i;

	detour->decisions = ctx->decisions;
	/* the label popped: an ICMP error shows it */
	lse[-1] = srp_lse_id(sid->label, !ctx->depth);
	for (i = 0; i < ctx->depth; i++)
		lse[i] = ctx->lse[i] & SRP_LSE_ID;
	ctx->lse = lse;
	if (is_valid_ether_addr(ctx->way))
		ether_addr_copy(detour->way, ctx->way);
	else
		eth_zero_addr(detour->way);
	ctx->way = detour->way;
	if (ctx->outer)
		srp_strip_any(ctx);
}

/* Put a label in front of the stack, where the one popped has stood. */
static void srp_prepend(struct srp_ctx *ctx, struct srp_detour *detour,
			u32 label)
{
	__be32 *lse = detour->lse + ARRAY_SIZE(detour->lse) - ++ctx->depth;

	*lse = srp_lse_id(label, ctx->depth == 1);
	ctx->lse = lse;
}

/* No instance can serve @sid: do what it says for that. Return: true if the
 * packet goes on with its stack, false if it ends here with @verdict.
 */
static bool srp_fallback(struct srp_ctx *ctx, const struct srp_sid *sid,
			 struct srp_detour *detour, unsigned int *verdict)
{
	struct net_device *dev;

	if (sid->fallback == SRPROXY_FALLBACK_BYPASS)
		return true;
	if (sid->fallback == SRPROXY_FALLBACK_REROUTE) {
		srp_prepend(ctx, detour, sid->reroute);
		return true;
	}
	if (sid->fallback == SRPROXY_FALLBACK_LFIB) {
		dev = rcu_dereference(ctx->uplink->port.dev);
		srp_prepend(ctx, detour, sid->label);
		*verdict = srp_egress_lfib(ctx, dev);
	} else {
		*verdict = srp_drop(ctx->sn, ctx->skb, SRP_DROP_no_instance);
	}
	return false;
}

/* The last label is bypassed: its TTL counts as if a function had been there
 * (RFC 3443, section 3.1).
 */
static unsigned int srp_bypassed(struct srp_ctx *ctx)
{
	unsigned int verdict;

	if (!(ctx->odd & SRP_ODD_ETHER) &&
	    unlikely(READ_ONCE(ctx->sn->uniform)) &&
	    !srp_uniform(ctx, &verdict))
		return verdict;
	return srp_bottom(ctx);
}

/* None can serve @sid. The stack has not been touched if the packet came so
 * from an uplink, and nothing else has been decided about it.
 */
static noinline unsigned int srp_detour(struct srp_ctx *ctx,
					const struct srp_sid *sid)
{
	struct srp_detour detour;
	enum srp_drop reason;
	struct srp_binding *b;
	unsigned int verdict;

	if (sid->fallback == SRPROXY_FALLBACK_LFIB && ctx->outer &&
	    !ctx->cloned)
		return NF_ACCEPT;
	srp_detour_begin(ctx, sid, &detour);
	for (;;) {
		if (++detour.decisions > SRP_DECISIONS_MAX)
			return srp_drop(ctx->sn, ctx->skb,
					SRP_DROP_fallback_loop);
		if (!srp_fallback(ctx, sid, &detour, &verdict))
			return verdict;
		if (!ctx->depth)
			return srp_bypassed(ctx);
		sid = srp_special_pop(ctx);
		if (!sid)
			return srp_egress(ctx);
		reason = srp_settle(ctx, sid);
		if (reason)
			return srp_drop(ctx->sn, ctx->skb, reason);
		if (ctx->ttl <= 1)
			return srp_expired(ctx, sid);
		ctx->ttl--;
		b = srp_select(ctx, sid);
		if (b)
			return srp_visit(ctx, b, true);
	}
}

/* A label was popped: find who serves it. */
static __always_inline unsigned int srp_steer(struct srp_ctx *ctx,
					      const struct srp_sid *sid,
					      bool odd)
{
	struct srp_binding *b = srp_select(ctx, sid);

	return likely(b) ? srp_visit(ctx, b, odd) : srp_detour(ctx, sid);
}

/* Likewise, as far as it differs where there is something in ctx->odd: the
 * entries are copied, as some may be written.
 */
static noinline unsigned int srp_next_odd(struct srp_ctx *ctx)
{
	__be32 lse[SRP_LSES_MAX];
	struct srp_sid *sid;
	enum srp_drop reason;

	if (!ctx->depth)
		return srp_bottom(ctx);
	ctx->lse = memcpy(lse, ctx->lse, ctx->depth * SRP_LSE_LEN);
	sid = srp_special_pop(ctx);
	if (!sid)
		return srp_egress(ctx);
	reason = srp_settle(ctx, sid);
	if (reason)
		return srp_drop(ctx->sn, ctx->skb, reason);
	if (ctx->ttl <= 1)
		return srp_expired(ctx, NULL);
	ctx->ttl--;
	return srp_steer(ctx, sid, true);
}

/* A bare packet goes on with what remains of its stack. */
static __always_inline unsigned int srp_next(struct srp_ctx *ctx)
{
	struct srp_sid *sid;

	if (unlikely(ctx->odd))
		return srp_next_odd(ctx);
	if (!ctx->depth)
		return srp_egress_ip(ctx);
	sid = srp_pop(ctx);
	if (likely(!sid))
		return srp_egress(ctx);
	if (unlikely(sid->odd))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_inner_mismatch);
	if (unlikely(ctx->ttl <= 1))
		return srp_expired(ctx, NULL);
	ctx->ttl--;
	return srp_steer(ctx, sid, false);
}

/**
 * srp_go_on() - a bare packet goes on with its stack
 * @ctx: a packet that a function returned, or one of the proxy's own, parsed
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict. One of our own no hook has: if it is to be
 * accepted, the caller hands it to the stack as its protocol says.
 */
unsigned int srp_go_on(struct srp_ctx *ctx)
{
	if (unlikely(!ctx->ttl))
		return srp_expired_bare(ctx);
	return srp_next(ctx);
}

/* The link-layer address that a packet came from; whether it is one is seen
 * to where it is kept.
 */
static const u8 *srp_way_back(const struct sk_buff *skb)
{
	static const u8 none[ETH_ALEN] __aligned(2);

	if (unlikely(skb->dev->type != ARPHRD_ETHER ||
		     !skb_mac_header_was_set(skb)))
		return none;
	return eth_hdr(skb)->h_source;
}

/* TTL and TC that the rest of the stack will have. In the pipe model never
 * more than the label above left of it, in the uniform one only that counts
 * (RFC 3443, section 3). Return: false if the packet's time is over.
 */
static bool srp_inherit(struct srp_ctx *ctx, const struct srp_labels *labels)
{
	int ttl = srp_lse_ttl(labels->top) - 1;
	__be32 lse = labels->top;

	if (likely(labels->depth)) {
		lse = labels->next;
		if (!READ_ONCE(ctx->sn->uniform))
			ttl = min_t(int, ttl, srp_lse_ttl(lse));
	}
	ctx->ttl = ttl;
	ctx->tc = srp_lse_tc(lse);
	return ttl > 0;
}

/* A sender that counts references (pktgen) may hold the packet still; what we
 * steal can be a clone then, what we accept cannot.
 */
static noinline bool srp_own_clone(struct srp_ctx *ctx, struct sk_buff *skb)
{
	ctx->cloned = true;
	ctx->skb = skb_clone(skb, GFP_ATOMIC);
	if (ctx->skb)
		consume_skb(skb);
	else
		srp_drop(ctx->sn, skb, SRP_DROP_no_memory);
	return ctx->skb;
}

static __always_inline bool __srp_own(struct srp_ctx *ctx,
				      struct sk_buff *skb)
{
	ctx->skb = skb;
	ctx->cloned = false;
	ctx->decisions = 0;
	return likely(!skb_shared(skb)) || srp_own_clone(ctx, skb);
}

/**
 * srp_own() - make a packet that came in ours alone
 * @ctx: begun here: the packet, and that nothing is decided about it yet
 * @skb: the packet
 *
 * Context: softirq.
 * Return: false if that failed, the packet is gone then.
 */
bool srp_own(struct srp_ctx *ctx, struct sk_buff *skb)
{
	return __srp_own(ctx, skb);
}

/**
 * srp_stopped() - the parser has something to say about a packet
 * @ctx: the packet; if it is a fragment, its key is completed
 * @port: where it came in
 * @tag: the label popped, the entries below it in ctx->lse; or with match vlan
 *	the id, and no depth; 0: neither
 * @reason: what the parser said
 *
 * Context: softirq, RCU read-side.
 * Return: true if it is not to go on now: dropped, or taken by others.
 */
noinline bool srp_stopped(struct srp_ctx *ctx, const struct srp_port *port,
			  u32 tag, enum srp_drop reason)
{
	if (reason == SRP_INNER_FRAGMENT)
		reason = srp_frag_rx(ctx, port, tag);
	if (reason && reason != SRP_FRAG_TAKEN)
		srp_drop(ctx->sn, ctx->skb, reason);
	return reason;
}

/* The sid of the top label, or NULL. Special labels above it are none. The
 * first entry goes into @labels.
 */
static struct srp_sid *srp_top_sid(struct srp_net *sn,
				   const struct sk_buff *skb,
				   struct srp_labels *labels)
{
	__be32 buf, *lse;
	struct srp_sid *sid;

	lse = skb_header_pointer(skb, 0, SRP_LSE_LEN, &buf);
	if (unlikely(!lse))
		return NULL;
	labels->top = *lse;
	labels->special = false;
	sid = srp_sid_lookup(sn, srp_lse_label(labels->top));
	if (likely(sid) || !srp_lse_special(labels->top))
		return sid;
	labels->special = true;
	return srp_special_top_sid(sn, skb);
}

/* From the labels to the payload, of a packet with something in ctx->odd. */
static enum srp_drop srp_parse_odd(struct srp_ctx *ctx,
				   struct srp_labels *labels, __be32 *room,
				   enum srp_drop *later)
{
	enum srp_drop reason = SRP_DROP_NONE;
	u8 family = AF_UNSPEC;

	if (labels->special)
		reason = srp_special_take(ctx, labels, room, &family);
	if (reason) {
		/* counted as received first, but for what cannot be read */
		*later = reason;
		return reason == SRP_DROP_label_malformed ? reason :
							    SRP_DROP_NONE;
	}
	if (ctx->odd & SRP_ODD_ETHER)
		reason = srp_ether_parse(ctx);
	else
		reason = srp_inner_parse(ctx->skb, ctx->outer,
					 &ctx->sn->hash_key, &ctx->key);
	if (!srp_null_is_right(ctx, family))
		*later = SRP_DROP_label_special;
	else if (ctx->odd & SRP_ODD_ETHER && skb_is_gso(ctx->skb))
		*later = SRP_DROP_gso_unsupported;
	return reason;
}

/* The rest of a packet's way in, where there is something in ctx->odd. The
 * labels are handed over by value: the caller's stay in registers.
 */
static noinline unsigned int srp_rx_odd(struct srp_ctx *ctx,
					struct srp_labels labels,
					struct srp_sid *sid)
{
	__be32 room[SRP_LSES_MAX];
	enum srp_drop reason, later = SRP_DROP_NONE;
	struct sk_buff *skb = ctx->skb;

	reason = srp_parse_odd(ctx, &labels, room, &later);
	if (!labels.special)
		ctx->lse = (const __be32 *)skb->data + 1;
	if (reason && srp_stopped(ctx, &ctx->uplink->port, sid->label, reason))
		return NF_STOLEN;
	trace_rx(skb, sid->label, ctx->depth, srp_lse_ttl(labels.top));
	srp_count_rx(ctx->uplink->stats, skb->len - ctx->outer);
	if (later)
		return srp_drop(ctx->sn, skb, later);
	ctx->way = srp_way_back(skb);
	if (!srp_inherit(ctx, &labels))
		return srp_expired(ctx, sid);
	return srp_steer(ctx, sid, true);
}

/**
 * srp_rx_uplink() - a packet came in on an uplink
 * @priv: the uplink
 * @skb: the packet
 * @state: not used
 *
 * What is not for us goes on untouched: the node stays a router.
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int __flatten srp_rx_uplink(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct srp_uplink *up = priv;
	struct srp_labels labels;
	struct srp_ctx ctx;
	struct srp_sid *sid;
	enum srp_drop reason;

	if (skb->protocol != htons(ETH_P_MPLS_UC) ||
	    skb->pkt_type != PACKET_HOST || skb_vlan_tag_present(skb))
		return NF_ACCEPT;
	sid = srp_top_sid(up->sn, skb, &labels);
	if (!sid || unlikely(!READ_ONCE(up->live)))
		return NF_ACCEPT;
	ctx.sn = up->sn;
	ctx.uplink = up;
	if (unlikely(!__srp_own(&ctx, skb)))
		return NF_STOLEN;
	skb = ctx.skb;
	reason = srp_labels_parse(skb, &labels);
	if (unlikely(reason))
		return srp_drop(ctx.sn, skb, reason);
	ctx.depth = labels.depth;
	ctx.outer = (labels.depth + 1) * SRP_LSE_LEN;
	ctx.odd = labels.special | sid->odd;
	if (unlikely(ctx.odd))
		return srp_rx_odd(&ctx, labels, sid);
	reason = srp_inner_parse(skb, ctx.outer, &ctx.sn->hash_key, &ctx.key);
	ctx.lse = (const __be32 *)skb->data + 1;
	if (unlikely(reason) &&
	    srp_stopped(&ctx, &up->port, sid->label, reason))
		return NF_STOLEN;
	trace_rx(skb, sid->label, ctx.depth, srp_lse_ttl(labels.top));
	srp_count_rx(up->stats, skb->len - ctx.outer);
	ctx.way = srp_way_back(skb);
	if (unlikely(!srp_inherit(&ctx, &labels)))
		return srp_expired(&ctx, sid);
	return srp_steer(&ctx, sid, false);
}

/**
 * srp_frame_is_ours() - may a frame be a returned packet?
 * @vnf: the function, matched by anything but VLAN
 * @skb: the frame
 *
 * Return: false if it is for others.
 */
bool srp_frame_is_ours(const struct srp_vnf *vnf, const struct sk_buff *skb)
{
	/* a tag of VLAN 0 tells the priority alone, to the stack as to us */
	if (skb_vlan_tag_present(skb) && skb_vlan_tag_get_id(skb))
		return false;
	return (skb->pkt_type != PACKET_OTHERHOST || vnf->other_host) &&
	       READ_ONCE(vnf->live);
}

/**
 * srp_recall() - what the flow of a returned packet remembers
 * @ctx: filled in with it
 * @flow: the flow
 * @stack: its stack
 * @ip: it is no frame, which has no TTL that the uniform model could follow
 *
 * Context: softirq, RCU read-side.
 */
void srp_recall(struct srp_ctx *ctx, const struct srp_flow *flow,
		const struct srp_stack *stack, bool ip)
{
	ctx->uplink = stack->uplink;
	ctx->way = stack->way;
	ctx->lse = stack->lse;
	ctx->depth = stack->depth;
	ctx->odd = stack->odd;
	ctx->outer = 0;
	ctx->tc = READ_ONCE(flow->tc);
	ctx->ttl = READ_ONCE(flow->ttl);
	if (ip && unlikely(READ_ONCE(ctx->sn->uniform)))
		ctx->ttl = srp_inner_ttl(ctx->skb, 0);
}

/**
 * srp_rx_vnf() - a packet came in from a function
 * @priv: the vnf
 * @skb: the packet
 * @state: not used
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int __flatten srp_rx_vnf(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct srp_vnf *vnf = priv;
	const struct srp_stack *stack;
	struct srp_flow *flow;
	struct srp_ctx ctx;
	enum srp_drop reason;

	if (!srp_frame_is_ours(vnf, skb))
		return NF_ACCEPT;
	if (skb->protocol != htons(ETH_P_IP) &&
	    skb->protocol != htons(ETH_P_IPV6))
		return srp_not_ip(vnf, skb);
	ctx.sn = vnf->sn;
	if (unlikely(!__srp_own(&ctx, skb)))
		return NF_STOLEN;
	skb = ctx.skb;
	if (unlikely(skb_vlan_tag_present(skb)))
		__vlan_hwaccel_clear_tag(skb);
	skb_reset_network_header(skb);
	ctx.outer = 0;
	reason = srp_inner_parse(skb, 0, &ctx.sn->hash_key, &ctx.key);
	if (unlikely(reason) && srp_stopped(&ctx, &vnf->rx, 0, reason))
		return NF_STOLEN;
	ctx.key.vnf = vnf->id;
	flow = srp_flow_find(ctx.sn, &ctx.key);
	if (unlikely(!flow || srp_flow_expired(ctx.sn, flow))) {
		ctx.odd = 0;
		flow = srp_icmperr_flow(vnf, &ctx);
		if (!flow)
			return srp_miss(vnf, &ctx);
	}
	stack = rcu_dereference(flow->stack);
	trace_from_vnf(skb, vnf, stack->binding->label, stack->depth);
	srp_count_rx(stack->binding->stats, skb->len);
	if (unlikely(srp_flow_touch_back(flow)))
		srp_latency_back(vnf, flow, skb, false);
	srp_recall(&ctx, flow, stack, true);
	if (unlikely(!ctx.ttl))
		return srp_expired_bare(&ctx);
	if (unlikely(READ_ONCE(vnf->special)))
		return srp_steered(&ctx, vnf, READ_ONCE(flow->dscp));
	return srp_next(&ctx);
}
