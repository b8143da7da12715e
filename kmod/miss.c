// SPDX-License-Identifier: GPL-2.0-only
/* What a function sends that is no packet of a chain. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/mpls.h>
#include <net/ndisc.h>
#include <net/route.h>

#include "core.h"
#include "verdict.h"
#include "vnf.h"

/**
 * srp_accept() - leave a packet to the stack
 * @ctx: the packet
 *
 * Context: softirq.
 * Return: the hook's verdict.
 */
unsigned int srp_accept(struct srp_ctx *ctx)
{
	if (unlikely(ctx->cloned))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_skb_shared);
	return NF_ACCEPT;
}

/* Broadcast and multicast of the link are for this node too, among others,
 * and routed nowhere: DHCP, IGMP and MLD of a function.
 */
static bool srp_is_local_inet(struct net *net, const struct net_device *dev,
			      __be32 dst)
{
	unsigned int type = inet_addr_type_dev_table(net, dev, dst);

	return type == RTN_LOCAL || type == RTN_BROADCAST ||
	       ipv4_is_local_multicast(dst);
}

/* Is a packet for this node, or for the VRF that its device belongs to? */
static bool srp_is_local(const struct srp_vnf *vnf, const struct srp_ctx *ctx)
{
	const struct srp_key *key = &ctx->key;
	struct net *net = vnf->sn->net;

	if (key->family == AF_INET)
		return srp_is_local_inet(net, ctx->skb->dev,
					 key->dst.s6_addr32[0]);
	return IS_ENABLED(CONFIG_IPV6) &&
	       (ipv6_chk_addr_and_flags(net, &key->dst, ctx->skb->dev, true, 0,
					IFA_F_TENTATIVE) ||
		(ipv6_addr_is_multicast(&key->dst) &&
		 IPV6_ADDR_MC_SCOPE(&key->dst) == IPV6_ADDR_SCOPE_LINKLOCAL));
}

/* Type of an ICMP message that was parsed, if it is one, whole and plain. */
static bool srp_icmp_type(const struct sk_buff *skb, const struct srp_key *key,
			  u8 *type)
{
	if (key->family == AF_INET6)
		return ipv6_hdr(skb)->nexthdr == IPPROTO_ICMPV6 &&
		       !skb_copy_bits(skb, sizeof(struct ipv6hdr), type, 1);
	return key->proto == IPPROTO_ICMP && !ip_is_fragment(ip_hdr(skb)) &&
	       !skb_copy_bits(skb, ip_hdrlen(skb), type, 1);
}

/**
 * srp_is_nd() - is a packet one of neighbour discovery?
 * @skb: the packet
 * @key: its key
 *
 * Context: any.
 * Return: true if so (RFC 4861).
 */
bool srp_is_nd(struct sk_buff *skb, const struct srp_key *key)
{
	u8 type;

	return key->family == AF_INET6 && srp_icmp_type(skb, key, &type) &&
	       type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT;
}

static bool srp_is_icmp_error(struct sk_buff *skb, const struct srp_key *key)
{
	u8 type;

	if (!srp_icmp_type(skb, key, &type))
		return false;
	return key->family == AF_INET6 ? !(type & ICMPV6_INFOMSG_MASK) :
					 icmp_is_err(type);
}

/**
 * srp_miss() - no flow claims a packet from a function
 * @vnf: the function
 * @ctx: the packet, parsed
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_miss(struct srp_vnf *vnf, struct srp_ctx *ctx)
{
	u8 on_miss = READ_ONCE(vnf->on_miss);

	if (srp_is_nd(ctx->skb, &ctx->key) && srp_is_local(vnf, ctx))
		return srp_accept(ctx);
	if (on_miss != SRPROXY_ON_MISS_ACCEPT) {
		bool pass = srp_is_local(vnf, ctx);

		if (pass && on_miss == SRPROXY_ON_MISS_STRICT)
			pass = srp_is_icmp_error(ctx->skb, &ctx->key);
		if (pass)
			return srp_accept(ctx);
	}
	srp_count_miss(vnf->stats);
	if (on_miss == SRPROXY_ON_MISS_ACCEPT)
		return srp_accept(ctx);
	return srp_drop(vnf->sn, ctx->skb, SRP_DROP_vnf_miss);
}

/**
 * srp_not_ip() - a frame from a function is no IP packet
 * @vnf: the function
 * @skb: the frame
 *
 * Context: softirq.
 * Return: the hook's verdict.
 */
unsigned int srp_not_ip(struct srp_vnf *vnf, struct sk_buff *skb)
{
	if (eth_p_mpls(skb->protocol))
		return srp_drop(vnf->sn, skb, SRP_DROP_vnf_labelled);
	if (skb->protocol == htons(ETH_P_ARP) ||
	    skb->protocol == htons(ETH_P_8021Q) ||
	    skb->protocol == htons(ETH_P_8021AD) ||
	    READ_ONCE(vnf->on_miss) == SRPROXY_ON_MISS_ACCEPT)
		return NF_ACCEPT;
	return srp_drop(vnf->sn, skb, SRP_DROP_inner_unknown);
}
