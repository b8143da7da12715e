#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ethernet payloads: pseudowires through functions that bridge. Topology:
# topo_one.sh, and a real bridge with a filter between two hosts, whose ends of
# the pseudowire are tap devices of pwe.py
#
#      sw           px                        fn (quiet)
#     [s0]---------[u0 uplink          v1]---[f1]   vnf, inner ethernet or -cw
#     [  ]         [                   v2]---[f2]
#     [  ]         [                   v3]---[f3]
#     [s1]---------[u1                 w1]---[b1 br0 b2] br
#     [  ]         [                   w2]------------'
#   pwe.py: ha pw0 10.9.0.1  ...  hb pw0 10.9.0.2

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
modprobe -aq tun bridge nft_meta_bridge 2>/dev/null
topo_one 3
in_node px sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.u0.input=1 \
	2>/dev/null || export SRP_NO_LFIB=1
# Every frame counts, so the proxy says nothing on its own.
for dev in u0 v1 v2 v3; do
	in_node px sysctl -qw "net.ipv6.conf.$dev.disable_ipv6=1"
done
nodes br ha hb
links <<-END
	px w1 02:00:00:00:31:01 br b1 02:00:00:00:31:02
	px w2 02:00:00:00:32:01 br b2 02:00:00:00:32:02
END
no_offloads br b1 b2
run_python "$@"
