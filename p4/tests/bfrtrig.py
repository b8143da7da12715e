# SPDX-License-Identifier: Apache-2.0
"""srp4ctl's target bfrt for tests: built against the headers of the open P4
Studio, with a driver of our own (fakebfrt*.c) behind them.

The program is the compiled one, where it is; else its tables are listed here.
"""

import glob
import json
import os
import subprocess
import sys

import ctlrig
from ctlrig import PLACE, REPO, skip

CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'),
                     'srproxy/p4')
STUDIO = os.environ.get('SRP_P4STUDIO') or os.path.join(CACHE, 'src/open-p4studio')
PACKAGES = os.path.join(STUDIO, 'pkgsrc')
INCLUDES = [os.path.join(PACKAGES, p) for p in (
    'bf-drivers/include', 'bf-drivers', 'bf-utils/include', 'target-syslibs/include',
    'target-utils/include', 'target-utils/third-party/bigcode/include', '')]
BUILD = os.path.join(REPO, 'build/p4ctl-bfrt')
CTL = os.path.join(REPO, 'build/bin-bfrt/srp4ctl')
FLAGS = ['-DBFRT_GENERIC_FLAGS'] + [f for i in INCLUDES for f in ('-isystem', i)]
PROGRAM = 'srproxy_tna'


def run(command, what):
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if made.returncode:
        print('# %s:\n%s' % (what, made.stdout))
        sys.exit(1)
    return made.stdout


def make():
    """srp4ctl with bfrt, and the driver that is not one."""
    if not os.path.exists(os.path.join(INCLUDES[0], 'bf_rt/bf_rt.h')):
        skip('no headers of the open P4 Studio: SRP_P4STUDIO, or ' + STUDIO)
    ctlrig.make()    # or the reason to skip
    os.makedirs(BUILD, exist_ok=True)
    json_c = run(['pkg-config', '--cflags', '--libs', 'json-c'], 'pkg-config').split()
    run(['cc', '-shared', '-fPIC', '-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra',
         '-Werror', '-g', '-O1', *FLAGS,
         *sorted(glob.glob(os.path.join(REPO, 'p4/tests/fakebfrt*.c'))),
         '-o', os.path.join(BUILD, 'libfakebfrt.so'), *json_c], 'the driver for tests')
    ctlrig.make('VARIANT=-bfrt', 'SDE_INSTALL=' + STUDIO, 'BFRT_CFLAGS=' + ' '.join(FLAGS),
                'BFRT_LIBS=-L%s -Wl,-rpath,%s -lfakebfrt -lpthread' % (BUILD, BUILD))


# ---- the program's tables ---------------------------------------------------------

COUNTS = [{'mandatory': False, 'read_only': False,
           'singleton': {'id': 65553 + i, 'name': '$COUNTER_SPEC_' + n, 'repeated': False,
                         'type': {'type': 'uint64'}}}
          for i, n in enumerate(('BYTES', 'PKTS'))]


def table(name, size, keys, actions):
    """keys: (match, bits)...; actions: {name: bits of parameters}"""
    short = name.rsplit('.', 1)[-1]
    key = [{'id': i + 1, 'name': '%s.key%d' % (short, i), 'mandatory': match == 'Exact',
            'match_type': match, 'repeated': False,
            'type': {'type': 'bytes', 'width': bits}} for i, (match, bits) in enumerate(keys)]
    if any(match == 'Ternary' for match, bits in keys):
        key.append({'id': 65537, 'name': '$MATCH_PRIORITY', 'match_type': 'Exact',
                    'mandatory': False, 'repeated': False, 'type': {'type': 'uint32'}})
    specs = [{'id': 100 + i, 'name': '%s.%s' % (name.rsplit('.', 1)[0], action),
              'data': [{'id': j + 1, 'name': 'p%d' % j, 'mandatory': True,
                        'read_only': False, 'repeated': False,
                        'type': {'type': 'bytes', 'width': bits}}
                       for j, bits in enumerate(params)]}
             for i, (action, params) in enumerate(actions.items())]
    return {'name': 'pipe.' + name, 'table_type': 'MatchAction_Direct', 'size': size,
            'key': key, 'action_specs': specs, 'data': COUNTS}


def counter(name):
    return {'name': 'pipe.' + name, 'table_type': 'Counter', 'size': 16,
            'key': [{'id': 65556, 'name': '$COUNTER_INDEX', 'match_type': 'Exact',
                     'mandatory': True, 'type': {'type': 'uint32'}}], 'data': COUNTS}


def register(name):
    return {'name': 'pipe.' + name, 'table_type': 'Register', 'size': 65536,
            'key': [{'id': 65557, 'name': '$REGISTER_INDEX', 'match_type': 'Exact',
                     'mandatory': True, 'type': {'type': 'uint32'}}], 'data': []}


def exact(*bits):
    return [('Exact', b) for b in bits]


def ternary(*bits):
    return [('Ternary', b) for b in bits]


def program():
    """srproxy_tna.p4, as far as srp4ctl looks."""
    to, pushes = [16, 16], {'push%d' % n: [32] * n for n in range(1, 9)}
    ingress = 'IngressPipe.'
    tables = [
        table(ingress + 'classify.local_sid', 1024, exact(20),
              {'node': [], 'priority': [], 'feature': [1, 32], 'local_sid_miss': []}),
        table(ingress + 'label_fib.label_fib', 300, exact(20),
              {'keep': to, 'swap': [20] + to, 'pop': to, 'label_fib_miss': []}),
        table(ingress + 'ip_fib.ipv4_fib', 2048, [('LPM', 32)], {'route4': to}),
        table(ingress + 'ip_fib.ipv6_fib', 512, [('LPM', 128)], {'route6': to}),
        table(ingress + 'nexthop.ecmp', 4096, exact(16, 6), {'member': [16]}),
        table(ingress + 'nexthop.nexthop', 1024, exact(16),
              {'untagged': [9, 48, 48], 'tagged': [9, 48, 48, 12], 'nexthop_miss': []}),
        table(ingress + 'ingress_chain.ingress_chain4', 1024, ternary(32, 32, 8, 16, 16),
              {'chain4': [16]}),
        table(ingress + 'ingress_chain.ingress_chain6', 512, ternary(128, 128, 8, 16, 16),
              {'chain6': [16]}),
        table(ingress + 'priority.priority_flow', 4096, exact(32, 32, 8, 16, 16),
              {'queue': [5], 'queue_mark': [5, 3, 6]}),
        table(ingress + 'feature.size_of.size_square', 16384, exact(14),
              {'octets_square': [32]}),
        table(ingress + 'feature.window.iat_square', 65536, exact(16),
              {'quarter_square': [32]}),
        table('EgressPipe.push.push', 1024, exact(16), pushes),
        table('EgressPipe.report.report_to', 64, exact(20), {'to': [48, 48, 32, 32, 16, 10]}),
        counter(ingress + 'srp_events'), counter('EgressPipe.srp_egress_events'),
        counter(ingress + 'feature.feature_events'),
        counter('EgressPipe.report.feature_events'),
        register(ingress + 'feature.slot.slot_used'),
    ]
    for i in range(1, 8):
        tables.append(table(ingress + 'classify.class%d' % i, 256, exact(20),
                            {'set%d' % i: [4], 'miss%d' % i: []}))
    return {'schema_version': '1.0.0', 'tables': tables}


def compiled():
    """The compiler's newest description of the program, or None."""
    found = glob.glob(os.path.join(CACHE, 'tofino/*/bf-rt.json'))
    found = found or glob.glob(os.path.join(CACHE, 'out/bf-rt.json'))
    for path in sorted(found, key=os.path.getmtime, reverse=True):
        with open(path, encoding='utf-8') as file:
            description = json.load(file)
        if any(t['name'].endswith('.size_square') for t in description['tables']):
            return description
    return None


def install(description, name=PROGRAM):
    """Where SRP4_PROGRAMS looks."""
    directory = os.path.join(PLACE, name)
    os.makedirs(os.path.join(directory, 'pipe'), exist_ok=True)
    with open(os.path.join(directory, 'bf-rt.json'), 'w', encoding='ascii') as file:
        json.dump(description, file)
    for path in ('pipe/context.json', 'pipe/tofino.bin'):
        with open(os.path.join(directory, path), 'w', encoding='ascii'):
            pass


def ctl(*words, **more):
    """srp4ctl with the driver for tests: one process, one switch. What the driver
    says is left out."""
    environment = {'SRP4_PROGRAMS': PLACE, 'SDE_INSTALL': STUDIO,
                   'FAKE_FIXED': os.path.join(PACKAGES, 'bf-drivers/src/bf_rt')}
    out, err = ctlrig.ctl('-t', 'bfrt', *words, program=CTL, **environment, **more)
    return out, ''.join(line for line in err.splitlines(True)
                        if not line.startswith('bf_switchd: '))


def batch(*lines, status=0, options=(), **more):
    """Several commands, for the switch lasts as long as the process."""
    return ctl(*options, '-b', '-', stdin=''.join(line + '\n' for line in lines),
               status=status, **more)
