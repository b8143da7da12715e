# SPDX-License-Identifier: GPL-2.0-or-later
"""Allocations that fail: in one request, or in what packets cause."""

import errno
import os
import socket
from contextlib import contextmanager

from genl import LOST

FAILSLAB = '/sys/kernel/debug/failslab/'
FAILED = (LOST, errno.ENOMEM, errno.ENOBUFS)

# Open all the time: to open one while allocations fail may fail.
KNOBS = {name: os.open(FAILSLAB + name, os.O_WRONLY) for name in (
    'probability', 'interval', 'times', 'space', 'verbose', 'task-filter', 'ignore-gfp-wait',
    'cache-filter')}


def failslab(probability, task_filter='N', ignore_gfp_wait='N'):
    for name, value in (('interval', 1), ('times', -1), ('space', 0), ('verbose', 0),
                        ('task-filter', task_filter), ('ignore-gfp-wait', ignore_gfp_wait),
                        ('cache-filter', 'N'), ('probability', probability)):
        os.write(KNOBS[name], b'%s\n' % str(value).encode())


def one_cpu():
    """Do all on one processor: each keeps memory and routes of its own, which spares
    it allocations. To be called before the topology, whose programs follow."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def no_faults():
    os.write(KNOBS['probability'], b'0\n')
    failslab(0)


class Fault:
    """Lets an allocation of this thread fail; with rest, all after it, too."""

    def __init__(self):
        self.nth = os.open('/proc/thread-self/fail-nth', os.O_RDWR)
        self.filter = os.open('/proc/thread-self/make-it-fail', os.O_RDWR)

    @contextmanager
    def mode(self, rest):
        """What comes after the one that fails is left to failslab."""
        if rest:
            failslab(task_filter='Y', probability=100)
        try:
            yield
        finally:
            no_faults()

    def call(self, nth, function, *args):
        """(errno or None, whether the fault was had) of a call of the system."""
        error, text = None, b'%d' % nth
        os.write(self.filter, b'1')
        os.write(self.nth, text)
        try:
            function(*args)
        except OSError as refused:
            error = refused.errno
        left = os.pread(self.nth, 16, 0)
        os.write(self.nth, b'0')
        os.write(self.filter, b'0')
        return error, int(left) == 0

    def ask(self, netlink, message, nth):
        """(answer, whether the fault was had) of a request."""
        error, fired = self.call(nth, socket.socket.send, netlink.sock, message)
        answer = netlink.answer()
        return answer if error is None else error, fired


@contextmanager
def short_of_memory(**settings):
    failslab(**settings)
    try:
        yield
    finally:
        no_faults()


def kernel_threads():
    """Tell failslab's task filter of the threads that do the kernel's deferred work,
    and of that which makes them."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/comm' % pid, encoding='ascii') as name:
                if not name.read().startswith(('kworker/', 'kthreadd')):
                    continue
            with open('/proc/%s/make-it-fail' % pid, 'w', encoding='ascii') as file:
                file.write('1')
        except (FileNotFoundError, ProcessLookupError):
            continue        # it has ended meanwhile


class WorkerFault:
    """Lets an allocation of each of the kernel's workers fail, as Fault of a thread."""

    def __init__(self):
        self.armed = []

    def arm(self, nth):
        self.armed = []
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open('/proc/%s/comm' % pid, encoding='ascii') as name:
                    if not name.read().startswith('kworker/'):
                        continue
                file = os.open('/proc/%s/fail-nth' % pid, os.O_RDWR)
            except OSError:
                continue        # it has ended meanwhile
            os.write(file, b'%d' % nth)
            self.armed.append(file)

    def fired(self):
        """Had one of them its fault? None has one from now on."""
        had = False
        for file in self.armed:
            try:
                had |= int(os.pread(file, 16, 0)) == 0
                os.write(file, b'0')
            except OSError:
                pass
            os.close(file)
        self.armed = []
        return had


class CacheFault:
    """Lets an allocation fail from the one slab that is marked for it (slub_debug=A,...),
    of those that cannot wait: softirq."""

    def __init__(self, cache):
        with open('/sys/kernel/slab/%s/object_size' % cache, encoding='ascii') as file:
            self.size = int(file.read())

    def arm(self, nth):
        """All are of one size, so that space counts them."""
        for name, value in (('cache-filter', 'Y'), ('ignore-gfp-wait', 'Y'),
                            ('task-filter', 'N'), ('interval', '1'), ('verbose', '0'),
                            ('space', str((nth - 1) * self.size + 1)), ('times', '1'),
                            ('probability', '100')):
            os.write(KNOBS[name], value.encode() + b'\n')

    def fired(self):
        """Was the fault had? There is none from now on."""
        os.write(KNOBS['probability'], b'0\n')
        with open(FAILSLAB + 'times', encoding='ascii') as times:
            had = int(times.read()) == 0
        no_faults()
        return had
