"""Very many at once: TCP connections that say nothing, and questions that wait for a slow server."""

from __future__ import annotations

import collections
import contextlib
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from case import PLAN, NetTest, berthd, dns, lab, main, upstreams, wire

OURS = "192.168.200.1"
CROWD = [f"192.168.200.{host}" for host in range(50, 90)]
MANY = 10_000
MEMORY = 32 << 20
LATE = "10.99.0.53"
MOST, SHARE = 10_240, 1_024  # questions in flight: of all, of a client
EDE = 15  # extended DNS error, RFC 8914
SO_RCVBUFFORCE = 33


class Crowd(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)
        self.crowd = self.guest(self.lan, "crowd", "52:52:52:00:0f:01")
        self.crowd.ip(*(f"address add {address}/24 dev eth0" for address in CROWD))

    def ask(self, who: lab.Namespace, kind: socket.SocketKind = socket.SOCK_DGRAM) -> float:
        """Seconds until a new client has the answer to a name of ours."""
        message = wire.dns_query("worker1.kubenet")
        with who.entered():
            connection = socket.socket(socket.AF_INET, kind)
        with connection:
            connection.settimeout(20)
            started = time.monotonic()
            connection.connect((OURS, 53))
            if kind == socket.SOCK_STREAM:
                connection.sendall(struct.pack("!H", len(message)) + message)
                length = connection.recv(2, socket.MSG_WAITALL)
                octets = connection.recv(struct.unpack("!H", length)[0], socket.MSG_WAITALL)
            else:
                connection.send(message)
                octets = connection.recv(512)
            taken = time.monotonic() - started
        self.assertEqual(wire.DnsAnswer.parse(octets).addresses, ["192.168.200.8"])
        return taken

    def assert_little_memory(self, octets: int) -> None:
        if not berthd.sanitized():
            self.assertLess(octets, MEMORY)


class Bursts(NetTest):
    """More than a batch takes, all there before the first is read, and nothing behind it."""

    MANY = 100

    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()

    @contextlib.contextmanager
    def held(self, server: berthd.Berthd) -> Iterator[None]:
        assert server.process
        server.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            server.process.send_signal(signal.SIGCONT)

    def test_queries(self) -> None:
        server = self.serve()
        with self.addressed_guest(self.lan).entered():
            connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(connection.close)
        connection.connect((OURS, 53))
        connection.settimeout(10)
        with self.held(server):
            for number in range(self.MANY):
                connection.send(wire.dns_query("worker1.kubenet", identifier=number))
        heard = {wire.DnsAnswer.parse(connection.recv(512)).identifier for _ in range(self.MANY)}
        self.assertEqual(heard, set(range(self.MANY)))

    def test_discovers(self) -> None:
        server = self.serve()
        view = self.wire(self.guest(self.lan))
        messages = [wire.discover(view.mac) for _ in range(self.MANY)]
        with self.held(server):
            for message in messages:
                view.send(message.octets())
        for message in messages:
            self.assertIsNotNone(view.reply(message.xid, 10))


class Connections(Crowd):
    """N15: ten thousand TCP connections, each with one octet and no more."""

    def assert_all_are_served(self, *sources: str) -> None:
        """A new client, by UDP and TCP, while they come and when they are there, and then one at an
        address of the crowd, too: within a second. What the crowd loses is counted."""
        server = self.serve()
        program = Path(lab.__file__).with_name("crowd.py")
        crowd = self.crowd.start(
            [sys.executable, "-B", str(program), OURS, "53", str(MANY), *sources],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert crowd.stdout
        self.addCleanup(crowd.stdout.close)
        before = server.descriptors()
        lab.wait_for("the first of them", lambda: server.descriptors() > before + 20)
        delays: list[float] = []
        memory = 0
        is_there = False
        while not is_there or len(delays) < 100:
            is_there = is_there or bool(select.select([crowd.stdout], [], [], 0)[0])
            delays += [self.ask(self.guest_, kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
            if is_there:  # before, it may be one of its own that drives out the newest
                delays += [self.ask(self.crowd, socket.SOCK_STREAM)]
            memory = max(memory, server.private_memory())
        made = int(crowd.stdout.readline().split()[1])
        counters = server.counters()
        delays.sort()
        print(f"{made} connections from {len(sources)}, {counters['dns.tcp.evicted']} evicted; "
              f"{len(delays)} answers meanwhile, median {delays[len(delays) // 2] * 1000:.1f} ms, "
              f"worst {delays[-1] * 1000:.0f} ms; {memory >> 10} KiB")  # fmt: skip
        self.assertGreater(made, MANY * 9 // 10)
        self.assert_within(1, delays[-1])
        self.assert_little_memory(memory)
        kept = 256  # at most
        self.assertGreaterEqual(counters["dns.tcp.evicted"] + counters["dns.tcp.expired"], made - kept)
        self.assertLess(server.descriptors(), before + kept + 20)

    def test_from_one_client(self) -> None:
        self.assert_all_are_served(CROWD[0])

    def test_from_several_clients(self) -> None:
        self.assert_all_are_served(*CROWD)


class Answers(Crowd):
    """N15: large answers that nobody reads, over as many connections as are kept."""

    TXT = 16
    EACH = 32  # connections of an address
    UNREAD = 8 << 20  # octets, of all

    def test_memory_for_them_is_bounded(self) -> None:
        texts = "".join(f"      - 'big TXT \"{number:03}{'x' * 250}\"'\n" for number in range(60))
        server = self.serve(f"{PLAN}    records:\n{texts}")
        at_rest = server.private_memory()
        query = wire.dns_query("big.kubenet", self.TXT)
        burst = (struct.pack("!H", len(query)) + query) * 100
        for address in CROWD[:8]:
            for _ in range(self.EACH):
                with self.crowd.entered():
                    connection = socket.socket()
                self.addCleanup(connection.close)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.bind((address, 0))
                connection.connect((OURS, 53))
                connection.setblocking(False)
                connection.send(burst)
        lab.wait_for("one to be hung up on", lambda: server.counters()["dns.tcp.unread"] > 0, 30)
        self.ask(self.guest_)
        self.ask(self.guest_, socket.SOCK_STREAM)
        memory = server.private_memory()
        print(f"{memory >> 10} KiB, {at_rest >> 10} KiB at rest; {server.counters()['dns.tcp.unread']} hung up on")
        if not berthd.sanitized():
            self.assertLess(memory - at_rest, 2 * self.UNREAD)


class Questions(Crowd):
    """F10: questions, each another, that wait for one server, which is late."""

    def setUp(self) -> None:
        super().setUp()
        self.outside = self.world.guest("outside", "52:52:52:99:00:01",
                                        self.link("wan0", "10.99.0.1/24"))  # fmt: skip
        self.outside.ip(f"address add {LATE}/24 dev eth0")

    def client(self, address: str) -> socket.socket:
        with self.crowd.entered():
            connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(connection.close)
        connection.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        connection.bind((address, 0))
        connection.connect((OURS, 53))
        connection.setblocking(False)
        return connection

    def ask_all(self, server: berthd.Berthd, clients: list[socket.socket], word: str, each: int) -> None:
        """So many of each client; a thousand at a time, so that none is lost on the way."""
        at_first = server.counters()["dns.udp.received"]
        sent = 0
        for number in range(each):
            for place, client in enumerate(clients):
                client.send(dns.query(number, f"{word}{number}-{place}.example", edns=dns.opt()))
                sent += 1
                if sent % 1000 == 0 or sent == each * len(clients):
                    lab.wait_for("them to arrive",
                                 lambda: server.counters()["dns.udp.received"] >= at_first + sent, 30)  # fmt: skip

    @staticmethod
    def hear(clients: list[socket.socket], answers: list[list[dns.Message]]) -> int:
        """Adds what has come to each client's; returns how many there are by now."""
        for heard, client in zip(answers, clients):
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.append(dns.Message.parse(client.recv(4096)))
        return sum(map(len, answers))

    def assert_refused_for_now(self, answers: list[list[dns.Message]], count: int) -> None:
        """SERVFAIL with "Not Ready" (RFC 8914 4.15), which nobody keeps."""
        found = collections.Counter(
            (message.rcode, message.options.get(EDE, b"")[:2]) for heard in answers for message in heard
        )
        self.assertEqual(found, {("SERVFAIL", b"\0\x0e"): count})

    def play(self) -> bool:
        """False where the machine is too slow to hold so many before the first is given up."""
        late = upstreams.Odd(self.outside, LATE, "held")
        server = self.serve(PLAN + f"dns: {{upstream: {LATE}}}\n")
        clients = [self.client(address) for address in CROWD for _ in range(5)]
        answers: list[list[dns.Message]] = [[] for _ in clients]
        before = server.private_memory()
        self.ask_all(server, clients, "a", MANY // len(clients))
        waiting = server.counters()["dns.udp.waiting"]
        memory = server.private_memory()

        too_many: list[list[dns.Message]] = [[] for _ in clients]
        self.ask_all(server, clients, "b", 2)
        asked = MANY + 2 * len(clients)
        beyond = asked - MOST
        lab.wait_for("those beyond the bound", lambda: self.hear(clients, too_many) >= beyond)
        self.ask(self.guest_)  # a name of ours
        late.release()
        lab.wait_for("all others",
                     lambda: self.hear(clients, answers) + self.hear([], too_many) >= asked)  # fmt: skip
        counters = server.counters()
        late.stop()
        server.stop()
        self.assertEqual(counters["dns.udp.replied"], asked + 1)
        self.assertEqual(counters["dns.udp.waiting"], 0)
        if counters["dns.udp.forward.timed_out"]:
            return False

        print(f"{waiting} questions in flight, {(memory - before) >> 10} KiB for them; all answered, "
              f"{beyond} more refused at once")  # fmt: skip
        self.assertEqual(waiting, MANY)
        self.assert_little_memory(memory)
        self.assert_refused_for_now(too_many, beyond)
        found = collections.Counter()
        for place, heard in enumerate(answers):
            for message in heard:
                self.assertRegex(message.question, rf"^[ab]{message.identifier}-{place}\.example\.$")
                found[message.rcode, *(record.data for record in message.answer)] += 1
            self.assertEqual(len({message.question for message in heard}), len(heard))
        self.assertEqual(found, {("NOERROR", "203.0.113.7"): MOST})
        return True

    def test_ten_thousand(self) -> None:
        """None is lost; what is beyond the bound is refused at once."""
        if not any(self.play() for _ in range(3)):
            self.assertTrue(berthd.sanitized(), "too slow, three times")

    def test_more_than_a_clients_share(self) -> None:
        if not any(self.play_greedy() for _ in range(3)):
            self.assertTrue(berthd.sanitized(), "too slow, three times")

    def play_greedy(self) -> bool:
        """False where the machine is too slow, as above."""
        late = upstreams.Odd(self.outside, LATE, "held")
        server = self.serve(PLAN + f"dns: {{upstream: {LATE}}}\n")
        greedy, other = self.client(CROWD[0]), self.client(CROWD[1])
        answers: list[list[dns.Message]] = [[]]
        self.ask_all(server, [greedy], "a", SHARE + 10)
        lab.wait_for("those beyond its share", lambda: self.hear([greedy], answers) >= 10)
        self.ask_all(server, [other], "b", 1)
        counters = server.counters()
        late.stop()
        server.stop()
        if counters["dns.udp.forward.timed_out"]:
            return False
        self.assert_refused_for_now(answers, 10)
        self.assertEqual(counters["dns.udp.waiting"], SHARE + 1)
        return True


if __name__ == "__main__":
    main()
