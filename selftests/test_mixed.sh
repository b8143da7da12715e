#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything at once against a model: packets, fragments, errors, labels and
# functions of every kind at random, hundreds in flight.
# Topology: topo_one.sh with eleven devices for functions
#
#      sw           px                      fn
#     [s0]---------[u0 uplink   v1..v11]---[f1..f11]   sid 16000+N: vnf nN
#     [s1]---------[u1 uplink, default route]
#                  [u2 uplink, a tap; egress via u1]
#
#   n1 n2  match flow (n1 is 16011 too)      n3  mtu 1000
#   n4     match vlan (16014 too)            n5  match static
#   n6     steers                            n7 n8  inner ethernet, with
#   n9 n10 a function with two arms                 control word
#   n11    down; 16012, its sid, is bypassed
#
# Switch and functions leave checksums and the cutting of TCP to devices, now
# and then, by virtio headers.
#
# SRP_MIXED_PACKETS says how many packets the switch sends (100,000 on plain
# User-Mode Linux, fewer elsewhere), SRP_MIXED_SEED (1) which: a failure says the
# number of its packet, and comes again with the same two.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
modprobe -aq mpls_gso tun
topo_one 11
# packets: as many as take a minute or two
packets()
{
	if slow_machine; then
		echo 4000
	elif grep -qs 'model name.*UML' /proc/cpuinfo &&
		[ ! -e /proc/self/fail-nth ]; then
		echo 100000
	else
		echo 10000
	fi
}

export SRP_MIXED_PACKETS=${SRP_MIXED_PACKETS:-$(packets)}
export SRP_CASE_SECONDS=${SRP_CASE_SECONDS:-500}
run_python "$@"
