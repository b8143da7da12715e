// SPDX-License-Identifier: Apache-2.0
/* Written by p4/plan.py. Do not edit. */

#ifndef SRP_PLAN_P4
#define SRP_PLAN_P4

control Plan(in headers_t hdr, inout meta_t md) {
	COUNTER(plan_counter);
	action to_ip(bit<8> strip, bit<1> priority) {
		md.strip = strip;
		md.priority = md.priority | priority;
		md.way = WAY_IP;
		md.pos = 8;
		COUNT(plan_counter);
	}
	/* Not ours: the label on top decides. */
	action transit() {
		md.way = WAY_LABEL;
		md.top = hdr.m0.label;
		md.pop_strip = 1;
		COUNT(plan_counter);
	}
	action label1(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_LABEL;
		md.top = hdr.m1.label;
		md.pos = 1;
		COUNT(plan_counter);
	}
	action again1(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_AGAIN;
		md.top = hdr.m1.label;
		md.pos = 1;
		COUNT(plan_counter);
	}
	action label2(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_LABEL;
		md.top = hdr.m2.label;
		md.pos = 2;
		COUNT(plan_counter);
	}
	action again2(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_AGAIN;
		md.top = hdr.m2.label;
		md.pos = 2;
		COUNT(plan_counter);
	}
	action label3(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_LABEL;
		md.top = hdr.m3.label;
		md.pos = 3;
		COUNT(plan_counter);
	}
	action again3(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_AGAIN;
		md.top = hdr.m3.label;
		md.pos = 3;
		COUNT(plan_counter);
	}
	action label4(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_LABEL;
		md.top = hdr.m4.label;
		md.pos = 4;
		COUNT(plan_counter);
	}
	action again4(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_AGAIN;
		md.top = hdr.m4.label;
		md.pos = 4;
		COUNT(plan_counter);
	}
	action label5(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_LABEL;
		md.top = hdr.m5.label;
		md.pos = 5;
		COUNT(plan_counter);
	}
	action again5(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_AGAIN;
		md.top = hdr.m5.label;
		md.pos = 5;
		COUNT(plan_counter);
	}
	action label6(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_LABEL;
		md.top = hdr.m6.label;
		md.pos = 6;
		COUNT(plan_counter);
	}
	action again6(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_AGAIN;
		md.top = hdr.m6.label;
		md.pos = 6;
		COUNT(plan_counter);
	}
	action label7(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_LABEL;
		md.top = hdr.m7.label;
		md.pos = 7;
		COUNT(plan_counter);
	}
	action again7(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_AGAIN;
		md.top = hdr.m7.label;
		md.pos = 7;
		COUNT(plan_counter);
	}
	table plan {
		key = {
			md.c0: ternary;
			md.c1: ternary;
			md.c2: ternary;
			md.c3: ternary;
			md.c4: ternary;
			md.c5: ternary;
			md.c6: ternary;
			md.c7: ternary;
		}
		actions = {
			to_ip;
			label1;
			again1;
			label2;
			again2;
			label3;
			again3;
			label4;
			again4;
			label5;
			again5;
			label6;
			again6;
			label7;
			again7;
			@defaultonly transit;
		}
		const default_action = transit();
		const entries = {
			(CLASS_NODE, CLASS_NONE, _, _, _, _, _, _): to_ip(0x01, 0);
			(CLASS_NODE, CLASS_OTHER, _, _, _, _, _, _): label1(0x01, 0x03, 0);
			(CLASS_NODE, 2 &&& 14, _, _, _, _, _, _): again1(0x01, 0x03, 0);
			(CLASS_NODE, CLASS_FEATURE, _, _, _, _, _, _): again1(0x01, 0x03, 0);
			(CLASS_NODE, CLASS_NFV, _, _, _, _, _, _): label1(0x01, 0x03, 0);
			(CLASS_PRIORITY, CLASS_NONE, _, _, _, _, _, _): to_ip(0x01, 0);
			(CLASS_PRIORITY, CLASS_OTHER, _, _, _, _, _, _): label1(0x01, 0x03, 0);
			(CLASS_PRIORITY, 2 &&& 14, _, _, _, _, _, _): again1(0x01, 0x03, 0);
			(CLASS_PRIORITY, CLASS_FEATURE, _, _, _, _, _, _): again1(0x01, 0x03, 0);
			(CLASS_PRIORITY, CLASS_NFV, _, _, _, _, _, _): label1(0x01, 0x03, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label2(0x03, 0x07, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x03, 0x07, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x03, 0x07, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label1(0x01, 0x03, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x01, 0x03, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x01, 0x03, 0);
			(CLASS_FEATURE, CLASS_NFV, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x07, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label3(0x07, 0x0f, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again3(0x07, 0x0f, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again3(0x07, 0x0f, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x03, 0);
			(CLASS_FEATURE, CLASS_NFV, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label2(0x03, 0x07, 0);
			(CLASS_FEATURE, CLASS_NFV, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x03, 0x07, 0);
			(CLASS_FEATURE, CLASS_NFV, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x03, 0x07, 0);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x0f, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8): label4(0x0f, 0x1f, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8): again4(0x0f, 0x1f, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8): again4(0x0f, 0x1f, 1);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x07, 0);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label3(0x07, 0x0f, 0);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again3(0x07, 0x0f, 0);
			(CLASS_FEATURE, CLASS_NFV, CLASS_NFV, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again3(0x07, 0x0f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8): to_ip(0x1f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8): label5(0x1f, 0x3f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8): again5(0x1f, 0x3f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8): again5(0x1f, 0x3f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x0f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8): label4(0x0f, 0x1f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8): again4(0x0f, 0x1f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8): again4(0x0f, 0x1f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8): to_ip(0x3f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8): label6(0x3f, 0x7f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8): again6(0x3f, 0x7f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8): again6(0x3f, 0x7f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, CLASS_NONE, 0 &&& 8, 0 &&& 8): to_ip(0x1f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, CLASS_OTHER, 0 &&& 8, 0 &&& 8): label5(0x1f, 0x3f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, 2 &&& 14, 0 &&& 8, 0 &&& 8): again5(0x1f, 0x3f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, CLASS_FEATURE, 0 &&& 8, 0 &&& 8): again5(0x1f, 0x3f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_PRIORITY, CLASS_NONE): to_ip(0x7f, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_PRIORITY, CLASS_OTHER): label7(0x7f, 0xff, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_PRIORITY, 2 &&& 14): again7(0x7f, 0xff, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_PRIORITY, CLASS_FEATURE): again7(0x7f, 0xff, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_NONE, 0 &&& 8): to_ip(0x3f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_OTHER, 0 &&& 8): label6(0x3f, 0x7f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, 2 &&& 14, 0 &&& 8): again6(0x3f, 0x7f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_FEATURE, 0 &&& 8): again6(0x3f, 0x7f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, _, CLASS_NFV, CLASS_PRIORITY): to_ip(0xff, 1);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, _, CLASS_NFV, CLASS_NONE): to_ip(0x7f, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, _, CLASS_NFV, CLASS_OTHER): label7(0x7f, 0xff, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, _, CLASS_NFV, 2 &&& 14): again7(0x7f, 0xff, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, _, CLASS_NFV, CLASS_FEATURE): again7(0x7f, 0xff, 0);
			(CLASS_FEATURE, CLASS_NFV, _, _, _, _, _, CLASS_NFV): to_ip(0xff, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x07, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label3(0x07, 0x0f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again3(0x07, 0x0f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again3(0x07, 0x0f, 1);
			(CLASS_FEATURE, CLASS_NONE, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label1(0x05, 0x07, 0);
			(CLASS_FEATURE, 2 &&& 14, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x05, 0x07, 0);
			(CLASS_FEATURE, CLASS_FEATURE, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x05, 0x07, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, CLASS_NFV, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x0f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, CLASS_NFV, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8): label4(0x0f, 0x1f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, CLASS_NFV, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8): again4(0x0f, 0x1f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, CLASS_NFV, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8): again4(0x0f, 0x1f, 1);
			(CLASS_FEATURE, CLASS_NONE, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label1(0x0d, 0x0f, 0);
			(CLASS_FEATURE, 2 &&& 14, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x0d, 0x0f, 0);
			(CLASS_FEATURE, CLASS_FEATURE, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x0d, 0x0f, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, CLASS_NFV, CLASS_NONE, 0 &&& 8, 0 &&& 8): to_ip(0x1f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, CLASS_NFV, CLASS_OTHER, 0 &&& 8, 0 &&& 8): label5(0x1f, 0x3f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, CLASS_NFV, 2 &&& 14, 0 &&& 8, 0 &&& 8): again5(0x1f, 0x3f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, CLASS_NFV, CLASS_FEATURE, 0 &&& 8, 0 &&& 8): again5(0x1f, 0x3f, 1);
			(CLASS_FEATURE, CLASS_NONE, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): label1(0x1d, 0x1f, 0);
			(CLASS_FEATURE, 2 &&& 14, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x1d, 0x1f, 0);
			(CLASS_FEATURE, CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x1d, 0x1f, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, CLASS_NFV, CLASS_NONE, 0 &&& 8): to_ip(0x3f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, CLASS_NFV, CLASS_OTHER, 0 &&& 8): label6(0x3f, 0x7f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, CLASS_NFV, 2 &&& 14, 0 &&& 8): again6(0x3f, 0x7f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, CLASS_NFV, CLASS_FEATURE, 0 &&& 8): again6(0x3f, 0x7f, 1);
			(CLASS_FEATURE, CLASS_NONE, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): label1(0x3d, 0x3f, 0);
			(CLASS_FEATURE, 2 &&& 14, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x3d, 0x3f, 0);
			(CLASS_FEATURE, CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x3d, 0x3f, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_NONE): to_ip(0x7f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_OTHER): label7(0x7f, 0xff, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, _, CLASS_NFV, 2 &&& 14): again7(0x7f, 0xff, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, _, CLASS_NFV, CLASS_FEATURE): again7(0x7f, 0xff, 1);
			(CLASS_FEATURE, CLASS_NONE, CLASS_NFV, _, _, _, CLASS_NFV, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, CLASS_NFV, _, _, _, CLASS_NFV, 0 &&& 8): label1(0x7d, 0x7f, 0);
			(CLASS_FEATURE, 2 &&& 14, CLASS_NFV, _, _, _, CLASS_NFV, 0 &&& 8): again1(0x7d, 0x7f, 0);
			(CLASS_FEATURE, CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV, 0 &&& 8): again1(0x7d, 0x7f, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NFV, _, _, _, _, CLASS_NFV): to_ip(0xff, 1);
			(CLASS_FEATURE, CLASS_NONE, CLASS_NFV, _, _, _, _, CLASS_NFV): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, CLASS_NFV, _, _, _, _, CLASS_NFV): label1(0xfd, 0xff, 0);
			(CLASS_FEATURE, 2 &&& 14, CLASS_NFV, _, _, _, _, CLASS_NFV): again1(0xfd, 0xff, 0);
			(CLASS_FEATURE, CLASS_FEATURE, CLASS_NFV, _, _, _, _, CLASS_NFV): again1(0xfd, 0xff, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label2(0x0b, 0x0f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x0b, 0x0f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x0b, 0x0f, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): label1(0x09, 0x0b, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x09, 0x0b, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x09, 0x0b, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): label2(0x1b, 0x1f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x1b, 0x1f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x1b, 0x1f, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): label1(0x19, 0x1b, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x19, 0x1b, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x19, 0x1b, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): label2(0x3b, 0x3f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): again2(0x3b, 0x3f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): again2(0x3b, 0x3f, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): label1(0x39, 0x3b, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x39, 0x3b, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x39, 0x3b, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): label2(0x7b, 0x7f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): again2(0x7b, 0x7f, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): again2(0x7b, 0x7f, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): label1(0x79, 0x7b, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): again1(0x79, 0x7b, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): again1(0x79, 0x7b, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, CLASS_NFV, _, _, _, CLASS_NFV): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, CLASS_NFV, _, _, _, CLASS_NFV): label2(0xfb, 0xff, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, CLASS_NFV, _, _, _, CLASS_NFV): again2(0xfb, 0xff, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, CLASS_NFV, _, _, _, CLASS_NFV): again2(0xfb, 0xff, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, CLASS_NFV, _, _, _, CLASS_NFV): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, CLASS_NFV, _, _, _, CLASS_NFV): label1(0xf9, 0xfb, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, CLASS_NFV, _, _, _, CLASS_NFV): again1(0xf9, 0xfb, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, _, _, _, CLASS_NFV): again1(0xf9, 0xfb, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): label2(0x13, 0x17, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x13, 0x17, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again2(0x13, 0x17, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): label1(0x11, 0x13, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x11, 0x13, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): again1(0x11, 0x13, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): label2(0x33, 0x37, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): again2(0x33, 0x37, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): again2(0x33, 0x37, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): label1(0x31, 0x33, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x31, 0x33, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x31, 0x33, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): label2(0x73, 0x77, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): again2(0x73, 0x77, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): again2(0x73, 0x77, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): label1(0x71, 0x73, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): again1(0x71, 0x73, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): again1(0x71, 0x73, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): label2(0xf3, 0xf7, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): again2(0xf3, 0xf7, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): again2(0xf3, 0xf7, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): label1(0xf1, 0xf3, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): again1(0xf1, 0xf3, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): again1(0xf1, 0xf3, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): label2(0x23, 0x27, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): again2(0x23, 0x27, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): again2(0x23, 0x27, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): label1(0x21, 0x23, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x21, 0x23, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): again1(0x21, 0x23, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): label2(0x63, 0x67, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): again2(0x63, 0x67, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): again2(0x63, 0x67, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): label1(0x61, 0x63, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): again1(0x61, 0x63, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): again1(0x61, 0x63, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): label2(0xe3, 0xe7, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): again2(0xe3, 0xe7, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): again2(0xe3, 0xe7, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): label1(0xe1, 0xe3, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): again1(0xe1, 0xe3, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): again1(0xe1, 0xe3, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): label2(0x43, 0x47, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): again2(0x43, 0x47, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): again2(0x43, 0x47, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): label1(0x41, 0x43, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): again1(0x41, 0x43, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): again1(0x41, 0x43, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): label2(0xc3, 0xc7, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): again2(0xc3, 0xc7, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): again2(0xc3, 0xc7, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): label1(0xc1, 0xc3, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): again1(0xc1, 0xc3, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): again1(0xc1, 0xc3, 0);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): to_ip(0x03, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): label2(0x83, 0x87, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): again2(0x83, 0x87, 1);
			(CLASS_FEATURE, CLASS_PRIORITY, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): again2(0x83, 0x87, 1);
			(CLASS_FEATURE, CLASS_NONE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): to_ip(0x01, 0);
			(CLASS_FEATURE, CLASS_OTHER, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): label1(0x81, 0x83, 0);
			(CLASS_FEATURE, 2 &&& 14, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): again1(0x81, 0x83, 0);
			(CLASS_FEATURE, CLASS_FEATURE, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): again1(0x81, 0x83, 0);
		}
		counters = plan_counter;
	}
	COUNTER(nfv_range_counter);
	action first1(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m1.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
	action first2(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m2.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
	action first3(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m3.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
	action first4(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m4.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
	action first5(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m5.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
	action first6(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m6.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
	action first7(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m7.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
	action no_nfv() {
		COUNT(nfv_range_counter);
	}
	table nfv_range {
		key = {
			md.c1: ternary;
			md.c2: ternary;
			md.c3: ternary;
			md.c4: ternary;
			md.c5: ternary;
			md.c6: ternary;
			md.c7: ternary;
		}
		actions = {
			first1;
			first2;
			first3;
			first4;
			first5;
			first6;
			first7;
			@defaultonly no_nfv;
		}
		const default_action = no_nfv();
		const entries = {
			(CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): first1(0xfd);
			(CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): first1(0xf9);
			(CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): first1(0xf1);
			(CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): first1(0xe1);
			(CLASS_NFV, _, _, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): first1(0xc1);
			(CLASS_NFV, _, _, _, _, CLASS_NFV, 0 &&& 8): first1(0x81);
			(CLASS_NFV, _, _, _, _, _, CLASS_NFV): first1(0x01);
			(0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): first2(0xfb);
			(0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): first2(0xf3);
			(0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): first2(0xe3);
			(0 &&& 8, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): first2(0xc3);
			(0 &&& 8, CLASS_NFV, _, _, _, CLASS_NFV, 0 &&& 8): first2(0x83);
			(0 &&& 8, CLASS_NFV, _, _, _, _, CLASS_NFV): first2(0x03);
			(0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8): first3(0xf7);
			(0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): first3(0xe7);
			(0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8, 0 &&& 8): first3(0xc7);
			(0 &&& 8, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV, 0 &&& 8): first3(0x87);
			(0 &&& 8, 0 &&& 8, CLASS_NFV, _, _, _, CLASS_NFV): first3(0x07);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8, 0 &&& 8): first4(0xef);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8, 0 &&& 8): first4(0xcf);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV, 0 &&& 8): first4(0x8f);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, _, CLASS_NFV): first4(0x0f);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8, 0 &&& 8): first5(0xdf);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV, 0 &&& 8): first5(0x9f);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, _, CLASS_NFV): first5(0x1f);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, 0 &&& 8): first6(0xbf);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV, CLASS_NFV): first6(0x3f);
			(0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, 0 &&& 8, CLASS_NFV): first7(0x7f);
		}
		counters = nfv_range_counter;
	}
	apply {
		plan.apply();
		nfv_range.apply();
	}
}

#endif
