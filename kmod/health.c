// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a vnf can serve. Its ports are looked at by every packet; what else
 * there is to know (what the operator wants, its probes, the kernel's
 * neighbour) comes to one value, srp_vnf.admin, that selection reads: a vnf
 * that is sick is as one that is set down. So it costs packets nothing.
 *
 * Changes come in softirq, too, where nobody can be told: they are kept with
 * their time and cause, and told by a worker under RTNL.
 */
#include <net/arp.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netevent.h>

#include "health.h"
#include "net.h"
#include "netlink.h"
#include "vnf.h"

/* A neighbour that was given up is asked for again so often. */
#define SRP_SOLICIT_EVERY	HZ

/* Of its ports, then of its kind. */
static u32 srp_attach_cause(const struct srp_vnf *vnf)
{
	const struct srp_attach_ops *ops = vnf->ops;
	u32 cause = SRPROXY_CAUSE_NONE;

	if (!ops || ops->rx_port)
		cause = srp_port_cause(&vnf->tx) ?: srp_port_cause(&vnf->rx);
	if (!cause && ops && ops->cause)
		cause = ops->cause(vnf);
	return cause;
}

/**
 * srp_vnf_cause() - why a vnf cannot serve
 * @vnf: the vnf
 *
 * Context: RTNL or RCU read-side.
 * Return: &enum srproxy_cause, SRPROXY_CAUSE_NONE if it can.
 */
u32 srp_vnf_cause(const struct srp_vnf *vnf)
{
	u8 sick = READ_ONCE(vnf->health.sick);
	u32 cause;

	if (READ_ONCE(vnf->health.admin) == SRPROXY_ADMIN_DOWN)
		return SRPROXY_CAUSE_ADMIN;
	cause = srp_attach_cause(vnf);
	if (cause)
		return cause;
	if (sick & SRP_SICK_NEIGH)
		return SRPROXY_CAUSE_NEIGHBOUR;
	return sick & SRP_SICK_PROBE ? SRPROXY_CAUSE_PROBE :
				       SRPROXY_CAUSE_NONE;
}

/* What packets are to see. */
static void srp_health_gate(struct srp_vnf *vnf)
{
	const struct srp_health *health = &vnf->health;

	lockdep_assert_held(&health->lock);
	WRITE_ONCE(vnf->admin, health->sick ? SRPROXY_ADMIN_DOWN :
					      health->admin);
}

/* Keep a change until it is told. If too many wait, the latest counts. */
static void srp_health_push(struct srp_health *health, u32 cause)
{
	const struct srp_change change = {
		.at = health->changed,
		.cause = cause,
	};

	lockdep_assert_held(&health->lock);
	if (health->n_waiting == SRP_CHANGES)
		health->n_waiting--;
	health->waiting[health->n_waiting++] = change;
}

/* Does it serve, or why not, and is that new? Flows that it has are no longer
 * its own once it ceased to: they are with others then.
 */
static bool srp_health_look(struct srp_vnf *vnf)
{
	struct srp_health *health = &vnf->health;
	u32 cause = srp_vnf_cause(vnf);

	lockdep_assert_held(&health->lock);
	if (cause == health->cause)
		return false;
	health->changed = ktime_get_ns();
	if (!health->cause)
		WRITE_ONCE(vnf->down_at, jiffies);
	health->cause = cause;
	srp_health_push(health, cause);
	return true;
}

/**
 * srp_health_init() - a vnf is well at first
 * @vnf: the vnf
 * @admin: &enum srproxy_admin
 */
void srp_health_init(struct srp_vnf *vnf, u8 admin)
{
	struct srp_health *health = &vnf->health;

	spin_lock_init(&health->lock);
	health->admin = admin;
	health->changed = ktime_get_ns();
	vnf->admin = admin;
	/* before any flow of its own */
	vnf->down_at = jiffies - 1;
}

/**
 * srp_health_set_admin() - the operator wants something else of a vnf
 * @vnf: the vnf
 * @admin: &enum srproxy_admin
 *
 * Context: RTNL.
 */
void srp_health_set_admin(struct srp_vnf *vnf, u8 admin)
{
	spin_lock_bh(&vnf->health.lock);
	WRITE_ONCE(vnf->health.admin, admin);
	srp_health_gate(vnf);
	spin_unlock_bh(&vnf->health.lock);
}

static bool srp_health_attached(const struct srp_vnf *vnf)
{
	if (srp_attach_by_wire(vnf->ops))
		return rcu_access_pointer(vnf->wire);
	return rcu_access_pointer(vnf->tx.dev);
}

/**
 * srp_health_set_sick() - something was found out about a vnf
 * @vnf: the vnf
 * @bit: SRP_SICK_*
 * @sick: whether it is so
 *
 * Context: any but hard interrupt; RTNL or RCU read-side.
 */
void srp_health_set_sick(struct srp_vnf *vnf, u8 bit, bool sick)
{
	struct srp_health_net *hn = &vnf->sn->health;
	struct srp_health *health = &vnf->health;

	spin_lock_bh(&health->lock);
	/* one that loses its device or connection is well: what was known was
	 * of that one
	 */
	if (!(health->sick & bit) == !sick ||
	    (sick && !srp_health_attached(vnf))) {
		spin_unlock_bh(&health->lock);
		return;
	}
	WRITE_ONCE(health->sick, health->sick ^ bit);
	if (bit == SRP_SICK_NEIGH)
		atomic_add(sick ? 1 : -1, &hn->n_neigh);
	srp_health_gate(vnf);
	srp_health_look(vnf);
	spin_unlock_bh(&health->lock);
	mod_delayed_work(srp_wq, &hn->work, 0);
}

/**
 * srp_health_settle() - take note of the state, which is told otherwise
 * @vnf: the vnf, just made or changed
 *
 * Context: RTNL.
 */
void srp_health_settle(struct srp_vnf *vnf)
{
	struct srp_health *health = &vnf->health;

	spin_lock_bh(&health->lock);
	if (srp_health_look(vnf))
		health->n_waiting--;
	spin_unlock_bh(&health->lock);
}

/* The oldest change that nobody was told of. */
static bool srp_health_next(struct srp_health *health,
			    struct srp_change *change)
{
	bool there;

	spin_lock_bh(&health->lock);
	there = health->n_waiting;
	if (there) {
		*change = health->waiting[0];
		health->n_waiting--;
		memmove(health->waiting, health->waiting + 1,
			health->n_waiting * sizeof(*change));
	}
	spin_unlock_bh(&health->lock);
	return there;
}

/**
 * srp_vnf_report() - notify of every change of the state since last time
 * @vnf: the vnf
 *
 * Context: RTNL.
 */
void srp_vnf_report(struct srp_vnf *vnf)
{
	struct srp_change change;

	ASSERT_RTNL();
	spin_lock_bh(&vnf->health.lock);
	srp_health_look(vnf);
	spin_unlock_bh(&vnf->health.lock);
	while (srp_health_next(&vnf->health, &change))
		srp_notify_vnf_change(vnf, &change);
}

/**
 * srp_vnf_changed_at() - when the state of a vnf last changed
 * @vnf: the vnf
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
u64 srp_vnf_changed_at(struct srp_vnf *vnf)
{
	u64 at;

	spin_lock_bh(&vnf->health.lock);
	at = vnf->health.changed;
	spin_unlock_bh(&vnf->health.lock);
	return at;
}

/* A vnf that is down gets no packet that would have its neighbour asked for. */
static void srp_health_solicit(struct srp_vnf *vnf)
{
	struct net_device *dev = rtnl_dereference(vnf->tx.dev);

	if (dev && vnf->health.sick & SRP_SICK_NEIGH)
		srp_nexthop_solicit(&vnf->nh, dev);
}

static void srp_health_work(struct work_struct *work)
{
	struct srp_net *sn = container_of(to_delayed_work(work), struct srp_net,
					  health.work);
	struct srp_vnf *vnf;

	rtnl_lock();
	list_for_each_entry(vnf, &sn->vnfs, node) {
		srp_vnf_report(vnf);
		srp_health_solicit(vnf);
	}
	if (atomic_read(&sn->health.n_neigh))
		queue_delayed_work(srp_wq, &sn->health.work,
				   SRP_SOLICIT_EVERY);
	rtnl_unlock();
}

/**
 * srp_health_net_init() - prepare a namespace
 * @sn: the namespace
 */
void srp_health_net_init(struct srp_net *sn)
{
	INIT_DELAYED_WORK(&sn->health.work, srp_health_work);
	atomic_set(&sn->health.n_neigh, 0);
}

/**
 * srp_health_net_exit() - end what goes on in a namespace
 * @sn: the namespace, whose vnfs have been freed
 */
void srp_health_net_exit(struct srp_net *sn)
{
	cancel_delayed_work_sync(&sn->health.work);
}

static bool srp_via_is(const struct srp_via *via, const struct neighbour *n)
{
	if (via->family != n->tbl->family)
		return false;
	return !memcmp(&via->addr, n->primary_key, n->tbl->key_len);
}

static void srp_neigh_changed(struct srp_net *sn, const struct neighbour *n,
			      bool failed)
{
	struct srp_vnf *vnf;

	list_for_each_entry_rcu(vnf, &sn->vnfs, node)
		if (rcu_dereference(vnf->tx.dev) == n->dev &&
		    srp_via_is(&vnf->nh.via, n))
			srp_health_set_sick(vnf, SRP_SICK_NEIGH, failed);
}

/* Nearly all of what is told here is of no interest: only a neighbour that was
 * given up, or where one was, one that is there.
 */
static int srp_neigh_event(struct notifier_block *nb, unsigned long event,
			   void *ptr)
{
	const struct neighbour *n = ptr;
	struct srp_net *sn;
	u8 state;

	if (event != NETEVENT_NEIGH_UPDATE)
		return NOTIFY_DONE;
	sn = srp_net(dev_net(n->dev));
	state = READ_ONCE(n->nud_state);
	if (!(state & NUD_FAILED) &&
	    !(state & NUD_VALID && atomic_read(&sn->health.n_neigh)))
		return NOTIFY_DONE;
	if (n->tbl->family != AF_INET && n->tbl->family != AF_INET6)
		return NOTIFY_DONE;
	rcu_read_lock();
	srp_neigh_changed(sn, n, state & NUD_FAILED);
	rcu_read_unlock();
	return NOTIFY_DONE;
}

static struct notifier_block srp_neigh_notifier = {
	.notifier_call = srp_neigh_event,
};

/**
 * srp_health_start() - begin to follow neighbours
 *
 * Return: 0 or a negative errno.
 */
int __init srp_health_start(void)
{
	return register_netevent_notifier(&srp_neigh_notifier);
}

/** srp_health_stop() - follow neighbours no more */
void srp_health_stop(void)
{
	unregister_netevent_notifier(&srp_neigh_notifier);
}
