// SPDX-License-Identifier: Apache-2.0
/* A sum of one direction. own: the packet goes that way; late: sign bit 0 at
 * a window's end. What closes a window or begins a session counts from zero. */

#ifndef SRP_SUM_TNA_P4
#define SRP_SUM_TNA_P4

control Sum(in phase_t phase, in bit<32> late, in bit<1> own, in bit<16> slot,
	    in bit<32> value, inout bit<32> total) {
	Register<bit<32>, bit<15>>(SLOTS) sum;

	/* value: p4c takes what an ALU does for what is done before all else. */
	RegisterAction<bit<32>, bit<15>, bit<32>>(sum) more = {
		@noWarn("uninitialized-use")
		void apply(inout bit<32> v, out bit<32> old) {
			old = 0;
			v = v |+| value;
		}
	};
	RegisterAction<bit<32>, bit<15>, bit<32>>(sum) anew = {
		@noWarn("uninitialized-use")
		void apply(inout bit<32> v, out bit<32> old) {
			old = v;
			v = value;
		}
	};
	RegisterAction<bit<32>, bit<15>, bit<32>>(sum) clear = {
		void apply(inout bit<32> v, out bit<32> old) {
			old = v;
			v = 0;
		}
	};
	action add() {
		more.execute(slot[14:0]);
	}
	action start() {
		total = anew.execute(slot[14:0]);
	}
	action reset() {
		total = clear.execute(slot[14:0]);
	}
	table step {
		key = {
			phase: ternary;
			late[31:31]: ternary;
			own: ternary;
		}
		actions = {
			add;
			start;
			reset;
			@defaultonly NoAction;
		}
		const default_action = NoAction();
		const entries = {
			(PHASE_RUN, 1, 1): add();
			(PHASE_RUN, 0, 1): start();
			(PHASE_RUN, 0, 0): reset();
			(PHASE_BEGIN, _, 1): start();
			(PHASE_BEGIN, _, 0): reset();
		}
		size = 8;
	}
	apply {
		step.apply();
	}
}

#endif
