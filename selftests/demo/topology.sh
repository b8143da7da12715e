# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration's network: namespaces, links, addresses, labels. Sourced by
# demo.sh, which prints the picture.

# What each label means. Both directions have their own stacks.
FIREWALL=16010 SHAPER=16020 SHAPER_BACK=16021 IPS=16030 IPS_BACK=16031
TO_CLIENT=16901 TO_SERVER=16902
# shellcheck disable=SC2034 # for demo.sh
THERE=$FIREWALL/$SHAPER/$IPS/$TO_SERVER
# shellcheck disable=SC2034 # for demo.sh
BACK=$IPS_BACK/$SHAPER_BACK/$FIREWALL/$TO_CLIENT

picture()
{
	cat <<-'END'

	   client            head end a            SR router             head end b          server
	  +---------+       +-----------+       +-------------+         +-----------+       +---------+
	  | 10.1.0.2|-------|   ea      |-------|     sr      |---------|   eb      |-------| 10.2.0.2|
	  | :db8:1:2|       | encap mpls|       | mpls_router |         | encap mpls|       | :db8:2:2|
	  +---------+       +-----------+       +------+------+         +-----------+       +---------+
	                                               |  |
	                          +--------------------+  +-------------------+
	                          |                                           |
	                   +------+-------+                            +------+------+
	                   |   pa         |  proxy nodes: srproxy.ko   |   pb        |
	                   +-+----+-----+-+                            +-+---------+-+
	                   v1|  v2|     |v3                            v1|         |v2
	                +----+-+ ++-----+---+                         +--+---------+--+
	                |  fw  | |  shaper  |   functions that know   |      ips      |
	                |  nft | | tc htb   |   nothing of labels     |   suricata    |
	                +------+ +----------+                         +---------------+

	  label  means                                       label  means
	  16010  firewall at pa, either direction            16901  head end a, for the client
	  16020  shaper at pa     16021  its way back        16902  head end b, for the server
	  16030  ips at pb        16031  its way back

	  client to server: 16010 16020 16030 16902      server to client: 16031 16021 16010 16901

	END
}

build_links()
{
	local n

	nodes client server ea eb sr pa pb fw sh
	# the hosts and routers have link-local addresses, as anywhere
	link_local client server ea eb sr pa fw sh
	quiet_nodes ips
	links <<-END
		client e0 02:00:00:01:00:02 ea c0 02:00:00:01:00:01
		server e0 02:00:00:02:00:02 eb c0 02:00:00:02:00:01
		ea core 02:00:00:0c:01:02 sr ea 02:00:00:0c:01:01
		eb core 02:00:00:0c:02:02 sr eb 02:00:00:0c:02:01
		pa core 02:00:00:0c:03:02 sr pa 02:00:00:0c:03:01
		pb core 02:00:00:0c:04:02 sr pb 02:00:00:0c:04:01
		pa v1 02:00:00:0f:01:01 fw e0 02:00:00:0f:01:02
		pa v2 02:00:00:0f:02:01 sh e0 02:00:00:0f:02:02
		pa v3 02:00:00:0f:03:01 sh e1 02:00:00:0f:03:02
		pb v1 02:00:00:0f:04:01 ips e0 02:00:00:0f:04:02
		pb v2 02:00:00:0f:05:01 ips e1 02:00:00:0f:05:02
	END
	for n in ea eb pa pb; do
		ip_node "$n" link set core mtu 1600
		ip_node sr link set "$n" mtu 1600
	done
	# An inline program copies what a wire would carry.
	no_offloads client e0
	no_offloads server e0
	no_offloads ips e0 e1
}

# host NODE NET: an end host on 10.NET.0.0/24 and 2001:db8:NET::/64
host()
{
	ip_node "$1" <<-END
		addr add 10.$2.0.2/24 dev e0
		addr add 2001:db8:$2::2/64 dev e0
		route add default via 10.$2.0.1
		route add default via 2001:db8:$2::1
	END
}

# head_end NODE NET FAR STACK: pushes STACK on what goes to 10.FAR.0.0/24
head_end()
{
	forwards "$1" c0 core
	ip_node "$1" <<-END
		addr add 10.$2.0.1/24 dev c0
		addr add 2001:db8:$2::1/64 dev c0
		addr add 10.0.$2.2/24 dev core
		addr add 2001:db8:c$2::2/64 dev core
		route add 10.$3.0.0/24 encap mpls $4 via inet 10.0.$2.1 dev core
		route add 2001:db8:$3::/64 encap mpls $4 via inet6 2001:db8:c$2::1 dev core
	END
}

sr_router()
{
	local l n

	forwards sr ea eb pa pb
	in_node sr sysctl -qw net.mpls.platform_labels=100000
	for n in "ea 1" "eb 2" "pa 3" "pb 4"; do
		in_node sr sysctl -qw "net.mpls.conf.${n% *}.input=1"
		ip_node sr addr add "10.0.${n#* }.1/24" dev "${n% *}"
		ip_node sr addr add "2001:db8:c${n#* }::1/64" dev "${n% *}"
	done
	{
		for l in $FIREWALL $SHAPER $SHAPER_BACK; do
			echo "route add $l as $l via inet 10.0.3.2 dev pa"
		done
		for l in $IPS $IPS_BACK; do
			echo "route add $l as $l via inet 10.0.4.2 dev pb"
		done
		echo "route add $TO_CLIENT via inet 10.0.1.2 dev ea"
		echo "route add $TO_SERVER via inet 10.0.2.2 dev eb"
	} | ip -f mpls -n "$(ns sr)" -b -
}

proxy_nodes()
{
	ip_node pa <<-END
		addr add 10.0.3.2/24 dev core
		addr add 10.3.1.1/24 dev v1
		addr add 2001:db8:31::1/64 dev v1
		addr add 10.3.2.1/24 dev v2
		addr add 2001:db8:32::1/64 dev v2
		addr add 10.3.3.1/24 dev v3
		addr add 2001:db8:33::1/64 dev v3
	END
	ip_node pb addr add 10.0.4.2/24 dev core
	ctl pa <<-END
		uplink add dev core
		vnf add firewall dev v1 via inet 10.3.1.2
		vnf add shaper dev v2 in v3 via inet 10.3.2.2
		vnf add shaper-back dev v3 in v2 via inet 10.3.3.2
		sid add $FIREWALL vnf firewall
		sid add $SHAPER vnf shaper
		sid add $SHAPER_BACK vnf shaper-back
	END
	ctl pb <<-END
		uplink add dev core
		vnf add ips dev v1 in v2 lladdr 02:00:00:0f:05:01
		vnf add ips-back dev v2 in v1 lladdr 02:00:00:0f:04:01
		sid add $IPS vnf ips
		sid add $IPS_BACK vnf ips-back
	END
}
