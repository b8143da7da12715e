/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_RATES_H
#define SRPROXYCTL_RATES_H

#include "sample.h"

/** struct rate - packets and octets a second */
struct rate {
	double packets;
	double bytes;
};

/**
 * struct rates - two samples, and the time between them
 * @then: the earlier one
 * @now: the later one
 */
struct rates {
	const struct sample *then;
	const struct sample *now;
};

double rates_seconds(const struct rates *r);
double rates_of(const struct rates *r, uint64_t then, uint64_t now);
struct counters rates_uplink_then(const struct rates *r,
				  const struct sample_uplink *up);
struct counters rates_sid_then(const struct rates *r,
			       const struct sample_sid *sid);
const struct sample_vnf *rates_vnf_then(const struct rates *r,
					const struct sample_vnf *vnf);
struct rate rates_rx(const struct rates *r, const struct counters *then,
		     const struct counters *now);
struct rate rates_tx(const struct rates *r, const struct counters *then,
		     const struct counters *now);
void rates_print_json(struct out *out, const struct rates *r);
void rates_print_text(FILE *file, const struct rates *r);

#endif
