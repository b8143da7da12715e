# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions with match vlan, on topo_one.sh: tagged frames in and out."""

import pkt
from ktap import equal
from nodes import One, expect, f_mac, v_mac


class Tagged(One):
    """topo_one.sh where tags of frames to the functions are seen."""

    def __init__(self, functions=1):
        super().__init__(functions)
        for port in self.f[1:]:
            port.show_tags()

    def vlan_line(self, number, ids, name=None, options=''):
        """The command that adds the function behind vN with a range of ids."""
        return self.vnf_line(number, name, 'match vlan %s %s' % (ids, options))

    def at_vlan(self, number, inner, vlan=None):
        """The bare packet arrives at the function; its VLAN id."""
        frame = expect(self.f[number], inner, what='function %d' % number)
        equal(frame.dst, f_mac(number), 'destination MAC')
        if vlan is not None:
            equal(frame.vlan, vlan, 'VLAN id')
        return frame.vlan

    def from_vlan(self, number, vlan, inner, **options):
        """The function returns a packet with a tag."""
        self.f[number].send(pkt.ether_vlan(v_mac(number), f_mac(number), vlan,
                                           pkt.ether_type(inner), inner, **options))
