#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Devices made of others: VLAN sub-interfaces as uplinks and towards functions,
# bridges and bonds as uplinks. Topology: topo_one.sh, and
#
#      sw (quiet)    px                              fn (quiet)
#     [s0]----------[u0 u0.100          v1 v1.200]---[f1]
#                   [                          v2]---[f2]
#     [s1]----------[u1                  w1.300  ]---[g1.300] gn 10.0.30.2
#     [t1]----------[p1 \
#     [t2]----------[p2 - br0 uplink
#     [c1]----------[q1 \
#     [c2]----------[q2 - bond0 uplink

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
modprobe -aq 8021q bridge bonding 2>/dev/null
topo_one 2
nodes gn
links <<-END
	px p1 02:00:00:00:40:01 sw t1 02:00:00:00:40:02
	px p2 02:00:00:00:41:01 sw t2 02:00:00:00:41:02
	px q1 02:00:00:00:42:01 sw c1 02:00:00:00:42:02
	px q2 02:00:00:00:43:01 sw c2 02:00:00:00:43:02
	px w1 02:00:00:00:30:01 gn g1 02:00:00:00:30:02
END
in_node px sysctl -qw net.mpls.platform_labels=1000 2>/dev/null ||
	export SRP_NO_LFIB=1
ip_node gn <<-END
	link add link g1 name g1.300 type vlan id 300
	link set g1.300 up
	addr add 10.0.30.2/24 dev g1.300
END
run_python "$@"
