/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_PORT_H
#define SRP4_PORT_H

#include "entry.h"

#define PORT_TEXT 16

/**
 * struct place - where a port is
 * @connector: of the front panel; for a port by its number the fourth of it
 * @channel: of the connector's four
 * @named: by the front panel, not by a number
 */
struct place {
	uint32_t connector;
	uint32_t channel;
	bool named;
};

bool port_parse(const char *text, struct place *place);
bool port_together(const struct entry *entry, char *why, size_t room);
bool queue_together(const struct entry *entry, char *why, size_t room);
const struct entry *port_clash(const struct entries *set,
			       const struct entry *port);
int ports_check(const struct entries *set);

#endif
