// SPDX-License-Identifier: Apache-2.0
/*
 * A Tofino, by BF-RT: its driver runs in this process and lives as long.
 *
 * bfrt[:install=DIRECTORY][,device=PATH]
 *
 * The program's tables are written in one transaction of the driver. Ports,
 * queues and what carries copies know none: they are written between the
 * transaction's last row and its commit, and taken back if anything fails.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bfrt.h"
#include "change.h"
#include "compiler.h"
#include "port.h"
#include "report.h"

#define DEVICE "/dev/bf0"

const struct layout bfrt_layout = {
	.tables = tna_tables,
	.tick_ns = 256,
	.step = 4,
	.tofino = true,
	.copy = bfrt_copy,
	.port = bfrt_copy_port,
};

/* ---- what went wrong, in words --------------------------------------------- */

static const struct {
	bf_status_t status;
	const char *words;
} sentences[] = {
	{ BF_NO_SPACE, "the switch's table is full" },
	{ BF_ALREADY_EXISTS, "the switch has it already" },
	{ BF_OBJECT_NOT_FOUND, "the switch has it not" },
	{ BF_TABLE_LOCKED, "another controller has the switch" },
	{ BF_DEVICE_LOCKED, "another controller has the switch" },
	{ BF_IN_USE, "another controller has the switch" },
	{ BF_HW_COMM_FAIL, "the connection to the switch is lost" },
	{ BF_IO, "the connection to the switch is lost" },
	{ BF_NOT_READY, "the connection to the switch is lost" },
	{ BF_SESSION_NOT_FOUND, "the connection to the switch is lost" },
};

/**
 * bfrt_say - what a status means
 * @why: filled with a sentence unless it is success
 * @what: what it is about, or ""
 * @status: of BF-RT
 *
 * Return: whether it is a failure.
 */
bool bfrt_say(char why[WHY_MAX], const char *what, bf_status_t status)
{
	const char *colon = *what ? ": " : "";

	if (status == BF_SUCCESS)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		if (sentences[i].status != status)
			continue;
		snprintf(why, WHY_MAX, "%s%s%s.", what, colon,
			 sentences[i].words);
		return true;
	}
	snprintf(why, WHY_MAX, "%s%sthe switch refused: %s.", what, colon,
		 bf_err_str(status));
	return true;
}

static int refuse(const struct step *step, const char *why)
{
	return report_refused("%s %s: %s", step->said->table->name,
			      step->said->key, why);
}

/* ---- connection ------------------------------------------------------------ */

static void steps_free(struct bfrt *bfrt)
{
	for (size_t i = 0; i < bfrt->n_steps; i++) {
		entry_free(&bfrt->steps[i].entry);
		entry_free(&bfrt->steps[i].before);
		entries_free(&bfrt->steps[i].queues);
	}
	bfrt->n_steps = 0;
}

static int close_bfrt(struct target *target)
{
	struct bfrt *bfrt = bfrt_of(target);

	steps_free(bfrt);
	entries_free(&bfrt->folded);
	bfrt_stop(bfrt);
	free(bfrt->steps);
	free(bfrt->install);
	free(bfrt->device);
	free(bfrt);
	return RC_DONE;
}

static bool set_word(char **to, const char *word, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) || !word[len])
		return false;
	free(*to);
	*to = strdup(word + len);
	return true;
}

static int set_words(struct bfrt *bfrt, const char *where)
{
	char *words = strdup(where), *state, *word;
	bool known = words;

	for (word = known ? strtok_r(words, ",", &state) : NULL; known && word;
	     word = strtok_r(NULL, ",", &state))
		known = set_word(&bfrt->install, word, "install=") ||
			set_word(&bfrt->device, word, "device=");
	free(words);
	return known ? RC_DONE :
		       report_usage(
			       "bfrt[:install=DIRECTORY][,device=PATH] names a switch, not \"%s\".",
			       where);
}

static int open_bfrt(const char *where, struct target **target)
{
	struct bfrt *bfrt = calloc(1, sizeof(*bfrt));
	int rc;

	if (!bfrt)
		return report_refused("memory ran out.");
	bfrt->target.ops = &bfrt_target;
	bfrt->install = strdup(getenv("SDE_INSTALL") ?: "");
	bfrt->device = strdup(DEVICE);
	bfrt->dev = (bf_rt_target_t){ .pipe_id = BF_DEV_PIPE_ALL,
				      .direction = BF_DEV_DIR_ALL,
				      .prsr_id = 0xff };
	rc = where ? set_words(bfrt, where) : RC_DONE;
	if (!rc && !*bfrt->install)
		rc = report_usage(
			"the SDE is not named: bfrt:install=DIRECTORY, or SDE_INSTALL.");
	if (rc)
		close_bfrt(&bfrt->target);
	else
		*target = &bfrt->target;
	return rc;
}

static const char *program(struct target *target)
{
	return bfrt_of(target)->program;
}

/* ---- reading --------------------------------------------------------------- */

static int read_all(struct target *target, struct entries *set)
{
	struct bfrt *bfrt = bfrt_of(target);
	char why[WHY_MAX] = "";

	if (!bfrt->program)
		return report_refused("the switch has no program: use load.");
	if (!layout_gather(&bfrt_layout, bfrt_read_rows, bfrt, set, why) ||
	    !folded_show(bfrt, set, why) || !bfrt_read_ports(bfrt, set, why) ||
	    !panel_to_names(bfrt, set, why))
		return report_refused("%s", why);
	return RC_DONE;
}

static int read_count(struct target *target, const char *counter,
		      struct count *list, size_t n)
{
	struct bfrt *bfrt = bfrt_of(target);
	char why[WHY_MAX] = "";

	if (!bfrt->program)
		return report_refused("the switch has no program: use load.");
	return bfrt_counter(bfrt, counter, list, n, why) ?
		       RC_DONE :
		       report_refused("%s", why);
}

static int agree(struct target *target, struct entries *want,
		 struct entries *have)
{
	char why[WHY_MAX] = "memory ran out.";

	if (!panel_to_names(bfrt_of(target), want, why) ||
	    !agree_chains(want, why) || !agree_windows(want, why) ||
	    !agree_queues(want, have, why))
		return report_refused("%s", why);
	/* ports that had two names may not go together by one */
	return ports_check(want);
}

/* ---- writing --------------------------------------------------------------- */

static bool is_port(const struct entry *entry)
{
	return entry->table->fixed;
}

/* One of the program's entries, row by row. A change may have other rows. */
static bool write_rows(struct bfrt *bfrt, enum write write,
		       const struct rows *rows, char why[WHY_MAX])
{
	bool done = true;

	for (size_t i = 0; done && i < rows->n; i++) {
		/* what leads to others goes in last, and out first */
		size_t at = write == WRITE_DELETE ? rows->n - 1 - i : i;

		done = bfrt_write_row(bfrt, write, &rows->list[at], why);
	}
	return done;
}

static bool write_step(struct bfrt *bfrt, const struct step *step,
		       char why[WHY_MAX])
{
	struct rows rows = { 0 };
	bool done = layout_rows(&bfrt_layout, bfrt, &step->entry, &rows, why) &&
		    write_rows(bfrt, step->write, &rows, why);

	rows_free(&rows);
	return done;
}

static bool write_fixed(struct bfrt *bfrt, const struct update *update,
			struct entries *queues, char why[WHY_MAX])
{
	if (!strcmp(update->entry->table->name, "ports"))
		return bfrt_write_port(bfrt, update, queues, why);
	return bfrt_write_queue(bfrt, update->write, update->entry, why);
}

static struct update update_of(const struct step *step)
{
	return (struct update){ step->write, &step->entry, &step->before };
}

/* Undo the first n steps that know no transactions, the last first. */
static void take_back(struct bfrt *bfrt, size_t n)
{
	char why[WHY_MAX];

	while (n-- > 0) {
		struct step *step = &bfrt->steps[n];
		struct update update = update_of(step);
		struct update back = change_inverse(&update);

		if (!is_port(update.entry) ||
		    write_fixed(bfrt, &back, &step->queues, why))
			continue;
		report_warning("%s %s could not be taken back: %s",
			       update.entry->table->name, step->said->key, why);
	}
}

static int run_rows(struct bfrt *bfrt)
{
	char why[WHY_MAX] = "";

	for (size_t i = 0; i < bfrt->n_steps; i++)
		if (!is_port(&bfrt->steps[i].entry) &&
		    !write_step(bfrt, &bfrt->steps[i], why))
			return refuse(&bfrt->steps[i], why);
	return RC_DONE;
}

static int run_fixed(struct bfrt *bfrt)
{
	char why[WHY_MAX] = "";

	for (size_t i = 0; i < bfrt->n_steps; i++) {
		struct step *step = &bfrt->steps[i];
		struct update update = update_of(step);

		if (!is_port(&step->entry) ||
		    write_fixed(bfrt, &update, &step->queues, why))
			continue;
		take_back(bfrt, i);
		return refuse(step, why);
	}
	return RC_DONE;
}

/* What was done is known; nothing that comes after it may fail. */
static void remember(struct bfrt *bfrt)
{
	for (size_t i = 0; i < bfrt->n_steps; i++)
		if (!folded_keep(bfrt, &bfrt->steps[i]))
			report_warning("%s is not remembered.",
				       bfrt->steps[i].entry.key);
	bfrt->copies = 0;
}

/* After a failure within a transaction the driver may have ended it itself. */
static int give_up(struct bfrt *bfrt, int rc)
{
	bf_rt_abort_transaction(bfrt->session);
	bfrt_take_copies(bfrt);
	return rc;
}

/* All steps or none. */
static int run(struct bfrt *bfrt)
{
	char why[WHY_MAX];
	int rc;

	if (bfrt_say(why, "", bf_rt_begin_transaction(bfrt->session, false)))
		return report_refused("%s", why);
	rc = run_rows(bfrt);
	rc = rc ? rc : run_fixed(bfrt);
	if (rc)
		return give_up(bfrt, rc);
	if (bfrt_say(why, "", bf_rt_commit_transaction(bfrt->session, true))) {
		take_back(bfrt, bfrt->n_steps);
		return give_up(bfrt, report_refused("%s", why));
	}
	remember(bfrt);
	return RC_DONE;
}

static int add_step(struct bfrt *bfrt, const struct update *update)
{
	size_t room = bfrt->room ? 2 * bfrt->room : 64;
	char why[WHY_MAX] = "";
	struct step *steps, *step;
	bool done;

	if (bfrt->n_steps == bfrt->room) {
		steps = realloc(bfrt->steps, room * sizeof(*steps));
		if (!steps)
			return report_refused("memory ran out.");
		bfrt->steps = steps;
		bfrt->room = room;
	}
	step = &bfrt->steps[bfrt->n_steps++];
	*step = (struct step){ .write = update->write, .said = update->entry };
	done = panel_to_number(bfrt, &step->entry, update->entry, why) &&
	       (!update->before ||
		panel_to_number(bfrt, &step->before, update->before, why));
	return done ? RC_DONE :
		      report_refused("%s %s: %s", update->entry->table->name,
				     update->entry->key, why);
}

static int begin(struct target *target)
{
	struct bfrt *bfrt = bfrt_of(target);

	if (!bfrt->program)
		return report_refused("the switch has no program: use load.");
	steps_free(bfrt);
	bfrt->begun = true;
	return RC_DONE;
}

static int commit(struct target *target)
{
	struct bfrt *bfrt = bfrt_of(target);
	int rc = bfrt->n_steps ? run(bfrt) : RC_DONE;

	steps_free(bfrt);
	bfrt->begun = false;
	return rc;
}

static void abandon(struct target *target)
{
	struct bfrt *bfrt = bfrt_of(target);

	steps_free(bfrt);
	bfrt->begun = false;
}

static int write_one(struct target *target, const struct update *update)
{
	struct bfrt *bfrt = bfrt_of(target);
	bool alone = !bfrt->begun;
	int rc = alone ? begin(target) : RC_DONE;

	rc = rc ? rc : add_step(bfrt, update);
	if (rc && alone)
		abandon(target);
	return rc || !alone ? rc : commit(target);
}

/* ---- the program ----------------------------------------------------------- */

static const struct layout *layout(struct target *target)
{
	(void)target;
	return &bfrt_layout;
}

/* A program that runs already keeps what it has until the transaction that brings
 * it to what is wanted, or leaves it so. */
static int load(struct target *target, const char *name)
{
	struct bfrt *bfrt = bfrt_of(target);

	if (strchr(name, '/'))
		return report_usage("\"%s\" is no program's name.", name);
	if (bfrt->program && !strcmp(bfrt->program, name))
		return RC_DONE;
	if (bfrt->program)
		return report_refused(
			"the switch runs \"%s\": another program takes another process.",
			bfrt->program);
	if (bfrt->started)
		return report_refused(
			"the driver has started already: another try takes another process.");
	return bfrt_start(bfrt, name);
}

const struct target_ops bfrt_target = {
	.name = "bfrt",
	.open = open_bfrt,
	.close = close_bfrt,
	.load = load,
	.program = program,
	.read = read_all,
	.agree = agree,
	.write = write_one,
	.begin = begin,
	.commit = commit,
	.abort = abandon,
	.layout = layout,
	.count = read_count,
	.slots = bfrt_slots,
	.forget = bfrt_forget,
};
