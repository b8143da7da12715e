/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_STAGE_H
#define SRPROXYCTL_STAGE_H

#include "jread.h"
#include "nl_msg.h"

/*
 * The request that makes an object as JSON has it. The request is begun in any
 * case; its words belong to the JSON. RC_DONE or RC_USAGE.
 */
typedef int (*stage_fn)(const struct jread *j, struct nl_req *req);

int uplink_stage(const struct jread *j, struct nl_req *req);
int vnf_stage(const struct jread *j, struct nl_req *req);
int sid_stage(const struct jread *j, struct nl_req *req);
int config_stage(const struct jread *j, struct nl_req *req);

#endif
