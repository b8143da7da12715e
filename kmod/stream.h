/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections over TCP and Unix sockets. */
#ifndef SRP_STREAM_H
#define SRP_STREAM_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/ip.h>
#include <net/strparser.h>

struct cred;
struct netlink_ext_ack;
struct sock;
struct srp_binding;
struct srp_ctx;
struct srp_net;
struct srp_passed;
struct srp_place;
struct srp_vnf;
struct srp_vnf_cfg;
struct srp_wire;

/* Before a packet that came: labels and whatever the link layer wants. */
#define SRP_STREAM_ROOM	ALIGN(NET_SKB_PAD + LL_MAX_HEADER + 128, 16)

/* Before each packet on TCP stands its length, RFC 4571. */
#define SRP_STREAM_HEAD		2
#define SRP_STREAM_BUF		(SRP_STREAM_HEAD + IP_MAX_MTU)

/** struct srp_stream - what a connection over a stream has besides */
struct srp_stream {
	/** @queue: packets that wait; its own lock */
	struct sk_buff_head queue;
	/** @octets: memory that these take, and @sending */
	atomic_t octets;
	/** @waiting: packets that these are, some of several pieces */
	atomic_t waiting;
	/** @probing: 1 while a probe waits: no other does; any context */
	atomic_t probing;
	/** @tx: sends */
	struct work_struct tx;
	/** @sending: the packet that it is at, or NULL; the worker's */
	struct sk_buff *sending;
	/** @sent: octets of that one that are gone; likewise */
	unsigned int sent;
	/** @cred: of whom made it; constant, held */
	const struct cred *cred;
	/** @hooked: the socket has our callbacks, or had; RTNL */
	bool hooked;
	/** @parses: @strp receives; constant */
	bool parses;
	/** @strp: finds the packets in what comes; the socket's lock */
	struct strparser strp;
	/** @rx: receives; with @parses it looks for the end only */
	struct work_struct rx;
	/** @buf: what has come and is no whole packet yet; @rx's */
	u8 *buf;
	/** @have: how many octets that is; likewise */
	unsigned int have;
	/** @data_ready: the socket's own callback; sk_callback_lock */
	void (*data_ready)(struct sock *sk);
	/** @write_space: likewise */
	void (*write_space)(struct sock *sk);
	/** @state_change: likewise */
	void (*state_change)(struct sock *sk);
	/** @error_report: likewise */
	void (*error_report)(struct sock *sk);
};

struct srp_wire *srp_stream_alloc(struct srp_net *sn,
				  const struct srp_place *place);
void srp_stream_free(struct srp_wire *wire);
int srp_stream_attach(struct srp_vnf *vnf, struct srp_wire *wire, int *part,
		      struct netlink_ext_ack *extack);
int srp_stream_reconnect(struct srp_vnf *vnf, struct srp_wire *wire,
			 struct netlink_ext_ack *extack);
unsigned int srp_stream_xmit(struct srp_ctx *ctx, struct srp_binding *b);
int srp_stream_probe(struct srp_vnf *vnf, struct sk_buff *skb);
u32 srp_stream_queued(const struct srp_vnf *vnf);
struct srp_wire *srp_tls_open(struct srp_net *sn, const struct srp_vnf_cfg *cfg,
			      const struct srp_passed *passed,
			      struct netlink_ext_ack *extack);
void srp_stream_unhook(struct srp_wire *wire);
void srp_stream_stop(struct srp_wire *wire);
void srp_stream_exit(void);
int srp_stream_alloc_buf(struct srp_wire *wire);
void srp_stream_fail(struct srp_wire *wire, u32 cause);
void srp_stream_end(struct srp_wire *wire, int err);

/* stream_rx.c */
int srp_stream_init_parser(struct srp_wire *wire);
void srp_stream_parse(struct srp_wire *wire);
void srp_stream_rx(struct work_struct *work);

#endif
