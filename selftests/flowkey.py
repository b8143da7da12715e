# SPDX-License-Identifier: GPL-2.0-or-later
"""What tells flows apart, for the model of test_mixed: from octets to keys.

Written from ARCHITECTURE.md (decisions 4, 11, 13). A key is a tuple:
family, addresses, protocol, what stands for ports, and, of an ICMP error, the
key of what it quotes.
"""

import struct
from collections import namedtuple

from pkt import ETH_IP, ETH_IP6, ETH_VLAN

PORTS = {6, 17, 33, 50, 132, 136}           # they begin with ports, or an SPI
SPI = {47, 50, 51}                          # one way only
WALKED = {0, 43, 60}
QUERIES = {4: {0, 8, 13, 14, 15, 16, 17, 18}, 6: {128, 129}}
ICMP = {4: 1, 6: 58}
ERRORS4 = {3, 4, 5, 11, 12}
NONE4 = bytes(4)

Key = namedtuple('Key', 'family src dst proto ports quote vlan', defaults=(None, 0))
# of a datagram: what its fragments have in common; later: not the first
Fragment = namedtuple('Fragment', 'key later')


class Refused(Exception):
    """No flow can be made of the packet; the reason."""


def need(data, count):
    if len(data) < count:
        raise Refused('inner_malformed')


def is_error(family, kind):
    return kind in ERRORS4 if family == 4 else kind < 128


def transport(family, proto, data):
    """(ports, quoted octets or None)"""
    if proto in PORTS:
        need(data, 4)
        return data[:4], None
    if proto == ICMP[family]:
        need(data, 8)
        if data[0] in QUERIES[family]:
            return data[4:6] * 2, None
        return NONE4, data[8:] if is_error(family, data[0]) else None
    if proto == 47:
        need(data, 4)
        flags, = struct.unpack_from('!H', data)
        if not flags & 0x2000:
            return NONE4, None
        at = 8 if flags & 0x8000 else 4
        need(data, at + 4)
        if flags & 7 == 1:
            return NONE4[:2] + data[at + 2:at + 4], None
        return data[at:at + 4], None
    if proto == 51:
        need(data, 12)
        return data[4:8], None
    return NONE4, None


def walk(packet, strict=True):
    """(protocol, offset of the transport or None, fragment header) of IPv6."""
    proto, at, frag = packet[6], 40, None
    for _ in range(17):
        if proto in WALKED:
            need(packet, at + 2)
            proto, at = packet[at], at + 8 * (packet[at + 1] + 1)
        elif proto == 44:
            need(packet, at + 8)
            offset, ident = struct.unpack_from('!HI', packet, at + 2)
            if frag is None and offset & 0xFFF9:
                frag = (ident, bool(offset >> 3))
            proto, at = packet[at], at + 8
            if offset >> 3:
                return proto, None, frag
        else:
            if strict and at > len(packet):
                raise Refused('inner_malformed')
            return proto, None if proto == 59 else at, frag
    raise Refused('inner_malformed')


def quoted_key(family, octets):
    """The key of a packet that an error quotes, cut anywhere; or None."""
    if family == 4:
        if len(octets) < 20 or octets[0] >> 4 != 4 or octets[0] & 15 < 5:
            return None
        head, total = (octets[0] & 15) * 4, struct.unpack_from('!H', octets, 2)[0]
        src, dst, proto = octets[12:16], octets[16:20], octets[9]
        if total >= head:
            octets = octets[:total]
        at = None if struct.unpack_from('!H', octets, 6)[0] & 0x1FFF else head
    else:
        if len(octets) < 40 or octets[0] >> 4 != 6:
            return None
        src, dst, proto = octets[8:24], octets[24:40], octets[6]
        length, = struct.unpack_from('!H', octets, 4)
        if length:
            octets = octets[:40 + length]
        try:
            proto, at, _ = walk(octets)
        except Refused:
            at = None
    ports = NONE4
    if at is not None:
        try:
            ports, _ = transport(family, proto, octets[at:])
        except Refused:
            pass
    return Key(family, src, dst, proto, ports)


def parse(packet):
    """(Key, Fragment or None) of an IP packet; of a later fragment the key is
    not whole. Raises Refused.
    """
    need(packet, 1)
    family, frag = packet[0] >> 4, None
    if family == 4:
        need(packet, 20)
        head, total = (packet[0] & 15) * 4, struct.unpack_from('!H', packet, 2)[0]
        if head < 20 or not head <= total <= len(packet):
            raise Refused('inner_malformed')
        packet, src, dst, proto = packet[:total], packet[12:16], packet[16:20], packet[9]
        ident, word = struct.unpack_from('!HH', packet, 4)
        if word & 0x3FFF:
            frag = Fragment((src, dst, ident, proto), bool(word & 0x1FFF))
        at = None if word & 0x1FFF else head
    elif family == 6:
        need(packet, 40)
        total = 40 + struct.unpack_from('!H', packet, 4)[0]
        need(packet, total)
        packet, src, dst = packet[:total], packet[8:24], packet[24:40]
        proto, at, found = walk(packet)
        if found:
            frag = Fragment((src, dst, found[0], None), found[1])
    else:
        raise Refused('inner_unknown')
    ports, quote = NONE4, None
    if at is not None:
        ports, quoted = transport(family, proto, packet[at:])
        quote = quoted_key(family, quoted) if quoted else None
    return Key(family, src, dst, proto, ports, quote), frag


def reverse(key):
    """The key of the other direction."""
    ports = key.ports if key.proto in SPI else key.ports[2:] + key.ports[:2]
    return key._replace(src=key.dst, dst=key.src, ports=ports)


def frame_key(frame):
    """The key of an Ethernet frame: the IP flow in its outer VLAN, else MACs."""
    kind, at, vlan, tags = struct.unpack_from('!H', frame, 12)[0], 14, 0, 0
    while kind in (ETH_VLAN, 0x88A8) and tags < 2 and len(frame) >= at + 4:
        tci, kind = struct.unpack_from('!HH', frame, at)
        vlan, at, tags = vlan or tci & 0xFFF, at + 4, tags + 1
    if kind in (ETH_IP, ETH_IP6):
        try:
            key, frag = parse(frame[at:])
            if frag is None:
                return key._replace(vlan=vlan)
        except Refused:
            pass
    return Key('mac', frame[6:12], frame[:6], kind, NONE4, None, vlan)
