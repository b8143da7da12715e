# SPDX-License-Identifier: GPL-2.0-or-later
"""Each attachment there and back: a far end that hands back what it gets.

A burst of packets goes in at the uplink, through a function, and out there
again. Sockets are served by a worker and by a program, so a burst is over when
its last packet has come out, and not when pktgen has sent it: a packet socket
waits for the number that pktgen has put into that one. What that costs each
packet, a filter, is in the figures. A burst fits in the queues on its way;
every packet must come back.

The programs are srp-vnf-echo, and for a device the IP stack.
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import namedtuple
from contextlib import ExitStack, contextmanager

import pktgen
import topo
from pktgen import Stream
from result import Lost, low, put, received, say

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from netio import ETH_P_ALL, PACKET_IGNORE_OUTGOING, SOL_PACKET, in_netns  # pylint: disable=wrong-import-position

Attachment = namedtuple('Attachment', 'name sid')

ATTACHMENTS = [Attachment('dev', topo.SID), Attachment('udp', topo.SID_UDP),
               Attachment('app', topo.SID_APP), Attachment('tcp', topo.SID_TCP),
               Attachment('unix', topo.SID_UNIX), Attachment('tls', topo.SID_TLS)]
SINK = 'gu'
SO_ATTACH_FILTER = 26
UDP, APP = '10.3.4.2:6000', '10.3.5.2:9'
TCP, TLS = '10.3.4.2:6001', '10.3.4.2:6002'
KEY = 'proxy:00112233445566778899aabbccddeeff'

SIZES = (pktgen.SIZE, 1414)     # octets of the frame without labels
ETHERNET = 14
# packets in a burst: a stream's queue holds 1,024, and 4 MiB. Of the time of few
# of them, one that is disturbed by nothing is found among others.
BURST, BURST_TIMED = 500, 100
COUNTED = 3             # bursts when instructions are counted
GOES = 60               # likewise of time
PATIENCE = 60           # s until a burst is given up
SCAPY_PACKETS = 300


# ---- far ends ----------------------------------------------------------------


@contextmanager
def program(*words, said=None, **options):
    """Runs while the body does; it has said what says that it is ready."""
    # pylint: disable=consider-using-with
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options)
    try:
        while said:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError('%s ends: %s' % (' '.join(words), process.wait()))
            said = said if said not in line else None
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def echo(*words, **options):
    return program('srp-vnf-echo', *words, said='listening', **options)


def _key_file(folder):
    with open(os.open(os.path.join(folder, 'psk'), os.O_CREAT | os.O_WRONLY, 0o600), 'w',
              encoding='ascii') as file:
        file.write(KEY + '\n')


def _has_tls():
    os.system('modprobe -q tls')
    return os.path.exists('/proc/net/tls_stat')


@contextmanager
def far_ends():
    """Far ends and what leads to them; whose SIDs there are."""
    names = {'dev', 'udp', 'app', 'tcp', 'unix'}
    do = topo.do
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        path = os.path.join(folder, 'fn')
        for dev in ('gv', 'gw', 'ga'):
            topo.undrop(dev)
            stack.callback(topo.drop, dev)
        for words in (('udp', UDP), ('udp', APP), ('tcp', TCP), ('unix', path)):
            stack.enter_context(echo(*words))
        do(topo.in_px('srproxyctl') + ' vnf add ft tcp remote ' + TCP)
        do(topo.in_px('srproxyctl') + ' vnf add fx unix ' + path)
        sids = {'ft': topo.SID_TCP, 'fx': topo.SID_UNIX}
        if _has_tls():
            _key_file(folder)
            stack.enter_context(echo('tls', TLS, 'psk', 'psk', cwd=folder))
            words = topo.in_px('srproxyctl').split()
            words += ['-j', 'vnf', 'add', 'fs', 'tcp', 'remote', TLS, 'tls', 'psk', 'psk']
            stack.enter_context(program(*words, said='"up"', cwd=folder))
            sids['fs'] = topo.SID_TLS
            names.add('tls')
        for name, sid in sids.items():
            do(topo.in_px('srproxyctl') + ' sid add %d vnf %s' % (sid, name))
            stack.callback(do, topo.in_px('srproxyctl') + ' vnf del ' + name)
            stack.callback(do, topo.in_px('srproxyctl') + ' sid del %d' % sid)
        yield names


# ---- bursts ------------------------------------------------------------------


class _Last:
    """Waits for the packet of this number, which has one label, at the sink."""

    def __init__(self, number):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        # Ethernet, label, IPv4, UDP, magic: load, compare, all or nothing
        code = struct.pack('HBBI' * 4, 0x20, 0, 0, 14 + 4 + 20 + 8 + 4,
                           0x15, 0, 1, number, 0x06, 0, 0, 64, 0x06, 0, 0, 0)
        self.code = ctypes.create_string_buffer(code)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack(
            'HxxxxxxP', 4, ctypes.addressof(self.code)))
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.bind((SINK, ETH_P_ALL))
        self.sock.settimeout(PATIENCE)

    def wait(self):
        """When it has come, ns."""
        self.sock.recv(64)
        return time.monotonic_ns()

    def close(self):
        """No longer wait."""
        self.sock.close()


class Burst:
    """So many packets, there and back."""

    def __init__(self, attachment, size, count):
        stream = Stream(1, (attachment.sid, topo.NEXT), size=size)
        self.name, self.count = attachment.name, count
        self.series = pktgen.Series([pktgen.Slice('hu', topo.mac('uu'), stream, count)])

    def _timed(self):
        last = _Last(self.count)
        sender = threading.Thread(target=self.series.run)
        sender.start()
        try:
            came = last.wait()
        except socket.timeout:
            came = 0            # it counts what did
        sender.join()
        last.close()
        return (came - 1000 * self.series.began) / self.count

    def run(self):
        """Nanoseconds per packet, from the start of the first to the end of the last."""
        before = received(SINK)
        if self.name == 'dev':
            each = self.series.run()[0]     # all of it is done while pktgen sends
        else:
            each = self._timed()
        if received(SINK) - before != self.count:
            raise Lost('%s: %d of %d packets came back' % (
                self.name, received(SINK) - before, self.count))
        return each


def _net(attachment, size, count, goes, best):
    """Nanoseconds per packet, the generator's own taken off."""
    if attachment.name == 'dev':
        count = BURST       # no worker, no program: nothing to be disturbed
    stream = Stream(1, (attachment.sid, topo.NEXT), size=size)
    drop = pktgen.Series([pktgen.Slice('hd', topo.mac('ud'), stream, count)])
    drop.run()
    base = best([drop.run()[0] for _ in range(goes)])
    burst = Burst(attachment, size, count)
    burst.run()
    time.sleep(1.1)
    burst.run()         # the flow's probation has ended
    return best([burst.run() for _ in range(goes)]) - base


def _each(key, *how):
    with far_ends() as names:
        for attachment in ATTACHMENTS:
            if attachment.name not in names:
                say('no %s on this kernel', attachment.name)
                continue
            say('%s, there and back', attachment.name)
            for size in SIZES:
                each = _net(attachment, size, *how)
                put(attachment=attachment.name, octets=size - ETHERNET, **{key: round(each, 1)})


# ---- the paper's way -----------------------------------------------------------


def _send(dev, stream):
    pktgen.Series([pktgen.Slice(dev, '02:00:00:00:00:01', stream, SCAPY_PACKETS)]).run()


def _scapy_udp(size):
    """There and back over UDP: nanoseconds per packet."""
    from scapy_proxy import ScapyOverUdp  # pylint: disable=import-outside-toplevel
    with in_netns(topo.PX):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    host, port = UDP.split(':')
    sock.connect((host, int(port)))
    proxy = ScapyOverUdp('jp', sock)
    try:
        times = []
        for _ in range(3):
            before = received('hp')
            _send('hp', Stream(1, (topo.SID, topo.NEXT), size=size))
            times.append(proxy.run(proxy.uplink, proxy.from_uplink, SCAPY_PACKETS) +
                         proxy.run(proxy.function, proxy.from_function, SCAPY_PACKETS))
            if received('hp') - before != SCAPY_PACKETS:
                raise Lost('scapy: %d of %d packets' % (received('hp') - before, SCAPY_PACKETS))
        return min(times)
    finally:
        proxy.close()


def _scapy_dev(size):
    """Likewise between two devices."""
    from scapy_proxy import ScapyProxy  # pylint: disable=import-outside-toplevel
    proxy = ScapyProxy('jp', 'jq')
    try:
        times = []
        for _ in range(3):
            _send('hp', Stream(1, (topo.SID, topo.NEXT), size=size))
            each = proxy.run(proxy.uplink, proxy.from_uplink, SCAPY_PACKETS)
            _send('hq', Stream(1, (), size=size))
            times.append(each + proxy.run(proxy.function, proxy.from_function, SCAPY_PACKETS))
        return min(times)
    finally:
        proxy.close()


def _scapy():
    topo.undrop('gw')
    try:
        with echo('udp', UDP):
            for name, way in (('scapy_dev', _scapy_dev), ('scapy_udp', _scapy_udp)):
                say('%s, there and back', name)
                for size in SIZES:
                    put(attachment=name, octets=size - ETHERNET, ns_per_packet=round(way(size)))
    finally:
        topo.drop('gw')


# ---- the two kinds -------------------------------------------------------------


def icount():
    """Instructions, all told: kernel, program, both ends of the connection."""
    _each('insn_per_packet', BURST, COUNTED, min)


def native():
    """Nanoseconds."""
    _each('ns_per_packet', BURST_TIMED, GOES, low)
    _scapy()
