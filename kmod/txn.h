/* SPDX-License-Identifier: GPL-2.0-only */
/* Transactions: a whole configuration, staged on one netlink socket. */
#ifndef SRP_TXN_H
#define SRP_TXN_H

#include <linux/types.h>

/* How long all connections of a send, or a transaction, may take together. */
#define SRP_CONNECT_MS	5000

struct net;
struct netlink_ext_ack;
struct srp_item;
struct srp_net;

int srp_txn_begin(struct srp_net *sn, u32 portid,
		  struct netlink_ext_ack *extack, u32 *generation);
int srp_txn_stage(struct srp_net *sn, u32 portid, struct srp_item *item,
		  struct netlink_ext_ack *extack);
bool srp_txn_open(struct srp_net *sn, u32 portid);
unsigned long srp_txn_until(struct srp_net *sn, u32 portid);
int srp_txn_commit(struct srp_net *sn, u32 portid,
		   struct netlink_ext_ack *extack);
int srp_txn_abort(struct srp_net *sn, u32 portid,
		  struct netlink_ext_ack *extack);
void srp_txn_drop_all(struct srp_net *sn);
int srp_txn_init(void);
void srp_txn_exit(void);

#endif
