// SPDX-License-Identifier: GPL-2.0-or-later
/* steer: labels that a function chooses by the DSCP of what it returns. */

#include <stdio.h>
#include <string.h>

#include "match.h"
#include "opt.h"
#include "parse.h"

#define ENTRY_MAX 32

static void put_entry(struct nl_req *req, uint8_t dscp, uint32_t label,
		      const char *word)
{
	size_t nest = nl_nest_start(req, SRPROXY_A_VNF_STEER, word);

	nl_put(req, SRPROXY_A_STEER_DSCP, &dscp, sizeof(dscp), word);
	nl_put_u32(req, SRPROXY_A_STEER_LABEL, label, word);
	nl_nest_end(req, nest);
}

/* One VALUE=LABEL; a value no octet holds is none. */
static bool put_pair(struct nl_req *req, char *pair, const char *word)
{
	char *label = strchr(pair, '=');
	uint32_t dscp, value;

	if (!label)
		return false;
	*label++ = '\0';
	if (!parse_u32(pair, &dscp) || dscp > SRPROXY_DSCP_MAX ||
	    !parse_u32(label, &value))
		return false;
	put_entry(req, dscp, value, word);
	return true;
}

/**
 * steer_take - take what follows "steer" on the command line
 * @args: the command line
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int steer_take(struct args *args, struct nl_req *req)
{
	const char *word = args_value(args, "steer"), *list;
	char pair[ENTRY_MAX];
	size_t len;

	if (!word)
		return RC_USAGE;
	if (!strcmp(word, "none")) {
		nl_put_flag(req, SRPROXY_A_VNF_STEER_NONE, word);
		return RC_DONE;
	}
	if (strcmp(word, "dscp"))
		return report_usage("\"steer\" wants \"dscp\" or \"none\".");
	word = args_value(args, "steer dscp");
	if (!word)
		return RC_USAGE;
	for (list = word; list; list = list[len] ? list + len + 1 : NULL) {
		len = strcspn(list, ",");
		snprintf(pair, sizeof(pair), "%.*s", (int)len, list);
		if (len >= sizeof(pair) || !put_pair(req, pair, word))
			return report_usage("\"%.*s\" is not VALUE=LABEL.",
					    (int)len, list);
	}
	return RC_DONE;
}

/**
 * steer_read - read the steering of a vnf from JSON
 * @j: the vnf
 * @req: the request that it is put into
 *
 * Return: RC_DONE or RC_USAGE.
 */
int steer_read(const struct jread *j, struct nl_req *req)
{
	static const char *const keys[] = { "dscp", NULL };
	struct jread steer, dscp;
	uint32_t value, label;
	const char *word;
	int rc;

	rc = jread_object(j, "steer", &steer);
	if (rc || !steer.object)
		return rc;
	rc = jread_only(&steer, keys);
	if (!rc)
		rc = jread_object(&steer, "dscp", &dscp);
	if (rc || !dscp.object)
		return rc;
	json_object_object_foreach(dscp.object, key, number)
	{
		(void)number;
		if (!parse_u32(key, &value) || value > SRPROXY_DSCP_MAX)
			return jread_fail(&dscp, key, "is not a DSCP");
		rc = jread_u32(&dscp, key, &label, &word);
		if (rc)
			return rc;
		put_entry(req, value, label, word);
	}
	return RC_DONE;
}

/**
 * steer_print - print the steering of a vnf, if it does
 * @out: the output
 * @nlh: reply or notification
 */
void steer_print(struct out *out, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_STEER_MAX + 1], *attr;
	char key[12], pair[ENTRY_MAX], list[64 * ENTRY_MAX] = "";
	size_t n = 0;

	nl_for_each(attr, nlh)
	{
		if (mnl_attr_get_type(attr) != SRPROXY_A_VNF_STEER)
			continue;
		nl_parse_nested(attr, tb, SRPROXY_A_STEER_MAX);
		if (!n++) {
			out_object_open(out, "steer");
			out_object_open(out, "dscp");
		}
		snprintf(key, sizeof(key), "%u",
			 (unsigned int)nl_num(tb[SRPROXY_A_STEER_DSCP]));
		snprintf(pair, sizeof(pair), "%s%s=%u", n > 1 ? "," : "", key,
			 (unsigned int)nl_num(tb[SRPROXY_A_STEER_LABEL]));
		strncat(list, pair, sizeof(list) - strlen(list) - 1);
		out_num(out, key, NULL, nl_num(tb[SRPROXY_A_STEER_LABEL]));
	}
	if (!n)
		return;
	out_object_close(out);
	out_object_close(out);
	out_str(out, NULL, "steer dscp", list);
}
