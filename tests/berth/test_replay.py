"""`berthd --replay`: what would be answered to a capture, and why, without a server."""

import os
import struct
import unittest

import captures
from captures import CLIENT, SERVER, UDP, checksum, ethernet, framed, golden, pcap, tcp
from case import BERTHD, LAB, CommandTest

PLAN = LAB + "    names: {kubernetes: 11}\n  far:\n    subnet: 10.9.0.0/24\n    address: 2\n"
MAC = b"\x52\x52\x52\0\0\1"
STRANGER = b"\x52\x52\x52\0\0\x77"
ANYBODY, EVERYBODY = bytes(4), b"\xff" * 4


def datagram(payload: bytes, source: tuple[bytes, int], destination: tuple[bytes, int]) -> bytes:
    segment = struct.pack("!4H", source[1], destination[1], 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0, 64, UDP, 0, source[0],
                       destination[0])  # fmt: skip
    return ethernet(head[:10] + struct.pack("!H", checksum(head)) + head[12:] + segment)


def dhcp(kind: int, mac: bytes, options: bytes = b"") -> bytes:
    head = struct.pack("!BBBBIHH4s4s4s4s16s", 1, 1, 6, 0, 7, 0, 0, ANYBODY, ANYBODY, ANYBODY, ANYBODY, mac)
    return head + bytes(192) + b"\x63\x82\x53\x63" + bytes([53, 1, kind]) + options + b"\xff"


def broadcast(message: bytes) -> bytes:
    return datagram(message, (ANYBODY, 68), (EVERYBODY, 67))


def query(*labels: bytes) -> bytes:
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return struct.pack("!6H", 9, 0x0100, 1, 0, 0, 0) + name + b"\0\1\0\1"


class Replay(CommandTest):
    def replay(self, octets: bytes, code: int = 0, plan: str = PLAN) -> tuple[str, str]:
        (self.folder / "lab.pcap").write_bytes(octets)
        name = self.write("lab.yaml", plan)
        done = self.run_program(BERTHD, "--config", name, "--replay", "lab.pcap")
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def packets(self, *frames: bytes) -> list[str]:
        """What is printed of each packet, and of all."""
        out, err = self.replay(pcap(list(frames)))
        self.assertEqual(err, "")
        parts = out.split("--- packet ")[1:]
        parts[-1], _, self.summary = parts[-1].rstrip("\n").rpartition("\n")
        return parts

    def test_a_client_gets_its_address(self) -> None:
        request = dhcp(3, MAC, b"\x32\4" + CLIENT + b"\x36\4" + SERVER)
        offer, ack = self.packets(broadcast(dhcp(1, MAC)), broadcast(request))
        self.assertTrue(offer.startswith(
            "1\n0.0.0.0:68 > 255.255.255.255:67 on lab\nDHCPDISCOVER xid=0x00000007 chaddr=52:52:52:00:00:01\n"
            "reply in a frame for 52:52:52:00:00:01 to 192.168.200.4:68\nDHCPOFFER\n"), offer)  # fmt: skip
        self.assertIn("yiaddr                            192.168.200.4\n", offer)
        self.assertIn("\nDHCPACK\n", ack)
        self.assertEqual(self.summary, "2 answered, 0 dropped, 0 not for berthd")

    def test_silence_has_a_name(self) -> None:
        other = dhcp(3, MAC, b"\x36\4\1\2\3\4\x32\4" + CLIENT)
        stranger, selected, torn, reply = self.packets(
            broadcast(dhcp(1, STRANGER)), broadcast(other), broadcast(dhcp(1, MAC)[:100]),
            broadcast(b"\2" + dhcp(2, MAC)[1:]))  # fmt: skip
        self.assertIn("\ndrop: unknown_client: no host of the network has this MAC", stranger)
        self.assertIn("\ndrop: other_server_selected: ", selected)
        self.assertEqual(torn, "3\n0.0.0.0:68 > 255.255.255.255:67\n"
                               "drop: too_short: the message is not well formed\n")  # fmt: skip
        self.assertIn("drop: not_a_request: ", reply)
        self.assertEqual(self.summary, "0 answered, 4 dropped, 0 not for berthd")

    def test_a_wrong_address_is_refused(self) -> None:
        wrong, = self.packets(broadcast(dhcp(3, MAC, b"\x32\4\xc0\xa8\xc8\x09")))
        self.assertIn("\nreply by broadcast to 255.255.255.255:68\nDHCPNAK\n", wrong)

    def test_names(self) -> None:
        to_us = ((CLIENT, 4000), (SERVER, 53))
        host, nobody, stranger = self.packets(
            datagram(query(b"control0", b"lab"), *to_us), datagram(query(b"nobody", b"lab"), *to_us),
            datagram(query(b"control0", b"lab"), (b"\1\2\3\4", 4000), (SERVER, 53)))  # fmt: skip
        self.assertIn("\n192.168.200.4:4000 > 192.168.200.1:53 on lab\ncontrol0.lab. IN A\n"
                      "reply to 192.168.200.4:4000\n;; opcode: QUERY, status: NOERROR, id: 9\n", host)  # fmt: skip
        self.assertIn("control0.lab. 60 IN A 192.168.200.4\n", host)
        self.assertIn("status: NXDOMAIN", nobody)
        self.assertIn("status: REFUSED", stranger)

    def test_names_over_tcp(self) -> None:
        stream = framed(query(b"control0", b"lab")) + framed(query(b"kubernetes", b"lab"))
        first, second = self.packets(ethernet(tcp(stream[:7], 1)), ethernet(tcp(stream[7:], 8)))
        self.assertTrue(first.startswith("2\n192.168.200.4:40000 > 192.168.200.1:53 tcp on lab\n"))
        self.assertIn("kubernetes.lab. 60 IN A 192.168.200.11", second)
        self.assertEqual(self.summary, "2 answered, 0 dropped, 1 not for berthd")

    def test_it_hangs_up_on_what_has_no_answer(self) -> None:
        good = framed(query(b"control0", b"lab"))
        out = self.packets(ethernet(tcp(good + bytes(6) + good, 1)), ethernet(tcp(bytes(2), 1000)))
        self.assertEqual(len(out), 3)
        self.assertIn("\nreply to 192.168.200.4:40000\n", out[0])
        path = "192.168.200.4:40000 > 192.168.200.1:53 tcp on lab\n"
        drop = "drop: too_short: the datagram is shorter than a DNS header\n"
        self.assertEqual(out[1], f"1\n{path}{drop}hangs up; messages behind it in the segment: 3\n")
        self.assertEqual(out[2], f"2\n{path}{drop[:-1]}")
        self.assertEqual(self.summary, "1 answered, 2 dropped, 0 not for berthd")

    def test_sixteen_mebibytes_of_empty_messages(self) -> None:
        """Row P4 of tests/HOSTILE.md: what is printed stays below what was read."""
        size = 65_000
        segments = [ethernet(tcp(bytes(size), i * size)) for i in range(16 * 1024 * 1024 // (size + 100))]
        (self.folder / "lab.pcap").write_bytes(pcap(segments))
        done = self.limited(BERTHD, "--config", self.write("lab.yaml", PLAN), "--replay", "lab.pcap")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(len(done.stdout), 1 << 16)
        self.assertTrue(done.stdout.endswith(f"0 answered, {len(segments)} dropped, 0 not for berthd\n"))

    def test_what_berthd_would_not_read_is_counted(self) -> None:
        out, _ = self.replay(pcap([
            datagram(query(b"a"), (CLIENT, 4000), (CLIENT, 53)),
            datagram(dhcp(1, MAC), (SERVER, 67), (EVERYBODY, 68)),
            datagram(b"x", (CLIENT, 4000), (SERVER, 123)),
            ethernet(b"", ethertype=0x86DD),
            b"torn",
        ]))  # fmt: skip
        self.assertEqual(out, "0 answered, 0 dropped, 5 not for berthd\n")

    def test_what_is_larger_than_berthd_reads_is_dropped(self) -> None:
        """Live, it is counted as oversized."""
        fits = dhcp(1, MAC)
        fits += bytes(2048 - len(fits))
        name = query(b"control0", b"lab")
        to_us = ((CLIENT, 4000), (SERVER, 53))
        parts = self.packets(
            broadcast(fits), broadcast(fits + b"\0"), datagram(name + bytes(2048 - len(name)), *to_us),
            datagram(name + bytes(2049 - len(name)), *to_us))  # fmt: skip
        oversized = "drop: oversized: larger than any that is read\n"
        self.assertIn("\nDHCPOFFER\n", parts[0])
        self.assertEqual(parts[1], "2\n0.0.0.0:68 > 255.255.255.255:67\n" + oversized)
        self.assertNotIn("oversized", parts[2])
        self.assertEqual(parts[3], "4\n192.168.200.4:4000 > 192.168.200.1:53\n" + oversized[:-1])
        self.assertEqual(self.summary, "2 answered, 2 dropped, 0 not for berthd")

    def test_dhcp_of_another_vlan_is_not_read(self) -> None:
        plain = broadcast(dhcp(1, MAC))
        name = datagram(query(b"control0", b"lab"), (CLIENT, 4000), (SERVER, 53))

        def tagged(frame: bytes, *tags: int) -> bytes:
            return frame[:12] + b"".join(struct.pack("!HH", 0x8100, tag) for tag in tags) + frame[12:]

        out, _ = self.replay(pcap([tagged(plain, 10), tagged(plain, 0, 10), tagged(plain, 0x6001)]))
        self.assertEqual(out, "0 answered, 0 dropped, 3 not for berthd\n")
        priority, asked = self.packets(tagged(plain, 0xE000), tagged(name, 10))
        self.assertIn("\nDHCPOFFER\n", priority)
        self.assertIn("control0.lab. 60 IN A 192.168.200.4", asked)

    def test_it_listens_where_the_plan_says(self) -> None:
        plan = PLAN + "listen: {dhcp-port: 1067, dns-port: 1053}\n"
        out, _ = self.replay(pcap([
            broadcast(dhcp(1, MAC)), datagram(dhcp(1, MAC), (ANYBODY, 68), (EVERYBODY, 1067)),
            datagram(query(b"control0"), (CLIENT, 4000), (SERVER, 1053)),
        ]), plan=plan)  # fmt: skip
        self.assertTrue(out.endswith("2 answered, 0 dropped, 1 not for berthd\n"), out)

    def test_every_golden_message_has_an_end(self) -> None:
        names = ["bootp", "discover_dhclient", "discover_ipxe", "discover_relayed", "discover_udhcpc",
                 "request_networkd", "request_windows"]  # fmt: skip
        parts = self.packets(*[broadcast(golden(f"dhcp/{name}")) for name in names])
        self.assertEqual(len(parts), len(names))
        for part in parts:
            self.assertRegex(part, r"\n(reply|drop:) ")

    def test_exit_codes(self) -> None:
        self.assertIn("lab.pcap: not a capture", self.replay(b"words", code=1)[1])
        good = pcap([broadcast(dhcp(1, MAC))])
        out, err = self.replay(good + captures.record(b"x", captured=99), code=1)
        self.assertIn("DHCPOFFER", out)
        self.assertIn("lab.pcap: truncated", err)
        out, err = self.replay(good, code=3, plan=LAB + "    adress: 1\n")
        self.assertEqual(out, "")
        self.assertIn("lab.yaml:6:5: adress", err)
        for arguments in (["--replay"], ["--replay", ""], ["--replay", "lab.pcap", "--check"],
                          ["--replay", "lab.pcap", "--print-config"]):  # fmt: skip
            done = self.run_program(BERTHD, *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
        done = self.run_program(BERTHD, "--replay", "none.pcap", "--config", "lab.yaml")
        self.assertEqual(done.returncode, 3)
        self.write("lab.yaml", PLAN)
        done = self.run_program(BERTHD, "--replay", "none.pcap", "--config", "lab.yaml")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("none.pcap: No such file", done.stderr)

    def test_it_leaves_nothing_behind(self) -> None:
        self.write("lab.yaml", PLAN)
        (self.folder / "lab.pcap").write_bytes(pcap([broadcast(dhcp(1, MAC))]))
        done = self.run_program(BERTHD, "--config", "lab.yaml", "--replay", "lab.pcap",
                                "--state-dir", str(self.folder / "state"))  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["lab.pcap", "lab.yaml"])

    def test_time_passes_for_more_than_a_year(self) -> None:
        """Who declines is asked about again a minute later: the hundred days between the second and
        the third have passed, although the first is more than a year ago; the years before the
        fourth were a clock that was set."""
        day = 86_400
        decline = broadcast(dhcp(4, MAC, b"\x32\4" + CLIENT + b"\x36\4" + SERVER))
        times = [day, 301 * day, 401 * day, 4_000 * day]
        out, _ = self.replay(pcap([]) + b"".join(captures.record(decline, time) for time in times))
        ends = [part.splitlines()[3].partition(":")[0] for part in out.split("--- packet ")[1:]]
        self.assertEqual(ends, ["deferred", "deferred", "deferred", "drop"], out)

    def test_a_file_of_its_own_times(self) -> None:
        """Clocks that step back or by decades while it was captured change no answer."""
        frame = broadcast(dhcp(1, MAC))
        times = [4_000_000_000, 1, 4_294_967_295, 5, 6]
        out, _ = self.replay(pcap([]) + b"".join(captures.record(frame, time) for time in times))
        self.assertTrue(out.endswith("5 answered, 0 dropped, 0 not for berthd\n"), out)


if __name__ == "__main__":
    unittest.main()
