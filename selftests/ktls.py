# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection whose two ends have their TLS keys from us, and passing it."""

import os
import socket
import struct

from ktap import Failure, Skip
from netio import in_netns

TCP_ULP, SOL_TLS = 31, 282
TLS_TX, TLS_RX, TLS_SET_RECORD_TYPE = 1, 2, 1
HANDSHAKE, KEY_UPDATE = 22, b'\x18\0\0\x01\0'
# TLS 1.3 with AES-128-GCM: version, cipher, then IV, key, salt, number of the next record
KEYS = [struct.pack('=HH8s16s4s8s', 0x304, 51, bytes([n] * 8), bytes([n] * 16), bytes([n] * 4),
                    bytes(8)) for n in (1, 2)]
NETLINK_GENERIC, REQUEST_ACK, NLMSG_ERROR = 16, 5, 2
CTRL_GETFAMILY, CTRL_FAMILY_ID, CTRL_FAMILY_NAME = 3, 1, 2
# of uapi/linux/srproxy.h
VNF_NEW, NAME, TYPE, TYPE_TCP = 6, 2, 4, 2
REMOTE_INET, REMOTE_PORT, FD, TLS = 31, 33, 35, 36


def _keys(sock, send, receive):
    try:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b'tls')
        sock.setsockopt(SOL_TLS, TLS_TX, send)
        sock.setsockopt(SOL_TLS, TLS_RX, receive)
    except OSError as error:
        raise Skip('this kernel has no TLS 1.3: %s' % error) from error


def pair(near, far, place, keyed=True):
    """(ours in a namespace, the far end in another) of a connection to a place; whether
    the far end has keys."""
    with in_netns(far):
        listener = socket.create_server(place)
    with in_netns(near):
        ours = socket.create_connection(place)
    theirs, _ = listener.accept()
    listener.close()
    _keys(ours, *KEYS)
    if keyed:
        _keys(theirs, *reversed(KEYS))
    return ours, theirs


def record(sock, kind, octets):
    """Send a record that is no data."""
    sock.sendmsg([octets], [(SOL_TLS, TLS_SET_RECORD_TYPE, bytes([kind]))])


def _attr(kind, octets):
    return struct.pack('=HH', 4 + len(octets), kind) + octets + bytes(-len(octets) % 4)


class Passer:
    """A netlink socket in a namespace that passes sockets; they are its as long as it lives."""

    def __init__(self, netns):
        with in_netns(netns):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.settimeout(20)
        answer = self.ask(16, CTRL_GETFAMILY, _attr(CTRL_FAMILY_NAME, b'srproxy\0'))
        at = 20
        while struct.unpack_from('=H', answer, at + 2)[0] != CTRL_FAMILY_ID:
            at += struct.unpack_from('=H', answer, at)[0] + 3 & ~3
        self.family, = struct.unpack_from('=H', answer, at + 4)

    @staticmethod
    def message(family, command, attrs):
        return struct.pack('=IHHIIBBH', 20 + len(attrs), family, REQUEST_ACK, 1, 0,
                           command, 1, 0) + attrs

    def ask(self, family, command, attrs):
        self.sock.send(self.message(family, command, attrs))
        answer = b''
        while True:
            octets = self.sock.recv(65536)
            kind, = struct.unpack_from('=H', octets, 4)
            if kind != NLMSG_ERROR:
                answer = octets
                continue
            error, = struct.unpack_from('=i', octets, 16)
            if error:
                raise Failure('netlink: ' + os.strerror(-error))
            return answer

    @staticmethod
    def vnf(name, address, port):
        """The attributes of vnf add NAME tcp remote ADDRESS:PORT."""
        return (_attr(NAME, name.encode() + b'\0') + _attr(TYPE, struct.pack('=I', TYPE_TCP)) +
                _attr(REMOTE_INET, socket.inet_aton(address)) +
                _attr(REMOTE_PORT, struct.pack('=H', int(port))))

    def add(self, name, sock):
        """vnf add NAME tcp remote ... tls, by a socket."""
        self.ask(self.family, VNF_NEW, self.vnf(name, *sock.getpeername()[:2]) +
                 _attr(FD, struct.pack('=I', sock.fileno())) + _attr(TLS, b''))

    def add_all(self, places):
        """vnf add of each {name: (address, port)}, in one send; the errno of each."""
        self.sock.settimeout(120)
        self.sock.send(b''.join(self.message(self.family, VNF_NEW, self.vnf(name, *place))
                                for name, place in places.items()))
        return [-struct.unpack_from('=i', self.sock.recv(65536), 16)[0] for _ in places]

    def close(self):
        self.sock.close()
