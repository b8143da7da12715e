/* SPDX-License-Identifier: GPL-2.0-only */
/* Uplinks: interfaces that face the SR domain. */
#ifndef SRP_UPLINK_H
#define SRP_UPLINK_H

#include <linux/refcount.h>

#include "nexthop.h"
#include "port.h"
#include "stats.h"

struct srp_net;
struct srp_txn;

/**
 * struct srp_uplink_cfg - what the user says of an uplink
 * @dev: name of the interface
 * @egress: &enum srproxy_egress
 * @via: neighbour of egress via
 * @via_dev: interface of egress via
 */
struct srp_uplink_cfg {
	char dev[IFNAMSIZ];
	u32 egress;
	struct srp_via via;
	char via_dev[IFNAMSIZ];
};

/**
 * struct srp_egress - where packets leave; replaced whole by `uplink set`
 * @mode: &enum srproxy_egress
 * @nh: neighbour of egress via
 * @port: interface of egress via
 * @rcu: for freeing
 */
struct srp_egress {
	u32 mode;
	struct srp_nexthop nh;
	struct srp_port port;
	struct rcu_head rcu;
};

/**
 * struct srp_uplink - an interface that faces the SR domain
 *
 * Referenced by the configuration and by every stack object made of its
 * packets; freed by RCU after the last. Once removed from the configuration
 * it has no device, and packets for it are dropped.
 */
struct srp_uplink {
	/** @sn: the namespace */
	struct srp_net *sn;
	/** @live: part of the configuration, see srp_vnf.live */
	bool live;
	/** @egress: where packets leave; RCU, written under RTNL */
	struct srp_egress __rcu *egress;
	/** @stats: rx from the SR domain, tx to it */
	struct srp_counters __percpu *stats;
	/** @port: the interface */
	struct srp_port port;
	/** @cfg: what the user said; RTNL */
	struct srp_uplink_cfg cfg;
	/** @reset: sums at the last reset; RTNL */
	struct srp_sums reset;
	/** @state: as last notified; RTNL */
	u32 state;
	/** @changed: when @state last changed, ns of CLOCK_MONOTONIC; RTNL */
	u64 changed;
	/** @users: vnfs with match static that send on it; RTNL */
	unsigned int users;
	/** @node: in srp_net.uplinks; RCU */
	struct list_head node;
	/** @ref: references */
	refcount_t ref;
	/** @rcu: for freeing */
	struct rcu_head rcu;
};

struct srp_uplink *srp_uplink_find(struct srp_net *sn, const char *dev);
int srp_uplink_make(struct srp_net *sn, const struct srp_uplink_cfg *cfg,
		    struct srp_uplink **res, int *part,
		    struct netlink_ext_ack *extack);
int srp_egress_make(struct srp_uplink *up, const struct srp_uplink_cfg *cfg,
		    struct srp_egress **res, int *part,
		    struct netlink_ext_ack *extack);
void srp_egress_end(struct srp_egress *egress);
void srp_uplink_change(struct srp_uplink *up, const struct srp_uplink_cfg *cfg,
		       struct srp_egress *egress);
void srp_uplink_remove(struct srp_uplink *up);
void srp_uplink_put(struct srp_uplink *up);
void srp_uplink_set_leaving(struct srp_uplink *up, bool leaving);
bool srp_uplink_cfg_equal(const struct srp_uplink_cfg *a,
			  const struct srp_uplink_cfg *b);

#endif
