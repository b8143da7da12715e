/* SPDX-License-Identifier: GPL-2.0-only */
/* Ethernet frames as payload: pseudowires (RFC 4448). */
#ifndef SRP_ETHERNET_H
#define SRP_ETHERNET_H

#include "core.h"
#include "special.h"

#define SRP_CW_LEN	4

static_assert(SRP_CW_LEN == SRP_ODD_CW);

enum srp_drop srp_ether_parse(struct srp_ctx *ctx);
void srp_ether_parse_bare(struct srp_ctx *ctx);
void srp_ether_strip(struct srp_ctx *ctx);
unsigned int srp_ether_xmit_vnf(struct srp_ctx *ctx, struct srp_binding *b);
unsigned int srp_ether_len(const struct sk_buff *skb);
enum srp_drop srp_ether_open(struct srp_ctx *ctx);
struct sk_buff *srp_ether_segments(struct sk_buff *skb);
enum srp_drop srp_odd_push(struct srp_ctx *ctx, unsigned int headroom);

#endif
