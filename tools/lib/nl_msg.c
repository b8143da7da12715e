// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of generic netlink: requests that grow as attributes are put, and
 * remember the word that each was made from; attributes of replies.
 */

#include <stdlib.h>
#include <string.h>

#include "nl_msg.h"

#define REQ_START 256
#define REQ_MAX (128 * 1024)

/* Make room for len octets more. */
static void *reserve(struct nl_req *req, size_t len)
{
	size_t used = req->failed ? 0 : req->nlh->nlmsg_len;
	size_t room = req->room;
	struct nlmsghdr *nlh;

	if (req->failed)
		return NULL;
	while (room < used + len)
		room *= 2;
	if (room > REQ_MAX)
		goto fail;
	if (room != req->room) {
		nlh = realloc(req->nlh, room);
		if (!nlh)
			goto fail;
		req->nlh = nlh;
		req->room = room;
	}
	req->nlh->nlmsg_len += len;
	return memset((char *)req->nlh + used, 0, len);
fail:
	req->failed = true;
	return NULL;
}

static void mark(struct nl_req *req, uint32_t off, const char *word)
{
	struct nl_mark *marks;
	size_t max;

	if (!word)
		return;
	if (req->n_marks == req->max_marks) {
		max = req->max_marks ? 2 * req->max_marks : 8;
		marks = realloc(req->marks, max * sizeof(*marks));
		if (!marks) {
			req->failed = true;
			return;
		}
		req->marks = marks;
		req->max_marks = max;
	}
	req->marks[req->n_marks++] = (struct nl_mark){ off, word };
}

/**
 * nl_req_init - begin a request; nl_req_free() ends it in any case
 * @req: the request
 * @cmd: command of the family
 *
 * Failures show when the request is sent.
 */
void nl_req_init(struct nl_req *req, uint8_t cmd)
{
	struct genlmsghdr *genl;

	*req = (struct nl_req){ .room = REQ_START };
	req->nlh = calloc(1, REQ_START);
	if (!req->nlh) {
		req->failed = true;
		return;
	}
	req->nlh->nlmsg_len = MNL_NLMSG_HDRLEN;
	genl = reserve(req, MNL_ALIGN(sizeof(*genl)));
	genl->cmd = cmd;
}

/**
 * nl_req_free - give back what a request took
 * @req: the request
 */
void nl_req_free(struct nl_req *req)
{
	free(req->nlh);
	free(req->marks);
	*req = (struct nl_req){ .failed = true };
}

/**
 * nl_put - put an attribute
 * @req: the request
 * @type: of the attribute
 * @data: its value
 * @len: octets at @data
 * @word: what the user calls it, or NULL; kept by the caller
 */
void nl_put(struct nl_req *req, uint16_t type, const void *data, size_t len,
	    const char *word)
{
	uint32_t off = req->failed ? 0 : req->nlh->nlmsg_len;
	struct nlattr *attr;

	if (req->failed)
		return;
	if (len > UINT16_MAX - MNL_ATTR_HDRLEN)
		req->failed = true;
	attr = reserve(req, MNL_ATTR_HDRLEN + MNL_ALIGN(len));
	if (!attr) {
		req->too_long = word;
		return;
	}
	attr->nla_type = type;
	attr->nla_len = MNL_ATTR_HDRLEN + len;
	if (len)
		memcpy((char *)attr + MNL_ATTR_HDRLEN, data, len);
	mark(req, off, word);
}

/**
 * nl_put_u32 - put a number
 * @req: the request
 * @type: of the attribute
 * @value: the number
 * @word: what the user calls it, or NULL; kept by the caller
 */
void nl_put_u32(struct nl_req *req, uint16_t type, uint32_t value,
		const char *word)
{
	nl_put(req, type, &value, sizeof(value), word);
}

/**
 * nl_put_str - put a string, which is its own word
 * @req: the request
 * @type: of the attribute
 * @value: the string, kept by the caller
 */
void nl_put_str(struct nl_req *req, uint16_t type, const char *value)
{
	nl_put(req, type, value, strlen(value) + 1, value);
}

/**
 * nl_put_flag - put an attribute that has no value
 * @req: the request
 * @type: of the attribute
 * @word: what the user calls it, or NULL; kept by the caller
 */
void nl_put_flag(struct nl_req *req, uint16_t type, const char *word)
{
	nl_put(req, type, NULL, 0, word);
}

/**
 * nl_nest_start - begin an attribute of attributes
 * @req: the request
 * @type: of the attribute
 * @word: what the user calls it, or NULL; kept by the caller
 *
 * Return: what nl_nest_end() wants.
 */
size_t nl_nest_start(struct nl_req *req, uint16_t type, const char *word)
{
	size_t nest = req->failed ? 0 : req->nlh->nlmsg_len;

	nl_put(req, type | NLA_F_NESTED, NULL, 0, word);
	return nest;
}

/**
 * nl_nest_end - end an attribute of attributes
 * @req: the request
 * @nest: what nl_nest_start() gave
 */
void nl_nest_end(struct nl_req *req, size_t nest)
{
	struct nlattr *attr;
	size_t len;

	if (req->failed)
		return;
	attr = (struct nlattr *)((char *)req->nlh + nest);
	len = req->nlh->nlmsg_len - nest;
	if (len > UINT16_MAX)
		req->failed = true;
	else
		attr->nla_len = len;
}

/**
 * nl_req_word - find the word that an attribute was made from
 * @req: the request
 * @off: where the kernel says that the attribute is
 *
 * Return: the word of that attribute, or of the one that it lies in, or NULL.
 */
const char *nl_req_word(const struct nl_req *req, uint32_t off)
{
	const struct nlattr *attr;
	const char *word = NULL;

	for (size_t i = 0; i < req->n_marks; i++) {
		if (req->marks[i].off > off)
			break;
		attr = (const void *)((char *)req->nlh + req->marks[i].off);
		if (off < req->marks[i].off + attr->nla_len)
			word = req->marks[i].word;
	}
	return word;
}

/**
 * nl_cmd - the command of a message
 * @nlh: the message
 *
 * Return: the command.
 */
uint8_t nl_cmd(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	return nlh->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(*genl) ? 0 :
								   genl->cmd;
}

static void sort_in(const struct nlattr *attr, const struct nlattr **tb,
		    unsigned int max)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type <= max)
		tb[type] = attr;
}

/**
 * nl_parse - sort the attributes of a message by their types
 * @nlh: the message
 * @tb: @max + 1 places, NULL for what is not there
 * @max: greatest type of interest
 */
void nl_parse(const struct nlmsghdr *nlh, const struct nlattr **tb,
	      unsigned int max)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	nl_for_each(attr, nlh) sort_in(attr, tb, max);
}

/**
 * nl_parse_nested - sort the attributes in an attribute by their types
 * @nest: the attribute, or NULL
 * @tb: @max + 1 places, NULL for what is not there
 * @max: greatest type of interest
 */
void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb,
		     unsigned int max)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest) sort_in(attr, tb, max);
}

/**
 * nl_num - the value of a number of any size
 * @attr: the attribute, or NULL
 *
 * Return: the number, 0 if there is none.
 */
uint64_t nl_num(const struct nlattr *attr)
{
	if (!attr)
		return 0;
	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(uint8_t):
		return mnl_attr_get_u8(attr);
	case sizeof(uint16_t):
		return mnl_attr_get_u16(attr);
	case sizeof(uint32_t):
		return mnl_attr_get_u32(attr);
	case sizeof(uint64_t):
		return mnl_attr_get_u64(attr);
	}
	return 0;
}

/**
 * nl_str - the value of a string
 * @attr: the attribute, or NULL
 *
 * Return: the string, empty if there is none.
 */
const char *nl_str(const struct nlattr *attr)
{
	const char *value;
	size_t len;

	if (!attr)
		return "";
	value = mnl_attr_get_payload(attr);
	len = mnl_attr_get_payload_len(attr);
	return len && !value[len - 1] ? value : "";
}
