#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A flood of spoofed flows through a function that forwards them all, while
# established sessions go on through the same function: these lose nothing, and
# the memory stays within the bound. The function is a bridge with two arms.
#
#      sw                     px                         fn (quiet)
#     [s0 the flood]---------[u0 uplink    v1 there]----[f1 \      ]
#     [s1 the sessions]------[u1 uplink    v2 back ]----[f2 / bridge]
#
#     sids 16010: there (dev v1 in v2), 16011: back (dev v2 in v1)
#
# SRP_FLOOD_FLOWS says how many flows are spoofed (5,000,000 on plain User-Mode
# Linux, fewer elsewhere), SRP_FLOOD_MAX how many there may be.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
modprobe -q bridge
topo_one 2
ip_node fn <<-END || skip_all "no bridge"
	link add br0 type bridge mcast_snooping 0
	link set f1 master br0
	link set f2 master br0
	link set br0 up
END
# what is sent meanwhile waits in one queue; nothing may be lost before the proxy
sysctl -qw net.core.netdev_max_backlog=200000
export SRP_FLOOD_FLOWS=${SRP_FLOOD_FLOWS:-$(how_many 5000000 10000 8000)}
export SRP_FLOOD_MAX=${SRP_FLOOD_MAX:-$(how_many 50000 3000 3000)}
export SRP_CASE_SECONDS=${SRP_CASE_SECONDS:-500}
run_python "$@"
