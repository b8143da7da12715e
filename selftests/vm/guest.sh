#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh qemu|uml RUN_DIR
#
# What a guest runs as process 1 once its root is writable: file systems,
# module, CMD, exit status, off. vm.sh and uml.sh put the files env (REPO NAME
# KERNEL_DIR MODULE OUTPUT LEAKS), cmd and shares into the run's folder, which
# is /run/srproxy-vm in the guest. Busybox, since every exec counts
# in UML; its shell prefers its own programs, once /proc is there.
# shellcheck shell=dash
# shellcheck disable=SC2153 # from env

PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount_all()
{
	/bin/busybox mount -t proc proc /proc
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

# mount_share TAG FOLDER PLACE: a folder of the host, writable
mount_share()
{
	if [ "$RIG" = uml ]; then
		mount -t hostfs -o "$2" none "$3"
	else
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=mmap \
			"$1" "$3"
	fi
}

mount_shares()
{
	local i=0 folder

	while read -r folder; do
		i=$((i + 1))
		mount_share "share$i" "$folder" "$folder"
	done </run/srproxy-vm/shares
}

mount_modules()
{
	local to

	to=/lib/modules/$(uname -r)
	mkdir -p "$to"
	mount --bind "$KERNEL_DIR/modules$to" "$to"
}

settle()
{
	hostname srproxy-guest
	ip link set lo up
	ulimit -c 0
	ulimit -n 65536
	export PATH="$REPO/build/bin:/usr/local/sbin:/usr/local/bin:$PATH"
	export HOME=/root TERM=dumb LANG=C.UTF-8 USER=root LOGNAME=root
	export SRPROXY_RIG="$RIG" SRPROXY_KERNEL="$NAME"
	cd "$REPO" || cd /
}

# A guest has nothing random, and getrandom(2) waits for it: minutes in UML.
# RNDADDENTROPY with what the host put into the run's folder.
seed_random()
{
	perl -e 'open F, "<", "/run/srproxy-vm/seed"; read F, $s, 32;
		open R, ">", "/dev/random"; $i = pack "iia32", 256, 32, $s;
		ioctl R, 0x40085203, $i'
}

# The line to the host: a virtio port in QEMU.
open_output()
{
	[ "$RIG" = qemu ] || {
		stty raw -echo -F "$OUTPUT"
		return
	}
	/sbin/modprobe -a -q virtio_console mpls_router mpls_iptunnel mpls_gso nf_tables
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -e "$OUTPUT" ] || return 0
		sleep 0.5
	done
	echo "<2>srproxy: no $OUTPUT" >/dev/kmsg
}

load_module()
{
	[ -n "$MODULE" ] || return 0
	if [ ! -f "$MODULE" ]; then
		echo "guest: no module at $MODULE: srproxy is not loaded" >&2
	elif ! /sbin/insmod "$MODULE"; then
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
		/bin/bash /run/srproxy-vm/cmd </dev/null
		status=$?
	fi
	scan_leaks
	dmesg >/run/srproxy-vm/dmesg
	echo "$status" >/run/srproxy-vm/status.tmp
	mv /run/srproxy-vm/status.tmp /run/srproxy-vm/status
} >"$OUTPUT" 2>&1

RIG=$1
mount_all
mount_share share0 "$2" /run/srproxy-vm
# shellcheck source=/dev/null
. /run/srproxy-vm/env
unset SRP_VM SRP_RUN mem uml_dir umid ncpus
mount_modules
mount_shares
settle
seed_random
open_output
run_command
sync
poweroff -f
