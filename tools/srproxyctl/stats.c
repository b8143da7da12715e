// SPDX-License-Identifier: GPL-2.0-or-later
/* stats: the namespace's counters. */

#include <stdio.h>

#include "openmetrics.h"

static void print_drop(struct out *out, const struct nlattr *nest)
{
	const struct nlattr *tb[SRPROXY_A_DROP_MAX + 1];
	const char *name;
	char word[64];

	nl_parse_nested(nest, tb, SRPROXY_A_DROP_MAX);
	name = nl_str(tb[SRPROXY_A_DROP_NAME]);
	snprintf(word, sizeof(word), "drop %s", name);
	out_num(out, name, word, nl_num(tb[SRPROXY_A_DROP_PACKETS]));
}

/* Of the reasons, text has a line each. */
static void print_drops(struct out *out, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	out_object_open(out, "drops");
	nl_for_each(attr, nlh)
	{
		if (mnl_attr_get_type(attr) != SRPROXY_A_STATS_DROP)
			continue;
		out_line(out);
		print_drop(out, attr);
	}
	out_object_close(out);
}

static void print_stats(struct ctl *ctl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_STATS_MAX + 1];
	struct out *out = &ctl->out;

	nl_parse(nlh, tb, SRPROXY_A_STATS_MAX);
	out_num(out, "flows", "flows", nl_num(tb[SRPROXY_A_STATS_FLOWS]));
	out_num(out, "flows_created", "created",
		nl_num(tb[SRPROXY_A_STATS_FLOWS_CREATED]));
	out_num(out, "flows_expired", "expired",
		nl_num(tb[SRPROXY_A_STATS_FLOWS_EXPIRED]));
	out_num(out, "flows_evicted", "evicted",
		nl_num(tb[SRPROXY_A_STATS_FLOWS_EVICTED]));
	if (tb[SRPROXY_A_STATS_FLOW_SIZE])
		out_num(out, "flow_size", "flow-size",
			nl_num(tb[SRPROXY_A_STATS_FLOW_SIZE]));
	if (tb[SRPROXY_A_STATS_ICMP_SENT])
		out_num(out, "icmp_sent", "icmp-sent",
			nl_num(tb[SRPROXY_A_STATS_ICMP_SENT]));
	if (tb[SRPROXY_A_STATS_ICMP_SUPPRESSED])
		out_num(out, "icmp_suppressed", "icmp-suppressed",
			nl_num(tb[SRPROXY_A_STATS_ICMP_SUPPRESSED]));
	print_drops(out, nlh);
}

static int stats_show(struct ctl *ctl, struct args *args)
{
	return ctl_show(ctl, args, SRPROXY_CMD_STATS_GET, NULL, print_stats);
}

static int stats_openmetrics(struct ctl *ctl, struct args *args)
{
	struct sample sample;
	int rc;

	rc = args_end(args);
	if (rc)
		return rc;
	rc = sample_take(ctl, &sample);
	if (!rc)
		openmetrics_print(ctl->out.file, &sample,
				  ctl->netns ? ctl->netns : "");
	sample_free(&sample);
	return rc;
}

static int stats_reset(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_STATS_RESET, NULL);
}

static const struct command commands[] = {
	{ "show", stats_show, "" },
	{ "reset", stats_reset, "" },
	{ "--openmetrics", stats_openmetrics, "" },
	{ 0 },
};

const struct object stats_object = {
	.name = "stats",
	.commands = commands,
	.has_default = true,
};
