# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_telemetry.sh."""

import configparser
import fcntl
import glob
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

import pkt
from ktap import Failure, Skip, before_each, case, check, equal, note, run, swift, wait_for
from proxy import CTL
from vlan import Tagged

REPO = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TICK = 0.03         # longer than a jiffy: another packet of the flow may be sampled
SECOND = 1.2        # longer than a sample is waited for
PROMPT = 0.9        # shorter than that
DELAY = 50          # ms

topo = Tagged(2)
px, s0 = topo.px, topo.s0


@before_each
def start():
    px.clear()
    topo.drain()
    subprocess.run(['tc', '-n', topo.netns('fn'), 'qdisc', 'del', 'dev', 'f1', 'root'],
                   check=False, stderr=subprocess.DEVNULL)
    px.ctl('stats reset', 'uplink add dev u0', topo.vnf_line(1, 'fw'),
           topo.vlan_line(2, '101-108', 'nat'), 'sid add 16010 vnf fw', 'sid add 16012 vnf nat')


def netem(what):
    topo.sh('fn', 'tc qdisc replace dev f1 root netem ' + what)


def seen(name='fw'):
    """(samples that came back, samples lost) of a vnf."""
    stats = px.vnf(name)['stats']
    return stats['latency_ns']['count'], stats['lost']


def go_in(inner):
    topo.to_proxy([16010, 900], inner)
    topo.at_vnf(1, inner)


def come_back(inner):
    topo.from_vnf(1, inner)
    topo.at_switch([(900, 0, 63)], inner)


def there_and_back(inner):
    go_in(inner)
    come_back(inner)


def until_sampled(visit, wanted=1, name='fw'):
    """Visit until so many samples more have come back; the first packet of a
    flow is never one, another may share its jiffy with it. One that takes long,
    as it can on a slow machine, is lost.
    """
    first = before = seen(name)
    for number in range(20 * wanted):
        start = time.monotonic()
        visit(number)
        took = time.monotonic() - start
        time.sleep(TICK)
        now = seen(name)
        check(now[1] == before[1] or took > PROMPT, 'lost a sample in %.1f s' % took)
        before = now
        if now[0] >= first[0] + wanted:
            return
    raise Failure('%d of %d samples in %d visits' % (now[0] - first[0], wanted, number + 1))


TRANSPORTS = {
    'udp': lambda n: pkt.udp(1000, 53, b'%032d' % n),
    'tcp': lambda n: pkt.tcp(1001, 80, b'x' * 100, seq=1 + 100 * n),
    'sctp': lambda n: pkt.sctp(1002, 2905, b'%016d' % n),
    'esp': lambda n: pkt.esp(seq=n),
    'gre': lambda n: pkt.gre(key=7),
    'unknown': lambda n: pkt.raw(253, b'%016d' % n),
}


@case('every transport: a sampled packet is known again')
def transports():
    for family in (4, 6):
        for name, make in TRANSPORTS.items():
            fields = {'ident': 7} if family == 4 else {}
            try:
                until_sampled(lambda n, make=make: there_and_back(
                    pkt.ip(make(n), family, **fields)))
            except Failure as why:
                raise Failure('%s v%d: %s' % (name, family, why)) from why


@case('a function with match vlan may rewrite addresses, ports and checksums')
def rewritten():
    def visit(number):
        data = b'%024d' % number
        topo.to_proxy([16012, 900], pkt.ip4(pkt.udp(1000, 53, data), ident=number))
        topo.at_vlan(2, pkt.ip4(pkt.udp(1000, 53, data), ident=number), 101)
        back = pkt.ip4(pkt.udp(7, 99, data), ident=number, ttl=9, src='203.0.113.9')
        topo.from_vlan(2, 101, back)
        topo.at_switch([(900, 0, 63)], back)
    until_sampled(visit, 3, 'nat')


@case('a delay by netem: no sample is shorter, the percentiles are in its bucket')
def delayed():
    netem('delay %dms' % DELAY)
    until_sampled(lambda n: there_and_back(pkt.ip4(pkt.udp(), ident=n)), 10)
    latency = px.vnf('fw')['stats']['latency_ns']
    note('%d ms: %s' % (DELAY, {n: c for n, c in enumerate(latency['buckets']) if c}),
         {key: latency[key] for key in ('p50', 'p99', 'max', 'sum')})
    bucket = (DELAY * 1000000).bit_length() - 1
    equal(sum(latency['buckets']), latency['count'], 'samples in buckets')
    equal(sum(latency['buckets'][:bucket]), 0, 'samples below %d ms' % DELAY)
    equal(max(n for n, count in enumerate(latency['buckets']) if count),
          latency['max'].bit_length() - 1, 'bucket of the longest')
    check(latency['sum'] >= latency['count'] * DELAY * 1000000, 'sum %d' % latency['sum'])
    check(2 ** bucket <= latency['p50'] <= latency['p99'] <= latency['max'], 'percentiles')
    check(DELAY * 1000000 <= latency['max'] < 1000000000, 'longest')


def flows(count, first=2000):
    """Packets of so many flows, of which something has come back."""
    packets = [pkt.ip4(pkt.udp(first + n, 53), ident=n + 1) for n in range(count)]
    for inner in packets:
        there_and_back(inner)
    return packets


def sampled(packets):
    """One packet more of each, on its own in a jiffy: it is sampled."""
    for inner in packets:
        time.sleep(TICK)
        go_in(inner)


@case('loss by netem: each lost sample is counted, once')
def lost():
    packets = flows(10)
    px.ctl('stats reset')
    netem('loss 100%')
    sampled(packets)
    for inner in packets:
        topo.from_vnf(1, inner)
    time.sleep(SECOND)
    for inner in packets:
        go_in(inner)
    equal(seen(), (0, 10), 'samples back, lost')
    netem('delay 0ms')
    for inner in packets:
        time.sleep(TICK)
        with swift(PROMPT):
            there_and_back(inner)
    equal(seen(), (10, 10), 'samples back, lost')
    equal(px.vnf('fw')['stats']['loss'], 0.5, 'loss')


@case('a sample that comes back after a second is lost')
def late():
    [inner] = flows(1)
    px.ctl('stats reset')
    sampled([inner])
    time.sleep(SECOND)
    come_back(inner)
    equal(seen(), (0, 1), 'samples back, lost')


@case('no loss: flows of which the function never returned anything')
def consumed():
    packets = [pkt.ip4(pkt.udp(3000 + n, 53)) for n in range(5)]
    for inner in packets:
        go_in(inner)
    for _ in range(2):
        sampled(packets)
        time.sleep(SECOND)
    equal(seen(), (0, 0), 'samples back, lost')


@case('others of the flow that come back first are not taken for the sample')
def others():
    [inner] = flows(1)
    px.ctl('stats reset')
    time.sleep(TICK)
    with swift(PROMPT):
        go_in(inner)
        for ident in range(100, 110):
            come_back(pkt.ip4(pkt.udp(2000, 53), ident=ident))
        time.sleep(0.2)
        come_back(inner)
    equal(seen(), (1, 0), 'samples back, lost')
    took = px.vnf('fw')['stats']['latency_ns']['sum']
    check(took >= 200000000, 'another was taken for it: %d ns' % took)


@case('ageing finds the loss of a flow that falls silent')
def aged():
    px.ctl('config set idle-timeout 4')
    packets = flows(3)
    px.ctl('stats reset')
    sampled(packets)
    wait_for(lambda: seen() == (0, 3), 'three lost samples', timeout=20)


@case('reset: counts, buckets and the longest begin anew')
def reset():
    netem('delay 20ms')
    until_sampled(lambda n: there_and_back(pkt.ip4(pkt.udp(), ident=n)), 2)
    px.ctl('stats reset')
    stats = px.vnf('fw')['stats']
    equal(stats['latency_ns'], {'count': 0, 'p50': 0, 'p99': 0, 'max': 0, 'sum': 0,
                                'buckets': [0] * 30}, 'after the reset')
    equal((stats['lost'], stats['loss']), (0, 0), 'loss after the reset')
    netem('delay 0ms')
    until_sampled(lambda n: there_and_back(pkt.ip4(pkt.udp(), ident=n)))
    check(px.vnf('fw')['stats']['latency_ns']['max'] > 0, 'longest after the reset')


# ---- what shows it -----------------------------------------------------------

def traffic(count=20):
    for number in range(count):
        there_and_back(pkt.ip4(pkt.udp(), ident=number))


class Running:
    """srproxyctl in the background, until it has said enough."""

    def __init__(self, *args, stdout=subprocess.PIPE):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([CTL, '-n', px.netns, *args], stdout=stdout,
                                        stderr=subprocess.PIPE, text=True)

    def result(self):
        out, err = self.process.communicate(timeout=60)
        equal((self.process.returncode, err), (0, ''), 'exit status, stderr')
        return out


@case('top -j: one sample, with rates of what went by')
def top_json():
    traffic(1)
    top = Running('-j', 'top', 'interval', '2')
    end = time.monotonic() + 60
    while top.process.poll() is None and time.monotonic() < end:
        traffic(1)
        time.sleep(TICK)
    got = json.loads(top.result())
    check(1.9 < got['interval'] < 60, 'interval %s' % got['interval'])
    [uplink], [sid, _], [fw, nat] = got['uplink'], got['sid'], got['vnf']
    equal((uplink['dev'], uplink['state']), ('u0', 'up'), 'uplink')
    equal((sid['label'], sid['members'][0]['vnf']), (16010, 'fw'), 'sid')
    equal((fw['name'], fw['state'], fw['admin'], fw['flows']), ('fw', 'up', 'up', 1), 'vnf')
    equal((nat['to_vnf_packets_per_s'], nat['latency_ns']['count']), (0, 0), 'the idle vnf')
    for value in (uplink['rx_packets_per_s'], uplink['tx_packets_per_s'], sid['packets_per_s'],
                  sid['members'][0]['packets_per_s'], fw['to_vnf_packets_per_s'],
                  fw['from_vnf_packets_per_s'], fw['to_vnf_bytes_per_s']):
        check(value > 0, 'a rate is %s in %s' % (value, got))
    equal(sid['packets_per_s'], sid['members'][0]['packets_per_s'], 'rate of the sid')
    check(fw['latency_ns']['count'] > 0, 'samples in %s' % fw)


@case('top in a pipe: tables one after the other, as many as were asked for')
def top_pipe():
    out = Running('top', 'interval', '0.1', 'count', '3').result()
    check('\033' not in out, 'an escape sequence')
    for word, count in (('UPLINK', 3), ('SID', 3), ('VNF ', 6), ('16010', 3), ('fw ', 6)):
        equal(out.count(word), count, word)


class Terminal:
    """top on a terminal of our own."""

    def __init__(self, rows, columns):
        self.text = ''
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.top = Running('top', 'interval', '0.2', stdout=slave)
        os.close(slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            try:
                self.text += os.read(self.master, 65536).decode()
            except OSError:         # nobody has the other side any more
                break
        return self.text

    def screens(self):
        """The lines of each screen drawn so far, in full."""
        return [part.split('\033[J')[0].replace('\033[K', '').split('\r\n')
                for part in self.read().split('\033[H')[1:] if '\033[J' in part]


@case('top on a terminal: within its size, after a change too; SIGINT leaves it clean')
def top_terminal():
    term = Terminal(24, 100)
    wait_for(lambda: len(term.screens()) >= 2, 'two screens', timeout=30)
    check(any('fw' in line for line in term.screens()[0]), 'no fw in %s' % term.screens()[0])
    term.resize(5, 20)
    term.top.process.send_signal(signal.SIGWINCH)
    drawn = len(term.screens())
    wait_for(lambda: len(term.screens()) >= drawn + 2, 'screens of the new size', timeout=30)
    for line in term.screens()[-1]:
        check(len(line) <= 20, 'too wide: ' + line)
    check(len(term.screens()[-1]) <= 5, 'too high: %s' % term.screens()[-1])
    term.top.process.send_signal(signal.SIGINT)
    wait_for(lambda: term.read() and term.top.process.poll() is not None, 'the end', timeout=30)
    equal(term.top.process.returncode, 0, 'exit status')
    check(term.read().endswith('\033[?25h\033[?1049l'), 'the terminal is left as it was')
    os.close(term.master)


def metrics(netns=None):
    """{(name, labels): value} by Prometheus' own parser, and the text."""
    try:
        from prometheus_client.openmetrics import parser    # pylint: disable=C0415
    except ImportError:
        raise Skip('no python3-prometheus-client') from None
    done = subprocess.run([CTL, '-n', netns or px.netns, 'stats', '--openmetrics'],
                          check=True, stdout=subprocess.PIPE, text=True)
    found = {}
    for family in parser.text_string_to_metric_families(done.stdout):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            check(key not in found, 'twice: %s' % (key,))
            found[key] = sample.value
    return found, done.stdout


def metric(found, name, **labels):
    labels.setdefault('netns', px.netns)
    return found[name, tuple(sorted(labels.items()))]


@case('OpenMetrics: Prometheus reads what -j shows')
def openmetrics():
    traffic()
    until_sampled(lambda n: there_and_back(pkt.ip4(pkt.udp(), ident=n)), 2)
    stats, [uplink], vnfs, sids = px.show('stats', 'uplink show', 'vnf show', 'sid show')
    found, text = metrics()
    check(text.endswith('# EOF\n'), 'no end')
    fw = vnfs[0]['stats']
    pairs = {
        'srproxy_flows': (stats[0]['flows'], {}),
        'srproxy_flows_created_total': (stats[0]['flows_created'], {}),
        'srproxy_uplink_up': (1, {'dev': 'u0'}),
        'srproxy_uplink_receive_bytes_total': (uplink['stats']['rx_bytes'], {'dev': 'u0'}),
        'srproxy_vnf_to_packets_total': (fw['to_vnf_packets'], {'vnf': 'fw'}),
        'srproxy_vnf_from_bytes_total': (fw['from_vnf_bytes'], {'vnf': 'fw'}),
        'srproxy_vnf_up': (1, {'vnf': 'fw'}),
        'srproxy_vnf_lost_samples_total': (fw['lost'], {'vnf': 'fw'}),
        'srproxy_vnf_latency_seconds_count': (fw['latency_ns']['count'], {'vnf': 'fw'}),
        'srproxy_vnf_latency_seconds_bucket': (fw['latency_ns']['count'],
                                               {'vnf': 'fw', 'le': '+Inf'}),
        'srproxy_vnf_latency_seconds_sum': (fw['latency_ns']['sum'] / 1e9, {'vnf': 'fw'}),
        'srproxy_vnf_latency_max_seconds': (fw['latency_ns']['max'] / 1e9, {'vnf': 'fw'}),
        'srproxy_sid_packets_total': (sids[0]['stats']['packets'],
                                      {'sid': '16010', 'vnf': 'fw', 'role': 'primary'}),
    }
    for name, (value, labels) in pairs.items():
        equal(metric(found, name, **labels), value, name)
    for reason, packets in stats[0]['drops'].items():
        equal(metric(found, 'srproxy_dropped_packets_total', reason=reason), packets, reason)


@case('OpenMetrics: all that is counted of functions with probes and queues')
def openmetrics_probes():
    px.ctl('vnf set fw probe inband probe-addr 203.0.113.1:7',
           'vnf add q tcp remote 127.0.0.1:9 tls')
    try:
        wait_for(lambda: px.vnf('fw')['stats']['probes_sent'], 'the first probe')
        before, q = px.vnf('fw')['stats'], px.vnf('q')
        found, _ = metrics()
        after = px.vnf('fw')['stats']
        for key in 'probes_sent', 'probes_answered':
            value = metric(found, 'srproxy_vnf_%s_total' % key, vnf='fw')
            check(before[key] <= value <= after[key], '%s: %d' % (key, value))
        equal(metric(found, 'srproxy_vnf_queued_packets', vnf='q'), q['queued'], 'queued')
        check(not [k for k in found if 'probes' in k[0] and ('vnf', 'q') in k[1]], 'probes of q')
    finally:
        px.ctl('vnf del q', 'vnf set fw probe none')


@case('OpenMetrics: labels are escaped')
def escaped():
    with tempfile.TemporaryDirectory() as where:
        path = where + '/a"b\\c\nd'
        os.symlink('/run/netns/' + px.netns, path)
        found, _ = metrics(path)
    equal({dict(labels)['netns'] for _, labels in found}, {path}, 'namespace')


@case('the dashboard asks only for what is exported')
def dashboard():
    found, _ = metrics()
    known = {name for name, _ in found}
    paths = glob.glob(REPO + '/tools/grafana/*.json')
    check(paths, 'no dashboard')
    for path in paths:
        with open(path, encoding='utf-8') as file:
            text = file.read()
        board = json.loads(text)
        check(board['panels'], 'no panels')
        queries = [target['expr'] for panel in board['panels']
                   for target in panel.get('targets', ())]
        queries += [v['query'] for v in board['templating']['list'] if 'query' in v]
        asked = {name for q in queries for name in re.findall(r'\bsrproxy_\w+', str(q))}
        check(len(asked) > 10, 'asks for little: %s' % asked)
        equal(asked - known, set(), 'not exported')


@case('srproxy-metrics: one file for each namespace, put in place whole')
def exported():
    with tempfile.TemporaryDirectory() as where:
        done = subprocess.run([REPO + '/tools/systemd/srproxy-metrics', where, px.netns],
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, env=dict(os.environ, SRPROXYCTL=CTL))
        equal((done.returncode, done.stderr), (0, ''), 'exit status, stderr')
        equal(os.listdir(where), ['srproxy-%s.prom' % px.netns], 'files')
        with open('%s/srproxy-%s.prom' % (where, px.netns), encoding='utf-8') as file:
            check(file.read().endswith('# EOF\n'), 'the file is whole')
        done = subprocess.run([REPO + '/tools/systemd/srproxy-metrics', where, 'nonesuch'],
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=dict(os.environ, SRPROXYCTL=CTL))
        check(done.returncode, 'a namespace that there is not')
        equal(os.listdir(where), ['srproxy-%s.prom' % px.netns], 'files')


def unit(kind):
    """A unit of the exporter, its program that of this tree: text, and sections."""
    with open('%s/tools/systemd/srproxy-metrics.%s' % (REPO, kind), encoding='utf-8') as file:
        text = file.read().replace('/usr/libexec/srproxy', REPO + '/tools/systemd')
    sections = configparser.RawConfigParser(strict=False)
    sections.optionxform = str
    sections.read_string(text)
    return text, sections


@case('the timer starts the exporter again and again; systemd understands both')
def timer():
    texts, units = zip(*map(unit, ('timer', 'service')))
    check({'OnBootSec', 'OnUnitActiveSec'} <= set(units[0]['Timer']), 'begins, and goes on')
    equal(units[0]['Install']['WantedBy'], 'timers.target', 'WantedBy')
    check('Unit' not in units[0]['Timer'], 'it starts the service of its name')
    with tempfile.TemporaryDirectory() as where:
        words = [where if word == '${TEXTFILE_DIR}' else px.netns if word == '$NETNS' else word
                 for word in units[1]['Service']['ExecStart'].split()]
        subprocess.run(words, check=True, env=dict(os.environ, SRPROXYCTL=CTL))
        equal(os.listdir(where), ['srproxy-%s.prom' % px.netns], 'files')
        # it reads all units of the machine: minutes where a processor is emulated
        if os.environ.get('SRP_SLOW'):
            return
        paths = ['%s/srproxy-metrics.%s' % (where, kind) for kind in ('timer', 'service')]
        for path, text in zip(paths, texts):
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
        try:
            done = subprocess.run(['systemd-analyze', 'verify', '--man=no', *paths],
                                  check=False, stderr=subprocess.PIPE, text=True)
        except FileNotFoundError as missing:
            raise Skip('no systemd-analyze') from missing
    # it may complain of other units of the machine
    equal([line for line in done.stderr.splitlines() if 'srproxy-metrics' in line], [],
          'complaints')


run()
