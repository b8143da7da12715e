// SPDX-License-Identifier: GPL-2.0-or-later
/* What several objects have in common: counters, a state and its cause. */

#include "counters.h"
#include "names.h"

/**
 * counters_read - read the counters of an object
 * @nest: the attribute, or NULL
 *
 * Return: the counters, 0 where there are none.
 */
struct counters counters_read(const struct nlattr *nest)
{
	const struct nlattr *tb[SRPROXY_A_COUNTERS_MAX + 1];

	nl_parse_nested(nest, tb, SRPROXY_A_COUNTERS_MAX);
	return (struct counters){
		.rx_packets = nl_num(tb[SRPROXY_A_COUNTERS_RX_PACKETS]),
		.rx_bytes = nl_num(tb[SRPROXY_A_COUNTERS_RX_BYTES]),
		.tx_packets = nl_num(tb[SRPROXY_A_COUNTERS_TX_PACKETS]),
		.tx_bytes = nl_num(tb[SRPROXY_A_COUNTERS_TX_BYTES]),
		.miss = nl_num(tb[SRPROXY_A_COUNTERS_MISS]),
	};
}

/**
 * state_print - print a state, and its cause unless there is none
 * @out: the output
 * @state: attribute of the state, or NULL
 * @cause: attribute of the cause, or NULL
 */
void state_print(struct out *out, const struct nlattr *state,
		 const struct nlattr *cause)
{
	if (state)
		out_str(out, "state", "state",
			name_of(state_names, nl_num(state)));
	if (nl_num(cause) != SRPROXY_CAUSE_NONE)
		out_str(out, "cause", "cause",
			name_of(cause_names, nl_num(cause)));
}
