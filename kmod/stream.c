// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions behind a TCP or Unix socket. Their locks cannot be taken in
 * softirq, so packets wait in a bounded queue of the connection, and one
 * worker sends them in order; another receives. Neither ever blocks: the
 * socket's callbacks queue them again when there is something to be done.
 */
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/sock.h>
#include <net/tls.h>

#include "core.h"
#include "cut.h"
#include "net.h"
#include "sid.h"
#include "stream.h"
#include "trace.h"
#include "verdict.h"
#include "vnf.h"
#include "wire.h"

/* What waits at most, packets and octets. */
#define SRP_STREAM_PACKETS	1024
#define SRP_STREAM_OCTETS	SZ_4M
/* Before each packet on TCP stands its length, RFC 4571. */
#define SRP_STREAM_HEAD		2
#define SRP_STREAM_BUF		(SRP_STREAM_HEAD + IP_MAX_MTU)
/* Packets at once; then others have the worker's CPU. */
#define SRP_STREAM_BATCH	64

/* Content types of TLS. */
#define SRP_TLS_ALERT		21
#define SRP_TLS_DATA		23

static bool srp_stream_framed(const struct srp_wire *wire)
{
	return !wire->place.path[0];
}

/* The connection is no good any more: it stays the vnf's until that is
 * connected anew, but nothing goes or comes.
 */
static void srp_stream_fail(struct srp_wire *wire, u32 cause)
{
	srp_wire_set_cause(wire, cause);
	skb_queue_purge(&wire->stream.queue);
	atomic_set(&wire->stream.octets, 0);
}

/* to the function */

/* Put a packet into the queue; it is consumed. */
static int srp_stream_enqueue(struct srp_wire *wire, struct sk_buff *skb)
{
	struct srp_stream *s = &wire->stream;
	u16 len = skb->len;

	if (srp_stream_framed(wire)) {
		if (skb_cow_head(skb, SRP_STREAM_HEAD))
			goto no_memory;
		put_unaligned_be16(len, __skb_push(skb, SRP_STREAM_HEAD));
	}
	if (skb_linearize(skb))
		goto no_memory;
	if (skb_queue_len(&s->queue) >= SRP_STREAM_PACKETS ||
	    atomic_read(&s->octets) > SRP_STREAM_OCTETS) {
		kfree_skb(skb);
		return -ENOBUFS;
	}
	/* it may wait longer than its device lives */
	skb->dev = NULL;
	atomic_add(skb->truesize, &s->octets);
	skb_queue_tail(&s->queue, skb);
	queue_work(srp_wq, &s->tx);
	return 0;

no_memory:
	kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
	return -ENOMEM;
}

static int srp_stream_take(struct srp_wire *wire, struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
	return srp_stream_enqueue(wire, skb);
}

static int srp_stream_send_piece(const struct srp_outlet *out,
				 struct sk_buff *skb)
{
	return srp_stream_take(out->wire, skb);
}

static unsigned int srp_stream_cut(struct srp_ctx *ctx, struct srp_binding *b,
				   struct srp_wire *wire, unsigned int mtu)
{
	const struct srp_outlet out = {
		.dev = ctx->sn->net->loopback_dev,
		.wire = wire,
		.send = srp_stream_send_piece,
		.stats = b->stats,
		.mtu = mtu,
	};

	return srp_cut(ctx, &out);
}

/**
 * srp_stream_xmit() - hand a bare packet to a function behind a stream
 * @ctx: the packet
 * @b: the visit
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_stream_xmit(struct srp_ctx *ctx, struct srp_binding *b)
{
	struct srp_wire *wire = rcu_dereference(b->vnf->wire);
	unsigned int len = ctx->skb->len, mtu;
	struct sk_buff *skb = ctx->skb;
	int err;

	if (unlikely(!wire || READ_ONCE(wire->cause)))
		return srp_drop(ctx->sn, skb, SRP_DROP_vnf_down);
	mtu = min_not_zero(READ_ONCE(b->vnf->mtu), (u32)IP_MAX_MTU);
	if (unlikely(skb_is_gso(skb) || !srp_fits(skb, 0, mtu)))
		return srp_stream_cut(ctx, b, wire, mtu);
	trace_to_vnf(skb, b->vnf, b->label, ctx->depth);
	srp_scrub(skb);
	err = srp_stream_take(wire, skb);
	if (unlikely(err == -ENOBUFS)) {
		srp_count_drop(ctx->sn, SRP_DROP_queue_full);
		return NF_STOLEN;
	}
	return srp_sent(ctx->sn, err, b->stats, len);
}

/* Send what is left of a packet. Return: true if it is done with. */
static bool srp_stream_send(struct srp_wire *wire, struct sk_buff *skb)
{
	struct srp_stream *s = &wire->stream;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = {
		.iov_base = skb->data + s->sent,
		.iov_len = skb->len - s->sent,
	};
	int n = kernel_sendmsg(wire->sock, &msg, &vec, 1, vec.iov_len);

	if (n == -EAGAIN)
		return false;
	/* larger than the socket ever takes: its own loss */
	if (n == -EMSGSIZE && !srp_stream_framed(wire))
		return true;
	if (n < 0) {
		srp_stream_fail(wire, n == -EPIPE || n == -ECONNRESET ?
				SRPROXY_CAUSE_CLOSED :
				SRPROXY_CAUSE_SOCKET_ERROR);
		return false;
	}
	s->sent += n;
	return s->sent == skb->len;
}

static void srp_stream_tx(struct work_struct *work)
{
	struct srp_stream *s = container_of(work, struct srp_stream, tx);
	struct srp_wire *wire = container_of(s, struct srp_wire, stream);
	struct sk_buff *skb = s->sending;
	int n;

	for (n = 0; !READ_ONCE(wire->cut) && !READ_ONCE(wire->cause); n++) {
		if (n == SRP_STREAM_BATCH) {
			queue_work(srp_wq, work);
			break;
		}
		if (!skb)
			skb = skb_dequeue(&s->queue);
		if (!skb || !srp_stream_send(wire, skb))
			break;
		atomic_sub(skb->truesize, &s->octets);
		consume_skb(skb);
		skb = NULL;
		s->sent = 0;
	}
	s->sending = skb;
}

/* from the function */

/* One packet; it goes on as if it had come on a device. */
static void srp_stream_packet(struct srp_wire *wire, const u8 *data,
			      unsigned int len)
{
	struct sk_buff *skb;

	skb = alloc_skb(SRP_STREAM_ROOM + len, GFP_KERNEL);
	local_bh_disable();
	rcu_read_lock();
	if (!skb) {
		srp_count_drop(wire->sn, SRP_DROP_no_memory);
	} else if (READ_ONCE(wire->cut)) {
		kfree_skb(skb);
	} else {
		skb_reserve(skb, SRP_STREAM_ROOM);
		skb_put_data(skb, data, len);
		srp_wire_rx(wire->vnf, skb, wire->sn->net->loopback_dev);
	}
	rcu_read_unlock();
	local_bh_enable();
}

/* Take the whole packets out of the buffer. Return: false if there cannot be
 * a packet where one should begin.
 */
static bool srp_stream_parse(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	unsigned int at = 0, len;

	while (s->have - at > SRP_STREAM_HEAD) {
		len = get_unaligned_be16(s->buf + at);
		if (len < sizeof(struct iphdr) ||
		    (s->buf[at + SRP_STREAM_HEAD] >> 4 != 4 &&
		     s->buf[at + SRP_STREAM_HEAD] >> 4 != 6))
			return false;
		if (s->have - at < SRP_STREAM_HEAD + len)
			break;
		srp_stream_packet(wire, s->buf + at + SRP_STREAM_HEAD, len);
		at += SRP_STREAM_HEAD + len;
	}
	s->have -= at;
	memmove(s->buf, s->buf + at, s->have);
	return true;
}

/* The octets that have come. Return: false if no more can. */
static bool srp_stream_octets(struct srp_wire *wire, int n)
{
	wire->stream.have += n;
	if (srp_stream_parse(wire))
		return true;
	srp_stream_fail(wire, SRPROXY_CAUSE_BAD_FRAME);
	return false;
}

static void srp_stream_message(struct srp_wire *wire, int n, int flags)
{
	if (!(flags & MSG_TRUNC)) {
		srp_stream_packet(wire, wire->stream.buf, n);
		return;
	}
	local_bh_disable();
	srp_count_drop(wire->sn, SRP_DROP_inner_malformed);
	local_bh_enable();
}

/* A message without anything in it is no end. */
static bool srp_stream_ended(const struct srp_wire *wire)
{
	return srp_stream_framed(wire) ||
	       wire->sock->sk->sk_shutdown & RCV_SHUTDOWN;
}

static void srp_stream_end(struct srp_wire *wire, int err)
{
	bool closed = !err || err == -ECONNRESET || err == -EPIPE ||
		      err == -ENOTCONN;

	srp_stream_fail(wire, closed ? SRPROXY_CAUSE_CLOSED :
				       SRPROXY_CAUSE_SOCKET_ERROR);
}

/* What kind of TLS record came: tickets and the like come in between. */
union srp_tls_record {
	struct cmsghdr cmsg;
	u8 octets[CMSG_SPACE(sizeof(u8))];
};

static u8 srp_tls_kind(const union srp_tls_record *record)
{
	return *(const u8 *)CMSG_DATA(&record->cmsg);
}

static bool srp_tls_is_data(const struct msghdr *msg,
			    const union srp_tls_record *record)
{
	return msg->msg_controllen == sizeof(*record) ||
	       record->cmsg.cmsg_level != SOL_TLS ||
	       srp_tls_kind(record) == SRP_TLS_DATA;
}

static bool srp_tls_is_alert(const union srp_tls_record *record)
{
	return srp_tls_kind(record) == SRP_TLS_ALERT;
}

/* Receive once. Return: true if there may be more. */
static bool srp_stream_recv(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct kvec vec = {
		.iov_base = s->buf + s->have,
		.iov_len = SRP_STREAM_BUF - s->have,
	};
	union srp_tls_record record;
	int n;

	if (wire->passed) {
		msg.msg_control = &record;
		msg.msg_controllen = sizeof(record);
	}
	n = kernel_recvmsg(wire->sock, &msg, &vec, 1, vec.iov_len,
			   MSG_DONTWAIT);
	if (n == -EAGAIN)
		return false;
	if (wire->passed && n > 0 && !srp_tls_is_data(&msg, &record)) {
		if (!srp_tls_is_alert(&record))
			return true;
		n = 0;
	}
	if (n < 0 || (!n && srp_stream_ended(wire))) {
		srp_stream_end(wire, n);
		return false;
	}
	if (srp_stream_framed(wire))
		return srp_stream_octets(wire, n);
	srp_stream_message(wire, n, msg.msg_flags);
	return true;
}

static void srp_stream_rx(struct work_struct *work)
{
	struct srp_stream *s = container_of(work, struct srp_stream, rx);
	struct srp_wire *wire = container_of(s, struct srp_wire, stream);
	int n;

	/* what comes before the vnf has the connection waits for it */
	if (!smp_load_acquire(&wire->vnf))
		return;
	for (n = 0; n < SRP_STREAM_BATCH; n++) {
		if (READ_ONCE(wire->cut) || READ_ONCE(wire->cause))
			return;
		if (!srp_stream_recv(wire))
			return;
	}
	queue_work(srp_wq, work);
}

/* callbacks of the socket: any context */

static void srp_stream_kick(struct sock *sk, bool rx, bool tx)
{
	struct srp_wire *wire;

	rcu_read_lock();
	wire = rcu_dereference_sk_user_data(sk);
	if (wire && rx)
		queue_work(srp_wq, &wire->stream.rx);
	if (wire && tx)
		queue_work(srp_wq, &wire->stream.tx);
	rcu_read_unlock();
}

/* TLS has callbacks of its own below ours. */
static void srp_stream_below(struct sock *sk, bool rx)
{
	const struct srp_wire *wire;

	rcu_read_lock();
	wire = rcu_dereference_sk_user_data(sk);
	if (wire && wire->passed)
		(rx ? wire->stream.data_ready : wire->stream.write_space)(sk);
	rcu_read_unlock();
}

static void srp_stream_data_ready(struct sock *sk)
{
	srp_stream_below(sk, true);
	srp_stream_kick(sk, true, false);
}

static void srp_stream_write_space(struct sock *sk)
{
	struct socket *sock;

	srp_stream_below(sk, false);
	/* it is let go a grace period after we are unhooked */
	rcu_read_lock();
	sock = rcu_dereference_sk_user_data(sk) ? READ_ONCE(sk->sk_socket) :
						  NULL;
	if (sock)
		clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_unlock();
	srp_stream_kick(sk, false, true);
}

static void srp_stream_state_change(struct sock *sk)
{
	srp_stream_kick(sk, true, true);
}

static void srp_stream_error_report(struct sock *sk)
{
	srp_stream_kick(sk, true, true);
}

/* The socket tells us from here on. Return: false if it tells another: one that
 * was passed may be passed again.
 */
static bool srp_stream_hook(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	struct sock *sk = wire->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data) {
		write_unlock_bh(&sk->sk_callback_lock);
		return false;
	}
	s->data_ready = sk->sk_data_ready;
	s->write_space = sk->sk_write_space;
	s->state_change = sk->sk_state_change;
	s->error_report = sk->sk_error_report;
	rcu_assign_sk_user_data(sk, wire);
	sk->sk_data_ready = srp_stream_data_ready;
	sk->sk_write_space = srp_stream_write_space;
	sk->sk_state_change = srp_stream_state_change;
	sk->sk_error_report = srp_stream_error_report;
	write_unlock_bh(&sk->sk_callback_lock);
	return true;
}

/**
 * srp_stream_unhook() - the socket is to tell no more
 * @wire: the connection
 *
 * Callbacks may be under way until a grace period has passed.
 */
void srp_stream_unhook(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	struct sock *sk = wire->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = s->data_ready;
	sk->sk_write_space = s->write_space;
	sk->sk_state_change = s->state_change;
	sk->sk_error_report = s->error_report;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * srp_stream_stop() - end the workers
 * @wire: the connection, cut and unhooked, a grace period ago
 *
 * Context: process; RTNL may be held, workers never take it.
 */
void srp_stream_stop(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;

	cancel_work_sync(&s->tx);
	cancel_work_sync(&s->rx);
	skb_queue_purge(&s->queue);
	kfree_skb(s->sending);
	s->sending = NULL;
}

/**
 * srp_stream_free() - free what workers have used
 * @wire: the connection
 */
void srp_stream_free(struct srp_wire *wire)
{
	kvfree(wire->stream.buf);
}

/* making */

/**
 * srp_stream_alloc() - make a connection over a stream, without a socket yet
 * @sn: the namespace
 * @place: what it is to connect
 *
 * Context: process.
 * Return: the connection, or NULL.
 */
struct srp_wire *srp_stream_alloc(struct srp_net *sn,
				  const struct srp_place *place)
{
	struct srp_wire *wire = srp_wire_alloc(sn, place);
	struct srp_stream *s;

	if (!wire)
		return NULL;
	wire->streams = true;
	s = &wire->stream;
	s->buf = kvmalloc(SRP_STREAM_BUF, GFP_KERNEL_ACCOUNT);
	if (!s->buf) {
		srp_wire_put(wire);
		return NULL;
	}
	skb_queue_head_init(&s->queue);
	INIT_WORK(&s->tx, srp_stream_tx);
	INIT_WORK(&s->rx, srp_stream_rx);
	return wire;
}

/**
 * srp_stream_attach() - give a connection to a vnf
 * @vnf: the vnf, which has none
 * @wire: the connection, or NULL: it is to be connected later
 * @part: not used
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0, -EBUSY if the socket is another vnf's, or -ENOENT.
 */
int srp_stream_attach(struct srp_vnf *vnf, struct srp_wire *wire, int *part,
		      struct netlink_ext_ack *extack)
{
	int err;

	if (!wire)
		return 0;
	if (!srp_stream_hook(wire)) {
		NL_SET_ERR_MSG(extack, "the socket is in use already");
		return -EBUSY;
	}
	err = srp_wire_attach(vnf, wire);
	if (err) {
		srp_stream_unhook(wire);
		synchronize_net();
		srp_stream_stop(wire);
		return err;
	}
	/* it may have come, or ended, before we were told */
	queue_work(srp_wq, &wire->stream.rx);
	return 0;
}

/**
 * srp_stream_reconnect() - give a vnf another connection
 * @vnf: the vnf
 * @wire: the connection
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0, -EINVAL without a connection, or -ENOENT.
 */
int srp_stream_reconnect(struct srp_vnf *vnf, struct srp_wire *wire,
			 struct netlink_ext_ack *extack)
{
	if (!wire) {
		NL_SET_ERR_MSG(extack, "with tls a socket has to be passed");
		return -EINVAL;
	}
	srp_wire_detach(vnf);
	return srp_stream_attach(vnf, wire, NULL, extack);
}

/**
 * srp_stream_queued() - how many packets wait to be sent
 * @vnf: the vnf
 *
 * Context: RTNL.
 * Return: packets.
 */
u32 srp_stream_queued(const struct srp_vnf *vnf)
{
	const struct srp_wire *wire = rtnl_dereference(vnf->wire);

	return wire ? skb_queue_len_lockless(&wire->stream.queue) : 0;
}
