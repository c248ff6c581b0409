"""tshark reads everything that berthd sends, and finds nothing wrong with it."""

from __future__ import annotations

import collections
import socket
import struct

from case import PLAN, NetTest, berthd, clients, lab, main, wire

MANY = ", ".join(str(number) for number in range(100, 200))
SEARCH = ", ".join(f"number{number}.search.list.example.com" for number in range(12))
BOOT = "address: 192.168.200.9, boot: {server: 1, file: undionly.kpxe}"
CONFIG = PLAN.replace("address: 192.168.200.9", BOOT) + f"""
    names: {{kubernetes: 11, many: [{MANY}]}}
    records:
      - '_etcd._tcp SRV 0 10 2379 control0'
      - 'registry CNAME worker0'
      - 'note TXT "hello"'
      - 'mail MX 10 worker1'
      - 'unknown TYPE65400 \\# 3 010203'
    options:
      mtu: 1400
      ntp-servers: [1]
      domain-search: [kubenet, {SEARCH}]
      classless-static-routes: {{0.0.0.0/0: 1, 10.32.0.0/16: 4, 10.96.0.1/32: 5}}
      v6-only-preferred: 1800
      vendor-encapsulated-options: 0104c0a8c801ff
  far:
    subnet: 10.77.0.0/24
    interface: none
    address: 192.168.200.1
    relays: [192.168.200.9]
    router: 2
    hosts: {{remote: {{mac: 52:52:52:77:00:01, address: 10}}}}
"""
WARNING = 0x00600000
# What tshark warns of that is as it should be.
ALLOWED = {
    # A client that closes before it has read all is answered with RST by the kernel.
    "Connection reset (RST)",
}
QUESTIONS: list[list[str]] = [
    ["worker0.kubenet"], ["worker0", "AAAA"], ["nobody.kubenet"], ["-x", "192.168.200.7"],
    ["-x", "192.168.200.99"], ["many.kubenet", "+ignore"], ["many.kubenet", "+noedns", "+ignore"],
    ["many.kubenet"], ["_etcd._tcp.kubenet", "SRV"], ["registry.kubenet"], ["note.kubenet", "TXT"],
    ["mail.kubenet", "MX"], ["unknown.kubenet", "TYPE65400"], ["kubenet", "SOA"], ["kubenet", "NS"],
    ["worker0.kubenet", "ANY"], ["www.example.com"], ["worker0.kubenet", "CH", "TXT"],
    ["worker0.kubenet", "+edns=1", "+noednsnegotiation"], ["worker0.kubenet", "+opcode=notify"],
    ["worker0.kubenet", "+ednsopt=65001:abcd", "+dnssec", "+nsid"], ["localhost"],
    ["worker0.kubenet", "+noedns"], ["+opcode=15", "+header-only"],
]  # fmt: skip


class Oracle(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(CONFIG)
        self.lan = self.link()
        self.capture = self.host.directory / "capture.pcap"
        log = self.host.directory / "dumpcap.log"
        with log.open("wb") as output:
            self.dumpcap = self.host.start(
                ["dumpcap", "-q", "-P", "-i", "berth0", "-w", str(self.capture)],
                stdout=output, stderr=output,
            )  # fmt: skip
        lab.wait_for("dumpcap", lambda: "File: " in log.read_text())

    def tshark(self, filter_: str, *fields: str) -> list[list[str]]:
        """The fields of what berthd sent and the filter lets through."""
        arguments = [word for field in fields for word in ("-e", field)]
        result = self.host.run(["tshark", "-r", str(self.capture), "-T", "fields", "-Y",
                                f"ip.src == 192.168.200.1 && !icmp && ({filter_})", *arguments])  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        return [line.split("\t") for line in result.stdout.splitlines()]

    def dhcp(self) -> None:
        guests = [self.guest(self.lan, name) for name in berthd.DEFAULT_HOSTS if name != "worker2"]
        running = [clients.Udhcpc(guest) for guest in guests]
        for client in running:
            client.start()
        for client in running:
            client.lease()
        view = self.wire(self.guest(self.lan, "worker2"))
        everything = bytes(range(1, 128))
        fqdn = b"\4\0\0" + wire.dns_name("worker2.kubenet")
        asks = [
            {}, {wire.PARAMETERS: everything, 81: fqdn, 97: bytes(17)},
            {57: struct.pack("!H", 576), wire.PARAMETERS: everything},
            {57: struct.pack("!H", 1500), wire.PARAMETERS: everything, wire.CLIENT_ID: b"\xff" * 40},
        ]  # fmt: skip
        for options in asks:
            message = wire.discover(view.mac)
            message.options |= options
            offer = view.ask(message)
            assert offer
            self.assertTrue(view.ask(wire.request(offer[0], wire.BROADCAST_FLAG)))
        wrong = wire.Dhcp(wire.REQUEST, xid=77, chaddr=view.mac, options={
            wire.REQUESTED_ADDRESS: wire.address_octets("10.1.2.3")})  # fmt: skip
        nak = view.ask(wrong)
        assert nak
        self.assertEqual(nak[0].type, wire.NAK)
        self.assertTrue(view.ask(wire.Dhcp(xid=78, chaddr=view.mac)), "BOOTP")
        # The kernel asks by ARP for whom it sends to, so somebody has to be there.
        self.relayed(view)

    def relayed(self, view: wire.Wire) -> None:
        guest = next(guest for guest in self.lan.guests if guest.name == "worker2")
        guest.ip("address add 192.168.200.9/24 dev eth0")
        view.send(wire.Dhcp(wire.INFORM, xid=80, ciaddr="192.168.200.9", chaddr=view.mac,
                            options={wire.PARAMETERS: bytes(range(1, 128))}).octets(),
                  ("192.168.200.9", 68), ("192.168.200.1", 67))  # fmt: skip
        self.assertTrue(view.reply(80, 2), "INFORM")
        message = wire.discover("52:52:52:77:00:01")
        message.giaddr, message.hops = "192.168.200.9", 1
        message.options |= {wire.RELAY_AGENT: b"\5\4" + wire.address_octets("10.77.0.0") + b"\1\3abc"}
        for each in (message, self.selecting(message)):
            view.send(each.octets(), ("192.168.200.9", 67), ("192.168.200.1", 67))
            while frame := view.receive(2):
                if frame.destination[1] == 67 and frame.source[1] == 67:
                    break
            self.assertTrue(frame, "relayed")

    @staticmethod
    def selecting(discover: wire.Dhcp) -> wire.Dhcp:
        """The relayed REQUEST, for an address that is not the client's: it is refused."""
        options = {wire.REQUESTED_ADDRESS: wire.address_octets("10.77.0.99"),
                   wire.SERVER_ID: wire.address_octets("192.168.200.1")}  # fmt: skip
        return wire.Dhcp(wire.REQUEST, hops=1, xid=discover.xid, giaddr=discover.giaddr,
                         chaddr=discover.chaddr,
                         options=options | {wire.RELAY_AGENT: discover.options[wire.RELAY_AGENT]})  # fmt: skip

    def dns(self) -> None:
        guest = next(guest for guest in self.lan.guests if guest.name == "worker1")
        for question in QUESTIONS:
            for transport in ("+notcp", "+tcp"):
                if transport == "+notcp" or "+ignore" not in question:
                    clients.dig_one(guest, "@192.168.200.1", transport, *question)
        broken = struct.pack("!6H", 0xBEEF, 0x0100, 2, 0, 0, 0) + b"\0\0\1\0\1" * 2
        with guest.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(2)
            asker.sendto(broken, ("192.168.200.1", 53))
            self.assertEqual(asker.recv(512)[3] & 15, wire.FORMERR)

    def test_everything_berthd_sends(self) -> None:
        self.dhcp()
        self.dns()
        lab.wait_for("the last answer in the file",
                     lambda: b"\xbe\xef\x81\x01" in self.capture.read_bytes())  # fmt: skip
        lab.stop(self.dumpcap)

        wrong = [
            row for row in self.tshark(f"_ws.malformed || _ws.expert.severity >= {WARNING}",
                                       "frame.number", "_ws.col.Info", "_ws.expert.message")  # fmt: skip
            if not any(text in row[2] for text in ALLOWED)
        ]  # fmt: skip
        self.assertEqual(wrong, [])

        # That all of this was there to be looked at.
        types = collections.Counter(row[0] for row in self.tshark("dhcp", "dhcp.option.dhcp"))
        self.assertEqual((types["2"], types["5"], types["6"], types[""]), (11, 11, 2, 1))
        self.assertEqual(len(self.tshark("dhcp.option.type == 82", "frame.number")), 2)
        self.assertGreater(len(self.tshark("dhcp.option.type == 52", "frame.number")), 0)
        answers = self.tshark("dns", "dns.flags.rcode", "dns.flags.truncated")
        self.assertEqual({row[0] for row in answers}, {"0", "1", "3", "4", "5"})
        self.assertIn("1", {row[1] for row in answers})
        self.assertGreater(len(self.tshark("dns && tcp", "frame.number")), 20)


if __name__ == "__main__":
    main()
