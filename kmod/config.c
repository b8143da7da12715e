// SPDX-License-Identifier: GPL-2.0-only
/* One change of the configuration: prepare, commit, roll back. Under RTNL. */
#include <linux/if_arp.h>
#include <linux/slab.h>

#include "config.h"
#include "flow.h"
#include "netlink.h"

#define SRP_MAX_FLOWS_DEFAULT		1048576
#define SRP_IDLE_TIMEOUT_DEFAULT	60

/**
 * srp_item_alloc() - make an empty item
 * @kind: its kind
 * @seq: of the netlink request
 *
 * Return: the item or NULL.
 */
struct srp_item *srp_item_alloc(enum srp_kind kind, u32 seq)
{
	struct srp_item *item = kzalloc(sizeof(*item), GFP_KERNEL_ACCOUNT);

	if (item) {
		item->kind = kind;
		item->seq = seq;
		item->passed.fd = -1;
	}
	return item;
}

/**
 * srp_item_free() - free an item, not what was made of it
 * @item: the item
 */
void srp_item_free(struct srp_item *item)
{
	if (item->kind == SRP_KIND_SID)
		kfree(item->sid);
	if (item->wire)
		srp_wire_discard(item->wire);
	kfree(item);
}

/**
 * srp_settings_default() - the settings of a new namespace
 * @settings: filled in
 */
void srp_settings_default(struct srp_settings *settings)
{
	settings->max_flows = SRP_MAX_FLOWS_DEFAULT;
	settings->idle_timeout = SRP_IDLE_TIMEOUT_DEFAULT;
	settings->ttl = SRPROXY_TTL_MODE_PIPE;
	settings->icmp = SRPROXY_ICMP_MODE_REVERSE;
}

/**
 * srp_settings_set() - make settings those of the namespace
 * @sn: the namespace
 * @s: the settings
 *
 * Context: RTNL, or before the namespace is used.
 */
void srp_settings_set(struct srp_net *sn, const struct srp_settings *s)
{
	WRITE_ONCE(sn->settings.max_flows, s->max_flows);
	sn->settings.idle_timeout = s->idle_timeout;
	sn->settings.ttl = s->ttl;
	sn->settings.icmp = s->icmp;
	WRITE_ONCE(sn->idle, s->idle_timeout * HZ);
	WRITE_ONCE(sn->uniform, s->ttl == SRPROXY_TTL_MODE_UNIFORM);
	WRITE_ONCE(sn->icmp, s->icmp);
	srp_flows_resume(sn);
}

static int srp_prepare_uplink(struct srp_net *sn, struct srp_item *item,
			      int *part, struct netlink_ext_ack *extack)
{
	struct srp_uplink *old = srp_uplink_find(sn, item->uplink.dev);
	struct net_device *dev;

	item->old = old;
	if (!old)
		return srp_uplink_make(sn, &item->uplink, &item->made_uplink,
				       part, extack);
	if (srp_uplink_cfg_equal(&old->cfg, &item->uplink))
		return 0;
	dev = rtnl_dereference(old->port.dev);
	if (item->uplink.egress == SRPROXY_EGRESS_HAIRPIN && dev &&
	    dev->type != ARPHRD_ETHER) {
		NL_SET_ERR_MSG(extack,
			       "egress hairpin needs a device with a link layer");
		return -EINVAL;
	}
	return srp_egress_make(old, &item->uplink, &item->egress, part,
			       extack);
}

/* Probes that stay as they are go on undisturbed. */
static int srp_prepare_probe(struct srp_item *item, struct srp_vnf *vnf,
			     struct netlink_ext_ack *extack)
{
	const struct srp_probe_cfg *cfg = &item->vnf.probe;

	if (!cfg->kind ||
	    (rcu_access_pointer(vnf->prober) &&
	     srp_probe_cfg_equal(cfg, &vnf->cfg.probe)))
		return 0;
	return srp_prober_make(vnf, cfg, &item->prober, extack);
}

static void srp_prepare_unreached(struct srp_item *item)
{
	srp_wire_failed(item->made_vnf, item->unreached);
	srp_health_settle(item->made_vnf);
}

static int srp_prepare_vnf(struct srp_net *sn, struct srp_item *item,
			   int *part, struct netlink_ext_ack *extack)
{
	struct srp_vnf *old = srp_vnf_find(sn, item->vnf.name);
	int err;

	item->old = old;
	if (old && srp_vnf_same_place(&old->cfg, &item->vnf))
		return srp_vnf_check_out(old, part, extack) ?:
		       srp_prepare_probe(item, old, extack);
	if (old) {
		*part = SRP_PART_MATCH;
		NL_SET_ERR_MSG(extack, "match cannot be changed");
		return -EBUSY;
	}
	err = srp_vnf_make(sn, &item->vnf, item->wire, &item->made_vnf, part,
			   extack);
	if (err)
		return err;
	item->wire = NULL;
	if (item->unreached)
		srp_prepare_unreached(item);
	err = srp_prepare_probe(item, item->made_vnf, extack);
	if (err) {
		srp_vnf_remove(item->made_vnf);
		item->made = NULL;
	}
	return err;
}

static int srp_prepare_sid(struct srp_net *sn, struct srp_item *item,
			   int *part, struct netlink_ext_ack *extack)
{
	struct srp_sid *old = srp_sid_find(sn, item->sid->label);

	item->old = old;
	if (old && srp_sid_matches(old, item->sid))
		return 0;
	return srp_sid_prepare(sn, item->sid, &item->made_sid, part, extack);
}

static int srp_prepare(struct srp_net *sn, struct srp_item *item, int *part,
		       struct netlink_ext_ack *extack)
{
	switch (item->kind) {
	case SRP_KIND_SETTINGS:
		return 0;
	case SRP_KIND_UPLINK:
		return srp_prepare_uplink(sn, item, part, extack);
	case SRP_KIND_VNF:
		return srp_prepare_vnf(sn, item, part, extack);
	case SRP_KIND_SID:
		return srp_prepare_sid(sn, item, part, extack);
	}
	return -EINVAL;
}

/* Where in the request a part stands; the device stands for what does not. */
static u32 srp_item_attr(const struct srp_item *item, int part)
{
	if (item->kind == SRP_KIND_SID)
		return part < SRP_PART_MEMBER ? item->attr[SRP_PART_DEV] :
			item->sid->member[part - SRP_PART_MEMBER].attr;
	return item->attr[part] ?: item->attr[SRP_PART_DEV];
}

/**
 * srp_item_prepare() - do all that can fail
 * @sn: the namespace
 * @item: the item
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0, to be followed by srp_item_commit() or srp_item_rollback(); or
 * a negative errno, with nothing changed and the item's fault filled in.
 */
int srp_item_prepare(struct srp_net *sn, struct srp_item *item,
		     struct netlink_ext_ack *extack)
{
	int part = SRP_PART_NONE;
	int err;

	ASSERT_RTNL();
	err = srp_prepare(sn, item, &part, extack);
	if (err)
		item->fault = srp_item_attr(item, part);
	return err;
}

static bool srp_commit_settings(struct srp_net *sn,
				const struct srp_settings *s)
{
	if (!memcmp(s, &sn->settings, sizeof(*s)))
		return false;
	srp_settings_set(sn, s);
	srp_notify_config(sn);
	return true;
}

static bool srp_commit_uplink(struct srp_item *item)
{
	struct srp_uplink *up = item->made ?: item->old;

	if (!item->egress && !item->made)
		return false;
	if (item->egress)
		srp_uplink_change(up, &item->uplink, item->egress);
	WRITE_ONCE(up->live, true);
	srp_notify_uplink(up, false);
	return true;
}

static bool srp_commit_vnf(struct srp_item *item)
{
	struct srp_vnf *vnf = item->made ?: item->old;

	if (!item->made) {
		if (srp_vnf_cfg_equal(&vnf->cfg, &item->vnf))
			return false;
		srp_vnf_change(vnf, &item->vnf);
	}
	WRITE_ONCE(vnf->live, true);
	if (item->prober || !item->vnf.probe.kind)
		srp_vnf_probe(vnf, item->prober);
	item->prober = NULL;
	if (item->made && vnf->ops && vnf->ops->start)
		vnf->ops->start(vnf);
	srp_notify_vnf(vnf, false);
	return true;
}

static bool srp_commit_sid(struct srp_net *sn, struct srp_item *item)
{
	if (!item->made)
		return false;
	srp_sid_commit(sn, item->made, item->old);
	srp_notify_sid(sn, item->made, false);
	return true;
}

/**
 * srp_item_commit() - make a prepared item live
 * @sn: the namespace
 * @item: the item
 *
 * Context: RTNL. Cannot fail.
 * Return: true if it changed anything.
 */
bool srp_item_commit(struct srp_net *sn, struct srp_item *item)
{
	switch (item->kind) {
	case SRP_KIND_SETTINGS:
		return srp_commit_settings(sn, &item->settings);
	case SRP_KIND_UPLINK:
		return srp_commit_uplink(item);
	case SRP_KIND_VNF:
		return srp_commit_vnf(item);
	case SRP_KIND_SID:
		return srp_commit_sid(sn, item);
	}
	return false;
}

/**
 * srp_item_rollback() - undo what was prepared
 * @sn: the namespace
 * @item: the item
 *
 * Context: RTNL. Cannot fail.
 */
void srp_item_rollback(struct srp_net *sn, struct srp_item *item)
{
	switch (item->kind) {
	case SRP_KIND_SETTINGS:
		break;
	case SRP_KIND_UPLINK:
		if (item->egress)
			srp_egress_end(item->egress);
		if (item->made)
			srp_uplink_remove(item->made);
		break;
	case SRP_KIND_VNF:
		if (item->prober)
			srp_prober_end(item->prober);
		item->prober = NULL;
		if (item->made)
			srp_vnf_remove(item->made);
		break;
	case SRP_KIND_SID:
		if (item->made)
			srp_sid_discard(item->made);
		break;
	}
	item->egress = NULL;
	item->made = NULL;
}

/**
 * srp_item_apply() - a change of one object, whole
 * @sn: the namespace
 * @item: the object
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0 or a negative errno, with nothing changed.
 */
int srp_item_apply(struct srp_net *sn, struct srp_item *item,
		   struct netlink_ext_ack *extack)
{
	int err = srp_item_prepare(sn, item, extack);

	if (err)
		return err;
	sn->generation += srp_item_commit(sn, item);
	return 0;
}

/**
 * srp_config_end_uplink() - remove an uplink
 * @up: the uplink
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0, or -EBUSY if a vnf names it.
 */
int srp_config_end_uplink(struct srp_uplink *up,
			  struct netlink_ext_ack *extack)
{
	if (up->users) {
		NL_SET_ERR_MSG(extack, "a vnf with match static uses this uplink");
		return -EBUSY;
	}
	srp_notify_uplink(up, true);
	srp_uplink_remove(up);
	return 0;
}

/**
 * srp_config_end_vnf() - remove a vnf and its flows
 * @vnf: the vnf
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0, or -EBUSY if a sid names it.
 */
int srp_config_end_vnf(struct srp_vnf *vnf, struct netlink_ext_ack *extack)
{
	if (vnf->users) {
		NL_SET_ERR_MSG(extack, "a sid uses this vnf");
		return -EBUSY;
	}
	srp_notify_vnf(vnf, true);
	srp_vnf_remove(vnf);
	return 0;
}

/**
 * srp_config_end_sid() - remove a sid
 * @sn: the namespace
 * @sid: the sid
 *
 * Context: RTNL. Cannot fail.
 */
void srp_config_end_sid(struct srp_net *sn, struct srp_sid *sid)
{
	srp_notify_sid(sn, sid, true);
	srp_sid_remove(sn, sid);
}

/**
 * srp_config_end() - remove everything, when the namespace ends
 * @sn: the namespace
 *
 * Context: RTNL.
 */
void srp_config_end(struct srp_net *sn)
{
	struct srp_uplink *up, *up_next;
	struct srp_vnf *vnf, *vnf_next;
	struct srp_sid *sid, *sid_next;

	list_for_each_entry_safe(sid, sid_next, &sn->sid_list, node)
		srp_sid_remove(sn, sid);
	list_for_each_entry_safe(vnf, vnf_next, &sn->vnfs, node)
		srp_vnf_remove(vnf);
	list_for_each_entry_safe(up, up_next, &sn->uplinks, node)
		srp_uplink_remove(up);
}
