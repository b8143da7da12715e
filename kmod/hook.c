// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only file that attaches to the stack: netdev ingress hooks on ports, and
 * the notifier that follows devices as they come, go and change.
 *
 * Life of a hook: registered when a port gets its device, unregistered when it
 * loses it. netfilter frees its own table by RCU; the ops, which dumps of the
 * hooks read under RCU, are freed by RCU as well. The owner of the port is
 * freed by RCU after that, so a packet in the hook always has it.
 */
#include <linux/if_vlan.h>
#include <linux/netfilter_netdev.h>
#include <linux/slab.h>

#include "net.h"
#include "port.h"
#include "wire.h"

/* After every nftables chain: filters on the device come first. */
#define SRP_HOOK_PRIORITY	INT_MAX
/* A device that there was no memory for is tried again so often. */
#define SRP_JOIN_AGAIN		HZ

struct srp_hook {
	struct nf_hook_ops ops;
	struct rcu_head rcu;
};

static int srp_hook_register(struct net *net, struct srp_port *port,
			     struct net_device *dev)
{
	struct srp_hook *hook;
	int err;

	hook = kzalloc(sizeof(*hook), GFP_KERNEL);
	if (!hook)
		return -ENOMEM;
	hook->ops.hook = port->ops->rx;
	hook->ops.dev = dev;
	hook->ops.priv = port->owner;
	hook->ops.pf = NFPROTO_NETDEV;
	hook->ops.hooknum = NF_NETDEV_INGRESS;
	/* an answer to a probe is no packet of a function's */
	hook->ops.priority = SRP_HOOK_PRIORITY -
			     (port->role == SRP_ROLE_PROBE);
	err = nf_register_net_hook(net, &hook->ops);
	if (err) {
		kfree(hook);
		return err;
	}
	port->hook = hook;
	return 0;
}

/**
 * srp_port_init() - prepare a port
 * @port: the port, in its owner's memory
 * @role: what it is to the owner
 * @name: of the interface
 * @ops: what the owner wants
 * @owner: the owner
 */
void srp_port_init(struct srp_port *port, enum srp_role role,
		   const char *name, const struct srp_port_ops *ops,
		   void *owner)
{
	port->role = role;
	strscpy(port->name, name, sizeof(port->name));
	port->ops = ops;
	port->owner = owner;
	INIT_LIST_HEAD(&port->node);
}

static bool srp_tags_overlap(const struct srp_port *a,
			     const struct srp_port *b)
{
	return a->vlan_first <= b->vlan_last && b->vlan_first <= a->vlan_last;
}

/* Do two ports get in each other's way if they are about the same frames? One
 * device may lead to one vnf and return packets of another: the two sides of
 * a two-armed function.
 */
static bool srp_roles_meet(const struct srp_port *a, const struct srp_port *b)
{
	if (a->owner == b->owner)
		return false;
	if (a->role >= SRP_ROLE_EGRESS || b->role >= SRP_ROLE_EGRESS)
		return false;
	return a->role == b->role || a->role == SRP_ROLE_UPLINK ||
	       b->role == SRP_ROLE_UPLINK;
}

/* May two ports be on one device, or on devices of which one is above the
 * other? One device may return packets of several vnfs if they are told apart
 * by tags, and lead to several unless two send the same tags.
 */
static bool srp_roles_agree(const struct srp_port *a, const struct srp_port *b)
{
	if (!srp_roles_meet(a, b))
		return true;
	if (a->role == SRP_ROLE_UPLINK || b->role == SRP_ROLE_UPLINK)
		return false;
	if (a->vlan_first && b->vlan_first)
		return !srp_tags_overlap(a, b);
	return a->role == SRP_ROLE_VNF_TX;
}

static struct srp_port *srp_role_conflict(struct srp_net *sn,
					  const struct srp_port *port,
					  const struct net_device *dev)
{
	struct srp_port *other;

	list_for_each_entry(other, &sn->ports, node)
		if (rtnl_dereference(other->dev) == dev && !other->leaving &&
		    !srp_roles_agree(port, other))
			return other;
	return NULL;
}

struct srp_walk {
	struct srp_net *sn;
	const struct srp_port *port;
	struct net_device *dev;
	bool up;
};

/* The VLAN sub-device whose tag frames of @upper, another such, have on
 * @lower.
 */
static struct net_device *srp_vlan_on(struct net_device *upper,
				      const struct net_device *lower)
{
#if IS_ENABLED(CONFIG_VLAN_8021Q)
	struct net_device *real = vlan_dev_priv(upper)->real_dev;

	while (real != lower && is_vlan_dev(real)) {
		upper = real;
		real = vlan_dev_priv(upper)->real_dev;
	}
#endif
	return upper;
}

/* Are frames of a VLAN sub-device the port's, which is on a device below? */
static bool srp_takes_vlan(const struct srp_port *port,
			   const struct net_device *vlan)
{
	u16 id = vlan_dev_vlan_id(vlan);

	return port->all_tags ||
	       (vlan_dev_vlan_proto(vlan) == htons(ETH_P_8021Q) &&
		id >= port->vlan_first && id <= port->vlan_last);
}

/* VLAN sub-devices and what is below them are told apart by the tag, unless
 * who is below takes that tag himself.
 */
static bool srp_vlan_conflict(const struct srp_walk *walk,
			      struct net_device *dev)
{
	struct net_device *vlan = walk->up ? srp_vlan_on(dev, walk->dev) :
					     srp_vlan_on(walk->dev, dev);
	struct srp_port *other;

	list_for_each_entry(other, &walk->sn->ports, node)
		if (rtnl_dereference(other->dev) == dev && !other->leaving &&
		    srp_roles_meet(walk->port, other) &&
		    srp_takes_vlan(walk->up ? walk->port : other, vlan))
			return true;
	return false;
}

static int srp_walk_conflict(struct net_device *dev,
			     struct netdev_nested_priv *priv)
{
	const struct srp_walk *walk = priv->data;

	if (is_vlan_dev(walk->up ? dev : walk->dev))
		return srp_vlan_conflict(walk, dev);
	return !!srp_role_conflict(walk->sn, walk->port, dev);
}

/* Is a device above or below @dev a port of a role that does not agree? */
static bool srp_stacked_conflict(struct srp_net *sn,
				 const struct srp_port *port,
				 struct net_device *dev)
{
	struct srp_walk walk = {
		.sn = sn,
		.port = port,
		.dev = dev,
		.up = true,
	};
	struct netdev_nested_priv priv = { .data = &walk };
	int found;

	rcu_read_lock();
	found = netdev_walk_all_upper_dev_rcu(dev, srp_walk_conflict, &priv);
	walk.up = false;
	if (!found)
		found = netdev_walk_all_lower_dev_rcu(dev, srp_walk_conflict,
						      &priv);
	rcu_read_unlock();
	return found;
}

static int srp_port_check(struct srp_net *sn, struct srp_port *port,
			  struct net_device *dev,
			  struct netlink_ext_ack *extack)
{
	const struct srp_port *other = srp_role_conflict(sn, port, dev);

	if (other && other->role == SRP_ROLE_UPLINK)
		NL_SET_ERR_MSG(extack, "the device is an uplink already");
	else if (other && port->role == SRP_ROLE_UPLINK)
		NL_SET_ERR_MSG(extack, "the device belongs to a vnf");
	else if (other && port->vlan_first && other->vlan_first)
		NL_SET_ERR_MSG(extack,
			       "another vnf on this device has VLAN ids of this range");
	else if (other)
		NL_SET_ERR_MSG(extack,
			       "another vnf receives on this device already");
	else if (srp_stacked_conflict(sn, port, dev))
		NL_SET_ERR_MSG(extack,
			       "a device above or below this one has another role");
	else
		return 0;
	return -EBUSY;
}

/**
 * srp_port_attach() - bind a port to the device of its name
 * @sn: the namespace
 * @port: the port, without a device
 * @extack: where a refusal is explained, or NULL
 *
 * Packets reach the owner from here on, so it has to be ready.
 *
 * Context: RTNL, but no notifier: from 6.15 on those of some drivers' devices
 * run with the device's own lock held, which this takes.
 * Return: 0, -ENODEV, -EBUSY if the device has another role, or -ENOMEM.
 */
int srp_port_attach(struct srp_net *sn, struct srp_port *port,
		    struct netlink_ext_ack *extack)
{
	struct net_device *dev = __dev_get_by_name(sn->net, port->name);
	int err;

	ASSERT_RTNL();
	if (!dev || dev->reg_state != NETREG_REGISTERED) {
		NL_SET_ERR_MSG(extack, "device does not exist");
		return -ENODEV;
	}
	err = srp_port_check(sn, port, dev, extack);
	if (err)
		return err;
	if (dev->flags & IFF_LOOPBACK && port->role != SRP_ROLE_EGRESS) {
		NL_SET_ERR_MSG(extack, "the loopback device cannot be used");
		return -EINVAL;
	}
	err = port->ops->attach ? port->ops->attach(port, dev, extack) : 0;
	if (err)
		return err;
	if (port->ops->rx) {
		err = srp_hook_register(sn->net, port, dev);
		if (err) {
			NL_SET_ERR_MSG(extack, "no ingress hook to be had");
			if (port->ops->detach)
				port->ops->detach(port, dev);
			return err;
		}
		dev_disable_lro(dev);
	}
	netdev_hold(dev, &port->tracker, GFP_KERNEL);
	rcu_assign_pointer(port->dev, dev);
	return 0;
}

/**
 * srp_port_detach() - let go of a port's device, if it has one
 * @port: the port
 *
 * Context: RTNL. Packets may be in the hook until a grace period has passed.
 */
void srp_port_detach(struct srp_port *port)
{
	struct net_device *dev = rtnl_dereference(port->dev);

	if (!dev)
		return;
	if (port->hook) {
		nf_unregister_net_hook(dev_net(dev), &port->hook->ops);
		kfree_rcu(port->hook, rcu);
		port->hook = NULL;
	}
	RCU_INIT_POINTER(port->dev, NULL);
	/* what came in on the device must not outlive it */
	srp_frags_let_go(srp_net(dev_net(dev)), port);
	if (port->ops->detach)
		port->ops->detach(port, dev);
	netdev_put(dev, &port->tracker);
}

/**
 * srp_port_add() - let a port follow devices
 * @sn: the namespace
 * @port: the port
 *
 * Context: RTNL.
 */
void srp_port_add(struct srp_net *sn, struct srp_port *port)
{
	list_add_tail(&port->node, &sn->ports);
}

/**
 * srp_port_del() - a port follows devices no more, and lets go of its own
 * @port: the port
 *
 * Context: RTNL.
 */
void srp_port_del(struct srp_port *port)
{
	list_del_init(&port->node);
	srp_port_detach(port);
}

/**
 * srp_port_cause() - why a port cannot be used
 * @port: the port
 *
 * Context: RTNL or RCU read-side.
 * Return: &enum srproxy_cause, SRPROXY_CAUSE_NONE if it can.
 */
u32 srp_port_cause(const struct srp_port *port)
{
	const struct net_device *dev = rcu_dereference_rtnl(port->dev);

	if (!dev)
		return SRPROXY_CAUSE_NO_DEVICE;
	if (!(dev->flags & IFF_UP))
		return SRPROXY_CAUSE_LINK_DOWN;
	return netif_carrier_ok(dev) ? SRPROXY_CAUSE_NONE :
				       SRPROXY_CAUSE_NO_CARRIER;
}

static void srp_ports_changed(struct srp_net *sn, const struct net_device *dev)
{
	struct srp_port *port;

	list_for_each_entry(port, &sn->ports, node)
		if (rtnl_dereference(port->dev) == dev && port->ops->changed)
			port->ops->changed(port);
}

static void srp_ports_leave(struct srp_net *sn, const struct net_device *dev)
{
	struct srp_port *port;

	list_for_each_entry(port, &sn->ports, node) {
		if (rtnl_dereference(port->dev) != dev)
			continue;
		srp_port_detach(port);
		if (port->ops->changed)
			port->ops->changed(port);
	}
}

/* A port that waits for its device looks whether it is there. Return: false if
 * it is, and was to be had but for want of memory.
 */
static bool srp_port_join(struct srp_net *sn, struct srp_port *port)
{
	int err;

	if (rtnl_dereference(port->dev))
		return true;
	err = srp_port_attach(sn, port, NULL);
	if (!err && port->ops->changed)
		port->ops->changed(port);
	else if (err && err != -ENODEV && err != -ENOMEM)
		pr_warn("srproxy: %s cannot be attached again (%d)\n",
			port->name, err);
	return err != -ENOMEM;
}

static void srp_ports_join(struct work_struct *work)
{
	struct srp_net *sn = container_of(to_delayed_work(work), struct srp_net,
					  join);
	struct srp_port *port;
	bool joined = true;

	rtnl_lock();
	list_for_each_entry(port, &sn->ports, node)
		joined &= srp_port_join(sn, port);
	if (!joined)
		queue_delayed_work(srp_wq, &sn->join, SRP_JOIN_AGAIN);
	rtnl_unlock();
}

/* A device has this name now. Ports that wait for the name take it, later:
 * see srp_port_attach().
 */
static void srp_ports_expect(struct srp_net *sn, const struct net_device *dev)
{
	struct srp_port *port;

	list_for_each_entry(port, &sn->ports, node)
		if (!rtnl_dereference(port->dev) &&
		    !strcmp(port->name, dev->name)) {
			mod_delayed_work(srp_wq, &sn->join, 0);
			return;
		}
}

static void srp_ports_rename(struct srp_net *sn, const struct net_device *dev)
{
	struct srp_port *port;

	list_for_each_entry(port, &sn->ports, node)
		if (rtnl_dereference(port->dev) == dev)
			strscpy(port->name, dev->name, sizeof(port->name));
	srp_ports_changed(sn, dev);
	srp_ports_expect(sn, dev);
}

/* Would enslaving join devices of roles that do not agree? */
static int srp_ports_enslave(struct srp_net *sn,
			     const struct netdev_notifier_changeupper_info *up)
{
	struct net_device *lower = netdev_notifier_info_to_dev(&up->info);
	struct srp_port *port;

	if (!up->linking || is_vlan_dev(up->upper_dev))
		return NOTIFY_DONE;
	list_for_each_entry(port, &sn->ports, node) {
		struct net_device *dev = rtnl_dereference(port->dev);
		struct net_device *other;

		if (dev != lower && dev != up->upper_dev)
			continue;
		other = dev == lower ? up->upper_dev : lower;
		if (!srp_role_conflict(sn, port, other) &&
		    !srp_stacked_conflict(sn, port, other))
			continue;
		NL_SET_ERR_MSG(netdev_notifier_info_to_extack(&up->info),
			       "srproxy: the two devices have different roles");
		return notifier_from_errno(-EBUSY);
	}
	return NOTIFY_DONE;
}

static int srp_netdev_event(struct notifier_block *nb, unsigned long event,
			    void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct srp_net *sn = srp_net(dev_net(dev));

	switch (event) {
	case NETDEV_REGISTER:
		srp_ports_expect(sn, dev);
		break;
	case NETDEV_UNREGISTER:
		if (dev == dev_net(dev)->loopback_dev)
			srp_wires_cut(sn);
		srp_ports_leave(sn, dev);
		break;
	case NETDEV_CHANGENAME:
		srp_ports_rename(sn, dev);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		srp_ports_changed(sn, dev);
		break;
	case NETDEV_PRECHANGEUPPER:
		return srp_ports_enslave(sn, ptr);
	case NETDEV_CHANGEUPPER:
		/* what could not be had as a lower device of another's */
		srp_ports_expect(sn, dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block srp_netdev_notifier = {
	.notifier_call = srp_netdev_event,
};

/**
 * srp_ports_init() - a namespace has ports from here on
 * @sn: the namespace
 */
void srp_ports_init(struct srp_net *sn)
{
	INIT_LIST_HEAD(&sn->ports);
	INIT_DELAYED_WORK(&sn->join, srp_ports_join);
}

/**
 * srp_ports_exit() - wait for what still looks at ports
 * @sn: the namespace, without ports
 *
 * Context: process, without RTNL.
 */
void srp_ports_exit(struct srp_net *sn)
{
	cancel_delayed_work_sync(&sn->join);
}

/**
 * srp_hook_init() - begin to follow devices
 *
 * Return: 0 or a negative errno.
 */
int srp_hook_init(void)
{
	return register_netdevice_notifier(&srp_netdev_notifier);
}

/** srp_hook_exit() - follow devices no more */
void srp_hook_exit(void)
{
	unregister_netdevice_notifier(&srp_netdev_notifier);
}
