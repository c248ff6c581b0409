"""A network behind a relay agent: ISC's dhcrelay between a client and berthd, with option 82."""

from __future__ import annotations

import subprocess

from case import NetTest, clients, lab, main, partners, wire

PLAN = """
networks:
  near:
    subnet: 192.168.200.0/24
  far:
    subnet: 10.77.0.0/24
    interface: none
    address: 192.168.200.1
    relays: [10.77.0.2, 192.168.200.50]
    router: 2
    hosts: {remote: {mac: 52:52:52:77:00:01, address: 10}}
  deep:
    subnet: 10.78.0.0/24
    interface: none
    address: 192.168.200.1
    relays: [10.78.0.2]
    router: 2
    hosts: {deep: {mac: 52:52:52:78:00:01, address: 10}}
"""
RELAY_MAC, REMOTE_MAC = "52:52:52:77:00:00", "52:52:52:77:00:01"
DEEP_MAC = "52:52:52:78:00:01"


def start_relay(host: lab.Namespace, *arguments: str) -> subprocess.Popen[bytes]:
    """ISC's dhcrelay there."""
    program = partners.command("isc-dhcp-relay", "usr/sbin/dhcrelay")
    with (host.directory / "dhcrelay.log").open("wb") as log:
        return host.start([*program, "-4", "-d", "-pf", str(host.directory / "pid"), *arguments],
                          stdout=log, stderr=log)  # fmt: skip


class Relayed(NetTest):
    """remote -- far0 (on the relay) -- eth0 (of the relay) -- berth0 (on berthd's host)"""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(PLAN)
        near = self.link()
        self.relay = self.guest(near, "relay", RELAY_MAC)
        self.relay.ip("address add 192.168.200.50/24 dev eth0")
        self.far = lab.Link(self.relay, "far0", "10.77.0.2/24")
        self.far.create()
        self.remote = self.guest(self.far, "remote", REMOTE_MAC)
        self.host.ip("route add 10.77.0.0/24 via 192.168.200.50")
        self.relay.run(["sysctl", "-q", "net.ipv4.ip_forward=1"])
        self.uplink = self.wire(self.relay)

    def test_a_client_behind_dhcrelay(self) -> None:
        start_relay(self.relay, "-a", "-id", "far0", "-iu", "eth0", "192.168.200.1")
        client = clients.Udhcpc(self.remote)
        lease = client.bind()
        self.assertEqual(lease.address, "10.77.0.10")
        self.assertEqual(lease.routers, ["10.77.0.2"])
        self.assertEqual(lease.dns_servers, ["192.168.200.1"])
        self.assertEqual(lease.domain, "far")
        self.assertEqual(lease.server_id, "192.168.200.1")
        client.renew()  # by unicast, past the relay agent
        renewed = client.lease(2)
        self.assertEqual((renewed.event, renewed.address), ("renew", "10.77.0.10"))

    def test_what_the_relay_adds_and_takes_away(self) -> None:
        """RFC 3046 2.1: with -a the relay gets its option back, the client never sees it."""
        asked, far = self.wire_of(self.host, "berth0"), self.wire(self.remote)
        for options in ((), ("-a",)):
            with self.subTest(options=options):
                relay = start_relay(self.relay, *options, "-id", "far0", "-iu", "eth0", "192.168.200.1")
                message = wire.discover(REMOTE_MAC)
                offer, frame = self.answer_to(far, message)
                self.assertEqual((offer.type, offer.yiaddr), (wire.OFFER, "10.77.0.10"))
                self.assertNotIn(wire.RELAY_AGENT, offer.options)
                ack, _ = self.answer_to(far, wire.request(offer))
                self.assertEqual((ack.type, ack.yiaddr), (wire.ACK, "10.77.0.10"))
                question = self.between(asked, message.xid)
                answer = self.between(self.uplink, message.xid)
                self.assertEqual((question.giaddr, question.hops), ("10.77.0.2", 1))
                self.assertEqual(answer.giaddr, "10.77.0.2")
                self.assertEqual(wire.RELAY_AGENT in question.options, bool(options))
                self.assertEqual(answer.options.get(wire.RELAY_AGENT),
                                 question.options.get(wire.RELAY_AGENT))  # fmt: skip
                lab.stop(relay)

    def test_two_relays_in_a_row(self) -> None:
        """RFC 1542 4.1.1: the first one's giaddr stays, hops are counted, and the reply goes past
        the second. deep -- deep0 (inner) -- eth0 -- far0 (relay) -- eth0 -- berth0"""
        inner = self.guest(self.far, "inner", "52:52:52:77:00:02")
        inner.ip("address add 10.77.0.3/24 dev eth0", "route add default via 10.77.0.2")
        inner.run(["sysctl", "-q", "net.ipv4.ip_forward=1"])
        deep = lab.Link(inner, "deep0", "10.78.0.2/24")
        deep.create()
        guest = self.guest(deep, "deep", DEEP_MAC)
        self.host.ip("route add 10.78.0.0/24 via 192.168.200.50")
        self.relay.ip("route add 10.78.0.0/24 via 10.77.0.3")
        asked = self.wire_of(self.host, "berth0")
        start_relay(self.relay, "-a", "-id", "far0", "-iu", "eth0", "192.168.200.1")
        start_relay(inner, "-a", "-id", "deep0", "-iu", "eth0", "10.77.0.2")

        message = wire.discover(DEEP_MAC)
        offer, _ = self.answer_to(self.wire(guest), message)
        self.assertEqual((offer.type, offer.yiaddr), (wire.OFFER, "10.78.0.10"))
        question = self.between(asked, message.xid)
        self.assertEqual((question.giaddr, question.hops), ("10.78.0.2", 2))

        client = clients.Udhcpc(guest)
        lease = client.bind()
        self.assertEqual((lease.address, lease.routers), ("10.78.0.10", ["10.78.0.2"]))
        client.renew()
        self.assertEqual(client.lease(2).event, "renew")

    def wire_of(self, host: lab.Namespace, interface: str) -> wire.Wire:
        view = wire.Wire(host, interface)
        self.addCleanup(view.socket.close)
        return view

    def answer_to(self, view: wire.Wire, message: wire.Dhcp) -> tuple[wire.Dhcp, wire.UdpFrame]:
        """Asks until the relay listens."""
        return lab.wait_for("an answer through the relay", lambda: view.ask(message, 0.2), 5)

    def between(self, view: wire.Wire, xid: int) -> wire.Dhcp:
        """The next message of this transaction between relay and server."""
        while frame := view.receive(1):
            if 67 in (frame.destination[1], frame.source[1]) and len(frame.payload) > 240:
                message = wire.Dhcp.parse(frame.payload)
                if message.xid == xid:
                    return message
        raise lab.LabError(f"nothing of {xid:#x} between relay and server")

    def relayed(self, giaddr: str, agent: bytes = b"\1\4far0") -> wire.Dhcp:
        message = wire.discover(REMOTE_MAC)
        message.giaddr, message.hops = giaddr, 1
        message.options[wire.RELAY_AGENT] = agent
        return message

    def ask_as_relay(self, message: wire.Dhcp) -> tuple[wire.Dhcp, wire.UdpFrame] | None:
        """From the relay's own address; the answer comes to its port 67."""
        mac = self.host.run(["cat", "/sys/class/net/berth0/address"]).stdout.strip()
        self.uplink.send(message.octets(), (message.giaddr, 67), ("192.168.200.1", 67), mac)
        while frame := self.uplink.receive(0.5):
            if frame.destination[1] == 67 and wire.Dhcp.parse(frame.payload).xid == message.xid:
                return wire.Dhcp.parse(frame.payload), frame
        return None

    def test_option_82_comes_back_as_it_was_and_last(self) -> None:
        """RFC 3046 2.2."""
        agent = b"\1\4far0\2\6remote\x97\3\0vp"
        answer = self.ask_as_relay(self.relayed("10.77.0.2", agent))
        assert answer
        offer, frame = answer
        self.assertEqual((offer.type, offer.yiaddr), (wire.OFFER, "10.77.0.10"))
        self.assertEqual(offer.options[wire.RELAY_AGENT], agent)
        self.assertEqual(list(offer.options)[-1], wire.RELAY_AGENT)
        self.assertEqual(offer.giaddr, "10.77.0.2")
        self.assertEqual(frame.destination, ("10.77.0.2", 67))
        self.assertEqual(frame.source, ("192.168.200.1", 67))

    def test_a_refusal_has_the_broadcast_bit(self) -> None:
        """RFC 2131 4.3.2: the client may not answer ARP for the address it believes to hold."""
        message = self.relayed("10.77.0.2")
        message.type = wire.REQUEST
        message.options[wire.REQUESTED_ADDRESS] = wire.address_octets("10.1.2.3")
        answer = self.ask_as_relay(message)
        assert answer
        nak, frame = answer
        self.assertEqual((nak.type, nak.flags), (wire.NAK, wire.BROADCAST_FLAG))
        self.assertEqual(frame.destination, ("10.77.0.2", 67))

    def test_a_relay_that_is_not_in_the_plan(self) -> None:
        for giaddr in ("10.77.0.3", "203.0.113.1", "127.0.0.1", "255.255.255.255", "192.168.200.1"):
            with self.subTest(giaddr=giaddr):
                self.assertIsNone(self.ask_as_relay(self.relayed(giaddr)))
        self.assertTrue(self.server.alive())

    def test_link_selection(self) -> None:
        """RFC 3527: the relay is reached at one address, the client is on another network."""
        link = b"\5\4" + wire.address_octets("10.77.0.0")
        answer = self.ask_as_relay(self.relayed("192.168.200.50", link))
        assert answer
        self.assertEqual(answer[0].yiaddr, "10.77.0.10")
        self.assertEqual(answer[1].destination, ("192.168.200.50", 67))


if __name__ == "__main__":
    main()
