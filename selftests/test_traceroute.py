# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_traceroute.sh."""

import re

from ktap import before_each, case, check, equal, note, run
from proxy import Ledger, Topo

topo = Topo()
pa, pb = topo.proxy('pa'), topo.proxy('pb')
SERVER = {4: '10.0.53.2', 6: '2001:db8:53::2'}
HOPS = {4: ['10.0.51.1', '10.0.52.2', '10.0.53.2'],
        6: ['2001:db8:51::1', '2001:db8:52::2', '2001:db8:53::2']}


@before_each
def start():
    for px in (pa, pb):
        px.ctl('config set ttl pipe icmp reverse', 'flow flush')


def trace(family, *options):
    """[(address, what -e tells)] of the hops."""
    out = topo.sh('client', 'traceroute -%d -n -e -q 2 -w 2 -m 8 %s %s' % (
        family, ' '.join(options), SERVER[family]))
    note(*out.splitlines())
    hops = []
    for line in out.splitlines()[1:]:
        words = line.split()
        told = re.search(r'<(MPLS:[^>]*)>', line)
        hops.append((words[1], told and told.group(1)))
    return hops


def hops(family, mode, *options):
    for px in (pa, pb):
        px.ctl('config set ttl ' + mode)
    with Ledger(pa) as led:
        found = trace(family, *options)
    want = list(HOPS[family])
    if mode == 'uniform':
        want.insert(1, want[1])         # the last proxy routes as well: a hop of its own
    equal([address for address, _ in found], want, 'hops')
    equal(found[0][1], 'MPLS:L=16031,E=0,S=0,T=1/L=16032,E=0,S=1,T=1', 'labels at pa')
    check(found[1][1].startswith('MPLS:L=16032,E=0,S=1,T=1'), 'labels at pb')
    equal([told for _, told in found[2:]], [None] * len(found[2:]), 'labels further on')
    equal(led.drops.get('ttl_expired'), 2, 'ttl_expired')


for _mode in ('pipe', 'uniform'):
    for _family in (4, 6):
        case('%s: UDP probes, v%d' % (_mode, _family), _family, _mode)(hops)
        # one flow, whose TTL the proxy follows once a second
        case('%s: ICMP probes, v%d' % (_mode, _family), _family, _mode, '-I', '-N', '1',
             '-z', '1.2')(hops)
        case('%s: TCP probes, v%d' % (_mode, _family), _family, _mode, '-T')(hops)


@case('icmp none: the proxies are silent')
def silent():
    for px in (pa, pb):
        px.ctl('config set icmp none')
    found = [address for address, _ in trace(4)]
    equal(found, ['*', '*', HOPS[4][2]], 'hops')


run()
