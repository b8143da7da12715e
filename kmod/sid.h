/* SPDX-License-Identifier: GPL-2.0-only */
/* SIDs: labels of this node, and the instances that serve them. */
#ifndef SRP_SID_H
#define SRP_SID_H

#include <linux/refcount.h>

#include "net.h"
#include "stats.h"
#include "vnf.h"

struct srp_ctx;
struct srp_key;

/**
 * struct srp_binding - a sid served by a vnf, and its counters
 *
 * Referenced by versions of the sid and by stack objects: counters go on
 * when the sid changes, and are added to the vnf's when the last is gone.
 */
struct srp_binding {
	/** @vnf: the instance, held */
	struct srp_vnf *vnf;
	/** @stats: tx to the function, rx from it */
	struct srp_counters __percpu *stats;
	/** @label: the sid */
	u32 label;
	/** @joined: jiffies when the vnf last came among the sid's; RTNL */
	unsigned long joined;
	/** @ref: references */
	refcount_t ref;
	/** @node: in srp_vnf.bindings; lock: srp_vnf.sum_lock */
	struct list_head node;
	/** @reset: sums at the last reset; RTNL */
	struct srp_sums reset;
	/** @rcu: for freeing */
	struct rcu_head rcu;
};

/**
 * struct srp_sid_cfg - what the user says of a sid
 * @label: the label
 * @fallback: &enum srproxy_fallback
 * @reroute: label of fallback reroute
 * @n_primary: how many of @member are primaries
 * @n_member: how many there are, primaries first
 * @member: names of the vnfs, and where in the request each stands
 */
struct srp_sid_cfg {
	u32 label;
	u32 fallback;
	u32 reroute;
	u16 n_primary;
	u16 n_member;
	struct srp_member_cfg {
		u32 attr;
		char name[SRPROXY_NAME_MAX + 1];
	} member[];
};

/**
 * struct srp_sid - a label of this node
 *
 * Constant but for its links: `sid set` puts another in its place. Freed by
 * RCU once out of the configuration.
 */
struct srp_sid {
	/** @label: the label */
	u32 label;
	/** @fallback: &enum srproxy_fallback */
	u32 fallback;
	/** @reroute: label of fallback reroute */
	u32 reroute;
	/** @odd: what its instances take, all of them alike: SRP_ODD_INNER */
	u8 odd;
	/** @n_primary: how many of @member are primaries */
	u16 n_primary;
	/** @n_member: how many there are, primaries first */
	u16 n_member;
	/** @node: in srp_net.sid_list; RCU */
	struct list_head node;
	/** @leaving: not part of the configuration under way; RTNL */
	bool leaving;
	/** @rcu: for freeing */
	struct rcu_head rcu;
	/** @member: instances, held */
	struct srp_binding *member[];
};

/* The sid of a label, or NULL. In RCU read-side. */
static inline struct srp_sid *srp_sid_lookup(const struct srp_net *sn,
					     u32 label)
{
	const struct srp_sid_page *page;

	page = rcu_dereference(sn->sids[label >> SRP_SID_PAGE_BITS]);
	if (!page)
		return NULL;
	return rcu_dereference(page->sid[label & (SRP_SID_PAGE - 1)]);
}

struct srp_sid *srp_sid_find(struct srp_net *sn, u32 label);
int srp_sid_prepare(struct srp_net *sn, const struct srp_sid_cfg *cfg,
		    struct srp_sid **res, int *part,
		    struct netlink_ext_ack *extack);
void srp_sid_commit(struct srp_net *sn, struct srp_sid *sid,
		    struct srp_sid *old);
void srp_sid_remove(struct srp_net *sn, struct srp_sid *sid);
void srp_sid_discard(struct srp_sid *sid);
bool srp_sid_matches(const struct srp_sid *sid, const struct srp_sid_cfg *cfg);
void srp_sids_free(struct srp_net *sn);
struct srp_binding *srp_sid_select_any(struct srp_ctx *ctx,
				       const struct srp_sid *sid);
struct srp_binding *srp_sid_holder(struct srp_net *sn,
				   const struct srp_sid *sid,
				   const struct srp_key *key);
bool srp_sid_leads_to(const struct srp_sid *sid, const struct srp_vnf *vnf);
bool srp_binding_get(struct srp_binding *b);
void srp_binding_put(struct srp_binding *b);

/* The instance that serves a packet whose label was popped, or NULL; the vnf of
 * its key is overwritten. In RCU read-side.
 */
static inline struct srp_binding *srp_sid_select(struct srp_ctx *ctx,
						 const struct srp_sid *sid)
{
	if (likely(sid->n_member == 1 &&
		   READ_ONCE(sid->member[0]->vnf->admin) == SRPROXY_ADMIN_UP &&
		   srp_vnf_usable(sid->member[0]->vnf)))
		return sid->member[0];
	return srp_sid_select_any(ctx, sid);
}

#endif
