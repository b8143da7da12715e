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
	LABEL_STATES
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
