// SPDX-License-Identifier: GPL-2.0-only
/* Messages about flows: dumps, by a hand in each vnf's list, and events. */
#include <linux/slab.h>
#include <net/sock.h>

#include "app.h"
#include "flow.h"
#include "label.h"
#include "netlink.h"
#include "sid.h"
#include "special.h"
#include "uplink.h"
#include "vnf.h"

#define SRP_DUMP_BATCH	64	/* flows filled under one lock */

/**
 * struct srp_dump - a dump of flows under way, in netlink_callback.args[0]
 * @sn: the namespace
 * @vnf: the vnf that the hand is in, held; NULL between two
 * @only_vnf: the vnf asked for, by id; 0 for all
 * @sid: the label asked for; 0 for all
 * @after: id of the last vnf that is done
 * @unknown: attribute of a vnf that is not known; kernels before 6.2 have no
 *	extack for the start of a dump, so its first message is the refusal
 * @hand: where the dump is; flows only join behind it, so that none that
 *	lives throughout is missed, and none is shown twice
 */
struct srp_dump {
	struct srp_net *sn;
	struct srp_vnf *vnf;
	u32 only_vnf;
	u32 sid;
	u32 after;
	const struct nlattr *unknown;
	struct srp_link hand;
};

static int srp_fill_address(struct sk_buff *msg, int attr, u8 family,
			    const struct in6_addr *addr)
{
	switch (family) {
	case AF_INET:
		return nla_put_in_addr(msg, attr, addr->s6_addr32[0]);
	case AF_PACKET:
		return nla_put(msg, attr, ETH_ALEN, addr);
	}
	return nla_put_in6_addr(msg, attr, addr);
}

static int srp_fill_key(struct sk_buff *msg, const struct srp_key *key)
{
	u16 sport = 0, dport = 0;

	if (!key->family)
		return nla_put_u16(msg, SRPROXY_A_FLOW_VLAN, key->vid);
	if (srp_fill_address(msg, SRPROXY_A_FLOW_SRC, key->family,
			     &key->src) ||
	    srp_fill_address(msg, SRPROXY_A_FLOW_DST, key->family,
			     &key->dst) ||
	    (key->vid && nla_put_u16(msg, SRPROXY_A_FLOW_VLAN, key->vid)))
		return -EMSGSIZE;
	if (key->family == AF_PACKET)
		return nla_put_u16(msg, SRPROXY_A_FLOW_ETHER_TYPE,
				   ntohs(key->sport));
	if (nla_put_u8(msg, SRPROXY_A_FLOW_PROTO, key->proto))
		return -EMSGSIZE;
	if (srp_key_has_spi(key))
		return nla_put_u32(msg, SRPROXY_A_FLOW_SPI,
				   be32_to_cpu(key->spi));
	/* what stands there of an ICMP error says nothing to anybody */
	if (!srp_key_is_error(key)) {
		sport = ntohs(key->sport);
		dport = ntohs(key->dport);
	}
	if (nla_put_u16(msg, SRPROXY_A_FLOW_SPORT, sport) ||
	    nla_put_u16(msg, SRPROXY_A_FLOW_DPORT, dport))
		return -EMSGSIZE;
	return 0;
}

/* Entropy labels as they are put on for this flow. */
static void srp_show_entropy(const struct srp_flow *flow,
			     const struct srp_stack *stack, u32 *label)
{
	int i;

	for (i = 0; i + 1 < stack->depth; i++) {
		if (!srp_special_pair(stack->lse[i]))
			continue;
		i++;
		if (label[i - 1] == MPLS_LABEL_ENTROPY)
			label[i] = srp_special_entropy(flow->key.hash);
	}
}

static int srp_fill_stack(struct sk_buff *msg, const struct srp_flow *flow,
			  const struct srp_stack *stack)
{
	struct nlattr *attr;
	u32 *label;
	int i;

	attr = nla_reserve(msg, SRPROXY_A_FLOW_LABELS,
			   stack->depth * sizeof(u32));
	if (!attr)
		return -EMSGSIZE;
	label = nla_data(attr);
	for (i = 0; i < stack->depth; i++)
		label[i] = srp_lse_label(stack->lse[i]);
	if (stack->odd)
		srp_show_entropy(flow, stack, label);
	return nla_put_string(msg, SRPROXY_A_FLOW_UPLINK,
			      stack->uplink->port.name);
}

/* What the function sees of the flow. */
static int srp_fill_pool(struct sk_buff *msg, const struct srp_app *app,
			 const struct srp_flow *flow)
{
	struct in6_addr addr;
	__be16 port;

	srp_pool_place(&app->pool, flow->port, &addr, &port);
	return srp_fill_address(msg, SRPROXY_A_FLOW_POOL, app->family,
				&addr) ?:
	       nla_put_u16(msg, SRPROXY_A_FLOW_POOL_PORT, ntohs(port));
}

static u32 srp_flow_flags(const struct srp_flow *flow, bool gone)
{
	return (flow->flags & SRP_FLOW_PROTECTED ?
		SRPROXY_FLOW_FLAG_PROTECTED : 0) |
	       (flow->flags & SRP_FLOW_CONFLICT ?
		SRPROXY_FLOW_FLAG_CONFLICT : 0) |
	       (gone ? SRPROXY_FLOW_FLAG_GONE : 0);
}

/* One flow, under its vnf's lock. */
static int srp_fill_flow(struct sk_buff *msg, const struct srp_flow *flow,
			 bool gone)
{
	const struct srp_stack *stack = rcu_dereference_protected(flow->stack,
								  1);
	const struct srp_app *app = stack->binding->vnf->app;
	u32 idle = srp_flow_idle(flow, (u32)jiffies);

	if (nla_put_string(msg, SRPROXY_A_FLOW_VNF,
			   stack->binding->vnf->cfg.name) ||
	    nla_put_u32(msg, SRPROXY_A_FLOW_SID, stack->binding->label) ||
	    srp_fill_key(msg, &flow->key) || srp_fill_stack(msg, flow, stack) ||
	    (app && srp_fill_pool(msg, app, flow)) ||
	    nla_put_u32(msg, SRPROXY_A_FLOW_IDLE_MS, jiffies_to_msecs(idle)) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_FLOW_PACKETS,
			      READ_ONCE(flow->packets), SRPROXY_A_FLOW_PAD) ||
	    nla_put_u32(msg, SRPROXY_A_FLOW_FLAGS,
			srp_flow_flags(flow, gone)) ||
	    nla_put_u8(msg, SRPROXY_A_FLOW_TTL, flow->ttl) ||
	    nla_put_u8(msg, SRPROXY_A_FLOW_TC, flow->tc))
		return -EMSGSIZE;
	return 0;
}

/* Listeners are told that they missed something. */
static void srp_flow_event_lost(struct srp_net *sn)
{
	genl_set_err(&srp_nl_family, sn->net, 0, SRPROXY_NLGRP_FLOW, -ENOBUFS);
}

/**
 * srp_notify_flow() - a flow was made, changed its stack or ended
 * @sn: the namespace
 * @flow: the flow
 * @gone: it ended
 *
 * Context: any but hard interrupt; costs a test where nobody listens.
 */
void srp_notify_flow(struct srp_net *sn, const struct srp_flow *flow,
		     bool gone)
{
	struct sk_buff *msg;
	void *hdr;

	if (likely(!genl_has_listeners(&srp_nl_family, sn->net,
				       SRPROXY_NLGRP_FLOW)))
		return;
	msg = nlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);
	if (!msg) {
		srp_flow_event_lost(sn);
		return;
	}
	hdr = genlmsg_put(msg, 0, 0, &srp_nl_family, 0, SRPROXY_CMD_FLOW_NTF);
	if (srp_fill_flow(msg, flow, gone)) {
		nlmsg_free(msg);
		srp_flow_event_lost(sn);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&srp_nl_family, sn->net, msg, 0,
				SRPROXY_NLGRP_FLOW, GFP_ATOMIC);
}

static void srp_dump_filter(struct srp_dump *dump, struct nlattr **attrs)
{
	char name[SRPROXY_NAME_MAX + 1];
	struct srp_vnf *vnf;

	if (attrs[SRPROXY_A_FLOW_SID])
		dump->sid = nla_get_u32(attrs[SRPROXY_A_FLOW_SID]);
	if (!attrs[SRPROXY_A_FLOW_VNF])
		return;
	nla_strscpy(name, attrs[SRPROXY_A_FLOW_VNF], sizeof(name));
	rtnl_lock();
	vnf = srp_vnf_find(dump->sn, name);
	if (vnf)
		dump->only_vnf = vnf->id;
	rtnl_unlock();
	if (!vnf)
		dump->unknown = attrs[SRPROXY_A_FLOW_VNF];
}

/**
 * srproxy_nl_flow_get_start() - begin a dump of flows
 * @cb: the dump
 *
 * Return: 0 or -ENOMEM.
 */
int srproxy_nl_flow_get_start(struct netlink_callback *cb)
{
	struct srp_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);

	if (!dump)
		return -ENOMEM;
	dump->sn = srp_net(sock_net(cb->skb->sk));
	srp_dump_filter(dump, srp_dump_attrs(genl_dumpit_info(cb)));
	cb->args[0] = (unsigned long)dump;
	return 0;
}

/* Go to the next vnf and put the hand in. Return: false if there is none. */
static bool srp_dump_enter(struct srp_dump *dump)
{
	struct srp_vnf *vnf;

	rcu_read_lock();
	list_for_each_entry_rcu(vnf, &dump->sn->vnfs, node)
		if (vnf->id > dump->after &&
		    (!dump->only_vnf || vnf->id == dump->only_vnf) &&
		    srp_vnf_get(vnf)) {
			dump->vnf = vnf;
			break;
		}
	rcu_read_unlock();
	if (!dump->vnf)
		return false;
	spin_lock_bh(&vnf->flow_lock);
	srp_flow_hand_add(vnf, &dump->hand);
	spin_unlock_bh(&vnf->flow_lock);
	return true;
}

static void srp_dump_leave(struct srp_dump *dump)
{
	struct srp_vnf *vnf = dump->vnf;

	spin_lock_bh(&vnf->flow_lock);
	srp_flow_hand_del(vnf, &dump->hand);
	spin_unlock_bh(&vnf->flow_lock);
	dump->after = vnf->id;
	dump->vnf = NULL;
	srp_vnf_put(vnf);
}

static int srp_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			const struct srp_flow *flow)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &srp_nl_family, NLM_F_MULTI, SRPROXY_CMD_FLOW_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (srp_fill_flow(skb, flow, false)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static bool srp_dump_wants(const struct srp_dump *dump,
			   const struct srp_flow *flow)
{
	const struct srp_stack *stack = rcu_dereference_protected(flow->stack,
								  1);

	if (srp_flow_expired(dump->sn, flow))
		return false;
	return !dump->sid || dump->sid == stack->binding->label;
}

/* One batch. Return: 1 if there may be more of this vnf, 0 if not, -EMSGSIZE
 * if the message is full: the hand then stands before what did not fit.
 */
static int srp_dump_batch(struct sk_buff *skb, struct netlink_callback *cb,
			  struct srp_dump *dump)
{
	struct srp_flow *flow;
	int i;

	lockdep_assert_held(&dump->vnf->flow_lock);
	for (i = 0; i < SRP_DUMP_BATCH; i++) {
		flow = srp_flow_hand_next(dump->vnf, &dump->hand);
		if (!flow)
			return 0;
		if (!srp_dump_wants(dump, flow))
			continue;
		if (srp_dump_one(skb, cb, flow)) {
			list_move_tail(&dump->hand.list, &flow->link.list);
			return -EMSGSIZE;
		}
	}
	return 1;
}

/**
 * srproxy_nl_flow_get_dumpit() - go on with a dump of flows
 * @skb: the message to fill
 * @cb: the dump
 *
 * Return: octets filled in, 0 at the end, or a negative errno.
 */
int srproxy_nl_flow_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	struct srp_dump *dump = (struct srp_dump *)cb->args[0];
	int more;

	if (dump->unknown) {
		NL_SET_ERR_MSG_ATTR(cb->extack, dump->unknown,
				    "no vnf has this name");
		return -ENOENT;
	}
	while (dump->vnf || srp_dump_enter(dump)) {
		spin_lock_bh(&dump->vnf->flow_lock);
		more = srp_dump_batch(skb, cb, dump);
		spin_unlock_bh(&dump->vnf->flow_lock);
		if (more < 0)
			return skb->len ?: more;
		if (!more)
			srp_dump_leave(dump);
		cond_resched();
	}
	return skb->len;
}

/**
 * srproxy_nl_flow_get_done() - end a dump of flows, finished or not
 * @cb: the dump
 *
 * Return: 0.
 */
int srproxy_nl_flow_get_done(struct netlink_callback *cb)
{
	struct srp_dump *dump = (struct srp_dump *)cb->args[0];

	if (!dump)
		return 0;
	if (dump->vnf)
		srp_dump_leave(dump);
	kfree(dump);
	return 0;
}
