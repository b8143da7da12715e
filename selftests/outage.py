# SPDX-License-Identifier: GPL-2.0-or-later
"""Outages, measured: what a failure did to a stream, so many runs of a kind, their
distribution, and whether that is within its limit where the machine can tell.
"""

import json
import math
import os
import time

from ktap import check, note

with open('/proc/cpuinfo', encoding='ascii') as cpuinfo:
    UML = 'UML' in cpuinfo.read()
SLOW = bool(os.environ.get('SRP_SLOW'))             # emulated
DEBUG = os.path.exists('/proc/lockdep')
STRICT = UML and not SLOW and not DEBUG             # 50 ms mean 50 ms
ASKED = int(os.environ.get('SRP_FAILOVER_RUNS') or 0)
RUNS = ASKED or (20 if STRICT else 2)
RUNS_OF_SECONDS = ASKED or 2         # of what takes seconds
SECONDS = 90 if ASKED else 6        # of one kind, then it has to do with fewer
EVERY = 0.001 if STRICT else 0.02 if SLOW else 0.005
STALL = 2 * EVERY           # nothing was sent for longer: the machine stood still
LIMIT = 0.050
CALM = 0.010                # a run in which it did so for longer says nothing
SURELY = 20                 # seconds in which even the slowest machine is done
SETTLED = 20                # so many in a row at the backup: it is over


class Outage:
    """What one failure did to a stream."""

    def __init__(self, failed, sent, came_back, at_backup):
        first = min(at_backup)
        self.took = (at_backup[first] - failed) / 1e9
        self.lost = [n for n in range(len(sent)) if n not in came_back]
        self.after = [n for n in self.lost if n > first]
        self.still = sum(max(0, (min(b, at_backup[first]) - max(a, failed)) / 1e9 - STALL)
                         for a, b in zip(sent, sent[1:]))


def settled(seen):
    """Are the last so many packets at the backup, without a gap?"""
    return len(seen) >= SETTLED and len(seen) >= max(seen) - min(seen)


def percentile(values, part):
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]


class Runs:
    """Runs of one kind. Where 50 ms count, those in which the machine stood still
    are repeated, for a while; there are two, however slow it is."""

    def __init__(self, count, limit):
        self.count, self.strict = count, STRICT and limit is not None
        self.limit, self.end = limit, time.monotonic() + SECONDS
        self.calm, self.disturbed = [], []

    def __iter__(self):
        while len(self.calm) < self.count and (
                len(self.calm + self.disturbed) < 2 or time.monotonic() < self.end):
            yield self

    def add(self, outage):
        calm = not self.strict or outage.still <= CALM
        (self.calm if calm else self.disturbed).append(outage)

    def judge(self, kind):
        """50 ms, where the machine can tell; what it stood still is not ours."""
        outages = self.calm + self.disturbed
        after = [o.after for o in outages if o.after]
        check(not after, '%s: lost after the backup had it: %s' % (kind, after))
        distribution(kind, self.calm or outages, self.limit, len(self.disturbed))
        over = [o.took * 1e3 for o in self.calm
                if self.strict and o.took - o.still > self.limit]
        check(not over, '%s: longer than %.0f ms: %s' % (
            kind, 1e3 * (self.limit or 0), ', '.join('%.1f' % took for took in over)))


def distribution(kind, outages, limit, disturbed):
    took = [o.took * 1e3 for o in outages]
    lost = [len(o.lost) for o in outages]
    row = {'kind': kind, 'runs': len(took), 'min': min(took), 'median': percentile(took, 0.5),
           'p95': percentile(took, 0.95), 'max': max(took), 'lost_median': percentile(lost, 0.5),
           'lost_max': max(lost), 'every_ms': EVERY * 1e3,
           'stood_still': max(o.still for o in outages) * 1e3, 'disturbed': disturbed,
           'limit_ms': limit and limit * 1e3}
    note('%s: %d runs; ms: min %.2f median %.2f 95%% %.2f max %.2f; lost of one every %g ms: '
         'median %d max %d; the machine stood still for %.1f ms at most, %d more runs were '
         'disturbed' % (
             kind, row['runs'], row['min'], row['median'], row['p95'], row['max'],
             row['every_ms'], row['lost_median'], row['lost_max'], row['stood_still'],
             disturbed))
    if os.environ.get('SRP_FAILOVER_JSON'):
        print(json.dumps(row), flush=True)
