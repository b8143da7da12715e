// SPDX-License-Identifier: GPL-2.0-only
/*
 * An ICMP error comes from anywhere along a session's way, so its addresses say
 * little; what it quotes tells the session. On the way in it makes a flow like
 * any packet, whose key has the quote in it (inner.h), and here is seen to it
 * that it goes to the session's instance. A function that passes it on returns
 * it by that key. What a function sends of its own accord is found here.
 */
#include "core.h"
#include "flow.h"
#include "icmperr.h"
#include "sid.h"
#include "special.h"
#include "vnf.h"

/* In a frame it is not looked for: there the error goes by its own key. */
static bool srp_quote_of(const struct srp_ctx *ctx, struct srp_key *quote)
{
	return srp_key_is_error(&ctx->key) && !(ctx->odd & SRP_ODD_ETHER) &&
	       srp_inner_quote(ctx->skb, ctx->outer, &ctx->sn->hash_key,
			       quote);
}

static struct srp_flow *srp_flow_of(const struct srp_vnf *vnf,
				    struct srp_key *key)
{
	struct srp_flow *flow;

	key->vnf = vnf->id;
	flow = srp_flow_find(vnf->sn, key);
	return flow && !srp_flow_expired(vnf->sn, flow) ? flow : NULL;
}

/**
 * srp_icmperr_flow() - the flow that an ICMP error from a function goes with
 * @vnf: the function's vnf, of which no flow has the packet's key
 * @ctx: the packet, which may be anything
 *
 * If the function itself answers the sender, with the stack of the way back:
 * as the reverse of what it quotes. Else as what it quotes. Either may belong
 * to the other side of a two-armed function.
 *
 * Context: softirq, RCU read-side.
 * Return: the flow; NULL if there is none, or the packet is no error.
 */
struct srp_flow *srp_icmperr_flow(const struct srp_vnf *vnf,
				  const struct srp_ctx *ctx)
{
	struct srp_key quote, reverse;
	const struct srp_vnf *sibling;
	struct srp_flow *flow;

	if (!srp_quote_of(ctx, &quote))
		return NULL;
	srp_key_reverse(&quote, &reverse);
	sibling = rcu_dereference(vnf->sibling);
	flow = srp_flow_of(vnf, &reverse);
	if (!flow && sibling)
		flow = srp_flow_of(sibling, &reverse);
	if (!flow)
		flow = srp_flow_of(vnf, &quote);
	if (!flow && sibling)
		flow = srp_flow_of(sibling, &quote);
	return flow;
}

/**
 * srp_icmperr_select() - the instance that an ICMP error goes to
 * @ctx: the packet, whose key is that of an error
 * @sid: the label that was popped
 * @b: what its own key and the session's hash lead to
 *
 * Context: softirq, RCU read-side.
 * Return: where the session is that it is about, else @b.
 */
struct srp_binding *srp_icmperr_select(const struct srp_ctx *ctx,
				       const struct srp_sid *sid,
				       struct srp_binding *b)
{
	struct srp_key quote;

	if (sid->n_member == 1 || !srp_quote_of(ctx, &quote))
		return b;
	return srp_sid_holder(ctx->sn, sid, &quote) ?: b;
}
