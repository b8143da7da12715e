# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_devices.sh."""

import os
import struct

import pkt
from ktap import Failure, Skip, before_each, case, check, equal, run, wait_for
from nodes import One, U_MAC, expect, f_mac, v_mac
from pkt import ETH_MPLS, ETH_VLAN, mac
from proxy import Ledger

topo = One(2)
px, s0, s1 = topo.px, topo.s0, topo.s1
t1, t2, c1, c2 = (topo.port('sw', name) for name in ('t1', 't2', 'c1', 'c2'))
ports = iter(range(1000, 60000))
made = []


@before_each
def start():
    px.clear()
    while made:
        topo.ip('px', 'link del ' + made.pop())
    topo.drain()


def make(name, *lines):
    """A device of px that goes with the case."""
    topo.ip('px', 'link add %s name %s %s' % (
        'link ' + name.split('.')[0] if '.' in name else '', name, lines[0]),
        *lines[1:], 'link set %s up' % name)
    made.append(name)


def vlan(name, *lines):
    make(name, 'type vlan id ' + name.split('.')[1], *lines)


def udp(family=4):
    return pkt.ip(pkt.udp(next(ports), 53), family)


def labelled(labels, inner):
    return pkt.encode_labels(pkt.stack(*labels)) + inner


def tagged(dst, src, vid, kind, payload):
    tag = struct.pack('!HH', vid, kind)
    return pkt.ether(dst, src, ETH_VLAN, tag + payload) if vid else \
        pkt.ether(dst, src, kind, payload)


def frame_at(port, want):
    """The next frame there, with its tag; what hosts say by themselves not."""
    while True:
        got = port.recv_tagged()
        if got == want:
            return
        if got is None or not pkt.Frame(got).is_noise():
            raise Failure('%s: got %s, want %s' % (port.name, got and got.hex(), want.hex()))


def to_vlan(labels, inner, vid):
    s0.send(tagged(U_MAC['s0'], s0.mac, vid, ETH_MPLS, labelled(labels, inner)))


def back_in_vlan(labels, inner, vid):
    frame_at(s0, tagged(s0.mac, U_MAC['s0'], vid, ETH_MPLS, labelled(labels, inner)))


def lfib_here():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no MPLS forwarding in this kernel')
    topo.lfib('px', 'replace 900 as 950 via inet 10.0.10.2 dev u1')


def visit(inner, number=1):
    topo.at_vnf(number, inner)
    topo.from_vnf(number, inner)


def vlan_uplink(family):
    """Hairpin in the VLAN, beside the parent, told apart by tag."""
    vlan('u0.100')
    px.ctl('uplink add dev u0.100', topo.vnf_line(1), 'sid add 16010 vnf n1')
    inner, plain = udp(family), udp(family)
    with Ledger(px) as led:
        to_vlan([16010, 900], inner, 100)
        visit(inner)
        back_in_vlan([(900, 0, 63)], inner, 100)
        # the parent is no uplink, nor is another VLAN
        to_vlan([16010, 900], plain, 0)
        to_vlan([16010, 900], plain, 101)
        topo.silent()
    led.dropped()
    px.ctl('uplink add dev u0')
    with Ledger(px) as led:
        to_vlan([16010, 901], plain, 0)
        visit(plain)
        back_in_vlan([(901, 0, 63)], plain, 0)
        to_vlan([16010, 900], inner, 100)
        visit(inner)
        back_in_vlan([(900, 0, 63)], inner, 100)
    led.dropped()
    equal([led.delta.get('uplink', u, 'rx_packets') for u in ('u0', 'u0.100')], [1, 1], 'rx')


case('a VLAN as uplink, and its parent as another, v4', 4)(vlan_uplink)
case('a VLAN as uplink, and its parent as another, v6', 6)(vlan_uplink)


@case('a VLAN as uplink: egress via a neighbour in another VLAN')
def vlan_via():
    vlan('u0.100')
    vlan('u1.101', 'addr add 10.0.77.1/24 dev u1.101',
         'neigh add 10.0.77.2 lladdr 02:00:00:00:0a:02 dev u1.101')
    px.ctl('uplink add dev u0.100 egress via inet 10.0.77.2 dev u1.101', topo.vnf_line(1),
           'sid add 16010 vnf n1')
    inner = udp()
    with Ledger(px) as led:
        to_vlan([16010, 900], inner, 100)
        visit(inner)
        frame_at(s1, tagged(s1.mac, U_MAC['s1'], 101, ETH_MPLS,
                            labelled([(900, 0, 63)], inner)))
    led.dropped()


def by_lfib(dev, send):
    """The kernel's LFIB takes it as if it had come in on the uplink."""
    lfib_here()
    topo.sh('px', 'sysctl -qw net.mpls.conf.%s.input=1' % dev.replace('.', '/'))
    px.ctl('uplink add dev %s egress lfib' % dev, topo.vnf_line(1), 'sid add 16010 vnf n1')
    inner = udp()
    with Ledger(px) as led:
        send(inner)
        visit(inner)
        topo.at_switch([(950, 0, 62)], inner, port=s1)
    led.dropped()


@case('a VLAN as uplink: egress lfib')
def vlan_lfib():
    vlan('u0.100')
    by_lfib('u0.100', lambda inner: to_vlan([16010, 900], inner, 100))


@case('a VLAN as uplink: the last label popped')
def vlan_ip():
    vlan('u0.100')
    px.ctl('uplink add dev u0.100', topo.vnf_line(1), 'sid add 16010 vnf n1')
    inner = udp()
    with Ledger(px, local=1) as led:
        to_vlan([16010], inner, 100)
        visit(inner)
        topo.at_switch(None, pkt.with_ttl(inner, 63), port=s1)
    led.dropped()


def vlan_vnf(family):
    """Functions on a device and on its VLAN: two vnfs, told apart by tag."""
    vlan('v1.200')
    px.ctl('uplink add dev u0', topo.vnf_line(1),
           'vnf add n2 dev v1.200 lladdr ' + pkt.mac_text(f_mac(1)),
           'sid add 16010 vnf n1', 'sid add 16011 vnf n2')
    f1, inner = topo.f[1], udp(family)
    kind = pkt.ether_type(inner)
    with Ledger(px) as led:
        topo.to_proxy([16010, 16011, 900], inner)
        for vid in (0, 200):
            frame_at(f1, tagged(f1.mac, v_mac(1), vid, kind, inner))
            f1.send(tagged(v_mac(1), f1.mac, vid, kind, inner))
        topo.at_switch([(900, 0, 62)], inner)
    led.dropped()


case('a function behind a VLAN, another on its parent, v4', 4)(vlan_vnf)
case('a function behind a VLAN, another on its parent, v6', 6)(vlan_vnf)


@case('a function behind a VLAN, by its address')
def vlan_vnf_via():
    vlan('w1.300', 'addr add 10.0.30.1/24 dev w1.300')
    g1 = topo.port('gn', 'g1')
    px.ctl('uplink add dev u0', 'vnf add n1 dev w1.300 via inet 10.0.30.2',
           'sid add 16010 vnf n1')
    inner, W1 = udp(), mac('02:00:00:00:30:01')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
        expect(g1, inner)
        g1.send(tagged(W1, g1.mac, 300, pkt.ETH_IP, inner))
        topo.at_switch([(900, 0, 63)], inner)
    led.dropped()


@case('Ethernet payload through a VLAN: the outer tag is the device\'s')
def vlan_ether():
    vlan('v1.200')
    f1 = topo.f[1]
    px.ctl('uplink add dev u0', 'vnf add n1 dev v1.200 inner ethernet', 'sid add 16010 vnf n1')
    A, B = mac('02:aa:00:00:00:01'), mac('02:bb:00:00:00:02')
    for vid in (0, 7):
        inner = udp() + b'x' * 20
        frame = tagged(B, A, vid, pkt.ETH_IP, inner)
        with Ledger(px) as led:
            topo.to_proxy([16010, 900], frame)
            frame_at(f1, frame[:12] + struct.pack('!HH', ETH_VLAN, 200) + frame[12:])
            f1.send(frame[:12] + struct.pack('!HH', ETH_VLAN, 200) + frame[12:])
            got = s0.recv()
        led.dropped()
        equal([tuple(e) for e in got.labels or ()], [(900, 0, 63)], 'labels')
        equal(got.inner.hex(), frame.hex(), 'frame')


def bridge():
    make('br0', 'type bridge mcast_snooping 0', 'link set br0 address 02:00:00:00:40:09',
         'link set p1 master br0', 'link set p2 master br0')


BR0 = mac('02:00:00:00:40:09')


def through(port, dst, inner, depth=63, labels=None):
    """From a port of the switch to the function, and back where it came from."""
    topo.to_proxy(labels or [16010, 900], inner, port=port, dst=dst)
    visit(inner)
    frame = expect(port, inner, pkt.stack((900, 0, depth)), port.name)
    equal((frame.dst, frame.src), (port.mac, dst), 'MACs')


def bridge_uplink(family):
    """What comes in by any port goes back by that port."""
    bridge()
    px.ctl('uplink add dev br0', topo.vnf_line(1), 'sid add 16010 vnf n1')
    wait_for(lambda: px.show('uplink show')[0]['state'] == 'up', 'the bridge')
    with Ledger(px) as led:
        for port in (t1, t2):
            through(port, BR0, udp(family))
        topo.silent()
        # between its ports it is a bridge
        frame = pkt.ether(t2.mac, t1.mac, ETH_MPLS, labelled([16010, 900], udp(family)))
        t1.send(frame)
        equal(t2.recv().octets, frame, 'bridged frame')
    led.dropped()


case('a bridge as uplink, v4', 4)(bridge_uplink)
case('a bridge as uplink, v6', 6)(bridge_uplink)


@case('a bridge as uplink: egress lfib')
def bridge_lfib():
    bridge()
    by_lfib('br0', lambda inner: topo.to_proxy([16010, 900], inner, port=t1, dst=BR0))


@case('a bridge as egress via')
def bridge_via():
    bridge()
    topo.ip('px', 'addr add 10.0.88.1/24 dev br0',
            'neigh add 10.0.88.2 lladdr 02:00:00:00:41:02 dev br0')
    px.ctl('uplink add dev u0 egress via inet 10.0.88.2 dev br0', topo.vnf_line(1),
           'sid add 16010 vnf n1')
    t2.send(pkt.ether(BR0, t2.mac, 0x88B5, b'\0' * 46))     # the bridge learns t2
    inner = udp()
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
        visit(inner)
        frame = expect(t2, inner, pkt.stack((900, 0, 63)), 't2')
    led.dropped()
    equal((frame.dst, frame.src), (t2.mac, BR0), 'MACs')


def bond(mode):
    for slave in ('q1', 'q2'):
        topo.ip('px', 'link set %s down' % slave)
    make('bond0', 'type bond mode %s miimon 20' % mode, 'link set q1 master bond0',
         'link set q2 master bond0')
    topo.ip('px', 'link set q1 up', 'link set q2 up')
    px.ctl('uplink add dev bond0', topo.vnf_line(1), 'sid add 16010 vnf n1')
    wait_for(lambda: px.show('uplink show')[0]['state'] == 'up', 'the bond')
    return mac(topo.sh('px', 'cat /sys/class/net/bond0/address').strip())


def active():
    return topo.sh('px', 'cat /sys/class/net/bond0/bonding/active_slave').strip()


def bond_uplink(family):
    """Active-backup: what comes in on the active slave goes back there; then
    the other is the active one."""
    address = bond('active-backup')
    wait_for(lambda: active() in ('q1', 'q2'), 'an active slave')
    ends = {'q1': c1, 'q2': c2}
    first = active()
    with Ledger(px) as led:
        through(ends[first], address, udp(family))
        topo.ip('px', 'link set %s down' % first)
        wait_for(lambda: active() not in (first, ''), 'the other slave')
        check(active() != first, 'active %s' % active())
        through(ends[active()], address, udp(family))
    led.dropped()
    topo.ip('px', 'link set %s up' % first)


case('a bond as uplink, its active slave lost, v4', 4)(bond_uplink)
case('a bond as uplink, its active slave lost, v6', 6)(bond_uplink)


@case('a bond that balances: each frame comes back on some slave')
def bond_rr():
    address = bond('balance-rr')
    with Ledger(px) as led:
        for port in (c1, c2, c1, c2):
            inner = udp()
            topo.to_proxy([16010, 900], inner, port=port, dst=address)
            visit(inner)
            got = wait_for(lambda: c1.poll() or c2.poll(), 'the packet')
            equal((got.inner, [tuple(e) for e in got.labels or ()]), (inner, [(900, 0, 63)]),
                  'packet')
    led.dropped()


@case('a bond as uplink: egress lfib')
def bond_lfib():
    lfib_here()
    address = bond('active-backup')
    wait_for(lambda: active() in ('q1', 'q2'), 'an active slave')
    px.ctl('sid del 16010', 'vnf del n1', 'uplink del dev bond0')
    by_lfib('bond0', lambda inner: topo.to_proxy(
        [16010, 900], inner, port={'q1': c1, 'q2': c2}[active()], dst=address))


@case('a VLAN on a bridge as uplink')
def bridge_vlan():
    bridge()
    vlan('br0.5')
    px.ctl('uplink add dev br0.5', topo.vnf_line(1), 'sid add 16010 vnf n1')
    wait_for(lambda: px.show('uplink show')[0]['state'] == 'up', 'the VLAN')
    inner = udp()
    with Ledger(px) as led:
        t1.send(tagged(BR0, t1.mac, 5, ETH_MPLS, labelled([16010, 900], inner)))
        visit(inner)
        frame_at(t1, tagged(t1.mac, BR0, 5, ETH_MPLS, labelled([(900, 0, 63)], inner)))
    led.dropped()


@case('parts of a device are refused another role, now and later')
def roles():
    bridge()
    px.ctl('uplink add dev br0', topo.vnf_line(1))
    lladdr = ' lladdr 02:00:00:00:00:99'
    said = px.refusals(['vnf add x dev p1' + lladdr, 'uplink add dev p1', 'vnf add x dev br0' + lladdr])
    check(said[0] and said[2], 'not refused: %s' % said)
    for line in ('link set v1 master br0', 'link set v2 master br0'):
        try:
            topo.ip('px', line)
        except Failure as refusal:
            check('v1' in line and 'roles' in str(refusal), '%s: %s' % (line, refusal))
        else:
            check('v2' in line, '%s was not refused' % line)
            topo.ip('px', 'link set v2 nomaster')


@case('a device that comes back as part of another role is taken when it has left')
def returns_enslaved():
    make('p9', 'type dummy')
    px.ctl('uplink add dev u0', 'vnf add x dev p9 lladdr 02:00:00:00:00:99')
    bridge()
    px.ctl('uplink add dev br0')
    topo.ip('px', 'link del p9')
    made.remove('p9')
    wait_for(lambda: px.vnf('x')['cause'] == 'no-device', 'the device to be gone')
    topo.ip('px', 'link add name p9 up master br0 type dummy')
    made.append('p9')
    wait_for(lambda: 'cannot be attached' in topo.sh('px', 'dmesg'), 'the refusal')
    equal(px.vnf('x')['cause'], 'no-device', 'cause')
    topo.ip('px', 'link set p9 nomaster')
    wait_for(lambda: px.vnf('x')['state'] == 'up', 'the vnf to have its device')


@case('a VLAN sub-interface goes and comes back under its name')
def vlan_returns():
    vlan('u0.100')
    px.ctl('uplink add dev u0.100', topo.vnf_line(1), 'sid add 16010 vnf n1')
    inner = udp()
    to_vlan([16010, 900], inner, 100)
    topo.at_vnf(1, inner)
    topo.ip('px', 'link del u0.100')
    made.remove('u0.100')
    with Ledger(px) as led:
        topo.from_vnf(1, inner)
        topo.silent()
    led.dropped(uplink_down=1)
    vlan('u0.100')
    wait_for(lambda: px.show('uplink')[0]['state'] == 'up', 'the uplink to be up')
    to_vlan([16010, 900], inner, 100)
    visit(inner)
    back_in_vlan([(900, 0, 63)], inner, 100)


run()
