// SPDX-License-Identifier: GPL-2.0-only
/*
 * A two-armed function is two vnfs, one for each direction: each receives where
 * the other sends. What belongs to a session, the other direction of it or an
 * error about it, may be found at either.
 */
#include "net.h"
#include "vnf.h"

static bool srp_vnf_mirrors(const struct srp_vnf *a, const struct srp_vnf *b)
{
	return a != b && !strcmp(a->tx.name, b->rx.name) &&
	       !strcmp(a->rx.name, b->tx.name);
}

/* In a transaction there are two, one of which leaves with it. */
static struct srp_vnf *srp_sibling_find(const struct srp_vnf *vnf)
{
	struct srp_vnf *v, *found = NULL;

	list_for_each_entry(v, &vnf->sn->vnfs, node)
		if (srp_vnf_mirrors(vnf, v) && (!found || found->tx.leaving))
			found = v;
	return found;
}

/**
 * srp_sibling_join() - a vnf has come: is it a side of a function?
 * @vnf: the vnf, in the namespace's list
 *
 * One that has a sibling keeps it until that is gone.
 *
 * Context: RTNL.
 */
void srp_sibling_join(struct srp_vnf *vnf)
{
	struct srp_vnf *sibling;

	ASSERT_RTNL();
	if (!vnf->two_armed)
		return;
	sibling = srp_sibling_find(vnf);
	if (!sibling)
		return;
	rcu_assign_pointer(vnf->sibling, sibling);
	if (!rtnl_dereference(sibling->sibling))
		rcu_assign_pointer(sibling->sibling, vnf);
}

/**
 * srp_sibling_leave() - a vnf goes: it is no side of a function any more
 * @vnf: the vnf, no longer in the namespace's list; not freed before a grace
 *	 period is over
 *
 * Context: RTNL.
 */
void srp_sibling_leave(struct srp_vnf *vnf)
{
	struct srp_vnf *v;

	ASSERT_RTNL();
	if (!vnf->two_armed)
		return;
	RCU_INIT_POINTER(vnf->sibling, NULL);
	list_for_each_entry(v, &vnf->sn->vnfs, node)
		if (rtnl_dereference(v->sibling) == vnf)
			rcu_assign_pointer(v->sibling, srp_sibling_find(v));
}
