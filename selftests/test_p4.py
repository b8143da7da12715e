# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_p4.sh."""

import os
import random
import sys

import pkt
import rig
from ktap import before_each, case, check, equal, run
from p4model import DOWN, IDLE, UP
from nodes import f_mac
from proxy import Ledger, Topo
from report import VERDICT_YES, decode
from rig import labelled
from vnf import Vnf

FEATURE_UP, FEATURE_DOWN, HERE, NEXT, LAST = 16100, 16101, 16201, 16202, 17001
WINDOW = 33000
VERDICT = 20 + 8 + 10       # IPv4, UDP, its place in the report
PATIENCE = 30

if not os.path.exists(rig.compiled('-DSRP_TEST_CLOCK')):
    print('TAP version 13\n1..0 # SKIP this program was not compiled: make p4')
    sys.exit(4)

topo = Topo()
px = topo.proxy()
gen, far = topo.port('gen', 'g0'), topo.port('gen', 'g2')
switch = rig.Switch(clock=True, netns=topo.netns('sw'), devices=['p0', 'p1', 'p2'])
clock = [1000]


def verdict(packet):
    """What the function does: it fills in its answer."""
    return packet[:VERDICT] + bytes([VERDICT_YES]) + packet[VERDICT + 1:]


function = Vnf(topo.port('fn', 'f1'), change=verdict)


def tables():
    s = switch
    s.local_sid(FEATURE_UP, 'feature', UP, WINDOW)
    s.local_sid(FEATURE_DOWN, 'feature', DOWN, WINDOW)
    s.nexthop(2, 2)
    s.label_fib(LAST, 'keep', 2)
    s.nfv_sid(HERE, 1)
    s.nfv_sid(NEXT, 2)
    s.label_fib(NEXT, 'keep', 2)
    s.commit()
    px.ctl('uplink add dev u0',
           'vnf add verdict dev v1 lladdr ' + pkt.mac_text(f_mac(1)),
           'sid add %d vnf verdict' % HERE)


tables()


@before_each
def quiet():
    topo.drain()
    function.seen = []
    clock[0] += 2 * IDLE


def send(sport, direction):
    """A packet of a session; what the model has of it for (function, far end)."""
    ends, ports = ('192.0.2.1', '198.51.100.1'), (sport, 443)
    label = FEATURE_UP
    if direction == DOWN:
        ends, ports, label = ends[::-1], ports[::-1], FEATURE_DOWN
    inner = pkt.ip4(pkt.udp(*ports, data=bytes(sport % 1000)), src=ends[0], dst=ends[1])
    octets = labelled([label, HERE, NEXT, LAST], inner, clock[0])
    gen.send(octets)
    out = switch.model.frame(octets)
    return ([pkt.Frame(o).inner for port, o in out if port == 1],
            [o for port, o in out if port == 2])


def take_data(octets):
    """The data packet leaves without the functions' labels."""
    frame = far.recv(PATIENCE)
    check(frame, 'the packet did not come out')
    equal(frame.octets.hex(), octets.hex(), 'frame behind the switch')


def take_report(inner):
    """The report is at the function, bare; its answer at the next one's port."""
    frame = function.port.recv(PATIENCE)
    check(frame, 'no report at the function')
    equal((frame.type, frame.dst), (pkt.ETH_IP, f_mac(1)), 'type and MAC')
    equal(frame.inner[28:].hex(), inner[28:].hex(), 'report at the function')
    function.port.send(function.reply_to(frame))
    back = far.recv(PATIENCE)
    check(back, 'the answer did not come out')
    equal([e.label for e in back.labels or []], [NEXT], 'labels of the answer')
    equal(back.inner[28:].hex(), verdict(inner)[28:].hex(), 'the answer')
    equal(decode(back.inner[28:])[0].verdict, VERDICT_YES, 'verdict')


@case('a report goes to the function and on with the rest of its stack')
def there_and_back():
    """Two windows of a session, both directions."""
    with Ledger(px) as led:
        for direction, report in ((UP, 0), (DOWN, 0), (UP, 1), (DOWN, 0), (UP, 1)):
            reports, data = send(1000, direction)
            equal(len(reports), report, 'reports')
            take_data(data[0])
            for inner in reports:
                take_report(inner)
            clock[0] += WINDOW // 2
    led.dropped()
    equal(px.vnf('verdict')['stats']['to_vnf_packets'], 2, 'packets of the function')


@case('many sessions: every report once, none of the data at the proxy')
def many():
    """The function's flows are those of the reports."""
    rng, count = random.Random(7), 0
    with Ledger(px) as led:
        for _ in range(80):
            reports, data = send(1000 + rng.randint(0, 3), rng.choice((UP, DOWN)))
            take_data(data[0])
            for inner in reports:
                take_report(inner)
                count += 1
            clock[0] += rng.choice((0, 10, 9000))
    led.dropped()
    check(count >= 10, 'only %d reports' % count)
    equal(led.delta.get('vnf', 'verdict', 'to_vnf_packets'), count, 'at the function')
    check(not function.port.poll(), 'more came to the function')


@case('the switch counted what the model counted')
def counters():
    """No packet of either was lost on the way; the answers are one more hit."""
    answers = px.vnf('verdict')['stats']['from_vnf_packets']
    for entry in (('label_fib', NEXT), ('nexthop', 2), ('top_label', 'all'), ('bottom', 'all')):
        switch.model.hits[entry] += answers
    switch.counted()


run()
