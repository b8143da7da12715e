# SPDX-License-Identifier: Apache-2.0
"""The feature micro-service as srproxy_tna.p4 has it, in Python.

What a packet does to a slot is read from the constant entries of include/*_tna.p4:
the model runs the program's own tables. Clock, hashes,
register widths and squares are written out here. There is no simulator of Tofino:
what the compiler made of the program is not run by any test.
"""

import os
import re
import struct
import zlib
from collections import Counter

import pkt
from p4model import DOWN, MAPPED, UP, Model, crc16
from report import GAP, MAGIC, REPORT, SATURATED, SUMS, VERSION, Report

P4 = os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))
SOURCES = ('defs', 'arch_tna', 'slot_tna', 'window_tna', 'sum_tna', 'feature_tna')

TICK_NS = 256
STEP = 4                # ticks that the clock shows at once
STEP_NS = STEP * TICK_NS
AGE_BITS = 16
MAX32 = (1 << 32) - 1
SLOTS = 1 << 15
SQUARES = 1 << 16       # entries of iat_square
SIZES = 1 << 14         # of size_square
NONE, BEGIN, RUN = 0, 1, 2
OTHER, SAME, IDLE = 1, 2, 4     # owner; IDLE is a shift of the other two


def signed(value):
    """32 bits as the stateful ALU compares a difference."""
    value &= MAX32
    return value - (1 << 32) if value >> 31 else value


def read(name):
    """A file of the program."""
    with open(os.path.join(P4, name), encoding='utf-8') as file:
        return file.read()


def text():
    """The files that say what happens to a slot, as one."""
    return '\n'.join(read('include/%s.p4' % name) for name in SOURCES)


def constants(source):
    """Every constant by its name."""
    found = re.findall(r'^const \w+(?:<\d+>)? (\w+) = (\w+);', source, re.M)
    known = {name: int(value, 0) for name, value in found}
    known.update(true=1, false=0)
    known['IDLE_AGE'] = int(re.search(r'#define IDLE_AGE 32s(\d+)', source).group(1))
    return known


def entries(source, table, known):
    """[(keys, action, arguments)] of a table's constant entries; None: any."""
    body = re.search(r'table %s \{.*?const entries = \{(.*?)\n\t\t\}' % table, source,
                     re.S).group(1)
    rows = []
    for keys, action, args in re.findall(r'\((.*?)\): (\w+)\((.*?)\);', body):
        rows.append((tuple(None if k == '_' else known.get(k, k) if not k.isdigit()
                           else int(k) for k in keys.split(', ')), action,
                     tuple(known.get(a, a) for a in args.split(', ') if a)))
    return rows


def keys(source, table):
    """What a table looks at."""
    body = re.search(r'table %s \{\s+key = \{(.*?)\}' % table, source, re.S).group(1)
    return re.findall(r'(\S+): \w+;', body)


class Table:
    """A table of constant entries: the first that matches."""

    def __init__(self, source, name, known):
        self.rows = entries(source, name, known)
        self.hits = Counter()

    def __call__(self, *keys):
        for row, action, args in self.rows:
            if all(want is None or want == have
                   for want, have in zip(row, keys, strict=True)):
                self.hits[row] += 1
                return action, args
        return None, ()


def fold(address):
    """32 bits of an address: IPv4 itself, IPv6 by CRC-32."""
    if address[:12] == MAPPED:
        return address[12:]
    return zlib.crc32(address).to_bytes(4, 'big')


def key_of(session, direction):
    """The octets that slot and fingerprint are made of: client first."""
    octets = session.octets(direction)
    return fold(octets[:16]) + fold(octets[16:32]) + octets[32:]


class Slot:
    """What the registers hold for one slot."""

    def __init__(self):
        self.used = self.session = self.age = self.limit = self.number = 0
        self.last = {UP: 0, DOWN: 0}
        self.sums = {UP: dict.fromkeys(SUMS, 0), DOWN: dict.fromkeys(SUMS, 0)}


class Feature:
    """The feature micro-service; times are nanoseconds of the 48-bit stamp."""

    def __init__(self):
        source = text()
        self.known = constants(source)
        self.tables = {name: Table(source, name, self.known) for name in
                       ('turn', 'arrival', 'step', 'number', 'outcome')}
        self.slots, self.events = {}, Counter()
        self.names = {self.known[name]: name[3:].lower() for name in self.known
                      if name.startswith('FE_')}

    def packet(self, session, direction, stamp, window, nfv):
        """Count a packet; (Report, slot) of the window that it closes, or None.
        window: in ticks, a multiple of STEP, as srp4ctl writes it."""
        four = int(session.octets()[:12] == MAPPED)
        if not session.valid or not four:
            self._event(0, 0, NONE, 0, 0)
            return None
        tick = stamp >> 8 & MAX32 & ~(STEP - 1)
        place = crc16(key_of(session, direction))
        slot = self.slots.setdefault(place % SLOTS, Slot())
        owner = self._owner(slot, zlib.crc32(key_of(session, direction)), stamp)
        phase, late = self._turn(slot, owner, nfv, tick, window)
        open_, over = late >> 31, (late - window & MAX32) >> 31
        iat = self._arrival(slot, phase, open_, direction, tick)
        gap, number = self._number(slot, phase, open_, over)
        values = dict(zip(SUMS, (1, *squares(session.size), *interval(iat)), strict=True))
        old = {way: {name: self._step(slot.sums[way], name, values[name], phase, open_,
                                      int(way == direction)) for name in SUMS}
               for way in (UP, DOWN)}
        self._event(1, owner, phase, open_, over)
        if phase != RUN or open_:
            return None
        return self._report(session, direction, stamp, window, slot, gap, number,
                            old), place

    def _event(self, *keys):
        """A packet of the service that was not refused; keys: measured, ..."""
        action, args = self.tables['outcome'](1, 0, *keys)
        if action:
            self.events[self.names[args[0]]] += 1

    def _owner(self, slot, session, stamp):
        age = stamp >> AGE_BITS & MAX32
        if not slot.used:
            owner = 0
        else:
            owner = SAME if slot.session == session else OTHER
            if signed(age - slot.age) > self.known['IDLE_AGE']:
                owner *= IDLE
        if owner != OTHER:
            slot.session, slot.age = session, age
        slot.used = 1
        return owner

    def _turn(self, slot, owner, nfv, tick, window):
        """(phase, how late after the window's end)"""
        action, _ = self.tables['turn'](1, owner, int(nfv))
        limit, before = tick + window & MAX32, 0
        if action == 'begin':
            slot.limit = limit
        elif action == 'may_close':
            before = slot.limit
            if signed(slot.limit - tick) <= 0:
                slot.limit = limit
        elif action == 'go_on':
            before = limit
        phase = {'begin': BEGIN, 'may_close': RUN, 'go_on': RUN}.get(action, NONE)
        return phase, tick - before & MAX32

    def _arrival(self, slot, phase, open_, direction, tick):
        action, _ = self.tables['arrival'](phase, open_, direction)
        before = 0
        if action in ('next_up', 'next_down'):
            before = slot.last[direction]
        elif action in ('first_up', 'first_down'):
            slot.last = {UP: 0, DOWN: 0}
        if action:
            slot.last[UP if action.endswith('up') else DOWN] = tick
        return tick - before & MAX32 if before else 0

    def _number(self, slot, phase, open_, over):
        action, _ = self.tables['number'](phase, open_, over)
        number = slot.number
        if action:
            slot.number = {'number_one': 1, 'number_next': number + 1,
                           'number_skip': number + 2}[action] & MAX32
        return action == 'number_skip', number

    def _step(self, sums, name, value, phase, open_, own):
        """The sum as it was; one register."""
        action, _ = self.tables['step'](phase, open_, own)
        before = sums[name]
        if action == 'add':
            sums[name] = min(before + value, MAX32)
        elif action:
            sums[name] = {'start': value, 'reset': 0}[action]
        return before

    def _report(self, session, direction, stamp, window, slot, gap, number, sums):
        key = session.octets(direction)
        flags, values = GAP if gap else 0, []
        for way, name in ((DOWN, 'down'), (UP, 'up')):
            for field in SUMS:
                value = sums[way][field]
                if value == MAX32:
                    flags |= SATURATED[name + '_' + field]
                values.append(value << 4 if field == 'iat_sq' else value)
        if flags & ~GAP:
            self.events['saturated'] += 1
        return Report(
            MAGIC, VERSION, 4, REPORT.size, flags, 0, key[36], number, slot.session,
            TICK_NS, window,
            int.from_bytes(key[32:34], 'big'), int.from_bytes(key[34:36], 'big'),
            stamp >> 8 & MAX32 & ~(STEP - 1), key[:16], key[16:32], *values)


def squares(size):
    """(size, its square) of the table that srp4ctl fills."""
    return (size, size * size) if size < SIZES else (0, 0)


def interval(ticks):
    """(ticks, square in units of STEP ticks) of an interval."""
    quarter = ticks // STEP
    return ticks, quarter * quarter if quarter < SQUARES else MAX32


# How `bottom` knows of IPv4 that ingress has found and egress does not take up.
CARRIED = (r'state ipv4 \{\s+pkt\.extract\(hdr\.ipv4\);\s+md\.ipv4 = 1;',
           r'hdr\.bridge\.ipv4 = md\.ipv4;', r'bottom\.apply\(hdr, hdr\.bridge\.ipv4, next\)')


class TofinoModel(Model):
    """The whole switch, with Tofino's feature micro-service; now: the stamp."""

    service = Feature

    def __init__(self, tables):
        super().__init__(tables)
        source = read('include/rewrite.p4')
        self.bottom = Table(source, 'bottom', {'true': 1, 'false': 0})
        self.keys = keys(source, 'bottom')
        whole = read('include/parser_tna.p4') + read('srproxy_tna.p4')
        self.carried = all(re.search(line, whole) for line in CARRIED)

    def _bucket(self, session):
        ends = fold(session.src) + fold(session.dst) if session.headers else bytes(8)
        return crc16(ends + struct.pack(
            '!HHB', session.sport, session.dport, session.proto)) % 64

    def _with_dscp(self, inner, dscp):
        return super()._with_dscp(inner, dscp) if inner[0] >> 4 == 4 else inner

    def _pcp(self):
        return 0

    def _bare_type(self, inner, session):
        """The program's table; egress takes up only what may be changed."""
        family = inner[0] >> 4 if session.headers else 0
        valid = {'hdr.ipv4.isValid()': family == 4 and session.valid,
                 'hdr.ipv6.isValid()': family == 6 and session.valid,
                 'ipv4': family == 4 and self.carried}
        action, _ = self.bottom(*(int(valid.get(key, False)) for key in self.keys))
        return {'inner4': pkt.ETH_IP, 'inner6': pkt.ETH_IP6}.get(action, 0)
