// SPDX-License-Identifier: GPL-2.0-only
/* Packets for the suites. */
#include <linux/compiler.h>
#include <linux/kasan.h>
#include <linux/mm.h>

#include "fixture.h"

#define FIXTURE_GARBAGE 0x5a

/**
 * fixture_add() - write at the end of a packet
 * @f: the packet
 * @data: what to write, or NULL for zeros
 * @len: octets
 *
 * Return: where it stands, valid as long as the packet is.
 */
void *fixture_add(struct fixture *f, const void *data, unsigned int len)
{
	u8 *place = f->data + f->len;

	if (WARN_ON_ONCE(f->len + len > sizeof(f->data)))
		return f->data;
	if (data)
		memcpy(place, data, len);
	else
		memset(place, 0, len);
	f->len += len;
	return place;
}

#ifdef CONFIG_KASAN_GENERIC
/* Octets that one octet of shadow memory stands for. */
#define GRANULE	BIT(KASAN_SHADOW_SCALE_SHIFT)

/* What follows the packet's last octet, up to skb_shared_info, is out of
 * bounds: reading it is reported, to the octet. Ends when the head is freed.
 */
static __no_sanitize_address void fixture_guard(struct sk_buff *skb)
{
	unsigned long end = (unsigned long)skb_end_pointer(skb);
	unsigned long at = (unsigned long)skb_tail_pointer(skb);

	while (at < end) {
		u8 *shadow = kasan_mem_to_shadow((void *)at);
		u8 valid = at % GRANULE;

		/* 1 to 7: only so many octets of the granule may be read */
		WRITE_ONCE(*shadow, valid ?: 0xfc);
		at += GRANULE - valid;
	}
}
#else
static void fixture_guard(struct sk_buff *skb)
{
}
#endif

static struct sk_buff *fixture_alloc(struct kunit *test, unsigned int len)
{
	struct sk_buff *skb = alloc_skb(FIXTURE_HEADROOM + len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, skb);
	memset(skb->head, FIXTURE_GARBAGE, skb_end_offset(skb));
	skb_reset_mac_header(skb);
	return skb;
}

/**
 * fixture_linear() - a packet all of which is in the linear part
 * @test: the test
 * @f: its octets
 *
 * On kernels with KASAN a read past its end is reported.
 *
 * Return: the packet, its network header at the first octet.
 */
struct sk_buff *fixture_linear(struct kunit *test, const struct fixture *f)
{
	struct sk_buff *skb = fixture_alloc(test, f->len);

	skb_reserve(skb, FIXTURE_HEADROOM);
	skb_put_data(skb, f->data, f->len);
	skb_reset_network_header(skb);
	fixture_guard(skb);
	return skb;
}

static void fixture_add_page(struct kunit *test, struct sk_buff *skb,
			     const u8 *data, unsigned int len)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *octets;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	octets = page_address(page);
	memset(octets, FIXTURE_GARBAGE, 2 * len);
	memcpy(octets, data, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, len,
			PAGE_SIZE);
}

/**
 * fixture_paged() - a packet of which only the first octets are linear
 * @test: the test
 * @f: its octets
 * @head: how many are linear; the next three have a page of their own, the
 *	rest another
 *
 * The linear part has no room at its end: whatever is pulled moves it.
 *
 * Return: the packet, its network header at the first octet.
 */
struct sk_buff *fixture_paged(struct kunit *test, const struct fixture *f,
			      unsigned int head)
{
	struct sk_buff *skb = fixture_alloc(test, head);
	unsigned int rest = f->len - head, first = min(rest, 3u);

	skb_reserve(skb, skb_tailroom(skb) - head);
	skb_put_data(skb, f->data, head);
	skb_reset_network_header(skb);
	if (first)
		fixture_add_page(test, skb, f->data + head, first);
	if (rest > first)
		fixture_add_page(test, skb, f->data + head + first,
				 rest - first);
	return skb;
}

/**
 * fixture_holds() - is a packet still what it was made of?
 * @skb: the packet
 * @f: its octets
 *
 * Return: true if every octet is the same, and there is no other.
 */
bool fixture_holds(const struct sk_buff *skb, const struct fixture *f)
{
	u8 octets[sizeof(f->data)];

	return skb->len == f->len && !skb_copy_bits(skb, 0, octets, f->len) &&
	       !memcmp(octets, f->data, f->len);
}

/**
 * fixture_labels() - read a packet's labels, as the hook of an uplink does
 * @skb: the packet; its first label is made linear
 * @labels: filled in
 *
 * Return: SRP_DROP_NONE, or why it could not be taken.
 */
enum srp_drop fixture_labels(struct sk_buff *skb, struct srp_labels *labels)
{
	if (!pskb_may_pull(skb, SRP_LSE_LEN))
		return SRP_DROP_label_malformed;
	labels->top = *(const __be32 *)skb->data;
	labels->special = srp_lse_special(labels->top);
	return srp_labels_parse(skb, labels);
}
