# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's packet generator: which packets, on which device, how long.

A Stream says what the packets are, a Slice how many of them go out on which
device; a Series runs slices one after the other and returns how many
nanoseconds a packet of each took, all told. Traps of pktgen that are minded:

- an entry of `mpls` with its S bit set means "random labels";
- an option that was set stays until the device is removed, and a start or a
  removal takes an eighth of a second: so a device (IF@N) is a slice, and one
  start runs them all. The next is taken when one is done, the last added
  first; how long each took follows from when it and the one before stopped.
  Few of them: the list is walked for each packet.
"""

import errno
import re
import time
from collections import namedtuple

ROOT = '/proc/net/pktgen/'
THREAD = 'kpktgend_0'
SIZE = 90               # octets of a bare packet with its Ethernet header
PORT = 1024             # first source port
SOURCE = '10.1.0.1'
TARGET = '10.2.%d.%d'   # destination addresses

# Flows: source ports x destination addresses. pktgen counts both up at once,
# so the numbers have no common divisor.
SPACES = {1: (1, 1), 1000: (125, 8), 100000: (3125, 32), 1000000: (15625, 64)}


class PktgenError(Exception):
    """pktgen refused, or did not send what it was told to."""


def _write(name, command):
    try:
        with open(ROOT + name, 'w', encoding='ascii') as file:
            file.write(command + '\n')
    except OSError as err:
        raise PktgenError('%s: "%s": %s' % (name, command, err.strerror)) from err


def _add(name):
    """Add a device; one of its name may be about to go."""
    for _ in range(50):
        try:
            return _write(THREAD, 'add_device ' + name)
        except PktgenError as err:
            if not isinstance(err.__cause__, OSError) or err.__cause__.errno != errno.EBUSY:
                raise
            time.sleep(0.1)
    raise PktgenError('%s stays busy' % name)


def _entry(label):
    """A label stack entry as `mpls` takes it: TTL 255, no S bit."""
    return '%08x' % (label << 12 | 255)


class Stream:
    """Packets of so many flows, one after the other, or at random."""

    def __init__(self, flows=1, labels=(), random=False, size=SIZE):
        self.labels = labels
        self.size = size
        self.random = random and flows > 1
        self.ports, self.addresses = SPACES[flows]
        self.port, self.first = PORT, 0

    def parts(self, most):
        """The same flows as (stream, packets), each of few packets."""
        for address in range(self.addresses):
            for offset in range(0, self.ports, most):
                part = Stream(1, self.labels)
                part.ports = min(most, self.ports - offset)
                part.port, part.first = PORT + offset, address
                yield part, part.ports

    def commands(self):
        """What pktgen is told, in order."""
        # a range of addresses has its end, unless it is drawn from at random
        last = self.first + self.addresses - (0 if self.random else 1)
        yield 'pkt_size %d' % (self.size + 4 * len(self.labels))
        yield 'src_min ' + SOURCE
        yield 'dst_min ' + TARGET % divmod(self.first, 256)
        yield 'dst_max ' + TARGET % divmod(last, 256)
        yield 'udp_src_min %d' % self.port
        yield 'udp_src_max %d' % (self.port + (self.ports if self.ports > 1 else 0))
        yield 'udp_dst_min 9'
        yield 'udp_dst_max 9'
        if self.random:
            yield 'flag UDPSRC_RND'
            yield 'flag IPDST_RND'
        if self.labels:
            yield 'mpls ' + ','.join(_entry(label) for label in self.labels)


class Slice(namedtuple('Slice', 'dev mac stream count')):
    """So many packets of a stream, on a device, to a link-layer address."""

    def configure(self, name):
        """Tell pktgen's device of that name."""
        for command in self.stream.commands():
            _write(name, command)
        _write(name, 'clone_skb 0')
        _write(name, 'delay 0')
        _write(name, 'dst_mac ' + self.mac)
        _write(name, 'count %d' % self.count)


def _read(name):
    with open(ROOT + name, encoding='ascii') as file:
        return file.read()


def _field(pattern, text):
    found = re.search(pattern, text)
    return int(found[1]) if found else None


class Series:
    """Slices, one after the other, as often as run() is called."""

    def __init__(self, slices):
        self.slices = slices
        self.names = ['%s@%d' % (s.dev, number) for number, s in enumerate(slices)]
        self.began = 0
        _write(THREAD, 'rem_device_all')
        for name, each in reversed(list(zip(self.names, slices))):
            _add(name)
            each.configure(name)

    def run(self):
        """Nanoseconds per packet of each slice."""
        _write('pgctrl', 'start')
        before = self.began = self._wait(self.names[-1])
        times = []
        for name, each in zip(self.names, self.slices):
            started, stopped = self._times(name, each.count)
            times.append((stopped - (before if times else started)) * 1000.0 / each.count)
            before = stopped
        return times

    def _wait(self, name):
        """The thread may begin late. When did the last slice?"""
        for _ in range(600):
            text = _read(name)
            began = _field(r'started: (\d+)us', text)
            if began != self.began and 'Result: OK: ' in text and '(c' in text:
                return began
            time.sleep(0.1)
        raise PktgenError('no end: %s: %s' % (name, text))

    @staticmethod
    def _times(name, count):
        text = _read(name)
        if _field(r'Result: OK: \d+\(c\d+\+d\d+\) usec, (\d+) ', text) != count or \
           _field(r'errors: (\d+)', text):
            raise PktgenError('%s: %s' % (name, text))
        return _field(r'started: (\d+)us', text), _field(r'stopped: (\d+)us', text)
