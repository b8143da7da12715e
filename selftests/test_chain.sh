#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Chains: one to eight functions of one node in a row, without the packet
# leaving it; a function with two arms; two proxy nodes on one switch.
# Topology: topo_two.sh with eight functions a node
#
#          +--[u0 pa v1..v8]--[fa1..fa8]      SIDs 16101..16108
#   [sa sw]
#   [sb   ]
#          +--[u0 pb v1..v8]--[fb1..fb8]      SIDs 16201..16208

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_two.sh
. "$SELFTESTS/topo_two.sh"

require_srproxy
topo_two 8
run_python "$@"
