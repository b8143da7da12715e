// SPDX-License-Identifier: GPL-2.0-only
/* From the attributes of a request to an item. Policies have been applied. */
#include <linux/ctype.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "config.h"
#include "netlink.h"
#include "netlink_parse.h"
#include "txn.h"

static bool srp_name_ok(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isascii(*c) || !isgraph(*c) || *c == ',' || *c == '/')
			return false;
	return *name;
}

static bool srp_has_name(struct genl_info *info, int attr)
{
	if (!GENL_REQ_ATTR_CHECK(info, attr))
		return true;
	GENL_SET_ERR_MSG(info, "a name is missing");
	return false;
}

/* Name of a vnf, checked. Return: false if it is missing or no name. */
static bool srp_get_name(struct genl_info *info, char *to)
{
	if (!srp_has_name(info, SRPROXY_A_VNF_NAME))
		return false;
	nla_strscpy(to, info->attrs[SRPROXY_A_VNF_NAME], SRPROXY_NAME_MAX + 1);
	if (srp_name_ok(to))
		return true;
	SRP_REFUSE(info, SRPROXY_A_VNF_NAME, "this is no valid name");
	return false;
}

/* An interface's name, if there is one. */
static bool srp_get_dev(struct genl_info *info, int attr, char *to)
{
	if (!info->attrs[attr])
		return true;
	nla_strscpy(to, info->attrs[attr], IFNAMSIZ);
	if (dev_valid_name(to))
		return true;
	SRP_REFUSE(info, attr, "this is no valid name of a device");
	return false;
}

/**
 * srp_get_inet() - an address of either family, if there is one
 * @info: the request
 * @inet: attribute of the IPv4 address
 * @inet6: attribute of the IPv6 address
 * @via: filled in
 */
void srp_get_inet(const struct genl_info *info, int inet, int inet6,
		  struct srp_via *via)
{
	if (info->attrs[inet]) {
		via->family = AF_INET;
		via->addr.inet = nla_get_in_addr(info->attrs[inet]);
	} else if (info->attrs[inet6]) {
		via->family = AF_INET6;
		via->addr.inet6 = nla_get_in6_addr(info->attrs[inet6]);
	}
}

/**
 * srp_via_unicast() - is it an address of one host?
 * @via: an IPv4 or IPv6 address
 *
 * Return: true if it is.
 */
bool srp_via_unicast(const struct srp_via *via)
{
	if (via->family == AF_INET)
		return !ipv4_is_multicast(via->addr.inet) &&
		       !ipv4_is_lbcast(via->addr.inet) &&
		       !ipv4_is_zeronet(via->addr.inet);
	return !ipv6_addr_is_multicast(&via->addr.inet6) &&
	       !ipv6_addr_any(&via->addr.inet6);
}

static bool srp_parse_egress_via(struct genl_info *info,
				 struct srp_uplink_cfg *cfg)
{
	struct nlattr **attrs = info->attrs;

	srp_get_inet(info, SRPROXY_A_UPLINK_VIA_INET,
		     SRPROXY_A_UPLINK_VIA_INET6, &cfg->via);
	if (!cfg->via.family || !cfg->via_dev[0]) {
		SRP_REFUSE(info, SRPROXY_A_UPLINK_EGRESS,
			   "egress via needs an address and a device");
		return false;
	}
	if (attrs[SRPROXY_A_UPLINK_VIA_INET] &&
	    attrs[SRPROXY_A_UPLINK_VIA_INET6]) {
		SRP_REFUSE(info, SRPROXY_A_UPLINK_VIA_INET6,
			   "egress via takes one address");
		return false;
	}
	if (srp_via_unicast(&cfg->via))
		return true;
	SRP_REFUSE(info, attrs[SRPROXY_A_UPLINK_VIA_INET] ?
		   SRPROXY_A_UPLINK_VIA_INET : SRPROXY_A_UPLINK_VIA_INET6,
		   "via is not a unicast address");
	return false;
}

static bool srp_parse_egress(struct genl_info *info,
			     struct srp_uplink_cfg *cfg)
{
	struct nlattr **attrs = info->attrs;

	cfg->egress = srp_get_u32(info, SRPROXY_A_UPLINK_EGRESS, cfg->egress);
	if (!srp_get_dev(info, SRPROXY_A_UPLINK_VIA_DEV, cfg->via_dev))
		return false;
	if (cfg->egress == SRPROXY_EGRESS_VIA)
		return srp_parse_egress_via(info, cfg);
	if (attrs[SRPROXY_A_UPLINK_VIA_INET] ||
	    attrs[SRPROXY_A_UPLINK_VIA_INET6] ||
	    attrs[SRPROXY_A_UPLINK_VIA_DEV]) {
		SRP_REFUSE(info, SRPROXY_A_UPLINK_EGRESS,
			   "a next hop goes with egress via only");
		return false;
	}
	memset(&cfg->via, 0, sizeof(cfg->via));
	memset(cfg->via_dev, 0, sizeof(cfg->via_dev));
	return true;
}

/* Does the object exist as the request supposes? A transaction takes both. */
static bool srp_expect(struct genl_info *info, int attr, bool set, bool there,
		       int *err)
{
	if (set && !there) {
		SRP_REFUSE(info, attr, "there is no such object");
		*err = -ENOENT;
		return false;
	}
	if (!set && there) {
		SRP_REFUSE(info, attr, "the object exists already");
		*err = -EEXIST;
		return false;
	}
	return true;
}

static void srp_where_uplink(const struct genl_info *info,
			     struct srp_item *item)
{
	struct nlattr **attrs = info->attrs;

	item->attr[SRP_PART_DEV] = srp_where(info,
					     attrs[SRPROXY_A_UPLINK_DEV]);
	item->attr[SRP_PART_VIA_DEV] =
		srp_where(info, attrs[SRPROXY_A_UPLINK_VIA_DEV]);
}

/**
 * srp_parse_uplink() - make an item of an uplink request
 * @sn: the namespace
 * @info: the request
 * @set: it changes one that there is; else it adds one, or stages one
 *
 * Context: RTNL.
 * Return: the item, or an ERR_PTR() with extack filled in.
 */
struct srp_item *srp_parse_uplink(struct srp_net *sn, struct genl_info *info,
				  bool set)
{
	bool staged = srp_txn_open(sn, info->snd_portid);
	struct srp_uplink *old;
	struct srp_item *item;
	int err = -EINVAL;

	item = srp_item_alloc(SRP_KIND_UPLINK, info->snd_seq);
	if (!item)
		return ERR_PTR(-ENOMEM);
	if (!srp_has_name(info, SRPROXY_A_UPLINK_DEV) ||
	    !srp_get_dev(info, SRPROXY_A_UPLINK_DEV, item->uplink.dev))
		goto err_free;
	srp_where_uplink(info, item);
	old = srp_uplink_find(sn, item->uplink.dev);
	if ((set || !staged) &&
	    !srp_expect(info, SRPROXY_A_UPLINK_DEV, set, old, &err))
		goto err_free;
	if (set)
		item->uplink = old->cfg;
	if (!srp_parse_egress(info, &item->uplink))
		goto err_free;
	return item;

err_free:
	srp_item_free(item);
	return ERR_PTR(err);
}

static void srp_vnf_default(struct srp_vnf_cfg *cfg)
{
	cfg->weight = 1;
	cfg->on_miss = SRPROXY_ON_MISS_DROP;
	cfg->admin = SRPROXY_ADMIN_UP;
	cfg->inner = SRPROXY_INNER_IP;
	cfg->match = SRPROXY_MATCH_FLOW;
	srp_probe_default(&cfg->probe);
}

/**
 * srp_parse_vnf_via() - the neighbour that is the function
 * @info: the request
 * @via: filled in
 *
 * Return: false if it is refused.
 */
bool srp_parse_vnf_via(struct genl_info *info, struct srp_via *via)
{
	struct nlattr **attrs = info->attrs;
	int n = !!attrs[SRPROXY_A_VNF_VIA_INET] +
		!!attrs[SRPROXY_A_VNF_VIA_INET6] +
		!!attrs[SRPROXY_A_VNF_LLADDR];

	if (n > 1) {
		SRP_REFUSE(info, attrs[SRPROXY_A_VNF_LLADDR] ?
			   SRPROXY_A_VNF_LLADDR : SRPROXY_A_VNF_VIA_INET6,
			   "a vnf takes one of via and lladdr");
		return false;
	}
	srp_get_inet(info, SRPROXY_A_VNF_VIA_INET, SRPROXY_A_VNF_VIA_INET6,
		     via);
	if (attrs[SRPROXY_A_VNF_LLADDR]) {
		via->family = AF_PACKET;
		nla_memcpy(via->addr.lladdr, attrs[SRPROXY_A_VNF_LLADDR],
			   ETH_ALEN);
		return true;
	}
	if (!n || srp_via_unicast(via))
		return true;
	SRP_REFUSE(info, attrs[SRPROXY_A_VNF_VIA_INET] ?
		   SRPROXY_A_VNF_VIA_INET : SRPROXY_A_VNF_VIA_INET6,
		   "via is not a unicast address");
	return false;
}

/**
 * srp_parse_vnf_dev() - the devices that a function is behind
 * @info: the request
 * @cfg: filled in
 *
 * Return: false if they are refused.
 */
bool srp_parse_vnf_dev(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	if (!info->attrs[SRPROXY_A_VNF_DEV]) {
		GENL_SET_ERR_MSG(info, "a vnf needs a device");
		return false;
	}
	if (!srp_get_dev(info, SRPROXY_A_VNF_DEV, cfg->dev) ||
	    !srp_get_dev(info, SRPROXY_A_VNF_IN, cfg->in))
		return false;
	if (!cfg->in[0])
		strscpy(cfg->in, cfg->dev, sizeof(cfg->in));
	return true;
}

/* A frame has its own addresses. */
static bool srp_parse_inner(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	struct nlattr **attrs = info->attrs;

	cfg->inner = srp_get_u32(info, SRPROXY_A_VNF_INNER, cfg->inner);
	if (cfg->inner == SRPROXY_INNER_IP || !cfg->via.family ||
	    cfg->type != SRPROXY_VNF_TYPE_DEV)
		return true;
	SRP_REFUSE(info, attrs[SRPROXY_A_VNF_LLADDR] ? SRPROXY_A_VNF_LLADDR :
		   attrs[SRPROXY_A_VNF_VIA_INET] ? SRPROXY_A_VNF_VIA_INET :
		   SRPROXY_A_VNF_VIA_INET6,
		   "inner ethernet takes neither via nor lladdr");
	return false;
}

/* What flows are kept by cannot change under them. */
static bool srp_keeps_inner(struct genl_info *info,
			    const struct srp_vnf_cfg *cfg)
{
	if (srp_get_u32(info, SRPROXY_A_VNF_INNER, cfg->inner) == cfg->inner)
		return true;
	SRP_REFUSE(info, SRPROXY_A_VNF_INNER, "inner cannot be changed");
	return false;
}

static bool srp_parse_vnf_options(struct genl_info *info,
				  struct srp_vnf_cfg *cfg)
{
	cfg->mtu = srp_get_u32(info, SRPROXY_A_VNF_MTU, cfg->mtu);
	cfg->weight = srp_get_u32(info, SRPROXY_A_VNF_WEIGHT, cfg->weight);
	cfg->max_flows = srp_get_u32(info, SRPROXY_A_VNF_MAX_FLOWS,
				     cfg->max_flows);
	cfg->on_miss = srp_get_u32(info, SRPROXY_A_VNF_ON_MISS, cfg->on_miss);
	cfg->admin = srp_get_u32(info, SRPROXY_A_VNF_ADMIN, cfg->admin);
	if (!cfg->mtu || cfg->mtu >= ETH_MIN_MTU)
		return true;
	SRP_REFUSE(info, SRPROXY_A_VNF_MTU, "mtu is below 68");
	return false;
}

/* A range of ids, and only where ids are used. */
static bool srp_parse_vlan(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	struct nlattr **attrs = info->attrs;

	cfg->vlan_first = srp_get_u32(info, SRPROXY_A_VNF_VLAN_FIRST,
				      cfg->vlan_first);
	cfg->vlan_last = srp_get_u32(info, SRPROXY_A_VNF_VLAN_LAST,
				     cfg->vlan_last);
	if (cfg->match != SRPROXY_MATCH_VLAN) {
		cfg->vlan_first = 0;
		cfg->vlan_last = 0;
		if (!attrs[SRPROXY_A_VNF_VLAN_FIRST] &&
		    !attrs[SRPROXY_A_VNF_VLAN_LAST])
			return true;
		SRP_REFUSE(info, attrs[SRPROXY_A_VNF_VLAN_FIRST] ?
			   SRPROXY_A_VNF_VLAN_FIRST : SRPROXY_A_VNF_VLAN_LAST,
			   "a range of VLAN ids goes with match vlan only");
		return false;
	}
	if (cfg->vlan_first && cfg->vlan_first <= cfg->vlan_last)
		return true;
	SRP_REFUSE(info, attrs[SRPROXY_A_VNF_VLAN_FIRST] ?
		   SRPROXY_A_VNF_VLAN_FIRST : SRPROXY_A_VNF_MATCH,
		   "match vlan needs a range of VLAN ids, the smallest first");
	return false;
}

static bool srp_get_labels(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	const struct nlattr *attr = info->attrs[SRPROXY_A_VNF_LABELS];
	int i, len = attr ? nla_len(attr) : 0;

	if (attr) {
		memset(cfg->labels, 0, sizeof(cfg->labels));
		nla_memcpy(cfg->labels, attr, sizeof(cfg->labels));
		cfg->n_labels = len / sizeof(u32);
	}
	if (!cfg->n_labels || len % sizeof(u32) ||
	    len > sizeof(cfg->labels)) {
		SRP_REFUSE(info, attr ? SRPROXY_A_VNF_LABELS :
			   SRPROXY_A_VNF_MATCH,
			   "match static needs labels, 16 at most");
		return false;
	}
	for (i = 0; i < cfg->n_labels; i++) {
		if (cfg->labels[i] >= SRPROXY_LABEL_MIN &&
		    cfg->labels[i] <= SRPROXY_LABEL_MAX)
			continue;
		SRP_REFUSE(info, SRPROXY_A_VNF_LABELS,
			   "labels are 16 to 1048575");
		return false;
	}
	return true;
}

/* A stack and an uplink, and only where they are used. */
static bool srp_parse_static(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	struct nlattr **attrs = info->attrs;

	if (cfg->match == SRPROXY_MATCH_STATIC) {
		if (!srp_get_labels(info, cfg) ||
		    !srp_get_dev(info, SRPROXY_A_VNF_OUT, cfg->out))
			return false;
		if (cfg->out[0])
			return true;
		SRP_REFUSE(info, SRPROXY_A_VNF_MATCH,
			   "match static needs an uplink to go out by");
		return false;
	}
	cfg->n_labels = 0;
	memset(cfg->labels, 0, sizeof(cfg->labels));
	memset(cfg->out, 0, sizeof(cfg->out));
	if (!attrs[SRPROXY_A_VNF_LABELS] && !attrs[SRPROXY_A_VNF_OUT])
		return true;
	SRP_REFUSE(info, attrs[SRPROXY_A_VNF_LABELS] ? SRPROXY_A_VNF_LABELS :
		   SRPROXY_A_VNF_OUT,
		   "labels and an uplink go with match static only");
	return false;
}

static bool srp_parse_steer_one(struct genl_info *info,
				const struct nlattr *attr,
				struct srp_vnf_cfg *cfg)
{
	struct nlattr *tb[SRPROXY_A_STEER_LABEL + 1];
	u32 label;
	u8 dscp;

	if (nla_parse_nested(tb, SRPROXY_A_STEER_LABEL, attr,
			     srproxy_steer_nl_policy, info->extack))
		return false;
	if (!tb[SRPROXY_A_STEER_DSCP] || !tb[SRPROXY_A_STEER_LABEL]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "steer needs a DSCP and a label");
		return false;
	}
	dscp = nla_get_u8(tb[SRPROXY_A_STEER_DSCP]);
	label = nla_get_u32(tb[SRPROXY_A_STEER_LABEL]);
	if (label < SRPROXY_LABEL_MIN) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[SRPROXY_A_STEER_LABEL],
				    "labels below 16 are special-purpose labels");
		return false;
	}
	if (cfg->steer[dscp]) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[SRPROXY_A_STEER_DSCP],
				    "a DSCP is named twice");
		return false;
	}
	cfg->steer[dscp] = label;
	return true;
}

/* Those given take the place of all that there are. */
static bool srp_parse_steer(struct genl_info *info, struct srp_vnf_cfg *cfg)
{
	bool none = info->attrs[SRPROXY_A_VNF_STEER_NONE];
	const struct nlattr *attr;
	int rem;

	if (none && info->attrs[SRPROXY_A_VNF_STEER]) {
		SRP_REFUSE(info, SRPROXY_A_VNF_STEER_NONE,
			   "steer is none or some, not both");
		return false;
	}
	if (none || info->attrs[SRPROXY_A_VNF_STEER])
		memset(cfg->steer, 0, sizeof(cfg->steer));
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (nla_type(attr) == SRPROXY_A_VNF_STEER &&
		    !srp_parse_steer_one(info, attr, cfg))
			return false;
	return true;
}

/* What needs the header of an IP packet. */
static bool srp_parse_wants_ip(struct genl_info *info,
			       const struct srp_vnf_cfg *cfg)
{
	if (cfg->inner == SRPROXY_INNER_IP)
		return true;
	if (cfg->match != SRPROXY_MATCH_FLOW) {
		SRP_REFUSE(info, SRPROXY_A_VNF_MATCH,
			   "inner ethernet goes with match flow only");
		return false;
	}
	if (!info->attrs[SRPROXY_A_VNF_STEER])
		return true;
	SRP_REFUSE(info, SRPROXY_A_VNF_STEER,
		   "inner ethernet cannot be steered by DSCP");
	return false;
}

static bool srp_parse_vnf_match(struct genl_info *info,
				struct srp_vnf_cfg *cfg)
{
	cfg->match = srp_get_u32(info, SRPROXY_A_VNF_MATCH, cfg->match);
	return srp_parse_vlan(info, cfg) && srp_parse_static(info, cfg) &&
	       srp_parse_steer(info, cfg) && srp_parse_wants_ip(info, cfg) &&
	       srp_parse_attach_options(info, cfg);
}

static void srp_where_match(const struct genl_info *info,
			    struct srp_item *item)
{
	struct nlattr **attrs = info->attrs;

	item->attr[SRP_PART_MATCH] = srp_where(info,
					       attrs[SRPROXY_A_VNF_MATCH]);
	item->attr[SRP_PART_OUT] = srp_where(info, attrs[SRPROXY_A_VNF_OUT]);
}

static void srp_where_vnf(const struct genl_info *info, struct srp_item *item)
{
	struct nlattr **attrs = info->attrs;
	const struct nlattr *via = attrs[SRPROXY_A_VNF_VIA_INET] ?:
				   attrs[SRPROXY_A_VNF_VIA_INET6] ?:
				   attrs[SRPROXY_A_VNF_LLADDR];

	item->attr[SRP_PART_DEV] = srp_where(info, attrs[SRPROXY_A_VNF_DEV]);
	item->attr[SRP_PART_IN] = srp_where(info, attrs[SRPROXY_A_VNF_IN]);
	item->attr[SRP_PART_VIA] = srp_where(info, via);
	srp_where_place(info, item);
}

/* Is there a connection to be made? Not for one that is there already. */
static bool srp_vnf_connects(const struct srp_vnf_cfg *cfg,
			     const struct srp_vnf *old)
{
	const struct srp_attach_ops *ops = srp_attach_ops(cfg->type);

	return ops && ops->open &&
	       !(old && srp_vnf_same_place(&old->cfg, cfg));
}

/**
 * srp_parse_vnf() - make an item of a vnf request
 * @sn: the namespace
 * @info: the request
 * @set: it changes one that there is; else it adds one, or stages one
 *
 * Context: RTNL.
 * Return: the item, or an ERR_PTR() with extack filled in.
 */
struct srp_item *srp_parse_vnf(struct srp_net *sn, struct genl_info *info,
			       bool set)
{
	bool staged = srp_txn_open(sn, info->snd_portid);
	struct srp_item *item;
	struct srp_vnf *old;
	int err = -EINVAL;

	item = srp_item_alloc(SRP_KIND_VNF, info->snd_seq);
	if (!item)
		return ERR_PTR(-ENOMEM);
	if (!srp_get_name(info, item->vnf.name))
		goto err_free;
	item->attr[SRP_PART_DEV] = srp_where(info,
					     info->attrs[SRPROXY_A_VNF_NAME]);
	old = srp_vnf_find(sn, item->vnf.name);
	if ((set || !staged) &&
	    !srp_expect(info, SRPROXY_A_VNF_NAME, set, old, &err))
		goto err_free;
	if (set) {
		item->vnf = old->cfg;
		if (!srp_keeps_inner(info, &item->vnf))
			goto err_free;
	} else {
		srp_where_vnf(info, item);
		srp_vnf_default(&item->vnf);
		err = srp_parse_place(info, &item->vnf, &item->passed);
		if (err)
			goto err_free;
		err = -EINVAL;
		if (!srp_parse_inner(info, &item->vnf))
			goto err_free;
	}
	srp_where_match(info, item);
	if (!srp_parse_vnf_options(info, &item->vnf) ||
	    !srp_parse_vnf_match(info, &item->vnf) ||
	    !srp_parse_probe(info, &item->vnf))
		goto err_free;
	item->connects = !set && srp_vnf_connects(&item->vnf, old);
	return item;

err_free:
	srp_item_free(item);
	return ERR_PTR(err);
}

static int srp_count_members(const struct genl_info *info)
{
	const struct nlattr *attr;
	int rem, n = 0;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		n += nla_type(attr) == SRPROXY_A_SID_MEMBER;
	return n;
}

static bool srp_parse_member(struct genl_info *info, const struct nlattr *attr,
			     struct srp_sid_cfg *cfg, bool backup)
{
	struct nlattr *tb[SRPROXY_A_MEMBER_STATS + 1];
	struct srp_member_cfg *member = &cfg->member[cfg->n_member];
	int i;

	if (nla_parse_nested(tb, SRPROXY_A_MEMBER_STATS, attr,
			     srproxy_member_nl_policy, info->extack))
		return false;
	if (!tb[SRPROXY_A_MEMBER_VNF]) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a member needs the name of a vnf");
		return false;
	}
	if (nla_get_flag(tb[SRPROXY_A_MEMBER_BACKUP]) != backup)
		return true;
	nla_strscpy(member->name, tb[SRPROXY_A_MEMBER_VNF],
		    sizeof(member->name));
	member->attr = srp_where(info, tb[SRPROXY_A_MEMBER_VNF]);
	for (i = 0; i < cfg->n_member; i++) {
		if (strcmp(cfg->member[i].name, member->name))
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, tb[SRPROXY_A_MEMBER_VNF],
				    "a vnf is named twice");
		return false;
	}
	cfg->n_member++;
	return true;
}

/* Primaries first, then backups, each in the order given. */
static bool srp_parse_members(struct genl_info *info, struct srp_sid_cfg *cfg)
{
	const struct nlattr *attr;
	int rem, backup;

	cfg->n_member = 0;
	for (backup = 0; backup < 2; backup++) {
		nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
			if (nla_type(attr) == SRPROXY_A_SID_MEMBER &&
			    !srp_parse_member(info, attr, cfg, backup))
				return false;
		if (!backup)
			cfg->n_primary = cfg->n_member;
	}
	if (cfg->n_primary)
		return true;
	GENL_SET_ERR_MSG(info, "a sid needs a vnf that is not a backup");
	return false;
}

static void srp_copy_members(const struct srp_sid *sid,
			     struct srp_sid_cfg *cfg)
{
	int i;

	for (i = 0; i < sid->n_member; i++)
		strscpy(cfg->member[i].name, sid->member[i]->vnf->cfg.name,
			sizeof(cfg->member[i].name));
	cfg->n_member = sid->n_member;
	cfg->n_primary = sid->n_primary;
}

static bool srp_parse_fallback(struct genl_info *info, struct srp_sid_cfg *cfg)
{
	cfg->fallback = srp_get_u32(info, SRPROXY_A_SID_FALLBACK,
				    cfg->fallback);
	if (cfg->fallback != SRPROXY_FALLBACK_REROUTE) {
		cfg->reroute = 0;
		if (!info->attrs[SRPROXY_A_SID_REROUTE])
			return true;
		SRP_REFUSE(info, SRPROXY_A_SID_REROUTE,
			   "a label goes with fallback reroute only");
		return false;
	}
	cfg->reroute = srp_get_u32(info, SRPROXY_A_SID_REROUTE, cfg->reroute);
	if (cfg->reroute >= SRPROXY_LABEL_MIN && cfg->reroute != cfg->label)
		return true;
	SRP_REFUSE(info, SRPROXY_A_SID_REROUTE,
		   "fallback reroute needs another label, 16 or more");
	return false;
}

static bool srp_parse_label(struct genl_info *info, u32 *label)
{
	if (GENL_REQ_ATTR_CHECK(info, SRPROXY_A_SID_LABEL)) {
		GENL_SET_ERR_MSG(info, "a label is missing");
		return false;
	}
	*label = nla_get_u32(info->attrs[SRPROXY_A_SID_LABEL]);
	if (*label >= SRPROXY_LABEL_MIN)
		return true;
	SRP_REFUSE(info, SRPROXY_A_SID_LABEL,
		   "labels below 16 are special-purpose labels");
	return false;
}

static struct srp_item *srp_sid_item(struct genl_info *info, u32 label, int n)
{
	struct srp_item *item = srp_item_alloc(SRP_KIND_SID, info->snd_seq);

	if (!item)
		return NULL;
	item->sid = kzalloc(struct_size(item->sid, member, n),
			    GFP_KERNEL_ACCOUNT);
	if (!item->sid) {
		srp_item_free(item);
		return NULL;
	}
	item->sid->label = label;
	return item;
}

/**
 * srp_parse_sid() - make an item of a sid request
 * @sn: the namespace
 * @info: the request
 * @set: it changes one that there is; else it adds one, or stages one
 *
 * Context: RTNL.
 * Return: the item, or an ERR_PTR() with extack filled in.
 */
struct srp_item *srp_parse_sid(struct srp_net *sn, struct genl_info *info,
			       bool set)
{
	bool staged = srp_txn_open(sn, info->snd_portid);
	int n = srp_count_members(info), err = -EINVAL;
	struct srp_item *item;
	struct srp_sid *old;
	u32 label;

	if (!srp_parse_label(info, &label))
		return ERR_PTR(err);
	if (n > SRPROXY_MEMBERS_MAX) {
		SRP_REFUSE(info, SRPROXY_A_SID_MEMBER, "too many members");
		return ERR_PTR(-E2BIG);
	}
	old = srp_sid_find(sn, label);
	if ((set || !staged) &&
	    !srp_expect(info, SRPROXY_A_SID_LABEL, set, old, &err))
		return ERR_PTR(err);
	if (set && !n)
		n = old->n_member;
	item = srp_sid_item(info, label, n);
	if (!item)
		return ERR_PTR(-ENOMEM);
	item->attr[SRP_PART_DEV] = srp_where(info,
					     info->attrs[SRPROXY_A_SID_LABEL]);
	if (set) {
		item->sid->fallback = old->fallback;
		item->sid->reroute = old->reroute;
	}
	if (set && !info->attrs[SRPROXY_A_SID_MEMBER])
		srp_copy_members(old, item->sid);
	else if (!srp_parse_members(info, item->sid))
		goto err_free;
	if (!srp_parse_fallback(info, item->sid))
		goto err_free;
	return item;

err_free:
	srp_item_free(item);
	return ERR_PTR(err);
}

/**
 * srp_parse_settings() - make an item of a config request
 * @sn: the namespace
 * @info: the request
 * @set: always false: settings are what they are
 *
 * Context: RTNL.
 * Return: the item, or an ERR_PTR() with extack filled in.
 */
struct srp_item *srp_parse_settings(struct srp_net *sn,
				    struct genl_info *info, bool set)
{
	struct srp_settings *s;
	struct srp_item *item;

	item = srp_item_alloc(SRP_KIND_SETTINGS, info->snd_seq);
	if (!item)
		return ERR_PTR(-ENOMEM);
	s = &item->settings;
	if (srp_txn_open(sn, info->snd_portid))
		srp_settings_default(s);
	else
		*s = sn->settings;
	s->max_flows = srp_get_u32(info, SRPROXY_A_CONFIG_MAX_FLOWS,
				   s->max_flows);
	s->idle_timeout = srp_get_u32(info, SRPROXY_A_CONFIG_IDLE_TIMEOUT,
				      s->idle_timeout);
	s->ttl = srp_get_u32(info, SRPROXY_A_CONFIG_TTL, s->ttl);
	s->icmp = srp_get_u32(info, SRPROXY_A_CONFIG_ICMP, s->icmp);
	return item;
}
