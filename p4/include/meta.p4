// SPDX-License-Identifier: Apache-2.0
/* What is known of a packet on its way. ADDR_BITS and KEPT_* are the target's:
 * the width of an address in a key, and what a clone or a further round keeps. */

#ifndef SRP_META_P4
#define SRP_META_P4

typedef bit<ADDR_BITS> addr_t;

struct headers_t {
	ethernet_t eth;
	vlan_t vlan;
	lse_word_t w0;
	lse_word_t w1;
	lse_word_t w2;
	lse_word_t w3;
	lse_word_t w4;
	lse_word_t w5;
	lse_word_t w6;
	lse_word_t w7;
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
	report_t report;
	ipv4_t ipv4;
	ipv6_t ipv6;
	udp_t udp;
	tcp_t tcp;
}

struct meta_t {
	/* the parser */
	bit<1> deep;		/* more labels than we look at */
	bit<1> bottom;		/* the stack is whole */
	bit<1> good_ip;		/* IP we may change and route */
	bit<1> ip_changed;	/* and did */

	/* the session: what the packet says, not yet which end is which */
	addr_t src;
	addr_t dst;
	bit<8> proto;
	bit<16> sport;
	bit<16> dport;

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
	bit<1> tagged;
	bit<12> vid;
	bit<1> set_dscp;
	bit<6> dscp;
	bit<1> drop;
	event_t event;

	/* What the next round through this switch has to know, and what the
	 * report's copy is built from. */
	KEPT_ROUND bit<4> rounds;
	KEPT_ROUND bit<5> queue;
	KEPT_ROUND bit<1> set_tc;
	KEPT_ROUND bit<3> tc;
	KEPT_REPORT bit<8> report_strip;
	KEPT_REPORT bit<8> report_ttl;
	KEPT_REPORT bit<20> report_label;
	KEPT_REPORT bit<16> slot;
	KEPT_REPORT dir_t report_dir;
	KEPT_REPORT bit<16> flags;
	KEPT_REPORT bit<32> number;
	KEPT_REPORT bit<32> session;
	KEPT_REPORT bit<32> window_ticks;
	KEPT_REPORT bit<64> tick;
	KEPT_REPORT bit<32> down_packets;
	KEPT_REPORT bit<32> down_bytes;
	KEPT_REPORT bit<64> down_bytes_sq;
	KEPT_REPORT bit<64> down_iat;
	KEPT_REPORT bit<64> down_iat_sq;
	KEPT_REPORT bit<32> up_packets;
	KEPT_REPORT bit<32> up_bytes;
	KEPT_REPORT bit<64> up_bytes_sq;
	KEPT_REPORT bit<64> up_iat;
	KEPT_REPORT bit<64> up_iat_sq;
}

#endif
