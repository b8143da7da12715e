// SPDX-License-Identifier: Apache-2.0
/* The copy that becomes the report: new headers before the packet's own. */

#ifndef SRP_REPORT_P4
#define SRP_REPORT_P4

control Report(inout headers_t hdr, inout meta_t md) {
	/* What is behind the report: the packet's headers, no payload. */
	bit<16> inner = 0;

	COUNTER(report_to_counter);
	action to(bit<48> dmac, bit<48> smac, bit<32> src, bit<32> dst,
		  bit<16> dport) {
		hdr.eth.dst = dmac;
		hdr.eth.src = smac;
		hdr.report_ip.src = src;
		hdr.report_ip.dst = dst;
		hdr.report_udp.dport = dport;
		COUNT(report_to_counter);
	}
	action report_to_miss() {
		md.drop = 1;
		COUNT(report_to_counter);
	}
	table report_to {
		key = {
			md.report_label: exact;
		}
		actions = {
			to;
			@defaultonly report_to_miss;
		}
		const default_action = report_to_miss();
		counters = report_to_counter;
		size = REPORT_TO_SIZE;
	}

	action session() {
		hdr.report.setValid();
		hdr.report.magic = REPORT_MAGIC;
		hdr.report.version = REPORT_VERSION;
		hdr.report.length = REPORT_LEN;
		hdr.report.flags = md.flags;
		hdr.report.verdict = 0;
		hdr.report.window = md.number;
		hdr.report.session = md.session;
		hdr.report.tick_ns = TICK_NS;
		hdr.report.window_ticks = md.window_ticks;
		hdr.report.tick = md.tick;
		hdr.report.client_port = 0;
		hdr.report.server_port = 0;
	}
	action down_sums() {
		hdr.report.down_packets = md.down_packets;
		hdr.report.down_bytes = md.down_bytes;
		hdr.report.down_bytes_sq = md.down_bytes_sq;
		hdr.report.down_iat = md.down_iat;
		hdr.report.down_iat_sq = md.down_iat_sq;
	}
	action up_sums() {
		hdr.report.up_packets = md.up_packets;
		hdr.report.up_bytes = md.up_bytes;
		hdr.report.up_bytes_sq = md.up_bytes_sq;
		hdr.report.up_iat = md.up_iat;
		hdr.report.up_iat_sq = md.up_iat_sq;
	}
	action datagram() {
		hdr.report_ip.setValid();
		hdr.report_ip.version = 4;
		hdr.report_ip.ihl = 5;
		hdr.report_ip.dscp = 0;
		hdr.report_ip.ecn = 0;
		hdr.report_ip.id = 0;
		hdr.report_ip.flags = 2; /* do not fragment */
		hdr.report_ip.frag = 0;
		hdr.report_ip.ttl = 64;
		hdr.report_ip.proto = PROTO_UDP;
		hdr.report_ip.checksum = 0;
		hdr.report_udp.setValid();
		hdr.report_udp.sport = 0xc000 | md.slot;
		hdr.report_udp.checksum = 0;
	}
	action addresses4(bit<32> client, bit<32> server) {
		hdr.report.family = 4;
		hdr.report.proto = hdr.ipv4.proto;
		hdr.report.client = 80w0 ++ 16w0xffff ++ client;
		hdr.report.server = 80w0 ++ 16w0xffff ++ server;
	}
	action addresses6(bit<128> client, bit<128> server) {
		hdr.report.family = 6;
		hdr.report.proto = hdr.ipv6.next;
		hdr.report.client = client;
		hdr.report.server = server;
	}
	action ports(bit<16> client, bit<16> server) {
		hdr.report.client_port = client;
		hdr.report.server_port = server;
	}

	apply {
		datagram();
		session();
		down_sums();
		up_sums();
		report_to.apply();
		if (hdr.ipv4.isValid()) {
			inner = IPV4_LEN;
			if (md.report_dir == DIR_UP)
				addresses4(hdr.ipv4.src, hdr.ipv4.dst);
			else
				addresses4(hdr.ipv4.dst, hdr.ipv4.src);
		} else {
			inner = IPV6_LEN;
			if (md.report_dir == DIR_UP)
				addresses6(hdr.ipv6.src, hdr.ipv6.dst);
			else
				addresses6(hdr.ipv6.dst, hdr.ipv6.src);
		}
		if (hdr.udp.isValid()) {
			inner = inner + UDP_LEN;
			if (md.report_dir == DIR_UP)
				ports(hdr.udp.sport, hdr.udp.dport);
			else
				ports(hdr.udp.dport, hdr.udp.sport);
		} else if (hdr.tcp.isValid()) {
			inner = inner + TCP_LEN;
			if (md.report_dir == DIR_UP)
				ports(hdr.tcp.sport, hdr.tcp.dport);
			else
				ports(hdr.tcp.dport, hdr.tcp.sport);
		}
		hdr.report_ip.len = IPV4_LEN + UDP_LEN + REPORT_LEN + inner;
		hdr.report_udp.len = UDP_LEN + REPORT_LEN + inner;
	}
}

#endif
