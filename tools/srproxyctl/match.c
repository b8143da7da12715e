// SPDX-License-Identifier: GPL-2.0-or-later
/* match: how packets that a function returns are found again. */

#include <stdio.h>
#include <string.h>

#include "match.h"
#include "names.h"
#include "opt.h"
#include "parse.h"

#define WORD_MAX 16

/* The number up to a separator; the list is then what follows, or NULL. */
static bool number(const char **list, char separator, uint32_t *value)
{
	const char *word = *list, *end;
	char text[WORD_MAX];

	if (!word)
		return false;
	end = strchrnul(word, separator);
	if (end - word >= WORD_MAX)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(end - word), word);
	*list = *end ? end + 1 : NULL;
	return parse_u32(text, value);
}

/* command line */

static int take_vlan(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "match vlan"), *rest = word;
	uint32_t first, last;

	if (!word)
		return RC_USAGE;
	if (!number(&rest, '-', &first) || !number(&rest, '-', &last) || rest)
		return report_usage("\"%s\" is not a range FIRST-LAST.", word);
	nl_put_u32(req, SRPROXY_A_VNF_VLAN_FIRST, first, word);
	nl_put_u32(req, SRPROXY_A_VNF_VLAN_LAST, last, word);
	return RC_DONE;
}

static int take_static(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "match static"), *rest = word, *out;
	uint32_t labels[SRPROXY_STACK_MAX];
	size_t n = 0;

	if (!word)
		return RC_USAGE;
	while (rest) {
		if (n == SRPROXY_STACK_MAX)
			return report_usage("\"%s\" has too many labels.",
					    word);
		if (!number(&rest, '/', &labels[n++]))
			return report_usage("\"%s\" is not LABEL[/LABEL...].",
					    word);
	}
	out = args_take_if(args, "out") ? args_take(args) : NULL;
	if (!out)
		return report_usage("match static lacks \"out UPLINK\".");
	nl_put(req, SRPROXY_A_VNF_LABELS, labels, n * sizeof(*labels), word);
	nl_put_str(req, SRPROXY_A_VNF_OUT, out);
	return RC_DONE;
}

static int put_match(struct nl_req *req, const char *word, uint32_t *match,
		     char *wrong, int room)
{
	if (!name_value(match_names, word, match)) {
		names_list(match_names, wrong, room);
		return RC_USAGE;
	}
	nl_put_u32(req, SRPROXY_A_VNF_MATCH, *match, word);
	return RC_DONE;
}

/**
 * match_take - take what follows "match" on the command line
 * @args: the command line
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int match_take(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "match");
	char wrong[64];
	uint32_t match;

	if (!word)
		return RC_USAGE;
	if (put_match(req, word, &match, wrong, sizeof(wrong)))
		return report_usage("match is one of %s, not \"%s\".", wrong,
				    word);
	if (match == SRPROXY_MATCH_VLAN)
		return take_vlan(args, req);
	if (match == SRPROXY_MATCH_STATIC)
		return take_static(args, req);
	return RC_DONE;
}

/* JSON */

/* The numbers of an array; *n is room before, and how many after. */
static int read_numbers(const struct jread *j, const char *key,
			uint32_t *values, size_t *n)
{
	struct json_object *array, *item;
	size_t room = *n;
	int64_t value;
	int rc;

	*n = 0;
	rc = jread_array(j, key, &array);
	if (rc || !array)
		return rc;
	if (json_object_array_length(array) > room)
		return jread_fail(j, key, "has more than %zu numbers", room);
	*n = json_object_array_length(array);
	for (size_t i = 0; i < *n; i++) {
		item = json_object_array_get_idx(array, i);
		value = json_object_get_int64(item);
		if (!json_object_is_type(item, json_type_int) || value < 0 ||
		    value > UINT32_MAX)
			return jread_fail(j, key, "[%zu] is not a number", i);
		values[i] = value;
	}
	return RC_DONE;
}

static int read_vlan(const struct jread *j, struct nl_req *req)
{
	uint32_t range[2];
	size_t n = ARRAY_SIZE(range);
	int rc;

	rc = read_numbers(j, "vlan", range, &n);
	if (rc || !n)
		return rc;
	if (n != ARRAY_SIZE(range))
		return jread_fail(j, "vlan", "is not the two ends of a range");
	nl_put_u32(req, SRPROXY_A_VNF_VLAN_FIRST, range[0], "vlan");
	nl_put_u32(req, SRPROXY_A_VNF_VLAN_LAST, range[1], "vlan");
	return RC_DONE;
}

static int read_static(const struct jread *j, struct nl_req *req)
{
	uint32_t labels[SRPROXY_STACK_MAX];
	size_t n = ARRAY_SIZE(labels);
	const char *out;
	int rc;

	rc = read_numbers(j, "static", labels, &n);
	if (rc)
		return rc;
	if (n)
		nl_put(req, SRPROXY_A_VNF_LABELS, labels, n * sizeof(*labels),
		       "static");
	rc = jread_str(j, "out", &out);
	if (!rc && out)
		nl_put_str(req, SRPROXY_A_VNF_OUT, out);
	return rc;
}

/**
 * match_read - read the match of a vnf from JSON
 * @j: the vnf
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int match_read(const struct jread *j, struct nl_req *req)
{
	const char *word;
	char wrong[64];
	uint32_t match;
	int rc;

	rc = jread_str(j, "match", &word);
	if (rc)
		return rc;
	if (word && put_match(req, word, &match, wrong, sizeof(wrong)))
		return jread_fail(j, "match", "is one of %s, not \"%s\"", wrong,
				  word);
	rc = read_vlan(j, req);
	return rc ? rc : read_static(j, req);
}

/* output */

static void print_labels(struct out *out, const struct nlattr *attr)
{
	uint32_t labels[SRPROXY_STACK_MAX];
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (!len || len > sizeof(labels))
		return;
	memcpy(labels, mnl_attr_get_payload(attr), len);
	out_nums(out, "static", "", labels, len / sizeof(*labels), '/');
}

/**
 * match_print - print the match of a vnf
 * @out: the output
 * @tb: attributes of the message by their types
 */
void match_print(struct out *out, const struct nlattr **tb)
{
	const uint32_t range[] = { nl_num(tb[SRPROXY_A_VNF_VLAN_FIRST]),
				   nl_num(tb[SRPROXY_A_VNF_VLAN_LAST]) };

	if (!tb[SRPROXY_A_VNF_MATCH])
		return;
	out_str(out, "match", "match",
		name_of(match_names, nl_num(tb[SRPROXY_A_VNF_MATCH])));
	if (tb[SRPROXY_A_VNF_VLAN_FIRST])
		out_nums(out, "vlan", "", range, ARRAY_SIZE(range), '-');
	print_labels(out, tb[SRPROXY_A_VNF_LABELS]);
	if (tb[SRPROXY_A_VNF_OUT])
		out_str(out, "out", "out", nl_str(tb[SRPROXY_A_VNF_OUT]));
}
