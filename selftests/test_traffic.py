# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_traffic.sh."""

import collections
import hashlib
import json
import os
import select
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler

from ktap import Failure, case, check, equal, note, run, wait_for
from netio import in_netns
from proxy import Ledger, Topo

OCTETS = int(os.environ.get('SRP_TRAFFIC_OCTETS', str(2 << 20)))
PATTERN = os.urandom(1 << 16)
topo = Topo()
px = topo.proxy('px')
SERVER = {4: '10.0.2.2', 6: '2001:db8:2::2'}
CLIENT = {4: '10.0.1.2', 6: '2001:db8:1::2'}


def family_of(family):
    return socket.AF_INET6 if family == 6 else socket.AF_INET


def pair(family, from_server=False):
    """A connected pair of TCP sockets: (the one that began, the other)."""
    nodes = ('server', 'client') if from_server else ('client', 'server')
    there = (CLIENT if from_server else SERVER)[family]
    with in_netns(topo.netns(nodes[1])):
        listener = socket.create_server((there, 0), family=family_of(family))
    with in_netns(topo.netns(nodes[0])):
        near = socket.socket(family_of(family), socket.SOCK_STREAM)
    near.settimeout(10)
    near.connect(listener.getsockname()[:2])
    far, _ = listener.accept()
    listener.close()
    return near, far


def transfer(sender, receiver, octets):
    """Send so much; the receiver has to see the same, in time."""
    sender.setblocking(False)
    receiver.setblocking(False)
    sent, got, end = 0, hashlib.sha256(), time.monotonic() + 60
    want, received = hashlib.sha256(), 0
    while received < octets:
        check(time.monotonic() < end, 'only %d of %d octets in a minute' % (received, octets))
        readable, writable, _ = select.select([receiver], [sender] if sent < octets else [],
                                              [], 5)
        check(readable or writable, 'stuck at %d of %d octets' % (received, octets))
        if writable:
            at = sent % len(PATTERN)
            n = sender.send(PATTERN[at:at + min(len(PATTERN), octets - sent)])
            want.update(PATTERN[at:at + n])
            sent += n
        if readable:
            data = receiver.recv(1 << 18)
            check(data, 'closed after %d octets' % received)
            got.update(data)
            received += len(data)
    equal(got.hexdigest(), want.hexdigest(), 'SHA-256 of what came')


def offloads(state, node, *devices):
    for device in devices:
        topo.sh(node, 'ethtool -K %s tso %s gso %s gro %s' % (device, state, state, state))


def tcp(family, what=''):
    """A connection with data both ways; every octet arrives."""
    with Ledger(px) as led:
        near, far = pair(family)
        transfer(near, far, OCTETS)
        transfer(far, near, OCTETS)
        near.close()
        far.close()
        # the last ACKs of the connection
        wait_for(lambda: led.look() or True, 'the end')
        time.sleep(0.2)
    drops = {k: n for k, n in led.drops.items() if k != 'vnf_miss'}     # MLD of the routers
    equal(drops, {}, 'drops')
    packets = led.delta.get('vnf', 'r1', 'to_vnf_packets')
    volume = led.delta.get('vnf', 'r1', 'to_vnf_bytes')
    check(volume > 2 * OCTETS, 'only %d octets through r1' % volume)
    note('%s%d packets of %d octets on average' % (what, packets, volume // packets))
    return volume // packets


@case('ping of both families and all sizes')
def ping():
    for family in (4, 6):
        for size in (0, 1400):
            topo.sh('client', 'ping -c 1 -W 5 -s %d %s' % (size, SERVER[family]))
            topo.sh('server', 'ping -c 1 -W 5 -s %d %s' % (size, CLIENT[family]))


case('TCP both ways, v4', 4)(tcp)
case('TCP both ways, v6', 6)(tcp)


@case('TCP that the server begins')
def tcp_back():
    for family in (4, 6):
        near, far = pair(family, from_server=True)
        transfer(near, far, OCTETS // 4)
        transfer(far, near, OCTETS // 4)
        near.close()
        far.close()


@case('large segments go through whole, with their labels')
def gso():
    offloads('on', 'client', 'e0')
    offloads('on', 'server', 'e0')
    for family in (4, 6):
        mean = tcp(family, 'v%d: ' % family)
        check(mean > 1500, 'segments of %d octets on average' % mean)


def counters():
    """What the hosts' TCP and the machine count, by name."""
    found = collections.Counter()
    for node in ('client', 'server'):
        for file in ('snmp', 'netstat'):
            rows = [row.split() for row in topo.sh(node, 'cat /proc/net/' + file).splitlines()]
            for names, values in zip(rows[::2], rows[1::2]):
                for name, value in zip(names[1:], values[1:]):
                    found[names[0][:-1] + name] += int(value)
    for node in ('client', 'server', 'px', 'r1', 'r2'):
        for qdisc in json.loads(topo.sh(node, 'tc -s -j qdisc show')):
            found['qdisc drops'] += qdisc.get('drops', 0)
    with open('/proc/net/softnet_stat', encoding='ascii') as softnet:
        found['backlog drops'] = sum(int(line.split()[1], 16) for line in softnet)
    return found


# What makes TCP send again though nobody on the way lost a thing.
EXCUSES = ('qdisc drops', 'backlog drops', 'TcpExtTCPBacklogDrop', 'TcpExtTCPRcvQDrop',
           'TcpExtPruneCalled', 'TcpExtTCPTimeouts', 'TcpExtTCPLossProbes')


def nothing_lost(before, retransmits):
    """No checksum was wrong, and TCP had nothing to send again, unless others
    than the proxy lost something or the machine stood still.
    """
    now = counters()
    found = {name: now[name] - before[name] for name in now if now[name] != before[name]}
    equal({name: n for name, n in found.items() if name.endswith('InCsumErrors')}, {},
          'wrong checksums')
    excuses = {name: found[name] for name in EXCUSES if name in found}
    if excuses:
        note('lost elsewhere: %s' % excuses)
        return
    late = found.get('TcpExtTCPOFOQueue', 0)
    if os.cpu_count() == 1:
        equal(late, 0, 'segments out of order')
    elif late:
        # where two processors send for it, one overtakes the other; the ledger judges
        note('%d out of order; %d sent again, of which %d came twice' % (
            late, retransmits, found.get('TcpExtTCPDSACKRecvSegs', 0)))
        return
    equal(retransmits, 0, 'retransmissions')


def iperf(family):
    """iperf3 through both chains: what TCP had to send again, none by us."""
    before = counters()
    with Ledger(px) as led:
        with subprocess.Popen(['ip', 'netns', 'exec', topo.netns('server'), 'iperf3', '-s', '-1'],
                              stdout=subprocess.DEVNULL) as server:
            wait_for(lambda: ':5201 ' in topo.sh('server', 'ss -Hltn'), 'iperf3 to listen')
            report = json.loads(topo.sh('client', 'iperf3 -J -c %s -n %d' % (
                SERVER[family], 4 * OCTETS)))
            server.wait(20)
    sent = report['end']['sum_sent']
    equal({k: n for k, n in led.drops.items() if k != 'vnf_miss'}, {}, 'drops')
    check(sent['bytes'] >= 4 * OCTETS, 'only %d octets' % sent['bytes'])
    note('iperf3 v%d: %.0f Mbit/s, %d retransmissions' % (
        family, sent['bits_per_second'] / 1e6, sent['retransmits']))
    nothing_lost(before, sent['retransmits'])


case('iperf3: the proxy loses nothing, v4', 4)(iperf)
case('iperf3: the proxy loses nothing, v6', 6)(iperf)


class Page(BaseHTTPRequestHandler):
    """The only page of a server."""

    def do_GET(self):       # pylint: disable=invalid-name
        self.send_response(200)
        self.send_header('Content-Length', str(len(PATTERN)))
        self.end_headers()
        self.wfile.write(PATTERN)

    def log_message(self, *_):
        """Nothing."""


def curl(family):
    """A page by HTTP, as curl sees it."""
    class Server(socketserver.TCPServer):
        address_family = family_of(family)
    with in_netns(topo.netns('server')):
        # pylint: disable-next=consider-using-with
        server = Server((SERVER[family], 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    host = '[%s]' % SERVER[family] if family == 6 else SERVER[family]
    try:
        with Ledger(px) as led, tempfile.NamedTemporaryFile() as page:
            said = topo.sh('client', 'curl -sS -g --max-time 60 -o %s -w %s http://%s:%d/page' % (
                page.name, '%{http_code}/%{size_download}', host, server.server_address[1]))
            equal(said, '200/%d' % len(PATTERN), 'status and size')
            equal(page.read() == PATTERN, True, 'the page')
    finally:
        server.shutdown()
        server.server_close()
    equal({k: n for k, n in led.drops.items() if k != 'vnf_miss'}, {}, 'drops')
    for name in ('r1', 'r2-back'):
        check(led.delta.get('vnf', name, 'to_vnf_bytes') > len(PATTERN),
              'the page did not come by way of ' + name)


case('curl gets a page, v4', 4)(curl)
case('curl gets a page, v6', 6)(curl)


@case('large segments are cut where an interface cannot send them')
def gso_cut():
    for devices in (('u0', 'u1'), ('v1', 'v2', 'v3'), ('u0', 'u1', 'v1', 'v2', 'v3')):
        offloads('off', 'px', *devices)
        for family in (4, 6):
            tcp(family, 'offloads off on %s, v%d: ' % (' '.join(devices), family))
        offloads('on', 'px', *devices)


@case('TCP without any offload')
def plain():
    for node, devices in (('client', ('e0',)), ('server', ('e0',)),
                          ('px', ('u0', 'u1', 'v1', 'v2', 'v3')), ('r1', ('e0',)),
                          ('r2', ('e0', 'e1'))):
        for device in devices:
            topo.sh(node, 'ethtool -K %s tso off gso off gro off tx off rx off' % device)
    for family in (4, 6):
        mean = tcp(family, 'v%d: ' % family)
        check(mean <= 1500, 'segments of %d octets on average' % mean)


def datagrams(family, size, count=20):
    """Datagrams there and back, as large as they are."""
    with in_netns(topo.netns('server')):
        far = socket.socket(family_of(family), socket.SOCK_DGRAM)
        far.bind((SERVER[family], 0))
    with in_netns(topo.netns('client')):
        near = socket.socket(family_of(family), socket.SOCK_DGRAM)
    near.connect(far.getsockname()[:2])
    for sock in (near, far):
        sock.settimeout(5)
    for _ in range(count):
        data = os.urandom(size)
        near.send(data)
        got, origin = far.recvfrom(65536)
        equal(got == data, True, 'datagram there')
        far.sendto(data, origin)
        equal(near.recv(65536) == data, True, 'datagram back')


def udp(family):
    for size in (0, 1, 500, 1400):
        datagrams(family, size)


def fragments(family):
    """The host cuts the datagram; its fragments go one way, in any order."""
    for size in (1600, 4000, 20000):
        datagrams(family, size, 4)


case('UDP there and back, v4', 4)(udp)
case('UDP there and back, v6', 6)(udp)
case('datagrams in fragments, v4', 4)(fragments)
case('datagrams in fragments, v6', 6)(fragments)


@case('twenty connections at once')
def many():
    pairs = [pair(4 + n % 2 * 2) for n in range(20)]
    for n, (near, far) in enumerate(pairs):
        near.sendall(b'%d' % n * 1000)
        far.sendall(b'%d' % n * 2000)
    for n, (near, far) in enumerate(pairs):
        for sock, want in ((near, b'%d' % n * 2000), (far, b'%d' % n * 1000)):
            sock.settimeout(5)
            got = b''
            while len(got) < len(want):
                data = sock.recv(65536)
                if not data:
                    raise Failure('closed')
                got += data
            equal(got == want, True, 'data of connection %d' % n)
    for near, far in pairs:
        near.close()
        far.close()


run()
