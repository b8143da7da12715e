#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TTL and traffic class by RFC 3443: the pipe and the uniform model.
# Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16011
#                  [             v2]----[f2]    vnf n2, sid 16012
#     [s1]---------[u1           v3]----[f3]    vnf n3, sid 16013

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 3
run_python "$@"
