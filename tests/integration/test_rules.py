"""Rules of DHCP's RFCs on the wire: a message, and what the answer to it must be like."""

from __future__ import annotations

import struct

from case import PLAN, NetTest, lab, main, wire

CONFIG = PLAN + """
    options:
      mtu: 1400
      v6-only-preferred: 1800
"""
ADDRESS = "192.168.200.7"
RAPID_COMMIT, CLIENT_FQDN, MACHINE, SUBNET_SELECTION, IPV6_ONLY = 80, 81, 97, 118, 108
LEASE_TIME, T1, T2, MESSAGE = 51, 58, 59, 56


class Rules(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(CONFIG)
        self.lan = self.link()
        self.view = self.wire(self.guest(self.lan))

    def message(self, kind: int = wire.DISCOVER, flags: int = 0, **fields: object) -> wire.Dhcp:
        message = wire.discover(self.view.mac, flags)
        message.type = kind
        for name, value in fields.items():
            setattr(message, name, value)
        return message

    def answer(self, message: wire.Dhcp) -> wire.Dhcp:
        answer = self.view.ask(message)
        assert answer
        return answer[0]

    def with_options(self, kind: int, options: dict[int, bytes]) -> wire.Dhcp:
        message = self.message(kind)
        message.options |= options
        return message

    def test_rapid_commit_is_not_implemented(self) -> None:
        """RFC 4039 section 3.1: a server that does not, answers with an OFFER, and without option 80."""
        offer = self.answer(self.with_options(wire.DISCOVER, {RAPID_COMMIT: b""}))
        self.assertEqual((offer.type, offer.yiaddr), (wire.OFFER, ADDRESS))
        self.assertNotIn(RAPID_COMMIT, offer.options)

    def test_the_client_identifier_comes_back(self) -> None:
        """RFC 6842: in OFFER, ACK and NAK; never made up. RFC 4361: of any form."""
        for identifier in (b"\1" + wire.mac_octets(self.view.mac), b"\xff" + bytes(range(18)), b"\0ab"):
            sent = {wire.CLIENT_ID: identifier}
            offer = self.answer(self.with_options(wire.DISCOVER, sent))
            ack = self.answer(self.with_options(wire.REQUEST, sent | {
                wire.REQUESTED_ADDRESS: wire.address_octets(ADDRESS),
                wire.SERVER_ID: offer.options[wire.SERVER_ID]}))  # fmt: skip
            nak = self.answer(self.with_options(wire.REQUEST, sent | {
                wire.REQUESTED_ADDRESS: wire.address_octets("10.1.2.3")}))  # fmt: skip
            self.assertEqual((offer.type, ack.type, nak.type), (wire.OFFER, wire.ACK, wire.NAK))
            for reply in (offer, ack, nak):
                self.assertEqual(reply.options[wire.CLIENT_ID], identifier)
        self.assertNotIn(wire.CLIENT_ID, self.answer(self.message()).options)

    def test_a_nak_says_no_more_than_it_may(self) -> None:
        """RFC 2131 table 3."""
        sent = {wire.REQUESTED_ADDRESS: wire.address_octets("10.1.2.3"),
                wire.PARAMETERS: bytes(range(1, 128))}  # fmt: skip
        nak = self.answer(self.with_options(wire.REQUEST, sent))
        self.assertEqual((nak.ciaddr, nak.yiaddr, nak.siaddr), ("0.0.0.0",) * 3)
        self.assertLessEqual(set(nak.options), {wire.SERVER_ID, MESSAGE})

    def test_inform_is_answered_without_a_lease(self) -> None:
        """RFC 2131 4.3.5."""
        guest = self.lan.guests[0]
        guest.ip(f"address add {ADDRESS}/24 dev eth0")
        message = self.message(wire.INFORM, ciaddr=ADDRESS)
        self.view.send(message.octets(), (ADDRESS, 68), ("192.168.200.1", 67))
        found = self.view.reply(message.xid, 2)
        assert found
        ack, frame = found
        self.assertEqual((ack.type, ack.yiaddr, ack.ciaddr), (wire.ACK, "0.0.0.0", ADDRESS))
        self.assertEqual(frame.destination, (ADDRESS, 68))
        self.assertFalse({LEASE_TIME, T1, T2} & set(ack.options))
        self.assertIn(1, ack.options)

    def test_lease_times(self) -> None:
        """RFC 2131 4.4.5: T1 and T2 are 0.5 and 0.875 of the lease."""
        offer = self.answer(self.message())
        times = [struct.unpack("!I", offer.options[code])[0] for code in (LEASE_TIME, T1, T2)]
        self.assertEqual(times, [43200, 21600, 37800])

    def test_a_lease_time_that_the_client_would_like(self) -> None:
        """RFC 2131 4.3.1 lets the server choose: the plan does."""
        offer = self.answer(self.with_options(wire.DISCOVER, {LEASE_TIME: struct.pack("!I", 60)}))
        self.assertEqual(offer.options[LEASE_TIME], struct.pack("!I", 43200))

    def test_the_machine_identifier_comes_back(self) -> None:
        """RFC 4578 2.3; one of a wrong length counts as absent."""
        identifier = b"\0" + bytes(range(16))
        offer = self.answer(self.with_options(wire.DISCOVER, {MACHINE: identifier}))
        self.assertEqual(offer.options[MACHINE], identifier)
        offer = self.answer(self.with_options(wire.DISCOVER, {MACHINE: identifier[:9]}))
        self.assertNotIn(MACHINE, offer.options)

    def test_the_clients_name(self) -> None:
        """RFC 4702 section 4: in reply to option 81 only; S as the server does, O when overridden."""
        self.assertNotIn(CLIENT_FQDN, self.answer(self.message()).options)
        for flags, expected in ((0b0101, 0b0101), (0b0100, 0b0111), (0b1100, 0b0111)):
            sent = bytes([flags, 0, 0]) + wire.dns_name("other.example.com")
            reply = self.answer(self.with_options(wire.DISCOVER, {CLIENT_FQDN: sent}))
            value = reply.options[CLIENT_FQDN]
            self.assertEqual(value[0], expected, f"{flags:#06b}")
            self.assertEqual(value[1:3], b"\xff\xff")  # RFC 4702 2.2
            self.assertEqual(value[3:], wire.dns_name("worker0.kubenet"))

    def test_ipv6_only_preferred(self) -> None:
        """RFC 8925 3.2: to those that ask for it."""
        asked = self.answer(self.with_options(wire.DISCOVER, {wire.PARAMETERS: b"\1\3\6\x6c"}))
        self.assertEqual(asked.options[IPV6_ONLY], struct.pack("!I", 1800))
        message = self.message()
        del message.options[wire.PARAMETERS]
        for other in (self.answer(self.message()), self.answer(message)):
            self.assertNotIn(IPV6_ONLY, other.options)

    def test_a_subnet_that_is_not_selected(self) -> None:
        """RFC 3011 section 2: what is not followed is not echoed."""
        for subnet, echoed in (("192.168.200.0", True), ("10.9.9.0", False)):
            sent = {SUBNET_SELECTION: wire.address_octets(subnet)}
            offer = self.answer(self.with_options(wire.DISCOVER, sent))
            self.assertEqual(offer.yiaddr, ADDRESS)
            self.assertEqual(SUBNET_SELECTION in offer.options, echoed)

    def test_the_clients_order(self) -> None:
        """RFC 2132 9.8 and 3.3: the order of the list, but the mask before the routers."""
        sent = {wire.PARAMETERS: bytes([26, 3, 15, 6, 1])}
        options = list(self.answer(self.with_options(wire.DISCOVER, sent)).options)
        wished = [code for code in options if code in (26, 3, 15, 6, 1)]
        self.assertEqual(wished, [26, 1, 3, 15, 6])

    def test_the_least_size_and_what_the_client_can_take(self) -> None:
        """RFC 1542 2.1: never less than 300 octets; RFC 2132 9.10: never more than option 57 says."""
        for size in (576, 1500):
            sent = {57: struct.pack("!H", size), wire.PARAMETERS: bytes(range(1, 128))}
            found = self.view.ask(self.with_options(wire.DISCOVER, sent))
            assert found
            self.assertGreaterEqual(len(found[1].payload), 300)
            self.assertLessEqual(len(found[1].payload) + 28, size)

    def test_bootp(self) -> None:
        """RFC 951, 1534: a reply of 300 octets at least, without any option of DHCP's own."""
        found = self.view.ask(self.message(0, options={}))
        assert found
        reply, frame = found
        self.assertEqual((reply.type, reply.op, reply.yiaddr), (0, 2, ADDRESS))
        self.assertGreaterEqual(len(frame.payload), 300)
        self.assertFalse({wire.SERVER_ID, LEASE_TIME, T1, T2} & set(reply.options))

    def test_hops(self) -> None:
        """RFC 1542 4.1.1: more than 16 is a loop."""
        self.assertEqual(self.answer(self.message(hops=16)).hops, 0)
        self.assert_silent(self.view, self.message(hops=17))

    def test_the_broadcast_flag(self) -> None:
        """RFC 2131 4.1."""
        for flags, to in ((0, ADDRESS), (wire.BROADCAST_FLAG, "255.255.255.255")):
            found = self.view.ask(self.message(flags=flags))
            assert found
            self.assertEqual(found[1].destination, (to, 68))
            self.assertEqual(found[0].flags, flags)

    def test_another_servers_offer_is_taken(self) -> None:
        """RFC 2131 4.3.2, SELECTING: silence, and nothing is held for the client."""
        message = self.with_options(wire.REQUEST, {
            wire.REQUESTED_ADDRESS: wire.address_octets("192.168.200.99"),
            wire.SERVER_ID: wire.address_octets("192.168.200.2")})  # fmt: skip
        self.assert_silent(self.view, message)
        lab.wait_for("the drop", lambda: self.server.counters()["dhcp.drops.other_server_selected"])


if __name__ == "__main__":
    main()
