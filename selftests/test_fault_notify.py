# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_fault_notify.sh."""

import atexit
import errno
import fcntl
import os
import socket
import struct
from contextlib import ExitStack

import pkt
from failnet import IFF_NOARP, IFF_UP, SIOCGIFFLAGS, SIOCSIFFLAGS
from fault import FAILED, CacheFault, Fault, WorkerFault, no_faults, one_cpu
from genl import ABI, LOST, Netlink, attr, attrs_of
from healthnet import BACK, PROBE, HealthNet
from ktap import before_each, case, check, equal, note, run, wait_for
from ktls import Passer, pair
from netio import in_netns
from pkt import ETH_MPLS, encode_labels, ether, stack

NTH_MAX = 400       # nothing allocates so often
REFUSED = FAILED + (errno.ENFILE,)      # of sockets the kernel says so
WAIT = 60
NAME = '@%s-far' % os.environ['SRP_NS']
FAR = (socket.AF_INET, socket.SOCK_STREAM, ('10.0.1.2', 5000), 'f1')
NEAR = (socket.AF_UNIX, socket.SOCK_SEQPACKET, NAME.replace('@', '\0'), 'px')
UDP = 'vnf add n1 udp local 10.0.1.1:4000 remote 10.0.1.2:5000'

one_cpu()
topo = HealthNet()
px = topo.px
no_faults()
atexit.register(no_faults)
fault, workers, nl = Fault(), WorkerFault(), Netlink(px.netns)


@before_each
def start():
    no_faults()
    px.clear()
    for node in ('f1', 'f2'):
        topo.forwards(node, 1)
    px.ctl('config set icmp none')
    topo.drain()


# ---- what is heard ---------------------------------------------------------------

class Listeners:
    """Two in each group: the second's copy of a message is memory of its own."""

    def __init__(self, group):
        self.sockets = [Netlink(px.netns), Netlink(px.netns)]
        for sock in self.sockets:
            sock.join(group)
        self.events = [[], []]

    def hear(self):
        for events, sock in zip(self.events, self.sockets):
            events += [octets if octets == LOST else (octets[16], attrs_of(octets[20:]))
                       for octets in sock.received()]
        return self.events

    def forget(self):
        self.hear()
        self.events = [[], []]

    def lost(self):
        """How many know that they have missed something."""
        return sum(LOST in events for events in self.hear())

    def told(self, *wanted):
        """Has each been told all of these, or that it has missed something?"""
        return all(LOST in events or all(any(want(e) for e in events) for want in wanted)
                   for events in self.hear())

    def show(self):
        return [['LOST' if e == LOST else (e[0], {k: v[:12] for k, v in e[1].items()})
                 for e in events] for events in self.events]


config, flows = Listeners('config'), Listeners('flow')


def value_of(value):
    return value.encode() + b'\0' if isinstance(value, str) else struct.pack('=I', value)


def ntf(what, gone=False, **want):
    """Is an event this notification of an object? By some of its attributes."""
    number, gone_attr = ABI['CMD_%s_NTF' % what], ABI.get('A_%s_GONE' % what)
    want = {ABI['A_%s_%s' % (what, key.upper())]: value_of(value) for key, value in want.items()}

    def matches(event):
        return event != LOST and event[0] == number and (gone_attr in event[1]) == gone and \
            all(event[1].get(key) == value for key, value in want.items())
    return matches


def state(name, cause='NONE'):
    return ntf('VNF', name=name, state=int(cause == 'NONE'), cause=ABI['CAUSE_' + cause])


def sweep(attempt, ends):
    """attempt(nth) -> (whether the fault was had, how many missed something), until
    it is not had so often in a row. Return: how many missed something."""
    missed, idle, had = 0, 0, 0
    for nth in range(1, NTH_MAX):
        fired, lost = attempt(nth)
        missed, had, idle = missed + lost, had + fired, 0 if fired else idle + 1
        if idle == ends:
            note('%d allocations failed; %d times a listener missed something' % (had, missed))
            return missed
    raise AssertionError('fault %d is still had' % NTH_MAX)


def swept(attempt, ends=1):
    """Something has to be missed, else nothing of the notification has failed. Of
    debug objects the kernel allocates a dozen at once now and then, which pushes the
    others past the fault's number: then once more."""
    check(any(sweep(attempt, ends) for _ in range(3)), 'no notification was lost')


# ---- requests ----------------------------------------------------------------------

def generation():
    return px.ask(['config show'])[0][0]['generation']


def requested(prepare, messages, *wanted):
    """The last message's allocations fail: what it has done is told, or missed; what
    it has not done is not told."""
    def attempt(nth):
        px.clear()
        px.ctl(*prepare)
        for message in messages[:-1]:
            equal(nl.ask(message), 0, 'request before')
        config.forget()
        before = generation()
        answer, fired = fault.ask(nl, messages[-1], nth)
        check(answer == 0 or answer in REFUSED, 'fault %d: answer %s' % (nth, answer))
        did = generation() != before
        check(did or answer, 'fault %d: not done' % nth)
        check(not did or answer in (0, LOST), 'fault %d: done, answer %s' % (nth, answer))
        lost = config.lost()
        if did:
            check(config.told(*wanted), 'fault %d: nothing was told, nor that something is '
                  'lost: %s' % (nth, config.show()))
        else:
            check(not any(want(e) for events in config.hear() for want in wanted
                          for e in events), 'fault %d: told, but not done' % nth)
        if len(messages) > 1 and not did:
            nl.ask(nl.message('TXN_ABORT'))
        return fired, lost
    swept(attempt)


def place(number):
    return {'name': 'n%d' % number, 'dev': 'w%d' % number,
            'via_inet': socket.inet_aton('10.0.%d.2' % number)}


def member(*names):
    return b''.join(attr(ABI['A_SID_MEMBER'], [attr(ABI['A_MEMBER_VNF'], n)]) for n in names)


def sid(cmd, label, *names):
    return nl.message('SID_' + cmd, label=label, fallback=ABI['FALLBACK_DROP'],
                      members=member(*names))


def udp_place():
    return {'name': 'n1', 'type': ABI['VNF_TYPE_UDP'], 'local_inet': socket.inet_aton('10.0.1.1'),
            'local_port': struct.pack('=H', 4000), 'remote_inet': socket.inet_aton('10.0.1.2'),
            'remote_port': struct.pack('=H', 5000)}


def app_place():
    return {'name': 'n1', 'type': ABI['VNF_TYPE_APP'], 'dev': 'w1',
            'remote_inet': socket.inet_aton('10.0.1.2'), 'remote_port': struct.pack('=H', 5000),
            'pool_inet': socket.inet_aton('10.0.77.0'), 'pool_len': struct.pack('B', 24)}


def tls_place():
    return {'name': 'n1', 'type': ABI['VNF_TYPE_TCP'], 'tls': b'',
            'remote_inet': socket.inet_aton('10.0.1.2'), 'remote_port': struct.pack('=H', 5000)}


N1, N2 = topo.vnf(1), topo.vnf(2)
REQUESTS = {
    'uplink add': ((), [nl.message('UPLINK_NEW', dev='u0', egress=ABI['EGRESS_HAIRPIN'])],
                   ntf('UPLINK', dev='u0')),
    'uplink set': (('uplink add dev u0',),
                   [nl.message('UPLINK_SET', dev='u0', egress=ABI['EGRESS_LFIB'])],
                   ntf('UPLINK', dev='u0', egress=ABI['EGRESS_LFIB'])),
    'uplink del': (('uplink add dev u0',), [nl.message('UPLINK_DEL', dev='u0')],
                   ntf('UPLINK', True, dev='u0')),
    'vnf add': ((), [nl.message('VNF_NEW', **place(1))], state('n1')),
    # there is a route by then: else it depends on what failed before where the faults are
    'vnf add, udp': ((UDP, 'vnf del n1'), [nl.message('VNF_NEW', **udp_place())], state('n1')),
    'vnf add, app': ((), [nl.message('VNF_NEW', **app_place())], state('n1')),
    'vnf add, not-connected': ((), [nl.message('VNF_NEW', **tls_place())],
                               state('n1', 'NOT_CONNECTED')),
    'vnf set': ((N1,), [nl.message('VNF_SET', name='n1', weight=7)],
                ntf('VNF', name='n1', weight=7)),
    'vnf set, admin': ((N1,), [nl.message('VNF_SET', name='n1', admin=ABI['ADMIN_DOWN'])],
                       state('n1', 'ADMIN')),
    'vnf set, admin up': ((N1, 'vnf set n1 admin down'),
                          [nl.message('VNF_SET', name='n1', admin=ABI['ADMIN_UP'])],
                          state('n1')),
    'vnf del': ((N1,), [nl.message('VNF_DEL', name='n1')], ntf('VNF', True, name='n1')),
    'sid add': ((N1,), [sid('NEW', 16001, 'n1')], ntf('SID', label=16001)),
    'sid set': ((N1, N2, 'sid add 16001 vnf n1'), [sid('SET', 16001, 'n2', 'n1')],
                ntf('SID', label=16001)),
    'sid del': ((N1, 'sid add 16001 vnf n1'), [nl.message('SID_DEL', label=16001)],
                ntf('SID', True, label=16001)),
    'config set': ((), [nl.message('CONFIG_SET', idle_timeout=7)],
                   ntf('CONFIG', idle_timeout=7)),
    'apply': ((N1, 'sid add 16001 vnf n1', 'uplink add dev u0'),
              [nl.message('TXN_BEGIN'), nl.message('CONFIG_SET', idle_timeout=7),
               nl.message('VNF_NEW', **place(2)), sid('NEW', 16002, 'n2'),
               nl.message('TXN_COMMIT')],
              ntf('CONFIG', idle_timeout=7), ntf('VNF', name='n2'), ntf('SID', label=16002),
              ntf('VNF', True, name='n1'), ntf('SID', True, label=16001),
              ntf('UPLINK', True, dev='u0')),
}
for _name, (_prepare, _messages, *_wanted) in REQUESTS.items():
    case('%s: one fails' % _name, _prepare, _messages, *_wanted)(requested)


# ---- causes --------------------------------------------------------------------------

class Flags:
    """Flags of an interface by one call of the system."""

    def __init__(self, node, name):
        with in_netns(topo.netns(node)):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.name = name.encode()

    def set(self, bits, on):
        got = fcntl.ioctl(self.sock, SIOCGIFFLAGS, struct.pack('16sh14x', self.name, 0))
        flags, = struct.unpack('16xh14x', got)
        flags = flags | bits if on else flags & ~bits
        fcntl.ioctl(self.sock, SIOCSIFFLAGS, struct.pack('16sh14x', self.name, flags))


W1, F1 = Flags('px', 'w1'), Flags('f1', 'e0')


def in_task(nth, do):
    """The fault is of the call that makes it fail. Return: what says if it was had."""
    error, fired = fault.call(nth, do)
    return error, lambda: fired


def in_worker(nth, do):
    """It is of the worker that tells."""
    workers.arm(nth)
    do()
    return None, workers.fired


def cause(how, add, name, do, mend):
    """n1 ceases to serve; then it serves again, and that is told as ever."""
    def attempt(nth):
        px.clear()
        with ExitStack() as needs:
            value = add(needs)
            wait_for(lambda: topo.state('n1') == ('up', ''), 'n1 to be up', WAIT)
            config.forget()
            error, fired = how(nth, lambda: do(value))
            if error is None:
                topo.wait_state('n1', 'down', name.lower().replace('_', '-'), timeout=WAIT)
                wait_for(lambda: config.told(state('n1', name)), 'fault %d: each to be told, or '
                         'told that something is lost' % nth, WAIT)
            had, lost = fired(), config.lost()
            if mend:
                mend(needs)
                wait_for(lambda: topo.state('n1') == ('up', ''), 'n1 to be up again', WAIT)
                wait_for(lambda: config.told(state('n1')) or error, 'the end to be told', WAIT)
        return had, lost
    swept(attempt, 1 if how == in_task else 3)


def added(line):
    return lambda _: px.ctl(line)


def set_up_again(_):
    W1.set(IFF_UP, True)


case('link-down: one fails', in_task, added(N1), 'LINK_DOWN', lambda _: W1.set(IFF_UP, False),
     set_up_again)(cause)


def carrier_again(_):
    F1.set(IFF_UP, True)
    topo.ip('f1', 'route replace default via 10.0.1.1')


case('no-carrier: one of the worker fails', in_worker, added(N1), 'NO_CARRIER',
     lambda _: F1.set(IFF_UP, False), carrier_again)(cause)


def forwards(on):
    topo.forwards('f1', on)


case('probe: one of the worker fails', in_worker,
     added(topo.vnf(1, 'probe inband probe-addr %s probe-interval 20 probe-multiplier 5' % PROBE[4])), 'PROBE',
     lambda _: forwards(0), lambda _: forwards(1))(cause)


def unanswered(_):
    F1.set(IFF_NOARP, True)
    topo.ip('px', 'neigh del 10.0.1.2 dev w1')
    topo.send(16001, pkt.ip4(pkt.udp(3000, 7)))


def with_neighbour(_):
    topo.sh('px', 'sysctl -qw net.ipv4.neigh.w1.mcast_solicit=1 '
            'net.ipv4.neigh.w1.ucast_solicit=1 net.ipv4.neigh.w1.retrans_time_ms=100')
    px.ctl('uplink add dev u0', N1, 'sid add 16001 vnf n1')
    topo.send(16001, pkt.ip4(pkt.udp(3000, 7)))
    wait_for(lambda: '10.0.1.2' in topo.sh('px', 'ip neigh show dev w1'), 'a neighbour', WAIT)


case('neighbour: one of the worker fails', in_worker, with_neighbour, 'NEIGHBOUR', unanswered,
     lambda _: F1.set(IFF_NOARP, False))(cause)


# functions behind sockets

def far_end(line, family, kind, address, node):
    """Add a function whose far end is ours: the connection of the far end."""
    def add(needs):
        with in_netns(topo.netns(node)):
            listener = needs.enter_context(socket.socket(family, kind))
        if family == socket.AF_INET:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(4)
        px.ctl(line)
        conn = needs.enter_context(listener.accept()[0])
        if family == socket.AF_INET:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        return conn
    return add


def reconnected(_):
    px.ctl('vnf reconnect n1')


TCP = far_end('vnf add n1 tcp remote 10.0.1.2:5000', *FAR)
UNIX = far_end('vnf add n1 unix ' + NAME, *NEAR)
case('closed, a TCP connection: one of the worker fails', in_worker, TCP, 'CLOSED',
     lambda conn: conn.close(), reconnected)(cause)
case('closed, a Unix socket: one of the worker fails', in_worker, UNIX, 'CLOSED',
     lambda conn: conn.close(), reconnected)(cause)
case('bad-frame: one of the worker fails', in_worker, TCP, 'BAD_FRAME',
     lambda conn: conn.send(b'!', socket.MSG_OOB), reconnected)(cause)


def behind_tls(needs):
    """A socket with keys, the far end of which has none."""
    ours, theirs = pair(topo.netns('px'), topo.netns('f1'), ('10.0.1.2', 5001), keyed=False)
    passer = Passer(px.netns)
    needs.callback(passer.close)
    needs.enter_context(ours)
    passer.add('n1', ours)
    return needs.enter_context(theirs)


case('socket-error: one of the worker fails', in_worker, behind_tls, 'SOCKET_ERROR',
     lambda conn: conn.send(b'\x17\3\3\0\x20' + bytes(32)), None)(cause)


def routed(_):
    px.ctl('uplink add dev u0', UDP, 'sid add 16001 vnf n1')


def no_route(_):
    topo.ip('px', 'route add unreachable 10.0.1.2/32')
    topo.send(16001, pkt.ip4(pkt.udp(3000, 7)))


case('no-route: one of the worker fails', in_worker, routed, 'NO_ROUTE', no_route,
     lambda _: topo.ip('px', 'route del unreachable 10.0.1.2/32'))(cause)


@case('connect-failed: one of the request fails')
def connect_failed():
    """A reconnect that fails for want of memory does not say that of the far end."""
    message = nl.message('VNF_RECONNECT', name='n1')

    def attempt(nth):
        px.clear()
        with ExitStack() as needs:
            UNIX(needs)
        topo.wait_state('n1', 'down', 'closed', timeout=WAIT)
        wait_for(lambda: config.told(state('n1', 'CLOSED')), 'closed to be told', WAIT)
        config.forget()
        answer, fired = fault.ask(nl, message, nth)
        check(answer, 'fault %d: connected' % nth)
        shown = topo.state('n1')[1]
        check(shown in ('closed', 'connect-failed'), 'fault %d: %s' % (nth, shown))
        check(shown == 'closed' or answer not in REFUSED[1:], 'fault %d: answer %s, %s' % (
            nth, answer, shown))
        if shown == 'connect-failed':
            check(config.told(state('n1', 'CONNECT_FAILED')), 'fault %d: %s' % (
                nth, config.show()))
        else:
            check(fired, 'no fault, and not told')
            check(answer in REFUSED, 'fault %d: answer %s' % (nth, answer))
        return fired, config.lost()
    swept(attempt)


@case('no-device: one fails')
def no_device():
    """Set down first, then gone; both are told."""
    with in_netns(px.netns):
        route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    route.setblocking(False)

    def attempt(nth):
        px.clear()
        topo.ip('px', 'link add d0 type dummy', 'link set d0 up')
        with in_netns(px.netns):
            index = socket.if_nametoindex('d0')
        px.ctl('vnf add n1 dev d0 lladdr 02:00:00:00:d0:02')
        config.forget()
        message = struct.pack('=IHHII BxHiII', 32, 17, 5, 1, 0, 0, 0, index, 0, 0)
        _, fired = fault.call(nth, route.send, message)
        try:
            route.recv(4096)
        except OSError:
            pass            # no memory for the request, or for the answer
        if topo.state('n1') == ('down', 'no-device'):
            check(config.told(state('n1', 'LINK_DOWN'), state('n1', 'NO_DEVICE')),
                  'fault %d: %s' % (nth, config.show()))
        else:
            check(fired, 'the device is still there')
            topo.ip('px', 'link del d0')
        return fired, config.lost()
    swept(attempt)
    route.close()


@case('the state of an uplink: one fails')
def uplink_state():
    u0 = Flags('px', 'u0')

    def attempt(nth):
        px.clear()
        px.ctl('uplink add dev u0')
        config.forget()
        error, fired = fault.call(nth, u0.set, IFF_UP, False)
        if error is None:
            equal(px.show('uplink show')[0]['state'], 'down', 'state')
            check(config.told(ntf('UPLINK', dev='u0', state=0)), 'fault %d: %s' % (
                nth, config.show()))
        lost = config.lost()
        u0.set(IFF_UP, True)
        return fired, lost
    swept(attempt)
    wait_for(lambda: topo.links_ready('px'), 'links', WAIT)


# ---- flows ---------------------------------------------------------------------------

def flow_ntf(sport, gone=False, conflict=False, labels=(BACK,)):
    bits = ABI['FLOW_FLAG_GONE'] * gone | ABI['FLOW_FLAG_CONFLICT'] * conflict

    def matches(event):
        if event == LOST or event[0] != ABI['CMD_FLOW_NTF']:
            return False
        flags, = struct.unpack('=I', event[1][ABI['A_FLOW_FLAGS']])
        port, = struct.unpack('=H', event[1][ABI['A_FLOW_SPORT']])
        return port == sport and flags & ~ABI['FLOW_FLAG_PROTECTED'] == bits and \
            event[1][ABI['A_FLOW_LABELS']] == struct.pack('=%dI' % len(labels), *labels)
    return matches


def send(sport, label=BACK):
    inner = pkt.ip4(pkt.udp(sport, 7))
    topo.s0.send(ether(pkt.mac('02:00:00:00:00:01'), topo.s0.mac, ETH_MPLS,
                       encode_labels(stack(16001, label)) + inner))


def handed_over():
    return px.vnf('n1')['stats']['to_vnf_packets']


def flow_of(sport):
    """(labels, flags) of a flow, or None."""
    found = [f for f in px.flows() if f['sport'] == sport]
    return found[0]['labels'] if found else None


def softirq_sweep(body):
    """body(): what packets cause and what is to be told of it. Each allocation of a
    message's head in softirq fails, and of its copy's; that of its octets is the
    same to us."""
    cache = CacheFault('skbuff_head_cache')

    def attempt(nth):
        px.clear()
        px.ctl('config set icmp none', 'uplink add dev u0', N1, 'sid add 16001 vnf n1')
        send(1)         # what is asked for once is known then
        wait_for(lambda: handed_over() == 1, 'the first packet', WAIT)
        flows.forget()
        fired = body(lambda: cache.arm(nth), cache.fired)
        lost = flows.lost()
        flows.forget()
        send(2)
        wait_for(lambda: flow_of(2), 'the next flow', WAIT)
        check(flows.told(flow_ntf(2)) and not flows.lost(), 'the next flow: %s' % flows.show())
        return fired, lost
    swept(attempt)


def told_of(*wanted):
    check(flows.told(*wanted), 'nothing was told, nor that something is lost: %s' % flows.show())


@case('a flow that is new: one of softirq fails')
def flow_new():
    def body(arm, fired):
        arm()
        send(3000)
        wait_for(lambda: handed_over() == 2, 'the packet', WAIT)
        had = fired()
        equal(flow_of(3000), [BACK], 'labels')
        told_of(flow_ntf(3000))
        return had
    softirq_sweep(body)


@case('a flow that changes its stack: one of softirq fails')
def flow_changed():
    def body(arm, fired):
        send(3000)
        wait_for(lambda: handed_over() == 2, 'the packet', WAIT)
        flows.forget()
        arm()
        send(3000, 901)
        wait_for(lambda: handed_over() == 3, 'the packet with another stack', WAIT)
        had = fired()
        equal(flow_of(3000), [901], 'labels')
        told_of(flow_ntf(3000, labels=(901,)))
        return had
    softirq_sweep(body)


@case('a flow that is in conflict: one of softirq fails')
def flow_conflict():
    def drops():
        return px.show('stats')[0]['drops'].get('stack_conflict', 0)

    def body(arm, fired):
        send(3000)
        send(3000, 901)
        wait_for(lambda: handed_over() == 3, 'the packets', WAIT)
        flows.forget()
        before = drops()
        arm()
        send(3000)
        wait_for(lambda: drops() > before or handed_over() == 4, 'the packet', WAIT)
        had = fired()
        if drops() > before:        # else it came a second later
            equal(flow_of(3000), [901], 'labels')
            told_of(flow_ntf(3000, conflict=True, labels=(901,)))
        return had
    softirq_sweep(body)


@case('a flow that has to go for another: one of softirq fails')
def flow_evicted():
    def body(arm, fired):
        px.ctl('config set max-flows 3')
        for sport in (3000, 3001):
            send(sport)
        wait_for(lambda: handed_over() == 3, 'the packets', WAIT)
        flows.forget()
        arm()
        send(3002)
        wait_for(lambda: handed_over() == 4, 'the packet', WAIT)
        had = fired()
        equal((flow_of(1), flow_of(3002)), (None, [BACK]), 'flows')
        told_of(flow_ntf(1, gone=True), flow_ntf(3002))
        px.ctl('config set max-flows 1048576')
        return had
    softirq_sweep(body)


def flushed(message, done):
    """Flows that a request ends."""
    def attempt(nth):
        px.clear()
        px.ctl('uplink add dev u0', N1, 'sid add 16001 vnf n1')
        for sport in (3000, 3001):
            send(sport)
        wait_for(lambda: px.flow_count() == 2, 'flows', WAIT)
        px.ctl('sid del 16001')
        flows.forget()
        answer, fired = fault.ask(nl, message, nth)
        check(answer == 0 or answer in FAILED, 'fault %d: answer %s' % (nth, answer))
        if px.flow_count() == 0:
            check(flows.told(flow_ntf(3000, gone=True), flow_ntf(3001, gone=True)),
                  'fault %d: %s' % (nth, flows.show()))
        else:
            check(answer, 'fault %d: not done' % nth)
            equal(px.flow_count(), 2, 'flows')
        check(done() or answer, 'fault %d: not done' % nth)
        return fired, flows.lost()
    swept(attempt)


case('flow flush: one fails', nl.message('FLOW_FLUSH'),
     lambda: not px.flow_count())(flushed)
case('flows of a vnf that is removed: one fails', nl.message('VNF_DEL', name='n1'),
     lambda: not px.show('vnf show'))(flushed)


@case('flows that age: one of the worker fails')
def flow_aged():
    def attempt(nth):
        px.clear()
        px.ctl('uplink add dev u0', N1, 'sid add 16001 vnf n1', 'config set idle-timeout 1')
        send(3000)
        wait_for(lambda: handed_over() == 1, 'the packet', WAIT)
        flows.forget()
        workers.arm(nth)
        wait_for(lambda: not px.flow_count(), 'the flow to age', WAIT)
        fired = workers.fired()
        told_of(flow_ntf(3000, gone=True))
        return fired, flows.lost()
    swept(attempt, 2)


@case('per-CPU memory of counters and samples fails as any other')
def per_cpu():
    """Sweeps of requests reach it; that they do this sees to."""
    with open('/proc/kallsyms', encoding='ascii') as symbols:
        check(any('srp_percpu_fails' in line for line in symbols), 'it never fails')


run()
