// SPDX-License-Identifier: GPL-2.0-only
/*
 * What does not fit, or cannot be offloaded as it is: the sender is told, or
 * the packet is cut and each piece gets the labels. To the counters it stays
 * one packet: sent if every piece was, else dropped.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "core.h"
#include "cut.h"
#include "ethernet.h"
#include "icmp.h"
#include "nexthop.h"
#include "verdict.h"

/* Labels on a piece. Return: 0 or -ENOMEM. */
static int srp_piece_push(const struct srp_ctx *ctx, struct sk_buff *skb,
			  unsigned int room)
{
	struct srp_ctx one;

	if (likely(!ctx->odd))
		return srp_labels_push(skb, ctx->lse, ctx->depth, ctx->tc,
				       ctx->ttl, room);
	one = *ctx;
	one.skb = skb;
	return srp_odd_push(&one, room) ? -ENOMEM : 0;
}

/* Send one piece, as the whole would have been. Return: 0 or an errno. */
static int srp_piece_xmit(struct srp_ctx *ctx, const struct srp_outlet *out,
			  struct sk_buff *skb)
{
	unsigned int room = LL_RESERVED_SPACE(out->dev);
	int err;

	srp_scrub(skb);
	if (out->labels)
		err = srp_piece_push(ctx, skb, room);
	else
		err = skb_cow_head(skb, room);
	if (err) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return err;
	}
	if (out->send)
		return out->send(out, skb);
	skb->dev = out->dev;
	if (out->lfib) {
		srp_resubmit(skb);
		return 0;
	}
	if (out->nh)
		return srp_nexthop_xmit(out->nh, out->dev, skb);
	return srp_ether_xmit(out->dev, ctx->way, skb);
}

/* Options that only the first fragment has (RFC 791) become nothing. */
static int srp_drop_options(struct sk_buff *skb, unsigned int hlen)
{
	unsigned int at = sizeof(struct iphdr), len;
	u8 *ip;

	if (hlen == at)
		return 0;
	if (skb_ensure_writable(skb, hlen))
		return -ENOMEM;
	ip = skb->data;
	while (at < hlen && ip[at] != IPOPT_END) {
		len = ip[at] == IPOPT_NOOP ? 1 : at + 1 < hlen ? ip[at + 1] : 0;
		if (!len || (len < 2 && ip[at] != IPOPT_NOOP) ||
		    at + len > hlen)
			break;
		if (!IPOPT_COPIED(ip[at]))
			memset(ip + at, IPOPT_NOOP, len);
		at += len;
	}
	return 0;
}

static int srp_fragments4_send(struct srp_ctx *ctx,
			       const struct srp_outlet *out,
			       struct sk_buff *skb, unsigned int limit)
{
	unsigned int room = LL_RESERVED_SPACE(out->dev) +
			    ctx->depth * SRP_LSE_LEN;
	unsigned int hlen = ip_hdrlen(skb);
	struct ip_frag_state state;
	struct sk_buff *piece;
	bool first = true;
	int err = 0;

	ip_frag_init(skb, hlen, room, limit - hlen, false, &state);
	while (state.left && !err) {
		piece = ip_frag_next(skb, &state);
		if (IS_ERR(piece))
			return PTR_ERR(piece);
		if (first)
			err = srp_drop_options(skb, hlen);
		first = false;
		skb_reset_mac_header(piece);
		/* that of match vlan */
		__vlan_hwaccel_copy_tag(piece, skb);
		if (!err)
			err = srp_piece_xmit(ctx, out, piece);
		else
			kfree_skb(piece);
	}
	return err;
}

/* Likewise IPv6; only what is ours to fragment comes here. */
static int srp_fragments6_xmit(struct srp_ctx *ctx,
			       const struct srp_outlet *out,
			       struct sk_buff *skb, unsigned int limit)
{
	unsigned int room = LL_RESERVED_SPACE(out->dev) +
			    ctx->depth * SRP_LSE_LEN;
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct ip6_frag_state state;
	struct sk_buff *piece;
	u8 *prevhdr;
	int hlen, err = 0;

	hlen = ip6_find_1stfragopt(skb, &prevhdr);
	if (hlen < 0)
		return hlen;
	if (limit < hlen + sizeof(struct frag_hdr) + 8)
		return -EMSGSIZE;
	ip6_frag_init(skb, hlen, limit - hlen - sizeof(struct frag_hdr), 0,
		      room, prevhdr, *prevhdr,
		      ipv6_select_ident(ctx->sn->net, &ip6->daddr,
					&ip6->saddr), &state);
	while (state.left && !err) {
		piece = ip6_frag_next(skb, &state);
		if (IS_ERR(piece))
			return PTR_ERR(piece);
		skb_reset_mac_header(piece);
		__vlan_hwaccel_copy_tag(piece, skb);
		err = srp_piece_xmit(ctx, out, piece);
	}
	return err;
}

static int srp_fragments4_xmit(struct srp_ctx *ctx,
			       const struct srp_outlet *out,
			       struct sk_buff *skb, unsigned int limit)
{
	unsigned int hlen = ip_hdrlen(skb);

	if (!pskb_may_pull(skb, hlen))
		return -ENOMEM;
	if (limit < hlen + 8)
		return -EMSGSIZE;
	return srp_fragments4_send(ctx, out, skb, limit);
}

/* Cut into fragments of at most @limit octets; @skb is consumed. */
static int srp_fragment(struct srp_ctx *ctx, const struct srp_outlet *out,
			struct sk_buff *skb, unsigned int limit)
{
	int err = -ENOMEM;

	if (!pskb_may_pull(skb, sizeof(struct iphdr)))
		goto drop;
	if (srp_csum_finish(skb))
		goto drop;
	err = ip_hdr(skb)->version == 4 ?
	      srp_fragments4_xmit(ctx, out, skb, limit) :
	      srp_fragments6_xmit(ctx, out, skb, limit);
	if (err)
		goto drop;
	consume_skb(skb);
	return 0;

drop:
	kfree_skb(skb);
	return err;
}

static int srp_piece(struct srp_ctx *ctx, const struct srp_outlet *out,
		     struct sk_buff *skb, unsigned int limit)
{
	return skb->len > limit ? srp_fragment(ctx, out, skb, limit) :
				  srp_piece_xmit(ctx, out, skb);
}

/* Do in software what the device would; @skb is consumed. At most a checksum
 * is left to be made, which needs no headers to be found.
 */
static int srp_segment(struct srp_ctx *ctx, const struct srp_outlet *out,
		       struct sk_buff *skb, unsigned int limit)
{
	struct sk_buff *segs = skb_gso_segment(skb, 0), *seg, *next;
	int err = 0;

	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb(skb);
		return segs ? PTR_ERR(segs) : -EPROTONOSUPPORT;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		err = srp_piece(ctx, out, seg, limit);
		if (!err)
			continue;
		kfree_skb_list(next);
		break;
	}
	return err;
}

/* Octets of the IP packet; the link layer may have padded it. */
static unsigned int srp_ip_len(const struct sk_buff *skb)
{
	if (skb_is_gso(skb))
		return skb->len;
	if (ip_hdr(skb)->version == 4)
		return ntohs(ip_hdr(skb)->tot_len);
	return ntohs(ipv6_hdr(skb)->payload_len) + sizeof(struct ipv6hdr);
}

/**
 * srp_unpad() - take off what the link layer has put behind a packet
 * @skb: a bare packet
 *
 * A function behind a socket gets the packet and nothing else.
 *
 * Context: any.
 * Return: 0 or -ENOMEM.
 */
int srp_unpad(struct sk_buff *skb)
{
	return pskb_trim_rcsum(skb, srp_ip_len(skb));
}

static enum srp_drop srp_cut_reason(int err)
{
	switch (err) {
	case -ENOMEM:
		return SRP_DROP_no_memory;
	case -EMSGSIZE:
		return SRP_DROP_mtu_exceeded;
	case -EPROTONOSUPPORT:
	case -EINVAL:
		return SRP_DROP_gso_unsupported;
	default:
		return SRP_DROP_xmit_failed;
	}
}

/* IPv6 is fragmented by who sends it: where we put a datagram of another
 * packet, or of several, into it.
 */
static bool srp_may_fragment(const struct sk_buff *skb)
{
	if (ip_hdr(skb)->version != 4)
		return skb->ignore_df;
	return !(ip_hdr(skb)->frag_off & htons(IP_DF));
}

/**
 * srp_cut() - a packet cannot be sent as it is
 * @ctx: a bare packet
 * @out: where it was to be sent
 *
 * Either it is too big, or its offload does not go with labels.
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict; the packet is gone.
 */
unsigned int srp_cut(struct srp_ctx *ctx, const struct srp_outlet *out)
{
	unsigned int outer = out->labels ? ctx->depth * SRP_LSE_LEN : 0;
	unsigned int limit = out->mtu - min(out->mtu, outer);
	struct sk_buff *skb = ctx->skb;
	unsigned int len = skb->len;
	int err;

	if (srp_ip_len(skb) > limit && !srp_fits(skb, outer, out->mtu) &&
	    !srp_may_fragment(skb)) {
		srp_too_big(ctx, limit, !out->labels);
		return srp_drop(ctx->sn, skb, SRP_DROP_mtu_exceeded);
	}
	if (srp_unpad(skb))
		return srp_drop(ctx->sn, skb, SRP_DROP_no_memory);
	err = skb_is_gso(skb) ? srp_segment(ctx, out, skb, limit) :
				srp_piece(ctx, out, skb, limit);
	if (err)
		srp_count_drop(ctx->sn, srp_cut_reason(err));
	else if (out->sent)
		out->sent(out, len);
	else
		srp_count_tx(out->stats, len);
	return NF_STOLEN;
}
