#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# uml.sh [-k 6.1|newest] [-d] [-c NCPUS] [-m MEM] [-t TIMEOUT] [-A ARGS] [-n]
#        [-L] [-w] [-o DIR]... CMD
#
# Run CMD as root in User-Mode Linux, over the host's own files.
#   -k KERNEL   6.1 (default) or newest
#   -d          the debug build: KASAN, lockdep, RCU, UBSAN, fault injection
#   -c NCPUS    processors, newest only: 2
#   -m MEM      1G                               -t TIMEOUT  300 s
#   -A ARGS     more for the kernel's command line
#   -n          do not build or load srproxy.ko
#   -L          look for leaked memory after CMD (debug builds)
#   -o DIR      a folder of the host that CMD may write to, under the same path
#   -w          only report what the kernel complains of
# What CMD writes, and nothing else, is our stdout. We exit as CMD did; 99: the
# kernel complained; 124: time was up; 125: the rig itself failed.

set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$VM_DIR/run.sh"

KERNEL=6.1 DEBUG='' NCPUS=2 MEM=1G TIMEOUT=300 ARGS='' NO_MODULE='' LEAKS=''
WARN='' PRELOAD='' SHARES=()

usage()
{
	sed -n '4,19s/^# \?//p' "$0" >&2
	exit 125
}

# Where the guest's memory is a file: RAM if it holds it, and may be executed.
memory_folder()
{
	local need free

	need=$(numfmt --from=iec "$MEM")
	free=$(df --output=avail -B1 /dev/shm 2>/dev/null | tail -n 1)
	if [ "${free:-0}" -gt "$need" ] &&
		! findmnt -n -o OPTIONS /dev/shm | grep -qw noexec; then
		echo /dev/shm
	else
		echo "${TMPDIR:-/tmp}"
	fi
}

# register_state: for the processor's, of which 6.1 does not know all; see umlfp.c
register_state()
{
	local so=$REPO/build/vm/umlfp.so

	[ "$KERNEL" = 6.1 ] || return 0
	if [ ! "$so" -nt "$VM_DIR/umlfp.c" ]; then
		need gcc
		mkdir -p "${so%/*}"
		gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$so.$$" \
			"$VM_DIR/umlfp.c" -ldl
		mv "$so.$$" "$so"
	fi
	echo "$so"
}

# Another console option wedges it: nothing to read, the kernel's words to
# stdout, the serial line's, which are CMD's, to descriptor 3.
boot()
{
	# shellcheck disable=SC2054 # the commas are UML's
	local args=(mem="$MEM" root=none rootfstype=hostfs ro "init=$VM_DIR/uml-init"
		"SRP_VM=$VM_DIR" "SRP_RUN=$RUN" con=null con0=null,fd:1
		ssl=null ssl0=null,fd:3 "uml_dir=$RUN" umid=uml
		loglevel=5 log_buf_len=4M panic=-1)

	# SLUB's own poison trips KASAN on the newest; heads of packets can be made
	# to fail by themselves (fault.py); kmemleak slows it down
	[ -z "$DEBUG" ] || args+=("slub_debug=-;A,skbuff_head_cache" kasan_multi_shot kunit.enable=1)
	[ -n "$LEAKS" ] || args+=(kmemleak=off)
	[ "$KERNEL" = 6.1 ] || args+=(seccomp=on "ncpus=$NCPUS")
	# shellcheck disable=SC2206 # words, as on a command line
	args+=($ARGS)
	TMPDIR=$(memory_folder) LD_PRELOAD=$PRELOAD \
		run_guest "$DIR/linux" "${args[@]}" \
		</dev/null 3>"$RUN/out" > >(cat >"$RUN/console") 2>&1
}

# Read as a whole before it runs: the file may change below us.
main()
{
	while getopts k:dc:m:t:A:nLwo: opt; do
		case $opt in
		k) KERNEL=$OPTARG ;;
		d) DEBUG=-debug ;;
		c) NCPUS=$OPTARG ;;
		m) MEM=$OPTARG ;;
		t) TIMEOUT=$OPTARG ;;
		A) ARGS+=" $OPTARG" ;;
		n) NO_MODULE=1 ;;
		L) LEAKS=1 ;;
		w) WARN=1 ;;
		o) SHARES+=("$(share_path "$OPTARG")") ;;
		*) usage ;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# -eq 1 ] || usage

	NAME=uml-$KERNEL$DEBUG
	"$VM_DIR/uml-build.sh" "${NAME#uml-}"
	DIR=$(readlink -f "$KERNELS/$NAME")
	MODULE=$(module_for "$NAME")
	PRELOAD=$(register_state)
	new_run
	write_env "$NAME" "$1" "$MODULE" /dev/ttyS0 "$LEAKS" ${SHARES[@]+"${SHARES[@]}"}
	stream_output
	status=0
	boot || status=$?
	end_output "$status"
	verdict "$status" "$WARN"
}

main "$@"
