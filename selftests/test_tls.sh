#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Functions behind TLS: handshakes that are to succeed and to be refused, with
# keys and with certificates; packets through the kernel's TLS; far ends that
# die. Topology: topo_far.sh

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/topo_one.sh
. "$SELFTESTS/topo_one.sh"
# shellcheck source=selftests/topo_far.sh
. "$SELFTESTS/topo_far.sh"

quiet_openssl()
{
	openssl "$@" >/dev/null 2>&1
}

# new_key FILE ARGS...: openssl req with a new key in FILE.key
new_key()
{
	quiet_openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$1.key" "${@:2}" || skip_all "openssl makes no key"
}

# certificate NAME DAYS SUBJECT-ALTERNATIVE-NAMES: signed by ca
certificate()
{
	new_key "$1" -new -out "$1.csr" -subj "/CN=$1"
	echo "subjectAltName=$3" >"$1.ext"
	quiet_openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key \
		-CAcreateserial -out "$1.pem" -extfile "$1.ext" -days "$2" ||
		skip_all "openssl signs nothing"
}

# What the far end and the proxy know each other by.
credentials()
{
	umask 077
	new_key ca -x509 -out ca.pem -days 3650 -subj /CN=ca \
		-addext basicConstraints=critical,CA:true
	certificate fn 3650 DNS:fn.example,IP:10.3.1.2,IP:2001:db8:31::2
	certificate me 3650 DNS:proxy.example
	certificate old -1 DNS:fn.example,IP:10.3.1.2
	{
		echo proxy:00112233445566778899aabbccddeeff
		echo other:ffeeddccbbaa99887766554433221100
	} >psk
	echo proxy:ff112233445566778899aabbccddeeff >psk-wrong
	echo nothing of the kind >psk-none
	cp psk psk-open
	chmod 644 psk-open
}

require_srproxy
require srp-vnf-echo openssl
[ -d /sys/module/tls ] || modprobe -q tls ||
	[ -e /proc/net/tls_stat ] || skip_all "this kernel has no TLS"
topo_far
FAR=$(mktemp -d)
FILES+=("$FAR")
export FAR
cd "$FAR" || skip_all "no temporary directory"
credentials
run_python "$@"
