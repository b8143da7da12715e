// SPDX-License-Identifier: GPL-2.0-only
/* From an IP packet to its flow key. */
#include <linux/hash.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/gre.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "inner.h"

#define SRP_EXTHDRS_MAX	16

/* Where the parser stands: @off counts from skb->data, @end is past the IP
 * packet (link-layer padding follows it).
 */
struct srp_cursor {
	struct sk_buff *skb;
	unsigned int off;
	unsigned int end;
};

/* The next @len octets, in the linear part; NULL if the packet has them not. */
static void *srp_peek(const struct srp_cursor *c, unsigned int len)
{
	if (c->off + len > c->end || !pskb_may_pull(c->skb, c->off + len))
		return NULL;
	return c->skb->data + c->off;
}

static enum srp_drop srp_parse_ports(const struct srp_cursor *c,
				     struct srp_key *key)
{
	const __be32 *ports = srp_peek(c, sizeof(*ports));

	if (!ports)
		return SRP_DROP_inner_malformed;
	key->spi = *ports;
	return SRP_DROP_NONE;
}

static bool srp_icmp_is_query(u8 type)
{
	switch (type) {
	case ICMP_ECHOREPLY:
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
	case ICMP_TIMESTAMPREPLY:
	case ICMP_INFO_REQUEST:
	case ICMP_INFO_REPLY:
	case ICMP_ADDRESS:
	case ICMP_ADDRESSREPLY:
		return true;
	}
	return false;
}

static bool srp_icmpv6_is_query(u8 type)
{
	return type == ICMPV6_ECHO_REQUEST || type == ICMPV6_ECHO_REPLY;
}

/* Queries are told apart by identifier; ICMP and ICMPv6 have it in one place. */
static enum srp_drop srp_parse_icmp(const struct srp_cursor *c,
				    struct srp_key *key)
{
	const struct icmphdr *icmp = srp_peek(c, sizeof(*icmp));

	if (!icmp)
		return SRP_DROP_inner_malformed;
	if (key->family == AF_INET ? srp_icmp_is_query(icmp->type) :
				     srp_icmpv6_is_query(icmp->type)) {
		key->sport = icmp->un.echo.id;
		key->dport = icmp->un.echo.id;
	}
	return SRP_DROP_NONE;
}

/* RFC 2890: the key follows the checksum; RFC 2637 has a call id in it. */
static enum srp_drop srp_parse_gre(const struct srp_cursor *c,
				   struct srp_key *key)
{
	const struct gre_base_hdr *gre = srp_peek(c, sizeof(*gre));
	unsigned int off = sizeof(*gre);
	const u8 *opt;

	if (!gre)
		return SRP_DROP_inner_malformed;
	if (!(gre->flags & GRE_KEY))
		return SRP_DROP_NONE;
	if (gre->flags & GRE_CSUM)
		off += 4;
	opt = srp_peek(c, off + 4);
	if (!opt)
		return SRP_DROP_inner_malformed;
	gre = (const struct gre_base_hdr *)opt;
	if ((gre->flags & GRE_VERSION) == GRE_VERSION_1)
		memcpy(&key->dport, opt + off + 2, 2);
	else
		memcpy(&key->spi, opt + off, 4);
	return SRP_DROP_NONE;
}

static enum srp_drop srp_parse_ah(const struct srp_cursor *c,
				  struct srp_key *key)
{
	const struct ip_auth_hdr *ah = srp_peek(c, sizeof(*ah));

	if (!ah)
		return SRP_DROP_inner_malformed;
	key->spi = ah->spi;
	return SRP_DROP_NONE;
}

static enum srp_drop srp_parse_transport(const struct srp_cursor *c,
					 struct srp_key *key)
{
	switch (key->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_ESP:
		return srp_parse_ports(c, key);
	case IPPROTO_ICMP:
		return key->family == AF_INET ? srp_parse_icmp(c, key) :
						SRP_DROP_NONE;
	case IPPROTO_ICMPV6:
		return key->family == AF_INET6 ? srp_parse_icmp(c, key) :
						 SRP_DROP_NONE;
	case IPPROTO_GRE:
		return srp_parse_gre(c, key);
	case IPPROTO_AH:
		return srp_parse_ah(c, key);
	}
	return SRP_DROP_NONE;
}

/* Big TCP leaves the length field of an offloaded packet empty. */
static bool srp_length_open(const struct sk_buff *skb, unsigned int len)
{
	return !len && skb_is_gso(skb);
}

static enum srp_drop srp_parse_ipv4(struct srp_cursor *c, struct srp_key *key)
{
	const struct iphdr *ip = srp_peek(c, sizeof(*ip));
	unsigned int hlen, len;

	if (!ip)
		return SRP_DROP_inner_malformed;
	hlen = ip->ihl * 4;
	len = ntohs(ip->tot_len);
	if (srp_length_open(c->skb, len))
		len = c->end - c->off;
	if (hlen < sizeof(*ip) || len < hlen || len > c->end - c->off)
		return SRP_DROP_inner_malformed;
	c->end = c->off + len;
	c->off += hlen;
	key->src.s6_addr32[0] = ip->saddr;
	key->dst.s6_addr32[0] = ip->daddr;
	key->proto = ip->protocol;
	if (ip_is_fragment(ip))
		return SRP_DROP_NONE;
	return srp_parse_transport(c, key);
}

/* Walk to the transport header. Return: 1 at it, 0 if there is none to be
 * had (a fragment, or nothing follows), -1 if malformed.
 */
static int srp_skip_exthdrs(struct srp_cursor *c, u8 *proto)
{
	const struct ipv6_opt_hdr *opt;
	const struct frag_hdr *frag;
	int n;

	for (n = 0; n <= SRP_EXTHDRS_MAX; n++) {
		if (c->off > c->end)
			return -1;
		switch (*proto) {
		case NEXTHDR_HOP:
		case NEXTHDR_ROUTING:
		case NEXTHDR_DEST:
			opt = srp_peek(c, sizeof(*opt));
			if (!opt)
				return -1;
			*proto = opt->nexthdr;
			c->off += ipv6_optlen(opt);
			break;
		case NEXTHDR_FRAGMENT:
			frag = srp_peek(c, sizeof(*frag));
			if (!frag)
				return -1;
			*proto = frag->nexthdr;
			c->off += sizeof(*frag);
			if (frag->frag_off & htons(IP6_OFFSET | IP6_MF))
				return 0;
			break;
		case NEXTHDR_NONE:
			return 0;
		default:
			return 1;
		}
	}
	return -1;
}

static enum srp_drop srp_parse_ipv6(struct srp_cursor *c, struct srp_key *key)
{
	const struct ipv6hdr *ip6 = srp_peek(c, sizeof(*ip6));
	unsigned int len;
	int more;

	if (!ip6)
		return SRP_DROP_inner_malformed;
	len = ntohs(ip6->payload_len);
	c->off += sizeof(*ip6);
	if (srp_length_open(c->skb, len))
		len = c->end - c->off;
	if (len > c->end - c->off)
		return SRP_DROP_inner_malformed;
	c->end = c->off + len;
	key->src = ip6->saddr;
	key->dst = ip6->daddr;
	key->proto = ip6->nexthdr;
	more = srp_skip_exthdrs(c, &key->proto);
	if (more < 0)
		return SRP_DROP_inner_malformed;
	return more ? srp_parse_transport(c, key) : SRP_DROP_NONE;
}

/* Ports, or what stands for them, ordered as the addresses are. */
static __always_inline u32 srp_ports_ordered(const struct srp_key *key,
					     bool swap, bool has_spi)
{
	u32 ports = (__force u32)key->spi;

	return swap && !has_spi ? rol32(ports, 16) : ports;
}

static __always_inline u32 srp_hash_ipv4(const struct srp_key *key,
					 bool has_spi,
					 const hsiphash_key_t *secret)
{
	u32 a = (__force u32)key->src.s6_addr32[0];
	u32 b = (__force u32)key->dst.s6_addr32[0];
	bool swap = a > b || (a == b && (__force u16)key->sport >
					(__force u16)key->dport);

	if (swap)
		swap(a, b);
	/* a round less than with the protocol, which only has to spread */
	return hsiphash_3u32(a, b, srp_ports_ordered(key, swap, has_spi),
			     secret) ^ key->proto * GOLDEN_RATIO_32;
}

static u32 srp_hash_ipv6(const struct srp_key *key,
			 const hsiphash_key_t *secret)
{
	int order = memcmp(&key->src, &key->dst, sizeof(key->src));
	bool swap = order > 0 || (!order && (__force u16)key->sport >
					    (__force u16)key->dport);
	struct {
		struct in6_addr a, b;
		u32 ports, proto;
	} in;

	in.a = swap ? key->dst : key->src;
	in.b = swap ? key->src : key->dst;
	in.ports = srp_ports_ordered(key, swap, srp_key_has_spi(key));
	in.proto = key->proto;
	return hsiphash(&in, sizeof(in), secret);
}

/* Transports that begin with ports. */
#define SRP_PROTO_PORTS	(BIT_ULL(IPPROTO_TCP) | BIT_ULL(IPPROTO_UDP) |	\
			 BIT_ULL(IPPROTO_DCCP))

/* Nearly every packet: IPv4 without options, whole, with ports, in the linear
 * part. Return: false if this one is not; nothing has been judged then.
 */
static __always_inline bool srp_parse_plain(const struct sk_buff *skb,
					    unsigned int off,
					    struct srp_key *key)
{
	const struct iphdr *ip = (const void *)(skb->data + off);
	unsigned int room = skb_headlen(skb), len;

	if (room < off + sizeof(*ip) + sizeof(key->spi) || ip->version != 4 ||
	    ip->ihl != 5 || ip_is_fragment(ip) || ip->protocol >= 64 ||
	    !(BIT_ULL(ip->protocol) & SRP_PROTO_PORTS))
		return false;
	len = ntohs(ip->tot_len);
	if (len < sizeof(*ip) + sizeof(key->spi) || len > skb->len - off)
		return false;
	/* one by one: the compiler would zero the whole by a slow loop */
	key->vnf = 0;
	ipv6_addr_set(&key->src, ip->saddr, 0, 0, 0);
	ipv6_addr_set(&key->dst, ip->daddr, 0, 0, 0);
	key->spi = *(const __be32 *)(ip + 1);
	key->family = AF_INET;
	key->proto = ip->protocol;
	key->vid = 0;
	return true;
}

/* All others. */
static noinline enum srp_drop srp_parse_any(struct sk_buff *skb,
					    unsigned int off,
					    const hsiphash_key_t *secret,
					    struct srp_key *key)
{
	struct srp_cursor c = { .skb = skb, .off = off, .end = skb->len };
	const u8 *first = srp_peek(&c, 1);
	enum srp_drop reason;

	if (!first)
		return SRP_DROP_inner_malformed;
	memset(key, 0, sizeof(*key));
	switch (*first >> 4) {
	case 4:
		key->family = AF_INET;
		reason = srp_parse_ipv4(&c, key);
		key->hash = srp_hash_ipv4(key, srp_key_has_spi(key), secret);
		return reason;
	case 6:
		key->family = AF_INET6;
		reason = srp_parse_ipv6(&c, key);
		key->hash = srp_hash_ipv6(key, secret);
		return reason;
	}
	return SRP_DROP_inner_unknown;
}

/**
 * srp_inner_parse() - make the flow key of an IP packet
 * @skb: packet
 * @off: where the IP header stands, from skb->data
 * @secret: seed of the hash
 * @key: filled in, but for the vnf
 *
 * Fragments, first and later, have the key of their addresses and protocol
 * alone, so that all of a datagram go one way.
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken.
 */
enum srp_drop srp_inner_parse(struct sk_buff *skb, unsigned int off,
			      const hsiphash_key_t *secret,
			      struct srp_key *key)
{
	if (unlikely(!srp_parse_plain(skb, off, key)))
		return srp_parse_any(skb, off, secret, key);
	key->hash = srp_hash_ipv4(key, false, secret);
	return SRP_DROP_NONE;
}

/**
 * srp_key_select_hash() - the hash that picks an instance
 * @key: parsed key
 * @secret: seed of the hash
 *
 * The SPIs of the two directions of an IPsec session differ, as keys of GRE
 * may, so they have no part in it.
 *
 * Return: a hash that is the same for both directions of a session.
 */
u32 srp_key_select_hash(const struct srp_key *key,
			const hsiphash_key_t *secret)
{
	struct srp_key bare;

	if (!srp_key_has_spi(key))
		return key->hash;
	bare = *key;
	bare.spi = 0;
	return key->family == AF_INET ? srp_hash_ipv4(&bare, true, secret) :
					srp_hash_ipv6(&bare, secret);
}

/**
 * srp_key_reverse() - the key of the other direction
 * @key: parsed key
 * @reverse: filled in, of the same vnf and with the same hash
 */
void srp_key_reverse(const struct srp_key *key, struct srp_key *reverse)
{
	*reverse = *key;
	reverse->src = key->dst;
	reverse->dst = key->src;
	if (!srp_key_has_spi(key)) {
		reverse->sport = key->dport;
		reverse->dport = key->sport;
	}
}

/**
 * srp_inner_ttl() - TTL or hop limit of a parsed packet
 * @skb: packet, IP header pulled
 * @off: where the IP header stands, from skb->data
 *
 * Return: the TTL.
 */
u8 srp_inner_ttl(const struct sk_buff *skb, unsigned int off)
{
	const struct iphdr *ip = (const void *)(skb->data + off);

	if (ip->version == 4)
		return ip->ttl;
	return ((const struct ipv6hdr *)ip)->hop_limit;
}

/**
 * srp_inner_cap_ttl() - lower the TTL of a bare packet to what its label had
 * @skb: packet whose data is the IP header, parsed before
 * @ttl: the bound (RFC 3443, section 3.3)
 *
 * Context: softirq.
 * Return: 0 or -ENOMEM, the packet then as it was.
 */
int srp_inner_cap_ttl(struct sk_buff *skb, u8 ttl)
{
	struct iphdr *ip;

	if (srp_inner_ttl(skb, 0) <= ttl)
		return 0;
	if (skb_ensure_writable(skb, sizeof(struct iphdr)))
		return -ENOMEM;
	ip = (struct iphdr *)skb->data;
	if (ip->version == 4) {
		__be16 old = htons(ip->ttl << 8);

		csum_replace2(&ip->check, old, htons(ttl << 8));
		ip->ttl = ttl;
		return 0;
	}
	((struct ipv6hdr *)ip)->hop_limit = ttl;
	return 0;
}
