#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module's own bound of flows: all namespaces together, a tenth of it for
# those of unprivileged users. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16001
#     [s1]---------[u1]

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
SRP_BOUND=/sys/module/srproxy/parameters/max_flows
export SRP_BOUND
[ -w $SRP_BOUND ] || skip_all "no $SRP_BOUND that can be written"
WAS=$(cat $SRP_BOUND)
trap 'echo "$WAS" >$SRP_BOUND; cleanup' EXIT
topo_one 1
"$PYTHON" "$SELFTESTS/test_bound.py" "$@"
