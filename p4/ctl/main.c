// SPDX-License-Identifier: Apache-2.0
/* srp4ctl: loads a P4 switch, fills and shows its tables. */

#include <stdio.h>
#include <unistd.h>

#include "ctl.h"
#include "report.h"

/**
 * struct options - what is not the command's
 * @batch: file of commands, or NULL
 * @force: go on after errors in @batch
 * @done: nothing is left to do but to exit
 */
struct options {
	const char *batch;
	bool force;
	bool done;
};

static int read_option(struct ctl *ctl, struct options *options, int option)
{
	switch (option) {
	case 't':
		ctl->name = optarg;
		return RC_DONE;
	case 'j':
		ctl->out.json = true;
		return RC_DONE;
	case 'p':
		ctl->out.pretty = true;
		return RC_DONE;
	case 'b':
		options->batch = optarg;
		return RC_DONE;
	case 'f':
		options->force = true;
		return RC_DONE;
	case 'V':
		printf("srp4ctl %s\n", VERSION);
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

static int run(struct ctl *ctl, const struct options *options,
	       struct args *args)
{
	int rc;

	if (options->batch) {
		rc = args_end(args);
		return rc ? rc : ctl_batch(ctl, options->batch, options->force);
	}
	if (args->left)
		return ctl_dispatch(ctl, args);
	ctl_help(stderr);
	return RC_USAGE;
}

int main(int argc, char **argv)
{
	struct ctl ctl = { .out = { .file = stdout } };
	struct options options = { 0 };
	struct args args;
	int rc = RC_DONE, option, closed;

	while (!rc && !options.done &&
	       (option = getopt(argc, argv, "+t:jpb:fVh")) >= 0)
		rc = read_option(&ctl, &options, option);
	if (!rc && !options.done) {
		args = (struct args){ .left = argc - optind,
				      .next = argv + optind };
		rc = run(&ctl, &options, &args);
	}
	closed = ctl_close(&ctl);
	rc = rc ? rc : closed;
	if ((fflush(stdout) || ferror(stdout)) && !rc)
		rc = report_usage("writing the output failed.");
	return rc;
}
