# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_bound.sh; 'inside' is what it does in a user namespace."""

import json
import os
import socket
import subprocess
import sys

import pkt
from ktap import Skip, before_each, case, check, equal, run
from netio import send_many
from proxy import CTL, Ledger

BOUND = os.environ['SRP_BOUND']
MANY = 300
U0 = pkt.mac('02:00:00:00:00:01')


def frames(mac):
    labels = pkt.encode_labels(pkt.stack(16001, 900))
    return [pkt.ether(U0, mac, pkt.ETH_MPLS, labels + pkt.ip4(pkt.udp(1 + n, 53)))
            for n in range(MANY)]


def ctl(*words):
    return subprocess.run([CTL, *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def inside():
    """A namespace of an unprivileged user: its flows, and may it write?"""
    for line in ('link add a0 address 02:00:00:00:00:01 type veth peer name a1',
                 'link add b0 type veth peer name b1', 'link set a0 up', 'link set a1 up',
                 'link set b0 up', 'link set b1 up'):
        subprocess.run(['ip', *line.split()], check=True)
    for line in ('uplink add dev a0', 'vnf add n1 dev b0 lladdr 02:00:00:00:11:02',
                 'sid add 16001 vnf n1'):
        ctl(*line.split())
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(('a1', 0))
        for frame in frames(sock.getsockname()[4]):
            sock.send(frame)
    try:
        with open(BOUND, 'w', encoding='ascii') as file:
            file.write('1000000')
        written = True
    except PermissionError:
        written = False
    stats = json.loads(ctl('-j', 'stats'))
    stats = stats[0] if isinstance(stats, list) else stats
    print(json.dumps({'flows': stats['flows'], 'created': stats['flows_created'],
                      'evicted': stats['flows_evicted'],
                      'refused': stats['drops'].get('flow_limit', 0), 'written': written}))


if sys.argv[1:] == ['inside']:
    inside()
    sys.exit()

# pylint: disable=wrong-import-position
from nodes import One           # noqa: E402

topo = One(1)
px = topo.px
px.ctl('uplink add dev u0', topo.vnf_line(1), 'sid add 16001 vnf n1')


def read():
    with open(BOUND, encoding='ascii') as file:
        return int(file.read())


def bound(flows):
    with open(BOUND, 'w', encoding='ascii') as file:
        file.write(str(flows))


WAS = read()


@before_each
def start():
    bound(WAS)
    px.ctl('flow flush')
    topo.drain()


def flows_of():
    """How many of MANY flows there are then; every packet is accounted for."""
    with Ledger(px) as led:
        send_many(topo.s0, frames(topo.s0.mac))
    made, gone = (led.delta.get('stats', 'flows_' + key) for key in ('created', 'evicted'))
    count = px.flow_count()
    equal(count, made - gone, 'flows')
    equal(made + led.drops.get('flow_limit', 0), MANY, 'flows made and refused')
    return count


@case('the bound of the module holds where that of the namespace would not')
def module_bound():
    equal(flows_of(), MANY, 'flows without a bound')
    px.ctl('flow flush')
    bound(200)
    equal(flows_of(), 200, 'flows')
    config = px.show('config show')
    config = config[0] if isinstance(config, list) else config
    equal(config['module_max_flows'], 200, 'module_max_flows')


@case('a bound that is lowered and raised again')
def lowered():
    bound(100)
    equal(flows_of(), 100, 'flows')
    bound(WAS)
    px.ctl('flow flush')
    equal(flows_of(), MANY, 'flows')


@case('a namespace of an unprivileged user has a tenth, and cannot change that')
def a_tenth():
    bound(1000)
    words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', '-Urn']
    if subprocess.run(words + ['true'], check=False, stderr=subprocess.DEVNULL).returncode:
        raise Skip('no user namespaces')
    done = subprocess.run(words + [sys.executable, __file__, 'inside'], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal(done.returncode, 0, 'exit inside: ' + done.stderr)
    got = json.loads(done.stdout.splitlines()[-1])
    equal(got['flows'], 100, 'flows inside: %s' % got)
    check(got['evicted'] + got['refused'] == MANY - 100, 'flows inside: %s' % got)
    equal((got['written'], read()), (False, 1000), 'written inside, bound')
    equal(flows_of(), MANY, 'flows of a namespace of the host')


run()
