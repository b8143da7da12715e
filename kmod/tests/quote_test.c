// SPDX-License-Identifier: GPL-2.0-only
/* Keys of ICMP errors: what they quote, cut at every octet. */
#include <kunit/test.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "packet.h"

static const u8 errors4[] = { 3, 4, 5, 11, 12 };
static const u8 errors6[] = { 1, 2, 3, 4, 100, 127 };

/* An error of a router, in front of the packet @quoted. */
static void write_error(struct fixture *f, int family, u8 type, u8 router,
			const struct fixture *quoted)
{
	u8 icmp[8] = { type, 1, 0xcc, 0xcc };

	memset(f, 0, sizeof(*f));
	packet_write_ip(f, family,
			family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6,
			true);
	f->data[family == AF_INET ? 15 : 23] = router;
	fixture_add(f, icmp, sizeof(icmp));
	fixture_add(f, quoted->data, quoted->len);
	packet_fit(f);
}

/* Parse it, lying in memory in several ways: each time the same. */
static enum srp_drop parse_error(struct kunit *test, const struct fixture *f,
				 struct srp_key *key)
{
	enum srp_drop reason = packet_parse(test, f, key);
	struct srp_key paged;
	unsigned int head;

	for (head = f->len % 17; head < f->len; head += 17) {
		KUNIT_ASSERT_EQ(test,
				packet_parse_skb(fixture_paged(test, f, head),
						 0, &paged), reason);
		if (!reason)
			KUNIT_ASSERT_TRUE(test, srp_key_equal(key, &paged));
	}
	return reason;
}

/* What it quotes, as srp_inner_quote() has it. */
static bool quote_of(struct kunit *test, const struct fixture *f,
		     struct srp_key *quote)
{
	struct sk_buff *skb = fixture_paged(test, f, 0);
	struct srp_key key;
	bool found;

	KUNIT_EXPECT_EQ(test, srp_inner_parse(skb, 0, &packet_secret, &key),
			SRP_DROP_NONE);
	found = srp_inner_quote(skb, 0, &packet_secret, quote);
	KUNIT_EXPECT_EQ(test, found, srp_key_is_error(&key));
	kfree_skb(skb);
	return found;
}

/* An error about @t goes where a packet of @t goes, in either direction. */
static void expect_session(struct kunit *test, int family, u8 type,
			   const struct packet_transport *t, bool back)
{
	struct srp_key key, session, quote;
	struct fixture f, quoted;

	packet_write(&quoted, family, t, back);
	packet_parse(test, &quoted, &session);
	write_error(&f, family, type, 77, &quoted);
	KUNIT_ASSERT_EQ(test, parse_error(test, &f, &key), SRP_DROP_NONE);
	KUNIT_ASSERT_TRUE_MSG(test, srp_key_is_error(&key), t->name);
	KUNIT_ASSERT_TRUE(test, quote_of(test, &f, &quote));
	if (t->part != PART_NONE ||
	    (t->proto != IPPROTO_ICMP && t->proto != IPPROTO_ICMPV6))
		KUNIT_ASSERT_TRUE_MSG(test, srp_key_equal(&quote, &session),
				      t->name);
	KUNIT_ASSERT_EQ_MSG(test, srp_key_select_hash(&key, &packet_secret),
			    srp_key_select_hash(&quote, &packet_secret),
			    t->name);
}

static void test_sessions(struct kunit *test)
{
	unsigned int n, i;
	int back;

	for (n = 0; n < packet_n_transports; n++) {
		const struct packet_transport *t = &packet_transports[n];

		for (back = 0; back < 2; back++) {
			for (i = 0; i < ARRAY_SIZE(errors4); i++)
				if (t->family != AF_INET6)
					expect_session(test, AF_INET,
						       errors4[i], t, back);
			for (i = 0; i < ARRAY_SIZE(errors6); i++)
				if (t->family != AF_INET)
					expect_session(test, AF_INET6,
						       errors6[i], t, back);
		}
	}
}

/* Types that quote nothing have no quote. */
static void test_not_errors(struct kunit *test)
{
	static const u8 types[] = { 0, 8, 9, 10, 13, 17, 40, 255 };
	static const u8 types6[] = { 128, 129, 135, 137, 255 };
	struct fixture f, quoted;
	struct srp_key key;
	int i;

	packet_write(&quoted, AF_INET, packet_udp, false);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		write_error(&f, AF_INET, types[i], 7, &quoted);
		packet_parse(test, &f, &key);
		KUNIT_EXPECT_FALSE(test, srp_key_is_error(&key));
	}
	packet_write(&quoted, AF_INET6, packet_udp, false);
	for (i = 0; i < ARRAY_SIZE(types6); i++) {
		write_error(&f, AF_INET6, types6[i], 7, &quoted);
		packet_parse(test, &f, &key);
		KUNIT_EXPECT_FALSE(test, srp_key_is_error(&key));
	}
}

/* Errors of one router about two sessions, of two routers about one, about the
 * two directions: keys of their own. Another type is not another key.
 */
static void test_distinct(struct kunit *test)
{
	struct fixture f, quoted;
	struct srp_key key[5];
	int i, j, n;

	for (n = 0; n < PACKET_FAMILIES; n++) {
		int family = packet_families[n];

		packet_write(&quoted, family, packet_udp, false);
		write_error(&f, family, 3, 77, &quoted);
		parse_error(test, &f, &key[0]);
		write_error(&f, family, 3, 78, &quoted);
		parse_error(test, &f, &key[1]);
		write_error(&f, family, family == AF_INET ? 11 : 1, 77,
			    &quoted);
		parse_error(test, &f, &key[4]);
		quoted.data[packet_ip_len(family) + 1]++;
		write_error(&f, family, 3, 77, &quoted);
		parse_error(test, &f, &key[2]);
		packet_write(&quoted, family, packet_udp, true);
		write_error(&f, family, 3, 77, &quoted);
		parse_error(test, &f, &key[3]);
		for (i = 0; i < 4; i++)
			for (j = 0; j < i; j++)
				KUNIT_EXPECT_FALSE(test,
						   srp_key_equal(&key[i],
								 &key[j]));
		KUNIT_EXPECT_TRUE(test, srp_key_equal(&key[0], &key[4]));
	}
}

/* Cut at every octet: refused without the ICMP header, known by itself without
 * the quoted addresses, then by these, then by the ports too.
 */
static void test_cut(struct kunit *test)
{
	unsigned int len, whole, outer;
	struct srp_key key, quote;
	struct fixture f, quoted;
	int n;

	for (n = 0; n < PACKET_FAMILIES; n++) {
		int family = packet_families[n];

		packet_write(&quoted, family, packet_udp, false);
		write_error(&f, family, 3, 77, &quoted);
		whole = f.len;
		outer = packet_ip_len(family);
		for (len = outer; len <= whole; len++) {
			f.len = len;
			packet_fit(&f);
			KUNIT_ASSERT_EQ(test, parse_error(test, &f, &key),
					len < outer + 8 ?
					SRP_DROP_inner_malformed :
					SRP_DROP_NONE);
			if (len < outer + 8)
				continue;
			KUNIT_ASSERT_EQ(test, quote_of(test, &f, &quote),
					len >= outer * 2 + 8);
			if (len < outer * 2 + 8)
				continue;
			KUNIT_ASSERT_EQ(test, quote.proto, IPPROTO_UDP);
			KUNIT_ASSERT_EQ(test, !!quote.spi,
					len >= outer * 2 + 8 + 4);
		}
	}
}

/* Extension headers in front of the ports, cut at every octet. */
static void test_cut_extension_headers(struct kunit *test)
{
	struct srp_key key, quote, want;
	struct fixture f, quoted = {};
	u8 opt[24] = { NEXTHDR_DEST, 0, [8] = IPPROTO_UDP, 1 };
	unsigned int len;

	packet_write_ip(&quoted, AF_INET6, NEXTHDR_HOP, false);
	fixture_add(&quoted, opt, sizeof(opt));
	packet_write_transport(&quoted, packet_udp, false);
	packet_fit(&quoted);
	packet_parse(test, &quoted, &want);
	write_error(&f, AF_INET6, 1, 77, &quoted);
	for (len = f.len; len >= 88; len--) {
		f.len = len;
		packet_fit(&f);
		KUNIT_ASSERT_EQ(test, parse_error(test, &f, &key),
				SRP_DROP_NONE);
		KUNIT_ASSERT_TRUE(test, quote_of(test, &f, &quote));
		KUNIT_ASSERT_EQ(test, srp_key_equal(&quote, &want),
				len >= 88 + 24 + 4);
	}
}

/* The quote ends where its length says: what follows are extensions. A length
 * that a router has spoilt is passed over.
 */
static void test_quoted_length(struct kunit *test)
{
	struct srp_key key, quote, want;
	struct fixture f, quoted;
	struct iphdr *ip = (struct iphdr *)quoted.data;
	static const u16 lengths[] = { 0, 19, 20, 23, 24, 28, 0xffff };
	int i;

	packet_write(&quoted, AF_INET, packet_udp, false);
	packet_parse(test, &quoted, &want);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		bool cut = lengths[i] >= 20 && lengths[i] < 24;

		ip->tot_len = htons(lengths[i]);
		write_error(&f, AF_INET, 11, 77, &quoted);
		/* RFC 4884: padding, then an extension header */
		fixture_add(&f, NULL, 100);
		fixture_add(&f, "\x20\x00\x00\x00\x00\x08\x01\x01", 8);
		packet_fit(&f);
		KUNIT_ASSERT_EQ(test, parse_error(test, &f, &key),
				SRP_DROP_NONE);
		KUNIT_ASSERT_TRUE(test, quote_of(test, &f, &quote));
		KUNIT_ASSERT_EQ(test, srp_key_equal(&quote, &want), !cut);
	}
}

/* A first fragment has ports, a later one has octets that look like some. */
static void test_quoted_fragments(struct kunit *test)
{
	struct fixture f, quoted;
	struct iphdr *ip = (struct iphdr *)quoted.data;
	struct srp_key quote, want;

	packet_write(&quoted, AF_INET, packet_udp, false);
	packet_parse(test, &quoted, &want);
	ip->frag_off = htons(IP_MF);
	write_error(&f, AF_INET, 11, 77, &quoted);
	KUNIT_ASSERT_TRUE(test, quote_of(test, &f, &quote));
	KUNIT_EXPECT_TRUE(test, srp_key_equal(&quote, &want));
	ip->frag_off = htons(100);
	write_error(&f, AF_INET, 11, 77, &quoted);
	KUNIT_ASSERT_TRUE(test, quote_of(test, &f, &quote));
	KUNIT_EXPECT_EQ(test, quote.spi, 0);
	KUNIT_EXPECT_EQ(test, quote.proto, IPPROTO_UDP);
}

/* Not asked further; nor is a quote of another family, or of no IP at all. */
static void test_quoted_nonsense(struct kunit *test)
{
	struct fixture f, quoted, inner;
	struct srp_key quote, key;
	int version;

	packet_write(&quoted, AF_INET, packet_udp, false);
	write_error(&inner, AF_INET, 11, 77, &quoted);
	write_error(&f, AF_INET, 3, 78, &inner);
	KUNIT_ASSERT_TRUE(test, quote_of(test, &f, &quote));
	KUNIT_EXPECT_EQ(test, quote.proto, IPPROTO_ICMP);
	KUNIT_EXPECT_EQ(test, quote.spi, 0);
	KUNIT_EXPECT_FALSE(test, srp_key_is_error(&quote));
	for (version = 0; version < 16; version++) {
		quoted.data[0] = version << 4 | 5;
		write_error(&f, AF_INET, 3, 78, &quoted);
		KUNIT_ASSERT_EQ(test, parse_error(test, &f, &key),
				SRP_DROP_NONE);
		KUNIT_ASSERT_EQ(test, srp_key_is_error(&key), version == 4);
	}
}

static struct kunit_case quote_cases[] = {
	KUNIT_CASE(test_sessions),
	KUNIT_CASE(test_not_errors),
	KUNIT_CASE(test_distinct),
	KUNIT_CASE(test_cut),
	KUNIT_CASE(test_cut_extension_headers),
	KUNIT_CASE(test_quoted_length),
	KUNIT_CASE(test_quoted_fragments),
	KUNIT_CASE(test_quoted_nonsense),
	{}
};

static struct kunit_suite quote_suite = {
	.name = "srproxy_quote",
	.test_cases = quote_cases,
};

kunit_test_suites(&quote_suite);
