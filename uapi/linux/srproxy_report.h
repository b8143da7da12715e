/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The report that a P4 switch (or the software node) sends to the functions:
 * what one session did, both ways, in one window. It is the payload of an
 * IPv4/UDP datagram, behind the labels of the functions that shall get it; the
 * headers of the packet that closed the window follow it.
 *
 * This file is the one definition: p4/include/report.p4, the tests' model and
 * Documentation/p4.md are held against it by p4/tests/test_report.py.
 */

#ifndef _UAPI_LINUX_SRPROXY_REPORT_H
#define _UAPI_LINUX_SRPROXY_REPORT_H

#include <linux/types.h>

#define SRPROXY_REPORT_MAGIC	0x53525052	/* "SRPR" */
#define SRPROXY_REPORT_VERSION	1
#define SRPROXY_REPORT_LEN	136
#define SRPROXY_REPORT_PORT	5252

/**
 * enum srproxy_report_flags - What there is to know of a report's sums.
 * @SRPROXY_REPORT_GAP: The packet that closed the window came a whole window
 *   length or more after its end: the next number is left out.
 * @SRPROXY_REPORT_SAT_DOWN_PACKETS: A sum of that name ended at its highest
 *   value, the true one may be larger; so for all below.
 * @SRPROXY_REPORT_SAT_DOWN_BYTES: See above.
 * @SRPROXY_REPORT_SAT_DOWN_BYTES_SQ: See above.
 * @SRPROXY_REPORT_SAT_DOWN_IAT: See above.
 * @SRPROXY_REPORT_SAT_DOWN_IAT_SQ: See above.
 * @SRPROXY_REPORT_SAT_UP_PACKETS: See above.
 * @SRPROXY_REPORT_SAT_UP_BYTES: See above.
 * @SRPROXY_REPORT_SAT_UP_BYTES_SQ: See above.
 * @SRPROXY_REPORT_SAT_UP_IAT: See above.
 * @SRPROXY_REPORT_SAT_UP_IAT_SQ: See above.
 */
enum srproxy_report_flags {
	SRPROXY_REPORT_GAP			= 1 << 0,
	SRPROXY_REPORT_SAT_DOWN_PACKETS		= 1 << 1,
	SRPROXY_REPORT_SAT_DOWN_BYTES		= 1 << 2,
	SRPROXY_REPORT_SAT_DOWN_BYTES_SQ	= 1 << 3,
	SRPROXY_REPORT_SAT_DOWN_IAT		= 1 << 4,
	SRPROXY_REPORT_SAT_DOWN_IAT_SQ		= 1 << 5,
	SRPROXY_REPORT_SAT_UP_PACKETS		= 1 << 6,
	SRPROXY_REPORT_SAT_UP_BYTES		= 1 << 7,
	SRPROXY_REPORT_SAT_UP_BYTES_SQ		= 1 << 8,
	SRPROXY_REPORT_SAT_UP_IAT		= 1 << 9,
	SRPROXY_REPORT_SAT_UP_IAT_SQ		= 1 << 10,
};

/**
 * enum srproxy_report_verdict - What the functions found; the switch writes
 *   NONE.
 * @SRPROXY_REPORT_VERDICT_NONE: Not judged yet.
 * @SRPROXY_REPORT_VERDICT_NO: Not what the function looks for.
 * @SRPROXY_REPORT_VERDICT_YES: It is.
 */
enum srproxy_report_verdict {
	SRPROXY_REPORT_VERDICT_NONE,
	SRPROXY_REPORT_VERDICT_NO,
	SRPROXY_REPORT_VERDICT_YES,
};

/**
 * struct srproxy_report_sums - One direction of a session in one window.
 * @packets: Packets.
 * @bytes: Sum of their payload sizes (after UDP or TCP).
 * @bytes_sq: Sum of the squares of these sizes.
 * @iat: Sum of the times between packets, in ticks. The first packet of a
 *   window adds nothing, so there are @packets - 1 of them.
 * @iat_sq: Sum of the squares of these times.
 */
struct srproxy_report_sums {
	__be32	packets;
	__be32	bytes;
	__be64	bytes_sq;
	__be64	iat;
	__be64	iat_sq;
};

/**
 * struct srproxy_report - The report, all of it big-endian.
 * @magic: SRPROXY_REPORT_MAGIC.
 * @version: SRPROXY_REPORT_VERSION.
 * @family: 4 or 6: the session's IP version.
 * @length: SRPROXY_REPORT_LEN: what follows is the packet's own headers.
 * @flags: enum srproxy_report_flags.
 * @verdict: enum srproxy_report_verdict.
 * @proto: The session's IP protocol.
 * @window: Number of this window in its session, from 1. After a report with
 *   SRPROXY_REPORT_GAP one number is left out.
 * @session: The session's identity in this switch: CRC-32 of its 5-tuple as
 *   stated in Documentation/p4.md.
 * @tick_ns: Nanoseconds in a tick.
 * @window_ticks: Least length of a window, in ticks.
 * @tick: The switch's clock at the packet that closed the window, in ticks. It
 *   counts in the next window.
 * @client_port: The client's port, 0 where the protocol has none.
 * @server_port: The server's port.
 * @client: The client's address; IPv4 as ::ffff:a.b.c.d.
 * @server: The server's address, likewise.
 * @down: Server to client.
 * @up: Client to server.
 */
struct srproxy_report {
	__be32	magic;
	__u8	version;
	__u8	family;
	__be16	length;
	__be16	flags;
	__u8	verdict;
	__u8	proto;
	__be32	window;
	__be32	session;
	__be32	tick_ns;
	__be32	window_ticks;
	__be16	client_port;
	__be16	server_port;
	__be64	tick;
	__u8	client[16];
	__u8	server[16];
	struct srproxy_report_sums	down;
	struct srproxy_report_sums	up;
};

#endif /* _UAPI_LINUX_SRPROXY_REPORT_H */
