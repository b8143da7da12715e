// SPDX-License-Identifier: Apache-2.0
/* SR-MPLS and two micro-services for Tofino 1. */

#include <core.p4>
#include <tna.p4>

#include "include/arch_tna.p4"
#include "include/sizes.p4"
#include "include/defs.p4"
#include "include/report_defs.p4"
#include "include/headers.p4"
#include "include/headers_tna.p4"
#include "include/meta_tna.p4"
#include "include/stack.p4"
#include "include/parser_tna.p4"
#include "include/session_tna.p4"
#include "include/admit_tna.p4"
#include "include/classify.p4"
#include "include/plan.p4"
#include "include/label_fib.p4"
#include "include/ip_fib.p4"
#include "include/nexthop.p4"
#include "include/push_tna.p4"
#include "include/priority.p4"
#include "include/size_tna.p4"
#include "include/slot_tna.p4"
#include "include/window_tna.p4"
#include "include/sum_tna.p4"
#include "include/feature_tna.p4"
#include "include/report_tna.p4"
#include "include/rewrite.p4"

/* What is read before it is written is 0, of the whole program: without this the
 * compiler lets the parser and others leave what they like in it.
 */
@pa_auto_init_metadata
control IngressPipe(inout headers_t hdr, inout meta_t md,
		    in ingress_intrinsic_metadata_t intr,
		    in ingress_intrinsic_metadata_from_parser_t from_parser,
		    inout ingress_intrinsic_metadata_for_deparser_t to_deparser,
		    inout ingress_intrinsic_metadata_for_tm_t to_tm) {
	Counter<bit<64>, event_t>(EVENTS, CounterType_t.PACKETS_AND_BYTES) srp_events;

	Session() session;
	Admit() admit;
	Classify() classify;
	Plan() plan;
	Feature() feature;
	Priority() priority;
	IngressChain() ingress_chain;
	LabelFib() label_fib;
	IpFib() ip_fib;
	Nexthop() nexthop;
	Hash<bit<6>>(HashAlgorithm_t.CRC16) flow;

	action deep() {
		md.way = WAY_LABEL;
		md.top = hdr.m0.label;
		md.pop_strip = 1;
		md.event = EV_DEEP;
	}
	/* Only every fourth tick, see feature_tna.p4. */
	action clock() {
		md.tick = md.tick & 32w0xfffffffc;
	}
	action flow_hash() {
		md.bucket = flow.get({ md.src, md.dst, md.sport, md.dport, md.proto });
	}
	/* Round again through this pipe: its registers have the session. */
	action again() {
		to_tm.ucast_egress_port = intr.ingress_port[8:7] ++ RECIRCULATE_PORT;
	}
	action forward() {
		to_tm.ucast_egress_port = md.port;
	}
	action queue() {
		to_tm.qid = (QueueId_t)md.queue;
		to_tm.ingress_cos = md.queue[2:0];
	}
	action report() {
		to_tm.mcast_grp_a = REPORT_GROUP;
		hdr.bridge.kind = KIND_CLOSING;
	}
	/* One field of a container in each: an action takes one source to it. */
	action bridge() {
		hdr.bridge.setValid();
		hdr.bridge.kind = KIND_PACKET;
		hdr.bridge.strip = md.strip;
		hdr.bridge.rounds = md.rounds;
		hdr.bridge.way = md.way;
		hdr.bridge.swap = md.swap;
		hdr.bridge.ttl = md.ttl;
		hdr.bridge.dscp = md.dscp;
		hdr.bridge.vid = md.vid;
		hdr.bridge.chain = md.chain;
		hdr.bridge.queue = md.queue;
	}
	action bridge_more() {
		hdr.bridge.op = md.op;
		hdr.bridge.tc = md.tc;
		hdr.bridge.dir = md.dir;
		hdr.bridge.tagged = md.tagged;
	}
	action bridge_rest() {
		hdr.bridge.set_tc = md.set_tc;
		hdr.bridge.set_dscp = md.set_dscp;
		hdr.bridge.good_ip = md.good_ip;
		hdr.bridge.ipv4 = md.ipv4;
	}
	action remember() {
		md.set_tc = hdr.bridge.set_tc;
		md.tc = hdr.bridge.tc;
	}

	apply {
		/* The tag stays here; nexthop says whether there is another. */
		if (hdr.vlan.isValid())
			hdr.eth.type = hdr.vlan.type;
		if (hdr.bridge.isValid())
			remember();
		session.apply(hdr, md);
		admit.apply(hdr, md, from_parser.parser_err);
		if (hdr.m0.isValid() && md.deep == 0)
			classify.apply(hdr, md);
		flow_hash();
		clock();

		/* Conditions are short and many: a long one keeps its stages. */
		if (md.drop == 0) {
			if (md.deep == 1)
				deep();
			else if (hdr.m0.isValid())
				plan.apply(hdr, md);
			else
				ingress_chain.apply(hdr, md);
		}
		if (md.priority == 1)
			priority.apply(md);
		if (md.way == WAY_AGAIN && md.event == EV_NONE)
			md.event = EV_AGAIN;
		if (md.drop == 0) {
			if (md.way == WAY_LABEL)
				label_fib.apply(md);
			else if (md.way == WAY_IP)
				ip_fib.apply(hdr, md);
		}
		nexthop.apply(hdr, md, md.port);
		queue();
		bridge();
		bridge_more();
		bridge_rest();
		feature.apply(hdr, md);
		if (md.closed == 1)
			report();
		/* Without a port there is no packet, but a report there may be. */
		if (md.drop == 0) {
			if (md.way == WAY_AGAIN)
				again();
			else
				forward();
		}
		if (md.event != EV_NONE)
			srp_events.count(md.event);
	}
}

control IngressDeparse(packet_out pkt, inout headers_t hdr, in meta_t md,
		       in ingress_intrinsic_metadata_for_deparser_t intr) {
	apply {
		pkt.emit(hdr.bridge);
		pkt.emit(hdr.window);
		pkt.emit(hdr.sums);
		pkt.emit(hdr.eth);
		pkt.emit(hdr.m0);
		pkt.emit(hdr.m1);
		pkt.emit(hdr.m2);
		pkt.emit(hdr.m3);
		pkt.emit(hdr.m4);
		pkt.emit(hdr.m5);
		pkt.emit(hdr.m6);
		pkt.emit(hdr.m7);
		pkt.emit(hdr.ipv4);
		pkt.emit(hdr.ipv6);
		pkt.emit(hdr.ipv6_ends);
	}
}

control EgressPipe(inout headers_t hdr, inout meta_t md,
		   in egress_intrinsic_metadata_t intr,
		   in egress_intrinsic_metadata_from_parser_t from_parser,
		   inout egress_intrinsic_metadata_for_deparser_t to_deparser,
		   inout egress_intrinsic_metadata_for_output_port_t to_port) {
	Counter<bit<64>, event_t>(EVENTS, CounterType_t.PACKETS_AND_BYTES) srp_egress_events;

	Report() report;
	Strip() strip;
	TopLabel() top_label;
	Push() push;
	Bottom() bottom;
	bit<16> next = ETH_MPLS;
	bit<32> length = 0;

	/* What the shared controls know by these names. */
	action unpack() {
		md.op = hdr.bridge.op;
		md.swap = hdr.bridge.swap;
		md.set_tc = hdr.bridge.set_tc;
		md.tc = hdr.bridge.tc;
	}
	action untagged() {
		hdr.vlan.setInvalid();
		hdr.eth.type = next;
	}
	action tagged() {
		hdr.eth.type = ETH_VLAN;
		hdr.vlan.setValid();
		hdr.vlan.pcp = 0;
		hdr.vlan.dei = 0;
		hdr.vlan.vid = hdr.bridge.vid;
		hdr.vlan.type = next;
	}
	action count_round() {
		hdr.bridge.rounds = hdr.bridge.rounds + 1;
	}
	/* The packet ends here, its mirrored copy goes on, cut. */
	action send() {
		to_deparser.mirror_type = MIRROR_REPORT;
		to_deparser.drop_ctl = 1;
	}
	action lose(event_t event) {
		to_deparser.drop_ctl = 1;
		srp_egress_events.count(event);
	}

	apply {
		if (hdr.bridge.isValid()) {
			bool is_report = md.report == 1;

			if (is_report) {
				report.apply(hdr, md);
			} else {
				unpack();
				if (hdr.bridge.set_dscp == 1 && hdr.ipv4.isValid())
					hdr.ipv4.dscp = hdr.bridge.dscp;
			}
			md.ttl = hdr.bridge.ttl;
			strip.apply(hdr, md.strip, length);
			top_label.apply(hdr, md);
			if (hdr.bridge.chain != 0)
				push.apply(hdr, hdr.bridge.chain);
			if (md.deep == 0)
				bottom.apply(hdr, hdr.bridge.ipv4, next);
			if (!is_report && (next != ETH_MPLS || hdr.bridge.chain != 0)) {
				/* One of them, they may lie in one container. */
				if (hdr.ipv4.isValid())
					hdr.ipv4.ttl = min(hdr.ipv4.ttl, md.ttl);
				else if (hdr.ipv6.isValid())
					hdr.ipv6.hops = min(hdr.ipv6.hops, md.ttl);
			}
			if (hdr.bridge.tagged == 1 && !is_report)
				tagged();
			else
				untagged();

			if (next == 0)
				lose(EV_NOT_IP);
			else if (is_report && md.drop == 1)
				lose(EV_NO_REPORT);
			else if (is_report)
				send();
			if (hdr.bridge.way == WAY_AGAIN && !is_report)
				count_round();
			else
				hdr.bridge.setInvalid();
		}
	}
}

control EgressDeparse(packet_out pkt, inout headers_t hdr, in meta_t md,
		      in egress_intrinsic_metadata_for_deparser_t intr) {
	Checksum() sum;
	Mirror(MIRROR_REPORT) mirror;

	apply {
		if (intr.mirror_type == MIRROR_REPORT)
			mirror.emit<mirror_t>(md.mirror, { hdr.report_ip.proto });
		hdr.ipv4.checksum = sum.update(IPV4_FIELDS(hdr.ipv4));
		hdr.report_ip.checksum = sum.update(IPV4_FIELDS(hdr.report_ip));
		pkt.emit(hdr.bridge);
		pkt.emit(hdr.eth);
		pkt.emit(hdr.vlan);
		pkt.emit(hdr.m0);
		pkt.emit(hdr.m1);
		pkt.emit(hdr.m2);
		pkt.emit(hdr.m3);
		pkt.emit(hdr.m4);
		pkt.emit(hdr.m5);
		pkt.emit(hdr.m6);
		pkt.emit(hdr.m7);
		pkt.emit(hdr.report_ip);
		pkt.emit(hdr.report_udp);
		pkt.emit(hdr.report);
		pkt.emit(hdr.ipv4);
		pkt.emit(hdr.ipv6);
	}
}

/* srp4ctl knows the program by this name. */
@pkginfo(name = "srproxy_tna", version = "1")
@pragma egress_intrinsic_metadata_opt
Pipeline(IngressParse(), IngressPipe(), IngressDeparse(), EgressParse(),
	 EgressPipe(), EgressDeparse()) pipe;
Switch(pipe) main;
