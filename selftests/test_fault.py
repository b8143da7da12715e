# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_fault.sh."""

import atexit
import errno
import os
import socket
import struct
import subprocess

import pkt
from fault import FAILED, Fault, kernel_threads, no_faults, short_of_memory
from genl import ABI, LOST, Netlink, attr
from ktap import Skip, case, check, equal, note, run, wait_for
from nodes import U_MAC, One, f_mac, v_mac
from pkt import ETH_MPLS, encode_labels, ether, stack
from proxy import Ledger

NTH_MAX = 400       # no request allocates so often
FLOWS = 2000

topo = One(4)
px = topo.px
INNER = pkt.ip4(pkt.udp(1000, 1))
START = ('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16001 vnf n1',
         'sid add 16002 vnf n2')


no_faults()
atexit.register(no_faults)
px.ctl(*START)
fault, listener = Fault(), Netlink(px.netns)
listener.join('config')
nl = Netlink(px.netns)


# ---- the state ---------------------------------------------------------------

def without(tree, keys):
    if isinstance(tree, dict):
        return {k: without(v, keys) for k, v in tree.items() if k not in keys}
    return [without(v, keys) for v in tree] if isinstance(tree, list) else tree


def dump():
    """All that can be seen of the configuration, its identities too."""
    return without(px.show('uplink show', 'vnf show', 'sid show', 'config show'),
                   ('stats', 'flows'))


def plain(state):
    """What two configurations made one after the other have in common."""
    uplinks, vnfs, sids, config = without(state, ('id', 'generation'))
    return [sorted(uplinks, key=lambda u: u['dev']), sorted(vnfs, key=lambda v: v['name']),
            sids, config]


def same(got, want, what):
    """Two states have to be the same; says the objects that are not."""
    for sign, some, other in (('got ', got, want), ('want', want, got)):
        for objects, others in zip(some, other):
            if isinstance(objects, dict):
                objects, others = [objects], [others]
            note(*('%s %s' % (sign, o) for o in objects if o not in others))
    check(got == want, what)


def save():
    status, text, errors = px.run('save')
    equal((status, errors), (0, ''), 'save')
    return text


def apply(text):
    status, _, errors = px.run('apply', '-', feed=text)
    equal((status, errors), (0, ''), 'apply')


def passes(number, port):
    """A packet goes to function number and back, and leaves by the port."""
    topo.to_proxy([16001, 900], INNER)
    topo.at_vnf(number, INNER)
    topo.from_vnf(number, INNER)
    topo.at_switch([(900, 0, 63)], INNER, port=port)


# ---- configuration -----------------------------------------------------------

class Change:
    """Requests and the same in srproxyctl's words; where packets go then."""

    def __init__(self, words, *messages, first=(), number=1, port=None):
        self.words, self.messages, self.first = words, messages, first
        self.here, self.there = (1, topo.s0), (number, port or topo.s0)

    def begin(self):
        """The state before, and what it is to become."""
        apply(SAVED)
        px.ctl(*self.first)
        self.saved = save()
        px.ctl(*self.words)
        self.wanted, self.saved_wanted = plain(dump()), save()
        passes(*self.there)
        self.undo()

    def undo(self):
        apply(self.saved)
        self.before = dump()

    def judge(self, nth, answer):
        """A request that failed has changed nothing, else it has done all."""
        what = 'fault %d, answer %s' % (nth, 'lost' if answer == LOST else answer)
        check(answer == 0 or answer in FAILED, what)
        state = dump()
        done = plain(state) == self.wanted
        if not done or answer > 0:
            same(state, self.before, what + ': the state has changed')
        check(done or answer, what + ': not done')
        passes(*(self.there if done else self.here))
        if done:
            self.undo()

    def attempt(self, index, nth):
        """The request at index meets the fault; whether that was had."""
        for message in self.messages[:index]:
            equal(nl.ask(message), 0, 'request before')
        answer, fired = fault.ask(nl, self.messages[index], nth)
        if index + 1 < len(self.messages):
            self.again(index, answer)
            answer = LOST
        if len(self.messages) > 1:
            check(nl.ask(ABORT) in (0, errno.ENOENT), 'abort')
        self.judge(nth, answer)
        listener.answer()
        check(fired or answer in (0, LOST), 'answer %s without a fault' % answer)
        return fired

    def again(self, index, answer):
        """What could not be staged can be staged then."""
        check(answer == 0 or answer in FAILED, 'answer of request %d: %s' % (index, answer))
        if not answer:
            return
        known = (0, errno.EEXIST, errno.EBUSY) if answer == LOST else (0,)
        answer = nl.ask(self.messages[index])
        check(answer in known, 'request %d again: %s' % (index, answer))

    def sweep(self, index):
        """All allocations of the request at index fail in turn; how many."""
        for nth in range(1, NTH_MAX):
            if not self.attempt(index, nth):
                equal(save(), self.saved, 'save')
                return nth - 1
        raise AssertionError('fault %d is still had' % NTH_MAX)


def uplink(cmd, dev, via=None, via_dev=None):
    if not via:
        return nl.message('UPLINK_' + cmd, dev=dev, egress=ABI['EGRESS_HAIRPIN'])
    return nl.message('UPLINK_' + cmd, dev=dev, egress=ABI['EGRESS_VIA'],
                      via_inet=socket.inet_aton(via), via_dev=via_dev)


def vnf(name, number):
    return nl.message('VNF_NEW', name=name, dev='v%d' % number, lladdr=f_mac(number))


def sid(cmd, label, members, backups=(), fallback='DROP'):
    names = [(name, False) for name in members] + [(name, True) for name in backups]
    return nl.message('SID_' + cmd, label=label, fallback=ABI['FALLBACK_' + fallback],
                      members=b''.join(member(*name) for name in names))


def member(name, backup):
    found = [attr(ABI['A_MEMBER_VNF'], name)]
    if backup:
        found.append(attr(ABI['A_MEMBER_BACKUP'], b''))
    return attr(ABI['A_SID_MEMBER'], found)


ABORT = nl.message('TXN_ABORT')


def transaction():
    """n1 and n2 change places, sids change and go, u1 and n3 come."""
    return Change(
        ('sid del 16001', 'sid del 16002', 'vnf del n1', 'vnf del n2',
         'config set max-flows 5000', 'uplink add dev u1 egress via inet 10.0.0.2 dev u0',
         topo.vnf_line(2, 'n1'), topo.vnf_line(1, 'n2'), topo.vnf_line(3),
         'sid add 16001 vnf n1 backup n3', 'sid add 16003 vnf n2,n3'),
        nl.message('TXN_BEGIN'), nl.message('CONFIG_SET', max_flows=5000),
        uplink('NEW', 'u0'), uplink('NEW', 'u1', '10.0.0.2', 'u0'),
        vnf('n1', 2), vnf('n2', 1), vnf('n3', 3), sid('NEW', 16001, ['n1'], ['n3']),
        sid('NEW', 16003, ['n2', 'n3']), nl.message('TXN_COMMIT'), number=2)


def changes(label):
    """{name: Change}; the label is of a page that no sid has been in."""
    two = {'dev': 'v3', 'in': 'v4', 'via_inet': socket.inet_aton('10.0.0.9')}
    return {
        'uplink add, hairpin': Change(['uplink add dev u1'], uplink('NEW', 'u1')),
        'uplink add, via': Change(['uplink add dev u1 egress via inet 10.0.0.2 dev u0'],
                                  uplink('NEW', 'u1', '10.0.0.2', 'u0')),
        'uplink set': Change(['uplink set dev u0 egress via inet 10.0.10.2 dev u1'],
                             uplink('SET', 'u0', '10.0.10.2', 'u1'), port=topo.s1),
        'uplink del': Change(['uplink del dev u1'], nl.message('UPLINK_DEL', dev='u1'),
                             first=['uplink add dev u1 egress via inet 10.0.0.2 dev u0']),
        'vnf add': Change([topo.vnf_line(3)], vnf('n3', 3)),
        'vnf add, two-armed': Change(['vnf add n3 dev v3 in v4 via inet 10.0.0.9'],
                                     nl.message('VNF_NEW', name='n3', **two)),
        'vnf add, inner ethernet': Change(
            ['vnf add n3 dev v3 inner ethernet-cw'],
            nl.message('VNF_NEW', name='n3', dev='v3', inner=ABI['INNER_ETHERNET_CW'])),
        'vnf add, match vlan': Change(
            [topo.vnf_line(3, 'n3', 'match vlan 1-4094 steer dscp 46=900')],
            nl.message('VNF_NEW', name='n3', dev='v3', lladdr=f_mac(3), match=ABI['MATCH_VLAN'],
                       vlan_first=1, vlan_last=4094, steer=[
                           attr(ABI['A_STEER_DSCP'], b'\x2e'),
                           attr(ABI['A_STEER_LABEL'], 900)])),
        'vnf add, match static': Change(
            [topo.vnf_line(3, 'n3', 'match static 900/901 out u0')],
            nl.message('VNF_NEW', name='n3', dev='v3', lladdr=f_mac(3), match=ABI['MATCH_STATIC'],
                       labels=struct.pack('=2I', 900, 901), out='u0')),
        'vnf set': Change(['vnf set n1 mtu 1400 weight 3 on-miss strict'],
                          nl.message('VNF_SET', name='n1', mtu=1400, weight=3,
                                     on_miss=ABI['ON_MISS_STRICT'])),
        'vnf del': Change(['vnf del n3'], nl.message('VNF_DEL', name='n3'),
                          first=[topo.vnf_line(3)]),
        'sid add': Change(['sid add %d vnf n1 backup n2' % (label + 1)],
                          sid('NEW', label + 1, ['n1'], ['n2'])),
        'sid set, other members': Change(['sid set 16001 vnf n2,n3 fallback bypass'],
                                         sid('SET', 16001, ['n2', 'n3'], (), 'BYPASS'),
                                         first=[topo.vnf_line(3, options='admin down')],
                                         number=2),
        'sid set, backups and fallback': Change(
            ['sid set 16001 vnf n1,n2 backup n3,n4 fallback bypass'],
            sid('SET', 16001, ['n1', 'n2'], ['n3', 'n4'], 'BYPASS'),
            first=['vnf set n2 admin down', topo.vnf_line(3), topo.vnf_line(4)]),
        'vnf set, drain and weight': Change(
            ['vnf set n2 admin drain weight 7'],
            nl.message('VNF_SET', name='n2', admin=ABI['ADMIN_DRAIN'], weight=7)),
        'vnf add, other side of two arms': Change(
            ['vnf add n4 dev v4 in v3 via inet 10.0.0.9'],
            nl.message('VNF_NEW', name='n4', dev='v4', **{
                'in': 'v3', 'via_inet': two['via_inet']}),
            first=['vnf add n3 dev v3 in v4 via inet 10.0.0.9']),
        'sid del': Change(['sid del %d' % label], nl.message('SID_DEL', label=label),
                          first=['sid add %d vnf n1,n2' % label]),
        'config set': Change(['config set max-flows 5000 idle-timeout 7'],
                             nl.message('CONFIG_SET', max_flows=5000, idle_timeout=7)),
        'transaction': transaction(),
    }


def no_memory(change, rest):
    """Each allocation fails, and leaves nothing half done."""
    change.begin()
    with fault.mode(rest):
        counts = [change.sweep(index) for index in range(len(change.messages))]
    note('%s allocations' % ', '.join('%d' % n for n in counts))
    check(sum(counts) >= len(counts), 'no allocation has failed')
    apply(SAVED)


SAVED = save()
for how, from_there_on, unused in (('one fails', False, 200000),
                                   ('all from one on', True, 400000)):
    for title, todo in changes(unused).items():
        case('%s: %s' % (title, how), todo, from_there_on)(no_memory)


# ---- packets -----------------------------------------------------------------

def arrived(port, packets):
    """The inner packets that have come; each was sent, none comes twice."""
    sent, got = set(packets), []
    while True:
        frame = port.recv(0.2)
        if not frame:
            break
        check(frame.inner in sent, 'not sent: %s' % frame)
        sent.remove(frame.inner)
        got.append(frame.inner)
    return got


def returned(number, packets):
    return [ether(v_mac(number), f_mac(number), pkt.ether_type(p), p) for p in packets]


def stage(port, frames, to_port, packets, **settings):
    """Send while there is little memory, then see what has come, and the ledger."""
    with Ledger(px) as led:
        with short_of_memory(**settings):
            for frame in frames:
                port.send(frame)
        got = arrived(to_port, packets)
    note('%d sent, %d come, drops %s' % (len(frames), len(got), led.drops))
    check(set(led.drops) <= {'no_memory', 'vnf_miss', 'xmit_failed', 'vnf_down'},
          'drops %s' % led.drops)
    return led, got


def flows_agree(created=None):
    """Each flow is in a vnf's count, in the namespace's and in the dump."""
    count = px.flow_count()
    equal(sum(v['flows'] for v in px.show('vnf show')), count, 'flows of the vnfs')
    equal(len(px.flows()), count, 'flows shown')
    if created is not None:
        equal(count, created, 'flows created')
    return count


def new_flows(least, **settings):
    """What is not delivered is a drop, of the 2,000 flows through two functions."""
    apply(SAVED)
    px.ctl('flow flush')
    packets = [pkt.ip4(pkt.udp(1000 + n, 7)) for n in range(FLOWS)]
    labels = encode_labels(stack(16001, 16002, 900))
    frames = [ether(U_MAC['s0'], topo.s0.mac, ETH_MPLS, labels + p) for p in packets]
    led, got = stage(topo.s0, frames, topo.f[1], packets, **settings)
    taken = led.delta.get('uplink', 'u0', 'rx_packets')
    given = led.delta.get('vnf', 'n1', 'to_vnf_packets')
    equal(taken, given + sum(led.drops.values()), 'taken = given + drops')
    check(len(got) <= given <= taken <= FLOWS, 'come %d, given %d, taken %d of %d' % (
        len(got), given, taken, FLOWS))
    check(led.drops.get('no_memory', 0) >= least, 'no_memory: %s' % led.drops)
    check(given > FLOWS // 4, 'given: %d' % given)
    flows_agree(led.delta.get('stats', 'flows_created'))
    back_again(got, settings)
    px.ctl('flow flush')
    equal(flows_agree(), 0, 'flows after flush')


def back_again(packets, settings):
    """The first function returns them, then the second."""
    led, got = stage(topo.f[1], returned(1, packets), topo.f[2], packets, **settings)
    equal(led.delta.get('vnf', 'n1', 'from_vnf_packets') + led.drops.get('vnf_miss', 0),
          len(packets), 'returned by n1')
    flows_agree()
    led, back = stage(topo.f[2], returned(2, got), topo.s0, got, **settings)
    equal(led.delta.get('vnf', 'n2', 'from_vnf_packets') + led.drops.get('vnf_miss', 0),
          len(got), 'returned by n2')
    check(len(back) <= led.delta.get('uplink', 'u0', 'tx_packets'), 'come to the switch')


@case('2,000 new flows, allocations in softirq fail')
def softirq():
    new_flows(FLOWS // 50, probability=15, ignore_gfp_wait='Y')


@case('2,000 new flows, the flow table cannot grow in its own time')
def deferred():
    kernel_threads()
    new_flows(0, probability=50, task_filter='Y')


@case('Ethernet payloads, their tags put back: allocations in softirq fail')
def frames():
    apply(SAVED)
    px.ctl('vnf add n3 dev v3 inner ethernet-cw', 'sid add 16003 vnf n3')
    packets = [pkt.ip4(pkt.udp(1000 + n, 7, b'x' * 40)) for n in range(FLOWS // 2)]
    payloads = [v_mac(3) + f_mac(3) + struct.pack('!3H', pkt.ETH_VLAN, 5, pkt.ETH_IP) + p
                for p in packets]
    labels = encode_labels(stack(16003, 900, 7, 99, 901)) + b'\0\0\0\0'
    few = {'probability': 15, 'ignore_gfp_wait': 'Y'}
    led, got = stage(topo.s0, [ether(U_MAC['s0'], topo.s0.mac, ETH_MPLS, labels + p)
                               for p in payloads], topo.f[3], packets, **few)
    equal(led.delta.get('uplink', 'u0', 'rx_packets'),
          led.delta.get('vnf', 'n3', 'to_vnf_packets') + sum(led.drops.values()), 'taken')
    check(led.drops.get('no_memory', 0), 'nothing failed')
    came = [payloads[packets.index(p)] for p in got]
    led, back = stage(topo.f[3], came, topo.s0, [b'\0\0\0\0' + p for p in came], **few)
    check(0 < len(back) <= led.delta.get('uplink', 'u0', 'tx_packets'), 'come to the switch')
    px.ctl('flow flush')
    equal(flows_agree(), 0, 'flows after flush')
    apply(SAVED)


@case('answers of our own, and fragments: allocations in softirq fail')
def answers():
    """Too big with DF, too big without, expired: told, cut, or counted."""
    apply(SAVED)
    px.ctl('flow flush', 'vnf set n1 mtu 600')
    labels = encode_labels(stack(16001, 900))
    last = encode_labels(stack(16001, 900, ttl=1))
    frames_in = []
    for n in range(FLOWS // 8):
        large = pkt.udp(1000 + n, 7, b'x' * 1000)
        for words, inner in ((labels, pkt.ip4(large)), (labels, pkt.ip4(large, frag=0)),
                             (labels, pkt.ip6(large)), (last, pkt.ip4(pkt.udp(1000 + n, 7)))):
            frames_in.append(ether(U_MAC['s0'], topo.s0.mac, ETH_MPLS, words + inner))
    with Ledger(px) as led:
        with short_of_memory(probability=15, ignore_gfp_wait='Y'):
            for frame in frames_in:
                topo.s0.send(frame)
    note('%d sent: %s' % (len(frames_in), led.delta.changes()))
    check(set(led.drops) <= {'no_memory', 'mtu_exceeded', 'ttl_expired', 'xmit_failed'},
          'drops %s' % led.drops)
    check(led.drops.get('no_memory', 0), 'nothing failed')
    check(led.delta.get('vnf', 'n1', 'to_vnf_packets'), 'no fragment was given')
    check(led.delta.get('stats', 'icmp_sent'), 'nobody was told')
    topo.drain()
    apply(SAVED)


@case('1,000 new stacks get VLAN ids: allocations in softirq fail')
def vlans():
    apply(SAVED)
    px.ctl('flow flush', topo.vnf_line(3, 'n3', 'match vlan 1-4094'),
           'sid add 16003 vnf n3')
    packets = [pkt.ip4(pkt.udp(1000 + n, 7)) for n in range(FLOWS // 2)]
    frames_in = [ether(U_MAC['s0'], topo.s0.mac, ETH_MPLS,
                       encode_labels(stack(16003, 1000 + n, 900)) + p)
                 for n, p in enumerate(packets)]
    led, got = stage(topo.s0, frames_in, topo.f[3], packets, probability=15,
                     ignore_gfp_wait='Y')
    equal(led.delta.get('uplink', 'u0', 'rx_packets'),
          led.delta.get('vnf', 'n3', 'to_vnf_packets') + sum(led.drops.values()), 'taken')
    check(led.drops.get('no_memory', 0) and len(got) > FLOWS // 8, 'drops %s' % led.drops)
    flows_agree(led.delta.get('stats', 'flows_created'))
    px.ctl('flow flush')
    equal(flows_agree(), 0, 'flows after flush')
    apply(SAVED)


@case('all is well after that')
def afterwards():
    equal(save(), SAVED, 'save')
    with Ledger(px) as led:
        passes(1, topo.s0)
    led.dropped()


@case('the module unloads and loads again')
def reload():
    global px                           # pylint: disable=global-statement
    module = os.environ.get('SRP_KO')
    if not module:
        raise Skip('no srproxy.ko for this kernel')
    px.session.process.stdin.close()
    px.session.process.wait()
    for words in (['rmmod', 'srproxy'], ['insmod', module]):
        done = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=False)
        equal((done.returncode, done.stderr), (0, ''), ' '.join(words))
    topo.px = px = topo.proxy()
    equal(plain(dump())[:3], [[], [], []], 'objects')
    px.ctl(*START)
    wait_for(lambda: px.vnf('n1')['state'] == 'up', 'n1')
    topo.drain()
    passes(1, topo.s0)


run()
