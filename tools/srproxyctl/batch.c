// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands from a file, one on a line. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define WORDS_MAX 1024

/**
 * struct script - the file as it is read
 * @file: the file
 * @path: its name
 * @line: the number of the line last read
 * @first: the number of the line that the command began on
 * @text: the command, of lines put together
 * @room: octets at @text
 */
struct script {
	FILE *file;
	const char *path;
	unsigned int line;
	unsigned int first;
	char *text;
	size_t room;
};

/* Add a line without its end; 1, or 0 at the end of the file, or -1. */
static int append_line(struct script *script, size_t *len)
{
	char *line = NULL, *text;
	size_t room = 0;
	ssize_t n;

	n = getline(&line, &room, script->file);
	if (n < 0) {
		free(line);
		return ferror(script->file) ? -1 : 0;
	}
	script->line++;
	if (n && line[n - 1] == '\n')
		n--;
	text = realloc(script->text, *len + n + 1);
	if (text) {
		memcpy(text + *len, line, n);
		*len += n;
		text[*len] = '\0';
		script->text = text;
	}
	free(line);
	return text ? 1 : -1;
}

/* Read a command, over as many lines as end in a backslash. */
static int read_command(struct script *script)
{
	size_t len = 0;
	int ret;

	script->first = script->line + 1;
	ret = append_line(script, &len);
	while (ret == 1 && len && script->text[len - 1] == '\\') {
		script->text[len - 1] = ' ';
		ret = append_line(script, &len);
		if (!ret)
			return 1;
	}
	return ret;
}

/*
 * Cut a command into words, in place. Quotes, single or double, hold a word
 * together; a word that begins with # ends the command. -1: too many words, or
 * a quote that does not end.
 */
static int cut_words(char *text, char **words)
{
	int n = 0;

	for (;;) {
		text += strspn(text, " \t\r");
		if (!*text || *text == '#')
			return n;
		if (n == WORDS_MAX)
			return -1;
		if (*text == '"' || *text == '\'') {
			words[n++] = text + 1;
			text = strchr(text + 1, *text);
			if (!text)
				return -1;
		} else {
			words[n++] = text;
			text += strcspn(text, " \t\r");
		}
		if (*text)
			*text++ = '\0';
	}
}

static int run_command(struct ctl *ctl, struct script *script)
{
	char *words[WORDS_MAX];
	struct args args = { .next = words };
	int rc;

	args.left = cut_words(script->text, words);
	if (!args.left)
		return RC_DONE;
	if (args.left < 0)
		rc = report_usage("too many words or a quote without its end.");
	else
		rc = ctl_dispatch(ctl, &args);
	if (rc) {
		fflush(ctl->out.file);
		fprintf(stderr, "Command failed %s:%u\n", script->path,
			script->first);
	}
	return rc;
}

static int run_script(struct ctl *ctl, struct script *script, bool force)
{
	int rc = RC_DONE, this, ret;

	while ((ret = read_command(script)) == 1) {
		this = run_command(ctl, script);
		if (this && !force)
			return this;
		if (!rc)
			rc = this;
		fflush(ctl->out.file);
	}
	if (ret < 0)
		return report_usage("%s: %s.", script->path, strerror(errno));
	return rc;
}

/**
 * batch_run - do the commands of a file
 * @ctl: this run
 * @path: the file; "-" is stdin
 * @force: go on after errors
 *
 * Return: RC_DONE, or what was reported of the first command that failed.
 */
int batch_run(struct ctl *ctl, const char *path, bool force)
{
	struct script script = { .file = stdin, .path = path };
	int rc;

	if (strcmp(path, "-")) {
		script.file = fopen(path, "re");
		if (!script.file)
			return report_usage("%s: %s.", path, strerror(errno));
	}
	ctl->batch = true;
	rc = run_script(ctl, &script, force);
	if (script.file != stdin)
		fclose(script.file);
	free(script.text);
	return rc;
}
