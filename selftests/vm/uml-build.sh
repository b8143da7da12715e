#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# uml-build.sh FLAVOUR...
#
# Build User-Mode Linux from Debian's kernel source:
#   6.1            plain; for quick tests and native nanoseconds
#   6.1-debug      KASAN, lockdep, PROVE_RCU, kmemleak, UBSAN, fault injection
#   newest-debug   the same with two processors and preemption
# Each becomes build/kernels/uml-FLAVOUR, a link into the cache, that holds
# linux (the program), modules/lib/modules/<release>, kdir, release, makeargs.
# Minutes the first time; nothing when source and configuration are the same.

# shellcheck disable=SC2317 # "locked" and "quietly" call functions by name
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RECIPE=1

# parts FLAVOUR: what makes it, configuration and changes to the source
parts()
{
	local debug="$VM_DIR/uml.config $VM_DIR/uml-debug.config $VM_DIR/uml-stacktrace.patch"

	case $1 in
	6.1) echo "$VM_DIR/uml.config" ;;
	6.1-debug) echo "$debug" ;;
	newest-debug) echo "$debug" "$VM_DIR/uml-smp.config" ;;
	*) die "unknown flavour '$1' (6.1, 6.1-debug or newest-debug)" ;;
	esac
}

compiler()
{
	if command -v gcc-12 >/dev/null; then echo gcc-12; else echo gcc; fi
}

# um_make DIR TARGET...: the kernel's make, in the flavour's own folder
um_make()
{
	local dir=$1

	shift
	nice make -C "$src" O="$dir/kdir" ARCH=um CC="$cc" HOSTCC="$cc" "$@"
}

# What the fragments ask for and Kconfig did not give, for the curious.
report_refused()
{
	local dir=$1 line

	grep -h '^CONFIG_.*=[^n]' "$dir/fragment" | while read -r line; do
		grep -qxF "$line" "$dir/kdir/.config" || echo "$line"
	done >"$dir/refused"
}

# The cached source, or files linked to it but for those that we change.
change_source()
{
	local dir=$1 part

	shift
	for part; do
		[[ $part == *.patch ]] || continue
		[ -d "$dir/src" ] || cp -al "$src" "$dir/src"
		src=$dir/src
		quietly "$dir/log" patch -d "$src" -p1 -i "$part"
	done
}

configure()
{
	local dir=$1 part

	shift
	mkdir -p "$dir/kdir"
	for part; do
		[[ $part != *.config ]] || cat "$part"
	done >"$dir/fragment"
	KCONFIG_ALLCONFIG=$dir/fragment quietly "$dir/log" \
		um_make "$dir" allnoconfig
	report_refused "$dir"
}

install_modules()
{
	local dir=$1 release=$2

	quietly "$dir/log.install" um_make "$dir" modules_install \
		INSTALL_MOD_PATH="$dir/modules" DEPMOD=/sbin/depmod
	rm -f "$dir/modules/lib/modules/$release/"{build,source}
}

build()
{
	local flavour=$1 dir=$2 release

	shift 2
	need make "$cc" flex bison bc depmod patch
	rm -rf "$dir"
	mkdir -p "$dir"
	say "building User-Mode Linux $flavour; this takes minutes, once (log: $dir/log)"
	change_source "$dir" "$@"
	configure "$dir" "$@"
	quietly "$dir/log" um_make "$dir" -j"${JOBS:-$(nproc)}" \
		linux modules
	ln -s kdir/linux "$dir/linux"
	release=$(cat "$dir/kdir/include/config/kernel.release")
	install_modules "$dir" "$release"
	echo "$release" >"$dir/release"
	echo "ARCH=um CC=$cc" >"$dir/makeargs"
	find "$dir/kdir" -name '*.o' -not -path '*/scripts/*' \
		-not -path '*/tools/*' -delete
	echo $RECIPE >"$dir/.complete"
	say "built User-Mode Linux $flavour"
}

get()
{
	local flavour=$1 key

	shift
	src=$(readlink -f "$KERNELS/src-${flavour%-debug}")
	cc=$(compiler)
	key=$(cat "$@" <("$cc" -dumpfullversion) | sha256sum | head -c 8)
	dir=$CACHE/kernels/uml-$flavour-${src##*/src-}-$key
	complete "$dir" $RECIPE || locked "uml-$flavour" build_once "$@"
	publish "$dir" "uml-$flavour"
}

# Another run may have built it while we waited for the lock.
build_once()
{
	complete "$dir" $RECIPE || build "$flavour" "$dir" "$@"
}

# Read as a whole before it runs: the file may change below us.
main()
{
	[ $# -gt 0 ] || die "which flavour? (6.1, 6.1-debug or newest-debug)"
	for flavour; do
		files=$(parts "$flavour")
		SRPROXY_QUIET=1 "$VM_DIR/kernels.sh" "src-${flavour%-debug}"
		# shellcheck disable=SC2086 # one word per file
		get "$flavour" $files
	done
}

main "$@"
