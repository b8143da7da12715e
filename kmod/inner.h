/* SPDX-License-Identifier: GPL-2.0-only */
/* What the labels carry: the flow key of an IP packet. */
#ifndef SRP_INNER_H
#define SRP_INNER_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>

#include "stats.h"

/**
 * struct srp_key - what a flow is found by, compared whole
 * @vnf: id of the vnf; 0 while only parsed
 * @hash: keyed hash of all but @vnf, the same for both directions
 * @src: source address; IPv4 in the first word, the rest zero
 * @dst: destination address
 * @sport: source port, identifier of an ICMP query, upper half of a GRE key
 * @dport: destination port, the same identifier, lower half of a GRE key
 * @spi: in place of the ports: SPI of ESP and AH, key of GRE; of an ICMP error
 *	the selection hash of the session that it is about
 * @family: AF_INET or AF_INET6; AF_PACKET for a frame without an IP flow: MAC
 *	addresses in place of the others, EtherType in place of both ports
 * @proto: IP protocol, past the extension headers
 * @vid: outer VLAN of an Ethernet payload, id with match vlan, else zero
 * @quote: zero but for an ICMP error; then odd, 3 bits of a keyed digest of the
 *	packet that it quotes. @hash has another 32 bits of that, so that two
 *	errors share a key only if 67 bits agree that nobody can foresee
 */
struct srp_key {
	u32 vnf;
	u32 hash;
	struct in6_addr src;
	struct in6_addr dst;
	union {
		struct {
			__be16 sport;
			__be16 dport;
		};
		__be32 spi;
	};
	u8 family;
	u8 proto;
	u16 vid : 12;
	u16 quote : 4;
};

static_assert(sizeof(struct srp_key) == 48);

static inline bool srp_key_equal(const struct srp_key *a,
				 const struct srp_key *b)
{
	const u64 *x = (const u64 *)a, *y = (const u64 *)b;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) |
		 (x[3] ^ y[3]) | (x[4] ^ y[4]) | (x[5] ^ y[5]));
}

/* Has the key an SPI or GRE key where others have ports? */
static inline bool srp_key_has_spi(const struct srp_key *key)
{
	return key->proto == IPPROTO_ESP || key->proto == IPPROTO_AH ||
	       key->proto == IPPROTO_GRE;
}

/* What the VLAN of a frame adds to a hash; nothing where there is none. */
static inline u32 srp_vid_mix(u16 vid)
{
	return vid * GOLDEN_RATIO_32;
}

/* Is it the key of an ICMP error that tells what it is about? */
static inline bool srp_key_is_error(const struct srp_key *key)
{
	return key->quote;
}

/* What srp_inner_parse() says of a fragment: no reason to drop it, but its key
 * may need what only the first one has (frag.h).
 */
#define SRP_INNER_FRAGMENT	((enum srp_drop)SRP_DROP_COUNT)

/**
 * struct srp_fragment - what tells the datagram that a fragment is of
 * @id: identification
 * @proto: IPv4: protocol, part of the identity (RFC 791); IPv6: zero, the next
 *	header may differ from fragment to fragment (RFC 8200, section 4.5)
 * @later: not the first: there is no transport header in it
 * @more: not the last
 * @at: where its part of the datagram stands, from skb->data
 * @start: where that belongs, from the datagram's transport header
 * @len: its octets
 */
struct srp_fragment {
	__be32 id;
	u8 proto;
	bool later;
	bool more;
	unsigned int at;
	unsigned int start;
	unsigned int len;
};

enum srp_drop srp_inner_parse(struct sk_buff *skb, unsigned int off,
			      const hsiphash_key_t *secret,
			      struct srp_key *key);
void srp_inner_fragment(struct sk_buff *skb, unsigned int off,
			struct srp_fragment *frag);
bool srp_inner_quote(struct sk_buff *skb, unsigned int off,
		     const hsiphash_key_t *secret, struct srp_key *quote);
u32 srp_key_select_hash(const struct srp_key *key,
			const hsiphash_key_t *secret);
void srp_key_reverse(const struct srp_key *key, struct srp_key *reverse);
u8 srp_inner_ttl(const struct sk_buff *skb, unsigned int off);
void srp_inner_moved(struct sk_buff *skb, __be16 old, __be16 new);
int srp_inner_cap_ttl(struct sk_buff *skb, u8 ttl);

#endif
