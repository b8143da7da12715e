// SPDX-License-Identifier: Apache-2.0
/* Sizes of tables and state; the same on both targets. */

#ifndef SRP_SIZES_P4
#define SRP_SIZES_P4

#define LOCAL_SID_SIZE		1024
#define NFV_SID_SIZE		256	/* of each position's copy */
#define LABEL_FIB_SIZE		4096
#define IPV4_FIB_SIZE		2048
#define IPV6_FIB_SIZE		512
#define ECMP_SIZE		4096	/* 64 groups of 64 buckets */
#define NEXTHOP_SIZE		1024
#define INGRESS_CHAIN_SIZE	1024
#define INGRESS_CHAIN4_SIZE	1024	/* Tofino: one for each family, */
#define INGRESS_CHAIN6_SIZE	512
#define PUSH_SIZE		1024	/* and the labels of both */
#define PRIORITY_FLOW_SIZE	4096
#define REPORT_TO_SIZE		64
#define SESSIONS		65536	/* bmv2 */
#define SLOTS			32768	/* Tofino: a register of more takes half a stage */

#endif
