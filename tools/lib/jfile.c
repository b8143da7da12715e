// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A JSON file that a user wrote, as strict as RFC 8259 where it matters: one
 * value and nothing behind it, names between double quotes, none of them twice
 * in an object. json-c lets the last of two have it and takes single quotes for
 * names: what it took is gone through once more.
 */

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jfile.h"
#include "report.h"

#define FILE_MAX (64 * 1024 * 1024)
#define FILE_CHUNK 4096
#define DEPTH JSON_TOKENER_DEFAULT_DEPTH

/**
 * struct text - a file as it was read
 * @path: its name, for sentences
 * @octets: what is in it, a zero behind
 * @len: how many they are
 */
struct text {
	const char *path;
	char *octets;
	size_t len;
};

/**
 * struct scan - where we are in the text
 * @text: the file, of which json-c found that it is JSON
 * @at: the next octet
 * @tok: for names
 * @depth: of objects and arrays that are open
 * @names: of those that are objects, the names so far; NULL of arrays
 */
struct scan {
	const struct text *text;
	size_t at;
	struct json_tokener *tok;
	size_t depth;
	struct json_object *names[DEPTH];
};

/* ---- reading --------------------------------------------------------------- */

/* Into the text, with room for a zero; whether it did. */
static bool read_stream(struct text *text, FILE *stream)
{
	size_t room = FILE_CHUNK;
	char *more;

	for (;;) {
		more = room > FILE_MAX ? NULL : realloc(text->octets, room);
		if (!more) {
			errno = room > FILE_MAX ? EFBIG : ENOMEM;
			return false;
		}
		text->octets = more;
		text->len += fread(text->octets + text->len, 1,
				   room - 1 - text->len, stream);
		if (text->len < room - 1)
			break;
		room *= 2;
	}
	text->octets[text->len] = '\0';
	return !ferror(stream);
}

static bool read_text(struct text *text)
{
	FILE *stream;
	bool done;
	int err;

	if (!strcmp(text->path, "-"))
		return read_stream(text, stdin);
	stream = fopen(text->path, "re");
	if (!stream)
		return false;
	done = read_stream(text, stream);
	err = errno;
	fclose(stream);
	errno = err;
	return done;
}

/* ---- parsing --------------------------------------------------------------- */

static unsigned int line_of(const struct text *text, size_t at)
{
	unsigned int line = 1;

	for (size_t i = 0; i < at && i < text->len; i++)
		line += text->octets[i] == '\n';
	return line;
}

static int fail_at(const struct text *text, size_t at, const char *what)
{
	return report_usage("%s:%u: %s.", text->path, line_of(text, at), what);
}

/* What json-c makes of it: with its zero, so that a number knows its end. */
static int parse(struct json_tokener *tok, const struct text *text,
		 struct json_object **root)
{
	enum json_tokener_error error;
	size_t at;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
					    JSON_TOKENER_ALLOW_TRAILING_CHARS);
	*root = json_tokener_parse_ex(tok, text->octets, (int)text->len + 1);
	error = json_tokener_get_error(tok);
	at = json_tokener_get_parse_end(tok);
	if (error == json_tokener_continue ||
	    error == json_tokener_error_parse_eof)
		return fail_at(text, text->len, "the JSON ends too early");
	if (error != json_tokener_success)
		return fail_at(text, at, json_tokener_error_desc(error));
	while (at < text->len && isspace((unsigned char)text->octets[at]))
		at++;
	if (at < text->len)
		return fail_at(text, at, "something follows the JSON");
	return RC_DONE;
}

/* ---- what json-c does not say ---------------------------------------------- */

static int open_container(struct scan *scan, bool object)
{
	if (scan->depth == DEPTH)
		return fail_at(scan->text, scan->at, "nesting too deep");
	scan->names[scan->depth++] = object ? json_object_new_object() : NULL;
	scan->at++;
	return RC_DONE;
}

static void close_container(struct scan *scan)
{
	json_object_put(scan->names[--scan->depth]);
	scan->at++;
}

/* A name, from quote to quote: the first of its object. */
static int see_name(struct scan *scan, size_t from, size_t end)
{
	const struct text *text = scan->text;
	struct json_object *names = scan->names[scan->depth - 1], *name;
	const char *plain;
	int rc = RC_DONE;

	json_tokener_reset(scan->tok);
	name = json_tokener_parse_ex(scan->tok, text->octets + from,
				     (int)(end - from));
	plain = json_object_get_string(name);
	if (plain && json_object_object_get_ex(names, plain, NULL))
		rc = report_usage("%s:%u: \"%s\" is there twice.", text->path,
				  line_of(text, from), plain);
	else if (!plain || json_object_object_add(names, plain, NULL))
		rc = report_usage("%s: %s.", text->path, strerror(ENOMEM));
	json_object_put(name);
	return rc;
}

static int see_string(struct scan *scan)
{
	const char *octets = scan->text->octets;
	size_t from = scan->at++, end;

	while (octets[scan->at] != '"')
		scan->at += octets[scan->at] == '\\' ? 2 : 1;
	end = ++scan->at;
	while (isspace((unsigned char)octets[scan->at]))
		scan->at++;
	return octets[scan->at] == ':' ? see_name(scan, from, end) : RC_DONE;
}

static int see(struct scan *scan)
{
	switch (scan->text->octets[scan->at]) {
	case '{':
		return open_container(scan, true);
	case '[':
		return open_container(scan, false);
	case '}':
	case ']':
		close_container(scan);
		return RC_DONE;
	case '"':
		return see_string(scan);
	case '\'':
		return fail_at(scan->text, scan->at,
			       "a name is between double quotes");
	default:
		scan->at++;
		return RC_DONE;
	}
}

static int see_all(struct json_tokener *tok, const struct text *text)
{
	struct scan scan = { .text = text, .tok = tok };
	int rc = RC_DONE;

	while (!rc && scan.at < text->len)
		rc = see(&scan);
	while (scan.depth)
		close_container(&scan);
	return rc;
}

static int parse_whole(const struct text *text, struct json_object **root)
{
	struct json_tokener *tok = json_tokener_new_ex(DEPTH);
	int rc;

	if (!tok)
		return report_usage("%s: %s.", text->path, strerror(ENOMEM));
	rc = parse(tok, text, root);
	rc = rc ? rc : see_all(tok, text);
	json_tokener_free(tok);
	return rc;
}

/**
 * jfile_read - read a file of JSON
 * @path: the file; "-" is stdin
 * @root: filled, NULL for a file that holds null; owned by the caller after a
 *	failure, too
 *
 * Return: RC_DONE, or RC_USAGE and has said what is wrong, and where.
 */
int jfile_read(const char *path, struct json_object **root)
{
	struct text text = { .path = path };
	int rc;

	*root = NULL;
	if (read_text(&text))
		rc = parse_whole(&text, root);
	else
		rc = report_usage("%s: %s.", path, strerror(errno));
	free(text.octets);
	return rc;
}
