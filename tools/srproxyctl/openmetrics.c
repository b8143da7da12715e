// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * OpenMetrics 1.0 text. Only types that the older Prometheus format has too:
 * node-exporter's textfile collector reads that, and refuses others.
 *
 * A family is a table row: its metrics are written together, as the format
 * wants it, so each family goes over all objects.
 */

#include "names.h"
#include "openmetrics.h"
#include "utf8.h"

/* Histogram bounds: 2^10 ns (1 us) and up, the shorter ones are the first's. */
#define FIRST_BOUND 10

/**
 * struct writer - where metrics go
 * @file: the file
 * @netns: label of every metric
 * @name: of the present family
 */
struct writer {
	FILE *file;
	const char *netns;
	const char *name;
};

static void family(struct writer *w, const char *name, const char *type,
		   const char *unit, const char *help)
{
	w->name = name;
	fprintf(w->file, "# TYPE %s %s\n", name, type);
	if (unit)
		fprintf(w->file, "# UNIT %s %s\n", name, unit);
	fprintf(w->file, "# HELP %s %s\n", name, help);
}

static void put_escaped(struct writer *w, const char *value)
{
	size_t len;

	for (; *value; value += len ? len : 1) {
		len = utf8_length(value);
		if (!len) {
			fputs(UTF8_REPLACEMENT, w->file);
		} else if (*value == '\n') {
			fputs("\\n", w->file);
		} else {
			if (*value == '\\' || *value == '"')
				fputc('\\', w->file);
			fwrite(value, 1, len, w->file);
		}
	}
}

static void put_label(struct writer *w, const char *key, const char *value)
{
	fprintf(w->file, ",%s=\"", key);
	put_escaped(w, value);
	fputc('"', w->file);
}

/* Name and first label of a metric; further ones follow, then a value. */
static void begin(struct writer *w, const char *suffix)
{
	fprintf(w->file, "%s%s{netns=\"", w->name, suffix);
	put_escaped(w, w->netns);
	fputc('"', w->file);
}

static void end(struct writer *w, uint64_t value)
{
	fprintf(w->file, "} %llu\n", (unsigned long long)value);
}

/* Nanoseconds as seconds: exact, which a float would not always be. */
static void end_seconds(struct writer *w, uint64_t ns)
{
	fprintf(w->file, "} %llu.%09u\n", (unsigned long long)(ns / 1000000000),
		(unsigned int)(ns % 1000000000));
}

/* uplinks */

typedef uint64_t (*counter_of)(const struct counters *c);

static uint64_t rx_packets(const struct counters *c)
{
	return c->rx_packets;
}

static uint64_t rx_bytes(const struct counters *c)
{
	return c->rx_bytes;
}

static uint64_t tx_packets(const struct counters *c)
{
	return c->tx_packets;
}

static uint64_t tx_bytes(const struct counters *c)
{
	return c->tx_bytes;
}

static uint64_t missed(const struct counters *c)
{
	return c->miss;
}

/**
 * struct counter_family - counters of objects of one kind
 * @name: of the family
 * @unit: last word of the name
 * @help: what it counts
 * @get: the counter
 */
struct counter_family {
	const char *name;
	const char *unit;
	const char *help;
	counter_of get;
};

static const struct counter_family uplink_counters[] = {
	{ "srproxy_uplink_receive_packets", "packets",
	  "Labelled packets taken from the uplink.", rx_packets },
	{ "srproxy_uplink_receive_bytes", "bytes",
	  "Octets of inner packet taken from the uplink.", rx_bytes },
	{ "srproxy_uplink_transmit_packets", "packets",
	  "Packets of the uplink sent on with labels.", tx_packets },
	{ "srproxy_uplink_transmit_bytes", "bytes",
	  "Octets of inner packet sent on.", tx_bytes },
	{ 0 },
};

static void put_uplinks(struct writer *w, const struct sample *sample)
{
	const struct counter_family *f = uplink_counters;

	for (; f->name; f++) {
		family(w, f->name, "counter", f->unit, f->help);
		for (size_t i = 0; i < sample->n_uplink; i++) {
			begin(w, "_total");
			put_label(w, "dev", sample->uplink[i].dev);
			end(w, f->get(&sample->uplink[i].counters));
		}
	}
	family(w, "srproxy_uplink_up", "gauge", NULL,
	       "Whether the uplink can take and send packets.");
	for (size_t i = 0; i < sample->n_uplink; i++) {
		begin(w, "");
		put_label(w, "dev", sample->uplink[i].dev);
		end(w, sample->uplink[i].state == SRPROXY_STATE_UP);
	}
}

/* functions */

static const struct counter_family vnf_counters[] = {
	{ "srproxy_vnf_to_packets", "packets",
	  "Packets handed to the function.", tx_packets },
	{ "srproxy_vnf_to_bytes", "bytes",
	  "Octets of inner packet handed to the function.", tx_bytes },
	{ "srproxy_vnf_from_packets", "packets",
	  "Packets that the function returned.", rx_packets },
	{ "srproxy_vnf_from_bytes", "bytes",
	  "Octets of inner packet that the function returned.", rx_bytes },
	{ "srproxy_vnf_miss_packets", "packets",
	  "Packets of the function that no flow claims.", missed },
	{ 0 },
};

static void begin_vnf(struct writer *w, const char *suffix,
		      const struct sample_vnf *vnf)
{
	begin(w, suffix);
	put_label(w, "vnf", vnf->name);
}

static void put_vnf_counters(struct writer *w, const struct sample *sample)
{
	const struct counter_family *f = vnf_counters;

	for (; f->name; f++) {
		family(w, f->name, "counter", f->unit, f->help);
		for (size_t i = 0; i < sample->n_vnf; i++) {
			begin_vnf(w, "_total", &sample->vnf[i]);
			end(w, f->get(&sample->vnf[i].counters));
		}
	}
}

typedef struct sample_optional (*optional_of)(const struct sample_vnf *vnf);

static struct sample_optional queued(const struct sample_vnf *vnf)
{
	return vnf->queued;
}

static struct sample_optional probes_sent(const struct sample_vnf *vnf)
{
	return vnf->probes_sent;
}

static struct sample_optional probes_answered(const struct sample_vnf *vnf)
{
	return vnf->probes_answered;
}

/* Of the functions that have one. */
static void put_optional(struct writer *w, const struct sample *sample,
			 const char *suffix, optional_of get)
{
	struct sample_optional count;

	for (size_t i = 0; i < sample->n_vnf; i++) {
		count = get(&sample->vnf[i]);
		if (!count.there)
			continue;
		begin_vnf(w, suffix, &sample->vnf[i]);
		end(w, count.value);
	}
}

static void put_vnf_optional(struct writer *w, const struct sample *sample)
{
	family(w, "srproxy_vnf_queued_packets", "gauge", "packets",
	       "Packets that wait for the function's socket.");
	put_optional(w, sample, "", queued);
	family(w, "srproxy_vnf_probes_sent", "counter", NULL,
	       "Probes sent to the function.");
	put_optional(w, sample, "_total", probes_sent);
	family(w, "srproxy_vnf_probes_answered", "counter", NULL,
	       "Probes that the function answered in time.");
	put_optional(w, sample, "_total", probes_answered);
}

static void put_vnf_states(struct writer *w, const struct sample *sample)
{
	family(w, "srproxy_vnf_up", "gauge", NULL,
	       "Whether the function can serve.");
	for (size_t i = 0; i < sample->n_vnf; i++) {
		begin_vnf(w, "", &sample->vnf[i]);
		end(w, sample->vnf[i].state == SRPROXY_STATE_UP);
	}
	family(w, "srproxy_vnf_flows", "gauge", NULL,
	       "Flows through the function.");
	for (size_t i = 0; i < sample->n_vnf; i++) {
		begin_vnf(w, "", &sample->vnf[i]);
		end(w, sample->vnf[i].flows);
	}
	family(w, "srproxy_vnf_attachment", "gauge", NULL,
	       "Always 1: how the function is attached.");
	for (size_t i = 0; i < sample->n_vnf; i++) {
		const struct sample_vnf *vnf = &sample->vnf[i];

		begin_vnf(w, "", vnf);
		put_label(w, "type", name_of(type_names, vnf->type));
		put_label(w, "dev", vnf->dev);
		put_label(w, "in", vnf->in);
		put_label(w, "match", name_of(match_names, vnf->match));
		put_label(w, "admin", name_of(admin_names, vnf->admin));
		end(w, 1);
	}
}

static void put_histogram(struct writer *w, const struct sample_vnf *vnf)
{
	const struct latency *l = &vnf->latency;
	uint64_t sum = 0;
	char bound[32];

	for (size_t n = 0; n < ARRAY_SIZE(l->bucket); n++) {
		sum += l->bucket[n];
		if (n + 1 < FIRST_BOUND)
			continue;
		snprintf(bound, sizeof(bound), "%.10g",
			 (double)(UINT64_C(2) << n) / 1e9);
		begin_vnf(w, "_bucket", vnf);
		put_label(w, "le", bound);
		end(w, sum);
	}
	begin_vnf(w, "_bucket", vnf);
	put_label(w, "le", "+Inf");
	end(w, sum);
	begin_vnf(w, "_count", vnf);
	end(w, sum);
	begin_vnf(w, "_sum", vnf);
	end_seconds(w, l->sum);
}

static void put_latency(struct writer *w, const struct sample *sample)
{
	family(w, "srproxy_vnf_latency_seconds", "histogram", "seconds",
	       "How long the function keeps packets, of samples.");
	for (size_t i = 0; i < sample->n_vnf; i++)
		put_histogram(w, &sample->vnf[i]);
	family(w, "srproxy_vnf_latency_max_seconds", "gauge", "seconds",
	       "The longest since the last reset.");
	for (size_t i = 0; i < sample->n_vnf; i++) {
		begin_vnf(w, "", &sample->vnf[i]);
		end_seconds(w, sample->vnf[i].latency.max);
	}
	family(w, "srproxy_vnf_lost_samples", "counter", "samples",
	       "Samples that did not come back within a second.");
	for (size_t i = 0; i < sample->n_vnf; i++) {
		begin_vnf(w, "_total", &sample->vnf[i]);
		end(w, sample->vnf[i].latency.lost);
	}
}

/* labels */

static const struct counter_family sid_counters[] = {
	{ "srproxy_sid_packets", "packets",
	  "Packets handed to the function for this label.", tx_packets },
	{ "srproxy_sid_bytes", "bytes",
	  "Octets of inner packet handed to the function for this label.",
	  tx_bytes },
	{ 0 },
};

static void put_sids(struct writer *w, const struct sample *sample)
{
	const struct counter_family *f = sid_counters;
	char label[16];

	for (; f->name; f++) {
		family(w, f->name, "counter", f->unit, f->help);
		for (size_t i = 0; i < sample->n_sid; i++) {
			const struct sample_sid *sid = &sample->sid[i];

			snprintf(label, sizeof(label), "%u", sid->label);
			begin(w, "_total");
			put_label(w, "sid", label);
			put_label(w, "vnf", sid->vnf);
			put_label(w, "role",
				  sid->backup ? "backup" : "primary");
			end(w, f->get(&sid->counters));
		}
	}
}

/* the namespace */

static void put_one(struct writer *w, const char *name, const char *type,
		    const char *unit, const char *help, uint64_t value)
{
	family(w, name, type, unit, help);
	begin(w, *type == 'c' ? "_total" : "");
	end(w, value);
}

static void put_totals(struct writer *w, const struct sample *sample)
{
	const struct sample_totals *t = &sample->totals;

	put_one(w, "srproxy_flows", "gauge", NULL, "Flows that there are.",
		t->flows);
	put_one(w, "srproxy_flows_created", "counter", NULL, "Flows made.",
		t->flows_created);
	put_one(w, "srproxy_flows_expired", "counter", NULL,
		"Flows ended by age.", t->flows_expired);
	put_one(w, "srproxy_flows_evicted", "counter", NULL,
		"Flows ended to make room.", t->flows_evicted);
	put_one(w, "srproxy_flow_size_bytes", "gauge", "bytes",
		"Memory of one flow.", t->flow_size);
	put_one(w, "srproxy_icmp_sent", "counter", NULL,
		"ICMP errors that the proxy sent.", t->icmp_sent);
	put_one(w, "srproxy_icmp_suppressed", "counter", NULL,
		"ICMP errors that it could or would not send.",
		t->icmp_suppressed);
	family(w, "srproxy_dropped_packets", "counter", "packets",
	       "Packets taken and not delivered.");
	for (size_t i = 0; i < sample->n_drop; i++) {
		begin(w, "_total");
		put_label(w, "reason", sample->drop[i].name);
		end(w, sample->drop[i].packets);
	}
}

/**
 * openmetrics_print - print all that is counted
 * @file: where to
 * @sample: what is counted
 * @netns: name of the namespace, empty for that of the caller
 */
void openmetrics_print(FILE *file, const struct sample *sample,
		       const char *netns)
{
	struct writer w = { .file = file, .netns = netns };

	put_totals(&w, sample);
	put_uplinks(&w, sample);
	put_sids(&w, sample);
	put_vnf_counters(&w, sample);
	put_vnf_optional(&w, sample);
	put_vnf_states(&w, sample);
	put_latency(&w, sample);
	fputs("# EOF\n", file);
}
