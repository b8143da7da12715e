// SPDX-License-Identifier: Apache-2.0
/* Tofino: what carries reports. One multicast group makes the copy of a packet
 * that becomes a report in egress. There a mirror session sends it to its port,
 * cut behind the headers of the packet: how long these are the program adds to
 * the number of the port's first session, in words of four octets. */

#include <stdio.h>

#include "bfrt.h"

#define GROUP 1
#define NODE 1
#define COPY_RID 1
#define COPY_PORT 68 /* any that is up: the copy ends in egress */

/* Sessions to a port: the first is a multiple of 32, and no session itself; with
 * the fewest words, a label and an IPv4 header, begin those that are. */
#define BLOCK 32
#define BLOCKS 31
#define WORDS_MIN 6
#define WORDS_MAX 22 /* seven labels, IPv6 and TCP headers */
#define WORD 4
#define REPORT_OCTETS (14 + 20 + 8 + 136) /* Ethernet, IPv4, UDP, report */
/* mirror_t goes before the frame and is cut with it; egress takes it off. */
#define MIRROR_HEADER 1

static bool put_node(struct bfrt *bfrt, char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, "$pre.node", why);
	static const uint32_t port = COPY_PORT;
	bf_status_t status;

	if (!fixed)
		return false;
	fixed_key(fixed, "$MULTICAST_NODE_ID", NODE);
	fixed_num(fixed, "$MULTICAST_RID", COPY_RID);
	fixed_nums(fixed, "$MULTICAST_LAG_ID", NULL, 0);
	fixed_nums(fixed, "$DEV_PORT", &port, 1);
	status = fixed_add(fixed);
	fixed_close(fixed);
	return !bfrt_say(why, "$pre.node", status);
}

/**
 * bfrt_put_group - have the group that makes copies
 * @bfrt: the switch, whose program was just loaded
 * @why: a sentence if it fails
 *
 * Return: whether it did not.
 */
bool bfrt_put_group(struct bfrt *bfrt, char why[WHY_MAX])
{
	static const uint32_t node = NODE, xid;
	static const bool valid;
	struct fixed *fixed;
	bf_status_t status;

	if (!put_node(bfrt, why))
		return false;
	fixed = fixed_open(bfrt, "$pre.mgid", why);
	if (!fixed)
		return false;
	fixed_key(fixed, "$MGID", GROUP);
	fixed_nums(fixed, "$MULTICAST_NODE_ID", &node, 1);
	fixed_flags(fixed, "$MULTICAST_NODE_L1_XID_VALID", &valid, 1);
	fixed_nums(fixed, "$MULTICAST_NODE_L1_XID", &xid, 1);
	status = fixed_add(fixed);
	fixed_close(fixed);
	return !bfrt_say(why, "$pre.mgid", status);
}

static struct fixed *open_session(struct bfrt *bfrt, uint32_t sid,
				  char why[WHY_MAX])
{
	struct fixed *fixed = fixed_open(bfrt, "$mirror.cfg $normal", why);

	if (fixed)
		fixed_key(fixed, "$sid", sid);
	return fixed;
}

/* A session for frames with so many words behind the report. */
static bool put_session(struct bfrt *bfrt, uint32_t sid, uint32_t port,
			uint32_t words, char why[WHY_MAX])
{
	struct fixed *fixed = open_session(bfrt, sid, why);
	bf_status_t status;

	if (!fixed)
		return false;
	fixed_flag(fixed, "$session_enable", true);
	fixed_text(fixed, "$direction", "EGRESS");
	fixed_num(fixed, "$ucast_egress_port", port);
	fixed_flag(fixed, "$ucast_egress_port_valid", true);
	fixed_num(fixed, "$max_pkt_len",
		  MIRROR_HEADER + REPORT_OCTETS + words * WORD);
	status = fixed_add(fixed);
	fixed_close(fixed);
	return !bfrt_say(why, "$mirror.cfg", status);
}

/* The port of a session, if it is there. */
static bool get_session(struct bfrt *bfrt, uint32_t sid, uint32_t *port)
{
	char why[WHY_MAX];
	struct fixed *fixed = open_session(bfrt, sid, why);
	bool found = fixed && !fixed_get(fixed);

	if (found)
		*port = fixed_num_get(fixed, "$ucast_egress_port");
	fixed_close(fixed);
	return found;
}

/* Sessions of a block, those for less words than @end. */
static void take_block(struct bfrt *bfrt, uint32_t first, uint32_t end)
{
	char why[WHY_MAX];

	for (uint32_t words = WORDS_MIN; words < end; words++) {
		struct fixed *fixed = open_session(bfrt, first + words, why);

		if (fixed)
			fixed_delete(fixed);
		fixed_close(fixed);
	}
}

static bool put_block(struct bfrt *bfrt, uint32_t first, uint32_t port,
		      char why[WHY_MAX])
{
	for (uint32_t words = WORDS_MIN; words <= WORDS_MAX; words++) {
		if (put_session(bfrt, first + words, port, words, why))
			continue;
		take_block(bfrt, first, words);
		return false;
	}
	bfrt->copies |= 1U << (first / BLOCK - 1);
	return true;
}

/**
 * bfrt_copy - find the mirror sessions to a port, or make them
 * @of: the switch
 * @port: the port
 * @copy: the first of them
 * @why: a sentence if that fails
 *
 * What is there stays: other labels may use it.
 *
 * Return: whether it did not.
 */
bool bfrt_copy(void *of, uint32_t port, uint32_t *copy, char why[WHY_MAX])
{
	struct bfrt *bfrt = of;
	uint32_t other;

	for (*copy = BLOCK; *copy <= BLOCKS * BLOCK; *copy += BLOCK) {
		if (!get_session(bfrt, *copy + WORDS_MIN, &other))
			return put_block(bfrt, *copy, port, why);
		if (other == port)
			return true;
	}
	snprintf(why, WHY_MAX, "reports can go to %d ports.", BLOCKS);
	return false;
}

/**
 * bfrt_copy_port - the port of mirror sessions
 * @of: the switch
 * @copy: the first of them
 * @port: filled
 * @why: a sentence if there are none
 *
 * Return: whether there are.
 */
bool bfrt_copy_port(void *of, uint32_t copy, uint32_t *port, char why[WHY_MAX])
{
	if (get_session(of, copy + WORDS_MIN, port))
		return true;
	snprintf(why, WHY_MAX,
		 "the switch has no mirror sessions from %u on: use load.",
		 copy);
	return false;
}

/**
 * bfrt_take_copies - take back what a transaction made that failed
 * @bfrt: the switch
 */
void bfrt_take_copies(struct bfrt *bfrt)
{
	for (uint32_t i = 0; i < BLOCKS; i++)
		if (bfrt->copies & 1U << i)
			take_block(bfrt, (i + 1) * BLOCK, WORDS_MAX + 1);
	bfrt->copies = 0;
}
