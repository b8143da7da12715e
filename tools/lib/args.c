// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of a command line, one after the other. */

#include <assert.h>
#include <string.h>

#include "args.h"
#include "report.h"

/**
 * args_peek - look at the next word
 * @args: the command line
 *
 * Return: the word, or NULL at the end.
 */
const char *args_peek(const struct args *args)
{
	return args->left > 0 ? args->next[0] : NULL;
}

/**
 * args_take - take the next word
 * @args: the command line
 *
 * Return: the word, or NULL at the end.
 */
char *args_take(struct args *args)
{
	if (args->left <= 0)
		return NULL;
	args->left--;
	return *args->next++;
}

/**
 * args_take_if - take the next word if it is a certain one
 * @args: the command line
 * @word: in full, no prefix
 *
 * Return: whether it was.
 */
bool args_take_if(struct args *args, const char *word)
{
	if (args->left <= 0 || strcmp(args->next[0], word))
		return false;
	args_take(args);
	return true;
}

static bool had(const struct args *args, const char *key)
{
	for (size_t i = 0; i < args->n_keys; i++)
		if (!strcmp(args->keys[i], key))
			return true;
	return false;
}

static void note(struct args *args, const char *key)
{
	assert(args->n_keys < ARGS_KEYS);
	args->keys[args->n_keys++] = key;
}

/**
 * args_value - take the value of a keyword, which stands once in a command
 * @args: the command line after the keyword
 * @key: the keyword, or what tells it from others of its name; kept
 *
 * Return: the value, or NULL and has said what is wrong.
 */
char *args_value(struct args *args, const char *key)
{
	char *value = args_take(args);

	if (!value) {
		report_usage("\"%s\" lacks its value.", key);
		return NULL;
	}
	if (had(args, key)) {
		report_usage("duplicate \"%s\": \"%s\" is the second value.",
			     key, value);
		return NULL;
	}
	note(args, key);
	return value;
}

/**
 * args_once - insist that a keyword without a value stands once in a command
 * @args: the command line
 * @key: the keyword, kept
 *
 * Return: RC_DONE, or RC_USAGE and has said what is wrong.
 */
int args_once(struct args *args, const char *key)
{
	if (had(args, key))
		return report_usage("duplicate \"%s\".", key);
	note(args, key);
	return RC_DONE;
}

/**
 * args_match - find a word, or the only entry that it is a prefix of
 * @word: as the user typed it
 * @table: entries whose first member is their name, ending with one of NULL
 * @stride: size of an entry
 *
 * Return: the index, MATCH_NONE or MATCH_AMBIGUOUS.
 */
ssize_t args_match(const char *word, const void *table, size_t stride)
{
	const char *entry = table, *name;
	ssize_t found = MATCH_NONE;
	size_t len = strlen(word);

	for (ssize_t i = 0;; i++, entry += stride) {
		memcpy(&name, entry, sizeof(name));
		if (!name)
			return found;
		if (!strcmp(word, name))
			return i;
		if (len && !strncmp(word, name, len))
			found = found == MATCH_NONE ? i : MATCH_AMBIGUOUS;
	}
}

/**
 * args_end - insist that nothing is left
 * @args: the command line
 *
 * Return: RC_DONE, or RC_USAGE when a word was left, and said so.
 */
int args_end(const struct args *args)
{
	if (args->left <= 0)
		return RC_DONE;
	return report_usage("\"%s\" is not expected here.", args->next[0]);
}
