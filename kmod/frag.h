/* SPDX-License-Identifier: GPL-2.0-only */
/* Fragments: the later ones of a datagram find the flow of the first. */
#ifndef SRP_FRAG_H
#define SRP_FRAG_H

#include <linux/list.h>
#include <linux/rhashtable-types.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "inner.h"

struct srp_ctx;
struct srp_net;
struct srp_port;

/* Bounds of a namespace; each link and each packet held is also charged to the
 * bound of the whole module.
 */
#define SRP_FRAG_LINKS_MAX	8192
#define SRP_FRAG_HELD_PER_CPU	64
#define SRP_FRAG_GATHERED_PER_CPU	256

/* How long a link lives after a first fragment, or while its fragments are
 * gathered, and how long a later one is held that came before its first.
 */
#define SRP_FRAG_LIFE		(2 * HZ)
#define SRP_FRAG_HOLD		(HZ / 10)

/* What srp_frag_rx() says of a fragment that it has taken: no reason to drop
 * it, it is held or gone on its way already.
 */
#define SRP_FRAG_TAKEN		((enum srp_drop)(SRP_DROP_COUNT + 1))

/**
 * struct srp_frags - fragments of one network namespace
 *
 * Made with the namespace, ended when no packet can be in a hook any more.
 */
struct srp_frags {
	/** @links: &struct srp_frag_link by datagram; RCU, lock: @lock */
	struct rhashtable links;
	/** @secret: of the digest that tells label stacks apart; constant */
	siphash_key_t secret;
	/** @lock: all below, and which links there are; softirq */
	spinlock_t lock;
	/** @known: links that have seen a first fragment, oldest first */
	struct list_head known;
	/** @waiting: links that have not, and hold others; oldest first */
	struct list_head waiting;
	/** @gathering: links that hold datagrams to be made whole; oldest first */
	struct list_head gathering;
	/** @n_links: links of all lists */
	unsigned int n_links;
	/** @n_held: packets held that wait for their first */
	unsigned int n_held;
	/** @n_gathered: packets held by @gathering */
	unsigned int n_gathered;
	/** @work: ages the lists; runs only while there is something in them */
	struct delayed_work work;
};

enum srp_drop srp_frag_rx(struct srp_ctx *ctx, const struct srp_port *port,
			  u32 tag);
enum srp_drop srp_frag_pass(struct srp_ctx *ctx, const struct srp_port *port,
			    u32 tag);
enum srp_drop srp_frag_gather(struct srp_ctx *ctx, const struct srp_port *port,
			      struct sk_buff **whole);
void srp_frags_let_go(struct srp_net *sn, const struct srp_port *port);
int srp_frags_init(struct srp_net *sn);
void srp_frags_exit(struct srp_net *sn);

#endif
