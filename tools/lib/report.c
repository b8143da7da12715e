// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes wrong, said on stderr. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nl.h"

/* As much of a word as a sentence takes. */
#define WORD_MAX 80
#include "report.h"

static void say(const char *kind, const char *fmt, va_list ap)
{
	fprintf(stderr, "%s: ", kind);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

/**
 * report_usage - say what is wrong with the command line or a file
 * @fmt: a sentence, as for printf
 *
 * Return: RC_USAGE, for the caller to pass on.
 */
int report_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("Error", fmt, ap);
	va_end(ap);
	return RC_USAGE;
}

/**
 * report_refused - say what the system refused
 * @fmt: a sentence, as for printf
 *
 * Return: RC_REFUSED, for the caller to pass on.
 */
int report_refused(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("Error", fmt, ap);
	va_end(ap);
	return RC_REFUSED;
}

/**
 * report_kernel - say what the kernel refused: its own sentence, if it gave
 *	one, what there may be, and the word that it pointed at
 * @err: as a call of nl.h filled it
 *
 * Return: RC_REFUSED, for the caller to pass on.
 */
int report_kernel(const struct nl_err *err)
{
	const char *text = err->text[0] ? err->text : strerror(err->code);
	const char *comma = err->range[0] ? ", " : "";
	size_t len = strlen(text);

	if (len && text[len - 1] == '.')
		len--;
	if (err->word)
		return report_refused("%.*s%s%s: \"%.*s%s\".", (int)len, text,
				      comma, err->range, WORD_MAX, err->word,
				      strlen(err->word) > WORD_MAX ? "..." :
								     "");
	return report_refused("%.*s%s%s.", (int)len, text, comma, err->range);
}

/**
 * report_warning - say what the user should know although all went well
 * @fmt: a sentence, as for printf
 */
void report_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("Warning", fmt, ap);
	va_end(ap);
}
