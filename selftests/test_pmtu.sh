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

hosts()
{
	local n

	nodes client server r
	for n in client server px r; do
		in_node "$n" sysctl -qw net.ipv6.conf.default.addr_gen_mode=0 \
			net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	links <<-END
		client e0 02:00:00:00:41:02 px w0 02:00:00:00:41:01
		server e0 02:00:00:00:42:02 px w1 02:00:00:00:42:01
		px w2 02:00:00:00:43:01 r e0 02:00:00:00:43:02
	END
	for n in "client e0 41 2" "px w0 41 1" "server e0 42 2" "px w1 42 1" \
		"px w2 43 1" "r e0 43 2"; do
		# shellcheck disable=SC2086 # four words
		set -- $n
		ip_node "$1" <<-END
			addr add 10.0.$3.$4/24 dev $2
			addr add 2001:db8:$3::$4/64 dev $2
		END
	done
	ip_node r <<-END
		route add default via 10.0.43.1
		route add default via 2001:db8:43::1
	END
	in_node r sysctl -qw net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.e0.send_redirects=0
	ip -n "$(ns px)" link set w0 mtu 2000
	ip -n "$(ns client)" link set e0 mtu 2000
}

# head_end NODE N FAR STACK OWN...: the labels that it pops are OWN
head_end()
{
	local label

	ip_node "$1" <<-END || return
		route add 10.0.$3.0/24 encap mpls $4 via inet 10.0.$2.1 dev e0
		route add 2001:db8:$3::/64 encap mpls $4 via inet6 2001:db8:$2::1 dev e0
	END
	in_node "$1" sysctl -qw net.mpls.platform_labels=1000 \
		net.mpls.conf.e0.input=1 net.mpls.conf.lo.input=1 \
		net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.e0.rp_filter=0 net.ipv4.conf.lo.rp_filter=0
	for label in "${@:5}"; do
		ip -f mpls -n "$(ns "$1")" route add "$label" dev lo
	done
}

require_srproxy
require ethtool
modprobe -q mpls_iptunnel
modprobe -q mpls_gso
modprobe -q mpls_router
topo_one 2
hosts
if ! { head_end client 41 42 16021/901/902/903/904 905 &&
	head_end server 42 41 16021/905 901 902 903 904; } 2>/dev/null; then
	export SRP_NO_LFIB=1
fi
run_python "$@"
