# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_notify.sh."""

import json
import os
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager

import pkt
from failnet import IFF_UP, child, delete_link, kill, set_flags, write_sysctl
from healthnet import PROBE, HealthNet, Monitor
from ktap import before_each, case, check, equal, run, wait_for
from netio import in_netns

WAIT = 30
PACE = 'probe-interval 50 probe-multiplier 5'
NAME = '@%s-far' % os.environ['SRP_NS']
UDP = 'vnf add n1 udp local 10.0.1.1:4000 remote 10.0.1.2:5000'
TCP = 'vnf add n1 tcp remote 10.0.1.2:5000'
UNIX = 'vnf add n1 unix ' + NAME

topo = HealthNet()
px = topo.px


@before_each
def start():
    px.clear()
    topo.ip('px', 'link set w1 up')


def told(add, cause, fail, mend=None, first=()):
    """It ceases to serve and, where it can be mended, serves again: that is told
    once each, with the cause and the time at which it was so. first: the causes
    that it has on the way to the one that stays."""
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf(1, name='t'))
        px.ctl(add)
        wait_for(lambda: topo.state('n1') == ('up', ''), 'n1 to be up', WAIT)

        def change(do, *want):
            begin = time.monotonic_ns()
            do()

            def seen():
                return [s for s in monitor.states('n1') if s[:2] == want and s[2] >= begin]
            wait_for(seen, 'n1 to be told %s: %s' % (' '.join(want), monitor.states('n1')), WAIT)
            at = seen()[0][2]
            check(begin <= at <= time.monotonic_ns(), '%s: time %d' % (want, at))
            shown = px.vnf('n1')
            equal((shown['state'], shown.get('cause', '')),
                  want, 'state shown')
        change(fail, 'down', cause)
        if mend:
            change(mend, 'up', '')
        kept = [s for s in monitor.states('n1') if s[0] != 'up' or s[2]]
        downs = [s[1] for n, s in enumerate(kept) if s[0] == 'down' and
                 (not n or kept[n - 1][2] != s[2])]
        equal(downs, [*first, cause], 'what was told')
        times = [s[2] for s in kept]
        equal(times, sorted(times), 'times')
    finally:
        monitor.end()


def w1(on):
    set_flags(topo.netns('px'), 'w1', IFF_UP, on)


@case('link-down')
def link_down():
    told(topo.vnf(1), 'link-down', lambda: w1(False), lambda: w1(True))


def far_link(on):
    set_flags(topo.netns('f1'), 'e0', IFF_UP, on)
    if on:
        topo.ip('f1', 'route replace default via 10.0.1.1')


@case('no-carrier')
def no_carrier():
    told(topo.vnf(1), 'no-carrier', lambda: far_link(False), lambda: far_link(True))


@case('admin')
def admin():
    told(topo.vnf(1), 'admin', lambda: px.ctl('vnf set n1 admin down'),
         lambda: px.ctl('vnf set n1 admin up'))


def forwards(on):
    write_sysctl(topo.netns('f1'), 'ipv4/ip_forward', on)


@case('probe')
def probe():
    told(topo.vnf(1, 'probe inband probe-addr %s %s' % (PROBE[4], PACE)), 'probe',
         lambda: forwards(0), lambda: forwards(1))


@case('neighbour')
def neighbour():
    topo.sh('px', 'sysctl -qw net.ipv4.neigh.w1.mcast_solicit=1 '
            'net.ipv4.neigh.w1.ucast_solicit=1 net.ipv4.neigh.w1.retrans_time_ms=200')
    px.ctl('uplink add dev u0')

    def silent():
        topo.ip('f1', 'link set e0 arp off')
        topo.ip('px', 'neigh flush dev w1')
        subprocess.run(['ip', 'netns', 'exec', topo.netns('px'), 'ping', '-c1', '-W1',
                        '10.0.1.2'], stdout=subprocess.DEVNULL, check=False)
    told(topo.vnf(1), 'neighbour', silent, lambda: topo.ip('f1', 'link set e0 arp on'))


@contextmanager
def listening(family, kind, address, node):
    with in_netns(topo.netns(node)):
        listener = socket.socket(family, kind)
    with listener:
        if family == socket.AF_INET:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(4)
        yield listener


FAR = (socket.AF_INET, socket.SOCK_STREAM, ('10.0.1.2', 5000), 'f1')
NEAR = (socket.AF_UNIX, socket.SOCK_SEQPACKET, NAME.replace('@', '\0'), 'px')


def served(conn):
    while conn.recv(65536):
        pass


def accepts(listener, accepted):
    conn = listener.accept()[0]
    os.write(accepted, b'.')
    served(conn)


class Program:
    """A far end, which dies with the connection, not before it has it."""

    def __init__(self, listener, needs):
        self.accepted, there = os.pipe()
        self.pid = needs.enter_context(child(accepts, listener, there))
        os.close(there)
        needs.callback(os.close, self.accepted)

    def die(self):
        equal(os.read(self.accepted, 1), b'.', 'what the far end says')
        kill(self.pid)


def closed(add, far):
    with ExitStack() as needs:
        listener = needs.enter_context(listening(*far))
        first = Program(listener, needs)
        told(add, 'closed', first.die,
             lambda: Program(listener, needs) and px.ctl('vnf reconnect n1'))


case('closed, a Unix socket', UNIX, NEAR)(closed)
case('closed, a TCP connection', TCP, FAR)(closed)


@case('bad-frame')
def bad_frame():
    with listening(*FAR) as listener, ExitStack() as conns:
        def urgent():
            conn = conns.enter_context(listener.accept()[0])
            conn.send(b'!', socket.MSG_OOB)
        told(TCP, 'bad-frame', urgent, lambda: px.ctl('vnf reconnect n1'))


@case('socket-error')
def socket_error():
    """TCP gives up after 20 seconds in which nothing was acknowledged."""
    px.ctl('uplink add dev u0')

    def silence():
        px.ctl('sid add 16001 vnf n1')
        topo.ip('f1', 'link set e0 arp off', 'neigh flush dev e0',
                'route add blackhole 10.0.1.1')
        topo.send(16001, pkt.ip4(pkt.udp(3000, 7)))

    def mend():
        topo.ip('f1', 'route del blackhole 10.0.1.1', 'link set e0 arp on')
        wait_for(lambda: not px.refusals(['vnf reconnect n1'])[0], 'the far end', WAIT)
    with listening(*FAR):
        told(TCP, 'socket-error', silence, mend)


@case('no-route')
def no_route():
    """Found out by a packet."""
    px.ctl('uplink add dev u0')

    def unreachable():
        px.ctl('sid add 16001 vnf n1')
        topo.ip('px', 'route add unreachable 10.0.1.2/32')
        topo.send(16001, pkt.ip4(pkt.udp(3000, 7)))
    told(UDP, 'no-route', unreachable,
         lambda: topo.ip('px', 'route del unreachable 10.0.1.2/32'))


def refused(why):
    """A reconnect that fails, and says so."""
    error, = px.refusals(['vnf reconnect n1'])
    check(why in error, 'refused with "%s", not for "%s"' % (error, why))


def back_at(far, needs):
    """The far end listens again, and the vnf is connected."""
    needs.enter_context(listening(*far))
    px.ctl('vnf reconnect n1')


def connect_failed(add, far, why):
    """The far end closes first; then it is not there."""
    with ExitStack() as needs:
        there = needs.enter_context(ExitStack())
        first = Program(there.enter_context(listening(*far)), there)

        def fail():
            first.die()
            topo.wait_state('n1', 'down', 'closed')
            there.close()
            refused(why)
        told(add, 'connect-failed', fail, lambda: back_at(far, needs), first=['closed'])


case('connect-failed, a Unix socket', UNIX, NEAR, 'nobody listens')(connect_failed)
case('connect-failed, a TCP connection', TCP, FAR, 'refuses')(connect_failed)


@case('connect-failed, UDP: the local address has gone')
def connect_failed_udp():
    def fail():
        topo.ip('px', 'addr del 10.0.1.1/24 dev w1')
        refused('not one of this host')

    def mend():
        topo.ip('px', 'addr add 10.0.1.1/24 dev w1')
        px.ctl('vnf reconnect n1')
    told(UDP, 'connect-failed', fail, mend)


@case('connect-failed: apply goes on without who is not there')
def connect_failed_apply():
    """Nobody has told of it before; refused and unreachable are the same."""
    with listening(*NEAR), listening(*FAR):
        px.ctl(UNIX, TCP.replace('n1', 'n2'))
        config = json.loads(px.run('save')[1])
    config['vnf'].append(dict(config['vnf'][1], name='n3', remote='10.0.9.2:5000'))
    px.clear()
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf(1, name='t'))
        begin = time.monotonic_ns()
        equal(px.run('apply', '-', feed=json.dumps(config))[::2], (0, ''), 'apply')
        equal(topo.state('n3'), ('down', 'connect-failed'), 'state of the unreachable')
        with listening(*NEAR), listening(*FAR):
            px.ctl('vnf reconnect n1', 'vnf reconnect n2')
            for name in ('n1', 'n2'):
                def seen(name=name):
                    states = monitor.states(name)
                    return [s[:2] for s in states] == [
                        ('down', 'connect-failed'), ('up', '')] and states
                states = wait_for(seen, '%s to be told: %s' % (name, monitor.states(name)), WAIT)
                times = [s[2] for s in states]
                check(begin <= times[0] and times == sorted(times), 'times %s' % times)
    finally:
        monitor.end()


@case('a reconnect that fails takes nothing from a connection that serves')
def serves_on():
    """Nor does it say anything of why that ends."""
    with ExitStack() as needs:
        there = needs.enter_context(ExitStack())
        listener = there.enter_context(listening(*NEAR))

        def fail():
            conn, _ = listener.accept()
            there.close()
            refused('nobody listens')
            equal(topo.state('n1'), ('up', ''), 'state')
            conn.close()
        told(UNIX, 'closed', fail, lambda: back_at(NEAR, needs))


@case('not-connected: behind TLS, until a tool has passed a socket')
def not_connected():
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf(1, name='t'))
        begin = time.monotonic_ns()
        px.ctl(TCP + ' tls')
        refused('a socket has to be passed')
        wait_for(lambda: monitor.states('n1'), 'n1 to be told', WAIT)
        (*said, at), = monitor.states('n1')
        equal(said, ['down', 'not-connected'], 'what was told')
        check(begin <= at <= time.monotonic_ns(), 'time %d' % at)
        equal(topo.state('n1'), ('down', 'not-connected'), 'state')
    finally:
        monitor.end()


@case('an uplink: it is down, up again, gone: each with its time')
def uplink():
    monitor = Monitor(topo.netns('px'), 'all')
    try:
        monitor.listening(px, topo.vnf(1, name='t'))
        px.ctl('uplink add dev u0')

        def change(on, *want):
            begin = time.monotonic_ns()
            set_flags(topo.netns('px'), 'u0', IFF_UP, on)

            def seen():
                return [s for s in monitor.uplinks('u0') if s[1] >= begin]
            (state, at), *_ = wait_for(seen, 'u0 to be told %s' % want, WAIT)
            equal(state, *want, 'state told')
            check(at <= time.monotonic_ns(), 'time %d' % at)
            equal(px.show('uplink show')[0]['state'], *want, 'state shown')
        change(False, 'down')
        change(True, 'up')
        wait_for(lambda: topo.links_ready('px'), 'links', WAIT)
        px.ctl('uplink del dev u0')
        wait_for(lambda: [e for e in monitor.read() if e['event'] == 'gone' and
                          e['object'] == 'uplink'], 'its end to be told', WAIT)
    finally:
        monitor.end()


@case('no-device')
def no_device():
    def back():
        subprocess.run(['ip', 'link', 'add', 'name', 'w1', 'netns', topo.netns('px'), 'address',
                        '02:00:00:00:11:01', 'type', 'veth', 'peer', 'name', 'e0', 'netns',
                        topo.netns('f1'), 'address', '02:00:00:00:11:02'], check=True)
        topo.ip('f1', 'link set e0 up', 'addr add 10.0.1.2/24 dev e0')
        topo.ip('px', 'link set w1 up', 'addr add 10.0.1.1/24 dev w1')
        topo.ip('f1', 'route replace default via 10.0.1.1')
    # it is set down first
    told(topo.vnf(1), 'no-device', lambda: delete_link(topo.netns('px'), 'w1'),
         first=['link-down'])
    px.clear()
    back()


run()
