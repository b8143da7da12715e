#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions behind sockets that come and go: srp-vnf-echo and the programs of
# the guide as far ends, killed and started anew, and `srproxyctl vnf keep`,
# which has to bring the function back each time. Topology: topo_far.sh

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
