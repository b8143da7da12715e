# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_chain.sh."""

import time

import pkt
from ktap import Failure, before_each, case, check, equal, run
from netio import wait_ports
from pkt import mac
from proxy import Ledger, Topo
from vnf import Vnf, take_one_ttl

N = 8
topo = Topo()
pa, pb = topo.proxy('pa'), topo.proxy('pb')
sa, sb = topo.port('sw', 'sa'), topo.port('sw', 'sb')
PROXY_MAC = {'a': mac('02:00:00:00:00:01'), 'b': mac('02:00:00:00:00:03')}
SWITCH = {'a': sa, 'b': sb}
SID_BASE = {'a': 16100, 'b': 16200}
vnfs = {(node, n): Vnf(topo.port('fn', 'f%s%d' % (node, n)))
        for node in 'ab' for n in range(1, N + 1)}

for _node, _px in (('a', pa), ('b', pb)):
    _px.ctl('uplink add dev u0',
            *('vnf add n%d dev v%d lladdr 02:00:00:0%s:%02x:02' % (n, n, _node, n)
              for n in range(1, N + 1)),
            *('sid add %d vnf n%d' % (SID_BASE[_node] + n, n) for n in range(1, N + 1)))


@before_each
def quiet():
    topo.drain()
    for vnf in vnfs.values():
        vnf.change, vnf.out, vnf.seen = None, vnf.port, []


def send(node, labels, inner):
    SWITCH[node].send(pkt.ether(PROXY_MAC[node], SWITCH[node].mac, pkt.ETH_MPLS,
                                pkt.encode_labels(pkt.stack(*labels)) + inner))


def walk(inner, labels, timeout=8.0):
    """Send, let functions and switch do their part; (visits, last Frame).

    The switch sends what comes to the node that the top label names, and ends
    the walk where it names none.
    """
    send(node_of(labels[0]), labels, inner)
    visits, end = [], time.monotonic() + timeout
    everyone = {vnf: key for key, vnf in vnfs.items()}
    while time.monotonic() < end:
        for item in wait_ports(list(everyone) + [sa, sb], 0.5):
            if item in everyone:
                visits += [everyone[item]] * item.serve(remember=True)
                continue
            frame = item.poll()
            if not frame:
                continue
            if frame.labels is None or node_of(frame.labels[0].label) is None:
                return visits, frame
            send(node_of(frame.labels[0].label), frame.labels, frame.inner)
    raise Failure('the packet did not come through; visits: %s' % visits)


def node_of(label):
    for node, base in SID_BASE.items():
        if base < label <= base + N:
            return node
    return None


def chain(length, family):
    """A row of functions on one node, each once, in an order of its own."""
    order = [(3 * i + length) % N + 1 for i in range(length)]
    inner = pkt.ip(pkt.udp(1000 + length, 1), family)
    labels = [SID_BASE['a'] + n for n in order] + [900, 901]
    with Ledger(pa) as led:
        visits, last = walk(inner, labels)
    led.dropped()
    equal(visits, [('a', n) for n in order], 'visits')
    equal(last.labels, pkt.stack(900, 901, ttl=64 - length), 'labels')
    equal(last.inner, inner, 'packet')
    for n in order:
        equal(led.delta.get('sid', SID_BASE['a'] + n, 'packets'), 1, 'packets of the sid')
    equal(led.delta.get('uplink', 'u0', 'rx_packets'), 1, 'rx of u0')


for _length in range(1, N + 1):
    case('chain of %d, v4' % _length, _length, 4)(chain)
    case('chain of %d, v6' % _length, _length, 6)(chain)


@case('chain of routers: each takes a TTL of the packet')
def routers():
    for vnf in vnfs.values():
        vnf.change = take_one_ttl
    for family in (4, 6):
        inner = pkt.ip(pkt.tcp(1100, 80), family, ttl=64)
        visits, last = walk(inner, [16101, 16102, 16103, 900])
        equal(len(visits), 3, 'visits')
        equal(last.inner, pkt.with_ttl(inner, 61), 'packet')
        equal(last.labels, pkt.stack(900, ttl=61), 'labels')


def two_nodes(family):
    """a, b, a, b: each node keeps its own part of the chain."""
    order = [('a', 1), ('a', 2), ('b', 1), ('b', 2), ('b', 3), ('a', 3), ('b', 4)]
    inner = pkt.ip(pkt.udp(1200, 1), family)
    with Ledger(pa) as led_a, Ledger(pb) as led_b:
        visits, last = walk(inner, [SID_BASE[node] + n for node, n in order] + [900])
    led_a.dropped()
    led_b.dropped()
    equal(visits, order, 'visits')
    equal(last.labels, pkt.stack(900, ttl=64 - len(order)), 'labels')
    equal(last.inner, inner, 'packet')
    equal(led_a.delta.get('uplink', 'u0', 'rx_packets'), 2, 'rx of pa')
    equal(led_b.delta.get('uplink', 'u0', 'rx_packets'), 2, 'rx of pb')


case('two nodes in a row, v4', 4)(two_nodes)
case('two nodes in a row, v6', 6)(two_nodes)


@case('two directions of a session travel their own chains')
def directions():
    there = pkt.ip4(pkt.tcp(1300, 80), src='192.0.2.1', dst='198.51.100.1')
    back = pkt.ip4(pkt.tcp(80, 1300), src='198.51.100.1', dst='192.0.2.1')
    for _ in range(2):
        visits, last = walk(there, [16101, 16102, 900])
        equal((visits, last.labels), ([('a', 1), ('a', 2)], pkt.stack(900, ttl=62)), 'there')
        visits, last = walk(back, [16102, 16101, 16103, 910])
        equal((visits, last.labels), ([('a', 2), ('a', 1), ('a', 3)],
                                      pkt.stack(910, ttl=61)), 'back')


@case('many flows at once, each with its own chain')
def interleaved():
    flows = []
    for n in range(32):
        order = [(n + k) % N + 1 for k in range(1 + n % 4)]
        flows.append((pkt.ip4(pkt.udp(1400 + n, 1)), [16100 + k for k in order] + [1000 + n]))
    for inner, labels in flows:
        send('a', labels, inner)
    got, end = {}, time.monotonic() + 5
    while len(got) < len(flows) and time.monotonic() < end:
        for item in wait_ports(list(vnfs.values()) + [sa], 0.5):
            if isinstance(item, Vnf):
                item.serve()
            else:
                frame = item.poll()
                if frame:
                    got[frame.inner] = [e.label for e in frame.labels]
    equal(got, {inner: labels[-1:] for inner, labels in flows}, 'labels of each flow')


@case('a function with two arms: each device is dev of one vnf and in of another')
def two_armed():
    pa.ctl('sid del 16101', 'sid del 16102', 'vnf del n1', 'vnf del n2',
           'vnf add out dev v1 in v2 lladdr 02:00:00:0a:01:02',
           'vnf add back dev v2 in v1 lladdr 02:00:00:0a:02:02',
           'sid add 16101 vnf out', 'sid add 16102 vnf back')
    one, two = vnfs['a', 1], vnfs['a', 2]
    one.out, two.out = two.port, one.port
    for family in (4, 6):
        with Ledger(pa) as led:
            visits, last = walk(pkt.ip(pkt.tcp(1500, 80), family), [16101, 16103, 900])
            equal((visits, last.labels), ([('a', 1), ('a', 3)], pkt.stack(900, ttl=62)), 'there')
            visits, last = walk(pkt.ip(pkt.tcp(80, 1500), family, **{
                4: {'src': '198.51.100.1', 'dst': '192.0.2.1'},
                6: {'src': '2001:db8:2::1', 'dst': '2001:db8:1::1'}}[family]),
                                [16103, 16102, 910])
            equal((visits, last.labels), ([('a', 3), ('a', 2)], pkt.stack(910, ttl=62)), 'back')
        led.dropped()
    check(not sa.drain(), 'more frames than expected')


run()
