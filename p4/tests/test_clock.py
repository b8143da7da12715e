# SPDX-License-Identifier: Apache-2.0
"""The feature micro-service by bmv2's own clock. That clock is not ours, so what
is known of its times is their order and that none is shorter than we waited."""

import time

import pkt
import rig
from ktap import case, check, equal, run
from p4model import DOWN, UP
from report import GAP, decode
from rig import labelled

rig.require()

FEATURE_UP, FEATURE_DOWN, NFV1, KEEP = 16100, 16101, 16201, 17001
WINDOW, PAUSE = 33000, 0.2
SWITCH = rig.Switch()


def tables():
    s = SWITCH
    s.local_sid(FEATURE_UP, 'feature', UP, WINDOW)
    s.local_sid(FEATURE_DOWN, 'feature', DOWN, WINDOW)
    s.nfv_sid(NFV1, 3)
    s.nexthop(1, 1)
    s.label_fib(KEEP, 'keep', 1)
    s.commit()


tables()


def send(labels, inner):
    """A packet through the switch."""
    SWITCH.ports[0].send(labelled([*labels, KEEP], inner))
    check(SWITCH.ports[1].recv(30), 'the packet did not come out')


@case('three windows, each a report when a packet with NFV labels ends it')
def windows():
    """However long the machine takes: a packet without them ends nothing."""
    up = pkt.ip4(pkt.udp(1000, 443, data=bytes(100)))
    down = pkt.ip4(pkt.udp(443, 1000, data=bytes(900)), src='198.51.100.1',
                   dst='192.0.2.1')
    ticks = []
    send((FEATURE_UP, NFV1), up)
    for number in range(1, 4):
        send((FEATURE_DOWN,), down)
        time.sleep(PAUSE)   # what is tested: a window's end comes with time
        frame = SWITCH.ports[3].poll()
        check(not frame, 'a report of a packet without NFV labels: %s' % frame)
        send((FEATURE_UP, NFV1), up)
        got = SWITCH.ports[3].recv(30)
        check(got, 'no report')
        report = decode(got.inner[28:])[0]
        equal((report.window_ticks, report.tick_ns), (WINDOW, 1000), 'units')
        equal((report.window, report.flags), (2 * number - 1, GAP), 'window')
        equal((report.up_packets, report.up_bytes), (1, 100), 'up')
        equal((report.down_packets, report.down_bytes), (1, 900), 'down')
        ticks.append(report.tick)
    check(all(b - a >= PAUSE * 1e6 for a, b in zip(ticks, ticks[1:])),
          'ticks %s' % ticks)


run()
