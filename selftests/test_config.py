# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_config.sh."""

import itertools
import json
import os
import select
import subprocess
import tempfile
import time

import pkt
from ktap import Failure, Skip, before_each, case, check, equal, note, run, wait_for
from nodes import One
from proxy import CTL, Ledger, Proxy

topo = One(3)
px, other = topo.px, topo.proxy('py')
F3 = 'lladdr 02:00:00:00:13:02'
START = ('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16001 vnf n1',
         'sid add 16002 vnf n2')


def save(proxy=px):
    status, text, errors = proxy.run('save')
    equal((status, errors), (0, ''), 'save')
    return text


px.ctl(*START)
SAVED = save()


@before_each
def start():
    if save() != SAVED:
        px.clear()
        px.ctl(*START)
    topo.drain()


def apply(config, proxy=px):
    """(exit status, stderr) of apply, of a file."""
    text = config if isinstance(config, str) else json.dumps(config)
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        file.write(text)
        file.flush()
        status, _, errors = proxy.run('apply', file.name)
    return status, errors


# ---- what is refused -------------------------------------------------------

# command: words of the sentence; one that the kernel judges
REFUSED = {
    'uplink add dev nosuch0': ('nosuch0',),
    'uplink add dev u0': ('u0',),
    'uplink add dev v1': ('v1',),
    'uplink add dev lo': ('lo',),
    'uplink add dev tun0': ('hairpin',),
    'uplink add dev waytoolongname0123': ('waytoolongname0123',),
    'uplink add dev u1 egress via inet 10.0.0.9 dev nosuch1': ('nosuch1',),
    'uplink set dev u1 egress lfib': ('u1',),
    'uplink del dev u1': ('u1',),
    'uplink del dev nosuch0': ('nosuch0',),
    'uplink add dev a/b': ('a/b',),
    'uplink show dev nosuch0': ('nosuch0',),
    'vnf add n3 dev v3': ('via', 'lladdr'),
    'vnf add n3 dev nosuch0 ' + F3: ('nosuch0',),
    'vnf add n3 dev v3 in nosuch1 ' + F3: ('nosuch1',),
    'vnf add n1 dev v3 ' + F3: ('n1',),
    'vnf add n3 dev u0 ' + F3: ('u0', 'uplink'),
    'vnf add n3 dev v3 in u0 ' + F3: ('u0', 'uplink'),
    'vnf add n3 dev v1 ' + F3: ('v1',),
    'vnf add n3 dev v3 in v1 ' + F3: ('v1',),
    'vnf add n3 dev lo': ('lo',),
    'vnf add n3 dev tun0 ' + F3: ('Ethernet',),
    'vnf add n3 dev v3 lladdr 01:00:5e:00:00:01': ('01:00:5e:00:00:01',),
    'vnf add n3 dev v3 lladdr ff:ff:ff:ff:ff:ff': ('ff:ff:ff:ff:ff:ff',),
    'vnf add n3 dev v3 lladdr 00:00:00:00:00:00': ('00:00:00:00:00:00',),
    'vnf add n3 dev v3 via inet 0.0.0.0': ('0.0.0.0',),
    'vnf add n3 dev v3 via inet 224.0.0.1': ('224.0.0.1',),
    'vnf add n3 dev v3 via inet6 ff02::1': ('ff02::1',),
    'vnf add n3 dev v3 via inet6 ::': ('::',),
    'vnf add n3 dev v3 %s mtu 65536' % F3: ('65536',),
    'vnf add n3 dev v3 %s mtu 67' % F3: ('67',),
    'vnf add n3 dev v3 %s weight 0' % F3: ('weight', '0'),
    'vnf add n3 dev v3 %s weight 65536' % F3: ('65536',),
    'vnf add %s dev v3 %s' % ('x' * 32, F3): ('x' * 32,),
    'vnf add n\u00e43 dev v3 ' + F3: ('n\u00e43',),
    'vnf add a/b dev v3 ' + F3: ('a/b',),
    'vnf set n9 mtu 1400': ('n9',),
    'vnf del n9': ('n9',),
    'vnf del n1': ('n1', 'sid'),
    'vnf show n9': ('n9',),
    'sid add 15 vnf n1': ('15',),
    'sid add 0 vnf n1': ('0',),
    'sid add 3 vnf n1': ('3',),
    'sid add 1048576 vnf n1': ('1048576',),
    'sid add 16001 vnf n1': ('16001',),
    'sid add 16003 vnf n9': ('n9',),
    'sid add 16003 vnf n1,n9': ('n9',),
    'sid add 16003 vnf n1 backup n9': ('n9',),
    'sid add 16003 vnf n1,n1': ('n1',),
    'sid add 16003 vnf n1 backup n1': ('n1',),
    'sid add 16003 vnf n1 fallback reroute 15': ('15',),
    'sid add 16003 vnf n1 fallback reroute 1048576': ('1048576',),
    'sid set 16009 vnf n1': ('16009',),
    'sid set 16001 vnf n9': ('n9',),
    'sid del 16009': ('16009',),
    'sid show 16009': ('16009',),
    'flow show vnf n9': ('n9',),
    'flow show sid 0': ('"0"',),
    'flow show sid 15 vnf n1': ('"15"',),
    'flow show sid 1048576': ('1048576',),
    'flow flush vnf n9': ('n9',),
    'config set max-flows 0': ('max-flows', '0'),
    'config set idle-timeout 0': ('idle-timeout', '0'),
    'config set idle-timeout 86401': ('86401',),
}

# command: words of the sentence; one that the tool judges
USAGE = {
    'uplink add': ('dev',),
    'uplink add dev': ('dev',),
    'uplink add dev u1 egress': ('egress',),
    'uplink add dev u1 egress sideways': ('sideways',),
    'uplink add dev u1 egress via inet 10.0.0.300 dev u0': ('10.0.0.300',),
    'uplink add dev u1 egress via inet 10.0.0.1': ('dev',),
    'uplink frobnicate': ('frobnicate',),
    'vnf add': ('NAME', 'name'),
    'vnf add n3': ('dev', 'n3'),
    'vnf add n3 dev v3 lladdr 02:00:00:00:13': ('02:00:00:00:13',),
    'vnf add n3 dev v3 lladdr no:t0:a0:ma:c0:00': ('no:t0:a0:ma:c0:00',),
    'vnf add n3 dev v3 via inet 2001:db8::1': ('2001:db8::1',),
    'vnf add n3 dev v3 via inet6 10.0.0.1': ('10.0.0.1',),
    'vnf add n3 dev v3 via ipx 1': ('ipx',),
    'vnf add n3 dev v3 %s mtu many' % F3: ('many',),
    'vnf add n3 dev v3 %s mtu -1' % F3: ('-1',),
    'vnf add n3 dev v3 %s admin maybe' % F3: ('maybe',),
    'vnf add n3 dev v3 %s on-miss ignore' % F3: ('ignore',),
    'vnf add n3 dev v3 %s nonsense 1' % F3: ('nonsense',),
    'vnf set n1 mtu': ('mtu',),
    'sid add': ('LABEL', 'label'),
    'sid add x vnf n1': ('x',),
    'sid add 16003': ('vnf',),
    'sid add 16003 vnf': ('vnf',),
    'sid add 16003 vnf n1 fallback': ('fallback',),
    'sid add 16003 vnf n1 fallback reroute': ('reroute',),
    'sid add 16003 vnf n1 fallback whatever': ('whatever',),
    'sid add 99999999999999999999 vnf n1': ('99999999999999999999',),
    'config set max-flows -5': ('-5',),
    'config set ttl sometimes': ('sometimes',),
    'config set colour red': ('colour',),
    'nosuchobject show': ('nosuchobject',),
}


def refuse_all(table, status):
    """All of a table: a sentence with the words, and nothing has changed.

    Exit status and stdout are looked at for every eighth: a process is dear.
    """
    before, failed = save(), []
    for (command, words), errors in zip(table.items(), px.refusals(list(table))):
        note('%s -> %s' % (command, errors))
        if not any(w in errors for w in words):
            failed.append('%s: none of %s in: %s' % (command, words, errors))
    for command in list(table)[::8]:
        got = px.run(*command.split())
        if got[:2] != (status, ''):
            failed.append('%s: exit %d, stdout %s' % (command, *got[:2]))
    check(not failed, '\n'.join(failed))
    equal(save(), before, 'configuration')


case('refused by the kernel: %d commands' % len(REFUSED), REFUSED, 2)(refuse_all)
case('usage: %d commands' % len(USAGE), USAGE, 1)(refuse_all)


# command: what the sentence says of what there may be
RANGES = {
    'vnf add %s dev v3 %s' % ('x' * 32, F3): 'at most 31 octets: "%s"' % ('x' * 32),
    'uplink add dev waytoolongname0123': 'at most 15 octets: "waytoolongname0123"',
    'sid add 1048576 vnf n1': 'at most 1048575: "1048576"',
    'sid add 16003 vnf ' + 'x' * 32: 'at most 31 octets: "%s"' % ('x' * 32),
    'flow show sid 15': '16 to 1048575: "15"',
    'vnf set n1 weight 0': '1 to 65535: "0"',
    'vnf set n1 probe-interval 60001': '1 to 60000: "60001"',
    'vnf set n1 steer dscp 1=1048576': 'at most 1048575: "1=1048576"',
    'config set max-flows 0': 'at least 1: "0"',
    'vnf set %s weight 1' % ('y' * 70000): 'Message too long: "%s..."' % ('y' * 80),
    'sid set 16001 vnf ' + 'y' * 70000: 'Message too long: "%s..."' % ('y' * 80),
}


@case('what is out of range is refused with the range')
def ranges():
    for (command, want), got in zip(RANGES.items(), px.refusals(list(RANGES))):
        check(want in got, '%.40s: refused with "%s", want "%s"' % (command, got, want))


@case('an uplink that a vnf goes out by stays, and is named')
def uplink_used():
    px.ctl('vnf add ns dev v3 %s match static 900 out u0' % F3)
    status, text, errors = px.run('uplink', 'del', 'dev', 'u0')
    px.ctl('vnf del ns')
    equal((status, text), (2, ''), 'exit and stdout')
    check('static' in errors and '"u0"' in errors, errors)


def octets(*words):
    """(exit status, stdout, stderr) of a command of any octets."""
    done = subprocess.run([w if isinstance(w, bytes) else w.encode() for w in words],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout, done.stderr


@case('names of vnfs are ASCII; devices have any, and what is shown of them is UTF-8')
def names():
    ctl, ip = (CTL, '-n', px.netns), ('ip', '-n', px.netns)
    status, _, errors = octets(*ctl, 'vnf', 'add', b'n\xe9', *('dev v3 ' + F3).split())
    check(status == 2 and b'valid name' in errors, '%d %s' % (status, errors))
    for name, text in ((b'd\xe9\xff', 'd\ufffd\ufffd'), (b'd\xc3\xa9', 'd\u00e9'),
                       (b'd\xed\xb0\x80', 'd\ufffd\ufffd\ufffd'), (b'd,1', 'd,1')):
        equal(octets(*ip, 'link', 'add', name, 'type', 'bridge')[0], 0, 'a device %s' % name)
        try:
            equal(octets(*ctl, 'uplink', 'add', 'dev', name), (0, b'', b''), 'uplink add')
            for words in ('uplink', 'show'), ('save',):
                shown = json.loads(octets(*ctl, '-j', *words)[1].decode())
                shown = shown if words[0] == 'uplink' else shown['uplink']
                check(text in [u['dev'] for u in shown], '%s: %s' % (words, shown))
            metrics = octets(*ctl, 'stats', '--openmetrics')[1].decode()
            check('dev="%s"' % text in metrics, metrics)
            check(b'dev ' + name + b' ' in octets(*ctl, 'uplink', 'show')[1], 'text')
        finally:
            octets(*ctl, 'uplink', 'del', 'dev', name)
            octets(*ip, 'link', 'del', name)


@case('devices above or below one another have no two roles')
def stacked():
    topo.ip('px', 'link set v3 master br0')
    px.ctl('vnf add n3 dev v3 ' + F3)
    done = [px.run(*command.split()) for command in (
        'uplink add dev br0', 'vnf add n4 dev br0 lladdr 02:00:00:00:99:02')]
    px.ctl('vnf del n3')
    topo.ip('px', 'link set v3 nomaster')
    for status, _, errors in done:
        equal(status, 2, 'exit (%s)' % errors.strip())
    px.ctl('vnf add nb dev br0 lladdr 02:00:00:00:99:02')
    try:
        topo.ip('px', 'link set u0 master br0')
        refused = None
    except Failure as refusal:
        refused = str(refusal)
    topo.ip('px', 'link set u0 nomaster')
    px.ctl('vnf del nb')
    check(refused and 'role' in refused, 'an uplink was enslaved to a vnf: %s' % refused)


@case('a VLAN sub-device may have a role beside its parent')
def vlan_beside():
    px.ctl('uplink add dev u1', 'vnf add n3 dev u1.7 ' + F3, 'vnf del n3', 'uplink del dev u1')


# ---- save and apply --------------------------------------------------------

FULL = ('uplink add dev u1 egress via inet 10.0.10.2 dev u1',
        'vnf add n3 dev v3 via inet6 fe80::2 mtu 1400 weight 3 max-flows 77 on-miss strict '
        'admin drain',
        'sid add 17000 vnf n1,n2 backup n3 fallback reroute 16002',
        'sid add 1048575 vnf n2 fallback bypass', 'sid add 16 vnf n1 fallback lfib',
        'config set max-flows 5000 idle-timeout 7 ttl uniform')


def object_count():
    return [len(px.show(o + ' show')) for o in ('uplink', 'vnf', 'sid')]


@case('save is JSON, and apply makes an empty namespace that')
def round_trip():
    px.ctl(*FULL)
    saved = save()
    json.loads(saved)
    shown = px.show('uplink show', 'vnf show', 'sid show', 'config show')
    px.clear()
    equal(object_count(), [0, 0, 0], 'objects after clear')
    equal(apply(saved), (0, ''), 'apply')
    equal(save(), saved, 'save after apply')
    again = px.show('uplink show', 'vnf show', 'sid show', 'config show')
    equal(without_moving(again), without_moving(shown), 'show after apply')


def without_moving(tree):
    """What is shown less what counts, or is never the same twice."""
    if isinstance(tree, dict):
        return {k: without_moving(v) for k, v in tree.items()
                if k not in ('stats', 'id', 'generation', 'flows', 'state', 'cause')}
    return [without_moving(v) for v in tree] if isinstance(tree, list) else tree


@case('save is in the order of names, whatever came first')
def order():
    px.ctl('uplink add dev u1', 'vnf add n0 dev v3 ' + F3, 'sid add 100 vnf n0',
           'sid add 9000 vnf n0')
    first = save()
    tree = json.loads(first)
    equal([[u['dev'] for u in tree['uplink']], [v['name'] for v in tree['vnf']],
           [s['label'] for s in tree['sid']]],
          [['u0', 'u1'], ['n0', 'n1', 'n2'], [100, 9000, 16001, 16002]], 'order')
    px.clear()
    px.ctl('uplink add dev u1', 'uplink add dev u0', topo.vnf_line(2), topo.vnf_line(1),
           'vnf add n0 dev v3 ' + F3, 'sid add 16002 vnf n2', 'sid add 9000 vnf n0',
           'sid add 16001 vnf n1', 'sid add 100 vnf n0')
    equal(save(), first, 'save of the same, made in another order')


@case('apply is idempotent: the same again changes nothing, no generation')
def idempotent():
    px.ctl(*FULL)
    saved = save()
    before = px.show('config show')
    equal(apply(saved), (0, ''), 'apply')
    equal(px.show('config show'), before, 'config and generation')
    equal(save(), saved, 'save after apply')


@case('apply adds, changes and removes')
def changes():
    want = json.loads(save())
    px.ctl(*FULL)
    equal(apply(want), (0, ''), 'apply')
    equal(json.loads(save()), want, 'save after apply')


@case('apply moves a name to another device, and a device to another name')
def swaps():
    config = json.loads(save())
    vnfs = {v['name']: v for v in config['vnf']}
    moving = ('dev', 'in', 'lladdr')
    one, two = ({k: vnfs[n][k] for k in moving if k in vnfs[n]} for n in ('n1', 'n2'))
    vnfs['n1'].update(two)
    vnfs['n2'].update(one)
    equal(apply(config), (0, ''), 'apply')
    inner = pkt.ip4(pkt.udp(1000, 1))
    topo.to_proxy([16001, 900], inner)
    topo.at_vnf(2, inner)


@case('apply is all or nothing')
def all_or_nothing():
    config = json.loads(save())
    good = json.dumps(config)
    config['sid'][0]['vnf'] = ['n2']
    spoiled = []
    for key, extra in (('sid', {'label': 18000, 'vnf': ['n9']}),
                       ('sid', {'label': 15, 'vnf': ['n1']}),
                       ('vnf', {'name': 'n4', 'type': 'dev', 'dev': 'nosuch0',
                                'lladdr': '02:00:00:00:00:99'}),
                       ('vnf', {'name': 'n4', 'type': 'dev', 'dev': 'u0',
                                'lladdr': '02:00:00:00:00:99'}),
                       ('uplink', {'dev': 'nosuch0'}), ('uplink', {'dev': 'tun0'}),
                       ('uplink', dict(config['uplink'][0]))):
        wrong = json.loads(json.dumps(config))
        wrong[key].append(extra)
        spoiled.append((str(extra), json.dumps(wrong)))
    spoiled += [('cut short', good[:-3]), ('empty', ''), ('no object', '[1]'),
                ('unknown key', json.dumps(dict(config, colour='red'))),
                ('unknown word', good.replace('"n1"', '"n1","colour":"red"', 1)
                 if '"name":"n1"' in good else good.replace('"name": "n1"',
                                                            '"name": "n1", "colour": "red"'))]
    before, shown, failed = save(), px.show('config show'), []
    for what, text in spoiled:
        status, errors = apply(text)
        note('%s -> %d %s' % (what[:60], status, errors.strip()))
        if status not in (1, 2) or not errors.strip():
            failed.append('%s: exit %d "%s"' % (what, status, errors))
        if save() != before:
            failed.append('%s: the configuration has changed' % what)
            apply(before)
    check(not failed, '\n'.join(failed))
    equal(px.show('config show'), shown, 'config and generation')


@case('apply of a file that is not there')
def no_file():
    status, _, errors = px.run('apply', '/nosuch/file')
    check(status in (1, 2) and '/nosuch/file' in errors, '%d %s' % (status, errors))


@case('apply reads stdin, batch reads stdin and files')
def stdin():
    saved = save()
    status, _, errors = px.run('apply', '-', feed=saved)
    equal((status, errors), (0, ''), 'apply -')
    with tempfile.NamedTemporaryFile('w') as file:
        file.write('# a comment\n\nsid add 16005 vnf n1\nsid del 16005\n')
        file.flush()
        equal(px.run('-b', file.name), (0, '', ''), 'batch')


def changed_file(name, drop, **keys):
    """The saved configuration with one vnf changed."""
    config = json.loads(save())
    vnf = next(v for v in config['vnf'] if v['name'] == name)
    for key in drop:
        vnf.pop(key, None)
    vnf.update(keys)
    return config


# words of vnf set: the same in a file: keys that go, keys that are set
REPLACES = {
    'match vlan 5-6': ((), {'match': 'vlan', 'vlan': [5, 6]}),
    'match vlan 5-7 mtu 1400': ((), {'vlan': [5, 7], 'mtu': 1400}),
    'match static 900/901 out u0': (
        ('vlan',), {'match': 'static', 'static': [900, 901], 'out': 'u0'}),
    'match static 902 out u0 steer dscp 1=16,2=17': (
        (), {'static': [902], 'steer': {'dscp': {'1': 16, '2': 17}}}),
    'match flow weight 7': (('static', 'out'), {'match': 'flow', 'weight': 7}),
    'match vlan 5-6 steer dscp 3=18 on-miss accept': (
        (), {'match': 'vlan', 'vlan': [5, 6], 'steer': {'dscp': {'3': 18}},
             'on_miss': 'accept'}),
    'match flow steer none probe inband probe-addr 203.0.113.1:7': (
        ('vlan', 'steer'), {'match': 'flow', 'probe': 'inband',
                            'probe_addr': '203.0.113.1:7'}),
    'match vlan 9-10': ((), {'match': 'vlan', 'vlan': [9, 10]}),
    'match flow probe none': (('vlan', 'probe_addr'), {'match': 'flow', 'probe': 'none'}),
}


@case('vnf set changes match and inner: another vnf takes its place, as with apply')
def replaced():
    px.ctl('sid add 16003 vnf n2 backup n1')
    other_vnf = px.vnf('n2')['id']
    for words, (drop, keys) in REPLACES.items():
        want = changed_file('n1', drop, **keys)
        px.ctl('vnf set n1 ' + words)
        equal(json.loads(save()), want, words)
        before = px.show('config show')
        equal(apply(want), (0, ''), 'apply of what %s made' % words)
        equal(px.show('config show'), before, 'config and generation')
    equal(px.vnf('n2')['id'], other_vnf, 'id of the other vnf')
    px.ctl('vnf add n3 dev v3 inner ethernet', 'vnf set n3 inner ethernet-cw')
    equal(px.vnf('n3')['inner'], 'ethernet-cw', 'inner')
    inner = pkt.ip4(pkt.udp(1000, 1))
    px.ctl('vnf set n1 match flow')
    topo.drain()                # of probes
    topo.to_proxy([16001, 900], inner)
    topo.at_vnf(1, inner)


# vnf set that does not replace: words of the sentence
NOT_REPLACED = {
    'vnf set n9 match flow': 'there is no such object: "n9"',
    'vnf set n9 inner ip weight 2': 'there is no such object: "n9"',
    'vnf set n1 match vlan 6-5': '"6-5"',
    'vnf set n1 match vlan 5-4095': '"5-4095"',
    'vnf set n1 match static 900 out nosuch0': '"nosuch0"',
    'vnf set n1 match static 15 out u0': 'labels are 16 to 1048575: "15"',
    'vnf set n1 inner ethernet': 'neither via nor lladdr: "02:00:00:00:11:02"',
    'vnf set n1 inner ethernet match static 900 out u0': 'lladdr',
    'vnf set n1 match flow probe-addr 203.0.113.1:7': 'probe inband only: "203.0.113.1:7"',
    'vnf set n1 match flow weight 0': '1 to 65535: "0"',
    'vnf set n3 inner ip': 'lladdr',
}


@case('vnf set of match or inner that is refused changes nothing')
def not_replaced():
    px.ctl('vnf add n3 dev v3 inner ethernet')
    before, shown = save(), px.show('vnf show', 'config show')
    for (command, want), got in zip(NOT_REPLACED.items(), px.refusals(list(NOT_REPLACED))):
        note('%s -> %s' % (command, got))
        check(want in got, '%s: refused with "%s", want "%s"' % (command, got, want))
    equal(save(), before, 'configuration')
    equal(px.show('vnf show', 'config show'), shown, 'vnf show, config show')
    status, _, errors = px.run('vnf', 'set', 'n1', 'match', 'vlan', '6-5')
    equal((status, errors.count('nothing is changed')), (2, 1), errors)


@case('vnf set of match, while others change the configuration, loses none of it')
def replaced_meanwhile():
    setting = subprocess.Popen([CTL, '-n', px.netns, '-b', '-'], stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    with setting:
        setting.stdin.write('vnf set n1 match vlan 5-6\nvnf set n1 match flow\n' * 20)
        setting.stdin.close()
        n = 0
        while setting.poll() is None or not n:
            n += 1
            px.ctl('sid add %d vnf n2' % (20000 + n), 'config set idle-timeout %d' % (60 + n))
            time.sleep(0.02)
        errors = setting.stderr.read()
    note('%d changes meanwhile; %s' % (n, errors))
    check(not errors or 'stands still' in errors, errors)
    equal([s['label'] for s in px.show('sid show') if s['label'] >= 20000],
          [20001 + i for i in range(n)], 'sids')
    equal(px.show('config show')[0]['idle_timeout'], 60 + n, 'idle-timeout')


@case('traffic of what does not change is undisturbed while apply runs')
def undisturbed():
    base = save()
    config = json.loads(base)
    config['sid'].append({'label': 17000, 'vnf': ['n2']})
    config['vnf'].append({'name': 'n3', 'type': 'dev', 'dev': 'v3',
                          'lladdr': '02:00:00:00:13:02'})
    changed = json.dumps(config)
    inner = [pkt.ip4(pkt.udp(2000 + n, 1)) for n in range(8)]
    with Ledger(px) as led:
        sent = 0
        for turn in range(6):
            applying = subprocess.Popen([CTL, '-n', px.netns, 'apply', '-'],
                                        stdin=subprocess.PIPE, text=True)
            applying.stdin.write(changed if turn % 2 == 0 else base)
            applying.stdin.close()
            while applying.poll() is None:
                packet = inner[sent % len(inner)]
                topo.to_proxy([16001, 900], packet)
                topo.at_vnf(1, packet)
                topo.from_vnf(1, packet)
                topo.at_switch([(900, 0, 63)], packet)
                sent += 1
            equal(applying.returncode, 0, 'apply')
    led.dropped()
    note('%d packets there and back' % sent)
    equal(led.delta.get('stats', 'flows_created'), min(sent, len(inner)), 'flows_created')
    check(sent > 6, 'only %d packets' % sent)


@case('a device that is gone: save, apply and show go on, the object stays down')
def vanished():
    topo.ip('px', 'link add d0 type veth peer name d1', 'link set d0 up', 'link set d1 up')
    px.ctl('vnf add nd dev d0 lladdr 02:00:00:00:00:d1', 'sid add 16009 vnf nd')
    saved = save()
    topo.ip('px', 'link del d0')
    shown = px.vnf('nd')
    equal((shown['state'], shown['dev']), ('down', 'd0'), 'vnf show')
    equal(save(), saved, 'save')
    equal(apply(saved), (0, ''), 'apply')
    topo.ip('px', 'link add d0 type veth peer name d1', 'link set d0 up', 'link set d1 up')
    # from a work item
    wait_for(lambda: px.vnf('nd')['state'] == 'up', 'the vnf to be up again', 30)
    px.ctl('sid del 16009', 'vnf del nd')
    topo.ip('px', 'link del d0')


# ---- batch, monitor, output, privilege --------------------------------------

@case('batch stops at the first error and names the line; -f goes on')
def batch():
    lines = 'sid add 16005 vnf n1\nsid add 16005 vnf n1\nsid add 16006 vnf n1\n'
    status, _, errors = px.run('-b', '-', feed=lines)
    check(status == 2 and '2' in errors, 'batch: %d %s' % (status, errors))
    equal([s['label'] for s in px.show('sid show')], [16001, 16002, 16005], 'sids')
    status, _, errors = px.run('-f', '-b', '-', feed=lines)
    check(status == 2, 'batch -f: %d %s' % (status, errors))
    equal([s['label'] for s in px.show('sid show')], [16001, 16002, 16005, 16006], 'sids')


@case('prefixes of words; ambiguous ones are refused')
def prefixes():
    status, text, errors = px.run('-j', 'u', 'sh')
    equal((status, errors), (0, ''), 'u sh')
    equal([u['dev'] for u in json.loads(text)], ['u0'], 'uplinks')
    status, _, errors = px.run('s', 'show')
    check(status == 1 and errors, 's: %d %s' % (status, errors))


@case('help of every object, version, text and JSON output')
def outputs():
    for words in (['help'], ['-V'], *([o, 'help'] for o in (
            'uplink', 'vnf', 'sid', 'flow', 'config', 'stats', 'monitor', 'save', 'apply'))):
        status, text, errors = px.run(*words)
        check(status == 0 and text + errors, '%s: %d' % (words, status))
    for words in ('uplink show', 'vnf show', 'sid show', 'flow show', 'flow count',
                  'config show', 'stats'):
        for options in (['-s'], ['-p', '-j']):
            status, text, errors = px.run(*options, *words.split())
            equal((status, errors), (0, ''), words)
            if '-j' in options:
                json.loads(text)


# options: is it JSON, is it for eyes, are there counters
OPTIONS = {
    '-js': (True, False, True), '-sj': (True, False, True), '-j -s': (True, False, True),
    '-jp': (True, True, False), '-p': (True, True, False), '-ps': (True, True, True),
    '-jps': (True, True, True), '-sjp': (True, True, True), '-s': (False, False, True),
    '-st': (False, False, True), '-stat': (False, False, True), '-stats': (False, False, True),
    '-json -statistics': (True, False, True), '--pretty': (True, True, False),
    '-j': (True, False, False),
}


@case('options one by one, in bundles, in full and as prefixes')
def options_do():
    found = {}
    for options in OPTIONS:
        status, text, errors = px.run(*options.split(), 'vnf', 'show')
        equal((status, errors), (0, ''), options)
        if text[0] == '[':
            json.loads(text)
        found[options] = text[0] == '[', text[0] == '[' and text.count('\n') > 9, (
            'to_vnf_packets' in text or 'to vnf packets' in text)
    equal(found, OPTIONS, 'JSON, pretty, counters')


@case('JSON has the keys of the contract')
def json_keys():
    topo.to_proxy([16001, 900], pkt.ip4(pkt.udp(3000, 1)))
    uplink, vnf, sid, flow, stats = (v[0] if isinstance(v, list) else v for v in px.show(
        'uplink show', 'vnf show', 'sid show', 'flow show', 'stats'))
    want = {
        'uplink': (uplink, 'dev egress stats.rx_packets stats.rx_bytes stats.tx_packets '
                   'stats.tx_bytes'),
        'vnf': (vnf, 'name type dev in match state admin flows stats.to_vnf_packets '
                'stats.to_vnf_bytes stats.from_vnf_packets stats.from_vnf_bytes stats.miss '
                'stats.latency_ns.count stats.latency_ns.p50 stats.latency_ns.p99 '
                'stats.latency_ns.max'),
        'sid': (sid, 'label vnf backup fallback stats.packets stats.bytes'),
        'flow': (flow, 'vnf sid src dst proto sport dport labels idle_ms packets'),
        'stats': (stats, 'drops flows flows_created flows_expired flows_evicted'),
    }
    missing = []
    for name, (tree, keys) in want.items():
        for key in keys.split():
            node = tree
            for part in key.split('.'):
                node = node.get(part) if isinstance(node, dict) else None
            if node is None:
                missing.append('%s: %s' % (name, key))
    check(not missing, 'missing: %s' % missing)
    equal((vnf['in'], vnf['type'], vnf['match']), ('v1', 'dev', 'flow'), 'vnf')
    equal((sid['vnf'], sid['backup'], sid['fallback']), (['n1'], [], 'drop'), 'sid')


def wait_text(process, words, timeout=30):
    """Read the process until every word was seen."""
    seen, end = '', time.monotonic() + timeout
    while not all(w in seen for w in words):
        left = end - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            raise Failure('monitor: %s not all in: %s' % (words, seen))
        seen += os.read(process.stdout.fileno(), 65536).decode()
    return seen


def monitor(what, options, words, early, events):
    """Events are printed as they happen; those before it listens are made again."""
    with subprocess.Popen([CTL, '-n', px.netns, *options, 'monitor', what],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: early() or select.select([process.stdout], [], [], 0.2)[0],
                     'monitor to listen', 30)
            events()
            wait_text(process, words)
        finally:
            process.terminate()


def weight_events():
    px.ctl('vnf set n1 weight 2', 'vnf set n1 weight 1')


def config_events():
    px.ctl('sid add 16005 vnf n1', 'sid del 16005', 'vnf add n3 dev v3 ' + F3, 'vnf del n3',
           'uplink add dev u1', 'uplink del dev u1', 'vnf set n2 weight 5', 'vnf set n2 weight 1')


ports = itertools.count(5000)


def other_flows():
    topo.to_proxy([16001, 900], pkt.ip4(pkt.udp(next(ports), 1)))


def flow_events():
    topo.to_proxy([16001, 987654], pkt.ip4(pkt.udp(4000, 1)))


case('monitor vnf prints additions, changes, removals', 'vnf', [], ['n3', 'n2'],
     weight_events, config_events)(monitor)
case('monitor all prints uplink, vnf and sid', 'all', [], ['u1', 'n3', '16005'],
     weight_events, config_events)(monitor)
case('monitor flow prints a new flow', 'flow', [], ['987654', '4000'], other_flows,
     flow_events)(monitor)
case('monitor all in JSON', 'all', ['-j'], ['16005'], weight_events,
     config_events)(monitor)


@case('monitor tells when a vnf goes down and comes up')
def monitor_state():
    monitor('vnf', [], ['down', 'up', 'changed ['], weight_events,
            lambda: (topo.ip('px', 'link set v1 down'), topo.ip('px', 'link set v1 up')))


@case('monitor tells when an uplink goes down and comes up')
def monitor_uplink():
    monitor('all', ['-j'], ['"dev":"u0"', '"state":"down"', '"cause":"link-down"',
                            '"changed_ns":'],
            weight_events,
            lambda: (topo.ip('px', 'link set u0 down'), topo.ip('px', 'link set u0 up')))


@case('two namespaces do not see each other')
def two_namespaces():
    equal([len(other.show(o + ' show')) for o in ('uplink', 'vnf', 'sid')], [0, 0, 0], 'objects')
    equal(other.snapshot().get('stats', 'flows'), 0, 'flows')
    status, _, _ = other.run('sid', 'del', '16001')
    equal(status, 2, 'exit of sid del')
    other.ctl('config set idle-timeout 9')
    check(px.show('config show') != other.show('config show'), 'settings are shared')
    other.ctl('config set idle-timeout 60')


@case('an unprivileged user may look, not change, not read flows')
def unprivileged():
    def as_nobody(*words):
        return subprocess.run(
            ['ip', 'netns', 'exec', px.netns, 'setpriv', '--reuid=65534', '--regid=65534',
             '--clear-groups', '--inh-caps=-all', CTL, *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    before = save()
    if as_nobody('uplink', 'show').returncode == 127:
        raise Skip('no setpriv')
    shown = as_nobody('-j', 'uplink', 'show')
    equal((shown.returncode, shown.stderr), (0, ''), 'uplink show')
    for words in ('sid add 16005 vnf n1', 'vnf del n1', 'uplink del dev u0', 'flow flush',
                  'flow show', 'stats reset', 'config set idle-timeout 5'):
        done = as_nobody(*words.split())
        check(done.returncode == 2 and done.stderr.strip(),
              '%s: exit %d %s' % (words, done.returncode, done.stderr))
    done = subprocess.run(
        ['ip', 'netns', 'exec', px.netns, 'setpriv', '--reuid=65534', '--regid=65534',
         '--clear-groups', CTL, 'apply', '-'], input=before, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 2, 'apply: exit %d %s' % (done.returncode, done.stderr))
    equal(save(), before, 'configuration')


@case('who owns a user namespace configures its own network namespace, no other')
def user_namespace():
    def as_owner(script):
        return subprocess.run(
            ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', '-Urn',
             'sh', '-c', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            check=False)
    if as_owner('true').returncode:
        raise Skip('no user namespaces')
    done = as_owner(
        'ip link add a0 type dummy && ip link set a0 up && %s uplink add dev a0 && '
        '%s config set idle-timeout 5 && %s -j flow show && %s -j uplink show' % ((CTL,) * 4))
    if 'Unknown device type' in done.stderr or 'not supported' in done.stderr:
        raise Skip('no dummy devices')
    equal((done.returncode, done.stderr), (0, ''), 'in a namespace of its own')
    check('"a0"' in done.stdout, 'uplink show: %s' % done.stdout)
    before = save()
    done = as_owner('nsenter --net=/run/netns/%s %s sid add 16005 vnf n1' % (px.netns, CTL))
    check(done.returncode, 'it reached the namespace of another')
    equal(save(), before, 'configuration')


@case('a netns that is not there')
def no_netns():
    status, _, errors = Proxy('nosuchns').run('uplink', 'show')
    check(status and 'nosuchns' in errors, '%d %s' % (status, errors))


run()
