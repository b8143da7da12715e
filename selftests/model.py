# SPDX-License-Identifier: GPL-2.0-or-later
"""What a proxy node has to make of a packet: the model of test_random.

Written from ARCHITECTURE.md, not from the module. Functions return what they
get, so a packet's way is settled by its stack alone.
"""

from collections import namedtuple

import pkt
from pkt import Label

MAX_REMAINING = 16

# visits: [(function, bare packet)]; end: what leaves, or why nothing does
Way = namedtuple('Way', 'visits end')
Out = namedtuple('Out', 'labels inner')         # leaves by hairpin
Local = namedtuple('Local', 'inner')            # the IP stack has it
Drop = namedtuple('Drop', 'reason')
NotOurs = namedtuple('NotOurs', '')


class Model:
    """A node with SIDs (label -> function), in the pipe or the uniform model."""

    def __init__(self, sids, mode='pipe'):
        self.sids, self.mode = sids, mode

    def way(self, labels, inner):
        """The Way of a packet that the uplink receives."""
        if labels[0].label not in self.sids:
            return Way([], NotOurs())
        if len(labels) - 1 > MAX_REMAINING:
            return Way([], Drop('label_too_deep'))
        if labels[0].ttl <= 1:
            return Way([], Drop('ttl_expired'))
        # nor may one of 0 be sent on, which the next label's would be
        if self.mode == 'pipe' and len(labels) > 1 and not labels[1].ttl:
            return Way([], Drop('ttl_expired'))
        popped, rest = labels[0], labels[1:]
        visits, ttl = [], popped.ttl - 1
        tc = rest[0].tc if rest else popped.tc
        while True:
            function = self.sids[popped.label]
            if any(self.sids.get(e.label) == function for e in rest):
                return Way(visits, Drop('revisit'))
            inner, ttl = self._visit(inner, ttl, rest, bool(visits))
            visits.append((function, inner))
            if not rest:
                return Way(visits, Local(inner))
            if rest[0].label not in self.sids:
                return Way(visits, Out([Label(e.label, tc, ttl) for e in rest], inner))
            if ttl <= 1:
                return Way(visits, Drop('ttl_expired'))
            popped, rest, ttl = rest[0], rest[1:], ttl - 1

    def _visit(self, inner, ttl, rest, later):
        """The bare packet, and the TTL that the next label will have.

        ttl is what the popped label leaves. Labels below the next have their
        own TTL only as long as they are not rewritten with it.
        """
        if self.mode == 'uniform':
            ttl = min(ttl, pkt.get_ttl(inner))
            return pkt.with_ttl(inner, ttl), ttl
        if rest and not later:
            ttl = min(ttl, rest[0].ttl)
        return inner, ttl
