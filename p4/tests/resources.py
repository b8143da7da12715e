#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""resources.py [--write]

What srproxy_tna.p4 takes of a Tofino 1, as the compiler says; with --write the
table of Documentation/performance.md is renewed.
"""

import argparse
import os
import sys

REPO = os.path.abspath(os.path.join(os.path.dirname(__file__), '../..'))
sys.path[0:0] = [os.path.join(REPO, 'selftests/bench'), os.path.join(REPO, 'selftests')]
# pylint: disable=wrong-import-position
import tofino  # noqa: E402
from report import rewrite  # noqa: E402

PAGE = os.path.join(REPO, 'Documentation/performance.md')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--write', action='store_true')
    args = parser.parse_args()
    found = tofino.resources(tofino.build())
    lines = [['resource', 'used']] + [[name, str(figure)] for name, figure in found.items()]
    for line in lines:
        print('%-26s %s' % tuple(line))
    if args.write:
        rewrite(PAGE, 'tofino', lines, ())


main()
