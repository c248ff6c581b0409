"""DNS messages whole: questions of every shape, and all that an answer says (RFC 1035, RFC 6891).

Written from the RFCs and independent of berthd's own codec, as wire.py is.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import struct

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV = 1, 2, 5, 6, 12, 15, 16, 28, 33
OPT, DS, RRSIG, DNSKEY, HTTPS, IXFR, AXFR, ANY = 41, 43, 46, 48, 65, 251, 252, 255
IN, CHAOS, ANY_CLASS = 1, 3, 255
QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010
DO = 0x8000  # of the flags in an OPT's TTL
TYPES = {A: "A", NS: "NS", CNAME: "CNAME", SOA: "SOA", PTR: "PTR", MX: "MX", TXT: "TXT", AAAA: "AAAA",
         SRV: "SRV", OPT: "OPT", DS: "DS", RRSIG: "RRSIG", DNSKEY: "DNSKEY", HTTPS: "HTTPS",
         IXFR: "IXFR", AXFR: "AXFR", ANY: "ANY"}  # fmt: skip
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
          9: "NOTAUTH", 16: "BADVERS"}  # fmt: skip


def type_name(number: int) -> str:
    return TYPES.get(number, f"TYPE{number}")


def name_octets(name: str) -> bytes:
    """Without escapes: a dot always ends a label."""
    labels = [label.encode("latin-1") for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def opt(size: int = 1232, flags: int = 0, version: int = 0, options: bytes = b"") -> bytes:
    return struct.pack("!BHHBBHH", 0, OPT, size, 0, version, flags, len(options)) + options


def option(code: int, value: bytes = b"") -> bytes:
    return struct.pack("!HH", code, len(value)) + value


def query(identifier: int, name: str, qtype: int = A, qclass: int = IN, flags: int = RD, opcode: int = 0,
          questions: int = 1, edns: bytes = b"") -> bytes:  # fmt: skip
    header = struct.pack("!6H", identifier, flags | opcode << 11, questions, 0, 0, bool(edns))
    return header + (name_octets(name) + struct.pack("!2H", qtype, qclass)) * questions + edns


@dataclasses.dataclass(frozen=True, order=True)
class Record:
    """Owner and names in lower case, data as in a zone file or, of other types, in hexadecimal."""

    owner: str
    type: str
    data: str
    ttl: int = dataclasses.field(compare=False)


@dataclasses.dataclass
class Message:
    identifier: int
    flags: int
    question: str = ""  # the name, its case kept
    answer: list[Record] = dataclasses.field(default_factory=list)
    authority: list[Record] = dataclasses.field(default_factory=list)
    additional: list[Record] = dataclasses.field(default_factory=list)
    edns_version: int | None = None  # none: no OPT
    extended_rcode: int = 0
    options: dict[int, bytes] = dataclasses.field(default_factory=dict)

    @property
    def rcode(self) -> str:
        number = self.extended_rcode << 4 | self.flags & 15
        return RCODES.get(number, f"RCODE{number}")

    @staticmethod
    def parse(octets: bytes) -> Message:
        identifier, flags, *counts = struct.unpack_from("!6H", octets)
        message = Message(identifier, flags)
        at = 12
        for _ in range(counts[0]):
            message.question, at = _name(octets, at)
            at += 4
        for count, section in zip(counts[1:], (message.answer, message.authority, message.additional)):
            for _ in range(count):
                at = message._record(octets, at, section)
        if at != len(octets):
            raise ValueError("octets behind the message")
        return message

    def _record(self, octets: bytes, at: int, section: list[Record]) -> int:
        owner, at = _name(octets, at)
        rrtype, _, ttl, length = struct.unpack_from("!HHIH", octets, at)
        at += 10
        end = at + length
        if rrtype == OPT:
            self.extended_rcode, self.edns_version = ttl >> 24, ttl >> 16 & 255
            while at < end:
                code, size = struct.unpack_from("!HH", octets, at)
                self.options[code] = octets[at + 4 : at + 4 + size]
                at += 4 + size
        else:
            section.append(Record(owner.lower(), type_name(rrtype), _data(octets, at, end, rrtype), ttl))
        return end


def _name(octets: bytes, at: int) -> tuple[str, int]:
    """A name as text with a final dot, and where what follows begins."""
    labels: list[str] = []
    after = 0
    while octets[at]:
        if octets[at] >= 0xC0:
            after = after or at + 2
            before, at = at, struct.unpack_from("!H", octets, at)[0] & 0x3FFF
            if at >= before:
                raise ValueError("a pointer that does not point backwards")
            continue
        labels.append(octets[at + 1 : at + 1 + octets[at]].decode("latin-1"))
        at += 1 + octets[at]
    return ".".join(labels) + ".", after or at + 1


def _data(octets: bytes, at: int, end: int, rrtype: int) -> str:
    if rrtype == A:
        return str(ipaddress.IPv4Address(octets[at:end]))
    if rrtype == AAAA:
        return str(ipaddress.IPv6Address(octets[at:end]))
    if rrtype in (NS, CNAME, PTR):
        return _name(octets, at)[0].lower()
    if rrtype in (MX, SRV):
        count = 1 if rrtype == MX else 3
        numbers = struct.unpack_from(f"!{count}H", octets, at)
        return " ".join([*map(str, numbers), _name(octets, at + 2 * count)[0].lower()])
    if rrtype == SOA:
        server, at = _name(octets, at)
        mailbox, at = _name(octets, at)
        return " ".join([server.lower(), mailbox.lower(), *map(str, struct.unpack_from("!5I", octets, at))])
    if rrtype == TXT:
        texts = []
        while at < end:
            texts.append(f'"{octets[at + 1 : at + 1 + octets[at]].decode("latin-1")}"')
            at += 1 + octets[at]
        return " ".join(texts)
    return octets[at:end].hex()
