#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The device that a packet from a function behind a socket seems to come in on:
# that by which the octets came, lo for a Unix socket; and what it may not reach:
# loopback addresses, and what the node trusts lo with, but for a Unix socket.
# Topology: topo_one.sh, and topo_peer's host gn, see topo_far.sh

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

require_srproxy
modprobe -q tls
topo_peer
run_python "$@"
