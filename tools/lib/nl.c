// SPDX-License-Identifier: GPL-2.0-or-later
/* A socket of a generic netlink family: requests, dumps, notifications. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "nl_msg.h"

#define DUMP_TRIES 5
#define LISTEN_RCVBUF (8 * 1024 * 1024)

/* A request under way, and what has become of it. */
struct nl_wait {
	const struct nl_req *req;
	nl_cb cb;
	void *data;
	struct nl_err *err;
	bool interrupted;
	bool done;
};

static int fail(struct nl_err *err, int code)
{
	*err = (struct nl_err){ .code = code };
	return -1;
}

static int fail_with(struct nl_err *err, int code, const char *text)
{
	fail(err, code);
	snprintf(err->text, sizeof(err->text), "%s", text);
	return -1;
}

/* acknowledgments */

static void read_cookie(const struct nlattr *attr, struct nl_err *err)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len > sizeof(err->cookie))
		len = sizeof(err->cookie);
	err->n_cookie = len / sizeof(err->cookie[0]);
	memcpy(err->cookie, mnl_attr_get_payload(attr),
	       err->n_cookie * sizeof(err->cookie[0]));
}

/* What a number or a length may be, as the kernel's policy has it. */
static void read_policy(const struct nlattr *policy, struct nl_err *err)
{
	const struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];
	const struct nlattr *min, *max;
	const char *unit = "";
	uint64_t low, high;

	nl_parse_nested(policy, tb, NL_POLICY_TYPE_ATTR_MAX);
	min = tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U];
	max = tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U];
	if (!min && !max) {
		min = tb[NL_POLICY_TYPE_ATTR_MIN_LENGTH];
		max = tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH];
		unit = " octets";
	}
	low = nl_num(min);
	high = max ? nl_num(max) : UINT64_MAX;
	if (low && high >= UINT32_MAX)
		snprintf(err->range, sizeof(err->range), "at least %llu%s",
			 (unsigned long long)low, unit);
	else if (low)
		snprintf(err->range, sizeof(err->range), "%llu to %llu%s",
			 (unsigned long long)low, (unsigned long long)high,
			 unit);
	else if (max)
		snprintf(err->range, sizeof(err->range), "at most %llu%s",
			 (unsigned long long)high, unit);
}

static void read_extack_attr(const struct nlattr *attr, struct nl_wait *wait)
{
	struct nl_err *err = wait->err;

	switch (mnl_attr_get_type(attr)) {
	case NLMSGERR_ATTR_MSG:
		snprintf(err->text, sizeof(err->text), "%s", nl_str(attr));
		break;
	case NLMSGERR_ATTR_OFFS:
		err->word = nl_req_word(wait->req, nl_num(attr));
		break;
	case NLMSGERR_ATTR_COOKIE:
		read_cookie(attr, err);
		break;
	case NLMSGERR_ATTR_POLICY:
		read_policy(attr, err);
		break;
	}
}

static void read_extack(const struct nlmsghdr *nlh, size_t payload,
			struct nl_wait *wait)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    mnl_nlmsg_get_payload_len(nlh) < payload)
		return;
	mnl_attr_for_each(attr, nlh, payload) read_extack_attr(attr, wait);
}

/* What the acknowledgment or the end of a dump says; 0 or -1. */
static int read_verdict(const struct nlmsghdr *nlh, struct nl_wait *wait)
{
	const struct nlmsgerr *ack = mnl_nlmsg_get_payload(nlh);
	size_t payload = sizeof(ack->error);

	wait->done = true;
	if (mnl_nlmsg_get_payload_len(nlh) < payload)
		return fail(wait->err, EBADMSG);
	if (!ack->error)
		return 0;
	fail(wait->err, -ack->error);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		payload = sizeof(*ack);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			payload +=
				MNL_ALIGN(mnl_nlmsg_get_payload_len(&ack->msg));
	}
	read_extack(nlh, payload, wait);
	return -1;
}

static int take_message(struct nl *nl, const struct nlmsghdr *nlh,
			struct nl_wait *wait)
{
	if (nlh->nlmsg_seq != nl->seq || nlh->nlmsg_pid != nl->portid)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		wait->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		return read_verdict(nlh, wait);
	case NLMSG_NOOP:
		return 0;
	}
	if (wait->cb)
		wait->cb(nlh, wait->data);
	return 0;
}

static ssize_t receive(struct nl *nl)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(nl->sock, nl->buf, NL_BUF_SIZE);
	} while (len < 0 && errno == EINTR);
	return len;
}

static int await(struct nl *nl, struct nl_wait *wait)
{
	const struct nlmsghdr *nlh;
	ssize_t received;
	int len;

	while (!wait->done) {
		received = receive(nl);
		if (received < 0)
			return fail(wait->err, errno);
		len = received;
		nlh = (const struct nlmsghdr *)nl->buf;
		for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			if (take_message(nl, nlh, wait))
				return -1;
	}
	return 0;
}

/* requests */

static int send_request(struct nl *nl, struct nl_req *req, uint16_t flags,
			struct nl_err *err)
{
	struct genlmsghdr *genl;

	if (req->failed) {
		fail(err, EMSGSIZE);
		err->word = req->too_long;
		return -1;
	}
	genl = mnl_nlmsg_get_payload(req->nlh);
	genl->version = nl->version;
	req->nlh->nlmsg_type = nl->family;
	req->nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	req->nlh->nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(nl->sock, req->nlh, req->nlh->nlmsg_len) < 0)
		return fail(err, errno);
	return 0;
}

static int run(struct nl *nl, uint16_t flags, struct nl_req *req,
	       struct nl_wait *wait)
{
	wait->req = req;
	if (send_request(nl, req, flags, wait->err))
		return -1;
	return await(nl, wait);
}

/**
 * nl_call - send a request and wait for its acknowledgment
 * @nl: the socket
 * @req: the request; its nlmsg_seq is its number afterwards
 * @cb: takes the reply, or NULL
 * @data: for @cb
 * @err: filled on failure
 *
 * Return: 0, or -1 on failure.
 */
int nl_call(struct nl *nl, struct nl_req *req, nl_cb cb, void *data,
	    struct nl_err *err)
{
	struct nl_wait wait = { .cb = cb, .data = data, .err = err };

	return run(nl, NLM_F_ACK, req, &wait);
}

/**
 * nl_dump - ask for all objects, and take each as it comes
 * @nl: the socket
 * @req: the request
 * @cb: takes an object
 * @data: for @cb
 * @err: filled on failure
 *
 * Return: 0, 1 if the objects changed meanwhile, or -1 on failure.
 */
int nl_dump(struct nl *nl, struct nl_req *req, nl_cb cb, void *data,
	    struct nl_err *err)
{
	struct nl_wait wait = { .cb = cb, .data = data, .err = err };

	if (run(nl, NLM_F_DUMP, req, &wait))
		return -1;
	return wait.interrupted;
}

/* Messages put aside, one after the other. */
struct nl_pile {
	char *data;
	size_t len;
	size_t room;
	bool failed;
};

static bool make_room(struct nl_pile *pile, size_t len)
{
	size_t room = pile->room ? pile->room : NL_BUF_SIZE;
	char *more;

	while (room < pile->len + len)
		room *= 2;
	if (room == pile->room)
		return true;
	more = realloc(pile->data, room);
	if (!more)
		return false;
	pile->data = more;
	pile->room = room;
	return true;
}

static void pile_up(const struct nlmsghdr *nlh, void *data)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);
	struct nl_pile *pile = data;

	if (!make_room(pile, len)) {
		pile->failed = true;
		return;
	}
	memcpy(pile->data + pile->len, nlh, nlh->nlmsg_len);
	pile->len += len;
}

/**
 * nl_dump_stable - ask for all objects, again if they change meanwhile
 * @nl: the socket
 * @req: the request
 * @cb: takes an object, once all have come
 * @data: for @cb
 * @err: filled on failure
 *
 * Return: 0, 1 if the objects never stood still, or -1 on failure.
 */
int nl_dump_stable(struct nl *nl, struct nl_req *req, nl_cb cb, void *data,
		   struct nl_err *err)
{
	const struct nlmsghdr *nlh;
	struct nl_pile pile = { 0 };
	int ret = 1;

	for (int try = 0; try < DUMP_TRIES && ret == 1; try++) {
		pile.len = 0;
		ret = nl_dump(nl, req, pile_up, &pile, err);
	}
	if (ret >= 0 && pile.failed)
		ret = fail(err, ENOMEM);
	for (size_t at = 0; ret >= 0 && at < pile.len;) {
		nlh = (const struct nlmsghdr *)(pile.data + at);
		cb(nlh, data);
		at += MNL_ALIGN(nlh->nlmsg_len);
	}
	free(pile.data);
	return ret;
}

/* notifications */

/**
 * nl_subscribe - join a multicast group of the family
 * @nl: the socket
 * @group: its name
 * @err: filled on failure
 *
 * Return: 0, or -1 on failure.
 */
int nl_subscribe(struct nl *nl, const char *group, struct nl_err *err)
{
	int fd = mnl_socket_get_fd(nl->sock), size = LISTEN_RCVBUF;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < nl->n_groups; i++) {
		if (strcmp(nl->groups[i].name, group))
			continue;
		if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP,
					  &nl->groups[i].id,
					  sizeof(nl->groups[i].id)) < 0)
			return fail(err, errno);
		return 0;
	}
	return fail_with(err, ENOENT, "the kernel has no such notifications");
}

/**
 * nl_take - wait for notifications, and take those that come together
 * @nl: the socket
 * @cb: takes one, NULL in place of some that were lost
 * @data: for @cb
 * @err: filled on failure
 *
 * Return: 0, or -1 on failure.
 */
int nl_take(struct nl *nl, nl_cb cb, void *data, struct nl_err *err)
{
	const struct nlmsghdr *nlh;
	ssize_t received;
	int len;

	received = receive(nl);
	if (received < 0) {
		if (errno != ENOBUFS)
			return fail(err, errno);
		cb(NULL, data);
		return 0;
	}
	len = received;
	nlh = (const struct nlmsghdr *)nl->buf;
	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == nl->family)
			cb(nlh, data);
	return 0;
}

/**
 * nl_listen - take notifications as long as there is no error
 * @nl: the socket
 * @cb: takes one, NULL in place of some that were lost
 * @data: for @cb
 * @err: filled on failure
 *
 * Return: -1.
 */
int nl_listen(struct nl *nl, nl_cb cb, void *data, struct nl_err *err)
{
	while (!nl_take(nl, cb, data, err))
		;
	return -1;
}

/* opening */

static void read_group(const struct nlattr *nest, struct nl *nl)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct nl_group *group;

	if (nl->n_groups == NL_GROUPS_MAX)
		return;
	nl_parse_nested(nest, tb, CTRL_ATTR_MCAST_GRP_MAX);
	group = &nl->groups[nl->n_groups++];
	snprintf(group->name, sizeof(group->name), "%s",
		 nl_str(tb[CTRL_ATTR_MCAST_GRP_NAME]));
	group->id = nl_num(tb[CTRL_ATTR_MCAST_GRP_ID]);
}

static void read_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1], *group;
	struct nl *nl = data;

	nl_parse(nlh, tb, CTRL_ATTR_MAX);
	nl->family = nl_num(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		mnl_attr_for_each_nested(group, tb[CTRL_ATTR_MCAST_GROUPS])
			read_group(group, nl);
}

static int find_family(struct nl *nl, const char *family, struct nl_err *err)
{
	struct nl_req req;
	int ret;

	nl_req_init(&req, CTRL_CMD_GETFAMILY);
	nl_put_str(&req, CTRL_ATTR_FAMILY_NAME, family);
	nl->family = GENL_ID_CTRL;
	nl->version = 1;
	ret = nl_call(nl, &req, read_family, nl, err);
	nl_req_free(&req);
	err->word = NULL;
	return ret;
}

static int open_socket(struct nl *nl, struct nl_err *err)
{
	int one = 1;

	nl->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->sock)
		return fail(err, errno);
	nl->buf = malloc(NL_BUF_SIZE);
	if (!nl->buf)
		return fail(err, ENOMEM);
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return fail(err, errno);
	nl->portid = mnl_socket_get_portid(nl->sock);
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(nl->sock, NETLINK_GET_STRICT_CHK, &one,
			      sizeof(one));
	return 0;
}

/**
 * nl_open - open a socket and find a family
 * @nl: the socket; nl_close() ends it, on failure too
 * @family: name of the family
 * @version: of the family
 * @err: filled on failure; the code is ENOENT if there is no such family
 *
 * Return: 0, or -1 on failure.
 */
int nl_open(struct nl *nl, const char *family, uint8_t version,
	    struct nl_err *err)
{
	*nl = (struct nl){ 0 };
	*err = (struct nl_err){ 0 };
	if (open_socket(nl, err) || find_family(nl, family, err)) {
		nl_close(nl);
		return -1;
	}
	nl->version = version;
	return 0;
}

/**
 * nl_close - close a socket; a second time does nothing
 * @nl: the socket
 */
void nl_close(struct nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	free(nl->buf);
	*nl = (struct nl){ 0 };
}
