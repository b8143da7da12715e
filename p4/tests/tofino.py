# SPDX-License-Identifier: Apache-2.0
"""srproxy_tna.p4, compiled and assembled for Tofino 1, and what it takes of it.

    place = build()         the folder of what the compiler wrote, or Failure
    resources(place)        {name: figure} of it

What was made of the same sources is kept in ~/.cache/srproxy/p4/tofino. To try
another program, or to compile by hand:

    tofino.py [PROGRAM.p4 [-D...]]
"""

import collections
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
# of the whole chip
OF = {'logical tables': 16 * STAGES, 'SRAM blocks': 80 * STAGES, 'map RAMs': 48 * STAGES,
      'TCAM blocks': 24 * STAGES, 'stateful ALUs': 4 * STAGES,
      'hash distribution units': 6 * STAGES}
PHV, TAGALONG = 4096, 2048      # bits
LOGS = 'pipe/logs'

# Warnings that are let through, by what they say.
ALLOWED = (
    # a key that is one bit of a field, in a table of constant entries
    'Table key name not supported',
    # plan.py's tables and rewrite.p4's, whose size is that of their entries
    'No size defined for table',
    # the compiler's own states, for frames shorter than the parser wants
    'Parser state min_parse_depth_',
    # bfas: a hash of 32 bits is two halves of 16, whose groups are one in the end
    'duplicate hash group', 'previous definition here', 'mergeable conflict',
    'conflicting hash group definition here',
    # bfas does not see that these are the two branches of an if in one stage
    r'Conflicting instruction slot usage .* action .*\.slot\.(down_way|look)$',
    r'and table .* action .*\.slot\.(up_way|claim)$',
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
    os.makedirs(os.path.join(place, LOGS), exist_ok=True)
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


def section(text, head):
    """The lines of an assembly below one that stands alone, as far as they are indented."""
    below = text.split('\n%s:\n' % head, 1)[1]
    return re.match(r'(?:[ ].*\n)*', below).group()


def not_zeroed(place):
    """{metadata} that does not begin as 0 with every packet: its container is not
    cleared, or the parser puts octets of the frame into it that are other fields."""
    text, found = assembly(place), set()
    for gress in ('ingress', 'egress'):
        parser = section(text, 'parser ' + gress)
        zeroed = re.findall(r'\w+', re.search(r'init_zero: \[(.*)\]', parser).group(1))
        loads = re.findall(r'^ +\d[\d.]*: (\w+)(.*(?:\n +# -.*)*)', parser, re.M)
        for name, where in re.findall(r'^  (md\.\w+)(?:[.]\S+)?: \{(.*)\}', section(
                text, 'phv ' + gress), re.M):
            for container in re.findall(r'[BHW]\d+', where):
                if container not in zeroed or any(
                        into == container and not re.search(r'\b%s\b' % re.escape(name), what)
                        for into, what in loads):
                    found.add(name)
    return found


def log_of(place):
    """What compiler and assembler said."""
    return read(place, 'compiler.log') + read(place, 'assembler.log')


def share(used, of):
    return '%d of %d (%.0f%%)' % (used, of, 100 * used / of)


def of_stages(place):
    """{resource: how many are taken}, all stages together."""
    taken = collections.Counter()
    found = json.loads(read(place, os.path.join(LOGS, 'resources.json')))
    for stage in found['resources']['mau']['mau_stages']:
        for name, kind, items in (
                ('logical tables', 'logical_tables', 'ids'), ('SRAM blocks', 'rams', 'srams'),
                ('map RAMs', 'map_rams', 'maprams'), ('TCAM blocks', 'tcams', 'tcams'),
                ('stateful ALUs', 'meter_alus', 'meters'),
                ('hash distribution units', 'hash_distribution_units', 'units')):
            taken[name] += len(stage[kind][items])
    return taken


def of_phv(place):
    """{"normal" or "tagalong": bits that something lies in}"""
    taken = collections.Counter()
    for container in json.loads(read(place, os.path.join(LOGS, 'phv.json')))['containers']:
        bits = set()
        for piece in container['slices']:
            where = piece['slice_info']
            bits |= set(range(where['lsb'], where['msb'] + 1))
        taken[container['container_type']] += len(bits)
    return taken


def resources(place):
    """{what: figure}, in the order of a table; the stages are numbers."""
    mau, phv = of_stages(place), of_phv(place)
    text = assembly(place)
    found = {}
    for gress in ('ingress', 'egress'):
        stages = re.findall(r'^stage (\d+) %s:' % gress, text, re.M)
        found['stages, ' + gress] = max(map(int, stages)) + 1
    for name, of in OF.items():
        found[name] = share(mau[name], of)
    found['PHV bits'] = share(phv['normal'], PHV)
    found['tagalong PHV bits'] = share(phv['tagalong'], TAGALONG)
    return found


if __name__ == '__main__':
    args = sys.argv[1:] or [PROGRAM]
    print(build(os.path.abspath(args[0]), args[1:]))
