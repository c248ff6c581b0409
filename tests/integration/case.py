"""What the integration tests share: a lab for each test, with a host, its links, and berthd."""

from __future__ import annotations

import os
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from lab import berthd, clients, dns, initramfs, lab, machine, partners, squatter, systemd, upstreams, wire  # noqa: E402: found through the line above

__all__ = ["LONG", "PLAN", "RECORDS", "NetTest", "berthd", "clients", "dns", "initramfs", "lab", "machine", "main",
           "partners", "squatter", "systemd", "upstreams", "wire"]  # fmt: skip

LONG = os.environ.get("BERTH_LONG") == "1"
LIMIT = 1500 if LONG else 240  # seconds that a test may take
SKIPPED = 77  # what ctest takes for a skip

# The embedded plan as a file, for tests that add to it.
PLAN = """
networks:
  kubenet:
    subnet: 192.168.200.0/24
    hosts:
""" + "".join(
    f"      {name}: {{mac: {mac}, address: {address}}}\n"
    for name, (mac, address) in berthd.DEFAULT_HOSTS.items()
)
# More of its network: a record of each kind.
RECORDS = """
    ttl: 90s
    records:
      - '_etcd._tcp SRV 0 10 2379 control0'
      - '*.apps A 11'
      - 'registry CNAME worker0'
      - 'note TXT "hello" "world; with a semicolon"'
      - 'mail MX 10 worker1'
"""


class NetTest(unittest.TestCase):
    """Everything made through self is taken down at the end; berthd must end cleanly."""

    def setUp(self) -> None:
        signal.signal(signal.SIGALRM, self._time_is_up)
        signal.alarm(LIMIT)
        self.world = lab.Lab()
        self.addCleanup(self.world.close)
        self.host = self.world.host()

    @staticmethod
    def _time_is_up(*_: object) -> None:
        raise TimeoutError(f"the test takes more than {LIMIT} s")

    def serve(self, config: str | None = None, *arguments: str) -> berthd.Berthd:
        """A berthd that runs and is READY."""
        server = berthd.Berthd(self.host, config, *arguments)
        self.addCleanup(self._end, server)
        return server.start()

    def _end(self, server: berthd.Berthd) -> None:
        try:
            if server.alive():
                server.stop()
        finally:
            print(server.log()[-8000:])  # ctest shows it when the test fails

    def link(self, bridge: str = "berth0", address: str = berthd.DEFAULT_LINK) -> lab.Link:
        """A link that exists."""
        link = lab.Link(self.host, bridge, address)
        link.create()
        return link

    def guest(self, link: lab.Link, name: str = "worker0", mac: str | None = None) -> lab.Guest:
        """A guest plugged into the link; with the embedded plan's MAC unless given another."""
        return self.world.guest(name, mac or berthd.DEFAULT_HOSTS[name][0], link)

    def wire(self, guest: lab.Guest) -> wire.Wire:
        view = wire.Wire(guest)
        self.addCleanup(view.socket.close)
        return view

    def addressed_guest(self, link: lab.Link, name: str = "worker0") -> lab.Guest:
        """A guest that has its planned address without having asked, and berthd as resolver."""
        guest = self.guest(link, name)
        guest.ip(f"address add {berthd.DEFAULT_HOSTS[name][1]}/24 dev eth0")
        guest.resolv_conf.write_text("search kubenet\nnameserver 192.168.200.1\n")
        return guest

    def assert_offered(self, view: wire.Wire, address: str, seconds: float = 2.0) -> None:
        """A DISCOVER from there is answered with this address. Like any client it asks again, since
        what changed just now may not have reached berthd."""
        answers = (view.ask(wire.discover(view.mac), seconds) for _ in range(3))
        answer = next((each for each in answers if each), None)
        self.assertIsNotNone(answer, "no answer to any DISCOVER")
        assert answer
        self.assertEqual((answer[0].type, answer[0].yiaddr), (wire.OFFER, address))

    def assert_within(self, seconds: float, taken: float, what: str = "") -> None:
        """A promise in seconds is judged by the long run, which has a machine for itself. Elsewhere
        others use the machine, and ten times as long only tells what is late from what hangs."""
        self.assertLess(taken, seconds * (1 if LONG and not berthd.sanitized() else 10), what)

    def assert_silent(self, view: wire.Wire, message: wire.Dhcp, seconds: float = 0.3) -> None:
        view.send(message.octets())
        self.assertIsNone(view.reply(message.xid, seconds))


def main() -> None:
    lab.enter()
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped else 0)
