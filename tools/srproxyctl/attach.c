// SPDX-License-Identifier: GPL-2.0-or-later
/* How a vnf is attached: a device, a socket, a server. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "opt.h"
#include "parse.h"

#define PORT_MAX 65535
#define KINDS "udp, tcp, unix or app"
/* "[address]:port" */
#define END_TEXT (INET6_ADDRSTRLEN + 8)
#define PREFIX_TEXT (INET6_ADDRSTRLEN + 4)

/**
 * struct end_attrs - where the kernel takes an address and a port
 * @inet: attribute of the IPv4 address
 * @inet6: attribute of the IPv6 address
 * @port: attribute of the port; of a pool, its length
 */
struct end_attrs {
	uint16_t inet;
	uint16_t inet6;
	uint16_t port;
};

static const struct via_attrs via_attrs = {
	.inet = SRPROXY_A_VNF_VIA_INET,
	.inet6 = SRPROXY_A_VNF_VIA_INET6,
};

static const struct end_attrs local_attrs = {
	.inet = SRPROXY_A_VNF_LOCAL_INET,
	.inet6 = SRPROXY_A_VNF_LOCAL_INET6,
	.port = SRPROXY_A_VNF_LOCAL_PORT,
};

static const struct end_attrs remote_attrs = {
	.inet = SRPROXY_A_VNF_REMOTE_INET,
	.inet6 = SRPROXY_A_VNF_REMOTE_INET6,
	.port = SRPROXY_A_VNF_REMOTE_PORT,
};

static const struct end_attrs pool_attrs = {
	.inet = SRPROXY_A_VNF_POOL_INET,
	.inet6 = SRPROXY_A_VNF_POOL_INET6,
	.port = SRPROXY_A_VNF_POOL_LEN,
};

/* addresses */

static bool put_addr(const struct end_attrs *attrs, int family,
		     const char *text, const char *word, struct nl_req *req)
{
	uint8_t addr[sizeof(struct in6_addr)];

	if (inet_pton(family, text, addr) != 1)
		return false;
	if (family == AF_INET)
		nl_put(req, attrs->inet, addr, sizeof(struct in_addr), word);
	else
		nl_put(req, attrs->inet6, addr, sizeof(struct in6_addr), word);
	return true;
}

/* Put "192.0.2.1:5000" or "[2001:db8::1]:5000". */
static bool put_end(const struct end_attrs *attrs, const char *word,
		    struct nl_req *req)
{
	bool six = word[0] == '[';
	const char *colon = strrchr(word, ':');
	char text[INET6_ADDRSTRLEN];
	size_t len;
	uint32_t port;
	uint16_t port16;

	if (!colon || !parse_u32(colon + 1, &port) || port > PORT_MAX)
		return false;
	len = colon - word;
	if (six && (len < 2 || colon[-1] != ']'))
		return false;
	word += six;
	len -= 2 * six;
	if (len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)len, word);
	port16 = port;
	if (!put_addr(attrs, six ? AF_INET6 : AF_INET, text, word - six, req))
		return false;
	nl_put(req, attrs->port, &port16, sizeof(port16), colon + 1);
	return true;
}

/* Put "192.0.2.0/24" or "2001:db8::/64". */
static bool put_prefix(const struct end_attrs *attrs, const char *word,
		       struct nl_req *req)
{
	const char *slash = strchr(word, '/');
	char text[INET6_ADDRSTRLEN];
	uint32_t len;
	uint8_t len8;

	if (!slash || slash - word >= (ptrdiff_t)sizeof(text) ||
	    !parse_u32(slash + 1, &len) || len > UINT8_MAX)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(slash - word), word);
	len8 = len;
	if (!put_addr(attrs, strchr(text, ':') ? AF_INET6 : AF_INET, text, word,
		      req))
		return false;
	nl_put(req, attrs->port, &len8, sizeof(len8), slash + 1);
	return true;
}

static bool addr_text(const struct end_attrs *attrs, const struct nlattr **tb,
		      char text[INET6_ADDRSTRLEN], bool *six)
{
	const struct nlattr *inet = tb[attrs->inet], *inet6 = tb[attrs->inet6];
	const struct nlattr *attr = inet ? inet : inet6;
	size_t len = inet ? sizeof(struct in_addr) : sizeof(struct in6_addr);

	*six = !inet;
	if (!attr || mnl_attr_get_payload_len(attr) < len)
		return false;
	return inet_ntop(inet ? AF_INET : AF_INET6, mnl_attr_get_payload(attr),
			 text, INET6_ADDRSTRLEN);
}

/* An end is printed under its word, which is its key too. */
static void print_end(const struct end_attrs *attrs, struct out *out,
		      const char *word, const struct nlattr **tb)
{
	char addr[INET6_ADDRSTRLEN], text[END_TEXT];
	bool six;

	if (!addr_text(attrs, tb, addr, &six))
		return;
	snprintf(text, sizeof(text), six ? "[%s]:%u" : "%s:%u", addr,
		 (unsigned int)nl_num(tb[attrs->port]));
	out_str(out, word, word, text);
}

static void print_prefix(const struct end_attrs *attrs, struct out *out,
			 const char *word, const struct nlattr **tb)
{
	char addr[INET6_ADDRSTRLEN], text[PREFIX_TEXT];
	bool six;

	if (!addr_text(attrs, tb, addr, &six))
		return;
	snprintf(text, sizeof(text), "%s/%u", addr,
		 (unsigned int)nl_num(tb[attrs->port]));
	out_str(out, word, word, text);
}

/* command line */

static int take_end(const struct end_attrs *attrs, const char *what,
		    struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, what);

	if (!word)
		return RC_USAGE;
	if (put_end(attrs, word, req))
		return RC_DONE;
	return report_usage("\"%s\" is not ADDR:PORT or [ADDR]:PORT.", word);
}

static int take_dev(struct args *args, struct nl_req *req)
{
	const char *dev = args_value(args, "dev");

	if (!dev)
		return RC_USAGE;
	nl_put_str(req, SRPROXY_A_VNF_DEV, dev);
	return RC_DONE;
}

static int take_path(struct args *args, struct nl_req *req)
{
	const char *path = args_value(args, "unix");

	if (!path)
		return RC_USAGE;
	nl_put_str(req, SRPROXY_A_VNF_PATH, path);
	return RC_DONE;
}

static int take_pool(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "pool");

	if (!word)
		return RC_USAGE;
	if (put_prefix(&pool_attrs, word, req))
		return RC_DONE;
	return report_usage("\"%s\" is not a prefix ADDR/LENGTH.", word);
}

/**
 * attach_take - take a kind of attachment and what has to follow it
 * @args: the command line
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int attach_take(struct args *args, struct nl_req *req)
{
	const char *word = args_take(args);
	uint32_t type;
	int rc;

	if (!word)
		return report_usage("\"dev IF\", " KINDS " is missing.");
	if (!name_value(type_names, word, &type))
		return report_usage("dev, " KINDS " is expected, not \"%s\".",
				    word);
	nl_put_u32(req, SRPROXY_A_VNF_TYPE, type, word);
	switch (type) {
	case SRPROXY_VNF_TYPE_DEV:
		return take_dev(args, req);
	case SRPROXY_VNF_TYPE_UNIX:
		return take_path(args, req);
	case SRPROXY_VNF_TYPE_APP:
		rc = take_end(&remote_attrs, word, args, req);
		return rc ? rc : args_once(args, "remote");
	}
	return RC_DONE;
}

static int take_lladdr(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "lladdr");
	uint8_t mac[MAC_LEN];

	if (!word)
		return RC_USAGE;
	if (!parse_mac(word, mac))
		return report_usage("\"%s\" is not an Ethernet address.", word);
	nl_put(req, SRPROXY_A_VNF_LLADDR, mac, sizeof(mac), word);
	return RC_DONE;
}

static int take_in(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "in");

	if (!word)
		return RC_USAGE;
	nl_put_str(req, SRPROXY_A_VNF_IN, word);
	return RC_DONE;
}

/**
 * attach_take_more - take what can be said only when a vnf is added
 * @args: the command line
 * @req: the request that it is put into
 * @is: whether it was that
 *
 * Return: RC_DONE or RC_USAGE.
 */
int attach_take_more(struct args *args, struct nl_req *req, bool *is)
{
	*is = true;
	if (args_take_if(args, "in"))
		return take_in(args, req);
	if (args_take_if(args, "via"))
		return via_take(&via_attrs, args, req);
	if (args_take_if(args, "lladdr"))
		return take_lladdr(args, req);
	if (args_take_if(args, "local"))
		return take_end(&local_attrs, "local", args, req);
	if (args_take_if(args, "remote"))
		return take_end(&remote_attrs, "remote", args, req);
	if (args_take_if(args, "dev"))
		return take_dev(args, req);
	if (args_take_if(args, "pool"))
		return take_pool(args, req);
	*is = false;
	return RC_DONE;
}

/* output */

/**
 * attach_print - print how a vnf is attached
 * @out: the output
 * @tb: attributes of the vnf
 * @always_in: give the device that packets return on even if it is the same
 */
void attach_print(struct out *out, const struct nlattr **tb, bool always_in)
{
	const char *dev = nl_str(tb[SRPROXY_A_VNF_DEV]);
	const char *in = nl_str(tb[SRPROXY_A_VNF_IN]);
	const struct nlattr *lladdr = tb[SRPROXY_A_VNF_LLADDR];
	uint64_t type = nl_num(tb[SRPROXY_A_VNF_TYPE]);
	bool is_dev = type == SRPROXY_VNF_TYPE_DEV;
	bool other = *in && strcmp(in, dev);
	char text[MAC_TEXT];

	out_str(out, "type", is_dev ? NULL : "", name_of(type_names, type));
	print_end(&local_attrs, out, "local", tb);
	print_end(&remote_attrs, out, "remote", tb);
	if (tb[SRPROXY_A_VNF_PATH])
		out_str(out, "path", "", nl_str(tb[SRPROXY_A_VNF_PATH]));
	if (*dev)
		out_str(out, "dev", "dev", dev);
	if (*dev && is_dev && (other || always_in))
		out_str(out, "in", other ? "in" : NULL, other ? in : dev);
	if (via_print(&via_attrs, out, "via", tb))
		out_object_close(out);
	if (lladdr && mnl_attr_get_payload_len(lladdr) == MAC_LEN)
		out_str(out, "lladdr", "lladdr",
			mac_text(mnl_attr_get_payload(lladdr), text));
	print_prefix(&pool_attrs, out, "pool", tb);
	if (tb[SRPROXY_A_VNF_TLS])
		out_str(out, "tls", "tls", "yes");
}

/* save and apply */

static int read_end(const struct end_attrs *attrs, const struct jread *j,
		    const char *key, struct nl_req *req)
{
	const char *word;
	int rc;

	rc = jread_str(j, key, &word);
	if (rc || !word)
		return rc;
	if (put_end(attrs, word, req))
		return RC_DONE;
	return jread_fail(j, key, "is not ADDR:PORT or [ADDR]:PORT");
}

static int read_pool(const struct jread *j, struct nl_req *req)
{
	const char *word;
	int rc;

	rc = jread_str(j, "pool", &word);
	if (rc || !word)
		return rc;
	if (put_prefix(&pool_attrs, word, req))
		return RC_DONE;
	return jread_fail(j, "pool", "is not a prefix ADDR/LENGTH");
}

static int read_tls(const struct jread *j, struct nl_req *req)
{
	const char *word;
	int rc;

	rc = jread_str(j, "tls", &word);
	if (rc || !word)
		return rc;
	if (strcmp(word, "yes"))
		return jread_fail(j, "tls", "is not \"yes\"");
	nl_put_flag(req, SRPROXY_A_VNF_TLS, word);
	return RC_DONE;
}

static int read_word(const struct jread *j, const char *key, uint16_t attr,
		     struct nl_req *req)
{
	const char *word;
	int rc;

	rc = jread_str(j, key, &word);
	if (!rc && word)
		nl_put_str(req, attr, word);
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

static int read_type(const struct jread *j, struct nl_req *req)
{
	uint32_t type = SRPROXY_VNF_TYPE_DEV;
	char list[64];
	const char *word, *dev;
	int rc;

	rc = jread_str(j, "type", &word);
	if (rc)
		return rc;
	if (!word)
		word = type_names[type];
	if (!name_value(type_names, word, &type)) {
		names_list(type_names, list, sizeof(list));
		return jread_fail(j, "type", "is one of %s, not \"%s\"", list,
				  word);
	}
	nl_put_u32(req, SRPROXY_A_VNF_TYPE, type, word);
	if (type == SRPROXY_VNF_TYPE_DEV)
		return jread_str_needed(j, "dev", &dev);
	return RC_DONE;
}

static int read_devs(const struct jread *j, struct nl_req *req)
{
	int rc;

	rc = read_word(j, "dev", SRPROXY_A_VNF_DEV, req);
	if (!rc)
		rc = read_word(j, "in", SRPROXY_A_VNF_IN, req);
	if (!rc)
		rc = read_via(j, req);
	return rc ? rc : read_lladdr(j, req);
}

/**
 * attach_read - read from JSON how a vnf is attached
 * @j: the vnf
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int attach_read(const struct jread *j, struct nl_req *req)
{
	int rc;

	rc = read_type(j, req);
	if (!rc)
		rc = read_devs(j, req);
	if (!rc)
		rc = read_end(&local_attrs, j, "local", req);
	if (!rc)
		rc = read_end(&remote_attrs, j, "remote", req);
	if (!rc)
		rc = read_word(j, "path", SRPROXY_A_VNF_PATH, req);
	if (!rc)
		rc = read_pool(j, req);
	return rc ? rc : read_tls(j, req);
}
