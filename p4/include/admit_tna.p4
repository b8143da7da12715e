// SPDX-License-Identifier: Apache-2.0
/* What is wrong with the packet before anyone looks at where it goes: the
 * v1model program's Admit in one table. */

#ifndef SRP_ADMIT_TNA_P4
#define SRP_ADMIT_TNA_P4

control Admit(in headers_t hdr, inout meta_t md, in bit<16> parser_err) {
	action refuse(event_t event) {
		md.drop = 1;
		md.refused = 1;
		md.event = event;
	}
	action labelled() {
		md.ttl = hdr.m0.ttl - 1;
	}
	action labelled_ip() {
		md.ttl = hdr.m0.ttl - 1;
		md.good_ip = 1;
	}
	action ipv4() {
		md.ttl = hdr.ipv4.ttl - 1;
		md.good_ip = 1;
	}
	action ipv6() {
		md.ttl = hdr.ipv6.hops - 1;
		md.good_ip = 1;
	}
	table admit {
		key = {
			hdr.m0.isValid(): ternary;
			hdr.ipv4.isValid(): ternary;
			hdr.ipv6.isValid(): ternary;
			hdr.m0.ttl: ternary;
			hdr.ipv4.ttl: ternary;
			hdr.ipv6.hops: ternary;
			md.rounds: ternary;
			hdr.ipv4.version: ternary;
			hdr.ipv4.ihl: ternary;
			md.bad_sum: ternary;
			hdr.ipv6.version: ternary;
		}
		actions = {
			labelled;
			labelled_ip;
			ipv4;
			ipv6;
			refuse;
		}
		const default_action = refuse(EV_BAD_IP);
		const entries = {
			(false, false, false, _, _, _, _, _, _, _, _): refuse(EV_ETHERTYPE);
			(true, _, _, 0 &&& 0xfe, _, _, _, _, _, _, _): refuse(EV_TTL);
			(false, true, _, _, 0 &&& 0xfe, _, _, 4, 5, 0, _): refuse(EV_TTL);
			(false, _, true, _, _, 0 &&& 0xfe, _, _, _, _, 6): refuse(EV_TTL);
			(_, _, _, _, _, _, (bit<8>)ROUNDS_MAX + 1, _, _, _, _): refuse(EV_ROUNDS);
			(true, true, _, _, _, _, _, 4, 5, 0, _): labelled_ip();
			(true, _, true, _, _, _, _, _, _, _, 6): labelled_ip();
			(true, _, _, _, _, _, _, _, _, _, _): labelled();
			(false, true, _, _, _, _, _, 4, 5, 0, _): ipv4();
			(false, _, true, _, _, _, _, _, _, _, 6): ipv6();
		}
		size = 16;
	}
	apply {
		/* Below the labels a header may be cut short. */
		if (parser_err != 0 && md.bottom == 0)
			refuse(EV_PARSE);
		else
			admit.apply();
	}
}

#endif
