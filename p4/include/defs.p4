// SPDX-License-Identifier: Apache-2.0
/* Constants and the metadata that all controls share. */

#ifndef SRP_DEFS_P4
#define SRP_DEFS_P4

const bit<16> ETH_IPV4 = 0x0800;
const bit<16> ETH_IPV6 = 0x86dd;
const bit<16> ETH_VLAN = 0x8100;
const bit<16> ETH_MPLS = 0x8847;
const bit<8> PROTO_TCP = 6;
const bit<8> PROTO_UDP = 17;
const bit<32> MAX32 = 0xffffffff;

/*
 * What a label is to this switch. The plan is a table over these, one for each
 * position of the stack: bit 3 alone says NFV, so "not NFV" is one ternary.
 */
typedef bit<4> class_t;
const class_t CLASS_NONE = 0;	/* below the bottom of the stack */
const class_t CLASS_OTHER = 1;
const class_t CLASS_NODE = 2;	/* own, no service: popped */
const class_t CLASS_PRIORITY = 3;
const class_t CLASS_FEATURE = 4;
const class_t CLASS_NFV = 8;

/* Which way a packet of a session goes; down is server to client. */
typedef bit<1> dir_t;
const dir_t DIR_UP = 0;
const dir_t DIR_DOWN = 1;

/* Where the packet goes once its labels are off. */
typedef bit<2> way_t;
const way_t WAY_LABEL = 0;
const way_t WAY_IP = 1;
const way_t WAY_AGAIN = 2;	/* an own label is on top: one more round */

/* What label_fib does to the label on top. */
typedef bit<2> lse_op_t;
const lse_op_t LSE_KEEP = 0;
const lse_op_t LSE_SWAP = 1;
const lse_op_t LSE_POP = 2;

/*
 * Why a packet was dropped, or what is worth counting of one that was not;
 * each is a place in the counter srp_events. The names are those of
 * Documentation/p4.md.
 */
typedef bit<8> event_t;
const event_t EV_NONE = 0;
const event_t EV_PARSE = 1;		/* drop: a header is cut short */
const event_t EV_ETHERTYPE = 2;		/* drop: neither IP nor MPLS */
const event_t EV_TTL = 3;		/* drop: TTL of 1 or less */
const event_t EV_NO_LABEL = 4;		/* drop: label_fib has no such label */
const event_t EV_NO_ROUTE = 5;		/* drop: no route to the address */
const event_t EV_NOT_IP = 6;		/* drop: no IP to route below the labels */
const event_t EV_NO_NEXTHOP = 7;	/* drop: no such nexthop or bucket */
const event_t EV_DEEP = 8;		/* forwarded: more than 8 labels */
const event_t EV_AGAIN = 9;		/* recirculated: another own label */
const event_t EV_HEAD_END = 10;		/* recirculated: labels pushed */
const event_t EV_ROUNDS = 11;		/* drop: too many rounds */
const event_t EV_BAD_IP = 12;		/* drop: IP header broken, options */
const event_t EV_NO_REPORT = 13;	/* report not sent: no report_to */
#define EVENTS 16

/* A packet may go round this often, head end and every own label behind. */
const bit<4> ROUNDS_MAX = 10;

/* What became of a packet at the feature micro-service. */
typedef bit<8> feature_event_t;
@noWarn("unused")
const feature_event_t FE_NONE = 0;
const feature_event_t FE_NEW = 1;	/* a session took a free slot */
const feature_event_t FE_TAKEOVER = 2;	/* a session took an idle slot */
const feature_event_t FE_RESTART = 3;	/* a session was idle too long */
const feature_event_t FE_COLLISION = 4;	/* not measured: slot is another's */
const feature_event_t FE_REPORT = 5;	/* a window was closed */
const feature_event_t FE_GAP = 6;	/* as REPORT, a window late */
const feature_event_t FE_SATURATED = 7;	/* as REPORT, a sum at its end */
const feature_event_t FE_NO_SESSION = 8;	/* not measured: no IP in it */
#define FEATURE_EVENTS 16

#endif
