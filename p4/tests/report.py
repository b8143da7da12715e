# SPDX-License-Identifier: Apache-2.0
"""struct srproxy_report of uapi/linux/srproxy_report.h, for Python."""

import struct
from collections import namedtuple

MAGIC, VERSION, PORT = 0x53525052, 1, 5252

GAP = 1
SUMS = ('packets', 'bytes', 'bytes_sq', 'iat', 'iat_sq')
SATURATED = {way + '_' + name: 2 << 5 * i + j
             for i, way in enumerate(('down', 'up')) for j, name in enumerate(SUMS)}
VERDICT_NONE, VERDICT_NO, VERDICT_YES = range(3)

REPORT = struct.Struct('!IBBHHBBIIIIHHQ16s16s' + 'IIQQQ' * 2)
FIELDS = ('magic version family length flags verdict proto window session tick_ns '
          'window_ticks client_port server_port tick client server').split()
FIELDS += [way + '_' + name for way in ('down', 'up') for name in SUMS]

Report = namedtuple('Report', FIELDS)


def decode(octets):
    """(Report, what follows it)"""
    report = Report(*REPORT.unpack_from(octets))
    if report.magic != MAGIC or report.version != VERSION:
        raise ValueError('no report')
    return report, octets[report.length:]
