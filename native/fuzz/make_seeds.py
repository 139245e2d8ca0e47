#!/usr/bin/env python3
"""Writes the seeds of corpus/pipeline, and those of corpus/parse that are IPv6: sound packets of
every kind to the world of pipeline_world.c, by scapy (Debian: python3-scapy)."""
import logging
import os
import sys

logging.getLogger('scapy').setLevel(logging.ERROR)
sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'test', 'fixtures'))

from scapy.all import (GRE, ICMP, IP, ICMPv6DestUnreach, ICMPv6EchoReply,  # noqa: E402
                       ICMPv6EchoRequest, ICMPv6ND_NS, ICMPv6PacketTooBig, IPOption_LSRR, IPv6,
                       IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                       IPv6ExtHdrRouting, PadN, Raw, raw)
from scapy.layers.sctp import SCTPChunkData, SCTPChunkInit  # noqa: E402

from fixture_writer import CLIENT, LOCAL, SERVER, VIP, frame, ip  # noqa: E402
from nat_fixtures import SYN, Header, sctp, tcp, udp  # noqa: E402
from one_way_fixtures import Tunnel  # noqa: E402

POOL = {4: '192.0.2.20', 6: '2001:db8:0:1::20'}
TRANSPORTS = {
    'tcp': tcp('PA', b'data', 5, 6),
    'udp': udp(b'datagram'),
    'sctp': sctp(SCTPChunkData(beginning=1, ending=1, tsn=7, data=b'data')),
}
TWICE, AGES = 2, 4


def write(corpus, name, octets):
    with open(os.path.join(HERE, 'corpus', corpus, name), 'wb') as file:
        file.write(octets)


def record(port, packet, control=0):
    macs = ('gateway', 'port0') if port == 0 else ('server', 'port1')
    octets = raw(frame(*macs, packet)[0])
    return bytes([port | control]) + len(octets).to_bytes(2, 'big') + octets


def seed(name, *records):
    write('pipeline', name, b''.join(records))


def unreachable(family, quoted, mtu=0):
    if mtu:
        error = (ICMP(type=3, code=4, nexthopmtu=mtu) if family == 4
                 else ICMPv6PacketTooBig(mtu=mtu))
    else:
        error = ICMP(type=3, code=3) if family == 4 else ICMPv6DestUnreach(code=4)
    return error / Raw(raw(quoted))


def packet(source, destination, transport, ttl=64, **fields):
    return Header(**fields).build(source, destination, ttl, transport)


def add_two_way(family):
    client, vip = CLIENT[family], VIP[family]
    for port, other in ((80, family), (81, 10 - family), (82, family)):
        near, near_port = (client, 40001) if port == 82 else (LOCAL[other], 50123)
        server = SERVER[other]
        for name, transport in TRANSPORTS.items():
            title = f'{name}-{port}-v{family}'
            seed(f'{title}-request', record(0, packet(client, vip, transport(40001, port))))
            seed(f'{title}-reply', record(1, packet(server, near,
                                                    transport(8000 + port, near_port))))
            if name != 'tcp':
                continue
            seed(f'{title}-new', record(0, packet(client, vip, SYN(40002, port)), TWICE))
            seed(f'{title}-error-inside', record(1, ip(server, near) / unreachable(
                other, packet(near, server, transport(near_port, 8000 + port)), 1300)))
            seed(f'{title}-error-outside', record(0, ip(client, vip) / unreachable(
                family, packet(vip, client, transport(port, 40001)))))


def add_one_way(family):
    client, vip = CLIENT[family], VIP[family]
    for port, other, kind in ((83, family, None), (84, family, 'ipip'), (85, 10 - family, 'ipip'),
                              (86, family, 'gre'), (87, 10 - family, 'gue')):
        for name, transport in TRANSPORTS.items():
            seed(f'{name}-{port}-v{family}', record(0, packet(client, vip,
                                                              transport(40001, port))))
        if kind is None:
            continue
        way = Tunnel(family, other, kind, kind != 'ipip')
        inner = packet(client, vip, tcp('A', b'inner', 5, 6)(40001, port), 9)
        seed(f'tunnel-{port}-v{family}-error', record(1, ip(SERVER[other], LOCAL[other]) /
                                                      unreachable(other, way.wrap(
                                                          inner, SERVER[other]), 1300)))


def add_snat(family):
    inside, outside = SERVER[family], CLIENT[family]
    for name, transport in TRANSPORTS.items():
        seed(f'{name}-snat-v{family}-out', record(1, packet(inside, outside,
                                                            transport(40001, 443))))
        seed(f'{name}-snat-v{family}-back', record(0, packet(outside, POOL[family],
                                                             transport(443, 61234))))
    request = ICMP(type=8, id=40001) if family == 4 else ICMPv6EchoRequest(id=40001)
    reply = ICMP(type=0, id=61234) if family == 4 else ICMPv6EchoReply(id=61234)
    seed(f'echo-snat-v{family}', record(1, packet(inside, outside, request)),
         record(0, packet(outside, POOL[family], reply)))


def add_others(family):
    client, vip, inside = CLIENT[family], VIP[family], SERVER[family]
    ping = ICMP(type=8) if family == 4 else ICMPv6EchoRequest()
    seed(f'ping-v{family}', record(0, packet(client, vip, ping / Raw(b'ping'))))
    seed(f'reset-v{family}', record(0, packet(client, vip, tcp('A', seq=5, ack=6)(9, 90))))
    seed(f'ttl-v{family}', record(0, packet(client, vip, SYN(9, 80), 1)))
    seed(f'transit-v{family}', record(0, packet(client, '203.0.113.5' if family == 4
                                                else '2001:db8:77::5', GRE() / Raw(b'x'))))
    seed(f'connection-v{family}', record(0, packet(client, vip, SYN(40003, 80))),
         record(0, packet(client, vip, tcp('A', b'x', 1001, 6)(40003, 80)), TWICE),
         record(0, packet(client, vip, tcp('R')(40003, 80))),
         record(0, packet(client, vip, SYN(40003, 80)), AGES))
    seed(f'init-v{family}', record(0, packet(client, vip, sctp(SCTPChunkInit(), 0)(9, 80))))
    if family == 4:
        seed('fragment-v4', record(0, IP(src=client, dst=vip, flags='MF', proto=6) /
                                   Raw(b'12345678')))
        seed('route-v4', record(0, packet(client, vip, SYN(9, 80), options=[IPOption_LSRR(
            routers=['192.0.2.77'], pointer=4)])))
        return
    for name, extension in extensions().items():
        seed(f'{name}-v6', record(0, packet(client, vip, TRANSPORTS['tcp'](40001, 80),
                                            extension=extension)))
        seed(f'{name}-v6-to-v4', record(0, packet(client, vip, TRANSPORTS['tcp'](40001, 81),
                                                  extension=extension)))


def extensions():
    return {
        'hop-by-hop': IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(4))]),
        'destination': IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(4))]) /
                       IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(60))]),
        'atomic': IPv6ExtHdrFragment(id=5),
        'fragment': IPv6ExtHdrFragment(id=5, m=1),
        'route': IPv6ExtHdrRouting(addresses=['2001:db8::77'], segleft=1),
        'route-ended': IPv6ExtHdrRouting(addresses=['2001:db8::77'], segleft=0),
    }


def add_parse():
    client, vip = CLIENT[6], VIP[6]

    def parse_seed(name, built):
        write('parse', f'v6-{name}', raw(frame('gateway', 'port0', built)[0]))
    for name, transport in TRANSPORTS.items():
        parse_seed(name, packet(client, vip, transport(40001, 80)))
    for name, extension in extensions().items():
        parse_seed(name, packet(client, vip, SYN(40001, 80), extension=extension))
    parse_seed('echo', packet(client, vip, ICMPv6EchoRequest(data=b'abc')))
    parse_seed('error', packet(client, vip, unreachable(6, packet(vip, client, SYN(80, 40001)))))
    parse_seed('neighbour', IPv6(src=client, dst='ff02::1:ff00:10', hlim=255) /
               ICMPv6ND_NS(tgt=vip))
    parse_seed('mapped', packet('::ffff:192.0.2.1', vip, SYN(40001, 80)))
    write('parse', 'sctp', raw(frame('gateway', 'port0', packet(
        CLIENT[4], VIP[4], TRANSPORTS['sctp'](40001, 80)))[0]))


if __name__ == '__main__':
    os.makedirs(os.path.join(HERE, 'corpus', 'pipeline'), exist_ok=True)
    for each in (4, 6):
        for add in (add_two_way, add_one_way, add_snat, add_others):
            add(each)
    add_parse()
