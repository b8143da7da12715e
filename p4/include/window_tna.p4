// SPDX-License-Identifier: Apache-2.0
/* The window and the time between packets: when it may close, how late it is,
 * which number it has. */

#ifndef SRP_WINDOW_TNA_P4
#define SRP_WINDOW_TNA_P4

/* Ticks of the last packets in this window, 0: none. */
struct last_t {
	bit<32> up;
	bit<32> down;
}

control Window(inout headers_t hdr, inout meta_t md, in owner_t owner,
	       in bit<32> limit, out phase_t phase, out bit<32> late,
	       out bit<32> over, out bit<32> iat, out bit<32> iat_sq) {
	int<32> limit_before = 0;
	bit<32> before = 0;

	Register<int<32>, bit<15>>(SLOTS) window_limit;
	/* limit: p4c takes what an ALU does for what is done before all else. */
	RegisterAction<int<32>, bit<15>, int<32>>(window_limit) set_limit = {
		@noWarn("uninitialized-use")
		void apply(inout int<32> v, out int<32> rv) {
			rv = 0;
			v = (int<32>)limit;
		}
	};
	RegisterAction<int<32>, bit<15>, int<32>>(window_limit) pass_limit = {
		@noWarn("uninitialized-use")
		void apply(inout int<32> v, out int<32> rv) {
			rv = v;
			if (v - (int<32>)md.tick <= 0)
				v = (int<32>)limit;
		}
	};
	action begin() {
		set_limit.execute(md.slot[14:0]);
		phase = PHASE_BEGIN;
	}
	action may_close() {
		limit_before = pass_limit.execute(md.slot[14:0]);
		phase = PHASE_RUN;
	}
	/* Only a packet for a function closes: this one comes before any end. */
	action go_on() {
		limit_before = (int<32>)limit;
		phase = PHASE_RUN;
	}
	action other() {
		phase = PHASE_NONE;
	}
	table turn {
		key = {
			md.measured: exact;
			owner: exact;
			md.nfv: ternary;
		}
		actions = {
			begin;
			may_close;
			go_on;
			other;
		}
		const default_action = other();
		const entries = {
			(1, OWNER_FREE, _): begin();
			(1, OWNER_OTHER_IDLE, _): begin();
			(1, OWNER_SAME_IDLE, _): begin();
			(1, OWNER_SAME, 1): may_close();
			(1, OWNER_SAME, 0): go_on();
		}
		size = 8;
	}

	Register<last_t, bit<15>>(SLOTS) last;
	RegisterAction<last_t, bit<15>, bit<32>>(last) up_next = {
		void apply(inout last_t v, out bit<32> rv) {
			rv = v.up;
			v.up = md.tick;
		}
	};
	RegisterAction<last_t, bit<15>, bit<32>>(last) down_next = {
		void apply(inout last_t v, out bit<32> rv) {
			rv = v.down;
			v.down = md.tick;
		}
	};
	RegisterAction<last_t, bit<15>, bit<32>>(last) up_first = {
		void apply(inout last_t v, out bit<32> rv) {
			rv = 0;
			v.up = md.tick;
			v.down = 0;
		}
	};
	RegisterAction<last_t, bit<15>, bit<32>>(last) down_first = {
		void apply(inout last_t v, out bit<32> rv) {
			rv = 0;
			v.up = 0;
			v.down = md.tick;
		}
	};
	action next_up() {
		before = up_next.execute(md.slot[14:0]);
	}
	action next_down() {
		before = down_next.execute(md.slot[14:0]);
	}
	action first_up() {
		up_first.execute(md.slot[14:0]);
		before = 0;
	}
	action first_down() {
		down_first.execute(md.slot[14:0]);
		before = 0;
	}
	table arrival {
		key = {
			phase: ternary;
			late[31:31]: ternary;
			md.dir: ternary;
		}
		actions = {
			next_up;
			next_down;
			first_up;
			first_down;
			@defaultonly NoAction;
		}
		const default_action = NoAction();
		const entries = {
			(PHASE_RUN, 1, DIR_UP): next_up();
			(PHASE_RUN, 1, DIR_DOWN): next_down();
			(PHASE_RUN, 0, DIR_UP): first_up();
			(PHASE_RUN, 0, DIR_DOWN): first_down();
			(PHASE_BEGIN, _, DIR_UP): first_up();
			(PHASE_BEGIN, _, DIR_DOWN): first_down();
		}
		size = 8;
	}

	/* The controller fills it: the square of every number of four ticks. */
	action quarter_square(bit<32> value) {
		iat_sq = value;
	}
	action no_square() {
		iat_sq = 0;
	}
	table iat_square {
		key = {
			iat[17:2]: exact @name("quarters");
		}
		actions = {
			quarter_square;
			@defaultonly no_square;
		}
		const default_action = no_square();
		size = 65536;
	}
	action first() {
		iat = 0;
		iat_sq = 0;
	}
	action long() {
		iat_sq = MAX32;
	}

	Register<bit<32>, bit<15>>(SLOTS) window_number;
	RegisterAction<bit<32>, bit<15>, bit<32>>(window_number) one = {
		void apply(inout bit<32> v, out bit<32> rv) {
			rv = 0;
			v = 1;
		}
	};
	RegisterAction<bit<32>, bit<15>, bit<32>>(window_number) next = {
		void apply(inout bit<32> v, out bit<32> rv) {
			rv = v;
			v = v + 1;
		}
	};
	RegisterAction<bit<32>, bit<15>, bit<32>>(window_number) skip = {
		void apply(inout bit<32> v, out bit<32> rv) {
			rv = v;
			v = v + 2;
		}
	};
	action number_one() {
		one.execute(md.slot[14:0]);
	}
	action number_next() {
		hdr.sums.number = next.execute(md.slot[14:0]);
		md.gap = 0;	/* it leaves in a header, which nothing else clears */
	}
	action number_skip() {
		hdr.sums.number = skip.execute(md.slot[14:0]);
		md.gap = 1;
	}
	table number {
		key = {
			phase: ternary;
			late[31:31]: ternary;
			over[31:31]: ternary;
		}
		actions = {
			number_one;
			number_next;
			number_skip;
			@defaultonly NoAction;
		}
		const default_action = NoAction();
		const entries = {
			(PHASE_BEGIN, _, _): number_one();
			(PHASE_RUN, 0, 1): number_next();
			(PHASE_RUN, 0, 0): number_skip();
		}
		size = 4;
	}

	/* An action for each difference: a stage each. */
	action since_limit() {
		late = md.tick - (bit<32>)limit_before;
	}
	action since_next_limit() {
		over = late - md.window;
	}
	action since_before() {
		iat = md.tick - before;
	}

	apply {
		turn.apply();
		since_limit();
		arrival.apply();
		since_next_limit();
		since_before();
		if (before == 0)
			first();
		else if (iat[31:18] != 0)
			long();
		else
			iat_square.apply();
		number.apply();
	}
}

#endif
