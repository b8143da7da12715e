#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fragments: packet by packet (topology: topo_one.sh), then as hosts cut their
# pings, through functions that are kernels of their own (topo_routers.sh).
#
#      sw           px                   fn
#     [s0]---------[u0 uplink   v1..v4]-[f1..f4]    vnf n1..n4
#     [s1]---------[u1 uplink]                      sid 16001..16004, 16010: all

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_routers.sh
. "$SELFTESTS/topo_routers.sh"

require_srproxy
require ping nft
topo_one 4
in_node px sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.u0.input=1 \
	2>/dev/null || export SRP_NO_LFIB=1
topo_routers
run_python "$@"
