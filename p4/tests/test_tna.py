# SPDX-License-Identifier: Apache-2.0
"""Tofino's feature micro-service against an exact one: each difference has a
bound, and the bound holds. No switch needed.

The model of srproxy_tna.p4 (tnamodel.py) and the exact model in nanoseconds get the
same traffic. Documentation/p4.md states the same bounds.
"""

import copy
import functools
import random
import struct

import pkt
import report
from ktap import case, check, equal, run
from p4model import DOWN, UP, Feature, Model, Nexthop, Session, Tables, Target, crc16
from report import GAP, SATURATED
from tnamodel import (SIZES, SLOTS, STEP, STEP_NS, TICK_NS, TofinoModel, fold,
                      key_of)
from tnamodel import Feature as Tofino

MS, SECOND = 10**6, 10**9
WINDOW = 33_000_000 // STEP_NS * STEP     # in ticks
WINDOW_NS = WINDOW * TICK_NS
WAYS = 'down', 'up'
DAY = 86400 * SECOND
START = DAY // 10


class Exact(Feature):
    """Every session has a slot, every nanosecond counts."""

    idle, tick_ns = 5 * SECOND, 1

    @staticmethod
    def place(key):
        return key


@functools.cache
def empty(direction, sport, family, client, transport):
    """A session's packet that is all headers."""
    ends = (('192.0.2.%d' % client, '198.51.100.1') if family == 4 else
            ('2001:db8:1::%x' % client, '2001:db8:2::1'))
    ports = (sport, 443)
    if direction == DOWN:
        ends, ports = ends[::-1], ports[::-1]
    return Session(pkt.ip(transport(*ports), family, src=ends[0], dst=ends[1]))


def session(direction, sport=1000, size=8, family=4, client=1, transport=pkt.udp):
    """The same with a payload."""
    packet = copy.copy(empty(direction, sport, family, client, transport))
    packet.size = size
    return packet


class Both:
    """The two models, and pairs of their reports."""

    def __init__(self):
        self.tofino, self.exact, self.pairs = Tofino(), Exact(), []

    def safe(self, packet, direction, now):
        """Whether the clock's steps cannot move now to another window."""
        slot = self.exact.slots.get(packet.octets(direction))
        return not slot or all(abs(now - slot.start - n * WINDOW_NS) > 2 * STEP_NS
                               for n in (1, 2))

    def packet(self, direction, now, *args, nfv=True, **kwargs):
        packet = session(direction, *args, **kwargs)
        while not self.safe(packet, direction, now):
            now += STEP_NS
        tofino = self.tofino.packet(packet, direction, now, WINDOW, nfv)
        exact = self.exact.packet(packet, direction, now, WINDOW_NS, nfv)
        self.pairs.append((tofino and tofino[0], exact and exact[0]))
        return now


def within(tofino, exact):
    """The bounds for one report."""
    for way in WAYS:
        packets, octets, octets_sq, iat, iat_sq = (
            (getattr(tofino, way + '_' + name), getattr(exact, way + '_' + name))
            for name in report.SUMS)
        equal(packets[0], packets[1], 'packets')
        equal(octets[0], octets[1], 'bytes')
        equal(octets_sq[0], octets_sq[1], 'squares of bytes')
        # the times between packets add up to last less first: two readings
        check(abs(iat[0] * TICK_NS - iat[1]) < STEP_NS, 'times: %s' % (iat,))
        n = max(packets[1] - 1, 0)
        bound = STEP_NS * (2 * iat[1] + n * STEP_NS)
        check(abs(iat_sq[0] * TICK_NS ** 2 - iat_sq[1]) <= bound, 'squares of times')
        if n:
            sd = [(sq * unit ** 2 / n - (total * unit / n) ** 2) ** .5
                  for sq, total, unit in ((iat_sq[0], iat[0], TICK_NS),
                                          (iat_sq[1], iat[1], 1))]
            check(abs(sd[0] - sd[1]) <= STEP_NS, 'standard deviation of times: %s' % sd)


def traffic(both, rng, sessions, packets, mean=2000):
    """mean: nanoseconds between packets."""
    now = START
    for _ in range(packets):
        now += int(rng.expovariate(1 / mean))
        sport, family, transport, client = rng.choice(sessions)
        direction = rng.choice((UP, DOWN, DOWN))
        now = both.packet(direction, now, sport, rng.randint(0, 1400), family, client,
                          transport, nfv=rng.random() < .7)


def collided(both):
    """Sessions that share a slot of Tofino's."""
    places = {}
    for key in both.exact.slots:
        octets = fold(key[:16]) + fold(key[16:32]) + key[32:]
        places.setdefault(crc16(octets) % SLOTS, set()).add(key)
    return {key for keys in places.values() if len(keys) > 1 for key in keys}


@case('a thousand sessions: every report within the bounds')
def thousand():
    """Random sizes, times, directions, transports; a session of a slot that another
    has is left out, and there are about as many as chance wants."""
    rng, both = random.Random(6), Both()
    sessions = [(rng.randint(1024, 65535), 4, rng.choice((pkt.udp, pkt.tcp)),
                 rng.randint(1, 250)) for _ in range(1000)]
    traffic(both, rng, sessions, 16000, 5000)
    shared = collided(both)
    check(len(shared) < 80, '%d sessions share slots' % len(shared))
    compared = 0
    for tofino, exact in both.pairs:
        one = tofino or exact
        if not one or one.client + one.server + struct.pack(
                '!HHB', one.client_port, one.server_port, one.proto) in shared:
            continue
        check(tofino and exact, 'a report of one only: %s %s' % (tofino, exact))
        equal((tofino.window, tofino.flags), (exact.window, exact.flags), 'window')
        within(tofino, exact)
        compared += 1
    check(compared > 400, 'only %d reports' % compared)


@case('busy sessions: hundreds of packets a window, to the standard deviation')
def busy():
    """What the classifier reads is mean and variance."""
    rng, both = random.Random(7), Both()
    traffic(both, rng, [(5000 + i, 4, pkt.udp, 1) for i in range(8)], 8000, 50_000)
    pairs = [p for p in both.pairs if p[0] or p[1]]
    check(len(pairs) > 40, 'only %d reports' % len(pairs))
    for tofino, exact in pairs:
        within(tofino, exact)


@case('the clock runs over, every 1100 s, and nobody sees it')
def clock_over():
    """A window across the wrap of 32 bits of ticks."""
    both, over = Both(), (1 << 32) * TICK_NS
    now = 3 * over - 20 * MS + 5 * STEP_NS      # a clock that reads 0 is no time
    for i in range(400):
        now = both.packet(DOWN if i % 3 else UP, now + 200_000, size=100)
    pairs = [p for p in both.pairs if p[0]]
    equal([p[0].window for p in pairs], [1, 2], 'windows')
    for pair in pairs:
        within(*pair)


@case('idle: 5 s, known to 65,536 ns, for 39 hours')
def idle():
    """A slot is its owner's for IDLE_AGE units; after 2^31 units it looks used
    for as long, so the controller clears slot_used once a day."""
    unit = 1 << 16
    for gap, event in ((5 * SECOND - 2 * unit, 'report'), (5 * SECOND + 2 * unit, 'restart'),
                       (DAY, 'restart'), (39 * 3600 * SECOND, 'restart')):
        model = Tofino()
        for now in (START, START + gap):
            model.packet(session(UP), UP, now, WINDOW, True)
        check(model.events[event] or event == 'report' and model.events['gap'],
              '%s after %d ns: %s' % (event, gap, model.events))
    first, second = pair_of_one_slot()
    for gap, event in ((SECOND, 'collision'), (6 * SECOND, 'takeover'),
                       (40 * 3600 * SECOND, 'collision')):
        model = Tofino()
        model.packet(first, UP, START, WINDOW, True)
        model.packet(second, UP, START + gap, WINDOW, True)
        equal(model.events[event], 1, '%s after %d ns' % (event, gap))


def pair_of_one_slot():
    first = session(UP, 1024)
    place = crc16(key_of(first, UP)) % SLOTS
    for client in range(1, 255):
        for sport in range(1024, 65536, 7):
            other = session(UP, sport, client=client)
            if sport != 1024 and crc16(key_of(other, UP)) % SLOTS == place:
                return first, other
    raise AssertionError('no two sessions share a slot')


@case('sums end at 32 bits, and the report says so')
def saturated():
    """A time of 67 ms between packets is the longest that has a square."""
    longest = (STEP_NS << 16) - STEP_NS
    for gap, flag in ((longest, GAP), (longest + STEP_NS, GAP | SATURATED['up_iat_sq'])):
        model = Tofino()
        model.packet(session(UP), UP, START, WINDOW, False)
        model.packet(session(UP), UP, START + gap, WINDOW, False)
        found, _ = model.packet(session(UP), UP, START + 2 * gap, WINDOW, True)
        equal(found.flags, flag, 'flags after %d ns' % gap)
        equal(model.events['saturated'], int(flag != GAP), 'counted')
    # a window of up to 67 ms cannot: the squares' sum is at most its square
    check(WINDOW // STEP < 1 << 16, 'a window of 33 ms saturates')


@case('a size that no frame has is none')
def sizes():
    """Headers may lie; v1model believes them, Tofino up to 16,383."""
    model, packet = Tofino(), session(UP)
    packet.size = SIZES
    model.packet(packet, UP, START, WINDOW, False)
    found, _ = model.packet(packet, UP, START + WINDOW_NS + STEP_NS, WINDOW, True)
    equal((found.up_bytes, found.up_bytes_sq), (0, 0), 'size')


def rank(vectors):
    """Of a matrix over two elements; rows as integers."""
    basis = []
    for vector in vectors:
        for row in basis:
            vector = min(vector, vector ^ row)
        if vector:
            basis.append(vector)
    return len(basis)


@case('two sessions are taken for one with probability 2^-47')
def mixing():
    """Slot and fingerprint are linear in the 104 bits of a 5-tuple, and all their
    47 bits independent: of all differences of two tuples, one in 2^47 has
    neither. A folded IPv6 address: one in 2^32."""
    import zlib
    base = bytes(13)

    def both(octets):
        return crc16(octets) % SLOTS << 32 | zlib.crc32(octets)

    def bits(length):
        return ((1 << i).to_bytes(length, 'big') for i in range(length * 8))

    equal(rank(both(b) ^ both(base) for b in bits(13)), 47, 'slot and fingerprint')
    zero = zlib.crc32(bytes(16))
    equal(rank(zlib.crc32(b) ^ zero for b in bits(16)), 32, 'folded address')
    # so with all slots full, some two of the sessions mix:
    check(SLOTS ** 2 / 2 / (1 << 47) < 1e-5, 'too likely')


KEEP, SWAP, POP, ECMP, TAGGED, LOST = range(17001, 17007)
NODE, PRIORITY, MEASURE, BACK, NFV1, NFV2 = 16001, 16002, 16003, 16004, 16201, 16202
LABELS = (NODE, NODE, PRIORITY, MEASURE, BACK, NFV1, NFV2, KEEP, SWAP, POP, POP, POP, ECMP,
          TAGGED, LOST)


def everything(window):
    """Tables with all that there is; window: in the model's ticks."""
    t = Tables()
    t.local_sid = {NODE: ('node',), PRIORITY: ('priority',),
                   MEASURE: ('feature', UP, window), BACK: ('feature', DOWN, window)}
    for port in range(1, 6):
        mac = bytes([2, 0, 0, 0, 0, port])
        t.nexthop[port] = Nexthop(port, mac, mac, 42 if port == 5 else None)
        if port > 3:
            t.nfv_sid[NFV1 + port - 4] = Target(port, mac, mac, '192.0.2.250', '192.0.2.251',
                                                5252)
    t.ecmp[1] = [1 + i % 4 for i in range(64)]
    t.label_fib = {KEEP: ('keep', 1, 0), SWAP: ('swap', 18002, 2, 0), POP: ('pop', 3, 0),
                   ECMP: ('pop', 0, 1), TAGGED: ('pop', 5, 0), NFV1: ('pop', 4, 0)}
    t.fib = {4: [(bytes(4), 0, 1, 0), (bytes([198, 51, 100, 0]), 24, 0, 1)],
             6: [(bytes(16), 0, 5, 0)]}
    t.chain = [(lambda session: session.dport == 7001,
                [MEASURE << 12 | 64, NFV1 << 12 | 64, POP << 12 | 0x140])]
    for packet in (whole_packet(4, 1001), whole_packet(6, 1001)):
        t.priority[Session(packet).tuple()] = (3, 5, 46)
    return t


def whole_packet(family, sport, dport=443, ttl=64):
    return pkt.ip(pkt.udp(sport, dport), family, ttl=ttl)


def odd_packet(rng):
    """What a label switch has no business with: it only goes with its labels."""
    good = pkt.ip4(pkt.udp(1000))
    alert = b'\x94\4\0\0'
    return rng.choice((
        good[:10] + b'\0\0' + good[12:], pkt.ip4(pkt.udp(1000), options=alert),
        pkt.ip4(pkt.raw(46), options=alert), pkt.ip4(pkt.raw(2), options=alert), good[:12],
        b'\xff' * 40, b'\x60' * 30, b'\x43' + good[1:]))


def frame_by_chance(rng):
    """(frame, its inner packet)"""
    inner = (odd_packet(rng) if rng.random() < .3 else whole_packet(
        rng.choice((4, 6)), rng.randint(1000, 1003), rng.choice((443, 7001)),
        rng.choice((1, 2, 64))))
    labels = rng.choices(LABELS, k=rng.choice((0, 1, 1, 2, 3, 5, 8, 9)))
    if not labels:
        return pkt.ether(bytes(6), bytes(6), pkt.ETH_IP6 if inner[0] >> 4 == 6 else pkt.ETH_IP,
                         inner), inner
    data = pkt.encode_labels(pkt.stack(*labels, ttl=rng.choice((1, 2, 64)))) + inner
    return pkt.ether(bytes(6), bytes(6), pkt.ETH_MPLS, data), inner


def without(port, octets, six, grouped):
    """A frame less what the manual says that Tofino has otherwise: the PCP of a tag, which
    of a group has it, the DSCP of IPv6."""
    octets = bytearray(octets)
    if octets[12:14] == pkt.ETH_VLAN.to_bytes(2, 'big'):
        octets[14] &= 0x1f
    if grouped:
        port, octets[:12] = 0, bytes(12)
    ends = octets.rfind(whole_packet(6, 1001)[8:40])
    if six and ends >= 0:
        octets[ends - 8:ends - 6] = bytes(2)
    return port, bytes(octets)


def grouped(model):
    """How many packets had their nexthop from a group."""
    return sum(n for (table, _), n in model.hits.items() if table == 'ecmp')


@case('the whole switch: of a frame Tofino makes what bmv2 makes, but for what is listed')
def whole_switch():
    """Both get frames by chance, of all kinds, whole and odd. What reports say is compared
    above; here, that there are as many of IPv4, and none of IPv6."""
    rng, now, odd = random.Random(10), 0, 0
    bmv2, tofino = Model(everything(33_000)), TofinoModel(everything(WINDOW))
    for _ in range(6000):
        now += rng.randint(1, 900)
        frame, inner = frame_by_chance(rng)
        six = inner[:1] and inner[0] >> 4 == 6
        results, groups = [], grouped(bmv2)
        for model, time in ((bmv2, now), (tofino, START + 1000 * now)):
            out = model.frame(frame, time)
            reports = [o for _, o in out if report.MAGIC.to_bytes(4, 'big') in o]
            results.append(([without(*o, six, grouped(bmv2) > groups) for o in out
                             if o[1] not in reports], len(reports)))
            if model is tofino and out and not Session(inner).valid:
                odd += out[0][1][12:14] == pkt.ETH_IP.to_bytes(2, 'big')
        equal(results[1][0], results[0][0], 'of ' + str(pkt.Frame(frame)))
        equal(results[1][1], 0 if six else results[0][1], 'reports')
    for name in set(bmv2.events) | set(tofino.events):
        equal(tofino.events[name], bmv2.events[name], 'events ' + name)
    check(odd > 50, 'only %d odd packets of IPv4 without labels' % odd)
    check(len(tofino.reports) > 50, 'only %d reports' % len(tofino.reports))


@case('every constant entry of the program was met')
def covered():
    """Those of turn, arrival, step, number and outcome."""
    rng, both = random.Random(8), Both()
    traffic(both, rng, [(5000 + i, 4, pkt.udp, 1) for i in range(50)], 8000, 20_000)
    model = both.tofino
    first, second = pair_of_one_slot()
    broken = session(UP)
    broken.valid = False
    late = START + DAY
    for packet, now in ((first, late), (second, late + SECOND),
                        (second, late + 6 * SECOND), (second, late + 12 * SECOND),
                        (broken, late), (session(UP, family=6), late)):
        for way in (UP, DOWN):
            model.packet(packet, way, now, WINDOW, True)
    for name, table in model.tables.items():
        missed = [row for row, _, _ in table.rows if not table.hits[row]]
        equal(missed, [], name)


run()
