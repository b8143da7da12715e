// SPDX-License-Identifier: Apache-2.0
/* The session's 5-tuple, whatever IP and transport it is in. */

#ifndef SRP_SESSION_P4
#define SRP_SESSION_P4

control Session(in headers_t hdr, inout meta_t md) {
	apply {
		if (hdr.ipv4.isValid()) {
			md.src = ADDR_OF_IPV4(hdr.ipv4.src);
			md.dst = ADDR_OF_IPV4(hdr.ipv4.dst);
			md.proto = hdr.ipv4.proto;
		} else if (hdr.ipv6.isValid()) {
			md.src = hdr.ipv6.src;
			md.dst = hdr.ipv6.dst;
			md.proto = hdr.ipv6.next;
		}
		if (hdr.udp.isValid()) {
			md.sport = hdr.udp.sport;
			md.dport = hdr.udp.dport;
		} else if (hdr.tcp.isValid()) {
			md.sport = hdr.tcp.sport;
			md.dport = hdr.tcp.dport;
		}
	}
}

#endif
