// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes of vnfs. One high-resolution timer a namespace, that of the prober
 * which is due first. Each sends at its own time, so the packets of many
 * vnfs are spread; the rate of all of them is capped.
 *
 * The hook that takes the answers is a port of its own, before that of the
 * vnf: a vnf without probes does not know of any of this. Answers over a socket
 * are taken by srp_wire_rx().
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "health.h"
#include "net.h"
#include "probe.h"
#include "vnf.h"

/* A timer that has nothing to do is not started again. */
static void srp_probes_arm(struct srp_probes *ps)
{
	struct timerqueue_node *first = timerqueue_getnext(&ps->queue);
	u64 at;

	lockdep_assert_held(&ps->lock);
	if (!first)
		return;
	at = srp_rate_when(&ps->rate, first->expires);
	hrtimer_start(&ps->timer, ns_to_ktime(at), HRTIMER_MODE_ABS_SOFT);
}

/* Each at its own pace; what is late is not made up for. */
static void srp_prober_later(struct srp_probes *ps, struct srp_prober *p,
			     u64 now)
{
	u64 interval = (u64)p->cfg.interval * NSEC_PER_MSEC;

	timerqueue_del(&ps->queue, &p->due);
	p->due.expires += interval;
	if (p->due.expires <= now)
		p->due.expires = now + interval;
	timerqueue_add(&ps->queue, &p->due);
}

/* The next prober whose time has come, or NULL, and the timer is set. */
static struct srp_prober *srp_probes_take(struct srp_probes *ps)
{
	struct timerqueue_node *first;
	struct srp_prober *p = NULL;
	u64 now = ktime_get_ns();

	spin_lock(&ps->lock);
	first = timerqueue_getnext(&ps->queue);
	if (first && first->expires <= now && srp_rate_take(&ps->rate, now)) {
		p = container_of(first, struct srp_prober, due);
		srp_prober_later(ps, p, now);
	} else {
		srp_probes_arm(ps);
	}
	spin_unlock(&ps->lock);
	return p;
}

/* Is there a way to send one? Why not the state says without us. */
static bool srp_prober_usable(const struct srp_vnf *vnf)
{
	if (srp_attach_by_wire(vnf->ops))
		return srp_attach_usable(vnf);
	return srp_port_usable(&vnf->tx) && srp_port_usable(&vnf->rx);
}

/* Judge what has come so far. Return: whether another probe is to be sent. */
static bool srp_prober_next(struct srp_prober *p, u32 *seq)
{
	struct srp_vnf *vnf = p->vnf;
	bool usable = srp_prober_usable(vnf);
	struct srp_track *t = &p->track;

	spin_lock(&p->lock);
	if (p->ended || !usable) {
		srp_track_begin(t);
		spin_unlock(&p->lock);
		return false;
	}
	if (srp_track_next(t, p->cfg.multiplier, ktime_get_ns()))
		srp_health_set_sick(vnf, SRP_SICK_PROBE, t->down);
	*seq = t->seq;
	p->sent++;
	spin_unlock(&p->lock);
	return true;
}

/* For want of memory it was not sent: that says nothing of the function. The
 * count may have been reset meanwhile.
 */
static void srp_prober_unsent(struct srp_prober *p, u32 seq)
{
	spin_lock(&p->lock);
	srp_track_unsent(&p->track, seq);
	if (p->sent)
		p->sent--;
	spin_unlock(&p->lock);
}

static void srp_prober_turn(struct srp_prober *p)
{
	int err;
	u32 seq;

	if (!srp_prober_next(p, &seq))
		return;
	err = srp_probe_send(p, seq);
	if (unlikely(err == -ENOMEM || err == -ENOBUFS))
		srp_prober_unsent(p, seq);
}

static void srp_probes_pause(struct srp_probes *ps, u64 begin)
{
	spin_lock(&ps->lock);
	srp_rate_pause(&ps->rate, begin, ktime_get_ns());
	srp_probes_arm(ps);
	spin_unlock(&ps->lock);
}

static enum hrtimer_restart srp_probes_tick(struct hrtimer *timer)
{
	struct srp_probes *ps = container_of(timer, struct srp_probes, timer);
	u64 begin = ktime_get_ns();
	struct srp_prober *p;
	int n = 0;

	rcu_read_lock();
	while (n < SRP_PROBE_BATCH && (p = srp_probes_take(ps))) {
		n++;
		srp_prober_turn(p);
	}
	if (n == SRP_PROBE_BATCH)
		srp_probes_pause(ps, begin);
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/**
 * srp_prober_heard() - a function has answered
 * @p: its prober
 * @seq: which probe; one that is too old, or answered already, does not count
 *
 * Context: softirq, RCU read-side.
 */
void srp_prober_heard(struct srp_prober *p, u32 seq)
{
	spin_lock(&p->lock);
	p->heard += srp_track_heard(&p->track, p->cfg.multiplier, seq);
	spin_unlock(&p->lock);
}

/**
 * srp_prober_counts() - what a prober has counted
 * @p: the prober
 * @sent: probes
 * @heard: answers in time
 *
 * Context: RTNL.
 */
void srp_prober_counts(struct srp_prober *p, u64 *sent, u64 *heard)
{
	spin_lock_bh(&p->lock);
	*sent = p->sent;
	*heard = p->heard;
	spin_unlock_bh(&p->lock);
}

/**
 * srp_prober_reset() - count from zero
 * @p: the prober
 *
 * Context: RTNL.
 */
void srp_prober_reset(struct srp_prober *p)
{
	spin_lock_bh(&p->lock);
	p->sent = 0;
	p->heard = 0;
	spin_unlock_bh(&p->lock);
}

static const struct srp_port_ops srp_probe_ops = {
	.rx = srp_rx_probe,
};

/* Without a device it waits for one, as the vnf does. */
static int srp_prober_hook(struct srp_prober *p)
{
	int err = srp_port_attach(p->vnf->sn, &p->port, NULL);

	if (err && err != -ENODEV)
		return err;
	srp_port_add(p->vnf->sn, &p->port);
	return 0;
}

/**
 * srp_prober_make() - make the probes of a vnf, which are not sent yet
 * @vnf: the vnf, in the namespace's list
 * @cfg: what the user said
 * @res: the prober
 * @extack: where a refusal is explained
 *
 * Context: RTNL.
 * Return: 0 or -ENOMEM.
 */
int srp_prober_make(struct srp_vnf *vnf, const struct srp_probe_cfg *cfg,
		    struct srp_prober **res, struct netlink_ext_ack *extack)
{
	struct srp_prober *p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	bool inband = cfg->kind == SRPROXY_PROBE_INBAND;
	int err;

	if (!p)
		return -ENOMEM;
	timerqueue_init(&p->due);
	spin_lock_init(&p->lock);
	get_random_bytes(&p->secret, sizeof(p->secret));
	p->vnf = vnf;
	p->cfg = *cfg;
	srp_port_init(&p->port, SRP_ROLE_PROBE,
		      inband ? vnf->rx.name : vnf->tx.name, &srp_probe_ops, p);
	err = srp_attach_by_wire(vnf->ops) ? 0 : srp_prober_hook(p);
	if (err) {
		NL_SET_ERR_MSG(extack, "no ingress hook to be had for probes");
		kfree(p);
		return err;
	}
	*res = p;
	return 0;
}

/* The first one at any time of the first interval: many do not keep step. */
static void srp_prober_start(struct srp_prober *p)
{
	u64 interval = (u64)p->cfg.interval * NSEC_PER_MSEC;
	struct srp_probes *ps = &p->vnf->sn->probes;

	spin_lock_bh(&ps->lock);
	p->due.expires = ktime_get_ns() +
			 mul_u64_u32_shr(interval, get_random_u32(), 32);
	if (timerqueue_add(&ps->queue, &p->due))
		srp_probes_arm(ps);
	spin_unlock_bh(&ps->lock);
}

/**
 * srp_prober_end() - end probes, whether they were begun or not
 * @p: the prober, freed
 *
 * Context: RTNL.
 */
void srp_prober_end(struct srp_prober *p)
{
	struct srp_probes *ps = &p->vnf->sn->probes;

	spin_lock_bh(&ps->lock);
	if (!RB_EMPTY_NODE(&p->due.node))
		timerqueue_del(&ps->queue, &p->due);
	spin_unlock_bh(&ps->lock);
	spin_lock_bh(&p->lock);
	p->ended = true;
	spin_unlock_bh(&p->lock);
	srp_port_del(&p->port);
	kfree_rcu(p, rcu);
}

/**
 * srp_vnf_probe() - let a vnf have these probes instead of those it had
 * @vnf: the vnf
 * @p: the new ones, or NULL for none
 *
 * One that was down is so until it has answered the new ones.
 *
 * Context: RTNL. Cannot fail.
 */
void srp_vnf_probe(struct srp_vnf *vnf, struct srp_prober *p)
{
	struct srp_prober *old = rtnl_dereference(vnf->prober);

	rcu_assign_pointer(vnf->prober, p);
	if (old && p) {
		spin_lock_bh(&old->lock);
		p->track = old->track;
		/* its verdict is final: none is lost between the two */
		old->ended = true;
		spin_unlock_bh(&old->lock);
	}
	if (old)
		srp_prober_end(old);
	if (p) {
		srp_track_begin(&p->track);
		srp_prober_start(p);
	} else {
		srp_health_set_sick(vnf, SRP_SICK_PROBE, false);
	}
}

/**
 * srp_probe_cfg_equal() - is there nothing to change?
 * @a: one
 * @b: the other
 *
 * Return: true if both say the same.
 */
bool srp_probe_cfg_equal(const struct srp_probe_cfg *a,
			 const struct srp_probe_cfg *b)
{
	return a->kind == b->kind && a->interval == b->interval &&
	       a->multiplier == b->multiplier && a->port == b->port &&
	       srp_via_equal(&a->addr, &b->addr);
}

/**
 * srp_probes_init() - prepare a namespace
 * @sn: the namespace
 */
void srp_probes_init(struct srp_net *sn)
{
	struct srp_probes *ps = &sn->probes;

	spin_lock_init(&ps->lock);
	timerqueue_init_head(&ps->queue);
	srp_hrtimer_setup(&ps->timer, srp_probes_tick, CLOCK_MONOTONIC,
			  HRTIMER_MODE_ABS_SOFT);
}

/**
 * srp_probes_exit() - end what goes on in a namespace
 * @sn: the namespace, which has no vnf any more
 */
void srp_probes_exit(struct srp_net *sn)
{
	hrtimer_cancel(&sn->probes.timer);
}
