// SPDX-License-Identifier: GPL-2.0-only
/* Label stacks: entries, reading a stack, putting one on. */
#include <kunit/test.h>
#include <linux/if_ether.h>
#include <net/checksum.h>

#include "fixture.h"
#include "label.h"

/* As deep as can be taken: one entry to pop and SRPROXY_STACK_MAX below. */
#define DEEPEST (SRPROXY_STACK_MAX + 1)

/* Entry @i of every stack here: no two alike in any field. */
static __be32 entry(int i, bool bottom)
{
	return srp_lse_id(0x10101 * (i % 15 + 1) + i, bottom) |
	       srp_lse_rest(i % 8, 255 - i);
}

/* A stack of @n entries, the last with the S bit if @bottom. */
static void write_stack(struct fixture *f, int n, bool bottom)
{
	int i;

	for (i = 0; i < n; i++) {
		__be32 lse = entry(i, bottom && i == n - 1);

		fixture_add(f, &lse, SRP_LSE_LEN);
	}
}

static void write_payload(struct fixture *f, int len)
{
	int i;

	for (i = 0; i < len; i++) {
		u8 octet = 0x40 + i;

		fixture_add(f, &octet, 1);
	}
}

static void expect_entry(struct kunit *test, u32 label, bool bottom, u8 tc,
			 u8 ttl)
{
	u32 wire = label << 12 | tc << 9 | bottom << 8 | ttl;
	__be32 lse = srp_lse_id(label, bottom) | srp_lse_rest(tc, ttl);

	KUNIT_ASSERT_EQ(test, be32_to_cpu(lse), wire);
	KUNIT_ASSERT_EQ(test, srp_lse_label(lse), label);
	KUNIT_ASSERT_EQ(test, srp_lse_bottom(lse), bottom);
	KUNIT_ASSERT_EQ(test, srp_lse_tc(lse), tc);
	KUNIT_ASSERT_EQ(test, srp_lse_ttl(lse), ttl);
	KUNIT_ASSERT_EQ(test, be32_to_cpu(lse & SRP_LSE_ID),
			label << 12 | bottom << 8);
}

static void test_entries(struct kunit *test)
{
	static const u32 labels[] = { 0, 3, 16, 0x12345, 0x80000, 0xfffff };
	static const u8 ttls[] = { 0, 1, 64, 128, 255 };
	int l, t, tc;

	for (l = 0; l < ARRAY_SIZE(labels); l++)
		for (t = 0; t < ARRAY_SIZE(ttls); t++)
			for (tc = 0; tc < 8; tc++) {
				expect_entry(test, labels[l], false, tc,
					     ttls[t]);
				expect_entry(test, labels[l], true, tc,
					     ttls[t]);
			}
}

static void test_entry_on_the_wire(struct kunit *test)
{
	static const u8 wire[] = { 0x12, 0x34, 0x5b, 0x40 };
	__be32 lse = srp_lse_id(0x12345, true) | srp_lse_rest(5, 64);

	KUNIT_EXPECT_EQ(test, memcmp(&lse, wire, sizeof(wire)), 0);
}

/* Parse @skb, freed, which has @f's stack of @n entries: it is linear then. */
static void expect_stack(struct kunit *test, struct sk_buff *skb,
			 const struct fixture *f, int n)
{
	struct srp_labels labels;

	memset(&labels, 0xa5, sizeof(labels));
	KUNIT_ASSERT_EQ(test, fixture_labels(skb, &labels), SRP_DROP_NONE);
	KUNIT_ASSERT_EQ(test, labels.depth, n - 1);
	KUNIT_ASSERT_TRUE(test, labels.top == entry(0, n == 1));
	if (n > 1)
		KUNIT_ASSERT_TRUE(test, labels.next == entry(1, n == 2));
	KUNIT_ASSERT_GE(test, skb_headlen(skb), n * SRP_LSE_LEN);
	KUNIT_ASSERT_TRUE(test, fixture_holds(skb, f));
	kfree_skb(skb);
}

static void test_parse(struct kunit *test)
{
	unsigned int head;
	int n;

	for (n = 1; n <= DEEPEST; n++) {
		struct fixture f = {};

		write_stack(&f, n, true);
		expect_stack(test, fixture_linear(test, &f), &f, n);
		write_payload(&f, 9);
		expect_stack(test, fixture_linear(test, &f), &f, n);
		for (head = 0; head < f.len; head += 5)
			expect_stack(test, fixture_paged(test, &f, head), &f,
				     n);
	}
}

static void expect_refused(struct kunit *test, struct sk_buff *skb,
			   enum srp_drop reason)
{
	struct srp_labels labels;

	KUNIT_ASSERT_EQ(test, fixture_labels(skb, &labels), reason);
	kfree_skb(skb);
}

static void expect_all_refused(struct kunit *test, const struct fixture *f,
			       enum srp_drop reason)
{
	unsigned int head;

	expect_refused(test, fixture_linear(test, f), reason);
	for (head = f->len % 23; head < f->len; head += 23)
		expect_refused(test, fixture_paged(test, f, head), reason);
}

static void test_too_deep(struct kunit *test)
{
	static const int depths[] = { DEEPEST + 1, DEEPEST + 2, 64 };
	int i;

	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		struct fixture f = {};

		write_stack(&f, depths[i], true);
		expect_all_refused(test, &f, SRP_DROP_label_too_deep);
	}
}

static void test_no_bottom(struct kunit *test)
{
	int n;

	for (n = 0; n <= 64; n += n <= DEEPEST ? 1 : 23) {
		struct fixture f = {};

		write_stack(&f, n, false);
		expect_all_refused(test, &f,
				   n < DEEPEST ? SRP_DROP_label_malformed :
						 SRP_DROP_label_too_deep);
	}
}

static void test_cut_short(struct kunit *test)
{
	int n;

	for (n = 1; n <= DEEPEST; n += 8) {
		struct fixture f = {};

		write_stack(&f, n, true);
		while (f.len--)
			expect_all_refused(test, &f, SRP_DROP_label_malformed);
	}
}

/* Every entry of a stack put on has this TC and TTL; it can be read again. */
static void expect_pushed(struct kunit *test, struct sk_buff *skb,
			  const __be32 *id, int depth, u8 tc, u8 ttl)
{
	const __be32 *lse = (const __be32 *)skb->data;
	struct srp_labels labels;
	int i;

	KUNIT_ASSERT_GE(test, skb_headlen(skb), depth * SRP_LSE_LEN);
	for (i = 0; i < depth; i++) {
		KUNIT_ASSERT_TRUE(test, (lse[i] & SRP_LSE_ID) == id[i]);
		KUNIT_ASSERT_EQ(test, srp_lse_tc(lse[i]), tc);
		KUNIT_ASSERT_EQ(test, srp_lse_ttl(lse[i]), ttl);
		KUNIT_ASSERT_EQ(test, srp_lse_bottom(lse[i]), i == depth - 1);
	}
	KUNIT_ASSERT_EQ(test, fixture_labels(skb, &labels), SRP_DROP_NONE);
	KUNIT_ASSERT_EQ(test, labels.depth, depth - 1);
	KUNIT_ASSERT_TRUE(test, (labels.top & SRP_LSE_ID) == id[0]);
}

/* The headers that mpls_gso and the neighbour code go by. */
static void expect_headers(struct kunit *test, const struct sk_buff *skb,
			   int depth)
{
	KUNIT_ASSERT_TRUE(test, skb->protocol == htons(ETH_P_MPLS_UC));
	KUNIT_ASSERT_TRUE(test, skb->inner_protocol == htons(ETH_P_IP));
	KUNIT_ASSERT_EQ(test, skb_network_offset(skb), 0);
	KUNIT_ASSERT_EQ(test, skb_inner_network_offset(skb),
			depth * SRP_LSE_LEN);
}

static __wsum whole_csum(const struct sk_buff *skb)
{
	return skb_checksum(skb, 0, skb->len, 0);
}

static void push(struct kunit *test, struct sk_buff *skb,
		 const struct fixture *f, int depth, unsigned int headroom)
{
	u8 tc = depth % 8, ttl = 255 - depth;
	__be32 id[SRPROXY_STACK_MAX];
	int i;

	for (i = 0; i < depth; i++)
		id[i] = entry(i, i == depth - 1) & SRP_LSE_ID;
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = whole_csum(skb);
	KUNIT_ASSERT_EQ(test,
			srp_labels_push(skb, id, depth, tc, ttl, headroom), 0);
	KUNIT_ASSERT_GE(test, skb_headroom(skb), headroom);
	expect_pushed(test, skb, id, depth, tc, ttl);
	expect_headers(test, skb, depth);
	KUNIT_ASSERT_TRUE(test, csum_fold(skb->csum) ==
				csum_fold(whole_csum(skb)));
	skb_pull(skb, depth * SRP_LSE_LEN);
	KUNIT_ASSERT_TRUE(test, fixture_holds(skb, f));
}

static void test_push(struct kunit *test)
{
	int depth;

	for (depth = 1; depth <= SRPROXY_STACK_MAX; depth++) {
		struct fixture f = {};
		struct sk_buff *skb;

		write_payload(&f, 41);
		skb = fixture_linear(test, &f);
		push(test, skb, &f, depth, 0);
		kfree_skb(skb);
		skb = fixture_linear(test, &f);
		push(test, skb, &f, depth, FIXTURE_HEADROOM);
		kfree_skb(skb);
		skb = fixture_paged(test, &f, depth);
		push(test, skb, &f, depth, 32);
		kfree_skb(skb);
	}
}

/* A tap that has the same packet keeps what it saw. */
static void test_push_clone(struct kunit *test)
{
	struct fixture f = {}, headroom = {};
	struct sk_buff *skb, *tap;

	write_payload(&f, 41);
	skb = fixture_linear(test, &f);
	tap = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tap);
	push(test, skb, &f, 4, 0);
	KUNIT_EXPECT_TRUE(test, fixture_holds(tap, &f));
	skb_push(tap, FIXTURE_HEADROOM);
	memset(fixture_add(&headroom, NULL, FIXTURE_HEADROOM), 0x5a,
	       FIXTURE_HEADROOM);
	fixture_add(&headroom, f.data, f.len);
	KUNIT_EXPECT_TRUE(test, fixture_holds(tap, &headroom));
	kfree_skb(tap);
	kfree_skb(skb);
}

static struct kunit_case label_cases[] = {
	KUNIT_CASE(test_entries),
	KUNIT_CASE(test_entry_on_the_wire),
	KUNIT_CASE(test_parse),
	KUNIT_CASE(test_too_deep),
	KUNIT_CASE(test_no_bottom),
	KUNIT_CASE(test_cut_short),
	KUNIT_CASE(test_push),
	KUNIT_CASE(test_push_clone),
	{}
};

static struct kunit_suite label_suite = {
	.name = "srproxy_label",
	.test_cases = label_cases,
};

kunit_test_suites(&label_suite);
