# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_txn.sh."""

import errno
import os
import struct
import subprocess

from genl import ABI, HEAD, NLM_F_ACK, NLM_F_DUMP, Netlink, attr
from ktap import Failure, before_each, case, check, equal, run, wait_for
from nodes import One, f_mac

topo = One(2)
px = topo.px
START = ('uplink add dev u0', topo.vnf_line(1), topo.vnf_line(2), 'sid add 16001 vnf n1',
         'sid add 16002 vnf n2')
NLM_F_CREATE = 0x400
NONE = 'no transaction is under way'
MOVED = 'the configuration changed since the transaction began'

px.ctl(*START)
nl, second = (Netlink(px.netns, explain=True) for _ in range(2))


def objects():
    """What is configured, of uplinks, vnfs and sids."""
    return [[{key: value for key, value in thing.items() if key != 'stats'}
             for thing in things] for things in px.ask(['uplink show', 'vnf show', 'sid show'])]


def state():
    """All of the configuration, its identities and generation too."""
    return objects(), px.ask(['config show'])


@before_each
def start():
    for sock in (nl, second):
        sock.ask(sock.message('TXN_ABORT'))
    px.clear()
    px.ctl(*START)


def refused(sock, message, number, words, offset=None, what=''):
    """Refused so, and nothing has changed; the Refusal."""
    before = state()
    got = sock.refusal(message)
    equal(errno.errorcode.get(got.errno), errno.errorcode[number], what + 'errno')
    check(words.lower() in got.sentence.lower(),
          '%ssentence: got "%s", want "%s"' % (what, got.sentence, words))
    equal(got.offset, offset, what + 'offset of the attribute')
    check(state() == before, what + 'the configuration has changed')
    return got


def done(sock, cmd, **attrs):
    got = sock.refusal(sock.message(cmd, **attrs))
    equal((got.errno, got.sentence), (0, ''), cmd)


@case('how flows are kept cannot be set: that takes another vnf')
def set_keeps():
    after_name = HEAD + len(attr(ABI['A_VNF_NAME'], 'n1'))
    refused(nl, nl.message('VNF_SET', name='n1', match=1, vlan_first=5, vlan_last=6),
            errno.EBUSY, 'match cannot be changed', after_name)
    refused(nl, nl.message('VNF_SET', name='n1', inner=1), errno.EINVAL,
            'inner cannot be changed', after_name)
    done(nl, 'VNF_SET', name='n1', match=0, inner=0, mtu=1400)


# ---- transactions ------------------------------------------------------------

def stage(sock, *more):
    """Begin a transaction in which there are u0, n1 and other uplinks."""
    done(sock, 'TXN_BEGIN')
    done(sock, 'VNF_NEW', name='n1', dev='v1', lladdr=f_mac(1))
    for dev in ('u0',) + more:
        done(sock, 'UPLINK_NEW', dev=dev)


def names():
    return [sorted(thing[key] for thing in things)
            for key, things in zip(('dev', 'name', 'label'), objects())]


@case('a transaction is what there is after its commit, and nothing before')
def commit():
    before = state()
    stage(nl, 'u1')
    check(state() == before, 'the configuration has changed before commit')
    done(nl, 'TXN_COMMIT')
    equal(names(), [['u0', 'u1'], ['n1'], []], 'objects')
    refused(nl, nl.message('TXN_COMMIT'), errno.ENOENT, NONE)


@case('a transaction ends with its socket')
def socket_closes():
    before = state()
    gone = Netlink(px.netns)
    equal(gone.ask(gone.message('TXN_BEGIN')), 0, 'TXN_BEGIN')
    equal(gone.ask(gone.message('UPLINK_NEW', dev='u1')), 0, 'UPLINK_NEW')
    port = gone.port
    gone.close()
    check(state() == before, 'the configuration has changed')
    heir = Netlink(px.netns, explain=True, port=port)
    refused(heir, heir.message('TXN_COMMIT'), errno.ENOENT, NONE)
    done(heir, 'UPLINK_NEW', dev='u1')
    equal(names()[0], ['u0', 'u1'], 'uplinks: staged in a transaction that is no more')
    heir.close()


@case('a transaction is over if the configuration moved before its commit')
def generation_moved():
    stage(nl, 'u1')
    px.ctl('sid del 16002')
    refused(nl, nl.message('TXN_COMMIT'), errno.EBUSY, MOVED)
    refused(nl, nl.message('TXN_COMMIT'), errno.ENOENT, NONE)


@case('two sockets have a transaction each: the second to commit is refused')
def two_sockets():
    stage(nl, 'u1')
    stage(second)
    done(nl, 'TXN_COMMIT')
    equal(names(), [['u0', 'u1'], ['n1'], []], 'objects')
    refused(second, second.message('TXN_COMMIT'), errno.EBUSY, MOVED)


@case('the end of one transaction leaves another as it is')
def one_aborts():
    stage(nl)
    stage(second, 'u1')
    done(nl, 'TXN_ABORT')
    refused(nl, nl.message('TXN_ABORT'), errno.ENOENT, NONE)
    done(second, 'TXN_COMMIT')
    equal(names(), [['u0', 'u1'], ['n1'], []], 'objects')


@case('a second begin on one socket is refused, the first transaction goes on')
def second_begin():
    stage(nl, 'u1')
    refused(nl, nl.message('TXN_BEGIN'), errno.EBUSY,
            'a transaction is under way on this socket')
    done(nl, 'TXN_COMMIT')
    equal(names(), [['u0', 'u1'], ['n1'], []], 'objects')


@case('a transaction takes whole objects, and each once')
def whole_objects():
    stage(nl)
    for message in (nl.message('VNF_DEL', name='n1'), nl.message('SID_DEL', label=16001),
                    nl.message('UPLINK_DEL', dev='u0'), nl.message('VNF_SET', name='n1', mtu=1400),
                    nl.message('VNF_RECONNECT', name='n1')):
        refused(nl, message, errno.EOPNOTSUPP, 'only takes whole objects')
    refused(nl, nl.message('UPLINK_NEW', dev='u0'), errno.EEXIST, 'staged already')


@case('a commit that fails names the request that is at fault')
def blame():
    stage(nl)
    member = attr(ABI['A_SID_MEMBER'], [attr(ABI['A_MEMBER_VNF'], 'n9')])
    message = nl.frame(nl.family, ABI['CMD_SID_NEW'],
                       [attr(ABI['A_SID_LABEL'], 16003), member], seq=77)
    equal(nl.refusal(message).errno, 0, 'SID_NEW')
    got = refused(nl, nl.message('TXN_COMMIT'), errno.ENOENT, 'vnf')
    equal(struct.unpack('=2I', got.cookie[:8]), (77, HEAD + 8 + 4), 'request and attribute')


@case('a namespace ends while a transaction is open in it')
def namespace_ends():
    name = topo.netns('gone')
    subprocess.run(['ip', 'netns', 'add', name], check=True)
    try:
        topo.ip('sw', 'link add w1 type veth peer name w0 netns ' + name)
        inside = Netlink(name)
        for message in (inside.message('TXN_BEGIN'), inside.message('UPLINK_NEW', dev='w0'),
                        inside.message('CONFIG_SET', max_flows=5)):
            equal(inside.ask(message), 0, 'request')
    finally:
        subprocess.run(['ip', 'netns', 'del', name], check=True)
    equal(inside.ask(inside.message('CONFIG_GET')), 0, 'the socket holds its namespace')
    inside.close()
    wait_for(lambda: 'w1' not in topo.sh('sw', 'ip -br link'), 'the namespace to end', 60)


# ---- what srproxyctl cannot say ------------------------------------------------

def of(name, value):
    return attr(ABI['A_' + name], value)


def cut(octets, size):
    """An attribute that says it is as long."""
    return struct.pack('=H', size) + octets[2:]


N3, DEV, MAC = of('VNF_NAME', 'n3'), of('VNF_DEV', 'u1'), of('VNF_LLADDR', f_mac(3))
LABEL, N1 = of('SID_LABEL', 16003), of('MEMBER_VNF', 'n1')
UNNESTED = struct.pack('=HH', 4 + len(N1), ABI['A_SID_MEMBER']) + N1
VNF = [N3, DEV, MAC]

# what: (command, attributes, errno, words, offset from the first attribute)
BAD = {
    'an attribute of no name': ('CONFIG_SET', [attr(999, 1)], 'EINVAL', 'unknown', 0),
    'an attribute of type 0': ('CONFIG_SET', [attr(0, 1)], 'EINVAL', '', 0),
    'a second one of no name': ('UPLINK_NEW', [of('UPLINK_DEV', 'u1'), attr(500, b'')],
                                'EINVAL', 'unknown', 8),
    'an attribute to be read only': ('UPLINK_NEW', [of('UPLINK_DEV', 'u1'),
                                                    of('UPLINK_IFINDEX', 7)], 'EINVAL',
                                     'unsupported', 8),
    'a number of two octets': ('CONFIG_SET', [of('CONFIG_MAX_FLOWS', b'\1\0')], 'EINVAL',
                               'length', 0),
    'a number of eight octets': ('CONFIG_SET', [of('CONFIG_MAX_FLOWS', bytes(8))], 'EINVAL',
                                 'length', 0),
    'a number of no octets': ('SID_DEL', [of('SID_LABEL', b'')], 'EINVAL', 'length', 0),
    'a flag with a value': ('SID_NEW', [LABEL, of('SID_MEMBER', [N1, of('MEMBER_BACKUP', 1)])],
                            'ERANGE', '', 20),
    'a link address of five octets': ('VNF_NEW', [N3, DEV, of('VNF_LLADDR', bytes(5))], 'ERANGE',
                                      '', 16),
    'an IPv6 address of 17 octets': ('VNF_NEW', [N3, DEV, of('VNF_VIA_INET6', bytes(17))],
                                     'ERANGE', '', 16),
    'a name without its zero': ('VNF_DEL', [of('VNF_NAME', b'n1')], 'EINVAL', '', 0),
    'a name of no octets': ('VNF_DEL', [of('VNF_NAME', b'')], 'EINVAL', '', 0),
    'an empty name': ('VNF_NEW', [of('VNF_NAME', '')], 'EINVAL', 'no valid name', 0),
    'a name of 32 octets': ('VNF_NEW', [of('VNF_NAME', 'x' * 32)], 'EINVAL', '', 0),
    'a device of 16 octets': ('UPLINK_NEW', [of('UPLINK_DEV', 'x' * 16)], 'EINVAL', '', 0),
    'a name with a slash': ('UPLINK_NEW', [of('UPLINK_DEV', 'a/b')], 'EINVAL', 'no valid name', 0),
    'a vnf without a name': ('VNF_NEW', [DEV, MAC], 'EINVAL', 'a name is missing', None),
    'an uplink without a device': ('UPLINK_NEW', [], 'EINVAL', 'missing', None),
    'a sid without a label': ('SID_NEW', [of('SID_MEMBER', [N1])], 'EINVAL',
                              'a label is missing', None),
    'a member without a name': ('SID_NEW', [LABEL, of('SID_MEMBER', [of('MEMBER_BACKUP', b'')])],
                                'EINVAL', '', 8),
    'a member that is not marked as nested': ('SID_NEW', [LABEL, UNNESTED], 'EINVAL',
                                              'NLA_F_NESTED', 8),
    'a member of garbage': ('SID_NEW', [LABEL, attr(ABI['A_SID_MEMBER'] | 0x8000, b'\xff' * 11)],
                            'EINVAL', 'leftover', None),
    'a member that is cut': ('SID_NEW', [LABEL, of('SID_MEMBER', [cut(N1, 200)])], 'EINVAL',
                             'leftover', None),
    'a member with an attribute of no name': ('SID_NEW', [LABEL, of('SID_MEMBER', [
        N1, attr(77, 1)])], 'EINVAL', 'unknown', 20),
    'octets after the last attribute': ('VNF_DEL', [of('VNF_NAME', 'n1'), b'\1\2\3'], 'EINVAL',
                                        'leftover', None),
    'an attribute longer than the request': ('VNF_DEL', [cut(of('VNF_NAME', 'n1'), 400)],
                                             'EINVAL', 'leftover', None),
    'an attribute shorter than its head': ('VNF_DEL', [cut(of('VNF_NAME', 'n1'), 3)],
                                           'EINVAL', 'leftover', None),
    'weight 0': ('VNF_NEW', VNF + [of('VNF_WEIGHT', 0)], 'ERANGE', 'range', 28),
    'weight 65536': ('VNF_SET', [of('VNF_NAME', 'n1'), of('VNF_WEIGHT', 65536)], 'ERANGE',
                     'range', 8),
    'an egress of no name': ('UPLINK_SET', [of('UPLINK_DEV', 'u0'), of('UPLINK_EGRESS', 99)],
                             'ERANGE', 'range', 8),
    'a type of no name': ('VNF_NEW', VNF + [of('VNF_TYPE', 99)], 'ERANGE', 'range', 28),
    'a fallback of no name': ('SID_SET', [of('SID_LABEL', 16001), of('SID_FALLBACK', 2 ** 32 - 1)],
                              'ERANGE', 'range', 8),
    'label 15': ('SID_NEW', [of('SID_LABEL', 15), of('SID_MEMBER', [N1])], 'EINVAL',
                 'special-purpose', 0),
    'label 2^20': ('SID_DEL', [of('SID_LABEL', 1 << 20)], 'ERANGE', 'range', 0),
    'a range that ends before it begins': (
        'VNF_NEW', VNF + [of('VNF_MATCH', ABI['MATCH_VLAN']), of('VNF_VLAN_FIRST', 9),
                          of('VNF_VLAN_LAST', 8)], 'EINVAL', '', 36),
    'labels that are no whole numbers': (
        'VNF_NEW', VNF + [of('VNF_MATCH', ABI['MATCH_STATIC']), of('VNF_LABELS', bytes(7)),
                          of('VNF_OUT', 'u0')], 'EINVAL', 'label', 36),
    'a socket that is none': ('VNF_RECONNECT', [of('VNF_NAME', 'n1'), of('VNF_FD', 9999)],
                              'EOPNOTSUPP', 'not behind a socket', 0),
}


def bad_request(what):
    cmd, attrs, number, words, offset = BAD[what]
    refused(nl, nl.frame(nl.family, ABI['CMD_' + cmd], attrs), getattr(errno, number), words,
            offset if offset is None else HEAD + offset, what + ': ')


@case('a malformed request is refused, with the attribute, and changes nothing')
def malformed():
    wrong = []
    for what in BAD:
        try:
            bad_request(what)
        except Failure as failure:
            wrong.append(str(failure))
    check(not wrong, '\n'.join(wrong))


@case('a request with wrong flags or of no name is refused')
def wrong_flags():
    settings = [of('CONFIG_MAX_FLOWS', 5)]
    number = ABI['CMD_CONFIG_SET']
    for cmd, attrs, extra, code, words in (
            (number, settings, {'flags': NLM_F_ACK | NLM_F_CREATE}, errno.EINVAL, 'nlmsg_flags'),
            (number, settings, {'flags': NLM_F_ACK | NLM_F_DUMP}, errno.EOPNOTSUPP, ''),
            (number, settings, {'reserved': 1}, errno.EINVAL, 'reserved'),
            (ABI['CMD_VNF_NTF'], [], {}, errno.EOPNOTSUPP, ''),
            (200, [], {}, errno.EOPNOTSUPP, ''), (0, [], {}, errno.EOPNOTSUPP, '')):
        refused(nl, nl.frame(nl.family, cmd, attrs, **extra), code, words,
                what='command %d %s: ' % (cmd, extra))


@case('a dump with a bad filter is refused')
def bad_dump():
    for attrs, code, words in (([attr(99, 1)], errno.EINVAL, 'unknown'),
                               ([of('FLOW_SID', 1 << 20)], errno.ERANGE, 'range')):
        refused(nl, nl.frame(nl.family, ABI['CMD_FLOW_GET'], attrs, NLM_F_ACK | NLM_F_DUMP),
                code, words, HEAD, 'flow dump: ')


@case('every change, and to read flows, is for who has CAP_NET_ADMIN')
def unprivileged():
    free = {'UPLINK_GET', 'VNF_GET', 'SID_GET', 'CONFIG_GET', 'STATS_GET'}
    for cmd in sorted(name[4:] for name in ABI if name.startswith('CMD_')):
        if cmd.endswith('NTF') or cmd in free:
            continue
        flags = NLM_F_ACK | (NLM_F_DUMP if cmd == 'FLOW_GET' else 0)
        message = nl.frame(nl.family, ABI['CMD_' + cmd], [], flags)
        before = state()
        os.seteuid(65534)
        try:
            got = nl.refusal(message)
        finally:
            os.seteuid(0)
        equal(got.errno, errno.EPERM, 'errno of ' + cmd)
        check(state() == before, cmd + ': the configuration has changed')


run()
