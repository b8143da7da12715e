#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deps.sh [-n] [SET...]
#
# Install with apt what a set of jobs needs and is not there yet; no word if
# nothing is missing. Sets: build vm uml test demo deb style (default: all of
# these), and headers, of the kernel that runs.
#   -n      only print what is missing
# The scripts use /usr/bin/python3, which these packages serve: another
# python3 on the PATH may lack them.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

DRY=

packages_of()
{
	case $1 in
	build) echo gcc make libc6-dev libmnl-dev libjson-c-dev libgnutls28-dev \
		pkg-config flex bison bc libelf-dev libssl-dev python3-yaml \
		python3-jsonschema kmod cpio zstd xz-utils rsync ;;
	vm) packages_of build && echo qemu-system-x86 busybox-static ;;
	uml) packages_of build && echo busybox-static patch ;;
	test) echo iproute2 nftables tshark tcpdump python3-scapy iputils-ping \
		curl ethtool procps iperf3 netcat-openbsd socat conntrack jq \
		haproxy traceroute openssl python3-prometheus-client \
		dnsmasq-base ;;
	demo) packages_of test && packages_of vm ;;
	headers) [ -e "/lib/modules/$(uname -r)/build/Makefile" ] ||
		echo "linux-headers-$(uname -r)" ;;
	deb) packages_of build && echo debhelper dkms dh-dkms ;;
	style) echo sparse coccinelle shellcheck clang-format perl codespell \
		man-db git pyflakes3 ;;
	*) die "unknown set '$1' (build vm uml test demo deb style headers)" ;;
	esac
}

is_installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

installed()
{
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p'
}

missing_of()
{
	local set

	for set; do packages_of "$set"; done | tr -s ' \t' '\n' | sort -u |
		grep -vxF "$(installed)"
}

# tshark asks whether others than root may capture.
preseed()
{
	! command -v debconf-set-selections >/dev/null ||
		echo 'wireshark-common wireshark-common/install-setuid boolean false' |
		debconf-set-selections
}

install_missing()
{
	local log

	[ "$(id -u)" -eq 0 ] || die "only root can install: $*"
	log=$(mktemp)
	export DEBIAN_FRONTEND=noninteractive
	say "installing $*"
	quietly "$log" apt-get -q update ||
		say "the package lists are not all fresh; going on with what there is"
	preseed
	quietly "$log" apt-get install -y -q --no-install-recommends \
		-o DPkg::Lock::Timeout=300 "$@" ||
		die "apt-get could not install: $*"
	rm -f "$log"
}

while getopts n opt; do
	case $opt in
	n) DRY=1 ;;
	*) die "usage: deps.sh [-n] [SET...]" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- build vm uml test demo style
missing=$(missing_of "$@") || :
[ -n "$missing" ] || exit 0
if [ -n "$DRY" ]; then
	echo "$missing"
	exit 0
fi
# shellcheck disable=SC2086 # one word per package
install_missing $missing
