# SPDX-License-Identifier: Apache-2.0
"""srp4ctl with sanitizers, for tests: building it, running it, a file for it."""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

from ktap import check, equal

REPO = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
CTL = os.path.join(REPO, 'build/bin-asan/srp4ctl')
PLACE = tempfile.mkdtemp(prefix='srp4ctl.')
STUB = os.path.join(PLACE, 'switch.json')

NEIGHBOUR = {'dmac': '02:00:00:00:00:01', 'smac': '02:00:00:00:00:02'}
FILE = {
    'program': 'srproxy_v1model', 'target': 'stub:' + STUB,
    'tables': {
        'nexthop': [{'id': 1, 'port': 1, **NEIGHBOUR},
                    {'id': 2, 'port': 2, 'vlan': 42, **NEIGHBOUR}],
        'ecmp': [{'id': 1, 'members': [1, 2, 2]}],
        'label_fib': [{'label': 17001, 'action': 'keep', 'nexthop': 1},
                      {'label': 17002, 'action': 'swap', 'to': 18002, 'group': 1}],
        'ipv4_fib': [{'prefix': '198.51.100.0/24', 'nexthop': 2}],
        'ipv6_fib': [{'prefix': '2001:db8::/32', 'group': 1}],
        'nfv_sid': [{'label': 16201, 'port': 3, 'src': '192.0.2.250',
                     'dst': '192.0.2.251', **NEIGHBOUR}],
        'local_sid': [{'label': 16100, 'action': 'feature', 'direction': 'up',
                       'window_us': 33000},
                      {'label': 16110, 'action': 'priority'}],
        'ingress_chain': [{'order': 1, 'dst': '198.51.100.77/32',
                           'labels': [16100, 16201, 17001]}],
        'priority_flow': [{'src': '192.0.2.1', 'dst': '198.51.100.1', 'proto': 17,
                           'sport': 1000, 'dport': 443, 'queue': 3}],
    },
}


def skip(why):
    print('TAP version 13\n1..0 # SKIP ' + why)
    sys.exit(4)


def make(*variables):
    """srp4ctl with sanitizers, and with the stub only unless told otherwise."""
    if not shutil.which('make') or not shutil.which('cc'):
        skip('no C compiler')
    made = subprocess.run(['make', '-s', '-C', os.path.join(REPO, 'p4/ctl'), 'SANITIZE=1',
                           'P4RUNTIME=', 'SDE_INSTALL=', 'CFLAGS=-O1 -g', *variables],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if not made.returncode:
        return
    if 'json.h' in made.stdout:
        skip('no libjson-c-dev')
    print(made.stdout)
    sys.exit(1)


def ctl(*words, status=0, stdin='', fail=None, program=CTL, **environment):
    """stdout, stderr of srp4ctl; its exit status has to be as said."""
    env = dict(os.environ, LC_ALL='C', **environment)
    if fail:
        env['SRP4_STUB_FAIL'] = str(fail)
    done = subprocess.run([program, *words], input=stdin, stdout=subprocess.PIPE, env=env,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    equal(done.returncode, done.returncode if status is None else status, 'exit of srp4ctl %s (%s)' %
          (' '.join(words), done.stderr))
    return done.stdout, done.stderr


def write(config):
    path = os.path.join(PLACE, 'config.json')
    with open(path, 'w', encoding='ascii') as file:
        json.dump(config, file)
    return path


def switch():
    """The switch's tables, as JSON says."""
    return json.loads(ctl('-j', '-t', 'stub:' + STUB, 'show')[0])


def changed(**tables):
    config = copy.deepcopy(FILE)
    config['tables'].update(tables)
    return config


def says(sentence, text):
    check(sentence in text, '%r is not in: %s' % (sentence, text))


def clean():
    shutil.rmtree(PLACE)
