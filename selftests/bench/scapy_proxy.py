# SPDX-License-Identifier: GPL-2.0-or-later
"""The paper's proxy: Python and Scapy, a hash of the session, a dictionary.

One packet at a time: receive, dissect, look up, rebuild, send. On the uplink
the label stack comes off and is remembered under the hash of addresses,
protocol and ports; on the function's side it is put on again. The function is on an interface, or,
as in the paper, behind a UDP socket.
"""

import hashlib
import socket
import time

from scapy.config import conf
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

QUEUE = 256 << 20       # octets that wait in a socket
SO_RCVBUFFORCE = 33


class ScapyProxy:
    """Between two interfaces."""

    def __init__(self, uplink, function):
        self.uplink = self._open(uplink)
        self.function = self._open(function)
        self.stacks = {}

    @staticmethod
    def _open(dev):
        sock = conf.L2socket(iface=dev, promisc=False)
        sock.ins.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, QUEUE)
        return sock

    def close(self):
        """Leave the interfaces."""
        self.uplink.close()
        self.function.close()

    @staticmethod
    def _session(ip):
        text = '%s %s %d %d %d' % (ip.src, ip.dst, ip.proto, ip[UDP].sport, ip[UDP].dport)
        return hashlib.sha256(text.encode()).digest()

    def _bare(self, packet):
        labels = []
        layer = packet[MPLS]
        while isinstance(layer, MPLS):
            labels.append((layer.label, layer.ttl))
            layer = layer.payload
        ip = packet[IP]
        self.stacks[self._session(ip)] = labels[1:]
        return ip

    def from_uplink(self, packet):
        """Pop the stack, remember what is below its top."""
        ip = self._bare(packet)
        self.function.send(Ether(dst=packet.dst, src=packet.src) / ip)

    def _labelled(self, frame, ip):
        labels = self.stacks[self._session(ip)]
        for number, (label, ttl) in enumerate(labels):
            frame /= MPLS(label=label, ttl=ttl, s=number == len(labels) - 1)
        return frame / ip

    def from_function(self, packet):
        """Put the rest of the stack on again."""
        frame = Ether(dst=packet.dst, src=packet.src)
        self.uplink.send(self._labelled(frame, packet[IP]))

    @staticmethod
    def run(sock, handle, count):
        """Handle count packets, which wait already: nanoseconds for each."""
        start = time.perf_counter_ns()
        done = 0
        while done < count:
            packet = sock.recv()
            if packet is not None and packet.haslayer(IP):
                handle(packet)
                done += 1
        return (time.perf_counter_ns() - start) / count


class _Datagrams:
    """A UDP socket, whose datagrams are IP packets."""

    def __init__(self, sock):
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, QUEUE)
        self.sock = sock
        self.send, self.close = sock.send, sock.close

    def recv(self):
        """The next one, dissected."""
        return IP(self.sock.recv(65535))


class ScapyOverUdp(ScapyProxy):
    """Between an interface and a connected UDP socket."""

    def __init__(self, uplink, sock):
        # pylint: disable=super-init-not-called
        self.uplink = self._open(uplink)
        self.function = _Datagrams(sock)
        self.stacks = {}
        self.way = None

    def from_uplink(self, packet):
        """The bare packet is the payload of a datagram."""
        self.way = Ether(dst=packet.src, src=packet.dst)
        self.function.send(bytes(self._bare(packet)))

    def from_function(self, packet):
        """Back where the last one came from."""
        self.uplink.send(self._labelled(self.way.copy(), packet))
