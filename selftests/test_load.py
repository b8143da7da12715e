# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_load.sh."""

import json
import os
import socket
import struct
import subprocess
import tempfile
import time

import pkt
from flood import Flood, dropped_by_rig, spread
from ktap import Retry, Skip, before_each, case, check, equal, note, run, wait_for
from netio import SO_RCVBUFFORCE, in_netns
from nodes import One, v_mac
from proxy import Ledger

CHANGES = int(os.environ.get('SRP_LOAD_CHANGES', '100'))
SLOW = bool(os.environ.get('SRP_SLOW'))
SECONDS = 8 if SLOW else 5         # that hosts send
SERVER = {4: '10.0.2.2', 6: '2001:db8:2::2'}

FILES = tempfile.TemporaryDirectory()    # pylint: disable=consider-using-with

topo = One(6)
px = topo.px
# those that see the stream would fill memory with it
for _name in [('sw', 's0')] + [('fn', 'f%d' % n) for n in range(1, 7)]:
    topo.ports.pop(_name).close()


@before_each
def start():
    px.clear()
    px.ctl('config set icmp none', 'uplink add dev u0',
           *('vnf add n%d dev v%d in v%d lladdr %s' % (
               n, 2 * n - 1, 2 * n, pkt.mac_text(v_mac(2 * n))) for n in (1, 2, 3)),
           'sid add 16010 vnf n1,n2,n3')
    if not os.environ.get('SRP_NO_LFIB'):
        px.ctl('uplink add dev c0 egress via inet 10.0.2.2 dev c1',
               'uplink add dev c1 egress via inet 10.0.1.2 dev c0',
               'vnf add r1 dev w1 via inet 10.0.3.2', 'vnf add r2 dev w2 via inet 10.0.4.2',
               'sid add 16001 vnf r1,r2')


# ---- changes ---------------------------------------------------------------------

def in_turn(*commands):
    """A change: these commands, one after the other, over and over."""
    def change(number):
        px.ctl(*commands[number % len(commands)].split('; '))
    return change


def saved(number):
    """The name of a file that says how things are."""
    status, text, errors = px.run('save')
    equal((status, errors), (0, ''), 'save')
    name = os.path.join(FILES.name, '%d.json' % number)
    with open(name, 'w', encoding='ascii') as file:
        file.write(text)
    return name


def something_else():
    """Apply files that differ in what has nothing to do with the packets: the
    second has more sids, the third, of each ten, an uplink, too."""
    files = [saved(0)]
    px.ctl('sid add 16098 vnf n1', 'sid add 16099 vnf n2,n3 fallback bypass',
           'config set idle-timeout 61')
    files.append(saved(1))
    px.ctl('uplink add dev u1')
    files.append(saved(2))
    return lambda number: px.ctl('apply ' + files[2 if number % 10 == 9 else number % 2])


def refused():
    """Apply a file that would replace the instances, takes a while to prepare, and of
    which the last vnf is refused."""
    with open(saved(0), encoding='ascii') as file:
        config = json.load(file)
    for vnf in config['vnf']:
        if vnf['name'].startswith('n'):
            vnf['match'] = 'vlan'
            vnf['vlan'] = [101, 200]
    config['vnf'] += [{'name': 'u%d' % n, 'type': 'udp', 'local': '10.0.2.1:%d' % (7000 + n),
                       'remote': '10.0.2.2:7000'} for n in range(9)]
    config['vnf'].append(dict(config['vnf'][0], name='bad', dev='nowhere'))
    name = os.path.join(FILES.name, 'refused.json')
    with open(name, 'w', encoding='ascii') as file:
        json.dump(config, file)

    def change(_):
        said, = px.refusals(['apply ' + name])
        check('nowhere' in said, 'not refused, or for another reason: ' + said)
    return change


def drains(first, second):
    return lambda: in_turn(
        'vnf set %s admin drain' % first, 'vnf set %s admin up' % first,
        'vnf set %s admin drain' % second, 'vnf set %s admin up' % second)


def sids(label, *members):
    """The same instances in other orders, fewer of them, backups, fallbacks."""
    few, back = ','.join(members[1:]), ','.join(members[::-1])
    return lambda: in_turn(
        'sid set %d vnf %s' % (label, back), 'sid set %d vnf %s' % (label, few),
        'sid set %d vnf %s backup %s' % (label, few, members[0]),
        'sid set %d vnf %s fallback bypass' % (label, ','.join(members)),
        'sid set %d vnf %s fallback drop' % (label, ','.join(members)))


def weights(*members):
    return lambda: in_turn(*('vnf set %s weight %d' % (m, w) for w in (5, 1) for m in members))


# ---- streams -----------------------------------------------------------------------

def arrived():
    """Frames that the switch has had."""
    shown = json.loads(topo.sh('sw', 'ip -j -s link show dev s0'))
    return shown[0]['stats64']['rx']['packets']


def stream(make, delay=0):
    """Every packet of a stream of 1,000 flows comes out, whatever changes."""
    change, lost, before = make(), dropped_by_rig(), arrived()
    with Ledger(px) as led:
        flood = Flood(topo.netns('sw'), 's0', '02:00:00:00:00:01', 0, [16010, 900],
                      spread(125, 8), delay).start()
        for number in range(CHANGES):
            sent = flood.sent
            change(number)
            wait_for(lambda: flood.sent > sent, 'more packets', 60)
        sent = flood.stop()
        wait_for(lambda: arrived() - before >= sent, 'the last packets', 60)
    equal(dropped_by_rig() - lost, 0, 'packets lost outside of the proxy')
    led.dropped()
    for way in ('rx', 'tx'):
        equal(led.delta.get('uplink', 'u0', way + '_packets'), sent, way + ' packets of u0')
    note('%d changes in %d packets' % (CHANGES, sent))


case('drain and up: a stream loses nothing', drains('n2', 'n3'))(stream)
case('sid set: a stream loses nothing', sids(16010, 'n1', 'n2', 'n3'))(stream)
case('weights: a stream loses nothing', weights('n1', 'n2', 'n3'), 200000)(stream)
case('apply of something else: a stream loses nothing', something_else, 200000)(stream)
case('apply that is refused: a stream loses nothing', refused, 200000)(stream)


# ---- hosts -------------------------------------------------------------------------------

def hosts_reach(family):
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    wait_for(lambda: subprocess.run(
        ['ip', 'netns', 'exec', topo.netns('client'), 'ping', '-c', '1', '-W', '5',
         SERVER[family]], stdout=subprocess.DEVNULL, check=False).returncode == 0,
             'an echo reply', 60)


def changes_until(ended, change):
    """Changes at equal distances while packets run; how many there were."""
    number, start_time = 0, time.monotonic()
    while not ended():
        if number < CHANGES and \
           time.monotonic() - start_time >= number * SECONDS * 0.7 / CHANGES:
            change(number)
            number += 1
        else:
            time.sleep(0.01)
    return number


def tcp(make):
    """iperf3: nothing is dropped, and nothing has to be sent again for a change."""
    family = 4
    hosts_reach(family)
    change = make()
    with Ledger(px) as led:
        with subprocess.Popen(['ip', 'netns', 'exec', topo.netns('server'), 'iperf3', '-s', '-1'],
                              stdout=subprocess.DEVNULL) as server:
            wait_for(lambda: ':5201 ' in topo.sh('server', 'ss -Hltn'), 'iperf3 to listen', 60)
            with subprocess.Popen(
                    ['ip', 'netns', 'exec', topo.netns('client'), 'iperf3', '-J', '-b', '20M',
                     '-P', '4', '-t', str(SECONDS), '-c', SERVER[family]],
                    stdout=subprocess.PIPE) as client:
                done = changes_until(lambda: client.poll() is not None, change)
                report = json.load(client.stdout)
            server.wait(60)
    drops = {k: n for k, n in led.drops.items() if k != 'vnf_miss'}     # MLD of the routers
    equal(drops, {}, 'drops')
    check('error' not in report, 'iperf3: %s' % report.get('error'))
    sent = report['end']['sum_sent']
    note('%d changes in %d octets of 4 connections; %d segments sent again' % (
        done, sent['bytes'], sent['retransmits']))
    if done < CHANGES // 10:
        raise Retry('only %d changes' % done)
    check(sent['bytes'] > 1 << 20, 'only %d octets' % sent['bytes'])
    if sent['retransmits'] and not SLOW:
        raise Retry('%d segments sent again' % sent['retransmits'])


case('drain and up: iperf3', drains('r1', 'r2'))(tcp)
case('sid set: iperf3', sids(16001, 'r1', 'r2'))(tcp)
case('apply of something else: iperf3', something_else)(tcp)


def send_numbered(family, count):
    """Child: so many numbered datagrams from each of 16 sockets, evenly."""
    with in_netns(topo.netns('client')):
        socks = [socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET,
                               socket.SOCK_DGRAM) for _ in range(16)]
    for sock in socks:
        sock.connect((SERVER[family], 4790))
    began = time.monotonic()
    for number in range(count):
        socks[number % 16].send(struct.pack('!I', number))
        ahead = began + number * SECONDS / count - time.monotonic()
        if ahead > 0.002:
            time.sleep(ahead)


def udp(make, family):
    """Every numbered datagram arrives, once."""
    hosts_reach(family)
    count = SECONDS * (100 if SLOW else 1000)
    with in_netns(topo.netns('server')):
        far = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET,
                            socket.SOCK_DGRAM)
    far.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    far.bind((SERVER[family], 4790))
    far.settimeout(30)
    change = make()
    with Ledger(px) as led:
        pid = os.fork()
        if not pid:
            try:
                send_numbered(family, count)
            finally:
                os._exit(0)     # pylint: disable=protected-access
        done = changes_until(lambda: os.waitpid(pid, os.WNOHANG)[0], change)
        came = []
        while len(came) < count:
            try:
                came.append(struct.unpack('!I', far.recv(100))[0])
            except socket.timeout:
                break
    far.close()
    equal({k: n for k, n in led.drops.items() if k != 'vnf_miss'}, {}, 'drops')
    missing = sorted(set(range(count)) - set(came))
    equal(missing, [], 'datagrams that did not come')
    equal(len(came), count, 'datagrams')
    note('%d changes in %d datagrams' % (done, count))
    if done < CHANGES // 10:
        raise Retry('only %d changes' % done)


case('drain and up: numbered datagrams', drains('r1', 'r2'), 4)(udp)
case('sid set: numbered datagrams', sids(16001, 'r1', 'r2'), 6)(udp)
case('apply of something else: numbered datagrams', something_else, 6)(udp)


run()
