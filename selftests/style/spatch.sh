#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# spatch.sh PATCH.cocci FOLDER
#
# What one of the kernel's semantic patches reports of a folder, as the
# kernel's coccicheck asks for it; nothing if there is nothing.

set -u
options=$(sed -n 's|^// *Options: *||p' "$1" | head -n 1)
grep -q '^virtual.*report' "$1" || {
	echo "$1: has no report mode"
	exit
}
# shellcheck disable=SC2086 # words
timeout 120 spatch -D report --very-quiet --no-show-diff $options \
	--cocci-file "$1" --dir "$2" 2>&1 ||
	echo "$1: spatch failed or took over two minutes"
exit 0
