# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_failover_many.sh."""

import os
import socket
import struct
import time

import pkt
from failnet import Clocked, Stream, bare_headers, wait_numbers
from healthnet import PROBE, U0
from ktap import Failure, Skip, before_each, case, equal, note, run, wait_for
from netio import in_netns
from outage import EVERY, LIMIT, RUNS, SETTLED, SLOW, STRICT, SURELY, Outage, Runs
from pkt import ETH_MPLS, encode_labels, ether, stack
from proxy import Topo

WIRES = int(os.environ['SRP_WIRES'])
INTERVAL, MULTIPLIER = (10, 3) if STRICT else (100 if SLOW else 40, 5)
SID, BACK = 16001, 900
SESSIONS = 60                           # each at one of the instances
PACE = 1e-3 * INTERVAL * (MULTIPLIER + 1)       # the rule of deployment.md
RTM_NEWQDISC, TCA_KIND, TCA_OPTIONS, NETEM = 36, 1, 2, 1 << 16

topo = Topo()
px = topo.proxy()
s0 = topo.port('sw', 's0')
back = Clocked(topo.netns('sw'), 's0')
HEAD = ether(U0, s0.mac, ETH_MPLS, encode_labels(stack(SID, BACK)))
with in_netns(px.netns):
    route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)


def packet(session):
    """The frame of a session, but for its payload."""
    return HEAD + bare_headers(pkt.ip4(pkt.udp(20000 + session, 4001, bytes(20))))


def wire(number):
    return 'vnf add n%d dev a%d in b%d lladdr 02:00:00:01:%02x:02 probe inband ' \
        'probe-addr %s%s' % (number, number, number, number, PROBE[4], '' if STRICT else
                             ' probe-interval %d probe-multiplier %d' % (INTERVAL, MULTIPLIER))


def attr(kind, octets):
    return struct.pack('=HH', 4 + len(octets), kind) + octets + bytes(-len(octets) % 4)


def loses(name, all_of_it):
    """What goes out of an interface that has netem is lost, or not: one call of the
    system; when that was."""
    with in_netns(px.netns):
        index = socket.if_nametoindex(name)
    # latency, limit, loss, gap, duplicate, jitter
    options = struct.pack('=6I', 0, 1000, 0xffffffff if all_of_it else 0, 0, 0, 0)
    body = struct.pack('=B3xiIII', 0, index, NETEM, 0xffffffff, 0) + \
        attr(TCA_KIND, b'netem\0') + attr(TCA_OPTIONS, options)
    message = struct.pack('=IHHII', 16 + len(body), RTM_NEWQDISC, 0x105, 1, 0) + body
    now = time.time_ns()
    route.send(message)
    error, = struct.unpack_from('=i', route.recv(4096), 16)
    if error:
        raise OSError(-error, os.strerror(-error))
    return now


@before_each
def start():
    px.clear()
    px.ctl('config set icmp none', 'uplink add dev u0',
           *(wire(n) for n in range(1, WIRES + 1)),
           'sid add %d vnf %s' % (SID, ','.join('n%d' % n for n in range(1, WIRES + 1))))


def probes():
    """How many were sent so far, and when."""
    sent = sum(v['stats']['probes_sent'] for v in px.ask(['vnf show'])[0])
    return sent, time.monotonic()


def states():
    return {v['name']: v['state'] for v in px.ask(['vnf show'])[0]}


def all_up():
    wait_for(lambda: set(states().values()) == {'up'}, 'all instances to be up', SURELY)


def at_instances():
    """{session: number of its instance}"""
    px.ctl('flow flush')
    for session in range(SESSIONS):
        s0.send(packet(session) + bytes(20))
    wait_for(lambda: px.flow_count() == SESSIONS, 'the sessions', SURELY)
    return {f['sport'] - 20000: int(f['vnf'][1:]) for f in px.flows()}


def lost_some(came_back, first):
    """Is a packet missing of those from the first on?"""
    later = [n for n in came_back if n >= first]
    return bool(later) and len(later) <= max(later) - min(later)


def fail_once(victim, others, fail):
    """One failure; every other packet is of the session that it is about, the rest is of
    the others in turn. Its Outage, by what the switch gets back."""
    def frame(number):
        return packet(victim if number % 2 == 0 else others[number // 2 % len(others)])
    came_back = {}
    back.arrivals()
    with Stream(s0, frame, EVERY) as stream:
        wait_numbers(back, came_back, lambda seen: len(seen) >= SETTLED, 'the sessions to begin',
                     SURELY)
        failed = fail()
        first = sum(when <= failed for when in stream.sent())

        def from_another():
            """{number: when} of the session's last packets in a row, sent since then: some
            may have been before it took effect."""
            numbers, row = [n for n in came_back if n >= first and n % 2 == 0], {}
            number = max(numbers, default=0)
            while number in came_back and number >= first:
                row[number] = came_back[number]
                number -= 2
            return row
        wait_numbers(back, came_back, lambda _: lost_some(came_back, first) and
                     len(from_another()) >= SETTLED, 'the session to come back from another',
                     SURELY)
        stream.end()
        sent = stream.sent()
        wait_numbers(back, came_back, lambda seen: len(sent) - 1 in seen, 'the last packet',
                     SURELY)
        at_backup = from_another()
    s0.drain()
    return Outage(failed, sent, came_back, at_backup)


def prepared(number):
    """The wire has what can lose packets, and loses none yet."""
    try:
        topo.sh('px', 'tc qdisc replace dev a%d root handle 1: netem limit 1000' % number)
    except Failure as failure:
        raise Skip('no netem') from failure


def rule(began):
    """How long it may take: as many probes as mean dead, and one interval, by the rate
    at which they are sent; and 10 ms for all else."""
    sent, at = probes()
    interval = WIRES * (at - began[1]) / (sent - began[0])
    note('%d functions, %.0f probes a second; each every %.1f ms' % (
        WIRES, WIRES / interval, 1e3 * interval))
    if interval * 1e3 <= 1.1 * INTERVAL:
        return LIMIT
    return max(LIMIT, interval * (MULTIPLIER + 1) + LIMIT - PACE)


@case('one of many probed functions is dead: its session comes back from another, in time')
def one_of_many():
    all_up()
    done, at = Runs(RUNS, LIMIT), at_instances()
    began = probes()
    for _ in done:
        victim = len(done.calm + done.disturbed) % SESSIONS
        number = at[victim]
        others = [s for s in at if at[s] != number]
        prepared(number)
        outage = fail_once(victim, others, lambda: loses('a%d' % number, True))
        equal([n for n in outage.lost if n % 2], [], 'packets of others that are lost')
        done.add(outage)
        shown, = px.ask(['vnf show n%d' % number])[0]
        equal((shown['state'], shown.get('cause')), ('down', 'probe'), 'state of n%d' % number)
        equal({n for n, s in states().items() if s == 'down'}, {'n%d' % number}, 'who is down')
        loses('a%d' % number, False)
        all_up()
        at = at_instances()
    done.limit = rule(began)
    done.judge('probe inband, one of %d' % WIRES)


run()
