#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tracepoints tell of every packet what the counters say of all.
# Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16001
#     [s1]---------[u1           v2]----[f2]    vnf n2, sid 16002

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
[ -d /sys/kernel/tracing/events/srproxy ] ||
	skip_all "no /sys/kernel/tracing/events/srproxy (tracefs, CONFIG_EVENT_TRACING)"
SRP_TRACE=/sys/kernel/tracing/instances/srp-$$
export SRP_TRACE
mkdir "$SRP_TRACE" || skip_all "no instance of tracefs"
trap 'rmdir "$SRP_TRACE"; cleanup' EXIT
topo_one 2
"$PYTHON" "$SELFTESTS/test_trace.py" "$@"
