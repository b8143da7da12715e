# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_state.sh."""

import time

import pkt
from ktap import before_each, case, check, equal, run, swift, wait_for
from nodes import NOTHING, One
from proxy import Ledger

MAX_STACK = 16
topo = One(2)
px, s0, s1 = topo.px, topo.s0, topo.s1
px.ctl('uplink add dev u0', 'uplink add dev u1', topo.vnf_line(1), topo.vnf_line(2),
       'sid add 16011 vnf n1', 'sid add 16021 vnf n1', 'sid add 16012 vnf n2')


@before_each
def fresh():
    topo.drain()
    px.ctl('config set max-flows 1048576 idle-timeout 60', 'vnf set n1 max-flows 0',
           'flow flush')


def udp(number, family=4, reverse=False):
    """The packet of flow number."""
    if reverse:
        src, dst = {4: ('198.51.100.1', '192.0.2.1'),
                    6: ('2001:db8:2::1', '2001:db8:1::1')}[family]
        return pkt.ip(pkt.udp(53, 10000 + number), family, src=src, dst=dst)
    return pkt.ip(pkt.udp(10000 + number, 53), family)


def ports(number=1):
    return {f['sport'] for f in px.flows('vnf', 'n%d' % number)}


def feed(numbers, label=16011, family=4, reverse=False):
    """One packet for each of the flows, all of which arrive."""
    for n in numbers:
        topo.to_proxy([label, 900], udp(n, family, reverse))
    topo.arrivals(len(numbers))


@case('a flow ages: gone after its idle time, and counted')
def ageing():
    px.ctl('config set idle-timeout 1')
    with Ledger(px) as led:
        with swift():
            feed(range(4))
            feed(range(4), family=6)
            equal(px.flow_count(), 8, 'flows')
        start = time.monotonic()
        wait_for(lambda: px.flow_count() == 0, 'no flow to be left', 4)
        took = time.monotonic() - start
        topo.from_vnf(1, udp(0))
    check(took > 0.5, 'flows were gone after %.1f s' % took)
    led.dropped(vnf_miss=1)
    equal(led.delta.get('stats', 'flows_created'), 8, 'flows_created')
    equal(led.delta.get('stats', 'flows_expired'), 8, 'flows_expired')
    equal(led.delta.get('stats', 'flows_evicted'), 0, 'flows_evicted')


@case('packets of either side keep a flow alive')
def kept_alive():
    px.ctl('config set idle-timeout 1')
    up, back, idle = udp(1), udp(2), udp(3)
    feed(range(1, 4))
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        with swift():
            topo.to_proxy([16011, 900], up)
            topo.from_vnf(1, back)
            time.sleep(0.2)
            left = ports()
    equal(left, {10001, 10002}, 'flows left')
    topo.drain()
    topo.from_vnf(1, idle)
    topo.silent()


@case('idle-timeout set later holds for flows that exist')
def later_timeout():
    feed(range(3))
    px.ctl('config set idle-timeout 1')
    wait_for(lambda: px.flow_count() == 0, 'no flow to be left', 4)


@case('max-flows of the namespace: never more, the oldest on probation goes')
def limit_netns():
    px.ctl('config set max-flows 32')
    with Ledger(px) as led:
        feed(range(100))
    led.dropped()
    equal(px.flow_count(), 32, 'flows')
    equal(ports(), set(range(10068, 10100)), 'flows left')
    equal(led.delta.get('stats', 'flows_evicted'), 68, 'flows_evicted')


@case('max-flows of a vnf: its own flows go, not those of others')
def limit_vnf():
    px.ctl('vnf set n1 max-flows 16')
    for n in range(40):
        topo.to_proxy([16012, 900], udp(n))
    feed(range(40))
    equal(len(ports(1)), 16, 'flows of n1')
    equal(len(ports(2)), 40, 'flows of n2')


@case('established flows outlive a flood of new ones')
def protected():
    px.ctl('config set max-flows 64')
    feed(range(10))                                     # a second apart
    feed(range(20, 25))                                 # both directions
    feed(range(20, 25), label=16021, reverse=True)
    start = time.monotonic()
    wait_for(lambda: time.monotonic() - start > 1.2, 'a second to pass')
    feed(range(10))
    feed(range(1000, 1400))
    left = {(f['sport'], f['dport']) for f in px.flows('vnf', 'n1')}
    want = {(10000 + n, 53) for n in (*range(10), *range(20, 25))}
    want |= {(53, 10000 + n) for n in range(20, 25)}
    equal(want - left, set(), 'established flows that were evicted')
    check(len(left) <= 64, '%d flows' % len(left))
    inner = udp(0)
    topo.from_vnf(1, inner)
    topo.at_switch([(900, 0, 63)], inner)


@case('protected flows fill at most four fifths')
def protected_share():
    px.ctl('config set max-flows 50')
    feed(range(50))
    time.sleep(1.2)
    feed(range(50))
    feed(range(2000, 2100))
    left = ports()
    equal(len([p for p in left if p < 10050]), 40, 'old flows left')
    equal(len(left), 50, 'flows')


@case('full of busy protected flows: a new one is refused and counted, until one is idle')
def refused():
    feed(range(4))
    time.sleep(1.2)
    feed(range(4))
    px.ctl('vnf set n1 max-flows 4')
    with Ledger(px) as led, swift():
        feed(range(4))
        topo.to_proxy([16011, 900], udp(50))
        topo.silent()
    led.dropped(flow_limit=1)
    time.sleep(1.2)
    with swift():
        feed(range(3))
        feed([50])
    equal(ports(), {10000, 10001, 10002, 10050}, 'flows left')


@case('a flow that changes its stack goes on with the new one')
def changed_stack():
    for family in (4, 6):
        inner = udp(1, family)
        for label in (901, 902, 903):
            topo.to_proxy([16011, label, 950], inner)
            topo.at_vnf(1, inner)
            topo.from_vnf(1, inner)
            topo.at_switch([(label, 0, 63), (950, 0, 63)], inner)
    equal(px.flow_count(), 2, 'flows')


@case('stack conflict: two senders of one key; the flow keeps its stack')
def conflict():
    inner = udp(1)
    with Ledger(px) as led, swift():
        topo.to_proxy([16011, 901], inner)
        topo.to_proxy([16011, 902], inner)
        topo.arrivals(2)
        for _ in range(5):
            topo.to_proxy([16011, 901], inner)      # replaced a moment ago
            topo.to_proxy([16011, 902], inner)
        topo.arrivals(5)
        topo.from_vnf(1, inner)
        topo.at_switch([(902, 0, 63)], inner)
    led.dropped(stack_conflict=5)
    flow = px.flows('vnf', 'n1')[0]
    equal(flow['labels'], [902], 'labels')
    check('conflict' in str(flow), 'flow show does not tell: %s' % flow)


@case('stack conflict ends when the one sender falls silent')
def conflict_ends():
    inner = udp(1)
    for label in (901, 902, 901):
        topo.to_proxy([16011, label], inner)

    def taken():
        topo.to_proxy([16011, 901], inner)
        return topo.f[1].recv(NOTHING)
    topo.arrivals(2)
    wait_for(taken, 'the other stack to be taken', 3)
    topo.from_vnf(1, inner)
    topo.at_switch([(901, 0, 63)], inner)


@case('stack conflict: stragglers of a change do not delay the next one')
def conflict_over():
    px.ctl('config set idle-timeout 4')         # the worker comes once a second
    inner = udp(1)
    for label in (901, 902, 901):
        topo.to_proxy([16011, label], inner)
    topo.arrivals(2)
    check('conflict' in str(px.flows('vnf', 'n1')[0]), 'there is no conflict')

    def over():
        topo.to_proxy([16011, 902], inner)
        topo.at_vnf(1, inner)
        return 'conflict' not in str(px.flows('vnf', 'n1')[0])
    wait_for(over, 'the conflict to end', 10)
    with Ledger(px) as led:
        topo.to_proxy([16011, 903], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, inner)
        topo.at_switch([(903, 0, 63)], inner)
    led.dropped()


@case('TTL and TC do not make a stack another')
def no_conflict():
    inner = udp(1)
    with Ledger(px) as led:
        for n in range(10):
            topo.to_proxy([(16011, n & 7, 40 + n), (901, n & 7, 60 + n)], inner)
    led.dropped()
    topo.arrivals(10)
    equal(led.delta.get('stats', 'flows_created'), 1, 'flows_created')


@case('revisit: the same vnf twice in one stack is dropped')
def revisit():
    for labels in ([16011, 16012, 16011, 900], [16011, 16011], [16011, 16021, 900],
                   [16011, 900, 16021]):
        with Ledger(px) as led:
            topo.to_proxy(labels, udp(1))
            topo.silent()
        led.dropped(revisit=1)
    equal(px.flow_count(), 0, 'flows')


def depth(remaining):
    """Up to 16 labels may remain below the popped one."""
    inner = pkt.ip6(pkt.udp(500 + remaining, 53))
    labels = [16011] + list(range(1000, 1000 + remaining))
    with Ledger(px) as led:
        topo.to_proxy(labels, inner)
        if remaining > MAX_STACK:
            topo.silent()
        else:
            topo.at_vnf(1, inner)
            topo.from_vnf(1, inner)
            topo.at_switch([(n, 0, 63) for n in labels[1:]], inner)
            equal(px.flows('vnf', 'n1')[0]['labels'], labels[1:], 'flow show')
    led.dropped(label_too_deep=int(remaining > MAX_STACK))


for _depth in (1, 2, 8, 15, 16, 17, 18, 40):
    case('%d labels remain' % _depth, _depth)(depth)


@case('flow show filters by vnf and sid; flow count; flush of one vnf')
def filters():
    feed(range(3))
    feed(range(10, 12), label=16021)
    for n in range(4):
        topo.to_proxy([16012, 901], udp(n, 6))
    equal(px.flow_count(), 9, 'flow count')
    equal(len(px.flows()), 9, 'flow show')
    equal({f['sport'] for f in px.flows('sid', '16021')}, {10010, 10011}, 'flow show sid')
    equal(len(px.flows('vnf', 'n2')), 4, 'flow show vnf')
    equal(len(px.flows('vnf', 'n2', 'sid', '16011')), 0, 'flow show vnf sid')
    equal({f['src'] for f in px.flows('vnf', 'n2')}, {'2001:db8:1::1'}, 'addresses')
    px.ctl('flow flush vnf n1')
    equal((len(px.flows('vnf', 'n1')), len(px.flows('vnf', 'n2'))), (0, 4), 'flows left')
    px.ctl('flow flush')
    equal(px.flow_count(), 0, 'flows')
    with Ledger(px) as led:
        topo.from_vnf(1, udp(0))
    led.dropped(vnf_miss=1)


@case('the same flow under another sid of the same vnf')
def other_sid():
    inner = udp(1)
    topo.to_proxy([16011, 901], inner)
    topo.to_proxy([16021, 902], inner)
    topo.arrivals(2)
    topo.from_vnf(1, inner)
    topo.at_switch([(902, 0, 63)], inner)
    equal([f['sid'] for f in px.flows('vnf', 'n1')], [16021], 'sid')


@case('sid set: new packets go to the new vnf, old ones still find their way')
def sid_set():
    px.ctl('sid add 16031 vnf n1')
    inner = udp(1)
    topo.to_proxy([16031, 901], inner)
    topo.at_vnf(1, inner)
    px.ctl('sid set 16031 vnf n2')
    topo.from_vnf(1, inner)
    topo.at_switch([(901, 0, 63)], inner)
    topo.to_proxy([16031, 901], inner)
    topo.at_vnf(2, inner)
    px.ctl('sid del 16031')
    topo.from_vnf(2, inner)
    topo.at_switch([(901, 0, 63)], inner)


@case('flows stay where they are when an instance is added')
def instance_added():
    px.ctl('sid add 16041 vnf n1')
    for n in range(20):
        topo.to_proxy([16041, 901], udp(n))
    topo.arrivals(20)
    px.ctl('sid set 16041 vnf n1,n2')
    for n in range(20):
        topo.to_proxy([16041, 901], udp(n))
    moved = topo.arrivals(20)[2]
    px.ctl('sid del 16041')
    equal(moved, 0, 'flows that moved')


@case('vnf del ends its flows; the same name anew begins without')
def vnf_again():
    inner = udp(1)
    topo.to_proxy([16012, 901], inner)
    topo.at_vnf(2, inner)
    px.ctl('sid del 16012', 'vnf del n2', topo.vnf_line(2), 'sid add 16012 vnf n2')
    equal(px.flow_count(), 0, 'flows')
    with Ledger(px) as led:
        topo.from_vnf(2, inner)
        topo.silent()
    led.dropped(vnf_miss=1)


@case('one flow on two uplinks: the last one is the way back')
def two_uplinks():
    inner = udp(1)
    topo.to_proxy([16011, 901], inner, s0)
    topo.to_proxy([16011, 901], inner, s1)
    topo.arrivals(2)
    topo.from_vnf(1, inner)
    topo.at_switch([(901, 0, 63)], inner, s1)


run()
