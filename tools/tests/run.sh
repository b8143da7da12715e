#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh: what srproxyctl does without a kernel module to talk to, on a build
# with sanitizers. KTAP; exits 0 passed, 1 failed, 4 skipped.
#
# SRPROXYCTL names another build to test.

set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

skip()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

# A namespace of our own: where the module is loaded, nothing of the host's
# configuration is touched.
if [ -z "${SRP_TESTS_INSIDE:-}" ] && [ "$(id -u)" = 0 ]; then
	unshare -n true 2>/dev/null || skip "no network namespaces"
	SRP_TESTS_INSIDE=1 exec unshare -n "$0" "$@"
fi

work=$(mktemp -d) || skip "no temporary directory"
trap 'rm -rf "$work"' EXIT

ctl=${SRPROXYCTL:-$top/build/bin-asan/srproxyctl}
if [ -z "${SRPROXYCTL:-}" ]; then
	make -s -C "$here/.." SANITIZE=1 all render >"$work/make" 2>&1 || {
		cat "$work/make" >&2
		exit 1
	}
fi

render=$top/build/tools-asan/render
count=0
failed=0
out=
err=
status=0
limit=60

# run ARGS...: stdout into $out, stderr into $err, exit status into $status
run()
{
	timeout "$limit" "$ctl" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	out=$(<"$work/out")
	err=$(<"$work/err")
}

report()
{
	local verdict=$1 name=$2

	count=$((count + 1))
	if [ "$verdict" = 0 ]; then
		echo "ok $count $name"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count $name"
	printf '# status %s\n' "$status"
	printf '# out: %s\n' "${out//$'\n'/$'\n'# out: }"
	printf '# err: %s\n' "${err//$'\n'/$'\n'# err: }"
}

# usage TEXT ARGS...: refused with 1, nothing on stdout, TEXT in the sentence
usage()
{
	local text=$1

	shift
	run "$@"
	[ $status = 1 ] && [ -z "$out" ] && [[ $err == *"$text"* ]]
	report $? "usage: $* -> $text"
}

# The tool found nothing wrong and asked the kernel; what that said depends on
# whether the module is loaded. 124: it was still listening.
asked()
{
	case $status in
	0 | 124) [ -z "$err" ] ;;
	2) [[ $err == "Error: "* ]] ;;
	*) false ;;
	esac
}

# kernel ARGS...: good as far as the tool can tell, so the kernel is asked
kernel()
{
	run "$@"
	asked
	report $? "asks the kernel: $*"
}

# helps OBJECT COMMAND...: help names every command, and each has its own
helps()
{
	local object=$1 command ok=0

	shift
	run "$object" help
	[ $status = 0 ] && [ -z "$err" ] || ok=1
	for command in "$@"; do
		[[ $out == *"srproxyctl $object $command"* ]] || ok=1
	done
	report $ok "help of $object"
	for command in "$@"; do
		run "$object" "$command" help
		[ $status = 0 ] && [ -z "$err" ] &&
			[[ $out == "Usage: srproxyctl $object $command"* ]]
		report $? "help of $object $command"
	done
}

# bad_file TEXT JSON: apply refuses the file with 1, TEXT in the sentence
bad_file()
{
	local text=$1 json=$2

	printf '%s' "$json" >"$work/file"
	run apply "$work/file"
	[ $status = 1 ] && [[ $err == *"$work/file"* && $err == *"$text"* ]]
	report $? "apply: $text"
}

# good_file JSON: apply finds nothing wrong, and asks the kernel
good_file()
{
	printf '%s' "$1" >"$work/file"
	run apply "$work/file"
	asked
	report $? "apply takes ${1:0:60}"
}

# batch STATUS TEXT SCRIPT ARGS...: what becomes of a batch
batch()
{
	local want=$1 text=$2 script=$3

	shift 3
	printf '%b' "$script" >"$work/batch"
	run "$@" -b "$work/batch"
	[ $status = "$want" ] && [[ $err == *"$text"* ]]
	report $? "batch: ${script:0:50}"
}

test_help()
{
	helps uplink show add set del
	helps vnf show add set del reconnect keep
	helps sid show add set del
	helps flow show count flush
	helps config show set
	helps stats show reset
	for object in monitor save apply; do
		run $object help
		[ $status = 0 ] && [[ $out == "Usage: srproxyctl $object"* ]]
		report $? "help of $object"
	done
	run help
	[ $status = 0 ] && [[ $out == Usage:* && $out == *monitor* ]]
	report $? "help"
	run sid set help
	[[ $out == *"vnf names all members, those after backup too"* ]]
	report $? "help of sid set says what vnf replaces"
	run vnf set help
	[[ $out == *"another match or inner ends the flows"* ]]
	report $? "help of vnf set says what match and inner end"
	run -V
	[ $status = 0 ] && [[ $out == "srproxyctl "* ]]
	report $? "version"
	run
	[ $status = 1 ] && [ -z "$out" ] && [[ $err == Usage:* ]]
	report $? "no words at all"
}

test_words()
{
	usage 'not a known object' frob
	usage 'more than one object' s
	usage 'not expected' sa x
	usage 'not a known object' ''
	usage 'not a known command' vnf frob
	usage 'more than one command' vnf s
	usage 'not a known command' vnf showx
	usage 'not expected here' stats reset now
	usage 'namespace' -n /nonexistent/netns stats
	usage '' -x
	kernel u
	kernel v sh
	kernel st
	kernel vnf del fw
	kernel flow flu
}

# No word of a command has two values.
test_duplicates()
{
	local dev='vnf add f dev v1' app='vnf add f app 1.2.3.4:5 dev e'
	local words

	while read -r words; do
		# shellcheck disable=SC2086 # words, as on a command line
		usage "duplicate \"${words%%|*}\": \"${words##* }\" is the second" \
			${words#*|}
	done <<-END
		dev|$dev dev v2
		in|$dev in v2 in v3
		via|$dev via inet 10.0.0.1 via inet6
		lladdr|$dev lladdr 2:0:0:0:0:1 lladdr 2:0:0:0:0:2
		dev|$app dev f
		pool|$app pool 10.0.0.0/8 pool 11.0.0.0/8
		remote|$app remote 1.2.3.4:6
		remote|vnf add f tcp remote 1.2.3.4:5 remote 1.2.3.4:6
		local|vnf add f udp local 1.2.3.4:5 local 1.2.3.4:6
		psk|vnf add f tcp remote 1.2.3.4:5 tls psk a psk b
		ca|vnf keep f tls ca a ca b
		max-delay|vnf keep f max-delay 1 max-delay 2
		match|vnf set f match flow match static
		steer|vnf set f steer none steer dscp
		steer|vnf set f steer dscp 1=16 steer dscp
		mtu|vnf set f mtu 1400 mtu 1500
		weight|vnf set f weight 1 weight 2
		max-flows|vnf set f max-flows 1 max-flows 2
		on-miss|vnf set f on-miss drop on-miss accept
		admin|vnf set f admin up admin down
		inner|vnf add f dev v1 inner ip inner ethernet
		probe|vnf set f probe none probe neigh
		probe-interval|vnf set f probe-interval 1 probe-interval 2
		probe-multiplier|vnf set f probe-multiplier 1 probe-multiplier 2
		probe-addr|vnf set f probe-addr 1.2.3.4:5 probe-addr 1.2.3.4:6
		vnf|sid add 17 vnf a vnf b
		backup|sid add 17 vnf a backup b backup c
		fallback|sid set 17 fallback drop fallback lfib
		vnf|flow show vnf a vnf b
		sid|flow show vnf a sid 16 sid 17
		ttl|config set ttl pipe ttl uniform
		icmp|config set icmp fib icmp none
		max-flows|config set max-flows 1 max-flows 2
		idle-timeout|config set idle-timeout 1 idle-timeout 2
		interval|top interval 1 interval 2
		count|top count 1 count 2
	END
	usage 'duplicate "tls"' vnf add f tcp remote 1.2.3.4:5 tls mtu 1400 tls
	usage 'duplicate "tls"' vnf keep f tls psk a max-delay 1 tls ca b
	usage '"dev" is not expected here' uplink add dev u0 dev u1
	usage '"vnf" is not expected here' flow flush vnf a vnf b
	kernel uplink add dev u0 egress via inet 10.0.0.1 dev u0
	kernel flow show sid 16 vnf a
}

# What stands before the object: in bundles, in full, as prefixes. What the
# options do is for selftests/test_config.py.
test_options()
{
	local options

	for options in -js -sj -jps -spj -psf -s -st -sta -stat -stats \
		--st --stat -stati -statistics --statistics -pre -json --json \
		'-j -s -p' '-n /proc/self/ns/net' '-jsn /proc/self/ns/net' \
		-n/proc/self/ns/net '-netns /proc/self/ns/net' \
		'-ne /proc/self/ns/net' --netns=/proc/self/ns/net; do
		# shellcheck disable=SC2086 # words, as on a command line
		kernel $options vnf show
	done
	for options in -V -jV -Ver -version --Version; do
		run "$options" frob
		[ $status = 0 ] && [[ $out == "srproxyctl "* ]]
		report $? "version: $options"
	done
	for options in -x -jx -jsx -stx -statx --jsx -jsonx -jn -b; do
		run "$options"
		[ $status = 1 ] && [ -z "$out" ] && [ -n "$err" ]
		report $? "no options: $options"
	done
	printf 'vnf help\n' >"$work/batch"
	for options in -jb -fb -b -batch -ba; do
		run "$options" "$work/batch"
		[ $status = 0 ] && [[ $out == Usage:* ]]
		report $? "batch: $options"
	done
}

test_uplink()
{
	usage '"dev IF" is missing' uplink add
	usage '"dev IF" is expected, not "eth0"' uplink add eth0
	usage '"dev" lacks its value' uplink add dev
	usage 'egress is one of hairpin, lfib, via, not "up"' \
		uplink add dev eth0 egress up
	usage '"egress" lacks' uplink add dev eth0 egress
	usage '"via" lacks' uplink add dev eth0 egress via
	usage 'inet' uplink add dev eth0 egress via ipx 1
	usage 'not an inet address' uplink add dev e egress via inet ::1 dev f
	usage 'dev IF' uplink add dev eth0 egress via inet 10.0.0.1
	usage 'not expected' uplink add dev eth0 egress lfib now
	kernel uplink add dev eth0 egress via inet6 fe80::1 dev eth1
	kernel uplink set dev eth0 egress hairpin
	kernel uplink del dev eth0
	kernel uplink show dev eth0
}

test_vnf()
{
	usage 'name is missing' vnf add
	usage '"dev IF", udp, tcp, unix or app is missing' vnf add fw
	usage 'unix or app is expected' vnf add fw eth0
	usage '"dev" lacks its value' vnf add fw dev
	usage 'not an option' vnf add fw dev v1 frob
	usage 'not an option' vnf set fw in v2
	usage 'not an Ethernet address' vnf add fw dev v1 lladdr 1:2:3
	usage 'not an Ethernet address' vnf add fw dev v1 lladdr 1:2:3:4:5:6:7
	usage 'mtu is a number' vnf add fw dev v1 mtu big
	usage 'weight is a number' vnf set fw weight -1
	usage 'weight is a number' vnf set fw weight 4294967296
	usage 'on-miss is one of accept, drop, strict' vnf set fw on-miss no
	usage '"admin" lacks its value' vnf set fw admin
	usage 'inner is one of ip, ethernet, ethernet-cw' \
		vnf set fw inner mpls
	usage 'match is one of flow, vlan, static' vnf set fw match port
	usage '"match vlan" lacks its value' vnf set fw match vlan
	usage 'is not a range' vnf set fw match vlan 9
	usage 'is not a range' vnf set fw match vlan 1-2-3
	usage 'is not LABEL' vnf set fw match static 16/ out e
	usage 'is not LABEL' vnf set fw match static 0000000000016010/17 out e
	usage 'is not a range' vnf set fw match vlan 0000000000000001-2
	usage 'is not a range' vnf set fw match vlan 1-0000000000000020
	usage 'is not VALUE=LABEL' \
		vnf set fw steer dscp 1=000000000000000000000000000016010
	usage 'a vnf cannot be called "help"' vnf add help dev v1
	kernel vnf add helpx dev v1
	usage 'lacks "out UPLINK"' vnf set fw match static 16 mtu 68
	usage 'wants "dscp" or "none"' vnf set fw steer 1=16
	usage 'is not VALUE=LABEL' vnf set fw steer dscp 64=16
	usage 'is not VALUE=LABEL' vnf set fw steer dscp 1=16,
	kernel vnf add fw dev v1 match vlan 1-4094 steer dscp 0=16,63=1048575
	kernel vnf add fw dev v1 match static 16/17 out u0 steer none
	kernel vnf add fw dev v1 in v2 via inet 10.0.0.2 match flow inner ip \
		mtu 1400 weight 2 max-flows 0x10 on-miss strict admin drain \
		probe none
	usage 'probe is one of none, neigh, inband' vnf set fw probe ping
	usage 'probe-interval is a number' vnf set fw probe-interval 1ms
	usage '"probe-addr" lacks its value' vnf set fw probe-addr
	for addr in 10.0.0.1 10.0.0.1:x 10.0.0:7 :7 '[]:7' '[::1]7' ::1:7 '[:7'; do
		usage 'is not ADDR:PORT' vnf set fw probe-addr "$addr"
	done
	kernel vnf set fw probe inband probe-addr 10.0.0.1:7 \
		probe-interval 1 probe-multiplier 30
	kernel vnf set fw probe inband probe-addr '[2001:db8::1]:65535'
	kernel vnf set fw probe neigh
	kernel vnf add fw dev v1 lladdr 2:0:0:0:0:1
	kernel vnf add fw dev v1 inner ethernet-cw
}

test_vnf_attachments()
{
	local bad

	for bad in 1.2.3.4 1.2.3.4: :5 1.2.3.4:65536 1.2.3:5 '[::1:5' '::1:5' \
		'[]:5' '[1.2.3.4]:5' 'host:5' '[' '1.2.3.4:5x'; do
		usage 'is not ADDR:PORT' vnf add f udp local "$bad"
		usage 'is not ADDR:PORT' vnf add f tcp remote "$bad"
		usage 'is not ADDR:PORT' vnf add f app "$bad"
	done
	for bad in 10.0.0.0 10.0.0/8 /8 ::/ 10.0.0.0/256 '10.0.0.0/8/8'; do
		usage 'is not a prefix' vnf add f app 1.2.3.4:5 dev e \
			pool "$bad"
	done
	usage '"unix" lacks its value' vnf add f unix
	usage '"app" lacks its value' vnf add f app
	usage '"local" lacks its value' vnf add f udp local
	usage '"pool" lacks its value' vnf add f app 1.2.3.4:5 pool
	usage 'not an option' vnf set f local 1.2.3.4:5
	usage 'name is missing' vnf reconnect
	usage 'not expected' vnf reconnect f now
	kernel vnf add f udp local 1.2.3.4:5 remote 1.2.3.4:5 mtu 1400
	kernel vnf add f udp remote '[::1]:65535' local '[2001:db8::1]:5'
	kernel vnf add f tcp remote 1.2.3.4:5
	kernel vnf add f unix /run/f match static 16 out u0
	kernel vnf add f app 1.2.3.4:5 dev e pool 10.0.0.0/8
	kernel vnf add f app '[2001:db8::1]:5' dev e pool 2001:db8::/64
	kernel vnf reconnect f
}

test_vnf_tls()
{
	usage 'name is missing' vnf keep
	usage 'name is missing' vnf keep max-delay 5
	usage '"tls" wants' vnf keep f tls
	usage '"psk" lacks its value' vnf keep f tls psk
	usage '"psk" stands alone' vnf keep f tls psk x ca y
	usage '"psk" stands alone' vnf add f tcp remote 1.2.3.4:5 tls psk x \
		name y
	usage '"identity" goes with "psk"' vnf keep f tls ca x identity y
	usage '"cert" and "key" go together' vnf keep f tls ca x cert y
	usage '"ca FILE" is missing' vnf keep f tls name x
	usage 'not an option' vnf add f tcp remote 1.2.3.4:5 tls ca x frob
	usage 'not an option' vnf set f tls
	usage 'not expected here' vnf keep f tls psk x frob
	usage 'max-delay is 1 to' vnf keep f max-delay 0
	usage 'max-delay is 1 to' vnf keep f max-delay 3601
	usage '"max-delay" lacks' vnf keep f max-delay
	usage 'goes with tcp' vnf add f unix /f tls psk x
	kernel vnf add f tcp remote 1.2.3.4:5 tls mtu 1400
	limit=5 kernel vnf keep f g max-delay 60
	batch 1 'not for a batch' 'vnf keep f\n'
	batch 1 'not for a batch' 'vnf add f tcp remote 1.2.3.4:5 tls psk x\n'
}

test_sid()
{
	usage 'label is missing' sid add
	usage '"fw" is not a label' sid add fw
	usage '"vnf NAME" is missing' sid add 16010
	usage '"vnf NAME" is missing' sid set 16010 backup fw
	usage '"vnf" lacks' sid add 16010 vnf
	usage 'fallback is one of drop, bypass, reroute, lfib' \
		sid add 16010 vnf fw fallback no
	usage 'fallback reroute" lacks' sid add 16010 vnf fw fallback reroute
	usage 'is a number, not "x"' sid add 16010 vnf fw fallback reroute x
	usage 'not expected' sid del 16010 now
	usage '"frob" is not expected here' sid add 16010 vnf fw frob
	usage '"vnf NAME" is missing' sid add 16010 fallback drop backup fw
	kernel sid add 16010 fallback drop vnf fw
	kernel sid add 16010 backup fw2 fallback reroute 16020 vnf fw
	kernel sid add 16010 vnf fw,fw2 backup fw3 fallback reroute 16020
	kernel sid set 16010 fallback bypass
	kernel sid show 16010
}

test_rest()
{
	usage 'nothing to set' config set
	usage 'not a setting' config set frob 1
	usage 'ttl is one of pipe, uniform' config set ttl short
	usage 'not expected' flow show dev x
	usage '"vnf" lacks' flow flush vnf
	usage 'sid is a number' flow show sid x
	usage '"frob" is not vnf, flow or all' monitor frob
	usage 'file is missing' apply
	usage 'No such file' apply "$work/none"
	kernel config set max-flows 5 idle-timeout 30 ttl uniform
	kernel flow show vnf fw sid 16010
	kernel flow count
	kernel -j stats
	kernel -s -j -p vnf show
	kernel save
	limit=5 kernel monitor vnf
}

test_apply_form()
{
	bad_file 'ends too early' '{"srproxy":1,'
	bad_file 'ends too early' ''
	bad_file ':3: ' $'{\n"srproxy":1,\n"vnf":}\n'
	bad_file ':1: the JSON ends too early' '{"srproxy":1,"vnf":[{"name":"a'
	bad_file 'something follows' '{"srproxy":1} x'
	bad_file ':2: something follows' $'{"srproxy":1}\n{"srproxy":1}\n'
	bad_file 'not an object' '[]'
	bad_file 'not an object' 'null'
	bad_file 'not an object' '5'
	bad_file ':2: a name is between double quotes' $'{"srproxy":1,\n\'vnf\':[]}'
	bad_file ':2: "vnf" is there twice' \
		$'{"srproxy":1,"vnf":[{"name":"a","dev":"b"}],\n"v\\u006ef":[]}'
	bad_file ':3: "dev" is there twice' \
		$'{"srproxy":1,"vnf":[\n{"name":"\\"dev\\":{[","dev":"b",\n"dev":"c"}]}'
	bad_file 'srproxy is missing' '{}'
	bad_file 'srproxy is not 1' '{"srproxy":2}'
	bad_file 'srproxy is not a whole number' '{"srproxy":"1"}'
	bad_file 'vnfs is not a known key' '{"srproxy":1,"vnfs":[]}'
	bad_file 'vnf is not an array' '{"srproxy":1,"vnf":{}}'
	bad_file 'vnf[1] is not an object' \
		'{"srproxy":1,"vnf":[{"name":"a","dev":"b"},7]}'
	bad_file 'config is not an object' '{"srproxy":1,"config":[]}'
	bad_file 'config.idle is not a known key' \
		'{"srproxy":1,"config":{"idle":1}}'
	bad_file 'config.ttl is one of' '{"srproxy":1,"config":{"ttl":"x"}}'
	bad_file 'config.max_flows is out of range' \
		'{"srproxy":1,"config":{"max_flows":-1}}'
}

test_apply_objects()
{
	local vnf='{"srproxy":1,"vnf":[{"name":"fw","dev":"v1"'
	local sid='{"srproxy":1,"sid":[{"label":16010'
	local uplink='{"srproxy":1,"uplink":[{"dev":"u"'

	bad_file 'vnf[0].dev is missing' '{"srproxy":1,"vnf":[{"name":"a"}]}'
	bad_file 'vnf[0].name is missing' '{"srproxy":1,"vnf":[{"dev":"a"}]}'
	bad_file 'vnf[0].weight is not a whole number' "$vnf,\"weight\":\"1\"}]}"
	bad_file 'vnf[0].weight is not a whole number' "$vnf,\"weight\":1.5}]}"
	bad_file 'vnf[0].mtu is out of range' "$vnf,\"mtu\":4294967296}]}"
	bad_file 'vnf[0].in is not a string' "$vnf,\"in\":null}]}"
	bad_file 'vnf[0].state is not a known key' "$vnf,\"state\":\"up\"}]}"
	bad_file 'vnf[0].type is one of dev, udp, tcp, unix, app, not "sctp"' \
		"$vnf,\"type\":\"sctp\"}]}"
	bad_file 'vnf[0].remote is not ADDR:PORT' \
		"$vnf,\"type\":\"tcp\",\"remote\":\"::1\"}]}"
	bad_file 'vnf[0].via.addr is missing' \
		"$vnf,\"via\":{\"family\":\"inet\"}}]}"
	bad_file 'vnf[0].via.family is inet or inet6' \
		"$vnf,\"via\":{\"family\":\"x\",\"addr\":\"1.2.3.4\"}}]}"
	bad_file 'vnf[0].via.dev is not a known key' \
		"$vnf,\"via\":{\"family\":\"inet\",\"addr\":\"1.2.3.4\",\"dev\":\"x\"}}]}"
	bad_file 'vnf[0].lladdr is not an Ethernet address' \
		"$vnf,\"lladdr\":\"x\"}]}"
	bad_file 'sid[0].vnf is missing or empty' "$sid}]}"
	bad_file 'sid[0].vnf is not an array' "$sid,\"vnf\":\"fw\"}]}"
	bad_file 'sid[0].backup [1] is not a string' \
		"$sid,\"vnf\":[\"fw\"],\"backup\":[\"a\",1]}]}"
	bad_file 'sid[0].vnf [1] has a zero in it' \
		"$sid,\"vnf\":[\"fw\",\"fw\\u0000zz\"]}]}"
	bad_file 'sid[0].backup [0] has a zero in it' \
		"$sid,\"vnf\":[\"fw\"],\"backup\":[\"\\u0000\"]}]}"
	bad_file 'vnf[0].name cannot be "help"' \
		'{"srproxy":1,"vnf":[{"name":"help","dev":"v1"}]}'
	bad_file 'sid[0].reroute is missing' \
		"$sid,\"vnf\":[\"fw\"],\"fallback\":\"reroute\"}]}"
	bad_file 'sid[0].reroute goes with' "$sid,\"vnf\":[\"fw\"],\"reroute\":17}]}"
	bad_file 'uplink[0].via is missing' "$uplink,\"egress\":\"via\"}]}"
	bad_file 'uplink[0].via goes with' "$uplink,\"via\":{}}]}"
	bad_file 'uplink[0].via.dev is missing' \
		"$uplink,\"egress\":\"via\",\"via\":{\"family\":\"inet\",\"addr\":\"1.2.3.4\"}}]}"
	good_file '{"srproxy":1}'
	bad_file 'vnf[0].match is one of flow, vlan, static' \
		"$vnf,\"match\":\"x\"}]}"
	bad_file 'vnf[0].vlan is not the two ends' "$vnf,\"vlan\":[1]}]}"
	bad_file 'vnf[0].static [1] is not a number' \
		"$vnf,\"static\":[16,\"a\"]}]}"
	bad_file 'vnf[0].steer.dscp.64 is not a DSCP' \
		"$vnf,\"steer\":{\"dscp\":{\"64\":16}}}]}"
	good_file "$vnf,\"match\":\"vlan\",\"vlan\":[1,2]}]}"
	good_file "$vnf,\"match\":\"static\",\"static\":[16],\"out\":\"u0\"}]}"
	good_file "$vnf,\"steer\":{\"dscp\":{\"1\":16}}}]}"
	good_file "$vnf,\"type\":\"dev\",\"match\":\"flow\",\"mtu\":0}]}"
	good_file "$sid,\"vnf\":[\"a\"],\"fallback\":\"reroute\",\"reroute\":17}]}"
	good_file "$uplink,\"egress\":\"lfib\"}]}"
}

# renders WHAT FILE: made-up answers of the kernel are shown as the file has it
renders()
{
	[ -x "$render" ] || return
	"$render" "$1" >"$work/out" 2>"$work/err"
	status=$?
	out=$(diff "$here/$2" "$work/out" 2>&1)
	err=$(<"$work/err")
	[ $status = 0 ] && [ -z "$out$err" ]
	report $? "renders: $1"
}

# answers OPTIONS... OBJECT show: what stands in for the kernel's objects
answers()
{
	case "$*" in
	*uplink\ show) echo "dev u0 egress hairpin" ;;
	*vnf\ show) echo "fw dev v1" ;;
	*sid\ show) echo "16010 vnf fw" ;;
	esac
}

# completes WORDS WANTED UNWANTED: what may stand in place of the last word
completes()
{
	local words want=$2 unwanted=$3 word ok=0

	read -ra words <<<"$1"
	[ "${1% }" = "$1" ] || words+=('')
	out=$(
		# shellcheck source=tools/srproxyctl/bash-completion
		. "$top/tools/srproxyctl/bash-completion"
		srproxyctl() { answers "$@"; }
		COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
		_srproxyctl
		printf '%s ' "${COMPREPLY[@]}"
	) 2>"$work/err"
	err=$(<"$work/err")
	[ -z "$err" ] || ok=1
	for word in $want; do
		[[ " $out" == *" $word "* ]] || ok=1
	done
	for word in $unwanted; do
		[[ " $out" != *" $word "* ]] || ok=1
	done
	report $ok "completes: $1"
}

test_completion()
{
	completes 'srproxyctl ' 'uplink vnf sid flow config stats top -n' add
	completes 'srproxyctl v' vnf 'uplink sid'
	completes 'srproxyctl -n x -j vnf ' 'show add set del keep' uplink
	completes 'srproxyctl vnf add x ' 'dev udp tcp unix app match weight' \
		'show hairpin'
	completes 'srproxyctl vnf add x ma' 'match max-flows' 'dev weight'
	completes 'srproxyctl vnf add x dev ' lo 'udp match'
	completes 'srproxyctl vnf add x dev lo match ' 'flow vlan static' weight
	completes 'srproxyctl vnf set x probe ' 'none neigh inband' dev
	completes 'srproxyctl uplink add dev ' lo egress
	completes 'srproxyctl uplink add dev lo egress ' 'hairpin lfib via' dev
	completes 'srproxyctl uplink add dev lo egress via ' 'inet inet6' lfib
	completes 'srproxyctl sid add 16001 vnf a fallback ' \
		'drop bypass reroute lfib' 'backup vnf'
	completes 'srproxyctl config set ttl ' 'pipe uniform' max-flows
	completes 'srproxyctl vnf set x steer dscp ' '' 'match weight dscp'
	completes 'srproxyctl vnf set x steer dscp 1=16 ' 'match weight' dscp
	completes 'srproxyctl vnf set x match vlan ' '' 'steer flow'
	completes 'srproxyctl vnf set x match static ' '' 'steer flow'
	completes 'srproxyctl vnf set x match static 16/17 ' out 'steer flow'
	completes 'srproxyctl vnf set x match static 16/17 out ' u0 'lo dev'
	completes 'srproxyctl vnf set x match static 16/17 out u0 ' steer lo
	completes 'srproxyctl top ' 'interval count help' show
	completes 'srproxyctl top interval ' '' 'interval count'
	completes 'srproxyctl top interval 5 ' 'interval count' help
	completes 'srproxyctl top interval 5 count ' '' 'interval count'
	completes 'srproxyctl v sh ' fw 'match dev'
	completes 'srproxyctl v a' 'add' show
	completes 'srproxyctl v a x ' 'dev udp' show
	completes 'srproxyctl s ' '' 'show add'
	completes 'srproxyctl u s' 'show set' add
	completes 'srproxyctl u set ' '' 'show'
	completes 'srproxyctl -jsn x vn ' 'show add' uplink
}

test_top()
{
	usage '"interval" lacks its value' top interval
	usage 'interval is 0.05 to 3600 s' top interval x
	usage 'interval is 0.05 to 3600 s' top interval 0.01
	usage 'interval is 0.05 to 3600 s' top interval nan
	usage 'interval is 0.05 to 3600 s' top interval 1s
	usage '"count" lacks its value' top count
	usage 'count is a number' top count 0
	usage 'not expected' top frob
	usage 'not expected' stats --openmetrics now
	kernel top interval 0.1 count 1
	kernel -j top interval 0.1
	kernel stats --openmetrics
	renders metrics metrics.txt
	renders text top.txt
	renders json top.json
	renders quantiles quantiles.txt
}

test_batch()
{
	batch 0 '' '# nothing\n\n   # but comments\n'
	batch 0 '' 'vnf help\nsid \\\n help # here\n"help"'
	[[ $out == *"srproxyctl vnf"*"srproxyctl sid"*"OBJECT :="* ]]
	report $? "batch: each command was run"
	batch 1 ':3' '\n# \nfrob\nvnf help\n'
	[ -z "$out" ]
	report $? "batch: stops at the first error"
	batch 1 ':2' 'vnf help\nvnf \\\n\\\nfrob x\n'
	batch 1 ':1' 'frob\nvnf help\n' -f
	[[ $out == *"srproxyctl vnf"* ]]
	report $? "batch: goes on with -f"
	batch 2 ':1' 'vnf del nonesuch\n'
	batch 1 'quote' 'vnf del "fw\n'
	usage 'No such file' -b "$work/none"
	printf 'stats help\n' >"$work/in"
	"$ctl" -b - <"$work/in" >"$work/out" 2>&1 &&
		grep -q 'srproxyctl stats' "$work/out"
	report $? "batch from stdin"
}

main()
{
	echo "KTAP version 1"
	test_help
	test_words
	test_options
	test_duplicates
	test_uplink
	test_vnf
	test_vnf_attachments
	test_vnf_tls
	test_sid
	test_rest
	test_apply_form
	test_apply_objects
	test_completion
	test_top
	test_batch
	echo "1..$count"
	echo "# $((count - failed)) passed, $failed failed"
	[ $failed = 0 ]
}

main
