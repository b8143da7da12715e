/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_PROBE_H
#define SRPROXYCTL_PROBE_H

#include "ctl.h"
#include "jread.h"

bool probe_take(struct args *args, const char *word, struct nl_req *req,
		int *rc);
int probe_read(const struct jread *j, struct nl_req *req);
void probe_print(struct out *out, const struct nlattr **tb);

#endif
