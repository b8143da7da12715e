#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What hosts really send: TCP in large segments (GSO), UDP, fragments, pings,
# through functions that are kernels of their own. Head ends push stacks by
# `encap mpls`, the far end's LFIB pops the last label.
#
#     client                px (srproxy)                  server
#    +---------+           +--------------------+        +---------+
#    | e0      +-----------+ u0             u1  +--------+ e0      |
#    | .1.2    |           | via .2.2  via .1.2 |        | .2.2    |
#    +---------+           |  v1     v2      v3 |        +---------+
#    pushes 16001 16002    +--+------+-------+--+        pushes 16003 16001
#    900; 901 is its own      |      |       |           901; 900 is its own
#                          +--+--+ +-+-------+-+
#                          | r1  | |    r2     |         routers of both families
#                          +-----+ +-----------+         r2 has two arms
#
#    nets: 10.0.1.0/24 client, 10.0.2.0/24 server, 10.0.3.0/24 r1,
#    10.0.4.0/24 and 10.0.5.0/24 r2; 2001:db8:N::/64 likewise

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/hosts.sh
. "$SELFTESTS/hosts.sh"

# far_end NODE N FAR STACK OWN: a host that is its own head and tail end
far_end()
{
	addresses "$1" e0 "$2" 2
	head_end "$1" "$2" "$3" "$4"
	tail_end "$1" e0 "$5"
}

build()
{
	local n

	nodes client server px r1 r2
	link_local client server px r1 r2
	forwards r1
	forwards r2
	links <<-END
		client e0 02:00:00:00:01:02 px u0 02:00:00:00:01:01
		server e0 02:00:00:00:02:02 px u1 02:00:00:00:02:01
		px v1 02:00:00:00:03:01 r1 e0 02:00:00:00:03:02
		px v2 02:00:00:00:04:01 r2 e0 02:00:00:00:04:02
		px v3 02:00:00:00:05:01 r2 e1 02:00:00:00:05:02
	END
	for n in "u0 1" "u1 2" "v1 3" "v2 4" "v3 5"; do
		addresses px "${n% *}" "${n#* }" 1
	done
	addresses r1 e0 3 2
	addresses r2 e0 4 2
	addresses r2 e1 5 2
	ip_node r1 <<-END
		route add default via 10.0.3.1
		route add default via 2001:db8:3::1
	END
	ip_node r2 <<-END
		route add 10.0.1.0/24 via 10.0.4.1
		route add 2001:db8:1::/64 via 2001:db8:4::1
		route add 10.0.2.0/24 via 10.0.5.1
		route add 2001:db8:2::/64 via 2001:db8:5::1
	END
	far_end client 1 2 16001/16002/900 901
	far_end server 2 1 16003/16001/901 900
}

require_srproxy
require ethtool iperf3 ss curl
! slow_machine || export SRP_TRAFFIC_OCTETS=${SRP_TRAFFIC_OCTETS:-500000}
modprobe -q mpls_iptunnel
modprobe -q mpls_gso
modprobe -q mpls_router
[ -d /proc/sys/net/mpls ] || skip_all "no mpls_router"
build || skip_all "no encap mpls"
ctl px <<-END || exit 1
	uplink add dev u0 egress via inet 10.0.2.2 dev u1
	uplink add dev u1 egress via inet6 2001:db8:1::2 dev u0
	vnf add r1 dev v1 via inet 10.0.3.2
	vnf add r2 dev v2 in v3 via inet6 2001:db8:4::2
	vnf add r2-back dev v3 in v2 via inet 10.0.5.2
	sid add 16001 vnf r1
	sid add 16002 vnf r2
	sid add 16003 vnf r2-back
END
run_python "$@"
