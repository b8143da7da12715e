// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects and commands; requests as most commands make them. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static const struct object help_object = { .name = "help" };

static const struct object *const objects[] = {
	&uplink_object, &vnf_object,   &sid_object,	&flow_object,
	&config_object, &stats_object, &monitor_object, &save_object,
	&apply_object,	&top_object,   &help_object,
};

#define NOT_LOADED "the srproxy module is not loaded: try \"modprobe srproxy\"."
#define UNSTABLE \
	"the configuration never stood still, what is shown may be incomplete."

#define N_OBJECTS ARRAY_SIZE(objects)

/* requests */

/**
 * ctl_connect - open the socket, once
 * @ctl: this run
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_connect(struct ctl *ctl)
{
	struct nl_err err;

	if (ctl->connected)
		return RC_DONE;
	if (nl_open(&ctl->nl, SRPROXY_FAMILY_NAME, SRPROXY_FAMILY_VERSION,
		    &err)) {
		return err.code == ENOENT ? report_refused(NOT_LOADED) :
					    report_kernel(&err);
	}
	ctl->connected = true;
	return RC_DONE;
}

/**
 * ctl_get - send a request and take its answer
 * @ctl: this run
 * @req: the request, which is freed
 * @cb: takes the reply and @ctl; or NULL
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_get(struct ctl *ctl, struct nl_req *req, nl_cb cb)
{
	struct nl_err err;
	int rc;

	rc = ctl_connect(ctl);
	if (!rc && nl_call(&ctl->nl, req, cb, ctl, &err))
		rc = report_kernel(&err);
	nl_req_free(req);
	return rc;
}

/**
 * ctl_do - send a request that has no answer but its acknowledgment
 * @ctl: this run
 * @req: the request, which is freed
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_do(struct ctl *ctl, struct nl_req *req)
{
	return ctl_get(ctl, req, NULL);
}

/* A request of the words that are left, and no more of them. */
static int take_words(struct args *args, struct nl_req *req, uint8_t cmd,
		      ctl_take take)
{
	int rc = RC_DONE;

	nl_req_init(req, cmd);
	if (take)
		rc = take(args, req);
	if (!rc)
		rc = args_end(args);
	if (rc)
		nl_req_free(req);
	return rc;
}

/**
 * ctl_change - send a request that a command's words make
 * @ctl: this run
 * @args: the words
 * @cmd: the request's command
 * @take: puts the words into it; NULL: it has none
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_change(struct ctl *ctl, struct args *args, uint8_t cmd, ctl_take take)
{
	struct nl_req req;
	int rc;

	rc = take_words(args, &req, cmd, take);
	return rc ? rc : ctl_do(ctl, &req);
}

/**
 * ctl_item - print an object as an item of the list
 * @ctl: this run
 * @nlh: the object
 * @print: its fields
 */
void ctl_item(struct ctl *ctl, const struct nlmsghdr *nlh, ctl_print print)
{
	out_item_open(&ctl->out);
	print(ctl, nlh);
	out_item_close(&ctl->out);
}

/* What of a list's objects is to be printed, and for whom. */
struct list {
	struct ctl *ctl;
	ctl_print print;
};

static void print_one(const struct nlmsghdr *nlh, void *data)
{
	const struct list *list = data;

	ctl_item(list->ctl, nlh, list->print);
}

static int print_list(struct list *list, struct nl_req *req, bool all)
{
	struct ctl *ctl = list->ctl;
	struct nl_err err;
	int ret;

	out_list_open(&ctl->out);
	ret = all ? nl_dump_stable(&ctl->nl, req, print_one, list, &err) :
		    nl_call(&ctl->nl, req, print_one, list, &err);
	if (ret < 0) {
		out_list_abort(&ctl->out);
		return report_kernel(&err);
	}
	if (ret)
		report_warning(UNSTABLE);
	out_list_close(&ctl->out);
	return RC_DONE;
}

/**
 * ctl_show - print a list of objects
 * @ctl: this run
 * @args: the words that name one, or none for all
 * @cmd: the request's command
 * @take: puts these words into it; NULL: there is but one object
 * @print: the fields of one
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_show(struct ctl *ctl, struct args *args, uint8_t cmd, ctl_take take,
	     ctl_print print)
{
	struct list list = { .ctl = ctl, .print = print };
	bool all = take && !args_peek(args);
	struct nl_req req;
	int rc;

	rc = take_words(args, &req, cmd, all ? NULL : take);
	if (rc)
		return rc;
	rc = ctl_connect(ctl);
	if (!rc)
		rc = print_list(&list, &req, all);
	nl_req_free(&req);
	return rc;
}

/* help */

static void print_usage(FILE *file, const char *lead, const char *object,
			const char *command, const char *usage)
{
	fprintf(file, "%s srproxyctl %s", lead, object);
	if (command)
		fprintf(file, " %s", command);
	if (usage && *usage)
		fprintf(file, " %s", usage);
	fputc('\n', file);
}

/* One command's help, or, if it is NULL, that of all of them. */
static void object_help(FILE *file, const struct object *object,
			const struct command *only)
{
	const struct command *command = object->commands;
	const char *lead = "Usage:";

	if (!command)
		print_usage(file, lead, object->name, NULL, object->usage);
	for (; command && command->name; command++) {
		if (only && only != command)
			continue;
		print_usage(file, lead, object->name, command->name,
			    command->usage);
		lead = "      ";
	}
	if (object->notes)
		fprintf(file, "%s\n", object->notes);
}

/**
 * ctl_help - print what the program can do
 * @file: where to
 */
void ctl_help(FILE *file)
{
	fputs("Usage: srproxyctl [ OPTIONS ] OBJECT { COMMAND | help }\n"
	      "       srproxyctl [ OPTIONS ] -b FILE [ -f ]\n"
	      "OBJECT := {",
	      file);
	for (size_t i = 0; i < N_OBJECTS; i++)
		fprintf(file, "%s %s", i ? " |" : "", objects[i]->name);
	fputs(" }\n"
	      "OPTIONS := { -n NETNS | -j (JSON) | -p (pretty JSON) |\n"
	      "             -s (statistics) | -b FILE (batch, - is stdin) |\n"
	      "             -f (go on after errors) | -V (version) }\n",
	      file);
}

/* dispatch */

static int unknown(const char *what, const char *word, ssize_t match)
{
	return report_usage("\"%s\" is %s %s, try \"help\".", word,
			    match == MATCH_AMBIGUOUS ? "more than one" :
						       "not a known",
			    what);
}

static bool asks_help(const char *word)
{
	return word && *word && !strncmp("help", word, strlen(word));
}

static bool only_help(const struct args *args)
{
	return args->left == 1 && !strcmp(args->next[0], "help");
}

static int dispatch_command(struct ctl *ctl, const struct object *object,
			    struct args *args)
{
	const struct command *command = object->commands;
	const char *word = args_take(args);
	ssize_t i;

	if (!word && !object->has_default) {
		object_help(stderr, object, NULL);
		return RC_USAGE;
	}
	i = word ? args_match(word, object->commands, sizeof(*command)) : 0;
	if (i == MATCH_NONE && asks_help(word)) {
		object_help(stdout, object, NULL);
		return RC_DONE;
	}
	if (i < 0)
		return unknown("command", word, i);
	command = &object->commands[i];
	if (only_help(args)) {
		object_help(stdout, object, command);
		return RC_DONE;
	}
	return command->run(ctl, args);
}

/**
 * ctl_dispatch - do what a command line says
 * @ctl: this run
 * @args: the words from the object on
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_dispatch(struct ctl *ctl, struct args *args)
{
	const struct object *object;
	const char *list[N_OBJECTS + 1] = { NULL };
	const char *word = args_take(args);
	ssize_t i;

	for (size_t n = 0; n < N_OBJECTS; n++)
		list[n] = objects[n]->name;
	i = args_match(word, list, sizeof(list[0]));
	if (i < 0)
		return unknown("object", word, i);
	object = objects[i];
	if (object == &help_object) {
		ctl_help(stdout);
		return RC_DONE;
	}
	if (object->commands)
		return dispatch_command(ctl, object, args);
	if (only_help(args)) {
		object_help(stdout, object, NULL);
		return RC_DONE;
	}
	return object->run(ctl, args);
}
