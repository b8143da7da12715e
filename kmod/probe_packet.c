// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packets of probes.
 *
 * inband: a datagram to an address beyond the function, which returns it as
 * any packet (as BFD echo, RFC 5880, 6.4). Its nonce is a keyed hash of the
 * sequence number: nobody can make one, and that one is answered but once is
 * seen to by sequence number.
 *
 * neigh: an ARP request or a neighbour solicitation; the answer goes on to the
 * kernel, whose neighbour it confirms.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ndisc.h>

#include "net.h"
#include "probe.h"
#include "vnf.h"

/* What the datagram carries. */
struct srp_probe_data {
	__be32 magic;
	__be32 seq;
	__le64 nonce;
} __packed;

#define SRP_PROBE_MAGIC		cpu_to_be32(0x73727052)
#define SRP_PROBE_UDP_LEN	(sizeof(struct udphdr) + \
				 sizeof(struct srp_probe_data))
/* network control, as for routing protocols */
#define SRP_PROBE_TOS		0xc0
#define SRP_PROBE_TTL		255
/* before one that goes over a socket */
#define SRP_PROBE_ROOM		(LL_MAX_HEADER + sizeof(struct ipv6hdr) + \
				 sizeof(struct udphdr))

static __le64 srp_probe_nonce(const struct srp_prober *p, u32 seq)
{
	return cpu_to_le64(siphash_1u32(seq, &p->secret));
}

static void srp_put_data(const struct srp_prober *p, struct sk_buff *skb,
			 u32 seq)
{
	const struct srp_probe_data data = {
		.magic = SRP_PROBE_MAGIC,
		.seq = cpu_to_be32(seq),
		.nonce = srp_probe_nonce(p, seq),
	};
	struct udphdr *udp = skb_put(skb, sizeof(*udp));

	udp->source = htons(p->cfg.port);
	udp->dest = htons(p->cfg.port);
	udp->len = htons(SRP_PROBE_UDP_LEN);
	udp->check = 0;
	skb_put_data(skb, &data, sizeof(data));
}

static void srp_put_ipv4(const struct srp_prober *p, struct sk_buff *skb,
			 const struct net_device *dev, u32 seq)
{
	__be32 dst = p->cfg.addr.addr.inet;
	__be32 src = inet_select_addr(dev, dst, RT_SCOPE_LINK);
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));
	struct udphdr *udp;

	skb->protocol = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = SRP_PROBE_TOS;
	ip->ttl = SRP_PROBE_TTL;
	ip->tot_len = htons(sizeof(*ip) + SRP_PROBE_UDP_LEN);
	ip->frag_off = htons(IP_DF);
	ip->protocol = IPPROTO_UDP;
	ip->saddr = src ?: htonl(INADDR_DUMMY);
	ip->daddr = dst;
	ip_send_check(ip);
	srp_put_data(p, skb, seq);
	udp = (struct udphdr *)(ip + 1);
	udp->check = csum_tcpudp_magic(ip->saddr, dst, SRP_PROBE_UDP_LEN,
				       IPPROTO_UDP,
				       csum_partial(udp, SRP_PROBE_UDP_LEN,
						    0)) ?: CSUM_MANGLED_0;
}

#if IS_ENABLED(CONFIG_IPV6)
/* Without an address of its own the node takes one that is routed nowhere
 * (RFC 6666).
 */
static void srp_probe_src6(const struct srp_prober *p,
			   const struct net_device *dev, struct in6_addr *src)
{
	if (ipv6_dev_get_saddr(dev_net(dev), dev, &p->cfg.addr.addr.inet6, 0,
			       src))
		ipv6_addr_set(src, htonl(0x01000000), 0, 0, htonl(1));
}

static void srp_put_ipv6(const struct srp_prober *p, struct sk_buff *skb,
			 const struct net_device *dev, u32 seq)
{
	struct ipv6hdr *ip6 = skb_put_zero(skb, sizeof(*ip6));
	struct udphdr *udp;

	skb->protocol = htons(ETH_P_IPV6);
	ip6_flow_hdr(ip6, SRP_PROBE_TOS, 0);
	ip6->payload_len = htons(SRP_PROBE_UDP_LEN);
	ip6->nexthdr = IPPROTO_UDP;
	ip6->hop_limit = SRP_PROBE_TTL;
	srp_probe_src6(p, dev, &ip6->saddr);
	ip6->daddr = p->cfg.addr.addr.inet6;
	srp_put_data(p, skb, seq);
	udp = (struct udphdr *)(ip6 + 1);
	udp->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr,
				     SRP_PROBE_UDP_LEN, IPPROTO_UDP,
				     csum_partial(udp, SRP_PROBE_UDP_LEN,
						  0)) ?: CSUM_MANGLED_0;
}
#else
static void srp_put_ipv6(const struct srp_prober *p, struct sk_buff *skb,
			 const struct net_device *dev, u32 seq)
{
}
#endif

/* The datagram, with so much room before it; from an address of @dev, or if
 * that has none, of another one.
 */
static struct sk_buff *srp_probe_datagram(const struct srp_prober *p,
					  const struct net_device *dev,
					  unsigned int room, u32 seq)
{
	struct sk_buff *skb;

	skb = alloc_skb(room + sizeof(struct ipv6hdr) + SRP_PROBE_UDP_LEN,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_reset_network_header(skb);
	if (p->cfg.addr.family == AF_INET)
		srp_put_ipv4(p, skb, dev, seq);
	else
		srp_put_ipv6(p, skb, dev, seq);
	skb->priority = TC_PRIO_CONTROL;
	return skb;
}

/* As any packet: to the same neighbour, with a tag if it wants tags. */
static int srp_send_inband(struct srp_prober *p, struct net_device *dev,
			   u32 seq)
{
	struct srp_vnf *vnf = p->vnf;
	struct sk_buff *skb;

	skb = srp_probe_datagram(p, dev, LL_RESERVED_SPACE(dev), seq);
	if (!skb)
		return -ENOMEM;
	if (vnf->rx.vlan_first)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       vnf->rx.vlan_first);
	return srp_nexthop_xmit(&vnf->nh, dev, skb);
}

/* As any packet: over the socket. */
static int srp_send_by_wire(struct srp_prober *p, u32 seq)
{
	struct srp_vnf *vnf = p->vnf;
	struct sk_buff *skb;

	skb = srp_probe_datagram(p, vnf->sn->net->loopback_dev,
				 SRP_PROBE_ROOM, seq);
	return skb ? vnf->ops->probe(vnf, skb) : -ENOMEM;
}

/* To the neighbour alone while it answers, so that others are not bothered. */
static bool srp_probe_lladdr(const struct srp_prober *p,
			     const struct net_device *dev, u8 *lladdr)
{
	struct neighbour *n = rcu_dereference(p->vnf->nh.neigh);

	if (!srp_neigh_ready(n) || !(p->track.answered & 2))
		return false;
	neigh_ha_snapshot(lladdr, n, dev);
	return true;
}

static int srp_send_arp(struct srp_prober *p, struct net_device *dev)
{
	__be32 dst = p->vnf->nh.via.addr.inet;
	__be32 src = inet_select_addr(dev, dst, RT_SCOPE_LINK);
	u8 lladdr[MAX_ADDR_LEN] __aligned(2);
	bool known = srp_probe_lladdr(p, dev, lladdr);
	struct sk_buff *skb;

	if (dev->flags & IFF_NOARP)
		return 0;
	skb = arp_create(ARPOP_REQUEST, ETH_P_ARP, dst, dev, src,
			 known ? lladdr : NULL, dev->dev_addr, NULL);
	if (!skb)
		return -ENOMEM;
	arp_xmit(skb);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
/* ndisc_send_skb() makes a route for every packet, and if there is no memory
 * for it nobody is told.
 */
static int srp_ns_xmit(struct sk_buff *skb, const struct in6_addr *src,
		       const struct in6_addr *dst, const u8 *lladdr)
{
	struct icmp6hdr *icmp = icmp6_hdr(skb);
	unsigned int len = skb->len;
	struct ipv6hdr *ip6;

	icmp->icmp6_cksum = csum_ipv6_magic(src, dst, len, IPPROTO_ICMPV6,
					    csum_partial(icmp, len, 0));
	ip6 = skb_push(skb, sizeof(*ip6));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6, SRP_PROBE_TOS, 0);
	ip6->payload_len = htons(len);
	ip6->nexthdr = IPPROTO_ICMPV6;
	ip6->hop_limit = 255;
	ip6->saddr = *src;
	ip6->daddr = *dst;
	skb->priority = TC_PRIO_CONTROL;
	if (dev_hard_header(skb, skb->dev, ETH_P_IPV6, lladdr, NULL,
			    skb->len) < 0) {
		kfree_skb(skb);
		return -EINVAL;
	}
	return srp_xmit_error(dev_queue_xmit(skb));
}

static int srp_send_ns(struct srp_prober *p, struct net_device *dev)
{
	const struct in6_addr *dst = &p->vnf->nh.via.addr.inet6;
	u8 lladdr[MAX_ADDR_LEN] __aligned(2);
	struct in6_addr src, group;
	struct sk_buff *skb;

	if (ipv6_dev_get_saddr(dev_net(dev), dev, dst, 0, &src))
		src = in6addr_any;
	skb = ndisc_ns_create(dev, dst, &src, 0);
	if (!skb)
		return -ENOMEM;
	if (!ipv6_addr_any(&src) && srp_probe_lladdr(p, dev, lladdr))
		return srp_ns_xmit(skb, &src, dst, lladdr);
	addrconf_addr_solict_mult(dst, &group);
	memcpy(lladdr, dev->broadcast, sizeof(lladdr));
	if (dev->type == ARPHRD_ETHER)
		ipv6_eth_mc_map(&group, lladdr);
	return srp_ns_xmit(skb, &src, &group, lladdr);
}
#else
static int srp_send_ns(struct srp_prober *p, struct net_device *dev)
{
	return 0;
}
#endif

/**
 * srp_probe_send() - send a probe
 * @p: the prober
 * @seq: its sequence number
 *
 * Context: softirq, RCU read-side.
 * Return: 0, or the error with which it was not sent, as far as that is known:
 * -ENOMEM or -ENOBUFS for want of memory.
 */
int srp_probe_send(struct srp_prober *p, u32 seq)
{
	struct net_device *dev = rcu_dereference(p->vnf->tx.dev);

	if (srp_attach_by_wire(p->vnf->ops))
		return srp_send_by_wire(p, seq);
	if (!dev)
		return -ENODEV;
	if (p->cfg.kind == SRPROXY_PROBE_INBAND)
		return srp_send_inband(p, dev, seq);
	if (p->vnf->nh.via.family == AF_INET)
		return srp_send_arp(p, dev);
	return srp_send_ns(p, dev);
}

/* Is it a datagram to where our probes go? What it carries is at @offset. */
static bool srp_to_probe_addr(const struct srp_prober *p,
			      const struct sk_buff *skb, int *offset)
{
	const struct srp_via *addr = &p->cfg.addr;
	union {
		struct iphdr ip;
		struct ipv6hdr ip6;
	} buf;

	if (addr->family == AF_INET) {
		const struct iphdr *ip;

		if (skb->protocol != htons(ETH_P_IP))
			return false;
		ip = skb_header_pointer(skb, 0, sizeof(*ip), &buf);
		if (!ip || ip->daddr != addr->addr.inet ||
		    ip->protocol != IPPROTO_UDP || ip_is_fragment(ip))
			return false;
		*offset = ip->ihl * 4;
	} else {
		const struct ipv6hdr *ip6;

		if (skb->protocol != htons(ETH_P_IPV6))
			return false;
		ip6 = skb_header_pointer(skb, 0, sizeof(*ip6), &buf);
		if (!ip6 || ip6->nexthdr != IPPROTO_UDP ||
		    !ipv6_addr_equal(&ip6->daddr, &addr->addr.inet6))
			return false;
		*offset = sizeof(*ip6);
	}
	return true;
}

/* Is it one of our own that comes back? Nobody else knows the nonce. */
static noinline bool srp_probe_read(const struct srp_prober *p,
				    const struct sk_buff *skb, int offset,
				    u32 *seq)
{
	const struct srp_probe_data *data;
	struct {
		struct udphdr udp;
		struct srp_probe_data data;
	} __packed buf, *whole;

	whole = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!whole || whole->udp.dest != htons(p->cfg.port))
		return false;
	data = &whole->data;
	if (data->magic != SRP_PROBE_MAGIC)
		return false;
	*seq = be32_to_cpu(data->seq);
	return data->nonce == srp_probe_nonce(p, *seq);
}

static bool srp_arp_answers(const struct srp_prober *p,
			    const struct sk_buff *skb)
{
	struct {
		struct arphdr head;
		u8 sha[ETH_ALEN];
		__be32 sip;
	} __packed buf, *arp;

	arp = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	return arp && arp->head.ar_op == htons(ARPOP_REPLY) &&
	       arp->head.ar_hln == ETH_ALEN && arp->head.ar_pln == 4 &&
	       arp->sip == p->vnf->nh.via.addr.inet;
}

static bool srp_nd_answers(const struct srp_prober *p,
			   const struct sk_buff *skb)
{
	struct {
		struct ipv6hdr ip6;
		struct nd_msg nd;
	} buf, *whole;

	whole = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	return whole && whole->ip6.nexthdr == IPPROTO_ICMPV6 &&
	       whole->ip6.hop_limit == 255 &&
	       whole->nd.icmph.icmp6_type == NDISC_NEIGHBOUR_ADVERTISEMENT &&
	       ipv6_addr_equal(&whole->nd.target, &p->vnf->nh.via.addr.inet6);
}

/* Which probe an answer is for it does not say: the last one. */
static void srp_rx_neigh(struct srp_prober *p, const struct sk_buff *skb)
{
	bool inet = p->vnf->nh.via.family == AF_INET;

	if (skb->protocol != htons(inet ? ETH_P_ARP : ETH_P_IPV6) ||
	    skb_vlan_tag_present(skb))
		return;
	if (inet ? srp_arp_answers(p, skb) : srp_nd_answers(p, skb))
		srp_prober_heard(p, READ_ONCE(p->track.seq));
}

/**
 * srp_probe_returned() - has one of our own datagrams come back?
 * @p: the prober, of probe inband
 * @skb: a bare packet from its function, data at the IP header; if it is one,
 *	consumed
 *
 * Context: softirq, RCU read-side.
 * Return: true if it is.
 */
bool srp_probe_returned(struct srp_prober *p, struct sk_buff *skb)
{
	int offset;
	u32 seq;

	if (likely(!srp_to_probe_addr(p, skb, &offset)) ||
	    !srp_probe_read(p, skb, offset, &seq))
		return false;
	srp_prober_heard(p, seq);
	consume_skb(skb);
	return true;
}

/**
 * srp_rx_probe() - a packet came in where a probe may be answered
 * @priv: the prober
 * @skb: the packet
 * @state: not used
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_rx_probe(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct srp_prober *p = priv;

	if (p->cfg.kind == SRPROXY_PROBE_INBAND)
		return srp_probe_returned(p, skb) ? NF_STOLEN : NF_ACCEPT;
	srp_rx_neigh(p, skb);
	return NF_ACCEPT;
}
