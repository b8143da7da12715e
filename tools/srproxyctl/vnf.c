// SPDX-License-Identifier: GPL-2.0-or-later
/* vnf: instances of functions, and how they are attached. */

#include <string.h>

#include "attach.h"
#include "counters.h"
#include "keep.h"
#include "latency.h"
#include "match.h"
#include "opt.h"
#include "parse.h"
#include "probe.h"
#include "replace.h"
#include "stage.h"

/* What can be set. */
static const struct opt opts[] = {
	{ "mtu", "mtu", SRPROXY_A_VNF_MTU, NULL, NULL, true },
	{ "weight", "weight", SRPROXY_A_VNF_WEIGHT, NULL, NULL, false },
	{ "max-flows", "max_flows", SRPROXY_A_VNF_MAX_FLOWS, NULL, NULL, true },
	{ "on-miss", "on_miss", SRPROXY_A_VNF_ON_MISS, on_miss_names, NULL,
	  false },
	{ "admin", "admin", SRPROXY_A_VNF_ADMIN, admin_names, NULL, false },
	{ "inner", "inner", SRPROXY_A_VNF_INNER, inner_names, NULL, false },
	{ 0 },
};

/* command line */

static int take_option(struct args *args, struct nl_req *req)
{
	const char *word = args_take(args);
	const struct opt *opt = opt_find(opts, word);
	int rc;

	if (opt)
		return opt_take(opt, args, req);
	if (!strcmp(word, "match"))
		return match_take(args, req);
	if (!strcmp(word, "steer"))
		return steer_take(args, req);
	if (probe_take(args, word, req, &rc))
		return rc;
	return report_usage("\"%s\" is not an option of a vnf.", word);
}

static int take_name(struct args *args, struct nl_req *req)
{
	const char *name = args_take(args);

	if (!name)
		return report_usage("the vnf's name is missing.");
	nl_put_str(req, SRPROXY_A_VNF_NAME, name);
	return RC_DONE;
}

/* "vnf del help" would ask for help. */
static bool is_reserved(const char *name)
{
	return !strcmp(name, "help");
}

static int take_new_name(struct args *args, struct nl_req *req)
{
	if (args_peek(args) && is_reserved(args_peek(args)))
		return report_usage("a vnf cannot be called \"%s\".",
				    args_peek(args));
	return take_name(args, req);
}

/* What can be said only when a vnf is added; *is tells whether it was that. */
static int take_new(struct args *args, struct nl_req *req, struct tls_opts *tls,
		    bool *is)
{
	int rc;

	if (!args_take_if(args, "tls"))
		return attach_take_more(args, req, is);
	*is = true;
	nl_put_flag(req, SRPROXY_A_VNF_TLS, "tls");
	rc = args_once(args, "tls");
	return rc ? rc : tls_take(args, tls);
}

/* A vnf that is added, with room for the words after "tls". */
static int take_added(struct args *args, struct nl_req *req,
		      struct tls_opts *tls)
{
	bool is = false;
	int rc;

	rc = take_new_name(args, req);
	if (!rc)
		rc = attach_take(args, req);
	while (!rc && args_peek(args)) {
		rc = take_new(args, req, tls, &is);
		if (!rc && !is)
			rc = take_option(args, req);
	}
	return rc;
}

static int take_changed(struct args *args, struct nl_req *req)
{
	int rc;

	rc = take_name(args, req);
	while (!rc && args_peek(args))
		rc = take_option(args, req);
	return rc;
}

static int vnf_add(struct ctl *ctl, struct args *args)
{
	struct tls_opts tls = { 0 };
	struct nl_req req;
	int rc;

	nl_req_init(&req, SRPROXY_CMD_VNF_NEW);
	rc = take_added(args, &req, &tls);
	if (!rc && tls_given(&tls))
		return keep_add(ctl, &req, &tls);
	if (!rc)
		return ctl_do(ctl, &req);
	nl_req_free(&req);
	return rc;
}

static int vnf_set(struct ctl *ctl, struct args *args)
{
	struct nl_req req;
	int rc;

	nl_req_init(&req, SRPROXY_CMD_VNF_SET);
	rc = take_changed(args, &req);
	if (!rc)
		rc = replace_needed(&req) ? replace_vnf(ctl, &req) :
					    ctl_do(ctl, &req);
	else
		nl_req_free(&req);
	return rc;
}

static int vnf_reconnect(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_VNF_RECONNECT, take_name);
}

static int vnf_del(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_VNF_DEL, take_name);
}

/* output */

static void print_probes(struct out *out, const struct nlattr **tb)
{
	if (!tb[SRPROXY_A_VNF_PROBE_SENT])
		return;
	out_line(out);
	out_num(out, "probes_sent", "probes sent",
		nl_num(tb[SRPROXY_A_VNF_PROBE_SENT]));
	out_num(out, "probes_answered", "answered",
		nl_num(tb[SRPROXY_A_VNF_PROBE_ANSWERED]));
}

static void print_stats(struct out *out, const struct nlattr **tb)
{
	struct counters c = counters_read(tb[SRPROXY_A_VNF_STATS]);
	struct latency latency = latency_read(tb[SRPROXY_A_VNF_LATENCY]);

	out_object_open(out, "stats");
	out_line(out);
	out_num(out, "to_vnf_packets", "to vnf packets", c.tx_packets);
	out_num(out, "to_vnf_bytes", "bytes", c.tx_bytes);
	out_line(out);
	out_num(out, "from_vnf_packets", "from vnf packets", c.rx_packets);
	out_num(out, "from_vnf_bytes", "bytes", c.rx_bytes);
	out_num(out, "miss", "miss", c.miss);
	print_probes(out, tb);
	latency_print(out, &latency);
	out_object_close(out);
}

/**
 * vnf_print - print the fields of a vnf
 * @ctl: this run
 * @nlh: reply or notification
 */
void vnf_print(struct ctl *ctl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_VNF_MAX);
	out_str(&ctl->out, "name", "", nl_str(tb[SRPROXY_A_VNF_NAME]));
	if (tb[SRPROXY_A_VNF_ID])
		out_num(&ctl->out, "id", NULL, nl_num(tb[SRPROXY_A_VNF_ID]));
	attach_print(&ctl->out, tb, true);
	match_print(&ctl->out, tb);
	opt_print(opts, &ctl->out, tb);
	steer_print(&ctl->out, nlh);
	probe_print(&ctl->out, tb);
	state_print(&ctl->out, tb[SRPROXY_A_VNF_STATE],
		    tb[SRPROXY_A_VNF_CAUSE]);
	out_num(&ctl->out, "flows", "flows", nl_num(tb[SRPROXY_A_VNF_FLOWS]));
	if (tb[SRPROXY_A_VNF_QUEUED])
		out_num(&ctl->out, "queued", "queued",
			nl_num(tb[SRPROXY_A_VNF_QUEUED]));
	if (ctl->stats)
		print_stats(&ctl->out, tb);
}

static int vnf_show(struct ctl *ctl, struct args *args)
{
	return ctl_show(ctl, args, SRPROXY_CMD_VNF_GET, take_name, vnf_print);
}

/* save and apply */

/**
 * vnf_save - print the configuration of a vnf as an element of an array
 * @nlh: reply
 * @data: the output
 */
void vnf_save(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_VNF_MAX);
	out_object_open(data, NULL);
	out_str(data, "name", NULL, nl_str(tb[SRPROXY_A_VNF_NAME]));
	attach_print(data, tb, false);
	match_print(data, tb);
	opt_print(opts, data, tb);
	steer_print(data, nlh);
	probe_print(data, tb);
	out_object_close(data);
}

/**
 * vnf_stage - the request that makes a vnf as JSON has it
 * @j: the vnf
 * @req: the request
 *
 * Return: RC_DONE or RC_USAGE.
 */
int vnf_stage(const struct jread *j, struct nl_req *req)
{
	static const char *const keys[] = {
		"name",
		"type",
		"dev",
		"in",
		"via",
		"lladdr",
		"match",
		"mtu",
		"weight",
		"max_flows",
		"on_miss",
		"admin",
		"inner",
		"probe",
		"vlan",
		"static",
		"out",
		"steer",
		"local",
		"remote",
		"path",
		"pool",
		"tls",
		"probe_interval",
		"probe_multiplier",
		"probe_addr",
		NULL,
	};
	const char *name;
	int rc;

	nl_req_init(req, SRPROXY_CMD_VNF_NEW);
	rc = jread_only(j, keys);
	if (!rc)
		rc = jread_str_needed(j, "name", &name);
	if (rc)
		return rc;
	if (is_reserved(name))
		return jread_fail(j, "name", "cannot be \"%s\"", name);
	nl_put_str(req, SRPROXY_A_VNF_NAME, name);
	rc = attach_read(j, req);
	if (!rc)
		rc = probe_read(j, req);
	if (!rc)
		rc = match_read(j, req);
	if (!rc)
		rc = steer_read(j, req);
	return rc ? rc : opt_read(opts, j, req);
}

#define NOTES                                                                       \
	"ATTACHMENT := dev IF [ in IF2 ] [ via { inet | inet6 } ADDR |\n"           \
	"                                  lladdr MAC ]\n"                          \
	"            | udp local ADDR:PORT remote ADDR:PORT\n"                      \
	"            | tcp remote ADDR:PORT [ tls [ PEER ] ] | unix PATH\n"         \
	"            | app ADDR:PORT dev IF pool PREFIX\n"                          \
	"PEER := psk FILE [ identity ID ] |\n"                                      \
	"        ca FILE [ cert FILE key FILE ] [ name HOST ]\n"                    \
	"OPTIONS := [ match { flow | vlan FIRST-LAST |\n"                           \
	"                     static LABEL[/LABEL...] out UPLINK } ]\n"             \
	"           [ steer { dscp VALUE=LABEL[,VALUE=LABEL...] | none } ]\n"       \
	"           [ inner { ip | ethernet | ethernet-cw } ]\n"                    \
	"           [ probe { none | neigh | inband } ] [ probe-interval MS ]\n"    \
	"           [ probe-multiplier N ] [ probe-addr ADDR:PORT ] [ mtu N ]\n"    \
	"           [ weight N ] [ max-flows N ] [ admin { up | drain | down } ]\n" \
	"           [ on-miss { accept | drop | strict } ]\n"                       \
	"set: another match or inner ends the flows of NAME."

static const struct command commands[] = {
	{ "show", vnf_show, "[ NAME ]" },
	{ "add", vnf_add, "NAME ATTACHMENT [ OPTIONS ]" },
	{ "set", vnf_set, "NAME OPTIONS" },
	{ "del", vnf_del, "NAME" },
	{ "reconnect", vnf_reconnect, "NAME" },
	{ "keep", keep_run, "NAME... [ tls PEER ] [ max-delay SEC ]" },
	{ 0 },
};

const struct object vnf_object = {
	.name = "vnf",
	.commands = commands,
	.has_default = true,
	.notes = NOTES,
};
