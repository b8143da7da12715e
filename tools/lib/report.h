/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_REPORT_H
#define SRP_TOOLS_REPORT_H

#include "compiler.h"

struct nl_err;

/* What a command returns is what the program exits with. */
enum {
	RC_DONE = 0,
	RC_USAGE = 1,
	RC_REFUSED = 2,
};

int report_usage(const char *fmt, ...) __printf(1, 2);
int report_refused(const char *fmt, ...) __printf(1, 2);
int report_kernel(const struct nl_err *err);
void report_warning(const char *fmt, ...) __printf(1, 2);

#endif
