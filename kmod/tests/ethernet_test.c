// SPDX-License-Identifier: GPL-2.0-only
/* Ethernet payloads: the flow key of a frame, cut short anywhere. */
#include <kunit/test.h>
#include <linux/if_vlan.h>

#include "ethernet.h"
#include "packet.h"

static const u8 macs[2 * ETH_ALEN] = {
	0x02, 0, 0, 0, 0, 0xb, 0x02, 0, 0, 0, 0, 0xa,
};

static void write_be16(struct fixture *f, u16 value)
{
	__be16 wire = htons(value);

	fixture_add(f, &wire, sizeof(wire));
}

static void write_frame(struct fixture *f, bool cw, int tags, u16 type)
{
	int i;

	if (cw)
		fixture_add(f, NULL, SRP_CW_LEN);
	fixture_add(f, macs, sizeof(macs));
	for (i = 0; i < tags; i++) {
		write_be16(f, i ? ETH_P_8021Q : ETH_P_8021AD);
		write_be16(f, 0xe064 + i);
	}
	write_be16(f, type);
}

static void write_ip_frame(struct fixture *f, bool cw, int tags, int family)
{
	struct fixture ip = {};

	write_frame(f, cw, tags, family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
	packet_write(&ip, family, packet_udp, false);
	fixture_add(f, ip.data, ip.len);
}

static enum srp_drop parse(struct kunit *test, struct sk_buff *skb, bool cw,
			   struct srp_key *key)
{
	struct srp_net *sn = kunit_kzalloc(test, sizeof(*sn), GFP_KERNEL);
	struct srp_ctx ctx = { .sn = sn, .skb = skb };
	enum srp_drop reason;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sn);
	sn->hash_key = packet_secret;
	ctx.odd = SRP_ODD_ETHER | (cw ? SRP_ODD_CW : 0);
	reason = srp_ether_parse(&ctx);
	*key = ctx.key;
	KUNIT_EXPECT_TRUE(test, reason || ctx.outer == (cw ? SRP_CW_LEN : 0));
	kfree_skb(skb);
	kunit_kfree(test, sn);
	return reason;
}

/* The key of a frame with an IP flow: that flow's, and the outer VLAN. */
static void expect_flow(struct kunit *test, bool cw, int tags, int family)
{
	struct fixture f = {};
	struct srp_key want, got;

	write_ip_frame(&f, cw, tags, family);
	packet_key(&want, family, packet_udp);
	want.vid = tags ? 0x64 : 0;
	KUNIT_ASSERT_EQ(test, parse(test, fixture_linear(test, &f), cw, &got),
			SRP_DROP_NONE);
	KUNIT_EXPECT_NE(test, got.hash, 0);
	got.hash = 0;
	KUNIT_ASSERT_TRUE_MSG(test, srp_key_equal(&got, &want),
			      "family %d, %d tags", family, tags);
}

static void test_flow(struct kunit *test)
{
	int tags, i;

	for (i = 0; i < PACKET_FAMILIES; i++)
		for (tags = 0; tags <= 2; tags++) {
			expect_flow(test, false, tags, packet_families[i]);
			expect_flow(test, true, tags, packet_families[i]);
		}
}

static void expect_macs(struct kunit *test, const struct fixture *f, u16 type,
			u16 vid)
{
	struct srp_key key, reverse;

	KUNIT_ASSERT_EQ(test, parse(test, fixture_linear(test, f), false,
				    &key), SRP_DROP_NONE);
	KUNIT_EXPECT_EQ(test, key.family, AF_PACKET);
	KUNIT_EXPECT_EQ(test, memcmp(&key.dst, macs, ETH_ALEN), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&key.src, macs + ETH_ALEN, ETH_ALEN), 0);
	KUNIT_EXPECT_EQ(test, ntohs(key.sport), type);
	KUNIT_EXPECT_EQ(test, (u16)key.vid, vid);
	srp_key_reverse(&key, &reverse);
	KUNIT_EXPECT_EQ(test, ntohs(reverse.sport), type);
	KUNIT_EXPECT_EQ(test, (u16)reverse.vid, vid);
	KUNIT_EXPECT_EQ(test, memcmp(&reverse.src, macs, ETH_ALEN), 0);
}

static void test_macs(struct kunit *test)
{
	static const u16 types[] = { ETH_P_ARP, 46, 0x88b5, ETH_P_IP };
	int tags, i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (tags = 0; tags <= 2; tags++) {
			struct fixture f = {};

			write_frame(&f, false, tags, types[i]);
			expect_macs(test, &f, types[i], tags ? 0x64 : 0);
		}
}

/* Both directions of frames without an IP flow meet one instance. */
static void test_symmetric(struct kunit *test)
{
	struct fixture f = {}, back = {};
	struct srp_key there, here;

	write_frame(&f, false, 1, ETH_P_ARP);
	back = f;
	memcpy(back.data, macs + ETH_ALEN, ETH_ALEN);
	memcpy(back.data + ETH_ALEN, macs, ETH_ALEN);
	parse(test, fixture_linear(test, &f), false, &there);
	parse(test, fixture_linear(test, &back), false, &here);
	KUNIT_EXPECT_EQ(test, there.hash, here.hash);
	KUNIT_EXPECT_FALSE(test, srp_key_equal(&there, &here));
}

/* Cut at every octet: refused before the MAC header is whole, a frame of some
 * kind after that; never read past the end.
 */
static void expect_cut(struct kunit *test, bool cw, int tags, int family)
{
	unsigned int least = ETH_HLEN + (cw ? SRP_CW_LEN : 0);
	struct fixture f = {};
	struct srp_key key;

	write_ip_frame(&f, cw, tags, family);
	for (; f.len; f.len--) {
		enum srp_drop want = f.len < least ? SRP_DROP_inner_malformed :
						     SRP_DROP_NONE;

		KUNIT_ASSERT_EQ(test, parse(test, fixture_linear(test, &f), cw,
					    &key), want);
		KUNIT_ASSERT_EQ(test, parse(test,
					    fixture_paged(test, &f, f.len / 3),
					    cw, &key), want);
	}
}

static void test_cut_short(struct kunit *test)
{
	int tags, i;

	for (i = 0; i < PACKET_FAMILIES; i++)
		for (tags = 0; tags <= 2; tags++)
			expect_cut(test, tags & 1, tags, packet_families[i]);
}

static void test_control_word(struct kunit *test)
{
	struct fixture f = {};
	struct srp_key key;
	int first;

	write_ip_frame(&f, true, 0, AF_INET);
	for (first = 0; first < 256; first++) {
		f.data[0] = first;
		KUNIT_EXPECT_EQ(test, parse(test, fixture_linear(test, &f),
					    true, &key),
				first >> 4 ? SRP_DROP_inner_unknown :
					     SRP_DROP_NONE);
	}
}

static struct kunit_case ethernet_cases[] = {
	KUNIT_CASE(test_flow),
	KUNIT_CASE(test_macs),
	KUNIT_CASE(test_symmetric),
	KUNIT_CASE(test_cut_short),
	KUNIT_CASE(test_control_word),
	{}
};

static struct kunit_suite ethernet_suite = {
	.name = "srproxy_ethernet",
	.test_cases = ethernet_cases,
};

kunit_test_suites(&ethernet_suite);
