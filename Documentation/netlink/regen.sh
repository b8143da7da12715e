#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# regen.sh [--check]
#
# Generate uapi/linux/srproxy.h and kmod/netlink_gen.[ch] from the spec with
# the kernel's own generator, out of YNL (a tools/net/ynl; default: that of the
# cached Debian kernel source). --check: change nothing, show what differs.

set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
netlink=$top/Documentation/netlink
uapi='GPL-2.0-only WITH Linux-syscall-note'
kernel='GPL-2.0-only'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

find_ynl()
{
	if [ -z "${YNL:-}" ]; then
		[ -e "$top/build/kernels/src-newest" ] ||
			"$top/selftests/vm/kernels.sh" src-newest >&2
		YNL=$top/build/kernels/src-newest/tools/net/ynl
	fi
	[ -f "$YNL/pyynl/ynl_gen_c.py" ] || {
		echo "regen.sh: no pyynl/ynl_gen_c.py in $YNL" >&2
		exit 1
	}
}

# The generator looks for a MAINTAINERS file above the spec (forever, if there
# is none) and for its schemas beside the folder of the spec.
lay_out()
{
	mkdir -p "$work/Documentation/netlink/specs"
	touch "$work/MAINTAINERS"
	cp "$YNL"/../../../Documentation/netlink/*.yaml \
		"$work/Documentation/netlink/"
	cp "$netlink/specs/srproxy.yaml" "$work/Documentation/netlink/specs/"
}

# Ranges lose their const: kernels before 6.7 take no pointer to a constant.
# generate MODE KIND FILE LICENCE
generate()
{
	local mode=$1 kind=$2 file=$3 licence=$4

	mkdir -p "$work/$(dirname "$file")"
	timeout 120 /usr/bin/python3 "$netlink/gen.py" "$YNL" \
		--mode "$mode" "--$kind" -o "$work/$file" \
		--spec "$work/Documentation/netlink/specs/srproxy.yaml"
	sed -i -E \
		-e "1s/(SPDX-License-Identifier: )[^*]*[^* ]( \*\/)?$/\1$licence\2/" \
		-e 's|(To regenerate run: ).* \*/|\1Documentation/netlink/regen.sh */|' \
		-e 's|^#include <uapi/|#include <|' \
		-e 's/^static const (struct netlink_range_validation)/static \1/' \
		"$work/$file"
	cat -s "$work/$file" >"$work/squeezed"
	mv "$work/squeezed" "$work/$file"
}

find_ynl
lay_out
generate uapi header uapi/linux/srproxy.h "$uapi"
generate kernel header kmod/netlink_gen.h "$kernel"
generate kernel source kmod/netlink_gen.c "$kernel"

status=0
for file in uapi/linux/srproxy.h kmod/netlink_gen.h kmod/netlink_gen.c; do
	if [ "${1:-}" = --check ]; then
		diff -u "$top/$file" "$work/$file" || status=1
	else
		cmp -s "$work/$file" "$top/$file" ||
			install -m 644 -D "$work/$file" "$top/$file"
	fi
done
exit $status
