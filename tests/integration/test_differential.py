"""The same plan for berthd and dnsmasq, the same questions to both: every difference is meant."""

from __future__ import annotations

import collections
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent import futures

from case import PLAN, RECORDS, NetTest, berthd, dns, lab, main, partners, upstreams
from differential_questions import Question, questions
from differential_rules import RULES, Seen, seen

OURS, THEIRS = "192.168.200.1", "192.168.200.2"
WELL, OTHER, DEAD = "10.99.0.53", "10.99.0.54", "10.99.0.55"
PATIENCE = 6  # seconds: more than either takes to say that it has no answer

BERTHD = PLAN.replace("200.7}", "200.7, aliases: [node0]}") + RECORDS + f"""
    names: {{kubernetes: 11}}
dns:
  upstream: {WELL}
  forward: {{cluster.local: {OTHER}, hidden.example: none, dead.example: {DEAD}}}
"""
DNSMASQ = (
    "--domain=kubenet", "--expand-hosts", "--local=/kubenet/", "--local=/200.168.192.in-addr.arpa/",
    "--domain-needed", "--bogus-priv", "--local-ttl=90",
    "--srv-host=_etcd._tcp.kubenet,control0.kubenet,2379,0,10", "--mx-host=mail.kubenet,worker1.kubenet,10",
    "--address=/apps.kubenet/192.168.200.11", "--cname=registry.kubenet,worker0.kubenet",
    "--txt-record=note.kubenet,hello,world; with a semicolon",
    f"--server={WELL}", f"--server=/cluster.local/{OTHER}", "--local=/hidden.example/",
    f"--server=/dead.example/{DEAD}",
)  # fmt: skip
HOSTS = [(address, name) for name, (_, address) in berthd.DEFAULT_HOSTS.items()]
HOSTS += [("192.168.200.7", "node0"), ("192.168.200.11", "kubernetes")]

FOREIGN = [
    ". 86400 SOA a.root-servers.example. hostmaster.example. 1 1800 900 604800 3600",
    ". 86400 NS ns.example.",
    "ns.example. 3600 A 203.0.113.53",
    "www.example. 300 A 203.0.113.1",
    "www.example. 300 A 203.0.113.2",
    "www.example. 300 AAAA 2001:db8::1",
    "alias.example. 300 CNAME www.example.",
    "moment.example. 0 A 203.0.113.3",
    "private.example. 300 A 192.168.1.1",
    'note.example. 300 TXT "a" "b"',
    "example. 300 MX 10 www.example.",
    "_sip._udp.example. 300 SRV 0 0 5060 www.example.",
    "long.example. 300 TXT " + " ".join(f'"{str(i) * 250}"' for i in range(8)),
    r"odd.example. 300 TYPE65400 \# 3 010203",
    "8.8.8.8.in-addr.arpa. 300 PTR dns.example.",
    "host.com. 300 A 203.0.113.4",
    "loop.example. 300 CNAME loop.example.",
    "lost.example. 300 CNAME nobody.example.",
]
CLUSTER = [
    "cluster.local. 3600 SOA ns.cluster.local. hostmaster.cluster.local. 1 1800 900 604800 5",
    "cluster.local. 3600 NS ns.cluster.local.",
    "ns.cluster.local. 60 A 10.32.0.2",
    "api.cluster.local. 60 A 10.32.0.1",
]


class Differential(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)
        self.host.ip(f"address add {THEIRS}/24 dev berth0")
        outside = self.world.guest("outside", "52:52:52:99:00:01", self.link("wan0", "10.99.0.1/24"))
        outside.ip(f"address add {WELL}/24 dev eth0", f"address add {OTHER}/24 dev eth0")
        upstreams.Unbound(outside, WELL, ".", FOREIGN, resolves=True).start()
        upstreams.Unbound(outside, OTHER, "cluster.local", CLUSTER, resolves=True).start()
        self.server = self.serve(BERTHD)
        self.dnsmasq()

    def dnsmasq(self) -> None:
        hosts = self.host.directory / "hosts"
        hosts.write_text("".join(f"{address} {name}\n" for address, name in HOSTS))
        output = self.host.directory / "dnsmasq.log"
        argv = [
            *partners.command("dnsmasq-base", "usr/sbin/dnsmasq"), "--keep-in-foreground",
            "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file", "--user=root",
            "--log-facility=-", "--bind-interfaces", f"--listen-address={THEIRS}",
            "--except-interface=lo", f"--addn-hosts={hosts}", *DNSMASQ,
        ]  # fmt: skip
        with output.open("wb") as log:
            process = self.host.start(argv, stdout=log, stderr=log)
        lab.wait_for("dnsmasq to have read its names",
                     lambda: f"read {hosts}" in output.read_text() or process.poll() is not None)  # fmt: skip
        self.assertIsNone(process.poll(), output.read_text())

    def socket_to(self, server: str, kind: socket.SocketKind) -> socket.socket:
        with self.guest_.entered():
            connection = socket.socket(socket.AF_INET, kind)
        self.addCleanup(connection.close)
        connection.settimeout(PATIENCE)
        connection.connect((server, 53))
        return connection

    def ask_by_tcp(self, server: str, asked: list[Question]) -> list[dns.Message]:
        connection = self.socket_to(server, socket.SOCK_STREAM)
        found = []
        for number, question in enumerate(asked):
            octets = question.octets(number)
            connection.sendall(struct.pack("!H", len(octets)) + octets)
            length = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
            found.append(dns.Message.parse(connection.recv(length, socket.MSG_WAITALL)))
        return found

    def ask(self, connection: socket.socket, asked: list[Question]) -> list[dns.Message | None]:
        """One after the other, but for those that may have no answer: these wait meanwhile."""
        found: list[dns.Message | None] = [None] * len(asked)
        waiting: set[int] = set()
        for number, question in enumerate(asked):
            connection.send(question.octets(number))
            waiting.add(number)
            if not question.may_be_silent:
                self.receive(connection, waiting, found, lambda: number not in waiting)  # noqa: B023
        self.receive(connection, waiting, found, lambda: not waiting)
        return found

    @staticmethod
    def receive(connection: socket.socket, waiting: set[int], found: list[dns.Message | None],
                done: Callable[[], bool]) -> None:  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not done() and (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                message = dns.Message.parse(connection.recv(65535))
            except TimeoutError:
                return
            if message.identifier in waiting:  # otherwise asked for once, and answered twice
                waiting.discard(message.identifier)
                found[message.identifier] = message

    def answers(self) -> Iterator[tuple[Question, Seen, Seen]]:
        """What each says to each question, we first."""
        by_udp = [question for question in questions() if not question.tcp]
        by_tcp = [question for question in questions() if question.tcp]
        with futures.ThreadPoolExecutor() as both:
            sockets = [self.socket_to(server, socket.SOCK_DGRAM) for server in (OURS, THEIRS)]
            ours, theirs = both.map(lambda connection: self.ask(connection, by_udp), sockets)
        ours += self.ask_by_tcp(OURS, by_tcp)
        theirs += self.ask_by_tcp(THEIRS, by_tcp)
        return zip(by_udp + by_tcp, map(seen, ours), map(seen, theirs))

    def test_every_difference_is_meant(self) -> None:
        """And what they do alike is not that both fail."""
        unexplained: list[str] = []
        used: collections.Counter[int] = collections.Counter()
        asked = resolved = 0
        for question, our, their in self.answers():
            asked += 1
            resolved += our == their and our["rcode"] == "NOERROR" and our["answer"] != ""
            for field in sorted(our.keys() & their.keys()):
                if our[field] == their[field]:
                    continue
                rules = [i for i, rule in enumerate(RULES) if rule.allows(question, field, their, our)]
                used.update(rules[:1])
                if not rules:
                    unexplained.append(f"{question.kind}: {question}: {field}: "
                                       f"theirs {their[field]!r}, ours {our[field]!r}")  # fmt: skip
        print(f"{asked} questions, {resolved} answered with the same records; "
              f"{used.total()} fields that differ, for {len(used)} reasons")  # fmt: skip
        self.assertFalse(unexplained, "\n".join(["no rule allows", *unexplained]))
        idle = [rule.why for i, rule in enumerate(RULES) if not used[i]]
        self.assertFalse(idle, "\n".join(["what is no longer so", *idle]))
        self.assertGreater(resolved, 100)


if __name__ == "__main__":
    main()
