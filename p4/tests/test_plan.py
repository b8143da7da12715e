# SPDX-License-Identifier: Apache-2.0
"""What leaves a stack: the tables that plan.py writes are its rule, and
include/plan.p4 is what it writes. No switch needed."""

import os
import random
import subprocess
import sys

import plan
from ktap import case, check, equal, run

P4 = os.path.abspath(os.path.join(os.path.dirname(__file__), '..'))
CLASSES = (plan.OTHER, plan.NODE, plan.PRIORITY, plan.FEATURE, plan.NFV)


@case('every stack meets the entry that does what the rule says')
def entries():
    """Stacks of every depth by chance; the first entry that matches counts."""
    rng, patterns = random.Random(5), list(plan.patterns())
    check(len(patterns) <= 512, 'the table is too small for %d' % len(patterns))
    for _ in range(3000):
        below = rng.randint(0, 7)
        classes = [rng.choice(plan.OWN)] + rng.choices(CLASSES, k=below)
        classes += [plan.NONE] * (7 - below)
        met = plan.entry_of(classes)
        check(met is not None, 'no entry for %s' % classes)
        equal(plan.plan(patterns[met][1]), plan.plan(classes), 'plan of %s' % classes)


@case('include/plan.p4 is up to date')
def written():
    """It is generated, and checked in."""
    out = subprocess.run([sys.executable, os.path.join(P4, 'plan.py')], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    with open(os.path.join(P4, 'include/plan.p4'), encoding='utf-8') as file:
        equal(file.read(), out, 'plan.p4')


run()
