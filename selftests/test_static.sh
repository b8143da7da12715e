#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# match static: every returned packet gets the stack that is written down.
# Topology: topo_one.sh, 3 functions.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 3
run_python "$@"
