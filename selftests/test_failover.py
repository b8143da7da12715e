# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_failover.sh."""

import json
import math
import os
import socket
import subprocess
import time
from contextlib import ExitStack

import pkt
from failnet import (IFF_NOARP, IFF_UP, Clocked, Stream, bare_headers, child, delete_link,
                     kill, set_flags, wait_numbers, write_sysctl)
from healthnet import PROBE, U0, HealthNet
from ktap import before_each, case, check, equal, note, run, wait_for
from netio import in_netns
from pkt import ETH_MPLS, encode_labels, ether, stack

with open('/proc/cpuinfo', encoding='ascii') as cpuinfo:
    UML = 'UML' in cpuinfo.read()
SLOW = bool(os.environ.get('SRP_SLOW'))             # emulated
DEBUG = os.path.exists('/proc/lockdep')
STRICT = UML and not SLOW and not DEBUG             # 50 ms mean 50 ms
ASKED = int(os.environ.get('SRP_FAILOVER_RUNS') or 0)
RUNS = ASKED or (20 if STRICT else 2)
RUNS_OF_SECONDS = ASKED or 2
SECONDS = 90 if ASKED else 6        # of one kind, then it has to do with fewer
EVERY = 0.001 if STRICT else 0.02 if SLOW else 0.005
STALL = 2 * EVERY           # nothing was sent for longer: the machine stood still
LIMIT = 0.050
CALM = 0.010                # a run in which it did so for longer says nothing
SURELY = 20                 # seconds in which even the slowest machine is done
SETTLED = 20                # so many in a row at the backup: it is over
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


class Outage:
    """What one failure did to a stream."""

    def __init__(self, failed, sent, came_back, at_backup):
        first = min(at_backup)
        self.took = (at_backup[first] - failed) / 1e9
        self.lost = [n for n in range(len(sent)) if n not in came_back]
        self.after = [n for n in self.lost if n > first]
        self.still = sum(max(0, (min(b, at_backup[first]) - max(a, failed)) / 1e9 - STALL)
                         for a, b in zip(sent, sent[1:]))


def settled(seen):
    """Are the last so many packets at the backup, without a gap?"""
    return len(seen) >= SETTLED and len(seen) >= max(seen) - min(seen)


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


def percentile(values, part):
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]


class Runs:
    """Runs of one kind. Where 50 ms count, those in which the machine stood still
    are repeated, for a while; there are two, however slow it is."""

    def __init__(self, count, limit):
        self.count, self.strict = count, STRICT and limit is not None
        self.limit, self.end = limit, time.monotonic() + SECONDS
        self.calm, self.disturbed = [], []

    def __iter__(self):
        while len(self.calm) < self.count and (
                len(self.calm + self.disturbed) < 2 or time.monotonic() < self.end):
            yield self

    def add(self, outage):
        calm = not self.strict or outage.still <= CALM
        (self.calm if calm else self.disturbed).append(outage)

    def judge(self, kind):
        """50 ms, where the machine can tell; what it stood still is not ours."""
        outages = self.calm + self.disturbed
        after = [o.after for o in outages if o.after]
        check(not after, '%s: lost after the backup had it: %s' % (kind, after))
        distribution(kind, self.calm or outages, self.limit, len(self.disturbed))
        over = [o.took * 1e3 for o in self.calm if o.took - o.still > LIMIT]
        check(not self.strict or not over, '%s: longer than 50 ms: %s' % (
            kind, ', '.join('%.1f' % took for took in over)))


def distribution(kind, outages, limit, disturbed):
    took = [o.took * 1e3 for o in outages]
    lost = [len(o.lost) for o in outages]
    row = {'kind': kind, 'runs': len(took), 'min': min(took), 'median': percentile(took, 0.5),
           'p95': percentile(took, 0.95), 'max': max(took), 'lost_median': percentile(lost, 0.5),
           'lost_max': max(lost), 'every_ms': EVERY * 1e3,
           'stood_still': max(o.still for o in outages) * 1e3, 'disturbed': disturbed,
           'limit_ms': limit and limit * 1e3}
    note('%s: %d runs; ms: min %.2f median %.2f 95%% %.2f max %.2f; lost of one every %g ms: '
         'median %d max %d; the machine stood still for %.1f ms at most, %d more runs were '
         'disturbed' % (
             kind, row['runs'], row['min'], row['median'], row['p95'], row['max'],
             row['every_ms'], row['lost_median'], row['lost_max'], row['stood_still'],
             disturbed))
    if os.environ.get('SRP_FAILOVER_JSON'):
        print(json.dumps(row), flush=True)


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


def probed(kind, options, fail=dead):
    failover(kind, topo.vnf(1, '%s %s' % (options, PACE)), fail, 'probe', [('', alive)])


case('inband probes: the function is dead', 'probe inband',
     'probe inband probe-addr ' + PROBE[4])(probed)
case('inband probes: it answers ARP, but forwards nothing', 'probe inband, hung',
     'probe inband probe-addr ' + PROBE[4],
     lambda _: in_f1(write_sysctl, 'ipv4/ip_forward', 0))(probed)
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
