# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_sock_frag.sh."""

import os
import subprocess

import pkt
from ktap import before_each, case, equal, run, wait_for
from netio import settle
from nodes import One
from pkt import fragment
from proxy import Ledger
from sockend import SOON, End, soon_enough

topo = One(1)
px, s0 = topo.px, topo.s0
KINDS = ('udp4', 'udp6', 'tcp4', 'unix')
DATA = bytes(range(256)) * 4
idents = iter(range(0x100, 0x10000))


def cpus():
    with open('/sys/devices/system/cpu/possible', encoding='ascii') as file:
        return int(file.read().strip().split('-')[-1]) + 1


HELD = 64 * cpus()


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def add(far):
    px.ctl('vnf add fn ' + far.attachment(), 'sid add 16010 vnf fn')
    return far.accept()


def pieces(family, ident=None, port=1234):
    """A datagram of three fragments."""
    ident = next(idents) if ident is None else ident
    return fragment(pkt.ip(pkt.udp(port, 7, DATA), family), 400, ident)


def there(far, parts):
    for part in parts:
        topo.to_proxy([16010, 900], part)
    for part in parts:
        equal(far.recv(), part, 'at the function')


def at_switch(parts):
    for part in parts:
        topo.at_switch([(900, 0, 63)], part)


def any_order(kind, family):
    """Later ones before the first follow it, as they came; others go at once."""
    with End(topo, kind) as far:
        add(far)
        there(far, pieces(family))
        for order in ((1, 2, 0), (2, 1, 0), (1, 0, 2), (0, 2, 1)):
            parts = pieces(family)
            with Ledger(px) as led:
                there(far, parts)
                with soon_enough(far, [parts[i] for i in order]):
                    at_switch([parts[0]] + [parts[i] for i in order if i])
            led.dropped()
        equal(led.delta.get('vnf', 'fn', 'from_vnf_packets'), 3, 'from the function')


for _kind in KINDS:
    for _family in (4, 6):
        case('%s: any order, v%d' % (_kind, _family), _kind, _family)(any_order)


def dropped(led, count):
    wait_for(lambda: led.look() and led.drops == {'frag_orphan': count},
             '%d fragments to be dropped' % count, SOON)


def alone(kind):
    """What waits in vain is dropped and counted, and no more is held than is allowed."""
    with End(topo, kind) as far:
        add(far)
        there(far, pieces(4))
        with Ledger(px) as led:
            far.send(*pieces(4)[1:])
            dropped(led, 2)
        topo.silent(s0)
        with Ledger(px) as led:
            for ident in range(HELD + 20):
                far.send(pieces(4, 0x8000 + ident)[1])
            dropped(led, HELD + 20)
        parts = pieces(4)
        with Ledger(px) as led, soon_enough(far, parts[1::-1]):
            at_switch(parts[:2])
        led.dropped()


for _kind in ('udp4', 'unix'):
    case('%s: in vain' % _kind, _kind)(alone)


def replaced(kind, how):
    """The connection goes while some wait, and comes back, again and again."""
    with End(topo, kind) as far:
        add(far)
        there(far, pieces(4))
        # no ledger: what a vnf has counted goes with it
        before = px.snapshot()
        for _ in range(10):
            far.send(*pieces(4)[1:])
            settle()
            how(far)
        wait_for(lambda: (px.snapshot() - before).drops == {'frag_orphan': 20},
                 '20 fragments to be dropped', SOON)
        parts = pieces(4)
        with Ledger(px) as led:
            there(far, parts)
            with soon_enough(far, (parts[1], parts[2], parts[0])):
                at_switch(parts)
        led.dropped()


def made_anew(far):
    px.ctl('sid del 16010', 'vnf del fn')
    add(far)


def reconnected(far):
    px.ctl('vnf reconnect fn')
    if far.listener:
        far.conn.close()
    far.accept()


def hung_up(far):
    far.conn.close()
    wait_for(lambda: px.vnf('fn')['state'] == 'down', 'fn to be down', SOON)
    px.ctl('vnf reconnect fn')
    far.accept()


for _kind in ('udp4', 'tcp4', 'unix'):
    case('%s: the vnf goes while they wait' % _kind, _kind, made_anew)(replaced)
    case('%s: another connection while they wait' % _kind, _kind, reconnected)(replaced)
for _kind in ('tcp4', 'unix'):
    case('%s: the far end goes while they wait' % _kind, _kind, hung_up)(replaced)


@case('udp: the device that they came by goes while they wait')
def device_gone():
    try:
        with End(topo, 'udp4') as far:
            add(far)
            there(far, pieces(4))
            # by a macvlan, so that w1 itself stays
            topo.ip('px', 'link add link w1 name m1 address 02:00:00:00:30:77 type macvlan',
                    'link set m1 up')
            topo.ip('gn', 'neigh replace 10.0.30.1 lladdr 02:00:00:00:30:77 dev g1')
            with Ledger(px) as led:
                far.send(*pieces(4)[1:])
                settle()
                topo.ip('px', 'link del m1')
                dropped(led, 2)
    finally:
        topo.ip('gn', 'neigh replace 10.0.30.1 lladdr 02:00:00:00:30:01 dev g1')


@case('unix: the namespace goes while they wait')
def namespace_gone():
    name = topo.prefix + '-gone'
    for turn in range(5):
        subprocess.run(['ip', 'netns', 'add', name], check=True)
        subprocess.run(['ip', '-n', name, 'link', 'set', 'lo', 'up'], check=True)
        gone = topo.proxy('gone')
        with End(topo, 'unix', name) as far:
            gone.ctl('vnf add fn ' + far.attachment())
            far.accept()
            gone.session.process.stdin.close()
            gone.session.process.wait()
            for ident in range(10):
                far.send(pieces(4, 0x100 * turn + ident)[1])
        subprocess.run(['ip', 'netns', 'del', name], check=True)
        wait_for(lambda: not os.path.exists('/run/netns/' + name), 'the namespace to go', SOON)


run()
