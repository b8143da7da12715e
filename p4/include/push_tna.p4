// SPDX-License-Identifier: Apache-2.0
/* The head end: sessions that get a stack of labels, and which. Ingress finds
 * the chain, egress has its labels, as whole words with S set in the last, and
 * the packet comes round again: the first label may be our own. */

#ifndef SRP_PUSH_TNA_P4
#define SRP_PUSH_TNA_P4

control IngressChain(in headers_t hdr, inout meta_t md) {
	COUNTER(ingress_chain4_counter);
	action chain4(bit<16> id) {
		md.chain = id;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain4_counter);
	}
	action ingress_chain4_miss() {
		md.way = WAY_IP;
		COUNT(ingress_chain4_counter);
	}
	table ingress_chain4 {
		key = {
			hdr.ipv4.src: ternary;
			hdr.ipv4.dst: ternary;
			md.proto: ternary;
			md.sport: ternary;
			md.dport: ternary;
		}
		actions = {
			chain4;
			@defaultonly ingress_chain4_miss;
		}
		const default_action = ingress_chain4_miss();
		counters = ingress_chain4_counter;
		size = INGRESS_CHAIN4_SIZE;
	}
	COUNTER(ingress_chain6_counter);
	action chain6(bit<16> id) {
		md.chain = id;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain6_counter);
	}
	action ingress_chain6_miss() {
		md.way = WAY_IP;
		COUNT(ingress_chain6_counter);
	}
	table ingress_chain6 {
		key = {
			hdr.ipv6_ends.src: ternary @name("hdr.ipv6.src");
			hdr.ipv6_ends.dst: ternary @name("hdr.ipv6.dst");
			md.proto: ternary;
			md.sport: ternary;
			md.dport: ternary;
		}
		actions = {
			chain6;
			@defaultonly ingress_chain6_miss;
		}
		const default_action = ingress_chain6_miss();
		counters = ingress_chain6_counter;
		size = INGRESS_CHAIN6_SIZE;
	}
	apply {
		if (hdr.ipv4.isValid())
			ingress_chain4.apply();
		else
			ingress_chain6.apply();
	}
}

#define PUSH(lse, word)			\
	lse.setValid();			\
	lse.label = (word)[31:12];	\
	lse.tc = (word)[11:9];		\
	lse.s = (word)[8:8];		\
	lse.ttl = (word)[7:0];

control Push(inout headers_t hdr, in bit<16> chain) {
	COUNTER(push_counter);
	action push1(bit<32> l0) {
		PUSH(hdr.m0, l0)
		COUNT(push_counter);
	}
	action push2(bit<32> l0, bit<32> l1) {
		PUSH(hdr.m0, l0)
		PUSH(hdr.m1, l1)
		COUNT(push_counter);
	}
	action push3(bit<32> l0, bit<32> l1, bit<32> l2) {
		PUSH(hdr.m0, l0)
		PUSH(hdr.m1, l1)
		PUSH(hdr.m2, l2)
		COUNT(push_counter);
	}
	action push4(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3) {
		PUSH(hdr.m0, l0)
		PUSH(hdr.m1, l1)
		PUSH(hdr.m2, l2)
		PUSH(hdr.m3, l3)
		COUNT(push_counter);
	}
	action push5(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3, bit<32> l4) {
		PUSH(hdr.m0, l0)
		PUSH(hdr.m1, l1)
		PUSH(hdr.m2, l2)
		PUSH(hdr.m3, l3)
		PUSH(hdr.m4, l4)
		COUNT(push_counter);
	}
	action push6(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3, bit<32> l4,
		     bit<32> l5) {
		PUSH(hdr.m0, l0)
		PUSH(hdr.m1, l1)
		PUSH(hdr.m2, l2)
		PUSH(hdr.m3, l3)
		PUSH(hdr.m4, l4)
		PUSH(hdr.m5, l5)
		COUNT(push_counter);
	}
	action push7(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3, bit<32> l4,
		     bit<32> l5, bit<32> l6) {
		PUSH(hdr.m0, l0)
		PUSH(hdr.m1, l1)
		PUSH(hdr.m2, l2)
		PUSH(hdr.m3, l3)
		PUSH(hdr.m4, l4)
		PUSH(hdr.m5, l5)
		PUSH(hdr.m6, l6)
		COUNT(push_counter);
	}
	action push8(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3, bit<32> l4,
		     bit<32> l5, bit<32> l6, bit<32> l7) {
		PUSH(hdr.m0, l0)
		PUSH(hdr.m1, l1)
		PUSH(hdr.m2, l2)
		PUSH(hdr.m3, l3)
		PUSH(hdr.m4, l4)
		PUSH(hdr.m5, l5)
		PUSH(hdr.m6, l6)
		PUSH(hdr.m7, l7)
		COUNT(push_counter);
	}
	action push_miss() {
		COUNT(push_counter);
	}
	table push {
		key = {
			chain: exact @name("chain");
		}
		actions = {
			push1;
			push2;
			push3;
			push4;
			push5;
			push6;
			push7;
			push8;
			@defaultonly push_miss;
		}
		const default_action = push_miss();
		counters = push_counter;
		size = PUSH_SIZE;
	}
	apply {
		push.apply();
	}
}

#endif
