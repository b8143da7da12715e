// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vnf set of what a vnf's flows are kept by: the kernel changes that only by
 * another vnf in the place of the first, which a transaction can do. So the
 * configuration is read, the vnf changed in it, and put back as apply does.
 */

#include <string.h>

#include "replace.h"
#include "txn.h"

#define TRIES 5
#define WHOLE "the configuration"

/**
 * replace_needed - does a change take another vnf?
 * @set: the request of vnf set
 *
 * Return: true if it says how flows are kept.
 */
bool replace_needed(const struct nl_req *set)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];

	if (set->failed)
		return false;
	nl_parse(set->nlh, tb, SRPROXY_A_VNF_MAX);
	return tb[SRPROXY_A_VNF_MATCH] || tb[SRPROXY_A_VNF_INNER];
}

/* Is what there is, of one type, changed by what is set? */
static bool gives_way(uint16_t type, const struct nlattr **set)
{
	const struct nlattr *probe = set[SRPROXY_A_VNF_PROBE];

	switch (type) {
	case SRPROXY_A_VNF_VLAN_FIRST:
	case SRPROXY_A_VNF_VLAN_LAST:
	case SRPROXY_A_VNF_LABELS:
	case SRPROXY_A_VNF_OUT:
		return set[SRPROXY_A_VNF_MATCH];
	case SRPROXY_A_VNF_STEER:
		return set[SRPROXY_A_VNF_STEER] ||
		       set[SRPROXY_A_VNF_STEER_NONE];
	case SRPROXY_A_VNF_PROBE_INET:
	case SRPROXY_A_VNF_PROBE_INET6:
	case SRPROXY_A_VNF_PROBE_PORT:
		return set[SRPROXY_A_VNF_PROBE_PORT] ||
		       (probe && nl_num(probe) != SRPROXY_PROBE_INBAND);
	}
	return set[type];
}

static void copy(struct nl_req *to, const struct nl_req *from,
		 const struct nlattr *attr)
{
	uint32_t off = (const char *)attr - (const char *)from->nlh;

	nl_put(to, attr->nla_type, mnl_attr_get_payload(attr),
	       mnl_attr_get_payload_len(attr), nl_req_word(from, off));
}

/* A request that stages the vnf becomes that of the vnf as it is to be. */
static void merge(struct nl_req *staged, const struct nl_req *set)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1], *attr;
	struct nl_req merged;

	nl_parse(set->nlh, tb, SRPROXY_A_VNF_MAX);
	nl_req_init(&merged, SRPROXY_CMD_VNF_NEW);
	nl_for_each(attr, staged->nlh)
	{
		if (!gives_way(mnl_attr_get_type(attr), tb))
			copy(&merged, staged, attr);
	}
	nl_for_each(attr, set->nlh) copy(&merged, set, attr);
	nl_req_free(staged);
	*staged = merged;
}

static const char *vnf_name(const struct nl_req *req)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];

	nl_parse(req->nlh, tb, SRPROXY_A_VNF_MAX);
	return nl_str(tb[SRPROXY_A_VNF_NAME]);
}

static struct nl_req *find_vnf(const struct plan *plan, const char *name)
{
	struct nl_req *req;

	for (size_t i = 0; i < plan->n; i++) {
		req = &plan->steps[i].req;
		if (!req->failed && nl_cmd(req->nlh) == SRPROXY_CMD_VNF_NEW &&
		    !strcmp(vnf_name(req), name))
			return req;
	}
	return NULL;
}

/* There is no such vnf, which is for the kernel to say. */
static int refuse(struct ctl *ctl, struct nl_req *set, bool *moved)
{
	struct nl_err err;

	txn_abort(ctl);
	if (nl_call(&ctl->nl, set, NULL, NULL, &err))
		return report_kernel(&err);
	*moved = true;
	return RC_REFUSED;
}

/* The present configuration, with the vnf as it is to be. */
static int plan_change(struct ctl *ctl, struct plan *plan, struct nl_req *set,
		       bool *moved)
{
	struct json_object *root;
	struct nl_req *staged;
	int rc;

	rc = save_take(ctl, &root);
	if (!rc)
		rc = plan_json(plan, WHOLE, root);
	if (rc)
		return rc;
	staged = find_vnf(plan, vnf_name(set));
	if (!staged)
		return refuse(ctl, set, moved);
	merge(staged, set);
	return RC_DONE;
}

static int try_replace(struct ctl *ctl, struct nl_req *set, bool *moved)
{
	struct plan plan = { 0 };
	int rc;

	*moved = false;
	rc = txn_begin(ctl);
	if (rc)
		return rc;
	rc = plan_change(ctl, &plan, set, moved);
	if (!rc)
		rc = txn_run(ctl, &plan, moved);
	else
		txn_abort(ctl);
	plan_free(&plan);
	return rc;
}

/**
 * replace_vnf - change a vnf by another one in its place
 * @ctl: this run
 * @set: the request of vnf set, which is freed
 *
 * Return: RC_DONE, or what was reported.
 */
int replace_vnf(struct ctl *ctl, struct nl_req *set)
{
	bool moved = true;
	int rc = RC_DONE;

	for (int try = 0; try < TRIES && moved; try++)
		rc = try_replace(ctl, set, &moved);
	if (moved)
		rc = report_refused("the configuration never stands still.");
	nl_req_free(set);
	return rc;
}
