// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function that is an ordinary UDP server: it is sent the payload of the
 * packets, and what it answers becomes the payload of packets that go on.
 *
 *	session	      192.0.2.1:40000 > 198.51.100.1:53     a flow
 *	datagram      pool address:port > server's ADDR:PORT   and its port
 *	answer        ADDR:PORT > pool address:port
 *	goes on as    192.0.2.1:40000 > 198.51.100.1:53
 *
 * The flow is one like any other. What it has besides is a port of the pool,
 * which its datagrams come from and by which answers find it.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/slab.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "app.h"
#include "attach.h"
#include "core.h"
#include "cut.h"
#include "flow.h"
#include "frag.h"
#include "icmp.h"
#include "match.h"
#include "nexthop.h"
#include "sid.h"
#include "trace.h"
#include "uplink.h"
#include "verdict.h"
#include "vnf.h"

#define SRP_DSCP_SHIFT	2

/**
 * srp_app_ready() - is there a port for one more flow?
 * @vnf: a vnf that is an app
 *
 * Asked before another flow has to give way for it.
 *
 * Context: softirq.
 * Return: false if not.
 */
bool srp_app_ready(struct srp_vnf *vnf)
{
	bool ready;

	spin_lock_bh(&vnf->flow_lock);
	ready = srp_pool_ready(&vnf->app->pool);
	spin_unlock_bh(&vnf->flow_lock);
	return ready;
}

static u8 srp_dsfield(const struct sk_buff *skb)
{
	const struct iphdr *ip = (const void *)skb->data;

	return ip->version == 4 ? ipv4_get_dsfield(ip) :
				  ipv6_get_dsfield((const void *)ip);
}

/* Does a datagram fit in an envelope of @hlen octets, or each of several? */
static bool srp_datagram_fits(const struct sk_buff *skb,
			      const struct srp_datagram *dgram,
			      unsigned int hlen, unsigned int mtu)
{
	if (hlen + dgram->len <= mtu)
		return true;
	return mtu > hlen && skb_is_gso(skb) &&
	       skb_gso_validate_network_len(skb, mtu - hlen + dgram->at);
}

static bool srp_has_df(const struct sk_buff *skb)
{
	const struct iphdr *ip = (const void *)skb->data;

	return ip->version != 4 || ip->frag_off & htons(IP_DF);
}

/* Too big for the server's link, and not to be fragmented: one with DF, IPv6,
 * or several in one.
 */
static unsigned int srp_app_refuse(struct srp_ctx *ctx,
				   const struct srp_datagram *dgram,
				   unsigned int hlen, unsigned int mtu)
{
	if (srp_has_df(ctx->skb))
		srp_too_big(ctx, mtu - min(mtu, hlen) + dgram->at, true);
	return srp_drop(ctx->sn, ctx->skb, SRP_DROP_mtu_exceeded);
}

/* In its envelope, to the server. */
static unsigned int srp_app_send(struct srp_ctx *ctx, struct srp_binding *b,
				 struct net_device *dev, unsigned int mtu)
{
	const struct srp_outlet out = {
		.dev = dev,
		.nh = &b->vnf->nh,
		.stats = b->stats,
		.mtu = mtu,
	};
	struct sk_buff *skb = ctx->skb;
	unsigned int len = skb->len;

	trace_to_vnf(skb, b->vnf, b->label, ctx->depth);
	/* before anything forgets that it may be cut */
	if (unlikely(!srp_fits(skb, 0, mtu)))
		return srp_cut(ctx, &out);
	srp_scrub(skb);
	return srp_sent(ctx->sn, srp_nexthop_xmit(&b->vnf->nh, dev, skb),
			b->stats, len);
}

static enum srp_drop srp_envelope_reason(int err)
{
	return err == -EMSGSIZE ? SRP_DROP_mtu_exceeded : SRP_DROP_no_memory;
}

/* A bare packet whose flow is known. */
static unsigned int srp_app_xmit(struct srp_ctx *ctx, struct srp_binding *b,
				 struct srp_flow *flow,
				 const struct srp_datagram *dgram)
{
	struct net_device *dev = rcu_dereference(b->vnf->tx.dev);
	const struct srp_app *app = b->vnf->app;
	unsigned int hlen = srp_envelope_len(app->family), mtu;
	struct srp_envelope to;
	int err;

	if (unlikely(!dev))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_vnf_down);
	mtu = min_not_zero(READ_ONCE(b->vnf->mtu), READ_ONCE(dev->mtu));
	to.df = srp_datagram_fits(ctx->skb, dgram, hlen, mtu);
	if (unlikely(!to.df)) {
		if (srp_has_df(ctx->skb) || skb_is_gso(ctx->skb))
			return srp_app_refuse(ctx, dgram, hlen, mtu);
		/* so may what it becomes, IPv6 too */
		ctx->skb->ignore_df = 1;
	}
	to.family = app->family;
	to.tos = srp_dsfield(ctx->skb);
	to.ttl = srp_inner_ttl(ctx->skb, 0);
	to.dst = app->addr;
	to.dport = app->port;
	srp_pool_place(&app->pool, flow->port, &to.src, &to.sport);
	if (READ_ONCE(flow->hops) != to.ttl)
		WRITE_ONCE(flow->hops, to.ttl);
	err = srp_envelope_change(ctx->skb, ctx->sn->net, dgram, &ctx->key,
				  &to, LL_RESERVED_SPACE(dev));
	if (unlikely(err))
		return srp_drop(ctx->sn, ctx->skb, srp_envelope_reason(err));
	return srp_app_send(ctx, b, dev, mtu);
}

/* A packet for the server, its labels on or not. What is no whole UDP makes no
 * flow.
 */
static unsigned int srp_app_visit(struct srp_ctx *ctx, struct srp_binding *b)
{
	struct srp_datagram dgram;
	struct srp_flow *flow;
	unsigned int verdict;
	enum srp_drop reason;

	reason = srp_datagram_find(ctx->skb, ctx->outer, &ctx->key, &dgram);
	if (!reason)
		reason = srp_keep(ctx, b, &flow);
	if (reason)
		return srp_drop(ctx->sn, ctx->skb, reason);
	srp_flow_touch_up(flow);
	srp_flow_follow(flow, ctx->ttl, ctx->tc,
			srp_inner_dscp(ctx->skb, ctx->outer));
	if (!srp_make_bare(ctx, &verdict))
		return verdict;
	return srp_app_xmit(ctx, b, flow, &dgram);
}

/* Nobody waits for it, or it is for a flow that is gone. */
static unsigned int srp_app_unclaimed(struct srp_vnf *vnf,
				      struct srp_ctx *ctx,
				      enum srp_drop reason)
{
	if (reason == SRP_DROP_vnf_miss)
		srp_count_miss(vnf->stats);
	return srp_drop(ctx->sn, ctx->skb, reason);
}

/* The flow that a packet to the pool belongs to, or NULL. */
static struct srp_flow *srp_app_flow(const struct srp_vnf *vnf,
				     const struct srp_key *key)
{
	struct srp_app *app = vnf->app;
	struct srp_flow *flow;

	if (key->proto != IPPROTO_UDP || key->sport != app->port ||
	    !ipv6_addr_equal(&key->src, &app->addr))
		return NULL;
	flow = srp_pool_find(&app->pool, &key->dst, key->dport);
	return flow && !srp_flow_expired(vnf->sn, flow) ? flow : NULL;
}

/* The server's answer does not fit, as IPv6, and it is the server that could
 * make it smaller.
 */
static void srp_app_tell(const struct srp_ctx *ctx, struct srp_vnf *vnf,
			 const struct srp_stack *stack,
			 const struct srp_key *from, unsigned int limit)
{
	struct net_device *dev = rcu_dereference(vnf->tx.dev);
	struct srp_icmp icmp = {
		.family = from->family,
		.type = from->family == AF_INET ? ICMP_DEST_UNREACH :
						  ICMPV6_PKT_TOOBIG,
		.code = from->family == AF_INET ? ICMP_FRAG_NEEDED : 0,
		.ttl = IPV6_DEFAULT_HOPLIMIT,
		.mtu = limit,
		.src = from->dst,
		.dst = from->src,
	};
	struct sk_buff *skb;
	unsigned int len;

	if (!dev || READ_ONCE(ctx->sn->icmp) == SRPROXY_ICMP_MODE_NONE ||
	    !srp_icmp_allowed(ctx->skb, 0, true) ||
	    !srp_icmp_take(&ctx->sn->icmp_limit))
		return;
	skb = srp_icmp_build(&icmp, ctx->skb, 0);
	if (!skb) {
		srp_count_flow(ctx->sn, icmp_suppressed);
		return;
	}
	srp_count_flow(ctx->sn, icmp_sent);
	len = skb->len;
	srp_sent(ctx->sn, srp_nexthop_xmit(&vnf->nh, dev, skb),
		 stack->binding->stats, len);
}

/* Does an answer fit on what remains of its way? IPv4 is fragmented there, and
 * so is what the server has sent in fragments: to be told would not help it.
 */
static bool srp_answer_fits(const struct srp_ctx *ctx, struct srp_vnf *vnf,
			    const struct srp_stack *stack,
			    const struct srp_key *from,
			    const struct srp_datagram *dgram)
{
	unsigned int hlen = srp_envelope_len(AF_INET6), limit;

	if (ctx->key.family == AF_INET || ctx->skb->ignore_df ||
	    hlen + dgram->len <= SRP_MTU_MIN_IPV6)
		return true;
	limit = max_t(unsigned int, srp_path_mtu(ctx, IP_MAX_MTU),
		      SRP_MTU_MIN_IPV6);
	if (srp_datagram_fits(ctx->skb, dgram, hlen, limit))
		return true;
	srp_app_tell(ctx, vnf, stack, from, limit - hlen + dgram->at);
	return false;
}

/* The session's addresses and ports, the TTL and DSCP that its packets went in
 * with, the answer's own ECN.
 */
static void srp_answer_envelope(const struct srp_flow *flow,
				const struct sk_buff *skb,
				struct srp_envelope *to)
{
	to->family = flow->key.family;
	to->tos = READ_ONCE(flow->dscp) << SRP_DSCP_SHIFT |
		  (srp_dsfield(skb) & INET_ECN_MASK);
	to->ttl = READ_ONCE(flow->hops);
	to->df = false;
	to->src = flow->key.src;
	to->dst = flow->key.dst;
	to->sport = flow->key.sport;
	to->dport = flow->key.dport;
}

/* An answer goes on as a packet of its flow. */
static unsigned int srp_app_return(struct srp_vnf *vnf, struct srp_ctx *ctx,
				   struct srp_flow *flow,
				   const struct srp_datagram *dgram)
{
	const struct srp_stack *stack = rcu_dereference(flow->stack);
	const struct srp_key from = ctx->key;
	struct srp_envelope to;
	int err;

	trace_from_vnf(ctx->skb, vnf, stack->binding->label, stack->depth);
	srp_count_rx(stack->binding->stats, ctx->skb->len);
	srp_flow_touch_back(flow);
	srp_recall(ctx, flow, stack, false);
	ctx->key = flow->key;
	srp_answer_envelope(flow, ctx->skb, &to);
	if (READ_ONCE(ctx->sn->uniform))
		ctx->ttl = to.ttl;
	err = -EMSGSIZE;
	if (srp_answer_fits(ctx, vnf, stack, &from, dgram))
		err = srp_envelope_change(ctx->skb, ctx->sn->net, dgram, &from,
					  &to, 0);
	if (unlikely(err))
		return srp_drop(ctx->sn, ctx->skb, srp_envelope_reason(err));
	return srp_go_on(ctx);
}

/* A packet to an address of the pool. */
static unsigned int srp_app_answer(struct srp_vnf *vnf, struct srp_ctx *ctx)
{
	struct srp_datagram dgram;
	struct srp_flow *flow;
	enum srp_drop reason;

	if (srp_key_is_error(&ctx->key))
		return srp_app_unclaimed(vnf, ctx, SRP_DROP_app_icmp);
	flow = srp_app_flow(vnf, &ctx->key);
	if (!flow)
		return srp_app_unclaimed(vnf, ctx, SRP_DROP_vnf_miss);
	if (srp_datagram_whole(ctx->skb))
		return srp_app_unclaimed(vnf, ctx, SRP_DROP_no_memory);
	reason = srp_datagram_find(ctx->skb, 0, &ctx->key, &dgram);
	if (reason)
		return srp_app_unclaimed(vnf, ctx, SRP_DROP_inner_malformed);
	return srp_app_return(vnf, ctx, flow, &dgram);
}

/* An answer in fragments is gathered: only a whole one says which flow it is
 * for. Of others than the server nothing is.
 */
static noinline unsigned int srp_app_fragment(struct srp_vnf *vnf,
					      struct srp_ctx *ctx)
{
	enum srp_drop reason = SRP_DROP_app_fragment;
	struct sk_buff *whole;

	if (ipv6_addr_equal(&ctx->key.src, &vnf->app->addr))
		reason = srp_frag_gather(ctx, &vnf->rx, &whole);
	if (reason == SRP_FRAG_TAKEN)
		return NF_STOLEN;
	if (reason)
		return srp_app_unclaimed(vnf, ctx, reason);
	ctx->skb = whole;
	/* it is handed to the stack, not left to it */
	ctx->cloned = false;
	reason = srp_inner_parse(whole, 0, &ctx->sn->hash_key, &ctx->key);
	if (reason)
		return srp_app_unclaimed(vnf, ctx, SRP_DROP_app_fragment);
	ctx->key.vnf = vnf->id;
	if (srp_app_answer(vnf, ctx) == NF_ACCEPT)
		srp_reinject(ctx->skb);
	return NF_STOLEN;
}

/* Not IP: ARP is answered, and left to the stack as always. */
static unsigned int srp_app_not_ip(struct srp_vnf *vnf, struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_ARP))
		srp_app_arp(vnf->app, skb);
	return srp_not_ip(vnf, skb);
}

/**
 * srp_rx_app() - a packet came in on the device that leads to an app
 * @priv: the vnf
 * @skb: the packet
 * @state: not used
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
static unsigned int srp_rx_app(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct srp_vnf *vnf = priv;
	enum srp_drop reason;
	struct srp_ctx ctx;
	bool asked;

	if (!srp_frame_is_ours(vnf, skb))
		return NF_ACCEPT;
	if (skb->protocol != htons(ETH_P_IP) &&
	    skb->protocol != htons(ETH_P_IPV6))
		return srp_app_not_ip(vnf, skb);
	ctx.sn = vnf->sn;
	if (!srp_own(&ctx, skb))
		return NF_STOLEN;
	skb = ctx.skb;
	__vlan_hwaccel_clear_tag(skb);
	skb_reset_network_header(skb);
	ctx.outer = 0;
	ctx.depth = 0;
	ctx.odd = 0;
	reason = srp_inner_parse(skb, 0, &ctx.sn->hash_key, &ctx.key);
	if (reason && reason != SRP_INNER_FRAGMENT)
		return srp_drop(ctx.sn, skb, reason);
	ctx.key.vnf = vnf->id;
	asked = srp_app_nd(vnf->app, skb, &ctx.key);
	if (!srp_pool_has(&vnf->app->pool, ctx.key.family, &ctx.key.dst))
		return srp_miss(vnf, &ctx);
	if (unlikely(reason))
		return srp_app_fragment(vnf, &ctx);
	if (!asked)
		return srp_app_answer(vnf, &ctx);
	/* asked of the address itself: answered, and no packet of a chain */
	consume_skb(skb);
	return NF_STOLEN;
}

/* Solicitations go to groups that nobody here is a member of. */
static int srp_app_port_attach(struct srp_port *port, struct net_device *dev,
			       struct netlink_ext_ack *extack)
{
	const struct srp_vnf *vnf = port->owner;

	return vnf->app->family == AF_INET6 ? dev_set_allmulti(dev, 1) : 0;
}

static void srp_app_port_detach(struct srp_port *port, struct net_device *dev)
{
	const struct srp_vnf *vnf = port->owner;

	if (vnf->app->family == AF_INET6)
		dev_set_allmulti(dev, -1);
}

static const struct srp_port_ops srp_app_rx_ops = {
	.rx = srp_rx_app,
	.attach = srp_app_port_attach,
	.detach = srp_app_port_detach,
	.changed = srp_vnf_changed,
};

/* An address as it is in a flow key. */
static void srp_app_addr(const struct srp_via *via, struct in6_addr *addr)
{
	if (via->family == AF_INET)
		ipv6_addr_set(addr, via->addr.inet, 0, 0, 0);
	else
		*addr = via->addr.inet6;
}

static int srp_app_attach(struct srp_vnf *vnf, struct srp_wire *wire,
			  int *part, struct netlink_ext_ack *extack)
{
	const struct srp_place *place = &vnf->cfg.place;
	u8 family = place->remote.addr.family;
	struct in6_addr prefix;
	struct srp_app *app;
	int err;

	*part = SRP_PART_POOL;
	srp_app_addr(&place->pool, &prefix);
	err = srp_pool_check(family, &prefix, place->pool_len, extack);
	if (err)
		return err;
	app = kzalloc(sizeof(*app), GFP_KERNEL_ACCOUNT);
	if (!app)
		return -ENOMEM;
	app->family = family;
	app->port = htons(place->remote.port);
	srp_app_addr(&place->remote.addr, &app->addr);
	srp_pool_init(&app->pool, vnf->sn, family, &prefix, place->pool_len);
	if (srp_pool_has(&app->pool, family, &app->addr)) {
		NL_SET_ERR_MSG(extack,
			       "the server's own address is in the pool");
		kfree(app);
		return -EINVAL;
	}
	vnf->app = app;
	return 0;
}

/* Its memory stays until srp_app_free(), nothing is added to it any more. */
static void srp_app_detach(struct srp_vnf *vnf)
{
	srp_pool_uncharge(&vnf->app->pool);
}

static void srp_app_free(struct srp_vnf *vnf)
{
	if (!vnf->app)
		return;
	srp_pool_free(&vnf->app->pool);
	kfree(vnf->app);
}

/* Less the envelope, but what that takes the place of. */
static unsigned int srp_app_mtu(const struct srp_vnf *vnf, u8 family)
{
	const struct net_device *dev = rcu_dereference(vnf->tx.dev);
	unsigned int hlen = srp_envelope_len(vnf->app->family), mtu;

	mtu = min_not_zero(READ_ONCE(vnf->mtu),
			   dev ? READ_ONCE(dev->mtu) : (u32)IP_MAX_MTU);
	return mtu - min(mtu, hlen) + srp_envelope_len(family);
}

const struct srp_attach_ops srp_app_ops = {
	.rx_port = &srp_app_rx_ops,
	.attach = srp_app_attach,
	.detach = srp_app_detach,
	.free = srp_app_free,
	.visit = srp_app_visit,
	.mtu = srp_app_mtu,
};
