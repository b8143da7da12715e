// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who asks on an app's device for an address of its pool is told the device's
 * own, by ARP and by neighbour discovery (RFC 4861). The answer is that of a
 * proxy: solicited, not overriding, and not of a router.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "app.h"
#include "inner.h"

#define SRP_ND_HOPS	255
#define SRP_LLADDR_OPT	(2 + ETH_ALEN)	/* type, length, address: 8 octets */

/* An ARP packet of IPv4 over Ethernet. */
struct srp_arp {
	struct arphdr head;
	u8 source[ETH_ALEN];
	__be32 sip;
	u8 dest[ETH_ALEN];
	__be32 tip;
} __packed;

static bool srp_arp_is_request(const struct srp_arp *arp)
{
	return arp->head.ar_hrd == htons(ARPHRD_ETHER) &&
	       arp->head.ar_pro == htons(ETH_P_IP) &&
	       arp->head.ar_hln == ETH_ALEN && arp->head.ar_pln == 4 &&
	       arp->head.ar_op == htons(ARPOP_REQUEST);
}

/**
 * srp_app_arp() - answer if it is a request for an address of the pool
 * @app: the app
 * @skb: an ARP packet that came in on its device; stays the caller's
 *
 * Who announces such an address (asks for his own) gets no answer.
 *
 * Context: softirq, RCU read-side.
 */
void srp_app_arp(const struct srp_app *app, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	const struct srp_arp *arp;
	struct in6_addr addr = {};
	struct srp_arp buf;

	if (dev->type != ARPHRD_ETHER)
		return;
	arp = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!arp || !srp_arp_is_request(arp) || arp->sip == arp->tip ||
	    !is_valid_ether_addr(arp->source))
		return;
	addr.s6_addr32[0] = arp->tip;
	if (srp_pool_has(&app->pool, AF_INET, &addr))
		arp_send(ARPOP_REPLY, ETH_P_ARP, arp->sip, dev, arp->tip,
			 arp->source, dev->dev_addr, arp->source);
}

/* Are they right, and may the sender ask so (RFC 4861, section 7.1.1)? */
static bool srp_ns_is_valid(const struct sk_buff *skb,
			    const struct nd_msg *ns, unsigned int len)
{
	const struct ipv6hdr *ip6 = (const void *)skb->data;
	struct in6_addr group;

	if (ip6->hop_limit != SRP_ND_HOPS || ns->icmph.icmp6_code ||
	    ipv6_addr_is_multicast(&ns->target) ||
	    csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_ICMPV6,
			    skb_checksum(skb, sizeof(*ip6), len, 0)))
		return false;
	if (!ipv6_addr_any(&ip6->saddr))
		return !ipv6_addr_is_multicast(&ip6->saddr);
	addrconf_addr_solict_mult(&ns->target, &group);
	return ipv6_addr_equal(&ip6->daddr, &group);
}

/* The solicitation in a packet, or NULL. */
static const struct nd_msg *srp_ns(struct sk_buff *skb,
				   const struct srp_key *key)
{
	const struct nd_msg *ns;
	unsigned int len;

	if (key->family != AF_INET6 || key->proto != IPPROTO_ICMPV6 ||
	    !pskb_may_pull(skb, sizeof(struct ipv6hdr) + sizeof(*ns)) ||
	    ((const struct ipv6hdr *)skb->data)->nexthdr != IPPROTO_ICMPV6)
		return NULL;
	len = ntohs(((const struct ipv6hdr *)skb->data)->payload_len);
	ns = (const void *)(skb->data + sizeof(struct ipv6hdr));
	if (ns->icmph.icmp6_type != NDISC_NEIGHBOUR_SOLICITATION ||
	    len < sizeof(*ns) || sizeof(struct ipv6hdr) + len > skb->len)
		return NULL;
	return srp_ns_is_valid(skb, ns, len) ? ns : NULL;
}

static void srp_na_fill(struct nd_msg *na, const struct in6_addr *target,
			const struct in6_addr *to, bool solicited,
			const u8 *lladdr)
{
	unsigned int len = sizeof(*na) + SRP_LLADDR_OPT;

	memset(na, 0, len);
	na->icmph.icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT;
	na->icmph.icmp6_solicited = solicited;
	na->target = *target;
	na->opt[0] = ND_OPT_TARGET_LL_ADDR;
	na->opt[1] = SRP_LLADDR_OPT / 8;
	ether_addr_copy(&na->opt[2], lladdr);
	na->icmph.icmp6_cksum = csum_ipv6_magic(target, to, len,
						IPPROTO_ICMPV6,
						csum_partial(na, len, 0));
}

/* Send an advertisement of @target to @to, at @lladdr. */
static void srp_na_send(struct net_device *dev, const struct in6_addr *target,
			const struct in6_addr *to, const u8 *lladdr,
			bool solicited)
{
	unsigned int len = sizeof(struct nd_msg) + SRP_LLADDR_OPT;
	struct ipv6hdr *ip6;
	struct sk_buff *skb;

	skb = alloc_skb(LL_RESERVED_SPACE(dev) + sizeof(*ip6) + len +
			dev->needed_tailroom, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb_reset_network_header(skb);
	ip6 = skb_put_zero(skb, sizeof(*ip6));
	ip6_flow_hdr(ip6, 0, 0);
	ip6->payload_len = htons(len);
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = SRP_ND_HOPS;
	ip6->saddr = *target;
	ip6->daddr = *to;
	skb_set_transport_header(skb, sizeof(*ip6));
	srp_na_fill(skb_put(skb, len), target, to, solicited, dev->dev_addr);
	skb->dev = dev;
	skb->protocol = htons(ETH_P_IPV6);
	if (dev_hard_header(skb, dev, ETH_P_IPV6, lladdr, dev->dev_addr,
			    skb->len) < 0)
		kfree_skb(skb);
	else
		dev_queue_xmit(skb);
}

/**
 * srp_app_nd() - answer if it is a solicitation for an address of the pool
 * @app: the app
 * @skb: a packet that came in on its device, not shared; stays the caller's
 * @key: its key
 *
 * Who only wants to know whether somebody has the address (RFC 4862) is told,
 * with all others: it is taken.
 *
 * Context: softirq, RCU read-side. Pointers into the packet have to be loaded
 * again.
 * Return: true if it was answered.
 */
bool srp_app_nd(const struct srp_app *app, struct sk_buff *skb,
		const struct srp_key *key)
{
	struct in6_addr to = in6addr_linklocal_allnodes;
	struct net_device *dev = skb->dev;
	const struct nd_msg *ns;
	u8 lladdr[ETH_ALEN];
	bool solicited;

	if (app->family != AF_INET6 || dev->type != ARPHRD_ETHER ||
	    !skb_mac_header_was_set(skb))
		return false;
	ns = srp_ns(skb, key);
	if (!ns || !srp_pool_has(&app->pool, AF_INET6, &ns->target))
		return false;
	solicited = !ipv6_addr_any(&key->src);
	if (solicited) {
		to = key->src;
		ether_addr_copy(lladdr, eth_hdr(skb)->h_source);
	} else {
		ipv6_eth_mc_map(&to, lladdr);
	}
	srp_na_send(dev, &ns->target, &to, lladdr, solicited);
	return true;
}
