// SPDX-License-Identifier: Apache-2.0
/* Where a label leads, and what becomes of it. */

#ifndef SRP_LABEL_FIB_P4
#define SRP_LABEL_FIB_P4

control LabelFib(inout meta_t md) {
	COUNTER(label_fib_counter);
	action keep(bit<16> nexthop, bit<16> group) {
		md.op = LSE_KEEP;
		md.nexthop = nexthop;
		md.group = group;
		COUNT(label_fib_counter);
	}
	action swap(bit<20> label, bit<16> nexthop, bit<16> group) {
		md.op = LSE_SWAP;
		md.swap = label;
		md.nexthop = nexthop;
		md.group = group;
		COUNT(label_fib_counter);
	}
	action pop(bit<16> nexthop, bit<16> group) {
		md.op = LSE_POP;
		md.strip = md.pop_strip;
		md.nexthop = nexthop;
		md.group = group;
		COUNT(label_fib_counter);
	}
	action label_fib_miss() {
		md.drop = 1;
		md.event = EV_NO_LABEL;
		COUNT(label_fib_counter);
	}
	table label_fib {
		key = {
			md.top: exact;
		}
		actions = {
			keep;
			swap;
			pop;
			@defaultonly label_fib_miss;
		}
		const default_action = label_fib_miss();
		counters = label_fib_counter;
		size = LABEL_FIB_SIZE;
	}
	apply {
		label_fib.apply();
	}
}

#endif
