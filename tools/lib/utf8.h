/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_UTF8_H
#define SRP_TOOLS_UTF8_H

#include <stddef.h>

/* U+FFFD, which stands for what is no character. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

size_t utf8_length(const char *text);
char *utf8_clean(const char *text);

#endif
