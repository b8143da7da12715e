# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration's three functions, as they come: nothing in here knows of
# labels or of the proxy. Sourced by demo.sh.

DEMO=${BASH_SOURCE[0]%/*}
IPS_ROOT=$REPO/build/demo/ips

# A stateful firewall with one interface, on which it also sends back.
start_firewall()
{
	forwards fw e0
	ip_node fw <<-END
		addr add 10.3.1.2/24 dev e0
		addr add 2001:db8:31::2/64 dev e0
		route add default via 10.3.1.1
		route add default via 2001:db8:31::1
	END
	in_node fw nft -f "$DEMO/firewall.nft"
}

# A Linux router between two interfaces that holds traffic to a rate.
start_shaper()
{
	local i

	forwards sh e0 e1
	ip_node sh <<-END
		addr add 10.3.2.2/24 dev e0
		addr add 2001:db8:32::2/64 dev e0
		addr add 10.3.3.2/24 dev e1
		addr add 2001:db8:33::2/64 dev e1
		route add 10.1.0.0/24 via 10.3.2.1
		route add 2001:db8:1::/64 via 2001:db8:32::1
		route add 10.2.0.0/24 via 10.3.3.1
		route add 2001:db8:2::/64 via 2001:db8:33::1
	END
	for i in e0 e1; do
		in_node sh tc qdisc add dev $i root handle 1: htb default 1
		in_node sh tc class add dev $i parent 1: classid 1:1 \
			htb rate 40mbit burst 64k
		in_node sh tc qdisc add dev $i parent 1:1 pfifo limit 1000
	done
}

# Suricata inline: it copies packets from each interface to the other.
start_ips()
{
	mkdir -p "$WORK/ips"
	background env "LD_LIBRARY_PATH=$IPS_ROOT/usr/lib/x86_64-linux-gnu" \
		ip netns exec "$(ns ips)" "$IPS_ROOT/usr/bin/suricata" \
		-c "$DEMO/suricata.yaml" --af-packet -S "$DEMO/ips.rules" \
		-l "$WORK/ips" \
		--set classification-file="$IPS_ROOT/etc/suricata/classification.config" \
		--set reference-config-file="$IPS_ROOT/etc/suricata/reference.config" \
		--set threshold-file="$WORK/ips/threshold.config" \
		>"$WORK/ips/log" 2>&1
	: >"$WORK/ips/threshold.config"
}

ips_runs()
{
	grep -q 'Engine started' "$WORK/ips/log"
}
