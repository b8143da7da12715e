// SPDX-License-Identifier: GPL-2.0-only
/* Messages about objects: one function fills replies and notifications. */
#include "config.h"
#include "flow.h"
#include "latency.h"
#include "netlink.h"
#include "netlink_parse.h"

static int srp_put_u64(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put_u64_64bit(msg, attr, value, SRPROXY_A_COUNTERS_PAD);
}

/**
 * srp_fill_counters() - put a nest of counters
 * @msg: the message
 * @attr: attribute of the nest
 * @sums: the counters
 *
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_counters(struct sk_buff *msg, int attr,
		      const struct srp_sums *sums)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	if (!nest)
		return -EMSGSIZE;
	if (srp_put_u64(msg, SRPROXY_A_COUNTERS_RX_PACKETS,
			sums->rx_packets) ||
	    srp_put_u64(msg, SRPROXY_A_COUNTERS_RX_BYTES, sums->rx_bytes) ||
	    srp_put_u64(msg, SRPROXY_A_COUNTERS_TX_PACKETS,
			sums->tx_packets) ||
	    srp_put_u64(msg, SRPROXY_A_COUNTERS_TX_BYTES, sums->tx_bytes) ||
	    srp_put_u64(msg, SRPROXY_A_COUNTERS_MISS, sums->miss))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * srp_fill_via() - put an address, if there is one
 * @msg: the message
 * @via: the address
 * @inet: attribute of an IPv4 address
 * @inet6: attribute of an IPv6 address
 * @lladdr: attribute of a link-layer address
 *
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_via(struct sk_buff *msg, const struct srp_via *via, int inet,
		 int inet6, int lladdr)
{
	switch (via->family) {
	case AF_INET:
		return nla_put_in_addr(msg, inet, via->addr.inet);
	case AF_INET6:
		return nla_put_in6_addr(msg, inet6, &via->addr.inet6);
	case AF_PACKET:
		return nla_put(msg, lladdr, ETH_ALEN, via->addr.lladdr);
	}
	return 0;
}

static int srp_fill_uplink_egress(struct sk_buff *msg,
				  const struct srp_uplink *up)
{
	if (nla_put_u32(msg, SRPROXY_A_UPLINK_EGRESS, up->cfg.egress))
		return -EMSGSIZE;
	if (up->cfg.egress != SRPROXY_EGRESS_VIA)
		return 0;
	if (srp_fill_via(msg, &up->cfg.via, SRPROXY_A_UPLINK_VIA_INET,
			 SRPROXY_A_UPLINK_VIA_INET6, 0))
		return -EMSGSIZE;
	return nla_put_string(msg, SRPROXY_A_UPLINK_VIA_DEV,
			      rtnl_dereference(up->egress)->port.name);
}

/**
 * srp_fill_uplink() - put an uplink
 * @msg: the message
 * @up: the uplink
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_uplink(struct sk_buff *msg, const struct srp_uplink *up)
{
	const struct net_device *dev = rtnl_dereference(up->port.dev);
	u32 cause = srp_port_cause(&up->port);
	struct srp_sums sums;

	srp_counters_sum(up->stats, &sums);
	srp_sums_sub(&sums, &up->reset);
	if (nla_put_string(msg, SRPROXY_A_UPLINK_DEV, up->port.name) ||
	    nla_put_u32(msg, SRPROXY_A_UPLINK_IFINDEX,
			dev ? dev->ifindex : 0) ||
	    srp_fill_uplink_egress(msg, up) ||
	    nla_put_u32(msg, SRPROXY_A_UPLINK_STATE,
			cause ? SRPROXY_STATE_DOWN : SRPROXY_STATE_UP) ||
	    nla_put_u32(msg, SRPROXY_A_UPLINK_CAUSE, cause) ||
	    srp_fill_counters(msg, SRPROXY_A_UPLINK_STATS, &sums) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_UPLINK_CHANGED_NS, up->changed,
			      SRPROXY_A_UPLINK_PAD))
		return -EMSGSIZE;
	return 0;
}

static int srp_fill_match(struct sk_buff *msg, const struct srp_vnf_cfg *cfg)
{
	if (nla_put_u32(msg, SRPROXY_A_VNF_MATCH, cfg->match))
		return -EMSGSIZE;
	if (cfg->match == SRPROXY_MATCH_VLAN)
		return nla_put_u32(msg, SRPROXY_A_VNF_VLAN_FIRST,
				   cfg->vlan_first) ||
		       nla_put_u32(msg, SRPROXY_A_VNF_VLAN_LAST,
				   cfg->vlan_last) ? -EMSGSIZE : 0;
	if (cfg->match == SRPROXY_MATCH_STATIC)
		return nla_put(msg, SRPROXY_A_VNF_LABELS,
			       cfg->n_labels * sizeof(u32), cfg->labels) ||
		       nla_put_string(msg, SRPROXY_A_VNF_OUT,
				      cfg->out) ? -EMSGSIZE : 0;
	return 0;
}

static int srp_fill_steer(struct sk_buff *msg, const struct srp_vnf_cfg *cfg)
{
	struct nlattr *nest;
	int i;

	for (i = 0; i <= SRPROXY_DSCP_MAX; i++) {
		if (!cfg->steer[i])
			continue;
		nest = nla_nest_start(msg, SRPROXY_A_VNF_STEER);
		if (!nest || nla_put_u8(msg, SRPROXY_A_STEER_DSCP, i) ||
		    nla_put_u32(msg, SRPROXY_A_STEER_LABEL, cfg->steer[i]))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int srp_fill_vnf_dev(struct sk_buff *msg, const struct srp_vnf_cfg *cfg)
{
	if (!cfg->dev[0])
		return 0;
	if (nla_put_string(msg, SRPROXY_A_VNF_DEV, cfg->dev) ||
	    nla_put_string(msg, SRPROXY_A_VNF_IN, cfg->in))
		return -EMSGSIZE;
	if (cfg->type != SRPROXY_VNF_TYPE_DEV)
		return 0;
	return srp_fill_via(msg, &cfg->via, SRPROXY_A_VNF_VIA_INET,
			    SRPROXY_A_VNF_VIA_INET6, SRPROXY_A_VNF_LLADDR);
}

static int srp_fill_vnf_cfg(struct sk_buff *msg, const struct srp_vnf_cfg *cfg)
{
	if (nla_put_string(msg, SRPROXY_A_VNF_NAME, cfg->name) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_TYPE, cfg->type) ||
	    srp_fill_vnf_dev(msg, cfg) ||
	    srp_fill_match(msg, cfg) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_MTU, cfg->mtu) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_WEIGHT, cfg->weight) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_MAX_FLOWS, cfg->max_flows) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_ON_MISS, cfg->on_miss) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_ADMIN, cfg->admin) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_INNER, cfg->inner))
		return -EMSGSIZE;
	return 0;
}

/* How long the function keeps packets, and what of the samples it lost. */
static int srp_fill_latency(struct sk_buff *msg, const struct srp_vnf *vnf)
{
	struct nlattr *nest = nla_nest_start(msg, SRPROXY_A_VNF_LATENCY);
	struct srp_latency_sums sums;
	u64 count = 0;
	int i;

	if (!nest)
		return -EMSGSIZE;
	srp_latency_since_reset(vnf, &sums);
	for (i = 0; i < SRPROXY_LATENCY_BUCKETS; i++)
		count += sums.bucket[i];
	if (nla_put_u64_64bit(msg, SRPROXY_A_LATENCY_COUNT, count,
			      SRPROXY_A_LATENCY_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_LATENCY_SUM, sums.sum,
			      SRPROXY_A_LATENCY_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_LATENCY_LONGEST, sums.max,
			      SRPROXY_A_LATENCY_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_LATENCY_LOST, sums.lost,
			      SRPROXY_A_LATENCY_PAD) ||
	    nla_put(msg, SRPROXY_A_LATENCY_BUCKETS, sizeof(sums.bucket),
		    sums.bucket))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int srp_fill_vnf_at(struct sk_buff *msg, struct srp_vnf *vnf,
			   const struct srp_change *change)
{
	u32 cause = change->cause;
	struct srp_sums sums;

	srp_vnf_sum(vnf, &sums);
	srp_sums_sub(&sums, &vnf->reset);
	if (srp_fill_vnf_cfg(msg, &vnf->cfg) || srp_fill_place(msg, vnf) ||
	    srp_fill_steer(msg, &vnf->cfg) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_ID, vnf->id) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_STATE,
			cause ? SRPROXY_STATE_DOWN : SRPROXY_STATE_UP) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_CAUSE, cause) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_FLOWS, atomic_read(&vnf->nflows)) ||
	    srp_fill_counters(msg, SRPROXY_A_VNF_STATS, &sums) ||
	    srp_fill_latency(msg, vnf) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_VNF_CHANGED_NS, change->at,
			      SRPROXY_A_VNF_PAD) ||
	    srp_fill_probe(msg, vnf))
		return -EMSGSIZE;
	return 0;
}

/**
 * srp_fill_vnf() - put a vnf
 * @msg: the message
 * @vnf: the vnf
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_vnf(struct sk_buff *msg, struct srp_vnf *vnf)
{
	const struct srp_change now = {
		.at = srp_vnf_changed_at(vnf),
		.cause = srp_vnf_cause(vnf),
	};

	return srp_fill_vnf_at(msg, vnf, &now);
}

static int srp_fill_member(struct sk_buff *msg, const struct srp_binding *b,
			   bool backup, struct srp_sums *total)
{
	struct nlattr *nest = nla_nest_start(msg, SRPROXY_A_SID_MEMBER);
	struct srp_sums sums;

	if (!nest)
		return -EMSGSIZE;
	srp_counters_sum(b->stats, &sums);
	srp_sums_sub(&sums, &b->reset);
	srp_sums_add(total, &sums);
	if (nla_put_string(msg, SRPROXY_A_MEMBER_VNF, b->vnf->cfg.name) ||
	    (backup && nla_put_flag(msg, SRPROXY_A_MEMBER_BACKUP)) ||
	    srp_fill_counters(msg, SRPROXY_A_MEMBER_STATS, &sums))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * srp_fill_sid() - put a sid
 * @msg: the message
 * @sid: the sid
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_sid(struct sk_buff *msg, const struct srp_sid *sid)
{
	struct srp_sums total = {}, rx = {};
	int i;

	if (nla_put_u32(msg, SRPROXY_A_SID_LABEL, sid->label))
		return -EMSGSIZE;
	for (i = 0; i < sid->n_member; i++)
		if (srp_fill_member(msg, sid->member[i], i >= sid->n_primary,
				    &total))
			return -EMSGSIZE;
	if (nla_put_u32(msg, SRPROXY_A_SID_FALLBACK, sid->fallback))
		return -EMSGSIZE;
	if (sid->fallback == SRPROXY_FALLBACK_REROUTE &&
	    nla_put_u32(msg, SRPROXY_A_SID_REROUTE, sid->reroute))
		return -EMSGSIZE;
	/* what was handed to functions for this label was received for it */
	rx.rx_packets = total.tx_packets;
	rx.rx_bytes = total.tx_bytes;
	return srp_fill_counters(msg, SRPROXY_A_SID_STATS, &rx);
}

/**
 * srp_fill_config() - put the settings of a namespace
 * @msg: the message
 * @sn: the namespace
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_config(struct sk_buff *msg, const struct srp_net *sn)
{
	const struct srp_settings *s = &sn->settings;

	if (nla_put_u32(msg, SRPROXY_A_CONFIG_MAX_FLOWS, s->max_flows) ||
	    nla_put_u32(msg, SRPROXY_A_CONFIG_IDLE_TIMEOUT,
			s->idle_timeout) ||
	    nla_put_u32(msg, SRPROXY_A_CONFIG_TTL, s->ttl) ||
	    nla_put_u32(msg, SRPROXY_A_CONFIG_ICMP, s->icmp) ||
	    nla_put_u32(msg, SRPROXY_A_CONFIG_GENERATION, sn->generation) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_CONFIG_MODULE_MAX_FLOWS,
			      srp_flow_total_max(), SRPROXY_A_CONFIG_PAD))
		return -EMSGSIZE;
	return 0;
}

/* A notification under way. */
struct srp_event {
	struct sk_buff *msg;
	void *hdr;
};

/* A sid of many members does not fit a message of the usual size. */
#define SRP_SID_SIZE	(SRPROXY_MEMBERS_MAX * 160)

/* Listeners are told that they missed something. */
static void srp_event_lost(struct srp_net *sn)
{
	genl_set_err(&srp_nl_family, sn->net, 0, SRPROXY_NLGRP_CONFIG,
		     -ENOBUFS);
}

/* Return: false if nobody listens, or there is no memory. */
static bool srp_event_start(struct srp_net *sn, struct srp_event *event,
			    u8 cmd)
{
	size_t size = cmd == SRPROXY_CMD_SID_NTF ? SRP_SID_SIZE :
						   NLMSG_GOODSIZE;

	if (!genl_has_listeners(&srp_nl_family, sn->net,
				SRPROXY_NLGRP_CONFIG))
		return false;
	event->msg = nlmsg_new(size, GFP_KERNEL);
	if (!event->msg) {
		srp_event_lost(sn);
		return false;
	}
	event->hdr = genlmsg_put(event->msg, 0, 0, &srp_nl_family, 0, cmd);
	return true;
}

static void srp_event_send(struct srp_net *sn, struct srp_event *event,
			   int err)
{
	if (err) {
		nlmsg_free(event->msg);
		srp_event_lost(sn);
		return;
	}
	genlmsg_end(event->msg, event->hdr);
	genlmsg_multicast_netns(&srp_nl_family, sn->net, event->msg, 0,
				SRPROXY_NLGRP_CONFIG, GFP_KERNEL);
}

/**
 * srp_notify_uplink() - an uplink was added, changed or removed
 * @up: the uplink
 * @gone: it was removed
 *
 * Context: RTNL.
 */
void srp_notify_uplink(struct srp_uplink *up, bool gone)
{
	struct srp_event event;
	int err;

	if (!srp_event_start(up->sn, &event, SRPROXY_CMD_UPLINK_NTF))
		return;
	err = srp_fill_uplink(event.msg, up);
	if (!err && gone)
		err = nla_put_flag(event.msg, SRPROXY_A_UPLINK_GONE);
	srp_event_send(up->sn, &event, err);
}

/**
 * srp_notify_vnf() - a vnf was added, changed or removed
 * @vnf: the vnf
 * @gone: it was removed
 *
 * Context: RTNL.
 */
void srp_notify_vnf(struct srp_vnf *vnf, bool gone)
{
	struct srp_event event;
	int err;

	if (!srp_event_start(vnf->sn, &event, SRPROXY_CMD_VNF_NTF))
		return;
	err = srp_fill_vnf(event.msg, vnf);
	if (!err && gone)
		err = nla_put_flag(event.msg, SRPROXY_A_VNF_GONE);
	srp_event_send(vnf->sn, &event, err);
}

/**
 * srp_notify_vnf_change() - the state of a vnf changed
 * @vnf: the vnf
 * @change: when and why; it may have changed again
 *
 * Context: RTNL.
 */
void srp_notify_vnf_change(struct srp_vnf *vnf,
			   const struct srp_change *change)
{
	struct srp_event event;

	if (srp_event_start(vnf->sn, &event, SRPROXY_CMD_VNF_NTF))
		srp_event_send(vnf->sn, &event,
			       srp_fill_vnf_at(event.msg, vnf, change));
}

/**
 * srp_notify_sid() - a sid was added, changed or removed
 * @sn: the namespace
 * @sid: the sid
 * @gone: it was removed
 *
 * Context: RTNL.
 */
void srp_notify_sid(struct srp_net *sn, struct srp_sid *sid, bool gone)
{
	struct srp_event event;
	int err;

	if (!srp_event_start(sn, &event, SRPROXY_CMD_SID_NTF))
		return;
	err = srp_fill_sid(event.msg, sid);
	if (!err && gone)
		err = nla_put_flag(event.msg, SRPROXY_A_SID_GONE);
	srp_event_send(sn, &event, err);
}

/**
 * srp_notify_config() - the settings changed
 * @sn: the namespace
 *
 * Context: RTNL.
 */
void srp_notify_config(struct srp_net *sn)
{
	struct srp_event event;

	if (srp_event_start(sn, &event, SRPROXY_CMD_CONFIG_NTF))
		srp_event_send(sn, &event, srp_fill_config(event.msg, sn));
}
