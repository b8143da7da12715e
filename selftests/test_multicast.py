# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_multicast.sh."""

import socket
import struct

import pkt
from ktap import before_each, case, check, equal, run
from netio import in_netns
from nodes import One, f_mac
from pkt import mac
from proxy import Ledger

topo = One(2)
px = topo.px
ports = iter(range(1000, 60000))
BROADCAST = b'\xff' * 6
ALERT4 = b'\x94\x04\0\0'                    # router alert (RFC 2113)
RECORD = b'\x07\x0b\x04' + b'\0' * 8 + b'\0'  # record route, and end of list
ALERT6 = b'\x05\x02\0\0\x01\0'              # router alert of MLD (RFC 2711)


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16010 vnf n1',
           'sid add 16011 vnf n2')


def udp(family=4, data=b'srproxy!', **fields):
    return pkt.ip(pkt.udp(next(ports), 53, data), family, **fields)


def group_mac(dst):
    """The MAC address that a host sends it to."""
    octets = pkt.address(dst)
    if len(octets) == 16:
        return b'\x33\x33' + octets[-4:]
    if octets[0] >> 4 != 14:
        return BROADCAST
    return b'\x01\0\x5e' + bytes([octets[1] & 127]) + octets[2:]


def along(make, dst=None):
    """Through two functions and away; then once more as a flow that is known."""
    inner = make()
    for port in topo.f[1:]:     # it may look like what hosts say by themselves
        port.takes = lambda frame: frame.inner == inner or not frame.is_noise()
    for _ in range(2):
        with Ledger(px) as led:
            topo.to_proxy([16010, 16011, 900, 901], inner)
            for number in (1, 2):
                topo.at_vnf(number, inner)
                topo.from_vnf(number, inner, dst=dst and group_mac(dst))
            topo.at_switch([(900, 0, 62), (901, 0, 62)], inner)
        led.dropped()
    equal(px.flow_count(), 2, 'flows')


for _dst in ('239.1.2.3', '224.0.0.5', '255.255.255.255', '10.0.17.255', 'ff0e::1:2',
             'ff02::5'):
    _family = 6 if ':' in _dst else 4
    case('to %s' % _dst, lambda family=_family, dst=_dst: udp(family, dst=dst), _dst)(along)

for _name, _make in (
        ('IPv4 router alert', lambda: udp(options=ALERT4)),
        ('IPv4 record route', lambda: udp(options=RECORD)),
        ('IPv4 options to the full', lambda: udp(options=b'\x01' * 39 + b'\0')),
        ('IGMP with router alert', lambda: pkt.ip4(pkt.raw(2, igmp(0x16, '239.1.2.3')),
                                                   dst='239.1.2.3', options=ALERT4, ttl=1)),
        ('IPv6 hop-by-hop', lambda: udp(6, exts=[pkt.ext(0)])),
        ('IPv6 hop-by-hop, long', lambda: udp(6, exts=[pkt.ext(0, b'\x01\x0c' + b'\0' * 12)])),
        ('IPv6 router alert, routing, options', lambda: udp(
            6, exts=[pkt.ext(0, ALERT6), pkt.ext(43, b'\0' * 6), pkt.ext(60)])),
        ('MLD report', lambda: mld('fe80::2'))):
    case(_name, _make)(along)


def sessions(family, **fields):
    """Behind options the ports tell sessions apart, that with and without them
    are the same.
    """
    l4 = [pkt.udp(next(ports), 53) for _ in range(2)]
    packets = [pkt.ip(one, family, **fields) for one in l4]
    for n, inner in enumerate(packets):
        topo.to_proxy([16010, 900 + n], inner)
        topo.at_vnf(1, inner)
    with Ledger(px) as led:
        for plain in (False, True):
            for n in (1, 0):
                inner = pkt.ip(l4[n], family) if plain else packets[n]
                topo.from_vnf(1, inner)
                topo.at_switch([(900 + n, 0, 63)], inner)
    led.dropped()
    equal(sorted(flow['sport'] for flow in px.flows()),
          sorted(struct.unpack_from('!H', one.data)[0] for one in l4), 'ports of the flows')


for _family, _name, _fields in (
        (4, 'router alert', {'options': ALERT4}),
        (4, 'options to the full', {'options': b'\x01' * 39 + b'\0'}),
        (6, 'hop-by-hop', {'exts': [pkt.ext(0)]}),
        (6, 'hop-by-hop and others', {'exts': [pkt.ext(0, ALERT6), pkt.ext(43, b'\0' * 6),
                                               pkt.ext(60)]})):
    case('sessions behind IPv%d %s' % (_family, _name), _family, _fields)(
        lambda family, fields: sessions(family, **fields))


def igmp(kind, group):
    body = struct.pack('!BBH', kind, 0, 0) + pkt.address(group)
    return body[:2] + struct.pack('!H', pkt.checksum(body)) + body[4:]


def mld(src, dst='ff02::16'):
    """A version 2 report, as every host sends them."""
    body = struct.pack('!BBHHH', 143, 0, 0, 0, 1) + struct.pack('!BBH', 4, 0, 0) + \
        pkt.address('ff02::1:ff00:2')
    return pkt.ip6(pkt.L4(pkt.PROTO['icmp6'], body, 2), src=src, dst=dst, ttl=1,
                   exts=[pkt.ext(0, ALERT6)])


@case('the last label popped: what the IP stack routes nowhere stays here')
def last():
    for dst in ('239.1.2.3', '255.255.255.255'):
        inner = udp(dst=dst)
        with Ledger(px, local=1) as led:
            topo.to_proxy([16010], inner)
            topo.at_vnf(1, inner)
            topo.from_vnf(1, inner, dst=group_mac(dst))
            topo.silent()
        led.dropped()


def listener(family, port, group=None):
    """A UDP socket of the node on v1."""
    with in_netns(topo.netns('px')):
        index = socket.if_nametoindex('v1')
        sock = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET,
                             socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'v1')
        if group and family == 6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                            pkt.address(group) + struct.pack('@I', index))
        elif group:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            pkt.address(group) + bytes(4) + struct.pack('@I', index))
        sock.bind(('', port))
    return sock


def own(mode, src, dst, port, group, reaches):
    """What the function sends for itself reaches a socket of the node, or not."""
    px.ctl('vnf set n1 on-miss ' + mode)
    family = 6 if ':' in dst else 4
    inner = pkt.ip(pkt.udp(port + 1, port, b'from the function'), family, src=src, dst=dst,
                   ttl=1)
    with Ledger(px) as led, listener(family, port, group) as sock:
        topo.from_vnf(1, inner, dst=group_mac(dst))
        sock.settimeout(5 if reaches else 0.1)
        try:
            got = sock.recvfrom(100)[0]
        except socket.timeout:
            got = None
        topo.silent(topo.s0)
    equal(got, b'from the function' if reaches else None, 'at the socket')
    led.dropped(vnf_miss=int(not reaches))


for _mode, _passes in (('drop', True), ('accept', True), ('strict', False)):
    for _name, _src, _dst, _port, _group in (
            ('DHCP', '0.0.0.0', '255.255.255.255', 67, None),
            ('broadcast of the network', '10.0.17.2', '10.0.17.255', 7000, None),
            ('mDNS', '10.0.17.2', '224.0.0.251', 5353, '224.0.0.251'),
            ('DHCPv6', 'fe80::2', 'ff02::1:2', 547, 'ff02::1:2')):
        case('on-miss %s: %s of the function' % (_mode, _name), _mode, _src, _dst, _port, _group,
             _passes)(own)


def said(mode, inner, dst, passes):
    """Counted, or left to the IP stack."""
    px.ctl('vnf set n1 on-miss ' + mode)
    with Ledger(px) as led:
        topo.from_vnf(1, inner, dst=group_mac(dst))
        topo.silent(topo.s0)
    led.dropped(vnf_miss=int(not passes))
    equal(led.delta.get('vnf', 'n1', 'miss'), int(not passes or mode == 'accept'), 'miss')


for _mode in ('drop', 'accept', 'strict'):
    _ok = _mode != 'strict'
    for _name, _inner, _dst, _passes in (
            ('IGMP', pkt.ip4(pkt.raw(2, igmp(0x16, '224.0.0.251')), src='10.0.17.2',
                             dst='224.0.0.22', options=ALERT4, ttl=1), '224.0.0.22', _ok),
            ('MLD', mld('fe80::2'), 'ff02::16', _ok),
            ('multicast beyond the link', pkt.ip4(pkt.udp(1, 2), dst='239.9.9.9'), '239.9.9.9',
             _mode == 'accept'),
            ('multicast beyond the link, v6', pkt.ip6(pkt.udp(1, 2), dst='ff0e::9'), 'ff0e::9',
             _mode == 'accept')):
        case('on-miss %s: %s' % (_mode, _name), _mode, _inner, _dst, _passes)(said)


@case('a broadcast that a flow claims goes along its chain, not to the node')
def claimed():
    inner = pkt.ip4(pkt.udp(68, 67, b'from the function'), src='0.0.0.0', dst='255.255.255.255')
    with listener(4, 67) as sock, Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, inner, dst=BROADCAST)
        topo.at_switch([(900, 0, 63)], inner)
        sock.settimeout(0.05)
        try:
            check(not sock.recv(100), 'the node heard it')
        except socket.timeout:
            pass
    led.dropped()


@case('frames to group addresses of others: taken as any')
def group_frames():
    inner = udp()
    topo.to_proxy([16010, 900], inner)
    topo.at_vnf(1, inner)
    for dst in (mac('01:00:5e:7f:00:01'), BROADCAST, f_mac(2)):
        topo.from_vnf(1, inner, dst=dst)
        topo.at_switch([(900, 0, 63)], inner)


run()
