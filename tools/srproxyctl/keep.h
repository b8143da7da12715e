/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_KEEP_H
#define SRPROXYCTL_KEEP_H

#include <netinet/in.h>

#include "ctl.h"
#include "tls.h"

#define KEEP_DELAY_MS 30000

/**
 * union keep_addr - a far end
 * @sa: either
 * @in: IPv4
 * @in6: IPv6
 */
union keep_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/**
 * struct keep_how - how functions are kept
 * @tls: how the two ends know each other, or NULL
 * @max_delay_ms: longest time between two attempts
 */
struct keep_how {
	const struct tls_opts *tls;
	uint32_t max_delay_ms;
};

/* keep.c */
int keep_run(struct ctl *ctl, struct args *args);
int keep_add(struct ctl *ctl, struct nl_req *req, const struct tls_opts *tls);
bool keep_remote(const struct nlattr **tb, union keep_addr *addr);

/* keep_one.c */
int keep_one(struct ctl *ctl, const char *name, const struct keep_how *how);

#endif
