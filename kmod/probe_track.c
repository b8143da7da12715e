// SPDX-License-Identifier: GPL-2.0-only
/* From answers to a verdict: is the function down? */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "probe.h"

static u64 srp_track_mask(u32 multiplier)
{
	return BIT_ULL(multiplier) - 1;
}

/**
 * srp_track_begin() - what was sent so far says nothing
 * @t: what the answers say
 */
void srp_track_begin(struct srp_track *t)
{
	t->sent = 0;
	t->answered = 0;
}

/* As many answers in a row as mean down if they do not come. Those to the very
 * last probes may be on their way yet.
 */
static bool srp_track_answers(const struct srp_track *t, u32 multiplier)
{
	u64 mask = srp_track_mask(multiplier);
	u64 row = t->answered;

	if (!row)
		return false;
	row >>= min_t(u32, __ffs64(row), multiplier - 1);
	return (row & mask) == mask;
}

static void srp_track_fall(struct srp_track *t, u64 now)
{
	u64 served = now - t->changed;

	if (!t->changed || served >= max_t(u64, SRP_PROBE_FORGET, 2 * t->hold))
		t->fails = 0;
	t->hold = min_t(u64, (u64)SRP_PROBE_HOLD << t->fails,
			SRP_PROBE_HOLD_MAX);
	t->fails = min(t->fails + 1, 10);
	t->down = true;
	t->changed = now;
}

/**
 * srp_track_next() - judge, then begin the next probe
 * @t: what the answers say
 * @multiplier: how many lost in a row mean down
 * @now: nanoseconds
 *
 * Probes are counted, not time: where the machine stood still, and none was
 * sent, none is lost.
 *
 * Return: true if the verdict has changed.
 */
bool srp_track_next(struct srp_track *t, u32 multiplier, u64 now)
{
	bool was = t->down;

	if (!was && t->sent >= multiplier &&
	    !(t->answered & srp_track_mask(multiplier))) {
		srp_track_fall(t, now);
	} else if (was && now - t->changed >= t->hold &&
		   srp_track_answers(t, multiplier)) {
		t->down = false;
		t->changed = now;
	}
	t->seq++;
	t->answered <<= 1;
	t->sent = min(t->sent + 1, 64);
	return t->down != was;
}

/**
 * srp_track_heard() - an answer has come
 * @t: what the answers say
 * @multiplier: how many lost in a row mean down
 * @seq: of the probe that is answered
 *
 * Return: false if the probe was answered before, or given up.
 */
bool srp_track_heard(struct srp_track *t, u32 multiplier, u32 seq)
{
	u32 back = t->seq - seq;

	if (back >= min_t(u32, t->sent, multiplier) ||
	    t->answered & BIT_ULL(back))
		return false;
	t->answered |= BIT_ULL(back);
	return true;
}

/**
 * srp_track_unsent() - the last probe was begun, but could not be sent
 * @t: what the answers say
 * @seq: its sequence number, unless another was begun since
 *
 * Neighbours answer without saying which probe: such an answer was to the
 * probe before.
 */
void srp_track_unsent(struct srp_track *t, u32 seq)
{
	if (t->seq != seq || !t->sent)
		return;
	t->seq--;
	t->sent--;
	t->answered = t->answered >> 1 | (t->answered & 1);
}
