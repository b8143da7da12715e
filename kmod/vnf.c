// SPDX-License-Identifier: GPL-2.0-only
/* VNFs: making, changing and ending them. */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/jhash.h>
#include <linux/slab.h>

#include "core.h"
#include "flow.h"
#include "latency.h"
#include "match.h"
#include "net.h"
#include "netlink.h"
#include "sid.h"
#include "special.h"
#include "uplink.h"
#include "vlan.h"
#include "vnf.h"

static void srp_vnf_free(struct rcu_head *head)
{
	struct srp_vnf *vnf = container_of(head, struct srp_vnf, rcu);

	if (vnf->ops && vnf->ops->free)
		vnf->ops->free(vnf);
	kvfree(vnf->vlans);
	kfree(vnf->fixed);
	free_percpu(vnf->latency);
	free_percpu(vnf->stats);
	kfree(vnf);
}

/**
 * srp_vnf_get() - take a reference
 * @vnf: the vnf
 *
 * Return: false if it is on its way out.
 */
bool srp_vnf_get(struct srp_vnf *vnf)
{
	return refcount_inc_not_zero(&vnf->ref);
}

/**
 * srp_vnf_put() - give a reference back
 * @vnf: the vnf
 *
 * Context: any but hard interrupt.
 */
void srp_vnf_put(struct srp_vnf *vnf)
{
	if (refcount_dec_and_test(&vnf->ref))
		call_rcu(&vnf->rcu, srp_vnf_free);
}

/**
 * srp_vnf_find() - look up a vnf of the configuration
 * @sn: the namespace
 * @name: its name
 *
 * Context: RTNL.
 * Return: the vnf or NULL.
 */
struct srp_vnf *srp_vnf_find(struct srp_net *sn, const char *name)
{
	struct srp_vnf *vnf;

	list_for_each_entry(vnf, &sn->vnfs, node)
		if (!vnf->tx.leaving && !strcmp(vnf->cfg.name, name))
			return vnf;
	return NULL;
}

/**
 * srp_vnf_changed() - a port of a vnf is not what it was
 * @port: the port
 *
 * Context: RTNL.
 */
void srp_vnf_changed(struct srp_port *port)
{
	struct srp_vnf *vnf = port->owner;

	strscpy(vnf->cfg.dev, vnf->tx.name, sizeof(vnf->cfg.dev));
	strscpy(vnf->cfg.in, vnf->rx.name, sizeof(vnf->cfg.in));
	srp_vnf_report(vnf);
}

/* A frame goes out as it is, so a device for frames will do. */
static int srp_ether_dev_check(const struct net_device *dev,
			       struct netlink_ext_ack *extack)
{
	if (dev->type == ARPHRD_ETHER && dev->addr_len == ETH_ALEN)
		return 0;
	NL_SET_ERR_MSG(extack, "inner ethernet needs an Ethernet device");
	return -EINVAL;
}

/* Tags are of Ethernet. */
static int srp_vlan_dev_check(const struct net_device *dev,
			      struct netlink_ext_ack *extack)
{
	if (dev->type == ARPHRD_ETHER)
		return 0;
	NL_SET_ERR_MSG(extack, "match vlan needs an Ethernet device");
	return -EINVAL;
}

static int srp_vnf_attach(struct srp_port *port, struct net_device *dev,
			  struct netlink_ext_ack *extack)
{
	struct srp_vnf *vnf = port->owner;
	int err = 0;

	if (vnf->match == SRPROXY_MATCH_VLAN)
		err = srp_vlan_dev_check(dev, extack);
	if (!err)
		err = vnf->odd ? srp_ether_dev_check(dev, extack) :
				 srp_via_check(&vnf->nh.via, dev, extack);
	if (!err)
		srp_nexthop_open(&vnf->nh);
	return err;
}

static int srp_vnf_attach_vlan(struct srp_port *port, struct net_device *dev,
			       struct netlink_ext_ack *extack)
{
	return srp_vlan_dev_check(dev, extack);
}

static void srp_vnf_detach(struct srp_port *port, struct net_device *dev)
{
	struct srp_vnf *vnf = port->owner;

	srp_nexthop_close(&vnf->nh);
	srp_health_set_sick(vnf, SRP_SICK_NEIGH, false);
}

static const struct srp_port_ops srp_vnf_tx_ops = {
	.attach = srp_vnf_attach,
	.detach = srp_vnf_detach,
	.changed = srp_vnf_changed,
};

static const struct srp_port_ops srp_vnf_rx_ops[] = {
	[SRPROXY_MATCH_FLOW] = {
		.rx = srp_rx_vnf,
		.changed = srp_vnf_changed,
	},
	[SRPROXY_MATCH_VLAN] = {
		.rx = srp_rx_vlan,
		.attach = srp_vnf_attach_vlan,
		.changed = srp_vnf_changed,
	},
	[SRPROXY_MATCH_STATIC] = {
		.rx = srp_rx_static,
		.changed = srp_vnf_changed,
	},
};

/* Frames to any address are for the function that bridges them. */
static int srp_vnf_ether_attach(struct srp_port *port, struct net_device *dev,
				struct netlink_ext_ack *extack)
{
	int err = srp_ether_dev_check(dev, extack);

	return err ?: dev_set_promiscuity(dev, 1);
}

static void srp_vnf_ether_detach(struct srp_port *port,
				 struct net_device *dev)
{
	dev_set_promiscuity(dev, -1);
}

static const struct srp_port_ops srp_vnf_rx_ether_ops = {
	.rx = srp_rx_vnf_ether,
	.attach = srp_vnf_ether_attach,
	.detach = srp_vnf_ether_detach,
	.changed = srp_vnf_changed,
};

static u8 srp_inner_odd(u32 inner)
{
	switch (inner) {
	case SRPROXY_INNER_ETHERNET:
		return SRP_ODD_ETHER;
	case SRPROXY_INNER_ETHERNET_CW:
		return SRP_ODD_ETHER | SRP_ODD_CW;
	}
	return 0;
}

/* Each entry by itself is the old one or the new one to a packet. */
static void srp_vnf_set_steer(struct srp_vnf *vnf, const u32 *steer)
{
	bool steers = false;
	int i;

	for (i = 0; i <= SRPROXY_DSCP_MAX; i++) {
		WRITE_ONCE(vnf->steer[i], steer[i]);
		steers |= steer[i];
	}
	WRITE_ONCE(vnf->steers, steers);
	WRITE_ONCE(vnf->special,
		   steers || vnf->match != SRPROXY_MATCH_FLOW ||
		   (vnf->ops && vnf->ops->visit));
}

/* What of the configuration can be changed while packets run. */
static void srp_vnf_set(struct srp_vnf *vnf, const struct srp_vnf_cfg *cfg)
{
	vnf->cfg = *cfg;
	WRITE_ONCE(vnf->mtu, cfg->mtu);
	srp_health_set_admin(vnf, cfg->admin);
	WRITE_ONCE(vnf->on_miss, cfg->on_miss);
	WRITE_ONCE(vnf->weight, cfg->weight);
	WRITE_ONCE(vnf->max_flows, cfg->max_flows);
	srp_vnf_set_steer(vnf, cfg->steer);
}

static void srp_vnf_init_flows(struct srp_vnf *vnf)
{
	spin_lock_init(&vnf->flow_lock);
	INIT_LIST_HEAD(&vnf->flows);
	spin_lock_bh(&vnf->flow_lock);
	srp_flow_hand_add(vnf, &vnf->evict_hand);
	srp_flow_hand_add(vnf, &vnf->sample_hand);
	spin_unlock_bh(&vnf->flow_lock);
}

/* An instance is known by its interfaces, in either order: the two sides of a
 * two-armed function are two vnfs, and both directions have to meet one. Those
 * that share them are told apart by their VLANs, the same on both sides. One that
 * has no interface is known by its far end.
 */
static u32 srp_vnf_identity(const struct srp_vnf_cfg *cfg)
{
	bool swap = strcmp(cfg->dev, cfg->in) > 0;
	const char *first = swap ? cfg->in : cfg->dev;
	const char *second = swap ? cfg->dev : cfg->in;

	if (!*second)
		return srp_place_hash(&cfg->place);
	return jhash(second, strlen(second),
		     jhash(first, strlen(first), cfg->vlan_first));
}

static const struct srp_port_ops *srp_vnf_rx_ops_of(const struct srp_vnf *vnf)
{
	if (vnf->ops && vnf->ops->rx_port)
		return vnf->ops->rx_port;
	return vnf->odd ? &srp_vnf_rx_ether_ops : &srp_vnf_rx_ops[vnf->match];
}

/* What tells its frames from those of others on the same devices. */
static void srp_vnf_init_tags(struct srp_vnf *vnf)
{
	vnf->tx.vlan_first = vnf->cfg.vlan_first;
	vnf->tx.vlan_last = vnf->cfg.vlan_last;
	vnf->rx.vlan_first = vnf->cfg.vlan_first;
	vnf->rx.vlan_last = vnf->cfg.vlan_last;
	vnf->rx.all_tags = vnf->odd;
}

static struct srp_vnf *srp_vnf_alloc(struct srp_net *sn,
				     const struct srp_vnf_cfg *cfg)
{
	struct srp_vnf *vnf = kzalloc(sizeof(*vnf), GFP_KERNEL_ACCOUNT);

	if (!vnf)
		return NULL;
	vnf->stats = srp_counters_alloc();
	vnf->latency = srp_latency_alloc();
	if (!vnf->stats || !vnf->latency) {
		srp_vnf_free(&vnf->rcu);
		return NULL;
	}
	vnf->sn = sn;
	vnf->id = ++sn->next_vnf_id;
	vnf->id_hash = srp_vnf_identity(cfg);
	vnf->odd = srp_inner_odd(cfg->inner);
	vnf->other_host = cfg->via.family == AF_PACKET;
	vnf->two_armed = strcmp(cfg->dev, cfg->in);
	vnf->match = cfg->match;
	vnf->ops = srp_attach_ops(cfg->type);
	refcount_set(&vnf->ref, 1);
	spin_lock_init(&vnf->sum_lock);
	INIT_LIST_HEAD(&vnf->bindings);
	srp_vnf_init_flows(vnf);
	srp_health_init(vnf, cfg->admin);
	srp_vnf_set(vnf, cfg);
	srp_nexthop_init(&vnf->nh, &cfg->via);
	srp_port_init(&vnf->tx, SRP_ROLE_VNF_TX, cfg->dev, &srp_vnf_tx_ops,
		      vnf);
	srp_port_init(&vnf->rx, SRP_ROLE_VNF_RX, cfg->in,
		      srp_vnf_rx_ops_of(vnf), vnf);
	srp_vnf_init_tags(vnf);
	return vnf;
}

/* What the match wants besides. */
static int srp_vnf_make_match(struct srp_vnf *vnf, int *part,
			      struct netlink_ext_ack *extack)
{
	const struct srp_vnf_cfg *cfg = &vnf->cfg;

	switch (vnf->match) {
	case SRPROXY_MATCH_VLAN:
		vnf->vlans = srp_vlans_make(cfg->vlan_first, cfg->vlan_last);
		return vnf->vlans ? 0 : -ENOMEM;
	case SRPROXY_MATCH_STATIC:
		*part = SRP_PART_OUT;
		return srp_static_make(vnf->sn, cfg, &vnf->fixed, extack);
	}
	return 0;
}

static void srp_vnf_end_match(struct srp_vnf *vnf)
{
	if (vnf->fixed)
		srp_static_end(vnf->fixed);
}

static int srp_vnf_attach_ports(struct srp_vnf *vnf, int *part,
				struct netlink_ext_ack *extack)
{
	int err = srp_port_attach(vnf->sn, &vnf->tx, extack);

	/* -EINVAL: the device is there, its neighbour is no good */
	*part = err == -EINVAL ? SRP_PART_VIA : SRP_PART_DEV;
	if (err)
		return err;
	*part = SRP_PART_IN;
	err = srp_port_attach(vnf->sn, &vnf->rx, extack);
	if (err) {
		srp_port_detach(&vnf->tx);
		return err;
	}
	srp_port_add(vnf->sn, &vnf->tx);
	srp_port_add(vnf->sn, &vnf->rx);
	return 0;
}

/* Packets of an attachment that has ports come last. */
static int srp_vnf_attach_all(struct srp_vnf *vnf, struct srp_wire *wire,
			      int *part, struct netlink_ext_ack *extack)
{
	const struct srp_attach_ops *ops = vnf->ops;
	int err;

	if (!ops)
		return srp_vnf_attach_ports(vnf, part, extack);
	err = ops->attach(vnf, wire, part, extack);
	if (err || !ops->rx_port)
		return err;
	err = srp_vnf_attach_ports(vnf, part, extack);
	if (err)
		ops->detach(vnf);
	return err;
}

/**
 * srp_vnf_make() - make a vnf
 * @sn: the namespace
 * @cfg: what the user said
 * @wire: connection to the function, or NULL; the vnf's if there is no error
 * @res: the vnf, in the namespace's list; no sid leads to it yet
 * @part: on refusal, &enum srp_part
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0 or a negative errno.
 */
int srp_vnf_make(struct srp_net *sn, const struct srp_vnf_cfg *cfg,
		 struct srp_wire *wire, struct srp_vnf **res, int *part,
		 struct netlink_ext_ack *extack)
{
	struct srp_vnf *vnf = srp_vnf_alloc(sn, cfg);
	int err;

	if (!vnf)
		return -ENOMEM;
	err = srp_vnf_make_match(vnf, part, extack);
	if (err)
		goto err_put;
	err = srp_vnf_attach_all(vnf, wire, part, extack);
	if (err)
		goto err_match;
	list_add_tail_rcu(&vnf->node, &sn->vnfs);
	srp_sibling_join(vnf);
	srp_health_settle(vnf);
	*res = vnf;
	return 0;

err_match:
	srp_vnf_end_match(vnf);
err_put:
	srp_vnf_put(vnf);
	return err;
}

/**
 * srp_vnf_change() - change what can be changed
 * @vnf: the vnf
 * @cfg: what the user said, of the same place
 *
 * Context: RTNL. Cannot fail.
 */
void srp_vnf_change(struct srp_vnf *vnf, const struct srp_vnf_cfg *cfg)
{
	srp_vnf_set(vnf, cfg);
	srp_health_settle(vnf);
}

/**
 * srp_vnf_remove() - take a vnf out of the configuration, and end its flows
 * @vnf: the vnf, which no live sid names
 *
 * Context: RTNL. Cannot fail.
 */
void srp_vnf_remove(struct srp_vnf *vnf)
{
	spin_lock_bh(&vnf->flow_lock);
	vnf->dead = true;
	spin_unlock_bh(&vnf->flow_lock);
	list_del_rcu(&vnf->node);
	srp_sibling_leave(vnf);
	srp_vnf_probe(vnf, NULL);
	srp_port_del(&vnf->rx);
	srp_port_del(&vnf->tx);
	if (vnf->ops)
		vnf->ops->detach(vnf);
	srp_flow_flush(vnf);
	srp_vnf_end_match(vnf);
	srp_vnf_put(vnf);
}

/**
 * srp_vnf_sum() - what a vnf has counted, over all sids
 * @vnf: the vnf
 * @sums: overwritten with the sums
 *
 * Context: RTNL.
 */
void srp_vnf_sum(struct srp_vnf *vnf, struct srp_sums *sums)
{
	struct srp_binding *b;
	struct srp_sums one;

	srp_counters_sum(vnf->stats, sums);
	spin_lock_bh(&vnf->sum_lock);
	srp_sums_add(sums, &vnf->retired);
	list_for_each_entry(b, &vnf->bindings, node) {
		srp_counters_sum(b->stats, &one);
		srp_sums_add(sums, &one);
	}
	spin_unlock_bh(&vnf->sum_lock);
}

/**
 * srp_vnf_set_leaving() - does it go with the transaction under way?
 * @vnf: the vnf
 * @leaving: whether it goes
 *
 * Context: RTNL.
 */
void srp_vnf_set_leaving(struct srp_vnf *vnf, bool leaving)
{
	vnf->tx.leaving = leaving;
	vnf->rx.leaving = leaving;
}

/**
 * srp_vnfs_follow_uplink() - an uplink's interface may have a new name
 * @up: the uplink
 *
 * Context: RTNL.
 */
void srp_vnfs_follow_uplink(const struct srp_uplink *up)
{
	struct srp_vnf *vnf;

	list_for_each_entry(vnf, &up->sn->vnfs, node)
		if (vnf->fixed && vnf->fixed->uplink == up)
			strscpy(vnf->cfg.out, up->port.name,
				sizeof(vnf->cfg.out));
}

/**
 * srp_vnf_check_out() - does the uplink stay that a vnf sends on?
 * @vnf: a vnf that stays
 * @part: on refusal, &enum srp_part
 * @extack: where a refusal is explained
 *
 * Context: RTNL; it is known which uplinks leave.
 * Return: 0, or -ENOENT if it goes.
 */
int srp_vnf_check_out(const struct srp_vnf *vnf, int *part,
		      struct netlink_ext_ack *extack)
{
	if (!vnf->fixed || !vnf->fixed->uplink->port.leaving)
		return 0;
	*part = SRP_PART_OUT;
	NL_SET_ERR_MSG(extack, "there is no such uplink");
	return -ENOENT;
}

static bool srp_vnf_same_match(const struct srp_vnf_cfg *a,
			       const struct srp_vnf_cfg *b)
{
	return a->match == b->match && a->vlan_first == b->vlan_first &&
	       a->vlan_last == b->vlan_last && a->n_labels == b->n_labels &&
	       !memcmp(a->labels, b->labels, sizeof(a->labels)) &&
	       !strcmp(a->out, b->out);
}

/**
 * srp_vnf_same_place() - are these of one vnf, but for what can be changed?
 * @a: one
 * @b: the other
 *
 * Return: true if name, attachment and match are the same.
 */
bool srp_vnf_same_place(const struct srp_vnf_cfg *a,
			const struct srp_vnf_cfg *b)
{
	return !strcmp(a->name, b->name) && a->type == b->type &&
	       srp_place_equal(&a->place, &b->place) &&
	       !strcmp(a->dev, b->dev) &&
	       !strcmp(a->in, b->in) && a->inner == b->inner &&
	       srp_via_equal(&a->via, &b->via) && srp_vnf_same_match(a, b);
}

/**
 * srp_vnf_cfg_equal() - is there nothing to change?
 * @a: one
 * @b: the other
 *
 * Return: true if both say the same.
 */
bool srp_vnf_cfg_equal(const struct srp_vnf_cfg *a,
		       const struct srp_vnf_cfg *b)
{
	return srp_vnf_same_place(a, b) && a->mtu == b->mtu &&
	       a->weight == b->weight && a->max_flows == b->max_flows &&
	       a->on_miss == b->on_miss && a->admin == b->admin &&
	       srp_probe_cfg_equal(&a->probe, &b->probe) &&
	       !memcmp(a->steer, b->steer, sizeof(a->steer));
}
