// SPDX-License-Identifier: GPL-2.0-only
/* Uplinks: making, changing and ending them. */
#include <linux/if_arp.h>
#include <linux/slab.h>

#include "core.h"
#include "net.h"
#include "netlink.h"
#include "uplink.h"
#include "vnf.h"

static void srp_uplink_free(struct rcu_head *head)
{
	struct srp_uplink *up = container_of(head, struct srp_uplink, rcu);

	kfree(rcu_dereference_protected(up->egress, 1));
	free_percpu(up->stats);
	kfree(up);
}

/**
 * srp_uplink_put() - give a reference back
 * @up: the uplink
 *
 * Context: any but hard interrupt.
 */
void srp_uplink_put(struct srp_uplink *up)
{
	if (refcount_dec_and_test(&up->ref))
		call_rcu(&up->rcu, srp_uplink_free);
}

/**
 * srp_uplink_find() - look up an uplink of the configuration
 * @sn: the namespace
 * @dev: name of its interface
 *
 * Context: RTNL.
 * Return: the uplink or NULL.
 */
struct srp_uplink *srp_uplink_find(struct srp_net *sn, const char *dev)
{
	struct srp_uplink *up;

	list_for_each_entry(up, &sn->uplinks, node)
		if (!up->port.leaving && !strcmp(up->port.name, dev))
			return up;
	return NULL;
}

static int srp_uplink_attach(struct srp_port *port, struct net_device *dev,
			     struct netlink_ext_ack *extack)
{
	const struct srp_uplink *up = port->owner;

	if (up->cfg.egress != SRPROXY_EGRESS_HAIRPIN ||
	    dev->type == ARPHRD_ETHER)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "egress hairpin needs a device with a link layer");
	return -EINVAL;
}

static void srp_uplink_changed(struct srp_port *port)
{
	struct srp_uplink *up = port->owner;
	u32 state = srp_port_usable(port);

	strscpy(up->cfg.dev, port->name, sizeof(up->cfg.dev));
	srp_vnfs_follow_uplink(up);
	if (state == up->state)
		return;
	up->state = state;
	up->changed = ktime_get_ns();
	srp_notify_uplink(up, false);
}

static const struct srp_port_ops srp_uplink_ops = {
	.rx = srp_rx_uplink,
	.attach = srp_uplink_attach,
	.changed = srp_uplink_changed,
};

static int srp_egress_attach(struct srp_port *port, struct net_device *dev,
			     struct netlink_ext_ack *extack)
{
	struct srp_egress *egress = container_of(port, struct srp_egress, port);
	int err = srp_via_check(&egress->nh.via, dev, extack);

	if (!err)
		srp_nexthop_open(&egress->nh);
	return err;
}

static void srp_egress_detach(struct srp_port *port, struct net_device *dev)
{
	srp_nexthop_close(&container_of(port, struct srp_egress, port)->nh);
}

/* The device may have another name now. */
static void srp_egress_changed(struct srp_port *port)
{
	struct srp_uplink *up = port->owner;
	struct srp_egress *egress = rtnl_dereference(up->egress);

	if (egress && port == &egress->port)
		strscpy(up->cfg.via_dev, port->name, sizeof(up->cfg.via_dev));
}

static const struct srp_port_ops srp_egress_ops = {
	.attach = srp_egress_attach,
	.detach = srp_egress_detach,
	.changed = srp_egress_changed,
};

/**
 * srp_egress_make() - make a way out that is not used yet
 * @up: its uplink
 * @cfg: what the user said
 * @res: the way out
 * @part: on refusal, &enum srp_part
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0 or a negative errno.
 */
int srp_egress_make(struct srp_uplink *up, const struct srp_uplink_cfg *cfg,
		    struct srp_egress **res, int *part,
		    struct netlink_ext_ack *extack)
{
	struct srp_egress *egress;
	int err;

	*part = SRP_PART_VIA_DEV;

	egress = kzalloc(sizeof(*egress), GFP_KERNEL_ACCOUNT);
	if (!egress)
		return -ENOMEM;
	egress->mode = cfg->egress;
	srp_nexthop_init(&egress->nh, &cfg->via);
	srp_port_init(&egress->port, SRP_ROLE_EGRESS, cfg->via_dev,
		      &srp_egress_ops, up);
	if (cfg->egress == SRPROXY_EGRESS_VIA) {
		err = srp_port_attach(up->sn, &egress->port, extack);
		if (err) {
			kfree(egress);
			return err;
		}
		srp_port_add(up->sn, &egress->port);
	}
	*res = egress;
	return 0;
}

/**
 * srp_egress_end() - end a way out
 * @egress: the way out; packets may use it for another grace period
 *
 * Context: RTNL.
 */
void srp_egress_end(struct srp_egress *egress)
{
	srp_port_del(&egress->port);
	kfree_rcu(egress, rcu);
}

static struct srp_uplink *srp_uplink_alloc(struct srp_net *sn,
					   const struct srp_uplink_cfg *cfg)
{
	struct srp_uplink *up = kzalloc(sizeof(*up), GFP_KERNEL_ACCOUNT);

	if (!up)
		return NULL;
	up->stats = srp_counters_alloc();
	if (!up->stats) {
		kfree(up);
		return NULL;
	}
	up->sn = sn;
	up->cfg = *cfg;
	refcount_set(&up->ref, 1);
	srp_port_init(&up->port, SRP_ROLE_UPLINK, cfg->dev, &srp_uplink_ops,
		      up);
	return up;
}

/**
 * srp_uplink_make() - make an uplink
 * @sn: the namespace
 * @cfg: what the user said
 * @res: the uplink, in the namespace's list; it takes packets at once
 * @part: on refusal, &enum srp_part
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0 or a negative errno.
 */
int srp_uplink_make(struct srp_net *sn, const struct srp_uplink_cfg *cfg,
		    struct srp_uplink **res, int *part,
		    struct netlink_ext_ack *extack)
{
	struct srp_uplink *up = srp_uplink_alloc(sn, cfg);
	struct srp_egress *egress;
	int err;

	if (!up)
		return -ENOMEM;
	err = srp_egress_make(up, cfg, &egress, part, extack);
	if (err)
		goto err_put;
	rcu_assign_pointer(up->egress, egress);
	*part = SRP_PART_DEV;
	err = srp_port_attach(sn, &up->port, extack);
	if (err)
		goto err_egress;
	srp_port_add(sn, &up->port);
	list_add_tail_rcu(&up->node, &sn->uplinks);
	up->state = srp_port_usable(&up->port);
	up->changed = ktime_get_ns();
	*res = up;
	return 0;

err_egress:
	srp_port_del(&egress->port);
err_put:
	srp_uplink_put(up);
	return err;
}

/**
 * srp_uplink_change() - let packets leave in another way
 * @up: the uplink
 * @cfg: what the user said
 * @egress: the way out made of it
 *
 * Context: RTNL. Cannot fail.
 */
void srp_uplink_change(struct srp_uplink *up, const struct srp_uplink_cfg *cfg,
		       struct srp_egress *egress)
{
	struct srp_egress *old;

	up->cfg = *cfg;
	old = rcu_replace_pointer(up->egress, egress, lockdep_rtnl_is_held());
	srp_egress_end(old);
}

/**
 * srp_uplink_remove() - take an uplink out of the configuration
 * @up: the uplink, gone with the last stack object that holds it
 *
 * Context: RTNL. Cannot fail.
 */
void srp_uplink_remove(struct srp_uplink *up)
{
	list_del_rcu(&up->node);
	srp_port_del(&up->port);
	srp_port_del(&rtnl_dereference(up->egress)->port);
	srp_uplink_put(up);
}

/**
 * srp_uplink_set_leaving() - does it go with the transaction under way?
 * @up: the uplink
 * @leaving: whether it goes
 *
 * Context: RTNL.
 */
void srp_uplink_set_leaving(struct srp_uplink *up, bool leaving)
{
	up->port.leaving = leaving;
}

/**
 * srp_uplink_cfg_equal() - is there nothing to change?
 * @a: one
 * @b: the other
 *
 * Return: true if both say the same.
 */
bool srp_uplink_cfg_equal(const struct srp_uplink_cfg *a,
			  const struct srp_uplink_cfg *b)
{
	if (strcmp(a->dev, b->dev) || a->egress != b->egress)
		return false;
	return a->egress != SRPROXY_EGRESS_VIA ||
	       (srp_via_equal(&a->via, &b->via) &&
		!strcmp(a->via_dev, b->via_dev));
}
