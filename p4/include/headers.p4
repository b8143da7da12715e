// SPDX-License-Identifier: Apache-2.0
/* Headers. The labels are headers of their own, not a header stack: Tofino
 * takes any of them out by a mask, and a table can match each. */

#ifndef SRP_HEADERS_P4
#define SRP_HEADERS_P4

header ethernet_t {
	bit<48> dst;
	bit<48> src;
	bit<16> type;
}

header vlan_t {
	bit<3> pcp;
	bit<1> dei;
	bit<12> vid;
	bit<16> type;
}

header lse_t {
	bit<20> label;
	bit<3> tc;
	bit<1> s;
	bit<8> ttl;
}

/* A label as the head end writes it, in one piece. */
header lse_word_t {
	bit<32> word;
}

header ipv4_t {
	bit<4> version;
	bit<4> ihl;
	bit<6> dscp;
	bit<2> ecn;
	bit<16> len;
	bit<16> id;
	bit<3> flags;
	bit<13> frag;
	bit<8> ttl;
	bit<8> proto;
	bit<16> checksum;
	bit<32> src;
	bit<32> dst;
}

header ipv6_t {
	bit<4> version;
	bit<6> dscp;
	bit<2> ecn;
	bit<20> flow;
	bit<16> len;
	bit<8> next;
	bit<8> hops;
	bit<128> src;
	bit<128> dst;
}

header udp_t {
	bit<16> sport;
	bit<16> dport;
	bit<16> len;
	bit<16> checksum;
}

header tcp_t {
	bit<16> sport;
	bit<16> dport;
	bit<32> seq;
	bit<32> ack;
	bit<4> offset;
	bit<4> reserved;
	bit<8> flags;
	bit<16> window;
	bit<16> checksum;
	bit<16> urgent;
}

/* struct srproxy_report of uapi/linux/srproxy_report.h, field for field. */
header report_t {
	bit<32> magic;
	bit<8> version;
	bit<8> family;
	bit<16> length;
	bit<16> flags;
	bit<8> verdict;
	bit<8> proto;
	bit<32> window;
	bit<32> session;
	bit<32> tick_ns;
	bit<32> window_ticks;
	bit<16> client_port;
	bit<16> server_port;
	bit<64> tick;
	bit<128> client;
	bit<128> server;
	bit<32> down_packets;
	bit<32> down_bytes;
	bit<64> down_bytes_sq;
	bit<64> down_iat;
	bit<64> down_iat_sq;
	bit<32> up_packets;
	bit<32> up_bytes;
	bit<64> up_bytes_sq;
	bit<64> up_iat;
	bit<64> up_iat_sq;
}

#endif
