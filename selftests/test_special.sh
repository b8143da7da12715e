#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Special-purpose labels: on top, below the label that is popped, deeper, and
# when they come up later in the chain. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16010
#     [s1]---------[u1           v2]----[f2]    vnf n2, sid 16011

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 2
in_node px sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.u0.input=1 \
	2>/dev/null || export SRP_NO_LFIB=1
run_python "$@"
