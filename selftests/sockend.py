# SPDX-License-Identifier: GPL-2.0-or-later
"""Far ends of functions behind sockets that are sockets of the test's own.

The topology is topo_one.sh with topo_peer (topo_far.sh): the host gn, and for
Unix sockets, the proxy's own namespace.
"""

import socket
import struct
import time
from contextlib import contextmanager

from ktap import Failure, Retry
from netio import in_netns, settle

SOON = 20
with open('/proc/cpuinfo', encoding='ascii') as cpuinfo:
    UML = 'UML' in cpuinfo.read()
NEAR = {'4': '10.0.30.1', '6': '2001:db8:30::1'}
AWAY = {'4': '10.0.30.2', '6': '2001:db8:30::2'}
TYPES = {'udp': socket.SOCK_DGRAM, 'tcp': socket.SOCK_STREAM, 'uni': socket.SOCK_SEQPACKET}


def _end(address, port):
    return ('[%s]:%d' if ':' in address else '%s:%d') % (address, port)


class End:
    """The function of a kind: udp4, udp6, tcp4, tcp6, unix; one at a time."""

    def __init__(self, topo, kind, netns=None):
        self.kind, self.stream, self.rest = kind, kind.startswith('tcp'), b''
        self.listener = self.conn = self.peer = None
        self.name = '@%s-far' % topo.prefix
        with in_netns(netns or topo.netns('px' if kind == 'unix' else 'gn')):
            sock = socket.socket({'4': socket.AF_INET, '6': socket.AF_INET6,
                                  'x': socket.AF_UNIX}[kind[-1]], TYPES[kind[:3]])
        sock.settimeout(SOON)
        if kind == 'unix':
            sock.bind(self.name.replace('@', '\0'))
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((AWAY[kind[-1]], 5000))
        if sock.type == socket.SOCK_DGRAM:
            self.conn, self.peer = sock, (NEAR[kind[-1]], 4000)
        else:
            sock.listen(5)
            self.listener = sock

    def attachment(self):
        """As srproxyctl vnf add NAME has it."""
        if self.kind == 'unix':
            return 'unix ' + self.name
        remote = 'remote ' + _end(AWAY[self.kind[-1]], 5000)
        if self.stream:
            return 'tcp ' + remote
        return 'udp local %s %s' % (_end(NEAR[self.kind[-1]], 4000), remote)

    def accept(self):
        """Take the proxy's connection, where there are any."""
        if self.listener:
            self.conn, _ = self.listener.accept()
            self.conn.settimeout(SOON)
            if self.stream:
                self.conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.rest = b''
        return self

    def octets(self, count):
        """So many octets of a stream."""
        while len(self.rest) < count:
            more = self.conn.recv(65536)
            if not more:
                raise ConnectionResetError('the end after %d octets' % len(self.rest))
            self.rest += more
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def recv(self):
        """The next packet."""
        if not self.stream:
            return self.conn.recv(70000)
        return self.octets(struct.unpack('!H', self.octets(2))[0])

    def send(self, *packets):
        """Packets; on a stream at one go."""
        if self.stream:
            self.conn.sendall(b''.join(struct.pack('!H', len(p)) + p for p in packets))
            return
        for packet in packets:
            if self.peer:
                self.conn.sendto(packet, self.peer)
            else:
                self.conn.send(packet)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in (self.conn, self.listener):
            if sock:
                sock.close()


@contextmanager
def soon_enough(far, packets):
    """Fragments, the later ones of which may wait 100 ms only: the case is tried again if
    the machine was, or may have been, too slow for that."""
    start = time.monotonic()
    far.send(*packets)
    settle()
    took = time.monotonic() - start
    try:
        yield
    except Failure as failure:
        if UML and took < 0.05:
            raise
        raise Retry('perhaps too late, after %.0f ms: %s' % (took * 1e3, failure)) from failure
