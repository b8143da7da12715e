// SPDX-License-Identifier: Apache-2.0
/* The parser states of a label stack, for every parser that has one: label0 to
 * label7, then `payload` below the bottom or `deep` with labels left. */

#ifndef SRP_STACK_P4
#define SRP_STACK_P4

#define LABEL_STATE(name, lse, next)		\
	state name {				\
		pkt.extract(lse);		\
		transition select(lse.s) {	\
			0: next;		\
			1: payload;		\
		}				\
	}

#define LABEL_STATES					\
	LABEL_STATE(label0, hdr.m0, label1)		\
	LABEL_STATE(label1, hdr.m1, label2)		\
	LABEL_STATE(label2, hdr.m2, label3)		\
	LABEL_STATE(label3, hdr.m3, label4)		\
	LABEL_STATE(label4, hdr.m4, label5)		\
	LABEL_STATE(label5, hdr.m5, label6)		\
	LABEL_STATE(label6, hdr.m6, label7)		\
	LABEL_STATE(label7, hdr.m7, deep)

#endif
