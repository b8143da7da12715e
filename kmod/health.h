/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a vnf can serve: who says so, since when, and who is told. */
#ifndef SRP_HEALTH_H
#define SRP_HEALTH_H

#include <linux/bits.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct srp_net;
struct srp_vnf;

/* Why a vnf is not to serve though it is attached; any number of them. */
/* the kernel has given up its neighbour */
#define SRP_SICK_NEIGH	BIT(0)
/* it does not return its probes */
#define SRP_SICK_PROBE	BIT(1)

/* Changes that wait to be told; RTNL is seldom held for so many. */
#define SRP_CHANGES	8

/**
 * struct srp_change - a vnf began to serve, or ceased to, or does not for
 *	another reason
 * @at: when, nanoseconds of CLOCK_MONOTONIC
 * @cause: &enum srproxy_cause; SRPROXY_CAUSE_NONE: it serves
 */
struct srp_change {
	u64 at;
	u32 cause;
};

/**
 * struct srp_health - what is known of a vnf beside its ports
 *
 * Part of a vnf. Packets do not read it: what it comes to is in
 * srp_vnf.admin, where selection looks anyway.
 */
struct srp_health {
	/** @lock: all of this, and the writing of srp_vnf.admin; softirq */
	spinlock_t lock;
	/** @sick: SRP_SICK_* bits */
	u8 sick;
	/** @admin: &enum srproxy_admin, what the operator wants */
	u8 admin;
	/** @n_waiting: how many of @waiting there are */
	u8 n_waiting;
	/** @cause: &enum srproxy_cause, when last looked at */
	u32 cause;
	/** @changed: when @cause last changed; nanoseconds, CLOCK_MONOTONIC */
	u64 changed;
	/** @waiting: changes not yet told, oldest first */
	struct srp_change waiting[SRP_CHANGES];
};

/**
 * struct srp_health_net - what a namespace needs for the health of its vnfs
 * @work: tells of changes, asks for neighbours that were given up; under RTNL
 * @n_neigh: vnfs with SRP_SICK_NEIGH
 */
struct srp_health_net {
	struct delayed_work work;
	atomic_t n_neigh;
};

int srp_health_start(void);
void srp_health_stop(void);
void srp_health_net_init(struct srp_net *sn);
void srp_health_net_exit(struct srp_net *sn);

void srp_health_init(struct srp_vnf *vnf, u8 admin);
void srp_health_set_admin(struct srp_vnf *vnf, u8 admin);
void srp_health_set_sick(struct srp_vnf *vnf, u8 bit, bool sick);
void srp_health_settle(struct srp_vnf *vnf);
void srp_vnf_report(struct srp_vnf *vnf);
u32 srp_vnf_cause(const struct srp_vnf *vnf);
u64 srp_vnf_changed_at(struct srp_vnf *vnf);

#endif
