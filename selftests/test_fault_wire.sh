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
[ -w /sys/kernel/debug/failslab/probability ] ||
	skip_all "no /sys/kernel/debug/failslab (CONFIG_FAILSLAB, debugfs)"
[ -w /proc/self/fail-nth ] ||
	skip_all "no /proc/thread-self/fail-nth (CONFIG_FAULT_INJECTION_DEBUG_FS)"
modprobe -q tls
topo_peer
FAR=$(mktemp -d)
FILES+=("$FAR")
export FAR
run_python "$@"
