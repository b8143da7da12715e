#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Devices of an uplink and of a vnf get new names: they go on serving, and are
# shown, saved and applied under these. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16001
#     [s1]---------[u1]

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 1
run_python "$@"
