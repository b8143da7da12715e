// SPDX-License-Identifier: GPL-2.0-only
/* What connections to functions behind sockets have in common. */
#include <linux/if_vlan.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "core.h"
#include "net.h"
#include "verdict.h"
#include "vnf.h"
#include "wire.h"

static void srp_wire_free(struct rcu_head *head)
{
	struct srp_wire *wire = container_of(head, struct srp_wire, rcu);

	dst_cache_destroy(&wire->routes);
	srp_stream_free(wire);
	if (wire->vnf)
		srp_vnf_put(wire->vnf);
	kfree(wire);
}

/**
 * srp_wire_get() - take a reference
 * @wire: the connection
 *
 * Return: false if it is on its way out.
 */
bool srp_wire_get(struct srp_wire *wire)
{
	return refcount_inc_not_zero(&wire->ref);
}

/**
 * srp_wire_put() - give a reference back
 * @wire: the connection
 *
 * Context: any but hard interrupt.
 */
void srp_wire_put(struct srp_wire *wire)
{
	if (refcount_dec_and_test(&wire->ref))
		call_rcu(&wire->rcu, srp_wire_free);
}

static void srp_wire_close(struct srp_wire *wire)
{
	struct sock *sk = wire->sock->sk;

	if (wire->passed) {
		sockfd_put(wire->sock);
	} else {
		/* no FIN that timers would have to repeat: the namespace may
		 * go
		 */
		if (sk->sk_protocol == IPPROTO_TCP)
			sock_no_linger(sk);
		sock_release(wire->sock);
	}
	wire->sock = NULL;
}

/* Packets from the wire that wait go with it, a grace period after it was cut;
 * if the vnf has another one already, they age as those from that, or go then.
 */
static void srp_wire_let_go(struct srp_wire *wire)
{
	const struct srp_wire *now;

	if (!wire->vnf)
		return;
	now = rcu_access_pointer(wire->vnf->wire);
	if (!now || now == wire)
		srp_frags_let_go(wire->sn, &wire->vnf->rx);
}

/* Nobody is told by the socket any more: let it go. */
static void srp_wire_release(struct work_struct *work)
{
	struct srp_wire *wire = container_of(to_rcu_work(work),
					     struct srp_wire, release);
	struct srp_net *sn = wire->sn;

	srp_stream_stop(wire);
	srp_wire_let_go(wire);
	if (wire->stream.hooked)
		kernel_sock_shutdown(wire->sock, SHUT_RDWR);
	srp_wire_close(wire);
	srp_wire_put(wire);
	if (atomic_dec_and_test(&sn->releases))
		wake_up_var(&sn->releases);
}

/* Let the socket of a stream go, later: its lock may be held by whom RTNL
 * cannot wait for. The caller's reference goes along.
 */
static void srp_wire_queue_release(struct srp_wire *wire)
{
	atomic_inc(&wire->sn->releases);
	queue_rcu_work(srp_wire_wq(wire), &wire->release);
}

/**
 * srp_wires_wait() - wait until all sockets that were let go have gone
 * @sn: the namespace, which makes no more
 *
 * Context: process, without RTNL.
 */
void srp_wires_wait(struct srp_net *sn)
{
	wait_var_event(&sn->releases, !atomic_read(&sn->releases));
}

/* Likewise one over UDP, whose lock nobody else ever has. */
static void srp_wire_cut_udp(struct srp_wire *wire)
{
	rcu_assign_sk_user_data(wire->sock->sk, NULL);
	synchronize_net();
	srp_wire_let_go(wire);
	if (cancel_delayed_work(&wire->retry))
		srp_wire_put(wire);
	kernel_sock_shutdown(wire->sock, SHUT_RDWR);
	srp_wire_close(wire);
}

/* No packet finds its way to the wire any more: let the socket go. Work that
 * is queued finds the wire cut, and queues none again.
 */
static void srp_wire_cut(struct srp_wire *wire)
{
	ASSERT_RTNL();
	WRITE_ONCE(wire->cut, true);
	if (!wire->streams) {
		srp_wire_cut_udp(wire);
		return;
	}
	srp_stream_unhook(wire);
	if (srp_wire_get(wire))
		srp_wire_queue_release(wire);
}

/* The state has changed. A stream that has failed cannot recover. */
static void srp_wire_report(struct work_struct *work)
{
	struct srp_wire *wire = container_of(work, struct srp_wire, report);

	rtnl_lock();
	if (wire->vnf && !wire->cut) {
		srp_vnf_report(wire->vnf);
		if (wire->streams && READ_ONCE(wire->cause))
			srp_wire_cut(wire);
	}
	rtnl_unlock();
	srp_wire_put(wire);
}

/**
 * srp_wire_set_cause() - a connection can serve, or cannot
 * @wire: the connection, which a vnf has or had
 * @cause: &enum srproxy_cause
 *
 * Context: any but hard interrupt.
 */
void srp_wire_set_cause(struct srp_wire *wire, u32 cause)
{
	if (READ_ONCE(wire->cause) == cause)
		return;
	WRITE_ONCE(wire->cause, cause);
	if (srp_wire_get(wire) && !queue_work(srp_wq, &wire->report))
		srp_wire_put(wire);
}

/**
 * srp_wire_cause() - why a vnf behind a socket cannot serve
 * @vnf: the vnf
 *
 * Context: RTNL or RCU read-side.
 * Return: &enum srproxy_cause.
 */
u32 srp_wire_cause(const struct srp_vnf *vnf)
{
	const struct srp_wire *wire = rcu_dereference_rtnl(vnf->wire);
	u32 cause = wire ? READ_ONCE(wire->cause) : SRPROXY_CAUSE_NOT_CONNECTED;

	return cause && READ_ONCE(vnf->unreached) ?
	       SRPROXY_CAUSE_CONNECT_FAILED : cause;
}

/* Did it fail for want of memory here, or of the patience of who asked? That
 * says nothing of the far end.
 */
static bool srp_wire_own_failure(int err)
{
	return err == -ENOMEM || err == -ENOBUFS || err == -ENFILE ||
	       err == -ERESTARTSYS;
}

/**
 * srp_wire_failed() - a vnf was to be connected, and could not be
 * @vnf: the vnf; if a connection serves it, that goes on
 * @err: why, a negative errno
 *
 * With tls there was no attempt of ours, but one of the tool's.
 *
 * Context: RTNL. The caller reports.
 */
void srp_wire_failed(struct srp_vnf *vnf, int err)
{
	ASSERT_RTNL();
	if (!vnf->cfg.place.tls && !srp_wire_own_failure(err) &&
	    srp_wire_cause(vnf))
		WRITE_ONCE(vnf->unreached, true);
}

/**
 * srp_wire_open() - does a vnf have a connection that was not let go?
 * @vnf: the vnf
 *
 * A grace period after it was, whoever has seen it open is done.
 *
 * Context: RCU read-side.
 * Return: true if it has.
 */
bool srp_wire_open(const struct srp_vnf *vnf)
{
	const struct srp_wire *wire = rcu_dereference(vnf->wire);

	return wire && !READ_ONCE(wire->cut);
}

/**
 * srp_wire_alloc() - make a connection that has no socket yet
 * @sn: the namespace
 * @place: what it is to connect
 *
 * Context: process.
 * Return: the connection, or NULL.
 */
struct srp_wire *srp_wire_alloc(struct srp_net *sn,
				const struct srp_place *place)
{
	struct srp_wire *wire = kzalloc(sizeof(*wire), GFP_KERNEL_ACCOUNT);

	if (!wire)
		return NULL;
	if (dst_cache_init(&wire->routes, GFP_KERNEL_ACCOUNT)) {
		kfree(wire);
		return NULL;
	}
	wire->sn = sn;
	wire->place = *place;
	INIT_WORK(&wire->report, srp_wire_report);
	INIT_DELAYED_WORK(&wire->retry, NULL);
	INIT_RCU_WORK(&wire->release, srp_wire_release);
	refcount_set(&wire->ref, 1);
	return wire;
}

/**
 * srp_wire_discard() - end a connection that no vnf has
 * @wire: the connection
 *
 * Context: process.
 */
void srp_wire_discard(struct srp_wire *wire)
{
	wire->cut = true;
	if (wire->sock && wire->streams) {
		srp_wire_queue_release(wire);
		return;
	}
	if (wire->sock)
		srp_wire_close(wire);
	srp_wire_put(wire);
}

/**
 * srp_wire_attach() - give a connection to a vnf
 * @vnf: the vnf, which has none
 * @wire: the connection
 *
 * Context: RTNL.
 * Return: 0, or -ENOENT if the vnf is on its way out.
 */
int srp_wire_attach(struct srp_vnf *vnf, struct srp_wire *wire)
{
	ASSERT_RTNL();
	if (!srp_vnf_get(vnf))
		return -ENOENT;
	/* pairs with the acquire of the worker that receives */
	smp_store_release(&wire->vnf, vnf);
	WRITE_ONCE(vnf->unreached, false);
	rcu_assign_pointer(vnf->wire, wire);
	return 0;
}

/**
 * srp_wire_detach() - end the connection of a vnf, if there is one
 * @vnf: the vnf
 *
 * Context: RTNL; may sleep.
 */
void srp_wire_detach(struct srp_vnf *vnf)
{
	struct srp_wire *wire = rtnl_dereference(vnf->wire);

	if (!wire)
		return;
	RCU_INIT_POINTER(vnf->wire, NULL);
	if (!wire->cut)
		srp_wire_cut(wire);
	srp_wire_put(wire);
}

/**
 * srp_wires_cut() - the namespace ends, its loopback device goes
 * @sn: the namespace
 *
 * Packets of sockets that have no device seem to come from that one.
 *
 * Context: RTNL.
 */
void srp_wires_cut(struct srp_net *sn)
{
	struct srp_vnf *vnf;

	list_for_each_entry(vnf, &sn->vnfs, node)
		srp_wire_detach(vnf);
}

/**
 * srp_wires_release() - a netlink socket was closed: so are those passed on it
 * @sn: the namespace
 * @portid: the netlink socket
 *
 * Context: process.
 */
void srp_wires_release(struct srp_net *sn, u32 portid)
{
	struct srp_wire *wire;
	struct srp_vnf *vnf;

	rcu_read_lock();
	list_for_each_entry_rcu(vnf, &sn->vnfs, node) {
		wire = rcu_dereference(vnf->wire);
		if (wire && wire->passed && wire->portid == portid)
			srp_wire_set_cause(wire, SRPROXY_CAUSE_CLOSED);
	}
	rcu_read_unlock();
}

/* Loopback addresses are of no wire (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3), nor
 * are groups of a node's own (2.7), but the stack believes them where a packet
 * seems to come from such a device.
 */
static bool srp_wire_loops(struct sk_buff *skb, u8 version)
{
	const struct ipv6hdr *ip6;
	const struct iphdr *ip;

	if (version == 4) {
		ip = (const void *)skb->data;
		return ipv4_is_loopback(ip->saddr) ||
		       ipv4_is_loopback(ip->daddr);
	}
	/* of a shorter one the parser will speak */
	if (!pskb_may_pull(skb, sizeof(*ip6)))
		return false;
	ip6 = (const void *)skb->data;
	return ipv6_addr_loopback(&ip6->saddr) ||
	       ipv6_addr_loopback(&ip6->daddr) ||
	       (ipv6_addr_is_multicast(&ip6->daddr) &&
		IPV6_ADDR_MC_SCOPE(&ip6->daddr) == IPV6_ADDR_SCOPE_NODELOCAL);
}

/* Is it IP? Then make it look as if it had come from @dev. */
static bool srp_wire_dress(struct sk_buff *skb, struct net_device *dev)
{
	u8 version;

	if (!pskb_may_pull(skb, sizeof(struct iphdr)))
		return false;
	version = *skb->data >> 4;
	if (version != 4 && version != 6)
		return false;
	if (srp_wire_loops(skb, version))
		return false;
	skb->protocol = version == 4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	skb->dev = dev;
	skb->pkt_type = PACKET_HOST;
	skb->mark = 0;
	memset(skb->cb, 0, sizeof(skb->cb));
	__vlan_hwaccel_clear_tag(skb);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	return true;
}

/* The stack has a packet, by way of this CPU's queue: whoever calls may hold a
 * lock of the socket that the packet is for, and a packet may be for a socket
 * of ours, with another one inside, and so on.
 */
static void srp_wire_accept(struct sk_buff *skb)
{
	skb->tc_skip_classify = 1;
	netif_rx(skb);
}

/**
 * srp_wire_rx() - a packet came from a function behind a socket
 * @vnf: the vnf
 * @skb: the packet, consumed; its data is the IP header
 * @dev: where it is to seem to come from
 *
 * From here it goes the way of one that came in on a device.
 *
 * Context: softirq, or process with bottom halves off; RCU read-side.
 */
void srp_wire_rx(struct srp_vnf *vnf, struct sk_buff *skb,
		 struct net_device *dev)
{
	struct srp_prober *prober;

	skb_orphan(skb);
	skb_dst_drop(skb);
	/* what IPsec did to the datagram around it says nothing of the packet */
	skb_ext_reset(skb);
	if (!srp_wire_dress(skb, dev)) {
		skb->dev = dev;
		srp_drop(vnf->sn, skb, SRP_DROP_inner_unknown);
		return;
	}
	prober = rcu_dereference(vnf->prober);
	if (unlikely(prober) && srp_probe_returned(prober, skb))
		return;
	if (vnf->rx.ops->rx(vnf, skb, NULL) == NF_ACCEPT)
		srp_wire_accept(skb);
}

/**
 * srp_wire_park() - a packet from a function behind a socket is to wait
 * @skb: the packet, ours alone, as srp_wire_rx() has made it
 *
 * The device that it seems to come from may go meanwhile, and no port would
 * tell: it is known by its number.
 */
void srp_wire_park(struct sk_buff *skb)
{
	skb->skb_iif = skb->dev->ifindex;
	skb->dev = NULL;
}

/**
 * srp_wire_again() - a packet from a function behind a socket goes on
 * @vnf: the vnf
 * @skb: the packet, consumed; it was parked, or is as srp_wire_rx() has made it
 *
 * Context: as srp_wire_rx().
 */
void srp_wire_again(struct srp_vnf *vnf, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;

	if (!dev)
		dev = dev_get_by_index_rcu(vnf->sn->net, skb->skb_iif);
	if (dev)
		srp_wire_rx(vnf, skb, dev);
	else
		srp_drop(vnf->sn, skb, SRP_DROP_frag_orphan);
}

/**
 * srp_end_sockaddr() - the address of an end, as sockets want it
 * @end: the end
 * @addr: filled in
 */
void srp_end_sockaddr(const struct srp_end *end, struct srp_sockaddr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (end->addr.family == AF_INET) {
		addr->inet.sin_family = AF_INET;
		addr->inet.sin_addr.s_addr = end->addr.addr.inet;
		addr->inet.sin_port = htons(end->port);
		addr->len = sizeof(addr->inet);
		return;
	}
	addr->inet6.sin6_family = AF_INET6;
	addr->inet6.sin6_addr = end->addr.addr.inet6;
	addr->inet6.sin6_port = htons(end->port);
	addr->len = sizeof(addr->inet6);
}
