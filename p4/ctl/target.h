/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_TARGET_H
#define SRP4_TARGET_H

#include "layout.h"

struct target;

enum write {
	WRITE_ADD,
	WRITE_CHANGE,
	WRITE_DELETE,
};

/**
 * struct update - a change of one entry
 * @write: what to do
 * @entry: the entry as it shall be; for WRITE_DELETE as it is
 * @before: for WRITE_CHANGE the entry as it is
 */
struct update {
	enum write write;
	const struct entry *entry;
	const struct entry *before;
};

/**
 * struct count - a counter
 * @packets: this many
 * @bytes: of so many octets together
 */
struct count {
	uint64_t packets;
	uint64_t bytes;
};

/* Of all programs: what the feature micro-service counted, a new session first. */
#define FEATURE_EVENTS "feature_events"
#define EVENT_NEW 1

/**
 * struct slots - those of the feature micro-service
 * @n: so many there are
 * @forgotten: events of new sessions whose slots were cleared since
 */
struct slots {
	uint64_t n;
	uint64_t forgotten;
};

/**
 * struct target_ops - what drives a kind of switch
 * @name: before the colon of -t; NULL ends the list
 * @open: connect; @where is behind the colon, or NULL. Reports what fails
 * @resume: another command begins: look whether the switch is still what it was;
 *	NULL where it cannot be another. Reports what fails
 * @close: disconnect and free; reports what fails
 * @fits: see that a program can have the entries of a file, before @load empties
 *	what it had; NULL where that takes nothing away. Reports what fails
 * @load: put a program on the switch, and nothing into its tables
 * @program: the name of the program on it, or NULL
 * @read: add all entries of the switch to a set
 * @agree: bring what a file wants and what the switch has into one form, that
 *	they can be compared; NULL if they are. Reports what the switch cannot be
 * @write: do one update; reports what fails and has done nothing then
 * @begin: all writes up to @commit are one; NULL where the switch cannot
 * @commit: make them hold, or none of them; reports what fails
 * @abort: none of them shall be: in place of @commit, where there is @begin
 * @layout: how its program has the tables
 * @count: the first n of a counter of the program; NULL where the switch counts
 *	nothing. Entries' own counters come with @read
 * @slots: how many there are for sessions; where there is @count. Reports what fails
 * @forget: have all sessions start anew; NULL where they need not
 */
struct target_ops {
	const char *name;
	int (*open)(const char *where, struct target **target);
	int (*resume)(struct target *target);
	int (*close)(struct target *target);
	int (*fits)(struct target *target, const char *program,
		    const struct entries *want);
	int (*load)(struct target *target, const char *program);
	const char *(*program)(struct target *target);
	int (*read)(struct target *target, struct entries *set);
	int (*agree)(struct target *target, struct entries *want,
		     struct entries *have);
	int (*write)(struct target *target, const struct update *update);
	int (*begin)(struct target *target);
	int (*commit)(struct target *target);
	void (*abort)(struct target *target);
	const struct layout *(*layout)(struct target *target);
	int (*count)(struct target *target, const char *counter,
		     struct count *list, size_t n);
	int (*slots)(struct target *target, struct slots *slots);
	int (*forget)(struct target *target);
};

/**
 * struct target - a switch that is connected; first member of a target's own
 * @ops: what drives it
 */
struct target {
	const struct target_ops *ops;
};

extern const struct target_ops stub_target;
extern const struct target_ops p4runtime_target;
extern const struct target_ops bfrt_target;

int target_open(const char *name, struct target **target);
int target_close(struct target *target);

#endif
