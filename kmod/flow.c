// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stash. Looked up by every packet under RCU (flow.h); what stands here
 * runs for new flows, new stacks and ageing, under the lock of one vnf.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>

#include "app.h"
#include "flow.h"
#include "latency.h"
#include "netlink.h"
#include "sid.h"
#include "stack.h"
#include "uplink.h"
#include "vlan.h"
#include "vnf.h"

#define SRP_AGE_BATCH	256	/* flows aged under one lock */

static struct kmem_cache *srp_flow_cache;
/**
 * srp_flow_size() - what a flow takes
 *
 * Return: octets of slab.
 */
unsigned int srp_flow_size(void)
{
	return kmem_cache_size(srp_flow_cache);
}

/**
 * srp_flow_vnf() - the vnf of a flow
 * @flow: the flow
 *
 * Context: RCU read-side or srp_vnf.flow_lock.
 * Return: the vnf, for as long as the flow is safe.
 */
struct srp_vnf *srp_flow_vnf(const struct srp_flow *flow)
{
	return rcu_dereference_check(flow->stack, 1)->binding->vnf;
}

static void srp_flow_free(struct rcu_head *head)
{
	struct srp_flow *flow = container_of(head, struct srp_flow, rcu);
	struct srp_stack *stack = rcu_dereference_protected(flow->stack, 1);
	struct srp_net *sn = stack->uplink->sn;

	srp_stack_put(sn, flow->prev);
	srp_stack_put(sn, stack);
	kmem_cache_free(srp_flow_cache, flow);
}

/**
 * srp_flow_unlink() - take a flow out of the table
 * @vnf: its vnf
 * @flow: the flow; readers may have it for another grace period
 *
 * Context: srp_vnf.flow_lock.
 */
void srp_flow_unlink(struct srp_vnf *vnf, struct srp_flow *flow)
{
	struct srp_net *sn = vnf->sn;

	lockdep_assert_held(&vnf->flow_lock);
	srp_latency_age(vnf, flow);
	if (vnf->vlans)
		srp_vlan_release(vnf, flow);
	else
		rhashtable_remove_fast(&sn->flows, &flow->node,
				       srp_flow_params);
	if (vnf->app)
		srp_pool_give(&vnf->app->pool, flow->port);
	list_del(&flow->link.list);
	if (flow->flags & SRP_FLOW_PROTECTED) {
		atomic_dec(&sn->nprotected);
		atomic_dec(&vnf->nprotected);
	}
	flow->flags |= SRP_FLOW_DEAD;
	srp_flow_uncharge(sn, vnf);
	srp_notify_flow(sn, flow, true);
	call_rcu(&flow->rcu, srp_flow_free);
}

/**
 * srp_flow_hand_add() - put a hand before the first flow
 * @vnf: the vnf
 * @hand: the hand
 *
 * Context: srp_vnf.flow_lock.
 */
void srp_flow_hand_add(struct srp_vnf *vnf, struct srp_link *hand)
{
	lockdep_assert_held(&vnf->flow_lock);
	hand->hand = true;
	list_add(&hand->list, &vnf->flows);
}

/**
 * srp_flow_hand_del() - take a hand away
 * @vnf: the vnf
 * @hand: the hand
 *
 * Context: srp_vnf.flow_lock.
 */
void srp_flow_hand_del(struct srp_vnf *vnf, struct srp_link *hand)
{
	lockdep_assert_held(&vnf->flow_lock);
	list_del(&hand->list);
}

/**
 * srp_flow_hand_next() - move a hand behind the next flow
 * @vnf: the vnf
 * @hand: the hand
 *
 * Context: srp_vnf.flow_lock.
 * Return: that flow; NULL at the end, the hand stays there.
 */
struct srp_flow *srp_flow_hand_next(struct srp_vnf *vnf,
				    struct srp_link *hand)
{
	struct srp_link *link = hand;

	lockdep_assert_held(&vnf->flow_lock);
	list_for_each_entry_continue(link, &vnf->flows, list) {
		if (link->hand)
			continue;
		list_move(&hand->list, &link->list);
		return container_of(link, struct srp_flow, link);
	}
	return NULL;
}

static void srp_flow_promote(struct srp_vnf *vnf, struct srp_flow *flow)
{
	lockdep_assert_held(&vnf->flow_lock);
	if (flow->flags & (SRP_FLOW_PROTECTED | SRP_FLOW_DEAD) ||
	    !srp_protect_room(vnf->sn, vnf))
		return;
	flow->flags |= SRP_FLOW_PROTECTED;
	atomic_inc(&vnf->sn->nprotected);
	atomic_inc(&vnf->nprotected);
}

/**
 * __srp_flow_promote() - end a flow's probation, if there is room
 * @flow: the flow
 *
 * Context: softirq, RCU read-side.
 */
void __srp_flow_promote(struct srp_flow *flow)
{
	struct srp_vnf *vnf = srp_flow_vnf(flow);

	if (!srp_protect_room(vnf->sn, vnf))
		return;
	spin_lock_bh(&vnf->flow_lock);
	srp_flow_promote(vnf, flow);
	spin_unlock_bh(&vnf->flow_lock);
}

/**
 * srp_flow_make() - make a flow that is in no table yet
 * @key: its key
 * @chain: what its first packet came with
 * @stack: the stack object of that, a reference to which will be the flow's
 *
 * Context: softirq.
 * Return: the flow, or NULL if there is no memory.
 */
struct srp_flow *srp_flow_make(const struct srp_key *key,
			       const struct srp_chain *chain,
			       struct srp_stack *stack)
{
	struct srp_flow *flow;
	u32 now = (u32)jiffies;

	flow = kmem_cache_zalloc(srp_flow_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!flow)
		return NULL;
	flow->key = *key;
	RCU_INIT_POINTER(flow->stack, stack);
	flow->last_up = now;
	/* another jiffy: the first that comes back is to be noticed */
	flow->last_back = now - 1;
	flow->link.since = now;
	flow->refreshed = now;
	flow->ttl = chain->ttl;
	flow->tc = chain->tc;
	flow->dscp = chain->dscp;
	return flow;
}

/**
 * srp_flow_unmake() - free a flow that got into no table
 * @flow: the flow
 */
void srp_flow_unmake(struct srp_flow *flow)
{
	kmem_cache_free(srp_flow_cache, flow);
}

/* A session whose other direction is here too is no spoofed flood. */
static void srp_promote_pair(struct srp_vnf *vnf, struct srp_flow *flow)
{
	struct srp_key key;
	struct srp_flow *other;

	srp_key_reverse(&flow->key, &key);
	other = srp_flow_find(vnf->sn, &key);
	if (!other || other == flow)
		return;
	srp_flow_promote(vnf, other);
	srp_flow_promote(vnf, flow);
}

/* Likewise, where the function has two arms: the other direction is at its
 * other side, under a lock of its own.
 */
static void srp_promote_across(struct srp_vnf *vnf, struct srp_flow *flow)
{
	const struct srp_vnf *sibling = rcu_dereference(vnf->sibling);
	struct srp_flow *other;
	struct srp_key key;

	if (!sibling)
		return;
	srp_key_reverse(&flow->key, &key);
	key.vnf = sibling->id;
	other = srp_flow_find(vnf->sn, &key);
	if (!other || srp_flow_expired(vnf->sn, other))
		return;
	__srp_flow_promote(other);
	__srp_flow_promote(flow);
}

/* Packets that come back find it as soon as it is in both tables, those that
 * go in as soon as it is in the first.
 */
static enum srp_drop srp_flow_insert_app(struct srp_net *sn,
					 struct srp_pool *pool,
					 struct srp_flow *flow)
{
	enum srp_drop reason;
	u32 port;

	reason = srp_pool_take(pool, &port);
	if (reason)
		return reason;
	flow->port = port;
	if (rhashtable_lookup_insert_fast(&sn->flows, &flow->node,
					  srp_flow_params)) {
		srp_pool_give(pool, port);
		return SRP_DROP_no_memory;
	}
	srp_pool_bind(pool, port, flow);
	return SRP_DROP_NONE;
}

/* Did another stack claim the flow a moment ago? Later than that, the claim was
 * of packets that a change of the stack had left behind.
 */
static bool srp_flow_in_conflict(const struct srp_flow *flow, u32 now)
{
	return flow->flags & SRP_FLOW_CONFLICT &&
	       now - flow->link.since < SRP_CONFLICT_TIME;
}

/* Is it too early to believe a stack other than the flow's own? A stack that
 * was replaced a moment ago and comes back means that two senders share the
 * key; the flow then keeps what it has until that falls silent.
 */
static bool srp_flow_contested(struct srp_flow *flow,
			       const struct srp_chain *chain, u32 now)
{
	if (srp_flow_in_conflict(flow, now))
		return now - flow->last_up < HZ;
	return flow->prev && srp_stack_same(flow->prev, chain) &&
	       now - flow->link.since < HZ;
}

/* The flow holds @stack from here on. Return: what it had, its to give back. */
static struct srp_stack *srp_flow_swap(struct srp_flow *flow,
				       struct srp_stack *stack)
{
	struct srp_stack *old = rcu_dereference_protected(flow->stack, 1);

	refcount_inc(&stack->ref);
	rcu_assign_pointer(flow->stack, stack);
	return old;
}

/* A flow that exists has come with another stack, visit or way back. */
static enum srp_drop srp_flow_restack(struct srp_net *sn,
				      struct srp_flow *flow,
				      struct srp_stack *stack,
				      const struct srp_chain *chain)
{
	struct srp_vnf *vnf = stack->binding->vnf;
	u32 now = (u32)jiffies;
	struct srp_stack *old;

	lockdep_assert_held(&vnf->flow_lock);
	old = rcu_dereference_protected(flow->stack, 1);
	if (srp_stack_same(old, chain)) {
		if (now - flow->refreshed >= HZ) {
			flow->refreshed = now;
			WRITE_ONCE(flow->ttl, chain->ttl);
			WRITE_ONCE(flow->tc, chain->tc);
			/* what was replaced before is remembered still */
			if (old != stack)
				srp_stack_put(sn, srp_flow_swap(flow, stack));
		}
		return SRP_DROP_NONE;
	}
	if (srp_flow_contested(flow, chain, now)) {
		WRITE_ONCE(flow->link.since, now);
		if (!(flow->flags & SRP_FLOW_CONFLICT)) {
			flow->flags |= SRP_FLOW_CONFLICT;
			srp_notify_flow(sn, flow, false);
		}
		return SRP_DROP_stack_conflict;
	}
	flow->flags &= ~SRP_FLOW_CONFLICT;
	WRITE_ONCE(flow->link.since, now);
	srp_stack_put(sn, flow->prev);
	flow->prev = srp_flow_swap(flow, stack);
	srp_notify_flow(sn, flow, false);
	return SRP_DROP_NONE;
}

/* Return: the flow of a key if it lives; one past its age is ended. */
static struct srp_flow *srp_flow_live(struct srp_net *sn, struct srp_vnf *vnf,
				      const struct srp_key *key)
{
	struct srp_flow *flow = srp_flow_find(sn, key);

	lockdep_assert_held(&vnf->flow_lock);
	if (!flow || !srp_flow_expired(sn, flow))
		return flow;
	srp_flow_unlink(vnf, flow);
	srp_count_flow(sn, flows_expired);
	return NULL;
}

/* Unless another CPU was first: then @res is its flow. */
static enum srp_drop srp_flow_insert(struct srp_net *sn, struct srp_flow *flow,
				     const struct srp_chain *chain,
				     struct srp_stack *stack,
				     struct srp_flow **res)
{
	struct srp_vnf *vnf = stack->binding->vnf;
	enum srp_drop reason = SRP_DROP_NONE;
	struct srp_flow *first;

	spin_lock_bh(&vnf->flow_lock);
	first = srp_flow_live(sn, vnf, &flow->key);
	if (first) {
		reason = srp_flow_restack(sn, first, stack, chain);
		goto out;
	}
	if (vnf->dead)
		reason = SRP_DROP_vnf_down;
	else if (vnf->app)
		reason = srp_flow_insert_app(sn, &vnf->app->pool, flow);
	else if (rhashtable_lookup_insert_fast(&sn->flows, &flow->node,
					       srp_flow_params))
		reason = SRP_DROP_no_memory;
	if (!reason) {
		list_add_tail(&flow->link.list, &vnf->flows);
		srp_promote_pair(vnf, flow);
	}
out:
	*res = first ?: flow;
	spin_unlock_bh(&vnf->flow_lock);
	return reason;
}

/* The reference on @stack is the flow's, or given back. */
static enum srp_drop srp_flow_add(struct srp_net *sn,
				  const struct srp_key *key,
				  const struct srp_chain *chain,
				  struct srp_stack *stack,
				  struct srp_flow **res)
{
	struct srp_vnf *vnf = stack->binding->vnf;
	enum srp_drop reason;
	struct srp_flow *flow;

	reason = SRP_DROP_pool_exhausted;
	if (vnf->app && !srp_app_ready(vnf))
		goto err_stack;
	reason = SRP_DROP_flow_limit;
	if (!srp_flow_room(sn, vnf))
		goto err_stack;
	reason = SRP_DROP_no_memory;
	flow = srp_flow_make(key, chain, stack);
	if (!flow)
		goto err_uncharge;
	reason = srp_flow_insert(sn, flow, chain, stack, res);
	if (reason || *res != flow)
		goto err_free;
	srp_promote_across(vnf, flow);
	srp_count_flow(sn, flows_created);
	srp_notify_flow(sn, flow, false);
	return SRP_DROP_NONE;

err_free:
	srp_flow_unmake(flow);
err_uncharge:
	srp_flow_uncharge(sn, vnf);
err_stack:
	srp_stack_put(sn, stack);
	return reason;
}

/**
 * srp_flow_stash() - remember a stack for a flow that has none like it
 * @sn: the namespace
 * @key: flow key, with the vnf
 * @from: what is still to be travelled
 * @res: the flow
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
enum srp_drop srp_flow_stash(struct srp_net *sn, const struct srp_key *key,
			     const struct srp_chain *from,
			     struct srp_flow **res)
{
	struct srp_vnf *vnf = from->binding->vnf;
	struct srp_chain_copy copy;
	const struct srp_chain *chain = &copy.chain;
	enum srp_drop reason;
	struct srp_stack *stack;
	struct srp_flow *flow;

	srp_chain_copy(&copy, from);
	if (srp_stack_revisits(sn, chain))
		return SRP_DROP_revisit;
	stack = srp_stack_get(sn, chain);
	if (!stack)
		return SRP_DROP_no_memory;
	spin_lock_bh(&vnf->flow_lock);
	flow = srp_flow_live(sn, vnf, key);
	if (flow) {
		reason = srp_flow_restack(sn, flow, stack, chain);
		*res = flow;
	}
	spin_unlock_bh(&vnf->flow_lock);
	if (!flow)
		return srp_flow_add(sn, key, chain, stack, res);
	srp_stack_put(sn, stack);
	return reason;
}

/**
 * __srp_flow_refresh() - follow TTL and TC, once a second
 * @flow: the flow
 * @ttl: of the label that goes on top
 * @tc: likewise
 *
 * Context: softirq, RCU read-side.
 */
void __srp_flow_refresh(struct srp_flow *flow, u8 ttl, u8 tc)
{
	struct srp_vnf *vnf = srp_flow_vnf(flow);
	u32 now = (u32)jiffies;

	spin_lock_bh(&vnf->flow_lock);
	if (now - flow->refreshed >= HZ) {
		flow->refreshed = now;
		WRITE_ONCE(flow->ttl, ttl);
		WRITE_ONCE(flow->tc, tc);
	}
	spin_unlock_bh(&vnf->flow_lock);
}

/**
 * __srp_flow_follow() - follow TTL, TC and DSCP, once a second
 * @flow: the flow
 * @ttl: of the label that goes on top
 * @tc: likewise
 * @dscp: of the packet
 *
 * Context: softirq, RCU read-side.
 */
void __srp_flow_follow(struct srp_flow *flow, u8 ttl, u8 tc, u8 dscp)
{
	struct srp_vnf *vnf = srp_flow_vnf(flow);
	u32 now = (u32)jiffies;

	spin_lock_bh(&vnf->flow_lock);
	if (now - flow->refreshed >= HZ) {
		flow->refreshed = now;
		WRITE_ONCE(flow->ttl, ttl);
		WRITE_ONCE(flow->tc, tc);
		WRITE_ONCE(flow->dscp, dscp);
	}
	spin_unlock_bh(&vnf->flow_lock);
}

/* One batch from where @hand stands. Return: false at the end. */
static bool srp_flow_age_batch(struct srp_vnf *vnf, struct srp_link *hand,
			       u32 *expired)
{
	struct srp_net *sn = vnf->sn;
	u32 now = (u32)jiffies;
	int i;

	lockdep_assert_held(&vnf->flow_lock);
	for (i = 0; i < SRP_AGE_BATCH; i++) {
		struct srp_flow *flow = srp_flow_hand_next(vnf, hand);

		if (!flow)
			return false;
		if (srp_flow_expired(sn, flow)) {
			srp_flow_unlink(vnf, flow);
			(*expired)++;
			continue;
		}
		srp_latency_age(vnf, flow);
		if (flow->prev && now - flow->link.since >= HZ) {
			srp_stack_put(sn, flow->prev);
			flow->prev = NULL;
		}
		if (flow->flags & SRP_FLOW_CONFLICT &&
		    !srp_flow_in_conflict(flow, now)) {
			flow->flags &= ~SRP_FLOW_CONFLICT;
			srp_notify_flow(sn, flow, false);
		}
	}
	return true;
}

static u32 srp_flow_age(struct srp_vnf *vnf)
{
	struct srp_link hand;
	u32 expired = 0;
	bool more;

	spin_lock_bh(&vnf->flow_lock);
	srp_flow_hand_add(vnf, &hand);
	do {
		more = srp_flow_age_batch(vnf, &hand, &expired);
		if (!more)
			srp_flow_hand_del(vnf, &hand);
		spin_unlock_bh(&vnf->flow_lock);
		cond_resched();
		if (more)
			spin_lock_bh(&vnf->flow_lock);
	} while (more);
	return expired;
}

/**
 * srp_flow_flush() - end every flow of a vnf
 * @vnf: the vnf
 *
 * Context: process.
 */
void srp_flow_flush(struct srp_vnf *vnf)
{
	struct srp_link hand;
	struct srp_flow *flow;
	int i;

	spin_lock_bh(&vnf->flow_lock);
	srp_flow_hand_add(vnf, &hand);
	do {
		for (i = 0; i < SRP_AGE_BATCH; i++) {
			flow = srp_flow_hand_next(vnf, &hand);
			if (!flow)
				break;
			srp_flow_unlink(vnf, flow);
		}
		if (!flow)
			srp_flow_hand_del(vnf, &hand);
		spin_unlock_bh(&vnf->flow_lock);
		cond_resched();
		if (flow)
			spin_lock_bh(&vnf->flow_lock);
	} while (flow);
}

static void srp_count_expired(struct srp_net *sn, u32 expired)
{
	struct srp_net_counters *c;

	local_bh_disable();
	c = this_cpu_ptr(sn->counters);
	u64_stats_update_begin(&c->syncp);
	u64_stats_add(&c->flows_expired, expired);
	u64_stats_update_end(&c->syncp);
	local_bh_enable();
}

/* Often enough that no flow outlives its time-out by more than a quarter. */
static unsigned long srp_age_period(const struct srp_net *sn)
{
	return clamp_t(unsigned long, READ_ONCE(sn->idle) / 4, HZ / 20, 10 * HZ);
}

/* Next vnf after @vnf, held; @vnf is let go. */
static struct srp_vnf *srp_vnf_next_get(struct srp_net *sn,
					struct srp_vnf *vnf)
{
	u32 after = vnf ? vnf->id : 0;
	struct srp_vnf *next = NULL, *v;

	rcu_read_lock();
	list_for_each_entry_rcu(v, &sn->vnfs, node) {
		if (v->id > after && srp_vnf_get(v)) {
			next = v;
			break;
		}
	}
	rcu_read_unlock();
	if (vnf)
		srp_vnf_put(vnf);
	return next;
}

static void srp_age_work(struct work_struct *work)
{
	struct srp_net *sn = container_of(to_delayed_work(work),
					  struct srp_net, age_work);
	struct srp_vnf *vnf = NULL;
	u32 expired = 0;

	while ((vnf = srp_vnf_next_get(sn, vnf)))
		expired += srp_flow_age(vnf);
	if (expired)
		srp_count_expired(sn, expired);
	queue_delayed_work(srp_wq, &sn->age_work, srp_age_period(sn));
}

/**
 * srp_flows_init() - make the stash of a namespace
 * @sn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int srp_flows_init(struct srp_net *sn)
{
	int err = rhashtable_init(&sn->flows, &srp_flow_params);

	if (err)
		return err;
	INIT_DELAYED_WORK(&sn->age_work, srp_age_work);
	return 0;
}

/**
 * srp_flows_resume() - run the ageing worker now, and again in its time
 * @sn: the namespace
 */
void srp_flows_resume(struct srp_net *sn)
{
	mod_delayed_work(srp_wq, &sn->age_work, srp_age_period(sn));
}

/**
 * srp_flows_stop() - stop the ageing worker for good
 * @sn: the namespace
 */
void srp_flows_stop(struct srp_net *sn)
{
	cancel_delayed_work_sync(&sn->age_work);
}

/**
 * srp_flows_exit() - end the stash, when no flow is left
 * @sn: the namespace
 */
void srp_flows_exit(struct srp_net *sn)
{
	WARN_ON_ONCE(atomic_read(&sn->nflows));
	rhashtable_destroy(&sn->flows);
}

/**
 * srp_flow_init() - make what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int __init srp_flow_init(void)
{
	srp_flow_room_init();
	srp_flow_cache = kmem_cache_create("srp_flow", sizeof(struct srp_flow),
					   0, SLAB_HWCACHE_ALIGN, NULL);
	return srp_flow_cache ? 0 : -ENOMEM;
}

/** srp_flow_exit() - end what all namespaces share, after rcu_barrier() */
void srp_flow_exit(void)
{
	kmem_cache_destroy(srp_flow_cache);
}
