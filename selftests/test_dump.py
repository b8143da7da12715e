# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_dump.sh."""

import json
import os
import subprocess
import tempfile
import time

import pkt
from ktap import Failure, before_each, case, check, equal, note, run, wait_for
from netio import in_netns, send_many
from nodes import U_MAC, One
from proxy import CTL

MANY = int(os.environ.get('SRP_DUMP_FLOWS', '100000'))
LIVE = 200
# The functions have other addresses than their namespace: what comes for them
# ends there at once, where the IP stack would take a millisecond for each.
topo = One(0)
px, s0 = topo.px, topo.s0
px.ctl('uplink add dev u0', 'vnf add n1 dev v1 lladdr 02:00:00:00:11:66',
       'vnf add n2 dev v2 lladdr 02:00:00:00:12:66', 'sid add 16001 vnf n1',
       'sid add 16002 vnf n2')


@before_each
def fresh():
    px.ctl('config set max-flows 1048576 idle-timeout 600', 'flow flush')


def frame(label, inner):
    return pkt.ether(U_MAC['s0'], s0.mac, pkt.ETH_MPLS,
                     pkt.encode_labels(pkt.stack(label, 900)) + inner)


def pktgen(lines, name):
    with open('/proc/net/pktgen/' + name, 'w', encoding='ascii') as control:
        for line in lines:
            control.write(line + '\n')
            control.flush()


def many_by_pktgen(count):
    """Random flows from 10.0.0.0/16, by the kernel's generator."""
    # pktgen sets the S bit itself; an entry with it means a random label
    words = [pkt.encode_labels([e], bottom=False).hex() for e in pkt.stack(16001, 900)]
    pktgen(['rem_device_all', 'add_device s0'], 'kpktgend_0')
    pktgen(['count %d' % count, 'clone_skb 0', 'pkt_size 98', 'delay 0',
            'src_min 10.0.0.0', 'src_max 10.0.255.255', 'dst 198.51.100.1',
            'dst_mac 02:00:00:00:00:01', 'udp_dst_min 53', 'udp_dst_max 53',
            'flag UDPSRC_RND', 'flag IPSRC_RND',
            'udp_src_min 1', 'udp_src_max 60000', 'mpls ' + ','.join(words)], 's0')
    pktgen(['start'], 'pgctrl')
    pktgen(['rem_device_all'], 'kpktgend_0')


def many_by_socket(count, label=16001):
    """The same number by a packet socket."""
    send_many(s0, [frame(label, pkt.ip4(pkt.udp(1 + n % 60000, 53), src='10.%d.%d.%d' % (
        n >> 16, n >> 8 & 255, n & 255))) for n in range(count)])


def many(count):
    """Make the flows; how many there are then."""
    start, how = time.monotonic(), 'pktgen'
    try:
        with in_netns(topo.netns('sw')):
            many_by_pktgen(count)
    except OSError as error:
        note('no pktgen: %s' % error)
    if px.flow_count() < count * 0.9:
        how = 'a packet socket'
        many_by_socket(count)
    made = px.flow_count()
    note('%d flows in %.1f s by %s' % (made, time.monotonic() - start, how))
    return made


def key(flow):
    return (flow['vnf'], flow['src'], flow['dst'], flow['proto'], flow['sport'], flow['dport'])


def live_frames():
    """Packets of flows that live throughout, at both vnfs, in both families."""
    frames, keys = [], set()
    for n in range(LIVE):
        inner = pkt.ip(pkt.tcp(20000 + n, 443), 4 + n % 2 * 2)
        label, vnf = ((16001, 'n1'), (16002, 'n2'))[n % 4 < 2]
        frames.append(frame(label, inner))
        src, dst = (('2001:db8:1::1', '2001:db8:2::1') if n % 2 else
                    ('192.0.2.1', '198.51.100.1'))
        keys.add((vnf, src, dst, 6, 20000 + n, 443))
    return frames, keys


def dump(meanwhile=None):
    """(flows, was it said that some may be missing?)"""
    with tempfile.TemporaryFile('w+') as output:
        with subprocess.Popen([CTL, '-n', px.netns, '-j', 'flow', 'show'], text=True,
                              stdout=output, stderr=subprocess.PIPE) as process:
            while process.poll() is None:
                if meanwhile:
                    meanwhile()
                else:
                    time.sleep(0.01)
            errors = process.stderr.read()
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise Failure('flow show: exit %d %s' % (process.returncode, errors))
    return json.loads(text), bool(errors.strip())


@case('a dump at rest shows every flow once')
def at_rest():
    made = many(MANY)
    check(made >= MANY * 0.9, 'only %d flows of %d' % (made, MANY))
    start = time.monotonic()
    flows, warned = dump()
    note('dump of %d flows: %.1f s' % (len(flows), time.monotonic() - start))
    equal(warned, False, 'warning')
    equal(len(flows), made, 'flows shown')
    equal(len({key(f) for f in flows}), made, 'different flows shown')


@case('a dump under traffic shows every flow that lived throughout')
def under_traffic():
    made = many(MANY)
    frames, keys = live_frames()
    send_many(s0, frames)
    equal(px.flow_count(), made + len(keys), 'flows')
    fresh_flows = iter(range(10 ** 9))
    turns = [0]

    def traffic():
        turns[0] += 1
        send_many(s0, frames[turns[0] * 20 % LIVE:][:20])
        send_many(s0, [frame(16002, pkt.ip4(pkt.udp(1 + n % 60000, 99), src='172.16.%d.%d' % (
            n >> 8 & 255, n & 255))) for n in (next(fresh_flows) for _ in range(20))])
    flows, warned = dump(traffic)
    shown = [key(f) for f in flows]
    note('%d flows shown, %d turns of traffic, warned: %s' % (len(flows), turns[0], warned))
    check(turns[0] > 1, 'no traffic meanwhile')
    equal(warned, False, 'warning, though the configuration stands still')
    equal(len(keys - set(shown)), 0, 'flows missing')
    check(len(shown) >= made + len(keys), '%d shown of %d' % (len(shown), made + len(keys)))
    equal(len(shown) - len(set(shown)), 0, 'flows shown twice')


@case('a dump while other flows are evicted shows those that lived throughout')
def under_eviction():
    frames, keys = live_frames()
    def protected():
        """Packets a second apart end probation, by the guest's own clock."""
        send_many(s0, frames)
        return sum('protected' in flow['flags'] for flow in dump()[0]) == len(keys)
    wait_for(protected, 'live flows past probation', 10)
    made = many(MANY // 5)
    px.ctl('config set max-flows %d' % max(made, 1000))
    fresh_flows = iter(range(10 ** 9))

    def traffic():
        send_many(s0, [frame(16001, pkt.ip4(pkt.udp(1 + n % 60000, 99), src='172.16.%d.%d' % (
            n >> 8 & 255, n & 255))) for n in (next(fresh_flows) for _ in range(50))])
    evicted = px.snapshot().get('stats', 'flows_evicted')
    traffic()
    flows, warned = dump(traffic)
    shown = [key(f) for f in flows]
    evicted = px.snapshot().get('stats', 'flows_evicted') - evicted
    note('%d flows shown, %d evicted, warned: %s' % (len(flows), evicted, warned))
    check(evicted > 0, 'nothing was evicted')
    equal(warned, False, 'warning, though the configuration stands still')
    equal(len(keys - set(shown)), 0, 'flows missing')
    equal(len(shown) - len(set(shown)), 0, 'flows shown twice')


@case('a dump while its vnf is removed ends, and says so or shows the others')
def under_removal():
    frames, keys = live_frames()
    many(MANY // 10)
    send_many(s0, frames)
    removed = []

    def remove():
        if not removed:
            removed.append(1)
            px.ctl('sid del 16001', 'vnf del n1')
    flows, warned = dump(remove)
    px.ctl(topo.vnf_line(1), 'sid add 16001 vnf n1')
    if not warned:
        missing = {k for k in keys if k[0] == 'n2'} - {key(f) for f in flows}
        equal(len(missing), 0, 'flows of n2 missing')


@case('two dumps at once, and one that is given up')
def two_dumps():
    many(MANY // 10)
    made = px.flow_count()
    with subprocess.Popen([CTL, '-n', px.netns, '-j', 'flow', 'show'],
                          stdout=subprocess.PIPE) as given_up:
        given_up.stdout.read(100)
        with subprocess.Popen([CTL, '-n', px.netns, '-j', 'flow', 'show'],
                              stdout=subprocess.DEVNULL) as second:
            flows, _ = dump()
        given_up.kill()
    equal((len(flows), second.returncode), (made, 0), 'flows shown')


@case('a filtered dump of many')
def filtered():
    many(MANY // 10)
    frames, keys = live_frames()
    send_many(s0, frames)
    want = {k for k in keys if k[0] == 'n2'}
    flows = px.flows('vnf', 'n2')
    equal({key(f) for f in flows}, want, 'flows of n2')
    equal(len(px.flows('sid', '16002')), len(want), 'flows of sid 16002')


@case('flush of many flows leaves none')
def flush():
    many(MANY)
    start = time.monotonic()
    px.ctl('flow flush')
    note('flush: %.1f s' % (time.monotonic() - start))
    wait_for(lambda: px.flow_count() == 0, 'no flow to be left', 2)


run()
