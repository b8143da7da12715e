// SPDX-License-Identifier: GPL-2.0-only
/* ICMP errors: what is in them, and what they may be about. */
#include <kunit/test.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "icmp.h"
#include "label.h"
#include "packet.h"

#define QUOTE 128

/* KUNIT_EXPECT_MEMEQ() is younger than 6.1. */
#define EXPECT_SAME(test, a, b, len) \
	KUNIT_EXPECT_EQ(test, memcmp(a, b, len), 0)

/* An error about a packet of @family, with @depth labels told. */
static void describe(struct srp_icmp *icmp, int family, u8 depth)
{
	int i;

	memset(icmp, 0, sizeof(*icmp));
	icmp->family = family;
	icmp->type = family == AF_INET ? ICMP_TIME_EXCEEDED :
					 ICMPV6_TIME_EXCEED;
	icmp->tos = 0xc0;
	icmp->ttl = 61;
	icmp->id = htons(0x1234);
	icmp->src.s6_addr32[0] = htonl(0x0a000001);
	icmp->dst.s6_addr32[0] = htonl(0xc0000201);
	icmp->depth = depth;
	for (i = 0; i < depth; i++)
		icmp->lse[i] = srp_lse_id(16000 + i, i == depth - 1) |
			       srp_lse_rest(i & 7, 200 - i);
}

static void expect_ipv4(struct kunit *test, const struct sk_buff *skb,
			const struct srp_icmp *icmp)
{
	const struct iphdr *ip = (const void *)skb->data;

	KUNIT_EXPECT_EQ(test, skb->data[0], 0x45);
	KUNIT_EXPECT_EQ(test, ntohs(ip->tot_len), skb->len);
	KUNIT_EXPECT_EQ(test, ip->tos, icmp->tos);
	KUNIT_EXPECT_EQ(test, ip->ttl, icmp->ttl);
	KUNIT_EXPECT_EQ(test, ip->protocol, IPPROTO_ICMP);
	KUNIT_EXPECT_EQ(test, ip->frag_off, 0);
	KUNIT_EXPECT_EQ(test, ip->saddr, icmp->src.s6_addr32[0]);
	KUNIT_EXPECT_EQ(test, ip->daddr, icmp->dst.s6_addr32[0]);
	KUNIT_EXPECT_EQ(test, ip_compute_csum(ip, sizeof(*ip)), 0);
	KUNIT_EXPECT_EQ(test, ip_compute_csum(ip + 1, skb->len - sizeof(*ip)),
			0);
	KUNIT_EXPECT_LE(test, skb->len, 576);
}

static void expect_ipv6(struct kunit *test, const struct sk_buff *skb,
			const struct srp_icmp *icmp)
{
	const struct ipv6hdr *ip6 = (const void *)skb->data;
	unsigned int len = skb->len - sizeof(*ip6);

	KUNIT_EXPECT_EQ(test, skb->data[0], 0x60 | icmp->tos >> 4);
	KUNIT_EXPECT_EQ(test, ntohs(ip6->payload_len), len);
	KUNIT_EXPECT_EQ(test, ip6->hop_limit, icmp->ttl);
	KUNIT_EXPECT_EQ(test, ip6->nexthdr, IPPROTO_ICMPV6);
	EXPECT_SAME(test, &ip6->saddr, &icmp->src, 16);
	EXPECT_SAME(test, &ip6->daddr, &icmp->dst, 16);
	KUNIT_EXPECT_EQ(test, csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
					      IPPROTO_ICMPV6,
					      csum_partial(ip6 + 1, len, 0)),
			0);
	KUNIT_EXPECT_LE(test, skb->len, 1280);
}

/* The error about @f, in which @skip octets stand before the IP header. */
static struct sk_buff *build(struct kunit *test, const struct srp_icmp *icmp,
			     const struct fixture *f, unsigned int skip)
{
	struct sk_buff *about = fixture_linear(test, f);
	struct sk_buff *skb = srp_icmp_build(icmp, about, skip);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, skb);
	KUNIT_EXPECT_TRUE(test, fixture_holds(about, f));
	kfree_skb(about);
	if (icmp->family == AF_INET)
		expect_ipv4(test, skb, icmp);
	else
		expect_ipv6(test, skb, icmp);
	KUNIT_EXPECT_PTR_EQ(test, skb_network_header(skb), skb->data);
	KUNIT_EXPECT_GE(test, skb_headroom(skb),
			SRPROXY_STACK_MAX * SRP_LSE_LEN + ETH_HLEN);
	return skb;
}

/* A UDP packet of @len octets of payload, behind @labels octets of zeros. */
static unsigned int write_packet(struct fixture *f, int family, int len,
				 unsigned int labels)
{
	unsigned int size;

	memset(f, 0, sizeof(*f));
	packet_write(f, family, packet_udp, false);
	fixture_add(f, NULL, len);
	packet_fit(f);
	size = f->len;
	memmove(f->data + labels, f->data, f->len);
	memset(f->data, 0, labels);
	f->len += labels;
	return size;
}

static void test_quote(struct kunit *test)
{
	struct srp_icmp icmp;
	struct fixture f;
	int i, len;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		unsigned int head = packet_ip_len(packet_families[i]) + 8;

		for (len = 0; len < 200; len += 39) {
			unsigned int size = write_packet(&f, packet_families[i],
							 len, 8);
			struct sk_buff *skb;

			describe(&icmp, packet_families[i], 0);
			/* the link layer's padding is not quoted */
			fixture_add(&f, NULL, 6);
			skb = build(test, &icmp, &f, 8);
			KUNIT_EXPECT_EQ(test, skb->len, head + size);
			EXPECT_SAME(test, skb->data + head, f.data + 8,
				    size);
			kfree_skb(skb);
		}
	}
}

static void expect_ext(struct kunit *test, const u8 *ext,
		       const struct srp_icmp *icmp)
{
	unsigned int len = 4 + icmp->depth * SRP_LSE_LEN;

	KUNIT_EXPECT_EQ(test, ext[0], 0x20);
	KUNIT_EXPECT_EQ(test, ext[1], 0);
	KUNIT_EXPECT_EQ(test, ip_compute_csum(ext, 4 + len), 0);
	KUNIT_EXPECT_EQ(test, ext[4] << 8 | ext[5], len);
	KUNIT_EXPECT_EQ(test, ext[6], 1);
	KUNIT_EXPECT_EQ(test, ext[7], 1);
	EXPECT_SAME(test, ext + 8, icmp->lse,
		    icmp->depth * SRP_LSE_LEN);
}

static void check_extension(struct kunit *test, int family, u8 depth, int len)
{
	unsigned int head = packet_ip_len(family) + 8, size, quote;
	struct srp_icmp icmp;
	struct fixture f;
	struct sk_buff *skb;

	describe(&icmp, family, depth);
	size = write_packet(&f, family, len, 0);
	quote = min_t(unsigned int, size, QUOTE);
	skb = build(test, &icmp, &f, 0);
	KUNIT_ASSERT_EQ(test, skb->len, head + QUOTE + 8 + 4 * depth);
	KUNIT_EXPECT_EQ(test, skb->data[head - (family == AF_INET ? 3 : 4)],
			family == AF_INET ? QUOTE / 4 : QUOTE / 8);
	EXPECT_SAME(test, skb->data + head, f.data, quote);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(skb->data + head + quote, 0,
					     QUOTE - quote), NULL);
	expect_ext(test, skb->data + head + QUOTE, &icmp);
	kfree_skb(skb);
}

static void test_extension(struct kunit *test)
{
	static const int sizes[] = { 0, 79, 99, 100, 101, 180 };
	int i, j;

	for (i = 0; i < PACKET_FAMILIES; i++)
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			check_extension(test, packet_families[i], 1, sizes[j]);
			check_extension(test, packet_families[i],
					SRPROXY_STACK_MAX + 1, sizes[j]);
		}
}

static void test_mtu(struct kunit *test)
{
	struct srp_icmp icmp;
	struct fixture f;
	struct sk_buff *skb;

	describe(&icmp, AF_INET, 2);
	icmp.type = ICMP_DEST_UNREACH;
	icmp.code = ICMP_FRAG_NEEDED;
	icmp.mtu = 1484;
	write_packet(&f, AF_INET, 60, 0);
	skb = build(test, &icmp, &f, 0);
	EXPECT_SAME(test, skb->data + 24, "\x00\x20\x05\xcc", 4);
	kfree_skb(skb);
	describe(&icmp, AF_INET6, 0);
	icmp.type = ICMPV6_PKT_TOOBIG;
	icmp.mtu = 1484;
	write_packet(&f, AF_INET6, 60, 0);
	skb = build(test, &icmp, &f, 0);
	EXPECT_SAME(test, skb->data + 44, "\x00\x00\x05\xcc", 4);
	kfree_skb(skb);
}

/* May there be one about this, its ICMP type set if it is ICMP? */
static bool allowed(struct kunit *test, struct fixture *f, bool too_big)
{
	struct sk_buff *skb = fixture_linear(test, f);
	bool ok = srp_icmp_allowed(skb, 0, too_big);

	kfree_skb(skb);
	return ok;
}

static void test_types(struct kunit *test)
{
	struct fixture f;
	int type, i;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		int family = packet_families[i];
		unsigned int at = packet_ip_len(family);

		for (type = 0; type < 256; type++) {
			bool want = family == AF_INET ?
				type == 0 || type == 8 ||
				(type >= 13 && type <= 18) :
				type >= 128 && type != 137;

			write_packet(&f, family, 0, 0);
			f.data[family == AF_INET ? 9 : 6] =
				family == AF_INET ? IPPROTO_ICMP :
						    IPPROTO_ICMPV6;
			f.data[at] = type;
			KUNIT_EXPECT_EQ_MSG(test, allowed(test, &f, false),
					    want, "v%d type %d",
					    f.data[0] >> 4, type);
		}
		/* it has no type */
		f.len = at;
		KUNIT_EXPECT_FALSE(test, allowed(test, &f, false));
	}
}

static void test_multicast(struct kunit *test)
{
	struct fixture f;

	write_packet(&f, AF_INET, 0, 0);
	KUNIT_EXPECT_TRUE(test, allowed(test, &f, true));
	f.data[16] = 224;
	KUNIT_EXPECT_FALSE(test, allowed(test, &f, true));
	write_packet(&f, AF_INET6, 0, 0);
	KUNIT_EXPECT_TRUE(test, allowed(test, &f, false));
	f.data[24] = 0xff;
	KUNIT_EXPECT_FALSE(test, allowed(test, &f, false));
	/* RFC 4443, section 2.4 (e.3) */
	KUNIT_EXPECT_TRUE(test, allowed(test, &f, true));
}

static struct kunit_case icmp_cases[] = {
	KUNIT_CASE(test_quote),
	KUNIT_CASE(test_extension),
	KUNIT_CASE(test_mtu),
	KUNIT_CASE(test_types),
	KUNIT_CASE(test_multicast),
	{}
};

static struct kunit_suite icmp_suite = {
	.name = "srproxy_icmp",
	.test_cases = icmp_cases,
};

kunit_test_suites(&icmp_suite);
