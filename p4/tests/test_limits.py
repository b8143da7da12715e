# SPDX-License-Identifier: Apache-2.0
"""Events that no healthy switch counts: too many rounds, and a report that
nobody has said where to send.

Eight labels and the head end need fewer rounds than a packet has: the program
runs here with a lower limit, put into what the compiler made.
"""

import json
import os

import pkt
import rig
from ktap import case, check, equal, run
from p4model import ROUNDS_MAX, UP
from rig import labelled

rig.require()

FEATURE, NFV, SILENT, KEEP, WINDOW = 16100, 16201, 16202, 17001, 33000
ROUNDS = 3


def limits(node):
    """The places in a program where rounds are compared with their limit."""
    if isinstance(node, list):
        for one in node:
            yield from limits(one)
    elif isinstance(node, dict):
        if node.get('op') == '>' and 'rounds' in json.dumps(node['left']):
            yield node['right']
        for one in node.values():
            yield from limits(one)


class Limited(rig.Switch):
    """The rig's switch, with fewer rounds."""

    def _start(self, program, queues):
        with open(program, encoding='ascii') as file:
            made = json.load(file)
        found = list(limits(made))
        equal([int(f['value'], 16) for f in found], [ROUNDS_MAX], 'limits')
        found[0]['value'] = '0x%02x' % ROUNDS
        path = os.path.join(self.directory, 'limited.json')
        with open(path, 'w', encoding='ascii') as file:
            json.dump(made, file)
        self.model.rounds_max = ROUNDS
        super()._start(path, queues)


SWITCH = Limited(clock=True)


def tables():
    s = SWITCH
    s.local_sid(FEATURE, 'feature', UP, WINDOW)
    s.nfv_sid(NFV, 3)
    s.nfv_sid(SILENT, 4, dport=None)
    s.nexthop(1, 1)
    s.label_fib(KEEP, 'keep', 1)
    s.commit()


tables()


def frame(stack, clock, sport=1000):
    return 0, labelled([*stack, KEEP], pkt.ip4(pkt.udp(sport)), clock)


@case('own labels take a round each; one round too many is a drop')
def rounds():
    for depth in range(1, 8):
        SWITCH.exchange([frame([FEATURE] * depth, 1000 + depth)])
    equal(SWITCH.counted()['rounds'], 7 - (ROUNDS + 1), 'dropped')


@case('a report that nobody has said where to send is counted, the packet goes on')
def no_report():
    seen = len(SWITCH.model.reports)
    SWITCH.exchange([frame([FEATURE, SILENT], at * WINDOW, 2000) for at in range(1, 5)])
    equal(SWITCH.counted()['egress_no_report'], 3, 'not sent')
    SWITCH.exchange([frame([FEATURE, NFV], 5 * WINDOW, 2000)])
    check(len(SWITCH.model.reports) == seen + 1, 'the next is sent again')


run()
