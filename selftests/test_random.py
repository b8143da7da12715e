# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_random.sh."""

import os
import random
import sys
import time

import pkt
from ktap import Failure, before_each, case, check, equal, note, run
from model import Drop, Local, Model, NotOurs, Out
from netio import wait_ports
from nodes import One, f_mac, v_mac
from proxy import Ledger

sys.modules.setdefault('cryptography', None)    # Scapy would import it
# pylint: disable=wrong-import-position
from scapy.contrib.mpls import MPLS             # noqa: E402
from scapy.layers.l2 import Ether               # noqa: E402

COUNT = int(os.environ.get('SRP_RANDOM_STACKS', '1000'))
SEED = int(os.environ.get('SRP_RANDOM_SEED', '1'))
FUNCTIONS = 6
SIDS = {16000 + n: n for n in range(1, FUNCTIONS + 1)}
REMOTE = [16, 17, 899, 15999, 16007, 16099, 40000, 524288, 1048575]

topo = One(FUNCTIONS)
px, s0, s1 = topo.px, topo.s0, topo.s1
px.ctl('config set icmp none', 'uplink add dev u0',
       *(topo.vnf_line(n) for n in range(1, FUNCTIONS + 1)),
       *('sid add %d vnf n%d' % item for item in SIDS.items()))


@before_each
def quiet():
    topo.drain()


def random_inner(source, number):
    """A packet of a flow of its own."""
    family = source.choice((4, 6))
    data = source.randbytes(source.randrange(0, 200))
    sport, dport = 1 + number // 60000, 1 + number % 60000
    l4 = source.choice((
        lambda: pkt.udp(sport, dport, data), lambda: pkt.tcp(sport, dport, data),
        lambda: pkt.sctp(sport, dport, data), lambda: pkt.udplite(sport, dport, data),
        lambda: pkt.esp(1 + number, data=data), lambda: pkt.gre(1 + number, data),
        lambda: pkt.icmp(1 + number, 1, data) if family == 4 else
        pkt.icmp6(1 + number, 1, data)))()
    exts = {}
    if family == 6 and source.random() < 0.2:
        exts = {'exts': [pkt.ext(60)] * source.randrange(1, 4)}
    return pkt.ip(l4, family, ttl=source.randrange(2, 256), tos=source.randrange(256), **exts)


def random_stack(source):
    """The first label is of this node more often than not, TTLs are often low."""
    labels = []
    for n in range(source.randrange(1, 17)):
        local = source.random() < (0.95 if n == 0 else 0.35)
        label = source.choice(list(SIDS) if local else REMOTE)
        ttl = source.choice((64, 255, 63, 2, 3, 5, 1, 0) if source.random() < 0.3 else (64, 255))
        labels.append(pkt.Label(label, source.randrange(8), ttl))
    return labels


def follow(labels, inner, events):
    """Send the packet, return it from each function; (visits, frame or None).

    Waits for as many arrivals as there should be; what comes besides is met
    with the next packet, or by the ledger.
    """
    topo.to_proxy(labels, inner)
    visits, ports = [], topo.f[1:] + [s0, s1]
    while True:
        ready = wait_ports(ports, 5 if len(visits) < events else 0)
        if not ready:
            return visits, None
        frame = ready[0].poll()
        if frame is None:
            continue
        if ready[0] in (s0, s1):
            return visits, (ready[0], frame)
        number = topo.f.index(ready[0])
        visits.append((number, frame.inner))
        topo.from_vnf(number, frame.inner)


def judge(frame, want):
    """Scapy sees the labels and the packet of the model too."""
    layer, seen = Ether(frame.octets).payload, []
    while isinstance(layer, MPLS):
        seen.append(pkt.Label(layer.label, layer.cos, layer.ttl))
        layer = layer.payload
    equal(seen, want.labels, 'labels by Scapy')
    equal(bytes(layer), want.inner, 'packet by Scapy')


def compare(way, got_visits, got, scapy):
    """What was seen against the model; a sentence if they differ."""
    if got_visits != way.visits:
        return 'visits %s, model %s' % (
            [(n, pkt.describe(p)) for n, p in got_visits],
            [(n, pkt.describe(p)) for n, p in way.visits])
    end = way.end
    if isinstance(end, (Drop, NotOurs)):
        return got and 'got %s: %s, model %s' % (got[0].name, got[1], end)
    if isinstance(end, Local) and pkt.get_ttl(end.inner) <= 1:
        return None         # the stack answers it, or is tired of answering
    if got is None:
        return 'nothing came out, model %s' % (end,)
    port, frame = got
    want_port, labels, inner = (s0, end.labels, end.inner) if isinstance(end, Out) else (
        s1, None, pkt.with_ttl(end.inner, pkt.get_ttl(end.inner) - 1))
    if (port, frame.labels, frame.inner) != (want_port, labels, inner):
        return 'got %s: %s, model %s: %s %s' % (port.name, frame, want_port.name, labels,
                                                pkt.describe(inner))
    if scapy and isinstance(end, Out):
        judge(frame, end)
    return None


def random_stacks(mode, count):
    px.ctl('config set ttl ' + mode)
    model, source = Model(SIDS, mode), random.Random('%s %d' % (mode, SEED))
    kinds, drops, start = {}, {}, time.monotonic()
    sids, local = dict.fromkeys(SIDS, 0), 0
    with Ledger(px) as led:
        for number in range(count):
            labels, inner = random_stack(source), random_inner(source, number)
            way = model.way(labels, inner)
            leaves = isinstance(way.end, (Out, Local))
            visits, got = follow(labels, inner, len(way.visits) + leaves)
            wrong = compare(way, visits, got, scapy=number % 25 == 0)
            if wrong:
                raise Failure('stack %d [%s] %s: %s' % (
                    number, pkt.describe_labels(labels), pkt.describe(inner), wrong))
            kind = type(way.end).__name__
            kinds[kind] = kinds.get(kind, 0) + 1
            local += isinstance(way.end, Local)
            if isinstance(way.end, Drop):
                drops[way.end.reason] = drops.get(way.end.reason, 0) + 1
            for function, _ in way.visits:
                sids[16000 + function] += 1
        led.local = local
    note('%s, %d visits, %.0f s' % (kinds, sum(sids.values()), time.monotonic() - start))
    led.dropped(**drops)
    equal({n: led.delta.get('vnf', 'n%d' % (n - 16000), 'to_vnf_packets') for n in SIDS}, sids,
          'packets to each function')
    check(len(kinds) == 4, 'not every kind of end was met: %s' % kinds)


case('random stacks, pipe model', 'pipe', COUNT - COUNT // 4)(random_stacks)
case('random stacks, uniform model', 'uniform', COUNT // 4)(random_stacks)


@case('the model tells wrong packets from right ones')
def model_bites():
    inner = pkt.ip4(pkt.udp(1, 1))
    labels = pkt.stack(16001, 16002, 900)
    way = Model(SIDS).way(labels, inner)
    equal(way.end, Out(pkt.stack(900, ttl=62), inner), 'model')
    equal([n for n, _ in way.visits], [1, 2], 'model')
    frame = pkt.Frame(pkt.ether(v_mac(1), f_mac(1), pkt.ETH_MPLS,
                                pkt.encode_labels(pkt.stack(900, ttl=61)) + inner))
    check(compare(way, way.visits, (s0, frame), False), 'a wrong TTL passed')
    check(compare(way, way.visits[:1], (s0, frame), False), 'a missing visit passed')
    check(compare(way, way.visits, None, False), 'a lost packet passed')


run()
