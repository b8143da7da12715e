// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the probes of a namespace are sent: SRP_PROBE_RATE at most, and no
 * more than half of a CPU's time.
 */
#include <linux/minmax.h>

#include "probe.h"

/**
 * srp_rate_take() - may a probe be sent now?
 * @rate: the rate
 * @now: nanoseconds
 *
 * Return: true if so, and it counts as sent.
 */
bool srp_rate_take(struct srp_rate *rate, u64 now)
{
	if (now < rate->rest || rate->free > now + SRP_PROBE_BURST)
		return false;
	rate->free = max(rate->free, now) + SRP_PROBE_COST;
	return true;
}

/**
 * srp_rate_when() - when can a probe be sent?
 * @rate: the rate
 * @due: when it would be, nanoseconds
 *
 * Where the rate is used up there is no timer for every probe: as many as
 * make a batch wait for one.
 *
 * Return: nanoseconds.
 */
u64 srp_rate_when(const struct srp_rate *rate, u64 due)
{
	if (rate->free > due + SRP_PROBE_BURST)
		due = rate->free - SRP_PROBE_BURST +
		      SRP_PROBE_BATCH * SRP_PROBE_COST;
	return max(due, rate->rest);
}

/**
 * srp_rate_pause() - where probes are dear to send, others want the CPU too
 * @rate: the rate
 * @begin: when the first of a batch was sent, nanoseconds
 * @now: nanoseconds
 *
 * They have it for as long as the batch took.
 */
void srp_rate_pause(struct srp_rate *rate, u64 begin, u64 now)
{
	rate->rest = now + (now - begin);
}
