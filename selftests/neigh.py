# SPDX-License-Identifier: GPL-2.0-or-later
"""ARP and neighbour discovery: what is asked, and what is answered."""

import struct

import pkt
from ktap import check
from pkt import ether


def arp(sha, target, sender='10.0.30.2', kind=1):
    """An ARP request, or with kind 2 a reply, without its Ethernet header."""
    return struct.pack('!HHBBH6s4s6s4s', 1, pkt.ETH_IP, 6, 4, kind, sha, pkt.address(sender),
                       bytes(6), pkt.address(target))


def is_arp_reply(frame):
    return frame.type == pkt.ETH_ARP and frame.inner[6:8] == b'\0\2'


def solicitation(sha, to, target, src='2001:db8:30::2', dst=None, ttl=255, code=0,
                 option=True):
    """A neighbour solicitation, the whole frame; to is its address if dst is given."""
    group = dst or 'ff02::1:ff' + pkt.address(target)[-3:].hex()[:2] + ':' + \
        pkt.address(target)[-2:].hex()
    data = pkt.address(target) + (b'\1\1' + sha if option else b'')
    l4 = pkt.L4(pkt.PROTO['icmp6'], struct.pack('!BBHI', 135, code, 0, 0) + data, 2)
    packet = pkt.ip6(l4, src=src, dst=group, ttl=ttl)
    return ether(b'\x33\x33' + pkt.address(group)[-4:] if not dst else to, sha, pkt.ETH_IP6, packet)


def is_advertisement(frame):
    return frame.type == pkt.ETH_IP6 and frame.inner[6] == 58 and frame.inner[40] == 136


def answered(port, frames, wanted, is_last):
    """What of the wanted frames comes until the last one, or none any more."""
    port.noise = True
    port.drain()
    for frame in frames:
        port.send(frame)
    found = []
    while True:
        frame = port.recv(10 if is_last else 0.3)
        if frame is None or (is_last and is_last(frame)):
            port.noise = False
            check(frame is not None or not is_last, 'the last one is not answered')
            return found
        if wanted(frame):
            found.append(frame)
