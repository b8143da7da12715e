#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many probes, and probes that get lost: the rate of all of a namespace, the
# time of detection among many, loss and reordering (netem), VLAN tags.
# The function is a wire: what goes out of aN comes in by bN.
#
#        px (srproxy)
#       +---------------+
#       | aN --wire- bN |   vnf nN dev aN in bN
#       +---------------+

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

WIRES=201

# wires: as many veth pairs, both ends with the proxy
wires()
{
	local i

	for ((i = 1; i <= WIRES; i++)); do
		printf 'px a%d 02:00:00:01:%02x:01 px b%d 02:00:00:01:%02x:02\n' \
			"$i" "$i" "$i" "$i"
	done | links
}

require_srproxy
require tc
modprobe -q sch_netem
quiet_nodes px
if slow_machine; then
	export SRP_SLOW=1
	WIRES=2
elif [ -e /proc/lockdep ]; then
	WIRES=2
fi
wires
run_python "$@"
