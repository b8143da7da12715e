// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency and loss of functions, from samples. A flow has at most one packet
 * under way that is timed: its first in a jiffy, and on each CPU one a jiffy
 * and vnf. What is remembered, the time and what it is known by, is one word in
 * the flow; all others of the flow pay for it with a test of that word when
 * they return, and while there is a sample with a look at their IPv4 id.
 *
 * A sample that has not come back within a second, or among so many packets of
 * its flow, is lost, if anything of its flow ever came back: what functions
 * answer or end themselves is no loss. That it is a second is found out by the
 * next packet of the flow, or when flows age.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/timekeeping.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "core.h"
#include "fault.h"
#include "latency.h"
#include "special.h"

#define SRP_SIGHT_LEN	24	/* octets that make a digest */
#define SRP_SIGHT_TAGS	2	/* VLAN tags that are looked behind */

/* So many of a flow come back first, if they are before a sample in a queue. */
#define SRP_PASSED_MAX	4096

/* A sample, from the top: when, 32 bits of 16 ns, which come round after 68 s,
 * and flows age every 10; two octets of its IP header; the digest.
 */
#define SRP_SAMPLE_UNIT	4
#define SRP_SAMPLE_TIME	32
#define SRP_SAMPLE_HINT	16

static s64 srp_sample(u64 now, u16 hint, u16 digest)
{
	u64 sample = now >> SRP_SAMPLE_UNIT << SRP_SAMPLE_TIME;

	sample |= (u32)hint << SRP_SAMPLE_HINT | digest;
	/* 0 is none */
	return sample ?: 1;
}

static u64 srp_sample_age(s64 sample, u64 now)
{
	u32 sent = (u64)sample >> SRP_SAMPLE_TIME;
	u32 age = (u32)(now >> SRP_SAMPLE_UNIT) - sent;

	return (u64)age << SRP_SAMPLE_UNIT;
}

static u16 srp_sample_hint(s64 sample)
{
	return sample >> SRP_SAMPLE_HINT;
}

/* Of IPv4 the id, of IPv6 the length: quickly compared, rarely the same of two
 * packets, but for the latter, and for the former of who does not count.
 */
static u16 srp_hint(const void *header)
{
	const struct iphdr *ip = header;

	return (__force u16)ip->id;
}

/* 24 octets or as many as there are: the rest counts as zero, as padding. */
static u16 srp_sight_fold(const struct sk_buff *skb, unsigned int off,
			  unsigned int end, u16 id)
{
	u64 part[SRP_SIGHT_LEN / sizeof(u64)] = {};
	u64 sum = id;

	if (off < end &&
	    skb_copy_bits(skb, off, part,
			  min_t(unsigned int, end - off, SRP_SIGHT_LEN)))
		return id;
	sum += part[0] + rol64(part[1], 21) + rol64(part[2], 42);
	return (sum * GOLDEN_RATIO_64) >> 48;
}

/* Offloads cut TCP segments and merge them, so these go by where they are in
 * the stream, in which merged ones follow each other.
 */
static bool srp_sight_tcp(const struct sk_buff *skb, unsigned int off,
			  unsigned int end, struct srp_sight *sight)
{
	const struct tcphdr *th;
	unsigned int hlen;
	struct tcphdr buf;

	th = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!th)
		return false;
	hlen = th->doff * 4;
	sight->digest = ntohl(th->seq) + ntohl(th->ack_seq);
	sight->span = 1;
	if (skb_is_gso(skb) && off + hlen < end)
		sight->span = end - off - hlen;
	return true;
}

/* Where the transport has what tells packets of a flow apart: behind what NAT
 * rewrites and behind the checksum, which may be still to be made.
 */
static unsigned int srp_sight_at(u8 proto)
{
	switch (proto) {
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return 8;
	case IPPROTO_SCTP:
		return 12;
	}
	return 4;
}

static bool srp_sight_transport(const struct sk_buff *skb, unsigned int off,
				unsigned int end, u8 proto, u16 id,
				struct srp_sight *sight)
{
	if (proto == IPPROTO_TCP)
		return srp_sight_tcp(skb, off, end, sight);
	sight->digest = srp_sight_fold(skb, off + srp_sight_at(proto), end, id);
	sight->span = 1;
	return true;
}

static bool srp_sight_inet(const struct sk_buff *skb, unsigned int off,
			   struct srp_sight *sight)
{
	const struct iphdr *ip;
	unsigned int len;
	struct iphdr buf;

	ip = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!ip || ip->frag_off & htons(IP_OFFSET))
		return false;
	len = ntohs(ip->tot_len) ?: skb->len - off;
	return srp_sight_transport(skb, off + ip->ihl * 4,
				   min(off + len, skb->len), ip->protocol,
				   (__force u16)ip->id, sight);
}

static bool srp_sight_inet6(const struct sk_buff *skb, unsigned int off,
			    struct srp_sight *sight)
{
	const struct ipv6hdr *ip6;
	struct ipv6hdr buf;
	unsigned int len;
	__be16 frag = 0;
	int at;
	u8 proto;

	ip6 = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!ip6)
		return false;
	proto = ip6->nexthdr;
	len = ntohs(ip6->payload_len) ?: skb->len - off;
	at = ipv6_skip_exthdr(skb, off + sizeof(*ip6), &proto, &frag);
	if (at < 0 || frag & htons(IP6_OFFSET))
		return false;
	return srp_sight_transport(skb, at,
				   min_t(unsigned int, off + sizeof(*ip6) + len,
					 skb->len),
				   proto, 0, sight);
}

/**
 * srp_latency_sight() - by what an IP packet is known again
 * @skb: the packet
 * @off: where its IP header is, from skb->data
 * @sight: the answer
 *
 * Context: any.
 * Return: false if it will not be.
 */
bool srp_latency_sight(const struct sk_buff *skb, unsigned int off,
		       struct srp_sight *sight)
{
	const u8 *first;
	u8 buf;

	first = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!first)
		return false;
	return *first >> 4 == 4 ? srp_sight_inet(skb, off, sight) :
				  srp_sight_inet6(skb, off, sight);
}

/**
 * srp_latency_sight_frame() - by what a frame is known again
 * @skb: the packet
 * @off: behind its Ethernet header, from skb->data
 * @proto: EtherType of what is there
 * @sight: the answer
 *
 * Context: any.
 * Return: false if it will not be.
 */
bool srp_latency_sight_frame(const struct sk_buff *skb, unsigned int off,
			     __be16 proto, struct srp_sight *sight)
{
	const struct vlan_hdr *tag;
	struct vlan_hdr buf;
	int n;

	for (n = 0; n < SRP_SIGHT_TAGS && eth_type_vlan(proto); n++) {
		tag = skb_header_pointer(skb, off, sizeof(buf), &buf);
		if (!tag)
			return false;
		proto = tag->h_vlan_encapsulated_proto;
		off += VLAN_HLEN;
	}
	if (proto == htons(ETH_P_IP) || proto == htons(ETH_P_IPV6))
		return srp_latency_sight(skb, off, sight);
	sight->digest = srp_sight_fold(skb, off, skb->len, 0);
	sight->span = 1;
	return true;
}

/* One of IPv6 that will be cut has another length then: no hint. */
static bool srp_sight_sent(const struct srp_ctx *ctx, struct srp_sight *sight,
			   u16 *hint)
{
	const struct ethhdr *eth;
	struct ethhdr buf;

	*hint = 0;
	if (!(ctx->odd & SRP_ODD_ETHER)) {
		if (ctx->key.family == AF_INET6 && skb_is_gso(ctx->skb))
			return false;
		*hint = srp_hint(ctx->skb->data + ctx->outer);
		return srp_latency_sight(ctx->skb, ctx->outer, sight);
	}
	eth = skb_header_pointer(ctx->skb, ctx->outer, sizeof(buf), &buf);
	return eth && srp_latency_sight_frame(ctx->skb, ctx->outer + ETH_HLEN,
					      eth->h_proto, sight);
}

static void srp_latency_count(struct srp_vnf *vnf, u64 ns)
{
	struct srp_latency *l = this_cpu_ptr(vnf->latency);
	u32 epoch = READ_ONCE(vnf->latency_epoch);

	u64_stats_update_begin(&l->syncp);
	if (l->epoch != epoch) {
		u64_stats_set(&l->max, 0);
		WRITE_ONCE(l->epoch, epoch);
	}
	if (ns > u64_stats_read(&l->max))
		u64_stats_set(&l->max, ns);
	u64_stats_add(&l->sum, ns);
	u64_stats_inc(&l->bucket[srp_latency_bucket(ns)]);
	u64_stats_update_end(&l->syncp);
}

/* The sample was not, or not in time, seen again. */
static void srp_latency_lost(struct srp_vnf *vnf, struct srp_flow *flow,
			     s64 sample)
{
	struct srp_latency *l = this_cpu_ptr(vnf->latency);

	if (atomic64_cmpxchg(&flow->sample, sample, 0) != sample ||
	    !READ_ONCE(flow->link.returned))
		return;
	u64_stats_update_begin(&l->syncp);
	u64_stats_inc(&l->lost);
	u64_stats_update_end(&l->syncp);
}

/**
 * __srp_latency_sent() - sample a packet, or give up the sample under way
 * @vnf: the function
 * @flow: the flow
 * @ctx: the packet
 *
 * A fragment is not sampled: what the function makes of it is its affair.
 *
 * Context: softirq, RCU read-side.
 */
noinline void __srp_latency_sent(struct srp_vnf *vnf, struct srp_flow *flow,
				 const struct srp_ctx *ctx)
{
	s64 sample = atomic64_read(&flow->sample);
	u64 now = ktime_get_ns();
	struct srp_sight sight;
	u16 hint;

	if (sample) {
		if (srp_sample_age(sample, now) > SRP_LATENCY_MAX_NS)
			srp_latency_lost(vnf, flow, sample);
		return;
	}
	if (!srp_sight_sent(ctx, &sight, &hint))
		return;
	this_cpu_write(vnf->latency->turn, (u32)jiffies);
	WRITE_ONCE(flow->link.passed, 0);
	atomic64_set(&flow->sample, srp_sample(now, hint, sight.digest));
}

/* Is a returned packet the sample? */
static noinline bool srp_latency_is(s64 sample, const struct sk_buff *skb,
				    bool frame)
{
	struct srp_sight sight;

	if (!sample)
		return false;
	if (!(frame ? srp_latency_sight_frame(skb, 0, eth_hdr(skb)->h_proto,
					      &sight) :
		      srp_latency_sight(skb, 0, &sight)))
		return false;
	return (u16)((u16)sample - sight.digest) < sight.span;
}

/* It is. */
static noinline void srp_latency_seen(struct srp_vnf *vnf,
				      struct srp_flow *flow, s64 sample)
{
	u64 age = srp_sample_age(sample, ktime_get_ns());

	if (age > SRP_LATENCY_MAX_NS)
		srp_latency_lost(vnf, flow, sample);
	else if (atomic64_cmpxchg(&flow->sample, sample, 0) == sample)
		srp_latency_count(vnf, age);
}

/**
 * srp_latency_back() - the function returned a packet of a flow with a sample
 * @vnf: the function
 * @flow: the flow
 * @skb: the packet, data at its IP header, or behind its Ethernet header
 * @frame: the latter
 *
 * Context: softirq, RCU read-side.
 */
noinline void srp_latency_back(struct srp_vnf *vnf, struct srp_flow *flow,
			       const struct sk_buff *skb, bool frame)
{
	s64 sample = atomic64_read(&flow->sample);
	u16 passed;

	if (frame || srp_hint(skb->data) == srp_sample_hint(sample) ||
	    unlikely(skb_is_gso(skb))) {
		if (srp_latency_is(sample, skb, frame)) {
			srp_latency_seen(vnf, flow, sample);
			return;
		}
	}
	passed = READ_ONCE(flow->link.passed) + 1;
	WRITE_ONCE(flow->link.passed, passed);
	if (unlikely(passed >= SRP_PASSED_MAX && sample))
		srp_latency_lost(vnf, flow, sample);
}

/**
 * __srp_latency_age() - give up the flow's sample, if it is time to
 * @vnf: the vnf
 * @flow: the flow
 *
 * Context: srp_vnf.flow_lock.
 */
void __srp_latency_age(struct srp_vnf *vnf, struct srp_flow *flow)
{
	s64 sample = atomic64_read(&flow->sample);

	lockdep_assert_held(&vnf->flow_lock);
	if (sample &&
	    srp_sample_age(sample, ktime_get_ns()) > SRP_LATENCY_MAX_NS)
		srp_latency_lost(vnf, flow, sample);
}

/**
 * srp_latency_alloc() - what a vnf counts samples in
 *
 * Return: the per-CPU counters, to be freed by free_percpu(), or NULL.
 */
struct srp_latency __percpu *srp_latency_alloc(void)
{
	struct srp_latency __percpu *latency;
	int cpu;

	if (srp_percpu_fails(sizeof(*latency)))
		return NULL;
	latency = alloc_percpu_gfp(struct srp_latency, GFP_KERNEL_ACCOUNT);
	if (!latency)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(latency, cpu)->syncp);
	return latency;
}

static void srp_latency_read(const struct srp_latency *l, u32 epoch,
			     struct srp_latency_sums *one)
{
	unsigned int start;
	int i;

	do {
		start = u64_stats_fetch_begin(&l->syncp);
		one->max = READ_ONCE(l->epoch) == epoch ?
			   u64_stats_read(&l->max) : 0;
		one->sum = u64_stats_read(&l->sum);
		one->lost = u64_stats_read(&l->lost);
		for (i = 0; i < SRPROXY_LATENCY_BUCKETS; i++)
			one->bucket[i] = u64_stats_read(&l->bucket[i]);
	} while (u64_stats_fetch_retry(&l->syncp, start));
}

/**
 * srp_latency_sum() - the samples of a vnf over all CPUs
 * @vnf: the vnf
 * @sums: overwritten: since it was made, but for the longest, which is since
 *	the last reset
 *
 * Context: RTNL.
 */
void srp_latency_sum(const struct srp_vnf *vnf, struct srp_latency_sums *sums)
{
	struct srp_latency_sums one;
	int cpu, i;

	memset(sums, 0, sizeof(*sums));
	for_each_possible_cpu(cpu) {
		srp_latency_read(per_cpu_ptr(vnf->latency, cpu),
				 vnf->latency_epoch, &one);
		sums->max = max(sums->max, one.max);
		sums->sum += one.sum;
		sums->lost += one.lost;
		for (i = 0; i < SRPROXY_LATENCY_BUCKETS; i++)
			sums->bucket[i] += one.bucket[i];
	}
}

/**
 * srp_latency_since_reset() - likewise, all since the last reset
 * @vnf: the vnf
 * @sums: overwritten
 *
 * Context: RTNL.
 */
void srp_latency_since_reset(const struct srp_vnf *vnf,
			     struct srp_latency_sums *sums)
{
	const struct srp_latency_sums *reset = &vnf->latency_reset;
	int i;

	srp_latency_sum(vnf, sums);
	sums->sum -= reset->sum;
	sums->lost -= reset->lost;
	for (i = 0; i < SRPROXY_LATENCY_BUCKETS; i++)
		sums->bucket[i] -= reset->bucket[i];
}

/**
 * srp_latency_reset() - count from zero
 * @vnf: the vnf
 *
 * Context: RTNL.
 */
void srp_latency_reset(struct srp_vnf *vnf)
{
	srp_latency_sum(vnf, &vnf->latency_reset);
	WRITE_ONCE(vnf->latency_epoch, vnf->latency_epoch + 1);
}
