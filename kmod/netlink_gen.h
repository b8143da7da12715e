/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/srproxy.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: Documentation/netlink/regen.sh */

#ifndef _LINUX_SRPROXY_GEN_H
#define _LINUX_SRPROXY_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <linux/srproxy.h>

/* Common nested types */
extern const struct nla_policy srproxy_counters_nl_policy[SRPROXY_A_COUNTERS_MISS + 1];
extern const struct nla_policy srproxy_member_nl_policy[SRPROXY_A_MEMBER_STATS + 1];
extern const struct nla_policy srproxy_steer_nl_policy[SRPROXY_A_STEER_LABEL + 1];

extern const struct nla_policy srproxy_uplink_new_nl_policy[SRPROXY_A_UPLINK_VIA_DEV + 1];

extern const struct nla_policy srproxy_uplink_set_nl_policy[SRPROXY_A_UPLINK_VIA_DEV + 1];

extern const struct nla_policy srproxy_uplink_del_nl_policy[SRPROXY_A_UPLINK_DEV + 1];

extern const struct nla_policy srproxy_uplink_get_nl_policy[SRPROXY_A_UPLINK_DEV + 1];

extern const struct nla_policy srproxy_vnf_new_nl_policy[SRPROXY_A_VNF_PROBE_PORT + 1];

extern const struct nla_policy srproxy_vnf_set_nl_policy[SRPROXY_A_VNF_PROBE_PORT + 1];

extern const struct nla_policy srproxy_vnf_del_nl_policy[SRPROXY_A_VNF_NAME + 1];

extern const struct nla_policy srproxy_vnf_get_nl_policy[SRPROXY_A_VNF_NAME + 1];

extern const struct nla_policy srproxy_sid_new_nl_policy[SRPROXY_A_SID_REROUTE + 1];

extern const struct nla_policy srproxy_sid_set_nl_policy[SRPROXY_A_SID_REROUTE + 1];

extern const struct nla_policy srproxy_sid_del_nl_policy[SRPROXY_A_SID_LABEL + 1];

extern const struct nla_policy srproxy_sid_get_nl_policy[SRPROXY_A_SID_LABEL + 1];

extern const struct nla_policy srproxy_flow_flush_nl_policy[SRPROXY_A_FLOW_VNF + 1];

extern const struct nla_policy srproxy_config_set_nl_policy[SRPROXY_A_CONFIG_ICMP + 1];

extern const struct nla_policy srproxy_config_get_nl_policy[SRPROXY_A_CONFIG_PAD + 1];

extern const struct nla_policy srproxy_stats_get_nl_policy[SRPROXY_A_STATS_PAD + 1];

extern const struct nla_policy srproxy_stats_reset_nl_policy[SRPROXY_A_STATS_PAD + 1];

extern const struct nla_policy srproxy_txn_begin_nl_policy[SRPROXY_A_TXN_PAD + 1];

extern const struct nla_policy srproxy_txn_commit_nl_policy[SRPROXY_A_TXN_PAD + 1];

extern const struct nla_policy srproxy_txn_abort_nl_policy[SRPROXY_A_TXN_PAD + 1];

extern const struct nla_policy srproxy_vnf_reconnect_nl_policy[SRPROXY_A_VNF_FD + 1];

extern const struct nla_policy srproxy_flow_get_nl_policy[SRPROXY_A_FLOW_SID + 1];

/* Ops table for srproxy */
extern const struct genl_ops srproxy_nl_ops[22];

int srproxy_nl_sid_get_start(struct netlink_callback *cb);
int srproxy_nl_flow_get_start(struct netlink_callback *cb);
int srproxy_nl_flow_get_done(struct netlink_callback *cb);

int srproxy_nl_uplink_new_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_uplink_set_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_uplink_del_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_uplink_get_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_uplink_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int srproxy_nl_vnf_new_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_vnf_set_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_vnf_del_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_vnf_get_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_vnf_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int srproxy_nl_sid_new_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_sid_set_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_sid_del_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_sid_get_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_sid_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int srproxy_nl_flow_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int srproxy_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_config_set_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_stats_reset_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_txn_begin_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_txn_commit_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_txn_abort_doit(struct sk_buff *skb, struct genl_info *info);
int srproxy_nl_vnf_reconnect_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	SRPROXY_NLGRP_CONFIG,
	SRPROXY_NLGRP_FLOW,
};

extern const struct genl_multicast_group srproxy_nl_mcgrps[2];

#endif /* _LINUX_SRPROXY_GEN_H */
