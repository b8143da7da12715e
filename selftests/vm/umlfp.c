// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For User-Mode Linux 6.1 on processors with more state than it knows of (AMX):
 * it has room for 2696 octets, which it puts back as the registers of a process,
 * and the host takes nothing but all of them. So the rest is added, as it is at
 * first: no process of the guest has ever asked for it. To be preloaded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* Where the header says which components there are; those after the first ten
 * are beyond what fits.
 */
#define XSTATE_BV 512
#define XSTATE_KNOWN 0x3ff

typedef long ptrace_fn(int request, pid_t pid, void *addr, void *data);

static ptrace_fn *real;
/* How much the host wants; 0 before it is known. */
static size_t whole;

/* Most of what it can be is zero, and stays so. */
static union {
	unsigned char octets[1 << 16];
	unsigned long words[1 << 13];
} state;

static long set_state(pid_t pid, void *kind, const struct iovec *some)
{
	struct iovec all = { state.octets, sizeof(state) };

	if (!whole) {
		if (real(PTRACE_GETREGSET, pid, kind, &all) < 0)
			return -1;
		whole = all.iov_len;
		memset(state.octets, 0, sizeof(state));
	}
	if (some->iov_len >= whole)
		return real(PTRACE_SETREGSET, pid, kind, (void *)some);
	memcpy(state.octets, some->iov_base, some->iov_len);
	state.words[XSTATE_BV / 8] &= XSTATE_KNOWN;
	all.iov_len = whole;
	return real(PTRACE_SETREGSET, pid, kind, &all);
}

long ptrace(enum __ptrace_request request, ...)
{
	void *addr, *data;
	va_list args;
	pid_t pid;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if (!real)
		real = (ptrace_fn *)dlsym(RTLD_NEXT, "ptrace");
	if (request == PTRACE_SETREGSET && addr == (void *)NT_X86_XSTATE)
		return set_state(pid, addr, data);
	return real(request, pid, addr, data);
}
