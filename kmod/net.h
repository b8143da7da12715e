/* SPDX-License-Identifier: GPL-2.0-only */
/* State of one network namespace. */
#ifndef SRP_NET_H
#define SRP_NET_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/siphash.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include <linux/srproxy.h>

#include "compat.h"
#include "frag.h"
#include "health.h"
#include "icmp.h"
#include "probe.h"
#include "stats.h"

struct srp_sid;
struct srp_txn;

#define SRP_SID_PAGE_BITS	11
#define SRP_SID_PAGE		BIT(SRP_SID_PAGE_BITS)
#define SRP_SID_DIR		((SRPROXY_LABEL_MAX + 1) >> SRP_SID_PAGE_BITS)

/** struct srp_sid_page - sids of a run of labels; kept until the netns ends */
struct srp_sid_page {
	/** @sid: by label, low bits; replaced whole, RCU */
	struct srp_sid __rcu *sid[SRP_SID_PAGE];
};

/**
 * struct srp_settings - what `config set` sets
 * @max_flows: bound of flows in this namespace
 * @idle_timeout: seconds
 * @ttl: &enum srproxy_ttl_mode
 * @icmp: &enum srproxy_icmp_mode
 */
struct srp_settings {
	u32 max_flows;
	u32 idle_timeout;
	u32 ttl;
	u32 icmp;
};

/**
 * struct srp_net - state of one network namespace
 *
 * Lives from pernet init to pernet exit. All configuration is written under
 * RTNL, because devices live by it, and read under RCU.
 */
struct srp_net {
	/* read on every packet, written under RTNL */

	/** @flows: &struct srp_flow by (vnf, key); lock: srp_vnf.flow_lock */
	struct rhashtable flows;
	/** @hash_key: seed of every flow hash, constant */
	hsiphash_key_t hash_key;
	/** @counters: drops and flow events */
	struct srp_net_counters __percpu *counters;
	/** @idle: idle time-out in jiffies */
	u32 idle;
	/** @uniform: TTL model, else pipe */
	bool uniform;
	/** @sids: directory by label, high bits */
	struct srp_sid_page __rcu *sids[SRP_SID_DIR];

	/* read, and written, when something is wrong with a packet */

	/** @icmp: &enum srproxy_icmp_mode */
	u8 icmp;
	/** @icmp_limit: how many errors may be sent now */
	struct srp_icmp_limit icmp_limit;

	/* written when a flow or a stack comes or goes */

	/** @nflows: flows in this namespace */
	atomic_t nflows ____cacheline_aligned_in_smp;
	/** @nprotected: flows past probation */
	atomic_t nprotected;
	/** @stack_lock: serialises making and ending of stacks */
	spinlock_t stack_lock;
	/** @stacks: &struct srp_stack by content; lock: @stack_lock */
	struct rhashtable stacks;

	/** @frags: links and held fragments */
	struct srp_frags frags;

	/* configuration, under RTNL */

	/** @net: the namespace; we end before it does */
	struct net *net;
	/** @settings: what the user set */
	struct srp_settings settings;
	/** @ports: every &struct srp_port */
	struct list_head ports;
	/** @join: ports take devices that came */
	struct delayed_work join;
	/** @uplinks: every &struct srp_uplink, RCU for readers */
	struct list_head uplinks;
	/** @vnfs: every &struct srp_vnf by rising id, RCU for readers */
	struct list_head vnfs;
	/** @sid_list: every &struct srp_sid by rising label, RCU for readers */
	struct list_head sid_list;
	/** @txns: staged transactions, one per netlink socket */
	struct list_head txns;
	/** @generation: moves with each change */
	u32 generation;
	/** @next_vnf_id: ids are never used twice */
	u32 next_vnf_id;
	/** @reset: counters at the last reset, taken off in show */
	struct srp_net_sums reset;

	/** @stream_octets: memory of packets that wait for streams */
	atomic_t stream_octets;
	/** @releases: sockets of streams that are being let go */
	atomic_t releases;

	/** @age_work: the one worker that ages flows */
	struct delayed_work age_work;
	/** @health: what is found out about vnfs is told by it */
	struct srp_health_net health;
	/** @probes: probes of all vnfs */
	struct srp_probes probes;
};

extern unsigned int srp_net_id;
extern struct workqueue_struct *srp_wq;
extern struct workqueue_struct *srp_passed_wq;

static inline struct srp_net *srp_net(const struct net *net)
{
	return net_generic(net, srp_net_id);
}

#endif
