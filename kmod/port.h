/* SPDX-License-Identifier: GPL-2.0-only */
/* An interface by name, as an uplink or a vnf holds it. */
#ifndef SRP_PORT_H
#define SRP_PORT_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

struct srp_hook;
struct srp_net;
struct srp_port;

/** enum srp_part - the part of a request that a refusal is about */
enum srp_part {
	/** @SRP_PART_NONE: none of the others */
	SRP_PART_NONE,
	/** @SRP_PART_DEV: the interface that the object is on */
	SRP_PART_DEV,
	/** @SRP_PART_IN: the interface that a vnf returns packets on */
	SRP_PART_IN,
	/** @SRP_PART_VIA: a neighbour */
	SRP_PART_VIA,
	/** @SRP_PART_VIA_DEV: the interface that a neighbour is on */
	SRP_PART_VIA_DEV,
	/** @SRP_PART_MATCH: how returned packets are found again */
	SRP_PART_MATCH,
	/** @SRP_PART_OUT: the uplink that they are sent on */
	SRP_PART_OUT,
	/** @SRP_PART_LOCAL: the near end of a socket */
	SRP_PART_LOCAL,
	/** @SRP_PART_REMOTE: its far end, or who serves it */
	SRP_PART_REMOTE,
	/** @SRP_PART_POOL: the addresses that stand for flows */
	SRP_PART_POOL,
	/** @SRP_PART_MEMBER: the first member of a sid; others follow */
	SRP_PART_MEMBER,
};

/** enum srp_role - what a port is to its owner */
enum srp_role {
	/** @SRP_ROLE_UPLINK: labelled packets are taken from it */
	SRP_ROLE_UPLINK,
	/** @SRP_ROLE_VNF_TX: leads to a function */
	SRP_ROLE_VNF_TX,
	/** @SRP_ROLE_VNF_RX: a function returns packets on it */
	SRP_ROLE_VNF_RX,
	/** @SRP_ROLE_EGRESS: only sent on, belongs to nobody */
	SRP_ROLE_EGRESS,
	/** @SRP_ROLE_PROBE: answers to probes come in, beside any other role */
	SRP_ROLE_PROBE,
};

/**
 * struct srp_port_ops - what an owner wants of a port
 * @rx: ingress hook, NULL if the port is only sent on; priv is the owner
 * @attach: a device comes: check that it will do, under RTNL
 * @detach: the device goes: drop what holds it, under RTNL
 * @changed: the state may have changed: report it, under RTNL
 */
struct srp_port_ops {
	nf_hookfn *rx;
	int (*attach)(struct srp_port *port, struct net_device *dev,
		      struct netlink_ext_ack *extack);
	void (*detach)(struct srp_port *port, struct net_device *dev);
	void (*changed)(struct srp_port *port);
};

/**
 * struct srp_port - an interface by name
 *
 * Embedded in its owner. A port outlives its device: the name stays, and a
 * device that comes up under it is attached again. Written under RTNL.
 */
struct srp_port {
	/** @dev: the device, NULL while there is none; RCU */
	struct net_device __rcu *dev;
	/** @role: what it is to its owner */
	enum srp_role role;
	/** @name: of the device; follows it when it is renamed */
	char name[IFNAMSIZ];
	/** @vlan_first: of the tags that it takes, or puts on; 0: none; const */
	u16 vlan_first;
	/** @vlan_last: likewise */
	u16 vlan_last;
	/** @all_tags: it takes frames with whatever tag, or none; const */
	bool all_tags;
	/** @ops: what the owner wants */
	const struct srp_port_ops *ops;
	/** @owner: the uplink or vnf */
	void *owner;
	/** @hook: the ingress hook, while there is a device; RCU-freed */
	struct srp_hook *hook;
	/** @tracker: of the reference on @dev */
	netdevice_tracker tracker;
	/** @leaving: its owner goes with the transaction under way */
	bool leaving;
	/** @node: in srp_net.ports once it is live */
	struct list_head node;
};

/* Does it stand for a socket, of the vnf that owns it? */
static inline bool srp_port_is_wire(const struct srp_port *port)
{
	return !port->name[0];
}

static inline bool srp_dev_usable(const struct net_device *dev)
{
	return dev && (dev->flags & IFF_UP) && netif_carrier_ok(dev);
}

/* In RCU read-side or under RTNL. */
static inline bool srp_port_usable(const struct srp_port *port)
{
	return srp_dev_usable(rcu_dereference_rtnl(port->dev));
}

void srp_port_init(struct srp_port *port, enum srp_role role,
		   const char *name, const struct srp_port_ops *ops,
		   void *owner);
int srp_port_attach(struct srp_net *sn, struct srp_port *port,
		    struct netlink_ext_ack *extack);
void srp_port_detach(struct srp_port *port);
void srp_port_add(struct srp_net *sn, struct srp_port *port);
void srp_port_del(struct srp_port *port);
u32 srp_port_cause(const struct srp_port *port);

void srp_ports_init(struct srp_net *sn);
void srp_ports_exit(struct srp_net *sn);
int srp_hook_init(void);
void srp_hook_exit(void);

#endif
