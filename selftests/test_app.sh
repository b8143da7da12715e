#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions that are ordinary UDP servers: what they are handed, what becomes of
# their answers, who answers ARP and ND for the pool. Topology: topo_one.sh, and
# a host on which the servers run
#
#      sw           px                            srv
#     [s0]---------[u0 uplink              v1]---[fn: f1]
#     [s1]---------[u1                        ]
#                  [ 10.0.30.1/24          w1]---[g1 10.0.30.2/24         ]
#                  [ 2001:db8:30::1/64       ]   [   2001:db8:30::2/64    ]
#
#    pools 10.0.31.0/24, 2001:db8:31::/120: on the link, to srv

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
modprobe -q mpls_gso
topo_one 1
nodes srv
links <<-END
	px w1 02:00:00:00:30:01 srv g1 02:00:00:00:30:02
END
ip_node px <<-END
	addr add 10.0.30.1/24 dev w1
	addr add 2001:db8:30::1/64 dev w1
	addr add fe80::1/64 dev w1
END
ip_node srv <<-END
	addr add 10.0.30.2/24 dev g1
	addr add 10.0.30.3/24 dev g1
	addr add 2001:db8:30::2/64 dev g1
	addr add fe80::2/64 dev g1
	route add 10.0.31.0/24 dev g1
	route add 2001:db8:31::/120 dev g1
END
# what leaves for the switch has its checksums; what the servers send has none
no_offloads px u0 u1 v1
# nobody is given up before a slow machine has answered, and a full buffer is
# the servers' own affair
in_node px sysctl -qw net.ipv4.neigh.w1.mcast_solicit=20 \
	net.ipv6.neigh.w1.mcast_solicit=20
in_node srv sysctl -qw net.ipv4.neigh.g1.mcast_solicit=20 \
	net.ipv6.neigh.g1.mcast_solicit=20 net.ipv4.icmp_ratelimit=0 \
	net.ipv6.icmp.ratelimit=0

# clients: as many clients as take seconds
clients()
{
	if slow_machine; then
		echo 300
	elif grep -qs 'model name.*UML' /proc/cpuinfo &&
		[ ! -e /proc/self/fail-nth ]; then
		echo 50000
	else
		echo 2000
	fi
}

export SRP_APP_FLOWS=${SRP_APP_FLOWS:-$(clients)}
run_python "$@"
