# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_sock_dev.sh."""

import json
import socket
import struct

import ktls
import pkt
from ktap import Failure, before_each, case, check, equal, run, wait_for
from netio import in_netns, settle
from nodes import One
from pkt import fragment
from proxy import Ledger
from sockend import SOON, End, soon_enough

topo = One(1)
px = topo.px
PORT, IP_PKTINFO = 9, 8
NODE = {4: '10.0.0.1', 6: '2001:db8:a0::1'}
FROM = {4: '192.0.2.9', 6: '2001:db8:99::9'}
LOOP = {4: '127.0.0.1', 6: '::1'}


def server(family, address):
    """A UDP socket of the node, which is told by which device a datagram came."""
    with in_netns(px.netns):
        sock = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET,
                             socket.SOCK_DGRAM)
    if family == 6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, PORT))
    sock.settimeout(SOON)
    return sock


SERVER = {family: server(family, NODE[family]) for family in (4, 6)}
LOCAL = {family: server(family, LOOP[family]) for family in (4, 6)}


LINKS = {link['ifindex']: link['ifname'] for link in json.loads(topo.sh('px', 'ip -j link'))}


def came_by(sock, timeout=SOON):
    """(payload, device) of the next datagram."""
    sock.settimeout(timeout)
    try:
        data, told, _, _ = sock.recvmsg(2000, 200)
    except TimeoutError as late:
        raise Failure('no datagram comes') from late
    told = {kind: value for _, kind, value in told}
    if sock.family == socket.AF_INET6:
        index = struct.unpack('=16sI', told[socket.IPV6_PKTINFO])[1]
    else:
        index = struct.unpack('=i', told[IP_PKTINFO][:4])[0]
    return data, LINKS[index]


def datagram(family, data=b'', src=None, dst=None, **fields):
    return pkt.ip(pkt.udp(7, PORT, data), family, src=src or FROM[family],
                  dst=dst or NODE[family], **fields)


def quiet(socks):
    """Nothing has come to these."""
    settle()
    for sock in socks:
        sock.setblocking(False)
        try:
            check(False, 'it was reached: %s' % sock.recv(2000))
        except BlockingIOError:
            pass
        finally:
            sock.settimeout(SOON)


class Tls:
    """A function behind TLS, whose far end is here."""

    kind = 'tls'

    def __init__(self):
        self.ours, self.conn = ktls.pair(px.netns, topo.netns('gn'), ('10.0.30.2', 6443))
        self.passer = ktls.Passer(px.netns)

    def send(self, *packets):
        self.conn.sendall(b''.join(struct.pack('!H', len(p)) + p for p in packets))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in (self.ours, self.conn, self.passer):
            sock.close()


def end(kind):
    return Tls() if kind == 'tls' else End(topo, kind)


def add(far, options=''):
    if far.kind == 'tls':
        far.passer.add('fn', far.ours)
        if options:
            px.ctl('vnf set fn ' + options)
    else:
        px.ctl('vnf add fn %s %s' % (far.attachment(), options))
        far.accept()


@before_each
def start():
    px.clear()
    topo.drain()
    for sock in (*SERVER.values(), *LOCAL.values()):
        sock.setblocking(False)
        try:
            while True:
                sock.recv(2000)
        except BlockingIOError:
            sock.settimeout(SOON)
    px.ctl('config set icmp none', 'uplink add dev u0')


DEVICE = {'udp4': 'w1', 'udp6': 'w1', 'tcp4': 'w1', 'tcp6': 'w1', 'tls': 'w1', 'unix': 'lo'}


def device(kind, on_miss):
    """It seems to come from where the octets came, several in one segment, large ones too."""
    with end(kind) as far:
        add(far, 'on-miss ' + on_miss)
        for family in (4, 6):
            for size in (0, 1300):
                packets = [datagram(family, bytes([n]) * size + b'%d' % n) for n in range(3)]
                far.send(*packets)
                for n in range(3):
                    equal(came_by(SERVER[family]), (bytes([n]) * size + b'%d' % n, DEVICE[kind]),
                          'datagram and device')


for _kind in DEVICE:
    case('%s: the device that it seems to come from' % _kind, _kind, 'accept')(device)
case('unix: what is for this node reaches it without on-miss accept', 'unix', 'drop')(device)


@case('tcp4: the first octets come while the socket is held, to send')
def held_to_send():
    """TCP makes its note of the device as it takes a segment; one that has to wait for the
    socket has lost its own by then, and the answer to the connection always does. Here
    octets of the far end wait for our address, which they are told as the worker asks for
    theirs, with the socket held: they come before it is done, all in one segment."""
    topo.sh('px', 'sysctl -qw net.ipv4.conf.w1.arp_ignore=8')
    topo.sh('gn', 'sysctl -qw net.ipv4.neigh.g1.mcast_solicit=60')
    packets = [datagram(4, b'%d' % n) for n in range(8)]
    try:
        with End(topo, 'tcp4') as far:
            add(far, 'on-miss accept')
            px.ctl('sid add 16010 vnf fn')
            topo.ip('gn', 'neigh del 10.0.30.1 dev g1')
            far.send(*packets)
            wait_for(lambda: 'INCOMPLETE' in topo.sh('gn', 'ip neigh show 10.0.30.1'),
                     'the far end to ask for our address', SOON)
            topo.ip('px', 'neigh del 10.0.30.2 dev w1')
            with Ledger(px) as led:
                topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(1, 2)))
                for n in range(len(packets)):
                    equal(came_by(SERVER[4]), (b'%d' % n, 'w1'), 'datagram and device')
            led.dropped()
    finally:
        topo.ip('gn', 'neigh replace 10.0.30.1 lladdr 02:00:00:00:30:01 nud permanent dev g1')
        topo.ip('px', 'neigh replace 10.0.30.2 lladdr 02:00:00:00:30:02 nud permanent dev w1')
        topo.sh('px', 'sysctl -qw net.ipv4.conf.w1.arp_ignore=0')


def held(kind):
    """A fragment that waited for its first has it as well."""
    with end(kind) as far:
        add(far, 'on-miss accept')
        data = bytes(range(250)) * 3
        for family in (4, 6):
            parts = fragment(datagram(family, data), 256, 0x77)
            with soon_enough(far, (parts[1], parts[2], parts[0])):
                # tried again, within the time of a case
                equal(came_by(SERVER[family], 4), (data, DEVICE[kind]), 'datagram and device')


for _kind in ('udp4', 'tcp4', 'unix'):
    case('%s: fragments, the first one last' % _kind, _kind)(held)


def loopback(kind):
    """Nobody's packets to or from loopback addresses, though the node would take them."""
    topo.sh('px', 'sysctl -qw net.ipv4.conf.all.route_localnet=1')
    try:
        with end(kind) as far:
            add(far, 'on-miss accept')
            with Ledger(px) as led:
                far.send(datagram(4, dst='127.0.0.1'), datagram(4, src='127.0.0.9'),
                         datagram(6, dst='::1'), datagram(6, src='::1'),
                         datagram(6, dst='ff01::1'), datagram(4, dst='127.255.0.1'))
                wait_for(lambda: led.look() and led.drops == {'inner_unknown': 6},
                         'six to be dropped', SOON)
            quiet((*SERVER.values(), *LOCAL.values()))
    finally:
        topo.sh('px', 'sysctl -qw net.ipv4.conf.all.route_localnet=0')


for _kind in DEVICE:
    case('%s: loopback addresses are not reached' % _kind, _kind)(loopback)


@case('strict: nothing of the node is reached, by lo neither')
def strict():
    with end('unix') as far:
        add(far, 'on-miss strict')
        with Ledger(px) as led:
            far.send(datagram(4), datagram(6))
            wait_for(lambda: led.look() and led.drops == {'vnf_miss': 2}, 'two misses', SOON)
        quiet(SERVER.values())


def trusted(kind):
    """A rule that trusts lo trusts a Unix socket, and no other."""
    topo.ip('px', 'rule add iif lo pref 1 lookup 77',
            'route add blackhole 198.51.100.0/24 table 78', 'rule add iif w1 pref 2 lookup 78',
            'route add 198.51.100.0/24 via 10.0.10.2 table 77')
    try:
        with end(kind) as far:
            add(far, 'on-miss accept')
            packet = pkt.ip4(pkt.udp(7, 7), src=FROM[4], dst='198.51.100.1', ttl=64)
            far.send(packet)
            if kind == 'unix':
                frame = topo.s1.recv(SOON)
                check(frame and frame.inner[12:] == packet[12:], 'at s1: %s' % frame)
                return
            far.send(datagram(4, b'after'))
            equal(came_by(SERVER[4])[0], b'after', 'the next one')
            frame = topo.s1.poll()
            check(frame is None, 'it went by a rule that trusts lo: %s' % frame)
    finally:
        topo.ip('px', 'rule del pref 1', 'rule del pref 2', 'route flush table 77',
                'route flush table 78')


for _kind in ('udp4', 'tcp4', 'tls', 'unix'):
    case('%s: rules of routing see the device' % _kind, _kind)(trusted)


@case('unix: the own IPv4 address as the source is a martian')
def martian():
    with end('unix') as far:
        add(far, 'on-miss accept')
        far.send(datagram(4, b'own', src=NODE[4]))
        far.send(datagram(4, b'after'))
        equal(came_by(SERVER[4])[0], b'after', 'what came')


run()
