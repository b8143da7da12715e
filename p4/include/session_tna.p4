// SPDX-License-Identifier: Apache-2.0
/* The session's addresses; its ports are the parser's. Tofino keys hold 32 bits
 * of an address: IPv4, or an IPv6 address folded by CRC-32 in wire order. */

#ifndef SRP_SESSION_TNA_P4
#define SRP_SESSION_TNA_P4

control Session(in headers_t hdr, inout meta_t md) {
	Hash<bit<32>>(HashAlgorithm_t.CRC32) fold_src;
	Hash<bit<32>>(HashAlgorithm_t.CRC32) fold_dst;

	action ipv4() {
		md.src = hdr.ipv4.src;
		md.dst = hdr.ipv4.dst;
		md.proto = hdr.ipv4.proto;
	}
	/* An action takes 32 bits of a hash. */
	action ipv6_src() {
		md.src = fold_src.get({ hdr.ipv6_ends.src });
	}
	action ipv6_dst() {
		md.dst = fold_dst.get({ hdr.ipv6_ends.dst });
		md.proto = hdr.ipv6.next;
	}
	apply {
		if (hdr.ipv4.isValid()) {
			ipv4();
		} else if (hdr.ipv6.isValid()) {
			ipv6_src();
			ipv6_dst();
		}
	}
}

#endif
