// SPDX-License-Identifier: Apache-2.0
/*
 * The feature micro-service in Tofino's words. A slot holds a fingerprint of
 * its session; squares come from tables; sums are 32 bits that end at their
 * highest value; a tick is 256 ns of which the clock shows every fourth, so
 * that 16 bits of an interval's square table reach 67 ms.
 *
 * The order of the registers is the order of the stages: whose slot, which
 * window, how long since the last packet, sums.
 */

#ifndef SRP_FEATURE_TNA_P4
#define SRP_FEATURE_TNA_P4

control Feature(inout headers_t hdr, inout meta_t md) {
	Counter<bit<64>, feature_event_t>(FEATURE_EVENTS,
		CounterType_t.PACKETS_AND_BYTES) feature_events;
	Size() size_of;
	Slot() slot;
	Window() window;
	Sum() down_packets;
	Sum() down_bytes;
	Sum() down_bytes_sq;
	Sum() down_iat;
	Sum() down_iat_sq;
	Sum() up_packets;
	Sum() up_bytes;
	Sum() up_bytes_sq;
	Sum() up_iat;
	Sum() up_iat_sq;

	owner_t owner = OWNER_FREE;
	phase_t phase = PHASE_NONE;
	bit<32> limit;
	bit<32> late = 0;
	bit<32> over = 0;
	bit<32> octets;
	bit<32> octets_sq;
	bit<32> iat;
	bit<32> iat_sq;

	action count(feature_event_t event) {
		feature_events.count(event);
	}
	table outcome {
		key = {
			md.feature: exact;
			md.refused: ternary;
			md.measured: ternary;
			owner: ternary;
			phase: ternary;
			late[31:31]: ternary;
			over[31:31]: ternary;
		}
		actions = {
			count;
			@defaultonly NoAction;
		}
		const default_action = NoAction();
		const entries = {
			(1, 0, 0, _, _, _, _): count(FE_NO_SESSION);
			(1, 0, 1, OWNER_FREE, _, _, _): count(FE_NEW);
			(1, 0, 1, OWNER_OTHER, _, _, _): count(FE_COLLISION);
			(1, 0, 1, OWNER_OTHER_IDLE, _, _, _): count(FE_TAKEOVER);
			(1, 0, 1, OWNER_SAME_IDLE, _, _, _): count(FE_RESTART);
			(1, 0, 1, OWNER_SAME, PHASE_RUN, 0, 1): count(FE_REPORT);
			(1, 0, 1, OWNER_SAME, PHASE_RUN, 0, 0): count(FE_GAP);
		}
		size = 16;
	}
	action until() {
		hdr.sums.setValid();	/* its place is used before that is sure */
		limit = md.tick + md.window;
	}
	action close() {
		md.closed = 1;
		hdr.window.setValid();
		hdr.window.strip = md.report_strip;
		hdr.window.label = md.first;
		hdr.window.gap = md.gap;
		hdr.sums.port = 0xc000 | md.slot;
		hdr.sums.length = md.window;
		hdr.sums.tick = md.tick;
	}

	apply {
		/* No condition spans stages: what is beside them could not be run. */
		if (md.refused == 0 && md.feature == 1 && md.good_ip == 1 &&
		    hdr.ipv4.isValid())
			md.measured = 1;
		until();
		size_of.apply(hdr, md, octets, octets_sq);
		slot.apply(hdr, md, owner);
		window.apply(hdr, md, owner, limit, phase, late, over, iat, iat_sq);
		down_packets.apply(phase, late, md.dir, md.slot, 1,
				   hdr.sums.down_packets);
		down_bytes.apply(phase, late, md.dir, md.slot, octets,
				 hdr.sums.down_bytes);
		down_bytes_sq.apply(phase, late, md.dir, md.slot, octets_sq,
				    hdr.sums.down_bytes_sq);
		down_iat.apply(phase, late, md.dir, md.slot, iat,
			       hdr.sums.down_iat);
		down_iat_sq.apply(phase, late, md.dir, md.slot, iat_sq,
				  hdr.sums.down_iat_sq);
		up_packets.apply(phase, late, md.to_server, md.slot, 1,
				 hdr.sums.up_packets);
		up_bytes.apply(phase, late, md.to_server, md.slot, octets,
			       hdr.sums.up_bytes);
		up_bytes_sq.apply(phase, late, md.to_server, md.slot, octets_sq,
				  hdr.sums.up_bytes_sq);
		up_iat.apply(phase, late, md.to_server, md.slot, iat,
			     hdr.sums.up_iat);
		up_iat_sq.apply(phase, late, md.to_server, md.slot, iat_sq,
				hdr.sums.up_iat_sq);
		if (phase == PHASE_RUN && late[31:31] == 0)
			close();
		else
			hdr.sums.setInvalid();
		outcome.apply();
	}
}

#endif
