/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters: one per-CPU line per thing counted, sums made only by readers. */
#ifndef SRP_STATS_H
#define SRP_STATS_H

#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>

struct sk_buff;
struct srp_net;

/*
 * Every packet that the module takes and does not deliver is counted under
 * exactly one of these. Names are ABI: they are shown by `srproxyctl stats`.
 */
#define SRP_DROP_REASONS(X)						\
	/* label stack (RFC 3032) */					\
	X(label_malformed)	/* no bottom of stack inside the packet */ \
	X(label_too_deep)	/* more labels remain than are supported */ \
	X(ttl_expired)		/* label TTL was 0 or 1 on arrival */	\
	X(label_special)	/* a special-purpose label out of place */ \
	/* what the labels carry */					\
	X(inner_unknown)	/* neither IPv4 nor IPv6 */		\
	X(inner_malformed)	/* headers cut short or contradictory */ \
	X(inner_mismatch)	/* not what is to take it: Ethernet or IP */ \
	X(frag_orphan)		/* fragment whose first did not come */	\
	/* steering */							\
	X(no_instance)		/* no instance can serve, fallback drop */ \
	X(fallback_loop)	/* too many fallback decisions */	\
	X(revisit)		/* the stack visits the same vnf again */ \
	X(stack_conflict)	/* another stack holds this flow */	\
	X(flow_limit)		/* no room for a new flow */		\
	X(vlan_exhausted)	/* no VLAN id free for a new stack */	\
	X(pool_exhausted)	/* no port of the pool free for a new flow */ \
	X(app_not_udp)		/* a UDP server takes whole UDP only */	\
	X(no_memory)							\
	X(no_route)		/* none to the function's socket */	\
	/* from the function */						\
	X(vnf_labelled)		/* functions may not send labels */	\
	X(vnf_miss)		/* no flow claims the packet */		\
	X(app_fragment)		/* a UDP server answered in fragments */ \
	X(app_icmp)		/* a UDP server's host refuses a datagram */ \
	/* leaving */							\
	X(mtu_exceeded)							\
	X(gso_unsupported)	/* offloaded tunnel or list of packets */ \
	X(no_route_back)	/* hairpin without a valid neighbour */	\
	X(uplink_down)		/* the flow's uplink is gone or down */	\
	X(vnf_down)		/* lost between selection and sending */ \
	X(queue_full)		/* too much waits for a function's socket */ \
	X(xmit_failed)		/* refused by neighbour, qdisc or driver */ \
	X(skb_shared)		/* somebody else holds the packet */

/** enum srp_drop - why a packet was dropped, see SRP_DROP_REASONS() */
enum srp_drop {
	SRP_DROP_NONE,
#define X(name) SRP_DROP_##name,
	SRP_DROP_REASONS(X)
#undef X
	SRP_DROP_COUNT
};

/**
 * struct srp_counters - one per-CPU line of traffic counters
 * @syncp: for readers on 32-bit machines
 * @rx_packets: see the user of the line
 * @rx_bytes: octets of inner packet
 * @tx_packets: see the user of the line
 * @tx_bytes: octets of inner packet
 * @miss: returned packets that no flow claimed
 */
struct srp_counters {
	struct u64_stats_sync syncp;
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t miss;
};

/** struct srp_sums - the sums of a &struct srp_counters over all CPUs */
struct srp_sums {
	/** @rx_packets: packets received */
	u64 rx_packets;
	/** @rx_bytes: octets received */
	u64 rx_bytes;
	/** @tx_packets: packets sent */
	u64 tx_packets;
	/** @tx_bytes: octets sent */
	u64 tx_bytes;
	/** @miss: returned packets that no flow claimed */
	u64 miss;
};

/**
 * struct srp_net_counters - per-CPU counters of a namespace
 * @syncp: for readers on 32-bit machines
 * @drop: packets per &enum srp_drop
 * @flows_created: flows made
 * @flows_expired: flows ended by age
 * @flows_evicted: flows ended to make room
 * @icmp_sent: ICMP errors of our own
 * @icmp_suppressed: those for which there was no rate, memory, address or route
 */
struct srp_net_counters {
	struct u64_stats_sync syncp;
	u64_stats_t drop[SRP_DROP_COUNT];
	u64_stats_t flows_created;
	u64_stats_t flows_expired;
	u64_stats_t flows_evicted;
	u64_stats_t icmp_sent;
	u64_stats_t icmp_suppressed;
};

/** struct srp_net_sums - the sums of a &struct srp_net_counters */
struct srp_net_sums {
	/** @drop: packets per &enum srp_drop */
	u64 drop[SRP_DROP_COUNT];
	/** @flows_created: flows made */
	u64 flows_created;
	/** @flows_expired: flows ended by age */
	u64 flows_expired;
	/** @flows_evicted: flows ended to make room */
	u64 flows_evicted;
	/** @icmp_sent: ICMP errors of our own */
	u64 icmp_sent;
	/** @icmp_suppressed: those that could not be sent */
	u64 icmp_suppressed;
};

/* Both run in softirq, or elsewhere with bottom halves off. */
static inline void srp_count_rx(struct srp_counters __percpu *c,
				unsigned int len)
{
	struct srp_counters *s = this_cpu_ptr(c);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->rx_packets);
	u64_stats_add(&s->rx_bytes, len);
	u64_stats_update_end(&s->syncp);
}

static inline void srp_count_tx(struct srp_counters __percpu *c,
				unsigned int len)
{
	struct srp_counters *s = this_cpu_ptr(c);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->tx_packets);
	u64_stats_add(&s->tx_bytes, len);
	u64_stats_update_end(&s->syncp);
}

const char *srp_drop_name(enum srp_drop reason);
struct srp_counters __percpu *srp_counters_alloc(void);
void srp_counters_sum(struct srp_counters __percpu *c, struct srp_sums *sums);
void srp_sums_add(struct srp_sums *to, const struct srp_sums *sums);
void srp_sums_sub(struct srp_sums *from, const struct srp_sums *sums);
void srp_count_miss(struct srp_counters __percpu *c);
void srp_count_drop(struct srp_net *sn, enum srp_drop reason);
struct srp_net_counters __percpu *srp_net_counters_alloc(void);
void srp_net_counters_sum(struct srp_net_counters __percpu *c,
			  struct srp_net_sums *sums);

/* Bump one of the counters of flows or errors; any context. */
#define srp_count_flow(sn, field) do {					\
	struct srp_net_counters *__c;					\
									\
	local_bh_disable();						\
	__c = this_cpu_ptr((sn)->counters);				\
	u64_stats_update_begin(&__c->syncp);				\
	u64_stats_inc(&__c->field);					\
	u64_stats_update_end(&__c->syncp);				\
	local_bh_enable();						\
} while (0)

#endif
