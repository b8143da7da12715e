// SPDX-License-Identifier: Apache-2.0
/* The session's slot and whose it is. */

#ifndef SRP_SLOT_TNA_P4
#define SRP_SLOT_TNA_P4

/* 5 s in units of 65,536 ns, the high words of the clock. */
#define IDLE_AGE 32s76294

/* Whose the slot is. The stateful ALU gives one bit of four, by two conditions:
 * the fingerprint is ours, the owner is idle. */
typedef bit<8> owner_t;
const owner_t OWNER_FREE = 0;
const owner_t OWNER_OTHER = 1;
const owner_t OWNER_SAME = 2;
const owner_t OWNER_OTHER_IDLE = 4;
const owner_t OWNER_SAME_IDLE = 8;

struct slot_t {
	int<32> session;	/* fingerprint */
	int<32> age;		/* clock at its last packet */
}

control Slot(inout headers_t hdr, inout meta_t md, inout owner_t owner) {
	Hash<bit<16>>(HashAlgorithm_t.CRC16) up_slot;
	Hash<bit<16>>(HashAlgorithm_t.CRC16) down_slot;
	Hash<bit<32>>(HashAlgorithm_t.CRC32) up_session;
	Hash<bit<32>>(HashAlgorithm_t.CRC32) down_session;
	bit<1> used = 0;

	/* Client first, so that both ways meet in one slot. */
	action up_way() {
		md.to_server = 1;
		md.slot = up_slot.get({ md.src, md.dst, md.sport, md.dport, md.proto });
	}
	action up_print() {
		hdr.sums.session = up_session.get({ md.src, md.dst, md.sport, md.dport, md.proto });
	}
	action down_way() {
		md.to_server = 0;
		md.slot = down_slot.get({ md.dst, md.src, md.dport, md.sport, md.proto });
	}
	action down_print() {
		hdr.sums.session = down_session.get({ md.dst, md.src, md.dport, md.sport, md.proto });
	}

	/* A slot that was never used: no clock value could say so for ever. */
	Register<bit<1>, bit<15>>(SLOTS) slot_used;
	RegisterAction<bit<1>, bit<15>, bit<1>>(slot_used) use = {
		void apply(inout bit<1> v, out bit<1> before) {
			before = v;
			v = 1;
		}
	};

	Register<slot_t, bit<15>>(SLOTS) slot_owner;
	RegisterAction<slot_t, bit<15>, owner_t>(slot_owner) claim_free = {
		void apply(inout slot_t v) {
			v.session = (int<32>)hdr.sums.session;
			v.age = md.age;
		}
	};
	RegisterAction<slot_t, bit<15>, owner_t>(slot_owner) ask = {
		void apply(inout slot_t v, out owner_t rv) {
			bool ours = v.session == (int<32>)hdr.sums.session;
			bool idle = md.age - v.age > IDLE_AGE;
			rv = this.predicate(ours, idle);
			if (ours || idle) {
				v.session = (int<32>)hdr.sums.session;
				v.age = md.age;
			}
		}
	};
	action claim() {
		claim_free.execute(md.slot[14:0]);
		owner = OWNER_FREE;
	}
	action look() {
		owner = ask.execute(md.slot[14:0]);
	}
	apply {
		if (md.dir == DIR_UP) {
			up_way();
			up_print();
		} else {
			down_way();
			down_print();
		}
		if (md.measured == 1)
			used = use.execute(md.slot[14:0]);
		if (md.measured == 1 && used == 0)
			claim();
		else if (md.measured == 1)
			look();
	}
}

#endif
