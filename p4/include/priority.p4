// SPDX-License-Identifier: Apache-2.0
/* The priority micro-service: sessions that go to a queue of their own. */

#ifndef SRP_PRIORITY_P4
#define SRP_PRIORITY_P4

control Priority(inout meta_t md) {
	COUNTER(priority_flow_counter);
	action queue(bit<5> q) {
		md.queue = q;
		COUNT(priority_flow_counter);
	}
	action queue_mark(bit<5> q, bit<3> tc, bit<6> dscp) {
		md.queue = q;
		md.set_tc = 1;
		md.tc = tc;
		md.set_dscp = 1;
		md.dscp = dscp;
		COUNT(priority_flow_counter);
	}
	action priority_flow_miss() {
		COUNT(priority_flow_counter);
	}
	table priority_flow {
		key = {
			md.src: exact;
			md.dst: exact;
			md.proto: exact;
			md.sport: exact;
			md.dport: exact;
		}
		actions = {
			queue;
			queue_mark;
			@defaultonly priority_flow_miss;
		}
		const default_action = priority_flow_miss();
		counters = priority_flow_counter;
		size = PRIORITY_FLOW_SIZE;
	}
	apply {
		priority_flow.apply();
	}
}

#endif
