#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# match vlan: the tag names the stack, so the function may rewrite what it
# likes. Topology: topo_one.sh, 3 functions.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 3
run_python "$@"
