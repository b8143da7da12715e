// SPDX-License-Identifier: GPL-2.0-or-later
/* probe: how it is found out that a function is alive. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "opt.h"
#include "parse.h"
#include "probe.h"

/* "[" an IPv6 address "]:" a port */
#define ADDR_MAX (INET6_ADDRSTRLEN + 8)

static const struct opt opts[] = {
	{ "probe", "probe", SRPROXY_A_VNF_PROBE, probe_names, NULL, true },
	{ "probe-interval", "probe_interval", SRPROXY_A_VNF_PROBE_INTERVAL,
	  NULL, NULL, false },
	{ "probe-multiplier", "probe_multiplier",
	  SRPROXY_A_VNF_PROBE_MULTIPLIER, NULL, NULL, false },
	{ 0 },
};

/* ADDR:PORT, an IPv6 address in brackets. */
static bool put_addr(struct nl_req *req, const char *text)
{
	uint8_t addr[sizeof(struct in6_addr)];
	const char *port = strrchr(text, ':');
	bool inet6 = text[0] == '[';
	char host[ADDR_MAX];
	uint32_t number;

	if (!port || !parse_u32(port + 1, &number) || port - text >= ADDR_MAX ||
	    port < text + 2 * inet6)
		return false;
	if (inet6 && port[-1] != ']')
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(port - text - 2 * inet6),
		 text + inet6);
	if (inet_pton(inet6 ? AF_INET6 : AF_INET, host, addr) != 1)
		return false;
	if (inet6)
		nl_put(req, SRPROXY_A_VNF_PROBE_INET6, addr,
		       sizeof(struct in6_addr), text);
	else
		nl_put(req, SRPROXY_A_VNF_PROBE_INET, addr,
		       sizeof(struct in_addr), text);
	nl_put_u32(req, SRPROXY_A_VNF_PROBE_PORT, number, text);
	return true;
}

static int take_addr(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "probe-addr");

	if (!word)
		return RC_USAGE;
	if (!put_addr(req, word))
		return report_usage("\"%s\" is not ADDR:PORT.", word);
	return RC_DONE;
}

/**
 * probe_take - take an option about probes from the command line
 * @args: the command line after the option's word
 * @word: the option's word
 * @req: the request that it is put into
 * @rc: RC_DONE or RC_USAGE, if it is one
 *
 * Return: whether it is one.
 */
bool probe_take(struct args *args, const char *word, struct nl_req *req,
		int *rc)
{
	const struct opt *opt = opt_find(opts, word);

	if (opt)
		*rc = opt_take(opt, args, req);
	else if (!strcmp(word, "probe-addr"))
		*rc = take_addr(args, req);
	else
		return false;
	return true;
}

/**
 * probe_read - read the probes of a vnf from JSON
 * @j: the vnf
 * @req: the request that they are put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int probe_read(const struct jread *j, struct nl_req *req)
{
	const char *word;
	int rc;

	rc = opt_read(opts, j, req);
	if (!rc)
		rc = jread_str(j, "probe_addr", &word);
	if (rc || !word)
		return rc;
	if (!put_addr(req, word))
		return jread_fail(j, "probe_addr", "is not ADDR:PORT");
	return RC_DONE;
}

static bool addr_text(const struct nlattr **tb, char text[ADDR_MAX])
{
	const struct nlattr *inet = tb[SRPROXY_A_VNF_PROBE_INET];
	const struct nlattr *attr = inet ? inet : tb[SRPROXY_A_VNF_PROBE_INET6];
	size_t len = inet ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	char host[INET6_ADDRSTRLEN];

	if (!attr || mnl_attr_get_payload_len(attr) < len)
		return false;
	inet_ntop(inet ? AF_INET : AF_INET6, mnl_attr_get_payload(attr), host,
		  sizeof(host));
	snprintf(text, ADDR_MAX, inet ? "%s:%u" : "[%s]:%u", host,
		 (unsigned int)nl_num(tb[SRPROXY_A_VNF_PROBE_PORT]));
	return true;
}

/**
 * probe_print - print the probes of a vnf; in text only if there are any
 * @out: the output
 * @tb: attributes of the message by their types
 */
void probe_print(struct out *out, const struct nlattr **tb)
{
	uint64_t kind = nl_num(tb[SRPROXY_A_VNF_PROBE]);
	char text[ADDR_MAX];

	if (!tb[SRPROXY_A_VNF_PROBE])
		return;
	if (kind != SRPROXY_PROBE_NONE || out->json)
		opt_print(opts, out, tb);
	if (addr_text(tb, text))
		out_str(out, "probe_addr", "probe-addr", text);
}
