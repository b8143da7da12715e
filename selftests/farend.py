# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions behind sockets, as programs of their own, and `vnf keep`."""

import json
import os
import re
import select
import signal
import subprocess
import time

import pkt
from ktap import Failure, check, wait_for
from netio import in_netns
from nodes import One
from proxy import CTL, Ledger

HERE = os.path.dirname(os.path.abspath(__file__))
GUIDE = os.path.join(HERE, '..', 'Documentation', 'vnf-guide.md')
# an emulated machine takes its time to start a program
SOON = 30


def guide_code(kind):
    """The far end of a kind that the guide shows in Python."""
    with open(GUIDE, encoding='utf-8') as file:
        blocks = re.findall(r'^```python\n(# far end: (\w+)\n.*?)^```', file.read(), re.M | re.S)
    found = [code for code, name in blocks if name == kind]
    check(len(found) == 1, 'the guide has %d far ends of %s' % (len(found), kind))
    return found[0]


class Program:
    """A program in a namespace, whose output is read line by line."""

    def __init__(self, netns, *words, cwd=None):
        # pylint: disable=consider-using-with
        with in_netns(netns):
            self.process = subprocess.Popen(words, cwd=cwd, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE)
        self.text, self.lines = b'', []

    def read(self, timeout):
        """Take what it says within the time; False at its end."""
        if not select.select([self.process.stdout], [], [], max(0, timeout))[0]:
            return True
        more = os.read(self.process.stdout.fileno(), 1 << 16)
        *lines, self.text = (self.text + more).split(b'\n')
        self.lines += [line.decode() for line in lines]
        return bool(more)

    def line(self, timeout=SOON):
        """The next line it says."""
        end = time.monotonic() + timeout
        while not self.lines:
            if time.monotonic() > end or not self.read(end - time.monotonic()):
                raise Failure('%s: nothing more is said: %s' % (
                    self.process.args, '' if self.process.poll() is None else
                    self.process.stderr.read().decode()))
        return self.lines.pop(0)

    def listens(self, kind, place):
        """Is there a socket, as /proc/net/tcp, udp, udp6 and unix have them, in its namespace?"""
        with open('/proc/%d/net/%s' % (self.process.pid, kind), encoding='ascii') as file:
            table = [line.split() for line in file][1:]
        if kind == 'unix':
            return any(row[3] == '00010000' and row[-1] == place for row in table)
        state = {'tcp': '0A', 'udp': '07'}[kind.rstrip('6')]
        return any(row[1].endswith(':%04X' % place) and row[3] == state for row in table)

    def kill(self, number=signal.SIGKILL):
        """(exit status, stderr) after a signal."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.end()

    def end(self):
        """(exit status, stderr) once it has ended by itself."""
        try:
            self.process.wait(SOON)
        except subprocess.TimeoutExpired as late:
            self.process.kill()
            raise Failure('%s does not end' % self.process.args) from late
        error = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode, error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.process.stdout.closed:
            self.kill()


class Echo(Program):
    """srp-vnf-echo, ready."""

    def __init__(self, netns, *words, cwd=None):
        super().__init__(netns, 'srp-vnf-echo', *words, cwd=cwd)
        self.place = self.line().split()[-1]


class Keep(Program):
    """A srproxyctl -j that stays, and its events."""

    def __init__(self, netns, *words, cwd=None):
        super().__init__(netns, CTL, '-j', *words, cwd=cwd)
        self.seen = []

    def event(self, timeout=SOON):
        """The next event."""
        self.seen.append(json.loads(self.line(timeout)))
        return self.seen[-1]

    def until(self, event, name=None, timeout=SOON):
        """The next event of this kind; others before it are passed over."""
        end = time.monotonic() + timeout
        while True:
            got = self.event(end - time.monotonic())
            if got['event'] == event and name in (None, got['name']):
                return got

    def stop(self):
        """Ended by SIGTERM, cleanly."""
        status, error = self.kill(signal.SIGTERM)
        check((status, error) == (0, ''), 'keep ended with %s: %s' % (status, error))


class Far(One):
    """topo_far.sh from the inside."""

    def __init__(self):
        super().__init__(1)
        self.gn, self.dir = self.netns('gn'), os.environ['FAR']

    def echo(self, *words):
        """Start srp-vnf-echo there."""
        return Echo(self.gn, *words, cwd=self.dir)

    def keep(self, *words):
        """Start srproxyctl on the proxy; it stays."""
        return Keep('', '-n', self.px.netns, *words, cwd=self.dir)

    def listener(self, kind, place, *words):
        """Start a program there and wait until it listens."""
        far = Program(self.gn, *words, cwd=self.dir)
        wait_for(lambda: far.listens(kind, place), '%s to listen' % words[0], SOON)
        return far

    def guide(self, kind, socket, place):
        """Start the guide's far end, as it stands there."""
        return self.listener(socket, place, '/usr/bin/python3', '-c', guide_code(kind))

    def up(self, name):
        """Wait until a vnf is up, and its sid with it."""
        wait_for(lambda: self.px.vnf(name)['state'] == 'up', name + ' to be up', SOON)

    def round_trip(self, *packets):
        """Each goes to the function and comes back, in order."""
        for inner in packets:
            self.to_proxy([16010, 900], inner)
        for inner in packets:
            frame = self.s0.recv(SOON)
            check(frame and frame.inner == inner and frame.labels == pkt.stack((900, 0, 63)),
                  'the switch got %s, want [900] %s' % (frame, pkt.describe(inner)))

    def rounds(self):
        """Packets of both families, small and large, there and back, accounted for."""
        sizes = [0, 1, 500, 1300]
        packets = [pkt.ip(pkt.udp(2000 + size, family, b'r' * size), family)
                   for size in sizes for family in (4, 6)]
        with Ledger(self.px) as led:
            self.round_trip(*packets)
        led.dropped()
