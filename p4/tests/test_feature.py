# SPDX-License-Identifier: Apache-2.0
"""The feature micro-service against the model: windows of a thousand sessions,
reports to the octet.

The program is built with -DSRP_TEST_CLOCK, so that a packet's time is in its
source address and every run sees the same times; test_clock.py has bmv2's own.
"""

import random

import pkt
import rig
from ktap import case, check, equal, run
from p4model import DOWN, IDLE, SESSIONS, UP, Session, crc16
from report import GAP, SATURATED, decode
from rig import labelled

rig.require()

FEATURE_UP, FEATURE_DOWN, NFV1, NFV2, KEEP = 16100, 16101, 16201, 16202, 17001
WINDOW = 33000
SWITCH = rig.Switch(clock=True)
CLOCK = [1000]


def tables():
    s = SWITCH
    s.local_sid(FEATURE_UP, 'feature', UP, WINDOW)
    s.local_sid(FEATURE_DOWN, 'feature', DOWN, WINDOW)
    s.nfv_sid(NFV1, 3)
    s.nfv_sid(NFV2, 4)
    s.nexthop(1, 1)
    s.label_fib(KEEP, 'keep', 1)
    s.commit()


tables()


def later(ticks):
    CLOCK[0] += ticks
    return CLOCK[0]


def inner(direction, sport=1000, size=8, family=4, transport=pkt.udp, client=1):
    """A packet of a session: from its client, or to it."""
    ends = (('192.0.2.%d' % client, '198.51.100.1') if family == 4 else
            ('2001:db8:1::%x' % client, '2001:db8:2::1'))
    ports = (sport, 443)
    if direction == DOWN:
        ends, ports = ends[::-1], ports[::-1]
    l4 = transport(*ports, data=bytes(size))
    return pkt.ip(l4, family, src=ends[0], dst=ends[1])


def frame(direction, packet, nfv=(NFV1,), clock=None):
    label = FEATURE_UP if direction == UP else FEATURE_DOWN
    return 0, labelled([label, *nfv, KEEP], packet,
                       CLOCK[0] if clock is None else clock)


def reports(frames):
    """The reports that the model makes of frames, after exchanging them."""
    seen = len(SWITCH.model.reports)
    SWITCH.exchange(frames)
    return SWITCH.model.reports[seen:]


@case('one window: sums of both directions, the closing packet is in the next')
def one_window():
    """Known numbers, by hand."""
    start = later(IDLE * 2)
    frames = [frame(UP, inner(UP, size=100), clock=start),
              frame(DOWN, inner(DOWN, size=1000), clock=start + 10),
              frame(DOWN, inner(DOWN, size=500), clock=start + 40),
              frame(DOWN, inner(DOWN, size=2), clock=start + 40),
              frame(UP, inner(UP, size=9), clock=start + WINDOW)]
    found = reports(frames)
    equal(len(found), 1, 'reports')
    r = found[0]
    equal((r.up_packets, r.up_bytes, r.up_bytes_sq, r.up_iat, r.up_iat_sq),
          (1, 100, 10000, 0, 0), 'up')
    equal((r.down_packets, r.down_bytes, r.down_bytes_sq, r.down_iat, r.down_iat_sq),
          (3, 1502, 1250004, 30, 900), 'down')
    equal((r.window, r.tick, r.flags), (1, start + WINDOW, 0), 'window')
    equal((r.client_port, r.server_port), (1000, 443), 'ports')
    later(WINDOW + 50)
    again = reports([frame(UP, inner(UP, size=9), clock=start + 2 * WINDOW)])
    equal((again[0].window, again[0].up_packets, again[0].up_bytes), (2, 1, 9), 'next')


@case('no NFV label, no report; a whole window late is a gap')
def without_nfv():
    """Its packets count all the same."""
    start = later(IDLE * 2)
    equal(reports([frame(UP, inner(UP), nfv=(), clock=start + i * WINDOW)
                   for i in range(3)]), [], 'reports')
    found = reports([frame(UP, inner(UP), clock=start + 3 * WINDOW)])
    equal((found[0].up_packets, found[0].flags, found[0].window), (3, GAP, 1), 'gap')
    found = reports([frame(UP, inner(UP), clock=start + 4 * WINDOW)])
    equal((found[0].up_packets, found[0].flags, found[0].window), (1, 0, 3), 'after')
    later(4 * WINDOW)


@case('both families, UDP, TCP and what has no ports')
def transports():
    """The session of each is its own."""
    start = later(IDLE * 2)
    packets = [inner(UP, 1000, 50, family, transport) for family in (4, 6)
               for transport in (pkt.udp, pkt.tcp)]
    packets += [pkt.ip4(pkt.icmp()), pkt.ip6(pkt.icmp6())]
    found = reports([frame(UP, p, clock=start) for p in packets] +
                    [frame(UP, p, clock=start + WINDOW) for p in packets])
    equal([r.up_bytes for r in found], [50] * 4 + [16] * 2, 'sizes')
    equal([r.family for r in found], [4, 4, 6, 6, 4, 6], 'families')
    later(WINDOW)


def collision():
    """A client 2 port and a client 1 port whose sessions share a slot. Sessions
    that differ in one port only never do: the slot is a CRC of 16 bits."""
    seen = {crc16(Session(inner(UP, sport, client=2)).octets()): sport
            for sport in range(1024, 2048)}
    for sport in range(1024, 65536):
        place = crc16(Session(inner(UP, sport)).octets())
        if place in seen:
            return seen[place], sport
    return None


def of_slots(client):
    """{slot: sport} of a client's sessions: one each, see collision()."""
    return {crc16(Session(inner(UP, sport, client=client)).octets()): sport
            for sport in range(65536)}


@case('slots from the first to the last, no bit of the number is lost')
def every_bit():
    """Sessions whose slots differ in one bit only, at the same time: each has its own
    window, each report's port its number."""
    ports = of_slots(client=7)
    equal(len(ports), SESSIONS, 'slots')
    slots = [0, SESSIONS - 1, 999, 1000] + [1 << i for i in range(16)]
    slots += [SESSIONS - 1 ^ 1 << i for i in range(16)]
    before, start = SWITCH.model.feature.events.copy(), later(IDLE * 2)
    packets = [inner(UP, ports[slot], slot & 255, client=7) for slot in slots]
    found = reports([frame(UP, p, clock=start) for p in packets] +
                    [frame(UP, p, clock=start + WINDOW) for p in packets])
    equal([(r.client_port, r.up_packets, r.up_bytes, r.window) for r in found],
          [(ports[slot], 1, slot & 255, 1) for slot in slots], 'reports')
    events = SWITCH.model.feature.events - before
    equal(events['collision'], 0, 'collisions')
    for slot in (0, 1 << 15, SESSIONS - 1):
        check('= 2\n' in SWITCH.cli(['register_read slot_number %d' % slot]),
              'the next window of slot %d' % slot)
    later(WINDOW)


@case('a slot is its session\'s until that was idle too long')
def slots():
    """The other one is counted as a collision, and takes an idle slot over."""
    ports = collision()
    first, second = inner(UP, ports[0], client=2), inner(UP, ports[1])
    before = SWITCH.model.feature.events.copy()
    start = later(IDLE * 2)
    equal(reports([frame(UP, first, clock=start),
                   frame(UP, second, clock=start + WINDOW),
                   frame(UP, second, clock=start + IDLE)]), [], 'reports')
    found = reports([frame(UP, first, clock=start + IDLE),
                     frame(UP, second, clock=start + 2 * IDLE + 1),
                     frame(UP, second, clock=start + 2 * IDLE + 1 + WINDOW)])
    equal([(r.client_port, r.window) for r in found],
          [(ports[0], 1), (ports[1], 1)], 'windows')
    events = SWITCH.model.feature.events - before
    equal(events['collision'], 2, 'collisions')
    check(events['takeover'] == 1, 'no take-over: %s' % events)
    later(2 * IDLE + WINDOW)
    reports([frame(UP, second, clock=later(IDLE + 2))])
    check((SWITCH.model.feature.events - before)['restart'], 'no restart')


@case('a sum that is full stays so, and the report says which')
def saturated():
    """More than an hour of one direction's packets, none of the other's: the square of
    that time is more than 64 bits."""
    start = later(IDLE * 2)
    frames = [frame(UP, inner(UP), (), start)]
    frames += [frame(DOWN, inner(DOWN), (), start + i * IDLE) for i in range(1, 860)]
    frames += [frame(UP, inner(UP), nfv, start + 860 * IDLE) for nfv in ((), (NFV1,))]
    found = reports(frames)
    equal(found[0].up_iat_sq, (1 << 64) - 1, 'sum of squares')
    equal(found[0].up_iat, 860 * IDLE, 'sum of times')
    equal(found[0].flags, GAP | SATURATED['up_iat_sq'], 'flags')
    later(860 * IDLE)


@case('a thousand sessions')
def thousand():
    """Random sizes, times, directions, families and stacks."""
    rng = random.Random(6)
    later(IDLE * 2)
    sessions = [(rng.randint(1024, 65535), rng.choice((4, 6)),
                 rng.choice((pkt.udp, pkt.tcp)), rng.randint(1, 250))
                for _ in range(1000)]
    frames = []
    for _ in range(6000):
        later(rng.choice((0, 1, 7, 30, 200)))
        sport, family, transport, client = rng.choice(sessions)
        direction = rng.choice((UP, DOWN, DOWN))
        packet = inner(direction, sport, rng.randint(0, 1400), family, transport, client)
        frames.append(frame(direction, packet, rng.choice(
            ((NFV1,), (NFV2, NFV1), (NFV1, KEEP, NFV2), ()))))
    found = reports(frames)
    check(len(found) > 500, 'only %d reports' % len(found))
    check(any(r.flags & GAP for r in found), 'no gap')


@case('the switch counted what the model counted')
def counters():
    """Every packet of the service once."""
    SWITCH.counted()


@case('what a function reads')
def decoded():
    """The datagram from its octets."""
    start = later(IDLE * 2)
    for offset in (0, WINDOW):
        SWITCH.ports[0].send(frame(UP, inner(UP), clock=start + offset)[1])
    got = SWITCH.ports[3].recv(30)
    check(got, 'no report')
    equal([e.label for e in got.labels], [NFV1], 'labels')
    report, rest = decode(got.inner[28:])
    equal(report.client[12:], bytes([192, 0, 2, 1]), 'client')
    equal(rest, inner(UP)[:28], 'headers behind it')


run()
