// SPDX-License-Identifier: Apache-2.0
/* The copy of a packet that closed a window becomes the report: new headers
 * before the packet's own, and a mirror session that cuts behind these. */

#ifndef SRP_REPORT_TNA_P4
#define SRP_REPORT_TNA_P4

/* Which sums of a direction are at their end; bits as in the report's flags. */
control Saturated(in bit<32> packets, in bit<32> bytes, in bit<32> bytes_sq,
		  in bit<32> iat, in bit<32> iat_sq, inout bit<5> flags) {
	action full(bit<5> which) {
		flags = which;
	}
	table sums {
		key = {
			iat_sq: ternary;
			iat: ternary;
			bytes_sq: ternary;
			bytes: ternary;
			packets: ternary;
		}
		actions = {
			full;
			@defaultonly NoAction;
		}
		const default_action = NoAction();
		const entries = {
			(MAX32, MAX32, MAX32, MAX32, MAX32): full(31);
			(MAX32, MAX32, MAX32, MAX32, _): full(30);
			(MAX32, MAX32, MAX32, _, MAX32): full(29);
			(MAX32, MAX32, _, MAX32, MAX32): full(27);
			(MAX32, _, MAX32, MAX32, MAX32): full(23);
			(_, MAX32, MAX32, MAX32, MAX32): full(15);
			(MAX32, MAX32, MAX32, _, _): full(28);
			(MAX32, MAX32, _, MAX32, _): full(26);
			(MAX32, MAX32, _, _, MAX32): full(25);
			(MAX32, _, MAX32, MAX32, _): full(22);
			(MAX32, _, MAX32, _, MAX32): full(21);
			(MAX32, _, _, MAX32, MAX32): full(19);
			(_, MAX32, MAX32, MAX32, _): full(14);
			(_, MAX32, MAX32, _, MAX32): full(13);
			(_, MAX32, _, MAX32, MAX32): full(11);
			(_, _, MAX32, MAX32, MAX32): full(7);
			(MAX32, MAX32, _, _, _): full(24);
			(MAX32, _, MAX32, _, _): full(20);
			(MAX32, _, _, MAX32, _): full(18);
			(MAX32, _, _, _, MAX32): full(17);
			(_, MAX32, MAX32, _, _): full(12);
			(_, MAX32, _, MAX32, _): full(10);
			(_, MAX32, _, _, MAX32): full(9);
			(_, _, MAX32, MAX32, _): full(6);
			(_, _, MAX32, _, MAX32): full(5);
			(_, _, _, MAX32, MAX32): full(3);
			(MAX32, _, _, _, _): full(16);
			(_, MAX32, _, _, _): full(8);
			(_, _, MAX32, _, _): full(4);
			(_, _, _, MAX32, _): full(2);
			(_, _, _, _, MAX32): full(1);
		}
		size = 32;
	}
	apply {
		sums.apply();
	}
}

control Report(inout headers_t hdr, inout meta_t md) {
	Counter<bit<64>, feature_event_t>(FEATURE_EVENTS,
		CounterType_t.PACKETS_AND_BYTES) feature_events;
	Saturated() down;
	Saturated() up;

	COUNTER(report_to_counter);
	action to(bit<48> dmac, bit<48> smac, bit<32> src, bit<32> dst,
		  bit<16> dport, MirrorId_t mirror) {
		hdr.eth.dst = dmac;
		hdr.eth.src = smac;
		hdr.report_ip.src = src;
		hdr.report_ip.dst = dst;
		hdr.report_udp.dport = dport;
		md.mirror = mirror;
		COUNT(report_to_counter);
	}
	action report_to_miss() {
		md.drop = 1;
		COUNT(report_to_counter);
	}
	table report_to {
		key = {
			hdr.window.label: exact @name("label");
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
		hdr.report.magic = REPORT_MAGIC;
		hdr.report.version = REPORT_VERSION;
		hdr.report.family = 4;
		hdr.report.length = REPORT_LEN;
		hdr.report.flags_none = 0;
		hdr.report.flags_up = 0;
		hdr.report.flags_down = 0;
		hdr.report.flags_gap = hdr.window.gap;
		hdr.report.verdict = 0;
		hdr.report.tick_ns = TICK_NS;
		hdr.report.tick_high = 0;
	}
	action zero_halves() {
		hdr.report.down_bytes_sq_high = 0;
		hdr.report.down_iat_high = 0;
		hdr.report.up_bytes_sq_high = 0;
		hdr.report.up_iat_high = 0;
	}
	/* An interval's square was counted in units of sixteen ticks squared. */
	action down_units() {
		hdr.report.down_iat_sq_high = hdr.report.down_iat_sq >> 28;
		hdr.report.down_iat_sq = hdr.report.down_iat_sq << 4;
	}
	action up_units() {
		hdr.report.up_iat_sq_high = hdr.report.up_iat_sq >> 28;
		hdr.report.up_iat_sq = hdr.report.up_iat_sq << 4;
	}
	action datagram() {
		hdr.report_ip.setValid();
		hdr.report_ip.version = 4;
		hdr.report_ip.ihl = 5;
		hdr.report_ip.dscp = 0;
		hdr.report_ip.ecn = 0;
		hdr.report_ip.len = IPV4_LEN + UDP_LEN + REPORT_LEN + md.inner;
		hdr.report_ip.id = 0;
		hdr.report_ip.flags = 2; /* do not fragment */
		hdr.report_ip.frag = 0;
		hdr.report_ip.ttl = 64;
		hdr.report_ip.proto = PROTO_UDP;
		hdr.report_udp.len = UDP_LEN + REPORT_LEN + md.inner;
		hdr.report_udp.checksum = 0;
	}

	/* IPv4 in sixteen octets. */
	action mapped() {
		hdr.report.client0 = 0;
		hdr.report.client1 = 0;
		hdr.report.client2 = 0;
		hdr.report.client_mapped = 0xffff;
		hdr.report.server0 = 0;
		hdr.report.server1 = 0;
		hdr.report.server2 = 0;
		hdr.report.server_mapped = 0xffff;
	}
	/* The labels that stay, each a word of what the mirror lets through. */
	action keep(MirrorId_t labels) {
		md.words = md.words + labels;
	}
	table kept {
		key = {
			md.strip: exact;
		}
		actions = {
			keep;
			@defaultonly NoAction;
		}
		const default_action = NoAction();
		const entries = {
			0xfd: keep(1);
			0xfb: keep(1);
			0xf7: keep(1);
			0xef: keep(1);
			0xdf: keep(1);
			0xbf: keep(1);
			0x7f: keep(1);
			0xf9: keep(2);
			0xf3: keep(2);
			0xe7: keep(2);
			0xcf: keep(2);
			0x9f: keep(2);
			0x3f: keep(2);
			0xf1: keep(3);
			0xe3: keep(3);
			0xc7: keep(3);
			0x8f: keep(3);
			0x1f: keep(3);
			0xe1: keep(4);
			0xc3: keep(4);
			0x87: keep(4);
			0x0f: keep(4);
			0xc1: keep(5);
			0x83: keep(5);
			0x07: keep(5);
			0x81: keep(6);
			0x03: keep(6);
			0x01: keep(7);
		}
		size = 32;
	}

	apply {
		session();
		datagram();
		zero_halves();
		mapped();
		report_to.apply();
		kept.apply();
		md.mirror = md.mirror + md.words;
		down.apply(hdr.report.down_packets, hdr.report.down_bytes,
			   hdr.report.down_bytes_sq, hdr.report.down_iat,
			   hdr.report.down_iat_sq, hdr.report.flags_down);
		up.apply(hdr.report.up_packets, hdr.report.up_bytes,
			 hdr.report.up_bytes_sq, hdr.report.up_iat,
			 hdr.report.up_iat_sq, hdr.report.flags_up);
		down_units();
		up_units();
		if (hdr.report.flags_down != 0 || hdr.report.flags_up != 0)
			feature_events.count(FE_SATURATED);
	}
}

#endif
