/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_OCTETS_H
#define SRP4_OCTETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define OCTETS_MAX 16
#define OCTETS_NUMBER 8

/**
 * struct octets - a value as a program has it, big-endian
 * @len: number of octets
 * @at: the octets
 */
struct octets {
	uint8_t len;
	uint8_t at[OCTETS_MAX];
};

struct octets octets_of(uint64_t number);
uint64_t octets_number(const struct octets *octets);
struct octets octets_wide(const struct octets *octets, unsigned int len);
bool octets_fit(const struct octets *octets, unsigned int bits);
struct octets octets_ones(unsigned int len, unsigned int bits);
unsigned int octets_count(const struct octets *octets);
bool octets_address(struct octets *octets, const char *text);
const char *octets_address_text(const struct octets *octets,
				char text[INET6_ADDRSTRLEN]);
struct octets octets_mapped(const struct octets *octets);
struct octets octets_unmapped(const struct octets *octets);
uint32_t octets_fold(const struct octets *octets);
bool octets_are_mapped(const struct octets *octets, const struct octets *mask);

#endif
