#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ICMP errors about sessions that go through functions, from beyond or from the
# functions themselves: packet by packet (topology: topo_one.sh), then those of
# real hosts and routers (topo_routers.sh).
#
#      sw           px                      fn
#     [s0]---------[u0 uplink         v1]--[f1]   n1: one arm
#                  [                  v2]--[f2]   n2: dev v2 in v3 \ one function
#                  [                  v3]--[f3]   n3: dev v3 in v2 / of two arms
#                  [                  v4]--[f4]   n4: one arm
#                  [                  v5]--[f5]   n5: one arm

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_routers.sh
. "$SELFTESTS/topo_routers.sh"

require_srproxy
require nft
topo_one 5
topo_routers
run_python "$@"
