/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints, where decisions fall. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM srproxy

#if !defined(SRP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SRP_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "stats.h"
#include "vnf.h"

/* A labelled packet for this node came in on an uplink. */
TRACE_EVENT(rx,
	TP_PROTO(const struct sk_buff *skb, u32 label, u8 depth, u8 ttl),
	TP_ARGS(skb, label, depth, ttl),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(u32, ifindex)
		__field(u32, label)
		__field(u32, len)
		__field(u8, depth)
		__field(u8, ttl)
	),
	TP_fast_assign(
		__entry->skb = skb;
		__entry->ifindex = skb->dev->ifindex;
		__entry->label = label;
		__entry->len = skb->len;
		__entry->depth = depth;
		__entry->ttl = ttl;
	),
	TP_printk("skb=%p ifindex=%u label=%u below=%u ttl=%u len=%u",
		  __entry->skb, __entry->ifindex, __entry->label,
		  __entry->depth, __entry->ttl, __entry->len)
);

DECLARE_EVENT_CLASS(srp_vnf_packet,
	TP_PROTO(const struct sk_buff *skb, const struct srp_vnf *vnf,
		 u32 label, u8 depth),
	TP_ARGS(skb, vnf, label, depth),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__array(char, vnf, SRPROXY_NAME_MAX + 1)
		__field(u32, label)
		__field(u32, len)
		__field(u8, depth)
	),
	TP_fast_assign(
		__entry->skb = skb;
		memcpy(__entry->vnf, vnf->cfg.name, sizeof(__entry->vnf));
		__entry->label = label;
		__entry->len = skb->len;
		__entry->depth = depth;
	),
	TP_printk("skb=%p vnf=%s sid=%u remaining=%u len=%u",
		  __entry->skb, __entry->vnf, __entry->label, __entry->depth,
		  __entry->len)
);

/* A bare packet goes to a function. */
DEFINE_EVENT(srp_vnf_packet, to_vnf,
	TP_PROTO(const struct sk_buff *skb, const struct srp_vnf *vnf,
		 u32 label, u8 depth),
	TP_ARGS(skb, vnf, label, depth)
);

/* A packet that a flow claims came back from a function. */
DEFINE_EVENT(srp_vnf_packet, from_vnf,
	TP_PROTO(const struct sk_buff *skb, const struct srp_vnf *vnf,
		 u32 label, u8 depth),
	TP_ARGS(skb, vnf, label, depth)
);

#undef SRP_TRACE_ENUM
#define SRP_TRACE_ENUM(name) TRACE_DEFINE_ENUM(SRP_DROP_##name);
SRP_DROP_REASONS(SRP_TRACE_ENUM)

#undef SRP_TRACE_NAME
#define SRP_TRACE_NAME(name) { SRP_DROP_##name, #name },
/* A packet is dropped. */
TRACE_EVENT(drop,
	TP_PROTO(const struct sk_buff *skb, u32 reason),
	TP_ARGS(skb, reason),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(u32, ifindex)
		__field(u32, reason)
		__field(u32, len)
		__field(u16, protocol)
	),
	TP_fast_assign(
		__entry->skb = skb;
		/* what a socket brought, and was held, has none */
		__entry->ifindex = skb->dev ? skb->dev->ifindex : skb->skb_iif;
		__entry->reason = reason;
		__entry->len = skb->len;
		__entry->protocol = ntohs(skb->protocol);
	),
	TP_printk("skb=%p ifindex=%u reason=%s protocol=0x%04x len=%u",
		  __entry->skb, __entry->ifindex,
		  __print_symbolic(__entry->reason,
				   SRP_DROP_REASONS(SRP_TRACE_NAME) { 0, "none" }),
		  __entry->protocol, __entry->len)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
