// SPDX-License-Identifier: GPL-2.0-only
/* Every exit of a packet, and its accounting. */
#include <linux/netfilter.h>
#include <net/dst.h>

#include "net.h"
#include "trace.h"
#include "verdict.h"

static enum skb_drop_reason srp_core_reason(enum srp_drop reason)
{
	switch (reason) {
	case SRP_DROP_inner_malformed:
		return SKB_DROP_REASON_IP_INHDR;
	case SRP_DROP_mtu_exceeded:
		return SKB_DROP_REASON_PKT_TOO_BIG;
	case SRP_DROP_no_memory:
		return SKB_DROP_REASON_NOMEM;
	default:
		return SKB_DROP_REASON_NOT_SPECIFIED;
	}
}

/**
 * srp_drop() - drop a packet under one reason
 * @sn: the namespace
 * @skb: the packet, freed
 * @reason: the reason
 *
 * Context: softirq.
 * Return: the hook's verdict.
 */
unsigned int srp_drop(struct srp_net *sn, struct sk_buff *skb,
		      enum srp_drop reason)
{
	trace_drop(skb, reason);
	srp_count_drop(sn, reason);
	kfree_skb_reason(skb, srp_core_reason(reason));
	return NF_STOLEN;
}

/**
 * srp_sent() - account for a packet that was sent
 * @sn: the namespace
 * @err: what sending it returned
 * @stats: line whose tx is counted
 * @len: octets of inner packet
 *
 * Context: softirq.
 * Return: the hook's verdict.
 */
unsigned int srp_sent(struct srp_net *sn, int err,
		      struct srp_counters __percpu *stats, unsigned int len)
{
	if (likely(!err))
		srp_count_tx(stats, len);
	else
		srp_count_drop(sn, SRP_DROP_xmit_failed);
	return NF_STOLEN;
}

/**
 * srp_scrub() - rid a received packet of what must not be sent along
 * @skb: the packet
 *
 * As the kernel's own forwarding does it (skb_forward_csum, skb_scrub_packet).
 *
 * Context: softirq.
 */
void srp_scrub(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_clear_tstamp(skb);
	skb_forward_csum(skb);
	skb_ext_reset(skb);
	skb->pkt_type = PACKET_HOST;
	skb->ignore_df = 0;
}

/**
 * srp_hand_over() - let the stack go on with a packet of another kind
 * @skb: the packet, data at the network header
 * @dev: where it is to seem to come from
 * @protocol: what it is now
 *
 * The receive path goes on after the hook with the device and protocol that
 * it finds in the packet. No second tap sees it.
 *
 * Context: softirq.
 * Return: the hook's verdict.
 */
unsigned int srp_hand_over(struct sk_buff *skb, struct net_device *dev,
			   __be16 protocol)
{
	skb->dev = dev;
	skb->skb_iif = dev->ifindex;
	skb->pkt_type = PACKET_HOST;
	skb->protocol = protocol;
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
	return NF_ACCEPT;
}
