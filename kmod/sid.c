// SPDX-License-Identifier: GPL-2.0-only
/* SIDs: which instance serves a label, for which session. */
#include <linux/jhash.h>
#include <linux/slab.h>

#include "core.h"
#include "flow.h"
#include "inner.h"
#include "net.h"
#include "sid.h"
#include "vlan.h"
#include "vnf.h"

static void srp_binding_free(struct rcu_head *head)
{
	struct srp_binding *b = container_of(head, struct srp_binding, rcu);

	free_percpu(b->stats);
	kfree(b);
}

/**
 * srp_binding_get() - take a reference
 * @b: the binding
 *
 * Return: false if it is on its way out.
 */
bool srp_binding_get(struct srp_binding *b)
{
	return refcount_inc_not_zero(&b->ref);
}

/**
 * srp_binding_put() - give a reference back
 * @b: the binding
 *
 * Context: any but hard interrupt.
 */
void srp_binding_put(struct srp_binding *b)
{
	struct srp_vnf *vnf = b->vnf;
	struct srp_sums sums;

	if (!refcount_dec_and_test(&b->ref))
		return;
	spin_lock_bh(&vnf->sum_lock);
	list_del(&b->node);
	srp_counters_sum(b->stats, &sums);
	srp_sums_add(&vnf->retired, &sums);
	spin_unlock_bh(&vnf->sum_lock);
	call_rcu(&b->rcu, srp_binding_free);
	srp_vnf_put(vnf);
}

/* The binding of a label and a vnf that lives, be it only by old flows. */
static struct srp_binding *srp_binding_find(struct srp_vnf *vnf, u32 label)
{
	struct srp_binding *b;

	spin_lock_bh(&vnf->sum_lock);
	list_for_each_entry(b, &vnf->bindings, node) {
		if (b->label != label || !srp_binding_get(b))
			continue;
		spin_unlock_bh(&vnf->sum_lock);
		return b;
	}
	spin_unlock_bh(&vnf->sum_lock);
	return NULL;
}

static struct srp_binding *srp_binding_make(struct srp_vnf *vnf, u32 label)
{
	struct srp_binding *b = srp_binding_find(vnf, label);

	if (b)
		return b;
	b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);
	if (!b)
		return NULL;
	b->stats = srp_counters_alloc();
	if (!b->stats || !srp_vnf_get(vnf)) {
		free_percpu(b->stats);
		kfree(b);
		return NULL;
	}
	b->vnf = vnf;
	b->label = label;
	refcount_set(&b->ref, 1);
	spin_lock_bh(&vnf->sum_lock);
	list_add_tail(&b->node, &vnf->bindings);
	spin_unlock_bh(&vnf->sum_lock);
	return b;
}

/**
 * srp_sid_find() - look up a sid of the configuration
 * @sn: the namespace
 * @label: its label
 *
 * Context: RTNL.
 * Return: the sid or NULL.
 */
struct srp_sid *srp_sid_find(struct srp_net *sn, u32 label)
{
	struct srp_sid_page *page;

	page = rtnl_dereference(sn->sids[label >> SRP_SID_PAGE_BITS]);
	if (!page)
		return NULL;
	return rtnl_dereference(page->sid[label & (SRP_SID_PAGE - 1)]);
}

static int srp_sid_page_make(struct srp_net *sn, u32 label)
{
	struct srp_sid_page __rcu **slot = &sn->sids[label >>
						     SRP_SID_PAGE_BITS];
	struct srp_sid_page *page = rtnl_dereference(*slot);

	if (page)
		return 0;
	page = kvzalloc(sizeof(*page), GFP_KERNEL_ACCOUNT);
	if (!page)
		return -ENOMEM;
	rcu_assign_pointer(*slot, page);
	return 0;
}

static int srp_sid_bind(struct srp_net *sn, const struct srp_sid_cfg *cfg,
			struct srp_sid *sid, int *part,
			struct netlink_ext_ack *extack)
{
	int i;

	for (i = 0; i < cfg->n_member; i++) {
		struct srp_vnf *vnf = srp_vnf_find(sn, cfg->member[i].name);

		*part = SRP_PART_MEMBER + i;
		if (!vnf) {
			NL_SET_ERR_MSG(extack, "no vnf has this name");
			return -ENOENT;
		}
		if (i && vnf->odd != sid->odd) {
			NL_SET_ERR_MSG(extack,
				       "inner of this vnf is not that of the first");
			return -EINVAL;
		}
		sid->odd = vnf->odd;
		sid->member[i] = srp_binding_make(vnf, cfg->label);
		if (!sid->member[i])
			return -ENOMEM;
		sid->n_member++;
	}
	return 0;
}

/**
 * srp_sid_prepare() - make a sid that is not live yet
 * @sn: the namespace
 * @cfg: what the user said
 * @res: the sid
 * @part: on refusal, &enum srp_part
 * @extack: where a refusal is explained
 *
 * Context: RTNL; its vnfs have been prepared.
 * Return: 0, -ENOENT if a vnf is not known, or -ENOMEM.
 */
int srp_sid_prepare(struct srp_net *sn, const struct srp_sid_cfg *cfg,
		    struct srp_sid **res, int *part,
		    struct netlink_ext_ack *extack)
{
	struct srp_sid *sid;
	int err;

	if (srp_sid_page_make(sn, cfg->label))
		return -ENOMEM;
	sid = kzalloc(struct_size(sid, member, cfg->n_member),
		      GFP_KERNEL_ACCOUNT);
	if (!sid)
		return -ENOMEM;
	sid->label = cfg->label;
	sid->fallback = cfg->fallback;
	sid->reroute = cfg->reroute;
	sid->n_primary = cfg->n_primary;
	err = srp_sid_bind(sn, cfg, sid, part, extack);
	if (err) {
		srp_sid_discard(sid);
		return err;
	}
	*res = sid;
	return 0;
}

static void srp_sid_publish(struct srp_net *sn, u32 label,
			    struct srp_sid *sid)
{
	struct srp_sid_page *page;

	page = rtnl_dereference(sn->sids[label >> SRP_SID_PAGE_BITS]);
	rcu_assign_pointer(page->sid[label & (SRP_SID_PAGE - 1)], sid);
}

static void srp_sid_count_users(const struct srp_sid *sid, int step)
{
	int i;

	for (i = 0; i < sid->n_member; i++)
		sid->member[i]->vnf->users += step;
}

static void srp_sid_free(struct rcu_head *head)
{
	struct srp_sid *sid = container_of(head, struct srp_sid, rcu);
	int i;

	for (i = 0; i < sid->n_member; i++)
		srp_binding_put(sid->member[i]);
	kfree(sid);
}

/**
 * srp_sid_discard() - end a sid that has not been live
 * @sid: the sid
 */
void srp_sid_discard(struct srp_sid *sid)
{
	srp_sid_free(&sid->rcu);
}

/* Where it belongs in the list, which is kept by rising label. */
static struct list_head *srp_sid_place(struct srp_net *sn, u32 label)
{
	struct srp_sid *other;

	list_for_each_entry_reverse(other, &sn->sid_list, node)
		if (other->label < label)
			return &other->node;
	return &sn->sid_list;
}

static bool srp_sid_has(const struct srp_sid *sid, const struct srp_binding *b)
{
	int i;

	for (i = 0; sid && i < sid->n_member; i++)
		if (sid->member[i] == b)
			return true;
	return false;
}

/* What instances have that were not there before may be elsewhere by now. */
static void srp_sid_join(struct srp_sid *sid, const struct srp_sid *old)
{
	int i;

	for (i = 0; i < sid->n_member; i++)
		if (!srp_sid_has(old, sid->member[i]))
			WRITE_ONCE(sid->member[i]->joined, jiffies);
}

/**
 * srp_sid_commit() - make a prepared sid live
 * @sn: the namespace
 * @sid: the sid
 * @old: the one whose place it takes, or NULL
 *
 * Context: RTNL. Cannot fail.
 */
void srp_sid_commit(struct srp_net *sn, struct srp_sid *sid,
		    struct srp_sid *old)
{
	srp_sid_count_users(sid, 1);
	srp_sid_join(sid, old);
	srp_sid_publish(sn, sid->label, sid);
	if (!old) {
		list_add_rcu(&sid->node, srp_sid_place(sn, sid->label));
		return;
	}
	list_replace_rcu(&old->node, &sid->node);
	srp_sid_count_users(old, -1);
	call_rcu(&old->rcu, srp_sid_free);
}

/**
 * srp_sid_remove() - take a sid out of the configuration
 * @sn: the namespace
 * @sid: the sid
 *
 * Flows made under it go on until they are idle.
 *
 * Context: RTNL. Cannot fail.
 */
void srp_sid_remove(struct srp_net *sn, struct srp_sid *sid)
{
	srp_sid_publish(sn, sid->label, NULL);
	list_del_rcu(&sid->node);
	srp_sid_count_users(sid, -1);
	call_rcu(&sid->rcu, srp_sid_free);
}

/**
 * srp_sid_matches() - is a sid already as the user wants it?
 * @sid: the sid
 * @cfg: what the user wants
 *
 * Return: true if there is nothing to change.
 */
bool srp_sid_matches(const struct srp_sid *sid, const struct srp_sid_cfg *cfg)
{
	int i;

	if (sid->fallback != cfg->fallback || sid->reroute != cfg->reroute ||
	    sid->n_primary != cfg->n_primary || sid->n_member != cfg->n_member)
		return false;
	for (i = 0; i < sid->n_member; i++)
		if (strcmp(sid->member[i]->vnf->cfg.name, cfg->member[i].name) ||
		    sid->member[i]->vnf->tx.leaving)
			return false;
	return true;
}

/**
 * srp_sids_free() - free the directory, when no sid is left
 * @sn: the namespace, which nobody uses any more
 */
void srp_sids_free(struct srp_net *sn)
{
	int i;

	for (i = 0; i < SRP_SID_DIR; i++)
		kvfree(rcu_dereference_protected(sn->sids[i], 1));
}

/* log2(1 + x) - x, for 0 <= x < 1 in 1/65536: x (1 - x) times what is linear in
 * x and in x (1 - x); right at both ends, with the slopes there, and in the
 * middle. Weights hang on the slope at 1: the least of many costs is near 0.
 */
static u32 srp_log2_bend(u32 x)
{
	u32 hump = ((u64)x * (65536 - x)) >> 16;

	return (hump * (29013 - (x * 10748ULL >> 16) -
			(hump * 5472ULL >> 16))) >> 16;
}

/* -log2 of a hash taken as a fraction of 2^32, in 1/65536, 0.2% off at most */
static u32 srp_neg_log2(u32 hash)
{
	u32 bits, x;

	hash |= 1;
	bits = fls(hash) - 1;
	x = bits > 16 ? hash >> (bits - 16) : hash << (16 - bits);
	x &= 0xffff;
	x += srp_log2_bend(x);
	return ((31 - bits) << 16) + 65536 - x;
}

/* Drained ones get nothing new. What a vnf with match vlan has is a stack, with
 * all its sessions: those of an instance stay there only if it keeps its share
 * of them, so it takes part for the stacks that it has.
 */
static bool srp_takes(struct srp_binding *b, const struct srp_ctx *ctx)
{
	if (!srp_vnf_usable(b->vnf))
		return false;
	return likely(!srp_vnf_draining(b->vnf)) ||
	       (b->vnf->match == SRPROXY_MATCH_VLAN && srp_vlan_holds(b, ctx));
}

/* Weighted rendezvous: the instance with the least -log(u)/weight has it
 * (Schindelhauer and Schomaker, SPAA 2005, logarithmic method).
 */
static struct srp_binding *srp_rendezvous(struct srp_binding * const *member,
					  int n, u32 hash,
					  const struct srp_ctx *ctx)
{
	struct srp_binding *best = NULL;
	u32 least_weight = 1;
	u64 least = 0;
	int i;

	for (i = 0; i < n; i++) {
		const struct srp_vnf *vnf = member[i]->vnf;
		u32 weight = READ_ONCE(vnf->weight);
		u64 cost;

		if (!srp_takes(member[i], ctx))
			continue;
		cost = srp_neg_log2(jhash_2words(hash, vnf->id_hash, 0));
		if (best && cost * least_weight >= least * weight)
			continue;
		best = member[i];
		least = cost;
		least_weight = weight;
	}
	return best;
}

/* Jiffies since an instance had a packet of a flow. */
static u32 srp_flow_age(const struct srp_flow *flow)
{
	return (u32)jiffies - READ_ONCE(flow->last_up);
}

/* Had an instance no packet of a flow since then? */
static bool srp_flow_older(const struct srp_flow *flow, unsigned long since)
{
	unsigned long now = jiffies;
	u32 age = (u32)now - READ_ONCE(flow->last_up);

	return age >= now - since;
}

/* Was the instance down since it had a packet of the flow? Then the session
 * is with another by now, if it goes on, and stays there.
 */
static bool srp_moved_on(const struct srp_vnf *vnf,
			 const struct srp_flow *flow)
{
	return srp_flow_older(flow, READ_ONCE(vnf->down_at));
}

/* The flow of a key that an instance has, or NULL; the key's vnf is
 * overwritten.
 */
static const struct srp_flow *srp_held_flow(struct srp_net *sn,
					    const struct srp_vnf *vnf,
					    struct srp_key *key)
{
	const struct srp_flow *flow;

	key->vnf = vnf->id;
	flow = srp_flow_find(sn, key);
	if (!flow || srp_flow_expired(sn, flow) || srp_moved_on(vnf, flow))
		return NULL;
	return flow;
}

/* Has an instance had packets of the flow since it is one of the sid's? Then
 * the flow is nowhere else.
 */
static bool srp_holds_flow(struct srp_net *sn, const struct srp_binding *b,
			   struct srp_key *key)
{
	const struct srp_flow *flow = srp_held_flow(sn, b->vnf, key);

	return flow && !srp_flow_older(flow, READ_ONCE(b->joined));
}

/**
 * struct srp_session - the search for the instance that a session is at
 * @sn: the namespace
 * @key: of the flow; its vnf is overwritten
 * @reverse: of the other direction; likewise
 * @at: the instance that had the latest packet, so far, or NULL
 * @age: of that packet, jiffies
 */
struct srp_session {
	struct srp_net *sn;
	struct srp_key key;
	struct srp_key reverse;
	struct srp_binding *at;
	u32 age;
};

static void srp_session_seen(struct srp_session *s, struct srp_binding *b,
			     const struct srp_flow *flow)
{
	u32 age;

	if (!flow)
		return;
	age = srp_flow_age(flow);
	if (s->at && age >= s->age)
		return;
	s->at = b;
	s->age = age;
}

/* The other direction of a flow is here, or, where the function has two arms,
 * at its other side.
 */
static void srp_session_look(struct srp_session *s, struct srp_binding *b)
{
	const struct srp_vnf *sibling = rcu_dereference(b->vnf->sibling);

	srp_session_seen(s, b, srp_held_flow(s->sn, b->vnf, &s->key));
	srp_session_seen(s, b, srp_held_flow(s->sn, b->vnf, &s->reverse));
	if (sibling && srp_vnf_usable(sibling))
		srp_session_seen(s, b,
				 srp_held_flow(s->sn, sibling, &s->reverse));
}

/**
 * srp_sid_holder() - the instance that a session is at
 * @sn: the namespace
 * @sid: the sid
 * @key: flow key, but for its vnf
 *
 * A flow stays where it is until its instance is down, and both directions
 * meet the same stateful function: that which has the flow, else that which
 * had the latest packet of either direction. An instance that left the sid
 * and came back has flows that went elsewhere meanwhile.
 *
 * Context: softirq, RCU read-side.
 * Return: the binding, or NULL if none that can serve has either.
 */
struct srp_binding *srp_sid_holder(struct srp_net *sn,
				   const struct srp_sid *sid,
				   const struct srp_key *key)
{
	struct srp_session s = { .sn = sn, .key = *key };
	int i;

	srp_key_reverse(key, &s.reverse);
	for (i = 0; i < sid->n_member; i++) {
		struct srp_binding *b = sid->member[i];

		if (!srp_vnf_usable(b->vnf))
			continue;
		if (srp_holds_flow(sn, b, &s.key))
			return b;
		srp_session_look(&s, b);
	}
	return s.at;
}

/**
 * srp_sid_select_any() - pick the instance that serves a packet
 * @ctx: the packet; the vnf of its key is overwritten
 * @sid: the label that was popped
 *
 * Context: softirq, RCU read-side.
 * Return: the binding, or NULL if no instance can serve.
 */
struct srp_binding *srp_sid_select_any(struct srp_ctx *ctx,
				       const struct srp_sid *sid)
{
	struct srp_net *sn = ctx->sn;
	struct srp_key *key = &ctx->key;
	struct srp_binding *b;
	u32 hash;

	hash = srp_key_select_hash(key, &sn->hash_key);
	b = srp_rendezvous(sid->member, sid->n_primary, hash, ctx) ?:
	    srp_rendezvous(sid->member + sid->n_primary,
			   sid->n_member - sid->n_primary, hash, ctx);
	if (b && srp_holds_flow(sn, b, key))
		return b;
	return srp_sid_holder(sn, sid, key) ?: b;
}

/**
 * srp_sid_leads_to() - can a sid lead to a vnf?
 * @sid: the sid
 * @vnf: the vnf
 *
 * Return: true if the vnf is among its instances.
 */
bool srp_sid_leads_to(const struct srp_sid *sid, const struct srp_vnf *vnf)
{
	int i;

	for (i = 0; i < sid->n_member; i++)
		if (sid->member[i]->vnf == vnf)
			return true;
	return false;
}
