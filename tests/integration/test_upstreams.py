"""Foreign names, asked of real and of odd servers in a namespace of their own."""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from collections.abc import Sequence

from case import PLAN, NetTest, berthd, clients, lab, main, upstreams, wire

WELL, OTHER = "10.99.0.53", "10.99.0.54"
OURS = "192.168.200.1"
LONG_TEXT = " ".join(f'"{str(i) * 250}"' for i in range(8))
RECORDS = [
    "www.example. 300 A 203.0.113.1",
    "www.example. 300 AAAA 2001:db8::1",
    "moment.example. 1 A 203.0.113.2",
    f"long.example. 300 TXT {LONG_TEXT}",
    *(f"n{i}.example. 300 A 203.0.113.9" for i in range(200)),
]
# More than a client waits for an answer, and less than it takes berthd to say that there is none.
LATEST = 4.5


class Upstreams(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)
        self.outside = self.world.guest("outside", "52:52:52:99:00:01",
                                        self.link("wan0", "10.99.0.1/24"))  # fmt: skip
        self.outside.ip(f"address add {WELL}/24 dev eth0", f"address add {OTHER}/24 dev eth0")

    def unbound(
        self, address: str = WELL, zone: str = "example", records: Sequence[str] = RECORDS
    ) -> upstreams.Unbound:
        return upstreams.Unbound(self.outside, address, zone, records).start()

    def odd(self, manner: str, address: str = OTHER) -> upstreams.Odd:
        server = upstreams.Odd(self.outside, address, manner)
        self.addCleanup(server.stop)
        return server

    def serve_with(self, dns: str) -> berthd.Berthd:
        return self.serve(PLAN + f"dns: {{{dns}}}\n")

    def dig(self, *arguments: str) -> clients.Response:
        return clients.dig_one(self.guest_, f"@{OURS}", *arguments)

    def assert_answer(self, expected: list[str], *arguments: str) -> clients.Response:
        response = self.dig(*arguments)
        self.assertEqual((response.status, response.data()), ("NOERROR", expected), arguments)
        return response

    def assert_local(self) -> None:
        """A name of ours is answered at once, whatever goes on outside."""
        started = time.monotonic()
        self.assertEqual(self.ask("worker1.kubenet").addresses, ["192.168.200.8"])
        self.assert_within(0.5, time.monotonic() - started)

    def udp(self) -> socket.socket:
        with self.guest_.entered():
            connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(connection.close)
        connection.settimeout(2 * LATEST)
        connection.connect((OURS, 53))
        return connection

    def tcp(self) -> socket.socket:
        with self.guest_.entered():
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(connection.close)
        connection.settimeout(2 * LATEST)
        connection.connect((OURS, 53))
        return connection

    def ask(self, name: str) -> wire.DnsAnswer:
        """One datagram, and what comes back."""
        connection = self.udp()
        connection.send(wire.dns_query(name))
        return wire.DnsAnswer.parse(connection.recv(4096))

    @staticmethod
    def read_message(connection: socket.socket) -> bytes:
        length = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
        return connection.recv(length, socket.MSG_WAITALL)

    # --- real servers -----------------------------------------------------------------------------

    def test_every_client_gets_foreign_names(self) -> None:
        self.unbound()
        server = self.serve_with(f"upstream: {WELL}")
        for transport in ("+notcp", "+tcp"):
            response = self.assert_answer(["203.0.113.1"], "www.example", transport)
            self.assertIn("ra", response.flags)
            self.assertNotIn("aa", response.flags)
            self.assert_answer(["2001:db8::1"], "www.example", "AAAA", transport)
            self.assertEqual(self.dig("nobody.example", transport).status, "NXDOMAIN")
            self.assert_answer(["192.168.200.7"], "worker0.kubenet", transport)
        kdig = self.guest_.run(["kdig", f"@{OURS}", "+short", "n1.example", "A"])
        self.assertEqual(kdig.stdout, "203.0.113.9\n")
        program = "import socket; print(sorted({a[4][0] for a in socket.getaddrinfo('www.example', 80)}))"
        library = self.guest_.run([sys.executable, "-c", program])
        self.assertEqual(library.stdout, "['2001:db8::1', '203.0.113.1']\n", library.stderr)
        counters = server.counters()
        self.assertGreater(counters["dns.udp.forward.cached"], 0)
        self.assertEqual(counters["dns.udp.received"], counters["dns.udp.replied"])
        self.assertEqual(counters["dns.udp.waiting"], 0)

    def test_aliases_of_ours_lead_to_foreign_names(self) -> None:
        self.unbound()
        records = "    records: [away CNAME www.example., gone CNAME nobody.example.]\n"
        self.serve(PLAN + records + f"dns: {{upstream: {WELL}}}\n")
        for transport in ("+notcp", "+tcp"):
            for _ in ("asked", "known"):
                response = self.assert_answer(["www.example.", "203.0.113.1"], "away.kubenet", transport)
                self.assertIn("aa", response.flags)
                self.assertIn("ra", response.flags)
                response = self.dig("gone.kubenet", transport)
                self.assertEqual((response.status, response.data()), ("NXDOMAIN", ["nobody.example."]))
            self.assert_answer(["www.example."], "away.kubenet", "+norecurse", transport)

    def test_what_does_not_fit_a_datagram_comes_by_tcp(self) -> None:
        self.unbound()
        server = self.serve_with(f"upstream: {WELL}")
        response = self.dig("long.example", "TXT")
        self.assertEqual((response.status, response.over, response.data()), ("NOERROR", "TCP", [LONG_TEXT]))
        counters = server.counters()
        sent = counters["dns.udp.forward.sent_stream"] + counters["dns.tcp.forward.sent_stream"]
        self.assertGreater(sent, 0)

    def test_no_server_is_needed_for_what_is_known(self) -> None:
        """Cached, then stale (RFC 8767), and anew as soon as the server is back."""
        unbound = self.unbound()
        server = self.serve_with(f"upstream: {WELL}")
        self.assert_answer(["203.0.113.1"], "www.example")
        self.assert_answer(["203.0.113.2"], "moment.example")
        unbound.stop()
        self.assert_answer(["203.0.113.1"], "www.example")

        def stale() -> bool:
            response = self.dig("moment.example")
            self.assertEqual((response.status, response.data()), ("NOERROR", ["203.0.113.2"]))
            return server.counters()["dns.udp.forward.stale"] > 0

        lab.wait_for("a stale answer", stale, 20)
        self.assertEqual(self.dig("n3.example").status, "SERVFAIL")
        server.mark = 0
        server.wait_log(rf"upstream\.lost server={WELL}")
        unbound.start()
        started = time.monotonic()
        lab.wait_for("the server to be asked again", lambda: self.dig("n4.example").data(), 20)
        self.assert_within(4, time.monotonic() - started)
        server.wait_log(rf"upstream\.back server={WELL}")

    def test_names_of_a_domain_go_to_its_server(self) -> None:
        usual = self.unbound()
        special = self.unbound(OTHER, "cluster.local", ["api.cluster.local. 60 A 10.32.0.1"])
        self.serve_with(f"upstream: {WELL}, forward: {{cluster.local: {OTHER}, hidden.example: none}}")
        self.assert_answer(["10.32.0.1"], "api.cluster.local")
        self.assert_answer(["203.0.113.1"], "www.example")
        self.assertEqual(self.dig("a.hidden.example").status, "REFUSED")
        self.assertEqual((special.questions("www.example"), usual.questions("api.cluster.local")), (0, 0))
        self.assertEqual(usual.questions("a.hidden.example"), 0)

    def test_equal_questions_are_one(self) -> None:
        unbound = self.unbound()
        server = self.serve_with(f"upstream: {WELL}")
        self.outside.ip("link set eth0 down")
        asking = [self.udp() for _ in range(50)]
        for connection in asking:
            connection.send(wire.dns_query("www.example"))
        lab.wait_for("all to wait", lambda: server.counters()["dns.udp.waiting"] == 50)
        self.outside.ip("link set eth0 up")
        for connection in asking:
            self.assertEqual(wire.DnsAnswer.parse(connection.recv(512)).addresses, ["203.0.113.1"])
        self.assertLess(unbound.questions("www.example"), 10)

    def test_the_hosts_resolvers_are_followed(self) -> None:
        """Also that none is there yet, and that we may be one of them ourselves."""
        self.unbound()
        self.unbound(OTHER, records=["www.example. 300 A 203.0.113.99", "n5.example. 300 A 203.0.113.99"])
        server = self.serve()
        server.wait_log(r"upstream\.none from=/etc/resolv\.conf")
        response = self.dig("www.example")
        self.assertEqual((response.status, "ra" in response.flags), ("REFUSED", False))
        self.host.resolv_conf.write_text(f"nameserver {OURS}\nnameserver {WELL}\n")
        server.wait_log(rf"upstream\.servers servers={WELL} from=/etc/resolv\.conf")
        self.assert_answer(["203.0.113.1"], "www.example")
        self.host.resolv_conf.write_text(f"search x\nnameserver {OTHER}\n")
        server.wait_log(rf"upstream\.servers servers={OTHER}")
        self.assert_answer(["203.0.113.99"], "n5.example")
        self.assertIn("reload.done", server.reload())
        self.assert_answer(["203.0.113.99"], "n5.example")
        self.host.resolv_conf.write_text("")
        server.wait_log(r"upstream\.none")
        self.assertEqual(self.dig("n6.example").status, "REFUSED")

    def test_a_reload_asks_others(self) -> None:
        self.unbound()
        self.unbound(OTHER, records=["n5.example. 300 A 203.0.113.99"])
        server = self.serve_with(f"upstream: {WELL}")
        self.assert_answer(["203.0.113.9"], "n4.example")
        self.assertIn("reload.done", server.reload(PLAN + f"dns: {{upstream: {OTHER}}}\n"))
        self.assert_answer(["203.0.113.99"], "n5.example")
        self.assertIn("reload.done", server.reload(PLAN + "dns: {upstream: none}\n"))
        self.assertEqual(self.dig("n6.example").status, "REFUSED")

    def test_every_thread_forwards(self) -> None:
        self.unbound()
        server = self.serve_with(f"upstream: {WELL}, workers: 3")
        for i in range(30):
            self.assertEqual(self.ask(f"n{i}.example").addresses, ["203.0.113.9"])
        self.assertEqual(server.counters()["dns.udp.forward.answered"], 30)

    def test_ports_and_ids_cannot_be_guessed(self) -> None:
        """F4: whoever saw the last query knows nothing of the next."""
        self.serve_with(f"upstream: {WELL}, cache: off")
        with self.outside.entered():
            ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(ear.close)
        ear.bind((WELL, 53))
        ear.settimeout(5)
        seen = []
        for i in range(150):
            self.udp().send(wire.dns_query(f"r{i}.example"))
            query, client = ear.recvfrom(512)
            seen.append((client[1], struct.unpack_from("!H", query)[0]))
        ports, ids = {port for port, _ in seen}, {identifier for _, identifier in seen}
        self.assertGreater(len(ids), 145)
        self.assertGreater(len(ports), 8)
        self.assertGreater(max(ports) - min(ports), 10_000)
        self.assertGreaterEqual(min(ports), 16_384)

    # --- this machine's own look-ups --------------------------------------------------------------

    def test_this_machine_asks_at_an_address_of_its_own(self) -> None:
        self.unbound()
        elsewhere = "10.99.0.1"  # of this machine, on the link to the outside
        server = self.serve_with(f"upstream: {WELL}, listen: [127.0.0.1, {elsewhere}, '[::1]:5355']")
        for place in (["@127.0.0.1", "-p", "5354"], ["@::1", "-p", "5355"], [f"@{elsewhere}", "-p", "5354"]):
            for transport in ("+notcp", "+tcp"):
                for name, address in (("worker0.kubenet", "192.168.200.7"), ("worker0", "192.168.200.7"),
                                      ("www.example", "203.0.113.1")):  # fmt: skip
                    response = clients.dig_one(self.host, *place, transport, name)
                    self.assertEqual((response.status, response.data()), ("NOERROR", [address]), place)
        # Clients of our networks may ask there too, strangers not.
        self.guest_.ip("route add default via 192.168.200.1")
        served = clients.dig_one(self.guest_, f"@{elsewhere}", "-p", "5354", "worker0.kubenet")
        self.assertEqual(served.data(), ["192.168.200.7"])
        refused = clients.dig_one(self.outside, f"@{elsewhere}", "-p", "5354", "worker0.kubenet")
        self.assertEqual(refused.status, "REFUSED")
        self.assertIn("reload.done", server.reload(PLAN + f"dns: {{upstream: {WELL}}}\n"))
        server.mark = 0
        server.wait_log(r"listen\.closed address=127\.0\.0\.1:5354")
        gone = self.host.run(["dig", "+tries=1", "+time=1", "@127.0.0.1", "-p", "5354", "www.example"])
        self.assertIn("no servers could be reached", gone.stdout)

    def test_an_address_to_listen_on_comes_later(self) -> None:
        """Neither that it is not there nor that another has it ends the matter."""
        server = self.serve_with("listen: [10.98.0.1, 127.0.0.1]")
        server.mark = 0
        server.wait_log(r"listen\.failed address=10\.98\.0\.1:5354")
        self.host.ip("address add 10.98.0.1/32 dev lo")
        server.wait_log(r"listen\.bound address=10\.98\.0\.1:5354")
        response = clients.dig_one(self.host, "@10.98.0.1", "-p", "5354", "worker0.kubenet")
        self.assertEqual(response.data(), ["192.168.200.7"])

    def test_who_answers(self) -> None:
        server = self.serve_with("upstream: none, identity: on")
        told = self.dig("CH", "TXT", "version.bind")
        self.assertRegex(" ".join(told.data()), r"^\"berthd [0-9.]+\"$")
        self.assertEqual(len(self.dig("CH", "TXT", "id.server").data()), 1)
        self.assertIn("reload.done", server.reload(PLAN + "dns: {upstream: none}\n"))
        self.assertEqual(self.dig("CH", "TXT", "version.bind").status, "REFUSED")

    # --- odd servers ------------------------------------------------------------------------------

    def test_servers_that_do_not_answer(self) -> None:
        """F6, F10, F15: SERVFAIL in time, from each kind, and names of ours meanwhile."""
        self.serve_with(f"upstream: {OTHER}")
        for manner in ("silent", "garbage", "refused", "servfail", "tcp-reset", "tcp-drip", "tcp-garbage"):
            with self.subTest(manner):
                server = self.odd(manner)
                started = time.monotonic()
                connection = self.udp()
                connection.send(wire.dns_query(f"{manner}.example"))
                self.assert_local()
                answer = wire.DnsAnswer.parse(connection.recv(512))
                self.assertEqual((answer.rcode, answer.answers), (wire.SERVFAIL, 0))
                self.assert_within(LATEST, time.monotonic() - started)
                self.assert_local()
                server.stop()

    def test_another_server_answers_for_those_that_do_not(self) -> None:
        self.unbound()
        server = self.serve_with(f"upstream: [{OTHER}, {WELL}]")
        for i, manner in enumerate(("silent", "garbage", "refused", "servfail", "tcp-reset", "tcp-drip")):
            with self.subTest(manner):
                odd = self.odd(manner)
                for name in (f"n{10 * i}.example", f"n{10 * i + 1}.example"):
                    started = time.monotonic()
                    self.assertEqual(self.ask(name).addresses, ["203.0.113.9"])
                    self.assert_within(LATEST, time.monotonic() - started)
                odd.stop()
        self.assertGreater(server.counters()["dns.udp.forward.failed_over"], 0)

    def test_what_was_not_asked_is_not_taken(self) -> None:
        """F1, F2, F6: forgeries before the answer are passed over."""
        self.odd("forged-first")
        server = self.serve_with(f"upstream: {OTHER}")
        self.assertEqual(self.ask("a.example").addresses, ["203.0.113.7"])
        self.assertEqual(self.ask("a.example").addresses, ["203.0.113.7"])
        counters = server.counters()
        for kind in ("unexpected", "not_a_response", "other_question", "malformed"):
            self.assertGreater(counters[f"dns.udp.forward.{kind}"], 0, kind)

    def test_tcp_in_fragments(self) -> None:
        self.odd("tcp-fragments")
        self.serve_with(f"upstream: {OTHER}")
        self.assertEqual(self.ask("a.example").addresses, ["203.0.113.7"])

    def test_a_server_that_denies_everything_for_a_second(self) -> None:
        """Without an SOA no denial is kept (RFC 2308 5)."""
        self.odd("nxdomain-for-a-second")
        self.serve_with(f"upstream: {OTHER}")
        self.assertEqual(self.ask("a.example").rcode, wire.NXDOMAIN)
        lab.wait_for("the name", lambda: self.ask("a.example").addresses == ["203.0.113.7"], 5)

    # --- clients by TCP ---------------------------------------------------------------------------

    def test_answers_by_tcp_come_as_they_are_known(self) -> None:
        """RFC 7766 7: a name of ours does not wait for a foreign one before it."""
        self.odd("silent")
        self.serve_with(f"upstream: {OTHER}")
        connection = self.tcp()
        for identifier, name in ((1, "slow.example"), (2, "worker1.kubenet")):
            message = wire.dns_query(name, identifier=identifier)
            connection.sendall(struct.pack("!H", len(message)) + message)
        connection.shutdown(socket.SHUT_WR)
        answers = [wire.DnsAnswer.parse(self.read_message(connection)) for _ in range(2)]
        self.assertEqual([(a.identifier, a.rcode) for a in answers], [(2, 0), (1, wire.SERVFAIL)])
        self.assertEqual(connection.recv(1), b"")

    def test_a_client_that_is_gone_harms_nobody(self) -> None:
        self.odd("silent")
        server = self.serve_with(f"upstream: {OTHER}")
        for _ in range(20):
            connection = self.tcp()
            message = wire.dns_query(f"x{os.urandom(4).hex()}.example")
            connection.sendall(struct.pack("!H", len(message)) + message)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        lab.wait_for("all to be given up", lambda: server.counters()["dns.tcp.undelivered"] == 20)
        self.assertEqual(server.counters()["dns.tcp.waiting"], 0)
        self.assert_local()

    def test_a_thousand_slow_connections(self) -> None:
        """N15: each sends one octet and no more; a new client is served within a second."""
        self.unbound()
        self.serve_with(f"upstream: {WELL}")
        slow = []
        for i in range(1000):
            slow.append(self.tcp())
            slow[-1].sendall(b"\0")
            if i % 100 != 99:
                continue
            started = time.monotonic()
            message = wire.dns_query(f"n{i // 100}.example")
            connection = self.tcp()
            connection.sendall(struct.pack("!H", len(message)) + message)
            answer = wire.DnsAnswer.parse(self.read_message(connection))
            self.assertEqual(answer.addresses, ["203.0.113.9"])
            self.assert_within(1, time.monotonic() - started)
            connection.close()


if __name__ == "__main__":
    main()
