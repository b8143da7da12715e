// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions behind TLS: a tool has connected and shaken hands, given the
 * kernel the keys (kTLS), and passes the socket. It stays the tool's too, and
 * goes when the tool's netlink socket does.
 */
#include <linux/net.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tls.h>

#include "net.h"
#include "stream.h"
#include "vnf.h"
#include "wire.h"

#if IS_ENABLED(CONFIG_TLS)
/* Are there keys for both directions? */
static bool srp_tls_keyed(const struct sock *sk)
{
	const struct tcp_ulp_ops *ulp = READ_ONCE(inet_csk(sk)->icsk_ulp_ops);
	const struct tls_context *ctx;

	/* once set they stay until the socket is closed */
	if (!ulp || strcmp(ulp->name, "tls"))
		return false;
	ctx = tls_get_ctx(sk);
	return ctx && ctx->tx_conf != TLS_BASE && ctx->rx_conf != TLS_BASE;
}
#else
static bool srp_tls_keyed(const struct sock *sk)
{
	return false;
}
#endif

/* Is it connected to where the configuration says? */
static bool srp_tls_to(const struct sock *sk, const struct srp_end *remote)
{
	if (ntohs(sk->sk_dport) != remote->port ||
	    sk->sk_family != remote->addr.family)
		return false;
	if (sk->sk_family == AF_INET)
		return sk->sk_daddr == remote->addr.addr.inet;
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_addr_equal(&sk->sk_v6_daddr, &remote->addr.addr.inet6);
#else
	return false;
#endif
}

/* What is wrong with a socket that was passed? Its lock is not taken, which its
 * user may hold for as long as he likes: what is read stays, but for the state
 * of the connection, and of the end of that the socket will tell.
 */
static int srp_tls_check(const struct srp_wire *wire, struct sock *sk,
			 struct netlink_ext_ack *extack)
{
	if (sock_net(sk) != wire->sn->net)
		NL_SET_ERR_MSG(extack,
			       "the socket is of another network namespace");
	else if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		NL_SET_ERR_MSG(extack, "the socket is not connected");
	else if (!srp_tls_to(sk, &wire->place.remote))
		NL_SET_ERR_MSG(extack,
			       "the socket is not connected to the remote address");
	else if (!srp_tls_keyed(sk))
		NL_SET_ERR_MSG(extack,
			       "the socket has no TLS keys for both directions");
	else if (sk->sk_user_data)
		NL_SET_ERR_MSG(extack, "the socket is in use already");
	else
		return 0;
	return -EINVAL;
}

static bool srp_is_tcp(const struct sock *sk)
{
	return (sk->sk_family == AF_INET || sk->sk_family == AF_INET6) &&
	       sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP;
}

static int srp_tls_take(struct srp_wire *wire,
			const struct srp_passed *passed,
			struct netlink_ext_ack *extack)
{
	struct socket *sock;
	int err;

	sock = sockfd_lookup(passed->fd, &err);
	if (!sock) {
		NL_SET_ERR_MSG(extack, "the descriptor is no open socket");
		return err;
	}
	wire->sock = sock;
	wire->passed = true;
	wire->portid = passed->portid;
	if (!srp_is_tcp(sock->sk)) {
		NL_SET_ERR_MSG(extack, "the socket is not one of TCP");
		return -EINVAL;
	}
	return srp_tls_check(wire, sock->sk, extack);
}

/**
 * srp_tls_open() - take a socket that came with a request
 * @sn: the namespace
 * @cfg: the vnf
 * @passed: the socket
 * @extack: where a refusal is explained
 *
 * Context: process, of whom sent the request.
 * Return: the connection; NULL if no socket came; an ERR_PTR() if it is no
 * good.
 */
struct srp_wire *srp_tls_open(struct srp_net *sn, const struct srp_vnf_cfg *cfg,
			      const struct srp_passed *passed,
			      struct netlink_ext_ack *extack)
{
	struct srp_wire *wire;
	int err;

	if (passed->fd < 0)
		return NULL;
	wire = srp_stream_alloc(sn, &cfg->place);
	if (!wire)
		return ERR_PTR(-ENOMEM);
	err = srp_stream_alloc_buf(wire);
	if (!err)
		err = srp_tls_take(wire, passed, extack);
	if (!err)
		return wire;
	srp_wire_discard(wire);
	return ERR_PTR(err);
}
