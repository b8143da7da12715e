# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_bad_packets.sh.

What is sent is settled in batches: after each, the ledger has to balance, and
what the functions got has to be what was not dropped.
"""

import random
import struct

import pkt
from ktap import before_each, case, check, equal, note, run, wait_for
from nodes import U_MAC, One, f_mac, v_mac
from proxy import Ledger

topo = One(1)
px, s0, f1 = topo.px, topo.s0, topo.f[1]
f1.only_mine = True     # changed at random, a packet may look like discovery
px.ctl('uplink add dev u0', topo.vnf_line(1), 'sid add 16011 vnf n1')
TOP = pkt.encode_labels(pkt.stack(16011), bottom=False)
STACK = pkt.encode_labels(pkt.stack(16011, 900))
GOOD = {
    'udp v4': pkt.ip4(pkt.udp(1000, 53)),
    'tcp v4': pkt.ip4(pkt.tcp(1000, 53, b'')),
    'icmp v4': pkt.ip4(pkt.icmp(7)),
    'gre v4': pkt.ip4(pkt.gre(0x10002000, b'')),
    'ah v4': pkt.ip4(pkt.ah(pkt.udp(1, 2))),
    'options v4': pkt.ip4(pkt.udp(1000, 53), options=b'\x94\x04\0\0' * 10),
    'udp v6': pkt.ip6(pkt.udp(1000, 53)),
    'icmp v6': pkt.ip6(pkt.icmp6(7)),
    'esp v6': pkt.ip6(pkt.esp(5, data=b'')),
    'extensions v6': pkt.ip6(pkt.udp(1000, 53), exts=[
        pkt.ext(0), pkt.ext(43, b'\0\0\0\0\0\0'), pkt.ext(60, b'\x01\x0c' + b'\0' * 12)]),
    'fragment v6': pkt.ip6(pkt.udp(1000, 53), exts=[(44, b'\0\0\x01' + b'\0\0\0\x07')]),
}


@before_each
def quiet():
    topo.drain()
    px.ctl('flow flush')


def mpls_frame(octets):
    return pkt.ether(U_MAC['s0'], s0.mac, pkt.ETH_MPLS, octets)


def up(packets):
    """Send octets after the MPLS EtherType; (drops, packets at the function)."""
    arrived = 0
    with Ledger(px) as led:
        for octets in packets:
            s0.send(mpls_frame(octets))

        def settled():
            nonlocal arrived
            arrived += f1.drain()
            led.look()
            return arrived + sum(led.drops.values()) >= len(packets)
        wait_for(settled, 'every packet to arrive or to be dropped')
    equal(arrived + sum(led.drops.values()), len(packets), 'arrived and dropped')
    return led.drops, arrived


def back(packets, dropped=0):
    """The function sends octets as IP; the drops, that many at least."""
    with Ledger(px) as led:
        for octets in packets:
            kind = pkt.ETH_IP6 if octets[:1] and octets[0] >> 4 == 6 else pkt.ETH_IP
            f1.send(pkt.ether(v_mac(1), f_mac(1), kind, octets))
        wait_for(lambda: led.look() and sum(led.drops.values()) >= dropped,
                 'every packet to be sent on or dropped', 30)
    return led.drops


def set_length(packet, length):
    """The packet with another total or payload length."""
    if pkt.is_v6(packet):
        return packet[:4] + struct.pack('!H', length) + packet[6:]
    head = packet[:2] + struct.pack('!H', length) + packet[4:10] + b'\0\0' + packet[12:]
    ihl = (packet[0] & 15) * 4
    return head[:10] + struct.pack('!H', pkt.checksum(head[:ihl])) + head[12:]


@case('no bottom of stack: truncated after every octet of a stack')
def truncated_stack():
    whole = pkt.encode_labels(pkt.stack(16011, 900, 901), bottom=False)
    drops, arrived = up([whole[:n] for n in range(4, len(whole) + 1)])
    equal((drops, arrived), ({'label_malformed': len(whole) - 3}, 0), 'drops')


@case('less than one label is left to the kernel, or dropped')
def no_label():
    with Ledger(px) as led:
        for n in range(0, 4):
            s0.send(mpls_frame(STACK[:n]))
    check(set(led.drops) <= {'label_malformed'}, 'drops %s' % led.drops)
    topo.silent()


@case('64 labels, with and without a bottom')
def deep_stack():
    deep = pkt.stack(16011, *range(1000, 1063))
    drops, _ = up([pkt.encode_labels(deep) + GOOD['udp v4'],
                   pkt.encode_labels(deep, bottom=False),
                   pkt.encode_labels(deep * 5, bottom=False) + GOOD['udp v4']])
    equal(sum(drops.values()), 3, 'drops')
    check(set(drops) <= {'label_too_deep', 'label_malformed'}, 'drops %s' % drops)


@case('nothing follows the labels')
def nothing_inside():
    drops, _ = up([STACK])
    equal(drops, {'inner_malformed': 1}, 'drops')


def truncated(name):
    """Every prefix of the packet: taken whole, or dropped as malformed."""
    packet = GOOD[name]
    drops, arrived = up([STACK + packet[:n] for n in range(len(packet))])
    equal((drops, arrived), ({'inner_malformed': len(packet)}, 0), 'drops')
    drops, arrived = up([STACK + packet])
    equal((drops, arrived), ({}, 1), 'drops of the whole packet')


def shortened(name):
    """Every prefix with a length field that agrees: cut short, not lying."""
    packet, head = GOOD[name], 40 if pkt.is_v6(GOOD[name]) else (GOOD[name][0] & 15) * 4
    packets = [STACK + set_length(packet[:n], n - (40 if pkt.is_v6(packet) else 0))
               for n in range(head, len(packet) + 1)]
    drops, arrived = up(packets)
    check(set(drops) <= {'inner_malformed'}, 'drops %s' % drops)
    check(arrived >= 1, 'not even the whole packet arrived')


for _name in GOOD:
    case('truncated after every octet: ' + _name, _name)(truncated)
    case('cut short after every octet: ' + _name, _name)(shortened)


@case('padding of the link layer after the packet is let be')
def padding():
    for name in ('udp v4', 'udp v6'):
        drops, arrived = up([STACK + GOOD[name] + b'\0' * n for n in (1, 7, 18)])
        equal((drops, arrived), ({}, 3), 'drops')


@case('IPv4 header length below 5, or past the end')
def bad_ihl():
    packet = GOOD['udp v4']
    drops, _ = up([STACK + bytes([0x40 | n]) + packet[1:] for n in (*range(0, 5), 10, 15)])
    equal(drops, {'inner_malformed': 7}, 'drops')


@case('length fields that lie')
def bad_lengths():
    packets = []
    for name in ('udp v4', 'tcp v4', 'udp v6', 'extensions v6'):
        whole, base = GOOD[name], 40 if pkt.is_v6(GOOD[name]) else 0
        packets += [STACK + set_length(whole, n) for n in
                    (len(whole) - base + 1, 65535, 30000)]
    drops, _ = up(packets)
    equal(drops, {'inner_malformed': len(packets)}, 'drops')
    short = [STACK + set_length(GOOD['udp v4'], n) for n in range(0, 24)]
    drops, _ = up(short)
    equal(drops, {'inner_malformed': 24}, 'drops')


@case('neither IPv4 nor IPv6 inside')
def unknown_inside():
    packets = [STACK + bytes([n << 4 | 5]) + GOOD['udp v4'][1:]
               for n in range(16) if n not in (4, 6)]
    drops, _ = up(packets)
    equal(drops, {'inner_unknown': len(packets)}, 'drops')


@case('explicit null, router alert and other special labels below ours')
def special_labels():
    for label in (0, 1, 2, 3, 7, 13, 14, 15):
        with Ledger(px) as led:
            topo.to_proxy([16011, label, 900], GOOD['udp v4'])
        note('label %d: %s' % (label, led.drops or 'delivered'))
        topo.drain()
        px.ctl('flow flush')


@case('extension headers without end')
def endless_extensions():
    many = pkt.ip6(pkt.udp(1, 2), exts=[pkt.ext(60)] * 64)
    longest = pkt.ip6(pkt.udp(1, 2), exts=[(60, b'\xff' + b'\0' * 6)])
    drops, arrived = up([STACK + many, STACK + longest])
    equal(sum(drops.values()) + arrived, 2, 'packets')
    check(set(drops) <= {'inner_malformed'}, 'drops %s' % drops)


def from_function(name):
    """The same from a function: counted once, never sent on."""
    packet = GOOD[name]
    topo.to_proxy([16011, 900], packet)
    topo.at_vnf(1, packet)
    drops = back([packet[:n] for n in range(1, len(packet))], len(packet) - 1)
    equal(sum(drops.values()), len(packet) - 1, 'drops')
    check(set(drops) <= {'inner_malformed', 'inner_unknown', 'vnf_miss'}, 'drops %s' % drops)
    topo.silent(s0)
    topo.from_vnf(1, packet)
    topo.at_switch([(900, 0, 63)], packet)


for _name in ('udp v4', 'options v4', 'extensions v6'):
    case('from a function, truncated after every octet: ' + _name, _name)(from_function)


@case('ten thousand octets changed at random: the ledger balances')
def changed():
    source, packets = random.Random(1), []
    names = sorted(GOOD)
    for _ in range(1000):
        octets = bytearray(STACK + GOOD[source.choice(names)])
        for _ in range(10):
            octets[source.randrange(4, len(octets))] = source.randrange(256)
        packets.append(bytes(octets))
    drops, arrived = up(packets)
    note('from the uplink: %s, delivered %d' % (drops, arrived))
    drops = back([p[8:] for p in packets])
    note('from the function: %s, sent on %d' % (drops, s0.drain()))


@case('a good packet still passes')
def still_works():
    for packet in GOOD.values():
        topo.to_proxy([16011, 900], packet)
        topo.at_vnf(1, packet)
        topo.from_vnf(1, packet)
        topo.at_switch([(900, 0, 63)], packet)


run()
