/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_PARSE_H
#define SRP_TOOLS_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#define MAC_LEN 6
#define MAC_TEXT (3 * MAC_LEN)

bool parse_u32(const char *text, uint32_t *value);
bool parse_family(const char *text, int *family);
bool parse_mac(const char *text, uint8_t mac[MAC_LEN]);
const char *mac_text(const uint8_t mac[MAC_LEN], char text[MAC_TEXT]);

#endif
