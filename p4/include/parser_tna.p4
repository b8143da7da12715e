// SPDX-License-Identifier: Apache-2.0
/* parser.p4's packets for Tofino: from a port, from egress for another round,
 * and from ingress to egress. UDP and TCP are looked at, not taken up. */

#ifndef SRP_PARSER_TNA_P4
#define SRP_PARSER_TNA_P4

/* What is not written is 0, see srproxy_tna.p4. */
@noWarn("uninitialized-out-param")
parser IngressParse(packet_in pkt, out headers_t hdr, out meta_t md,
		    out ingress_intrinsic_metadata_t intr) {
	Checksum() sum;

	state start {
		pkt.extract(intr);
		pkt.advance(PORT_METADATA_SIZE);
		md.tick = intr.ingress_mac_tstamp[39:8];
		md.age = (int<32>)intr.ingress_mac_tstamp[47:16];
		transition select(intr.ingress_port) {
			9w68 &&& 0x7f: round;
			default: frame;
		}
	}
	state round {
		pkt.extract(hdr.bridge);
		md.rounds = hdr.bridge.rounds;
		md.queue = hdr.bridge.queue;
		transition frame;
	}
	state frame {
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
		md.ipv4 = 1;
		sum.add(hdr.ipv4);
		md.bad_sum = (bit<1>)sum.verify();
		transition select(hdr.ipv4.ihl, hdr.ipv4.frag, hdr.ipv4.proto) {
			(5, 0, PROTO_UDP): udp;
			(5, 0, PROTO_TCP): tcp;
			default: accept;
		}
	}
	state ipv6 {
		pkt.extract(hdr.ipv6);
		pkt.extract(hdr.ipv6_ends);
		transition select(hdr.ipv6.next) {
			PROTO_UDP: udp;
			PROTO_TCP: tcp;
			default: accept;
		}
	}
	state udp {
		udp_t head = pkt.lookahead<udp_t>();
		md.transport = TRANSPORT_UDP;
		md.sport = head.sport;
		md.dport = head.dport;
		transition accept;
	}
	state tcp {
		tcp_t head = pkt.lookahead<tcp_t>();
		md.transport = TRANSPORT_TCP;
		md.sport = head.sport;
		md.dport = head.dport;
		md.offset = head.offset;
		transition accept;
	}
}

/* inner, words: the headers that a report carries behind it, in octets and in
 * words of four. A copy of a packet that closed a window becomes the report; the
 * packet itself only had to bring the sums here. */
@noWarn("uninitialized-out-param")
parser EgressParse(packet_in pkt, out headers_t hdr, out meta_t md,
		   out egress_intrinsic_metadata_t intr) {
	state start {
		pkt.extract(intr);
		transition select(pkt.lookahead<kind_t>(), intr.egress_rid) {
			(KIND_PACKET, _): packet;
			(KIND_CLOSING, 0): closing;
			(KIND_CLOSING, _): copy;
			default: report;
		}
	}
	state report {
		pkt.advance(8);
		transition accept;
	}
	state packet {
		pkt.extract(hdr.bridge);
		md.strip = hdr.bridge.strip;
		transition frame;
	}
	state closing {
		pkt.extract(hdr.bridge);
		pkt.advance(WINDOW_BITS + SUMS_BITS);
		md.strip = hdr.bridge.strip;
		transition frame;
	}
	state copy {
		pkt.extract(hdr.bridge);
		pkt.extract(hdr.window);
		md.strip = hdr.window.strip;
		md.report = 1;
		transition sums;
	}
	/* Straight to where they leave: nothing has to hold them twice. */
	state sums {
		sums_t found = pkt.lookahead<sums_t>();
		hdr.report_udp.setValid();
		hdr.report_udp.sport = found.port;
		hdr.report.setValid();
		hdr.report.window = found.number;
		hdr.report.session = found.session;
		hdr.report.window_ticks = found.length;
		hdr.report.tick = found.tick;
		hdr.report.down_packets = found.down_packets;
		hdr.report.down_bytes = found.down_bytes;
		hdr.report.down_bytes_sq = found.down_bytes_sq;
		hdr.report.down_iat = found.down_iat;
		hdr.report.down_iat_sq = found.down_iat_sq;
		hdr.report.up_packets = found.up_packets;
		hdr.report.up_bytes = found.up_bytes;
		hdr.report.up_bytes_sq = found.up_bytes_sq;
		hdr.report.up_iat = found.up_iat;
		hdr.report.up_iat_sq = found.up_iat_sq;
		pkt.advance(SUMS_BITS);
		transition frame;
	}
	state frame {
		pkt.extract(hdr.eth);
		transition select(hdr.eth.type) {
			ETH_MPLS: label0;
			default: bare;
		}
	}
	LABEL_STATES
	state deep {
		md.deep = 1;
		transition accept;
	}
	state payload {
		transition bare;
	}
	/* Only what ingress found whole is taken up, and may be changed. Its ends go
	 * to the report, client and server, at once; in a packet that becomes none
	 * nobody looks at them. */
	state bare {
		transition select(hdr.bridge.good_ip, hdr.bridge.dir) {
			(1, DIR_UP): ip_up;
			(1, DIR_DOWN): ip_down;
			default: accept;
		}
	}
	state ip_up {
		transition select(pkt.lookahead<bit<4>>()) {
			4: ipv4_up;
			6: ipv6;
			default: accept;
		}
	}
	state ip_down {
		transition select(pkt.lookahead<bit<4>>()) {
			4: ipv4_down;
			6: ipv6;
			default: accept;
		}
	}
	state ipv6 {
		pkt.extract(hdr.ipv6);
		transition accept;
	}
	@noWarn("invalid-header")
	state ipv4_up {
		pkt.extract(hdr.ipv4);
		hdr.report.proto = hdr.ipv4.proto;
		hdr.report.client3 = hdr.ipv4.src;
		hdr.report.server3 = hdr.ipv4.dst;
		transition select(hdr.ipv4.frag, hdr.ipv4.proto) {
			(0, PROTO_UDP): udp_up;
			(0, PROTO_TCP): tcp_up;
			default: no_ports;
		}
	}
	@noWarn("invalid-header")
	state ipv4_down {
		pkt.extract(hdr.ipv4);
		hdr.report.proto = hdr.ipv4.proto;
		hdr.report.client3 = hdr.ipv4.dst;
		hdr.report.server3 = hdr.ipv4.src;
		transition select(hdr.ipv4.frag, hdr.ipv4.proto) {
			(0, PROTO_UDP): udp_down;
			(0, PROTO_TCP): tcp_down;
			default: no_ports;
		}
	}
	@noWarn("invalid-header")
	state no_ports {
		md.inner = IPV4_LEN;
		md.words = 5;
		hdr.report.client_port = 0;
		hdr.report.server_port = 0;
		transition accept;
	}
	state udp_up {
		md.inner = IPV4_LEN + UDP_LEN;
		md.words = 7;
		transition ports_up;
	}
	state udp_down {
		md.inner = IPV4_LEN + UDP_LEN;
		md.words = 7;
		transition ports_down;
	}
	state tcp_up {
		md.inner = IPV4_LEN + TCP_LEN;
		md.words = 10;
		transition ports_up;
	}
	state tcp_down {
		md.inner = IPV4_LEN + TCP_LEN;
		md.words = 10;
		transition ports_down;
	}
	@noWarn("invalid-header")
	state ports_up {
		bit<32> head = pkt.lookahead<bit<32>>();
		hdr.report.client_port = head[31:16];
		hdr.report.server_port = head[15:0];
		transition accept;
	}
	@noWarn("invalid-header")
	state ports_down {
		bit<32> head = pkt.lookahead<bit<32>>();
		hdr.report.client_port = head[15:0];
		hdr.report.server_port = head[31:16];
		transition accept;
	}
}

#endif
