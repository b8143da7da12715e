// SPDX-License-Identifier: GPL-2.0-or-later
/* srproxyctl: sets up and shows the SR-MPLS service proxy of a namespace. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "netns.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

/**
 * struct options - what stands before the object
 * @netns: namespace to work in, or NULL
 * @batch: file of commands, or NULL
 * @force: go on after errors in @batch
 * @done: nothing is left to do but to exit
 */
struct options {
	const char *netns;
	const char *batch;
	bool force;
	bool done;
};

#define FLAGS "jpsfVh"
#define WITH_VALUE "nb"
#define SHORT_OPTIONS "+jpsfVhn:b:"

/* With one hyphen or two, and any prefix. Those that several have stand here
 * themselves: getopt takes two options that do the same for two.
 */
static const struct option long_options[] = {
	{ "netns", required_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "statistics", no_argument, NULL, 's' },
	{ "stats", no_argument, NULL, 's' },
	{ "stat", no_argument, NULL, 's' },
	{ "sta", no_argument, NULL, 's' },
	{ "st", no_argument, NULL, 's' },
	{ "batch", required_argument, NULL, 'b' },
	{ "force", no_argument, NULL, 'f' },
	{ "Version", no_argument, NULL, 'V' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int read_option(struct ctl *ctl, struct options *options, int option)
{
	switch (option) {
	case 'n':
		options->netns = optarg;
		ctl->netns = optarg;
		return RC_DONE;
	case 'j':
		ctl->out.json = true;
		return RC_DONE;
	case 'p':
		ctl->out.json = true;
		ctl->out.pretty = true;
		return RC_DONE;
	case 's':
		ctl->stats = true;
		return RC_DONE;
	case 'b':
		options->batch = optarg;
		return RC_DONE;
	case 'f':
		options->force = true;
		return RC_DONE;
	case 'V':
		printf("srproxyctl %s\n", VERSION);
		options->done = true;
		return RC_DONE;
	case 'h':
		ctl_help(stdout);
		options->done = true;
		return RC_DONE;
	}
	ctl_help(stderr);
	return RC_USAGE;
}

/* Short options in one word, "-js", which might begin a long one, too. */
static bool is_bundle(const char *word)
{
	size_t flags;

	if (!word || word[0] != '-')
		return false;
	flags = strspn(word + 1, FLAGS);
	word += 1 + flags;
	return flags && (!*word || (strchr(WITH_VALUE, *word) && !word[1]));
}

static int next_option(int argc, char **argv)
{
	if (optind < argc && is_bundle(argv[optind]))
		return getopt_long(argc, argv, SHORT_OPTIONS, long_options,
				   NULL);
	return getopt_long_only(argc, argv, SHORT_OPTIONS, long_options, NULL);
}

static int read_options(struct ctl *ctl, struct options *options, int argc,
			char **argv)
{
	int option, rc = RC_DONE;

	while (!rc && !options->done) {
		option = next_option(argc, argv);
		if (option < 0)
			break;
		rc = read_option(ctl, options, option);
	}
	return rc;
}

static int run(struct ctl *ctl, const struct options *options,
	       struct args *args)
{
	int rc;

	if (!options->batch && !args->left) {
		ctl_help(stderr);
		return RC_USAGE;
	}
	if (options->netns) {
		rc = netns_enter(options->netns);
		if (rc)
			return rc;
	}
	if (!options->batch)
		return ctl_dispatch(ctl, args);
	rc = args_end(args);
	return rc ? rc : batch_run(ctl, options->batch, options->force);
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .out = { .file = stdout } };
	struct options options = { 0 };
	struct args args;
	int rc;

	rc = read_options(&ctl, &options, argc, argv);
	if (!rc && !options.done) {
		args = (struct args){ .left = argc - optind,
				      .next = argv + optind };
		rc = run(&ctl, &options, &args);
	}
	if (ctl.connected)
		nl_close(&ctl.nl);
	if ((fflush(stdout) || ferror(stdout)) && !rc)
		rc = report_usage("writing the output failed.");
	return rc;
}
