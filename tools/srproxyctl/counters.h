/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_COUNTERS_H
#define SRPROXYCTL_COUNTERS_H

#include "ctl.h"

/**
 * struct counters - what the kernel counted of an object
 * @rx_packets: received from the other side
 * @rx_bytes: octets of these
 * @tx_packets: sent to the other side
 * @tx_bytes: octets of these
 * @miss: returned packets that no flow claimed
 */
struct counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t miss;
};

struct counters counters_read(const struct nlattr *nest);
void state_print(struct out *out, const struct nlattr *state,
		 const struct nlattr *cause);

#endif
