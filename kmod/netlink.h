/* SPDX-License-Identifier: GPL-2.0-only */
/* Generic netlink: requests, replies and notifications. */
#ifndef SRP_NETLINK_H
#define SRP_NETLINK_H

#include <net/genetlink.h>

#include "netlink_gen.h"

struct srp_change;
struct srp_flow;
struct srp_item;
struct srp_net;
struct srp_probe_cfg;
struct srp_sid;
struct srp_sums;
struct srp_uplink;
struct srp_vnf;
struct srp_vnf_cfg;

extern struct genl_family srp_nl_family;

/* netlink_obj.c: messages about objects, the same in replies and events */
int srp_fill_counters(struct sk_buff *msg, int attr,
		      const struct srp_sums *sums);
int srp_fill_uplink(struct sk_buff *msg, const struct srp_uplink *up);
int srp_fill_vnf(struct sk_buff *msg, struct srp_vnf *vnf);
int srp_fill_sid(struct sk_buff *msg, const struct srp_sid *sid);
int srp_fill_config(struct sk_buff *msg, const struct srp_net *sn);
void srp_notify_uplink(struct srp_uplink *up, bool gone);
void srp_notify_vnf(struct srp_vnf *vnf, bool gone);
void srp_notify_vnf_change(struct srp_vnf *vnf,
			   const struct srp_change *change);
void srp_notify_sid(struct srp_net *sn, struct srp_sid *sid, bool gone);
void srp_notify_config(struct srp_net *sn);

/* netlink_parse.c: from attributes to items */
struct srp_item *srp_parse_uplink(struct srp_net *sn, struct genl_info *info,
				  bool set);
struct srp_item *srp_parse_vnf(struct srp_net *sn, struct genl_info *info,
			       bool set);
struct srp_item *srp_parse_sid(struct srp_net *sn, struct genl_info *info,
			       bool set);
struct srp_item *srp_parse_settings(struct srp_net *sn,
				    struct genl_info *info, bool set);

/* netlink_probe.c */
void srp_probe_default(struct srp_probe_cfg *cfg);
bool srp_parse_probe(struct genl_info *info, struct srp_vnf_cfg *cfg);
int srp_fill_probe(struct sk_buff *msg, const struct srp_vnf *vnf);

/* netlink_flow.c */
void srp_notify_flow(struct srp_net *sn, const struct srp_flow *flow,
		     bool gone);

int srp_nl_init(void);
void srp_nl_exit(void);

#endif
