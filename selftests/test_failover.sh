#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long it takes from a failure to the first packet at the backup, and how
# many packets that costs, for each way in which a failure is found out: by the
# times at which numbered packets were sent, came back and were at the backup.
# Topology: topo_health.sh with two functions
#
# Where the machine is fast enough (User-Mode Linux without debugging) each kind
# is run 20 times and has to be done within 50 ms (a run in which the machine
# itself stood still is repeated); elsewhere twice, with slower
# probes, and is done at all.
# SRP_FAILOVER_RUNS: runs of each kind
# SRP_FAILOVER_JSON: the distributions as lines of JSON, too

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_health.sh
. "$SELFTESTS/topo_health.sh"

require_srproxy
topo_health 2
if slow_machine; then
	export SRP_SLOW=1
fi
run_python "$@"
