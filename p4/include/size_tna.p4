// SPDX-License-Identifier: Apache-2.0
/* Octets after the packet's headers, as these state them. Less than none, or
 * more than a frame holds, is no size: 0. */

#ifndef SRP_SIZE_TNA_P4
#define SRP_SIZE_TNA_P4

#define LESS(n) (65536 - (n)) /* two's complement */

control Size(in headers_t hdr, in meta_t md, out bit<32> bytes,
	     out bit<32> square) {
	bit<16> octets = 0;

	/* what the headers take */
	action of_ipv4(bit<16> less) {
		octets = hdr.ipv4.len + less;
	}
	action of_ipv6(bit<16> less) {
		octets = hdr.ipv6.len + less;
	}
	table payload {
		key = {
			hdr.ipv4.isValid(): exact;
			md.transport: ternary;
			md.offset: ternary;
		}
		actions = {
			of_ipv4;
			of_ipv6;
		}
		const default_action = of_ipv6(0);
		const entries = {
			(true, TRANSPORT_UDP, _): of_ipv4(LESS(28));
			(true, TRANSPORT_TCP, 5): of_ipv4(LESS(40));
			(true, TRANSPORT_TCP, 6): of_ipv4(LESS(44));
			(true, TRANSPORT_TCP, 7): of_ipv4(LESS(48));
			(true, TRANSPORT_TCP, 8): of_ipv4(LESS(52));
			(true, TRANSPORT_TCP, 9): of_ipv4(LESS(56));
			(true, TRANSPORT_TCP, 10): of_ipv4(LESS(60));
			(true, TRANSPORT_TCP, 11): of_ipv4(LESS(64));
			(true, TRANSPORT_TCP, 12): of_ipv4(LESS(68));
			(true, TRANSPORT_TCP, 13): of_ipv4(LESS(72));
			(true, TRANSPORT_TCP, 14): of_ipv4(LESS(76));
			(true, TRANSPORT_TCP, 15): of_ipv4(LESS(80));
			(true, _, _): of_ipv4(LESS(20));
			(false, TRANSPORT_UDP, _): of_ipv6(LESS(8));
			(false, TRANSPORT_TCP, 5): of_ipv6(LESS(20));
			(false, TRANSPORT_TCP, 6): of_ipv6(LESS(24));
			(false, TRANSPORT_TCP, 7): of_ipv6(LESS(28));
			(false, TRANSPORT_TCP, 8): of_ipv6(LESS(32));
			(false, TRANSPORT_TCP, 9): of_ipv6(LESS(36));
			(false, TRANSPORT_TCP, 10): of_ipv6(LESS(40));
			(false, TRANSPORT_TCP, 11): of_ipv6(LESS(44));
			(false, TRANSPORT_TCP, 12): of_ipv6(LESS(48));
			(false, TRANSPORT_TCP, 13): of_ipv6(LESS(52));
			(false, TRANSPORT_TCP, 14): of_ipv6(LESS(56));
			(false, TRANSPORT_TCP, 15): of_ipv6(LESS(60));
		}
		size = 32;
	}

	/* The controller fills it: every size, its square. */
	action octets_square(bit<32> value) {
		bytes = (bit<32>)octets;
		square = value;
	}
	action no_octets() {
		bytes = 0;
		square = 0;
	}
	table size_square {
		key = {
			octets[13:0]: exact @name("octets");
		}
		actions = {
			octets_square;
			@defaultonly no_octets;
		}
		const default_action = no_octets();
		size = 16384;
	}
	apply {
		payload.apply();
		if (octets[15:14] == 0)
			size_square.apply();
		else
			no_octets();
	}
}

#endif
