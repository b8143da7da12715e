# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_trust.sh."""

import os
import struct

import pkt
from ktap import Failure, Skip, before_each, case, check, equal, run
from netio import Port
from nodes import U_MAC, One, f_mac, v_mac
from proxy import Ledger

topo = One(2)
px, s0, s1 = topo.px, topo.s0, topo.s1
px.ctl('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16011 vnf n1',
       'sid add 16012 vnf n2')
NODE = {4: '10.0.0.1', 6: '2001:db8:a0::1'}


@before_each
def quiet():
    topo.drain()
    px.ctl('flow flush', 'vnf set n1 on-miss drop')


def known_flow(inner, number=1, labels=(900,)):
    """A packet of the uplink makes a flow at a function."""
    topo.to_proxy([16010 + number, *labels], inner)
    topo.at_vnf(number, inner)


@case('a labelled packet from a function is dropped and counted')
def spoofed_label():
    inner = pkt.ip4(pkt.udp(1000, 1))
    known_flow(inner)
    for labels in ([16012, 900], [900], [16011, 16012, 900], [3]):
        with Ledger(px) as led:
            topo.from_vnf(1, inner, labels=labels)
            topo.silent()
        led.dropped(vnf_labelled=1)
    with Ledger(px) as led:
        topo.f[1].send(pkt.ether(v_mac(1), f_mac(1), pkt.ETH_MPLS_MC,
                                 pkt.encode_labels(pkt.stack(900)) + inner))
        topo.silent()
    led.dropped(vnf_labelled=1)


@case('a function cannot route by labels through the kernel either')
def spoofed_lfib():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    topo.sh('px', 'sysctl -qw net.mpls.conf.v1.input=1')
    topo.lfib('px', 'replace 500 as 501 via inet 10.0.10.2 dev u1')
    with Ledger(px) as led:
        topo.from_vnf(1, pkt.ip4(pkt.udp(1001, 1)), labels=[500])
        topo.silent()
    led.dropped(vnf_labelled=1)


@case('labelled packets on a device that is no uplink are not ours')
def not_an_uplink():
    inner = pkt.ip4(pkt.udp(1010, 1))
    with Ledger(px) as led:
        topo.to_proxy([16011, 900], inner, s1)
        topo.silent()
    equal([v for v in led.delta.counters.values() if v], [], 'moved counters')
    if os.environ.get('SRP_NO_LFIB'):
        return
    topo.lfib('px', 'replace 16011 as 501 via inet 10.0.10.2 dev u1')
    topo.to_proxy([16011, 900], inner, s1)
    topo.at_switch([(501, 0, 63), (900, 0, 64)], inner, s1)
    topo.lfib('px', 'del 16011 via inet 10.0.10.2 dev u1')


LOOK_ALIKES = {
    'another protocol, same ports': pkt.ip4(pkt.tcp(1100, 2100)),
    'UDP-Lite, same ports': pkt.ip4(pkt.udplite(1100, 2100)),
    'ports exchanged': pkt.ip4(pkt.udp(2100, 1100)),
    'the other direction': pkt.ip4(pkt.udp(2100, 1100), src='198.51.100.1', dst='192.0.2.1'),
    'addresses exchanged': pkt.ip4(pkt.udp(1100, 2100), src='198.51.100.1', dst='192.0.2.1'),
    'the next port': pkt.ip4(pkt.udp(1100, 2101)),
    'the next address': pkt.ip4(pkt.udp(1100, 2100), dst='198.51.100.2'),
    'mapped into IPv6': pkt.ip6(pkt.udp(1100, 2100), src='::ffff:192.0.2.1',
                                dst='::ffff:198.51.100.1'),
    'compatible IPv6': pkt.ip6(pkt.udp(1100, 2100), src='::192.0.2.1', dst='::198.51.100.1'),
    'ESP, SPI of the ports': pkt.ip4(pkt.esp(1100 << 16 | 2100)),
    'GRE, key of the ports': pkt.ip4(pkt.gre(1100 << 16 | 2100)),
}


@case('look-alikes of a flow do not get its stack')
def look_alikes():
    mine = pkt.ip4(pkt.udp(1100, 2100))
    known_flow(mine, labels=(901,))
    with Ledger(px) as led:
        for inner in LOOK_ALIKES.values():
            topo.from_vnf(1, inner)
        topo.silent()
    led.dropped(vnf_miss=len(LOOK_ALIKES))
    equal(led.delta.get('vnf', 'n1', 'miss'), len(LOOK_ALIKES), 'miss')
    topo.from_vnf(1, mine)
    topo.at_switch([(901, 0, 63)], mine)


@case('look-alikes have flows of their own, side by side')
def look_alikes_side_by_side():
    flows = [pkt.ip4(pkt.udp(1100, 2100))] + list(LOOK_ALIKES.values())
    for n, inner in enumerate(flows):
        known_flow(inner, labels=(1000 + n,))
    for n, inner in enumerate(flows):
        topo.from_vnf(1, inner)
        topo.at_switch([(1000 + n, 0, 63)], inner)
    equal(len(px.flows('vnf', 'n1')), len(flows), 'flows')


def same_flow_two_functions(family):
    """The same addresses and ports at two functions: two flows."""
    inner = pkt.ip(pkt.tcp(1200, 80), family)
    known_flow(inner, 1, (901,))
    known_flow(inner, 2, (902, 903))
    topo.from_vnf(2, inner)
    topo.at_switch([(902, 0, 63), (903, 0, 63)], inner)
    topo.from_vnf(1, inner)
    topo.at_switch([(901, 0, 63)], inner)


case('the same flow at two functions, v4', 4)(same_flow_two_functions)
case('the same flow at two functions, v6', 6)(same_flow_two_functions)


@case('a function reaches only its own flows')
def own_flows():
    inner = pkt.ip4(pkt.udp(1210, 1))
    known_flow(inner, 1)
    with Ledger(px) as led:
        topo.from_vnf(2, inner)
        topo.silent()
    led.dropped(vnf_miss=1)
    equal(led.delta.get('vnf', 'n2', 'miss'), 1, 'miss of n2')
    equal(led.delta.get('vnf', 'n1', 'miss'), 0, 'miss of n1')


@case('a thousand flows in a small table, none takes another for itself')
def crowded():
    flows = [(pkt.ip(pkt.udp(1 + n, 7), 4 + 2 * (n & 1)), 2000 + n) for n in range(1000)]
    for inner, label in flows:
        topo.to_proxy([16011, label], inner)
    topo.arrivals(len(flows))
    for inner, label in flows:
        topo.from_vnf(1, inner)
    got = {}
    for frame in s0.collect(len(flows)):
        got[frame.inner] = [e.label for e in frame.labels]
    equal(got, {inner: [label] for inner, label in flows}, 'labels')


def to_node(family, l4, src=None):
    """A packet from the function that is addressed to the node."""
    other = src or {4: '192.0.2.50', 6: '2001:db8:1::50'}[family]
    return pkt.ip(l4, family, src=other, dst=NODE[family])


def echo(family):
    return to_node(family, pkt.icmp(9) if family == 4 else pkt.icmp6(9))


def icmp_error(family):
    """Destination unreachable about a packet of the node."""
    quoted = pkt.ip(pkt.udp(1, 2), family, src=NODE[family],
                    dst={4: '192.0.2.50', 6: '2001:db8:1::50'}[family])
    if family == 4:
        return to_node(4, pkt.icmp(0, 0, quoted, kind=3, code=3))
    return to_node(6, pkt.icmp6(0, 0, quoted, kind=1, code=4))


def stranger(family):
    return pkt.ip(pkt.udp(1300, 1), family)


def miss(family, mode, inner, passes):
    """What no flow claims: dropped, or left to the IP stack."""
    px.ctl('vnf set n1 on-miss ' + mode)
    with Ledger(px) as led:
        topo.from_vnf(1, inner)
    led.dropped(vnf_miss=int(not passes))
    equal(led.delta.get('vnf', 'n1', 'miss'), int(not passes or mode == 'accept'), 'miss')


for _family in (4, 6):
    for _mode, _packets in (
            ('drop', ((stranger, False), (echo, True), (icmp_error, True))),
            ('accept', ((stranger, True), (echo, True), (icmp_error, True))),
            ('strict', ((stranger, False), (echo, False), (icmp_error, True)))):
        for _make, _passes in _packets:
            case('on-miss %s: %s %s, v%d' % (
                _mode, _make.__name__.replace('_', ' '), 'passes' if _passes else 'is dropped',
                _family), _family, _mode, _make(_family), _passes)(miss)


@case('on-miss accept: the stack routes it on')
def miss_routed():
    px.ctl('vnf set n1 on-miss accept')
    for family in (4, 6):
        inner = pkt.ip(pkt.udp(1310, 1), family, ttl=9)
        topo.from_vnf(1, inner)
        topo.at_switch([], pkt.with_ttl(inner, 8), s1)


def arp_passes(mode):
    """ARP of the function reaches the node in every mode."""
    px.ctl('vnf set n1 on-miss ' + mode)
    topo.ip('px', 'addr replace 10.0.17.1/24 dev v1')
    port = Port(topo.netns('fn'), 'f1', noise=True)
    port.send(pkt.ether(b'\xff' * 6, f_mac(1), pkt.ETH_ARP, struct.pack(
        '!HHBBH6s4s6s4s', 1, 0x0800, 6, 4, 1, f_mac(1), pkt.address('10.0.17.2'), bytes(6),
        pkt.address('10.0.17.1'))))
    frame = port.recv()
    while frame and frame.type != pkt.ETH_ARP:
        frame = port.recv()
    port.close()
    check(frame and frame.inner[6:8] == b'\0\x02', 'no ARP reply')


def nd_passes(mode):
    """Neighbour discovery of the function reaches the node in every mode."""
    px.ctl('vnf set n1 on-miss ' + mode)
    topo.ip('px', 'addr replace 2001:db8:17::1/64 dev v1')
    port = Port(topo.netns('fn'), 'f1', noise=True)
    body = pkt.L4(pkt.PROTO['icmp6'], struct.pack('!BBHI', 135, 0, 0, 0) +
                  pkt.address('2001:db8:17::1') + b'\x01\x01' + f_mac(1), 2)
    ask = pkt.ip6(body, src='2001:db8:17::2', dst='ff02::1:ff00:1', ttl=255)
    port.send(pkt.ether(pkt.mac('33:33:ff:00:00:01'), f_mac(1), pkt.ETH_IP6, ask))
    frame = port.recv()
    while frame and not (frame.type == pkt.ETH_IP6 and frame.inner[40] == 136):
        frame = port.recv()
    port.close()
    check(frame, 'no neighbour advertisement')


def nd_of_others(mode):
    """A message that looks like neighbour discovery and is for another host is a
    packet like others: it is not routed past the chain.
    """
    px.ctl('vnf set n1 on-miss ' + mode)
    for kind in (133, 135, 137):
        body = pkt.L4(pkt.PROTO['icmp6'], struct.pack('!BBHI', kind, 0, 0, 0) + bytes(16), 2)
        with Ledger(px) as led:
            topo.from_vnf(1, pkt.ip6(body, src='2001:db8:17::2', dst='2001:db8:99::1'))
            topo.silent()
        led.dropped(vnf_miss=1)


def in_vrf(family):
    """What is for this node reaches it in the VRF of the function's device, too."""
    local, other = {4: ('10.0.18.1', '10.0.18.2'),
                    6: ('2001:db8:18::1', '2001:db8:18::2')}[family]
    try:
        topo.ip('px', 'link add vrf9 type vrf table 9')
    except Failure as error:
        raise Skip('no VRF') from error
    try:
        topo.ip('px', 'link set vrf9 up', 'link set v1 master vrf9',
                'addr add %s/%d dev v1%s' % (local, 24 if family == 4 else 64,
                                             '' if family == 4 else ' nodad'),
                'neigh replace %s lladdr %s dev v1' % (other, pkt.mac_text(f_mac(1))))
        ping = pkt.ip(pkt.icmp(7) if family == 4 else pkt.icmp6(7), family, src=other, dst=local)
        with Ledger(px) as led:
            topo.from_vnf(1, ping)
            frame = topo.f[1].recv()
        led.dropped()
        check(frame and frame.inner[20 if family == 4 else 40] in (0, 129),
              'no echo reply: %s' % frame)
    finally:
        topo.ip('px', 'link del vrf9', 'addr flush dev v1')


case('in a VRF: what is for the node reaches it, v4', 4)(in_vrf)
case('in a VRF: what is for the node reaches it, v6', 6)(in_vrf)
for _mode in ('drop', 'strict'):
    case('on-miss %s: ND to others is no ND' % _mode, _mode)(nd_of_others)
for _mode in ('drop', 'accept', 'strict'):
    case('on-miss %s: ARP reaches the node' % _mode, _mode)(arp_passes)
    case('on-miss %s: ND reaches the node' % _mode, _mode)(nd_passes)


@case('frames of a function to other hosts: taken with lladdr, as a bridge sends them')
def other_host():
    inner = pkt.ip4(pkt.udp(1400, 1))
    known_flow(inner)
    topo.from_vnf(1, inner, dst=pkt.mac('02:00:00:00:ff:ff'))
    topo.at_switch([(900, 0, 63)], inner)


@case('a function cannot send as another through the uplink')
def through_uplink():
    inner = pkt.ip4(pkt.udp(1410, 1))
    known_flow(inner)
    with Ledger(px) as led:
        s0.send(pkt.ether(U_MAC['s0'], s0.mac, pkt.ETH_IP, inner))
        topo.silent(s0)
    equal(led.delta.get('vnf', 'n1', 'from_vnf_packets'), 0, 'from_vnf')


@case('a tag of VLAN 0 hides nothing: it is a priority, to the IP stack as well')
def priority_tag():
    def send(kind, octets):
        topo.f[1].send(pkt.ether_vlan(v_mac(1), f_mac(1), 0, kind, octets, pcp=5))
    inner = pkt.ip4(pkt.udp(1020, 1))
    known_flow(inner)
    with Ledger(px) as led:
        send(pkt.ETH_IP, inner)
        topo.at_switch([(900, 0, 63)], inner)
    led.dropped()
    for octets, kind, reason in (
            (pkt.ip4(pkt.udp(1021, 1)), pkt.ETH_IP, 'vnf_miss'),
            (pkt.encode_labels(pkt.stack(900)) + inner, pkt.ETH_MPLS, 'vnf_labelled')):
        with Ledger(px) as led:
            send(kind, octets)
            topo.silent()
        led.dropped(**{reason: 1})


run()
