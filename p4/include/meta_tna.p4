// SPDX-License-Identifier: Apache-2.0
/* What is known of a packet on its way through Tofino; the names that the
 * shared controls use are those of meta.p4. */

#ifndef SRP_META_TNA_P4
#define SRP_META_TNA_P4

typedef bit<ADDR_BITS> addr_t;

typedef bit<2> transport_t;
@noWarn("unused")
const transport_t TRANSPORT_NONE = 0;
const transport_t TRANSPORT_UDP = 1;
const transport_t TRANSPORT_TCP = 2;

struct headers_t {
	bridge_t bridge;
	window_t window;
	sums_t sums;
	ethernet_t eth;
	vlan_t vlan;
	lse_t m0;
	lse_t m1;
	lse_t m2;
	lse_t m3;
	lse_t m4;
	lse_t m5;
	lse_t m6;
	lse_t m7;
	ipv4_t report_ip;
	udp_t report_udp;
	report_words_t report;
	ipv4_t ipv4;
	ipv6_start_t ipv6;
	ipv6_ends_t ipv6_ends;
}

struct meta_t {
	/* the parser */
	bit<1> deep;		/* more labels than we look at */
	bit<1> bottom;		/* the stack is whole */
	bit<1> ipv4;		/* whole, if not good */
	bit<1> bad_sum;
	bit<1> good_ip;		/* IP we may change and route */

	/* the session: what the packet says, not yet which end is which */
	addr_t src;
	addr_t dst;
	bit<8> proto;
	bit<16> sport;
	bit<16> dport;
	bit<4> offset;		/* of TCP's payload */
	transport_t transport;

	/* the stack */
	class_t c0;
	class_t c1;
	class_t c2;
	class_t c3;
	class_t c4;
	class_t c5;
	class_t c6;
	class_t c7;
	bit<8> strip;		/* bit i: position i leaves the stack */
	bit<8> pop_strip;	/* the same, with the new top gone too */
	bit<20> top;		/* the label that decides where to go */
	bit<4> pos;		/* and its position; 8: none */
	way_t way;
	lse_op_t op;
	bit<20> swap;
	bit<1> nfv;		/* there are NFV labels */
	bit<20> first;		/* the first of them */
	bit<8> report_strip;

	/* services to run */
	bit<1> feature;
	bit<1> priority;
	dir_t dir;
	bit<32> window;		/* least length in ticks */

	/* forwarding */
	bit<8> ttl;		/* as it leaves */
	bit<16> nexthop;
	bit<16> group;		/* of ECMP; 0: none */
	bit<6> bucket;
	bit<16> chain;		/* of the head end; 0: none */
	port_t port;
	bit<1> tagged;
	bit<12> vid;
	bit<1> set_dscp;
	bit<6> dscp;
	bit<1> drop;
	bit<1> refused;		/* before anyone looked where to */
	event_t event;
	bit<8> rounds;
	bit<5> queue;
	bit<1> set_tc;
	bit<3> tc;

	/* the feature micro-service */
	bit<32> tick;		/* the clock, of 256 ns */
	int<32> age;		/* and of 65,536 ns */
	bit<1> to_server;	/* not md.dir */
	bit<1> measured;
	bit<1> closed;		/* this packet closed a window */
	bit<1> gap;
	bit<16> slot;

	/* the report */
	bit<1> report;		/* this copy becomes it */
	bit<16> inner;		/* octets of the packet's own headers */
	MirrorId_t words;	/* labels and these, in words of four octets */
	MirrorId_t mirror;
}

#endif
