# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests on topo_routers.sh share."""

import os

from ktap import Skip

SERVER = {4: '10.0.2.2', 6: '2001:db8:2::2'}
CLIENT = {4: '10.0.1.2', 6: '2001:db8:1::2'}


def chain(topo, family, *labels):
    """Both hosts push these labels, the server in the other order."""
    if os.environ.get('SRP_NO_ROUTERS'):
        raise Skip('no encap mpls')
    inet = 'inet6' if family == 6 else 'inet'
    net = '2001:db8:%d::/64' if family == 6 else '10.0.%d.0/24'
    via = '2001:db8:%d::1' if family == 6 else '10.0.%d.1'
    for node, near, far, stack_, end in (('cl', 1, 2, labels, 900),
                                         ('sv', 2, 1, labels[::-1], 901)):
        topo.ip(node, 'route replace %s encap mpls %s ttl 64 via %s %s dev e0' % (
            net % far, '/'.join(str(n) for n in stack_ + (end,)), inet, via % near))
