#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vm.sh [-k KERNEL] [-m MEM] [-s SMP] [-t TIMEOUT] [-i] [-n] [-w] [-o DIR]... CMD
#
# Run CMD as root in QEMU, on a stock Debian kernel, over the host's own files.
#   -k KERNEL   6.1 (default), 6.12 or newest
#   -m MEM      2G         -s SMP  2 processors        -t TIMEOUT  600 s
#   -i          count instructions: one is one virtual nanosecond
#   -n          do not build or load srproxy.ko
#   -o DIR      a folder of the host that CMD may write to, under the same path
#   -w          only report what the kernel complains of
#   -A ARGS     more for the kernel's command line
# What CMD writes, and nothing else, is our stdout. We exit as CMD did; 99: the
# kernel complained; 124: time was up; 125: the rig itself failed.

# shellcheck disable=SC2317 # "locked" and "quietly" call functions by name
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$VM_DIR/run.sh"

KERNEL=6.1 MEM=2G SMP=2 TIMEOUT=600 ICOUNT='' NO_MODULE='' WARN='' ARGS=''
SHARES=()

MODULES='virtio_pci 9pnet_virtio 9p overlay'

usage()
{
	sed -n '4,16s/^# \?//p' "$0" >&2
	exit 125
}

# The modules that reach the root, uncompressed, each after what it needs.
add_modules()
{
	local dir=$1 tree=$2 m file name

	mkdir -p "$tree/modules"
	for m in $MODULES; do
		/sbin/modprobe -d "$dir/modules" -S "$(cat "$dir/release")" \
			--show-depends "$m"
	done | awk '$1 == "insmod" && !seen[$2]++ {print $2}' |
		while read -r file; do
			name=$(basename "${file%.ko*}").ko
			case $file in
			*.xz) xz -dc "$file" >"$tree/modules/$name" ;;
			*.zst) zstd -qdc "$file" >"$tree/modules/$name" ;;
			*) cp "$file" "$tree/modules/$name" ;;
			esac
			echo "$name"
		done >"$tree/modules/order"
}

make_initrd()
{
	local dir=$1 initrd=$2 tree=$1/initrd.tree

	need cpio xz zstd modprobe
	[ -x /bin/busybox ] || die "busybox-static is missing: run selftests/vm/deps.sh vm"
	rm -rf "$tree" "$dir"/initrd-*
	mkdir -p "$tree/bin"
	cp /bin/busybox "$tree/bin/"
	ln -s busybox "$tree/bin/sh"
	cp "$VM_DIR/initramfs-init" "$tree/init"
	chmod 755 "$tree/init"
	add_modules "$dir" "$tree"
	(cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$initrd.tmp"
	mv "$initrd.tmp" "$initrd"
	rm -rf "$tree"
}

get_initrd()
{
	local dir=$1

	INITRD=$dir/initrd-$(cat "$VM_DIR/initramfs-init" - <<<"$MODULES" |
		cksum | cut -d' ' -f1)
	[ -f "$INITRD" ] || locked "initrd-$KERNEL" make_initrd "$dir" "$INITRD"
}

# Does a guest say hello under KVM? Asked once per boot of this machine.
kvm_works()
{
	local file

	file=$CACHE/kvm-$(cat /proc/sys/kernel/random/boot_id)
	[ -w /dev/kvm ] || return 1
	[ -f "$file" ] || {
		rm -f "$CACHE"/kvm-*
		say "trying KVM"
		timeout -s KILL 6 qemu-system-x86_64 -accel kvm -cpu host \
			-m 256M -nodefaults -no-user-config -no-reboot \
			-display none -serial stdio \
			-kernel "$DIR/vmlinuz" -initrd "$INITRD" \
			-append 'console=ttyS0 quiet panic=-1 SRP_PROBE=1' \
			</dev/null 2>&1 | grep -a -o srp-probe-ok >"$file" || :
	}
	grep -q srp-probe-ok "$file"
}

# The guest's clock under TCG is the host's counter: spare it measuring.
host_khz()
{
	local mhz

	mhz=$(dmesg 2>/dev/null | sed -n 's/.*tsc: .* \([0-9.]*\) MHz.*/\1/p' |
		tail -n 1) || :
	[ -n "$mhz" ] || mhz=$(sed -n 's/^cpu MHz.*: //p;T;q' /proc/cpuinfo)
	awk "BEGIN {printf \"%d\", ${mhz:-2000} * 1000}"
}

choose_accel()
{
	if [ -n "$ICOUNT" ]; then
		ACCEL=(-accel 'tcg,thread=single' -icount 'shift=0,sleep=off'
			-smp 1 -cpu qemu64)
		ARGS+=' tsc_early_khz=1000000'
	elif kvm_works; then
		ACCEL=(-accel kvm -smp "$SMP" -cpu host)
	else
		ACCEL=(-accel 'tcg,thread=multi' -smp "$SMP"
			-cpu 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt')
		ARGS+=" tsc_early_khz=$(host_khz)"
	fi
}

share_args()
{
	local i

	FSDEV=(-fsdev 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap'
		-device 'virtio-9p-pci,fsdev=root,mount_tag=root')
	set -- "$RUN" ${SHARES[@]+"${SHARES[@]}"}
	for ((i = 0; i < $#; i++)); do
		FSDEV+=(-fsdev "local,id=s$i,path=${*:i+1:1},security_model=none,multidevs=remap"
			-device "virtio-9p-pci,fsdev=s$i,mount_tag=share$i")
	done
}

boot()
{
	run_guest qemu-system-x86_64 "${ACCEL[@]}" -m "$MEM" \
		-nodefaults -no-user-config -no-reboot -display none \
		-machine 'pc,hpet=off' -kernel "$DIR/vmlinuz" -initrd "$INITRD" \
		-append "console=ttyS0 loglevel=5 log_buf_len=4M panic=-1 mitigations=off SRP_VM=$VM_DIR SRP_RUN=$RUN $ARGS" \
		-chardev "file,id=console,path=$RUN/console" -serial chardev:console \
		-device virtio-serial-pci -chardev "file,id=out,path=$RUN/out" \
		-device 'virtserialport,chardev=out,name=out' \
		"${FSDEV[@]}" </dev/null >"$RUN/qemu" 2>&1
}

# Read as a whole before it runs: the file may change below us.
main()
{
	while getopts k:m:s:t:inwo:A: opt; do
		case $opt in
		k) KERNEL=$OPTARG ;;
		m) MEM=$OPTARG ;;
		s) SMP=$OPTARG ;;
		t) TIMEOUT=$OPTARG ;;
		i) ICOUNT=1 ;;
		n) NO_MODULE=1 ;;
		w) WARN=1 ;;
		o) SHARES+=("$(share_path "$OPTARG")") ;;
		A) ARGS+=" $OPTARG" ;;
		*) usage ;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# -eq 1 ] || usage

	need qemu-system-x86_64
	suite_of "$KERNEL" >/dev/null
	"$VM_DIR/kernels.sh" "$KERNEL"
	DIR=$(readlink -f "$KERNELS/$KERNEL")
	MODULE=$(module_for "$KERNEL")
	get_initrd "$DIR"
	new_run
	choose_accel
	share_args
	write_env "$KERNEL" "$1" "$MODULE" /dev/vport0p1 '' ${SHARES[@]+"${SHARES[@]}"}
	stream_output
	status=0
	boot || status=$?
	end_output "$status"
	[ ! -s "$RUN/qemu" ] || grep -v 'terminating on signal' "$RUN/qemu" >&2 || :
	verdict "$status" "$WARN"
}

main "$@"
