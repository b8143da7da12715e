// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an ICMP error looks like, and about which packets there may be one.
 *
 *	IP | ICMP | quote of the packet
 *	IP | ICMP | quote, 128 octets | extension header | label stack object
 *
 * The second with the labels that the packet had (RFC 4884, RFC 4950).
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/checksum.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "icmp.h"
#include "label.h"

#define SRP_ICMP_MAX_IPV4	576	/* RFC 1812, section 4.3.2.3 */
#define SRP_ICMP_MAX_IPV6	1280	/* RFC 4443, section 2.4 (c) */
#define SRP_ICMP_QUOTE		128	/* with an extension behind it */
#define SRP_ICMP_EXT_VERSION	0x20
#define SRP_ICMP_MPLS_CLASS	1
#define SRP_ICMP_MPLS_INCOMING	1

/* An extension header and its only object. */
struct srp_icmp_ext {
	u8 version;
	u8 reserved;
	__sum16 check;
	__be16 len;
	u8 class;
	u8 kind;
	__be32 lse[];
};

/* Octets of the packet without what the link layer padded it with. */
static unsigned int srp_quote_len(const struct sk_buff *about,
				  unsigned int off)
{
	const struct iphdr *ip = (const void *)(about->data + off);
	const struct ipv6hdr *ip6 = (const void *)ip;
	unsigned int len = about->len - off, said;

	if (ip->version == 4)
		said = ntohs(ip->tot_len);
	else
		said = ntohs(ip6->payload_len) + sizeof(*ip6);
	return skb_is_gso(about) ? len : min(len, said);
}

static unsigned int srp_ip_header_len(const struct srp_icmp *icmp)
{
	return icmp->family == AF_INET ? sizeof(struct iphdr) :
					 sizeof(struct ipv6hdr);
}

static unsigned int srp_ext_len(const struct srp_icmp *icmp)
{
	return icmp->depth ? sizeof(struct srp_icmp_ext) +
			     icmp->depth * SRP_LSE_LEN : 0;
}

/* Put the quote, filled up if an extension follows. Return: 0 or -EFAULT. */
static int srp_put_quote(struct sk_buff *skb, const struct srp_icmp *icmp,
			 const struct sk_buff *about, unsigned int off,
			 unsigned int len)
{
	int err = skb_copy_bits(about, off, skb_put(skb, len), len);

	if (icmp->depth)
		skb_put_zero(skb, SRP_ICMP_QUOTE - len);
	return err;
}

static void srp_put_ext(struct sk_buff *skb, const struct srp_icmp *icmp)
{
	unsigned int len = srp_ext_len(icmp);
	struct srp_icmp_ext *ext = skb_put_zero(skb, len);

	ext->version = SRP_ICMP_EXT_VERSION;
	ext->len = htons(len - offsetof(struct srp_icmp_ext, len));
	ext->class = SRP_ICMP_MPLS_CLASS;
	ext->kind = SRP_ICMP_MPLS_INCOMING;
	memcpy(ext->lse, icmp->lse, icmp->depth * SRP_LSE_LEN);
	ext->check = ip_compute_csum(ext, len);
}

/* The quote's length is in units that differ, at places that differ. */
static void srp_fill_icmp(struct icmphdr *hdr, const struct srp_icmp *icmp,
			  unsigned int len)
{
	hdr->type = icmp->type;
	hdr->code = icmp->code;
	hdr->un.gateway = htonl(icmp->mtu);
	if (icmp->depth && icmp->family == AF_INET)
		hdr->un.reserved[1] = SRP_ICMP_QUOTE / 4;
	if (icmp->depth && icmp->family == AF_INET6)
		hdr->un.reserved[0] = SRP_ICMP_QUOTE / 8;
	hdr->checksum = 0;
	if (icmp->family == AF_INET)
		hdr->checksum = ip_compute_csum(hdr, len);
	else
		hdr->checksum = csum_ipv6_magic(&icmp->src, &icmp->dst, len,
						IPPROTO_ICMPV6,
						csum_partial(hdr, len, 0));
}

static void srp_fill_ipv4(struct iphdr *ip, const struct srp_icmp *icmp,
			  unsigned int len)
{
	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = icmp->tos;
	ip->tot_len = htons(sizeof(*ip) + len);
	ip->id = icmp->id;
	ip->ttl = icmp->ttl;
	ip->protocol = IPPROTO_ICMP;
	ip->saddr = icmp->src.s6_addr32[0];
	ip->daddr = icmp->dst.s6_addr32[0];
	ip_send_check(ip);
}

static void srp_fill_ipv6(struct ipv6hdr *ip6, const struct srp_icmp *icmp,
			  unsigned int len)
{
	ip6_flow_hdr(ip6, icmp->tos, 0);
	ip6->payload_len = htons(len);
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = icmp->ttl;
	ip6->saddr = icmp->src;
	ip6->daddr = icmp->dst;
}

/* Octets of quote there is room for. */
static unsigned int srp_quote_room(const struct srp_icmp *icmp)
{
	if (icmp->depth)
		return SRP_ICMP_QUOTE;
	return (icmp->family == AF_INET ? SRP_ICMP_MAX_IPV4 :
					  SRP_ICMP_MAX_IPV6) -
	       srp_ip_header_len(icmp) - sizeof(struct icmphdr);
}

/**
 * srp_icmp_build() - make the packet of an ICMP error
 * @icmp: what it says
 * @about: the packet that it is about
 * @off: where that one's IP header stands, parsed before, from its data
 *
 * There is headroom for a label stack and a link-layer header.
 *
 * Context: any.
 * Return: a bare packet, or NULL if there is no memory.
 */
struct sk_buff *srp_icmp_build(const struct srp_icmp *icmp,
			       const struct sk_buff *about, unsigned int off)
{
	unsigned int room = LL_MAX_HEADER + SRPROXY_STACK_MAX * SRP_LSE_LEN;
	unsigned int quote = min(srp_quote_len(about, off),
				 srp_quote_room(icmp));
	unsigned int ip_len = srp_ip_header_len(icmp), len;
	struct icmphdr *hdr;
	struct sk_buff *skb;

	skb = alloc_skb(room + ip_len + sizeof(*hdr) + srp_ext_len(icmp) +
			max_t(unsigned int, quote, SRP_ICMP_QUOTE),
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, room + ip_len);
	hdr = skb_put(skb, sizeof(*hdr));
	if (srp_put_quote(skb, icmp, about, off, quote)) {
		kfree_skb(skb);
		return NULL;
	}
	if (icmp->depth)
		srp_put_ext(skb, icmp);
	len = skb->len;
	srp_fill_icmp(hdr, icmp, len);
	skb_reset_transport_header(skb);
	if (icmp->family == AF_INET)
		srp_fill_ipv4(__skb_push(skb, ip_len), icmp, len);
	else
		srp_fill_ipv6(__skb_push(skb, ip_len), icmp, len);
	skb->protocol = htons(icmp->family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	return skb;
}

/* Addresses that stand for one host that can be told. */
static bool srp_ipv4_is_host(__be32 addr)
{
	return !ipv4_is_zeronet(addr) && !ipv4_is_loopback(addr) &&
	       !ipv4_is_multicast(addr) && !ipv4_is_lbcast(addr) &&
	       (ntohl(addr) >> 28) != 0xf;
}

static bool srp_ipv6_is_host(const struct in6_addr *addr)
{
	return ipv6_addr_type(addr) & IPV6_ADDR_UNICAST &&
	       !(ipv6_addr_type(addr) &
		 (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL));
}

/* Queries are answered; errors, and what nobody knows, are not. */
static bool srp_icmp_type_is_error(u8 type)
{
	switch (type) {
	case ICMP_ECHOREPLY:
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
	case ICMP_TIMESTAMPREPLY:
	case ICMP_INFO_REQUEST:
	case ICMP_INFO_REPLY:
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
		return false;
	}
	return true;
}

static bool srp_ipv4_allowed(const struct sk_buff *skb, unsigned int off)
{
	const struct iphdr *ip = (const void *)(skb->data + off);
	u8 buf, *type;

	if (ip->frag_off & htons(IP_OFFSET) || !srp_ipv4_is_host(ip->saddr) ||
	    ipv4_is_multicast(ip->daddr) || ipv4_is_lbcast(ip->daddr))
		return false;
	if (ip->protocol != IPPROTO_ICMP)
		return true;
	type = skb_header_pointer(skb, off + ip->ihl * 4, 1, &buf);
	return type && !srp_icmp_type_is_error(*type);
}

static bool srp_ipv6_allowed(const struct sk_buff *skb, unsigned int off,
			     bool too_big)
{
	const struct ipv6hdr *ip6 = (const void *)(skb->data + off);
	u8 next = ip6->nexthdr, buf, *type;
	__be16 frag = 0;
	int at;

	if (!srp_ipv6_is_host(&ip6->saddr) ||
	    (ipv6_addr_is_multicast(&ip6->daddr) && !too_big))
		return false;
	at = ipv6_skip_exthdr(skb, off + sizeof(*ip6), &next, &frag);
	if (at < 0 || frag & htons(IP6_OFFSET))
		return false;
	if (next != IPPROTO_ICMPV6)
		return true;
	type = skb_header_pointer(skb, at, 1, &buf);
	return type && *type & ICMPV6_INFOMSG_MASK && *type != NDISC_REDIRECT;
}

/**
 * srp_icmp_allowed() - may there be an ICMP error about a packet?
 * @skb: the packet, parsed before
 * @off: where its IP header stands, from its data
 * @too_big: the error is that it is too big
 *
 * RFC 1812, section 4.3.2.7; RFC 4443, section 2.4 (e).
 *
 * Context: any.
 * Return: true if there may.
 */
bool srp_icmp_allowed(const struct sk_buff *skb, unsigned int off,
		      bool too_big)
{
	const struct iphdr *ip = (const void *)(skb->data + off);

	return ip->version == 4 ? srp_ipv4_allowed(skb, off) :
				  srp_ipv6_allowed(skb, off, too_big);
}
