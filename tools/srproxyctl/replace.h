/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_REPLACE_H
#define SRPROXYCTL_REPLACE_H

#include "ctl.h"

bool replace_needed(const struct nl_req *set);
int replace_vnf(struct ctl *ctl, struct nl_req *set);

#endif
