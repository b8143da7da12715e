#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Allocations fail for packets that go through sockets, in softirq and in the
# workers: what is lost is counted, what is not goes there and back, nothing
# stands still afterwards. And a socket with TLS is passed while they fail. As
# test_fault_sock.sh, for a kernel with fault injection. Topology: topo_far.sh's
# topo_peer; the far ends are programs on gn

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
require srp-vnf-echo
require_faults
modprobe -q tls
topo_peer
folder FAR
run_python "$@"
