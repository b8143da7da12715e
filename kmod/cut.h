/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets that cannot be sent as they are. */
#ifndef SRP_CUT_H
#define SRP_CUT_H

#include <linux/types.h>

struct net_device;
struct srp_counters;
struct srp_ctx;
struct srp_nexthop;
struct srp_pieces;
struct srp_wire;
struct sk_buff;

/**
 * struct srp_outlet - where a packet was to be sent, on the CPU's stack
 * @dev: the device; for the LFIB the one it is to seem to come from
 * @nh: the neighbour; NULL for the way back, or the LFIB
 * @wire: the connection that @send uses, held by RCU
 * @send: sends a piece in place of @dev and @nh, and consumes it
 * @sent: told when all pieces were, in place of counting the packet; or NULL
 * @pieces: what these two gather in
 * @stats: line whose tx is counted
 * @mtu: of the device or the function
 * @labels: the stack goes on
 * @lfib: the LFIB takes it
 */
struct srp_outlet {
	struct net_device *dev;
	struct srp_nexthop *nh;
	struct srp_wire *wire;
	int (*send)(const struct srp_outlet *out, struct sk_buff *skb);
	void (*sent)(const struct srp_outlet *out, unsigned int len);
	struct srp_pieces *pieces;
	struct srp_counters __percpu *stats;
	unsigned int mtu;
	bool labels;
	bool lfib;
};

int srp_unpad(struct sk_buff *skb);
unsigned int srp_cut(struct srp_ctx *ctx, const struct srp_outlet *out);

#endif
