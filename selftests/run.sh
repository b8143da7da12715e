#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [-l] [-t SECONDS] [-v] [TEST...]
#
# Run the tests beside this file, or those named (basic, test_basic.sh, ...),
# one after the other, as root on a machine that has srproxy.ko loaded.
#   -l          only list them
#   -t SECONDS  time of each test (600)
#   -v          show the whole log of tests that pass, too
# Every case is shown by its KTAP line, a failed test by its whole log. The
# last line is "N passed, N failed, N skipped"; exit 0 only if none failed.

set -u
cd "$(dirname "$0")" || exit 1

# Cheap ones first: what is broken is seen early.
ORDER='basic chain egress attach ttl trust state config bad_packets random dump churn'
SECONDS_EACH=600
VERBOSE=
PASSED=0 NFAILED=0 SKIPPED=0

usage()
{
	sed -n '4,12s/^# \?//p' "$0" >&2
	exit 1
}

# all_tests: by ORDER, then what ORDER does not know
all_tests()
{
	local t

	for t in $ORDER; do
		[ -f "test_$t.sh" ] && echo "$t"
	done
	for t in test_*.sh; do
		t=${t#test_}
		t=${t%.sh}
		case " $ORDER " in
		*" $t "*) ;;
		*) echo "$t" ;;
		esac
	done
}

# name_of WORD: the test's name, however it was written
name_of()
{
	local t

	t=$(basename "$1" .sh)
	echo "${t#test_}"
}

# count LOG STATUS: add up its cases; a test that ends early is one failure
count()
{
	local log=$1 status=$2 planned ok not_ok skipped

	skipped=$(grep -cE '^ok [0-9]+ .*# SKIP' "$log")
	ok=$(grep -cE '^ok [0-9]+ ' "$log")
	not_ok=$(grep -cE '^not ok [0-9]+ ' "$log")
	planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$log" | head -n 1)
	if [ "$status" -eq 4 ] && [ "${planned:-0}" -eq 0 ]; then
		skipped=1
	elif [ "${planned:-0}" -ne $((ok + not_ok)) ] ||
		{ [ "$status" -ne 0 ] && [ "$not_ok" -eq 0 ]; }; then
		echo "# test $3: exit $status, $((ok + not_ok)) of ${planned:-no} cases"
		not_ok=$((not_ok + 1))
	fi
	[ "$ok" -eq 0 ] || ok=$((ok - $(grep -cE '^ok [0-9]+ .*# SKIP' "$log")))
	PASSED=$((PASSED + ok))
	SKIPPED=$((SKIPPED + skipped))
	NFAILED=$((NFAILED + not_ok))
	[ "$not_ok" -eq 0 ]
}

# show LOG: the case lines, prefixed with the test's name
show()
{
	grep -E '^(ok|not ok|1\.\.0)' "$1" | sed "s/^\(not ok\|ok\|1..0\) *\([0-9]*\) */\1 $2: /"
}

run_test()
{
	local t=$1 log=$2 status=0 start=$SECONDS
	local before=("$PASSED" "$NFAILED" "$SKIPPED")

	[ -f "test_$t.sh" ] || {
		echo "not ok $t: no such test"
		echo "# $t took 0 s: 0 passed, 1 failed, 0 skipped"
		NFAILED=$((NFAILED + 1))
		return
	}
	timeout -k 20 "$SECONDS_EACH" "./test_$t.sh" >"$log" 2>&1 </dev/null ||
		status=$?
	show "$log" "$t"
	if ! count "$log" "$status" "$t"; then
		[ "$status" -ne 124 ] || echo "# test $t: no end after $SECONDS_EACH s"
		echo "# ---- the log of $t:"
		cat "$log"
		echo "# ---- end of the log of $t"
	elif [ -n "$VERBOSE" ]; then
		cat "$log"
	fi
	echo "# $t took $((SECONDS - start)) s: $((PASSED - before[0])) passed," \
		"$((NFAILED - before[1])) failed, $((SKIPPED - before[2])) skipped"
}

while getopts lt:v opt; do
	case $opt in
	l)
		all_tests
		exit 0
		;;
	t) SECONDS_EACH=$OPTARG ;;
	v) VERBOSE=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))

[ $# -gt 0 ] || mapfile -t ALL < <(all_tests)
[ $# -gt 0 ] || set -- "${ALL[@]}"
LOG=$(mktemp "${TMPDIR:-/tmp}/srp-run.XXXXXX")
trap 'rm -f "$LOG"' EXIT
for word; do
	run_test "$(name_of "$word")" "$LOG"
done
echo "$PASSED passed, $NFAILED failed, $SKIPPED skipped"
[ "$NFAILED" -eq 0 ]
