# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_connect.sh."""

import json
import socket
import time

import pkt
from ktap import before_each, case, check, equal, note, run
from ktls import Passer
from netio import in_netns
from nodes import One
from proxy import Ledger

topo = One(1)
px = topo.px
# one after the other, these would take two minutes
DEAD, MOST, WAIT = 24, 90, 20


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')
    topo.ip('px', 'neigh replace 10.0.30.77 lladdr 02:00:00:00:30:77 dev w1')


def dead():
    """Places where nobody is, one a vnf."""
    return {'d%02d' % n: '10.0.30.77:%d' % (1 + n) for n in range(DEAD)}


def took(begin):
    seconds = time.monotonic() - begin
    note('%.1f s' % seconds)
    check(seconds < MOST, 'it took %.1f s' % seconds)


@case('apply: who does not answer keeps nobody waiting, who answers is connected')
def transaction():
    with in_netns(topo.netns('gn')):
        listener = socket.create_server(('10.0.30.2', 5000))
    listener.settimeout(WAIT)
    places = dict(dead(), m0='10.0.30.2:5000', refused='10.0.30.2:5001')
    config = json.loads(px.run('save')[1])
    config['vnf'] = [{'name': name, 'type': 'tcp', 'remote': place}
                     for name, place in sorted(places.items())]
    config['sid'] = [{'label': 16010, 'vnf': ['m0']}]
    begin = time.monotonic()
    equal(px.run('apply', '-', feed=json.dumps(config))[::2], (0, ''), 'apply')
    took(begin)
    conn, _ = listener.accept()
    conn.settimeout(WAIT)
    states = {v['name']: v['state'] for v in px.show('vnf show')}
    equal({name for name in states if states[name] == 'up'}, {'m0'}, 'who is up')
    packet = pkt.ip4(pkt.udp(1, 2))
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], packet)
        equal(conn.recv(70000)[2:], packet, 'at the function')
        conn.send(len(packet).to_bytes(2, 'big') + packet)
        topo.at_switch([(900, 0, 63)], packet)
    led.dropped()
    conn.close()
    listener.close()


@case('requests of one send wait together')
def send():
    passer = Passer(px.netns)
    begin = time.monotonic()
    errors = passer.add_all({name: place.split(':') for name, place in dead().items()})
    took(begin)
    equal(errors, [110] * DEAD, 'errno of each')
    equal(px.show('vnf show'), [], 'vnfs')
    passer.close()


run()
