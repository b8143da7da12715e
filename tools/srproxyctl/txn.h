/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_TXN_H
#define SRPROXYCTL_TXN_H

#include "ctl.h"
#include "plan.h"

int txn_begin(struct ctl *ctl);
void txn_abort(struct ctl *ctl);
int txn_run(struct ctl *ctl, struct plan *plan, bool *moved);

#endif
