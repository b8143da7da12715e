// SPDX-License-Identifier: Apache-2.0
/*
 * The feature micro-service, exact: a slot holds the whole 5-tuple, sums of
 * squares are 64 bits wide, a tick is bmv2's microsecond.
 *
 * A slot belongs to the session in it until that was idle for IDLE_TICKS. A
 * window begins with its session's first packet and lasts until a packet with
 * NFV labels comes at least its length later: that one counts in the next.
 */

#ifndef SRP_FEATURE_V1MODEL_P4
#define SRP_FEATURE_V1MODEL_P4

#define KEY_BITS	296
#define SUMS_BITS	304

const bit<64> MAX64 = 0xffffffffffffffff;

const bit<48> IDLE_TICKS = 5_000_000_000 / TICK_NS;

/* The sums of one direction, as they lie in a register. */
struct sums_t {
	bit<32> packets;
	bit<32> bytes;
	bit<64> bytes_sq;
	bit<64> iat;
	bit<64> iat_sq;
	bit<48> last;	/* tick of the last packet in this window, 0: none */
}

/* One packet more. */
control Add(inout sums_t sums, in bit<48> now, in bit<16> size) {
	bit<64> wide;
	apply {
		if (sums.packets != 0) {
			wide = (bit<64>)(now - sums.last);
			sums.iat = sums.iat |+| wide;
			if (wide[63:32] == 0)
				sums.iat_sq = sums.iat_sq |+| wide * wide;
			else
				sums.iat_sq = MAX64;
		}
		wide = (bit<64>)size;
		sums.packets = sums.packets |+| 1;
		sums.bytes = sums.bytes |+| (bit<32>)size;
		sums.bytes_sq = sums.bytes_sq |+| wide * wide;
		sums.last = now;
	}
}

control Feature(in headers_t hdr, inout meta_t md, in bit<48> now) {
	register<bit<KEY_BITS>, bit<16>>(SESSIONS) slot_key;
	register<bit<48>, bit<16>>(SESSIONS) slot_last;
	register<bit<48>, bit<16>>(SESSIONS) slot_start;
	register<bit<32>, bit<16>>(SESSIONS) slot_number;
	register<bit<SUMS_BITS>, bit<16>>(SESSIONS) slot_down;
	register<bit<SUMS_BITS>, bit<16>>(SESSIONS) slot_up;
	counter<bit<8>>(FEATURE_EVENTS, CounterType.packets_and_bytes) feature_events;

	addr_t client;
	addr_t server;
	bit<16> client_port;
	bit<16> server_port;
	bit<16> octets = 0;
	bit<KEY_BITS> mine;
	bit<KEY_BITS> owner;
	bit<48> last;
	bit<48> start;
	bit<32> number;
	bit<SUMS_BITS> raw;
	sums_t down;
	sums_t up;
	feature_event_t event = FE_NONE;
	Add() add_down;
	Add() add_up;

	/* The payload's size as the packet's own headers state it. */
	action payload_size() {
		bit<16> headers = 0;
		octets = hdr.ipv4.isValid() ?
			 hdr.ipv4.len |-| ((bit<16>)hdr.ipv4.ihl << 2) :
			 hdr.ipv6.len;
		headers = hdr.udp.isValid() ? UDP_LEN : 0;
		headers = hdr.tcp.isValid() ?
			  (bit<16>)hdr.tcp.offset << 2 : headers;
		octets = octets |-| headers;
	}
	action ends() {
		bool up_way = md.dir == DIR_UP;
		client = up_way ? md.src : md.dst;
		server = up_way ? md.dst : md.src;
		client_port = up_way ? md.sport : md.dport;
		server_port = up_way ? md.dport : md.sport;
	}
	action load() {
		slot_key.read(owner, md.slot);
		slot_last.read(last, md.slot);
		slot_start.read(start, md.slot);
		slot_number.read(number, md.slot);
		slot_down.read(raw, md.slot);
		down = { raw[303:272], raw[271:240], raw[239:176],
			 raw[175:112], raw[111:48], raw[47:0] };
		slot_up.read(raw, md.slot);
		up = { raw[303:272], raw[271:240], raw[239:176],
		       raw[175:112], raw[111:48], raw[47:0] };
	}
	action store() {
		slot_key.write(md.slot, mine);
		slot_last.write(md.slot, now);
		slot_start.write(md.slot, start);
		slot_number.write(md.slot, number);
		slot_down.write(md.slot, down.packets ++ down.bytes ++
				down.bytes_sq ++ down.iat ++ down.iat_sq ++
				down.last);
		slot_up.write(md.slot, up.packets ++ up.bytes ++ up.bytes_sq ++
			      up.iat ++ up.iat_sq ++ up.last);
	}
	action begin() {
		down = { 0, 0, 0, 0, 0, 0 };
		up = { 0, 0, 0, 0, 0, 0 };
		start = now;
	}
	action report() {
		md.tick = (bit<64>)now;
		md.number = number;
		md.window_ticks = md.window;
		md.report_ttl = md.ttl;
		md.report_label = md.first;
		md.report_dir = md.dir;
		md.down_packets = down.packets;
		md.down_bytes = down.bytes;
		md.down_bytes_sq = down.bytes_sq;
		md.down_iat = down.iat;
		md.down_iat_sq = down.iat_sq;
		md.up_packets = up.packets;
		md.up_bytes = up.bytes;
		md.up_bytes_sq = up.bytes_sq;
		md.up_iat = up.iat;
		md.up_iat_sq = up.iat_sq;
	}
	action saturated() {
		bit<16> f = md.flags;
		f = f | (down.packets == MAX32 ?
			 SAT_DOWN_PACKETS : 16w0);
		f = f | (down.bytes == MAX32 ?
			 SAT_DOWN_BYTES : 16w0);
		f = f | (down.bytes_sq == MAX64 ?
			 SAT_DOWN_BYTES_SQ : 16w0);
		f = f | (down.iat == MAX64 ?
			 SAT_DOWN_IAT : 16w0);
		f = f | (down.iat_sq == MAX64 ?
			 SAT_DOWN_IAT_SQ : 16w0);
		f = f | (up.packets == MAX32 ?
			 SAT_UP_PACKETS : 16w0);
		f = f | (up.bytes == MAX32 ?
			 SAT_UP_BYTES : 16w0);
		f = f | (up.bytes_sq == MAX64 ?
			 SAT_UP_BYTES_SQ : 16w0);
		f = f | (up.iat == MAX64 ?
			 SAT_UP_IAT : 16w0);
		f = f | (up.iat_sq == MAX64 ?
			 SAT_UP_IAT_SQ : 16w0);
		md.flags = f;
	}

	/* Where the reports for the stack's first function leave. */
	COUNTER(nfv_sid_counter);
	action mirror(bit<16> session) {
		clone_preserving_field_list(CloneType.I2E, (bit<32>)session,
					    KEEP_REPORT);
		COUNT(nfv_sid_counter);
	}
	action nfv_sid_miss() {
		COUNT(nfv_sid_counter);
	}
	table nfv_sid {
		key = {
			md.first: exact;
		}
		actions = {
			mirror;
			@defaultonly nfv_sid_miss;
		}
		const default_action = nfv_sid_miss();
		counters = nfv_sid_counter;
		size = NFV_SID_SIZE;
	}

	apply {
		if (md.good_ip == 0) {
			feature_events.count(FE_NO_SESSION);
			return;
		}
		payload_size();
		ends();
		mine = client ++ server ++ client_port ++ server_port ++ md.proto;
		hash(md.slot, HashAlgorithm.crc16, 16w0,
		     { client, server, client_port, server_port, md.proto },
		     32w65536);
		hash(md.session, HashAlgorithm.crc32, 32w0,
		     { client, server, client_port, server_port, md.proto },
		     64w0x100000000);
		load();

		if (owner == 0) {
			event = FE_NEW;
		} else if (now - last > IDLE_TICKS) {
			event = owner == mine ? FE_RESTART : FE_TAKEOVER;
		} else if (owner != mine) {
			feature_events.count(FE_COLLISION);
			return;
		} else if (md.nfv == 1 && now - start >= (bit<48>)md.window) {
			event = FE_REPORT;
			if (now - start >= (bit<48>)(md.window ++ 1w0)) {
				event = FE_GAP;
				md.flags = REPORT_GAP;
			}
		}
		if (event != FE_NONE)
			feature_events.count(event);

		if (event == FE_REPORT || event == FE_GAP) {
			saturated();
			if (md.flags & ~REPORT_GAP != 0)
				feature_events.count(FE_SATURATED);
			report();
			nfv_sid.apply();
			number = number + (event == FE_GAP ? 32w2 : 1);
			begin();
		} else if (event != FE_NONE) {
			number = 1;
			begin();
		}
		if (md.dir == DIR_DOWN)
			add_down.apply(down, now, octets);
		else
			add_up.apply(up, now, octets);
		store();
	}
}

#endif
