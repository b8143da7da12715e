# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_udp.sh."""

import json
import os
import socket
import struct
import subprocess

import pkt
from ktap import Skip, before_each, case, check, equal, note, run, wait_for
from netio import Device, in_netns
from nodes import One
from pkt import checksum
from proxy import Ledger

topo = One(1)
px, s0 = topo.px, topo.s0
g1 = topo.port('gn', 'g1')
LOCAL = {4: '10.0.30.1', 6: '2001:db8:30::1'}
REMOTE = {4: '10.0.30.2', 6: '2001:db8:30::2'}
OUTER = {4: 28, 6: 48}
PORT, FAR = 4000, 5000
BOTH = ((4, 4), (4, 6), (6, 4), (6, 6))
# a debug kernel takes some milliseconds a packet, so does an emulated machine
with open('/proc/cpuinfo', encoding='ascii') as cpuinfo:
    SWIFT = 'UML' in cpuinfo.read() and not os.path.exists('/proc/lockdep')


def end(addresses, family, port):
    return ('[%s]:%d' if family == 6 else '%s:%d') % (addresses[family], port)


def line(family=4, name='fw', options=''):
    return 'vnf add %s udp local %s remote %s %s' % (
        name, end(LOCAL, family, PORT), end(REMOTE, family, FAR), options)


class Far:
    """The function: a socket on the other host."""

    def __init__(self, family, port=FAR):
        kind = socket.AF_INET6 if family == 6 else socket.AF_INET
        with in_netns(topo.netns('gn')):
            self.sock = socket.socket(kind, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.sock.bind((REMOTE[family], port))
        self.sock.settimeout(20)
        self.to = (LOCAL[family], PORT)

    def recv(self):
        octets, source = self.sock.recvfrom(70000)
        equal(source[:2], self.to, 'who sent it')
        return octets

    def send(self, octets):
        self.sock.sendto(octets, self.to)

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@before_each
def start():
    px.clear()
    topo.ip('px', 'link set w1 mtu 1500')
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def add(family=4, options=''):
    px.ctl(line(family, options=options), 'sid add 16010 vnf fw')


def round_trip(outer, inner):
    """Labels off, to the function, back, labels on."""
    add(outer)
    packet = pkt.ip(pkt.udp(1000 + outer, 7), inner)
    with Far(outer) as far, Ledger(px) as led:
        for _ in range(3):
            topo.to_proxy([16010, 900, 901], packet)
            equal(far.recv(), packet, 'datagram')
            far.send(packet)
            topo.at_switch([(900, 0, 63), (901, 0, 63)], packet)
    led.dropped()
    shown = px.vnf('fw')
    equal((shown['type'], shown['state'], shown['flows']), ('udp', 'up', 1), 'vnf show')
    equal((shown['local'], shown['remote']),
          (end(LOCAL, outer, PORT), end(REMOTE, outer, FAR)), 'ends')


for one in BOTH:
    case('IPv%d sockets, IPv%d packets: there and back' % one, *one)(round_trip)


@case('padding of the link layer stays behind')
def padding():
    add()
    with Far(4) as far, Ledger(px) as led:
        for inner in (4, 6):
            packet = pkt.ip(pkt.udp(1050, 7), inner)
            topo.to_proxy([16010, 900], packet + bytes(7))
            equal(far.recv(), packet, 'datagram')
    led.dropped()


def headers(outer, inner):
    """The outer headers are right, and have the DSCP and ECN of the packet."""
    add(outer)
    for tos in (0, 0xb8, 0x01, 0x02, 0x03, 0xff):
        packet = pkt.with_tos(pkt.ip(pkt.udp(1100, 7), inner), tos)
        topo.drain()
        topo.to_proxy([16010, 900], packet)
        frame = g1.recv()
        whole = frame.inner
        if outer == 4:
            equal(whole[1], tos, 'tos')
            equal((whole[6] & 0x40, whole[8], whole[9]), (0x40, 64, 17), 'DF, TTL, protocol')
            equal(checksum(whole[:20]), 0, 'checksum of IP')
            addresses, l4 = whole[12:20], whole[20:]
        else:
            equal(struct.unpack_from('!H', whole)[0] >> 4 & 0xff, tos, 'traffic class')
            equal((whole[6], whole[7]), (17, 64), 'protocol, hop limit')
            addresses, l4 = whole[8:40], whole[40:]
        equal(struct.unpack_from('!HHH', l4), (PORT, FAR, len(l4)), 'ports, length')
        check(l4[6:8] != b'\0\0', 'there is a checksum')
        equal(checksum(addresses + struct.pack('!II', len(l4), 17) + l4), 0, 'checksum of UDP')
        equal(l4[8:], packet, 'packet')


for one in BOTH:
    case('IPv%d sockets, IPv%d packets: outer headers' % one, *one)(headers)


def told_at_once(outer, inner):
    """Too big for a function on a device: what the one behind the socket takes,
    further on, is told with it, also where a router alert stands before it.
    """
    add(outer)
    px.ctl('config set icmp reverse', topo.vnf_line(1, options='mtu 1476'),
           'sid add 16011 vnf n1')
    head, at = OUTER[inner], OUTER[inner] - 8
    src, dst = {4: ('192.0.2.1', '198.51.100.1'),
                6: ('2001:db8:1::1', '2001:db8:2::1')}[inner]
    stacks = [16011, 16010, 900], [16011, 1, 16010, 900]
    for n, (told, labels) in enumerate((told, labels) for told in (1500 - OUTER[outer], 1400)
                                       for labels in stacks):
        if told == 1400:
            px.ctl('vnf set fw mtu 1400')
        back = pkt.ip(pkt.udp(7, 1000 + n), inner, src=dst, dst=src)
        topo.to_proxy([16011, 902], back)
        topo.at_vnf(1, back)
        with Far(outer) as far, Ledger(px) as led:
            topo.to_proxy(labels, pkt.ip(pkt.udp(1000 + n, 7, bytes(1480 - head)), inner))
            frame = s0.recv()
            check(frame is not None, 'the sender is not told')
            equal([e.label for e in frame.labels], [902], 'labels')
            what, code, mtu = struct.unpack_from('!BBxxI', frame.inner, at)
            equal((what, code, mtu & 0xffff),
                  (3, 4, told) if inner == 4 else (2, 0, told), 'ICMP')
            fits = pkt.ip(pkt.udp(2000, 7, bytes(told - head)), inner)
            topo.to_proxy([16010, 900], fits)
            equal(far.recv(), fits, 'what fits')
        led.dropped(mtu_exceeded=1)


for one in BOTH:
    case('IPv%d sockets, IPv%d packets: what fits is told in one step' % one, *one)(told_at_once)


@case('congestion on the way back reaches the packet, or drops one that cannot tell')
def congestion():
    add()
    packet = pkt.ip4(pkt.udp(1150, 7), tos=2)
    plain = pkt.ip4(pkt.udp(1151, 7))
    six = pkt.ip6(pkt.udp(1152, 7), tos=1)
    with Far(4) as far, Ledger(px) as led:
        for one in (packet, plain, six):
            topo.to_proxy([16010, 900], one)
            far.recv()
        far.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 3)
        far.send(packet)
        topo.at_switch([(900, 0, 63)], pkt.with_tos(packet, 3))
        far.send(six)
        topo.at_switch([(900, 0, 63)], pkt.with_tos(six, 3))
        far.send(plain)
        topo.silent(s0)
    led.dropped(inner_malformed=1)


@case('only the far end is heard')
def strangers():
    add()
    packet = pkt.ip4(pkt.udp(1200, 7))
    with Far(4) as far, Far(4, FAR + 1) as stranger, Ledger(px) as led:
        topo.to_proxy([16010, 900], packet)
        far.recv()
        stranger.send(packet)
        topo.silent(s0)
        far.send(packet)
        topo.at_switch([(900, 0, 63)], packet)
    led.dropped()
    equal(led.delta.get('vnf', 'fw', 'from_vnf_packets'), 1, 'from_vnf')


@case('what is no packet is counted')
def garbage():
    add()
    packet = pkt.ip4(pkt.udp(1300, 7))
    with Far(4) as far, Ledger(px) as led:
        for octets in (b'', b'x', b'\x45', packet[:19], b'\x15' + packet[1:], b'\0' * 40,
                       b'\xff' * 1400):
            far.send(octets)
        for octets in (packet[:27], b'\x4f' + packet[1:], b'\x60' + b'\0' * 38):
            far.send(octets)
        far.send(packet)
        wait_for(led.look, 'the ledger to balance', 20)
        wait_for(lambda: led.look() and sum(led.drops.values()) == 11, 'eleven drops', 20)
        topo.silent(s0)
    note('%s' % led.drops)
    equal((led.drops['inner_unknown'], led.drops['vnf_miss']), (7, 1), 'drops')


@case('a datagram to our own socket in a datagram, and so on: taken apart one by one')
def matryoshka():
    add(options='on-miss accept')
    inner = pkt.ip4(pkt.udp(1350, 7))
    for _ in range(40):
        inner = pkt.ip4(pkt.udp(FAR, PORT, data=inner), src=REMOTE[4], dst=LOCAL[4])
    with Far(4) as far:
        before = px.snapshot()
        far.send(inner)
        wait_for(lambda: (px.snapshot() - before).get('vnf', 'fw', 'miss') == 41,
                 'each to be no packet of a chain', 20)


@case('the namespace refuses what cannot be')
def refusals():
    px.ctl(line())
    two = 'vnf add b udp local '
    wrong = {
        line(): 'exists already',
        two + '10.0.30.1:4000 remote 10.0.30.2:1': 'the local port is in use',
        two + '10.9.9.9:4000 remote 10.0.30.2:1': 'not one of this host',
        two + '10.0.30.1:0 remote 10.0.30.2:1': 'a port is needed',
        two + '10.0.30.1:1 remote 10.0.30.2:0': 'a port is needed',
        two + '10.0.30.1:1 remote [2001:db8:30::2]:1': 'not of one family',
        two + '10.0.30.1:1 remote 224.0.0.1:1': 'not a unicast address',
        two + '[fe80::1]:1 remote [fe80::2]:1': 'link-local',
        two + '[::ffff:1.2.3.4]:1 remote [2001:db8:30::2]:1': 'IPv4-mapped',
        two + '10.0.30.1:1': 'an address and port are needed',
        'vnf add b udp remote 10.0.30.2:1': 'needs a local address',
        two + '10.0.30.1:1 remote 10.0.30.2:1 via inet 10.0.30.2': 'local and remote only',
        two + '10.0.30.1:1 remote 10.0.30.2:1 dev w1': 'local and remote only',
        two + '10.0.30.1:1 remote 10.0.30.2:1 match vlan 1-2': 'needs a device',
        two + '10.0.30.1:1 remote 10.0.30.2:1 inner ethernet': 'needs a device',
        'vnf add b dev v1 remote 10.0.30.2:1': 'does not go with a device',
        'vnf reconnect nobody': 'no vnf has this name',
    }
    topo.ip('px', 'route add unreachable 203.0.113.0/24')
    wrong[two + '10.0.30.1:1 remote 203.0.113.1:1'] = 'no route to the remote'
    found = px.refusals(list(wrong))
    topo.ip('px', 'route del unreachable 203.0.113.0/24')
    for (command, want), got in zip(wrong.items(), found):
        check(want in got, '%s: refused with "%s", want "%s"' % (command, got, want))
    equal([v['name'] for v in px.show('vnf show')], ['fw'], 'vnfs')


@case('the route goes and comes back: counted, down, up')
def route():
    add()
    packet = pkt.ip4(pkt.udp(1400, 7))
    with Far(4) as far, Ledger(px) as led:
        topo.to_proxy([16010, 900], packet)
        far.recv()
        topo.ip('px', 'route add unreachable 10.0.30.2/32')
        topo.to_proxy([16010, 900], packet)
        wait_for(lambda: px.vnf('fw')['state'] == 'down', 'the vnf to be down', 20)
        equal(px.vnf('fw')['cause'], 'no-route', 'cause')
        topo.to_proxy([16010, 900], packet)
        topo.ip('px', 'route del unreachable 10.0.30.2/32')
        wait_for(lambda: px.vnf('fw')['state'] == 'up', 'the vnf to be up', 20)
        topo.to_proxy([16010, 900], packet)
        equal(far.recv(), packet, 'datagram')
    led.dropped(no_route=1, no_instance=1)


def largest(outer):
    """What fits the way goes, one octet more does not."""
    add(outer)
    topo.ip('px', 'link set w1 mtu 1400')
    room = 1400 - OUTER[outer]
    fits = pkt.ip4(pkt.udp(1500, 7, data=b'x' * (room - 28)))
    big = pkt.ip4(pkt.udp(1501, 7, data=b'x' * (room - 27)))
    with Far(outer) as far, Ledger(px) as led:
        topo.to_proxy([16010, 900], fits)
        equal(far.recv(), fits, 'datagram')
        topo.to_proxy([16010, 900], big)
        small = pkt.ip4(pkt.udp(1502, 7))
        topo.to_proxy([16010, 900], small)
        equal(far.recv(), small, 'datagram after that')
    led.dropped(mtu_exceeded=1)


for one in (4, 6):
    case('mtu: of the way, less the headers, over IPv%d' % one, one)(largest)


@case('mtu: a packet that may be cut comes in fragments')
def fragments():
    add(options='mtu 576')
    big = pkt.ip4(pkt.udp(1600, 7, data=bytes(range(250)) * 4), ident=77, frag=0)
    with Far(4) as far, Ledger(px) as led:
        topo.to_proxy([16010, 900], big)
        first, second = far.recv(), far.recv()
        check(len(first) <= 576 and len(second) <= 576, 'they fit')
        equal(first[20:] + second[20:], big[20:], 'payload')
        for one in (first, second):
            far.send(one)
            topo.at_switch([(900, 0, 63)], one)
    led.dropped()


def pseudo(packet, length):
    return ~checksum(packet[12:20] + struct.pack('!BBH', 0, packet[9], length)) & 0xffff


def right(packet):
    """IP and TCP checksums of a bare packet are right; the payload."""
    equal(checksum(packet[:20]), 0, 'checksum of IP')
    l4 = packet[20:]
    equal(checksum(packet[12:20] + struct.pack('!II', len(l4), 6) + l4), 0, 'checksum of TCP')
    return l4[20:]


def offloads(outer):
    """A function hands a big packet on to the socket of the next."""
    px.ctl(topo.vnf_line(1), 'sid add 16011 vnf n1')
    add(outer)
    plain = pkt.ip4(pkt.tcp(1700, 80, data=b''))
    with Far(outer) as far, Ledger(px) as led:
        topo.to_proxy([16011, 16010, 900], plain)
        topo.at_vnf(1, plain)
        data = bytes(range(256)) * 40
        big = pkt.ip4(pkt.tcp(1700, 80, data=data))
        unfinished = big[:36] + struct.pack('!H', pseudo(big, len(big) - 20)) + big[38:]
        frame = pkt.ether(pkt.mac('02:00:00:00:11:01'), pkt.mac('02:00:00:00:11:02'),
                          pkt.ETH_IP, unfinished)
        Device(topo.netns('fn'), 'f1').send(frame, 1, 1, 54, 1000, 34, 16)
        got = b''
        while len(got) < len(data):
            got += right(far.recv())
        equal(got, data, 'stream')
        small = pkt.ip4(pkt.tcp(1700, 80, data=b'checksum of the device'))
        unfinished = small[:36] + struct.pack('!H', pseudo(small, len(small) - 20)) + small[38:]
        frame = frame[:14] + unfinished
        Device(topo.netns('fn'), 'f1').send(frame, 1, 0, 0, 0, 34, 16)
        equal(far.recv(), small, 'datagram')
    led.dropped()


for one in (4, 6):
    case('offloads: cut, checksums made, before a socket of IPv%d' % one, one)(offloads)


def fou(family):
    """A tunnel of a stock Linux is the function, and routes packets back."""
    proto, kind = {4: (4, 'ipip'), 6: (41, 'ip6tnl')}[family]
    option = '-6 ' if family == 6 else ''
    subprocess.run(['modprobe', '-qa', 'fou', 'ipip', 'fou6', 'ip6_tunnel'], check=False)
    listen = 'ip fou add port %d ipproto %d %s' % (FAR, proto, option)
    try:
        topo.sh('gn', listen)
    except Exception as error:
        raise Skip('no fou: %s' % error) from error
    topo.ip('gn', 'link add t0 type %s %slocal %s remote %s encap fou encap-sport %d '
            'encap-dport %d encap-csum' % (
                kind, 'mode ip6ip6 ' if family == 6 else '', REMOTE[family], LOCAL[family],
                FAR, PORT),
            'link set t0 up', 'route add 198.51.100.0/24 dev t0' if family == 4 else
            'route add 2001:db8:2::/48 dev t0')
    add(family)
    try:
        with Ledger(px) as led:
            for n in range(20):
                packet = pkt.ip(pkt.udp(1800 + n, 7), family)
                topo.to_proxy([16010, 900], packet)
                topo.at_switch([(900, 0, 63)], pkt.with_ttl(packet, 63))
        led.dropped()
    finally:
        topo.ip('gn', 'link del t0')
        topo.sh('gn', 'ip fou del port %d %s' % (FAR, option))


for one in (4, 6):
    case('a fou tunnel of IPv%d is the far end' % one, one)(fou)


@case('reconnect: a new socket, flows stay')
def reconnect():
    add()
    packet = pkt.ip4(pkt.udp(1900, 7))
    with Far(4) as far, Ledger(px) as led:
        topo.to_proxy([16010, 900], packet)
        far.recv()
        px.ctl('vnf reconnect fw')
        equal(px.vnf('fw')['state'], 'up', 'state')
        far.send(packet)
        topo.at_switch([(900, 0, 63)], packet)
        topo.to_proxy([16010, 900], packet)
        equal(far.recv(), packet, 'datagram')
    led.dropped()


@case('save and apply: the same again, untouched')
def save():
    add(options='match static 900/901 out u0 mtu 1400')
    px.ctl(line(6, 'six', 'admin drain'))
    before = px.show('vnf show')
    _, saved, _ = px.run('save')
    equal([v['type'] for v in json.loads(saved)['vnf']], ['udp', 'udp'], 'saved')
    equal(px.run('apply', '-', feed=saved)[::2], (0, ''), 'apply')
    equal(px.show('vnf show'), before, 'after apply')
    px.clear()
    equal(px.run('apply', '-', feed=saved)[::2], (0, ''), 'apply to nothing')
    again = px.show('vnf show')
    for shown in before + again:
        del shown['id']
    equal(again, before, 'after apply to nothing')
    packet = pkt.ip4(pkt.udp(2000, 7))
    with Far(4) as far:
        topo.to_proxy([16010, 902], packet)
        equal(far.recv(), packet, 'datagram')
        far.send(packet)
        topo.at_switch([(900, 0, 64), (901, 0, 64)], packet)


@case('apply: a vnf that keeps its local port changes, or does not')
def change():
    add()
    px.ctl(line(6, 'six'))
    saved = px.run('save')[1]
    packet, other = pkt.ip4(pkt.udp(2100, 7)), pkt.ip4(pkt.udp(2101, 7))

    def goes(far, one):
        topo.to_proxy([16010, 900], one)
        equal(far.recv(), one, 'datagram')
        far.send(one)
        topo.at_switch([(900, 0, 63)], one)

    def apply(port, **more):
        config = json.loads(saved)
        for vnf in config['vnf']:
            if vnf['name'] == 'fw':
                vnf.update(remote=end(REMOTE, 4, port), **more)
        return px.run('apply', '-', feed=json.dumps(config))

    with Far(4) as far, Far(4, FAR + 1) as second, Ledger(px) as led:
        goes(far, packet)
        equal(apply(FAR + 1)[::2], (0, ''), 'apply')
        goes(second, other)
        status, _, error = apply(FAR, local=end(LOCAL, 6, PORT).replace('::1', '::9'))
        check(status and error, 'an address of somebody else')
        status, _, error = apply(FAR, out='none', static='900')
        check(status and error, 'an uplink that there is not')
        goes(second, other)
        equal(apply(FAR)[::2], (0, ''), 'apply')
        goes(far, packet)
    led.dropped()
    stranger = in_netns(topo.netns('px'))
    with stranger:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOCAL[4], PORT))
        check(False, 'somebody else has the port, too')
    except OSError as error:
        note('%s' % error)
    sock.close()


@case('a namespace goes with its sockets open, and takes them along')
def netns_del():
    name = topo.prefix + '-go'
    for _ in range(5):
        subprocess.run(['ip', 'netns', 'add', name], check=True)
        subprocess.run(['ip', '-n', name, 'link', 'set', 'lo', 'up'], check=True)
        subprocess.run([os.environ.get('SRPROXYCTL', 'srproxyctl'), '-n', name, '-b', '-'],
                       input='vnf add a udp local 127.0.0.1:1 remote 127.0.0.1:2\n'
                             'vnf add b udp local 127.0.0.1:2 remote 127.0.0.1:1\n'
                             'vnf add c udp local [::1]:2 remote [::1]:1\n',
                       text=True, check=True)
        subprocess.run(['ip', 'netns', 'del', name], check=True)


@case('many flows over one socket')
def many():
    flows, at_once = 50000 if SWIFT else 1000, 100
    px.ctl('config set idle-timeout 3600')
    add()
    with Far(4) as far, Ledger(px) as led:
        for first in range(0, flows, at_once):
            burst = [pkt.ip4(pkt.udp(1 + n % 50000, 7), src='10.1.%d.%d' % (n >> 8 & 255, n & 255))
                     for n in range(first, first + at_once)]
            for n, packet in enumerate(burst):
                topo.to_proxy([16010, 900 + n], packet)
            for packet in burst:
                equal(far.recv(), packet, 'datagram')
                far.send(packet)
            frames = s0.collect(at_once, 20)
            equal([(f.labels[0].label, f.inner) for f in frames],
                  [(900 + n, packet) for n, packet in enumerate(burst)], 'what came back')
    led.dropped()
    equal(px.flow_count(), flows, 'flows')


run()
