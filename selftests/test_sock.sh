#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions behind TCP and Unix sockets: each packet behind its length (RFC 4571),
# or one a message. The far end is a socket of this program's.
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
topo_peer
run_python "$@"
