#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The KUnit suites that are part of debug builds of srproxy.ko (kmod/tests):
# label stacks, flow keys, the stash. A kernel with KUnit runs them when it
# loads the module, or, where it is told not to (kunit.autorun), now.

. "$(dirname "$0")/lib.sh"

KUNIT=/sys/kernel/debug/kunit

# planned: every suite that there is, from the sources
planned()
{
	sed -n 's/^\t\.name = "\(srproxy_[a-z_]*\)",$/\1/p' \
		"$REPO"/kmod/tests/*_test.c
}

# results SUITE: its log; it is run first if the module's loading did not
results()
{
	local dir=$KUNIT/$1

	[ -d "$dir" ] || return
	if [ -w "$dir/run" ] && ! grep -Eq '^ +(not )?ok ' "$dir/results"; then
		echo 1 >"$dir/run"
	fi
	cat "$dir/results"
}

# cases SUITE: "VERDICT NAME" of each. A log that is full (512 octets on 6.1)
# may lack the case's verdict, or have it in the middle of a line: that case
# failed, and its name is that in the complaints.
cases()
{
	results "$1" | awk -v suite="${1#srproxy_}" '
		function name(s) {
			sub(/^test_/, "", s)
			gsub(/_/, " ", s)
			return suite ": " s
		}
		/^ +1\.\.[0-9]+$/ { sub(/.*\.\./, ""); plan = $0 + 0 }
		/^ +# test_[a-z0-9_]+: / {
			sub(/:$/, "", $2)
			if ($2 != blamed)
				told[++last] = "not ok " name($2)
			blamed = $2
		}
		match($0, /(not )?ok [0-9]+ test_[a-z0-9_]+$/) {
			line = substr($0, RSTART)
			verdict = sub(/^not /, "", line) ? "not ok" : "ok"
			split(line, word, " ")
			last = word[2]
			told[last] = verdict " " name(word[3])
		}
		END {
			if (!plan)
				print "not ok " suite ": has not been run"
			for (i = 1; i <= plan; i++)
				print i in told ? told[i] : "not ok " suite \
					": case " i " has no verdict"
		}'
}

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ -d "$KUNIT" ] || skip_all "the kernel has no KUnit"
[ -d /sys/module/srproxy ] || skip_all "srproxy.ko is not loaded"
ls -d "$KUNIT"/srproxy_* >/dev/null 2>&1 ||
	skip_all "srproxy.ko was built without its suites"

mapfile -t CASES < <(for suite in $(planned); do cases "$suite"; done)
echo "TAP version 13"
echo "1..${#CASES[@]}"
number=0
for c in "${CASES[@]}"; do
	number=$((number + 1))
	case $c in
	ok\ *)
		echo "ok $number ${c#ok }"
		;;
	*)
		FAILED=1
		echo "not ok $number ${c#not ok }"
		;;
	esac
done
[ "$FAILED" -eq 0 ] || for suite in $(planned); do
	results "$suite" | sed 's/^/# /'
done
exit "$FAILED"
