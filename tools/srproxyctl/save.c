// SPDX-License-Identifier: GPL-2.0-or-later
/* save: the whole configuration as JSON, for apply. */

#include <stdio.h>

#include "ctl.h"

#define SAVE_TRIES 5

/* What is asked of the kernel, in the order of the file. */
static const struct {
	const char *key;
	uint8_t cmd;
	nl_cb cb;
} lists[] = {
	{ "uplink", SRPROXY_CMD_UPLINK_GET, uplink_save },
	{ "vnf", SRPROXY_CMD_VNF_GET, vnf_save },
	{ "sid", SRPROXY_CMD_SID_GET, sid_save },
};

static void take_generation(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *tb[SRPROXY_A_CONFIG_MAX + 1];

	nl_parse(nlh, tb, SRPROXY_A_CONFIG_MAX);
	*(uint32_t *)data = nl_num(tb[SRPROXY_A_CONFIG_GENERATION]);
}

static int get_config(struct ctl *ctl, nl_cb cb, void *data, struct nl_err *err)
{
	struct nl_req req;
	int ret;

	nl_req_init(&req, SRPROXY_CMD_CONFIG_GET);
	ret = nl_call(&ctl->nl, &req, cb, data, err);
	nl_req_free(&req);
	return ret;
}

static int save_lists(struct ctl *ctl, struct out *out, struct nl_err *err)
{
	struct nl_req req;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < ARRAY_SIZE(lists); i++) {
		out_array_open(out, lists[i].key);
		nl_req_init(&req, lists[i].cmd);
		ret = nl_dump_stable(&ctl->nl, &req, lists[i].cb, out, err);
		nl_req_free(&req);
		out_array_sort(out);
		out_array_close(out);
	}
	return ret < 0 ? -1 : 0;
}

/* 1 if the configuration changed meanwhile, and there is no item. */
static int try_save(struct ctl *ctl, struct out *out, struct nl_err *err)
{
	uint32_t before = 0, after = 0;

	if (get_config(ctl, take_generation, &before, err))
		return -1;
	out_item_open(out);
	out_num(out, "srproxy", NULL, 1);
	if (get_config(ctl, config_save, out, err) ||
	    save_lists(ctl, out, err) ||
	    get_config(ctl, take_generation, &after, err)) {
		out_item_drop(out);
		return -1;
	}
	if (before != after) {
		out_item_drop(out);
		return 1;
	}
	return 0;
}

/* The whole configuration as an item, which is left open. */
static int save(struct ctl *ctl, struct out *out)
{
	struct nl_err err;
	int rc, ret = 1;

	rc = ctl_connect(ctl);
	if (rc)
		return rc;
	for (int try = 0; try < SAVE_TRIES && ret == 1; try++)
		ret = try_save(ctl, out, &err);
	if (ret < 0)
		return report_kernel(&err);
	if (ret)
		return report_refused("the configuration never stands still.");
	return RC_DONE;
}

/**
 * save_take - the whole configuration as JSON, each list in order of its names
 * @ctl: this run
 * @root: the JSON, for json_object_put()
 *
 * Return: RC_DONE, or what was reported.
 */
int save_take(struct ctl *ctl, struct json_object **root)
{
	struct out out = { .json = true };
	int rc;

	rc = save(ctl, &out);
	if (!rc)
		*root = out_item_take(&out);
	return rc;
}

static int save_run(struct ctl *ctl, struct args *args)
{
	struct out out = {
		.file = ctl->out.file,
		.json = true,
		.pretty = ctl->out.pretty || !ctl->out.json,
	};
	int rc;

	rc = args_end(args);
	if (!rc)
		rc = save(ctl, &out);
	if (!rc)
		out_item_close(&out);
	return rc;
}

const struct object save_object = {
	.name = "save",
	.run = save_run,
	.usage = "> FILE",
	.notes =
		"Prints the whole configuration as JSON, for apply, each list in\n"
		"the order of its names: the same configuration, the same text.",
};
