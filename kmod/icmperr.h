/* SPDX-License-Identifier: GPL-2.0-only */
/* ICMP errors: finding the session that they are about. */
#ifndef SRP_ICMPERR_H
#define SRP_ICMPERR_H

struct srp_binding;
struct srp_ctx;
struct srp_flow;
struct srp_sid;
struct srp_vnf;

struct srp_flow *srp_icmperr_flow(const struct srp_vnf *vnf,
				  const struct srp_ctx *ctx);
struct srp_binding *srp_icmperr_select(const struct srp_ctx *ctx,
				       const struct srp_sid *sid,
				       struct srp_binding *b);

#endif
