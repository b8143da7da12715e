#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh: the main job of the proxy, shown. Real traffic of a client and a
# server runs through three unmodified functions behind two proxy nodes; every
# octet is checked. Exit 0 only if none was lost.
#
# Run as root where srproxy.ko is loaded: `make demo` does so in a VM, after
# get-ips.sh on the host. SRP_DEMO_MB (4) is the size of the download.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/hosts.sh
. "$SELFTESTS/hosts.sh"
# shellcheck source=selftests/demo/topology.sh
. "$SELFTESTS/demo/topology.sh"
# shellcheck source=selftests/demo/functions.sh
. "$SELFTESTS/demo/functions.sh"

MB=${SRP_DEMO_MB:-4}
START=$EPOCHREALTIME

# step TEXT...: with the time since the start
step()
{
	local t=$(((${EPOCHREALTIME/[^0-9]/} - ${START/[^0-9]/}) / 100000))

	printf '\n[%4d.%d s] %s\n' $((t / 10)) $((t % 10)) "$*"
}

# failed TEXT...: the end of it
failed()
{
	step "FAILED: $*"
	tail -n 5 "$WORK/ips/log" 2>/dev/null
	for n in pa pb; do
		echo "--- $n"
		ctl "$n" stats
		ctl "$n" -s vnf show
	done
	exit 1
}

reaches()
{
	in_node client ping -c 1 -W 1 "$1" >/dev/null 2>&1
}

answers()
{
	in_node client curl -sg -o /dev/null -m 2 "http://$1/small"
}

start_server()
{
	mkdir -p "$WORK/www"
	head -c "${MB}M" /dev/urandom >"$WORK/www/file"
	echo small >"$WORK/www/small"
	background in_node server busybox httpd -f -p 80 -h "$WORK/www"
	background in_node server "$PYTHON" "$SELFTESTS/demo/udp.py" serve 7 \
		>"$WORK/udp"
}

download()
{
	local want got

	want=$(sha256sum <"$WORK/www/file")
	got=$(in_node client curl -sSg -m 300 "http://$1/file" | sha256sum)
	[ "$got" = "$want" ] || failed "the file came changed: $got, not $want"
	echo "    $MB MiB, sha256 ${got%% *}: the same at both ends"
}

udp_echo()
{
	in_node client "$PYTHON" "$SELFTESTS/demo/udp.py" check "$1" 7 "$2" ||
		failed "UDP to $1"
}

walk()
{
	"$PYTHON" "$SELFTESTS/demo/walk.py" "$WORK/walk-$2.pcap" "$1" ||
		failed "the walk to $1"
}

# The functions are no passive wires: each does what it is for.
functions_work()
{
	local before

	echo "    the firewall: a connection that the server begins does not pass"
	! in_node server timeout 2 bash -c 'exec 3<>/dev/tcp/10.1.0.2/80' 2>/dev/null ||
		failed "the firewall let it pass"
	in_node fw nft list chain inet firewall forward | grep counter |
		sed 's/^[[:space:]]*/        /'
	echo "    the ips: a datagram with an attack in it does not reach the server"
	before=$(in_node client "$PYTHON" - <<-'END'
		import socket
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.settimeout(1.5)
		s.sendto(b"exploit-me-now", ("10.2.0.2", 7))
		try:
		    print(s.recv(100))
		except socket.timeout:
		    print("no answer")
	END
	)
	[ "$before" = "no answer" ] || failed "the ips let it pass: $before"
	sed 's/^/        /' "$WORK/ips/fast.log"
	grep -q Drop "$WORK/ips/fast.log" || failed "the ips did not see it"
	echo "    the shaper: what it has sent"
	in_node sh tc -s class show dev e0 | sed -n '2s/^ */        e0: /p'
	in_node sh tc -s class show dev e1 | sed -n '2s/^ */        e1: /p'
}


show_counters()
{
	local n drops

	for n in pa pb; do
		echo "    --- $n"
		ctl "$n" -s uplink show | sed 's/^/    /'
		ctl "$n" -s vnf show | sed 's/^/    /'
		ctl "$n" -s sid show | sed 's/^/    /'
		drops=$(ledger "${BEFORE[$n]}" "$(counters "$n")" 0 2>&1) ||
			failed "the ledger of $n: $drops"
		# the functions' own stacks join multicast groups, for nobody
		[ -z "${drops//vnf_miss [0-9]*/}" ] || failed "$n dropped: $drops"
		echo "    $n: taken = delivered + dropped; dropped: ${drops:-none}"
	done
}

declare -A BEFORE
require srproxyctl ip nft tc curl busybox tshark jq ethtool
[ -x "$IPS_ROOT/usr/bin/suricata" ] ||
	failed "no Suricata: run selftests/demo/get-ips.sh first"
require_srproxy
WORK=$(mktemp -d /tmp/srp-demo.XXXXXX)
FILES+=("$WORK")

echo "srproxy: labelled packets through unmodified functions"
echo "kernel $(uname -r), $(srproxyctl -V)"
picture
step "namespaces, links, addresses"
build_links
start_ips
forwards pa
forwards pb
host client 1
host server 2
head_end ea 1 2 $THERE
head_end eb 2 1 $BACK
sr_router
step "the functions: nftables, a shaping router, Suricata"
start_firewall
start_shaper
step "the proxy nodes"
proxy_nodes
start_server
ctl pa vnf show
ctl pb vnf show
wait_for 120 ips_runs || failed "Suricata does not start"
step "Suricata runs; waiting until the server answers"
wait_for 30 answers 10.2.0.2 || failed "no answer by IPv4"
wait_for 30 answers '[2001:db8:2::2]' || failed "no answer by IPv6"
for n in pa pb; do
	BEFORE[$n]=$(counters "$n")
done
step "an HTTP download by IPv4"
download 10.2.0.2
step "an HTTP download by IPv6"
download '[2001:db8:2::2]'
step "UDP both ways by IPv4"
udp_echo 10.2.0.2 1000
step "UDP both ways by IPv6"
udp_echo 2001:db8:2::2 1000
step "the walk of one packet by IPv4"
walk 10.2.0.2 4
step "the walk of one packet by IPv6"
walk 2001:db8:2::2 6
step "what the functions did"
functions_work
step "the counters"
show_counters
step "done: not an octet was lost"
