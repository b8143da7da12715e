// SPDX-License-Identifier: Apache-2.0
/* Values of an entry: what a user may write, in the one form that we keep. */

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "parse.h"
#include "port.h"
#include "rate.h"
#include "value.h"

#define PREFIX_TEXT (INET6_ADDRSTRLEN + 4)

static struct json_object *fail(char why[WHY_MAX], const char *fmt, ...)
	__printf(2, 3);

static struct json_object *fail(char why[WHY_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, WHY_MAX, fmt, ap);
	va_end(ap);
	return NULL;
}

static struct json_object *number(const struct field *field,
				  struct json_object *value, char why[WHY_MAX])
{
	int64_t n;

	if (!json_object_is_type(value, json_type_int))
		return fail(why, "%s is a number.", field->name);
	n = json_object_get_int64(value);
	if (n < field->min || n > field->max)
		return fail(why, "%s is a number from %u to %u.", field->name,
			    field->min, field->max);
	return json_object_new_int64(n);
}

/* The text of a value, or NULL and why not. */
static const char *text_of(const struct field *field, struct json_object *value,
			   const char *what, char why[WHY_MAX])
{
	if (json_object_is_type(value, json_type_string))
		return json_object_get_string(value);
	fail(why, "%s is %s.", field->name, what);
	return NULL;
}

static struct json_object *mac(const struct field *field,
			       struct json_object *value, char why[WHY_MAX])
{
	const char *text = text_of(field, value, "a MAC address", why);
	char canonical[MAC_TEXT];
	uint8_t octets[MAC_LEN];

	if (!text)
		return NULL;
	if (!parse_mac(text, octets))
		return fail(why, "%s: \"%s\" is no MAC address.", field->name,
			    text);
	return json_object_new_string(mac_text(octets, canonical));
}

/* AF_INET, AF_INET6, or 0 if the text is no address. */
static int read_address(const char *text, uint8_t octets[16])
{
	if (inet_pton(AF_INET, text, octets) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, octets) == 1 ? AF_INET6 : 0;
}

static struct json_object *address(const struct field *field,
				   struct json_object *value, int only,
				   char why[WHY_MAX])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *text = text_of(field, value, "an address", why);
	char canonical[INET6_ADDRSTRLEN];
	uint8_t octets[16];
	int family;

	if (!text)
		return NULL;
	family = read_address(text, octets);
	if (!family || (only && family != only))
		return fail(why, "%s: \"%s\" is no %saddress.", field->name,
			    text, only ? "IPv4 " : "");
	inet_ntop(family, octets, canonical, sizeof(canonical));
	/* bmv2 has IPv4 in the bits of it: it would come back as that. */
	if (family == AF_INET6 && !memcmp(octets, mapped, sizeof(mapped)))
		return fail(why, "%s: %s is IPv4: write it as that.",
			    field->name, canonical);
	return json_object_new_string(canonical);
}

/* Whether no bit is set behind the first len. */
static bool clean(const uint8_t *octets, unsigned int len, unsigned int bits)
{
	for (unsigned int i = len; i < bits; i++)
		if (octets[i / 8] & 0x80 >> i % 8)
			return false;
	return true;
}

static struct json_object *prefix(const struct field *field,
				  struct json_object *value, int only,
				  char why[WHY_MAX])
{
	const char *text = text_of(field, value, "a prefix", why), *slash;
	char canonical[INET6_ADDRSTRLEN], whole[PREFIX_TEXT];
	uint8_t octets[16];
	unsigned int bits;
	uint32_t len;
	int family;

	if (!text)
		return NULL;
	slash = strchr(text, '/');
	if (!slash || slash - text >= (ptrdiff_t)sizeof(canonical))
		return fail(why, "%s: \"%s\" is no prefix.", field->name, text);
	memcpy(canonical, text, slash - text);
	canonical[slash - text] = '\0';
	family = read_address(canonical, octets);
	bits = family == AF_INET ? 32 : 128;
	if (!family || (only && family != only) ||
	    !parse_u32(slash + 1, &len) || len > bits)
		return fail(why, "%s: \"%s\" is no %sprefix.", field->name,
			    text,
			    !only	    ? "" :
			    only == AF_INET ? "IPv4 " :
					      "IPv6 ");
	if (!clean(octets, len, bits))
		return fail(why, "%s: %s has bits set behind its length.",
			    field->name, text);
	inet_ntop(family, octets, canonical, sizeof(canonical));
	snprintf(whole, sizeof(whole), "%s/%u", canonical, len);
	return json_object_new_string(whole);
}

static struct json_object *direction(const struct field *field,
				     struct json_object *value,
				     char why[WHY_MAX])
{
	const char *text = text_of(field, value, "up or down", why);

	if (!text)
		return NULL;
	if (strcmp(text, "up") && strcmp(text, "down"))
		return fail(why, "%s is up or down, not \"%s\".", field->name,
			    text);
	return json_object_new_string(text);
}

static struct json_object *numbers(const struct field *field,
				   struct json_object *value, size_t max,
				   char why[WHY_MAX])
{
	struct json_object *list, *one;
	size_t n;

	if (!json_object_is_type(value, json_type_array))
		return fail(why, "%s is an array.", field->name);
	n = json_object_array_length(value);
	if (!n || n > max)
		return fail(why, "%s has 1 to %zu numbers.", field->name, max);
	list = json_object_new_array();
	for (size_t i = 0; i < n; i++) {
		one = number(field, json_object_array_get_idx(value, i), why);
		if (!one) {
			json_object_put(list);
			return NULL;
		}
		json_object_array_add(list, one);
	}
	return list;
}

/* Buckets are filled by the list over and over: the shortest that does it. */
static struct json_object *members(const struct field *field,
				   struct json_object *value, char why[WHY_MAX])
{
	struct json_object *list = numbers(field, value, BUCKETS, why);
	size_t n = list ? json_object_array_length(list) : 0, i, period = 1;
	int bucket[BUCKETS];

	if (!list)
		return NULL;
	for (i = 0; i < BUCKETS; i++)
		bucket[i] = json_object_get_int(
			json_object_array_get_idx(list, i % n));
	for (; period < n; period++) {
		for (i = period; i < BUCKETS; i++)
			if (bucket[i] != bucket[i % period])
				break;
		if (i == BUCKETS)
			break;
	}
	json_object_array_del_idx(list, period, n - period);
	return list;
}

/* ---- ports and queues ------------------------------------------------------ */

/**
 * struct word - one of the words that a field may be
 * @name: as it may be written; NULL ends the list
 * @means: as we keep it
 */
struct word {
	const char *name;
	const char *means;
};

static const struct word speed_words[] = {
	{ "10G", "10G" }, { "25G", "25G" },   { "40G", "40G" },
	{ "50G", "50G" }, { "100G", "100G" }, { 0 },
};

static const struct word fec_words[] = {
	{ "none", "none" },
	{ "firecode", "firecode" },
	{ "rs", "rs" },
	{ "reed-solomon", "rs" },
	{ 0 },
};

static const struct word autoneg_words[] = {
	{ "default", "default" },
	{ "on", "on" },
	{ "off", "off" },
	{ 0 },
};

static const struct word *words_of(enum kind kind)
{
	return kind == KIND_SPEED ? speed_words :
	       kind == KIND_FEC	  ? fec_words :
				    autoneg_words;
}

static struct json_object *one_of(const struct field *field,
				  struct json_object *value, char why[WHY_MAX])
{
	const char *text = text_of(field, value, "a word", why);
	char list[WHY_MAX / 2] = "";

	if (!text)
		return NULL;
	for (const struct word *w = words_of(field->kind); w->name; w++) {
		if (!strcmp(text, w->name))
			return json_object_new_string(w->means);
		snprintf(list + strlen(list), sizeof(list) - strlen(list),
			 "%s%s",
			 !*list	   ? "" :
			 w[1].name ? ", " :
				     " or ",
			 w->name);
	}
	return fail(why, "%s is %s, not \"%.64s\".", field->name, list, text);
}

/* The driver's policy, or what JSON calls it. */
static struct json_object *autoneg(const struct field *field,
				   struct json_object *value, char why[WHY_MAX])
{
	if (json_object_is_type(value, json_type_boolean))
		return json_object_new_string(
			json_object_get_boolean(value) ? "on" : "off");
	return one_of(field, value, why);
}

static struct json_object *flag(const struct field *field,
				struct json_object *value, char why[WHY_MAX])
{
	if (!json_object_is_type(value, json_type_boolean))
		return fail(why, "%s is true or false.", field->name);
	return json_object_new_boolean(json_object_get_boolean(value));
}

static struct json_object *port(const struct field *field,
				struct json_object *value, char why[WHY_MAX])
{
	char canonical[2 * PORT_TEXT];
	const char *text;
	struct place place;

	if (!json_object_is_type(value, json_type_string))
		return number(field, value, why);
	text = json_object_get_string(value);
	if (!port_parse(text, &place))
		return fail(
			why,
			"%s: \"%s\" is no connector and channel, as 1/0, of the front panel.",
			field->name, text);
	snprintf(canonical, sizeof(canonical), "%u/%u", place.connector,
		 place.channel);
	return json_object_new_string(canonical);
}

static struct json_object *rate(const struct field *field,
				struct json_object *value, char why[WHY_MAX])
{
	const char *text = text_of(field, value, "a rate", why);
	char canonical[RATE_TEXT];
	struct rate read;

	if (!text)
		return NULL;
	if (!rate_parse(text, &read))
		return fail(
			why,
			"%s: \"%s\" is no rate, as 200Mbit: kbit, Mbit, Gbit or pps.",
			field->name, text);
	return json_object_new_string(rate_text(read, canonical));
}

/**
 * value_is_usual - whether a value is what being left out means
 * @field: what it is
 * @value: in its one form
 *
 * Return: whether it is.
 */
bool value_is_usual(const struct field *field, struct json_object *value)
{
	if (!field->has_usual)
		return false;
	if (json_object_is_type(value, json_type_string))
		return !strcmp(json_object_get_string(value),
			       words_of(field->kind)[field->usual].name);
	return json_object_get_int64(value) == field->usual;
}

/**
 * value_canonical - read a value
 * @field: what it is
 * @value: as the user wrote it
 * @why: a sentence if it is wrong
 *
 * Return: the value in its one form, owned by the caller, or NULL.
 */
struct json_object *value_canonical(const struct field *field,
				    struct json_object *value,
				    char why[WHY_MAX])
{
	switch (field->kind) {
	case KIND_NUMBER:
	case KIND_LABEL:
		return number(field, value, why);
	case KIND_MAC:
		return mac(field, value, why);
	case KIND_IPV4:
		return address(field, value, AF_INET, why);
	case KIND_ADDRESS:
		return address(field, value, 0, why);
	case KIND_PREFIX4:
		return prefix(field, value, AF_INET, why);
	case KIND_PREFIX6:
		return prefix(field, value, AF_INET6, why);
	case KIND_PREFIX:
		return prefix(field, value, 0, why);
	case KIND_DIRECTION:
		return direction(field, value, why);
	case KIND_LABELS:
		return numbers(field, value, LABELS_MAX, why);
	case KIND_NEXTHOPS:
		return members(field, value, why);
	case KIND_PORT:
		return port(field, value, why);
	case KIND_SPEED:
	case KIND_FEC:
		return one_of(field, value, why);
	case KIND_AUTONEG:
		return autoneg(field, value, why);
	case KIND_FLAG:
		return flag(field, value, why);
	case KIND_RATE:
		return rate(field, value, why);
	}
	return fail(why, "%s cannot be read.", field->name);
}
