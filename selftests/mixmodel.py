# SPDX-License-Identifier: GPL-2.0-or-later
"""What a proxy node has to make of any packet: the model of test_mixed.

Written from ARCHITECTURE.md, INTERFACE.md and the RFCs, not from the module.
A packet goes in by from_uplink() or from_vnf(); out comes where it goes: to a
function (ToVnf), to a switch (Out) or to the IP stack (Local); nothing if it
was dropped. All is counted in node.count.

What happens within a second of something else depends on the clock. Where the
answer would, the model says Ambiguous, and the packet should not be sent.
"""

import struct
from collections import Counter, namedtuple

import pkt
from flowkey import Refused, frame_key, parse, reverse
from pkt import Label

NULL4, ALERT, NULL6, ELI, GAL, EXTENSION = 0, 1, 2, 7, 13, 15
KNOWN = {NULL4, ALERT, NULL6, ELI, GAL, EXTENSION}
PAIRS = {ELI, EXTENSION}
WEIGHT = {NULL4: 1, ALERT: 1, NULL6: 1, ELI: 2}
MAX_REMAINING = 16
MAX_DECISIONS = 8
BLANK = 0               # the value of an entropy label, no part of a stack
WORD = bytes(4)
MTU_MIN = {4: 68, 6: 1280}

# what a sender left to the device: a checksum to be made from `start` on, at
# `offset` from there; of segments, how much of the data each has. The IP header
# stands at `net`.
Offload = namedtuple('Offload', 'net start offset size', defaults=(0,))
ToVnf = namedtuple('ToVnf', 'number octets tag offload', defaults=(None,))
Out = namedtuple('Out', 'uplink way labels octets key')
# made: the node's own, not forwarded
Local = namedtuple('Local', 'octets made offload', defaults=(False, None))
# what is still to be travelled, as it is known by: labels are numbers only
Stack = namedtuple('Stack', 'sid uplink way labels')


class Ambiguous(Exception):
    """What comes of the packet depends on the clock."""


class Vnf:
    """A function and how it is attached; mtu: what fits; other: the vnf of the
    other side of a function with two arms, so that it returns packets there;
    down: its sid is bypassed.
    """
    # pylint: disable=too-few-public-methods,too-many-arguments,too-many-instance-attributes

    def __init__(self, number, match='flow', inner='ip', mtu=1500, steer=None, labels=(),
                 out='u0', other=None, down=False):
        self.number, self.match, self.inner, self.mtu = number, match, inner, mtu
        self.other, self.down = other, down
        self.steer, self.labels, self.out = steer or {}, tuple(labels), out


class Flow:
    """What is remembered of (vnf, key), or of a VLAN id."""
    # pylint: disable=too-few-public-methods
    __slots__ = ('stack', 'ttl', 'tc', 'dscp', 'before', 'replaced')

    def __init__(self, stack, ttl, tc, dscp):
        self.stack, self.ttl, self.tc, self.dscp = stack, ttl, tc, dscp
        self.before, self.replaced = None, None


class Ctx:
    """A packet on its way: what the kernel's struct srp_ctx would know."""
    # pylint: disable=too-few-public-methods,too-many-arguments,too-many-instance-attributes
    __slots__ = ('uplink', 'way', 'labels', 'ttl', 'tc', 'key', 'vnf', 'octets', 'inner', 'above',
                 'special', 'offload', 'decisions')

    def __init__(self, uplink, way, labels, ttl, tc, key, octets, inner='ip', offload=None):
        self.uplink, self.way, self.labels, self.ttl, self.tc = uplink, way, labels, ttl, tc
        self.key, self.octets, self.inner, self.offload = key, octets, inner, offload
        self.vnf, self.decisions = None, 0
        self.above = None       # entries as an ICMP error tells them
        self.special = any(number < 16 for number in labels)


# ---- labels ----------------------------------------------------------------

def blanked(labels):
    """Numbers of the entries, entropy values blank."""
    found, pair = [], None
    for entry in labels:
        found.append(BLANK if pair == ELI else entry.label)
        pair = entry.label if entry.label in PAIRS and pair is None else None
    return tuple(found)


def specials(labels):
    """(special entries above the first that is looked up, the values of pairs
    left out; the rest)."""
    found, at = [], 0
    while at < len(labels) and labels[at] < 16:
        found.append(labels[at])
        at += 2 if labels[at] in PAIRS else 1
    return found, labels[at:]


def judge(labels):
    """Why a stack cannot be taken, or None."""
    reason, at = None, 0
    while at < len(labels):
        label, last = labels[at].label, at == len(labels) - 1
        if last and label in (ALERT, ELI, EXTENSION):
            return 'label_malformed'
        if label == ELI and labels[at + 1].label < 16:
            return 'label_malformed'
        if label < 16 and label not in KNOWN:
            reason = 'label_special'
        at += 2 if label in PAIRS else 1
    return reason


def expose(labels, number=lambda entry: entry.label):
    """(what is left when special labels on top have done their work, family
    that explicit null at the bottom promises); raises Refused.
    """
    alert, family = None, None
    while labels and number(labels[0]) < 16:
        label = number(labels[0])
        weight = WEIGHT.get(label, 0)
        if not weight or weight > len(labels):
            raise Refused('label_special')
        if label == ALERT:
            alert = labels[0]
        if len(labels) == 1:
            family = {NULL4: 4, NULL6: 6}.get(label)
        labels = labels[weight:]
    if labels and alert is not None:
        labels = type(labels)([alert]) + labels
    return labels, family


def dressed(labels, ttl, tc):
    """The entries that go on a packet; entropy values blank."""
    found = [Label(number, tc, ttl) for number in labels]
    pair = None
    for at, number in enumerate(labels):
        if pair == ELI:
            found[at] = Label(BLANK, tc, 0)
        pair = number if number in PAIRS and pair is None else None
    return found


# ---- IP --------------------------------------------------------------------

def dscp_of(packet):
    tos = packet[1] if packet[0] >> 4 == 4 else packet[0] << 4 & 255 | packet[1] >> 4
    return tos >> 2


def tos_of(packet):
    return packet[1] if packet[0] >> 4 == 4 else packet[0] << 4 & 255 | packet[1] >> 4


def with_dscp(packet, dscp):
    return pkt.with_tos(packet, dscp << 2 | tos_of(packet) & 3)


def link_local(key):
    """Is it what hosts say to their link?"""
    if key.family == 4:
        return key.dst[:3] == b'\xe0\0\0' or key.dst == b'\xff' * 4
    return key.dst[0] == 255 and key.dst[1] & 15 == 2


def may_cut(packet):
    return packet[0] >> 4 == 4 and not packet[6] & 0x40


def later_options(options):
    """Options of all fragments but the first: those not copied are no-ops."""
    found, at = bytearray(options), 0
    while at < len(found) and found[at]:
        length = 1 if found[at] == 1 else found[at + 1] if at + 1 < len(found) else 0
        if not length or at + length > len(found):
            break
        if found[at] != 1 and not found[at] & 0x80:
            found[at:at + length] = b'\1' * length
        at += length
    return bytes(found)


def cut(packet, limit):
    """Fragments of an IPv4 packet that are at most limit octets long."""
    head = (packet[0] & 15) * 4
    options, payload, pieces = packet[20:head], packet[head:], []
    word, = struct.unpack_from('!H', packet, 6)
    step = (limit - head) & ~7
    at = 0
    while at < len(payload):
        size = limit - head if len(payload) - at <= limit - head else step
        more = 0x2000 if at + size < len(payload) else word & 0x2000
        part = payload[at:at + size]
        start = packet[:2] + struct.pack('!H', head + len(part)) + packet[4:6] + struct.pack(
            '!H', (word & 0x1FFF) + at // 8 | more) + packet[8:10] + WORD[:2] + packet[12:20]
        start += later_options(options) if at else options
        pieces.append(start[:10] + struct.pack('!H', pkt.checksum(start)) + start[12:] + part)
        at += size
    return pieces


# ---- offloads --------------------------------------------------------------

def shifted(offload, octets):
    """The same where so much more stands in front."""
    return offload and offload._replace(net=offload.net + octets, start=offload.start + octets)


def finished(packet, offload):
    """The checksum that was left to be made is made."""
    at = offload.start + offload.offset
    value = pkt.checksum(packet[offload.start:]) or 0xFFFF
    return packet[:at] + struct.pack('!H', value) + packet[at + 2:]


def segments(packet, offload):
    """What the wire would carry of TCP that was left to be cut."""
    net, start = offload.net, offload.start
    head = start + (packet[start + 12] >> 4) * 4
    data, found = packet[head:], []
    seq, = struct.unpack_from('!I', packet, start + 4)
    for at in range(0, len(data), offload.size):
        part = data[at:at + offload.size]
        flags = packet[start + 13] if at + len(part) == len(data) else packet[start + 13] & ~9
        l4 = (packet[start:start + 4] + struct.pack('!I', seq + at & 0xFFFFFFFF) +
              packet[start + 8:start + 13] + bytes([flags]) + packet[start + 14:start + 16] +
              bytes(2) + packet[start + 18:head] + part)
        ip, length = packet[net:start], struct.pack('!II', len(l4), 6)
        if ip[0] >> 4 == 4:
            ident, = struct.unpack_from('!H', ip, 4)
            ip = (ip[:2] + struct.pack('!HH', len(ip) + len(l4), ident + len(found) & 0xFFFF) +
                  ip[6:10] + bytes(2) + ip[12:])
            ip = ip[:10] + struct.pack('!H', pkt.checksum(ip)) + ip[12:]
            value = pkt.checksum(ip[12:20] + length + l4)
        else:
            ip = ip[:4] + struct.pack('!H', len(l4)) + ip[6:]
            value = pkt.checksum(ip[8:40] + length + l4)
        found.append(packet[:net] + ip + l4[:16] + struct.pack('!H', value) + l4[18:])
    return found


def largest(packet, offload):
    """Octets of the largest packet on a wire."""
    if not offload or not offload.size:
        return len(packet)
    return min(len(packet), offload.start + (packet[offload.start + 12] >> 4) * 4 + offload.size)


def pieces_of(packet, offload, limit):
    """Packets of at most limit octets, nothing left to be done."""
    parts = [packet]
    if offload:
        parts = segments(packet, offload) if offload.size else [finished(packet, offload)]
    found = []
    for part in parts:
        found += cut(part, limit) if len(part) > limit else [part]
    return found


# ---- ICMP that the proxy makes ---------------------------------------------

def host4(addr):
    return 0 < addr[0] < 224 and addr[0] != 127


def host6(addr):
    return addr[0] != 255 and addr[:2] not in (b'\xfe\x80',) and any(addr[:15])


def may_tell(packet, too_big):
    """May there be an ICMP error about a packet? RFC 1812, 4443."""
    family = packet[0] >> 4
    try:
        key, frag = parse(packet)
    except Refused:
        return False
    if frag and frag.later:
        return False
    if family == 4:
        if not host4(key.src) or key.dst[0] >> 4 == 14 or key.dst == b'\xff' * 4:
            return False
        if key.proto != 1:
            return True
        return packet[(packet[0] & 15) * 4] in (0, 8, 13, 14, 15, 16, 17, 18)
    if not host6(key.src) or (key.dst[0] == 255 and not too_big):
        return False
    return key.proto != 58 or key.quote is None and key.ports != bytes(4)


def error(about, source, kind, code, mtu=0, labels=()):
    """The packet that tells it."""
    family = about[0] >> 4
    room = 128 if labels else (576 - 28 if family == 4 else 1280 - 48)
    quote, more, length = about[:room], b'', 0
    if labels:
        quote += bytes(128 - len(quote))
        lses = pkt.encode_labels(labels)
        body = struct.pack('!HBB', 4 + len(lses), 1, 1) + lses
        more = struct.pack('!BBH', 0x20, 0, pkt.checksum(b'\x20\0\0\0' + body)) + body
        length = 32 << 16 if family == 4 else 16 << 24
    l4 = pkt.L4(1 if family == 4 else 58,
                struct.pack('!BBHI', kind, code, 0, mtu | length) + quote + more, 2, family == 6)
    tos = tos_of(about) & 0x1E | 0xC0 if family == 4 else tos_of(about) & 0xFC
    to = about[12:16] if family == 4 else about[8:24]
    fields = {'frag': 0} if family == 4 else {}
    return pkt.ip(l4, family, src=source, dst=pkt.address_text(to), ttl=64, tos=tos, **fields)


# ---- the node --------------------------------------------------------------

class Node:
    """A node: sids (label -> Vnf), uplinks (name -> MTU), its own addresses
    {uplink: {family: text}}, how many VLAN ids each vnf has.
    """
    # pylint: disable=too-many-instance-attributes,too-many-arguments

    def __init__(self, sids, uplinks, addresses, mode='pipe', ids=None):
        self.sids, self.uplinks, self.addresses, self.mode = sids, uplinks, addresses, mode
        self.ids = dict(ids or {})
        self.vnfs = {vnf.number: vnf for vnf in sids.values()}
        self.flows, self.links, self.ways, self.count = {}, {}, {}, Counter()
        self.undo, self.now = [], 0

    # -- transactions

    def put(self, table, key, value):
        self.undo.append((table, key, table.get(key)))
        table[key] = value

    def begin(self):
        self.undo = []
        self.count = Counter()

    def rollback(self):
        for table, key, old in reversed(self.undo):
            if old is None:
                del table[key]
            else:
                table[key] = old
        self.begin()

    def tick(self):
        """A window ends: fragments that were held are dropped."""
        orphans = sum(len(link) for link in self.links.values() if isinstance(link, list))
        self.links.clear()
        self.now += 1
        return orphans

    def drop(self, reason):
        self.count['drop', reason] += 1
        return []

    # -- from an uplink

    def top_sid(self, labels):
        """How many entries stand above that of this node, or None."""
        at = 0
        while at < len(labels):
            label = labels[at].label
            if label >= 16:
                return at if label in self.sids else None
            if not WEIGHT.get(label) or at == len(labels) - 1:
                return None
            at += WEIGHT[label]
        return None

    def from_uplink(self, uplink, way, labels, payload, offload=None):
        # pylint: disable=too-many-arguments
        """A labelled packet comes in."""
        if self.top_sid(labels) is None:
            return []
        if len(labels) - 1 > MAX_REMAINING:
            return self.drop('label_too_deep')
        special = any(entry.label < 16 for entry in labels)
        reason, family, rest = None, None, list(labels)
        if special:
            reason = judge(rest)
            if reason == 'label_malformed':
                return self.drop(reason)
        try:
            if reason:
                raise Refused(reason)
            top, rest, family = self.popped(rest, special)
        except Refused as refused:
            self.count['rx', uplink] += 1
            return self.drop(str(refused))
        return self.arrived(uplink, way, labels, top, rest, family, payload, offload)

    def popped(self, rest, special):
        """(top entry with the TTL that counts, rest, family) """
        first = rest[0]
        if not special:
            return first, rest[1:], None
        rest, _ = expose(rest)
        alert = rest[0].label < 16
        top = rest[alert]
        ttl = first.ttl if self.mode == 'uniform' else min(first.ttl, top.ttl)
        rest, family = expose(rest[:alert] + rest[alert + 1:])
        return top._replace(ttl=ttl), rest, family

    def arrived(self, uplink, way, labels, top, rest, family, payload, offload):
        # pylint: disable=too-many-arguments
        """The labels are read; what they carry is next."""
        vnf = self.sids[top.label]
        frag = None
        try:
            if vnf.inner == 'ip':
                key, frag = parse(payload)
            else:
                whole, payload = payload, self.unword(vnf, payload)
                offload = shifted(offload, len(payload) - len(whole))
                key = frame_key(payload)
        except Refused as refused:
            return self.drop(str(refused))
        if frag:
            again = (uplink, way, labels, payload)
            link = (uplink, blanked(labels), frag.key)
            return self.fragment(link, frag, key, again, lambda key, args: self.received(
                args[0], args[1], args[2], top, rest, family, key, vnf, args[3]))
        return self.received(uplink, way, labels, top, rest, family, key, vnf, payload, offload)

    @staticmethod
    def unword(vnf, payload):
        if vnf.inner == 'ethernet-cw':
            if not payload:
                raise Refused('inner_malformed')
            if payload[0] >> 4:
                raise Refused('inner_unknown')
            payload = payload[4:]
        if len(payload) < 14:
            raise Refused('inner_malformed')
        return payload

    def fragment(self, link, frag, key, args, go, wait=True):
        """Follow the first of the datagram, or wait for it."""
        known = self.links.get(link)
        if frag.later:
            if not wait:
                return go(key if known is None or isinstance(known, list) else known, args)
            if known is None or isinstance(known, list):
                self.put(self.links, link, (known or []) + [args])
                return []
            return go(known, args)
        self.put(self.links, link, key)
        found = go(key, args)
        for held in known if isinstance(known, list) else ():
            found += go(key, held)
        return found

    def received(self, uplink, way, labels, top, rest, family, key, vnf, payload, offload=None):
        # pylint: disable=too-many-arguments
        self.count['rx', uplink] += 1
        if family and (vnf.inner != 'ip' or family != key.family):
            return self.drop('label_special')
        if vnf.inner != 'ip' and offload and offload.size:
            return self.drop('gso_unsupported')
        ttl, tc = top.ttl - 1, (rest[0] if rest else top).tc
        if rest and self.mode == 'pipe':
            ttl = min(ttl, rest[0].ttl)
        ctx = Ctx(uplink, way, blanked(rest), ttl, tc, key, payload, vnf.inner, offload)
        ctx.special = any(entry.label < 16 for entry in labels)
        if top.ttl <= 1 or ttl <= 0:
            ctx.vnf, ctx.above = None if vnf.down else vnf, labels
            return self.expired(ctx)
        return self.visit(ctx, top.label, labels)

    # -- a visit

    def visit(self, ctx, sid, above=None):
        """Hand the packet to the function of a label that was popped."""
        vnf = self.sids[sid]
        if vnf.down:
            return self.bypass(ctx)
        ctx.vnf = vnf
        stack = Stack(sid, ctx.uplink, ctx.way, ctx.labels)
        ctx.above = self.told(ctx, above or dressed((sid,) + ctx.labels, ctx.ttl, ctx.tc))
        if vnf.match == 'flow':
            reason = self.stash(ctx, vnf, stack)
        elif vnf.match == 'vlan':
            reason = self.stash_vlan(ctx, vnf, stack)
        else:
            reason = self.note_way(ctx, vnf)
        if reason:
            return self.drop(reason)
        if ctx.inner == 'ip' and self.mode == 'uniform':
            if not pkt.get_ttl(ctx.octets):
                return self.expired(ctx)
            if pkt.get_ttl(ctx.octets) > ctx.ttl:
                ctx.octets = pkt.with_ttl(ctx.octets, ctx.ttl)
        return self.to_vnf(ctx, vnf, stack if vnf.match == 'vlan' else None)

    def bypass(self, ctx):
        """None can serve the label: on with what is below it, as if one had."""
        ctx.decisions += 1
        if ctx.decisions > MAX_DECISIONS:
            return self.drop('fallback_loop')
        if not ctx.labels and self.mode == 'uniform':
            if not pkt.get_ttl(ctx.octets):
                return self.expired(ctx)
            ctx.octets = pkt.with_ttl(ctx.octets, min(ctx.ttl, pkt.get_ttl(ctx.octets)))
        return self.onward(ctx, ctx.vnf, True)

    @staticmethod
    def told(ctx, labels):
        """What errors say of the labels of a packet that is bare: where there
        were special ones, nobody knows which.
        """
        return () if ctx.special else labels

    def revisits(self, labels, vnf):
        pair = None
        for number in labels:
            if pair is None and self.sids.get(number) is vnf:
                return True
            pair = number if number in PAIRS and pair is None else None
        return False

    def stash(self, ctx, vnf, stack):
        where = vnf.number, ctx.key
        flow = self.flows.get(where)
        if flow and flow.stack[1:] == stack[1:]:
            if flow.stack != stack:
                raise Ambiguous('another visit of the same vnf')
            return self.follow(ctx, vnf, flow)
        if self.revisits(ctx.labels, vnf):
            return 'revisit'
        dscp = dscp_of(ctx.octets) if ctx.inner == 'ip' else 0
        if flow is None:
            self.put(self.flows, where, Flow(stack, ctx.ttl, ctx.tc, dscp))
            return None
        if flow.before and flow.before[1:] == stack[1:]:
            if flow.replaced != self.now:
                raise Ambiguous('conflict or not')
            return 'stack_conflict'
        other = Flow(stack, flow.ttl, flow.tc, flow.dscp)
        other.before, other.replaced = flow.stack, self.now
        self.put(self.flows, where, other)
        return self.follow(ctx, vnf, other)

    def follow(self, ctx, vnf, flow):
        """TTL, TC and DSCP are followed once a second only."""
        ttl = self.mode == 'pipe' or ctx.inner != 'ip'
        if ctx.tc != flow.tc or ttl and ctx.ttl != flow.ttl:
            raise Ambiguous('TTL or TC of a flow changes')
        if vnf.steer and dscp_of(ctx.octets) != flow.dscp:
            raise Ambiguous('DSCP of a flow changes')

    def stash_vlan(self, ctx, vnf, stack):
        flow = self.flows.get((vnf.number, stack))
        if flow:
            return self.follow(ctx, vnf, flow)
        if not self.ids.get(vnf.number):
            return 'vlan_exhausted'
        self.put(self.ids, vnf.number, self.ids[vnf.number] - 1)
        self.put(self.flows, (vnf.number, stack),
                 Flow(stack, ctx.ttl, ctx.tc, dscp_of(ctx.octets)))
        return None

    def note_way(self, ctx, vnf):
        """Whom packets of a static vnf's uplink came from."""
        if ctx.uplink != vnf.out:
            return
        if vnf.number not in self.ways:
            self.put(self.ways, vnf.number, ctx.way)
        if ctx.way != self.ways[vnf.number]:
            raise Ambiguous('the way back changes')

    def to_vnf(self, ctx, vnf, tag):
        limit = vnf.mtu
        if vnf.inner != 'ip':
            limit += 18 if ctx.octets[12:14] in (b'\x81\0', b'\x88\xa8') else 14
        if largest(ctx.octets, ctx.offload) <= limit:
            self.count['to', vnf.number] += 1
            return [ToVnf(vnf.number, ctx.octets, tag, ctx.offload)]
        if vnf.inner != 'ip':
            return self.drop('mtu_exceeded')
        if not may_cut(ctx.octets):
            return self.too_big(ctx, limit, True)
        self.count['to', vnf.number] += 1
        return [ToVnf(vnf.number, piece, tag)
                for piece in pieces_of(ctx.octets, ctx.offload, limit)]

    # -- from a function

    def from_vnf(self, number, octets, tag=None, offload=None):
        """A function sends a packet, bare or tagged."""
        vnf = self.vnfs[number]
        if vnf.inner != 'ip':
            return self.from_bridge(vnf, octets, offload)
        try:
            key, frag = parse(octets)
        except Refused as refused:
            return self.drop(str(refused))
        if frag:
            return self.fragment((number, tag, frag.key), frag, key, octets,
                                 lambda key, args: self.returned(vnf, key, args, tag),
                                 self.wants_key(vnf, octets, tag))
        return self.returned(vnf, key, octets, tag, offload)

    def wants_key(self, vnf, octets, tag):
        """By flow what comes back is found by its key; else only a function of
        this node that comes next needs it.
        """
        if vnf.match == 'flow':
            return True
        if vnf.match == 'static':
            labels = vnf.labels
        else:
            flow = self.claimed(vnf, None, tag)
            labels = flow.stack.labels if flow else ()
        _, labels = specials(labels)
        return bool(labels) and vnf.steer.get(dscp_of(octets), labels[0]) in self.sids

    def from_labelled(self):
        """A function sends labels."""
        return self.drop('vnf_labelled')

    def from_bridge(self, vnf, frame, offload=None):
        key, found = frame_key(frame), []
        flow = self.flows.get((vnf.number, key))
        if flow is None:
            return self.miss(vnf, None)
        stack, frames = flow.stack, [frame]
        if offload:
            frames = segments(frame, offload) if offload.size else [finished(frame, offload)]
        for one in frames:
            self.count['from', vnf.number] += 1
            one += bytes(max(0, 60 - len(one)))
            found += self.onward(Ctx(stack.uplink, stack.way, stack.labels, flow.ttl, flow.tc,
                                     key, one, vnf.inner), vnf)
        return found

    def claimed(self, vnf, key, tag):
        """The flow of a packet from a function, or None."""
        if vnf.match == 'vlan':
            return self.flows.get((vnf.number, tag))
        flow = self.flows.get((vnf.number, key))
        if flow is None and key.quote:
            flow = self.either(vnf, reverse(key.quote)) or self.either(vnf, key.quote)
        return flow

    def either(self, vnf, key):
        """The flow of a key, be it at the function's other side, or None."""
        return self.flows.get((vnf.number, key)) or self.flows.get((vnf.other, key))

    def returned(self, vnf, key, octets, tag, offload=None):
        # pylint: disable=too-many-arguments
        if vnf.match == 'static':
            if link_local(key):
                return self.miss(vnf, key)
            self.count['from', vnf.number] += 1
            ctx = Ctx(vnf.out, self.ways.get(vnf.number), vnf.labels, pkt.get_ttl(octets), 0, key,
                      octets, offload=offload)
            return self.onward(ctx, vnf)
        flow = self.claimed(vnf, key, tag)
        if flow is None:
            return self.miss(vnf, key)
        stack = flow.stack
        # the visit's, be it returned by the other side
        self.count['from', self.sids[stack.sid].number] += 1
        ttl = pkt.get_ttl(octets) if self.mode == 'uniform' else flow.ttl
        ctx = Ctx(stack.uplink, stack.way, stack.labels, ttl, flow.tc, key, octets,
                  offload=offload)
        ctx.vnf = vnf
        if not ttl:
            return self.expired(ctx)
        label = vnf.steer.get(dscp_of(octets))
        if label is None:
            return self.onward(ctx, vnf)
        ctx.octets = with_dscp(octets, flow.dscp)
        if ctx.labels:
            if ctx.ttl <= 1:
                return self.expired(ctx)
            ctx.ttl -= 1
            ctx.decisions += 1
            # a router alert is none to go by
            at = ctx.labels[0] == ALERT
            ctx.labels = ctx.labels[:at] + (label,) + ctx.labels[at + 1:]
        return self.onward(ctx, vnf)

    def miss(self, vnf, key):
        """No flow claims it. What is addressed to the node, or to its link, is
        the IP stack's."""
        if key and self.for_node(key):
            return []
        self.count['miss', vnf.number] += 1
        return self.drop('vnf_miss')

    def for_node(self, key):
        return link_local(key) or any(key.dst == pkt.address(text) for texts in self.addresses.values()
                   for text in texts.values())

    # -- onward

    def onward(self, ctx, vnf, bypassed=False):
        """A bare packet goes on with what remains of its stack."""
        ctx.vnf = vnf
        if not ctx.labels:
            if ctx.inner != 'ip':
                return self.drop('inner_mismatch')
            self.count['local'] += 1
            return [Local(ctx.octets, False, ctx.offload)]
        alert = ctx.labels[0] == ALERT and len(ctx.labels) > 1
        sid = ctx.labels[1 if alert else 0]
        if sid not in self.sids:
            return self.egress(ctx)
        rest, family = ctx.labels[:alert] + ctx.labels[1 + alert:], None
        if self.sids[sid].inner != ctx.inner:
            return self.drop('inner_mismatch')
        try:
            rest, family = expose(rest, lambda number: number)
        except Refused as refused:
            return self.drop(str(refused))
        if family and (ctx.inner != 'ip' or family != ctx.key.family):
            return self.drop('label_special')
        ctx.above = self.told(ctx, dressed((sid,) + rest, ctx.ttl, ctx.tc))
        ctx.labels = rest
        if ctx.ttl <= 1:
            if bypassed:
                ctx.vnf = None if self.sids[sid].down else self.sids[sid]
            return self.expired(ctx)
        ctx.ttl -= 1
        return self.visit(ctx, sid)

    def egress(self, ctx):
        """Labels on, back to the switch."""
        if ctx.way is None:
            return self.drop('no_route_back')
        labels = dressed(ctx.labels, ctx.ttl, ctx.tc)
        word = WORD if ctx.inner == 'ethernet-cw' else b''
        limit = self.uplinks[ctx.uplink] - 4 * len(labels) - len(word)
        pieces = [ctx.octets]
        if largest(ctx.octets, ctx.offload) > limit:
            if ctx.inner != 'ip':
                return self.drop('mtu_exceeded')
            if not may_cut(ctx.octets):
                return self.too_big(ctx, limit, False)
            pieces = pieces_of(ctx.octets, ctx.offload, limit)
        self.count['tx', ctx.uplink] += 1
        return [Out(ctx.uplink, ctx.way, labels, word + piece, ctx.key) for piece in pieces]

    # -- errors of our own

    def expired(self, ctx):
        self.drop('ttl_expired')
        if ctx.inner != 'ip':
            return []
        kind = 11 if ctx.key.family == 4 else 3
        return self.tell(ctx, kind, 0, 0, ctx.above or ())

    def too_big(self, ctx, limit, labelled):
        """It does not fit here: say what fits, on the rest of the way too."""
        self.drop('mtu_exceeded')
        family, labels = ctx.key.family, list(ctx.labels)
        alert = False
        while labels:
            above, labels = specials(labels)
            alert |= ALERT in above
            if not labels or labels[0] not in self.sids:
                break
            vnf = self.sids[labels.pop(0)]
            limit = limit if vnf.down else min(limit, vnf.mtu)
        if labels:
            limit = min(limit, self.uplinks[ctx.uplink] - 4 * (len(labels) + alert))
        limit = max(limit, MTU_MIN[family])
        if len(ctx.octets) <= limit and not (ctx.offload and ctx.offload.size):
            return []
        if family == 6:
            return self.tell(ctx, 2, 0, limit, (), True)
        return self.tell(ctx, 3, 4, limit, ctx.above if labelled else (), True)

    def tell(self, ctx, kind, code, mtu, labels, too_big=False):
        # pylint: disable=too-many-locals
        if not may_tell(ctx.octets, too_big):
            return []
        self.count['icmp'] += 1
        family = ctx.key.family
        inner = error(ctx.octets, self.addresses[ctx.uplink][family], kind, code, mtu, labels)
        back = ctx.vnf and self.either(ctx.vnf, reverse(ctx.key))
        if back:
            stack, tc = back.stack, back.tc
        else:
            stack, tc = Stack(None, ctx.uplink, ctx.way, ctx.labels), ctx.tc
        if not stack.labels:
            self.count['local'] += 1
            return [Local(inner, True)]
        key, _ = parse(inner)
        way = Ctx(stack.uplink, stack.way, stack.labels, 255, tc, key, inner)
        return [out._replace(made=True) if isinstance(out, Local) else out
                for out in self.onward(way, None)]
