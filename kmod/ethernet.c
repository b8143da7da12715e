// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ethernet frames as payload: a pseudowire (RFC 4448) through functions that
 * bridge. While such a packet is bare, its data is the frame's own header.
 *
 * A frame's flow is the IP flow inside, behind at most two VLAN tags, within
 * its outer VLAN; MAC addresses have no part in it then, as a function may
 * route. Else it is MAC addresses, EtherType and outer VLAN.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <net/mpls.h>

#include "ethernet.h"
#include "flow.h"
#include "latency.h"
#include "nexthop.h"
#include "sid.h"
#include "trace.h"
#include "verdict.h"
#include "vnf.h"

#define SRP_TAGS_MAX	2	/* VLAN tags that are looked behind */

/**
 * struct srp_ether_cursor - where the parser of a frame stands
 * @off: from skb->data
 * @proto: EtherType of what is there
 * @vid: the outer VLAN, 0 for none (a priority tag is none)
 */
struct srp_ether_cursor {
	unsigned int off;
	__be16 proto;
	u16 vid;
};

static void srp_ether_tag(struct srp_ether_cursor *c, u16 tci)
{
	if (!c->vid)
		c->vid = tci & VLAN_VID_MASK;
}

/* Go behind at most @n VLAN tags, as far as they are there. */
static void srp_ether_skip_tags(const struct sk_buff *skb,
				struct srp_ether_cursor *c, int n)
{
	while (n-- && eth_type_vlan(c->proto)) {
		const struct vlan_hdr *tag;
		struct vlan_hdr buf;

		tag = skb_header_pointer(skb, c->off, sizeof(buf), &buf);
		if (!tag)
			return;
		srp_ether_tag(c, ntohs(tag->h_vlan_TCI));
		c->proto = tag->h_vlan_encapsulated_proto;
		c->off += VLAN_HLEN;
	}
}

/* The key of a frame that has no IP flow. */
static void srp_ether_mac_key(struct srp_ctx *ctx, const struct ethhdr *eth,
			      const struct srp_ether_cursor *c)
{
	struct srp_key *key = &ctx->key;
	bool swap = memcmp(eth->h_source, eth->h_dest, ETH_ALEN) > 0;
	struct {
		u8 a[ETH_ALEN], b[ETH_ALEN];
		__be16 proto, zero;
	} in = { .proto = c->proto };

	memset(key, 0, sizeof(*key));
	key->family = AF_PACKET;
	memcpy(&key->src, eth->h_source, ETH_ALEN);
	memcpy(&key->dst, eth->h_dest, ETH_ALEN);
	key->sport = c->proto;
	key->dport = c->proto;
	memcpy(in.a, swap ? eth->h_dest : eth->h_source, ETH_ALEN);
	memcpy(in.b, swap ? eth->h_source : eth->h_dest, ETH_ALEN);
	key->hash = hsiphash(&in, sizeof(in), &ctx->sn->hash_key);
}

/* The key of the frame whose header is @eth. At @c stand at most @n tags, then
 * what the frame carries. May pull.
 */
static void srp_ether_key(struct srp_ctx *ctx, const struct ethhdr *eth,
			  struct srp_ether_cursor *c, int n)
{
	enum srp_drop reason = SRP_DROP_inner_unknown;

	srp_ether_skip_tags(ctx->skb, c, n);
	if (c->proto == htons(ETH_P_IP) || c->proto == htons(ETH_P_IPV6))
		reason = srp_inner_parse(ctx->skb, c->off, &ctx->sn->hash_key,
					 &ctx->key);
	/* an IP packet that cannot be read is bridged as any other frame; a
	 * fragment too, so that all of a datagram have one key
	 */
	if (reason)
		srp_ether_mac_key(ctx, eth, c);
	ctx->key.vid = c->vid;
	ctx->key.hash ^= srp_vid_mix(c->vid);
}

/**
 * srp_ether_parse() - the flow key of a labelled packet
 * @ctx: the packet; ctx->outer counts the labels, then the control word too
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
enum srp_drop srp_ether_parse(struct srp_ctx *ctx)
{
	struct srp_ether_cursor c = {};
	struct sk_buff *skb = ctx->skb;
	struct ethhdr eth;
	u8 first;

	if (ctx->odd & SRP_ODD_CW) {
		if (skb_copy_bits(skb, ctx->outer, &first, 1))
			return SRP_DROP_inner_malformed;
		/* 1 is an associated channel: OAM (RFC 4385, section 5) */
		if (first >> 4)
			return SRP_DROP_inner_unknown;
		ctx->outer += SRP_CW_LEN;
	}
	if (!pskb_may_pull(skb, ctx->outer + ETH_HLEN))
		return SRP_DROP_inner_malformed;
	memcpy(&eth, skb->data + ctx->outer, ETH_HLEN);
	c.off = ctx->outer + ETH_HLEN;
	c.proto = eth.h_proto;
	srp_ether_key(ctx, &eth, &c, SRP_TAGS_MAX);
	return SRP_DROP_NONE;
}

/**
 * srp_ether_parse_bare() - the flow key of a frame from a function
 * @ctx: the packet as the ingress hook has it: data behind the MAC header, an
 *	outer tag beside it
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 */
void srp_ether_parse_bare(struct srp_ctx *ctx)
{
	const struct ethhdr *eth = eth_hdr(ctx->skb);
	struct srp_ether_cursor c = { .proto = eth->h_proto };
	struct ethhdr copy = *eth;
	int tags = SRP_TAGS_MAX;

	if (skb_vlan_tag_present(ctx->skb)) {
		srp_ether_tag(&c, skb_vlan_tag_get(ctx->skb));
		tags--;
	}
	srp_ether_key(ctx, &copy, &c, tags);
}

/* The data is the frame's header. */
static void srp_ether_reset(struct sk_buff *skb)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;

	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_reset_mac_len(skb);
	skb->protocol = eth_proto_is_802_3(eth->h_proto) ?
			eth->h_proto : htons(ETH_P_802_2);
}

/**
 * srp_ether_strip() - take labels and control word off
 * @ctx: a packet that was parsed
 *
 * Context: softirq.
 */
void srp_ether_strip(struct srp_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;

	srp_pull_outer(ctx);
	srp_ether_reset(skb);
}

/* As the bridge has it: a tag in the frame is no part of what the device's
 * MTU bounds.
 */
static bool srp_ether_fits(const struct sk_buff *skb, unsigned int mtu)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;
	unsigned int head = ETH_HLEN;

	if (eth_type_vlan(eth->h_proto))
		head += VLAN_HLEN;
	return skb->len <= mtu + head;
}

/**
 * srp_ether_xmit_vnf() - hand a frame to a function
 * @ctx: the packet, bare or with its labels
 * @b: the visit
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_ether_xmit_vnf(struct srp_ctx *ctx, struct srp_binding *b)
{
	struct srp_vnf *vnf = b->vnf;
	struct net_device *dev = rcu_dereference(vnf->tx.dev);
	struct sk_buff *skb = ctx->skb;
	unsigned int len;
	int err;

	if (unlikely(!dev))
		return srp_drop(ctx->sn, skb, SRP_DROP_vnf_down);
	if (ctx->outer)
		srp_ether_strip(ctx);
	if (!srp_ether_fits(skb, min_not_zero(READ_ONCE(vnf->mtu),
					      READ_ONCE(dev->mtu))))
		return srp_drop(ctx->sn, skb, SRP_DROP_mtu_exceeded);
	trace_to_vnf(skb, vnf, b->label, ctx->depth);
	srp_scrub(skb);
	skb->dev = dev;
	len = skb->len;
	err = srp_xmit_error(dev_queue_xmit(skb));
	return srp_sent(ctx->sn, err, b->stats, len);
}

/**
 * srp_ether_len() - length of a frame as the wire had it
 * @skb: the packet, data at its MAC header, a tag perhaps beside it
 *
 * Return: octets, without the frame check sequence.
 */
unsigned int srp_ether_len(const struct sk_buff *skb)
{
	return skb->len + (skb_vlan_tag_present(skb) ? VLAN_HLEN : 0);
}

/**
 * srp_ether_open() - make a received frame a payload
 * @ctx: the packet, data at its MAC header; a tag beside it goes into it. As
 *	no hardware knows checksums under labels and a MAC header, one that is
 *	still to be made is made here. Padded to what a wire would carry, so
 *	that nobody further on does it behind the payload's end.
 *
 * Context: softirq.
 * Return: SRP_DROP_NONE or SRP_DROP_no_memory; ctx->skb may be another, or
 * NULL if it is gone.
 */
enum srp_drop srp_ether_open(struct srp_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;

	skb_forward_csum(skb);
	if (srp_csum_finish(skb))
		return SRP_DROP_no_memory;
	if (skb_vlan_tag_present(skb)) {
		skb = __vlan_hwaccel_push_inside(skb);
		ctx->skb = skb;
		if (!skb)
			return SRP_DROP_no_memory;
	}
	if (__skb_put_padto(skb, ETH_ZLEN, false))
		return SRP_DROP_no_memory;
	srp_ether_reset(skb);
	return SRP_DROP_NONE;
}

/**
 * srp_ether_segments() - cut an offloaded frame into those of the wire
 * @skb: the packet, data at its MAC header; consumed if it was cut
 *
 * mpls_gso does not look behind a MAC header.
 *
 * Context: softirq.
 * Return: a list of frames, or NULL if it cannot be cut.
 */
struct sk_buff *srp_ether_segments(struct sk_buff *skb)
{
	struct sk_buff *list = skb_gso_segment(skb, NETIF_F_SG);

	if (IS_ERR_OR_NULL(list))
		return NULL;
	consume_skb(skb);
	return list;
}

/**
 * srp_odd_push() - put on what a packet with something in ctx->odd gets
 * @ctx: a bare packet
 * @headroom: what the link layer will want besides
 *
 * The control word is zero: a sequence number of 0 says that there is none
 * (RFC 4448, section 4.6).
 *
 * Context: softirq.
 * Return: SRP_DROP_NONE or SRP_DROP_no_memory.
 */
enum srp_drop srp_odd_push(struct srp_ctx *ctx, unsigned int headroom)
{
	__be32 lse[SRP_LSES_MAX];
	unsigned int room = headroom + ctx->depth * SRP_LSE_LEN;
	struct sk_buff *skb = ctx->skb;

	if (ctx->odd & SRP_ODD_ETHER)
		skb->protocol = htons(ETH_P_TEB);
	if (ctx->odd & SRP_ODD_CW) {
		if (skb_cow_head(skb, SRP_CW_LEN + room))
			return SRP_DROP_no_memory;
		memset(skb_push(skb, SRP_CW_LEN), 0, SRP_CW_LEN);
	}
	srp_special_fill(ctx, lse);
	if (srp_labels_push(skb, lse, ctx->depth, 0, 0, headroom))
		return SRP_DROP_no_memory;
	if (ctx->odd & SRP_ODD_ETHER) {
		/* that of the frame is payload now */
		skb_reset_mac_header(skb);
		skb_reset_mac_len(skb);
	}
	return SRP_DROP_NONE;
}

/* No flow claims a frame from a function that bridges. What has a tag is for
 * no address of this node, nor what has another MAC address.
 */
static unsigned int srp_miss_ether(struct srp_vnf *vnf, struct srp_ctx *ctx)
{
	const struct sk_buff *skb = ctx->skb;
	bool ours = skb->pkt_type != PACKET_OTHERHOST &&
		    !skb_vlan_tag_present(skb);

	if (ours && ctx->key.family != AF_PACKET)
		return srp_miss(vnf, ctx);
	if (ours && skb->protocol == htons(ETH_P_ARP))
		return srp_accept(ctx);
	srp_count_miss(vnf->stats);
	if (eth_p_mpls(skb->protocol))
		return srp_drop(vnf->sn, ctx->skb, SRP_DROP_vnf_labelled);
	if (READ_ONCE(vnf->on_miss) == SRPROXY_ON_MISS_ACCEPT)
		return srp_accept(ctx);
	return srp_drop(vnf->sn, ctx->skb, SRP_DROP_vnf_miss);
}

/* A frame of a flow, data at its MAC header, goes on. */
static unsigned int srp_return_ether(struct srp_ctx *ctx,
				     const struct srp_stack *stack)
{
	enum srp_drop reason;

	srp_count_rx(stack->binding->stats, srp_ether_len(ctx->skb));
	reason = srp_ether_open(ctx);
	if (!reason)
		return srp_go_on(ctx);
	if (ctx->skb)
		return srp_drop(ctx->sn, ctx->skb, reason);
	srp_count_drop(ctx->sn, reason);
	return NF_STOLEN;
}

/* Likewise, one that a wire would carry in pieces. They are none of the
 * stack's packets, so it cannot be left any of them.
 */
static unsigned int srp_return_ether_gso(struct srp_ctx *ctx,
					 const struct srp_stack *stack)
{
	struct sk_buff *skb, *next, *list = srp_ether_segments(ctx->skb);

	if (!list) {
		srp_count_rx(stack->binding->stats, ctx->skb->len);
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_gso_unsupported);
	}
	skb_list_walk_safe(list, skb, next) {
		struct srp_ctx one = *ctx;

		skb_mark_not_on_list(skb);
		one.skb = skb;
		one.cloned = true;
		srp_return_ether(&one, stack);
	}
	return NF_STOLEN;
}

/**
 * srp_rx_vnf_ether() - a frame came in from a function that bridges
 * @priv: the vnf
 * @skb: the packet
 * @state: not used
 *
 * Every frame may be a returned one, whatever its addresses, type and tag.
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_rx_vnf_ether(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	struct srp_vnf *vnf = priv;
	const struct srp_stack *stack;
	struct srp_flow *flow;
	struct srp_ctx ctx;

	if (!READ_ONCE(vnf->live))
		return NF_ACCEPT;
	ctx.sn = vnf->sn;
	if (unlikely(!srp_own(&ctx, skb)))
		return NF_STOLEN;
	skb = ctx.skb;
	/* a sub-interface that leaves its tag in the header (reorder_hdr off) */
	if (unlikely(skb_mac_offset(skb) != -ETH_HLEN))
		return srp_drop(ctx.sn, skb, SRP_DROP_inner_unknown);
	skb_reset_network_header(skb);
	srp_ether_parse_bare(&ctx);
	ctx.key.vnf = vnf->id;
	flow = srp_flow_find(ctx.sn, &ctx.key);
	if (unlikely(!flow || srp_flow_expired(ctx.sn, flow)))
		return srp_miss_ether(vnf, &ctx);
	stack = rcu_dereference(flow->stack);
	trace_from_vnf(skb, vnf, stack->binding->label, stack->depth);
	if (srp_flow_touch_back(flow))
		srp_latency_back(vnf, flow, skb, true);
	srp_recall(&ctx, flow, stack, false);
	ctx.odd |= vnf->odd;
	skb_push(skb, ETH_HLEN);
	if (skb_is_gso(skb))
		return srp_return_ether_gso(&ctx, stack);
	return srp_return_ether(&ctx, stack);
}
