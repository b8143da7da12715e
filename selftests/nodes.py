# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests on topo_one.sh share: sending as the switch, expecting.

The switch is the port s0 (uplink u0) or s1 (uplink u1), function N the port fN
(device vN of the proxy); all of them packet sockets of this process.
"""

import time

import pkt
from ktap import Failure, check, equal, note
from netio import wait_ports
from pkt import ETH_MPLS, Frame, describe, describe_labels, encode_labels, ether, stack
from proxy import Topo

U_MAC = {'s0': pkt.mac('02:00:00:00:00:01'), 's1': pkt.mac('02:00:00:00:0a:01')}
NOTHING = 0.05      # how long to wait for what must not come


def v_mac(number):
    """The proxy's MAC on device vN."""
    return bytes([2, 0, 0, 0, number + 16, 1])


def f_mac(number):
    """The function's MAC behind device vN."""
    return bytes([2, 0, 0, 0, number + 16, 2])


class One(Topo):
    """topo_one.sh from the inside."""

    def __init__(self, functions=1):
        super().__init__()
        self.px = self.proxy()
        self.s0, self.s1 = self.port('sw', 's0'), self.port('sw', 's1')
        self.f = [None] + [self.port('fn', 'f%d' % n) for n in range(1, functions + 1)]

    def vnf_line(self, number, name=None, options=''):
        """The command that adds the function behind vN."""
        return 'vnf add %s dev v%d lladdr %s %s' % (
            name or 'n%d' % number, number, pkt.mac_text(f_mac(number)), options)

    def to_proxy(self, labels, inner, port=None, src=None, dst=None):
        """The switch sends a labelled packet to the proxy."""
        port = port or self.s0
        labels = stack(*labels)
        port.send(ether(dst or U_MAC[port.name], src or port.mac, ETH_MPLS,
                        encode_labels(labels) + inner))

    def from_vnf(self, number, inner, dst=None, labels=None):
        """Function number sends a packet to the proxy."""
        kind = pkt.ether_type(inner)
        if labels:
            kind, inner = ETH_MPLS, encode_labels(stack(*labels)) + inner
        self.f[number].send(ether(dst or v_mac(number), f_mac(number), kind, inner))

    def at_vnf(self, number, inner, what='function'):
        """The bare packet arrives at the function; the Frame."""
        frame = expect(self.f[number], inner, what='%s %d' % (what, number))
        equal(frame.dst, f_mac(number), 'destination MAC')
        return frame

    def at_switch(self, labels, inner, port=None, dst=None):
        """The packet with these labels leaves for the switch; the Frame."""
        port = port or self.s0
        frame = expect(port, inner, stack(*labels) if labels else None,
                       'switch ' + port.name)
        equal(frame.dst, dst or port.mac, 'destination MAC')
        equal(frame.src, U_MAC[port.name], 'source MAC')
        return frame

    def arrivals(self, count, timeout=5.0):
        """Wait for so many frames at the functions: [None, at f1, at f2, ...]."""
        got, end = [None] + [0] * (len(self.f) - 1), time.monotonic() + timeout
        while sum(got[1:]) < count:
            ready = wait_ports(self.f[1:], end - time.monotonic())
            if not ready:
                raise Failure('%d frames at the functions, want %d' % (sum(got[1:]), count))
            for port in ready:
                got[self.f.index(port)] += port.drain()
        return got

    def silent(self, *ports):
        """Nothing (more) arrives at these ports; by default at all."""
        ports = ports or tuple(self.ports.values())
        first = ports[0].recv(NOTHING)
        frames = [(ports[0], first)] + [(p, p.poll()) for p in ports[1:]]
        text = ['%s got %s' % (p.name, f) for p, f in frames if f]
        check(not text, 'unexpected: ' + '; '.join(text))


def expect(port, inner, labels=None, what='port'):
    """The next frame of the port is this packet; the Frame."""
    frame = port.recv()
    want = '%s%s' % ('[%s] ' % describe_labels(labels) if labels else '', describe(inner))
    if frame is None:
        raise Failure('%s: nothing came, want %s' % (what, want))
    if frame.labels != labels:
        raise Failure('%s: labels of %s, want %s' % (what, frame, want))
    if frame.inner != inner:
        note('got  ' + frame.inner.hex(), 'want ' + inner.hex())
        raise Failure('%s: inner packet of %s, want %s' % (what, frame, want))
    return frame


__all__ = ['One', 'expect', 'f_mac', 'v_mac', 'U_MAC', 'Frame', 'NOTHING']
