#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every change of the state of a vnf is told, with its cause and the time at
# which it was found out: for every cause there is.
# Topology: topo_health.sh with one function

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_health.sh
. "$SELFTESTS/topo_health.sh"

require_srproxy
topo_health 1
run_python "$@"
