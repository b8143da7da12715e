#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long connecting takes: many far ends that do not answer, and one that
# does, by a transaction and by one netlink send.
# Topology: topo_peer of topo_far.sh

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
topo_peer
run_python "$@"
