# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_egress.sh."""

import os
import time

import pkt
from ktap import Skip, before_each, case, check, equal, run, swift, wait_for
from nodes import U_MAC, One, expect
from pkt import mac
from proxy import Ledger

topo = One(2)
px, s0, s1 = topo.px, topo.s0, topo.s1
s2 = topo.port('s2', 's2')
U2 = mac('02:00:00:00:0c:01')
px.ctl('uplink add dev u0', 'uplink add dev u1 egress lfib', topo.vnf_line(1),
       topo.vnf_line(2), 'sid add 16010 vnf n1', 'sid add 16011 vnf n2')


@before_each
def quiet():
    topo.drain()


def visit(inner, labels, port=None, src=None, vnf=1):
    """In by a port of the switch, to the function, and back from it."""
    topo.to_proxy(labels, inner, port, src)
    topo.at_vnf(vnf, inner)
    topo.from_vnf(vnf, inner)


def hairpin(family):
    """Back to the neighbour that it came from, over the same uplink."""
    other = mac('02:00:00:00:00:77')
    inner = pkt.ip(pkt.udp(1000, 1), family)
    visit(inner, [16010, 900], s0)
    topo.at_switch([(900, 0, 63)], inner, s0)
    inner = pkt.ip(pkt.udp(1001, 1), family)
    visit(inner, [16010, 900], s0, src=other)
    topo.at_switch([(900, 0, 63)], inner, s0, dst=other)
    topo.silent()


case('hairpin to the neighbour it came from, v4', 4)(hairpin)
case('hairpin to the neighbour it came from, v6', 6)(hairpin)


def way_back(inner):
    """Where the function's packet goes now."""
    topo.from_vnf(1, inner)
    return expect(s0, inner, pkt.stack(900, ttl=63)).dst


@case('hairpin: the way back follows a changed MAC within about a second')
def moved_neighbour():
    inner = pkt.ip4(pkt.udp(1010, 1))
    old, new = s0.mac, mac('02:00:00:00:00:78')
    visit(inner, [16010, 900], s0, src=old)
    topo.at_switch([(900, 0, 63)], inner, s0, dst=old)
    with swift(2):
        while True:
            topo.to_proxy([16010, 900], inner, s0, src=new)
            topo.at_vnf(1, inner)
            if way_back(inner) == new:
                break
            time.sleep(0.05)


@case('hairpin: the way back is replaced at most once a second')
def fickle_neighbour():
    inner = pkt.ip4(pkt.udp(1011, 1))
    macs = [mac('02:00:00:00:01:%02x' % n) for n in range(2)]
    start, ways = time.monotonic(), []
    for n in range(40):
        topo.to_proxy([16010, 900], inner, s0, src=macs[n % 2])
        topo.at_vnf(1, inner)
        ways.append(way_back(inner))
    changes = sum(a != b for a, b in zip(ways, ways[1:]))
    allowed = int(time.monotonic() - start) + 2
    check(changes <= allowed, '%d changes in 40 packets, at most %d' % (changes, allowed))


@case('hairpin: no way back to a source that is no unicast address')
def invalid_neighbour():
    for number, src in enumerate(('01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff',
                                  '00:00:00:00:00:00')):
        inner = pkt.ip4(pkt.udp(1020 + number, 1))
        with Ledger(px) as led:
            topo.to_proxy([16010, 900], inner, s0, src=mac(src))
            topo.at_vnf(1, inner)
            topo.from_vnf(1, inner)
            topo.silent(s0)
        led.dropped(no_route_back=1)
        topo.drain()


def need_lfib():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')


def lfib(family):
    """The kernel swaps the next label, or pops it, and takes one TTL."""
    need_lfib()
    via = {4: 'via inet 10.0.10.2 dev u1', 6: 'via inet6 2001:db8:aa::2 dev u1'}[family]
    topo.lfib('px', 'replace 700 as 701 ' + via)
    inner = pkt.ip(pkt.udp(1100, 1), family)
    with Ledger(px):
        visit(inner, [16010, 700, 710], s1)
        topo.at_switch([(701, 0, 62), (710, 0, 63)], inner, s1)
    topo.lfib('px', 'replace 702 ' + via)
    inner = pkt.ip(pkt.udp(1101, 1), family)
    with Ledger(px):
        visit(inner, [16010, 702, 710], s1)
        topo.at_switch([(710, 0, 63)], inner, s1)
    topo.silent()


case('lfib: the kernel swaps and pops, v4', 4)(lfib)
case('lfib: the kernel swaps and pops, v6', 6)(lfib)


@case('lfib: a label that the kernel does not know is dropped by the kernel')
def lfib_unknown():
    need_lfib()
    inner = pkt.ip4(pkt.udp(1110, 1))
    with Ledger(px) as led:
        visit(inner, [16010, 799], s1)
    led.dropped()
    equal(led.delta.get('uplink', 'u1', 'tx_packets'), 1, 'tx of u1')
    topo.silent()


@case('lfib: ECMP of the kernel, both ways in use, no packet lost')
def lfib_multipath():
    need_lfib()
    topo.lfib('px', 'replace 720 nexthop as 721 via inet 10.0.10.2 dev u1 '
              'nexthop as 722 via inet 10.0.12.2 dev u2')
    packets = [pkt.ip4(pkt.udp(2000 + n, 1), src='192.0.2.%d' % n) for n in range(1, 25)]
    for inner in packets:
        visit(inner, [16010, 720], s1)
    got = [0, 0]

    def all_here():
        for n, port in enumerate((s1, s2)):
            got[n] += port.drain()
        return sum(got) >= len(packets)
    wait_for(all_here, 'packets of both ways: %s' % got, 10)
    equal(sum(got), len(packets), 'packets of both ways')
    check(min(got) > 0, 'one way only: %s' % got)


def via(family):
    """A fixed next hop, whose neighbour is resolved with the first packet."""
    hop = {4: 'inet 10.0.12.2', 6: 'inet6 2001:db8:ac::2'}[family]
    px.ctl('uplink set dev u1 egress via %s dev u2' % hop)
    inner = pkt.ip(pkt.udp(1200, 1), family)
    with Ledger(px):
        visit(inner, [16010, 900, 901], s1)
        frame = expect(s2, inner, pkt.stack(900, 901, ttl=63))
    equal((frame.dst, frame.src), (s2.mac, U2), 'MACs')
    shown = px.show('uplink show dev u1')[0]
    check('via' in str(shown['egress']) or 'via' in shown, 'uplink show: %s' % shown)
    topo.silent()


case('via inet: a next hop on another device, resolved', 4)(via)
case('via inet6: a next hop on another device, resolved', 6)(via)


@case('via: the next hop takes another MAC')
def via_moves():
    px.ctl('uplink set dev u1 egress via inet 10.0.12.2 dev u2')
    topo.ip('px', 'neigh replace 10.0.12.2 lladdr 02:00:00:00:0c:99 dev u2 nud permanent')
    inner = pkt.ip6(pkt.udp(1210, 1))
    visit(inner, [16010, 900], s1)
    equal(expect(s2, inner, pkt.stack(900, ttl=63)).dst, mac('02:00:00:00:0c:99'), 'MAC')
    topo.ip('px', 'neigh del 10.0.12.2 lladdr 02:00:00:00:0c:99 dev u2')
    topo.from_vnf(1, inner)
    equal(expect(s2, inner, pkt.stack(900, ttl=63)).dst, s2.mac, 'MAC')


@case('via: a next hop that does not answer: counted, or left in the kernel queue')
def via_dead():
    px.ctl('uplink set dev u1 egress via inet 10.0.12.66 dev u2')
    inner = pkt.ip4(pkt.udp(1220, 1))
    with Ledger(px):
        visit(inner, [16010, 900], s1)
    topo.silent()


@case('via: the device is down')
def via_down():
    px.ctl('uplink set dev u1 egress via inet 10.0.12.2 dev u2')
    topo.ip('px', 'link set u2 down')
    inner = pkt.ip4(pkt.udp(1230, 1))
    with Ledger(px) as led:
        visit(inner, [16010, 900], s1)
    topo.ip('px', 'link set u2 up')
    equal(sum(led.drops.values()), 1, 'drops')
    topo.ip('px', 'addr replace 2001:db8:ac::1/64 dev u2', 'addr replace fe80::1/64 dev u2')


@case('uplink set moves flows that exist, at once')
def set_egress():
    px.ctl('uplink set dev u1 egress hairpin')
    inner = pkt.ip4(pkt.udp(1300, 1))
    visit(inner, [16010, 900], s1)
    topo.at_switch([(900, 0, 63)], inner, s1)
    px.ctl('uplink set dev u1 egress via inet 10.0.12.2 dev u2')
    topo.from_vnf(1, inner)
    wait_for(lambda: s2.poll(), 'the packet at s2', 10)
    px.ctl('uplink set dev u1 egress hairpin')
    topo.from_vnf(1, inner)
    topo.at_switch([(900, 0, 63)], inner, s1)
    topo.silent()


@case('two uplinks: each flow leaves where it came in')
def two_uplinks():
    px.ctl('uplink set dev u1 egress hairpin')
    for number in range(4):
        port = (s0, s1)[number % 2]
        inner = pkt.ip6(pkt.udp(1400 + number, 1))
        visit(inner, [16010, 900], port)
        topo.at_switch([(900, 0, 63)], inner, port)
    equal(U_MAC['s0'] != U_MAC['s1'], True)
    topo.silent()


@case('the uplink of a flow is down: counted')
def uplink_down():
    inner = pkt.ip4(pkt.udp(1500, 1))
    visit(inner, [16010, 900], s1)
    topo.at_switch([(900, 0, 63)], inner, s1)
    topo.ip('px', 'link set u1 down')
    with Ledger(px) as led:
        topo.from_vnf(1, inner)
    topo.ip('px', 'link set u1 up')
    led.dropped(uplink_down=1)


@case('an uplink is removed: its flows are dropped and counted, others go on')
def uplink_removed():
    gone, stays = pkt.ip4(pkt.udp(1510, 1)), pkt.ip4(pkt.udp(1511, 1))
    visit(gone, [16010, 900], s1)
    topo.at_switch([(900, 0, 63)], gone, s1)
    visit(stays, [16010, 900], s0)
    topo.at_switch([(900, 0, 63)], stays, s0)
    px.ctl('uplink del dev u1')
    with Ledger(px) as led:
        topo.from_vnf(1, gone)
        topo.from_vnf(1, stays)
        topo.at_switch([(900, 0, 63)], stays, s0)
    equal(sum(led.drops.values()), 1, 'drops')
    check(set(led.drops) <= {'uplink_down', 'vnf_miss'}, 'drops %s' % led.drops)


@case('via: its device is renamed, and what is saved says so')
def via_renamed():
    px.ctl('uplink set dev u0 egress via inet 10.0.12.2 dev u2')
    topo.ip('px', 'link set u2 down', 'link set u2 name u9', 'link set u9 up')
    try:
        saved = px.run('save')[1]
        check('u9' in saved, 'saved: %s' % saved)
        code, out, err = px.run('apply', '-', feed=saved)
        equal(code, 0, 'apply: ' + err)
        check('u0' not in out, 'apply changed what it was to leave: ' + out)
    finally:
        px.ctl('uplink set dev u0 egress hairpin')
        topo.ip('px', 'link set u9 down', 'link set u9 name u2', 'link set u2 up')


run()
