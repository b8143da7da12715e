# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py [--strict] [--doc PAGE] --kernel RELEASE --json FILE RESULTS...

Put what the guests measured together: bench.json, a table on stdout, and the
figures of a page, between its markers. With --strict a target that is missed
is an error.
"""

import argparse
import datetime
import json
import os
import re
import sys

REFERENCE = 'mpls_swap'
TARGETS = {'to_vnf': 1.1, 'from_vnf': 1.1}
NAMES = {
    'mpls_swap': "the kernel's own MPLS swap",
    'to_vnf': 'srproxy, uplink to VNF',
    'from_vnf': 'srproxy, VNF to uplink',
    'to_vnf_lladdr': '... to a VNF given by lladdr',
    'from_vnf_lladdr': '... from it',
    'udp': '... to one behind UDP',
    'app': '... to an ordinary UDP server (app)',
    'round_trip': 'srproxy, there and back, a router as VNF',
    'tc_static': 'tc: flower, pop, pop, mirred',
    'tc_static_back': 'tc: flower, push, mirred',
    'scapy': 'Scapy, uplink to VNF',
    'scapy_back': 'Scapy, VNF to uplink',
}
BEGIN, END = '<!-- figures: begin -->', '<!-- figures: end -->'


def read(files):
    """{(path, flows): figures}, and the figures that stand alone."""
    rows, single = {}, {}
    for name in files:
        with open(name, encoding='utf-8') as file:
            for line in file:
                result = json.loads(line)
                if 'path' in result:
                    rows.setdefault((result['path'], result['flows']), {}).update(result)
                else:
                    single.update(result)
    return rows, single


def _first_line(name, pattern, default=''):
    try:
        with open(name, encoding='utf-8') as file:
            found = re.search(pattern, file.read(), re.M)
    except OSError:
        return default
    return found[1].strip() if found else default


def machine():
    """Where and when this was."""
    return {'cpu': _first_line('/proc/cpuinfo', r'^model name\s*: (.*)$', os.uname().machine),
            'cores': os.cpu_count(),
            'memory_mb': int(_first_line('/proc/meminfo', r'^MemTotal:\s*(\d+)', '0')) // 1024,
            'kernel': os.uname().release,
            'load': os.getloadavg()[0],
            'date': datetime.datetime.now().astimezone().isoformat(timespec='seconds')}


def ratio(rows, path, flows, key):
    """How much dearer than the reference; None if either is not known."""
    mine = rows.get((path, flows), {}).get(key)
    reference = rows.get((REFERENCE, flows), {}).get(key)
    return round(mine / reference, 3) if mine and reference and reference > 0 else None


def targets(rows):
    """The ratio of each target with one flow, and whether it is reached."""
    found = {}
    for path, limit in TARGETS.items():
        got = ratio(rows, path, 1, 'insn_per_packet')
        found[path] = {'limit': limit, 'ratio': got,
                       'ratio_shared': ratio(rows, path, 1, 'insn_per_packet_shared'),
                       'pass': got is not None and got <= limit}
    return found


def _results(rows):
    order = list(NAMES)
    results = []
    for path, flows in sorted(rows, key=lambda key: (key[1], order.index(key[0]))):
        results.append({'path': path, 'flows': flows, 'insn_per_packet': None,
                        'ns_per_packet': None, **rows[path, flows]})
    return results


def document(rows, single, kernel):
    """What bench.json holds."""
    return {'machine': machine(), 'kernel': kernel, 'reference': REFERENCE,
            'targets': targets(rows), 'results': _results(rows), **single}


def _cell(value, form='%.0f'):
    return '' if value is None else form % value


def table(doc):
    """Lines of cells; the first is the head."""
    rows = {(r['path'], r['flows']): r for r in doc['results']}
    lines = [['path', 'flows', 'insn', 'ratio', 'ns', 'ratio']]
    for r in doc['results']:
        line = [NAMES[r['path']], '{:,}'.format(r['flows'])]
        for key in ('insn_per_packet', 'ns_per_packet'):
            line.append(_cell(r[key]))
            line.append(_cell(ratio(rows, r['path'], r['flows'], key), '%.2f'))
        lines.append(line)
    return lines


def facts(doc):
    """Sentences about what does not fit the table."""
    said = []
    for path, target in doc['targets'].items():
        shared = target['ratio_shared']
        said.append('Target %s: %s times the MPLS swap with one flow, limit %s: %s%s.' % (
            path, target['ratio'], target['limit'], 'reached' if target['pass'] else 'MISSED',
            '' if shared is None else " (%s with pktgen's shared packets)" % shared))
    if 'flows_held' in doc:
        each = doc['memory_per_flow']
        said.append('{:,} flows held; {} octets of slab a flow{}.'.format(
            doc['flows_held'], doc['flow_bytes'], ', %d with tables and all' % each if each else ''))
    if 'new_flows_per_second' in doc:
        said.append('{:,} new flows a second; conntrack takes {:,}.'.format(
            doc['new_flows_per_second'], doc['conntrack_new_flows_per_second']))
    where = doc['machine']
    said.append('Measured %s on %s, %d cores; kernel %s in QEMU -icount for instructions,'
                ' User-Mode Linux 6.1 for nanoseconds.'
                % (where['date'][:10], where['cpu'], where['cores'], doc['kernel']))
    return said


def show(doc):
    """The table for a terminal."""
    lines = table(doc)
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print('  '.join([line[0].ljust(widths[0])] +
                        [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]))
    print('\n' + '\n'.join(facts(doc)))


def markdown(doc):
    """The same for a page."""
    lines = table(doc)
    text = ['| %s |' % ' | '.join(lines[0]), '| --- |' + ' ---: |' * (len(lines[0]) - 1)]
    text += ['| %s |' % ' | '.join(line) for line in lines[1:]]
    return '\n'.join(text + [''] + ['- ' + fact for fact in facts(doc)])


def rewrite(page, doc):
    """Replace what stands between the markers of a page."""
    with open(page, encoding='utf-8') as file:
        text = file.read()
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    with open(page, 'w', encoding='utf-8') as file:
        file.write('%s%s\n%s\n%s%s' % (head, BEGIN, markdown(doc), END, tail))


def main():
    """Report, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--strict', action='store_true')
    parser.add_argument('--doc')
    parser.add_argument('--kernel', required=True)
    parser.add_argument('--json', required=True)
    parser.add_argument('results', nargs='+')
    args = parser.parse_args()

    doc = document(*read(args.results), args.kernel)
    with open(args.json, 'w', encoding='utf-8') as file:
        json.dump(doc, file, indent=1)
        file.write('\n')
    show(doc)
    if args.doc:
        rewrite(args.doc, doc)
    missed = [path for path, target in doc['targets'].items() if not target['pass']]
    if missed:
        print('\n*** TARGET MISSED: %s ***' % ', '.join(missed), file=sys.stderr)
    return 1 if missed and args.strict else 0


if __name__ == '__main__':
    sys.exit(main())
