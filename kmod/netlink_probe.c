// SPDX-License-Identifier: GPL-2.0-only
/* Probes of a vnf, from attributes and to attributes. */
#include <net/ipv6.h>

#include "netlink.h"
#include "vnf.h"

#define SRP_REFUSE(info, type, msg) do {				\
	const struct genl_info *__info = (info);			\
									\
	NL_SET_ERR_MSG_ATTR(__info->extack, __info->attrs[type], msg);	\
} while (0)

/**
 * srp_probe_default() - the probes of a vnf of which nothing is said
 * @cfg: filled in
 */
void srp_probe_default(struct srp_probe_cfg *cfg)
{
	cfg->kind = SRPROXY_PROBE_NONE;
	cfg->interval = SRP_PROBE_INTERVAL;
	cfg->multiplier = SRP_PROBE_MULTIPLIER;
}

static bool srp_probe_unicast(const struct srp_via *addr)
{
	if (addr->family == AF_INET)
		return !ipv4_is_multicast(addr->addr.inet) &&
		       !ipv4_is_lbcast(addr->addr.inet) &&
		       !ipv4_is_zeronet(addr->addr.inet) &&
		       !ipv4_is_loopback(addr->addr.inet);
	return !ipv6_addr_is_multicast(&addr->addr.inet6) &&
	       !ipv6_addr_any(&addr->addr.inet6) &&
	       !ipv6_addr_loopback(&addr->addr.inet6);
}

static int srp_probe_addr_attr(const struct genl_info *info)
{
	return info->attrs[SRPROXY_A_VNF_PROBE_INET] ?
	       SRPROXY_A_VNF_PROBE_INET : SRPROXY_A_VNF_PROBE_INET6;
}

static bool srp_parse_probe_addr(struct genl_info *info,
				 struct srp_probe_cfg *cfg)
{
	const struct nlattr *inet = info->attrs[SRPROXY_A_VNF_PROBE_INET];
	const struct nlattr *inet6 = info->attrs[SRPROXY_A_VNF_PROBE_INET6];
	const struct nlattr *port = info->attrs[SRPROXY_A_VNF_PROBE_PORT];

	if (!inet && !inet6 && !port)
		return true;
	if (!inet == !inet6 || !port) {
		SRP_REFUSE(info, port ? SRPROXY_A_VNF_PROBE_PORT :
			   srp_probe_addr_attr(info),
			   "probe-addr is one address and a port");
		return false;
	}
	memset(&cfg->addr, 0, sizeof(cfg->addr));
	cfg->port = nla_get_u32(port);
	cfg->addr.family = inet ? AF_INET : AF_INET6;
	if (inet)
		cfg->addr.addr.inet = nla_get_in_addr(inet);
	else
		cfg->addr.addr.inet6 = nla_get_in6_addr(inet6);
	if (srp_probe_unicast(&cfg->addr))
		return true;
	SRP_REFUSE(info, srp_probe_addr_attr(info),
		   "probe-addr is not a unicast address");
	return false;
}

static bool srp_probe_neigh_ok(struct genl_info *info,
			       const struct srp_vnf_cfg *cfg)
{
	if (cfg->via.family == AF_INET || cfg->via.family == AF_INET6)
		return true;
	if (srp_attach_by_wire(srp_attach_ops(cfg->type)))
		SRP_REFUSE(info, SRPROXY_A_VNF_PROBE,
			   "a function behind a socket is no neighbour: probe inband only");
	else
		SRP_REFUSE(info, SRPROXY_A_VNF_PROBE,
			   "probe neigh needs a vnf with via");
	return false;
}

static bool srp_probe_inband_ok(struct genl_info *info,
				const struct srp_vnf_cfg *cfg)
{
	if (cfg->type == SRPROXY_VNF_TYPE_APP)
		SRP_REFUSE(info, SRPROXY_A_VNF_PROBE,
			   "an app sends answers, no packet back: probe neigh only");
	else if (cfg->inner != SRPROXY_INNER_IP)
		SRP_REFUSE(info, SRPROXY_A_VNF_PROBE,
			   "probe inband goes with inner ip only");
	else if (!cfg->probe.addr.family)
		SRP_REFUSE(info, SRPROXY_A_VNF_PROBE,
			   "probe inband needs probe-addr");
	else
		return true;
	return false;
}

static bool srp_probe_kind_ok(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	struct srp_probe_cfg *probe = &cfg->probe;

	if (probe->kind == SRPROXY_PROBE_INBAND)
		return srp_probe_inband_ok(info, cfg);
	if (info->attrs[SRPROXY_A_VNF_PROBE_PORT]) {
		SRP_REFUSE(info, srp_probe_addr_attr(info),
			   "probe-addr goes with probe inband only");
		return false;
	}
	memset(&probe->addr, 0, sizeof(probe->addr));
	probe->port = 0;
	return probe->kind == SRPROXY_PROBE_NONE ||
	       srp_probe_neigh_ok(info, cfg);
}

/**
 * srp_parse_probe() - what a request says of probes
 * @info: the request
 * @cfg: the vnf, the rest of it read; its probes are changed
 *
 * Return: false with extack filled in if that does not go together.
 */
bool srp_parse_probe(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	struct nlattr **attrs = info->attrs;
	struct srp_probe_cfg *probe = &cfg->probe;

	if (attrs[SRPROXY_A_VNF_PROBE])
		probe->kind = nla_get_u32(attrs[SRPROXY_A_VNF_PROBE]);
	if (attrs[SRPROXY_A_VNF_PROBE_INTERVAL])
		probe->interval =
			nla_get_u32(attrs[SRPROXY_A_VNF_PROBE_INTERVAL]);
	if (attrs[SRPROXY_A_VNF_PROBE_MULTIPLIER])
		probe->multiplier =
			nla_get_u32(attrs[SRPROXY_A_VNF_PROBE_MULTIPLIER]);
	return srp_parse_probe_addr(info, probe) &&
	       srp_probe_kind_ok(info, cfg);
}

static int srp_fill_probe_addr(struct sk_buff *msg,
			       const struct srp_probe_cfg *cfg)
{
	const struct srp_via *addr = &cfg->addr;

	if (!addr->family)
		return 0;
	return nla_put_u32(msg, SRPROXY_A_VNF_PROBE_PORT, cfg->port) ?:
	       addr->family == AF_INET ?
	       nla_put_in_addr(msg, SRPROXY_A_VNF_PROBE_INET,
			       addr->addr.inet) :
	       nla_put_in6_addr(msg, SRPROXY_A_VNF_PROBE_INET6,
				&addr->addr.inet6);
}

static int srp_fill_probe_counts(struct sk_buff *msg, const struct srp_vnf *vnf)
{
	struct srp_prober *prober = rtnl_dereference(vnf->prober);
	u64 sent = 0, heard = 0;

	if (!prober)
		return 0;
	srp_prober_counts(prober, &sent, &heard);
	if (nla_put_u64_64bit(msg, SRPROXY_A_VNF_PROBE_SENT, sent,
			      SRPROXY_A_VNF_PAD) ||
	    nla_put_u64_64bit(msg, SRPROXY_A_VNF_PROBE_ANSWERED, heard,
			      SRPROXY_A_VNF_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * srp_fill_probe() - put the probes of a vnf
 * @msg: the message
 * @vnf: the vnf
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_probe(struct sk_buff *msg, const struct srp_vnf *vnf)
{
	const struct srp_probe_cfg *cfg = &vnf->cfg.probe;

	if (nla_put_u32(msg, SRPROXY_A_VNF_PROBE, cfg->kind) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_PROBE_INTERVAL, cfg->interval) ||
	    nla_put_u32(msg, SRPROXY_A_VNF_PROBE_MULTIPLIER,
			cfg->multiplier) ||
	    srp_fill_probe_addr(msg, cfg) || srp_fill_probe_counts(msg, vnf))
		return -EMSGSIZE;
	return 0;
}
