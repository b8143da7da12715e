// SPDX-License-Identifier: Apache-2.0
/* Headers that only exist inside Tofino: from ingress to egress, from egress
 * round to ingress, and the report in the words that the pipeline has. */

#ifndef SRP_HEADERS_TNA_P4
#define SRP_HEADERS_TNA_P4

/* IPv6 in two parts: egress only has to see the first. */
header ipv6_start_t {
	bit<4> version;
	bit<6> dscp;
	bit<2> ecn;
	bit<20> flow;
	bit<16> len;
	bit<8> next;
	bit<8> hops;
}

header ipv6_ends_t {
	bit<128> src;
	bit<128> dst;
}

/* What egress has to know of every packet, and ingress of one that comes round
 * again. */
header bridge_t {
	kind_t kind;
	bit<8> strip;
	bit<8> rounds;
	bit<4> pad;
	way_t way;
	lse_op_t op;
	bit<20> swap;		/* these as in a label, and what is copied to it */
	bit<3> tc;
	bit<1> set_tc;
	bit<8> ttl;
	bit<6> dscp;		/* as in IPv4 */
	bit<1> good_ip;
	dir_t dir;
	bit<2> pad2;
	bit<1> set_dscp;
	bit<1> tagged;
	bit<12> vid;		/* as in VLAN */
	bit<16> chain;
	bit<2> pad3;
	bit<1> ipv4;		/* below the labels */
	bit<5> queue;
}

/* And of one that closed a window: how its report is made, */
header window_t {
	bit<8> strip;
	bit<20> label;		/* as in a label */
	bit<4> pad;
	bit<7> pad2;
	bit<1> gap;
}

/* and what stands in it. */
header sums_t {
	bit<16> port;		/* the datagram's own */
	bit<32> number;
	bit<32> session;
	bit<32> length;		/* in ticks */
	bit<32> tick;
	bit<32> down_packets;
	bit<32> down_bytes;
	bit<32> down_bytes_sq;
	bit<32> down_iat;
	bit<32> down_iat_sq;
	bit<32> up_packets;
	bit<32> up_bytes;
	bit<32> up_bytes_sq;
	bit<32> up_iat;
	bit<32> up_iat_sq;
}

const bit<32> WINDOW_BITS = 40;
const bit<32> SUMS_BITS = 464;

/* report_t in the words that the pipeline has: X_high and X are the two halves
 * of X there, client0 to client3 its client. */
header report_words_t {
	bit<32> magic;
	bit<8> version;
	bit<8> family;
	bit<16> length;
	bit<5> flags_none;
	bit<5> flags_up;
	bit<5> flags_down;
	bit<1> flags_gap;
	bit<8> verdict;
	bit<8> proto;
	bit<32> window;
	bit<32> session;
	bit<32> tick_ns;
	bit<32> window_ticks;
	bit<16> client_port;
	bit<16> server_port;
	bit<32> tick_high;
	bit<32> tick;
	bit<32> client0;
	bit<32> client1;
	bit<16> client2;
	bit<16> client_mapped;
	bit<32> client3;
	bit<32> server0;
	bit<32> server1;
	bit<16> server2;
	bit<16> server_mapped;
	bit<32> server3;
	bit<32> down_packets;
	bit<32> down_bytes;
	bit<32> down_bytes_sq_high;
	bit<32> down_bytes_sq;
	bit<32> down_iat_high;
	bit<32> down_iat;
	bit<32> down_iat_sq_high;
	bit<32> down_iat_sq;
	bit<32> up_packets;
	bit<32> up_bytes;
	bit<32> up_bytes_sq_high;
	bit<32> up_bytes_sq;
	bit<32> up_iat_high;
	bit<32> up_iat;
	bit<32> up_iat_sq_high;
	bit<32> up_iat_sq;
}

/* Before a report, from the mirror back to egress. */
header mirror_t {
	kind_t kind;
}

#endif
