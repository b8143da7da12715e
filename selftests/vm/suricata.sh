#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# suricata.sh
#
# Unpack Debian's Suricata and the libraries that it wants, from the release's
# backports, into the cache; nothing is installed, no service is started.
# build/suricata/suricata runs it; build/suricata/root/etc/suricata/ holds
# Debian's configuration. A Suricata that is installed is taken as it is.

# shellcheck disable=SC2317 # "locked" calls functions by name
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RECIPE=1
SUITE=bookworm-backports
LINK=$REPO/build/suricata

wrapper()
{
	local root=$1 libs

	libs=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
	cat <<-EOF
		#!/bin/sh
		export LD_LIBRARY_PATH="$libs"
		exec "$root/usr/bin/suricata" "\$@"
	EOF
}

# name=version of what the machine does not have: its own libraries serve.
wanted()
{
	local p version

	locked "apt-$SUITE" suite_update "$SUITE"
	suite_resolve "$SUITE" -t "$SUITE" suricata |
		grep -E '^(suricata|lib[a-z0-9.+-]*|librte-[a-z0-9.-]*) ' |
		while read -r p version; do
			dpkg-query -W "$p" >/dev/null 2>&1 || echo "$p=$version"
		done
}

make_it()
{
	local dir=$1 list

	complete "$dir" $RECIPE && return
	rm -rf "$dir"
	list=$(wanted) || die "Debian's packages of Suricata cannot be listed"
	# shellcheck disable=SC2086 # one word per package
	suite_unpack "$SUITE" "$dir/root" $list
	wrapper "$dir/root" >"$dir/suricata"
	chmod 755 "$dir/suricata"
	quietly "$dir/log" "$dir/suricata" --build-info ||
		die "the unpacked Suricata does not run"
	echo $RECIPE >"$dir/.complete"
}

use_installed()
{
	mkdir -p "$LINK"
	ln -sfn "$(command -v suricata)" "$LINK/suricata"
	ln -sfn / "$LINK/root"
}

if command -v suricata >/dev/null; then
	[ -e "$LINK" ] || use_installed
	exit 0
fi
if ! complete "$LINK" $RECIPE; then
	locked suricata make_it "$CACHE/suricata-$SUITE"
	mkdir -p "$REPO/build"
	ln -sfn "$CACHE/suricata-$SUITE" "$LINK"
fi
