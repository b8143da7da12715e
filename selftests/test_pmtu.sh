#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets that do not fit, packet by packet and with hosts: fragments where DF
# is clear, else the sender learns the MTU that really fits. Topology of the
# first half: topo_one.sh. Of the second, all links of 1500 octets but for the
# first, so that the labels that the proxies put on make the packets too big:
#
#     client       px (srproxy)                 server
#    +-------+    +--------------------+       +-------+
#    | e0    +----+ w0             w1  +-------+ e0    |
#    | 2000  |    | 2000         1500  |       | 1500  |
#    +-------+    |         w2         |       +-------+
#                 +----------+---------+
#                            | 1500, or less
#                        +---+---+
#                        |  r    |  a router of both families
#                        +-------+
#
#    stack there: 16021, then 901 902 903 904, of which the server pops all;
#    and back: 16021 905. Both ends route: what comes to them with the stack of
#    a packet but the address of its sender goes back.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/hosts.sh
. "$SELFTESTS/hosts.sh"

hosts()
{
	local n

	nodes client server r
	link_local client server px r
	for n in client server px r; do
		forwards $n
	done
	links <<-END
		client e0 02:00:00:00:41:02 px w0 02:00:00:00:41:01
		server e0 02:00:00:00:42:02 px w1 02:00:00:00:42:01
		px w2 02:00:00:00:43:01 r e0 02:00:00:00:43:02
	END
	for n in "client e0 41 2" "px w0 41 1" "server e0 42 2" "px w1 42 1" \
		"px w2 43 1" "r e0 43 2"; do
		# shellcheck disable=SC2086 # four words
		addresses $n
	done
	ip_node r <<-END
		route add default via 10.0.43.1
		route add default via 2001:db8:43::1
	END
	ip -n "$(ns px)" link set w0 mtu 2000
	ip -n "$(ns client)" link set e0 mtu 2000
}

# far_end NODE N FAR STACK OWN...: a host that is its own head and tail end
far_end()
{
	head_end "$1" "$2" "$3" "$4" && tail_end "$1" e0 "${@:5}"
}

require_srproxy
require ethtool
modprobe -q mpls_iptunnel
modprobe -q mpls_gso
modprobe -q mpls_router
topo_one 2
hosts
if ! { far_end client 41 42 16021/901/902/903/904 905 &&
	far_end server 42 41 16021/905 901 902 903 904; } 2>/dev/null; then
	export SRP_NO_LFIB=1
fi
run_python "$@"
