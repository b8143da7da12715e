#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the proxy remembers, for how long and how much of it: ageing, limits,
# eviction, conflicts, revisits, flush. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sids 16011 and 16021
#     [s1]---------[u1 uplink    v2]----[f2]    vnf n2, sid 16012

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 2
run_python "$@"
