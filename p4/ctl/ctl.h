/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_CTL_H
#define SRP4_CTL_H

#include "args.h"
#include "out.h"
#include "target.h"

/**
 * struct ctl - a run of the program
 * @out: where its output goes
 * @name: the switch, as -t has it, or NULL
 * @target: the switch, once it is connected
 * @connected: its name; owned
 */
struct ctl {
	struct out out;
	const char *name;
	struct target *target;
	char *connected;
};

int ctl_connect(struct ctl *ctl, const char *name);
int ctl_close(struct ctl *ctl);
int ctl_read(struct ctl *ctl, struct entries *set);
int ctl_dispatch(struct ctl *ctl, struct args *args);
void ctl_help(FILE *file);
int ctl_batch(struct ctl *ctl, const char *path, bool force);

int ctl_load(struct ctl *ctl, struct args *args);
int ctl_apply(struct ctl *ctl, struct args *args);
int ctl_show(struct ctl *ctl, struct args *args);
int ctl_priority(struct ctl *ctl, struct args *args);
int ctl_counters(struct ctl *ctl, struct args *args);
int ctl_sessions(struct ctl *ctl, struct args *args);
int ctl_monitor(struct ctl *ctl, struct args *args);

void show_entries(struct ctl *ctl, const struct entries *set,
		  const struct table *only);

#endif
