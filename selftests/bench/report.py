# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py [--strict] [--doc PAGE] --kernel RELEASE --json FILE RESULTS...

Put what the guests measured together: bench.json, a table on stdout, and the
figures of a page, between its markers. What was not measured this time keeps
the figures that the file and the page have. With --strict a target that is
missed is an error.
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
    'to_vnf_probed': '... to a VNF with `probe inband`',
    'from_vnf_probed': '... from it',
    'udp': '... to one behind UDP',
    'app': '... to an ordinary UDP server (app)',
    'round_trip': 'srproxy, there and back, a router as VNF',
    'tc_static': 'tc: flower, pop, pop, mirred',
    'tc_static_back': 'tc: flower, push, mirred',
    'scapy': 'Scapy, uplink to VNF',
    'scapy_back': 'Scapy, VNF to uplink',
}
ATTACHMENTS = {
    'dev': 'a device, a router behind it',
    'udp': 'UDP',
    'app': 'an ordinary UDP server (app)',
    'tcp': 'TCP',
    'unix': 'Unix',
    'tls': 'TLS',
    'scapy_dev': 'Scapy, between two devices',
    'scapy_udp': 'Scapy, over UDP',
}
# of those a path of the same name: there and back, with the smallest packets
ROUND_TRIPS = ('tcp', 'unix', 'tls')


def read(files):
    """{(path, flows): figures}, {(attachment, octets): figures}, and the figures
    that stand alone.
    """
    rows, ends, single = {}, {}, {}
    for name in files:
        with open(name, encoding='utf-8') as file:
            for line in file:
                result = json.loads(line)
                if 'path' in result:
                    rows.setdefault((result['path'], result['flows']), {}).update(result)
                elif 'attachment' in result:
                    ends.setdefault((result['attachment'], result['octets']), {}).update(result)
                else:
                    single.update(result)
    return rows, ends, single


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


def paths(rows, single, kernel):
    """What bench.json has of paths."""
    return {'machine': machine(), 'kernel': kernel, 'reference': REFERENCE,
            'targets': targets(rows), 'results': _results(rows), **single}


def _attachment(figures):
    """With packets and Mbit a second, of the IP packets."""
    figures = {'insn_per_packet': None, 'ns_per_packet': None, **figures}
    each = figures['ns_per_packet']
    if each:
        figures['packets_per_second'] = round(1e9 / each)
        figures['mbit_per_second'] = round(8e3 * figures['octets'] / each, 1)
    return figures


def attachments(ends, kernel):
    """What bench.json has of attachments."""
    order = list(ATTACHMENTS)
    found = sorted(ends, key=lambda key: (key[1], order.index(key[0])))
    return {'attachments': {'machine': machine(), 'kernel': kernel,
                            'results': [_attachment(ends[key]) for key in found]}}


def round_trips(doc):
    """Attachments as paths."""
    found = {}
    for figures in doc['attachments']['results']:
        found.setdefault(figures['attachment'], figures)
    return [{'path': name, 'flows': 1, 'insn_per_packet': found[name]['insn_per_packet'],
             'ns_per_packet': found[name]['ns_per_packet']}
            for name in ROUND_TRIPS if name in found]


def document(rows, ends, single, kernel, old):
    """What bench.json holds; old is what it held."""
    doc = dict(old)
    if rows:
        doc = {'attachments': old['attachments']} if 'attachments' in old else {}
        doc.update(paths(rows, single, kernel))
    if ends:
        doc.update(attachments(ends, kernel))
    doc.setdefault('machine', machine())
    doc.setdefault('kernel', kernel)
    doc['results'] = [row for row in doc.get('results', []) if row['path'] not in ROUND_TRIPS]
    if 'attachments' in doc:
        doc['results'] += round_trips(doc)
    return doc


def _cell(value, form='%.0f'):
    return '' if value is None else form % value


def table(doc):
    """Lines of cells; the first is the head."""
    rows = {(r['path'], r['flows']): r for r in doc['results']}
    lines = [['path', 'flows', 'insn', 'ratio', 'ns', 'ratio']]
    for r in [r for r in doc['results'] if r['path'] in NAMES]:
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
    said.append(_measured(doc))
    return said


def _measured(doc):
    where = doc['machine']
    return ('Measured %s on %s, %d cores; kernel %s in QEMU -icount for instructions,'
            ' User-Mode Linux 6.1 for nanoseconds.'
            % (where['date'][:10], where['cpu'], where['cores'], doc['kernel']))


def table_of_attachments(doc):
    """Likewise."""
    lines = [['attachment', 'octets', 'insn', 'ns', 'packets/s', 'Mbit/s']]
    for r in doc['attachments']['results']:
        lines.append([ATTACHMENTS[r['attachment']], '{:,}'.format(r['octets']),
                      _cell(r['insn_per_packet']), _cell(r['ns_per_packet']),
                      '{:,}'.format(r['packets_per_second']) if r['ns_per_packet'] else '',
                      _cell(r.get('mbit_per_second'), '%.1f')])
    return lines


def show(lines, said):
    """A table for a terminal, and sentences."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print('  '.join([line[0].ljust(widths[0])] +
                        [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]))
    print('\n' + '\n'.join(said) + '\n')


def markdown(lines, said):
    """The same for a page."""
    text = ['| %s |' % ' | '.join(lines[0]), '| --- |' + ' ---: |' * (len(lines[0]) - 1)]
    text += ['| %s |' % ' | '.join(line) for line in lines[1:]]
    return '\n'.join(text + [''] + ['- ' + fact for fact in said])


def rewrite(page, name, lines, said):
    """Replace what stands between two markers of a page."""
    begin, end = '<!-- %s: begin -->' % name, '<!-- %s: end -->' % name
    with open(page, encoding='utf-8') as file:
        head, rest = file.read().split(begin, 1)
    tail = rest.split(end, 1)[1]
    with open(page, 'w', encoding='utf-8') as file:
        file.write('%s%s\n%s\n%s%s' % (head, begin, markdown(lines, said), end, tail))


def load(name):
    """What an earlier run has left, if any."""
    try:
        with open(name, encoding='utf-8') as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def judge(doc):
    """Say which targets are missed: how many."""
    missed = [path for path, target in doc['targets'].items() if not target['pass']]
    if missed:
        print('*** TARGET MISSED: %s ***' % ', '.join(missed), file=sys.stderr)
    return len(missed)


def main():
    """Report, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--strict', action='store_true')
    parser.add_argument('--doc')
    parser.add_argument('--kernel', required=True)
    parser.add_argument('--json', required=True)
    parser.add_argument('results', nargs='+')
    args = parser.parse_args()

    rows, ends, single = read(args.results)
    doc = document(rows, ends, single, args.kernel, load(args.json))
    with open(args.json, 'w', encoding='utf-8') as file:
        json.dump(doc, file, indent=1)
        file.write('\n')
    parts = []
    if rows:
        parts.append(('figures', table(doc), facts(doc)))
    if ends:
        parts.append(('attachments', table_of_attachments(doc), [_measured(doc['attachments'])]))
    for name, lines, said in parts:
        show(lines, said)
        if args.doc:
            rewrite(args.doc, name, lines, said)
    return 1 if rows and judge(doc) and args.strict else 0


if __name__ == '__main__':
    sys.exit(main())
