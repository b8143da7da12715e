// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions behind a UDP socket: IP directly in UDP, as in variant 1 of GUE,
 * so that a fou tunnel of Linux can be the far end. Packets are taken off the
 * socket in softirq, before it would queue them, and sent without it: headers
 * are written here, the way is in a cache per CPU.
 */
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/net.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "core.h"
#include "cut.h"
#include "net.h"
#include "sid.h"
#include "trace.h"
#include "verdict.h"
#include "vnf.h"
#include "wire.h"

/* A cached route is checked, but nobody tells of a better one. */
#define SRP_UDP_RETRY	HZ

/* from the function */

/* Congestion that the outer header tells of, RFC 6040. Return: false if it
 * contradicts the inner one.
 */
static noinline bool srp_udp_congested(struct sk_buff *skb)
{
	struct iphdr *ip;
	u8 inner;

	if (skb_ensure_writable(skb, sizeof(struct iphdr)))
		return false;
	ip = (struct iphdr *)skb->data;
	if (ip->version == 4) {
		inner = ip->tos;
	} else {
		if (skb_ensure_writable(skb, sizeof(struct ipv6hdr)))
			return false;
		inner = ipv6_get_dsfield((struct ipv6hdr *)skb->data);
	}
	if (INET_ECN_is_not_ect(inner))
		return false;
	skb_reset_network_header(skb);
	if (((struct iphdr *)skb->data)->version == 4)
		IP_ECN_set_ce((struct iphdr *)skb->data);
	else
		IP6_ECN_set_ce(skb, (struct ipv6hdr *)skb->data);
	return true;
}

static u8 srp_udp_outer_ecn(const struct sock *sk, const struct sk_buff *skb)
{
	if (sk->sk_family == AF_INET)
		return ip_hdr(skb)->tos;
	return ipv6_get_dsfield(ipv6_hdr(skb));
}

/* The socket's encap_rcv: a datagram of the far end, its checksum verified. */
static int srp_udp_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct srp_wire *wire = rcu_dereference_sk_user_data(sk);
	u8 ecn;

	if (!wire) {
		kfree_skb(skb);
		return 0;
	}
	ecn = srp_udp_outer_ecn(sk, skb);
	__skb_pull(skb, sizeof(struct udphdr));
	skb_postpull_rcsum(skb, udp_hdr(skb), sizeof(struct udphdr));
	if (iptunnel_pull_offloads(skb) ||
	    (unlikely(INET_ECN_is_ce(ecn)) && !srp_udp_congested(skb))) {
		srp_drop(wire->sn, skb, SRP_DROP_inner_malformed);
		return 0;
	}
	srp_wire_rx(wire->vnf, skb, skb->dev);
	return 0;
}

/* to the function */

static struct dst_entry *srp_udp_find_route4(struct srp_wire *wire)
{
	const struct srp_place *place = &wire->place;
	struct flowi4 fl4 = {
		.flowi4_proto = IPPROTO_UDP,
		.daddr = place->remote.addr.addr.inet,
		.saddr = place->local.addr.addr.inet,
		.fl4_sport = htons(place->local.port),
		.fl4_dport = htons(place->remote.port),
	};
	struct rtable *rt = ip_route_output_flow(wire->sn->net, &fl4, NULL);

	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

static struct dst_entry *srp_udp_find_route6(struct srp_wire *wire)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct srp_place *place = &wire->place;
	struct flowi6 fl6 = {
		.flowi6_proto = IPPROTO_UDP,
		.daddr = place->remote.addr.addr.inet6,
		.saddr = place->local.addr.addr.inet6,
		.fl6_sport = htons(place->local.port),
		.fl6_dport = htons(place->remote.port),
	};

	return ip6_dst_lookup_flow(wire->sn->net, NULL, &fl6, NULL);
#else
	return ERR_PTR(-ENETUNREACH);
#endif
}

/* A route to the far end that is no dead end, held; or an error. */
static struct dst_entry *srp_udp_find_route(struct srp_wire *wire)
{
	struct dst_entry *dst;
	int err;

	if (wire->place.remote.addr.family == AF_INET)
		dst = srp_udp_find_route4(wire);
	else
		dst = srp_udp_find_route6(wire);
	if (IS_ERR(dst) || !dst->error)
		return dst;
	err = dst->error;
	dst_release(dst);
	return ERR_PTR(err);
}

/* Datagrams go to the wire from here on, the vnf is ready for them. */
static void srp_udp_take(struct srp_wire *wire)
{
	struct sock *sk = wire->sock->sk;

	inet_inc_convert_csum(sk);
	rcu_assign_sk_user_data(sk, wire);
	udp_sk(sk)->encap_type = 1;
	WRITE_ONCE(udp_sk(sk)->encap_rcv, srp_udp_rcv);
	udp_tunnel_encap_enable(sk);
}

/* Be heard by the far end, and by no other. */
static int srp_udp_connect(struct srp_wire *wire)
{
	struct srp_sockaddr addr;
	int err;

	srp_end_sockaddr(&wire->place.remote, &addr);
	err = kernel_connect(wire->sock, (void *)&addr.any, addr.len, 0);
	if (!err)
		srp_udp_take(wire);
	return err;
}

static bool srp_udp_connected(const struct srp_wire *wire)
{
	return wire->sock->sk->sk_state == TCP_ESTABLISHED;
}

static void srp_udp_lost_route(struct srp_wire *wire)
{
	srp_wire_set_cause(wire, SRPROXY_CAUSE_NO_ROUTE);
	if (srp_wire_get(wire) &&
	    !queue_delayed_work(srp_wq, &wire->retry, SRP_UDP_RETRY))
		srp_wire_put(wire);
}

static noinline struct dst_entry *srp_udp_new_route(struct srp_wire *wire)
{
	const struct srp_via *local = &wire->place.local.addr;
	struct dst_entry *dst = srp_udp_find_route(wire);

	if (IS_ERR(dst)) {
		srp_udp_lost_route(wire);
		return NULL;
	}
	if (local->family == AF_INET)
		dst_cache_set_ip4(&wire->routes, dst, local->addr.inet);
#if IS_ENABLED(CONFIG_IPV6)
	else
		dst_cache_set_ip6(&wire->routes, dst, &local->addr.inet6);
#endif
	return dst;
}

/* The route of this CPU, held; or NULL. */
static struct dst_entry *srp_udp_route(struct srp_wire *wire)
{
	struct dst_entry *dst = dst_cache_get(&wire->routes);

	return likely(dst) ? dst : srp_udp_new_route(wire);
}

/* While there is no route no packet comes that would look for one. */
static void srp_udp_retry(struct work_struct *work)
{
	struct srp_wire *wire = container_of(to_delayed_work(work),
					     struct srp_wire, retry);
	struct dst_entry *dst = NULL;

	rtnl_lock();
	if (!wire->cut) {
		local_bh_disable();
		dst = srp_udp_new_route(wire);
		local_bh_enable();
	}
	if (dst && !srp_udp_connected(wire) && srp_udp_connect(wire)) {
		srp_udp_lost_route(wire);
		dst_release(dst);
		dst = NULL;
	}
	rtnl_unlock();
	if (dst) {
		dst_release(dst);
		srp_wire_set_cause(wire, SRPROXY_CAUSE_NONE);
	}
	srp_wire_put(wire);
}

/* Octets of headers that go in front of a packet. */
static unsigned int srp_udp_outer(const struct srp_wire *wire)
{
	return sizeof(struct udphdr) +
	       (wire->place.local.addr.family == AF_INET ?
		sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

static void srp_udp_push(struct sk_buff *skb, const struct srp_place *place)
{
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = htons(place->local.port);
	uh->dest = htons(place->remote.port);
	uh->len = htons(skb->len);
}

static int srp_udp_send4(const struct srp_wire *wire, struct dst_entry *dst,
			 struct sk_buff *skb, u8 dsfield)
{
	__be32 saddr = wire->place.local.addr.addr.inet;
	__be32 daddr = wire->place.remote.addr.addr.inet;
	struct iphdr *ip;

	udp_set_csum(false, skb, saddr, daddr, skb->len);
	ip = __skb_push(skb, sizeof(*ip));
	skb_reset_network_header(skb);
	ip->version = 4;
	ip->ihl = sizeof(*ip) >> 2;
	ip->tos = dsfield;
	ip->id = 0;
	ip->frag_off = htons(IP_DF);
	ip->ttl = ip4_dst_hoplimit(dst);
	ip->protocol = IPPROTO_UDP;
	ip->saddr = saddr;
	ip->daddr = daddr;
	skb->protocol = htons(ETH_P_IP);
	return ip_local_out(wire->sn->net, NULL, skb);
}

static int srp_udp_send6(const struct srp_wire *wire, struct dst_entry *dst,
			 struct sk_buff *skb, u8 dsfield)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct in6_addr *saddr = &wire->place.local.addr.addr.inet6;
	const struct in6_addr *daddr = &wire->place.remote.addr.addr.inet6;
	struct ipv6hdr *ip6;

	udp6_set_csum(false, skb, saddr, daddr, skb->len);
	ip6 = __skb_push(skb, sizeof(*ip6));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6, dsfield, 0);
	ip6->nexthdr = IPPROTO_UDP;
	ip6->hop_limit = ip6_dst_hoplimit(dst);
	ip6->saddr = *saddr;
	ip6->daddr = *daddr;
	skb->protocol = htons(ETH_P_IPV6);
	return ip6_local_out(wire->sn->net, NULL, skb);
#else
	kfree_skb(skb);
	return -EAFNOSUPPORT;
#endif
}

/* DSCP and ECN of a packet: the outer header has the same, RFC 6040. */
static u8 srp_udp_dsfield(const struct sk_buff *skb)
{
	const struct iphdr *ip = (const void *)skb->data;

	return ip->version == 4 ? ip->tos :
	       ipv6_get_dsfield((const struct ipv6hdr *)ip);
}

/* Send a bare packet that is no GSO packet and fits; it is consumed. @dst is
 * the caller's.
 */
static int srp_udp_send(struct srp_wire *wire, struct dst_entry *dst,
			struct sk_buff *skb)
{
	bool inet = wire->place.local.addr.family == AF_INET;
	u8 dsfield;

	if (unlikely(srp_csum_finish(skb)) ||
	    unlikely(skb_cow_head(skb, srp_udp_outer(wire) +
				  LL_RESERVED_SPACE(dst->dev)))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
	dsfield = srp_udp_dsfield(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	skb_dst_set(skb, dst_clone(dst));
	srp_udp_push(skb, &wire->place);
	return srp_xmit_error(inet ? srp_udp_send4(wire, dst, skb, dsfield) :
				     srp_udp_send6(wire, dst, skb, dsfield));
}

/* What was built by us, by the route that there is now. The wire may be gone. */
static int srp_udp_send_own(struct srp_wire *wire, struct sk_buff *skb)
{
	struct dst_entry *dst = wire ? srp_udp_route(wire) : NULL;
	int err;

	if (!dst) {
		kfree_skb(skb);
		return -ENETUNREACH;
	}
	err = srp_udp_send(wire, dst, skb);
	dst_release(dst);
	return err;
}

static int srp_udp_send_piece(const struct srp_outlet *out,
			      struct sk_buff *skb)
{
	return srp_udp_send_own(out->wire, skb);
}

/* What goes into a datagram without fragments. */
static unsigned int srp_udp_mtu(const struct srp_wire *wire,
				const struct srp_vnf *vnf,
				const struct dst_entry *dst)
{
	unsigned int outer = srp_udp_outer(wire);
	unsigned int mtu = min_t(unsigned int, dst_mtu(dst), IP_MAX_MTU);

	return min_not_zero(READ_ONCE(vnf->mtu), mtu - min(mtu, outer));
}

static noinline unsigned int srp_udp_cut(struct srp_ctx *ctx,
					 struct srp_binding *b,
					 struct srp_wire *wire,
					 struct net_device *dev,
					 unsigned int mtu)
{
	const struct srp_outlet out = {
		.dev = dev,
		.wire = wire,
		.send = srp_udp_send_piece,
		.stats = b->stats,
		.mtu = mtu,
	};

	return srp_cut(ctx, &out);
}

static unsigned int srp_udp_xmit_on(struct srp_ctx *ctx, struct srp_binding *b,
				    struct srp_wire *wire,
				    struct dst_entry *dst)
{
	unsigned int mtu = srp_udp_mtu(wire, b->vnf, dst);
	struct sk_buff *skb = ctx->skb;
	unsigned int len = skb->len;
	int err;

	if (unlikely(skb_is_gso(skb) || !srp_fits(skb, 0, mtu)))
		return srp_udp_cut(ctx, b, wire, dst->dev, mtu);
	if (unlikely(srp_unpad(skb)))
		return srp_drop(ctx->sn, skb, SRP_DROP_no_memory);
	trace_to_vnf(skb, b->vnf, b->label, ctx->depth);
	srp_scrub(skb);
	err = srp_udp_send(wire, dst, skb);
	return srp_sent(ctx->sn, err, b->stats, len);
}

static unsigned int srp_udp_xmit(struct srp_ctx *ctx, struct srp_binding *b)
{
	struct srp_wire *wire = rcu_dereference(b->vnf->wire);
	struct dst_entry *dst;
	unsigned int verdict;

	if (unlikely(!wire))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_vnf_down);
	dst = srp_udp_route(wire);
	if (unlikely(!dst))
		return srp_drop(ctx->sn, ctx->skb, SRP_DROP_no_route);
	verdict = srp_udp_xmit_on(ctx, b, wire, dst);
	dst_release(dst);
	return verdict;
}

static int srp_udp_probe(struct srp_vnf *vnf, struct sk_buff *skb)
{
	return srp_udp_send_own(rcu_dereference(vnf->wire), skb);
}

static unsigned int srp_udp_vnf_mtu(const struct srp_vnf *vnf, u8 family)
{
	struct srp_wire *wire = rcu_dereference(vnf->wire);
	struct dst_entry *dst = wire ? srp_udp_route(wire) : NULL;
	unsigned int mtu;

	if (!dst)
		return min_not_zero(READ_ONCE(vnf->mtu), (u32)IP_MAX_MTU);
	mtu = srp_udp_mtu(wire, vnf, dst);
	dst_release(dst);
	return mtu;
}

/* making and ending */

/* The socket of a vnf that goes with the transaction under way, if it has the
 * local end that another is to have.
 */
static struct sock *srp_udp_leaving(struct srp_net *sn,
				    const struct srp_end *local)
{
	const struct srp_wire *wire;
	struct srp_vnf *vnf;

	list_for_each_entry(vnf, &sn->vnfs, node) {
		wire = rtnl_dereference(vnf->wire);
		if (vnf->tx.leaving && vnf->ops == &srp_udp_ops && wire &&
		    srp_end_equal(&wire->place.local, local))
			return wire->sock->sk;
	}
	return NULL;
}

/* Nobody else may share the port: that is allowed for this moment only. */
static int srp_udp_bind(struct srp_net *sn, struct socket *sock,
			const struct srp_end *local)
{
	struct sock *old = srp_udp_leaving(sn, local);
	struct srp_sockaddr addr;
	int err;

	srp_end_sockaddr(local, &addr);
	if (old) {
		old->sk_reuse = SK_CAN_REUSE;
		sock->sk->sk_reuse = SK_CAN_REUSE;
	}
	err = kernel_bind(sock, (void *)&addr.any, addr.len);
	if (old) {
		old->sk_reuse = SK_NO_REUSE;
		sock->sk->sk_reuse = SK_NO_REUSE;
	}
	return err;
}

static int srp_udp_socket(struct srp_wire *wire, int *part,
			  struct netlink_ext_ack *extack)
{
	int family = wire->place.local.addr.family;
	int err;

	*part = SRP_PART_LOCAL;
	err = sock_create_kern(wire->sn->net, family, SOCK_DGRAM, IPPROTO_UDP,
			       &wire->sock);
	if (err) {
		NL_SET_ERR_MSG(extack, "no socket to be had");
		return err;
	}
	if (family == AF_INET6)
		ip6_sock_set_v6only(wire->sock->sk);
	err = srp_udp_bind(wire->sn, wire->sock, &wire->place.local);
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(extack, "the local port is in use");
	else if (err)
		NL_SET_ERR_MSG(extack,
			       "the local address is not one of this host");
	return err;
}

static int srp_udp_check_route(struct srp_wire *wire, int *part,
			       struct netlink_ext_ack *extack)
{
	struct dst_entry *dst = srp_udp_find_route(wire);

	if (!IS_ERR(dst)) {
		dst_release(dst);
		return 0;
	}
	*part = SRP_PART_REMOTE;
	if (dst == ERR_PTR(-ENOMEM) || dst == ERR_PTR(-ENOBUFS)) {
		NL_SET_ERR_MSG(extack, "no memory for the route");
		return -ENOMEM;
	}
	NL_SET_ERR_MSG(extack, "there is no route to the remote address");
	return -ENETUNREACH;
}

/* The socket is bound, and connected later: until then datagrams go to that of
 * a vnf which leaves, if the transaction does not fail.
 */
static int srp_udp_attach(struct srp_vnf *vnf, struct srp_wire *none,
			  int *part, struct netlink_ext_ack *extack)
{
	struct srp_wire *wire = srp_wire_alloc(vnf->sn, &vnf->cfg.place);
	int err;

	if (!wire)
		return -ENOMEM;
	INIT_DELAYED_WORK(&wire->retry, srp_udp_retry);
	err = srp_udp_socket(wire, part, extack);
	if (!err)
		err = srp_udp_check_route(wire, part, extack);
	if (!err)
		err = srp_wire_attach(vnf, wire);
	if (err)
		srp_wire_discard(wire);
	return err;
}

static void srp_udp_start(struct srp_vnf *vnf)
{
	struct srp_wire *wire = rtnl_dereference(vnf->wire);

	if (srp_udp_connect(wire))
		srp_udp_lost_route(wire);
}

/* The local port can have one socket only. */
static int srp_udp_reconnect(struct srp_vnf *vnf, struct srp_wire *none,
			     struct netlink_ext_ack *extack)
{
	int part, err;

	srp_wire_detach(vnf);
	err = srp_udp_attach(vnf, NULL, &part, extack);
	if (err)
		srp_wire_failed(vnf, err);
	else
		srp_udp_start(vnf);
	return err;
}

const struct srp_attach_ops srp_udp_ops = {
	.attach = srp_udp_attach,
	.start = srp_udp_start,
	.detach = srp_wire_detach,
	.reconnect = srp_udp_reconnect,
	.cause = srp_wire_cause,
	.xmit = srp_udp_xmit,
	.probe = srp_udp_probe,
	.mtu = srp_udp_vnf_mtu,
};
