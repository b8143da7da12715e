// SPDX-License-Identifier: GPL-2.0-only
/*
 * A datagram is put into another envelope: its IP and UDP headers are replaced,
 * of either family, and the payload stays where it is. The checksum is moved by
 * what differs, so that one that was wrong stays wrong: what the payload has
 * suffered before it came here, its reader still sees.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "app.h"
#include "inner.h"

/* Where the transport header stands; negative if there is none, or it is one
 * of a fragment. @end is set to where the IP packet ends.
 */
static int srp_transport_at(const struct sk_buff *skb, unsigned int off,
			    unsigned int *end)
{
	const struct iphdr *ip = (const void *)(skb->data + off);
	const struct ipv6hdr *ip6 = (const void *)ip;
	__be16 frag;
	u8 proto;
	int at;

	if (ip->version == 4) {
		*end = off + ntohs(ip->tot_len);
		return ip_is_fragment(ip) ? -1 : off + ip->ihl * 4;
	}
	*end = off + sizeof(*ip6) + ntohs(ip6->payload_len);
	proto = ip6->nexthdr;
	at = ipv6_skip_exthdr(skb, off + sizeof(*ip6), &proto, &frag);
	return frag || proto != IPPROTO_UDP ? -1 : at;
}

/* Several datagrams in one packet are cut later, by what the headers say then. */
static bool srp_datagram_gso(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	return type & SKB_GSO_UDP_L4 && !(type & SKB_GSO_FRAGLIST) &&
	       !skb->encapsulation && skb->ip_summed == CHECKSUM_PARTIAL;
}

/**
 * srp_datagram_find() - is it whole UDP?
 * @skb: a packet that was parsed
 * @off: where its IP header stands, from its data
 * @key: its flow key
 * @dgram: filled in
 *
 * Context: softirq. Pointers into the packet stay.
 * Return: SRP_DROP_NONE, or why it cannot be taken.
 */
enum srp_drop srp_datagram_find(const struct sk_buff *skb, unsigned int off,
				const struct srp_key *key,
				struct srp_datagram *dgram)
{
	const struct udphdr *udp;
	struct udphdr buf;
	unsigned int end;
	int at;

	if (key->proto != IPPROTO_UDP || key->family == AF_PACKET)
		return SRP_DROP_app_not_udp;
	at = srp_transport_at(skb, off, &end);
	if (at < 0)
		return SRP_DROP_app_not_udp;
	if (skb_is_gso(skb)) {
		if (!srp_datagram_gso(skb))
			return SRP_DROP_gso_unsupported;
		end = skb->len;
	}
	if (end > skb->len || at + sizeof(*udp) > end || end - at > U16_MAX)
		return SRP_DROP_app_not_udp;
	udp = skb_header_pointer(skb, at, sizeof(buf), &buf);
	if (!udp)
		return SRP_DROP_app_not_udp;
	dgram->at = at - off;
	dgram->len = skb_is_gso(skb) ? end - at : ntohs(udp->len);
	if (dgram->len < sizeof(*udp) || dgram->len > end - at)
		return SRP_DROP_app_not_udp;
	/* IPv6 needs its checksum (RFC 8200, section 8.1) */
	if (key->family == AF_INET6 && !udp->check &&
	    skb->ip_summed != CHECKSUM_PARTIAL)
		return SRP_DROP_app_not_udp;
	return SRP_DROP_NONE;
}

/**
 * srp_datagram_whole() - a datagram that was to be cut into fragments is one
 * @skb: a bare packet, not shared
 *
 * Virtual machines send such (UFO).
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: 0 or -ENOMEM.
 */
int srp_datagram_whole(struct sk_buff *skb)
{
	if (likely(!skb_is_gso(skb) ||
		   !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP)))
		return 0;
	if (skb_unclone(skb, GFP_ATOMIC))
		return -ENOMEM;
	skb_gso_reset(skb);
	return 0;
}

/**
 * srp_envelope_len() - what an envelope takes before the UDP header
 * @family: AF_INET or AF_INET6
 *
 * Return: octets.
 */
unsigned int srp_envelope_len(u8 family)
{
	return family == AF_INET ? sizeof(struct iphdr) :
				   sizeof(struct ipv6hdr);
}

/* Addresses and ports, as they count in a checksum; what is zero does not. */
static __wsum srp_ends_sum(const struct in6_addr *src,
			   const struct in6_addr *dst, __be16 sport,
			   __be16 dport)
{
	__wsum sum = csum_partial(src, sizeof(*src), 0);

	sum = csum_partial(dst, sizeof(*dst), sum);
	return csum_add(sum, csum_add(csum_unfold((__force __sum16)sport),
				      csum_unfold((__force __sum16)dport)));
}

static __sum16 srp_pseudo_sum(const struct srp_envelope *to, unsigned int len)
{
	if (to->family == AF_INET)
		return ~csum_tcpudp_magic(to->src.s6_addr32[0],
					  to->dst.s6_addr32[0], len,
					  IPPROTO_UDP, 0);
	return ~csum_ipv6_magic(&to->src, &to->dst, len, IPPROTO_UDP, 0);
}

/* The checksum of the datagram in its new envelope; @old is what it had. One
 * that had none gets one where there has to be one.
 */
static __sum16 srp_envelope_sum(struct sk_buff *skb, __sum16 old,
				const struct srp_key *from,
				const struct srp_envelope *to,
				unsigned int len)
{
	__wsum sum;

	if (skb->ip_summed != CHECKSUM_PARTIAL && !old) {
		skb->ip_summed = CHECKSUM_NONE;
		if (to->family == AF_INET)
			return 0;
		skb->ip_summed = CHECKSUM_PARTIAL;
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct udphdr, check);
		return srp_pseudo_sum(to, len);
	}
	skb->ip_summed = CHECKSUM_NONE;
	sum = csum_sub(~csum_unfold(old),
		       srp_ends_sum(&from->src, &from->dst, from->sport,
				    from->dport));
	sum = csum_add(sum, srp_ends_sum(&to->src, &to->dst, to->sport,
					 to->dport));
	return csum_fold(sum) ?: CSUM_MANGLED_0;
}

static void srp_put_ipv4(struct sk_buff *skb, struct net *net,
			 const struct srp_envelope *to, unsigned int len)
{
	struct iphdr *ip = skb_push(skb, sizeof(*ip));

	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = to->tos;
	ip->tot_len = htons(sizeof(*ip) + len);
	ip->id = 0;
	ip->frag_off = to->df ? htons(IP_DF) : 0;
	ip->ttl = to->ttl;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = to->src.s6_addr32[0];
	ip->daddr = to->dst.s6_addr32[0];
	if (!to->df)
		__ip_select_ident(net, ip, skb_shinfo(skb)->gso_segs ?: 1);
	ip_send_check(ip);
	skb->protocol = htons(ETH_P_IP);
}

static void srp_put_ipv6(struct sk_buff *skb, const struct srp_envelope *to,
			 unsigned int len)
{
	struct ipv6hdr *ip6 = skb_push(skb, sizeof(*ip6));

	ip6_flow_hdr(ip6, to->tos, 0);
	ip6->payload_len = htons(len);
	ip6->nexthdr = IPPROTO_UDP;
	ip6->hop_limit = to->ttl;
	ip6->saddr = to->src;
	ip6->daddr = to->dst;
	skb->protocol = htons(ETH_P_IPV6);
}

/**
 * srp_envelope_change() - put a datagram into another envelope
 * @skb: a bare packet, not shared
 * @net: the namespace
 * @dgram: where the datagram stands in it
 * @from: its key
 * @to: what it is to get
 * @room: headroom that is needed besides
 *
 * What follows the datagram is cut off.
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: 0, -ENOMEM, or -EMSGSIZE if that cannot be; the packet then has to
 * be dropped.
 */
int srp_envelope_change(struct sk_buff *skb, struct net *net,
			const struct srp_datagram *dgram,
			const struct srp_key *from,
			const struct srp_envelope *to, unsigned int room)
{
	unsigned int hlen = srp_envelope_len(to->family);
	struct udphdr *udp;
	__sum16 old;

	if (to->family == AF_INET && hlen + dgram->len > U16_MAX)
		return -EMSGSIZE;
	if (pskb_trim(skb, dgram->at + dgram->len) ||
	    !pskb_may_pull(skb, dgram->at + sizeof(*udp)))
		return -ENOMEM;
	old = ((const struct udphdr *)(skb->data + dgram->at))->check;
	__skb_pull(skb, dgram->at + sizeof(*udp));
	if (skb_cow_head(skb, sizeof(*udp) + hlen + room))
		return -ENOMEM;
	udp = skb_push(skb, sizeof(*udp));
	skb_reset_transport_header(skb);
	udp->source = to->sport;
	udp->dest = to->dport;
	udp->len = htons(dgram->len);
	udp->check = srp_envelope_sum(skb, old, from, to, dgram->len);
	if (to->family == AF_INET)
		srp_put_ipv4(skb, net, to, dgram->len);
	else
		srp_put_ipv6(skb, to, dgram->len);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	return 0;
}
