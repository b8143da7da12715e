// SPDX-License-Identifier: GPL-2.0-only
/* From answers to a verdict. */
#include <kunit/test.h>

#include "probe.h"

#define MULTIPLIER	3
#define EVERY		(10 * (u64)NSEC_PER_MSEC)

/**
 * struct probed - a function and its probes
 * @track: what the answers say
 * @now: nanoseconds
 */
struct probed {
	struct srp_track track;
	u64 now;
};

/* Judge and send the next probe. Return: whether the verdict changed. */
static bool next(struct probed *p)
{
	p->now += EVERY;
	return srp_track_next(&p->track, MULTIPLIER, p->now);
}

static bool answer(struct probed *p, u32 back)
{
	return srp_track_heard(&p->track, MULTIPLIER, p->track.seq - back);
}

/* Probes that are answered at once, until it is down no more; their number. */
static unsigned int until_up(struct probed *p)
{
	unsigned int n;

	for (n = 0; p->track.down && n < 100000; n++) {
		next(p);
		answer(p, 0);
	}
	return n;
}

static void until_down(struct kunit *test, struct probed *p)
{
	unsigned int n;

	for (n = 0; !p->track.down && n < 10; n++)
		next(p);
	KUNIT_EXPECT_LE(test, n, MULTIPLIER + 1);
}

static void test_down_after_so_many(struct kunit *test)
{
	struct probed p = {};
	int i;

	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_FALSE(test, next(&p));
		KUNIT_EXPECT_TRUE(test, answer(&p, 0));
	}
	for (i = 0; i < MULTIPLIER; i++)
		KUNIT_EXPECT_FALSE(test, next(&p));
	KUNIT_EXPECT_TRUE(test, next(&p));
	KUNIT_EXPECT_TRUE(test, p.track.down);
	KUNIT_EXPECT_FALSE(test, next(&p));
}

/* A new one is given as many probes before it is judged. */
static void test_never_answered(struct kunit *test)
{
	struct probed p = {};
	int i;

	for (i = 0; i < MULTIPLIER; i++)
		KUNIT_EXPECT_FALSE(test, next(&p));
	KUNIT_EXPECT_TRUE(test, next(&p));
}

static void test_one_of_so_many_will_do(struct kunit *test)
{
	struct probed p = {};
	int i;

	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_FALSE(test, next(&p));
		if (i % MULTIPLIER == 0)
			answer(&p, 0);
	}
}

/* Answers that take longer than an interval, in any order. */
static void test_slow_answers(struct kunit *test)
{
	struct probed p = {};
	int i;

	next(&p);
	next(&p);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_FALSE(test, next(&p));
		KUNIT_EXPECT_TRUE(test, answer(&p, MULTIPLIER - 1));
	}
	until_down(test, &p);
	for (i = 0; p.track.down && i < 100; i++) {
		next(&p);
		answer(&p, MULTIPLIER - 1);
	}
	KUNIT_EXPECT_FALSE(test, p.track.down);
}

static void test_counts_once(struct kunit *test)
{
	struct probed p = {};

	next(&p);
	KUNIT_EXPECT_FALSE(test, answer(&p, 1));
	KUNIT_EXPECT_FALSE(test, answer(&p, -1));
	KUNIT_EXPECT_TRUE(test, answer(&p, 0));
	KUNIT_EXPECT_FALSE(test, answer(&p, 0));
	next(&p);
	KUNIT_EXPECT_FALSE(test, answer(&p, 1));
	KUNIT_EXPECT_TRUE(test, answer(&p, 0));
	next(&p);
	next(&p);
	KUNIT_EXPECT_TRUE(test, answer(&p, 1));
	next(&p);
	next(&p);
	KUNIT_EXPECT_FALSE(test, answer(&p, MULTIPLIER));
}

/* It takes as many answers in a row, and the time that damping says. */
static void test_up_again(struct kunit *test)
{
	struct probed p = {};
	u64 fell;
	int i;

	until_down(test, &p);
	fell = p.now;
	for (i = 0; i < 300; i++) {
		next(&p);
		if (i % MULTIPLIER)
			answer(&p, 0);
	}
	KUNIT_EXPECT_TRUE(test, p.track.down);
	KUNIT_EXPECT_GE(test, p.now - fell, SRP_PROBE_HOLD);
	KUNIT_EXPECT_LE(test, until_up(&p), MULTIPLIER + 1);
}

static void test_damping(struct kunit *test)
{
	struct probed p = {};
	u64 hold = SRP_PROBE_HOLD;
	int i;

	for (i = 0; i < 12; i++) {
		u64 fell;

		until_down(test, &p);
		fell = p.now;
		until_up(&p);
		KUNIT_EXPECT_GE(test, p.now - fell, hold);
		KUNIT_EXPECT_LE(test, p.now - fell, hold + 4 * EVERY);
		hold = min_t(u64, 2 * hold, SRP_PROBE_HOLD_MAX);
	}
	for (i = 0; i < 2 * SRP_PROBE_HOLD_MAX / EVERY; i++) {
		next(&p);
		answer(&p, 0);
	}
	until_down(test, &p);
	KUNIT_EXPECT_EQ(test, p.track.hold, SRP_PROBE_HOLD);
}

/* All from the start where nothing was sent for a while. */
static void test_begins_anew(struct kunit *test)
{
	struct probed p = {};
	int i;

	for (i = 0; i < MULTIPLIER; i++)
		next(&p);
	srp_track_begin(&p.track);
	for (i = 0; i < MULTIPLIER; i++)
		KUNIT_EXPECT_FALSE(test, next(&p));
	KUNIT_EXPECT_TRUE(test, next(&p));
}

/* Probes that are begun and not sent are not lost, however many. */
static void test_unsent(struct kunit *test)
{
	struct probed p = {};
	u32 seq;
	int i;

	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_FALSE(test, next(&p));
		srp_track_unsent(&p.track, p.track.seq);
	}
	KUNIT_EXPECT_EQ(test, p.track.sent, 0);
	next(&p);
	answer(&p, 0);
	seq = p.track.seq;
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_FALSE(test, next(&p));
		srp_track_unsent(&p.track, p.track.seq);
	}
	KUNIT_EXPECT_EQ(test, p.track.seq, seq);
	KUNIT_EXPECT_EQ(test, p.track.answered, 1);
	/* not the last one any more: that one counts */
	next(&p);
	next(&p);
	srp_track_unsent(&p.track, p.track.seq - 1);
	KUNIT_EXPECT_EQ(test, p.track.seq, seq + 2);
	KUNIT_EXPECT_EQ(test, p.track.sent, 3);
	until_down(test, &p);
}

/**
 * struct sender - a machine that has always a probe to send
 * @rate: how many it may
 * @now: nanoseconds
 * @cost: that it takes to send one, nanoseconds
 * @late: that its timer comes too late, nanoseconds
 * @most: probes in one go
 */
struct sender {
	struct srp_rate rate;
	u64 now;
	u64 cost;
	u64 late;
	u32 most;
};

/* As srp_probes_tick() does. Return: how many were sent. */
static u32 tick(struct sender *s)
{
	u64 begin = s->now;
	u32 n;

	for (n = 0; n < SRP_PROBE_BATCH; n++) {
		if (!srp_rate_take(&s->rate, s->now))
			break;
		s->now += s->cost;
	}
	if (n == SRP_PROBE_BATCH)
		srp_rate_pause(&s->rate, begin, s->now);
	s->most = max(s->most, n);
	return n;
}

/* Probes of a second. */
static u32 in_a_second(struct kunit *test, struct sender *s)
{
	u64 end = s->now + NSEC_PER_SEC;
	u32 sent = 0, ticks = 0;

	while (s->now < end) {
		sent += tick(s);
		s->now = srp_rate_when(&s->rate, s->now) + s->late;
		ticks++;
	}
	KUNIT_EXPECT_LE(test, s->most, SRP_PROBE_BATCH);
	/* a timer for every few would cost more than they do */
	KUNIT_EXPECT_LE(test, ticks, sent / 20 + 20);
	return sent;
}

#define BURST_MAX	(SRP_PROBE_BURST / SRP_PROBE_COST + SRP_PROBE_BATCH)

/* The rate is reached, and no more than that. */
static void test_rate(struct kunit *test)
{
	static const struct { u64 cost, late; } machines[] = {
		{ 1000, 0 }, { 2000, 50000 }, { 5000, 200000 },
		{ 8000, 1000 }, { 2000, 500000 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(machines); i++) {
		struct sender s = {
			.now = NSEC_PER_SEC,
			.cost = machines[i].cost,
			.late = machines[i].late,
		};
		u32 sent = in_a_second(test, &s);

		KUNIT_EXPECT_LE(test, sent, SRP_PROBE_RATE + BURST_MAX);
		KUNIT_EXPECT_GE(test, sent, SRP_PROBE_RATE * 98 / 100);
	}
}

/* Where they are dear they take half of the time. */
static void test_rate_dear(struct kunit *test)
{
	struct sender s = { .now = NSEC_PER_SEC, .cost = 100000 };
	u32 sent = in_a_second(test, &s);

	KUNIT_EXPECT_LE(test, sent, 5000 + SRP_PROBE_BATCH);
	KUNIT_EXPECT_GE(test, sent, 5000 - SRP_PROBE_BATCH);
}

static struct kunit_case probe_cases[] = {
	KUNIT_CASE(test_down_after_so_many),
	KUNIT_CASE(test_never_answered),
	KUNIT_CASE(test_one_of_so_many_will_do),
	KUNIT_CASE(test_slow_answers),
	KUNIT_CASE(test_counts_once),
	KUNIT_CASE(test_up_again),
	KUNIT_CASE(test_damping),
	KUNIT_CASE(test_begins_anew),
	KUNIT_CASE(test_unsent),
	KUNIT_CASE(test_rate),
	KUNIT_CASE(test_rate_dear),
	{}
};

static struct kunit_suite probe_suite = {
	.name = "srproxy_probe",
	.test_cases = probe_cases,
};

kunit_test_suites(&probe_suite);
