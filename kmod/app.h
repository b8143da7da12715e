/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that are ordinary UDP servers. */
#ifndef SRP_APP_H
#define SRP_APP_H

#include "pool.h"

struct net;
struct srp_attach_ops;
struct srp_ctx;
struct srp_key;
struct srp_vnf;

/**
 * struct srp_app - what a vnf that is an app needs
 *
 * Made with the vnf; freed with it, when no packet can use it any more.
 */
struct srp_app {
	/** @family: of server and pool: AF_INET or AF_INET6; constant */
	u8 family;
	/** @port: of the server; constant */
	__be16 port;
	/** @addr: of the server, IPv4 in the first word; constant */
	struct in6_addr addr;
	/** @pool: what stands for flows */
	struct srp_pool pool;
};

/**
 * struct srp_datagram - where whole UDP stands in a packet
 * @at: offset of the UDP header from the packet's data: what is before it are
 *	IP headers
 * @len: octets from there on; of an offloaded packet, of all its datagrams
 */
struct srp_datagram {
	unsigned int at;
	unsigned int len;
};

/**
 * struct srp_envelope - the headers that a payload is to get
 * @family: AF_INET or AF_INET6
 * @tos: DSCP and ECN
 * @ttl: TTL or hop limit
 * @df: IPv4: it is not to be fragmented
 * @src: source address; IPv4 in the first word
 * @dst: destination address
 * @sport: source port
 * @dport: destination port
 */
struct srp_envelope {
	u8 family;
	u8 tos;
	u8 ttl;
	bool df;
	struct in6_addr src;
	struct in6_addr dst;
	__be16 sport;
	__be16 dport;
};

extern const struct srp_attach_ops srp_app_ops;

bool srp_app_ready(struct srp_vnf *vnf);

/* app_packet.c */
int srp_datagram_whole(struct sk_buff *skb);
enum srp_drop srp_datagram_find(const struct sk_buff *skb, unsigned int off,
				const struct srp_key *key,
				struct srp_datagram *dgram);
unsigned int srp_envelope_len(u8 family);
int srp_envelope_change(struct sk_buff *skb, struct net *net,
			const struct srp_datagram *dgram,
			const struct srp_key *from,
			const struct srp_envelope *to, unsigned int room);

/* app_neigh.c */
void srp_app_arp(const struct srp_app *app, struct sk_buff *skb);
bool srp_app_nd(const struct srp_app *app, struct sk_buff *skb,
		const struct srp_key *key);

#endif
