// SPDX-License-Identifier: GPL-2.0-or-later
/* The rates of one interval as JSON. */

#include "names.h"
#include "rates.h"

static void print_rate(struct out *out, const char *packets, const char *bytes,
		       struct rate rate)
{
	out_real(out, packets, NULL, rate.packets);
	out_real(out, bytes, NULL, rate.bytes);
}

static void print_uplinks(struct out *out, const struct rates *r)
{
	out_array_open(out, "uplink");
	for (size_t i = 0; i < r->now->n_uplink; i++) {
		const struct sample_uplink *up = &r->now->uplink[i];
		struct counters then = rates_uplink_then(r, up);

		out_object_open(out, NULL);
		out_str(out, "dev", NULL, up->dev);
		out_str(out, "state", NULL, name_of(state_names, up->state));
		print_rate(out, "rx_packets_per_s", "rx_bytes_per_s",
			   rates_rx(r, &then, &up->counters));
		print_rate(out, "tx_packets_per_s", "tx_bytes_per_s",
			   rates_tx(r, &then, &up->counters));
		out_object_close(out);
	}
	out_array_close(out);
}

static void print_members(struct out *out, const struct rates *r, size_t first,
			  size_t end)
{
	out_array_open(out, "members");
	for (size_t i = first; i < end; i++) {
		const struct sample_sid *sid = &r->now->sid[i];
		struct counters then = rates_sid_then(r, sid);

		out_object_open(out, NULL);
		out_str(out, "vnf", NULL, sid->vnf);
		print_rate(out, "packets_per_s", "bytes_per_s",
			   rates_tx(r, &then, &sid->counters));
		out_object_close(out);
	}
	out_array_close(out);
}

/* Elements @first to @end less one of the sample are of one label. */
static void print_sid(struct out *out, const struct rates *r, size_t first,
		      size_t end)
{
	struct rate sum = { 0 };

	for (size_t i = first; i < end; i++) {
		const struct sample_sid *sid = &r->now->sid[i];
		struct counters then = rates_sid_then(r, sid);
		struct rate rate = rates_tx(r, &then, &sid->counters);

		sum.packets += rate.packets;
		sum.bytes += rate.bytes;
	}
	out_object_open(out, NULL);
	out_num(out, "label", NULL, r->now->sid[first].label);
	print_rate(out, "packets_per_s", "bytes_per_s", sum);
	print_members(out, r, first, end);
	out_object_close(out);
}

static void print_sids(struct out *out, const struct rates *r)
{
	const struct sample *now = r->now;
	size_t first = 0;

	out_array_open(out, "sid");
	for (size_t i = 1; i <= now->n_sid; i++) {
		if (i < now->n_sid &&
		    now->sid[i].label == now->sid[first].label)
			continue;
		print_sid(out, r, first, i);
		first = i;
	}
	out_array_close(out);
}

static void print_latency(struct out *out, const struct latency *latency)
{
	out_object_open(out, "latency_ns");
	out_num(out, "count", NULL, latency->count);
	out_num(out, "p50", NULL, latency_quantile(latency, 0.5));
	out_num(out, "p99", NULL, latency_quantile(latency, 0.99));
	out_object_close(out);
	out_num(out, "lost", NULL, latency->lost);
	out_real(out, "loss", NULL, latency_loss(latency));
}

static void print_vnfs(struct out *out, const struct rates *r)
{
	out_array_open(out, "vnf");
	for (size_t i = 0; i < r->now->n_vnf; i++) {
		const struct sample_vnf *vnf = &r->now->vnf[i];
		const struct sample_vnf *then = rates_vnf_then(r, vnf);
		struct latency latency =
			latency_since(&vnf->latency, &then->latency);

		out_object_open(out, NULL);
		out_str(out, "name", NULL, vnf->name);
		out_str(out, "state", NULL, name_of(state_names, vnf->state));
		out_str(out, "admin", NULL, name_of(admin_names, vnf->admin));
		out_num(out, "flows", NULL, vnf->flows);
		print_rate(out, "to_vnf_packets_per_s", "to_vnf_bytes_per_s",
			   rates_tx(r, &then->counters, &vnf->counters));
		print_rate(out, "from_vnf_packets_per_s",
			   "from_vnf_bytes_per_s",
			   rates_rx(r, &then->counters, &vnf->counters));
		print_latency(out, &latency);
		out_object_close(out);
	}
	out_array_close(out);
}

/**
 * rates_print_json - print the rates as one object
 * @out: the output, of JSON
 * @r: the samples
 */
void rates_print_json(struct out *out, const struct rates *r)
{
	const struct sample_totals *then = &r->then->totals;
	const struct sample_totals *now = &r->now->totals;

	out_item_open(out);
	out_real(out, "interval", NULL, rates_seconds(r));
	out_num(out, "flows", NULL, now->flows);
	out_real(out, "flows_created_per_s", NULL,
		 rates_of(r, then->flows_created, now->flows_created));
	out_real(out, "drops_per_s", NULL,
		 rates_of(r, then->drops, now->drops));
	print_uplinks(out, r);
	print_sids(out, r);
	print_vnfs(out, r);
	out_item_close(out);
}
