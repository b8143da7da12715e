/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_PLAN_H
#define SRPROXYCTL_PLAN_H

#include "jread.h"
#include "nl_msg.h"

#define STEP_NAME 48

/**
 * struct step - an object of the file
 * @req: the request that stages it; its words belong to the file's JSON
 * @path: where it is in the file
 * @name: what it is called
 */
struct step {
	struct nl_req req;
	char path[JREAD_PATH];
	char name[STEP_NAME];
};

/**
 * struct plan - all objects of a file
 * @file: name of the file
 * @root: its JSON
 * @steps: the objects
 * @n: how many
 * @max: room at @steps
 */
struct plan {
	const char *file;
	struct json_object *root;
	struct step *steps;
	size_t n;
	size_t max;
};

int plan_read(struct plan *plan, const char *path);
int plan_json(struct plan *plan, const char *name, struct json_object *root);
void plan_free(struct plan *plan);
const struct step *plan_find(const struct plan *plan, uint32_t seq);

#endif
