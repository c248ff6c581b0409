"""Links that come, go and come back; several at once; and what exactly goes out on them."""

from __future__ import annotations

import statistics
import subprocess
import time

from case import LONG, PLAN, NetTest, berthd, clients, lab, main, wire

TWO_NETWORKS = """
networks:
  red:
    subnet: 192.168.200.0/24
    hosts: {node: {mac: 52:52:52:00:00:04, address: 7}}
  blue:
    subnet: 10.20.0.0/16
    hosts: {node: {mac: 52:52:52:00:00:04, address: 10.20.3.7}}
"""


def assert_median(test: NetTest, what: str, seconds: list[float], most: float) -> None:
    """Against milliseconds, in the long run, which has the machine for itself; single rounds may be
    late even there. Elsewhere the figure is shown."""
    median = statistics.median(seconds) * 1000
    print(f"{what}: median {median:.1f} ms of {len(seconds)} rounds, worst {max(seconds) * 1000:.1f} ms")
    if LONG and not berthd.sanitized():
        test.assertLessEqual(median, most, what)


class Coming(NetTest):
    """Promise: no order of starting things matters."""

    def test_berthd_starts_before_the_link(self) -> None:
        server = self.serve()
        server.wait_log(r"endpoint\.waiting service=dhcp")
        self.assert_offered(self.wire(self.guest(self.link())), "192.168.200.7")

    def test_berthd_starts_after_the_link(self) -> None:
        view = self.wire(self.guest(self.link()))
        self.serve()
        self.assert_offered(view, "192.168.200.7")

    def test_the_link_of_the_default_route_is_refused_until_it_is_not(self) -> None:
        view = self.wire(self.guest(self.link()))
        self.host.ip("route add default via 192.168.200.254 dev berth0")
        server = self.serve()
        server.wait_log(r"warning endpoint\.refused service=dhcp .*serving=no .*default route")
        self.assert_silent(view, wire.discover(view.mac))
        self.host.ip("route delete default")
        server.wait_log(r"endpoint\.bound service=dhcp")
        self.assert_offered(view, "192.168.200.7")

    def test_the_address_comes_later_than_the_interface(self) -> None:
        self.serve()
        lan = lab.Link(self.host, "berth0", berthd.DEFAULT_LINK)
        lan.create(with_address=False)
        view = self.wire(self.guest(lan))
        self.assert_silent(view, wire.discover(view.mac))
        lan.add_address()
        view.first_offer()  # the very first DISCOVER may come before berthd heard of the address
        self.assert_offered(view, "192.168.200.7")

    def test_the_address_goes_and_comes_back(self) -> None:
        server = self.serve()
        lan = self.link()
        view = self.wire(self.guest(lan))
        self.assert_offered(view, "192.168.200.7")
        server.skip_log()
        self.host.ip("address delete 192.168.200.1/24 dev berth0")
        server.wait_log(r"endpoint\.waiting service=dhcp")
        self.assert_silent(view, wire.discover(view.mac))
        lan.add_address()
        view.first_offer()  # the very first DISCOVER may come before berthd heard of the address
        self.assert_offered(view, "192.168.200.7")

    def test_the_link_is_down_at_first(self) -> None:
        server = self.serve()
        lan = lab.Link(self.host, "berth0", berthd.DEFAULT_LINK)
        view = self.wire(self.guest(lan))
        lan.create(up=False)
        server.wait_log(r"endpoint\.bound service=dhcp .*berth0 is down")
        self.assert_silent(view, wire.discover(view.mac))
        lan.set_up()
        self.assert_offered(view, "192.168.200.7")

    def test_the_link_goes_down_and_comes_up(self) -> None:
        self.serve()
        view = self.wire(self.guest(self.link()))
        self.host.ip("link set berth0 down")
        self.host.ip("link set berth0 up")
        self.assert_offered(view, "192.168.200.7")

    def test_the_interface_is_renamed(self) -> None:
        server = self.serve()
        lan = self.link()
        guest = self.addressed_guest(lan)
        view = self.wire(guest)
        self.assert_offered(view, "192.168.200.7")
        self.host.ip("link set berth0 down", "link set berth0 name lan0", "link set lan0 up")
        self.assert_offered(view, "192.168.200.7")
        self.assertEqual(clients.dig_one(guest, "gateway").data(), ["192.168.200.3"])
        server.wait_log(r"endpoint\.bound service=dhcp .*\blan0\b")

    def test_the_address_moves_to_another_interface(self) -> None:
        """Gone from the one before it is on the other, or on both for a moment."""
        server = self.serve()
        first = self.link("one0")
        second = lab.Link(self.host, "two0", berthd.DEFAULT_LINK)
        second.create(with_address=False)
        views = {link.bridge: self.wire(self.guest(link, name))
                 for link, name in ((first, "worker0"), (second, "worker1"))}  # fmt: skip
        self.assert_offered(views["one0"], "192.168.200.7")
        delete = "address delete 192.168.200.1/24 dev"
        add = "address add 192.168.200.1/24 dev"
        self.host.ip(f"{delete} one0", f"{add} two0")
        server.wait_log(r"endpoint\.bound service=dhcp .*\btwo0\b")
        self.assert_offered(views["two0"], "192.168.200.8")
        self.assert_silent(views["one0"], wire.discover(views["one0"].mac))
        self.host.ip(f"{add} one0", f"{delete} two0")
        server.wait_log(r"endpoint\.bound service=dhcp .*\bone0\b")
        self.assert_offered(views["one0"], "192.168.200.7")
        self.assert_silent(views["two0"], wire.discover(views["two0"].mac))

    def test_the_prefix_is_another_than_the_plans(self) -> None:
        server = self.serve()
        view = self.wire(self.guest(self.link(address="192.168.200.1/16")))
        server.wait_log(
            r"endpoint\.bound service=dhcp .*serving=yes .*192\.168\.200\.1/16, but the plan says /24"
        )
        self.assert_offered(view, "192.168.200.7")


class Again(NetTest):
    """The link deleted and made again: a new index, a new MAC address, the same berthd."""

    ROUNDS = 1000 if LONG else 25

    def test_every_time_the_first_client_is_answered(self) -> None:
        server = self.serve()
        lan = self.link()
        view = self.wire(self.guest(lan))
        view.first_offer()
        descriptors = server.descriptors()
        delays, memory = [], []
        for _ in range(self.ROUNDS):
            old = lan.index
            lan.destroy()
            appeared = lan.create()
            delays.append(view.first_offer() - appeared)
            self.assertNotEqual(lan.index, old)
            memory.append(server.private_memory())
        # Those of a search in /proc come and go meanwhile.
        lab.wait_for("descriptors as before", lambda: server.descriptors() == descriptors)
        if not berthd.sanitized():
            self.assertLess(memory[-1] - memory[10], 256 * 1024, "memory grows")
        assert_median(self, "address appears -> first offer", delays, 10)

    def test_names_too(self) -> None:
        self.serve()
        lan = self.link()
        guest = self.addressed_guest(lan)
        for _ in range(10):
            lan.destroy()
            lan.create()
            guest.ip("neighbour flush all")  # the bridge has another MAC address now
            udp, tcp = clients.dig_one(guest, "gateway"), clients.dig_one(guest, "+tcp", "gateway")
            self.assertEqual((udp.data(), tcp.data()), (["192.168.200.3"],) * 2)


class Two(NetTest):
    """Two networks at once, with one MAC address in both."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(TWO_NETWORKS)
        self.red = self.link("red0", "192.168.200.1/24")
        self.blue = self.link("blue0", "10.20.0.1/16")
        mac = "52:52:52:00:00:04"
        self.on_red = self.wire(self.guest(self.red, "red-node", mac))
        self.on_blue = self.wire(self.guest(self.blue, "blue-node", mac))

    def test_each_answers_for_itself(self) -> None:
        self.assert_offered(self.on_red, "192.168.200.7")
        self.assert_offered(self.on_blue, "10.20.3.7")

    def test_nothing_crosses(self) -> None:
        message = wire.discover(self.on_red.mac, wire.BROADCAST_FLAG)
        self.on_red.send(message.octets())
        self.assertIsNotNone(self.on_red.reply(message.xid, 2))
        self.assertIsNone(self.on_blue.reply(message.xid, 0.3))

    def test_each_broadcast_is_answered_once(self) -> None:
        for view, address in ((self.on_red, "192.168.200.7"), (self.on_blue, "10.20.3.7")):
            message = wire.discover(view.mac, wire.BROADCAST_FLAG)
            view.send(message.octets())
            answers = view.replies(message.xid, 0.5)
            self.assertEqual([answer.yiaddr for answer, _ in answers], [address])

    def test_one_goes_and_the_other_stays(self) -> None:
        self.red.destroy()
        self.assert_offered(self.on_blue, "10.20.3.7")
        self.red.create()
        self.on_red.first_offer()  # the very first DISCOVER may come before berthd heard of the link
        self.assert_offered(self.on_red, "192.168.200.7")
        self.assert_offered(self.on_blue, "10.20.3.7")


class Octets(NetTest):
    """What goes out, seen from below the client's IP stack."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve()
        self.lan = self.link()
        self.view = self.wire(self.guest(self.lan))

    def bridge_mac(self) -> str:
        return self.host.run(["cat", "/sys/class/net/berth0/address"]).stdout.strip()

    def test_a_broadcast_is_answered_once_after_re_creations(self) -> None:
        for _ in range(5):
            self.lan.destroy()
            self.lan.create()
            self.view.first_offer()
        message = wire.discover(self.view.mac, wire.BROADCAST_FLAG)
        self.view.send(message.octets())
        self.assertEqual(len(self.view.replies(message.xid, 0.5)), 1)

    def test_a_client_without_address_gets_a_frame_of_its_own(self) -> None:
        """RFC 2131 4.1: unicast to chaddr and yiaddr; nobody can ask it for its MAC by ARP."""
        answer = self.view.ask(wire.discover(self.view.mac))
        assert answer
        _, frame = answer
        self.assertEqual(frame.destination_mac, self.view.mac)
        self.assertEqual(frame.destination, ("192.168.200.7", 68))
        self.assertEqual(frame.source, ("192.168.200.1", 67))
        self.assertTrue(frame.udp_checksum_ready, "left to a network card that is not there")
        self.assertNotEqual(frame.udp_checksum, 0)
        self.assertTrue(frame.udp_checksum_right)
        self.assertTrue(frame.ip_checksum_right)

    def test_the_frame_comes_from_the_bridge_as_it_is_now(self) -> None:
        """A bridge changes its MAC address when a port with a lower one is plugged in."""
        low = self.guest(self.lan, "low", "52:52:52:aa:aa:aa")
        self.host.ip(f"link set {low.port} address 02:00:00:00:00:01")
        lab.wait_for("the bridge's new address", lambda: self.bridge_mac() == "02:00:00:00:00:01")
        answer = self.view.ask(wire.discover(self.view.mac))
        assert answer
        self.assertEqual(answer[1].source_mac, "02:00:00:00:00:01")

    def test_the_broadcast_flag_is_obeyed(self) -> None:
        message = wire.discover(self.view.mac, wire.BROADCAST_FLAG)
        answer = self.view.ask(message)
        assert answer
        reply, frame = answer
        self.assertEqual(frame.destination, ("255.255.255.255", 68))
        self.assertEqual(frame.destination_mac, wire.BROADCAST_MAC)
        self.assertEqual(frame.source, ("192.168.200.1", 67))
        self.assertEqual(reply.flags, wire.BROADCAST_FLAG)

    def test_source_address_and_server_identifier_are_the_links(self) -> None:
        """Also where the host has other addresses, and an older one on the same link."""
        self.host.ip("address add 10.1.1.1/24 dev lo", "address add 192.168.200.250/24 dev berth0")
        for flags in (0, wire.BROADCAST_FLAG):
            answer = self.view.ask(wire.discover(self.view.mac, flags))
            assert answer
            reply, frame = answer
            self.assertEqual(frame.source[0], "192.168.200.1")
            self.assertEqual(reply.address(wire.SERVER_ID), "192.168.200.1")

    def test_a_whole_exchange(self) -> None:
        offer = self.view.ask(wire.discover(self.view.mac))
        assert offer
        ack = self.view.ask(wire.request(offer[0]))
        assert ack
        self.assertEqual((ack[0].type, ack[0].yiaddr), (wire.ACK, "192.168.200.7"))
        self.assertEqual(ack[0].options[51], (43200).to_bytes(4, "big"))
        self.server.wait_log(r"dhcp\.lease .*host=worker0 .*address=192\.168\.200\.7")

    def test_bootp(self) -> None:
        """No option 53: a BOOTP client, which gets its address for good (RFC 951)."""
        answer = self.view.ask(wire.Dhcp(xid=0x1234, chaddr=self.view.mac))
        assert answer
        self.assertEqual((answer[0].type, answer[0].yiaddr), (0, "192.168.200.7"))


class Refusing(NetTest):
    """Promise: never serves a link it was not told to."""

    def test_the_machines_default_route(self) -> None:
        lan = self.link()
        self.host.ip("route add default via 192.168.200.254 dev berth0")
        server = self.serve()
        view = self.wire(self.guest(lan))
        self.assert_silent(view, wire.discover(view.mac))
        server.mark = 0
        line = server.wait_log(r"endpoint\.\w+ service=dhcp .*berth0.*").group()
        self.assertIn("default route", line)
        self.assertIn("serving=no", line)
        self.host.ip("route delete default")
        self.assert_offered(view, "192.168.200.7")

    def test_the_default_route_on_an_interface_that_is_named(self) -> None:
        lan = self.link()
        self.host.ip("route add default via 192.168.200.254 dev berth0")
        self.serve(PLAN + "    interface: berth0\n")
        self.assert_offered(self.wire(self.guest(lan)), "192.168.200.7")

    def test_our_address_on_two_links(self) -> None:
        server = self.serve()
        first, second = self.link("one0"), self.link("two0")
        views = [self.wire(self.guest(first)), self.wire(self.guest(second, "worker1"))]
        line = server.wait_log(r"endpoint\.\w+ service=dhcp .*one0.*two0.*|.*two0.*one0.*").group()
        self.assertIn("serving=no", line)
        for view in views:
            self.assert_silent(view, wire.discover(view.mac))
        second.destroy()
        self.assert_offered(views[0], "192.168.200.7")

    def test_our_address_on_two_links_of_which_one_is_named(self) -> None:
        self.serve(PLAN + "    interface: two0\n")
        first, second = self.link("one0"), self.link("two0")
        views = [self.wire(self.guest(first)), self.wire(self.guest(second, "worker1"))]
        self.assert_offered(views[1], "192.168.200.8")
        self.assert_silent(views[0], wire.discover(views[0].mac))

    def test_our_subnet_on_another_link_too(self) -> None:
        """What is sent to a machine of the plan could leave by the wrong one."""
        server = self.serve()
        first = self.link("one0")
        view = self.wire(self.guest(first))
        self.assert_offered(view, "192.168.200.7")
        server.skip_log()
        second = self.link("two0", "192.168.200.200/24")
        line = server.wait_log(r"endpoint\.\w+ service=dhcp .*two0.*").group()
        self.assertIn("serving=no", line)
        self.assertIn("192.168.200.0/24 is on two0 too", line)
        self.assert_silent(view, wire.discover(view.mac))
        second.destroy()
        self.assert_offered(view, "192.168.200.7")

    def test_our_subnet_on_another_link_too_and_ours_is_named(self) -> None:
        self.serve(PLAN + "    interface: one0\n")
        first = self.link("one0")
        self.link("two0", "192.168.200.200/24")
        self.assert_offered(self.wire(self.guest(first)), "192.168.200.7")

    def test_a_link_that_is_not_in_the_plan(self) -> None:
        server = self.serve()
        self.link()
        other = self.wire(self.guest(self.link("other0", "10.9.9.1/24")))
        self.assert_silent(other, wire.discover(other.mac))
        self.assertEqual(server.counters()["dhcp.received"], 0)


class Started(NetTest):
    ROUNDS = 101 if LONG else 21

    def test_start_to_first_offer(self) -> None:
        view = self.wire(self.guest(self.link()))
        server = berthd.Berthd(self.host)
        delays = [self.start_to_first_offer(server, view) for _ in range(self.ROUNDS)]
        assert_median(self, "process start -> first offer", delays, 30)

    def start_to_first_offer(self, server: berthd.Berthd, view: wire.Wire) -> float:
        """Without the programs that start others in a namespace: they take longer than berthd."""
        with server.log_file.open("ab") as log, self.host.entered():
            started = time.monotonic()
            process = subprocess.Popen(server.argv(), stdin=subprocess.DEVNULL, stderr=log)
        try:
            return view.first_offer() - started
        finally:
            self.assertEqual(lab.stop(process), 0, server.log())


if __name__ == "__main__":
    main()
