#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# failover.sh [-r RUNS] [-n]
#
# How long failover takes, by test_failover.sh and test_failover_many.sh in
# User-Mode Linux: build/failover.json, a table, the figures of performance.md.
#   -r RUNS   of each kind: 20
#   -n        the page stays as it is
# Progress goes to stderr. Exit 0 if all was measured and within its limit.

set -euo pipefail
BENCH=$(cd "$(dirname "$0")" && pwd)
REPO=$(cd "$BENCH/../.." && pwd)
VM=$REPO/selftests/vm
RUNS=20
DOC=(--doc "$REPO/Documentation/performance.md")

usage()
{
	sed -n '4,11s/^# \?//p' "$0" >&2
	exit 125
}

# measure TEST FILE: the distributions into it, all else to stderr
measure()
{
	local line

	"$VM/uml.sh" -k 6.1 -t 2400 \
		"SRP_FAILOVER_JSON=1 SRP_FAILOVER_RUNS=$RUNS SRP_CASE_SECONDS=600 \
		$REPO/selftests/$1.sh" |
		while IFS= read -r line; do
			case $line in
			'{'*) echo "$line" >>"$2" ;;
			*) echo "failover.sh: ${line#\# }" >&2 ;;
			esac
		done
}

main()
{
	while getopts r:n opt; do
		case $opt in
		r) RUNS=$OPTARG ;;
		n) DOC=() ;;
		*) usage ;;
		esac
	done
	make -C "$REPO" -s tools >&2
	OUT=$(mktemp "${TMPDIR:-/tmp}/srproxy-failover.XXXXXX")
	trap 'rm -f "$OUT"' EXIT
	measure test_failover "$OUT"
	measure test_failover_many "$OUT"
	/usr/bin/python3 "$BENCH/failover_report.py" \
		--json "$REPO/build/failover.json" "${DOC[@]}" "$OUT"
}

main "$@"
