// SPDX-License-Identifier: GPL-2.0-or-later
/* What went by between two samples, a second. */

#include <string.h>

#include "rates.h"

/**
 * rates_seconds - the time between the samples
 * @r: the samples
 *
 * Return: seconds, more than 0.
 */
double rates_seconds(const struct rates *r)
{
	uint64_t ns = r->now->ns - r->then->ns;

	return (ns ? ns : 1) / 1e9;
}

/**
 * rates_of - how fast a counter grew
 * @r: the samples
 * @then: the counter in the earlier one
 * @now: in the later one; less if it was reset, and then counted from 0
 *
 * Return: a second.
 */
double rates_of(const struct rates *r, uint64_t then, uint64_t now)
{
	return (now < then ? now : now - then) / rates_seconds(r);
}

/**
 * rates_uplink_then - what an uplink had counted before
 * @r: the samples
 * @up: an uplink of the later one
 *
 * Return: the counters, 0 if it is new.
 */
struct counters rates_uplink_then(const struct rates *r,
				  const struct sample_uplink *up)
{
	const struct sample *then = r->then;

	for (size_t i = 0; i < then->n_uplink; i++)
		if (!strcmp(then->uplink[i].dev, up->dev))
			return then->uplink[i].counters;
	return (struct counters){ 0 };
}

/**
 * rates_sid_then - what a label had counted through a function before
 * @r: the samples
 * @sid: a label and function of the later one
 *
 * Return: the counters, 0 if it is new.
 */
struct counters rates_sid_then(const struct rates *r,
			       const struct sample_sid *sid)
{
	const struct sample *then = r->then;

	for (size_t i = 0; i < then->n_sid; i++)
		if (then->sid[i].label == sid->label &&
		    !strcmp(then->sid[i].vnf, sid->vnf))
			return then->sid[i].counters;
	return (struct counters){ 0 };
}

/**
 * rates_vnf_then - a function as it was before
 * @r: the samples
 * @vnf: a function of the later one
 *
 * Return: the function, one that has counted nothing if it is new.
 */
const struct sample_vnf *rates_vnf_then(const struct rates *r,
					const struct sample_vnf *vnf)
{
	static const struct sample_vnf none;
	const struct sample *then = r->then;

	for (size_t i = 0; i < then->n_vnf; i++)
		if (then->vnf[i].id == vnf->id)
			return &then->vnf[i];
	return &none;
}

/**
 * rates_rx - packets and octets received, a second
 * @r: the samples
 * @then: counters of the earlier one
 * @now: counters of the later one
 *
 * Return: the rate.
 */
struct rate rates_rx(const struct rates *r, const struct counters *then,
		     const struct counters *now)
{
	return (struct rate){
		.packets = rates_of(r, then->rx_packets, now->rx_packets),
		.bytes = rates_of(r, then->rx_bytes, now->rx_bytes),
	};
}

/**
 * rates_tx - packets and octets sent, a second
 * @r: the samples
 * @then: counters of the earlier one
 * @now: counters of the later one
 *
 * Return: the rate.
 */
struct rate rates_tx(const struct rates *r, const struct counters *then,
		     const struct counters *now)
{
	return (struct rate){
		.packets = rates_of(r, then->tx_packets, now->tx_packets),
		.bytes = rates_of(r, then->tx_bytes, now->tx_bytes),
	};
}
