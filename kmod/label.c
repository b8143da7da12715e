// SPDX-License-Identifier: GPL-2.0-only
/* Reading label stacks. */

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
		if (!labels->depth++)
			labels->next = lse;
		len += SRP_LSE_LEN;
	}
	return SRP_DROP_NONE;
}
