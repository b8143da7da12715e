// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the proxy has to say something about a packet: from which address, and
 * along which way. icmp_send() needs a route to the sender, and the proxy
 * seldom has one: it knows labels. An error goes
 *
 *	with the stack of the opposite flow, if that goes through the same
 *	function: that stack leads to the sender;
 *	else with what remained of the packet's own stack, to the far end, which
 *	has a route (RFC 3032, section 2.3.2);
 *	by the FIB where that stack is empty, so the packet would have gone by
 *	it too, or where the user wants it.
 *
 * An error is never about an error, so none causes another.
 */
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "core.h"
#include "flow.h"
#include "icmp.h"
#include "sid.h"
#include "special.h"
#include "uplink.h"
#include "verdict.h"

#define SRP_ICMP_RATE	1000	/* errors a second, as the kernel's own */
#define SRP_ICMP_BURST	50
#define SRP_LABEL_TTL	255

/**
 * srp_icmp_limit_init() - prepare a namespace's limit
 * @limit: the limit
 */
void srp_icmp_limit_init(struct srp_icmp_limit *limit)
{
	spin_lock_init(&limit->lock);
	limit->credit = SRP_ICMP_BURST;
	limit->stamp = (u32)jiffies;
}

/**
 * srp_icmp_take() - may an error be sent now?
 * @limit: the limit of the namespace
 *
 * A token bucket. Who floods us costs a read a packet, no lock.
 *
 * Context: softirq.
 * Return: false if not.
 */
bool srp_icmp_take(struct srp_icmp_limit *limit)
{
	u32 now = (u32)jiffies, grown;
	bool taken;

	if (!READ_ONCE(limit->credit) && READ_ONCE(limit->stamp) == now)
		return false;
	spin_lock_bh(&limit->lock);
	grown = min_t(u32, now - limit->stamp, HZ) * SRP_ICMP_RATE / HZ;
	if (grown) {
		WRITE_ONCE(limit->stamp, now);
		grown = min_t(u32, limit->credit + grown, SRP_ICMP_BURST);
		WRITE_ONCE(limit->credit, grown);
	}
	taken = limit->credit;
	if (taken)
		WRITE_ONCE(limit->credit, limit->credit - 1);
	spin_unlock_bh(&limit->lock);
	return taken;
}

/* An address of the uplink, else of the node, else the one that RFC 7600
 * keeps for routers that have none.
 */
static bool srp_source_ipv4(const struct net_device *dev,
			    struct srp_icmp *icmp)
{
	__be32 addr = inet_select_addr(dev, icmp->dst.s6_addr32[0],
				       RT_SCOPE_LINK);

	ipv6_addr_set(&icmp->src, addr ?: htonl(INADDR_DUMMY), 0, 0, 0);
	return true;
}

/* Likewise; IPv6 has no such address. */
static bool srp_source_ipv6(struct net *net, const struct net_device *dev,
			    struct srp_icmp *icmp)
{
#if IS_ENABLED(CONFIG_IPV6)
	return !ipv6_dev_get_saddr(net, dev, &icmp->dst, 0, &icmp->src) &&
	       !(ipv6_addr_type(&icmp->src) &
		 (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL));
#else
	return false;
#endif
}

static bool srp_icmp_source(const struct srp_ctx *ctx, struct srp_icmp *icmp)
{
	const struct net_device *dev = rcu_dereference(ctx->uplink->port.dev);

	if (!dev)
		return false;
	return icmp->family == AF_INET ?
	       srp_source_ipv4(dev, icmp) :
	       srp_source_ipv6(ctx->sn->net, dev, icmp);
}

static struct srp_vnf *srp_vnf_of(struct srp_net *sn, u32 id)
{
	struct srp_vnf *vnf;

	list_for_each_entry_rcu(vnf, &sn->vnfs, node)
		if (vnf->id == id)
			return vnf;
	return NULL;
}

static struct srp_flow *srp_flow_alive(struct srp_net *sn,
				       const struct srp_key *key)
{
	struct srp_flow *flow = srp_flow_find(sn, key);

	return flow && !srp_flow_expired(sn, flow) ? flow : NULL;
}

/* The flow of the opposite direction. That of another function could be
 * another tenant's.
 */
static struct srp_flow *srp_opposite(const struct srp_ctx *ctx)
{
	struct srp_net *sn = ctx->sn;
	const struct srp_vnf *vnf, *sibling;
	struct srp_flow *flow;
	struct srp_key key;

	srp_key_reverse(&ctx->key, &key);
	flow = srp_flow_alive(sn, &key);
	if (flow)
		return flow;
	vnf = srp_vnf_of(sn, key.vnf);
	sibling = vnf ? rcu_dereference(vnf->sibling) : NULL;
	if (!sibling)
		return NULL;
	key.vnf = sibling->id;
	return srp_flow_alive(sn, &key);
}

/* What of a packet's context can point into it, in memory of its own. */
struct srp_icmp_place {
	__be32 lse[SRP_LSES_MAX];
	u8 way[ETH_ALEN] __aligned(2);
};

/* With what remained of the packet's own stack, to the neighbour that it came
 * from: identities and an address, as a stack object would have them.
 */
static void srp_icmp_way_on(const struct srp_ctx *ctx, struct srp_ctx *way,
			    struct srp_icmp_place *place)
{
	int i;

	for (i = 0; i < ctx->depth; i++)
		place->lse[i] = ctx->lse[i] & SRP_LSE_ID;
	if (is_valid_ether_addr(ctx->way))
		ether_addr_copy(place->way, ctx->way);
	else
		eth_zero_addr(place->way);
	way->uplink = ctx->uplink;
	way->way = place->way;
	way->lse = place->lse;
	way->depth = ctx->depth;
	way->odd = ctx->odd;
	way->tc = ctx->tc;
}

/* The way of an error; @way is a context without a packet. */
static void srp_icmp_way(const struct srp_ctx *ctx, struct srp_ctx *way,
			 struct srp_icmp_place *place)
{
	const struct srp_flow *flow = srp_opposite(ctx);
	const struct srp_stack *stack;

	memset(way, 0, sizeof(*way));
	way->sn = ctx->sn;
	way->ttl = SRP_LABEL_TTL;
	if (!flow) {
		srp_icmp_way_on(ctx, way, place);
		return;
	}
	stack = rcu_dereference(flow->stack);
	way->uplink = stack->uplink;
	way->way = stack->way;
	way->lse = stack->lse;
	way->depth = stack->depth;
	way->odd = stack->odd;
	way->tc = READ_ONCE(flow->tc);
}

static struct dst_entry *srp_route_ipv4(struct net *net,
					const struct srp_icmp *icmp)
{
	struct flowi4 fl4 = {
		.daddr = icmp->dst.s6_addr32[0],
		.saddr = icmp->src.s6_addr32[0],
		.flowi4_proto = IPPROTO_ICMP,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.flowi4_uid = INVALID_UID,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct dst_entry *srp_route_ipv6(struct net *net,
					const struct srp_icmp *icmp)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct flowi6 fl6 = {
		.daddr = icmp->dst,
		.saddr = icmp->src,
		.flowi6_proto = IPPROTO_ICMPV6,
		.flowi6_uid = INVALID_UID,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (!dst->error)
		return dst;
	dst_release(dst);
#endif
	return NULL;
}

/* By the FIB, as if a socket of the node sent it. */
static bool srp_icmp_route(struct srp_ctx *ctx, const struct srp_icmp *icmp)
{
	struct net *net = ctx->sn->net;
	struct sk_buff *skb = ctx->skb;
	struct dst_entry *dst = icmp->family == AF_INET ?
				srp_route_ipv4(net, icmp) :
				srp_route_ipv6(net, icmp);

	if (!dst) {
		kfree_skb(skb);
		return false;
	}
	skb_dst_set(skb, dst);
	skb->dev = dst->dev;
	if (icmp->family == AF_INET)
		ip_local_out(net, NULL, skb);
#if IS_ENABLED(CONFIG_IPV6)
	else
		ip6_local_out(net, NULL, skb);
#endif
	return true;
}

/**
 * srp_resubmit() - let the stack receive a packet that is no hook's
 * @skb: the packet, its device and protocol set, data at the network header;
 *	consumed
 *
 * What a hook is given it may accept; what is made beside that comes in anew.
 *
 * Context: softirq.
 */
void srp_resubmit(struct sk_buff *skb)
{
	if (skb->dev->type == ARPHRD_ETHER && !skb_cow_head(skb, ETH_HLEN)) {
		struct ethhdr *eth = skb_push(skb, ETH_HLEN);

		ether_addr_copy(eth->h_dest, skb->dev->dev_addr);
		ether_addr_copy(eth->h_source, skb->dev->dev_addr);
		eth->h_proto = skb->protocol;
		skb_reset_mac_header(skb);
		__skb_pull(skb, ETH_HLEN);
	} else {
		skb_reset_mac_header(skb);
	}
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	netif_rx(skb);
}

/* Along labels as any packet; what they end in may be the stack. */
static bool srp_icmp_walk(struct srp_ctx *way, const struct srp_icmp *icmp)
{
	if (srp_inner_parse(way->skb, 0, &way->sn->hash_key, &way->key)) {
		kfree_skb(way->skb);
		return false;
	}
	if (srp_go_on(way) != NF_ACCEPT)
		return true;
	if (way->skb->protocol != htons(ETH_P_MPLS_UC))
		return srp_icmp_route(way, icmp);
	srp_resubmit(way->skb);
	return true;
}

static bool srp_icmp_make(const struct srp_ctx *ctx, struct srp_icmp *icmp,
			  struct srp_ctx *way)
{
	struct net_device *dev = rcu_dereference(ctx->uplink->port.dev);

	if (!dev || !srp_icmp_take(&ctx->sn->icmp_limit) ||
	    !srp_icmp_source(ctx, icmp))
		return false;
	way->skb = srp_icmp_build(icmp, ctx->skb, ctx->outer);
	if (!way->skb)
		return false;
	way->skb->dev = dev;
	return true;
}

/* A broadcast address of a network of ours does not look like one. */
static bool srp_icmp_broadcast(const struct srp_ctx *ctx)
{
	struct net *net = ctx->sn->net;

	return ctx->key.family == AF_INET &&
	       (inet_addr_type(net, ctx->key.src.s6_addr32[0]) ==
		RTN_BROADCAST ||
		inet_addr_type(net, ctx->key.dst.s6_addr32[0]) ==
		RTN_BROADCAST);
}

static void srp_icmp_send(struct srp_ctx *ctx, struct srp_icmp *icmp,
			  bool too_big)
{
	u8 mode = READ_ONCE(ctx->sn->icmp);
	struct srp_icmp_place place;
	struct srp_ctx way;
	bool sent;

	if (mode == SRPROXY_ICMP_MODE_NONE ||
	    !srp_icmp_allowed(ctx->skb, ctx->outer, too_big) ||
	    srp_icmp_broadcast(ctx))
		return;
	srp_icmp_way(ctx, &way, &place);
	sent = srp_icmp_make(ctx, icmp, &way);
	if (sent && (mode == SRPROXY_ICMP_MODE_FIB || !way.depth))
		sent = srp_icmp_route(&way, icmp);
	else if (sent)
		sent = srp_icmp_walk(&way, icmp);
	if (sent)
		srp_count_flow(ctx->sn, icmp_sent);
	else
		srp_count_flow(ctx->sn, icmp_suppressed);
}

/* What all errors have in common. */
static void srp_icmp_init(const struct srp_ctx *ctx, struct srp_icmp *icmp)
{
	const void *ip = ctx->skb->data + ctx->outer;
	u8 tos;

	memset(icmp, 0, sizeof(*icmp));
	icmp->family = ctx->key.family;
	icmp->dst = ctx->key.src;
	if (icmp->family == AF_INET) {
		tos = ipv4_get_dsfield(ip) & IPTOS_TOS_MASK;
		icmp->tos = tos | IPTOS_PREC_INTERNETCONTROL;
		icmp->ttl = READ_ONCE(ctx->sn->net->ipv4.sysctl_ip_default_ttl);
		icmp->id = htons((u16)get_random_u32());
	} else {
		icmp->tos = ipv6_get_dsfield(ip) & ~INET_ECN_MASK;
		icmp->ttl = IPV6_DEFAULT_HOPLIMIT;
	}
}

/* The stack that the packet had, from the label popped last; whole if it is
 * on the packet still. Entries that are not in the packet any more are
 * identities only: they get what they would have been given. Where there were
 * special-purpose labels, nobody knows then what stood above these.
 */
static void srp_icmp_labels(const struct srp_ctx *ctx, struct srp_icmp *icmp)
{
	const __be32 *lse = ctx->lse - 1;
	const void *head = ctx->skb->head;
	bool whole = (const void *)lse >= head &&
		     (const void *)lse < (void *)skb_end_pointer(ctx->skb);
	int i;

	icmp->depth = min(ctx->depth + 1, SRPROXY_STACK_MAX + 1);
	if (ctx->outer) {
		lse = (const __be32 *)ctx->skb->data;
		icmp->depth = ctx->outer / SRP_LSE_LEN;
		whole = true;
	} else if (ctx->odd) {
		icmp->depth = 0;
	}
	for (i = 0; i < icmp->depth; i++)
		icmp->lse[i] = whole ? lse[i] :
			       (lse[i] & SRP_LSE_ID) |
			       srp_lse_rest(ctx->tc, ctx->ttl);
}

static void srp_tell_expired(struct srp_ctx *ctx, bool labelled)
{
	struct srp_icmp icmp;

	srp_icmp_init(ctx, &icmp);
	icmp.type = icmp.family == AF_INET ? ICMP_TIME_EXCEEDED :
					     ICMPV6_TIME_EXCEED;
	icmp.code = icmp.family == AF_INET ? ICMP_EXC_TTL : ICMPV6_EXC_HOPLIMIT;
	if (labelled)
		srp_icmp_labels(ctx, &icmp);
	srp_icmp_send(ctx, &icmp, false);
}

/**
 * srp_expired() - the TTL of a packet with labels has run out
 * @ctx: the packet, its top label popped, that is, before @ctx->lse
 * @sid: the sid of that label, if no instance has been picked for it yet
 *
 * Of a frame, nobody is told: who sent it need not be who put the labels on.
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict; the packet is gone.
 */
unsigned int srp_expired(struct srp_ctx *ctx, const struct srp_sid *sid)
{
	struct srp_binding *b;

	if (sid) {
		b = srp_sid_select(ctx, sid);
		ctx->key.vnf = b ? b->vnf->id : 0;
	}
	if (!(ctx->odd & SRP_ODD_ETHER))
		srp_tell_expired(ctx, true);
	return srp_drop(ctx->sn, ctx->skb, SRP_DROP_ttl_expired);
}

/**
 * srp_expired_bare() - a function has returned a packet without any TTL left
 * @ctx: the packet
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict; the packet is gone.
 */
unsigned int srp_expired_bare(struct srp_ctx *ctx)
{
	if (!(ctx->odd & SRP_ODD_ETHER))
		srp_tell_expired(ctx, false);
	return srp_drop(ctx->sn, ctx->skb, SRP_DROP_ttl_expired);
}

/**
 * srp_uniform() - give a packet what TTL its label left (uniform model)
 * @ctx: the bare packet; what of the context points into it moves with it
 * @verdict: the hook's, if the packet is gone
 *
 * Context: softirq, RCU read-side.
 * Return: false if the packet is gone: it had no TTL, or there is no memory.
 */
bool srp_uniform(struct srp_ctx *ctx, unsigned int *verdict)
{
	struct sk_buff *skb = ctx->skb;
	const u8 *head = skb->head, *end = skb_end_pointer(skb);
	bool lse = (const u8 *)ctx->lse >= head && (const u8 *)ctx->lse < end;
	bool way = ctx->way >= head && ctx->way < end;

	if (!srp_inner_ttl(skb, 0)) {
		*verdict = srp_expired(ctx, NULL);
		return false;
	}
	if (srp_inner_cap_ttl(skb, ctx->ttl)) {
		*verdict = srp_drop(ctx->sn, skb, SRP_DROP_no_memory);
		return false;
	}
	if (lse)
		ctx->lse = (const void *)ctx->lse + (skb->head - head);
	if (way)
		ctx->way += skb->head - head;
	return true;
}

static unsigned int srp_vnf_mtu(const struct srp_vnf *vnf, u8 family)
{
	const struct net_device *dev = rcu_dereference(vnf->tx.dev);

	if (vnf->ops && vnf->ops->mtu)
		return vnf->ops->mtu(vnf, family);
	return min_not_zero(READ_ONCE(vnf->mtu),
			    dev ? READ_ONCE(dev->mtu) : (u32)IP_MAX_MTU);
}

/* MTU of where packets leave; the LFIB does not tell its own. */
static unsigned int srp_egress_mtu(const struct srp_uplink *up)
{
	struct srp_egress *egress = rcu_dereference(up->egress);
	const struct net_device *dev = rcu_dereference(up->port.dev);

	if (egress->mode == SRPROXY_EGRESS_VIA)
		dev = rcu_dereference(egress->port.dev);
	if (!dev || egress->mode == SRPROXY_EGRESS_LFIB)
		return IP_MAX_MTU;
	return READ_ONCE(dev->mtu);
}

/**
 * srp_path_mtu() - what gets through the rest of this node
 * @ctx: the packet; its key, stack and uplink count
 * @mtu: the largest that would fit here
 *
 * So that a sender learns it in one step.
 *
 * Context: softirq, RCU read-side.
 * Return: octets of the largest inner packet.
 */
unsigned int srp_path_mtu(const struct srp_ctx *ctx, unsigned int mtu)
{
	struct srp_ctx at = *ctx;
	unsigned int last, n = 0;
	struct srp_binding *b;
	struct srp_sid *sid;
	u8 next;

	for (;;) {
		next = srp_special_skip(at.lse, at.depth);
		if (next == at.depth)
			return mtu;
		n |= srp_special_alert(at.lse, next);
		sid = srp_sid_lookup(at.sn, srp_lse_label(at.lse[next]));
		if (!sid)
			break;
		at.lse += next + 1;
		at.depth -= next + 1;
		b = srp_sid_select(&at, sid);
		if (b)
			mtu = min(mtu, srp_vnf_mtu(b->vnf, at.key.family));
	}
	/* of what stands above the label, a router alert alone is left then */
	last = srp_egress_mtu(at.uplink);
	n += at.depth - next;
	return min(mtu, last - min(last, n * SRP_LSE_LEN));
}

/**
 * srp_too_big() - tell the sender of a packet that it does not fit
 * @ctx: the bare packet; it stays the caller's
 * @limit: the largest that would fit here
 * @labelled: the label that was popped last stands before @ctx->lse
 *
 * As the kernel's forwarding, it never tells an IPv6 sender less than what
 * every network carries. A packet that is no bigger than what would be told
 * is lost without a word.
 *
 * Context: softirq, RCU read-side.
 */
void srp_too_big(struct srp_ctx *ctx, unsigned int limit, bool labelled)
{
	bool v4 = ctx->key.family == AF_INET;
	struct srp_icmp icmp;

	limit = max_t(unsigned int, srp_path_mtu(ctx, limit),
		      v4 ? SRP_MTU_MIN_IPV4 : SRP_MTU_MIN_IPV6);
	if (ctx->skb->len <= limit && !skb_is_gso(ctx->skb))
		return;
	srp_icmp_init(ctx, &icmp);
	icmp.mtu = limit;
	icmp.type = v4 ? ICMP_DEST_UNREACH : ICMPV6_PKT_TOOBIG;
	icmp.code = v4 ? ICMP_FRAG_NEEDED : 0;
	if (v4 && labelled)
		srp_icmp_labels(ctx, &icmp);
	srp_icmp_send(ctx, &icmp, true);
}
