#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Probes of functions behind sockets, and of apps: one that was killed behind
# UDP, or hangs behind TCP or a Unix socket, or whose machine is gone, is found
# to be down; its traffic goes elsewhere, and comes back when it does.
# Topology: topo_far.sh, n1 on v1 being the backup

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
require srp-vnf-echo
topo_far
folder FAR
run_python "$@"
