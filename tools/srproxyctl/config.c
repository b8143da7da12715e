// SPDX-License-Identifier: GPL-2.0-or-later
/* config: settings of the namespace. */

#include "opt.h"
#include "stage.h"

static const struct opt opts[] = {
	{ "max-flows", "max_flows", SRPROXY_A_CONFIG_MAX_FLOWS, NULL, NULL,
	  false },
	{ "idle-timeout", "idle_timeout", SRPROXY_A_CONFIG_IDLE_TIMEOUT, NULL,
	  NULL, false },
	{ "ttl", "ttl", SRPROXY_A_CONFIG_TTL, ttl_names, NULL, false },
	{ "icmp", "icmp", SRPROXY_A_CONFIG_ICMP, icmp_names, NULL, false },
	{ 0 },
};

static int take_all(struct args *args, struct nl_req *req)
{
	const struct opt *opt;
	const char *word;
	int rc;

	if (!args_peek(args))
		return report_usage("there is nothing to set.");
	while ((word = args_take(args))) {
		opt = opt_find(opts, word);
		if (!opt)
			return report_usage("\"%s\" is not a setting.", word);
		rc = opt_take(opt, args, req);
		if (rc)
			return rc;
	}
	return RC_DONE;
}

static int config_set(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_CONFIG_SET, take_all);
}

/**
 * config_print - print the settings
 * @ctl: this run
 * @nlh: reply or notification
 */
void config_print(struct ctl *ctl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_CONFIG_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_CONFIG_MAX);
	opt_print(opts, &ctl->out, tb);
	if (tb[SRPROXY_A_CONFIG_GENERATION])
		out_num(&ctl->out, "generation", NULL,
			nl_num(tb[SRPROXY_A_CONFIG_GENERATION]));
	if (tb[SRPROXY_A_CONFIG_MODULE_MAX_FLOWS])
		out_num(&ctl->out, "module_max_flows", NULL,
			nl_num(tb[SRPROXY_A_CONFIG_MODULE_MAX_FLOWS]));
}

static int config_show(struct ctl *ctl, struct args *args)
{
	return ctl_show(ctl, args, SRPROXY_CMD_CONFIG_GET, NULL, config_print);
}

/**
 * config_save - print the settings as an object within an item
 * @nlh: reply
 * @data: the output
 */
void config_save(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[SRPROXY_A_CONFIG_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_CONFIG_MAX);
	out_object_open(data, "config");
	opt_print(opts, data, tb);
	out_object_close(data);
}

/**
 * config_stage - the request that makes the settings as JSON has them
 * @j: the settings
 * @req: the request
 *
 * Return: RC_DONE or RC_USAGE.
 */
int config_stage(const struct jread *j, struct nl_req *req)
{
	static const char *const keys[] = {
		"max_flows", "idle_timeout", "ttl", "icmp", NULL,
	};
	int rc;

	nl_req_init(req, SRPROXY_CMD_CONFIG_SET);
	rc = jread_only(j, keys);
	return rc ? rc : opt_read(opts, j, req);
}

#define SET_USAGE                               \
	"[ max-flows N ] [ idle-timeout SEC ] " \
	"[ ttl { uniform | pipe } ] "           \
	"[ icmp { reverse | fib | none } ]"

static const struct command commands[] = {
	{ "show", config_show, "" },
	{ "set", config_set, SET_USAGE },
	{ 0 },
};

const struct object config_object = {
	.name = "config",
	.commands = commands,
	.has_default = true,
};
