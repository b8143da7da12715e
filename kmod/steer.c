// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steering by the function: the DSCP of a packet that it returns can say which
 * label is to be the next. The DSCP was lent to it for that; what the packet
 * went in with is put back. ECN is the packet's own and stays.
 */
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>

#include "core.h"
#include "icmp.h"
#include "match.h"
#include "special.h"
#include "verdict.h"
#include "vnf.h"

#define SRP_DSCP_SHIFT	2

/**
 * srp_inner_dscp() - DSCP of a parsed packet
 * @skb: packet, IP header pulled
 * @off: where the IP header stands, from skb->data
 *
 * Return: 0 to 63; 0 if it is no IP packet.
 */
u8 srp_inner_dscp(const struct sk_buff *skb, unsigned int off)
{
	const struct iphdr *ip = (const void *)(skb->data + off);

	if (ip->version == 4)
		return ip->tos >> SRP_DSCP_SHIFT;
	if (ip->version == 6)
		return ipv6_get_dsfield((const void *)ip) >> SRP_DSCP_SHIFT;
	return 0;
}

static int srp_set_dscp(struct sk_buff *skb, u8 dscp)
{
	struct ipv6hdr *ip6;
	__be16 old;

	if (srp_inner_dscp(skb, 0) == dscp)
		return 0;
	if (skb_ensure_writable(skb, sizeof(struct iphdr)))
		return -ENOMEM;
	if (((struct iphdr *)skb->data)->version == 4) {
		ipv4_change_dsfield((struct iphdr *)skb->data, INET_ECN_MASK,
				    dscp << SRP_DSCP_SHIFT);
		return 0;
	}
	ip6 = (struct ipv6hdr *)skb->data;
	old = *(__be16 *)ip6;
	ipv6_change_dsfield(ip6, INET_ECN_MASK, dscp << SRP_DSCP_SHIFT);
	srp_inner_moved(skb, old, *(__be16 *)ip6);
	return 0;
}

/**
 * srp_steer_apply() - do as the function says, if it does
 * @ctx: a bare packet that came back, its stack, TTL and TC recalled
 * @vnf: the function
 * @dscp: what the packet went in with
 * @lse: room for SRPROXY_STACK_MAX entries, for as long as @ctx is used
 *
 * A packet that has no next label keeps its way.
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE, or why the packet cannot go on.
 */
enum srp_drop srp_steer_apply(struct srp_ctx *ctx, const struct srp_vnf *vnf,
			      u8 dscp, __be32 *lse)
{
	u32 label = READ_ONCE(vnf->steer[srp_inner_dscp(ctx->skb, 0)]);
	u8 next;

	if (!label)
		return SRP_DROP_NONE;
	if (srp_set_dscp(ctx->skb, dscp))
		return SRP_DROP_no_memory;
	next = srp_special_skip(ctx->lse, ctx->depth);
	if (next == ctx->depth)
		return SRP_DROP_NONE;
	if (ctx->ttl <= 1)
		return SRP_DROP_ttl_expired;
	ctx->ttl--;
	ctx->decisions++;
	memcpy(lse, ctx->lse, ctx->depth * SRP_LSE_LEN);
	lse[next] = srp_lse_id(label, srp_lse_bottom(lse[next]));
	ctx->lse = lse;
	return SRP_DROP_NONE;
}

/**
 * srp_steered() - go on with a packet from a function that may steer
 * @ctx: the packet, as for srp_steer_apply()
 * @vnf: the function
 * @dscp: what the packet went in with
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
noinline unsigned int srp_steered(struct srp_ctx *ctx,
				  const struct srp_vnf *vnf, u8 dscp)
{
	__be32 lse[SRPROXY_STACK_MAX];
	enum srp_drop reason = srp_steer_apply(ctx, vnf, dscp, lse);

	if (reason == SRP_DROP_ttl_expired)
		return srp_expired_bare(ctx);
	if (reason)
		return srp_drop(ctx->sn, ctx->skb, reason);
	return srp_go_on(ctx);
}
