// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading JSON that a user wrote: whatever is wrong is said with its place.
 * The functions that return int return RC_DONE, or RC_USAGE and have said why.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "jread.h"
#include "report.h"

/**
 * jread_fail - say what is wrong with a value
 * @j: the object that it is in
 * @key: of the value, or NULL for the object itself
 * @fmt: what is wrong, as for printf
 *
 * Return: RC_USAGE.
 */
int jread_fail(const struct jread *j, const char *key, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return report_usage("%s: %s%s%s %s.", j->file, j->path,
			    *j->path && key ? "." : "", key ? key : "", text);
}

/* The value of a key, NULL if there is none; null in the file is a value. */
static bool find(const struct jread *j, const char *key,
		 struct json_object **value)
{
	return json_object_object_get_ex(j->object, key, value);
}

/**
 * jread_str - read a string
 * @j: the object
 * @key: of the string
 * @value: the string, owned by the object, or NULL if there is none
 */
int jread_str(const struct jread *j, const char *key, const char **value)
{
	struct json_object *found;

	*value = NULL;
	if (!find(j, key, &found))
		return RC_DONE;
	if (!json_object_is_type(found, json_type_string))
		return jread_fail(j, key, "is not a string");
	*value = json_object_get_string(found);
	if (strlen(*value) != (size_t)json_object_get_string_len(found))
		return jread_fail(j, key, "has a zero in it");
	return RC_DONE;
}

/**
 * jread_str_needed - read a string that has to be there
 * @j: the object
 * @key: of the string
 * @value: the string, owned by the object
 */
int jread_str_needed(const struct jread *j, const char *key, const char **value)
{
	int rc = jread_str(j, key, value);

	if (!rc && !*value)
		return jread_fail(j, key, "is missing");
	return rc;
}

/**
 * jread_u32 - read a number
 * @j: the object
 * @key: of the number
 * @value: the number
 * @word: the number as a word, owned by the object, or NULL if there is none
 */
int jread_u32(const struct jread *j, const char *key, uint32_t *value,
	      const char **word)
{
	struct json_object *found;
	int64_t number;

	*word = NULL;
	if (!find(j, key, &found))
		return RC_DONE;
	if (!json_object_is_type(found, json_type_int))
		return jread_fail(j, key, "is not a whole number");
	number = json_object_get_int64(found);
	if (number < 0 || number > UINT32_MAX)
		return jread_fail(j, key, "is out of range");
	*value = number;
	*word = json_object_get_string(found);
	return RC_DONE;
}

/**
 * jread_array - read an array
 * @j: the object
 * @key: of the array
 * @array: the array, owned by the object, or NULL if there is none
 */
int jread_array(const struct jread *j, const char *key,
		struct json_object **array)
{
	if (!find(j, key, array)) {
		*array = NULL;
		return RC_DONE;
	}
	if (!json_object_is_type(*array, json_type_array))
		return jread_fail(j, key, "is not an array");
	return RC_DONE;
}

/**
 * jread_object - read an object in an object
 * @j: the outer one
 * @key: of the inner one
 * @inner: the inner one, its @object NULL if there is none
 */
int jread_object(const struct jread *j, const char *key, struct jread *inner)
{
	inner->file = j->file;
	snprintf(inner->path, sizeof(inner->path), "%.40s%s%.20s", j->path,
		 *j->path ? "." : "", key);
	if (!find(j, key, &inner->object)) {
		inner->object = NULL;
		return RC_DONE;
	}
	if (!json_object_is_type(inner->object, json_type_object))
		return jread_fail(inner, NULL, "is not an object");
	return RC_DONE;
}

/**
 * jread_only - insist that an object has no other keys than those known
 * @j: the object
 * @keys: the known ones, NULL at the end
 */
int jread_only(const struct jread *j, const char *const keys[])
{
	size_t i;

	json_object_object_foreach(j->object, key, value)
	{
		(void)value;
		for (i = 0; keys[i] && strcmp(keys[i], key); i++)
			;
		if (!keys[i])
			return jread_fail(j, key, "is not a known key");
	}
	return RC_DONE;
}
