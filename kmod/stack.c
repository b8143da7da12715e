// SPDX-License-Identifier: GPL-2.0-only
/* Stack objects: made by the first flow that needs one, ended by the last. */
#include <linux/etherdevice.h>
#include <linux/jhash.h>
#include <linux/slab.h>

#include "label.h"
#include "net.h"
#include "sid.h"
#include "special.h"
#include "stack.h"
#include "uplink.h"

static u32 srp_chain_hash(const struct srp_chain *chain, u32 seed)
{
	u32 hash = jhash(&chain->binding, sizeof(chain->binding), seed);

	hash = jhash(&chain->uplink, sizeof(chain->uplink), hash);
	hash = jhash(chain->way, ETH_ALEN, hash);
	return jhash2((const u32 *)chain->lse, chain->depth, hash);
}

static u32 srp_stack_key_hash(const void *data, u32 len, u32 seed)
{
	return srp_chain_hash(data, seed);
}

static u32 srp_stack_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct srp_stack *s = data;
	struct srp_chain chain = {
		.binding = s->binding,
		.uplink = s->uplink,
		.way = s->way,
		.lse = s->lse,
		.depth = s->depth,
	};

	return srp_chain_hash(&chain, seed);
}

static int srp_stack_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct srp_chain *chain = arg->key;
	const struct srp_stack *s = obj;

	return !srp_stack_same(s, chain) || s->binding != chain->binding ||
	       !ether_addr_equal_unaligned(s->way, chain->way);
}

static const struct rhashtable_params srp_stack_params = {
	.head_offset = offsetof(struct srp_stack, node),
	.hashfn = srp_stack_key_hash,
	.obj_hashfn = srp_stack_obj_hash,
	.obj_cmpfn = srp_stack_cmp,
	.automatic_shrinking = true,
};

/**
 * srp_stacks_init() - make the table of stack objects
 * @sn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int srp_stacks_init(struct srp_net *sn)
{
	spin_lock_init(&sn->stack_lock);
	return rhashtable_init(&sn->stacks, &srp_stack_params);
}

/**
 * srp_stacks_exit() - end the table, when every flow is gone and freed
 * @sn: the namespace
 */
void srp_stacks_exit(struct srp_net *sn)
{
	WARN_ON_ONCE(atomic_read(&sn->stacks.nelems));
	rhashtable_destroy(&sn->stacks);
}

static struct srp_stack *srp_stack_make(struct srp_net *sn,
					const struct srp_chain *chain)
{
	struct srp_stack *s;

	lockdep_assert_held(&sn->stack_lock);
	s = kmalloc(struct_size(s, lse, chain->depth),
		    GFP_ATOMIC | __GFP_NOWARN);
	if (!s)
		return NULL;
	s->binding = chain->binding;
	s->uplink = chain->uplink;
	s->depth = chain->depth;
	s->odd = srp_special_any(chain->lse, chain->depth) ? SRP_ODD_LABELS : 0;
	RCU_INIT_POINTER(s->vlan, NULL);
	refcount_set(&s->ref, 1);
	ether_addr_copy(s->way, chain->way);
	memcpy(s->lse, chain->lse, chain->depth * SRP_LSE_LEN);
	if (!srp_binding_get(s->binding))
		goto err_free;
	if (!refcount_inc_not_zero(&s->uplink->ref))
		goto err_binding;
	if (rhashtable_insert_fast(&sn->stacks, &s->node, srp_stack_params))
		goto err_uplink;
	return s;

err_uplink:
	srp_uplink_put(s->uplink);
err_binding:
	srp_binding_put(s->binding);
err_free:
	kfree(s);
	return NULL;
}

/**
 * srp_chain_copy() - what of a chain makes a stack object
 * @copy: filled in
 * @chain: the chain, perhaps pointing into a packet
 */
void srp_chain_copy(struct srp_chain_copy *copy,
		    const struct srp_chain *chain)
{
	int i;

	copy->chain = *chain;
	copy->chain.lse = copy->lse;
	copy->chain.way = copy->way;
	for (i = 0; i < chain->depth; i++)
		copy->lse[i] = chain->lse[i] & SRP_LSE_ID;
	if (is_valid_ether_addr(chain->way))
		ether_addr_copy(copy->way, chain->way);
	else
		eth_zero_addr(copy->way);
}

/**
 * srp_stack_find() - find a stack object
 * @sn: the namespace
 * @chain: its content, out of srp_chain_copy()
 *
 * Context: RCU read-side.
 * Return: the object, perhaps on its way out, or NULL.
 */
struct srp_stack *srp_stack_find(struct srp_net *sn,
				 const struct srp_chain *chain)
{
	return rhashtable_lookup(&sn->stacks, chain, srp_stack_params);
}

/**
 * srp_stack_get() - find or make a stack object
 * @sn: the namespace
 * @chain: its content
 *
 * Context: softirq, RCU read-side; for a new flow or a new stack only.
 * Return: the object with a reference, or NULL if there is no memory.
 */
struct srp_stack *srp_stack_get(struct srp_net *sn,
				const struct srp_chain *chain)
{
	struct srp_stack *s;

	s = rhashtable_lookup(&sn->stacks, chain, srp_stack_params);
	if (s && refcount_inc_not_zero(&s->ref))
		return s;
	spin_lock_bh(&sn->stack_lock);
	s = rhashtable_lookup(&sn->stacks, chain, srp_stack_params);
	if (s)
		refcount_inc(&s->ref);
	else
		s = srp_stack_make(sn, chain);
	spin_unlock_bh(&sn->stack_lock);
	return s;
}

/**
 * srp_stack_put() - give a reference back
 * @sn: the namespace
 * @stack: the object, or NULL
 *
 * Context: any but hard interrupt.
 */
void srp_stack_put(struct srp_net *sn, struct srp_stack *stack)
{
	if (!stack || refcount_dec_not_one(&stack->ref))
		return;
	spin_lock_bh(&sn->stack_lock);
	if (!refcount_dec_and_test(&stack->ref)) {
		spin_unlock_bh(&sn->stack_lock);
		return;
	}
	rhashtable_remove_fast(&sn->stacks, &stack->node, srp_stack_params);
	spin_unlock_bh(&sn->stack_lock);
	srp_uplink_put(stack->uplink);
	srp_binding_put(stack->binding);
	kfree_rcu(stack, rcu);
}

/**
 * srp_stack_revisits() - does a chain come back to the vnf that it is at?
 * @sn: the namespace
 * @chain: what is still to be travelled
 *
 * The bare packet would not say which of the two visits it returns from.
 *
 * Context: RCU read-side.
 * Return: true if a label further down leads to the same vnf.
 */
bool srp_stack_revisits(struct srp_net *sn, const struct srp_chain *chain)
{
	int i;

	for (i = 0; i < chain->depth; i++) {
		const struct srp_sid *sid;

		if (srp_special_pair(chain->lse[i])) {
			i++;
			continue;
		}
		sid = srp_sid_lookup(sn, srp_lse_label(chain->lse[i]));
		if (sid && srp_sid_leads_to(sid, chain->binding->vnf))
			return true;
	}
	return false;
}
