// SPDX-License-Identifier: GPL-2.0-only
/* Where a function is: from attributes to a place, and back. */
#include <net/ipv6.h>

#include "attach.h"
#include "config.h"
#include "netlink.h"
#include "netlink_parse.h"
#include "vnf.h"

/* Which kinds take an attribute. */
static const struct {
	u8 attr;
	u8 types;
} srp_place_attrs[] = {
	{ SRPROXY_A_VNF_DEV,
	  BIT(SRPROXY_VNF_TYPE_DEV) | BIT(SRPROXY_VNF_TYPE_APP) },
	{ SRPROXY_A_VNF_IN, BIT(SRPROXY_VNF_TYPE_DEV) },
	{ SRPROXY_A_VNF_VIA_INET, BIT(SRPROXY_VNF_TYPE_DEV) },
	{ SRPROXY_A_VNF_VIA_INET6, BIT(SRPROXY_VNF_TYPE_DEV) },
	{ SRPROXY_A_VNF_LLADDR, BIT(SRPROXY_VNF_TYPE_DEV) },
	{ SRPROXY_A_VNF_LOCAL_INET, BIT(SRPROXY_VNF_TYPE_UDP) },
	{ SRPROXY_A_VNF_LOCAL_INET6, BIT(SRPROXY_VNF_TYPE_UDP) },
	{ SRPROXY_A_VNF_LOCAL_PORT, BIT(SRPROXY_VNF_TYPE_UDP) },
	{ SRPROXY_A_VNF_REMOTE_INET,
	  BIT(SRPROXY_VNF_TYPE_UDP) | BIT(SRPROXY_VNF_TYPE_TCP) |
	  BIT(SRPROXY_VNF_TYPE_APP) },
	{ SRPROXY_A_VNF_REMOTE_INET6,
	  BIT(SRPROXY_VNF_TYPE_UDP) | BIT(SRPROXY_VNF_TYPE_TCP) |
	  BIT(SRPROXY_VNF_TYPE_APP) },
	{ SRPROXY_A_VNF_REMOTE_PORT,
	  BIT(SRPROXY_VNF_TYPE_UDP) | BIT(SRPROXY_VNF_TYPE_TCP) |
	  BIT(SRPROXY_VNF_TYPE_APP) },
	{ SRPROXY_A_VNF_PATH, BIT(SRPROXY_VNF_TYPE_UNIX) },
	{ SRPROXY_A_VNF_FD, BIT(SRPROXY_VNF_TYPE_TCP) },
	{ SRPROXY_A_VNF_TLS, BIT(SRPROXY_VNF_TYPE_TCP) },
	{ SRPROXY_A_VNF_POOL_INET, BIT(SRPROXY_VNF_TYPE_APP) },
	{ SRPROXY_A_VNF_POOL_INET6, BIT(SRPROXY_VNF_TYPE_APP) },
	{ SRPROXY_A_VNF_POOL_LEN, BIT(SRPROXY_VNF_TYPE_APP) },
};

static void srp_place_refuse(struct genl_info *info, u32 type, u8 attr)
{
	switch (type) {
	case SRPROXY_VNF_TYPE_DEV:
		SRP_REFUSE(info, attr, "this does not go with a device");
		break;
	case SRPROXY_VNF_TYPE_UDP:
		SRP_REFUSE(info, attr, "udp takes local and remote only");
		break;
	case SRPROXY_VNF_TYPE_TCP:
		SRP_REFUSE(info, attr, "tcp takes remote and tls only");
		break;
	case SRPROXY_VNF_TYPE_UNIX:
		SRP_REFUSE(info, attr, "unix takes a path only");
		break;
	case SRPROXY_VNF_TYPE_APP:
		SRP_REFUSE(info, attr,
			   "app takes an address, dev and pool only");
		break;
	}
}

/* Is there nothing that does not go with the kind? */
static bool srp_place_attrs_fit(struct genl_info *info, u32 type)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(srp_place_attrs); i++) {
		if (!info->attrs[srp_place_attrs[i].attr] ||
		    srp_place_attrs[i].types & BIT(type))
			continue;
		srp_place_refuse(info, type, srp_place_attrs[i].attr);
		return false;
	}
	return true;
}

/* An address and a port. Attributes of an end follow each other: the IPv4
 * address, the IPv6 address, the port.
 */
static bool srp_get_end(struct genl_info *info, int inet, struct srp_end *end)
{
	int inet6 = inet + 1, port = inet + 2;
	int attr = info->attrs[inet] ? inet : inet6;

	srp_get_inet(info, inet, inet6, &end->addr);
	if (info->attrs[inet] && info->attrs[inet6]) {
		SRP_REFUSE(info, inet6, "one address is needed, not two");
		return false;
	}
	if (end->addr.family && !srp_via_unicast(&end->addr)) {
		SRP_REFUSE(info, attr, "this is not a unicast address");
		return false;
	}
	if (end->addr.family == AF_INET6 &&
	    (ipv6_addr_type(&end->addr.addr.inet6) &
	     (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_MAPPED))) {
		SRP_REFUSE(info, attr,
			   "link-local and IPv4-mapped addresses cannot be used");
		return false;
	}
	end->port = info->attrs[port] ? nla_get_u16(info->attrs[port]) : 0;
	if (!end->addr.family || end->port)
		return true;
	SRP_REFUSE(info, info->attrs[port] ? port : attr,
		   "a port is needed, 1 to 65535");
	return false;
}

static bool srp_parse_remote(struct genl_info *info, struct srp_place *place)
{
	if (!srp_get_end(info, SRPROXY_A_VNF_REMOTE_INET, &place->remote))
		return false;
	if (place->remote.addr.family)
		return true;
	SRP_REFUSE(info, SRPROXY_A_VNF_TYPE, "an address and port are needed");
	return false;
}

static bool srp_parse_udp(struct genl_info *info, struct srp_place *place)
{
	struct nlattr **attrs = info->attrs;

	if (!srp_parse_remote(info, place) ||
	    !srp_get_end(info, SRPROXY_A_VNF_LOCAL_INET, &place->local))
		return false;
	if (!place->local.addr.family) {
		SRP_REFUSE(info, SRPROXY_A_VNF_TYPE,
			   "udp needs a local address and port");
		return false;
	}
	if (place->local.addr.family == place->remote.addr.family)
		return true;
	SRP_REFUSE(info, attrs[SRPROXY_A_VNF_LOCAL_INET] ?
		   SRPROXY_A_VNF_LOCAL_INET : SRPROXY_A_VNF_LOCAL_INET6,
		   "local and remote are not of one family");
	return false;
}

static bool srp_parse_tcp(struct genl_info *info, struct srp_place *place,
			  struct srp_passed *passed)
{
	struct nlattr **attrs = info->attrs;

	place->tls = nla_get_flag(attrs[SRPROXY_A_VNF_TLS]);
	if (attrs[SRPROXY_A_VNF_FD]) {
		passed->fd = nla_get_u32(attrs[SRPROXY_A_VNF_FD]);
		passed->portid = info->snd_portid;
		if (!place->tls || passed->fd < 0) {
			SRP_REFUSE(info, SRPROXY_A_VNF_FD,
				   "a socket is passed with tls only");
			return false;
		}
	}
	return srp_parse_remote(info, place);
}

static bool srp_parse_unix(struct genl_info *info, struct srp_place *place)
{
	const struct nlattr *attr = info->attrs[SRPROXY_A_VNF_PATH];

	if (!attr) {
		SRP_REFUSE(info, SRPROXY_A_VNF_TYPE, "unix needs a path");
		return false;
	}
	nla_strscpy(place->path, attr, sizeof(place->path));
	if ((place->path[0] == '/' || place->path[0] == '@') &&
	    place->path[1])
		return true;
	SRP_REFUSE(info, SRPROXY_A_VNF_PATH,
		   "a path begins with /, the name of an abstract socket with @");
	return false;
}

static bool srp_pool_len_ok(const struct srp_place *place)
{
	return place->pool_len &&
	       place->pool_len <= (place->pool.family == AF_INET ? 32 : 128);
}

static bool srp_parse_pool(struct genl_info *info, struct srp_place *place)
{
	struct nlattr **attrs = info->attrs;
	int attr = attrs[SRPROXY_A_VNF_POOL_INET] ? SRPROXY_A_VNF_POOL_INET :
						    SRPROXY_A_VNF_POOL_INET6;

	srp_get_inet(info, SRPROXY_A_VNF_POOL_INET, SRPROXY_A_VNF_POOL_INET6,
		     &place->pool);
	if (attrs[SRPROXY_A_VNF_POOL_LEN])
		place->pool_len = nla_get_u8(attrs[SRPROXY_A_VNF_POOL_LEN]);
	if (!place->pool.family) {
		SRP_REFUSE(info, SRPROXY_A_VNF_TYPE,
			   "app needs a pool of addresses");
		return false;
	}
	if (!srp_pool_len_ok(place) || !srp_via_unicast(&place->pool)) {
		SRP_REFUSE(info, attr,
			   "a pool is a prefix of unicast addresses");
		return false;
	}
	if (place->pool.family == place->remote.addr.family)
		return true;
	SRP_REFUSE(info, attr, "the server and the pool are not of one family");
	return false;
}

/* The server is the neighbour that packets are sent to. */
static bool srp_parse_app(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	if (!srp_parse_remote(info, &cfg->place) ||
	    !srp_parse_pool(info, &cfg->place))
		return false;
	cfg->via = cfg->place.remote.addr;
	return srp_parse_vnf_dev(info, cfg);
}

static bool srp_parse_place_of(struct genl_info *info,
			       struct srp_vnf_cfg *cfg,
			       struct srp_passed *passed)
{
	switch (cfg->type) {
	case SRPROXY_VNF_TYPE_UDP:
		return srp_parse_udp(info, &cfg->place);
	case SRPROXY_VNF_TYPE_TCP:
		return srp_parse_tcp(info, &cfg->place, passed);
	case SRPROXY_VNF_TYPE_UNIX:
		return srp_parse_unix(info, &cfg->place);
	case SRPROXY_VNF_TYPE_APP:
		return srp_parse_app(info, cfg);
	}
	return srp_parse_vnf_dev(info, cfg) &&
	       srp_parse_vnf_via(info, &cfg->via);
}

/**
 * srp_parse_place() - where a function is
 * @info: the request
 * @cfg: filled in
 * @passed: filled in
 *
 * Return: 0, or a negative errno with extack filled in.
 */
int srp_parse_place(struct genl_info *info, struct srp_vnf_cfg *cfg,
		    struct srp_passed *passed)
{
	cfg->type = srp_get_u32(info, SRPROXY_A_VNF_TYPE,
				SRPROXY_VNF_TYPE_DEV);
	if (!srp_place_attrs_fit(info, cfg->type) ||
	    !srp_parse_place_of(info, cfg, passed))
		return -EINVAL;
	if (srp_attach_known(cfg->type))
		return 0;
	SRP_REFUSE(info, SRPROXY_A_VNF_TYPE,
		   "this module has no attachments of this type");
	return -EOPNOTSUPP;
}

/**
 * srp_parse_attach_options() - do the options go with the attachment?
 * @info: the request
 * @cfg: all that it says
 *
 * Return: true if they do.
 */
bool srp_parse_attach_options(struct genl_info *info,
			      const struct srp_vnf_cfg *cfg)
{
	if (cfg->type == SRPROXY_VNF_TYPE_DEV)
		return true;
	if (cfg->inner != SRPROXY_INNER_IP) {
		SRP_REFUSE(info, SRPROXY_A_VNF_INNER,
			   "inner ethernet needs a device");
		return false;
	}
	if (cfg->match == SRPROXY_MATCH_VLAN) {
		SRP_REFUSE(info, SRPROXY_A_VNF_MATCH,
			   "match vlan needs a device");
		return false;
	}
	if (cfg->type != SRPROXY_VNF_TYPE_APP)
		return true;
	if (cfg->match != SRPROXY_MATCH_FLOW) {
		SRP_REFUSE(info, SRPROXY_A_VNF_MATCH,
			   "app goes with match flow only");
		return false;
	}
	if (!info->attrs[SRPROXY_A_VNF_STEER])
		return true;
	SRP_REFUSE(info, SRPROXY_A_VNF_STEER,
		   "app hands over payload only, which cannot steer");
	return false;
}

/**
 * srp_where_place() - where in the request the parts of a place stand
 * @info: the request
 * @item: gets them
 */
void srp_where_place(const struct genl_info *info, struct srp_item *item)
{
	struct nlattr **attrs = info->attrs;

	item->attr[SRP_PART_LOCAL] =
		srp_where(info, attrs[SRPROXY_A_VNF_LOCAL_INET] ?:
				attrs[SRPROXY_A_VNF_LOCAL_INET6]);
	item->attr[SRP_PART_REMOTE] =
		srp_where(info, attrs[SRPROXY_A_VNF_REMOTE_INET] ?:
				attrs[SRPROXY_A_VNF_REMOTE_INET6] ?:
				attrs[SRPROXY_A_VNF_PATH]);
	item->attr[SRP_PART_POOL] =
		srp_where(info, attrs[SRPROXY_A_VNF_POOL_INET] ?:
				attrs[SRPROXY_A_VNF_POOL_INET6]);
}

static int srp_fill_end(struct sk_buff *msg, int inet,
			const struct srp_end *end)
{
	if (!end->addr.family)
		return 0;
	return srp_fill_via(msg, &end->addr, inet, inet + 1, 0) ?:
	       nla_put_u16(msg, inet + 2, end->port);
}

/**
 * srp_fill_place() - put where a function is
 * @msg: the message
 * @vnf: the vnf
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int srp_fill_place(struct sk_buff *msg, const struct srp_vnf *vnf)
{
	const struct srp_place *place = &vnf->cfg.place;

	if (srp_fill_end(msg, SRPROXY_A_VNF_LOCAL_INET, &place->local) ||
	    srp_fill_end(msg, SRPROXY_A_VNF_REMOTE_INET, &place->remote) ||
	    (place->path[0] &&
	     nla_put_string(msg, SRPROXY_A_VNF_PATH, place->path)) ||
	    (place->tls && nla_put_flag(msg, SRPROXY_A_VNF_TLS)) ||
	    srp_fill_via(msg, &place->pool, SRPROXY_A_VNF_POOL_INET,
			 SRPROXY_A_VNF_POOL_INET6, 0) ||
	    (place->pool_len &&
	     nla_put_u8(msg, SRPROXY_A_VNF_POOL_LEN, place->pool_len)))
		return -EMSGSIZE;
	if (vnf->ops && vnf->ops->queued &&
	    nla_put_u32(msg, SRPROXY_A_VNF_QUEUED, vnf->ops->queued(vnf)))
		return -EMSGSIZE;
	return 0;
}
