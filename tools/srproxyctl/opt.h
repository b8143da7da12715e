/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_OPT_H
#define SRPROXYCTL_OPT_H

#include "ctl.h"
#include "jread.h"
#include "names.h"

/**
 * struct opt - a setting that is one word and one value: a number or a name
 * @word: of the grammar
 * @key: of the JSON
 * @attr: of the kernel
 * @names: the values, or NULL for a number
 * @later: values that a later version will know, or NULL
 * @hide_zero: no text when it is 0
 */
struct opt {
	const char *word;
	const char *key;
	uint16_t attr;
	const char *const *names;
	const char *const *later;
	bool hide_zero;
};

/**
 * struct via_attrs - where the kernel takes a next hop
 * @inet: attribute of the IPv4 address
 * @inet6: attribute of the IPv6 address
 */
struct via_attrs {
	uint16_t inet;
	uint16_t inet6;
};

int opt_later(const char *word, const char *value);
int opt_read_later(const struct jread *j, const char *key, const char *value);
const struct opt *opt_find(const struct opt *opts, const char *word);
int opt_take(const struct opt *opt, struct args *args, struct nl_req *req);
int opt_read(const struct opt *opts, const struct jread *j, struct nl_req *req);
void opt_print(const struct opt *opts, struct out *out,
	       const struct nlattr **tb);

int via_take(const struct via_attrs *attrs, struct args *args,
	     struct nl_req *req);
int via_read(const struct via_attrs *attrs, const struct jread *j,
	     struct nl_req *req);
bool via_print(const struct via_attrs *attrs, struct out *out, const char *word,
	       const struct nlattr **tb);

#endif
