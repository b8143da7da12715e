// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending to a neighbour. The neighbour is held, not looked up a packet; its
 * output function queues while it resolves and writes the link-layer header
 * for whatever protocol the packet is of (the header cache of the kernel
 * knows one protocol only).
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <net/arp.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "nexthop.h"

/**
 * srp_nexthop_init() - prepare a next hop
 * @nh: the next hop, closed
 * @via: the neighbour
 */
void srp_nexthop_init(struct srp_nexthop *nh, const struct srp_via *via)
{
	nh->via = *via;
	spin_lock_init(&nh->lock);
	nh->open = false;
	RCU_INIT_POINTER(nh->neigh, NULL);
}

/**
 * srp_nexthop_open() - there is a device: neighbours may be looked up
 * @nh: the next hop
 *
 * Context: RTNL.
 */
void srp_nexthop_open(struct srp_nexthop *nh)
{
	spin_lock_bh(&nh->lock);
	nh->open = true;
	spin_unlock_bh(&nh->lock);
}

/**
 * srp_nexthop_close() - the device goes: let the neighbour go too
 * @nh: the next hop
 *
 * A neighbour holds its device, so this has to be done before the device can
 * go. Packets under way may use the neighbour for another grace period.
 *
 * Context: RTNL.
 */
void srp_nexthop_close(struct srp_nexthop *nh)
{
	struct neighbour *old;

	spin_lock_bh(&nh->lock);
	nh->open = false;
	old = rcu_replace_pointer(nh->neigh, NULL,
				  lockdep_is_held(&nh->lock));
	spin_unlock_bh(&nh->lock);
	if (old)
		neigh_release(old);
}

static struct neighbour *srp_neigh_create(const struct srp_via *via,
					  struct net_device *dev)
{
	if (via->family == AF_INET)
		return neigh_create(&arp_tbl, &via->addr.inet, dev);
#if IS_ENABLED(CONFIG_IPV6)
	return neigh_create(&nd_tbl, &via->addr.inet6, dev);
#else
	return ERR_PTR(-EAFNOSUPPORT);
#endif
}

/* There is no neighbour yet, or the kernel gave it up. */
static struct neighbour *srp_nexthop_renew(struct srp_nexthop *nh,
					   struct net_device *dev)
{
	struct neighbour *old, *new;

	spin_lock(&nh->lock);
	old = rcu_dereference_protected(nh->neigh, lockdep_is_held(&nh->lock));
	if (!nh->open || (old && !READ_ONCE(old->dead))) {
		spin_unlock(&nh->lock);
		return old;
	}
	new = srp_neigh_create(&nh->via, dev);
	if (IS_ERR(new))
		new = NULL;
	rcu_assign_pointer(nh->neigh, new);
	spin_unlock(&nh->lock);
	if (old)
		neigh_release(old);
	return new;
}

static struct neighbour *srp_nexthop_neigh(struct srp_nexthop *nh,
					   struct net_device *dev)
{
	struct neighbour *n = rcu_dereference(nh->neigh);

	return n && !READ_ONCE(n->dead) ? n : srp_nexthop_renew(nh, dev);
}

/**
 * srp_nexthop_xmit_slow() - send where a header cannot be written at once
 * @nh: the next hop
 * @dev: the device, of the port that @nh goes with
 * @skb: the packet, consumed
 *
 * Context: softirq, RCU read-side.
 * Return: 0, or the error of the neighbour, the queue or the driver.
 */
int srp_nexthop_xmit_slow(struct srp_nexthop *nh, struct net_device *dev,
			  struct sk_buff *skb)
{
	struct neighbour *n;

	if (nh->via.family == AF_UNSPEC)
		return srp_xmit_error(dev_queue_xmit(skb));
	n = srp_nexthop_neigh(nh, dev);
	if (n) {
		int (*output)(struct neighbour *n, struct sk_buff *skb) =
			READ_ONCE(n->output);

		return srp_xmit_error(output(n, skb));
	}
	kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_CREATEFAIL);
	return -ENETUNREACH;
}

/**
 * srp_nexthop_solicit() - have the kernel ask for a neighbour it has given up
 * @nh: the next hop
 * @dev: the device, of the port that @nh goes with
 *
 * Context: process, RTNL.
 */
void srp_nexthop_solicit(struct srp_nexthop *nh, struct net_device *dev)
{
	struct neighbour *n;

	local_bh_disable();
	rcu_read_lock();
	n = srp_nexthop_neigh(nh, dev);
	if (n)
		neigh_event_send(n, NULL);
	rcu_read_unlock();
	local_bh_enable();
}

/**
 * srp_via_check() - can a device be sent on in this way?
 * @via: the neighbour
 * @dev: the device
 * @extack: where a refusal is explained
 *
 * Return: 0 or -EINVAL.
 */
int srp_via_check(const struct srp_via *via, const struct net_device *dev,
		  struct netlink_ext_ack *extack)
{
	bool ether = dev->type == ARPHRD_ETHER && dev->addr_len == ETH_ALEN;

	if (via->family == AF_UNSPEC && dev->header_ops) {
		NL_SET_ERR_MSG(extack,
			       "a device with a link layer needs via or lladdr");
		return -EINVAL;
	}
	if (via->family == AF_PACKET && !ether) {
		NL_SET_ERR_MSG(extack, "lladdr needs an Ethernet device");
		return -EINVAL;
	}
	if (via->family == AF_PACKET &&
	    !is_valid_ether_addr(via->addr.lladdr)) {
		NL_SET_ERR_MSG(extack, "lladdr is not a unicast address");
		return -EINVAL;
	}
	return 0;
}

/**
 * srp_via_equal() - do two name the same neighbour?
 * @a: one
 * @b: the other
 *
 * Return: true if they do.
 */
bool srp_via_equal(const struct srp_via *a, const struct srp_via *b)
{
	if (a->family != b->family)
		return false;
	switch (a->family) {
	case AF_INET:
		return a->addr.inet == b->addr.inet;
	case AF_INET6:
		return ipv6_addr_equal(&a->addr.inet6, &b->addr.inet6);
	case AF_PACKET:
		return ether_addr_equal_unaligned(a->addr.lladdr,
						  b->addr.lladdr);
	}
	return true;
}
