"""SIGHUP: a new plan in one step, while datagrams flow; a bad one changes nothing."""

from __future__ import annotations

import re
import shutil
import socket
import sys
import subprocess
import threading
import time
from pathlib import Path

from case import LONG, PLAN, NetTest, berthd, clients, main, wire

OTHER = PLAN.replace("address: 192.168.200.7", "address: 192.168.200.77")
BOTH = {"192.168.200.7", "192.168.200.77"}
PATIENCE = 10.0  # seconds after which an answer counts as lost


class Asker(threading.Thread):
    """Asks without pause until told to stop; keeps every answer and counts what got none."""

    def __init__(self) -> None:
        super().__init__()
        self.enough = threading.Event()
        self.asked = 0
        self.answers: list[str] = []
        self.lost = 0
        self.delays: list[float] = []

    def run(self) -> None:
        while not self.enough.is_set():
            self.asked += 1
            before = time.monotonic()
            answer = self.ask()
            self.delays.append(time.monotonic() - before)
            if answer is None:
                self.lost += 1
            else:
                self.answers.append(answer)

    def ask(self) -> str | None:
        raise NotImplementedError

    def finish(self) -> None:
        self.enough.set()
        self.join()


class DhcpAsker(Asker):
    def __init__(self, view: wire.Wire) -> None:
        super().__init__()
        self.view = view

    def ask(self) -> str | None:
        answer = self.view.ask(wire.discover(self.view.mac), PATIENCE)
        return answer[0].yiaddr if answer else None


class DnsAsker(Asker):
    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self.connection = connection
        self.connection.settimeout(PATIENCE)

    def ask(self) -> str | None:
        self.connection.send(wire.dns_query("worker0.kubenet"))
        try:
            return ",".join(wire.DnsAnswer.parse(self.connection.recv(4096)).addresses)
        except TimeoutError:
            return None


class UnderLoad(NetTest):
    RELOADS = 300 if LONG else 30

    def test_no_datagram_is_lost(self) -> None:
        server = self.serve(PLAN)
        lan = self.link()
        guest = self.addressed_guest(lan, "control0")
        with guest.entered():
            connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(connection.close)
        connection.connect(("192.168.200.1", 53))
        view = self.wire(self.guest(lan))
        askers = [DhcpAsker(view), DnsAsker(connection)]
        view.first_offer()
        for asker in askers:
            asker.start()
        try:
            for number in range(self.RELOADS):
                plan = (OTHER, PLAN)[number % 2]
                self.assertIn("reload.done", server.reload(plan))
        finally:
            for asker in askers:
                asker.finish()
        for asker in askers:
            name = type(asker).__name__
            print(f"{name}: {asker.asked} asked, slowest {max(asker.delays) * 1000:.1f} ms")
            self.assertEqual(asker.lost, 0, name)
            self.assertEqual(set(asker.answers), BOTH, name)
            self.assertGreater(asker.asked, self.RELOADS)


class ManyHosts(NetTest):
    """65,000 hosts: loading them is another thread's work, and what they take is given back."""

    HOSTS = 65_000
    RELOADS = 30 if LONG else 6
    MOST = 64 << 20  # octets of private memory

    def farm(self) -> str:
        lines = ["  farm:\n    subnet: 10.0.0.0/8\n    hosts:\n"]
        for number in range(self.HOSTS):
            octets = number.to_bytes(3, "big")
            mac = "02:00:00:" + octets.hex(":")
            address = f"10.1.{octets[1]}.{octets[2]}"
            lines.append(f"      farm{number}: {{mac: {mac}, address: {address}}}\n")
        return "".join(lines)

    def test_a_reload_delays_no_datagram(self) -> None:
        farm = self.farm()
        server = self.serve(PLAN + farm)
        # Ready before, so that the asker does not wait for this process to make them.
        plans = [self.world.directory / name for name in ("other.yaml", "plan.yaml")]
        for path, plan in zip(plans, (OTHER, PLAN)):
            path.write_text(plan + farm)
        asker = DhcpAsker(self.wire(self.guest(self.link())))
        asker.view.first_offer()
        sys.setswitchinterval(1e-4)
        asker.start()
        time.sleep(3)  # for the figure beside it
        idle, asker.delays = max(asker.delays), []
        durations, memory = [], []
        try:
            for number in range(self.RELOADS):
                server.config_file.unlink()
                server.config_file.hardlink_to(plans[number % 2])
                before = time.monotonic()
                self.assertIn("reload.done", server.reload())
                durations.append(time.monotonic() - before)
                memory.append(server.private_memory())
        finally:
            asker.finish()
        print(f"reloads {min(durations):.3f} to {max(durations):.3f} s; {asker.asked} asked, "
              f"slowest {max(asker.delays) * 1000:.1f} ms, {idle * 1000:.1f} ms before; private memory "
              + " ".join(f"{octets >> 20}" for octets in memory) + " MiB")  # fmt: skip
        self.assertEqual(asker.lost, 0)
        self.assertEqual(set(asker.answers), BOTH)
        # Were it the datagram thread's work, each reload would have kept somebody waiting for all of it.
        late = sum(delay > min(durations) / 2 for delay in asker.delays)
        self.assertLess(late, 1 if LONG else self.RELOADS / 2)
        if not berthd.sanitized():
            self.assertLess(max(memory), self.MOST)  # six plans that were kept would be more


class Changed(NetTest):
    def test_a_host_moves(self) -> None:
        server = self.serve(PLAN)
        view = self.wire(self.guest(self.link()))
        self.assert_offered(view, "192.168.200.7")
        self.assertIn("reload.done", server.reload(OTHER))
        self.assert_offered(view, "192.168.200.77")

    def test_a_renewal_of_the_old_address_is_refused(self) -> None:
        """Promise: a reservation is the truth; the client hears of it when it asks next."""
        server = self.serve(PLAN)
        client = clients.Udhcpc(self.guest(self.link()))
        client.bind()
        server.reload(OTHER)
        client.renew()
        self.assertEqual(client.lease(2).address, "192.168.200.77")

    def test_a_network_is_added_and_removed(self) -> None:
        blue = """  blue:
    subnet: 10.20.0.0/16
    hosts: {node: {mac: 52:52:52:00:00:04, address: 10.20.3.7}}
"""
        server = self.serve(PLAN)
        self.link()
        view = self.wire(self.guest(self.link("blue0", "10.20.0.1/16"), "node", "52:52:52:00:00:04"))
        self.assert_silent(view, wire.discover(view.mac))
        server.reload(PLAN + blue)
        self.assert_offered(view, "10.20.3.7")
        server.reload(PLAN)
        self.assert_silent(view, wire.discover(view.mac))

    def test_a_service_is_switched_off_and_on(self) -> None:
        server = self.serve(PLAN)
        view = self.wire(self.guest(self.link()))
        self.assert_offered(view, "192.168.200.7")
        self.assertIn("reload.done", server.reload(PLAN + "    dhcp: off\n"))
        self.assertIn("endpoint.removed service=dhcp address=192.168.200.1", server.log())
        self.assert_silent(view, wire.discover(view.mac))
        server.reload(PLAN)
        self.assert_offered(view, "192.168.200.7")

    def test_our_own_address_moves(self) -> None:
        server = self.serve(PLAN)
        lan = self.link()
        self.host.ip("address add 192.168.200.2/24 dev berth0")
        guest = self.addressed_guest(lan)
        view = self.wire(guest)
        self.assert_offered(view, "192.168.200.7")
        server.reload(PLAN + "    address: 2\n")
        answer = view.ask(wire.discover(view.mac))
        assert answer
        self.assertEqual(answer[0].address(wire.SERVER_ID), "192.168.200.2")
        self.assertEqual(clients.dig_one(guest, "@192.168.200.2", "gateway.kubenet").data(),
                         ["192.168.200.3"])  # fmt: skip

    def test_unchanged_endpoints_keep_their_sockets(self) -> None:
        server = self.serve(PLAN)
        self.wire(self.guest(self.link())).first_offer()
        before = server.descriptors()
        for _ in range(20):
            server.reload(PLAN)
        self.assertEqual(server.descriptors(), before)


class StateFolder(NetTest):
    def test_a_change_waits_for_a_restart_and_says_so(self) -> None:
        folders = [self.host.directory / name for name in ("one", "two")]
        plans = [f"state: {folder}\n{PLAN}" for folder in folders]
        server = berthd.Berthd(self.host, plans[0])
        server.state_folder = None
        self.addCleanup(self._end, server)
        server.start()
        before = len(server.log())
        self.assertIn("reload.done", server.reload(plans[1]))
        self.assertRegex(
            server.log()[before:],
            rf"warning reload\.needs-restart key=state written={folders[1]} in_force={folders[0]} why=",
        )
        self.assertFalse(folders[1].exists())
        self.assertTrue((folders[0] / "berthd.lock").exists())
        self.wire(self.guest(self.link())).first_offer()
        before = len(server.log())
        self.assertIn("reload.done", server.reload(plans[0]))
        self.assertNotIn("needs-restart", server.log()[before:])


class Refused(NetTest):
    def check(self, bad: str, *said: str) -> None:
        server = self.serve(PLAN)
        view = self.wire(self.guest(self.link()))
        self.assert_offered(view, "192.168.200.7")
        before = len(server.log())
        self.assertRegex(server.reload(bad), rf"reload\.refused file={server.config_file} ")
        for words in said:
            self.assertRegex(server.log()[before:], words)
        self.assert_offered(view, "192.168.200.7")
        self.assertIn("reload.done", server.reload(OTHER))
        self.assert_offered(view, "192.168.200.77")

    def test_a_mistake_is_told_with_its_place(self) -> None:
        bad = PLAN.replace("address: 192.168.200.7", "address: 192.168.201.7")
        line = 1 + bad[: bad.index("192.168.201.7")].count("\n")
        self.check(bad, rf"berth\.yaml:{line}:\d+: .*192\.168\.201\.7")

    def test_two_mistakes_are_both_told(self) -> None:
        bad = PLAN.replace("192.168.200.7", "192.168.201.7") + "    leese: 1h\n"
        self.check(bad, r"192\.168\.201\.7", r"leese")

    def test_half_a_file(self) -> None:
        self.check(PLAN[: len(PLAN) // 2] + "{[", r"berth\.yaml:\d+:\d+: ")

    def test_brackets_without_end(self) -> None:  # D24
        self.check("networks: " + "[" * 20_000, r"berth\.yaml:1:\d+: .*nested too deeply")

    def test_an_empty_file(self) -> None:
        self.check("", r"berth\.yaml")

    def test_the_file_is_gone(self) -> None:
        server = self.serve(PLAN)
        view = self.wire(self.guest(self.link()))
        server.config_file.unlink()
        self.assertIn("reload.refused", server.reload())
        self.assert_offered(view, "192.168.200.7")


class FromTheEmbeddedPlan(NetTest):
    """Started without a file; one that is written later is the plan from then on."""

    def setUp(self) -> None:
        super().setUp()
        # A copy of /etc in its place, for this test alone.
        etc = self.world.directory / "etc"
        subprocess.run(["cp", "-a", "/etc", str(etc)], check=True)
        subprocess.run(["mount", "--bind", str(etc), "/etc"], check=True)
        self.addCleanup(subprocess.run, ["umount", "/etc"], check=True)
        shutil.rmtree("/etc/berth", ignore_errors=True)

    def test_a_file_once_read_must_stay(self) -> None:
        server = self.serve()
        view = self.wire(self.guest(self.link()))
        self.assert_offered(view, "192.168.200.7")
        self.assertIn("reload.done file=built-in", server.reload())
        server.config_file = Path("/etc/berth/berth.yaml")
        server.config_file.parent.mkdir()
        self.assertIn("reload.done file=/etc/berth/berth.yaml", server.reload(OTHER))
        self.assert_offered(view, "192.168.200.77")
        server.config_file.unlink()
        self.assertIn("reload.refused file=/etc/berth/berth.yaml ", server.reload())
        self.assertRegex(server.log(), r"config\.mistake /etc/berth/berth\.yaml: No such file")
        self.assert_offered(view, "192.168.200.77")
        self.assertIn("reload.done", server.reload(PLAN))
        self.assert_offered(view, "192.168.200.7")

    def test_every_reload_says_that_the_plan_is_the_embedded_one(self) -> None:
        server = self.serve()
        for times in (1, 2, 3):
            announced = re.findall(
                r"warning start\.embedded-plan missing=/etc/berth/berth\.yaml serving=192\.168\.200\.0/24 ",
                server.log(),
            )
            self.assertEqual(len(announced), times)
            server.reload()


if __name__ == "__main__":
    main()
