/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_NETNS_H
#define SRP_TOOLS_NETNS_H

int netns_enter(const char *netns);

#endif
