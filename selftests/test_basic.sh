#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The main job with one function: a labelled packet is popped and handed over
# bare, comes back, and leaves with the rest of its stack. Every transport, both
# families; what is not the proxy's business is left alone. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf fw, sid 16010
#     [s1]---------[u1]

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 1
in_node px sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.u0.input=1 \
	2>/dev/null || export SRP_NO_LFIB=1
run_python "$@"
