#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Devices and namespaces come and go, and the module is taken out, while
# packets run. Nothing may be hurt, nothing leak; what is back under its name
# works again. Topology: topo_one.sh
#
#      sw                     px                   fn
#     [s0 generator]---------[u0 uplink    v1]----[f1 bounce]   vnf n1, sid 16001
#     [s1]-------------------[u1           v2]----[f2 bounce]   vnf n2, sid 16002

# shellcheck disable=SC2317 # run_cases calls the cases by name

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"

RATE=${SRP_CHURN_RATE:-$(slow_machine && echo 30 || echo 100)}
REPORT=$(mktemp -u /tmp/srp-churn.XXXXXX)
FILES+=("$REPORT")

# configure: everything that the cases start from
configure()
{
	ctl px <<-END
		uplink add dev u0
		vnf add n1 dev v1 lladdr 02:00:00:00:11:66
		vnf add n2 dev v2 lladdr 02:00:00:00:12:66
		sid add 16001 vnf n1
		sid add 16002 vnf n2
	END
}

# traffic: chains through both functions and through n1 alone, until the end
traffic()
{
	local blast=("$PYTHON" "$SELFTESTS/pkt.py" blast -n "$(ns sw)" -i s0
		-d 02:00:00:00:00:01 --flows 50 --rate "$RATE")

	background "$PYTHON" "$SELFTESTS/vnf.py" -n "$(ns fn)" f1 >/dev/null
	background "$PYTHON" "$SELFTESTS/vnf.py" -n "$(ns fn)" f2 >/dev/null
	background "${blast[@]}" -l 16001,16002,900 --report "$REPORT" >/dev/null
	SOURCES=($!)
	background "${blast[@]}" -l 16001,900 --src 2001:db8::1 \
		--dst 2001:db8::2 >/dev/null
	SOURCES+=($!)
}

# more_than NUMBER: have more packets come all the way, at last count?
more_than()
{
	local returned

	read -r _ returned <"$REPORT" && [ "$returned" -gt "$1" ]
}

# flowing WHAT: packets get through now, all the way
flowing()
{
	local returned=0

	wait_for 60 test -e "$REPORT" && read -r _ returned <"$REPORT"
	wait_for 20 more_than $((returned + 10)) ||
		fail "$1: no packet comes through"
}

# state_is NAME STATE
state_is()
{
	case $(ctl px -j vnf show "$1") in
	*"\"state\":\"$2\""*) ;;
	*) return 1 ;;
	esac
}

# vnf_link_again: make v2 and f2 anew
vnf_link_again()
{
	links <<-END
		px v2 02:00:00:00:12:01 fn f2 02:00:00:00:12:02
	END
	background "$PYTHON" "$SELFTESTS/vnf.py" -n "$(ns fn)" f2 >/dev/null
}

traffic_runs()
{
	flowing "at first"
}

vnf_device_deleted_and_back_by_name()
{
	ip_node px link del v2
	check "n2 down" wait_for 20 state_is n2 down
	equal "cause" "$(ask px .[0].cause vnf show n2)" no-device
	equal "still configured" "$(ask px '.[0].dev' vnf show n2)" v2
	vnf_link_again
	check "n2 up" wait_for 20 state_is n2 up
	flowing "after the device came back"
}

vnf_device_deleted_many_times()
{
	local i

	for i in 1 2 3 4 5; do
		ip_node px link del v2
		links <<-END
			px v2 02:00:00:00:12:01 fn f2 02:00:00:00:12:02
		END
	done
	background "$PYTHON" "$SELFTESTS/vnf.py" -n "$(ns fn)" f2 >/dev/null
	check "n2 up" wait_for 20 state_is n2 up
	flowing "after the device came back five times"
}

vnf_device_renamed_and_back()
{
	ip_node px link set v2 down
	ip_node px link set v2 name vx
	ip_node px link set vx up
	note "after the rename: $(ask px '.[0] | "\(.dev) \(.state)"' vnf show n2)"
	ip_node px link set vx down
	ip_node px link set vx name v2
	ip_node px link set v2 up
	check "n2 up" wait_for 20 state_is n2 up
	equal "device of n2" "$(ask px .[0].dev vnf show n2)" v2
	flowing "after the name came back"
}

vnf_device_moved_to_another_netns_and_back()
{
	ip_node px link set v2 netns "$(ns sw)"
	check "n2 down" wait_for 20 state_is n2 down
	ip_node sw link set v2 netns "$(ns px)"
	ip_node px link set v2 up
	check "n2 up" wait_for 20 state_is n2 up
	flowing "after the device was moved back"
}

vnf_device_enslaved_and_freed()
{
	ip_node px <<-END
		link add br9 type bridge
		link set br9 up
		link set v2 master br9
	END
	flowing "while the device is a port of a bridge"
	ip_node px <<-END
		link set v2 nomaster
		link del br9
	END
	flowing "after the bridge is gone"
}

vnf_device_flaps()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		echo link set v2 down
		echo link set v2 up
	done | ip_node px
	check "n2 up" wait_for 20 state_is n2 up
	flowing "after the device has flapped"
}

uplink_moved_to_another_netns_and_back()
{
	ip_node px link set u0 netns "$(ns fn)"
	equal "state of u0" "$(ask px '.[0].state' uplink show dev u0)" down
	ip_node fn link set u0 netns "$(ns px)"
	ip_node px link set u0 up
	flowing "after the uplink was moved back"
}

uplink_flaps()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		echo link set u0 down
		echo link set u0 up
	done | ip_node px
	flowing "after the uplink has flapped"
}

objects_deleted_and_added_under_traffic()
{
	local i

	for i in 1 2 3 4 5 6; do
		ctl px <<-END || fail "batch $i"
			sid del 16002
			vnf del n2
			flow flush
			vnf add n2 dev v2 lladdr 02:00:00:00:12:66
			sid add 16002 vnf n2
			uplink del dev u0
			uplink add dev u0
		END
	done
	flowing "after objects were made anew"
}

settings_change_under_traffic()
{
	local i

	for i in 1 2 3; do
		ctl px <<-END || fail "batch $i"
			config set max-flows 10 idle-timeout 1 ttl uniform
			config set max-flows 100000 idle-timeout 60 ttl pipe
			vnf set n1 admin drain weight 7 max-flows 5 on-miss strict
			vnf set n1 admin up weight 1 max-flows 0 on-miss drop
			sid set 16001 vnf n1,n2
			sid set 16001 vnf n1
			stats reset
		END
	done
	flowing "after settings have changed"
}

# still: no counter moves any more
still()
{
	local was=$STILL

	STILL=$(counters px)
	[ "$STILL" = "$was" ]
}

the_ledger_balances_after_all_that()
{
	local before drops

	kill -STOP "${SOURCES[@]}"
	STILL=
	wait_for 120 still || fail "counters move without traffic"
	before=$STILL
	kill -CONT "${SOURCES[@]}"
	flowing "for the ledger"
	kill -STOP "${SOURCES[@]}"
	wait_for 120 still || fail "counters move without traffic"
	kill -CONT "${SOURCES[@]}"
	drops=$(ledger "$before" "$STILL" 0 2>&1) || fail "$drops"
	note "drops: ${drops:-none}"
}

a_namespace_is_deleted_under_traffic()
{
	local i n pid rounds=3

	! slow_machine || rounds=1
	for ((i = 0; i < rounds; i++)); do
		n=$SRP_NS-gone
		ip -b - <<-END
			netns add $n
			link add name w0 netns $n address 02:00:00:00:77:01 type veth peer name w1 netns $SRP_NS-sw
			link add name x0 netns $n address 02:00:00:00:78:01 type veth peer name x1 netns $SRP_NS-fn
		END
		ip -n "$n" -b - <<-END
			link set w0 up
			link set x0 up
		END
		ip_node sw link set w1 up
		ip_node fn link set x1 up
		srproxyctl -n "$n" -b - <<-END
			uplink add dev w0
			vnf add n1 dev x0 lladdr 02:00:00:00:78:66
			sid add 16001 vnf n1
		END
		"$PYTHON" "$SELFTESTS/pkt.py" blast -n "$(ns sw)" -i w1 \
			-d 02:00:00:00:77:01 -l 16001,900 --flows 500 \
			--rate 2000 >/dev/null 2>&1 &
		pid=$!
		CHILDREN+=("$pid")
		wait_for 60 gone_has_flows "$n" || fail "no flow in round $i"
		ip netns del "$n"
		stop "$pid"
	done
	wait_for 20 ends_are_gone || fail "devices of the namespace are left"
	flowing "in the other namespace"
}

gone_has_flows()
{
	[ "$(srproxyctl -n "$1" flow count)" -gt 0 ]
}

ends_are_gone()
{
	! ip_node sw link show w1 >/dev/null 2>&1 &&
		! ip_node fn link show x1 >/dev/null 2>&1
}

the_module_is_unloaded_under_traffic_and_loaded_again()
{
	local module i

	[ -n "${SRPROXY_RIG:-}${SRP_MODULE:-}" ] || {
		skip "others may use the module here (SRP_MODULE= says not)"
		return
	}
	module=$(module_path) || {
		skip "no srproxy.ko for $(uname -r) to load again"
		return
	}
	for i in 1 2 3; do
		check "rmmod" rmmod srproxy || return
		[ ! -d /sys/module/srproxy ] || fail "still there"
		check "insmod" insmod "$module" || return
		configure || fail "configure"
		flowing "after reload $i"
	done
}

the_module_stays_while_it_is_asked()
{
	local pid

	srproxyctl -n "$(ns px)" monitor all >/dev/null 2>&1 &
	pid=$!
	ctl px -j flow show >/dev/null
	kill "$pid"
	wait "$pid" 2>/dev/null
	flowing "after monitor"
}

the_kernel_log_is_clean()
{
	local found

	found=$(dmesg | sed "1,/srproxy-test-$$/d" | grep -E \
		'WARNING: |BUG: |Oops|KASAN|UBSAN|suspicious RCU|refcount_t|possible circular|unregister_netdevice: waiting|leaked|srp_[a-z_]+ .*objects')
	[ -z "$found" ] || fail "$found"
}

require_srproxy
topo_one 2
echo "srproxy-test-$$" >/dev/kmsg 2>/dev/null
configure || skip_all "cannot configure"
traffic
run_cases traffic_runs vnf_device_deleted_and_back_by_name \
	vnf_device_deleted_many_times vnf_device_renamed_and_back \
	vnf_device_moved_to_another_netns_and_back vnf_device_enslaved_and_freed \
	vnf_device_flaps uplink_moved_to_another_netns_and_back uplink_flaps \
	objects_deleted_and_added_under_traffic settings_change_under_traffic \
	the_ledger_balances_after_all_that a_namespace_is_deleted_under_traffic \
	the_module_stays_while_it_is_asked \
	the_module_is_unloaded_under_traffic_and_loaded_again \
	the_kernel_log_is_clean
