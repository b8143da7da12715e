/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_OPENMETRICS_H
#define SRPROXYCTL_OPENMETRICS_H

#include "sample.h"

void openmetrics_print(FILE *file, const struct sample *sample,
		       const char *netns);

#endif
