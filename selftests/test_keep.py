# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_keep.sh."""

import os
import subprocess

from farend import SOON, Far, Program
from ktap import before_each, case, check, equal, run, wait_for
from proxy import CTL

topo = Far()
px = topo.px
UNIX = os.path.join(topo.dir, 'fn.sock')
PLACES = {'udp 4': 'udp local 10.3.1.1:4000 remote %s', 'tcp 4': 'tcp remote %s',
          'udp 6': 'udp local [2001:db8:31::1]:4000 remote %s', 'tcp 6': 'tcp remote %s'}

LOST = ('closed', 'socket-error')


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def add(attachment, name='fn'):
    px.ctl('vnf add %s %s' % (name, attachment))


def bind(name='fn'):
    px.ctl('sid add 16010 vnf ' + name)
    topo.up(name)


# far ends

def echo(kind, family):
    """srp-vnf-echo, from both families' addresses."""
    where = '[2001:db8:31::2]:0' if family == 6 else '10.3.1.2:0'
    with topo.echo(kind, where) as far:
        add(PLACES['%s %d' % (kind, family)] % far.place)
        bind()
        topo.rounds()


for _kind in ('udp', 'tcp'):
    for _family in (4, 6):
        case('echo: %s, v%d' % (_kind, _family), _kind, _family)(echo)


@case('echo: unix')
def echo_unix():
    with topo.echo('unix', UNIX):
        add('unix ' + UNIX)
        bind()
        topo.rounds()


def guide(kind, place, attachment):
    """The program of the guide, as it stands there."""
    with topo.guide(kind, kind, place):
        add(attachment)
        bind()
        topo.rounds()


case('guide: udp in Python', 'udp', 5000, 'udp local 10.3.1.1:4000 remote 10.3.1.2:5000')(guide)
case('guide: tcp in Python', 'tcp', 5001, 'tcp remote 10.3.1.2:5001')(guide)


@case('guide: unix in Python')
def guide_unix():
    path = '/run/srproxy-fn.sock'
    try:
        guide('unix', path, 'unix ' + path)
    finally:
        if os.path.exists(path):
            os.unlink(path)


# vnf keep

def comes_back(kind, where, attachment):
    """kill -9 of the far end, twice: down, attempts, up with its successor."""
    far = topo.echo(kind, where)
    where = far.place
    add(attachment % where)
    bind()
    with topo.keep('vnf', 'keep', 'fn', 'max-delay', '1') as keep:
        equal(keep.event()['event'], 'up', 'first event')
        for _ in range(2):
            far.kill()
            check(keep.until('down')['cause'] in LOST, 'cause %s' % keep.seen[-1])
            check(keep.until('failed')['retry_ms'] > 0, 'no time of the next attempt')
            far = topo.echo(kind, where)
            keep.until('up')
            topo.up('fn')
            topo.rounds()
        keep.stop()
    far.kill()
    wait_for(lambda: px.vnf('fn')['state'] == 'down', 'the far end to be missed', SOON)


case('keep: a far end that dies comes back, tcp', 'tcp', '10.3.1.2:0',
     'tcp remote %s')(comes_back)
case('keep: a far end that dies comes back, unix', 'unix', UNIX, 'unix %s')(comes_back)


@case('keep: SIGTERM: it says so, ends with 0, the connection stays')
def ends():
    with topo.echo('tcp', '10.3.1.2:0') as far:
        add('tcp remote ' + far.place)
        bind()
        keep = topo.keep('vnf', 'keep', 'fn')
        equal(keep.event()['event'], 'up', 'first event')
        keep.stop()
        topo.rounds()
        left = subprocess.run(['pgrep', '-f', px.netns + ' .*vnf keep fn'], check=False)
        equal(left.returncode, 1, 'pgrep')


@case('keep: attempts come after times that double, up to max-delay')
def delays():
    far = topo.echo('tcp', '10.3.1.2:0')
    add('tcp remote ' + far.place)
    far.kill()
    with topo.keep('vnf', 'keep', 'fn', 'max-delay', '1') as keep:
        found = [keep.until('failed') for _ in range(6)]
    waits = [event['retry_ms'] for event in found]
    for wait, most in zip(waits, [200, 400, 800, 1000, 1000, 1000]):
        check(most // 2 <= wait <= most, 'waits %s' % waits)
    check(len(set(waits[3:])) > 1, 'nothing is left to chance: %s' % waits)
    for event, later in zip(found, found[1:]):
        took = (later['monotonic_ns'] - event['monotonic_ns']) // 1000000
        check(took >= event['retry_ms'] - 2, '%d ms after %s' % (took, event))
    check(all(event['error'] for event in found), 'no sentence: %s' % found)


@case('keep: a vnf that is removed is waited for')
def removed():
    with topo.echo('tcp', '10.3.1.2:0') as far:
        add('tcp remote ' + far.place)
        with topo.keep('vnf', 'keep', 'fn') as keep:
            equal(keep.event()['event'], 'up', 'first event')
            px.ctl('vnf del fn')
            keep.until('gone')
            add('tcp remote ' + far.place)
            keep.until('up')
            px.ctl('vnf set fn admin down')
            equal(keep.until('down')['cause'], 'admin', 'cause')
            px.ctl('vnf set fn admin up')
            keep.until('up')
            keep.stop()
        equal([e for e in keep.seen if e['event'] == 'failed'], [], 'attempts')


@case('keep: a far end that hangs delays no other')
def two():
    hangs, works = topo.echo('tcp', '10.3.1.2:0'), topo.echo('tcp', '10.3.1.2:0')
    add('tcp remote ' + hangs.place, 'a')
    add('tcp remote ' + works.place, 'b')
    topo.sh('gn', 'nft add table t')
    topo.sh('gn', 'nft add chain t in { type filter hook input priority 0 ; }')
    try:
        with topo.keep('vnf', 'keep', 'a', 'b') as keep:
            while not (seen(keep, 'a') and seen(keep, 'b')):
                keep.event()
            topo.sh('gn', 'nft add rule t in tcp dport %s drop' % hangs.place.split(':')[1])
            works.kill()
            hangs.kill()
            with topo.echo('tcp', works.place):
                while not seen(keep, 'b', 'down'):
                    keep.event()
                keep.until('up', 'b')
            keep.stop()
    finally:
        topo.sh('gn', 'nft delete table t')


def seen(keep, name, event='up'):
    return any((e['event'], e.get('name')) == (event, name) for e in keep.seen)


@case('keep: text for people')
def text():
    with topo.echo('tcp', '10.3.1.2:0') as far:
        add('tcp remote ' + far.place)
        with Program('', CTL, '-n', px.netns, 'vnf', 'keep', 'fn') as keep:
            check(keep.line().endswith('] fn up'), 'no "fn up"')
            far.kill()
            check('] fn down cause ' in keep.line(), 'no "fn down"')
            line = keep.line()
            check('] fn failed ' in line and ' retry-ms ' in line, line)


@case('keep: what cannot be kept is refused')
def refused():
    with topo.echo('tcp', '10.3.1.2:0') as far:
        add('tcp remote ' + far.place)
        add('dev v1 lladdr 02:00:00:00:11:02', 'fw')
        for words, status, sentence in (
                ('nothing', 2, 'no such vnf'),
                ('fw', 1, 'not behind a socket'),
                ('fn fw', 1, 'not behind a socket'),
                ('fn tls ca /none', 1, 'not behind TLS')):
            with topo.keep('vnf', 'keep', *words.split()) as keep:
                got, error = keep.end()
            equal(got, status, 'exit status of %s' % words)
            check(sentence in error, error)


run()
