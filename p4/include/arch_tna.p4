// SPDX-License-Identifier: Apache-2.0
/* What the core's words mean on TNA, Tofino 1's architecture. */

#ifndef SRP_ARCH_TNA_P4
#define SRP_ARCH_TNA_P4

/* An IPv6 address in a key is folded to these, see session_tna.p4. */
#define ADDR_BITS 32
#define IPV6_DST hdr.ipv6_ends.dst

#define COUNTER(name) \
	DirectCounter<bit<64>>(CounterType_t.PACKETS_AND_BYTES) name
#define COUNT(name) name.count()

#define TICK_NS 256
#define RECIRCULATE_PORT 7w68	/* of each pipe */

typedef PortId_t port_t;

#define IPV4_FIELDS(h) { h.version, h.ihl, h.dscp, h.ecn, h.len, h.id, h.flags, \
	h.frag, h.ttl, h.proto, h.src, h.dst }

/* What a frame is that comes to egress; its first octet. */
typedef bit<8> kind_t;
const kind_t KIND_PACKET = 1;
const kind_t KIND_CLOSING = 2;	/* and it closed a window */
/* anything else: a report, mirrored, ready to go. It is marked by the protocol
 * of its datagram, which is at hand. */

/* The one multicast group: a copy to egress that becomes the report. */
const MulticastGroupId_t REPORT_GROUP = 1;
const MirrorType_t MIRROR_REPORT = 1;

/* What the slot makes of a packet. */
typedef bit<2> phase_t;
const phase_t PHASE_NONE = 0;	/* not measured */
const phase_t PHASE_BEGIN = 1;	/* the session starts here */
const phase_t PHASE_RUN = 2;

#endif
