# SPDX-License-Identifier: Apache-2.0
"""srproxy_tna.p4 for Tofino 1: it compiles without a warning of ours, is placed in
12 stages and assembled; the tables are those of the manual.

Needs p4c-barefoot and bfas on the PATH or in ~/.cache/srproxy/p4/bin.
"""

import json
import os
import re
import subprocess
import sys

import tofino
from ktap import Failure, case, check, equal, run

tofino.require()

# not in a case, which may not take so long
try:
    PLACE, WHY = tofino.build(), None
except Failure as error:
    PLACE, WHY = None, error

MANUAL = os.path.join(tofino.P4, '../Documentation/p4.md')


def tables(place):
    """{name without "pipe.": (keys, {action: parameters})} of bf-rt.json."""
    with open(os.path.join(place, 'bf-rt.json'), encoding='utf-8') as file:
        schema = json.load(file)
    return {table['name'].removeprefix('pipe.'): (
        [key['name'] for key in table['key']],
        {spec['name'].split('.')[-1]: [field['name'] for field in spec['data']]
         for spec in table.get('action_specs', ())})
        for table in schema['tables']}


def named(cell):
    """What stands between backquotes."""
    return re.findall('`([^`]+)`', cell)


def manual_rows():
    """[(table, keys, [(action, parameters)])] of the manual's list."""
    with open(MANUAL, encoding='utf-8') as file:
        section = file.read().split('### The tables of the Tofino program')[1]
    rows = []
    for line in section.split('\n## ')[0].splitlines():
        cells = [cell.strip() for cell in line.strip('| ').split(' | ')]
        if not line.startswith('| ') or not named(cells[-3] if len(cells) > 2 else ''):
            continue
        # of copies, class1 ... class7, the first stands for all
        names, keys = named(cells[-3]), named(cells[-2].split(' ... ')[0])
        actions = [
            (m.group(1), [p for p in m.group(2).split(', ') if p]) for m in
            re.finditer(r'`(\w+)\((.*?)\)`', cells[-1])]
        rows += [(name, keys, actions) for name in names if name.startswith(('I.', 'E.'))]
    return rows


@case('compiled, placed and assembled, and no warning is ours')
def compiled():
    """Warnings of the compiler's own kind are listed in tofino.py."""
    if WHY:
        raise WHY
    equal(tofino.warnings(tofino.log_of(PLACE)), [], 'warnings')


@case('twelve stages')
def stages():
    found = tofino.resources(PLACE)
    check(0 < found['stages, ingress'] <= tofino.STAGES, 'ingress')
    check(0 < found['stages, egress'] <= tofino.STAGES, 'egress')


@case('what it takes of the chip is what performance.md says')
def figures():
    """A process of its own: the report of the benchmarks has the name of ours."""
    done = subprocess.run([sys.executable, os.path.join(tofino.P4, 'tests/resources.py'),
                           '--check'], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, check=False)
    print(''.join('# %s\n' % line for line in done.stdout.splitlines()), end='')
    equal((done.returncode, done.stderr), (0, ''), 'performance.md')


@case('metadata begins as 0')
def zeroes():
    """All but what leaves in a header, and is written by all that make the header."""
    equal(tofino.not_zeroed(PLACE) - {'md.first', 'md.report_strip', 'md.gap'}, set(), 'not 0')


@case('every table has a direct counter but those that the manual names')
def counters():
    """The row below that of counters, of "What differs"."""
    with open(MANUAL, encoding='utf-8') as file:
        named_none = named(re.search(r'^\| \| none for (.*?):', file.read(), re.M).group(1))
    with open(os.path.join(PLACE, 'bf-rt.json'), encoding='utf-8') as file:
        schema = json.load(file)
    none = {table['name'].rsplit('.', 1)[-1] for table in schema['tables']
            if table['table_type'].startswith('MatchAction') and
            '$COUNTER_SPEC_PKTS' not in json.dumps(table)}
    equal(none, set(named_none), 'without a counter')


@case('the tables are those of the manual')
def manual():
    """By name, key and action, as srp4ctl fills them."""
    known, rows = tables(PLACE), manual_rows()
    check(len(rows) >= 15, 'only %d tables in the manual' % len(rows))
    for name, keys, actions in rows:
        name = name.replace('I.', 'IngressPipe.', 1).replace('E.', 'EgressPipe.', 1)
        check(name in known, 'no table ' + name)
        have, specs = known[name]
        for key in keys:
            check(key in have, '%s has no key %s: %s' % (name, key, have))
        for action, parameters in actions:
            if action in specs and '...' not in parameters:
                equal(specs[action], parameters, '%s of %s' % (action, name))
        # a second row of a table may name none
        check(not actions or any(action in specs for action, _ in actions),
              'actions of ' + name)


run()
