#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernels.sh [-u] NAME...
#
# Fetch what the rigs run and build against, without installing anything:
#   6.1 6.12 newest       Debian's stock kernel and headers
#   src-6.1 src-newest    Debian's kernel source trees (tools, UML builds)
# Each becomes build/kernels/NAME, a link into the cache. What is cached is
# taken as it is, with no look at the network; -u looks for newer packages.
#
# Stock kernels hold vmlinuz, modules/lib/modules/<release>, kdir (for KDIR=),
# release, makeargs (for the make line of a module build).

# shellcheck disable=SC2317 # "locked" and "quietly" call functions by name
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RECIPE=1
update=

usage()
{
	sed -n '4,14s/^# \?//p' "$0" >&2
	exit 125
}

compiler()
{
	if command -v gcc-12 >/dev/null; then
		echo gcc-12
	else
		basename "$(readlink -f "$(command -v gcc)")" |
			sed -E 's/.*-(gcc-[0-9]+)$/\1/'
	fi
}

# With fresh lists if we have none or are told to.
resolve_now()
{
	local suite=$1

	[ -z "$update" ] && suite_resolve "$@" 2>/dev/null && return
	suite_update "$suite" && suite_resolve "$@"
}

# resolve SUITE PACKAGE...: "name version" of all that they pull in
resolve()
{
	locked "apt-$1" resolve_now "$@"
}

## stock kernels

# The headers' Makefile names its place on an installed system.
headers_relocate()
{
	local root=$1 release=$2

	ln -s "root/usr/src/linux-headers-$release" "$root/../kdir"
	sed -i "s|/usr/src/|$root/usr/src/|" "$root/../kdir/Makefile"
	sed -i -E "/^CC /s/gcc-[0-9]+$/$(compiler)/" \
		"$root/../kdir/.kernelvariables"
}

# Forget what only the kernel's own, newer compiler has; the vmlinux holds
# nothing but BTF, and asks for a pahole that understands it.
headers_downgrade()
{
	local kdir=$1 lost='CONFIG_CC_HAS_(MIN_FUNCTION_ALIGNMENT|COUNTED_BY)'

	sed -i -E "/^${lost}[A-Z_]*=/d" "$kdir/include/config/auto.conf"
	sed -i -E "/^#define ${lost}[A-Z_]* /d" \
		"$kdir/include/generated/autoconf.h"
	rm -f "$kdir/vmlinux"
}

# The newer suites' host programs want a newer libc: run them by its own
# loader, from beside them.
wrap_host_programs()
{
	local root=$1 libs=$2 ld f

	ld=$(find "$libs" -name 'ld-linux-x86-64.so.2' -not -path '*/lib64/*' |
		head -n 1)
	[ -n "$ld" ] || die "no dynamic loader among the unpacked libraries"
	find "$root"/usr/lib/linux-kbuild-* -type f -perm /111 | while read -r f; do
		[[ $(ldd "$f" 2>&1) = *'not found'* ]] || continue
		mv "$f" "$f.bin"
		printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
			"$ld" "$(dirname "$ld")" "$f.bin" >"$f"
		chmod 755 "$f"
	done
}

unpack_libs()
{
	local suite=$1 dir=$2

	suite_unpack "$suite" "$dir/libs.all" libc6 libelf1t64 zlib1g libzstd1
	mkdir "$dir/libs"
	find "$dir/libs.all/" -path '*x86_64-linux-gnu/*' \( -name 'ld-*.so*' \
		-o -name 'libc.so*' -o -name 'libelf*so*' -o -name 'libz.so*' \
		-o -name 'libzstd.so*' -o -name 'libm.so*' \
		-o -name 'libdl.so*' -o -name 'libpthread.so*' \) \
		-exec cp -a -t "$dir/libs" {} +
	rm -rf "$dir/libs.all"
}

# A trivial module has to build without a word from the compiler.
verify_headers()
{
	local dir=$1 m=$1/verify

	mkdir -p "$m"
	printf '%s\n' '#include <linux/module.h>' \
		'MODULE_DESCRIPTION("verify");' 'MODULE_LICENSE("GPL");' >"$m/v.c"
	echo 'obj-m := v.o' >"$m/Kbuild"
	quietly "$m/log" make -C "$dir/kdir" M="$m" W=1 modules ||
		die "a module does not build against $dir/kdir"
	! build_warned "$m/log" ||
		die "building against $dir/kdir warns"
	rm -rf "$m"
}

place_modules()
{
	local dir=$1 root=$1/root release=$2 vmlinuz

	mkdir -p "$dir/modules/lib/modules"
	for d in "$root/lib/modules" "$root/usr/lib/modules"; do
		[ ! -d "$d/$release/kernel" ] ||
			mv "$d/$release" "$dir/modules/lib/modules/"
	done
	rm -f "$dir/modules/lib/modules/$release/"{build,source}
	vmlinuz=$(find "$root" "$dir/modules" -name "vmlinuz*" -type f -print -quit)
	[ -n "$vmlinuz" ] || die "no vmlinuz in the packages of $release"
	cp "$vmlinuz" "$dir/vmlinuz"
	quietly "$dir/log" /sbin/depmod -b "$dir/modules" "$release"
}

make_stock()
{
	local name=$1 dir=$2 suite release

	shift 2
	suite=$(suite_of "$name")
	rm -rf "$dir"
	suite_unpack "$suite" "$dir/root" "$@"
	release=$(basename "$(ls -d "$dir"/root/usr/src/linux-headers-*-amd64)")
	release=${release#linux-headers-}
	say "preparing $release"
	place_modules "$dir" "$release"
	headers_relocate "$dir/root" "$release"
	if [ "$name" != 6.1 ]; then
		unpack_libs "$suite" "$dir"
		headers_downgrade "$dir/kdir"
		wrap_host_programs "$dir/root" "$dir/libs"
	fi
	rm -rf "$dir/root/boot" "$dir/root/usr/share"
	: >"$dir/makeargs"
	echo "$release" >"$dir/release"
	verify_headers "$dir"
	echo $RECIPE >"$dir/.complete"
}

stock_packages()
{
	resolve "$1" linux-image-amd64 linux-headers-amd64 |
		grep -E '^linux-(image|headers|kbuild|binary|modules|base|compiler)[a-z0-9-]*-[0-9]'
}

get_stock()
{
	local name=$1 list dir

	list=$(stock_packages "$(suite_of "$name")") ||
		die "Debian's packages of kernel $name cannot be listed"
	dir=$CACHE/kernels/$name-$(awk '/^linux-headers-/ {v = $2} END {print v}' <<<"$list")
	# shellcheck disable=SC2046 # one word per package
	complete "$dir" $RECIPE ||
		make_stock "$name" "$dir" $(awk '{print $1}' <<<"$list")
	publish "$dir" "$name"
}

## source trees

make_source()
{
	local suite=$1 dir=$2 package=$3 tmp=$2.tmp

	rm -rf "$dir" "$tmp"
	suite_unpack "$suite" "$tmp" "$package"
	say "unpacking $package"
	mkdir -p "$dir"
	tar -C "$dir" --strip-components=1 -xf \
		"$tmp/usr/src/$package.tar.xz"
	rm -rf "$tmp"
	echo $RECIPE >"$dir/.complete"
}

get_source()
{
	local name=$1 suite package version dir

	suite=$(suite_of "${name#src-}")
	read -r package version < <(resolve "$suite" linux-source |
		grep -E '^linux-source-[0-9.]+ ') ||
		die "Debian's source of kernel ${name#src-} cannot be listed"
	dir=$CACHE/kernels/$name-$version
	complete "$dir" $RECIPE || make_source "$suite" "$dir" "$package"
	publish "$dir" "$name"
}

## all

cached()
{
	local dir

	if [ -z "$update" ] && complete "$KERNELS/$1" $RECIPE; then
		return 0
	fi
	dir=$(newest_complete $RECIPE "$CACHE/kernels/$1"-[0-9]*)
	[ -n "$dir" ] || return 1
	publish "$dir" "$1"
	[ -z "$update" ]
}

get()
{
	! cached "$1" || return 0
	case $1 in
	src-*) get_source "$1" ;;
	*) get_stock "$1" ;;
	esac
}

# With -u a failure is no harm as long as something is cached.
provide()
{
	local name=$1 status

	case $name in
	6.1 | 6.12 | newest | src-6.1 | src-newest) ;;
	*) die "unknown kernel '$name'" ;;
	esac
	! cached "$name" || return 0
	need apt-get dpkg-deb depmod make gcc xz zstd
	set +e # "||" would switch it off for all that is called
	(
		set -e
		locked "kernel-$name" get "$name"
	)
	status=$?
	set -e
	[ $status -ne 0 ] || return 0
	if [ -z "$update" ] || ! complete "$KERNELS/$name" $RECIPE; then
		exit $status
	fi
	say "going on with the $name that is cached"
}

# Read as a whole before it runs: the file may change below us.
main()
{
	while getopts u opt; do
		case $opt in
		u) update=1 ;;
		*) usage ;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# -gt 0 ] || usage
	for name; do
		provide "$name"
	done
}

main "$@"
