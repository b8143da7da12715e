#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two ends of a pseudowire (RFC 4448, with control word), each a tap device.

  pwe.py -p NETNS:IF:MAC  END END
  END: NETNS:TAP:LABEL/LABEL...:LABEL

What the host behind TAP sends gets the first labels (outermost first) and
leaves the port (-p) for MAC; what comes in on the port with the last label at
its bottom goes to the host. SIGTERM ends it.
"""

import argparse
import fcntl
import os
import select
import struct

import pkt
from netio import Port, in_netns

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 2, 0x1000
WORD = b'\0\0\0\0'


class End:
    """One end: a tap device in a namespace, its labels out and in."""

    def __init__(self, text):
        netns, name, out, label = text.split(':')
        self.labels = pkt.stack(*(int(n) for n in out.split('/')))
        self.label = int(label)
        with in_netns(netns):
            self.tap = os.open('/dev/net/tun', os.O_RDWR)
            fcntl.ioctl(self.tap, TUNSETIFF,
                        struct.pack('16sH22x', name.encode(), IFF_TAP | IFF_NO_PI))

    def fileno(self):
        return self.tap

    def write(self, frame):
        try:
            os.write(self.tap, frame)
        except OSError:         # the device is not up
            pass


def pump(port, mac, ends):
    """Carry what there is, for ever."""
    while True:
        for ready in select.select([port] + ends, [], [])[0]:
            if ready is not port:
                frame = os.read(ready.tap, 65536)
                port.send(pkt.ether(mac, port.mac, pkt.ETH_MPLS,
                                    pkt.encode_labels(ready.labels) + WORD + frame))
                continue
            came = port.poll()
            if came is None or not came.labels or came.inner[:4] != WORD:
                continue
            for end in ends:
                if end.label == came.labels[-1].label:
                    end.write(came.inner[4:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('-p', '--port', required=True)
    parser.add_argument('end', nargs=2)
    args = parser.parse_args()
    netns, name, mac = args.port.split(':', 2)
    ends = [End(text) for text in args.end]
    pump(Port(netns, name), pkt.mac(mac), ends)


if __name__ == '__main__':
    main()
