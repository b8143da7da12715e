/* SPDX-License-Identifier: GPL-2.0-only */
/* The only exits of a packet: dropped, handed on, or left to the stack. */
#ifndef SRP_VERDICT_H
#define SRP_VERDICT_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/dst.h>

#include "compat.h"
#include "stats.h"

struct srp_net;

/* Does a packet fit a device? One that will be cut is judged by its pieces. */
static inline bool srp_fits(const struct sk_buff *skb, unsigned int outer,
			    unsigned int mtu)
{
	if (likely(skb->len + outer <= mtu))
		return true;
	return mtu > outer && skb_is_gso(skb) &&
	       skb_gso_validate_network_len(skb, mtu - outer);
}

/* Make a checksum that was left to the hardware, SCTP's too. Return: 0 or an
 * error.
 */
static inline int srp_csum_finish(struct sk_buff *skb)
{
	return likely(skb->ip_summed != CHECKSUM_PARTIAL) ? 0 :
	       skb_csum_hwoffload_help(skb, 0);
}

unsigned int srp_drop(struct srp_net *sn, struct sk_buff *skb,
		      enum srp_drop reason);
unsigned int srp_hand_over(struct sk_buff *skb, struct net_device *dev,
			   __be16 protocol);
void srp_reinject(struct sk_buff *skb);

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
static inline unsigned int srp_sent(struct srp_net *sn, int err,
				    struct srp_counters __percpu *stats,
				    unsigned int len)
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
static inline void srp_scrub(struct sk_buff *skb)
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

#endif
