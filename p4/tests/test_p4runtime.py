# SPDX-License-Identifier: Apache-2.0
"""srp4ctl drives bmv2's simple_switch_grpc over P4Runtime: what it lays out is
what the model expects of packets, what it reads is what it wrote, and whatever
fails leaves the switch as it was.

      h0 ... h5 --- s0 ... s5    simple_switch_grpc <--- gRPC --- srp4ctl
"""

import atexit
import json
import os
import random
import re
import select
import shutil
import socket
import subprocess
import sys
from collections import Counter, defaultdict

import pkt
import rig
from ktap import Failure, case, check, equal, run, wait_for
from netio import in_netns
from p4model import DOWN, UP
from rig import bare, labelled

REPO = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
CTL = os.path.join(REPO, 'build/bin/srp4ctl')
GRPC = 9559
FEATURE_UP, FEATURE_DOWN, PRIORITY, NODE = 16100, 16101, 16110, 16120
NFV1, NFV2 = 16201, 16202
KEEP, SWAP, POP, ECMP, LOST = 17001, 17002, 17003, 17004, 17999
OWN, NFV = (FEATURE_UP, FEATURE_DOWN, PRIORITY, NODE), (NFV1, NFV2)
OTHERS = (KEEP, SWAP, POP, ECMP, LOST)
SESSION = {'src': '192.0.2.1', 'dst': '198.51.100.1', 'proto': 17, 'dport': 2000}


def skip(why):
    print('TAP version 13\n1..0 # SKIP ' + why)
    sys.exit(4)


def make():
    """srp4ctl, with what it is tested here."""
    if not shutil.which('make') or not shutil.which('c++'):
        skip('no C++ compiler')
    made = subprocess.run(['make', '-s', '-C', os.path.join(REPO, 'p4/ctl')],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if made.returncode:
        print(made.stdout)
        sys.exit(1)
    done = subprocess.run([CTL, '-t', 'p4runtime:', 'show'], stderr=subprocess.PIPE,
                          text=True, check=False)
    if 'without' in done.stderr:
        skip('no gRPC, or no p4runtime.proto')


rig.require()
if not shutil.which('simple_switch_grpc'):
    skip('no simple_switch_grpc')
make()


class Controlled(rig.Switch):
    """The rig's switch and model; tables go into a file for srp4ctl."""

    def __init__(self):
        self.file = {'program': 'srproxy_v1model', 'tables': defaultdict(list)}
        self.rows = self.file['tables']
        super().__init__(clock=True)

    def _start(self, program, queues):
        command = ['simple_switch_grpc', '--no-p4', *self._common()]
        command += ['--', '--grpc-server-addr', '127.0.0.1:%d' % GRPC,
                    '--priority-queues', str(queues)]
        with open(os.path.join(self.directory, 'log'), 'w', encoding='ascii') as log:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        atexit.register(self.stop)
        for name, path in (('json', program), ('p4info.txtpb', rig.info_of(program))):
            os.symlink(path, os.path.join(self.directory, 'srproxy_v1model.' + name))
        wait_for(self._listens, 'simple_switch_grpc to listen', timeout=180)

    def _listens(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.directory, 'log'), encoding='utf-8') as log:
                raise Failure('simple_switch_grpc ended: ' + log.read())
        with in_netns(self.netns or ''), socket.socket() as sock:
            return sock.connect_ex(('127.0.0.1', GRPC)) == 0

    # ---- srp4ctl -------------------------------------------------------------

    def command(self, *words, election=None):
        name = 'p4runtime:127.0.0.1:%d' % GRPC
        if election:
            name += ',election=%d' % election
        return [CTL, '-t', name, *words]

    def environment(self):
        return dict(os.environ, LC_ALL='C', SRP4_PROGRAMS=self.directory)

    def ctl(self, *words, status=0, election=None, timeout=300):
        """stdout, stderr of srp4ctl; its exit status has to be as said."""
        done = subprocess.run(self.command(*words, election=election), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment(), timeout=timeout, check=False)
        equal(done.returncode, status, 'exit of srp4ctl %s (%s)' %
              (' '.join(words), done.stderr))
        return done.stdout, done.stderr

    def write(self, config=None):
        path = os.path.join(self.directory, 'config.json')
        with open(path, 'w', encoding='ascii') as file:
            json.dump(config or self.file, file)
        return path

    def commit(self):
        """What the model has is what the switch gets, and no other way."""
        self.commands = []
        return self.ctl('load', self.write())

    def shown(self):
        return json.loads(self.ctl('-j', 'show')[0])

    # ---- tables --------------------------------------------------------------

    def _row(self, table, **fields):
        self.rows[table].append({k: v for k, v in fields.items() if v is not None})

    def nexthop(self, place, port, vid=None):
        super().nexthop(place, port, vid)
        self._row('nexthop', id=place, port=port, vlan=vid, **macs(port))

    def ecmp(self, group, members):
        super().ecmp(group, members)
        self._row('ecmp', id=group, members=members)

    def label_fib(self, label, operation, *args):
        super().label_fib(label, operation, *args)
        to = args[0] if operation == 'swap' else None
        self._row('label_fib', label=label, action=operation, to=to,
                  **leads(*args[operation == 'swap':]))

    def route(self, prefix, nexthop, group=0):
        super().route(prefix, nexthop, group)
        self._row('ipv6_fib' if ':' in prefix else 'ipv4_fib', prefix=prefix,
                  **leads(nexthop, group))

    def nfv_sid(self, label, port, src='192.0.2.250', dst='192.0.2.251', dport=5252):
        super().nfv_sid(label, port, src, dst, dport)
        self._row('nfv_sid', label=label, port=port, src=src, dst=dst, dport=dport,
                  **macs(port))

    def local_sid(self, label, service, *args):
        super().local_sid(label, service, *args)
        if service != 'feature':
            self._row('local_sid', label=label, action=service)
            return
        self._row('local_sid', label=label, action=service, window_us=args[1],
                  direction='down' if args[0] == DOWN else 'up')

    def chain(self, labels, ttl=64, **keys):
        super().chain(labels, ttl, **keys)
        self._row('ingress_chain', order=len(self.tables.chain), labels=labels, ttl=ttl,
                  **keys)

    def priority(self, session, queue, tc=None, dscp=None):
        super().priority(session, queue, tc, dscp)
        names = ('src', 'dst', 'proto', 'sport', 'dport')
        self._row('priority_flow', **dict(zip(names, session)), queue=queue, tc=tc,
                  dscp=dscp)


def macs(port):
    return {k: ':'.join('%02x' % o for o in rig.mac_of(k[0], port))
            for k in ('dmac', 'smac')}


def leads(nexthop, group=0):
    return {'group': group} if group else {'nexthop': nexthop}


SWITCH = Controlled()


def tables():
    s = SWITCH
    s.local_sid(FEATURE_UP, 'feature', UP, 33000)
    s.local_sid(FEATURE_DOWN, 'feature', DOWN, 33000)
    s.local_sid(PRIORITY, 'priority')
    s.local_sid(NODE, 'node')
    for label, port in zip(NFV, (3, 4)):
        s.nfv_sid(label, port)
        s.label_fib(label, 'keep', port)
    for place in range(1, 6):
        s.nexthop(place, place)
    s.nexthop(7, 2, vid=42)
    s.ecmp(1, [1, 2, 3])
    s.label_fib(KEEP, 'keep', 1)
    s.label_fib(SWAP, 'swap', 18002, 2)
    s.label_fib(POP, 'pop', 3)
    s.label_fib(ECMP, 'keep', 0, 1)
    s.route('0.0.0.0/0', 5)
    s.route('198.51.100.0/24', 1)
    s.route('198.51.100.128/25', 7)
    s.route('203.0.113.0/24', 0, 1)
    s.route('::/0', 4)
    s.route('2001:db8:2::/48', 2)
    s.chain([FEATURE_UP, NFV1, NFV2, KEEP], dst='198.51.100.77/32')
    for depth in range(1, 9):
        s.chain([POP] * (depth - 1) + [SWAP], dport=7000 + depth, ttl=60 + depth)
    s.chain([NODE, KEEP], dst='2001:db8:2:4000::/50')
    s.priority(('192.0.2.1', '198.51.100.1', 17, 1000, 2000), 3)
    s.priority(('2001:db8:1::1', '2001:db8:2::1', 6, 1001, 2000), 5, 6, 46)


@case('a switch without a program says so; load gives it one and its tables')
def load():
    check('no program' in SWITCH.ctl('show', status=2)[1], 'the sentence')
    tables()
    out = SWITCH.commit()[0]
    equal(int(out.split()[1]), sum(map(len, SWITCH.rows.values())), 'added')


def plain(shown):
    """Entries without their order; what is usual is left out."""
    usual = {'dport': 5252, 'ttl': 64, 'tc': 0}
    return {t: sorted(json.dumps({k: v for k, v in e.items()
                                  if t == 'priority_flow' or usual.get(k) != v},
                                 sort_keys=True) for e in list_)
            for t, list_ in shown.items()}


@case('what is read is what was written; applied again it changes nothing')
def read_back():
    equal(plain(SWITCH.shown()), plain(SWITCH.rows), 'tables')
    equal(SWITCH.ctl('apply', SWITCH.write())[0].split(),
          ['added', '0', 'changed', '0', 'deleted', '0'], 'changes')


def frames(count, seed=1):
    """Packets that meet all tables, by chance."""
    dice = random.Random(seed)
    for number in range(count):
        sport, dport = dice.choice((1000, 1001)), dice.choice((2000, 7000 + number % 10))
        transport = dice.choice((pkt.udp, pkt.tcp))
        data = bytes(dice.randrange(200))
        if dice.random() < 0.7:
            dst = dice.choice(('198.51.100.1', '198.51.100.77', '198.51.100.200',
                               '203.0.113.5', '10.0.0.1'))
            inner = pkt.ip4(transport(sport, dport, data=data), src='192.0.2.1', dst=dst)
        else:
            dst = dice.choice(('2001:db8:2::1', '2001:db8:2:4000::1', '2001:db8:9::1'))
            inner = pkt.ip(transport(sport, dport, data=data), 6, src='2001:db8:1::1',
                           dst=dst)
        clock = 20_000_000 + (400 * (seed - 1) + number) * 1000    # it never goes back
        if dice.random() < 0.3:
            yield 0, bare(inner, clock)
            continue
        stack = [dice.choice(OWN + OTHERS)]
        stack += [dice.choice(OWN + NFV + OTHERS) for _ in range(dice.randrange(8))]
        yield 0, labelled(stack, inner, clock)


@case('packets: bmv2 with these tables does what the model does, reports too')
def traffic():
    seen = len(SWITCH.model.reports)
    SWITCH.exchange(list(frames(400)))
    check(len(SWITCH.model.reports) > seen, 'no report among them')


def events():
    found = json.loads(SWITCH.ctl('-j', 'counters')[0])
    return Counter({e['event']: e['packets'] for e in found if e.get('packets')}), found


@case('counters: events, entries and the sessions that have a slot')
def counters():
    want = Counter(SWITCH.model.events)
    want.update(SWITCH.model.feature.events)
    want = +want
    try:
        wait_for(lambda: events()[0] == want, 'counters', timeout=60)
    except Failure:
        equal(events()[0], want, 'events')
    sessions = [e for e in events()[1] if e['event'] == 'sessions'][0]
    equal((sessions['used'], sessions['slots']), (want['new'], 65536), 'sessions')
    for table, key in (('label_fib', 'label'), ('local_sid', 'label')):
        got = json.loads(SWITCH.ctl('-j', 'counters', table)[0])
        got = {json.loads(e['entry'])[key]: e['packets'] for e in got if e['packets']}
        hits = {k[1]: n for k, n in (+SWITCH.model.hits).items() if k[0] == table}
        equal(got, hits, 'packets of ' + table)


@case('apply: an entry more, one changed, one gone; packets follow')
def change():
    config = json.loads(json.dumps(SWITCH.file))
    fib = config['tables']['label_fib']
    [e for e in fib if e['label'] == KEEP][0]['nexthop'] = 4
    fib.remove([e for e in fib if e['label'] == POP][0])
    fib.append({'label': LOST, 'action': 'pop', 'nexthop': 2})
    out = SWITCH.ctl('apply', SWITCH.write(config))[0]
    equal(out.split(), 'added 1 changed 1 deleted 1'.split(), 'changes')
    model = SWITCH.tables.label_fib
    model[KEEP] = ('keep', 4, 0)
    model[LOST] = ('pop', 2, 0)
    del model[POP]
    SWITCH.exchange(list(frames(60, seed=2)))
    SWITCH.ctl('apply', SWITCH.write())
    model.update({KEEP: ('keep', 1, 0), POP: ('pop', 3, 0)})
    del model[LOST]
    SWITCH.exchange(list(frames(20, seed=3)))


@case('a label moves between nfv_sid and local_sid; the packets follow')
def label_moves():
    config = json.loads(json.dumps(SWITCH.file))
    tables = config['tables']
    [e for e in tables['local_sid'] if e['label'] == NODE][0]['label'] = NFV1
    [e for e in tables['nfv_sid'] if e['label'] == NFV1][0]['label'] = NODE
    out = SWITCH.ctl('apply', SWITCH.write(config))[0]
    check(out.startswith('added 2 changed 0 deleted '), out)
    equal(plain(SWITCH.shown()), plain(tables), 'tables')
    model = SWITCH.tables
    model.local_sid[NFV1] = model.local_sid.pop(NODE)
    model.nfv_sid[NODE] = model.nfv_sid.pop(NFV1)
    SWITCH.exchange(list(frames(40, seed=4)))
    SWITCH.ctl('apply', SWITCH.write())
    model.local_sid[NODE] = model.local_sid.pop(NFV1)
    model.nfv_sid[NFV1] = model.nfv_sid.pop(NODE)
    SWITCH.exchange(list(frames(20, seed=5)))


def refused(program, *words):
    """A file with more than the switch takes: nothing of it may stay."""
    before = SWITCH.shown()
    config = json.loads(json.dumps(dict(SWITCH.file, program=program)))
    config['tables']['label_fib'] += [{'label': 20000 + i, 'action': 'keep', 'nexthop': 1}
                                      for i in range(700)]
    [e for e in config['tables']['label_fib']
     if e['label'] == KEEP][0]['nexthop'] = 5
    config['tables']['local_sid'].append({'label': 30000, 'action': 'node'})
    error = SWITCH.ctl('apply', SWITCH.write(config), status=2)[1]
    check(all(w in error for w in words), 'the sentence: ' + error)
    check(len(error.splitlines()) == 1, 'more than a sentence: ' + error)
    after = SWITCH.shown()
    for table, list_ in before.items():
        check(after[table] == list_, table + ' is not as it was')


@case('a batch that fails behind 700 entries is taken back whole')
def half_way():
    SWITCH.cli(['table_add class7 set7 30000 => 2'])
    refused('srproxy_v1model', 'local_sid', '30000')
    SWITCH.cli(['table_delete class7 %d' % (len(OWN) + len(NFV))])


def smaller(size):
    """The program with a short label_fib."""
    base = os.path.join(SWITCH.directory, 'srproxy_v1model.')
    with open(base + 'json', encoding='ascii') as file:
        program = json.load(file)
    for pipeline in program['pipelines']:
        for table in pipeline['tables']:
            if table['name'].endswith('.label_fib'):
                table['max_size'] = size
    with open(base + 'p4info.txtpb', encoding='ascii') as file:
        info = file.read().replace('srproxy_v1model', 'smaller')
    info = re.sub(r'(label_fib"\n.*?\n  size: )\d+', r'\g<1>%d' % size, info, count=1,
                  flags=re.S)
    base = os.path.join(SWITCH.directory, 'smaller.')
    for name, text in (('json', json.dumps(program)), ('p4info.txtpb', info)):
        with open(base + name, 'w', encoding='ascii') as file:
            file.write(text)


@case('a table that is full says so, and nothing is half done')
def full():
    smaller(600)
    SWITCH.ctl('load', SWITCH.write(dict(SWITCH.file, program='smaller')))
    refused('smaller', 'label_fib', 'is full')
    SWITCH.ctl('load', SWITCH.write())


class Session:
    """srp4ctl with a connection that lasts, for one line after the other."""

    def __init__(self, election):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            SWITCH.command('-b', '-', '-f', election=election), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
            env=SWITCH.environment())

    def say(self, line):
        print(line, file=self.process.stdin, flush=True)

    def end(self):
        out, _ = self.process.communicate(timeout=300)
        return out


def add(sport):
    words = dict(SESSION, sport=sport, queue=1)
    return 'priority add ' + ' '.join('%s %s' % pair for pair in words.items())


def sessions():
    return {e['sport'] for e in SWITCH.shown()['priority_flow']}


@case('a second controller is refused while the first is there, but may read')
def second():
    first = Session(5)
    first.say(add(3001))
    wait_for(lambda: 3001 in sessions(), 'the first to write', timeout=60)
    error = SWITCH.ctl(*add(3002).split(), status=2)[1]
    check('another controller' in error, 'the sentence: ' + error)
    check(3002 not in sessions(), 'written all the same')
    equal(first.end(), '', 'output of the first')
    SWITCH.ctl(*add(3002).split())
    check(3002 in sessions(), 'not written')


@case('one that is taken over from is told at its next write')
def taken_over():
    first, other = Session(1), Session(9)
    first.say(add(3011))
    wait_for(lambda: 3011 in sessions(), 'the first to write', timeout=60)
    other.say(add(3012))
    wait_for(lambda: 3012 in sessions(), 'the other to write', timeout=60)
    first.say(add(3013))
    out = first.end()
    check('another controller' in out, 'the sentence: ' + out)
    equal(other.end(), '', 'output of the other')
    check(3013 not in sessions(), 'written all the same')


@case('one that was refused writes again when the other has left')
def takes_again():
    first, other = Session(1), Session(9)
    first.say(add(3014))
    wait_for(lambda: 3014 in sessions(), 'the first to write', timeout=60)
    other.say(add(3015))
    wait_for(lambda: 3015 in sessions(), 'the other to write', timeout=60)
    first.say(add(3016))
    first.say('show nexthop')
    wait_for(lambda: select.select([first.process.stdout], [], [], 0)[0], 'an answer')
    equal(other.end(), '', 'output of the other')
    first.say(add(3017))
    out = first.end()
    equal(out.count('another controller'), 1, 'refused: ' + out)
    check(3016 not in sessions() and 3017 in sessions(), 'what is written')


@case('tables that are full, and all of it other entries: one message, taken back too')
def much():
    """As many updates as there can be, and one of the last fails."""
    config = json.loads(json.dumps(SWITCH.file))
    flows = [dict(SESSION, sport=i, queue=1) for i in range(4096)]
    config['tables']['priority_flow'] = flows
    error = SWITCH.ctl('apply', SWITCH.write(config), status=2)[1]
    check('priority_flow' in error and 'is full' in error, 'no room: ' + error)
    config['tables']['priority_flow'] = []
    SWITCH.ctl('apply', SWITCH.write(config))
    config['tables']['priority_flow'] = flows
    SWITCH.ctl('apply', SWITCH.write(config))
    before = SWITCH.shown()
    config['tables']['label_fib'] += [{'label': 20000 + i, 'action': 'keep', 'nexthop': 1}
                                      for i in range(3000)]
    config['tables']['ipv4_fib'] += [
        {'prefix': '10.%d.%d.0/24' % divmod(i, 256), 'nexthop': 1} for i in range(2000)]
    config['tables']['priority_flow'] = [dict(f, queue=2) for f in flows]
    config['tables']['local_sid'].append({'label': 30000, 'action': 'node'})
    SWITCH.cli(['table_add class7 set7 30000 => 2'])
    error = SWITCH.ctl('apply', SWITCH.write(config), status=2)[1]
    check('local_sid' in error and '30000' in error and len(error.splitlines()) == 1, error)
    check(SWITCH.shown() == before, 'not as it was')
    SWITCH.ctl('load', SWITCH.write())


@case('programs and files that do not fit are refused before anything is done')
def misfit():
    before = SWITCH.shown()
    error = SWITCH.ctl('apply', SWITCH.write(dict(SWITCH.file, program='other')),
                       status=2)[1]
    check('the switch runs "srproxy_v1model"' in error, error)
    error = SWITCH.ctl('load', SWITCH.write(dict(SWITCH.file, program='none')),
                       status=2)[1]
    check('none.p4info.txtpb' in error, error)
    base = os.path.join(SWITCH.directory, 'srproxy_v1model')
    with open(base + '.p4info.txtpb', encoding='ascii') as file:
        info = file.read()
    for name, text, words in (
            ('renamed', info, 'is "srproxy_v1model", not "renamed"'),
            ('lacking', info.replace('srproxy_v1model', 'lacking')
             .replace('ipv6_fib"', 'ipv7_fib"'), 'has no table ipv6_fib'),
            ('broken', 'tables {', 'is no P4Info')):
        with open(os.path.join(SWITCH.directory, name + '.p4info.txtpb'), 'w',
                  encoding='ascii') as file:
            file.write(text)
        error = SWITCH.ctl('load', SWITCH.write(dict(SWITCH.file, program=name)),
                           status=2)[1]
        check(words in error, error)
    chain = dict(SWITCH.rows, ingress_chain=[
        {'order': 1, 'src': '::/64', 'labels': [KEEP]}])
    for command in ('apply', 'load'):
        error = SWITCH.ctl(command, SWITCH.write(dict(SWITCH.file, tables=chain)),
                           status=2)[1]
        check('ingress_chain {"order":1,"src":"::/64"}: src ::/64 would match IPv4' in error,
              error)
    for more, words in (({'ports': [{'port': 1, 'speed': '10G'}]}, 'P4Runtime has no ports'),
                        ({'queues': [{'port': 1, 'queue': 3}]}, 'P4Runtime has no queues'),
                        ({'tables': dict(SWITCH.rows, nexthop=[
                            *SWITCH.rows['nexthop'],
                            {'id': 99, 'port': '1/0', **macs(1)}])},
                         'numbers for its ports, not 1/0')):
        error = SWITCH.ctl('apply', SWITCH.write(dict(SWITCH.file, **more)), status=2)[1]
        check(words in error, error)
    equal(SWITCH.shown(), before, 'tables')


@case('monitor: what happens while it looks')
def monitor():
    # pylint: disable=consider-using-with
    watch = subprocess.Popen(SWITCH.command('monitor', 'interval', '1'), text=True,
                             stdout=subprocess.PIPE, env=SWITCH.environment())
    def sent():
        SWITCH.ports[0].send(labelled([LOST], pkt.ip4(pkt.udp())))
        return os.read(watch.stdout.fileno(), 100) if readable(watch.stdout) else b''
    lines = []
    wait_for(lambda: lines.append(sent()) or b'no_label' in b''.join(lines),
             'monitor to speak', timeout=60, step=0.3)
    watch.kill()
    watch.communicate()


def readable(file):
    return select.select([file], [], [], 0)[0]


@case('a switch that goes away: the connection is lost, then nobody answers')
def gone():
    one = Session(1)
    one.say(add(3021))
    wait_for(lambda: 3021 in sessions(), 'a write', timeout=60)
    SWITCH.stop()
    one.say(add(3022))
    out = one.end()
    check('the connection to the switch is lost' in out, out)
    error = SWITCH.ctl('show', status=2)[1]
    check('no switch answers' in error, error)


run()
