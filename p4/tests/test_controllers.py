# SPDX-License-Identifier: Apache-2.0
"""srp4ctl and a switch over P4Runtime when things go wrong: another controller, a
switch that is lost, comes back, refuses a part, does not answer.

On a build with sanitizers, against a switch of our own (fakep4rt.cc) that does
what bmv2 does not.

      srp4ctl ... --- gRPC --- fakep4rt, which is started anew for every case
"""

import copy
import json
import os
import shutil
import socket
import subprocess
import time

import ctlrig
import rig
from ctlrig import FILE, NEIGHBOUR, PLACE, REPO, says, skip
from ktap import before_each, case, check, equal, run, wait_for

CTL = os.path.join(REPO, 'build/bin-p4rt/srp4ctl')
FAKE = os.path.join(REPO, 'build/p4ctl-p4rt/fakep4rt')
PROTO = os.path.join(REPO, 'build/p4ctl-proto')
PLACES = ('/usr/share/p4runtime/proto', '/usr/local/share/p4runtime/proto',
          os.path.join(rig.CACHE, 'share/proto'))
SESSION = 'src 192.0.2.9 dst 198.51.100.1 proto 17 sport %d dport 2000'
UNAVAILABLE, EXHAUSTED = 14, 8


def newest(*paths):
    return max(os.path.getmtime(p) for p in paths)


def make_fake():
    """The switch, from what srp4ctl was built with."""
    source = os.path.join(REPO, 'p4/tests/fakep4rt.cc')
    objects = [os.path.join(place, name) for place, _, names in os.walk(PROTO)
               for name in names if name.endswith('.o')]
    if os.path.exists(FAKE) and newest(FAKE) > newest(source, *objects):
        return
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', 'grpc++', 'protobuf'],
                           stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    made = subprocess.run(['c++', '-std=c++17', '-O0', '-g', '-Wall', '-Wextra', '-Werror',
                           '-isystem', PROTO, source, *objects, *flags, '-o', FAKE],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if made.returncode:
        print(made.stdout)
        raise SystemExit(1)


def make():
    found = [p for p in PLACES if os.path.exists(os.path.join(p, 'p4/v1/p4runtime.proto'))]
    missing = [p for p in ('make', 'c++', 'protoc', 'grpc_cpp_plugin', 'p4c-bm2-ss')
               if not shutil.which(p)]
    if missing or not found:
        skip('no ' + ', '.join(missing or ['p4runtime.proto']))
    ctlrig.make('VARIANT=-p4rt', 'P4RUNTIME=' + found[0], 'CXXFLAGS=-O1 -g')
    make_fake()
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=False)    # of run.sh's own
    program = rig.build()
    for name, path in (('json', program), ('p4info.txtpb', rig.info_of(program))):
        os.symlink(path, os.path.join(PLACE, 'srproxy_v1model.' + name))


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


class Switch:
    """The switch; what goes wrong is said to its program."""

    def __init__(self):
        self.port = free_port()
        self.process = None

    def start(self, *faults):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([FAKE, str(self.port), *faults],
                                        stdout=subprocess.PIPE, text=True)
        wait_for(self._listens, 'the switch to listen')

    def _listens(self):
        check(self.process.poll() is None, 'the switch ended')
        with socket.socket() as sock:
            return sock.connect_ex(('127.0.0.1', self.port)) == 0

    def stop(self):
        """How many updates each message had."""
        self.process.kill()
        return [int(line) for line in self.process.communicate()[0].split()]

    def name(self, election=None):
        name = 'p4runtime:127.0.0.1:%d' % self.port
        return name + (',election=%d' % election if election else '')


SWITCH = Switch()
make()


@before_each
def fresh():
    if SWITCH.process and SWITCH.process.poll() is None:
        SWITCH.stop()


def write(name='config', **tables):
    path = os.path.join(PLACE, name + '.json')
    with open(path, 'w', encoding='ascii') as file:
        json.dump({'program': 'srproxy_v1model', 'tables': {**FILE['tables'], **tables}}, file)
    return path


def ctl(*words, election=None, **more):
    return ctlrig.ctl('-t', SWITCH.name(election), *words, program=CTL,
                      SRP4_PROGRAMS=PLACE, **more)


def batch(*lines, status=0, options=('-f',)):
    return ctl(*options, '-b', '-', stdin=''.join(line + '\n' for line in lines),
               status=status)


def shown():
    return {t: sorted(json.dumps(e, sort_keys=True) for e in list_)
            for t, list_ in json.loads(ctl('-j', 'show')[0]).items()}


def add(sport):
    return 'priority add %s queue 1' % (SESSION % sport)


def sessions():
    return {e['sport'] for e in json.loads(ctl('-j', 'priority')[0])['priority_flow']}


class Session:
    """srp4ctl with a connection that lasts."""

    def __init__(self, election=None):
        self.log = os.path.join(PLACE, 'session%d' % time.monotonic_ns())
        with open(self.log, 'w', encoding='utf-8') as log:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(
                [CTL, '-t', SWITCH.name(election), '-f', '-b', '-'], stdin=subprocess.PIPE,
                stdout=log, stderr=log, text=True, bufsize=1,
                env=dict(os.environ, LC_ALL='C', SRP4_PROGRAMS=PLACE))
        self.lines = 0

    def says(self):
        with open(self.log, encoding='utf-8') as log:
            return log.read()

    def do(self, line, sentence=None):
        """A line that is refused with a sentence, or done: then it is there."""
        print(line, file=self.process.stdin, flush=True)
        self.lines += 1
        if sentence:
            wait_for(lambda: 'Command failed -:%d\n' % self.lines in self.says(),
                     'line %d to fail' % self.lines, timeout=60)
            says(sentence, self.says().splitlines()[-2])
            return
        print('help', file=self.process.stdin, flush=True)
        self.lines += 1
        before = self.says().count('Usage:')
        wait_for(lambda: self.says().count('Usage:') > before, line, timeout=60)
        check('Command failed -:%d\n' % (self.lines - 1) not in self.says(), self.says())

    def end(self):
        self.process.stdin.close()
        return self.process.wait(60)


def full(base):
    """All tables full; with another base every entry is another."""
    def label(i):
        return 20000 * base + i
    to = 2000 * base
    return {
        'nexthop': [{'id': to + i, 'port': i % 512, 'vlan': 42, **NEIGHBOUR}
                    for i in range(1024)],
        'ecmp': [{'id': 100 * base + i, 'members': list(range(to, to + 64))}
                 for i in range(64)],
        'label_fib': [{'label': label(i), 'action': 'swap', 'to': label(i), 'nexthop': to}
                      for i in range(4096)],
        'ipv4_fib': [{'prefix': '10.%d.%d.%d/32' % (base, *divmod(i, 256)), 'nexthop': to}
                     for i in range(2048)],
        'ipv6_fib': [{'prefix': '2001:db8:%x:%x::/64' % (base, i), 'nexthop': to}
                     for i in range(512)],
        'nfv_sid': [dict(FILE['tables']['nfv_sid'][0], label=label(i), port=i)
                    for i in range(64)],
        'local_sid': [{'label': label(100 + i), 'action': 'feature', 'direction': 'down',
                       'window_us': 1000000} for i in range(192)],
        'ingress_chain': [{'order': to + i, 'src': '2001:db8::/64', 'dst': '2001:db8:1::/64',
                           'proto': 17, 'sport': 1, 'dport': 2, 'labels': [label(1)] * 8}
                          for i in range(1024)],
        'priority_flow': [{'src': '2001:db8::%d' % base, 'dst': '2001:db8::9', 'proto': 6,
                           'sport': i, 'dport': 443, 'queue': 3, 'tc': 5, 'dscp': 46}
                          for i in range(4096)],
    }


@case('what is written is one message, even all tables, of which nothing stays')
def one_message():
    """The switch takes messages of 4 MiB, as gRPC has it unless told otherwise."""
    SWITCH.start()
    ctl('load', write(**full(1)))
    ctl('apply', write(**full(2)))
    equal(len(shown()['priority_flow']), 4096, 'sessions')
    first, second = SWITCH.stop()
    check(second > 2 * first - 100, 'updates: %d, then %d' % (first, second))


@case('another controller takes the switch: nothing of an apply is done, or all')
def denied():
    """It came behind the first message: with several the rest would be missing."""
    SWITCH.start('deny=2')
    flows = [dict(FILE['tables']['priority_flow'][0], sport=i) for i in range(300)]
    ctl('load', write())
    before = shown()
    ctl('apply', write(priority_flow=flows))
    equal(len(shown()['priority_flow']), 300, 'sessions')
    says('another controller has the switch', ctl('apply', write(), status=2)[1])
    check(shown() != before and len(shown()['priority_flow']) == 300, 'half of it is done')


@case('a batch that was refused is over: what comes after it is done')
def refused_then():
    """Where laying it out failed, and where the switch did."""
    SWITCH.start()
    bad = write('bad', ingress_chain=[{'order': 1, 'src': '::/64', 'labels': [17001]}])
    err = batch('load ' + write(), 'apply ' + bad, add(1), 'load ' + bad, add(2), status=2)[1]
    sentence = ('ingress_chain {"order":1,"src":"::/64"}: src ::/64 would match IPv4, too.')
    equal(err.count(sentence), 2, 'the sentence: ' + err)
    equal(sessions(), {1, 2, 1000}, 'sessions')


@case('a session of clones that is refused is said, and all is taken back')
def clones():
    SWITCH.start()
    ctl('load', write(nfv_sid=[]))
    SWITCH.stop()
    for code, word in ((UNAVAILABLE, 'it is told to'), (EXHAUSTED, 'table is full')):
        SWITCH.start('clones=%d' % code)
        ctl('load', write(nfv_sid=[]))
        before = shown()
        says('nfv_sid {"label":16201}: the switch', ctl('apply', write(), status=2)[1])
        equal(shown(), before, 'tables')
        says(word, ctl('apply', write(), status=2)[1])
        SWITCH.stop()


@case('the answer to a message is lost: that it may be there is said')
def lost():
    SWITCH.start('lose=2')
    ctl('load', write())
    err = ctl(*add(5).split(), status=2)[1]
    says('the connection to the switch is lost. What was written last may be there', err)
    equal(sessions(), {5, 1000}, 'sessions')


@case('a controller that was refused gets the switch once the other has left')
def comes_back():
    """One that had it, and one that never did."""
    SWITCH.start()
    ctl('load', write())
    had, never, other = Session(1), Session(2), Session(9)
    had.do(add(1))
    other.do(add(2))
    had.do(add(3), 'another controller has the switch')
    never.do(add(4), 'another controller has the switch')
    equal(other.end(), 0, 'exit of the other')
    never.do(add(5))
    equal(never.end(), 2, 'exit of the one that never had it')
    had.do(add(6))
    equal(had.end(), 2, 'exit of the one that had it')
    equal(sessions(), {1, 2, 5, 6, 1000}, 'sessions')


@case('a switch that was started again is loaded and written again')
def restarted():
    """Its program is gone, and so is the role that was ours."""
    SWITCH.start()
    session = Session()
    session.do('load ' + write())
    session.do(add(1))
    SWITCH.stop()
    session.do(add(2), 'the connection to the switch is lost')
    SWITCH.start()
    session.do(add(3), 'the switch has no program')
    session.do('load ' + write())
    session.do(add(4))
    equal(sessions(), {4, 1000}, 'sessions')
    SWITCH.stop()
    SWITCH.start()
    session.do('load ' + write())
    equal(session.end(), 2, 'exit')
    equal(sessions(), {1000}, 'sessions')


@case('who does not answer who may write is said to do that')
def mute():
    SWITCH.start('mute')
    start = time.monotonic()
    says('the switch does not answer who may write', ctl('load', write(), status=2)[1])
    check(time.monotonic() - start < 60, 'it took too long')


@case('two with the same election id: the one that comes second is told')
def same_id():
    SWITCH.start()
    first = Session(3)
    first.do('load ' + write())
    says('Election id already exists', ctl(*add(1).split(), status=2, election=3)[1])
    first.do(add(2))
    equal(first.end(), 0, 'exit')


@case('load: a file that does not fit leaves the switch as it was')
def load_fits():
    """What the program cannot have, and what it has no room for."""
    SWITCH.start()
    ctl('load', write())
    before = shown()
    base = os.path.join(PLACE, 'srproxy_v1model.')
    with open(base + 'p4info.txtpb', encoding='ascii') as file:
        info = file.read()
    small = copy.deepcopy(FILE)
    small['program'] = 'small'
    with open(os.path.join(PLACE, 'small.p4info.txtpb'), 'w', encoding='ascii') as file:
        file.write(info.replace('srproxy_v1model', 'small').replace('size: 4096', 'size: 1'))
    path = os.path.join(PLACE, 'small-config.json')
    with open(path, 'w', encoding='ascii') as file:
        json.dump({k: v for k, v in small.items() if k != 'target'}, file)
    chain = [{'order': 1, 'src': '::/64', 'labels': [17001]}]
    port = [{'id': 1, 'port': '40/0', **NEIGHBOUR}, FILE['tables']['nexthop'][1]]
    for file, sentence in ((write('a', ingress_chain=chain), 'would match IPv4, too'),
                           (write('b', nexthop=port), 'numbers for its ports, not 40/0'),
                           (path, "the program's table is full")):
        says(sentence, ctl('load', file, status=2)[1])
        equal(shown(), before, 'tables')


@case('a label that moves from one table to another is changed where both have it')
def label_moves():
    """In which order a switch does what is in one message is its own choice."""
    SWITCH.start()
    ctl('load', write())
    before = shown()
    moved = write('moved', nfv_sid=[dict(FILE['tables']['nfv_sid'][0], label=16110)],
                  local_sid=[FILE['tables']['local_sid'][0],
                             {'label': 16201, 'action': 'node'}])
    ctl('apply', moved)
    equal(shown()['local_sid'][1], '{"action": "node", "label": 16201}', 'local_sid')
    ctl('apply', write())
    equal(shown(), before, 'tables')
    # fourteen classes; of nfv_sid its row, report_to and clones; of local_sid its own
    equal(SWITCH.stop()[1:], [14 + 3 + 1 + 2 + 1, 14 + 3 + 1 + 2 + 1], 'updates')


@case('what names no switch')
def names():
    for words in ('bad', '127.0.0.1:1,election=-1', '127.0.0.1:1,election=0',
                  '127.0.0.1:1,device=', '127.0.0.1:1,election=+5', '127.0.0.1:1,x=1',
                  '127.0.0.1:1,device=99999999999999999999'):
        err = ctlrig.ctl('-t', 'p4runtime:' + words, 'show', program=CTL, status=1)[1]
        says('names a switch, not "%s"' % words, err)


try:
    run()
finally:
    fresh()
    ctlrig.clean()
