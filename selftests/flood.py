# SPDX-License-Identifier: GPL-2.0-or-later
"""Many packets of many flows, by the kernel's packet generator, while the test
does something else.

  flood = Flood(netns, dev, mac, count, labels, spread)
  flood.start(); ...; flood.wait()      or stop() it before its end
"""

import atexit
import os
import re
import subprocess
import time

from ktap import Failure, Skip, wait_for
from netio import in_netns

ROOT = '/proc/net/pktgen/'
THREAD = 'kpktgend_0'


def spread(ports, addresses):
    """Flows that are counted up: source ports x destination addresses, all
    different if the numbers have no common divisor."""
    return ['src_min 10.1.0.1', 'dst_min 10.2.0.0',
            'dst_max 10.2.%d.%d' % divmod(addresses - 1, 256), 'udp_src_min 1024',
            'udp_src_max %d' % (1024 + (ports if ports > 1 else 0)), 'udp_dst_min 9',
            'udp_dst_max 9']


SPOOFED = ['src_min 11.0.0.0', 'src_max 11.255.255.255', 'flag IPSRC_RND', 'dst_min 10.2.0.0',
           'dst_max 10.2.0.0', 'udp_src_min 1', 'udp_src_max 65535', 'flag UDPSRC_RND',
           'udp_dst_min 9', 'udp_dst_max 9']


def yield_to_packets():
    """What is sent is to be worked off first: else the generator, which sends
    whenever it runs, fills queues that only ksoftirqd empties."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/comm' % pid, encoding='ascii') as file:
                name = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        if name.startswith('ksoftirqd/'):
            os.setpriority(os.PRIO_PROCESS, int(pid), -20)


def available(netns):
    """Skip the case where there is no packet generator."""
    subprocess.run(['modprobe', '-q', 'pktgen'], check=False)
    with in_netns(netns):
        try:
            with open(ROOT + THREAD, encoding='ascii'):
                return
        except OSError:
            pass
    raise Skip('no pktgen')


class Flood:
    """One generator on a device of a namespace; one at a time in each."""

    def __init__(self, netns, dev, mac, count, labels, flows, delay=0):
        available(netns)
        self.netns, self.dev, self.count, self.process = netns, dev, count, None
        self.write(THREAD, 'rem_device_all')
        self.add()
        # the S bit is pktgen's own affair
        stack = ','.join('%08x' % (label << 12 | 255) for label in labels)
        for command in ['pkt_size %d' % (60 + 4 * len(labels)), *flows, 'mpls ' + stack,
                        'clone_skb 0', 'delay %d' % delay, 'dst_mac ' + mac,
                        'count %d' % count]:
            self.write(dev, command)
        atexit.register(self.kill)

    def write(self, name, command):
        with in_netns(self.netns):
            with open(ROOT + name, 'w', encoding='ascii') as file:
                file.write(command + '\n')

    def add(self):
        """One of its name may be about to go."""
        end = time.monotonic() + 20
        while True:
            try:
                return self.write(THREAD, 'add_device ' + self.dev)
            except OSError as error:
                if time.monotonic() > end:
                    raise Failure('pktgen: %s' % error) from error
                time.sleep(0.1)

    def read(self):
        with in_netns(self.netns):
            with open(ROOT + self.dev, encoding='ascii') as file:
                return file.read()

    @property
    def sent(self):
        """Packets so far."""
        return int(re.search(r'pkts-sofar: (\d+)', self.read())[1])

    def start(self):
        """Begin; some packets have been sent then."""
        yield_to_packets()
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(['ip', 'netns', 'exec', self.netns, 'sh', '-c',
                                         'echo start >%spgctrl' % ROOT])
        wait_for(lambda: self.sent, 'the first packet', 60)
        return self

    def running(self):
        return self.process.poll() is None

    def stop(self):
        """End it now; packets sent."""
        self.write('pgctrl', 'stop')
        return self.ended(60)

    def wait(self, seconds):
        """Until all are sent; packets sent."""
        sent = self.ended(seconds)
        if sent != self.count:
            raise Failure('pktgen: %s' % self.read())
        return sent

    def ended(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise Failure('pktgen has no end: %s' % self.read()) from late
        wait_for(lambda: 'Result: OK' in self.read(), 'the result of pktgen', 20)
        return self.sent

    def kill(self):
        """Whatever happened."""
        if self.process and self.running():
            self.write('pgctrl', 'stop')
            self.process.wait(20)


def dropped_by_rig():
    """Packets that the queues between devices have lost, on all CPUs."""
    with open('/proc/net/softnet_stat', encoding='ascii') as file:
        return sum(int(line.split()[1], 16) for line in file)
