// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests. Each takes RTNL, because what it names are devices; dumps of
 * objects take it as well, so they are whole. Generation in cb->seq tells a
 * reader of several messages that the configuration moved in between.
 */
#include <linux/rtnetlink.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "config.h"
#include "flow.h"
#include "latency.h"
#include "netlink.h"
#include "netlink_parse.h"
#include "txn.h"

typedef struct srp_item *(*srp_parse_fn)(struct srp_net *sn,
					 struct genl_info *info, bool set);

static struct srp_net *srp_info_net(struct genl_info *info)
{
	return srp_net(genl_info_net(info));
}

/* All requests of one send wait until the same time: that is kept in its
 * packet, where nobody else needs it.
 */
static unsigned long srp_send_until(struct sk_buff *skb)
{
	ktime_t now = ktime_get();

	if (!skb->tstamp)
		skb->tstamp = ktime_add_ms(now, SRP_CONNECT_MS);
	return jiffies + (ktime_before(now, skb->tstamp) ?
			  nsecs_to_jiffies(ktime_sub(skb->tstamp, now)) : 0);
}

/* Connect to a function, with RTNL let go: that can take seconds, and others
 * can change the configuration meanwhile. A transaction is not held up by a
 * function that cannot be reached now.
 */
static int srp_connect(struct srp_net *sn, struct srp_item *item,
		       struct sk_buff *skb, struct genl_info *info)
{
	const struct srp_attach_ops *ops = srp_attach_ops(item->vnf.type);
	bool staged = srp_txn_open(sn, info->snd_portid);
	struct srp_wire *wire;

	item->passed.later = staged;
	item->passed.until = staged ? srp_txn_until(sn, info->snd_portid) :
				      srp_send_until(skb);
	rtnl_unlock();
	wire = ops->open(sn, &item->vnf, &item->passed, info->extack);
	rtnl_lock();
	if (!IS_ERR(wire)) {
		item->wire = wire;
		if (staged || !srp_vnf_find(sn, item->vnf.name))
			return 0;
		GENL_SET_ERR_MSG(info, "the object exists already");
		return -EEXIST;
	}
	item->unreached = PTR_ERR(wire);
	if (staged && item->unreached != -ERESTARTSYS)
		return 0;
	item->fault = item->attr[SRP_PART_REMOTE];
	return PTR_ERR(wire);
}

/* A transaction says what there is to be: nothing in it is set or removed. */
static int srp_not_staged(struct genl_info *info)
{
	if (!srp_txn_open(srp_info_net(info), info->snd_portid))
		return 0;
	GENL_SET_ERR_MSG(info,
			 "a transaction only takes whole objects and settings");
	return -EOPNOTSUPP;
}

/* Parse, then stage if there is a transaction on the socket, else make it.
 * @set: an object that there is changes.
 */
static int srp_change(struct sk_buff *skb, struct genl_info *info,
		      srp_parse_fn parse, bool set)
{
	struct srp_net *sn = srp_info_net(info);
	struct srp_item *item;
	int err = 0;

	rtnl_lock();
	item = set && srp_not_staged(info) ? ERR_PTR(-EOPNOTSUPP) :
					     parse(sn, info, set);
	if (IS_ERR(item)) {
		rtnl_unlock();
		return PTR_ERR(item);
	}
	if (item->connects)
		err = srp_connect(sn, item, skb, info);
	if (!err)
		err = srp_txn_stage(sn, info->snd_portid, item, info->extack);
	if (err > 0) {
		rtnl_unlock();
		return 0;
	}
	if (!err)
		err = srp_item_apply(sn, item, info->extack);
	if (err && item->fault)
		NL_SET_BAD_ATTR(info->extack,
				(void *)info->nlhdr + item->fault);
	srp_item_free(item);
	rtnl_unlock();
	return err;
}

int srproxy_nl_uplink_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_change(skb, info, srp_parse_uplink, false);
}

int srproxy_nl_uplink_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_change(skb, info, srp_parse_uplink, true);
}

int srproxy_nl_vnf_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_change(skb, info, srp_parse_vnf, false);
}

int srproxy_nl_vnf_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_change(skb, info, srp_parse_vnf, true);
}

int srproxy_nl_sid_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_change(skb, info, srp_parse_sid, false);
}

int srproxy_nl_sid_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_change(skb, info, srp_parse_sid, true);
}

int srproxy_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_change(skb, info, srp_parse_settings, false);
}

/* The objects that a request names, under RTNL. NULL with extack if not. */

static struct srp_uplink *srp_named_uplink(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[SRPROXY_A_UPLINK_DEV];
	struct srp_uplink *up = NULL;
	char name[IFNAMSIZ];

	if (attr) {
		nla_strscpy(name, attr, sizeof(name));
		up = srp_uplink_find(srp_info_net(info), name);
	}
	if (!up)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no uplink has this device");
	return up;
}

static struct srp_vnf *srp_named_vnf(struct genl_info *info, int attr_type)
{
	struct nlattr *attr = info->attrs[attr_type];
	char name[SRPROXY_NAME_MAX + 1];
	struct srp_vnf *vnf = NULL;

	if (attr) {
		nla_strscpy(name, attr, sizeof(name));
		vnf = srp_vnf_find(srp_info_net(info), name);
	}
	if (!vnf)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no vnf has this name");
	return vnf;
}

static struct srp_sid *srp_named_sid(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[SRPROXY_A_SID_LABEL];
	struct srp_sid *sid = NULL;

	if (attr)
		sid = srp_sid_find(srp_info_net(info), nla_get_u32(attr));
	if (!sid)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no sid has this label");
	return sid;
}

int srproxy_nl_uplink_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct srp_uplink *up;
	int err = srp_not_staged(info);

	if (err)
		return err;
	rtnl_lock();
	up = srp_named_uplink(info);
	err = up ? srp_config_end_uplink(up, info->extack) : -ENOENT;
	if (err == -EBUSY)
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[SRPROXY_A_UPLINK_DEV]);
	if (!err)
		srp_info_net(info)->generation++;
	rtnl_unlock();
	return err;
}

int srproxy_nl_vnf_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct srp_vnf *vnf;
	int err = srp_not_staged(info);

	if (err)
		return err;
	rtnl_lock();
	vnf = srp_named_vnf(info, SRPROXY_A_VNF_NAME);
	err = vnf ? srp_config_end_vnf(vnf, info->extack) : -ENOENT;
	if (err == -EBUSY)
		NL_SET_BAD_ATTR(info->extack, info->attrs[SRPROXY_A_VNF_NAME]);
	if (!err)
		srp_info_net(info)->generation++;
	rtnl_unlock();
	return err;
}

int srproxy_nl_sid_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct srp_net *sn = srp_info_net(info);
	struct srp_sid *sid;
	int err = srp_not_staged(info);

	if (err)
		return err;
	rtnl_lock();
	sid = srp_named_sid(info);
	if (sid) {
		sn->generation++;
		srp_config_end_sid(sn, sid);
	}
	rtnl_unlock();
	return sid ? 0 : -ENOENT;
}

int srproxy_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct srp_net *sn = srp_info_net(info);
	struct srp_vnf *vnf;
	int err = 0;

	rtnl_lock();
	if (!info->attrs[SRPROXY_A_FLOW_VNF]) {
		list_for_each_entry(vnf, &sn->vnfs, node)
			srp_flow_flush(vnf);
	} else {
		vnf = srp_named_vnf(info, SRPROXY_A_FLOW_VNF);
		if (vnf)
			srp_flow_flush(vnf);
		else
			err = -ENOENT;
	}
	rtnl_unlock();
	return err;
}

/* Connect with RTNL let go; the vnf may be another one after that, or gone. */
static struct srp_wire *srp_reconnect_open(struct srp_vnf *vnf,
					   struct sk_buff *skb,
					   struct genl_info *info)
{
	const struct nlattr *fd = info->attrs[SRPROXY_A_VNF_FD];
	const struct srp_passed passed = {
		.fd = fd ? nla_get_u32(fd) : -1,
		.portid = info->snd_portid,
		.until = srp_send_until(skb),
	};
	const struct srp_attach_ops *ops = vnf->ops;
	struct srp_vnf_cfg *cfg;
	struct srp_wire *wire;

	if (!ops->open)
		return NULL;
	cfg = kmemdup(&vnf->cfg, sizeof(vnf->cfg), GFP_KERNEL);
	if (!cfg)
		return ERR_PTR(-ENOMEM);
	rtnl_unlock();
	wire = ops->open(srp_info_net(info), cfg, &passed, info->extack);
	rtnl_lock();
	kfree(cfg);
	return wire;
}

/* Give the vnf what came of connecting; NULL if it has gone meanwhile. */
static int srp_reconnect_end(struct srp_vnf *vnf, struct srp_wire *wire,
			     struct genl_info *info)
{
	int err;

	if (IS_ERR(wire)) {
		if (vnf)
			srp_wire_failed(vnf, PTR_ERR(wire));
		return PTR_ERR(wire);
	}
	if (vnf) {
		err = vnf->ops->reconnect(vnf, wire, info->extack);
	} else {
		GENL_SET_ERR_MSG(info, "the vnf was removed meanwhile");
		err = -ENOENT;
	}
	if (err && wire)
		srp_wire_discard(wire);
	return err;
}

static int srp_reconnect(struct srp_vnf *vnf, struct sk_buff *skb,
			 struct genl_info *info)
{
	char name[SRPROXY_NAME_MAX + 1];
	struct srp_wire *wire;
	u32 id = vnf->id;
	int err;

	if (!vnf->ops || !vnf->ops->reconnect) {
		SRP_REFUSE(info, SRPROXY_A_VNF_NAME,
			   "this vnf is not behind a socket");
		return -EOPNOTSUPP;
	}
	if (info->attrs[SRPROXY_A_VNF_FD] && !vnf->cfg.place.tls) {
		SRP_REFUSE(info, SRPROXY_A_VNF_FD,
			   "a socket is passed with tls only");
		return -EINVAL;
	}
	strscpy(name, vnf->cfg.name, sizeof(name));
	wire = srp_reconnect_open(vnf, skb, info);
	vnf = srp_vnf_find(srp_info_net(info), name);
	if (vnf && vnf->id != id)
		vnf = NULL;
	err = srp_reconnect_end(vnf, wire, info);
	if (vnf)
		srp_vnf_report(vnf);
	return err;
}

int srproxy_nl_vnf_reconnect_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct srp_vnf *vnf;
	int err = srp_not_staged(info);

	if (err)
		return err;
	rtnl_lock();
	vnf = srp_named_vnf(info, SRPROXY_A_VNF_NAME);
	err = vnf ? srp_reconnect(vnf, skb, info) : -ENOENT;
	rtnl_unlock();
	return err;
}

/* A reply of one message, under way. */
static struct sk_buff *srp_reply_start(struct genl_info *info, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &srp_nl_family, 0,
				 info->genlhdr->cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int srp_reply_end(struct genl_info *info, struct sk_buff *msg,
			 void *hdr, int err)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int srproxy_nl_uplink_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct srp_uplink *up;
	int err = -ENOENT;
	struct sk_buff *msg;
	void *hdr;

	msg = srp_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	up = srp_named_uplink(info);
	if (up)
		err = srp_fill_uplink(msg, up);
	rtnl_unlock();
	return srp_reply_end(info, msg, hdr, err);
}

int srproxy_nl_vnf_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct srp_vnf *vnf;
	int err = -ENOENT;
	struct sk_buff *msg;
	void *hdr;

	msg = srp_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	vnf = srp_named_vnf(info, SRPROXY_A_VNF_NAME);
	if (vnf)
		err = srp_fill_vnf(msg, vnf);
	rtnl_unlock();
	return srp_reply_end(info, msg, hdr, err);
}

/* A sid of many members does not fit a message of the usual size. */
int srproxy_nl_sid_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(SZ_32K + SZ_32K, GFP_KERNEL);
	struct srp_sid *sid;
	int err = -ENOENT;
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &srp_nl_family, 0,
				info->genlhdr->cmd);
	rtnl_lock();
	sid = srp_named_sid(info);
	if (sid)
		err = srp_fill_sid(msg, sid);
	rtnl_unlock();
	return srp_reply_end(info, msg, hdr, err);
}

int srproxy_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = srp_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	err = srp_fill_config(msg, srp_info_net(info));
	rtnl_unlock();
	return srp_reply_end(info, msg, hdr, err);
}

static int srp_fill_drops(struct sk_buff *msg, const struct srp_net_sums *sums,
			  const struct srp_net_sums *reset)
{
	struct nlattr *nest;
	int i;

	for (i = SRP_DROP_NONE + 1; i < SRP_DROP_COUNT; i++) {
		nest = nla_nest_start(msg, SRPROXY_A_STATS_DROP);
		if (!nest ||
		    nla_put_string(msg, SRPROXY_A_DROP_NAME,
				   srp_drop_name(i)) ||
		    nla_put_u64_64bit(msg, SRPROXY_A_DROP_PACKETS,
				      sums->drop[i] - reset->drop[i],
				      SRPROXY_A_DROP_PAD))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int srp_fill_stats(struct sk_buff *msg, struct srp_net *sn)
{
	const struct srp_net_sums *reset = &sn->reset;
	struct srp_net_sums sums;

	srp_net_counters_sum(sn->counters, &sums);
	if (srp_fill_drops(msg, &sums, reset) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_STATS_FLOWS,
			      atomic_read(&sn->nflows), SRPROXY_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_STATS_FLOWS_CREATED,
			      sums.flows_created - reset->flows_created,
			      SRPROXY_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_STATS_FLOWS_EXPIRED,
			      sums.flows_expired - reset->flows_expired,
			      SRPROXY_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_STATS_FLOWS_EVICTED,
			      sums.flows_evicted - reset->flows_evicted,
			      SRPROXY_A_STATS_PAD) ||
	    nla_put_u32(msg, SRPROXY_A_STATS_FLOW_SIZE, srp_flow_size()) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_STATS_ICMP_SENT,
			      sums.icmp_sent - reset->icmp_sent,
			      SRPROXY_A_STATS_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_STATS_ICMP_SUPPRESSED,
			      sums.icmp_suppressed - reset->icmp_suppressed,
			      SRPROXY_A_STATS_PAD))
		return -EMSGSIZE;
	return 0;
}

int srproxy_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = srp_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	err = srp_fill_stats(msg, srp_info_net(info));
	rtnl_unlock();
	return srp_reply_end(info, msg, hdr, err);
}

/* Counters are never written by readers: the sums of now are taken off. */
static void srp_reset(struct srp_net *sn)
{
	struct srp_prober *prober;
	struct srp_binding *b;
	struct srp_uplink *up;
	struct srp_vnf *vnf;

	srp_net_counters_sum(sn->counters, &sn->reset);
	list_for_each_entry(up, &sn->uplinks, node)
		srp_counters_sum(up->stats, &up->reset);
	list_for_each_entry(vnf, &sn->vnfs, node) {
		srp_vnf_sum(vnf, &vnf->reset);
		srp_latency_reset(vnf);
		prober = rtnl_dereference(vnf->prober);
		if (prober)
			srp_prober_reset(prober);
		spin_lock_bh(&vnf->sum_lock);
		list_for_each_entry(b, &vnf->bindings, node)
			srp_counters_sum(b->stats, &b->reset);
		spin_unlock_bh(&vnf->sum_lock);
	}
}

int srproxy_nl_stats_reset_doit(struct sk_buff *skb, struct genl_info *info)
{
	rtnl_lock();
	srp_reset(srp_info_net(info));
	rtnl_unlock();
	return 0;
}

int srproxy_nl_txn_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	u32 generation;
	void *hdr;
	int err;

	msg = srp_reply_start(info, &hdr);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	err = srp_txn_begin(srp_info_net(info), info->snd_portid, info->extack,
			    &generation);
	rtnl_unlock();
	if (!err)
		err = nla_put_u32(msg, SRPROXY_A_TXN_GENERATION, generation);
	return srp_reply_end(info, msg, hdr, err);
}

int srproxy_nl_txn_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_txn_commit(srp_info_net(info), info->snd_portid,
			      info->extack);
}

int srproxy_nl_txn_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	return srp_txn_abort(srp_info_net(info), info->snd_portid,
			     info->extack);
}

static void *srp_dump_hdr(struct sk_buff *skb, struct netlink_callback *cb,
			  const struct srp_net *sn, u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &srp_nl_family,
				NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

typedef int (*srp_fill_fn)(struct sk_buff *msg, struct list_head *node);

static int srp_dump_object(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct srp_net *sn, u8 cmd, srp_fill_fn fill,
			   struct list_head *node)
{
	void *hdr = srp_dump_hdr(skb, cb, sn, cmd);

	if (!hdr)
		return -EMSGSIZE;
	if (fill(skb, node)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* A dump of the objects of a list: how many are done is in args[0]. */
static int srp_dump_list(struct sk_buff *skb, struct netlink_callback *cb,
			 struct list_head *list, u8 cmd, srp_fill_fn fill)
{
	struct srp_net *sn = srp_net(sock_net(cb->skb->sk));
	struct list_head *node;
	long i = 0;
	int err = 0;

	rtnl_lock();
	/* also where there is nothing left to show: objects may be gone */
	cb->seq = sn->generation ?: 1;
	list_for_each(node, list) {
		if (i >= cb->args[0])
			err = srp_dump_object(skb, cb, sn, cmd, fill, node);
		if (err)
			break;
		i++;
	}
	rtnl_unlock();
	cb->args[0] = i;
	return skb->len ?: err;
}

static int srp_fill_uplink_node(struct sk_buff *msg, struct list_head *node)
{
	return srp_fill_uplink(msg, list_entry(node, struct srp_uplink, node));
}

static int srp_fill_vnf_node(struct sk_buff *msg, struct list_head *node)
{
	return srp_fill_vnf(msg, list_entry(node, struct srp_vnf, node));
}

static int srp_fill_sid_node(struct sk_buff *msg, struct list_head *node)
{
	return srp_fill_sid(msg, list_entry(node, struct srp_sid, node));
}

int srproxy_nl_uplink_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	return srp_dump_list(skb, cb, &srp_net(sock_net(cb->skb->sk))->uplinks,
			     SRPROXY_CMD_UPLINK_GET, srp_fill_uplink_node);
}

int srproxy_nl_vnf_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return srp_dump_list(skb, cb, &srp_net(sock_net(cb->skb->sk))->vnfs,
			     SRPROXY_CMD_VNF_GET, srp_fill_vnf_node);
}

/* A sid with all its instances has to have room in one message. */
int srproxy_nl_sid_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = SZ_32K;
	return 0;
}

int srproxy_nl_sid_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return srp_dump_list(skb, cb,
			     &srp_net(sock_net(cb->skb->sk))->sid_list,
			     SRPROXY_CMD_SID_GET, srp_fill_sid_node);
}

struct genl_family srp_nl_family __ro_after_init = {
	.name		= SRPROXY_FAMILY_NAME,
	.version	= SRPROXY_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= srproxy_nl_ops,
	.n_ops		= ARRAY_SIZE(srproxy_nl_ops),
	.mcgrps		= srproxy_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(srproxy_nl_mcgrps),
};

/**
 * srp_nl_init() - take requests from here on
 *
 * Return: 0 or a negative errno.
 */
int __init srp_nl_init(void)
{
	return genl_register_family(&srp_nl_family);
}

/** srp_nl_exit() - take no more requests */
void srp_nl_exit(void)
{
	genl_unregister_family(&srp_nl_family);
}
