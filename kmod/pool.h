/* SPDX-License-Identifier: GPL-2.0-only */
/* A pool: addresses and ports, each of which can stand for a flow. */
#ifndef SRP_POOL_H
#define SRP_POOL_H

#include <linux/in6.h>
#include <linux/xarray.h>

#include "stats.h"

struct netlink_ext_ack;
struct srp_flow;
struct srp_net;

/* Of each address the ports that are neither well known nor the last ones. */
#define SRP_POOL_PORT_FIRST	1024
#define SRP_POOL_PORTS		60000

/* A flow has 24 bits for its port of the pool: more addresses are not used. */
#define SRP_POOL_ADDRS_MAX	(BIT(24) / SRP_POOL_PORTS)

#define SRP_POOL_PAGE_BITS	8
#define SRP_POOL_PAGE		BIT(SRP_POOL_PAGE_BITS)

/* No port, as an index. */
#define SRP_POOL_NONE		U32_MAX

/** struct srp_pool_port - one port of one address */
struct srp_pool_port {
	/** @flow: what it stands for; RCU, lock: srp_vnf.flow_lock */
	struct srp_flow __rcu *flow;
	/** @next: of a free one: index of the next that was freed */
	u32 next;
	/** @freed: of a free one: jiffies when it was */
	u32 freed;
};

/** struct srp_pool_page - ports that are made together */
struct srp_pool_page {
	/** @port: by index, low bits */
	struct srp_pool_port port[SRP_POOL_PAGE];
};

/**
 * struct srp_pool - the ports of the addresses of a prefix
 *
 * A port has an index: the ports of the first address, then those of the
 * second, and so on. Memory for them is made as they are needed, and stays
 * until the pool ends. The network's own address and the last one of a prefix
 * (broadcast of IPv4, anycast of IPv6) stand for nothing unless there is no
 * room for others.
 *
 * Made with its vnf and freed with it. Written under srp_vnf.flow_lock, read
 * under RCU.
 */
struct srp_pool {
	/** @sn: the namespace, whose bound of memory pays */
	struct srp_net *sn;
	/** @family: AF_INET or AF_INET6; constant */
	u8 family;
	/** @first: the first address; IPv4 in the first word; constant */
	struct in6_addr first;
	/** @n_addr: how many addresses; constant */
	u32 n_addr;
	/** @made: ports that were ever used: all below this index */
	u32 made;
	/** @oldest: the free port that was freed first */
	u32 oldest;
	/** @newest: the one freed last; valid if there is an @oldest */
	u32 newest;
	/** @paid: units paid for pages */
	u32 paid;
	/** @pages: &struct srp_pool_page by index, high bits */
	struct xarray pages;
};

int srp_pool_check(u8 family, const struct in6_addr *prefix, u8 len,
		   struct netlink_ext_ack *extack);
void srp_pool_init(struct srp_pool *pool, struct srp_net *sn, u8 family,
		   const struct in6_addr *prefix, u8 len);
void srp_pool_uncharge(struct srp_pool *pool);
void srp_pool_free(struct srp_pool *pool);
bool srp_pool_has(const struct srp_pool *pool, u8 family,
		  const struct in6_addr *addr);
bool srp_pool_ready(struct srp_pool *pool);
enum srp_drop srp_pool_take(struct srp_pool *pool, u32 *index);
void srp_pool_bind(struct srp_pool *pool, u32 index, struct srp_flow *flow);
void srp_pool_give(struct srp_pool *pool, u32 index);
void srp_pool_place(const struct srp_pool *pool, u32 index,
		    struct in6_addr *addr, __be16 *port);
struct srp_flow *srp_pool_find(struct srp_pool *pool,
			       const struct in6_addr *addr, __be16 port);

#endif
