# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A switch that is a packet socket, a proxy, and functions that are routers:
# kernels of their own, which answer ARP and ND and forward probes, however slow
# the machine is.
#
#      sw (quiet)      px (srproxy)            fN
#     +----+          +----------------+      +-------+
#     | s0 +----------+ u0          w1 +------+ e0 f1 |
#     +----+          |                |      +-------+
#                     |             wN +------+ e0 fN |
#                     +----------------+      +-------+
#
#     nets: 10.0.N.0/24 and 2001:db8:N::/64, px .1, fN .2
#     MACs: 02:00:00:00:1N:01 and :02; u0 02:00:00:00:00:01, s0 ..:02

# shellcheck source=selftests/hosts.sh
. "$SELFTESTS/hosts.sh"

# function_of N: a router, everything back to the proxy
function_of()
{
	forwards "f$1" e0
	addresses "f$1" e0 "$1" 2
	ip_node "f$1" <<-END
		route add default via 10.0.$1.1
		route add default via 2001:db8:$1::1
	END
}

# topo_health N: make it with N functions
topo_health()
{
	local i

	quiet_nodes sw
	nodes px
	for ((i = 1; i <= $1; i++)); do
		nodes "f$i"
	done
	{
		echo px u0 02:00:00:00:00:01 sw s0 02:00:00:00:00:02
		for ((i = 1; i <= $1; i++)); do
			printf 'px w%d 02:00:00:00:%02x:01 ' "$i" $((i + 16))
			printf 'f%d e0 02:00:00:00:%02x:02\n' "$i" $((i + 16))
		done
	} | links
	in_node px sysctl -qw net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0
	for ((i = 1; i <= $1; i++)); do
		addresses px "w$i" "$i" 1
		function_of "$i"
	done
}
