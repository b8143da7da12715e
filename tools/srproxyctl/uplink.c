// SPDX-License-Identifier: GPL-2.0-or-later
/* uplink: interfaces that face the SR domain. */

#include <string.h>

#include "counters.h"
#include "opt.h"
#include "stage.h"

static const struct via_attrs via_attrs = {
	.inet = SRPROXY_A_UPLINK_VIA_INET,
	.inet6 = SRPROXY_A_UPLINK_VIA_INET6,
};

static const struct opt egress_opt[] = {
	{ "egress", "egress", SRPROXY_A_UPLINK_EGRESS, egress_names, NULL, 0 },
	{ 0 },
};

/* command line */

static int take_dev(struct args *args, struct nl_req *req)
{
	const char *dev;

	if (!args_take_if(args, "dev")) {
		if (!args_peek(args))
			return report_usage("\"dev IF\" is missing.");
		return report_usage("\"dev IF\" is expected, not \"%s\".",
				    args_peek(args));
	}
	dev = args_value(args, "dev");
	if (!dev)
		return RC_USAGE;
	nl_put_str(req, SRPROXY_A_UPLINK_DEV, dev);
	return RC_DONE;
}

static int take_via(struct args *args, struct nl_req *req)
{
	const char *dev;
	int rc;

	rc = via_take(&via_attrs, args, req);
	if (rc)
		return rc;
	if (!args_take_if(args, "dev"))
		return report_usage("egress via lacks its \"dev IF\".");
	dev = args_value(args, "egress via dev");
	if (!dev)
		return RC_USAGE;
	nl_put_str(req, SRPROXY_A_UPLINK_VIA_DEV, dev);
	return RC_DONE;
}

static int take_egress(struct args *args, struct nl_req *req)
{
	const char *word = args_peek(args);
	bool via = word && !strcmp(word, "via");
	int rc;

	rc = opt_take(egress_opt, args, req);
	if (!rc && via)
		rc = take_via(args, req);
	return rc;
}

static int take_all(struct args *args, struct nl_req *req)
{
	int rc;

	rc = take_dev(args, req);
	if (!rc && args_take_if(args, "egress"))
		rc = take_egress(args, req);
	return rc;
}

static int uplink_add(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_UPLINK_NEW, take_all);
}

static int uplink_set(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_UPLINK_SET, take_all);
}

static int uplink_del(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_UPLINK_DEL, take_dev);
}

/* output */

static void print_config(struct out *out, const struct nlattr **tb)
{
	out_str(out, "dev", "dev", nl_str(tb[SRPROXY_A_UPLINK_DEV]));
	opt_print(egress_opt, out, tb);
	if (nl_num(tb[SRPROXY_A_UPLINK_EGRESS]) != SRPROXY_EGRESS_VIA)
		return;
	/* The word "via" is egress's value already. */
	if (via_print(&via_attrs, out, "", tb)) {
		out_str(out, "dev", "dev",
			nl_str(tb[SRPROXY_A_UPLINK_VIA_DEV]));
		out_object_close(out);
	}
}

static void print_stats(struct out *out, const struct nlattr *nest)
{
	struct counters c = counters_read(nest);

	out_object_open(out, "stats");
	out_line(out);
	out_num(out, "rx_packets", "rx packets", c.rx_packets);
	out_num(out, "rx_bytes", "bytes", c.rx_bytes);
	out_line(out);
	out_num(out, "tx_packets", "tx packets", c.tx_packets);
	out_num(out, "tx_bytes", "bytes", c.tx_bytes);
	out_object_close(out);
}

/**
 * uplink_print - print the fields of an uplink
 * @ctl: this run
 * @nlh: reply or notification
 */
void uplink_print(struct ctl *ctl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_UPLINK_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_UPLINK_MAX);
	print_config(&ctl->out, tb);
	if (tb[SRPROXY_A_UPLINK_IFINDEX])
		out_num(&ctl->out, "ifindex", NULL,
			nl_num(tb[SRPROXY_A_UPLINK_IFINDEX]));
	state_print(&ctl->out, tb[SRPROXY_A_UPLINK_STATE],
		    tb[SRPROXY_A_UPLINK_CAUSE]);
	if (ctl->stats)
		print_stats(&ctl->out, tb[SRPROXY_A_UPLINK_STATS]);
}

static int uplink_show(struct ctl *ctl, struct args *args)
{
	return ctl_show(ctl, args, SRPROXY_CMD_UPLINK_GET, take_dev,
			uplink_print);
}

/* save and apply */

/**
 * uplink_save - print the configuration of an uplink as an element of an array
 * @nlh: reply
 * @data: the output
 */
void uplink_save(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[SRPROXY_A_UPLINK_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_UPLINK_MAX);
	out_object_open(data, NULL);
	print_config(data, tb);
	out_object_close(data);
}

static int read_via(const struct jread *j, struct nl_req *req)
{
	static const char *const keys[] = { "family", "addr", "dev", NULL };
	const char *egress, *dev;
	struct jread via;
	bool wanted;
	int rc;

	rc = jread_object(j, "via", &via);
	if (!rc)
		rc = jread_str(j, "egress", &egress);
	if (rc)
		return rc;
	wanted = egress && !strcmp(egress, "via");
	if (!wanted)
		return via.object ? jread_fail(j, "via",
					       "goes with \"egress\":\"via\"") :
				    RC_DONE;
	if (!via.object)
		return jread_fail(j, "via", "is missing");
	rc = via_read(&via_attrs, &via, req);
	if (!rc)
		rc = jread_str_needed(&via, "dev", &dev);
	if (rc)
		return rc;
	nl_put_str(req, SRPROXY_A_UPLINK_VIA_DEV, dev);
	return jread_only(&via, keys);
}

/**
 * uplink_stage - the request that makes an uplink as JSON has it
 * @j: the uplink
 * @req: the request
 *
 * Return: RC_DONE or RC_USAGE.
 */
int uplink_stage(const struct jread *j, struct nl_req *req)
{
	static const char *const keys[] = { "dev", "egress", "via", NULL };
	const char *dev;
	int rc;

	nl_req_init(req, SRPROXY_CMD_UPLINK_NEW);
	rc = jread_only(j, keys);
	if (!rc)
		rc = jread_str_needed(j, "dev", &dev);
	if (rc)
		return rc;
	nl_put_str(req, SRPROXY_A_UPLINK_DEV, dev);
	rc = opt_read(egress_opt, j, req);
	return rc ? rc : read_via(j, req);
}

#define NOTES \
	"EGRESS := egress { hairpin | lfib | via { inet | inet6 } ADDR dev IF2 }"

static const struct command commands[] = {
	{ "show", uplink_show, "[ dev IF ]" },
	{ "add", uplink_add, "dev IF [ EGRESS ]" },
	{ "set", uplink_set, "dev IF [ EGRESS ]" },
	{ "del", uplink_del, "dev IF" },
	{ 0 },
};

const struct object uplink_object = {
	.name = "uplink",
	.commands = commands,
	.has_default = true,
	.notes = NOTES,
};
