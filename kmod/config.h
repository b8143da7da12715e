/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of the configuration: prepared whole, then made or rolled back. */
#ifndef SRP_CONFIG_H
#define SRP_CONFIG_H

#include <linux/list.h>
#include <linux/netlink.h>

#include "net.h"
#include "sid.h"
#include "uplink.h"
#include "vnf.h"

/** enum srp_kind - kinds of objects */
enum srp_kind {
	/** @SRP_KIND_SETTINGS: settings of the namespace */
	SRP_KIND_SETTINGS,
	/** @SRP_KIND_UPLINK: an uplink */
	SRP_KIND_UPLINK,
	/** @SRP_KIND_VNF: a vnf */
	SRP_KIND_VNF,
	/** @SRP_KIND_SID: a sid */
	SRP_KIND_SID,
};

/**
 * struct srp_item - one object as the user wants it to be
 *
 * Made of a netlink request, then prepared (which can fail and leaves nothing
 * that packets see but hooks that lead nowhere), then made or rolled back
 * (which cannot fail).
 */
struct srp_item {
	/** @node: in a transaction */
	struct list_head node;
	/** @kind: which of the union */
	enum srp_kind kind;
	/** @seq: of the netlink request that it was made of */
	u32 seq;
	/** @attr: where in the request each &enum srp_part stands, or 0 */
	u32 attr[SRP_PART_MEMBER];
	/** @fault: after a refusal, where what it is about stands, or 0 */
	u32 fault;
	/** @old: what there is, kept or replaced */
	void *old;
	union {
		/** @made: what was prepared, or NULL */
		void *made;
		/** @made_uplink: likewise, an uplink */
		struct srp_uplink *made_uplink;
		/** @made_vnf: likewise, a vnf */
		struct srp_vnf *made_vnf;
		/** @made_sid: likewise, a sid */
		struct srp_sid *made_sid;
	};
	/** @wire: connection to a vnf of @old's or no place, or NULL; owned */
	struct srp_wire *wire;
	/** @passed: socket that came with the request */
	struct srp_passed passed;
	/** @connects: it has to be connected before RTNL is taken */
	bool connects;
	/** @unreached: why it was not, a negative errno; staged ones only */
	int unreached;
	/** @prober: prepared probes of a vnf, or NULL */
	struct srp_prober *prober;
	/** @egress: prepared change of an uplink that there is */
	struct srp_egress *egress;
	union {
		/** @settings: settings of the namespace */
		struct srp_settings settings;
		/** @uplink: an uplink */
		struct srp_uplink_cfg uplink;
		/** @vnf: a vnf */
		struct srp_vnf_cfg vnf;
		/** @sid: a sid, owned */
		struct srp_sid_cfg *sid;
	};
};

struct srp_item *srp_item_alloc(enum srp_kind kind, u32 seq);
void srp_item_free(struct srp_item *item);
int srp_item_prepare(struct srp_net *sn, struct srp_item *item,
		     struct netlink_ext_ack *extack);
bool srp_item_commit(struct srp_net *sn, struct srp_item *item);
void srp_item_rollback(struct srp_net *sn, struct srp_item *item);
int srp_item_apply(struct srp_net *sn, struct srp_item *item,
		   struct netlink_ext_ack *extack);

void srp_settings_default(struct srp_settings *settings);
void srp_settings_set(struct srp_net *sn, const struct srp_settings *s);
int srp_config_end_uplink(struct srp_uplink *up,
			  struct netlink_ext_ack *extack);
int srp_config_end_vnf(struct srp_vnf *vnf, struct netlink_ext_ack *extack);
void srp_config_end_sid(struct srp_net *sn, struct srp_sid *sid);
void srp_config_end(struct srp_net *sn);

#endif
