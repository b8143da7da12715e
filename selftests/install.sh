#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install.sh [-l] [CHECK...]
#
# Check what the Makefile leaves on a disk: install, dkms and deb, and that
# "make check NATIVE=1" works where modules can be loaded (in a VM). All is
# done in a copy of the sources, build/install/src; nothing is installed.
#   -l      only list the checks

# shellcheck disable=SC2317 # the checks are called by name

set -u
REPO=$(cd "$(dirname "$0")/.." && pwd)
CHECKS=(files prefix dkms packages native)
# The kernel whose headers the cache has; not the host's, if that has some.
KERNEL=6.1
WORK=$REPO/build/install
SRC=$WORK/src

cd "$REPO" || exit 1
. selftests/checks.sh

# copy: the sources as they are, with nothing that was built
copy()
{
	rm -rf "$WORK"
	mkdir -p "$SRC"
	{
		git ls-files -co --exclude-standard 2>/dev/null ||
			find . -path ./build -prune -o -type f -print
	} | while read -r f; do
		[ ! -e "$f" ] || echo "$f"
	done | tar -c -T - | tar -x -C "$SRC" && "$SRC/selftests/vm/kernels.sh" "$KERNEL"
}

# in_src TARGET...: make there, for the kernel of the cache; says why it failed
in_src()
{
	make -s -C "$SRC" KDIR= KERNEL="$KERNEL" "$@" >"$TMP/make" 2>&1 || {
		echo "make $*:"
		tail -n 15 "$TMP/make"
		return 1
	}
}

release()
{
	cat "$SRC/build/kernels/$KERNEL/release"
}

# tree DIR: the files in it, sorted
tree()
{
	(cd "$1" && find . -type f | cut -c 3- | LC_ALL=C sort)
}

# same EXPECTED FOUND: two lists; what differs is printed
same()
{
	diff <(LC_ALL=C sort <<<"$1") <(LC_ALL=C sort <<<"$2") | grep '^[<>]'
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

# tools_of PREFIX: what the tools install
tools_of()
{
	cat <<-EOT
	$1/bin/srp-vnf-echo
	$1/lib/systemd/system/srproxy-keep@.service
	$1/lib/systemd/system/srproxy-metrics.service
	$1/lib/systemd/system/srproxy-metrics.timer
	$1/libexec/srproxy/srproxy-metrics
	$1/sbin/srproxyctl
	$1/share/bash-completion/completions/srproxyctl
	$1/share/doc/srproxy-tools/examples/echo.c
	$1/share/man/man8/srproxyctl.8
	$1/share/srproxy/grafana.json
	EOT
}

# Every file in its place, the module under the kernel it is for, and the CLI
# that was installed runs.
files()
{
	local to=$WORK/files module

	in_src install DESTDIR="$to" || return
	module=lib/modules/$(release)/extra/srproxy.ko
	same "$(tools_of usr; echo "$module")" "$(tree "$to")" || return
	/sbin/modinfo -F vermagic "$to/$module" | grep -qF "$(release) " || {
		echo "$module is another kernel's"
		return 1
	}
	"$to/usr/sbin/srproxyctl" -V | grep -q '^srproxyctl ' || {
		echo "srproxyctl -V says nothing"
		return 1
	}
}

# PREFIX moves the tools and what refers to them, and not the module
prefix()
{
	local to=$WORK/prefix unit

	in_src install DESTDIR="$to" PREFIX=/opt/srp || return
	same "$(tools_of opt/srp; echo "lib/modules/$(release)/extra/srproxy.ko")" \
		"$(tree "$to")" || return
	unit=$to/opt/srp/lib/systemd/system
	grep -n '/usr/' "$unit/srproxy-metrics.service" "$unit/srproxy-keep@.service"
	[ $? -eq 1 ] || return
	grep -qF /opt/srp/libexec/srproxy/srproxy-metrics \
		"$unit/srproxy-metrics.service"
}

# dkms would build the module out of what it is given, by dkms.conf's words
dkms()
{
	local to=$WORK/dkms conf here ko dkms_tree

	# there are objects, that may not come along
	in_src modules KDIR="$SRC/build/kernels/$KERNEL/kdir" || return
	in_src dkms DESTDIR="$to" || return
	here=$to/usr/src/srproxy-$(sed -n 's/^VERSION := //p' Makefile)
	same "$(cd "$SRC" && git -C "$REPO" ls-files -co --exclude-standard \
		Kbuild dkms.conf kmod uapi)" "$(tree "$here")" || return
	conf=$here/dkms.conf
	dkms_tree=$WORK/dkms-tree
	# shellcheck disable=SC2034 # dkms.conf does
	kernel_source_dir=$(readlink -f "$SRC/build/kernels/$KERNEL")/kdir
	# shellcheck disable=SC1090,SC2154 # dkms reads it so, too
	. "$conf"
	mkdir -p "$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION"
	cp -r "$here" "$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build"
	eval "${MAKE[0]//make -C/make -s -j$(nproc) -C}" >"$TMP/make" 2>&1 || {
		tail -n 15 "$TMP/make"
		return 1
	}
	grep -i warning "$TMP/make" && return 1
	ko=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build
	ko+=/${BUILT_MODULE_LOCATION[0]}/${BUILT_MODULE_NAME[0]}.ko
	[ -f "$ko" ] || echo "no ${ko#"$dkms_tree/"}"
	[ -f "$ko" ]
}

# deb FIELD: of build/*.deb in the copy, the one whose name begins so
deb()
{
	find "$SRC/build" -maxdepth 1 -name "$1_*.deb" | head -n 1
}

# The packages have what install has, and what dkms needs.
packages()
{
	local tools module version

	type -P dh_dkms >/dev/null || type -P dh >/dev/null ||
		[ "$(id -u)" -eq 0 ] || skip 'no debhelper: selftests/vm/deps.sh deb'
	in_src deb || return
	tools=$(deb srproxy-tools)
	module=$(deb srproxy-dkms)
	version=$(sed -n 's/^VERSION := //p' Makefile)
	mkdir -p "$WORK/deb"
	dpkg-deb -x "$tools" "$WORK/deb/tools" || return
	dpkg-deb -x "$module" "$WORK/deb/module" || return
	same "$(tools_of usr | sed 's/srproxyctl\.8$/&.gz/')" \
		"$(tree "$WORK/deb/tools" | sed 's/^lib\/systemd/usr\/&/' |
			grep -vE '/doc/srproxy-tools/(changelog|copyright)')" ||
		return
	tree "$WORK/deb/module" | grep -qF "src/srproxy-$version/kmod/core.c" || {
		echo 'the module package has no sources'
		return 1
	}
	[ "$(dpkg-deb -f "$tools" Version)" = "$version" ] ||
		echo "the package is not version $version"
	[ "$(dpkg-deb -f "$tools" Version)" = "$version" ]
}

# native_guest: in the VM, where /lib/modules cannot be written to, what a host
# with its kernel's headers does
native_guest()
{
	local modules

	modules=/lib/modules/$(uname -r)
	mkdir /run/orig /run/modules
	mount --bind "$modules" /run/orig
	ln -s /run/orig/* /run/modules
	ln -s "$SRC/build/kernels/$KERNEL/kdir" /run/modules/build
	mount --bind /run/modules "$modules"
	make -s -C "$SRC" check NATIVE=1 TESTS=attach && [ ! -d /sys/module/srproxy ]
}

# On a host that can load modules: its own is built (before, as an emulated
# CPU would need long for that), loaded, tested, and unloaded.
native()
{
	in_src modules KDIR="$SRC/build/kernels/$KERNEL/kdir" || return
	in_src tools || return
	if ! "$SRC/selftests/vm/vm.sh" -k "$KERNEL" -n -s 1 -t 1200 \
		"$SRC/selftests/install.sh -g" >"$TMP/native" 2>&1 ||
		! grep -qE '^[1-9][0-9]* passed, 0 failed' "$TMP/native"; then
		tail -n 15 "$TMP/native"
		return 1
	fi
}

if [ "${1:-}" = -g ]; then
	SRC=$REPO
	native_guest
	exit
fi
copy || exit 1
run_checks "$REPO/selftests/install.sh" "$@"
