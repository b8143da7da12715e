# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_tshark.sh.

A scene sends, yields the frames that it took from the wire, and gets back what
tshark says of each. tshark is slow to start where a processor is emulated: all
scenes are played before it looks at all of their frames in one go.
"""

import json
import os
import struct
import subprocess
import tempfile

import pkt
from ktap import Failure, case, check, equal, note, run
from pkt import fragment
from proxy import Ledger
from vlan import Tagged

NULL4, ALERT, NULL6, ELI, EXTENSION = 0, 1, 2, 7, 15
NOCW, CW = 920, 930             # labels that tshark is told are pseudowires
CUSTOMERS = pkt.mac('02:aa:00:00:00:01'), pkt.mac('02:bb:00:00:00:02')
DEEP = (900, 901, 902, 903)
SOURCE = {4: '192.0.2.1', 6: '2001:db8:1::1'}
OURS = {4: '10.0.0.1', 6: '2001:db8:a0::1'}
FIELDS = (
    'eth.src', 'eth.dst', 'eth.type', 'vlan.id', 'vlan.priority', 'mpls.label', 'mpls.exp',
    'mpls.bottom', 'mpls.ttl', 'pweth', 'pweth.cw', 'pweth.cw.sequence_number',
    'ip.src', 'ip.dst', 'ip.len', 'ip.ttl', 'ip.flags.df', 'ip.flags.mf', 'ip.frag_offset',
    'ip.checksum.status', 'ip.reassembled.length', 'ip.reassembled.data',
    'ipv6.src', 'ipv6.dst', 'ipv6.plen', 'ipv6.hlim', 'ipv6.fraghdr.more',
    'ipv6.fraghdr.offset', 'ipv6.reassembled.length', 'ipv6.reassembled.data',
    'udp.srcport', 'udp.dstport', 'udp.length', 'udp.checksum.status', 'tcp.checksum.status',
    'icmp.type', 'icmp.code', 'icmp.mtu', 'icmp.checksum.status', 'icmp.ext.version',
    'icmp.ext.checksum.status', 'icmp.ext.class', 'icmp.ext.ctype', 'icmp.mpls.label',
    'icmp.mpls.exp', 'icmp.mpls.s', 'icmp.mpls.ttl', 'icmpv6.type', 'icmpv6.code',
    'icmpv6.mtu', 'icmpv6.checksum.status', '_ws.malformed')
OPTIONS = [word for option in (
    'ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum', 'ip.defragment',
    'ipv6.defragment', 'icmp.favor_icmp_mpls') for word in ('-o', option + ':TRUE')]

topo = Tagged(5)
px, s0 = topo.px, topo.s0
for _number in (2, 3):
    topo.f[_number].noise = True
px.ctl('uplink add dev u0', topo.vnf_line(1), 'vnf add n2 dev v2 inner ethernet',
       'vnf add n3 dev v3 inner ethernet-cw', topo.vlan_line(4, '101-108', 'n4'),
       topo.vnf_line(5, options='mtu 1300'),
       *('sid add %d vnf n%d' % (16010 + n, n) for n in range(1, 6)))
ports, idents = iter(range(1000, 60000)), iter(range(0x100, 0x10000))


# ---- tshark ----------------------------------------------------------------

def pcap(file, frames):
    file.write(struct.pack('=IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for at, octets in enumerate(frames):
        file.write(struct.pack('=IIII', at, 0, len(octets), len(octets)) + octets)
    file.flush()


def tshark(frames):
    """[{field: [values]}] of the frames."""
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        pcap(file, frames)
        done = subprocess.run(
            ['tshark', '-n', '-r', file.name, *OPTIONS, '-d', 'mpls.label==%d,pwethnocw' % NOCW,
             '-d', 'mpls.label==%d,pwethcw' % CW, '-T', 'json',
             *(word for field in FIELDS for word in ('-e', field))],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    check(done.returncode == 0, 'tshark: ' + done.stderr)
    found = [packet['_source']['layers'] for packet in json.loads(done.stdout)]
    equal(len(found), len(frames), 'frames by tshark')
    return found


class Scenes:
    """All scenes, played once, before the first is judged."""

    def __init__(self):
        self.made, self.seen = [], None

    def play(self):
        """{scene: (generator, frames), or the Failure that it ended by}"""
        played, frames = {}, []
        for function, args in self.made:
            topo.drain()
            generator = function(*args)
            try:
                mine = [frame.octets for frame in next(generator)]
            except Failure as failure:
                played[function, args] = failure
                continue
            played[function, args] = generator, slice(len(frames), len(frames) + len(mine))
            frames += mine
        said = tshark(frames)
        note('%d frames, %d octets' % (len(frames), sum(map(len, frames))))
        return {key: value if isinstance(value, Failure) else (value[0], said[value[1]])
                for key, value in played.items()}

    def judge(self, function, args):
        """What the scene makes of what tshark says."""
        if self.seen is None:
            self.seen = self.play()
        if isinstance(self.seen[function, args], Failure):
            raise self.seen[function, args]
        generator, said = self.seen[function, args]
        check(not any('_ws.malformed' in one for one in said), 'malformed: %s' % said)
        try:
            generator.send(said)
        except StopIteration:
            return
        raise Failure('a scene that takes frames twice')


scenes = Scenes()


def scene(name, *args):
    """Register a scene as a case."""
    def register(function):
        scenes.made.append((function, args))
        case(name, function, args)(scenes.judge)
        return function
    return register


def both(name):
    """A scene for each family."""
    def register(function):
        for family in (4, 6):
            scene('%s, v%d' % (name, family), family)(function)
        return function
    return register


def says(said, what, wanted):
    """tshark says this of a frame, {field: value, or list of all values}."""
    for field, want in wanted.items():
        want = [str(one) for one in (want if isinstance(want, (list, tuple)) else [want])]
        equal(said.get(field, []), want, '%s: %s' % (what, field))


def stack(said, what, *labels, ttl=63, tc=0):
    """The label stack by tshark: S on the last, and there only."""
    entries = pkt.stack(*labels, ttl=ttl, tc=tc)
    says(said, what, {
        'mpls.label': [e.label for e in entries], 'mpls.exp': [e.tc for e in entries],
        'mpls.bottom': [0] * (len(entries) - 1) + [1], 'mpls.ttl': [e.ttl for e in entries]})


def packet(said, what, inner):
    """It carries this packet; checksums are right."""
    if pkt.is_v6(inner):
        says(said, what, {
            'ipv6.src': pkt.address_text(inner[8:24]), 'ipv6.dst': pkt.address_text(inner[24:40]),
            'ipv6.plen': len(inner) - 40, 'ipv6.hlim': inner[7], 'udp.checksum.status': 1})
    else:
        says(said, what, {
            'ip.src': pkt.address_text(inner[12:16]), 'ip.dst': pkt.address_text(inner[16:20]),
            'ip.len': len(inner), 'ip.ttl': inner[8], 'ip.checksum.status': 1,
            'udp.checksum.status': 1})


def take(port, count):
    """So many frames from the wire."""
    frames = list(port.collect(count))
    equal(len(frames), count, 'frames at ' + port.name)
    return frames


def udp(family, size=40, **fields):
    return pkt.ip(pkt.udp(next(ports), 9, os.urandom(size)), family, **fields)


def through(labels, inner, number=1, count=1):
    """By way of a function that leaves it alone: what comes to the switch."""
    topo.to_proxy(labels, inner)
    topo.at_vnf(number, inner)
    topo.from_vnf(number, inner)
    return take(s0, count)


def known(inner):
    """Make the flow of a packet that is too large for the link here."""
    sport, = struct.unpack_from('!H', inner, 40 if pkt.is_v6(inner) else 20)
    small = pkt.ip(pkt.udp(sport, 9), 6 if pkt.is_v6(inner) else 4)
    through([16011, *DEEP], small)


# ---- label stacks ----------------------------------------------------------

@both('a stack of four, TC and TTL')
def deep(family):
    inner = udp(family)
    said, = yield through([(16011, 0, 200), *((label, 5, 200) for label in DEEP)], inner)
    says(said, 'frame', {'eth.type': '0x8847', 'eth.dst': '02:00:00:00:00:02',
                         'eth.src': '02:00:00:00:00:01'})
    stack(said, 'frame', *DEEP, ttl=199, tc=5)
    packet(said, 'frame', inner)


@both('an entropy label behind its indicator')
def entropy(family):
    inner = udp(family)
    said = yield (through([16011, 900, ELI, 77777], inner) +
                  through([16011, 900, ELI, 5555], inner))
    values = set()
    for one in said:
        packet(one, 'frame', inner)
        values.add(int(one['mpls.label'][2]))
        stack(one, 'frame', 900, ELI, (max(values), 0, 0))
    check(len(values) == 1 and max(values) >= 16, 'entropy of one flow: %s' % values)


@both('explicit null at the bottom, below a label of others')
def null(family):
    inner, bottom = udp(family), {4: NULL4, 6: NULL6}[family]
    said, = yield through([16011, 900, bottom], inner)
    stack(said, 'frame', 900, bottom)
    packet(said, 'frame', inner)


@scene('router alert in front, an extended label deeper')
def special():
    one, two = udp(4), udp(6)
    said = yield (through([16011, ALERT, 900], one) +
                  through([16011, 900, EXTENSION, 16011, 901], two))
    stack(said[0], 'alert', ALERT, 900)
    stack(said[1], 'extended', 900, EXTENSION, 16011, 901)
    packet(said[0], 'alert', one)
    packet(said[1], 'extended', two)


# ---- pseudowires -----------------------------------------------------------

def pseudowire(number, label, word, tagged):
    """At the function the frame alone; behind the labels the pseudowire."""
    inner = udp(4, 60)
    tag = struct.pack('!HH', pkt.ETH_VLAN, 5 << 13 | 77) if tagged else b''
    frame = CUSTOMERS[1] + CUSTOMERS[0] + tag + struct.pack('!H', pkt.ETH_IP) + inner
    with Ledger(px) as led:
        topo.to_proxy([16010 + number, 800, label], word + frame)
        at_function = take(topo.f[number], 1)
        topo.f[number].send(frame)
        frames = take(s0, 1)
    led.dropped()
    bare, said = yield at_function + frames
    inside = dict(zip(('eth.src', 'eth.dst'), map(pkt.mac_text, CUSTOMERS)))
    tags = {'vlan.id': [77] if tagged else [], 'vlan.priority': [5] if tagged else []}
    says(bare, 'function', {**inside, **tags, 'mpls.label': [], 'pweth': []})
    says(said, 'wire', {'eth.src': ['02:00:00:00:00:01', inside['eth.src']],
                        'eth.dst': ['02:00:00:00:00:02', inside['eth.dst']], **tags,
                        'pweth.cw.sequence_number': [0] if word else []})
    stack(said, 'wire', 800, label)
    for one in (bare, said):
        packet(one, 'frame', inner)


for _tagged in (False, True):
    _what = ', with an 802.1Q tag inside' if _tagged else ''
    scene('a pseudowire without control word' + _what, 2, NOCW, b'', _tagged)(pseudowire)
    scene('a pseudowire with control word' + _what, 3, CW, bytes(4), _tagged)(pseudowire)


# ---- VLAN ------------------------------------------------------------------

@both('match vlan: the tag to the function, the stack of the tag that returns')
def vlan(family):
    inner, ids, at_function, frames = udp(family), [], [], []
    for n in range(2):
        topo.to_proxy([16014, 940 + n, 800 + family], inner)
        at_function += take(topo.f[4], 1)
        ids.append(at_function[-1].vlan)
    for n in (1, 0):
        topo.from_vlan(4, ids[n], inner)
        frames += take(s0, 1)
    said = yield at_function + frames
    check(ids[0] != ids[1] and 101 <= min(ids) and max(ids) <= 108, 'ids %s' % ids)
    for one, vid in zip(said, ids):
        says(one, 'function', {'vlan.id': vid, 'mpls.label': []})
        packet(one, 'function', inner)
    for one, n in zip(said[2:], (1, 0)):
        says(one, 'wire', {'vlan.id': []})
        stack(one, 'wire', 940 + n, 800 + family)
        packet(one, 'wire', inner)


# ---- fragments -------------------------------------------------------------

def whole(said, inner, *labels):
    """Each fragment has its stack, and put together they are the packet."""
    head = 40 if pkt.is_v6(inner) else 20
    version = 'ipv6' if pkt.is_v6(inner) else 'ip'
    for one in said:
        if labels:
            stack(one, 'fragment', *labels)
        else:
            says(one, 'fragment', {'mpls.label': []})
    last = [one for one in said if version + '.reassembled.length' in one]
    equal(len(last), 1, 'frames that make it whole')
    says(last[0], 'the whole', {
        version + '.reassembled.length': len(inner) - head,
        version + '.reassembled.data': inner[head:].hex(), 'udp.checksum.status': 1})


@scene('DF clear, too large with its labels: cut, each piece with its stack')
def cut():
    inner = udp(4, 1490 - 28, frag=0, ident=next(idents))
    known(inner)
    topo.from_vnf(1, inner)
    said = yield take(s0, 2)
    says(said[0], 'first', {'ip.flags.mf': 1, 'ip.frag_offset': 0, 'ip.checksum.status': 1})
    says(said[1], 'second', {'ip.flags.mf': 0, 'ip.checksum.status': 1})
    whole(said, inner, *DEEP)


@scene('DF clear, too large for the function: cut')
def cut_to_function():
    inner = udp(4, 1400, frag=0, ident=next(idents))
    topo.to_proxy([16015, 900], inner)
    said = yield take(topo.f[5], 2)
    whole(said, inner)


@both('fragments, there in order and back in another')
def fragments(family):
    inner = udp(family, 1000)
    parts = fragment(inner, 400, next(idents))
    for part in parts:
        topo.to_proxy([16011, *DEEP], part)
    there = take(topo.f[1], 3)
    for at in (0, 2, 1):
        topo.from_vnf(1, parts[at])
    said = yield there + take(s0, 3)
    # tshark must not take those of one side for the other's: they are the same
    whole(said[:3], inner)
    for one in said[3:]:
        stack(one, 'fragment', *DEEP)


# ---- errors ----------------------------------------------------------------

def error(said, what, family, kind, code, inner):
    """An error of ours to the source of the packet that it quotes."""
    version, icmp = ('ipv6', 'icmpv6') if family == 6 else ('ip', 'icmp')
    says(said, what, {
        version + '.src': [OURS[family], SOURCE[family]], icmp + '.type': kind,
        version + '.dst': [SOURCE[family], said[version + '.dst'][1]], icmp + '.code': code,
        icmp + '.checksum.status': 1,
        'udp.srcport': struct.unpack_from('!H', inner, 40 if family == 6 else 20)[0]})


@both('time exceeded: the labels as RFC 4950 has them')
def expired(family):
    inner = udp(family, 200)
    topo.to_proxy([(16011, 5, 1), (900, 3, 64), (901, 2, 17)], inner)
    said, = yield take(s0, 1)
    stack(said, 'error', 900, 901, ttl=255, tc=3)
    error(said, 'error', family, *((11, 0) if family == 4 else (3, 0)), inner)
    says(said, 'extension', {
        'icmp.ext.version': 2, 'icmp.ext.checksum.status': 1, 'icmp.ext.class': 1,
        'icmp.ext.ctype': 1, 'icmp.mpls.label': [16011, 900, 901], 'icmp.mpls.exp': [5, 3, 2],
        'icmp.mpls.s': [0, 0, 1], 'icmp.mpls.ttl': [1, 64, 17]})


def too_big(family, sid, mtu):
    """DF, or IPv6: told what fits, the labels subtracted where they go on."""
    inner = udp(family, (1490 if sid == 16011 else 1400) - (48 if family == 6 else 28))
    if sid == 16011:
        known(inner)
        topo.from_vnf(1, inner)
    else:
        topo.to_proxy([sid, *DEEP], inner)
    said, = yield take(s0, 1)
    stack(said, 'error', *DEEP, ttl=255)
    error(said, 'error', family, *((3, 4) if family == 4 else (2, 0)), inner)
    says(said, 'error', {'icmp.mtu' if family == 4 else 'icmpv6.mtu': mtu})


for _family in (4, 6):
    scene('the MTU that fits with four labels, v%d' % _family, _family, 16011, 1484)(too_big)
    scene('the MTU of the function, v%d' % _family, _family, 16015, 1300)(too_big)


run()
