#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How functions hang on the node: by link-layer address, by a neighbour that
# has to be resolved, returning on another interface; and when they cannot be
# reached. Topology: topo_one.sh, and one function with an IP stack
#
#      sw           px                            fn (quiet)
#     [s0]---------[u0 uplink              v1]---[f1]
#                  [                       v2]---[f2]
#                  [                       v3]---[f3]
#                  [ 10.0.30.1/24          w1]---[g1 10.0.30.2/24         ] gn
#                  [ 2001:db8:30::1/64       ]   [   2001:db8:30::2/64    ]

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 3
nodes gn
links <<-END
	px w1 02:00:00:00:30:01 gn g1 02:00:00:00:30:02
END
ip_node px <<-END
	addr add 10.0.30.1/24 dev w1
	addr add 2001:db8:30::1/64 dev w1
	addr add fe80::1/64 dev w1
END
# a slow machine must not give the neighbour up before the test has it answer
in_node px sysctl -qw net.ipv4.neigh.w1.mcast_solicit=20 \
	net.ipv6.neigh.w1.mcast_solicit=20
ip_node gn <<-END
	addr add 10.0.30.2/24 dev g1
	addr add 2001:db8:30::2/64 dev g1
END
run_python "$@"
