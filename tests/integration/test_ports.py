"""Ports that somebody else holds: named, lived with, and taken when they are free."""

from __future__ import annotations

import select
import socket
import subprocess

from case import NetTest, clients, lab, main, wire

# Holds a port until it is ended, and says what it receives: ADDRESS PORT KIND [reuse]
HOLDER = """
import socket, sys, time
kind = socket.SOCK_STREAM if sys.argv[3] == "tcp" else socket.SOCK_DGRAM
holder = socket.socket(socket.AF_INET, kind)
if "reuse" in sys.argv:
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
holder.bind((sys.argv[1], int(sys.argv[2])))
if kind == socket.SOCK_STREAM:
    holder.listen()
print("bound", flush=True)
while kind == socket.SOCK_DGRAM:
    print(holder.recv(2048)[:16].decode("latin1"), flush=True)
time.sleep(600)
"""


class Held(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)

    def hold(self, address: str, port: int, kind: str, *how: str) -> subprocess.Popen[bytes]:
        process = self.host.start(["python3", "-c", HOLDER, address, str(port), kind, *how],
                                  stdout=subprocess.PIPE)  # fmt: skip
        assert process.stdout
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), b"bound\n")
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
        lab.stop(holder)
        server.wait_log(r"endpoint\.bound service=dns ")
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
        server.wait_log(rf"endpoint\.conflict service=dhcp .*holder=python3.* pid={holder.pid}\b")
        self.assertTrue(self.resolves())
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
