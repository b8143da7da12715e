// SPDX-License-Identifier: GPL-2.0-only
/* srproxy - SR-MPLS service proxy: the module and its namespaces. */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "config.h"
#include "flow.h"
#include "net.h"
#include "netlink.h"
#include "port.h"
#include "stack.h"
#include "txn.h"
#include "wire.h"

unsigned int srp_net_id __read_mostly;
struct workqueue_struct *srp_wq;
/* Works that a user's socket may hold up, see struct srp_wire. */
struct workqueue_struct *srp_passed_wq;

static void srp_net_init_lists(struct srp_net *sn)
{
	srp_ports_init(sn);
	INIT_LIST_HEAD(&sn->uplinks);
	INIT_LIST_HEAD(&sn->vnfs);
	INIT_LIST_HEAD(&sn->sid_list);
	INIT_LIST_HEAD(&sn->txns);
}

static int __net_init srp_net_init(struct net *net)
{
	struct srp_net *sn = srp_net(net);
	struct srp_settings settings;
	int err = -ENOMEM;

	sn->net = net;
	sn->generation = 1;
	get_random_bytes(&sn->hash_key, sizeof(sn->hash_key));
	srp_icmp_limit_init(&sn->icmp_limit);
	srp_net_init_lists(sn);
	srp_health_net_init(sn);
	srp_probes_init(sn);
	sn->counters = srp_net_counters_alloc();
	if (!sn->counters)
		return err;
	err = srp_stacks_init(sn);
	if (err)
		goto err_counters;
	err = srp_flows_init(sn);
	if (err)
		goto err_stacks;
	err = srp_frags_init(sn);
	if (err)
		goto err_flows;
	srp_settings_default(&settings);
	srp_settings_set(sn, &settings);
	return 0;

err_flows:
	srp_flows_exit(sn);
err_stacks:
	srp_stacks_exit(sn);
err_counters:
	free_percpu(sn->counters);
	return err;
}

/* Devices of the namespace are gone, or, when the module goes, still there. */
static void __net_exit srp_net_stop(struct srp_net *sn)
{
	srp_txn_drop_all(sn);
	rtnl_lock();
	srp_config_end(sn);
	rtnl_unlock();
	srp_ports_exit(sn);
	srp_flows_stop(sn);
}

static void __net_exit srp_net_free(struct srp_net *sn)
{
	srp_probes_exit(sn);
	srp_health_net_exit(sn);
	srp_frags_exit(sn);
	srp_flows_exit(sn);
	srp_stacks_exit(sn);
	srp_sids_free(sn);
	free_percpu(sn->counters);
}

static void __net_exit srp_net_exit_batch(struct list_head *nets)
{
	struct net *net;

	list_for_each_entry(net, nets, exit_list)
		srp_net_stop(srp_net(net));
	list_for_each_entry(net, nets, exit_list)
		srp_wires_wait(srp_net(net));
	/* no packet is in a hook any more, then every flow has been freed */
	synchronize_net();
	flush_workqueue(srp_wq);
	rcu_barrier();
	list_for_each_entry(net, nets, exit_list)
		srp_net_free(srp_net(net));
}

static struct pernet_operations srp_net_ops = {
	.init = srp_net_init,
	.exit_batch = srp_net_exit_batch,
	.id = &srp_net_id,
	.size = sizeof(struct srp_net),
};

/* What frees a flow queues what frees its binding, that what frees its vnf. */
static void srp_rcu_drain(void)
{
	rcu_barrier();
	rcu_barrier();
	rcu_barrier();
}

static void srp_wq_exit(void)
{
	if (srp_passed_wq)
		destroy_workqueue(srp_passed_wq);
	if (srp_wq)
		destroy_workqueue(srp_wq);
}

static int __init srp_wq_init(void)
{
	srp_wq = alloc_workqueue("srproxy", WQ_UNBOUND, 0);
	srp_passed_wq = alloc_workqueue("srproxy_passed", WQ_UNBOUND, 0);
	if (srp_wq && srp_passed_wq)
		return 0;
	srp_wq_exit();
	return -ENOMEM;
}

static int __init srp_init(void)
{
	int err = srp_wq_init();

	if (err)
		return err;
	err = srp_flow_init();
	if (err)
		goto err_wq;
	err = register_pernet_subsys(&srp_net_ops);
	if (err)
		goto err_flow;
	err = srp_hook_init();
	if (err)
		goto err_pernet;
	err = srp_health_start();
	if (err)
		goto err_hook;
	err = srp_txn_init();
	if (err)
		goto err_health;
	err = srp_nl_init();
	if (err)
		goto err_txn;
	return 0;

err_txn:
	srp_txn_exit();
err_health:
	srp_health_stop();
err_hook:
	srp_hook_exit();
err_pernet:
	unregister_pernet_subsys(&srp_net_ops);
	srp_rcu_drain();
err_flow:
	srp_flow_exit();
err_wq:
	srp_wq_exit();
	return err;
}

static void __exit srp_exit(void)
{
	srp_nl_exit();
	srp_txn_exit();
	srp_health_stop();
	srp_hook_exit();
	unregister_pernet_subsys(&srp_net_ops);
	srp_rcu_drain();
	/* works that ran on gave back more, which is freed by RCU in turn */
	srp_wq_exit();
	srp_rcu_drain();
	srp_flow_exit();
	srp_stream_exit();
}

module_init(srp_init);
module_exit(srp_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SR-MPLS service proxy");
MODULE_ALIAS_GENL_FAMILY(SRPROXY_FAMILY_NAME);
MODULE_SOFTDEP("post: mpls_gso mpls_router");
MODULE_VERSION("0.1.0");
