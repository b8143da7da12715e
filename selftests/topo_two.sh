# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two proxy nodes on one switch; switch and functions are packet sockets.
#
#                      pa (srproxy)            fn (quiet)
#                     +-----------------+     +-----+
#     sw (quiet)      | u0          v1  +-----+ fa1 |
#    +-------+   +----+ ..:00:01    ..  | ..  | ..  |
#    |    sa +---+    |             vN  +-----+ faN |
#    |       |        +-----------------+     |     |
#    |       |         pb (srproxy)           |     |
#    |       |        +-----------------+     |     |
#    |    sb +---+    |             v1  +-----+ fb1 |
#    +-------+   +----+ u0          ..  | ..  | ..  |
#                     | ..:00:03    vN  +-----+ fbN |
#                     +-----------------+     +-----+
#
# MACs: 02:00:00:00:00:XX towards the switch (the switch has ..:02 and ..:04),
# 02:00:00:0a:NN:01 and :02 on pa's links, 02:00:00:0b:NN:01 and :02 on pb's.

# topo_two N: make it with N functions at each node
topo_two()
{
	local node i

	nodes pa pb
	quiet_nodes sw fn
	{
		echo pa u0 02:00:00:00:00:01 sw sa 02:00:00:00:00:02
		echo pb u0 02:00:00:00:00:03 sw sb 02:00:00:00:00:04
		for node in a b; do
			for ((i = 1; i <= $1; i++)); do
				printf 'p%s v%d 02:00:00:0%s:%02x:01 ' \
					$node "$i" $node "$i"
				printf 'fn f%s%d 02:00:00:0%s:%02x:02\n' \
					$node "$i" $node "$i"
			done
		done
	} | links
}
