# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# topo_one.sh, and a machine whose programs are functions behind sockets.
#
#      sw           px                            gn
#     [s0]---------[u0 uplink            w1]-----[g1                   ]
#                  [ 10.3.1.1/24           ]     [ 10.3.1.2/24         ]
#                  [ 2001:db8:31::1/64     ]     [ 2001:db8:31::2/64   ]
#
# The uplink and one function, by v1, are those of topo_one.

topo_far()
{
	topo_one 1
	nodes gn
	links <<-END
		px w1 02:00:00:00:31:01 gn g1 02:00:00:00:31:02
	END
	ip_node px <<-END
		addr add 10.3.1.1/24 dev w1
		addr add 2001:db8:31::1/64 dev w1
	END
	ip_node gn <<-END
		addr add 10.3.1.2/24 dev g1
		addr add 2001:db8:31::2/64 dev g1
	END
}

# topo_peer: likewise on 10.0.30.0/24, the neighbours known: no packet but the
# tests' own
topo_peer()
{
	topo_one 1
	nodes gn
	links <<-END
		px w1 02:00:00:00:30:01 gn g1 02:00:00:00:30:02
	END
	ip_node px <<-END
		addr add 10.0.30.1/24 dev w1
		addr add 2001:db8:30::1/64 dev w1 nodad
		neigh add 10.0.30.2 lladdr 02:00:00:00:30:02 dev w1
		neigh add 2001:db8:30::2 lladdr 02:00:00:00:30:02 dev w1
	END
	ip_node gn <<-END
		addr add 10.0.30.2/24 dev g1
		addr add 2001:db8:30::2/64 dev g1 nodad
		neigh add 10.0.30.1 lladdr 02:00:00:00:30:01 dev g1
		neigh add 2001:db8:30::1 lladdr 02:00:00:00:30:01 dev g1
	END
}
