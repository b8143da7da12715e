// SPDX-License-Identifier: Apache-2.0
/* A group's member by the flow's hash, and the neighbour behind a nexthop. A
 * group has 64 buckets, all filled: weights are the controller's business. */

#ifndef SRP_NEXTHOP_P4
#define SRP_NEXTHOP_P4

control Nexthop(inout headers_t hdr, inout meta_t md, inout port_t port) {
	COUNTER(ecmp_counter);
	action member(bit<16> nexthop) {
		md.nexthop = nexthop;
		COUNT(ecmp_counter);
	}
	action ecmp_miss() {
		md.nexthop = 0;
		COUNT(ecmp_counter);
	}
	table ecmp {
		key = {
			md.group: exact;
			md.bucket: exact;
		}
		actions = {
			member;
			@defaultonly ecmp_miss;
		}
		const default_action = ecmp_miss();
		counters = ecmp_counter;
		size = ECMP_SIZE;
	}

	COUNTER(nexthop_counter);
	action untagged(port_t to, bit<48> dmac, bit<48> smac) {
		port = to;
		hdr.eth.dst = dmac;
		hdr.eth.src = smac;
		COUNT(nexthop_counter);
	}
	action tagged(port_t to, bit<48> dmac, bit<48> smac, bit<12> vid) {
		port = to;
		hdr.eth.dst = dmac;
		hdr.eth.src = smac;
		md.tagged = 1;
		md.vid = vid;
		COUNT(nexthop_counter);
	}
	action nexthop_miss() {
		md.drop = 1;
		md.event = EV_NO_NEXTHOP;
		COUNT(nexthop_counter);
	}
	table nexthop {
		key = {
			md.nexthop: exact;
		}
		actions = {
			untagged;
			tagged;
			@defaultonly nexthop_miss;
		}
		const default_action = nexthop_miss();
		counters = nexthop_counter;
		size = NEXTHOP_SIZE;
	}
	apply {
		if (md.group != 0)
			ecmp.apply();
		if (md.drop == 0 && md.way != WAY_AGAIN)
			nexthop.apply();
	}
}

#endif
