/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_ARGS_H
#define SRP_TOOLS_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct args - what is left of a command line
 * @left: number of words
 * @next: the first of them; may be written to
 */
struct args {
	int left;
	char **next;
};

enum {
	MATCH_NONE = -1,
	MATCH_AMBIGUOUS = -2,
};

const char *args_peek(const struct args *args);
char *args_take(struct args *args);
bool args_take_if(struct args *args, const char *word);
ssize_t args_match(const char *word, const void *table, size_t stride);
int args_end(const struct args *args);

#endif
