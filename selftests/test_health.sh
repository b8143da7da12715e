#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whether a function serves: probes through it and to its neighbour address,
# the kernel's neighbour state, what is told of changes, and where packets go.
# Topology: topo_health.sh with three functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_health.sh
. "$SELFTESTS/topo_health.sh"

require_srproxy
topo_health 3
run_python "$@"
