"""DHCP, DNS and Ethernet as octets: what tests say on the wire and how they read the answer.

Written from the RFCs and independent of berthd's own codec, so that the two check each other.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import random
import socket
import struct
import time
from collections.abc import Iterator

from . import lab

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
COOKIE = b"\x63\x82\x53\x63"
OVERLOAD, MESSAGE_TYPE, SERVER_ID, REQUESTED_ADDRESS = 52, 53, 54, 50
PARAMETERS, CLIENT_ID, RELAY_AGENT = 55, 61, 82
BROADCAST_FLAG = 0x8000


def mac_octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def address_octets(address: str) -> bytes:
    return ipaddress.IPv4Address(address).packed


def address_text(octets: bytes) -> str:
    return str(ipaddress.IPv4Address(octets))


# --- DHCP: RFC 2131 figure 1 ----------------------------------------------------------------------


@dataclasses.dataclass
class Dhcp:
    """A message; options by code, in the order they are sent."""

    type: int = 0  # none: BOOTP
    op: int = 1
    hops: int = 0
    xid: int = 0
    flags: int = 0
    ciaddr: str = "0.0.0.0"
    yiaddr: str = "0.0.0.0"
    siaddr: str = "0.0.0.0"
    giaddr: str = "0.0.0.0"
    chaddr: str = "00:00:00:00:00:00"
    options: dict[int, bytes] = dataclasses.field(default_factory=dict)

    def octets(self) -> bytes:
        fixed = struct.pack("!BBBBIHH", self.op, 1, 6, self.hops, self.xid, 0, self.flags)
        for address in (self.ciaddr, self.yiaddr, self.siaddr, self.giaddr):
            fixed += address_octets(address)
        fixed += mac_octets(self.chaddr).ljust(16, b"\0") + bytes(64 + 128)
        options = {MESSAGE_TYPE: bytes([self.type])} if self.type else {}
        field = b"".join(
            bytes([code, len(value)]) + value for code, value in (options | self.options).items()
        )
        return (fixed + COOKIE + field + b"\xff").ljust(300, b"\0")

    @staticmethod
    def parse(octets: bytes) -> Dhcp:
        op, htype, hlen, hops, xid, _, flags = struct.unpack_from("!BBBBIHH", octets)
        if (htype, hlen) != (1, 6) or octets[236:240] != COOKIE:
            raise ValueError("no DHCP message for Ethernet")
        addresses = [address_text(octets[at : at + 4]) for at in range(12, 28, 4)]
        options: dict[int, bytes] = {}
        areas = [octets[240:]]
        while areas:
            for code, value in _options(areas.pop(0)):
                options[code] = options.get(code, b"") + value
                if code == OVERLOAD:
                    areas += [octets[108:236]] * (value[0] & 1) + [octets[44:108]] * (value[0] >> 1)
        kind = options.pop(MESSAGE_TYPE, b"\0")[0]
        return Dhcp(
            kind, op, hops, xid, flags, *addresses, octets[28:34].hex(":"), options
        )  # fmt: skip

    def address(self, code: int) -> str:
        return address_text(self.options[code])


def _options(area: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(area) and area[at] != 255:
        if area[at] == 0:
            at += 1
            continue
        length = area[at + 1]
        yield area[at], area[at + 2 : at + 2 + length]
        at += 2 + length


def discover(mac: str, flags: int = 0) -> Dhcp:
    options = {PARAMETERS: bytes([1, 3, 6, 12, 15, 119])}
    return Dhcp(DISCOVER, xid=random.getrandbits(32), flags=flags, chaddr=mac, options=options)


def request(offer: Dhcp, flags: int = 0) -> Dhcp:
    """The REQUEST in SELECTING that takes up an offer."""
    options = {
        REQUESTED_ADDRESS: address_octets(offer.yiaddr),
        SERVER_ID: offer.options[SERVER_ID],
        PARAMETERS: bytes([1, 3, 6, 12, 15, 119]),
    }
    return Dhcp(REQUEST, xid=offer.xid, flags=flags, chaddr=offer.chaddr, options=options)


# --- DNS: RFC 1035 4.1 ----------------------------------------------------------------------------

A, PTR, TXT, AAAA, SRV, OPT, ANY = 1, 12, 16, 28, 33, 41, 255
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)


def dns_name(name: str) -> bytes:
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def dns_query(name: str, qtype: int = A, identifier: int | None = None) -> bytes:
    identifier = random.getrandbits(16) if identifier is None else identifier
    return struct.pack("!6H", identifier, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack(
        "!2H", qtype, 1
    )


@dataclasses.dataclass
class DnsAnswer:
    """The header of a response, and the addresses of its A records."""

    identifier: int
    flags: int
    answers: int
    addresses: list[str]

    @property
    def rcode(self) -> int:
        return self.flags & 15

    @staticmethod
    def parse(octets: bytes) -> DnsAnswer:
        identifier, flags, questions, answers, _, _ = struct.unpack_from("!6H", octets)
        at = 12
        for _ in range(questions):
            at = _skip_name(octets, at) + 4
        addresses = []
        for _ in range(answers):
            at = _skip_name(octets, at)
            rrtype, _, _, length = struct.unpack_from("!HHIH", octets, at)
            at += 10
            if rrtype == A:
                addresses.append(address_text(octets[at : at + 4]))
            at += length
        return DnsAnswer(identifier, flags, answers, addresses)


def _skip_name(octets: bytes, at: int) -> int:
    while octets[at]:
        if octets[at] >= 0xC0:
            return at + 2
        at += 1 + octets[at]
    return at + 1


# --- Ethernet, IPv4 and UDP -----------------------------------------------------------------------


def checksum(octets: bytes) -> int:
    """RFC 1071; zero over something that carries its own right checksum."""
    total = sum(struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + bytes(len(octets) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


@dataclasses.dataclass
class UdpFrame:
    """A UDP datagram as it is on the wire."""

    source_mac: str
    destination_mac: str
    source: tuple[str, int]
    destination: tuple[str, int]
    payload: bytes
    ip_checksum_right: bool = True
    udp_checksum: int = 0  # as found in the frame; zero: not computed
    udp_checksum_right: bool = True
    udp_checksum_ready: bool = True  # False: left to the network card, RFC 1071 not done yet

    def octets(self) -> bytes:
        length = 8 + len(self.payload)
        pseudo = (
            address_octets(self.source[0]) + address_octets(self.destination[0])
            + struct.pack("!BBH", 0, 17, length)
        )  # fmt: skip
        udp = struct.pack("!4H", self.source[1], self.destination[1], length, 0)
        udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp + self.payload) or 0xFFFF)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 17, 0) + pseudo[:8]
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        ethernet = mac_octets(self.destination_mac) + mac_octets(self.source_mac) + b"\x08\x00"
        return ethernet + ip + udp + self.payload

    @staticmethod
    def parse(octets: bytes, checksum_ready: bool = True) -> UdpFrame | None:
        """None for what is not UDP over IPv4."""
        if len(octets) < 42 or octets[12:14] != b"\x08\x00" or octets[23] != 17:
            return None
        start = 14 + (octets[14] & 15) * 4
        ip = octets[14:start]
        source_port, destination_port, length, found = struct.unpack_from("!4H", octets, start)
        udp = octets[start : start + length]
        pseudo = ip[12:20] + struct.pack("!BBH", 0, 17, length)
        return UdpFrame(
            octets[6:12].hex(":"), octets[:6].hex(":"),
            (address_text(ip[12:16]), source_port), (address_text(ip[16:20]), destination_port),
            udp[8:], checksum(ip) == 0, found, found == 0 or checksum(pseudo + udp) == 0,
            checksum_ready,
        )  # fmt: skip


class Wire:
    """An interface seen from below its IP stack, a guest's eth0 as a rule: sends and sees whole
    frames; of those that its own stack sends it sees none."""

    SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, CSUM_NOT_READY = 263, 8, 23, 0x8
    ETH_P_ALL = 3

    def __init__(self, guest: lab.Namespace, interface: str = "eth0") -> None:
        self.mac = guest.mac if isinstance(guest, lab.Guest) else ""
        with guest.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.socket.setsockopt(self.SOL_PACKET, self.PACKET_AUXDATA, 1)
            self.socket.setsockopt(self.SOL_PACKET, self.PACKET_IGNORE_OUTGOING, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.socket.bind((interface, self.ETH_P_ALL))

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, payload: bytes, source: tuple[str, int] = ("0.0.0.0", 68),
             destination: tuple[str, int] = ("255.255.255.255", 67),
             destination_mac: str = BROADCAST_MAC) -> None:  # fmt: skip
        frame = UdpFrame(self.mac, destination_mac, source, destination, payload)
        self.socket.send(frame.octets())

    def receive(self, seconds: float) -> UdpFrame | None:
        """The next UDP datagram that comes in; None when time is up."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                octets, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(20))
            except TimeoutError:
                break
            ready = not any(
                struct.unpack_from("=I", data)[0] & self.CSUM_NOT_READY
                for level, kind, data in ancillary
                if (level, kind) == (self.SOL_PACKET, self.PACKET_AUXDATA)
            )
            frame = UdpFrame.parse(octets, ready)
            if frame:
                return frame
        return None

    def reply(self, xid: int, seconds: float) -> tuple[Dhcp, UdpFrame] | None:
        """The next DHCP reply with this transaction id, with the frame it came in."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            frame = self.receive(left)
            if frame and frame.destination[1] == 68:
                message = Dhcp.parse(frame.payload)
                if message.op == 2 and message.xid == xid:
                    return message, frame
        return None

    def replies(self, xid: int, seconds: float) -> list[tuple[Dhcp, UdpFrame]]:
        """All DHCP replies with this transaction id that come within the time."""
        deadline = time.monotonic() + seconds
        found = []
        while (left := deadline - time.monotonic()) > 0:
            if answer := self.reply(xid, left):
                found.append(answer)
        return found

    def ask(self, message: Dhcp, seconds: float = 2.0) -> tuple[Dhcp, UdpFrame] | None:
        self.send(message.octets())
        return self.reply(message.xid, seconds)

    def first_offer(self, seconds: float = 5.0, pause: float = 0.001) -> float:
        """Asks again and again until somebody offers; returns the time of the offer."""
        deadline = time.monotonic() + seconds
        message = discover(self.mac)
        while time.monotonic() < deadline:
            self.send(message.octets())
            if self.reply(message.xid, pause):
                return time.monotonic()
        raise lab.LabError(f"no offer within {seconds:g} s")
