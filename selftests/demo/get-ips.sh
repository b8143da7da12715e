#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# get-ips.sh: an intrusion prevention system for the demonstration, in
# build/demo/ips (a folder that looks like /). Suricata, if the machine has it;
# else Debian's, downloaded and unpacked, never installed. Debian 12 has it in
# bookworm-backports only. Run on the host, before the VM.

set -euo pipefail

. "$(dirname "$0")/../vm/lib.sh"
IPS=$REPO/build/demo/ips

codename()
{
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# own_apt PROGRAM ARG...: apt on lists of its own, knowing what is installed
own_apt()
{
	local d=$CACHE/apt/ips program=$1

	shift
	"$program" -o Dir::Etc::sourcelist="$d/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State::lists="$d/lists" -o Dir::Cache="$d/cache" \
		-o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

update()
{
	local d=$CACHE/apt/ips suite=$1 s mirror

	mirror=${SRPROXY_MIRROR:-$(mirror_of debian)}

	mkdir -p "$d/lists/partial" "$d/cache/archives/partial"
	for s in "$suite" "$suite-backports"; do
		echo "deb [signed-by=$KEYRING] $mirror $s main"
	done >"$d/sources.list"
	own_apt apt-get -qq update
}

# wanted: suricata and what of its needs is not installed, "name=version"
wanted()
{
	local target

	for target in "$1" "$1-backports"; do
		own_apt apt-get install -s --no-install-recommends \
			-t "$target" suricata 2>/dev/null |
			awk '/^Inst/ {gsub(/[()]/, ""); print $2 "=" $3}' |
			grep . && return
	done
	return 1
}

unpack()
{
	local dir=$1 suite packages deb

	suite=$(codename)
	say "downloading Suricata from Debian ($suite)"
	update "$suite" || die "no package lists of Debian $suite"
	packages=$(wanted "$suite") || die "Debian $suite has no suricata"
	rm -rf "$dir.new"
	mkdir -p "$dir.new/debs"
	# shellcheck disable=SC2086 # one word per package
	(cd "$dir.new/debs" && own_apt apt-get -qq download $packages)
	for deb in "$dir.new"/debs/*.deb; do
		dpkg-deb -x "$deb" "$dir.new"
	done
	rm -rf "$dir" "$dir.new/debs"
	mv "$dir.new" "$dir"
}

mkdir -p "$REPO/build/demo"
if command -v suricata >/dev/null; then
	ln -sfn / "$IPS"
	exit 0
fi
[ ! -x "$IPS/usr/bin/suricata" ] || exit 0
UNPACKED=$CACHE/ips-$(codename)
[ -x "$UNPACKED/usr/bin/suricata" ] || unpack "$UNPACKED"
ln -sfn "$UNPACKED" "$IPS"
[ -x "$IPS/usr/bin/suricata" ] || die "no suricata in $UNPACKED"
