/* SPDX-License-Identifier: GPL-2.0-only */
/* Label stack entries (RFC 3032, section 2.1). */
#ifndef SRP_LABEL_H
#define SRP_LABEL_H

#include <linux/if_ether.h>
#include <linux/mpls.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include <linux/srproxy.h>

#include "stats.h"

#define SRP_LSE_LEN	4

/* Bits of an entry that only a label of 16 and above has. */
#define SRP_LSE_PLAIN	cpu_to_be32(MPLS_LS_LABEL_MASK & \
				    ~(0xfU << MPLS_LS_LABEL_SHIFT))

/* What of an entry is a stack's identity: label and S bit, not TC and TTL. */
#define SRP_LSE_ID	cpu_to_be32(MPLS_LS_LABEL_MASK | MPLS_LS_S_MASK)

static inline u32 srp_lse_label(__be32 lse)
{
	return be32_to_cpu(lse) >> MPLS_LS_LABEL_SHIFT;
}

/* Is the label a special-purpose one, 0 to 15 (RFC 7274)? */
static inline bool srp_lse_special(__be32 lse)
{
	return !(lse & SRP_LSE_PLAIN);
}

static inline bool srp_lse_bottom(__be32 lse)
{
	return lse & cpu_to_be32(MPLS_LS_S_MASK);
}

static inline u8 srp_lse_ttl(__be32 lse)
{
	return be32_to_cpu(lse) & MPLS_LS_TTL_MASK;
}

static inline u8 srp_lse_tc(__be32 lse)
{
	return (be32_to_cpu(lse) & MPLS_LS_TC_MASK) >> MPLS_LS_TC_SHIFT;
}

/* The part of an entry that is not its identity. */
static inline __be32 srp_lse_rest(u8 tc, u8 ttl)
{
	return cpu_to_be32((u32)tc << MPLS_LS_TC_SHIFT |
			   (u32)ttl << MPLS_LS_TTL_SHIFT);
}

static inline __be32 srp_lse_id(u32 label, bool bottom)
{
	return cpu_to_be32(label << MPLS_LS_LABEL_SHIFT |
			   (bottom ? MPLS_LS_S_MASK : 0));
}

/**
 * struct srp_labels - a parsed label stack
 * @top: the first entry as it came
 * @next: the second entry as it came, valid if @depth is not 0
 * @depth: entries below the first, at most SRPROXY_STACK_MAX
 * @special: any of them may be a special-purpose label, or go with one
 */
struct srp_labels {
	__be32 top;
	__be32 next;
	u8 depth;
	bool special;
};

/**
 * srp_labels_parse() - read a label stack to its bottom
 * @skb: packet whose network header is its first label; not changed but for
 *	what is pulled into its linear part
 * @labels: the first entry, and whether it is special, have been read; the
 *	rest is filled in
 *
 * The first entry alone need not be in the linear part: whoever goes on reads
 * what follows it first.
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
static inline enum srp_drop srp_labels_parse(struct sk_buff *skb,
					     struct srp_labels *labels)
{
	unsigned int len = SRP_LSE_LEN;
	__be32 lse = labels->top;

	labels->depth = 0;
	while (!srp_lse_bottom(lse)) {
		if (labels->depth == SRPROXY_STACK_MAX)
			return SRP_DROP_label_too_deep;
		if (!pskb_may_pull(skb, len + SRP_LSE_LEN))
			return SRP_DROP_label_malformed;
		lse = *(__be32 *)(skb->data + len);
		if (unlikely(srp_lse_special(lse)))
			labels->special = true;
		if (!labels->depth++)
			labels->next = lse;
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
static inline int srp_labels_push(struct sk_buff *skb, const __be32 *id,
				  u8 depth, u8 tc, u8 ttl,
				  unsigned int headroom)
{
	unsigned int len = depth * SRP_LSE_LEN;
	__be32 rest = srp_lse_rest(tc, ttl);
	__be32 *lse;
	int i;

	if (unlikely(skb_cow_head(skb, len + headroom)))
		return -ENOMEM;
	skb_set_inner_protocol(skb, skb->protocol);
	skb_reset_inner_network_header(skb);
	lse = __skb_push(skb, len);
	for (i = 0; i < depth; i++)
		lse[i] = id[i] | rest;
	skb_postpush_rcsum(skb, lse, len);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	skb->protocol = htons(ETH_P_MPLS_UC);
	return 0;
}

#endif
