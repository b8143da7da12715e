/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_JREAD_H
#define SRPROXYCTL_JREAD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

#define JREAD_PATH 64

/**
 * struct jread - an object of a file that is being read
 * @file: name of the file
 * @path: of the object in it, as "vnf[2]"; empty for the whole
 * @object: the object
 */
struct jread {
	const char *file;
	char path[JREAD_PATH];
	struct json_object *object;
};

int jread_fail(const struct jread *j, const char *key, const char *fmt, ...)
	__printf(3, 4);
int jread_str(const struct jread *j, const char *key, const char **value);
int jread_str_needed(const struct jread *j, const char *key,
		     const char **value);
int jread_u32(const struct jread *j, const char *key, uint32_t *value,
	      const char **word);
int jread_array(const struct jread *j, const char *key,
		struct json_object **array);
int jread_object(const struct jread *j, const char *key, struct jread *inner);
int jread_only(const struct jread *j, const char *const keys[]);

#endif
