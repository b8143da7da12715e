// SPDX-License-Identifier: GPL-2.0-or-later
/* The rates of one interval as tables. */

#include <string.h>

#include "names.h"
#include "rates.h"

#define CELL 16

/* Three digits and a prefix: 12.3, 4.56k; a whole number as it is. */
static const char *scaled(double value, char text[CELL])
{
	static const char prefixes[] = " kMGTPE";
	size_t i = 0;

	while (value >= 999.5 && i + 2 < sizeof(prefixes)) {
		value /= 1000;
		i++;
	}
	if (!i && value == (int)value)
		snprintf(text, CELL, "%d", (int)value);
	else
		snprintf(text, CELL, "%.*f%.*s",
			 value < 9.995 ? 2 :
			 value < 99.95 ? 1 :
					 0,
			 value, i ? 1 : 0, prefixes + i);
	return text;
}

static const char *duration(uint64_t ns, bool known, char text[CELL])
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = ns;
	size_t i = 0;

	if (!known)
		return "-";
	while (value >= 999.5 && i + 1 < ARRAY_SIZE(units)) {
		value /= 1000;
		i++;
	}
	snprintf(text, CELL, "%.*f%s",
		 !i || value >= 99.95 ? 0 :
		 value < 9.995	      ? 2 :
					1,
		 value, units[i]);
	return text;
}

static const char *percent(const struct latency *l, char text[CELL])
{
	if (!l->count && !l->lost)
		return "-";
	snprintf(text, CELL, "%.1f%%", 100 * latency_loss(l));
	return text;
}

static void put_rate(FILE *file, struct rate rate)
{
	char packets[CELL], bits[CELL];

	fprintf(file, " %6s %6s", scaled(rate.packets, packets),
		scaled(rate.bytes * 8, bits));
}

static void put_head(FILE *file, const struct rates *r)
{
	const struct sample_totals *then = &r->then->totals;
	const struct sample_totals *now = &r->now->totals;
	char created[CELL], expired[CELL], drops[CELL];

	fprintf(file,
		"flows %llu, %s/s made, %s/s expired; %s/s packets dropped; over %.1f s\n",
		(unsigned long long)now->flows,
		scaled(rates_of(r, then->flows_created, now->flows_created),
		       created),
		scaled(rates_of(r, then->flows_expired, now->flows_expired),
		       expired),
		scaled(rates_of(r, then->drops, now->drops), drops),
		rates_seconds(r));
}

/* Only what has dropped anything in the interval. */
static void put_drops(FILE *file, const struct rates *r)
{
	char text[CELL];

	for (size_t i = 0; i < r->now->n_drop; i++) {
		const struct sample_drop *now = &r->now->drop[i];
		uint64_t then = 0;
		double rate;

		if (i < r->then->n_drop &&
		    !strcmp(r->then->drop[i].name, now->name))
			then = r->then->drop[i].packets;
		rate = rates_of(r, then, now->packets);
		if (rate > 0)
			fprintf(file, "  %-20s %9s/s\n", now->name,
				scaled(rate, text));
	}
}

static void put_uplinks(FILE *file, const struct rates *r)
{
	fprintf(file, "\n%-15s %-5s %6s %6s %6s %6s\n", "UPLINK", "STATE",
		"RX/s", "bit/s", "TX/s", "bit/s");
	for (size_t i = 0; i < r->now->n_uplink; i++) {
		const struct sample_uplink *up = &r->now->uplink[i];
		struct counters then = rates_uplink_then(r, up);

		fprintf(file, "%-15s %-5s", up->dev,
			name_of(state_names, up->state));
		put_rate(file, rates_rx(r, &then, &up->counters));
		put_rate(file, rates_tx(r, &then, &up->counters));
		fputc('\n', file);
	}
}

static void put_sids(FILE *file, const struct rates *r)
{
	fprintf(file, "\n%-8s %-12s %6s %6s\n", "SID", "VNF", "TO/s", "bit/s");
	for (size_t i = 0; i < r->now->n_sid; i++) {
		const struct sample_sid *sid = &r->now->sid[i];
		struct counters then = rates_sid_then(r, sid);

		fprintf(file, "%-8u %-12s", sid->label, sid->vnf);
		put_rate(file, rates_tx(r, &then, &sid->counters));
		fputs(sid->backup ? " backup\n" : "\n", file);
	}
}

static const char *state_of(const struct sample_vnf *vnf)
{
	if (vnf->state == SRPROXY_STATE_UP && vnf->admin == SRPROXY_ADMIN_DRAIN)
		return "drain";
	return name_of(state_names, vnf->state);
}

static void put_vnf(FILE *file, const struct rates *r,
		    const struct sample_vnf *vnf)
{
	const struct sample_vnf *then = rates_vnf_then(r, vnf);
	struct latency l = latency_since(&vnf->latency, &then->latency);
	char loss[CELL], p50[CELL], p99[CELL], flows[CELL];

	fprintf(file, "%-15s %-5s %5s", vnf->name, state_of(vnf),
		scaled(vnf->flows, flows));
	put_rate(file, rates_tx(r, &then->counters, &vnf->counters));
	put_rate(file, rates_rx(r, &then->counters, &vnf->counters));
	fprintf(file, " %6s %6s %6s\n", percent(&l, loss),
		duration(latency_quantile(&l, 0.5), l.count, p50),
		duration(latency_quantile(&l, 0.99), l.count, p99));
}

/**
 * rates_print_text - print the rates as tables
 * @file: where to
 * @r: the samples
 */
void rates_print_text(FILE *file, const struct rates *r)
{
	put_head(file, r);
	put_drops(file, r);
	put_uplinks(file, r);
	put_sids(file, r);
	fprintf(file, "\n%-15s %-5s %5s %6s %6s %6s %6s %6s %6s %6s\n", "VNF",
		"STATE", "FLOWS", "TO/s", "bit/s", "FROM/s", "bit/s", "LOSS",
		"p50", "p99");
	for (size_t i = 0; i < r->now->n_vnf; i++)
		put_vnf(file, r, &r->now->vnf[i]);
}
