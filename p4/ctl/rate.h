/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_RATE_H
#define SRP4_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATE_TEXT 24

/**
 * struct rate - what a queue may send
 * @number: kilobits a second, or packets a second
 * @packets: it is packets
 */
struct rate {
	uint32_t number;
	bool packets;
};

bool rate_parse(const char *text, struct rate *rate);
const char *rate_text(struct rate rate, char text[RATE_TEXT]);

#endif
