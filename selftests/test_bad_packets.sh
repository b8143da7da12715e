#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Malformed packets from the uplink and from a function: each is dropped under
# exactly one reason, none is read past its end. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16011

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 1
run_python "$@"
