#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who is believed: labels on uplinks only; a function reaches nothing but its
# own flows; flows that look alike are kept apart. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16011
#     [s1]---------[u1 no uplink v2]----[f2]    vnf n2, sid 16012

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 2
in_node px sysctl -qw net.mpls.platform_labels=100000 \
	net.mpls.conf.u1.input=1 2>/dev/null || export SRP_NO_LFIB=1
run_python "$@"
