/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets for the suites: written octet by octet, then made linear or paged. */
#ifndef SRP_TESTS_FIXTURE_H
#define SRP_TESTS_FIXTURE_H

#include <kunit/test.h>
#include <linux/skbuff.h>

#include "label.h"

/* Headroom of every packet, for the labels and headers put in front. */
#define FIXTURE_HEADROOM 64

/**
 * struct fixture - a packet being written
 * @len: octets so far
 * @data: the octets
 */
struct fixture {
	unsigned int len;
	u8 data[320];
};

void *fixture_add(struct fixture *f, const void *data, unsigned int len);
struct sk_buff *fixture_linear(struct kunit *test, const struct fixture *f);
struct sk_buff *fixture_paged(struct kunit *test, const struct fixture *f,
			      unsigned int head);
bool fixture_holds(const struct sk_buff *skb, const struct fixture *f);
enum srp_drop fixture_labels(struct sk_buff *skb, struct srp_labels *labels);

#endif
