# SPDX-License-Identifier: Apache-2.0
"""srp4ctl against the stub: files, differences, all or nothing, messages.

On a build with sanitizers. The stub keeps its switch in a file.
"""

import itertools
import json
import os

import ctlrig
from ctlrig import FILE, NEIGHBOUR, PLACE, STUB, changed, ctl, says, switch, write
from ktap import before_each, case, check, equal, run

ctlrig.make()


@before_each
def empty():
    if os.path.exists(STUB):
        os.unlink(STUB)


@case('load, and show says what the file said')
def load():
    """As JSON the switch's tables are a file's tables."""
    equal(ctl('load', write(FILE))[0], 'added 12 changed 0 deleted 0\n', 'load')
    equal(switch(), FILE['tables'], 'tables')
    out = ctl('-t', 'stub:' + STUB, 'show', 'label_fib')[0]
    equal(out, 'label_fib label 17001 action keep nexthop 1\n'
               'label_fib label 17002 action swap to 18002 group 1\n', 'text')


@case('apply changes what differs, and nothing else')
def apply():
    """And dry-run nothing at all."""
    ctl('load', write(FILE))
    equal(ctl('apply', write(FILE))[0], 'added 0 changed 0 deleted 0\n', 'same')
    other = changed(local_sid=[{'label': 16100, 'action': 'feature', 'window_us': 50000,
                                'direction': 'up'}, {'label': 16120, 'action': 'node'}])
    path = write(other)
    equal(json.loads(ctl('-j', 'apply', path, 'dry-run')[0]),
          {'added': 1, 'changed': 1, 'deleted': 1}, 'dry run')
    equal(switch(), FILE['tables'], 'after the dry run')
    equal(ctl('apply', path)[0], 'added 1 changed 1 deleted 1\n', 'apply')
    other['tables']['local_sid'][0] = dict(label=16100, action='feature',
                                           direction='up', window_us=50000)
    equal(switch(), other['tables'], 'tables')


@case('a write that fails takes back those before it, wherever it is')
def all_or_nothing():
    """The switch is as it was, its order of entries too."""
    ctl('load', write(FILE))
    other = write(changed(
        label_fib=[{'label': 17001, 'action': 'pop', 'nexthop': 2},
                   {'label': 17003, 'action': 'pop', 'nexthop': 3}],
        nexthop=[*FILE['tables']['nexthop'], {'id': 3, 'port': 3, **NEIGHBOUR}],
        ipv6_fib=[]))
    for at in range(1, 6):
        err = ctl('apply', other, status=2, fail=at)[1]
        check('told to fail' in err, err)
        equal(switch(), FILE['tables'], 'after failure %d' % at)
    equal(ctl('apply', other, fail=6)[0], 'added 2 changed 1 deleted 2\n', 'apply')


def taken_back(before, after, writes):
    """Whichever write fails, the switch is as it was; then it is as it shall be."""
    ctl('load', write(before))
    path = write(after)
    for at in range(1, writes + 1):
        err = ctl('apply', path, status=2, fail=at)[1]
        check('told to fail' in err, err)
        equal(switch(), before['tables'], 'after failure %d' % at)
    out = ctl('apply', path, fail=writes + 1)[0]
    equal(switch(), after['tables'], 'tables')
    return out


@case('a label moves between nfv_sid and local_sid, to and fro')
def label_moves():
    """The program has it in the same seven tables: it leaves before it comes."""
    before = changed(local_sid=FILE['tables']['local_sid'])
    after = changed(nfv_sid=[dict(FILE['tables']['nfv_sid'][0], label=16110)],
                    local_sid=[FILE['tables']['local_sid'][0],
                               {'label': 16201, 'action': 'priority'}])
    for one, other in ((before, after), (after, before)):
        equal(taken_back(one, other, 4), 'added 2 changed 0 deleted 2\n', 'apply')


@case('another chain of the same order, where the order is a row of the program')
def chain_moves():
    chain = FILE['tables']['ingress_chain'][0]
    before = {**changed(), 'program': 'srproxy_tna'}
    after = {**changed(ingress_chain=[{**chain, 'dst': '198.51.100.78/32'}]),
             'program': 'srproxy_tna'}
    equal(taken_back(before, after, 2), 'added 1 changed 0 deleted 1\n', 'apply')


@case('load finds out whether the program can have the file before it has it')
def load_fits():
    chain = FILE['tables']['ingress_chain'][0]
    ctl('load', write(FILE))
    two = {**changed(ingress_chain=[chain, {**chain, 'dst': '198.51.100.78/32'}]),
           'program': 'srproxy_tna'}
    err = ctl('load', write(two), status=2)[1]
    check('ingress_chain {"order":1,"dst":"198.51.100.78/32"}: the switch has it already'
          in err, err)
    equal(switch(), FILE['tables'], 'tables')


@case('one way to write a value')
def canonical():
    """Addresses and MACs are the same however they are written."""
    ctl('load', write(FILE))
    other = changed(ipv6_fib=[{'prefix': '2001:0db8:0:0::/32', 'group': 1}],
                    nexthop=[{'id': 1, 'port': 1, 'dmac': '02:00:00:00:00:01',
                              'smac': '02:0:0:0:0:2'.replace(':0', ':00')
                              .replace(':2', ':02')}, FILE['tables']['nexthop'][1]])
    equal(ctl('apply', write(other))[0], 'added 0 changed 0 deleted 0\n', 'same')


@case('what is usual is as if it had been left out; a group by what it does')
def usual():
    """A switch has these numbers and buckets, not how they were written."""
    ctl('load', write(FILE))
    tables = FILE['tables']
    other = changed(nfv_sid=[dict(tables['nfv_sid'][0], dport=5252)],
                    ingress_chain=[dict(tables['ingress_chain'][0], ttl=64, tc=0)],
                    ecmp=[{'id': 1, 'members': [1, 2, 2] * 2}])
    equal(ctl('apply', write(other))[0], 'added 0 changed 0 deleted 0\n', 'same')
    other = changed(nfv_sid=[dict(tables['nfv_sid'][0], dport=5253)],
                    ingress_chain=[dict(tables['ingress_chain'][0], ttl=63)],
                    ecmp=[{'id': 1, 'members': [1, 2, 2, 1]}])
    equal(ctl('apply', write(other))[0], 'added 0 changed 3 deleted 0\n', 'not the same')
    shown = json.loads(ctl('-t', 'stub:' + STUB, '-j', 'show', 'ecmp')[0])
    equal(shown['ecmp'][0]['members'], [1, 2, 2, 1], 'members')


REFUSED = (
    ({'lable_fib': []}, 'there is no table "lable_fib"'),
    ({'label_fib': {}}, 'label_fib is an array'),
    ({'label_fib': [3]}, 'label_fib[0]: an entry is an object'),
    ({'label_fib': [{'label': 17001, 'nexthop': 1}]}, 'action is missing'),
    ({'label_fib': [{'label': 17001, 'action': 'jump'}]}, 'no action "jump"'),
    ({'label_fib': [{'label': 15, 'action': 'keep', 'nexthop': 1}]},
     'label is a number from 16 to 1048575'),
    ({'label_fib': [{'label': 2 ** 40, 'action': 'keep', 'nexthop': 1}]},
     'label is a number from 16 to 1048575'),
    ({'label_fib': [{'label': '17', 'action': 'keep', 'nexthop': 1}]},
     'label is a number'),
    ({'label_fib': [{'label': 17001, 'action': 'keep'}]}, 'either nexthop or group'),
    ({'label_fib': [{'label': 17001, 'action': 'keep', 'nexthop': 1, 'group': 1}]},
     'either nexthop or group'),
    ({'label_fib': [{'label': 17001, 'action': 'keep', 'nexthop': 9}]},
     'there is no nexthop 9'),
    ({'label_fib': [{'label': 17001, 'action': 'keep', 'group': 9}]},
     'there is no ecmp group 9'),
    ({'label_fib': [{'label': 17001, 'action': 'keep', 'nexthop': 1}] * 2},
     'label_fib[1]: there is an entry {"label":17001} already'),
    ({'label_fib': [{'label': 17001, 'action': 'keep', 'nexthop': 1, 'x': 1}]},
     '"x" is not known here'),
    ({'ecmp': [{'id': 1, 'members': []}]}, 'members has 1 to 64 numbers'),
    ({'ecmp': [{'id': 1, 'members': [1] * 65}]}, 'members has 1 to 64 numbers'),
    ({'ecmp': [{'id': 1, 'members': [1, 5]}]}, 'there is no nexthop 5'),
    ({'ecmp': [{'id': i + 1, 'members': [1]} for i in range(65)]},
     'ecmp takes 64 entries, not 65'),
    ({'ipv4_fib': [{'prefix': '198.51.100.1/24', 'nexthop': 1}]},
     'has bits set behind its length'),
    ({'ipv4_fib': [{'prefix': '198.51.100.0/33', 'nexthop': 1}]}, 'no IPv4 prefix'),
    ({'ipv4_fib': [{'prefix': '2001:db8::/32', 'nexthop': 1}]}, 'no IPv4 prefix'),
    ({'ipv6_fib': [{'prefix': '198.51.100.0/24', 'nexthop': 1}]}, 'no IPv6 prefix'),
    ({'ipv4_fib': [{'prefix': '1' * 100 + '/8', 'nexthop': 1}]}, 'is no prefix'),
    ({'nexthop': [{'id': 1, 'port': 1, 'dmac': 'x', 'smac': 'y'}]},
     'dmac: "x" is no MAC address'),
    ({'local_sid': [{'label': 16100, 'action': 'feature', 'direction': 'left',
                     'window_us': 1}]}, 'direction is up or down, not "left"'),
    ({'local_sid': [{'label': 16201, 'action': 'node'}]},
     'is in local_sid and in nfv_sid'),
    ({'ingress_chain': [{'order': 1, 'labels': [17001] * 9}]},
     'labels has 1 to 8 numbers'),
    ({'priority_flow': [dict(FILE['tables']['priority_flow'][0], tc=1)]},
     'tc and dscp go together'),
    ({'priority_flow': [dict(FILE['tables']['priority_flow'][0], src='x')]},
     'src: "x" is no address'),
    ({'priority_flow': [dict(FILE['tables']['priority_flow'][0], dst='::ffff:c000:201')]},
     'dst: ::ffff:192.0.2.1 is IPv4: write it as that'),
)


@case('a file with a mistake: a sentence that says where, and no change')
def refused():
    """Nothing has been sent to the switch by then."""
    ctl('load', write(FILE))
    for tables, sentence in REFUSED:
        err = ctl('apply', write(changed(**tables)), status=1)[1]
        check(err.startswith('Error: ') and sentence in err,
              '%r is not in: %s' % (sentence, err))
    for config, sentence in (({**FILE, 'extra': 1}, '"extra" is not known here'),
                             ([], 'is not a JSON object'),
                             ({**FILE, 'tables': []}, 'tables is an object')):
        err = ctl('apply', write(config), status=1)[1]
        check(sentence in err, '%r is not in: %s' % (sentence, err))
    equal(switch(), FILE['tables'], 'tables')


@case('a file that is not just one object of JSON, each name once')
def not_json():
    """json-c alone would take some of them, and the last of two names."""
    ctl('load', write(FILE))
    whole = json.dumps(FILE)
    for text, sentence in (
            ('', ':1: the JSON ends too early'), ('{"tables":\n', ':2: the JSON ends too early'),
            ('{\n"tables": x}', ':2: unexpected character'),
            (whole + '\nx', ':2: something follows the JSON'),
            (whole + '\n\n' + whole, ':3: something follows the JSON'),
            (whole.replace('"program"', "'program'"), ':1: a name is between double quotes'),
            (whole[:-2] + ',\n"nexthop": []}}', ':2: "nexthop" is there twice'),
            (whole[:-1] + ',\n"tables": {}}', ':2: "tables" is there twice'),
            (whole[:-1] + ',\n"t\\u0061bles": {}}', ':2: "tables" is there twice'),
            (whole.replace('"port": 1,', '"port": 1, "port": 2,'), '"port" is there twice'),
            ('null', 'is not a JSON object'), ('5', 'is not a JSON object')):
        path = os.path.join(PLACE, 'broken.json')
        with open(path, 'w', encoding='ascii') as file:
            file.write(text)
        says(path, ctl('apply', path, status=1)[1])
        says(sentence, ctl('apply', path, status=1)[1])
        says('-' + sentence if sentence[0] == ':' else sentence,
             ctl('apply', '-', stdin=text, status=1)[1])
    says('No such file', ctl('apply', PLACE + '/none.json', status=1)[1])
    for word, value in itertools.product(('program', 'target'), (5, '', None, {}, ['x'])):
        says(word + ' is a name, between quotes',
             ctl('apply', write({**FILE, word: value}), status=1)[1])
    says('program has a zero in it',
         ctl('apply', write({**FILE, 'program': 'srproxy_v1model\0x'}), status=1)[1])
    equal(switch(), FILE['tables'], 'tables')


@case('another program on the switch, or none')
def program():
    """Tables are written to the program that they are for."""
    err = ctl('apply', write(FILE), status=2)[1]
    check('the switch has no program: use load' in err, err)
    ctl('load', write(FILE))
    err = ctl('apply', write({**FILE, 'program': 'srproxy_tna'}), status=2)[1]
    check('the switch runs "srproxy_v1model", the file is for "srproxy_tna"' in err, err)
    err = ctl('load', write({k: v for k, v in FILE.items() if k != 'program'}),
              status=1)[1]
    check('names no program' in err, err)


SESSION = 'src 2001:db8::1 dst 2001:db8::2 proto 6 sport 5 dport 443'


@case('priority: sessions one by one')
def priority():
    """Added, changed, deleted; what is not there cannot be deleted."""
    ctl('load', write(changed(priority_flow=[])))
    where = ('-t', 'stub:' + STUB, 'priority')
    ctl(*where, 'add', *SESSION.split(), 'queue', '3')
    equal(ctl(*where, 'list')[0], 'priority_flow %s queue 3\n' % SESSION, 'list')
    ctl(*where, 'add', *SESSION.split(), 'queue', '4', 'tc', '5', 'dscp', '46')
    equal(ctl(*where)[0], 'priority_flow %s queue 4 tc 5 dscp 46\n' % SESSION, 'list')
    equal(json.loads(ctl('-j', *where, 'list')[0])['priority_flow'][0]['dscp'], 46, 'JSON')
    ctl(*where, 'del', *SESSION.split())
    equal(ctl(*where, 'list')[0], '', 'list')
    for words, status, sentence in (
            (['del', *SESSION.split()], 2, 'there is no such session'),
            (['del', *SESSION.split(), 'queue', '3'], 1, 'without its queue'),
            (['add', *SESSION.split()], 1, 'queue is missing'),
            (['add', *SESSION.split(), 'queue'], 1, '"queue" needs a value'),
            (['add', *SESSION.split(), 'queue', '99'], 1, 'from 0 to 31'),
            (['add', *SESSION.split(), 'src', '::1', 'queue', '3'], 1, 'twice'),
            (['del', *SESSION.replace('2001:db8::1', '::FFFF:1.2.3.4').split()], 1,
             'src: ::ffff:1.2.3.4 is IPv4'),
            (['drop'], 1, '"drop" is not a known command')):
        err = ctl(*where, *words, status=status)[1]
        check(sentence in err, '%r is not in: %s' % (sentence, err))


@case('a full table is said to be full')
def full():
    """And nothing of a file that does not fit is done."""
    flows = [dict(FILE['tables']['priority_flow'][0], sport=i) for i in range(4096)]
    ctl('load', write(changed(priority_flow=flows)))
    err = ctl('-t', 'stub:' + STUB, 'priority', 'add', *SESSION.split(), 'queue', '1',
              status=2)[1]
    check('priority_flow is full: 4096 entries' in err, err)


@case('batch: one connection, errors with their line')
def batch():
    """The stub without a file lasts as long as the connection."""
    path = write({**FILE, 'target': 'stub'})
    out = ctl('-b', '-', stdin='load %s # comment\n\nshow nexthop\npriority list\n' %
              path)[0]
    equal(len(out.splitlines()), 4, 'lines')
    out, err = ctl('-b', '-', status=1, stdin='load %s\nshwo\nshow ecmp\n' % path)
    check('Command failed -:2' in err and 'ecmp' not in out, err + out)
    out, err = ctl('-f', '-b', '-', status=1, stdin='load %s\nshwo\nshow ecmp\n' % path)
    check('Command failed -:2' in err and 'ecmp id 1 members 1,2,2' in out, err + out)


@case('a batch has one switch: a file for another is refused')
def one_switch():
    """-t comes before what a file says, of every file."""
    other = os.path.join(PLACE, 'other.json')
    paths = []
    for name in (STUB, other):
        paths.append(os.path.join(PLACE, 'for' + str(len(paths)) + '.json'))
        os.rename(write({**FILE, 'target': 'stub:' + name}), paths[-1])
    lines = ''.join('load %s\n' % path for path in (*paths, paths[0]))
    err = ctl('-f', '-b', '-', stdin=lines, status=1)[1]
    check('for stub:%s, and connected is stub:%s' % (other, STUB) in err, err)
    check('Command failed -:2' in err and '-:3' not in err, err)
    check(not os.path.exists(other), 'written to the other')
    equal(switch(), FILE['tables'], 'tables')
    ctl('-t', 'stub:' + STUB, '-b', '-', stdin=lines)
    check(not os.path.exists(other), 'written to the other')


@case('the command line')
def command_line():
    """What is wrong with it is said."""
    for words, status, sentence in (
            ([], 1, 'Usage:'), (['-x'], 1, 'Usage:'), (['fly'], 1, 'not a known command'),
            (['show'], 1, 'no switch is named'), (['-t', 'x:', 'show'], 1, 'no target "x"'),
            (['-t', 'p4runtime:x:1', 'show'], 2, 'was built without p4runtime'),
            (['-t', 'bfrt:x', 'show'], 2, 'was built without bfrt, which takes an SDE'),
            (['-t', 'softswitch', 'show'], 2, 'not know the software switch yet'),
            (['-t', 'stub', 'counters'], 2, 'this switch counts nothing'),
            (['-t', 'stub', 'counters', 'x'], 1, 'there is no table "x"'),
            (['-t', 'stub', 'monitor', 'interval', '0'], 1, 'a number from 1'),
            (['-t', 'stub', 'show', 'x'], 1, 'there is no table "x"'),
            (['-t', 'stub', 'show', 'ecmp', 'x'], 1, '"x" is not expected here'),
            (['-t', 'stub', 'sessions', 'forget'], 2, 'forgets sessions by itself'),
            (['-t', 'stub', 'sessions'], 1, 'sessions are forgotten'),
            (['apply'], 1, 'a file is missing'),
            (['-b', PLACE + '/none'], 1, 'No such file')):
        err = ctl(*words, status=status)[1]
        check(sentence in err, '%r is not in: %s' % (sentence, err))
    check('priority' in ctl('help')[0] and 'Usage' in ctl('-h')[0], 'no help')
    check(ctl('-V')[0].startswith('srp4ctl '), 'no version')


try:
    run()
finally:
    ctlrig.clean()
