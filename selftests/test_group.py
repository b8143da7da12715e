# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_group.sh."""

import math
import os
import struct
from collections import Counter

import pkt
from flood import Flood, dropped_by_rig, spread
from ktap import Skip, before_each, case, check, equal, note, run, wait_for
from netio import wait_ports
from nodes import One, expect, f_mac
from proxy import Ledger

FLOWS = int(os.environ['SRP_GROUP_FLOWS'])
FORWARD, BACK = 16010, 16011
MEMBERS_MAX = 240

topo = One(6)
px, py = topo.px, topo.proxy('py')
t0, k1 = topo.port('sw', 't0'), topo.port('fn', 'k1')
PY_MAC = pkt.mac('02:00:00:00:0b:01')


DOWN = set()


def link(number, state):
    """The device of a function goes down, or is up again."""
    topo.ip('px', 'link set v%d %s' % (number, state))
    (DOWN.add if state == 'down' else DOWN.discard)(number)


@before_each
def start():
    px.clear()
    topo.drain()
    for number in sorted(DOWN):
        link(number, 'up')
    px.ctl('config set icmp none', 'uplink add dev u0')


def one_armed(*numbers, options=''):
    """Functions n1, n2, ... behind v1, v2, ..."""
    px.ctl(*(topo.vnf_line(n, options=options) for n in numbers))


def two_armed(*numbers):
    """Functions of two arms: function 1 behind v1 and v2 is the vnfs there1 and
    back1, function 2 is behind v3 and v4."""
    px.ctl(*(line for n in numbers for line in (
        'vnf add there%d dev v%d in v%d lladdr %s' % (
            n, 2 * n - 1, 2 * n, pkt.mac_text(f_mac(2 * n - 1))),
        'vnf add back%d dev v%d in v%d lladdr %s' % (
            n, 2 * n, 2 * n - 1, pkt.mac_text(f_mac(2 * n))))))


def names(prefix, numbers):
    return ','.join('%s%d' % (prefix, n) for n in numbers)


def packet(session, back=False):
    """Of one of the directions; sessions of both families and of UDP and TCP."""
    family, build = (4, 6)[session & 1], (pkt.udp, pkt.tcp)[session >> 1 & 1]
    src, dst = {4: ('192.0.2.1', '198.51.100.9'), 6: ('2001:db8:1::1', '2001:db8:2::9')}[family]
    if back:
        return pkt.ip(build(53, 3000 + session), family, src=dst, dst=src)
    return pkt.ip(build(3000 + session, 53), family, src=src, dst=dst)


def session_of(inner):
    sport, dport = struct.unpack_from('!HH', inner, 40 if pkt.is_v6(inner) else 20)
    return max(sport, dport) - 3000


def where(sessions, back=False, label=None):
    """{session: number of the function that got its packet}; nothing is lost."""
    sessions = list(sessions)
    with Ledger(px) as led:
        for session in sessions:
            topo.to_proxy([label or (BACK if back else FORWARD), 900], packet(session, back))
        found = {}
        while len(found) < len(sessions):
            ready = wait_ports(topo.f[1:], 10)
            check(ready, 'only %d of %d packets have come' % (len(found), len(sessions)))
            for port in ready:
                frame = port.poll()
                while frame:
                    equal(frame.inner, packet(session_of(frame.inner), back), 'packet')
                    found[session_of(frame.inner)] = topo.f.index(port)
                    frame = port.poll()
    led.dropped()
    return found


def moved(before, after):
    """{session: (from, to)} of those that are elsewhere."""
    return {s: (before[s], after[s]) for s in after if before[s] != after[s]}


# ---- shares --------------------------------------------------------------------

def feed(flows, labels=(FORWARD, 900)):
    """One packet each of so many flows, by the generator."""
    addresses = 128
    lost = dropped_by_rig()
    with Ledger(px) as led:
        Flood(topo.netns('sw'), 's0', '02:00:00:00:00:01', flows, labels,
              spread(flows // addresses | 1, addresses)).start().wait(300)
    equal(dropped_by_rig() - lost, 0, 'packets lost before the proxy')
    equal(led.delta.get('uplink', 'u0', 'rx_packets'), flows, 'packets')
    led.dropped()
    return led.delta


def shares(weights):
    """Flows are shared by weight: to 2% of each share, or where there are few
    flows to five standard deviations of a share."""
    px.ctl(*('vnf add n%d dev d%d lladdr 02:00:00:00:d0:01 weight %d' % (n, n, weight)
             for n, weight in enumerate(weights, 1)),
           'sid add %d vnf %s' % (FORWARD, names('n', range(1, len(weights) + 1))))
    delta, worst = feed(FLOWS), 0
    equal(delta.get('stats', 'flows_created'), FLOWS, 'flows')
    for n, weight in enumerate(weights, 1):
        share = weight / sum(weights)
        want, got = FLOWS * share, delta.get('vnf', 'n%d' % n, 'to_vnf_packets')
        bound = max(0.02 * want, 5 * math.sqrt(FLOWS * share * (1 - share)))
        worst = max(worst, abs(got - want) / want)
        check(abs(got - want) <= bound, 'weight %d: %d flows, want %d to %d' % (
            weight, got, want - bound, want + bound))
    note('%d flows: %.2f%% off at worst' % (FLOWS, 100 * worst))


case('weights: equal ones', (1, 1, 1, 1))(shares)
case('weights: 1, 2, 3 and 4', (1, 2, 3, 4))(shares)
case('weights: 9 to 1', (9, 1))(shares)
case('weights: large ones', (65535, 65535, 32768))(shares)


# ---- both directions -------------------------------------------------------------

def symmetric():
    """Sessions begin while there are two instances; a third comes, and one of the
    first goes, before their other direction is seen."""
    one_armed(1, 2, 3)
    px.ctl('sid add %d vnf n1,n2' % FORWARD, 'sid add %d vnf n2,n1' % BACK)
    begun = where(range(48))
    equal(set(begun.values()), {1, 2}, 'instances in use')
    px.ctl('sid set %d vnf n3,n1,n2' % FORWARD, 'sid set %d vnf n1,n2,n3' % BACK)
    equal(moved(begun, where(range(24), back=True)), {}, 'other direction elsewhere')
    new = where(range(100, 148))
    equal(set(new.values()), {1, 2, 3}, 'instances in use by new sessions')
    equal(moved(new, where(range(100, 148), back=True)), {}, 'other direction of new ones')
    link(1, 'down')
    after = where(range(48))
    equal({f for f, _ in moved(begun, after).values()}, {1}, 'sessions moved from')
    equal(moved(after, where(range(48), back=True)), {}, 'other direction when one is gone')
    link(1, 'up')
    equal(moved(after, where(range(48), back=True)), {}, 'other direction when it is back')
    equal(moved(after, where(range(48))), {}, 'sessions when it is back')


case('both directions, under two sids, meet the same instance, also when one came or went')(
    symmetric)


@case('both directions: the other one comes first when the instance is gone')
def other_first():
    one_armed(1, 2, 3)
    px.ctl('sid add %d vnf n1,n2,n3' % FORWARD, 'sid add %d vnf n1,n2,n3' % BACK)
    where(range(48))
    begun = where(range(48), back=True)
    link(2, 'down')
    after = where(range(48), back=True)
    equal(moved(after, where(range(48))), {}, 'forward elsewhere than back')
    equal({f for f, _ in moved(begun, after).values()}, {2}, 'sessions moved from')


@case('two arms: a later other direction meets the instance where its session is')
def two_arms():
    two_armed(1, 2, 3)
    px.ctl('sid add %d vnf there1,there2' % FORWARD, 'sid add %d vnf back1,back2' % BACK)
    begun = where(range(48))
    equal(set(begun.values()), {1, 3}, 'arms in use')
    px.ctl('sid set %d vnf there1,there2,there3' % FORWARD,
           'sid set %d vnf back1,back2,back3' % BACK)
    later = where(range(48), back=True)
    equal({s: at for s, at in later.items() if at != begun[s] + 1}, {},
          'sessions whose other direction met another function')
    equal(moved(begun, where(range(48))), {}, 'sessions moved')
    equal(set(where(range(100, 148)).values()), {1, 3, 5}, 'arms in use by new sessions')


@case('two arms: the other direction begins at an arm that was made anew')
def two_arms_anew():
    two_armed(1, 2)
    px.ctl('sid add %d vnf there1,there2' % FORWARD)
    for name, dev, other in (('back1', 2, 1), ('back2', 4, 3)):
        px.ctl('vnf del ' + name)
        px.ctl('vnf add %s dev v%d in v%d lladdr %s' % (name, dev, other,
                                                        pkt.mac_text(f_mac(dev))))
    px.ctl('sid set %d vnf there1' % FORWARD)
    begun = where(range(32))
    equal(set(begun.values()), {1}, 'arms in use')
    px.ctl('sid set %d vnf there1,there2' % FORWARD, 'sid add %d vnf back1,back2' % BACK)
    equal(set(where(range(32), back=True).values()), {2}, 'arms of the other direction')
    # one side leaves: its sessions begin anew, by the hash
    px.ctl('sid set %d vnf there2' % FORWARD, 'vnf del there1', 'sid set %d vnf back2' % BACK)
    equal(set(where(range(32), back=True).values()), {4}, 'arms when the function is gone')


# ---- instances go, come back, are drained -----------------------------------------

@case('resilience: an instance that goes moves its own sessions only; what moved stays')
def resilience():
    one_armed(1, 2, 3, 4, 5)
    px.ctl('sid add %d vnf %s' % (FORWARD, names('n', range(1, 6))))
    begun = where(range(200))
    share = Counter(begun.values())
    equal(set(share), {1, 2, 3, 4, 5}, 'instances in use')
    link(3, 'down')
    after = where(range(200))
    gone = moved(begun, after)
    equal({f for f, _ in gone.values()}, {3}, 'sessions moved from')
    equal(len(gone), share[3], 'sessions moved')
    equal({to for _, to in gone.values()}, {1, 2, 4, 5}, 'sessions moved to')
    note('%d of 200 sessions moved, to %s' % (
        len(gone), dict(sorted(Counter(to for _, to in gone.values()).items()))))
    link(3, 'up')
    equal(moved(after, where(range(200))), {}, 'sessions moved when it is back')
    new = Counter(where(range(300, 500)).values())
    check(new[3], 'no new session at the one that is back: %s' % new)


@case('resilience of the hash alone: no flow is remembered, instances go by who they are')
def hash_alone():
    one_armed(1, 2, 3, 4, 5)
    px.ctl('sid add %d vnf %s' % (FORWARD, names('n', range(1, 6))))

    def placed():
        px.ctl('flow flush')
        return where(range(200))
    begun = placed()
    link(3, 'down')
    after = placed()
    equal({f for f, _ in moved(begun, after).values()}, {3}, 'sessions moved from')
    px.ctl('sid set %d vnf n5,n4,n1,n2' % FORWARD)
    equal(moved(after, placed()), {}, 'sessions moved by another order, without it')
    px.ctl('sid set %d vnf n5,n3,n4,n1,n2' % FORWARD)
    link(3, 'up')
    equal(moved(begun, placed()), {}, 'sessions moved when it is back')


def rested(milliseconds=100):
    """No session has had a packet for so long: the next is later by all clocks."""
    wait_for(lambda: all(f['idle_ms'] >= milliseconds for f in px.flows()), 'a rest', 30)


@case('an instance that left and came back: what went elsewhere stays there, both directions')
def came_back():
    one_armed(1, 2)

    def serve(members):
        px.ctl(*('sid %s %d vnf %s' % (serve.how, label, members) for label in (FORWARD, BACK)))
        serve.how = 'set'
    serve.how = 'add'
    serve('n1,n2')
    begun = where(range(48))
    where(range(24), back=True)
    equal(set(begun.values()), {1, 2}, 'instances in use')
    serve('n2')
    serve('n1,n2')
    equal(moved(begun, where(range(48))), {}, 'sessions that had no packet meanwhile')
    for stays, members in ((2, 'n1,n2'), (1, 'n2,n1')):
        rested()
        serve('n%d' % stays)
        after = where(range(48))
        equal(set(after.values()), {stays}, 'the one that stays')
        rested()
        serve(members)
        equal(moved(after, where(range(12, 36), back=True)), {}, 'other direction')
        equal(moved(after, where(range(48))), {}, 'sessions')
        equal(moved(after, where(range(48), back=True)), {}, 'other direction')


@case('drain: sessions stay in both directions, also those that had one; new ones go elsewhere')
def drain():
    one_armed(1, 2, 3)
    for label in (FORWARD, BACK):
        px.ctl('sid add %d vnf n1,n2,n3' % label)
    begun = where(range(60))
    where(range(30), back=True)
    px.ctl('vnf set n2 admin drain')
    equal(moved(begun, where(range(60))), {}, 'sessions moved')
    equal(moved(begun, where(range(60), back=True)), {}, 'other direction')
    equal(set(where(range(100, 160)).values()), {1, 3}, 'instances of new sessions')
    equal(set(where(range(200, 260), back=True).values()), {1, 3}, 'instances of new sessions')
    px.ctl('vnf set n2 admin up')
    equal(set(where(range(300, 360)).values()), {1, 2, 3}, 'instances after drain')


@case('backups: two of them share what the primaries had; both directions')
def backups():
    one_armed(1, 2, 3, 4)
    for label in (FORWARD, BACK):
        px.ctl('sid add %d vnf n1,n2 backup n3,n4' % label)
    begun = where(range(60))
    equal(set(begun.values()), {1, 2}, 'primaries in use')
    link(1, 'down')
    equal(set(where(range(60)).values()), {2}, 'instances when one is gone')
    link(2, 'down')
    after = where(range(60))
    equal(set(after.values()), {3, 4}, 'backups in use')
    equal(moved(after, where(range(60), back=True)), {}, 'other direction')
    link(3, 'down')
    equal(set(where(range(60)).values()), {4}, 'the last one')
    link(1, 'up')
    equal(set(where(range(100, 130)).values()), {1}, 'new sessions, a primary is back')


def all_down(words, judge):
    """None of a group can serve: two are primaries, one is a backup."""
    one_armed(1, 2, 3, 4)
    px.ctl('sid add 16012 vnf n4', 'sid add %d vnf n1,n2 backup n3 fallback %s' % (
        FORWARD, words))
    begun = where(range(12))
    link(1, 'down')
    px.ctl('vnf set n2 admin down')
    where(range(12))
    link(3, 'down')
    with Ledger(px, local=12 if words == 'lfib' else 0) as led:
        for session in range(12):
            topo.to_proxy([FORWARD, 16012, 900], packet(session))
            judge(session)
    led.dropped(**({'no_instance': 12} if words == 'drop' else {}))
    topo.silent()
    link(1, 'up')
    px.ctl('vnf set n2 admin up')
    equal(set(where(range(100, 148)).values()), set(begun.values()), 'instances that are back')


def at_four(session):
    expect(topo.f[4], packet(session), what='n4')


def at_lfib(session):
    topo.at_switch([(16999, 0, 63), (16012, 0, 64), (900, 0, 64)], packet(session), topo.s1)


case('fallback drop, when primaries and backup are down', 'drop', lambda _: None)(all_down)
case('fallback bypass, when primaries and backup are down', 'bypass', at_four)(all_down)


@case('fallback reroute, when primaries and backup are down')
def reroute():
    px.ctl(topo.vnf_line(5), 'sid add 16013 vnf n5')
    all_down('reroute 16013', lambda session: expect(topo.f[5], packet(session), what='n5'))


@case('fallback lfib, when primaries and backup are down')
def lfib():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    topo.lfib('px', 'replace %d as 16999 via inet 10.0.10.2 dev u1' % FORWARD)
    all_down('lfib', at_lfib)


@case('fallback lfib of the next function in a chain: what a function returned goes there')
def lfib_next():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    topo.lfib('px', 'replace 16012 as 16999 via inet 10.0.10.2 dev u1')
    one_armed(1, 2)
    px.ctl('sid add %d vnf n1' % FORWARD, 'sid add 16012 vnf n2 fallback lfib')
    link(2, 'down')
    with Ledger(px) as led:
        for session in range(4):
            topo.to_proxy([FORWARD, 16012, 900], packet(session))
            topo.at_vnf(1, packet(session))
            topo.from_vnf(1, packet(session))
            topo.at_switch([(16999, 0, 61), (900, 0, 62)], packet(session), topo.s1)
    led.dropped()


@case('one instance in several sids: each counts its own; leaving one harms no other')
def several_sids():
    one_armed(1, 2)
    px.ctl('sid add 16010 vnf n1', 'sid add 16011 vnf n1,n2', 'sid add 16012 vnf n2 backup n1')
    with Ledger(px) as led:
        first = where(range(30), label=16010)
        second = where(range(100, 130), label=16011)
        third = where(range(200, 230), label=16012)
    equal((set(first.values()), set(third.values())), ({1}, {2}), 'instances')
    for label in (16010, 16011, 16012):
        equal(led.delta.get('sid', label, 'packets'), 30, 'packets of %d' % label)
    at = Counter([*first.values(), *second.values(), *third.values()])
    for n in (1, 2):
        equal(led.delta.get('vnf', 'n%d' % n, 'to_vnf_packets'), at[n], 'packets of n%d' % n)
    px.ctl('sid set 16011 vnf n2')
    equal(moved(first, where(range(30), label=16010)), {}, 'sessions of 16010')
    equal(set(where(range(100, 130), label=16011).values()), {2}, 'instances of 16011')
    # what the instance has still comes back with the labels that it had
    for session in range(100, 130):
        if second[session] == 1:
            topo.from_vnf(1, packet(session))
            topo.at_switch([(900, 0, 63)], packet(session))
    link(2, 'down')
    equal(set(where(range(200, 230), label=16012).values()), {1}, 'backup of 16012')


# ---- anycast ---------------------------------------------------------------------------

@case('anycast: the other proxy serves a flow from its next packet')
def anycast():
    one_armed(1)
    px.ctl('sid add %d vnf n1' % FORWARD)
    py.clear()
    py.ctl('config set icmp none', 'uplink add dev u0',
           'vnf add n1 dev v1 lladdr ' + pkt.mac_text(k1.mac), 'sid add %d vnf n1' % FORWARD)
    labels = pkt.encode_labels(pkt.stack(FORWARD, 900, 901))
    with Ledger(px) as here, Ledger(py) as there:
        for turn in range(6):
            for session in range(8):
                inner = packet(session)
                if turn & 1:
                    t0.send(pkt.ether(PY_MAC, t0.mac, pkt.ETH_MPLS, labels + inner))
                    expect(k1, inner, what='the function at py')
                else:
                    topo.to_proxy([FORWARD, 900, 901], inner)
                    topo.at_vnf(1, inner)
            # what was on its way in a function when the switch changed its mind
            for session in range(8):
                inner, back = packet(session), pkt.stack((900, 0, 63), (901, 0, 63))
                if turn & 1:
                    k1.send(pkt.ether(pkt.mac('02:00:00:00:1b:01'), k1.mac,
                                      pkt.ether_type(inner), inner))
                    expect(t0, inner, back, 'switch at py')
                else:
                    topo.from_vnf(1, inner)
                    topo.at_switch([(900, 0, 63), (901, 0, 63)], inner)
    for led in (here, there):
        led.dropped()
        equal(led.delta.get('vnf', 'n1', 'to_vnf_packets'), 24, 'packets')
        equal(led.delta.get('stats', 'flows_created'), 8, 'flows')


@case('anycast: a site whose instances are down leaves its packets to the next, by lfib')
def anycast_next_site():
    if os.environ.get('SRP_NO_LFIB'):
        raise Skip('no mpls_router')
    one_armed(1)
    px.ctl('sid add %d vnf n1 fallback lfib' % FORWARD)
    topo.lfib('px', 'replace %d as %d via inet 10.0.10.2 dev u1' % (FORWARD, FORWARD))
    py.clear()
    py.ctl('config set icmp none', 'uplink add dev u0',
           'vnf add n1 dev v1 lladdr ' + pkt.mac_text(k1.mac), 'sid add %d vnf n1' % FORWARD)
    equal(set(where(range(8)).values()), {1}, 'the first site')
    link(1, 'down')
    for session in range(8):
        inner = packet(session)
        topo.to_proxy([FORWARD, 900], inner)
        frame = topo.at_switch([(FORWARD, 0, 63), (900, 0, 64)], inner, topo.s1)
        # the network between the sites: the switch
        t0.send(pkt.ether(PY_MAC, t0.mac, pkt.ETH_MPLS, frame.octets[14:]))
        expect(k1, inner, what='the function of the next site')
    link(1, 'up')
    wait_for(lambda: px.vnf('n1')['state'] == 'up', 'n1')
    equal(set(where(range(8)).values()), {1}, 'the first site, back')


# ---- many ----------------------------------------------------------------------------

MANY = []


def many(count):
    """So many instances on devices without an end, with names as long as can be."""
    if not MANY:
        MANY.append(True)
        topo.ip('px', *(line for n in range(5, MEMBERS_MAX + 1) for line in (
            'link add d%d type dummy' % n, 'link set d%d up' % n)))
    found = ['instance-%06d' % n for n in range(1, count + 1)]
    px.ctl(*('vnf add %s dev d%d lladdr 02:00:00:00:d0:01' % (name, n)
             for n, name in enumerate(found, 1)))
    return found


def at_instances(sessions):
    """{session: instance}, as the stash has it after a packet of each."""
    with Ledger(px) as led:
        for session in sessions:
            topo.to_proxy([FORWARD, 900], packet(session))
        px.snapshot()
    led.dropped()
    return {f['sport'] - 3000: f['vnf'] for f in px.flows('sid', str(FORWARD))
            if f['idle_ms'] < 60000}


@case('200 instances in one sid: all are used, one that goes moves its own sessions only')
def two_hundred():
    found = many(200)
    px.ctl('sid add %d vnf %s' % (FORWARD, ','.join(found)))
    equal(px.show('sid show %d' % FORWARD)[0]['vnf'], found, 'sid show')
    sessions = range(2000)
    begun = at_instances(sessions)
    share = Counter(begun.values())
    equal(len(begun), len(sessions), 'flows')
    # of 10 each: none at one of 200 is as likely as 1 in 100
    check(len(share) >= 197, 'only %d instances in use' % len(share))
    gone = max(share, key=share.get)
    px.ctl('vnf set %s admin down' % gone)
    with Ledger(px) as led:
        for session in sessions:
            topo.to_proxy([FORWARD, 900], packet(session))
    led.dropped()
    equal(led.delta.get('stats', 'flows_created'), share[gone], 'flows made anew')
    for name in found:
        check(name == gone or led.delta.get('vnf', name, 'to_vnf_packets') >= share[name],
              'sessions of %s have left it' % name)
    equal(led.delta.get('vnf', gone, 'to_vnf_packets'), 0, 'packets to the one that is gone')
    note('%d to %d sessions at each; %d of 2000 moved' % (
        min(share.values()), max(share.values()), share[gone]))


@case('as many instances as a sid can have; one more is refused')
def too_many():
    found = many(MEMBERS_MAX)
    px.ctl('sid add %d vnf %s' % (FORWARD, ','.join(found)))
    equal(px.show('sid show %d' % FORWARD)[0]['vnf'], found, 'sid show')
    status, saved, _ = px.run('save')
    equal(status, 0, 'save')
    px.ctl('sid del %d' % FORWARD)
    status, _, errors = px.run('apply', '-', feed=saved)
    equal((status, errors), (0, ''), 'apply')
    equal(px.show('sid show %d' % FORWARD)[0]['vnf'], found, 'sid show after apply')
    px.ctl(topo.vnf_line(1))
    refusal, = px.refusals(['sid set %d vnf %s,n1' % (FORWARD, ','.join(found))])
    check('too many' in refusal.lower(), 'refusal: "%s"' % refusal)
    equal(px.show('sid show %d' % FORWARD)[0]['vnf'], found, 'sid show after the refusal')


run()
