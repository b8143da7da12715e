# SPDX-License-Identifier: GPL-2.0-or-later
"""What measures failover on topo_health.sh: a steady stream of numbered packets,
where and when each arrived, and ways to make things fail at a known moment.

Times are nanoseconds of CLOCK_REALTIME: the sender writes its own into the
packet, the kernel stamps what is received. What makes something fail is one
system call, no program that has to be started first.
"""

import fcntl
import mmap
import os
import signal
import socket
import struct
import time
from contextlib import contextmanager

from ktap import wait_for
from netio import Port, in_netns

MARK = b'failover'
NUMBERED = struct.Struct('!IQ')
SO_TIMESTAMPNS = 35
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP, IFF_NOARP = 0x1, 0x80
RTM_DELLINK, NLM_F_REQUEST_ACK = 17, 5


class Clocked(Port):
    """A port that says when each packet of a stream arrived."""

    def __init__(self, netns, name):
        super().__init__(netns, name)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def arrivals(self):
        """[(number, when)] of what has come."""
        found = []
        while True:
            try:
                octets, notes, _, _ = self.sock.recvmsg(2048, 64)
            except BlockingIOError:
                return found
            at = octets.find(MARK)
            if at < 0:
                continue
            seconds, nanoseconds = struct.unpack('=qq', notes[0][2])
            number, _ = NUMBERED.unpack_from(octets, at + len(MARK))
            found.append((number, seconds * 10 ** 9 + nanoseconds))


@contextmanager
def child(body, *args):
    """A process of ours that runs body and is killed at the end; its id."""
    pid = os.fork()
    if not pid:
        signal.alarm(0)
        try:
            body(*args)
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class Stream:
    """One numbered packet every so many seconds: when each was sent.

    frame makes the start of a frame, up to its UDP payload, of a number.
    """

    LONGEST = 1 << 16

    def __init__(self, port, frame, every):
        self.port, self.frame, self.every = port, frame, every
        self.times = mmap.mmap(-1, 8 * self.LONGEST)
        self.process = None

    def run(self):
        going = [True]
        signal.signal(signal.SIGTERM, lambda *_: going.clear())
        due = time.monotonic()
        for number in range(self.LONGEST - 1):
            now = time.time_ns()
            self.port.send(self.frame(number) + MARK + NUMBERED.pack(number, now))
            struct.pack_into('=Q', self.times, 8 * number, now)
            due = max(due + self.every, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))
            if not going:
                return

    def sent(self):
        """The times at which packets were sent, by number."""
        times = []
        for number in range(self.LONGEST):
            when, = struct.unpack_from('=Q', self.times, 8 * number)
            if not when:
                return times
            times.append(when)
        return times

    def __enter__(self):
        self.process = os.fork()
        if not self.process:
            signal.alarm(0)
            try:
                self.run()
            finally:
                os._exit(0)
        return self

    def end(self):
        if self.process:
            os.kill(self.process, signal.SIGTERM)
            os.waitpid(self.process, 0)
        self.process = None

    def __exit__(self, *_):
        self.end()
        self.times.close()


def bare_headers(inner):
    """An IPv4 packet with UDP, but for the payload: no checksum, so that any
    payload goes."""
    return inner[:26] + b'\0\0'


# ---- ways to fail; each says when it did ---------------------------------------

def set_flags(netns, name, bits, on):
    """Set or clear flags of an interface."""
    with in_netns(netns):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        request = struct.pack('16sh14x', name.encode(), 0)
        flags, = struct.unpack('16xh14x', fcntl.ioctl(sock, SIOCGIFFLAGS, request))
        flags = flags | bits if on else flags & ~bits
        request = struct.pack('16sh14x', name.encode(), flags)
        now = time.time_ns()
        fcntl.ioctl(sock, SIOCSIFFLAGS, request)
    return now


def delete_link(netns, name):
    """Unregister an interface."""
    with in_netns(netns):
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        index = socket.if_nametoindex(name)
    with sock:
        message = struct.pack('=IHHII BxHiII', 32, RTM_DELLINK, NLM_F_REQUEST_ACK, 1, 0,
                              socket.AF_UNSPEC, 0, index, 0, 0)
        now = time.time_ns()
        sock.send(message)
        error, = struct.unpack_from('=i', sock.recv(4096), 16)
    if error:
        raise OSError(-error, os.strerror(-error))
    return now


def write_sysctl(netns, name, value):
    with in_netns(netns):
        with open('/proc/sys/net/' + name, 'wb', buffering=0) as file:
            now = time.time_ns()
            file.write(b'%d' % value)
    return now


def kill(pid):
    now = time.time_ns()
    os.kill(pid, signal.SIGKILL)
    return now


def wait_numbers(port, seen, enough, what, timeout):
    """Take what arrives at a port into seen, {number: when}, until it is enough."""
    def more():
        for number, when in port.arrivals():
            seen.setdefault(number, when)
        return enough(seen)
    wait_for(more, what, timeout, 0.002)
