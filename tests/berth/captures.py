"""Captures made by hand: packets of every link layer, and files that hold them."""

from __future__ import annotations

import re
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NULL, ETHERNET, RAW, LOOP, SLL, IPV4, SLL2 = 0, 1, 101, 108, 113, 228, 276
UDP, TCP, ICMP = 17, 6, 1
CLIENT, SERVER = bytes([192, 168, 200, 4]), bytes([192, 168, 200, 1])
MACS = b"\x52\x52\x52\0\0\xff\x52\x52\x52\0\0\1"


def golden(name: str) -> bytes:
    text = (ROOT / "tests/golden" / f"{name}.hex").read_text()
    pairs = re.sub(r"#.*", "", text)
    return bytes.fromhex(re.sub(r"(\w\w)\*(\d+)", lambda m: m[1] * int(m[2]), pairs))


def checksum(octets: bytes) -> int:
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def ip(payload: bytes, protocol: int, fragment: int = 0, identification: int = 0) -> bytes:
    """From the client to the server. `fragment`: the field with flags and offset."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, fragment, 64,
                       protocol, 0, CLIENT, SERVER)  # fmt: skip
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp(payload: bytes, source: int, destination: int) -> bytes:
    return ip(struct.pack("!4H", source, destination, 8 + len(payload), 0) + payload, UDP)


def tcp(payload: bytes, sequence: int, source: int = 40000, flags: int = 0x18) -> bytes:
    head = struct.pack("!HHIIBBHHH", source, 53, sequence, 1, 0x50, flags, 65535, 0, 0)
    return ip(head + payload, TCP)


def framed(message: bytes) -> bytes:
    """As DNS has it over TCP."""
    return struct.pack("!H", len(message)) + message


def ethernet(packet: bytes, *tags: tuple[int, int], ethertype: int = 0x0800) -> bytes:
    head = b"".join(struct.pack("!HH", kind, vlan) for kind, vlan in tags)
    return MACS + head + struct.pack("!H", ethertype) + packet


def linked(packet: bytes, link: int) -> bytes:
    """An IPv4 packet behind a link layer."""
    if link == ETHERNET:
        return ethernet(packet)
    head = {
        NULL: b"\2\0\0\0",
        LOOP: b"\0\0\0\2",
        SLL: b"\0\4\0\1\0\6\x52\x52\x52\0\0\1\0\0\x08\0",
        SLL2: b"\x08\0\0\0\0\0\0\3\0\1\0\6\x52\x52\x52\0\0\1\0\0",
    }
    return head.get(link, b"") + packet


def pcap(frames: list[bytes], link: int = ETHERNET) -> bytes:
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(record(octets, 1000 + i) for i, octets in enumerate(frames))


def record(octets: bytes, time: int = 0, captured: int | None = None, original: int | None = None) -> bytes:
    """A packet of a pcap file; its lengths can be told otherwise."""
    captured = len(octets) if captured is None else captured
    original = captured if original is None else original
    return struct.pack("<IIII", time, 500000, captured, original) + octets


def block(kind: int, body: bytes, size: int | None = None) -> bytes:
    """A block of a pcapng file; its length can be told otherwise."""
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", 12 + len(body) if size is None else size)
    return struct.pack("<I", kind) + length + body + length


def pcapng(*blocks: bytes, link: int = ETHERNET) -> bytes:
    section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    return section + block(1, struct.pack("<HHI", link, 0, 0)) + b"".join(blocks)


def enhanced(octets: bytes, captured: int | None = None) -> bytes:
    """An Enhanced Packet Block."""
    captured = len(octets) if captured is None else captured
    return block(6, struct.pack("<IIIII", 0, 0, 0, captured, len(octets)) + octets)
