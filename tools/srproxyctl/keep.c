// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vnf keep: functions behind sockets stay connected as long as this runs. Each
 * has a process of its own, so that a far end that hangs delays no other; what
 * is here starts them and ends them.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keep.h"
#include "opt.h"
#include "parse.h"

#define DELAY_MAX_S 3600

/**
 * keep_remote - the far end of a vnf
 * @tb: attributes of the vnf, of a request or a reply
 * @addr: where it goes
 *
 * Return: whether there is one.
 */
bool keep_remote(const struct nlattr **tb, union keep_addr *addr)
{
	const struct nlattr *inet = tb[SRPROXY_A_VNF_REMOTE_INET];
	const struct nlattr *inet6 = tb[SRPROXY_A_VNF_REMOTE_INET6];
	uint16_t port = htons(nl_num(tb[SRPROXY_A_VNF_REMOTE_PORT]));

	memset(addr, 0, sizeof(*addr));
	if (inet && mnl_attr_get_payload_len(inet) == sizeof(struct in_addr)) {
		addr->in.sin_family = AF_INET;
		addr->in.sin_port = port;
		memcpy(&addr->in.sin_addr, mnl_attr_get_payload(inet),
		       sizeof(struct in_addr));
		return true;
	}
	if (inet6 &&
	    mnl_attr_get_payload_len(inet6) == sizeof(struct in6_addr)) {
		addr->in6.sin6_family = AF_INET6;
		addr->in6.sin6_port = port;
		memcpy(&addr->in6.sin6_addr, mnl_attr_get_payload(inet6),
		       sizeof(struct in6_addr));
		return true;
	}
	return false;
}

/* the processes */

/**
 * struct crew - the processes
 * @pids: of them, 0 for one that has ended
 * @n: how many there were
 * @left: how many there are
 * @rc: what the first that ended by itself ended with
 */
struct crew {
	pid_t *pids;
	int n;
	int left;
	int rc;
};

static void watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

/* A child dies of signals as any program does, and with its parent. */
static void work(struct ctl *ctl, const char *name, const struct keep_how *how,
		 const sigset_t *before, pid_t parent)
{
	int rc = RC_REFUSED;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, before, NULL);
	if (getppid() == parent)
		rc = keep_one(ctl, name, how);
	fflush(NULL);
	_exit(rc);
}

static void dismiss(struct crew *crew)
{
	for (int i = 0; i < crew->n; i++)
		if (crew->pids[i])
			kill(crew->pids[i], SIGTERM);
	while (crew->left && wait(NULL) > 0)
		crew->left--;
}

/* A child that ends has refused: there is nothing it could keep. */
static void reap(struct crew *crew)
{
	int status, i;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < crew->n && crew->pids[i] != pid; i++)
			;
		if (i == crew->n)
			continue;
		crew->pids[i] = 0;
		crew->left--;
		if (crew->rc == RC_DONE)
			crew->rc = WIFEXITED(status) ? WEXITSTATUS(status) :
						       RC_REFUSED;
	}
}

static int start(struct crew *crew, struct ctl *ctl, char **names,
		 const struct keep_how *how, const sigset_t *before)
{
	pid_t parent = getpid(), pid;

	for (int i = 0; i < crew->n; i++) {
		pid = fork();
		if (!pid)
			work(ctl, names[i], how, before, parent);
		if (pid < 0)
			return report_refused("a process: %s.",
					      strerror(errno));
		crew->pids[i] = pid;
		crew->left++;
	}
	return RC_DONE;
}

static void say_end(struct ctl *ctl)
{
	out_item_open(&ctl->out);
	time_print(&ctl->out);
	out_str(&ctl->out, "event", "", "end");
	out_item_close(&ctl->out);
	fflush(ctl->out.file);
}

/* Until a signal ends us, or one of them refuses. */
static int oversee(struct crew *crew, struct ctl *ctl, const sigset_t *signals)
{
	int signal;

	while (crew->rc == RC_DONE) {
		if (sigwait(signals, &signal))
			continue;
		if (signal != SIGCHLD) {
			say_end(ctl);
			return RC_DONE;
		}
		reap(crew);
	}
	return crew->rc;
}

/*
 * Keep functions connected until a signal comes. If ctl is connected there is
 * but one of them, and its process goes on with that connection.
 */
static int keep_foreground(struct ctl *ctl, char **names, int n,
			   const struct keep_how *how)
{
	struct crew crew = { .n = n };
	sigset_t signals, before;
	int rc;

	crew.pids = calloc(n, sizeof(*crew.pids));
	if (!crew.pids)
		return report_refused("%s.", strerror(ENOMEM));
	fflush(NULL);
	ctl->out.pretty = false;
	watched_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, &before);
	rc = start(&crew, ctl, names, how, &before);
	if (!rc)
		rc = oversee(&crew, ctl, &signals);
	dismiss(&crew);
	free(crew.pids);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

/* command line */

static int refuse_batch(const char *what)
{
	return report_usage("\"%s\" stays: it is not for a batch.", what);
}

static int take_delay(struct args *args, struct keep_how *how)
{
	const char *word = args_value(args, "max-delay");
	uint32_t seconds;

	if (!word)
		return RC_USAGE;
	if (!parse_u32(word, &seconds) || !seconds || seconds > DELAY_MAX_S)
		return report_usage("max-delay is 1 to %u s, not \"%s\".",
				    DELAY_MAX_S, word);
	how->max_delay_ms = seconds * 1000;
	return RC_DONE;
}

static int take_how(struct args *args, struct keep_how *how,
		    struct tls_opts *tls)
{
	int rc = RC_DONE;

	while (!rc && args_peek(args)) {
		if (args_take_if(args, "max-delay")) {
			rc = take_delay(args, how);
		} else if (args_take_if(args, "tls")) {
			rc = args_once(args, "tls");
			if (!rc)
				rc = tls_take(args, tls);
			how->tls = tls;
		} else {
			rc = args_end(args);
		}
	}
	if (!rc && how->tls && !tls_given(tls))
		rc = report_usage("\"tls\" wants \"psk FILE\" or \"ca FILE\".");
	return rc;
}

static bool is_keyword(const char *word)
{
	return !strcmp(word, "max-delay") || !strcmp(word, "tls");
}

/**
 * keep_run - vnf keep NAME...
 * @ctl: this run
 * @args: the words that follow
 *
 * Return: RC_DONE, or what was reported.
 */
int keep_run(struct ctl *ctl, struct args *args)
{
	struct keep_how how = { .max_delay_ms = KEEP_DELAY_MS };
	struct tls_opts tls = { 0 };
	char **names = args->next;
	int n = 0, rc;

	while (args_peek(args) && !is_keyword(args_peek(args))) {
		args_take(args);
		n++;
	}
	if (!n)
		return report_usage("the vnf's name is missing.");
	rc = take_how(args, &how, &tls);
	if (rc)
		return rc;
	if (ctl->batch)
		return refuse_batch("vnf keep");
	return keep_foreground(ctl, names, n, &how);
}

/* adding what is behind TLS */

static int add_connected(struct ctl *ctl, struct nl_req *req,
			 const struct tls_opts *tls,
			 const union keep_addr *remote)
{
	struct why why;
	int fd, rc;

	rc = ctl_connect(ctl);
	if (rc) {
		nl_req_free(req);
		return rc;
	}
	fd = tls_connect(tls, &remote->sa, &why);
	if (fd < 0) {
		nl_req_free(req);
		return report_refused("%s.", why.text);
	}
	nl_put_u32(req, SRPROXY_A_VNF_FD, fd, "tls");
	rc = ctl_do(ctl, req);
	close(fd);
	return rc;
}

/**
 * keep_add - add a vnf that is behind TLS, and keep it
 * @ctl: this run
 * @req: the request without the socket; it is freed
 * @tls: how the two ends know each other
 *
 * Return: RC_DONE, or what was reported.
 */
int keep_add(struct ctl *ctl, struct nl_req *req, const struct tls_opts *tls)
{
	struct keep_how how = { .tls = tls, .max_delay_ms = KEEP_DELAY_MS };
	const struct nlattr *tb[SRPROXY_A_VNF_MAX + 1];
	union keep_addr remote;
	char *name;
	int rc;

	nl_parse(req->nlh, tb, SRPROXY_A_VNF_MAX);
	name = strdup(nl_str(tb[SRPROXY_A_VNF_NAME]));
	if (!name)
		rc = report_refused("%s.", strerror(ENOMEM));
	else if (ctl->batch)
		rc = refuse_batch("tls");
	else if (!keep_remote(tb, &remote))
		rc = report_usage("\"tls\" goes with tcp and remote.");
	else
		rc = RC_DONE;
	if (rc)
		nl_req_free(req);
	else
		rc = add_connected(ctl, req, tls, &remote);
	if (!rc)
		rc = keep_foreground(ctl, &name, 1, &how);
	free(name);
	return rc;
}
