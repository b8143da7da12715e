# SPDX-License-Identifier: Apache-2.0
"""Every table of the switch, with frames made by hand and by chance: bmv2 does
what the model does, octet for octet, and counts what the model counts.

      h0 ... h5 --- s0 ... s5    simple_switch, srproxy_v1model.p4
"""

import itertools
import random
import re

import pkt
import rig
from ktap import case, check, equal, run
from p4model import DOWN, UP
from rig import bare, labelled

rig.require()

FEATURE_UP, FEATURE_DOWN, PRIORITY, NODE = 16100, 16101, 16110, 16120
NFV1, NFV2, NFV3 = 16201, 16202, 16203
KEEP, SWAP, POP, ECMP, LOST = 17001, 17002, 17003, 17004, 17999
WINDOW = 33000
OWN = (FEATURE_UP, FEATURE_DOWN, PRIORITY, NODE)
OTHERS = (KEEP, SWAP, POP, ECMP, LOST)
NFV = (NFV1, NFV2, NFV3)

# Sessions of the head end: by all five keys, and by fewer.
WHOLE = {'src': '192.0.2.40/32', 'dst': '198.51.100.40/32', 'proto': 17, 'sport': 4001,
         'dport': 4002}
WHOLE6 = {'src': '2001:db8:1::40/128', 'dst': '2001:db8:2::40/128', 'proto': 6,
          'sport': 4001, 'dport': 4002}
TUPLES = [WHOLE, WHOLE6, {**WHOLE, 'dst': '198.51.100.41/32', 'dport': None},
          {'src': '192.0.2.64/27', 'proto': 6, 'sport': 4003}, {'sport': 4004}]

SWITCH = rig.Switch(clock=True)


def tables():
    s = SWITCH
    s.local_sid(FEATURE_UP, 'feature', UP, WINDOW)
    s.local_sid(FEATURE_DOWN, 'feature', DOWN, WINDOW)
    s.local_sid(PRIORITY, 'priority')
    s.local_sid(NODE, 'node')
    for label, port in zip(NFV, (3, 4, 5)):
        s.nfv_sid(label, port)
        s.label_fib(label, 'keep', port)
    for place in range(1, 6):
        s.nexthop(place, place)
    s.nexthop(7, 2, vid=42)
    s.ecmp(1, [1, 2, 3])
    s.label_fib(KEEP, 'keep', 1)
    s.label_fib(SWAP, 'swap', 18002, 2)
    s.label_fib(POP, 'pop', 3)
    s.label_fib(ECMP, 'keep', 0, 1)
    s.route('198.51.100.0/24', 1)
    s.route('198.51.100.128/25', 7)
    s.route('203.0.113.0/24', 0, 1)
    s.route('2001:db8:2::/48', 2)
    s.route('2001:db8:2:8000::/49', 9)      # no such nexthop
    s.chain([FEATURE_UP, NFV1, NFV2, KEEP], dst='198.51.100.77')
    for depth in range(1, 9):
        s.chain([POP] * (depth - 1) + [SWAP], dport=7000 + depth)
    s.chain([SWAP], dst='203.0.113.64/26')
    s.chain([NODE, KEEP], dst='2001:db8:2:4000::/50')
    for number, keys in enumerate(TUPLES):
        s.chain([KEEP] * number + [SWAP], ttl=100 + number, **keys)
    s.priority(('192.0.2.1', '198.51.100.1', 17, 1000, 2000), 3)
    s.priority(('192.0.2.1', '198.51.100.1', 17, 1001, 2000), 5, 6, 46)
    s.priority(('2001:db8:1::1', '2001:db8:2::1', 6, 1001, 2000), 5, 6, 46)
    s.commit()


tables()


def udp4(**fields):
    return pkt.ip4(pkt.udp(), **fields)


def one(*octets):
    """The frames go in at port 0; what comes out is what the model says."""
    SWITCH.exchange([(0, o) for o in octets])


@case('every table has a direct counter')
def direct():
    """Those that the compiler makes of statements are not in what P4Runtime knows."""
    with open(rig.info_of(rig.build('-DSRP_TEST_CLOCK')), encoding='ascii') as file:
        tables = re.findall(r'^tables \{\n(.*?)^\}', file.read(), re.M | re.S)
    check(len(tables) > 15, 'only %d tables' % len(tables))
    for table in tables:
        name = re.search(r'name: "(.*?)"', table).group(1)
        check('direct_resource_ids' in table, name + ' has no direct counter')


@case('label_fib: keep, swap, pop, a group, no entry')
def label_fib():
    """On every stack from one to eight labels."""
    for family in (4, 6):
        inner = pkt.ip(pkt.udp(), family)
        for below in range(8):
            one(*(labelled([top] + [KEEP] * below, inner) for top in OTHERS))


@case('a stack deeper than eight goes by its top label')
def deep():
    """Whatever its labels are."""
    for top in OTHERS + OWN:
        one(labelled([top] + list(range(20, 28)), udp4()),
            labelled([top] * 12, udp4()))


@case('an own label: popped, and what is below it decides')
def node():
    """A label, IPv4, IPv6, an address that no route has."""
    one(labelled([NODE, KEEP], udp4()), labelled([NODE, POP, KEEP], udp4()),
        labelled([NODE], udp4()), labelled([NODE], pkt.ip6(pkt.udp())),
        labelled([NODE], udp4(dst='10.9.8.7')), labelled([NODE, LOST], udp4()))


@case('several own labels: one after the other')
def again():
    """What cannot run in one pass goes round."""
    for stack in ([NODE, NODE], [NODE, PRIORITY, KEEP], [PRIORITY, FEATURE_UP, NFV1, KEEP],
                  [FEATURE_UP, PRIORITY, KEEP], [FEATURE_UP, PRIORITY],
                  [FEATURE_UP, PRIORITY, NODE, KEEP], [NODE] * 8,
                  [FEATURE_UP, FEATURE_DOWN, PRIORITY, NODE, NODE, KEEP]):
        one(labelled(stack, udp4()))


@case('priority: TC and DSCP are marked, S and checksum are right')
def priority():
    """Marks of the entry; sessions without one stay as they are."""
    for sport in (1000, 1001, 1002):
        four = pkt.ip4(pkt.udp(sport), tos=3)
        six = pkt.ip6(pkt.tcp(sport), tos=1)
        one(labelled([PRIORITY, KEEP, KEEP], four), labelled([PRIORITY], four),
            labelled([PRIORITY, SWAP], six), labelled([PRIORITY], six),
            labelled([FEATURE_UP, NFV1, PRIORITY, KEEP], four))


@case('IP: longest prefix, groups, a VLAN, no route, no nexthop')
def routes():
    """IPv4 and IPv6, in and out of a VLAN."""
    for dst in ('198.51.100.1', '198.51.100.200', '203.0.113.9', '10.0.0.1'):
        one(bare(udp4(dst=dst)), bare(udp4(dst=dst), vid=7))
    for dst in ('2001:db8:2::1', '2001:db8:2:8000::1', '2001:db8:3::1'):
        one(bare(pkt.ip6(pkt.tcp(), dst=dst)), bare(pkt.ip6(pkt.tcp(), dst=dst), vid=7))
    for sport in range(1000, 1040):
        one(bare(pkt.ip4(pkt.udp(sport), dst='203.0.113.9')))


@case('the head end: by address, prefix and port, every depth, then round again')
def head_end():
    """The pushed labels are looked up like any other."""
    one(bare(udp4(dst='198.51.100.77')), bare(udp4(dst='203.0.113.63')),
        bare(udp4(dst='203.0.113.64')), bare(udp4(dst='203.0.113.128')),
        bare(pkt.ip6(pkt.udp(), dst='2001:db8:2:3fff::1')),
        bare(pkt.ip6(pkt.udp(), dst='2001:db8:2:4000::1')))
    for depth in range(1, 9):
        one(bare(pkt.ip4(pkt.udp(5, 7000 + depth))),
            bare(pkt.ip6(pkt.tcp(5, 7000 + depth)), vid=9))


def tuple_frame(src, dst, proto, sport, dport):
    transport = pkt.tcp if proto == 6 else pkt.udp
    return bare(pkt.ip(transport(sport, dport), 6 if ':' in src else 4, src=src, dst=dst))


@case('the head end: sessions by their whole 5-tuple')
def whole_tuple():
    """Each of the five keys decides: with another value it is another session. All that
    differ are sent beside the one that does not."""
    chains = ('chain', len(SWITCH.tables.chain) - len(TUPLES))
    other = {'src': ('192.0.2.41', '2001:db8:1::41'), 'dst': ('198.51.100.42', '2001:db8:2::42'),
             'proto': (6, 17), 'sport': (4005, 4005), 'dport': (4006, 4006)}
    for six, keys in enumerate((WHOLE, WHOLE6)):
        session = {k: v.split('/')[0] if isinstance(v, str) else v for k, v in keys.items()}
        before = SWITCH.model.hits[chains[0], chains[1] + six]
        one(tuple_frame(**session),
            *(tuple_frame(**{**session, k: v[six]}) for k, v in other.items()))
        equal(SWITCH.model.hits[chains[0], chains[1] + six], before + 1, 'met')
    for src, dst, proto, sport in itertools.product(
            ('192.0.2.40', '192.0.2.64', '192.0.2.95', '192.0.2.96'),
            ('198.51.100.41', '10.0.0.1'), (6, 17), (4001, 4003, 4004)):
        one(tuple_frame(src, dst, proto, sport, 4007))


@case('TTL: counted down, shown below the last label, the end at one')
def ttl():
    """Uniform: what is exposed has no more than the label had."""
    for value in (0, 1, 2, 3, 255):
        for inner in (1, 2, 64):
            one(labelled([NODE], udp4(ttl=inner), ttl=value),
                labelled([KEEP], udp4(ttl=inner), ttl=value),
                labelled([POP, KEEP], udp4(ttl=inner), ttl=value),
                labelled([NODE, NODE, KEEP], udp4(ttl=inner), ttl=value),
                labelled([NODE], pkt.ip6(pkt.udp(), ttl=inner), ttl=value))
        one(bare(udp4(ttl=value)), bare(pkt.ip6(pkt.udp(), ttl=value)))


@case('cut short and crooked: dropped where it matters, forwarded where not')
def crooked():
    """A label switch has no business with what is below the labels."""
    good = udp4()
    broken = good[:10] + b'\0\0' + good[12:]
    options = pkt.ip4(pkt.udp(), options=b'\1\1\1\0')
    fragment = pkt.ip4(pkt.udp(), frag=0x0010)
    for inner in (broken, options, fragment, good[:22], good[:12], b'', b'\xff' * 40,
                  b'\x60' * 30, b'\x43' + good[1:]):
        for stack in ([KEEP], [POP], [NODE], [NODE, KEEP], [FEATURE_UP, NFV1, KEEP],
                      [PRIORITY, KEEP], [PRIORITY]):
            one(labelled(stack, inner))
        if inner:
            one(pkt.ether(rig.mac_of('d', 9), bytes(6), pkt.ETH_IP, inner))
    for cut in range(0, 16, 3):
        frame = labelled([KEEP, KEEP, KEEP, KEEP], b'')
        one(frame[:14 + cut])
    one(pkt.ether(b'\2' * 6, b'\2' * 6, 0x0806, bytes(28)))


def random_stack(rng):
    kinds = rng.choices(('own', 'nfv', 'other'), (3, 3, 4), k=rng.randint(1, 9))
    return [rng.choice({'own': OWN, 'nfv': NFV, 'other': OTHERS}[k]) for k in kinds]


@case('stacks by chance')
def by_chance():
    """Every class at every place."""
    rng = random.Random(4)
    for batch in range(10):
        frames = []
        for _ in range(100):
            inner = pkt.ip(rng.choice((pkt.udp, pkt.tcp))(rng.randint(999, 1003)),
                           rng.choice((4, 6)), ttl=rng.choice((1, 2, 64)),
                           tos=rng.randint(0, 255))
            frames.append((0, labelled(random_stack(rng), inner, batch + 1,
                                       ttl=rng.choice((1, 2, 9, 64)),
                                       vid=rng.choice((None, None, 5)))))
        SWITCH.exchange(frames)


@case('the switch counted what the model counted')
def counters():
    """Every drop under its reason, every packet of the service once."""
    events = SWITCH.counted()
    for reason in ('parse', 'ethertype', 'ttl', 'no_label', 'no_route', 'not_ip',
                   'no_nexthop', 'deep', 'again', 'head_end', 'bad_ip',
                   'egress_not_ip'):
        check(events[reason], 'nothing was counted as ' + reason)


run()
