/* SPDX-License-Identifier: GPL-2.0-only */
/* IP packets of every transport, and the flow keys that they should have. */
#ifndef SRP_TESTS_PACKET_H
#define SRP_TESTS_PACKET_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "fixture.h"
#include "inner.h"

/**
 * enum packet_part - what of a transport header is part of the key
 * @PART_NONE: nothing
 * @PART_PORTS: octets 0 to 3, swapped in the other direction
 * @PART_ID: two octets, as both ports
 * @PART_SPI: four octets, the same both ways
 * @PART_CALL: two octets, in place of the destination port
 */
enum packet_part {
	PART_NONE,
	PART_PORTS,
	PART_ID,
	PART_SPI,
	PART_CALL,
};

/**
 * struct packet_transport - a transport header
 * @name: for the user
 * @family: AF_UNSPEC: both
 * @proto: IP protocol
 * @part: what is part of the key
 * @at: where that stands
 * @need: octets that have to be there
 * @len: octets of @data
 * @data: the header
 */
struct packet_transport {
	const char *name;
	int family;
	u8 proto;
	enum packet_part part;
	u8 at;
	u8 need;
	u8 len;
	u8 data[20];
};

#define PACKET_FAMILIES	2

extern const int packet_families[PACKET_FAMILIES];
extern const hsiphash_key_t packet_secret;
extern const struct packet_transport packet_transports[];
extern const unsigned int packet_n_transports;

#define packet_tcp	(&packet_transports[0])
#define packet_udp	(&packet_transports[1])
#define packet_echo	(&packet_transports[2])

static inline unsigned int packet_ip_len(int family)
{
	return family == AF_INET ? sizeof(struct iphdr) :
				   sizeof(struct ipv6hdr);
}

void packet_write_ip(struct fixture *f, int family, u8 proto, bool back);
void packet_write_transport(struct fixture *f, const struct packet_transport *t,
			    bool back);
void packet_fit(struct fixture *f);
void packet_write(struct fixture *f, int family,
		  const struct packet_transport *t, bool back);
void packet_key(struct srp_key *key, int family,
		const struct packet_transport *t);
enum srp_drop packet_parse_skb(struct sk_buff *skb, unsigned int off,
			       struct srp_key *key);
enum srp_drop packet_parse(struct kunit *test, const struct fixture *f,
			   struct srp_key *key);
void packet_expect_at(struct kunit *test, const struct fixture *f,
		      enum srp_drop reason, const struct srp_key *key,
		      const char *what, unsigned int step);
void packet_refused(struct kunit *test, const struct fixture *f,
		    const char *what);

/* Every place costs time whenever the module is loaded; packets of different
 * length try different ones.
 */
static inline void packet_expect(struct kunit *test, const struct fixture *f,
				 enum srp_drop reason,
				 const struct srp_key *key, const char *what)
{
	packet_expect_at(test, f, reason, key, what, 29);
}

#endif
