/* SPDX-License-Identifier: GPL-2.0-only */
/* ICMP errors that the proxy itself sends. */
#ifndef SRP_ICMP_H
#define SRP_ICMP_H

#include <linux/in6.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include <linux/srproxy.h>

struct srp_ctx;
struct srp_key;
struct srp_sid;

/* Smallest MTU that is reported: a network has to carry so much. */
#define SRP_MTU_MIN_IPV4	68	/* RFC 791 */
#define SRP_MTU_MIN_IPV6	1280	/* RFC 8200, section 5 */

/**
 * struct srp_icmp_limit - how many errors a namespace may send now
 */
struct srp_icmp_limit {
	/** @lock: @credit and @stamp; softirq */
	spinlock_t lock;
	/** @credit: errors that may be sent at once */
	u32 credit;
	/** @stamp: jiffies when @credit last grew */
	u32 stamp;
};

/**
 * struct srp_icmp - an ICMP error, before it is a packet
 * @family: AF_INET or AF_INET6
 * @type: ICMP type
 * @code: ICMP code
 * @tos: TOS or traffic class of the packet
 * @ttl: TTL or hop limit of the packet
 * @id: IPv4 identification
 * @mtu: of destination unreachable and packet too big, else 0
 * @src: who says it; IPv4 in the first word
 * @dst: who is told; likewise
 * @depth: entries in @lse, 0 for no extension
 * @lse: the label stack that the packet in question had (RFC 4950)
 */
struct srp_icmp {
	u8 family;
	u8 type;
	u8 code;
	u8 tos;
	u8 ttl;
	__be16 id;
	u32 mtu;
	struct in6_addr src;
	struct in6_addr dst;
	u8 depth;
	__be32 lse[SRPROXY_STACK_MAX + 1];
};

/* icmp_build.c */
struct sk_buff *srp_icmp_build(const struct srp_icmp *icmp,
			       const struct sk_buff *about, unsigned int off);
bool srp_icmp_allowed(const struct sk_buff *skb, unsigned int off,
		      bool too_big);

/* icmp.c */
void srp_icmp_limit_init(struct srp_icmp_limit *limit);
bool srp_icmp_take(struct srp_icmp_limit *limit);
unsigned int srp_path_mtu(const struct srp_ctx *ctx, unsigned int mtu);
unsigned int srp_expired(struct srp_ctx *ctx, const struct srp_sid *sid);
unsigned int srp_expired_bare(struct srp_ctx *ctx);
bool srp_uniform(struct srp_ctx *ctx, unsigned int *verdict);
void srp_too_big(struct srp_ctx *ctx, unsigned int limit, bool labelled);
void srp_resubmit(struct sk_buff *skb);

#endif
