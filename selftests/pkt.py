#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets for the tests: octets out, octets in, both said in words.

A library, and a program (see netio.py for what it does with sockets):

  pkt.py send    -n NETNS -i IF -d MAC -l LABELS [INNER] [-c COUNT]
  pkt.py blast   -n NETNS -i IF -d MAC -l LABELS [INNER] [--flows N]
                 [--rate PPS] [-t SECONDS] [--report FILE]
  pkt.py capture -n NETNS -i IF [-c COUNT] [-t SECONDS]

  LABELS: LABEL[/TC[/TTL]],...   INNER: --src ADDR --dst ADDR --sport N --dport N
  --tcp --size OCTETS

The builder is struct only: it runs in guests where an instruction costs twenty
and importing Scapy takes eight seconds. test_basic.py and test_random.py have
Scapy build and judge the same packets.
"""

import argparse
import socket
import struct
import sys
from collections import namedtuple

ETH_IP = 0x0800
ETH_ARP = 0x0806
ETH_VLAN = 0x8100
ETH_IP6 = 0x86DD
ETH_MPLS = 0x8847
ETH_MPLS_MC = 0x8848

PROTO = {
    'hopopt': 0, 'icmp': 1, 'tcp': 6, 'udp': 17, 'dccp': 33, 'routing': 43,
    'fragment': 44, 'gre': 47, 'esp': 50, 'ah': 51, 'icmp6': 58, 'none': 59,
    'dstopts': 60, 'sctp': 132, 'udplite': 136,
}
PROTO_NAME = {number: name for name, number in PROTO.items()}


# ---- labels --------------------------------------------------------------

Label = namedtuple('Label', 'label tc ttl', defaults=(0, 64))


def stack(*entries, ttl=64, tc=0):
    """A list of Labels: plain numbers get the common TTL and TC."""
    return [Label(e, tc, ttl) if isinstance(e, int) else Label(*e) for e in entries]


def encode_labels(labels, bottom=True):
    """Wire octets of a stack; the last entry has S set unless bottom is false."""
    last = len(labels) - 1
    return b''.join(struct.pack('!I', e.label << 12 | e.tc << 9 | e.ttl |
                                (0x100 if bottom and i == last else 0))
                    for i, e in enumerate(labels))


def decode_labels(data):
    """(labels, rest) of what follows an MPLS EtherType."""
    labels = []
    for at in range(0, len(data) - 3, 4):
        word, = struct.unpack_from('!I', data, at)
        labels.append(Label(word >> 12, word >> 9 & 7, word & 255))
        if word & 0x100:
            return labels, data[at + 4:]
    raise ValueError('no bottom of stack')


# ---- checksums -----------------------------------------------------------

def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) & 1:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _crc32c_table():
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_CRC32C = _crc32c_table()


def crc32c(data):
    """SCTP's checksum (RFC 9260, appendix A)."""
    crc = 0xFFFFFFFF
    for octet in data:
        crc = crc >> 8 ^ _CRC32C[(crc ^ octet) & 255]
    return crc ^ 0xFFFFFFFF


# ---- transports: what goes into an IP packet -----------------------------

# proto: its number; data: octets, checksum zero; csum: the checksum's offset
# or None; pseudo: does it cover the pseudo header?
L4 = namedtuple('L4', 'proto data csum pseudo', defaults=(None, True))


def udp(sport=1000, dport=2000, data=b'srproxy!', proto='udp'):
    return L4(PROTO[proto], struct.pack('!4H', sport, dport, 8 + len(data), 0) + data, 6)


def udplite(sport=1000, dport=2000, data=b'srproxy!'):
    return udp(sport, dport, data, 'udplite')


def tcp(sport=1000, dport=2000, data=b'srproxy!', flags=0x18, seq=1, ack=1):
    head = struct.pack('!2H2I4H', sport, dport, seq, ack, 5 << 12 | flags, 65535, 0, 0)
    return L4(PROTO['tcp'], head + data, 16)


def sctp(sport=1000, dport=2000, data=b'srproxy!'):
    chunk = struct.pack('!BBHIHHI', 0, 3, 16 + len(data), 1, 0, 0, 0) + data
    chunk += b'\0' * (-len(chunk) % 4)
    head = struct.pack('!2HI', sport, dport, 0x01020304)
    crc = struct.pack('<I', crc32c(head + b'\0\0\0\0' + chunk))
    return L4(PROTO['sctp'], head + crc + chunk)


def dccp(sport=1000, dport=2000, data=b'srproxy!'):
    return L4(PROTO['dccp'], struct.pack('!2HBBHB3s', sport, dport, 3, 0, 0, 4,
                                         b'\0\0\1') + data, 6)


def icmp(ident=1, seq=1, data=b'srproxy!', kind=8, code=0):
    return L4(PROTO['icmp'], struct.pack('!BBHHH', kind, code, 0, ident, seq) + data,
              2, False)


def icmp6(ident=1, seq=1, data=b'srproxy!', kind=128, code=0):
    return L4(PROTO['icmp6'], struct.pack('!BBHHH', kind, code, 0, ident, seq) + data, 2)


def gre(key=None, data=b'\x45' + b'\0' * 19):
    if key is None:
        return L4(PROTO['gre'], struct.pack('!HH', 0, ETH_IP) + data)
    return L4(PROTO['gre'], struct.pack('!HHI', 0x2000, ETH_IP, key) + data)


def esp(spi=0x1000, seq=1, data=b'\xa5' * 24):
    return L4(PROTO['esp'], struct.pack('!II', spi, seq) + data)


def ah(inner, spi=0x1000, seq=1):
    """An authentication header in front of another transport."""
    head = struct.pack('!BBHII', inner.proto, 4, 0, spi, seq) + b'\x5a' * 12
    return L4(PROTO['ah'], head + inner.data)


def raw(proto, data=b'srproxy!srproxy!'):
    return L4(proto, data)


# ---- network layer -------------------------------------------------------

def address(text):
    return socket.inet_pton(socket.AF_INET6 if ':' in text else socket.AF_INET, text)


def address_text(octets):
    return socket.inet_ntop(socket.AF_INET6 if len(octets) == 16 else socket.AF_INET,
                            octets)


def _checked(l4, pseudo):
    """The transport's octets with the checksum filled in."""
    if l4.csum is None:
        return l4.data
    value = checksum((pseudo if l4.pseudo else b'') + l4.data)
    if value == 0 and l4.proto in (PROTO['udp'], PROTO['udplite']):
        value = 0xFFFF
    return l4.data[:l4.csum] + struct.pack('!H', value) + l4.data[l4.csum + 2:]


def ip4(l4, src='192.0.2.1', dst='198.51.100.1', ttl=64, tos=0, ident=0,
        frag=0x4000, options=b''):
    """An IPv4 packet; frag is the whole field of flags and offset."""
    s, d = address(src), address(dst)
    payload = _checked(l4, s + d + struct.pack('!HH', l4.proto, len(l4.data)))
    ihl = 5 + len(options) // 4
    head = struct.pack('!BBHHHBBH', 0x40 | ihl, tos, ihl * 4 + len(payload),
                       ident, frag, ttl, l4.proto, 0) + s + d + options
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def ext(kind, octets=b'\x01\x04\0\0\0\0'):
    """An IPv6 extension header without its first octet, for ip6(exts=...)."""
    return kind, struct.pack('!B', (len(octets) + 2) // 8 - 1) + octets


def ip6(l4, src='2001:db8:1::1', dst='2001:db8:2::1', ttl=64, tos=0, flow=0, exts=()):
    """An IPv6 packet; exts are (kind, octets) pairs in the order of the wire."""
    s, d = address(src), address(dst)
    payload = _checked(l4, s + d + struct.pack('!II', len(l4.data), l4.proto))
    chain = list(exts)
    following = [kind for kind, _ in chain[1:]] + [l4.proto]
    front = b''.join(struct.pack('!B', nxt) + octets
                     for (_, octets), nxt in zip(chain, following))
    first = chain[0][0] if chain else l4.proto
    return struct.pack('!IHBB', 6 << 28 | tos << 20 | flow, len(front + payload),
                       first, ttl) + s + d + front + payload


def fragment(packet, size, ident=0x1234):
    """Cut an IP packet, with DF or not, into fragments of so many octets of payload (of 8)."""
    head = 40 if is_v6(packet) else (packet[0] & 15) * 4
    payload, found = packet[head:], []
    for at in range(0, len(payload), size):
        part, more = payload[at:at + size], at + size < len(payload)
        if is_v6(packet):
            part = struct.pack('!BBHI', packet[6], 0, at | more, ident) + part
            found.append(packet[:4] + struct.pack('!HB', len(part), PROTO['fragment']) +
                         packet[7:40] + part)
        else:
            start = (packet[:2] + struct.pack('!HHH', head + len(part), ident,
                                              at >> 3 | more << 13) +
                     packet[8:10] + b'\0\0' + packet[12:head])
            found.append(start[:10] + struct.pack('!H', checksum(start)) + start[12:] + part)
    return found


def is_v6(packet):
    return packet[0] >> 4 == 6


def ip(l4, family=4, **fields):
    return ip6(l4, **fields) if family == 6 else ip4(l4, **fields)


def get_ttl(packet):
    return packet[7] if is_v6(packet) else packet[8]


def with_ttl(packet, ttl):
    """The packet with another TTL or hop limit, its checksum right."""
    if is_v6(packet):
        return packet[:7] + bytes([ttl]) + packet[8:]
    ihl = (packet[0] & 15) * 4
    head = packet[:8] + bytes([ttl]) + packet[9:10] + b'\0\0' + packet[12:ihl]
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + packet[ihl:]


def with_tos(packet, tos):
    """The packet with another DSCP and ECN octet, its checksum right."""
    if is_v6(packet):
        word, = struct.unpack_from('!I', packet)
        return struct.pack('!I', word & 0xF00FFFFF | tos << 20) + packet[4:]
    return with_ttl(packet[:1] + bytes([tos]) + packet[2:], packet[8])


# ---- frames --------------------------------------------------------------

def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def mac_text(octets):
    return octets.hex(':')


def ether(dst, src, kind, payload):
    return dst + src + struct.pack('!H', kind) + payload


def ether_vlan(dst, src, vlan, kind, payload, pcp=0):
    """A frame with an 802.1Q tag."""
    return ether(dst, src, ETH_VLAN, struct.pack('!HH', pcp << 13 | vlan, kind) + payload)


def ether_type(packet):
    return ETH_IP6 if is_v6(packet) else ETH_IP


class Frame:
    """A received frame: dst, src, VLAN id or None, type, labels (None if none),
    inner octets."""

    def __init__(self, octets):
        self.octets = octets
        self.dst, self.src = octets[:6], octets[6:12]
        self.type, = struct.unpack_from('!H', octets, 12)
        self.labels, self.inner, self.vlan = None, octets[14:], None
        if self.type == ETH_VLAN and len(octets) >= 18:
            tci, self.type = struct.unpack_from('!HH', octets, 14)
            self.inner, self.vlan = octets[18:], tci & 0xFFF
        if self.type == ETH_MPLS:
            try:
                self.labels, self.inner = decode_labels(self.inner)
            except ValueError:
                pass

    def is_noise(self):
        """What the IP stacks of the hosts say of their own accord."""
        if self.type == ETH_IP6 and len(self.inner) > 48:
            following = self.inner[6]
            if following == 0:      # MLD
                return self.inner[40] == PROTO['icmp6']
            return following == PROTO['icmp6'] and 130 <= self.inner[40] <= 143
        return self.type not in (ETH_IP, ETH_IP6, ETH_MPLS, ETH_MPLS_MC)

    def __str__(self):
        text = '%s > %s' % (mac_text(self.src), mac_text(self.dst))
        if self.vlan is not None:
            text += ' vlan %d' % self.vlan
        if self.labels is None and self.type not in (ETH_IP, ETH_IP6):
            return '%s type %04x %s' % (text, self.type, self.inner.hex())
        if self.labels is not None:
            text += ' [%s]' % describe_labels(self.labels)
        return '%s %s' % (text, describe(self.inner))


def describe_labels(labels):
    return ' '.join('%d/%d/%d' % tuple(e) for e in labels)


def describe(packet):
    """One line on an inner packet: family, addresses, ports, TTL, length."""
    try:
        if packet[0] >> 4 == 4:
            src, dst, proto = packet[12:16], packet[16:20], packet[9]
            rest, tos = packet[(packet[0] & 15) * 4:], packet[1]
        elif packet[0] >> 4 == 6:
            src, dst, proto = packet[8:24], packet[24:40], packet[6]
            rest, tos = packet[40:], packet[0] << 4 & 255 | packet[1] >> 4
        else:
            return 'no IP: ' + packet.hex()
        text = '%s > %s' % (address_text(src), address_text(dst))
        ports = struct.unpack_from('!HH', rest)
    except (IndexError, ValueError, struct.error):
        return 'cut short: ' + packet.hex()
    return '%s proto %s %d>%d ttl %d tos %02x len %d' % (
        text, PROTO_NAME.get(proto, proto), *ports, get_ttl(packet), tos, len(packet))


# ---- the program ---------------------------------------------------------

def parse_labels(text):
    """LABEL[/TC[/TTL]],... as a stack."""
    if not text:
        return []
    return stack(*(tuple(int(n) for n in part.split('/')) for part in text.split(',')))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('command', choices=('send', 'blast', 'capture'))
    parser.add_argument('-n', '--netns', required=True)
    parser.add_argument('-i', '--interface', required=True)
    parser.add_argument('-d', '--dst-mac', default='ff:ff:ff:ff:ff:ff')
    parser.add_argument('-l', '--labels', default='', help='LABEL[/TC[/TTL]],...')
    parser.add_argument('-c', '--count', type=int, default=0)
    parser.add_argument('-t', '--time', type=float, default=0)
    parser.add_argument('--src', default='192.0.2.1')
    parser.add_argument('--dst', default='198.51.100.1')
    parser.add_argument('--sport', type=int, default=1000)
    parser.add_argument('--dport', type=int, default=2000)
    parser.add_argument('--tcp', action='store_true')
    parser.add_argument('--size', type=int, default=16, help='octets of payload')
    parser.add_argument('--flows', type=int, default=1, help='source ports in use')
    parser.add_argument('--rate', type=float, default=100, help='packets a second')
    parser.add_argument('--report', help='file for: packets sent, packets come back')
    return parser.parse_args()


def arguments_to_packet(args, flow=0):
    l4 = (tcp if args.tcp else udp)(args.sport + flow, args.dport, b'.' * args.size)
    build = ip6 if ':' in args.src else ip4
    return build(l4, src=args.src, dst=args.dst)


def frame_of(args, port, packet):
    labels = parse_labels(args.labels)
    kind = ETH_MPLS if labels else ether_type(packet)
    return ether(mac(args.dst_mac), port.mac, kind, encode_labels(labels) + packet)


def main():
    import netio            # it imports us
    args = parse_arguments()
    port = netio.Port(args.netns, args.interface)
    if args.command == 'capture':
        for frame in port.collect(args.count or 1 << 30, args.time or 1e9):
            print(frame, flush=True)
        return
    frames = [frame_of(args, port, arguments_to_packet(args, f)) for f in range(args.flows)]
    if args.command == 'send':
        for i in range(max(args.count, args.flows)):
            port.send(frames[i % len(frames)])
    else:
        print(netio.blast(port, frames, args.rate, args.time or 1e9, args.report),
              flush=True)


if __name__ == '__main__':
    sys.exit(main())
