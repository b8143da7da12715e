#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Multicast and broadcast inside, IP options and extension headers, along a
# chain; and what a function says for itself: DHCP, IGMP, MLD, mDNS to sockets of
# the node. Topology: topo_one.sh
#
#      sw           px                        fn
#     [s0]---------[u0 uplink          v1]---[f1]    vnf n1, sid 16010
#     [s1]---------[u1                 v2]---[f2]    vnf n2, sid 16011
#                   10.0.17.1/24 on v1

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 2
ip_node px <<-END
	addr add 10.0.17.1/24 dev v1
	addr add fe80::17/64 dev v1
END
run_python "$@"
