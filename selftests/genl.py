# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of our own in the family srproxy, as srproxyctl would not send them.

  nl = Netlink(netns)               a socket; nl.ask(message): errno, 0 or LOST
  nl.message('VNF_NEW', name='n1')  a good request, attributes by their names
  nl.frame(family, cmd, [attr(...)], flags)          any request
  Netlink(netns, explain=True).refusal(message)      a Refusal

The kernel has done all of a request when send() returns.
"""

import errno
import os
import re
import socket
import struct
from collections import namedtuple

from ktap import equal
from netio import in_netns

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../uapi/linux/srproxy.h')
NETLINK_GENERIC, SOL_NETLINK = 16, 270
NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 1, 10, 11
NLMSG_ERROR, NLA_F_NESTED = 2, 0x8000
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLM_F_DUMP_INTR, NLM_F_ACK_TLVS = 0x10, 0x200
ERR_MSG, ERR_OFFSET, ERR_COOKIE = 1, 2, 3
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ID, CTRL_NAME, CTRL_GROUPS, GROUP_NAME, GROUP_ID = 1, 2, 7, 1, 2
HEAD = 20           # octets of a request before its first attribute
LOST = -1           # there was no memory for the answer: it may have worked

# errno; the kernel's sentence; offset of the bad attribute or None; octets
Refusal = namedtuple('Refusal', 'errno sentence offset cookie')


def read_abi():
    """{name: number} of all that the header's enums name."""
    names = {}
    with open(HEADER, encoding='ascii') as file:
        text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
    for body in re.findall(r'enum[ \w]* \{(.*?)\};', text, re.S):
        value = -1
        for name, number in re.findall(r'SRPROXY_(\w+)(?: = (\d+))?,', body):
            value = int(number) if number else value + 1
            names[name] = value
    return names


ABI = read_abi()


def attr(kind, value):
    """One attribute: bytes, a number, a string, or a list of attributes."""
    if isinstance(value, list):
        kind, value = kind | NLA_F_NESTED, b''.join(value)
    elif isinstance(value, int):
        value = struct.pack('=I', value)
    elif isinstance(value, str):
        value = value.encode() + b'\0'
    return struct.pack('=HH', len(value) + 4, kind) + value + bytes(-len(value) % 4)


def attrs_of(octets):
    """{type: value} of attributes."""
    found = {}
    while len(octets) >= 4:
        size, kind = struct.unpack_from('=HH', octets)
        found[kind & 0x3fff] = octets[4:size]
        octets = octets[(size + 3) & ~3:]
    return found


def refusal_of(octets):
    """What an NLMSG_ERROR of a socket with NETLINK_CAP_ACK says."""
    _, _, flags, _, _, error = struct.unpack_from('=IHHIIi', octets)
    said = attrs_of(octets[36:]) if flags & NLM_F_ACK_TLVS else {}
    offset = said.get(ERR_OFFSET)
    return Refusal(-error, said.get(ERR_MSG, b'').rstrip(b'\0').decode(),
                   offset and struct.unpack('=I', offset)[0], said.get(ERR_COOKIE, b''))


class Netlink:
    """A generic netlink socket that knows the family's numbers."""

    def __init__(self, netns, explain=False, port=0):
        with in_netns(netns):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((port, 0))
        self.sock.setblocking(False)
        self.sock.send(self.frame(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                                  [attr(CTRL_NAME, 'srproxy')]))
        family = attrs_of(self.sock.recv(65536)[20:])
        self.family = struct.unpack('=H', family[CTRL_ID])[0]
        self.groups = {}
        for group in attrs_of(family[CTRL_GROUPS]).values():
            group = attrs_of(group)
            self.groups[group[GROUP_NAME].rstrip(b'\0').decode()] = struct.unpack(
                '=I', group[GROUP_ID])[0]
        self.answer()
        if explain:
            for option in (NETLINK_CAP_ACK, NETLINK_EXT_ACK):
                self.sock.setsockopt(SOL_NETLINK, option, 1)

    @property
    def port(self):
        return self.sock.getsockname()[0]

    def close(self):
        self.sock.close()

    @staticmethod
    def frame(family, cmd, attrs, flags=NLM_F_ACK, seq=1, reserved=0):
        body = struct.pack('=BBH', cmd, 1, reserved) + b''.join(attrs)
        return struct.pack('=IHHII', len(body) + 16, family, NLM_F_REQUEST | flags,
                           seq, 0) + body

    def join(self, group):
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups[group])

    def message(self, cmd, **attrs):
        """A request; a list of members is given as bytes."""
        what = cmd.split('_')[0]
        return self.frame(self.family, ABI['CMD_' + cmd], [
            value if key == 'members' else attr(ABI['A_%s_%s' % (what, key.upper())], value)
            for key, value in attrs.items()])

    def received(self):
        """Every datagram that there is to read; LOST where one did not fit."""
        while True:
            try:
                yield self.sock.recv(65536)
            except BlockingIOError:
                return
            except OSError as lost:
                equal(lost.errno, errno.ENOBUFS, 'error of recv')
                yield LOST

    def answer(self):
        """What became of the request: errno, 0, or LOST; nothing is left to read."""
        error = None
        for octets in self.received():
            if octets == LOST:
                error = LOST
            elif struct.unpack_from('=IH', octets)[1] == NLMSG_ERROR:
                error = -struct.unpack_from('=i', octets, 16)[0]
        return error

    def ask(self, message):
        self.sock.send(message)
        return self.answer()

    def refusal(self, message):
        """The kernel's Refusal, its errno 0 if it did what it was asked."""
        self.sock.send(message)
        found = [refusal_of(octets) for octets in self.received()
                 if struct.unpack_from('=IH', octets)[1] == NLMSG_ERROR]
        equal(len(found), 1, 'answers')
        return found[0]
