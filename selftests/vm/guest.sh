#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the first process of a guest (QEMU or UML) runs once the root is
# writable: file systems, module, CMD, exit status, off. vm.sh and uml.sh put
# a file `env` into the run's folder, found at /run/srproxy-vm afterwards:
# REPO NAME KERNEL_DIR COMMAND MODULE SHARES OUTPUT LEAKS.
# usage: guest.sh qemu|uml RUN_DIR

mount_all()
{
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
	mount -t tmpfs -o mode=1777 tmpfs /dev/shm
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir -p /run/lock /run/netns /run/srproxy-vm
	ln -sf /proc/self/fd /dev/fd
	ln -sf fd/0 /dev/stdin
	ln -sf fd/1 /dev/stdout
	ln -sf fd/2 /dev/stderr
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
} 2>/dev/null

# mount_share INDEX PLACE FOLDER: a folder of the host, writable
mount_share()
{
	mkdir -p "$2"
	if [ "$RIG" = uml ]; then
		mount -t hostfs -o "$3" none "$2"
	else
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=mmap \
			"share$1" "$2"
	fi
}

mount_modules()
{
	local release

	release=$(uname -r)
	mkdir -p "/lib/modules/$release"
	mount --bind "$KERNEL_DIR/modules/lib/modules/$release" \
		"/lib/modules/$release"
}

settle()
{
	hostname srproxy-guest
	ip link set lo up
	ulimit -c 0
	ulimit -n 65536
	export PATH=$REPO/build/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	export HOME=/root TERM=dumb LANG=C.UTF-8 USER=root LOGNAME=root
	export SRPROXY_RIG=$RIG SRPROXY_KERNEL=$NAME
	unset DEBUGINFOD_URLS
	cd "$REPO" || cd /
}

load_module()
{
	local m

	for m in mpls_router mpls_iptunnel mpls_gso nf_tables; do
		modprobe -q "$m"
	done
	[ -n "$MODULE" ] || return 0
	if [ ! -f "$MODULE" ]; then
		echo "guest: no module at $MODULE: srproxy is not loaded" >&2
	elif ! insmod "$MODULE"; then
		echo "guest: $MODULE does not load:" >&2
		dmesg | tail -n 5 >&2
		return 1
	fi
}

# Two scans: what is found once may still be on its way.
scan_leaks()
{
	[ -n "$LEAKS" ] && [ -w /sys/kernel/debug/kmemleak ] || return 0
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 1
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak >/run/srproxy-vm/kmemleak
}

# Everything that CMD writes goes to OUTPUT alone.
run_command()
{
	local status=126

	if load_module; then
		/bin/bash -c "$COMMAND" </dev/null
		status=$?
	fi
	scan_leaks
	dmesg >/run/srproxy-vm/dmesg
	echo "$status" >/run/srproxy-vm/status.tmp
	mv /run/srproxy-vm/status.tmp /run/srproxy-vm/status
} >"$OUTPUT" 2>&1

# The last words are read by the other side before the guest goes.
leave()
{
	sync
	echo o >/proc/sysrq-trigger
	sleep 100
}

RIG=$1
RUN_DIR=$2
mount_all
mount_share 0 /run/srproxy-vm "$RUN_DIR"
# shellcheck source=/dev/null
. /run/srproxy-vm/env
mount_modules
for i in "${!SHARES[@]}"; do
	mount_share $((i + 1)) "${SHARES[i]}" "${SHARES[i]}"
done
settle
if [ "$RIG" = qemu ]; then
	modprobe -q virtio_console
	OUTPUT=/dev/vport0p1
fi
[ -e "$OUTPUT" ] || echo "srproxy: no $OUTPUT" >/dev/kmsg
run_command
leave
