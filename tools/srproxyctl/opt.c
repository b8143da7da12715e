// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings that are one word and one value, from tables: taken from the
 * command line, read from JSON, printed.
 */

#include <arpa/inet.h>
#include <string.h>

#include "opt.h"
#include "parse.h"

#define NOT_YET "is not supported by this version of srproxy yet"

/**
 * opt_later - say that something of the grammar is not there yet
 * @word: of the grammar
 * @value: that follows it, or NULL
 *
 * Return: RC_USAGE.
 */
int opt_later(const char *word, const char *value)
{
	return report_usage("\"%s%s%s\" " NOT_YET ".", word, value ? " " : "",
			    value ? value : "");
}

/**
 * opt_read_later - say that a value in a file is not there yet
 * @j: the object
 * @key: of the value
 * @value: of the grammar
 *
 * Return: RC_USAGE.
 */
int opt_read_later(const struct jread *j, const char *key, const char *value)
{
	return jread_fail(j, key, "\"%s\" " NOT_YET, value);
}

/**
 * opt_find - find a setting by its word
 * @opts: the settings, one without a word at the end
 * @word: in full
 *
 * Return: the setting, or NULL.
 */
const struct opt *opt_find(const struct opt *opts, const char *word)
{
	for (; opts->word; opts++)
		if (!strcmp(opts->word, word))
			return opts;
	return NULL;
}

/* Give what is wrong with a value, or NULL and put it. */
static const char *put_name(const struct opt *opt, const char *word,
			    struct nl_req *req, char *wrong, int room)
{
	uint32_t value;

	if (name_value(opt->names, word, &value)) {
		nl_put_u32(req, opt->attr, value, word);
		return NULL;
	}
	names_list(opt->names, wrong, room);
	return wrong;
}

/**
 * opt_take - take the value of a setting from the command line
 * @opt: the setting
 * @args: the command line after the setting's word
 * @req: the request that the value is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int opt_take(const struct opt *opt, struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, opt->word);
	char wrong[128];
	uint32_t value;

	if (!word)
		return RC_USAGE;
	if (opt->later && name_value(opt->later, word, &value))
		return opt_later(opt->word, word);
	if (opt->names) {
		if (put_name(opt, word, req, wrong, sizeof(wrong)))
			return report_usage("%s is one of %s, not \"%s\".",
					    opt->word, wrong, word);
		return RC_DONE;
	}
	if (!parse_u32(word, &value))
		return report_usage("%s is a number, not \"%s\".", opt->word,
				    word);
	nl_put_u32(req, opt->attr, value, word);
	return RC_DONE;
}

static int read_one(const struct opt *opt, const struct jread *j,
		    struct nl_req *req)
{
	const char *word;
	char wrong[128];
	uint32_t value;
	int rc;

	if (!opt->names) {
		rc = jread_u32(j, opt->key, &value, &word);
		if (!rc && word)
			nl_put_u32(req, opt->attr, value, word);
		return rc;
	}
	rc = jread_str(j, opt->key, &word);
	if (rc || !word)
		return rc;
	if (opt->later && name_value(opt->later, word, &value))
		return opt_read_later(j, opt->key, word);
	if (put_name(opt, word, req, wrong, sizeof(wrong)))
		return jread_fail(j, opt->key, "is one of %s, not \"%s\"",
				  wrong, word);
	return RC_DONE;
}

/**
 * opt_read - read settings from JSON
 * @opts: the settings, one without a word at the end
 * @j: the object
 * @req: the request that the values are put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int opt_read(const struct opt *opts, const struct jread *j, struct nl_req *req)
{
	int rc = RC_DONE;

	for (; !rc && opts->word; opts++)
		rc = read_one(opts, j, req);
	return rc;
}

/**
 * opt_print - print settings
 * @opts: the settings, one without a word at the end
 * @out: the output
 * @tb: attributes of the message by their types
 */
void opt_print(const struct opt *opts, struct out *out,
	       const struct nlattr **tb)
{
	uint64_t value;

	for (; opts->word; opts++) {
		if (!tb[opts->attr])
			continue;
		value = nl_num(tb[opts->attr]);
		if (opts->names)
			out_str(out, opts->key, opts->word,
				name_of(opts->names, value));
		else
			out_num(out, opts->key,
				opts->hide_zero && !value ? NULL : opts->word,
				value);
	}
}

/* next hops */

static bool put_via(const struct via_attrs *attrs, int family, const char *text,
		    struct nl_req *req)
{
	uint8_t addr[sizeof(struct in6_addr)];

	if (inet_pton(family, text, addr) != 1)
		return false;
	if (family == AF_INET)
		nl_put(req, attrs->inet, addr, sizeof(struct in_addr), text);
	else
		nl_put(req, attrs->inet6, addr, sizeof(struct in6_addr), text);
	return true;
}

/**
 * via_take - take a next hop from the command line
 * @attrs: where the kernel takes it
 * @args: the command line after "via"
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int via_take(const struct via_attrs *attrs, struct args *args,
	     struct nl_req *req)
{
	const char *family_word = args_value(args, "via"), *addr;
	int family;

	if (!family_word)
		return RC_USAGE;
	if (!parse_family(family_word, &family))
		return report_usage("\"%s\" is not inet or inet6.",
				    family_word);
	addr = args_value(args, family_word);
	if (!addr)
		return RC_USAGE;
	if (!put_via(attrs, family, addr, req))
		return report_usage("\"%s\" is not an %s address.", addr,
				    family_word);
	return RC_DONE;
}

/**
 * via_read - read a next hop from JSON
 * @attrs: where the kernel takes it
 * @j: the object of the next hop
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int via_read(const struct via_attrs *attrs, const struct jread *j,
	     struct nl_req *req)
{
	const char *family_word, *addr;
	int family, rc;

	rc = jread_str_needed(j, "family", &family_word);
	if (rc)
		return rc;
	if (!parse_family(family_word, &family))
		return jread_fail(j, "family", "is inet or inet6, not \"%s\"",
				  family_word);
	rc = jread_str_needed(j, "addr", &addr);
	if (rc)
		return rc;
	if (!put_via(attrs, family, addr, req))
		return jread_fail(j, "addr", "is not an %s address",
				  family_word);
	return RC_DONE;
}

/**
 * via_print - print a next hop, if there is one
 * @attrs: where the kernel gives it
 * @out: the output
 * @word: what precedes it in text
 * @tb: attributes of the message by their types
 *
 * In JSON the object is left open for more, when there is one.
 *
 * Return: whether there is one, and out_object_close() is to be called.
 */
bool via_print(const struct via_attrs *attrs, struct out *out, const char *word,
	       const struct nlattr **tb)
{
	const struct nlattr *inet = tb[attrs->inet], *inet6 = tb[attrs->inet6];
	const struct nlattr *attr = inet ? inet : inet6;
	size_t len = inet ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	char text[INET6_ADDRSTRLEN];

	if (!attr || mnl_attr_get_payload_len(attr) < len)
		return false;
	inet_ntop(inet ? AF_INET : AF_INET6, mnl_attr_get_payload(attr), text,
		  sizeof(text));
	out_object_open(out, "via");
	out_str(out, "family", word, inet ? "inet" : "inet6");
	out_str(out, "addr", "", text);
	return true;
}
