/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SRP4_BFRT_H
#define SRP4_BFRT_H

#include <bf_rt/bf_rt.h>

#include "layout.h"
#include "target.h"

#define PIPE_OF(dev_port) ((dev_port) >> 7)
#define PORT_NAME 16
#define PORTS_MAX 512

struct named_table;

/**
 * struct panel_port - a port of the front panel
 * @name: connector and channel
 * @dev_port: its number
 */
struct panel_port {
	char name[PORT_NAME];
	uint32_t dev_port;
};

/**
 * struct step - one write of a transaction
 * @write: what to do
 * @said: the logical entry as the user knows it
 * @entry: the same with its port by number; owned
 * @before: the one before a change; owned, or without a table
 * @queues: those of a port that was deleted; owned
 */
struct step {
	enum write write;
	const struct entry *said;
	struct entry entry;
	struct entry before;
	struct entries queues;
};

/**
 * struct bfrt - a Tofino whose driver runs in this process
 * @target: what others see of it
 * @install: where the SDE is; owned
 * @device: the kernel's device; owned
 * @started: the driver was, which cannot be twice in a process
 * @program: what it runs, or NULL while the driver is not up; owned
 * @info: the program as BF-RT has it
 * @tables: its tables by the last parts of their names; owned
 * @n_tables: how many
 * @session: for transactions on the program's tables
 * @plain: for what knows no transactions
 * @dev: all pipes of the device
 * @panel: the front panel's ports; owned
 * @n_panel: how many
 * @steps: of the transaction; owned
 * @n_steps: how many
 * @room: at @steps
 * @begun: a transaction is open
 * @copies: blocks of mirror sessions that it made
 * @folded: sessions of IPv6, of which the switch has only a part; owned
 * @forgotten: events of new sessions before all slots were cleared last
 */
struct bfrt {
	struct target target;
	char *install;
	char *device;
	bool started;
	char *program;
	const bf_rt_info_hdl *info;
	struct named_table *tables;
	size_t n_tables;
	bf_rt_session_hdl *session;
	bf_rt_session_hdl *plain;
	bf_rt_target_t dev;
	struct panel_port *panel;
	size_t n_panel;
	struct step *steps;
	size_t n_steps;
	size_t room;
	bool begun;
	uint32_t copies;
	struct entries folded;
	uint64_t forgotten;
};

static inline struct bfrt *bfrt_of(struct target *target)
{
	return (struct bfrt *)target;
}

/* Of TNA, which counts time in 256 ns. */
extern const struct layout bfrt_layout;

/* bfrt.c */
bool bfrt_say(char why[WHY_MAX], const char *what, bf_status_t status);

/* bfrt_switchd.c: the driver */
int bfrt_start(struct bfrt *bfrt, const char *program);
void bfrt_stop(struct bfrt *bfrt);

/* bfrt_table.c: tables and rows of the program */
int bfrt_learn(struct bfrt *bfrt);
const bf_rt_table_hdl *bfrt_table(const struct bfrt *bfrt, const char *name);
bf_rt_id_t bfrt_action(const bf_rt_table_hdl *table, const char *action);
bool bfrt_write_row(struct bfrt *bfrt, enum write write, const struct row *row,
		    char why[WHY_MAX]);
bool bfrt_read_rows(void *bfrt, const char *table, struct rows *rows,
		    char why[WHY_MAX]);
bool bfrt_counter(struct bfrt *bfrt, const char *name, struct count *list,
		  size_t n, char why[WHY_MAX]);

/* bfrt_slots.c: the feature micro-service */
int bfrt_slots(struct target *target, struct slots *slots);
int bfrt_forget(struct target *target);

/* bfrt_fixed.c: fields by name, of tables that no program has */
struct fixed;
struct fixed *fixed_open(struct bfrt *bfrt, const char *table,
			 char why[WHY_MAX]);
void fixed_close(struct fixed *fixed);
void fixed_pipe(struct fixed *fixed, uint32_t pipe);
void fixed_key(struct fixed *fixed, const char *name, uint64_t value);
void fixed_num(struct fixed *fixed, const char *name, uint64_t value);
void fixed_flag(struct fixed *fixed, const char *name, bool value);
void fixed_text(struct fixed *fixed, const char *name, const char *value);
void fixed_nums(struct fixed *fixed, const char *name, const uint32_t *values,
		size_t n);
void fixed_flags(struct fixed *fixed, const char *name, const bool *values,
		 size_t n);
bf_status_t fixed_add(struct fixed *fixed);
bf_status_t fixed_change(struct fixed *fixed);
bf_status_t fixed_delete(struct fixed *fixed);
bf_status_t fixed_get(struct fixed *fixed);
bf_status_t fixed_first(struct fixed *fixed);
bf_status_t fixed_next(struct fixed *fixed);
uint64_t fixed_key_get(struct fixed *fixed, const char *name);
void fixed_key_text(struct fixed *fixed, const char *name, char *text,
		    size_t room);
uint64_t fixed_num_get(struct fixed *fixed, const char *name);
bool fixed_flag_get(struct fixed *fixed, const char *name);
void fixed_text_get(struct fixed *fixed, const char *name, char *text,
		    size_t room);
size_t fixed_nums_get(struct fixed *fixed, const char *name, uint32_t *values,
		      size_t room);
bool fixed_broken(const struct fixed *fixed);

/* bfrt_port.c, bfrt_queue.c, bfrt_copy.c: of the switch */
bool bfrt_write_port(struct bfrt *bfrt, const struct update *update,
		     struct entries *queues, char why[WHY_MAX]);
bool bfrt_read_ports(struct bfrt *bfrt, struct entries *set, char why[WHY_MAX]);
bool bfrt_write_queue(struct bfrt *bfrt, enum write write,
		      const struct entry *entry, char why[WHY_MAX]);
bool bfrt_read_queues(struct bfrt *bfrt, uint32_t dev_port, struct entries *set,
		      char why[WHY_MAX]);
bool bfrt_put_group(struct bfrt *bfrt, char why[WHY_MAX]);
bool bfrt_copy(void *of, uint32_t port, uint32_t *copy, char why[WHY_MAX]);
bool bfrt_copy_port(void *of, uint32_t copy, uint32_t *port, char why[WHY_MAX]);
void bfrt_take_copies(struct bfrt *bfrt);

/* bfrt_square.c: look-up tables that are filled once */
bool bfrt_fill_squares(struct bfrt *bfrt, char why[WHY_MAX]);

/* bfrt_agree.c: what a file says and what the switch has */
bool agree_chains(struct entries *want, char why[WHY_MAX]);
bool agree_windows(struct entries *want, char why[WHY_MAX]);
bool agree_queues(const struct entries *want, struct entries *have,
		  char why[WHY_MAX]);
bool folded_keep(struct bfrt *bfrt, const struct step *step);
bool folded_show(const struct bfrt *bfrt, struct entries *set,
		 char why[WHY_MAX]);

/* bfrt_panel.c: ports by the front panel */
bool panel_read(struct bfrt *bfrt, char why[WHY_MAX]);
bool panel_to_number(const struct bfrt *bfrt, struct entry *to,
		     const struct entry *from, char why[WHY_MAX]);
bool panel_to_names(const struct bfrt *bfrt, struct entries *set,
		    char why[WHY_MAX]);

#endif
