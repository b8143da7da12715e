# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests share: namespaces and links, waiting, KTAP, srproxyctl through
# jq, the ledger. A test sources this first; it is never run.
#
# kselftest's exits: 0 passed, 1 failed, 4 skipped.

SELFTESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$SELFTESTS/.." && pwd)
PATH=$REPO/build/bin:$PATH:/usr/sbin:/sbin
PYTHON=/usr/bin/python3
TEST=$(basename "$0" .sh)
TEST=${TEST#test_}
KSFT_SKIP=4

# All our namespaces are called $SRP_NS-NODE.
export SRP_NS=$TEST-$$ PYTHONPATH=$SELFTESTS PYTHONDONTWRITEBYTECODE=1

NODES=()
CHILDREN=()
FILES=()
FAILED=0
RET=0

# ---- the frame of a test ---------------------------------------------------

# skip_all WHY: nothing of this test can run here
skip_all()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}

# require PROGRAM...: skip the test where one is missing
require()
{
	local p

	[ "$(id -u)" -eq 0 ] || skip_all "needs root"
	for p; do
		command -v "$p" >/dev/null || skip_all "no $p"
	done
}

# require_faults: skip where the kernel cannot let allocations fail
require_faults()
{
	[ -w /sys/kernel/debug/failslab/probability ] ||
		skip_all "no /sys/kernel/debug/failslab (CONFIG_FAILSLAB, debugfs)"
	[ -w /proc/self/fail-nth ] ||
		skip_all "no /proc/thread-self/fail-nth (CONFIG_FAULT_INJECTION_DEBUG_FS)"
}

# folder NAME: a folder of the test's own, its path in a variable that programs see
folder()
{
	local dir

	dir=$(mktemp -d)
	FILES+=("$dir")
	export "$1=$dir"
}

# require_srproxy: skip where the module or the tool is missing
require_srproxy()
{
	require srproxyctl ip "$PYTHON" jq
	[ -d /sys/module/srproxy ] || modprobe -q srproxy ||
		skip_all "srproxy.ko is not loaded"
}

# forget PID: no longer ours to kill
forget()
{
	local p kept=()

	for p in "${CHILDREN[@]}"; do
		[ "$p" = "$1" ] || kept+=("$p")
	done
	CHILDREN=("${kept[@]}")
}

# background COMMAND...: run it until the test ends; its process is $!
background()
{
	"$@" &
	CHILDREN+=($!)
}

# stop PID: end one of ours now
stop()
{
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	forget "$1"
}

# cleanup: a child that is killed before it has become its program comes here
# too, and has to leave all as it is
cleanup()
{
	local p

	[ "$BASHPID" = "$$" ] || return
	trap - EXIT INT TERM
	for p in "${CHILDREN[@]}"; do
		stop "$p"
	done
	rm -rf "${FILES[@]}"
	[ ${#NODES[@]} -eq 0 ] ||
		printf "netns del $SRP_NS-%s\n" "${NODES[@]}" |
		ip -force -b - 2>/dev/null
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# slow_machine: is the CPU emulated, or one of several of User-Mode Linux?
slow_machine()
{
	grep -qs 'model name.*QEMU' /proc/cpuinfo ||
		[ "$(grep -cs 'model name.*UML' /proc/cpuinfo)" -gt 1 ]
}

# how_many FAST DEBUG SLOW: by what this machine is
how_many()
{
	if slow_machine; then
		echo "$3"
	elif [ -e /proc/self/fail-nth ]; then
		echo "$2"
	else
		echo "$1"
	fi
}

# ---- namespaces and links --------------------------------------------------

# ns NODE: the name of its namespace
ns()
{
	echo "$SRP_NS-$1"
}

# nodes NODE...: make the namespaces; IPv6 addresses only where given, no DAD
nodes()
{
	local n

	NODES+=("$@")
	printf "netns add $SRP_NS-%s\n" "$@" | ip -b - || skip_all "no namespaces"
	for n; do
		in_node "$n" sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 \
			net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.router_solicitations=0
		ip -n "$(ns "$n")" link set lo up
	done
}

# quiet_nodes NODE...: namespaces whose stacks never speak: packet sockets only
quiet_nodes()
{
	local n

	NODES+=("$@")
	printf "netns add $SRP_NS-%s\n" "$@" | ip -b - || skip_all "no namespaces"
	for n; do
		in_node "$n" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1
	done
}

# in_node NODE COMMAND...: run it in the namespace
in_node()
{
	ip netns exec "$SRP_NS-$1" "${@:2}"
}

# ip_node NODE ARGS...: ip(8) there; with no ARGS a batch from stdin
ip_node()
{
	if [ $# -eq 1 ]; then
		ip -n "$SRP_NS-$1" -b -
	else
		ip -n "$SRP_NS-$1" "${@:2}"
	fi
}

# links: veth pairs from lines "NODE IF MAC  NODE IF MAC" on stdin, all up
links()
{
	local n1 i1 m1 n2 i2 m2 n batch=
	local -A up=()

	while read -r n1 i1 m1 n2 i2 m2; do
		batch+="link add name $i1 netns $SRP_NS-$n1 address $m1 type veth"
		batch+=" peer name $i2 netns $SRP_NS-$n2 address $m2"$'\n'
		up[$n1]+="link set dev $i1 up"$'\n'
		up[$n2]+="link set dev $i2 up"$'\n'
	done
	ip -b - <<<"$batch" || return
	for n in "${!up[@]}"; do
		ip_node "$n" <<<"${up[$n]}"
	done
}

# no_offloads NODE IF...: what leaves is what a wire would carry
no_offloads()
{
	local i

	for i in "${@:2}"; do
		in_node "$1" ethtool -K "$i" tso off gso off gro off tx off \
			>/dev/null 2>&1
	done
}

# wait_for SECONDS COMMAND...: poll until it succeeds
wait_for()
{
	local end=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		pause 0.05
	done
}

# pause SECONDS: sleep without a process
pause()
{
	[ -n "${PAUSE_FD:-}" ] || exec {PAUSE_FD}<> <(:)
	read -rt "$1" -u "$PAUSE_FD" || :
}

# ---- KTAP --------------------------------------------------------------------

# note TEXT...: a diagnostic line
note()
{
	printf '# %s\n' "$*"
}

# fail TEXT...: the running case has failed
fail()
{
	RET=1
	note "$*"
	note "at ${FUNCNAME[1]}, $(basename "${BASH_SOURCE[1]}"):${BASH_LINENO[0]}"
}

# check WHAT COMMAND...: the command has to succeed
check()
{
	local what=$1 out

	shift
	out=$("$@" 2>&1) && return
	fail "$what: $* failed: $out"
	return 1
}

# equal WHAT GOT WANT
equal()
{
	[ "$2" = "$3" ] || fail "$1: got $2, want $3"
}

# skip WHY: the running case cannot run here
skip()
{
	SKIPPED=$*
}

# run_cases FUNCTION...: each is a case, its name the comment's words
run_cases()
{
	local number=0 c verdict start

	echo "TAP version 13"
	echo "1..$#"
	for c; do
		number=$((number + 1))
		RET=0 SKIPPED='' start=${EPOCHREALTIME/[^0-9]/}
		"$c"
		[ -z "${SRP_TIMES:-}" ] ||
			note $(((${EPOCHREALTIME/[^0-9]/} - start) / 1000)) ms
		verdict=ok
		[ $RET -eq 0 ] || verdict='not ok' FAILED=1
		echo "$verdict $number ${c//_/ }${SKIPPED:+ # SKIP $SKIPPED}"
	done
	exit $FAILED
}

# run_python [ARGS...]: the cases are in the file beside the test; exits so
run_python()
{
	"$PYTHON" "$SELFTESTS/test_$TEST.py" "$@"
	exit $?
}

# ---- srproxyctl ----------------------------------------------------------------

# ctl NODE ARGS...: srproxyctl there; with no ARGS a batch from stdin
ctl()
{
	if [ $# -eq 1 ]; then
		srproxyctl -n "$SRP_NS-$1" -b -
	else
		srproxyctl -n "$SRP_NS-$1" "${@:2}"
	fi
}

# ask NODE FILTER COMMAND...: what jq's FILTER makes of -j -s COMMAND
ask()
{
	ctl "$1" -j -s "${@:3}" | jq -r "$2"
}

# counters NODE: one JSON object of all that the ledger needs
counters()
{
	ctl "$1" -j -s -b - <<-'END' | jq -cs '
		(.[0] | if type == "array" then .[0] else . end) as $stats |
		{drops: $stats.drops, icmp_sent: ($stats.icmp_sent // 0),
		 uplink: (.[1] | map({key: .dev, value: .stats}) | from_entries),
		 vnf: (.[2] | map({key: .name, value: .stats}) | from_entries)}'
		stats
		uplink show
		vnf show
	END
}

# ledger BEFORE AFTER LOCAL: taken = delivered + local + drops (see proxy.py);
# says the drops as "reason n ..." on stdout, fails with the sums if they differ
ledger()
{
	jq -nr --argjson a "$1" --argjson b "$2" --argjson local "$3" '
		def sum(o; k): [o[] | .[k]] | add // 0;
		def moved(k1; k2): sum($b[k1]; k2) - sum($a[k1]; k2);
		($b.drops | with_entries(.value -= ($a.drops[.key] // 0) |
			select(.value != 0))) as $drops |
		(moved("uplink"; "rx_packets") +
			moved("vnf"; "from_vnf_packets") +
			$b.icmp_sent - $a.icmp_sent) as $taken |
		(moved("vnf"; "to_vnf_packets") +
			moved("uplink"; "tx_packets")) as $given |
		($drops | del(.label_malformed, .label_too_deep, .inner_unknown,
			.inner_malformed, .frag_orphan, .vnf_labelled,
			.vnf_miss, .app_fragment, .app_icmp, .skb_shared) | [.[]] | add // 0) as $dropped |
		if $taken == $given + $local + $dropped
		then $drops | to_entries | map("\(.key) \(.value)") | join(" ")
		else "taken \($taken) = delivered \($given) + local \($local)" +
			" + dropped \($dropped)?" | halt_error(1) end'
}

# module_path: the srproxy.ko that belongs to the running kernel
module_path()
{
	local f want

	if [ -n "${SRP_MODULE:-}" ]; then
		echo "$SRP_MODULE"
		return
	fi
	want=$(uname -r)
	for f in "$REPO/build/kmod/${SRPROXY_KERNEL:-none}/kmod/srproxy.ko" \
		"$REPO"/build/kmod/*/kmod/srproxy.ko "$REPO/kmod/srproxy.ko"; do
		[ -f "$f" ] || continue
		case $(modinfo -F vermagic "$f") in
		"$want "*)
			echo "$f"
			return
			;;
		esac
	done
	return 1
}
