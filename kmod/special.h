/* SPDX-License-Identifier: GPL-2.0-only */
/* Special-purpose labels (RFC 3032, 4182, 5586, 6790, 7274). */
#ifndef SRP_SPECIAL_H
#define SRP_SPECIAL_H

#include "label.h"

struct srp_ctx;
struct srp_net;
struct srp_sid;

/*
 * What is not plain about a packet, a stack or a sid. All that needs special
 * care is behind one test of them: nearly every packet has none.
 */
#define SRP_ODD_LABELS	BIT(0)	/* special-purpose labels in the stack */
#define SRP_ODD_ETHER	BIT(1)	/* the payload is an Ethernet frame */
#define SRP_ODD_CW	BIT(2)	/* a control word before it: its 4 octets */

/* The part that says what the payload is. */
#define SRP_ODD_INNER	(SRP_ODD_ETHER | SRP_ODD_CW)

/* Room for a stack with one label prepended. */
#define SRP_LSES_MAX	(SRPROXY_STACK_MAX + 1)

/* Does the next entry go with this one: an entropy label, or an extended
 * special-purpose label? It is no label to look up then.
 */
static inline bool srp_special_pair(__be32 lse)
{
	u32 label = srp_lse_label(lse);

	return label == MPLS_LABEL_ENTROPY || label == MPLS_LABEL_EXTENSION;
}

static inline bool srp_special_any(const __be32 *lse, u8 depth)
{
	while (depth--)
		if (srp_lse_special(*lse++))
			return true;
	return false;
}

/* Where the first entry stands that is looked up, special-purpose ones may be
 * in front of it (router alert); @depth if there is none.
 */
static inline u8 srp_special_skip(const __be32 *lse, u8 depth)
{
	u8 i = 0;

	while (i < depth && srp_lse_special(lse[i]))
		i += srp_special_pair(lse[i]) ? 2 : 1;
	return min(i, depth);
}

/* Is there a router alert among @n special-purpose entries? */
static inline bool srp_special_alert(const __be32 *lse, u8 n)
{
	u8 i;

	for (i = 0; i < n; i += srp_special_pair(lse[i]) ? 2 : 1)
		if (srp_lse_label(lse[i]) == MPLS_LABEL_RTALERT)
			return true;
	return false;
}

struct srp_sid *srp_special_top_sid(struct srp_net *sn,
				    const struct sk_buff *skb);
enum srp_drop srp_special_check(__be32 *lse, unsigned int n);
enum srp_drop srp_special_expose(struct srp_ctx *ctx, u8 *family);
struct srp_sid *srp_special_pop(struct srp_ctx *ctx);
enum srp_drop srp_special_take(struct srp_ctx *ctx, struct srp_labels *labels,
			       __be32 *room, u8 *family);
u32 srp_special_entropy(u32 hash);
void srp_special_fill(const struct srp_ctx *ctx, __be32 *lse);

#endif
