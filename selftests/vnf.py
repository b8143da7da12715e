#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A function that knows nothing of MPLS: what comes in goes out again.

  vnf.py -n NETNS [-o OUT] [--ttl] IF...

Every IP packet that an interface receives leaves by the same interface, MACs
swapped, or by OUT as a transparent bridge would send it. --ttl takes one TTL
as a router does. No IP stack is involved, so nothing needs to be configured.
SIGTERM ends it; the last line is the number of packets.
"""

import argparse
import signal
import sys

import pkt
from netio import Port, swap_macs, wait_ports


class Vnf:
    """One function: ports in, a port out, and what it does to a packet."""

    def __init__(self, port, out=None, change=None, keep_macs=False):
        self.port, self.out = port, out or port
        self.change, self.keep_macs = change, keep_macs
        self.packets = 0
        self.seen = []      # the Frames of this test case

    def fileno(self):
        return self.port.fileno()

    def reply_to(self, frame):
        """The octets that go back for a frame."""
        octets = frame.octets
        if self.change:
            octets = octets[:14] + self.change(octets[14:])
        return octets if self.keep_macs else swap_macs(octets)

    def serve(self, remember=False):
        """Return what has come so far; how many packets that was."""
        count = 0
        while True:
            frame = self.port.poll()
            if not frame:
                break
            if remember:
                self.seen.append(frame)
            count += 1
            if frame.type in (pkt.ETH_IP, pkt.ETH_IP6):
                self.out.try_send(self.reply_to(frame))
        self.packets += count
        return count


def take_one_ttl(packet):
    return pkt.with_ttl(packet, pkt.get_ttl(packet) - 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('-n', '--netns', default='')
    parser.add_argument('-o', '--out')
    parser.add_argument('--ttl', action='store_true')
    parser.add_argument('interface', nargs='+')
    args = parser.parse_args()
    out = Port(args.netns, args.out) if args.out else None
    vnfs = [Vnf(Port(args.netns, name), out, take_one_ttl if args.ttl else None,
                keep_macs=bool(out)) for name in args.interface]
    running = [True]
    signal.signal(signal.SIGTERM, lambda *_: running.clear())
    print('ready', flush=True)
    while running:
        for vnf in wait_ports(vnfs, 0.2):
            vnf.serve()
    print(sum(vnf.packets for vnf in vnfs), flush=True)


if __name__ == '__main__':
    sys.exit(main())
