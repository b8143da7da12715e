#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write include/plan.p4: what leaves a stack, by the classes of its labels.

Two tables with constant entries: `plan` has the labels that leave a data
packet and what is done with the label that is on top then; `nfv_range` has
those that stay on the report's copy. plan() below is the rule for one stack;
the tests hold the tables and the switch against it.
"""

import functools

NONE, OTHER, NODE, PRIORITY, FEATURE, NFV = 0, 1, 2, 3, 4, 8
NAMES = {str(v): 'CLASS_' + n for n, v in (
    ('NONE', NONE), ('OTHER', OTHER), ('NODE', NODE), ('PRIORITY', PRIORITY),
    ('FEATURE', FEATURE), ('NFV', NFV))}
OWN = (NODE, PRIORITY, FEATURE)
LABELS = 8

HEAD = '''// SPDX-License-Identifier: Apache-2.0
/* Written by p4/plan.py. Do not edit. */

#ifndef SRP_PLAN_P4
#define SRP_PLAN_P4

'''


def nfv_range(classes):
    """The positions of the first and the last NFV label, or None."""
    found = [i for i in range(1, LABELS) if classes[i] == NFV]
    return (found[0], found[-1]) if found else None


def below(strip, pos):
    """The first position from pos on that stays."""
    while pos in strip:
        pos += 1
    return pos


def plan(classes):
    """(strip, way, position of the new top, priority runs as well) of a stack
    whose top label is our own."""
    strip, priority = {0}, False
    if classes[0] == FEATURE:
        found = nfv_range(classes)
        if found:
            strip |= set(range(found[0], found[1] + 1))
    top = below(strip, 0)
    if classes[0] == FEATURE and top < LABELS and classes[top] == PRIORITY:
        priority = True
        strip.add(top)
        top = below(strip, top)
    if top >= LABELS or classes[top] == NONE:
        return strip, 'ip', LABELS, priority
    if classes[top] in OWN:
        return strip, 'again', top, priority
    return strip, 'label', top, priority


def mask(positions):
    return sum(1 << i for i in positions)


ANY, NOT_NFV = '_', '0 &&& 8'
# what may be on top: ternary, one class that stands for it
TOPS = ((str(NONE), NONE), (str(OTHER), OTHER), ('2 &&& 14', NODE),
        (str(FEATURE), FEATURE))


def ranges():
    """Every place of NFV labels: none, or from f to l."""
    yield None
    for f in range(1, LABELS):
        for last in range(f, LABELS):
            yield f, last


def pattern_of(span):
    """Ternary keys and an example for a top FEATURE label and that range."""
    keys = [str(FEATURE)] + [NOT_NFV] * (LABELS - 1)
    classes = [FEATURE] + [OTHER] * (LABELS - 1)
    if span:
        for i in range(span[0], span[1] + 1):
            keys[i] = ANY
        for i in span:
            keys[i] = str(NFV)
            classes[i] = NFV
    return keys, classes


def with_top(keys, classes, pos):
    """One pattern for every class that position pos can have."""
    if pos >= LABELS:
        yield keys, classes
        return
    for key, cls in TOPS:
        k, c = list(keys), list(classes)
        k[pos], c[pos] = key, cls
        if cls == NONE:
            c[pos:] = [NONE] * (LABELS - pos)
        yield k, c


def feature_patterns():
    for span in ranges():
        keys, classes = pattern_of(span)
        taken = {0} | (set(range(span[0], span[1] + 1)) if span else set())
        top = below(taken, 0)
        if top < LABELS:
            k, c = list(keys), list(classes)
            k[top], c[top] = str(PRIORITY), PRIORITY
            yield from with_top(k, c, below(taken | {top}, top))
        # the PRIORITY pattern stands first: "2 &&& 14" has it, too
        yield from with_top(keys, classes, top)


def patterns():
    for own in (NODE, PRIORITY):
        keys = [str(own)] + [ANY] * (LABELS - 1)
        classes = [own] + [OTHER] * (LABELS - 1)
        yield from with_top(keys, classes, 1)
        # no report, so a function's label is one like any other
        yield ([str(own), str(NFV)] + [ANY] * (LABELS - 2),
               [own, NFV] + [OTHER] * (LABELS - 2))
    yield from feature_patterns()


@functools.cache
def known():
    """The patterns, worked out once."""
    return list(patterns())


def matches(key, value):
    """Whether a ternary key, as patterns() has it, takes a class."""
    if key == ANY:
        return True
    want, _, bits = key.partition('&&&')
    return not (int(want) ^ value) & (int(bits) if bits else 15)


def entry_of(classes):
    """The entry of `plan` that a stack meets; None: its top label is not our own."""
    for number, (keys, _) in enumerate(known()):
        if all(map(matches, keys, classes)):
            return number
    return None


def as_p4(keys):
    return ', '.join(NAMES.get(k, k) for k in keys)


def entry(keys, classes):
    strip, way, top, priority = plan(classes)
    args = ['%#04x' % mask(strip)]
    name = way
    if way != 'ip':
        name += str(top)
        args.append('%#04x' % mask(strip | {top}))
    args.append(str(int(priority)))
    return '\t\t\t(%s): %s(%s);' % (as_p4(keys), name, ', '.join(args))


def actions():
    """The actions of plan, as P4 and as a list of names."""
    text, names = [], ['to_ip']
    for pos in range(1, LABELS):
        for way in ('label', 'again'):
            names.append('%s%d' % (way, pos))
            text.append('''	action %s%d(bit<8> strip, bit<8> pop_strip, bit<1> priority) {
		md.strip = strip;
		md.pop_strip = pop_strip;
		md.priority = md.priority | priority;
		md.way = WAY_%s;
		md.top = hdr.m%d.label;
		md.pos = %d;
		COUNT(plan_counter);
	}
''' % (way, pos, way.upper(), pos, pos))
    return text, names


def plan_table():
    text, names = actions()
    keys = ''.join('\t\t\tmd.c%d: ternary;\n' % i for i in range(LABELS))
    entries = '\n'.join(entry(k, c) for k, c in patterns())
    entries = entries.replace(': ip(', ': to_ip(')
    return '''control Plan(in headers_t hdr, inout meta_t md) {
	COUNTER(plan_counter);
	action to_ip(bit<8> strip, bit<1> priority) {
		md.strip = strip;
		md.priority = md.priority | priority;
		md.way = WAY_IP;
		md.pos = 8;
		COUNT(plan_counter);
	}
	/* Not ours: the label on top decides. */
	action transit() {
		md.way = WAY_LABEL;
		md.top = hdr.m0.label;
		md.pop_strip = 1;
		COUNT(plan_counter);
	}
%s	table plan {
		key = {
%s		}
		actions = {
%s			@defaultonly transit;
		}
		const default_action = transit();
		const entries = {
%s
		}
		counters = plan_counter;
	}
%s''' % (''.join(text), keys, ''.join('\t\t\t%s;\n' % n for n in names),
         entries, nfv_table())


def nfv_table():
    text = []
    for pos in range(1, LABELS):
        text.append('''	action first%d(bit<8> strip) {
		md.nfv = 1;
		md.first = hdr.m%d.label;
		md.report_strip = strip;
		COUNT(nfv_range_counter);
	}
''' % (pos, pos))
    entries = []
    for span in ranges():
        if span:
            keys = pattern_of(span)[0][1:]
            keep = mask(range(span[0], span[1] + 1))
            entries.append('\t\t\t(%s): first%d(%#04x);' %
                           (as_p4(keys), span[0], 0xff & ~keep))
    keys = ''.join('\t\t\tmd.c%d: ternary;\n' % i for i in range(1, LABELS))
    names = ''.join('\t\t\tfirst%d;\n' % i for i in range(1, LABELS))
    return '''	COUNTER(nfv_range_counter);
%s	action no_nfv() {
		COUNT(nfv_range_counter);
	}
	table nfv_range {
		key = {
%s		}
		actions = {
%s			@defaultonly no_nfv;
		}
		const default_action = no_nfv();
		const entries = {
%s
		}
		counters = nfv_range_counter;
	}
	apply {
		plan.apply();
		nfv_range.apply();
	}
}
''' % (''.join(text), keys, names, '\n'.join(entries))


if __name__ == '__main__':
    print(HEAD + plan_table() + '\n#endif')
