// SPDX-License-Identifier: GPL-2.0-only
/* Leaving the node: by hairpin, by the kernel's tables, or to a next hop. */
#include <linux/etherdevice.h>
#include <net/ip.h>

#include "core.h"
#include "cut.h"
#include "ethernet.h"
#include "nexthop.h"
#include "trace.h"
#include "uplink.h"
#include "verdict.h"

static unsigned int srp_outer(const struct srp_ctx *ctx)
{
	return ctx->depth * SRP_LSE_LEN + (ctx->odd & SRP_ODD_CW);
}

/* Labels take the place of the inner headers that a tunnel packet still has to
 * be cut by, and mpls_gso does not know lists of packets.
 */
static bool srp_gso_unsupported(const struct sk_buff *skb)
{
	return skb_is_gso(skb) &&
	       (skb->encapsulation ||
		skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST);
}

/* The packet cannot be sent, or not as it is. */
static noinline unsigned int srp_unsent(struct srp_ctx *ctx,
					enum srp_drop reason,
					struct net_device *dev,
					struct srp_nexthop *nh, bool lfib)
{
	struct srp_outlet out = {
		.dev = dev,
		.nh = nh,
		.stats = ctx->uplink->stats,
		.labels = true,
		.lfib = lfib,
	};

	/* there may be no device */
	if (ctx->odd & SRP_ODD_ETHER ||
	    (reason != SRP_DROP_mtu_exceeded &&
	     reason != SRP_DROP_gso_unsupported))
		return srp_drop(ctx->sn, ctx->skb, reason);
	out.mtu = lfib ? IP_MAX_MTU : READ_ONCE(dev->mtu);
	return srp_cut(ctx, &out);
}

static __always_inline enum srp_drop srp_push(struct srp_ctx *ctx,
					      unsigned int headroom)
{
	if (unlikely(srp_gso_unsupported(ctx->skb)))
		return SRP_DROP_gso_unsupported;
	if (unlikely(ctx->odd))
		return srp_odd_push(ctx, headroom);
	if (unlikely(srp_labels_push(ctx->skb, ctx->lse, ctx->depth, ctx->tc,
				     ctx->ttl, headroom)))
		return SRP_DROP_no_memory;
	return SRP_DROP_NONE;
}

/* Labels on, ready to be sent on @dev. */
static __always_inline enum srp_drop
srp_prepare(struct srp_ctx *ctx, const struct net_device *dev)
{
	if (unlikely(!srp_dev_usable(dev)))
		return SRP_DROP_uplink_down;
	if (unlikely(!srp_fits(ctx->skb, srp_outer(ctx), READ_ONCE(dev->mtu))))
		return SRP_DROP_mtu_exceeded;
	srp_scrub(ctx->skb);
	return srp_push(ctx, LL_RESERVED_SPACE(dev));
}

/* Back to the neighbour that it came from. */
static unsigned int srp_egress_hairpin(struct srp_ctx *ctx)
{
	struct net_device *dev = rcu_dereference(ctx->uplink->port.dev);
	unsigned int len = ctx->skb->len;
	enum srp_drop reason;
	int err;

	if (unlikely(is_zero_ether_addr(ctx->way)))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_no_route_back);
	reason = srp_prepare(ctx, dev);
	if (unlikely(reason))
		return srp_unsent(ctx, reason, dev, NULL, false);
	ctx->skb->dev = dev;
	err = srp_ether_xmit(dev, ctx->way, ctx->skb);
	return srp_sent(ctx->sn, err, ctx->uplink->stats, len);
}

static unsigned int srp_egress_via(struct srp_ctx *ctx,
				   struct srp_egress *egress)
{
	struct net_device *dev = rcu_dereference(egress->port.dev);
	unsigned int len = ctx->skb->len;
	enum srp_drop reason;
	int err;

	reason = srp_prepare(ctx, dev);
	if (unlikely(reason))
		return srp_unsent(ctx, reason, dev, &egress->nh, false);
	err = srp_nexthop_xmit(&egress->nh, dev, ctx->skb);
	return srp_sent(ctx->sn, err, ctx->uplink->stats, len);
}

/* A piece of a frame that was cut cannot go on in the place of the whole: it
 * comes in once more, and passes our hook as no label of this node is on top.
 */
static unsigned int srp_requeue(struct sk_buff *skb)
{
	netif_rx(skb);
	return NF_STOLEN;
}

/**
 * srp_egress_lfib() - put the stack on and leave it to the kernel's LFIB
 * @ctx: a bare packet
 * @dev: its uplink's device, or NULL
 *
 * mpls_forward() takes one TTL itself.
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_egress_lfib(struct srp_ctx *ctx, struct net_device *dev)
{
	enum srp_drop reason;

	if (unlikely(!dev))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_uplink_down);
	if (unlikely(ctx->cloned && !(ctx->odd & SRP_ODD_ETHER)))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_skb_shared);
	reason = srp_push(ctx, 0);
	if (unlikely(reason))
		return srp_unsent(ctx, reason, dev, NULL, true);
	srp_count_tx(ctx->uplink->stats, ctx->skb->len - srp_outer(ctx));
	srp_hand_over(ctx->skb, dev, htons(ETH_P_MPLS_UC));
	return unlikely(ctx->cloned) ? srp_requeue(ctx->skb) : NF_ACCEPT;
}

/**
 * srp_egress_ip() - hand a bare packet to the IP stack
 * @ctx: a packet whose last label was popped
 *
 * It goes on as if it had come from the uplink.
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_egress_ip(struct srp_ctx *ctx)
{
	struct net_device *dev = rcu_dereference(ctx->uplink->port.dev);

	if (unlikely(!dev))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_uplink_down);
	if (unlikely(ctx->cloned))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_skb_shared);
	return srp_hand_over(ctx->skb, dev, ctx->skb->protocol);
}

/**
 * srp_egress() - send a packet whose next label is not of this node
 * @ctx: a bare packet, its stack at least one deep
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_egress(struct srp_ctx *ctx)
{
	struct srp_egress *egress = rcu_dereference(ctx->uplink->egress);

	switch (egress->mode) {
	case SRPROXY_EGRESS_LFIB:
		return srp_egress_lfib(ctx,
				       rcu_dereference(ctx->uplink->port.dev));
	case SRPROXY_EGRESS_VIA:
		return srp_egress_via(ctx, egress);
	default:
		return srp_egress_hairpin(ctx);
	}
}
