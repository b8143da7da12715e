# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_fault_health.sh."""

import atexit
import fcntl
import socket
import struct
import subprocess
import time

import pkt
from failnet import IFF_UP, SIOCSIFFLAGS
from fault import FAILED, Fault, kernel_threads, no_faults, short_of_memory
from genl import ABI, LOST, Netlink, attr
from healthnet import PROBE, HealthNet, Monitor
from ktap import before_each, case, check, equal, note, run, wait_for
from netio import in_netns
from proxy import Ledger

NTH_MAX = 400       # no request allocates so often
WAIT = 60
INTERVAL = 20       # milliseconds
PACE = 'probe-interval %d probe-multiplier 3' % INTERVAL
NO_MEMORY = {'probability': 100, 'ignore_gfp_wait': 'Y'}
LITTLE = {'probability': 10, 'ignore_gfp_wait': 'Y'}

topo = HealthNet()
px = topo.px
no_faults()
atexit.register(no_faults)
fault, nl = Fault(), Netlink(px.netns)


@before_each
def start():
    no_faults()
    px.clear()
    for node in ('f1', 'f2'):
        topo.forwards(node, 1)
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def probes(name='n1'):
    """How many were sent, and answered; asked without a packet of the test's own."""
    stats = px.ask(['vnf show ' + name])[0][0]['stats']
    return stats['probes_sent'], stats['probes_answered']


def wait_answers(more=5, name='n1'):
    begin = probes(name)[1]
    wait_for(lambda: probes(name)[1] >= begin + more, 'answers to probes of ' + name, WAIT)


# ---- probes ------------------------------------------------------------------

KINDS = [('inband', 4), ('inband', 6), ('neigh', 4), ('neigh', 6)]


def kind(words, family):
    return 'probe %s %s %s' % (words, 'probe-addr ' + PROBE[family] if words == 'inband' else '',
                               PACE)


def unsent(words, family):
    """No probe can be sent for 20 intervals: that is not said of the function. It
    is the time that counts, so there is nothing else to wait for."""
    monitor = Monitor(topo.netns('px'))
    try:
        monitor.listening(px, topo.vnf(2, name='t'))
        px.ctl(topo.vnf(1, kind(words, family), family))
        wait_answers()
        with short_of_memory(**NO_MEMORY):
            sent, _ = probes()
            time.sleep(20 * INTERVAL / 1000)
            more = probes()[0] - sent
        wait_answers()
        equal([s for s in monitor.states('n1') if s[0] == 'down'], [], 'what was told')
    finally:
        monitor.end()
    equal(topo.state('n1'), ('up', ''), 'state')
    check(more <= 1, '%d probes were sent without memory' % more)
    # it is still found out if it is dead
    topo.ip('f1', 'link set e0 down')
    wait_for(lambda: topo.state('n1')[0] == 'down', 'n1 to be down', WAIT)
    topo.ip('f1', 'link set e0 up')
    topo.ip('f1', 'addr replace 2001:db8:1::2/64 dev e0',
            'route replace default via 10.0.1.1', 'route replace default via 2001:db8:1::1')


for _kind, _family in KINDS:
    case('probe %s, v%d: one that there is no memory for is not lost' % (_kind, _family),
         _kind, _family)(unsent)


def some_unsent(words, family):
    """Answers need memory as well, at several places: of 30 in a row one comes."""
    px.ctl(topo.vnf(1, kind(words, family).replace('multiplier 3', 'multiplier 30'), family))
    wait_answers()
    with short_of_memory(**LITTLE):
        sent, _ = probes()
        wait_for(lambda: probes()[0] >= sent + 60, 'probes', WAIT)
        equal(topo.state('n1')[0], 'up', 'state')
    wait_answers()
    equal(topo.state('n1'), ('up', ''), 'state')


for _kind, _family in KINDS:
    case('probe %s, v%d: a tenth of the allocations fails' % (_kind, _family),
         _kind, _family)(some_unsent)


# ---- requests ----------------------------------------------------------------

def place(number):
    return {'name': 'n%d' % number, 'dev': 'w%d' % number,
            'via_inet': socket.inet_aton('10.0.%d.2' % number)}


def inband(interval=INTERVAL):
    return {'probe': ABI['PROBE_INBAND'], 'probe_interval': interval, 'probe_multiplier': 3,
            'probe_inet': socket.inet_aton('203.0.113.1'),
            'probe_port': 7}


def config():
    """What was wanted of the vnfs, and the sids, without what changes by itself."""
    vnfs, sids = px.ask(['vnf show', 'sid show'])
    return [{key: v.get(key) for key in
             ('name', 'id', 'probe', 'probe_interval', 'probe_multiplier', 'probe_addr',
              'weight', 'admin')} for v in vnfs], \
        [{key: s.get(key) for key in ('label', 'vnf', 'backup', 'fallback')} for s in sids]


def went_on(before):
    """Every vnf of before that has probes still sends them, and gets answers."""
    for vnf in before[0]:
        if vnf['probe'] != 'none':
            wait_answers(1, vnf['name'])


def swept(rest, prepare, *messages):
    """Each allocation of the last message fails: nothing has changed then, or all."""
    def attempt(nth):
        px.clear()
        px.ctl('uplink add dev u0', *prepare)
        before = config()
        for message in messages[:-1]:
            equal(nl.ask(message), 0, 'request before')
        with fault.mode(rest):
            answer, fired = fault.ask(nl, messages[-1], nth)
        check(answer == 0 or answer in FAILED, 'fault %d: answer %s' % (nth, answer))
        after = config()
        if answer not in (0, LOST):
            equal(after, before, 'fault %d: configuration' % nth)
        elif answer == 0:
            check(after != before, 'fault %d: not done' % nth)
        if len(messages) > 1 and after == before:
            nl.ask(nl.message('TXN_ABORT'))
        went_on(after)
        return fired
    for nth in range(1, NTH_MAX):
        if not attempt(nth):
            note('%d allocations' % (nth - 1))
            check(nth > 1, 'no allocation has failed')
            return
    raise AssertionError('fault %d is still had' % NTH_MAX)


def member(name):
    return attr(ABI['A_SID_MEMBER'], [attr(ABI['A_MEMBER_VNF'], name)])


PROBED = topo.vnf(1, kind('inband', 4))
REQUESTS = {
    'vnf add with probes': ((), nl.message('VNF_NEW', **place(1), **inband())),
    'vnf set, probes begin': ((topo.vnf(1),), nl.message('VNF_SET', name='n1', **inband())),
    'vnf set, other probes': ((PROBED,), nl.message('VNF_SET', name='n1', **inband(25))),
    'vnf set, probes end': ((PROBED,), nl.message('VNF_SET', name='n1',
                                                  probe=ABI['PROBE_NONE'])),
    'vnf del with probes': ((PROBED,), nl.message('VNF_DEL', name='n1')),
    'sid set with probes': (
        (PROBED, topo.vnf(2, kind('neigh', 4)), 'sid add 16001 vnf n1'),
        nl.message('SID_SET', label=16001, fallback=ABI['FALLBACK_DROP'],
                   members=member('n1') + member('n2'))),
    'apply with probes': (
        (PROBED, topo.vnf(2, kind('neigh', 4)), 'sid add 16001 vnf n1'),
        nl.message('TXN_BEGIN'), nl.message('UPLINK_NEW', dev='u0',
                                            egress=ABI['EGRESS_HAIRPIN']),
        nl.message('VNF_NEW', **place(1), **inband(25)), nl.message('VNF_NEW', **place(2)),
        nl.message('SID_NEW', label=16002, fallback=ABI['FALLBACK_DROP'],
                   members=member('n2') + member('n1')),
        nl.message('TXN_COMMIT')),
}

for _rest in (False, True):
    for _name, (_prepare, *_messages) in REQUESTS.items():
        case('%s: %s' % (_name, 'all from one on' if _rest else 'one fails'),
             _rest, _prepare, *_messages)(swept)


# ---- devices, notifications, groups -----------------------------------------------

@case('a device that there was no memory for is tried again')
def joins_again():
    """Its tx side needs no memory, so it is the other that waits."""
    px.ctl(topo.vnf(1, kind('inband', 4)))
    wait_answers()
    topo.ip('px', 'link set w1 netns ' + topo.netns('sw'))
    topo.wait_state('n1', 'down', 'no-device', timeout=WAIT)
    kernel_threads()
    with short_of_memory(probability=100, task_filter='Y'):
        move('sw', 'link set w1 netns ' + topo.netns('px'))
        move('px', 'link set w1 up', 'addr add 10.0.1.1/24 dev w1',
             'addr add 2001:db8:1::1/64 dev w1')
        # time for the worker to have tried, and to have failed
        time.sleep(1.5)
        equal(topo.state('n1'), ('down', 'no-device'), 'state without memory')
    topo.wait_state('n1', 'up', '', timeout=WAIT)
    wait_answers()


def move(node, *lines):
    """ip(8), without waiting for the links."""
    subprocess.run(['ip', '-n', topo.netns(node), '-b', '-'], text=True, check=True,
                   input='\n'.join(lines) + '\n')


@case('a change that there is no memory to tell of: who listens knows that something is lost')
def untold():
    listener = Netlink(px.netns)
    listener.join('config')
    px.ctl(topo.vnf(1))
    with in_netns(px.netns):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def flags(value):
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack('16sh14x', b'w1', value))
    lost, nth = 0, 0
    while True:
        nth += 1
        check(nth < NTH_MAX, 'fault %d is still had' % nth)
        wait_for(lambda: topo.state('n1') == ('up', ''), 'n1 to be up', WAIT)
        list(listener.received())
        error, fired = fault.call(nth, flags, 0)
        heard = list(listener.received())
        if error is None:
            equal(topo.state('n1'), ('down', 'link-down'), 'state, fault %d' % nth)
            check(heard, 'fault %d: nothing was told, nor that something is lost' % nth)
            lost += LOST in heard
        flags(IFF_UP)
        if not fired:
            break
    note('%d allocations; %d times it was lost, and said to be' % (nth - 1, lost))
    check(lost, 'no notification was lost')
    sock.close()
    listener.close()


@case('a sid changes while new flows fail: those that are there stay where they are')
def group():
    px.ctl(topo.vnf(1), topo.vnf(2), 'sid add 16001 vnf n1,n2')
    inners = [pkt.ip4(pkt.udp(3000 + n, 53)) for n in range(60)]

    def at():
        return {f['sport']: f['vnf'] for f in px.flows('sid', '16001')}
    with Ledger(px) as led:
        with short_of_memory(**LITTLE):
            topo.send(16001, *inners[:30])
            px.ctl('sid set 16001 vnf n2,n1 fallback bypass')
            topo.send(16001, *inners[30:])
            px.ctl('sid set 16001 vnf n1,n2 fallback drop')
    check(set(led.drops) <= {'no_memory', 'xmit_failed'}, 'drops %s' % led.drops)
    begun = at()
    check(len(begun) > 5 and led.drops.get('no_memory', 0), '%d flows, drops %s' % (
        len(begun), led.drops))
    topo.send(16001, *inners)
    after = at()
    equal(len(after), len(inners), 'flows')
    equal({s: after[s] for s in begun}, begun, 'flows that were there')


run()
