# SPDX-License-Identifier: Apache-2.0
"""simple_switch between veths, its tables, and the model beside it.

A test runs in a network namespace of its own (run.sh sees to that): h0 to h5
are the ends the test sends and receives on, s0 to s5 the switch's ports.

    switch = Switch(clock=True)     built with -DSRP_TEST_CLOCK
    switch.local_sid(16100, 'feature', UP, 33000)     and the other tables
    switch.commit()                 to bmv2; the model has them at once
    switch.exchange([(port, octets), ...])    sent, answers held against the model
"""

import atexit
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict

import pkt
from ktap import Failure, equal, wait_for
from p4model import ALL, SPANS, Model, Nexthop, Tables, Target
from plan import known
from netio import Port, in_netns

HERE = os.path.dirname(os.path.abspath(__file__))
P4 = os.path.dirname(HERE)
CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or
                     os.path.expanduser('~/.cache'), 'srproxy/p4')
PORTS = 6
THRIFT = 9090
MAPPED_BITS = 0xffff << 32

EVENTS = ('none parse ethertype ttl no_label no_route not_ip no_nexthop deep '
          'again head_end rounds bad_ip no_report').split()
FEATURE_EVENTS = ('none new takeover restart collision report gap '
                  'saturated no_session').split()


def require():
    """End the test, skipped, where the compiler or the switch is missing."""
    missing = [p for p in ('p4c-bm2-ss', 'simple_switch', 'simple_switch_CLI', 'ip')
               if not shutil.which(p)]
    why = 'no ' + ', '.join(missing) if missing else None
    if os.geteuid():
        why = 'needs root'
    if why:
        print('TAP version 13\n1..0 # SKIP ' + why)
        sys.exit(4)


def sources():
    for place, _, names in os.walk(P4):
        for name in sorted(names):
            if name.endswith('.p4'):
                yield os.path.join(place, name)


def compiled(*defines):
    """Where the program for bmv2 is kept as JSON, compiled from these sources."""
    digest = hashlib.sha256(' '.join(defines).encode())
    for name in sources():
        with open(name, 'rb') as file:
            digest.update(file.read())
    return os.path.join(CACHE, 'programs', digest.hexdigest()[:24] + '.json')


def info_of(path):
    """What P4Runtime has to know of a compiled program, beside it."""
    return path[:-len('.json')] + '.p4info.txtpb'


def build(*defines):
    """The same, and now it is there."""
    path = compiled(*defines)
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        command = ['p4c-bm2-ss', '--std', 'p4-16', *defines, '-o', path + '.new',
                   '--p4runtime-files', info_of(path),
                   os.path.join(P4, 'srproxy_v1model.p4')]
        made = subprocess.run(command, stdout=subprocess.PIPE, timeout=600,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if made.returncode or 'warning' in made.stdout:
            raise Failure('%s:\n%s' % (' '.join(command), made.stdout))
        os.rename(path + '.new', path)
    return path


def number(value):
    """An address or a number for the CLI."""
    if isinstance(value, bytes):
        return '0x' + value.hex()
    return str(value)


def address_key(text):
    """An address as the program with full keys has it."""
    octets = pkt.address(text)
    return octets if len(octets) == 16 else bytes(10) + b'\xff\xff' + octets


def prefix_key(text):
    """(address, mask) of a prefix, as numbers of 128 bits; None is everything."""
    if text is None:
        return 0, 0
    address, _, length = text.partition('/')
    octets = address_key(address)
    bits = 128 if not length else int(length) + (0 if ':' in address else 96)
    mask = (1 << 128) - (1 << 128 - bits)
    return int.from_bytes(octets, 'big') & mask, mask


def make_links():
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    with open('/proc/sys/net/ipv6/conf/default/disable_ipv6', 'w',
              encoding='ascii') as file:
        file.write('1')
    for i in range(PORTS):
        subprocess.run(['ip', 'link', 'add', 'h%d' % i, 'mtu', '9500', 'type', 'veth',
                        'peer', 'name', 's%d' % i, 'mtu', '9500'], check=True)
        for end in 'hs':
            subprocess.run(['ip', 'link', 'set', end + str(i), 'up'], check=True)


class Switch:
    """bmv2 with our program, and the model of both.

    netns: the switch is there, its ports are the devices of that name; then the
    test sends and receives by itself.
    """

    def __init__(self, clock=False, queues=8, netns=None, devices=None):
        self.directory = tempfile.mkdtemp(prefix='srp4.')
        atexit.register(shutil.rmtree, self.directory, ignore_errors=True)
        self.netns = netns
        self.there = ['ip', 'netns', 'exec', netns] if netns else []
        self.devices = devices or ['s%d' % i for i in range(PORTS)]
        if not devices:
            make_links()
        program = build(*(['-DSRP_TEST_CLOCK'] if clock else []))
        self.clock = clock
        self.tables = Tables()
        self.model = Model(self.tables)
        self.commands, self.mirrors = [], 0
        self.handles = {}       # entries of bmv2 by the model's names
        self.sums = {}          # and how many a table has, all together
        self._constant(program)
        self.ports = [] if devices else [Port('', 'h%d' % i) for i in range(PORTS)]
        for port in self.ports:
            port.show_tags()
        self._start(program, queues)

    def _common(self):
        """What any bmv2 is told: its ports, and names that no other run has."""
        words = ['--thrift-port', str(THRIFT), '--notifications-addr',
                 'ipc://%s/notifications' % self.directory]
        for i, device in enumerate(self.devices):
            words += ['-i', '%d@%s' % (i, device)]
        return words

    def _start(self, program, queues):
        command = [*self.there, 'simple_switch', *self._common()]
        trace = os.environ.get('SRP_P4_TRACE')
        if trace:
            command += ['--log-file', trace, '--log-flush']
        command += [program, '--', '--priority-queues', str(queues)]
        with open(os.path.join(self.directory, 'log'), 'w', encoding='ascii') as log:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        atexit.register(self.stop)
        wait_for(self._listens, 'simple_switch to listen', timeout=180)

    def _listens(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.directory, 'log'), encoding='utf-8') as log:
                raise Failure('simple_switch ended: ' + log.read())
        with in_netns(self.netns or ''), socket.socket() as sock:
            return sock.connect_ex(('127.0.0.1', THRIFT)) == 0

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    # ---- tables --------------------------------------------------------------

    def cli(self, commands):
        """Output of the commands; an error is a failure."""
        done = subprocess.run([*self.there, 'simple_switch_CLI', '--thrift-port',
                               str(THRIFT)], input='\n'.join(commands) + '\n', text=True,
                              timeout=300, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        for line in done.stdout.splitlines():
            if any(w in line for w in ('Error', 'Invalid', 'Traceback', 'Unknown')):
                raise Failure('simple_switch_CLI: ' + done.stdout[-2000:])
        return done.stdout

    def handle(self, name, key, table):
        """The next entry of a table of bmv2 is the model's name[key]."""
        count = sum(t == table for t, _ in self.handles.values())
        self.handles[name, key] = (table, count)

    def _constant(self, program):
        """Tables whose entries the program has."""
        for number in range(len(known())):
            self.handle('plan', number, 'plan')
        for number in range(len(SPANS)):
            self.handle('nfv_range', number, 'nfv_range')
        with open(program, encoding='ascii') as file:
            pipelines = json.load(file)['pipelines']
        for table in (t for p in pipelines for t in p['tables']):
            name = table['name'].rsplit('.', 1)[-1]
            if name in ('top_label', 'bottom'):
                self.sums[name, ALL] = len(table['entries'])

    def add(self, table, action, keys, args, priority=None):
        words = ['table_add', table, action, *map(number, keys), '=>',
                 *map(number, args)]
        if priority is not None:
            words.append(str(priority))
        self.commands.append(' '.join(words))

    def commit(self):
        self.cli(self.commands)
        self.commands = []

    def _classify(self, label, value):
        for i in range(1, 8):
            self.handle('class%d' % i, label, 'class%d' % i)
            self.add('class%d' % i, 'set%d' % i, [label], [value])

    def local_sid(self, label, service, *args):
        self.tables.local_sid[label] = (service, *args)
        self.handle('local_sid', label, 'local_sid')
        self.add('local_sid', 'IngressPipe.classify.' + service, [label], args)
        self._classify(label, {'node': 2, 'priority': 3, 'feature': 4}[service])

    def nfv_sid(self, label, port, src='192.0.2.250', dst='192.0.2.251', dport=5252):
        """A function's label, and where reports that begin with it go; dport
        None: nobody has said where."""
        self.mirrors += 1
        dmac, smac = mac_of('d', port), mac_of('s', port)
        self.tables.nfv_sid[label] = Target(port, dmac, smac, src, dst, dport)
        self.commands.append('mirroring_add %d %d' % (self.mirrors, port))
        self.handle('nfv_sid', label, 'nfv_sid')
        self.add('nfv_sid', 'mirror', [label], [self.mirrors])
        if dport is not None:
            self.handle('report_to', label, 'report_to')
            self.add('report_to', 'to', [label], [dmac, smac, pkt.address(src),
                                                  pkt.address(dst), dport])
        self._classify(label, 8)

    def nexthop(self, place, port, vid=None):
        dmac, smac = mac_of('d', port), mac_of('s', port)
        self.tables.nexthop[place] = Nexthop(port, dmac, smac, vid)
        self.handle('nexthop', place, 'nexthop')
        if vid is None:
            self.add('nexthop', 'IngressPipe.nexthop.untagged', [place],
                     [port, dmac, smac])
        else:
            self.add('nexthop', 'IngressPipe.nexthop.tagged', [place],
                     [port, dmac, smac, vid])

    def ecmp(self, group, members):
        self.tables.ecmp[group] = [members[i % len(members)] for i in range(64)]
        for bucket, member in enumerate(self.tables.ecmp[group]):
            self.handle('ecmp', (group, bucket), 'ecmp')
            self.add('ecmp', 'member', [group, bucket], [member])

    def label_fib(self, label, operation, *args):
        """args: [label,] nexthop[, group]"""
        args = list(args) + [0] * ((3 if operation == 'swap' else 2) - len(args))
        self.tables.label_fib[label] = (operation, *args)
        self.handle('label_fib', label, 'label_fib')
        self.add('label_fib', operation, [label], args)

    def route(self, prefix, nexthop, group=0):
        text, length = prefix.split('/')
        network = pkt.address(text)
        family = 4 if len(network) == 4 else 6
        self.tables.fib[family].append((network, int(length), nexthop, group))
        self.handle('fib', (network, int(length)), 'ipv%d_fib' % family)
        self.commands.append('table_add ipv%d_fib route%d %s/%s => %d %d' % (
            family, family, number(network), length, nexthop, group))

    def chain(self, labels, ttl=64, **keys):
        """The head end: the session that has the keys, of src, dst, proto, sport and
        dport, gets the labels; addresses are prefixes."""
        words = [e << 12 | (0x100 if i == len(labels) - 1 else 0) | ttl
                 for i, e in enumerate(labels)]
        ends = {name: prefix_key(keys.get(name)) for name in ('src', 'dst')}
        plain = {name: keys.get(name) for name in ('proto', 'sport', 'dport')}

        def match(session):
            return (all(int.from_bytes(getattr(session, name), 'big') & mask == want
                        for name, (want, mask) in ends.items()) and
                    all(value in (None, getattr(session, name))
                        for name, value in plain.items()))
        self.handle('chain', len(self.tables.chain), 'ingress_chain')
        self.tables.chain.append((match, words))
        ternary = ['%#x&&&%#x' % end for end in ends.values()]
        ternary += ['0x0&&&0x0' if value is None else
                    '%#x&&&%#x' % (value, 0xff if name == 'proto' else 0xffff)
                    for name, value in plain.items()]
        self.add('ingress_chain', 'push%d' % len(words), ternary, words,
                 priority=len(self.tables.chain))

    def priority(self, session, queue, tc=None, dscp=None):
        """session: (src, dst, proto, sport, dport) as packets have it."""
        src, dst, *rest = session
        key = (address_key(src), address_key(dst), *rest)
        mark = (queue,) if tc is None else (queue, tc, dscp)
        self.tables.priority[key] = mark
        self.handle('priority', key, 'priority_flow')
        self.add('priority_flow', 'queue' if tc is None else 'queue_mark', key, mark)

    # ---- counters ------------------------------------------------------------

    def read_counters(self, names_and_indexes):
        """Packets of counters, in their order."""
        out = self.cli(['counter_read %s %d' % pair for pair in names_and_indexes])
        return [int(n) for n in re.findall(r'\(\d+ bytes, (\d+) packets\)', out)]

    def events(self):
        """What the switch counted, by the model's names."""
        names = ([('srp_events', i) for i in range(len(EVENTS))] +
                 [('srp_egress_events', i) for i in range(len(EVENTS))] +
                 [('feature_events', i) for i in range(len(FEATURE_EVENTS))])
        values = self.read_counters(names)
        n = len(EVENTS)
        events = Counter(dict(zip(EVENTS, values)))
        events.update({'egress_' + k: v for k, v in zip(EVENTS, values[n:2 * n])})
        return +events, +Counter(dict(zip(FEATURE_EVENTS, values[2 * n:])))

    def hits(self):
        """Packets of every entry, by the model's names."""
        values = self.read_counters((table + '_counter', i)
                                    for table, i in self.handles.values())
        hits = Counter(dict(zip(self.handles, values)))
        for (table, name), entries in self.sums.items():
            hits[table, name] = sum(self.read_counters(
                (table + '_counter', i) for i in range(entries)))
        return +hits

    def counted(self):
        """Wait until the switch has counted what the model has; the events."""
        self._caught_up()
        got, want_hits = self.hits(), self.model.hits
        equal(got - want_hits, want_hits - got, 'packets of entries, the difference')
        return +self.model.events

    def _caught_up(self):
        want = +self.model.events, +self.model.feature.events
        try:
            wait_for(lambda: self.events() == want, 'counters', timeout=20)
        except Failure:
            equal(self.events(), want, 'events')

    # ---- traffic -------------------------------------------------------------

    def exchange(self, frames, timeout=60, batch=16):
        """Send the frames, wait for what the model makes of them, hold both
        against each other; nothing else may come. bmv2's ring of a port is short:
        a batch fits. One ends with a frame that goes round again, which those
        behind it would overtake."""
        want, sent = defaultdict(Counter), 0
        for port, octets in frames:
            before, results = self._rounds(), self.model.frame(octets)
            for to, result in results:
                want[to][result] += 1
            self.ports[port].send(octets)
            sent += 1
            again = self._rounds() != before
            if sent == batch or again:
                self._expect_all(want, timeout)
                sent = 0
            if again and not results:
                self._caught_up()
        self._expect_all(want, timeout)
        self.silence()

    def _rounds(self):
        return self.model.events['again'] + self.model.events['head_end']

    def _expect_all(self, want, timeout):
        while want:
            self._expect(*want.popitem(), timeout)

    def _expect(self, to, want, timeout):
        end = time.monotonic() + timeout
        left = Counter(want)
        while left:
            frame = self.ports[to].recv(end - time.monotonic())
            if not frame:
                raise Failure('port %d: missing %s' % (to, '; '.join(
                    str(pkt.Frame(o)) + ' ' + o.hex() for o in left)))
            if not left[frame.octets]:
                raise Failure('port %d: got %s\n%s\nnot one of\n%s' % (
                    to, frame, frame.octets.hex(), '\n'.join(
                        '%s\n%s' % (pkt.Frame(o), o.hex()) for o in left)))
            left[frame.octets] -= 1
            left = +left

    def silence(self, seconds=0.2):
        """Nothing more comes anywhere. A frame that is dropped is followed by
        one that is not where a test has to be sure."""
        time.sleep(seconds)
        for i, port in enumerate(self.ports):
            frame = port.poll()
            if frame:
                raise Failure('port %d: also got %s' % (i, frame))


def mac_of(kind, port):
    return bytes([2, ord(kind), 0, 0, 0, port])


def labelled(labels, inner, clock=0, ttl=64, bottom=True, vid=None):
    """A frame with labels; clock goes into the source address."""
    src = clock.to_bytes(6, 'big')
    data = pkt.encode_labels(pkt.stack(*labels, ttl=ttl), bottom) + inner
    if vid is None:
        return pkt.ether(mac_of('d', 9), src, pkt.ETH_MPLS, data)
    return pkt.ether_vlan(mac_of('d', 9), src, vid, pkt.ETH_MPLS, data)


def bare(inner, clock=0, vid=None):
    """A frame without labels."""
    src = clock.to_bytes(6, 'big')
    if vid is None:
        return pkt.ether(mac_of('d', 9), src, pkt.ether_type(inner), inner)
    return pkt.ether_vlan(mac_of('d', 9), src, vid, pkt.ether_type(inner), inner)
