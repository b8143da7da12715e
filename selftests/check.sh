#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [-n] [-d [-s]] [TEST...]
#
# Run the tests, or those named, everywhere they have to pass:
#   (default)   the tools' own, then all in VMs on the stock kernels KERNELS
#               ("6.1 6.12 newest")
#   -n          on this very host and its kernel, with kmod/srproxy.ko
#   -d          on the debug kernel in User-Mode Linux; -s: on the newest one,
#               on two processors
# The last line is "N passed, N failed, N skipped", of all.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
VM=selftests/vm

NATIVE='' DEBUG='' SMP='' KERNELS=${KERNELS:-6.1 6.12 newest}
PASSED=0 FAILED=0 SKIPPED=0

usage()
{
	sed -n '4,13s/^# \?//p' "$0" >&2
	exit 1
}

# part NAME COMMAND...: run it, and take its last line into the sum
part()
{
	local name=$1 log status=0 line start=$SECONDS

	shift
	log=$(mktemp)
	echo "== $name"
	"$@" 2>&1 | tee "$log" || status=$?
	line=$(grep -E '^(# )?[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	line=${line#\# }
	[[ -z $line || $line == *skipped ]] || line="$line, 0 skipped"
	rm -f "$log"
	echo "== $name: ${line:-no result}, exit $status, $((SECONDS - start)) s"
	# shellcheck disable=SC2086 # words on purpose
	set -- ${line:-0 passed, 1 failed, 0 skipped}
	[ "$status" -eq 0 ] || [ "$3" -gt 0 ] || set -- "$1" - 1 - "$5"
	PASSED=$((PASSED + $1)) FAILED=$((FAILED + $3)) SKIPPED=$((SKIPPED + $5))
}

native()
{
	[ -d /sys/module/srproxy ] || insmod kmod/srproxy.ko || exit 1
	selftests/run.sh "$@"
}

stock()
{
	local kernel=$1

	shift
	$VM/vm.sh -k "$kernel" -t 1500 "selftests/run.sh $*"
}

debug()
{
	if [ -n "$SMP" ]; then
		$VM/uml.sh -k newest -d -c 2 -t 5400 -m 2G "selftests/run.sh $*"
	else
		$VM/uml.sh -k 6.1 -d -L -t 1500 -m 2G "selftests/run.sh $*"
	fi
}

while getopts nds opt; do
	case $opt in
	n) NATIVE=1 ;;
	d) DEBUG=1 ;;
	s) SMP=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))

if [ -n "$NATIVE" ]; then
	part native native "$@"
elif [ -n "$DEBUG" ]; then
	$VM/deps.sh uml test || exit 1
	part "debug kernel${SMP:+, newest, two processors}" debug "$@"
else
	$VM/deps.sh vm test || exit 1
	[ $# -gt 0 ] || part tools make -s -C tools check
	for kernel in $KERNELS; do
		part "stock kernel $kernel" stock "$kernel" "$@"
	done
fi
echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
[ "$FAILED" -eq 0 ]
