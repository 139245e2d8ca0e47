"""What a server's kernel does when it has devices for tunnels, for kernels that have none: takes
IP in IP (RFC 2003, RFC 2473, RFC 4213), GRE (RFC 2784) and GUE (version 0) apart, checks what there
is to check, and gives the inner packet to the kernel through a TUN device.

decapsulate.py DEVICE PORT    PORT: of GUE
"""
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SO_RCVBUFFORCE, UDP_NO_CHECK6_RX = 33, 102
IPV4, IPV6, GRE = 4, 41, 47
GRE_TYPES = {0x0800: 4, 0x86DD: 6}
GUE_TYPES = {IPV4: 4, IPV6: 6}


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def inner_of_gre(packet):
    flags, kind = struct.unpack_from("!HH", packet)
    assert flags in (0, 0x8000), "GRE flags %04x" % flags
    if flags == 0:
        return packet[4:], GRE_TYPES[kind]
    assert checksum(packet) == 0, "GRE checksum"
    return packet[8:], GRE_TYPES[kind]


def inner_of_gue(packet):
    first, protocol, flags = struct.unpack_from("!BBH", packet)
    assert first == 0 and flags == 0, "GUE header %s" % packet[:4].hex()
    return packet[4:], GUE_TYPES[protocol]


def inner_of(protocol, packet):
    if protocol == GRE:
        return inner_of_gre(packet)
    if protocol == socket.IPPROTO_UDP:
        return inner_of_gue(packet)
    return packet, GUE_TYPES[protocol]


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def open_sockets(gue_port):
    protocols = {}
    for family in (socket.AF_INET, socket.AF_INET6):
        for protocol in (IPV4, IPV6, GRE):
            raw = socket.socket(family, socket.SOCK_RAW, protocol)
            protocols[raw] = (protocol, family == socket.AF_INET)
    gue = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    gue.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_RX, 1)
    gue.bind(("::", gue_port))
    protocols[gue] = (socket.IPPROTO_UDP, False)
    for one in protocols:
        one.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    return protocols


def main():
    protocols = open_sockets(int(sys.argv[2]))
    device = open_device(sys.argv[1])
    while True:
        for ready in select.select(list(protocols), [], [])[0]:
            packet = ready.recv(65536)
            protocol, has_header = protocols[ready]
            if has_header:
                packet = packet[(packet[0] & 15) * 4:]
            inner, version = inner_of(protocol, packet)
            assert inner[0] >> 4 == version, "the carrier says version %d" % version
            os.write(device, inner)


main()
