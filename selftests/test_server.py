# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_server.sh."""

import os
import random
import socket
import struct

import pkt
from farend import SOON, Far
from ktap import before_each, case, check, equal, run, wait_for
from netio import in_netns, send_many
from pkt import ether, mac, stack
from proxy import Ledger

topo = Far()
px, s0 = topo.px, topo.s0
g1 = topo.port('gn', 'g1')
W1, G1 = mac('02:00:00:00:30:01'), mac('02:00:00:00:30:02')
SERVER = {4: '10.0.30.2', 6: '2001:db8:30::2'}
NODE = {4: '10.0.30.1', 6: '2001:db8:30::1'}
POOL = {4: '10.0.31.0/24', 6: '2001:db8:31::/120'}
FIRST = {4: '10.0.31.1', 6: '2001:db8:31::1'}
PORT, FIRST_PORT = 5300, 1024
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
GATHERED = 256 * os.sysconf('SC_NPROCESSORS_CONF')


def server(family):
    """A UDP socket there."""
    with in_netns(topo.gn):
        sock = socket.socket(FAMILY[family], socket.SOCK_DGRAM)
    sock.bind((SERVER[family], PORT))
    sock.settimeout(SOON)
    return sock


SOCK = {family: server(family) for family in (4, 6)}


def end(family, port=PORT, address=SERVER):
    return ('%s:%d' if family == 4 else '[%s]:%d') % (address[family], port)


def app(family=4, port=PORT, options=''):
    px.ctl('vnf add srv app %s dev w1 pool %s %s' % (end(family, port), POOL[family], options),
           'sid add 16010 vnf srv')


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def datagram(family, data, sport=40000, **fields):
    return pkt.ip(pkt.udp(sport, 53, data), family, **fields)


def asks(inner=4, family=4, data=b'q', sport=40000):
    """A session asks; whom the answer is for."""
    topo.to_proxy([16010, 900], datagram(inner, data, sport))
    got, peer = SOCK[family].recvfrom(65536)
    equal(got, data, 'payload at the server')
    return peer[:2]


def part_of(inner):
    """(identification, start, more, octets) of a fragment of UDP."""
    if pkt.is_v6(inner):
        if inner[6] != 44:
            return None, 0, False, inner[40:]
        field, ident = struct.unpack_from('!HI', inner, 42)
        return ident, field & ~7, bool(field & 1), inner[48:]
    ident, field = struct.unpack_from('!HH', inner, 4)
    return ident, (field & 0x1FFF) * 8, bool(field & 0x2000), inner[20:]


def arrives(inner, data, sport=40000, label=900, most=1496):
    """The answer leaves for the switch as packets of its flow, in fragments."""
    parts, idents = b'', set()
    while True:
        frame = s0.recv(SOON)
        check(frame is not None, '%d octets of the answer came' % len(parts))
        equal(frame.labels, stack((label, 0, 63)), 'labels')
        check(len(frame.inner) <= most, '%d octets in a packet' % len(frame.inner))
        equal(pkt.is_v6(frame.inner), inner == 6, 'family')
        ident, at, more, octets = part_of(frame.inner)
        equal(at, len(parts), 'start of a fragment')
        parts += octets
        idents.add(ident)
        if not more:
            break
    equal(len(idents), 1, 'identifications')
    want = datagram(inner, data, sport)
    equal(parts.hex(), want[40 if inner == 6 else 20:].hex(), 'datagram')


# ---- answers in fragments ------------------------------------------------------

def large(inner, family):
    """The server's host cuts them, we put them together, and cut them anew."""
    app(family)
    with Ledger(px) as led:
        peer = asks(inner, family)
        for size in (1473, 3000, 65535 - 8 - 40):
            data = random.Random(size).randbytes(size)
            SOCK[family].sendto(data, peer)
            arrives(inner, data)
    led.dropped()
    stats = px.vnf('srv')['stats']
    equal((stats['to_vnf_packets'], stats['from_vnf_packets']), (1, 3), 'counters')


for _inner in (4, 6):
    for _family in (4, 6):
        case('answers in fragments, v%d of a v%d server' % (_inner, _family), _inner,
             _family)(large)


def pieces(family, data, size=64, ident=0x1234, sport=FIRST_PORT, src=None, dst=None):
    """An answer of the server's in fragments, as frames."""
    whole = pkt.ip(pkt.udp(PORT, sport, data), family, src=src or SERVER[family],
                   dst=dst or FIRST[family])
    return [ether(W1, G1, pkt.ether_type(part), part)
            for part in pkt.fragment(whole, size, ident)]


def any_order(family):
    """Of several datagrams at once, too; each once."""
    app(family)
    asks(4, family)
    asks(4, family, sport=40001)
    rng = random.Random(family)
    with Ledger(px) as led:
        for turn in range(10):
            first = pieces(family, b'1' * 500, ident=2 * turn)
            second = pieces(family, b'2' * 300, ident=2 * turn + 1, sport=FIRST_PORT + 1)
            frames = first + second
            # the last to come tells which answer is first
            rng.shuffle(frames)
            frames.remove(first[3])
            frames.append(first[3])
            for frame in frames:
                g1.send(frame)
            arrives(4, b'2' * 300, 40001)
            arrives(4, b'1' * 500)
    led.dropped()


case('fragments in any order, v4', 4)(any_order)
case('fragments in any order, v6', 6)(any_order)


def changed(frame, at, octets):
    """A frame with other octets at an offset of its IP packet."""
    return frame[:14 + at] + octets + frame[14 + at + len(octets):]


def counted(number, body):
    """So many fragments are dropped, after a time; and nothing leaves."""
    with Ledger(px) as led:
        body()
        wait_for(lambda: (px.snapshot() - led.before).drops.get('app_fragment') == number,
                 'fragments to be dropped', SOON)
        topo.silent(s0)
    led.dropped(app_fragment=number)


def never_whole(family):
    """What is wrong is counted, fragment by fragment; then all is as before."""
    app(family)
    peer = asks(4, family)
    head = 20 if family == 4 else 48
    field = 6 if family == 4 else 42

    def sent(frames, ident):
        for frame in frames:
            if family == 4:
                g1.send(changed(frame, 4, struct.pack('!H', ident)))
            else:
                g1.send(changed(frame, 44, struct.pack('!I', ident)))

    def wrong():
        one = pieces(family, b'a' * 200)
        sent(one[:2] + one[3:], 1)                          # one is missing: 3
        sent(one[1:], 2)                                    # the first is: 3
        sent(one[:-1], 3)                                   # the last is: 3
        sent(one[:2] + pieces(family, b'a' * 200, 72)[1:2], 4)  # overlap: 3
        sent(one[:1] * 2, 5)                                # twice: 2
        sent([one[0][:14 + head + 63]], 6)                  # not whole: see below
        # one more after the last: 3
        sent(one[2:4], 7)
        late = struct.pack('!H', 512 >> 3 if family == 4 else 512)
        sent([changed(one[3], field, late)], 7)
        # longer than any packet: 2
        sent(one[:1], 8)
        late = struct.pack('!H', 65528 >> 3 if family == 4 else 65528)
        sent([changed(one[3], field, late)], 8)
    # the one that is shorter than it says is malformed, and no fragment
    with Ledger(px) as led:
        wrong()
        wait_for(lambda: (px.snapshot() - led.before).drops.get('app_fragment') == 19,
                 'fragments to be dropped', SOON)
        topo.silent(s0)
    led.dropped(app_fragment=19, inner_malformed=1)
    SOCK[family].sendto(b'a' * 3000, peer)
    arrives(4, b'a' * 3000)


case('what never becomes a datagram is counted, v4', 4)(never_whole)
case('what never becomes a datagram is counted, v6', 6)(never_whole)


@case('answers with a tag of VLAN 0 leave without it')
def priority_tag():
    app()
    asks()
    answer = pkt.ip4(pkt.udp(PORT, FIRST_PORT, b'a'), src=SERVER[4], dst=FIRST[4])
    with Ledger(px) as led:
        g1.send(pkt.ether_vlan(W1, G1, 0, pkt.ETH_IP, answer, pcp=5))
        octets = s0.recv_tagged()
    led.dropped()
    equal(octets[12:14].hex(), '%04x' % pkt.ETH_MPLS, 'what follows the addresses')


@case('fragments of others than the server, or for no flow')
def others():
    app()
    asks()
    counted(4, lambda: [g1.send(f) for f in pieces(4, b'x' * 200, src='10.0.30.3')])
    with Ledger(px) as led:
        for frame in pieces(4, b'x' * 200, sport=FIRST_PORT + 1):
            g1.send(frame)
        topo.silent(s0)
    led.dropped(vnf_miss=1)


@case('what is gathered is bounded; the oldest gives way')
def bounded():
    app()
    peer = asks()
    count = GATHERED + 100

    first = pieces(4, b'x' * 200, dst='10.0.31.2')[0]

    def flood():
        send_many(g1, [changed(first, 4, struct.pack('!H', ident)) for ident in range(count)])
        SOCK[4].sendto(b'a' * 3000, peer)
        arrives(4, b'a' * 3000)
    counted(count, flood)


@case('a datagram may be of 128 fragments, and of no more')
def many():
    app()
    asks()
    with Ledger(px) as led:
        for frame in reversed(pieces(4, b'x' * (8 * 127), 8)):
            g1.send(frame)
        arrives(4, b'x' * (8 * 127))
    led.dropped()
    more = pieces(4, b'x' * (8 * 199), 8)
    counted(len(more), lambda: [g1.send(frame) for frame in reversed(more)])


@case('the vnf goes while fragments are held')
def deleted():
    app()
    asks()

    def hold():
        for ident in range(20):
            g1.send(pieces(4, b'x' * 200, ident=ident)[0])
        px.ctl('sid del 16010', 'vnf del srv')
    counted(20, hold)


@case('an answer in fragments, then a function behind a device')
def chained():
    app()
    px.ctl(topo.vnf_line(1, 'fw'), 'sid add 16011 vnf fw')
    topo.to_proxy([16010, 16011, 900], datagram(6, b'q'))
    data, peer = SOCK[4].recvfrom(100)
    equal(data, b'q', 'payload')
    SOCK[4].sendto(b'a' * 2000, peer)
    for _ in range(2):
        frame = topo.f[1].recv(SOON)
        check(frame and pkt.is_v6(frame.inner), 'the function got %s' % frame)
        topo.from_vnf(1, frame.inner)
    got = b''.join(part_of(s0.recv(SOON).inner)[3] for _ in range(2))
    equal(got.hex(), datagram(6, b'a' * 2000)[40:].hex(), 'datagram')


@case('a question that is too big for the server\'s link, v4 of a v6 server')
def big_question():
    app(6, options='mtu 1280')
    question = b'q' * 1400
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], datagram(4, question, frag=0))
        data, peer = SOCK[6].recvfrom(9000)
        equal(data, question, 'question')
        SOCK[6].sendto(b'a', peer)
        arrives(4, b'a')
        # the sender wants to know
        topo.to_proxy([16010, 900], datagram(4, question))
        topo.silent(s0)
    led.dropped(mtu_exceeded=1)


# ---- programs as they are ---------------------------------------------------------

def query(ident, name, kind):
    """A question of DNS, from who takes answers of 4,096 octets (EDNS)."""
    labels = b''.join(bytes([len(part)]) + part.encode() for part in name.split('.')) + b'\0'
    return (struct.pack('!6H', ident, 0x100, 1, 0, 0, 1) + labels + struct.pack('!2H', kind, 1) +
            struct.pack('!BHHIH', 0, 41, 4096, 0, 0))


def dns(inner, family):
    """dnsmasq: short answers, and one that takes several packets."""
    text = ','.join('%03d' % n + 'x' * 200 for n in range(12))
    words = ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv',
             '--no-hosts', '--pid-file=', '--user=root', '--bind-interfaces',
             '--listen-address=' + SERVER[family], '--port=5303', '--edns-packet-max=4096',
             '--host-record=a.example,192.0.2.77,2001:db8::77', '--txt-record=big.example,' + text]
    # the name of the program is all that there is to know whether it serves
    with topo.listener('udp6' if family == 6 else 'udp', 5303, *words):
        app(family, 5303)
        with Ledger(px) as led:
            for number, (kind, want) in enumerate(((1, pkt.address('192.0.2.77')),
                                                   (28, pkt.address('2001:db8::77')))):
                topo.to_proxy([16010, 900], datagram(inner, query(number, 'a.example', kind), 7))
                frame = s0.recv(SOON)
                check(frame and frame.labels == stack((900, 0, 63)), 'at the switch: %s' % frame)
                reply = frame.inner[28 if inner == 4 else 48:]
                equal(struct.unpack_from('!H', reply)[0], number, 'whose answer')
                check(want in reply, 'the answer: %s' % reply.hex())
            topo.to_proxy([16010, 900], datagram(inner, query(9, 'big.example', 16), 8))
            reply, more = b'', True
            while more:
                frame = s0.recv(SOON)
                check(frame is not None, '%d octets of the answer' % len(reply))
                _, at, more, octets = part_of(frame.inner)
                equal(at, len(reply), 'start of a fragment')
                reply += octets
        led.dropped()
        check(len(reply) > 2400 and b'000xxx' in reply and b'011xxx' in reply,
              'answer of %d octets' % len(reply))


for _inner, _family in ((4, 4), (6, 6)):
    case('dnsmasq, v%d of a v%d server' % (_inner, _family), _inner, _family)(dns)


def socat(family, port):
    """Hands back what it gets, to the first one that sends it something."""
    return topo.listener('udp6' if family == 6 else 'udp', port, 'socat', '-b', '65535',
                         'UDP%d-LISTEN:%d' % (family, port), 'PIPE')


def socat_app(family):
    """As an app, it is sent payloads."""
    app(family, 5304)
    for inner in (4, 6):
        with socat(family, 5304), Ledger(px) as led:
            for size in (1, 100, 1300):
                topo.to_proxy([16010, 900], datagram(inner, b's' * size))
                arrives(inner, b's' * size)
        led.dropped()


case('socat, as an app, v4', 4)(socat_app)
case('socat, as an app, v6', 6)(socat_app)


def socat_udp(family):
    """Behind udp, it is sent whole packets."""
    with socat(family, 5305):
        px.ctl('vnf add fn udp local %s remote %s' % (end(family, 5306, NODE), end(family, 5305)),
               'sid add 16010 vnf fn')
        with Ledger(px) as led:
            for size in (0, 1, 500, 1300):
                for inner in (4, 6):
                    topo.round_trip(datagram(inner, b'r' * size, size))
        led.dropped()


case('socat, behind udp, v4', 4)(socat_udp)
case('socat, behind udp, v6', 6)(socat_udp)


@case('the device goes while fragments are held')
def vanished():
    app()
    asks()

    def hold():
        for ident in range(20):
            g1.send(pieces(4, b'x' * 200, ident=ident)[0])
        topo.ip('px', 'link del w1')
    counted(20, hold)


run()
