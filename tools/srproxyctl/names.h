/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRPROXYCTL_NAMES_H
#define SRPROXYCTL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* The words for the values of an enum, by value, NULL at the end. */
extern const char *const egress_names[];
extern const char *const match_names[];
extern const char *const on_miss_names[];
extern const char *const admin_names[];
extern const char *const inner_names[];
extern const char *const probe_names[];
extern const char *const state_names[];
extern const char *const cause_names[];
extern const char *const fallback_names[];
extern const char *const ttl_names[];
extern const char *const icmp_names[];
extern const char *const type_names[];
extern const char *const flow_flag_names[];

const char *name_of(const char *const *names, uint64_t value);
bool name_value(const char *const *names, const char *word, uint32_t *value);
void names_list(const char *const *names, char *text, int room);

#endif
