#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions behind UDP sockets: one IP packet a datagram, with nothing before
# it. The far end is a socket of this program's, or a fou tunnel of Linux.
# Topology: topo_one.sh, and a host with an IP stack
#
#      sw           px                            fn (quiet)
#     [s0]---------[u0 uplink              v1]---[f1]
#                  [ 10.0.30.1/24          w1]---[g1 10.0.30.2/24         ] gn
#                  [ 2001:db8:30::1/64       ]   [   2001:db8:30::2/64    ]

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
require ethtool
topo_peer
# datagrams are looked at as they are on the wire
in_node px ethtool -K w1 tx off tso off gso off >/dev/null
in_node gn ethtool -K g1 tx off tso off gso off >/dev/null
in_node gn sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
run_python "$@"
