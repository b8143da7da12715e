# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_pmtu.sh."""

import os
import re
import socket
import struct

import pkt
from ktap import Failure, Skip, before_each, case, check, equal, note, run
from netio import in_netns
from nodes import One
from pkt import checksum
from proxy import Ledger

OCTETS = int(os.environ.get('SRP_TRAFFIC_OCTETS', str(1 << 20)))
topo = One(2)
px, s0, s1 = topo.px, topo.s0, topo.s1
SERVER = {4: '10.0.42.2', 6: '2001:db8:42::2'}
CLIENT = {4: '10.0.41.2', 6: '2001:db8:41::2'}
LABELS = (900, 901, 902, 903)
topo.ip('px', 'addr add 10.0.60.1/24 dev v2', 'addr add 2001:db8:60::1/64 dev v2 nodad')


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16011 vnf n1',
           'sid add 16012 vnf n2')


def u1_mtu(octets):
    """Below 1280 there is no IPv6: what it had is given back."""
    topo.ip('px', 'link set u1 mtu %d' % octets)
    if octets >= 1280:
        topo.ip('px', 'addr replace 2001:db8:aa::1/64 dev u1 nodad',
                'neigh replace 2001:db8:aa::2 lladdr 02:00:00:00:0a:02 dev u1 nud permanent',
                'route replace default via 2001:db8:aa::2')


class Fragment:
    """An IPv4 fragment taken apart, its header's checksum seen to."""

    def __init__(self, packet):
        equal(checksum(packet[:(packet[0] & 15) * 4]), 0, 'checksum of the header')
        self.hlen = (packet[0] & 15) * 4
        length, self.ident, field = struct.unpack_from('!3H', packet, 2)
        equal(length, len(packet), 'length')
        self.more, self.offset = field >> 13 & 1, (field & 0x1fff) * 8
        equal(field >> 14, 0, 'DF')
        self.options, self.data = packet[20:self.hlen], packet[self.hlen:]


def whole(packet, pieces, limit):
    """The fragments are those of the packet, none too big; as Fragments."""
    found, at = [], 0
    hlen = (packet[0] & 15) * 4
    for piece in pieces:
        check(len(piece) <= limit, 'a fragment of %d octets, limit %d' % (len(piece), limit))
        fragment = Fragment(piece)
        equal(piece[1], packet[1], 'TOS')
        equal(piece[8:10] + piece[12:20], packet[8:10] + packet[12:20], 'TTL to addresses')
        equal(piece[4:6], packet[4:6], 'id')
        equal(fragment.offset, at, 'offset')
        at += len(fragment.data)
        found.append(fragment)
    equal([f.more for f in found], [1] * (len(found) - 1) + [0], 'more fragments')
    equal(b''.join(f.data for f in found).hex(), packet[hlen:].hex(), 'payload')
    return found


def collect(port, count):
    frames = list(port.collect(count))
    equal(len(frames), count, 'frames')
    return frames


@case('DF clear, to the function: fragments that fit')
def cut_to_vnf():
    px.ctl('vnf set n1 mtu 600')
    for size, count in ((600 - 28, 1), (601 - 28, 2), (1480 - 28, 3)):
        inner = pkt.ip4(pkt.udp(1000, 1, os.urandom(size)), frag=0, ident=77)
        with Ledger(px) as led:
            topo.to_proxy([16011, 900], inner)
            frames = collect(topo.f[1], count)
            topo.silent()
        led.dropped()
        equal(led.delta.get('vnf', 'n1', 'to_vnf_packets'), 1, 'packets')
        equal(led.delta.get('vnf', 'n1', 'to_vnf_bytes'), len(inner), 'octets')
        whole(inner, [f.inner for f in frames], 600)


@case('DF clear, to the uplink: each fragment has the labels')
def cut_to_uplink():
    inner = pkt.ip4(pkt.udp(1001, 1), frag=0)
    topo.to_proxy([16011, *LABELS], inner)
    topo.at_vnf(1, inner)
    for size, count in ((1484, 1), (1485, 2), (1500, 2)):
        inner = pkt.ip4(pkt.udp(1001, 1, os.urandom(size - 28)), frag=0, ident=size)
        with Ledger(px) as led:
            topo.from_vnf(1, inner)
            frames = collect(s0, count)
            topo.silent()
        led.dropped()
        for frame in frames:
            equal(frame.labels, pkt.stack(*LABELS, ttl=63), 'labels')
        whole(inner, [f.inner for f in frames], 1484)


@case('options: the first fragment has all, later ones those to be copied')
def options():
    px.ctl('vnf set n1 mtu 400')
    both = bytes([7, 7, 4, 0, 0, 0, 0]) + bytes([0x94, 4, 0, 0]) + b'\0'
    inner = pkt.ip4(pkt.udp(1002, 1, os.urandom(900)), frag=0, ident=3, options=both)
    topo.to_proxy([16011, 900], inner)
    first, *later = whole(inner, [f.inner for f in collect(topo.f[1], 3)], 400)
    equal(first.options, both, 'options of the first')
    for fragment in later:
        equal(fragment.options, b'\1' * 7 + bytes([0x94, 4, 0, 0]) + b'\0', 'options')
    for bad in (bytes([7, 0, 4, 0]), bytes([7, 200, 4, 0]), bytes([1, 1, 1, 7]), b'\7\1\0\0'):
        inner = pkt.ip4(pkt.udp(1003, 1, os.urandom(900)), frag=0, ident=3, options=bad)
        topo.to_proxy([16011, 900], inner)
        whole(inner, [f.inner for f in collect(topo.f[1], 3)], 400)


@case('padding of the link layer is no reason to cut, and goes no further')
def padded():
    px.ctl('vnf set n1 mtu 1000')
    for family in (4, 6):
        for size, df in ((952 - 20 * (family == 6), 0x4000), (100, 0)):
            fields = {'frag': df} if family == 4 else {}
            inner = pkt.ip(pkt.udp(1004, 1, b'p' * size), family, **fields)
            with Ledger(px) as led:
                topo.to_proxy([16011, 900], inner + b'\xee' * 200 if size > 500 else
                              inner + b'\xee' * 1200)
                topo.at_vnf(1, inner)
                topo.silent()
            led.dropped()


@case('fragments of eight octets; less than that is counted')
def tiny():
    px.ctl('vnf set n1 mtu 68')
    inner = pkt.ip4(pkt.udp(1005, 1, b't' * 100), frag=0, options=b'\1' * 40)
    with Ledger(px) as led:
        topo.to_proxy([16011, 900, 901], inner)
        whole(inner, [f.inner for f in collect(topo.f[1], 14)], 68)
        topo.silent()
    led.dropped()
    px.ctl('uplink set dev u0 egress via inet 10.0.10.2 dev u1')
    u1_mtu(72)
    with Ledger(px) as led:
        topo.from_vnf(1, inner)
        topo.silent()
    u1_mtu(1500)
    led.dropped(mtu_exceeded=1)


@case('IPv6: never told less than 1280')
def least():
    px.ctl('vnf set n1 mtu 1000')
    big, small = (pkt.ip6(pkt.udp(1006, 1, b'l' * n)) for n in (1300, 1100))
    topo.to_proxy([16011, 900], big)
    frame = s0.recv()
    check(frame, 'nothing came')
    equal(struct.unpack_from('!I', frame.inner, 44)[0], 1280, 'MTU')
    with Ledger(px) as led:
        topo.to_proxy([16011, 900], small)
        topo.silent()
    led.dropped(mtu_exceeded=1)


@case('egress via: fragments go to the next hop')
def cut_via():
    px.ctl('uplink set dev u0 egress via inet 10.0.10.2 dev u1')
    u1_mtu(1000)
    inner = pkt.ip4(pkt.udp(1007, 1, os.urandom(1300)), frag=0, ident=9)
    topo.to_proxy([16011, *LABELS], inner)
    topo.at_vnf(1, inner)
    topo.from_vnf(1, inner)
    frames = collect(s1, 2)
    topo.silent()
    u1_mtu(1500)
    for frame in frames:
        equal(frame.labels, pkt.stack(*LABELS, ttl=63), 'labels')
    whole(inner, [f.inner for f in frames], 984)


def by_app(inner, family, told):
    """Too big for the first function: what the envelope for a server further on
    leaves is told with it.
    """
    server, pool = {4: ('10.0.60.2:53', '10.0.61.0/24'),
                    6: ('[2001:db8:60::2]:53', '2001:db8:61::/120')}[family]
    px.ctl('sid del 16012', 'vnf del n2',
           'vnf add srv app %s dev v2 pool %s mtu 1360' % (server, pool),
           'sid add 16013 vnf srv', 'vnf set n1 mtu 1390', 'config set icmp fib')
    for labels in ([16011, 16013, 900], [16011, 1, 16013, 900]):
        topo.to_proxy(labels, pkt.ip(pkt.udp(1008, 1, bytes(1395 - 28 - 20 * (inner == 6))), inner))
        frame = s1.recv()
        check(frame, 'nothing came')
        at = 20 if inner == 4 else 40
        equal(struct.unpack_from('!BB4xH', frame.inner, at),
              (3, 4, told) if inner == 4 else (2, 0, told), 'ICMP')
    px.ctl('config set icmp reverse')


for _one in ((4, 4, 1360), (4, 6, 1340), (6, 4, 1380), (6, 6, 1360)):
    case('v%d, a server of v%d further on: %d is told in one step' % _one, *_one)(by_app)


# ---- hosts -------------------------------------------------------------------

def hosts():
    """The configuration of the second half, nothing learnt."""
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no encap mpls')
    px.clear()
    px.ctl('uplink add dev w0 egress via inet 10.0.42.2 dev w1',
           'uplink add dev w1 egress via inet 10.0.41.2 dev w0',
           'vnf add r dev w2 via inet 10.0.43.2', 'sid add 16021 vnf r')
    for node in ('client', 'server'):
        for flag in ('-4', '-6'):
            topo.sh(node, 'ip %s route flush cache' % flag)


def learnt(family, expected):
    """What the client's kernel has learnt of the path."""
    out = topo.sh('client', 'ip -%d route get %s' % (family, SERVER[family]))
    found = re.search(r'mtu (\d+)', out)
    check(found, 'nothing learnt: ' + out)
    equal(int(found.group(1)), expected, 'MTU learnt')


def answered(command):
    """Does the command succeed at the client?"""
    try:
        topo.sh('client', command)
    except Failure:
        return False
    return True


def ping(family):
    """ping -M do: the host is told what fits; it takes its own labels off once
    more (lwtunnel's headroom), and that much fits.
    """
    hosts()
    head = 28 if family == 4 else 48
    topo.sh('client', 'ping -c 1 -W 5 -M do -s 1000 ' + SERVER[family])
    with Ledger(px) as led:
        check(not answered('ping -c 1 -W 1 -M do -s %d %s' % (1501 - head, SERVER[family])),
              'a packet of 1501 octets came through')
    check(led.drops.get('mtu_exceeded'), 'drops %s' % led.drops)
    learnt(family, 1484)
    topo.sh('client', 'ping -c 1 -W 5 -M do -s %d %s' % (1464 - head, SERVER[family]))


case('ping -M do learns the MTU that fits, v4', 4)(ping)
case('ping -M do learns the MTU that fits, v6', 6)(ping)


@case('ping with DF clear is fragmented, and answered')
def ping_cut():
    hosts()
    with Ledger(px) as led:
        topo.sh('client', 'ping -c 3 -i 0.2 -W 5 -M dont -s 1460 ' + SERVER[4])
    check('mtu_exceeded' not in led.drops, 'drops %s' % led.drops)


def tcp(family, backwards=False):
    """TCP goes on by itself, with large segments and without."""
    hosts()
    kind = socket.AF_INET6 if family == 6 else socket.AF_INET
    with in_netns(topo.netns('server')):
        listener = socket.create_server((SERVER[family], 0), family=kind)
    # a link of 2000 octets at the server too, for all that TCP knows
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1940)
    with in_netns(topo.netns('client')):
        near = socket.socket(kind, socket.SOCK_STREAM)
    near.settimeout(30)
    listener.settimeout(30)
    near.connect(listener.getsockname()[:2])
    far, _ = listener.accept()
    far.settimeout(30)
    sender, receiver = (far, near) if backwards else (near, far)
    data, got = os.urandom(OCTETS), b''
    sender.settimeout(30)
    done = 0
    while len(got) < len(data):
        if done < len(data):
            done += sender.send(data[done:done + 30000])
        got += receiver.recv(1 << 16)
    equal(got == data, True, 'what came')
    info = sender.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
    note('%d retransmitted, MSS %d' % (struct.unpack_from('=I', info, 100)[0],
                                       struct.unpack_from('=I', info, 16)[0]))
    for sock in (near, far, listener):
        sock.close()


def tcp_too_big(family):
    """A route MTU of 2000 at the client, whose segments the far end accepts."""
    hosts()
    topo.ip('server', 'link set e0 mtu 2000')
    topo.ip('px', 'link set w2 mtu 2000')
    topo.ip('r', 'link set e0 mtu 2000')
    try:
        with Ledger(px) as led:
            tcp(family)
        check(led.drops.get('mtu_exceeded'), 'nothing was too big: %s' % led.drops)
        learnt(family, 1484)
    finally:
        topo.ip('server', 'link set e0 mtu 1500')
        topo.ip('px', 'link set w2 mtu 1500')
        topo.ip('r', 'link set e0 mtu 1500')


case('TCP learns the MTU behind four labels, v4', 4)(tcp_too_big)
case('TCP learns the MTU behind four labels, v6', 6)(tcp_too_big)


@case('TCP without offloads learns it too')
def tcp_plain():
    for node, device in (('client', 'e0'), ('server', 'e0'), ('px', 'w0'), ('px', 'w1'),
                         ('px', 'w2'), ('r', 'e0')):
        topo.sh(node, 'ethtool -K %s tso off gso off gro off' % device)
    for family in (4, 6):
        tcp_too_big(family)


run()
