#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [-l] [TEST...]
#
# Run the tests beside this file, or those named (report, test_report.py, ...),
# on this machine: each in a network namespace of its own, no kernel module
# needed. What they need and is not there they name as their reason to skip.
#   -l          only list them
# Every case is shown by its KTAP line; the last line is
# "N passed, N failed, N skipped" (tests, not cases). Exit 0 if none failed,
# 4 if all were skipped.

set -u
cd "$(dirname "$0")" || exit 1
HERE=$PWD
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/srproxy/p4/bin
SECONDS_EACH=600
SECONDS_TOFINO=3300	# a compiler built without -O2 takes its time, once
PASSED=0 NFAILED=0 SKIPPED=0

export PATH=$PATH:/usr/sbin:/sbin:$CACHE PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$HERE:$HERE/..:$HERE/../../selftests

# run_test NAME: its verdict into the sums
run_test()
{
	local status=0 into=() seconds=$SECONDS_EACH

	[ "$1" != tofino ] || seconds=$SECONDS_TOFINO

	echo "# p4: $1"
	# A root's test gets links that nobody else sees.
	[ "$(id -u)" -ne 0 ] || into=(unshare -n -m)
	timeout "$seconds" "${into[@]}" /usr/bin/python3 "test_$1.py" ||
		status=$?
	case $status in
	0) PASSED=$((PASSED + 1)) ;;
	4) SKIPPED=$((SKIPPED + 1)) ;;
	*)
		NFAILED=$((NFAILED + 1))
		echo "# p4: $1 failed, exit $status"
		;;
	esac
}

tests=()
for t in "$@"; do
	t=${t##*/} t=${t#test_} t=${t%.py}
	case $t in
	-l)
		for f in test_*.py; do
			f=${f#test_}
			echo "${f%.py}"
		done
		exit 0
		;;
	-*)
		sed -n '4,13s/^# \?//p' "run.sh" >&2
		exit 1
		;;
	esac
	[ -f "test_$t.py" ] || {
		echo "run.sh: no test $t" >&2
		exit 1
	}
	tests+=("$t")
done
if [ ${#tests[@]} -eq 0 ]; then
	for f in test_*.py; do
		f=${f#test_}
		tests+=("${f%.py}")
	done
fi

for t in "${tests[@]}"; do
	run_test "$t"
done
echo "$PASSED passed, $NFAILED failed, $SKIPPED skipped"
[ "$NFAILED" -eq 0 ] || exit 1
[ "$PASSED" -gt 0 ] || exit 4
