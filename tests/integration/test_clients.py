"""Each client program by each thing that a client does; berthd's log says what it was asked."""

from __future__ import annotations

import dataclasses
import re

from case import NetTest, clients, lab, main

# Every option that any of the programs reports.
CONFIG = """
networks:
  kubenet:
    subnet: 192.168.200.0/24
    domain: lab.example.com
    router: 254
    dns-servers: [1, 9.9.9.9]
    lease: LEASE
    options:
      mtu: 1400
      ntp-servers: [1, 192.0.2.123]
      domain-search: [lab.example.com, example.com]
      classless-static-routes: {0.0.0.0/0: 254, 10.32.0.0/16: 4, 10.96.0.1/32: 5}
    hosts:
"""
EVERYTHING = {
    "mask": "255.255.255.0",
    "routers": ["192.168.200.254"],
    "dns_servers": ["192.168.200.1", "9.9.9.9"],
    "domain": "lab.example.com",
    "search": ["lab.example.com", "example.com"],
    "server_id": "192.168.200.1",
    "broadcast": "192.168.200.255",
    "mtu": 1400,
    "ntp_servers": ["192.168.200.1", "192.0.2.123"],
    "routes": {
        "0.0.0.0/0": "192.168.200.254",
        "10.32.0.0/16": "192.168.200.4",
        "10.96.0.1/32": "192.168.200.5",
    },
}


@dataclasses.dataclass(frozen=True)
class Row:
    """A program, and what of the above it can do."""

    program: type[clients.Client]
    last: int  # of its MAC and of its address
    unreported: frozenset[str] = frozenset()  # what it does not ask for or does not tell
    asks_again: str = ""  # for its lease: renews by itself when it is time, or only when told
    init_reboot: bool = False
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.program.program

    @property
    def mac(self) -> str:
        return f"52:52:52:00:01:{self.last:02x}"

    def address(self, moved: int = 0) -> str:
        return f"192.168.200.{self.last + moved}"


ROWS = [
    Row(clients.Udhcpc, 21, asks_again="told"),
    Row(clients.Dhclient, 22, asks_again="itself", init_reboot=True),
    Row(clients.Dhcpcd, 23, asks_again="itself", init_reboot=True),
    Row(clients.Networkd, 24, frozenset({"broadcast"}), asks_again="itself"),
    # RFC 3442: with classless routes it leaves the routers away.
    Row(clients.Ipconfig, 25, frozenset({"routers", "mtu", "ntp_servers"})),
]


def plan(lease: str, moved: int = 0) -> str:
    """`moved` gives each host another address than it had."""
    return CONFIG.replace("LEASE", lease) + "".join(
        f"      {row.name}: {{mac: {row.mac}, address: {row.address(moved)}}}\n" for row in ROWS
    )


class Programs(NetTest):
    """All programs at once, each as a host of its own."""

    def open(self, lease: str, rows: list[Row]) -> dict[Row, clients.Client]:
        self.server = self.serve(plan(lease), "--log-level", "debug")
        lan = self.link()
        return {row: row.program(self.guest(lan, row.name, row.mac), *row.options) for row in rows}

    def bound(self, lease: str, rows: list[Row]) -> dict[Row, clients.Client]:
        running = self.open(lease, rows)
        for client in running.values():
            client.start()
        for row, client in running.items():
            self.assertEqual(client.lease().address, row.address(), row.name)
        self.server.skip_log()
        return running

    def wait_line(self, row: Row, pattern: str, seconds: float = 15) -> None:
        """A line that berthd logs on this client since all of them were bound."""
        line = re.compile(pattern.replace("MAC", row.mac), re.M)

        def found() -> re.Match[str] | None:
            return line.search(self.server.log(), self.server.mark)

        with self.subTest(program=row.name):
            lab.wait_for(f"/{line.pattern}/ of {row.name}", found, seconds)

    def assert_never(self, row: Row, pattern: str) -> None:
        since = self.server.log()[self.server.mark :]
        self.assertNotRegex(since, pattern.replace("MAC", row.mac), row.name)

    def test_every_value_is_the_plans(self) -> None:
        running = self.open("2h", ROWS)
        for client in running.values():
            client.start()
        for row, client in running.items():
            with self.subTest(program=row.name):
                found = dataclasses.asdict(client.lease())
                expected = EVERYTHING | {
                    "address": row.address(), "host_name": row.name, "lease_time": 7200,
                }  # fmt: skip
                for field in row.unreported:
                    del expected[field]
                self.assertEqual({field: found[field] for field in expected}, expected)

    def test_renews_by_unicast(self) -> None:
        """RFC 2131 4.3.2, RENEWING; most by themselves, at T1."""
        rows = [row for row in ROWS if row.asks_again]
        running = self.bound("10s", rows)
        for row, client in running.items():
            if row.asks_again == "told":
                client.renew()
        for row in rows:
            self.wait_line(row, r"dhcp\.ack .*chaddr=MAC .*via=unicast")
            self.assert_never(row, r"dhcp\.(offer|nak) .*chaddr=MAC")

    def test_comes_back_through_init_reboot(self) -> None:
        """RFC 2131 4.3.2, INIT-REBOOT: a REQUEST, and no DISCOVER before."""
        rows = [row for row in ROWS if row.init_reboot]
        running = self.open("2h", rows)
        for client in running.values():
            client.bind()
            client.stop()
        self.server.skip_log()
        for client in running.values():
            client.start()
        for row in rows:
            self.wait_line(row, r"dhcp\.ack .*chaddr=MAC .*via=link")
            self.assert_never(row, r"dhcp\.(offer|nak) .*chaddr=MAC")

    def test_releases(self) -> None:
        rows = [row for row in ROWS if row.asks_again]
        running = self.bound("2h", rows)
        for client in running.values():
            client.release()
        for row in rows:
            self.wait_line(row, r"dhcp\.drop .*chaddr=MAC .*reason=released")

    def test_takes_its_new_address_after_a_nak(self) -> None:
        """The plan changes while a client runs: its renewal is refused, and it asks anew."""
        rows = [row for row in ROWS if row.asks_again]
        running = self.bound("10s", rows)
        self.assertIn("reload.done", self.server.reload(plan("10s", moved=100)))
        for row, client in running.items():
            if row.asks_again == "told":
                client.renew()
        for row, client in running.items():
            self.wait_line(row, r"dhcp\.nak .*chaddr=MAC")
            self.wait_line(row, r"dhcp\.ack .*chaddr=MAC")
            with self.subTest(program=row.name):
                lab.wait_for(f"{row.name}'s new lease",
                             lambda: client.leases()[-1:] and client.leases()[-1].address == row.address(100))  # fmt: skip

    def test_an_address_that_is_another_hosts(self) -> None:
        """What a client would like has no weight against the plan (RFC 2131 4.3.1)."""
        row = ROWS[0]
        running = self.open("2h", [dataclasses.replace(row, options=("-r", ROWS[1].address()))])
        for client in running.values():
            self.assertEqual(client.bind().address, row.address())

    def test_a_lease_of_another_network(self) -> None:
        """INIT-REBOOT on the wrong network: DHCPNAK, then the planned address (RFC 2131 4.3.2)."""
        row = next(row for row in ROWS if row.program is clients.Dhcpcd)
        client = self.open("2h", [row])[row]
        client.bind()
        client.stop()
        self.server.skip_log()
        self.server.reload(plan("2h", moved=100).replace(row.address(100), row.address(50)))
        client.start()
        self.wait_line(row, r"dhcp\.nak .*chaddr=MAC")
        lab.wait_for("the new lease", lambda: client.leases()[-1].address == row.address(50))


class Dhcping(NetTest):
    """A probe that takes what a host has, and gives it back."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(None, "--log-level", "debug")
        self.prober = self.addressed_guest(self.link())

    def ping(self, *options: str) -> None:
        result = self.prober.run(["dhcping", "-v", "-t", "5", *options, "-c", "192.168.200.7",
                                  "-s", "192.168.200.1", "-h", self.prober.mac])  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("Got answer from: 192.168.200.1", result.stdout)

    def test_request_and_release(self) -> None:
        self.ping()
        self.server.wait_log(r"dhcp\.ack .*address=192\.168\.200\.7 via=unicast")
        self.server.wait_log(r"dhcp\.drop .*type=DHCPRELEASE .*reason=released")

    def test_inform(self) -> None:
        self.ping("-i")
        counters = self.server.counters()
        self.assertEqual(counters["dhcp.requests.DHCPINFORM"], 1)
        self.assertEqual(counters["dhcp.replies.DHCPACK"], 1)


if __name__ == "__main__":
    main()
