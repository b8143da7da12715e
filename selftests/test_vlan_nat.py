# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_vlan_nat.sh."""

import os
import random
import struct
import subprocess
import time
from collections import namedtuple

import pkt
from ktap import Failure, before_each, case, check, equal, run, wait_for
from nodes import One
from proxy import Ledger

CHAINS = 8
CLIENT, SERVER, PUBLIC = '10.0.0.1', '198.51.100.80', '203.0.113.1'
FIN, SYN, PSH, ACK = 1, 2, 8, 16
FIRST_LABEL = 900
WORK = os.environ['SRP_WORK']

topo = One(0)
px, s0 = topo.px, topo.s0
Packet = namedtuple('Packet', 'labels src dst proto sport dport flags seq ack data')


@before_each
def start():
    px.clear()
    topo.sh('nf', 'nft flush ruleset')
    topo.drain()
    px.ctl('uplink add dev u0',
           'vnf add nat dev v1 lladdr 02:00:00:00:11:02 match vlan 101-116',
           'sid add 16010 vnf nat')


def decode(frame):
    """A Packet of a Frame, its checksums verified."""
    packet = frame.inner[:struct.unpack_from('!H', frame.inner, 2)[0]]
    equal(pkt.checksum(packet[:20]), 0, 'IP checksum')
    src, dst, l4 = packet[12:16], packet[16:20], packet[20:]
    pseudo = src + dst + struct.pack('!HH', packet[9], len(l4))
    equal(pkt.checksum(pseudo + l4), 0, 'transport checksum')
    sport, dport = struct.unpack_from('!HH', l4)
    seq = ack = flags = 0
    data = l4[8:]
    if packet[9] == pkt.PROTO['tcp']:
        seq, ack, size, flags = struct.unpack_from('!IIBB', l4, 4)
        data = l4[size >> 4 << 2:]
    return Packet(tuple(e.label for e in frame.labels or ()), pkt.address_text(src),
                  pkt.address_text(dst), packet[9], sport, dport, flags, seq, ack, data)


def receive():
    frame = s0.recv()
    if frame is None:
        raise Failure('nothing came back')
    return decode(frame)


# ---- NAT -----------------------------------------------------------------

def masquerade(l4, rounds=3):
    """Eight tenants with the same addresses and ports, there and back: the
    answers come along stacks of their own."""
    topo.sh('nf', 'nft -f %s/nat' % WORK)
    public = {}
    with Ledger(px) as led:
        for _ in range(rounds):
            order = random.sample(range(CHAINS), CHAINS)
            for n in order:
                topo.to_proxy([16010, FIRST_LABEL + n, 800],
                              pkt.ip4(l4(1000, 53, b'ask %d' % n), CLIENT, SERVER))
            for _ in range(CHAINS):
                got = receive()
                n = int(got.data.split()[1])
                equal((got.labels, got.src, got.dst, got.dport),
                      ((FIRST_LABEL + n, 800), PUBLIC, SERVER, 53), 'packet of chain %d' % n)
                equal(public.setdefault(n, got.sport), got.sport, 'port of chain %d' % n)
            for n in order:
                topo.to_proxy([16010, FIRST_LABEL + 50 + n],
                              pkt.ip4(l4(53, public[n], b'answer %d' % n), SERVER, PUBLIC))
            for _ in range(CHAINS):
                got = receive()
                n = int(got.data.split()[1])
                equal((got.labels, got.src, got.dst, got.dport),
                      ((FIRST_LABEL + 50 + n,), SERVER, CLIENT, 1000), 'answer of %d' % n)
    led.dropped()
    equal(len(set(public.values())), CHAINS, 'ports in use')
    equal(px.flow_count(), 2 * CHAINS, 'ids')


def opening(sport, dport, data):
    """SYN and SYN with ACK, data in both."""
    if dport == 53:
        return pkt.tcp(sport, dport, data, SYN, 1, 0)
    return pkt.tcp(sport, dport, data, SYN | ACK, 1, 2)


case('nftables masquerade, 8 chains with the same addresses, UDP', pkt.udp)(masquerade)
case('nftables masquerade, 8 chains with the same addresses, TCP', opening, 1)(masquerade)


def through(chain, l4, src, dst):
    """Through the function; the packet, its labels having stayed."""
    topo.to_proxy([16010, FIRST_LABEL + chain], pkt.ip4(l4, src, dst))
    frame = s0.recv()
    check(frame is not None, 'nothing came back')
    equal([e.label for e in frame.labels], [FIRST_LABEL + chain], 'labels')
    return frame.inner[:struct.unpack_from('!H', frame.inner, 2)[0]]


@case('nftables masquerade: echo, its id is the function\'s')
def echo():
    topo.sh('nf', 'nft -f %s/nat' % WORK)
    used = set()
    with Ledger(px) as led:
        for n in range(CHAINS):
            got = through(n, pkt.icmp(7, 1, b'ask'), CLIENT, SERVER)
            equal((got[12:16], got[20]), (pkt.address(PUBLIC), 8), 'source and type')
            ident, = struct.unpack_from('!H', got, 24)
            used.add(ident)
            got = through(50 + n, pkt.icmp(ident, 1, b'answer', 0), SERVER, PUBLIC)
            equal((got[16:20], got[20], got[24:26]), (pkt.address(CLIENT), 0, b'\0\7'),
                  'destination, type and id')
            equal(pkt.checksum(got[20:]), 0, 'checksum of ICMP')
    led.dropped()
    equal(len(used), CHAINS, 'ids in use')


@case('nftables masquerade: fragmentation needed, of the address that the world sees')
def too_big():
    topo.sh('nf', 'nft -f %s/nat' % WORK)
    with Ledger(px) as led:
        for n in range(CHAINS):
            sent = through(n, pkt.udp(1000, 53, b'a question'), CLIENT, SERVER)
            equal(sent[12:16], pkt.address(PUBLIC), 'source')
            error = pkt.icmp(0, 1400, sent[:28], 3, 4)
            got = through(50 + n, error, '198.18.0.1', PUBLIC)
            equal((got[12:20], got[20:22], got[26:28]),
                  (pkt.address('198.18.0.1') + pkt.address(CLIENT), b'\3\4',
                   struct.pack('!H', 1400)), 'addresses, type, MTU')
            equal((got[40:48], got[48:52]),
                  (pkt.address(CLIENT) + pkt.address(SERVER), struct.pack('!HH', 1000, 53)),
                  'what is quoted')
            equal(pkt.checksum(got[20:]), 0, 'checksum of ICMP')
    led.dropped()


# ---- a proxy -------------------------------------------------------------

class End:
    """One end of a TCP session of chain n, on a link that loses nothing."""

    def __init__(self, chain, here, there):
        self.chain, self.here, self.there = chain, here, there
        self.seq, self.ack = random.getrandbits(31), 0
        self.data, self.closed = b'', False

    def send(self, flags, data=b''):
        l4 = pkt.tcp(self.here[1], self.there[1], data, flags, self.seq, self.ack)
        topo.to_proxy([16010, FIRST_LABEL + self.chain, 800],
                      pkt.ip4(l4, self.here[0], self.there[0]))
        self.seq += len(data) + bool(flags & (SYN | FIN))

    def take(self, got):
        """What came in, in order; True if it was new."""
        if got.flags & SYN:
            self.ack = got.seq + 1 & 0xffffffff
            return True
        if got.seq != self.ack or not (got.data or got.flags & FIN):
            return False
        self.data += got.data
        self.closed |= bool(got.flags & FIN)
        self.ack = got.seq + len(got.data) + bool(got.flags & FIN) & 0xffffffff
        return True


class Client(End):
    def handle(self, got):
        if not self.take(got):
            return
        if got.flags & SYN:
            self.send(ACK | PSH, b'GET /chain%d HTTP/1.1\r\nHost: origin\r\n'
                      b'Connection: close\r\n\r\n' % self.chain)
        else:
            self.send(ACK | (FIN if got.flags & FIN else 0))


class Server(End):
    def handle(self, got):
        if not self.take(got):
            return
        if got.flags & SYN:
            self.send(SYN | ACK)
        elif got.data and self.data.endswith(b'\r\n\r\n'):
            body = b'this is of chain %d' % self.chain
            self.send(ACK | PSH | FIN, b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n'
                      b'Connection: close\r\n\r\n%s' % (len(body), body))
        else:
            self.send(ACK)


def session(got, clients, servers):
    """Which end a packet is for; its stack has to be of that chain."""
    check(len(got.labels) == 2 and got.labels[1] == 800, 'labels %s' % (got.labels,))
    n = got.labels[0] - FIRST_LABEL
    check(0 <= n < CHAINS, 'labels %s' % (got.labels,))
    if got.dst == CLIENT:
        equal((got.src, got.sport), (SERVER, 80), 'the client sees the server')
        equal(got.dport, 4000, 'port of the client')
        return clients[n]
    equal((got.src, got.dst, got.dport), (PUBLIC, SERVER, 80), 'the proxy asks the server')
    return servers[n].setdefault(got.sport, Server(n, (SERVER, 80), (PUBLIC, got.sport)))


@case('HAProxy, transparent, 8 chains with the same addresses')
def haproxy():
    topo.sh('nf', 'nft -f %s/proxy' % WORK)
    with subprocess.Popen(['ip', 'netns', 'exec', topo.netns('nf'), 'haproxy', '-db', '-f',
                           WORK + '/haproxy'], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as daemon:
        try:
            wait_for(lambda: topo.sh('nf', 'ss -Htln').count('\n') >= 16, 'HAProxy', 30)
            with Ledger(px) as led:
                serve()
            led.dropped()
        finally:
            daemon.terminate()


def serve():
    clients = [Client(n, (CLIENT, 4000), (SERVER, 80)) for n in range(CHAINS)]
    servers = [{} for _ in range(CHAINS)]
    for client in random.sample(clients, CHAINS):
        client.send(SYN)
    end = time.monotonic() + 60
    while not all(c.closed for c in clients):
        check(time.monotonic() < end, 'sessions closed: %s' % [c.closed for c in clients])
        got = receive()
        check(got.proto == pkt.PROTO['tcp'] and not got.flags & 4, 'a reset: %s' % (got,))
        session(got, clients, servers).handle(got)
    for n, client in enumerate(clients):
        check(client.data.endswith(b'this is of chain %d' % n), 'chain %d got %s' % (
            n, client.data))
        requests = [s.data for s in servers[n].values()]
        check(len(requests) == 1 and requests[0].startswith(b'GET /chain%d ' % n),
              'the server of chain %d saw %s' % (n, requests))
    equal(px.flow_count(), CHAINS, 'ids')


run()
