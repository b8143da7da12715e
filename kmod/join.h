/* SPDX-License-Identifier: GPL-2.0-only */
/* Fragments become the datagram that they are of. */
#ifndef SRP_JOIN_H
#define SRP_JOIN_H

#include <linux/types.h>

struct sk_buff;
struct sk_buff_head;
struct srp_fragment;

bool srp_join_prepare(struct sk_buff *skb, const struct srp_fragment *frag);
bool srp_join_add(struct sk_buff_head *held, struct sk_buff *skb);
bool srp_join_complete(const struct sk_buff_head *held);
struct sk_buff *srp_join(struct sk_buff_head *held);

#endif
