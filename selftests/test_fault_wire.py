# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_fault_wire.sh."""

import atexit
import os
import struct
import threading

import ktls
import pkt
from farend import SOON, Far
from fault import FAILED, Fault, no_faults, short_of_memory
from genl import Netlink
from ktap import Failure, before_each, case, check, equal, note, run, wait_for
from netio import Device
from pkt import checksum, stack
from proxy import AT_THE_DOOR

NTH_MAX = 400
PACKETS = 40
topo = Far()
px, s0 = topo.px, topo.s0
PATH = os.path.join(topo.dir, 'fn')
HERE, THERE = {4: '10.0.30.1', 6: '[2001:db8:30::1]'}, {4: '10.0.30.2', 6: '[2001:db8:30::2]'}
FAR_ENDS = [topo.echo(kind, '%s:6000' % THERE[family])
            for kind in ('udp', 'tcp') for family in (4, 6)] + [topo.echo('unix', PATH)]
for _end in FAR_ENDS:
    atexit.register(_end.kill)
ATTACH = {'unix': 'unix ' + PATH}
for _family in (4, 6):
    ATTACH['udp%d' % _family] = 'udp local %s:6100 remote %s:6000' % (HERE[_family],
                                                                      THERE[_family])
    ATTACH['tcp%d' % _family] = 'tcp remote %s:6000' % THERE[_family]
fault, nl = Fault(), Netlink(px.netns)
PLAIN_TCP = pkt.ip4(pkt.tcp(1700, 80, data=b''))
TLS = []


@before_each
def start():
    no_faults()
    px.clear()
    while TLS:
        TLS.pop().close()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0', topo.vnf_line(1), 'sid add 16011 vnf n1')


def echo(sock):
    """The far end of a connection with TLS."""
    try:
        while octets := sock.recv(65536):
            sock.sendall(octets)
    except OSError:
        pass


def tls_pair():
    """Our end, passed or not; the far end is served."""
    ours, theirs = ktls.pair(px.netns, topo.gn, ('10.0.30.2', 6443))
    TLS.extend((ours, theirs))
    threading.Thread(target=echo, args=(theirs,), daemon=True).start()
    return ours


def tls_message(ours):
    return nl.message('VNF_NEW', name='fn', type=2, remote_inet=bytes([10, 0, 30, 2]),
                      remote_port=struct.pack('=H', 6443), fd=ours.fileno(), tls=b'')


def add(kind):
    if kind == 'tls':
        answer = nl.ask(tls_message(tls_pair()))
        check(answer == 0, 'vnf add with tls: %s' % answer)
    else:
        px.ctl('vnf add fn ' + ATTACH[kind])
    px.ctl('sid add 16010 vnf fn')
    topo.up('fn')


def there_and_back(port):
    inner = pkt.ip4(pkt.udp(port, 7))
    topo.to_proxy([16010, 900], inner)
    while True:         # what memory was short for may come late
        frame = s0.recv(SOON)
        check(frame, 'nothing comes back')
        if frame.inner == inner and frame.labels == stack((900, 0, 63)):
            return


def offloaded():
    """What n1 returns as a device with offloads would: it is cut before the socket."""
    big = pkt.ip4(pkt.tcp(1700, 80, data=bytes(range(256)) * 20))
    pseudo = ~checksum(big[12:20] + struct.pack('!BBH', 0, 6, len(big) - 20)) & 0xffff
    unfinished = big[:36] + struct.pack('!H', pseudo) + big[38:]
    return pkt.ether(pkt.mac('02:00:00:00:11:01'), pkt.mac('02:00:00:00:11:02'), pkt.ETH_IP,
                     unfinished)


def traffic(device):
    """New flows of both families, fragments out of order, offloaded packets; how many."""
    frame, sent = offloaded(), 0
    for n in range(PACKETS):
        for family in (4, 6):
            packets = [pkt.ip(pkt.udp(2000 + n, 7, b'd' * (n * 29)), family)]
            whole = pkt.ip(pkt.udp(3000 + n, 7, b'f' * 700), family)
            packets += [pkt.fragment(whole, 256, 0x100 + n)[i] for i in (1, 2, 0)]
            for packet in packets:
                topo.to_proxy([16010, 900], packet)
            sent += len(packets)
        device.send(frame, 1, 1, 54, 1000, 34, 16)
    return sent


def workers(probability):
    """Let allocations of the kernel's workers fail, in process context."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/comm' % pid, encoding='ascii') as file:
                if file.read().startswith('kworker/u'):
                    with open('/proc/%s/make-it-fail' % pid, 'w', encoding='ascii') as knob:
                        knob.write('1')
        except (FileNotFoundError, ProcessLookupError):
            pass
    return short_of_memory(probability=probability, task_filter='Y')


def packets_lost(kind, shortage):
    add(kind)
    topo.to_proxy([16011, 16010, 900], PLAIN_TCP)
    topo.at_vnf(1, PLAIN_TCP)
    there_and_back(1000)
    device = Device(topo.netns('fn'), 'f1')
    before = px.snapshot()
    with shortage():
        sent = traffic(device)
        px.show('stats')
    wait_for(lambda: px.vnf('fn').get('queued', 0) == 0, 'the queue to be sent', SOON)

    def unsettled():
        """What is missing, or ''. A fragment that waits for the first of its packet
        is at the door only when it has waited too long."""
        delta = px.snapshot() - before
        # also what was lost on its way out of the socket, of which nothing else is known
        unknown = delta.drops.get('no_memory', 0) if kind[:3] != 'udp' else 0
        came = delta.total('uplink', 'rx_packets')
        door = sum(n for reason, n in delta.drops.items() if reason in AT_THE_DOOR)
        fits = -unknown <= delta.imbalance(0) <= 0 and came <= sent <= came + door
        return '' if fits else '%d sent, %d taken, at the door %d, imbalance %d of %d' % (
            sent, came, door, delta.imbalance(0), unknown)
    try:
        wait_for(lambda: not unsettled(), 'the ledger to balance', SOON)
    except Failure:
        equal(unsettled(), '', 'the ledger')
    delta = px.snapshot() - before
    note('%d sent: %s' % (sent, delta.changes()))
    check(delta.drops or shortage != in_softirq, 'nothing was lost')
    vnf = px.vnf('fn')
    if kind == 'tls' and vnf['state'] == 'down':        # the kernel's TLS gives up
        check(vnf['cause'] == 'socket-error', 'cause: %s' % vnf)
        px.ctl('sid del 16010', 'vnf del fn')
        add(kind)
    else:
        check(vnf['state'] == 'up', 'state: %s' % vnf)
    for port in range(1001, 1006):
        there_and_back(port)


def in_softirq():
    return short_of_memory(probability=10, ignore_gfp_wait='Y')


def in_workers():
    return workers(10)


for _kind in ('udp4', 'udp6', 'tcp4', 'tcp6', 'unix', 'tls'):
    case('%s: allocations in softirq fail' % _kind, _kind, in_softirq)(packets_lost)
for _kind in ('tcp4', 'unix'):
    case('%s: allocations of workers fail' % _kind, _kind, in_workers)(packets_lost)


def last_one(kind):
    """The one packet for which there was no memory: lost and counted, or sent later."""
    add(kind)
    there_and_back(1000)
    before = px.snapshot()
    with workers(100):
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(1000, 7)))
        px.show('stats')
    wait_for(lambda: px.vnf('fn').get('queued', 0) == 0, 'the packet to go, or be lost', SOON)
    note((px.snapshot() - before).changes())
    check(px.vnf('fn')['state'] == 'up', 'state: %s' % px.vnf('fn'))
    there_and_back(1001)


for _kind in ('tcp4', 'unix'):
    case('%s: no memory for the last packet' % _kind, _kind)(last_one)


@case('tls: a socket is passed while allocations fail')
def passed():
    for nth in range(1, NTH_MAX):
        ours = tls_pair()
        answer, fired = fault.ask(nl, tls_message(ours), nth)
        check(answer in (0,) + FAILED, 'fault %d: answer %s' % (nth, answer))
        there = bool(px.show('vnf show fn')) if answer in (0, -1) else False
        if there:
            px.ctl('vnf del fn')
        # it was let go: another may have it
        if fired and not there:
            check(nl.ask(tls_message(ours)) == 0, 'fault %d: passed again' % nth)
            px.ctl('sid add 16010 vnf fn')
            topo.up('fn')
            there_and_back(2000 + nth)
            px.ctl('sid del 16010', 'vnf del fn')
        while TLS:
            TLS.pop().close()
        if not fired:
            note('%d allocations' % (nth - 1))
            check(nth > 1, 'no allocation has failed')
            return
    raise AssertionError('fault %d is still had' % NTH_MAX)


run()
