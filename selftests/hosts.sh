# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nodes that are real hosts and routers: kernels of their own, addresses of
# both families. To be read after lib.sh.

# link_local NODE...: their links get link-local addresses, as anywhere; quiet
# ones for bare packets do not
link_local()
{
	local n

	for n; do
		in_node "$n" sysctl -qw net.ipv6.conf.default.addr_gen_mode=0
	done
}

# addresses NODE IF N HOST: one of each family
addresses()
{
	ip_node "$1" <<-END
		addr add 10.0.$3.$4/24 dev $2
		addr add 2001:db8:$3::$4/64 dev $2
	END
}

# forwards NODE [IF...]: a router of both families, that says nothing of better
# ways and believes every source; IFs that are there already as well
forwards()
{
	local i node=$1

	shift
	in_node "$node" sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.default.send_redirects=0
	for i; do
		in_node "$node" sysctl -qw "net.ipv4.conf.$i.send_redirects=0" \
			"net.ipv4.conf.$i.rp_filter=0"
	done
}

# head_end NODE N FAR STACK: a host on net N, by e0, pushes STACK on what goes
# to net FAR
head_end()
{
	ip_node "$1" <<-END
		route add 10.0.$3.0/24 encap mpls $4 via inet 10.0.$2.1 dev e0
		route add 2001:db8:$3::/64 encap mpls $4 via inet6 2001:db8:$2::1 dev e0
	END
}

# tail_end NODE IF LABEL...: labelled packets are taken from IF, what is below
# the LABELs is its own
tail_end()
{
	local label

	in_node "$1" sysctl -qw net.mpls.platform_labels=1000 \
		"net.mpls.conf.$2.input=1" net.mpls.conf.lo.input=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lo.rp_filter=0 "net.ipv4.conf.$2.rp_filter=0"
	for label in "${@:3}"; do
		ip -f mpls -n "$(ns "$1")" route add "$label" dev lo
	done
}
