# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_vlan.sh."""

import json
import os
import subprocess
import time

import pkt
from ktap import before_each, case, check, equal, run, swift, wait_for
from nodes import f_mac, v_mac
from proxy import CTL, Ledger
from vlan import Tagged

topo = Tagged(3)
px, s0, s1 = topo.px, topo.s0, topo.s1
OTHER_MAC = pkt.mac('02:00:00:00:00:77')


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('uplink add dev u0', 'uplink add dev u1')


def one(ids='101-108', options=''):
    px.ctl(topo.vlan_line(1, ids, 'nat', options), 'sid add 16010 vnf nat')


def visit(labels, inner, vlan=None, **how):
    """In; the id that it arrives with."""
    topo.to_proxy(labels, inner, **how)
    return topo.at_vlan(1, inner, vlan)


def ids():
    return sorted(f['vlan'] for f in px.flows())


def rewriting(family):
    """What comes back is another packet altogether: the tag says its stack."""
    one()
    there = pkt.ip(pkt.udp(1000, 53), family)
    other = {4: dict(src='203.0.113.9', dst='203.0.113.7'),
             6: dict(src='2001:db8:99::1', dst='2001:db8:98::1')}[family]
    with Ledger(px) as led:
        for n in range(8):
            visit([16010, 900 + n, 800], there, 101 + n)
        for n in reversed(range(8)):
            back = pkt.ip(pkt.tcp(7 * n, 99), family, **other)
            topo.from_vlan(1, 101 + n, back)
            topo.at_switch([(900 + n, 0, 63), (800, 0, 63)], back)
    led.dropped()
    equal(led.delta.get('vnf', 'nat', 'from_vnf_packets'), 8, 'from_vnf')


case('a function rewrites all it likes, v4', 4)(rewriting)
case('a function rewrites all it likes, v6', 6)(rewriting)


@case('one id for a stack, whatever sessions it carries')
def sessions():
    one('2000-2001')
    for n in range(20):
        visit([16010, 900], pkt.ip(pkt.udp(1000 + n, 53), 4 + 2 * (n & 1)), 2000)
    flows = px.flows()
    equal(len(flows), 1, 'entries')
    equal({k: flows[0][k] for k in ('vnf', 'sid', 'vlan', 'labels', 'packets', 'uplink')},
          {'vnf': 'nat', 'sid': 16010, 'vlan': 2000, 'labels': [900], 'packets': 20,
           'uplink': 'u0'}, 'flow show')
    check('src' not in flows[0] and 'idle_ms' in flows[0], 'flow show: %s' % flows)
    equal((px.flow_count(), px.vnf('nat')['flows']), (1, 1), 'counts')


@case('stacks differ by visit, uplink, way back and labels, not by TTL and TC')
def identity():
    one()
    px.ctl('sid add 16011 vnf nat')
    inner = pkt.ip4(pkt.udp(1, 1))
    visit([16010, 900], inner, 101)
    visit([16010, (900, 5, 9)], inner, 101)
    visit([16011, 900], inner, 102)
    visit([16010, 900], inner, 103, port=s1)
    visit([16010, 900], inner, 104, src=OTHER_MAC)
    visit([16010, 900, 900], inner, 105)
    visit([16010], inner, 106)
    topo.from_vlan(1, 104, inner)
    topo.at_switch([(900, 0, 63)], inner, dst=OTHER_MAC)
    topo.from_vlan(1, 103, inner)
    topo.at_switch([(900, 0, 63)], inner, s1)
    topo.from_vlan(1, 106, inner)       # the IP stack takes it: on by its default route
    topo.at_switch(None, pkt.with_ttl(inner, 63), s1)


@case('tenants with the same addresses never meet')
def tenants():
    one()
    inner = pkt.ip4(pkt.tcp(1000, 80))
    with Ledger(px) as led:
        for _ in range(3):
            for n in range(8):
                visit([16010, 900 + n], inner, 101 + n)
            for n in range(8):
                topo.from_vlan(1, 101 + n, inner)
                topo.at_switch([(900 + n, 0, 63)], inner)
    led.dropped()


@case('a chain visits the same function twice')
def twice():
    one()
    px.ctl('sid add 16011 vnf nat')
    inner = pkt.ip4(pkt.udp(1, 1))
    changed = pkt.ip4(pkt.udp(2, 2), src='203.0.113.1')
    last = pkt.ip4(pkt.udp(3, 3), src='203.0.113.2')
    with Ledger(px) as led:
        topo.to_proxy([16010, 16011, 16010, 900], inner)
        for vlan, before, after in ((101, inner, changed), (102, changed, last),
                                    (103, last, inner)):
            topo.at_vlan(1, before, vlan)
            topo.from_vlan(1, vlan, after)
        topo.at_switch([(900, 0, 61)], inner)
    led.dropped()


@case('on to a function that is matched by flow, which sees the new addresses')
def mixed():
    one()
    px.ctl(topo.vnf_line(2), 'sid add 16012 vnf n2')
    inner, changed = pkt.ip4(pkt.udp(1, 1)), pkt.ip4(pkt.udp(9, 9), src='203.0.113.1')
    topo.to_proxy([16010, 16012, 900], inner)
    topo.at_vlan(1, inner, 101)
    topo.from_vlan(1, 101, changed)
    topo.at_vnf(2, changed)
    topo.from_vnf(2, changed)
    topo.at_switch([(900, 0, 62)], changed)


@case('a fragment waits for its first only where a function of this node comes next')
def fragments():
    one('101-108', 'steer dscp 1=16012,2=950')
    px.ctl(topo.vnf_line(2), 'sid add 16012 vnf n2')
    inner = pkt.ip4(pkt.udp(1, 1))
    visit([16010, 900], inner, 101)
    visit([16010, 16012, 900], inner, 102)
    for family in (4, 6):
        whole = pkt.ip(pkt.udp(data=bytes(1000)), family)
        parts = pkt.fragment(whole, 400)
        picked = pkt.fragment(pkt.with_tos(whole, 2 << 2), 400, 77)[1]
        local = pkt.fragment(pkt.with_tos(whole, 1 << 2), 400, 78)[1]
        with Ledger(px) as led:
            for part in (parts[2], parts[1], parts[0], parts[1]):
                topo.from_vlan(1, 101, part)
                topo.at_switch([(900, 0, 63)], part)
            topo.from_vlan(1, 102, picked)
            topo.at_switch([(950, 0, 62), (900, 0, 62)], pkt.with_tos(picked, 0))
        led.dropped()
        with Ledger(px) as led:
            topo.from_vlan(1, 102, parts[1])
            topo.from_vlan(1, 101, local)
            topo.from_vlan(1, 108, parts[1])
            wait_for(lambda led=led: led.look() and led.drops.get('frag_orphan') == 2,
                     'the drops')
        led.dropped(frag_orphan=2, vnf_miss=1)


@case('pipe: TTL and TC are kept with the id, and followed')
def kept():
    one()
    inner = pkt.ip4(pkt.udp(1, 1))
    visit([(16010, 0, 30), (900, 3, 64)], inner, 101)
    topo.from_vlan(1, 101, inner)
    topo.at_switch([(900, 3, 29)], inner)
    time.sleep(1.1)
    visit([(16010, 0, 50), (900, 6, 40)], inner, 101)
    topo.from_vlan(1, 101, inner)
    topo.at_switch([(900, 6, 40)], inner)


@case('uniform: the label gets the TTL of the packet')
def uniform():
    one()
    px.ctl('config set ttl uniform')
    inner = pkt.ip4(pkt.udp(1, 1))
    topo.to_proxy([(16010, 0, 30), 900], inner)
    topo.at_vlan(1, pkt.with_ttl(inner, 29), 101)
    topo.from_vlan(1, 101, pkt.with_ttl(inner, 28))
    topo.at_switch([(900, 0, 28)], pkt.with_ttl(inner, 28))


@case('the range is exhausted: the new stack is refused, the old ones untouched')
def exhausted():
    one('101-103')
    inner = pkt.ip4(pkt.udp(1, 1))
    for n in range(3):
        visit([16010, 900 + n], inner, 101 + n)
    with Ledger(px) as led:
        for _ in range(5):
            topo.to_proxy([16010, 999], inner)
        topo.silent()
        for n in range(3):
            visit([16010, 900 + n], inner, 101 + n)
            topo.from_vlan(1, 101 + n, inner)
            topo.at_switch([(900 + n, 0, 63)], inner)
    led.dropped(vlan_exhausted=5)
    equal(ids(), [101, 102, 103], 'ids')
    equal(led.delta.get('stats', 'flows_evicted'), 0, 'flows_evicted')


@case('ids age, and come back after twice the idle time, oldest first')
def reuse():
    one('101-103')
    px.ctl('config set idle-timeout 2')
    inner = pkt.ip4(pkt.udp(1, 1))
    with swift(1.8):
        visit([16010, 902], inner, 101)
        time.sleep(0.5)
        visit([16010, 900], inner, 102)
        time.sleep(0.5)
        visit([16010, 901], inner, 103)
        time.sleep(0.3)
        topo.from_vlan(1, 101, inner)       # 102 is now unused for the longest time
        last = time.monotonic()
        topo.at_switch([(902, 0, 63)], inner)
    wait_for(lambda: not px.flow_count(), 'the ids to age', 6)
    check(time.monotonic() - last > 1.9, 'aged after %.1f s' % (time.monotonic() - last))
    with Ledger(px) as led:
        if time.monotonic() - last < 2.6:
            topo.to_proxy([16010, 902], inner)
            topo.silent()
    check(set(led.drops) <= {'vlan_exhausted'}, 'drops %s' % led.drops)
    time.sleep(max(0, last + 4.2 - time.monotonic()))
    got = [visit([16010, 910 + n], inner) for n in range(3)]
    equal(got, [102, 103, 101], 'order of reuse')


@case('an id past its time is dead before the worker comes')
def dead():
    one('101-101')
    px.ctl('config set idle-timeout 1')
    inner = pkt.ip4(pkt.udp(1, 1))
    visit([16010, 900], inner, 101)
    time.sleep(1.1)
    with Ledger(px) as led:
        topo.from_vlan(1, 101, inner)
        topo.silent()
    led.dropped(vnf_miss=1)


@case('packets of either side keep an id alive')
def alive():
    one('101-103')
    px.ctl('config set idle-timeout 1')
    inner = pkt.ip4(pkt.udp(1, 1))
    for n in range(3):
        visit([16010, 900 + n], inner, 101 + n)
    end = time.monotonic() + 2.2
    while time.monotonic() < end:
        with swift():
            visit([16010, 900], inner, 101)
            topo.from_vlan(1, 102, inner)
            topo.at_switch([(901, 0, 63)], inner)
            time.sleep(0.2)
    equal(ids(), [101, 102], 'ids')


@case('flush forgets the ids, and they are not given away too early')
def flush():
    one('101-104')
    px.ctl('config set idle-timeout 1')
    inner = pkt.ip4(pkt.udp(1, 1))
    with swift(1.5):
        visit([16010, 900], inner, 101)
        visit([16010, 901], inner, 102)
        px.ctl('flow flush vnf nat')
        equal(px.flow_count(), 0, 'flows')
        with Ledger(px) as led:
            topo.from_vlan(1, 101, inner)
            topo.silent()
        led.dropped(vnf_miss=1)
        visit([16010, 902], inner, 103)
        visit([16010, 900], inner, 104)
        with Ledger(px) as led:
            topo.to_proxy([16010, 905], inner)
            topo.silent()
        led.dropped(vlan_exhausted=1)
    time.sleep(2.1)
    visit([16010, 905], inner, 101)


@case('ids that are let go at once come back in the order of their last use')
def flush_order():
    one('101-103')
    px.ctl('config set idle-timeout 1')
    inner = pkt.ip4(pkt.udp(1, 1))
    with swift(0.9):
        for n in range(3):
            visit([16010, 900 + n], inner, 101 + n)
        time.sleep(0.1)
        topo.from_vlan(1, 101, inner)
        topo.at_switch([(900, 0, 63)], inner)
        px.ctl('flow flush vnf nat')
    time.sleep(2.1)
    got = [visit([16010, 910 + n], inner) for n in range(3)]
    equal(got, [102, 103, 101], 'order of reuse')


@case('a bound on flows holds for ids: the oldest on probation gives way')
def bound():
    one('101-110', 'max-flows 3')
    inner = pkt.ip4(pkt.udp(1, 1))
    for n in range(5):
        visit([16010, 900 + n], inner, 101 + n)
    equal(ids(), [103, 104, 105], 'ids')


@case('drain: stacks that have an id stay, new ones go elsewhere')
def drain():
    px.ctl(topo.vlan_line(1, '101-108', 'nat'), topo.vlan_line(2, '201-208', 'nat2'),
           'sid add 16010 vnf nat backup nat2')
    inner, other = (pkt.ip4(pkt.udp(port, 53)) for port in (1000, 1001))
    vlan = visit([16010, 900], inner)
    with Ledger(px) as led:
        px.ctl('vnf set nat admin drain')
        visit([16010, 900], inner, vlan)
        visit([16010, 900], other, vlan)        # which sessions it has nobody knows
        topo.to_proxy([16010, 901], inner)
        topo.at_vlan(2, inner, 201)
        topo.to_proxy([16010, 900], inner, port=s1)     # another way back: another stack
        topo.at_vlan(2, inner, 202)
        topo.from_vlan(1, vlan, inner)
        topo.at_switch([(900, 0, 63)], inner)
        px.ctl('flow flush vnf nat')
        topo.to_proxy([16010, 900], inner)
        topo.at_vlan(2, inner, 203)
    led.dropped()


@case('drain: sessions of a stack that several have stay where they are')
def drain_shared():
    px.ctl(topo.vlan_line(1, '101-108', 'nat'), topo.vlan_line(2, '201-208', 'nat2'),
           'sid add 16010 vnf nat,nat2')
    inner = [pkt.ip4(pkt.udp(1000 + n, 53)) for n in range(24)]

    def where():
        found = []
        for packet in inner:
            topo.to_proxy([16010, 900], packet)
            found.append(topo.arrivals(1).index(1))
        return found
    with Ledger(px) as led:
        before = where()
        equal(set(before), {1, 2}, 'functions')
        px.ctl('vnf set nat admin drain')
        equal(where(), before, 'where sessions go, nat drained')
        px.ctl('vnf set nat admin down')
        equal(set(where()), {2}, 'where sessions go, nat down')
    led.dropped()


@case('what names no stack follows on-miss; ARP and IP to this node pass')
def misses():
    one()
    inner = pkt.ip4(pkt.udp(1, 1))
    visit([16010, 900], inner, 101)
    with Ledger(px) as led:
        topo.from_vlan(1, 102, inner)           # of the range, stands for nothing
        topo.from_vnf(1, inner)                 # no tag
        topo.from_vlan(1, 0, inner)             # VLAN 0 is no tag
        topo.silent()
        equal(px.vnf('nat')['stats']['miss'], 3, 'miss')
        topo.f[1].send(pkt.ether_vlan(v_mac(1), f_mac(1), 101, pkt.ETH_MPLS,
                                      pkt.encode_labels(pkt.stack(16010, 900)) + inner))
        topo.silent()
    led.dropped(vnf_miss=3, vnf_labelled=1)
    px.ctl('vnf set nat on-miss accept')
    with Ledger(px, 1) as led:
        topo.from_vnf(1, inner)                 # routed by the node
        topo.at_switch(None, pkt.with_ttl(inner, 63), s1)
        led.local = 0
    led.dropped()
    topo.from_vlan(1, 101, inner, pcp=5)        # priority is not part of the id
    topo.at_switch([(900, 0, 63)], inner)


@case('a tag outside the range goes to the sub-interface')
def outside():
    one()
    topo.ip('px', 'link add link v1 name v1.50 type vlan id 50', 'link set v1.50 up',
            'addr add 10.0.50.1/24 dev v1.50', 'neigh add 10.0.50.2 lladdr %s dev v1.50' %
            pkt.mac_text(f_mac(1)))
    try:
        ping = pkt.ip4(pkt.icmp(7), src='10.0.50.2', dst='10.0.50.1')
        with Ledger(px) as led:
            topo.from_vlan(1, 50, ping)
            frame = topo.f[1].recv()
            check(frame and frame.vlan == 50 and frame.inner[20] == 0, 'echo reply: %s' % frame)
        led.dropped()
    finally:
        topo.ip('px', 'link del v1.50')


@case('several functions share a device with ranges of their own')
def shared():
    px.ctl(topo.vlan_line(1, '101-102', 'a'), topo.vlan_line(1, '201-202', 'b'),
           topo.vnf_line(2, 'c', 'in v3 match vlan 301-302'),
           'sid add 16010 vnf a', 'sid add 16011 vnf b', 'sid add 16012 vnf c')
    inner = pkt.ip4(pkt.udp(1, 1))
    with Ledger(px) as led:
        visit([16010, 900], inner, 101)
        visit([16011, 901], inner, 201)
        topo.to_proxy([16012, 902], inner)
        topo.at_vlan(2, inner, 301)
        topo.from_vlan(1, 201, inner)
        topo.at_switch([(901, 0, 63)], inner)
        topo.from_vlan(1, 101, inner)
        topo.at_switch([(900, 0, 63)], inner)
        topo.from_vlan(3, 301, inner)
        topo.at_switch([(902, 0, 63)], inner)
        topo.from_vlan(1, 301, inner)           # not on this device
        topo.from_vlan(3, 101, inner)
        topo.silent()
    led.dropped()
    px.ctl('sid del 16010', 'vnf del a')
    topo.from_vlan(1, 201, inner)
    topo.at_switch([(901, 0, 63)], inner)


@case('instances that share a device by their ranges share the flows')
def shared_group():
    px.ctl(topo.vlan_line(1, '101-140', 'a'), topo.vlan_line(1, '201-240', 'b'),
           'sid add 16010 vnf a,b')
    for port in range(40):
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(port, 1)))
    topo.arrivals(40)
    packets = [px.vnf(name)['stats']['to_vnf_packets'] for name in 'ab']
    equal(sum(packets), 40, 'packets')
    check(min(packets) > 5, 'packets: %s' % packets)


@case('refusals: a sentence each, and nothing is changed')
def refused():
    px.ctl(topo.vlan_line(1, '101-108', 'a'), topo.vnf_line(2, 'f'))
    line = topo.vnf_line
    wrong = {
        line(1, 'b', 'match vlan 108-110'): 'another vnf on this device has VLAN ids of this range',
        line(1, 'b', 'match vlan 1-4094'): 'another vnf on this device has VLAN ids of this range',
        line(1, 'b', 'in v3 match vlan 108-110'):
            'another vnf on this device has VLAN ids of this range',
        line(1, 'b'): 'another vnf receives on this device already',
        line(1, 'b', 'match static 900 out u0'): 'another vnf receives on this device already',
        line(2, 'b', 'match vlan 5-6'): 'another vnf receives on this device already',
        line(3, 'b', 'match vlan 9-8'): 'match vlan needs a range of VLAN ids',
        line(3, 'b', 'match vlan 0-8'): '',
        line(3, 'b', 'match vlan 1-4095'): '',
        line(3, 'b', 'match vlan 17'): 'is not a range',
        line(3, 'b', 'match vlan x-17'): 'is not a range',
        line(3, 'b', 'match vlan 1-2-3'): 'is not a range',
        line(3, 'b', 'match vlan'): 'lacks its value',
        'vnf set a match vlan 9-8': 'match vlan needs a range of VLAN ids',
    }
    before = px.show('vnf show')
    for command, found in zip(wrong, px.refusals(list(wrong))):
        check(found and wrong[command] in found, '%s: "%s"' % (command, found))
    equal(px.show('vnf show'), before, 'vnf show')
    px.ctl('vnf set a match vlan 101-108 mtu 1400', line(1, 'b', 'match vlan 109-110'),
           line(1, 'c', 'in v3 match vlan 111-112'))
    equal((px.vnf('a')['match'], px.vnf('a')['vlan']), ('vlan', [101, 108]), 'vnf show')


def sub_line(name, vid, parent='v1'):
    return 'vnf add %s dev %s.%d lladdr %s' % (name, parent, vid, pkt.mac_text(f_mac(1)))


@case('a sub-interface whose frames a function on its parent takes is refused')
def sub_interfaces():
    upper = 'a device above or below this one has another role'
    for vid, parent in ((105, 'v1'), (109, 'v1'), (7, 'v3')):
        topo.ip('px', 'link add link %s name %s.%d type vlan id %d' %
                (parent, parent, vid, vid), 'link set %s.%d up' % (parent, vid))
    topo.ip('px', 'link add link v1 name v1.s type vlan protocol 802.1ad id 105',
            'link add d9 type dummy')
    try:
        px.ctl(topo.vlan_line(1, '101-108', 'a'), 'vnf add e dev v3 inner ethernet')
        wrong = ['uplink add dev v1.105', sub_line('b', 105), 'uplink add dev v3.7',
                 sub_line('b', 7, 'v3')]
        for command, found in zip(wrong, px.refusals(wrong)):
            check(found and upper in found, '%s: "%s"' % (command, found))
        px.ctl('uplink add dev v1.s', sub_line('b', 109), 'vnf del a', 'vnf del e')
        # the other way round: the parent comes second
        px.ctl(sub_line('c', 105))
        wrong = [topo.vlan_line(1, '101-108', 'a')]
        check(upper in px.refusals(wrong)[0], 'the parent was not refused')
        px.ctl(topo.vlan_line(1, '106-108', 'a'), 'vnf del a')
        # in one transaction, the one goes for the other
        saved = json.loads(px.run('save')[1])
        other = dict(saved, vnf=[v for v in saved['vnf'] if v['name'] != 'c'])
        px.ctl('vnf del c', topo.vlan_line(1, '101-108', 'a'))
        equal(px.run('apply', '-', feed=json.dumps(saved))[0], 0, 'apply of c for a')
        equal(sorted(v['name'] for v in px.show('vnf show')), ['b', 'c'], 'vnfs')
        px.run('apply', '-', feed=json.dumps(other))
        # a device that comes when its place is taken: down, as for others
        px.ctl(sub_line('c', 105), 'vnf add last dev d9 lladdr 02:00:00:00:00:99')
        topo.ip('px', 'link del v1.105', 'link del d9')
        px.ctl(topo.vlan_line(1, '101-108', 'a'))
        topo.ip('px', 'link add link v1 name v1.105 type vlan id 105', 'link set v1.105 up',
                'link add d9 type dummy', 'link set d9 up')
        wait_for(lambda: px.vnf('last')['state'] == 'up', 'the last to be up')
        equal((px.vnf('a')['state'], px.vnf('c')['state']), ('up', 'down'), 'states')
    finally:
        px.clear()
        topo.ip('px', 'link del v1.105', 'link del v1.109', 'link del v1.s',
                'link del v3.7', 'link del d9')


@case('save and apply: ids live on where the range stays, and end where it moves')
def applied():
    one()
    inner = pkt.ip4(pkt.udp(1, 1))
    visit([16010, 900], inner, 101)
    saved = px.run('save')[1]
    equal(px.run('apply', '-', feed=saved)[0], 0, 'apply')
    equal(px.run('save')[1], saved, 'save after apply')
    topo.from_vlan(1, 101, inner)
    topo.at_switch([(900, 0, 63)], inner)
    moved = json.loads(saved)
    moved['vnf'][0]['vlan'] = [105, 120]
    equal(px.run('apply', '-', feed=json.dumps(moved))[0], 0, 'apply of another range')
    equal(px.flow_count(), 0, 'flows')
    visit([16010, 900], inner, 105)
    moved['vnf'].append(dict(moved['vnf'][0], name='b', vlan=[120, 130]))
    code, _, text = px.run('apply', '-', feed=json.dumps(moved))
    check(code == 2 and 'VLAN ids of this range' in text, 'apply of an overlap: %s' % text)
    topo.from_vlan(1, 105, inner)
    topo.at_switch([(900, 0, 63)], inner)


@case('events: an id is given and taken')
def events():
    one('101-4000')         # each round takes one, until the monitor listens
    inner = pkt.ip4(pkt.udp(1, 1))
    seen = ''
    with subprocess.Popen([CTL, '-n', px.netns, '-j', 'monitor', 'flow'],
                          stdout=subprocess.PIPE) as process:
        try:
            os.set_blocking(process.stdout.fileno(), False)

            def heard():
                nonlocal seen
                topo.to_proxy([16010, 900], inner)
                topo.at_vlan(1, inner)
                px.ctl('flow flush')
                seen += (process.stdout.read() or b'').decode()
                return '"gone"' in seen
            wait_for(heard, 'an id to be given and taken', 30)
        finally:
            process.terminate()
    check('"vlan":' in seen and '"src"' not in seen, 'events: %s' % seen)


@case('the device vanishes with ids in use, and comes back')
def vanishes():
    topo.ip('px', 'link add d1 type dummy', 'link set d1 up')
    px.ctl('vnf add nat dev d1 lladdr 02:00:00:00:00:99 match vlan 101-108',
           'sid add 16010 vnf nat')
    inner = pkt.ip4(pkt.udp(1, 1))
    for n in range(4):
        topo.to_proxy([16010, 900 + n], inner)
    equal(ids(), [101, 102, 103, 104], 'ids')
    topo.ip('px', 'link del d1')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], inner)
    led.dropped(no_instance=1)
    topo.ip('px', 'link add d1 type dummy', 'link set d1 up')
    wait_for(lambda: px.vnf('nat')['state'] == 'up', 'the vnf to be up')
    with Ledger(px) as led:
        topo.to_proxy([16010, 904], inner)
    led.dropped()
    equal(ids(), [101, 102, 103, 104, 105], 'ids')
    px.ctl('sid del 16010', 'vnf del nat')
    equal(px.flow_count(), 0, 'flows')
    topo.ip('px', 'link del d1')


@case('a device comes back under a name whose ranges overlap: the second stays down')
def collide():
    topo.ip('px', 'link add d1 type dummy', 'link set d1 up',
            'link add d2 type dummy', 'link set d2 up')
    px.ctl('vnf add a dev d1 lladdr 02:00:00:00:00:99 match vlan 101-108',
           'vnf add b dev d2 lladdr 02:00:00:00:00:99 match vlan 108-109')
    topo.ip('px', 'link del d2', 'link set d1 down', 'link set d1 name d2', 'link set d2 up')
    equal(px.vnf('a')['state'], 'up', 'state of a')
    equal(px.vnf('b')['state'], 'down', 'state of b')
    topo.ip('px', 'link del d2')


run()
