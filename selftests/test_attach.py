# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_attach.sh."""

import pkt
from ktap import before_each, case, check, equal, run, wait_for
from nodes import One, expect, f_mac, v_mac
from pkt import mac
from proxy import Ledger

topo = One(3)
px, s0 = topo.px, topo.s0
g1 = topo.port('gn', 'g1')
W1 = mac('02:00:00:00:30:01')


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def one_vnf(options='dev v1 lladdr ' + pkt.mac_text(f_mac(1)), name='fw'):
    px.ctl('vnf add %s %s' % (name, options), 'sid add 16010 vnf ' + name)


def two_armed(family):
    """Out by v1, in by v2, as a firewall between two cables has it."""
    one_vnf('dev v1 in v2 lladdr ' + pkt.mac_text(f_mac(1)))
    inner = pkt.ip(pkt.tcp(1000, 80), family)
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
        topo.at_vnf(1, inner)
        topo.f[2].send(pkt.ether(v_mac(2), f_mac(2), pkt.ether_type(inner), inner))
        topo.at_switch([(900, 0, 63)], inner)
    led.dropped()
    shown = px.vnf('fw')
    equal((shown['dev'], shown['in'], shown['state']), ('v1', 'v2', 'up'), 'vnf show')


case('in: a function returns on another interface, v4', 4)(two_armed)
case('in: a function returns on another interface, v6', 6)(two_armed)


@case('in: with lladdr, a transparent function may keep the MACs')
def transparent():
    one_vnf('dev v1 in v2 lladdr ' + pkt.mac_text(f_mac(1)))
    inner = pkt.ip4(pkt.udp(1010, 1))
    topo.to_proxy([16010, 900], inner)
    frame = topo.at_vnf(1, inner)
    topo.f[2].send(frame.octets)
    topo.at_switch([(900, 0, 63)], inner)


@case('in: what comes back on dev instead is not ours')
def wrong_arm():
    one_vnf('dev v1 in v2 lladdr ' + pkt.mac_text(f_mac(1)))
    inner = pkt.ip4(pkt.udp(1020, 1))
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, inner)
        topo.silent(s0)
    equal(led.delta.get('vnf', 'fw', 'from_vnf_packets'), 0, 'from_vnf')


def via(family):
    """A neighbour that the kernel resolves: nothing is lost meanwhile."""
    hop = {4: 'inet 10.0.30.2', 6: 'inet6 2001:db8:30::2'}[family]
    one_vnf('dev w1 via ' + hop)
    topo.ip('px', 'neigh flush dev w1')
    topo.ip('gn', 'link set g1 arp off' if family == 4 else 'addr del 2001:db8:30::2/64 dev g1')
    packets = [pkt.ip(pkt.udp(1100 + n, 1), other) for n in range(4) for other in (4, 6)]
    with Ledger(px) as led:
        for inner in packets:
            topo.to_proxy([16010, 900], inner)
        topo.silent(s0)
        topo.ip('gn', 'link set g1 arp on' if family == 4 else
                'addr add 2001:db8:30::2/64 dev g1')
        for inner in packets:
            frame = expect(g1, inner)
            equal((frame.dst, frame.src), (g1.mac, W1), 'MACs')
        for inner in packets:
            g1.send(pkt.ether(W1, g1.mac, pkt.ether_type(inner), inner))
            topo.at_switch([(900, 0, 63)], inner)
    check(set(led.drops) <= {'vnf_miss'}, 'drops %s' % led.drops)   # MLD of the function


case('via inet: packets of both families wait while the neighbour resolves', 4)(via)
case('via inet6: packets of both families wait while the neighbour resolves', 6)(via)


@case('via: a neighbour that never answers: its packets are not delivered')
def via_dead():
    one_vnf('dev w1 via inet 10.0.30.77')
    with Ledger(px):
        for n in range(3):
            topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(1200 + n, 1)))
        topo.silent()


@case('via: the function takes another MAC')
def via_moves():
    one_vnf('dev w1 via inet 10.0.30.2')
    for address in ('02:00:00:00:30:55', '02:00:00:00:30:02'):
        topo.ip('px', 'neigh replace 10.0.30.2 lladdr %s dev w1 nud reachable' % address)
        inner = pkt.ip6(pkt.udp(1210, 1))
        topo.to_proxy([16010, 900], inner)
        equal(expect(g1, inner).dst, mac(address), 'MAC')


@case('mtu: the largest packet passes, one octet more is counted')
def mtu():
    one_vnf('dev v1 lladdr %s mtu 1000' % pkt.mac_text(f_mac(1)))
    for family, head in ((4, 28), (6, 48)):
        fits = pkt.ip(pkt.udp(1300, 1, b'm' * (1000 - head)), family)
        large = pkt.ip(pkt.udp(1300, 1, b'm' * (1001 - head)), family)
        with Ledger(px) as led:
            topo.to_proxy([16010, 900], fits)
            topo.at_vnf(1, fits)
            topo.to_proxy([16010, 900], large)
            topo.silent()
        led.dropped(mtu_exceeded=1)
    px.ctl('vnf set fw mtu 1001')
    topo.to_proxy([16010, 900], large)
    topo.at_vnf(1, large)


@case('mtu: of the device, if none is given')
def device_mtu():
    one_vnf()
    topo.ip('px', 'link set v1 mtu 1280')
    large = pkt.ip4(pkt.udp(1310, 1, b'm' * 1253))
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], large)
        topo.silent()
    led.dropped(mtu_exceeded=1)
    topo.ip('px', 'link set v1 mtu 1500')
    topo.to_proxy([16010, 900], large)
    topo.at_vnf(1, large)


@case('mtu: of the uplink, for the packet with its labels')
def uplink_mtu():
    one_vnf()
    labels = list(range(900, 904))
    fits = pkt.ip4(pkt.udp(1320, 1, b'm' * (1500 - 28 - 16)))
    large = pkt.ip4(pkt.udp(1320, 1, b'm' * (1500 - 28 - 15)))
    with Ledger(px) as led:
        topo.to_proxy([16010] + labels, pkt.ip4(pkt.udp(1320, 1)))
        topo.at_vnf(1, pkt.ip4(pkt.udp(1320, 1)))
        topo.from_vnf(1, fits)
        topo.at_switch([(n, 0, 63) for n in labels], fits)
        topo.from_vnf(1, large)
        topo.silent()
    led.dropped(mtu_exceeded=1)


def unreachable(command, back, cause):
    """A function whose device cannot be used is down; then it is back."""
    one_vnf()
    inner = pkt.ip4(pkt.udp(1400, 1))
    topo.to_proxy([16010, 900], inner)
    topo.at_vnf(1, inner)
    topo.ip(*command)
    wait_for(lambda: px.vnf('fw')['state'] == 'down', 'state down')
    equal(px.vnf('fw').get('cause', cause), cause, 'cause')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
        topo.to_proxy([16010, 900], pkt.ip6(pkt.udp(1401, 1)))
        topo.silent()
    led.dropped(no_instance=2)
    topo.ip(*back)
    wait_for(lambda: px.vnf('fw')['state'] == 'up', 'state up')
    topo.to_proxy([16010, 900], inner)
    topo.at_vnf(1, inner)


case('the device is down, and up again', ('px', 'link set v1 down'),
     ('px', 'link set v1 up'), 'link-down')(unreachable)
case('the carrier is lost, and back', ('fn', 'link set f1 down'),
     ('fn', 'link set f1 up'), 'no-carrier')(unreachable)


@case('in: the returning interface is down')
def return_arm_down():
    one_vnf('dev v1 in v2 lladdr ' + pkt.mac_text(f_mac(1)))
    topo.ip('px', 'link set v2 down')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(1410, 1)))
        topo.silent()
    topo.ip('px', 'link set v2 up')
    led.dropped(no_instance=1)


@case('admin down takes no packet; up takes them again')
def admin_down():
    one_vnf()
    inner = pkt.ip4(pkt.udp(1500, 1))
    px.ctl('vnf set fw admin down')
    equal((px.vnf('fw')['admin'], px.vnf('fw')['state']), ('down', 'down'), 'vnf show')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
        topo.silent()
    led.dropped(no_instance=1)
    px.ctl('vnf set fw admin up')
    topo.to_proxy([16010, 900], inner)
    topo.at_vnf(1, inner)


@case('several instances: both directions meet the same, flows stay')
def instances():
    px.ctl(topo.vnf_line(1, 'a'), topo.vnf_line(2, 'b'), topo.vnf_line(3, 'c'),
           'sid add 16010 vnf a,b,c', 'sid add 16011 vnf a,b,c')
    chosen = {}
    for n in range(48):
        there = pkt.ip4(pkt.udp(3000 + n, 53), src='192.0.2.1', dst='198.51.100.9')
        back = pkt.ip4(pkt.udp(53, 3000 + n), src='198.51.100.9', dst='192.0.2.1')
        topo.to_proxy([16010, 900], there)
        topo.to_proxy([16011, 901], back)
        at = topo.arrivals(2)
        check(2 in at, 'the two directions met different instances: %s' % at[1:])
        chosen[n] = at.index(2)
    check(len(set(chosen.values())) == 3, 'instances in use: %s' % chosen)
    lost = chosen[0]
    topo.ip('px', 'link set v%d down' % lost)
    for n, was in chosen.items():
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(3000 + n, 53), src='192.0.2.1',
                                            dst='198.51.100.9'))
        at = topo.arrivals(1).index(1)
        check(was in (at, lost), 'flow %d moved from %d to %d' % (n, was, at))
    topo.ip('px', 'link set v%d up' % lost)


@case('weight: an instance of weight 9 gets about nine of ten flows')
def weight():
    px.ctl(topo.vnf_line(1, 'a', 'weight 9'), topo.vnf_line(2, 'b'), 'sid add 16010 vnf a,b')
    for n in range(200):
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(3000 + n, 53)))
    heavy = topo.arrivals(200)[1]
    check(155 <= heavy <= 199, 'of 200 flows %d went to the heavy one' % heavy)


@case('drain: flows stay, new ones go to the others')
def drain():
    px.ctl(topo.vnf_line(1, 'a'), topo.vnf_line(2, 'b'), 'sid add 16010 vnf a')
    old = pkt.ip4(pkt.udp(4000, 1))
    topo.to_proxy([16010, 900], old)
    topo.at_vnf(1, old)
    px.ctl('sid set 16010 vnf a,b', 'vnf set a admin drain')
    topo.to_proxy([16010, 900], old)
    topo.at_vnf(1, old)
    for n in range(12):
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(4100 + n, 1)))
    equal(topo.arrivals(12)[1:], [0, 12, 0], 'packets at a and b')


@case('backup: takes over when no primary is left; what it took stays, new flows do not')
def backup():
    px.ctl(topo.vnf_line(1, 'a'), topo.vnf_line(2, 'b'), 'sid add 16010 vnf a backup b')
    inner = pkt.ip4(pkt.udp(4200, 1))
    for step, (command, new, old) in enumerate((('link set v1 up', 1, 1),
                                                ('link set v1 down', 2, 2),
                                                ('link set v1 up', 1, 2))):
        topo.ip('px', command)
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(4201 + step, 1)))
        topo.to_proxy([16010, 900], inner)
        want = [None, (new, old).count(1), (new, old).count(2)]
        equal(topo.arrivals(2)[:3], want, 'packets after %s' % command)


def fallback(words, labels, check_it):
    """No instance can serve."""
    px.ctl(topo.vnf_line(1, 'a', 'admin down'), topo.vnf_line(2, 'b'),
           'sid add 16010 vnf a ' + words, 'sid add 16011 vnf b')
    inner = pkt.ip4(pkt.udp(4300, 1))
    with Ledger(px) as led:
        topo.to_proxy(labels, inner)
        check_it(inner)
    topo.silent()
    return led


@case('fallback drop')
def fallback_drop():
    fallback('fallback drop', [16010, 900], lambda _: None).dropped(no_instance=1)


@case('fallback bypass: on with the next label, not ours')
def fallback_bypass():
    fallback('fallback bypass', [16010, 900, 901],
             lambda inner: topo.at_switch([(900, 0, 63), (901, 0, 63)], inner))


@case('fallback bypass: on with the next label, of this node')
def fallback_bypass_local():
    fallback('fallback bypass', [16010, 16011, 901], lambda inner: topo.at_vnf(2, inner))


@case('fallback reroute: another label in its place')
def fallback_reroute():
    fallback('fallback reroute 16011', [16010, 901], lambda inner: topo.at_vnf(2, inner))
    topo.from_vnf(2, pkt.ip4(pkt.udp(4300, 1)))
    topo.at_switch([(901, 0, 62)], pkt.ip4(pkt.udp(4300, 1)))


@case('fallback reroute in a circle is dropped and counted')
def fallback_circle():
    px.ctl(topo.vnf_line(1, 'a', 'admin down'), 'sid add 16010 vnf a fallback reroute 16011',
           'sid add 16011 vnf a fallback reroute 16010')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(4310, 1)))
        topo.silent()
    led.dropped(fallback_loop=1)


run()
