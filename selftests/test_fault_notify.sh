#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every allocation of every notification fails once: of objects that a request
# makes, changes or removes, of each cause of a vnf's state, of flows in all
# their turns; in the request, in a worker, in softirq. What is told of is so
# all the same, and each of two listeners is told, or told that something is
# lost. As test_fault.sh for a kernel with fault injection.
# Topology: topo_health.sh with two functions

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_health.sh
. "$SELFTESTS/topo_health.sh"

require_srproxy
require_faults
[ "$(cat /sys/kernel/slab/skbuff_head_cache/failslab 2>&1)" = 1 ] ||
	skip_all "no faults of skbuff_head_cache (slub_debug=A,skbuff_head_cache)"
topo_health 2
# a case is dozens of failures, each set up anew
export SRP_CASE_SECONDS=${SRP_CASE_SECONDS:-600}
run_python "$@"
