#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ICMP errors that the proxy itself sends, packet by packet: what is in them,
# which way they take, and what never causes one. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16011
#                  [             v2]----[f2]    vnf n2, sid 16012
#     [s1]---------[u1           v3]----[f3]    vnf two: v3, back on v4
#                  [             v4]----[f4]    vnf owt: v4, back on v3

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 4
in_node px sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.u1.input=1 \
	2>/dev/null || export SRP_NO_LFIB=1
run_python "$@"
