# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_health.sh."""

import os
import subprocess
import tempfile
import time

import pkt
from healthnet import PROBE, HealthNet, Monitor
from ktap import before_each, case, check, equal, run, wait_for
from pkt import ether, mac
from proxy import Ledger

topo = HealthNet()
px, s0 = topo.px, topo.s0
ALL = ('n1', 'n2', 'n3')
# so slow that an emulated machine keeps up
PACE = 'probe-interval 20 probe-multiplier 5'
INBAND = 'probe inband probe-addr %s ' + PACE
TURNS = 6           # down and up again


@before_each
def start():
    px.clear()
    for node in ('f1', 'f2', 'f3'):
        topo.forwards(node, 1)
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def probes(name):
    stats = px.vnf(name)['stats']
    return stats['probes_sent'], stats['probes_answered']


def wait_probes(name, more=10, answered=True):
    """Until so many more were sent, and answered."""
    start_at = probes(name)
    wait_for(lambda: probes(name)[answered] >= start_at[answered] + more,
             '%d probes of %s' % (more, name), 30)


@case('what does not go together is refused, and why')
def refusals():
    px.ctl(topo.vnf(1), 'vnf add m2 dev w2 lladdr 02:00:00:00:12:02',
           'vnf add e3 dev w3 inner ethernet')
    wants = {
        'vnf set m2 probe neigh': 'probe neigh needs a vnf with via',
        'vnf set n1 probe inband': 'probe inband needs probe-addr',
        'vnf set n1 probe-addr 203.0.113.1:7': 'probe-addr goes with probe inband only',
        'vnf set n1 probe neigh probe-addr 203.0.113.1:7':
            'probe-addr goes with probe inband only',
        'vnf set n1 probe inband probe-addr 224.0.0.1:7': 'not a unicast address',
        'vnf set n1 probe inband probe-addr [ff02::1]:7': 'not a unicast address',
        'vnf set n1 probe inband probe-addr 203.0.113.1:0': 'out of range',
        'vnf set e3 probe inband probe-addr 203.0.113.1:7': 'inner ip only',
        'vnf set n1 probe neigh probe-interval 0': 'out of range',
        'vnf set n1 probe neigh probe-interval 60001': 'out of range',
        'vnf set n1 probe neigh probe-multiplier 0': 'out of range',
        'vnf set n1 probe neigh probe-multiplier 31': 'out of range',
    }
    for (command, want), got in zip(wants.items(), px.refusals(list(wants))):
        check(want in got, '%s: refused with "%s", want "%s"' % (command, got, want))
    equal([px.vnf(name)['probe'] for name in ('n1', 'm2', 'e3')], ['none'] * 3, 'probes')


@case('show, save and apply know of probes')
def saved():
    px.ctl(topo.vnf(1, 'probe inband probe-addr 203.0.113.1:7'),
           topo.vnf(2, 'probe neigh probe-interval 1000 probe-multiplier 30', 6),
           topo.vnf(3, INBAND % PROBE[6]))
    shown = [{key: px.vnf(name).get(key) for key in
              ('probe', 'probe_interval', 'probe_multiplier', 'probe_addr')} for name in ALL]
    equal(shown[0], {'probe': 'inband', 'probe_interval': 10, 'probe_multiplier': 3,
                     'probe_addr': '203.0.113.1:7'}, 'n1')
    equal(shown[1], {'probe': 'neigh', 'probe_interval': 1000, 'probe_multiplier': 30,
                     'probe_addr': None}, 'n2')
    equal(shown[2]['probe_addr'], '[2001:db8:ffff::1]:7', 'n3')
    _, text, _ = px.run('save')
    sent = probes('n3')[0]
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        file.write(text)
        file.flush()
        equal(px.run('apply', file.name)[0], 0, 'apply of the same')
        check(probes('n3')[0] >= sent, 'probes that did not change began anew')
        px.clear()
        equal(px.run('apply', file.name), (0, '', ''), 'apply')
    equal(px.run('save')[1], text, 'save again')
    px.ctl('vnf set n1 probe none')
    check('probe_addr' not in px.vnf('n1'), 'probe-addr stayed')


@case('stats reset has probes counted from zero')
def reset():
    px.ctl(topo.vnf(1, INBAND % PROBE[4]))
    wait_for(lambda: min(probes('n1')) > 100, '100 probes, answered')
    px.ctl('stats reset')
    after = probes('n1')
    check(max(after) < 100, 'after the reset: %d sent, %d answered' % after)
    wait_probes('n1')


def inband(family):
    """Down when probes do not come back, up when they do again."""
    px.ctl(topo.vnf(1, INBAND % PROBE[family], family), topo.vnf(2), 'sid add 16001 vnf n1 '
           'backup n2')
    with Ledger(px):
        wait_probes('n1')
        equal(topo.state('n1'), ('up', ''), 'state')
        frame = s0.poll()
        check(frame is None, 'a probe got out: %s' % frame)
        topo.forwards('f1', 0)
        topo.wait_state('n1', 'down', 'probe')
        sent, _ = probes('n1')
        topo.forwards('f1', 1)
        topo.wait_state('n1', 'up', '')
    check(probes('n1')[0] > sent, 'no probes while it was down')


for _family in (4, 6):
    case('inband: lost probes, v%d' % _family, _family)(inband)


def neigh(family):
    px.ctl(topo.vnf(1, 'probe neigh ' + PACE, family), topo.vnf(2), 'sid add 16001 vnf n1')
    wait_probes('n1')
    equal(topo.state('n1'), ('up', ''), 'state')
    if family == 4:
        topo.ip('f1', 'link set e0 arp off')
    else:
        topo.ip('f1', 'addr del 2001:db8:1::2/64 dev e0')
    wait_for(lambda: topo.state('n1')[0] == 'down', 'n1 to be down', 30)
    check(topo.state('n1')[1] in ('probe', 'neighbour'), 'cause %s' % topo.state('n1')[1])
    if family == 4:
        topo.ip('f1', 'link set e0 arp on')
    else:
        topo.ip('f1', 'addr add 2001:db8:1::2/64 dev e0',
                'route replace default via 2001:db8:1::1')
    topo.wait_state('n1', 'up', '')


case('neigh: no answer to ARP', 4)(neigh)
case('neigh: no answer to neighbour solicitations', 6)(neigh)


def flow(number):
    return pkt.ip4(pkt.udp(3000 + number, 53))


@case('flows go to healthy members, then to the backup, then by the fallback; and stay')
def where_to():
    px.ctl(*(topo.vnf(n, INBAND % PROBE[4]) for n in (1, 2, 3)),
           'sid add 16001 vnf n1,n2 backup n3 fallback bypass')
    first = {n: topo.goes_to(16001, flow(n), ALL) for n in range(8)}
    equal(set(first.values()), {'n1', 'n2'}, 'members')
    topo.forwards('f1', 0)
    topo.wait_state('n1', 'down', 'probe')
    second = {n: topo.goes_to(16001, flow(n), ALL) for n in range(8)}
    equal(second, {n: 'n2' for n in range(8)}, 'flows while n1 is down')
    topo.forwards('f1', 1)
    topo.wait_state('n1', 'up', '')
    equal({n: topo.goes_to(16001, flow(n), ALL) for n in range(8)}, second,
          'flows that came to n2, n1 up again')
    for number in (1, 2):
        topo.forwards('f%d' % number, 0)
    for name in ('n1', 'n2'):
        topo.wait_state(name, 'down', 'probe')
    equal({topo.goes_to(16001, flow(n), ALL) for n in range(8)}, {'n3'}, 'backup')
    topo.forwards('f3', 0)
    topo.wait_state('n3', 'down', 'probe')
    with Ledger(px) as led:
        equal({topo.goes_to(16001, flow(n), ALL) for n in range(8)}, {''}, 'bypass')
    led.dropped()
    equal(led.delta.total('uplink', 'tx_packets'), 8, 'bypassed')


@case('a vnf that nobody probes is not touched by the others')
def alone():
    px.ctl(topo.vnf(1), topo.vnf(2, INBAND % PROBE[4]), 'sid add 16001 vnf n1')
    wait_probes('n2')
    check('probes_sent' not in px.vnf('n1')['stats'], 'probes of n1')


@case('answers that are forged, repeated or late do not count')
def forged():
    f3 = topo.port('f3', 'e0', noise=True)
    px.ctl(topo.vnf(3, 'probe inband probe-addr 203.0.113.9:7 probe-interval 50 '
                    'probe-multiplier 3'))
    wait_probes('n3', 3)
    topo.forwards('f3', 0)
    topo.wait_state('n3', 'down', 'probe')
    sent, before = probes('n3')
    w3, own = mac('02:00:00:00:13:01'), mac('02:00:00:00:13:02')
    f3.drain()
    old = []
    with Ledger(px) as led:
        for _ in range(12):
            frame = wait_for(f3.recv, 'a probe', 20)
            if frame.type != pkt.ETH_IP or b'srpR' not in frame.inner:
                continue
            bad = frame.inner[:-1] + bytes([frame.inner[-1] ^ 1])
            f3.send(ether(w3, own, pkt.ETH_IP, bad))
            for late in old[:-4]:
                f3.send(ether(w3, own, pkt.ETH_IP, late))
            old.append(frame.inner)
    after = probes('n3')
    equal(after[1], before, 'answers counted')
    check(after[0] > sent, 'no probes')
    check(set(led.drops) <= {'vnf_miss'} and led.drops.get('vnf_miss', 0) > 0,
          'drops %s' % led.drops)
    equal(topo.state('n3'), ('down', 'probe'), 'state')
    done, tries = set(), 0
    while len(done) < 3 and tries < 200:        # each counts but once
        tries += 1
        frame = wait_for(f3.recv, 'a probe', 20)
        if frame.type == pkt.ETH_IP and b'srpR' in frame.inner:
            for _ in range(3):
                f3.send(ether(w3, own, pkt.ETH_IP, frame.inner))
            done.add(frame.inner)
    got = probes('n3')[1] - before
    check(got <= 3, '%d answers counted of 3 probes sent back thrice' % got)
    f3.close()
    topo.ports.pop(('f3', 'e0'))


@case('packets of a chain to the address of the probes are packets of a chain')
def same_address():
    px.ctl(topo.vnf(1, INBAND % PROBE[4]), 'sid add 16001 vnf n1')
    inner = pkt.ip4(pkt.udp(7, 7), src='10.0.1.1', dst='203.0.113.1')
    wait_probes('n1')
    with Ledger(px) as led:
        for _ in range(5):
            equal(topo.goes_to(16001, inner, ('n1',)), 'n1', 'way')
        wait_probes('n1')
    led.dropped()
    equal(led.delta.total('uplink', 'tx_packets'), 5, 'returned')
    equal(topo.state('n1'), ('up', ''), 'state')


@case('every change is told, with its cause and its time')
def told():
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf(3, name='t'))
        px.ctl(topo.vnf(1, INBAND % PROBE[4]))
        started = time.monotonic_ns()
        topo.forwards('f1', 0)
        topo.wait_state('n1', 'down', 'probe')
        topo.forwards('f1', 1)
        topo.wait_state('n1', 'up', '')
        # a link that comes up may lose some: that is another story
        px.ctl('vnf set n1 probe none', 'vnf set n1 admin down')
        px.ctl('vnf set n1 admin up')
        topo.ip('px', 'link set w1 down')
        topo.wait_state('n1', 'down', 'link-down')
        topo.ip('px', 'link set w1 up')
        wait_for(lambda: topo.state('n1')[0] == 'up', 'n1 to be up', 30)
        want = [('up', ''), ('down', 'probe'), ('up', ''), ('down', 'admin'), ('up', ''),
                ('down', 'link-down'), ('up', '')]

        def all_told():
            seen = [s[:2] for s in monitor.states('n1')]
            kept = [s for n, s in enumerate(seen) if not n or s[0] != seen[n - 1][0]]
            return kept == want
        wait_for(all_told, 'all changes to be told: %s' % monitor.states('n1'), 30)
        times = [s[2] for s in monitor.states('n1')]
        equal(times, sorted(times), 'times')
        check(times[-1] > started and times[-1] <= time.monotonic_ns(), 'time %d' % times[-1])
    finally:
        monitor.end()


@case('flapping is damped: each time it stays down for twice as long')
def damped():
    """So often that the last time is longer than a slow machine needs for a turn;
    it is forgotten where it has served long enough."""
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf(3, name='t'))
        px.ctl(topo.vnf(1, INBAND % PROBE[4]))
        for _ in range(TURNS):
            topo.forwards('f1', 0)
            topo.wait_state('n1', 'down', 'probe')
            topo.forwards('f1', 1)
            topo.wait_state('n1', 'up', '')
        wait_for(lambda: len(monitor.states('n1')) > 2 * TURNS, 'the changes to be told', 30)
        seen = [s for n, s in enumerate(monitor.states('n1')) if s[:2] != ('up', '') or n]
        downs = [s[2] for s in seen if s[0] == 'down']
        ups = [min(s[2] for s in seen if s[0] == 'up' and s[2] > at) for at in downs]
        hold = 0
        for n, (down, up) in enumerate(zip(downs, ups)):
            forgotten = n and down - ups[n - 1] >= max(10e9, 2 * hold)
            hold = 2 * hold if n and not forgotten else 100e6
            check(up - down >= hold, 'down %d lasted %d ms, less than %d' % (
                n + 1, (up - down) / 1e6, hold / 1e6))
    finally:
        monitor.end()


@case("the kernel gives a neighbour up: down, and up when it is there again")
def given_up():
    topo.sh('px', 'sysctl -qw net.ipv4.neigh.w1.mcast_solicit=1 '
            'net.ipv4.neigh.w1.ucast_solicit=1 net.ipv4.neigh.w1.retrans_time_ms=100')
    px.ctl(topo.vnf(1), topo.vnf(2), 'sid add 16001 vnf n1 backup n2')
    equal(topo.goes_to(16001, flow(50), ALL[:2]), 'n1', 'first')
    topo.ip('f1', 'link set e0 arp off')
    topo.ip('px', 'neigh flush dev w1')
    topo.send(16001, flow(50))
    topo.wait_state('n1', 'down', 'neighbour')
    equal(topo.goes_to(16001, flow(50), ALL[:2]), 'n2', 'then')
    topo.ip('f1', 'link set e0 arp on')
    topo.wait_state('n1', 'up', '')
    equal(topo.goes_to(16001, flow(50), ALL[:2]), 'n2', 'stays')
    equal(topo.goes_to(16001, flow(51), ALL[:2]), 'n1', 'new flows')


@case('the device goes and comes back; probes go on')
def device_gone():
    px.ctl(topo.vnf(3, INBAND % PROBE[4]))
    wait_probes('n3', 3)
    topo.ip('px', 'link set w3 netns ' + topo.netns('sw'))
    topo.wait_state('n3', 'down', 'no-device')
    topo.ip('sw', 'link set w3 netns ' + topo.netns('px'))
    topo.ip('px', 'link set w3 up', 'addr add 10.0.3.1/24 dev w3',
            'addr add 2001:db8:3::1/64 dev w3')
    topo.wait_state('n3', 'up', '')
    wait_probes('n3', 10)
    for options in ('probe neigh', 'probe none', INBAND % PROBE[6]):
        px.ctl('vnf set n3 ' + options)
    wait_probes('n3', 3)


@case('a namespace goes with its probes')
def namespace_gone():
    name = topo.prefix + '-gone'
    def ip(*lines):
        subprocess.run(['ip', '-b', '-'], input='\n'.join(lines) + '\n', text=True, check=True)
    ip('netns add ' + name,
       'link add name g0 netns %s type veth peer name g1 netns %s' % (name, topo.netns('sw')))
    ip_in = 'ip -n %s link set g0 up' % name
    subprocess.run(ip_in.split(), check=True)
    subprocess.run(['ip', '-n', topo.netns('sw'), 'link', 'set', 'g1', 'up'], check=True)
    gone = topo.proxy('gone')
    gone.ctl('vnf add g dev g0 lladdr 02:00:00:00:66:66 probe inband '
             'probe-addr 203.0.113.1:7 probe-interval 1')
    wait_for(lambda: gone.vnf('g')['state'] == 'down', 'g to be down', 30)
    gone.session.process.stdin.close()
    gone.session.process.wait()
    ip('netns del ' + name)
    wait_for(lambda: not os.path.exists('/run/netns/' + name), 'the namespace to go')


run()
