#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# style.sh [-l] [CHECK...]
#
# Run the static checks, all or those named, over the sources as they are in
# the tree, committed or not. Each is one line, "ok CHECK" or "not ok CHECK"
# with what was found below it; the last line is "N passed, N failed,
# N skipped". Exit 0 only if none failed.
#   -l      only list them
# What a check needs is installed by selftests/vm/deps.sh style; kernel sources
# come from selftests/vm/kernels.sh.

# shellcheck disable=SC2317 # the checks are called by name
# shellcheck disable=SC2016 # what xargs runs is not for this shell to expand

set -u
STYLE=$(cd "$(dirname "$0")" && pwd)
REPO=$(cd "$STYLE/../.." && pwd)
KERNELS=$REPO/build/kernels
GENERATED='^(kmod/netlink_gen\.[ch]|uapi/linux/srproxy\.h)$'
CHECKS=(licences versions sizes checkpatch kernel_doc sparse coccinelle
	shellcheck clang_format python spelling manual documentation
	netlink_spec)
MORE_CHECKS=kmod_format # not clean yet

cd "$REPO" || exit 1
. selftests/checks.sh

# need PROGRAM...: skip the check where one is missing
need()
{
	need_of style "$@"
}

# kernel NAME: its source tree is in build/kernels
kernel()
{
	selftests/vm/kernels.sh "$1" >&2 || skip "no kernel source $1"
}

# files REGEX: the sources whose path matches, those not committed yet too
files()
{
	{
		git ls-files -co --exclude-standard 2>/dev/null ||
			find . -name .git -prune -o -path ./build -prune \
				-o -type f -print | cut -c 3-
	} | sort -u | grep -E -- "$1" | while read -r f; do
		[ ! -f "$f" ] || echo "$f"
	done
}

# without_generated: of the paths on stdin
without_generated()
{
	grep -Ev "$GENERATED"
}

# scripts: everything that a shell runs, by its name or its first line
scripts()
{
	files '\.sh$'
	files '^(\.ci/|debian/|selftests/|tools/|Documentation/)[^.]*$' |
		xargs -r awk 'FNR == 1 && /^#!.*sh( |$)/ { print FILENAME }'
}

# ---- the checks ------------------------------------------------------------

# every source says its licence, and the one of its folder
licences()
{
	files '\.([chS]|sh|py|p4|ya?ml|config|nft|rules)$|(^|/)(Makefile|Kbuild)$' |
		while read -r f; do
		line=$(head -n 3 "$f" | grep -m 1 SPDX-License-Identifier)
		case $f in
		kmod/*) want='GPL-2.0-only' ;;
		uapi/*) want='GPL-2.0-only WITH Linux-syscall-note' ;;
		tools/* | selftests/*) want='GPL-2.0-or-later' ;;
		p4/*) want='Apache-2.0' ;;
		*) want=${line##*: } want=${want% \*/} ;;
		esac
		case $line in
		'') echo "$f: no SPDX line" ;;
		*"SPDX-License-Identifier: $want" | \
			*"SPDX-License-Identifier: $want */") ;;
		*) echo "$f: the licence here is $want" ;;
		esac
	done | findings
}

# kernel versions are known to kmod/compat only
versions()
{
	files '^kmod/.*\.[ch]$' | grep -v ^kmod/compat/ |
		xargs -r grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION' | findings
}

# functions end within 100 lines, files within 800
sizes()
{
	{
		files '\.[ch]$'
		scripts
	} | without_generated | xargs -r awk '
		FNR == 1 { start = 0 }
		/^\{$/ { start = FNR; name = last }
		/^\}/ && start {
			if (FNR - start - 1 > 100)
				printf "%s:%d: %d lines in %s\n", FILENAME,
					start, FNR - start - 1, name
			start = 0
		}
		/^[a-z_].*\(/ { last = $0; sub(/\(.*/, "", last) }' >"$TMP/long"
	{
		files '\.([chS]|py|p4)$'
		scripts
	} | without_generated | xargs -r awk '
		FNR == 801 { print FILENAME ": over 800 lines" }' >>"$TMP/long"
	findings <"$TMP/long"
}

# Where the kernel itself, or C, will not have it otherwise: a path, and types
# of complaints that do not count there.
CHECKPATCH_EXCEPT='
	kmod/compat/compat.h	LINUX_VERSION_CODE	# it is there for that
	kmod/compat/compat.h	CONSTANT_COMPARISON	# takes KERNEL_VERSION() for one
	kmod/trace.h		OPEN_ENDED_LINE		# as all of include/trace is written
	kmod/trace.h		PARENTHESIS_ALIGNMENT	# likewise
	kmod/trace.h		TRAILING_SEMICOLON	# likewise
	kmod/stats.h		COMPLEX_MACRO		# a list for other macros
	kmod/stats.h		MACRO_ARG_REUSE		# that is its purpose
	kmod/stats.h		MACRO_ARG_PRECEDENCE	# takes a member for a value
	kmod/stats.c		BRACKET_SPACE		# [index] in a macro
'

checkpatch()
{
	kernel src-6.1
	files '^(kmod|uapi|tools|selftests)/.*\.[ch]$' | without_generated |
		(cd "$TMP" && sed "s|^|$REPO/|" | xargs -r perl \
			"$KERNELS/src-6.1/scripts/checkpatch.pl" --no-tree \
			--strict --terse --show-types --no-summary -f) |
		sed "s|^$REPO/||" | awk -v except="$CHECKPATCH_EXCEPT" '
			BEGIN {
				n = split(except, line, "\n")
				for (i = 1; i <= n; i++) {
					split(line[i], word)
					skip[word[1] ":" word[2]] = 1
				}
			}
			{
				split($1, path, ":")
				split($2, type, ":")
				if (!((path[1] ":" type[2]) in skip))
					print
			}' | findings
}

# the comments of what other files use
kernel_doc()
{
	kernel src-newest
	need python3
	files '^(kmod|uapi)/.*\.[ch]$' | xargs -r \
		"$KERNELS/src-newest/scripts/kernel-doc" -none -Wall -Werror \
		2>&1 | grep -v 'warnings as errors$' | awk '!seen[$0]++' |
		findings
}

sparse()
{
	need sparse
	say "building for 6.1, 6.12 and newest with sparse"
	for kernel in 6.1 6.12 newest; do
		selftests/vm/modbuild.sh -C "$kernel" 2>&1 |
			grep -vE '^modbuild.sh: building|^  (CC|CHECK|LD|MODPOST) '
	done | findings
}

# The kernel's semantic patches that have something to say of a module like
# this; those for drivers of devices take as long and find nothing.
COCCI='free/ifnullfree free/kfree free/kfreeaddr free/ifnulldev_put
	locks/call_kern locks/double_lock locks/flags locks/mini_lock
	null/deref_null null/eno null/kmerr
	iterators/itnull iterators/list_entry_update iterators/use_after_iter
	tests/doublebitand tests/doubletest tests/odd_ptr_err
	tests/unsigned_lesser_than_zero
	misc/array_size misc/array_size_dup misc/badty misc/boolconv
	misc/cond_no_effect misc/cstptr misc/do_div misc/doubleinit
	misc/excluded_middle misc/flexible_array misc/ifcol misc/minmax
	misc/newline_in_nl_msg misc/noderef misc/orplus misc/returnvar
	misc/semicolon misc/swap misc/test_addr misc/uninitialized_var
	misc/warn
	api/alloc/alloc_cast api/alloc/zalloc-simple api/atomic_as_refcounter
	api/err_cast api/kfree_mismatch api/kfree_sensitive api/kstrdup
	api/kvmalloc api/memdup api/resource_size'

coccinelle()
{
	local c

	kernel src-6.1
	need spatch
	say "looking for $(wc -w <<<"$COCCI") patterns with spatch"
	for c in $COCCI; do
		echo "$c"
	done | xargs -P "$(nproc)" -I '{}' "$STYLE/spatch.sh" \
		"$KERNELS/src-6.1/scripts/coccinelle/{}.cocci" kmod 2>&1 |
		sort -u | findings
}

shellcheck()
{
	need shellcheck
	scripts | xargs -r env shellcheck -x -P SCRIPTDIR -f gcc | findings
}

# User space: as clang-format would write it. The module follows the kernel's
# habits, which checkpatch knows better (see kmod_format).
clang_format()
{
	need clang-format
	files '^(tools|selftests|p4)/.*\.[ch]$' | xargs -r clang-format \
		--dry-run -Werror 2>&1 | grep -E '(error|warning):' | findings
}

# Not among those run by default: what clang-format would write otherwise in
# the module, but for its tables and aligned definitions.
kmod_format()
{
	need clang-format
	files '^kmod/.*\.[ch]$' | without_generated | grep -v ^kmod/trace.h |
		while read -r f; do
		diff -u --label "$f" --label "$f" \
			<(sed -E '/^#define|^\t\./s/[ \t]+/ /g' "$f") \
			<(clang-format "$f" |
				sed -E '/^#define|^\t\./s/[ \t]+/ /g')
	done | findings
}

python()
{
	need pyflakes3
	files '\.py$' | xargs -r pyflakes3 2>&1 | findings
}

spelling()
{
	need codespell
	files '^(kmod|uapi|tools|selftests|p4|Documentation)/|\.md$' |
		xargs -r codespell -I "$STYLE/words" 2>&1 | findings
}

manual()
{
	need man
	files '^Documentation/man/.*\.[0-9]$' | while read -r f; do
		LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$f" \
			2>&1 >/dev/null | sed "s|^|$f: |"
	done | findings
}

# What the pages name is there: functions, locks and structs of the module,
# files of the tree; every drop reason is explained.
documentation()
{
	sed -n 's/^\tX(\([a-z_]*\)).*/\1/p' kmod/stats.h | while read -r reason; do
		grep -q "^| \`$reason\`" Documentation/counters.md ||
			echo "Documentation/counters.md: no $reason"
	done >"$TMP/reasons"
	files '^Documentation/[^/]*\.md$|^selftests/vm/README$' | while read -r f; do
		grep -noE '\b_*srp_[a-z0-9_]+[a-z0-9]\b' "$f" | while IFS=: read -r n word; do
			grep -qrwF -- "$word" kmod p4/*.p4 ||
				echo "$f:$n: no $word in kmod or p4"
		done
		grep -noP '(?<![\w/])(kmod|selftests|tools|uapi|Documentation)/[\w./-]+\.(c|h|sh|py|md|yaml)\b' "$f" |
			while IFS=: read -r n path; do
			[ -e "$path" ] || echo "$f:$n: no $path"
		done
	done | cat "$TMP/reasons" - | findings
}

# the generated files are what the spec says
netlink_spec()
{
	kernel src-newest
	Documentation/netlink/regen.sh --check 2>&1
}

run_checks "$STYLE/style.sh" "$@"
