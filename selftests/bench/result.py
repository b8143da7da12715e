# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest says: a JSON object a line, and lines with a # for who waits."""

import json


class Lost(Exception):
    """Not every packet came out at the end of its path."""


def say(text, *args):
    """Progress, for who waits."""
    print('# ' + text % args, flush=True)


def put(**result):
    """A result."""
    print(json.dumps(result), flush=True)


def received(dev):
    """Packets that have come in on a device."""
    with open('/sys/class/net/%s/statistics/rx_packets' % dev, encoding='ascii') as file:
        return int(file.read())


def low(times):
    """What nothing disturbed: the mean of the least twentieth."""
    least = sorted(times)[:max(1, len(times) // 20)]
    return sum(least) / len(least)
