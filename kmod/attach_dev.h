/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions behind a network device. */
#ifndef SRP_ATTACH_DEV_H
#define SRP_ATTACH_DEV_H

#include "attach.h"
#include "core.h"
#include "cut.h"
#include "nexthop.h"
#include "sid.h"
#include "trace.h"
#include "verdict.h"
#include "vnf.h"

/* The packet is too big for the function. */
static noinline unsigned int srp_dev_cut(struct srp_ctx *ctx,
					 struct srp_binding *b,
					 struct net_device *dev,
					 unsigned int mtu)
{
	const struct srp_outlet out = {
		.dev = dev,
		.nh = &b->vnf->nh,
		.stats = b->stats,
		.mtu = mtu,
	};

	return srp_cut(ctx, &out);
}

/**
 * srp_dev_xmit() - hand a bare packet to a function
 * @ctx: the packet
 * @b: the visit
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
static __always_inline unsigned int srp_dev_xmit(struct srp_ctx *ctx,
						 struct srp_binding *b)
{
	struct srp_vnf *vnf = b->vnf;
	struct net_device *dev = rcu_dereference(vnf->tx.dev);
	struct sk_buff *skb = ctx->skb;
	unsigned int len = skb->len, mtu;
	int err;

	if (unlikely(!dev))
		return srp_attach_xmit(ctx, b);
	mtu = min_not_zero(READ_ONCE(vnf->mtu), READ_ONCE(dev->mtu));
	if (unlikely(!srp_fits(skb, 0, mtu)))
		return srp_dev_cut(ctx, b, dev, mtu);
	if (unlikely(skb_cow_head(skb, LL_RESERVED_SPACE(dev))))
		return srp_drop(ctx->sn, skb, SRP_DROP_no_memory);
	trace_to_vnf(skb, vnf, b->label, ctx->depth);
	srp_scrub(skb);
	err = srp_nexthop_xmit(&vnf->nh, dev, skb);
	return srp_sent(ctx->sn, err, b->stats, len);
}

#endif
