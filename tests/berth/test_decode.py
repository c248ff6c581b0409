"""`berth decode`: messages, frames and captures, from wherever they come."""

import struct
import subprocess
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import captures
from captures import ethernet, framed, golden, linked, pcap, pcapng, tcp, udp
from case import BERTH, ROOT, CommandTest

QUERY = "000201000001000000000000076b7562656e65740000060001"
QUERY_TEXT = """\
;; opcode: QUERY, status: NOERROR, id: 2
;; flags: rd; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0
;; QUESTION
;kubenet. IN SOA
"""


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
            ethernet(udp(request, 68, 67)),
            ethernet(udp(b"mdns", 5353, 5353)),
            ethernet(udp(bytes.fromhex(QUERY), 4000, 53)),
        ]
        name = self.write_octets("lab.pcap", pcap(frames))
        done = self.berth("decode", name)
        self.assertIn("--- packet 1\n192.168.200.4:68 > 192.168.200.1:67\nDHCPDISCOVER xid=", done.stdout)
        self.assertIn("--- packet 3\n192.168.200.4:4000 > 192.168.200.1:53\n" + QUERY_TEXT, done.stdout)
        self.assertEqual(done.stderr, "1 packet of other protocols left out\n")
        packets = self.berth_json("decode", name)["packets"]
        self.assertEqual([p["protocol"] for p in packets], ["dhcp", "other", "dns"])
        self.assertEqual(
            packets[2],
            {
                "number": 3,
                "time": 1002.5,
                "vlans": [],
                "transport": "udp",
                "path": "192.168.200.4:4000 > 192.168.200.1:53",
                "protocol": "dns",
                "text": QUERY_TEXT,
                "note": None,
                "fault": None,
                "message": {
                    "id": 2,
                    "opcode": "QUERY",
                    "rcode": "NOERROR",
                    "flags": ["rd"],
                    "questions": [{"name": "kubenet.", "class": "IN", "type": "SOA"}],
                    "answers": [],
                    "authority": [],
                    "additional": [],
                    "edns": None,
                },
            },
        )

    def test_what_is_not_well_formed_is_a_failure(self) -> None:
        done = self.berth("decode", QUERY[:-2], code=1)
        self.assertEqual(done.stdout, "not well formed (dns): truncated\n")
        packet = self.berth_json("decode", QUERY[:-2], code=1)["packets"][0]
        self.assertEqual((packet["text"], packet["fault"], packet["time"]), ("", "truncated", None))
        name = self.write_octets("lab.pcap", pcap([ethernet(udp(b"short", 68, 67))]))
        self.assertIn("too_short", self.berth("decode", name, code=1).stdout)

    def test_a_frame_with_a_fault_is_no_other_protocol(self) -> None:
        good = ethernet(udp(b"mdns", 5353, 5353))
        frames = {
            "bad_ip_checksum": good[:24] + b"\1\1" + good[26:],
            "bad_ip_header": good[:14] + b"\x41" + good[15:],
            "bad_udp_length": ethernet(captures.ip(good[34:38] + b"\0\7\0\0", captures.UDP)),
            "bad_tcp_header": ethernet(captures.ip(bytes(20), captures.TCP)),
            "too_short": good[:-1],
        }
        for fault, frame in frames.items():
            with self.subTest(fault):
                name = self.write_octets("lab.pcap", pcap([good, frame]))
                done = self.berth("decode", name, code=1)
                self.assertEqual(done.stdout, f"--- packet 2\nnot well formed (other): {fault}\n")
                self.assertEqual(done.stderr, "1 packet of other protocols left out\n")
                packets = self.berth_json("decode", name, code=1)["packets"]
                self.assertEqual((packets[1]["protocol"], packets[1]["fault"]), ("other", fault))
        foreign = [good, ethernet(b"", ethertype=0x86DD), ethernet(captures.ip(b"", 2))]
        done = self.berth("decode", self.write_octets("lab.pcap", pcap(foreign)))
        self.assertEqual(done.stderr, "3 packets of other protocols left out\n")

    def test_what_cannot_be_read(self) -> None:
        for argument in ["none.pcap", "xyz", ".", self.write("text", "words")]:
            done = self.berth("decode", argument, code=1)
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr)
        name = self.write_octets("radio.pcap", pcap([], link=105))
        self.assertIn("IEEE802_11 are not read", self.berth("decode", name, code=1).stderr)
        name = self.write_octets("torn.pcap", pcap([ethernet(udp(b"", 68, 67))])[:-3])
        self.assertIn("truncated", self.berth("decode", name, code=1).stderr)
        self.berth("decode", code=2)

    def test_the_fields_of_a_dhcp_message(self) -> None:
        message = self.berth_json("decode", golden("dhcp/discover_relayed").hex())["packets"][0]["message"]
        self.assertEqual((message["op"], message["type"]), (1, "DHCPDISCOVER"))
        options = {option["code"]: option for option in message["options"]}
        self.assertEqual(options[53], {"code": 53, "name": "dhcp-message-type", "text": "1", "hex": "01"})
        self.assertIn(82, options)
        self.assertEqual(set(message), {
            "op", "type", "htype", "hops", "xid", "secs", "flags", "broadcast", "ciaddr", "yiaddr",
            "siaddr", "giaddr", "chaddr", "sname", "file", "options"})  # fmt: skip

    def test_a_split_option_is_one(self) -> None:
        message = self.berth_json("decode", golden("dhcp/ack_split").hex())["packets"][0]["message"]
        codes = [option["code"] for option in message["options"]]
        self.assertEqual(len(codes), len(set(codes)), codes)

    def test_vlans_are_told(self) -> None:
        tagged = ethernet(udp(bytes.fromhex(QUERY), 4000, 53), (0x88A8, 100), (0x8100, 10))
        done = self.berth("decode", self.write_octets("vlan.pcap", pcap([tagged])))
        self.assertIn("192.168.200.4:4000 > 192.168.200.1:53 vlan 100 vlan 10\n;; opcode", done.stdout)
        self.assertEqual(self.berth("decode", tagged.hex()).stdout, done.stdout.partition("\n")[2])

    def test_messages_over_tcp(self) -> None:
        query = framed(bytes.fromhex(QUERY))
        segments = [tcp(b"", 9, flags=2), tcp(query * 2 + query[:5], 10), tcp(query[5:], 15 + 2 * len(query)),
                    tcp(query, 1000)]  # fmt: skip
        name = self.write_octets("tcp.pcap", pcap([ethernet(segment) for segment in segments]))
        packets = self.berth_json("decode", name)["packets"]
        self.assertEqual(
            [(p["number"], p["protocol"], p["transport"], p["note"]) for p in packets],
            [
                (1, "other", "tcp", None),
                (2, "dns", "tcp", None),
                (2, "dns", "tcp", None),
                (2, "dns", "tcp", None),
                (3, "dns", "tcp", "over 2 segments"),
                (4, "dns", "tcp", "octets before it are not in the capture"),
            ],
        )
        self.assertEqual(packets[3]["text"], "part of a message: 5 of 27 octets so far\n")
        self.assertIsNone(packets[3]["message"])
        self.assertEqual([p["message"]["id"] for p in packets[4:]], [2, 2])
        self.assertIn("> 192.168.200.1:53 tcp\nnote: over 2 segments\n", self.berth("decode", name).stdout)

    def test_icmp_and_fragments_are_named(self) -> None:
        unreachable = b"\3\3\0\0\0\0\0\0" + udp(b"", 4000, 53)[:28]
        frames = [
            ethernet(captures.ip(unreachable, captures.ICMP)),
            ethernet(captures.ip(b"\0" * 16, captures.UDP, fragment=0x2000, identification=7)),
            ethernet(captures.ip(b"\0" * 9, captures.UDP, fragment=2, identification=7)),
        ]
        done = self.berth("decode", self.write_octets("icmp.pcap", pcap(frames)))
        self.assertIn("ICMP destination unreachable: port unreachable, about "
                      "192.168.200.4:4000 > 192.168.200.1:53\n", done.stdout)  # fmt: skip
        self.assertIn("fragment of an IP packet with UDP, id 7: octets 0 to 16, more follow\n", done.stdout)
        self.assertIn("octets 16 to 25, the last\n", done.stdout)


# fields of tshark, and where berth has the same; each of its values is a list of texts.
FIELDS = ["frame.number", "vlan.id", "ieee8021ad.id", "dns.id", "dns.qry.name", "dns.count.answers",
          "dns.flags.rcode", "dhcp.id", "dhcp.option.type", "dhcp.hw.mac_addr", "dhcp.option.dhcp",
          "arp.dst.proto_ipv4", "icmp.type"]  # fmt: skip
RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]


def ours(packet: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What tshark calls a packet's fields, for a packet of `berth decode --json`."""
    message = packet["message"] or {}
    if packet["protocol"] == "dns" and message:
        yield "dns.id", f"0x{message['id']:04x}"
        for question in message["questions"]:
            yield "dns.qry.name", question["name"][:-1]
        yield "dns.count.answers", str(len(message["answers"]))
        if "qr" in message["flags"]:
            yield "dns.flags.rcode", str(RCODES.index(message["rcode"]))
    elif packet["protocol"] == "dhcp":
        yield "dhcp.id", f"0x{message['xid']:08x}"
        yield "dhcp.hw.mac_addr", message["chaddr"]
        for option in message["options"]:
            yield "dhcp.option.type", str(option["code"])
            if option["code"] == 53:
                yield "dhcp.option.dhcp", option["text"]
    elif packet["protocol"] == "arp":
        yield "arp.dst.proto_ipv4", message["target_ip"]
    elif packet["protocol"] == "icmp":
        yield "icmp.type", str(message["type"])


class Oracle(CommandTest):
    """tshark reads the same of the same captures."""

    def compare(self, capture: bytes, least: int) -> None:
        path = self.folder / "a.pcap"
        path.write_bytes(capture)
        options = [word for field in FIELDS for word in ("-e", field)]
        done = self.run_program("tshark", "-r", str(path), "-n", "-T", "fields", "-E", "aggregator=;", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        theirs = []
        for line in done.stdout.splitlines():
            row = dict(zip(FIELDS, line.split("\t")))
            vlans = [v for key in ("ieee8021ad.id", "vlan.id") for v in row.pop(key).split(";") if v]
            row.pop("frame.number")
            fields = {key: value.split(";") for key, value in row.items() if value}
            # The end of the options is no option to us, and a client identifier no chaddr.
            fields["dhcp.option.type"] = [v for v in fields.get("dhcp.option.type", []) if v not in ("0", "255")]
            fields["dhcp.hw.mac_addr"] = fields.get("dhcp.hw.mac_addr", [])[:1]
            fields = {key: values for key, values in fields.items() if values}
            theirs.append((vlans, fields))

        mine: list[tuple[list[str], dict[str, list[str]]]] = [([], {}) for _ in theirs]
        for packet in self.berth_json("decode", str(path))["packets"]:
            vlans, fields = mine[packet["number"] - 1]
            vlans[:] = [str(vlan) for vlan in packet["vlans"]]
            for key, value in ours(packet):
                fields.setdefault(key, []).append(value)
        self.assertEqual(mine, theirs)
        self.assertGreaterEqual(sum(bool(fields) for _, fields in theirs), least)

    def datagrams(self) -> list[bytes]:
        requests = ["bootp", "discover_dhclient", "discover_ipxe", "discover_relayed", "discover_udhcpc",
                    "request_networkd", "request_windows"]  # fmt: skip
        packets = [udp(golden(f"dhcp/{name}"), 68, 67) for name in requests]
        packets += [udp(golden(f"dns/{name}"), 4000, 53) for name in ("query_edns", "query_plain")]
        return packets + [udp(golden(f"dns/{name}"), 53, 4000) for name in ("answer_cname", "nxdomain")]

    def test_every_link_layer(self) -> None:
        for link in (captures.NULL, captures.ETHERNET, captures.RAW, captures.LOOP, captures.SLL,
                     captures.IPV4, captures.SLL2):  # fmt: skip
            with self.subTest(link=link):
                self.compare(pcap([linked(packet, link) for packet in self.datagrams()], link), 11)

    def test_vlans(self) -> None:
        tags = [[(0x8100, 10)], [(0x8100, 100), (0x8100, 10)], [(0x88A8, 100), (0x8100, 10)], [(0x88A8, 7)]]
        frames = [ethernet(self.datagrams()[i], *each) for i, each in enumerate(tags)]
        self.compare(pcap(frames), 4)

    def test_tcp(self) -> None:
        query, answer = framed(golden("dns/query_plain")), framed(golden("dns/query_edns"))
        stream = query + answer + query + answer + query
        for cuts in ([], [1], [2, 3], [40, 41, 90], list(range(10, len(stream), 10))):
            with self.subTest(cuts=cuts):
                packets = [tcp(b"", 99, flags=2)]
                packets += [tcp(stream[a:b], 100 + a) for a, b in zip([0, *cuts], [*cuts, len(stream)])]
                self.compare(pcap([ethernet(packet) for packet in packets]), 1)

    def test_arp_and_icmp(self) -> None:
        arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + captures.MACS[6:] + captures.CLIENT + bytes(6)
        frames = [
            ethernet(arp + captures.SERVER, ethertype=0x0806),
            ethernet(captures.ip(b"\x08\0\xf7\xff" + bytes(4), captures.ICMP)),
        ]
        self.compare(pcap(frames), 2)


class Lies(CommandTest):
    """Captures that say of themselves what is not so end in a word, in little memory: row P4 of
    tests/HOSTILE.md."""

    def decode(self, octets: bytes) -> subprocess.CompletedProcess[str]:
        (self.folder / "lie.pcap").write_bytes(octets)
        return self.limited(BERTH, "decode", "lie.pcap")

    def test_lengths(self) -> None:
        good = ethernet(udp(bytes.fromhex(QUERY), 4000, 53))
        head = pcap([])
        rows = {
            "snaplen 0": head[:16] + bytes(4) + head[20:] + captures.record(good),
            "snaplen enormous": head[:16] + b"\xff\xff\xff\xff" + head[20:] + captures.record(good),
            "captured beyond the file": pcap([good]) + captures.record(good, captured=len(good) + 1),
            "captured enormous": pcap([good]) + captures.record(good, captured=0xFFFFFFFF),
            "captured 256 MiB": pcap([good]) + captures.record(good, captured=1 << 28),
            "captured 0": pcap([good]) + captures.record(b"", captured=0, original=60),
            "captured more than original": pcap([good]) + captures.record(good, original=10),
            "record torn": pcap([good]) + captures.record(good)[:10],
            "header torn": head[:20],
            "magic only": head[:4],
            "version 9": head[:4] + b"\x09\0\x09\0" + head[8:],
            "block length 0": pcapng(captures.enhanced(good), captures.block(6, bytes(20), size=0)),
            "block length 13": pcapng(captures.enhanced(good), captures.block(6, bytes(20), size=13)),
            "block length enormous": pcapng(captures.enhanced(good), captures.block(6, bytes(20), size=0xFFFFFFF0)),
            "block length 256 MiB": pcapng(captures.enhanced(good), captures.block(6, bytes(20), size=1 << 28)),
            "packet beyond its block": pcapng(captures.enhanced(good), captures.enhanced(good, captured=9999)),
            "packet of an unknown interface": pcapng(
                captures.enhanced(good), captures.block(6, struct.pack("<IIIII", 7, 0, 0, 4, 4) + b"abcd")),
            "block torn": pcapng(captures.enhanced(good))[:-6],
            "section torn": pcapng()[:20],
        }  # fmt: skip
        for name, octets in rows.items():
            with self.subTest(name):
                done = self.decode(octets)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                if done.returncode == 1:
                    self.assertIn("lie.pcap: ", done.stderr)
                # What came before the lie was read.
                if octets.find(good) >= 0 and "snaplen 0" not in name and "version" not in name:
                    self.assertIn(QUERY_TEXT, done.stdout)

    def test_every_truncation(self) -> None:
        good = ethernet(udp(bytes.fromhex(QUERY), 4000, 53))
        for whole in (pcap([good]), pcapng(captures.enhanced(good))):
            for size in range(0, len(whole), 7):
                done = self.decode(whole[:size])
                self.assertIn(done.returncode, (0, 1), done.stderr)

    def test_what_is_cut_short_is_said(self) -> None:
        good = ethernet(udp(bytes.fromhex(QUERY), 4000, 53))
        done = self.decode(pcap([]) + captures.record(good[:40], original=len(good)))
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertEqual(done.stderr, "1 packet cut short by the capture left out\n")

    def test_sixteen_mebibytes_of_nothing(self) -> None:
        empty = captures.record(b"", captured=0)
        done = self.decode(pcap([]) + empty * ((16 * 1024 * 1024 - 24) // len(empty)))
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertTrue(done.stdout.endswith("--- packet 1048574\nnot well formed (other): too_short\n"))

    def test_sixteen_mebibytes_of_empty_messages(self) -> None:
        size = 65_000
        segments = [ethernet(tcp(bytes(size), i * size)) for i in range(16 * 1024 * 1024 // (size + 100))]
        done = self.decode(pcap(segments))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertLess(len(done.stdout), 1 << 16)
        self.assertEqual(done.stdout.count("note: messages shorter than a DNS header: 32500\n"
                                           "not well formed (dns): too_short\n"), len(segments))  # fmt: skip

    def test_standard_input_without_an_end(self) -> None:
        done = self.limited(BERTH, "decode", "-", source="/dev/zero")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "-: larger than 16 MiB; cut it first, as by tcpdump -c\n")

    def test_a_message_octet_by_octet(self) -> None:
        message = framed(bytes(60000))
        segments = [ethernet(tcp(message[i : i + 1], i)) for i in range(len(message))]
        done = self.decode(pcap(segments))
        self.assertIn("note: over 60002 segments\nnot well formed (dns): trailing_octets\n", done.stdout[-200:])
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
