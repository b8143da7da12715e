/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_CTL_H
#define SRPROXYCTL_CTL_H

#include <linux/srproxy.h>
#include <stdbool.h>

#include "args.h"
#include "nl_msg.h"
#include "out.h"
#include "report.h"

/**
 * struct ctl - one run of the program
 * @nl: the socket, open when @connected
 * @connected: whether the kernel was asked anything yet
 * @out: what is printed
 * @stats: print counters too
 * @batch: the command stands in a batch
 * @netns: name of the namespace as the user gave it, or NULL
 */
struct ctl {
	struct nl nl;
	bool connected;
	struct out out;
	bool stats;
	bool batch;
	const char *netns;
};

/* Does a command, with the words that follow. */
typedef int (*ctl_run)(struct ctl *ctl, struct args *args);

/* Puts words into a request; RC_DONE or what was reported. */
typedef int (*ctl_take)(struct args *args, struct nl_req *req);

/* Prints the fields of a reply or a notification. */
typedef void (*ctl_print)(struct ctl *ctl, const struct nlmsghdr *nlh);

/**
 * struct command - what can be done with an object
 * @name: the word
 * @run: takes the words that follow, gives one of the RC_ values
 * @usage: the words that follow
 */
struct command {
	const char *name;
	ctl_run run;
	const char *usage;
};

/**
 * struct object - a first word
 * @name: the word
 * @commands: what may follow, the default first if @has_default; or NULL
 * @has_default: nothing need follow
 * @run: of an object that has no commands
 * @usage: of an object that has no commands, the words that follow
 * @notes: more about the words that follow, or NULL
 */
struct object {
	const char *name;
	const struct command *commands;
	bool has_default;
	ctl_run run;
	const char *usage;
	const char *notes;
};

/* ctl.c */
int ctl_connect(struct ctl *ctl);
int ctl_do(struct ctl *ctl, struct nl_req *req);
int ctl_get(struct ctl *ctl, struct nl_req *req, nl_cb cb);
int ctl_change(struct ctl *ctl, struct args *args, uint8_t cmd, ctl_take take);
int ctl_show(struct ctl *ctl, struct args *args, uint8_t cmd, ctl_take take,
	     ctl_print print);
void ctl_item(struct ctl *ctl, const struct nlmsghdr *nlh, ctl_print print);
int ctl_dispatch(struct ctl *ctl, struct args *args);
void ctl_help(FILE *file);

/* batch.c */
int batch_run(struct ctl *ctl, const char *path, bool force);

/* one file each */
extern const struct object uplink_object, vnf_object, sid_object, flow_object;
extern const struct object config_object, stats_object, monitor_object;
extern const struct object save_object, apply_object, top_object;

/* save.c */
int save_take(struct ctl *ctl, struct json_object **root);

/* monitor.c */
void time_print(struct out *out);

/* The fields of an item, whose message is a reply or a notification. */
void uplink_print(struct ctl *ctl, const struct nlmsghdr *nlh);
void vnf_print(struct ctl *ctl, const struct nlmsghdr *nlh);
void sid_print(struct ctl *ctl, const struct nlmsghdr *nlh);
void flow_print(struct ctl *ctl, const struct nlmsghdr *nlh);
void config_print(struct ctl *ctl, const struct nlmsghdr *nlh);

/* The fields that are configuration, nl_cb with a struct out. */
void uplink_save(const struct nlmsghdr *nlh, void *data);
void vnf_save(const struct nlmsghdr *nlh, void *data);
void sid_save(const struct nlmsghdr *nlh, void *data);
void config_save(const struct nlmsghdr *nlh, void *data);

#endif
