# SPDX-License-Identifier: GPL-2.0-or-later
"""guest.py icount|native PART FLOWS...: measure in a guest.

PART is paths, attachments (see attach.py) or all.

icount   QEMU with -icount: a nanosecond is an instruction, figures repeat
native   User-Mode Linux: real nanoseconds; short slices, all paths in turn, the
         quickest of them

A figure is that of the path less that of the drop path of the same packets.
"""

import json
import os
import sys
import time
from collections import namedtuple

import attach
import pktgen
import topo
from pktgen import Stream
from result import Lost, low, put, received, say

Path = namedtuple('Path', 'name link labels sink')

LABELS = (topo.SID, topo.NEXT)
PATHS = [Path('mpls_swap', 'm', LABELS, 'gs'),
         Path('to_vnf', 'u', LABELS, 'gv'),
         Path('from_vnf', 'v', (), 'gu'),
         Path('tc_static', 't', LABELS, 'gs'),
         Path('tc_static_back', 'b', (), 'gs')]
LLADDR = [Path('to_vnf_lladdr', 'u', (topo.SID_LLADDR, topo.NEXT), 'gl'),
          Path('from_vnf_lladdr', 'l', (), 'gu')]
SOCKETS = [Path('udp', 'u', (topo.SID_UDP, topo.NEXT), 'gw'),
           Path('app', 'u', (topo.SID_APP, topo.NEXT), 'ga')]
ROUND_TRIP = [Path('round_trip', 'u', LABELS, 'gu')]
PROBED = [Path('to_vnf_probed', 'u', LABELS, 'gv'), Path('from_vnf_probed', 'v', (), 'gu')]
DROPS = {LABELS: Path('drop', 'd', LABELS, None), (): Path('drop_bare', 'd', (), None)}
CONNTRACK = Path('conntrack', 'c', (), 'gs')
TO_VNF = PATHS[1]

PACKETS = 20000         # in a measurement that counts instructions
PACKETS_MANY = 5000     # likewise with many flows: it is slow
SLICE = 2000            # in one of time
ROUNDS = 2              # slices of each path in one go
GOES = 60
PROBE_COST = 3          # instructions that a packet to a function may pay for its probes
FILLS = 3               # times that the table is filled with new flows
NEW = 3125              # flows that are made in one slice
NEW_GROUP = 16          # slices of them in one go
SCAPY_PACKETS = 300


class Trial:
    """(path, stream, packets) one after the other; every packet must arrive."""

    def __init__(self, steps, shared=False):
        self.steps = steps
        self.series = pktgen.Series([
            pktgen.Slice(('g' if shared else 'h') + path.link, topo.mac('u' + path.link),
                         stream, count) for path, stream, count in steps])
        self.expected = {}
        for path, _, count in steps:
            if path.sink:
                self.expected[path.sink] = self.expected.get(path.sink, 0) + count

    def run(self):
        """Nanoseconds per packet of each step; Lost if a packet is."""
        before = {sink: received(sink) for sink in self.expected}
        times = self.series.run()
        for sink, count in self.expected.items():
            came = received(sink) - before[sink]
            if came != count:
                raise Lost('%s: %d of %d packets came to %s' % (
                    ' '.join(sorted({path.name for path, _, _ in self.steps})),
                    came, count, sink))
        return times


def send(path, stream, count, shared=False):
    """Send packets down one path: nanoseconds for each."""
    return Trial([(path, stream, count)], shared).run()[0]


def drop_of(path):
    """The drop path of the same packets; every SID is like the other."""
    return DROPS[LABELS if path.labels else ()]


def fill(flows):
    """Make the flows, then again a second later: their probation is over."""
    trial = Trial([(TO_VNF, Stream(flows, LABELS), flows)])
    trial.run()
    time.sleep(1.1)
    trial.run()


# ---- instructions ----------------------------------------------------------


def _count(paths, flows, packets, shared=False):
    """{path: instructions per packet}, net."""
    totals = {}
    for path in [drop_of(path) for path in paths] + list(paths):
        if path.name in totals:
            continue
        trial = Trial([(path, Stream(flows, path.labels), packets)], shared)
        trial.run()     # makes flows, ends their probation
        # the worker that ages flows may come by
        totals[path.name] = min(trial.run()[0], trial.run()[0])
    return {path: totals[path.name] - totals[drop_of(path).name] for path in paths}


def _put_counts(key, counts, flows):
    for path, count in counts.items():
        put(path=path.name, flows=flows, **{key: round(count, 1)})


def _count_shared():
    """As pktgen sends: the packet stays its own, so each path clones it."""
    say("1 flow, packets that pktgen holds")
    for path in PATHS + LLADDR:
        try:
            _put_counts('insn_per_packet_shared', _count([path], 1, PACKETS, True), 1)
        except Lost as lost:
            say('pktgen\'s own packets: %s', lost)


def _paths(flows):
    """What is measured with so many flows."""
    return PATHS + (LLADDR if flows == 1 else []) + (SOCKETS if flows <= 1000 else [])


def _count_probed(plain):
    """The same with probes of the function: to it a packet pays nothing for them."""
    topo.probe('inband probe-addr 203.0.113.1:7 probe-interval 60000 probe-multiplier 30')
    counts = _count(PROBED, 1, PACKETS)
    topo.probe('none')
    _put_counts('insn_per_packet', counts, 1)
    more = counts[PROBED[0]] - plain
    say('a packet to a function that is probed: %+.1f instructions', more)
    if more > PROBE_COST:
        raise RuntimeError('probes cost %.1f instructions of the fast path' % more)


def icount(sizes):
    """Instructions of every path for so many flows."""
    for flows in sizes:
        say('%d flows', flows)
        packets = PACKETS if flows <= 1000 else PACKETS_MANY
        send(TO_VNF, Stream(flows, LABELS), flows)
        counts = _count(_paths(flows), flows, packets)
        _put_counts('insn_per_packet', counts, flows)
        if flows == 1:
            _count_probed(counts[TO_VNF])
        topo.undrop('gv')
        _put_counts('insn_per_packet', _count(ROUND_TRIP, flows, packets), flows)
        topo.drop('gv')
        topo.flush_flows()
    _count_shared()


# ---- nanoseconds -----------------------------------------------------------


def _quickest(paths, flows):
    """{path: nanoseconds per packet}, net, each from its quickest slices."""
    paths = sorted({drop_of(path) for path in paths}) + list(paths)
    steps = [(path, Stream(flows, path.labels, flows >= 100000), SLICE) for path in paths]
    # the first slice of a go is not a fair one
    trial = Trial(steps[:1] + steps * ROUNDS)
    times = {path: [] for path in paths}
    for _ in range(GOES):
        for step, each in list(zip(trial.steps, trial.run()))[1:]:
            times[step[0]].append(each)
    return {path: low(times[path]) - low(times[drop_of(path)])
            for path in paths if path not in DROPS.values()}


def _memory():
    """Octets of slab and of page-allocated tables in use."""
    with open('/proc/meminfo', encoding='ascii') as file:
        fields = dict(line.split(':') for line in file)
    return 1024 * (int(fields['MemTotal'].split()[0]) - int(fields['MemFree'].split()[0]))


def _slab_size(cache):
    with open('/sys/kernel/slab/%s/slab_size' % cache, encoding='ascii') as file:
        return int(file.read())


def _flows_held():
    text = topo.do(topo.in_px('srproxyctl') + ' -j flow count')
    found = json.loads(text)
    found = found[0] if isinstance(found, list) else found
    return found if isinstance(found, int) else next(iter(found.values()))


def _first_packets(path, flows, forget):
    """Nanoseconds that the first packet of a flow takes, net, over all flows:
    each part of them at its best.
    """
    parts = list(Stream(flows, path.labels).parts(NEW))
    groups = [parts[i:i + NEW_GROUP] for i in range(0, len(parts), NEW_GROUP)]
    drops = Trial([(drop_of(path), part, count) for part, count in groups[0]])
    base = low([each for _ in range(GOES // 4) for each in drops.run()[1:]])
    best = {}
    for _ in range(FILLS):
        forget()
        time.sleep(1)
        for number, group in enumerate(groups):
            times = Trial([(path, part, count) for part, count in group]).run()
            best[number] = [min(pair) for pair in zip(best.get(number, times), times)]
    # the first of a group is not a fair one
    times = [each for group in best.values() for each in group[1:] or group]
    return sum(times) / len(times) - base


def hold(flows):
    """What flows take of memory, tables and shared objects too."""
    say('memory of %d flows', flows)
    before = _memory()
    send(TO_VNF, Stream(flows, LABELS), flows)
    # few flows are lost in what else goes on
    each = round((_memory() - before) / flows) if flows >= 100000 else None
    put(flow_bytes=_slab_size('srp_flow'), flows_held=_flows_held(), memory_per_flow=each)
    topo.flush_flows()


def new_flows(flows):
    """What it takes to meet a flow for the first time."""
    say('%d new flows', flows)
    each = _first_packets(TO_VNF, flows, topo.flush_flows)
    put(new_flows_per_second=round(1e9 / each))
    topo.flush_flows()


def new_connections(flows):
    """The same for the kernel's connection tracking, with IP forwarding."""
    say('%d new connections', flows)
    topo.conntrack()
    each = _first_packets(CONNTRACK, flows, topo.flush_connections)
    put(conntrack_new_flows_per_second=round(1e9 / each))


def _scapy_pass(proxy, flows, direction):
    labels, sock, handle, sink = direction
    before = received(sink)
    packets = max(SCAPY_PACKETS, flows)
    pktgen.Series([pktgen.Slice('hp' if labels else 'hq', '02:00:00:00:00:01',
                                Stream(flows, labels), packets)]).run()
    each = proxy.run(sock, handle, packets)
    if received(sink) - before != packets:
        raise Lost('scapy: %d of %d packets' % (received(sink) - before, packets))
    return each


def scapy(flows):
    """The paper's way; its packets wait for it in the socket."""
    from scapy_proxy import ScapyProxy  # pylint: disable=import-outside-toplevel
    say('Scapy, %d flows', flows)
    proxy = ScapyProxy('jp', 'jq')
    ways = {'scapy': (LABELS, proxy.uplink, proxy.from_uplink, 'hq'),
            'scapy_back': ((), proxy.function, proxy.from_function, 'hp')}
    for name, way in ways.items():
        each = min(_scapy_pass(proxy, flows, way) for _ in range(3))
        put(path=name, flows=flows, insn_per_packet=None, ns_per_packet=round(each))
    proxy.close()


def native(sizes):
    """Nanoseconds of every path for so many flows."""
    hold(sizes[-1])
    for flows in sizes:
        say('%d flows', flows)
        fill(flows)
        results = _quickest(PATHS + (SOCKETS if flows <= 1000 else []), flows)
        topo.undrop('gv')
        results.update(_quickest(ROUND_TRIP, flows))
        topo.drop('gv')
        topo.flush_flows()
        for path, each in results.items():
            put(path=path.name, flows=flows, ns_per_packet=round(each, 1))
    new_flows(sizes[-1])
    new_connections(sizes[-1])
    for flows in sizes:
        if flows <= 1000:
            scapy(flows)


def main(mode, part, *sizes):
    """Set up, then measure. Connections are tracked from the paths' end on, so
    these come last.
    """
    os.system('modprobe -qa pktgen veth mpls_router act_mpls act_mirred act_pedit'
              ' cls_flower cls_matchall sch_ingress')
    topo.build()
    if part in ('attachments', 'all'):
        getattr(attach, mode)()
        topo.flush_flows()
    if part in ('paths', 'all'):
        {'icount': icount, 'native': native}[mode]([int(size) for size in sizes])


if __name__ == '__main__':
    main(*sys.argv[1:])
