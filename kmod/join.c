// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments become the datagram that they are of. They are judged as a
 * receiver does: nothing may overlap (RFC 5722; the same for IPv4), nothing
 * may come after the last, and all but the last are of multiples of 8 octets.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "inner.h"
#include "join.h"

/* Fragments of a datagram: enough for the longest at an MTU of 576. They come in
 * any order, and each is looked for its place among the others.
 */
#define SRP_PIECES_MAX	128

/**
 * struct srp_piece - a fragment that is held, in its cb
 * @at: of &struct srp_fragment, as the others
 * @start: likewise
 * @end: @start plus its length
 * @more: likewise
 */
struct srp_piece {
	u32 at;
	u32 start;
	u32 end;
	bool more;
};

static struct srp_piece *srp_piece(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct srp_piece) >
		     sizeof_field(struct sk_buff, cb));
	return (struct srp_piece *)skb->cb;
}

/**
 * srp_join_prepare() - can a fragment be one of a datagram?
 * @skb: the fragment, not shared, data at the IP header
 * @frag: what is known of it
 *
 * It forgets what held packets must not keep, and remembers where it belongs.
 *
 * Context: softirq. Pointers into the packet have to be loaded again.
 * Return: false if it cannot.
 */
bool srp_join_prepare(struct sk_buff *skb, const struct srp_fragment *frag)
{
	struct srp_piece *piece = srp_piece(skb);

	if (!frag->len || (frag->more && frag->len % 8) ||
	    frag->at + frag->len > skb->len ||
	    frag->start + frag->len > IP_MAX_MTU ||
	    skb->ip_summed == CHECKSUM_PARTIAL || skb_is_gso(skb))
		return false;
	if (skb_unclone(skb, GFP_ATOMIC) || skb_linearize(skb) ||
	    pskb_trim(skb, frag->at + frag->len))
		return false;
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb->ip_summed = CHECKSUM_NONE;
	piece->at = frag->at;
	piece->start = frag->start;
	piece->end = frag->start + frag->len;
	piece->more = frag->more;
	return true;
}

/* Where a fragment belongs: after the one returned, NULL for the first. */
static struct sk_buff *srp_join_before(struct sk_buff_head *held, u32 start)
{
	struct sk_buff *prev;

	skb_queue_reverse_walk(held, prev)
		if (srp_piece(prev)->start <= start)
			return prev;
	return NULL;
}

/**
 * srp_join_add() - put a fragment among the others
 * @held: fragments of one datagram, in their order; the caller's lock
 * @skb: one more, prepared
 *
 * Context: softirq.
 * Return: false if it contradicts the others, or there are too many: they are
 * no datagram.
 */
bool srp_join_add(struct sk_buff_head *held, struct sk_buff *skb)
{
	const struct srp_piece *piece = srp_piece(skb);
	struct sk_buff *prev, *next;

	if (skb_queue_len(held) >= SRP_PIECES_MAX)
		return false;
	prev = srp_join_before(held, piece->start);
	if (prev && (srp_piece(prev)->end > piece->start ||
		     !srp_piece(prev)->more))
		return false;
	next = prev ? skb_peek_next(prev, held) : skb_peek(held);
	if (next && (srp_piece(next)->start < piece->end || !piece->more))
		return false;
	if (prev)
		__skb_queue_after(held, prev, skb);
	else
		__skb_queue_head(held, skb);
	return true;
}

/**
 * srp_join_complete() - are all fragments there?
 * @held: fragments of one datagram
 *
 * Return: true if so.
 */
bool srp_join_complete(const struct sk_buff_head *held)
{
	const struct sk_buff *skb;
	u32 end = 0;

	if (skb_queue_empty(held) || srp_piece(skb_peek_tail(held))->more)
		return false;
	skb_queue_walk(held, skb) {
		if (srp_piece(skb)->start != end)
			return false;
		end = srp_piece(skb)->end;
	}
	return true;
}

/* The first one's headers become the datagram's. An IPv6 fragment header
 * stays, and says that this is all of it (RFC 6946).
 */
static bool srp_join_headers(struct sk_buff *skb, unsigned int at,
			     unsigned int len)
{
	struct iphdr *ip = (void *)skb->data;
	struct ipv6hdr *ip6 = (void *)ip;
	struct frag_hdr *frag;

	if (ip->version == 4) {
		if (len > IP_MAX_MTU)
			return false;
		ip->tot_len = htons(len);
		ip->frag_off = 0;
		ip_send_check(ip);
		return true;
	}
	if (len - sizeof(*ip6) > IPV6_MAXPLEN)
		return false;
	ip6->payload_len = htons(len - sizeof(*ip6));
	frag = (void *)(skb->data + at - sizeof(*frag));
	frag->frag_off = 0;
	return true;
}

/**
 * srp_join() - make the datagram
 * @held: all its fragments, in their order; empty afterwards, if it is made
 *
 * As one that came in fragments it may go on in fragments.
 *
 * Context: softirq.
 * Return: the datagram, data at its IP header; NULL if it is too long.
 */
struct sk_buff *srp_join(struct sk_buff_head *held)
{
	struct sk_buff *whole = skb_peek(held), **tail, *skb;
	u32 at = srp_piece(whole)->at;

	if (!srp_join_headers(whole, at,
			      at + srp_piece(skb_peek_tail(held))->end))
		return NULL;
	__skb_unlink(whole, held);
	tail = &skb_shinfo(whole)->frag_list;
	while ((skb = __skb_dequeue(held))) {
		__skb_pull(skb, srp_piece(skb)->at);
		skb->dev = NULL;
		whole->len += skb->len;
		whole->data_len += skb->len;
		whole->truesize += skb->truesize;
		*tail = skb;
		tail = &skb->next;
	}
	whole->ignore_df = 1;
	return whole;
}
