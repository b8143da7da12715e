// SPDX-License-Identifier: GPL-2.0-only
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/srproxy.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: Documentation/netlink/regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <linux/srproxy.h>

/* Integer value ranges */
static struct netlink_range_validation srproxy_a_vnf_mtu_range = {
	.max	= 65535ULL,
};

static struct netlink_range_validation srproxy_a_vnf_weight_range = {
	.min	= 1ULL,
	.max	= 65535ULL,
};

static struct netlink_range_validation srproxy_a_vnf_probe_interval_range = {
	.min	= 1ULL,
	.max	= 60000ULL,
};

static struct netlink_range_validation srproxy_a_vnf_probe_port_range = {
	.min	= 1ULL,
	.max	= 65535ULL,
};

static struct netlink_range_validation srproxy_a_steer_label_range = {
	.max	= 1048575ULL,
};

static struct netlink_range_validation srproxy_a_sid_label_range = {
	.max	= 1048575ULL,
};

static struct netlink_range_validation srproxy_a_sid_reroute_range = {
	.max	= 1048575ULL,
};

static struct netlink_range_validation srproxy_a_flow_sid_range = {
	.min	= 16ULL,
	.max	= 1048575ULL,
};

static struct netlink_range_validation srproxy_a_config_idle_timeout_range = {
	.min	= 1ULL,
	.max	= 86400ULL,
};

/* Common nested types */
const struct nla_policy srproxy_counters_nl_policy[SRPROXY_A_COUNTERS_MISS + 1] = {
	[SRPROXY_A_COUNTERS_RX_PACKETS] = { .type = NLA_U64, },
	[SRPROXY_A_COUNTERS_RX_BYTES] = { .type = NLA_U64, },
	[SRPROXY_A_COUNTERS_TX_PACKETS] = { .type = NLA_U64, },
	[SRPROXY_A_COUNTERS_TX_BYTES] = { .type = NLA_U64, },
	[SRPROXY_A_COUNTERS_MISS] = { .type = NLA_U64, },
};

const struct nla_policy srproxy_member_nl_policy[SRPROXY_A_MEMBER_STATS + 1] = {
	[SRPROXY_A_MEMBER_VNF] = { .type = NLA_NUL_STRING, .len = 31, },
	[SRPROXY_A_MEMBER_BACKUP] = { .type = NLA_FLAG, },
	[SRPROXY_A_MEMBER_STATS] = NLA_POLICY_NESTED(srproxy_counters_nl_policy),
};

const struct nla_policy srproxy_steer_nl_policy[SRPROXY_A_STEER_LABEL + 1] = {
	[SRPROXY_A_STEER_DSCP] = NLA_POLICY_MAX(NLA_U8, 63),
	[SRPROXY_A_STEER_LABEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_steer_label_range),
};

/* SRPROXY_CMD_UPLINK_NEW - do */
const struct nla_policy srproxy_uplink_new_nl_policy[SRPROXY_A_UPLINK_VIA_DEV + 1] = {
	[SRPROXY_A_UPLINK_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
	[SRPROXY_A_UPLINK_EGRESS] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_UPLINK_VIA_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_UPLINK_VIA_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_UPLINK_VIA_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* SRPROXY_CMD_UPLINK_SET - do */
const struct nla_policy srproxy_uplink_set_nl_policy[SRPROXY_A_UPLINK_VIA_DEV + 1] = {
	[SRPROXY_A_UPLINK_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
	[SRPROXY_A_UPLINK_EGRESS] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_UPLINK_VIA_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_UPLINK_VIA_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_UPLINK_VIA_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* SRPROXY_CMD_UPLINK_DEL - do */
const struct nla_policy srproxy_uplink_del_nl_policy[SRPROXY_A_UPLINK_DEV + 1] = {
	[SRPROXY_A_UPLINK_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* SRPROXY_CMD_UPLINK_GET - do */
const struct nla_policy srproxy_uplink_get_nl_policy[SRPROXY_A_UPLINK_DEV + 1] = {
	[SRPROXY_A_UPLINK_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* SRPROXY_CMD_VNF_NEW - do */
const struct nla_policy srproxy_vnf_new_nl_policy[SRPROXY_A_VNF_PROBE_PORT + 1] = {
	[SRPROXY_A_VNF_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[SRPROXY_A_VNF_TYPE] = NLA_POLICY_MAX(NLA_U32, 4),
	[SRPROXY_A_VNF_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
	[SRPROXY_A_VNF_IN] = { .type = NLA_NUL_STRING, .len = 15, },
	[SRPROXY_A_VNF_VIA_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_VNF_VIA_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_VNF_LLADDR] = NLA_POLICY_EXACT_LEN(6),
	[SRPROXY_A_VNF_MATCH] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_MTU] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_mtu_range),
	[SRPROXY_A_VNF_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_weight_range),
	[SRPROXY_A_VNF_MAX_FLOWS] = { .type = NLA_U32, },
	[SRPROXY_A_VNF_ON_MISS] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_ADMIN] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_INNER] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_VLAN_FIRST] = NLA_POLICY_RANGE(NLA_U32, 1, 4094),
	[SRPROXY_A_VNF_VLAN_LAST] = NLA_POLICY_RANGE(NLA_U32, 1, 4094),
	[SRPROXY_A_VNF_LABELS] = { .type = NLA_BINARY, },
	[SRPROXY_A_VNF_OUT] = { .type = NLA_NUL_STRING, .len = 15, },
	[SRPROXY_A_VNF_STEER] = NLA_POLICY_NESTED(srproxy_steer_nl_policy),
	[SRPROXY_A_VNF_STEER_NONE] = { .type = NLA_FLAG, },
	[SRPROXY_A_VNF_LOCAL_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_VNF_LOCAL_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_VNF_LOCAL_PORT] = { .type = NLA_U16, },
	[SRPROXY_A_VNF_REMOTE_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_VNF_REMOTE_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_VNF_REMOTE_PORT] = { .type = NLA_U16, },
	[SRPROXY_A_VNF_PATH] = { .type = NLA_NUL_STRING, .len = 107, },
	[SRPROXY_A_VNF_FD] = { .type = NLA_U32, },
	[SRPROXY_A_VNF_TLS] = { .type = NLA_FLAG, },
	[SRPROXY_A_VNF_POOL_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_VNF_POOL_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_VNF_POOL_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[SRPROXY_A_VNF_PROBE] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_PROBE_INTERVAL] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_probe_interval_range),
	[SRPROXY_A_VNF_PROBE_MULTIPLIER] = NLA_POLICY_RANGE(NLA_U32, 1, 30),
	[SRPROXY_A_VNF_PROBE_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_VNF_PROBE_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_VNF_PROBE_PORT] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_probe_port_range),
};

/* SRPROXY_CMD_VNF_SET - do */
const struct nla_policy srproxy_vnf_set_nl_policy[SRPROXY_A_VNF_PROBE_PORT + 1] = {
	[SRPROXY_A_VNF_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[SRPROXY_A_VNF_MATCH] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_MTU] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_mtu_range),
	[SRPROXY_A_VNF_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_weight_range),
	[SRPROXY_A_VNF_MAX_FLOWS] = { .type = NLA_U32, },
	[SRPROXY_A_VNF_ON_MISS] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_ADMIN] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_INNER] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_VLAN_FIRST] = NLA_POLICY_RANGE(NLA_U32, 1, 4094),
	[SRPROXY_A_VNF_VLAN_LAST] = NLA_POLICY_RANGE(NLA_U32, 1, 4094),
	[SRPROXY_A_VNF_LABELS] = { .type = NLA_BINARY, },
	[SRPROXY_A_VNF_OUT] = { .type = NLA_NUL_STRING, .len = 15, },
	[SRPROXY_A_VNF_STEER] = NLA_POLICY_NESTED(srproxy_steer_nl_policy),
	[SRPROXY_A_VNF_STEER_NONE] = { .type = NLA_FLAG, },
	[SRPROXY_A_VNF_PROBE] = NLA_POLICY_MAX(NLA_U32, 2),
	[SRPROXY_A_VNF_PROBE_INTERVAL] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_probe_interval_range),
	[SRPROXY_A_VNF_PROBE_MULTIPLIER] = NLA_POLICY_RANGE(NLA_U32, 1, 30),
	[SRPROXY_A_VNF_PROBE_INET] = { .type = NLA_BE32, },
	[SRPROXY_A_VNF_PROBE_INET6] = NLA_POLICY_EXACT_LEN(16),
	[SRPROXY_A_VNF_PROBE_PORT] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_vnf_probe_port_range),
};

/* SRPROXY_CMD_VNF_DEL - do */
const struct nla_policy srproxy_vnf_del_nl_policy[SRPROXY_A_VNF_NAME + 1] = {
	[SRPROXY_A_VNF_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* SRPROXY_CMD_VNF_GET - do */
const struct nla_policy srproxy_vnf_get_nl_policy[SRPROXY_A_VNF_NAME + 1] = {
	[SRPROXY_A_VNF_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* SRPROXY_CMD_SID_NEW - do */
const struct nla_policy srproxy_sid_new_nl_policy[SRPROXY_A_SID_REROUTE + 1] = {
	[SRPROXY_A_SID_LABEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_sid_label_range),
	[SRPROXY_A_SID_MEMBER] = NLA_POLICY_NESTED(srproxy_member_nl_policy),
	[SRPROXY_A_SID_FALLBACK] = NLA_POLICY_MAX(NLA_U32, 3),
	[SRPROXY_A_SID_REROUTE] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_sid_reroute_range),
};

/* SRPROXY_CMD_SID_SET - do */
const struct nla_policy srproxy_sid_set_nl_policy[SRPROXY_A_SID_REROUTE + 1] = {
	[SRPROXY_A_SID_LABEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_sid_label_range),
	[SRPROXY_A_SID_MEMBER] = NLA_POLICY_NESTED(srproxy_member_nl_policy),
	[SRPROXY_A_SID_FALLBACK] = NLA_POLICY_MAX(NLA_U32, 3),
	[SRPROXY_A_SID_REROUTE] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_sid_reroute_range),
};

/* SRPROXY_CMD_SID_DEL - do */
const struct nla_policy srproxy_sid_del_nl_policy[SRPROXY_A_SID_LABEL + 1] = {
	[SRPROXY_A_SID_LABEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_sid_label_range),
};

/* SRPROXY_CMD_SID_GET - do */
const struct nla_policy srproxy_sid_get_nl_policy[SRPROXY_A_SID_LABEL + 1] = {
	[SRPROXY_A_SID_LABEL] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_sid_label_range),
};

/* SRPROXY_CMD_FLOW_GET - dump */
const struct nla_policy srproxy_flow_get_nl_policy[SRPROXY_A_FLOW_SID + 1] = {
	[SRPROXY_A_FLOW_VNF] = { .type = NLA_NUL_STRING, .len = 31, },
	[SRPROXY_A_FLOW_SID] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_flow_sid_range),
};

/* SRPROXY_CMD_FLOW_FLUSH - do */
const struct nla_policy srproxy_flow_flush_nl_policy[SRPROXY_A_FLOW_VNF + 1] = {
	[SRPROXY_A_FLOW_VNF] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* SRPROXY_CMD_CONFIG_SET - do */
const struct nla_policy srproxy_config_set_nl_policy[SRPROXY_A_CONFIG_ICMP + 1] = {
	[SRPROXY_A_CONFIG_MAX_FLOWS] = NLA_POLICY_MIN(NLA_U32, 1),
	[SRPROXY_A_CONFIG_IDLE_TIMEOUT] = NLA_POLICY_FULL_RANGE(NLA_U32, &srproxy_a_config_idle_timeout_range),
	[SRPROXY_A_CONFIG_TTL] = NLA_POLICY_MAX(NLA_U32, 1),
	[SRPROXY_A_CONFIG_ICMP] = NLA_POLICY_MAX(NLA_U32, 2),
};

/* SRPROXY_CMD_CONFIG_GET - do */
const struct nla_policy srproxy_config_get_nl_policy[SRPROXY_A_CONFIG_PAD + 1] = {
};

/* SRPROXY_CMD_STATS_GET - do */
const struct nla_policy srproxy_stats_get_nl_policy[SRPROXY_A_STATS_PAD + 1] = {
};

/* SRPROXY_CMD_STATS_RESET - do */
const struct nla_policy srproxy_stats_reset_nl_policy[SRPROXY_A_STATS_PAD + 1] = {
};

/* SRPROXY_CMD_TXN_BEGIN - do */
const struct nla_policy srproxy_txn_begin_nl_policy[SRPROXY_A_TXN_PAD + 1] = {
};

/* SRPROXY_CMD_TXN_COMMIT - do */
const struct nla_policy srproxy_txn_commit_nl_policy[SRPROXY_A_TXN_PAD + 1] = {
};

/* SRPROXY_CMD_TXN_ABORT - do */
const struct nla_policy srproxy_txn_abort_nl_policy[SRPROXY_A_TXN_PAD + 1] = {
};

/* SRPROXY_CMD_VNF_RECONNECT - do */
const struct nla_policy srproxy_vnf_reconnect_nl_policy[SRPROXY_A_VNF_FD + 1] = {
	[SRPROXY_A_VNF_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[SRPROXY_A_VNF_FD] = { .type = NLA_U32, },
};

/* Ops table for srproxy */
const struct genl_ops srproxy_nl_ops[22] = {
	{
		.cmd		= SRPROXY_CMD_UPLINK_NEW,
		.doit		= srproxy_nl_uplink_new_doit,
		.policy		= srproxy_uplink_new_nl_policy,
		.maxattr	= SRPROXY_A_UPLINK_VIA_DEV,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_UPLINK_SET,
		.doit		= srproxy_nl_uplink_set_doit,
		.policy		= srproxy_uplink_set_nl_policy,
		.maxattr	= SRPROXY_A_UPLINK_VIA_DEV,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_UPLINK_DEL,
		.doit		= srproxy_nl_uplink_del_doit,
		.policy		= srproxy_uplink_del_nl_policy,
		.maxattr	= SRPROXY_A_UPLINK_DEV,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_UPLINK_GET,
		.doit		= srproxy_nl_uplink_get_doit,
		.dumpit		= srproxy_nl_uplink_get_dumpit,
		.policy		= srproxy_uplink_get_nl_policy,
		.maxattr	= SRPROXY_A_UPLINK_DEV,
	},
	{
		.cmd		= SRPROXY_CMD_VNF_NEW,
		.doit		= srproxy_nl_vnf_new_doit,
		.policy		= srproxy_vnf_new_nl_policy,
		.maxattr	= SRPROXY_A_VNF_PROBE_PORT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_VNF_SET,
		.doit		= srproxy_nl_vnf_set_doit,
		.policy		= srproxy_vnf_set_nl_policy,
		.maxattr	= SRPROXY_A_VNF_PROBE_PORT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_VNF_DEL,
		.doit		= srproxy_nl_vnf_del_doit,
		.policy		= srproxy_vnf_del_nl_policy,
		.maxattr	= SRPROXY_A_VNF_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_VNF_GET,
		.doit		= srproxy_nl_vnf_get_doit,
		.dumpit		= srproxy_nl_vnf_get_dumpit,
		.policy		= srproxy_vnf_get_nl_policy,
		.maxattr	= SRPROXY_A_VNF_NAME,
	},
	{
		.cmd		= SRPROXY_CMD_SID_NEW,
		.doit		= srproxy_nl_sid_new_doit,
		.policy		= srproxy_sid_new_nl_policy,
		.maxattr	= SRPROXY_A_SID_REROUTE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_SID_SET,
		.doit		= srproxy_nl_sid_set_doit,
		.policy		= srproxy_sid_set_nl_policy,
		.maxattr	= SRPROXY_A_SID_REROUTE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_SID_DEL,
		.doit		= srproxy_nl_sid_del_doit,
		.policy		= srproxy_sid_del_nl_policy,
		.maxattr	= SRPROXY_A_SID_LABEL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_SID_GET,
		.doit		= srproxy_nl_sid_get_doit,
		.start		= srproxy_nl_sid_get_start,
		.dumpit		= srproxy_nl_sid_get_dumpit,
		.policy		= srproxy_sid_get_nl_policy,
		.maxattr	= SRPROXY_A_SID_LABEL,
	},
	{
		.cmd		= SRPROXY_CMD_FLOW_GET,
		.start		= srproxy_nl_flow_get_start,
		.done		= srproxy_nl_flow_get_done,
		.dumpit		= srproxy_nl_flow_get_dumpit,
		.policy		= srproxy_flow_get_nl_policy,
		.maxattr	= SRPROXY_A_FLOW_SID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_FLOW_FLUSH,
		.doit		= srproxy_nl_flow_flush_doit,
		.policy		= srproxy_flow_flush_nl_policy,
		.maxattr	= SRPROXY_A_FLOW_VNF,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_CONFIG_SET,
		.doit		= srproxy_nl_config_set_doit,
		.policy		= srproxy_config_set_nl_policy,
		.maxattr	= SRPROXY_A_CONFIG_ICMP,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_CONFIG_GET,
		.doit		= srproxy_nl_config_get_doit,
		.policy		= srproxy_config_get_nl_policy,
		.maxattr	= SRPROXY_A_CONFIG_PAD,
	},
	{
		.cmd		= SRPROXY_CMD_STATS_GET,
		.doit		= srproxy_nl_stats_get_doit,
		.policy		= srproxy_stats_get_nl_policy,
		.maxattr	= SRPROXY_A_STATS_PAD,
	},
	{
		.cmd		= SRPROXY_CMD_STATS_RESET,
		.doit		= srproxy_nl_stats_reset_doit,
		.policy		= srproxy_stats_reset_nl_policy,
		.maxattr	= SRPROXY_A_STATS_PAD,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_TXN_BEGIN,
		.doit		= srproxy_nl_txn_begin_doit,
		.policy		= srproxy_txn_begin_nl_policy,
		.maxattr	= SRPROXY_A_TXN_PAD,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_TXN_COMMIT,
		.doit		= srproxy_nl_txn_commit_doit,
		.policy		= srproxy_txn_commit_nl_policy,
		.maxattr	= SRPROXY_A_TXN_PAD,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_TXN_ABORT,
		.doit		= srproxy_nl_txn_abort_doit,
		.policy		= srproxy_txn_abort_nl_policy,
		.maxattr	= SRPROXY_A_TXN_PAD,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SRPROXY_CMD_VNF_RECONNECT,
		.doit		= srproxy_nl_vnf_reconnect_doit,
		.policy		= srproxy_vnf_reconnect_nl_policy,
		.maxattr	= SRPROXY_A_VNF_FD,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

const struct genl_multicast_group srproxy_nl_mcgrps[2] = {
	[SRPROXY_NLGRP_CONFIG] = { .name = "config", },
	[SRPROXY_NLGRP_FLOW] = { .name = "flow", .flags = GENL_MCAST_CAP_NET_ADMIN, },
};
