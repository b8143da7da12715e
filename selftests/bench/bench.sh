#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh [-q] [-s] [-k KERNEL] [-o PART]
#
# How fast the proxy is: build/bench.json, a table, and the figures in
# Documentation/performance.md. Instructions per packet are counted in QEMU,
# nanoseconds are taken in User-Mode Linux, both at the same time.
#   -q, --quick     few flows only, the page stays as it is (QUICK=1 does the same)
#   -s, --strict    exit 1 if a target is missed
#   -k KERNEL       where instructions are counted: 6.1 (default), 6.12 or newest
#   -o, --only PART paths or attachments; the figures of the other stay
# Progress goes to stderr. Exit 0 if all was measured.

set -euo pipefail
BENCH=$(cd "$(dirname "$0")" && pwd)
REPO=$(cd "$BENCH/../.." && pwd)
VM=$REPO/selftests/vm
PYTHON=/usr/bin/python3
GUEST="PYTHONDONTWRITEBYTECODE=1 exec $PYTHON $BENCH/guest.py"

KERNEL=${KERNEL:-6.1} QUICK=${QUICK:-} STRICT='' PART=all
SIZES='1 1000 100000 1000000'
DOC=(--doc "$REPO/Documentation/performance.md")
OUT='' JOBS=()

usage()
{
	sed -n '4,14s/^# \?//p' "$0" >&2
	exit 125
}

# Nothing of ours outlives us: each job is a process group.
cleanup()
{
	trap - EXIT
	[ ${#JOBS[@]} -eq 0 ] || kill -- "${JOBS[@]/#/-}" 2>/dev/null || :
	wait
	[ -z "$OUT" ] || rm -rf "$OUT"
}

# measure NAME COMMAND...: results into NAME's file, progress to stderr. The
# scheduler is asked to leave short slices whole, where it lets us ask.
measure()
{
	local name=$1

	shift
	"$@" | while IFS= read -r line; do
		case $line in
		'{'*) echo "$line" >>"$OUT/$name" ;;
		*) echo "bench.sh: $name: ${line#\# }" >&2 ;;
		esac
	done
}

first_nice()
{
	if nice -n -20 true 2>/dev/null; then
		nice -n -20 "$@"
	else
		"$@"
	fi
}

start()
{
	set -m
	measure "$@" &
	set +m
	JOBS+=($!)
}

# Module and kernels first, one after the other: no build disturbs a slice.
prepare()
{
	make -C "$REPO" -s tools >&2
	"$VM/modbuild.sh" "$KERNEL" uml-6.1
}

run()
{
	local failed='' job

	start instructions "$VM/vm.sh" -i -k "$KERNEL" -m 3G -t 1800 "$GUEST icount $PART $SIZES"
	start nanoseconds first_nice "$VM/uml.sh" -m 3G -t 1800 "$GUEST native $PART $SIZES"
	for job in "${JOBS[@]}"; do
		wait "$job" || failed=1
	done
	JOBS=()
	[ -z "$failed" ] || {
		echo "bench.sh: not all could be measured" >&2
		return 1
	}
}

main()
{
	while [ $# -gt 0 ]; do
		case $1 in
		-q | --quick) QUICK=1 ;;
		-s | --strict) STRICT=--strict ;;
		-k) KERNEL=${2:?-k needs a kernel} && shift ;;
		-o | --only) PART=${2:?-o needs a part} && shift ;;
		*) usage ;;
		esac
		shift
	done
	case $PART in
	paths | attachments | all) ;;
	*) usage ;;
	esac
	if [ -n "$QUICK" ]; then
		SIZES='1 1000' DOC=()
	fi
	prepare
	OUT=$(mktemp -d "${TMPDIR:-/tmp}/srproxy-bench.XXXXXX")
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	run
	# shellcheck disable=SC2086 # options or nothing
	$PYTHON "$BENCH/report.py" --kernel "$(cat "$REPO/build/kernels/$KERNEL/release")" \
		--json "$REPO/build/bench.json" $STRICT \
		"${DOC[@]}" \
		"$OUT/instructions" "$OUT/nanoseconds"
}

main "$@"
