#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# As test_failover.sh for one instance of 200, all of them probed: how long it
# takes until the session of one that is dead comes back from another, while the
# sessions of the others lose nothing. A function is a wire: what goes out of aN
# comes in by bN, until the wire loses it (netem), with its carrier up.
#
#      sw (quiet)      px (srproxy)
#     +----+          +-----------------+
#     | s0 +----------+ u0  aN --wire-- bN   vnf nN dev aN in bN
#     +----+          +-----------------+
#
# Where the machine is fast enough (User-Mode Linux without debugging) there are
# 200, with the default probes, and 20 runs that have to be done within the time
# that the documented rule gives: 50 ms, if the node can send as many probes.
# Elsewhere fewer instances are probed more slowly, twice.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

export SRP_WIRES=200

# wires: as many veth pairs, both ends with the proxy
wires()
{
	local i

	{
		echo px u0 02:00:00:00:00:01 sw s0 02:00:00:00:00:02
		for ((i = 1; i <= SRP_WIRES; i++)); do
			printf 'px a%d 02:00:00:01:%02x:01 px b%d 02:00:00:01:%02x:02\n' \
				"$i" "$i" "$i" "$i"
		done
	} | links
}

require_srproxy
require tc
modprobe -q sch_netem
quiet_nodes px sw
if slow_machine; then
	export SRP_SLOW=1 SRP_WIRES=8
elif [ -e /proc/lockdep ]; then
	SRP_WIRES=20
fi
wires
run_python "$@"
