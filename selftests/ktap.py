# SPDX-License-Identifier: GPL-2.0-or-later
"""KTAP for the tests that are Python: cases, checks, the verdict.

  @case('name')           a test case; its docstring says why it is there
  check(cond, text)       fails the case with the text
  equal(got, want, what)  fails it with both values
  raise Skip('why')
  with swift(): ...       time matters in here: tried again if it took too long
  run()                   runs the cases, or those whose name has a word of argv
"""

import os
import signal
import sys
import time
import traceback
from contextlib import contextmanager

RETRIES = 12
CASE_SECONDS = int(os.environ.get('SRP_CASE_SECONDS', '120'))

_cases = []
_before = []


class Failure(Exception):
    """An expectation that was not met."""


class Skip(Exception):
    """The case cannot run here."""


class Retry(Failure):
    """The machine was too slow for the case to say anything."""


@contextmanager
def swift(seconds=0.9):
    """What is in here tests what holds for a second: if it took longer, the
    case is tried again, whatever came of it."""
    start = time.monotonic()
    try:
        yield
    finally:
        took = time.monotonic() - start
        if took > seconds:
            raise Retry('took %.1f s, should be less than %.1f s' % (took, seconds))


def case(name, *args):
    """Register a test case; args are handed to the function."""
    def register(function):
        _cases.append((name, function, args))
        return function
    return register


def before_each(function):
    """Register what runs before every case."""
    _before.append(function)
    return function


def check(condition, text):
    if not condition:
        raise Failure(text)


def equal(got, want, what='value'):
    if got != want:
        raise Failure('%s: got %s, want %s' % (what, got, want))


def wait_for(condition, what, timeout=30.0, step=0.05):
    """Poll until the condition holds; its value."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure('waited %.0f s for %s' % (timeout, what))
        time.sleep(step)


def note(*lines):
    """Diagnostics, as KTAP has them."""
    for line in lines:
        for part in str(line).splitlines():
            print('# ' + part, flush=True)


def _alarm(*_):
    raise Failure('no end after %d s' % CASE_SECONDS)


def _run_one(function, args):
    """Verdict of one case: 'ok', 'not ok' or the reason it was skipped."""
    signal.alarm(CASE_SECONDS)
    try:
        for attempt in range(RETRIES + 1):
            try:
                for prepare in _before:
                    prepare()
                function(*args)
                break
            except Retry as slow:
                if attempt == RETRIES:
                    raise Skip('%d times: %s' % (RETRIES + 1, slow)) from slow
                note('again: %s' % slow)
    except Skip as reason:
        return 'ok', ' # SKIP %s' % reason
    except Failure as failure:
        note(failure)
        at = traceback.extract_tb(failure.__traceback__)
        note(*('at %s:%d %s' % (os.path.basename(f.filename), f.lineno, f.line)
               for f in at if f.name not in ('check', 'equal', 'wait_for', '_run_one')))
        return 'not ok', ''
    except Exception:       # pylint: disable=broad-except
        note(traceback.format_exc())
        return 'not ok', ''
    finally:
        signal.alarm(0)
    return 'ok', ''


def run():
    """Run the cases and exit as kselftest has it: 0, or 1 if one failed."""
    words = sys.argv[1:]
    chosen = [c for c in _cases if not words or any(w in c[0] for w in words)]
    signal.signal(signal.SIGALRM, _alarm)
    print('TAP version 13\n1..%d' % len(chosen), flush=True)
    failed = 0
    for number, (name, function, args) in enumerate(chosen, 1):
        start = time.monotonic()
        verdict, directive = _run_one(function, args)
        failed += verdict != 'ok'
        if os.environ.get('SRP_TIMES'):
            note('%.2f s' % (time.monotonic() - start))
        print('%s %d %s%s' % (verdict, number, name, directive), flush=True)
    sys.exit(1 if failed else 0)
