# SPDX-License-Identifier: Apache-2.0
"""The report is the same thing in C, in Python, in P4 and in the manual.

uapi/linux/srproxy_report.h is the definition. What the C compiler makes of it is
held against the others, field by field.
"""

import os
import re
import subprocess
import tempfile

import report
from ktap import Skip, case, check, equal, run

REPO = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
HEADER = os.path.join(REPO, 'uapi/linux/srproxy_report.h')
MANUAL = os.path.join(REPO, 'Documentation/p4.md')
P4_HEADERS = os.path.join(REPO, 'p4/include/headers.p4')
TNA_HEADERS = os.path.join(REPO, 'p4/include/headers_tna.p4')
TNA_REPORT = os.path.join(REPO, 'p4/include/report_tna.p4')
TNA_PARSER = os.path.join(REPO, 'p4/include/parser_tna.p4')
P4_REPORT = os.path.join(REPO, 'p4/include/report_defs.p4')

CONSTANTS = ('MAGIC VERSION LEN PORT GAP VERDICT_NONE VERDICT_NO VERDICT_YES '
             + ' '.join('SAT_' + name.upper() for name in report.SATURATED)).split()


def text(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def c_name(field):
    """down_bytes is down.bytes there."""
    return re.sub('^(down|up)_', r'\1.', field)


def c_program():
    lines = ['#include <stdio.h>', '#include <stddef.h>',
             '#include "%s"' % HEADER, 'int main(void)', '{',
             'struct srproxy_report r;', '(void)r;']
    for field in report.FIELDS:
        lines.append('printf("%s %%zu %%zu\\n", offsetof(struct srproxy_report, %s), '
                     'sizeof(r.%s));' % (field, c_name(field), c_name(field)))
    for name in CONSTANTS:
        lines.append('printf("%s %%u 0\\n", (unsigned int)SRPROXY_REPORT_%s);' %
                     (name, name))
    lines.append('printf("size %zu 0\\n", sizeof(r)); return 0; }')
    return '\n'.join(lines)


def from_c():
    """{name: (offset or value, size)} as the C compiler has it."""
    with tempfile.TemporaryDirectory() as place:
        source, program = place + '/r.c', place + '/r'
        with open(source, 'w', encoding='ascii') as file:
            file.write(c_program())
        try:
            subprocess.run(['cc', '-std=c11', '-Wall', '-Wextra', '-Wpadded', '-Werror',
                            '-o', program, source], check=True)
        except FileNotFoundError as error:
            raise Skip('no C compiler') from error
        out = subprocess.run([program], check=True, stdout=subprocess.PIPE,
                             text=True).stdout
    return {name: (int(at), int(size)) for name, at, size in
            (line.split() for line in out.splitlines())}


def layout(fields):
    """{name: (offset, size)} of (name, size) pairs without holes."""
    at, found = 0, {}
    for name, size in fields:
        found[name] = (at, size)
        at += size
    return found


def python_sizes():
    sizes = {'I': 4, 'B': 1, 'H': 2, 'Q': 8, 's': 16}
    codes = re.sub('[^A-Za-z]', '', report.REPORT.format)
    return list(zip(report.FIELDS, (sizes[c] for c in codes), strict=True))


@case('C and Python have the same layout and constants')
def c_python():
    """A function in C reads what a function in Python reads."""
    c = from_c()
    want = layout(python_sizes())
    equal({f: c[f] for f in report.FIELDS}, want, 'fields')
    equal(c['size'][0], report.REPORT.size, 'size')
    equal(c['LEN'][0], report.REPORT.size, 'SRPROXY_REPORT_LEN')
    for name in ('MAGIC', 'VERSION', 'PORT', 'GAP', 'VERDICT_NONE', 'VERDICT_NO',
                 'VERDICT_YES'):
        equal(c[name][0], getattr(report, name), name)
    for name, value in report.SATURATED.items():
        equal(c['SAT_' + name.upper()][0], value, 'SAT_' + name)


@case('every field is in the manual, where it is')
def manual():
    """The table of Documentation/p4.md: offset, size, name."""
    rows = re.findall(r'^\| (\d+) \| (\d+) \| `([a-z_.]+)` \|', text(MANUAL), re.M)
    found = {name: (int(at), int(size)) for at, size, name in rows}
    want = {c_name(name): place for name, place in layout(python_sizes()).items()}
    equal(found, want, 'fields')


@case('P4 has the same layout and constants')
def p4():
    """The header that the switch writes."""
    if not os.path.exists(P4_HEADERS):
        raise Skip('no P4 program in this tree')
    body = re.search(r'header report_t \{(.*?)\}', text(P4_HEADERS), re.S)
    check(body, 'headers.p4 has no report_t')
    fields = [(name, int(bits) // 8) for bits, name in
              re.findall(r'bit<(\d+)> (\w+);', body.group(1))]
    equal(fields, python_sizes(), 'fields')
    constants = dict(re.findall(r'const bit<\d+> (\w+) = (\w+);', text(P4_REPORT)))
    equal(int(constants['REPORT_MAGIC'], 0), report.MAGIC, 'magic')
    equal(int(constants['REPORT_VERSION'], 0), report.VERSION, 'version')
    equal(int(constants['REPORT_LEN'], 0), report.REPORT.size, 'length')
    equal(int(constants['REPORT_GAP'], 0), report.GAP, 'gap')
    for name, value in report.SATURATED.items():
        equal(int(constants['SAT_' + name.upper()], 0), value, name)


def words_of(body):
    """[(name, size)] of report_words_t, its parts put together as it says."""
    bits, parts = [], {'flags': ('flags_none', 'flags_up', 'flags_down', 'flags_gap'),
                       'client': ('client_mapped',), 'server': ('server_mapped',)}
    for width, name in re.findall(r'bit<(\d+)> (\w+);', body):
        whole = next((w for w, p in parts.items() if name in p), name)
        whole = re.sub('_high$|[0-3]$', '', whole)
        if bits and bits[-1][0] == whole:
            bits[-1][1] += int(width)
        else:
            bits.append([whole, int(width)])
    return [(name, width // 8) for name, width in bits]


@case('the Tofino program has the same layout')
def tna():
    """Its words, in order; each is written, and the flags are where they belong."""
    body = re.search(r'header report_words_t \{(.*?)\}', text(TNA_HEADERS), re.S)
    check(body, 'headers_tna.p4 has no report_words_t')
    equal(words_of(body.group(1)), python_sizes(), 'fields')
    source = text(TNA_REPORT)
    written = source + text(TNA_PARSER)
    for _, name in re.findall(r'bit<(\d+)> (\w+);', body.group(1)):
        check(re.search(r'hdr\.report\.%s = ' % name, written) or
              'hdr.report.%s)' % name in source, name + ' is not written')
    flags = dict((n, int(w)) for w, n in re.findall(r'bit<(\d+)> (flags_\w+);',
                                                    body.group(1)))
    equal(list(flags), ['flags_none', 'flags_up', 'flags_down', 'flags_gap'], 'flags')
    equal(report.GAP, 1, 'gap is the lowest bit')
    for way, shift in (('down', flags['flags_gap']),
                       ('up', flags['flags_gap'] + flags['flags_down'])):
        for i, name in enumerate(report.SUMS):
            equal(report.SATURATED[way + '_' + name], 1 << i + shift, name)
    keys = re.search(r'table sums \{\s+key = \{(.*?)\}', source, re.S).group(1)
    equal(re.findall(r'(\w+): ternary', keys), list(report.SUMS)[::-1], 'bits of a direction')
    rows = re.findall(r'\((.*?)\): full\((\d+)\)', source)
    equal(len(rows), 31, 'combinations')
    for key, bits in rows:
        equal(int(''.join('1' if k == 'MAX32' else '0' for k in key.split(', ')), 2),
              int(bits), key)


@case('what egress skips and looks ahead at is as long as it says')
def lengths():
    """Of window_t and sums_t, by the bit."""
    source = text(TNA_HEADERS)
    for name in ('window', 'sums'):
        body = re.search(r'header %s_t \{(.*?)\}' % name, source, re.S).group(1)
        bits = sum(map(int, re.findall(r'bit<(\d+)>', body))) + body.count('dir_t')
        said = re.search(r'%s_BITS = (\d+)' % name.upper(), source).group(1)
        equal(bits, int(said), name)


@case('what is no report is refused')
def refused():
    """Anybody can send to the port."""
    good = report.REPORT.pack(*range(4), *[0] * 10, b'', b'', *[0] * 10)
    for octets in (good, bytes(report.REPORT.size)):
        try:
            report.decode(octets)
        except ValueError:
            continue
        check(False, 'taken for a report: ' + octets.hex())
    values = [report.MAGIC, 1, 4, 136] + [0] * 10 + [b'c' * 16, b's' * 16] + [7] * 10
    octets = report.REPORT.pack(*values)
    found, rest = report.decode(octets + b'headers')
    equal(found.client, b'c' * 16, 'client')
    equal(rest, b'headers', 'what follows')


run()
