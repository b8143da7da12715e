#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""resources.py [--write | --check]

What srproxy_tna.p4 takes of a Tofino 1, as the compiler says; with --write the
table of Documentation/performance.md is renewed, with --check it has to be so.
"""

import argparse
import os
import sys

REPO = os.path.abspath(os.path.join(os.path.dirname(__file__), '../..'))
sys.path[0:0] = [os.path.join(REPO, 'selftests/bench'), os.path.join(REPO, 'selftests')]
# pylint: disable=wrong-import-position
import tofino  # noqa: E402
from report import markdown, rewrite  # noqa: E402

MARKED = '<!-- tofino: begin -->\n%s\n<!-- tofino: end -->'
PAGE = os.path.join(REPO, 'Documentation/performance.md')


def written(lines):
    """Whether the page has that table."""
    with open(PAGE, encoding='utf-8') as file:
        return MARKED % markdown(lines, ()) in file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--write', action='store_true')
    what.add_argument('--check', action='store_true')
    args = parser.parse_args()
    found = tofino.resources(tofino.build())
    lines = [['resource', 'used']] + [[name, str(figure)] for name, figure in found.items()]
    for line in lines:
        print('%-26s %s' % tuple(line))
    if args.write:
        rewrite(PAGE, 'tofino', lines, ())
    if args.check and not written(lines):
        sys.exit(PAGE + ' has other figures: p4/tests/resources.py --write')


main()
