# SPDX-License-Identifier: Apache-2.0
"""srproxy_tna.p4, compiled and assembled for Tofino 1, and what it takes of it.

    place = build()         the folder of what the compiler wrote, or Failure
    resources(place)        {name: figure} of it

What was made of the same sources is kept in ~/.cache/srproxy/p4/tofino. To try
another program, or to compile by hand:

    tofino.py [PROGRAM.p4 [-D...]]
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

from ktap import Failure, Skip

P4 = os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))
PROGRAM = os.path.join(P4, 'srproxy_tna.p4')
CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or
                     os.path.expanduser('~/.cache'), 'srproxy/p4')
SECONDS = 1500
STAGES = 12
# of a stage, and of the whole chip
SRAMS, TCAMS, MAP_RAMS = 80 * STAGES, 24 * STAGES, 48 * STAGES
LOGICAL, METERS, HASHES = 16 * STAGES, 4 * STAGES, 6 * STAGES
PHV, TAGALONG = 4096, 2048      # bits
METRICS = 'pipe/logs/metrics.json'

# Warnings that are let through, by what they say.
ALLOWED = (
    # Tofino's parser and pipeline begin with zeroes
    'uninitialized-use', 'uninitialized-out-param',
    # a key that is one bit of a field, in a table of constant entries
    'Table key name not supported',
    # plan.py's tables and rewrite.p4's, whose size is that of their entries
    'No size defined for table',
    # the compiler's own states, for frames shorter than the parser wants
    'Parser state min_parse_depth_',
)


def tool(name):
    """The compiler's or the assembler's path."""
    where = os.environ['PATH'] + os.pathsep + os.path.join(CACHE, 'bin')
    found = shutil.which(name, path=where)
    if not found:
        raise Skip('no %s on the PATH or in %s/bin' % (name, CACHE))
    return found


def require():
    """End the test, skipped, where the compiler or the assembler is missing."""
    try:
        tool('p4c-barefoot')
        tool('bfas')
    except Skip as error:
        print('TAP version 13\n1..0 # SKIP %s' % error)
        sys.exit(4)


def sources(program):
    """The program and everything that it may include."""
    yield program
    include = os.path.join(P4, 'include')
    for name in sorted(os.listdir(include)):
        yield os.path.join(include, name)


def digest(program, defines):
    total = hashlib.sha256(' '.join(defines).encode())
    for name in sources(program):
        with open(name, 'rb') as file:
            total.update(file.read())
    for name in ('p4c-barefoot', 'bfas'):
        total.update(str(os.path.getmtime(tool(name))).encode())
    return total.hexdigest()[:24]


def run_tool(command, log, seconds):
    """Its output, which goes into a file, too."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=seconds,
                              stderr=subprocess.STDOUT, text=True, check=False,
                              errors='replace')
    except subprocess.TimeoutExpired as error:
        raise Failure('%s: no end after %d s' % (' '.join(command), seconds)) from error
    with open(log, 'w', encoding='utf-8') as file:
        file.write(done.stdout)
    if done.returncode:
        raise Failure('%s: exit %d\n%s' % (' '.join(command), done.returncode,
                                           done.stdout[-6000:]))
    return done.stdout


def warnings(output):
    """The first lines of warnings that are not let through."""
    return [line for line in output.splitlines()
            if 'warning:' in line and
            not any(re.search(allowed, line) for allowed in ALLOWED)]


def compile_to(place, program, defines, seconds):
    name = os.path.basename(program)[:-len('.p4')]
    out = run_tool([tool('p4c-barefoot'), '--target', 'tofino', '--arch', 'tna', '-g',
                    '--bf-rt-schema', os.path.join(place, 'bf-rt.json'), *defines,
                    '-o', place, program], os.path.join(place, 'compiler.log'), seconds)
    assembly = os.path.join(place, 'pipe', name + '.bfa')
    run_tool([tool('bfas'), '--target', 'tofino', '-o', os.path.join(place, 'pipe'),
              assembly], os.path.join(place, 'assembler.log'), seconds)
    return out


def build(program=PROGRAM, defines=(), seconds=SECONDS):
    """Compile and assemble, unless that was done before."""
    place = os.path.join(CACHE, 'tofino', digest(program, defines))
    if not os.path.exists(place):
        new = place + '.new'
        shutil.rmtree(new, ignore_errors=True)
        os.makedirs(new)
        compile_to(new, program, list(defines), seconds)
        os.rename(new, place)
    return place


def read(place, name):
    with open(os.path.join(place, name), encoding='utf-8') as file:
        return file.read()


def assembly(place):
    """The one .bfa of a compiled program."""
    pipe = os.path.join(place, 'pipe')
    return read(pipe, next(n for n in os.listdir(pipe) if n.endswith('.bfa')))


def log_of(place):
    return read(place, 'compiler.log')


def share(used, of):
    return '%d of %d (%.0f%%)' % (used, of, 100 * used / of)


def resources(place):
    """{what: figure}, in the order of a table; the stages are numbers."""
    metrics = json.loads(read(place, METRICS))
    mau, phv = metrics['mau'], metrics['phv']
    text = assembly(place)
    found = {}
    for gress in ('ingress', 'egress'):
        stages = re.findall(r'^stage (\d+) %s:' % gress, text, re.M)
        found['stages, ' + gress] = max(map(int, stages)) + 1
    found['logical tables'] = share(mau['logical_tables'], LOGICAL)
    found['SRAM blocks'] = share(mau['srams'], SRAMS)
    found['map RAMs'] = share(mau['map_rams'], MAP_RAMS)
    found['TCAM blocks'] = share(mau['tcams'], TCAMS)
    found['stateful ALUs'] = share(len(re.findall(r'^  stateful ', text, re.M)), METERS)
    found['hash distribution units'] = share(
        sum(len(re.findall(r'\d+', units)) for units in
            re.findall(r'hash_dist (.*?):', text)), HASHES)
    found['PHV bits'] = share(sum(kind['bits_occupied'] for kind in phv['normal']), PHV)
    found['tagalong PHV bits'] = share(
        sum(kind['bits_occupied'] for kind in phv['tagalong']), TAGALONG)
    return found


if __name__ == '__main__':
    args = sys.argv[1:] or [PROGRAM]
    print(build(os.path.abspath(args[0]), args[1:]))
