// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One function that is kept connected: notifications say that it is down, an
 * attempt is made after a time that doubles while attempts fail, or connections
 * do not last, and of which up to a half is left to chance, so that proxies
 * that lost the same far end do not come back all at once.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "keep.h"
#include "names.h"

#define MIN_DELAY_MS 100
/* A connection that lasted for so long was a good one. */
#define STABLE_MS 10000
/* Is there still such a module? Notifications do not say. */
#define IDLE_MS 10000
/* After an attempt that went well, the notification is on its way. */
#define NEWS_MS 1000

/**
 * struct keep - one function
 * @ctl: for requests; a connection of TLS lives as long as this socket
 * @news: for notifications
 * @name: of the function
 * @how: how it is kept
 * @there: there is such a vnf
 * @fits: it is of a kind that can be kept as @how says
 * @type: of the vnf
 * @tls: it is behind TLS
 * @remote: the far end, with @tls
 * @state: of the vnf
 * @cause: of @state
 * @changed: when @state was seen to change, ms
 * @delay: before the next attempt at most, ms
 * @next: when that is, ms
 */
struct keep {
	struct ctl *ctl;
	struct nl news;
	const char *name;
	const struct keep_how *how;
	bool there;
	bool fits;
	uint32_t type;
	bool tls;
	union keep_addr remote;
	uint32_t state;
	uint32_t cause;
	uint64_t changed;
	uint32_t delay;
	uint64_t next;
};

static uint64_t now_ms(void)
{
	struct timespec mono;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	return (uint64_t)mono.tv_sec * 1000 + mono.tv_nsec / 1000000;
}

/* what is said */

static void say(struct keep *k, const char *event, const char *error,
		uint32_t retry_ms)
{
	struct out *out = &k->ctl->out;
	bool down = !strcmp(event, "down");

	out_item_open(out);
	time_print(out);
	out_str(out, "name", "", k->name);
	out_str(out, "event", "", event);
	if (down)
		out_str(out, "cause", "cause", name_of(cause_names, k->cause));
	if (error)
		out_str(out, "error", "", error);
	if (error && retry_ms)
		out_num(out, "retry_ms", "retry-ms", retry_ms);
	out_item_close(out);
	fflush(out->file);
}

/* when the next attempt is made */

static uint32_t schedule(struct keep *k)
{
	uint32_t chance = 0, wait;

	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = now_ms();
	wait = k->delay / 2 + chance % (k->delay / 2 + 1);
	k->next = now_ms() + wait;
	return wait;
}

static void lengthen(struct keep *k)
{
	k->delay *= 2;
	if (k->delay > k->how->max_delay_ms)
		k->delay = k->how->max_delay_ms;
}

/* what the kernel says */

static bool can_mend(const struct keep *k)
{
	if (!k->there || !k->fits || k->state != SRPROXY_STATE_DOWN)
		return false;
	switch (k->cause) {
	case SRPROXY_CAUSE_NOT_CONNECTED:
	case SRPROXY_CAUSE_CONNECT_FAILED:
	case SRPROXY_CAUSE_CLOSED:
	case SRPROXY_CAUSE_SOCKET_ERROR:
	case SRPROXY_CAUSE_BAD_FRAME:
	case SRPROXY_CAUSE_NO_ROUTE:
		return true;
	}
	return false;
}

/*
 * Attempts begin with a change. That one has failed is told, too: what comes
 * next is settled then.
 */
static void set_state(struct keep *k, uint32_t state, uint32_t cause)
{
	bool ours = k->there && k->state == SRPROXY_STATE_DOWN &&
		    cause == SRPROXY_CAUSE_CONNECT_FAILED;
	uint64_t now = now_ms();

	if (k->there && k->state == state && k->cause == cause)
		return;
	if (k->there && k->state == SRPROXY_STATE_UP &&
	    now - k->changed >= STABLE_MS)
		k->delay = MIN_DELAY_MS;
	k->there = true;
	k->state = state;
	k->cause = cause;
	k->changed = now;
	if (!ours)
		schedule(k);
	say(k, name_of(state_names, state), NULL, 0);
}

/* Why it cannot be kept, or NULL. */
static const char *misfit(const struct keep *k)
{
	if (k->type == SRPROXY_VNF_TYPE_DEV || k->type == SRPROXY_VNF_TYPE_APP)
		return "is not behind a socket";
	if (k->tls && !k->how->tls)
		return "is behind TLS: \"tls\" and its files are missing";
	if (!k->tls && k->how->tls)
		return "is not behind TLS";
	return NULL;
}

static void read_vnf(struct keep *k, const struct nlattr **tb)
{
	bool did_fit = k->fits;

	k->type = nl_num(tb[SRPROXY_A_VNF_TYPE]);
	k->tls = tb[SRPROXY_A_VNF_TLS];
	keep_remote(tb, &k->remote);
	k->fits = !misfit(k);
	if (!k->fits) {
		k->there = true;
		if (did_fit)
			say(k, "failed", misfit(k), 0);
		return;
	}
	set_state(k, nl_num(tb[SRPROXY_A_VNF_STATE]),
		  nl_num(tb[SRPROXY_A_VNF_CAUSE]));
}

static void set_gone(struct keep *k)
{
	if (k->there)
		say(k, "gone", NULL, 0);
	k->there = false;
}

static void take_vnf(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_VNF_MAX);
	read_vnf(data, tb);
}

/*
 * Ask for the state. That there is no such vnf is no failure of a request; that
 * there is no such module, which has no sentence, is.
 */
static int refresh(struct keep *k, struct nl_err *err)
{
	struct nl_req req;
	int ret;

	nl_req_init(&req, SRPROXY_CMD_VNF_GET);
	nl_put_str(&req, SRPROXY_A_VNF_NAME, k->name);
	ret = nl_call(&k->ctl->nl, &req, take_vnf, k, err);
	nl_req_free(&req);
	if (!ret || err->code != ENOENT || !err->text[0])
		return ret;
	set_gone(k);
	return 0;
}

static void take_news(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];
	struct keep *k = data;
	struct nl_err err;

	if (!nlh) {
		refresh(k, &err);
		return;
	}
	if (nl_cmd(nlh) != SRPROXY_CMD_VNF_NTF)
		return;
	nl_parse(nlh, tb, SRPROXY_A_VNF_MAX);
	if (strcmp(nl_str(tb[SRPROXY_A_VNF_NAME]), k->name))
		return;
	if (tb[SRPROXY_A_VNF_GONE])
		set_gone(k);
	else
		read_vnf(k, tb);
}

/* attempts */

static int reconnect(struct keep *k, int fd, struct why *why)
{
	struct nl_req req;
	struct nl_err err;
	int ret;

	nl_req_init(&req, SRPROXY_CMD_VNF_RECONNECT);
	nl_put_str(&req, SRPROXY_A_VNF_NAME, k->name);
	if (fd >= 0)
		nl_put_u32(&req, SRPROXY_A_VNF_FD, fd, "fd");
	ret = nl_call(&k->ctl->nl, &req, NULL, NULL, &err);
	nl_req_free(&req);
	if (ret)
		return why_set(why, "%s",
			       err.text[0] ? err.text : strerror(err.code));
	return 0;
}

static int try_once(struct keep *k, struct why *why)
{
	int fd, ret;

	if (!k->tls)
		return reconnect(k, -1, why);
	fd = tls_connect(k->how->tls, &k->remote.sa, why);
	if (fd < 0)
		return -1;
	ret = reconnect(k, fd, why);
	close(fd);
	return ret;
}

static void attempt(struct keep *k)
{
	struct why why;

	lengthen(k);
	if (!try_once(k, &why)) {
		k->next = now_ms() + NEWS_MS;
		return;
	}
	say(k, "failed", why.text, schedule(k));
}

/* the loop */

static int wait_ms(const struct keep *k)
{
	uint64_t now = now_ms();

	if (!can_mend(k))
		return IDLE_MS;
	return k->next > now ? k->next - now : 0;
}

static int loop(struct keep *k)
{
	struct pollfd wait = { .fd = mnl_socket_get_fd(k->news.sock),
			       .events = POLLIN };
	struct nl_err err;
	int ret;

	for (;;) {
		ret = poll(&wait, 1, wait_ms(k));
		if (ret < 0 && errno != EINTR)
			return report_refused("%s.", strerror(errno));
		if (ret > 0 && nl_take(&k->news, take_news, k, &err))
			return report_kernel(&err);
		if (ret)
			continue;
		if (refresh(k, &err))
			return report_kernel(&err);
		if (can_mend(k) && k->next <= now_ms())
			attempt(k);
	}
}

/* The first look: here a name that is wrong is a mistake, later it may come. */
static int begin(struct keep *k)
{
	struct nl_err err;

	if (nl_open(&k->news, SRPROXY_FAMILY_NAME, SRPROXY_FAMILY_VERSION,
		    &err) ||
	    nl_subscribe(&k->news, SRPROXY_MCGRP_CONFIG, &err) ||
	    refresh(k, &err))
		return report_kernel(&err);
	if (!k->there)
		return report_refused("there is no such vnf: \"%s\".", k->name);
	if (!k->fits)
		return report_usage("\"%s\" %s.", k->name, misfit(k));
	return RC_DONE;
}

/**
 * keep_one - keep a function connected
 * @ctl: this run, which may be connected already
 * @name: of the function
 * @how: how it is kept
 *
 * Return: what was reported; it does not end otherwise.
 */
int keep_one(struct ctl *ctl, const char *name, const struct keep_how *how)
{
	struct keep k = {
		.ctl = ctl,
		.name = name,
		.how = how,
		.delay = MIN_DELAY_MS,
	};
	int rc;

	rc = ctl_connect(ctl);
	if (rc)
		return rc;
	rc = begin(&k);
	if (!rc)
		rc = loop(&k);
	nl_close(&k.news);
	return rc;
}
