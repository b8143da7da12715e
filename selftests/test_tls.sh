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

# certificate NAME ARGS...: NAME.pem and NAME.key
certificate()
{
	quiet_openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -keyout "$1.key" -out "$1.pem" -days 3650 -subj "/CN=$1" \
		"${@:2}" || skip_all "openssl makes no certificate"
}

# signed NAME SUBJECT-ALTERNATIVE-NAMES: by ca
signed()
{
	certificate "$1" -CA ca.pem -CAkey ca.key \
		-addext basicConstraints=critical,CA:false \
		-addext "subjectAltName=$2"
}

# What the far end and the proxy know each other by.
credentials()
{
	umask 077
	certificate ca -addext basicConstraints=critical,CA:true
	signed fn DNS:fn.example,IP:10.3.1.2,IP:2001:db8:31::2
	signed me DNS:proxy.example
	quiet_openssl req -new -key fn.key -subj /CN=old -out old.csr \
		-addext subjectAltName=DNS:fn.example
	quiet_openssl x509 -req -in old.csr -CA ca.pem -CAkey ca.key \
		-set_serial 7 -copy_extensions copy -days -1 -out old.pem ||
		skip_all "openssl signs nothing"
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
folder FAR
cd "$FAR" || skip_all "no temporary directory"
credentials
run_python "$@"
