// SPDX-License-Identifier: GPL-2.0-or-later
/* sid: labels, bound to vnf instances. */

#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "opt.h"
#include "parse.h"
#include "stage.h"

static const struct opt fallback_opt[] = {
	{ "fallback", "fallback", SRPROXY_A_SID_FALLBACK, fallback_names, NULL,
	  false },
	{ 0 },
};

static const struct opt reroute_opt = {
	.word = "fallback reroute",
	.attr = SRPROXY_A_SID_REROUTE,
};

/* command line */

static void put_member(struct nl_req *req, const char *name, bool backup)
{
	size_t nest = nl_nest_start(req, SRPROXY_A_SID_MEMBER, name);

	nl_put_str(req, SRPROXY_A_MEMBER_VNF, name);
	if (backup)
		nl_put_flag(req, SRPROXY_A_MEMBER_BACKUP, name);
	nl_nest_end(req, nest);
}

static int take_members(struct args *args, struct nl_req *req, bool backup)
{
	char *list = args_value(args, backup ? "backup" : "vnf"), *name;

	if (!list)
		return RC_USAGE;
	while ((name = strsep(&list, ",")))
		put_member(req, name, backup);
	return RC_DONE;
}

static int take_fallback(struct args *args, struct nl_req *req)
{
	const char *word = args_peek(args);
	bool reroute = word && !strcmp(word, "reroute");
	int rc;

	rc = opt_take(fallback_opt, args, req);
	if (!rc && reroute)
		rc = opt_take(&reroute_opt, args, req);
	return rc;
}

static int take_label(struct args *args, struct nl_req *req, uint16_t attr)
{
	const char *word = args_take(args);
	uint32_t label;

	if (!word)
		return report_usage("the label is missing.");
	if (!parse_u32(word, &label))
		return report_usage("\"%s\" is not a label.", word);
	nl_put_u32(req, attr, label, word);
	return RC_DONE;
}

static int take_sid(struct args *args, struct nl_req *req)
{
	return take_label(args, req, SRPROXY_A_SID_LABEL);
}

/* In any order. Who names backups names all members. */
static int take_all(struct args *args, struct nl_req *req, bool add)
{
	bool vnf = false, backup = false;
	int rc;

	rc = take_sid(args, req);
	while (!rc && args_peek(args)) {
		if (args_take_if(args, "vnf")) {
			vnf = true;
			rc = take_members(args, req, false);
		} else if (args_take_if(args, "backup")) {
			backup = true;
			rc = take_members(args, req, true);
		} else if (args_take_if(args, "fallback")) {
			rc = take_fallback(args, req);
		} else {
			rc = args_end(args);
		}
	}
	if (!rc && (add || backup) && !vnf)
		return report_usage("\"vnf NAME\" is missing.");
	return rc;
}

static int take_added(struct args *args, struct nl_req *req)
{
	return take_all(args, req, true);
}

static int take_changed(struct args *args, struct nl_req *req)
{
	return take_all(args, req, false);
}

static int sid_add(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_SID_NEW, take_added);
}

static int sid_set(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_SID_SET, take_changed);
}

static int sid_del(struct ctl *ctl, struct args *args)
{
	return ctl_change(ctl, args, SRPROXY_CMD_SID_DEL, take_sid);
}

/* output */

/**
 * struct member - an instance that a sid is bound to
 * @name: of the vnf
 * @backup: serves only when no other can
 * @counters: of this sid through this vnf
 */
struct member {
	const char *name;
	bool backup;
	struct counters counters;
};

/**
 * struct members - all of them
 * @list: in the kernel's order
 * @n: how many
 */
struct members {
	struct member *list;
	size_t n;
};

static struct member read_member(const struct nlattr *nest)
{
	const struct nlattr *tb[SRPROXY_A_MEMBER_MAX + 1];

	nl_parse_nested(nest, tb, SRPROXY_A_MEMBER_MAX);
	return (struct member){
		.name = nl_str(tb[SRPROXY_A_MEMBER_VNF]),
		.backup = tb[SRPROXY_A_MEMBER_BACKUP],
		.counters = counters_read(tb[SRPROXY_A_MEMBER_STATS]),
	};
}

static struct members read_members(const struct nlmsghdr *nlh)
{
	struct members members = { 0 };
	const struct nlattr *attr;
	struct member *more;

	nl_for_each(attr, nlh)
	{
		if (mnl_attr_get_type(attr) != SRPROXY_A_SID_MEMBER)
			continue;
		more = realloc(members.list, (members.n + 1) * sizeof(*more));
		if (!more)
			break;
		members.list = more;
		members.list[members.n++] = read_member(attr);
	}
	return members;
}

static void print_names(struct out *out, const struct members *members,
			bool backup, const char *word)
{
	const char **names = calloc(members->n + 1, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; names && i < members->n; i++)
		if (members->list[i].backup == backup)
			names[n++] = members->list[i].name;
	out_strs(out, word, word, names, n);
	free(names);
}

static void print_config(struct out *out, const struct nlattr **tb,
			 const struct members *members)
{
	bool reroute = nl_num(tb[SRPROXY_A_SID_FALLBACK]) ==
		       SRPROXY_FALLBACK_REROUTE;

	out_num(out, "label", "", nl_num(tb[SRPROXY_A_SID_LABEL]));
	print_names(out, members, false, "vnf");
	print_names(out, members, true, "backup");
	opt_print(fallback_opt, out, tb);
	if (reroute)
		out_num(out, "reroute", "", nl_num(tb[SRPROXY_A_SID_REROUTE]));
}

static void print_member_stats(struct out *out, const struct member *member)
{
	out_object_open(out, NULL);
	out_line(out);
	out_str(out, "vnf", "vnf", member->name);
	out_num(out, "packets", "packets", member->counters.tx_packets);
	out_num(out, "bytes", "bytes", member->counters.tx_bytes);
	out_object_close(out);
}

static void print_stats(struct out *out, const struct nlattr *nest,
			const struct members *members)
{
	struct counters c = counters_read(nest);

	out_object_open(out, "stats");
	out_line(out);
	out_num(out, "packets", "packets", c.rx_packets);
	out_num(out, "bytes", "bytes", c.rx_bytes);
	out_array_open(out, "members");
	for (size_t i = 0; i < members->n; i++)
		print_member_stats(out, &members->list[i]);
	out_array_close(out);
	out_object_close(out);
}

/**
 * sid_print - print the fields of a sid
 * @ctl: this run
 * @nlh: reply or notification
 */
void sid_print(struct ctl *ctl, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[SRPROXY_A_SID_MAX + 1];
	struct members members = read_members(nlh);

	nl_parse(nlh, tb, SRPROXY_A_SID_MAX);
	print_config(&ctl->out, tb, &members);
	if (ctl->stats)
		print_stats(&ctl->out, tb[SRPROXY_A_SID_STATS], &members);
	free(members.list);
}

static int sid_show(struct ctl *ctl, struct args *args)
{
	return ctl_show(ctl, args, SRPROXY_CMD_SID_GET, take_sid, sid_print);
}

/* save and apply */

/**
 * sid_save - print the configuration of a sid as an element of an array
 * @nlh: reply
 * @data: the output
 */
void sid_save(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[SRPROXY_A_SID_MAX + 1];
	struct members members = read_members(nlh);

	nl_parse(nlh, tb, SRPROXY_A_SID_MAX);
	out_object_open(data, NULL);
	print_config(data, tb, &members);
	out_object_close(data);
	free(members.list);
}

static int read_names(const struct jread *j, const char *key,
		      struct nl_req *req, size_t *n)
{
	struct json_object *array, *name;
	int rc;

	*n = 0;
	rc = jread_array(j, key, &array);
	if (rc || !array)
		return rc;
	*n = json_object_array_length(array);
	for (size_t i = 0; i < *n; i++) {
		name = json_object_array_get_idx(array, i);
		if (!json_object_is_type(name, json_type_string))
			return jread_fail(j, key, "[%zu] is not a string", i);
		if (strlen(json_object_get_string(name)) !=
		    (size_t)json_object_get_string_len(name))
			return jread_fail(j, key, "[%zu] has a zero in it", i);
		put_member(req, json_object_get_string(name),
			   !strcmp(key, "backup"));
	}
	return RC_DONE;
}

static int read_members_of(const struct jread *j, struct nl_req *req)
{
	size_t n;
	int rc;

	rc = read_names(j, "vnf", req, &n);
	if (rc)
		return rc;
	if (!n)
		return jread_fail(j, "vnf", "is missing or empty");
	return read_names(j, "backup", req, &n);
}

static int read_fallback(const struct jread *j, struct nl_req *req)
{
	const char *fallback, *word;
	uint32_t label = 0;
	bool reroute;
	int rc;

	rc = opt_read(fallback_opt, j, req);
	if (!rc)
		rc = jread_str(j, "fallback", &fallback);
	if (!rc)
		rc = jread_u32(j, "reroute", &label, &word);
	if (rc)
		return rc;
	reroute = fallback && !strcmp(fallback, "reroute");
	if (reroute && !word)
		return jread_fail(j, "reroute", "is missing");
	if (!reroute && word)
		return jread_fail(j, "reroute",
				  "goes with \"fallback\":\"reroute\"");
	if (reroute)
		nl_put_u32(req, SRPROXY_A_SID_REROUTE, label, word);
	return RC_DONE;
}

/**
 * sid_stage - the request that makes a sid as JSON has it
 * @j: the sid
 * @req: the request
 *
 * Return: RC_DONE or RC_USAGE.
 */
int sid_stage(const struct jread *j, struct nl_req *req)
{
	static const char *const keys[] = {
		"label", "vnf", "backup", "fallback", "reroute", NULL,
	};
	const char *word;
	uint32_t label = 0;
	int rc;

	nl_req_init(req, SRPROXY_CMD_SID_NEW);
	rc = jread_only(j, keys);
	if (!rc)
		rc = jread_u32(j, "label", &label, &word);
	if (rc)
		return rc;
	if (!word)
		return jread_fail(j, "label", "is missing");
	nl_put_u32(req, SRPROXY_A_SID_LABEL, label, word);
	rc = read_members_of(j, req);
	return rc ? rc : read_fallback(j, req);
}

#define SID_USAGE                     \
	"[ backup NAME[,NAME...] ]\n" \
	"                      "      \
	"[ fallback { drop | bypass | reroute LABEL | lfib } ]"

#define SET_USAGE                                                  \
	"LABEL [ vnf NAME[,NAME...] [ backup NAME[,NAME...] ] ]\n" \
	"                      "                                   \
	"[ fallback { drop | bypass | reroute LABEL | lfib } ]"

static const struct command commands[] = {
	{ "show", sid_show, "[ LABEL ]" },
	{ "add", sid_add, "LABEL vnf NAME[,NAME...] " SID_USAGE },
	{ "set", sid_set, SET_USAGE },
	{ "del", sid_del, "LABEL" },
	{ 0 },
};

const struct object sid_object = {
	.name = "sid",
	.commands = commands,
	.has_default = true,
	.notes = "LABEL := 16 to 1048575\n"
		 "set: vnf names all members, those after backup too.",
};
