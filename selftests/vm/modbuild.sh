#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# modbuild.sh [-C] NAME...
#
# Build srproxy.ko for a kernel of build/kernels/: 6.1, 6.12, newest, uml-6.1,
# uml-6.1-debug or uml-newest-debug. The sources are copied to
# build/kmod/NAME/ and built there with W=1, so that the kernels do not
# disturb each other; the result is build/kmod/NAME/kmod/srproxy.ko. A warning
# of the compiler fails the build. Debug flavours get SRP_DEBUG=1.
#   -C      with sparse (C=2), whose warnings fail it too

# shellcheck disable=SC2317 # "locked" and "quietly" call functions by name
set -euo pipefail
. "$(dirname "$0")/lib.sh"

SPARSE=

provide_kernel()
{
	case $1 in
	uml-*) "$VM_DIR/uml-build.sh" "${1#uml-}" ;;
	*) "$VM_DIR/kernels.sh" "$1" ;;
	esac
}

# Only what changed is touched; what the build left behind stays.
sync_sources()
{
	local to=$1

	mkdir -p "$to"
	rsync -rlp --checksum --delete --exclude='*.o' --exclude='*.ko' \
		--exclude='*.mod' --exclude='*.mod.c' --exclude='.*.cmd' \
		--exclude='*.order' --exclude='*.symvers' --exclude='.tmp_*' \
		--exclude='*.gcno' --exclude='/log' --exclude='/key' \
		--exclude='/done' "$REPO/kmod" "$REPO/uapi" "$REPO/Kbuild" "$to/"
}

# What decides the result: the kernel, our arguments, every source.
build_key()
{
	local to=$1 kernel=$2

	readlink -f "$kernel"
	cat "$kernel/release" "$kernel/makeargs"
	echo "${EXTRA[*]}"
	cd "$to"
	find Kbuild kmod uapi -type f \( -name '*.[chS]' -o -name Kbuild \
		-o -name 'Makefile*' -o -name Kconfig \) -not -name '*.mod.c' \
		-print0 | sort -z | xargs -0 cksum
}

# Another kernel or other arguments: what is there is of no use.
clean_if_other()
{
	local to=$1 key=$2

	[ ! -f "$to/key" ] || [ "$(head -n 4 "$to/key")" = "$(head -n 4 <<<"$key")" ] ||
		find "$to" -type f \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
			-o -name '*.mod.c' -o -name '.*.cmd' -o -name '*.gcno' \) -delete
}

run_make()
{
	local to=$1 kernel=$2 args

	read -r -a args <"$kernel/makeargs" || :
	quietly "$to/log" make -j"$(nproc)" -C "$kernel/kdir" M="$to" W=1 ${SPARSE:+C=2} \
		${args[@]+"${args[@]}"} ${EXTRA[@]+"${EXTRA[@]}"} modules ||
		die "srproxy.ko does not build"
	! build_warned "$to/log" ||
		die "the build warns: ${to##*/}"
}

build()
{
	local name=$1 to=$REPO/build/kmod/$1 kernel=$KERNELS/$1 key

	sync_sources "$to"
	key=$(build_key "$to" "$kernel")
	if [ -z "$SPARSE" ] && [ -f "$to/kmod/srproxy.ko" ] &&
		[ "$(cat "$to/done" 2>/dev/null)" = "$key" ]; then
		return 0
	fi
	say "building srproxy.ko for $name"
	clean_if_other "$to" "$key"
	rm -f "$to/done"
	echo "$key" >"$to/key"
	run_make "$to" "$kernel"
	[ -f "$to/kmod/srproxy.ko" ] || die "the build left no $to/kmod/srproxy.ko"
	echo "$key" >"$to/done"
}

# Read as a whole before it runs: the file may change below us.
main()
{
	while getopts C opt; do
		case $opt in
		C) SPARSE=1 ;;
		*) die "usage: modbuild.sh [-C] NAME..." ;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# -gt 0 ] || die "which kernel? (6.1, 6.12, newest, uml-6.1, uml-6.1-debug, uml-newest-debug)"
	need make rsync
	[ -f "$REPO/Kbuild" ] || die "no Kbuild in $REPO"
	for name; do
		EXTRA=()
		case $name in
		uml-*-debug) EXTRA+=(SRP_DEBUG=1) ;;
		esac
		provide_kernel "$name"
		locked "kmod-$(cksum <<<"$REPO" | cut -d' ' -f1)-$name" build "$name"
	done
}

main "$@"
