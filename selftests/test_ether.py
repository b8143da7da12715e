# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_ether.sh."""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile

import pkt
from ktap import Failure, Skip, before_each, case, check, equal, run, wait_for
from netio import SOL_PACKET, in_netns
from nodes import One, v_mac
from pkt import ETH_ARP, ETH_IP, ETH_IP6, ETH_VLAN, mac
from proxy import Ledger

PACKET_VNET_HDR = 15
WORD = b'\0\0\0\0'
A, B = mac('02:aa:00:00:00:01'), mac('02:bb:00:00:00:02')
ALL = b'\xff' * 6
HERE = os.path.dirname(os.path.abspath(__file__))

topo = One(3)
px, s0, s1 = topo.px, topo.s0, topo.s1
ports = iter(range(1000, 60000))
for _port in topo.f[1:]:
    _port.noise = True
s0.noise = True


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('uplink add dev u0')


def udp(family=4, size=30, **fields):
    return pkt.ip(pkt.udp(next(ports), 53, b'x' * size), family, **fields)


def frame_of(payload, kind=None, tags=(), dst=B, src=A):
    """An Ethernet frame, its tags outermost first: VID or (TPID, TCI)."""
    kind = kind if kind is not None else pkt.ether_type(payload)
    head = b''.join(struct.pack('!HH', *(t if isinstance(t, tuple) else (ETH_VLAN, t)))
                    for t in tags)
    frame = dst + src + head + struct.pack('!H', kind) + payload
    return frame + b'\0' * (60 - len(frame))


def vnf(number=1, inner='ethernet', name=None, options=''):
    return 'vnf add %s dev v%d inner %s %s' % (name or 'n%d' % number, number, inner, options)


def at_function(number, frame):
    got = topo.f[number].recv_tagged()
    if got != frame:
        raise Failure('function %d: got %s, want %s' % (number, got and got.hex(), frame.hex()))


def at_switch(labels, inner, port=None):
    got = (port or s0).recv()
    check(got and got.labels, 'at the switch: %s' % got)
    equal([tuple(e) for e in got.labels], labels, 'labels')
    equal(got.inner.hex(), inner.hex(), 'payload')
    return got


def round_trip(frame, inner='ethernet'):
    """There and back, octet for octet."""
    word = WORD if inner == 'ethernet-cw' else b''
    px.ctl(vnf(inner=inner), 'sid add 16010 vnf n1')
    with Ledger(px) as led:
        for _ in range(2):
            topo.to_proxy([16010, 900, 700], word + frame)
            at_function(1, frame)
            topo.f[1].send(frame)
            at_switch([(900, 0, 63), (700, 0, 63)], word + frame)
    led.dropped()
    equal(led.delta.get('vnf', 'n1', 'flows'), 1, 'flows')
    for counter in (('vnf', 'n1', 'to_vnf'), ('vnf', 'n1', 'from_vnf'), ('uplink', 'u0', 'rx'),
                    ('uplink', 'u0', 'tx')):
        equal(led.delta.get(*counter[:2], counter[2] + '_bytes'), 2 * len(frame),
              ' '.join(counter) + ' bytes')
    return px.flows('vnf', 'n1')[0]


ARP = struct.pack('!HHBBH', 1, ETH_IP, 6, 4, 1) + A + b'\x0a\x09\0\1' + b'\0' * 6 + b'\x0a\x09\0\2'
FRAMES = {
    'IPv4': frame_of(udp()), 'IPv6': frame_of(udp(6)),
    'a tag, IPv4': frame_of(udp(), tags=[100]), 'a tag, IPv6': frame_of(udp(6), tags=[4094]),
    'a tag with priority': frame_of(udp(), tags=[(ETH_VLAN, 0xE064)]),
    'a priority tag': frame_of(udp(), tags=[(ETH_VLAN, 0xE000)]),
    'two tags': frame_of(udp(), tags=[(0x88A8, 30), 100]),
    'three tags': frame_of(udp(), tags=[(0x88A8, 30), 100, 7]),
    'broadcast ARP': frame_of(ARP, ETH_ARP, dst=ALL),
    'ARP in a VLAN': frame_of(ARP, ETH_ARP, dst=ALL, tags=[9]),
    'LLC': frame_of(b'\x42\x42\3' + b'\0' * 43, 46, dst=mac('01:80:c2:00:00:00')),
    'an unknown type': frame_of(b'srproxy!' * 9, 0x88B5),
    'multicast': frame_of(udp(dst='239.1.1.1'), dst=mac('01:00:5e:01:01:01')),
    'a label inside': frame_of(pkt.encode_labels(pkt.stack(5)) + udp(), 0x8847),
    'broken IPv4': frame_of(b'\x4f' + b'\0' * 40, ETH_IP),
    'IPv4 cut off': frame_of(b'\x45\0\5\0' + b'\0' * 42, ETH_IP),
    'IPv6 said, IPv4 there': frame_of(udp(), ETH_IP6),
    'a fragment': frame_of(udp(frag=0x2000, ident=7)),
    'TCP': frame_of(pkt.ip4(pkt.tcp(7, 80))),
}
for _name, _frame in FRAMES.items():
    case('round trip: %s' % _name, _frame)(round_trip)
for _name in ('IPv4', 'a tag, IPv6', 'broadcast ARP', 'two tags'):
    case('control word: %s' % _name, FRAMES[_name], 'ethernet-cw')(round_trip)


@case('flow show: the IP flow, its VLAN; else MAC addresses')
def flow_show():
    flow = round_trip(frame_of(pkt.ip4(pkt.udp(77, 78)), tags=[100]))
    want = {'src': '192.0.2.1', 'dst': '198.51.100.1', 'proto': 17, 'sport': 77, 'dport': 78,
            'vlan': 100, 'labels': [900, 700]}
    equal({key: flow.get(key) for key in want}, want, 'flow')
    px.clear()
    px.ctl('uplink add dev u0')
    flow = round_trip(FRAMES['ARP in a VLAN'])
    want = {'src': pkt.mac_text(A), 'dst': pkt.mac_text(ALL), 'ether_type': ETH_ARP, 'vlan': 9}
    equal({key: flow.get(key) for key in want}, want, 'flow')
    check('proto' not in flow, 'proto in %s' % flow)


@case('other MACs, same IP flow: one flow; another VLAN: another')
def identity():
    px.ctl(vnf(), 'sid add 16010 vnf n1')
    inner = udp()
    for frame in (frame_of(inner), frame_of(inner, dst=A, src=B)):
        topo.to_proxy([16010, 700], frame)
        at_function(1, frame)
    equal(px.flow_count(), 1, 'flows')
    tagged = frame_of(inner, tags=[5])
    topo.to_proxy([16010, 701], tagged)
    at_function(1, tagged)
    equal(px.flow_count(), 2, 'flows')
    for frame, label in ((frame_of(inner), 700), (tagged, 701)):
        topo.f[1].send(frame)
        at_switch([(label, 0, 63)], frame)


@case('two bridging functions, then away')
def two():
    px.ctl(vnf(1, 'ethernet-cw'), vnf(2, 'ethernet-cw'), 'sid add 16010 vnf n1',
           'sid add 16011 vnf n2')
    frame = FRAMES['a tag, IPv4']
    with Ledger(px) as led:
        topo.to_proxy([16010, 16011, 700], WORD + frame)
        for number in (1, 2):
            at_function(number, frame)
            topo.f[number].send(frame)
        at_switch([(700, 0, 62)], WORD + frame)
    led.dropped()


@case('returned on another interface')
def two_armed():
    px.ctl(vnf(options='in v2'), 'sid add 16010 vnf n1')
    frame = FRAMES['broadcast ARP']
    topo.to_proxy([16010, 700], frame)
    at_function(1, frame)
    topo.f[2].send(frame)
    at_switch([(700, 0, 63)], frame)


@case('a short frame is padded as a wire would have it')
def padding():
    px.ctl(vnf(), 'sid add 16010 vnf n1')
    frame = FRAMES['broadcast ARP']
    topo.to_proxy([16010, 700], frame[:42])
    at_function(1, frame[:42])
    topo.f[1].send(frame[:42])
    at_switch([(700, 0, 63)], frame)


def refused(sent, inner, reasons):
    px.ctl(vnf(inner=inner), 'sid add 16010 vnf n1')
    with Ledger(px) as led:
        topo.to_proxy([16010, 700], sent)
        topo.silent()
    led.dropped(**reasons)


case('cut in the MAC header', FRAMES['IPv4'][:13], 'ethernet', {'inner_malformed': 1})(refused)
case('nothing below the labels', b'', 'ethernet', {'inner_malformed': 1})(refused)
case('cut in the control word', b'\0\0', 'ethernet-cw', {'inner_malformed': 1})(refused)
case('cut behind the control word', WORD, 'ethernet-cw', {'inner_malformed': 1})(refused)
case('no control word where one should be', b'\x42' + FRAMES['IPv4'], 'ethernet-cw',
     {'inner_unknown': 1})(refused)
case('associated channel in place of the control word', b'\x10\0\0\x21' + udp(), 'ethernet-cw',
     {'inner_unknown': 1})(refused)


@case('no label left: the IP stack does not get it')
def bottom():
    px.ctl(vnf(), 'sid add 16010 vnf n1')
    frame = FRAMES['IPv4']
    with Ledger(px) as led:
        topo.to_proxy([16010], frame)
        at_function(1, frame)
        topo.f[1].send(frame)
        topo.silent()
    led.dropped(inner_mismatch=1)


@case('a chain of frames comes to a function of IP, and the reverse')
def mixed():
    px.ctl(vnf(), topo.vnf_line(2), vnf(3, 'ethernet-cw'), 'sid add 16010 vnf n1',
           'sid add 16011 vnf n2', 'sid add 16012 vnf n3')
    frame, inner = FRAMES['IPv4'], udp()
    with Ledger(px) as led:
        for label in (16011, 16012):
            topo.to_proxy([16010, label, 700], frame)
            at_function(1, frame)
            topo.f[1].send(frame)
            topo.silent()
        topo.to_proxy([16011, 16010, 700], inner)
        topo.at_vnf(2, inner)
        topo.from_vnf(2, inner)
        topo.silent()
    led.dropped(inner_mismatch=3)


@case('fallback: bypass and the like keep the frame whole')
def detour():
    px.ctl(vnf(1, 'ethernet-cw', options='admin down'), vnf(2, 'ethernet-cw'),
           'sid add 16010 vnf n1 fallback bypass', 'sid add 16011 vnf n2')
    frame = FRAMES['a tag, IPv4']
    with Ledger(px) as led:
        topo.to_proxy([16010, 900, 700], WORD + frame)
        at_switch([(900, 0, 63), (700, 0, 63)], WORD + frame)
        topo.to_proxy([16010, 16011, 700], WORD + frame)
        at_function(2, frame)
        topo.to_proxy([16010], WORD + frame)
        topo.silent()
    led.dropped(inner_mismatch=1)


@case('special labels above a frame')
def special():
    px.ctl(vnf(1, 'ethernet-cw'), 'sid add 16010 vnf n1')
    frame = FRAMES['IPv4']
    with Ledger(px) as led:
        topo.to_proxy([0, 16010, 7, 99, 700], WORD + frame)
        at_function(1, frame)
        topo.f[1].send(frame)
        at_switch([(700, 0, 63)], WORD + frame)
        topo.to_proxy([16010, 0], WORD + frame)
        topo.silent()
    led.dropped(label_special=1)


@case('MTU: of the device for the frame, of the uplink for all of it')
def mtu():
    px.ctl(vnf(1, 'ethernet-cw'), 'sid add 16010 vnf n1')
    topo.ip('px', 'link set v1 mtu 1300')
    try:
        fits, large = frame_of(udp(size=1272), tags=[5]), frame_of(udp(size=1273), tags=[5])
        with Ledger(px) as led:
            topo.to_proxy([16010, 700], WORD + fits)
            at_function(1, fits)
            topo.to_proxy([16010, 700], WORD + large)
            topo.silent()
        led.dropped(mtu_exceeded=1)
    finally:
        topo.ip('px', 'link set v1 mtu 1500')
    size = 1500 - 8 - 14 - 28
    fits, large = frame_of(udp(size=size)), frame_of(udp(size=size + 1))
    for frame, passes in ((fits, True), (large, False)):
        # the first packet makes the flow: same addresses and ports, but short
        ip = frame[14:]
        head = pkt.ip4(pkt.udp(*struct.unpack_from('!HH', ip, 20), b'short'))
        topo.to_proxy([16010, 700], WORD + frame_of(head))
        at_function(1, frame_of(head))
        with Ledger(px) as led:
            topo.f[1].send(frame)
            if passes:
                at_switch([(700, 0, 63)], WORD + frame)
            else:
                topo.silent()
        led.dropped(**({} if passes else {'mtu_exceeded': 1}))


@case('uniform: a frame has no TTL to follow')
def uniform():
    px.ctl('config set ttl uniform', vnf(), 'sid add 16010 vnf n1')
    frame = FRAMES['IPv4']
    for octets in (frame, FRAMES['broadcast ARP']):
        topo.to_proxy([(16010, 0, 20), (700, 0, 90)], octets)
        at_function(1, octets)
        topo.f[1].send(octets)
        at_switch([(700, 0, 19)], octets)


def miss(mode, frame, reasons):
    px.ctl(vnf(options='on-miss ' + mode), 'sid add 16010 vnf n1')
    with Ledger(px) as led:
        topo.f[1].send(frame)
        topo.silent(s0)
    led.dropped(**reasons)
    return led


NODE = {'dst': v_mac(1)}
for _mode, _what, _frame, _reasons in (
        ('drop', 'a frame to others', FRAMES['IPv4'], {'vnf_miss': 1}),
        ('drop', 'a tagged frame', FRAMES['a tag, IPv4'], {'vnf_miss': 1}),
        ('drop', 'IP to the node', frame_of(udp(dst='10.0.0.1'), **NODE), {}),
        ('drop', 'IP to elsewhere by the node', frame_of(udp(), **NODE), {'vnf_miss': 1}),
        ('strict', 'IP to the node', frame_of(udp(dst='10.0.0.1'), **NODE), {'vnf_miss': 1}),
        ('strict', 'ARP', FRAMES['broadcast ARP'], {}),
        ('drop', 'a label', frame_of(b'\0\1\1\x40' + udp(), 0x8847), {'vnf_labelled': 1}),
        ('drop', 'LLC', FRAMES['LLC'], {'vnf_miss': 1}),
        ('accept', 'LLC', FRAMES['LLC'], {}),
        ('accept', 'a tagged frame', FRAMES['a tag, IPv4'], {})):
    case('on-miss %s: %s' % (_mode, _what), _mode, _frame, _reasons)(miss)


def virtio(flags=0, kind=0, size=0, start=0, offset=0, head=0):
    return struct.pack('=BBHHHH', flags, kind, head, size, start, offset)


def offloaded(frame, start, size):
    """The function sends a frame as a driver with offloads has it: the TCP
    checksum is that of the pseudo header alone, to be made from @start.
    """
    with in_netns(topo.netns('fn')):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        sock.bind(('f1', 0))
    sock.send(virtio(1, 1 if size else 0, size, start, 16, start + 20) + frame)
    sock.close()


def tcp_partial(sport, data):
    packet = pkt.ip4(pkt.tcp(sport, 80, data))
    pseudo = packet[12:20] + struct.pack('!HH', 6, len(packet) - 20)
    return packet[:36] + struct.pack('!H', ~pkt.checksum(pseudo) & 0xFFFF) + packet[38:]


def good_tcp(packet):
    pseudo = packet[12:20] + struct.pack('!HH', 6, len(packet) - 20)
    return pkt.checksum(packet[:20]) == 0 and pkt.checksum(pseudo + packet[20:]) == 0


def segments(tags, size, lfib=False):
    """What is offloaded comes out as a wire would have it."""
    if lfib and os.environ.get('SRP_NO_LFIB'):
        raise Skip('no MPLS forwarding in this kernel')
    px.ctl(vnf(1, 'ethernet-cw'), 'sid add 16010 vnf n1')
    port, labels = s0, [(900, 0, 63), (700, 0, 63)]
    if lfib:
        topo.lfib('px', 'replace 900 as 950 via inet 10.0.10.2 dev u1')
        px.ctl('uplink set dev u0 egress lfib')
        port, labels = s1, [(950, 0, 62), (700, 0, 63)]
    sport, data = next(ports), bytes(range(256)) * (10 if size else 4)
    opener = frame_of(pkt.ip4(pkt.tcp(sport, 80)), tags=tags)
    topo.to_proxy([16010, 900, 700], WORD + opener)
    at_function(1, opener)
    start = 34 + 4 * len(tags)
    with Ledger(px) as led:
        offloaded(frame_of(tcp_partial(sport, data), tags=tags), start, size)
        got = b''
        while len(got) < len(data):
            frame = port.recv()
            check(frame and frame.labels, 'at the switch: %s' % frame)
            equal([tuple(e) for e in frame.labels], labels, 'labels')
            payload = frame.inner[4:]
            equal(payload[:start - 20], opener[:start - 20], 'MAC header')
            packet = payload[start - 20:]
            packet = packet[:struct.unpack_from('!H', packet, 2)[0]]
            check(good_tcp(packet), 'checksum of %s' % packet.hex())
            equal(struct.unpack_from('!I', packet, 24)[0], 1 + len(got), 'sequence')
            got += packet[40:]
    equal(got, data, 'data')
    led.dropped()


case('a checksum still to be made', [], 0)(segments)
case('a checksum still to be made, behind a tag', [100], 0)(segments)
case('an offloaded frame is cut', [], 1000)(segments)
case('an offloaded frame with a tag is cut', [100], 1000)(segments)
case('an offloaded frame, lfib', [], 1000, True)(segments)


@case('inner: shown, saved, applied, refused')
def configuration():
    px.ctl(vnf(1, 'ethernet-cw'), topo.vnf_line(2), 'sid add 16010 vnf n1')
    equal([px.vnf(n)['inner'] for n in ('n1', 'n2')], ['ethernet-cw', 'ip'], 'inner')
    lladdr = ' lladdr 02:00:00:00:00:77'
    want = ('neither via nor lladdr', 'neither via nor lladdr', 'inner', 'needs via or lladdr', '')
    said = px.refusals([vnf(3, options=lladdr), vnf(3, options='via inet 10.0.30.2'),
                        'sid set 16010 vnf n1,n2', 'vnf set n1 inner ip',
                        'vnf set n1 inner ethernet-cw mtu 1400'])
    for sentence, text in zip(want, said):
        check(sentence in text and bool(text) == bool(sentence), '%r, want %r' % (text, sentence))
    status, saved, _ = px.run('save')
    equal(status, 0, 'save')
    check('"ethernet-cw"' in saved, saved)
    with tempfile.NamedTemporaryFile('w+') as file:
        file.write(saved)
        file.flush()
        frame = FRAMES['IPv4']
        topo.to_proxy([16010, 700], WORD + frame)
        at_function(1, frame)
        equal(px.run('apply', file.name)[0], 0, 'apply')
        equal(px.flow_count(), 1, 'flows after apply of the same')
        tree = json.loads(saved)
        for entry in tree['vnf'] if isinstance(tree, dict) else []:
            if entry['name'] == 'n1':
                entry['inner'] = 'ethernet'
        file.seek(0)
        file.truncate()
        json.dump(tree, file)
        file.flush()
        status, _, text = px.run('apply', file.name)
        equal((status, text), (0, ''), 'apply of another inner')
    equal(px.vnf('n1')['inner'], 'ethernet', 'inner')
    topo.to_proxy([16010, 700], frame)
    at_function(1, frame)


@case('an interface of a vnf takes frames to any address as long as it is one')
def promiscuous():
    def is_promiscuous():
        text = topo.sh('px', 'ip -d link show v1')
        return 'promiscuity 1' in text
    check(not is_promiscuous(), 'promiscuous before')
    px.ctl(vnf())
    check(is_promiscuous(), 'not promiscuous')
    px.ctl('vnf del n1')
    check(not is_promiscuous(), 'promiscuous after')


def host(node, command, ok=True):
    done = subprocess.run(['ip', 'netns', 'exec', topo.netns(node)] + command.split(),
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if ok and done.returncode:
        raise Failure('%s: %s' % (command, done.stdout))
    return done.returncode


def exchange(address, port):
    """A TCP connection from ha to hb: does what is sent come back?"""
    data = os.urandom(100000)
    with in_netns(topo.netns('hb')):
        listener = socket.create_server((address, port))
    with in_netns(topo.netns('ha')):
        client = socket.socket()
    client.settimeout(3)
    listener.settimeout(10)
    try:
        client.connect((address, port))
    except OSError:
        return False
    finally:
        listener.settimeout(1)
    peer, _ = listener.accept()
    client.settimeout(20)
    peer.settimeout(20)
    got = b''
    with client, peer, listener:
        for at in range(0, len(data), 20000):
            client.sendall(data[at:at + 20000])
            while len(got) < at + 20000:
                got += peer.recv(65536)
        peer.sendall(got[::-1])
        peer.shutdown(socket.SHUT_WR)
        back = b''
        while True:
            more = client.recv(65536)
            if not more:
                break
            back += more
    return got == data and back == data[::-1]


@case('a real bridge with a filter between two hosts')
def real():
    if not os.path.exists('/dev/net/tun'):
        raise Skip('no tap devices in this kernel')
    topo.ip('br', 'link add br0 type bridge', 'link set br0 up', 'link set b1 master br0',
            'link set b2 master br0')
    px.ctl('vnf add there dev w1 in w2 inner ethernet-cw',
           'vnf add back dev w2 in w1 inner ethernet-cw', 'sid add 16010 vnf there',
           'sid add 16020 vnf back')
    with subprocess.Popen([sys.executable, HERE + '/pwe.py', '-p',
                           '%s:s0:02:00:00:00:00:01' % topo.netns('sw'),
                           topo.netns('ha') + ':pw0:16010/900/700:701',
                           topo.netns('hb') + ':pw0:16020/900/701:700']) as wire:
        try:
            with Ledger(px) as led:
                bridge_cases()
            check(set(led.drops) <= {'vnf_miss'}, 'drops %s' % led.drops)
        finally:
            wire.kill()
            topo.ip('br', 'link del br0')


def bridge_cases():
    wait_for(lambda: all(host(n, 'ip link show pw0', False) == 0 for n in ('ha', 'hb')), 'taps')
    for node, last in (('ha', 1), ('hb', 2)):
        topo.ip(node, 'link set pw0 mtu 1400 up', 'addr add 10.9.0.%d/24 dev pw0' % last,
                'addr add 2001:db8:9::%d/64 dev pw0' % last,
                'link add link pw0 name pw0.5 type vlan id 5', 'link set pw0.5 up',
                'addr add 10.9.5.%d/24 dev pw0.5' % last)
    host('ha', 'ping -c 3 -i 0.05 -W 5 10.9.0.2')
    host('ha', 'ping -c 2 -i 0.05 -W 5 2001:db8:9::2')
    host('ha', 'ping -c 2 -i 0.05 -W 5 10.9.5.2')
    check(exchange('10.9.0.2', 8080), 'TCP through the bridge')
    rules = 'add table bridge t; add chain bridge t f { type filter hook forward priority 0; }; ' \
        'add rule bridge t f tcp dport 8081 drop'
    done = subprocess.run(['ip', 'netns', 'exec', topo.netns('br'), 'nft', rules], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, 'nft: ' + done.stdout)
    check(not exchange('10.9.0.2', 8081), 'what the filter drops came through')
    check(exchange('10.9.0.2', 8082), 'TCP beside what the filter drops')
    flows = px.flows('vnf', 'there')
    check([f for f in flows if f.get('ether_type') == ETH_ARP], 'no flow of ARP in %s' % flows)
    check([f for f in flows if f.get('vlan') == 5 and f.get('proto') == 1], 'no flow in VLAN 5')


@case('a device that its driver locks goes and comes back')
def locked():
    topo.ip('px', 'link add d1 type dummy', 'link set d1 up')
    px.ctl('vnf add n1 dev d1 inner ethernet', 'sid add 16010 vnf n1')
    topo.ip('px', 'link del d1')
    equal(px.vnf('n1')['state'], 'down', 'state')
    topo.ip('px', 'link add d1 type dummy', 'link set d1 up')
    wait_for(lambda: px.vnf('n1')['state'] == 'up', 'the vnf to be up')
    show = json.loads(topo.sh('px', 'ip -d -j link show d1'))[0]
    equal(show['promiscuity'], 1, 'promiscuity')
    with Ledger(px) as led:
        topo.to_proxy([16010, 900], frame_of(udp()))
    led.dropped()
    px.ctl('sid del 16010', 'vnf del n1')
    show = json.loads(topo.sh('px', 'ip -d -j link show d1'))[0]
    equal(show['promiscuity'], 0, 'promiscuity')
    topo.ip('px', 'link del d1')


run()
