// SPDX-License-Identifier: GPL-2.0-only
/* IP headers: lengths, options, extension headers, fragments, TTL. */
#include <kunit/test.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "packet.h"

static void test_ipv4_options(struct kunit *test)
{
	unsigned int ihl;

	for (ihl = 0; ihl <= 15; ihl++) {
		struct fixture f = {};
		struct srp_key key;

		packet_write_ip(&f, AF_INET, IPPROTO_TCP, false);
		if (ihl > 5)
			memset(fixture_add(&f, NULL, (ihl - 5) * 4), 1,
			       (ihl - 5) * 4);
		packet_write_transport(&f, packet_tcp, false);
		((struct iphdr *)f.data)->ihl = ihl;
		packet_fit(&f);
		packet_key(&key, AF_INET, packet_tcp);
		if (ihl < 5)
			packet_refused(test, &f, "ihl");
		else
			packet_expect(test, &f, SRP_DROP_NONE, &key, "options");
	}
}

/* tot_len from nothing to more than there is; ihl beyond it. */
static void test_ipv4_lengths(struct kunit *test)
{
	struct srp_key key, bare;
	struct fixture f;
	unsigned int len;
	struct iphdr *ip = (struct iphdr *)f.data;

	packet_write(&f, AF_INET, packet_tcp, false);
	packet_key(&key, AF_INET, packet_tcp);
	for (len = 0; len <= f.len + 1; len++) {
		ip->tot_len = htons(len);
		if (len >= 24 && len <= f.len)
			packet_expect(test, &f, SRP_DROP_NONE, &key, "tot_len");
		else
			packet_refused(test, &f, "tot_len");
	}
	ip->tot_len = htons(0xffff);
	packet_refused(test, &f, "tot_len");
	ip->tot_len = htons(20);
	ip->protocol = 89;
	packet_key(&bare, AF_INET, packet_tcp);
	bare.proto = 89;
	bare.spi = 0;
	packet_expect(test, &f, SRP_DROP_NONE, &bare, "no payload");
	ip->ihl = 6;
	packet_refused(test, &f, "ihl beyond tot_len");
}

static void test_ipv6_lengths(struct kunit *test)
{
	struct srp_key key;
	struct fixture f;
	unsigned int len;
	struct ipv6hdr *ip6 = (struct ipv6hdr *)f.data;

	packet_write(&f, AF_INET6, packet_tcp, false);
	packet_key(&key, AF_INET6, packet_tcp);
	for (len = 0; len <= f.len + 1; len++) {
		ip6->payload_len = htons(len);
		if (len >= 4 && len <= packet_tcp->len)
			packet_expect(test, &f, SRP_DROP_NONE, &key,
				      "payload_len");
		else
			packet_refused(test, &f, "payload_len");
	}
	ip6->payload_len = htons(0xffff);
	packet_refused(test, &f, "payload_len");
}

/* Big TCP: a length of 0 is that of an offloaded packet only. */
static void test_big_tcp(struct kunit *test)
{
	int i;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		struct srp_key want, key;
		struct sk_buff *skb;
		struct fixture f;

		packet_write(&f, packet_families[i], packet_tcp, false);
		packet_parse(test, &f, &want);
		((struct iphdr *)f.data)->tot_len = 0;
		if (packet_families[i] == AF_INET6)
			((struct ipv6hdr *)f.data)->payload_len = 0;
		packet_refused(test, &f, "length 0");
		skb = fixture_linear(test, &f);
		skb_shinfo(skb)->gso_size = 1400;
		KUNIT_ASSERT_EQ(test, packet_parse_skb(skb, 0, &key),
				SRP_DROP_NONE);
		KUNIT_EXPECT_TRUE(test, srp_key_equal(&want, &key));
	}
}

static void test_versions(struct kunit *test)
{
	int version;

	for (version = 0; version < 16; version++) {
		struct fixture f;

		packet_write(&f, AF_INET, packet_tcp, false);
		f.data[0] = version << 4 | 5;
		if (version != 4 && version != 6)
			packet_expect(test, &f, SRP_DROP_inner_unknown, NULL,
				      "version");
	}
}

/* A first fragment has the key of the whole; later ones have no ports. */
static void test_ipv4_fragments(struct kunit *test)
{
	static const u16 frags[] = {
		IP_MF,	   IP_MF | 1,	  1, IP_MF | IP_OFFSET,
		IP_OFFSET, IP_MF | IP_DF,
	};
	struct srp_key later, whole;
	struct fixture f;
	int i;

	packet_write(&f, AF_INET, packet_udp, false);
	packet_key(&whole, AF_INET, packet_udp);
	later = whole;
	later.spi = 0;
	for (i = 0; i < ARRAY_SIZE(frags); i++) {
		((struct iphdr *)f.data)->frag_off = htons(frags[i]);
		packet_expect(test, &f, SRP_INNER_FRAGMENT,
			      frags[i] & IP_OFFSET ? &later : &whole,
			      "fragment");
	}
	((struct iphdr *)f.data)->frag_off = htons(IP_DF);
	packet_expect(test, &f, SRP_DROP_NONE, &whole, "don't fragment");
}

/* Every transport, cut at every octet: what a key needs has to be in the first
 * fragment, the others need nothing.
 */
static void test_ipv4_tiny_fragments(struct kunit *test)
{
	unsigned int n, len;

	for (n = 0; n < packet_n_transports; n++) {
		const struct packet_transport *t = &packet_transports[n];
		struct fixture f;

		if (t->family == AF_INET6)
			continue;
		packet_write(&f, AF_INET, t, false);
		for (len = 20; len <= 20 + t->len; len++) {
			f.len = len;
			packet_fit(&f);
			((struct iphdr *)f.data)->frag_off = htons(IP_MF);
			if (len < 20 + t->need)
				packet_refused(test, &f, t->name);
			else
				packet_expect(test, &f, SRP_INNER_FRAGMENT,
					      NULL, t->name);
			((struct iphdr *)f.data)->frag_off = htons(100);
			packet_expect(test, &f, SRP_INNER_FRAGMENT, NULL,
				      t->name);
		}
	}
}

/* A chain of IPv6 extension headers, then UDP. */
struct chain {
	struct fixture f;
	u8 *next; /* where the type of the next header goes */
};

static void chain_start(struct chain *c)
{
	memset(c, 0, sizeof(*c));
	packet_write_ip(&c->f, AF_INET6, 0, false);
	c->next = &((struct ipv6hdr *)c->f.data)->nexthdr;
}

static void chain_add(struct chain *c, u8 type, u8 units)
{
	u8 *hdr = fixture_add(&c->f, NULL, 8 * (units + 1));

	*c->next = type;
	hdr[1] = units;
	c->next = hdr;
}

static struct frag_hdr *chain_add_frag(struct chain *c, u16 frag_off)
{
	struct frag_hdr *hdr = fixture_add(&c->f, NULL, sizeof(*hdr));

	*c->next = NEXTHDR_FRAGMENT;
	/* not a length: has to be ignored */
	hdr->reserved = 0xff;
	hdr->frag_off = htons(frag_off);
	c->next = &hdr->nexthdr;
	return hdr;
}

static void chain_end(struct chain *c)
{
	*c->next = IPPROTO_UDP;
	packet_write_transport(&c->f, packet_udp, false);
	packet_fit(&c->f);
}

static void want_udp6(struct srp_key *key, bool ports)
{
	packet_key(key, AF_INET6, packet_udp);
	if (!ports)
		key->spi = 0;
}

static void test_extension_headers(struct kunit *test)
{
	static const u8 types[] = { NEXTHDR_HOP, NEXTHDR_ROUTING,
				    NEXTHDR_DEST };
	struct srp_key key;
	struct chain c;
	int i, units;

	want_udp6(&key, true);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (units = 0; units < 3; units++) {
			chain_start(&c);
			chain_add(&c, types[i], units);
			chain_end(&c);
			packet_expect(test, &c.f, SRP_DROP_NONE, &key,
				      "one header");
		}
	chain_start(&c);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		chain_add(&c, types[i], i);
	chain_add_frag(&c, 0);
	chain_add(&c, NEXTHDR_DEST, 1);
	chain_end(&c);
	packet_expect(test, &c.f, SRP_DROP_NONE, &key, "headers of every kind");
}

/* Cut within the chain, the length field in accord: there is no UDP. */
static void test_extension_headers_cut(struct kunit *test)
{
	struct chain whole;
	unsigned int len;

	chain_start(&whole);
	chain_add(&whole, NEXTHDR_HOP, 0);
	chain_add(&whole, NEXTHDR_ROUTING, 2);
	chain_add_frag(&whole, 0);
	chain_add(&whole, NEXTHDR_DEST, 1);
	chain_end(&whole);
	for (len = sizeof(struct ipv6hdr); len < whole.f.len; len++) {
		struct fixture f = whole.f;

		f.len = len;
		packet_refused(test, &f, "cut");
		packet_fit(&f);
		if (len < whole.f.len - packet_udp->len + packet_udp->need)
			packet_refused(test, &f, "short");
	}
}

static void test_extension_headers_many(struct kunit *test)
{
	struct srp_key key;
	struct chain c;
	int n, i;

	want_udp6(&key, true);
	for (n = 8; n <= 24; n++) {
		chain_start(&c);
		for (i = 0; i < n; i++)
			chain_add(&c, NEXTHDR_DEST, 0);
		chain_end(&c);
		if (n <= 16)
			packet_expect(test, &c.f, SRP_DROP_NONE, &key, "many");
		else
			packet_refused(test, &c.f, "too many");
	}
}

/* A header that says it is longer than the packet, whatever follows it. */
static void test_extension_header_too_long(struct kunit *test)
{
	static const u8 units[] = { 3, 16, 255 };
	static const u8 next[] = { IPPROTO_UDP, NEXTHDR_NONE, 89 };
	struct chain c;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(units); i++)
		for (j = 0; j < ARRAY_SIZE(next); j++) {
			u8 *hdr;

			chain_start(&c);
			chain_add(&c, NEXTHDR_HOP, 1);
			hdr = c.next;
			chain_end(&c);
			hdr[0] = next[j];
			hdr[1] = units[i];
			packet_refused(test, &c.f, "too long");
		}
}

static void test_ipv6_no_next_header(struct kunit *test)
{
	struct srp_key key;
	struct chain c;

	want_udp6(&key, false);
	key.proto = NEXTHDR_NONE;
	chain_start(&c);
	*c.next = NEXTHDR_NONE;
	packet_expect(test, &c.f, SRP_DROP_NONE, &key, "nothing");
	chain_start(&c);
	chain_add(&c, NEXTHDR_DEST, 0);
	*c.next = NEXTHDR_NONE;
	packet_fit(&c.f);
	packet_expect(test, &c.f, SRP_DROP_NONE, &key, "options only");
	chain_start(&c);
	*c.next = NEXTHDR_NONE;
	packet_write_transport(&c.f, packet_udp, false);
	packet_fit(&c.f);
	packet_expect(test, &c.f, SRP_DROP_NONE, &key,
		      "what follows is ignored");
}

static void test_ipv6_fragments(struct kunit *test)
{
	static const u16 frags[] = { 1, 8, 9, 0xfff8, 0xfff9 };
	struct srp_key key;
	struct chain c;
	int i;

	for (i = 0; i < ARRAY_SIZE(frags); i++) {
		want_udp6(&key, !(frags[i] & IP6_OFFSET));
		chain_start(&c);
		chain_add_frag(&c, frags[i]);
		chain_end(&c);
		packet_expect(test, &c.f, SRP_INNER_FRAGMENT, &key, "fragment");
		chain_start(&c);
		chain_add(&c, NEXTHDR_HOP, 0);
		chain_add_frag(&c, frags[i]);
		chain_end(&c);
		packet_expect(test, &c.f, SRP_INNER_FRAGMENT, &key,
			      "with options");
	}
	/* the two bits between offset and M are reserved */
	want_udp6(&key, true);
	chain_start(&c);
	chain_add_frag(&c, 6);
	chain_end(&c);
	packet_expect(test, &c.f, SRP_DROP_NONE, &key, "atomic fragment");
}

/* The whole chain has to be in the first fragment (RFC 7112). */
static void test_ipv6_tiny_fragments(struct kunit *test)
{
	struct srp_key key;
	struct chain c;
	unsigned int len;

	want_udp6(&key, true);
	chain_start(&c);
	chain_add_frag(&c, IP6_MF);
	chain_add(&c, NEXTHDR_DEST, 1);
	chain_end(&c);
	packet_expect(test, &c.f, SRP_INNER_FRAGMENT, &key, "first");
	for (len = c.f.len - packet_udp->len + 3; len >= 40; len--) {
		c.f.len = len;
		packet_fit(&c.f);
		packet_refused(test, &c.f, "tiny first");
	}
}

/* Offset, identification, protocol as the fragment has them. */
static void expect_fragment(struct kunit *test, const struct fixture *f,
			    u32 id, u8 proto, bool later)
{
	struct sk_buff *skb = fixture_paged(test, f, 0);
	struct srp_fragment frag;
	struct srp_key key;

	KUNIT_EXPECT_EQ(test, srp_inner_parse(skb, 0, &packet_secret, &key),
			SRP_INNER_FRAGMENT);
	srp_inner_fragment(skb, 0, &frag);
	KUNIT_EXPECT_EQ(test, ntohl(frag.id), id);
	KUNIT_EXPECT_EQ(test, frag.proto, proto);
	KUNIT_EXPECT_EQ(test, frag.later, later);
	kfree_skb(skb);
}

static void test_fragment_of(struct kunit *test)
{
	struct fixture f;
	struct iphdr *ip = (struct iphdr *)f.data;
	struct frag_hdr *hdr;
	struct chain c;
	int later;

	for (later = 0; later < 2; later++) {
		packet_write(&f, AF_INET, packet_udp, false);
		ip->id = htons(0xbeef);
		ip->frag_off = htons(later ? 185 : IP_MF);
		expect_fragment(test, &f, 0xbeef, IPPROTO_UDP, later);
		chain_start(&c);
		chain_add(&c, NEXTHDR_HOP, 1);
		hdr = chain_add_frag(&c, later ? 8 : 1);
		hdr->identification = htonl(0xdeadbeef);
		chain_end(&c);
		expect_fragment(test, &c.f, 0xdeadbeef, 0, later);
	}
	/* a fragment in a fragment: the outer one is what comes */
	chain_start(&c);
	hdr = chain_add_frag(&c, IP6_MF);
	hdr->identification = htonl(1);
	hdr = chain_add_frag(&c, 64);
	hdr->identification = htonl(2);
	chain_end(&c);
	expect_fragment(test, &c.f, 1, 0, false);
}

/* An offloaded packet is cut yet: it cannot be a piece already. */
static void test_fragment_gso(struct kunit *test)
{
	struct fixture f;
	struct sk_buff *skb;
	struct srp_key key;

	packet_write(&f, AF_INET, packet_tcp, false);
	((struct iphdr *)f.data)->frag_off = htons(IP_MF);
	skb = fixture_linear(test, &f);
	skb_shinfo(skb)->gso_size = 1400;
	KUNIT_EXPECT_EQ(test, packet_parse_skb(skb, 0, &key),
			SRP_DROP_inner_malformed);
}

/* A packet with a right header checksum, or the same of IPv6. */
static struct sk_buff *with_ttl(struct kunit *test, int family, u8 ttl,
				struct fixture *f)
{
	struct iphdr *ip = (struct iphdr *)f->data;

	packet_write(f, family, packet_echo, false);
	if (family == AF_INET) {
		ip->ttl = ttl;
		ip->check = ip_fast_csum(ip, ip->ihl);
	} else {
		((struct ipv6hdr *)ip)->hop_limit = ttl;
	}
	return fixture_linear(test, f);
}

static __sum16 sum_of(const struct sk_buff *skb)
{
	return csum_fold(skb_checksum(skb, 0, skb->len, 0));
}

static void expect_capped(struct kunit *test, int family, u8 ttl, u8 cap)
{
	struct fixture f;
	struct sk_buff *skb = with_ttl(test, family, ttl, &f);
	const struct iphdr *ip;

	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = skb_checksum(skb, 0, skb->len, 0);
	KUNIT_ASSERT_EQ(test, srp_inner_ttl(skb, 0), ttl);
	KUNIT_ASSERT_EQ(test, srp_inner_cap_ttl(skb, cap), 0);
	KUNIT_ASSERT_EQ(test, srp_inner_ttl(skb, 0), min(ttl, cap));
	ip = (const struct iphdr *)skb->data;
	if (family == AF_INET)
		KUNIT_ASSERT_FALSE_MSG(test, ip_fast_csum(ip, ip->ihl),
				       "ttl %u, at most %u", ttl, cap);
	KUNIT_ASSERT_TRUE_MSG(test, csum_fold(skb->csum) == sum_of(skb),
			      "ttl %u, at most %u", ttl, cap);
	/* nothing else has changed */
	if (family == AF_INET) {
		((struct iphdr *)f.data)->ttl = min(ttl, cap);
		((struct iphdr *)f.data)->check = ip->check;
	} else {
		((struct ipv6hdr *)f.data)->hop_limit = min(ttl, cap);
	}
	KUNIT_ASSERT_TRUE(test, fixture_holds(skb, &f));
	kfree_skb(skb);
}

static void test_cap_ttl(struct kunit *test)
{
	int i, ttl, cap;

	for (i = 0; i < PACKET_FAMILIES; i++)
		for (ttl = 0; ttl < 256; ttl += 51)
			for (cap = 1; cap < 256; cap += 36)
				expect_capped(test, packet_families[i], ttl,
					      cap);
}

/* A tap that has the same packet keeps what it saw. */
static void test_cap_ttl_clone(struct kunit *test)
{
	int i;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		struct fixture f;
		struct sk_buff *skb =
			with_ttl(test, packet_families[i], 64, &f);
		struct sk_buff *tap = skb_clone(skb, GFP_KERNEL);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tap);
		KUNIT_EXPECT_EQ(test, srp_inner_cap_ttl(skb, 7), 0);
		KUNIT_EXPECT_EQ(test, srp_inner_ttl(skb, 0), 7);
		KUNIT_EXPECT_TRUE(test, fixture_holds(tap, &f));
		kfree_skb(tap);
		kfree_skb(skb);
	}
}

static struct kunit_case inner_ip_cases[] = {
	KUNIT_CASE(test_ipv4_options),
	KUNIT_CASE(test_ipv4_lengths),
	KUNIT_CASE(test_ipv6_lengths),
	KUNIT_CASE(test_big_tcp),
	KUNIT_CASE(test_versions),
	KUNIT_CASE(test_ipv4_fragments),
	KUNIT_CASE(test_ipv4_tiny_fragments),
	KUNIT_CASE(test_extension_headers),
	KUNIT_CASE(test_extension_headers_cut),
	KUNIT_CASE(test_extension_headers_many),
	KUNIT_CASE(test_extension_header_too_long),
	KUNIT_CASE(test_ipv6_no_next_header),
	KUNIT_CASE(test_ipv6_fragments),
	KUNIT_CASE(test_ipv6_tiny_fragments),
	KUNIT_CASE(test_fragment_of),
	KUNIT_CASE(test_fragment_gso),
	KUNIT_CASE(test_cap_ttl),
	KUNIT_CASE(test_cap_ttl_clone),
	{}
};

static struct kunit_suite inner_ip_suite = {
	.name = "srproxy_inner_ip",
	.test_cases = inner_ip_cases,
};

kunit_test_suites(&inner_ip_suite);
