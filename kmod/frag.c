// SPDX-License-Identifier: GPL-2.0-only
/*
 * Only the first fragment of a datagram has a transport header. It leaves a
 * link from (where it came in, addresses, identification) to its flow key, by
 * which the later ones get the same key; from there on they go the way of any
 * packet. One that comes before its first is held for a moment, and follows it
 * when that comes.
 *
 * Fragments are passed on one by one and never judged: overlaps, duplicates
 * and gaps are the receiver's business. Only where the receiver is this node,
 * which has to see a whole datagram, they are gathered.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "core.h"
#include "flow.h"
#include "frag.h"
#include "join.h"
#include "label.h"
#include "net.h"
#include "port.h"
#include "special.h"
#include "verdict.h"
#include "wire.h"

#define SRP_FRAG_BATCH	512	/* links ended under one lock */

/**
 * struct srp_frag_id - what all fragments of one datagram have in common
 * @port: where they came in; of a function that is its vnf
 * @stack: digest of the labels, or of the VLAN: tenants behind one uplink or
 *	vnf may have the same addresses, their hosts the same identification
 * @src: source address, as in &struct srp_key
 * @dst: destination address, likewise
 * @id: identification
 * @family: AF_INET or AF_INET6
 * @proto: of &struct srp_fragment
 * @pad: zero
 */
struct srp_frag_id {
	const struct srp_port *port;
	u64 stack;
	struct in6_addr src;
	struct in6_addr dst;
	__be32 id;
	u8 family;
	u8 proto;
	u16 pad;
};

/* It is hashed and compared as octets. */
static_assert(sizeof(struct srp_frag_id) % sizeof(u32) == 0);

/**
 * struct srp_frag_link - from the fragments of a datagram to its flow key
 * @node: in srp_frags.links; lock: srp_frags.lock
 * @id: the datagram, constant. Its port is alive as long as something is held:
 *	that is let go when the port loses its device, or the vnf its wire
 * @key: the flow key, of no vnf; constant, not valid while waiting
 * @known: a first fragment has come, @key is valid; constant
 * @gathers: its fragments are held until all are there; constant
 * @born: jiffies when the first one came, or when the wait began
 * @age: in srp_frags.known, .waiting or .gathering; lock: srp_frags.lock
 * @held: packets that came before the first, in the order that they came in,
 *	or all, in theirs; lock: srp_frags.lock
 * @rcu: for freeing
 */
struct srp_frag_link {
	struct rhash_head node;
	struct srp_frag_id id;
	struct srp_key key;
	bool known;
	bool gathers;
	u32 born;
	struct list_head age;
	struct sk_buff_head held;
	struct rcu_head rcu;
};

static const struct rhashtable_params srp_frag_params = {
	.head_offset = offsetof(struct srp_frag_link, node),
	.key_offset = offsetof(struct srp_frag_link, id),
	.key_len = sizeof(struct srp_frag_id),
	.automatic_shrinking = true,
};

static bool srp_frag_expired(const struct srp_frag_link *link)
{
	u32 life = link->known || link->gathers ? SRP_FRAG_LIFE : SRP_FRAG_HOLD;

	return (u32)jiffies - READ_ONCE(link->born) > life;
}

/* The same labels have the same digest; TC, TTL are no part of it. */
static u64 srp_frag_stack(const struct srp_ctx *ctx, u32 tag)
{
	__be32 ids[SRP_LSES_MAX + 1];
	int i;

	ids[0] = srp_lse_id(tag, false);
	for (i = 0; i < ctx->depth; i++)
		ids[i + 1] = ctx->lse[i] & SRP_LSE_ID;
	return siphash(ids, (i + 1) * SRP_LSE_LEN, &ctx->sn->frags.secret);
}

static void srp_frag_identify(const struct srp_ctx *ctx,
			      const struct srp_port *port, u32 tag,
			      struct srp_frag_id *id,
			      struct srp_fragment *frag)
{
	srp_inner_fragment(ctx->skb, ctx->outer, frag);
	memset(id, 0, sizeof(*id));
	id->port = port;
	if (tag)
		id->stack = srp_frag_stack(ctx, tag);
	id->src = ctx->key.src;
	id->dst = ctx->key.dst;
	id->id = frag->id;
	id->family = ctx->key.family;
	id->proto = frag->proto;
}

static struct srp_frag_link *srp_frag_find(struct srp_frags *frags,
					   const struct srp_frag_id *id)
{
	return rhashtable_lookup(&frags->links, id, srp_frag_params);
}

/* End a link; what it holds goes to @held. */
static void srp_frag_unlink(struct srp_net *sn, struct srp_frag_link *link,
			    struct sk_buff_head *held)
{
	struct srp_frags *frags = &sn->frags;

	lockdep_assert_held(&frags->lock);
	rhashtable_remove_fast(&frags->links, &link->node, srp_frag_params);
	list_del(&link->age);
	frags->n_links--;
	if (link->gathers)
		frags->n_gathered -= skb_queue_len(&link->held);
	else
		frags->n_held -= skb_queue_len(&link->held);
	skb_queue_splice_tail_init(&link->held, held);
	srp_uncharge_module(sn);
	kfree_rcu(link, rcu);
}

/* Let the oldest links go that nothing waits for, until there is room. */
static bool srp_frag_room(struct srp_net *sn, struct sk_buff_head *none)
{
	struct srp_frags *frags = &sn->frags;
	struct srp_frag_link *oldest;

	lockdep_assert_held(&frags->lock);
	if (frags->n_links < SRP_FRAG_LINKS_MAX && srp_charge_module(sn))
		return true;
	oldest = list_first_entry_or_null(&frags->known, struct srp_frag_link,
					  age);
	if (!oldest)
		return false;
	srp_frag_unlink(sn, oldest, none);
	return srp_charge_module(sn);
}

/* The worker has to know of the first of a list, the others come after that.
 * While something waits, it comes by soon anyway.
 */
static void srp_frag_wake(struct srp_frags *frags,
			  const struct list_head *list)
{
	if (!list_empty(list))
		return;
	if (list == &frags->waiting)
		mod_delayed_work(srp_wq, &frags->work, SRP_FRAG_HOLD + 1);
	else
		/* if it is to run already, then not later */
		queue_delayed_work(srp_wq, &frags->work, SRP_FRAG_LIFE + 1);
}

/* Make a link in one of the lists; it has a @key if that is the known. */
static struct srp_frag_link *srp_frag_make(struct srp_net *sn,
					   const struct srp_frag_id *id,
					   const struct srp_key *key,
					   struct list_head *list)
{
	struct srp_frags *frags = &sn->frags;
	struct srp_frag_link *link;
	struct sk_buff_head none;

	lockdep_assert_held(&frags->lock);
	__skb_queue_head_init(&none);
	if (!srp_frag_room(sn, &none))
		return NULL;
	link = kzalloc(sizeof(*link), GFP_ATOMIC | __GFP_NOWARN);
	if (!link)
		goto err_uncharge;
	link->id = *id;
	link->known = key;
	link->gathers = list == &frags->gathering;
	if (key)
		link->key = *key;
	link->born = (u32)jiffies;
	__skb_queue_head_init(&link->held);
	if (rhashtable_insert_fast(&frags->links, &link->node,
				   srp_frag_params))
		goto err_free;
	srp_frag_wake(frags, list);
	list_add_tail(&link->age, list);
	frags->n_links++;
	return link;

err_free:
	kfree(link);
err_uncharge:
	srp_uncharge_module(sn);
	return NULL;
}

static void srp_frag_drop(struct srp_net *sn, struct sk_buff_head *skbs,
			  enum srp_drop reason)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(skbs))) {
		srp_uncharge_module(sn);
		srp_drop(sn, skb, reason);
	}
}

/* A packet goes through the hook of its port again, or now, and further on if
 * the stack is to have it.
 */
static void srp_frag_run(const struct srp_port *port, struct sk_buff *skb)
{
	if (srp_port_is_wire(port))
		srp_wire_again(port->owner, skb);
	else if (port->ops->rx(port->owner, skb, NULL) == NF_ACCEPT)
		srp_reinject(skb);
}

/* A first fragment has come: leave a link, or a younger one. If others wait
 * for it, they are in @held.
 */
static void srp_frag_leave(struct srp_net *sn, const struct srp_frag_id *id,
			   const struct srp_key *key,
			   struct sk_buff_head *held)
{
	struct srp_frags *frags = &sn->frags;
	struct srp_frag_link *link;

	spin_lock_bh(&frags->lock);
	link = srp_frag_find(frags, id);
	if (link && link->known && srp_key_equal(&link->key, key)) {
		WRITE_ONCE(link->born, (u32)jiffies);
		list_move_tail(&link->age, &frags->known);
	} else {
		if (link)
			srp_frag_unlink(sn, link, held);
		srp_frag_make(sn, id, key, &frags->known);
	}
	spin_unlock_bh(&frags->lock);
}

static enum srp_drop srp_frag_first(struct srp_net *sn,
				    const struct srp_frag_id *id,
				    struct sk_buff *skb,
				    const struct srp_key *key)
{
	struct sk_buff_head held;

	__skb_queue_head_init(&held);
	srp_frag_leave(sn, id, key, &held);
	if (likely(skb_queue_empty(&held)))
		return SRP_DROP_NONE;
	srp_frag_run(id->port, skb);
	while ((skb = __skb_dequeue(&held))) {
		srp_uncharge_module(sn);
		srp_frag_run(id->port, skb);
	}
	return SRP_FRAG_TAKEN;
}

/* Have the key of the first. Return: false if that has not come. */
static bool srp_frag_follow(struct srp_frags *frags,
			    const struct srp_frag_id *id, struct srp_key *key)
{
	const struct srp_frag_link *link = srp_frag_find(frags, id);

	if (!link || !link->known || srp_frag_expired(link))
		return false;
	*key = link->key;
	return true;
}

/* Once a port has let go of what came in on it (under the lock, when its device
 * was gone or its wire cut), no more is held.
 */
static bool srp_frag_may_wait(const struct srp_port *port,
			      const struct sk_buff *skb)
{
	if (srp_port_is_wire(port))
		return srp_wire_open(port->owner);
	return rcu_access_pointer(port->dev) == skb->dev;
}

/* Hold a packet. */
static bool srp_frag_queue(struct srp_net *sn, const struct srp_frag_id *id,
			   struct sk_buff *skb, struct sk_buff_head *old)
{
	struct srp_frags *frags = &sn->frags;
	struct srp_frag_link *link = srp_frag_find(frags, id);

	lockdep_assert_held(&frags->lock);
	if (!srp_frag_may_wait(id->port, skb) ||
	    frags->n_held >= SRP_FRAG_HELD_PER_CPU * num_possible_cpus())
		return false;
	if (link && srp_frag_expired(link)) {
		srp_frag_unlink(sn, link, old);
		link = NULL;
	}
	if (!link)
		link = srp_frag_make(sn, id, NULL, &frags->waiting);
	if (!link || !srp_charge_module(sn))
		return false;
	if (srp_port_is_wire(id->port))
		srp_wire_park(skb);
	__skb_queue_tail(&link->held, skb);
	frags->n_held++;
	return true;
}

static enum srp_drop srp_frag_hold(struct srp_net *sn,
				   const struct srp_frag_id *id,
				   struct sk_buff *skb, struct srp_key *key)
{
	enum srp_drop reason = SRP_DROP_NONE;
	struct sk_buff_head old;

	__skb_queue_head_init(&old);
	skb_orphan(skb);
	skb_dst_drop(skb);
	spin_lock_bh(&sn->frags.lock);
	/* the first may have come meanwhile */
	if (!srp_frag_follow(&sn->frags, id, key))
		reason = srp_frag_queue(sn, id, skb, &old) ?
			 SRP_FRAG_TAKEN : SRP_DROP_frag_orphan;
	spin_unlock_bh(&sn->frags.lock);
	srp_frag_drop(sn, &old, SRP_DROP_frag_orphan);
	return reason;
}

/**
 * srp_frag_rx() - complete the key of a fragment
 * @ctx: the fragment, not shared; parsed, unchanged since the hook got it;
 *	ctx->key is completed. Entries below the label popped are in ctx->lse
 * @port: where it came in
 * @tag: as in srp_stopped()
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE, or why it cannot be taken, or SRP_FRAG_TAKEN.
 */
enum srp_drop srp_frag_rx(struct srp_ctx *ctx, const struct srp_port *port,
			  u32 tag)
{
	struct srp_net *sn = ctx->sn;
	struct srp_fragment frag;
	struct srp_frag_id id;

	srp_frag_identify(ctx, port, tag, &id, &frag);
	if (!frag.later)
		return srp_frag_first(sn, &id, ctx->skb, &ctx->key);
	if (likely(srp_frag_follow(&sn->frags, &id, &ctx->key)))
		return SRP_DROP_NONE;
	return srp_frag_hold(sn, &id, ctx->skb, &ctx->key);
}

/* The link that gathers a datagram, or a new one. What is too old gives way,
 * and so does the oldest where there is no more room.
 */
static struct srp_frag_link *srp_frag_gathers(struct srp_net *sn,
					      const struct srp_frag_id *id,
					      struct sk_buff_head *old)
{
	struct srp_frags *frags = &sn->frags;
	struct srp_frag_link *link;

	lockdep_assert_held(&frags->lock);
	if (frags->n_gathered >=
	    SRP_FRAG_GATHERED_PER_CPU * num_possible_cpus())
		srp_frag_unlink(sn, list_first_entry(&frags->gathering,
						     struct srp_frag_link,
						     age), old);
	link = srp_frag_find(frags, id);
	if (link && srp_frag_expired(link)) {
		srp_frag_unlink(sn, link, old);
		link = NULL;
	}
	return link ?: srp_frag_make(sn, id, NULL, &frags->gathering);
}

/* Hold one more. If that was the last, all are in @all; if it cannot be one of
 * the datagram, the others are in @old.
 */
static enum srp_drop srp_frag_add(struct srp_net *sn,
				  const struct srp_frag_id *id,
				  struct sk_buff *skb,
				  struct sk_buff_head *all,
				  struct sk_buff_head *old)
{
	struct srp_frags *frags = &sn->frags;
	struct srp_frag_link *link;

	lockdep_assert_held(&frags->lock);
	if (rcu_access_pointer(id->port->dev) != skb->dev)
		return SRP_DROP_app_fragment;
	link = srp_frag_gathers(sn, id, old);
	if (!link)
		return SRP_DROP_app_fragment;
	if (!srp_charge_module(sn))
		return SRP_DROP_app_fragment;
	if (!srp_join_add(&link->held, skb)) {
		srp_uncharge_module(sn);
		srp_frag_unlink(sn, link, old);
		return SRP_DROP_app_fragment;
	}
	frags->n_gathered++;
	if (!srp_join_complete(&link->held))
		return SRP_FRAG_TAKEN;
	srp_frag_unlink(sn, link, all);
	return SRP_DROP_NONE;
}

/**
 * srp_frag_gather() - make a datagram whole that is for this node to read
 * @ctx: a bare fragment; parsed, unchanged since the hook got it
 * @port: where it came in
 * @whole: set to the datagram if this was its last fragment: one that no hook
 *	has
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE and @whole is set, or SRP_FRAG_TAKEN, or why the
 * fragment cannot be taken.
 */
enum srp_drop srp_frag_gather(struct srp_ctx *ctx, const struct srp_port *port,
			      struct sk_buff **whole)
{
	struct srp_net *sn = ctx->sn;
	struct sk_buff_head all, old;
	struct srp_fragment frag;
	struct srp_frag_id id;
	enum srp_drop reason;
	unsigned int n;

	srp_frag_identify(ctx, port, 0, &id, &frag);
	if (!srp_join_prepare(ctx->skb, &frag))
		return SRP_DROP_app_fragment;
	__skb_queue_head_init(&all);
	__skb_queue_head_init(&old);
	spin_lock_bh(&sn->frags.lock);
	reason = srp_frag_add(sn, &id, ctx->skb, &all, &old);
	spin_unlock_bh(&sn->frags.lock);
	srp_frag_drop(sn, &old, SRP_DROP_app_fragment);
	if (reason)
		return reason;
	for (n = skb_queue_len(&all); n; n--)
		srp_uncharge_module(sn);
	*whole = srp_join(&all);
	if (*whole)
		return SRP_DROP_NONE;
	while ((ctx->skb = __skb_dequeue(&all)))
		srp_drop(sn, ctx->skb, SRP_DROP_app_fragment);
	return SRP_FRAG_TAKEN;
}

/* End the links of a list that hold what came in on a port. */
static void srp_frag_forget(struct srp_net *sn, const struct srp_port *port,
			    struct list_head *list, struct sk_buff_head *held)
{
	struct srp_frag_link *link, *next;

	lockdep_assert_held(&sn->frags.lock);
	list_for_each_entry_safe(link, next, list, age)
		if (link->id.port == port)
			srp_frag_unlink(sn, link, held);
}

/**
 * srp_frag_pass() - complete the key of a fragment if that can be done now
 * @ctx: as for srp_frag_rx(), of a packet that can go on without
 * @port: where it came in
 * @tag: as in srp_stopped()
 *
 * Context: softirq, RCU read-side.
 * Return: SRP_DROP_NONE or SRP_FRAG_TAKEN.
 */
enum srp_drop srp_frag_pass(struct srp_ctx *ctx, const struct srp_port *port,
			    u32 tag)
{
	struct srp_net *sn = ctx->sn;
	struct srp_fragment frag;
	struct srp_frag_id id;

	srp_frag_identify(ctx, port, tag, &id, &frag);
	if (!frag.later)
		return srp_frag_first(sn, &id, ctx->skb, &ctx->key);
	srp_frag_follow(&sn->frags, &id, &ctx->key);
	return SRP_DROP_NONE;
}

/**
 * srp_frags_let_go() - drop what is held that came in on a port
 * @sn: the namespace
 * @port: the port, which has no device any more, or no wire that is not cut
 *
 * Context: process; of a device, RTNL; of a wire, a grace period after it was
 * cut.
 */
void srp_frags_let_go(struct srp_net *sn, const struct srp_port *port)
{
	struct sk_buff_head held, gathered;

	WARN_ON_ONCE(rcu_access_pointer(port->dev));
	__skb_queue_head_init(&held);
	__skb_queue_head_init(&gathered);
	spin_lock_bh(&sn->frags.lock);
	srp_frag_forget(sn, port, &sn->frags.waiting, &held);
	srp_frag_forget(sn, port, &sn->frags.gathering, &gathered);
	spin_unlock_bh(&sn->frags.lock);
	local_bh_disable();
	srp_frag_drop(sn, &held, SRP_DROP_frag_orphan);
	srp_frag_drop(sn, &gathered, SRP_DROP_app_fragment);
	local_bh_enable();
}

/* End those of a list that are past their age. Return: jiffies until there is
 * something to be done again.
 */
static unsigned long srp_frag_age(struct srp_net *sn, struct list_head *list,
				  u32 life, struct sk_buff_head *held)
{
	struct srp_frag_link *link, *next;
	int n = 0;

	lockdep_assert_held(&sn->frags.lock);
	list_for_each_entry_safe(link, next, list, age) {
		u32 age = (u32)jiffies - link->born;

		if (age <= life)
			return life - age + 1;
		if (n++ == SRP_FRAG_BATCH)
			return 0;
		srp_frag_unlink(sn, link, held);
	}
	return MAX_JIFFY_OFFSET;
}

static void srp_frag_work(struct work_struct *work)
{
	struct srp_frags *frags = container_of(to_delayed_work(work),
					       struct srp_frags, work);
	struct srp_net *sn = container_of(frags, struct srp_net, frags);
	struct sk_buff_head held, gathered;
	unsigned long wait;

	__skb_queue_head_init(&held);
	__skb_queue_head_init(&gathered);
	/* devices of what is dropped stay until it is; what came from a socket
	 * holds to none
	 */
	rcu_read_lock();
	spin_lock_bh(&frags->lock);
	wait = srp_frag_age(sn, &frags->waiting, SRP_FRAG_HOLD, &held);
	wait = min(wait, srp_frag_age(sn, &frags->known, SRP_FRAG_LIFE,
				      &held));
	wait = min(wait, srp_frag_age(sn, &frags->gathering, SRP_FRAG_LIFE,
				      &gathered));
	if (wait != MAX_JIFFY_OFFSET)
		mod_delayed_work(srp_wq, &frags->work, wait);
	spin_unlock_bh(&frags->lock);
	local_bh_disable();
	srp_frag_drop(sn, &held, SRP_DROP_frag_orphan);
	srp_frag_drop(sn, &gathered, SRP_DROP_app_fragment);
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * srp_frags_init() - make the links of a namespace
 * @sn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int srp_frags_init(struct srp_net *sn)
{
	struct srp_frags *frags = &sn->frags;

	get_random_bytes(&frags->secret, sizeof(frags->secret));
	spin_lock_init(&frags->lock);
	INIT_LIST_HEAD(&frags->known);
	INIT_LIST_HEAD(&frags->waiting);
	INIT_LIST_HEAD(&frags->gathering);
	INIT_DELAYED_WORK(&frags->work, srp_frag_work);
	return rhashtable_init(&frags->links, &srp_frag_params);
}

/**
 * srp_frags_exit() - end the links of a namespace
 * @sn: the namespace, no packet of which is in a hook any more
 */
void srp_frags_exit(struct srp_net *sn)
{
	struct srp_frags *frags = &sn->frags;
	struct srp_frag_link *link, *next;
	struct sk_buff_head held;

	cancel_delayed_work_sync(&frags->work);
	WARN_ON_ONCE(frags->n_held || frags->n_gathered);
	__skb_queue_head_init(&held);
	spin_lock_bh(&frags->lock);
	list_for_each_entry_safe(link, next, &frags->known, age)
		srp_frag_unlink(sn, link, &held);
	WARN_ON_ONCE(frags->n_links);
	spin_unlock_bh(&frags->lock);
	rhashtable_destroy(&frags->links);
}
