/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_NL_MSG_H
#define SRP_TOOLS_NL_MSG_H

#include <linux/genetlink.h>

#include "nl.h"

/* Where the first attribute of a request is. */
#define NL_REQ_FIRST (MNL_NLMSG_HDRLEN + GENL_HDRLEN)

/* Over the attributes of a message. */
#define nl_for_each(attr, nlh) mnl_attr_for_each(attr, nlh, GENL_HDRLEN)

void nl_req_init(struct nl_req *req, uint8_t cmd);
void nl_req_free(struct nl_req *req);
void nl_put(struct nl_req *req, uint16_t type, const void *data, size_t len,
	    const char *word);
void nl_put_u32(struct nl_req *req, uint16_t type, uint32_t value,
		const char *word);
void nl_put_str(struct nl_req *req, uint16_t type, const char *value);
void nl_put_flag(struct nl_req *req, uint16_t type, const char *word);
size_t nl_nest_start(struct nl_req *req, uint16_t type, const char *word);
void nl_nest_end(struct nl_req *req, size_t nest);
const char *nl_req_word(const struct nl_req *req, uint32_t off);

uint8_t nl_cmd(const struct nlmsghdr *nlh);
void nl_parse(const struct nlmsghdr *nlh, const struct nlattr **tb,
	      unsigned int max);
void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb,
		     unsigned int max);
uint64_t nl_num(const struct nlattr *attr);
const char *nl_str(const struct nlattr *attr);

#endif
