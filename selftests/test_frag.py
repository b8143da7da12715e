# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_frag.sh."""

import os
import random
import socket
import struct
import subprocess
import time

import pkt
from ktap import Failure, Retry, Skip, before_each, case, check, equal, note, run, swift, wait_for
from netio import Port, in_netns, send_many, settle
from nodes import U_MAC, One, expect
from pkt import fragment, stack
from proxy import Ledger, Proxy
from routers import CLIENT, SERVER, chain

HOLD, LIFE, LINKS = 0.1, 2.0, 8192
DATA = bytes(range(256)) * 4
topo = One(4)
px = topo.px
idents = iter(range(0x100, 0x10000))


def cpus():
    with open('/sys/devices/system/cpu/possible', encoding='ascii') as file:
        return int(file.read().strip().split('-')[-1]) + 1


HELD = 64 * cpus()


@before_each
def setup():
    topo.drain()
    if not px.show('uplink show'):
        px.ctl('uplink add dev u0', 'uplink add dev u1',
               *(topo.vnf_line(n) for n in range(1, 5)),
               *('sid add %d vnf n%d' % (16000 + n, n) for n in range(1, 5)),
               'sid add 16010 vnf n1,n2,n3,n4')


def pieces(family, l4=None, size=400, ident=None, **fields):
    """A datagram of three fragments."""
    l4 = l4 or pkt.udp(data=DATA)
    ident = next(idents) if ident is None else ident
    return fragment(pkt.ip(l4, family, **fields), size, ident)


def both(name):
    """The case for each family."""
    def register(function):
        for family in (4, 6):
            case('%s, v%d' % (name, family), family)(function)
        return function
    return register


def at_f(number, parts):
    for part in parts:
        topo.at_vnf(number, part)


def at_s(parts, labels=(900,), ttl=63):
    for part in parts:
        topo.at_switch([(label, 0, ttl) for label in labels], part)


def there(parts, labels=(16001, 900), function=1, order=None):
    """The switch sends the fragments; they are all at the function, in order."""
    for part in [parts[i] for i in order] if order else parts:
        topo.to_proxy(list(labels), part)
    at_f(function, parts)


def back(parts, function=1, order=None, labels=(900,)):
    for part in [parts[i] for i in order] if order else parts:
        topo.from_vnf(function, part)
    at_s(parts, labels)


@both('in order, there and back')
def in_order(family):
    with Ledger(px) as led:
        parts = pieces(family)
        equal(len(parts), 3, 'fragments')
        there(parts)
        back(parts)
    led.dropped()
    equal(led.delta.get('vnf', 'n1', 'to_vnf_packets'), 3, 'to the function')
    equal(led.delta.get('vnf', 'n1', 'from_vnf_packets'), 3, 'from it')


@both('a function returns whole what came in fragments')
def made_whole(family):
    echo = pkt.icmp if family == 4 else pkt.icmp6
    for l4 in pkt.udp(data=DATA), echo(data=DATA):
        whole = pkt.ip(l4, family)
        with Ledger(px) as led:
            there(pieces(family, l4))
            back([whole])
        led.dropped()
        equal(led.delta.get('vnf', 'n1', 'from_vnf_packets'), 1, 'from it')


@both('they belong to the flow of the whole packets')
def same_flow(family):
    px.ctl('flow flush')
    whole = pkt.ip(pkt.udp(1234, 4321), family)
    topo.to_proxy([16001, 900], whole)
    topo.at_vnf(1, whole)
    with Ledger(px) as led:
        there(pieces(family, pkt.udp(1234, 4321, DATA)))
    equal(led.delta.get('stats', 'flows_created'), 0, 'new flows')
    flows = px.flows('vnf', 'n1')
    equal([(f['sport'], f['dport'], f['packets']) for f in flows], [(1234, 4321, 4)], 'flows')


@both('every order there, every order back')
def every_order(family):
    with Ledger(px) as led, swift(2):
        for order in ((1, 2, 0), (1, 0, 2), (0, 2, 1)):
            parts = pieces(family)
            # what comes before the first follows it, as it came
            after = [i for i in order if i]
            want = [parts[0]] + [parts[i] for i in after]
            for i in order:
                topo.to_proxy([16001, 900], parts[i])
            at_f(1, want)
            for i in order:
                topo.from_vnf(1, parts[i])
            at_s(want)
        parts = pieces(family)
        for i in (2, 1, 0):
            topo.to_proxy([16001, 900], parts[i])
        at_f(1, [parts[0], parts[2], parts[1]])
        for i in (2, 1, 0):
            topo.from_vnf(1, parts[i])
        at_s([parts[0], parts[2], parts[1]])
    led.dropped()


@both('through two functions of the node')
def two_functions(family):
    with Ledger(px) as led, swift(2):
        parts = pieces(family, pkt.udp(1001, 2000, DATA))
        there(parts, (16001, 16002, 900))
        for i in (1, 2, 0):
            topo.from_vnf(1, parts[i])
        at_f(2, parts)
        for part in parts:
            topo.from_vnf(2, part)
        at_s(parts, ttl=62)
    led.dropped()


@both('a function that cuts anew, with an id of its own')
def cut_anew(family):
    with Ledger(px) as led:
        l4 = pkt.udp(data=DATA)
        there(pieces(family, l4))
        back(pieces(family, l4, 200))
        there(pieces(family, l4))
        back([pkt.ip(l4, family)])      # or makes it whole
    led.dropped()


TRANSPORTS = {
    'tcp': lambda f: pkt.tcp(7, 8, DATA), 'sctp': lambda f: pkt.sctp(7, 8, DATA),
    'echo': lambda f: (pkt.icmp if f == 4 else pkt.icmp6)(7, 1, DATA),
    'gre': lambda f: pkt.gre(77, DATA), 'esp': lambda f: pkt.esp(77, 1, DATA),
    'unknown': lambda f: pkt.raw(253, DATA),
    'error': lambda f: (pkt.icmp(0, 0, pkt.ip4(pkt.udp(7, 8, DATA)), 11) if f == 4 else
                        pkt.icmp6(0, 0, pkt.ip6(pkt.udp(7, 8, DATA)), 3)),
}


@both('of every transport')
def transports(family):
    with Ledger(px) as led:
        for name, build in TRANSPORTS.items():
            with swift(2):
                parts = pieces(family, build(family))
                for part in [parts[1], parts[0]] + parts[2:]:
                    topo.to_proxy([16001, 900], part)
                at_f(1, parts)
                back(parts)
    led.dropped()


@case('IPv6 options behind the fragment header: the next headers differ')
def options_behind():
    l4 = pkt.udp(3, 4, DATA)
    inner = pkt.ip6(l4, exts=[pkt.ext(60)])
    parts = fragment(inner, 400)
    # RFC 8200: only the first one's next header counts
    parts[1] = parts[1][:40] + bytes([17]) + parts[1][41:]
    with Ledger(px) as led, swift(2):
        for i in (1, 0, 2):
            topo.to_proxy([16001, 900], parts[i])
        at_f(1, parts)
        back(parts)
    led.dropped()
    check(any((f.get('sport'), f.get('dport')) == (3, 4) for f in px.flows('vnf', 'n1')), 'the flow')


def behind_options(part):
    """The fragment with hop-by-hop options, which stand before its header."""
    length, = struct.unpack_from('!H', part, 4)
    return (part[:4] + struct.pack('!HB', length + 8, 0) + part[7:40] +
            bytes((pkt.PROTO['fragment'], 0, 1, 4)) + bytes(4) + part[40:])


@case('IPv6 options before the fragment header: two datagrams at once')
def options_before():
    datagrams = [[behind_options(part) for part in pieces(6, pkt.udp(1100 + n, 53, DATA))]
                 for n in range(2)]
    mixed = [(part, n) for both_parts in zip(*datagrams) for n, part in enumerate(both_parts)]
    with Ledger(px) as led, swift(2):
        for part, n in mixed:
            topo.to_proxy([16001, 900 + n], part)
            topo.at_vnf(1, part)
        for part, n in mixed:
            topo.from_vnf(1, part)
            at_s([part], (900 + n,))
    led.dropped()


@both('duplicates and overlaps are passed on')
def duplicates(family):
    parts = pieces(family)
    other = pieces(family, size=200, ident=struct.unpack(
        '!H', parts[0][4:6])[0] if family == 4 else struct.unpack('!I', parts[0][44:48])[0])
    with Ledger(px) as led, swift(2):
        there(parts + parts + other)
        back(parts + parts + other)
    led.dropped()


@both('one whose first does not come is dropped after a while')
def orphan(family):
    with Ledger(px) as led, swift(2):
        start = time.monotonic()
        topo.to_proxy([16001, 900], pieces(family)[1])
        wait_for(lambda: led.look() and led.drops, 'the drop', step=0.005)
        took = time.monotonic() - start
    led.dropped(frag_orphan=1)
    check(HOLD * 0.8 <= took, 'dropped after %.3f s' % took)
    with Ledger(px) as led:
        topo.from_vnf(1, pieces(family)[2])
        wait_for(lambda: led.look() and led.drops, 'the drop', step=0.005)
    led.dropped(frag_orphan=1)
    topo.silent()


@both('a link lives two seconds')
def link_life(family):
    parts = pieces(family)
    with swift(LIFE):
        there(parts[:1])
        there(parts[1:2])
    time.sleep(LIFE + 0.2)
    with Ledger(px) as led:
        topo.to_proxy([16001, 900], parts[2])
        wait_for(lambda: led.look() and led.drops, 'the drop')
    led.dropped(frag_orphan=1)


@both('the first one younger than two seconds counts')
def link_renewed(family):
    parts = pieces(family)
    there(parts[:1])
    time.sleep(LIFE * 0.6)
    with Ledger(px) as led:
        with swift(LIFE * 0.9):
            there(parts[:1])
            time.sleep(LIFE * 0.6)
            there(parts[1:])
    led.dropped()


@both('too small a first fragment')
def tiny(family):
    with Ledger(px) as led:
        cut = 2
        inner = pieces(family)[0]
        head = 20 if family == 4 else 48
        short = inner[:head + cut]
        if family == 4:
            short = short[:2] + struct.pack('!H', len(short)) + short[4:]
            short = pkt.with_ttl(short, 64)
        else:
            short = short[:4] + struct.pack('!H', len(short) - 40) + short[6:]
        topo.to_proxy([16001, 900], short)
        topo.from_vnf(1, short)
    led.dropped(inner_malformed=2)
    topo.silent()


@both('two tenants with one address and one id, other stacks')
def tenants(family):
    px.ctl('flow flush')
    with Ledger(px) as led, swift(2):
        ident = next(idents)
        one = pieces(family, pkt.udp(1, 2, DATA), ident=ident)
        two = pieces(family, pkt.udp(3, 4, DATA[::-1]), ident=ident)
        # each to a function of its own
        for i in (1, 0, 2):
            topo.to_proxy([16001, 900], one[i])
            topo.to_proxy([16002, 901], two[i])
        at_f(1, one)
        at_f(2, two)
        for i in (1, 0, 2):
            topo.from_vnf(1, one[i])
            topo.from_vnf(2, two[i])
        for parts, label, which in ((one, 900, (0, 1)), (two, 901, (0, 1)), (one, 900, (2,)),
                                    (two, 901, (2,))):
            at_s([parts[i] for i in which], (label,))
        # both to one function
        ident = next(idents)
        one = pieces(family, pkt.udp(1, 2, DATA), ident=ident)
        two = pieces(family, pkt.udp(3, 4, DATA[::-1]), ident=ident)
        for i in (1, 0, 2):
            topo.to_proxy([16003, 900], one[i])
            topo.to_proxy([16003, 901], two[i])
        at_f(3, [one[0], one[1], two[0], two[1], one[2], two[2]])
        check(len(px.flows('vnf', 'n3')) == 2, 'not two flows at the shared function')
    led.dropped()


@both('an uplink is a domain of its own')
def uplinks(family):
    with Ledger(px) as led, swift(2):
        parts = pieces(family)
        topo.to_proxy([16001, 900], parts[0])
        at_f(1, parts[:1])
        topo.to_proxy([16001, 900], parts[1], topo.s1)
        wait_for(lambda: led.look() and led.drops, 'the drop')
    led.dropped(frag_orphan=1)


@both('all of a datagram go to one of many instances')
def instances(family):
    sizes, used = [], set()
    with Ledger(px) as led:
        for n in range(24):
            l4 = pkt.udp(5000 + n, 7, DATA)
            parts = pieces(family, l4)
            with swift(2):
                for i in (1, 0, 2):
                    topo.to_proxy([16010, 900], parts[i])
                got = topo.arrivals(3)
            sizes.append(max(got[1:]))
            used.add(got[1:].index(max(got[1:])))
            reply = pieces(family, pkt.udp(7, 5000 + n, DATA), src=topo_dst(family),
                           dst=topo_src(family))
            for part in reply:
                topo.to_proxy([16010, 900], part)
            other = topo.arrivals(3)
            equal(other.index(3), got.index(3), 'instance of the other direction')
    equal(set(sizes), {3}, 'fragments at one instance')
    check(len(used) > 1, 'only one instance was used')
    led.dropped()


def topo_src(family):
    return '192.0.2.1' if family == 4 else '2001:db8:1::1'


def topo_dst(family):
    return '198.51.100.1' if family == 4 else '2001:db8:2::1'


@case('no more than 64 for each CPU are held')
def hold_bound():
    with Ledger(px) as led:
        count = HELD + 40
        made = [pieces(4, size=800) for _ in range(count)]
        wrap = pkt.encode_labels(stack(16001, 900))
        frames = [[pkt.ether(U_MAC['s0'], topo.s0.mac, pkt.ETH_MPLS,
                             wrap + parts[i]) for parts in made] for i in (1, 0)]
        start = time.monotonic()
        send_many(topo.s0, frames[0] + frames[1])
        took = time.monotonic() - start
        if took > HOLD * 0.5:
            raise Retry('%.3f s to send them: some died of age' % took)
        wait_for(led.look, 'the end')
        settle()
        held = topo.f[1].drain() - count
        wait_for(lambda: led.look() and led.drops.get('frag_orphan') == count - held,
                 'the others to be dropped')
    note('%d of %d were held, at most %d may be' % (held, count, HELD))
    check(0 < held <= HELD, '%d held' % held)
    led.dropped(frag_orphan=count - held)
    # and all of the room is there again
    hold_again()


def hold_again():
    with Ledger(px) as led, swift(2):
        parts = pieces(4)
        for i in (1, 2, 0):
            topo.to_proxy([16001, 900], parts[i])
        at_f(1, parts)
    led.dropped()


@case('the oldest links give way to new ones')
def link_bound():
    made = [pieces(4, size=800, ident=n, src='192.0.2.77') for n in range(1, LINKS + 100)]
    wrap = pkt.ether(U_MAC['s0'], topo.s0.mac, pkt.ETH_MPLS,
                     pkt.encode_labels(stack(16001, 900)))
    firsts = [wrap + parts[0] for parts in made]
    with Ledger(px) as led:
        start = time.monotonic()
        for at in range(0, len(firsts), 512):
            send_many(topo.s0, firsts[at:at + 512])
            settle()
            topo.f[1].drain()
        took = time.monotonic() - start
        topo.drain()
        topo.to_proxy([16001, 900], made[0][1])
        topo.to_proxy([16001, 900], made[-1][1])
        at_f(1, [made[-1][1]])
        wait_for(lambda: led.look() and led.drops, 'the drop')
    led.dropped(frag_orphan=1)
    if took > LIFE * 0.9:
        raise Skip('%.1f s for %d packets: links died of age' % (took, len(firsts)))


def gone_while_held(end, again):
    """Something goes while a fragment is held; nothing may be left of it."""
    judged = 0
    for _ in range(8):
        with Ledger(px) as led:
            parts = pieces(4)
            start = time.monotonic()
            for _ in range(8):
                topo.to_proxy([16001, 900], parts[1])
                topo.from_vnf(1, parts[2])
            settle()
            end()
            led.look()
            # sooner than they would have been dropped anyway
            if time.monotonic() - start < HOLD * 0.9:
                judged += 1
                check(led.drops.get('frag_orphan', 0) >= 8, 'still held: %s' % led.drops)
            wait_for(lambda: led.look() and led.drops.get('frag_orphan') == 16, 'the drops')
        again()
        topo.drain()
    note('%d of 8 times fast enough to tell' % judged)
    hold_again()


@case('an uplink goes while fragments are held')
def uplink_goes():
    gone_while_held(lambda: px.ctl('uplink del dev u0'), lambda: px.ctl('uplink add dev u0'))


@case('a vnf goes while fragments are held')
def vnf_goes():
    def end():
        px.ctl('sid set 16001 vnf n2', 'sid set 16010 vnf n2', 'vnf del n1')

    def again():
        px.ctl(topo.vnf_line(1), 'sid set 16001 vnf n1', 'sid set 16010 vnf n1,n2,n3,n4')
    gone_while_held(end, again)


@case('the device goes while fragments are held')
def device_goes():
    for number in range(5):
        topo.ip('px', 'link add x0 type veth peer name x1', 'link set x0 up', 'link set x1 up')
        if not number:
            px.ctl('uplink add dev x0')
        port, end = Port(topo.netns('px'), 'x1'), Port(topo.netns('px'), 'x0')
        with Ledger(px) as led:
            frame = pkt.ether(end.mac, port.mac, pkt.ETH_MPLS, pkt.encode_labels(
                stack(16001, 900)) + pieces(4)[1])
            start = time.monotonic()
            for _ in range(8):
                port.send(frame)
            settle()
            topo.ip('px', 'link del x0')
            took = time.monotonic() - start
            wait_for(lambda: led.look() and led.drops, 'the drops')
        led.dropped(frag_orphan=8)
        note('gone after %.3f s' % took)
        port.close()
        end.close()
    px.ctl('uplink del dev x0')


@case('the namespace goes while fragments are held')
def namespace_goes():
    name = topo.netns('gone')
    for _ in range(3):
        subprocess.run(['ip', 'netns', 'add', name], check=True)
        topo.ip('px', 'link add x1 type veth peer name x0 netns ' + name, 'link set x1 up')
        topo.ip('gone', 'link set x0 up', 'link add y0 type veth peer name y1', 'link set y0 up',
                'link set y1 up')
        Proxy(name).run('-b', '-', feed='uplink add dev x0\nvnf add n dev y0 lladdr '
                        '02:00:00:00:77:01\nsid add 16001 vnf n\n')
        port, end = Port(topo.netns('px'), 'x1'), Port(name, 'x0')
        frame = pkt.ether(end.mac, port.mac, pkt.ETH_MPLS,
                          pkt.encode_labels(stack(16001, 900)) + pieces(4)[1])
        end.close()
        for _ in range(8):
            port.send(frame)
        settle()
        subprocess.run(['ip', 'netns', 'del', name], check=True)
        port.close()
        # its end of the pair takes ours along
        wait_for(lambda: ' x1@' not in topo.sh('px', 'ip -o link'), 'the namespace to go')
    hold_again()


@both('to the node itself: held ones are left to the IP stack')
def local(family):
    address = {4: '10.0.0.1', 6: '2001:db8:a0::1'}[family]
    with in_netns(topo.netns('px')):
        sock = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET,
                             socket.SOCK_DGRAM)
        sock.bind((address, 7777))
    sock.settimeout(5)
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        with Ledger(px) as led, swift(2):
            parts = pieces(family, pkt.udp(1, 7777, DATA), dst=address)
            for i in order:
                topo.from_vnf(1, parts[i])
            equal(sock.recv(4096) == DATA, True, 'the datagram')
        led.dropped()
    sock.close()


@both('the last function: held ones go on as IP packets, in order')
def last_function(family):
    with Ledger(px, local=6) as led, swift(2):
        for order in ((0, 1, 2), (1, 0, 2)):
            parts = pieces(family)
            there(parts, (16001,))
            for i in order:
                topo.from_vnf(1, parts[i])
            for part in parts:
                frame = topo.s1.recv()
                check(frame, 'nothing came to s1')
                equal(frame.inner == pkt.with_ttl(part, 63), True, 'packet at s1')
    led.dropped()


@case('held ones that the kernel\'s LFIB takes')
def lfib():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    topo.lfib('px', 'replace 700 as 701 via inet 10.0.10.2 dev u1')
    px.ctl('uplink set dev u0 egress lfib')
    with Ledger(px) as led, swift(2):
        parts = pieces(4)
        for i in (1, 0, 2):
            topo.to_proxy([16001, 700], parts[i])
        at_f(1, parts)
        for i in (1, 0, 2):
            topo.from_vnf(1, parts[i])
        for part in parts:
            expect(topo.s1, part, stack(701, ttl=62), 's1')
    px.ctl('uplink set dev u0 egress hairpin')
    led.dropped()


@case('held ones whose label the node leaves to the kernel do not come back')
def lfib_fallback():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    px.ctl('vnf set n4 admin down', 'sid add 16044 vnf n4 fallback lfib')
    with Ledger(px, local=3) as led, swift(2):
        parts = pieces(4)
        for i in (1, 2, 0):
            topo.to_proxy([16044, 900], parts[i])
        settle()
    px.ctl('sid del 16044', 'vnf set n4 admin up')
    led.dropped()
    topo.silent()


@both('a hundred datagrams in any order')
def shuffled(family):
    rng = random.Random(family)
    for _ in range(10):
        with Ledger(px) as led, swift(3):
            made = [pieces(family, pkt.udp(100 + n, 9, DATA), size=rng.choice((200, 400, 800)))
                    for n in range(10)]
            flat = []
            for n, parts in enumerate(made):
                window = [(n * 3 + rng.random() * 6, part) for part in parts]
                flat += window
            flat = [part for _, part in sorted(flat, key=lambda w: w[0])]
            for part in flat:
                topo.to_proxy([16001, 900], part)
            got = [topo.f[1].recv() for _ in flat]
            check(all(got), 'some are missing')
            equal(sorted(f.inner for f in got), sorted(flat), 'packets at the function')
            for frame in got:
                topo.from_vnf(1, frame.inner)
            at_s([f.inner for f in got])
        led.dropped()


# ---- hosts and routers ------------------------------------------------------

pr = topo.proxy('pr')


def ping(family, size, node='cl', options=''):
    to = SERVER if node == 'cl' else CLIENT
    topo.sh(node, 'ping -%d -c 2 -i 0.2 -W 5 -s %d %s %s' % (family, size, options, to[family]))


def pings(family, *labels):
    chain(topo, family, *labels)
    with Ledger(pr) as led:
        for size in (100, 2000, 4000, 20000):
            ping(family, size)
        ping(family, 4000, 'sv')
    drops = {k: n for k, n in led.drops.items() if k != 'vnf_miss'}     # MLD, ND
    equal(drops, {}, 'drops')
    check(led.delta.get('vnf', 'rt', 'to_vnf_packets') > 40, 'packets through rt')


@both('pings in fragments through routers')
def routed(family):
    pings(family, 16002)


@both('pings in fragments through a function that makes them whole')
def tracked(family):
    if os.environ.get('SRP_NO_CT'):
        raise Skip('no connection tracking')
    pings(family, 16001, 16002)
    pings(family, 16002, 16001)


@case('pings in fragments through a function that cuts them anew')
def smaller():
    pings(4, 16003, 16002)
    pings(4, 16002, 16003, 16001)


@case('IPv6: a function that cannot cut tells the sender, who then does')
def smaller6():
    chain(topo, 6, 16002, 16003)
    topo.sh('cl', 'ip -6 route flush cache')
    # the first of them are lost: 1448 octets do not fit
    for node in ('cl', 'sv'):
        try:
            ping(6, 1300, node)
        except Failure:
            pass
    with Ledger(pr) as led:
        ping(6, 1300)
        ping(6, 1300, 'sv')
        ping(6, 4000)
    drops = {k: n for k, n in led.drops.items() if k != 'vnf_miss'}
    equal(drops, {}, 'drops')


run()
