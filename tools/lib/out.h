/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_OUT_H
#define SRP_TOOLS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

#define OUT_DEPTH 8

/**
 * struct out - output, as text or as JSON, through the same calls
 * @file: where it goes
 * @json: JSON instead of text
 * @pretty: JSON for eyes
 * @in_list: between out_list_open() and out_list_close()
 * @count: items of the list so far
 * @depth: open containers of JSON
 * @stack: these containers, the outermost owns the others
 * @column: something stands on the present line of text
 */
struct out {
	FILE *file;
	bool json;
	bool pretty;
	bool in_list;
	unsigned int count;
	unsigned int depth;
	struct json_object *stack[OUT_DEPTH];
	bool column;
};

void out_list_open(struct out *out);
void out_list_close(struct out *out);
void out_list_abort(struct out *out);
void out_item_open(struct out *out);
void out_item_close(struct out *out);
void out_item_drop(struct out *out);
struct json_object *out_item_take(struct out *out);
void out_object_open(struct out *out, const char *key);
void out_object_close(struct out *out);
void out_array_open(struct out *out, const char *key);
void out_array_sort(struct out *out);
void out_array_close(struct out *out);

void out_str(struct out *out, const char *key, const char *word,
	     const char *value);
void out_num(struct out *out, const char *key, const char *word,
	     uint64_t value);
void out_real(struct out *out, const char *key, const char *word, double value);
void out_strs(struct out *out, const char *key, const char *word,
	      const char *const *values, size_t n);
void out_nums(struct out *out, const char *key, const char *word,
	      const uint32_t *values, size_t n, char separator);
void out_line(struct out *out);

#endif
