// SPDX-License-Identifier: GPL-2.0-only
/* What all attachments that are not a plain device have in common. */
#include <linux/jhash.h>

#include "app.h"
#include "attach.h"
#include "core.h"
#include "sid.h"
#include "verdict.h"
#include "vnf.h"
#include "wire.h"

/* By &enum srproxy_vnf_type; NULL: a plain device, or none of this module. */
static const struct srp_attach_ops * const srp_attach_kinds[] = {
	[SRPROXY_VNF_TYPE_UDP] = &srp_udp_ops,
	[SRPROXY_VNF_TYPE_TCP] = &srp_tcp_ops,
	[SRPROXY_VNF_TYPE_UNIX] = &srp_unix_ops,
	[SRPROXY_VNF_TYPE_APP] = &srp_app_ops,
};

/**
 * srp_attach_ops() - what a kind of attachment does
 * @type: &enum srproxy_vnf_type
 *
 * Return: its operations; NULL for a plain device.
 */
const struct srp_attach_ops *srp_attach_ops(u32 type)
{
	return type < ARRAY_SIZE(srp_attach_kinds) ? srp_attach_kinds[type] :
						     NULL;
}

/**
 * srp_attach_known() - can functions be attached in this way?
 * @type: &enum srproxy_vnf_type
 *
 * Return: true if they can.
 */
bool srp_attach_known(u32 type)
{
	return type == SRPROXY_VNF_TYPE_DEV || srp_attach_ops(type);
}

/**
 * srp_attach_usable() - can a function without a usable device serve?
 * @vnf: the vnf, whose admin state is no hindrance
 *
 * Context: RCU read-side.
 * Return: true if it can.
 */
bool srp_attach_usable(const struct srp_vnf *vnf)
{
	return srp_attach_by_wire(vnf->ops) && !vnf->ops->cause(vnf);
}

/**
 * srp_attach_xmit() - hand a bare packet to a function that has no device now
 * @ctx: the packet
 * @b: the visit
 *
 * Context: softirq, RCU read-side.
 * Return: the hook's verdict.
 */
unsigned int srp_attach_xmit(struct srp_ctx *ctx, struct srp_binding *b)
{
	const struct srp_attach_ops *ops = b->vnf->ops;

	if (ops && ops->xmit)
		return ops->xmit(ctx, b);
	return srp_drop(ctx->sn, ctx->skb, SRP_DROP_vnf_down);
}

/**
 * srp_end_equal() - do two name the same end?
 * @a: one
 * @b: the other
 *
 * Return: true if they do.
 */
bool srp_end_equal(const struct srp_end *a, const struct srp_end *b)
{
	return a->port == b->port && srp_via_equal(&a->addr, &b->addr);
}

/**
 * srp_place_equal() - is a function of one kind in the same place?
 * @a: one
 * @b: the other
 *
 * Return: true if it is.
 */
bool srp_place_equal(const struct srp_place *a, const struct srp_place *b)
{
	return srp_end_equal(&a->local, &b->local) &&
	       srp_end_equal(&a->remote, &b->remote) &&
	       srp_via_equal(&a->pool, &b->pool) &&
	       a->pool_len == b->pool_len && a->tls == b->tls &&
	       !strcmp(a->path, b->path);
}

static u32 srp_end_hash(const struct srp_end *end, u32 hash)
{
	hash = jhash_1word(end->port, hash);
	if (end->addr.family == AF_INET)
		return jhash(&end->addr.addr.inet, sizeof(__be32), hash);
	if (end->addr.family == AF_INET6)
		return jhash(&end->addr.addr.inet6, sizeof(struct in6_addr),
			     hash);
	return hash;
}

/**
 * srp_place_hash() - what tells a place from others, the same on every node
 * @place: the place
 *
 * Return: a hash.
 */
u32 srp_place_hash(const struct srp_place *place)
{
	u32 hash = srp_end_hash(&place->remote, place->local.port);

	return jhash(place->path, strlen(place->path), hash);
}
