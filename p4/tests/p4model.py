# SPDX-License-Identifier: Apache-2.0
"""The P4 switch in Python: what srproxy_v1model.p4 makes of a frame.

Written from Documentation/p4.md and uapi/linux/srproxy_report.h. Addresses and
hashes are those of the program with full keys; tables are dictionaries filled
by rig.py together with the switch's own.
"""

import struct
import zlib
from collections import Counter, namedtuple

import pkt
from plan import (FEATURE, LABELS, NFV, NODE, NONE, OTHER, PRIORITY, entry_of,
                  nfv_range, plan, ranges)
from report import GAP, MAGIC, REPORT, SATURATED, VERSION, Report

IDLE = 5_000_000
TICK_NS = 1000
SESSIONS = 65536
ROUNDS_MAX = 10
MAPPED = bytes(10) + b'\xff\xff'
UP, DOWN = 0, 1
ALL = 'all'             # entries of a table, in Model.hits
MAX32, MAX64 = (1 << 32) - 1, (1 << 64) - 1
ENDS = {'packets': MAX32, 'bytes': MAX32, 'bytes_sq': MAX64, 'iat': MAX64,
        'iat_sq': MAX64}

SPANS = [span for span in ranges() if span]     # the entries of nfv_range

Nexthop = namedtuple('Nexthop', 'port dmac smac vid', defaults=(None,))
Target = namedtuple('Target', 'port dmac smac src dst dport')


def crc16(data):
    """CRC-16/ARC."""
    value = 0
    for octet in data:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


class Session:
    """The 5-tuple of an inner packet, and what is measured of it."""

    def __init__(self, packet):
        self.valid, self.proto, self.sport, self.dport = False, 0, 0, 0
        self.src = self.dst = bytes(16)
        self.headers, self.size = 0, 0
        version = packet[0] >> 4 if packet else 0
        if version == 4 and len(packet) >= 20:
            self._ipv4(packet)
        elif version == 6 and len(packet) >= 40:
            self._ipv6(packet)

    def _ipv4(self, packet):
        ihl, length = packet[0] & 15, struct.unpack_from('!H', packet, 2)[0]
        frag = struct.unpack_from('!H', packet, 6)[0] & 0x1FFF
        self.proto = packet[9]
        self.src, self.dst = MAPPED + packet[12:16], MAPPED + packet[16:20]
        self.valid = ihl == 5 and pkt.checksum(packet[:20]) == 0
        self.headers = 20
        self.size = max(length - ihl * 4, 0)
        if ihl == 5 and not frag:
            self._transport(packet[20:])

    def _ipv6(self, packet):
        self.valid = True
        self.proto = packet[6]
        self.src, self.dst = packet[8:24], packet[24:40]
        self.headers = 40
        self.size, = struct.unpack_from('!H', packet, 4)
        self._transport(packet[40:])

    def _transport(self, data):
        head = 0
        if self.proto == 17 and len(data) >= 8:
            head, taken = 8, 8
        elif self.proto == 6 and len(data) >= 20:
            head, taken = (data[12] >> 4) * 4, 20
        if head or self.proto == 6 and len(data) >= 20:
            self.sport, self.dport = struct.unpack_from('!HH', data)
            self.headers += taken
            self.size = max(self.size - head, 0)

    def tuple(self):
        return (self.src, self.dst, self.proto, self.sport, self.dport)

    def octets(self, direction=UP):
        ends = self.src, self.dst, self.sport, self.dport
        if direction == DOWN:
            ends = self.dst, self.src, self.dport, self.sport
        return ends[0] + ends[1] + struct.pack('!HHB', ends[2], ends[3], self.proto)


class Sums:
    """One direction in one window."""

    def __init__(self):
        self.packets = self.bytes = self.bytes_sq = self.iat = self.iat_sq = 0
        self.last = 0

    def add(self, now, size):
        if self.packets:
            iat = now - self.last & (1 << 48) - 1
            self.iat = min(self.iat + iat, MAX64)
            self.iat_sq = min(self.iat_sq + iat * iat, MAX64)
        self.packets = min(self.packets + 1, MAX32)
        self.bytes = min(self.bytes + size, MAX32)
        self.bytes_sq = min(self.bytes_sq + size * size, MAX64)
        self.last = now

    def values(self):
        return self.packets, self.bytes, self.bytes_sq, self.iat, self.iat_sq


class Slot:
    """A place in the table of sessions."""

    def __init__(self, key, now):
        self.key, self.number = key, 1
        self.begin(now)

    def begin(self, now):
        self.start = now
        self.sums = {UP: Sums(), DOWN: Sums()}


class Feature:
    """The feature micro-service; the times are ticks."""

    idle, tick_ns = IDLE, TICK_NS

    def __init__(self):
        self.slots, self.events = {}, Counter()

    @staticmethod
    def place(key):
        """A session's slot."""
        return crc16(key)

    def packet(self, session, direction, now, window, nfv):
        """Count a packet; the Report of the window that it closes, or None."""
        if not session.valid:
            self.events['no_session'] += 1
            return None
        key = session.octets(direction)
        place, report = self.place(key), None
        slot = self.slots.get(place)
        if slot is None or now - slot.last > self.idle:
            self.events['new' if slot is None else
                        'restart' if slot.key == key else 'takeover'] += 1
            slot = self.slots[place] = Slot(key, now)
        elif slot.key != key:
            self.events['collision'] += 1
            return None
        elif nfv and now - slot.start >= window:
            report = self._close(slot, place, now, window)
        slot.last = now
        slot.sums[direction].add(now, session.size)
        return report

    def _close(self, slot, place, now, window):
        gap = now - slot.start >= 2 * window
        self.events['gap' if gap else 'report'] += 1
        flags = GAP if gap else 0
        for way, name in ((DOWN, 'down'), (UP, 'up')):
            for field, end in ENDS.items():
                if getattr(slot.sums[way], field) == end:
                    flags |= SATURATED[name + '_' + field]
        if flags & ~GAP:
            self.events['saturated'] += 1
        key = slot.key
        ports = struct.unpack('!HH', key[32:36])
        report = Report(
            MAGIC, VERSION, 4 if key[:12] == MAPPED else 6, REPORT.size, flags, 0, key[36],
            slot.number, zlib.crc32(key), self.tick_ns, window, *ports, now, key[:16],
            key[16:32], *slot.sums[DOWN].values(), *slot.sums[UP].values())
        slot.number += 2 if gap else 1
        slot.begin(now)
        return report, place


class Tables:
    """What the controller wrote, by the logical names."""

    def __init__(self):
        self.local_sid = {}     # label: ('feature', direction, window), ...
        self.nfv_sid = {}       # label: Target
        self.label_fib = {}     # label: (operation, [label,] nexthop, group)
        self.fib = {4: [], 6: []}   # (network, length, nexthop, group)
        self.nexthop = {}       # number: Nexthop
        self.ecmp = {}          # group: list of 64 nexthops
        self.chain = []         # (match function, labels as words)
        self.priority = {}      # 5-tuple: (queue,) or (queue, tc, dscp)


class Drop(Exception):
    """The packet ends here; the event."""


class Model:
    """Frames in, frames out: (port, octets) each."""

    service = Feature

    def __init__(self, tables):
        self.tables, self.feature = tables, self.service()
        self.events, self.hits, self.reports = Counter(), Counter(), []
        self.rounds_max = ROUNDS_MAX
        self.tc = None          # of the frame at hand: marked in a round before

    def frame(self, octets, now=None):
        """What comes of a frame; now: tick, else its source address has it."""
        if now is None:
            now = int.from_bytes(octets[6:12], 'big')
        out, rounds, self.tc = [], 0, None
        while octets is not None:
            try:
                octets = self._round(octets, now, out, rounds)
            except Drop as why:
                self.events[str(why)] += 1
                return out
            rounds += 1
        return out

    # ---- what a target may have otherwise ------------------------------------

    def _bucket(self, session):
        return crc16(session.src + session.dst + struct.pack(
            '!HHB', session.sport, session.dport, session.proto)) % 64

    def _with_dscp(self, inner, dscp):
        ecn = (inner[1] if inner[0] >> 4 == 4 else inner[1] >> 4) & 3
        return pkt.with_tos(inner, dscp << 2 | ecn)

    def _pcp(self):
        """Of a tag that nexthop puts on."""
        return self.tc or 0

    def _bare_type(self, inner, session):
        """Of what was below the last label; 0: not IP."""
        return pkt.ether_type(inner) if session.headers else 0

    # ---- parsing -----------------------------------------------------------

    def _stack(self, data):
        """(labels with their S bit, rest, deeper than we look)"""
        labels = []
        while len(labels) < LABELS:
            if len(data) < 4:
                raise Drop('parse')
            word, = struct.unpack_from('!I', data)
            labels.append(pkt.Label(word >> 12, word >> 9 & 7, word & 255))
            data = data[4:]
            if word & 0x100:
                return labels, data, False
        return labels, data, True

    def _parse(self, octets):
        kind, = struct.unpack_from('!H', octets, 12)
        data = octets[14:]
        if kind == pkt.ETH_VLAN:
            if len(data) < 4:
                raise Drop('parse')
            kind, data = struct.unpack_from('!H', data, 2)[0], data[4:]
        if kind == pkt.ETH_MPLS:
            return self._stack(data)
        if kind not in (pkt.ETH_IP, pkt.ETH_IP6):
            raise Drop('ethertype')
        self._admit_ip(kind, data)
        return [], data, False

    def _admit_ip(self, kind, data):
        """An unlabelled packet has to be whole."""
        want = 20 if kind == pkt.ETH_IP else 40
        if len(data) < want:
            raise Drop('parse')
        session = Session(data)
        four = kind == pkt.ETH_IP
        whole = not (four and (data[0] & 15 != 5 or data[6] & 31 or data[7]))
        need = {17: 8, 6: 20}.get(data[9] if four else data[6], 0) if whole else 0
        if len(data) < want + need:
            raise Drop('parse')
        if data[0] >> 4 != (4 if four else 6) or not session.valid:
            raise Drop('bad_ip')

    def _look(self, table, key):
        """The entry of a table or None; a hit is counted."""
        entry = getattr(self.tables, table).get(key)
        if entry:
            self.hits[table, key] += 1
        return entry

    def _marked(self, label):
        return label if self.tc is None else label._replace(tc=self.tc)

    # ---- one round -----------------------------------------------------------

    def _classes(self, labels):
        classes = []
        for i, entry in enumerate(labels):
            kind = OTHER
            if entry.label in self.tables.local_sid:
                kind = {'node': NODE, 'priority': PRIORITY, 'feature': FEATURE}[
                    self.tables.local_sid[entry.label][0]]
            elif i and entry.label in self.tables.nfv_sid:
                kind = NFV
            classes.append(kind)
        return classes + [NONE] * (LABELS - len(classes))

    def _count_classes(self, labels, classes):
        """What meets an entry of class1 ... class7, plan and nfv_range."""
        for i, (entry, kind) in enumerate(zip(labels, classes)):
            if i and kind != OTHER:
                self.hits['class%d' % i, entry.label] += 1
        met, span = entry_of(classes), nfv_range(classes)
        if met is not None:
            self.hits['plan', met] += 1
        if span:
            self.hits['nfv_range', SPANS.index(span)] += 1

    def _leaves(self, labels, whole):
        """Through the tables of egress, which only the switch's sum is known of: with
        labels that came with it, and an end that is known."""
        self.hits['top_label', ALL] += bool(labels)
        self.hits['bottom', ALL] += bool(whole)

    def _round(self, octets, now, out, rounds):
        labels, inner, deep = self._parse(octets)
        session = Session(inner if not deep else b'')
        ttl = labels[0].ttl if labels else pkt.get_ttl(inner)
        if ttl <= 1:
            raise Drop('ttl')
        if rounds > self.rounds_max:
            raise Drop('rounds')
        ttl -= 1
        if not labels:
            return self._unlabelled(inner, session, ttl, out)
        if deep:
            self._by_label(labels, inner, session, ttl, out, deep=True)
            self.events['deep'] += 1
            return None
        return self._labelled(labels, inner, session, ttl, now, out)

    def _unlabelled(self, inner, session, ttl, out):
        for place, (match, words) in enumerate(self.tables.chain):
            if match(session):
                self.hits['chain', place] += 1
                self.events['head_end'] += 1
                data = b''.join(struct.pack('!I', w) for w in words)
                return pkt.ether(bytes(6), bytes(6), pkt.ETH_MPLS,
                                 data + pkt.with_ttl(inner, ttl))
        self._by_ip(inner, session, ttl, out)
        return None

    def _labelled(self, labels, inner, session, ttl, now, out):
        classes = self._classes(labels)
        self._count_classes(labels, classes)
        own = self._look('local_sid', labels[0].label)
        if not own:
            self._by_label(labels, inner, session, ttl, out)
            return None
        strip, way, _, priority = plan(classes)
        if own[0] == 'feature':
            self._measure(labels, inner, session, ttl, now, out)
        mark = None
        if priority or own[0] == 'priority':
            mark = self._look('priority', session.tuple())
        if mark and len(mark) == 3 and session.valid:
            inner = self._with_dscp(inner, mark[2])
        rest = [e for i, e in enumerate(labels) if i not in strip]
        if mark and len(mark) == 3:
            self.tc = mark[1]
        if way == 'again':
            self.events['again'] += 1
            self._leaves(True, True)
            rest[0] = self._marked(rest[0]._replace(ttl=ttl))
            return pkt.ether(bytes(6), bytes(6), pkt.ETH_MPLS,
                             pkt.encode_labels(rest) + inner)
        if way == 'ip':
            self._by_ip(inner, session, ttl, out)
        else:
            self._by_label(rest, inner, session, ttl, out)
        return None

    def _measure(self, labels, inner, session, ttl, now, out):
        own = self.tables.local_sid[labels[0].label]
        span = nfv_range(self._classes(labels))
        closed = self.feature.packet(session, own[1], now, own[2], bool(span))
        if not closed:
            return
        report, place = closed
        kept = labels[span[0]:span[1] + 1]
        target = self._look('nfv_sid', kept[0].label)
        self._leaves(True, True)
        if target.dport is None:
            self.events['egress_no_report'] += 1
            return
        self.hits['report_to', kept[0].label] += 1
        self.reports.append(report)
        kept[0] = kept[0]._replace(ttl=ttl)
        data = REPORT.pack(*report) + inner[:session.headers]
        l4 = pkt.L4(17, struct.pack('!4H', 0xC000 | place, target.dport,
                                    8 + len(data), 0) + data)
        out.append((target.port, pkt.ether(
            target.dmac, target.smac, pkt.ETH_MPLS,
            pkt.encode_labels(kept) + pkt.ip4(l4, src=target.src, dst=target.dst))))

    # ---- forwarding --------------------------------------------------------

    def _send(self, number, group, session, kind, data, out, deep=False):
        if group:
            bucket = self._bucket(session)
            self.hits['ecmp', (group, bucket)] += 1
            number = self.tables.ecmp.get(group, [0] * 64)[bucket]
        nexthop = self._look('nexthop', number)
        if not nexthop:
            raise Drop('no_nexthop')
        self._leaves(kind == pkt.ETH_MPLS, kind and not deep)
        if not kind:
            raise Drop('egress_not_ip')
        if nexthop.vid is None:
            octets = pkt.ether(nexthop.dmac, nexthop.smac, kind, data)
        else:
            octets = pkt.ether_vlan(nexthop.dmac, nexthop.smac, nexthop.vid, kind,
                                    data, self._pcp())
        out.append((nexthop.port, octets))

    def _by_label(self, labels, inner, session, ttl, out, deep=False):
        entry = self._look('label_fib', labels[0].label)
        if not entry:
            raise Drop('no_label')
        labels = list(labels)
        if entry[0] == 'swap':
            labels[0] = labels[0]._replace(label=entry[1])
        elif entry[0] == 'pop':
            labels.pop(0)
        if not labels:
            self._bare(entry, inner, session, ttl, out)
            return
        labels[0] = self._marked(labels[0]._replace(ttl=ttl))
        self._send(*entry[-2:], session, pkt.ETH_MPLS,
                   pkt.encode_labels(labels, not deep) + inner, out, deep)

    def _bare(self, entry, inner, session, ttl, out):
        """The label was the last one: what is below has to be IP."""
        if session.valid:
            inner = pkt.with_ttl(inner, min(ttl, pkt.get_ttl(inner)))
        self._send(*entry[-2:], session, self._bare_type(inner, session), inner, out)

    def _by_ip(self, inner, session, ttl, out):
        if not session.valid:
            raise Drop('not_ip')
        address = session.dst
        family = 4 if inner[0] >> 4 == 4 else 6
        if family == 4:
            address = address[12:]
        value, bits = int.from_bytes(address, 'big'), len(address) * 8
        routes = [r for r in self.tables.fib[family]
                  if value >> bits - r[1] == int.from_bytes(r[0], 'big') >> bits - r[1]]
        if not routes:
            raise Drop('no_route')
        best = max(routes, key=lambda r: r[1])
        self.hits['fib', best[:2]] += 1
        inner = pkt.with_ttl(inner, min(ttl, pkt.get_ttl(inner)))
        self._send(best[2], best[3], session, pkt.ether_type(inner), inner, out)
