#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""UDP both ways, every octet checked.

  udp.py serve PORT             echo every datagram, on both families
  udp.py check ADDRESS PORT N   send N datagrams of all sizes, a few at a time;
                                exit 1 unless each has come back as it was
"""

import hashlib
import os
import select
import socket
import sys
import time

WINDOW = 16
SIZES = (1, 64, 512, 1000, 1472 - 20)


def serve(port):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(('::', port))
    print('ready', flush=True)
    while True:
        data, origin = sock.recvfrom(65536)
        sock.sendto(data, origin)


def datagram(number):
    body = os.urandom(SIZES[number % len(SIZES)])
    return number.to_bytes(4, 'big') + hashlib.sha256(body).digest() + body


def check(address, port, count):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.connect((address, port))
    under_way, sent, back, octets = {}, 0, 0, 0
    end = time.monotonic() + 60
    while back < count and time.monotonic() < end:
        while sent < count and len(under_way) < WINDOW:
            under_way[sent] = datagram(sent)
            octets += len(under_way[sent])
            sock.send(under_way[sent])
            sent += 1
        if not select.select([sock], [], [], 5)[0]:
            break
        data = sock.recv(65536)
        if under_way.pop(int.from_bytes(data[:4], 'big'), None) != data:
            sys.exit('a datagram came back changed, or twice')
        back += 1
    print('%d datagrams, %d octets there and back, %d lost' % (count, octets, count - back))
    return 0 if back == count else 1


if __name__ == '__main__':
    if sys.argv[1] == 'serve':
        serve(int(sys.argv[2]))
    sys.exit(check(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
