# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_app.sh."""

import os
import random
import socket
import struct
import subprocess
import time

import pkt
from ktap import Skip, before_each, case, check, equal, run, wait_for
from neigh import answered, arp, is_advertisement, is_arp_reply, solicitation
from netio import in_netns, send_many
from nodes import U_MAC, One
from pkt import encode_labels, ether, mac, stack
from proxy import Ledger

topo = One(1)
px, s0, s1 = topo.px, topo.s0, topo.s1
g1 = topo.port('srv', 'g1')
W1, G1 = mac('02:00:00:00:30:01'), mac('02:00:00:00:30:02')
SERVER = {4: '10.0.30.2', 6: '2001:db8:30::2'}
POOL = {4: '10.0.31.0/24', 6: '2001:db8:31::/120'}
FIRST = {4: '10.0.31.1', 6: '2001:db8:31::1'}
PORT, FIRST_PORT = 5300, 1024
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
FLOWS = int(os.environ['SRP_APP_FLOWS'])


def server(family, address=None, port=PORT):
    """A UDP socket on the servers' host."""
    with in_netns(topo.netns('srv')):
        sock = socket.socket(FAMILY[family], socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)     # SO_RCVBUFFORCE
    sock.bind((address or SERVER[family], port))
    sock.settimeout(10)
    return sock


SOCK = {family: server(family) for family in (4, 6)}


def end(family, port=PORT):
    return ('%s:%d' if family == 4 else '[%s]:%d') % (SERVER[family], port)


def line(family=4, options='', name='srv'):
    return 'vnf add %s app %s dev w1 pool %s %s' % (name, end(family), POOL[family], options)


def one(family=4, options=''):
    px.ctl(line(family, options), 'sid add 16010 vnf srv')


@before_each
def start():
    px.clear()
    for sock in SOCK.values():
        sock.setblocking(False)
        try:
            while sock.recv(65536):
                pass
        except BlockingIOError:
            pass
        sock.settimeout(10)
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def datagram(family, data, sport=40000, dport=53, **fields):
    return pkt.ip(pkt.udp(sport, dport, data), family, **fields)


def asked(family, data):
    """The server has got this payload; whom from."""
    got, peer = SOCK[family].recvfrom(65536)
    equal(got, data, 'payload at the server')
    return peer[:2]


def answer(family, data, peer):
    SOCK[family].sendto(data, peer)


def at_switch(labels, family, data, port=None, **fields):
    """The answer leaves for the switch as a packet of its flow."""
    frame = (port or s0).recv()
    check(frame is not None, 'no answer at the switch')
    equal(frame.labels, stack(*labels) if labels else None, 'labels')
    if family == 4:
        fields.update(frag=0, ident=struct.unpack_from('!H', frame.inner, 4)[0])
    want = datagram(family, data, **fields)
    equal(frame.inner.hex(), want.hex(), 'packet')
    return frame


def whole_way(inner, family):
    """To the server in its payload, and back with the session's addresses."""
    one(family)
    with Ledger(px) as led:
        topo.to_proxy([16010, 900, 901], datagram(inner, b'question', ttl=40, tos=0xb8))
        peer = asked(family, b'question')
        equal(peer, (FIRST[family], FIRST_PORT), 'whom from')
        answer(family, b'the longer answer', peer)
        at_switch([(900, 0, 63), (901, 0, 63)], inner, b'the longer answer', ttl=40, tos=0xb8)
        answer(family, b'', peer)
        at_switch([(900, 0, 63), (901, 0, 63)], inner, b'', ttl=40, tos=0xb8)
    led.dropped()
    stats = px.vnf('srv')['stats']
    equal((stats['to_vnf_packets'], stats['from_vnf_packets']), (1, 2), 'counters')
    flow, = px.flows()
    equal((flow['src'], flow['sport'], flow['dport'], flow['packets']),
          ({4: '192.0.2.1', 6: '2001:db8:1::1'}[inner], 40000, 53, 1), 'flow show')
    equal((flow['pool'], flow['pool_port']), (FIRST[family], FIRST_PORT), 'flow show')


for _inner in (4, 6):
    for _family in (4, 6):
        case('v%d through a server of v%d' % (_inner, _family), _inner, _family)(whole_way)


@case('answers: none, several, in any order, late')
def answers():
    one()
    peers = {}
    with Ledger(px) as led:
        for port in range(1, 9):
            topo.to_proxy([16010, 900 + port], datagram(4, b'%d' % port, port))
            peers[port] = asked(4, b'%d' % port)
        equal(len(set(peers.values())), 8, 'different ports')
        for port in (5, 2, 8, 2, 1, 2):
            answer(4, b'to %d' % port, peers[port])
            at_switch([(900 + port, 0, 63)], 4, b'to %d' % port, sport=port)
        topo.to_proxy([16010, 903], datagram(4, b'again', 3))
        equal(asked(4, b'again'), peers[3], 'the same flow')
    led.dropped()


@case('two functions in a chain: a server and one behind a device')
def chained():
    one()
    px.ctl(topo.vnf_line(1, 'fw'), 'sid add 16011 vnf fw')
    topo.to_proxy([16011, 16010, 900], datagram(4, b'q'))
    topo.at_vnf(1, datagram(4, b'q'))
    topo.from_vnf(1, datagram(4, b'q'))
    answer(4, b'a', asked(4, b'q'))
    at_switch([(900, 0, 62)], 4, b'a')
    topo.to_proxy([16010, 16011, 900], datagram(4, b'q2', 9))
    answer(4, b'a2', asked(4, b'q2'))
    frame = topo.f[1].recv()
    topo.from_vnf(1, frame.inner)
    at_switch([(900, 0, 62)], 4, b'a2', sport=9)


@case('the last function of a chain: the IP stack takes the answer')
def last():
    one()
    px.ctl('uplink add dev u1')
    topo.to_proxy([16010], datagram(4, b'q', ttl=9))
    answer(4, b'a', asked(4, b'q'))
    at_switch(None, 4, b'a', s1, ttl=8)


def ttl(mode, label, inner, want):
    one()
    px.ctl('config set ttl ' + mode)
    topo.to_proxy([(16010, 0, label), 900], datagram(4, b'q', ttl=inner))
    answer(4, b'a', asked(4, b'q'))
    at_switch([(900, 0, want[0])], 4, b'a', ttl=want[1])


case('TTL: pipe', 'pipe', 30, 200, (29, 200))(ttl)
case('TTL: uniform, the label has less', 'uniform', 30, 200, (29, 29))(ttl)
case('TTL: uniform, the packet has less', 'uniform', 64, 20, (20, 20))(ttl)


@case('DSCP is the session\'s, ECN the answer\'s')
def dscp():
    one()
    topo.to_proxy([16010, 900], datagram(4, b'q', tos=46 << 2 | 2))
    peer = asked(4, b'q')
    SOCK[4].setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 8 << 2 | 1)
    answer(4, b'a', peer)
    SOCK[4].setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0)
    at_switch([(900, 0, 63)], 4, b'a', tos=46 << 2 | 1)


def wire(family, data, sport, dport=PORT, check_sum=True, src=None, **fields):
    """A packet from the server's host as this process makes it."""
    packet = pkt.ip(pkt.udp(dport, sport, data), family, src=src or SERVER[family],
                    dst=FIRST[family], **fields)
    if not check_sum:
        at = 20 if family == 4 else 40
        packet = packet[:at + 6] + b'\0\0' + packet[at + 8:]
    return ether(W1, G1, pkt.ether_type(packet), packet)


def checksums(inner, family):
    """Whole, wrong or none: a wrong one stays wrong, none becomes one for v6."""
    one(family)
    topo.to_proxy([16010, 900], datagram(inner, b'odd'))
    asked(family, b'odd')
    g1.drain()
    g1.send(wire(family, b'answers', FIRST_PORT))
    at_switch([(900, 0, 63)], inner, b'answers')
    bad = bytearray(wire(family, b'answers', FIRST_PORT))
    bad[-1] ^= 0x40
    g1.send(bytes(bad))
    good, got = datagram(inner, b'answers'), s0.recv().inner
    equal(got[-7:], good[-7:-1] + bytes([good[-1] ^ 0x40]), 'payload')
    at = 20 if inner == 4 else 40
    equal(got[at:at + 8], good[at:at + 8], 'UDP header')
    if family == 4:
        g1.send(wire(family, b'answers', FIRST_PORT, check_sum=False))
        if inner == 4:
            got = s0.recv().inner
            equal(got[26:], b'\0\0answers', 'no checksum')
        else:
            at_switch([(900, 0, 63)], inner, b'answers')


for _inner in (4, 6):
    for _family in (4, 6):
        case('checksums of answers, v%d of a v%d server' % (_inner, _family), _inner,
             _family)(checksums)


@case('a wrong checksum on the way in is the server\'s to see; none is fine')
def checksum_in():
    one()
    bad = bytearray(datagram(4, b'x'))
    bad[-1] ^= 1
    none = datagram(4, b'y')
    none = none[:26] + b'\0\0' + none[28:]
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], bytes(bad))
        topo.to_proxy([16010, 900], none)
        asked(4, b'y')
    led.dropped()
    equal(led.delta.get('vnf', 'srv', 'to_vnf_packets'), 2, 'to_vnf')


@case('no checksum, to a server of IPv6: it gets one')
def checksum_made():
    one(6)
    none = datagram(4, b'y')
    topo.to_proxy([16010, 900], none[:26] + b'\0\0' + none[28:])
    asked(6, b'y')


def not_udp(packet):
    one()
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], packet)
    led.dropped(app_not_udp=1)
    equal(px.flow_count(), 0, 'flows')


def broken(length):
    """A datagram that says it is so long."""
    whole = datagram(4, b'datagram')
    return whole[:24] + struct.pack('!H', length) + whole[26:]


for _family in (4, 6):
    for _name, _l4 in (('TCP', pkt.tcp(1, 2)), ('UDP-Lite', pkt.udplite(1, 2)),
                       ('SCTP', pkt.sctp(1, 2)), ('ESP', pkt.esp())):
        case('dropped: %s, v%d' % (_name, _family), pkt.ip(_l4, _family))(not_udp)
case('dropped: a ping', pkt.ip4(pkt.icmp()))(not_udp)
case('dropped: a ping, v6', pkt.ip6(pkt.icmp6()))(not_udp)
case('dropped: an ICMP error', pkt.ip4(pkt.icmp(data=datagram(4, b'x'), kind=3, code=3)))(not_udp)
case('dropped: UDP longer than the packet', broken(17))(not_udp)
case('dropped: UDP shorter than its header', broken(7))(not_udp)
case('dropped: IPv6 without a checksum',
     (lambda p: p[:46] + b'\0\0' + p[48:])(datagram(6, b'x')))(not_udp)
case('dropped: UDP behind AH', pkt.ip4(pkt.ah(pkt.udp(1, 2))))(not_udp)


@case('UDP shorter than the packet, options, extension headers: payload only')
def trimmed():
    one()
    whole = datagram(4, b'payload and more')
    for packet in (whole[:24] + struct.pack('!H', 8 + 7) + b'\0\0' + whole[28:],
                   datagram(4, b'payload', 2, options=b'\1\1\1\1'),
                   datagram(6, b'payload', 3, exts=[pkt.ext(0), pkt.ext(60)])):
        topo.to_proxy([16010, 900], packet)
        answer(4, b'a', asked(4, b'payload'))
        check(s0.recv() is not None, 'no answer')


@case('fragments on the way in')
def fragments_in():
    one()
    with Ledger(px) as led:
        for family in (4, 6):
            for part in pkt.fragment(datagram(family, b'f' * 200, frag=0) if family == 4
                                     else datagram(6, b'f' * 200), 64):
                topo.to_proxy([16010, 900], part)
    equal(set(led.drops) - {'app_not_udp', 'frag_orphan'}, set(), 'drops')
    equal(sum(led.drops.values()), 8, 'fragments dropped')
    equal(px.flow_count(), 0, 'flows')


@case('who may answer: only the server, only to ports in use')
def unclaimed():
    one()
    topo.to_proxy([16010, 900], datagram(4, b'q'))
    peer = asked(4, b'q')
    g1.drain()
    wrong = [wire(4, b'x', FIRST_PORT + 1), wire(4, b'x', FIRST_PORT - 1), wire(4, b'x', 61024),
             wire(4, b'x', 65535), wire(4, b'x', FIRST_PORT, PORT + 1),
             wire(4, b'x', FIRST_PORT, src='10.0.30.3'),
             ether(W1, G1, pkt.ETH_IP, pkt.ip4(pkt.tcp(PORT, FIRST_PORT), src=SERVER[4],
                                               dst=FIRST[4])),
             ether(W1, G1, pkt.ETH_IP, pkt.ip4(pkt.icmp(), src=SERVER[4], dst=FIRST[4])),
             ether(W1, G1, pkt.ETH_IP, pkt.ip4(pkt.udp(PORT, FIRST_PORT), src=SERVER[4],
                                               dst='10.0.31.254'))]
    with Ledger(px) as led:
        for frame in wrong:
            g1.send(frame)
        topo.silent(s0)
    led.dropped(vnf_miss=len(wrong))
    equal(led.delta.get('vnf', 'srv', 'miss'), len(wrong), 'miss')
    with Ledger(px) as led:
        g1.send(ether(W1, G1, pkt.ETH_IP, pkt.ip4(pkt.udp(PORT, FIRST_PORT), src=SERVER[4],
                                                  dst='198.51.100.77')))
        g1.send(ether(W1, G1, pkt.ETH_MPLS, encode_labels(stack(16010)) + datagram(4, b'x')))
        for part in pkt.fragment(pkt.ip4(pkt.udp(PORT, FIRST_PORT, b'f' * 100), src='10.0.30.3',
                                         dst=FIRST[4], frag=0), 56):
            g1.send(ether(W1, G1, pkt.ETH_IP, part))
        broken_answer = bytearray(wire(4, b'x', FIRST_PORT))
        broken_answer[14 + 20 + 4:14 + 20 + 6] = b'\0\7'
        g1.send(bytes(broken_answer))
        topo.silent(s0)
    led.dropped(vnf_miss=1, vnf_labelled=1, app_fragment=2, inner_malformed=1)
    answer(4, b'still', peer)
    at_switch([(900, 0, 63)], 4, b'still')


def refused_by_host(family):
    """Nobody listens: the host says so, of our datagram."""
    px.ctl('vnf add srv app %s dev w1 pool %s' % (end(family, 9), POOL[family]),
           'sid add 16010 vnf srv')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], datagram(4, b'q'))
        wait_for(lambda: (px.snapshot() - led.before).drops.get('app_icmp'),
                 'the error to be counted', 20)
        topo.silent(s0)
    led.dropped(app_icmp=1)


case('an ICMP error of the server\'s host is counted, v4', 4)(refused_by_host)
case('an ICMP error of the server\'s host is counted, v6', 6)(refused_by_host)


@case('the node itself is reached as ever, and its neighbours')
def node_itself():
    one()
    topo.sh('srv', 'ping -c 1 -W 5 10.0.30.1')
    topo.sh('srv', 'ping -c 1 -W 5 2001:db8:30::1')


# ---- ARP and neighbour discovery ---------------------------------------------

def neighbour(family):
    """What the servers' host has learnt of the first address, over and over."""
    one(family)
    topo.ip('srv', 'neigh flush dev g1')
    with Ledger(px) as led:
        SOCK[family].sendto(b'x', (FIRST[family], 9))
        wait_for(lambda: pkt.mac_text(W1) in topo.sh('srv', 'ip neigh show ' + FIRST[family]),
                 'the neighbour to be known', 20)
    led.dropped(vnf_miss=1)
    shown = topo.sh('srv', 'ip neigh show ' + FIRST[family])
    check('router' not in shown, 'a router: ' + shown)


case('ARP: the servers\' host learns an address of the pool', 4)(neighbour)
case('ND: the servers\' host learns an address of the pool', 6)(neighbour)


LAST = {4: '10.0.31.200', 6: '2001:db8:31::c8'}


def arp_answers(port, target, served=True, **fields):
    """The ARP replies to a request, sent on a port, before another's."""
    frames = [ether(b'\xff' * 6, port.mac, pkt.ETH_ARP, arp(port.mac, target, **fields)),
              ether(b'\xff' * 6, port.mac, pkt.ETH_ARP, arp(port.mac, LAST[4]))]
    return answered(port, frames if served else frames[:1], is_arp_reply, served and (
        lambda f: is_arp_reply(f) and f.inner[14:18] == pkt.address(LAST[4])))


@case('ARP: addresses of the pool only, on that device only')
def arp_which():
    one()
    for target in ('10.0.31.1', '10.0.31.77', '10.0.31.254'):
        for sender in ('10.0.30.2', '0.0.0.0'):
            reply, = arp_answers(g1, target, sender=sender)
            equal((reply.dst, reply.src), (G1, W1), 'MACs')
            equal(reply.inner[8:28], W1 + pkt.address(target) + G1 + pkt.address(sender), 'reply')
    for target, fields in (('10.0.31.0', {}), ('10.0.31.255', {}), ('10.0.32.1', {}),
                           ('10.0.31.1', {'sender': '10.0.31.1'}), ('10.0.31.1', {'kind': 2})):
        equal(arp_answers(g1, target, **fields), [], 'answers for ' + target)
    equal(arp_answers(topo.f[1], '10.0.31.1', False), [], 'answers on v1')
    px.ctl('sid del 16010', 'vnf del srv')
    equal(arp_answers(g1, '10.0.31.1', False), [], 'answers without the vnf')


def solicited(target, **fields):
    return solicitation(G1, W1, target, **fields)


def advertisements(frame):
    """The neighbour advertisements that a frame is answered with."""
    return answered(g1, [frame, solicited(LAST[6])], is_advertisement,
                    lambda f: is_advertisement(f) and
                    f.inner[48:64] == pkt.address(LAST[6]))


@case('ND: the advertisement: solicited, not overriding, not of a router')
def nd_which():
    one(6)
    target = '2001:db8:31::4d'
    for dst in (None, target):
        reply, = advertisements(solicited(target, dst=dst))
        equal((reply.dst, reply.src), (G1, W1), 'MACs')
        want = pkt.ip6(pkt.L4(58, struct.pack('!BBHI', 136, 0, 0, 0x40000000) +
                              pkt.address(target) + b'\2\1' + W1, 2),
                       src=target, dst='2001:db8:30::2', ttl=255)
        equal(reply.inner.hex(), want.hex(), 'advertisement')
    reply, = advertisements(solicited(target, src='::', option=False))
    equal((reply.dst, pkt.address_text(reply.inner[24:40]), reply.inner[44]),
          (mac('33:33:00:00:00:01'), 'ff02::1', 0), 'answer to who would take the address')
    for wrong in (dict(ttl=254), dict(code=1), dict(src='::', dst=target)):
        equal(advertisements(solicited(target, **wrong)), [], 'answers to %s' % wrong)
    for other in ('2001:db8:31::', '2001:db8:31::ff', '2001:db8:31::1:4d', '2001:db8:32::4d'):
        equal(advertisements(solicited(other)), [], 'answers for ' + other)
    bad = bytearray(solicited(target))
    bad[-1] ^= 1
    equal(advertisements(bytes(bad)), [], 'answers to a wrong checksum')


# ---- sizes -------------------------------------------------------------------

@case('too big for the server, may be fragmented: it gets it whole')
def big_in():
    one(options='mtu 600')
    for size, pieces in ((572, 1), (573, 2), (1400, 3)):
        g1.drain()
        with Ledger(px) as led:
            topo.to_proxy([16010, 900], datagram(4, b'b' * size, frag=0))
            peer = asked(4, b'b' * size)
        led.dropped()
        frames = [f for f in iter(lambda: g1.recv(0.05), None) if f.inner[9] == 17]
        equal(len(frames), pieces, 'packets to the server')
        answer(4, b'ok', peer)
        at_switch([(900, 0, 63)], 4, b'ok')


def too_big(inner, family, mtu, size, told):
    """The sender is told what fits."""
    one(family, 'mtu %d' % mtu)
    px.ctl('config set icmp reverse')
    header = 28 if inner == 4 else 48
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], datagram(inner, b'b' * (told - header)))
        asked(family, b'b' * (told - header))
        topo.to_proxy([16010, 900], datagram(inner, b'b' * size))
        frame = s0.recv()
    led.dropped(mtu_exceeded=1)
    check(frame is not None, 'the sender is not told')
    equal([e.label for e in frame.labels], [900], 'labels')
    at = 20 if inner == 4 else 40
    kind, code, mtu = struct.unpack_from('!BBxxI', frame.inner, at)
    equal((kind, code, mtu & 0xFFFF), (3, 4, told) if inner == 4 else (2, 0, told), 'ICMP')


case('too big for the server: told, v4 to v4', 4, 4, 600, 1000, 600)(too_big)
case('too big for the server: told, v4 to v6', 4, 6, 1300, 1400, 1280)(too_big)
case('too big for the server: told, v6 to v4', 6, 4, 1300, 1400, 1320)(too_big)
case('too big for the server: told, v6 to v6', 6, 6, 1300, 1400, 1300)(too_big)


def narrow(body):
    topo.ip('px', 'link set u0 mtu 1300')
    try:
        body()
    finally:
        topo.ip('px', 'link set u0 mtu 1500')


def answer_fragmented(family):
    """An answer of IPv4 is fragmented where it leaves."""
    one(family)

    def body():
        topo.to_proxy([16010, 900], datagram(4, b'q'))
        with Ledger(px) as led:
            answer(family, b'a' * 1400, asked(family, b'q'))
            parts = [s0.recv().inner, s0.recv().inner]
        led.dropped()
        check(all(len(part) <= 1296 for part in parts), 'sizes: %s' % [len(p) for p in parts])
        equal(parts[0][4:6], parts[1][4:6], 'identification')
        whole = b''.join(part[20:] for part in parts)
        equal(whole.hex(), datagram(4, b'a' * 1400)[20:].hex(), 'datagram')
    narrow(body)


case('an answer outgrows the uplink, v4 of a v4 server', 4)(answer_fragmented)
case('an answer outgrows the uplink, v4 of a v6 server', 6)(answer_fragmented)


def answer_told(family, told):
    """An answer of IPv6 that is too big: the server is told what fits."""
    one(family)
    px.ctl('config set icmp reverse')
    header = 28 if family == 4 else 48

    def body():
        topo.to_proxy([16010, 900], datagram(6, b'q'))
        peer = asked(family, b'q')
        fits = b'a' * (told - header)
        answer(family, fits, peer)
        at_switch([(900, 0, 63)], 6, fits)
        g1.drain()
        with Ledger(px) as led:
            g1.send(wire(family, b'a' * 1400, FIRST_PORT))
            frame = g1.recv()
        led.dropped(mtu_exceeded=1)
        check(frame is not None, 'the server is not told')
        at = 20 if family == 4 else 40
        kind, code, mtu = struct.unpack_from('!BBxxI', frame.inner, at)
        equal((frame.dst, kind, code, mtu), (G1,) + ((3, 4, told) if family == 4 else
                                                    (2, 0, told)), 'ICMP')
        topo.silent(s0)
    narrow(body)


case('an answer outgrows the uplink, v6 of a v4 server', 4, 1276)(answer_told)
case('an answer outgrows the uplink, v6 of a v6 server', 6, 1296)(answer_told)


def segmented(inner, family):
    """Several answers in one packet, to be cut where they leave (GSO)."""
    one(family)
    topo.to_proxy([16010, 900], datagram(inner, b'q'))
    peer = asked(family, b'q')
    SOCK[family].setsockopt(17, 103, 100)       # SOL_UDP, UDP_SEGMENT
    try:
        with Ledger(px) as led:
            answer(family, b'1' * 100 + b'2' * 100 + b'3' * 50, peer)
            for part in (b'1' * 100, b'2' * 100, b'3' * 50):
                at_switch([(900, 0, 63)], inner, part)
        led.dropped()
    finally:
        SOCK[family].setsockopt(17, 103, 0)


for _inner in (4, 6):
    for _family in (4, 6):
        case('answers in one packet (GSO), v%d of a v%d server' % (_inner, _family), _inner,
             _family)(segmented)


# ---- ports and flows ----------------------------------------------------------

@case('a port is used again when the idle time has passed once more, not before')
def reuse():
    one()
    px.ctl('config set idle-timeout 1')
    topo.to_proxy([16010, 900], datagram(4, b'q', 1))
    equal(asked(4, b'q')[1], FIRST_PORT, 'port')
    px.ctl('flow flush')
    start = time.monotonic()
    used, sport = [], 2

    def again():
        nonlocal sport
        topo.to_proxy([16010, 900], datagram(4, b'q%d' % sport, sport))
        used.append(asked(4, b'q%d' % sport)[1])
        sport += 1
        return used[-1] == FIRST_PORT
    wait_for(again, 'the port to be used again', 30)
    check(time.monotonic() - start >= 0.9, 'used again after %f s' % (time.monotonic() - start))
    check(len(set(used)) == len(used), 'ports: %s' % used)


@case('an answer after the flow has ended is no one\'s')
def too_late():
    one()
    topo.to_proxy([16010, 900], datagram(4, b'q'))
    peer = asked(4, b'q')
    px.ctl('flow flush')
    with Ledger(px) as led:
        answer(4, b'late', peer)
        topo.silent(s0)
    led.dropped(vnf_miss=1)


@case('max-flows: the oldest gives way, and with it its port')
def bounded():
    one(options='max-flows 3')
    peers = []
    for n in range(6):
        topo.to_proxy([16010, 900], datagram(4, b'%d' % n, n + 1))
        peers.append(asked(4, b'%d' % n))
    equal(px.flow_count(), 3, 'flows')
    with Ledger(px) as led:
        for n, peer in enumerate(peers):
            answer(4, b'a%d' % n, peer)
        for n in (3, 4, 5):
            at_switch([(900, 0, 63)], 4, b'a%d' % n, sport=n + 1)
    led.dropped(vnf_miss=3)


def sessions(first, count):
    """Frames of so many clients."""
    return [ether(U_MAC['s0'], s0.mac, pkt.ETH_MPLS,
                  encode_labels(stack(16010, 900)) +
                  pkt.ip4(pkt.udp(1 + n % 60000, 53, b'%d' % n), src='192.0.2.%d' % (n // 60000)))
            for n in range(first, first + count)]


@case('many clients: each gets its own answer')
def many():
    one()
    px.ctl('config set idle-timeout 600')
    count, sock = FLOWS, SOCK[4]
    missing = set(range(count))
    with Ledger(px) as led:
        for first in range(0, count, 100):
            send_many(s0, sessions(first, min(100, count - first)))
            for _ in range(min(100, count - first)):
                data, peer = sock.recvfrom(100)
                sock.sendto(b'to ' + data, peer)
            for _ in range(min(100, count - first)):
                inner = s0.recv().inner
                number = int(inner[28:].split()[1])
                equal((inner[15], struct.unpack_from('!H', inner, 20)[0]),
                      (number // 60000, 1 + number % 60000), 'whose answer')
                missing.discard(number)
    led.dropped()
    equal((len(missing), px.flow_count()), (0, count), 'without an answer, and flows')


@case('a pool of one address: 60,000 flows, then no more until ports are free')
def exhausted():
    if FLOWS < 50000:
        raise Skip('only on plain User-Mode Linux')
    px.ctl('config set idle-timeout 600', 'vnf add srv app %s dev w1 pool 10.0.31.9/32' % end(4), 'sid add 16010 vnf srv')
    with Ledger(px) as led:
        send_many(s0, sessions(0, 60000))
        wait_for(lambda: px.flow_count() == 60000, 'all flows', 60)
        send_many(s0, sessions(60000, 20))
        send_many(s0, sessions(100, 20))
    led.dropped(pool_exhausted=20)
    px.ctl('flow flush')
    with Ledger(px) as led:
        send_many(s0, sessions(0, 5))
    led.dropped(pool_exhausted=5)
    px.ctl('config set idle-timeout 1')

    def free():
        with Ledger(px) as one_more:
            send_many(s0, sessions(0, 1))
        return not one_more.drops
    wait_for(free, 'ports to be free again', 30)


# ---- configuration -------------------------------------------------------------

@case('refusals: a sentence each')
def refused():
    wrong = {
        'vnf add a app 10.0.30.2:53 dev w1': 'pool',
        'vnf add a app 10.0.30.2:53 pool 10.0.31.0/24': 'device',
        'vnf add a app 10.0.30.2:53 dev w1 pool 10.0.31.1/24': 'host bits',
        'vnf add a app 10.0.30.2:53 dev w1 pool 10.0.30.0/24': 'own address is in the pool',
        'vnf add a app 10.0.30.2:53 dev w1 pool 2001:db8:31::/120': 'not of one family',
        'vnf add a app 10.0.30.2:53 dev w1 pool 127.0.0.0/8': 'unicast',
        'vnf add a app 10.0.30.2:0 dev w1 pool 10.0.31.0/24': 'port',
        'vnf add a app 10.0.30.2:53 dev w1 pool 10.0.31.0/24 in v1': '',
        'vnf add a app 10.0.30.2:53 dev w1 pool 10.0.31.0/24 match vlan 1-2': '',
        'vnf add a app 10.0.30.2:53 dev w1 pool 10.0.31.0/24 inner ethernet': '',
        'vnf add a app 10.0.30.2:53 dev u0 pool 10.0.31.0/24': '',
    }
    for command, found in zip(wrong, px.refusals(list(wrong))):
        check(found and wrong[command] in found, '%s: "%s"' % (command, found))
    equal(px.show('vnf show'), [], 'vnf show')


@case('show, set, save and apply')
def configured():
    one(6, 'mtu 1400 max-flows 1000')
    shown = px.vnf('srv')
    equal({key: shown.get(key) for key in ('type', 'dev', 'pool', 'mtu', 'max_flows', 'state')},
          {'type': 'app', 'dev': 'w1', 'pool': POOL[6], 'mtu': 1400, 'max_flows': 1000,
           'state': 'up'}, 'vnf show')
    topo.to_proxy([16010, 900], datagram(4, b'q'))
    peer = asked(6, b'q')
    saved = px.run('save')[1]
    px.ctl('vnf set srv mtu 1450')
    equal(px.run('apply', '-', feed=saved)[0], 0, 'apply')
    equal(px.run('save')[1], saved, 'save after apply')
    answer(6, b'a', peer)
    at_switch([(900, 0, 63)], 4, b'a')
    px.clear()
    equal(px.run('apply', '-', feed=saved)[0], 0, 'apply to nothing')
    equal(px.run('save')[1], saved, 'save after apply to nothing')


@case('the server that the guide shows')
def guide():
    path = os.path.join(os.path.dirname(__file__), '../Documentation/vnf-guide.md')
    with open(path, encoding='utf-8') as file:
        text, = [part.split('```')[0] for part in file.read().split('```python\n')[1:]
                 if '5301' in part.split('```')[0]]
    program = subprocess.Popen(  # pylint: disable=consider-using-with
        ['ip', 'netns', 'exec', topo.netns('srv'), '/usr/bin/python3', '-c', text])
    try:
        for family in (4, 6):
            px.clear()
            px.ctl('uplink add dev u0', 'vnf add srv app %s dev w1 pool %s' %
                   (end(family, 5301), POOL[family]), 'sid add 16010 vnf srv')

            def served():
                topo.to_proxy([16010, 900], datagram(4, b'question'))
                return s0.recv(0.5)
            wait_for(served, 'the server to run', 60)
            # the first to be answered of these, after all that came before
            for text in (b'drop it', b'no, do not'):
                topo.to_proxy([16010, 900], datagram(4, text, 7))
            frame = s0.recv(10)
            while frame and b'QUESTION' in frame.inner:
                frame = s0.recv(10)
            check(frame and frame.inner.endswith(b'NO, DO NOT'), 'the answer: %s' % frame)
    finally:
        program.kill()
        program.wait()


@case('packets that are broken at random: all are accounted for')
def fuzz():
    one()
    topo.to_proxy([16010, 900], datagram(4, b'q'))
    peer = asked(4, b'q')
    rng = random.Random(1)
    seeds = [encode_labels(stack(16010, 900)) + datagram(f, b'data' * 4) for f in (4, 6)]
    replies = [wire(4, b'data' * 4, FIRST_PORT)[14:], wire(4, b'', FIRST_PORT)[14:],
               pkt.ip4(pkt.icmp(data=datagram(4, b'x'), kind=3), src=SERVER[4], dst=FIRST[4])]

    def broken_one(octets, keep):
        octets = bytearray(octets)
        for _ in range(rng.randrange(1, 4)):
            octets[rng.randrange(keep, len(octets))] = rng.randrange(256)
        return bytes(octets[:rng.randrange(keep, len(octets) + 1)])
    with Ledger(px):
        for _ in range(max(FLOWS // 50, 100)):
            for part in seeds:
                s0.send(ether(U_MAC['s0'], s0.mac, pkt.ETH_MPLS, broken_one(part, 8)))
            for part in replies:
                part = broken_one(part, 1)
                g1.send(ether(W1, G1, rng.choice((pkt.ETH_IP, pkt.ETH_IP6)), part))
            topo.drain()
    topo.drain()
    px.ctl('flow flush')
    topo.to_proxy([16010, 900], datagram(4, b'after', 9))
    wait_for(lambda: SOCK[4].recvfrom(9000)[0] == b'after', 'the server to be reached', 20)
    check(peer, 'peer')


@case('the device goes and comes back: down, then as before')
def vanished():
    one()
    topo.to_proxy([16010, 900], datagram(4, b'q'))
    asked(4, b'q')
    topo.ip('px', 'link del w1')
    wait_for(lambda: px.vnf('srv')['state'] == 'down', 'the vnf to be down', 20)
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], datagram(4, b'q'))
        topo.silent(s0)
    led.dropped(no_instance=1)
    topo.ip('px', 'link add name w1 address %s type veth peer name g1 address %s netns %s' % (
        pkt.mac_text(W1), pkt.mac_text(G1), topo.netns('srv')))
    topo.ip('srv', 'addr add 10.0.30.2/24 dev g1', 'link set g1 up', 'route add 10.0.31.0/24 dev g1')
    topo.ip('px', 'addr add 10.0.30.1/24 dev w1', 'link set w1 up')
    wait_for(lambda: px.vnf('srv')['state'] == 'up', 'the vnf to be up', 20)
    topo.to_proxy([16010, 900], datagram(4, b'again'))
    answer(4, b'a', asked(4, b'again'))
    at_switch([(900, 0, 63)], 4, b'a')


run()
