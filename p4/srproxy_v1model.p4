// SPDX-License-Identifier: Apache-2.0
/* SR-MPLS and two micro-services for bmv2's simple_switch. */

#define V1MODEL_VERSION 20200408
#include <core.p4>
#include <v1model.p4>

#include "include/arch_v1model.p4"
#include "include/sizes.p4"
#include "include/defs.p4"
#include "include/report_defs.p4"
#include "include/headers.p4"
#include "include/meta.p4"
#include "include/stack.p4"
#include "include/parser.p4"
#include "include/session.p4"
#include "include/classify.p4"
#include "include/plan.p4"
#include "include/label_fib.p4"
#include "include/ip_fib.p4"
#include "include/nexthop.p4"
#include "include/ingress_chain.p4"
#include "include/priority.p4"
#include "include/report.p4"
#include "include/feature_v1model.p4"
#include "include/rewrite.p4"

parser Parse(packet_in pkt, out headers_t hdr, inout meta_t md,
	     inout standard_metadata_t sm) {
	SrParser() sr;
	state start {
		sr.apply(pkt, hdr, md);
		transition accept;
	}
}

control Verify(inout headers_t hdr, inout meta_t md) {
	apply {
		verify_checksum(hdr.ipv4.isValid() && hdr.ipv4.ihl == 5,
				IPV4_FIELDS(hdr.ipv4), hdr.ipv4.checksum,
				HashAlgorithm.csum16);
	}
}

/* What is wrong with the packet before anyone looks at where it goes. What is
 * below labels is none of our business as long as it stays there. */
control Admit(in headers_t hdr, inout meta_t md, in standard_metadata_t sm) {
	action refuse(event_t event) {
		md.drop = 1;
		md.event = event;
	}
	apply {
		if (hdr.m0.isValid())
			md.ttl = hdr.m0.ttl;
		else if (hdr.ipv4.isValid())
			md.ttl = hdr.ipv4.ttl;
		else if (hdr.ipv6.isValid())
			md.ttl = hdr.ipv6.hops;

		if (hdr.ipv4.isValid())
			md.good_ip = hdr.ipv4.version == 4 &&
				     hdr.ipv4.ihl == 5 &&
				     sm.checksum_error == 0 ? 1w1 : 0;
		else if (hdr.ipv6.isValid())
			md.good_ip = hdr.ipv6.version == 6 ? 1w1 : 0;

		if (sm.parser_error != error.NoError && md.bottom == 0)
			refuse(EV_PARSE);
		else if (!hdr.m0.isValid() && !hdr.ipv4.isValid() &&
			 !hdr.ipv6.isValid())
			refuse(EV_ETHERTYPE);
		else if (!hdr.m0.isValid() && md.good_ip == 0)
			refuse(EV_BAD_IP);
		else if (md.ttl <= 1)
			refuse(EV_TTL);
		else if (md.rounds > ROUNDS_MAX)
			refuse(EV_ROUNDS);
		md.ttl = md.ttl - 1;
	}
}

control IngressPipe(inout headers_t hdr, inout meta_t md,
		inout standard_metadata_t sm) {
	counter<event_t>(EVENTS, CounterType.packets_and_bytes) srp_events;

	Admit() admit;
	Session() session;
	Classify() classify;
	Plan() plan;
	Feature() feature;
	Priority() priority;
	IngressChain() ingress_chain;
	LabelFib() label_fib;
	IpFib() ip_fib;
	Nexthop() nexthop;

	action deep() {
		md.way = WAY_LABEL;
		md.top = hdr.m0.label;
		md.pop_strip = 1;
		md.event = EV_DEEP;
	}
	action again() {
		md.rounds = md.rounds + 1;
		sm.egress_spec = RECIRCULATE_PORT;
	}
	action flow_hash() {
		hash(md.bucket, HashAlgorithm.crc16, 6w0,
		     { md.src, md.dst, md.sport, md.dport, md.proto }, 32w64);
	}

	apply {
		session.apply(hdr, md);
		admit.apply(hdr, md, sm);
		if (md.drop == 0) {
			if (md.deep == 1) {
				deep();
			} else if (hdr.m0.isValid()) {
				classify.apply(hdr, md);
				plan.apply(hdr, md);
			} else {
				ingress_chain.apply(hdr, md);
			}

			if (md.feature == 1)
				feature.apply(hdr, md, NOW);
			if (md.priority == 1)
				priority.apply(md);

			if (md.way == WAY_AGAIN) {
				again();
				if (md.event == EV_NONE)
					md.event = EV_AGAIN;
			} else {
				flow_hash();
				if (md.way == WAY_LABEL)
					label_fib.apply(md);
				else
					ip_fib.apply(hdr, md);
				if (md.drop == 0)
					nexthop.apply(hdr, md, sm.egress_spec);
			}
		}
		sm.priority = md.queue > QUEUE_MAX ? QUEUE_MAX[2:0] :
			      md.queue[2:0];
		if (md.drop == 1)
			mark_to_drop(sm);
		if (md.event != EV_NONE)
			srp_events.count(md.event);
	}
}

control EgressPipe(inout headers_t hdr, inout meta_t md,
	       inout standard_metadata_t sm) {
	counter<event_t>(EVENTS, CounterType.packets_and_bytes) srp_egress_events;

	Report() report;
	Strip() strip;
	TopLabel() top_label;
	Bottom() bottom;
	bit<16> next = ETH_MPLS;
	bit<32> length = 14;

	action copy() {
		md.strip = md.report_strip;
		md.ttl = md.report_ttl;
		md.op = LSE_KEEP;
		md.set_tc = 0;
		md.tagged = 0;
	}
	action untagged() {
		hdr.vlan.setInvalid();
		hdr.eth.type = next;
	}
	action tagged() {
		hdr.eth.type = ETH_VLAN;
		hdr.vlan.setValid();
		hdr.vlan.pcp = md.tc;
		hdr.vlan.dei = 0;
		hdr.vlan.vid = md.vid;
		hdr.vlan.type = next;
	}
	/* A label's TTL shows in what was below it, if that has more to go. */
	action ttl4() {
		hdr.ipv4.ttl = md.ttl < hdr.ipv4.ttl ? md.ttl : hdr.ipv4.ttl;
		md.ip_changed = 1;
	}
	action ttl6() {
		hdr.ipv6.hops = md.ttl < hdr.ipv6.hops ? md.ttl : hdr.ipv6.hops;
	}

	apply {
		bool is_report = sm.instance_type == INSTANCE_CLONE;

		if (is_report) {
			copy();
			report.apply(hdr, md);
		} else if (md.set_dscp == 1 && md.good_ip == 1) {
			if (hdr.ipv4.isValid()) {
				hdr.ipv4.dscp = md.dscp;
				md.ip_changed = 1;
			} else if (hdr.ipv6.isValid()) {
				hdr.ipv6.dscp = md.dscp;
			}
		}

		strip.apply(hdr, md.strip, length);
		top_label.apply(hdr, md);
		if (md.deep == 0 && !hdr.w0.isValid())
			bottom.apply(hdr, (bit<1>)hdr.ipv4.isValid(), next);
		if (!is_report && md.good_ip == 1 &&
		    (next != ETH_MPLS || hdr.w0.isValid())) {
			if (hdr.ipv4.isValid())
				ttl4();
			else if (hdr.ipv6.isValid())
				ttl6();
		}
		if (md.tagged == 1)
			tagged();
		else
			untagged();

		if (is_report)
			truncate(length + (bit<32>)hdr.report_ip.len);
		if (next == 0 || is_report && md.drop == 1) {
			srp_egress_events.count(next == 0 ? EV_NOT_IP :
						EV_NO_REPORT);
			mark_to_drop(sm);
		} else if (md.way == WAY_AGAIN && !is_report) {
			recirculate_preserving_field_list(KEEP_ROUND);
		}
	}
}

control Compute(inout headers_t hdr, inout meta_t md) {
	apply {
		update_checksum(hdr.ipv4.isValid() && md.ip_changed == 1,
				IPV4_FIELDS(hdr.ipv4), hdr.ipv4.checksum,
				HashAlgorithm.csum16);
		update_checksum(hdr.report_ip.isValid(),
				IPV4_FIELDS(hdr.report_ip),
				hdr.report_ip.checksum, HashAlgorithm.csum16);
	}
}

control Deparse(packet_out pkt, in headers_t hdr) {
	apply {
		pkt.emit(hdr);
	}
}

/* srp4ctl knows the program by this name. */
@pkginfo(name = "srproxy_v1model", version = "1")
V1Switch(Parse(), Verify(), IngressPipe(), EgressPipe(), Compute(),
	 Deparse()) main;
