# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_probes.sh."""

import os
import time

from healthnet import PROBE, Monitor
from ktap import Failure, Skip, before_each, case, check, equal, note, run, wait_for
from netio import Port
from proxy import Topo

SLOW = bool(os.environ.get('SRP_SLOW'))
DEBUG = os.path.exists('/proc/lockdep')
FAST = not SLOW and not DEBUG
RATE, BURST = 50000, 300            # of deployment.md; kmod/probe.h
INTERVAL = 10 if FAST else 100      # milliseconds
MANY = 200
WAIT = 60

topo = Topo()
px = topo.proxy()


@before_each
def start():
    px.clear()


def only_fast():
    if not FAST:
        raise Skip('so many probes are for User-Mode Linux without debugging')


def vnf(number, options, name=None):
    return 'vnf add %s dev a%d in b%d lladdr 02:00:00:01:%02x:02 %s' % (
        name or 'n%d' % number, number, number, number, options)


def inband(interval=INTERVAL, multiplier=3, family=4):
    return 'probe inband probe-addr %s probe-interval %d probe-multiplier %d' % (
        PROBE[family], interval, multiplier)


def netem(number, *words):
    """What goes to function number suffers so, or no more."""
    try:
        topo.sh('px', 'tc qdisc %s dev a%d root %s' % (
            'replace' if words else 'del', number, ' '.join(('netem',) + words if words else ())))
    except Failure as failure:
        if 'qdisc kind is unknown' in str(failure):
            raise Skip('no netem') from failure
        raise


def counts():
    """{name: (sent, answered)}"""
    return {v['name']: (v['stats']['probes_sent'], v['stats']['probes_answered'])
            for v in px.ask(['vnf show'])[0]}


def wait_sent(more, names=('n1',)):
    """Until so many more probes of each were sent: what was sent and answered."""
    before = counts()

    def enough():
        now = counts()
        return all(now[n][0] - before[n][0] >= more for n in names) and now
    now = wait_for(enough, '%d probes' % more, WAIT)
    return [tuple(now[n][i] - before[n][i] for i in (0, 1)) for n in names]


def state(name):
    shown = px.ask(['vnf show ' + name])[0][0]
    return shown['state'], shown.get('cause', '')


def wait_state(name, *want):
    wait_for(lambda: state(name) == want, '%s to be %s' % (name, ' '.join(want)), WAIT)


def loses_all(number):
    """Down when nothing comes back, up when it does."""
    netem(number, 'loss', '100%')
    wait_state('n%d' % number, 'down', 'probe')
    netem(number)
    wait_state('n%d' % number, 'up', '')


def tagged(family):
    """A vnf with match vlan gets its probes with the first id of its range."""
    with_tags = Port(topo.netns('px'), 'b1', noise=True)
    with_tags.show_tags()
    px.ctl(vnf(1, 'match vlan 101-110 ' + inband(family=family)),
           vnf(1, 'match vlan 120-130 ' + inband(family=family), 'other'))
    (_, first), (_, second) = wait_sent(10, ('n1', 'other'))
    check(first and second, 'answers %d and %d' % (first, second))
    equal([state(name) for name in ('n1', 'other')], [('up', '')] * 2, 'states')
    seen = set()

    def all_seen():
        frame = with_tags.poll()
        if frame and b'srpR' in frame.inner:
            seen.add(frame.vlan)
        return {101, 120} <= seen
    wait_for(all_seen, 'tags 101 and 120', WAIT, 0.001)
    equal(seen, {101, 120}, 'tags of probes')
    with_tags.close()
    loses_all(1)


for _family in (4, 6):
    case('inband probes of vnfs with match vlan, v%d' % _family, _family)(tagged)


def survives(multiplier, probes, *words):
    """No change of state is told while so many probes suffer; the answers."""
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, vnf(2, '', 't'))
        px.ctl(vnf(1, inband(multiplier=multiplier)))
        wait_sent(2)
        netem(1, *words)
        (sent, answered), = wait_sent(probes)
        changes = [s[:2] for s in monitor.states('n1') if s[0] == 'down']
    finally:
        monitor.end()
    note('%s: %d of %d answered' % (' '.join(words), answered, sent))
    equal(changes, [], 'changes')
    equal(state('n1'), ('up', ''), 'state')
    loses_all(1)
    return answered / sent


@case('a fifth of the probes is lost: none of many multiples in a row is, so it stays up')
def lossy():
    """20 in a row are lost once in 10^14."""
    share = survives(20, 300, 'loss', '20%')
    check(0.5 < share < 0.95, 'answered: %.2f' % share)


@case('probes overtake each other: answers count, in any order')
def reordered():
    """Up to four intervals under way; ten are waited for."""
    share = survives(10, 100, 'delay', '%dms' % (2 * INTERVAL), '%dms' % (2 * INTERVAL))
    check(share > (0.9 if FAST else 0.2), 'answered: %.2f' % share)


@case('half of the probes is lost, two in a row are too many: it is down now and then')
def too_many():
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, vnf(2, '', 't'))
        px.ctl(vnf(1, inband(multiplier=2)))
        netem(1, 'loss', '50%')
        wait_for(lambda: ('down', 'probe') in [s[:2] for s in monitor.states('n1')],
                 'n1 to be down', WAIT)
    finally:
        monitor.end()
    netem(1)
    wait_state('n1', 'up', '')


@case('200 functions are probed, and one of them is found dead in its time')
def many():
    only_fast()
    interval = 50
    px.ctl(*(vnf(n, inband(interval)) for n in range(1, MANY + 1)))
    names = ['n%d' % n for n in range(1, MANY + 1)]
    got = wait_sent(10, names)
    check(all(answered for _, answered in got), 'not all answer')
    monitor = Monitor(topo.netns('px'))
    took = []
    try:
        monitor.listening(px, vnf(MANY + 1, '', 't'))
        for number in (7, 77, 177):
            name = 'n%d' % number
            begin = time.monotonic_ns()
            netem(number, 'loss', '100%')
            end = time.monotonic_ns()

            def downs(name=name):
                return [s[2] for s in monitor.states(name) if s[:2] == ('down', 'probe')]
            at = wait_for(downs, '%s to be down' % name, WAIT)[0]
            took.append(((at - end) / 1e6, (at - begin) / 1e6))
            netem(number)
        down = {s['name'] for s in monitor.read() if s.get('cause') == 'probe'}
    finally:
        monitor.end()
    note(*('found after %.1f to %.1f ms, probes every %d ms' % (t + (interval,)) for t in took))
    for least, most in took:
        check(most >= 2 * interval, 'found after %.1f ms at most: too soon' % most)
        check(least <= 10000, 'found after %.1f ms at least' % least)
    check({'n7', 'n77', 'n177'} <= down, 'down: %s' % down)


@case('the rate of all probes of a namespace is bounded, and none goes without')
def capped():
    only_fast()
    number = 80
    px.ctl(*(vnf(n, inband(1, 30)) for n in range(1, number + 1)))
    names = ['n%d' % n for n in range(1, number + 1)]
    begin, before = time.monotonic(), counts()
    got = wait_sent(100, names)
    after, end = counts(), time.monotonic()
    total = sum(after[n][0] - before[n][0] for n in names)
    each = [sent for sent, _ in got]
    note('%d probes of %d functions in %.2f s: %.0f a second; %d to %d of each' % (
        total, number, end - begin, total / (end - begin), min(each), max(each)))
    check(total <= RATE * (end - begin) + BURST, 'more than %d a second' % RATE)
    check(max(each) <= 3 * min(each) + 50, 'of one %d, of another %d' % (max(each), min(each)))


run()
