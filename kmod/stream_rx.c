// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes from functions behind TCP and Unix sockets. Frames of plain TCP
 * are found by the kernel's stream parser, in softirq as segments come; what
 * is behind TLS or a Unix socket is received by a worker, which never blocks:
 * the socket's callbacks queue it again when there is something to be done.
 */
#include <linux/ip.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tls.h>

#include "net.h"
#include "stream.h"
#include "verdict.h"
#include "vnf.h"
#include "wire.h"

/* Packets at once; then others have the worker's CPU. */
#define SRP_STREAM_BATCH	64
/* What is larger is put into pages: memory is asked for in softirq. */
#define SRP_STREAM_LINEAR	((unsigned int)SKB_MAX_ORDER(SRP_STREAM_ROOM, 1))

/* Content types of TLS. */
#define SRP_TLS_ALERT		21
#define SRP_TLS_HANDSHAKE	22
#define SRP_TLS_DATA		23
/* The handshake message by which the far end goes over to other keys. */
#define SRP_TLS_KEY_UPDATE	24

/* The number of the device by which octets come. It is TCP's own note of it:
 * segments lose theirs when they are put together for want of memory. As long
 * as all that came had to wait for the socket, which we may hold to send, there
 * is none; then they come by the way they go.
 */
static int srp_stream_ifindex(struct sock *sk)
{
	int ifindex = READ_ONCE(sk->sk_rx_dst_ifindex);
	const struct dst_entry *dst;

	if (likely(ifindex))
		return ifindex;
	dst = __sk_dst_get(sk);
	return dst ? dst->dev->ifindex : 0;
}

/* That device; a Unix socket has none but the loopback device. */
static struct net_device *srp_stream_dev(const struct srp_wire *wire)
{
	struct net *net = wire->sn->net;

	if (wire->place.path[0])
		return net->loopback_dev;
	return dev_get_by_index_rcu(net, srp_stream_ifindex(wire->sock->sk));
}

/* One packet; it goes on as if it had come on that device, lest the stack trust
 * it as it trusts what is its own: if that has gone, so has the packet.
 */
static void srp_stream_packet(struct srp_wire *wire, struct sk_buff *skb)
{
	struct net_device *dev;

	if (READ_ONCE(wire->cut)) {
		kfree_skb(skb);
		return;
	}
	dev = srp_stream_dev(wire);
	if (dev) {
		srp_wire_rx(wire->vnf, skb, dev);
		return;
	}
	srp_count_drop(wire->sn, SRP_DROP_vnf_down);
	kfree_skb(skb);
}

/* plain TCP: the stream parser */

/* A length, and after it an IP header: RFC 4571. */
static bool srp_frame_ok(const u8 *head, unsigned int len)
{
	u8 version = head[SRP_STREAM_HEAD] >> 4;

	return len >= sizeof(struct iphdr) && (version == 4 || version == 6);
}

/* How long is the frame? 0: more has to come first. */
static int srp_strp_parse(struct strparser *strp, struct sk_buff *skb)
{
	u8 head[SRP_STREAM_HEAD + 1];
	unsigned int len;

	if (skb_copy_bits(skb, strp_msg(skb)->offset, head, sizeof(head)))
		return 0;
	len = get_unaligned_be16(head);
	return srp_frame_ok(head, len) ? SRP_STREAM_HEAD + len : -EPROTO;
}

static int srp_strp_copy(struct sk_buff *to, const struct sk_buff *from,
			 unsigned int at, unsigned int linear)
{
	const skb_frag_t *frag;
	int i, err;

	err = skb_copy_bits(from, at, skb_put(to, linear), linear);
	at += linear;
	for (i = 0; !err && i < skb_shinfo(to)->nr_frags; i++) {
		frag = &skb_shinfo(to)->frags[i];
		err = skb_copy_bits(from, at, skb_frag_address(frag),
				    skb_frag_size(frag));
		at += skb_frag_size(frag);
	}
	return err;
}

/* The packet of a frame, with room in front of it. It is copied, and once
 * only: segments are shared with the frames before and after, so there is no
 * writing a header before it, and one that waits would hold them all.
 */
static struct sk_buff *srp_strp_packet(const struct sk_buff *frame,
				       const struct strp_msg *msg)
{
	unsigned int len = msg->full_len - SRP_STREAM_HEAD;
	unsigned int linear = min(len, SRP_STREAM_LINEAR);
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(SRP_STREAM_ROOM + linear, len - linear,
				   PAGE_ALLOC_COSTLY_ORDER, &err, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, SRP_STREAM_ROOM);
	err = srp_strp_copy(skb, frame, msg->offset + SRP_STREAM_HEAD, linear);
	skb->data_len = len - linear;
	skb->len += len - linear;
	if (!err)
		return skb;
	kfree_skb(skb);
	return NULL;
}

/* The socket is locked: what is sent from here may be queued for another
 * stream, or go out on a device, as segments of TCP do under the same lock;
 * what is for the stack waits in a queue of the CPU.
 */
static void srp_strp_rcv(struct strparser *strp, struct sk_buff *frame)
{
	struct srp_wire *wire = container_of(strp, struct srp_wire,
					     stream.strp);
	struct sk_buff *skb = srp_strp_packet(frame, strp_msg(frame));

	local_bh_disable();
	rcu_read_lock();
	if (skb)
		srp_stream_packet(wire, skb);
	else
		srp_count_drop(wire->sn, SRP_DROP_no_memory);
	rcu_read_unlock();
	local_bh_enable();
	kfree_skb(frame);
}

/* There cannot be a packet where one should begin. */
static void srp_strp_abort(struct strparser *strp, int err)
{
	struct srp_wire *wire = container_of(strp, struct srp_wire,
					     stream.strp);

	strp_stop(strp);
	srp_stream_fail(wire, SRPROXY_CAUSE_BAD_FRAME);
}

static const struct strp_callbacks srp_strp_callbacks = {
	.parse_msg = srp_strp_parse,
	.rcv_msg = srp_strp_rcv,
	.abort_parser = srp_strp_abort,
};

/**
 * srp_stream_init_parser() - a plain TCP connection has its socket
 * @wire: the connection, which nobody else knows yet
 *
 * Return: 0 or a negative errno.
 */
int srp_stream_init_parser(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	int err = strp_init(&s->strp, wire->sock->sk, &srp_strp_callbacks);

	if (err)
		return err;
	/* what comes before the vnf has the connection waits for it */
	strp_pause(&s->strp);
	s->parses = true;
	return 0;
}

/**
 * srp_stream_parse() - octets have come
 * @wire: a connection with a parser
 *
 * Context: the socket is locked.
 */
void srp_stream_parse(struct srp_wire *wire)
{
	/* frames have nothing urgent; the parser would wait before it */
	if (unlikely(tcp_sk(wire->sock->sk)->urg_data))
		queue_work(srp_wire_wq(wire), &wire->stream.rx);
	else
		strp_data_ready(&wire->stream.strp);
}

/* Has the far end ended it, or spoilt it? Frames that came before count. */
static void srp_strp_look(struct srp_wire *wire)
{
	struct strparser *strp = &wire->stream.strp;
	struct sock *sk = wire->sock->sk;

	if (tcp_sk(sk)->urg_data) {
		srp_stream_fail(wire, SRPROXY_CAUSE_BAD_FRAME);
		return;
	}
	if (!READ_ONCE(sk->sk_err) && sk->sk_state != TCP_CLOSE &&
	    !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN))
		return;
	strp_check_rcv(strp);
	flush_work(&strp->work);
	if (!READ_ONCE(wire->cause))
		srp_stream_end(wire, sock_error(sk));
}

/* TLS, Unix sockets: the worker */

/* The packet among these octets. */
static void srp_stream_octets(struct srp_wire *wire, const u8 *data,
			      unsigned int len)
{
	struct sk_buff *skb = alloc_skb(SRP_STREAM_ROOM + len, GFP_KERNEL);

	local_bh_disable();
	rcu_read_lock();
	if (skb) {
		skb_reserve(skb, SRP_STREAM_ROOM);
		skb_put_data(skb, data, len);
		srp_stream_packet(wire, skb);
	} else {
		srp_count_drop(wire->sn, SRP_DROP_no_memory);
	}
	rcu_read_unlock();
	local_bh_enable();
}

/* Take the whole frames out of the buffer. Return: false if there cannot be a
 * packet where one should begin.
 */
static bool srp_tls_parse(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	unsigned int at = 0, len;

	while (s->have - at > SRP_STREAM_HEAD) {
		len = get_unaligned_be16(s->buf + at);
		if (!srp_frame_ok(s->buf + at, len))
			return false;
		if (s->have - at < SRP_STREAM_HEAD + len)
			break;
		at += SRP_STREAM_HEAD;
		srp_stream_octets(wire, s->buf + at, len);
		at += len;
	}
	s->have -= at;
	memmove(s->buf, s->buf + at, s->have);
	return true;
}

/* What kind of TLS record came: tickets and the like come in between. */
union srp_tls_record {
	struct cmsghdr cmsg;
	u8 octets[CMSG_SPACE(sizeof(u8))];
};

static u8 srp_tls_kind(const struct msghdr *msg,
		       const union srp_tls_record *record)
{
	if (msg->msg_controllen == sizeof(*record) ||
	    record->cmsg.cmsg_level != SOL_TLS)
		return SRP_TLS_DATA;
	return *(const u8 *)CMSG_DATA(&record->cmsg);
}

/* Only who has shaken hands can follow: what comes now cannot be read. */
static bool srp_tls_is_key_update(const struct srp_stream *s, u8 kind)
{
	return kind == SRP_TLS_HANDSHAKE &&
	       s->buf[s->have] == SRP_TLS_KEY_UPDATE;
}

/* Return: true if there may be more. */
static bool srp_tls_took(struct srp_wire *wire, int n, u8 kind)
{
	if (srp_tls_is_key_update(&wire->stream, kind)) {
		srp_stream_fail(wire, SRPROXY_CAUSE_SOCKET_ERROR);
		return false;
	}
	if (kind == SRP_TLS_ALERT) {
		srp_stream_end(wire, 0);
		return false;
	}
	if (kind != SRP_TLS_DATA)
		return true;
	wire->stream.have += n;
	if (srp_tls_parse(wire))
		return true;
	srp_stream_fail(wire, SRPROXY_CAUSE_BAD_FRAME);
	return false;
}

/* Receive once. Return: true if there may be more. */
static bool srp_tls_recv(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	union srp_tls_record record;
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT,
		.msg_control = &record,
		.msg_controllen = sizeof(record),
	};
	struct kvec vec = {
		.iov_base = s->buf + s->have,
		.iov_len = SRP_STREAM_BUF - s->have,
	};
	int n = kernel_recvmsg(wire->sock, &msg, &vec, 1, vec.iov_len,
			       MSG_DONTWAIT);

	if (n > 0)
		return srp_tls_took(wire, n, srp_tls_kind(&msg, &record));
	if (n != -EAGAIN)
		srp_stream_end(wire, n);
	return false;
}

/* Receive a message. Return: true if there may be more. */
static bool srp_unix_recv(struct srp_wire *wire)
{
	struct srp_stream *s = &wire->stream;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct kvec vec = { .iov_base = s->buf, .iov_len = SRP_STREAM_BUF };
	int n = kernel_recvmsg(wire->sock, &msg, &vec, 1, vec.iov_len,
			       MSG_DONTWAIT);

	if (n == -EAGAIN)
		return false;
	/* a message without anything in it is no end */
	if (n < 0 ||
	    (!n && READ_ONCE(wire->sock->sk->sk_shutdown) & RCV_SHUTDOWN)) {
		srp_stream_end(wire, n);
		return false;
	}
	if (!(msg.msg_flags & MSG_TRUNC)) {
		srp_stream_octets(wire, s->buf, n);
		return true;
	}
	local_bh_disable();
	srp_count_drop(wire->sn, SRP_DROP_inner_malformed);
	local_bh_enable();
	return true;
}

/**
 * srp_stream_rx() - the worker that receives, or looks for the end
 * @work: of the stream
 *
 * Context: process.
 */
void srp_stream_rx(struct work_struct *work)
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
		if (s->parses) {
			srp_strp_look(wire);
			return;
		}
		if (wire->passed ? !srp_tls_recv(wire) : !srp_unix_recv(wire))
			return;
	}
	queue_work(srp_wire_wq(wire), work);
}
