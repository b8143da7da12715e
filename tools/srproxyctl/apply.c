// SPDX-License-Identifier: GPL-2.0-or-later
/* apply: makes the namespace what a file says, whole or not at all. */

#include "txn.h"

static int apply_run(struct ctl *ctl, struct args *args)
{
	const char *path = args_take(args);
	struct plan plan;
	int rc;

	if (!path)
		return report_usage("the file is missing.");
	rc = args_end(args);
	if (rc)
		return rc;
	rc = plan_read(&plan, path);
	if (!rc)
		rc = txn_begin(ctl);
	if (!rc)
		rc = txn_run(ctl, &plan, NULL);
	plan_free(&plan);
	return rc;
}

const struct object apply_object = {
	.name = "apply",
	.run = apply_run,
	.usage = "FILE",
	.notes = "Makes the configuration what FILE says, whole or not at all; "
		 "- is stdin.\n"
		 "FILE has the form that \"srproxyctl save\" prints.",
};
