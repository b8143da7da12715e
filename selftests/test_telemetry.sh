#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Latency and loss of functions, from sampled packets: every transport is known
# again, a delay and a loss of known size (netem at the function) are found, and
# what was not lost is not counted so. Then what shows it: top, OpenMetrics (read
# by Prometheus' own parser), the dashboard. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf fw, sid 16010
#                  [             v2]----[f2]    vnf nat, sid 16012, by VLAN

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
require tc
topo_one 2
! slow_machine || export SRP_SLOW=1
run_python "$@"
