# SPDX-License-Identifier: GPL-2.0-or-later
"""failover_report.py [--doc PAGE] --json FILE RESULTS

Put the distributions that the tests printed together: failover.json, a
table on stdout, and that of a page, between its markers.
"""

import argparse
import json

from report import machine, rewrite, show

NAMES = {
    'carrier': 'the carrier is lost',
    'link down': 'the interface is set down',
    'unregister': 'the device is unregistered',
    'admin down': '`vnf set admin down`',
    'drain': '`vnf set admin drain`, the first new session elsewhere',
    'unix socket': 'the program behind a Unix socket is killed',
    'tcp connection': 'the program behind a TCP connection is killed',
    'udp, no route': 'no route to a function behind UDP any more',
    'probe inband': '`probe inband` (10 ms, 3): the function is dead',
    'probe inband, hung': '`probe inband`: it answers ARP and forwards nothing',
    'probe inband, 1 ms': '`probe inband` every 1 ms, 10: the function is dead',
    'probe neigh': '`probe neigh` (10 ms, 3): the function is dead',
    'probe inband, one of 200': '`probe inband` (10 ms, 3): one of 200 probed functions is dead',
    'neighbour': "the kernel's neighbour, its time-outs as short as they get",
}


def table(rows):
    """Lines of cells; the first is the head."""
    lines = [['failure', 'runs', 'min', 'median', '95%', 'max', 'lost']]
    for row in rows:
        lines.append([NAMES[row['kind']], '%d' % row['runs']] +
                     ['%.1f' % row[key] for key in ('min', 'median', 'p95', 'max')] +
                     ['%d, max %d' % (row['lost_median'], row['lost_max'])])
    return lines


def facts(doc):
    """Sentences about what does not fit the table."""
    where = doc['machine']
    rows = [row for row in doc['results'] if row['limit_ms']]
    return ['Measured %s on %s, %d cores, load %.1f; User-Mode Linux 6.1, one processor.' % (
                where['date'][:10], where['cpu'], where['cores'], where['load']),
            'One packet every %g ms. Runs in which the machine itself stood still for more than '
            '10 ms, so that no packet was sent, were repeated (%d); what it stood still in '
            'the others, %.1f ms at most, is part of the figures.' % (
                rows[0]['every_ms'], sum(row['disturbed'] for row in rows),
                max(row['stood_still'] for row in rows))]


def main():
    """Report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--doc')
    parser.add_argument('--json', required=True)
    parser.add_argument('results')
    args = parser.parse_args()

    with open(args.results, encoding='utf-8') as file:
        doc = {'machine': machine(), 'results': [json.loads(line) for line in file]}
    with open(args.json, 'w', encoding='utf-8') as file:
        json.dump(doc, file, indent=1)
        file.write('\n')
    lines, said = table(doc['results']), facts(doc)
    show(lines, said)
    if args.doc:
        rewrite(args.doc, 'failover', lines, said)


if __name__ == '__main__':
    main()
