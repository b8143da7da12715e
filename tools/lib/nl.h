/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_NL_H
#define SRP_TOOLS_NL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NL_TEXT_MAX 256
#define NL_RANGE_MAX 64
#define NL_COOKIE_MAX 2
#define NL_GROUPS_MAX 8
#define NL_GROUP_NAME 16
#define NL_BUF_SIZE (128 * 1024)

/**
 * struct nl_err - why a request failed
 * @code: errno
 * @text: the kernel's sentence, or empty
 * @range: what the attribute at fault may be, or empty
 * @word: the user's word for the attribute at fault, or NULL
 * @n_cookie: how many numbers the kernel gave beside its sentence
 * @cookie: these numbers; of a refused commit the number of the request at
 *	fault and the offset of the attribute in it
 */
struct nl_err {
	int code;
	char text[NL_TEXT_MAX];
	char range[NL_RANGE_MAX];
	const char *word;
	unsigned int n_cookie;
	uint32_t cookie[NL_COOKIE_MAX];
};

/**
 * struct nl_mark - the word that an attribute was made from
 * @off: offset of the attribute in the message
 * @word: the word, kept by the caller
 */
struct nl_mark {
	uint32_t off;
	const char *word;
};

/**
 * struct nl_req - a request
 * @nlh: the message, or NULL when memory ran out
 * @room: octets at @nlh
 * @marks: of attributes in order of their offsets
 * @n_marks: how many
 * @max_marks: room at @marks
 * @failed: memory ran out, or the message is too long
 * @too_long: the word that had no room any more, or NULL
 */
struct nl_req {
	struct nlmsghdr *nlh;
	size_t room;
	struct nl_mark *marks;
	size_t n_marks;
	size_t max_marks;
	bool failed;
	const char *too_long;
};

/**
 * struct nl_group - a multicast group of the family
 * @name: its name
 * @id: its number
 */
struct nl_group {
	char name[NL_GROUP_NAME];
	uint32_t id;
};

/**
 * struct nl - a socket of a generic netlink family
 * @sock: libmnl's
 * @portid: of the socket
 * @seq: number of the last request
 * @family: number of the family
 * @version: of the family
 * @groups: of the family
 * @n_groups: how many
 * @buf: for what is received
 */
struct nl {
	struct mnl_socket *sock;
	unsigned int portid;
	uint32_t seq;
	uint16_t family;
	uint8_t version;
	struct nl_group groups[NL_GROUPS_MAX];
	size_t n_groups;
	char *buf;
};

/* Takes one message, NULL in place of messages that were lost. */
typedef void (*nl_cb)(const struct nlmsghdr *nlh, void *data);

int nl_open(struct nl *nl, const char *family, uint8_t version,
	    struct nl_err *err);
void nl_close(struct nl *nl);
int nl_call(struct nl *nl, struct nl_req *req, nl_cb cb, void *data,
	    struct nl_err *err);
int nl_dump(struct nl *nl, struct nl_req *req, nl_cb cb, void *data,
	    struct nl_err *err);
int nl_dump_stable(struct nl *nl, struct nl_req *req, nl_cb cb, void *data,
		   struct nl_err *err);
int nl_subscribe(struct nl *nl, const char *group, struct nl_err *err);
int nl_take(struct nl *nl, nl_cb cb, void *data, struct nl_err *err);
int nl_listen(struct nl *nl, nl_cb cb, void *data, struct nl_err *err);

#endif
