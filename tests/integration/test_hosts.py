"""Real clients get what the plan says, whichever program they run."""

from __future__ import annotations

import dataclasses

from case import PLAN, NetTest, berthd, clients, main, wire


def planned(name: str) -> dict[str, object]:
    """Every option a client of the embedded plan must report."""
    return {
        "address": berthd.DEFAULT_HOSTS[name][1],
        "mask": "255.255.255.0",
        "routers": ["192.168.200.1"],
        "dns_servers": ["192.168.200.1"],
        "domain": "kubenet",
        "search": ["kubenet"],
        "host_name": name,
        "server_id": "192.168.200.1",
        "lease_time": 12 * 3600,
        "broadcast": "192.168.200.255",
        "mtu": 0,
        "ntp_servers": [],
        "routes": {},
    }


def reported(lease: clients.Lease) -> dict[str, object]:
    return {k: v for k, v in dataclasses.asdict(lease).items() if k not in ("event", "at")}


class SevenHosts(NetTest):
    """The embedded plan, without a configuration file."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve()
        self.lan = self.link()

    def started(self, program: type[clients.Client]) -> dict[str, clients.Client]:
        running = {name: program(self.guest(self.lan, name)) for name in berthd.DEFAULT_HOSTS}
        for client in running.values():
            client.start()
        return running

    def check(self, program: type[clients.Client]) -> None:
        for name, client in self.started(program).items():
            with self.subTest(host=name):
                self.assertEqual(reported(client.lease()), planned(name))

    def test_udhcpc(self) -> None:
        self.check(clients.Udhcpc)

    def test_dhclient(self) -> None:
        self.check(clients.Dhclient)

    def test_dhcpcd(self) -> None:
        self.check(clients.Dhcpcd)

    def test_udhcpc_renews_by_unicast(self) -> None:
        client = clients.Udhcpc(self.guest(self.lan))
        client.bind()
        client.renew()
        lease = client.lease(2)
        self.assertEqual((lease.event, lease.address), ("renew", "192.168.200.7"))

    def test_dhclient_comes_back_through_init_reboot(self) -> None:
        client = clients.Dhclient(self.guest(self.lan))
        client.bind()
        client.renew()
        lease = client.lease(2)
        self.assertEqual((lease.event, lease.address), ("REBOOT", "192.168.200.7"))

    def test_a_lease_of_another_network_is_refused_and_replaced(self) -> None:
        """INIT-REBOOT with a wrong address: DHCPNAK, then the planned one (RFC 2131 4.3.2)."""
        client = clients.Dhclient(self.guest(self.lan))
        (client.guest.directory / "dhclient.leases").write_text(
            'lease {\n  interface "eth0";\n  fixed-address 10.1.2.3;\n'
            "  option subnet-mask 255.255.255.0;\n  option dhcp-lease-time 4294967295;\n"
            "  renew never;\n  rebind never;\n  expire never;\n}\n"
        )
        self.assertEqual(client.bind().address, "192.168.200.7")
        self.assertIn("DHCPNAK", client.log.read_text())
        self.server.wait_log(r"dhcp\.refused .*chaddr=52:52:52:00:00:04 asked=10\.1\.2\.3")

    def test_a_stranger_gets_nothing(self) -> None:
        view = self.wire(self.guest(self.lan, "stranger", "52:52:52:99:99:99"))
        self.assert_silent(view, wire.discover(view.mac))
        self.assertEqual(self.server.counters()["dhcp.drops.unknown_client"], 1)


class Clones(NetTest):
    """Promise: a client is who its MAC says, even when a clone sends the same client identifier."""

    DUID = ("-C", "-x", "0x3d:ff525252000001000112345678aabbccddeeff")

    def test_the_same_identifier_on_two_macs(self) -> None:  # D17
        server = self.serve()
        lan = self.link()
        leases = {
            name: clients.Udhcpc(self.guest(lan, name), *self.DUID).bind().address
            for name in ("worker0", "worker1")
        }
        self.assertEqual(leases, {"worker0": "192.168.200.7", "worker1": "192.168.200.8"})
        line = server.wait_log(r"dhcp\.clone .*").group()
        self.assertIn("52:52:52:00:00:04", line)
        self.assertIn("52:52:52:00:00:05", line)


class Configured(NetTest):
    """What a file says reaches the client."""

    def lease_of(self, config: str, program: type[clients.Client] = clients.Udhcpc) -> clients.Lease:
        self.serve(config)
        return program(self.guest(self.link())).bind()

    def test_network_and_host_settings(self) -> None:
        lease = self.lease_of("""
networks:
  lab:
    subnet: 192.168.200.0/24
    domain: lab.example.com
    lease: 2h
    router: 254
    dns-servers: [1, 9.9.9.9]
    options: {domain-search: [lab.example.com, example.com]}
    hosts:
      node: {mac: 52:52:52:00:00:04, address: 40, lease: 5m}
""")
        self.assertEqual(lease.address, "192.168.200.40")
        self.assertEqual(lease.lease_time, 300)
        self.assertEqual(lease.routers, ["192.168.200.254"])
        self.assertEqual(lease.dns_servers, ["192.168.200.1", "9.9.9.9"])
        self.assertEqual(lease.domain, "lab.example.com")
        self.assertEqual(lease.search, ["lab.example.com", "example.com"])
        self.assertEqual(lease.host_name, "node")

    def test_no_router(self) -> None:
        lease = self.lease_of(PLAN + "    router: none\n")
        self.assertEqual((lease.address, lease.routers), ("192.168.200.7", []))

    def test_one_host_with_two_macs(self) -> None:
        """A machine on its docking station is still that machine."""
        self.serve("""
networks:
  lab:
    subnet: 192.168.200.0/24
    hosts: {laptop: {mac: [52:52:52:00:00:04, 52:52:52:00:01:04], address: 7}}
""")
        lan = self.link()
        for number, mac in enumerate(("52:52:52:00:00:04", "52:52:52:00:01:04")):
            self.assert_offered(self.wire(self.guest(lan, f"plug{number}", mac)), "192.168.200.7")

    def test_an_ignored_host_gets_nothing(self) -> None:
        server = self.serve("""
networks:
  lab:
    subnet: 192.168.200.0/24
    hosts: {printer: {mac: 52:52:52:00:00:99, ignore: true}}
""")
        view = self.wire(self.guest(self.link(), "printer", "52:52:52:00:00:99"))
        self.assert_silent(view, wire.discover(view.mac))
        self.assertEqual(server.counters()["dhcp.drops.ignored_client"], 1)

    def test_dhcp_off(self) -> None:
        server = self.serve(PLAN + "    dhcp: off\n")
        lan = self.link()
        view = self.wire(self.guest(lan))
        self.assert_silent(view, wire.discover(view.mac))
        answer = clients.dig_one(self.addressed_guest(lan, "control0"), "worker0.kubenet")
        self.assertEqual(answer.data(), ["192.168.200.7"])
        self.assertEqual(server.counters()["dhcp.replied"], 0)


class Declined(NetTest):
    def test_a_squatter_is_named(self) -> None:  # D15
        """Promise: who holds a reserved address in its owner's place is named in the log."""
        server = self.serve()
        lan = self.link()
        squatter = self.guest(lan, "squatter", "52:52:52:66:66:66")
        squatter.ip("address add 192.168.200.7/24 dev eth0")
        view = self.wire(self.guest(lan))
        offer = view.ask(wire.discover(view.mac))
        assert offer
        decline = wire.request(offer[0])
        decline.type = wire.DECLINE
        view.send(decline.octets())
        line = server.wait_log(r"dhcp\.declined .*").group()
        self.assertIn("address=192.168.200.7", line)
        self.assertIn("holder=52:52:52:66:66:66", line)
        self.assert_offered(view, "192.168.200.7")


if __name__ == "__main__":
    main()
