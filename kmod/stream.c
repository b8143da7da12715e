// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions behind a TCP or Unix socket. Their locks cannot be taken in
 * softirq, so packets wait in a bounded queue of the connection, and one
 * worker sends them in order. It never blocks: the socket's callbacks queue it
 * again when there is something to be done.
 */
#include <linux/cred.h>
#include <linux/net.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/sock.h>

#include "core.h"
#include "cut.h"
#include "net.h"
#include "sid.h"
#include "stream.h"
#include "trace.h"
#include "verdict.h"
#include "vnf.h"
#include "wire.h"

/* What waits at most: packets and octets of a connection, octets of all those
 * of a namespace.
 */
#define SRP_STREAM_PACKETS	1024
#define SRP_STREAM_OCTETS	SZ_4M
#define SRP_STREAM_NET_OCTETS	SZ_32M
/* Packets at once; then others have the worker's CPU. */
#define SRP_STREAM_BATCH	64

/* A socket has called us, or may have; written under RTNL. */
static bool srp_stream_hooked;

/**
 * struct srp_stream_cb - of a packet that waits
 * @b: the visit that it counts for, held; NULL for a piece that is not the last
 * @len: octets of the whole packet
 * @probe: it is a probe, which counts for nothing
 */
struct srp_stream_cb {
	struct srp_binding *b;
	u32 len;
	bool probe;
};

static struct srp_stream_cb *srp_stream_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct srp_stream_cb) > sizeof(skb->cb));
	return (struct srp_stream_cb *)skb->cb;
}

static bool srp_stream_framed(const struct srp_wire *wire)
{
	return !wire->place.path[0];
}

/* A packet waits no more. */
static void srp_stream_uncharge(struct srp_wire *wire, struct sk_buff *skb)
{
	struct srp_binding *b = srp_stream_cb(skb)->b;

	if (unlikely(srp_stream_cb(skb)->probe)) {
		atomic_set(&wire->stream.probing, 0);
		return;
	}
	atomic_sub(skb->truesize, &wire->stream.octets);
	atomic_sub(skb->truesize, &wire->sn->stream_octets);
	if (!b)
		return;
	atomic_dec(&wire->stream.waiting);
	srp_binding_put(b);
}

/* The socket has it. */
static void srp_stream_handed(struct srp_wire *wire, struct sk_buff *skb)
{
	const struct srp_stream_cb *cb = srp_stream_cb(skb);

	local_bh_disable();
	if (cb->b)
		srp_count_tx(cb->b->stats, cb->len);
	local_bh_enable();
	srp_stream_uncharge(wire, skb);
	consume_skb(skb);
}

static void srp_stream_lose(struct srp_wire *wire, struct sk_buff *skb,
			    enum srp_drop reason)
{
	local_bh_disable();
	if (srp_stream_cb(skb)->b)
		srp_count_drop(wire->sn, reason);
	local_bh_enable();
	srp_stream_uncharge(wire, skb);
	kfree_skb(skb);
}

static void srp_stream_purge(struct srp_wire *wire)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&wire->stream.queue)))
		srp_stream_lose(wire, skb, SRP_DROP_vnf_down);
}

/**
 * srp_stream_fail() - a connection is no good any more
 * @wire: the connection
 * @cause: &enum srproxy_cause
 *
 * It stays the vnf's until that is connected anew, but nothing goes or comes.
 *
 * Context: any but hard interrupt.
 */
void srp_stream_fail(struct srp_wire *wire, u32 cause)
{
	srp_wire_set_cause(wire, cause);
	srp_stream_purge(wire);
}

/**
 * srp_stream_end() - the far end has ended a connection
 * @wire: the connection
 * @err: 0 or a negative errno, as receiving has returned it
 *
 * Context: any but hard interrupt.
 */
void srp_stream_end(struct srp_wire *wire, int err)
{
	bool closed = !err || err == -ECONNRESET || err == -EPIPE ||
		      err == -ENOTCONN;

	srp_stream_fail(wire, closed ? SRPROXY_CAUSE_CLOSED :
				       SRPROXY_CAUSE_SOCKET_ERROR);
}

/* to the function */

/* Make a bare packet what the socket is to have. Return: 0 or -ENOMEM. */
static int srp_stream_ready(struct srp_wire *wire, struct sk_buff *skb)
{
	u16 len;

	if (srp_unpad(skb))
		return -ENOMEM;
	len = skb->len;
	if (srp_csum_finish(skb))
		return -ENOMEM;
	if (srp_stream_framed(wire)) {
		if (skb_cow_head(skb, SRP_STREAM_HEAD))
			return -ENOMEM;
		put_unaligned_be16(len, __skb_push(skb, SRP_STREAM_HEAD));
	}
	if (skb_linearize(skb))
		return -ENOMEM;
	/* it may wait longer than its device lives */
	skb->dev = NULL;
	memset(skb->cb, 0, sizeof(skb->cb));
	return 0;
}

/* Is there room for so much more? Then it is taken. */
static bool srp_stream_charge(struct srp_wire *wire, unsigned int packets,
			      int octets)
{
	struct srp_stream *s = &wire->stream;

	if (skb_queue_len_lockless(&s->queue) + packets > SRP_STREAM_PACKETS)
		return false;
	if (atomic_add_return(octets, &s->octets) > SRP_STREAM_OCTETS)
		goto err_vnf;
	if (atomic_add_return(octets, &wire->sn->stream_octets) >
	    SRP_STREAM_NET_OCTETS)
		goto err_net;
	return true;

err_net:
	atomic_sub(octets, &wire->sn->stream_octets);
err_vnf:
	atomic_sub(octets, &s->octets);
	return false;
}

static enum srp_drop srp_stream_admit(struct srp_wire *wire,
				      const struct sk_buff_head *pieces,
				      struct srp_binding *b)
{
	const struct sk_buff *skb;
	int octets = 0;

	skb_queue_walk(pieces, skb)
		octets += skb->truesize;
	if (!srp_binding_get(b))
		return SRP_DROP_vnf_down;
	if (srp_stream_charge(wire, skb_queue_len(pieces), octets))
		return SRP_DROP_NONE;
	srp_binding_put(b);
	return SRP_DROP_queue_full;
}

/* Put the pieces of a packet into the queue, all or none; the last stands for
 * the packet. They are consumed.
 */
static void srp_stream_enqueue(struct srp_wire *wire,
			       struct sk_buff_head *pieces,
			       struct srp_binding *b, unsigned int len)
{
	enum srp_drop reason = srp_stream_admit(wire, pieces, b);
	struct srp_stream *s = &wire->stream;
	struct srp_stream_cb *cb;
	unsigned long flags;

	if (reason) {
		srp_count_drop(wire->sn, reason);
		__skb_queue_purge(pieces);
		return;
	}
	cb = srp_stream_cb(skb_peek_tail(pieces));
	cb->b = b;
	cb->len = len;
	atomic_inc(&s->waiting);
	spin_lock_irqsave(&s->queue.lock, flags);
	skb_queue_splice_tail_init(pieces, &s->queue);
	spin_unlock_irqrestore(&s->queue.lock, flags);
	queue_work(srp_wire_wq(wire), &s->tx);
}

/**
 * struct srp_pieces - those of a packet that is cut
 * @b: the visit
 * @list: the pieces
 */
struct srp_pieces {
	struct srp_binding *b;
	struct sk_buff_head list;
};

static int srp_stream_send_piece(const struct srp_outlet *out,
				 struct sk_buff *skb)
{
	if (srp_stream_ready(out->wire, skb)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
	__skb_queue_tail(&out->pieces->list, skb);
	return 0;
}

static void srp_stream_send_whole(const struct srp_outlet *out,
				  unsigned int len)
{
	srp_stream_enqueue(out->wire, &out->pieces->list, out->pieces->b, len);
}

static unsigned int srp_stream_cut(struct srp_ctx *ctx, struct srp_binding *b,
				   struct srp_wire *wire, unsigned int mtu)
{
	struct srp_pieces pieces = { .b = b };
	const struct srp_outlet out = {
		.dev = ctx->sn->net->loopback_dev,
		.wire = wire,
		.send = srp_stream_send_piece,
		.sent = srp_stream_send_whole,
		.pieces = &pieces,
		.mtu = mtu,
	};
	unsigned int verdict;

	__skb_queue_head_init(&pieces.list);
	verdict = srp_cut(ctx, &out);
	__skb_queue_purge(&pieces.list);
	return verdict;
}

/**
 * srp_stream_xmit() - hand a bare packet to a function behind a stream
 * @ctx: the packet
 * @b: the visit
 *
 * It counts as handed over once the socket has it.
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_stream_xmit(struct srp_ctx *ctx, struct srp_binding *b)
{
	struct srp_wire *wire = rcu_dereference(b->vnf->wire);
	unsigned int len = ctx->skb->len, mtu;
	struct sk_buff *skb = ctx->skb;
	struct sk_buff_head one;

	if (unlikely(!wire || READ_ONCE(wire->cause)))
		return srp_drop(ctx->sn, skb, SRP_DROP_vnf_down);
	mtu = min_not_zero(READ_ONCE(b->vnf->mtu), (u32)IP_MAX_MTU);
	if (unlikely(skb_is_gso(skb) || !srp_fits(skb, 0, mtu)))
		return srp_stream_cut(ctx, b, wire, mtu);
	trace_to_vnf(skb, b->vnf, b->label, ctx->depth);
	srp_scrub(skb);
	if (srp_stream_ready(wire, skb))
		return srp_drop(ctx->sn, skb, SRP_DROP_no_memory);
	__skb_queue_head_init(&one);
	__skb_queue_tail(&one, skb);
	srp_stream_enqueue(wire, &one, b, len);
	return NF_STOLEN;
}

/**
 * srp_stream_probe() - hand a probe to a function behind a stream
 * @vnf: the vnf
 * @skb: the probe, consumed
 *
 * It goes before all that waits, and is not of what the bounds are for: there
 * is but one. While that has not gone no other is sent, which so counts as lost.
 *
 * Context: softirq, RCU read-side.
 * Return: 0, -EBUSY if it was not sent, or -ENOMEM.
 */
int srp_stream_probe(struct srp_vnf *vnf, struct sk_buff *skb)
{
	struct srp_wire *wire = rcu_dereference(vnf->wire);
	struct srp_stream *s;

	if (!wire || READ_ONCE(wire->cause) ||
	    atomic_cmpxchg(&wire->stream.probing, 0, 1)) {
		kfree_skb(skb);
		return -EBUSY;
	}
	s = &wire->stream;
	if (srp_stream_ready(wire, skb)) {
		atomic_set(&s->probing, 0);
		kfree_skb(skb);
		return -ENOMEM;
	}
	srp_stream_cb(skb)->probe = true;
	skb_queue_head(&s->queue, skb);
	queue_work(srp_wire_wq(wire), &s->tx);
	return 0;
}

/* Send what is left of a packet. Return: octets of it that remain, or a
 * negative errno.
 */
static int srp_stream_send(struct srp_wire *wire, struct sk_buff *skb)
{
	struct srp_stream *s = &wire->stream;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = {
		.iov_base = skb->data + s->sent,
		.iov_len = skb->len - s->sent,
	};
	int n = kernel_sendmsg(wire->sock, &msg, &vec, 1, vec.iov_len);

	if (n < 0)
		return n;
	s->sent += n;
	return skb->len - s->sent;
}

/* Was there no memory to send any of a packet? TCP says the same of that as of
 * a socket that is full, but where nothing is under way nobody would tell that
 * there is room.
 */
static bool srp_stream_short(const struct srp_wire *wire, int err)
{
	if (wire->stream.sent)
		return false;
	if (err == -EAGAIN)
		return srp_stream_framed(wire) && !wire->passed &&
		       !READ_ONCE(wire->sock->sk->sk_wmem_queued);
	return err == -ENOBUFS || err == -ENOMEM;
}

/* What is the packet's own loss, and the connection is as good as before? */
static enum srp_drop srp_stream_own_loss(const struct srp_wire *wire, int err)
{
	/* larger than the socket ever takes */
	if (err == -EMSGSIZE && !srp_stream_framed(wire))
		return SRP_DROP_mtu_exceeded;
	return srp_stream_short(wire, err) ? SRP_DROP_no_memory :
					     SRP_DROP_NONE;
}

/* Return: true if the packet is done with. */
static bool srp_stream_try(struct srp_wire *wire, struct sk_buff *skb)
{
	int left = srp_stream_send(wire, skb);
	enum srp_drop reason;

	if (!left) {
		srp_stream_handed(wire, skb);
		return true;
	}
	reason = left < 0 ? srp_stream_own_loss(wire, left) : SRP_DROP_NONE;
	if (reason) {
		srp_stream_lose(wire, skb, reason);
		return true;
	}
	if (left < 0 && left != -EAGAIN)
		srp_stream_fail(wire, left == -EPIPE || left == -ECONNRESET ?
				SRPROXY_CAUSE_CLOSED :
				SRPROXY_CAUSE_SOCKET_ERROR);
	return false;
}

static void srp_stream_send_queue(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	struct sk_buff *skb = s->sending;
	int n;

	for (n = 0; !READ_ONCE(wire->cut) && !READ_ONCE(wire->cause); n++) {
		if (n == SRP_STREAM_BATCH) {
			queue_work(srp_wire_wq(wire), &s->tx);
			break;
		}
		if (!skb)
			skb = skb_dequeue(&s->queue);
		if (!skb || !srp_stream_try(wire, skb))
			break;
		skb = NULL;
		s->sent = 0;
	}
	s->sending = skb;
}

/* What is sent is of whom made the connection, not of the worker. */
static void srp_stream_tx(struct work_struct *work)
{
	struct srp_stream *s = container_of(work, struct srp_stream, tx);
	struct srp_wire *wire = container_of(s, struct srp_wire, stream);
	const struct cred *old = override_creds(s->cred);

	srp_stream_send_queue(wire);
	revert_creds(old);
}

/*
 * Callbacks of the socket: any context. Not all are called under a lock or
 * rcu_read_lock() (a Unix socket's are when its peer takes a message), so there
 * are two things to wait for after srp_stream_unhook(). The connection goes a
 * grace period later: a callback looks for it within one, and finds it gone or
 * is done with it, work that it queued is cancelled after that. The code itself
 * goes no earlier than every task has slept of its own accord: whoever has
 * fetched the callback's address may have been preempted before its first
 * instruction. srp_stream_exit() waits for that.
 */

static void srp_stream_kick(struct sock *sk)
{
	struct srp_wire *wire;

	rcu_read_lock();
	wire = rcu_dereference_sk_user_data(sk);
	if (wire) {
		queue_work(srp_wire_wq(wire), &wire->stream.rx);
		queue_work(srp_wire_wq(wire), &wire->stream.tx);
	}
	rcu_read_unlock();
}

static void srp_stream_data_ready(struct sock *sk)
{
	struct srp_wire *wire;

	rcu_read_lock();
	wire = rcu_dereference_sk_user_data(sk);
	if (wire && wire->stream.parses) {
		srp_stream_parse(wire);
	} else if (wire) {
		/* TLS has callbacks of its own below ours */
		if (wire->passed)
			wire->stream.data_ready(sk);
		queue_work(srp_wire_wq(wire), &wire->stream.rx);
	}
	rcu_read_unlock();
}

static void srp_stream_write_space(struct sock *sk)
{
	struct srp_wire *wire;
	struct socket *sock;

	rcu_read_lock();
	wire = rcu_dereference_sk_user_data(sk);
	if (wire) {
		if (wire->passed)
			wire->stream.write_space(sk);
		/* let go a grace period after we are unhooked */
		sock = READ_ONCE(sk->sk_socket);
		if (sock)
			clear_bit(SOCK_NOSPACE, &sock->flags);
		queue_work(srp_wire_wq(wire), &wire->stream.tx);
	}
	rcu_read_unlock();
}

static void srp_stream_state_change(struct sock *sk)
{
	srp_stream_kick(sk);
}

static void srp_stream_error_report(struct sock *sk)
{
	srp_stream_kick(sk);
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
	s->hooked = true;
	WRITE_ONCE(srp_stream_hooked, true);
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
 * srp_stream_exit() - the module goes, and every connection has gone
 *
 * Context: process; takes long.
 */
void srp_stream_exit(void)
{
	if (srp_stream_hooked)
		synchronize_rcu_tasks();
}

/**
 * srp_stream_stop() - end the workers, and what waits for them
 * @wire: the connection, cut and unhooked, a grace period ago
 *
 * May have to wait for the socket's lock.
 *
 * Context: process, without RTNL.
 */
void srp_stream_stop(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;

	cancel_work_sync(&s->tx);
	cancel_work_sync(&s->rx);
	if (s->parses) {
		strp_stop(&s->strp);
		strp_done(&s->strp);
	}
	if (s->sending)
		srp_stream_lose(wire, s->sending, SRP_DROP_vnf_down);
	s->sending = NULL;
	srp_stream_purge(wire);
}

/**
 * srp_stream_free() - free what workers have used
 * @wire: the connection
 */
void srp_stream_free(struct srp_wire *wire)
{
	kvfree(wire->stream.buf);
	if (wire->stream.cred)
		put_cred(wire->stream.cred);
}

/* making */

/**
 * srp_stream_alloc() - make a connection over a stream, without a socket yet
 * @sn: the namespace
 * @place: what it is to connect
 *
 * Context: process, of whom wants it.
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
	skb_queue_head_init(&s->queue);
	INIT_WORK(&s->tx, srp_stream_tx);
	INIT_WORK(&s->rx, srp_stream_rx);
	s->cred = get_current_cred();
	return wire;
}

/**
 * srp_stream_alloc_buf() - make what receiving by the worker needs
 * @wire: a connection without a parser
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int srp_stream_alloc_buf(struct srp_wire *wire)
{
	wire->stream.buf = kvmalloc(SRP_STREAM_BUF, GFP_KERNEL_ACCOUNT);
	return wire->stream.buf ? 0 : -ENOMEM;
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
		return err;
	}
	/* it may have come, or ended, before we were told */
	if (wire->stream.parses)
		strp_unpause(&wire->stream.strp);
	queue_work(srp_wire_wq(wire), &wire->stream.rx);
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

	return wire ? atomic_read(&wire->stream.waiting) : 0;
}
