#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [-n] [-a] [-d [-s]] [TEST...]
#
# Run the tests, or those named, everywhere they have to pass:
#   (default)   the tools' own, then all in VMs on the stock kernels KERNELS
#               ("6.1 newest 6.12-brief": -brief, only BRIEF_TESTS), JOBS of
#               them at a time (one more than there are processors: they wait
#               a third of their time), and what is installed
#   -n          on this very host and its kernel, with kmod/srproxy.ko
#   -a          there and on the debug kernel, JOBS at a time
#   -d          on the debug kernel in User-Mode Linux; -s: on the newest one,
#               on two processors, SMP_TESTS (8) tests a boot
# The last line is "N passed, N failed, N skipped", of all.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
VM=selftests/vm

NATIVE='' ALL='' DEBUG='' SMP='' KERNELS=${KERNELS:-6.1 newest 6.12-brief}
# Of a kernel between two that run all: every version check of kmod/compat/ goes
# the way of one of these. What is left to see is that it works there at all.
BRIEF_TESTS=${BRIEF_TESTS:-basic chain egress attach ttl trust dump churn app gso \
	icmp kunit tls traffic udp}
JOBS=${JOBS:-$(($(nproc) + 1))} SMP_TESTS=${SMP_TESTS:-8} PASSED=0 FAILED=0 SKIPPED=0

usage()
{
	sed -n '4,18s/^# \?//p' "$0" >&2
	exit 1
}

# part NAME COMMAND...: run it, and take its last line into the sum
part()
{
	local log status=0 start=$SECONDS name=$1

	shift
	log=$(mktemp)
	echo "== $name"
	"$@" 2>&1 | tee "$log" || status=$?
	sum "$name" "$log" "$status" $((SECONDS - start))
	rm -f "$log"
}

# sum NAME LOG STATUS SECONDS: add up what a log says in its last line
sum()
{
	local line

	line=$(grep -E '^(# )?[0-9]+ passed, [0-9]+ failed' "$2" | tail -n 1)
	line=${line#\# }
	[[ -z $line || $line == *skipped ]] || line="$line, 0 skipped"
	echo "== $1: ${line:-no result}, exit $3, $4 s"
	# shellcheck disable=SC2086 # words on purpose
	set -- "$3" ${line:-0 passed, 1 failed, 0 skipped}
	[ "$1" -eq 0 ] || [ "$4" -gt 0 ] || set -- "$1" "$2" - 1 - "$6"
	PASSED=$((PASSED + $2)) FAILED=$((FAILED + $4)) SKIPPED=$((SKIPPED + $6))
}

# rig WORD TEST...: the tests on what the word says
rig()
{
	local word=$1

	shift
	case $word in
	debug) debug "$@" ;;
	at-length) at_length ;;
	install) selftests/install.sh ;;
	*-brief)
		# shellcheck disable=SC2086 # one word per test
		[ $# -gt 0 ] || set -- $BRIEF_TESTS
		stock "${word%-brief}" "$@"
		;;
	*) stock "$word" "$@" ;;
	esac
}

# in_turn DIR FUNCTION WORD ARG...: the function, when there is a slot
in_turn()
{
	local dir=$1 run=$2 word=$3 slot start

	shift 3
	read -r slot <&"$SLOTS"
	start=$SECONDS
	"$run" "$word" "$@" >"$dir/$word" 2>&1
	echo "$? $((SECONDS - start))" >"$dir/$word.end"
	echo "$slot" >&"$SLOTS"
}

# side_by_side PREFIX FUNCTION "WORD..." ARG...: the function for each word,
# JOBS at a time; what they print is shown one after the other
side_by_side()
{
	local prefix=$1 run=$2 words=$3 dir word status seconds
	local -A pid=()

	shift 3
	dir=$(mktemp -d)
	mkfifo "$dir/slots"
	exec {SLOTS}<>"$dir/slots"
	seq "$JOBS" >&"$SLOTS"
	for word in $words; do
		: >"$dir/$word"
		in_turn "$dir" "$run" "$word" "$@" &
		pid[$word]=$!
	done
	for word in $words; do
		echo "== $prefix $word"
		tail -n +1 -f --pid="${pid[$word]}" "$dir/$word"
		read -r status seconds <"$dir/$word.end"
		sum "$prefix $word" "$dir/$word" "$status" "$seconds"
	done
	exec {SLOTS}>&-
	rm -rf "$dir"
}

# with the module that was just built, and no other
native()
{
	local status=0

	[ ! -d /sys/module/srproxy ] || rmmod srproxy || return 1
	modprobe -qa mpls_router mpls_iptunnel mpls_gso
	insmod kmod/srproxy.ko || return 1
	PATH=$PWD/build/bin:$PATH selftests/run.sh "$@" || status=$?
	rmmod srproxy || status=1
	return $status
}

# One processor: while QEMU emulates, one that runs code which another changes
# (a static branch) can trap on it for good. SMP is for check-debug.
stock()
{
	local kernel=$1

	shift
	$VM/vm.sh -k "$kernel" -s 1 -t 4800 "selftests/run.sh $*"
}

# at_length: what takes too many packets for an emulated CPU
at_length()
{
	$VM/uml.sh -k 6.1 -t 1800 -m 2G "selftests/run.sh mixed group flood load app dump udp probes"
}

debug()
{
	$VM/uml.sh -k 6.1 -d -L -t 4800 -m 2G "SRP_CASE_SECONDS=600 selftests/run.sh -t 1200 $*"
}

# smp TEST...: on the newest debug kernel, two processors; SMP_TESTS to a boot,
# which takes as long as a short test. One in which the kernel ends takes no
# other along: those after it get the next kernel.
smp()
{
	local log status ran p f s passed=0 failed=0 skipped=0
	local -a batch

	log=$(mktemp)
	while [ $# -gt 0 ]; do
		batch=("${@:1:SMP_TESTS}")
		status=0
		$VM/uml.sh -k newest -d -c 2 -t 5400 -m 2G \
			"SRP_CASE_SECONDS=900 selftests/run.sh -t 2400 ${batch[*]}" 2>&1 |
			tee "$log" || status=$?
		read -r ran p f s < <(count_tests "$log")
		if [ "$ran" -lt ${#batch[@]} ]; then
			echo "not ok ${batch[ran]}: the kernel ended in it, exit $status"
			ran=$((ran + 1)) f=$((f + 1))
		elif [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
			echo "not ok ${batch[*]}: exit $status"
			f=1
		fi
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
		shift "$ran"
	done
	rm -f "$log"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}

# count_tests LOG: how many tests came to their end, and the sums of their cases
count_tests()
{
	awk '/^# [a-z0-9_]+ took [0-9]+ s: / {
			n++; p += $6; f += $8; s += $10
		}
		END { print n + 0, p + 0, f + 0, s + 0 }' "$1"
}

while getopts nads opt; do
	case $opt in
	n) NATIVE=1 ;;
	a) ALL=1 ;;
	d) DEBUG=1 ;;
	s) SMP=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))

if [ -n "$NATIVE" ]; then
	$VM/deps.sh test || exit 1
	[ $# -gt 0 ] || part tools make -s -C tools check
	part native native "$@"
elif [ -n "$SMP" ]; then
	$VM/deps.sh uml test || exit 1
	[ $# -gt 0 ] || mapfile -t ALL_TESTS < <(selftests/run.sh -l)
	part "newest debug kernel, two processors" smp "${@:-${ALL_TESTS[@]}}"
elif [ -n "$DEBUG" ]; then
	$VM/deps.sh uml test || exit 1
	part "debug kernel" debug "$@"
else
	$VM/deps.sh vm test || exit 1
	[ $# -gt 0 ] && [ -z "$ALL" ] || $VM/deps.sh uml || exit 1
	[ $# -gt 0 ] || {
		$VM/deps.sh deb || exit 1
		part tools make -s -C tools check
	}
	# the longest first
	words="${ALL:+debug }$KERNELS"
	[ $# -gt 0 ] || words+=' at-length install'
	side_by_side kernel rig "$words" "$@"
fi
echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
[ "$FAILED" -eq 0 ]
