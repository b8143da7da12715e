/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections to functions behind sockets. */
#ifndef SRP_WIRE_H
#define SRP_WIRE_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/refcount.h>
#include <linux/un.h>
#include <linux/workqueue.h>
#include <net/dst_cache.h>

#include "attach.h"
#include "net.h"
#include "stream.h"

/**
 * struct srp_wire - a connection to a function
 *
 * Made by a request, then the vnf's, until it is replaced or the vnf goes.
 * Referenced by the vnf and by each work item that is queued; freed by RCU
 * after the last. Its socket goes earlier, when the connection has failed or
 * the vnf lets the wire go: from then on it is @cut, and neither sends nor
 * receives.
 *
 * A socket that was passed is its user's too, who may hold its lock for as long
 * as he likes: whatever takes the lock of a stream is done by works, on a queue
 * that nobody waits for but the module's end, never under RTNL or in a request.
 * @release is the last of them, a grace period after the socket was told to
 * forget the wire. Sockets that the kernel made do not hold their namespace,
 * whose end waits for srp_net.releases, without RTNL. It cannot be held up by a
 * socket that was passed: that holds its namespace, so it has gone before.
 */
struct srp_wire {
	/** @sn: the namespace, which lets go of all wires before it ends */
	struct srp_net *sn;
	/** @vnf: the function; held; NULL before it is attached */
	struct srp_vnf *vnf;
	/** @sock: the socket; ours until @release, of udp until it is cut */
	struct socket *sock;
	/** @place: what it connects; constant */
	struct srp_place place;
	/** @cause: &enum srproxy_cause; any context */
	u32 cause;
	/** @cut: the vnf has let it go; written under RTNL */
	bool cut;
	/** @passed: the socket came with a request; constant */
	bool passed;
	/** @portid: the netlink socket that it came on; constant */
	u32 portid;
	/** @streams: @stream is used; constant */
	bool streams;
	/** @connecting: nobody has waited for the far end yet; before @vnf is set */
	bool connecting;
	/** @stream: tcp, unix */
	struct srp_stream stream;
	/** @routes: udp: the way to the far end */
	struct dst_cache routes;
	/** @release: of a stream, lets the socket go; has a reference */
	struct rcu_work release;
	/** @report: tells that @cause has changed */
	struct work_struct report;
	/** @retry: udp: looks whether there is a route again */
	struct delayed_work retry;
	/** @ref: references */
	refcount_t ref;
	/** @rcu: for freeing */
	struct rcu_head rcu;
};

/* Where works that may wait for the socket's lock are queued. */
static inline struct workqueue_struct *srp_wire_wq(const struct srp_wire *wire)
{
	return wire->passed ? srp_passed_wq : srp_wq;
}

struct srp_wire *srp_wire_alloc(struct srp_net *sn,
				const struct srp_place *place);
bool srp_wire_get(struct srp_wire *wire);
void srp_wire_put(struct srp_wire *wire);
int srp_wire_attach(struct srp_vnf *vnf, struct srp_wire *wire);
void srp_wire_detach(struct srp_vnf *vnf);
void srp_wire_set_cause(struct srp_wire *wire, u32 cause);
u32 srp_wire_cause(const struct srp_vnf *vnf);
void srp_wires_cut(struct srp_net *sn);
void srp_wires_wait(struct srp_net *sn);
void srp_wires_release(struct srp_net *sn, u32 portid);
bool srp_wire_open(const struct srp_vnf *vnf);
void srp_wire_rx(struct srp_vnf *vnf, struct sk_buff *skb,
		 struct net_device *dev);
void srp_wire_park(struct sk_buff *skb);
void srp_wire_again(struct srp_vnf *vnf, struct sk_buff *skb);

/** struct srp_sockaddr - an address, as sockets want it */
struct srp_sockaddr {
	union {
		/** @any: of any family */
		struct sockaddr any;
		/** @inet: IPv4 */
		struct sockaddr_in inet;
		/** @inet6: IPv6 */
		struct sockaddr_in6 inet6;
		/** @un: Unix */
		struct sockaddr_un un;
	};
	/** @len: octets of it */
	int len;
};

void srp_end_sockaddr(const struct srp_end *end, struct srp_sockaddr *addr);

extern const struct srp_attach_ops srp_udp_ops;
extern const struct srp_attach_ops srp_tcp_ops;
extern const struct srp_attach_ops srp_unix_ops;

#endif
