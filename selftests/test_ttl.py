# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_ttl.sh."""

import itertools
import time

import pkt
from ktap import before_each, case, equal, run, swift
from nodes import One
from proxy import Ledger

topo = One(3)
px = topo.px
px.ctl('config set icmp none', 'uplink add dev u0',
       topo.vnf_line(1), topo.vnf_line(2), topo.vnf_line(3),
       'sid add 16011 vnf n1', 'sid add 16012 vnf n2', 'sid add 16013 vnf n3')
fresh_port = itertools.count(1000)


@before_each
def quiet():
    topo.drain()


def fresh(family, ttl=64, tos=0):
    """A packet of a flow that is new: TTL and TC are kept with flows."""
    return pkt.ip(pkt.udp(next(fresh_port), 53), family, ttl=ttl, tos=tos)


def visit(labels, inner, bare, returned=None, vnf=1):
    """In, seen bare at the function, back as it is or as returned."""
    topo.to_proxy(labels, inner)
    topo.at_vnf(vnf, bare)
    topo.from_vnf(vnf, returned or bare)


def expired(mode, family, ttl):
    """TTL 0 and 1 are dropped and counted, whatever is below."""
    px.ctl('config set ttl ' + mode)
    for labels in ([(16011, 0, ttl), (900, 0, 64)], [(16011, 0, ttl)]):
        with Ledger(px) as led:
            topo.to_proxy(labels, fresh(family))
            topo.silent()
        led.dropped(ttl_expired=1)
    inner = fresh(family)
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 2), (900, 0, 64)], inner)
        topo.at_vnf(1, inner if mode == 'pipe' else pkt.with_ttl(inner, 1))
    led.dropped()


for _mode in ('pipe', 'uniform'):
    for _family in (4, 6):
        for _ttl in (0, 1):
            case('%s, v%d: label TTL %d expires, 2 does not' % (_mode, _family, _ttl),
                 _mode, _family, _ttl)(expired)


def pipe(family):
    """Next label: min(popped - 1, its own) and its own TC; IP untouched."""
    px.ctl('config set ttl pipe')
    for top, below, want in ((64, 64, 63), (64, 20, 20), (20, 64, 19), (255, 255, 254),
                             (2, 64, 1), (64, 1, 1), (64, 255, 63)):
        inner = fresh(family, ttl=5)
        visit([(16011, 7, top), (900, 3, below)], inner, inner)
        topo.at_switch([(900, 3, want)], inner)


case('pipe, v4: TTL of the next label, TC of the next label', 4)(pipe)
case('pipe, v6: TTL of the next label, TC of the next label', 6)(pipe)


@case('pipe: every traffic class comes back')
def classes():
    px.ctl('config set ttl pipe')
    for tc in range(8):
        inner = fresh(4 + 2 * (tc & 1), tos=0x2E << 2)
        visit([(16011, 7 - tc, 64), (900, tc, 64)], inner, inner)
        topo.at_switch([(900, tc, 63)], inner)


@case('pipe: an IP TTL of 1, and 0, passes: the function decides')
def pipe_ip_ttl():
    px.ctl('config set ttl pipe')
    for family in (4, 6):
        for ttl in (1, 0):
            inner = fresh(family, ttl=ttl)
            visit([16011, 900], inner, inner)
            topo.at_switch([(900, 0, 63)], inner)


@case('pipe: TTL and TC are followed up and down, at most once a second')
def pipe_follows():
    px.ctl('config set ttl pipe')
    inner = fresh(4)

    def seen(top, tc, want):
        visit([(16011, 0, top), (900, tc, 255)], inner, inner)
        topo.at_switch([(900, *want)], inner)

    with swift():
        seen(64, 1, (1, 63))
        seen(30, 5, (1, 63))            # too early
    time.sleep(1.1)
    with swift():
        seen(30, 5, (5, 29))
        seen(200, 2, (5, 29))
    time.sleep(1.1)
    seen(200, 2, (2, 199))


@case('pipe: each local visit takes one')
def pipe_chain():
    px.ctl('config set ttl pipe')
    for family in (4, 6):
        inner = fresh(family, ttl=9)
        topo.to_proxy([(16011, 0, 64), (16012, 0, 64), (16013, 0, 50), (900, 4, 255)], inner)
        for n in (1, 2, 3):
            topo.at_vnf(n, inner)
            topo.from_vnf(n, inner)
        frame = topo.s0.recv()
        equal(frame.inner, inner, 'packet')
        equal(len(frame.labels), 1, 'labels')
        equal(frame.labels[0].ttl, 61, 'TTL of the label')


@case('pipe: expires between two local functions')
def pipe_chain_expires():
    px.ctl('config set ttl pipe')
    inner = fresh(4)
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 2), (16012, 0, 64), (900, 0, 64)], inner)
        topo.at_vnf(1, inner)
        topo.from_vnf(1, inner)
        topo.silent()
    led.dropped(ttl_expired=1)


def uniform(family):
    """IP: min(IP, label - 1) before the function; label: IP after it."""
    px.ctl('config set ttl uniform')
    for top, ip_ttl, bare_ttl in ((64, 64, 63), (64, 20, 20), (20, 64, 19), (255, 255, 254),
                                  (2, 64, 1)):
        inner = fresh(family, ttl=ip_ttl)
        bare = pkt.with_ttl(inner, bare_ttl)
        visit([(16011, 0, top), (900, 3, 64)], inner, bare)
        topo.at_switch([(900, 3, bare_ttl)], bare)
    inner = fresh(family, ttl=64)
    bare, returned = pkt.with_ttl(inner, 63), pkt.with_ttl(inner, 40)
    visit([(16011, 0, 64), (900, 0, 64)], inner, bare, returned)
    topo.at_switch([(900, 0, 40)], returned)


case('uniform, v4: TTL goes from label to packet and back', 4)(uniform)
case('uniform, v6: TTL goes from label to packet and back', 6)(uniform)


def uniform_chain(family):
    """Each local visit takes one, from the packet too."""
    px.ctl('config set ttl uniform')
    inner = fresh(family, ttl=60)
    topo.to_proxy([(16011, 0, 50), (16012, 0, 50), (16013, 0, 50), (900, 0, 50)], inner)
    for n, ttl in ((1, 49), (2, 48), (3, 47)):
        bare = pkt.with_ttl(inner, ttl)
        topo.at_vnf(n, bare)
        topo.from_vnf(n, bare)
    topo.at_switch([(900, 0, 47)], pkt.with_ttl(inner, 47))


case('uniform, v4: each local visit takes one', 4)(uniform_chain)
case('uniform, v6: each local visit takes one', 6)(uniform_chain)


@case('uniform: expires between two local functions')
def uniform_chain_expires():
    px.ctl('config set ttl uniform')
    inner = fresh(6)
    bare = pkt.with_ttl(inner, 1)
    with Ledger(px) as led:
        topo.to_proxy([(16011, 0, 2), (16012, 0, 64), (900, 0, 64)], inner)
        topo.at_vnf(1, bare)
        topo.from_vnf(1, bare)
        topo.silent()
    led.dropped(ttl_expired=1)


@case('last function of a chain: the stack routes with the TTL of the model')
def last_function():
    for mode, ttl in (('pipe', 32), ('uniform', 9)):
        px.ctl('config set ttl ' + mode)
        for family in (4, 6):
            inner = fresh(family, ttl=33)
            bare = inner if mode == 'pipe' else pkt.with_ttl(inner, 10)
            visit([(16011, 0, 11)], inner, bare)
            topo.at_switch([], pkt.with_ttl(inner, ttl), topo.s1)


@case('ECN of the returned packet is left as the function set it')
def ecn():
    for mode in ('pipe', 'uniform'):
        px.ctl('config set ttl ' + mode)
        for family in (4, 6):
            inner = fresh(family, tos=0x02)
            bare = inner if mode == 'pipe' else pkt.with_ttl(inner, 63)
            marked = pkt.with_tos(bare, 0x03)
            visit([16011, 900], inner, bare, marked)
            frame = topo.s0.recv()
            equal(frame.inner, marked, 'packet')


def uniform_bypass(family):
    """The last label, bypassed, leaves the packet no more than it had."""
    px.ctl('config set ttl uniform', 'vnf set n3 admin down',
           'sid set 16013 vnf n3 fallback bypass')
    s1 = topo.s1
    try:
        for top, ip_ttl, left in ((64, 64, 62), (9, 64, 7), (64, 9, 8)):
            inner = fresh(family, ttl=ip_ttl)
            with Ledger(px, local=1):
                topo.to_proxy([(16013, 0, top)], inner)
                topo.at_switch([], pkt.with_ttl(inner, left), s1)
        with Ledger(px) as led:
            topo.to_proxy([(16013, 0, 64)], fresh(family, ttl=0))
            topo.silent()
        led.dropped(ttl_expired=1)
    finally:
        px.ctl('vnf set n3 admin up', 'sid set 16013 vnf n3 fallback drop')


case('uniform, v4: the last label is bypassed', 4)(uniform_bypass)
case('uniform, v6: the last label is bypassed', 6)(uniform_bypass)


run()
