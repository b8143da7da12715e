// SPDX-License-Identifier: GPL-2.0-only
/* Which instance serves a label, for which session. */
#include <kunit/test.h>
#include <linux/netdevice.h>

#include "core.h"
#include "flow.h"
#include "net.h"
#include "sid.h"
#include "vnf.h"

#define N		5
#define SESSIONS	100000

/**
 * struct group - a sid and its instances, in a namespace without flows
 * @sn: the namespace
 * @dev: on which all instances are
 * @vnf: instances
 * @binding: theirs
 * @sid: the sid
 */
struct group {
	struct srp_net sn;
	struct net_device *dev;
	struct srp_vnf vnf[N];
	struct srp_binding binding[N];
	struct srp_sid *sid;
};

static const hsiphash_key_t secret = { .key = { 1, 2 } };

static int group_init(struct kunit *test)
{
	struct group *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	int i;

	if (!g)
		return -ENOMEM;
	g->dev = kunit_kzalloc(test, sizeof(*g->dev), GFP_KERNEL);
	g->sid = kunit_kzalloc(test, struct_size(g->sid, member, N),
			       GFP_KERNEL);
	if (!g->dev || !g->sid ||
	    rhashtable_init(&g->sn.flows, &srp_flow_params))
		return -ENOMEM;
	g->dev->flags = IFF_UP;
	g->sid->n_member = N;
	g->sid->n_primary = N;
	for (i = 0; i < N; i++) {
		struct srp_vnf *vnf = &g->vnf[i];

		vnf->id = i + 1;
		vnf->id_hash = hsiphash_1u32(i, &secret);
		vnf->weight = 1;
		vnf->admin = SRPROXY_ADMIN_UP;
		RCU_INIT_POINTER(vnf->tx.dev, g->dev);
		RCU_INIT_POINTER(vnf->rx.dev, g->dev);
		g->binding[i].vnf = vnf;
		g->sid->member[i] = &g->binding[i];
	}
	test->priv = g;
	return 0;
}

static void group_exit(struct kunit *test)
{
	struct group *g = test->priv;

	if (g)
		rhashtable_destroy(&g->sn.flows);
}

/* The number of the instance that a session goes to, N if there is none. */
static int pick(struct group *g, u32 session)
{
	struct srp_ctx ctx = {
		.sn = &g->sn,
		.key = {
			.hash = hsiphash_1u32(session, &secret),
			.family = AF_INET,
			.proto = IPPROTO_UDP,
		},
	};
	const struct srp_binding *b;

	rcu_read_lock();
	b = srp_sid_select(&ctx, g->sid);
	rcu_read_unlock();
	return b ? b - g->binding : N;
}

/* How far off, in thousandths, are the shares from those of the weights? */
static int worst_share(struct group *g)
{
	u32 count[N + 1] = {}, total = 0;
	int i, worst = 0;

	for (i = 0; i < N; i++)
		total += g->vnf[i].weight;
	for (i = 0; i < SESSIONS; i++)
		count[pick(g, i)]++;
	for (i = 0; i < N; i++) {
		int want = SESSIONS * g->vnf[i].weight / total;

		worst = max(worst, abs((int)count[i] - want) * 1000 / want);
	}
	return worst;
}

static void test_equal_weights(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, worst_share(test->priv), 20);
}

static void test_weights(struct kunit *test)
{
	static const u32 weight[N] = { 1, 2, 3, 4, 10 };
	struct group *g = test->priv;
	int i;

	for (i = 0; i < N; i++)
		g->vnf[i].weight = weight[i];
	KUNIT_EXPECT_LE(test, worst_share(g), 20);
}

/* Of those that go, and of what comes back, nobody else's is touched. */
static void test_one_gone(struct kunit *test)
{
	static const u8 how[] = { SRPROXY_ADMIN_DOWN, SRPROXY_ADMIN_DRAIN };
	struct group *g = test->priv;
	u32 session, moved = 0;
	u8 *was;
	int i;

	was = kunit_kzalloc(test, SESSIONS / 10, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, was);
	for (session = 0; session < SESSIONS / 10; session++)
		was[session] = pick(g, session);
	for (i = 0; i < ARRAY_SIZE(how); i++) {
		g->vnf[2].admin = how[i];
		for (session = 0; session < SESSIONS / 10; session++) {
			int now = pick(g, session);

			KUNIT_EXPECT_NE(test, now, 2);
			KUNIT_EXPECT_LT(test, now, N);
			if (was[session] == 2)
				moved |= BIT(now);
			else
				KUNIT_EXPECT_EQ(test, now, was[session]);
		}
	}
	/* to all of the others */
	KUNIT_EXPECT_EQ(test, moved, BIT(N) - 1 - BIT(2));
	g->vnf[2].admin = SRPROXY_ADMIN_UP;
	for (session = 0; session < SESSIONS / 10; session++)
		KUNIT_EXPECT_EQ(test, pick(g, session), was[session]);
}

/* Whatever the order, and under whatever label, the same instance. */
static void test_other_order(struct kunit *test)
{
	struct group *g = test->priv;
	u32 session;
	u8 *was;

	was = kunit_kzalloc(test, SESSIONS / 10, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, was);
	for (session = 0; session < SESSIONS / 10; session++)
		was[session] = pick(g, session);
	swap(g->sid->member[0], g->sid->member[3]);
	swap(g->sid->member[1], g->sid->member[4]);
	g->sid->label = 17000;
	for (session = 0; session < SESSIONS / 10; session++)
		KUNIT_EXPECT_EQ(test, pick(g, session), was[session]);
}

static void test_backup(struct kunit *test)
{
	struct group *g = test->priv;
	int i;

	g->sid->n_primary = N - 1;
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_LT(test, pick(g, i), N - 1);
	for (i = 0; i < N - 1; i++)
		g->vnf[i].admin = SRPROXY_ADMIN_DOWN;
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_EQ(test, pick(g, i), N - 1);
	g->dev->flags = 0;
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_EQ(test, pick(g, i), N);
}

static struct kunit_case sid_cases[] = {
	KUNIT_CASE(test_equal_weights),
	KUNIT_CASE(test_weights),
	KUNIT_CASE(test_one_gone),
	KUNIT_CASE(test_other_order),
	KUNIT_CASE(test_backup),
	{}
};

static struct kunit_suite sid_suite = {
	.name = "srproxy_sid",
	.init = group_init,
	.exit = group_exit,
	.test_cases = sid_cases,
};

kunit_test_suites(&sid_suite);
