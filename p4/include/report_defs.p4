// SPDX-License-Identifier: Apache-2.0
/* The report's numbers, those of uapi/linux/srproxy_report.h. */

#ifndef SRP_REPORT_DEFS_P4
#define SRP_REPORT_DEFS_P4

const bit<32> REPORT_MAGIC = 0x53525052;
const bit<8> REPORT_VERSION = 1;
const bit<16> REPORT_LEN = 136;
const bit<16> UDP_LEN = 8;
const bit<16> TCP_LEN = 20;
const bit<16> IPV4_LEN = 20;
@noWarn("unused")
const bit<16> IPV6_LEN = 40;

/* Flags, enum srproxy_report_flags. */
@noWarn("unused")
const bit<16> REPORT_GAP = 1;
@noWarn("unused")
const bit<16> SAT_DOWN_PACKETS = 2;
@noWarn("unused")
const bit<16> SAT_DOWN_BYTES = 4;
@noWarn("unused")
const bit<16> SAT_DOWN_BYTES_SQ = 8;
@noWarn("unused")
const bit<16> SAT_DOWN_IAT = 16;
@noWarn("unused")
const bit<16> SAT_DOWN_IAT_SQ = 32;
@noWarn("unused")
const bit<16> SAT_UP_PACKETS = 64;
@noWarn("unused")
const bit<16> SAT_UP_BYTES = 128;
@noWarn("unused")
const bit<16> SAT_UP_BYTES_SQ = 256;
@noWarn("unused")
const bit<16> SAT_UP_IAT = 512;
@noWarn("unused")
const bit<16> SAT_UP_IAT_SQ = 1024;

#endif
