# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_mixed.sh."""

import os
import random
import select
import struct
import time
from collections import Counter

import pkt
from ktap import Failure, before_each, case, check, equal, note, run
from mixgen import ARMS, STEER, VLAN_SIDS, WAYS, Fn, Generator, Unit, Up
from mixmodel import Ambiguous, Local, Node, Out, ToVnf, Vnf, largest
from netio import Device, Tap, send_many, settle
from nodes import U_MAC, One, f_mac, v_mac
from pkt import ETH_MPLS, ETH_VLAN, describe, describe_labels, encode_labels, ether, ether_type
from proxy import AT_THE_DOOR, Ledger

COUNT = int(os.environ.get('SRP_MIXED_PACKETS', '10000'))
SEED = int(os.environ.get('SRP_MIXED_SEED', '1'))
WINDOW = 200            # packets of the switch that are in flight at once
ERRORS = 30             # of these errors of our own: there is a limit to them
AT_ONCE = 32            # frames of one system call
# what has to be on its way sooner: a fragment is held for 0.1 s, and one stack
# has to replace another within a second
SOON = {'fragments': 0.06, 'orphan': 0.06, 'conflict': 0.6}
UNJUDGED = 0.1          # of the windows may be too slow to be judged
FIRST_ID, IDS = 100, 24
FUNCTIONS = 11
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6 = 1, 1, 4      # of virtio's header
UPLINKS = {'u0': 1500, 'u1': 1500, 'u2': 1500}
SWITCH = {'u0': 's0', 'u1': 's1', 'u2': 's1'}      # where their packets go
ADDRESSES = {'u0': {4: '10.0.0.1', 6: '2001:db8:a0::1'},
             'u1': {4: '10.0.10.1', 6: '2001:db8:aa::1'},
             'u2': {4: '10.0.20.1', 6: '2001:db8:ab::1'}}
TAP_MAC = pkt.mac('02:00:00:00:14:01')
# reasons that a run of some length has to have met
HAVE_TO_HAPPEN = (
    'label_malformed', 'label_too_deep', 'label_special', 'ttl_expired', 'inner_unknown',
    'inner_malformed', 'inner_mismatch', 'frag_orphan', 'revisit', 'stack_conflict',
    'vlan_exhausted', 'vnf_labelled', 'vnf_miss', 'mtu_exceeded', 'gso_unsupported',
    'fallback_loop')
OWN4 = {pkt.address(texts[4]) for texts in ADDRESSES.values()}

topo = One(FUNCTIONS)
px = topo.px
VNFS = [None, Vnf(1), Vnf(2), Vnf(3, mtu=1000), Vnf(4, match='vlan'),
        Vnf(5, match='static', labels=(930, 931)), Vnf(6, steer=STEER),
        Vnf(7, inner='ethernet'), Vnf(8, inner='ethernet-cw'), Vnf(9, other=10),
        Vnf(10, other=9), Vnf(11, down=True)]
OPTIONS = {3: 'mtu 1000', 4: 'match vlan %d-%d' % (FIRST_ID, FIRST_ID + IDS - 1),
           5: 'match static 930/931 out u0',
           6: 'steer dscp ' + ','.join('%d=%d' % item for item in STEER.items()),
           11: 'admin down'}
SIDS = {16000 + n: VNFS[n] for n in range(1, 11)}
SIDS.update({16011: VNFS[1], 16012: VNFS[11], VLAN_SIDS[1]: VNFS[4]})
tap = Tap(topo.netns('px'), 'u2')
topo.ip('px', 'link set u2 address %s up' % pkt.mac_text(TAP_MAC), 'addr add 10.0.20.1/24 dev u2',
        'addr add 2001:db8:ab::1/64 dev u2 nodad')
TAGGED = {topo.f[4], topo.f[7], topo.f[8]}
for _port in TAGGED:
    _port.sock.setsockopt(263, 8, 1)        # SOL_PACKET, PACKET_AUXDATA


@before_each
def quiet():
    px.clear()
    topo.drain()


def configure(mode):
    px.ctl('config set ttl %s idle-timeout 3600' % mode, 'uplink add dev u0', 'uplink add dev u1',
           'uplink add dev u2 egress via inet 10.0.10.2 dev u1',
           *(topo.vnf_line(n, options=OPTIONS.get(n, '')) for n in (*range(1, 7), 11)),
           *('vnf add n%d dev v%d in v%d lladdr %s' % (n, n, other, pkt.mac_text(f_mac(n)))
             for n, other in ARMS.items()),
           *('vnf add n%d dev v%d inner %s' % (n, n, VNFS[n].inner) for n in (7, 8)),
           *('sid add %d vnf n%d%s' % (label, vnf.number, ' fallback bypass' * vnf.down)
             for label, vnf in SIDS.items()))


# ---- frames ----------------------------------------------------------------

def frame_up(send):
    mac = TAP_MAC if send.uplink == 'u2' else U_MAC[SWITCH[send.uplink]]
    frame = ether(mac, send.way, ETH_MPLS, encode_labels(send.labels) + send.payload)
    if send.uplink == 'u2' and not send.offload:
        return bytes(10) + frame
    return left_to_device(frame, send.offload, len(frame) - len(send.payload))


def left_to_device(frame, offload, at):
    """The frame, behind a virtio header if something is left to be done."""
    if not offload:
        return frame
    kind = 0
    if offload.size:
        kind = GSO_TCPV6 if frame[at + offload.net] >> 4 == 6 else GSO_TCPV4
    return struct.pack('=BBHHHH', NEEDS_CSUM, kind, at + offload.start + 20 if kind else 0,
                       offload.size, at + offload.start, offload.offset) + frame


def frame_fn(send, ids):
    """What a function sends; the tag is that of the stack that it came with."""
    number, octets = send.number, send.octets
    if VNFS[number].inner != 'ip':
        return left_to_device(octets, send.offload, 0)
    kind, size = ether_type(octets), len(octets)
    if send.labels:
        kind, octets = ETH_MPLS, encode_labels(send.labels) + octets
    elif send.tag:
        kind, octets = ETH_VLAN, struct.pack('!HH', ids[send.tag], kind) + octets
    arm = ARMS.get(number, number)
    frame = ether(v_mac(arm), f_mac(arm), kind, octets)
    return left_to_device(frame, send.offload, len(frame) - size)


def expected(out):
    """(port, octets, stack that the tag says, key that entropy labels say)"""
    if isinstance(out, ToVnf):
        octets = out.octets
        if VNFS[out.number].inner == 'ip':
            octets = ether(f_mac(out.number), v_mac(out.number), ether_type(octets),
                           unnumbered(octets))
        return topo.f[out.number], octets, out.tag, None
    if isinstance(out, Out):
        port = topo.ports['sw', SWITCH[out.uplink]]
        way = topo.s1.mac if out.uplink == 'u2' else out.way
        octets = ether(way, U_MAC[port.name], ETH_MPLS,
                       encode_labels(out.labels) + unnumbered(out.octets))
        return port, octets, None, out.key
    inner = out.octets if out.made else pkt.with_ttl(out.octets, pkt.get_ttl(out.octets) - 1)
    return topo.s1, ether(topo.s1.mac, U_MAC['s1'], ether_type(inner), unnumbered(inner)), \
        None, None


def unnumbered(inner):
    """An ICMP error of the node's own has an identification that nobody knows."""
    if inner[:1] and inner[0] >> 4 == 4 and inner[9] == 1 and inner[12:16] in OWN4:
        check(pkt.checksum(inner[:20]) == 0, 'checksum of ' + describe(inner))
        return inner[:4] + b'\0\0' + inner[6:10] + b'\0\0' + inner[12:]
    return inner


def normal(octets):
    """(octets without what nobody can know, entropy values)"""
    kind, = struct.unpack_from('!H', octets, 12)
    if kind != ETH_MPLS:
        return octets[:14] + unnumbered(octets[14:]), []
    at, values, pair, words = 14, [], None, bytearray(octets)
    while at + 4 <= len(octets):
        word, = struct.unpack_from('!I', octets, at)
        if pair == 7:
            values.append(word >> 12)
            struct.pack_into('!I', words, at, word & 0xFFF)
        pair = word >> 12 if word >> 12 in (7, 15) and pair is None else None
        at += 4
        if word & 0x100:
            break
    return bytes(words[:at]) + unnumbered(octets[at:]), values


def receive(port):
    """(octets, VLAN id or None) of the next frame, or None; of a bridge the
    tag is part of the frame.
    """
    while True:
        try:
            octets, notes, _, origin = port.sock.recvmsg(65536, 64 if port in TAGGED else 0)
        except BlockingIOError:
            return None
        if origin[2] == 4 or len(octets) < 14:
            continue
        for _, kind, data in notes:
            if kind != 8:
                continue
            status, _, _, _, _, tci, tpid = struct.unpack('=IIIHHHH', data)
            if status & 0x10 and port is topo.f[4]:
                return octets, tci & 0xFFF
            if status & 0x10:
                octets = octets[:12] + struct.pack('!HH', tpid, tci) + octets[12:]
        return octets, None


def say(octets):
    frame = pkt.Frame(octets)
    return '%s\n  %s' % (frame, octets.hex())


# ---- a window of units -----------------------------------------------------

class Window:
    """Units that are in flight together, and all that should come of them."""

    def __init__(self, node, gen, first, size):
        self.node, self.gen, self.units, self.rounds = node, gen, [], []
        self.count, self.number, self.first = Counter(), first, first
        while self.number - first < size and self.count['icmp'] < ERRORS:
            warm = self.warm_up()
            self.add(warm or gen.draw())
            if warm:
                break
        orphans = node.tick()
        if orphans:
            self.count['drop', 'frag_orphan'] += orphans

    def warm_up(self):
        """What later order would decide is settled first, one by one: which
        stack has the last VLAN id, and who was the first of the way back.
        """
        if 5 not in self.node.ways:
            return self.gen.static()
        return self.gen.vlan(new=True) if self.node.ids[4] > 0 else None

    def add(self, unit):
        """Ask the model what becomes of a unit, unless it cannot say."""
        self.node.begin()
        pending, rounds = unit.sends, []
        try:
            while pending:
                outs = []
                for send in pending:
                    outs += self.ask(send)
                rounds.append((pending, outs))
                pending = self.gen.replies(unit, outs)
                check(len(rounds) < 40, 'a packet that never ends: %s' % unit.kind)
        except Ambiguous:
            self.node.rollback()
            return
        unit.number = self.number
        unit.count = dict(self.node.count)
        self.count.update(self.node.count)
        self.number += len(unit.sends)
        self.units.append(unit)
        for at, what in enumerate(rounds):
            if at == len(self.rounds):
                self.rounds.append([])
            self.rounds[at].append((unit,) + what)

    def ask(self, send):
        if isinstance(send, Up):
            outs = self.node.from_uplink(*send)
        elif send.labels:
            outs = self.node.from_labelled()
        else:
            outs = self.node.from_vnf(send.number, send.octets, send.tag, send.offload)
        return [out for out in outs if not isinstance(out, Local) or self.routed(out)]

    @staticmethod
    def routed(out):
        """Does the IP stack send it on?"""
        octets = out.octets
        if pkt.get_ttl(octets) <= 1 or largest(octets, out.offload) > 1500:
            raise Ambiguous('the kernel has something to say')
        if octets[0] >> 4 == 4 and octets[12:16] in OWN4 and not out.made:
            return False        # to the kernel a martian
        return octets[24] != 255 if octets[0] >> 4 == 6 else octets[16] < 224


class Runner:
    """Plays windows, and compares."""

    def __init__(self, mode):
        self.rng = random.Random('%s %d' % (mode, SEED))
        self.node = Node(SIDS, UPLINKS, ADDRESSES, mode, {4: IDS})
        self.gen = Generator(self.rng)
        self.ids, self.stacks, self.entropy = {}, {}, {}
        self.number = self.windows = self.unjudged = 0
        self.total, self.kinds = Counter(), Counter()
        self.poll = select.epoll()
        self.devices = {port: Device(port.netns, port.name) for port in topo.ports.values()}
        self.by_fd = {port.fileno(): port for port in topo.ports.values()}
        for fd in self.by_fd:
            self.poll.register(fd, select.EPOLLIN)
        self.errors, self.last, self.slow = 0.0, time.monotonic(), None
        self.base = self.seen()

    def play(self, packets):
        while self.number < packets:
            window = Window(self.node, self.gen, self.number,
                            min(WINDOW, packets - self.number))
            self.gen.window += 1
            self.pace(window.count['icmp'])
            self.slow = None
            try:
                self.judge(window)
            except Failure:
                if not self.slow or self.unjudged >= 2 + self.windows * UNJUDGED:
                    raise
                self.give_up(window)
            self.number, self.windows = window.number, self.windows + 1
            for unit in window.units:
                self.kinds[unit.kind] += 1

    def judge(self, window):
        for what in window.rounds:
            self.round(window, what)
        self.settle_count(window)

    def give_up(self, window):
        """The machine stood still while it mattered: begin anew behind this."""
        note('packets %d to %d not judged: %s' % (window.first, window.number - 1, self.slow))
        self.unjudged += 1
        time.sleep(0.3)
        settle()
        topo.drain()
        self.gen.forget()
        for key, (seen, _) in self.differing().items():
            self.total[key] = seen

    def pace(self, errors):
        """The node makes a burst of 50 errors, and a thousand a second."""
        now = time.monotonic()
        self.errors = max(0.0, self.errors - (now - self.last) * 900) + errors
        self.last = now
        if self.errors > 45:
            time.sleep((self.errors - 45) / 900)

    @staticmethod
    def wanted(what):
        """{(port, octets): [(tag, key, unit)]} of all that is to come."""
        found = {}
        for unit, _, outs in what:
            for out in outs:
                port, octets, tag, key = expected(out)
                found.setdefault((port, octets), []).append((tag, key, unit))
        return found

    def round(self, window, what):
        """Send what is to be sent now, and wait for what is to come of it."""
        wanted = self.wanted(what)
        missing = sum(map(len, wanted.values()))
        self.send(what)
        end = time.monotonic() + 10
        while missing:
            missing -= self.collect(window, wanted)
            left = end - time.monotonic()
            if missing and (left <= 0 or not self.poll.poll(left)):
                self.lost(window, wanted)
        self.collect(window, wanted)

    def send(self, what):
        """Units mixed, each in its order and close together."""
        slots = []
        for unit, sends, _ in what:
            at = self.rng.random()
            for i, send in enumerate(sends):
                slots.append((at + i * 0.002, len(slots), unit, send))
        slots.sort(key=lambda slot: slot[:2])
        begun, at = {}, 0
        while at < len(slots):
            port, frames, units = self.port_of(slots[at][3]), [], []
            while at < len(slots) and len(frames) < AT_ONCE and \
                    self.port_of(slots[at][3]) is port:
                send = slots[at][3]
                frames.append(frame_up(send) if isinstance(send, Up) else
                              frame_fn(send, self.ids))
                units.append(slots[at][2])
                at += 1
            now = time.monotonic()
            for unit in units:
                begun.setdefault(unit, now)
            if port is tap:
                for frame in frames:
                    tap.send(frame)
            else:
                send_many(port, frames)
            now = time.monotonic()
            for unit in units:
                if now - begun[unit] > SOON.get(unit.kind, now):
                    self.slow = '%s took %.2f s to send' % (unit.kind, now - begun[unit])

    def port_of(self, send):
        if isinstance(send, Up) and send.uplink == 'u2':
            return tap
        port = topo.ports['sw', SWITCH[send.uplink]] if isinstance(send, Up) else \
            topo.f[ARMS.get(send.number, send.number)]
        return self.devices[port] if send.offload else port

    def collect(self, window, wanted):
        """Take what has come; how many frames that was."""
        count = 0
        for fd, _ in self.poll.poll(0):
            port = self.by_fd[fd]
            while True:
                got = receive(port)
                if got is None:
                    break
                count += self.arrived(window, wanted, port, *got)
        return count

    def arrived(self, window, wanted, port, octets, vlan):
        """Is it what the model says? 1, or 0 if it is noise."""
        values = []
        if port in (topo.s0, topo.s1):
            plain, values = normal(octets)
        else:
            plain = octets
            if port not in (topo.f[7], topo.f[8]):
                plain = octets[:14] + unnumbered(octets[14:])
        found = wanted.get((port, plain))
        if not found:
            if self.noise(port, octets):
                return 0
            raise Failure(self.wrong(window, '%s got what nothing sent: %s' % (
                port.name, say(octets)), wanted, port, octets))
        at = self.which(found, vlan)
        if at is None:
            raise Failure(self.wrong(window, '%s got VLAN id %s, it stands for %s: %s' % (
                port.name, vlan, self.stacks.get(vlan), say(octets)), wanted, port, octets))
        _, key, _ = found.pop(at)
        if values:
            value = self.entropy.setdefault(key, values)
            check(values == value and all(v >= 16 for v in values) and len(set(values)) == 1,
                  'entropy of one flow: %s, then %s: %s' % (value, values, say(octets)))
        if not found:
            del wanted[port, plain]
        return 1

    def which(self, found, vlan):
        """Which of those that look the same, by the tag; learns what it says."""
        for at, (tag, _, _) in enumerate(found):
            if tag is None and vlan is None or vlan is not None and self.stacks.get(vlan) == tag:
                return at
        if vlan is None or vlan in self.stacks or not FIRST_ID <= vlan < FIRST_ID + IDS:
            return None
        for at, (tag, _, _) in enumerate(found):
            if tag is not None and tag not in self.ids:
                self.ids[tag], self.stacks[vlan] = vlan, tag
                return at
        return None

    @staticmethod
    def noise(port, octets):
        if port in (topo.f[7], topo.f[8]):
            return octets[6:12] == v_mac(topo.f.index(port))
        return pkt.Frame(octets).is_noise()

    def lost(self, window, wanted):
        self.total.update(window.count)
        text = ['%s: %d, model %d' % (key, *numbers) for key, numbers in self.differing().items()]
        raise Failure(self.wrong(window, 'not everything came (%s)' % '; '.join(text), wanted))

    def wrong(self, window, text, wanted, port=None, unknown=b''):
        """What is to be said of a failure: both sides, and how to see it again."""
        lines = ['%s (seed %d, window %d, packets %d to %d, %s)' % (
            text, SEED, self.windows, window.first, window.number - 1, self.node.mode)]
        words = {unknown[i:i + n] for n in (4, 16) for i in range(len(unknown))}
        mine = [unit for unit in window.units if words & {
            pkt.address(unit.session.src), pkt.address(unit.session.dst)}]
        missing = [(at, octets, tag, unit) for (at, octets), those in wanted.items()
                   for tag, _, unit in those if port in (None, at)]
        missing.sort(key=lambda one: one[3] not in mine)
        for unit in mine:
            lines += ['it is of'] + self.story(unit)
        for at, octets, tag, unit in missing[:6]:
            lines.append('%s should get%s: %s' % (
                at.name, tag and ' for %s' % (tag,) or '', say(octets)))
            if unit not in mine:
                lines += self.story(unit)
        return '\n'.join(lines + ['%d are missing here' % len(missing)])

    @staticmethod
    def story(unit):
        """A unit in words."""
        lines = ['  packet %d: %s, %s' % (unit.number, unit.kind, unit.count)]
        for send in unit.sends:
            if isinstance(send, Up):
                lines.append('    %s [%s] %s' % (send.uplink, describe_labels(send.labels),
                                                 describe(send.payload)))
            else:
                lines.append('    n%d %s' % (send.number, describe(send.octets)))
        return lines

    # -- counters

    def seen(self):
        """What the node counts, as the model does."""
        stats, uplinks, vnfs = px.show('stats', 'uplink show', 'vnf show')
        stats = stats[0] if isinstance(stats, list) else stats
        found = Counter({('drop', reason): n for reason, n in stats['drops'].items() if n})
        found['icmp'] = stats.get('icmp_sent', 0)
        found['suppressed'] = stats.get('icmp_suppressed', 0)
        for up in uplinks:
            found['rx', up['dev']] = up['stats']['rx_packets']
            found['tx', up['dev']] = up['stats']['tx_packets']
        # what the stack was handed is not counted: it is what the rest leaves
        found['local'] = sum(up['stats']['rx_packets'] - up['stats']['tx_packets']
                             for up in uplinks) + found['icmp'] - sum(
            n for reason, n in stats['drops'].items() if reason not in AT_THE_DOOR)
        for vnf in vnfs:
            number = int(vnf['name'][1:])
            found['to', number] = vnf['stats']['to_vnf_packets']
            found['from', number] = vnf['stats']['from_vnf_packets']
            found['miss', number] = vnf['stats']['miss']
            found['local'] += found['from', number] - found['to', number]
        return found

    def differing(self):
        """{counter: (the node's, the model's)} where they are not the same."""
        seen = self.seen()
        return {key: (seen[key] - self.base[key], self.total[key])
                for key in seen.keys() | self.total.keys()
                if seen[key] - self.base[key] != self.total[key]}

    def settle_count(self, window):
        """Counters are those of the model."""
        self.total.update(window.count)
        end = time.monotonic() + 5
        while True:
            wrong = self.differing()
            if not wrong:
                break
            if time.monotonic() > end:
                self.off(window, wrong)
            time.sleep(0.01)
        self.collect(window, {})

    def off(self, window, wrong):
        lines = ['%s: got %d, model %d' % (key, *numbers) for key, numbers in wrong.items()]
        lines.append('(seed %d, window %d, packets %d to %d, %s)' % (
            SEED, self.windows, window.first, window.number - 1, self.node.mode))
        for unit in window.units:
            if any(key in unit.count for key in wrong if key[0] == 'drop'):
                lines += self.story(unit)
        raise Failure('\n'.join(lines[:60]))


def mixed(mode, packets):
    configure(mode)
    start, runner = time.monotonic(), Runner(mode)
    with Ledger(px) as led:
        runner.play(packets)
        led.local = runner.total['local']
    note('%d packets, seed %d, %d windows, %d of them not judged, %.0f s' % (
        runner.number, SEED, runner.windows, runner.unjudged, time.monotonic() - start))
    note('units: %s' % dict(runner.kinds))
    drops = {key[1]: n for key, n in runner.total.items() if key[0] == 'drop'}
    note('drops: %s' % drops, 'errors of our own: %d, entropy labels: %d, local: %d' % (
        runner.total['icmp'], len(runner.entropy), runner.total['local']))
    led.dropped(**drops)
    if packets >= 5000:
        missing = set(HAVE_TO_HAPPEN) - set(drops)
        check(not missing and runner.total['icmp'] and runner.entropy and runner.total['local'],
              'did not happen: %s' % missing)


case('everything at once, pipe', 'pipe', COUNT - COUNT // 4)(mixed)
case('everything at once, uniform', 'uniform', COUNT // 4)(mixed)


def refused(what, function, *args):
    """It has to fail the test."""
    try:
        function(*args)
    except Failure:
        return
    raise Failure(what + ' passed')


def planned(runner, labels, inner, number=0):
    """A window of one packet, and its session."""
    window = Window(runner.node, runner.gen, number, 0)
    session = runner.gen.session(pkt.stack(*labels), 'u0', WAYS['u0'][0])
    unit = Unit('bad inner', [Up('u0', session.way, session.wire_labels(runner.rng), inner)],
                session)
    runner.gen.reply = lambda unit, out: [Fn(out.number, out.octets, out.tag)]
    window.add(unit)
    return window


def switch_frame(labels, inner):
    return ether(topo.s0.mac, U_MAC['s0'], ETH_MPLS, encode_labels(pkt.stack(*labels)) + inner)


@case('the model tells wrong packets from right ones')
def model_bites():
    configure('pipe')
    runner, inner = Runner('pipe'), pkt.ip4(pkt.udp(1, 1))
    window = planned(runner, [16001, 900, 901], inner)
    right = switch_frame([(900, 0, 63), (901, 0, 63)], inner)

    def at_switch(octets, port=topo.s0):
        return runner.arrived(window, runner.wanted(window.rounds[1]), port, octets, None)

    equal(at_switch(right), 1, 'what is right')
    for what, wrong in (
            ('a wrong TTL', switch_frame([(900, 0, 63), (901, 0, 62)], inner)),
            ('a wrong TC', switch_frame([(900, 1, 63), (901, 0, 63)], inner)),
            ('a wrong label', switch_frame([(900, 0, 63), (902, 0, 63)], inner)),
            ('a label less', switch_frame([(901, 0, 63)], inner)),
            ('another packet', switch_frame([(900, 0, 63), (901, 0, 63)], inner[:-1] + b'?')),
            ('another way', b'\2' * 6 + right[6:])):
        refused(what, at_switch, wrong)
    refused('another port', at_switch, right, topo.s1)
    wanted = runner.wanted(window.rounds[1])
    runner.arrived(window, wanted, topo.s0, right, None)
    refused('a packet twice', runner.arrived, window, wanted, topo.s0, right, None)
    refused('a packet lost', runner.lost, window, wanted)
    runner.total.clear()
    equal(runner.differing(), {}, 'counters')
    runner.total['drop', 'revisit'] += 1
    check(runner.differing(), 'a drop that was not counted passed')


@case('the model tells wrong VLAN ids, entropy labels and errors')
def model_bites_more():
    configure('pipe')
    runner, inner = Runner('pipe'), pkt.ip4(pkt.udp(1, 1), frag=0)
    for n in (0, 1):
        window = planned(runner, [16004, 900 + n], inner)
        wanted = runner.wanted(window.rounds[0])
        (port, octets), = wanted
        equal(runner.arrived(window, wanted, port, octets, FIRST_ID + n), 1, 'the first id')
    for vlan in (FIRST_ID, FIRST_ID + 2, FIRST_ID + IDS, None):
        refused('VLAN id %s' % vlan, runner.arrived, window, runner.wanted(window.rounds[0]),
                port, octets, vlan)

    window = planned(runner, [16001, 900, 7, 7777], inner)
    for value, fine in ((5555, True), (5555, True), (5556, False)):
        frame = switch_frame([(900, 0, 63), (7, 0, 63), (value, 0, 0)], inner)
        wanted = runner.wanted(window.rounds[1])
        if fine:
            equal(runner.arrived(window, wanted, topo.s0, frame, None), 1, 'entropy')
        else:
            refused('other entropy', runner.arrived, window, wanted, topo.s0, frame, None)

    window = planned(runner, [(16001, 0, 1), 900], inner)
    wanted = runner.wanted(window.rounds[0])
    (_, octets), = wanted
    own = octets[18:]           # its identification is blank
    own = own[:4] + b'\x12\x34' + own[6:]
    own = pkt.with_ttl(own, 64)
    frame = octets[:18] + own
    equal(runner.arrived(window, runner.wanted(window.rounds[0]), topo.s0, frame, None), 1,
          'an error')
    refused('an error that says something else', runner.arrived, window, wanted, topo.s0,
            frame[:-1] + b'?', None)
    refused('an error whose checksum is wrong', runner.arrived, window, wanted, topo.s0,
            frame[:18] + own[:10] + b'??' + own[12:], None)


run()
