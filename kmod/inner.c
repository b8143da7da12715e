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

/**
 * struct srp_cursor - where the parser stands, and what it has met
 * @skb: the packet
 * @off: from skb->data
 * @end: past the IP packet (link-layer padding follows it)
 * @quote: where the packet that an ICMP error quotes begins; 0: no error
 * @frag: where the first IPv6 fragment header stands that makes it a fragment;
 *	of IPv4 just not 0; 0: it is whole
 */
struct srp_cursor {
	struct sk_buff *skb;
	unsigned int off;
	unsigned int end;
	unsigned int quote;
	unsigned int frag;
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

/* Types below 128 are errors, known or not (RFC 4443, section 2.1). */
static bool srp_icmp_has_quote(u8 family, u8 type)
{
	return family == AF_INET ? icmp_is_err(type) :
				   !(type & ICMPV6_INFOMSG_MASK);
}

/* Queries are told apart by identifier, errors by what they are about; ICMP
 * and ICMPv6 have both in one place.
 */
static enum srp_drop srp_parse_icmp(struct srp_cursor *c, struct srp_key *key)
{
	const struct icmphdr *icmp = srp_peek(c, sizeof(*icmp));

	if (!icmp)
		return SRP_DROP_inner_malformed;
	if (key->family == AF_INET ? srp_icmp_is_query(icmp->type) :
				     srp_icmpv6_is_query(icmp->type)) {
		key->sport = icmp->un.echo.id;
		key->dport = icmp->un.echo.id;
	} else if (srp_icmp_has_quote(key->family, icmp->type)) {
		c->quote = c->off + sizeof(*icmp);
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

static enum srp_drop srp_parse_transport(struct srp_cursor *c,
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
	c->frag = ip_is_fragment(ip);
	if (ip->frag_off & htons(IP_OFFSET))
		return SRP_DROP_NONE;
	return srp_parse_transport(c, key);
}

/* Walk to the transport header. Return: 1 at it, 0 if there is none to be
 * had (a later fragment, or nothing follows), -1 if malformed: also a first
 * fragment in which the chain does not end (RFC 7112).
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
			if (!c->frag &&
			    frag->frag_off & htons(IP6_OFFSET | IP6_MF))
				c->frag = c->off;
			c->off += sizeof(*frag);
			if (frag->frag_off & htons(IP6_OFFSET))
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

/* What an ICMP error quotes is cut anywhere behind the IP header, and may be
 * followed by extensions (RFC 4884): whatever part of a transport header is
 * not there stays out of the key. A length that makes no sense, as some
 * routers leave behind, bounds nothing.
 */
static bool srp_quote_ipv4(struct srp_cursor *c, struct srp_key *quote)
{
	const struct iphdr *ip = srp_peek(c, sizeof(*ip));
	unsigned int hlen, len;

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return false;
	hlen = ip->ihl * 4;
	len = ntohs(ip->tot_len);
	if (len >= hlen)
		c->end = min(c->end, c->off + len);
	c->off += hlen;
	quote->src.s6_addr32[0] = ip->saddr;
	quote->dst.s6_addr32[0] = ip->daddr;
	quote->proto = ip->protocol;
	if (!(ip->frag_off & htons(IP_OFFSET)))
		srp_parse_transport(c, quote);
	return true;
}

static bool srp_quote_ipv6(struct srp_cursor *c, struct srp_key *quote)
{
	const struct ipv6hdr *ip6 = srp_peek(c, sizeof(*ip6));
	unsigned int len;

	if (!ip6 || ip6->version != 6)
		return false;
	c->off += sizeof(*ip6);
	len = ntohs(ip6->payload_len);
	if (len)
		c->end = min(c->end, c->off + len);
	quote->src = ip6->saddr;
	quote->dst = ip6->daddr;
	quote->proto = ip6->nexthdr;
	if (srp_skip_exthdrs(c, &quote->proto) > 0)
		srp_parse_transport(c, quote);
	return true;
}

/* The packet that an ICMP error is about. Should that be one itself, it is
 * not asked what it quotes. Return: false if not even its addresses are there.
 */
static bool srp_parse_quote(const struct srp_cursor *c,
			    const struct srp_key *key, struct srp_key *quote)
{
	struct srp_cursor at = {
		.skb = c->skb,
		.off = c->quote,
		.end = c->end,
	};

	memset(quote, 0, sizeof(*quote));
	quote->family = key->family;
	if (!c->quote)
		return false;
	return key->family == AF_INET ? srp_quote_ipv4(&at, quote) :
					srp_quote_ipv6(&at, quote);
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

/* A checksum that is still to be made begins where the sender of the packet
 * says, which may be a guest. Before the transport header it would be written
 * over addresses that have been read, or over labels yet to be pushed.
 */
static __always_inline bool srp_csum_is_behind(const struct sk_buff *skb,
					       unsigned int headers)
{
	return skb->ip_summed != CHECKSUM_PARTIAL ||
	       skb_checksum_start_offset(skb) >= (int)headers;
}

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
	if (len < sizeof(*ip) + sizeof(key->spi) || len > skb->len - off ||
	    !srp_csum_is_behind(skb, off + sizeof(*ip)))
		return false;
	/* one by one: the compiler would zero the whole by a slow loop */
	key->vnf = 0;
	ipv6_addr_set(&key->src, ip->saddr, 0, 0, 0);
	ipv6_addr_set(&key->dst, ip->daddr, 0, 0, 0);
	key->spi = *(const __be32 *)(ip + 1);
	key->family = AF_INET;
	key->proto = ip->protocol;
	key->vid = 0;
	key->quote = 0;
	return true;
}

static u32 srp_key_hash(const struct srp_key *key, bool has_spi,
			const hsiphash_key_t *secret)
{
	return key->family == AF_INET ? srp_hash_ipv4(key, has_spi, secret) :
					srp_hash_ipv6(key, secret);
}

/**
 * srp_key_select_hash() - the hash that picks an instance
 * @key: parsed key
 * @secret: seed of the hash
 *
 * The SPIs of the two directions of an IPsec session differ, as keys of GRE
 * may, so they have no part in it. That of an ICMP error is the session's.
 *
 * Return: a hash that is the same for both directions of a session.
 */
u32 srp_key_select_hash(const struct srp_key *key,
			const hsiphash_key_t *secret)
{
	struct srp_key bare;

	if (srp_key_is_error(key))
		return (__force u32)key->spi ^ srp_vid_mix(key->vid);
	if (!srp_key_has_spi(key))
		return key->hash;
	bare = *key;
	bare.spi = 0;
	return srp_key_hash(&bare, true, secret) ^ srp_vid_mix(key->vid);
}

/* An ICMP error is about one session, and goes where that goes: its key names
 * it, by digests, as two more addresses have no room.
 */
static void srp_key_add_quote(struct srp_key *key, struct srp_key *quote,
			      const hsiphash_key_t *secret)
{
	quote->hash = srp_key_hash(quote, srp_key_has_spi(quote), secret);
	key->spi = (__force __be32)srp_key_select_hash(quote, secret);
	key->hash ^= hsiphash(quote, sizeof(*quote), secret);
	/* with another hash in it, the digest is another too */
	quote->vnf = ~quote->hash;
	key->quote = (hsiphash(quote, sizeof(*quote), secret) & 0xf) | 1;
	quote->vnf = 0;
}

static enum srp_drop srp_parse_family(struct srp_cursor *c,
				      struct srp_key *key)
{
	const u8 *first = srp_peek(c, 1);

	if (!first)
		return SRP_DROP_inner_malformed;
	switch (*first >> 4) {
	case 4:
		key->family = AF_INET;
		return srp_parse_ipv4(c, key);
	case 6:
		key->family = AF_INET6;
		return srp_parse_ipv6(c, key);
	}
	return SRP_DROP_inner_unknown;
}

/* All others. */
static noinline enum srp_drop srp_parse_any(struct sk_buff *skb,
					    unsigned int off,
					    const hsiphash_key_t *secret,
					    struct srp_key *key)
{
	struct srp_cursor c = { .skb = skb, .off = off, .end = skb->len };
	enum srp_drop reason;
	struct srp_key quote;

	memset(key, 0, sizeof(*key));
	reason = srp_parse_family(&c, key);
	if (reason)
		return reason;
	if (!srp_csum_is_behind(skb, c.off))
		return SRP_DROP_inner_malformed;
	key->hash = srp_key_hash(key, srp_key_has_spi(key), secret);
	if (srp_parse_quote(&c, key, &quote))
		srp_key_add_quote(key, &quote, secret);
	if (!c.frag)
		return SRP_DROP_NONE;
	/* one that is to be cut still is none */
	return skb_is_gso(skb) ? SRP_DROP_inner_malformed : SRP_INNER_FRAGMENT;
}

/**
 * srp_inner_parse() - make the flow key of an IP packet
 * @skb: packet
 * @off: where the IP header stands, from skb->data
 * @secret: seed of the hash
 * @key: filled in, but for the vnf
 *
 * An ICMP error has the key of its own addresses and of what it quotes.
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: SRP_DROP_NONE, or why the packet cannot be taken; or
 * SRP_INNER_FRAGMENT, and the key of a later fragment is not whole, only its
 * addresses are right.
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
 * srp_inner_fragment() - which datagram is it a fragment of?
 * @skb: packet that srp_inner_parse() called a fragment: what was pulled then
 *	is enough, pointers into it stay
 * @off: where the IP header stands, from skb->data
 * @frag: filled in
 *
 * Context: softirq.
 */
void srp_inner_fragment(struct sk_buff *skb, unsigned int off,
			struct srp_fragment *frag)
{
	struct srp_cursor c = { .skb = skb, .off = off, .end = skb->len };
	const struct frag_hdr *hdr;
	const struct iphdr *ip;
	struct srp_key key = {};

	srp_parse_family(&c, &key);
	if (key.family == AF_INET) {
		ip = (const void *)(skb->data + off);
		frag->id = htonl(ntohs(ip->id));
		frag->proto = ip->protocol;
		frag->later = ip->frag_off & htons(IP_OFFSET);
		frag->more = ip->frag_off & htons(IP_MF);
		frag->at = off + ip->ihl * 4;
		frag->start = (ntohs(ip->frag_off) & IP_OFFSET) * 8;
		frag->len = c.end - frag->at;
		return;
	}
	hdr = (const void *)(skb->data + c.frag);
	frag->id = hdr->identification;
	frag->proto = 0;
	frag->later = hdr->frag_off & htons(IP6_OFFSET);
	frag->more = hdr->frag_off & htons(IP6_MF);
	frag->at = c.frag + sizeof(*hdr);
	frag->start = ntohs(hdr->frag_off) & IP6_OFFSET;
	frag->len = c.end - frag->at;
}

/**
 * srp_inner_quote() - which packet is an ICMP error about?
 * @skb: packet whose key is that of an error, so parsed before: what was
 *	pulled then is enough, pointers into it stay
 * @off: where the IP header stands, from skb->data
 * @secret: seed of the hash
 * @quote: key of the packet that it quotes, of no vnf
 *
 * Context: softirq.
 * Return: false if there is no telling.
 */
bool srp_inner_quote(struct sk_buff *skb, unsigned int off,
		     const hsiphash_key_t *secret, struct srp_key *quote)
{
	struct srp_cursor c = { .skb = skb, .off = off, .end = skb->len };
	struct srp_key key = {};

	if (srp_parse_family(&c, &key) || !srp_parse_quote(&c, &key, quote))
		return false;
	quote->hash = srp_key_hash(quote, srp_key_has_spi(quote), secret);
	return true;
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
 * srp_inner_moved() - two octets of an IPv6 header are others now
 * @skb: packet whose data is that header
 * @old: what they were, at an even place
 * @new: what they are
 *
 * Over an IPv4 header the sum stays, its own checksum sees to that.
 */
void srp_inner_moved(struct sk_buff *skb, __be16 old, __be16 new)
{
	__wsum gone = csum_unfold((__force __sum16)old);
	__wsum come = csum_unfold((__force __sum16)new);

	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_add(csum_sub(skb->csum, gone), come);
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
	u8 old = srp_inner_ttl(skb, 0);
	struct iphdr *ip;

	if (old <= ttl)
		return 0;
	if (skb_ensure_writable(skb, sizeof(struct iphdr)))
		return -ENOMEM;
	ip = (struct iphdr *)skb->data;
	if (ip->version == 4) {
		csum_replace2(&ip->check, htons(old << 8), htons(ttl << 8));
		ip->ttl = ttl;
		return 0;
	}
	((struct ipv6hdr *)ip)->hop_limit = ttl;
	/* the second of its two octets */
	srp_inner_moved(skb, htons(old), htons(ttl));
	return 0;
}
