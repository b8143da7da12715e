// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text and JSON through one call. A value has a key for JSON and a word for
 * text: no key, not in the JSON; no word, not in the text; an empty word, the
 * value alone. JSON items are printed one by one, so that a list may be long.
 * JSON is UTF-8 whatever strings are.
 */

#include <assert.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "utf8.h"

/**
 * out_list_open - begin a list of items, an array in JSON
 * @out: the output
 */
void out_list_open(struct out *out)
{
	out->in_list = true;
	out->count = 0;
}

/**
 * out_list_close - end the list
 * @out: the output
 */
void out_list_close(struct out *out)
{
	out->in_list = false;
	if (!out->json)
		return;
	if (!out->count)
		fputc('[', out->file);
	fputs(out->pretty && out->count ? "\n]\n" : "]\n", out->file);
}

/**
 * out_list_abort - end a list that failed; prints nothing if it has no items
 * @out: the output
 */
void out_list_abort(struct out *out)
{
	out->in_list = false;
}

static void push(struct out *out, const char *key, struct json_object *value,
		 bool container)
{
	struct json_object *top;

	if (out->depth) {
		top = out->stack[out->depth - 1];
		if (json_object_is_type(top, json_type_array))
			json_object_array_add(top, value);
		else
			json_object_object_add(top, key, value);
	}
	if (container) {
		assert(out->depth < OUT_DEPTH);
		out->stack[out->depth++] = value;
	}
}

/**
 * out_item_open - begin an item: a line of text, or an object of JSON that is
 *	an element of the list, if there is one, or else stands alone
 * @out: the output
 */
void out_item_open(struct out *out)
{
	if (out->json)
		push(out, NULL, json_object_new_object(), true);
	out->column = false;
}

static void print_item(struct out *out, struct json_object *item)
{
	int style = out->pretty ? JSON_C_TO_STRING_PRETTY :
				  JSON_C_TO_STRING_PLAIN;

	if (out->in_list) {
		fputc(out->count++ ? ',' : '[', out->file);
		if (out->pretty)
			fputc('\n', out->file);
	}
	style |= JSON_C_TO_STRING_NOSLASHESCAPE;
	fputs(json_object_to_json_string_ext(item, style), out->file);
	if (!out->in_list)
		fputc('\n', out->file);
}

/**
 * out_item_close - end the item
 * @out: the output
 */
void out_item_close(struct out *out)
{
	if (!out->json) {
		fputc('\n', out->file);
		out->column = false;
		return;
	}
	out->depth--;
	assert(!out->depth);
	print_item(out, out->stack[0]);
	json_object_put(out->stack[0]);
}

/**
 * out_item_drop - forget the item, which JSON alone can
 * @out: the output
 */
void out_item_drop(struct out *out)
{
	if (out->depth)
		json_object_put(out->stack[0]);
	out->depth = 0;
}

/**
 * out_item_take - end the item without printing it, which JSON alone can
 * @out: the output
 *
 * Return: the item, for json_object_put().
 */
struct json_object *out_item_take(struct out *out)
{
	out->depth--;
	assert(!out->depth);
	return out->stack[0];
}

/**
 * out_object_open - begin an object within an item; nothing in text
 * @out: the output
 * @key: its name
 */
void out_object_open(struct out *out, const char *key)
{
	if (out->json)
		push(out, key, json_object_new_object(), true);
}

/**
 * out_object_close - end the object
 * @out: the output
 */
void out_object_close(struct out *out)
{
	if (out->json)
		out->depth--;
}

/**
 * out_array_open - begin an array within an item; nothing in text
 * @out: the output
 * @key: its name
 */
void out_array_open(struct out *out, const char *key)
{
	if (out->json)
		push(out, key, json_object_new_array(), true);
}

static struct json_object *first_value(struct json_object *object)
{
	struct json_object_iterator first = json_object_iter_begin(object);

	return json_object_iter_peek_value(&first);
}

static int compare(const void *a, const void *b)
{
	struct json_object *x = first_value(*(struct json_object *const *)a);
	struct json_object *y = first_value(*(struct json_object *const *)b);
	int64_t m = json_object_get_int64(x), n = json_object_get_int64(y);

	if (json_object_is_type(x, json_type_int))
		return (m > n) - (m < n);
	return strcmp(json_object_get_string(x), json_object_get_string(y));
}

/**
 * out_array_sort - sort an array of objects by the first value of each, before
 *	it is closed; nothing in text
 * @out: the output
 */
void out_array_sort(struct out *out)
{
	if (out->json)
		json_object_array_sort(out->stack[out->depth - 1], compare);
}

/**
 * out_array_close - end the array
 * @out: the output
 */
void out_array_close(struct out *out)
{
	out_object_close(out);
}

static void put_word(struct out *out, const char *word)
{
	if (out->column)
		fputc(' ', out->file);
	out->column = true;
	if (*word)
		fprintf(out->file, "%s ", word);
}

static struct json_object *json_string(const char *value)
{
	char *clean = utf8_clean(value);
	struct json_object *string = json_object_new_string(clean ? clean : "");

	free(clean);
	return string;
}

/**
 * out_str - a string
 * @out: the output
 * @key: its name in JSON, or NULL
 * @word: what precedes it in text, or NULL
 * @value: the string
 */
void out_str(struct out *out, const char *key, const char *word,
	     const char *value)
{
	if (out->json) {
		if (key)
			push(out, key, json_string(value), false);
	} else if (word) {
		put_word(out, word);
		fputs(value, out->file);
	}
}

/**
 * out_num - a number
 * @out: the output
 * @key: its name in JSON, or NULL
 * @word: what precedes it in text, or NULL
 * @value: the number
 */
void out_num(struct out *out, const char *key, const char *word, uint64_t value)
{
	if (out->json) {
		if (key)
			push(out, key, json_object_new_uint64(value), false);
	} else if (word) {
		put_word(out, word);
		fprintf(out->file, "%llu", (unsigned long long)value);
	}
}

/**
 * out_real - a number that need not be whole, to three decimals
 * @out: the output
 * @key: its name in JSON, or NULL
 * @word: what precedes it in text, or NULL
 * @value: the number
 */
void out_real(struct out *out, const char *key, const char *word, double value)
{
	char text[64];

	snprintf(text, sizeof(text), "%.3f", value);
	if (out->json) {
		if (key)
			push(out, key, json_object_new_double_s(value, text),
			     false);
	} else if (word) {
		put_word(out, word);
		fputs(text, out->file);
	}
}

/**
 * out_strs - an array of strings, commas between them in text, where an empty
 *	one is left away
 * @out: the output
 * @key: its name in JSON
 * @word: what precedes it in text, or NULL
 * @values: the strings
 * @n: how many
 */
void out_strs(struct out *out, const char *key, const char *word,
	      const char *const *values, size_t n)
{
	if (out->json) {
		out_array_open(out, key);
		for (size_t i = 0; i < n; i++)
			out_str(out, "", NULL, values[i]);
		out_array_close(out);
	} else if (word && n) {
		put_word(out, word);
		for (size_t i = 0; i < n; i++)
			fprintf(out->file, "%s%s", i ? "," : "", values[i]);
	}
}

/**
 * out_nums - an array of numbers, a separator between them in text, where an
 *	empty one is a dash
 * @out: the output
 * @key: its name in JSON
 * @word: what precedes it in text, or NULL
 * @values: the numbers
 * @n: how many
 * @separator: what stands between them in text
 */
void out_nums(struct out *out, const char *key, const char *word,
	      const uint32_t *values, size_t n, char separator)
{
	if (out->json) {
		out_array_open(out, key);
		for (size_t i = 0; i < n; i++)
			out_num(out, "", NULL, values[i]);
		out_array_close(out);
	} else if (word) {
		put_word(out, word);
		if (!n)
			fputc('-', out->file);
		for (size_t i = 0; i < n; i++) {
			if (i)
				fputc(separator, out->file);
			fprintf(out->file, "%u", values[i]);
		}
	}
}

/**
 * out_line - go on with an item on a new line of text, indented
 * @out: the output
 */
void out_line(struct out *out)
{
	if (out->json)
		return;
	fputs("\n   ", out->file);
	out->column = true;
}
