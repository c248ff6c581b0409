"""Datagrams that are wrong, in any way: berthd lives, counts each, and answers the next good one."""

from __future__ import annotations

import random
import socket
import struct
import time

from case import LONG, NetTest, berthd, lab, main, wire

FLOOD = 200_000 if LONG else 10_000
SERVER = "192.168.200.1"
POINTER_TO_SELF = b"\xc0\x0c"

# DNS messages that are no query we can serve; most in their first two octets get an id.
BAD_QUESTIONS = {
    "a pointer to itself": (1, 0, 0, 0, POINTER_TO_SELF + b"\0\1\0\1"),
    "a pointer forward": (1, 0, 0, 0, b"\xc0\x20" + b"\0\1\0\1" + bytes(32)),
    "two pointers in a ring": (1, 0, 0, 0, b"\xc0\x0e\xc0\x0c\0\1\0\1"),
    "a pointer into the header": (1, 0, 0, 0, b"\xc0\x00\0\1\0\1"),
    "a label of 64 octets": (1, 0, 0, 0, b"\x40" + b"a" * 64 + b"\0\0\1\0\1"),
    "a label beyond the end": (1, 0, 0, 0, b"\x3fabc"),
    "a name of 256 octets": (1, 0, 0, 0, (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1"),
    "no root": (1, 0, 0, 0, b"\7kubenet"),
    "no type": (1, 0, 0, 0, b"\7kubenet\0"),
    "two questions": (2, 0, 0, 0, (b"\7kubenet\0\0\1\0\1") * 2),
    "counts of 65535": (65535, 65535, 65535, 65535, b""),
    "two OPT records": (1, 0, 0, 2, b"\0\0\1\0\1" + b"\0\0\x29\x04\xd0\0\0\0\0\0\0" * 2),
    "an OPT that is not at the root": (1, 0, 0, 1, b"\0\0\1\0\1" + b"\1a\0\0\x29\x04\xd0\0\0\0\0\0\0"),
    "an option longer than its OPT": (
        1, 0, 0, 1, b"\0\0\1\0\1" + b"\0\0\x29\x04\xd0\0\0\0\0\0\4\0\x0a\xff\xff"),
    "an RDLENGTH beyond the end": (1, 0, 0, 1, b"\0\0\1\0\1" + b"\0\0\x29\x04\xd0\0\0\0\0\x3a\0"),
}  # fmt: skip


class Hostile(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)
        self.view = self.wire(self.guest_)
        self.good = self.udp()

    def udp(self) -> socket.socket:
        with self.guest_.entered():
            connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(connection.close)
        connection.settimeout(2)
        return connection

    def tcp(self) -> socket.socket:
        with self.guest_.entered():
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(connection.close)
        connection.settimeout(5)
        connection.connect((SERVER, 53))
        return connection

    def ask_dns(self, message: bytes, seconds: float = 2.0) -> bytes | None:
        """The answer to a datagram; each asks from a port of its own."""
        connection = self.udp()
        connection.settimeout(seconds)
        connection.sendto(message, (SERVER, 53))
        try:
            return connection.recv(65535)
        except TimeoutError:
            return None
        finally:
            connection.close()

    def ask_tcp(self, connection: socket.socket, name: str = "gateway.kubenet") -> list[str]:
        message = wire.dns_query(name)
        connection.sendall(struct.pack("!H", len(message)) + message)
        return wire.DnsAnswer.parse(self.read_tcp(connection)).addresses

    def read_tcp(self, connection: socket.socket) -> bytes:
        length = struct.unpack("!H", self.read_exactly(connection, 2))[0]
        return self.read_exactly(connection, length)

    @staticmethod
    def read_exactly(connection: socket.socket, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            more = connection.recv(count - len(octets))
            if not more:
                raise ConnectionError("closed early")
            octets += more
        return octets

    def assert_well(self) -> None:
        """Both services answer the next good request, in the process that was started."""
        self.assertTrue(self.server.alive())
        self.assert_offered(self.view, "192.168.200.7")
        answer = self.ask_dns(wire.dns_query("gateway.kubenet"))
        assert answer
        self.assertEqual(wire.DnsAnswer.parse(answer).addresses, ["192.168.200.3"])

    def assert_accounted(self, group: str, received: int) -> None:
        """Every datagram ended in a reply or in a named reason."""
        counters = self.server.counters()
        lost = counters[f"{group}.kernel_drops"]
        self.assertEqual(counters[f"{group}.received"] + lost, received)
        ends = ("replied", "dropped", "malformed", "oversized", "deferred")
        self.assertEqual(sum(counters[f"{group}.{end}"] for end in ends),
                         counters[f"{group}.received"])  # fmt: skip

    def wait_received(self, group: str, count: int) -> None:
        """Paces a flood: until berthd has read so many, or the kernel has dropped them."""

        def read() -> bool:
            counters = self.server.counters()
            return counters[f"{group}.received"] + counters[f"{group}.kernel_drops"] >= count

        lab.wait_for(f"{count} datagrams to arrive", read, 20)


class Dhcp(Hostile):
    def test_every_truncation(self) -> None:
        whole = wire.discover(self.view.mac).octets()
        for size in range(len(whole)):
            self.good.sendto(whole[:size], (SERVER, 67))
        self.wait_received("dhcp", len(whole))
        self.assert_accounted("dhcp", len(whole))
        self.assert_well()

    def test_every_octet_wrong(self) -> None:
        whole = wire.discover(self.view.mac).octets()[:256]
        for at in range(len(whole)):
            broken = bytearray(whole)
            broken[at] ^= 0xFF
            self.good.sendto(broken, (SERVER, 67))
        self.wait_received("dhcp", len(whole))
        self.assert_accounted("dhcp", len(whole))
        self.assert_well()

    def test_a_flood_of_noise(self) -> None:  # D5, D14
        noise = random.Random(1)
        head = wire.discover(self.view.mac).octets()[:240]
        memory = self.server.private_memory()
        for number in range(1, FLOOD + 1):
            # Half of it looks right as far as the options.
            start = head if number % 2 else b""
            self.good.sendto(start + noise.randbytes(noise.randrange(600)), (SERVER, 67))
            if number % 500 == 0:
                self.wait_received("dhcp", number)
        self.assert_accounted("dhcp", FLOOD)
        self.assert_well()
        if not berthd.sanitized():
            self.assertLess(self.server.private_memory() - memory, 512 * 1024)

    def test_the_largest_datagram(self) -> None:  # D8, D21
        self.good.sendto(wire.discover(self.view.mac).octets().ljust(65507, b"\0"), (SERVER, 67))
        self.wait_received("dhcp", 1)
        self.assert_accounted("dhcp", 1)
        self.assert_well()

    def test_frames_the_kernel_should_not_pass_on(self) -> None:  # D7
        """Lengths that contradict each other, in the Ethernet, IPv4 and UDP headers."""
        payload = wire.discover(self.view.mac).octets()
        frame = wire.UdpFrame(self.view.mac, wire.BROADCAST_MAC, ("0.0.0.0", 68),
                              ("255.255.255.255", 67), payload).octets()  # fmt: skip
        for at, value in ((16, 0), (16, 0xFFFF), (38, 0), (38, 7), (38, 0xFFFF), (14, 0x4F00)):
            broken = bytearray(frame)
            struct.pack_into("!H", broken, at, value)
            self.view.socket.send(broken)
        for size in range(14, 60):
            self.view.socket.send(frame[:size])
        self.assert_well()

    def test_replies_are_not_answered(self) -> None:  # D20, D21
        for kind in (wire.OFFER, wire.ACK, wire.NAK):
            message = wire.Dhcp(kind, op=2, xid=7, chaddr=self.view.mac)
            self.assert_silent(self.view, message, 0.1)
        self.assertEqual(self.server.counters()["dhcp.drops.not_a_request"], 3)


class SilentNeighbours(Hostile):
    """Replies to addresses that do not answer ARP wait in the kernel, all in one socket's buffer."""

    ADDRESSES = [f"192.168.200.{last}" for last in range(20, 250)]

    def flood(self, frames: list[bytes]) -> None:
        for _ in range(60):
            for frame in frames:
                self.view.socket.send(frame)

    def frame(self, source: tuple[str, int], port: int, payload: bytes) -> bytes:
        to = (SERVER, port)
        return wire.UdpFrame(self.view.mac, wire.BROADCAST_MAC, source, to, payload).octets()

    def assert_renews(self) -> None:
        renewal = wire.Dhcp(wire.REQUEST, xid=9, ciaddr="192.168.200.7", chaddr=self.view.mac)
        self.view.send(renewal.octets(), ("192.168.200.7", 68), (SERVER, 67))
        reply = self.view.reply(9, 2)
        assert reply
        self.assertEqual(reply[0].type, wire.ACK)

    def test_relay_agents(self) -> None:  # D14, D19
        padding = {55: bytes([3]), 57: b"\5\xdc", 61: b"x" * 255}
        self.flood([self.frame((giaddr, 67), 67, wire.Dhcp(
            wire.DISCOVER, giaddr=giaddr, chaddr=self.view.mac, options=padding).octets())
            for giaddr in self.ADDRESSES])  # fmt: skip
        self.assert_renews()
        self.assert_well()

    def test_askers_of_names(self) -> None:  # N14
        query = wire.dns_query("gateway.kubenet")
        self.flood([self.frame((source, 4242), 53, query) for source in self.ADDRESSES])
        self.assert_renews()
        self.assert_well()


class Dns(Hostile):
    def test_what_is_wrong_is_answered_with_formerr_or_not_at_all(self) -> None:  # N6 to N11
        for what, (questions, answers, authority, additional, body) in BAD_QUESTIONS.items():
            with self.subTest(what):
                header = struct.pack("!6H", 0xBEEF, 0x0100, questions, answers, authority, additional)
                answer = self.ask_dns(header + body, 0.3)
                if answer is not None:
                    parsed = struct.unpack_from("!2H", answer)
                    self.assertEqual((parsed[0], parsed[1] & 0x800F), (0xBEEF, 0x8000 | wire.FORMERR))
        self.assert_accounted("dns.udp", len(BAD_QUESTIONS))
        self.assert_well()

    def test_every_truncation(self) -> None:
        whole = wire.dns_query("gateway.kubenet")
        for size in range(len(whole)):
            self.good.sendto(whole[:size], (SERVER, 53))
        self.wait_received("dns.udp", len(whole))
        self.assert_accounted("dns.udp", len(whole))
        self.assert_well()

    def test_the_largest_datagrams(self) -> None:
        """What was cut on arrival is named, and never parsed as though it were whole."""
        padding = b"\0\0\x29\x04\xd0\0\0\0\0" + struct.pack("!HHH", 4 + 2000, 12, 2000) + bytes(2000)
        query = bytearray(wire.dns_query("gateway.kubenet") + padding)
        struct.pack_into("!H", query, 10, 1)
        answer = self.ask_dns(bytes(query))
        assert answer
        self.assertEqual(wire.DnsAnswer.parse(answer).rcode, wire.NOERROR)
        self.assertIsNone(self.ask_dns(bytes(query) + bytes(100), 0.3))
        self.assertIsNone(self.ask_dns(bytes(query).ljust(65507, b"\0"), 0.3))
        self.assertEqual(self.server.counters()["dns.udp.oversized"], 2)
        self.assert_accounted("dns.udp", 3)
        self.assert_well()

    def test_a_response_is_never_answered(self) -> None:  # N12
        query = bytearray(wire.dns_query("gateway.kubenet"))
        query[2] |= 0x80
        self.assertIsNone(self.ask_dns(bytes(query), 0.3))
        self.assert_well()

    def test_sources_that_cannot_be_answered(self) -> None:  # N12
        """Our own address, loopback and port 0 make no loop; port 53 of another is answered once."""
        query = wire.dns_query("gateway.kubenet")
        mac = self.host.run(["cat", "/sys/class/net/berth0/address"]).stdout.strip()
        for source in ((SERVER, 53), (SERVER, 4242), ("127.0.0.1", 53), ("192.168.200.7", 0),
                       ("255.255.255.255", 53), ("224.0.0.1", 53)):  # fmt: skip
            self.view.send(query, source, (SERVER, 53), mac)
            self.assertIsNone(self.view.receive(0.1), source)
        self.view.send(query, ("192.168.200.7", 53), (SERVER, 53), mac)
        answer = self.view.receive(2)
        assert answer
        self.assertEqual((answer.source, answer.destination), ((SERVER, 53), ("192.168.200.7", 53)))
        self.view.send(answer.payload, ("192.168.200.7", 53), (SERVER, 53), mac)  # bounced
        self.assertIsNone(self.view.receive(0.2))
        self.assert_well()

    def test_other_opcodes(self) -> None:  # N12
        for opcode in range(1, 16):
            query = bytearray(wire.dns_query("gateway.kubenet", identifier=opcode))
            query[2] |= opcode << 3
            answer = self.ask_dns(bytes(query))
            assert answer
            parsed = wire.DnsAnswer.parse(answer)
            self.assertEqual((parsed.identifier, parsed.rcode), (opcode, wire.NOTIMP))
            self.assertEqual(parsed.flags >> 11 & 15, opcode)

    def test_a_flood_of_noise(self) -> None:
        noise = random.Random(2)
        memory = self.server.private_memory()
        for number in range(1, FLOOD + 1):
            start = wire.dns_query("gateway.kubenet")[: noise.randrange(40)] if number % 2 else b""
            self.good.sendto(start + noise.randbytes(noise.randrange(300)), (SERVER, 53))
            if number % 500 == 0:
                self.wait_received("dns.udp", number)
        self.assert_accounted("dns.udp", FLOOD)
        self.assert_well()
        if not berthd.sanitized():
            self.assertLess(self.server.private_memory() - memory, 512 * 1024)


class DnsOverTcp(Hostile):
    def test_several_queries_in_one_segment(self) -> None:
        """RFC 7766 6.2.1.1: pipelined queries are all answered."""
        connection = self.tcp()
        queries = [wire.dns_query("gateway.kubenet", identifier=number) for number in range(50)]
        connection.sendall(b"".join(struct.pack("!H", len(q)) + q for q in queries))
        found = {wire.DnsAnswer.parse(self.read_tcp(connection)).identifier for _ in queries}
        self.assertEqual(found, set(range(50)))

    def test_octet_by_octet(self) -> None:  # N15
        connection = self.tcp()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        message = wire.dns_query("gateway.kubenet")
        for octet in struct.pack("!H", len(message)) + message:
            connection.sendall(bytes([octet]))
        self.assertEqual(wire.DnsAnswer.parse(self.read_tcp(connection)).addresses, ["192.168.200.3"])

    def test_the_clients_half_is_closed_after_the_query(self) -> None:  # N15
        connection = self.tcp()
        message = wire.dns_query("gateway.kubenet")
        connection.sendall(struct.pack("!H", len(message)) + message)
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(wire.DnsAnswer.parse(self.read_tcp(connection)).addresses, ["192.168.200.3"])

    def test_lengths_that_lie(self) -> None:  # N8, N15
        for octets in (b"\0", b"\0\0", b"\0\1x", b"\xff\xff", b"\0\x0c" + bytes(12)):
            connection = self.tcp()
            connection.sendall(octets)
            connection.close()
        self.assertEqual(self.ask_tcp(self.tcp()), ["192.168.200.3"])
        self.assert_well()

    def test_what_is_malformed_is_answered_with_formerr(self) -> None:  # N8, N10
        """RFC 8906: FORMERR with the question's id, opcode and RD, and the connection goes on."""
        rows = [(*row, flags) for row in BAD_QUESTIONS.items() for flags in (0x0100, 0x0000)]
        connection = self.tcp()
        for number, (what, (qd, an, ns, ar, body), flags) in enumerate(rows, 1):
            with self.subTest(what, flags=flags):
                message = struct.pack("!6H", number, flags, qd, an, ns, ar) + body
                connection.sendall(struct.pack("!H", len(message)) + message)
                found = struct.unpack_from("!2H", self.read_tcp(connection))
                self.assertEqual(found, (number, 0x8000 | flags | wire.FORMERR))
        self.assertEqual(self.ask_tcp(connection), ["192.168.200.3"])

    def test_a_thousand_idle_connections_delay_nobody(self) -> None:  # N15
        """Promise: a thousand dead TCP connections do not delay the next client."""
        idle = []
        for _ in range(1000):
            try:
                idle.append(self.tcp())
            except OSError:  # refused is a right answer too
                break
        before = time.monotonic()
        self.assertEqual(self.ask_tcp(self.tcp()), ["192.168.200.3"])
        self.assert_within(1, time.monotonic() - before)
        self.assert_well()

    def test_answers_that_are_never_read(self) -> None:  # N15
        connection = self.tcp()
        connection.setblocking(False)
        message = wire.dns_query("gateway.kubenet")
        burst = (struct.pack("!H", len(message)) + message) * 100
        try:
            for _ in range(1000):
                connection.send(burst)
        except (BlockingIOError, ConnectionError):
            pass  # it stopped reading, or closed: either protects it
        self.assertEqual(self.ask_tcp(self.tcp()), ["192.168.200.3"])
        self.assert_well()
        if not berthd.sanitized():
            self.assertLess(self.server.private_memory(), 16 << 20)

    def test_reset_in_the_middle(self) -> None:  # N15
        for _ in range(50):
            connection = self.tcp()
            message = wire.dns_query("gateway.kubenet")
            connection.sendall(struct.pack("!H", len(message)) + message)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        self.assert_well()


if __name__ == "__main__":
    main()
