// SPDX-License-Identifier: Apache-2.0
/* Egress: the stack as it leaves. Labels go by the mask, the new top gets its
 * TTL, TC and label, the last one the S bit, Ethernet its type. */

#ifndef SRP_REWRITE_P4
#define SRP_REWRITE_P4

/* length grows by what stays. */
control Strip(inout headers_t hdr, in bit<8> strip, inout bit<32> length) {
	apply {
		if (strip[0:0] == 1)
			hdr.m0.setInvalid();
		else if (hdr.m0.isValid())
			length = length + 4;
		if (strip[1:1] == 1)
			hdr.m1.setInvalid();
		else if (hdr.m1.isValid())
			length = length + 4;
		if (strip[2:2] == 1)
			hdr.m2.setInvalid();
		else if (hdr.m2.isValid())
			length = length + 4;
		if (strip[3:3] == 1)
			hdr.m3.setInvalid();
		else if (hdr.m3.isValid())
			length = length + 4;
		if (strip[4:4] == 1)
			hdr.m4.setInvalid();
		else if (hdr.m4.isValid())
			length = length + 4;
		if (strip[5:5] == 1)
			hdr.m5.setInvalid();
		else if (hdr.m5.isValid())
			length = length + 4;
		if (strip[6:6] == 1)
			hdr.m6.setInvalid();
		else if (hdr.m6.isValid())
			length = length + 4;
		if (strip[7:7] == 1)
			hdr.m7.setInvalid();
		else if (hdr.m7.isValid())
			length = length + 4;
	}
}

/* The label that is on top now, whichever header holds it. */
control TopLabel(inout headers_t hdr, in meta_t md) {
	COUNTER(top_label_counter);
	action top0() {
		hdr.m0.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap0() {
		hdr.m0.ttl = md.ttl;
		hdr.m0.label = md.swap;
		COUNT(top_label_counter);
	}
	action top0_tc() {
		hdr.m0.ttl = md.ttl;
		hdr.m0.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap0_tc() {
		hdr.m0.ttl = md.ttl;
		hdr.m0.tc = md.tc;
		hdr.m0.label = md.swap;
		COUNT(top_label_counter);
	}
	action top1() {
		hdr.m1.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap1() {
		hdr.m1.ttl = md.ttl;
		hdr.m1.label = md.swap;
		COUNT(top_label_counter);
	}
	action top1_tc() {
		hdr.m1.ttl = md.ttl;
		hdr.m1.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap1_tc() {
		hdr.m1.ttl = md.ttl;
		hdr.m1.tc = md.tc;
		hdr.m1.label = md.swap;
		COUNT(top_label_counter);
	}
	action top2() {
		hdr.m2.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap2() {
		hdr.m2.ttl = md.ttl;
		hdr.m2.label = md.swap;
		COUNT(top_label_counter);
	}
	action top2_tc() {
		hdr.m2.ttl = md.ttl;
		hdr.m2.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap2_tc() {
		hdr.m2.ttl = md.ttl;
		hdr.m2.tc = md.tc;
		hdr.m2.label = md.swap;
		COUNT(top_label_counter);
	}
	action top3() {
		hdr.m3.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap3() {
		hdr.m3.ttl = md.ttl;
		hdr.m3.label = md.swap;
		COUNT(top_label_counter);
	}
	action top3_tc() {
		hdr.m3.ttl = md.ttl;
		hdr.m3.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap3_tc() {
		hdr.m3.ttl = md.ttl;
		hdr.m3.tc = md.tc;
		hdr.m3.label = md.swap;
		COUNT(top_label_counter);
	}
	action top4() {
		hdr.m4.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap4() {
		hdr.m4.ttl = md.ttl;
		hdr.m4.label = md.swap;
		COUNT(top_label_counter);
	}
	action top4_tc() {
		hdr.m4.ttl = md.ttl;
		hdr.m4.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap4_tc() {
		hdr.m4.ttl = md.ttl;
		hdr.m4.tc = md.tc;
		hdr.m4.label = md.swap;
		COUNT(top_label_counter);
	}
	action top5() {
		hdr.m5.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap5() {
		hdr.m5.ttl = md.ttl;
		hdr.m5.label = md.swap;
		COUNT(top_label_counter);
	}
	action top5_tc() {
		hdr.m5.ttl = md.ttl;
		hdr.m5.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap5_tc() {
		hdr.m5.ttl = md.ttl;
		hdr.m5.tc = md.tc;
		hdr.m5.label = md.swap;
		COUNT(top_label_counter);
	}
	action top6() {
		hdr.m6.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap6() {
		hdr.m6.ttl = md.ttl;
		hdr.m6.label = md.swap;
		COUNT(top_label_counter);
	}
	action top6_tc() {
		hdr.m6.ttl = md.ttl;
		hdr.m6.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap6_tc() {
		hdr.m6.ttl = md.ttl;
		hdr.m6.tc = md.tc;
		hdr.m6.label = md.swap;
		COUNT(top_label_counter);
	}
	action top7() {
		hdr.m7.ttl = md.ttl;
		COUNT(top_label_counter);
	}
	action swap7() {
		hdr.m7.ttl = md.ttl;
		hdr.m7.label = md.swap;
		COUNT(top_label_counter);
	}
	action top7_tc() {
		hdr.m7.ttl = md.ttl;
		hdr.m7.tc = md.tc;
		COUNT(top_label_counter);
	}
	action swap7_tc() {
		hdr.m7.ttl = md.ttl;
		hdr.m7.tc = md.tc;
		hdr.m7.label = md.swap;
		COUNT(top_label_counter);
	}
	action no_label() {
		COUNT(top_label_counter);
	}
	table top_label {
		key = {
			hdr.m0.isValid(): ternary;
			hdr.m1.isValid(): ternary;
			hdr.m2.isValid(): ternary;
			hdr.m3.isValid(): ternary;
			hdr.m4.isValid(): ternary;
			hdr.m5.isValid(): ternary;
			hdr.m6.isValid(): ternary;
			hdr.m7.isValid(): ternary;
			md.op: ternary;
			md.set_tc: ternary;
		}
		actions = {
			top0;
			top0_tc;
			swap0;
			swap0_tc;
			top1;
			top1_tc;
			swap1;
			swap1_tc;
			top2;
			top2_tc;
			swap2;
			swap2_tc;
			top3;
			top3_tc;
			swap3;
			swap3_tc;
			top4;
			top4_tc;
			swap4;
			swap4_tc;
			top5;
			top5_tc;
			swap5;
			swap5_tc;
			top6;
			top6_tc;
			swap6;
			swap6_tc;
			top7;
			top7_tc;
			swap7;
			swap7_tc;
			@defaultonly no_label;
		}
		const default_action = no_label();
		const entries = {
			(true, _, _, _, _, _, _, _, LSE_SWAP, 0): swap0();
			(true, _, _, _, _, _, _, _, LSE_SWAP, 1): swap0_tc();
			(true, _, _, _, _, _, _, _, _, 0): top0();
			(true, _, _, _, _, _, _, _, _, 1): top0_tc();
			(false, true, _, _, _, _, _, _, LSE_SWAP, 0): swap1();
			(false, true, _, _, _, _, _, _, LSE_SWAP, 1): swap1_tc();
			(false, true, _, _, _, _, _, _, _, 0): top1();
			(false, true, _, _, _, _, _, _, _, 1): top1_tc();
			(false, false, true, _, _, _, _, _, LSE_SWAP, 0): swap2();
			(false, false, true, _, _, _, _, _, LSE_SWAP, 1): swap2_tc();
			(false, false, true, _, _, _, _, _, _, 0): top2();
			(false, false, true, _, _, _, _, _, _, 1): top2_tc();
			(false, false, false, true, _, _, _, _, LSE_SWAP, 0): swap3();
			(false, false, false, true, _, _, _, _, LSE_SWAP, 1): swap3_tc();
			(false, false, false, true, _, _, _, _, _, 0): top3();
			(false, false, false, true, _, _, _, _, _, 1): top3_tc();
			(false, false, false, false, true, _, _, _, LSE_SWAP, 0): swap4();
			(false, false, false, false, true, _, _, _, LSE_SWAP, 1): swap4_tc();
			(false, false, false, false, true, _, _, _, _, 0): top4();
			(false, false, false, false, true, _, _, _, _, 1): top4_tc();
			(false, false, false, false, false, true, _, _, LSE_SWAP, 0): swap5();
			(false, false, false, false, false, true, _, _, LSE_SWAP, 1): swap5_tc();
			(false, false, false, false, false, true, _, _, _, 0): top5();
			(false, false, false, false, false, true, _, _, _, 1): top5_tc();
			(false, false, false, false, false, false, true, _, LSE_SWAP, 0): swap6();
			(false, false, false, false, false, false, true, _, LSE_SWAP, 1): swap6_tc();
			(false, false, false, false, false, false, true, _, _, 0): top6();
			(false, false, false, false, false, false, true, _, _, 1): top6_tc();
			(false, false, false, false, false, false, false, true, LSE_SWAP, 0): swap7();
			(false, false, false, false, false, false, false, true, LSE_SWAP, 1): swap7_tc();
			(false, false, false, false, false, false, false, true, _, 0): top7();
			(false, false, false, false, false, false, false, true, _, 1): top7_tc();
		}
		counters = top_label_counter;
	}
	apply {
		top_label.apply();
	}
}

/* The S bit and the type of what follows Ethernet; 0 where nothing is left that
 * we could name. ipv4: there is some, taken up or not. */
control Bottom(inout headers_t hdr, in bit<1> ipv4, out bit<16> next) {
	COUNTER(bottom_counter);
	action bottom0() {
		hdr.m0.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action bottom1() {
		hdr.m1.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action bottom2() {
		hdr.m2.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action bottom3() {
		hdr.m3.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action bottom4() {
		hdr.m4.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action bottom5() {
		hdr.m5.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action bottom6() {
		hdr.m6.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action bottom7() {
		hdr.m7.s = 1;
		next = ETH_MPLS;
		COUNT(bottom_counter);
	}
	action inner4() {
		next = ETH_IPV4;
		COUNT(bottom_counter);
	}
	action inner6() {
		next = ETH_IPV6;
		COUNT(bottom_counter);
	}
	action nothing() {
		next = 0;
		COUNT(bottom_counter);
	}
	table bottom {
		key = {
			hdr.m0.isValid(): ternary;
			hdr.m1.isValid(): ternary;
			hdr.m2.isValid(): ternary;
			hdr.m3.isValid(): ternary;
			hdr.m4.isValid(): ternary;
			hdr.m5.isValid(): ternary;
			hdr.m6.isValid(): ternary;
			hdr.m7.isValid(): ternary;
			ipv4: ternary;
			hdr.ipv6.isValid(): ternary;
		}
		actions = {
			bottom0;
			bottom1;
			bottom2;
			bottom3;
			bottom4;
			bottom5;
			bottom6;
			bottom7;
			inner4;
			inner6;
			@defaultonly nothing;
		}
		const default_action = nothing();
		const entries = {
			(_, _, _, _, _, _, _, true, _, _): bottom7();
			(_, _, _, _, _, _, true, false, _, _): bottom6();
			(_, _, _, _, _, true, false, false, _, _): bottom5();
			(_, _, _, _, true, false, false, false, _, _): bottom4();
			(_, _, _, true, false, false, false, false, _, _): bottom3();
			(_, _, true, false, false, false, false, false, _, _): bottom2();
			(_, true, false, false, false, false, false, false, _, _): bottom1();
			(true, false, false, false, false, false, false, false, _, _): bottom0();
			(_, _, _, _, _, _, _, _, 1, _): inner4();
			(_, _, _, _, _, _, _, _, _, true): inner6();
		}
		counters = bottom_counter;
	}
	apply {
		bottom.apply();
	}
}

#endif
