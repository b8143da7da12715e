# SPDX-License-Identifier: GPL-2.0-or-later
"""The proxy node of a test, as srproxyctl shows it, and its ledger.

The ledger: every packet that the module takes is delivered or dropped under
exactly one reason, so over any stretch of time

  rx of uplinks + from_vnf + icmp_sent  =
        to_vnf + tx of uplinks + local + drops + queued

where queued are packets that wait for a function's socket, icmp_sent are errors that the module makes itself, and local (handed to the node's IP stack) is what the test itself counted.
Drops AT_THE_DOOR stand on neither side: such a packet is no traffic of an
uplink or a function yet.
"""

import json
import os
import select
import subprocess
import time

from ktap import Failure, equal, note, wait_for
from netio import Port, settle

AT_THE_DOOR = {'label_malformed', 'label_too_deep', 'inner_unknown', 'inner_malformed',
               'frag_orphan', 'vnf_labelled', 'vnf_miss', 'app_fragment', 'app_icmp',
               'skb_shared'}
CTL = os.environ.get('SRPROXYCTL', 'srproxyctl')


def numbers(tree):
    """{path: number} of every number in a JSON tree."""
    found = {}
    stack = [((), tree)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            stack += [(path + (key,), value) for key, value in node.items()]
        elif isinstance(node, int):
            found[path] = node
    return found


def timeless(stats):
    """Counters that packets move: a sample is found lost by time alone."""
    return {key: stats[key] for key in stats if key not in ('latency_ns', 'lost', 'loss')}


class Snapshot:
    """All counters at one moment; subtract two for what happened between."""

    def __init__(self, counters):
        self.counters = counters

    def __sub__(self, other):
        return Snapshot({key: value - other.counters.get(key, 0)
                         for key, value in self.counters.items()})

    def get(self, *path):
        return self.counters.get(path, 0)

    def changes(self):
        return ', '.join('%s %+d' % ('.'.join(map(str, path)), value)
                         for path, value in self.counters.items() if value)

    def total(self, kind, key):
        """Sum of one counter over the objects of a kind."""
        return sum(value for path, value in self.counters.items()
                   if path[0] == kind and path[2:] == (key,))

    @property
    def drops(self):
        return {path[2]: value for path, value in self.counters.items()
                if path[:2] == ('stats', 'drops') and value}

    def imbalance(self, local):
        taken = self.total('uplink', 'rx_packets') + self.total('vnf', 'from_vnf_packets')
        taken += self.get('stats', 'icmp_sent')
        given = self.total('vnf', 'to_vnf_packets') + self.total('uplink', 'tx_packets')
        lost = sum(n for reason, n in self.drops.items() if reason not in AT_THE_DOOR)
        return taken - given - local - lost - self.total('vnf', 'queued')


class Session:
    """One srproxyctl that reads commands from us: no process for each.

    After every request `config show` is asked, whose answer is the sign that
    all before it is done.
    """

    def __init__(self, netns):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [CTL, '-n', netns, '-j', '-s', '-f', '-b', '-'], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(self.process.stderr.fileno(), False)
        self.lines = 0
        self.waits = select.poll()
        self.waits.register(self.process.stdout)

    def ask(self, commands):
        """(JSON values, error text) of the commands."""
        self.process.stdin.write(('\n'.join(commands) + '\nconfig show\n').encode())
        self.process.stdin.flush()
        self.lines += len(commands) + 1
        signs = 1 + sum(c.split()[0] == 'config' and 'show' in c for c in commands)
        values, text = [], b''
        while signs:
            if not self.waits.poll(20000):
                raise Failure('srproxyctl does not answer: ' + '; '.join(commands))
            more = os.read(self.process.stdout.fileno(), 1 << 20)
            if not more:
                raise Failure('srproxyctl has ended: %s' % self.process.stderr.read())
            *lines, text = (text + more).split(b'\n')
            for line in filter(None, lines):
                values.append(json.loads(line))
                signs -= b'"generation"' in line
        return values[:-1], (self.process.stderr.read() or b'').decode()


class Proxy:
    """srproxyctl in one network namespace."""

    def __init__(self, netns):
        self.netns, self.session = netns, None

    def run(self, *args, feed=None):
        """(exit status, stdout, stderr) of one srproxyctl."""
        done = subprocess.run([CTL, '-n', self.netns, *args], input=feed, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout, done.stderr

    def ask(self, commands):
        """The JSON values of some commands; any refusal fails the case."""
        if self.session is None:
            self.session = Session(self.netns)
        values, errors = self.session.ask(commands)
        if errors:
            raise Failure('srproxyctl: %s in: %s' % (errors.strip(), '; '.join(commands)))
        return values

    def ctl(self, *lines):
        """Do these commands."""
        self.ask(lines)

    def refusals(self, commands):
        """What each of the commands is refused with; '' if it is not."""
        first = self.session.lines + 1
        _, errors = self.session.ask(commands)
        found, sentence = [''] * len(commands), []
        for line in errors.splitlines():
            if not line.startswith('Command failed'):
                sentence.append(line)
                continue
            found[int(line.split(':')[-1]) - first] = '\n'.join(sentence)
            sentence = []
        return found

    def show(self, *commands):
        """The decoded JSON of some show commands, one value for each, after
        all that was sent before.
        """
        settle()
        values = self.ask(commands)
        if len(values) != len(commands):
            raise Failure('srproxyctl %s: not one JSON value each: %s' % (commands, values))
        return values[0] if len(commands) == 1 else values

    def flows(self, *filters):
        return self.show(' '.join(('flow show',) + filters))

    def flow_count(self):
        return self.show('flow count')[0]['flows']

    def vnf(self, name):
        return self.show('vnf show ' + name)[0]

    def snapshot(self):
        stats, uplinks, vnfs, sids = self.show('stats', 'uplink show', 'vnf show', 'sid show')
        stats = stats[0] if isinstance(stats, list) else stats
        tree = {
            'stats': stats,
            'uplink': {u['dev']: u['stats'] for u in uplinks},
            'vnf': {v['name']: dict(timeless(v['stats']), flows=v['flows'],
                                       queued=v.get('queued', 0)) for v in vnfs},
            'sid': {s['label']: s['stats'] for s in sids},
        }
        return Snapshot(numbers(tree))

    def clear(self):
        """Remove every object and set every setting back."""
        flags = ('config set max-flows 1048576 idle-timeout 60 ttl pipe icmp reverse',)
        sids, vnfs, uplinks = self.show('sid show', 'vnf show', 'uplink show')
        self.ctl(*('sid del %d' % s['label'] for s in sids),
                 *('vnf del ' + v['name'] for v in vnfs),
                 *('uplink del dev ' + u['dev'] for u in uplinks), *flags)


class Ledger:
    """with Ledger(proxy) as led: ...; then led.drops, led.delta, balanced."""

    def __init__(self, proxy, local=0):
        self.proxy, self.local = proxy, local

    def __enter__(self):
        self.before = self.proxy.snapshot()
        return self

    def look(self):
        self.delta = self.proxy.snapshot() - self.before
        return self.delta.imbalance(self.local) == 0

    def __exit__(self, kind, *_):
        if kind:
            self.look()
            note('meanwhile: %s' % self.delta.changes())
            return False
        wait_for(self.look, 'the ledger to balance: off by %s of %s' % (
            self.proxy and '%d' % (self.proxy.snapshot() - self.before).imbalance(self.local),
            'what was taken'), timeout=5)
        return False

    @property
    def drops(self):
        return self.delta.drops

    def dropped(self, **reasons):
        """Exactly these drops, no others; a slow machine may still be at the last."""
        want = {key: n for key, n in reasons.items() if n}
        end = time.monotonic() + 10
        while sum(self.drops.values()) < sum(want.values()) and time.monotonic() < end:
            self.look()
        equal(self.drops, want, 'drops')


class Topo:
    """The namespaces that the shell made: SRP_NS is their common prefix."""

    def __init__(self):
        self.prefix = os.environ['SRP_NS']
        self.ports = {}

    def netns(self, node):
        return '%s-%s' % (self.prefix, node)

    def port(self, node, name, **options):
        """The one packet socket on an interface of a node."""
        key = (node, name)
        if key not in self.ports:
            self.ports[key] = Port(self.netns(node), name, **options)
        return self.ports[key]

    def proxy(self, node='px'):
        return Proxy(self.netns(node))

    def drain(self):
        return sum(port.drain() for port in self.ports.values())

    def sh(self, node, command):
        """Run a command (split at blanks) in a node; its stdout."""
        done = subprocess.run(['ip', 'netns', 'exec', self.netns(node), *command.split()],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode:
            raise Failure('%s: %s' % (command, done.stderr.strip()))
        return done.stdout

    def lfib(self, node, *lines):
        """Do these `ip -f mpls route` commands in a node."""
        self.ip(node, *('route ' + line for line in lines), options=('-f', 'mpls'))

    def ip(self, node, *lines, options=()):
        """Do these ip(8) commands in a node, in one batch."""
        done = subprocess.run(['ip', *options, '-n', self.netns(node), '-b', '-'], text=True,
                              input='\n'.join(lines) + '\n', check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise Failure('ip %s: %s' % ('; '.join(lines), done.stderr.strip()))
        if any(line.startswith('link set') and line.endswith(' up') for line in lines):
            nodes = {node} | {key[0] for key in self.ports}
            wait_for(lambda: all(map(self.links_ready, nodes)), 'the links to be ready')

    def links_ready(self, node):
        """Has the kernel seen to every link of a node that has a carrier?

        It tells by operstate, late: the other end of a link that was set up
        has no queue to send by until then.
        """
        done = subprocess.run(['ip', '-n', self.netns(node), '-j', 'link'], check=True,
                              stdout=subprocess.PIPE, text=True)
        return all(link['operstate'] in ('UP', 'UNKNOWN') for link in json.loads(done.stdout)
                   if 'LOWER_UP' in link['flags'])
