/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_VALUE_H
#define SRP4_VALUE_H

#include <json-c/json.h>

#include "entry.h"

struct json_object *value_canonical(const struct field *field,
				    struct json_object *value,
				    char why[WHY_MAX]);
bool value_is_usual(const struct field *field, struct json_object *value);

#endif
