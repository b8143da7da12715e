# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_steer.sh."""

import json
import time

import pkt
from ktap import before_each, case, check, equal, run, swift
from proxy import Ledger
from vlan import Tagged

topo = Tagged(3)
px, s0, s1 = topo.px, topo.s0, topo.s1
EF, CS1, AF = 46, 8, 10


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0', 'uplink add dev u1')


def one(steer='dscp 46=950,8=16012', options=''):
    px.ctl(topo.vnf_line(1, 'pick', 'steer %s %s' % (steer, options)), 'sid add 16010 vnf pick',
           topo.vnf_line(2), 'sid add 16012 vnf n2')


def packet(dscp=0, ecn=0, family=4, port=1000, **fields):
    return pkt.ip(pkt.udp(port, 53), family, tos=dscp << 2 | ecn, **fields)


def steered(family, ecn_in, ecn_out):
    """The label is the function's, the DSCP the sender's, ECN the packet's."""
    one()
    with Ledger(px) as led:
        before = packet(AF, ecn_in, family)
        topo.to_proxy([16010, 900, 901], before)
        topo.at_vnf(1, before)
        topo.from_vnf(1, packet(EF, ecn_out, family))
        topo.at_switch([(950, 0, 62), (901, 0, 62)], packet(AF, ecn_out, family))
        topo.from_vnf(1, packet(AF, ecn_out, family))
        topo.at_switch([(900, 0, 63), (901, 0, 63)], packet(AF, ecn_out, family))
    led.dropped()


for _family in (4, 6):
    for _ecn in ((0, 0), (1, 3), (2, 2)):
        case('another label, v%d, ECN %d to %d' % (_family, *_ecn), _family, *_ecn)(steered)


@case('a label of this node: another function, one TTL for each')
def local():
    one()
    inner = packet(AF)
    topo.to_proxy([16010, 900, 901], inner)
    topo.at_vnf(1, inner)
    topo.from_vnf(1, packet(CS1))
    topo.at_vnf(2, inner)
    topo.from_vnf(2, inner)
    topo.at_switch([(901, 0, 61)], inner)


@case('the last label: S is on the one put in its place')
def last():
    one()
    topo.to_proxy([16010, 900], packet())
    topo.at_vnf(1, packet())
    topo.from_vnf(1, packet(EF))
    topo.at_switch([(950, 0, 62)], packet())


@case('no next label: the packet keeps its way, and gets its DSCP back')
def none_left():
    one()
    topo.to_proxy([16010], packet(AF))
    topo.at_vnf(1, packet(AF))
    topo.from_vnf(1, packet(EF))
    topo.at_switch(None, packet(AF, ttl=63), s1)


@case('TTL: steering takes one, and drops what has none left')
def ttl():
    one()
    inner = packet()
    topo.to_proxy([(16010, 0, 2), 900], inner)
    topo.at_vnf(1, inner)
    with Ledger(px) as led:
        topo.from_vnf(1, packet(EF))
        topo.silent()
    led.dropped(ttl_expired=1)
    topo.from_vnf(1, inner)
    topo.at_switch([(900, 0, 1)], inner)


@case('uniform: label and packet lose the TTL')
def uniform():
    one()
    px.ctl('config set ttl uniform')
    topo.to_proxy([(16010, 0, 30), 900, 901], packet())
    topo.at_vnf(1, packet(ttl=29))
    topo.from_vnf(1, packet(EF, ttl=20))
    topo.at_switch([(950, 0, 19), (901, 0, 19)], packet(ttl=20))
    topo.from_vnf(1, packet(CS1, ttl=20))
    topo.at_vnf(2, packet(ttl=18))


@case('the DSCP of the session is followed, once a second')
def followed():
    one()

    def seen(dscp, want):
        topo.to_proxy([16010, 900], packet(dscp))
        topo.at_vnf(1, packet(dscp))
        topo.from_vnf(1, packet(EF))
        topo.at_switch([(950, 0, 62)], packet(want))

    with swift():
        seen(AF, AF)
        seen(12, AF)            # too early
    time.sleep(1.1)
    seen(12, 12)


@case('steer set, changed and cleared while flows exist')
def changed():
    one('none')
    topo.to_proxy([16010, 900], packet(AF))
    topo.at_vnf(1, packet(AF))
    check('steer' not in px.vnf('pick'), 'vnf show')
    for words, label, want in (('none', 900, EF), ('dscp 46=951', 951, AF),
                               ('dscp 46=952,0=953', 952, AF), ('none', 900, EF)):
        px.ctl('vnf set pick steer ' + words)
        topo.from_vnf(1, packet(EF))
        topo.at_switch([(label, 0, 63 if label == 900 else 62)], packet(want))
    px.ctl('vnf set pick steer dscp 0=953,63=954')
    px.ctl('vnf set pick mtu 1400')
    equal(px.vnf('pick')['steer'], {'dscp': {'0': 953, '63': 954}}, 'vnf show')
    topo.from_vnf(1, packet(0))
    topo.at_switch([(953, 0, 62)], packet(AF))


@case('match vlan: the id keeps the DSCP')
def by_vlan():
    one('dscp 46=950', 'match vlan 101-108')
    for n, dscp in enumerate((AF, CS1)):
        topo.to_proxy([16010, 900 + n, 800], packet(dscp))
        topo.at_vlan(1, packet(dscp), 101 + n)
    changed_packet = dict(src='203.0.113.1', port=7)
    for n, dscp in enumerate((AF, CS1)):
        topo.from_vlan(1, 101 + n, packet(EF, **changed_packet))
        topo.at_switch([(950, 0, 62), (800, 0, 62)], packet(dscp, **changed_packet))
        topo.from_vlan(1, 101 + n, packet(CS1, **changed_packet))
        topo.at_switch([(900 + n, 0, 63), (800, 0, 63)], packet(CS1, **changed_packet))


@case('match static: the DSCP goes back to 0')
def by_static():
    one('dscp 46=950,8=16012', 'match static 900/901 out u0')
    topo.to_proxy([16010, 777], packet(AF))
    topo.at_vnf(1, packet(AF))
    topo.from_vnf(1, packet(EF, 2))
    topo.at_switch([(950, 0, 63), (901, 0, 63)], packet(0, 2))
    topo.from_vnf(1, packet(CS1))
    topo.at_vnf(2, packet(0, ttl=62))
    topo.from_vnf(2, packet(0, ttl=62))
    topo.at_switch([(901, 0, 62)], packet(0, ttl=62))


@case('match static steered to itself ends, by the TTL of the packet')
def static_circle():
    one('dscp 46=16010', 'match static 900 out u0')
    with Ledger(px) as led:
        topo.from_vnf(1, packet(EF, ttl=6))
        for left in (4, 2):
            topo.at_vnf(1, packet(0, ttl=left))
            topo.from_vnf(1, packet(EF, ttl=left))
        topo.silent()
    led.dropped(ttl_expired=1)


@case('a decision of eight: steered into reroutes that go in a circle')
def bounded():
    one('dscp 46=16020')
    px.ctl(topo.vnf_line(3, 'down', 'admin down'),
           *('sid add %d vnf down fallback reroute %d' % (16020 + n, 16021 + n)
             for n in range(7)), 'sid add 16027 vnf n2')
    topo.to_proxy([16010, 900], packet())
    topo.at_vnf(1, packet())
    topo.from_vnf(1, packet(EF))
    topo.at_vnf(2, packet())
    px.ctl('sid set 16027 vnf down fallback reroute 16028', 'sid add 16028 vnf n2')
    with Ledger(px) as led:
        topo.from_vnf(1, packet(EF))
        topo.silent()
    led.dropped(fallback_loop=1)


@case('refusals: a sentence each, and nothing is changed')
def refused():
    one()
    wrong = {
        'vnf set pick steer dscp 64=900': 'is not VALUE=LABEL',
        'vnf set pick steer dscp 46': 'is not VALUE=LABEL',
        'vnf set pick steer dscp 46=900,': 'is not VALUE=LABEL',
        'vnf set pick steer dscp =900': 'is not VALUE=LABEL',
        'vnf set pick steer dscp 46=900,46=901': 'a DSCP is named twice',
        'vnf set pick steer dscp 46=15': 'labels below 16',
        'vnf set pick steer dscp 46=1048576': '',
        'vnf set pick steer dscp': 'lacks its value',
        'vnf set pick steer': '"steer" lacks its value',
        'vnf set pick steer tos 46=900': 'wants "dscp" or "none"',
    }
    before = px.vnf('pick')
    for command, found in zip(wrong, px.refusals(list(wrong))):
        check(found and wrong[command] in found, '%s: "%s"' % (command, found))
    equal(px.vnf('pick'), before, 'vnf show')


@case('save and apply')
def applied():
    one('dscp ' + ','.join('%d=%d' % (n, 1000 + n) for n in range(64)))
    saved = px.run('save')[1]
    px.ctl('vnf set pick steer none')
    equal(px.run('apply', '-', feed=saved)[0], 0, 'apply')
    equal(px.run('save')[1], saved, 'save after apply')
    other = json.loads(saved)
    pick, = (vnf for vnf in other['vnf'] if vnf['name'] == 'pick')
    del pick['steer']
    equal(px.run('apply', '-', feed=json.dumps(other))[0], 0, 'apply without')
    check('steer' not in px.vnf('pick'), 'vnf show')
    for bad in ({'dscp': {'64': 900}}, {'dscp': {'x': 900}}, {'dscp': {'1': 'x'}}, {'tos': {}}, 5):
        pick['steer'] = bad
        equal(px.run('apply', '-', feed=json.dumps(other))[0], 1, 'apply of %s' % bad)


run()
