// SPDX-License-Identifier: GPL-2.0-only
/* Taking label stacks off packets and putting them on. */
#include <linux/if_ether.h>

#include "label.h"

/**
 * srp_labels_parse() - read a label stack to its bottom
 * @skb: packet whose network header is its first label; not changed but for
 *	what is pulled into its linear part
 * @labels: filled in
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
enum srp_drop srp_labels_parse(struct sk_buff *skb, struct srp_labels *labels)
{
	unsigned int len = SRP_LSE_LEN;
	__be32 lse;

	if (!pskb_may_pull(skb, len))
		return SRP_DROP_label_malformed;
	lse = *(__be32 *)skb->data;
	labels->top = lse;
	labels->depth = 0;
	while (!srp_lse_bottom(lse)) {
		if (labels->depth == SRPROXY_STACK_MAX)
			return SRP_DROP_label_too_deep;
		if (!pskb_may_pull(skb, len + SRP_LSE_LEN))
			return SRP_DROP_label_malformed;
		lse = *(__be32 *)(skb->data + len);
		if (!labels->depth)
			labels->next = lse;
		labels->id[labels->depth++] = lse & SRP_LSE_ID;
		len += SRP_LSE_LEN;
	}
	return SRP_DROP_NONE;
}

/**
 * srp_labels_push() - put a label stack on a bare packet
 * @skb: packet whose network header is that of IP, data pointing there
 * @id: identities of the entries, wire order
 * @depth: how many, at least 1
 * @tc: traffic class of every entry
 * @ttl: TTL of every entry
 * @headroom: what the link layer will want besides
 *
 * The inner network header and protocol are set, so that GSO cuts the packet
 * below the labels (mpls_gso). Every entry gets the same TC and TTL: those of
 * the labels below come up only after the one above them is popped, and are
 * then bounded by it anyway.
 *
 * Context: softirq.
 * Return: 0 or -ENOMEM, the packet then as it was.
 */
int srp_labels_push(struct sk_buff *skb, const __be32 *id, u8 depth, u8 tc,
		    u8 ttl, unsigned int headroom)
{
	unsigned int len = depth * SRP_LSE_LEN;
	__be32 rest = srp_lse_rest(tc, ttl);
	__be32 *lse;
	int i;

	if (skb_cow_head(skb, len + headroom))
		return -ENOMEM;
	skb_set_inner_protocol(skb, skb->protocol);
	skb_reset_inner_network_header(skb);
	lse = skb_push(skb, len);
	for (i = 0; i < depth; i++)
		lse[i] = id[i] | rest;
	skb_postpush_rcsum(skb, lse, len);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	skb->protocol = htons(ETH_P_MPLS_UC);
	return 0;
}
