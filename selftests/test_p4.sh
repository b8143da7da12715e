#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The P4 switch and the proxy: a session's packets run through the switch, its
# report goes to the function behind the proxy and comes back with the rest of
# its stack. The switch is bmv2's simple_switch; its program is what `make p4`
# has compiled, there is no compiler here. Skipped where either is missing.
#
#      gen (quiet)        sw (quiet)           px (srproxy)              fn (quiet)
#     [g0]---------------[p0 switch p1]-------[u0 uplink    v1]---------[f1]
#     [g2]---------------[p2       ]                 vnf verdict, sid 16201

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

HOME=${HOME:-/root}
export HOME PATH=$PATH:${XDG_CACHE_HOME:-$HOME/.cache}/srproxy/p4/bin
export PYTHONPATH=$PYTHONPATH:$REPO/p4/tests:$REPO/p4

slow_machine && skip_all "the switch is too slow on this machine"
require_srproxy
require simple_switch simple_switch_CLI
nodes px
quiet_nodes gen sw fn
links <<-END
	gen g0 02:00:00:00:01:02  sw p0 02:00:00:00:01:01
	gen g2 02:00:00:00:02:02  sw p2 02:00:00:00:02:01
	px u0 02:64:00:00:00:01  sw p1 02:73:00:00:00:01
	px v1 02:00:00:00:11:01  fn f1 02:00:00:00:11:02
END
in_node sw ip link set lo up
run_python "$@"
