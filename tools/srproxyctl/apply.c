// SPDX-License-Identifier: GPL-2.0-or-later
/* apply: makes the namespace what a file says, whole or not at all. */

#include "ctl.h"
#include "plan.h"

static int call(struct ctl *ctl, uint8_t cmd, struct nl_err *err)
{
	struct nl_req req;
	int ret;

	nl_req_init(&req, cmd);
	ret = nl_call(&ctl->nl, &req, NULL, NULL, err);
	nl_req_free(&req);
	return ret;
}

static void abort_txn(struct ctl *ctl)
{
	struct nl_err err;

	call(ctl, SRPROXY_CMD_TXN_ABORT, &err);
}

/* Say what was refused, of which object if that is known; nothing is changed. */
static int give_up(const struct plan *plan, const struct step *step,
		   const struct nl_err *err)
{
	report_kernel(err);
	return report_refused("%s: %s%s%srefused, nothing is changed.",
			      plan->file, step ? step->path : "",
			      step ? step->name : "", step ? " " : "");
}

static int stage(struct ctl *ctl, struct plan *plan)
{
	struct nl_err err;

	for (size_t i = 0; i < plan->n; i++) {
		if (!nl_call(&ctl->nl, &plan->steps[i].req, NULL, NULL, &err))
			continue;
		abort_txn(ctl);
		return give_up(plan, &plan->steps[i], &err);
	}
	return RC_DONE;
}

static int commit(struct ctl *ctl, const struct plan *plan)
{
	const struct step *step = NULL;
	struct nl_err err;

	if (!call(ctl, SRPROXY_CMD_TXN_COMMIT, &err))
		return RC_DONE;
	abort_txn(ctl);
	if (err.n_cookie >= 1)
		step = plan_find(plan, err.cookie[0]);
	if (step && err.n_cookie >= 2)
		err.word = nl_req_word(&step->req, err.cookie[1]);
	return give_up(plan, step, &err);
}

static int replace(struct ctl *ctl, struct plan *plan)
{
	struct nl_err err;
	int rc;

	rc = ctl_connect(ctl);
	if (rc)
		return rc;
	if (call(ctl, SRPROXY_CMD_TXN_BEGIN, &err))
		return report_kernel(&err);
	rc = stage(ctl, plan);
	return rc ? rc : commit(ctl, plan);
}

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
		rc = replace(ctl, &plan);
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
