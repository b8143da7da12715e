# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_gso.sh."""

import errno
import os
import socket
import struct
import subprocess
import tempfile

import pkt
from ktap import Skip, before_each, case, check, equal, run
from netio import in_netns
from nodes import One, v_mac
from pkt import checksum
from proxy import Ledger

ETH_P_ALL, SOL_PACKET, PACKET_VNET_HDR, PACKET_QDISC_BYPASS = 3, 263, 15, 20
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6, GSO_UDP_L4 = 1, 1, 4, 5
LABELS = (900, 901, 902, 903)
topo = One(1)
px, s0 = topo.px, topo.s0


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('uplink add dev u0', topo.vnf_line(1), 'sid add 16011 vnf n1')
    topo.sh('px', 'ethtool -K u0 tx off tso off gso off')


class Device:
    """A socket that sends as a device of a virtual machine would."""

    def __init__(self, netns, name):
        with in_netns(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            self.sock.bind((name, ETH_P_ALL))

    def send(self, frame, csum_start=0, csum_offset=0, kind=0, size=0, hdr_len=0):
        flags = NEEDS_CSUM if csum_start else 0
        header = struct.pack('=BBHHHH', flags, kind, hdr_len, size, csum_start, csum_offset)
        self.sock.send(header + frame)


device = Device(topo.netns('fn'), 'f1')


def pseudo(packet, length):
    """Sum of the pseudo header, as an unfinished checksum has it."""
    if pkt.is_v6(packet):
        return ~checksum(packet[8:40] + struct.pack('!II', length, packet[6])) & 0xffff
    return ~checksum(packet[12:20] + struct.pack('!BBH', 0, packet[9], length)) & 0xffff


def unfinished(packet):
    """(packet with nothing but the pseudo header in its checksum, start, offset)."""
    at = 40 if pkt.is_v6(packet) else 20
    offset = 16 if packet[6 if pkt.is_v6(packet) else 9] == 6 else 6
    value = struct.pack('!H', pseudo(packet, len(packet) - at))
    return packet[:at + offset] + value + packet[at + offset + 2:], at, offset


def judge(packet):
    """Every checksum of a bare packet is right; its L4 payload."""
    if pkt.is_v6(packet):
        at, proto, addresses = 40, packet[6], packet[8:40]
    else:
        at, proto, addresses = 20, packet[9], packet[12:20]
        equal(checksum(packet[:20]), 0, 'checksum of IP')
        equal(struct.unpack_from('!H', packet, 2)[0], len(packet), 'length')
    l4 = packet[at:]
    if proto in (6, 17) and not (proto == 17 and l4[6:8] == b'\0\0'):
        equal(checksum(addresses + struct.pack('!II', len(l4), proto) + l4), 0,
              'checksum of TCP or UDP')
    if proto == 47:
        return judge(l4[4:])
    if proto == 17 and l4[2:4] == struct.pack('!H', 4789):
        return judge(l4[16 + 14:])
    return l4[20:] if proto == 6 else l4[8:]


def tshark(frames):
    """tshark finds no wrong checksum in these frames, and sees them all."""
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        file.write(struct.pack('=IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            file.write(struct.pack('=IIII', 0, 0, len(frame.octets), len(frame.octets)))
            file.write(frame.octets)
        file.flush()
        out = subprocess.run(
            ['tshark', '-r', file.name, '-o', 'tcp.check_checksum:TRUE', '-o',
             'udp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE', '-T', 'fields', '-e',
             'mpls.label', '-e', 'ip.checksum.status', '-e', 'tcp.checksum.status', '-e',
             'udp.checksum.status'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            check=True, text=True).stdout.splitlines()
    equal(len(out), len(frames), 'frames by tshark')
    for line in out:
        fields = line.split('\t')
        equal(fields[0], ','.join(map(str, LABELS)), 'labels by tshark')
        status = ','.join(fields[1:]).split(',')
        # 0 bad, 1 good, 2 not checked, 3 not there
        check('0' not in status and '1' in status, 'checksums by tshark: %s' % line)


def known(inner):
    """Make the flow of a packet, the way out with its labels."""
    topo.to_proxy([16011, *LABELS], inner)
    check(topo.f[1].recv(), 'nothing at the function')
    topo.drain()


def segments(count, labels=True):
    """The frames that come to the switch, with their labels."""
    frames = list(s0.collect(count))
    equal(len(frames), count, 'frames')
    topo.silent()
    for frame in frames:
        equal(frame.labels, pkt.stack(*LABELS, ttl=63) if labels else None, 'labels')
    return frames


def large(family, size=4000, **fields):
    data = os.urandom(size)
    return pkt.ip(pkt.tcp(1000, 2000, data), family, **fields), data


def send_large(packet, size):
    whole, at, offset = unfinished(packet)
    frame = pkt.ether(v_mac(1), topo.f[1].mac, pkt.ether_type(packet), whole)
    device.send(frame, 14 + at, offset, GSO_TCPV6 if pkt.is_v6(packet) else GSO_TCPV4, size,
                14 + at + 20)


def partial(family):
    """A checksum that is still to be made is made behind the labels."""
    for l4 in (pkt.tcp(1000, 2000, b'partial'), pkt.udp(1000, 2000, b'partial!')):
        inner = pkt.ip(l4, family)
        known(inner)
        whole, at, offset = unfinished(inner)
        with Ledger(px) as led:
            device.send(pkt.ether(v_mac(1), topo.f[1].mac, pkt.ether_type(inner), whole),
                        14 + at, offset)
            frames = segments(1)
        led.dropped()
        equal(frames[0].inner.hex(), inner.hex(), 'packet')
        tshark(frames)


def cut_by_device(family):
    """A large segment goes out as one, the device cuts it below the labels."""
    packet, data = large(family)
    known(pkt.ip(pkt.tcp(1000, 2000), family))
    with Ledger(px) as led:
        send_large(packet, 1000)
        frames = segments(4)
    led.dropped()
    equal(led.delta.get('uplink', 'u0', 'tx_packets'), 1, 'packets')
    equal(b''.join(judge(f.inner) for f in frames) == data, True, 'data')
    tshark(frames)
    topo.sh('px', 'ethtool -K u0 tx on tso on gso on')
    send_large(packet, 1000)
    frame, = segments(1)
    equal(len(frame.inner), len(packet), 'octets of the whole')


def too_large(family):
    """Segments that do not fit with their labels: told, never cut by force."""
    packet, _ = large(family)
    head = 60 if family == 6 else 40
    known(pkt.ip(pkt.tcp(1000, 2000), family))
    with Ledger(px) as led:
        send_large(packet, 1485 - head)
        frame = s0.recv()
        topo.silent()
    led.dropped(mtu_exceeded=1)
    check(frame, 'nothing was told')
    at = 44 if family == 6 else 24
    equal(struct.unpack_from('!I', frame.inner, at)[0], 1484, 'MTU told')
    with Ledger(px) as led:
        send_large(packet, 1484 - head)
        segments(3)
    led.dropped()


@case('v4, DF clear: segments that do not fit are fragmented')
def fragmented():
    packet, data = large(4, 2900, frag=0)
    known(pkt.ip(pkt.tcp(1000, 2000), 4))
    with Ledger(px) as led:
        send_large(packet, 1450)
        frames = segments(4)
    led.dropped()
    equal(led.delta.get('uplink', 'u0', 'tx_packets'), 1, 'packets')
    got = b''
    for first, second in (frames[:2], frames[2:]):
        one, two = first.inner, second.inner
        equal((one[6] & 0x20, two[6] & 0x20), (0x20, 0), 'more fragments')
        offset = (struct.unpack_from('!H', two, 6)[0] & 0x1fff) * 8
        equal(offset, len(one) - 20, 'offset')
        whole = one[20:] + two[20:]
        equal(checksum(one[12:20] + struct.pack('!II', len(whole), 6) + whole), 0, 'checksum')
        got += whole[20:]
    equal(got == data, True, 'data')


@case('v4: offloaded UDP')
def udp_l4():
    data = os.urandom(3000)
    packet = pkt.ip4(pkt.udp(1000, 2000, data))
    known(pkt.ip4(pkt.udp(1000, 2000)))
    whole, at, offset = unfinished(packet)
    frame = pkt.ether(v_mac(1), topo.f[1].mac, pkt.ether_type(packet), whole)
    try:
        with Ledger(px) as led:
            device.send(frame, 14 + at, offset, GSO_UDP_L4, 1000, 14 + at + 8)
            frames = segments(3)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise Skip('this kernel knows no UDP in virtio headers') from error
    led.dropped()
    equal(b''.join(judge(f.inner) for f in frames) == data, True, 'data')
    tshark(frames)


def tunnel(kind, options, *outer):
    """A function that is the end of a tunnel: what it sends is cut in software,
    for labels hide the headers that a device would need.
    """
    topo.ip('fn', 'addr replace 192.0.2.1/32 dev f1', 'route replace 198.51.100.1 dev f1',
            'neigh replace 198.51.100.1 lladdr %s dev f1' % pkt.mac_text(v_mac(1)))
    topo.sh('fn', 'sysctl -qw net.ipv4.conf.all.rp_filter=0')
    topo.ip('fn', 'link add t0 type %s local 192.0.2.1 remote 198.51.100.1 %s' % (kind, options),
            'link set t0 up mtu 1400')
    try:
        inside = Device(topo.netns('fn'), 't0')
        data = os.urandom(4000)
        packet = pkt.ip4(pkt.tcp(1, 2, data), src='172.16.0.1', dst='172.16.0.2')
        whole, at, offset = unfinished(packet)
        link = b'' if kind == 'gre' else pkt.ether(b'\2' + b'\0' * 4 + b'\5',
                                                   b'\2' + b'\0' * 4 + b'\6', 0x800, b'')
        for flow in outer:
            known(flow)
        with Ledger(px) as led:
            inside.send(link + whole, len(link) + at, offset, GSO_TCPV4, 1000,
                        len(link) + at + 20)
            frames = segments(4)
        led.dropped()
        equal(led.delta.get('uplink', 'u0', 'tx_packets'), 1, 'packets')
        equal(b''.join(judge(f.inner) for f in frames) == data, True, 'data')
        tshark(frames)
    finally:
        topo.ip('fn', 'link del t0', 'addr flush dev f1')


for _family in (4, 6):
    case('v%d: a checksum still to be made' % _family, _family)(partial)
    case('v%d: large segments get their labels whole' % _family, _family)(cut_by_device)
    case('v%d: large segments whose pieces do not fit' % _family, _family)(too_large)
case('tunnel: GRE', 'gre', 'ttl 64', pkt.ip4(pkt.gre()))(tunnel)
# The last port of the range is its end on newer kernels, and never used on older.
case('tunnel: VXLAN with a checksum', 'vxlan',
     'id 5 dstport 4789 srcport 5000 5001 udpcsum dev f1',
     pkt.ip4(pkt.udp(5000, 4789)), pkt.ip4(pkt.udp(5001, 4789)))(tunnel)


def before(family, start, options):
    """A checksum that would begin before the transport header: over addresses,
    or where labels will be. Newer kernels let less of it come this far.
    """
    packet = pkt.ip(pkt.udp(7, 8, b'x' * 20), family, **options)
    known(packet)
    with Ledger(px) as led:
        try:
            device.send(pkt.ether(v_mac(1), topo.f[1].mac, pkt.ether_type(packet), packet),
                        14 + start, 2)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            raise Skip('this kernel refuses it') from error
        topo.silent(s0)
    led.dropped(inner_malformed=1)


case('v4: a checksum that begins in the header', 4, 12, {})(before)
case('v6: a checksum that begins in the header', 6, 24, {})(before)
case('v4: a checksum that begins in the options', 4, 20, {'options': b'\1\1\1\1'})(before)
case('v6: a checksum that begins in an extension header', 6, 40, {'exts': [pkt.ext(0)]})(before)


@case('mpls_gso is asked for when the module is loaded')
def softdep():
    path = os.environ.get('SRP_KO')
    if not path:
        raise Skip('no srproxy.ko for this kernel')
    out = subprocess.run(['modinfo', '-F', 'softdep', path], stdout=subprocess.PIPE, check=True,
                         text=True).stdout
    check('mpls_gso' in out.split(), 'softdep: ' + out)


run()
