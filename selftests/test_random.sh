#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Random stacks against a model: 1 to 16 labels, of this node and of others
# mixed, TTLs and classes at random, any inner packet of both families; what
# comes out anywhere has to be what the model says, octet by octet.
# Topology: topo_one.sh with six functions
#
#      sw           px                      fn
#     [s0]---------[u0 uplink    v1..v6]---[f1..f6]    sid 16000+N: vnf nN
#     [s1]---------[u1 (default route)]
#
# SRP_RANDOM_STACKS (1000) says how many, SRP_RANDOM_SEED (1) which.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
topo_one 6
run_python "$@"
