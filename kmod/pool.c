// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports of a pool, one for each flow of a vnf that is an app. A port that was
 * used is free again when its flow has ended, but is not given away before the
 * idle time has passed once more: an answer that comes late must not meet
 * another flow. The one freed first is the next.
 */
#include <linux/inetdevice.h>
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <net/ipv6.h>

#include "flow.h"
#include "net.h"
#include "pool.h"

/* What a page pays: as many flows have its size. */
#define SRP_POOL_PAGE_UNITS						\
	DIV_ROUND_UP(sizeof(struct srp_pool_page), sizeof(struct srp_flow))

/* Ports that a namespace has memory for, at least: those of one address. */
#define SRP_POOL_ROOM_MIN	SRP_POOL_PORTS

/* Ports of a namespace per flow that it may have: some in use, and as many
 * again that wait for the idle time to pass.
 */
#define SRP_POOL_ROOM_FACTOR	4

/* Bits of an address that tell the hosts of a prefix apart. */
static unsigned int srp_pool_host_bits(u8 family, u8 len)
{
	return (family == AF_INET ? 32 : 128) - len;
}

/* The word that is counted up from address to address. */
static __be32 *srp_pool_word(u8 family, struct in6_addr *addr)
{
	return &addr->s6_addr32[family == AF_INET ? 0 : 3];
}

/**
 * srp_pool_check() - can a prefix be a pool?
 * @family: AF_INET or AF_INET6
 * @prefix: the prefix; IPv4 in the first word
 * @len: its length
 * @extack: where a refusal is explained
 *
 * Return: 0 or -EINVAL.
 */
int srp_pool_check(u8 family, const struct in6_addr *prefix, u8 len,
		   struct netlink_ext_ack *extack)
{
	unsigned int bits = srp_pool_host_bits(family, len);
	struct in6_addr net;

	if (len > (family == AF_INET ? 32 : 128)) {
		NL_SET_ERR_MSG(extack, "a prefix cannot be as long as that");
		return -EINVAL;
	}
	if (bits >= (family == AF_INET ? 32 : 128)) {
		NL_SET_ERR_MSG(extack, "a pool cannot be all addresses");
		return -EINVAL;
	}
	if (family == AF_INET) {
		net = *prefix;
		net.s6_addr32[0] &= inet_make_mask(len);
	} else {
		ipv6_addr_prefix(&net, prefix, len);
	}
	if (!ipv6_addr_equal(&net, prefix)) {
		NL_SET_ERR_MSG(extack, "the prefix has host bits set");
		return -EINVAL;
	}
	if (family == AF_INET ?
	    ipv4_is_zeronet(prefix->s6_addr32[0]) ||
	    ipv4_is_loopback(prefix->s6_addr32[0]) ||
	    ipv4_is_multicast(prefix->s6_addr32[0]) ||
	    ipv4_is_lbcast(prefix->s6_addr32[0]) :
	    ipv6_addr_is_multicast(prefix) ||
	    ipv6_addr_type(prefix) & (IPV6_ADDR_LOOPBACK |
				      IPV6_ADDR_LINKLOCAL |
				      IPV6_ADDR_MAPPED)) {
		NL_SET_ERR_MSG(extack, "a pool is of unicast addresses");
		return -EINVAL;
	}
	return 0;
}

/**
 * srp_pool_init() - prepare a pool, no port of it is in use
 * @pool: the pool
 * @sn: the namespace
 * @family: AF_INET or AF_INET6
 * @prefix: the prefix, which srp_pool_check() has seen
 * @len: its length
 */
void srp_pool_init(struct srp_pool *pool, struct srp_net *sn, u8 family,
		   const struct in6_addr *prefix, u8 len)
{
	unsigned int bits = srp_pool_host_bits(family, len);
	u32 hosts = bits < 16 ? BIT(bits) : BIT(16);

	pool->sn = sn;
	pool->family = family;
	pool->first = *prefix;
	if (bits > 1) {
		be32_add_cpu(srp_pool_word(family, &pool->first), 1);
		hosts -= 2;
	}
	pool->n_addr = min_t(u32, hosts, SRP_POOL_ADDRS_MAX);
	pool->made = 0;
	pool->oldest = SRP_POOL_NONE;
	pool->paid = 0;
	xa_init_flags(&pool->pages, XA_FLAGS_LOCK_BH);
}

/**
 * srp_pool_uncharge() - give back what was paid for a pool's memory
 * @pool: a pool of which no port will be taken any more
 *
 * The memory stays for readers until srp_pool_free().
 */
void srp_pool_uncharge(struct srp_pool *pool)
{
	for (; pool->paid; pool->paid--)
		srp_uncharge_module(pool->sn);
}

/**
 * srp_pool_free() - free a pool's memory
 * @pool: the pool, which no reader has any more
 */
void srp_pool_free(struct srp_pool *pool)
{
	struct srp_pool_page *page;
	unsigned long at;

	xa_for_each(&pool->pages, at, page)
		kfree(page);
	xa_destroy(&pool->pages);
}

/* How many addresses behind the first; meaningless unless it is in the pool. */
static u32 srp_pool_offset(const struct srp_pool *pool,
			   const struct in6_addr *addr)
{
	int word = pool->family == AF_INET ? 0 : 3;

	return ntohl(addr->s6_addr32[word]) -
	       ntohl(pool->first.s6_addr32[word]);
}

/**
 * srp_pool_has() - is it one of the pool's addresses?
 * @pool: the pool
 * @family: of the address
 * @addr: the address; IPv4 in the first word
 *
 * Return: true if it is.
 */
bool srp_pool_has(const struct srp_pool *pool, u8 family,
		  const struct in6_addr *addr)
{
	if (family != pool->family ||
	    srp_pool_offset(pool, addr) >= pool->n_addr)
		return false;
	return family == AF_INET ||
	       !memcmp(addr, &pool->first, 3 * sizeof(addr->s6_addr32[0]));
}

static struct srp_pool_port *srp_pool_port(struct srp_pool *pool, u32 index)
{
	struct srp_pool_page *page = xa_load(&pool->pages,
					     index >> SRP_POOL_PAGE_BITS);

	return page ? &page->port[index & (SRP_POOL_PAGE - 1)] : NULL;
}

/* How many ports there may be memory for. */
static u32 srp_pool_room(const struct srp_pool *pool)
{
	u64 room = (u64)READ_ONCE(pool->sn->settings.max_flows) *
		   SRP_POOL_ROOM_FACTOR;

	room = max_t(u64, room, SRP_POOL_ROOM_MIN);
	return min_t(u64, room, pool->n_addr * SRP_POOL_PORTS);
}

/* Has the port that was freed first waited long enough? */
static bool srp_pool_ripe(struct srp_pool *pool)
{
	const struct srp_pool_port *port;

	if (pool->oldest == SRP_POOL_NONE)
		return false;
	port = srp_pool_port(pool, pool->oldest);
	return (u32)jiffies - port->freed >= READ_ONCE(pool->sn->idle);
}

/**
 * srp_pool_ready() - is there a port that can be taken?
 * @pool: the pool
 *
 * Context: srp_vnf.flow_lock.
 * Return: false if not.
 */
bool srp_pool_ready(struct srp_pool *pool)
{
	return srp_pool_ripe(pool) || pool->made < srp_pool_room(pool);
}

static u32 srp_pool_reuse(struct srp_pool *pool)
{
	u32 index = pool->oldest;

	pool->oldest = index == pool->newest ? SRP_POOL_NONE :
					       srp_pool_port(pool, index)->next;
	return index;
}

static bool srp_pool_pay(struct srp_pool *pool)
{
	int n;

	for (n = 0; n < SRP_POOL_PAGE_UNITS; n++) {
		if (!srp_charge_module(pool->sn))
			goto err_uncharge;
	}
	pool->paid += n;
	return true;

err_uncharge:
	while (n--)
		srp_uncharge_module(pool->sn);
	return false;
}

/* Memory for the ports of a page. */
static bool srp_pool_add_page(struct srp_pool *pool, u32 at)
{
	struct srp_pool_page *page;

	if (!srp_pool_pay(pool))
		return false;
	page = kzalloc(sizeof(*page), GFP_ATOMIC | __GFP_NOWARN);
	if (page && !xa_is_err(xa_store_bh(&pool->pages, at, page,
					   GFP_ATOMIC | __GFP_NOWARN)))
		return true;
	kfree(page);
	for (at = 0; at < SRP_POOL_PAGE_UNITS; at++)
		srp_uncharge_module(pool->sn);
	pool->paid -= SRP_POOL_PAGE_UNITS;
	return false;
}

/**
 * srp_pool_take() - take a port, which stands for nothing yet
 * @pool: the pool
 * @index: the port, to be given back by srp_pool_give()
 *
 * Context: srp_vnf.flow_lock.
 * Return: SRP_DROP_NONE, or why there is none.
 */
enum srp_drop srp_pool_take(struct srp_pool *pool, u32 *index)
{
	if (srp_pool_ripe(pool)) {
		*index = srp_pool_reuse(pool);
		return SRP_DROP_NONE;
	}
	if (pool->made >= srp_pool_room(pool))
		return SRP_DROP_pool_exhausted;
	if (!(pool->made & (SRP_POOL_PAGE - 1)) &&
	    !srp_pool_add_page(pool, pool->made >> SRP_POOL_PAGE_BITS))
		return SRP_DROP_no_memory;
	*index = pool->made++;
	return SRP_DROP_NONE;
}

/**
 * srp_pool_bind() - let a port stand for a flow
 * @pool: the pool
 * @index: the port
 * @flow: the flow, in its table already: packets find it from here on
 *
 * Context: srp_vnf.flow_lock.
 */
void srp_pool_bind(struct srp_pool *pool, u32 index, struct srp_flow *flow)
{
	rcu_assign_pointer(srp_pool_port(pool, index)->flow, flow);
}

/**
 * srp_pool_give() - a flow has ended: its port stands for nothing
 * @pool: the pool
 * @index: the port; readers may have the flow for another grace period
 *
 * Context: srp_vnf.flow_lock.
 */
void srp_pool_give(struct srp_pool *pool, u32 index)
{
	struct srp_pool_port *port = srp_pool_port(pool, index);

	RCU_INIT_POINTER(port->flow, NULL);
	port->freed = (u32)jiffies;
	if (pool->oldest == SRP_POOL_NONE)
		pool->oldest = index;
	else
		srp_pool_port(pool, pool->newest)->next = index;
	pool->newest = index;
}

/**
 * srp_pool_place() - address and port that an index stands for
 * @pool: the pool
 * @index: a port that was taken
 * @addr: filled in with the address; IPv4 in the first word
 * @port: filled in with the port
 */
void srp_pool_place(const struct srp_pool *pool, u32 index,
		    struct in6_addr *addr, __be16 *port)
{
	*addr = pool->first;
	be32_add_cpu(srp_pool_word(pool->family, addr),
		     index / SRP_POOL_PORTS);
	*port = htons(SRP_POOL_PORT_FIRST + index % SRP_POOL_PORTS);
}

/**
 * srp_pool_find() - the flow that a port stands for
 * @pool: the pool
 * @addr: an address of it
 * @port: any port
 *
 * Context: RCU read-side.
 * Return: the flow, perhaps past its age, or NULL.
 */
struct srp_flow *srp_pool_find(struct srp_pool *pool,
			       const struct in6_addr *addr, __be16 port)
{
	u32 at = (u32)ntohs(port) - SRP_POOL_PORT_FIRST;
	struct srp_pool_port *slot;

	if (at >= SRP_POOL_PORTS)
		return NULL;
	slot = srp_pool_port(pool, srp_pool_offset(pool, addr) *
				   SRP_POOL_PORTS + at);
	return slot ? rcu_dereference(slot->flow) : NULL;
}
