/* SPDX-License-Identifier: GPL-2.0-only */
/* Label stack entries (RFC 3032, section 2.1). */
#ifndef SRP_LABEL_H
#define SRP_LABEL_H

#include <linux/mpls.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include <linux/srproxy.h>

#include "stats.h"

#define SRP_LSE_LEN	4

/* What of an entry is a stack's identity: label and S bit, not TC and TTL. */
#define SRP_LSE_ID	cpu_to_be32(MPLS_LS_LABEL_MASK | MPLS_LS_S_MASK)

static inline u32 srp_lse_label(__be32 lse)
{
	return be32_to_cpu(lse) >> MPLS_LS_LABEL_SHIFT;
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
 * @id: their identities, wire order
 */
struct srp_labels {
	__be32 top;
	__be32 next;
	u8 depth;
	__be32 id[SRPROXY_STACK_MAX];
};

enum srp_drop srp_labels_parse(struct sk_buff *skb, struct srp_labels *labels);
int srp_labels_push(struct sk_buff *skb, const __be32 *id, u8 depth, u8 tc,
		    u8 ttl, unsigned int headroom);

#endif
