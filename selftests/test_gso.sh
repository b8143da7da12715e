#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Large segments as a device hands them over (virtio headers say how they are
# to be cut and summed): plain ones get their labels whole, those of tunnels
# are cut first. Every octet and checksum on the wire is judged, by us and by
# tshark. Topology: topo_one.sh
#
#      sw           px                   fn
#     [s0]---------[u0 uplink    v1]----[f1]    vnf n1, sid 16011
#     [s1]---------[u1

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

require_srproxy
require tshark ethtool modinfo
SRP_KO=$(module_path) || SRP_KO=
export SRP_KO
modprobe -q mpls_gso
topo_one 1
run_python "$@"
