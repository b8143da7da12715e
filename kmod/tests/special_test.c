// SPDX-License-Identifier: GPL-2.0-only
/* Special-purpose labels: what may be where, and what a pop brings up. */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "core.h"
#include "fixture.h"
#include "sid.h"
#include "special.h"

#define OURS	16010	/* the one label of this node */
#define ENTRIES	6

/**
 * struct stack_case - a stack, and what is to come of it
 * @what: for the user
 * @in: the labels
 * @n: how many
 * @reason: what srp_special_take() returns
 * @family: what explicit null says
 * @out: what remains to be travelled
 * @left: how many
 */
struct stack_case {
	const char *what;
	u32 in[ENTRIES];
	u8 n;
	enum srp_drop reason;
	u8 family;
	u32 out[ENTRIES];
	u8 left;
};

static const struct stack_case cases[] = {
	{ "null above", { 0, OURS, 900 }, 3, .out = { 900 }, .left = 1 },
	{ "null below", { OURS, 2, 900 }, 3, .out = { 900 }, .left = 1 },
	{ "null deeper", { OURS, 900, 0 }, 3, .out = { 900, 0 }, .left = 2 },
	{ "null last", { OURS, 0 }, 2, .family = AF_INET },
	{ "null6 last", { OURS, 2 }, 2, .family = AF_INET6 },
	{ "alert above", { 1, OURS, 900 }, 3, .out = { 1, 900 }, .left = 2 },
	{ "alert below", { OURS, 1, 900 }, 3, .out = { 1, 900 }, .left = 2 },
	{ "alerts", { 1, OURS, 1, 900 }, 4, .out = { 1, 900 }, .left = 2 },
	{ "alert, last null", { OURS, 1, 0 }, 3, .family = AF_INET },
	{ "alert above the last", { 1, OURS }, 2 },
	{ "alert last", { OURS, 900, 1 }, 3, SRP_DROP_label_malformed },
	{ "entropy", { OURS, 7, 99, 900 }, 4, .out = { 900 }, .left = 1 },
	{ "entropy last", { OURS, 7, 99 }, 3 },
	{ "entropy deeper", { OURS, 900, 7, 99, 901 }, 5,
	  .out = { 900, 7, 0, 901 }, .left = 4 },
	{ "entropy above", { 7, 99, OURS, 900 }, 4, .out = { 900 }, .left = 1 },
	{ "entropy cut", { OURS, 900, 7 }, 3, SRP_DROP_label_malformed },
	{ "entropy special", { OURS, 7, 15 }, 3, SRP_DROP_label_malformed },
	{ "channel", { OURS, 13 }, 2, SRP_DROP_label_special },
	{ "channel deeper", { OURS, 900, 13 }, 3,
	  .out = { 900, 13 }, .left = 2 },
	{ "extended", { OURS, 15, 99 }, 3, SRP_DROP_label_special },
	{ "extended deeper", { OURS, 900, 15, 3 }, 4,
	  .out = { 900, 15, 3 }, .left = 3 },
	{ "extended cut", { OURS, 900, 15 }, 3, SRP_DROP_label_malformed },
	{ "implicit null", { OURS, 3, 900 }, 3, SRP_DROP_label_special },
	{ "alert of OAM", { OURS, 900, 14 }, 3, SRP_DROP_label_special },
	{ "unassigned", { OURS, 8 }, 2, SRP_DROP_label_special },
};

/* A namespace with one sid. */
static struct srp_net *make_net(struct kunit *test)
{
	struct srp_net *sn = kunit_kzalloc(test, sizeof(*sn), GFP_KERNEL);
	struct srp_sid_page *page = kunit_kzalloc(test, sizeof(*page),
						  GFP_KERNEL);
	struct srp_sid *sid = kunit_kzalloc(test, sizeof(*sid), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sn);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sid);
	sid->label = OURS;
	RCU_INIT_POINTER(page->sid[OURS & (SRP_SID_PAGE - 1)], sid);
	RCU_INIT_POINTER(sn->sids[OURS >> SRP_SID_PAGE_BITS], page);
	return sn;
}

static void write_stack(struct fixture *f, const u32 *label, u8 n)
{
	u8 i;

	for (i = 0; i < n; i++) {
		__be32 lse = srp_lse_id(label[i], i == n - 1) |
			     srp_lse_rest(0, 64);

		fixture_add(f, &lse, SRP_LSE_LEN);
	}
}

/* Parse and take, as the uplink's hook does; @skb is freed. */
static enum srp_drop take(struct srp_net *sn, struct sk_buff *skb,
			  struct srp_ctx *ctx, __be32 *room, u8 *family)
{
	struct srp_labels labels;
	enum srp_drop reason = fixture_labels(skb, &labels);

	*family = AF_UNSPEC;
	memset(ctx, 0, sizeof(*ctx));
	ctx->sn = sn;
	ctx->skb = skb;
	rcu_read_lock();
	if (!reason)
		reason = srp_special_take(ctx, &labels, room, family);
	rcu_read_unlock();
	kfree_skb(skb);
	return reason;
}

static void expect_case(struct kunit *test, struct srp_net *sn,
			const struct stack_case *c)
{
	__be32 room[SRP_LSES_MAX];
	struct fixture f = {};
	struct srp_ctx ctx;
	enum srp_drop reason;
	u8 family, i;

	write_stack(&f, c->in, c->n);
	reason = take(sn, fixture_linear(test, &f), &ctx, room, &family);
	KUNIT_ASSERT_EQ_MSG(test, reason, c->reason, c->what);
	if (reason)
		return;
	KUNIT_ASSERT_EQ_MSG(test, family, c->family, c->what);
	KUNIT_ASSERT_EQ_MSG(test, ctx.depth, c->left, c->what);
	for (i = 0; i < c->left; i++)
		KUNIT_ASSERT_EQ_MSG(test, srp_lse_label(ctx.lse[i]), c->out[i],
				    c->what);
	if (c->left)
		KUNIT_ASSERT_TRUE_MSG(test, srp_lse_bottom(ctx.lse[i - 1]),
				      c->what);
}

static void test_take(struct kunit *test)
{
	struct srp_net *sn = make_net(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect_case(test, sn, &cases[i]);
}

/* However a packet is cut, and wherever it lies: nothing past its end. */
static void test_cut(struct kunit *test)
{
	struct srp_net *sn = make_net(test);
	__be32 room[SRP_LSES_MAX];
	unsigned int len, i;
	struct srp_ctx ctx;
	u8 family;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f = {};

		write_stack(&f, cases[i].in, cases[i].n);
		for (len = f.len; f.len--; len--) {
			struct sk_buff *skb = fixture_paged(test, &f,
							    f.len / 2);

			rcu_read_lock();
			srp_special_top_sid(sn, skb);
			rcu_read_unlock();
			KUNIT_ASSERT_EQ(test,
					take(sn, skb, &ctx, room, &family),
					SRP_DROP_label_malformed);
			skb = fixture_linear(test, &f);
			rcu_read_lock();
			srp_special_top_sid(sn, skb);
			rcu_read_unlock();
			kfree_skb(skb);
		}
	}
}

/* Whatever stands in a stack, what is left of it lies in the room. */
static void test_random(struct kunit *test)
{
	struct srp_net *sn = make_net(test);
	struct rnd_state rnd;
	int round;

	prandom_seed_state(&rnd, 6790);
	for (round = 0; round < 20000; round++) {
		u8 n = 1 + prandom_u32_state(&rnd) % (SRPROXY_STACK_MAX + 1);
		__be32 room[SRP_LSES_MAX], fill[SRP_LSES_MAX];
		u32 label[SRP_LSES_MAX];
		struct fixture f = {};
		struct srp_ctx ctx;
		u8 family, i;

		for (i = 0; i < n; i++)
			label[i] = prandom_u32_state(&rnd) % 20;
		label[prandom_u32_state(&rnd) % n] = OURS;
		write_stack(&f, label, n);
		if (take(sn, fixture_linear(test, &f), &ctx, room, &family))
			continue;
		KUNIT_ASSERT_TRUE(test, ctx.lse >= room);
		KUNIT_ASSERT_TRUE(test, ctx.lse + ctx.depth == room + n);
		KUNIT_ASSERT_TRUE(test, !ctx.depth || !family);
		srp_special_fill(&ctx, fill);
		for (i = 0; i < ctx.depth; i++)
			KUNIT_ASSERT_EQ(test, srp_lse_bottom(fill[i]),
					i == ctx.depth - 1);
	}
}

static void test_fill(struct kunit *test)
{
	const __be32 lse[] = {
		srp_lse_id(900, false), srp_lse_id(7, false),
		srp_lse_id(0, false), srp_lse_id(15, false),
		srp_lse_id(7, false), srp_lse_id(901, true),
	};
	struct srp_ctx ctx = { .lse = lse, .depth = ARRAY_SIZE(lse), .tc = 5,
			       .ttl = 33 };
	__be32 out[SRP_LSES_MAX];
	int i;

	ctx.key.hash = 0xffffffff;
	srp_special_fill(&ctx, out);
	for (i = 0; i < ARRAY_SIZE(lse); i++) {
		if (i != 2)
			KUNIT_EXPECT_TRUE(test, out[i] ==
					  (lse[i] | srp_lse_rest(5, 33)));
	}
	KUNIT_EXPECT_EQ(test, srp_lse_label(out[2]), SRPROXY_LABEL_MAX);
	KUNIT_EXPECT_EQ(test, srp_lse_ttl(out[2]), 0);
	KUNIT_EXPECT_FALSE(test, srp_lse_bottom(out[2]));
	KUNIT_EXPECT_EQ(test, srp_special_entropy(0), 16);
}

static struct kunit_case special_cases[] = {
	KUNIT_CASE(test_take),
	KUNIT_CASE(test_cut),
	KUNIT_CASE(test_random),
	KUNIT_CASE(test_fill),
	{}
};

static struct kunit_suite special_suite = {
	.name = "srproxy_special",
	.test_cases = special_cases,
};

kunit_test_suites(&special_suite);
