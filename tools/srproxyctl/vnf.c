// SPDX-License-Identifier: GPL-2.0-or-later
/* vnf: instances of functions, and how they are attached. */

#include <string.h>

#include "counters.h"
#include "match.h"
#include "opt.h"
#include "parse.h"
#include "stage.h"

static const struct via_attrs via_attrs = {
	.inet = SRPROXY_A_VNF_VIA_INET,
	.inet6 = SRPROXY_A_VNF_VIA_INET6,
};

/* What of the grammar a later version will know. */
static const char *const later_types[] = { "udp", "tcp", "unix", "app", NULL };
static const char *const later_probes[] = { "neigh", "inband", NULL };
static const char *const later_words[] = {
	"probe-interval",
	"probe-multiplier",
	"probe-addr",
	NULL,
};

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

/*
 * A setting that has but one value in this version: taken when it is that, for
 * the sake of scripts that write it down.
 */
static int take_only(struct args *args, const char *option, const char *value,
		     const char *const *later)
{
	const char *word = args_take(args);
	uint32_t which;

	if (!word)
		return opt_missing(option);
	if (!strcmp(word, value))
		return RC_DONE;
	if (name_value(later, word, &which))
		return opt_later(option, word);
	return report_usage("\"%s\" is not a value of %s.", word, option);
}

static int take_option(struct args *args, struct nl_req *req)
{
	const char *word = args_take(args);
	const struct opt *opt = opt_find(opts, word);
	uint32_t which;

	if (opt)
		return opt_take(opt, args, req);
	if (!strcmp(word, "match"))
		return match_take(args, req);
	if (!strcmp(word, "steer"))
		return steer_take(args, req);
	if (!strcmp(word, "probe"))
		return take_only(args, word, "none", later_probes);
	if (name_value(later_words, word, &which))
		return opt_later(word, NULL);
	return report_usage("\"%s\" is not an option of a vnf.", word);
}

static int take_lladdr(struct args *args, struct nl_req *req)
{
	const char *word = args_take(args);
	uint8_t mac[MAC_LEN];

	if (!word)
		return opt_missing("lladdr");
	if (!parse_mac(word, mac))
		return report_usage("\"%s\" is not an Ethernet address.", word);
	nl_put(req, SRPROXY_A_VNF_LLADDR, mac, sizeof(mac), word);
	return RC_DONE;
}

static int take_in(struct args *args, struct nl_req *req)
{
	const char *word = args_take(args);

	if (!word)
		return opt_missing("in");
	nl_put_str(req, SRPROXY_A_VNF_IN, word);
	return RC_DONE;
}

/* What can be said only when a vnf is added; *is tells whether it was that. */
static int take_attachment(struct args *args, struct nl_req *req, bool *is)
{
	*is = true;
	if (args_take_if(args, "in"))
		return take_in(args, req);
	if (args_take_if(args, "via"))
		return via_take(&via_attrs, args, req);
	if (args_take_if(args, "lladdr"))
		return take_lladdr(args, req);
	*is = false;
	return RC_DONE;
}

static int take_type(struct args *args, struct nl_req *req)
{
	const char *word = args_take(args), *dev;
	uint32_t which;

	if (!word)
		return report_usage("\"dev IF\" is missing.");
	if (name_value(later_types, word, &which))
		return opt_later("vnf add NAME", word);
	if (!name_value(type_names, word, &which))
		return report_usage("\"dev IF\" is expected, not \"%s\".",
				    word);
	dev = args_take(args);
	if (!dev)
		return opt_missing(word);
	nl_put_u32(req, SRPROXY_A_VNF_TYPE, which, word);
	nl_put_str(req, SRPROXY_A_VNF_DEV, dev);
	return RC_DONE;
}

static int take_name(struct args *args, struct nl_req *req)
{
	const char *name = args_take(args);

	if (!name)
		return report_usage("the vnf's name is missing.");
	nl_put_str(req, SRPROXY_A_VNF_NAME, name);
	return RC_DONE;
}

static int take_all(struct args *args, struct nl_req *req, bool add)
{
	bool is = false;
	int rc;

	rc = take_name(args, req);
	if (!rc && add)
		rc = take_type(args, req);
	while (!rc && args_peek(args)) {
		if (add)
			rc = take_attachment(args, req, &is);
		if (!rc && !is)
			rc = take_option(args, req);
	}
	return rc;
}

static int vnf_add(struct ctl *ctl, struct args *args)
{
	struct nl_req req;
	int rc;

	nl_req_init(&req, SRPROXY_CMD_VNF_NEW);
	rc = take_all(args, &req, true);
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
	rc = take_all(args, &req, false);
	if (!rc)
		return ctl_do(ctl, &req);
	nl_req_free(&req);
	return rc;
}

static int vnf_del(struct ctl *ctl, struct args *args)
{
	struct nl_req req;
	int rc;

	nl_req_init(&req, SRPROXY_CMD_VNF_DEL);
	rc = take_name(args, &req);
	if (!rc)
		rc = args_end(args);
	if (!rc)
		return ctl_do(ctl, &req);
	nl_req_free(&req);
	return rc;
}

/* output */

static void print_attachment(struct out *out, const struct nlattr **tb,
			     bool always_in)
{
	const char *dev = nl_str(tb[SRPROXY_A_VNF_DEV]);
	const char *in = nl_str(tb[SRPROXY_A_VNF_IN]);
	const struct nlattr *lladdr = tb[SRPROXY_A_VNF_LLADDR];
	bool other = *in && strcmp(in, dev);
	char text[MAC_TEXT];

	out_str(out, "type", NULL,
		name_of(type_names, nl_num(tb[SRPROXY_A_VNF_TYPE])));
	out_str(out, "dev", "dev", dev);
	if (other || always_in)
		out_str(out, "in", other ? "in" : NULL, other ? in : dev);
	if (via_print(&via_attrs, out, "via", tb))
		out_object_close(out);
	if (lladdr && mnl_attr_get_payload_len(lladdr) == MAC_LEN)
		out_str(out, "lladdr", "lladdr",
			mac_text(mnl_attr_get_payload(lladdr), text));
}

static void print_latency(struct out *out)
{
	/* Nothing samples the latency yet. */
	out_object_open(out, "latency_ns");
	out_num(out, "count", NULL, 0);
	out_num(out, "p50", NULL, 0);
	out_num(out, "p99", NULL, 0);
	out_num(out, "max", NULL, 0);
	out_object_close(out);
}

static void print_stats(struct out *out, const struct nlattr *nest)
{
	struct counters c = counters_read(nest);

	out_object_open(out, "stats");
	out_line(out);
	out_num(out, "to_vnf_packets", "to vnf packets", c.tx_packets);
	out_num(out, "to_vnf_bytes", "bytes", c.tx_bytes);
	out_line(out);
	out_num(out, "from_vnf_packets", "from vnf packets", c.rx_packets);
	out_num(out, "from_vnf_bytes", "bytes", c.rx_bytes);
	out_num(out, "miss", "miss", c.miss);
	print_latency(out);
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
	print_attachment(&ctl->out, tb, true);
	match_print(&ctl->out, tb);
	opt_print(opts, &ctl->out, tb);
	steer_print(&ctl->out, nlh);
	state_print(&ctl->out, tb[SRPROXY_A_VNF_STATE],
		    tb[SRPROXY_A_VNF_CAUSE]);
	out_num(&ctl->out, "flows", "flows", nl_num(tb[SRPROXY_A_VNF_FLOWS]));
	if (ctl->stats)
		print_stats(&ctl->out, tb[SRPROXY_A_VNF_STATS]);
}

static void print_item(const struct nlmsghdr *nlh, void *data)
{
	struct ctl *ctl = data;

	out_item_open(&ctl->out);
	vnf_print(ctl, nlh);
	out_item_close(&ctl->out);
}

static int vnf_show(struct ctl *ctl, struct args *args)
{
	bool all = !args_peek(args);
	struct nl_req req;
	int rc = RC_DONE;

	nl_req_init(&req, SRPROXY_CMD_VNF_GET);
	if (!all)
		rc = take_name(args, &req);
	if (!rc)
		rc = args_end(args);
	if (!rc)
		return ctl_show(ctl, &req, all, print_item);
	nl_req_free(&req);
	return rc;
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
	print_attachment(data, tb, false);
	match_print(data, tb);
	opt_print(opts, data, tb);
	steer_print(data, nlh);
	out_object_close(data);
}

static int read_only(const struct jread *j, const char *key, const char *value,
		     const char *const *later)
{
	const char *word;
	uint32_t which;
	int rc;

	rc = jread_str(j, key, &word);
	if (rc || !word || !strcmp(word, value))
		return rc;
	if (name_value(later, word, &which))
		return opt_read_later(j, key, word);
	return jread_fail(j, key, "is not \"%s\"", value);
}

static int read_type(const struct jread *j, struct nl_req *req)
{
	const char *word;
	uint32_t which;
	int rc;

	rc = read_only(j, "type", "dev", later_types);
	if (!rc)
		rc = jread_str(j, "type", &word);
	if (rc)
		return rc;
	if (!word)
		word = type_names[SRPROXY_VNF_TYPE_DEV];
	if (name_value(type_names, word, &which))
		nl_put_u32(req, SRPROXY_A_VNF_TYPE, which, word);
	rc = jread_str_needed(j, "dev", &word);
	if (!rc)
		nl_put_str(req, SRPROXY_A_VNF_DEV, word);
	return rc;
}

static int read_lladdr(const struct jread *j, struct nl_req *req)
{
	uint8_t mac[MAC_LEN];
	const char *word;
	int rc;

	rc = jread_str(j, "lladdr", &word);
	if (rc || !word)
		return rc;
	if (!parse_mac(word, mac))
		return jread_fail(j, "lladdr", "is not an Ethernet address");
	nl_put(req, SRPROXY_A_VNF_LLADDR, mac, sizeof(mac), word);
	return RC_DONE;
}

static int read_via(const struct jread *j, struct nl_req *req)
{
	static const char *const keys[] = { "family", "addr", NULL };
	struct jread via;
	int rc;

	rc = jread_object(j, "via", &via);
	if (rc || !via.object)
		return rc;
	rc = via_read(&via_attrs, &via, req);
	return rc ? rc : jread_only(&via, keys);
}

static int read_attachment(const struct jread *j, struct nl_req *req)
{
	const char *word;
	int rc;

	rc = read_type(j, req);
	if (!rc)
		rc = jread_str(j, "in", &word);
	if (rc)
		return rc;
	if (word)
		nl_put_str(req, SRPROXY_A_VNF_IN, word);
	rc = read_via(j, req);
	return rc ? rc : read_lladdr(j, req);
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
		"name",	   "type",  "dev",   "in",     "via",
		"lladdr",  "match", "mtu",   "weight", "max_flows",
		"on_miss", "admin", "inner", "probe",  "vlan",
		"static",  "out",   "steer", NULL,
	};
	const char *name;
	int rc;

	nl_req_init(req, SRPROXY_CMD_VNF_NEW);
	rc = jread_only(j, keys);
	if (!rc)
		rc = jread_str_needed(j, "name", &name);
	if (rc)
		return rc;
	nl_put_str(req, SRPROXY_A_VNF_NAME, name);
	rc = read_attachment(j, req);
	if (!rc)
		rc = read_only(j, "probe", "none", later_probes);
	if (!rc)
		rc = match_read(j, req);
	if (!rc)
		rc = steer_read(j, req);
	return rc ? rc : opt_read(opts, j, req);
}

#define NOTES                                                                       \
	"OPTIONS := [ match { flow | vlan FIRST-LAST |\n"                           \
	"                     static LABEL[/LABEL...] out UPLINK } ]\n"             \
	"           [ steer { dscp VALUE=LABEL[,VALUE=LABEL...] | none } ]\n"       \
	"           [ inner { ip | ethernet | ethernet-cw } ]\n"                    \
	"           [ probe none ] [ mtu N ]\n"                                     \
	"           [ weight N ] [ max-flows N ] [ admin { up | drain | down } ]\n" \
	"           [ on-miss { accept | drop | strict } ]"

static const struct command commands[] = {
	{ "show", vnf_show, "[ NAME ]" },
	{ "add", vnf_add,
	  "NAME dev IF [ in IF2 ] [ via { inet | inet6 } ADDR | lladdr MAC ]\n"
	  "                          [ OPTIONS ]" },
	{ "set", vnf_set, "NAME OPTIONS" },
	{ "del", vnf_del, "NAME" },
	{ 0 },
};

const struct object vnf_object = {
	.name = "vnf",
	.commands = commands,
	.has_default = true,
	.notes = NOTES,
};
