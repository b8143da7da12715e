# SPDX-License-Identifier: Apache-2.0
"""srp4ctl's ports and queues, against the stub: what a file may say of them,
differences, all or nothing.

On a build with sanitizers.
"""

import json
import os

import ctlrig
from ctlrig import FILE, STUB, ctl, says, switch, write
from ktap import before_each, case, equal, run

PORTS = [{'port': '1/0', 'speed': '100G', 'fec': 'rs'},
         {'port': '2/0', 'speed': '25G', 'fec': 'firecode', 'autoneg': 'off'},
         {'port': '2/1', 'speed': '10G', 'enabled': False},
         {'port': '3/2', 'speed': '50G', 'autoneg': 'on'},
         {'port': 132, 'speed': '40G'}]
QUEUES = [{'port': '1/0', 'queue': 3, 'min_rate': '200Mbit', 'max_rate': '1Gbit',
           'priority': 7},
          {'port': '1/0', 'queue': 0, 'weight': 100},
          {'port': 132, 'queue': 1, 'min_rate': '1000pps'}]

ctlrig.make()


@before_each
def empty():
    if os.path.exists(STUB):
        os.unlink(STUB)


def file(ports=None, queues=None, **more):
    config = {'program': 'srproxy_tna', 'target': 'stub:' + STUB}
    if ports is not None:
        config['ports'] = ports
    if queues is not None:
        config['queues'] = queues
    return write({**config, **more})


def shown(what):
    return json.loads(ctl('-j', '-t', 'stub:' + STUB, 'show', what)[0])[what]


def by_port(entries):
    return sorted(entries, key=str)


@case('a file of ports and queues; show says what it said')
def load():
    """As text and as JSON, one by one and together with the tables."""
    equal(ctl('load', file(PORTS, QUEUES, tables=FILE['tables']))[0],
          'added 20 changed 0 deleted 0\n', 'load')
    equal(by_port(shown('ports')), by_port(PORTS), 'ports')
    equal(by_port(shown('queues')), by_port(QUEUES), 'queues')
    whole = switch()
    equal(by_port(whole.pop('ports')), by_port(PORTS), 'ports among all')
    whole.pop('queues')
    equal(whole, FILE['tables'], 'tables')
    lines = ctl('-t', 'stub:' + STUB, 'show', 'queues')[0].splitlines()
    equal(lines[1], 'queues port 1/0 queue 3 min_rate 200Mbit max_rate 1Gbit priority 7',
          'text')


@case('what show prints of all is a file again')
def again():
    """Ports and queues may stand among the tables."""
    ctl('load', file(PORTS, QUEUES, tables=FILE['tables']))
    path = write({'target': 'stub:' + STUB, 'tables': switch()})
    equal(ctl('apply', path)[0], 'added 0 changed 0 deleted 0\n', 'apply')
    both = write({'target': 'stub:' + STUB, 'ports': PORTS, 'tables': {'ports': PORTS}})
    says('ports is there twice', ctl('apply', both, status=1)[1])


@case('one way to write a port, a rate, a word; what is usual is left out')
def canonical():
    """So a file that says the same otherwise changes nothing."""
    ctl('load', file(PORTS, QUEUES))
    ports = [dict(p) for p in PORTS]
    ports[0].update(port='01/0', fec='reed-solomon', autoneg='default', enabled=True)
    ports[1]['autoneg'] = False
    ports[3].update(autoneg=True, fec='none')
    queues = [dict(q) for q in QUEUES]
    queues[0].update(min_rate='200000kbit', max_rate='1000Mbit', weight=1023)
    queues[1]['priority'] = 0
    equal(ctl('apply', file(ports, queues))[0], 'added 0 changed 0 deleted 0\n', 'same')


@case('a file that does not name ports or queues leaves them alone')
def unnamed():
    """One that names none of them takes them away."""
    ctl('load', file(PORTS, QUEUES))
    equal(ctl('apply', file(tables=FILE['tables']))[0],
          'added 12 changed 0 deleted 0\n', 'not named')
    equal(len(shown('ports')), 5, 'ports')
    equal(ctl('apply', file(queues=[], tables=FILE['tables']))[0],
          'added 0 changed 0 deleted 3\n', 'no queues')
    equal(len(shown('ports')), 5, 'ports')
    equal(ctl('apply', file(ports=[], tables=FILE['tables']))[0],
          'added 0 changed 0 deleted 5\n', 'no ports')


@case('breakout, and back: the channels of a connector are never two ports\'')
def breakout():
    """Whatever write fails, the ports are those before."""
    one = [{'port': '1/0', 'speed': '100G'}]
    four = [{'port': '1/%d' % i, 'speed': '25G'} for i in range(4)]
    ctl('load', file(one))
    for to, said in ((four, 'added 3 changed 1 deleted 0\n'),
                     (one, 'added 0 changed 1 deleted 3\n')):
        before = shown('ports')
        for at in range(1, 5):
            says('told to fail', ctl('apply', file(to), status=2, fail=at)[1])
            equal(shown('ports'), before, 'after failure %d' % at)
        equal(ctl('apply', file(to))[0], said, 'apply')
        equal(shown('ports'), to, 'ports')


PORT = {'port': '1/0', 'speed': '25G'}
QUEUE = {'port': '1/0', 'queue': 1}
REFUSED = (
    ({'ports': {}}, 'ports is an array'),
    ({'ports': [{**PORT, 'port': '1'}]}, 'ports[0]: port: "1" is no connector and channel'),
    ({'ports': [{**PORT, 'port': '1/4'}]}, 'port: "1/4" is no connector and channel'),
    ({'ports': [{**PORT, 'port': '0/0'}]}, 'port: "0/0" is no'),
    ({'ports': [{**PORT, 'port': '/'}]}, 'port: "/" is no'),
    ({'ports': [{**PORT, 'port': '1' * 50 + '/0'}]}, 'is no connector'),
    ({'ports': [{**PORT, 'port': 512}]}, 'port is a number from 0 to 511'),
    ({'ports': [{**PORT, 'port': None}]}, 'port is a number'),
    ({'ports': [{'port': '1/0'}]}, 'speed is missing'),
    ({'ports': [{**PORT, 'speed': '26G'}]},
     'speed is 10G, 25G, 40G, 50G or 100G, not "26G"'),
    ({'ports': [{**PORT, 'speed': 25}]}, 'speed is a word'),
    ({'ports': [{**PORT, 'fec': 'crc'}]},
     'fec is none, firecode, rs or reed-solomon, not "crc"'),
    ({'ports': [{**PORT, 'speed': '10G', 'fec': 'rs'}]}, 'fec rs is not for 10G'),
    ({'ports': [{**PORT, 'speed': '100G', 'fec': 'firecode'}]},
     'fec firecode is not for 100G'),
    ({'ports': [{**PORT, 'autoneg': 'yes'}]}, 'autoneg is default, on or off, not "yes"'),
    ({'ports': [{**PORT, 'enabled': 'yes'}]}, 'enabled is true or false'),
    ({'ports': [{**PORT, 'mtu': 9000}]}, '"mtu" is not known here'),
    ({'ports': [{**PORT, 'port': '1/1', 'speed': '50G'}]},
     '50G takes 2 channels, not from 1 on'),
    ({'ports': [{**PORT, 'port': 66, 'speed': '100G'}]},
     '100G takes 4 channels, not from 2 on'),
    ({'ports': [PORT, PORT]}, 'ports[1]: there is an entry {"port":"1/0"} already'),
    ({'ports': [{**PORT, 'speed': '100G'}, {**PORT, 'port': '1/3'}]},
     'ports 1/3: its channels are those of port 1/0 too'),
    ({'ports': [{**PORT, 'port': 4, 'speed': '50G'}, {**PORT, 'port': 5}]},
     'ports 5: its channels are those of port 4 too'),
    ({'queues': [{'port': '1/0'}]}, 'queue is missing'),
    ({'queues': [{**QUEUE, 'queue': 32}]}, 'queue is a number from 0 to 31'),
    ({'queues': [{**QUEUE, 'min_rate': 200}]}, 'min_rate is a rate'),
    ({'queues': [{**QUEUE, 'min_rate': '200'}]}, 'min_rate: "200" is no rate'),
    ({'queues': [{**QUEUE, 'min_rate': '0Mbit'}]}, '"0Mbit" is no rate'),
    ({'queues': [{**QUEUE, 'min_rate': '-1Mbit'}]}, '"-1Mbit" is no rate'),
    ({'queues': [{**QUEUE, 'min_rate': '1.5Mbit'}]}, '"1.5Mbit" is no rate'),
    ({'queues': [{**QUEUE, 'max_rate': '5000Gbit'}]}, '"5000Gbit" is no rate'),
    ({'queues': [{**QUEUE, 'max_rate': '9' * 30 + 'kbit'}]}, 'is no rate'),
    ({'queues': [{**QUEUE, 'min_rate': '1Gbit', 'max_rate': '200Mbit'}]},
     'min_rate 1Gbit is above max_rate 200Mbit'),
    ({'queues': [{**QUEUE, 'min_rate': '1Gbit', 'max_rate': '200pps'}]},
     'both of bits or of packets'),
    ({'queues': [{**QUEUE, 'priority': 8}]}, 'priority is a number from 0 to 7'),
    ({'queues': [{**QUEUE, 'weight': 0}]}, 'weight is a number from 1 to 1023'),
    ({'ports': [PORT], 'queues': [{**QUEUE, 'port': '1/1'}]},
     'queues {"port":"1/1","queue":1}: there is no port 1/1'),
    ({'ports': [PORT], 'queues': [{**QUEUE, 'queue': i, 'min_rate': '9Gbit'}
                                  for i in range(3)]},
     'queues of port 1/0: 27000000 kbit are guaranteed, and it has 25G'),
)


@case('a file with a mistake: a sentence with the bad word, and no change')
def refused():
    """Nothing has been sent to the switch by then."""
    ctl('load', file(PORTS, QUEUES))
    for lists, sentence in REFUSED:
        says(sentence, ctl('apply', file(**lists), status=1)[1])
    equal(by_port(shown('ports')), by_port(PORTS), 'ports')
    equal(by_port(shown('queues')), by_port(QUEUES), 'queues')


try:
    run()
finally:
    ctlrig.clean()
