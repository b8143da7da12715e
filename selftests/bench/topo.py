# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's namespaces, links and configuration.

  this namespace: the wire, and the function        px: the node
  +------------------------------------+           +------------------------+
  | hu >--< ju ..copy.. gu   10.3.1.2  +-----------+ uu  srproxy uplink     |
  | hv >--< jv ..copy.. gv   10.3.2.2  +-----------+ uv  srproxy vnf, via   |
  | hl >--< jl ..copy.. gl   10.3.3.2  +-----------+ ul  ... by lladdr      |
  |    drop             gw   10.3.4.2  +-----------+ uw  ... by UDP         |
  |    drop             ga   10.3.5.2  +-----------+ ua  ... app            |
  | hm >--< jm ..copy.. gm             +-----------+ um  mpls_router        |
  | ht >--< jt ..copy.. gt             +-----------+ ut  tc, labelled       |
  | hb >--< jb ..copy.. gb             +-----------+ ub  tc, bare           |
  | hc >--< jc ..copy.. gc             +-----------+ uc  IP, conntrack      |
  | hd >--< jd ..copy.. gd             +-----------+ ud  drop               |
  |    drop             gs   10.3.9.2  +-----------+ us  the kernel's out   |
  |                                    +-----------+                        |
  |          pktgen on hp >--< jp: Scapy on hq >--< jq                      |
  +------------------------------------+------------------------------------+

What ends in this namespace is dropped by tc at its ingress, and so is all that
comes to ud. gv drops too, or routes back to uv: a function that only routes.
gw and ga drop until there are programs behind them (attach.py).
Neighbours are permanent, IPv6 is off: no packet but pktgen's own.

pktgen keeps hold of the packet that it sends, so that whoever writes to it has
to clone and copy it first. A packet from a NIC is nobody else's. Sent on h*, a
packet is copied on its way (tc's mirror clones it, its pedit takes the clone
apart) and comes to the node as from a NIC; sent on g*, it is shared.
"""

import subprocess

PX = 'px'
LINKS = 'uvlwamtbcds'
SID, SID_LLADDR, SID_UDP, SID_APP, NEXT = 16010, 16011, 16012, 16013, 16020
SID_TCP, SID_UNIX, SID_TLS = 16014, 16015, 16016


def mac(dev):
    """Link-layer address of a device, by its name."""
    return '02:00:00:00:%02x:%02x' % (ord(dev[0]), ord(dev[1]))


def do(command, text=None):
    """Run a command, with text on its stdin."""
    done = subprocess.run(command.split(), input=text, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError('%s: %s' % (command, done.stdout.strip()))
    return done.stdout


def batch(tool, lines):
    """Many commands of ip, tc or srproxyctl at once."""
    do(tool + ' -b -', '\n'.join(lines) + '\n')


def in_px(tool):
    return '%s -n %s' % (tool, PX)


def _sysctls(settings, prefix=''):
    do(prefix + 'sysctl -qw ' + ' '.join('%s=%s' % pair for pair in settings))


def _namespaces():
    do('ip netns add ' + PX)
    for prefix in ('', 'ip netns exec %s ' % PX):
        _sysctls([('net.ipv6.conf.all.disable_ipv6', 1),
                  ('net.ipv6.conf.default.disable_ipv6', 1),
                  ('net.ipv4.ip_forward', 1),
                  ('net.ipv4.conf.all.rp_filter', 0),
                  ('net.ipv4.conf.default.rp_filter', 0),
                  ('net.ipv4.conf.all.send_redirects', 0),
                  ('net.ipv4.conf.default.send_redirects', 0)], prefix)
    # ksoftirqd may fall behind pktgen
    _sysctls([('net.core.netdev_max_backlog', 100000)])
    # a burst waits in the socket of a program
    _sysctls([('net.core.rmem_default', 1 << 24)])


def _links():
    near, far = [], []
    for x in LINKS:
        near.append('link add name g%s address %s type veth peer name u%s address %s netns %s'
                    % (x, mac('g' + x), x, mac('u' + x), PX))
        near.append('link add name h%s type veth peer name j%s' % (x, x))
        far.append('link set u%s up' % x)
    for x in 'pq':
        near.append('link add name h%s type veth peer name j%s' % (x, x))
    batch('ip', near)
    batch('ip', ['link set %s%s up' % (end, x) for end in 'ghj' for x in LINKS] +
          ['link set %s%s up' % (end, x) for end in 'hj' for x in 'pq'])
    batch(in_px('ip'), far)


def _addresses():
    near = ['route add 10.2.0.0/16 via 10.3.2.1 dev gv onlink',
            'route add 10.4.0.0/24 via 10.3.5.1 dev ga onlink']
    far = []
    for number, x in ((1, 'u'), (2, 'v'), (3, 'l'), (4, 'w'), (5, 'a'), (9, 's')):
        near.insert(0, 'addr add 10.3.%d.2/24 dev g%s' % (number, x))
        near.append('neigh add 10.3.%d.1 lladdr %s dev g%s' % (number, mac('u' + x), x))
        far.append('addr add 10.3.%d.1/24 dev u%s' % (number, x))
        far.append('neigh add 10.3.%d.2 lladdr %s dev u%s' % (number, mac('g' + x), x))
    far.append('route add 10.2.0.0/16 via 10.3.9.2')
    batch('ip', near)
    batch(in_px('ip'), far)


def probe(words):
    """How the function by its address is probed."""
    do(in_px('srproxyctl') + ' vnf set fw probe ' + words)


def drop(dev, tool='tc'):
    """Drop all that comes in on a device, first thing."""
    do('%s filter add dev %s ingress matchall action drop' % (tool, dev))


def undrop(dev):
    """Let packets in again."""
    do('tc filter del dev %s ingress' % dev)


def _copies():
    batch('tc', ['qdisc add dev %s%s clsact' % (end, x) for end in 'gj' for x in LINKS] +
          ['filter add dev j%s ingress matchall action mirred egress mirror dev g%s'
           ' pipe action drop' % (x, x) for x in LINKS] +
          ['filter add dev g%s egress matchall action pedit ex munge eth dst set %s'
           % (x, mac('u' + x)) for x in LINKS])


def _drops():
    do(in_px('tc') + ' qdisc add dev ud clsact')
    drop('ud', in_px('tc'))
    batch('tc', ['qdisc add dev %s clsact' % dev for dev in ('hp', 'hq', 'jp', 'jq')])
    for dev in ('gu', 'gv', 'gl', 'gw', 'ga', 'gs', 'hp', 'hq', 'jp', 'jq'):
        drop(dev)


def _mpls_swap():
    _sysctls([('net.mpls.platform_labels', 20000), ('net.mpls.conf.um.input', 1)],
             'ip netns exec %s ' % PX)
    do(in_px('ip') + ' -f mpls route add %d as %d via inet 10.3.9.2 dev us' % (SID, SID + 1000))


def _tc_static():
    """What needs no state: each direction of one chain, all flows alike."""
    out = ' pipe action pedit ex munge eth dst set %s' % mac('gs')
    out += ' pipe action mirred egress redirect dev us'
    batch(in_px('tc'), [
        'qdisc add dev ut clsact',
        'filter add dev ut ingress protocol mpls_uc flower mpls_label %d' % SID +
        ' action mpls pop protocol mpls_uc pipe action mpls pop protocol ip' + out,
        'qdisc add dev ub clsact',
        'filter add dev ub ingress protocol ip flower dst_ip 10.2.0.0/16' +
        ' action mpls push protocol mpls_uc label %d ttl 64' % NEXT + out])


def _srproxy():
    with open('/sys/module/srproxy/parameters/max_flows', 'w', encoding='ascii') as file:
        file.write('2000000')
    batch(in_px('srproxyctl'), [
        'config set idle-timeout 3600',
        'uplink add dev uu',
        'vnf add fw dev uv via inet 10.3.2.2',
        'vnf add fl dev ul lladdr ' + mac('gl'),
        'vnf add fu udp local 10.3.4.1:6000 remote 10.3.4.2:6000',
        'vnf add fa app 10.3.5.2:9 dev ua pool 10.4.0.0/24',
        'sid add %d vnf fw' % SID,
        'sid add %d vnf fl' % SID_LLADDR,
        'sid add %d vnf fu' % SID_UDP,
        'sid add %d vnf fa' % SID_APP])


def flush_flows():
    """End every flow of srproxy."""
    do(in_px('srproxyctl') + ' flow flush')


def conntrack():
    """The IP stack of px is stateful from here on."""
    _sysctls([('net.netfilter.nf_conntrack_max', 2000000)])
    with open('/sys/module/nf_conntrack/parameters/hashsize', 'w', encoding='ascii') as file:
        file.write('1048576')
    do('ip netns exec %s nft -f -' % PX,
       'table ip t { chain c { type filter hook forward priority 0; policy drop;'
       ' ct state new,established accept; }; }')


def flush_connections():
    """End every connection of px."""
    do('ip netns exec %s conntrack -F' % PX)


def build():
    """All of it but conntrack."""
    _namespaces()
    _links()
    _addresses()
    _copies()
    _drops()
    _mpls_swap()
    _tc_static()
    _srproxy()
