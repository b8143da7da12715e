#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fragments from functions behind sockets: in any order, those that come before
# their first held until it comes, or for a moment; and the function, or the
# device that they came by, going meanwhile. The far ends are sockets of this
# program's. Topology: topo_one.sh, and topo_peer's host gn, see topo_far.sh

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
topo_peer
run_python "$@"
