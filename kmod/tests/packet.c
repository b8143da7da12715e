// SPDX-License-Identifier: GPL-2.0-only
/* IP packets of every transport, and the flow keys that they should have. */
#include "packet.h"

const hsiphash_key_t packet_secret = {
	.key = { 0x6b65792d6f6e65ULL, 0x6b65792d74776fULL },
};

/* A row: name, family, protocol, part of the key, where, octets needed, octets
 * there, the octets.
 */
#define ROW(_name, _family, _proto, _part, _at, _need, _len, ...)	\
	{								\
		.name = _name,						\
		.family = _family,					\
		.proto = _proto,					\
		.part = _part,						\
		.at = _at,						\
		.need = _need,						\
		.len = _len,						\
		.data = { __VA_ARGS__ },				\
	}

const struct packet_transport packet_transports[] = {
	ROW("tcp", AF_UNSPEC, IPPROTO_TCP, PART_PORTS, 0, 4, 20,
	    0x12, 0x34, 0x56, 0x78),
	ROW("udp", AF_UNSPEC, IPPROTO_UDP, PART_PORTS, 0, 4, 8,
	    0xff, 0x01, 0x00, 0x35),
	ROW("echo request", AF_INET, IPPROTO_ICMP, PART_ID, 4, 8, 8,
	    8, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("udplite", AF_UNSPEC, IPPROTO_UDPLITE, PART_PORTS, 0, 4, 8,
	    0x12, 0x34, 0x56, 0x78),
	ROW("sctp", AF_UNSPEC, IPPROTO_SCTP, PART_PORTS, 0, 4, 12,
	    0x00, 0x50, 0x00, 0x50, 1, 2, 3, 4),
	ROW("dccp", AF_UNSPEC, IPPROTO_DCCP, PART_PORTS, 0, 4, 12,
	    0x12, 0x34, 0x56, 0x78),
	ROW("echo reply", AF_INET, IPPROTO_ICMP, PART_ID, 4, 8, 8,
	    0, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("timestamp", AF_INET, IPPROTO_ICMP, PART_ID, 4, 8, 20,
	    13, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("timestamp reply", AF_INET, IPPROTO_ICMP, PART_ID, 4, 8, 20,
	    14, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("information request", AF_INET, IPPROTO_ICMP, PART_ID, 4, 8, 8,
	    15, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("address mask reply", AF_INET, IPPROTO_ICMP, PART_ID, 4, 8, 12,
	    18, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("unreachable", AF_INET, IPPROTO_ICMP, PART_NONE, 0, 8, 8,
	    3, 1, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("time exceeded", AF_INET, IPPROTO_ICMP, PART_NONE, 0, 8, 8,
	    11, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("icmp in ipv6", AF_INET6, IPPROTO_ICMP, PART_NONE, 0, 0, 8,
	    8, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("icmpv6 echo request", AF_INET6, IPPROTO_ICMPV6, PART_ID, 4, 8, 8,
	    128, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("icmpv6 echo reply", AF_INET6, IPPROTO_ICMPV6, PART_ID, 4, 8, 8,
	    129, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("icmpv6 too big", AF_INET6, IPPROTO_ICMPV6, PART_NONE, 0, 8, 8,
	    2, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("icmpv6 type 8", AF_INET6, IPPROTO_ICMPV6, PART_NONE, 0, 8, 8,
	    8, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("icmpv6 in ipv4", AF_INET, IPPROTO_ICMPV6, PART_NONE, 0, 0, 8,
	    128, 0, 1, 2, 0xab, 0xcd, 0, 1),
	ROW("gre", AF_UNSPEC, IPPROTO_GRE, PART_NONE, 0, 4, 8,
	    0x00, 0x00, 0x08, 0x00, 0x45, 1, 2, 3),
	ROW("gre csum", AF_UNSPEC, IPPROTO_GRE, PART_NONE, 0, 4, 8,
	    0x80, 0x00, 0x08, 0x00, 1, 2, 0, 0),
	ROW("gre key", AF_UNSPEC, IPPROTO_GRE, PART_SPI, 4, 8, 12,
	    0x20, 0x00, 0x08, 0x00, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4),
	ROW("gre csum key", AF_UNSPEC, IPPROTO_GRE, PART_SPI, 8, 12, 16,
	    0xa0, 0x00, 0x08, 0x00, 1, 2, 0, 0, 0xde, 0xad, 0xbe, 0xef),
	ROW("gre key seq", AF_UNSPEC, IPPROTO_GRE, PART_SPI, 4, 8, 12,
	    0x30, 0x00, 0x08, 0x00, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 9),
	ROW("pptp", AF_UNSPEC, IPPROTO_GRE, PART_CALL, 6, 8, 12,
	    0x30, 0x01, 0x88, 0x0b, 0, 99, 0xca, 0x11, 0, 0, 0, 9),
	ROW("esp", AF_UNSPEC, IPPROTO_ESP, PART_SPI, 0, 4, 12,
	    0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 9),
	ROW("ah", AF_UNSPEC, IPPROTO_AH, PART_SPI, 4, 12, 16,
	    6, 2, 0, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 9),
	ROW("ospf", AF_UNSPEC, 89, PART_NONE, 0, 0, 4,
	    2, 1, 0, 44),
	ROW("tunnel", AF_UNSPEC, IPPROTO_IPIP, PART_NONE, 0, 0, 20,
	    0x45),
};

const unsigned int packet_n_transports = ARRAY_SIZE(packet_transports);

static const u8 inet[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
static const u8 inet6[2][16] = {
	{ 0x20, 0x01, 0x0d, 0xb8, 1, [15] = 1 },
	{ 0x20, 0x01, 0x0d, 0xb8, 2, [15] = 2 },
};

const int packet_families[PACKET_FAMILIES] = { AF_INET, AF_INET6 };

/**
 * packet_fit() - make the length field say what the packet has
 * @f: the packet
 */
void packet_fit(struct fixture *f)
{
	if (f->data[0] >> 4 == 4)
		((struct iphdr *)f->data)->tot_len = htons(f->len);
	else
		((struct ipv6hdr *)f->data)->payload_len =
			htons(f->len - sizeof(struct ipv6hdr));
}

/**
 * packet_write_ip() - write an IP header
 * @f: the packet
 * @family: AF_INET or AF_INET6
 * @proto: what follows it
 * @back: of the other direction
 */
void packet_write_ip(struct fixture *f, int family, u8 proto, bool back)
{
	struct iphdr *ip = fixture_add(f, NULL, packet_ip_len(family));
	struct ipv6hdr *ip6 = (struct ipv6hdr *)ip;

	if (family == AF_INET) {
		ip->version = 4;
		ip->ihl = 5;
		ip->ttl = 64;
		ip->protocol = proto;
		memcpy(&ip->saddr, inet[back], sizeof(inet[0]));
		memcpy(&ip->daddr, inet[!back], sizeof(inet[0]));
		return;
	}
	ip6->version = 6;
	ip6->hop_limit = 64;
	ip6->nexthdr = proto;
	memcpy(&ip6->saddr, inet6[back], sizeof(inet6[0]));
	memcpy(&ip6->daddr, inet6[!back], sizeof(inet6[0]));
}

/**
 * packet_write_transport() - write a transport header
 * @f: the packet
 * @t: the transport
 * @back: of the other direction
 */
void packet_write_transport(struct fixture *f, const struct packet_transport *t,
			    bool back)
{
	u8 *data = fixture_add(f, t->data, t->len);

	if (back && t->part == PART_PORTS) {
		memcpy(data, t->data + 2, 2);
		memcpy(data + 2, t->data, 2);
	}
}

/**
 * packet_write() - write one whole packet
 * @f: the packet, what was in it is gone
 * @family: AF_INET or AF_INET6
 * @t: the transport
 * @back: of the other direction
 */
void packet_write(struct fixture *f, int family,
		  const struct packet_transport *t, bool back)
{
	memset(f, 0, sizeof(*f));
	packet_write_ip(f, family, t->proto, back);
	packet_write_transport(f, t, back);
	packet_fit(f);
}

/**
 * packet_key() - the key that a packet of packet_write() should have
 * @key: filled in, but for the hash
 * @family: AF_INET or AF_INET6
 * @t: the transport
 */
void packet_key(struct srp_key *key, int family,
		const struct packet_transport *t)
{
	memset(key, 0, sizeof(*key));
	key->family = family;
	key->proto = t->proto;
	if (family == AF_INET) {
		memcpy(&key->src, inet[0], sizeof(inet[0]));
		memcpy(&key->dst, inet[1], sizeof(inet[0]));
	} else {
		memcpy(&key->src, inet6[0], sizeof(inet6[0]));
		memcpy(&key->dst, inet6[1], sizeof(inet6[0]));
	}
	switch (t->part) {
	case PART_NONE:
		break;
	case PART_PORTS:
	case PART_SPI:
		memcpy(&key->spi, t->data + t->at, 4);
		break;
	case PART_ID:
		memcpy(&key->sport, t->data + t->at, 2);
		fallthrough;
	case PART_CALL:
		memcpy(&key->dport, t->data + t->at, 2);
		break;
	}
}

/**
 * packet_parse_skb() - make the key of a packet
 * @skb: the packet, freed
 * @off: where its IP header stands
 * @key: filled in
 *
 * Return: what srp_inner_parse() does.
 */
enum srp_drop packet_parse_skb(struct sk_buff *skb, unsigned int off,
			       struct srp_key *key)
{
	enum srp_drop reason;

	memset(key, 0xa5, sizeof(*key));
	reason = srp_inner_parse(skb, off, &packet_secret, key);
	kfree_skb(skb);
	return reason;
}

/**
 * packet_parse() - make the key of a linear packet
 * @test: the test
 * @f: the packet
 * @key: filled in
 *
 * Return: what srp_inner_parse() does.
 */
enum srp_drop packet_parse(struct kunit *test, const struct fixture *f,
			   struct srp_key *key)
{
	return packet_parse_skb(fixture_linear(test, f), 0, key);
}

/* Of a linear packet comes @reason and, but for its hash, @key, if there is
 * one. Return: the whole key in @got.
 */
static void expect_linear(struct kunit *test, const struct fixture *f,
			  enum srp_drop reason, const struct srp_key *key,
			  struct srp_key *got, const char *what)
{
	u32 hash;

	KUNIT_ASSERT_EQ_MSG(test, packet_parse(test, f, got), reason,
			    "%s, %u octets", what, f->len);
	if (!key)
		return;
	hash = got->hash;
	got->hash = 0;
	KUNIT_ASSERT_TRUE_MSG(test, srp_key_equal(got, key), what);
	got->hash = hash;
}

/* Of a paged one comes the same. */
static void expect_paged(struct kunit *test, const struct fixture *f,
			 unsigned int head, enum srp_drop reason,
			 const struct srp_key *key, const char *what)
{
	struct srp_key got;
	enum srp_drop had;

	had = packet_parse_skb(fixture_paged(test, f, head), 0, &got);
	KUNIT_ASSERT_EQ_MSG(test, had, reason, "%s, %u of %u octets linear",
			    what, head, f->len);
	if (key)
		KUNIT_ASSERT_TRUE_MSG(test, srp_key_equal(&got, key),
				      "%s, %u of %u octets linear", what, head,
				      f->len);
}

/**
 * packet_expect_at() - check what comes of a packet, however it lies in memory
 * @test: the test
 * @f: the packet
 * @reason: what srp_inner_parse() is to return
 * @key: the key, but for the hash; NULL for a refusal
 * @what: which packet, for the user
 * @step: try every @step-th place where the linear part can end
 */
void packet_expect_at(struct kunit *test, const struct fixture *f,
		      enum srp_drop reason, const struct srp_key *key,
		      const char *what, unsigned int step)
{
	unsigned int head;
	struct srp_key got;

	expect_linear(test, f, reason, key, &got, what);
	for (head = f->len % step; head < f->len; head += step)
		expect_paged(test, f, head, reason, key ? &got : NULL, what);
}

/**
 * packet_refused() - check that a packet is malformed, however it lies
 * @test: the test
 * @f: the packet
 * @what: which packet, for the user
 */
void packet_refused(struct kunit *test, const struct fixture *f,
		    const char *what)
{
	packet_expect(test, f, SRP_DROP_inner_malformed, NULL, what);
}
