/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_MATCH_H
#define SRPROXYCTL_MATCH_H

#include "ctl.h"
#include "jread.h"

int match_take(struct args *args, struct nl_req *req);
int match_read(const struct jread *j, struct nl_req *req);
void match_print(struct out *out, const struct nlattr **tb);

int steer_take(struct args *args, struct nl_req *req);
int steer_read(const struct jread *j, struct nl_req *req);
void steer_print(struct out *out, const struct nlmsghdr *nlh);

#endif
