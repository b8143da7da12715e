/* SPDX-License-Identifier: GPL-2.0-only */
/* Match vlan: the ids of a range, and the stacks that they stand for. */
#ifndef SRP_VLAN_H
#define SRP_VLAN_H

#include <linux/if_vlan.h>
#include <linux/list.h>

#include "flow.h"

struct srp_binding;
struct srp_ctx;
struct sk_buff;

/**
 * struct srp_vlan_id - one id of a range
 *
 * It is in use while @flow is there, else in the list of free ones.
 */
struct srp_vlan_id {
	/** @flow: what it stands for; RCU, lock: srp_vnf.flow_lock */
	struct srp_flow __rcu *flow;
	/** @free: in srp_vlans.free; lock: srp_vnf.flow_lock */
	struct list_head free;
	/** @used: jiffies of its last packet, 0 if it never had one */
	u64 used;
};

/**
 * struct srp_vlans - the ids of a vnf with match vlan
 *
 * Made with the vnf and freed with it. An id that became free is not given
 * away before twice the idle time has passed since its last packet: one that
 * the function kept for long must not come back to another stack.
 */
struct srp_vlans {
	/** @first: smallest id, constant */
	u16 first;
	/** @count: how many, constant */
	u16 count;
	/** @free: ids not in use, longest unused first; srp_vnf.flow_lock */
	struct list_head free;
	/** @id: the ids, from @first on */
	struct srp_vlan_id id[];
};

/* The id of a flow that is one of a vnf with match vlan. */
static inline u16 srp_vlan_of(const struct srp_flow *flow)
{
	return flow->key.vid;
}

struct srp_vlans *srp_vlans_make(u16 first, u16 last);
bool srp_vlan_holds(struct srp_binding *b, const struct srp_ctx *ctx);
struct srp_flow *srp_vlan_find(const struct srp_vnf *vnf, u16 vid);
void srp_vlan_release(struct srp_vnf *vnf, struct srp_flow *flow);
enum srp_drop srp_vlan_stash(struct srp_vnf *vnf,
			     const struct srp_chain *from,
			     struct srp_flow **res);

#endif
