# SPDX-License-Identifier: Apache-2.0
"""srp4ctl drives a Tofino by BF-RT: tables, ports, queues; all or nothing.

Compiled against the headers of the open P4 Studio. Behind them is a driver of
our own, in memory, as strict as the real one; the SDE's own fixed tables are as
the SDE describes them.
"""

import copy
import json
import os
import re

import bfrtrig
import ctlrig
from bfrtrig import PROGRAM, batch, ctl
from ctlrig import FILE, NEIGHBOUR, PLACE, says
from ktap import before_each, case, check, equal, run
from report import REPORT

bfrtrig.make()
DUMP = os.path.join(PLACE, 'dump.json')
PORTS = [{'port': '1/0', 'speed': '100G', 'fec': 'rs'},
         {'port': '2/0', 'speed': '25G', 'fec': 'firecode', 'autoneg': 'off'},
         {'port': '2/1', 'speed': '10G', 'enabled': False}]
QUEUES = [{'port': '1/0', 'queue': 3, 'min_rate': '200Mbit', 'max_rate': '3Gbit',
           'priority': 7},
          {'port': '2/1', 'queue': 1, 'max_rate': '1000pps', 'weight': 100}]
IPV6 = {'src': '2001:db8::1', 'dst': '2001:db8::2', 'proto': 6, 'sport': 5, 'dport': 443,
        'queue': 3, 'tc': 5, 'dscp': 46}
TABLES = copy.deepcopy(FILE['tables'])
TABLES['nexthop'] = [{'id': 1, 'port': '1/0', **NEIGHBOUR},
                     {'id': 2, 'port': 68, 'vlan': 42, **NEIGHBOUR}]
TABLES['nfv_sid'] = [{**TABLES['nfv_sid'][0], 'port': '2/0'},
                     {**TABLES['nfv_sid'][0], 'port': '2/0', 'label': 16202},
                     {**TABLES['nfv_sid'][0], 'port': '2/1', 'label': 16203, 'dport': 99}]
TABLES['priority_flow'] += [IPV6]
TABLES['ingress_chain'] += [
    {'order': 2, 'src': '2001:db8::/32', 'dport': 443, 'labels': [17001], 'ttl': 9, 'tc': 5},
    {'order': 3, 'proto': 17, 'labels': list(range(17001, 17009))},
    {'order': 4, 'dst': '0.0.0.0/0', 'labels': [17002]},
    {'order': 5, 'dst': '::/0', 'labels': [17002]}]
DESCRIPTION = bfrtrig.compiled()
print('# program: ' + ('compiled' if DESCRIPTION else 'listed in bfrtrig.py'))
DESCRIPTION = DESCRIPTION or bfrtrig.program()


@before_each
def fresh():
    bfrtrig.install(DESCRIPTION)
    if os.path.exists(DUMP):
        os.unlink(DUMP)


def config(name='config', tables=None, ports=None, queues=None, program=PROGRAM):
    path = os.path.join(PLACE, name + '.json')
    with open(path, 'w', encoding='ascii') as file:
        json.dump({'program': program, 'ports': PORTS if ports is None else ports,
                   'queues': QUEUES if queues is None else queues,
                   'tables': TABLES if tables is None else tables}, file)
    return path


def other(**tables):
    return {**copy.deepcopy(TABLES), **tables}


def plain(tables):
    return {t: sorted(json.dumps(e, sort_keys=True) for e in list_)
            for t, list_ in tables.items()}


def dumped():
    """Rows of the driver by the last part of a table's name, defaults left out."""
    with open(DUMP, encoding='ascii') as file:
        return {name if name[0] in '$t' else name.rsplit('.', 1)[-1]: rows
                for name, rows in json.load(file).items()}


def values(row):
    """What a row says, in order, without the names that the compiler gave."""
    return [v for k, v in row.items() if k[0] != '$']


def count():
    return sum(map(len, TABLES.values())) + len(PORTS) + len(QUEUES)


@case('load, and show says what the file said; applied again nothing changes')
def load():
    """The driver's own output is not among ours."""
    path = config()
    out = batch('load ' + path, 'apply ' + path, 'show', options=['-j'])[0].splitlines()
    zero = {'added': 0, 'changed': 0, 'deleted': 0}
    equal(json.loads(out[0]), {**zero, 'added': count()}, 'load')
    shown = plain(json.loads(out[2]))
    queues = shown.pop('queues')
    equal(shown, plain({**TABLES, 'ports': PORTS}), 'tables')
    equal(json.loads(out[1]), zero, 'apply')
    equal(len(queues), 2, 'queues')
    check('"min_rate": "199936kbit"' in queues[1], 'what a shaper can have: ' + queues[1])


@case('rows: what the program finds in its tables')
def rows():
    """Names are the compiler's, values and their order are ours."""
    batch('load ' + config(), FAKE_DUMP=DUMP)
    found = dumped()
    fib = [values(r) for r in found['label_fib']]
    equal(sorted(r[1].rsplit('.', 1)[-1] for r in fib), ['keep', 'swap'], 'actions')
    equal(fib[0][0], '004269', 'label 17001 in 20 bits')
    equal([values(r)[2:] for r in found['local_sid'] if values(r)[0] == '003ee4'],
          [['00', '0001f78c']], '33 ms up, in four ticks of 256 ns')
    equal(len(found['ecmp']), 64, 'buckets')
    equal(found['size_square'] + found['iat_square'], [16384, 65536], 'squares')
    equal([len(found['class%d' % i]) for i in range(1, 8)], [5] * 7, 'classes')
    equal(sorted(values(r)[2] for r in found['nexthop']), ['0044', '0080'], 'ports')
    chains = {r['$MATCH_PRIORITY']: values(r) for r in found['ingress_chain4']}
    equal(sorted(chains), [1, 3, 4], 'orders of IPv4')
    equal(chains[1][:4], ['00000000', '00000000', 'c633644d', 'ffffffff'], 'prefix')
    equal(sorted(r['$MATCH_PRIORITY'] for r in found['ingress_chain6']), [2, 3, 5],
          'orders of IPv6')
    words = [values(r)[2:] for r in found['push'] if values(r)[0] == '0002']
    equal(words, [['04269b09']], 'label 17001, tc 5, S, ttl 9')
    import zlib  # pylint: disable=import-outside-toplevel
    folded = '%08x' % zlib.crc32(bytes.fromhex('20010db8' + '00' * 11 + '01'))
    check(folded in [values(r)[0] for r in found['priority_flow']],
          'the source folded to ' + folded)


def mirrored():
    """The octets that the mirror puts before a frame, which its cut counts."""
    with open(os.path.join(ctlrig.REPO, 'p4/include/headers_tna.p4'),
              encoding='utf-8') as file:
        fields = re.search(r'header mirror_t \{\s+(.*?)\s+\}', file.read(), re.S).group(1)
    equal(fields, 'kind_t kind;', 'mirror_t')
    with open(os.path.join(ctlrig.REPO, 'p4/include/arch_tna.p4'), encoding='utf-8') as file:
        return int(re.search(r'typedef bit<(\d+)> kind_t;', file.read()).group(1)) // 8


@case('reports: a group that copies, mirror sessions that cut, one block a port')
def copies():
    batch('load ' + config(), FAKE_DUMP=DUMP)
    found = dumped()
    equal([(r['$MULTICAST_NODE_ID'], r['$MULTICAST_RID'], r['$DEV_PORT'])
           for r in found['$pre.node']], [(1, 1, [68])], 'nodes')
    equal([(r['$MGID'], r['$MULTICAST_NODE_ID']) for r in found['$pre.mgid']],
          [(1, [1])], 'groups')
    sessions = {r['$sid']: (r['$ucast_egress_port'], r['$max_pkt_len'], r['$direction'])
                for r in found['$mirror.cfg']}
    whole = mirrored() + 14 + 20 + 8 + REPORT.size
    equal(sessions, {first + words: (port, whole + 4 * words, 'EGRESS')
                     for first, port in ((32, 132), (64, 133)) for words in range(6, 23)},
          'sessions')
    equal(sorted(values(r)[-1] for r in found['report_to']), ['0020', '0020', '0040'],
          'sessions in report_to')


@case('ports: speed, FEC, autonegotiation, breakout; what is not ours stays')
def ports():
    four = [{'port': '1/%d' % i, 'speed': '25G'} for i in range(4)]
    batch('load ' + config(), 'apply ' + config('four', ports=four + PORTS[1:], queues=[]),
          FAKE_DUMP=DUMP)
    found = {r['$DEV_PORT']: r for r in dumped()['$PORT']}
    equal(sorted(found), [68, 128, 129, 130, 131, 132, 133], 'ports')
    equal([found[132][k] for k in ('$SPEED', '$FEC', '$AUTO_NEGOTIATION', '$PORT_ENABLE')
           if k in found[132]][-3:],
          ['BF_FEC_TYP_FIRECODE', 'PM_AN_FORCE_DISABLE', 1], 'of 2/0')
    equal(found[133]['$PORT_ENABLE'], 0, 'of 2/1')
    back = batch('load ' + config('four', ports=four, queues=[]),
                 'apply ' + config('one', ports=PORTS[:1], queues=[]), 'show ports')[0]
    equal(back.splitlines()[1:], ['added 0 changed 1 deleted 3',
                                  'ports port 1/0 speed 100G fec rs'], 'back')


@case('queues: guaranteed and allowed rates, priority, weight, and back')
def queues():
    """Where a port's queues are in its group is the driver's to say."""
    batch('load ' + config(), FAKE_DUMP=DUMP)
    cfg = {(r['pg_id'], r['pg_queue']): r for r in dumped()['tf1.tm.queue.sched_cfg']
           if 'max_priority' in r}
    equal(sorted(cfg), [(0, 3), (1, 9)], 'queues')
    equal([cfg[0, 3][k] for k in ('min_rate_enable', 'max_rate_enable', 'min_priority',
                                  'max_priority', 'dwrr_weight')], [1, 1, '7', '7', 1023],
          'of 1/0')
    equal([cfg[1, 9][k] for k in ('min_rate_enable', 'max_rate_enable', 'dwrr_weight')],
          [0, 1, 100], 'of 2/1')
    rates = {(r['pg_id'], r['pg_queue']): r for r in dumped()['tf1.tm.queue.sched_shaping']
             if 'unit' in r}
    equal((rates[0, 3]['unit'], rates[1, 9]['unit']), ('BPS', 'PPS'), 'units')
    check(199000 < rates[0, 3]['min_rate'] <= 200000, 'kbit/s')
    out = batch('load ' + config(), 'apply ' + config('none', queues=[]),
                'show queues')[0].splitlines()
    equal(out[1:], ['added 0 changed 0 deleted 2'], 'back')


@case('a port that changes keeps its queues; one that is only disabled stays')
def change_port():
    faster = [{**PORTS[0], 'speed': '40G', 'fec': 'none'}, *PORTS[1:]]
    out = batch('load ' + config(), 'apply ' + config('b', ports=faster),
                'apply ' + config('b', ports=faster), 'show queues',
                'apply ' + config('c', ports=[{**faster[0], 'enabled': False}, *PORTS[1:]]),
                'show ports')[0].splitlines()
    equal(out[1:3], ['added 0 changed 1 deleted 0', 'added 0 changed 0 deleted 0'], 'apply')
    check(out[3].startswith('queues port 1/0 queue 3 min_rate 199'), out[3])
    equal(out[5:7], ['added 0 changed 1 deleted 0',
                     'ports port 1/0 speed 40G enabled false'], 'disabled')


def unchanged(out, before):
    """The last line of the output, a whole show, is the line before."""
    equal(json.loads(out.splitlines()[-1]), json.loads(before), 'the switch')


NO_SPACE, LOCKED, HARDWARE, REFUSED = 9, 13, 5, 3
CHANGE = other(
    label_fib=[{'label': 17001, 'action': 'pop', 'nexthop': 2},
               {'label': 17003, 'action': 'pop', 'nexthop': 3}],
    nexthop=[*TABLES['nexthop'], {'id': 3, 'port': '3/0', **NEIGHBOUR}],
    nfv_sid=[*TABLES['nfv_sid'], {**TABLES['nfv_sid'][0], 'port': '3/0', 'label': 16204}],
    priority_flow=[], ipv6_fib=[])
CHANGE_PORTS = [{**PORTS[0], 'fec': 'none'}, PORTS[1], {'port': '3/0', 'speed': '10G'}]
CHANGE_QUEUES = [{**QUEUES[0], 'weight': 7}, {'port': '3/0', 'queue': 2, 'priority': 1}]


@case('all or nothing: whichever write fails, the switch is as it was')
def all_or_nothing():
    """The driver's transaction for tables; ports, queues and sessions by hand."""
    a, b = config(), config('b', CHANGE, CHANGE_PORTS, CHANGE_QUEUES)
    out = batch('load ' + a, 'apply ' + b, options=['-j'], FAKE_DUMP=DUMP)[0]
    equal(json.loads(out.splitlines()[1]), {'added': 5, 'changed': 3, 'deleted': 6}, 'apply')
    writes = dumped()['$writes']
    check(writes > 40, '%d writes' % writes)
    out, err = batch('load ' + a, 'show', *['apply ' + b, 'show'] * writes, 'apply ' + b,
                     options=['-j', '-f'], status=2, FAKE_FAIL='each,%d' % REFUSED)
    lines, errors = out.splitlines(), err.splitlines()
    equal(len(errors), 2 * writes, 'sentences: ' + err)
    for at, error in enumerate(errors[::2], 1):
        check('the switch refused: Invalid arguments' in error, 'write %d: %s' % (at, error))
    equal(lines[1:-1], lines[1:2] * (writes + 1), 'what there is after each failure')
    equal(json.loads(lines[-1])['added'], 5, 'apply at last')
    batch('load ' + a, 'apply ' + b, status=2, FAKE_DUMP=DUMP,
          FAKE_FAIL='2,%d,%d' % (writes, REFUSED))
    equal(len(dumped()['$mirror.cfg']), 34, 'mirror sessions')


@case('a table that is full, a lock, a device that is gone: a sentence each')
def sentences():
    path = config()
    for status, sentence in ((NO_SPACE, "the switch's table is full"),
                             (LOCKED, 'another controller has the switch'),
                             (HARDWARE, 'the connection to the switch is lost')):
        err = batch('load ' + path, 'priority add src 1.1.1.1 dst 2.2.2.2 proto 6 sport 1 '
                    'dport 2 queue 1', status=2, FAKE_FAIL='2,1,%d' % status)[1]
        says(sentence, err)
        says('priority_flow {"src":"1.1.1.1"', err)
    small = copy.deepcopy(DESCRIPTION)
    for table in small['tables']:
        if table['name'].endswith('.label_fib'):
            table['size'] = 300
    bfrtrig.install(small)
    full = other(label_fib=TABLES['label_fib'] + [
        {'label': 20000 + i, 'action': 'keep', 'nexthop': 1} for i in range(299)])
    out, err = batch('load ' + path, 'show', 'apply ' + config('full', full), 'show',
                     options=['-j', '-f'], status=2)
    says('label_fib {"label":20298}: the switch\'s table is full', err)
    unchanged(out, out.splitlines()[1])


@case('a load that fails says why, and a program that does not match is not loaded')
def misfit():
    """The driver is not even started for what can be known before."""
    for status, more, sentence in (
            (2, {'FAKE_START': '10'}, 'the switch\'s driver did not start: '),
            (2, {'FAKE_ABSENT': '1'}, 'the switch did not come up with "srproxy_tna"'),
            (2, {'FAKE_DEVICE': '16'}, 'another process has the switch'),
            (2, {'FAKE_DEVICE': '13'}, '/dev/bf0: Permission denied'),
            (2, {'FAKE_FAIL': '0,5,9'}, "the switch's table is full")):
        says(sentence, batch('load ' + config(), status=status, **more)[1])
    says('No such file', batch('load ' + config(program='none'), status=2)[1])
    lacking = copy.deepcopy(DESCRIPTION)
    lacking['tables'] = [t for t in lacking['tables'] if not t['name'].endswith('.push')]
    bfrtrig.install(lacking, 'lacking')
    says('the program has no table push', batch('load ' + config(program='lacking'),
                                                status=2)[1])
    bfrtrig.install([], 'broken')
    says('describes no program', batch('load ' + config(program='broken'), status=2)[1])
    narrow = copy.deepcopy(DESCRIPTION)
    for table in narrow['tables']:
        if table['name'].endswith('.nexthop'):
            table['key'][0]['type']['width'] = 1
    bfrtrig.install(narrow, 'narrow')
    says('the program has other fields in nexthop',
         batch('load ' + config(program='narrow'), status=2)[1])
    out, err = batch('load ' + config(), 'load ' + config('b', program='narrow'),
                     'show nexthop', options=['-f'], status=2)
    says('the switch runs "srproxy_tna": another program takes another process', err)
    equal(len(out.splitlines()), 3, 'lines')
    for words, status, sentence in (
            (['show', 'ecmp'], 2, 'the switch has no program: use load'), (['counters'], 2, 'the switch has no program'),
            (['apply', config()], 2, 'the switch has no program: use load'),
            (['priority', 'add', *'src 1.1.1.1 dst 2.2.2.2 proto 6 sport 1 dport 2 queue 1'
              .split()], 2, 'the switch has no program: use load')):
        says(sentence, ctl(*words, status=status)[1])
    says('names a switch, not "x=1"', ctl('-t', 'bfrt:x=1', 'show', status=1)[1])


@case('what a Tofino cannot have is said, and nothing is done')
def cannot():
    path = config()
    for tables, more, sentence in (
            ({'nexthop': [{'id': 1, 'port': '40/0', **NEIGHBOUR}, TABLES['nexthop'][1]]}, {},
             'the front panel has no 40/0'),
            ({}, {'ports': [PORTS[0], {'port': 129, 'speed': '10G'}], 'queues': QUEUES[:1]},
             'ports 1/1: its channels are those of port 1/0 too'),
            ({}, {'ports': [PORTS[0], {'port': 66, 'speed': '10G'}, {'port': 64, 'speed':
             '100G'}], 'queues': []}, 'ports 66: its channels are those of port 64 too'),
            ({}, {'ports': [PORTS[0], {'port': 128, 'speed': '100G'}], 'queues': QUEUES[:1]},
             'there is {"port":"1/0"}, too'),
            ({}, {'queues': [{'port': '1/0', 'queue': 9, 'weight': 5}]},
             'queues {"port":"1/0","queue":9}: the port has 8 queues'),
            ({'ingress_chain': [{'order': 1, 'labels': [17001], 'dport': 1},
                                {'order': 1, 'labels': [17001], 'dport': 2}]}, {},
             'one entry of an order, not two of 1'),
            ({'ingress_chain': [{'order': 1, 'labels': [17001], 'src': '10.0.0.0/8',
                                 'dst': '2001:db8::/32'}]}, {}, 'are of one family'),
            ({'nfv_sid': [{**TABLES['nfv_sid'][0], 'label': 30000 + i, 'port': i}
                          for i in range(32)]}, {}, 'reports can go to 31 ports')):
        b = config('b', other(**tables), **more)
        out, err = batch('load ' + path, 'show', 'apply ' + b, 'show', options=['-j', '-f'],
                         status=None)
        says(sentence, err)
        unchanged(out, out.splitlines()[1])
    out, err = batch('load ' + path, status=2, FAKE_LIE='1')
    says('ports {"port":"2/0"}: the switch did not take it as a whole', err)


@case('chains of one family, of both, of everything: what is shown applies again')
def chains():
    same = other(ingress_chain=[
        {'order': 1, 'src': '10.0.0.0/8', 'dst': '0.0.0.0/0', 'labels': [17001]},
        {'order': 2, 'src': '::/0', 'labels': [17001]},
        {'order': 3, 'src': '::/0', 'dst': '2001:db8::/32', 'labels': [17001]},
        {'order': 4, 'src': '::ffff:1.2.3.0/120', 'labels': [17001]}])
    path = config('a', same)
    out = batch('load ' + path, 'apply ' + path, 'show ingress_chain')[0].splitlines()
    equal(out[1], 'added 0 changed 0 deleted 0', 'apply')
    equal([line.split(' labels')[0] for line in out[2:]], [
        'ingress_chain order 1 src 10.0.0.0/8', 'ingress_chain order 2 dst ::/0',
        'ingress_chain order 3 dst 2001:db8::/32',
        'ingress_chain order 4 src ::ffff:1.2.3.0/120'], 'show')


@case('priority: sessions of IPv6 are shown with their addresses')
def priority():
    """The switch has 32 bits of them; the process remembers."""
    session = ' '.join('%s %s' % (k, IPV6[k]) for k in
                       ('src', 'dst', 'proto', 'sport', 'dport'))
    path = config(tables=other(priority_flow=[]))
    out = batch('load ' + path, 'priority add %s queue 2' % session, 'priority list',
                'priority add %s queue 4' % session, 'priority list',
                'priority del ' + session, 'priority list')[0].splitlines()
    equal(out[1:], ['priority_flow %s queue %d' % (session, q) for q in (2, 4)], 'list')
    out, err = batch('load ' + path, 'priority add %s queue 2' % session, 'priority list',
                     options=['-f'], status=2, FAKE_FAIL='2,2,3')
    equal(len(out.splitlines()), 1, 'lines after a commit that failed')
    check('refused' in err, err)


@case('counters: of events, of both feature counters together, of entries, of ports')
def counters():
    out = batch('load ' + config(), 'counters', 'counters label_fib', 'counters ports',
                'counters queues', 'monitor rounds 1', options=['-j'])[0].splitlines()
    events = {e['event']: e for e in json.loads(out[1])}
    equal((events['parse']['packets'], events['parse']['bytes']),
          (2, 2) if events['parse']['bytes'] == 2 else (2, 200), 'parse')
    equal(events['report']['packets'], 12, 'report: twice the sixth place')
    equal([e['packets'] for e in json.loads(out[2])], [1, 2], 'entries of label_fib')
    equal({e['packets'] for e in json.loads(out[3])}, {5}, 'frames of ports')
    equal({e['packets'] for e in json.loads(out[4])}, {17}, 'drops of queues')
    equal(len(out), 5, 'monitor: nothing new')


@case('windows: a length that the switch can have is near enough')
def windows():
    """Multiples of 1,024 ns: some microseconds are nearest to none."""
    lengths = (1, 21, 22, 33000, 50021, 999999, 1000000)
    lines = ['load ' + config()]
    for us in lengths:
        path = config('w%d' % us, other(local_sid=[
            {'label': 16100, 'action': 'feature', 'direction': 'up', 'window_us': us}]))
        lines += ['apply ' + path, 'apply ' + path, 'show local_sid']
    out = batch(*lines)[0].splitlines()[1:]
    for us, again, shown in zip(lengths, out[1::3], out[2::3]):
        equal(again, 'added 0 changed 0 deleted 0', 'apply %d' % us)
        got = int(shown.rsplit(' ', 1)[1])
        check(abs(got - us) <= 1, '%d us are %d' % (us, got))


@case('sessions forget: the register that says which slots were used')
def forget():
    batch('load ' + config(), 'sessions forget', FAKE_DUMP=DUMP)
    equal(dumped()['slot_used'], [1], 'times it was cleared')
    says('the connection to the switch is lost',
         batch('load ' + config(), 'sessions forget', status=2,
               FAKE_FAIL='1,%d,%d' % (len_of_load() + 1, HARDWARE))[1])
    says('use load', ctl('sessions', 'forget', status=2)[1])


def sessions(out):
    """(used, slots) of each line of `counters`."""
    every = [json.loads(line) for line in out.splitlines() if line[0] == '[']
    return [(e['used'], e['slots']) for events in every for e in events
            if e['event'] == 'sessions']


@case('sessions: of the slots that all pipes have, those taken since they were forgotten')
def occupancy():
    """Slots are the program's: as many as its register has; `new` goes on counting."""
    slots = [t['size'] for t in DESCRIPTION['tables'] if t['name'].endswith('.slot_used')][0]
    check(slots < 65536, 'slots: as many as bmv2')
    new = 4         # the second place of two counters
    lines = ['load ' + config(), 'counters', 'sessions forget', 'counters', 'counters']
    out = batch(*lines, options=['-j'], FAKE_COUNTS='1,3,4,5')[0]
    equal(sessions(out), [(new, slots), (new, slots), (2 * new, slots)], 'sessions')
    out = batch(*lines[:2], options=['-j'], FAKE_PIPES='4')[0]
    equal(sessions(out), [(new, 4 * slots)], 'of four pipes')


@case('monitor: where counters began anew, what they have since')
def monitor():
    out = batch('load ' + config(), 'monitor rounds 2', options=['-j'],
                FAKE_COUNTS='5,2,6')[0]
    found = [json.loads(line) for line in re.findall(r'{.*}', out)[1:]]
    parse = [(e['packets'], e['bytes']) for e in found if e['event'] == 'parse']
    check(parse in ([(4, 400), (8, 800)], [(4, 4), (8, 8)]), 'parse: %s' % parse)


def len_of_load():
    batch('load ' + config(), FAKE_DUMP=DUMP)
    return dumped()['$writes']


@case('a transaction that is refused half way is over, of one write or of many')
def refused_then():
    """What comes after it is done, not only said to be."""
    path = config()
    bad = config('bad', other(nexthop=[*TABLES['nexthop'],
                                       {'id': 3, 'port': 68, **NEIGHBOUR}]),
                 ports=[*PORTS, {'port': '40/0', 'speed': '10G'}])
    chain = config('chain', other(ingress_chain=[
        {'order': 1, 'labels': [17001], 'src': '10.0.0.0/8', 'dst': '2001:db8::/32'}]))
    add = 'priority add src 1.1.1.1 dst 2.2.2.2 proto 6 sport 1 dport 2 queue %d'
    for file in (bad, chain):
        out, err = batch('load ' + path, 'apply ' + file, add % 1, 'priority list',
                         'apply ' + path, 'priority list', options=['-f'], status=2)
        check('40/0' in err or 'one family' in err, err)
        lines = out.splitlines()
        equal([line for line in lines if '1.1.1.1' in line],
              ['priority_flow src 1.1.1.1 dst 2.2.2.2 proto 6 sport 1 dport 2 queue 1'],
              'sessions')
        check('added 0 changed 0 deleted 1' in lines, 'apply: ' + out)


@case('a chain of the same order, a label of another table: what has its rows leaves')
def moves():
    """All in one transaction: whichever write fails, the switch is as it was."""
    path = config()
    chain, *chains = TABLES['ingress_chain']
    label, *labels = TABLES['nfv_sid']
    b = config('b', other(
        ingress_chain=[{**chain, 'dst': '198.51.100.78/32'}, *chains],
        nfv_sid=[{**label, 'label': 16110}, *labels],
        local_sid=[TABLES['local_sid'][0], {'label': 16201, 'action': 'node'}]))
    out = batch('load ' + path, 'apply ' + b, 'show', 'apply ' + path, 'show',
                options=['-j'], FAKE_DUMP=DUMP)[0].splitlines()
    for line in (1, 3):
        equal(json.loads(out[line]), {'added': 3, 'changed': 0, 'deleted': 3}, 'apply')
    with open(b, encoding='ascii') as file:
        want = json.load(file)['tables']
    shown = json.loads(out[2])
    for table in ('ingress_chain', 'nfv_sid', 'local_sid'):
        equal(plain(shown)[table], plain(want)[table], table)
    writes = dumped()['$writes']
    out = batch('load ' + path, 'show', *['apply ' + b, 'show'] * writes, options=['-j', '-f'],
                status=2, FAKE_FAIL='each,%d' % REFUSED)[0].splitlines()
    equal(out[1:], out[1:2] * (writes + 1), 'what there is after each failure')


@case('load of the program that runs: all of it or nothing')
def load_again():
    """A file that the switch refuses leaves it as it was."""
    path = config()
    for tables, more, sentence in (
            ({'nexthop': [{'id': 1, 'port': '40/0', **NEIGHBOUR}, TABLES['nexthop'][1]]}, {},
             'the front panel has no 40/0'),
            ({'ingress_chain': [{'order': 1, 'labels': [17001], 'src': '10.0.0.0/8',
                                 'dst': '2001:db8::/32'}]}, {}, 'are of one family'),
            ({}, {'queues': [{'port': '1/0', 'queue': 9, 'weight': 5}]},
             'the port has 8 queues')):
        out, err = batch('load ' + path, 'show', 'load ' + config('b', other(**tables), **more),
                         'show', options=['-j', '-f'], status=2)
        says(sentence, err)
        unchanged(out, out.splitlines()[1])
    b = config('b')
    with open(b, encoding='ascii') as file:
        whole = json.load(file)
    del whole['ports'], whole['queues']
    with open(b, 'w', encoding='ascii') as file:
        json.dump(whole, file)
    out = batch('load ' + path, 'load ' + b, 'show ports')[0].splitlines()
    equal(len(out[2:]), len(PORTS), 'ports that the file does not name')


@case('load again: nothing stays that the file has not')
def reload():
    out = batch('load ' + config(), 'load ' + config('b', {'nexthop': TABLES['nexthop']},
                                                     ports=[], queues=[]), 'show',
                options=['-j'])[0].splitlines()
    equal(plain(json.loads(out[2])), plain({'nexthop': TABLES['nexthop']}), 'tables')


try:
    run()
finally:
    ctlrig.clean()
