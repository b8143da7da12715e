#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tshark as the judge of what is on the wire: label stacks, pseudowires,
# fragments, VLAN tags and ICMP errors with their labels, as another program
# reads them. Topology: topo_one.sh
#
#      sw           px                      fn
#     [s0]---------[u0 uplink    v1..v5]---[f1..f5]    sid 16010+N: vnf nN
#     [s1]---------[u1
#
#   n1  match flow              n2 n3  inner ethernet, with control word
#   n4  match vlan 101-108      n5     mtu 1300

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
require tshark
topo_one 5
# Every frame of n2 and n3 counts, so the proxy says nothing there on its own.
in_node px sysctl -qw net.ipv6.conf.v2.disable_ipv6=1 net.ipv6.conf.v3.disable_ipv6=1
run_python "$@"
