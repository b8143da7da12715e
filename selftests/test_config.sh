#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The configuration: what is refused, with which words, and that nothing has
# changed then; save and apply; batch; monitor; privilege; two namespaces.
# Topology: topo_one.sh and a few devices of other kinds
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16001
#     [s1]---------[u1           v2]----[f2]    vnf n2, sid 16002
#                  [             v3]----[f3]    free
#                  [tun0 (no link layer)  br0 (bridge)  br0.7 (VLAN)  lo]

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 3
nodes py
ip_node px <<-END
	link add tun0 type ipip local 10.0.0.1 remote 10.0.0.9
	link set tun0 up
	link add br0 type bridge
	link add link u1 name u1.7 type vlan id 7
END
run_python "$@"
