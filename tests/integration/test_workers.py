"""`dns.workers`: several threads answer, each query once, and nobody else joins them unseen."""

from __future__ import annotations

import socket
import subprocess

from case import PLAN, NetTest, berthd, lab, main, wire

TWO = "dns: {workers: 2}\n"
OTHER = PLAN.replace("address: 192.168.200.7", "address: 192.168.200.77")
SECOND_LINK = """
  annex:
    subnet: 10.9.0.0/24
    hosts: {shed: {mac: 52:52:52:09:00:01, address: 10.9.0.7}}
"""
SOCKETS = 300  # ports to ask from; the kernel deals them out to the workers by their hash

# Joins a port on purpose, and holds it until it is ended.
JOINER = """
import socket, time
joiner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
joiner.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
joiner.bind(("192.168.200.1", 53))
print("bound", flush=True)
time.sleep(600)
"""


class Workers(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)

    def ports(self) -> list[socket.socket]:
        with self.guest_.entered():
            ports = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
        for port in ports:
            self.addCleanup(port.close)
            port.settimeout(10)
            port.connect(("192.168.200.1", 53))
        return ports

    def ask(self, ports: list[socket.socket], identifier: int) -> None:
        for port in ports:
            port.send(wire.dns_query("worker0.kubenet", identifier=identifier))

    def answers(self, ports: list[socket.socket], identifier: int) -> set[str]:
        """One from each port, to that question and no other."""
        answers = [wire.DnsAnswer.parse(port.recv(4096)) for port in ports]
        self.assertEqual({answer.identifier for answer in answers}, {identifier})
        return {",".join(answer.addresses) for answer in answers}

    def sockets(self) -> int:
        """How many UDP sockets are on our DNS address."""
        lines = self.host.run(["ss", "-Hlun", "src", "192.168.200.1:53"]).stdout
        return len(lines.splitlines())

    def test_every_query_is_answered_exactly_once(self) -> None:
        server = self.serve(TWO + PLAN)
        self.assertEqual(self.sockets(), 2)
        ports = self.ports()
        # What one worker answered twice, or both did, would be taken for the next round's answer.
        for identifier in range(1, 11):
            self.ask(ports, identifier)
            self.assertEqual(self.answers(ports, identifier), {"192.168.200.7"})
        counters = server.counters()
        for name in ("dns.udp.received", "dns.udp.replied", "dns.udp.NOERROR"):
            self.assertEqual(counters[name], 10 * SOCKETS, name)

    def test_both_threads_log_what_they_answer(self) -> None:
        server = self.serve(TWO + PLAN, "--log-level", "debug")
        ports = self.ports()[:40]
        self.ask(ports, 1)
        self.answers(ports, 1)
        lab.wait_for("a line for each", lambda: server.log().count(" dns.answer ") == len(ports))

    def test_a_reload_loses_and_repeats_nothing_and_reaches_every_worker(self) -> None:
        server = self.serve(TWO + PLAN)
        ports = self.ports()
        for identifier, plan in enumerate((OTHER, PLAN) * 5, start=1):
            now = "192.168.200.77" if plan is OTHER else "192.168.200.7"
            self.ask(ports[::2], identifier)
            self.assertIn("reload.done", server.reload(TWO + plan))
            self.ask(ports[1::2], identifier)
            self.assertLessEqual(
                self.answers(ports[::2], identifier), {"192.168.200.7", "192.168.200.77"}
            )
            # Whoever was asked after reload.done answers by the new plan, whichever thread it is.
            self.assertEqual(self.answers(ports[1::2], identifier), {now})
        self.assertEqual(server.counters()["dns.udp.replied"], 10 * SOCKETS)

    def test_a_link_that_comes_by_reload_is_served_by_all_and_goes_again(self) -> None:
        server = self.serve(TWO + PLAN)
        self.link("berth1", "10.9.0.1/24")
        ports = self.ports()
        self.ask(ports, 1)
        server.reload(TWO + PLAN + SECOND_LINK)
        self.answers(ports, 1)
        with self.host.entered():
            near = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(40)]
        for number, port in enumerate(near):
            self.addCleanup(port.close)
            port.settimeout(10)
            port.connect(("10.9.0.1", 53))
            port.send(wire.dns_query("shed.annex", identifier=number))
        for number, port in enumerate(near):
            answer = wire.DnsAnswer.parse(port.recv(4096))
            self.assertEqual((answer.identifier, answer.addresses), (number, ["10.9.0.7"]))
        server.reload(TWO + PLAN)
        self.assertEqual(self.host.run(["ss", "-Hlun", "src", "10.9.0.1:53"]).stdout, "")
        self.ask(ports, 2)
        self.answers(ports, 2)

    def test_another_number_takes_a_restart(self) -> None:
        server = self.serve(TWO + PLAN)
        server.reload("dns: {workers: 3}\n" + PLAN)
        self.assertRegex(
            server.log(), r"reload\.needs-restart key=dns\.workers written=3 in_force=2"
        )
        self.assertEqual(self.sockets(), 2)
        ports = self.ports()
        self.ask(ports, 1)
        self.assertEqual(self.answers(ports, 1), {"192.168.200.7"})

    def test_one_reader_of_broadcasts(self) -> None:
        server = self.serve(TWO + PLAN)
        view = self.wire(self.guest(self.lan, "worker1"))
        view.first_offer()
        before = server.counters()["dhcp.received"]
        message = wire.discover(view.mac)
        view.send(message.octets())
        self.assertEqual(len(view.replies(message.xid, 0.5)), 1)
        self.assertEqual(server.counters()["dhcp.received"], before + 1)

    def test_a_second_berthd_does_not_join(self) -> None:
        first = self.serve(TWO + PLAN)
        assert first.process
        second = self.second(TWO + OTHER)
        second.wait_log(
            rf"endpoint\.conflict service=dns .*serving=no .*pid={first.process.pid}\b"
        )
        ports = self.ports()
        self.ask(ports, 1)
        self.assertEqual(self.answers(ports, 1), {"192.168.200.7"})
        self.assertEqual(self.sockets(), 2)
        first.stop()
        second.wait_log(r"endpoint\.bound service=dns ", 15)
        self.ask(ports, 2)
        self.assertEqual(self.answers(ports, 2), {"192.168.200.77"})

    def second(self, config: str) -> berthd.Berthd:
        server = berthd.Berthd(self.host)
        server.directory = self.host.directory / "second"
        server.directory.mkdir()
        server.log_file = server.directory / "berthd.log"
        server.config_file = server.directory / "berth.yaml"
        server.state_folder = server.directory / "state"
        server.write_config(config)
        server.arguments += ["--config", str(server.config_file)]
        self.addCleanup(self._end, server)
        return server.start()

    def joiner(self) -> subprocess.Popen[bytes]:
        process = self.host.start(["python3", "-c", JOINER], stdout=subprocess.PIPE)
        assert process.stdout
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), b"bound\n")
        return process

    def test_somebody_who_would_share_keeps_it_all(self) -> None:
        joiner = self.joiner()
        server = self.serve(TWO + PLAN)
        server.mark = 0
        server.wait_log(
            rf"endpoint\.conflict service=dns .*serving=no .*holder=python3.* pid={joiner.pid}\b"
        )
        self.assertEqual(self.sockets(), 1)
        lab.stop(joiner)
        server.wait_log(r"endpoint\.bound service=dns ", 15)
        self.assertEqual(self.sockets(), 2)

    def test_somebody_who_joins_later_is_named_until_gone(self) -> None:
        server = self.serve(TWO + PLAN)
        joiner = self.joiner()
        line = server.wait_log(
            rf"endpoint\.conflict service=dns .*serving=yes .*pid={joiner.pid}\b.*", 15
        ).group()
        self.assertIn("takes a share of the queries", line)
        lab.stop(joiner)
        server.wait_log(r"endpoint\.bound service=dns ", 15)


if __name__ == "__main__":
    main()
