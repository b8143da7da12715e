#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A dump of many flows while packets make new ones and others end: every flow
# that lived throughout is shown once, or the dump says that it may not be.
# Topology: topo_one.sh; pktgen on s0 makes the many flows, where there is one
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1 (deaf)]    vnf n1, sid 16001
#     [s1]---------[u1           v2]----[f2 (deaf)]    vnf n2, sid 16002
#
# SRP_DUMP_FLOWS says how many (100,000; fewer on slow machines).

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
MANY=100000
! slow_machine || MANY=20000
# a packet takes 10 ms there
! slow_machine || ! grep -qs 'model name.*UML' /proc/cpuinfo || MANY=4000
export SRP_DUMP_FLOWS=${SRP_DUMP_FLOWS:-$MANY}
modprobe -q pktgen
topo_one 2
run_python "$@"
