// SPDX-License-Identifier: GPL-2.0-or-later
/* UTF-8, as JSON and OpenMetrics are; names of devices are any octets. */

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* By the first octet: how long, and where the second lies (RFC 3629). */
static const struct {
	unsigned char first;
	unsigned char last;
	unsigned char length;
	unsigned char low;
	unsigned char high;
} forms[] = {
	{ 0x01, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f }, { 0 },
};

/**
 * utf8_length - how long is a character
 * @text: begins with it
 *
 * Return: octets, 0 if there is none, because the text ends or is no UTF-8.
 */
size_t utf8_length(const char *text)
{
	const unsigned char *octet = (const unsigned char *)text;
	size_t i = 0;

	while (forms[i].length && octet[0] > forms[i].last)
		i++;
	if (octet[0] < forms[i].first)
		return 0;
	if (forms[i].length > 1 &&
	    (octet[1] < forms[i].low || octet[1] > forms[i].high))
		return 0;
	for (size_t n = 2; n < forms[i].length; n++)
		if (octet[n] < 0x80 || octet[n] > 0xbf)
			return 0;
	return forms[i].length;
}

/**
 * utf8_clean - copy a text, with U+FFFD for each octet that is not UTF-8
 * @text: the text
 *
 * Return: the copy, to be freed, or NULL.
 */
char *utf8_clean(const char *text)
{
	size_t room = strlen(UTF8_REPLACEMENT) * strlen(text) + 1, len;
	char *clean = malloc(room), *to = clean;

	while (clean && *text) {
		len = utf8_length(text);
		if (len)
			to = mempcpy(to, text, len);
		else
			to = stpcpy(to, UTF8_REPLACEMENT);
		text += len ? len : 1;
	}
	if (clean)
		*to = '\0';
	return clean;
}
