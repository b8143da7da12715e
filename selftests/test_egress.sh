#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where a packet goes whose next label is not of this node: hairpin to the
# neighbour it came from, the kernel's MPLS table, or a fixed next hop.
# Topology: topo_one.sh, and on u1 neighbours that resolve
#
#      sw               px                        fn
#     [s0]-------------[u0 uplink (hairpin) v1]--[f1]   vnf n1, sid 16010
#     [s1]-------------[u1 uplink (lfib)    v2]--[f2]   vnf n2, sid 16011
#     [s2]-------------[u2 10.0.12.1/24, 2001:db8:ac::1/64]
#      s2 10.0.12.2/24, 2001:db8:ac::2/64: a stack that answers ARP and ND

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 2
nodes s2
links <<-END
	px u2 02:00:00:00:0c:01 s2 s2 02:00:00:00:0c:02
END
ip_node px <<-END
	addr add 10.0.12.1/24 dev u2
	addr add 2001:db8:ac::1/64 dev u2
	addr add fe80::1/64 dev u2
END
ip_node s2 <<-END
	addr add 10.0.12.2/24 dev s2
	addr add 2001:db8:ac::2/64 dev s2
END
in_node px sysctl -qw net.mpls.platform_labels=100000 net.mpls.conf.u0.input=1 \
	net.mpls.conf.u1.input=1 2>/dev/null || export SRP_NO_LFIB=1
run_python "$@"
