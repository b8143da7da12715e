// SPDX-License-Identifier: GPL-2.0-only
/* Flow keys: of every transport, under both families, in both directions. */
#include <kunit/test.h>

#include "label.h"
#include "packet.h"

static bool serves(const struct packet_transport *t, int family)
{
	return t->family == AF_UNSPEC || t->family == family;
}

/* Call @check for each transport under each family that has it. */
static void check_all(struct kunit *test,
		      void (*check)(struct kunit *test, int family,
				    const struct packet_transport *t))
{
	int i, j;

	for (i = 0; i < PACKET_FAMILIES; i++)
		for (j = 0; j < packet_n_transports; j++)
			if (serves(&packet_transports[j], packet_families[i]))
				check(test, packet_families[i],
				      &packet_transports[j]);
}

static void check_key(struct kunit *test, int family,
		      const struct packet_transport *t)
{
	struct srp_key key;
	struct fixture f;

	packet_write(&f, family, t, false);
	packet_key(&key, family, t);
	packet_expect_at(test, &f, SRP_DROP_NONE, &key, t->name, 3);
}

static void test_keys(struct kunit *test)
{
	check_all(test, check_key);
}

/* The packet behind labels: nothing before @off counts. */
static void check_offset(struct kunit *test, int family,
			 const struct packet_transport *t)
{
	unsigned int off, head;
	struct srp_key bare, key;
	enum srp_drop reason;
	struct fixture f;

	packet_write(&f, family, t, false);
	packet_parse(test, &f, &bare);
	for (off = SRP_LSE_LEN; off <= 17 * SRP_LSE_LEN; off += 64) {
		struct fixture labelled = {};

		fixture_add(&labelled, NULL, off);
		fixture_add(&labelled, f.data, f.len);
		reason = packet_parse_skb(fixture_linear(test, &labelled), off,
					  &key);
		KUNIT_ASSERT_EQ(test, reason, SRP_DROP_NONE);
		KUNIT_ASSERT_TRUE_MSG(test, srp_key_equal(&key, &bare),
				      t->name);
		for (head = 0; head < labelled.len; head += 41) {
			packet_parse_skb(fixture_paged(test, &labelled, head),
					 off, &key);
			KUNIT_ASSERT_TRUE_MSG(test, srp_key_equal(&key, &bare),
					      t->name);
		}
		labelled.len = off;
		reason = packet_parse_skb(fixture_linear(test, &labelled), off,
					  &key);
		KUNIT_ASSERT_EQ(test, reason, SRP_DROP_inner_malformed);
	}
}

static void test_offset(struct kunit *test)
{
	check_all(test, check_offset);
}

/* Cut short of what its length field says, whatever the transport. */
static void test_cut_short(struct kunit *test)
{
	struct fixture f;
	int i;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		packet_write(&f, packet_families[i], packet_tcp, false);
		while (f.len--)
			packet_refused(test, &f, "cut");
	}
}

/* Short, and the length field says so: taken while what the key is made of is
 * there, with the octets beyond in memory (padding) or not.
 */
static void check_short(struct kunit *test, int family,
			const struct packet_transport *t)
{
	unsigned int whole = packet_ip_len(family) + t->len, len;
	struct srp_key key;

	packet_key(&key, family, t);
	for (len = packet_ip_len(family); len < whole; len++) {
		bool enough = len >= packet_ip_len(family) + t->need;
		enum srp_drop reason = enough ? SRP_DROP_NONE :
						SRP_DROP_inner_malformed;
		struct srp_key got;
		struct fixture f;

		packet_write(&f, family, t, false);
		f.len = len;
		packet_fit(&f);
		packet_expect(test, &f, reason, enough ? &key : NULL, t->name);
		f.len = whole;
		KUNIT_ASSERT_EQ_MSG(test, packet_parse(test, &f, &got), reason,
				    "%s, %u octets padded", t->name, len);
	}
}

static void test_short(struct kunit *test)
{
	check_all(test, check_short);
}

static void check_padding(struct kunit *test, int family,
			  const struct packet_transport *t)
{
	struct srp_key key;
	struct fixture f;
	int i;

	packet_write(&f, family, t, false);
	packet_key(&key, family, t);
	for (i = 0; i < 46; i++) {
		fixture_add(&f, "\xff", 1);
		if (i % 45 == 0)
			packet_expect(test, &f, SRP_DROP_NONE, &key, t->name);
	}
}

static void test_padding(struct kunit *test)
{
	check_all(test, check_padding);
}

static void check_directions(struct kunit *test, int family,
			     const struct packet_transport *t)
{
	struct srp_key there, back, reverse, twice;
	struct fixture f;

	packet_write(&f, family, t, false);
	KUNIT_ASSERT_EQ(test, packet_parse(test, &f, &there), SRP_DROP_NONE);
	there.vnf = 7;
	srp_key_reverse(&there, &reverse);
	packet_write(&f, family, t, true);
	KUNIT_ASSERT_EQ(test, packet_parse(test, &f, &back), SRP_DROP_NONE);
	KUNIT_EXPECT_EQ_MSG(test, there.hash, back.hash, t->name);
	KUNIT_EXPECT_EQ_MSG(test, srp_key_select_hash(&there, &packet_secret),
			    srp_key_select_hash(&back, &packet_secret),
			    t->name);
	back.vnf = 7;
	KUNIT_EXPECT_TRUE_MSG(test, srp_key_equal(&reverse, &back), t->name);
	KUNIT_EXPECT_FALSE_MSG(test, srp_key_equal(&there, &back), t->name);
	srp_key_reverse(&reverse, &twice);
	KUNIT_EXPECT_TRUE_MSG(test, srp_key_equal(&twice, &there), t->name);
}

static void test_directions(struct kunit *test)
{
	check_all(test, check_directions);
}

/* Both ends have one address: the ports alone tell the directions apart. */
static void test_same_address(struct kunit *test)
{
	int i;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		unsigned int addr = packet_families[i] == AF_INET ? 4 : 16;
		unsigned int at = packet_families[i] == AF_INET ? 12 : 8;
		struct srp_key there, back, reverse;
		struct fixture f;

		packet_write(&f, packet_families[i], packet_tcp, false);
		memcpy(f.data + at, f.data + at + addr, addr);
		packet_parse(test, &f, &there);
		packet_write(&f, packet_families[i], packet_tcp, true);
		memcpy(f.data + at + addr, f.data + at, addr);
		packet_parse(test, &f, &back);
		KUNIT_EXPECT_EQ(test, there.hash, back.hash);
		KUNIT_EXPECT_FALSE(test, srp_key_equal(&there, &back));
		srp_key_reverse(&there, &reverse);
		KUNIT_EXPECT_TRUE(test, srp_key_equal(&reverse, &back));
	}
}

/* Change one octet at a time of what the key is made of: another key, another
 * hash (the secret is constant, so a collision would be there every time).
 */
static void expect_differs(struct kunit *test, const struct fixture *f,
			   unsigned int from, unsigned int to, const char *what)
{
	struct srp_key base, key;
	unsigned int at;

	KUNIT_ASSERT_EQ(test, packet_parse(test, f, &base), SRP_DROP_NONE);
	for (at = from; at < to; at++) {
		struct fixture other = *f;

		other.data[at] ^= 0x41;
		KUNIT_ASSERT_EQ_MSG(test, packet_parse(test, &other, &key),
				    SRP_DROP_NONE, "%s, octet %u", what, at);
		KUNIT_ASSERT_FALSE_MSG(test, srp_key_equal(&base, &key),
				       "%s, octet %u", what, at);
		KUNIT_ASSERT_NE_MSG(test, base.hash, key.hash, "%s, octet %u",
				    what, at);
	}
}

static void check_differs(struct kunit *test, int family,
			  const struct packet_transport *t)
{
	static const u8 octets[] = { 0, 4, 2, 4, 2 };
	unsigned int at = packet_ip_len(family) + t->at;
	struct fixture f;

	packet_write(&f, family, t, false);
	expect_differs(test, &f, at, at + octets[t->part], t->name);
}

static void test_differences(struct kunit *test)
{
	struct fixture f;

	check_all(test, check_differs);
	packet_write(&f, AF_INET, packet_tcp, false);
	expect_differs(test, &f, 12, 20, "addresses");
	packet_write(&f, AF_INET6, packet_tcp, false);
	expect_differs(test, &f, 8, 40, "addresses");
}

/* The same octets under another protocol are another flow. */
static void test_protocols_differ(struct kunit *test)
{
	static const u8 protos[] = {
		IPPROTO_TCP,  IPPROTO_UDP,  IPPROTO_UDPLITE,
		IPPROTO_SCTP, IPPROTO_DCCP,
	};
	struct srp_key key[2 * ARRAY_SIZE(protos)];
	struct fixture f;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(key); i++) {
		struct packet_transport t = *packet_tcp;

		t.proto = protos[i / 2];
		packet_write(&f, packet_families[i % 2], &t, false);
		KUNIT_ASSERT_EQ(test, packet_parse(test, &f, &key[i]),
				SRP_DROP_NONE);
		for (j = 0; j < i; j++) {
			KUNIT_EXPECT_NE(test, key[i].hash, key[j].hash);
			KUNIT_EXPECT_FALSE(test,
					   srp_key_equal(&key[i], &key[j]));
		}
	}
}

static void test_secret(struct kunit *test)
{
	static const hsiphash_key_t other = {
		.key = { 0x6b65792d6f6e65ULL, 0x6b65792d746870ULL },
	};
	struct srp_key a, b;
	struct fixture f;
	int i;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		struct sk_buff *skb;

		packet_write(&f, packet_families[i], packet_tcp, false);
		packet_parse(test, &f, &a);
		skb = fixture_linear(test, &f);
		srp_inner_parse(skb, 0, &other, &b);
		kfree_skb(skb);
		KUNIT_EXPECT_NE(test, a.hash, b.hash);
	}
}

/* One direction of a session of which the other has another SPI or key. */
static void parse_spi(struct kunit *test, int family, u8 proto, u8 spi,
		      bool back, struct srp_key *key)
{
	static const u8 gre[] = { 0x20, 0, 0x08, 0 };
	struct packet_transport t = { .proto = proto, .len = 12 };
	struct fixture f;

	memset(t.data, spi, t.len);
	if (proto == IPPROTO_GRE)
		memcpy(t.data, gre, sizeof(gre));
	packet_write(&f, family, &t, back);
	KUNIT_ASSERT_EQ(test, packet_parse(test, &f, key), SRP_DROP_NONE);
}

/* Both lead to one instance; where there are ports they count. */
static void test_select_hash(struct kunit *test)
{
	static const u8 protos[] = { IPPROTO_ESP, IPPROTO_AH, IPPROTO_GRE };
	struct srp_key a, b;
	struct fixture f;
	int i;

	for (i = 0; i < 2 * ARRAY_SIZE(protos); i++) {
		int family = packet_families[i % 2];

		parse_spi(test, family, protos[i / 2], 1, false, &a);
		parse_spi(test, family, protos[i / 2], 2, true, &b);
		KUNIT_EXPECT_NE(test, a.hash, b.hash);
		KUNIT_EXPECT_EQ(test, srp_key_select_hash(&a, &packet_secret),
				srp_key_select_hash(&b, &packet_secret));
		packet_write(&f, family, packet_tcp, false);
		packet_parse(test, &f, &a);
		KUNIT_EXPECT_EQ(test, srp_key_select_hash(&a, &packet_secret),
				a.hash);
	}
}

/* A vnf is part of a flow's identity, not of the hash. */
static void test_vnf_counts(struct kunit *test)
{
	struct srp_key a, b;
	struct fixture f;

	packet_write(&f, AF_INET, packet_tcp, false);
	packet_parse(test, &f, &a);
	b = a;
	KUNIT_EXPECT_EQ(test, a.vnf, 0);
	b.vnf = 1;
	KUNIT_EXPECT_FALSE(test, srp_key_equal(&a, &b));
	KUNIT_EXPECT_EQ(test, a.hash, b.hash);
}

static struct kunit_case inner_cases[] = {
	KUNIT_CASE(test_keys),
	KUNIT_CASE(test_offset),
	KUNIT_CASE(test_cut_short),
	KUNIT_CASE(test_short),
	KUNIT_CASE(test_padding),
	KUNIT_CASE(test_directions),
	KUNIT_CASE(test_same_address),
	KUNIT_CASE(test_differences),
	KUNIT_CASE(test_protocols_differ),
	KUNIT_CASE(test_secret),
	KUNIT_CASE(test_select_hash),
	KUNIT_CASE(test_vnf_counts),
	{}
};

static struct kunit_suite inner_suite = {
	.name = "srproxy_inner",
	.test_cases = inner_cases,
};

kunit_test_suites(&inner_suite);
