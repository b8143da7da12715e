#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What vm.sh and uml.sh share: the run's folder, and the verdict. Sourced.

# What a kernel says when it is hurt.
SPLATS='WARNING: |BUG: |BUG at |Oops|UBSAN: |KASAN: |general protection fault'
SPLATS+='|possible (circular|recursive) locking|inconsistent lock state'
SPLATS+='|suspicious RCU|[Ii]nvalid wait context|bad unlock balance'
SPLATS+='|sleeping function called|scheduling while atomic|list_(add|del) corruption'
SPLATS+='|ODEBUG: |refcount_t: |unregister_netdevice: waiting|unreferenced object'
SPLATS+='|blocked for more than|Kernel panic|stack-protector|leaked reference'
SPLATS+='|held lock freed|lock held when returning|Bad page (state|map)|^ *not ok [0-9]'

# new_run: make RUN, the folder that the guest shares with us
new_run()
{
	RUN=$(mktemp -d "${TMPDIR:-/tmp}/srproxy-run.XXXXXX")
	GUEST=
	trap 'end_run' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	: >"$RUN/console"
	head -c 32 /dev/urandom >"$RUN/seed"
}

# Nothing of ours outlives us; SRPROXY_KEEP=1 leaves the folder to look at.
end_run()
{
	[ -z "$GUEST" ] || kill "$GUEST" 2>/dev/null || :
	[ -n "${SRPROXY_KEEP:-}" ] || rm -rf "$RUN"
}

# run_guest COMMAND...: until it ends or time is up; 124 then
run_guest()
{
	local status=0

	timeout -k 3 "$TIMEOUT" "$@" &
	GUEST=$!
	wait "$GUEST" || status=$?
	GUEST=
	return $status
}

# stream_output: what comes into RUN/out is our stdout. A pipe between, since
# both rigs make what they write to non-blocking.
stream_output()
{
	mkfifo "$RUN/out"
	cat "$RUN/out" &
	READER=$!
}

# end_output STATUS: a guest that failed may never have opened it
end_output()
{
	[ "$1" -eq 0 ] || {
		sleep 0.2
		kill "$READER" 2>/dev/null || :
	}
	wait "$READER" || :
}

# write_env NAME CMD MODULE OUTPUT LEAKS SHARE...: what guest.sh reads
write_env()
{
	printf "%s='%s'\n" REPO "$REPO" NAME "$1" \
		KERNEL_DIR "$(readlink -f "$KERNELS/$1")" \
		MODULE "$3" OUTPUT "$4" LEAKS "$5" >"$RUN/env"
	echo "$2" >"$RUN/cmd"
	shift 5
	: >"$RUN/shares"
	[ $# -eq 0 ] || printf '%s\n' "$@" >"$RUN/shares"
}

# share_path DIR: an existing folder by its real name
share_path()
{
	if ! mkdir -p "$1" || ! readlink -f "$1"; then
		die "cannot share the folder $1"
	fi
}

# What the kernels of the rigs say of themselves: UML 6.1 walks its memory map
# without the lock (fork_handler), 7.2 frees before a processor is up.
OWN_SPLATS='force_flush_all|os_start_secondary'

# splats: what the kernel said, with the lines after it, from all that we kept
splats()
{
	cat "$RUN/console" "$RUN/dmesg" "$RUN/kmemleak" 2>/dev/null |
		tr -d '\r' | sed -E 's/^\[ *[0-9]+\.[0-9]+\] ?//' |
		awk -v bad="$SPLATS" -v own="$OWN_SPLATS" '
			function flush() {
				if (n && text !~ own && !seen[first]++)
					printf "%s", text
				n = 0
			}
			$0 ~ bad && (!n || n > 8) { flush(); n = 1; first = $0; text = "" }
			n && n++ <= 60 { text = text $0 "\n" }
			END { flush() }' | head -n 200
}

# verdict STATUS WARN: what the run comes to, from the runner's own status
verdict()
{
	local runner=$1 warn_only=$2 found

	found=$(splats || :)
	if [ -n "$found" ]; then
		echo "${0##*/}: the kernel complained:" >&2
		echo "$found" >&2
		[ -n "$warn_only" ] || exit 99
	fi
	case $runner in
	124 | 137)
		echo "${0##*/}: no end after $TIMEOUT s: killed" >&2
		exit 124
		;;
	esac
	[ -f "$RUN/status" ] || {
		tail -n 20 "$RUN/console" >&2
		die "the guest ended without an exit status (runner: $runner)"
	}
	exit "$(cat "$RUN/status")"
}

# module_for NAME: build srproxy.ko for that kernel; its path, if any
module_for()
{
	[ -z "$NO_MODULE" ] || return 0
	[ -f "$REPO/kmod/Kbuild" ] || {
		echo "${0##*/}: no kmod/Kbuild: nothing to load" >&2
		return 0
	}
	"$VM_DIR/modbuild.sh" "$1" >&2 || die "srproxy.ko does not build for $1"
	echo "$REPO/build/kmod/$1/kmod/srproxy.ko"
}
