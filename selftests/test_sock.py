# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_sock.sh."""

import json
import os
import socket
import struct
import subprocess
import tempfile
import time

import pkt
from ktap import before_each, case, check, equal, note, run, wait_for
from netio import Device, in_netns, settle
from nodes import One
from pkt import checksum
from proxy import CTL, Ledger

topo = One(1)
px, s0 = topo.px, topo.s0
REMOTE = {'tcp4': '10.0.30.2', 'tcp6': '2001:db8:30::2'}
KINDS = ('tcp4', 'tcp6', 'path', 'abstract')
PORT, WAIT = 5000, 20
FOLDER = tempfile.mkdtemp()
NAMES = {'path': FOLDER + '/far', 'abstract': '@' + topo.prefix + '-far'}
# a debug kernel has many cycles, an emulated machine few
with open('/proc/cpuinfo', encoding='ascii') as cpuinfo:
    UML = 'UML' in cpuinfo.read()


def line(kind, name='fw', options=''):
    where = {'tcp4': 'tcp remote 10.0.30.2:%d' % PORT,
             'tcp6': 'tcp remote [2001:db8:30::2]:%d' % PORT}.get(kind)
    return 'vnf add %s %s %s' % (name, where or 'unix ' + NAMES[kind], options)


class Far:
    """The function: who listens, and the connection that it has."""

    def __init__(self, kind, family_type=socket.SOCK_SEQPACKET, rcvbuf=0):
        self.stream = kind.startswith('tcp')
        node = 'gn' if self.stream else 'px'
        with in_netns(topo.netns(node)):
            if self.stream:
                self.listener = socket.socket(
                    socket.AF_INET6 if kind == 'tcp6' else socket.AF_INET, socket.SOCK_STREAM)
            else:
                self.listener = socket.socket(socket.AF_UNIX, family_type)
        if self.stream:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if rcvbuf:
                self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
            self.listener.bind((REMOTE[kind], PORT))
        else:
            if kind == 'path' and os.path.exists(NAMES[kind]):
                os.unlink(NAMES[kind])
            self.listener.bind(NAMES[kind].replace('@', '\0'))
        self.listener.listen(5)
        self.listener.settimeout(WAIT)
        self.conn, self.rest = None, b''

    def accept(self):
        self.conn, _ = self.listener.accept()
        self.conn.settimeout(WAIT)
        if self.stream:
            self.conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b''
        return self

    def need(self, count):
        while len(self.rest) < count:
            more = self.conn.recv(65536)
            if not more:
                return False
            self.rest += more
        return True

    def recv(self):
        """The next packet; None when the connection has ended."""
        if not self.stream:
            return self.conn.recv(70000) or None
        if not self.need(2):
            return None
        length, = struct.unpack_from('!H', self.rest)
        if not self.need(2 + length):
            return None
        packet, self.rest = self.rest[2:2 + length], self.rest[2 + length:]
        return packet

    def send(self, packet):
        self.conn.sendall(self.frame(packet) if self.stream else packet)

    @staticmethod
    def frame(packet):
        return struct.pack('!H', len(packet)) + packet

    def hang_up(self):
        self.conn.close()
        self.conn = None

    def reset(self):
        self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.hang_up()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.conn:
            self.conn.close()
        self.listener.close()


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def add(kind, options=''):
    px.ctl(line(kind, options=options), 'sid add 16010 vnf fw')


def state(want, cause='none'):
    wait_for(lambda: (px.vnf('fw')['state'], px.vnf('fw').get('cause', 'none')) == (want, cause),
             'state %s, cause %s; it is %s' % (want, cause, px.vnf('fw')), WAIT)


def works(far, port=3000, inner=4):
    packet = pkt.ip(pkt.udp(port, 7), inner)
    topo.to_proxy([16010, 900], packet)
    equal(far.recv(), packet, 'at the function')
    far.send(packet)
    topo.at_switch([(900, 0, 63)], packet)


def round_trip(kind):
    with Far(kind) as far, Ledger(px) as led:
        add(kind)
        far.accept()
        for inner in (4, 6, 4):
            works(far, 1000, inner)
    led.dropped()
    shown = px.vnf('fw')
    equal((shown['type'], shown['flows']), ('tcp' if far.stream else 'unix', 2), 'vnf show')


for one in KINDS:
    case('%s: there and back' % one, one)(round_trip)


def padding(kind):
    packet = pkt.ip4(pkt.udp(1050, 7))
    with Far(kind) as far, Ledger(px) as led:
        add(kind)
        far.accept()
        for inner in (packet + bytes(7), packet):
            topo.to_proxy([16010, 900], inner)
            equal(far.recv(), packet, 'at the function')
    led.dropped()


for one in ('tcp4', 'path'):
    case('%s: padding of the link layer stays behind' % one, one)(padding)


def order(kind):
    """Many packets at once, both ways: all of them, in order."""
    packets = [pkt.ip4(pkt.udp(1100 + n, 7, data=bytes([n]) * (n * 11))) for n in range(100)]
    with Far(kind) as far, Ledger(px) as led:
        add(kind)
        far.accept()
        for packet in packets:
            topo.to_proxy([16010, 900], packet)
        for packet in packets:
            equal(far.recv(), packet, 'at the function')
        for packet in packets:
            far.send(packet)
        for packet in packets:
            topo.at_switch([(900, 0, 63)], packet)
    led.dropped()


for one in ('tcp4', 'path'):
    case('%s: many at once, in order' % one, one)(order)


@case('tcp: frames in pieces, and several in one')
def pieces():
    packets = [pkt.ip4(pkt.udp(1300 + n, 7, data=b'x' * 200)) for n in range(3)]
    with Far('tcp4') as far, Ledger(px) as led:
        add('tcp4')
        far.accept()
        for packet in packets:
            topo.to_proxy([16010, 900], packet)
            far.recv()
        octets = b''.join(map(far.frame, packets))
        for at in range(0, len(octets), 7):
            far.conn.sendall(octets[at:at + 7])
        for packet in packets:
            topo.at_switch([(900, 0, 63)], packet)
        far.conn.sendall(octets + octets[:100])
        for packet in packets:
            topo.at_switch([(900, 0, 63)], packet)
        far.conn.sendall(octets[100:])
        for packet in packets:
            topo.at_switch([(900, 0, 63)], packet)
    led.dropped()


@case('tcp: what came before the end counts, and the end is seen in the middle of a frame')
def before_the_end():
    packets = [pkt.ip4(pkt.udp(1400, 7, data=bytes([n]) * 900)) for n in range(60)]
    with Far('tcp4') as far, Ledger(px) as led:
        add('tcp4')
        far.accept()
        works(far, 1400)
        octets = b''.join(map(far.frame, packets))
        far.conn.sendall(octets + far.frame(packets[0])[:500])
        far.hang_up()
        for packet in packets:
            topo.at_switch([(900, 0, 63)], packet)
        state('down', 'closed')
    led.dropped()


@case('tcp: the largest frame')
def largest():
    with Far('tcp4') as far, Ledger(px) as led:
        add('tcp4')
        far.accept()
        works(far, 1450)
        packet = pkt.ip4(pkt.udp(1450, 7, data=bytes(range(251)) * 260), frag=0)
        check(len(packet) > 65200, 'it is %d octets' % len(packet))
        far.send(packet)
        got = b''
        while len(got) < len(packet) - 20:
            got += s0.recv(WAIT).inner[20:]
        equal(got, packet[20:], 'payload')
        works(far, 1450)
    led.dropped()


@case('tcp: octet by octet')
def drops_by_drops():
    packet = pkt.ip4(pkt.udp(1460, 7))
    with Far('tcp6') as far, Ledger(px) as led:
        add('tcp6')
        far.accept()
        works(far, 1460)
        octets = 3 * far.frame(packet)
        for at in range(len(octets)):
            far.conn.sendall(octets[at:at + 1])
        for _ in range(3):
            topo.at_switch([(900, 0, 63)], packet)
    led.dropped()


@case('tcp: frames have nothing urgent')
def urgent():
    with Far('tcp4') as far:
        add('tcp4')
        far.accept()
        works(far)
        far.conn.send(b'!', socket.MSG_OOB)
        state('down', 'bad-frame')
        px.ctl('vnf reconnect fw')
        state('up')
        works(far.accept())


def broken(octets):
    """What cannot be a frame ends the connection."""
    with Far('tcp4') as far:
        add('tcp4')
        far.accept()
        works(far)
        far.conn.sendall(octets)
        state('down', 'bad-frame')
        check(not ended(far), 'the far end is told')
        with Ledger(px) as led:
            topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(3000, 7)))
        led.dropped(no_instance=1)
        px.ctl('vnf reconnect fw')
        state('up')
        works(far.accept())


def ended(far):
    try:
        return far.recv()
    except ConnectionResetError:
        return None


for one in (b'\0\0', b'\0\x13' + b'\x45' * 19, b'\0\x40' + b'\0' * 64, b'GET / HTTP/1.1\r\n\r\n'):
    case('tcp: a broken frame closes the vnf: %s' % one[:6].hex(), one + b'..')(broken)


@case('unix: what is no packet is counted, the rest goes on')
def messages():
    with Far('path') as far, Ledger(px) as led:
        add('path')
        far.accept()
        works(far)
        packet = pkt.ip4(pkt.udp(3000, 7))
        for octets in (b'x', packet[:19], b'\0' * 40, packet[:27], b'\x60' + b'\0' * 38):
            far.send(octets)
        works(far)
        wait_for(lambda: led.look() and sum(led.drops.values()) == 5, 'five drops', WAIT)
    note('%s' % led.drops)
    equal(led.drops['inner_unknown'], 3, 'inner_unknown')


@case('loopback addresses do not come over a connection')
def loopback():
    with Far('tcp4') as far, Ledger(px) as led:
        add('tcp4', 'on-miss accept')
        far.accept()
        works(far)
        for src, dst in (('2001:db8::9', '::1'), ('::1', '2001:db8:a0::1'),
                         ('192.0.2.9', '127.0.0.1'), ('127.0.0.1', '10.0.0.1')):
            far.send(pkt.ip(pkt.udp(9, 9), 6 if ':' in src else 4, src=src, dst=dst))
        works(far)
        wait_for(lambda: led.look() and sum(led.drops.values()) == 4, 'four drops', WAIT)
    led.dropped(inner_unknown=4)


class Monitor:
    """`srproxyctl monitor`, which hears what happens to fw."""

    def __init__(self):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([CTL, '-n', px.netns, '-j', 'monitor', 'vnf'],
                                        stdout=subprocess.PIPE)
        self.out = self.process.stdout
        os.set_blocking(self.out.fileno(), False)
        self.text, self.weight = b'', 1
        wait_for(lambda: self.mark() or self.text, 'the monitor to listen', WAIT)

    def mark(self):
        """Make an event; read what has come."""
        self.weight += 1
        px.ctl('vnf set fw weight %d' % self.weight)
        self.read()

    def read(self):
        self.text += self.out.read() or b''

    def end(self):
        """The states that fw had, each once."""
        self.mark()
        sign = b'"weight":%d,' % self.weight
        wait_for(lambda: self.read() or sign in self.text, 'the last event', WAIT)
        self.process.terminate()
        self.process.wait()
        states = []
        for line_of in self.text.splitlines():
            event = json.loads(line_of)
            event = event[0] if isinstance(event, list) else event
            if event['name'] == 'fw' and event['state'] != (states or [None])[-1]:
                states.append(event['state'])
        return states


def goes(kind, how):
    """The far end goes, and comes back; others are not touched."""
    px.ctl(topo.vnf_line(1), 'sid add 16011 vnf n1')
    with Far(kind) as far:
        add(kind)
        far.accept()
        works(far)
        monitor = Monitor()
        getattr(far, how)()
        state('down', 'closed')
        with Ledger(px) as led:
            topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(3000, 7)))
            other = pkt.ip4(pkt.udp(3001, 7))
            topo.to_proxy([16011, 900], other)
            topo.at_vnf(1, other)
        led.dropped(no_instance=1)
        px.ctl('vnf reconnect fw')
        state('up')
        works(far.accept())
        states = monitor.end()
    equal(states, ['up', 'down', 'up'], 'what was notified')


for one in ('tcp4', 'path'):
    case('%s: the far end closes' % one, one, 'hang_up')(goes)
case('tcp4: the far end resets', 'tcp4', 'reset')(goes)


@case('refused: nobody there, the wrong type, no answer')
def refusals():
    topo.ip('px', 'neigh replace 10.0.30.77 lladdr 02:00:00:00:30:77 dev w1')
    wrong = {
        line('tcp4'): 'refuses the connection',
        'vnf add b tcp remote 203.0.113.1:1': 'no route',
        line('abstract'): 'nobody listens',
        'vnf add b unix %s/none' % FOLDER: 'no such socket',
        'vnf add b unix relative': 'a path begins with',
        'vnf add b unix @': 'a path begins with',
        'vnf add b unix /x match vlan 1-2': 'needs a device',
        'vnf add b tcp remote 10.0.30.2:0': 'a port is needed',
        'vnf add b tcp local 10.0.30.1:1 remote 10.0.30.2:1': 'remote and tls only',
        'vnf add b unix /x remote 10.0.30.2:1': 'a path only',
        'vnf add b tcp remote 10.0.30.77:1': 'does not answer',
    }
    topo.ip('px', 'route add unreachable 203.0.113.0/24')
    px.ctl('vnf show')
    with Far('path', socket.SOCK_STREAM):
        wrong[line('path')] = 'not of type SOCK_SEQPACKET'
        found = px.refusals(list(wrong))
    topo.ip('px', 'route del unreachable 203.0.113.0/24')
    for (command, want), got in zip(wrong.items(), found):
        check(want in got, '%s: refused with "%s", want "%s"' % (command, got, want))
    equal(px.show('vnf show'), [], 'vnfs')


@case('while one waits for an answer others change the configuration')
def waiting():
    topo.ip('px', 'neigh replace 10.0.30.77 lladdr 02:00:00:00:30:77 dev w1')
    # pylint: disable=consider-using-with
    slow = subprocess.Popen([CTL, '-n', px.netns, 'vnf', 'add', 'b', 'tcp', 'remote',
                             '10.0.30.77:1'], stderr=subprocess.PIPE, text=True)
    px.ctl(topo.vnf_line(1), 'sid add 16011 vnf n1', 'sid del 16011', 'vnf del n1')
    check(slow.poll() is None, 'it waits still')
    equal(slow.wait(60), 2, 'exit status')
    check('does not answer' in slow.stderr.read(), 'the sentence')


@case('a function that does not read: bounded, counted, nobody else held up')
def full():
    px.ctl(topo.vnf_line(1), 'sid add 16011 vnf n1')
    packet = pkt.ip4(pkt.udp(3100, 7, data=b'x' * 1400))
    other = pkt.ip4(pkt.udp(3101, 7))
    with Far('tcp4', rcvbuf=4096) as far, Ledger(px) as led:
        add('tcp4')
        far.accept()
        for _ in range(4):
            for _ in range(1000):
                topo.to_proxy([16010, 900], packet)
            if px.snapshot().drops.get('queue_full'):
                break
        topo.to_proxy([16011, 900], other)
        topo.at_vnf(1, other)
        equal(px.vnf('fw')['state'], 'up', 'state')
        wait_for(led.look, 'the ledger to balance', WAIT)
        sent = sum(led.delta.get('vnf', 'fw', key) for key in ('to_vnf_packets', 'queued'))
        for _ in range(sent):
            equal(far.recv(), packet, 'at the function')
        works(far)
        equal(px.vnf('fw')['queued'], 0, 'queued')
    check(led.drops.get('queue_full'), 'drops: %s' % led.drops)
    equal(set(led.drops), {'queue_full'}, 'reasons')


def stuff(count, packet, label=16010):
    for _ in range(count):
        topo.to_proxy([label, 900], packet)


def lost(kind):
    """What waits when the far end goes was not handed over: it is counted as lost."""
    packet = pkt.ip4(pkt.udp(3100, 7, data=b'x' * 1400))
    with Far(kind, rcvbuf=4096) as far, Ledger(px) as led:
        add(kind)
        far.accept()
        stuff(900, packet)
        wait_for(lambda: px.vnf('fw')['queued'], 'packets to wait', WAIT)
        if far.stream:
            far.reset()
        else:
            far.hang_up()
        state('down', 'closed')
        wait_for(lambda: not px.vnf('fw')['queued'], 'the queue to be empty', WAIT)
        wait_for(led.look, 'the ledger to balance', WAIT)
    note('%s' % led.drops)
    check(led.drops.get('vnf_down'), 'drops: %s' % led.drops)
    check(set(led.drops) <= {'vnf_down', 'no_instance'}, 'reasons: %s' % led.drops)


for one in ('tcp4', 'path'):
    case('%s: what waits when the far end goes is counted as lost' % one, one)(lost)


def jumbo(kind):
    topo.ip('px', 'link set u0 mtu 9000')
    topo.ip('sw', 'link set s0 mtu 9000')
    try:
        kind()
    finally:
        px.clear()
        topo.ip('px', 'link set u0 mtu 1500')
        topo.ip('sw', 'link set s0 mtu 1500')


def bounded():
    """Nine functions that do not read, one namespace."""
    functions, packet = range(9), pkt.ip4(pkt.udp(3100, 7, data=b'x' * 8000))
    with Far('path') as far, Ledger(px) as led:
        conns = []
        for n in functions:
            px.ctl(line('path', 'm%d' % n), 'sid add %d vnf m%d' % (16020 + n, n))
            conns.append(far.accept().conn)
        for n in functions:
            stuff(400, packet, 16020 + n)
        wait_for(led.look, 'the ledger to balance', WAIT)
        waiting = [led.delta.get('vnf', 'm%d' % n, 'queued') for n in functions]
        for conn in conns:
            conn.close()
        wait_for(lambda: not any(v['queued'] for v in px.show('vnf show')), 'empty queues', WAIT)
        wait_for(led.look, 'the ledger to balance', WAIT)
    note('waiting: %s, drops: %s' % (waiting, led.drops))
    check(min(waiting[:7]) > 100, 'each has room for 4 MiB')
    check(waiting[8] < waiting[0] // 2, 'all have room for 32 MiB')
    check(led.drops.get('queue_full'), 'queue_full')


case('what waits is bounded for the namespace too', bounded)(jumbo)


@case('unix: the far end sees who made the vnf, not root')
def credentials():
    packet, user = pkt.ip4(pkt.udp(3000, 7)), 4711
    with Far('path') as far:
        os.chmod(FOLDER, 0o755)
        os.chmod(NAMES['path'], 0o777)
        far.listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        caps = '+net_admin'
        done = subprocess.run(
            ['ip', 'netns', 'exec', px.netns, 'setpriv', '--reuid=%d' % user, '--regid=%d' % user,
             '--clear-groups', '--inh-caps=' + caps, '--ambient-caps=' + caps, CTL, '-b', '-'],
            input=line('path') + '\nsid add 16010 vnf fw\n', text=True, check=False,
            stderr=subprocess.PIPE)
        equal((done.returncode, done.stderr), (0, ''), 'srproxyctl')
        far.accept()
        far.conn.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        _, *peer = struct.unpack('3i', far.conn.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        equal(peer, [user, user], 'who connected')
        topo.to_proxy([16010, 900], packet)
        octets, [[_, _, data]], _, _ = far.conn.recvmsg(70000, 100)
        equal(octets, packet, 'at the function')
        equal(list(struct.unpack('3i', data)[1:]), [user, user], 'who sent the message')
        os.chmod(NAMES['path'], 0o700)
        px.clear()
        done = subprocess.run(
            ['ip', 'netns', 'exec', px.netns, 'setpriv', '--reuid=%d' % user, '--regid=%d' % user,
             '--clear-groups', '--inh-caps=' + caps, '--ambient-caps=' + caps, CTL, '-b', '-'],
            input=line('path') + '\n', text=True, check=False, stderr=subprocess.PIPE)
        check('may not be used' in done.stderr, 'a path of somebody else: ' + done.stderr)


def outgrown():
    """A message that a socket never takes is its own loss."""
    path = '/proc/sys/net/core/wmem_default'
    with open(path, encoding='ascii') as file:
        before = file.read()
    with Far('path') as far, Ledger(px) as led:
        try:
            with open(path, 'w', encoding='ascii') as file:
                file.write('4608')
            add('path')
        finally:
            with open(path, 'w', encoding='ascii') as file:
                file.write(before)
        far.accept()
        works(far)
        stuff(1, pkt.ip4(pkt.udp(3000, 7, data=b'x' * 6000)))
        works(far)
    led.dropped(mtu_exceeded=1)


case('unix: a message that the socket never takes is counted', outgrown)(jumbo)


def right(packet):
    """IP and TCP checksums of a bare packet are right; the payload."""
    equal(checksum(packet[:20]), 0, 'checksum of IP')
    l4 = packet[20:]
    equal(checksum(packet[12:20] + struct.pack('!II', len(l4), 6) + l4), 0, 'checksum of TCP')
    return l4[20:]


def offloads(kind):
    px.ctl(topo.vnf_line(1), 'sid add 16011 vnf n1')
    plain = pkt.ip4(pkt.tcp(1700, 80, data=b''))
    with Far(kind) as far, Ledger(px) as led:
        add(kind)
        far.accept()
        topo.to_proxy([16011, 16010, 900], plain)
        topo.at_vnf(1, plain)
        data = bytes(range(256)) * 40
        big = pkt.ip4(pkt.tcp(1700, 80, data=data))
        pseudo = ~checksum(big[12:20] + struct.pack('!BBH', 0, 6, len(big) - 20)) & 0xffff
        unfinished = big[:36] + struct.pack('!H', pseudo) + big[38:]
        frame = pkt.ether(pkt.mac('02:00:00:00:11:01'), pkt.mac('02:00:00:00:11:02'),
                          pkt.ETH_IP, unfinished)
        Device(topo.netns('fn'), 'f1').send(frame, 1, 1, 54, 1000, 34, 16)
        got = b''
        while len(got) < len(data):
            got += right(far.recv())
        equal(got, data, 'stream')
    led.dropped()


for one in ('tcp4', 'path'):
    case('%s: offloads: cut, checksums made' % one, one)(offloads)


@case('apply: who is not there is connected later; one that is, is not disturbed')
def apply():
    with Far('path') as far:
        add('path')
        far.accept()
        px.ctl(line('path', 'two'))
        _, saved, _ = px.run('save')
        px.ctl('vnf del two')
        works(far)
    equal(px.run('apply', '-', feed=saved)[::2], (0, ''), 'apply')
    shown = {v['name']: v for v in px.show('vnf show')}
    equal((shown['two']['state'], shown['two']['cause']), ('down', 'connect-failed'), 'vnf two')
    check('nobody listens' in px.refusals(['vnf reconnect two'])[0] or
          'no such socket' in px.refusals(['vnf reconnect two'])[0], 'refused')
    with Far('path') as far:
        px.ctl('vnf reconnect two', 'vnf reconnect fw')
        first = far.accept().conn
        works(far.accept())
        equal([v['state'] for v in px.show('vnf show')], ['up', 'up'], 'states')
        again = json.loads(px.run('save')[1])
        first.close()
    equal(again['vnf'], json.loads(saved)['vnf'], 'saved again')


@case('a namespace goes with its sockets open, and takes them along')
def netns_del():
    name = topo.prefix + '-go'
    with Far('path') as far:
        for _ in range(5):
            subprocess.run(['ip', 'netns', 'add', name], check=True)
            subprocess.run(['ip', '-n', name, 'link', 'set', 'lo', 'up'], check=True)
            with in_netns(name):
                inside = socket.create_server(('127.0.0.1', 1))
            subprocess.run([CTL, '-n', name, '-b', '-'], check=True, text=True,
                           input='vnf add a unix %s\nvnf add b tcp remote 127.0.0.1:1\n'
                                 % NAMES['path'])
            far.accept()
            far.send(pkt.ip4(pkt.udp(1, 1)))
            inside.close()
            subprocess.run(['ip', 'netns', 'del', name], check=True)
            equal(ended(far), None, 'what the far end sees')


def cycles(kind):
    """Connected and left again, from both sides, under traffic."""
    times, end = 1000 if UML else 20, time.monotonic() + 90
    packet = pkt.ip4(pkt.udp(3200, 7))
    with Far(kind) as far:
        add(kind)
        far.accept()
        for n in range(times):
            for _ in range(3):
                topo.to_proxy([16010, 900], packet)
            far.send(packet)
            if n % 3 == 0:
                far.hang_up()
            elif n % 3 == 1 and far.stream:
                far.reset()
            px.ctl('vnf reconnect fw')
            far.accept()
            topo.s0.drain()
            if time.monotonic() > end:
                break
        note('%d times' % (n + 1))
        check(not UML or n + 1 == times, 'too slow')
        # what ksoftirqd still has goes to where nobody looks any more
        settle()
        px.ctl('vnf reconnect fw')
        far.accept()
        settle()
        topo.s0.drain()
        works(far, 3201)
        state('up')


for one in ('tcp4', 'path'):
    case('%s: connected and left many times under traffic' % one, one)(cycles)


run()
