// SPDX-License-Identifier: GPL-2.0-only
/*
 * Match vlan. A stack object is given an id out of the vnf's range; the tag of
 * a returned packet names the stack, so addresses and ports are the function's
 * to rewrite. What is kept of an id is a flow like any other (it is charged,
 * ages, is listed and forgotten as one), found by stack on the way in and by id
 * on the way back instead of by key.
 */
#include <linux/slab.h>

#include "core.h"
#include "flow.h"
#include "netlink.h"
#include "sid.h"
#include "vlan.h"
#include "vnf.h"

/**
 * srp_vlans_make() - make the ids of a range, all free
 * @first: smallest
 * @last: largest
 *
 * Return: the ids, to be freed by kvfree(), or NULL.
 */
struct srp_vlans *srp_vlans_make(u16 first, u16 last)
{
	u16 count = last - first + 1;
	struct srp_vlans *vlans;
	int i;

	vlans = kvzalloc(struct_size(vlans, id, count), GFP_KERNEL_ACCOUNT);
	if (!vlans)
		return NULL;
	vlans->first = first;
	vlans->count = count;
	INIT_LIST_HEAD(&vlans->free);
	for (i = 0; i < count; i++)
		list_add_tail(&vlans->id[i].free, &vlans->free);
	return vlans;
}

/**
 * srp_vlan_find() - what an id stands for
 * @vnf: a vnf with match vlan
 * @vid: the id, perhaps out of its range
 *
 * Context: RCU read-side.
 * Return: the flow if it lives, or NULL.
 */
struct srp_flow *srp_vlan_find(const struct srp_vnf *vnf, u16 vid)
{
	const struct srp_vlans *vlans = vnf->vlans;
	u16 at = vid - vlans->first;
	struct srp_flow *flow;

	if (at >= vlans->count)
		return NULL;
	flow = rcu_dereference(vlans->id[at].flow);
	return flow && !srp_flow_expired(vnf->sn, flow) ? flow : NULL;
}

/* The id that may be given away next, or NULL. */
static struct srp_vlan_id *srp_vlan_next(const struct srp_vnf *vnf)
{
	struct srp_vlan_id *id;

	lockdep_assert_held(&vnf->flow_lock);
	id = list_first_entry_or_null(&vnf->vlans->free, struct srp_vlan_id,
				      free);
	if (!id || !id->used ||
	    get_jiffies_64() - id->used >= 2 * (u64)READ_ONCE(vnf->sn->idle))
		return id;
	return NULL;
}

/* Among the free ones, behind all that are unused for longer. */
static void srp_vlan_queue(struct srp_vlans *vlans, struct srp_vlan_id *id)
{
	struct srp_vlan_id *before;

	list_for_each_entry_reverse(before, &vlans->free, free)
		if (before->used <= id->used)
			break;
	list_add(&id->free, &before->free);
}

/**
 * srp_vlan_release() - a flow ends: its id stands for nothing
 * @vnf: its vnf, with match vlan
 * @flow: the flow; readers may have it for another grace period
 *
 * Context: srp_vnf.flow_lock.
 */
void srp_vlan_release(struct srp_vnf *vnf, struct srp_flow *flow)
{
	struct srp_stack *stack = rcu_dereference_protected(flow->stack, 1);
	struct srp_vlans *vlans = vnf->vlans;
	struct srp_vlan_id *id = &vlans->id[srp_vlan_of(flow) - vlans->first];

	lockdep_assert_held(&vnf->flow_lock);
	RCU_INIT_POINTER(id->flow, NULL);
	RCU_INIT_POINTER(stack->vlan, NULL);
	id->used = get_jiffies_64() - srp_flow_idle(flow, (u32)jiffies);
	srp_vlan_queue(vlans, id);
}

/* The flow of a stack if it lives; one past its age is ended. */
static struct srp_flow *srp_vlan_live(struct srp_vnf *vnf,
				      const struct srp_stack *stack)
{
	struct srp_flow *flow;

	lockdep_assert_held(&vnf->flow_lock);
	flow = rcu_dereference_protected(stack->vlan, 1);
	if (!flow || !srp_flow_expired(vnf->sn, flow))
		return flow;
	srp_flow_unlink(vnf, flow);
	srp_count_flow(vnf->sn, flows_expired);
	return NULL;
}

/* Let @flow stand for its stack under the next id. Another CPU may have been
 * first: @res is what is there in the end.
 */
static enum srp_drop srp_vlan_insert(struct srp_vnf *vnf,
				     struct srp_flow *flow,
				     struct srp_flow **res)
{
	struct srp_stack *stack = rcu_dereference_protected(flow->stack, 1);
	struct srp_vlan_id *id;

	lockdep_assert_held(&vnf->flow_lock);
	if (vnf->dead)
		return SRP_DROP_vnf_down;
	*res = srp_vlan_live(vnf, stack);
	if (*res)
		return SRP_DROP_NONE;
	id = srp_vlan_next(vnf);
	if (!id)
		return SRP_DROP_vlan_exhausted;
	list_del(&id->free);
	flow->key.vnf = vnf->id;
	flow->key.vid = vnf->vlans->first + (id - vnf->vlans->id);
	list_add_tail(&flow->link.list, &vnf->flows);
	rcu_assign_pointer(id->flow, flow);
	rcu_assign_pointer(stack->vlan, flow);
	*res = flow;
	return SRP_DROP_NONE;
}

/* Pay for an id and give it to a stack. */
static enum srp_drop srp_vlan_add(struct srp_vnf *vnf,
				  const struct srp_chain *chain,
				  struct srp_stack *stack,
				  struct srp_flow **res)
{
	static const struct srp_key none;
	enum srp_drop reason = SRP_DROP_no_memory;
	struct srp_net *sn = vnf->sn;
	struct srp_flow *flow;

	if (!srp_flow_room(sn, vnf))
		return SRP_DROP_flow_limit;
	flow = srp_flow_make(&none, chain, stack);
	if (!flow)
		goto err_uncharge;
	spin_lock_bh(&vnf->flow_lock);
	reason = srp_vlan_insert(vnf, flow, res);
	if (!reason && *res == flow)
		refcount_inc(&stack->ref);
	spin_unlock_bh(&vnf->flow_lock);
	if (reason || *res != flow)
		goto err_free;
	srp_count_flow(sn, flows_created);
	srp_notify_flow(sn, flow, false);
	return SRP_DROP_NONE;

err_free:
	srp_flow_unmake(flow);
err_uncharge:
	srp_flow_uncharge(sn, vnf);
	return reason;
}

/* The stack has no id that lives. Whether there is one to be had is seen to
 * before any flow has to give way for it.
 */
static noinline enum srp_drop srp_vlan_new(struct srp_vnf *vnf,
					   const struct srp_chain *chain,
					   struct srp_flow **res)
{
	struct srp_stack *stack = srp_stack_get(vnf->sn, chain);
	enum srp_drop reason = SRP_DROP_NONE;

	if (!stack)
		return SRP_DROP_no_memory;
	spin_lock_bh(&vnf->flow_lock);
	*res = srp_vlan_live(vnf, stack);
	if (!*res && !srp_vlan_next(vnf))
		reason = SRP_DROP_vlan_exhausted;
	spin_unlock_bh(&vnf->flow_lock);
	if (!reason && !*res)
		reason = srp_vlan_add(vnf, chain, stack, res);
	srp_stack_put(vnf->sn, stack);
	return reason;
}

/* The flow of a stack if it lives, or NULL. */
static struct srp_flow *srp_vlan_look(struct srp_net *sn,
				      const struct srp_chain *chain)
{
	struct srp_stack *stack = srp_stack_find(sn, chain);
	struct srp_flow *flow;

	flow = stack ? rcu_dereference(stack->vlan) : NULL;
	return flow && !srp_flow_expired(sn, flow) ? flow : NULL;
}

/**
 * srp_vlan_holds() - has the stack of a packet an id already?
 * @b: the visit, of a vnf with match vlan
 * @ctx: the packet, the visit's label popped
 *
 * Context: softirq, RCU read-side.
 * Return: true if it has one that lives.
 */
bool srp_vlan_holds(struct srp_binding *b, const struct srp_ctx *ctx)
{
	const struct srp_chain chain = {
		.binding = b,
		.uplink = ctx->uplink,
		.way = ctx->way,
		.lse = ctx->lse,
		.depth = ctx->depth,
	};
	struct srp_chain_copy copy;

	srp_chain_copy(&copy, &chain);
	return srp_vlan_look(ctx->sn, &copy.chain);
}

/**
 * srp_vlan_stash() - the id of a stack, given to it if it has none
 * @vnf: the vnf, with match vlan
 * @from: what is still to be travelled
 * @res: the flow that holds the id
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
enum srp_drop srp_vlan_stash(struct srp_vnf *vnf,
			     const struct srp_chain *from,
			     struct srp_flow **res)
{
	struct srp_chain_copy copy;

	srp_chain_copy(&copy, from);
	*res = srp_vlan_look(vnf->sn, &copy.chain);
	if (unlikely(!*res))
		return srp_vlan_new(vnf, &copy.chain, res);
	return SRP_DROP_NONE;
}
