"""DHCP by whole frames, past somebody who holds port 67 on every address and does not share it."""

from __future__ import annotations

import dataclasses
import signal
import subprocess

from case import NetTest, berthd, clients, lab, main, wire

HOLDER = """
import socket
holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
holder.bind(("0.0.0.0", 67))
print("bound", flush=True)
while True:
    holder.recv(2048)
"""


class Tap(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.holder = self.host.start(["python3", "-c", HOLDER], stdout=subprocess.PIPE)
        assert self.holder.stdout
        self.addCleanup(self.holder.stdout.close)
        self.assertEqual(self.holder.stdout.readline(), b"bound\n")
        self.server = self.serve()
        self.server.mark = 0
        self.server.wait_log(
            rf"endpoint\.conflict service=dhcp .*serving=yes .*pid={self.holder.pid}\b"
        )

    def test_a_client_gets_its_lease_and_renews_it(self) -> None:
        """The renewal leaves the client's own IP stack, its UDP checksum left to hardware."""
        client = clients.Udhcpc(self.guest(self.lan))
        self.addCleanup(client.stop)
        self.assertEqual(client.bind().address, "192.168.200.7")
        client.renew()
        self.assertEqual(client.lease(2).address, "192.168.200.7")
        counters = self.server.counters()
        self.assertEqual(counters["dhcp.replies.DHCPACK"], counters["dhcp.requests.DHCPREQUEST"])
        self.assertEqual(counters["dhcp.bad_checksums"], 0)
        self.assertEqual(counters["dhcp.foreign_replies"], 0, "took its own replies for another's")

    def test_replies_go_where_they_should(self) -> None:
        view = self.wire(self.guest(self.lan))
        for flags, mac, address in (
            (0, view.mac, "192.168.200.7"),
            (0x8000, wire.BROADCAST_MAC, "255.255.255.255"),
        ):
            with self.subTest(flags=flags):
                answer = view.ask(wire.discover(view.mac, flags))
                assert answer
                self.assertEqual(answer[0].yiaddr, "192.168.200.7")
                frame = answer[1]
                self.assertEqual(
                    (frame.destination_mac, frame.source, frame.destination),
                    (mac, ("192.168.200.1", 67), (address, 68)),
                )
                self.assertTrue(frame.ip_checksum_right and frame.udp_checksum_right)

    def test_a_relay_agent_on_the_link(self) -> None:
        """The reply goes to the agent, whom nobody needs to ask by ARP."""
        view = self.wire(self.guest(self.lan, "control0"))
        message = wire.discover("52:52:52:00:00:04")
        message = dataclasses.replace(message, giaddr="192.168.200.4", hops=1)
        view.send(message.octets(), ("192.168.200.4", 67), ("192.168.200.1", 67), self.lan_mac())
        frame = view.receive(2)
        assert frame
        self.assertEqual((frame.destination_mac, frame.destination), (view.mac, ("192.168.200.4", 67)))
        self.assertEqual(wire.Dhcp.parse(frame.payload).yiaddr, "192.168.200.7")

    def lan_mac(self) -> str:
        return self.host.run(["ip", "-brief", "link", "show", self.lan.bridge]).stdout.split()[2]

    def test_a_wrong_udp_checksum_is_served_and_counted(self) -> None:
        view = self.wire(self.guest(self.lan))
        message = wire.discover(view.mac)
        frame = wire.UdpFrame(
            view.mac, wire.BROADCAST_MAC, ("0.0.0.0", 68), ("255.255.255.255", 67), message.octets()
        ).octets()
        view.socket.send(frame[:40] + bytes([frame[40] ^ 1]) + frame[41:])
        self.assertIsNotNone(view.reply(message.xid, 2))
        self.assertEqual(self.server.counters()["dhcp.bad_checksums"], 1)

    def test_another_server_on_the_link_is_named(self) -> None:
        view = self.wire(self.guest(self.lan, "gateway"))
        offer = wire.Dhcp(wire.OFFER, op=2, yiaddr="192.168.200.77", chaddr="52:52:52:00:00:04",
                          options={wire.SERVER_ID: wire.address_octets("192.168.200.3")})  # fmt: skip
        view.send(offer.octets(), ("192.168.200.3", 67), ("255.255.255.255", 68))
        self.server.wait_log(
            r"dhcp\.foreign-server iface=berth0 server=192\.168\.200\.3 hwaddr=52:52:52:00:00:00"
            r" chaddr=52:52:52:00:00:04 address=192\.168\.200\.77"
        )
        self.assertEqual(self.server.counters()["dhcp.foreign_replies"], 1)

    def offer_as(self, view: wire.Wire, server: str) -> None:
        offer = wire.Dhcp(wire.OFFER, op=2, yiaddr="192.168.200.77", chaddr="52:52:52:00:00:04",
                          options={wire.SERVER_ID: wire.address_octets(server)})  # fmt: skip
        view.send(offer.octets(), (server, 67), ("255.255.255.255", 68))

    def test_a_guest_forges_our_id(self) -> None:
        """D25: it is named, and costs our clients nothing; its hardware address helps it no further."""
        guest = self.guest(self.lan)
        view = self.wire(guest)
        for mac in (view.mac, self.lan_mac()):
            with self.subTest(mac=mac):
                forger = self.wire(guest)
                forger.mac = mac
                self.offer_as(forger, "192.168.200.1")
                self.server.wait_log(
                    rf"dhcp\.foreign-server iface=berth0 server=192\.168\.200\.1 hwaddr={mac} "
                )
        self.server.mark = 0
        self.server.wait_log(
            r"endpoint\.conflict service=dhcp .*serving=yes .*"
            r"somebody on berth0 answers clients as 192\.168\.200\.1"
        )
        answer = view.ask(wire.discover(view.mac))
        assert answer
        self.assertEqual(answer[0].address(wire.SERVER_ID), "192.168.200.1")
        self.assertEqual(self.server.counters()["dhcp.foreign_replies"], 2)

    def test_another_server_calls_itself_as_we_do(self) -> None:
        """We take a second id, so that no client means both, and go on answering to the first."""
        view = self.wire(self.guest(self.lan))
        before = view.ask(wire.discover(view.mac))
        assert before
        self.assertEqual(before[0].address(wire.SERVER_ID), "192.168.200.1")

        # Another process of this machine, as bootpd is on macOS. What guests make up hides it not.
        for last in range(10, 30):
            self.offer_as(view, f"10.0.0.{last}")
        ours = wire.Wire(self.host, self.lan.bridge)
        self.addCleanup(ours.socket.close)
        ours.mac = self.lan_mac()
        self.offer_as(ours, "192.168.200.1")
        self.server.wait_log(
            r"endpoint\.conflict service=dhcp .*serving=yes .*so we call ourselves 192\.168\.200\.254: "
            r".*renewals wait for REBINDING"
        )
        after = view.ask(wire.discover(view.mac))
        assert after
        self.assertEqual(after[0].address(wire.SERVER_ID), "192.168.200.254")
        for taken in (before[0], after[0]):
            with self.subTest(server_id=taken.address(wire.SERVER_ID)):
                answer = view.ask(wire.request(taken))
                assert answer
                self.assertEqual((answer[0].type, answer[0].yiaddr), (wire.ACK, "192.168.200.7"))
                self.assertEqual(answer[0].address(wire.SERVER_ID), "192.168.200.254")
        taken = wire.request(after[0])
        taken.options[wire.SERVER_ID] = wire.address_octets("192.168.200.253")
        self.assert_silent(view, taken)

        self.host.run(["ip", "link", "set", self.lan.bridge, "down"])
        self.host.run(["ip", "address", "delete", "192.168.200.1/24", "dev", self.lan.bridge])
        self.server.wait_log(r"endpoint\.waiting service=dhcp ")
        self.host.run(["ip", "address", "add", "192.168.200.1/24", "dev", self.lan.bridge])
        self.host.run(["ip", "link", "set", self.lan.bridge, "up"])
        self.server.wait_log(r"endpoint\.conflict service=dhcp .*serving=yes ")
        again = view.ask(wire.discover(view.mac))
        assert again
        self.assertEqual(again[0].address(wire.SERVER_ID), "192.168.200.254", "it may come back")

    def test_what_waited_in_the_tap_is_not_taken_for_another_servers(self) -> None:
        """More of our own replies than a burst of a cluster's; berthd reads them all at once."""
        view = self.wire(self.guest(self.lan))
        assert self.server.process
        self.server.process.send_signal(signal.SIGSTOP)
        for _ in range(4000):
            view.send(wire.discover(view.mac).octets())
        self.server.process.send_signal(signal.SIGCONT)
        last = wire.discover(view.mac)
        while view.ask(last, 0.5) is None:
            pass
        counters = self.server.counters()
        self.assertGreater(counters["dhcp.replies.DHCPOFFER"], 100)
        self.assertEqual(counters["dhcp.foreign_replies"], 0)

    def test_the_holder_goes(self) -> None:
        """Sockets take over, and one message never gets two answers."""
        view = self.wire(self.guest(self.lan))
        self.server.skip_log()
        lab.stop(self.holder)
        self.server.wait_log(r"endpoint\.bound service=dhcp ")
        message = wire.discover(view.mac)
        view.send(message.octets())
        self.assertEqual(len(view.replies(message.xid, 0.5)), 1)


# Sends its argument, which is hexadecimal, and says how many answers came.
RENEWING = """
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.bind(("192.168.200.7", 68))
client.settimeout(1)
client.sendto(bytes.fromhex(sys.argv[1]), ("192.168.200.1", 67))
answers = 0
try:
    while client.recv(2048):
        answers += 1
except TimeoutError:
    print(answers)
"""


class TapAndSocket(NetTest):
    """The holder has one address, not ours: our socket for unicast is open beside the tap."""

    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.host.run(["ip", "address", "add", "10.5.0.1/32", "dev", "lo"])
        holder = HOLDER.replace("0.0.0.0", "10.5.0.1")
        process = self.host.start(["python3", "-c", holder], stdout=subprocess.PIPE)
        assert process.stdout
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), b"bound\n")
        self.server = self.serve()
        self.server.mark = 0
        self.server.wait_log(r"endpoint\.conflict service=dhcp .*serving=yes ")

    def renew(self, octets: bytes) -> int:
        """How many answers came to a renewal, sent by the guest's own IP stack."""
        guest = self.addressed_guest(self.lan)
        done = guest.run(["python3", "-c", RENEWING, octets.hex()])
        return int(done.stdout)

    def renewal(self) -> wire.Dhcp:
        mac = berthd.DEFAULT_HOSTS["worker0"][0]
        return wire.Dhcp(wire.REQUEST, xid=0x12345678, ciaddr="192.168.200.7", chaddr=mac)

    def test_a_renewal_is_answered_once(self) -> None:
        self.assertEqual(self.renew(self.renewal().octets()), 1)
        self.assertEqual(self.server.counters()["dhcp.second_copies"], 1)

    def test_fragments_which_no_tap_joins_are_answered(self) -> None:
        self.assertEqual(self.renew(self.renewal().octets().ljust(1800, b"\0")), 1)
        self.assertEqual(self.server.counters()["dhcp.foreign_replies"], 0, "the tap showed our own")


if __name__ == "__main__":
    main()
