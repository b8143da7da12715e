// SPDX-License-Identifier: Apache-2.0
/* The head end: sessions that get a stack of labels, and which. An entry has
 * the labels as whole words, S set in the last. The packet comes round again,
 * so that the first label may be our own. */

#ifndef SRP_INGRESS_CHAIN_P4
#define SRP_INGRESS_CHAIN_P4

control IngressChain(inout headers_t hdr, inout meta_t md) {
	COUNTER(ingress_chain_counter);
	action push1(bit<32> l0) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action push2(bit<32> l0, bit<32> l1) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		hdr.w1.setValid();
		hdr.w1.word = l1;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action push3(bit<32> l0, bit<32> l1, bit<32> l2) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		hdr.w1.setValid();
		hdr.w1.word = l1;
		hdr.w2.setValid();
		hdr.w2.word = l2;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action push4(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		hdr.w1.setValid();
		hdr.w1.word = l1;
		hdr.w2.setValid();
		hdr.w2.word = l2;
		hdr.w3.setValid();
		hdr.w3.word = l3;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action push5(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3,
		     bit<32> l4) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		hdr.w1.setValid();
		hdr.w1.word = l1;
		hdr.w2.setValid();
		hdr.w2.word = l2;
		hdr.w3.setValid();
		hdr.w3.word = l3;
		hdr.w4.setValid();
		hdr.w4.word = l4;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action push6(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3,
		     bit<32> l4, bit<32> l5) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		hdr.w1.setValid();
		hdr.w1.word = l1;
		hdr.w2.setValid();
		hdr.w2.word = l2;
		hdr.w3.setValid();
		hdr.w3.word = l3;
		hdr.w4.setValid();
		hdr.w4.word = l4;
		hdr.w5.setValid();
		hdr.w5.word = l5;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action push7(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3,
		     bit<32> l4, bit<32> l5, bit<32> l6) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		hdr.w1.setValid();
		hdr.w1.word = l1;
		hdr.w2.setValid();
		hdr.w2.word = l2;
		hdr.w3.setValid();
		hdr.w3.word = l3;
		hdr.w4.setValid();
		hdr.w4.word = l4;
		hdr.w5.setValid();
		hdr.w5.word = l5;
		hdr.w6.setValid();
		hdr.w6.word = l6;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action push8(bit<32> l0, bit<32> l1, bit<32> l2, bit<32> l3,
		     bit<32> l4, bit<32> l5, bit<32> l6, bit<32> l7) {
		hdr.w0.setValid();
		hdr.w0.word = l0;
		hdr.w1.setValid();
		hdr.w1.word = l1;
		hdr.w2.setValid();
		hdr.w2.word = l2;
		hdr.w3.setValid();
		hdr.w3.word = l3;
		hdr.w4.setValid();
		hdr.w4.word = l4;
		hdr.w5.setValid();
		hdr.w5.word = l5;
		hdr.w6.setValid();
		hdr.w6.word = l6;
		hdr.w7.setValid();
		hdr.w7.word = l7;
		md.way = WAY_AGAIN;
		md.event = EV_HEAD_END;
		COUNT(ingress_chain_counter);
	}
	action ingress_chain_miss() {
		md.way = WAY_IP;
		COUNT(ingress_chain_counter);
	}
	table ingress_chain {
		key = {
			md.src: ternary;
			md.dst: ternary;
			md.proto: ternary;
			md.sport: ternary;
			md.dport: ternary;
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
			@defaultonly ingress_chain_miss;
		}
		const default_action = ingress_chain_miss();
		counters = ingress_chain_counter;
		size = INGRESS_CHAIN_SIZE;
	}
	apply {
		ingress_chain.apply();
	}
}

#endif
