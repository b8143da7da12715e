// SPDX-License-Identifier: Apache-2.0
/* Rates: NUMBER and kbit, Mbit, Gbit (thousands of bits a second) or pps. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rate.h"

/* from the largest to the smallest, and packets */
static const struct {
	const char *name;
	uint32_t factor;
} units[] = {
	{ "Gbit", 1000000 },
	{ "Mbit", 1000 },
	{ "kbit", 1 },
	{ "pps", 1 },
};

#define UNITS (sizeof(units) / sizeof(units[0]))
#define PACKETS (UNITS - 1)

/**
 * rate_parse - read a rate
 * @text: as a user writes it
 * @rate: filled
 *
 * Return: whether it is one, and not zero.
 */
bool rate_parse(const char *text, struct rate *rate)
{
	unsigned long long number;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	for (size_t i = 0; !errno && i < UNITS; i++) {
		if (strcmp(end, units[i].name))
			continue;
		rate->number = number * units[i].factor;
		rate->packets = i == PACKETS;
		return number && number <= UINT32_MAX / units[i].factor;
	}
	return false;
}

/**
 * rate_text - write a rate in the one way
 * @rate: the rate
 * @text: filled
 *
 * Return: @text.
 */
const char *rate_text(struct rate rate, char text[RATE_TEXT])
{
	size_t i = rate.packets ? PACKETS : 0;

	while (rate.number % units[i].factor)
		i++;
	snprintf(text, RATE_TEXT, "%" PRIu32 "%s",
		 rate.number / units[i].factor, units[i].name);
	return text;
}
