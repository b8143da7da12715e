// SPDX-License-Identifier: Apache-2.0
/* Where an address leads, once no label is left. */

#ifndef SRP_IP_FIB_P4
#define SRP_IP_FIB_P4

control IpFib(in headers_t hdr, inout meta_t md) {
	COUNTER(ipv4_fib_counter);
	COUNTER(ipv6_fib_counter);
	action route4(bit<16> nexthop, bit<16> group) {
		md.nexthop = nexthop;
		md.group = group;
		COUNT(ipv4_fib_counter);
	}
	action ipv4_fib_miss() {
		md.drop = 1;
		md.event = EV_NO_ROUTE;
		COUNT(ipv4_fib_counter);
	}
	table ipv4_fib {
		key = {
			hdr.ipv4.dst: lpm;
		}
		actions = {
			route4;
			@defaultonly ipv4_fib_miss;
		}
		const default_action = ipv4_fib_miss();
		counters = ipv4_fib_counter;
		size = IPV4_FIB_SIZE;
	}
	action route6(bit<16> nexthop, bit<16> group) {
		md.nexthop = nexthop;
		md.group = group;
		COUNT(ipv6_fib_counter);
	}
	action ipv6_fib_miss() {
		md.drop = 1;
		md.event = EV_NO_ROUTE;
		COUNT(ipv6_fib_counter);
	}
	table ipv6_fib {
		key = {
			IPV6_DST: lpm @name("hdr.ipv6.dst");
		}
		actions = {
			route6;
			@defaultonly ipv6_fib_miss;
		}
		const default_action = ipv6_fib_miss();
		counters = ipv6_fib_counter;
		size = IPV6_FIB_SIZE;
	}
	apply {
		if (md.good_ip == 0) {
			md.drop = 1;
			md.event = EV_NOT_IP;
		} else if (hdr.ipv4.isValid()) {
			ipv4_fib.apply();
		} else {
			ipv6_fib.apply();
		}
	}
}

#endif
