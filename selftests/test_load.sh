#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drain, sid set and apply while packets run: not one is lost of what does not
# change, and none of what moves to another instance. Streams of the packet
# generator through functions that are bridges of two arms, counted where they
# come out; TCP (iperf3) and datagrams of hosts through functions that are
# routers of one arm.
#
#      sw                     px                          fn (quiet)
#     [s0 generator]---------[u0 uplink   v1 n1 v2]----[f1 bridge f2]
#                            [            v3 n2 v4]----[f3 bridge f4]
#                            [            v5 n3 v6]----[f5 bridge f6]
#
#      client                 px                          server
#     [e0 10.0.1.2 ]---------[c0 uplink  c1 uplink]----[e0 10.0.2.2 ]
#      pushes 16001 900       |  w1             w2 |     pushes 16001 901
#                            [r1]             [r2]       sid 16001: r1 and r2
#
# SRP_LOAD_CHANGES says how many changes there are in each case: 100, 10 on an
# emulated machine or a debug kernel.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/hosts.sh
. "$SELFTESTS/hosts.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

bridges()
{
	local i

	for i in 1 3 5; do
		echo link add "br$i" type bridge mcast_snooping 0
		echo link set "f$i" master "br$i"
		echo link set "f$((i + 1))" master "br$i"
		echo link set "br$i" up
	done | ip_node fn
}

# router NODE N: a function that routes everything back
router()
{
	addresses "$1" e0 "$2" 2
	ip_node "$1" <<-END
		route add default via 10.0.$2.1
		route add default via 2001:db8:$2::1
	END
}

hosts()
{
	nodes client server r1 r2
	link_local client server r1 r2
	forwards r1
	forwards r2
	links <<-END
		client e0 02:00:00:00:01:02 px c0 02:00:00:00:01:01
		server e0 02:00:00:00:02:02 px c1 02:00:00:00:02:01
		px w1 02:00:00:00:03:01 r1 e0 02:00:00:00:03:02
		px w2 02:00:00:00:04:01 r2 e0 02:00:00:00:04:02
	END
	addresses px c0 1 1
	addresses px c1 2 1
	addresses px w1 3 1
	addresses px w2 4 1
	addresses client e0 1 2
	addresses server e0 2 2
	router r1 3
	router r2 4
	# a probe for a lost tail is sent when an ACK is a little late
	in_node client sysctl -qw net.ipv4.tcp_early_retrans=0
	head_end client 1 2 16001/900 && head_end server 2 1 16001/901 &&
		tail_end client e0 901 && tail_end server e0 900
}

require_srproxy
require iperf3 ss
modprobe -q bridge
modprobe -q mpls_iptunnel
modprobe -q mpls_gso
modprobe -q mpls_router
topo_one 6
bridges || skip_all "no bridge"
if [ ! -d /proc/sys/net/mpls ] || ! hosts; then
	export SRP_NO_LFIB=1
fi
# nothing may be lost before the proxy
sysctl -qw net.core.netdev_max_backlog=200000
if slow_machine || [ -e /proc/self/fail-nth ]; then
	export SRP_LOAD_CHANGES=${SRP_LOAD_CHANGES:-10} SRP_SLOW=1
fi
export SRP_CASE_SECONDS=${SRP_CASE_SECONDS:-400}
run_python "$@"
