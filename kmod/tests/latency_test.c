// SPDX-License-Identifier: GPL-2.0-only
/* By what packets are known again, and where their latency is counted. */
#include <kunit/test.h>
#include <linux/if_vlan.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "latency.h"
#include "packet.h"

#define PAYLOAD	64

static void test_bucket(struct kunit *test)
{
	unsigned int n;

	KUNIT_EXPECT_EQ(test, srp_latency_bucket(0), 0);
	for (n = 0; n < SRPROXY_LATENCY_BUCKETS; n++) {
		KUNIT_EXPECT_EQ(test, srp_latency_bucket(1ULL << n), n);
		KUNIT_EXPECT_EQ(test, srp_latency_bucket((2ULL << n) - 1), n);
	}
	KUNIT_EXPECT_EQ(test, srp_latency_bucket(SRP_LATENCY_MAX_NS),
			SRPROXY_LATENCY_BUCKETS - 1);
	KUNIT_EXPECT_EQ(test, srp_latency_bucket(U64_MAX),
			SRPROXY_LATENCY_BUCKETS - 1);
}

/* A packet of @family with a payload that counts from @first. */
static void write_packet(struct fixture *f, int family,
			 const struct packet_transport *t, u8 first)
{
	u8 *payload;
	int i;

	packet_write(f, family, t, false);
	payload = fixture_add(f, NULL, PAYLOAD);
	for (i = 0; i < PAYLOAD; i++)
		payload[i] = first + i;
	packet_fit(f);
}

static struct srp_sight sight_of(struct kunit *test, struct sk_buff *skb,
				 unsigned int off)
{
	struct srp_sight sight = {};

	KUNIT_EXPECT_TRUE(test, srp_latency_sight(skb, off, &sight));
	return sight;
}

static struct srp_sight sight(struct kunit *test, const struct fixture *f)
{
	struct sk_buff *skb = fixture_linear(test, f);
	struct srp_sight found = sight_of(test, skb, 0);

	kfree_skb(skb);
	return found;
}

/* What functions rewrite, and what is still to be made, does not count. */
static void rewrite(struct fixture *f, int family,
		    const struct packet_transport *t)
{
	unsigned int l4 = packet_ip_len(family);
	struct iphdr *ip = (struct iphdr *)f->data;
	struct ipv6hdr *ip6 = (struct ipv6hdr *)f->data;

	if (family == AF_INET) {
		ip->saddr ^= htonl(0x01020304);
		ip->ttl--;
		ip->tos ^= 4;
		ip->check ^= htons(0x1111);
	} else {
		ip6->daddr.s6_addr32[3] ^= htonl(0x01020304);
		ip6->hop_limit--;
	}
	f->data[l4] ^= 0x10;
	f->data[l4 + 3] ^= 0x20;
	if (t == packet_udp)
		f->data[l4 + 6] ^= 0x55;
	if (t == packet_tcp)
		f->data[l4 + 16] ^= 0x55;
}

static void test_rewritten(struct kunit *test)
{
	const struct packet_transport *kinds[] = { packet_tcp, packet_udp };
	int i, j;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		for (j = 0; j < ARRAY_SIZE(kinds); j++) {
			struct fixture f = {};
			u16 before;

			write_packet(&f, packet_families[i], kinds[j], 1);
			before = sight(test, &f).digest;
			rewrite(&f, packet_families[i], kinds[j]);
			KUNIT_EXPECT_EQ(test, sight(test, &f).digest, before);
		}
	}
}

/* Others of the flow have another one: by payload, or by position. */
static void test_others(struct kunit *test)
{
	int i;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		unsigned int l4 = packet_ip_len(packet_families[i]);
		struct fixture a = {}, b = {};
		struct tcphdr *th;

		write_packet(&a, packet_families[i], packet_udp, 1);
		write_packet(&b, packet_families[i], packet_udp, 2);
		KUNIT_EXPECT_NE(test, sight(test, &a).digest,
				sight(test, &b).digest);
		memset(&a, 0, sizeof(a));
		write_packet(&a, packet_families[i], packet_tcp, 1);
		b = a;
		th = (struct tcphdr *)(b.data + l4);
		be32_add_cpu(&th->seq, PAYLOAD);
		KUNIT_EXPECT_EQ(test, (u16)(sight(test, &b).digest -
					    sight(test, &a).digest), PAYLOAD);
	}
}

/* One that was merged stands for all that are in it. */
static void test_merged(struct kunit *test)
{
	struct fixture f = {};
	struct sk_buff *skb;
	unsigned int len;

	write_packet(&f, AF_INET, packet_tcp, 1);
	len = f.len - packet_ip_len(AF_INET) -
	      ((struct tcphdr *)(f.data + packet_ip_len(AF_INET)))->doff * 4;
	skb = fixture_linear(test, &f);
	KUNIT_EXPECT_EQ(test, sight_of(test, skb, 0).span, 1);
	skb_shinfo(skb)->gso_size = 8;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	KUNIT_EXPECT_EQ(test, sight_of(test, skb, 0).span, len);
	kfree_skb(skb);
}

/* Cut anywhere, nothing behind the end is read; KASAN sees to that. */
static void test_short(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < PACKET_FAMILIES; i++) {
		for (j = 0; j < packet_n_transports; j++) {
			const struct packet_transport *t = &packet_transports[j];
			struct fixture f = {};

			if (t->family && t->family != packet_families[i])
				continue;
			write_packet(&f, packet_families[i], t, 1);
			for (; f.len; f.len--) {
				struct sk_buff *skb = fixture_linear(test, &f);
				struct srp_sight s;

				srp_latency_sight(skb, 0, &s);
				kfree_skb(skb);
			}
		}
	}
}

/* Later fragments are not sampled, they have no transport. */
static void test_fragment(struct kunit *test)
{
	struct fixture f = {};
	struct srp_sight s;
	struct sk_buff *skb;

	write_packet(&f, AF_INET, packet_udp, 1);
	((struct iphdr *)f.data)->frag_off = htons(1);
	skb = fixture_linear(test, &f);
	KUNIT_EXPECT_FALSE(test, srp_latency_sight(skb, 0, &s));
	kfree_skb(skb);
}

/* A frame is known by the packet in it, its tags left aside. */
static void test_frame(struct kunit *test)
{
	static const struct vlan_hdr tag = {
		.h_vlan_TCI = htons(7),
		.h_vlan_encapsulated_proto = htons(ETH_P_IP),
	};
	struct fixture f = {}, tagged = {};
	struct srp_sight s = {};
	struct sk_buff *skb;

	write_packet(&f, AF_INET, packet_udp, 1);
	fixture_add(&tagged, &tag, sizeof(tag));
	fixture_add(&tagged, f.data, f.len);
	skb = fixture_linear(test, &tagged);
	KUNIT_EXPECT_TRUE(test,
			  srp_latency_sight_frame(skb, 0, htons(ETH_P_8021Q),
						  &s));
	KUNIT_EXPECT_EQ(test, s.digest, sight(test, &f).digest);
	kfree_skb(skb);
}

static struct kunit_case latency_cases[] = {
	KUNIT_CASE(test_bucket),
	KUNIT_CASE(test_rewritten),
	KUNIT_CASE(test_others),
	KUNIT_CASE(test_merged),
	KUNIT_CASE(test_short),
	KUNIT_CASE(test_fragment),
	KUNIT_CASE(test_frame),
	{}
};

static struct kunit_suite latency_suite = {
	.name = "srproxy_latency",
	.test_cases = latency_cases,
};

kunit_test_suite(latency_suite);
