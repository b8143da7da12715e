# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of every kind, at random, for test_mixed: sessions, and units of
packets that belong together, with what the functions do to them.

All comes from one seed. Units of one window never depend on one another:
whatever would is left out, or drawn anew.
"""

import struct
from collections import namedtuple

import pkt
from flowkey import Refused, parse
from mixmodel import (ALERT, ELI, EXTENSION, GAL, NULL4, NULL6, WORD, Offload, ToVnf, shifted,
                      with_dscp)
from pkt import Label

REMOTE = (16, 17, 899, 15999, 16099, 40000, 524288, 1048575)
STEER = {46: 950, 8: 16001, 10: 16002, 12: 16012}
IP_SIDS = (16001, 16002, 16003, 16005, 16006, 16011, 16009, 16010, 16012)
ARMS = {9: 10, 10: 9}           # the sides of one function
OTHER_WAY = {16009: 16010, 16010: 16009}
VLAN_SIDS = (16004, 16014)
ETHER_SIDS = {16007: 'ethernet', 16008: 'ethernet-cw'}
BRIDGES = {7: 'ethernet', 8: 'ethernet-cw'}
WAYS = {'u0': (pkt.mac('02:00:00:00:00:02'), pkt.mac('02:00:00:00:77:02')),
        'u1': (pkt.mac('02:00:00:00:0a:02'),), 'u2': (pkt.mac('02:00:00:00:14:02'),)}
LARGEST = 1504          # what a veth of 1500 lets in, labels and all
GROUPS = {4: ('239.1.2.3', '224.0.0.251', '255.255.255.255'), 6: ('ff0e::5', 'ff02::fb')}

# What a test sends: by an uplink, or as a function (labelled: with labels);
# offload: what is left to the device, counted from the payload, or the octets
Up = namedtuple('Up', 'uplink way labels payload offload', defaults=(None,))
Fn = namedtuple('Fn', 'number octets tag labels offload', defaults=(None, None, None))


def address(family, net, number):
    """The text of one of many addresses; net 1..3: source, destination, NAT."""
    if family == 4:
        return '%d.%d.%d.%d' % (99 + net, number >> 16 & 255, number >> 8 & 255, number & 255)
    return '2001:db8:%x:%x::1' % (net, number & 0xFFFF) if number < 65536 else \
        '2001:db8:%x:%x:%x::1' % (net, number >> 16, number & 0xFFFF)


class Session:
    """One direction of a session: addresses, transport, its labels and way."""
    # pylint: disable=too-many-instance-attributes

    def __init__(self, rng, number, labels, uplink='u0', way=None):
        self.number, self.labels, self.uplink = number, labels, uplink
        self.way = way or WAYS[uplink][0]
        self.family = rng.choice((4, 4, 6))
        self.src, self.dst = address(self.family, 1, number), address(self.family, 2, number)
        self.kind = rng.choice(('udp', 'udp', 'tcp', 'tcp', 'sctp', 'udplite', 'esp', 'gre',
                                'icmp', 'raw'))
        self.sport, self.dport = rng.randrange(1, 65536), rng.randrange(1, 65536)
        self.dscp = rng.choice((0, 0, 0, 46, 8, 10, 34, rng.randrange(64)))
        self.busy, self.peer, self.frame, self.small = -1, None, None, False

    def l4(self, data, nat=False):
        sport, dport = self.sport ^ nat, self.dport
        if self.kind == 'icmp':
            return (pkt.icmp if self.family == 4 else pkt.icmp6)(sport, 1, data)
        if self.kind in ('esp', 'gre'):
            return getattr(pkt, self.kind)(sport << 8 | nat, data=data)
        if self.kind == 'raw':
            return pkt.raw(253, data)
        return getattr(pkt, self.kind)(sport, dport, data)

    def packet(self, rng, size=0, nat=False, cuttable=None, plain=False):
        """A packet of the session; size: octets of payload."""
        data = rng.randbytes(size or rng.randrange(8, 90))
        tos = self.dscp << 2 | rng.choice((0, 0, 1, 2, 3))
        ttl = rng.choice((64, 64, 128, 255, rng.randrange(2, 40)))
        src = address(self.family, 3, self.number) if nat else self.src
        fields = {'src': src, 'dst': self.dst, 'ttl': ttl, 'tos': tos}
        odd = not plain and rng.random() < (0.4 if size else 0.15)
        if self.family == 4:
            loose = rng.random() < 0.4 if cuttable is None else cuttable
            fields.update(ident=rng.randrange(65536), frag=0 if loose else 0x4000)
            if odd:
                fields['options'] = rng.choice((b'\1\1\1\0', b'\x9e\4\0\0', b'\1' * 40,
                                                b'\x1e\4\0\0\x9e\6\1\2\3\4\1\1'))
        elif odd:
            fields['exts'] = rng.choice(([pkt.ext(0)], [pkt.ext(60)], [pkt.ext(0), pkt.ext(60)],
                                         [pkt.ext(60)] * 3))
        return pkt.ip(self.l4(data, nat), self.family, **fields)

    def wire_labels(self, rng):
        """The labels of one packet: entropy values are drawn for each."""
        return [entry if entry.label is not None else
                Label(rng.randrange(16, 1 << 20), entry.tc, 0) for entry in self.labels]


class Unit:
    """Packets that belong together: what is sent first, how functions act."""
    # pylint: disable=too-few-public-methods

    def __init__(self, kind, sends, session=None):
        self.kind, self.sends, self.session = kind, sends, session
        self.whole, self.tame, self.restack = None, False, False


class Generator:
    """Draws units."""
    # pylint: disable=too-many-instance-attributes,too-many-public-methods

    def __init__(self, rng):
        self.rng = rng
        self.sessions, self.frames, self.chains, self.tenants = [], [], [], []
        self.number, self.ident, self.window = 0, 0, 0
        self.kinds = (
            (30, self.plain), (10, self.fragments), (9, self.icmp), (6, self.oversize),
            (6, self.ether), (4, self.backward), (4, self.vlan), (3, self.tenant),
            (2, self.conflict), (2, self.bad_labels), (2, self.bad_inner), (2, self.noise),
            (1, self.orphan), (6, self.offloaded), (1, self.circle))
        self.weights = [weight for weight, _ in self.kinds]

    def draw(self):
        """The next Unit."""
        while True:
            unit = self.rng.choices(self.kinds, self.weights)[0][1]()
            if unit:
                return unit

    # -- stacks

    def ttl(self, low):
        return self.rng.choice((0, 1, 2, 2, 3, 4, 5)) if low and self.rng.random() < 0.5 else \
            self.rng.choice((64, 255, 250))

    def entry(self, label, low=False):
        return Label(label, self.rng.randrange(8), self.ttl(low))

    def special(self):
        rng = self.rng
        return rng.choice((
            [NULL4], [NULL4], [NULL6], [NULL6], [ALERT], [ALERT], [ELI, None], [ELI, None],
            [ELI, None], [GAL], [EXTENSION, rng.randrange(1 << 20)], [NULL4, NULL6],
            [ALERT, NULL4], [rng.randrange(16)]))

    def stack(self, first=None):
        rng = self.rng
        numbers = [first or rng.choice(IP_SIDS)]
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4, 6, 15))):
            numbers.append(rng.choice(IP_SIDS + VLAN_SIDS) if rng.random() < 0.3 else
                           rng.choice(REMOTE))
        if rng.random() < 0.25:
            for _ in range(rng.choice((1, 1, 2))):
                at = rng.randrange(len(numbers) + 1)
                numbers[at:at] = self.special()
        low = rng.random() < 0.08
        return [self.entry(number, low) for number in numbers]

    def session(self, labels=None, uplink=None, way=None, cls=Session):
        """A new session."""
        rng = self.rng
        self.number += 1
        uplink = uplink or rng.choice(('u0', 'u0', 'u0', 'u1', 'u1', 'u2'))
        labels = labels or self.stack()
        if way is None:
            static = any(entry.label == 16005 for entry in labels)
            way = WAYS[uplink][0] if static else rng.choice(WAYS[uplink])
        found = cls(rng, self.number, labels, uplink, way)
        if rng.random() < 0.05:
            found.dst = rng.choice(GROUPS[found.family])
        # what the kernel is to route has to be nothing that it has to cut
        last = labels[-1].label or 0
        found.small = last < 16 or 16000 < last < 16100
        return found

    def known(self):
        """A session of an earlier window that is free, or None."""
        for _ in range(4):
            if not self.sessions:
                break
            found = self.rng.choice(self.sessions)
            if max(found.busy, found.peer.busy if found.peer else -1) < self.window:
                return self.take(found)
        return None

    def forget(self):
        """Nobody knows what became of the sessions of the last window."""
        for pool in (self.sessions, self.frames, self.tenants):
            pool[:] = [session for session in pool if session.busy < self.window - 1]

    def take(self, session):
        session.busy = self.window
        return session

    def keep(self, session, pool=None):
        """Later windows may use it; the oldest give way."""
        pool = self.sessions if pool is None else pool
        self.take(session)
        if len(pool) >= 400:
            pool[self.rng.randrange(len(pool))] = session
        else:
            pool.append(session)

    def up(self, session, payload, offload=None):
        return Up(session.uplink, session.way, session.wire_labels(self.rng), payload, offload)

    # -- units

    def plain(self):
        session = self.rng.random() < 0.5 and self.known()
        new = not session
        if new:
            session = self.session()
        unit = Unit('plain', [self.up(session, session.packet(self.rng))
                              for _ in range(self.rng.choice((1, 1, 2, 3)))], session)
        if new:
            self.keep(session)
        return unit

    def pieces(self, session, size=None):
        """A datagram and its fragments, of a session."""
        rng = self.rng
        self.ident = self.ident + 1 & 0xFFFF or 1
        size = size or rng.choice((64, 80, 120, 200))
        whole = session.packet(rng, rng.randrange(size + 20, 4 * size), cuttable=True, plain=True)
        return whole, pkt.fragment(whole, size, self.ident)

    def fragments(self):
        rng = self.rng
        session = rng.random() < 0.5 and self.known()
        if not session:
            session = self.session()
            self.keep(session)
        whole, parts = self.pieces(session)
        order = list(parts)
        if rng.random() < 0.5:
            rng.shuffle(order)
        if rng.random() < 0.1:
            order.append(rng.choice(parts))         # twice
        unit = Unit('fragments', [self.up(session, part) for part in order], session)
        unit.whole = whole
        return unit

    def orphan(self):
        """The first never comes."""
        session = self.session()
        _, parts = self.pieces(session)
        return Unit('orphan', [self.up(session, part) for part in parts[1:]], session)

    def icmp(self):
        """An error of a router about a session, in either direction."""
        rng = self.rng
        about = self.known() or self.session()
        quoted = about.packet(rng)
        if about.kind in ('udp', 'tcp') and rng.random() < 0.5:
            turned = Session.__new__(Session)
            turned.__dict__ = dict(about.__dict__, src=about.dst, dst=about.src,
                                   sport=about.dport, dport=about.sport)
            quoted = turned.packet(rng)
        least = 20 if about.family == 4 else 40
        quoted = quoted[:rng.choice((len(quoted), len(quoted), least + 8, least + 4, least,
                                     rng.randrange(least)))]
        session = self.session()
        session.family = about.family
        kind = rng.choice((3, 4, 5, 11, 12) if about.family == 4 else (1, 2, 3, 4, 100))
        build = pkt.icmp if about.family == 4 else pkt.icmp6
        inner = pkt.ip(build(0, 0, quoted, kind), about.family, dst=about.src,
                       src=address(about.family, 1, session.number))
        return Unit('icmp', [self.up(session, inner)] * rng.choice((1, 1, 2)), session)

    def oversize(self):
        rng = self.rng
        labels = self.stack(rng.choice((16003, 16003, 16001, 16002, 16006)))
        if len(labels) > 8:
            return None
        session = self.session(labels)
        if session.small:
            return None
        most = LARGEST - 4 * len(labels) - 100
        unit = Unit('oversize', [self.up(session, session.packet(
            rng, rng.choice((rng.randrange(920, 1010), rng.randrange(1000, most)))))
            for _ in range(rng.choice((1, 2)))], session)
        self.keep(session)
        return unit

    def backward(self):
        """The other direction of a session, through the same function."""
        rng, ahead = self.rng, self.known()
        if not ahead or ahead.peer or ahead.kind in ('esp', 'gre', 'icmp') or \
                ahead.dst in GROUPS[ahead.family]:
            return None
        sids = [entry.label for entry in ahead.labels if entry.label in IP_SIDS]
        if not sids:
            return None
        sid = rng.choice(sids)
        labels = [self.entry(OTHER_WAY.get(sid, sid)), self.entry(rng.choice(REMOTE))]
        session = self.session(labels, ahead.uplink)
        session.family, session.kind = ahead.family, ahead.kind
        session.src, session.dst = ahead.dst, ahead.src
        session.sport, session.dport = ahead.dport, ahead.sport
        session.peer, ahead.peer, session.small = ahead, session, False
        self.keep(session)
        return Unit('backward', [self.up(session, session.packet(rng))], session)

    def unfinished(self, session, nat=False, whole=False):
        """(octets, Offload) of a packet of TCP or UDP whose checksum, and of
        TCP perhaps the cutting, is left to the device.
        """
        rng, size, octets = self.rng, 0, self.rng.choice((0, 0, 700, 1100))
        if session.kind == 'tcp' and not whole and rng.random() < 0.6:
            size = rng.choice((500, 900, 1200, 1370))
            octets = rng.randrange(size + 1, 4 * size)
        packet = session.packet(rng, octets, nat=nat, plain=True)
        at, offset = 40 if session.family == 6 else 20, 16 if session.kind == 'tcp' else 6
        addresses = packet[8:40] if session.family == 6 else packet[12:20]
        pseudo = ~pkt.checksum(addresses + struct.pack(
            '!II', len(packet) - at, pkt.PROTO[session.kind])) & 0xFFFF
        return (packet[:at + offset] + struct.pack('!H', pseudo) + packet[at + offset + 2:],
                Offload(0, at, offset, size))

    def offloaded(self):
        """As a host with offloads sends it; the kernel itself cuts what goes into
        a veth with labels on, or fails to.
        """
        rng = self.rng
        session = rng.random() < 0.5 and self.known()
        if not session or session.kind not in ('tcp', 'udp'):
            session = self.session(uplink=rng.choice(('u0', 'u1', 'u2', 'u2', 'u2')))
            session.kind = rng.choice(('tcp', 'tcp', 'udp'))
            self.keep(session)
        return Unit('offloaded', [
            self.up(session, *self.unfinished(session, whole=session.uplink != 'u2'))
            for _ in range(rng.choice((1, 1, 2)))], session)

    def circle(self):
        """About as many detours as a packet may take."""
        session = self.session([self.entry(16012) for _ in range(self.rng.randrange(7, 11))] +
                               [self.entry(self.rng.choice((900, 16001)))])
        return Unit('circle', [self.up(session, session.packet(self.rng))], session)

    def chain(self):
        """A chain of its own through the vlan function."""
        rng = self.rng
        numbers = [rng.choice(VLAN_SIDS), 20000 + len(self.chains)]
        if rng.random() < 0.3:
            numbers.insert(0, rng.choice((16001, 16002)))
        if rng.random() < 0.3:
            numbers.insert(len(numbers) - 1, rng.choice((16001, 16003, 16014, NULL4, ALERT)))
        if rng.random() < 0.2:
            numbers += [ELI, None]
        uplink = rng.choice(('u0', 'u0', 'u1'))
        return [self.entry(number) for number in numbers], uplink, rng.choice(WAYS[uplink])

    def vlan(self, new=False):
        """A session of one of the vlan function's chains; or of a new one."""
        if new or not self.chains:
            self.chains.append(self.chain())
            session = self.session(*self.chains[-1])
        else:
            session = self.session(*self.rng.choice(self.chains))
        self.keep(session, self.tenants)
        return Unit('vlan', [self.up(session, session.packet(self.rng))
                             for _ in range(self.rng.choice((1, 2)))], session)

    def static(self):
        """By way of the static function, from the uplink that it sends to."""
        session = self.session([self.entry(16005), self.entry(900)], 'u0', WAYS['u0'][0])
        return Unit('static', [self.up(session, session.packet(self.rng))], session)

    def tenant(self):
        """Another tenant of the vlan function with the same addresses."""
        rng = self.rng
        if not self.tenants:
            return None
        one = rng.choice(self.tenants)
        other = self.session(*rng.choice(self.chains))
        if one.busy == self.window or 16000 < other.labels[0].label < 16004:
            return None
        for name in ('family', 'src', 'dst', 'kind', 'sport', 'dport', 'dscp'):
            setattr(other, name, getattr(one, name))
        self.take(one)
        inner = one.packet(rng)
        return Unit('tenant', [self.up(one, inner), self.up(other, inner)], other)

    def conflict(self):
        """Two stacks for one flow, one after the other."""
        rng = self.rng
        first = self.session([self.entry(16001), self.entry(900)])
        second = self.session([self.entry(16001), first.labels[1]._replace(label=901)],
                              first.uplink, first.way)
        second.labels[0] = first.labels[0]
        for name in ('family', 'src', 'dst', 'kind', 'sport', 'dport', 'dscp', 'small'):
            setattr(second, name, getattr(first, name))
        order = rng.choice(((0, 1), (0, 1, 0), (0, 1, 0, 1), (0, 1, 1, 0, 0)))
        unit = Unit('conflict', [self.up((first, second)[i], first.packet(rng)) for i in order],
                    first)
        unit.tame = True
        return unit

    def ether(self):
        rng = self.rng
        if self.frames and rng.random() < 0.5:
            session = rng.choice(self.frames)
            if session.busy == self.window:
                return None
        else:
            sid = rng.choice(list(ETHER_SIDS))
            numbers = [sid, rng.choice(REMOTE)]
            if rng.random() < 0.2:
                numbers.insert(1, rng.choice((16007, 16008, 16001)))
            if rng.random() < 0.2:
                numbers.insert(rng.randrange(2), rng.choice((NULL4, ALERT)))
            if rng.random() < 0.1:
                numbers.pop()
            session = self.session([self.entry(number) for number in numbers],
                                   rng.choice(('u0', 'u1', 'u2')))
            session.kind = rng.choice((session.kind, 'tcp', 'udp'))
            session.frame = self.frame_head(session)
            session.word = WORD if sid == 16008 else b''
            self.keep(session, self.frames)
        self.take(session)
        sends = []
        for _ in range(rng.choice((1, 2))):
            frame, offload = self.frame(session), None
            if self.may_offload(session) and rng.random() < 0.5:
                frame, offload = self.frame_unfinished(session, session.uplink != 'u2')
            sends.append(self.up(session, session.word + frame,
                                 shifted(offload, len(session.word))))
        return Unit('ether', sends, session)

    @staticmethod
    def may_offload(session):
        """Is it a frame with TCP or UDP?"""
        return session.frame[1] is None and session.kind in ('tcp', 'udp')

    def frame_unfinished(self, session, whole=False):
        """(frame, Offload)"""
        payload, offload = self.unfinished(session, whole=whole)
        head = session.frame[0] + struct.pack('!H', pkt.ether_type(payload))
        frame = head + payload
        return frame + bytes(max(0, 60 - len(frame))), shifted(offload, len(head))

    def frame_head(self, session):
        """Addresses and tags of all frames of a session, and what they carry."""
        rng = self.rng
        n = struct.pack('!I', session.number)
        dst = rng.choice((b'\2\xbb' + n, b'\2\xbb' + n, b'\xff' * 6, b'\1\0\x5e' + n[1:]))
        tags = rng.choice((b'', b'', struct.pack('!HH', 0x8100, rng.randrange(65536)),
                           struct.pack('!HHHH', 0x88A8, 30, 0x8100, rng.randrange(4096))))
        kind = rng.choice((None, None, pkt.ETH_ARP, 0x88B5))
        return dst + b'\2\xaa' + n + tags, kind

    def frame(self, session):
        head, kind = session.frame
        if kind is None:
            payload = session.packet(self.rng)
            kind = pkt.ether_type(payload)
        else:
            payload = self.rng.randbytes(self.rng.randrange(28, 100))
        frame = head + struct.pack('!H', kind) + payload
        return frame + bytes(max(0, 60 - len(frame)))

    def bad_labels(self):
        rng, session = self.rng, self.session()
        if rng.random() < 0.5:
            session.labels = [self.entry(16001)] + [self.entry(900) for _ in range(
                rng.randrange(16, 20))]
        else:
            session.labels = [self.entry(900), self.entry(16001), self.entry(901)]
        return Unit('bad labels', [self.up(session, session.packet(rng))], session)

    def bad_inner(self):
        rng, session = self.rng, self.session()
        inner = session.packet(rng)
        head = 40 if session.family == 6 else (inner[0] & 15) * 4
        inner = rng.choice((inner[:rng.randrange(1, head)], inner[:-1], b'\x55' + inner[1:],
                            b'\x41' + inner[1:], b'\0' + inner[1:]))
        return Unit('bad inner', [self.up(session, inner)], session)

    def noise(self):
        """What functions say of their own accord."""
        rng, session = self.rng, self.session()
        number = rng.choice((1, 2, 3, 4, 6, 9))
        octets = session.packet(rng)
        labels = None
        if rng.random() < 0.3:
            labels = [self.entry(16001), self.entry(900)]
        elif rng.random() < 0.3:
            session.dst = rng.choice(GROUPS[session.family][1:])
            octets = session.packet(rng, plain=True)
        return Unit('noise', [Fn(number, octets, None, labels)], session)

    # -- functions

    def replies(self, unit, outs):
        """What the functions make of what they get."""
        rng, got = self.rng, [out for out in outs if isinstance(out, ToVnf)]
        if not got:
            return []
        if unit.whole and rng.random() < 0.3:
            anew = self.put_together(unit, got)
            if anew:
                return anew
        found = []
        for out in got:
            found += self.reply(unit, out)
        if len(found) > 1 and rng.random() < 0.3:
            rng.shuffle(found)
        return found

    def put_together(self, unit, got):
        """A function that reassembles: whole, or cut anew."""
        rng = self.rng
        octets = got[0].octets
        if len({(out.number, out.tag) for out in got}) > 1 or not all(
                self.is_piece(out) for out in got):
            return None
        whole = pkt.with_ttl(unit.whole, pkt.get_ttl(octets))
        parts = [whole]
        if rng.random() < 0.5 and len(whole) > 200:
            self.ident = self.ident + 1 & 0xFFFF or 1
            parts = pkt.fragment(whole, rng.choice((104, 152)), self.ident)
        return [Fn(got[0].number, part, got[0].tag) for part in parts]

    @staticmethod
    def is_piece(out):
        try:
            return out.number not in BRIDGES and parse(out.octets)[1] is not None
        except Refused:
            return False

    def reply(self, unit, out):
        rng, chance = self.rng, self.rng.random()
        as_is = Fn(out.number, out.octets, out.tag, None, out.offload)
        if chance < 0.03:
            return []
        if chance < 0.05:
            return [as_is, as_is]
        if out.number in BRIDGES:
            if chance < 0.2 and self.may_offload(unit.session):
                frame, offload = self.frame_unfinished(unit.session)
                return [as_is._replace(octets=frame, offload=offload)]
            return [as_is]
        if out.number in (4, 5):
            return [self.translated(unit, out, as_is)]
        if out.number == 6 and chance < 0.5:
            return [as_is._replace(octets=with_dscp(out.octets, rng.choice(list(STEER))))]
        if unit.tame or self.is_piece(out):
            return [as_is]
        if chance < 0.09:
            # out of where it came in
            return [Fn(ARMS.get(out.number, out.number), self.error(out.octets), out.tag)]
        if chance < 0.16 and pkt.get_ttl(out.octets) > 1:
            return [as_is._replace(octets=pkt.with_ttl(out.octets, pkt.get_ttl(out.octets) - 1))]
        if chance < 0.20 and self.is_own(unit, out.octets) and not unit.session.small:
            return [as_is._replace(octets=self.grown(unit, out.octets))]
        if chance < 0.22 and self.is_own(unit, out.octets):
            return [as_is._replace(octets=pkt.with_ttl(unit.session.packet(rng, nat=True), 50))]
        if chance < 0.27 and self.is_own(unit, out.octets) and unit.session.kind in ('tcp', 'udp'):
            octets, offload = self.unfinished(unit.session)
            return [as_is._replace(octets=pkt.with_ttl(octets, pkt.get_ttl(out.octets)),
                                   offload=offload)]
        return [as_is]

    @staticmethod
    def is_own(unit, octets):
        """Is it a packet of the session itself, whole?"""
        session = unit.session
        src = octets[12:16] if octets[0] >> 4 == 4 else octets[8:24]
        return unit.kind in ('plain', 'vlan', 'oversize') and src == pkt.address(session.src)

    def translated(self, unit, out, as_is):
        """What a NAT makes of it."""
        rng, octets = self.rng, out.octets
        if not self.is_own(unit, octets) or rng.random() < 0.2:
            return as_is
        packet, offload = unit.session.packet(rng, nat=True), None
        if unit.session.kind in ('tcp', 'udp') and rng.random() < 0.2:
            packet, offload = self.unfinished(unit.session, nat=True)
        return as_is._replace(octets=pkt.with_ttl(packet, max(pkt.get_ttl(octets), 2)),
                              offload=offload)

    def grown(self, unit, octets):
        """As an encapsulation might: as large as its link lets it be."""
        rng, session = self.rng, unit.session
        spare = 1500 - len(session.packet(rng, 8, plain=True)) + 8
        whole = session.packet(rng, rng.randrange(spare - 40, spare + 1) & ~3, plain=True)
        return pkt.with_ttl(whole, pkt.get_ttl(octets))

    def error(self, octets):
        """The function answers with an error about it."""
        rng, family = self.rng, octets[0] >> 4
        self.number += 1
        kind = rng.choice((3, 11) if family == 4 else (1, 3))
        build = pkt.icmp if family == 4 else pkt.icmp6
        to = octets[12:16] if family == 4 else octets[8:24]
        quote = octets[:rng.choice((48, 80, 576))] if family == 6 else \
            octets[:rng.choice((28, 60, 548))]
        return pkt.ip(build(0, 0, quote, kind), family, dst=pkt.address_text(to),
                      src=address(family, 1, self.number))
