// SPDX-License-Identifier: GPL-2.0-or-later
/* flow: the label stacks that are kept for packets at the functions. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "opt.h"
#include "parse.h"

#define MOVED "flows moved meanwhile, some may be missing or listed twice."

/* output */

static const char *proto_name(uint8_t proto, char *number, size_t room)
{
	switch (proto) {
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_GRE:
		return "gre";
	case IPPROTO_ESP:
		return "esp";
	case IPPROTO_AH:
		return "ah";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	case IPPROTO_SCTP:
		return "sctp";
	}
	snprintf(number, room, "%u", proto);
	return number;
}

static void print_addr(struct out *out, const char *key,
		       const struct nlattr *attr)
{
	char text[INET6_ADDRSTRLEN];
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (len == MAC_LEN) {
		out_str(out, key, key,
			mac_text(mnl_attr_get_payload(attr), text));
		return;
	}
	if (len != sizeof(struct in_addr) && len != sizeof(struct in6_addr))
		return;
	inet_ntop(len == sizeof(struct in_addr) ? AF_INET : AF_INET6,
		  mnl_attr_get_payload(attr), text, sizeof(text));
	out_str(out, key, key, text);
}

static void print_num(struct out *out, const char *key,
		      const struct nlattr *attr)
{
	if (attr)
		out_num(out, key, key, nl_num(attr));
}

/* Of an app, what stands for the flow. */
static void print_pool(struct out *out, const struct nlattr **tb)
{
	if (!tb[SRPROXY_A_FLOW_POOL])
		return;
	print_addr(out, "pool", tb[SRPROXY_A_FLOW_POOL]);
	if (!tb[SRPROXY_A_FLOW_POOL_PORT])
		return;
	out_num(out, "pool_port", "pool-port",
		nl_num(tb[SRPROXY_A_FLOW_POOL_PORT]));
}

/* Of a frame that has no IP flow. */
static void print_ether_type(struct out *out, const struct nlattr *attr)
{
	char text[sizeof("0x0000")];

	if (!attr)
		return;
	out_num(out, "ether_type", NULL, nl_num(attr));
	snprintf(text, sizeof(text), "0x%04x", (unsigned int)nl_num(attr));
	out_str(out, NULL, "ether-type", text);
}

static void print_key(struct out *out, const struct nlattr **tb)
{
	uint8_t proto = nl_num(tb[SRPROXY_A_FLOW_PROTO]);
	char number[4];

	if (tb[SRPROXY_A_FLOW_VLAN] && !tb[SRPROXY_A_FLOW_SRC]) {
		print_num(out, "vlan", tb[SRPROXY_A_FLOW_VLAN]);
		return;
	}
	print_addr(out, "src", tb[SRPROXY_A_FLOW_SRC]);
	print_addr(out, "dst", tb[SRPROXY_A_FLOW_DST]);
	print_num(out, "vlan", tb[SRPROXY_A_FLOW_VLAN]);
	print_ether_type(out, tb[SRPROXY_A_FLOW_ETHER_TYPE]);
	if (!tb[SRPROXY_A_FLOW_PROTO])
		return;
	out_num(out, "proto", NULL, proto);
	out_str(out, NULL, "proto", proto_name(proto, number, sizeof(number)));
	print_num(out, "sport", tb[SRPROXY_A_FLOW_SPORT]);
	print_num(out, "dport", tb[SRPROXY_A_FLOW_DPORT]);
	print_num(out, "spi", tb[SRPROXY_A_FLOW_SPI]);
}

static void print_labels(struct out *out, const struct nlattr *attr)
{
	uint32_t labels[SRPROXY_STACK_MAX] = { 0 };
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (len > sizeof(labels))
		len = sizeof(labels);
	if (len)
		memcpy(labels, mnl_attr_get_payload(attr), len);
	out_nums(out, "labels", "labels", labels, len / sizeof(*labels), '/');
}

static void print_flags(struct out *out, const struct nlattr *attr)
{
	const char *set[sizeof(uint32_t) * 8];
	uint32_t flags = nl_num(attr);
	size_t n = 0;

	for (size_t i = 0; flow_flag_names[i]; i++)
		if (flags & (1U << i))
			set[n++] = flow_flag_names[i];
	out_strs(out, "flags", "flags", set, n);
}

/**
 * flow_print - print the fields of a flow
 * @ctl: this run
 * @nlh: reply or notification
 */
void flow_print(struct ctl *ctl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_FLOW_MAX + 1];
	struct out *out = &ctl->out;

	nl_parse(nlh, tb, SRPROXY_A_FLOW_MAX);
	out_str(out, "vnf", "vnf", nl_str(tb[SRPROXY_A_FLOW_VNF]));
	out_num(out, "sid", "sid", nl_num(tb[SRPROXY_A_FLOW_SID]));
	print_key(out, tb);
	print_labels(out, tb[SRPROXY_A_FLOW_LABELS]);
	if (tb[SRPROXY_A_FLOW_UPLINK])
		out_str(out, "uplink", "uplink",
			nl_str(tb[SRPROXY_A_FLOW_UPLINK]));
	print_pool(out, tb);
	print_num(out, "ttl", tb[SRPROXY_A_FLOW_TTL]);
	print_num(out, "tc", tb[SRPROXY_A_FLOW_TC]);
	out_num(out, "idle_ms", "idle-ms", nl_num(tb[SRPROXY_A_FLOW_IDLE_MS]));
	out_num(out, "packets", "packets", nl_num(tb[SRPROXY_A_FLOW_PACKETS]));
	print_flags(out, tb[SRPROXY_A_FLOW_FLAGS]);
}

static void print_item(const struct nlmsghdr *nlh, void *data)
{
	ctl_item(data, nlh, flow_print);
}

/* command line */

static int take_vnf(struct args *args, struct nl_req *req)
{
	const char *name = args_value(args, "vnf");

	if (!name)
		return RC_USAGE;
	nl_put_str(req, SRPROXY_A_FLOW_VNF, name);
	return RC_DONE;
}

static int take_filter(struct args *args, struct nl_req *req)
{
	static const struct opt sid_opt = { .word = "sid",
					    .attr = SRPROXY_A_FLOW_SID };
	int rc = RC_DONE;

	while (!rc && args_peek(args)) {
		if (args_take_if(args, "vnf"))
			rc = take_vnf(args, req);
		else if (args_take_if(args, "sid"))
			rc = opt_take(&sid_opt, args, req);
		else
			rc = args_end(args);
	}
	return rc;
}

/* Flows are many and never stand still: printed as they come, asked once. */
static int dump(struct ctl *ctl, struct nl_req *req)
{
	struct nl_err err;
	int ret;

	out_list_open(&ctl->out);
	ret = nl_dump(&ctl->nl, req, print_item, ctl, &err);
	if (ret < 0) {
		/* Older kernels do not say what is wrong with a dump. */
		if (err.code == ENOENT && !err.word)
			err.word = nl_req_word(req, NL_REQ_FIRST);
		out_list_abort(&ctl->out);
		return report_kernel(&err);
	}
	out_list_close(&ctl->out);
	if (ret)
		report_warning(MOVED);
	return RC_DONE;
}

static int flow_show(struct ctl *ctl, struct args *args)
{
	struct nl_req req;
	int rc;

	nl_req_init(&req, SRPROXY_CMD_FLOW_GET);
	rc = take_filter(args, &req);
	if (!rc)
		rc = ctl_connect(ctl);
	if (!rc)
		rc = dump(ctl, &req);
	nl_req_free(&req);
	return rc;
}

static void print_count(struct ctl *ctl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_STATS_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_STATS_MAX);
	out_num(&ctl->out, "flows", "", nl_num(tb[SRPROXY_A_STATS_FLOWS]));
}

static int flow_count(struct ctl *ctl, struct args *args)
{
	return ctl_show(ctl, args, SRPROXY_CMD_STATS_GET, NULL, print_count);
}

static int take_flushed(struct args *args, struct nl_req *req)
{
	return args_take_if(args, "vnf") ? take_vnf(args, req) : RC_DONE;
}

static int flow_flush(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_FLOW_FLUSH, take_flushed);
}

static const struct command commands[] = {
	{ "show", flow_show, "[ vnf NAME ] [ sid LABEL ]" },
	{ "count", flow_count, "" },
	{ "flush", flow_flush, "[ vnf NAME ]" },
	{ 0 },
};

const struct object flow_object = {
	.name = "flow",
	.commands = commands,
	.has_default = true,
};
