#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sids with several instances: shares by weight, both directions of a session
# at one instance, what happens to sessions when instances go, come back and
# are drained, backups and fallbacks, the same sid at two proxies.
# Topology: topo_one.sh with six functions, and a second proxy
#
#      sw           px                            fn
#     [s0]---------[u0 uplink         v1..v6]----[f1..f6]
#     [s1]---------[u1                        ]
#                  [ d1..d4, later d5..d240: devices that take all and give nothing back ]
#
#                   py
#     [t0]---------[u0 uplink         v1    ]----[k1]
#
# SRP_GROUP_FLOWS says over how many flows shares are measured: 400,000 on plain
# User-Mode Linux, fewer elsewhere.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

second_proxy()
{
	nodes py
	links <<-END
		py u0 02:00:00:00:0b:01 sw t0 02:00:00:00:0b:02
		py v1 02:00:00:00:1b:01 fn k1 02:00:00:00:1b:02
	END
}

require_srproxy
modprobe -q dummy
modprobe -q mpls_router
topo_one 6
second_proxy
for i in {1..4}; do
	printf 'link add d%d type dummy\nlink set d%d up\n' "$i" "$i"
done | ip_node px || skip_all "no dummy devices"
in_node px sysctl -qw net.mpls.platform_labels=20000 net.mpls.conf.u0.input=1 \
	2>/dev/null || export SRP_NO_LFIB=1
# nothing may be lost before the proxy
sysctl -qw net.core.netdev_max_backlog=200000
export SRP_GROUP_FLOWS=${SRP_GROUP_FLOWS:-$(how_many 400000 8000 8000)}
export SRP_CASE_SECONDS=${SRP_CASE_SECONDS:-400}
run_python "$@"
