// SPDX-License-Identifier: Apache-2.0
/* Commands, and the switch that they are for. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "report.h"

#define WORDS_MAX 64

/**
 * struct command - a command
 * @name: its word
 * @run: does it
 * @usage: what follows the word
 */
struct command {
	const char *name;
	int (*run)(struct ctl *ctl, struct args *args);
	const char *usage;
};

static const struct command commands[] = {
	{ "load", ctl_load, "FILE" },
	{ "apply", ctl_apply, "FILE [ dry-run ]" },
	{ "show", ctl_show, "[ TABLE | ports | queues ]" },
	{ "counters", ctl_counters, "[ TABLE | ports | queues ]" },
	{ "monitor", ctl_monitor, "[ interval SECONDS ] [ rounds N ]" },
	{ "sessions", ctl_sessions, "forget" },
	{ "priority", ctl_priority,
	  "{ list | add SESSION queue N [ tc N dscp N ] | del SESSION }\n"
	  "       SESSION := src ADDR dst ADDR proto NUMBER sport PORT dport PORT" },
	{ 0 },
};

/**
 * ctl_help - print what the program can do
 * @file: where to
 */
void ctl_help(FILE *file)
{
	const char *lead = "Usage:";

	for (const struct command *c = commands; c->name; c++) {
		fprintf(file, "%s srp4ctl [ OPTIONS ] %s %s\n", lead, c->name,
			c->usage);
		lead = "      ";
	}
	fputs("       srp4ctl [ OPTIONS ] -b FILE [ -f ]\n"
	      "OPTIONS := { -t TARGET | -j (JSON) | -p (pretty JSON) |\n"
	      "             -b FILE (batch, - is stdin) | -f (go on after errors) |\n"
	      "             -V (version) }\n"
	      "TARGET := { stub[:FILE] | p4runtime:HOST:PORT[,device=N][,election=N] |\n"
	      "            bfrt[:install=DIRECTORY][,device=PATH] }\n",
	      file);
}

static int connect_to(struct ctl *ctl, const char *name)
{
	ctl->connected = strdup(name);
	if (!ctl->connected)
		return report_refused("memory ran out.");
	return target_open(name, &ctl->target);
}

/**
 * ctl_connect - connect to the switch; where that is done, see that it is the one
 *	and there
 * @ctl: this run
 * @name: the switch that a file names, or NULL; -t comes first
 *
 * A run has one switch: what is for another goes nowhere.
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_connect(struct ctl *ctl, const char *name)
{
	name = ctl->name ? ctl->name : name;
	if (!ctl->target && !name)
		return report_usage("no switch is named: use -t.");
	if (!ctl->target) {
		free(ctl->connected);
		return connect_to(ctl, name);
	}
	if (name && strcmp(name, ctl->connected))
		return report_usage(
			"the file is for %s, and connected is %s: use -t, or another batch.",
			name, ctl->connected);
	return ctl->target->ops->resume ?
		       ctl->target->ops->resume(ctl->target) :
		       RC_DONE;
}

/**
 * ctl_close - disconnect, if that was connected
 * @ctl: this run
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_close(struct ctl *ctl)
{
	int rc = target_close(ctl->target);

	free(ctl->connected);
	ctl->target = NULL;
	ctl->connected = NULL;
	return rc;
}

/**
 * ctl_read - read what the switch has, connecting to it first
 * @ctl: this run
 * @set: filled; to be freed also after a failure
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_read(struct ctl *ctl, struct entries *set)
{
	int rc = ctl_connect(ctl, NULL);

	*set = (struct entries){ 0 };
	return rc ? rc : ctl->target->ops->read(ctl->target, set);
}

/**
 * ctl_dispatch - do what a command line says
 * @ctl: this run
 * @args: the words from the command on
 *
 * Return: RC_DONE, or what was reported.
 */
int ctl_dispatch(struct ctl *ctl, struct args *args)
{
	const char *word = args_take(args);
	ssize_t i;

	if (!strcmp(word, "help")) {
		ctl_help(stdout);
		return RC_DONE;
	}
	i = args_match(word, commands, sizeof(commands[0]));
	if (i < 0)
		return report_usage("\"%s\" is %s command, try \"help\".", word,
				    i == MATCH_AMBIGUOUS ? "more than one" :
							   "not a known");
	return commands[i].run(ctl, args);
}

/* ---- batches --------------------------------------------------------------- */

/* One line; a word that begins with # ends it. */
static int run_line(struct ctl *ctl, char *line)
{
	char *words[WORDS_MAX], *state, *word;
	struct args args = { .next = words };

	for (word = strtok_r(line, " \t\r\n", &state); word && *word != '#';
	     word = strtok_r(NULL, " \t\r\n", &state)) {
		if (args.left == WORDS_MAX)
			return report_usage("too many words.");
		words[args.left++] = word;
	}
	return args.left ? ctl_dispatch(ctl, &args) : RC_DONE;
}

static int run_lines(struct ctl *ctl, FILE *file, const char *path, bool force)
{
	unsigned int number = 0;
	int rc = RC_DONE, this;
	char *line = NULL;
	size_t room = 0;

	while ((!rc || force) && getline(&line, &room, file) >= 0) {
		number++;
		this = run_line(ctl, line);
		fflush(ctl->out.file);
		if (this)
			fprintf(stderr, "Command failed %s:%u\n", path, number);
		rc = rc ? rc : this;
	}
	free(line);
	return rc;
}

/**
 * ctl_batch - do the commands of a file, all with one connection
 * @ctl: this run
 * @path: the file; "-" is stdin
 * @force: go on after errors
 *
 * Return: RC_DONE, or what was reported of the first command that failed.
 */
int ctl_batch(struct ctl *ctl, const char *path, bool force)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int rc;

	if (!file)
		return report_usage("%s: %s.", path, strerror(errno));
	rc = run_lines(ctl, file, path, force);
	if (file != stdin)
		fclose(file);
	return rc;
}
