// SPDX-License-Identifier: GPL-2.0-or-later
/* The grammar's words for the values of the kernel's enums. */

#include <linux/srproxy.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

const char *const egress_names[] = {
	[SRPROXY_EGRESS_HAIRPIN] = "hairpin",
	[SRPROXY_EGRESS_LFIB] = "lfib",
	[SRPROXY_EGRESS_VIA] = "via",
	NULL,
};

const char *const type_names[] = {
	[SRPROXY_VNF_TYPE_DEV] = "dev", [SRPROXY_VNF_TYPE_UDP] = "udp",
	[SRPROXY_VNF_TYPE_TCP] = "tcp", [SRPROXY_VNF_TYPE_UNIX] = "unix",
	[SRPROXY_VNF_TYPE_APP] = "app", NULL,
};

const char *const match_names[] = {
	[SRPROXY_MATCH_FLOW] = "flow",
	[SRPROXY_MATCH_VLAN] = "vlan",
	[SRPROXY_MATCH_STATIC] = "static",
	NULL,
};

const char *const on_miss_names[] = {
	[SRPROXY_ON_MISS_ACCEPT] = "accept",
	[SRPROXY_ON_MISS_DROP] = "drop",
	[SRPROXY_ON_MISS_STRICT] = "strict",
	NULL,
};

const char *const admin_names[] = {
	[SRPROXY_ADMIN_UP] = "up",
	[SRPROXY_ADMIN_DRAIN] = "drain",
	[SRPROXY_ADMIN_DOWN] = "down",
	NULL,
};

const char *const inner_names[] = {
	[SRPROXY_INNER_IP] = "ip",
	[SRPROXY_INNER_ETHERNET] = "ethernet",
	[SRPROXY_INNER_ETHERNET_CW] = "ethernet-cw",
	NULL,
};

const char *const probe_names[] = {
	[SRPROXY_PROBE_NONE] = "none",
	[SRPROXY_PROBE_NEIGH] = "neigh",
	[SRPROXY_PROBE_INBAND] = "inband",
	NULL,
};

const char *const state_names[] = {
	[SRPROXY_STATE_DOWN] = "down",
	[SRPROXY_STATE_UP] = "up",
	NULL,
};

const char *const cause_names[] = {
	[SRPROXY_CAUSE_NONE] = "none",
	[SRPROXY_CAUSE_NO_DEVICE] = "no-device",
	[SRPROXY_CAUSE_LINK_DOWN] = "link-down",
	[SRPROXY_CAUSE_NO_CARRIER] = "no-carrier",
	[SRPROXY_CAUSE_ADMIN] = "admin",
	[SRPROXY_CAUSE_NOT_CONNECTED] = "not-connected",
	[SRPROXY_CAUSE_CONNECT_FAILED] = "connect-failed",
	[SRPROXY_CAUSE_CLOSED] = "closed",
	[SRPROXY_CAUSE_SOCKET_ERROR] = "socket-error",
	[SRPROXY_CAUSE_BAD_FRAME] = "bad-frame",
	[SRPROXY_CAUSE_NO_ROUTE] = "no-route",
	[SRPROXY_CAUSE_NEIGHBOUR] = "neighbour",
	[SRPROXY_CAUSE_PROBE] = "probe",
	NULL,
};

const char *const fallback_names[] = {
	[SRPROXY_FALLBACK_DROP] = "drop",
	[SRPROXY_FALLBACK_BYPASS] = "bypass",
	[SRPROXY_FALLBACK_REROUTE] = "reroute",
	[SRPROXY_FALLBACK_LFIB] = "lfib",
	NULL,
};

const char *const ttl_names[] = {
	[SRPROXY_TTL_MODE_PIPE] = "pipe",
	[SRPROXY_TTL_MODE_UNIFORM] = "uniform",
	NULL,
};

const char *const icmp_names[] = {
	[SRPROXY_ICMP_MODE_REVERSE] = "reverse",
	[SRPROXY_ICMP_MODE_FIB] = "fib",
	[SRPROXY_ICMP_MODE_NONE] = "none",
	NULL,
};

/* By bit, lowest first. */
const char *const flow_flag_names[] = {
	"protected",
	"conflict",
	"gone",
	NULL,
};

/**
 * name_of - the word for a value
 * @names: of the enum
 * @value: as the kernel gave it, perhaps a newer one than this program
 *
 * Return: the word.
 */
const char *name_of(const char *const *names, uint64_t value)
{
	for (uint64_t i = 0; names[i]; i++)
		if (i == value)
			return names[i];
	return "unknown";
}

/**
 * name_value - the value for a word
 * @names: of the enum
 * @word: in full
 * @value: where it goes
 *
 * Return: whether there is one.
 */
bool name_value(const char *const *names, const char *word, uint32_t *value)
{
	for (uint32_t i = 0; names[i]; i++) {
		if (!strcmp(names[i], word)) {
			*value = i;
			return true;
		}
	}
	return false;
}

/**
 * names_list - the words of an enum, for a sentence
 * @names: of the enum
 * @text: where the list goes
 * @room: octets there
 */
void names_list(const char *const *names, char *text, int room)
{
	int len = 0;

	text[0] = '\0';
	for (int i = 0; names[i] && len < room; i++)
		len += snprintf(text + len, room - len, "%s%s", i ? ", " : "",
				names[i]);
}
