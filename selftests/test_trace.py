# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_trace.sh."""

import os
import re
from collections import Counter

import pkt
from ktap import before_each, case, check, equal, run
from netio import settle
from nodes import U_MAC, One
from pkt import ETH_MPLS, ether
from proxy import Ledger

EVENTS = ('rx', 'to_vnf', 'from_vnf', 'drop')
TRACE = os.environ['SRP_TRACE']
topo = One(2)
px = topo.px
px.ctl('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16001 vnf n1',
       'sid add 16002 vnf n2', 'config set icmp none')


def write(path, text):
    with open(os.path.join(TRACE, path), 'w', encoding='ascii') as file:
        file.write(text)


def ifindex(dev):
    return topo.sh('px', 'cat /sys/class/net/%s/ifindex' % dev).strip()


U0, V1 = ifindex('u0'), ifindex('v1')
for _event in EVENTS:
    write('events/srproxy/%s/enable' % _event, '1')


@before_each
def quiet():
    px.ctl('flow flush')
    topo.drain()
    write('trace', '')


def traced():
    """[(event, {key: value})] since the case began, in their order."""
    settle()
    with open(os.path.join(TRACE, 'trace'), encoding='ascii') as file:
        lines = [line for line in file if not line.startswith('#')]
    found = [re.search(r': (\w+): (skb=.*)', line).groups() for line in lines]
    return [(event, dict(pair.split('=', 1) for pair in text.split())) for event, text in found]


def rx(label, below, size, ttl=64):
    return 'rx', {'ifindex': U0, 'label': str(label), 'below': str(below), 'ttl': str(ttl),
                  'len': str(size)}


def vnf(event, name, sid, remaining, inner):
    return event, {'vnf': name, 'sid': str(sid), 'remaining': str(remaining),
                   'len': str(len(inner))}


def dropped(dev, reason):
    return 'drop', {'ifindex': dev, 'reason': reason}


def compare(want):
    """These events, no others, in this order.

    What a dropped packet looked like depends on how far it had come.
    """
    got = traced()
    for (event, values), wanted in zip(got, want):
        check(values.pop('skb'), 'no skb of ' + event)
        if event == 'drop':
            check(int(values.pop('len')) and int(values.pop('protocol'), 16), 'drop of nothing')
        equal((event, values), wanted, 'event')
    equal(len(got), len(want), 'events')


def through(labels, first, then, inner):
    """A packet goes through both functions and leaves; what is to be traced."""
    topo.to_proxy(labels, inner)
    want = [rx(labels[0], 2, len(inner) + 12)]
    for left, number in ((2, first), (1, then)):
        topo.at_vnf(number, inner)
        topo.from_vnf(number, inner)
        words = 'n%d' % number, 16000 + number, left, inner
        want += [vnf('to_vnf', *words), vnf('from_vnf', *words)]
    topo.at_switch([(labels[-1], 0, 62)], inner)
    return want


def counted(led):
    """As many events of each kind as the counters have moved."""
    events = traced()
    seen = Counter(event for event, _ in events)
    delta = led.delta
    equal(seen['rx'], delta.total('uplink', 'rx_packets'), 'rx events and packets')
    for event in ('to_vnf', 'from_vnf'):
        equal(seen[event], delta.total('vnf', event + '_packets'), event + ' events and packets')
    reasons = Counter(values['reason'] for event, values in events if event == 'drop')
    equal(dict(reasons), led.drops, 'drop events and drops')


@case('a flow through two functions, there and back')
def there_and_back():
    there = pkt.ip4(pkt.udp(1000, 53, b'there'))
    back = pkt.ip4(pkt.udp(53, 1000, b'and back'), src='198.51.100.1', dst='192.0.2.1')
    with Ledger(px) as led:
        want = through([16001, 16002, 900], 1, 2, there)
        want += through([16002, 16001, 901], 2, 1, back)
    counted(led)
    compare(want)


@case('a flow of IPv6, twice: the first packet and one of a known flow')
def known_flow():
    inner = pkt.ip6(pkt.tcp(1001, 443))
    with Ledger(px) as led:
        want = through([16001, 16002, 900], 1, 2, inner)
        want += through([16001, 16002, 900], 1, 2, inner)
    counted(led)
    compare(want)


def drop_of(reason, send, *want):
    with Ledger(px) as led:
        send()
    led.dropped(**{reason: 1})
    counted(led)
    compare(want)


INNER = pkt.ip4(pkt.udp(2000, 1))


@case('a drop on the uplink: the label has no life left')
def ttl_expired():
    drop_of('ttl_expired', lambda: topo.to_proxy([(16001, 0, 1), 900], INNER),
            rx(16001, 1, len(INNER) + 8, 1),
            dropped(U0, 'ttl_expired'))


@case('a drop on the uplink: the stack has no bottom')
def label_malformed():
    octets = pkt.encode_labels(pkt.stack(16001, 900), bottom=False)
    drop_of('label_malformed', lambda: topo.s0.send(
        ether(U_MAC['s0'], topo.s0.mac, ETH_MPLS, octets)),
            dropped(U0, 'label_malformed'))


@case('a drop on the uplink: nobody serves')
def no_instance():
    px.ctl('vnf set n1 admin down')
    try:
        drop_of('no_instance', lambda: topo.to_proxy([16001, 900], INNER),
                rx(16001, 1, len(INNER) + 8),
                dropped(U0, 'no_instance'))
    finally:
        px.ctl('vnf set n1 admin up')


@case('drops on the side of the function: unknown, and with labels')
def from_function():
    drop_of('vnf_miss', lambda: topo.from_vnf(1, INNER),
            dropped(V1, 'vnf_miss'))
    write('trace', '')
    drop_of('vnf_labelled', lambda: topo.from_vnf(1, INNER, labels=[16002, 900]),
            dropped(V1, 'vnf_labelled'))


run()
