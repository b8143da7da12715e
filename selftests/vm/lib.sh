#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scripts of this folder share: messages, places, locks, an apt that
# looks at one suite and installs nothing. Sourced, never run.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$VM_DIR/../.." && pwd)
KERNELS=$REPO/build/kernels
CACHE=${SRPROXY_CACHE:-$HOME/.cache/srproxy}
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# say SENTENCE...: progress, on stderr; SRPROXY_QUIET=1 silences it
say()
{
	[ -n "${SRPROXY_QUIET:-}" ] || echo "${0##*/}: $*" >&2
}

# die SENTENCE...: the reason, on stderr; 125 tells it from a failed CMD
die()
{
	echo "${0##*/}: $*" >&2
	exit 125
}

# need PROGRAM...: refuse to start without them
need()
{
	local p

	for p; do
		command -v "$p" >/dev/null || PATH=$PATH:/usr/sbin:/sbin \
			command -v "$p" >/dev/null ||
			die "$p is missing: run selftests/vm/deps.sh"
	done
}

# locked NAME COMMAND...: run the function or program, one at a time per NAME
locked()
{
	local name=$1

	shift
	mkdir -p "$CACHE/lock"
	(
		flock -n 9 || {
			say "waiting for another run that holds $name"
			flock 9
		}
		"$@" 9>&-
	) 9>"$CACHE/lock/$name"
}

# quietly LOG COMMAND...: the output goes to LOG, and its end to us on failure
quietly()
{
	local log=$1

	shift
	"$@" >"$log" 2>&1 </dev/null && return
	tail -n 40 "$log" >&2
	echo "${0##*/}: failed: $* (log: $log)" >&2
	return 1
}

# build_warned LOG: print what a build warned of; false if of nothing. That we
# lack the very compiler and pahole of the kernel's builder is no news.
build_warned()
{
	grep -v -E 'warning: (pahole version|the compiler) differs' "$1" |
		grep -E -A 6 'warning:|WARNING:|error:' >&2
}

# mirror_of ARCHIVE: where this machine's own apt has debian, debian-security
mirror_of()
{
	# shellcheck disable=SC2016 # the variable is apt's
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		grep -E "/$1/?$" | head -n 1 | grep . ||
		die "apt knows no mirror of $1: set SRPROXY_MIRROR, SRPROXY_SECURITY_MIRROR"
}

# suite_of KERNEL: the Debian suite that ships it
suite_of()
{
	case $1 in
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	newest) echo "${SRPROXY_NEWEST_SUITE:-sid}" ;;
	*) die "unknown kernel '$1' (6.1, 6.12 or newest)" ;;
	esac
}

sources_of()
{
	local suite=$1 by="[signed-by=$KEYRING]" mirror

	mirror=${SRPROXY_MIRROR:-$(mirror_of debian)}
	echo "deb $by $mirror $suite main"
	case $suite in
	*-backports)
		echo "deb $by $mirror ${suite%-backports} main"
		return
		;;
	sid | unstable | experimental | forky | testing) return ;;
	esac
	echo "deb $by $mirror $suite-updates main"
	mirror=${SRPROXY_SECURITY_MIRROR:-$(mirror_of debian-security)}
	echo "deb $by $mirror $suite-security main"
}

# suite_apt SUITE PROGRAM ARG...: apt on lists, state and cache of our own
suite_apt()
{
	local d=$CACHE/apt/$1 program=$2

	shift 2
	"$program" -o Dir::Etc::sourcelist="$d/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::State="$d/state" \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State::lists="$d/lists" -o Dir::Cache="$d/cache" \
		-o Dir::State::status="$d/status" -o Acquire::Languages=none \
		-o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}

# suite_update SUITE: fetch the suite's package lists
suite_update()
{
	local d=$CACHE/apt/$1

	mkdir -p "$d/state" "$d/lists/partial" "$d/cache/archives/partial"
	: >"$d/status"
	sources_of "$1" >"$d/sources.list"
	say "reading the package lists of Debian $1"
	quietly "$d/update.log" suite_apt "$1" apt-get -qq update
}

# suite_resolve SUITE PACKAGE...: "name version" of all that they pull in
suite_resolve()
{
	local suite=$1

	shift
	suite_apt "$suite" apt-get install -y -qq --no-install-recommends \
		--print-uris "$@" |
		sed -E "s/^\S+ ([^_ ]+)_([^_ ]+)_\S+ .*/\1 \2/; s/%3a/:/"
}

# suite_unpack SUITE DIR PACKAGE...: download and dpkg -x into DIR
suite_unpack()
{
	local suite=$1 dir=$2 deb

	shift 2
	mkdir -p "$dir" "$dir.debs"
	say "downloading from Debian $suite: $*"
	(cd "$dir.debs" && quietly "$dir.debs/log" \
		suite_apt "$suite" apt-get -qq download "$@")
	for deb in "$dir.debs"/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	rm -rf "$dir.debs"
}

# complete DIR RECIPE: was DIR finished, by this recipe?
complete()
{
	[ -f "$1/.complete" ] && [ "$(cat "$1/.complete")" = "$2" ]
}

# newest_complete RECIPE DIR...: the last finished of the folders, if any
newest_complete()
{
	local recipe=$1 d last=

	shift
	for d in $(printf '%s\n' "$@" | sort -V); do
		! complete "$d" "$recipe" || last=$d
	done
	[ -z "$last" ] || echo "$last"
}

# publish DIR NAME: build/kernels/NAME -> DIR, in one step
publish()
{
	local tmp=$KERNELS/.$2.$$

	mkdir -p "$KERNELS"
	[ "$(readlink "$KERNELS/$2" || :)" != "$1" ] || return 0
	ln -s "$1" "$tmp"
	mv -T "$tmp" "$KERNELS/$2"
}
