// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transactions. Between begin and commit, requests of one netlink socket are
 * staged as items. Commit makes them the configuration, under RTNL: what is
 * equal stays untouched, what differs is prepared, what was not staged goes;
 * if anything cannot be prepared, nothing has happened. A transaction ends
 * with its socket, and fails if another change came in between.
 *
 * srp_txn_mutex protects srp_net.txns and the items in it; RTNL is taken
 * without it.
 */
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "config.h"
#include "net.h"
#include "netlink.h"
#include "txn.h"
#include "wire.h"

#define SRP_TXN_ITEMS_MAX	65536

/**
 * struct srp_txn - a transaction under way
 * @node: in srp_net.txns
 * @portid: the netlink socket
 * @generation: of the configuration when it began
 * @count: of @items
 * @connects: there is something to be connected
 * @until: jiffies up to which that may take
 * @items: what is staged
 */
struct srp_txn {
	struct list_head node;
	u32 portid;
	u32 generation;
	u32 count;
	bool connects;
	unsigned long until;
	struct list_head items;
};

static DEFINE_MUTEX(srp_txn_mutex);

static struct srp_txn *srp_txn_find(struct srp_net *sn, u32 portid)
{
	struct srp_txn *txn;

	lockdep_assert_held(&srp_txn_mutex);
	list_for_each_entry(txn, &sn->txns, node)
		if (txn->portid == portid)
			return txn;
	return NULL;
}

/* Take a transaction out of the list; it is the caller's then. */
static struct srp_txn *srp_txn_take(struct srp_net *sn, u32 portid)
{
	struct srp_txn *txn;

	mutex_lock(&srp_txn_mutex);
	txn = srp_txn_find(sn, portid);
	if (txn)
		list_del(&txn->node);
	mutex_unlock(&srp_txn_mutex);
	return txn;
}

static void srp_txn_free(struct srp_txn *txn)
{
	struct srp_item *item, *next;

	list_for_each_entry_safe(item, next, &txn->items, node)
		srp_item_free(item);
	kfree(txn);
}

/**
 * srp_txn_begin() - begin a transaction on a socket
 * @sn: the namespace
 * @portid: the socket
 * @extack: where a refusal is explained
 * @generation: of the configuration it starts from
 *
 * Context: RTNL.
 * Return: 0, -EBUSY if there is one on this socket, or -ENOMEM.
 */
int srp_txn_begin(struct srp_net *sn, u32 portid,
		  struct netlink_ext_ack *extack, u32 *generation)
{
	struct srp_txn *txn = kzalloc(sizeof(*txn), GFP_KERNEL_ACCOUNT);

	if (!txn)
		return -ENOMEM;
	txn->portid = portid;
	txn->generation = sn->generation;
	*generation = txn->generation;
	INIT_LIST_HEAD(&txn->items);
	mutex_lock(&srp_txn_mutex);
	if (srp_txn_find(sn, portid)) {
		mutex_unlock(&srp_txn_mutex);
		kfree(txn);
		NL_SET_ERR_MSG(extack,
			       "a transaction is under way on this socket");
		return -EBUSY;
	}
	list_add_tail(&txn->node, &sn->txns);
	mutex_unlock(&srp_txn_mutex);
	return 0;
}

/**
 * srp_txn_open() - is there a transaction on a socket?
 * @sn: the namespace
 * @portid: the socket
 *
 * Return: true if there is.
 */
bool srp_txn_open(struct srp_net *sn, u32 portid)
{
	bool open;

	mutex_lock(&srp_txn_mutex);
	open = srp_txn_find(sn, portid);
	mutex_unlock(&srp_txn_mutex);
	return open;
}

/**
 * srp_txn_until() - up to when may connecting take?
 * @sn: the namespace
 * @portid: the socket
 *
 * Return: jiffies; all that is connected for one transaction has the same.
 */
unsigned long srp_txn_until(struct srp_net *sn, u32 portid)
{
	unsigned long until = jiffies;
	struct srp_txn *txn;

	mutex_lock(&srp_txn_mutex);
	txn = srp_txn_find(sn, portid);
	if (txn && !txn->connects) {
		txn->connects = true;
		txn->until = jiffies + msecs_to_jiffies(SRP_CONNECT_MS);
	}
	if (txn)
		until = txn->until;
	mutex_unlock(&srp_txn_mutex);
	return until;
}

/* Far ends have been asked as they were staged: wait for their answers. Who
 * does not answer is connected later.
 */
static void srp_txn_settle(struct srp_txn *txn)
{
	struct srp_item *item;

	list_for_each_entry(item, &txn->items, node) {
		if (!item->wire)
			continue;
		item->unreached = srp_wire_settle(item->wire, txn->until);
		if (!item->unreached)
			continue;
		srp_wire_discard(item->wire);
		item->wire = NULL;
	}
}

static bool srp_items_clash(const struct srp_item *a, const struct srp_item *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case SRP_KIND_SETTINGS:
		return true;
	case SRP_KIND_UPLINK:
		return !strcmp(a->uplink.dev, b->uplink.dev);
	case SRP_KIND_VNF:
		return !strcmp(a->vnf.name, b->vnf.name);
	case SRP_KIND_SID:
		return a->sid->label == b->sid->label;
	}
	return false;
}

static int srp_txn_check(const struct srp_txn *txn,
			 const struct srp_item *item,
			 struct netlink_ext_ack *extack)
{
	const struct srp_item *other;

	if (txn->count == SRP_TXN_ITEMS_MAX) {
		NL_SET_ERR_MSG(extack, "too many objects in one transaction");
		return -E2BIG;
	}
	list_for_each_entry(other, &txn->items, node) {
		if (!srp_items_clash(other, item))
			continue;
		NL_SET_ERR_MSG(extack, "the object is staged already");
		return -EEXIST;
	}
	return 0;
}

/**
 * srp_txn_stage() - stage an item if there is a transaction on the socket
 * @sn: the namespace
 * @portid: the socket
 * @item: the item; the transaction's if it was staged
 * @extack: where a refusal is explained
 *
 * Return: 1 if it was staged, 0 if there is no transaction, or a negative
 * errno.
 */
int srp_txn_stage(struct srp_net *sn, u32 portid, struct srp_item *item,
		  struct netlink_ext_ack *extack)
{
	struct srp_txn *txn;
	int err = 0;

	mutex_lock(&srp_txn_mutex);
	txn = srp_txn_find(sn, portid);
	if (!txn)
		goto out;
	err = srp_txn_check(txn, item, extack);
	if (err)
		goto out;
	list_add_tail(&item->node, &txn->items);
	txn->count++;
	err = 1;
out:
	mutex_unlock(&srp_txn_mutex);
	return err;
}

/* Everything goes but what is staged and stays where it is. */
static void srp_txn_mark(struct srp_net *sn, bool leaving)
{
	struct srp_uplink *up;
	struct srp_vnf *vnf;
	struct srp_sid *sid;

	list_for_each_entry(up, &sn->uplinks, node)
		srp_uplink_set_leaving(up, leaving);
	list_for_each_entry(vnf, &sn->vnfs, node)
		srp_vnf_set_leaving(vnf, leaving);
	list_for_each_entry(sid, &sn->sid_list, node)
		sid->leaving = leaving;
}

static void srp_txn_keep(struct srp_net *sn, const struct srp_item *item)
{
	struct srp_uplink *up;
	struct srp_vnf *vnf;
	struct srp_sid *sid;

	switch (item->kind) {
	case SRP_KIND_SETTINGS:
		break;
	case SRP_KIND_UPLINK:
		list_for_each_entry(up, &sn->uplinks, node)
			if (!strcmp(up->port.name, item->uplink.dev))
				srp_uplink_set_leaving(up, false);
		break;
	case SRP_KIND_VNF:
		list_for_each_entry(vnf, &sn->vnfs, node)
			if (srp_vnf_same_place(&vnf->cfg, &item->vnf))
				srp_vnf_set_leaving(vnf, false);
		break;
	case SRP_KIND_SID:
		sid = srp_sid_find(sn, item->sid->label);
		if (sid)
			sid->leaving = false;
		break;
	}
}

/* Sids name vnfs, so vnfs come first. */
static const enum srp_kind srp_txn_order[] = {
	SRP_KIND_SETTINGS, SRP_KIND_UPLINK, SRP_KIND_VNF, SRP_KIND_SID,
};

static void srp_txn_rollback(struct srp_net *sn, struct srp_txn *txn)
{
	int i = ARRAY_SIZE(srp_txn_order);
	struct srp_item *item;

	while (i--)
		list_for_each_entry(item, &txn->items, node)
			if (item->kind == srp_txn_order[i])
				srp_item_rollback(sn, item);
	srp_txn_mark(sn, false);
}

/* Tell the sender which of its requests is at fault. */
static void srp_txn_blame(const struct srp_item *item,
			  struct netlink_ext_ack *extack)
{
	const u32 cookie[] = { item->seq, item->fault };

	memcpy(extack->cookie, cookie, sizeof(cookie));
	extack->cookie_len = sizeof(cookie);
}

static int srp_txn_prepare_kind(struct srp_net *sn, struct srp_txn *txn,
				enum srp_kind kind,
				struct netlink_ext_ack *extack)
{
	struct srp_item *item;
	int err;

	list_for_each_entry(item, &txn->items, node) {
		if (item->kind != kind)
			continue;
		err = srp_item_prepare(sn, item, extack);
		if (err) {
			srp_txn_blame(item, extack);
			return err;
		}
	}
	return 0;
}

static int srp_txn_prepare(struct srp_net *sn, struct srp_txn *txn,
			   struct netlink_ext_ack *extack)
{
	struct srp_item *item;
	int i, err = 0;

	srp_txn_mark(sn, true);
	list_for_each_entry(item, &txn->items, node)
		srp_txn_keep(sn, item);
	for (i = 0; !err && i < ARRAY_SIZE(srp_txn_order); i++)
		err = srp_txn_prepare_kind(sn, txn, srp_txn_order[i], extack);
	if (err)
		srp_txn_rollback(sn, txn);
	return err;
}

/* Return: true if anything went. */
static bool srp_txn_remove_leaving(struct srp_net *sn)
{
	struct srp_uplink *up, *up_next;
	struct srp_vnf *vnf, *vnf_next;
	struct srp_sid *sid, *sid_next;
	bool any = false;

	list_for_each_entry_safe(sid, sid_next, &sn->sid_list, node) {
		if (!sid->leaving)
			continue;
		srp_config_end_sid(sn, sid);
		any = true;
	}
	list_for_each_entry_safe(vnf, vnf_next, &sn->vnfs, node) {
		if (!vnf->tx.leaving)
			continue;
		WARN_ON_ONCE(srp_config_end_vnf(vnf, NULL));
		any = true;
	}
	list_for_each_entry_safe(up, up_next, &sn->uplinks, node) {
		if (!up->port.leaving)
			continue;
		WARN_ON_ONCE(srp_config_end_uplink(up, NULL));
		any = true;
	}
	return any;
}

static void srp_txn_make(struct srp_net *sn, struct srp_txn *txn)
{
	struct srp_item settings = { .kind = SRP_KIND_SETTINGS };
	struct srp_item *item;
	bool any = false;

	srp_settings_default(&settings.settings);
	list_for_each_entry(item, &txn->items, node) {
		if (item->kind == SRP_KIND_SETTINGS)
			settings.settings = item->settings;
		else
			any |= srp_item_commit(sn, item);
	}
	any |= srp_txn_remove_leaving(sn);
	any |= srp_item_commit(sn, &settings);
	sn->generation += any;
}

/**
 * srp_txn_commit() - make what is staged the configuration
 * @sn: the namespace
 * @portid: the socket
 * @extack: where a refusal is explained
 *
 * The transaction is over either way.
 *
 * Context: process, without RTNL.
 * Return: 0 or a negative errno, with nothing changed.
 */
int srp_txn_commit(struct srp_net *sn, u32 portid,
		   struct netlink_ext_ack *extack)
{
	struct srp_txn *txn = srp_txn_take(sn, portid);
	int err = -EBUSY;

	if (!txn) {
		NL_SET_ERR_MSG(extack, "no transaction is under way");
		return -ENOENT;
	}
	srp_txn_settle(txn);
	rtnl_lock();
	if (txn->generation != sn->generation)
		NL_SET_ERR_MSG(extack,
			       "the configuration changed since the transaction began");
	else
		err = srp_txn_prepare(sn, txn, extack);
	if (!err)
		srp_txn_make(sn, txn);
	rtnl_unlock();
	srp_txn_free(txn);
	return err;
}

/**
 * srp_txn_abort() - drop what is staged
 * @sn: the namespace
 * @portid: the socket
 * @extack: where a refusal is explained
 *
 * Return: 0 or -ENOENT.
 */
int srp_txn_abort(struct srp_net *sn, u32 portid,
		  struct netlink_ext_ack *extack)
{
	struct srp_txn *txn = srp_txn_take(sn, portid);

	if (!txn) {
		NL_SET_ERR_MSG(extack, "no transaction is under way");
		return -ENOENT;
	}
	srp_txn_free(txn);
	return 0;
}

/**
 * srp_txn_drop_all() - drop every transaction, when the namespace ends
 * @sn: the namespace
 */
void srp_txn_drop_all(struct srp_net *sn)
{
	struct srp_txn *txn, *next;

	mutex_lock(&srp_txn_mutex);
	list_for_each_entry_safe(txn, next, &sn->txns, node) {
		list_del(&txn->node);
		srp_txn_free(txn);
	}
	mutex_unlock(&srp_txn_mutex);
}

static int srp_txn_socket_event(struct notifier_block *nb,
				unsigned long event, void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct srp_txn *txn;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	txn = srp_txn_take(srp_net(n->net), n->portid);
	if (txn)
		srp_txn_free(txn);
	srp_wires_release(srp_net(n->net), n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block srp_txn_notifier = {
	.notifier_call = srp_txn_socket_event,
};

/**
 * srp_txn_init() - begin to watch sockets
 *
 * Return: 0 or a negative errno.
 */
int srp_txn_init(void)
{
	return netlink_register_notifier(&srp_txn_notifier);
}

/** srp_txn_exit() - watch sockets no more */
void srp_txn_exit(void)
{
	netlink_unregister_notifier(&srp_txn_notifier);
}
