/* SPDX-License-Identifier: GPL-2.0-only */
/* VNFs: running instances of functions that know nothing of labels. */
#ifndef SRP_VNF_H
#define SRP_VNF_H

#include <linux/refcount.h>

#include <linux/srproxy.h>

#include "attach.h"
#include "health.h"
#include "nexthop.h"
#include "port.h"
#include "probe.h"
#include "stats.h"

struct srp_app;
struct srp_latency;
struct srp_net;
struct srp_static;
struct srp_uplink;
struct srp_vlans;

/**
 * struct srp_link - a place in a vnf's list of flows
 *
 * Hands are places without a flow, by which ageing, eviction and dumps find
 * again where they were.
 */
struct srp_link {
	/** @list: in srp_vnf.flows; lock: srp_vnf.flow_lock */
	struct list_head list;
	/** @hand: this is no flow */
	bool hand;
	/** @returned: of a flow, something of it came back */
	bool returned;
	/** @passed: of a flow, what came back since it has a sample */
	u16 passed;
	/**
	 * @since: of a flow, jiffies when it came by its stack, or when another
	 * stack last was in conflict with it; flow_lock
	 */
	u32 since;
};

/** struct srp_latency_sums - a vnf's &struct srp_latency over all CPUs */
struct srp_latency_sums {
	/** @max: longest, in nanoseconds */
	u64 max;
	/** @sum: of all, in nanoseconds */
	u64 sum;
	/** @lost: samples that did not come back */
	u64 lost;
	/** @bucket: samples by srp_latency_bucket() */
	u64 bucket[SRPROXY_LATENCY_BUCKETS];
};

/**
 * struct srp_vnf_cfg - what the user says of a vnf
 * @name: name
 * @type: &enum srproxy_vnf_type: how it is attached
 * @place: where it is, if not just behind @dev
 * @dev: interface towards the function
 * @in: interface on which it returns packets
 * @via: its neighbour address on @dev
 * @mtu: largest IP packet, 0 for that of the device
 * @weight: share of new flows
 * @max_flows: bound, 0 for none
 * @on_miss: &enum srproxy_on_miss
 * @admin: &enum srproxy_admin
 * @inner: &enum srproxy_inner
 * @match: &enum srproxy_match
 * @vlan_first: match vlan: smallest id
 * @vlan_last: match vlan: largest id
 * @n_labels: match static: how many of @labels
 * @labels: match static: the stack, next label first
 * @out: match static: name of the uplink's interface
 * @steer: label by DSCP, 0 for none
 * @probe: how it is found out that it is alive
 */
struct srp_vnf_cfg {
	char name[SRPROXY_NAME_MAX + 1];
	u32 type;
	struct srp_place place;
	char dev[IFNAMSIZ];
	char in[IFNAMSIZ];
	struct srp_via via;
	u32 mtu;
	u32 weight;
	u32 max_flows;
	u32 on_miss;
	u32 admin;
	u32 inner;
	u32 match;
	u16 vlan_first;
	u16 vlan_last;
	u32 n_labels;
	u32 labels[SRPROXY_STACK_MAX];
	char out[IFNAMSIZ];
	u32 steer[SRPROXY_DSCP_MAX + 1];
	struct srp_probe_cfg probe;
};

/**
 * struct srp_vnf - one running instance of a function
 *
 * Referenced by the configuration, by each binding (a sid that uses it) and
 * by each flow; freed by RCU after the last. Once removed from the
 * configuration it is @dead: it gets no new flow, and its old ones are ended.
 */
struct srp_vnf {
	/* read on every packet */

	/** @sn: the namespace */
	struct srp_net *sn;
	/** @id: never used twice in a namespace; part of every flow key */
	u32 id;
	/** @mtu: of srp_vnf_cfg */
	u32 mtu;
	/** @admin: of srp_vnf_cfg, or down while it is sick; srp_health.lock */
	u8 admin;
	/** @on_miss: of srp_vnf_cfg */
	u8 on_miss;
	/** @other_host: frames to other hosts are taken too (lladdr) */
	bool other_host;
	/**
	 * @live: part of the configuration. Before that its hook leaves every
	 * frame to those after it: one of a vnf or uplink that it would replace
	 */
	bool live;
	/** @odd: SRP_ODD_INNER bits: what it takes; constant */
	u8 odd;
	/** @two_armed: packets return on another interface */
	bool two_armed;
	/** @match: of srp_vnf_cfg, constant */
	u8 match;
	/** @steers: there is a label in @steer */
	bool steers;
	/** @special: @steers, not matched by flow, or @ops has a visit */
	bool special;
	/** @down_at: jiffies when it last ceased to serve; srp_health.lock */
	unsigned long down_at;
	/** @tx: interface towards the function */
	struct srp_port tx;
	/** @nh: its neighbour on @tx */
	struct srp_nexthop nh;
	/** @rx: interface on which it returns packets */
	struct srp_port rx;
	/** @ops: what its kind of attachment does; constant, NULL: a device */
	const struct srp_attach_ops *ops;
	/**
	 * @wire: the connection to a function behind a socket, or NULL; RCU,
	 * written under RTNL, which has to be let go when the vnf is removed
	 */
	struct srp_wire __rcu *wire;
	/** @app: an app: server and pool; constant, else NULL */
	struct srp_app *app;
	/** @vlans: match vlan: its ids; constant, else NULL */
	struct srp_vlans *vlans;
	/** @fixed: match static: the stack; constant, else NULL */
	struct srp_static *fixed;
	/**
	 * @stats: misses, and with match static what is returned; other
	 * traffic is counted by binding
	 */
	struct srp_counters __percpu *stats;
	/** @latency: samples, see latency.c */
	struct srp_latency __percpu *latency;
	/** @latency_epoch: moves with every reset; written under RTNL */
	u32 latency_epoch;
	/** @steer: of srp_vnf_cfg; a packet reads one of them */
	u32 steer[SRPROXY_DSCP_MAX + 1];
	/**
	 * @prober: its probes, or NULL; RCU, written under RTNL. Packets from
	 * sockets look here, those of devices have a hook for it
	 */
	struct srp_prober __rcu *prober;

	/* written when a flow comes or goes */

	/** @flow_lock: lists and writing of this vnf's flows; softirq */
	spinlock_t flow_lock ____cacheline_aligned_in_smp;
	/** @dead: takes no new flow; under @flow_lock */
	bool dead;
	/** @flows: every &struct srp_flow, oldest first, and hands in between */
	struct list_head flows;
	/** @evict_hand: all flows before it are protected; @flow_lock */
	struct srp_link evict_hand;
	/** @sample_hand: where the search for idle flows goes on; @flow_lock */
	struct srp_link sample_hand;
	/** @nflows: flows */
	atomic_t nflows;
	/** @nprotected: flows past probation */
	atomic_t nprotected;

	/* configuration, under RTNL */

	/** @id_hash: identity in rendezvous selection, from the interfaces */
	u32 id_hash;
	/** @weight: of srp_vnf_cfg; read under RCU too */
	u32 weight;
	/** @max_flows: of srp_vnf_cfg; read under RCU too */
	u32 max_flows;
	/**
	 * @sibling: the other side of a two-armed function, or NULL; RCU,
	 * written under RTNL when either comes or goes
	 */
	struct srp_vnf __rcu *sibling;
	/** @cfg: what the user said */
	struct srp_vnf_cfg cfg;
	/** @bindings: every &struct srp_binding; lock: @sum_lock */
	struct list_head bindings;
	/** @sum_lock: @bindings and @retired; any context */
	spinlock_t sum_lock;
	/** @retired: sums of bindings that are gone */
	struct srp_sums retired;
	/** @reset: sums at the last reset */
	struct srp_sums reset;
	/** @latency_reset: samples at the last reset */
	struct srp_latency_sums latency_reset;
	/** @health: whether it can serve, as last notified */
	struct srp_health health;
	/**
	 * @unreached: the last attempt to connect it has failed, and no
	 * connection served it; written under RTNL, read where none serves
	 */
	bool unreached;
	/** @users: sids of the live configuration that name it */
	unsigned int users;
	/** @node: in srp_net.vnfs; RCU */
	struct list_head node;
	/** @ref: references */
	refcount_t ref;
	/** @rcu: for freeing */
	struct rcu_head rcu;
};

/* May a new flow, or with @old one that exists, go to this instance?
 * In RCU read-side.
 */
static inline bool srp_vnf_usable(const struct srp_vnf *vnf)
{
	if (READ_ONCE(vnf->admin) == SRPROXY_ADMIN_DOWN)
		return false;
	if (unlikely(!srp_port_usable(&vnf->tx)))
		return srp_attach_usable(vnf);
	return !vnf->two_armed || srp_port_usable(&vnf->rx);
}

static inline bool srp_vnf_draining(const struct srp_vnf *vnf)
{
	return READ_ONCE(vnf->admin) == SRPROXY_ADMIN_DRAIN;
}

struct srp_vnf *srp_vnf_find(struct srp_net *sn, const char *name);
int srp_vnf_make(struct srp_net *sn, const struct srp_vnf_cfg *cfg,
		 struct srp_wire *wire, struct srp_vnf **res, int *part,
		 struct netlink_ext_ack *extack);
void srp_vnf_change(struct srp_vnf *vnf, const struct srp_vnf_cfg *cfg);
void srp_vnf_remove(struct srp_vnf *vnf);
bool srp_vnf_get(struct srp_vnf *vnf);
void srp_vnf_put(struct srp_vnf *vnf);
void srp_vnf_sum(struct srp_vnf *vnf, struct srp_sums *sums);
void srp_sibling_join(struct srp_vnf *vnf);
void srp_sibling_leave(struct srp_vnf *vnf);
void srp_vnf_report(struct srp_vnf *vnf);
void srp_vnf_changed(struct srp_port *port);
u32 srp_vnf_cause(const struct srp_vnf *vnf);
void srp_vnf_set_leaving(struct srp_vnf *vnf, bool leaving);
void srp_vnfs_follow_uplink(const struct srp_uplink *up);
int srp_vnf_check_out(const struct srp_vnf *vnf, int *part,
		      struct netlink_ext_ack *extack);
bool srp_vnf_same_place(const struct srp_vnf_cfg *a,
			const struct srp_vnf_cfg *b);
bool srp_vnf_cfg_equal(const struct srp_vnf_cfg *a,
		       const struct srp_vnf_cfg *b);

#endif
