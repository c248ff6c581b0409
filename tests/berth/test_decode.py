"""`berth decode`: messages, frames and captures, from wherever they come."""

import re
import struct
import subprocess
import unittest
from pathlib import Path

from case import BERTH, ROOT, CommandTest

QUERY = "000201000001000000000000076b7562656e65740000060001"
QUERY_TEXT = """\
;; opcode: QUERY, status: NOERROR, id: 2
;; flags: rd; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0
;; QUESTION
;kubenet. IN SOA
"""


def golden(name: str) -> bytes:
    text = (ROOT / "tests/golden" / f"{name}.hex").read_text()
    pairs = re.sub(r"#.*", "", text)
    return bytes.fromhex(re.sub(r"(\w\w)\*(\d+)", lambda m: m[1] * int(m[2]), pairs))


def frame(payload: bytes, source: int, destination: int) -> bytes:
    udp = struct.pack("!4H", source, destination, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    head = head[:10] + struct.pack("!H", checksum) + head[12:]
    return b"\xff" * 6 + b"\x52\x52\x52\0\0\1" + b"\x08\0" + head + udp


def pcap(frames: list[bytes], link: int = 1) -> bytes:
    capture = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for number, octets in enumerate(frames):
        capture += struct.pack("<IIII", 1000 + number, 500000, len(octets), len(octets)) + octets
    return capture


class Decode(CommandTest):
    def write_octets(self, name: str, octets: bytes) -> str:
        Path(self.folder / name).write_bytes(octets)
        return name

    def test_hexadecimal(self) -> None:
        self.assertEqual(self.berth("decode", QUERY).stdout, QUERY_TEXT)
        self.assertEqual(self.berth("decode", self.write("q.hex", QUERY + "\n")).stdout, QUERY_TEXT)
        done = subprocess.run([BERTH, "decode", "-"], input=QUERY, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, QUERY_TEXT))

    def test_every_golden_message(self) -> None:
        for path in sorted((ROOT / "tests/golden").glob("d*/*.hex")):
            done = self.berth("decode", str(path))
            self.assertIn(path.with_suffix(".txt").read_text().strip(), done.stdout, path)

    def test_a_capture(self) -> None:
        request = golden("dhcp/discover_dhclient")
        frames = [
            frame(request, 68, 67),
            frame(b"mdns", 5353, 5353),
            frame(bytes.fromhex(QUERY), 4000, 53),
        ]
        name = self.write_octets("lab.pcap", pcap(frames))
        done = self.berth("decode", name)
        self.assertIn("--- packet 1\n0.0.0.0:68 > 255.255.255.255:67\nDHCPDISCOVER xid=", done.stdout)
        self.assertIn("--- packet 3\n0.0.0.0:4000 > 255.255.255.255:53\n" + QUERY_TEXT, done.stdout)
        self.assertEqual(done.stderr, "1 packet of other protocols left out\n")
        packets = self.berth_json("decode", name)["packets"]
        self.assertEqual([p["protocol"] for p in packets], ["dhcp", "other", "dns"])
        self.assertEqual(
            packets[2],
            {
                "number": 3,
                "time": 1002.5,
                "path": "0.0.0.0:4000 > 255.255.255.255:53",
                "protocol": "dns",
                "text": QUERY_TEXT,
                "fault": None,
            },
        )

    def test_what_is_not_well_formed_is_a_failure(self) -> None:
        done = self.berth("decode", QUERY[:-2], code=1)
        self.assertEqual(done.stdout, "not well formed (dns): truncated\n")
        packet = self.berth_json("decode", QUERY[:-2], code=1)["packets"][0]
        self.assertEqual((packet["text"], packet["fault"], packet["time"]), ("", "truncated", None))
        name = self.write_octets("lab.pcap", pcap([frame(b"short", 68, 67)]))
        self.assertIn("too_short", self.berth("decode", name, code=1).stdout)

    def test_what_cannot_be_read(self) -> None:
        for argument in ["none.pcap", "xyz", ".", self.write("text", "words")]:
            done = self.berth("decode", argument, code=1)
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr)
        name = self.write_octets("any.pcap", pcap([], link=113))
        self.assertIn("not of an Ethernet link", self.berth("decode", name, code=1).stderr)
        name = self.write_octets("torn.pcap", pcap([frame(b"", 68, 67)])[:-3])
        self.assertIn("truncated", self.berth("decode", name, code=1).stderr)
        self.berth("decode", code=2)


if __name__ == "__main__":
    unittest.main()
