/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_CONFIG_H
#define SRP4_CONFIG_H

#include "entry.h"

/**
 * struct config - what a file wants a switch to be
 * @root: the file; owned
 * @program: name of the P4 program, or NULL
 * @target: what drives the switch, or NULL
 * @entries: of its tables, ports and queues
 * @named: which of the schema it names, with entries or without
 */
struct config {
	struct json_object *root;
	const char *program;
	const char *target;
	struct entries entries;
	bool named[TABLES];
};

int config_read(struct config *config, const char *path);
void config_free(struct config *config);
int config_check(const struct entries *set);

#endif
