#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# traceroute(8) through a chain of two proxies: each is a hop, and says which
# labels the probe had. The functions are bridges, no hops.
#
#     client        pa (srproxy)          pb (srproxy)         server
#    +-------+     +------------+        +------------+       +-------+
#    | e0    +-----+ u0      u1 +--------+ u0      u1 +-------+ e0    |
#    | .51.2 |     | .51.1 .52.1|        |.52.2 .53.1 |       | .53.2 |
#    +-------+     |  v1    v2  |        |  v1    v2  |       +-------+
#                  +--+------+--+        +--+------+--+
#                   +-+------+-+          +-+------+-+
#                   |    fa    |          |    fb    |
#                   +----------+          +----------+
#
#    What pa itself says comes back to it: it has to take its own address as a
#    source (accept_local).
#
#    stack there: 16031 (pa) 16032 (pb), then pb routes by IP
#    and back: by IP, pb and pa are routers

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/hosts.sh
. "$SELFTESTS/hosts.sh"

bridge()
{
	ip_node "$1" <<-END
		link add br0 type bridge
		link set e0 master br0
		link set e1 master br0
		link set br0 up
	END
}

build()
{
	local n

	nodes client server pa pb
	quiet_nodes fa fb
	link_local client server pa pb
	for n in client server pa pb; do
		forwards $n
	done
	links <<-END
		client e0 02:00:00:00:51:02 pa u0 02:00:00:00:51:01
		pa u1 02:00:00:00:52:01 pb u0 02:00:00:00:52:02
		pb u1 02:00:00:00:53:01 server e0 02:00:00:00:53:02
		pa v1 02:00:00:00:54:01 fa e0 02:00:00:00:54:02
		pa v2 02:00:00:00:55:01 fa e1 02:00:00:00:55:02
		pb v1 02:00:00:00:56:01 fb e0 02:00:00:00:56:02
		pb v2 02:00:00:00:57:01 fb e1 02:00:00:00:57:02
	END
	in_node pa sysctl -qw net.ipv4.conf.u1.accept_local=1
	bridge fa
	bridge fb
	for n in "client e0 51 2" "pa u0 51 1" "pa u1 52 1" "pb u0 52 2" \
		"pb u1 53 1" "server e0 53 2"; do
		# shellcheck disable=SC2086 # four words
		addresses $n
	done
	routes
}

routes()
{
	head_end client 51 53 16031/16032 || skip_all "no encap mpls"
	ip_node client <<-END
		route add 10.0.52.0/24 via 10.0.51.1
		route add 2001:db8:52::/64 via 2001:db8:51::1
	END
	ip_node server <<-END
		route add default via 10.0.53.1
		route add default via 2001:db8:53::1
	END
	ip_node pb <<-END
		route add 10.0.51.0/24 via 10.0.52.1
		route add 2001:db8:51::/64 via 2001:db8:52::1
	END
}

require_srproxy
require traceroute
modprobe -q mpls_iptunnel
modprobe -q mpls_router
build
ctl pa <<-END || exit 1
	uplink add dev u0 egress via inet 10.0.52.2 dev u1
	vnf add f dev v1 in v2 lladdr 02:00:00:00:55:01
	sid add 16031 vnf f
END
ctl pb <<-END || exit 1
	uplink add dev u0
	vnf add f dev v1 in v2 lladdr 02:00:00:00:57:01
	sid add 16032 vnf f
END
run_python "$@"
