// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connecting to functions behind TCP and Unix sockets: in the context of the
 * request, without RTNL, within a time-out. Generic netlink is locked for its
 * writers meanwhile, so that time is of a whole send or transaction, however
 * many connections are wanted.
 */
#include <linux/in6.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "net.h"
#include "stream.h"
#include "vnf.h"
#include "wire.h"

/* Whoever is gone without a word is found out within these. */
#define SRP_TCP_IDLE		10		/* seconds */
#define SRP_TCP_INTERVAL	5		/* seconds */
#define SRP_TCP_PROBES		3
#define SRP_TCP_TIMEOUT		20000		/* milliseconds */
/* The window is half of it. */
#define SRP_TCP_RCVBUF		(4 * SRP_STREAM_BUF)

static void srp_tcp_setup(struct sock *sk)
{
	/* a frame is taken once it is whole; the user may have bounded what
	 * sockets begin with
	 */
	if (sk->sk_rcvbuf < SRP_TCP_RCVBUF)
		WRITE_ONCE(sk->sk_rcvbuf, SRP_TCP_RCVBUF);
	if (sk->sk_family == AF_INET6)
		ip6_sock_set_v6only(sk);
	tcp_sock_set_nodelay(sk);
	sock_set_keepalive(sk);
	tcp_sock_set_keepidle(sk, SRP_TCP_IDLE);
	tcp_sock_set_keepintvl(sk, SRP_TCP_INTERVAL);
	tcp_sock_set_keepcnt(sk, SRP_TCP_PROBES);
	tcp_sock_set_user_timeout(sk, SRP_TCP_TIMEOUT);
}

static int srp_tcp_refused(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -EINPROGRESS:
	case -ETIMEDOUT:
		NL_SET_ERR_MSG(extack, "the far end does not answer");
		return -ETIMEDOUT;
	case -ECONNREFUSED:
		NL_SET_ERR_MSG(extack, "the far end refuses the connection");
		break;
	case -ENETUNREACH:
	case -EHOSTUNREACH:
		NL_SET_ERR_MSG(extack, "there is no route to the remote address");
		break;
	default:
		NL_SET_ERR_MSG(extack, "the far end cannot be connected to");
		break;
	}
	return err;
}

static int srp_unix_refused(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENOENT:
		NL_SET_ERR_MSG(extack, "there is no such socket");
		break;
	case -EACCES:
		NL_SET_ERR_MSG(extack, "the socket may not be used");
		break;
	case -EPROTOTYPE:
		NL_SET_ERR_MSG(extack,
			       "the socket is not of type SOCK_SEQPACKET");
		break;
	case -EAGAIN:
		NL_SET_ERR_MSG(extack, "the far end does not answer");
		return -ETIMEDOUT;
	default:
		NL_SET_ERR_MSG(extack, "nobody listens on the socket");
		break;
	}
	return err;
}

static void srp_unix_sockaddr(const char *path, struct srp_sockaddr *addr)
{
	int len = strlen(path);

	memset(addr, 0, sizeof(*addr));
	addr->un.sun_family = AF_UNIX;
	memcpy(addr->un.sun_path, path, len);
	addr->len = offsetof(struct sockaddr_un, sun_path) + len;
	if (path[0] == '@')
		addr->un.sun_path[0] = '\0';
	else
		addr->len++;
}

/* Connect, or wait for the far end's answer, up to a point in time. */
static int srp_connect_until(struct srp_wire *wire,
			     const struct srp_sockaddr *addr,
			     unsigned long until, bool wait)
{
	long left = until - jiffies;
	int err;

	if (wait && left > 0)
		wire->sock->sk->sk_sndtimeo = left;
	else
		wait = false;
	err = kernel_connect(wire->sock, (void *)&addr->any, addr->len,
			     wait ? 0 : O_NONBLOCK);
	/* a restart would begin anew with a socket of its own */
	return err == -ERESTARTNOINTR || err == -ERESTARTNOHAND ?
	       -ERESTARTSYS : err;
}

/**
 * srp_wire_settle() - wait until the far end has answered
 * @wire: a connection that was made with &srp_passed.later
 * @until: jiffies up to which it may take
 *
 * Context: process, without RTNL.
 * Return: 0, or a negative errno if it did not, or refused.
 */
int srp_wire_settle(struct srp_wire *wire, unsigned long until)
{
	struct srp_sockaddr addr;

	if (!wire->connecting)
		return 0;
	wire->connecting = false;
	srp_end_sockaddr(&wire->place.remote, &addr);
	return srp_connect_until(wire, &addr, until, true);
}

static int srp_connect_to(struct srp_wire *wire, int family, int type,
			  const struct srp_sockaddr *addr,
			  const struct srp_passed *passed)
{
	/* whether a Unix socket takes one more shows at once, or later */
	bool later = passed->later && family != AF_UNIX;
	struct net *net = wire->sn->net;
	int err;

	/* The socket that the far end gets is of the namespace of ours, and
	 * holds it. A path leads to the same socket in every namespace.
	 */
	if (wire->place.path[0] == '/')
		net = &init_net;
	err = sock_create_kern(net, family, type, 0, &wire->sock);
	if (err)
		return err;
	if (family != AF_UNIX)
		srp_tcp_setup(wire->sock->sk);
	err = srp_connect_until(wire, addr, passed->until, !later);
	wire->connecting = later && err == -EINPROGRESS;
	return wire->connecting ? 0 : err;
}

static struct srp_wire *srp_tcp_open(struct srp_net *sn,
				     const struct srp_vnf_cfg *cfg,
				     const struct srp_passed *passed,
				     struct netlink_ext_ack *extack)
{
	const struct srp_end *remote = &cfg->place.remote;
	struct srp_sockaddr addr;
	struct srp_wire *wire;
	int err;

	if (cfg->place.tls)
		return srp_tls_open(sn, cfg, passed, extack);
	wire = srp_stream_alloc(sn, &cfg->place);
	if (!wire)
		return ERR_PTR(-ENOMEM);
	srp_end_sockaddr(remote, &addr);
	err = srp_connect_to(wire, remote->addr.family, SOCK_STREAM, &addr,
			     passed);
	if (!err)
		err = srp_stream_init_parser(wire);
	if (!err)
		return wire;
	srp_wire_discard(wire);
	return ERR_PTR(err == -ERESTARTSYS ? err :
		       srp_tcp_refused(err, extack));
}

static struct srp_wire *srp_unix_open(struct srp_net *sn,
				      const struct srp_vnf_cfg *cfg,
				      const struct srp_passed *passed,
				      struct netlink_ext_ack *extack)
{
	struct srp_sockaddr addr;
	struct srp_wire *wire;
	int err;

	wire = srp_stream_alloc(sn, &cfg->place);
	if (!wire)
		return ERR_PTR(-ENOMEM);
	srp_unix_sockaddr(cfg->place.path, &addr);
	err = srp_stream_alloc_buf(wire);
	if (!err)
		err = srp_connect_to(wire, AF_UNIX, SOCK_SEQPACKET, &addr,
				     passed);
	if (!err)
		return wire;
	srp_wire_discard(wire);
	return ERR_PTR(err == -ERESTARTSYS ? err :
		       srp_unix_refused(err, extack));
}

const struct srp_attach_ops srp_tcp_ops = {
	.open = srp_tcp_open,
	.attach = srp_stream_attach,
	.detach = srp_wire_detach,
	.reconnect = srp_stream_reconnect,
	.cause = srp_wire_cause,
	.xmit = srp_stream_xmit,
	.probe = srp_stream_probe,
	.queued = srp_stream_queued,
};

const struct srp_attach_ops srp_unix_ops = {
	.open = srp_unix_open,
	.attach = srp_stream_attach,
	.detach = srp_wire_detach,
	.reconnect = srp_stream_reconnect,
	.cause = srp_wire_cause,
	.xmit = srp_stream_xmit,
	.probe = srp_stream_probe,
	.queued = srp_stream_queued,
};
