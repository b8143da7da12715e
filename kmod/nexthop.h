/* SPDX-License-Identifier: GPL-2.0-only */
/* A neighbour on a device: that of a vnf, or of an uplink's egress via. */
#ifndef SRP_NEXTHOP_H
#define SRP_NEXTHOP_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <net/neighbour.h>

/**
 * struct srp_via - how the user named a neighbour
 * @family: AF_INET, AF_INET6; AF_PACKET for a link-layer address; AF_UNSPEC
 *	for none (devices without a link layer)
 * @addr: the address, network order
 */
struct srp_via {
	u8 family;
	union {
		__be32 inet;
		struct in6_addr inet6;
		u8 lladdr[ETH_ALEN] __aligned(2);
	} addr;
};

/**
 * struct srp_nexthop - a neighbour that packets are sent to
 *
 * Embedded in its owner, a port of which holds the device.
 */
struct srp_nexthop {
	/** @via: constant */
	struct srp_via via;
	/** @neigh: the kernel's neighbour, held; RCU, written under @lock */
	struct neighbour __rcu *neigh;
	/** @lock: serialises looking up a new @neigh; softirq */
	spinlock_t lock;
	/** @open: a neighbour may be looked up, under @lock */
	bool open;
};

void srp_nexthop_init(struct srp_nexthop *nh, const struct srp_via *via);
void srp_nexthop_open(struct srp_nexthop *nh);
void srp_nexthop_close(struct srp_nexthop *nh);
int srp_nexthop_xmit_slow(struct srp_nexthop *nh, struct net_device *dev,
			  struct sk_buff *skb);
void srp_nexthop_solicit(struct srp_nexthop *nh, struct net_device *dev);
int srp_via_check(const struct srp_via *via, const struct net_device *dev,
		  struct netlink_ext_ack *extack);
bool srp_via_equal(const struct srp_via *a, const struct srp_via *b);

/* Congestion is news, not an error: the packet was taken. */
static inline int srp_xmit_error(int err)
{
	return net_xmit_eval(err);
}

/* Put an Ethernet header on, but for the destination. */
static __always_inline struct ethhdr *
srp_ether_push(const struct net_device *dev, struct sk_buff *skb)
{
	struct ethhdr *eth = __skb_push(skb, ETH_HLEN);

	skb_reset_mac_header(skb);
	ether_addr_copy(eth->h_source, dev->dev_addr);
	eth->h_proto = skb->protocol;
	return eth;
}

/**
 * srp_ether_xmit() - send to a link-layer address
 * @dev: an Ethernet device
 * @lladdr: the address
 * @skb: the packet, consumed; its device is set, it has headroom
 *
 * Context: softirq.
 * Return: 0, or the error of the queue or the driver.
 */
static __always_inline int srp_ether_xmit(struct net_device *dev,
					  const u8 *lladdr,
					  struct sk_buff *skb)
{
	ether_addr_copy(srp_ether_push(dev, skb)->h_dest, lladdr);
	return srp_xmit_error(dev_queue_xmit(skb));
}

/* May packets be sent to it without asking it? */
static __always_inline bool srp_neigh_ready(const struct neighbour *n)
{
	return n && !READ_ONCE(n->dead) &&
	       READ_ONCE(n->nud_state) & NUD_CONNECTED;
}

static __always_inline int srp_neigh_xmit(struct net_device *dev,
					  struct neighbour *n,
					  struct sk_buff *skb)
{
	struct ethhdr *eth = srp_ether_push(dev, skb);
	unsigned int seq;

	do {
		seq = read_seqbegin(&n->ha_lock);
		ether_addr_copy(eth->h_dest, n->ha);
	} while (read_seqretry(&n->ha_lock, seq));
	return srp_xmit_error(dev_queue_xmit(skb));
}

/**
 * srp_nexthop_xmit() - send to the neighbour
 * @nh: the next hop
 * @dev: the device, of the port that @nh goes with
 * @skb: the packet, consumed; network header and protocol set, headroom for
 *	the link layer
 *
 * Context: softirq, RCU read-side.
 * Return: 0, or the error of the neighbour, the queue or the driver.
 */
static __always_inline int srp_nexthop_xmit(struct srp_nexthop *nh,
					    struct net_device *dev,
					    struct sk_buff *skb)
{
	struct neighbour *n;

	skb->dev = dev;
	if (nh->via.family == AF_PACKET)
		return srp_ether_xmit(dev, nh->via.addr.lladdr, skb);
	n = rcu_dereference(nh->neigh);
	if (likely(srp_neigh_ready(n) && dev->type == ARPHRD_ETHER))
		return srp_neigh_xmit(dev, n, skb);
	return srp_nexthop_xmit_slow(nh, dev, skb);
}

#endif
