/* SPDX-License-Identifier: GPL-2.0-only */
/* The only place that knows kernel versions. */
#ifndef SRP_COMPAT_H
#define SRP_COMPAT_H

#include <linux/version.h>
#include <linux/hrtimer.h>
#include <net/genetlink.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif
#include <linux/skbuff.h>

#if !IS_ENABLED(CONFIG_NET_CLS_ACT)
#error srproxy needs a kernel with CONFIG_NET_CLS_ACT
#endif

/* Attributes of a dump request: moved into a genl_info by 6.6. */
static inline struct nlattr **
srp_dump_attrs(const struct genl_dumpit_info *info)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return info->info.attrs;
#else
	return info->attrs;
#endif
}

/* hrtimer_init() and the setting of the function became one by 6.13. */
static inline void
srp_hrtimer_setup(struct hrtimer *timer,
		  enum hrtimer_restart (*fn)(struct hrtimer *timer),
		  clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

#endif
