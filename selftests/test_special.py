# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_special.sh."""

import os

import pkt
from ktap import Skip, before_each, case, check, equal, run
from nodes import One
from proxy import Ledger

NULL4, ALERT, NULL6, IMPLICIT, ELI, GAL, OAM, XL = 0, 1, 2, 3, 7, 13, 14, 15
NULL = {4: NULL4, 6: NULL6}

topo = One(2)
px, s0, s1 = topo.px, topo.s0, topo.s1
px.ctl('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16010 vnf n1',
       'sid add 16011 vnf n2')
ports = iter(range(1000, 60000))


@before_each
def quiet():
    topo.drain()
    px.ctl('config set ttl pipe', 'uplink set dev u0 egress hairpin')


def packet(family=4, **fields):
    """A packet of a flow of its own."""
    return pkt.ip(pkt.udp(next(ports), 53), family, **fields)


def labels_at_switch(inner):
    """The labels of the next frame at the switch, which carries the packet."""
    frame = s0.recv()
    check(frame and frame.labels, 'at the switch: %s' % frame)
    equal(frame.inner, inner, 'packet')
    return frame.labels


def visit(number, inner):
    topo.at_vnf(number, inner)
    topo.from_vnf(number, inner)


def passes(sent, back, family=4):
    """By way of the function, and back with these labels (label, TC, TTL)."""
    inner = packet(family)
    with Ledger(px) as led:
        topo.to_proxy(sent, inner)
        visit(1, inner)
        topo.at_switch(back, inner)
    led.dropped()
    topo.to_proxy(sent, inner)
    visit(1, inner)
    topo.at_switch(back, inner)


def is_dropped(sent, **reasons):
    with Ledger(px) as led:
        topo.to_proxy(sent, packet())
        topo.silent()
    led.dropped(**reasons)


def to_stack(sent, family=4):
    """The rest of the stack says that the IP stack is next: it routes it on."""
    inner = packet(family)
    with Ledger(px, local=1) as led:
        topo.to_proxy(sent, inner)
        visit(1, inner)
        topo.at_switch(None, pkt.with_ttl(inner, 63), port=s1)
    led.dropped()
    return inner


for _name, _sent, _back in (
        ('explicit null above ours is popped', [NULL4, 16010, 900], [(900, 0, 63)]),
        ('IPv6 explicit null above ours is popped', [NULL6, 16010, 900], [(900, 0, 63)]),
        ('explicit null twice above ours', [NULL4, NULL6, 16010, 900], [(900, 0, 63)]),
        ('explicit null exposed above others is popped', [16010, NULL4, 900, 901],
         [(900, 0, 63), (901, 0, 63)]),
        ('explicit null deeper stays', [16010, 900, NULL4], [(900, 0, 63), (NULL4, 0, 63)]),
        ('router alert above ours stays in front', [ALERT, 16010, 900],
         [(ALERT, 0, 63), (900, 0, 63)]),
        ('router alert below ours stays in front', [16010, ALERT, 900],
         [(ALERT, 0, 63), (900, 0, 63)]),
        ('router alert and explicit null', [16010, ALERT, NULL4, 900],
         [(ALERT, 0, 63), (900, 0, 63)]),
        ('router alert deeper stays', [16010, 900, ALERT, 901],
         [(900, 0, 63), (ALERT, 0, 63), (901, 0, 63)]),
        ('entropy label exposed goes', [16010, ELI, 7777, 900], [(900, 0, 63)]),
        ('entropy label above ours goes', [ELI, 7777, 16010, 900], [(900, 0, 63)]),
        ('entropy label between alert and ours', [ALERT, ELI, 7777, 16010, 900],
         [(ALERT, 0, 63), (900, 0, 63)]),
        ('associated channel deeper stays', [16010, 900, GAL], [(900, 0, 63), (GAL, 0, 63)]),
        ('extended label deeper stays', [16010, 900, XL, 16010, 901],
         [(900, 0, 63), (XL, 0, 63), (16010, 0, 63), (901, 0, 63)]),
        ('TTL: the least of those popped', [(NULL4, 0, 40), (16010, 0, 64), (900, 0, 64)],
         [(900, 0, 39)]),
        ('TTL: of what was below the null', [16010, (NULL4, 0, 9), (900, 5, 33)],
         [(900, 5, 33)])):
    case(_name, _sent, _back)(passes)

for _name, _sent, _reason in (
        ('implicit null exposed', [16010, IMPLICIT, 900], 'label_special'),
        ('implicit null deeper', [16010, 900, IMPLICIT], 'label_special'),
        ('OAM alert', [16010, OAM, 900], 'label_special'),
        ('unassigned label exposed', [16010, 9, 900], 'label_special'),
        ('unassigned label deeper', [16010, 900, 4, 901], 'label_special'),
        ('associated channel exposed', [16010, GAL], 'label_special'),
        ('extended label exposed', [16010, XL, 99, 900], 'label_special'),
        ('IPv6 explicit null above IPv4', [16010, NULL6], 'label_special'),
        ('entropy label cut off', [16010, 900, ELI], 'label_malformed'),
        ('entropy label that is a special one', [16010, ELI, 5, 900], 'label_malformed'),
        ('entropy indicator twice', [16010, ELI, ELI, 900], 'label_malformed'),
        ('extended label cut off', [16010, 900, XL], 'label_malformed'),
        ('router alert at the bottom', [16010, 900, ALERT], 'label_malformed')):
    case(_name + ' is dropped', _sent)(
        lambda sent, reason=_reason: is_dropped(sent, **{reason: 1}))

case('explicit null at the bottom is the IP stack, v4', [16010, NULL4])(to_stack)
case('explicit null at the bottom is the IP stack, v6', [16010, NULL6], 6)(to_stack)
case('alert above the last explicit null goes', [16010, ALERT, NULL4])(to_stack)
case('entropy label at the bottom is the IP stack', [16010, ELI, 99])(to_stack)


@case('explicit null alone is the kernel\'s')
def not_ours():
    with Ledger(px) as led:
        topo.to_proxy([NULL4], packet())
        topo.to_proxy([NULL4, 777], packet())
        topo.to_proxy([ALERT, 777], packet())
    led.dropped()
    equal(led.delta.get('uplink', 'u0', 'rx_packets'), 0, 'rx')


@case('entropy labels below a label of others: one for the flow, whatever comes')
def entropy():
    inner, other = packet(), packet()
    seen = []
    with Ledger(px) as led:
        for value in (16, 5000, 1048575, 16010):
            topo.to_proxy([16010, (900, 3, 50), (ELI, 0, 50), (value, 0, 0), (901, 0, 50)], inner)
            visit(1, inner)
            seen.append(labels_at_switch(inner))
    led.dropped()
    check(all(labels == seen[0] for labels in seen), 'labels changed: %s' % seen)
    first = [tuple(e) for e in seen[0]]
    value = first[2][0]
    check(16 <= value <= 1048575, 'entropy label %d' % value)
    equal(first, [(900, 3, 50), (ELI, 3, 50), (value, 3, 0), (901, 3, 50)], 'labels')
    equal(led.delta.get('vnf', 'n1', 'flows'), 1, 'new flows')
    shown = [f for f in px.flows('vnf', 'n1') if f['labels'][:2] == [900, ELI]]
    equal([f['labels'] for f in shown], [[900, ELI, value, 901]], 'flow show')
    topo.to_proxy([16010, 900, ELI, 5000, 901], other)
    visit(1, other)
    check(labels_at_switch(other)[2].label != value, 'another flow has the same entropy')


@case('entropy label at the bottom keeps the S bit')
def entropy_bottom():
    passes_to = packet(6)
    topo.to_proxy([16010, 900, ELI, 5000], passes_to)
    visit(1, passes_to)
    equal([e.label for e in labels_at_switch(passes_to)][:2], [900, ELI], 'labels')


def second(sent, back):
    """What comes up after the second function of this node."""
    inner = packet()
    with Ledger(px) as led:
        topo.to_proxy(sent, inner)
        visit(1, inner)
        visit(2, inner)
        topo.at_switch(back, inner)
    led.dropped()


case('next local label: null below it is popped', [16010, 16011, NULL4, 900],
     [(900, 0, 62)])(second)
case('next local label behind a router alert', [16010, ALERT, 16011, 900],
     [(ALERT, 0, 62), (900, 0, 62)])(second)
case('next local label: its entropy label goes with it', [16010, 16011, ELI, 777, 900],
     [(900, 0, 62)])(second)
case('next local label behind null', [16010, NULL4, 16011, 900], [(900, 0, 62)])(second)


@case('next local label behind alert, the last one: IP stack')
def second_last():
    inner = packet()
    with Ledger(px, local=1) as led:
        topo.to_proxy([16010, ALERT, 16011], inner)
        visit(1, inner)
        visit(2, inner)
        topo.at_switch(None, pkt.with_ttl(inner, 63), port=s1)
    led.dropped()


@case('next local label: the null below it is of the other family')
def second_family():
    inner = packet(6)
    with Ledger(px) as led:
        topo.to_proxy([16010, 16011, NULL4], inner)
        visit(1, inner)
        topo.silent()
    led.dropped(label_special=1)


@case('next local label: associated channel below it')
def second_channel():
    inner = packet()
    with Ledger(px) as led:
        topo.to_proxy([16010, 16011, GAL], inner)
        visit(1, inner)
        topo.silent()
    led.dropped(label_special=1)


@case('null, then none: one and the same stack')
def same_stack():
    inner = to_stack([16010, NULL4])
    with Ledger(px, local=1) as led:
        topo.to_proxy([16010], inner)
        visit(1, inner)
        topo.at_switch(None, pkt.with_ttl(inner, 63), port=s1)
    led.dropped()


@case('an extended label that is a sid of ours in number is no visit')
def extension_no_visit():
    passes([16010, 900, XL, 16010, 901],
           [(900, 0, 63), (XL, 0, 63), (16010, 0, 63), (901, 0, 63)])


@case('uniform: TTL of the label on top')
def uniform():
    px.ctl('config set ttl uniform')
    inner = packet()
    topo.to_proxy([(NULL4, 0, 30), (16010, 0, 99), (900, 0, 99)], inner)
    bare = pkt.with_ttl(inner, 29)
    visit(1, bare)
    topo.at_switch([(900, 0, 29)], bare)


@case('TTL of 1 on top')
def ttl():
    labels = pkt.stack((NULL4, 0, 1), (16010, 0, 64), (900, 0, 64))
    with Ledger(px) as led:
        topo.to_proxy(labels, packet())
        frame = topo.s0.recv()
        topo.silent()
    led.dropped(ttl_expired=1)
    check(frame, 'nobody is told')
    equal(frame.labels, pkt.stack(900, ttl=255), 'labels of the error')
    equal(frame.inner[-12:].hex(), pkt.encode_labels(labels).hex(), 'labels told (RFC 4950)')


def detour(words, sent, back):
    """The first function is down."""
    inner = packet()
    px.ctl('vnf set n1 admin down', 'sid set 16010 vnf n1 fallback ' + words)
    try:
        with Ledger(px) as led:
            topo.to_proxy(sent, inner)
            topo.at_switch(back, inner)
        led.dropped()
    finally:
        px.ctl('vnf set n1 admin up', 'sid set 16010 vnf n1 fallback drop')


case('fallback bypass: what comes up is exposed', 'bypass', [NULL4, 16010, NULL4, 900],
     [(900, 0, 63)])(detour)
case('fallback bypass: alert stays', 'bypass', [16010, ALERT, 900],
     [(ALERT, 0, 63), (900, 0, 63)])(detour)
case('fallback reroute: in front of the rest', 'reroute 888', [16010, NULL4, 900],
     [(888, 0, 63), (900, 0, 63)])(detour)


@case('lfib: the kernel routes what follows')
def lfib():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no MPLS forwarding in this kernel')
    topo.lfib('px', 'replace 900 as 950 via inet 10.0.10.2 dev u1')
    px.ctl('uplink set dev u0 egress lfib')
    inner = packet()
    with Ledger(px) as led:
        topo.to_proxy([16010, NULL4, 900, ELI, 5000], inner)
        visit(1, inner)
        frame = s1.recv()
    led.dropped()
    check(frame and frame.labels, 'at s1: %s' % frame)
    got = [tuple(e) for e in frame.labels]
    equal((got[0], got[1][0], got[2][2]), ((950, 0, 62), ELI, 0), 'labels')
    check(got[2][0] >= 16, 'entropy label %s' % got[2][0])


run()
