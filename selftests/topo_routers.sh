# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two hosts that are their own head and tail ends, a proxy, and three functions
# that are routers: kernels of their own.
#
#     cl                    pr (srproxy)                   sv
#    +---------+           +--------------------+        +---------+
#    | e0      +-----------+ c0             c1  +--------+ e0      |
#    | .1.2    |           | via .2.2  via .1.2 |        | .2.2    |
#    +---------+           |  w1     w2      w3 |        +---------+
#    901 is cl's           +--+------+-------+--+        900 is sv's
#                             |      |       |
#                          +--+-+ +--+-+ +---+-+    ct keeps track of connections
#                          | ct | | rt | | sm  |    and so makes datagrams whole,
#                          +----+ +----+ +-----+    sm has routes of a smaller
#                                                   MTU, 1280
#    nets: 10.0.1.0/24 cl, 10.0.2.0/24 sv, 10.0.3.0/24 ct, .4 rt, .5 sm;
#    2001:db8:N::/64 likewise. sids: 16001 ct, 16002 rt, 16003 sm

# shellcheck source=selftests/hosts.sh
. "$SELFTESTS/hosts.sh"

# one_armed NODE N: a router, everything back to the proxy
one_armed()
{
	forwards "$1" e0
	addresses "$1" e0 "$2" 2
	ip_node "$1" <<-END
		route add default via 10.0.$2.1
		route add default via 2001:db8:$2::1
	END
}

# far_end NODE N OWN: a host that is its own head and tail end, and a router:
# what comes for the other end by mistake goes on
far_end()
{
	addresses "$1" e0 "$2" 2
	forwards "$1"
	tail_end "$1" e0 "$3"
}

build_routers()
{
	local n

	nodes cl sv pr ct rt sm
	link_local cl sv pr ct rt sm
	for n in cl sv pr ct rt sm; do
		in_node "$n" sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	done
	links <<-END
		cl e0 02:00:00:00:01:02 pr c0 02:00:00:00:01:01
		sv e0 02:00:00:00:02:02 pr c1 02:00:00:00:02:01
		pr w1 02:00:00:00:03:01 ct e0 02:00:00:00:03:02
		pr w2 02:00:00:00:04:01 rt e0 02:00:00:00:04:02
		pr w3 02:00:00:00:05:01 sm e0 02:00:00:00:05:02
	END
	for n in "c0 1" "c1 2" "w1 3" "w2 4" "w3 5"; do
		addresses pr "${n% *}" "${n#* }" 1
	done
	one_armed ct 3
	one_armed rt 4
	one_armed sm 5
	ip_node sm <<-END
		route replace default via 10.0.5.1 mtu lock 1280
		route replace default via 2001:db8:5::1 mtu 1280
	END
	far_end cl 1 901
	far_end sv 2 900
}

# topo_routers: make it, or say by SRP_NO_ROUTERS, SRP_NO_CT what is missing
topo_routers()
{
	modprobe -q mpls_iptunnel
	modprobe -q mpls_router
	if [ ! -d /proc/sys/net/mpls ] || ! build_routers; then
		export SRP_NO_ROUTERS=1
		return
	fi
	in_node ct nft -f - <<-END || export SRP_NO_CT=1
		table inet t {
			chain c {
				type filter hook prerouting priority 0
				ct state new counter
			}
		}
	END
	ctl pr <<-END || exit 1
		uplink add dev c0 egress via inet 10.0.2.2 dev c1
		uplink add dev c1 egress via inet 10.0.1.2 dev c0
		vnf add ct dev w1 via inet 10.0.3.2
		vnf add rt dev w2 via inet6 2001:db8:4::2
		vnf add sm dev w3 via inet 10.0.5.2
		sid add 16001 vnf ct
		sid add 16002 vnf rt
		sid add 16003 vnf sm
	END
}
