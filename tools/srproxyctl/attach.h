/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_ATTACH_H
#define SRPROXYCTL_ATTACH_H

#include "args.h"
#include "jread.h"
#include "nl_msg.h"
#include "out.h"

int attach_take(struct args *args, struct nl_req *req);
int attach_take_more(struct args *args, struct nl_req *req, bool *is);
int attach_read(const struct jread *j, struct nl_req *req);
void attach_print(struct out *out, const struct nlattr **tb, bool always_in);

#endif
