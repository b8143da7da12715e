# SPDX-License-Identifier: GPL-2.0-or-later
"""See test_tls.sh."""

import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager

import ktls
import pkt
from farend import SOON, Far
from ktap import before_each, case, check, equal, run, wait_for
from proxy import Ledger

topo = Far()
px = topo.px
HOST = '10.3.1.2:0'
CERT = 'cert fn.pem key fn.key'


@before_each
def start():
    px.clear()
    topo.drain()
    px.ctl('config set icmp none', 'uplink add dev u0')


def add(place, peer):
    """vnf add ... tls, which stays."""
    return topo.keep('vnf', 'add', 'fn', 'tcp', 'remote', place, 'tls', *peer.split())


def serves(place, peer):
    """It comes up, and packets go there and back."""
    with add(place, peer) as keep:
        equal(keep.event()['event'], 'up', 'first event')
        px.ctl('sid add 16010 vnf fn')
        topo.up('fn')
        topo.rounds()
        check(px.vnf('fn')['tls'], 'show does not say tls')
        keep.stop()
    wait_for(lambda: px.vnf('fn')['state'] == 'down', 'the connection to end', SOON)
    equal(px.vnf('fn')['cause'], 'closed', 'cause')


def good(far, peer, host=HOST):
    with topo.echo('tls', host, *far.split()) as echo:
        serves(echo.place, peer)


case('psk', 'psk psk', 'psk psk')(good)
case('psk: another identity', 'psk psk', 'psk psk identity other')(good)
case('certificate: for its address', CERT, 'ca ca.pem')(good)
case('certificate: for its address, v6', CERT, 'ca ca.pem', '[2001:db8:31::2]:0')(good)
case('certificate: for a name', CERT, 'ca ca.pem name fn.example')(good)
case('certificate: both have one', CERT + ' ca ca.pem', 'ca ca.pem cert me.pem key me.key')(good)


def refused(place, peer, sentence):
    """Refused with a sentence; nothing is added."""
    with add(place, peer) as keep:
        status, error = keep.end()
    equal(status, 2, 'exit status of ' + peer)
    check(sentence in error and error.startswith('Error: ') and error.endswith('.\n') and
          error.count('\n') == 1, 'want "%s", said: %s' % (sentence, error))
    equal(px.show('vnf show'), [], 'vnfs')


def bad(far, *peers):
    """One far end, and what it must not be trusted by, with the sentence."""
    with topo.echo('tls', HOST, *far.split()) as echo:
        for peer, sentence in peers:
            refused(echo.place, peer, sentence)


case('refused: keys', 'psk psk',
     ('psk psk-wrong', 'perhaps another key'),
     ('psk psk identity none', 'no key of "none"'),
     ('psk psk-none', 'no line IDENTITY:KEY'),
     ('psk psk-open', 'others may use it'),
     ('psk nowhere', 'nowhere: No such file'),
     ('ca ca.pem', 'handshake'))(bad)
case('refused: another name, another authority, a key', CERT,
     ('ca ca.pem name other.example', 'is not for other.example'),
     ('ca me.pem', 'signed by none of those in me.pem'),
     ('ca psk', 'psk: '),
     ('psk psk', 'perhaps another key'))(bad)
case('refused: a certificate for another address', 'cert me.pem key me.key',
     ('ca ca.pem', 'is not for 10.3.1.2'))(bad)
case('refused: an expired certificate', 'cert old.pem key fn.key',
     ('ca ca.pem name fn.example', 'has expired'))(bad)
case('refused: no certificate of ours', CERT + ' ca ca.pem',
     ('ca ca.pem', 'asks for a certificate'))(bad)


@case('refused: a far end with other ciphers only')
def ciphers():
    with topo.listener('tcp', 4433, 'openssl', 's_server', '-accept', '10.3.1.2:4433', '-quiet',
                       '-cert', 'fn.pem', '-key', 'fn.key', '-tls1_3', '-ciphersuites',
                       'TLS_CHACHA20_POLY1305_SHA256'):
        refused('10.3.1.2:4433', 'ca ca.pem', 'refused the handshake')


@case('refused: nobody there')
def nobody():
    refused('10.3.1.2:1', 'ca ca.pem', 'connecting to 10.3.1.2:1: Connection refused')


@case('refused: a far end that speaks no TLS')
def no_tls():
    code = ("import socket, time; mail = socket.create_server(('10.3.1.2', 25)).accept()[0]; "
            "mail.send(b'220 mail.example'); time.sleep(600)")
    with topo.listener('tcp', 25, '/usr/bin/python3', '-c', code):
        refused('10.3.1.2:25', 'ca ca.pem', 'the handshake with')


@case('guide: tls in Python, TLS 1.3 with session tickets')
def guide():
    with topo.guide('tls', 'tcp', 5002):
        serves('10.3.1.2:5002', 'ca ca.pem')


@case('tls without a peer: written down, saved, kept by another')
def declared():
    with topo.echo('tls', HOST, 'psk', 'psk') as echo:
        px.ctl('vnf add fn tcp remote %s tls' % echo.place, 'sid add 16010 vnf fn')
        equal((px.vnf('fn')['state'], px.vnf('fn')['cause']), ('down', 'not-connected'), 'state')
        status, saved, _ = px.run('save')
        equal(status, 0, 'save')
        path = os.path.join(topo.dir, 'saved')
        with open(path, 'w', encoding='ascii') as file:
            file.write(saved)
        px.clear()
        equal(px.run('apply', path)[::2], (0, ''), 'apply')
        with topo.keep('vnf', 'keep', 'fn') as keep:
            status, error = keep.end()
        equal(status, 1, 'keep without files')
        check('is behind TLS' in error, error)
        with topo.keep('vnf', 'keep', 'fn', 'tls', 'psk', 'psk') as keep:
            keep.until('up')
            topo.up('fn')
            topo.rounds()
            # apply of the same has no part in the connection
            equal(px.run('apply', path)[::2], (0, ''), 'apply')
            topo.rounds()
            keep.stop()


@case('keep: the far end dies and comes back, with a new certificate')
def comes_back():
    for suffix in ('.pem', '.key'):
        shutil.copy(topo.dir + '/fn' + suffix, topo.dir + '/now' + suffix)
    far = topo.echo('tls', HOST, 'cert', 'now.pem', 'key', 'now.key')
    place = far.place
    with add(place, 'ca ca.pem name fn.example') as keep:
        equal(keep.event()['event'], 'up', 'first event')
        px.ctl('sid add 16010 vnf fn')
        far.kill()
        check(keep.until('down')['cause'] in ('closed', 'socket-error'), 'cause')
        check('Connection refused' in keep.until('failed')['error'], 'sentence')
        with topo.echo('tls', place, 'cert', 'old.pem', 'key', 'fn.key'):
            while 'has expired' not in keep.until('failed')['error']:
                pass
        with topo.echo('tls', place, 'cert', 'now.pem', 'key', 'now.key'):
            keep.until('up', timeout=2 * SOON)
            topo.up('fn')
            topo.rounds()
        keep.stop()


@case('keep: killed itself, the vnf is down and can be kept anew')
def killed():
    with topo.echo('tls', HOST, 'psk', 'psk') as echo:
        with add(echo.place, 'psk psk') as keep:
            equal(keep.event()['event'], 'up', 'first event')
        wait_for(lambda: px.vnf('fn')['state'] == 'down', 'the connection to end', SOON)
        with topo.keep('vnf', 'keep', 'fn', 'tls', 'psk', 'psk') as keep:
            keep.until('up')
            px.ctl('sid add 16010 vnf fn')
            topo.up('fn')
            topo.rounds()


@case('a request without its file: reconnect by hand is refused')
def by_hand():
    with topo.echo('tls', HOST, 'psk', 'psk') as echo:
        px.ctl('vnf add fn tcp remote %s tls' % echo.place)
        status, _, error = px.run('vnf', 'reconnect', 'fn')
        equal(status, 2, 'exit status')
        check('socket' in error, error)


@contextmanager
def passed():
    """A vnf behind a socket that we share with it: (ours, the far end)."""
    ours, theirs = ktls.pair(px.netns, topo.gn, ('10.3.1.2', 4434))
    theirs.settimeout(SOON)
    passer = ktls.Passer(px.netns)
    try:
        passer.add('fn', ours)
        px.ctl('sid add 16010 vnf fn')
        topo.up('fn')
        yield ours, theirs
    finally:
        for one in (passer, ours, theirs):
            one.close()


@case('the far end goes over to other keys: down, not what cannot be read')
def key_update():
    packet = pkt.ip4(pkt.udp(1, 2))
    frame = len(packet).to_bytes(2, 'big') + packet
    with passed() as (_, theirs), Ledger(px) as led:
        topo.to_proxy([16010, 900], packet)
        equal(theirs.recv(70000), frame, 'at the function')
        theirs.send(frame)
        topo.at_switch([(900, 0, 63)], packet)
        ktls.record(theirs, ktls.HANDSHAKE, ktls.KEY_UPDATE)
        wait_for(lambda: px.vnf('fn')['state'] == 'down', 'the vnf to be down', SOON)
        equal(px.vnf('fn')['cause'], 'socket-error', 'cause')
    led.dropped()


@case('a user who holds on to the socket holds up nobody else')
def held():
    """He sends without end to who does not read, which TLS lets one do at a time."""
    with passed() as (ours, theirs):
        def send():
            try:
                ours.sendall(bytes(32 << 20))
            except OSError:
                pass
        sender = threading.Thread(target=send)
        sender.start()
        check(theirs.recv(1 << 20, socket.MSG_PEEK), 'octets')
        topo.to_proxy([16010, 900], pkt.ip4(pkt.udp(1, 2)))
        wait_for(lambda: px.vnf('fn')['queued'] == 1, 'the worker to wait', SOON)
        px.ctl('sid del 16010', 'vnf del fn', topo.vnf_line(1), 'vnf del n1')
        topo.ip('px', 'link set v1 down', 'link set v1 up')
        name = topo.prefix + '-go'
        for verb in ('add', 'del'):
            subprocess.run(['ip', 'netns', verb, name], check=True)
        theirs.close()
        sender.join(SOON)
        check(not sender.is_alive(), 'the sender goes on')


run()
