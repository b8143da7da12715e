#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Steering: the DSCP of a returned packet names its next label. Topology:
# topo_one.sh, 3 functions.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 3
run_python "$@"
