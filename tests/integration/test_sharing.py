"""Beside other servers on this machine: nobody's clients are robbed, each holder is named, and what
it held is served when it has gone. The other server is dnsmasq, in the ways it is run."""

from __future__ import annotations

import subprocess

from case import PLAN, NetTest, berthd, clients, lab, main, partners, wire

THEIRS = "10.1.0.1"  # the host's address on the other link
MAC = "52:52:52:01:00:01"
# Every address of both ports; what it says is told from what we say.
EVERYWHERE = ("--host-record=who.test,10.9.9.9", "--dhcp-range=10.1.0.50,10.1.0.99,1h",
              "--dhcp-range=192.168.200.50,192.168.200.99,1h")  # fmt: skip
# As libvirt runs one for each of its networks.
OTHER_LINK = ("--host-record=who.test,10.9.9.9", "--dhcp-range=10.1.0.50,10.1.0.99,1h",
              "--strict-order", "--except-interface=lo", "--interface=virbr0")  # fmt: skip
OURS = ["192.168.200.7"]
WHO = ["10.9.9.9"]


class Beside(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.lan = self.link()
        self.guest_ = self.addressed_guest(self.lan)
        self.other = self.link("virbr0", f"{THEIRS}/24")
        self.stranger = self.guest(self.other, "stranger", MAC)
        self.stranger.ip("address add 10.1.0.9/24 dev eth0")
        self.outputs = 0

    def spawn(self, *arguments: str, where: lab.Namespace | None = None) -> subprocess.Popen[bytes]:
        self.outputs += 1
        self.output = self.host.directory / f"dnsmasq{self.outputs}.log"
        with self.output.open("wb") as log:
            return (where or self.host).start(
                [*partners.command("dnsmasq-base", "usr/sbin/dnsmasq"), "--keep-in-foreground",
                 "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-ping", "--pid-file",
                 "--leasefile-ro", "--user=root", "--log-facility=-", *arguments],
                stdout=log, stderr=log,
            )  # fmt: skip

    def dnsmasq(self, *arguments: str, where: lab.Namespace | None = None) -> subprocess.Popen[bytes]:
        process = self.spawn(*arguments, where=where)
        lab.wait_for("dnsmasq to have begun", lambda: "started, version" in self.output.read_text())
        self.assertIsNone(process.poll(), self.output.read_text())
        return process

    def refused(self, *arguments: str) -> None:
        """It cannot begin beside us, and says so."""
        process = self.spawn(*arguments)
        self.assertNotEqual(process.wait(10), 0)
        self.assertIn("Address already in use", self.output.read_text())

    def named(self, server: berthd.Berthd, process: subprocess.Popen[bytes], how: str) -> str:
        """The line in which we say who it is."""
        server.mark = 0
        pattern = rf"{how} .*dnsmasq.*\bpid[= ]{process.pid}\b.*"
        return server.wait_log(pattern, 15).group()

    def asked(self, guest: lab.Guest, server: str, name: str, *how: str) -> list[str]:
        return clients.dig_one(guest, f"@{server}", *how, name).data()

    def answers(self, *how: str) -> bool:
        try:
            return self.asked(self.guest_, "192.168.200.1", "worker0.kubenet", *how) == OURS
        except lab.LabError:
            return False

    def assert_their_dns(self) -> None:
        for how in ("+notcp", "+tcp"):
            self.assertEqual(self.asked(self.stranger, THEIRS, "who.test", how), WHO)

    def assert_their_dhcp(self) -> None:
        """One offer on their link, and it is theirs."""
        view = self.wire(self.stranger)
        message = wire.discover(view.mac)
        view.send(message.octets())
        first = view.reply(message.xid, 5)
        assert first, "the other server's client got no offer"
        self.assertEqual(first[0].address(54), THEIRS)
        self.assertEqual(view.replies(message.xid, 0.3), [])

    def offers(self, guest: lab.Guest) -> set[str]:
        """What a DISCOVER of the plan's machine is offered within a moment, by whomever."""
        view = self.wire(guest)
        message = wire.discover(view.mac)
        view.send(message.octets())
        first = view.reply(message.xid, 5)
        replies = ([first] if first else []) + view.replies(message.xid, 0.5)
        return {reply.yiaddr for reply, _ in replies}


class Dns(Beside):
    def test_on_our_address_before_us(self) -> None:
        theirs = self.dnsmasq("--bind-interfaces", "--listen-address=192.168.200.1", *EVERYWHERE[:1])
        server = self.serve()
        self.named(server, theirs, r"endpoint\.conflict service=dns .*serving=no")
        for how in ("+notcp", "+tcp"):
            self.assertEqual(self.asked(self.guest_, "192.168.200.1", "who.test", how), WHO)
        self.assertEqual(server.counters()["dns.udp.received"], 0)
        self.assertEqual(self.offers(self.guest_), {"192.168.200.7"})
        lab.stop(theirs)
        server.wait_log(r"endpoint\.bound service=dns ", 15)
        self.assertTrue(self.answers("+notcp"))
        lab.wait_for("DNS over TCP", lambda: self.answers("+tcp"), 15)
        self.assertNotIn("cannot see by whom", server.log(), "said before it was known, or after")

    def test_on_our_address_after_us(self) -> None:
        """dnsmasq sets SO_REUSEADDR, and would take all if our socket had it too."""
        server = self.serve()
        server.wait_log(r"endpoint\.bound service=dns ")
        self.refused("--bind-interfaces", "--listen-address=192.168.200.1", *EVERYWHERE[:1])
        self.assertTrue(self.answers("+notcp") and self.answers("+tcp"))

    def test_on_our_address_with_workers(self) -> None:
        theirs = self.dnsmasq("--bind-interfaces", "--listen-address=192.168.200.1", *EVERYWHERE[:1])
        server = self.serve("dns: {workers: 2}\n" + PLAN)
        self.named(server, theirs, r"endpoint\.conflict service=dns .*serving=no")
        self.assertEqual(self.asked(self.guest_, "192.168.200.1", "who.test"), WHO)
        lab.stop(theirs)
        server.wait_log(r"endpoint\.bound service=dns ", 15)
        self.assertTrue(self.answers())
        self.refused("--bind-interfaces", "--listen-address=192.168.200.1", *EVERYWHERE[:1])

    def test_on_every_address_before_us(self) -> None:
        """UDP of our address comes to us, and all else stays theirs: TCP cannot be shared so."""
        theirs = self.dnsmasq(*EVERYWHERE[:1])
        for plan in (PLAN, "dns: {workers: 2}\n" + PLAN):
            server = self.serve(plan)
            self.named(server, theirs, r"endpoint\.conflict service=dns .*serving=yes")
            lab.wait_for("our answer", self.answers)
            self.assert_their_dns()
            self.assertEqual(self.asked(self.guest_, "192.168.200.1", "who.test", "+tcp"), WHO)
            if plan is PLAN:
                server.stop()
        lab.stop(theirs)
        server.wait_log(r"endpoint\.bound service=dns ", 15)
        self.assertTrue(self.answers("+tcp"))

    def test_on_each_address_before_us(self) -> None:
        """--bind-dynamic: ours is among them."""
        theirs = self.dnsmasq("--bind-dynamic", *EVERYWHERE[:1])
        server = self.serve()
        self.named(server, theirs, r"endpoint\.conflict service=dns .*serving=no")
        self.assertEqual(self.asked(self.guest_, "192.168.200.1", "who.test"), WHO)
        self.assert_their_dns()
        lab.stop(theirs)
        server.wait_log(r"endpoint\.bound service=dns ", 15)
        self.assertTrue(self.answers())


class Dhcp(Beside):
    def test_on_every_address_without_sharing_before_us(self) -> None:
        theirs = self.dnsmasq("--port=0", *EVERYWHERE)
        server = self.serve()
        line = self.named(server, theirs, r"endpoint\.conflict service=dhcp .*serving=yes")
        self.assertIn("frame by frame", line)
        self.assertIn("192.168.200.7", self.offers(self.guest_))
        self.assert_their_dhcp()
        lab.stop(theirs)
        server.wait_log(r"endpoint\.bound service=dhcp ", 15)
        self.assertEqual(self.offers(self.guest_), {"192.168.200.7"})

    def test_on_every_address_sharing_before_us(self) -> None:
        for how in ("--bind-interfaces", "--bind-dynamic"):
            with self.subTest(how=how):
                theirs = self.dnsmasq("--port=0", how, *EVERYWHERE)
                server = self.serve()
                line = self.named(server, theirs, r"endpoint\.bound service=dhcp .*serving=yes")
                self.assertIn("also holds 0.0.0.0:67", line)
                self.assertIn("192.168.200.7", self.offers(self.guest_))
                self.assert_their_dhcp()
                lab.stop(theirs)
                lab.wait_for("ours alone", lambda: self.offers(self.guest_) == {"192.168.200.7"})
                server.stop()

    def test_on_our_link_after_us(self) -> None:
        """Whoever shares gets in; who does not cannot begin. Ours go on being served."""
        server = self.serve()
        server.wait_log(r"endpoint\.bound service=dhcp ")
        self.refused("--port=0", *EVERYWHERE)
        self.assertEqual(self.offers(self.guest_), {"192.168.200.7"})
        self.dnsmasq("--port=0", "--bind-interfaces", *EVERYWHERE)
        self.assertIn("192.168.200.7", self.offers(self.guest_))
        self.assert_their_dhcp()


class Rogue(Beside):
    """A DHCP server in a guest. A bridge shows us what it broadcasts, and what it sends to one guest
    only while it does not know which port that has."""

    def test_is_named_with_its_hardware_address(self) -> None:
        server = self.serve()
        server.wait_log(r"endpoint\.bound service=dhcp ")
        view = self.wire(self.guest_)
        for flags in (0, 0x8000):
            self.assertIsNotNone(view.ask(wire.discover(view.mac, flags)))
        self.assertEqual(server.counters()["dhcp.foreign_replies"], 0, "took its own for another's")

        rogue = self.guest(self.lan, "rogue", "52:52:52:09:00:03")
        rogue.ip("address add 192.168.200.3/24 dev eth0")
        self.dnsmasq("--port=0", "--dhcp-range=192.168.200.50,192.168.200.99,1h", where=rogue)
        view.send(wire.discover(view.mac, flags=0x8000).octets())
        server.wait_log(
            r"dhcp\.foreign-server iface=berth0 server=192\.168\.200\.3 hwaddr=52:52:52:09:00:03"
            rf" chaddr={view.mac} address=192\.168\.200\.\d\d\b"
        )
        server.mark = 0
        server.wait_log(
            r"endpoint\.bound service=dhcp .*another DHCP server, 192\.168\.200\.3, answers on berth0:"
        )
        self.assertEqual(
            server.counters()["dhcp.foreign_replies"], self.output.read_text().count("DHCPOFFER(")
        )


class Libvirt(Beside):
    """Its dnsmasq on a bridge of its own, each server with its own clients."""

    def assert_each_serves_its_own(self) -> None:
        self.assertTrue(self.answers("+notcp") and self.answers("+tcp"))
        self.assert_their_dns()
        self.assert_their_dhcp()
        self.assertEqual(self.offers(self.guest_), {"192.168.200.7"})

    def test_before_us(self) -> None:
        for how in ("--bind-dynamic", "--bind-interfaces"):
            with self.subTest(how=how):
                theirs = self.dnsmasq(how, *OTHER_LINK)
                server = self.serve()
                self.named(server, theirs, r"endpoint\.bound service=dhcp .*serving=yes")
                server.mark = 0
                server.wait_log(r"endpoint\.bound service=dns ")
                self.assert_each_serves_its_own()
                server.stop()
                lab.stop(theirs)

    def test_after_us(self) -> None:
        server = self.serve("dns: {workers: 2}\n" + PLAN)
        server.wait_log(r"endpoint\.bound service=dhcp ")
        for how in ("--bind-dynamic", "--bind-interfaces"):
            with self.subTest(how=how):
                theirs = self.dnsmasq(how, *OTHER_LINK)
                self.assert_each_serves_its_own()
                lab.stop(theirs)
        self.assertNotIn("endpoint.conflict", server.log())

    def test_clients_of_both_bind_and_renew(self) -> None:
        """A renewal goes to an address, and both servers' are on this machine."""
        self.dnsmasq("--bind-dynamic", *OTHER_LINK)
        server = self.serve()
        self.stranger.ip("address flush dev eth0")
        ours, theirs = clients.Udhcpc(self.guest_), clients.Udhcpc(self.stranger)
        self.assertEqual(ours.bind().address, "192.168.200.7")
        self.assertEqual(theirs.bind().server_id, THEIRS)
        for client in (ours, theirs):
            client.renew()
            lease = client.lease(2)
            self.assertEqual(lease.event, "renew")
            client.stop()
        self.assertIn(f"DHCPACK(virbr0) {lease.address} {MAC}", self.output.read_text())
        # udhcpc may ask again: it opens its socket only after it has asked, and misses a quick ACK.
        counters = server.counters()
        self.assertGreaterEqual(counters["dhcp.replies.DHCPACK"], 2)
        self.assertEqual(counters["dhcp.replies.DHCPACK"], counters["dhcp.requests.DHCPREQUEST"])


class SecondBerthd(Beside):
    def test_on_the_same_address(self) -> None:
        first = self.serve()
        assert first.process
        second = berthd.Berthd(self.host)
        second.directory = self.host.directory / "second"
        second.directory.mkdir()
        second.log_file = second.directory / "berthd.log"
        second.state_folder = second.directory / "state"
        self.addCleanup(self._end, second)
        second.start()
        pid = first.process.pid
        second.wait_log(rf"endpoint\.conflict service=dns .*serving=no .*pid={pid}\b")
        second.mark = 0
        second.wait_log(rf"endpoint\.\w+ service=dhcp .*\bpid[= ]{pid}\b")
        self.assertTrue(self.answers("+notcp") and self.answers("+tcp"))
        self.assertEqual(second.counters()["dns.udp.received"], 0)
        self.assertEqual(self.offers(self.guest_), {"192.168.200.7"})
        first.stop()
        second.wait_log(r"endpoint\.bound service=dns ", 15)
        lab.wait_for("the second's answer", lambda: self.answers("+tcp"), 15)
        self.assertEqual(self.offers(self.guest_), {"192.168.200.7"})


if __name__ == "__main__":
    main()
