#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Netlink as careless callers speak it: transactions that end in other ways
# than by their commit, requests that srproxyctl cannot make. What is refused
# has errno, sentence and attribute, and has changed nothing.
# Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16001
#     [s1]---------[u1           v2]----[f2]    vnf n2, sid 16002

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 2
run_python "$@"
