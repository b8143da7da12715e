# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_rename.sh."""

import pkt
from ktap import before_each, case, equal, run, wait_for
from nodes import One
from proxy import Ledger

INNER = pkt.ip4(pkt.udp(1000, 1))
topo = One(1)
px = topo.px


@before_each
def start():
    px.clear()
    px.ctl('uplink add dev u0', topo.vnf_line(1), 'sid add 16001 vnf n1')
    topo.drain()


def rename(old, new):
    """No kernel before 6.2 renames a device that is up."""
    topo.ip('px', 'link set %s down' % old, 'link set %s name %s' % (old, new),
            'link set %s up' % new)


def serves(uplink, dev):
    """Shown under these names, both up, and packets go through."""
    def shown():
        up, vnf = (px.show(what + ' show')[0] for what in ('uplink', 'vnf'))
        return (up['dev'], up['state'], vnf['dev'], vnf['in'], vnf['state'])
    wait_for(lambda: shown()[1::3] == ('up', 'up'), 'uplink and vnf to be up: %s' % (shown(),), 30)
    equal(shown(), (uplink, 'up', dev, dev, 'up'), 'uplink and vnf')
    topo.drain()
    with Ledger(px) as led:
        topo.to_proxy([16001, 900], INNER)
        topo.at_vnf(1, INNER)
        topo.from_vnf(1, INNER)
        topo.at_switch([(900, 0, 63)], INNER)
    led.dropped()


def again():
    """What is saved can be applied: where it is already, and from nothing."""
    status, text, errors = px.run('save')
    equal((status, errors), (0, ''), 'save')
    ids = [v['id'] for v in px.show('vnf show')]
    for clear in (False, True):
        if clear:
            px.clear()
        status, _, errors = px.run('apply', '-', feed=text)
        equal((status, errors), (0, ''), 'apply')
        equal(px.run('save')[1], text, 'saved again')
        if not clear:
            equal([v['id'] for v in px.show('vnf show')], ids, 'the vnf, made anew by apply')


def renamed(old, new):
    serves('u0', 'v1')
    rename(old, new)
    now = tuple(new if dev == old else dev for dev in ('u0', 'v1'))
    try:
        serves(*now)
        again()
        serves(*now)
    finally:
        rename(new, old)
    serves('u0', 'v1')


case("a vnf's device gets another name", 'v1', 'vx')(renamed)
case("an uplink's device gets another name", 'u0', 'ux')(renamed)


run()
