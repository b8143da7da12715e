// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's transaction: a whole configuration in place of the present one. */

#include <errno.h>

#include "txn.h"

static int call(struct ctl *ctl, uint8_t cmd, struct nl_err *err)
{
	struct nl_req req;
	int ret;

	nl_req_init(&req, cmd);
	ret = nl_call(&ctl->nl, &req, NULL, NULL, err);
	nl_req_free(&req);
	return ret;
}

/**
 * txn_begin - begin a transaction, which this socket's requests belong to
 * @ctl: this run
 *
 * Return: RC_DONE, or what was reported.
 */
int txn_begin(struct ctl *ctl)
{
	struct nl_err err;
	int rc;

	rc = ctl_connect(ctl);
	if (!rc && call(ctl, SRPROXY_CMD_TXN_BEGIN, &err))
		rc = report_kernel(&err);
	return rc;
}

/**
 * txn_abort - end a transaction, nothing is changed
 * @ctl: this run
 */
void txn_abort(struct ctl *ctl)
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
		txn_abort(ctl);
		return give_up(plan, &plan->steps[i], &err);
	}
	return RC_DONE;
}

static int commit(struct ctl *ctl, const struct plan *plan, bool *moved)
{
	const struct step *step = NULL;
	struct nl_err err;

	if (!call(ctl, SRPROXY_CMD_TXN_COMMIT, &err))
		return RC_DONE;
	/* It is over, whatever was the matter: no object is to blame. */
	if (moved && err.code == EBUSY && !err.n_cookie) {
		*moved = true;
		return RC_REFUSED;
	}
	if (err.n_cookie >= 1)
		step = plan_find(plan, err.cookie[0]);
	if (step && err.n_cookie >= 2)
		err.word = nl_req_word(&step->req, err.cookie[1]);
	return give_up(plan, step, &err);
}

/**
 * txn_run - end a transaction: make the configuration what a plan has
 * @ctl: this run
 * @plan: the plan
 * @moved: set if the configuration changed since txn_begin(), of which nothing
 *	is said then; or NULL
 *
 * Return: RC_DONE, or RC_REFUSED.
 */
int txn_run(struct ctl *ctl, struct plan *plan, bool *moved)
{
	int rc;

	if (moved)
		*moved = false;
	rc = stage(ctl, plan);
	return rc ? rc : commit(ctl, plan, moved);
}
