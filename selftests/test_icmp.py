# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_icmp.sh."""

import itertools
import os
import struct
import time

import pkt
from ktap import Skip, before_each, case, check, equal, run, wait_for
from netio import settle
from nodes import One
from pkt import Label, checksum
from proxy import Ledger

topo = One(4)
px, s0, s1 = topo.px, topo.s0, topo.s1
SETUP = ('uplink add dev u0', 'uplink add dev u1', topo.vnf_line(1), topo.vnf_line(2),
         'vnf add two dev v3 in v4 lladdr ' + pkt.mac_text(pkt.mac('02:00:00:00:13:02')),
         'vnf add owt dev v4 in v3 lladdr ' + pkt.mac_text(pkt.mac('02:00:00:00:14:02')),
         'sid add 16011 vnf n1', 'sid add 16012 vnf n2', 'sid add 16013 vnf two',
         'sid add 16014 vnf owt')
px.ctl(*SETUP)
SENDER = {4: '192.0.2.1', 6: '2001:db8:1::1'}
SERVER = {4: '198.51.100.1', 6: '2001:db8:2::1'}
OURS = {4: '10.0.0.1', 6: '2001:db8:a0::1'}
OURS_U1 = {4: '10.0.10.1', 6: '2001:db8:aa::1'}
fresh_port = itertools.count(1000)


@before_each
def quiet():
    px.ctl('config set ttl pipe icmp reverse', 'flow flush')
    topo.drain()
    time.sleep(0.06)        # the limit's burst is whole again


def fresh(family, size=16, **fields):
    return pkt.ip(pkt.udp(next(fresh_port), 53, b'q' * size), family, **fields)


def opposite(inner, family):
    """The packet of the other direction."""
    at = 40 if family == 6 else 20
    sport, dport = struct.unpack_from('!HH', inner, at)
    return pkt.ip(pkt.udp(dport, sport), family, src=SERVER[family], dst=SENDER[family])


class Error:
    """An ICMP error taken apart; every length and checksum in it is checked."""

    def __init__(self, packet):
        self.family = 6 if pkt.is_v6(packet) else 4
        if self.family == 4:
            equal((packet[0], packet[9]), (0x45, 1), 'version, length, protocol')
            equal(checksum(packet[:20]), 0, 'checksum of the IP header')
            equal(struct.unpack_from('!H', packet, 2)[0], len(packet), 'length')
            check(len(packet) <= 576, 'length %d' % len(packet))
            self.src, self.dst = packet[12:16], packet[16:20]
            icmp = packet[20:]
            equal(checksum(icmp), 0, 'checksum of ICMP')
        else:
            equal((packet[0] >> 4, packet[6]), (6, 58), 'version, next header')
            equal(struct.unpack_from('!H', packet, 4)[0], len(packet) - 40, 'length')
            check(len(packet) <= 1280, 'length %d' % len(packet))
            self.src, self.dst = packet[8:24], packet[24:40]
            icmp = packet[40:]
            pseudo = packet[8:40] + struct.pack('!II', len(icmp), 58)
            equal(checksum(pseudo + icmp), 0, 'checksum of ICMPv6')
        self.src, self.dst = pkt.address_text(self.src), pkt.address_text(self.dst)
        self.kind, self.code = icmp[0], icmp[1]
        self.mtu = struct.unpack('!I', icmp[4:8])[0]
        self.quote, self.labels = icmp[8:], None
        units = icmp[5] * 4 if self.family == 4 else icmp[4] * 8
        if self.kind in (3, 11) and units:
            self.mtu &= 0xffff
            self.quote, ext = icmp[8:8 + units], icmp[8 + units:]
            equal(units, 128, 'octets of quote')
            self.extension(ext)

    def extension(self, ext):
        equal((ext[0] >> 4, checksum(ext)), (2, 0), 'version and checksum of the extension')
        length, kind, ctype = struct.unpack_from('!HBB', ext, 4)
        equal((length, kind, ctype), (len(ext) - 4, 1, 1), 'MPLS object')
        words = struct.unpack('!%dI' % ((length - 4) // 4), ext[8:])
        self.labels = [Label(w >> 12, w >> 9 & 7, w & 255) for w in words]
        equal([w >> 8 & 1 for w in words], [0] * (len(words) - 1) + [1], 'S bits')

    def about(self, packet):
        """The quote is the beginning of this packet, as much as there is room for."""
        want = packet
        if self.labels:
            want = packet[:128].ljust(128, b'\0')
        else:
            want = packet[:548 if self.family == 4 else 1232]
        equal(self.quote.hex(), want.hex(), 'quote')


def expired(error, family):
    equal((error.kind, error.code), (11, 0) if family == 4 else (3, 0), 'type and code')


def too_big(error, family, mtu):
    equal((error.kind, error.code), (3, 4) if family == 4 else (2, 0), 'type and code')
    equal(error.mtu, mtu, 'MTU')


def error_at(port, labels, what='error'):
    frame = port.recv()
    check(frame, '%s: nothing came' % what)
    equal(frame.labels, labels, 'labels of ' + what)
    return Error(frame.inner)


def own_stack(family):
    """No flow is known: with the rest of the packet's own stack."""
    for ttl in (0, 1):
        inner = fresh(family)
        with Ledger(px) as led:
            topo.to_proxy([(16011, 5, ttl), (900, 3, 64), (901, 2, 17)], inner)
            error = error_at(s0, pkt.stack(900, 901, ttl=255, tc=3))
            topo.silent()
        led.dropped(ttl_expired=1)
        equal(led.delta.get('stats', 'icmp_sent'), 1, 'icmp_sent')
        expired(error, family)
        equal((error.src, error.dst), (OURS[family], SENDER[family]), 'addresses')
        error.about(inner)
        equal(error.labels, [Label(16011, 5, ttl), Label(900, 3, 64), Label(901, 2, 17)],
              'RFC 4950')


def opposite_stack(family):
    """The opposite flow is known: with the stack that it has."""
    inner = fresh(family)
    back = opposite(inner, family)
    topo.to_proxy([(16011, 0, 60), (700, 4, 60), (701, 0, 60)], back, s1)
    topo.at_vnf(1, back)
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 1), (900, 0, 64)], inner)
        error = error_at(s1, pkt.stack(700, 701, ttl=255, tc=4))
        topo.silent()
    led.dropped(ttl_expired=1)
    expired(error, family)
    equal((error.src, error.dst), (OURS[family], SENDER[family]), 'addresses')


def two_arms(family):
    """A function with two interfaces: the opposite flow is the other vnf's."""
    inner = fresh(family)
    back = opposite(inner, family)
    topo.to_proxy([16014, 700], back, s1)
    check(topo.f[4].recv(), 'nothing at f4')
    topo.to_proxy([(16013, 0, 1), 900], inner)
    expired(error_at(s1, pkt.stack(700, ttl=255)), family)
    topo.silent()


def expired_within(family):
    """Between two functions of this node; the label that was next is told."""
    inner = fresh(family)
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 2), (16012, 0, 64), (900, 6, 64)], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, inner)
        error = error_at(s0, pkt.stack(900, ttl=255, tc=0))
        topo.silent()
    led.dropped(ttl_expired=1)
    expired(error, family)
    error.about(inner)
    equal(error.labels, [Label(16012, 0, 1), Label(900, 0, 1)], 'RFC 4950')


def through_functions(family):
    """The rest of the stack has functions of this node: the error goes there."""
    inner = fresh(family)
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 1), (16012, 0, 64), (900, 0, 64)], inner)
        bare = topo.f[2].recv()
        check(bare, 'nothing at f2')
        expired(Error(bare.inner), family)
        topo.from_vnf(2, bare.inner)
        expired(error_at(s0, pkt.stack(900, ttl=254)), family)
        topo.silent()
    led.dropped(ttl_expired=1)


def last_label(family):
    """Nothing remains: the FIB, as for the packet itself."""
    inner = fresh(family)
    with Ledger(px, local=1) as led:
        topo.to_proxy([(16011, 0, 1)], inner)
        error = error_at(s1, None)
        topo.silent()
    led.dropped(ttl_expired=1)
    expired(error, family)
    error.about(inner)


def by_fib(family):
    px.ctl('config set icmp fib')
    inner = fresh(family)
    with Ledger(px, local=1) as led:
        topo.to_proxy([(16011, 0, 1), 900], inner)
        expired(error_at(s1, None), family)
        topo.silent()
    led.dropped(ttl_expired=1)
    px.ctl('config set icmp none')
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 1), 900], inner)
        topo.silent()
    led.dropped(ttl_expired=1)
    equal(led.delta.get('stats', 'icmp_suppressed'), 0, 'icmp_suppressed')


def uniform(family):
    """No TTL left in the packet: before the function, and after it."""
    px.ctl('config set ttl uniform')
    inner = fresh(family, ttl=0)
    with Ledger(px) as led:
        topo.to_proxy([16011, 900], inner)
        error = error_at(s0, pkt.stack(900, ttl=255))
        topo.silent()
    led.dropped(ttl_expired=1)
    expired(error, family)
    error.about(inner)
    equal(error.labels, [Label(16011, 0, 64), Label(900, 0, 64)], 'RFC 4950')
    inner = fresh(family, ttl=9)
    with Ledger(px) as led:
        topo.to_proxy([16011, 900], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, pkt.with_ttl(inner, 0))
        error = error_at(s0, pkt.stack(900, ttl=255))
        topo.silent()
    led.dropped(ttl_expired=1)
    expired(error, family)
    equal(error.labels, None, 'RFC 4950')


def hidden_zero(family):
    """Pipe: a TTL of 0 below the top label would leave as 0."""
    inner = fresh(family)
    with Ledger(px) as led:
        topo.to_proxy([16011, (900, 0, 0)], inner)
        expired(error_at(s0, pkt.stack(900, ttl=255)), family)
        topo.silent()
    led.dropped(ttl_expired=1)


def vnf_mtu(family):
    """Too big for the function; what is told fits the uplink too."""
    px.ctl('vnf set n1 mtu 1400')
    inner = fresh(family, 1432)
    with Ledger(px) as led:
        topo.to_proxy([16011, 900, 901], inner)
        error = error_at(s0, pkt.stack(900, 901, ttl=255))
        topo.silent()
    led.dropped(mtu_exceeded=1)
    too_big(error, family, 1400)
    error.about(inner)
    equal(error.labels, pkt.stack(16011, 900, 901) if family == 4 else None, 'RFC 4950')
    px.ctl('uplink set dev u0 egress via inet 10.0.10.2 dev u1')
    topo.ip('px', 'link set u1 mtu 1390')
    topo.to_proxy([16011, 900, 901], fresh(family, 1400))
    too_big(error_at(s1, pkt.stack(900, 901, ttl=255)), family, 1382)
    topo.ip('px', 'link set u1 mtu 1500')
    px.ctl('vnf set n1 mtu 0', 'uplink set dev u0 egress hairpin')


def uplink_mtu(family):
    """The function returns what is too big with its labels."""
    head = 48 if family == 6 else 28
    inner = fresh(family)
    topo.to_proxy([16011, 900, 901, 902, 903], inner)
    topo.at_vnf(1, inner)
    l4 = pkt.udp(struct.unpack_from('!H', inner, head - 8)[0], 53, b'm' * (1500 - head))
    large = pkt.ip(l4, family)
    with Ledger(px) as led:
        topo.from_vnf(1, large)
        error = error_at(s0, pkt.stack(900, 901, 902, 903, ttl=255))
        topo.silent()
    led.dropped(mtu_exceeded=1)
    too_big(error, family, 1484)
    error.about(large)
    equal(error.labels, None, 'RFC 4950')


for _family in (4, 6):
    for _name, _function in (
            ('expired: with the rest of the own stack', own_stack),
            ('expired: with the stack of the opposite flow', opposite_stack),
            ('expired: with that of a pair of vnfs', two_arms),
            ('expired between two functions', expired_within),
            ('expired: on through the next function', through_functions),
            ('expired with the last label: by the FIB', last_label),
            ('config icmp: fib, none', by_fib),
            ('uniform: the TTL of the packet has run out', uniform),
            ('pipe: a TTL of 0 below the top', hidden_zero),
            ('too big for the function', vnf_mtu),
            ('too big for the uplink', uplink_mtu)):
        case('v%d: %s' % (_family, _name), _family)(_function)


def never(packets, labels=(), drops=1):
    """Dropped and counted, no word about any of them."""
    for packet in packets:
        with Ledger(px) as led:
            topo.to_proxy([(16011, 0, 1), 900, *labels], packet)
            topo.silent()
        led.dropped(ttl_expired=drops)
        equal((led.delta.get('stats', 'icmp_sent'), led.delta.get('stats', 'icmp_suppressed')),
              (0, 0), 'sent, suppressed: ' + pkt.describe(packet))


def after_first(packet):
    """A first fragment has gone through: later ones are not held for it."""
    topo.to_proxy([16011, 900], packet)
    settle()
    topo.drain()


@case('v4: never about errors, later fragments, or what is no host')
def never_v4():
    udp = pkt.udp()
    never([pkt.ip4(pkt.icmp(kind=kind)) for kind in (3, 4, 5, 11, 12, 42)] +
          [pkt.ip4(udp, src=src) for src in (
              '0.0.0.0', '127.0.0.1', '224.0.0.5', '255.255.255.255',
              '240.1.1.1', '10.0.0.255')] +
          [pkt.ip4(udp, dst=dst) for dst in ('224.0.0.1', '255.255.255.255', '10.0.0.255')])
    after_first(pkt.ip4(udp, frag=0x2000))
    never([pkt.ip4(udp, frag=0x0001), pkt.ip4(udp, frag=0x2010)])


@case('v6: never about errors, later fragments, or what is no host')
def never_v6():
    udp = pkt.udp()
    later = pkt.ext(44)[0], b'\0\0\x08' + b'\0\0\0\1'
    never([pkt.ip6(pkt.icmp6(kind=kind)) for kind in (1, 2, 3, 4, 100, 137)] +
          [pkt.ip6(pkt.icmp6(kind=3), exts=[pkt.ext(60)])] +
          [pkt.ip6(udp, src=src) for src in ('::', '::1', 'ff02::1', 'fe80::1')] +
          [pkt.ip6(udp, dst='ff0e::1')])
    after_first(pkt.ip6(udp, exts=[(44, b'\0\0\1' + b'\0\0\0\1')]))
    never([pkt.ip6(udp, exts=[later])])


@case('about queries, first fragments, options and extension headers there is one')
def but_about():
    for packet in (pkt.ip4(pkt.icmp()), pkt.ip4(pkt.icmp(kind=13)), pkt.ip6(pkt.icmp6()),
                   pkt.ip4(pkt.udp(data=b'f' * 24), frag=0x2000),
                   pkt.ip4(pkt.tcp(), options=b'\1\1\1\0'),
                   pkt.ip6(pkt.udp(), exts=[pkt.ext(0), pkt.ext(60)]), pkt.ip4(pkt.esp()),
                   pkt.ip4(pkt.gre(7))):
        topo.to_proxy([(16011, 0, 1), 900], packet)
        error = error_at(s0, pkt.stack(900, ttl=255))
        expired(error, error.family)
        error.about(packet)


@case('the deepest stack is told whole')
def deepest():
    labels = [(16011, 0, 1)] + [(900 + n, n % 8, 200 - n) for n in range(16)]
    inner = fresh(4)
    topo.to_proxy(labels, inner)
    error = error_at(s0, pkt.stack(*(n for n, _, _ in labels[1:]), ttl=255))
    equal(error.labels, [Label(*e) for e in labels], 'RFC 4950')


@case('an error is never answered by an error')
def no_storm():
    inner = fresh(4)
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 1), (16012, 0, 1)] + [900] * 3, inner)
        bare = topo.f[2].recv()
        check(bare, 'nothing at f2')
        topo.to_proxy([(16011, 0, 1), 900], bare.inner)
        topo.silent()
    led.dropped(ttl_expired=2)
    equal(led.delta.get('stats', 'icmp_sent'), 1, 'icmp_sent')


@case('more than the limit are suppressed, and all are accounted for')
def limited():
    count = 1000
    with Ledger(px) as led:
        start = time.monotonic()
        for _ in range(count):
            topo.to_proxy([(16011, 0, 1), 900], fresh(4))
        wait_for(lambda: px.snapshot().get('stats', 'drops', 'ttl_expired') >= count, 'drops',
                 20)
        seconds = time.monotonic() - start
    led.dropped(ttl_expired=count)
    sent, suppressed = (led.delta.get('stats', 'icmp_' + key) for key in ('sent', 'suppressed'))
    equal(sent + suppressed, count, 'sent and suppressed')
    check(50 <= sent <= 50 + seconds * 1000 + 20, '%d sent in %.3f s' % (sent, seconds))


@case('no address at all: 192.0.0.8 for IPv4, nothing for IPv6')
def no_address():
    topo.ip('px', 'addr flush dev u0', 'addr flush dev u1')
    topo.to_proxy([(16011, 0, 1), 900], fresh(4))
    equal(error_at(s0, pkt.stack(900, ttl=255)).src, '192.0.0.8', 'source')
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 1), 900], fresh(6))
        topo.silent()
    led.dropped(ttl_expired=1)
    equal(led.delta.get('stats', 'icmp_suppressed'), 1, 'icmp_suppressed')
    topo.ip('px', 'addr add 10.0.10.1/24 dev u1', 'addr add 2001:db8:aa::1/64 dev u1')
    for family in (4, 6):
        topo.to_proxy([(16011, 0, 1), 900], fresh(family))
        equal(error_at(s0, pkt.stack(900, ttl=255)).src, OURS_U1[family], 'source')
    topo.ip('px', 'addr add 10.0.0.1/24 dev u0', 'addr add 2001:db8:a0::1/64 dev u0',
            'route replace default via 10.0.10.2 dev u1',
            'route replace default via 2001:db8:aa::2 dev u1',
            'neigh replace 10.0.10.2 lladdr 02:00:00:00:0a:02 dev u1',
            'neigh replace 2001:db8:aa::2 lladdr 02:00:00:00:0a:02 dev u1')


@case('egress lfib: the kernel routes the error')
def lfib():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    px.ctl('uplink set dev u1 egress lfib')
    topo.lfib('px', 'replace 700 as 701 via inet 10.0.10.2 dev u1')
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 1), 700], fresh(4), s1)
        error = error_at(s1, pkt.stack(701, ttl=254))
        topo.silent()
    led.dropped(ttl_expired=1)
    expired(error, 4)
    equal(error.src, OURS_U1[4], 'source')
    px.ctl('uplink set dev u1 egress hairpin')


@case('Scapy and the wire agree on the extension')
def scapy():
    # pylint: disable=import-outside-toplevel
    os.environ['SCAPY_USE_LIBPCAP'] = 'no'
    from scapy.all import IP
    import scapy.contrib.icmp_extensions as extensions
    import scapy.contrib.mpls as mpls
    topo.to_proxy([(16011, 5, 1), (900, 3, 64)], fresh(4))
    frame = s0.recv()
    packet = IP(frame.inner)
    equal(packet['ICMP'].length, 32, 'length in words')
    ext = extensions.ICMPExtensionHeader(frame.inner[20 + 8 + 128:])
    found, entry = [], ext[mpls.MPLS]
    while entry.name == 'MPLS':
        found.append(entry)
        entry = entry.payload
    equal([(e.label, e.cos, e.s, e.ttl) for e in found], [(16011, 5, 0, 1), (900, 3, 1, 64)],
          'labels by Scapy')
    equal(checksum(bytes(ext)), 0, 'checksum')


@case('a stack as deep as can be, one more by a reroute: told along all of it')
def deepest_rerouted():
    px.clear()
    px.ctl('uplink add dev u0 egress via inet 10.0.10.2 dev u1',
           topo.vnf_line(1, 'n1', 'admin down'), 'sid add 16011 vnf n1 fallback reroute 800')
    topo.ip('px', 'link set u1 mtu 1480')
    try:
        rest = range(901, 917)
        inner = fresh(6, 1370)
        with Ledger(px) as led:
            topo.to_proxy([16011, *rest], inner)
            error = error_at(s1, pkt.stack(800, *rest, ttl=255))
            topo.silent()
        led.dropped(mtu_exceeded=1)
        too_big(error, 6, 1480 - 17 * 4)
    finally:
        topo.ip('px', 'link set u1 mtu 1500')
        px.clear()
        px.ctl(*SETUP)


run()
