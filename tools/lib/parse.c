// SPDX-License-Identifier: GPL-2.0-or-later
/* Words into values. Form is judged here, range by the kernel. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "parse.h"

/**
 * parse_u32 - read a number: decimal, or hexadecimal after 0x
 * @text: the word
 * @value: where it goes
 *
 * Return: whether it is one of 32 bits.
 */
bool parse_u32(const char *text, uint32_t *value)
{
	int base = strncmp(text, "0x", 2) ? 10 : 16;
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	v = strtoull(text, &end, base);
	if (errno || *end || end == text || v > UINT32_MAX)
		return false;
	*value = v;
	return true;
}

/**
 * parse_family - read the name of an address family
 * @text: "inet" or "inet6"
 * @family: where AF_INET or AF_INET6 goes
 *
 * Return: whether it is one of them.
 */
bool parse_family(const char *text, int *family)
{
	if (!strcmp(text, "inet"))
		*family = AF_INET;
	else if (!strcmp(text, "inet6"))
		*family = AF_INET6;
	else
		return false;
	return true;
}

/**
 * parse_mac - read an Ethernet address
 * @text: six groups of one or two hexadecimal digits with colons between
 * @mac: where it goes
 *
 * Return: whether it is one.
 */
bool parse_mac(const char *text, uint8_t mac[MAC_LEN])
{
	char *end;

	for (int i = 0; i < MAC_LEN; i++) {
		if (!isxdigit((unsigned char)text[0]))
			return false;
		mac[i] = strtoul(text, &end, 16);
		if (end - text > 2 || *end != (i < MAC_LEN - 1 ? ':' : '\0'))
			return false;
		text = end + 1;
	}
	return true;
}

/**
 * mac_text - write an Ethernet address
 * @mac: the address
 * @text: room for it
 *
 * Return: @text.
 */
const char *mac_text(const uint8_t mac[MAC_LEN], char text[MAC_TEXT])
{
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	return text;
}
