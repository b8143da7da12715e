/* SPDX-License-Identifier: GPL-2.0-only */
/* Kinds of attachments other than a plain device. */
#ifndef SRP_ATTACH_H
#define SRP_ATTACH_H

#include <linux/netlink.h>
#include <linux/un.h>

#include <linux/srproxy.h>

#include "nexthop.h"

struct sk_buff;
struct srp_binding;
struct srp_ctx;
struct srp_net;
struct srp_port_ops;
struct srp_vnf;
struct srp_vnf_cfg;
struct srp_wire;

/**
 * struct srp_end - one end of a connection
 * @addr: address; AF_UNSPEC if there is none
 * @port: port, host order
 */
struct srp_end {
	struct srp_via addr;
	u16 port;
};

/**
 * struct srp_place - where a function is that is not just behind a device
 * @local: udp: what packets are sent from
 * @remote: udp, tcp: the far end; app: the server
 * @pool: app: prefix of the addresses that stand for flows
 * @pool_len: app: its length
 * @path: unix: path of the socket, or @ and a name
 * @tls: tcp: connections are made by passing a socket only
 */
struct srp_place {
	struct srp_end local;
	struct srp_end remote;
	struct srp_via pool;
	u8 pool_len;
	char path[UNIX_PATH_MAX];
	bool tls;
};

/**
 * struct srp_passed - what came with a request to connect
 * @fd: descriptor of the caller, a socket to be used; -1 for none
 * @portid: netlink socket that it came on
 * @until: jiffies up to which connecting may wait
 * @later: it need not wait: srp_wire_settle() does, before @until
 */
struct srp_passed {
	int fd;
	u32 portid;
	unsigned long until;
	bool later;
};

/**
 * struct srp_attach_ops - what a kind of attachment does
 *
 * Constant per vnf; NULL stands for a plain device, which the fast path does
 * without a call.
 *
 * @rx_port: what is wanted of the port that packets return on; NULL: there are
 *	no ports, the function is behind a socket
 * @open: connect, before RTNL is taken; may take seconds, interruptible. NULL
 *	if there is nothing to connect
 * @attach: make what the vnf needs; packets may come from here on, or from
 *	@start. Takes the
 *	wire over, NULL if it could not be connected (only where that is no
 *	error). Under RTNL; may sleep; @part is as in srp_vnf_make()
 * @start: the vnf is part of the configuration from here on, which can be
 *	undone no more. Under RTNL; cannot fail; may be NULL
 * @detach: let go; packets that are under way may use the vnf for another
 *	grace period. Under RTNL; may sleep
 * @free: free what packets may have used; RCU callback; may be NULL
 * @reconnect: replace the wire, or without @open connect anew; under RTNL; NULL
 *	if there is nothing to connect
 * @cause: why it cannot serve; RTNL or RCU read-side. With ports, asked after
 *	these; may be NULL then
 * @visit: hand a packet with its labels on to the function, flow and all, in
 *	place of the way by flow; NULL for that way
 * @xmit: hand a bare packet whose flow is kept to the function; NULL if @visit
 *	does it. Softirq, RCU read-side; returns the hook's verdict
 * @probe: hand a probe to a function behind a socket; it is consumed. Returns 0
 *	or as srp_probe_send(). Softirq, RCU read-side; NULL where there are
 *	ports
 * @queued: packets that wait; may be NULL
 * @mtu: the largest packet of a family that the function can be handed, in
 *	softirq, RCU read-side; NULL: as that of the vnf and its device have it
 */
struct srp_attach_ops {
	const struct srp_port_ops *rx_port;
	struct srp_wire *(*open)(struct srp_net *sn,
				 const struct srp_vnf_cfg *cfg,
				 const struct srp_passed *passed,
				 struct netlink_ext_ack *extack);
	int (*attach)(struct srp_vnf *vnf, struct srp_wire *wire, int *part,
		      struct netlink_ext_ack *extack);
	void (*start)(struct srp_vnf *vnf);
	void (*detach)(struct srp_vnf *vnf);
	void (*free)(struct srp_vnf *vnf);
	int (*reconnect)(struct srp_vnf *vnf, struct srp_wire *wire,
			 struct netlink_ext_ack *extack);
	u32 (*cause)(const struct srp_vnf *vnf);
	unsigned int (*visit)(struct srp_ctx *ctx, struct srp_binding *b);
	unsigned int (*xmit)(struct srp_ctx *ctx, struct srp_binding *b);
	int (*probe)(struct srp_vnf *vnf, struct sk_buff *skb);
	u32 (*queued)(const struct srp_vnf *vnf);
	unsigned int (*mtu)(const struct srp_vnf *vnf, u8 family);
};

/* Is a function of this kind behind a socket, without ports of its own? */
static inline bool srp_attach_by_wire(const struct srp_attach_ops *ops)
{
	return ops && !ops->rx_port;
}

const struct srp_attach_ops *srp_attach_ops(u32 type);
bool srp_attach_known(u32 type);
bool srp_attach_usable(const struct srp_vnf *vnf);
unsigned int srp_attach_xmit(struct srp_ctx *ctx, struct srp_binding *b);
bool srp_end_equal(const struct srp_end *a, const struct srp_end *b);
bool srp_place_equal(const struct srp_place *a, const struct srp_place *b);
u32 srp_place_hash(const struct srp_place *place);

/* wire.c */
void srp_wire_discard(struct srp_wire *wire);
void srp_wire_failed(struct srp_vnf *vnf, int err);

/* connect.c */
int srp_wire_settle(struct srp_wire *wire, unsigned long until);

#endif
