# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_failover.sh."""

import os
import socket
import subprocess
import time
from contextlib import ExitStack

import pkt
from failnet import (IFF_NOARP, IFF_UP, Clocked, Stream, bare_headers, child, delete_link,
                     kill, set_flags, wait_numbers, write_sysctl)
from healthnet import PROBE, U0, HealthNet
from ktap import before_each, case, equal, run, wait_for
from netio import in_netns
from outage import (EVERY, LIMIT, RUNS, RUNS_OF_SECONDS, SETTLED, SLOW, STRICT, SURELY, Outage,
                    Runs, settled)
from pkt import ETH_MPLS, encode_labels, ether, stack

# the defaults, but where the machine is too slow for them
PACE = '' if STRICT else 'probe-interval %d probe-multiplier 5' % (100 if SLOW else 40)
SID, BACK = 16001, 900
PORT = 5000
FAR_NAME = '@%s-far' % os.environ['SRP_NS']

topo = HealthNet()
px, s0 = topo.px, topo.s0
back = Clocked(topo.netns('sw'), 's0')
backup = Clocked(topo.netns('f2'), 'e0')
HEAD = ether(U0, s0.mac, ETH_MPLS, encode_labels(stack(SID, BACK)))
OLD = HEAD + bare_headers(pkt.ip4(pkt.udp(4000, 4001, bytes(20))))


@before_each
def start():
    px.clear()
    px.ctl('config set icmp none', 'uplink add dev u0', topo.vnf(2))


def one_session(_):
    return OLD


def old_and_new(number):
    """Every other packet is the first of a session."""
    if number % 2 == 0:
        return OLD
    return HEAD + bare_headers(pkt.ip4(pkt.udp(10000 + number % 50000, 4001, bytes(20))))


def fail_once(fail, frame, row):
    """One failure under a stream, its Outage; row: what arrived without a gap."""
    came_back, at_backup = {}, {}
    for port in (back, backup):
        port.arrivals()
    with Stream(s0, frame, EVERY) as stream:
        wait_numbers(back, came_back, lambda seen: len(seen) >= SETTLED, 'the session to begin',
                     SURELY)
        equal(backup.arrivals(), [], 'at the backup before')
        failed = fail()
        wait_numbers(backup, at_backup, row, 'packets at the backup', SURELY)
        stream.end()
        sent = stream.sent()
        wait_numbers(back, came_back, lambda seen: len(sent) - 1 in seen, 'the last packet',
                     SURELY)
    for number, when in backup.arrivals():
        at_backup[number] = when
    s0.drain()
    return Outage(failed, sent, came_back, at_backup), at_backup


def failover(kind, add, fail, cause, mend=(), prepare=None, limit=LIMIT, runs=RUNS):
    """All runs of one kind. add: the command that makes n1; prepare(stack) what
    it needs and a value for fail(); mend: ip commands by node."""
    done = Runs(runs, limit)
    for _ in done:
        with ExitStack() as needs:
            value = prepare(needs) if prepare else None
            px.ctl('flow flush', add, 'sid add %d vnf n1 backup n2' % SID)
            wait_for(lambda: px.vnf('n1')['state'] == 'up', 'n1', SURELY)
            outage, _ = fail_once(lambda: fail(value), one_session, settled)
            wait_for(lambda: topo.state('n1') == ('down', cause), 'n1 to be down, %s' % cause,
                     SURELY)
        done.add(outage)
        px.ctl('sid del %d' % SID, 'vnf del n1')
        mended(mend)
    done.judge(kind)


def mended(mend):
    for node, *lines in mend:
        if callable(lines[0]):
            lines[0]()
        else:
            topo.ip(node, *lines)
    wait_for(lambda: topo.links_ready('px') and topo.links_ready('f1'), 'links', SURELY)


def in_f1(function, *args):
    return function(topo.netns('f1'), *args)


# ---- the link -------------------------------------------------------------------

@case('the carrier is lost')
def carrier():
    failover('carrier', topo.vnf(1), lambda _: in_f1(set_flags, 'e0', IFF_UP, False),
             'no-carrier', [('f1', 'link set e0 up', 'route replace default via 10.0.1.1')])


@case('the interface is set down')
def link_down():
    failover('link down', topo.vnf(1),
             lambda _: set_flags(topo.netns('px'), 'w1', IFF_UP, False), 'link-down',
             [('px', 'link set w1 up')])


def new_link():
    subprocess.run(['ip', 'link', 'add', 'name', 'w1', 'netns', topo.netns('px'), 'address',
                    '02:00:00:00:11:01', 'type', 'veth', 'peer', 'name', 'e0', 'netns',
                    topo.netns('f1'), 'address', '02:00:00:00:11:02'], check=True)


@case('the device is unregistered')
def unregister():
    failover('unregister', topo.vnf(1), lambda _: delete_link(topo.netns('px'), 'w1'),
             'no-device', [
                 ('', new_link),
                 ('f1', 'link set e0 up', 'addr add 10.0.1.2/24 dev e0'),
                 ('px', 'link set w1 up', 'addr add 10.0.1.1/24 dev w1'),
                 ('f1', 'route replace default via 10.0.1.1')])


# ---- the operator ---------------------------------------------------------------

def operator(admin):
    """A command: srproxyctl that runs already, as a daemon's would."""
    now = time.time_ns()
    px.ctl('vnf set n1 admin ' + admin)
    return now


@case('set down by the operator')
def admin_down():
    failover('admin down', topo.vnf(1), lambda _: operator('down'), 'admin')


@case('drained: sessions stay, new ones go elsewhere, nothing is lost')
def drain():
    done = Runs(RUNS, LIMIT)
    for _ in done:
        px.ctl('flow flush', topo.vnf(1), 'sid add %d vnf n1 backup n2' % SID)
        outage, at_backup = fail_once(lambda: operator('drain'), old_and_new,
                                      lambda seen: len(seen) >= SETTLED)
        equal(topo.state('n1'), ('up', ''), 'state')
        equal([n for n in at_backup if n % 2 == 0], [], 'packets of the old session')
        equal(outage.lost, [], 'lost')
        done.add(outage)
        px.ctl('sid del %d' % SID, 'vnf del n1')
    done.judge('drain')


# ---- sockets --------------------------------------------------------------------

def echo_stream(listener):
    conn, _ = listener.accept()
    while True:
        octets = conn.recv(65536)
        if not octets:
            return
        conn.sendall(octets)


def echo_datagrams(sock):
    while True:
        octets, source = sock.recvfrom(65536)
        sock.sendto(octets, source)


def far_end(node, family, kind, address, body, needs):
    """A function that is a program; its process id."""
    with in_netns(topo.netns(node)):
        sock = needs.enter_context(socket.socket(family, kind))
    if family == socket.AF_INET:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    if kind != socket.SOCK_DGRAM:
        sock.listen(1)
    return needs.enter_context(child(body, sock))


@case('the program behind a Unix socket dies')
def unix():
    failover('unix socket', 'vnf add n1 unix ' + FAR_NAME, kill, 'closed',
             prepare=lambda needs: far_end('px', socket.AF_UNIX, socket.SOCK_SEQPACKET,
                                           FAR_NAME.replace('@', '\0'), echo_stream, needs))


@case('the program behind a TCP connection dies')
def tcp():
    failover('tcp connection', 'vnf add n1 tcp remote 10.0.1.2:%d' % PORT, kill, 'closed',
             prepare=lambda needs: far_end('f1', socket.AF_INET, socket.SOCK_STREAM,
                                           ('10.0.1.2', PORT), echo_stream, needs))


@case('the route to a function behind UDP is lost')
def udp():
    """That its program died nobody can know: UDP has no connection."""
    failover('udp, no route',
             'vnf add n1 udp local 10.0.1.1:4000 remote 10.0.1.2:%d' % PORT,
             lambda _: set_flags(topo.netns('px'), 'w1', IFF_UP, False), 'no-route',
             [('px', 'link set w1 up')],
             prepare=lambda needs: far_end('f1', socket.AF_INET, socket.SOCK_DGRAM,
                                           ('10.0.1.2', PORT), echo_datagrams, needs))


# ---- the function ---------------------------------------------------------------

def dead(_):
    """It forwards nothing and answers nobody; the carrier stays."""
    now = in_f1(write_sysctl, 'ipv4/ip_forward', 0)
    in_f1(set_flags, 'e0', IFF_NOARP, True)
    return now


def alive():
    in_f1(set_flags, 'e0', IFF_NOARP, False)
    in_f1(write_sysctl, 'ipv4/ip_forward', 1)


def probed(kind, options, fail=dead, pace=PACE, limit=LIMIT):
    failover(kind, topo.vnf(1, '%s %s' % (options, pace)), fail, 'probe', [('', alive)],
             limit=limit)


case('inband probes: the function is dead', 'probe inband',
     'probe inband probe-addr ' + PROBE[4])(probed)
case('inband probes: it answers ARP, but forwards nothing', 'probe inband, hung',
     'probe inband probe-addr ' + PROBE[4],
     lambda _: in_f1(write_sysctl, 'ipv4/ip_forward', 0))(probed)
case('inband probes every millisecond: the function is dead', 'probe inband, 1 ms',
     'probe inband probe-addr ' + PROBE[4], dead,
     'probe-interval 1 probe-multiplier 10' if STRICT else PACE, 0.025)(probed)
case('neigh probes: the function is dead', 'probe neigh', 'probe neigh')(probed)


@case("the kernel's own neighbour, with its time-outs as short as they get")
def neighbour():
    topo.sh('px', 'sysctl -qw net.ipv4.neigh.w1.mcast_solicit=1 '
            'net.ipv4.neigh.w1.ucast_solicit=1 net.ipv4.neigh.w1.retrans_time_ms=100 '
            'net.ipv4.neigh.w1.base_reachable_time_ms=500 '
            'net.ipv4.neigh.w1.delay_first_probe_time=1')
    # one that is known is so by the time-outs of before
    topo.ip('px', 'neigh flush dev w1')
    failover('neighbour', topo.vnf(1), dead, 'neighbour', [
        ('', alive), ('px', 'neigh flush dev w1')], limit=None, runs=RUNS_OF_SECONDS)


run()
