#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The walk of one packet and of its answer, hop by hop.

  walk.py FILE ADDRESS: send one datagram from the client to ADDRESS, capture it
  at every interface that it comes in by, write all to FILE (pcap) in the order
  of the kernel's time stamps, and have tshark decode it. Namespaces are called
  $SRP_NS-NODE.
"""

import os
import select
import socket
import struct
import subprocess
import sys
import time

from netio import ETH_P_ALL, PACKET_IGNORE_OUTGOING, SOL_PACKET, in_netns

SO_TIMESTAMPNS = 35
MARK = b'the walk of one packet through the service chain'
# what comes in by each interface, in words
HOPS = {
    ('ea', 'c0'): 'head end a, from the client', ('eb', 'c0'): 'head end b, from the server',
    ('sr', 'ea'): 'SR router, from head end a', ('sr', 'eb'): 'SR router, from head end b',
    ('sr', 'pa'): 'SR router, from proxy a', ('sr', 'pb'): 'SR router, from proxy b',
    ('pa', 'core'): 'proxy a, uplink', ('pb', 'core'): 'proxy b, uplink',
    ('fw', 'e0'): '  the firewall', ('pa', 'v1'): 'proxy a, from the firewall',
    ('sh', 'e0'): '  the shaper', ('pa', 'v3'): 'proxy a, from the shaper',
    ('sh', 'e1'): '  the shaper', ('pa', 'v2'): 'proxy a, from the shaper',
    ('ips', 'e0'): '  the ips', ('pb', 'v2'): 'proxy b, from the ips',
    ('ips', 'e1'): '  the ips', ('pb', 'v1'): 'proxy b, from the ips',
    ('eb', 'core'): 'head end b, from the SR router',
    ('ea', 'core'): 'head end a, from the SR router',
    ('server', 'e0'): 'the server', ('client', 'e0'): 'the client',
}


def netns(node):
    return '%s-%s' % (os.environ['SRP_NS'], node)


def listen(node, name):
    with in_netns(netns(node)):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind((name, 0))
    sock.setblocking(False)
    return sock


def read(sock):
    """(time stamp, octets) of what there is, our datagrams only."""
    while True:
        try:
            octets, control, _, _ = sock.recvmsg(4096, 256)
        except BlockingIOError:
            return
        if MARK not in octets:
            continue
        stamp = next((data for _, kind, data in control if kind == SO_TIMESTAMPNS), None)
        yield struct.unpack('qq', stamp[:16]), octets


def capture(address):
    """[(time stamp, octets, hop)] of one datagram there and back."""
    socks = {listen(*hop): hop for hop in HOPS}
    with in_netns(netns('client')):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        client = socket.socket(family, socket.SOCK_DGRAM)
    client.sendto(MARK, (address, 7))
    seen, end = [], time.monotonic() + 10
    while ('client', 'e0') not in [hop for _, _, hop in seen] and time.monotonic() < end:
        for sock in select.select(list(socks), [], [], 0.5)[0]:
            seen += [(stamp, octets, socks[sock]) for stamp, octets in read(sock)]
    time.sleep(0.2)
    for sock, hop in socks.items():
        seen += [(stamp, octets, hop) for stamp, octets in read(sock)]
    return sorted(seen)


def write_pcap(path, frames):
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for (seconds, nanoseconds), octets, _ in frames:
            file.write(struct.pack('<IIII', seconds, nanoseconds, len(octets), len(octets)))
            file.write(octets)


def decode(path):
    """What tshark makes of each frame: (labels, TTLs, src, dst, TTL)."""
    fields = ('mpls.label', 'mpls.ttl', 'ip.src', 'ip.dst', 'ip.ttl', 'ipv6.src', 'ipv6.dst',
              'ipv6.hlim')
    done = subprocess.run(
        ['tshark', '-n', '-r', path, '-T', 'fields', '-E', 'separator=;',
         *(word for field in fields for word in ('-e', field))],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    for line in done.stdout.splitlines():
        labels, ttls, *rest = line.split(';')
        src, dst, ttl = rest[:3] if rest[0] else rest[3:]
        yield list(zip(labels.split(','), ttls.split(','))) if labels else [], src, dst, ttl


def show(frames, path):
    turned = False
    print('   hop                              label stack, label/TTL')
    for number, ((_, _, hop), (labels, src, dst, ttl)) in enumerate(
            zip(frames, decode(path)), 1):
        text = ' '.join('/'.join(entry) for entry in labels) or '-'
        print('%4d %-31s %-42s %s > %s TTL %s' % (number, HOPS[hop], text, src, dst, ttl))
        if hop == ('server', 'e0') and not turned:
            turned = True
            print('     --- the server answers ---')


def main():
    path, address = sys.argv[1:3]
    frames = capture(address)
    write_pcap(path, frames)
    show(frames, path)
    hops = [hop for _, _, hop in frames]
    visited = [node for node, _ in hops]
    whole = (hops.count(('server', 'e0')) == 1 and hops.count(('client', 'e0')) == 1 and
             all(visited.count(node) == 2 for node in ('fw', 'sh', 'ips')))
    return 0 if whole else 'the walk is not whole: %s' % hops


if __name__ == '__main__':
    sys.exit(main())
