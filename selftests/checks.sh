# SPDX-License-Identifier: GPL-2.0-or-later
#
# What scripts of checks share, those that need no kernel: each check is a
# shell function of the script's, that prints what it finds and fails if it
# finds anything. Sourced, after CHECKS, an array, has their names.

# shellcheck shell=bash

PASSED=0 FAILED=0 SKIPPED=0

say()
{
	echo "${0##*/}: $*" >&2
}

# skip WHY: end the check, it cannot run here
skip()
{
	echo "$*" >&3
	exit 4
}

# need_of SET PROGRAM...: skip the check where one is missing
need_of()
{
	local set=$1 p

	shift
	for p; do
		type -P "$p" >/dev/null ||
			skip "no $p: selftests/vm/deps.sh $set"
	done
}

# findings: what stdin says; fails if it says anything
findings()
{
	! grep .
}

# run_check CHECK: in a shell of its own
run_check()
{
	local status=0

	("$1") >"$TMP/found" 3>"$TMP/why" || status=$?
	case $status in
	0)
		PASSED=$((PASSED + 1))
		echo "ok $1"
		;;
	4)
		SKIPPED=$((SKIPPED + 1))
		echo "ok $1 # SKIP $(head -n 1 "$TMP/why")"
		;;
	*)
		FAILED=$((FAILED + 1))
		echo "not ok $1"
		sed 's/^/  /' "$TMP/found"
		;;
	esac
}

# run_checks SCRIPT [-l] [CHECK...]: all, or those named; the sum last. TMP is
# theirs, and gone at the end.
run_checks()
{
	local script=$1 opt name

	shift
	while getopts l opt; do
		case $opt in
		l)
			printf '%s\n' "${CHECKS[@]}"
			exit 0
			;;
		*)
			sed -n '4,/^$/s/^# \?//p' "$script" >&2
			exit 1
			;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# -gt 0 ] || set -- "${CHECKS[@]}"
	TMP=$(mktemp -d "${TMPDIR:-/tmp}/srp-checks.XXXXXX")
	trap 'rm -rf "$TMP"' EXIT
	for name; do
		case " ${CHECKS[*]} ${MORE_CHECKS:-} " in
		*" $name "*) run_check "$name" ;;
		*)
			echo "not ok $name: no such check"
			FAILED=$((FAILED + 1))
			;;
		esac
	done
	echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
	[ "$FAILED" -eq 0 ]
}
