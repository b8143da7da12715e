// SPDX-License-Identifier: Apache-2.0
/* What the core's words mean on v1model. */

#ifndef SRP_ARCH_V1MODEL_P4
#define SRP_ARCH_V1MODEL_P4

#define ADDR_BITS 128
#define ADDR_OF_IPV4(a) (80w0 ++ 16w0xffff ++ (a))
#define IPV6_DST hdr.ipv6.dst

#define COUNTER(name) direct_counter(CounterType.packets_and_bytes) name
#define COUNT(name) name.count()

/* What a report's copy and a packet that comes round again remember. */
#define KEEP_REPORT 1
#define KEEP_ROUND 2
#define KEPT_REPORT @field_list(1)
#define KEPT_ROUND @field_list(2)

#define TICK_NS 1000
#define RECIRCULATE_PORT 510
#define INSTANCE_CLONE 1
#define QUEUE_MAX 5w7 /* the most urgent: simple_switch --priority-queues 8 */

/* Tests that need the same times in every run write them into the source
 * address: srproxy_v1model.p4 built with -DSRP_TEST_CLOCK. */
#ifdef SRP_TEST_CLOCK
#define NOW hdr.eth.src
#else
#define NOW sm.ingress_global_timestamp
#endif

typedef bit<9> port_t;

#define IPV4_FIELDS(h) { h.version, h.ihl, h.dscp, h.ecn, h.len, h.id, h.flags, \
	h.frag, h.ttl, h.proto, h.src, h.dst }

#endif
