// SPDX-License-Identifier: Apache-2.0
/* Ethernet, one VLAN tag, labels to the bottom of the stack or to the eighth,
 * IP, UDP or TCP. IPv4 options, IPv6 extension headers and all fragments but
 * the first are not looked into: such packets have no ports. */

#ifndef SRP_PARSER_P4
#define SRP_PARSER_P4

parser SrParser(packet_in pkt, out headers_t hdr, inout meta_t md) {
	state start {
		pkt.extract(hdr.eth);
		transition select(hdr.eth.type) {
			ETH_VLAN: vlan;
			ETH_MPLS: label0;
			ETH_IPV4: ipv4;
			ETH_IPV6: ipv6;
			default: accept;
		}
	}
	state vlan {
		pkt.extract(hdr.vlan);
		transition select(hdr.vlan.type) {
			ETH_MPLS: label0;
			ETH_IPV4: ipv4;
			ETH_IPV6: ipv6;
			default: accept;
		}
	}
	state label0 {
		pkt.extract(hdr.m0);
		transition select(hdr.m0.s) {
			0: label1;
			1: payload;
		}
	}
	state label1 {
		pkt.extract(hdr.m1);
		transition select(hdr.m1.s) {
			0: label2;
			1: payload;
		}
	}
	state label2 {
		pkt.extract(hdr.m2);
		transition select(hdr.m2.s) {
			0: label3;
			1: payload;
		}
	}
	state label3 {
		pkt.extract(hdr.m3);
		transition select(hdr.m3.s) {
			0: label4;
			1: payload;
		}
	}
	state label4 {
		pkt.extract(hdr.m4);
		transition select(hdr.m4.s) {
			0: label5;
			1: payload;
		}
	}
	state label5 {
		pkt.extract(hdr.m5);
		transition select(hdr.m5.s) {
			0: label6;
			1: payload;
		}
	}
	state label6 {
		pkt.extract(hdr.m6);
		transition select(hdr.m6.s) {
			0: label7;
			1: payload;
		}
	}
	state label7 {
		pkt.extract(hdr.m7);
		transition select(hdr.m7.s) {
			0: deep;
			1: payload;
		}
	}
	state deep {
		md.deep = 1;
		transition accept;
	}
	state payload {
		md.bottom = 1;
		transition select(pkt.lookahead<bit<4>>()) {
			4: ipv4;
			6: ipv6;
			default: accept;
		}
	}
	state ipv4 {
		pkt.extract(hdr.ipv4);
		transition select(hdr.ipv4.ihl, hdr.ipv4.frag, hdr.ipv4.proto) {
			(5, 0, PROTO_UDP): udp;
			(5, 0, PROTO_TCP): tcp;
			default: accept;
		}
	}
	state ipv6 {
		pkt.extract(hdr.ipv6);
		transition select(hdr.ipv6.next) {
			PROTO_UDP: udp;
			PROTO_TCP: tcp;
			default: accept;
		}
	}
	state udp {
		pkt.extract(hdr.udp);
		transition accept;
	}
	state tcp {
		pkt.extract(hdr.tcp);
		transition accept;
	}
}

#endif
