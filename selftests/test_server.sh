#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions that are programs as they are in the distribution (dnsmasq, socat),
# and answers that are too large for one packet: they come in fragments, which
# are put together, and go on in fragments. Topology: topo_one.sh, and a host
#
#      sw           px                            fn (quiet)
#     [s0]---------[u0 uplink              v1]---[f1]
#                  [ 10.0.30.1/24          w1]---[g1 10.0.30.2/24         ] gn
#                  [ 2001:db8:30::1/64       ]   [   2001:db8:30::2/64    ]
#
#    pools 10.0.31.0/24, 2001:db8:31::/120: on the link, to gn

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
require ethtool socat dnsmasq
modprobe -q mpls_gso
topo_peer
ip_node gn <<-END
	route add 10.0.31.0/24 dev g1
	route add 2001:db8:31::/120 dev g1
END
# what leaves for the switch has its checksums
no_offloads px u0 u1 v1
in_node gn ethtool -K g1 tx off tso off gso off >/dev/null
folder FAR
run_python "$@"
