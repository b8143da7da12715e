// SPDX-License-Identifier: GPL-2.0-only
/* The stash: flows of one vnf, in a namespace that no packet reaches. */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/module.h>

#include "flow.h"
#include "label.h"
#include "net.h"
#include "sid.h"
#include "uplink.h"

#define THIS_VNF	7
#define THIS_SID	16010

/**
 * struct world - as much of a configuration as a flow needs
 * @sn: the namespace
 * @vnf: its vnf
 * @binding: the vnf's only sid
 * @uplink: where packets come from
 * @way: from whom
 * @lse: a stack; tests take as much of it as they want
 */
struct world {
	struct srp_net sn;
	struct srp_vnf vnf;
	struct srp_binding binding;
	struct srp_uplink uplink;
	u8 way[ETH_ALEN] __aligned(2);
	__be32 lse[SRPROXY_STACK_MAX];
};

/* 6.1 runs the suites before module_init(); what is __init is still there. */
static bool before_init(void)
{
	return THIS_MODULE->state == MODULE_STATE_COMING;
}

static int __ref flow_suite_init(struct kunit_suite *suite)
{
	return before_init() ? srp_flow_init() : 0;
}

static void __ref flow_suite_exit(struct kunit_suite *suite)
{
	if (before_init())
		srp_flow_exit();
}

static void world_init_vnf(struct world *w)
{
	struct srp_vnf *vnf = &w->vnf;

	vnf->sn = &w->sn;
	vnf->id = THIS_VNF;
	spin_lock_init(&vnf->flow_lock);
	spin_lock_init(&vnf->sum_lock);
	INIT_LIST_HEAD(&vnf->flows);
	INIT_LIST_HEAD(&vnf->bindings);
	refcount_set(&vnf->ref, 1);
	spin_lock_bh(&vnf->flow_lock);
	srp_flow_hand_add(vnf, &vnf->evict_hand);
	srp_flow_hand_add(vnf, &vnf->sample_hand);
	spin_unlock_bh(&vnf->flow_lock);
	list_add_tail_rcu(&vnf->node, &w->sn.vnfs);
}

static int world_init_net(struct srp_net *sn)
{
	int err;

	sn->net = &init_net;
	sn->idle = 60 * HZ;
	sn->settings.max_flows = 1000;
	INIT_LIST_HEAD(&sn->vnfs);
	sn->counters = srp_net_counters_alloc();
	if (!sn->counters)
		return -ENOMEM;
	err = srp_stacks_init(sn);
	return err ?: srp_flows_init(sn);
}

static int flow_init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	int i, err;

	if (!w)
		return -ENOMEM;
	err = world_init_net(&w->sn);
	if (err)
		return err;
	world_init_vnf(w);
	w->binding.vnf = &w->vnf;
	w->binding.label = THIS_SID;
	refcount_set(&w->binding.ref, 1);
	w->uplink.sn = &w->sn;
	refcount_set(&w->uplink.ref, 1);
	for (i = 0; i < SRPROXY_STACK_MAX; i++)
		w->lse[i] = srp_lse_id(17000 + i, i == SRPROXY_STACK_MAX - 1);
	test->priv = w;
	return 0;
}

/* Flows hold stacks, stacks the binding and the uplink: all is given back. */
static void flow_exit(struct kunit *test)
{
	struct world *w = test->priv;

	if (!w)
		return;
	srp_flow_flush(&w->vnf);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, atomic_read(&w->sn.nflows), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->sn.nprotected), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->vnf.nflows), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->vnf.nprotected), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&w->binding.ref), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&w->uplink.ref), 1);
	srp_flows_exit(&w->sn);
	srp_stacks_exit(&w->sn);
	/* what frees the stacks */
	rcu_barrier();
	free_percpu(w->sn.counters);
}

/* The key of UDP from port @sport to port @dport between two hosts, or of
 * what comes back.
 */
static struct srp_key key_of(u16 sport, u16 dport, bool back)
{
	struct srp_key key = {
		.vnf = THIS_VNF,
		.hash = sport ^ dport,
		.family = AF_INET,
		.proto = IPPROTO_UDP,
	};

	key.src.s6_addr32[0] = htonl(0x0a000001 + back);
	key.dst.s6_addr32[0] = htonl(0x0a000002 - back);
	key.sport = htons(sport);
	key.dport = htons(dport);
	return key;
}

/* The first @depth entries are still to be travelled. */
static struct srp_chain chain_of(struct world *w, u8 depth)
{
	return (struct srp_chain) {
		.binding = &w->binding,
		.uplink = &w->uplink,
		.way = w->way,
		.lse = w->lse,
		.depth = depth,
		.ttl = 60,
		.tc = 3,
	};
}

/* Remember the first @depth entries for a flow. Tests run alone: it lives. */
static enum srp_drop stash(struct world *w, const struct srp_key *key,
			   u8 depth, struct srp_flow **flow)
{
	struct srp_chain chain = chain_of(w, depth);
	enum srp_drop reason;

	rcu_read_lock();
	reason = srp_flow_stash(&w->sn, key, &chain, flow);
	rcu_read_unlock();
	return reason;
}

static struct srp_flow *find(struct world *w, const struct srp_key *key)
{
	struct srp_flow *flow;

	rcu_read_lock();
	flow = srp_flow_find(&w->sn, key);
	rcu_read_unlock();
	return flow;
}

static struct srp_stack *stack_of(const struct srp_flow *flow)
{
	return rcu_dereference_protected(flow->stack, 1);
}

/* A flow for which @depth entries are remembered. */
static struct srp_flow *made(struct kunit *test, u16 sport, u8 depth)
{
	struct srp_key key = key_of(sport, 53, false);
	struct srp_flow *flow = NULL;

	KUNIT_ASSERT_EQ(test, stash(test->priv, &key, depth, &flow),
			SRP_DROP_NONE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, flow);
	return flow;
}

/* As if nothing had come of the flow for a while. */
static void age(struct srp_flow *flow, u32 by)
{
	flow->last_up -= by;
	flow->last_back -= by;
	flow->link.since -= by;
	flow->refreshed -= by;
}

static struct srp_net_sums sums_of(const struct world *w)
{
	struct srp_net_sums sums;

	srp_net_counters_sum(w->sn.counters, &sums);
	return sums;
}

static void test_new_flow(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key key = key_of(1000, 53, false);
	struct srp_flow *flow = made(test, 1000, 3);
	const struct srp_stack *stack = stack_of(flow);

	KUNIT_EXPECT_PTR_EQ(test, find(w, &key), flow);
	KUNIT_EXPECT_TRUE(test, srp_key_equal(&flow->key, &key));
	KUNIT_EXPECT_PTR_EQ(test, srp_flow_vnf(flow), &w->vnf);
	KUNIT_EXPECT_EQ(test, flow->ttl, 60);
	KUNIT_EXPECT_EQ(test, flow->tc, 3);
	KUNIT_EXPECT_EQ(test, stack->depth, 3);
	KUNIT_EXPECT_EQ(test, memcmp(stack->lse, w->lse, 3 * SRP_LSE_LEN), 0);
	KUNIT_EXPECT_EQ(test, sums_of(w).flows_created, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->vnf.nflows), 1);
}

/* Same ports under another protocol, same key under another vnf, same hash. */
static void test_look_alikes(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key key = key_of(1000, 53, false);
	struct srp_key other;

	made(test, 1000, 3);
	other = key;
	other.proto = IPPROTO_TCP;
	KUNIT_EXPECT_PTR_EQ(test, find(w, &other), NULL);
	other = key;
	other.vnf++;
	KUNIT_EXPECT_PTR_EQ(test, find(w, &other), NULL);
	other = key_of(1000 ^ 1, 53 ^ 1, false);
	KUNIT_ASSERT_EQ(test, other.hash, key.hash);
	KUNIT_EXPECT_PTR_EQ(test, find(w, &other), NULL);
}

static void test_stacks_are_shared(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_flow *a = made(test, 1, 3), *b = made(test, 2, 3);
	struct srp_flow *c = made(test, 3, 4), *d = made(test, 4, 0);

	KUNIT_EXPECT_PTR_EQ(test, stack_of(a), stack_of(b));
	KUNIT_EXPECT_PTR_NE(test, stack_of(a), stack_of(c));
	KUNIT_EXPECT_EQ(test, stack_of(d)->depth, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&stack_of(a)->ref), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->sn.stacks.nelems), 3);
	w->way[5] = 1;
	KUNIT_EXPECT_PTR_NE(test, stack_of(made(test, 5, 3)), stack_of(a));
}

static void test_deepest_stack(struct kunit *test)
{
	struct world *w = test->priv;
	const struct srp_stack *stack;

	stack = stack_of(made(test, 1, SRPROXY_STACK_MAX));
	KUNIT_EXPECT_EQ(test, memcmp(stack->lse, w->lse, sizeof(w->lse)), 0);
}

/* TTL and TC are no part of a stack, nor is an address that nobody has. */
static void test_bare_identities(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_flow *flow = made(test, 1, 3);
	int i;

	for (i = 0; i < 3; i++)
		w->lse[i] |= srp_lse_rest(i, 64 + i);
	eth_broadcast_addr(w->way);
	made(test, 1, 3);
	KUNIT_EXPECT_PTR_EQ(test, stack_of(made(test, 2, 3)), stack_of(flow));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, stack_of(flow)->lse[i] ==
					(w->lse[i] & SRP_LSE_ID));
	KUNIT_EXPECT_TRUE(test, is_zero_ether_addr(stack_of(flow)->way));
}

/* Another stack takes the place of the first; the flow stays the same. */
static void test_new_stack(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_flow *flow = made(test, 1, 3);

	KUNIT_EXPECT_PTR_EQ(test, made(test, 1, 4), flow);
	KUNIT_EXPECT_EQ(test, stack_of(flow)->depth, 4);
	KUNIT_EXPECT_EQ(test, sums_of(w).flows_created, 1);
	KUNIT_EXPECT_EQ(test, flow->flags & SRP_FLOW_CONFLICT, 0);
}

/* The first stack comes back at once: two senders share the key. */
static void test_conflict(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key key = key_of(1, 53, false);
	struct srp_flow *flow = made(test, 1, 3), *res;

	made(test, 1, 4);
	KUNIT_EXPECT_EQ(test, stash(w, &key, 3, &res),
			SRP_DROP_stack_conflict);
	KUNIT_EXPECT_EQ(test, stack_of(flow)->depth, 4);
	KUNIT_EXPECT_TRUE(test, flow->flags & SRP_FLOW_CONFLICT);
	KUNIT_EXPECT_EQ(test, stash(w, &key, 5, &res),
			SRP_DROP_stack_conflict);
	KUNIT_EXPECT_EQ(test, stash(w, &key, 4, &res), SRP_DROP_NONE);
	/* its own sender falls silent: the other has it */
	age(flow, 2 * HZ);
	KUNIT_EXPECT_EQ(test, stash(w, &key, 3, &res), SRP_DROP_NONE);
	KUNIT_EXPECT_EQ(test, stack_of(flow)->depth, 3);
	KUNIT_EXPECT_FALSE(test, flow->flags & SRP_FLOW_CONFLICT);
}

/* The first stack comes back later: routes changed, and changed again. */
static void test_no_conflict(struct kunit *test)
{
	struct srp_flow *flow = made(test, 1, 3);

	made(test, 1, 4);
	age(flow, 2 * HZ);
	made(test, 1, 3);
	KUNIT_EXPECT_EQ(test, stack_of(flow)->depth, 3);
	KUNIT_EXPECT_FALSE(test, flow->flags & SRP_FLOW_CONFLICT);
}

/* A way back that changes is followed once a second, and is no conflict. */
static void test_way_back(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_flow *flow = made(test, 1, 3);
	struct srp_stack *first = stack_of(flow);

	flow->refreshed = (u32)jiffies;
	w->way[5] = 1;
	made(test, 1, 3);
	KUNIT_EXPECT_PTR_EQ(test, stack_of(flow), first);
	age(flow, 2 * HZ);
	made(test, 1, 3);
	KUNIT_EXPECT_PTR_NE(test, stack_of(flow), first);
	KUNIT_EXPECT_EQ(test, stack_of(flow)->way[5], 1);
}

/* Nor does it hide that the stack before it comes back too early. */
static void test_way_between(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key key = key_of(1, 53, false);
	struct srp_flow *flow = made(test, 1, 3), *res;

	made(test, 1, 4);
	flow->refreshed -= 2 * HZ;
	w->way[5] = 1;
	made(test, 1, 4);
	KUNIT_EXPECT_EQ(test, stack_of(flow)->way[5], 1);
	KUNIT_EXPECT_EQ(test, stash(w, &key, 3, &res),
			SRP_DROP_stack_conflict);
	KUNIT_EXPECT_EQ(test, stack_of(flow)->depth, 4);
}

static void test_expired(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_flow *flow = made(test, 1, 3);

	KUNIT_EXPECT_FALSE(test, srp_flow_expired(&w->sn, flow));
	flow->packets = 5;
	age(flow, w->sn.idle + 1);
	KUNIT_EXPECT_TRUE(test, srp_flow_expired(&w->sn, flow));
	flow = made(test, 1, 4);
	KUNIT_EXPECT_EQ(test, flow->packets, 0);
	KUNIT_EXPECT_EQ(test, sums_of(w).flows_expired, 1);
	KUNIT_EXPECT_EQ(test, sums_of(w).flows_created, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->sn.nflows), 1);
}

/* What either side sends keeps a flow alive. */
static void test_idle(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_flow *flow = made(test, 1, 3);

	age(flow, w->sn.idle + 1);
	srp_flow_touch_back(flow);
	KUNIT_EXPECT_FALSE(test, srp_flow_expired(&w->sn, flow));
	age(flow, w->sn.idle + 1);
	srp_flow_touch_up(flow);
	KUNIT_EXPECT_FALSE(test, srp_flow_expired(&w->sn, flow));
	KUNIT_EXPECT_EQ(test, flow->packets, 1);
}

/* When the vnf is full, the oldest on probation goes. */
static void test_limit(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key key;
	int i;

	w->vnf.max_flows = 3;
	for (i = 0; i < 5; i++)
		made(test, i, 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->vnf.nflows), 3);
	KUNIT_EXPECT_EQ(test, sums_of(w).flows_evicted, 2);
	for (i = 0; i < 5; i++) {
		key = key_of(i, 53, false);
		KUNIT_EXPECT_EQ(test, !!find(w, &key), i >= 2);
	}
}

/* A session with both directions here is past probation, and stays. */
static void test_protected(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key there = key_of(1, 53, false);
	struct srp_key back = key_of(53, 1, true);
	struct srp_flow *flow = made(test, 1, 3), *other;
	int i;

	w->vnf.max_flows = 5;
	KUNIT_ASSERT_EQ(test, stash(w, &back, 3, &other), SRP_DROP_NONE);
	KUNIT_EXPECT_TRUE(test, flow->flags & SRP_FLOW_PROTECTED);
	KUNIT_EXPECT_TRUE(test, other->flags & SRP_FLOW_PROTECTED);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->vnf.nprotected), 2);
	for (i = 2; i < 20; i++)
		made(test, i, 3);
	KUNIT_EXPECT_PTR_EQ(test, find(w, &there), flow);
	KUNIT_EXPECT_PTR_EQ(test, find(w, &back), other);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->vnf.nflows), 5);
}

/* Packets a second apart end probation; four fifths at most are protected. */
static void test_probation(struct kunit *test)
{
	struct world *w = test->priv;
	int i;

	w->vnf.max_flows = 5;
	for (i = 0; i < 5; i++) {
		struct srp_flow *flow = made(test, i, 3);

		age(flow, HZ + 1);
		rcu_read_lock();
		srp_flow_touch_up(flow);
		rcu_read_unlock();
		KUNIT_EXPECT_EQ(test, !!(flow->flags & SRP_FLOW_PROTECTED),
				i < 4);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&w->sn.nprotected), 4);
}

/* TTL and TC are those of the first packet, then followed once a second. */
static void test_refresh(struct kunit *test)
{
	struct srp_flow *flow = made(test, 1, 3);

	rcu_read_lock();
	srp_flow_refresh(flow, 63, 5);
	KUNIT_EXPECT_EQ(test, flow->ttl, 60);
	age(flow, HZ);
	srp_flow_refresh(flow, 63, 5);
	KUNIT_EXPECT_EQ(test, flow->ttl, 63);
	KUNIT_EXPECT_EQ(test, flow->tc, 5);
	srp_flow_refresh(flow, 7, 1);
	KUNIT_EXPECT_EQ(test, flow->ttl, 63);
	age(flow, HZ);
	srp_flow_refresh(flow, 7, 1);
	KUNIT_EXPECT_EQ(test, flow->ttl, 7);
	KUNIT_EXPECT_EQ(test, flow->tc, 1);
	rcu_read_unlock();
}

static void test_dead_vnf(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key key = key_of(1, 53, false);
	struct srp_flow *flow;

	w->vnf.dead = true;
	KUNIT_EXPECT_EQ(test, stash(w, &key, 3, &flow), SRP_DROP_vnf_down);
	KUNIT_EXPECT_PTR_EQ(test, find(w, &key), NULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->sn.nflows), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->sn.stacks.nelems), 0);
}

/* A label further down that leads to the same vnf again. */
static void test_revisit(struct kunit *test)
{
	struct world *w = test->priv;
	struct srp_key key = key_of(1, 53, false);
	struct srp_sid_page *page;
	struct srp_flow *flow;
	struct srp_sid *sid;

	page = kunit_kzalloc(test, sizeof(*page), GFP_KERNEL);
	sid = kunit_kzalloc(test, struct_size(sid, member, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sid);
	sid->n_member = 1;
	sid->member[0] = &w->binding;
	/* the label of the third entry */
	rcu_assign_pointer(page->sid[17002 & (SRP_SID_PAGE - 1)], sid);
	rcu_assign_pointer(w->sn.sids[17002 >> SRP_SID_PAGE_BITS], page);
	KUNIT_EXPECT_EQ(test, stash(w, &key, 2, &flow), SRP_DROP_NONE);
	KUNIT_EXPECT_EQ(test, stash(w, &key, 3, &flow), SRP_DROP_revisit);
	KUNIT_EXPECT_EQ(test, stack_of(find(w, &key))->depth, 2);
}

static struct kunit_case flow_cases[] = {
	KUNIT_CASE(test_new_flow),
	KUNIT_CASE(test_look_alikes),
	KUNIT_CASE(test_stacks_are_shared),
	KUNIT_CASE(test_deepest_stack),
	KUNIT_CASE(test_bare_identities),
	KUNIT_CASE(test_new_stack),
	KUNIT_CASE(test_conflict),
	KUNIT_CASE(test_no_conflict),
	KUNIT_CASE(test_way_back),
	KUNIT_CASE(test_way_between),
	KUNIT_CASE(test_expired),
	KUNIT_CASE(test_idle),
	KUNIT_CASE(test_limit),
	KUNIT_CASE(test_protected),
	KUNIT_CASE(test_probation),
	KUNIT_CASE(test_refresh),
	KUNIT_CASE(test_dead_vnf),
	KUNIT_CASE(test_revisit),
	{}
};

static struct kunit_suite flow_suite = {
	.name = "srproxy_flow",
	.suite_init = flow_suite_init,
	.suite_exit = flow_suite_exit,
	.init = flow_init,
	.exit = flow_exit,
	.test_cases = flow_cases,
};

kunit_test_suites(&flow_suite);
