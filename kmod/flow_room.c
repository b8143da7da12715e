// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds of the stash, from the outside in: the whole module (by RAM;
 * namespaces of unprivileged users share a tenth), the namespace, the vnf. A
 * new flow pays into all three before it is in the table. When one is full, a
 * flow gives way: the oldest on probation, else the most idle of a few.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <net/net_namespace.h>

#include "flow.h"
#include "vnf.h"

#define SRP_HAND_STEPS	4096	/* places a hand moves at most, per new flow */
#define SRP_SAMPLES	8	/* flows looked at for the most idle */
#define SRP_ROOM_TRIES	4

static atomic_long_t srp_flow_total;
static atomic_long_t srp_flow_total_user;
static unsigned long srp_flow_max;

module_param_named(max_flows, srp_flow_max, ulong, 0644);
MODULE_PARM_DESC(max_flows, "bound of flows of all namespaces together");

/* Namespaces of unprivileged users share this part of the module's bound. */
#define SRP_USER_SHARE	10

static bool srp_net_is_user(const struct srp_net *sn)
{
	return sn->net->user_ns != &init_user_ns;
}

/**
 * srp_flow_total_max() - the bound of the whole module
 *
 * Return: flows.
 */
u64 srp_flow_total_max(void)
{
	return READ_ONCE(srp_flow_max);
}

static bool srp_pay(atomic_t *purse, u32 max)
{
	int old = atomic_read(purse);

	do {
		if (old >= max)
			return false;
	} while (!atomic_try_cmpxchg(purse, &old, old + 1));
	return true;
}

static bool srp_pay_long(atomic_long_t *purse, unsigned long max)
{
	long old = atomic_long_read(purse);

	do {
		if (old >= max)
			return false;
	} while (!atomic_long_try_cmpxchg(purse, &old, old + 1));
	return true;
}

/**
 * srp_charge_module() - pay for an object out of the bound of the whole module
 * @sn: the namespace
 *
 * Flows pay so, and what else packets can make.
 *
 * Return: false if there is no room, nothing is paid then.
 */
bool srp_charge_module(const struct srp_net *sn)
{
	unsigned long max = READ_ONCE(srp_flow_max);

	if (!srp_pay_long(&srp_flow_total, max))
		return false;
	if (!srp_net_is_user(sn) ||
	    srp_pay_long(&srp_flow_total_user, max / SRP_USER_SHARE))
		return true;
	atomic_long_dec(&srp_flow_total);
	return false;
}

/**
 * srp_uncharge_module() - give back what srp_charge_module() took
 * @sn: the namespace
 */
void srp_uncharge_module(const struct srp_net *sn)
{
	atomic_long_dec(&srp_flow_total);
	if (srp_net_is_user(sn))
		atomic_long_dec(&srp_flow_total_user);
}

/* What of the module's bound is for a namespace. */
static u64 srp_module_share(const struct srp_net *sn)
{
	u64 max = srp_flow_total_max();

	return srp_net_is_user(sn) ? div_u64(max, SRP_USER_SHARE) : max;
}

static u32 srp_vnf_max(const struct srp_vnf *vnf)
{
	return READ_ONCE(vnf->max_flows) ?: INT_MAX;
}

static u32 srp_net_max(const struct srp_net *sn)
{
	return min_t(u32, READ_ONCE(sn->settings.max_flows), INT_MAX);
}

/* Return: true if all three bounds have room, one flow is paid for then. */
static bool srp_charge(struct srp_net *sn, struct srp_vnf *vnf)
{
	if (!srp_pay(&vnf->nflows, srp_vnf_max(vnf)))
		return false;
	if (!srp_pay(&sn->nflows, srp_net_max(sn)))
		goto err_vnf;
	if (!srp_charge_module(sn))
		goto err_net;
	return true;

err_net:
	atomic_dec(&sn->nflows);
err_vnf:
	atomic_dec(&vnf->nflows);
	return false;
}

/**
 * srp_flow_uncharge() - give back what a flow has paid
 * @sn: the namespace
 * @vnf: the vnf
 */
void srp_flow_uncharge(struct srp_net *sn, struct srp_vnf *vnf)
{
	srp_uncharge_module(sn);
	atomic_dec(&sn->nflows);
	atomic_dec(&vnf->nflows);
}

/* All before the eviction hand are protected, and stay so: it passes each
 * flow once. Return: true if there may be one on probation, in @res unless
 * the way there is too long for one packet.
 */
static bool srp_oldest_on_probation(struct srp_vnf *vnf, struct srp_flow **res)
{
	struct srp_flow *flow;
	int steps;

	*res = NULL;
	for (steps = 0; steps < SRP_HAND_STEPS; steps++) {
		flow = srp_flow_hand_next(vnf, &vnf->evict_hand);
		if (!flow)
			return false;
		if (!(flow->flags & SRP_FLOW_PROTECTED)) {
			*res = flow;
			return true;
		}
	}
	return true;
}

static struct srp_flow *srp_sample_next(struct srp_vnf *vnf)
{
	struct srp_flow *flow = srp_flow_hand_next(vnf, &vnf->sample_hand);

	if (flow)
		return flow;
	list_move(&vnf->sample_hand.list, &vnf->flows);
	return srp_flow_hand_next(vnf, &vnf->sample_hand);
}

/* The most idle of the next few, if it is idle over a second. */
static struct srp_flow *srp_most_idle(struct srp_vnf *vnf)
{
	struct srp_flow *found = NULL;
	u32 now = (u32)jiffies, most = HZ;
	int i;

	for (i = 0; i < SRP_SAMPLES; i++) {
		struct srp_flow *flow = srp_sample_next(vnf);

		if (!flow)
			break;
		if (srp_flow_idle(flow, now) <= most)
			continue;
		most = srp_flow_idle(flow, now);
		found = flow;
	}
	return found;
}

static bool srp_flow_evict(struct srp_vnf *vnf)
{
	struct srp_flow *flow;

	spin_lock_bh(&vnf->flow_lock);
	if (!srp_oldest_on_probation(vnf, &flow))
		flow = srp_most_idle(vnf);
	if (flow)
		srp_flow_unlink(vnf, flow);
	spin_unlock_bh(&vnf->flow_lock);
	if (flow)
		srp_count_flow(vnf->sn, flows_evicted);
	return flow;
}

/* The vnf with the most flows on probation, else with the most at all. */
static struct srp_vnf *srp_biggest_vnf(struct srp_net *sn)
{
	struct srp_vnf *vnf, *found = NULL;
	u64 most = 0;

	list_for_each_entry_rcu(vnf, &sn->vnfs, node) {
		u64 all = atomic_read(&vnf->nflows);
		u64 weight = ((all - atomic_read(&vnf->nprotected)) << 32) |
			     all;

		if (!all || weight <= most)
			continue;
		most = weight;
		found = vnf;
	}
	return found;
}

/**
 * srp_flow_room() - pay for a flow; others give way if need be
 * @sn: the namespace
 * @vnf: the vnf
 *
 * Context: softirq, RCU read-side, without srp_vnf.flow_lock.
 * Return: false if there is no room, nothing is paid then.
 */
bool srp_flow_room(struct srp_net *sn, struct srp_vnf *vnf)
{
	int try;

	for (try = 0; try < SRP_ROOM_TRIES; try++) {
		struct srp_vnf *from = vnf;

		if (likely(srp_charge(sn, vnf)))
			return true;
		if (atomic_read(&vnf->nflows) < srp_vnf_max(vnf))
			from = srp_biggest_vnf(sn);
		if (!from || !srp_flow_evict(from))
			return false;
	}
	return false;
}

/**
 * srp_protect_room() - may another flow end its probation?
 * @sn: the namespace
 * @vnf: the vnf
 *
 * Return: false if protected flows fill four fifths of any bound.
 */
bool srp_protect_room(struct srp_net *sn, struct srp_vnf *vnf)
{
	u64 net_max = min_t(u64, srp_net_max(sn), srp_module_share(sn));
	u64 vnf_max = srp_vnf_max(vnf);

	return atomic_read(&sn->nprotected) < div_u64(net_max * 4, 5) &&
	       atomic_read(&vnf->nprotected) < div_u64(vnf_max * 4, 5);
}

/**
 * srp_flow_room_init() - set the bound of the module if nobody has
 *
 * One for each KiB of RAM: an eighth of it where flows share their stacks, a
 * quarter where each has its own.
 */
void __init srp_flow_room_init(void)
{
	u64 ram = (u64)totalram_pages() << PAGE_SHIFT;

	if (!srp_flow_max)
		srp_flow_max = clamp_t(u64, ram >> 10, 4096, INT_MAX);
}
