/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_ARGS_H
#define SRP_TOOLS_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* More than any command has keywords. */
#define ARGS_KEYS 64

/**
 * struct args - what is left of a command line
 * @left: number of words
 * @next: the first of them; may be written to
 * @keys: keywords that had their value, or their place, already
 * @n_keys: how many
 */
struct args {
	int left;
	char **next;
	const char *keys[ARGS_KEYS];
	size_t n_keys;
};

enum {
	MATCH_NONE = -1,
	MATCH_AMBIGUOUS = -2,
};

const char *args_peek(const struct args *args);
char *args_take(struct args *args);
bool args_take_if(struct args *args, const char *word);
char *args_value(struct args *args, const char *key);
int args_once(struct args *args, const char *key);
ssize_t args_match(const char *word, const void *table, size_t stride);
int args_end(const struct args *args);

#endif
