// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * render: what the kernel answered, as netlink messages made here octet by octet,
 * is read and shown; the output goes to stdout, for run.sh to compare.
 *
 *	render { metrics | text | json | quantiles }
 */

#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "../srproxyctl/openmetrics.h"
#include "../srproxyctl/rates.h"

#define SECOND 1000000000

/**
 * struct answer - a message being made
 * @nlh: the message, at the beginning of @room
 * @room: its octets
 */
struct answer {
	struct nlmsghdr *nlh;
	char room[8192];
};

static void begin(struct answer *a, uint8_t cmd)
{
	struct genlmsghdr *genl;

	memset(a, 0, sizeof(*a));
	a->nlh = mnl_nlmsg_put_header(a->room);
	genl = mnl_nlmsg_put_extra_header(a->nlh, sizeof(*genl));
	genl->cmd = cmd;
}

static void put_counters(struct answer *a, uint16_t type, uint64_t n)
{
	struct nlattr *nest = mnl_attr_nest_start(a->nlh, type);

	mnl_attr_put_u64(a->nlh, SRPROXY_A_COUNTERS_RX_PACKETS, n);
	mnl_attr_put_u64(a->nlh, SRPROXY_A_COUNTERS_RX_BYTES, 100 * n);
	mnl_attr_put_u64(a->nlh, SRPROXY_A_COUNTERS_TX_PACKETS, 2 * n);
	mnl_attr_put_u64(a->nlh, SRPROXY_A_COUNTERS_TX_BYTES, 200 * n);
	mnl_attr_put_u64(a->nlh, SRPROXY_A_COUNTERS_MISS, n / 10);
	mnl_attr_nest_end(a->nlh, nest);
}

/* 3/4 of @n samples in bucket 10 (1 to 2 us), the rest in bucket 20 (1 to 2 ms) */
static void put_latency(struct answer *a, uint64_t n)
{
	struct nlattr *nest =
		mnl_attr_nest_start(a->nlh, SRPROXY_A_VNF_LATENCY);
	uint64_t buckets[SRPROXY_LATENCY_BUCKETS] = { 0 };

	buckets[10] = n - n / 4;
	buckets[20] = n / 4;
	mnl_attr_put_u64(a->nlh, SRPROXY_A_LATENCY_COUNT, n);
	mnl_attr_put_u64(a->nlh, SRPROXY_A_LATENCY_SUM, n * 400000);
	mnl_attr_put_u64(a->nlh, SRPROXY_A_LATENCY_LONGEST, 1500000);
	mnl_attr_put_u64(a->nlh, SRPROXY_A_LATENCY_LOST, n / 10);
	mnl_attr_put(a->nlh, SRPROXY_A_LATENCY_BUCKETS, sizeof(buckets),
		     buckets);
	mnl_attr_nest_end(a->nlh, nest);
}

static void answer_uplink(struct sample *sample, uint64_t n)
{
	struct answer a;

	begin(&a, SRPROXY_CMD_UPLINK_GET);
	mnl_attr_put_strz(a.nlh, SRPROXY_A_UPLINK_DEV, "eth0");
	mnl_attr_put_u32(a.nlh, SRPROXY_A_UPLINK_STATE, SRPROXY_STATE_UP);
	put_counters(&a, SRPROXY_A_UPLINK_STATS, n);
	sample_add(sample, a.nlh);
}

static void answer_vnf(struct sample *sample, const char *name, uint32_t id,
		       uint64_t n)
{
	struct answer a;

	begin(&a, SRPROXY_CMD_VNF_GET);
	mnl_attr_put_strz(a.nlh, SRPROXY_A_VNF_NAME, name);
	mnl_attr_put_u32(a.nlh, SRPROXY_A_VNF_ID, id);
	mnl_attr_put_strz(a.nlh, SRPROXY_A_VNF_DEV, "v1");
	mnl_attr_put_strz(a.nlh, SRPROXY_A_VNF_IN, "v1");
	mnl_attr_put_u32(a.nlh, SRPROXY_A_VNF_STATE,
			 n ? SRPROXY_STATE_UP : SRPROXY_STATE_DOWN);
	mnl_attr_put_u32(a.nlh, SRPROXY_A_VNF_FLOWS, n);
	put_counters(&a, SRPROXY_A_VNF_STATS, n);
	if (n) {
		mnl_attr_put_u32(a.nlh, SRPROXY_A_VNF_QUEUED, 7);
		mnl_attr_put_u64(a.nlh, SRPROXY_A_VNF_PROBE_SENT, 3 * n);
		mnl_attr_put_u64(a.nlh, SRPROXY_A_VNF_PROBE_ANSWERED, 2 * n);
		put_latency(&a, n);
	}
	sample_add(sample, a.nlh);
}

static void answer_sid(struct sample *sample, uint64_t n)
{
	struct answer a;
	struct nlattr *nest;

	begin(&a, SRPROXY_CMD_SID_GET);
	mnl_attr_put_u32(a.nlh, SRPROXY_A_SID_LABEL, 16010);
	for (int i = 0; i < 2; i++) {
		nest = mnl_attr_nest_start(a.nlh, SRPROXY_A_SID_MEMBER);
		mnl_attr_put_strz(a.nlh, SRPROXY_A_MEMBER_VNF,
				  i ? "spare" : "f\"w\\");
		if (i)
			mnl_attr_put(a.nlh, SRPROXY_A_MEMBER_BACKUP, 0, NULL);
		put_counters(&a, SRPROXY_A_MEMBER_STATS, i ? 0 : n);
		mnl_attr_nest_end(a.nlh, nest);
	}
	sample_add(sample, a.nlh);
}

static void answer_stats(struct sample *sample, uint64_t n)
{
	struct answer a;
	struct nlattr *nest;

	begin(&a, SRPROXY_CMD_STATS_GET);
	mnl_attr_put_u64(a.nlh, SRPROXY_A_STATS_FLOWS, n);
	mnl_attr_put_u64(a.nlh, SRPROXY_A_STATS_FLOWS_CREATED, 3 * n);
	mnl_attr_put_u64(a.nlh, SRPROXY_A_STATS_FLOWS_EXPIRED, 2 * n);
	nest = mnl_attr_nest_start(a.nlh, SRPROXY_A_STATS_DROP);
	mnl_attr_put_strz(a.nlh, SRPROXY_A_DROP_NAME, "revisit");
	mnl_attr_put_u64(a.nlh, SRPROXY_A_DROP_PACKETS, n);
	mnl_attr_nest_end(a.nlh, nest);
	sample_add(sample, a.nlh);
}

/* As the kernel would answer when each counter is at about @n. */
static struct sample answered(uint64_t ns, uint64_t n)
{
	struct sample sample = { .ns = ns };

	answer_stats(&sample, n);
	answer_uplink(&sample, n);
	answer_sid(&sample, n);
	answer_vnf(&sample, "f\"w\\", 1, n);
	answer_vnf(&sample, "spare", 2, 0);
	return sample;
}

static void quantiles(const struct latency *l)
{
	static const double q[] = { 0, 0.25, 0.5, 0.75, 0.9, 0.99, 1 };

	for (size_t i = 0; i < ARRAY_SIZE(q); i++)
		printf("%g %llu\n", q[i],
		       (unsigned long long)latency_quantile(l, q[i]));
}

int main(int argc, char **argv)
{
	struct out out = { .file = stdout, .json = true };
	struct sample then = answered(SECOND, 1000);
	struct sample now = answered(3LL * SECOND, 5000);
	const struct rates rates = { &then, &now };
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "metrics"))
		openmetrics_print(stdout, &now, "ne\"t\\\n");
	else if (!strcmp(what, "text"))
		rates_print_text(stdout, &rates);
	else if (!strcmp(what, "json"))
		rates_print_json(&out, &rates);
	else if (!strcmp(what, "quantiles"))
		quantiles(&now.vnf[0].latency);
	sample_free(&then);
	sample_free(&now);
	return 0;
}
