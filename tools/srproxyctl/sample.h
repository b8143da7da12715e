/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_SAMPLE_H
#define SRPROXYCTL_SAMPLE_H

#include <net/if.h>

#include "counters.h"
#include "latency.h"

#define SAMPLE_DROP_NAME 32

/** struct sample_uplink - an uplink */
struct sample_uplink {
	char dev[IFNAMSIZ];
	uint32_t state;
	struct counters counters;
};

/**
 * struct sample_optional - a count that only some functions have
 * @there: whether this has it
 * @value: the count
 */
struct sample_optional {
	bool there;
	uint64_t value;
};

/** struct sample_vnf - a vnf; another one of the same name has another id */
struct sample_vnf {
	char name[SRPROXY_NAME_MAX + 1];
	uint32_t id;
	uint32_t type;
	uint32_t match;
	char dev[IFNAMSIZ];
	char in[IFNAMSIZ];
	uint32_t state;
	uint32_t admin;
	uint64_t flows;
	struct counters counters;
	struct sample_optional queued;
	struct sample_optional probes_sent;
	struct sample_optional probes_answered;
	struct latency latency;
};

/** struct sample_sid - a label, through one of its functions */
struct sample_sid {
	uint32_t label;
	char vnf[SRPROXY_NAME_MAX + 1];
	bool backup;
	struct counters counters;
};

/** struct sample_drop - packets dropped for one reason */
struct sample_drop {
	char name[SAMPLE_DROP_NAME];
	uint64_t packets;
};

/** struct sample_totals - what is counted for the whole namespace */
struct sample_totals {
	uint64_t flows;
	uint64_t flows_created;
	uint64_t flows_expired;
	uint64_t flows_evicted;
	uint64_t flow_size;
	uint64_t icmp_sent;
	uint64_t icmp_suppressed;
	uint64_t drops;
};

/**
 * struct sample - all that is counted, at one moment
 * @ns: that moment, on the monotonic clock
 * @uplink: the uplinks
 * @n_uplink: how many
 * @vnf: the functions
 * @n_vnf: how many
 * @sid: the labels, an element for each function of one
 * @n_sid: how many
 * @drop: the reasons for drops
 * @n_drop: how many
 * @totals: of the namespace
 * @failed: there was no memory
 */
struct sample {
	uint64_t ns;
	struct sample_uplink *uplink;
	size_t n_uplink;
	struct sample_vnf *vnf;
	size_t n_vnf;
	struct sample_sid *sid;
	size_t n_sid;
	struct sample_drop *drop;
	size_t n_drop;
	struct sample_totals totals;
	bool failed;
};

int sample_take(struct ctl *ctl, struct sample *sample);
void sample_add(struct sample *sample, const struct nlmsghdr *nlh);
void sample_free(struct sample *sample);

#endif
