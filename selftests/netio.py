# SPDX-License-Identifier: GPL-2.0-or-later
"""Packet sockets in any network namespace, from one process."""

import ctypes
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import time
from contextlib import contextmanager

from pkt import Frame

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 2, 0x1000, 0x4000
ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
PACKET_AUXDATA = 8
PACKET_OUTGOING = 4
TP_STATUS_VLAN_VALID = 1 << 4
GONE = (errno.ENETDOWN, errno.ENXIO, errno.ENODEV)

_libc = ctypes.CDLL(None, use_errno=True)


def _setns(fd):
    if _libc.setns(fd, CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, 'setns: ' + os.strerror(number))


@contextmanager
def in_netns(name):
    """Run the body in the named network namespace ('' is where we are)."""
    if not name:
        yield
        return
    home = os.open('/proc/self/ns/net', os.O_RDONLY)
    there = os.open('/run/netns/' + name, os.O_RDONLY)
    try:
        _setns(there)
        yield
    finally:
        _setns(home)
        os.close(there)
        os.close(home)


class Port:
    """An interface in a namespace, as a packet socket sees it.

    What the port itself sends is not received; what hosts say of their own
    accord (ARP, neighbour discovery, MLD) is passed over unless noise is set.
    With only_mine, every frame to the port's own address counts, and no other.
    """

    def __init__(self, netns, name, noise=False):
        self.netns, self.name, self.noise = netns, name, noise
        self.only_mine = self.tags = False
        with in_netns(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(ETH_P_ALL))
            self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
            self.sock.bind((name, 0))
        self.sock.setblocking(False)
        self.mac = self.sock.getsockname()[4]

    def fileno(self):
        return self.sock.fileno()

    def close(self):
        self.sock.close()

    def show_tags(self):
        """Put VLAN tags back into what is received: the kernel takes them out
        before a packet socket sees the frame."""
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.tags = True

    def _receive(self):
        """(octets, origin) of the next frame."""
        if not self.tags:
            return self.sock.recvfrom(65536)
        octets, notes, _, origin = self.sock.recvmsg(65536, 64)
        for level, kind, data in notes:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                status, _, _, _, _, tci, tpid = struct.unpack_from('=IIIHHHH', data)
                if status & TP_STATUS_VLAN_VALID:
                    octets = octets[:12] + struct.pack('!HH', tpid, tci) + octets[12:]
        return octets, origin

    def send(self, octets):
        """Send a frame; waits while the socket's buffer is full."""
        while True:
            try:
                self.sock.send(octets)
                return
            except BlockingIOError:
                select.select([], [self.sock], [], 1)
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                time.sleep(0.001)

    def takes(self, frame):
        """Is it a frame that the test is about?"""
        if self.only_mine:
            return frame.dst == self.mac
        return self.noise or not frame.is_noise()

    def try_send(self, octets):
        """Send a frame unless the device is down or gone; whether it was."""
        try:
            self.send(octets)
            return True
        except OSError as error:
            if error.errno not in GONE:
                raise
            return False

    def poll(self):
        """The next Frame that is there already, or None."""
        while True:
            try:
                octets, origin = self._receive()
            except BlockingIOError:
                return None
            except OSError as error:
                if error.errno not in GONE:
                    raise
                return None
            if origin[2] == PACKET_OUTGOING or len(octets) < 14:
                continue
            frame = Frame(octets)
            if self.takes(frame):
                return frame

    def recv(self, timeout=5.0):
        """The next Frame, or None after the time-out."""
        end = time.monotonic() + timeout
        while True:
            frame = self.poll()
            if frame:
                return frame
            left = end - time.monotonic()
            if left <= 0:
                return None
            select.select([self.sock], [], [], left)

    def recv_tagged(self, timeout=5.0):
        """The octets of the next frame, be it noise, or None after the time-out:
        with its outer VLAN tag, which the kernel has put aside.
        """
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.settimeout(timeout)
        try:
            octets, words, _, _ = self.sock.recvmsg(65536, 256)
        except (socket.timeout, BlockingIOError):
            return None
        finally:
            self.sock.setblocking(False)
        for _, kind, data in words:
            status, _, _, _, _, tci, tpid = struct.unpack('IIIHHHH', data)
            if kind == PACKET_AUXDATA and status & TP_STATUS_VLAN_VALID:
                octets = octets[:12] + struct.pack('!HH', tpid, tci) + octets[12:]
        return octets

    def collect(self, count, timeout=5.0):
        """Frames until there are count of them or the time is out."""
        end = time.monotonic() + timeout
        for _ in range(count):
            frame = self.recv(end - time.monotonic())
            if not frame:
                return
            yield frame

    def drain(self):
        """Forget what has come; how many frames that was."""
        count = 0
        while self.poll():
            count += 1
        return count


class Device:
    """A socket that sends as a device of a virtual machine would; it receives
    nothing. With send_many(), a frame follows its virtio header.
    """

    def __init__(self, netns, name):
        with in_netns(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            self.sock.bind((name, 0))

    def fileno(self):
        return self.sock.fileno()

    def send(self, frame, flags=0, kind=0, hdr_len=0, size=0, start=0, offset=0):
        self.sock.send(struct.pack('=BBHHHH', flags, kind, hdr_len, size, start, offset) + frame)


class Tap:
    """The wire of a new tap device: what is sent here comes in there. A frame
    follows its virtio header; what the device sends is nobody's.
    """

    def __init__(self, netns, name):
        self.name = name
        with in_netns(netns):
            self.fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(self.fd, TUNSETIFF, struct.pack(
                '16sH22x', name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))

    def send(self, octets):
        os.write(self.fd, octets)


def wait_ports(ports, timeout):
    """Those of the ports that have something to read."""
    ready = select.select(ports, [], [], max(timeout, 0))[0]
    return ready


def backlog():
    """Packets that wait in the receive queues of all CPUs."""
    with open('/proc/net/softnet_stat', encoding='ascii') as file:
        return sum(int(line.split()[11], 16) for line in file)


def settle(limit=0.5):
    """Wait until what was sent over a veth has been through its receiver.

    A packet is out of the queue while it is handled, by ksoftirqd if the
    machine is slow: only an empty queue seen twice, with a pause in which the
    other end may run, means that all is done. Traffic that goes on by itself
    is not waited for longer than the limit.
    """
    end, quiet = time.monotonic() + limit, 0
    while quiet < 2 and time.monotonic() < end:
        quiet = 0 if backlog() else quiet + 1
        if quiet < 2:
            time.sleep(0.0005)


def report(path, sent, returned):
    """What a shell can read without starting a program."""
    with open(path + '.new', 'w', encoding='ascii') as file:
        file.write('%d %d\n' % (sent, returned))
    os.rename(path + '.new', path)


def blast(port, frames, rate, seconds, path=None):
    """Send the frames in turn at a rate until time is up or SIGTERM comes.

    Into the file at path go the numbers of packets sent and come back.
    """
    running, returned = [True], 0
    signal.signal(signal.SIGTERM, lambda *_: running.clear())
    start = time.monotonic()
    sent = 0
    while running and time.monotonic() - start < seconds:
        due = min(int((time.monotonic() - start) * rate) + 1, sent + 256)
        while sent < due:
            if not port.try_send(frames[sent % len(frames)]):
                sent = due
                break
            sent += 1
        if path:
            returned += port.drain()
            report(path, sent, returned)
        time.sleep(max(0.005, min(0.05, start + sent / rate - time.monotonic())))
    return sent


class mmsghdr(ctypes.Structure):
    """struct mmsghdr with its msghdr, as recent 64-bit Linux has them."""
    _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint32),
                ('iov', ctypes.c_void_p), ('iovlen', ctypes.c_size_t),
                ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t),
                ('flags', ctypes.c_int), ('pad', ctypes.c_uint32),
                ('len', ctypes.c_uint32), ('pad_len', ctypes.c_uint32)]


class iovec(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]


def send_many(port, frames, at_once=64):
    """Send a list of frames with few system calls (sendmmsg)."""
    for first in range(0, len(frames), at_once):
        part = frames[first:first + at_once]
        buffers = [ctypes.create_string_buffer(f, len(f)) for f in part]
        vectors = (iovec * len(part))()
        messages = (mmsghdr * len(part))()
        for i, buffer in enumerate(buffers):
            vectors[i].base, vectors[i].len = ctypes.addressof(buffer), len(buffer)
            messages[i].iov = ctypes.addressof(vectors[i])
            messages[i].iovlen = 1
        done = 0
        while done < len(part):
            n = _libc.sendmmsg(port.fileno(), ctypes.byref(messages[done]),
                               len(part) - done, 0)
            if n > 0:
                done += n
            elif ctypes.get_errno() not in (errno.EAGAIN, errno.ENOBUFS, errno.EINTR):
                raise OSError(ctypes.get_errno(), 'sendmmsg: ' + part[done].hex())
            else:
                time.sleep(0.001)


def swap_macs(octets):
    return octets[6:12] + octets[:6] + octets[12:]
