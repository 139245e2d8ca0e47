"""What a client of the data plane's tests does beyond HTTP; exits 0 when the answer is right.

probe.py ping ADDRESS                 an echo request, answered
probe.py echo ADDRESS PORT SIZE...    datagrams of these sizes, answered
probe.py refused ADDRESS PORT         the server closes its socket: the kernel says refused
probe.py post ADDRESS PORT BYTES      HTTP whose first segment is as large as any: answered
probe.py stream ADDRESS PORT          datagrams and answers until it reads a line: prints how
                                      many were sent, and how many not answered
probe.py expired ADDRESS PORT HOPS    a datagram of that TTL: prints who says that it expired
"""
import hashlib
import select
import socket
import struct
import sys
import time

WAIT_SECONDS = 3
# Between rounds of a stream, so that it leaves time to those who are measured meanwhile.
ROUND_SECONDS = 0.004
IPV6_RECVERR, IPV6_UNICAST_HOPS, IP_RECVERR, MSG_ERRQUEUE = 25, 16, 11, 0x2000
EXPIRED = {socket.AF_INET: (11, 0), socket.AF_INET6: (3, 0)}


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def checksum(octets):
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ping_v4(address):
    icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    icmp.settimeout(WAIT_SECONDS)
    request = struct.pack("!BBHHH", 8, 0, 0, 7, 7) + b"keelson!"
    request = request[:2] + struct.pack("!H", checksum(request)) + request[4:]
    icmp.sendto(request, (address, 0))
    while True:
        packet, (source, _) = icmp.recvfrom(2048)
        if source == address and packet[20] == 0 and checksum(packet[20:]) == 0:
            assert packet[24:] == request[4:]
            return


def ping_v6(address):
    icmp = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    icmp.settimeout(WAIT_SECONDS)
    request = struct.pack("!BBHHH", 128, 0, 0, 7, 7) + b"keelson!"
    icmp.sendto(request, (address, 0))
    while True:
        message, (source, *_) = icmp.recvfrom(2048)
        if source == address and message[0] == 129:
            assert message[4:] == request[4:]
            return


def connected(address, port):
    udp = socket.socket(family_of(address), socket.SOCK_DGRAM)
    udp.settimeout(WAIT_SECONDS)
    udp.connect((address, port))
    return udp


def answered(udp, message):
    """Where many share few CPUs, a queue may overflow: a datagram has three tries."""
    for _ in range(3):
        udp.send(message)
        try:
            return udp.recv(65536)
        except socket.timeout:
            continue
    sys.exit("no answer to %d octets" % len(message))


def echo(address, port, *sizes):
    udp = connected(address, int(port))
    udp.settimeout(1)
    for size in map(int, sizes):
        message = bytes((size + i) % 251 for i in range(size))
        assert answered(udp, message) == message, "%d octets" % size


def refused(address, port):
    udp = connected(address, int(port))
    assert answered(udp, b"there?") == b"there?"
    udp.send(b"close")
    udp.settimeout(0.1)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            udp.send(b"close")
            udp.recv(2048)
        except socket.timeout:
            continue
        except ConnectionRefusedError:
            return
    sys.exit("nobody said that the port is closed")


def expired(address, port, hops):
    family = family_of(address)
    udp = connected(address, int(port))
    if family == socket.AF_INET:
        udp.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        udp.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(hops))
    else:
        udp.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        udp.setsockopt(socket.IPPROTO_IPV6, IPV6_UNICAST_HOPS, int(hops))
    udp.send(b"how far?")
    poll = select.poll()
    poll.register(udp, select.POLLERR)
    if not poll.poll(WAIT_SECONDS * 1000):
        sys.exit("nobody said that it expired")
    message, ancillary, _, _ = udp.recvmsg(2048, 512, MSG_ERRQUEUE)
    _, _, told = ancillary[0]
    _, _, icmp_type, code = struct.unpack_from("=IBBB", told)
    assert (icmp_type, code) == EXPIRED[family], (icmp_type, code)
    assert message == b"how far?", message
    offender = told[20:24] if family == socket.AF_INET else told[24:40]
    print(socket.inet_ntop(family, offender))


def post(address, port, size):
    body = bytes(i % 251 for i in range(int(size)))
    head = "POST / HTTP/1.1\r\nHost: any\r\nConnection: close\r\nContent-Length: %s\r\n\r\n"
    with socket.create_connection((address, int(port)), WAIT_SECONDS) as tcp:
        tcp.sendall((head % size).encode() + body)
        answer = b""
        while octets := tcp.recv(65536):
            answer += octets
    assert hashlib.sha256(body).hexdigest().encode() in answer, answer


def stream(address, port):
    """Sixteen sockets, each with a datagram on its way; every hundredth one begins anew."""
    number = lost = 0
    waiting = {}
    while True:
        stopping = select.select([sys.stdin], [], [], 0)[0]
        while len(waiting) < 16 and not stopping:
            udp = connected(address, int(port))
            waiting[udp] = None
        now = time.monotonic()
        for udp, sent in list(waiting.items()):
            if sent is None or now - sent[1] > WAIT_SECONDS:
                lost += sent is not None
                if stopping:
                    udp.close()
                    del waiting[udp]
                    continue
                number += 1
                udp.send(b"%d" % number)
                waiting[udp] = (b"%d" % number, now)
        if not waiting:
            break
        time.sleep(ROUND_SECONDS)
        for udp in select.select(list(waiting), [], [], 0.1)[0]:
            if udp.recv(2048) != waiting[udp][0]:
                continue
            waiting[udp] = None
            if number % 100 == 0:
                udp.close()
                del waiting[udp]
    print(number, lost)


def ping(address):
    (ping_v6 if ":" in address else ping_v4)(address)


def main():
    what, *words = sys.argv[1:]
    known = (ping, echo, refused, post, stream, expired)
    {one.__name__: one for one in known}[what](*words)


main()
