/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SRP_TOOLS_COMPILER_H
#define SRP_TOOLS_COMPILER_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define __printf(fmt, args) __attribute((format(printf, fmt, args)))

#endif
