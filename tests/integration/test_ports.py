"""Ports that somebody else holds: named, lived with, and taken when they are free."""

from __future__ import annotations

import select
import socket
import subprocess

from case import NetTest, berthd, clients, lab, main, squatter, wire

class Held(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)

    def hold(self, address: str, port: int, kind: str, *how: str) -> subprocess.Popen[bytes]:
        process = squatter.start(self.host, address, port, kind, *how)
        assert process.stdout
        self.addCleanup(process.stdout.close)
        return process

    def resolves(self, *how: str) -> bool:
        try:
            answer = clients.dig(self.guest_, "+tries=1", "+time=1", *how, "gateway.kubenet")
        except lab.LabError:
            return False
        return answer[0].data() == ["192.168.200.3"]

    def test_somebody_on_exactly_our_dns_address(self) -> None:
        holder = self.hold("192.168.200.1", 53, "udp")
        server = self.serve()
        server.wait_log(rf"endpoint\.conflict service=dns .*holder=python3.* pid={holder.pid}\b")
        self.assertFalse(self.resolves())
        self.assert_offered(self.wire(self.guest_), "192.168.200.7")
        self.assertEqual(server.log().count(f"pid={holder.pid}"), 1, "said once")
        lab.stop(holder)
        line = server.wait_log(r"endpoint\.bound service=dns .*").group()
        self.assertNotIn("note=", line)
        self.assertTrue(self.resolves())

    def test_somebody_on_our_dns_address_over_tcp(self) -> None:
        holder = self.hold("192.168.200.1", 53, "tcp")
        server = self.serve()
        server.mark = 0
        server.wait_log(rf"endpoint\.\w+ service=dns .*\b{holder.pid}\b")
        lab.stop(holder)
        lab.wait_for("DNS over TCP", lambda: self.resolves("+tcp"), 15)

    def test_somebody_on_every_address_of_port_53_who_shares(self) -> None:
        """A wildcard resolver that set SO_REUSEADDR keeps its other addresses, we take ours."""
        self.hold("0.0.0.0", 53, "udp", "reuse")
        self.serve()
        lab.wait_for("an answer", self.resolves)

    def test_somebody_on_every_address_of_port_67_who_does_not_share(self) -> None:
        holder = self.hold("0.0.0.0", 67, "udp")
        server = self.serve()
        server.wait_log(
            rf"endpoint\.conflict service=dhcp .*serving=yes .*holder=python3.* pid={holder.pid}\b"
        )
        self.assertTrue(self.resolves())
        self.assert_offered(self.wire(self.guest_), "192.168.200.7")
        lab.stop(holder)
        server.wait_log(r"endpoint\.bound service=dhcp ")
        self.assert_offered(self.wire(self.guest_), "192.168.200.7")

    def test_a_forgotten_server_that_shares_port_67_is_named(self) -> None:
        """dnsmasq's way: we can bind, and so can it, and both answer."""
        holder = self.hold("0.0.0.0", 67, "udp", "reuse")
        server = self.serve()
        line = server.wait_log(rf"endpoint\.bound service=dhcp .*\b{holder.pid}\b.*").group()
        self.assertIn("serving=yes", line)
        self.assert_offered(self.wire(self.guest_), "192.168.200.7")

    def test_somebody_on_exactly_our_dhcp_address_is_not_robbed(self) -> None:
        holder = self.hold("192.168.200.1", 67, "udp", "reuse")
        server = self.serve()
        server.wait_log(rf"endpoint\.conflict service=dhcp .*pid={holder.pid}\b")
        with self.guest_.entered():
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(client.close)
        client.bind(("192.168.200.7", 68))
        for word in (b"first", b"second"):
            client.sendto(word, ("192.168.200.1", 67))
            self.assertEqual(self.received(holder), word)
        self.assertEqual(server.counters()["dhcp.received"], 0)
        # What is broadcast is nobody's own: that we serve beside it.
        self.assert_offered(self.wire(self.guest_), "192.168.200.7")

    def received(self, holder: subprocess.Popen[bytes]) -> bytes:
        assert holder.stdout
        self.assertTrue(select.select([holder.stdout], [], [], 5)[0], "the holder got nothing")
        return holder.stdout.readline().strip()

    def test_a_resolver_on_the_loopback_address_is_left_alone(self) -> None:
        self.hold("127.0.0.53", 53, "udp")
        server = self.serve()
        server.wait_log(r"endpoint\.bound service=dns ")
        self.assertNotIn("endpoint.conflict", server.log())
        self.assertTrue(self.resolves())

    def explained(self, *how: str) -> str:
        result = self.host.run([str(berthd.binary()), "--explain-bind", *how])
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def sockets(self) -> str:
        """Of every process in the host's namespace."""
        command = ["ss", "--all", "--numeric", "--packet", "--udp", "--tcp", "--no-header"]
        return self.host.run(command).stdout

    def test_explain_bind_says_beforehand_what_comes_of_each_holder(self) -> None:
        """As the real kernel decides a moment later; it changes nothing itself."""
        dhcp, dns = "DHCP: bound on berth0", "DNS: bound on berth0"
        past = "DHCP: conflict on berth0, served frame by frame"
        held = "DNS: conflict on berth0, not served"
        for address, port, kind, how, expected in (
            ("0.0.0.0", 53, "udp", "reuse", (dhcp, dns)),
            ("0.0.0.0", 53, "udp", "keeps", (dhcp, held)),
            ("192.168.200.1", 53, "udp", "reuse", (dhcp, held)),
            ("0.0.0.0", 53, "tcp", "reuse", (dhcp, "DNS: conflict on berth0, served")),
            ("0.0.0.0", 67, "udp", "reuse", (dhcp, dns)),
            ("0.0.0.0", 67, "udp", "keeps", (past, dns)),
            ("192.168.200.1", 67, "udp", "reuse", ("DHCP: conflict on berth0, served", dns)),
            ("::", 53, "udp", "keeps", (dhcp, held)),
            ("::", 53, "udp", "v6only", (dhcp, dns)),
            ("::", 53, "tcp", "v6only", (dhcp, dns)),
            ("::", 67, "udp", "keeps", (past, dns)),
            ("::", 67, "udp", "v6only", (dhcp, dns)),
        ):
            with self.subTest(address=address, port=port, kind=kind, how=how):
                holder = self.hold(address, port, kind, how)
                before = self.sockets()
                text = self.explained()
                self.assertEqual(self.sockets(), before)
                lines = [line.strip() for line in text.splitlines()]
                self.assertEqual([line for line in lines if line.startswith(("DHCP:", "DNS:"))],
                                 list(expected))  # fmt: skip
                shares = "set" if how == "reuse" else "not set"
                place = f"[{address}]" if ":" in address else address
                mark = f"(pid {holder.pid}) on {place}:{port}; SO_REUSEADDR {shares},"
                self.assertEqual(mark in text, how != "v6only", text)

                server = berthd.Berthd(self.host).start()
                for line in expected:
                    service, state = line.split(": ")
                    served = "no" if "not served" in state else "yes"
                    server.mark = 0
                    server.wait_log(rf"endpoint\.{state.split()[0]} service={service.lower()} "
                                    rf".*serving={served}")  # fmt: skip
                self.assertEqual(self.path(server), "frames" if expected[0] == past else "socket")
                server.stop()
                lab.stop(holder)
                server.log_file.unlink()

    def path(self, server: berthd.Berthd) -> str:
        """By which berthd hears broadcasts."""
        assert server.process
        command = ["ss", "--all", "--numeric", "--udp", "--processes", "--no-header"]
        mark = f"pid={server.process.pid},"
        own = [line for line in self.host.run(command).stdout.splitlines() if mark in line]
        return "socket" if any("0.0.0.0%berth0:67" in line for line in own) else "frames"

    def test_explain_bind_counts_what_a_running_berthd_has_as_free(self) -> None:
        server = self.serve()
        assert server.process
        text = self.explained()
        self.assertIn(f"berthd runs (pid {server.process.pid})", text)
        self.assertIn("DHCP: bound on berth0", text)
        self.assertIn("DNS: bound on berth0", text)
        self.assert_offered(self.wire(self.guest_), "192.168.200.7")

    def test_explain_bind_tells_of_the_workers_sockets(self) -> None:
        config = self.host.directory / "workers.yaml"
        config.write_text("dns: {workers: 3}\nnetworks: {kubenet: {subnet: 192.168.200.0/24}}\n")
        self.assertIn("SO_REUSEPORT    3 sockets", self.explained("--config", str(config)))
        self.assertNotIn("SO_REUSEPORT    ", self.explained())

    def test_held_while_running(self) -> None:
        """The address goes, somebody takes the port, the address comes back."""
        server = self.serve()
        view = self.wire(self.guest_)
        self.assert_offered(view, "192.168.200.7")
        self.host.ip("address delete 192.168.200.1/24 dev berth0")
        lab.wait_for("port 67 to be free", lambda: "waiting service=dhcp" in server.log())
        holder = self.hold("0.0.0.0", 67, "udp")
        self.lan.add_address()
        server.wait_log(rf"endpoint\.conflict service=dhcp .*pid={holder.pid}\b")
        lab.stop(holder)
        lab.wait_for("an offer", lambda: view.ask(wire.discover(view.mac), 0.2), 15)


if __name__ == "__main__":
    main()
