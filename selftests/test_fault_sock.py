# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_fault_sock.sh."""

import atexit
import errno
import os
import socket
import struct

import pkt
from farend import SOON, Far
from fault import FAILED, Fault, no_faults, one_cpu, short_of_memory
from genl import ABI, LOST, Netlink
from ktap import before_each, case, check, equal, note, run, wait_for
from netio import send_many
from pkt import ether, stack

NTH_MAX = 400       # no request allocates so often
# the kernel says so of a socket that it has no memory for, and of a route of IPv6
REFUSED = {4: FAILED + (errno.ENFILE,), 6: FAILED + (errno.ENFILE, errno.ENETUNREACH)}

one_cpu()
topo = Far()
px, s0 = topo.px, topo.s0
PATH = os.path.join(topo.dir, 'fn')
FAR_ENDS = [topo.echo('udp', '10.0.30.2:6000'), topo.echo('tcp', '10.0.30.2:6000'),
            topo.echo('udp', '10.0.30.2:6001'), topo.echo('udp', '[2001:db8:30::2]:6000'),
            topo.echo('tcp', '[2001:db8:30::2]:6000'), topo.echo('udp', '[2001:db8:30::2]:6001'),
            topo.echo('unix', PATH)]
for _end in FAR_ENDS:
    atexit.register(_end.kill)
fault, nl = Fault(), Netlink(px.netns)


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ':' in text else socket.AF_INET, text)


def place(kind, family):
    """The attributes of a function's place."""
    inet = '_inet6' if family == 6 else '_inet'
    here, there = (('2001:db8:30::1', '2001:db8:30::2') if family == 6 else
                   ('10.0.30.1', '10.0.30.2'))
    pool = '2001:db8:31::' if family == 6 else '10.0.31.0'
    if kind == 'unix':
        return {'type': ABI['VNF_TYPE_UNIX'], 'path': PATH}
    found = {'type': ABI['VNF_TYPE_' + kind.upper()], 'remote' + inet: address(there),
             'remote_port': struct.pack('=H', 6001 if kind == 'app' else 6000)}
    if kind == 'udp':
        found.update({'local' + inet: address(here), 'local_port': struct.pack('=H', 6100)})
    if kind == 'app':
        found.update({'dev': 'w1', 'pool' + inet: address(pool),
                      'pool_len': struct.pack('B', 120 if family == 6 else 24)})
    return found


def new(kind, family):
    return nl.message('VNF_NEW', name='fn', **place(kind, family))


KINDS = [('udp', 4), ('udp', 6), ('app', 4), ('app', 6), ('tcp', 4), ('tcp', 6), ('unix', 4)]


@before_each
def start():
    no_faults()
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def exists():
    return bool(px.show('vnf show'))


def there_and_back():
    """What an app answers has an identification of its own."""
    inner = pkt.ip4(pkt.udp(1000, 7))
    topo.to_proxy([16010, 900], inner)
    frame = s0.recv(SOON)
    check(frame and frame.labels == stack((900, 0, 63)) and frame.inner[12:] == inner[12:],
          'at the switch: %s' % frame)


def works():
    """The function is there, and packets go through it."""
    px.ctl('sid add 16010 vnf fn')
    topo.up('fn')
    there_and_back()
    px.ctl('sid del 16010')


def fails(answer, nth, family):
    check(answer == 0 or answer in REFUSED[family], 'fault %d: answer %s' % (nth, answer))


def sweep(body):
    """body(nth), until it has no fault any more; how many there were."""
    for nth in range(1, NTH_MAX):
        if not body(nth):
            note('%d allocations' % (nth - 1))
            check(nth > 1, 'no allocation has failed')
            return
    raise AssertionError('fault %d is still had' % NTH_MAX)


def added(kind, family, rest):
    message = new(kind, family)

    def attempt(nth):
        with fault.mode(rest):
            answer, fired = fault.ask(nl, message, nth)
        fails(answer, nth, family)
        there = exists()
        check(there or answer, 'fault %d: no vnf, and no error' % nth)
        check(not there or answer in (0, LOST), 'fault %d: %s, but a vnf' % (nth, answer))
        if there:
            px.ctl('vnf del fn')
        return fired
    sweep(attempt)
    equal(nl.ask(message), 0, 'without a fault')
    works()


for _kind, _family in KINDS:
    case('vnf add, %s, v%d: one fails' % (_kind, _family), _kind, _family, False)(added)
    # who waits for a connection of TCP waits long if nothing is sent
    if _kind != 'tcp':
        case('vnf add, %s, v%d: all from one on' % (_kind, _family), _kind, _family,
             True)(added)


def again(kind, family):
    """A reconnect that fails leaves the vnf, and the next one succeeds."""
    equal(nl.ask(new(kind, family)), 0, 'vnf add')
    message = nl.message('VNF_RECONNECT', name='fn')

    def attempt(nth):
        answer, fired = fault.ask(nl, message, nth)
        fails(answer, nth, family)
        check(exists(), 'fault %d: the vnf is gone' % nth)
        return fired
    sweep(attempt)
    px.ctl('vnf reconnect fn')
    works()


for _kind, _family in KINDS:
    if _kind != 'app':
        case('vnf reconnect, %s, v%d: one fails' % (_kind, _family), _kind, _family)(again)


def deleted(kind, family):
    message = nl.message('VNF_DEL', name='fn')

    def attempt(nth):
        equal(nl.ask(new(kind, family)), 0, 'vnf add')
        answer, fired = fault.ask(nl, message, nth)
        fails(answer, nth, family)
        check(answer or not exists(), 'fault %d: no error, and still there' % nth)
        if exists():
            px.ctl('vnf del fn')
        return fired
    for nth in range(1, NTH_MAX):
        if not attempt(nth):
            note('%d allocations' % (nth - 1))
            break
    equal(nl.ask(new(kind, family)), 0, 'vnf add')
    works()


for _kind, _family in KINDS:
    case('vnf del, %s, v%d: one fails' % (_kind, _family), _kind, _family)(deleted)


# ---- packets -----------------------------------------------------------------

def gathered(family):
    """Answers in fragments: whole, or counted fragment by fragment."""
    px.ctl('vnf add fn app %s dev w1 pool %s' % (
        ('10.0.30.2:6001', '10.0.31.0/24') if family == 4 else
        ('[2001:db8:30::2]:6001', '2001:db8:31::/120')), 'sid add 16010 vnf fn')
    first = '10.0.31.1' if family == 4 else '2001:db8:31::1'
    there = '10.0.30.2' if family == 4 else '2001:db8:30::2'
    there_and_back()
    whole = pkt.ip(pkt.udp(6001, 1024, b'f' * 400), family, src=there, dst=first)
    g1 = topo.port('gn', 'g1')
    before = px.snapshot()
    with short_of_memory(probability=10, ignore_gfp_wait='Y'):
        for ident in range(50):
            send_many(g1, [ether(pkt.mac('02:00:00:00:30:01'), g1.mac, pkt.ether_type(part), part)
                           for part in pkt.fragment(whole, 104, ident)])

    def settled():
        delta = px.snapshot() - before
        back = delta.get('vnf', 'fn', 'from_vnf_packets')
        return 4 * back + delta.drops.get('app_fragment', 0) == 200
    wait_for(settled, 'all fragments to be accounted for', SOON)
    note((px.snapshot() - before).changes())
    topo.drain()
    there_and_back()


case('answers in fragments, v4: allocations in softirq fail', 4)(gathered)
case('answers in fragments, v6: allocations in softirq fail', 6)(gathered)

run()
