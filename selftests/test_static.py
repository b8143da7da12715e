# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_static.sh."""

import json
import time

import pkt
from ktap import before_each, case, check, equal, run, wait_for
from nodes import One, f_mac, v_mac
from proxy import Ledger

topo = One(3)
px, s0, s1 = topo.px, topo.s0, topo.s1
OTHER_MAC = pkt.mac('02:00:00:00:00:77')
IN = pkt.ip4(pkt.udp(1000, 53), ttl=40)
OUT = pkt.ip4(pkt.tcp(5, 6), src='203.0.113.5', dst='203.0.113.6', ttl=33)
OUT6 = pkt.ip6(pkt.udp(5, 6), ttl=21)


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0', 'uplink add dev u1')


def one(labels='900/901', out='u0', options=''):
    px.ctl(topo.vnf_line(1, 'st', 'match static %s out %s %s' % (labels, out, options)),
           'sid add 16010 vnf st')


def visit(labels=(16010, 777), inner=IN, **how):
    topo.to_proxy(list(labels), inner, **how)
    topo.at_vnf(1, inner)


@case('whatever returns gets the stack written down, with its own TTL')
def written():
    one()
    with Ledger(px) as led:
        visit()
        for packet in (OUT, OUT6, IN, pkt.ip4(pkt.icmp(3)), pkt.ip4(pkt.esp(9))):
            topo.from_vnf(1, packet)
            ttl = pkt.get_ttl(packet)
            topo.at_switch([(900, 0, ttl), (901, 0, ttl)], packet)
    led.dropped()
    equal(px.flow_count(), 0, 'flows')
    equal(led.delta.get('vnf', 'st', 'from_vnf_packets'), 5, 'from_vnf')


@case('hairpin: no way back is known before a packet came')
def unknown():
    one()
    with Ledger(px) as led:
        topo.from_vnf(1, OUT)
        visit(port=s1)              # of the other uplink: says nothing of this one
        topo.from_vnf(1, OUT)
        topo.silent()
    led.dropped(no_route_back=2)


@case('hairpin: to the neighbour that packets last came from on that uplink')
def neighbour():
    one(out='u1')
    visit(port=s1)
    visit()
    topo.from_vnf(1, OUT)
    topo.at_switch([(900, 0, 33), (901, 0, 33)], OUT, s1)
    time.sleep(1.1)
    visit(port=s1, src=OTHER_MAC)
    topo.from_vnf(1, OUT)
    topo.at_switch([(900, 0, 33), (901, 0, 33)], OUT, s1, dst=OTHER_MAC)


@case('egress via: no neighbour has to be known')
def via():
    px.ctl('uplink set dev u1 egress via inet 10.0.10.2 dev u1')
    one('900', 'u1')
    topo.from_vnf(1, OUT)
    topo.at_switch([(900, 0, 33)], OUT, s1)


@case('labels of this node: the next function, one TTL less')
def local():
    one('16012/900')
    px.ctl(topo.vnf_line(2), 'sid add 16012 vnf n2')
    visit()
    topo.from_vnf(1, OUT)
    aged = pkt.with_ttl(OUT, 32)
    topo.at_vnf(2, aged)
    topo.from_vnf(2, aged)
    topo.at_switch([(900, 0, 32)], aged)


@case('a stack that leads to the same function ends, by the TTL of the packet')
def circle():
    one('16010')
    packet = pkt.ip4(pkt.udp(9, 9), ttl=5)
    with Ledger(px) as led:
        topo.from_vnf(1, packet)
        for ttl in (4, 3, 2, 1):
            packet = pkt.with_ttl(packet, ttl)
            topo.at_vnf(1, packet)
            topo.from_vnf(1, packet)
        topo.silent()
    led.dropped(ttl_expired=1)


@case('a fragment waits for its first only where a function of this node comes next')
def fragments():
    one('900')
    px.ctl(topo.vnf_line(2, 'b', 'match static 16012 out u0'), topo.vnf_line(3),
           'sid add 16012 vnf n3')
    visit()
    for family in (4, 6):
        parts = pkt.fragment(pkt.ip(pkt.udp(data=bytes(1000)), family), 400)
        with Ledger(px) as led:
            for part in (parts[2], parts[1], parts[0], parts[1]):
                topo.from_vnf(1, part)
                topo.at_switch([(900, 0, pkt.get_ttl(part))], part)
        led.dropped()
        with Ledger(px) as led:
            topo.from_vnf(2, parts[1])
            wait_for(lambda led=led: led.look() and led.drops, 'the drop')
        led.dropped(frag_orphan=1)


@case('uniform differs in nothing')
def uniform():
    px.ctl('config set ttl uniform')
    one('900')
    topo.to_proxy([16010, 777], pkt.with_ttl(IN, 40))
    topo.at_vnf(1, pkt.with_ttl(IN, 40))
    topo.from_vnf(1, OUT)
    topo.at_switch([(900, 0, 33)], OUT)


@case('what is no packet of a chain: ARP, ND, link-local talk, labels')
def others():
    one()
    visit()
    mld = pkt.ip6(pkt.icmp6(kind=143), src='fe80::1', dst='ff02::16')
    with Ledger(px) as led:
        topo.from_vnf(1, mld)
        topo.from_vnf(1, pkt.ip4(pkt.udp(5353, 5353), dst='224.0.0.251'))
        topo.f[1].send(pkt.ether(v_mac(1), f_mac(1), pkt.ETH_ARP, bytes(28)))
        topo.from_vnf(1, OUT, labels=[16010, 900])
        topo.f[1].send(pkt.ether(v_mac(1), f_mac(1), 0x88b5, bytes(46)))
        topo.silent()
    led.dropped(vnf_labelled=1, inner_unknown=1)
    px.ctl('vnf set st on-miss strict')
    with Ledger(px) as led:
        topo.from_vnf(1, mld)
        topo.silent()
    led.dropped(vnf_miss=1)


@case('cut short and contradictory packets are dropped')
def malformed():
    one()
    visit()
    with Ledger(px) as led:
        for packet in (OUT[:19], OUT[:-9], b'\x45' + bytes(30), b'\x60' + bytes(20)):
            topo.f[1].send(pkt.ether(v_mac(1), f_mac(1), pkt.ETH_IP, packet))
        topo.silent()
    equal(sum(led.drops.values()), led.drops.get('inner_malformed', 0) +
          led.drops.get('inner_unknown', 0), 'drops')
    check(led.drops, 'nothing was dropped')


@case('refusals: a sentence each, and nothing is changed')
def refused():
    one()
    line = topo.vnf_line
    wrong = {
        line(2, 'b', 'match static 900 out u7'): 'there is no such uplink',
        line(2, 'b', 'match static 900 out v3'): 'there is no such uplink',
        line(2, 'b', 'match static 900'): 'lacks "out UPLINK"',
        line(2, 'b', 'match static 15 out u0'): 'labels are 16 to 1048575',
        line(2, 'b', 'match static 1048576 out u0'): 'labels are 16 to 1048575',
        line(2, 'b', 'match static 900/ out u0'): 'is not LABEL',
        line(2, 'b', 'match static %s out u0' % '/'.join(['900'] * 17)): 'too many labels',
        line(2, 'b', 'match static'): 'lacks its value',
        'vnf set st match static 902 out u7': 'there is no such uplink',
        'uplink del dev u0': 'a vnf with match static uses this uplink',
    }
    before = px.show('vnf show', 'uplink show')
    for command, found in zip(wrong, px.refusals(list(wrong))):
        check(found and wrong[command] in found, '%s: "%s"' % (command, found))
    equal(px.show('vnf show', 'uplink show')[0], before[0], 'vnf show')
    px.ctl('vnf set st match static 900/901 out u0 mtu 1400')
    shown = px.vnf('st')
    equal((shown['match'], shown['static'], shown['out']), ('static', [900, 901], 'u0'),
          'vnf show')
    px.ctl('sid del 16010', 'vnf del st', 'uplink del dev u0')


@case('save and apply: round trip, another stack, an uplink that goes')
def applied():
    one('/'.join(str(900 + n) for n in range(16)))
    visit()
    saved = px.run('save')[1]
    equal(px.run('apply', '-', feed=saved)[0], 0, 'apply')
    equal(px.run('save')[1], saved, 'save after apply')
    topo.from_vnf(1, OUT)           # the way back is still known
    topo.at_switch([(900 + n, 0, 33) for n in range(16)], OUT)
    other = json.loads(saved)
    other['vnf'][0].update(static=[950], out='u1')
    equal(px.run('apply', '-', feed=json.dumps(other))[0], 0, 'apply of another stack')
    visit(port=s1)
    topo.from_vnf(1, OUT)
    topo.at_switch([(950, 0, 33)], OUT, s1)
    gone = json.loads(json.dumps(other))
    gone['uplink'] = [u for u in gone['uplink'] if u['dev'] != 'u1']
    code, _, text = px.run('apply', '-', feed=json.dumps(gone))
    check(code == 2 and 'there is no such uplink' in text and 'vnf[0]' in text,
          'apply without the uplink: %s' % text)
    topo.from_vnf(1, OUT)
    topo.at_switch([(950, 0, 33)], OUT, s1)
    gone['vnf'], gone['sid'] = [], []
    equal(px.run('apply', '-', feed=json.dumps(gone))[0], 0, 'apply without both')


@case('the uplink is renamed, vanishes, comes back')
def renamed():
    topo.ip('px', 'link add d1 type dummy', 'link set d1 up')
    px.ctl('uplink add dev d1')
    one('900', 'd1')
    topo.ip('px', 'link set d1 down', 'link set d1 name d2', 'link set d2 up')
    equal(px.vnf('st')['out'], 'd2', 'out')
    saved = px.run('save')[1]
    equal(px.run('apply', '-', feed=saved)[0], 0, 'apply after the renaming')
    topo.ip('px', 'link del d2')
    visit()
    with Ledger(px) as led:
        topo.from_vnf(1, OUT)
        topo.silent()
    check(set(led.drops) <= {'uplink_down', 'no_route_back'} and led.drops, str(led.drops))
    topo.ip('px', 'link add d2 type dummy', 'link set d2 up')
    wait_for(lambda: px.show('uplink show dev d2')[0]['state'] == 'up', 'the uplink to be up')
    topo.ip('px', 'link del d2')


run()
