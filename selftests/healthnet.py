# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests on topo_health.sh share: functions that are kernels."""

import json
import os
import subprocess

import pkt
from ktap import Failure, wait_for
from netio import in_netns
from pkt import ETH_MPLS, encode_labels, ether, mac, stack
from proxy import CTL, Topo

U0 = mac('02:00:00:00:00:01')
PROBE = {4: '203.0.113.1:7', 6: '[2001:db8:ffff::1]:7'}
BACK = 900


class HealthNet(Topo):
    """topo_health.sh from the inside."""

    def __init__(self):
        super().__init__()
        self.px = self.proxy()
        self.s0 = self.port('sw', 's0')

    def vnf(self, number, options='', family=4, name=None):
        """The command that adds function number by its address."""
        via = {4: 'inet 10.0.%d.2', 6: 'inet6 2001:db8:%d::2'}[family] % number
        return 'vnf add %s dev w%d via %s %s' % (name or 'n%d' % number, number, via, options)

    def send(self, label, *inners):
        for inner in inners:
            self.s0.send(ether(U0, self.s0.mac, ETH_MPLS,
                               encode_labels(stack(label, BACK)) + inner))

    def forwards(self, node, on):
        """Whether a function forwards anything."""
        self.sh(node, 'sysctl -qw net.ipv4.ip_forward=%d net.ipv6.conf.all.forwarding=%d' % (
            on, on))

    def state(self, name):
        vnf = self.px.vnf(name)
        return vnf['state'], vnf.get('cause', '')

    def wait_state(self, name, *want, timeout=30):
        wait_for(lambda: self.state(name) == want, '%s to be %s' % (name, ' '.join(want)),
                 timeout)

    def served_by(self, names):
        """{name: packets that it has been handed}."""
        return {name: self.px.vnf(name)['stats']['to_vnf_packets'] for name in names}

    def goes_to(self, label, inner, names):
        """The name of the function that one packet goes to, and comes back from."""
        before = self.served_by(names)
        self.s0.drain()
        self.send(label, inner)
        frame = self.s0.recv()
        if frame is None:
            raise Failure('nothing came back for %s' % pkt.describe(inner))
        after = self.served_by(names)
        return ''.join(name for name in names if after[name] > before[name])


class Monitor:
    """srproxyctl monitor, as a list of what it said."""

    def __init__(self, netns, topic='vnf'):
        # pylint: disable=consider-using-with
        with in_netns(netns):
            self.process = subprocess.Popen([CTL, '-j', 'monitor', topic],
                                            stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text, self.events = b'', []

    def listening(self, px, vnf):
        """Wait until it hears: the command adds a vnf called t, which goes again."""
        wait_for(lambda: px.ctl(vnf, 'vnf del t') or self.states('t'),
                 'the monitor to listen', 30)
        return self

    def read(self):
        """All events so far."""
        while True:
            try:
                more = os.read(self.process.stdout.fileno(), 65536)
            except BlockingIOError:
                break
            if not more:
                break
            *lines, self.text = (self.text + more).split(b'\n')
            self.events += [json.loads(line) for line in lines if line]
        return self.events

    def states(self, name):
        """[(state, cause, changed_ns)] of one vnf."""
        return [(e['state'], e.get('cause', ''), e['changed_ns']) for e in self.read()
                if e.get('name') == name]

    def uplinks(self, dev):
        """[(state, changed_ns)] of one uplink."""
        return [(e['state'], e['changed_ns']) for e in self.read() if e.get('dev') == dev and
                e['object'] == 'uplink']

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
