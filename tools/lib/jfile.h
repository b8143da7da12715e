/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_JFILE_H
#define SRP_TOOLS_JFILE_H

struct json_object;

int jfile_read(const char *path, struct json_object **root);

#endif
