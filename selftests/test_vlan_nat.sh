#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real functions that rewrite addresses, each shared by eight chains: nftables
# with masquerade, and HAProxy as a transparent HTTP proxy. Both as
# Documentation/vnf-guide.md has it.
#
#      sw (quiet)       px (srproxy)                nf, a NAT or a proxy
#     [s0]-------------[u0 uplink     v1]----------[e0   e0.101 ... e0.116]
#     [s1]-------------[u1              ]

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

FIRST=101
LAST=116
PX_MAC=02:00:00:00:11:01

# What comes in by a VLAN goes out by the same VLAN.
function_links()
{
	local id

	for ((id = FIRST; id <= LAST; id++)); do
		cat <<-END
			link add link e0 name e0.$id type vlan id $id
			link set e0.$id up
			addr add 203.0.113.1/32 dev e0.$id
			neigh add 10.3.1.1 lladdr $PX_MAC dev e0.$id
			route add default via 10.3.1.1 dev e0.$id onlink table $id
			rule add iif e0.$id lookup $id
			rule add oif e0.$id lookup $id
		END
	done
}

# "e0.101" : 101, ...
zones()
{
	local id

	for ((id = FIRST; id <= LAST; id++)); do
		printf '"e0.%d" : %d,' "$id" "$id"
	done
}

ruleset_nat()
{
	cat <<-END
		table ip nat {
			chain zones {
				type filter hook prerouting priority raw;
				ct original zone set iifname map { $(zones) }
			}
			chain out {
				type nat hook postrouting priority srcnat;
				ip saddr 10.0.0.0/8 masquerade
			}
		}
	END
}

ruleset_proxy()
{
	local id

	cat <<-END
		table ip proxy {
			chain in_zones {
				type filter hook prerouting priority raw;
				ct zone set iifname map { $(zones) }
			}
			chain out_zones {
				type filter hook output priority raw;
				ct zone set oifname map { $(zones) }
			}
			chain in {
				type nat hook prerouting priority dstnat;
	END
	for ((id = FIRST; id <= LAST; id++)); do
		echo "iifname e0.$id ip saddr 10.0.0.0/8 tcp dport 80" \
			"redirect to :$((8000 + id))"
	done
	printf '}\n}\n'
}

haproxy_config()
{
	local id

	cat <<-END
		global
			maxconn 200
			nbthread 1
		defaults
			mode http
			timeout client 20s
			timeout server 20s
			timeout connect 20s
	END
	for ((id = FIRST; id <= LAST; id++)); do
		cat <<-END
			listen chain$id
				bind :$((8000 + id)) interface e0.$id
				source 0.0.0.0 interface e0.$id
				server origin 198.51.100.80:80
		END
	done
}

require_srproxy
require nft haproxy
topo_one 0
nodes nf
links <<<"px v1 $PX_MAC nf e0 02:00:00:00:11:02"
no_offloads px v1 u0
no_offloads nf e0
in_node nf sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
	net.ipv4.conf.default.rp_filter=0 2>/dev/null
function_links | ip_node nf || skip_all "no VLAN interfaces or rules here"
ruleset_nat | in_node nf nft -f - || skip_all "no NAT here"
in_node nf nft flush ruleset

SRP_WORK=$(mktemp -d)
FILES+=("$SRP_WORK")
export SRP_WORK
ruleset_nat >"$SRP_WORK/nat"
ruleset_proxy >"$SRP_WORK/proxy"
haproxy_config >"$SRP_WORK/haproxy"
run_python "$@"
