// SPDX-License-Identifier: GPL-2.0-only
/* Pools: addresses, ports, and how long one waits to be used again. */
#include <kunit/test.h>
#include <linux/inet.h>
#include <linux/jiffies.h>

#include "flow.h"
#include "net.h"
#include "pool.h"

/**
 * struct pond - a pool, and as much of a namespace as it needs
 * @sn: the namespace
 * @pool: the pool
 * @flow: what ports stand for; only their addresses count
 */
struct pond {
	struct srp_net sn;
	struct srp_pool pool;
	struct srp_flow flow[2];
};

static struct in6_addr addr_of(const char *text)
{
	struct in6_addr addr = {};

	if (strchr(text, ':'))
		in6_pton(text, -1, addr.s6_addr, -1, NULL);
	else
		in4_pton(text, -1, addr.s6_addr, -1, NULL);
	return addr;
}

static u8 family_of(const char *text)
{
	return strchr(text, ':') ? AF_INET6 : AF_INET;
}

static struct srp_pool *made(struct kunit *test, const char *prefix, u8 len)
{
	struct pond *p = test->priv;
	struct in6_addr addr = addr_of(prefix);

	srp_pool_init(&p->pool, &p->sn, family_of(prefix), &addr, len);
	return &p->pool;
}

static int pool_test_init(struct kunit *test)
{
	struct pond *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	p->sn.net = &init_net;
	p->sn.idle = 60 * HZ;
	p->sn.settings.max_flows = 1 << 20;
	/* a test that needs no pool has one all the same, to be ended */
	xa_init(&p->pool.pages);
	p->pool.sn = &p->sn;
	test->priv = p;
	return 0;
}

static void pool_test_exit(struct kunit *test)
{
	struct pond *p = test->priv;

	if (!p)
		return;
	srp_pool_uncharge(&p->pool);
	srp_pool_free(&p->pool);
}

static bool refused(const char *prefix, u8 len)
{
	struct in6_addr addr = addr_of(prefix);

	return srp_pool_check(family_of(prefix), &addr, len, NULL);
}

static void test_check(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, refused("10.9.0.0", 24));
	KUNIT_EXPECT_FALSE(test, refused("10.9.0.7", 32));
	KUNIT_EXPECT_FALSE(test, refused("10.0.0.0", 8));
	KUNIT_EXPECT_FALSE(test, refused("2001:db8::", 64));
	KUNIT_EXPECT_FALSE(test, refused("2001:db8::7", 128));
	KUNIT_EXPECT_FALSE(test, refused("fd00::", 8));
	KUNIT_EXPECT_TRUE(test, refused("10.9.0.1", 24));
	KUNIT_EXPECT_TRUE(test, refused("2001:db8::1", 64));
	KUNIT_EXPECT_TRUE(test, refused("10.9.0.0", 33));
	KUNIT_EXPECT_TRUE(test, refused("2001:db8::", 129));
	KUNIT_EXPECT_TRUE(test, refused("0.0.0.0", 0));
	KUNIT_EXPECT_TRUE(test, refused("::", 0));
	KUNIT_EXPECT_TRUE(test, refused("127.0.0.0", 8));
	KUNIT_EXPECT_TRUE(test, refused("224.0.0.0", 8));
	KUNIT_EXPECT_TRUE(test, refused("255.255.255.255", 32));
	KUNIT_EXPECT_TRUE(test, refused("ff02::", 16));
	KUNIT_EXPECT_TRUE(test, refused("fe80::", 64));
	KUNIT_EXPECT_TRUE(test, refused("::1", 128));
}

/* A prefix, how many addresses of it are used, and the first and last. */
static const struct {
	const char *prefix;
	u8 len;
	u32 n;
	const char *before;
	const char *first;
	const char *last;
	const char *after;
} prefixes[] = {
	{ "10.9.0.0", 24, 254, "10.9.0.0", "10.9.0.1", "10.9.0.254",
	  "10.9.0.255" },
	{ "10.9.0.0", 16, 279, "10.9.0.0", "10.9.0.1", "10.9.1.23",
	  "10.9.1.24" },
	{ "10.9.0.4", 30, 2, "10.9.0.4", "10.9.0.5", "10.9.0.6", "10.9.0.7" },
	{ "10.9.0.4", 31, 2, "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6" },
	{ "10.9.0.7", 32, 1, "10.9.0.6", "10.9.0.7", "10.9.0.7", "10.9.0.8" },
	{ "2001:db8:1::", 64, 279, "2001:db8:1::", "2001:db8:1::1",
	  "2001:db8:1::117", "2001:db8:1::118" },
	{ "2001:db8:1::100", 120, 254, "2001:db8:1::100", "2001:db8:1::101",
	  "2001:db8:1::1fe", "2001:db8:1::1ff" },
	{ "2001:db8:1::6", 127, 2, "2001:db8:1::5", "2001:db8:1::6",
	  "2001:db8:1::7", "2001:db8:1::8" },
	{ "2001:db8:1::7", 128, 1, "2001:db8:1::6", "2001:db8:1::7",
	  "2001:db8:1::7", "2001:db8:2::7" },
};

static bool has(const struct srp_pool *pool, const char *text)
{
	struct in6_addr addr = addr_of(text);

	return srp_pool_has(pool, family_of(text), &addr);
}

static void test_addresses(struct kunit *test)
{
	struct srp_pool *pool;
	int i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		pool = made(test, prefixes[i].prefix, prefixes[i].len);
		KUNIT_EXPECT_EQ(test, pool->n_addr, prefixes[i].n);
		KUNIT_EXPECT_FALSE(test, has(pool, prefixes[i].before));
		KUNIT_EXPECT_TRUE(test, has(pool, prefixes[i].first));
		KUNIT_EXPECT_TRUE(test, has(pool, prefixes[i].last));
		KUNIT_EXPECT_FALSE(test, has(pool, prefixes[i].after));
	}
	KUNIT_EXPECT_FALSE(test, has(pool, "10.9.0.1"));
}

/* Every port from the first on, of one address after the other. */
static void test_places(struct kunit *test)
{
	struct srp_pool *pool = made(test, "10.9.0.0", 24);
	struct in6_addr addr;
	__be16 port;

	srp_pool_place(pool, 0, &addr, &port);
	KUNIT_EXPECT_EQ(test, addr.s6_addr32[0], htonl(0x0a090001));
	KUNIT_EXPECT_EQ(test, port, htons(1024));
	srp_pool_place(pool, 59999, &addr, &port);
	KUNIT_EXPECT_EQ(test, addr.s6_addr32[0], htonl(0x0a090001));
	KUNIT_EXPECT_EQ(test, port, htons(61023));
	srp_pool_place(pool, 60000, &addr, &port);
	KUNIT_EXPECT_EQ(test, addr.s6_addr32[0], htonl(0x0a090002));
	KUNIT_EXPECT_EQ(test, port, htons(1024));
	pool = made(test, "2001:db8::", 64);
	srp_pool_place(pool, 278 * 60000 + 1, &addr, &port);
	KUNIT_EXPECT_EQ(test, addr.s6_addr32[0], htonl(0x20010db8));
	KUNIT_EXPECT_EQ(test, addr.s6_addr32[3], htonl(279));
	KUNIT_EXPECT_EQ(test, port, htons(1025));
}

static u32 taken(struct kunit *test, struct srp_pool *pool)
{
	u32 index = SRP_POOL_NONE;

	KUNIT_EXPECT_EQ(test, srp_pool_take(pool, &index), SRP_DROP_NONE);
	return index;
}

static struct srp_flow *at(struct srp_pool *pool, const char *text, u16 port)
{
	struct in6_addr addr = addr_of(text);
	struct srp_flow *flow;

	rcu_read_lock();
	flow = srp_pool_find(pool, &addr, htons(port));
	rcu_read_unlock();
	return flow;
}

static void test_found(struct kunit *test)
{
	struct pond *p = test->priv;
	struct srp_pool *pool = made(test, "10.9.0.0", 24);
	u32 a = taken(test, pool), b = taken(test, pool);

	KUNIT_EXPECT_NE(test, a, b);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 1024), NULL);
	srp_pool_bind(pool, a, &p->flow[0]);
	srp_pool_bind(pool, b, &p->flow[1]);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 1024), &p->flow[0]);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 1025), &p->flow[1]);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 1026), NULL);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 0), NULL);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 1023), NULL);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 61024), NULL);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 65535), NULL);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.254", 1024), NULL);
	srp_pool_give(pool, a);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 1024), NULL);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.1", 1025), &p->flow[1]);
}

/* As if ports had been given back so long ago. */
static void age(struct srp_pool *pool, u32 index, u32 by)
{
	struct srp_pool_page *page = xa_load(&pool->pages,
					     index >> SRP_POOL_PAGE_BITS);

	page->port[index & (SRP_POOL_PAGE - 1)].freed -= by;
}

/* A port waits; then the one given back first is the next. */
static void test_reuse(struct kunit *test)
{
	struct pond *p = test->priv;
	struct srp_pool *pool = made(test, "10.9.0.0", 24);
	u32 index[3];
	int i;

	for (i = 0; i < 3; i++)
		index[i] = taken(test, pool);
	srp_pool_give(pool, index[1]);
	srp_pool_give(pool, index[0]);
	KUNIT_EXPECT_EQ(test, taken(test, pool), 3);
	age(pool, index[1], p->sn.idle - 1);
	age(pool, index[0], p->sn.idle - 1);
	KUNIT_EXPECT_EQ(test, taken(test, pool), 4);
	age(pool, index[1], 1);
	KUNIT_EXPECT_EQ(test, taken(test, pool), index[1]);
	KUNIT_EXPECT_EQ(test, taken(test, pool), 5);
	age(pool, index[0], 1);
	srp_pool_give(pool, index[2]);
	KUNIT_EXPECT_EQ(test, taken(test, pool), index[0]);
	age(pool, index[2], p->sn.idle);
	KUNIT_EXPECT_EQ(test, taken(test, pool), index[2]);
	KUNIT_EXPECT_EQ(test, pool->oldest, SRP_POOL_NONE);
	KUNIT_EXPECT_EQ(test, taken(test, pool), 6);
}

/* All ports of one address, one more, and one that comes back. */
static void test_exhausted(struct kunit *test)
{
	struct pond *p = test->priv;
	struct srp_pool *pool = made(test, "10.9.0.7", 32);
	u32 index, i;

	for (i = 0; i < SRP_POOL_PORTS; i++) {
		if (srp_pool_take(pool, &index) || index != i)
			break;
		srp_pool_bind(pool, index, &p->flow[i & 1]);
	}
	KUNIT_EXPECT_EQ(test, i, SRP_POOL_PORTS);
	KUNIT_EXPECT_FALSE(test, srp_pool_ready(pool));
	KUNIT_EXPECT_EQ(test, srp_pool_take(pool, &index),
			SRP_DROP_pool_exhausted);
	KUNIT_EXPECT_PTR_EQ(test, at(pool, "10.9.0.7", 61023), &p->flow[1]);
	srp_pool_give(pool, 59999);
	KUNIT_EXPECT_FALSE(test, srp_pool_ready(pool));
	age(pool, 59999, p->sn.idle);
	KUNIT_EXPECT_TRUE(test, srp_pool_ready(pool));
	KUNIT_EXPECT_EQ(test, taken(test, pool), 59999);
	KUNIT_EXPECT_FALSE(test, srp_pool_ready(pool));
}

/* However large the prefix, memory is bounded by what flows there may be. */
static void test_bounded(struct kunit *test)
{
	struct pond *p = test->priv;
	struct srp_pool *pool = made(test, "10.9.0.0", 16);
	u32 index, n = 0;

	p->sn.settings.max_flows = 1000;
	while (n <= 2 * SRP_POOL_PORTS && !srp_pool_take(pool, &index))
		n++;
	KUNIT_EXPECT_EQ(test, n, SRP_POOL_PORTS);
	p->sn.settings.max_flows = 15001;
	for (n = 0; n <= 10 && !srp_pool_take(pool, &index); n++)
		;
	KUNIT_EXPECT_EQ(test, n, 4);
	KUNIT_EXPECT_EQ(test, pool->paid, DIV_ROUND_UP(60004, 256) *
			DIV_ROUND_UP(sizeof(struct srp_pool_page),
				     sizeof(struct srp_flow)));
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(test_check),
	KUNIT_CASE(test_addresses),
	KUNIT_CASE(test_places),
	KUNIT_CASE(test_found),
	KUNIT_CASE(test_reuse),
	KUNIT_CASE(test_exhausted),
	KUNIT_CASE(test_bounded),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "srproxy_pool",
	.init = pool_test_init,
	.exit = pool_test_exit,
	.test_cases = pool_cases,
};

kunit_test_suites(&pool_suite);
