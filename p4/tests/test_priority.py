# SPDX-License-Identifier: Apache-2.0
"""The priority micro-service under overload: best effort's queue of port 1 is
slower than what it gets, the sessions of the service have queues of their own.
bmv2 serves the most urgent queue whose turn has come; rates that are
guaranteed are not to be had there."""

import struct

import pkt
import rig
from ktap import case, check, equal, run, swift
from rig import labelled

rig.require()

PRIORITY, NODE, KEEP, PROBE = 16110, 16120, 17001, 17002
BEST_EFFORT, MIDDLE, URGENT = 0, 3, 7
RATE, DEPTH, SENT = 8, 40, 80
OTHER, MID, FAST, TOO_FAR = 1000, 1003, 1007, 1031
SWITCH = rig.Switch()


def tables():
    s = SWITCH
    s.local_sid(PRIORITY, 'priority')
    s.local_sid(NODE, 'node')
    s.nexthop(1, 1)
    s.nexthop(2, 2)
    s.label_fib(KEEP, 'keep', 1)
    s.label_fib(PROBE, 'keep', 2)
    for sport, queue in ((MID, MIDDLE), (FAST, URGENT), (TOO_FAR, 31)):
        s.priority(('192.0.2.1', '198.51.100.1', 17, sport, 2000), queue)
    s.commit()
    s.cli(['set_queue_depth %d 1 %d' % (DEPTH, BEST_EFFORT),
           'set_queue_rate %d 1 %d' % (RATE, BEST_EFFORT)])


tables()


def through():
    """Wait until the switch has looked at all that was sent before."""
    SWITCH.ports[0].send(labelled([PROBE], pkt.ip4(pkt.udp())))
    check(SWITCH.ports[2].recv(30), 'the switch does not answer')


def burst(sport, count, stack=(PRIORITY, KEEP)):
    """Numbered packets of a session, no faster than bmv2 takes them."""
    for number in range(count):
        data = struct.pack('!I', number)
        SWITCH.ports[0].send(labelled(list(stack), pkt.ip4(pkt.udp(sport, data=data))))
        if number % 16 == 15:
            through()
    through()


def arrivals(patience=3):
    """(source port, number) of what comes out of port 1, in this order; that
    is all when nothing has come for many turns of the slow queue."""
    found = []
    while True:
        frame = SWITCH.ports[1].recv(patience)
        if not frame:
            return found
        sport, = struct.unpack_from('!H', frame.inner, 20)
        found.append((sport, struct.unpack_from('!I', frame.inner, 28)[0]))


def numbers(found, sport):
    return [n for s, n in found if s == sport]


def overtakes(sport, stack=(PRIORITY, KEEP)):
    """20 packets of a session behind best effort's overload: what came."""
    arrivals(1)     # of a try that was too slow
    with swift(2):
        burst(OTHER, SENT)
        burst(sport, 20, stack)
    found = arrivals()
    equal(numbers(found, sport), list(range(20)), 'packets of the session')
    left = [s for s, _ in found][::-1].index(sport)
    check(left > DEPTH / 4, 'only %d of best effort were behind it' % left)
    return numbers(found, OTHER)


@case('a session of the service overtakes best effort, which loses')
def urgent():
    """Whatever its own queue; nothing of it is lost, best effort's queue drops
    at its tail and keeps its order."""
    for sport in (FAST, MID):
        others = overtakes(sport)
        check(DEPTH <= len(others) < SENT, '%d of best effort' % len(others))
        equal(others, sorted(others), 'order of best effort')
        equal(others[:DEPTH], list(range(DEPTH)), 'the first of best effort')


@case('a queue that the switch does not have is its most urgent one')
def too_far():
    """srp4ctl knows up to 31; bmv2 has 8."""
    overtakes(TOO_FAR)


@case('the queue is kept over a further round')
def rounds():
    """An own label below that of the service."""
    overtakes(FAST, (PRIORITY, NODE, KEEP))


@case('without the service\'s label a session is best effort')
def no_label():
    """The entry alone does nothing: it queues behind, and loses."""
    arrivals(1)
    with swift(2):
        burst(OTHER, SENT)
        burst(FAST, 20, (NODE, KEEP))
    found = arrivals()
    check(len(numbers(found, FAST)) < 20, 'nothing was lost')
    equal([s for s, _ in found], sorted(s for s, _ in found), 'order')


run()
