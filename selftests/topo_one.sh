# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One proxy node; a switch and functions that are packet sockets of the test.
#
#   sw (quiet)           px (srproxy)                            fn (quiet)
#  +----------+         +-------------------------------+       +----------+
#  |       s0 +---------+ u0                         v1 +-------+ f1       |
#  | ..:00:02 |         | ..:00:01            ..:11:01  |       | ..:11:02 |
#  |          |         | 10.0.0.1/24                   |       |          |
#  |          |         | 2001:db8:a0::1/64          .. |   ..  |          |
#  |       s1 +---------+ u1                         vN +-------+ fN       |
#  | ..:0a:02 |         | ..:0a:01            ..:NN:01  |       | ..:NN:02 |
#  +----------+         | 10.0.10.1/24                  |       +----------+
#                       | 2001:db8:aa::1/64             |
#                       +-------------------------------+
#
# MACs begin with 02:00:00:00. px forwards; its default routes lead to s1 by
# permanent neighbours 10.0.10.2 and 2001:db8:aa::2.

# topo_one N: make it with N functions
topo_one()
{
	local i

	nodes px
	quiet_nodes sw fn
	{
		echo px u0 02:00:00:00:00:01 sw s0 02:00:00:00:00:02
		echo px u1 02:00:00:00:0a:01 sw s1 02:00:00:00:0a:02
		for ((i = 1; i <= $1; i++)); do
			printf 'px v%d 02:00:00:00:%02x:01 fn f%d 02:00:00:00:%02x:02\n' \
				"$i" $((i + 16)) "$i" $((i + 16))
		done
	} | links
	topo_one_addresses
}

topo_one_addresses()
{
	in_node px sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	ip_node px <<-END
		addr add 10.0.0.1/24 dev u0
		addr add 2001:db8:a0::1/64 dev u0
		addr add 10.0.10.1/24 dev u1
		addr add 2001:db8:aa::1/64 dev u1
		neigh add 10.0.10.2 lladdr 02:00:00:00:0a:02 dev u1
		neigh add 2001:db8:aa::2 lladdr 02:00:00:00:0a:02 dev u1
		route add default via 10.0.10.2
		route add default via 2001:db8:aa::2
	END
}
