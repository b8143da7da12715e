// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top: rates, loss and latency, anew every interval. On a terminal the tables
 * take the place of the last ones, as much of them as there is room for;
 * elsewhere they follow each other.
 */

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "opt.h"
#include "parse.h"
#include "rates.h"

#define INTERVAL_MS 1000
#define SHORTEST_MS 50
#define LONGEST_MS 3600000

/* An alternate screen without a cursor, and back to what was there. */
#define SCREEN_OPEN "\033[?1049h\033[?25l"
#define SCREEN_CLOSE "\033[?25h\033[?1049l"
#define SCREEN_HOME "\033[H"
#define LINE_END "\033[K"
#define SCREEN_END "\033[J"

/**
 * struct top - how to show what
 * @interval: milliseconds
 * @count: how often, 0 for without end
 * @screen: on a terminal
 * @signals: where signals are read from
 */
struct top {
	uint32_t interval;
	uint32_t count;
	bool screen;
	int signals;
};

/* What ends us, and what tells of another size, is read from a descriptor, so
 * that it is noticed only while we wait, and none is missed before. Return: the
 * descriptor, -1 on failure.
 */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* command line */

/* Seconds with at most three decimals, as milliseconds. */
static bool parse_seconds(const char *word, uint32_t *ms)
{
	char *end;
	double value;

	if (*word < '0' || *word > '9')
		return false;
	value = strtod(word, &end) * 1000;
	if (*end || !(value >= SHORTEST_MS && value <= LONGEST_MS))
		return false;
	*ms = value + 0.5;
	return true;
}

static int take_interval(struct args *args, struct top *top)
{
	const char *word = args_value(args, "interval");

	if (!word)
		return RC_USAGE;
	if (!parse_seconds(word, &top->interval))
		return report_usage("interval is 0.05 to 3600 s, not \"%s\".",
				    word);
	return RC_DONE;
}

static int take_count(struct args *args, struct top *top)
{
	const char *word = args_value(args, "count");

	if (!word)
		return RC_USAGE;
	if (!parse_u32(word, &top->count) || !top->count)
		return report_usage("count is a number, not \"%s\".", word);
	return RC_DONE;
}

static int take_words(struct args *args, struct top *top)
{
	int rc = RC_DONE;

	while (!rc && args_peek(args)) {
		if (args_take_if(args, "interval"))
			rc = take_interval(args, top);
		else if (args_take_if(args, "count"))
			rc = take_count(args, top);
		else
			rc = args_end(args);
	}
	return rc;
}

/* output */

static struct winsize screen_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ||
	    !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return size;
}

/* As many lines as there are rows, each cut at the last column. */
static void draw(FILE *file, const char *text)
{
	struct winsize size = screen_size();

	fputs(SCREEN_HOME, file);
	for (unsigned int row = 1; *text; row++) {
		size_t len = strcspn(text, "\n");

		fprintf(file, "%.*s" LINE_END,
			(int)(len < size.ws_col ? len : size.ws_col), text);
		text += len + (text[len] == '\n');
		if (row == size.ws_row)
			break;
		fputc('\n', file);
	}
	fputs(SCREEN_END, file);
}

static void show_text(FILE *file, const struct rates *r, bool screen,
		      bool first)
{
	char *text = NULL;
	size_t len;
	FILE *memory;

	if (!screen) {
		if (!first)
			fputc('\n', file);
		rates_print_text(file, r);
		return;
	}
	memory = open_memstream(&text, &len);
	if (!memory)
		return;
	rates_print_text(memory, r);
	fclose(memory);
	draw(file, text);
	free(text);
}

static void show(struct ctl *ctl, const struct top *top, const struct rates *r,
		 bool first)
{
	if (ctl->out.json)
		rates_print_json(&ctl->out, r);
	else
		show_text(ctl->out.file, r, top->screen, first);
	fflush(ctl->out.file);
}

/* the loop */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for the end of the interval; if @r is there, and the terminal gets
 * another size, it is shown anew. Return: false if a signal ends us before.
 */
static bool pause_until(struct ctl *ctl, const struct top *top, int64_t end,
			const struct rates *r)
{
	struct pollfd wait = { .fd = top->signals, .events = POLLIN };
	struct signalfd_siginfo info;
	int64_t left;

	while ((left = end - now_ms()) > 0) {
		if (poll(&wait, 1, left) <= 0)
			continue;
		if (read(top->signals, &info, sizeof(info)) != sizeof(info) ||
		    info.ssi_signo != SIGWINCH)
			return false;
		if (top->screen && r)
			show(ctl, top, r, false);
	}
	return true;
}

static int run(struct ctl *ctl, const struct top *top)
{
	struct sample sample[2] = { 0 };
	struct rates rates = { 0 };
	int64_t end = now_ms();
	int rc;

	rc = sample_take(ctl, &sample[0]);
	for (uint32_t n = 0; !rc && (!top->count || n < top->count); n++) {
		struct sample *next = &sample[(n + 1) % 2];

		end += top->interval;
		if (!pause_until(ctl, top, end, n ? &rates : NULL))
			break;
		sample_free(next);
		rc = sample_take(ctl, next);
		rates = (struct rates){ &sample[n % 2], next };
		if (!rc)
			show(ctl, top, &rates, !n);
	}
	sample_free(&sample[0]);
	sample_free(&sample[1]);
	return rc;
}

static int top_run(struct ctl *ctl, struct args *args)
{
	struct top top = { .interval = INTERVAL_MS };
	int rc;

	rc = take_words(args, &top);
	if (!rc)
		rc = ctl_connect(ctl);
	if (rc)
		return rc;
	if (ctl->out.json && !top.count)
		top.count = 1;
	top.screen = !ctl->out.json && isatty(STDOUT_FILENO);
	top.signals = catch_signals();
	if (top.signals < 0)
		return report_usage("no signals can be waited for.");
	if (top.screen)
		fputs(SCREEN_OPEN, ctl->out.file);
	rc = run(ctl, &top);
	if (top.screen)
		fputs(SCREEN_CLOSE, ctl->out.file);
	close(top.signals);
	return rc;
}

const struct object top_object = {
	.name = "top",
	.run = top_run,
	.usage = "[ interval SEC ] [ count N ]",
};
