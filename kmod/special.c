// SPDX-License-Identifier: GPL-2.0-only
/*
 * Special-purpose labels, 0 to 15. Nearly no stack has one; what has goes a
 * way of its own, with its entries in memory of its own:
 *
 *	read whole	what may not be there is refused, entropy labels are
 *			blanked: they are no part of a stack's identity
 *	exposed		what stands on top after a pop has done its work here
 *	popped		through a router alert label, which stays in front
 *	put on again	each entropy label gets its value from the flow
 */
#include "core.h"
#include "sid.h"
#include "special.h"

/* May stand deeper in a stack as it is, above what follows it? Labels that
 * nobody knows may not: entries that go with them are no labels either.
 */
static bool srp_special_known(u32 label)
{
	switch (label) {
	case MPLS_LABEL_IPV4NULL:
	case MPLS_LABEL_RTALERT:
	case MPLS_LABEL_IPV6NULL:
	case MPLS_LABEL_ENTROPY:
	case MPLS_LABEL_GAL:
	case MPLS_LABEL_EXTENSION:
		return true;
	}
	return label >= MPLS_LABEL_FIRST_UNRESERVED;
}

/* Is something missing below this entry? */
static bool srp_special_cut(const __be32 *lse)
{
	if (!srp_lse_bottom(*lse))
		return srp_lse_label(*lse) == MPLS_LABEL_ENTROPY &&
		       srp_lse_special(lse[1]);
	return srp_lse_label(*lse) == MPLS_LABEL_RTALERT ||
	       srp_special_pair(*lse);
}

/**
 * srp_special_check() - judge a stack, and blank its entropy labels
 * @lse: the entries, the last with the S bit; changed
 * @n: how many
 *
 * Return: SRP_DROP_NONE; SRP_DROP_label_malformed if one is not followed by
 * what belongs to it; SRP_DROP_label_special if one may not be there.
 */
enum srp_drop srp_special_check(__be32 *lse, unsigned int n)
{
	enum srp_drop reason = SRP_DROP_NONE;
	unsigned int i;

	for (i = 0; i < n; i++) {
		u32 label = srp_lse_label(lse[i]);

		if (srp_special_cut(&lse[i]))
			return SRP_DROP_label_malformed;
		if (!srp_special_known(label))
			reason = SRP_DROP_label_special;
		if (!srp_special_pair(lse[i]))
			continue;
		i++;
		if (label == MPLS_LABEL_ENTROPY)
			lse[i] &= ~cpu_to_be32(MPLS_LS_LABEL_MASK);
	}
	return reason;
}

/* Entries that an exposed label takes away with it, 0 if it may not be. */
static u8 srp_special_weight(u32 label)
{
	switch (label) {
	case MPLS_LABEL_IPV4NULL:
	case MPLS_LABEL_IPV6NULL:
	case MPLS_LABEL_RTALERT:
		return 1;
	case MPLS_LABEL_ENTROPY:
		return 2;
	}
	return 0;
}

static u8 srp_null_family(u32 label)
{
	if (label == MPLS_LABEL_IPV4NULL)
		return AF_INET;
	return label == MPLS_LABEL_IPV6NULL ? AF_INET6 : AF_UNSPEC;
}

/**
 * srp_special_expose() - take off what is on top and has done its work
 * @ctx: a packet whose entries were checked and can be written
 * @family: AF_INET or AF_INET6 where explicit null at the bottom says that
 *	this is what follows, else AF_UNSPEC
 *
 * Explicit null gives way to what is below it (RFC 4182), an entropy label
 * goes with its indicator (RFC 6790), a router alert stays in front of what
 * follows, if anything does (RFC 3032). OAM of a path that ends here is not
 * for us (RFC 5586), nor are extended labels.
 *
 * Return: SRP_DROP_NONE or SRP_DROP_label_special.
 */
enum srp_drop srp_special_expose(struct srp_ctx *ctx, u8 *family)
{
	__be32 *lse = (__be32 *)ctx->lse;
	u8 depth = ctx->depth;
	__be32 alert = 0;

	*family = AF_UNSPEC;
	while (depth && srp_lse_special(*lse)) {
		u32 label = srp_lse_label(*lse);
		u8 weight = srp_special_weight(label);

		if (!weight || weight > depth)
			return SRP_DROP_label_special;
		if (label == MPLS_LABEL_RTALERT)
			alert = *lse;
		if (srp_lse_bottom(*lse))
			*family = srp_null_family(label);
		lse += weight;
		depth -= weight;
	}
	if (depth && alert) {
		*--lse = alert;
		depth++;
	}
	ctx->lse = lse;
	ctx->depth = depth;
	return SRP_DROP_NONE;
}

/**
 * srp_special_pop() - pop the next label, be it behind a router alert
 * @ctx: a packet whose entries were exposed and can be written
 *
 * Context: RCU read-side.
 * Return: its sid; NULL if it is not of this node.
 */
struct srp_sid *srp_special_pop(struct srp_ctx *ctx)
{
	__be32 *lse = (__be32 *)ctx->lse;
	bool alert = srp_lse_label(*lse) == MPLS_LABEL_RTALERT;
	struct srp_sid *sid;

	sid = srp_sid_lookup(ctx->sn, srp_lse_label(lse[alert]));
	if (!sid)
		return NULL;
	if (alert)
		lse[1] = lse[0];
	ctx->lse++;
	ctx->depth--;
	return sid;
}

/**
 * srp_special_top_sid() - the sid below the special labels of a packet
 * @sn: the namespace
 * @skb: packet whose network header is its first label; not changed
 *
 * Context: RCU read-side.
 * Return: the sid; NULL if the first other label is not of this node, or what
 * is above it is not for this node to take off.
 */
struct srp_sid *srp_special_top_sid(struct srp_net *sn,
				    const struct sk_buff *skb)
{
	unsigned int off = 0;
	int i;

	for (i = 0; i <= SRPROXY_STACK_MAX; i++) {
		__be32 buf, *lse;
		u8 weight;

		lse = skb_header_pointer(skb, off, sizeof(buf), &buf);
		if (!lse)
			return NULL;
		if (!srp_lse_special(*lse))
			return srp_sid_lookup(sn, srp_lse_label(*lse));
		weight = srp_special_weight(srp_lse_label(*lse));
		if (!weight || srp_lse_bottom(*lse))
			return NULL;
		off += weight * SRP_LSE_LEN;
	}
	return NULL;
}

/* What is popped here may have a TTL of its own. */
static __be32 srp_special_cap(__be32 lse, u8 ttl)
{
	return (lse & ~cpu_to_be32(MPLS_LS_TTL_MASK)) | cpu_to_be32(ttl);
}

/**
 * srp_special_take() - take the labels of a packet that came in, the top one
 *	of this node popped
 * @ctx: the packet, whole; its entries are in @room then, what remains of them
 *	exposed
 * @labels: as they were read; what stood above the one that was popped is
 *	gone from it
 * @room: SRP_LSES_MAX entries
 * @family: see srp_special_expose()
 *
 * Context: RCU read-side.
 * Return: SRP_DROP_NONE, SRP_DROP_label_malformed or SRP_DROP_label_special.
 */
enum srp_drop srp_special_take(struct srp_ctx *ctx, struct srp_labels *labels,
			       __be32 *room, u8 *family)
{
	u8 ttl = srp_lse_ttl(labels->top);
	enum srp_drop reason;

	memcpy(room, ctx->skb->data, (labels->depth + 1) * SRP_LSE_LEN);
	ctx->lse = room;
	ctx->depth = labels->depth + 1;
	reason = srp_special_check(room, ctx->depth);
	if (!reason)
		reason = srp_special_expose(ctx, family);
	if (reason)
		return reason;
	if (!ctx->depth)
		return SRP_DROP_label_special;
	labels->top = ctx->lse[srp_lse_special(ctx->lse[0])];
	if (!READ_ONCE(ctx->sn->uniform))
		ttl = min(ttl, srp_lse_ttl(labels->top));
	labels->top = srp_special_cap(labels->top, ttl);
	if (!srp_special_pop(ctx))
		return SRP_DROP_label_special;
	reason = srp_special_expose(ctx, family);
	labels->depth = ctx->depth;
	if (ctx->depth)
		labels->next = ctx->lse[0];
	return reason;
}

/**
 * srp_special_entropy() - the entropy label of a flow
 * @hash: of its key
 *
 * Return: a label that is no special-purpose one, always the same.
 */
u32 srp_special_entropy(u32 hash)
{
	return MPLS_LABEL_FIRST_UNRESERVED +
	       reciprocal_scale(hash, SRPROXY_LABEL_MAX + 1 -
				      MPLS_LABEL_FIRST_UNRESERVED);
}

/**
 * srp_special_fill() - the entries that go on a packet
 * @ctx: the packet
 * @lse: filled in, as many as it has
 *
 * TTL of an entropy label is 0, lest it be taken for one to forward by
 * (RFC 6790, section 4.2).
 */
void srp_special_fill(const struct srp_ctx *ctx, __be32 *lse)
{
	__be32 rest = srp_lse_rest(ctx->tc, ctx->ttl);
	u8 i;

	for (i = 0; i < ctx->depth; i++) {
		lse[i] = (ctx->lse[i] & SRP_LSE_ID) | rest;
		if (!srp_special_pair(ctx->lse[i]) || i + 1 == ctx->depth)
			continue;
		i++;
		lse[i] = (ctx->lse[i] & SRP_LSE_ID) | rest;
		if (srp_lse_label(ctx->lse[i - 1]) == MPLS_LABEL_ENTROPY)
			lse[i] = srp_lse_id(srp_special_entropy(ctx->key.hash),
					    srp_lse_bottom(ctx->lse[i])) |
				 srp_lse_rest(ctx->tc, 0);
	}
}
