#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every allocation of what keeps a chain up may fail, too: a probe that could
# not be sent is not one that was lost, a request with probes that fails for it
# has changed nothing, a device that there was no memory for is tried again, and
# who misses a notification knows. As test_fault.sh for a kernel with fault
# injection. Topology: topo_health.sh with two functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_health.sh
. "$SELFTESTS/topo_health.sh"

require_srproxy
require_faults
topo_health 2
run_python "$@"
