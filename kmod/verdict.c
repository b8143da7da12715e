// SPDX-License-Identifier: GPL-2.0-only
/* Every exit of a packet, and its accounting. */
#include <linux/netfilter.h>

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

/**
 * srp_reinject() - let the stack have a packet that the hook did not leave it
 * @skb: packet for which a hook of ours would have returned NF_ACCEPT
 *
 * It goes on where it would have, past taps, tc and every ingress hook, ours
 * among them; on this CPU and now, so that packets keep their order.
 *
 * Context: softirq.
 */
void srp_reinject(struct sk_buff *skb)
{
	skb->tc_skip_classify = 1;
	netif_receive_skb_core(skb);
}
