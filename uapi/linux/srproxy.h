/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/srproxy.yaml */
/* YNL-GEN uapi header */
/* To regenerate run: Documentation/netlink/regen.sh */

#ifndef _UAPI_LINUX_SRPROXY_H
#define _UAPI_LINUX_SRPROXY_H

#define SRPROXY_FAMILY_NAME	"srproxy"
#define SRPROXY_FAMILY_VERSION	1

#define SRPROXY_NAME_MAX	31
#define SRPROXY_LABEL_MIN	16
#define SRPROXY_LABEL_MAX	1048575
#define SRPROXY_STACK_MAX	16
#define SRPROXY_MEMBERS_MAX	240
#define SRPROXY_DSCP_MAX	63
#define SRPROXY_LATENCY_BUCKETS	30

/**
 * enum srproxy_egress - Where a packet goes whose next label is not of this
 *   node.
 * @SRPROXY_EGRESS_HAIRPIN: Back to the neighbour it came from.
 * @SRPROXY_EGRESS_LFIB: The kernel's own MPLS table routes it.
 * @SRPROXY_EGRESS_VIA: To a fixed next hop.
 */
enum srproxy_egress {
	SRPROXY_EGRESS_HAIRPIN,
	SRPROXY_EGRESS_LFIB,
	SRPROXY_EGRESS_VIA,
};

/**
 * enum srproxy_vnf_type - How a function is attached.
 * @SRPROXY_VNF_TYPE_DEV: Behind a network device.
 * @SRPROXY_VNF_TYPE_UDP: Behind a connected UDP socket, one IP packet a
 *   datagram.
 * @SRPROXY_VNF_TYPE_TCP: Behind a TCP connection, packets framed as RFC 4571
 *   has it.
 * @SRPROXY_VNF_TYPE_UNIX: Behind a Unix socket (SOCK_SEQPACKET), one packet a
 *   message.
 * @SRPROXY_VNF_TYPE_APP: An ordinary UDP server, handed the payload of
 *   datagrams.
 */
enum srproxy_vnf_type {
	SRPROXY_VNF_TYPE_DEV,
	SRPROXY_VNF_TYPE_UDP,
	SRPROXY_VNF_TYPE_TCP,
	SRPROXY_VNF_TYPE_UNIX,
	SRPROXY_VNF_TYPE_APP,
};

/**
 * enum srproxy_match - How a packet that the function returns is found again.
 * @SRPROXY_MATCH_FLOW: By its own flow key.
 * @SRPROXY_MATCH_VLAN: By the VLAN tag that stands for its label stack.
 * @SRPROXY_MATCH_STATIC: Not at all, every one gets the stack that is written
 *   down.
 */
enum srproxy_match {
	SRPROXY_MATCH_FLOW,
	SRPROXY_MATCH_VLAN,
	SRPROXY_MATCH_STATIC,
};

/**
 * enum srproxy_on_miss - What becomes of a returned packet that no flow
 *   claims.
 * @SRPROXY_ON_MISS_ACCEPT: The IP stack takes it.
 * @SRPROXY_ON_MISS_DROP: Dropped unless addressed to this node; ARP and ND
 *   pass.
 * @SRPROXY_ON_MISS_STRICT: Dropped but for ARP, ND and ICMP errors to this
 *   node.
 */
enum srproxy_on_miss {
	SRPROXY_ON_MISS_ACCEPT,
	SRPROXY_ON_MISS_DROP,
	SRPROXY_ON_MISS_STRICT,
};

/**
 * enum srproxy_admin - What the operator wants of a vnf.
 * @SRPROXY_ADMIN_UP: It serves.
 * @SRPROXY_ADMIN_DRAIN: No new flows; those that exist stay.
 * @SRPROXY_ADMIN_DOWN: It does not serve.
 */
enum srproxy_admin {
	SRPROXY_ADMIN_UP,
	SRPROXY_ADMIN_DRAIN,
	SRPROXY_ADMIN_DOWN,
};

/**
 * enum srproxy_state - Whether an object can serve now.
 * @SRPROXY_STATE_DOWN: It cannot.
 * @SRPROXY_STATE_UP: It can.
 */
enum srproxy_state {
	SRPROXY_STATE_DOWN,
	SRPROXY_STATE_UP,
};

/**
 * enum srproxy_cause - Why an object is in its state.
 * @SRPROXY_CAUSE_NONE: It is up.
 * @SRPROXY_CAUSE_NO_DEVICE: No device has the name.
 * @SRPROXY_CAUSE_LINK_DOWN: The device is not administratively up.
 * @SRPROXY_CAUSE_NO_CARRIER: The device has no carrier.
 * @SRPROXY_CAUSE_ADMIN: The operator wants it so.
 * @SRPROXY_CAUSE_NOT_CONNECTED: The socket has not been connected yet.
 * @SRPROXY_CAUSE_CONNECT_FAILED: The far end could not be reached, or refused.
 * @SRPROXY_CAUSE_CLOSED: The far end, or who passed the socket, has closed it.
 * @SRPROXY_CAUSE_SOCKET_ERROR: The socket reported an error.
 * @SRPROXY_CAUSE_BAD_FRAME: What came could not be taken apart into packets.
 * @SRPROXY_CAUSE_NO_ROUTE: There is no route to the far end.
 * @SRPROXY_CAUSE_NEIGHBOUR: The kernel has given up the function's neighbour
 *   address.
 * @SRPROXY_CAUSE_PROBE: The function does not return its probes.
 */
enum srproxy_cause {
	SRPROXY_CAUSE_NONE,
	SRPROXY_CAUSE_NO_DEVICE,
	SRPROXY_CAUSE_LINK_DOWN,
	SRPROXY_CAUSE_NO_CARRIER,
	SRPROXY_CAUSE_ADMIN,
	SRPROXY_CAUSE_NOT_CONNECTED,
	SRPROXY_CAUSE_CONNECT_FAILED,
	SRPROXY_CAUSE_CLOSED,
	SRPROXY_CAUSE_SOCKET_ERROR,
	SRPROXY_CAUSE_BAD_FRAME,
	SRPROXY_CAUSE_NO_ROUTE,
	SRPROXY_CAUSE_NEIGHBOUR,
	SRPROXY_CAUSE_PROBE,
};

/**
 * enum srproxy_fallback - What becomes of a packet for a sid none of whose
 *   instances can serve.
 * @SRPROXY_FALLBACK_DROP: Dropped and counted.
 * @SRPROXY_FALLBACK_BYPASS: Goes on with the next label.
 * @SRPROXY_FALLBACK_REROUTE: Another label is put in place of this one.
 * @SRPROXY_FALLBACK_LFIB: The kernel's own MPLS table routes it untouched.
 */
enum srproxy_fallback {
	SRPROXY_FALLBACK_DROP,
	SRPROXY_FALLBACK_BYPASS,
	SRPROXY_FALLBACK_REROUTE,
	SRPROXY_FALLBACK_LFIB,
};

/*
 * RFC 3443 model of TTL and TC.
 */
enum srproxy_ttl_mode {
	SRPROXY_TTL_MODE_PIPE,
	SRPROXY_TTL_MODE_UNIFORM,
};

/**
 * enum srproxy_icmp_mode - Which way the proxy's own ICMP errors take to the
 *   sender of a packet.
 * @SRPROXY_ICMP_MODE_REVERSE: With the stack of the opposite flow, else with
 *   what remained of the packet's own.
 * @SRPROXY_ICMP_MODE_FIB: The IP routing table of this node.
 * @SRPROXY_ICMP_MODE_NONE: None is sent.
 */
enum srproxy_icmp_mode {
	SRPROXY_ICMP_MODE_REVERSE,
	SRPROXY_ICMP_MODE_FIB,
	SRPROXY_ICMP_MODE_NONE,
};

/**
 * enum srproxy_flow_flag - What is said of a flow beside its key and stack.
 * @SRPROXY_FLOW_FLAG_PROTECTED: Past probation, not evicted while there are
 *   others.
 * @SRPROXY_FLOW_FLAG_CONFLICT: Another label stack claims the same flow.
 * @SRPROXY_FLOW_FLAG_GONE: In notifications only, the flow ended.
 */
enum srproxy_flow_flag {
	SRPROXY_FLOW_FLAG_PROTECTED = 1,
	SRPROXY_FLOW_FLAG_CONFLICT = 2,
	SRPROXY_FLOW_FLAG_GONE = 4,
};

/**
 * enum srproxy_inner - What is under the bottom label of a vnf's packets.
 * @SRPROXY_INNER_IP: An IP packet.
 * @SRPROXY_INNER_ETHERNET: An Ethernet frame.
 * @SRPROXY_INNER_ETHERNET_CW: An Ethernet frame behind a pseudowire control
 *   word.
 */
enum srproxy_inner {
	SRPROXY_INNER_IP,
	SRPROXY_INNER_ETHERNET,
	SRPROXY_INNER_ETHERNET_CW,
};

/**
 * enum srproxy_probe - How it is found out that a function is alive.
 * @SRPROXY_PROBE_NONE: By its device and the kernel's neighbour only.
 * @SRPROXY_PROBE_NEIGH: Its neighbour address is asked for by ARP or ND.
 * @SRPROXY_PROBE_INBAND: A datagram that it has to return, as any packet.
 */
enum srproxy_probe {
	SRPROXY_PROBE_NONE,
	SRPROXY_PROBE_NEIGH,
	SRPROXY_PROBE_INBAND,
};

enum {
	SRPROXY_A_COUNTERS_PAD = 1,
	SRPROXY_A_COUNTERS_RX_PACKETS,
	SRPROXY_A_COUNTERS_RX_BYTES,
	SRPROXY_A_COUNTERS_TX_PACKETS,
	SRPROXY_A_COUNTERS_TX_BYTES,
	SRPROXY_A_COUNTERS_MISS,

	__SRPROXY_A_COUNTERS_MAX
};
#define SRPROXY_A_COUNTERS_MAX (__SRPROXY_A_COUNTERS_MAX - 1)

enum {
	SRPROXY_A_UPLINK_PAD = 1,
	SRPROXY_A_UPLINK_DEV,
	SRPROXY_A_UPLINK_IFINDEX,
	SRPROXY_A_UPLINK_EGRESS,
	SRPROXY_A_UPLINK_VIA_INET,
	SRPROXY_A_UPLINK_VIA_INET6,
	SRPROXY_A_UPLINK_VIA_DEV,
	SRPROXY_A_UPLINK_STATE,
	SRPROXY_A_UPLINK_CAUSE,
	SRPROXY_A_UPLINK_STATS,
	SRPROXY_A_UPLINK_GONE,
	SRPROXY_A_UPLINK_CHANGED_NS,

	__SRPROXY_A_UPLINK_MAX
};
#define SRPROXY_A_UPLINK_MAX (__SRPROXY_A_UPLINK_MAX - 1)

enum {
	SRPROXY_A_VNF_PAD = 1,
	SRPROXY_A_VNF_NAME,
	SRPROXY_A_VNF_ID,
	SRPROXY_A_VNF_TYPE,
	SRPROXY_A_VNF_DEV,
	SRPROXY_A_VNF_IN,
	SRPROXY_A_VNF_VIA_INET,
	SRPROXY_A_VNF_VIA_INET6,
	SRPROXY_A_VNF_LLADDR,
	SRPROXY_A_VNF_MATCH,
	SRPROXY_A_VNF_MTU,
	SRPROXY_A_VNF_WEIGHT,
	SRPROXY_A_VNF_MAX_FLOWS,
	SRPROXY_A_VNF_ON_MISS,
	SRPROXY_A_VNF_ADMIN,
	SRPROXY_A_VNF_STATE,
	SRPROXY_A_VNF_CAUSE,
	SRPROXY_A_VNF_FLOWS,
	SRPROXY_A_VNF_STATS,
	SRPROXY_A_VNF_GONE,
	SRPROXY_A_VNF_INNER,
	SRPROXY_A_VNF_VLAN_FIRST,
	SRPROXY_A_VNF_VLAN_LAST,
	SRPROXY_A_VNF_LABELS,
	SRPROXY_A_VNF_OUT,
	SRPROXY_A_VNF_STEER,
	SRPROXY_A_VNF_STEER_NONE,
	SRPROXY_A_VNF_LOCAL_INET,
	SRPROXY_A_VNF_LOCAL_INET6,
	SRPROXY_A_VNF_LOCAL_PORT,
	SRPROXY_A_VNF_REMOTE_INET,
	SRPROXY_A_VNF_REMOTE_INET6,
	SRPROXY_A_VNF_REMOTE_PORT,
	SRPROXY_A_VNF_PATH,
	SRPROXY_A_VNF_FD,
	SRPROXY_A_VNF_TLS,
	SRPROXY_A_VNF_POOL_INET,
	SRPROXY_A_VNF_POOL_INET6,
	SRPROXY_A_VNF_POOL_LEN,
	SRPROXY_A_VNF_QUEUED,
	SRPROXY_A_VNF_LATENCY,
	SRPROXY_A_VNF_PROBE,
	SRPROXY_A_VNF_PROBE_INTERVAL,
	SRPROXY_A_VNF_PROBE_MULTIPLIER,
	SRPROXY_A_VNF_PROBE_INET,
	SRPROXY_A_VNF_PROBE_INET6,
	SRPROXY_A_VNF_PROBE_PORT,
	SRPROXY_A_VNF_CHANGED_NS,
	SRPROXY_A_VNF_PROBE_SENT,
	SRPROXY_A_VNF_PROBE_ANSWERED,

	__SRPROXY_A_VNF_MAX
};
#define SRPROXY_A_VNF_MAX (__SRPROXY_A_VNF_MAX - 1)

enum {
	SRPROXY_A_LATENCY_PAD = 1,
	SRPROXY_A_LATENCY_COUNT,
	SRPROXY_A_LATENCY_SUM,
	SRPROXY_A_LATENCY_LONGEST,
	SRPROXY_A_LATENCY_LOST,
	SRPROXY_A_LATENCY_BUCKETS,

	__SRPROXY_A_LATENCY_MAX
};
#define SRPROXY_A_LATENCY_MAX (__SRPROXY_A_LATENCY_MAX - 1)

enum {
	SRPROXY_A_STEER_DSCP = 1,
	SRPROXY_A_STEER_LABEL,

	__SRPROXY_A_STEER_MAX
};
#define SRPROXY_A_STEER_MAX (__SRPROXY_A_STEER_MAX - 1)

enum {
	SRPROXY_A_MEMBER_VNF = 1,
	SRPROXY_A_MEMBER_BACKUP,
	SRPROXY_A_MEMBER_STATS,

	__SRPROXY_A_MEMBER_MAX
};
#define SRPROXY_A_MEMBER_MAX (__SRPROXY_A_MEMBER_MAX - 1)

enum {
	SRPROXY_A_SID_PAD = 1,
	SRPROXY_A_SID_LABEL,
	SRPROXY_A_SID_MEMBER,
	SRPROXY_A_SID_FALLBACK,
	SRPROXY_A_SID_REROUTE,
	SRPROXY_A_SID_STATS,
	SRPROXY_A_SID_GONE,

	__SRPROXY_A_SID_MAX
};
#define SRPROXY_A_SID_MAX (__SRPROXY_A_SID_MAX - 1)

enum {
	SRPROXY_A_FLOW_PAD = 1,
	SRPROXY_A_FLOW_VNF,
	SRPROXY_A_FLOW_SID,
	SRPROXY_A_FLOW_SRC,
	SRPROXY_A_FLOW_DST,
	SRPROXY_A_FLOW_PROTO,
	SRPROXY_A_FLOW_SPORT,
	SRPROXY_A_FLOW_DPORT,
	SRPROXY_A_FLOW_SPI,
	SRPROXY_A_FLOW_LABELS,
	SRPROXY_A_FLOW_UPLINK,
	SRPROXY_A_FLOW_IDLE_MS,
	SRPROXY_A_FLOW_PACKETS,
	SRPROXY_A_FLOW_FLAGS,
	SRPROXY_A_FLOW_TTL,
	SRPROXY_A_FLOW_TC,
	SRPROXY_A_FLOW_ETHER_TYPE,
	SRPROXY_A_FLOW_VLAN,
	SRPROXY_A_FLOW_POOL,
	SRPROXY_A_FLOW_POOL_PORT,

	__SRPROXY_A_FLOW_MAX
};
#define SRPROXY_A_FLOW_MAX (__SRPROXY_A_FLOW_MAX - 1)

enum {
	SRPROXY_A_CONFIG_PAD = 1,
	SRPROXY_A_CONFIG_MAX_FLOWS,
	SRPROXY_A_CONFIG_IDLE_TIMEOUT,
	SRPROXY_A_CONFIG_TTL,
	SRPROXY_A_CONFIG_GENERATION,
	SRPROXY_A_CONFIG_MODULE_MAX_FLOWS,
	SRPROXY_A_CONFIG_ICMP,

	__SRPROXY_A_CONFIG_MAX
};
#define SRPROXY_A_CONFIG_MAX (__SRPROXY_A_CONFIG_MAX - 1)

enum {
	SRPROXY_A_DROP_PAD = 1,
	SRPROXY_A_DROP_NAME,
	SRPROXY_A_DROP_PACKETS,

	__SRPROXY_A_DROP_MAX
};
#define SRPROXY_A_DROP_MAX (__SRPROXY_A_DROP_MAX - 1)

enum {
	SRPROXY_A_STATS_PAD = 1,
	SRPROXY_A_STATS_DROP,
	SRPROXY_A_STATS_FLOWS,
	SRPROXY_A_STATS_FLOWS_CREATED,
	SRPROXY_A_STATS_FLOWS_EXPIRED,
	SRPROXY_A_STATS_FLOWS_EVICTED,
	SRPROXY_A_STATS_FLOW_SIZE,
	SRPROXY_A_STATS_ICMP_SENT,
	SRPROXY_A_STATS_ICMP_SUPPRESSED,

	__SRPROXY_A_STATS_MAX
};
#define SRPROXY_A_STATS_MAX (__SRPROXY_A_STATS_MAX - 1)

enum {
	SRPROXY_A_TXN_PAD = 1,
	SRPROXY_A_TXN_GENERATION,
	SRPROXY_A_TXN_STAGED,

	__SRPROXY_A_TXN_MAX
};
#define SRPROXY_A_TXN_MAX (__SRPROXY_A_TXN_MAX - 1)

enum {
	SRPROXY_CMD_UPLINK_NEW = 1,
	SRPROXY_CMD_UPLINK_SET,
	SRPROXY_CMD_UPLINK_DEL,
	SRPROXY_CMD_UPLINK_GET,
	SRPROXY_CMD_UPLINK_NTF,
	SRPROXY_CMD_VNF_NEW,
	SRPROXY_CMD_VNF_SET,
	SRPROXY_CMD_VNF_DEL,
	SRPROXY_CMD_VNF_GET,
	SRPROXY_CMD_VNF_NTF,
	SRPROXY_CMD_SID_NEW,
	SRPROXY_CMD_SID_SET,
	SRPROXY_CMD_SID_DEL,
	SRPROXY_CMD_SID_GET,
	SRPROXY_CMD_SID_NTF,
	SRPROXY_CMD_FLOW_GET,
	SRPROXY_CMD_FLOW_FLUSH,
	SRPROXY_CMD_FLOW_NTF,
	SRPROXY_CMD_CONFIG_SET,
	SRPROXY_CMD_CONFIG_GET,
	SRPROXY_CMD_CONFIG_NTF,
	SRPROXY_CMD_STATS_GET,
	SRPROXY_CMD_STATS_RESET,
	SRPROXY_CMD_TXN_BEGIN,
	SRPROXY_CMD_TXN_COMMIT,
	SRPROXY_CMD_TXN_ABORT,
	SRPROXY_CMD_VNF_RECONNECT,

	__SRPROXY_CMD_MAX
};
#define SRPROXY_CMD_MAX (__SRPROXY_CMD_MAX - 1)

#define SRPROXY_MCGRP_CONFIG	"config"
#define SRPROXY_MCGRP_FLOW	"flow"

#endif /* _UAPI_LINUX_SRPROXY_H */
