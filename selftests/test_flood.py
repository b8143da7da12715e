# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_flood.sh."""

import json
import os
import struct
import time

import pkt
from flood import SPOOFED, Flood, dropped_by_rig
from ktap import before_each, case, check, equal, note, run, wait_for
from netio import send_many
from nodes import One, v_mac
from proxy import Ledger

FLOWS = int(os.environ['SRP_FLOOD_FLOWS'])
MAX = int(os.environ['SRP_FLOOD_MAX'])
SESSIONS = 1000
# What is on its way out waits for a grace period; tables grow by doubling. KASAN
# keeps what is freed for a while.
SLACK = (128 if os.path.exists('/proc/self/fail-nth') else 24) << 20

topo = One(2)
px, s1 = topo.px, topo.s1
# those that see the flood would fill memory with it
for unused in (('sw', 's0'), ('fn', 'f1'), ('fn', 'f2')):
    topo.ports.pop(unused).close()
U1_MAC = pkt.mac('02:00:00:00:0a:01')
HEADS = {there: pkt.ether(U1_MAC, s1.mac, pkt.ETH_MPLS, pkt.encode_labels(
    pkt.stack(16010 if there else 16011, 900))) for there in (True, False)}


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0', 'uplink add dev u1',
           'vnf add there dev v1 in v2 lladdr ' + pkt.mac_text(v_mac(2)),
           'vnf add back dev v2 in v1 lladdr ' + pkt.mac_text(v_mac(1)),
           'sid add 16010 vnf there', 'sid add 16011 vnf back')


class Sessions:
    """So many sessions: packets of both directions; each has to come back."""

    def __init__(self, count):
        self.count, self.round, self.sent, self.late = count, 0, 0, 0.0

    def packet(self, session, there, number):
        """The packet of a round, which its payload tells."""
        family = 4 + 2 * (session & 1)
        ends = {4: ('192.0.2.1', '198.51.100.9'), 6: ('2001:db8:1::1', '2001:db8:2::9')}[family]
        src, dst = ends if there else ends[::-1]
        ports = (20000 + session, 53) if there else (53, 20000 + session)
        return pkt.ip(pkt.udp(*ports, struct.pack('!I', number)), family, src=src, dst=dst)

    def send(self, there=True):
        """One packet of each, all of which come back with their labels."""
        self.round += 1
        packets = {self.packet(s, there, self.round) for s in range(self.count)}
        send_many(s1, [HEADS[there] + p for p in packets])
        self.sent += len(packets)
        begun, labels = time.monotonic(), pkt.stack((900, 0, 63))
        while packets:
            frame = s1.recv(30)
            check(frame, 'round %d: %d of %d packets are lost: %s' % (
                self.round, len(packets), self.count, pkt.describe(packets.copy().pop())
                if packets else ''))
            equal(frame.labels, labels, 'labels')
            check(frame.inner in packets, 'unexpected: %s' % frame)
            packets.remove(frame.inner)
        self.late = max(self.late, time.monotonic() - begun)

    def establish(self):
        """The first half has both directions, the others packets over a second."""
        self.send()
        half, whole = self.count // 2, self.count
        self.count = half
        self.send(False)
        self.count = whole
        start_of_second = time.monotonic()
        wait_for(lambda: time.monotonic() - start_of_second > 1.2, 'a second to pass')
        self.send()


def slab():
    """Octets of memory in small objects."""
    with open('/proc/meminfo', encoding='ascii') as file:
        lines = dict(line.split(':') for line in file)
    return int(lines['Slab'].split()[0]) * 1024


def arrived(port):
    """Frames that an end of the switch has had."""
    shown = json.loads(topo.sh('sw', 'ip -j -s link show dev ' + port))
    return shown[0]['stats64']['rx']['packets']


def protected():
    """Flows that are past their probation."""
    return sum('protected' in f.get('flags', ()) for f in px.flows())


def bound_of(limit):
    """Flows, each perhaps with two stacks of its own, and both tables."""
    return limit * (stats()['flow_size'] + 2 * 128 + 2 * 16) + SLACK


def stats():
    """The counters now; does not wait for anything."""
    found, = px.ask(['stats'])
    return found[0] if isinstance(found, list) else found


def misses():
    """Packets so far that came from a function and met no flow."""
    return stats()['drops'].get('vnf_miss', 0)


def flood_while(sessions, limit, name=None):
    """Both at once. Return: (flows at most, growth of memory at most)."""
    before, flows, memory = slab(), 0, 0
    flood = Flood(topo.netns('sw'), 's0', '02:00:00:00:00:01', FLOWS, [16010, 901],
                  SPOOFED).start()
    while flood.running():
        sessions.send()
        memory = max(memory, slab() - before)
        found, = px.ask(['vnf show ' + name]) if name else ([stats()],)
        flows = max(flows, found[0]['flows'])
        check(flows <= limit, '%d flows, %d are the limit' % (flows, limit))
        check(memory <= bound_of(limit), '%d octets more, %d are the bound' % (
            memory, bound_of(limit)))
    flood.wait(60)
    sessions.send()
    return flows, memory


def flood(limit, name=None):
    """All that is spoofed goes through, and no session loses a packet.

    Where more of the flood is in the function at once than there is room for
    flows, the oldest of these is gone when its packet comes back: a vnf_miss.
    """
    sessions, lost = Sessions(SESSIONS), dropped_by_rig()
    sessions.establish()
    established = protected()
    begun, end, missed_before = time.monotonic(), arrived('s0'), misses()
    with Ledger(px) as led:
        at_start = sessions.sent
        flows, memory = flood_while(sessions, limit, name)
        wait_for(lambda: arrived('s0') - end + misses() - missed_before >= FLOWS,
                 'the flood to come back', 60)
    seconds = time.monotonic() - begun
    equal(dropped_by_rig() - lost, 0, 'packets lost outside of the proxy')
    missed = misses() - missed_before
    led.dropped(vnf_miss=missed)
    equal(arrived('s0') - end + missed, FLOWS, 'packets of the flood that came back')
    made = led.delta.get('stats', 'flows_created')
    note('%d spoofed flows in %.0f s, %d of them new; %d packets of %d sessions meanwhile' % (
        FLOWS, seconds, made, sessions.sent - at_start, SESSIONS),
        '%d packets of the flood came back after their flow had gone' % missed,
        'at most %d flows of %d and %.1f MiB more memory (bound %.1f MiB), %.2f s for a round' % (
            flows, limit, memory / 2**20, bound_of(limit) / 2**20, sessions.late))
    check(made <= FLOWS, '%d flows of the sessions were made anew' % (made - FLOWS))
    check(made > FLOWS * 0.99, 'the flood made %d flows only' % made)
    check(flows > limit * 0.9, 'the limit was not reached: %d flows' % flows)
    check(established >= SESSIONS, 'protected: %d' % established)


@case('flood: established sessions lose nothing, max-flows of the namespace')
def flood_netns():
    px.ctl('config set max-flows %d' % MAX)
    flood(MAX)


@case('flood: established sessions lose nothing, max-flows of the vnf')
def flood_vnf():
    px.ctl('vnf set there max-flows %d' % (MAX // 2))
    flood(MAX // 2, 'there')


@case('flood: a session of two arms with both directions is established at once')
def two_arms():
    px.ctl('config set max-flows 64')
    sessions = Sessions(10)
    sessions.send()
    sessions.send(False)
    equal(protected(), 20, 'protected flows')
    # no more at once than there is room for, or their flows give way to each other
    feed = Sessions(40)
    feed.packet = lambda s, there, n: pkt.ip4(pkt.udp(30000 + 40 * n + s, 9, bytes(4)))
    for _ in range(5):
        feed.send()
    left = {f['sport'] for f in px.flows('vnf', 'there')}
    equal({p for p in left if 20000 <= p < 20010}, set(range(20000, 20010)), 'sessions left')


run()
