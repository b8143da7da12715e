// SPDX-License-Identifier: GPL-2.0-or-later
/* All that is counted, at one moment: for top and for OpenMetrics. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sample.h"

/* One more element of an array, zeroed; NULL if there is no memory. */
static void *grow(struct sample *sample, void **array, size_t *n, size_t size)
{
	char *more = realloc(*array, (*n + 1) * size);

	if (!more) {
		sample->failed = true;
		return NULL;
	}
	*array = more;
	return memset(more + (*n)++ * size, 0, size);
}

static struct sample_uplink *add_uplink(struct sample *sample)
{
	return grow(sample, (void **)&sample->uplink, &sample->n_uplink,
		    sizeof(*sample->uplink));
}

static struct sample_vnf *add_vnf(struct sample *sample)
{
	return grow(sample, (void **)&sample->vnf, &sample->n_vnf,
		    sizeof(*sample->vnf));
}

static struct sample_sid *add_sid(struct sample *sample)
{
	return grow(sample, (void **)&sample->sid, &sample->n_sid,
		    sizeof(*sample->sid));
}

static struct sample_drop *add_drop(struct sample *sample)
{
	return grow(sample, (void **)&sample->drop, &sample->n_drop,
		    sizeof(*sample->drop));
}

static void take_text(char *to, size_t room, const struct nlattr *attr)
{
	snprintf(to, room, "%s", nl_str(attr));
}

static void take_uplink(struct sample *sample, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_UPLINK_MAX + 1];
	struct sample_uplink *up = add_uplink(sample);

	if (!up)
		return;
	nl_parse(nlh, tb, SRPROXY_A_UPLINK_MAX);
	take_text(up->dev, sizeof(up->dev), tb[SRPROXY_A_UPLINK_DEV]);
	up->state = nl_num(tb[SRPROXY_A_UPLINK_STATE]);
	up->counters = counters_read(tb[SRPROXY_A_UPLINK_STATS]);
}

static struct sample_optional optional(const struct nlattr *attr)
{
	return (struct sample_optional){ attr, nl_num(attr) };
}

static void take_vnf(struct sample *sample, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];
	struct sample_vnf *vnf = add_vnf(sample);

	if (!vnf)
		return;
	nl_parse(nlh, tb, SRPROXY_A_VNF_MAX);
	take_text(vnf->name, sizeof(vnf->name), tb[SRPROXY_A_VNF_NAME]);
	take_text(vnf->dev, sizeof(vnf->dev), tb[SRPROXY_A_VNF_DEV]);
	take_text(vnf->in, sizeof(vnf->in), tb[SRPROXY_A_VNF_IN]);
	vnf->id = nl_num(tb[SRPROXY_A_VNF_ID]);
	vnf->type = nl_num(tb[SRPROXY_A_VNF_TYPE]);
	vnf->match = nl_num(tb[SRPROXY_A_VNF_MATCH]);
	vnf->state = nl_num(tb[SRPROXY_A_VNF_STATE]);
	vnf->admin = nl_num(tb[SRPROXY_A_VNF_ADMIN]);
	vnf->flows = nl_num(tb[SRPROXY_A_VNF_FLOWS]);
	vnf->counters = counters_read(tb[SRPROXY_A_VNF_STATS]);
	vnf->queued = optional(tb[SRPROXY_A_VNF_QUEUED]);
	vnf->probes_sent = optional(tb[SRPROXY_A_VNF_PROBE_SENT]);
	vnf->probes_answered = optional(tb[SRPROXY_A_VNF_PROBE_ANSWERED]);
	vnf->latency = latency_read(tb[SRPROXY_A_VNF_LATENCY]);
}

static void take_member(struct sample *sample, uint32_t label,
			const struct nlattr *nest)
{
	const struct nlattr *tb[SRPROXY_A_MEMBER_MAX + 1];
	struct sample_sid *sid = add_sid(sample);

	if (!sid)
		return;
	nl_parse_nested(nest, tb, SRPROXY_A_MEMBER_MAX);
	sid->label = label;
	take_text(sid->vnf, sizeof(sid->vnf), tb[SRPROXY_A_MEMBER_VNF]);
	sid->backup = tb[SRPROXY_A_MEMBER_BACKUP];
	sid->counters = counters_read(tb[SRPROXY_A_MEMBER_STATS]);
}

static void take_sid(struct sample *sample, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_SID_MAX + 1], *attr;

	nl_parse(nlh, tb, SRPROXY_A_SID_MAX);
	nl_for_each(attr, nlh)
	{
		if (mnl_attr_get_type(attr) != SRPROXY_A_SID_MEMBER)
			continue;
		take_member(sample, nl_num(tb[SRPROXY_A_SID_LABEL]), attr);
	}
}

static void take_drop(struct sample *sample, const struct nlattr *nest)
{
	const struct nlattr *tb[SRPROXY_A_DROP_MAX + 1];
	struct sample_drop *drop = add_drop(sample);

	if (!drop)
		return;
	nl_parse_nested(nest, tb, SRPROXY_A_DROP_MAX);
	take_text(drop->name, sizeof(drop->name), tb[SRPROXY_A_DROP_NAME]);
	drop->packets = nl_num(tb[SRPROXY_A_DROP_PACKETS]);
	sample->totals.drops += drop->packets;
}

static void take_stats(struct sample *sample, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_STATS_MAX + 1], *attr;

	nl_parse(nlh, tb, SRPROXY_A_STATS_MAX);
	sample->totals = (struct sample_totals){
		.flows = nl_num(tb[SRPROXY_A_STATS_FLOWS]),
		.flows_created = nl_num(tb[SRPROXY_A_STATS_FLOWS_CREATED]),
		.flows_expired = nl_num(tb[SRPROXY_A_STATS_FLOWS_EXPIRED]),
		.flows_evicted = nl_num(tb[SRPROXY_A_STATS_FLOWS_EVICTED]),
		.flow_size = nl_num(tb[SRPROXY_A_STATS_FLOW_SIZE]),
		.icmp_sent = nl_num(tb[SRPROXY_A_STATS_ICMP_SENT]),
		.icmp_suppressed = nl_num(tb[SRPROXY_A_STATS_ICMP_SUPPRESSED]),
	};
	nl_for_each(attr, nlh)
	{
		if (mnl_attr_get_type(attr) != SRPROXY_A_STATS_DROP)
			continue;
		take_drop(sample, attr);
	}
}

/**
 * sample_add - read an answer of the kernel
 * @sample: what there is already
 * @nlh: counters of the namespace, an uplink, a label or a function
 */
void sample_add(struct sample *sample, const struct nlmsghdr *nlh)
{
	switch (nl_cmd(nlh)) {
	case SRPROXY_CMD_STATS_GET:
		take_stats(sample, nlh);
		break;
	case SRPROXY_CMD_UPLINK_GET:
		take_uplink(sample, nlh);
		break;
	case SRPROXY_CMD_SID_GET:
		take_sid(sample, nlh);
		break;
	case SRPROXY_CMD_VNF_GET:
		take_vnf(sample, nlh);
		break;
	}
}

static void take_answer(const struct nlmsghdr *nlh, void *data)
{
	sample_add(data, nlh);
}

static int ask(struct ctl *ctl, struct sample *sample, uint8_t cmd, bool dump)
{
	struct nl_req req;
	struct nl_err err;
	int ret;

	nl_req_init(&req, cmd);
	ret = dump ? nl_dump_stable(&ctl->nl, &req, take_answer, sample, &err) :
		     nl_call(&ctl->nl, &req, take_answer, sample, &err);
	nl_req_free(&req);
	return ret < 0 ? report_kernel(&err) : RC_DONE;
}

/**
 * sample_take - read all counters
 * @ctl: this run
 * @sample: overwritten; to be freed, also on failure
 *
 * Return: RC_DONE, or what was reported.
 */
int sample_take(struct ctl *ctl, struct sample *sample)
{
	struct timespec now;
	int rc;

	*sample = (struct sample){ 0 };
	rc = ctl_connect(ctl);
	if (rc)
		return rc;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sample->ns = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	rc = ask(ctl, sample, SRPROXY_CMD_STATS_GET, false);
	if (!rc)
		rc = ask(ctl, sample, SRPROXY_CMD_UPLINK_GET, true);
	if (!rc)
		rc = ask(ctl, sample, SRPROXY_CMD_SID_GET, true);
	if (!rc)
		rc = ask(ctl, sample, SRPROXY_CMD_VNF_GET, true);
	if (!rc && sample->failed)
		rc = report_usage("there is no memory.");
	return rc;
}

/**
 * sample_free - free what a sample holds
 * @sample: the sample
 */
void sample_free(struct sample *sample)
{
	free(sample->uplink);
	free(sample->vnf);
	free(sample->sid);
	free(sample->drop);
	*sample = (struct sample){ 0 };
}
