// SPDX-License-Identifier: Apache-2.0
/* What each label of the stack is to this switch. The top one is looked up in
 * local_sid, which knows how to run its service; the others only get a class,
 * each from a copy of the same table: own labels and those of functions. */

#ifndef SRP_CLASSIFY_P4
#define SRP_CLASSIFY_P4

control Classify(in headers_t hdr, inout meta_t md) {
	COUNTER(local_sid_counter);
	action node() {
		md.c0 = CLASS_NODE;
		COUNT(local_sid_counter);
	}
	action priority() {
		md.c0 = CLASS_PRIORITY;
		md.priority = 1;
		COUNT(local_sid_counter);
	}
	action feature(dir_t dir, bit<32> window) {
		md.c0 = CLASS_FEATURE;
		md.feature = 1;
		md.dir = dir;
		md.window = window;
		COUNT(local_sid_counter);
	}
	action local_sid_miss() {
		md.c0 = CLASS_OTHER;
		COUNT(local_sid_counter);
	}
	table local_sid {
		key = {
			hdr.m0.label: exact;
		}
		actions = {
			node;
			priority;
			feature;
			@defaultonly local_sid_miss;
		}
		const default_action = local_sid_miss();
		counters = local_sid_counter;
		size = LOCAL_SID_SIZE;
	}

	COUNTER(class1_counter);
	action set1(class_t c) {
		md.c1 = c;
		COUNT(class1_counter);
	}
	action miss1() {
		md.c1 = CLASS_OTHER;
		COUNT(class1_counter);
	}
	table class1 {
		key = {
			hdr.m1.label: exact;
		}
		actions = {
			set1;
			@defaultonly miss1;
		}
		const default_action = miss1();
		counters = class1_counter;
		size = NFV_SID_SIZE;
	}

	COUNTER(class2_counter);
	action set2(class_t c) {
		md.c2 = c;
		COUNT(class2_counter);
	}
	action miss2() {
		md.c2 = CLASS_OTHER;
		COUNT(class2_counter);
	}
	table class2 {
		key = {
			hdr.m2.label: exact;
		}
		actions = {
			set2;
			@defaultonly miss2;
		}
		const default_action = miss2();
		counters = class2_counter;
		size = NFV_SID_SIZE;
	}

	COUNTER(class3_counter);
	action set3(class_t c) {
		md.c3 = c;
		COUNT(class3_counter);
	}
	action miss3() {
		md.c3 = CLASS_OTHER;
		COUNT(class3_counter);
	}
	table class3 {
		key = {
			hdr.m3.label: exact;
		}
		actions = {
			set3;
			@defaultonly miss3;
		}
		const default_action = miss3();
		counters = class3_counter;
		size = NFV_SID_SIZE;
	}

	COUNTER(class4_counter);
	action set4(class_t c) {
		md.c4 = c;
		COUNT(class4_counter);
	}
	action miss4() {
		md.c4 = CLASS_OTHER;
		COUNT(class4_counter);
	}
	table class4 {
		key = {
			hdr.m4.label: exact;
		}
		actions = {
			set4;
			@defaultonly miss4;
		}
		const default_action = miss4();
		counters = class4_counter;
		size = NFV_SID_SIZE;
	}

	COUNTER(class5_counter);
	action set5(class_t c) {
		md.c5 = c;
		COUNT(class5_counter);
	}
	action miss5() {
		md.c5 = CLASS_OTHER;
		COUNT(class5_counter);
	}
	table class5 {
		key = {
			hdr.m5.label: exact;
		}
		actions = {
			set5;
			@defaultonly miss5;
		}
		const default_action = miss5();
		counters = class5_counter;
		size = NFV_SID_SIZE;
	}

	COUNTER(class6_counter);
	action set6(class_t c) {
		md.c6 = c;
		COUNT(class6_counter);
	}
	action miss6() {
		md.c6 = CLASS_OTHER;
		COUNT(class6_counter);
	}
	table class6 {
		key = {
			hdr.m6.label: exact;
		}
		actions = {
			set6;
			@defaultonly miss6;
		}
		const default_action = miss6();
		counters = class6_counter;
		size = NFV_SID_SIZE;
	}

	COUNTER(class7_counter);
	action set7(class_t c) {
		md.c7 = c;
		COUNT(class7_counter);
	}
	action miss7() {
		md.c7 = CLASS_OTHER;
		COUNT(class7_counter);
	}
	table class7 {
		key = {
			hdr.m7.label: exact;
		}
		actions = {
			set7;
			@defaultonly miss7;
		}
		const default_action = miss7();
		counters = class7_counter;
		size = NFV_SID_SIZE;
	}

	apply {
		local_sid.apply();
		if (hdr.m1.isValid())
			class1.apply();
		if (hdr.m2.isValid())
			class2.apply();
		if (hdr.m3.isValid())
			class3.apply();
		if (hdr.m4.isValid())
			class4.apply();
		if (hdr.m5.isValid())
			class5.apply();
		if (hdr.m6.isValid())
			class6.apply();
		if (hdr.m7.isValid())
			class7.apply();
	}
}

#endif
