// SPDX-License-Identifier: GPL-2.0-only
/* Counters: allocation, sums, names of drop reasons. */
#include "fault.h"
#include "net.h"
#include "stats.h"

static const char * const srp_drop_names[] = {
	[SRP_DROP_NONE] = "none",
#define X(name) [SRP_DROP_##name] = #name,
	SRP_DROP_REASONS(X)
#undef X
};

/**
 * srp_drop_name() - the name of a drop reason as users see it
 * @reason: the reason
 *
 * Return: a constant string.
 */
const char *srp_drop_name(enum srp_drop reason)
{
	return reason < SRP_DROP_COUNT ? srp_drop_names[reason] : "unknown";
}

/**
 * srp_counters_alloc() - make a line of traffic counters
 *
 * Context: process, may sleep. Freed by free_percpu().
 * Return: the line, or NULL.
 */
struct srp_counters __percpu *srp_counters_alloc(void)
{
	if (srp_percpu_fails(sizeof(struct srp_counters)))
		return NULL;
	return __netdev_alloc_pcpu_stats(struct srp_counters,
					 GFP_KERNEL_ACCOUNT);
}

/**
 * srp_counters_sum() - add up a line over all CPUs
 * @c: the line
 * @sums: overwritten with the sums
 *
 * Context: any.
 */
void srp_counters_sum(struct srp_counters __percpu *c, struct srp_sums *sums)
{
	int cpu;

	memset(sums, 0, sizeof(*sums));
	for_each_possible_cpu(cpu) {
		const struct srp_counters *s = per_cpu_ptr(c, cpu);
		struct srp_sums one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			one.rx_packets = u64_stats_read(&s->rx_packets);
			one.rx_bytes = u64_stats_read(&s->rx_bytes);
			one.tx_packets = u64_stats_read(&s->tx_packets);
			one.tx_bytes = u64_stats_read(&s->tx_bytes);
			one.miss = u64_stats_read(&s->miss);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		srp_sums_add(sums, &one);
	}
}

/**
 * srp_sums_add() - add sums to sums
 * @to: what is added to
 * @sums: what is added
 */
void srp_sums_add(struct srp_sums *to, const struct srp_sums *sums)
{
	to->rx_packets += sums->rx_packets;
	to->rx_bytes += sums->rx_bytes;
	to->tx_packets += sums->tx_packets;
	to->tx_bytes += sums->tx_bytes;
	to->miss += sums->miss;
}

/**
 * srp_sums_sub() - take sums from sums
 * @from: what is taken from
 * @sums: what is taken
 */
void srp_sums_sub(struct srp_sums *from, const struct srp_sums *sums)
{
	from->rx_packets -= sums->rx_packets;
	from->rx_bytes -= sums->rx_bytes;
	from->tx_packets -= sums->tx_packets;
	from->tx_bytes -= sums->tx_bytes;
	from->miss -= sums->miss;
}

/**
 * srp_count_miss() - count a returned packet that no flow claims
 * @c: the vnf's own line
 *
 * Context: bottom halves off.
 */
void srp_count_miss(struct srp_counters __percpu *c)
{
	struct srp_counters *s = this_cpu_ptr(c);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->miss);
	u64_stats_update_end(&s->syncp);
}

/**
 * srp_count_drop() - count a dropped packet
 * @sn: the namespace
 * @reason: the reason
 *
 * Context: bottom halves off.
 */
void srp_count_drop(struct srp_net *sn, enum srp_drop reason)
{
	struct srp_net_counters *c = this_cpu_ptr(sn->counters);

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->drop[reason]);
	u64_stats_update_end(&c->syncp);
}

/**
 * srp_net_counters_alloc() - make the counters of a namespace
 *
 * Context: process, may sleep. Freed by free_percpu().
 * Return: the counters, or NULL.
 */
struct srp_net_counters __percpu *srp_net_counters_alloc(void)
{
	if (srp_percpu_fails(sizeof(struct srp_net_counters)))
		return NULL;
	return netdev_alloc_pcpu_stats(struct srp_net_counters);
}

static void srp_net_counters_read(const struct srp_net_counters *c,
				  struct srp_net_sums *one)
{
	unsigned int start;
	int i;

	do {
		start = u64_stats_fetch_begin(&c->syncp);
		for (i = 0; i < SRP_DROP_COUNT; i++)
			one->drop[i] = u64_stats_read(&c->drop[i]);
		one->flows_created = u64_stats_read(&c->flows_created);
		one->flows_expired = u64_stats_read(&c->flows_expired);
		one->flows_evicted = u64_stats_read(&c->flows_evicted);
		one->icmp_sent = u64_stats_read(&c->icmp_sent);
		one->icmp_suppressed = u64_stats_read(&c->icmp_suppressed);
	} while (u64_stats_fetch_retry(&c->syncp, start));
}

/**
 * srp_net_counters_sum() - add up a namespace's counters over all CPUs
 * @c: the counters
 * @sums: overwritten with the sums
 *
 * Context: any.
 */
void srp_net_counters_sum(struct srp_net_counters __percpu *c,
			  struct srp_net_sums *sums)
{
	struct srp_net_sums one;
	int cpu, i;

	memset(sums, 0, sizeof(*sums));
	for_each_possible_cpu(cpu) {
		srp_net_counters_read(per_cpu_ptr(c, cpu), &one);
		for (i = 0; i < SRP_DROP_COUNT; i++)
			sums->drop[i] += one.drop[i];
		sums->flows_created += one.flows_created;
		sums->flows_expired += one.flows_expired;
		sums->flows_evicted += one.flows_evicted;
		sums->icmp_sent += one.icmp_sent;
		sums->icmp_suppressed += one.icmp_suppressed;
	}
}
