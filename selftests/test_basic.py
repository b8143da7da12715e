# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_basic.sh."""

import os
import socket
import struct

import pkt
from ktap import Skip, before_each, case, check, equal, run
from netio import Port, in_netns
from nodes import One, f_mac, v_mac
from proxy import Ledger

# Keep Scapy from importing what no packet here needs.
import sys
sys.modules.setdefault('cryptography', None)
# pylint: disable=wrong-import-position
from scapy.contrib.mpls import MPLS                             # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP                # noqa: E402
from scapy.layers.inet6 import (                                # noqa: E402
    ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.l2 import GRE, Ether                          # noqa: E402
from scapy.layers.sctp import SCTP, SCTPChunkData               # noqa: E402
from scapy.packet import Raw                                    # noqa: E402

V4 = {'src': '192.0.2.1', 'dst': '198.51.100.1'}
V6 = {'src': '2001:db8:1::1', 'dst': '2001:db8:2::1'}
DATA = Raw(b'srproxy!' * 4)

topo = One(1)
px = topo.px
# no flow of an early case goes while a later one counts
px.ctl('config set idle-timeout 3600', 'uplink add dev u0', topo.vnf_line(1, 'fw'),
       'sid add 16010 vnf fw')


@before_each
def quiet():
    topo.drain()


def scapy_packets():
    """{name: (packet, sport or None)} of every transport in both families."""
    esp = struct.pack('!II', 0x1001, 7) + b'\xa5' * 24
    transports = {
        'udp': UDP(sport=1001, dport=53) / DATA,
        'tcp': TCP(sport=1002, dport=80, flags='PA', options=[('MSS', 1460)]) / DATA,
        'sctp': SCTP(sport=1003, dport=2905, tag=9) / SCTPChunkData(data=b'x' * 8),
        'gre': GRE(key_present=1, key=0x10041004) / IP(src='1.1.1.1', dst='2.2.2.2') / UDP(),
        'gre-nokey': GRE() / IP(src='1.1.1.1', dst='2.2.2.2') / UDP() / DATA,
    }
    found = {}
    for name, l4 in transports.items():
        found[name + ' v4'] = IP(**V4) / l4
        found[name + ' v6'] = IPv6(**V6) / l4
    found['icmp v4'] = IP(**V4) / ICMP(id=1005, seq=3) / DATA
    found['icmp v6'] = IPv6(**V6) / ICMPv6EchoRequest(id=1005, seq=3, data=b'echo')
    found['esp v4'] = IP(proto=50, **V4) / Raw(esp)
    found['esp v6'] = IPv6(nh=50, **V6) / Raw(esp)
    found['unknown v4'] = IP(proto=253, **V4) / DATA
    found['unknown v6'] = IPv6(nh=253, **V6) / DATA
    found['options v4'] = IP(options=b'\x94\x04\0\0', **V4) / UDP(sport=1006) / DATA
    found['extensions v6'] = (IPv6(**V6) / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting(segleft=0) /
                              IPv6ExtHdrDestOpt() / UDP(sport=1007, dport=53) / DATA)
    found['fragment v4'] = IP(flags='MF', id=77, **V4) / UDP(sport=1008) / DATA
    found['empty v4'] = IP(proto=253, src='192.0.2.9', dst='192.0.2.10')
    found['no-next v6'] = IPv6(nh=59, **V6)
    return found


PACKETS = {name: bytes(packet) for name, packet in scapy_packets().items()}


def judge(octets, labels, inner):
    """Does Scapy see these labels (label, TC, TTL) and this packet?"""
    layer, seen = Ether(octets).payload, []
    while isinstance(layer, MPLS):
        seen.append((layer.label, layer.cos, layer.ttl))
        bottom, layer = layer.s, layer.payload
    equal(seen, labels, 'labels by Scapy')
    check(not labels or bottom == 1, 'S bit of the last label')
    equal(bytes(layer), inner, 'packet by Scapy')
    again = layer.copy()
    for part in (IP, UDP, TCP, ICMP):
        if part in again:
            del again[part].chksum
    equal(bytes(again), inner, 'checksums by Scapy')


def round_trip(name):
    """There and back: the packet is whole at both ends."""
    inner = PACKETS[name]
    with Ledger(px) as led:
        topo.to_proxy([(16010, 0, 64), (16020, 0, 64), (16030, 0, 64)], inner)
        bare = topo.at_vnf(1, inner)
        equal(bare.src, v_mac(1), 'source MAC')
        judge(bare.octets, [], inner)
        topo.from_vnf(1, inner)
        back = topo.at_switch([(16020, 0, 63), (16030, 0, 63)], inner)
        judge(back.octets, [(16020, 0, 63), (16030, 0, 63)], inner)
    led.dropped()
    for path in (('vnf', 'fw', 'to_vnf'), ('vnf', 'fw', 'from_vnf'), ('uplink', 'u0', 'rx'),
                 ('uplink', 'u0', 'tx')):
        equal(led.delta.get(*path[:2], path[2] + '_packets'), 1, ' '.join(path) + ' packets')
        equal(led.delta.get(*path[:2], path[2] + '_bytes'), len(inner), ' '.join(path) + ' bytes')
    equal(led.delta.get('sid', 16010, 'packets'), 1, 'packets of the sid')
    equal(led.delta.get('sid', 16010, 'bytes'), len(inner), 'bytes of the sid')


for _name in PACKETS:
    case('round trip, ' + _name, _name)(round_trip)


@case('pkt.py and Scapy build the same octets')
def builders():
    mine = {
        'udp v4': pkt.ip4(pkt.udp(1001, 53, b'srproxy!' * 4), ident=1, frag=0, **V4),
        'sctp v6': pkt.ip6(pkt.sctp(1, 2), **V6),
        'extensions v6': pkt.ip6(pkt.udp(1007, 53, b'srproxy!' * 4), **V6, exts=[
            pkt.ext(0), pkt.ext(43, b'\0\0\0\0\0\0'), pkt.ext(60)]),
    }
    equal(mine['udp v4'], PACKETS['udp v4'], 'udp')
    equal(mine['extensions v6'], PACKETS['extensions v6'], 'extension headers')
    scapy = bytes(IPv6(mine['sctp v6']))
    equal(mine['sctp v6'], scapy, 'sctp')


@case('flow show tells what the packets were')
def flow_show():
    flows = {(f['src'], f['dst'], f['proto'], f.get('sport'), f.get('dport')): f
             for f in px.flows('vnf', 'fw')}
    for key in ((V4['src'], V4['dst'], 17, 1001, 53), (V6['src'], V6['dst'], 17, 1001, 53),
                (V4['src'], V4['dst'], 6, 1002, 80), (V6['src'], V6['dst'], 17, 1007, 53),
                (V4['src'], V4['dst'], 132, 1003, 2905)):
        check(key in flows, 'no flow %s in %s' % (key, sorted(flows, key=str)))
        flow = flows[key]
        equal(flow['labels'], [16020, 16030], 'labels')
        equal((flow['vnf'], flow['sid']), ('fw', 16010), 'vnf and sid')
        check(0 <= flow['idle_ms'] < 60000, 'idle_ms %s' % flow['idle_ms'])


@case('the function may change payload, length, TTL, DSCP and MACs')
def changed_packet():
    for family in (4, 6):
        topo.to_proxy([16010, 16020], pkt.ip(pkt.udp(1100, 1, b'before'), family))
        topo.at_vnf(1, pkt.ip(pkt.udp(1100, 1, b'before'), family))
        after = pkt.ip(pkt.udp(1100, 1, b'and after' * 20), family, ttl=63, tos=0xB8)
        topo.from_vnf(1, after, dst=bytes.fromhex('020000001101'))
        topo.at_switch([(16020, 0, 63)], after)


@case('a function may return a packet several times, or late, or never')
def many_returns():
    inner = pkt.ip4(pkt.udp(1110, 1))
    with Ledger(px) as led:
        topo.to_proxy([16010, 16020], inner)
        topo.at_vnf(1, inner)
        for _ in range(3):
            topo.from_vnf(1, inner)
            topo.at_switch([(16020, 0, 63)], inner)
        topo.to_proxy([16010, 16020], inner)
        topo.at_vnf(1, inner)
    equal(led.delta.get('vnf', 'fw', 'to_vnf_packets'), 2, 'to_vnf')
    equal(led.delta.get('vnf', 'fw', 'from_vnf_packets'), 3, 'from_vnf')
    topo.silent()


@case('jumbo of the link: 1500 octets pass, with 16 labels in front')
def full_size():
    inner = pkt.ip4(pkt.udp(1120, 1, b'z' * 1472))
    equal(len(inner), 1500, 'length')
    topo.ip('px', 'link set u0 mtu 1600')
    topo.ip('sw', 'link set s0 mtu 1600')
    labels = [16010] + list(range(17001, 17017))
    topo.to_proxy(labels, inner)
    topo.at_vnf(1, inner)
    topo.from_vnf(1, inner)
    topo.at_switch([(n, 0, 63) for n in labels[1:]], inner)


def routed_on(family):
    """Bottom of stack popped: the node's IP stack forwards what comes back."""
    inner = pkt.ip(pkt.udp(1200, 1), family, ttl=33)
    with Ledger(px, local=1):
        topo.to_proxy([16010], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, inner)
        topo.at_switch([], pkt.with_ttl(inner, 32), topo.s1)
    topo.silent()


case('last function of a chain: routed on, v4', 4)(routed_on)
case('last function of a chain: routed on, v6', 6)(routed_on)


def delivered(family):
    """Bottom of stack popped: a program on the node receives it."""
    here, kind = (('10.0.0.1', socket.AF_INET), ('2001:db8:a0::1', socket.AF_INET6))[family == 6]
    there = {4: '192.0.2.77', 6: '2001:db8:1::77'}[family]
    with in_netns(topo.netns('px')):
        listener = socket.socket(kind, socket.SOCK_DGRAM)
        listener.bind((here, 4789))
        listener.settimeout(2)
    inner = pkt.ip(pkt.udp(1210, 4789, b'to the node'), family, src=there, dst=here)
    with Ledger(px, local=1):
        topo.to_proxy([16010], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, inner)
        data, origin = listener.recvfrom(100)
    equal((data, origin[:2]), (b'to the node', (there, 1210)), 'datagram')
    listener.close()


case('last function of a chain: delivered locally, v4', 4)(delivered)
case('last function of a chain: delivered locally, v6', 6)(delivered)


@case('labels of others are routed by the kernel, uncounted')
def others_labels():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    topo.lfib('px', 'replace 500 as 501 via inet 10.0.10.2 dev u1')
    inner = pkt.ip4(pkt.udp(1300, 1))
    with Ledger(px) as led:
        topo.to_proxy([(500, 0, 9), (16010, 0, 64)], inner)
        topo.at_switch([(501, 0, 8), (16010, 0, 64)], inner, topo.s1)
        topo.to_proxy([900], inner)
    equal([v for v in led.delta.counters.values() if v], [], 'moved counters')
    topo.silent()


@case('plain IP, ARP and ND on the uplink are not ours')
def non_mpls():
    topo.ip('px', 'neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev u0',
            'neigh replace 2001:db8:a0::2 lladdr 02:00:00:00:00:02 dev u0')
    with Ledger(px) as led:
        for family, near, far in ((4, '10.0.0.2', '10.0.0.1'),
                                  (6, '2001:db8:a0::2', '2001:db8:a0::1')):
            ask, answer = (pkt.icmp(5), pkt.icmp(5, kind=0)) if family == 4 else (
                pkt.icmp6(5), pkt.icmp6(5, kind=129))
            inner = pkt.ip(ask, family, src=near, dst=far)
            topo.s0.send(pkt.ether(pkt.mac('02:00:00:00:00:01'), topo.s0.mac,
                                   pkt.ether_type(inner), inner))
            frame = topo.s0.recv()
            check(frame and frame.inner[-16:] == pkt.ip(
                answer, family, src=far, dst=near)[-16:], 'no echo reply: %s' % frame)
    equal([v for v in led.delta.counters.values() if v], [], 'moved counters')


@case('labelled frames to other hosts, multicast, or with a VLAN tag are not ours')
def other_hosts():
    inner = pkt.ip4(pkt.udp(1310, 1))
    labelled = pkt.encode_labels(pkt.stack(16010, 16020)) + inner
    mine = pkt.mac('02:00:00:00:00:01')
    with Ledger(px) as led:
        for dst in ('02:00:00:00:00:99', 'ff:ff:ff:ff:ff:ff', '01:00:5e:80:00:01'):
            topo.s0.send(pkt.ether(pkt.mac(dst), topo.s0.mac, pkt.ETH_MPLS, labelled))
        topo.s0.send(pkt.ether(mine, topo.s0.mac, pkt.ETH_VLAN,
                               struct.pack('!HH', 5, pkt.ETH_MPLS) + labelled))
        topo.s0.send(pkt.ether(mine, topo.s0.mac, pkt.ETH_MPLS_MC, labelled))
        topo.silent()
    equal([v for v in led.delta.counters.values() if v], [], 'moved counters')


@case('ARP and ND of the function reach the node')
def vnf_arp():
    topo.ip('px', 'addr add 10.0.17.1/24 dev v1')
    with_noise = Port(topo.netns('fn'), 'f1', noise=True)
    ask = struct.pack('!HHBBH6s4s6s4s', 1, 0x0800, 6, 4, 1, f_mac(1), pkt.address('10.0.17.2'),
                      bytes(6), pkt.address('10.0.17.1'))
    topo.f[1].send(pkt.ether(b'\xff' * 6, f_mac(1), pkt.ETH_ARP, ask))
    frame = with_noise.recv()
    while frame and frame.type != pkt.ETH_ARP:
        frame = with_noise.recv()
    with_noise.close()
    topo.ip('px', 'addr del 10.0.17.1/24 dev v1')
    check(frame and frame.inner[6:8] == b'\0\x02', 'no ARP reply: %s' % frame)


@case('labels, idle time and packets of a flow that goes on')
def flow_goes_on():
    inner = pkt.ip6(pkt.tcp(1400, 443))
    for _ in range(5):
        topo.to_proxy([16010, 16020], inner)
        topo.at_vnf(1, inner)
    found = [f for f in px.flows('sid', '16010') if f.get('sport') == 1400]
    equal(len(found), 1, 'flows')
    check(found[0]['packets'] >= 4, 'packets %s' % found[0]['packets'])


@case('stats reset sets every counter to zero and leaves flows alone')
def reset():
    before = px.show('flow count')
    px.ctl('stats reset')
    after = px.snapshot().counters
    moved = {k: v for k, v in after.items() if v and k[-1] not in (
        'flows', 'flow_size', 'protected', 'max_flows')}
    equal(moved, {}, 'counters')
    equal(px.show('flow count'), before, 'flow count')


run()
