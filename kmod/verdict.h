/* SPDX-License-Identifier: GPL-2.0-only */
/* The only exits of a packet: dropped, handed on, or left to the stack. */
#ifndef SRP_VERDICT_H
#define SRP_VERDICT_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>

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

unsigned int srp_drop(struct srp_net *sn, struct sk_buff *skb,
		      enum srp_drop reason);
unsigned int srp_sent(struct srp_net *sn, int err,
		      struct srp_counters __percpu *stats, unsigned int len);
void srp_scrub(struct sk_buff *skb);
unsigned int srp_hand_over(struct sk_buff *skb, struct net_device *dev,
			   __be16 protocol);

#endif
