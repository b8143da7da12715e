#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every allocation may fail for functions behind sockets, too: a request that
# fails for it has changed nothing and left no connection, packets that are lost
# for it are counted, and what was connected goes on. As test_fault.sh for a
# kernel with fault injection. Topology: topo_far.sh's topo_peer; the far ends
# are programs, srp-vnf-echo, on gn

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
require srp-vnf-echo
require_faults
topo_peer
ip_node gn <<-END
	route add 10.0.31.0/24 dev g1
	route add 2001:db8:31::/120 dev g1
END
no_offloads px u0 u1 v1
folder FAR
run_python "$@"
