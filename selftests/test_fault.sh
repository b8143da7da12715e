#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every allocation may fail: a request that fails for it has changed nothing, a
# packet that is lost for it is counted, nothing leaks. For a kernel with fault
# injection: selftests/vm/uml.sh -k 6.1 -d -L 'selftests/run.sh fault'
# Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16001
#     [s1]---------[u1           v2]----[f2]    vnf n2, sid 16002
#                  [             v3]----[f3]    free
#                  [             v4]----[f4]    free

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
require_faults
SRP_KO=$(module_path) || SRP_KO=
export SRP_KO
topo_one 4
run_python "$@"
