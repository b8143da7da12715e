// SPDX-License-Identifier: Apache-2.0
/* Values in a program's tables: numbers and addresses, big-endian. */

#include <arpa/inet.h>
#include <string.h>

#include "octets.h"

#define IPV4_LEN 4
#define IPV6_LEN 16

/* IPv4 as an IPv6 address has this before it. */
static const uint8_t mapped[IPV6_LEN - IPV4_LEN] = { [10] = 0xff, [11] = 0xff };

/**
 * octets_of - a number, as wide as numbers are
 * @number: the number
 *
 * Return: its octets.
 */
struct octets octets_of(uint64_t number)
{
	struct octets out = { .len = OCTETS_NUMBER };

	for (int i = OCTETS_NUMBER - 1; i >= 0; i--, number >>= 8)
		out.at[i] = number;
	return out;
}

/**
 * octets_number - what the octets are as a number
 * @octets: the octets
 *
 * Return: the number, or its low 64 bits.
 */
uint64_t octets_number(const struct octets *octets)
{
	uint64_t number = 0;

	for (unsigned int i = 0; i < octets->len; i++)
		number = number << 8 | octets->at[i];
	return number;
}

/**
 * octets_wide - the same value in so many octets
 * @octets: the value, which has to fit
 * @len: number of octets
 *
 * Return: the octets.
 */
struct octets octets_wide(const struct octets *octets, unsigned int len)
{
	struct octets out = { .len = len };
	unsigned int n = len < octets->len ? len : octets->len;

	memcpy(&out.at[len - n], &octets->at[octets->len - n], n);
	return out;
}

/**
 * octets_fit - whether a value fits a field
 * @octets: the value
 * @bits: the field's width
 *
 * Return: whether it does.
 */
bool octets_fit(const struct octets *octets, unsigned int bits)
{
	for (unsigned int i = 0; i < octets->len * 8U; i++)
		if (octets->at[i / 8] & 0x80 >> i % 8)
			return octets->len * 8 - i <= bits;
	return true;
}

/**
 * octets_ones - a mask
 * @len: number of octets
 * @bits: of them set, from the highest on
 *
 * Return: the mask.
 */
struct octets octets_ones(unsigned int len, unsigned int bits)
{
	struct octets out = { .len = len };

	for (unsigned int i = 0; i < bits; i++)
		out.at[i / 8] |= 0x80 >> i % 8;
	return out;
}

/**
 * octets_count - how many bits are set
 * @octets: the octets
 *
 * Return: the number.
 */
unsigned int octets_count(const struct octets *octets)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < octets->len; i++)
		n += __builtin_popcount(octets->at[i]);
	return n;
}

/**
 * octets_address - read an address
 * @octets: filled, 4 or 16 of them
 * @text: the address
 *
 * Return: whether it is one.
 */
bool octets_address(struct octets *octets, const char *text)
{
	*octets = (struct octets){ .len = IPV4_LEN };
	if (inet_pton(AF_INET, text, octets->at) == 1)
		return true;
	octets->len = IPV6_LEN;
	return inet_pton(AF_INET6, text, octets->at) == 1;
}

/**
 * octets_address_text - write an address
 * @octets: 4 or 16 of them
 * @text: filled
 *
 * Return: @text.
 */
const char *octets_address_text(const struct octets *octets,
				char text[INET6_ADDRSTRLEN])
{
	inet_ntop(octets->len == IPV4_LEN ? AF_INET : AF_INET6, octets->at,
		  text, INET6_ADDRSTRLEN);
	return text;
}

/**
 * octets_mapped - IPv4 as an IPv6 address of its own range
 * @octets: an address; IPv6 stays what it is
 *
 * Return: 16 octets.
 */
struct octets octets_mapped(const struct octets *octets)
{
	struct octets out = { .len = IPV6_LEN };

	if (octets->len == IPV6_LEN)
		return *octets;
	memcpy(out.at, mapped, sizeof(mapped));
	memcpy(out.at + sizeof(mapped), octets->at, IPV4_LEN);
	return out;
}

/**
 * octets_unmapped - the address that octets_mapped() had
 * @octets: 16 of them
 *
 * Return: 4 octets, or 16 of another range.
 */
struct octets octets_unmapped(const struct octets *octets)
{
	struct octets out = { .len = IPV4_LEN };

	if (memcmp(octets->at, mapped, sizeof(mapped)))
		return *octets;
	memcpy(out.at, octets->at + sizeof(mapped), IPV4_LEN);
	return out;
}

/**
 * octets_are_mapped - whether an IPv6 prefix has IPv4's range in it
 * @octets: the prefix
 * @mask: its mask
 *
 * Return: whether it has.
 */
bool octets_are_mapped(const struct octets *octets, const struct octets *mask)
{
	for (unsigned int i = 0; i < sizeof(mapped); i++)
		if ((octets->at[i] ^ mapped[i]) & mask->at[i])
			return false;
	return true;
}

/**
 * octets_fold - an IPv6 address in the 32 bits that Tofino's keys have for it
 * @octets: an address; IPv4 is these bits
 *
 * Return: IPv4, or the CRC-32 of IPv6.
 */
uint32_t octets_fold(const struct octets *octets)
{
	uint32_t crc = ~0U;

	if (octets->len == IPV4_LEN)
		return octets_number(octets);
	for (unsigned int i = 0; i < octets->len; i++) {
		crc ^= octets->at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}
