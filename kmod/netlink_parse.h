/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that parse requests have in common. */
#ifndef SRP_NETLINK_PARSE_H
#define SRP_NETLINK_PARSE_H

#include <net/genetlink.h>

struct srp_item;
struct srp_passed;
struct srp_via;
struct srp_vnf;
struct srp_vnf_cfg;

/* An attribute of a request, by its type, is no good: say so. The sentence has
 * to be a literal, so this is no function.
 */
#define SRP_REFUSE(info, type, msg) do {				\
	const struct genl_info *__info = (info);			\
									\
	NL_SET_ERR_MSG_ATTR(__info->extack, __info->attrs[type], msg);	\
} while (0)

/* Where in the request an attribute stands; 0 if it is not there. */
static inline u32 srp_where(const struct genl_info *info,
			    const struct nlattr *attr)
{
	return attr ? (const char *)attr - (const char *)info->nlhdr : 0;
}

static inline u32 srp_get_u32(const struct genl_info *info, int attr,
			      u32 otherwise)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : otherwise;
}

/* netlink_parse.c */
void srp_get_inet(const struct genl_info *info, int inet, int inet6,
		  struct srp_via *via);
bool srp_via_unicast(const struct srp_via *via);
bool srp_parse_vnf_dev(struct genl_info *info, struct srp_vnf_cfg *cfg);
bool srp_parse_vnf_via(struct genl_info *info, struct srp_via *via);

/* netlink_attach.c */
int srp_parse_place(struct genl_info *info, struct srp_vnf_cfg *cfg,
		    struct srp_passed *passed);
bool srp_parse_attach_options(struct genl_info *info,
			      const struct srp_vnf_cfg *cfg);
void srp_where_place(const struct genl_info *info, struct srp_item *item);
int srp_fill_place(struct sk_buff *msg, const struct srp_vnf *vnf);

/* netlink_obj.c */
int srp_fill_via(struct sk_buff *msg, const struct srp_via *via, int inet,
		 int inet6, int lladdr);

#endif
