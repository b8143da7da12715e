# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_icmperr.sh."""

import errno
import os
import socket
import struct

import pkt
from ktap import Skip, before_each, case, check, equal, run, wait_for
from netio import in_netns
from nodes import One, f_mac
from pkt import fragment
from proxy import Ledger
from routers import CLIENT, SERVER, chain

A = {4: '192.0.2.1', 6: '2001:db8:1::1'}
B = {4: '198.51.100.1', 6: '2001:db8:2::1'}
ROUTER = {4: '203.0.113.9', 6: '2001:db8:9::9'}
ERRORS = {4: (3, 4, 5, 11, 12), 6: (1, 2, 3, 4, 100)}
topo = One(5)
px = topo.px
ports = iter(range(1000, 60000))

px.ctl('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(4), topo.vnf_line(5),
       'vnf add n2 dev v2 in v3 lladdr ' + pkt.mac_text(f_mac(2)),
       'vnf add n3 dev v3 in v2 lladdr ' + pkt.mac_text(f_mac(3)),
       *('sid add %d vnf n%d' % (16000 + n, n) for n in range(1, 6)),
       'sid add 16010 vnf n1,n4,n5')


@before_each
def setup():
    topo.drain()


def both(name):
    """The case for each family."""
    def register(function):
        for family in (4, 6):
            case('%s, v%d' % (name, family), family)(function)
        return function
    return register


def session(family, sport=None, dport=80, build=pkt.udp):
    """A packet of a new session and one of its other direction."""
    sport = sport or next(ports)
    return (pkt.ip(build(sport, dport), family, src=A[family], dst=B[family]),
            pkt.ip(build(dport, sport), family, src=B[family], dst=A[family]))


def error(family, quoted, kind=None, src=None, dst=None, cut=None, more=b''):
    """An ICMP error about a packet, to its sender."""
    kind = ERRORS[family][0] if kind is None else kind
    head = 12 if family == 4 else 8
    dst = dst or pkt.address_text(quoted[head:head + (4 if family == 4 else 16)])
    build = pkt.icmp if family == 4 else pkt.icmp6
    return pkt.ip(build(0, 0, quoted[:cut] + more, kind), family, src=src or ROUTER[family],
                  dst=dst)


def visit(inner, labels, at):
    topo.to_proxy(labels, inner)
    topo.at_vnf(at, inner)


def returned(inner, number, labels, ttl=63):
    topo.from_vnf(number, inner)
    topo.at_switch([(label, 0, ttl) for label in labels], inner)


def missed(inner, number):
    with Ledger(px) as led:
        topo.from_vnf(number, inner)
    led.dropped(vnf_miss=1)
    topo.silent()


@both('errors of one router about two sessions keep two stacks')
def two_stacks(family):
    one, two = session(family)[0], session(family)[0]
    with Ledger(px) as led:
        for kind in ERRORS[family] * 2:
            for quoted, label in ((one, 900), (two, 901)):
                inner = error(family, quoted, kind)
                visit(inner, [16001, label], 1)
            for quoted, label in ((one, 900), (two, 901)):
                returned(error(family, quoted, kind), 1, [label])
    led.dropped()


@both('an error has a stack of its own, not the session\'s')
def own_stack(family):
    ahead, _ = session(family)
    with Ledger(px) as led:
        visit(ahead, [16001, 900], 1)
        inner = error(family, ahead)
        visit(inner, [16001, 950, 951], 1)
        returned(ahead, 1, [900])
        returned(inner, 1, [950, 951])
    led.dropped()


@both('through two functions of the node')
def two_functions(family):
    with Ledger(px) as led:
        inner = error(family, session(family)[0])
        visit(inner, [16001, 16004, 900], 1)
        topo.from_vnf(1, inner)
        topo.at_vnf(4, inner)
        returned(inner, 4, [900], 62)
    led.dropped()


@both('errors go to the instance of their session')
def instance(family):
    used = set()
    with Ledger(px) as led:
        for _ in range(12):
            ahead, behind = session(family)
            topo.to_proxy([16010, 900], ahead)
            where = topo.arrivals(1)
            used.add(where.index(1))
            for quoted in (ahead, behind):
                for src in (ROUTER[family], A[family]):
                    topo.to_proxy([16010, 900], error(family, quoted, src=src))
                    equal(topo.arrivals(1), where, 'instance of the error')
    led.dropped()
    check(len(used) > 1, 'one instance only')


@both('also where the session stayed, when others were added')
def instance_stayed(family):
    px.ctl('sid add 16020 vnf n1')
    sessions = [session(family) for _ in range(8)]
    for ahead, _ in sessions:
        visit(ahead, [16020, 900], 1)
    px.ctl('sid set 16020 vnf n1,n4,n5')
    with Ledger(px) as led:
        for ahead, behind in sessions:
            for quoted in (ahead, behind):
                visit(error(family, quoted), [16020, 900], 1)
    led.dropped()
    px.ctl('sid del 16020')


@both('errors before their session: it follows them')
def instance_before(family):
    with Ledger(px) as led:
        for _ in range(8):
            ahead, _ = session(family)
            topo.to_proxy([16010, 900], error(family, ahead))
            where = topo.arrivals(1)
            topo.to_proxy([16010, 900], ahead)
            equal(topo.arrivals(1), where, 'instance of the session')
    led.dropped()


@both('the function answers: the stack of the way back')
def answer(family):
    for build in (pkt.udp, pkt.tcp, pkt.sctp):
        ahead, behind = session(family, build=build)
        with Ledger(px) as led:
            visit(ahead, [16001, 900], 1)
            visit(behind, [16001, 901], 1)
            for kind in ERRORS[family]:
                returned(error(family, ahead, kind), 1, [901])
                returned(error(family, behind, kind), 1, [900])
        led.dropped()


@both('the function answers a ping')
def answer_ping(family):
    build = pkt.icmp if family == 4 else pkt.icmp6
    ask = pkt.ip(build(77, 1), family, src=A[family], dst=B[family])
    reply = pkt.ip(build(77, 1, kind=0 if family == 4 else 129), family, src=B[family],
                   dst=A[family])
    with Ledger(px) as led:
        visit(ask, [16001, 900], 1)
        returned(error(family, ask), 1, [900])
        visit(reply, [16001, 901], 1)
        returned(error(family, ask), 1, [901])
    led.dropped()


@both('without the way back: the stack of what it quotes')
def answer_alone(family):
    ahead, _ = session(family)
    with Ledger(px) as led:
        visit(ahead, [16001, 900], 1)
        returned(error(family, ahead), 1, [900])
        esp = pkt.ip(pkt.esp(next(ports)), family)
        visit(esp, [16001, 900], 1)
        returned(error(family, esp), 1, [900])
    led.dropped()


@both('a two-armed function answers on the arm that it was asked on')
def two_arms(family):
    ahead, behind = session(family)
    with Ledger(px) as led:
        visit(ahead, [16002, 900], 2)
        # its way back is not known yet: what it quotes is the other vnf's
        returned(error(family, ahead), 2, [900])
        visit(behind, [16003, 901], 3)
        returned(error(family, ahead), 2, [901])
        returned(error(family, behind), 3, [900])
        returned(ahead, 3, [900])
        returned(behind, 2, [901])
        # even out of the other arm
        returned(error(family, ahead), 3, [901])
    led.dropped()


@both('what it quotes is nobody\'s, or somebody else\'s')
def nobody(family):
    ahead, _ = session(family)
    missed(error(family, ahead), 1)
    visit(ahead, [16001, 900], 1)
    missed(error(family, ahead), 4)
    missed(error(family, ahead), 2)
    missed(error(family, session(family, dport=81)[0]), 1)
    # no error: echo reply, router advertisement of IPv4
    for kind in (0, 9) if family == 4 else (129, 150):
        missed(error(family, ahead, kind), 1)


@both('quotes cut short')
def cut_short(family):
    ahead, behind = session(family)
    visit(ahead, [16001, 900], 1)
    visit(behind, [16001, 901], 1)
    head = 20 if family == 4 else 40
    for cut in range(head + 13):
        inner = error(family, ahead, cut=cut)
        if cut < head + 4:
            missed(inner, 1)
        else:
            with Ledger(px) as led:
                returned(inner, 1, [901])
            led.dropped()
    # on the way in any will do
    with Ledger(px) as led:
        for cut in range(0, head + 13, 3):
            inner = error(family, ahead, cut=cut, src='203.0.113.%d' % (cut + 10)
                          if family == 4 else '2001:db8:9::%x' % (cut + 10))
            visit(inner, [16001, 930 + cut], 1)
            returned(inner, 1, [930 + cut])
    led.dropped()


@both('what stands behind the quote is no part of it')
def extensions(family):
    ahead, behind = session(family)
    visit(ahead, [16001, 900], 1)
    visit(behind, [16001, 901], 1)
    with Ledger(px) as led:
        # RFC 4884: padded to 128 octets; RFC 4950: the labels
        more = b'\0' * (128 - len(ahead)) + b'\x20\0\0\0' + struct.pack(
            '!HBBI', 8, 1, 1, 16001 << 12 | 0x101)
        returned(error(family, ahead, ERRORS[family][3 if family == 4 else 2], more=more), 1,
                 [901])
    led.dropped()


@both('quotes of fragments, and what cannot be asked further')
def quoted_fragments(family):
    ahead, behind = session(family)
    visit(ahead, [16001, 900], 1)
    visit(behind, [16001, 901], 1)
    parts = fragment(pkt.ip(pkt.udp(struct.unpack('!H', ahead[-16:-14])[0], 80, b'x' * 200),
                            family, src=A[family], dst=B[family]), 96)
    with Ledger(px) as led:
        returned(error(family, parts[0]), 1, [901])
    led.dropped()
    missed(error(family, parts[1]), 1)
    missed(error(family, error(family, ahead, dst=B[family], src=A[family])), 1)


@case('quotes behind IPv6 extension headers')
def quoted_options():
    ahead, behind = session(6)
    visit(ahead, [16001, 900], 1)
    visit(behind, [16001, 901], 1)
    sport, = struct.unpack('!H', ahead[40:42])
    quoted = pkt.ip6(pkt.udp(sport, 80), src=A[6], dst=B[6],
                     exts=[pkt.ext(0), pkt.ext(43, b'\0\0\0\0\0\0'), pkt.ext(60)])
    with Ledger(px) as led:
        returned(error(6, quoted), 1, [901])
    led.dropped()


@case('options in the header that is quoted')
def quoted_options4():
    ahead, behind = session(4)
    visit(ahead, [16001, 900], 1)
    visit(behind, [16001, 901], 1)
    sport, = struct.unpack('!H', ahead[20:22])
    quoted = pkt.ip4(pkt.udp(sport, 80), src=A[4], dst=B[4], options=b'\x94\x04\0\0')
    with Ledger(px) as led:
        returned(error(4, quoted), 1, [901])
    led.dropped()


@both('to the node itself: as on-miss says')
def local(family):
    here = {4: '10.0.0.1', 6: '2001:db8:a0::1'}[family]
    ahead = pkt.ip(pkt.udp(5, 6), family, src=here, dst=B[family])
    name = 'Icmp: ' if family == 4 else 'Icmp6InErrors'

    def received():
        text = topo.sh('px', 'cat /proc/net/snmp%s' % ('' if family == 4 else '6'))
        if family == 4:
            lines = [line.split() for line in text.splitlines() if line.startswith(name)]
            return int(lines[1][lines[0].index('InDestUnreachs')])
        return int(text.split('Icmp6InDestUnreachs')[1].split()[0])
    for mode in ('drop', 'strict', 'accept'):
        px.ctl('vnf set n1 on-miss ' + mode)
        before = received()
        with Ledger(px) as led:
            topo.from_vnf(1, error(family, ahead))
        led.dropped()
        wait_for(lambda: received() == before + 1, 'the node to have it (%s)' % mode)
    px.ctl('vnf set n1 on-miss drop')


@both('a flood of errors leaves sessions alone')
def flood(family):
    px.ctl('flow flush', 'vnf set n1 max-flows 8')
    ahead, behind = session(family)
    # both directions are here: no longer on probation
    visit(ahead, [16001, 900], 1)
    visit(behind, [16001, 901], 1)
    for _ in range(100):
        topo.to_proxy([16001, 902], error(family, session(family)[0]))
        topo.arrivals(1)
    equal(px.flow_count() <= 8, True, 'within the bound')
    with Ledger(px) as led:
        returned(ahead, 1, [900])
        returned(behind, 1, [901])
    led.dropped()
    shown = [f for f in px.flows('vnf', 'n1') if f['proto'] != 17]
    check(shown and all(f.get('sport', 0) == 0 for f in shown), 'ports of errors: %s' % shown)
    px.ctl('vnf set n1 max-flows 0', 'flow flush')


# ---- hosts and routers ------------------------------------------------------

pr = topo.proxy('pr')
LEVEL = {4: socket.IPPROTO_IP, 6: socket.IPPROTO_IPV6}
RECVERR = {4: 11, 6: 25}
TTL = {4: socket.IP_TTL, 6: socket.IPV6_UNICAST_HOPS}


def host_socket(family, node):
    with in_netns(topo.netns(node)):
        sock = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET,
                             socket.SOCK_DGRAM)
    sock.setsockopt(LEVEL[family], RECVERR[family], 1)
    sock.settimeout(5)
    return sock


def outcome(sock):
    """The error number that the socket has to tell."""
    try:
        sock.recv(100)
    except socket.timeout:
        return None
    except OSError as reason:
        return reason.errno
    return 0


def asking(family, node='cl', port=9, ttl=64):
    """What becomes of a datagram."""
    with host_socket(family, node) as sock:
        sock.setsockopt(LEVEL[family], TTL[family], ttl)
        sock.connect(((SERVER if node == 'cl' else CLIENT)[family], port))
        sock.send(b'anybody?')
        return outcome(sock)


def talking(family, port=9):
    """Sockets of client and server that have heard of each other, so that each
    function knows the way back. Without it, an error goes on to the server,
    whose host sends it back, through the very function that has sent it. IPv4
    hosts drop what has their own source address.
    """
    near, far = host_socket(family, 'cl'), host_socket(family, 'sv')
    far.bind((SERVER[family], port))
    near.bind((CLIENT[family], 0))
    near.connect((SERVER[family], port))
    far.connect(near.getsockname()[:2])
    near.send(b'hello')
    equal(far.recv(100), b'hello', 'at the server')
    far.send(b'hello')
    equal(near.recv(100), b'hello', 'at the client')
    return near, far


def clean(led):
    equal({k: n for k, n in led.drops.items() if k != 'vnf_miss'}, {}, 'drops')


@both('port unreachable, from beyond through the chain')
def unreachable(family):
    for labels in ((16001,), (16002, 16001), (16001, 16002)):
        chain(topo, family, *labels)
        with Ledger(pr) as led:
            equal(asking(family), errno.ECONNREFUSED, 'for the client')
            equal(asking(family, 'sv'), errno.ECONNREFUSED, 'for the server')
        clean(led)


@both('time exceeded, of every router on the way')
def exceeded(family):
    chain(topo, family, 16001, 16002)
    with Ledger(pr) as led:
        near, far = talking(family)
        with near, far:
            for sock in (near, far):
                for ttl in (1, 2):
                    sock.setsockopt(LEVEL[family], TTL[family], ttl)
                    sock.send(b'how far?')
                    equal(outcome(sock), errno.EHOSTUNREACH, 'TTL %d' % ttl)
            near.setsockopt(LEVEL[family], TTL[family], 3)
            near.send(b'how far?')
            equal(far.recv(100), b'how far?', 'TTL 3')
    clean(led)


@case('time exceeded, where no function knows the way back yet')
def exceeded_alone():
    chain(topo, 6, 16001, 16002)
    with Ledger(pr) as led:
        for ttl in (1, 2):
            equal(asking(6, ttl=ttl), errno.EHOSTUNREACH, 'TTL %d' % ttl)
    clean(led)


@both('a firewall rejects')
def rejects(family):
    if os.environ.get('SRP_NO_CT'):
        raise Skip('no connection tracking')
    chain(topo, family, 16002, 16001)
    with Ledger(pr) as led:
        near, far = talking(family)
        topo.sh('ct', 'nft add chain inet t f { type filter hook forward priority 0 ; }')
        topo.sh('ct', 'nft add rule inet t f udp dport 9 reject with icmpx type admin-prohibited')
        with near, far:
            near.send(b'may I?')
            check(outcome(near) in (errno.EHOSTUNREACH, errno.EACCES), 'the client is not told')
        topo.sh('ct', 'nft delete chain inet t f')
    clean(led)


run()
