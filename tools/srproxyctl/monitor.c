// SPDX-License-Identifier: GPL-2.0-or-later
/* monitor: changes as they happen. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl.h"

/**
 * struct topic - notifications about one object
 * @name: of the object
 * @cmd: of the notification
 * @print: prints the fields
 * @gone: attribute that says that the object is gone
 * @changed: attribute of the time when its state last changed, or 0
 */
struct topic {
	const char *name;
	uint8_t cmd;
	void (*print)(struct ctl *ctl, const struct nlmsghdr *nlh);
	uint16_t gone;
	uint16_t changed;
};

static const struct topic topics[] = {
	{ "uplink", SRPROXY_CMD_UPLINK_NTF, uplink_print, SRPROXY_A_UPLINK_GONE,
	  SRPROXY_A_UPLINK_CHANGED_NS },
	{ "vnf", SRPROXY_CMD_VNF_NTF, vnf_print, SRPROXY_A_VNF_GONE,
	  SRPROXY_A_VNF_CHANGED_NS },
	{ "sid", SRPROXY_CMD_SID_NTF, sid_print, SRPROXY_A_SID_GONE, 0 },
	{ "config", SRPROXY_CMD_CONFIG_NTF, config_print, 0, 0 },
	{ "flow", SRPROXY_CMD_FLOW_NTF, flow_print, 0, 0 },
	{ 0 },
};

/**
 * struct monitor - what is monitored
 * @ctl: this run
 * @only: the one topic, or NULL for all
 */
struct monitor {
	struct ctl *ctl;
	const char *only;
};

static bool is_gone(const struct topic *topic, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[UINT8_MAX + 1];

	nl_parse(nlh, tb, UINT8_MAX);
	if (topic->cmd == SRPROXY_CMD_FLOW_NTF)
		return nl_num(tb[SRPROXY_A_FLOW_FLAGS]) &
		       SRPROXY_FLOW_FLAG_GONE;
	return topic->gone && tb[topic->gone];
}

static void monotonic_text(char *text, size_t room, uint64_t ns)
{
	snprintf(text, room, "[%ju.%06u]", (uintmax_t)(ns / 1000000000),
		 (unsigned int)(ns % 1000000000 / 1000));
}

/**
 * time_print - print what time it is
 * @out: the output
 */
void time_print(struct out *out)
{
	struct timespec wall, mono;
	char day[24], text[64];
	struct tm tm;
	uint64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	ns = (uint64_t)mono.tv_sec * 1000000000 + mono.tv_nsec;
	clock_gettime(CLOCK_REALTIME, &wall);
	gmtime_r(&wall.tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06ldZ", day, wall.tv_nsec / 1000);
	out_str(out, "time", "", text);
	out_num(out, "monotonic_ns", NULL, ns);
	monotonic_text(text, sizeof(text), ns);
	out_str(out, NULL, "", text);
}

/* The kernel's own time, exact however late we read of it. */
static void print_changed(struct out *out, const struct topic *topic,
			  const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[UINT8_MAX + 1];
	char text[64];
	uint64_t ns;

	nl_parse(nlh, tb, UINT8_MAX);
	if (!topic->changed || !tb[topic->changed])
		return;
	ns = nl_num(tb[topic->changed]);
	out_num(out, "changed_ns", NULL, ns);
	monotonic_text(text, sizeof(text), ns);
	out_str(out, NULL, "changed", text);
}

static void print_lost(struct ctl *ctl)
{
	out_item_open(&ctl->out);
	time_print(&ctl->out);
	out_str(&ctl->out, "event", "", "lost");
	out_str(&ctl->out, NULL, "", "notifications");
	out_item_close(&ctl->out);
}

static void print_event(struct ctl *ctl, const struct topic *topic,
			const struct nlmsghdr *nlh)
{
	bool gone = is_gone(topic, nlh);

	out_item_open(&ctl->out);
	time_print(&ctl->out);
	out_str(&ctl->out, "event", gone ? "" : NULL, gone ? "gone" : "change");
	out_str(&ctl->out, "object", "", topic->name);
	topic->print(ctl, nlh);
	print_changed(&ctl->out, topic, nlh);
	out_item_close(&ctl->out);
}

static void take_event(const struct nlmsghdr *nlh, void *data)
{
	struct monitor *monitor = data;
	const struct topic *topic = topics;

	if (!nlh) {
		print_lost(monitor->ctl);
	} else {
		while (topic->name && topic->cmd != nl_cmd(nlh))
			topic++;
		if (!topic->name ||
		    (monitor->only && strcmp(monitor->only, topic->name)))
			return;
		print_event(monitor->ctl, topic, nlh);
	}
	fflush(monitor->ctl->out.file);
}

static int listen_to(struct monitor *monitor, bool config, bool flow)
{
	struct ctl *ctl = monitor->ctl;
	struct nl_err err;
	int rc;

	rc = ctl_connect(ctl);
	if (rc)
		return rc;
	ctl->out.pretty = false;
	if ((config && nl_subscribe(&ctl->nl, SRPROXY_MCGRP_CONFIG, &err)) ||
	    (flow && nl_subscribe(&ctl->nl, SRPROXY_MCGRP_FLOW, &err)))
		return report_kernel(&err);
	nl_listen(&ctl->nl, take_event, monitor, &err);
	return report_kernel(&err);
}

static int monitor_run(struct ctl *ctl, struct args *args)
{
	static const char *const list[] = { "vnf", "flow", "all", NULL };
	struct monitor monitor = { .ctl = ctl };
	const char *word = args_take(args);
	ssize_t i = 2;
	int rc;

	if (word)
		i = args_match(word, list, sizeof(list[0]));
	if (i < 0)
		return report_usage("\"%s\" is not vnf, flow or all.", word);
	rc = args_end(args);
	if (rc)
		return rc;
	if (i < 2)
		monitor.only = list[i];
	return listen_to(&monitor, i != 1, i != 0);
}

const struct object monitor_object = {
	.name = "monitor",
	.run = monitor_run,
	.usage = "[ vnf | flow | all ]",
};
