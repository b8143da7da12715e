/* SPDX-License-Identifier: GPL-2.0-only */
/* Probes: finding out in milliseconds that a function is alive. */
#ifndef SRP_PROBE_H
#define SRP_PROBE_H

#include <linux/hrtimer.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/timerqueue.h>

#include <linux/srproxy.h>

#include "nexthop.h"
#include "port.h"

struct srp_net;
struct srp_vnf;

/* Defaults of the options. */
#define SRP_PROBE_INTERVAL	10
#define SRP_PROBE_MULTIPLIER	3

/* Probes a second that one namespace sends at most; what is more is sent later,
 * so that more time goes by until a function is found to be down, never less.
 */
#define SRP_PROBE_RATE		50000
#define SRP_PROBE_COST		(NSEC_PER_SEC / SRP_PROBE_RATE)
/* Probes at one go; and where the rate is used up, they wait for so many. */
#define SRP_PROBE_BATCH		50
/* So many can be made up for, where the timer came late. */
#define SRP_PROBE_BURST		(250 * SRP_PROBE_COST)

/* Damping: a function that was down for the n-th time serves again no sooner
 * than HOLD * 2^(n-1) after it went down, HOLD_MAX at most. It counts from the
 * beginning once it has served for FORGET and twice its last hold.
 */
#define SRP_PROBE_HOLD		(100 * NSEC_PER_MSEC)
#define SRP_PROBE_HOLD_MAX	(60 * NSEC_PER_SEC)
#define SRP_PROBE_FORGET	(10 * NSEC_PER_SEC)

/**
 * struct srp_probe_cfg - what the user says of the probes of a vnf
 * @kind: &enum srproxy_probe
 * @interval: milliseconds
 * @multiplier: how many lost in a row mean down
 * @port: probe inband: destination port
 * @addr: probe inband: destination
 */
struct srp_probe_cfg {
	u32 kind;
	u32 interval;
	u32 multiplier;
	u16 port;
	struct srp_via addr;
};

/**
 * struct srp_track - what the answers say; under srp_prober.lock
 * @seq: of the last probe
 * @sent: how many probes the bits of @answered stand for, 64 at most
 * @down: too many in a row were lost, and not enough have come since
 * @fails: how often it went down, as far as damping remembers
 * @answered: bit N: the answer to probe @seq - N has come
 * @changed: when @down last changed, nanoseconds
 * @hold: how long after @changed it is to stay down, nanoseconds
 */
struct srp_track {
	u32 seq;
	u8 sent;
	bool down;
	u8 fails;
	u64 answered;
	u64 changed;
	u64 hold;
};

/**
 * struct srp_rate - how fast probes are sent; under srp_probes.lock
 * @free: when what was sent is worked off at SRP_PROBE_RATE, nanoseconds
 * @rest: none before that, nanoseconds
 */
struct srp_rate {
	u64 free;
	u64 rest;
};

/**
 * struct srp_prober - the probes of one vnf
 *
 * Made when the vnf gets probes or other ones, ended with them or with the
 * vnf, which outlives it; freed by RCU, for its hook, or a packet from the
 * vnf's socket, may have it.
 */
struct srp_prober {
	/** @due: when the next is sent; lock: srp_probes.lock */
	struct timerqueue_node due;
	/** @vnf: the vnf; constant */
	struct srp_vnf *vnf;
	/** @cfg: what the user said; constant */
	struct srp_probe_cfg cfg;
	/** @secret: makes nonces of sequence numbers; constant */
	siphash_key_t secret;
	/** @port: where the answers come in, but for those over a socket */
	struct srp_port port;
	/** @lock: of what follows; softirq */
	spinlock_t lock;
	/** @ended: its verdict does not count any more */
	bool ended;
	/** @track: what the answers say */
	struct srp_track track;
	/** @sent: probes */
	u64 sent;
	/** @heard: answers in time */
	u64 heard;
	/** @rcu: for freeing */
	struct rcu_head rcu;
};

/**
 * struct srp_probes - all probes of a namespace
 *
 * Lives as long as the namespace; part of it.
 */
struct srp_probes {
	/** @timer: for the first of @queue; softirq */
	struct hrtimer timer;
	/** @lock: @queue and @rate; softirq */
	spinlock_t lock;
	/** @queue: every &struct srp_prober by the time when it is due */
	struct timerqueue_head queue;
	/** @rate: of all of them */
	struct srp_rate rate;
};

/* probe.c */
void srp_probes_init(struct srp_net *sn);
void srp_probes_exit(struct srp_net *sn);
int srp_prober_make(struct srp_vnf *vnf, const struct srp_probe_cfg *cfg,
		    struct srp_prober **res, struct netlink_ext_ack *extack);
void srp_prober_end(struct srp_prober *p);
void srp_vnf_probe(struct srp_vnf *vnf, struct srp_prober *p);
bool srp_probe_cfg_equal(const struct srp_probe_cfg *a,
			 const struct srp_probe_cfg *b);
void srp_prober_heard(struct srp_prober *p, u32 seq);
void srp_prober_counts(struct srp_prober *p, u64 *sent, u64 *heard);
void srp_prober_reset(struct srp_prober *p);

/* probe_track.c */
void srp_track_begin(struct srp_track *t);
bool srp_track_next(struct srp_track *t, u32 multiplier, u64 now);
bool srp_track_heard(struct srp_track *t, u32 multiplier, u32 seq);
void srp_track_unsent(struct srp_track *t, u32 seq);

/* probe_rate.c */
bool srp_rate_take(struct srp_rate *rate, u64 now);
u64 srp_rate_when(const struct srp_rate *rate, u64 due);
void srp_rate_pause(struct srp_rate *rate, u64 begin, u64 now);

/* probe_packet.c */
int srp_probe_send(struct srp_prober *p, u32 seq);
bool srp_probe_returned(struct srp_prober *p, struct sk_buff *skb);
unsigned int srp_rx_probe(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state);

#endif
