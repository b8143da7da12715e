# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_sock_probe.sh."""

import os
import signal
import socket
import tempfile
import time

import pkt
from farend import SOON, Far
from healthnet import Monitor
from ktap import Skip, before_each, case, check, equal, note, run, wait_for
from netio import in_netns
from proxy import Ledger

topo = Far()
px, s0 = topo.px, topo.s0
UNIX = os.path.join(topo.dir, 'fn.sock')
ATTACH = {'udp4': 'udp local 10.3.1.1:4000 remote 10.3.1.2:5000',
          'udp6': 'udp local [2001:db8:31::1]:4000 remote [2001:db8:31::2]:5000',
          'tcp4': 'tcp remote 10.3.1.2:5000', 'tcp6': 'tcp remote [2001:db8:31::2]:5000',
          'unix': 'unix ' + UNIX}
PROBE = {4: '203.0.113.1:7', 6: '[2001:db8:ffff::1]:7'}
# a program is no kernel: it may not be heard of for a while on a slow machine
INBAND = 'probe inband probe-addr %s probe-interval 20 probe-multiplier 20'
with open('/proc/cpuinfo', encoding='ascii') as cpuinfo:
    UML = 'UML' in cpuinfo.read()


# more than the socket of a function holds
SOME = 4000 if UML else 1500


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def echo(kind):
    """The function, as a program."""
    if kind == 'unix' and os.path.exists(UNIX):
        os.unlink(UNIX)
    return topo.echo(kind.rstrip('46'), ATTACH[kind].split()[-1])


def parent(pid):
    """The parent of a process, 0 if it has gone."""
    try:
        with open('/proc/%s/stat' % pid, encoding='ascii') as file:
            return int(file.read().rpartition(')')[2].split()[1])
    except FileNotFoundError:
        return 0


def everyone(program, number):
    """A signal to a program and its children, each of which has a connection."""
    pid = program.process.pid
    for one in [pid] + [int(n) for n in os.listdir('/proc') if n.isdigit() and parent(n) == pid]:
        try:
            os.kill(one, number)
        except ProcessLookupError:      # children end with their parent
            pass


def end(far):
    """It and its children, whatever they are at."""
    if far.process.poll() is None:
        everyone(far, signal.SIGKILL)
    far.kill()


def add(kind, options=INBAND % PROBE[4]):
    px.ctl('vnf add fn %s %s' % (ATTACH[kind], options), topo.vnf_line(1),
           'sid add 16010 vnf fn backup n1')


def state():
    vnf = px.vnf('fn')
    return vnf['state'], vnf.get('cause', '')


def wait_state(*want):
    wait_for(lambda: state() == want, 'fn to be %s' % ' '.join(want), SOON)


def probes():
    stats = px.vnf('fn')['stats']
    return stats['probes_sent'], stats['probes_answered']


def wait_probes(more=10, answered=True):
    """Until so many more were sent, and answered."""
    before = probes()
    wait_for(lambda: probes()[answered] >= before[answered] + more,
             '%d probes of fn' % more, SOON)


def to_backup(port):
    """A packet of the sid goes to n1, and on from there."""
    packet = pkt.ip4(pkt.udp(port, 7))
    topo.to_proxy([16010, 900], packet)
    topo.at_vnf(1, packet)
    topo.from_vnf(1, packet)
    topo.at_switch([(900, 0, 63)], packet)


def goes_and_comes(kind, family, gone, back):
    """A function that is gone is down, the backup serves; it comes back, so do new flows."""
    far = echo(kind)
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf_line(1, name='t'))
        add(kind, INBAND % PROBE[family])
        with Ledger(px) as led:
            wait_probes()
            equal(state(), ('up', ''), 'state')
            topo.round_trip(pkt.ip4(pkt.udp(1000, 7)), pkt.ip6(pkt.udp(1000, 7)))
            gone(far)
            wait_state('down', 'probe')
            to_backup(1001)
            wait_probes(5, False)
            far = back(far)
            wait_state('up', '')
            topo.round_trip(pkt.ip4(pkt.udp(1002, 7)))
            wait_probes()
        led.dropped()
        equal(led.delta.get('vnf', 'fn', 'to_vnf_packets'), 3, 'packets, without probes')
        equal(led.delta.get('uplink', 'u0', 'tx_packets'), 4, 'what left for the switch')
        want = [('up', ''), ('down', 'probe'), ('up', '')]

        def told():
            seen = [s[:2] for s in monitor.states('fn')]
            return [s for n, s in enumerate(seen) if not n or s[0] != seen[n - 1][0]] == want
        wait_for(told, 'the changes to be told: %s' % monitor.states('fn'), SOON)
        topo.silent(s0)
    finally:
        monitor.end()
        end(far)


for _kind, _family in (('udp4', 6), ('udp6', 4)):
    case('%s: killed, probes v%d' % (_kind, _family), _kind, _family,
         lambda far: far.kill(), lambda _, kind=_kind: echo(kind))(goes_and_comes)


def awake(far):
    everyone(far, signal.SIGCONT)
    return far


for _kind, _family in (('tcp4', 4), ('tcp6', 6), ('unix', 4)):
    case('%s: hangs' % _kind, _kind, _family,
         lambda far: everyone(far, signal.SIGSTOP), awake)(goes_and_comes)


@case('udp: without probes nobody notices')
def unnoticed():
    with echo('udp4') as far:
        add('udp4', '')
        topo.round_trip(pkt.ip4(pkt.udp(1100, 7)))
        far.kill()
        for port in range(1101, 1111):
            topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(port, 7)))
        wait_for(lambda: px.vnf('fn')['stats']['to_vnf_packets'] == 11, 'ten more packets', SOON)
        equal(state(), ('up', ''), 'state')


def down_since(monitor, at):
    """Nanoseconds until it was down; a slow machine may have it so before."""
    downs = [s[2] for s in monitor.states('fn') if s[0] == 'down']
    return downs and max(downs[-1] - at, 1)


@case('udp: killed, probes 10 ms x 3: so soon it is down')
def soon():
    if not UML:
        raise Skip('a program answers within 30 ms on a fast machine only')
    took = []
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf_line(1, name='t'))
        add('udp4', 'probe inband probe-addr %s' % PROBE[4])
        for _ in range(5):
            with echo('udp4') as far:
                wait_state('up', '')
                wait_probes(3)
                at = time.monotonic_ns()
                far.kill()
                wait_state('down', 'probe')
                took.append(wait_for(lambda at=at: down_since(monitor, at), 'the news', SOON))
    finally:
        monitor.end()
    note('down after %s ms' % ', '.join('%.1f' % (ns / 1e6) for ns in took))
    check(min(took) < 1e9, 'it took %s' % took)


@case('a connection that ended has its own cause, and no probes')
def closed():
    with echo('unix') as far:
        add('unix')
        wait_probes()
        everyone(far, signal.SIGKILL)
        wait_state('down', 'closed')
        far.kill()
        sent = probes()[0]
        time.sleep(0.2)
        equal((probes()[0], state()), (sent, ('down', 'closed')), 'probes and state')
    with echo('unix') as far:
        px.ctl('vnf reconnect fn')
        wait_state('up', '')
        wait_probes()
        # one that hangs and is then closed: what the probes said is not the reason any more
        everyone(far, signal.SIGSTOP)
        wait_state('down', 'probe')
        everyone(far, signal.SIGKILL)
        wait_state('down', 'closed')


@case('udp: no route: its own cause, and no probes')
def no_route():
    with echo('udp4'):
        add('udp4')
        wait_probes()
        topo.ip('px', 'route add unreachable 10.3.1.2')
        wait_state('down', 'no-route')
        topo.ip('px', 'route del unreachable 10.3.1.2')
        wait_state('up', '')
        wait_probes()


def full(kind):
    """A hanging function's queue is full: probes do not pile up in it, nor wait behind it."""
    packet = pkt.ip4(pkt.udp(1200, 7, b'x' * 1400))
    with echo(kind) as far, Ledger(px) as led:
        add(kind, 'probe inband probe-addr %s probe-interval 50 probe-multiplier 30' % PROBE[4])
        wait_probes()
        everyone(far, signal.SIGSTOP)
        for _ in range(SOME):
            topo.to_proxy([16010, 900], packet)
        wait_state('down', 'probe')
        waits = px.vnf('fn').get('queued', 0)
        check(waits > 0, 'nothing waits')
        wait_probes(20, False)
        check(px.vnf('fn').get('queued', 0) <= waits, 'probes are among what waits')
        everyone(far, signal.SIGCONT)
        wait_state('up', '')
        wait_for(lambda: px.vnf('fn').get('queued', 0) == 0, 'the queue to be sent', SOON)
        wait_probes()
        topo.drain()
    note(led.drops)


for _kind in ('tcp4', 'unix'):
    case('%s: hangs while its queue is full' % _kind, _kind)(full)


@case('udp: answers that are forged or repeated do not count')
def forged():
    with in_netns(topo.gn):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sock:
        sock.bind(('10.3.1.2', 5000))
        sock.settimeout(SOON)
        add('udp4', 'probe inband probe-addr %s probe-interval 50 probe-multiplier 30' % PROBE[4])

        def probe():
            octets, peer = sock.recvfrom(2000)
            check(octets[16:20] == socket.inet_aton('203.0.113.1'), 'a probe: %s' % octets.hex())
            equal((octets[8], octets[1]), (255, 0xC0), 'TTL and DSCP')
            return octets, peer
        before = probes()[1]
        with Ledger(px) as led:
            for _ in range(3):
                octets, peer = probe()
                sock.sendto(octets[:-1] + bytes([octets[-1] ^ 1]), peer)
                sock.sendto(octets[:-9] + bytes([octets[-9] ^ 1]) + octets[-8:], peer)
            wait_for(lambda: led.look() and led.drops.get('vnf_miss') == 6, 'six misses', SOON)
        equal(probes()[1], before, 'answers counted')
        for _ in range(3):
            octets, peer = probe()
            for _ in range(3):
                sock.sendto(octets, peer)
        wait_for(lambda: probes()[1] == before + 3, 'three answers to count', SOON)


@case('packets of a chain to the address of the probes are packets of a chain')
def same_address():
    packet = pkt.ip4(pkt.udp(7, 7), src='10.0.1.1', dst='203.0.113.1')
    with echo('udp4'), Ledger(px) as led:
        add('udp4')
        wait_probes()
        topo.round_trip(packet, packet)
        wait_probes()
    led.dropped()


def neighbour(family):
    """An app's machine does not answer ARP or ND any more."""
    server, pool = (('10.3.1.2:5300', '10.3.9.0/24') if family == 4 else
                    ('[2001:db8:31::2]:5300', '2001:db8:39::/120'))
    px.ctl('vnf add fn app %s dev w1 pool %s probe neigh probe-interval 20 probe-multiplier 20' % (
        server, pool), topo.vnf_line(1), 'sid add 16010 vnf fn backup n1')
    wait_probes()
    equal(state(), ('up', ''), 'state')
    if family == 4:
        topo.ip('gn', 'link set g1 arp off')
    else:
        topo.ip('gn', 'addr del 2001:db8:31::2/64 dev g1')
    wait_for(lambda: state()[0] == 'down', 'fn to be down', SOON)
    check(state()[1] in ('probe', 'neighbour'), 'cause %s' % state()[1])
    to_backup(1300)
    if family == 4:
        topo.ip('gn', 'link set g1 arp on')
    else:
        topo.ip('gn', 'addr add 2001:db8:31::2/64 dev g1 nodad')
    wait_state('up', '')


for _family in (4, 6):
    case('app: its neighbour is gone, v%d' % _family, _family)(neighbour)


@case('what does not go together is refused, and why')
def refusals():
    px.ctl('vnf add u ' + ATTACH['udp4'],
           'vnf add a app 10.3.1.2:5300 dev w1 pool 10.3.9.0/24')
    wants = {
        'vnf set u probe neigh': 'no neighbour: probe inband only',
        'vnf set u probe inband': 'probe inband needs probe-addr',
        'vnf set u probe-addr 203.0.113.1:7': 'probe-addr goes with probe inband only',
        'vnf set a probe inband probe-addr 203.0.113.1:7': 'probe neigh only',
        'vnf add b app 10.3.1.2:53 dev w1 lladdr 02:00:00:00:31:02 pool 10.3.8.0/24 probe neigh':
            '',
    }
    for (command, want), got in zip(wants.items(), px.refusals(list(wants))):
        check(got and want in got, '%s: refused with "%s", want "%s"' % (command, got, want))
    equal([px.vnf(name)['probe'] for name in 'ua'], ['none'] * 2, 'probes')


@case('show, save and apply know of them')
def saved():
    with echo('udp4'):
        add('udp4')
        wait_probes()
        _, text, _ = px.run('save')
        with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
            file.write(text)
            file.flush()
            sent = probes()[0]
            equal(px.run('apply', file.name), (0, '', ''), 'apply of the same')
            check(probes()[0] >= sent, 'probes that did not change began anew')
            px.clear()
            equal(px.run('apply', file.name), (0, '', ''), 'apply')
        equal(px.run('save')[1], text, 'save again')
        wait_probes()
        px.ctl('vnf set fn probe none')
        check('probe_addr' not in px.vnf('fn'), 'probe-addr stayed')


run()
