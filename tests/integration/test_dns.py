"""Names, asked for by dig over UDP and TCP."""

from __future__ import annotations

import socket
import struct

from case import PLAN, RECORDS, NetTest, clients, lab, main, wire

MANY = ", ".join(str(number) for number in range(100, 200))
CONFIG = PLAN + RECORDS + f"""
    names:
      kubernetes: 11
      vmhost: 1
      many: [{MANY}]
      api.lab.example.com.: 11
"""


class Names(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(CONFIG)
        self.guest_ = self.addressed_guest(self.link())

    def dig(self, *arguments: str) -> clients.Response:
        return clients.dig_one(self.guest_, *arguments)

    def assert_answers(self, questions: dict[tuple[str, ...], list[str]]) -> None:
        for transport in ("+notcp", "+tcp"):
            for question, expected in questions.items():
                with self.subTest(transport=transport, question=question):
                    response = self.dig(transport, *question)
                    self.assertEqual((response.status, response.data()), ("NOERROR", expected))
                    self.assertEqual(response.over, "TCP" if transport == "+tcp" else "UDP")

    def test_addresses(self) -> None:
        """Promise: a declared host resolves before it ever boots."""
        self.assert_answers({
            ("worker0.kubenet",): ["192.168.200.7"],
            ("worker0",): ["192.168.200.7"],
            ("worker0", "+search"): ["192.168.200.7"],
            ("WoRkEr0.KuBeNeT",): ["192.168.200.7"],
            ("kubernetes.kubenet",): ["192.168.200.11"],
            ("vmhost.kubenet",): ["192.168.200.1"],
            ("api.lab.example.com",): ["192.168.200.11"],
        })  # fmt: skip

    def test_reverse(self) -> None:
        self.assert_answers({
            ("-x", "192.168.200.7"): ["worker0.kubenet."],
            ("-x", "192.168.200.11"): ["kubernetes.kubenet."],
            ("-x", "192.168.200.1"): ["vmhost.kubenet."],
        })  # fmt: skip

    def test_records(self) -> None:
        self.assert_answers({
            ("_etcd._tcp.kubenet", "SRV"): ["0 10 2379 control0.kubenet."],
            ("anything.apps.kubenet",): ["192.168.200.11"],
            ("a.b.apps.kubenet",): ["192.168.200.11"],
            ("registry.kubenet",): ["worker0.kubenet.", "192.168.200.7"],
            ("registry.kubenet", "CNAME"): ["worker0.kubenet."],
            ("note.kubenet", "TXT"): ['"hello" "world; with a semicolon"'],
            ("mail.kubenet", "MX"): ["10 worker1.kubenet."],
        })  # fmt: skip

    def test_authority_over_the_zone(self) -> None:
        soa, ns = self.dig("kubenet", "SOA"), self.dig("kubenet", "NS")
        self.assertEqual([record.type for record in soa.answer], ["SOA"])
        self.assertEqual([record.type for record in ns.answer], ["NS"])
        self.assertIn("aa", soa.flags)
        reverse = self.dig("200.168.192.in-addr.arpa", "SOA")
        self.assertEqual([record.type for record in reverse.answer], ["SOA"])

    def test_header_and_ttl(self) -> None:
        response = self.dig("worker0.kubenet")
        self.assertLessEqual({"qr", "aa", "rd"}, response.flags)
        self.assertEqual(response.answer[0].ttl, 90)
        self.assertEqual(response.server, "192.168.200.1")

    def test_the_questions_case_is_kept(self) -> None:
        self.assertEqual(self.dig("WoRkEr0.KuBeNeT").answer[0].owner, "WoRkEr0.KuBeNeT.")

    def test_a_name_that_does_not_exist(self) -> None:
        for question in (["nobody.kubenet"], ["-x", "192.168.200.99"], ["_x._tcp.kubenet", "SRV"]):
            with self.subTest(question=question):
                response = self.dig(*question)
                self.assertEqual((response.status, response.answer), ("NXDOMAIN", []))
                self.assertEqual([record.type for record in response.authority], ["SOA"])

    def test_a_type_that_does_not_exist(self) -> None:
        for question in (["worker0.kubenet", "AAAA"], ["worker0.kubenet", "TXT"],
                         ["x.apps.kubenet", "MX"], ["apps.kubenet"], ["_tcp.kubenet"]):  # fmt: skip
            with self.subTest(question=question):
                response = self.dig(*question)
                self.assertEqual((response.status, response.answer), ("NOERROR", []))
                self.assertEqual([record.type for record in response.authority], ["SOA"])

    def test_names_that_are_not_ours(self) -> None:
        for name in ("www.example.com", "lab.example.com", "host.api.lab.example.com", "1.1.1.1.in-addr.arpa"):
            with self.subTest(name=name):
                response = self.dig(name)
                self.assertEqual((response.status, response.answer), ("REFUSED", []))
                self.assertNotIn("aa", response.flags)

    def test_any_gets_one_rrset(self) -> None:  # N14
        """RFC 8482 4.1."""
        response = self.dig("worker0.kubenet", "ANY", "+notcp")
        self.assertEqual(response.status, "NOERROR")
        self.assertEqual(len({record.type for record in response.answer}), 1)

    def test_edns(self) -> None:
        self.assertIn("udp: 1232", self.dig("worker0.kubenet").edns)
        self.assertEqual(self.dig("worker0.kubenet", "+noedns").edns, "")
        self.assertEqual(self.dig("worker0.kubenet", "+ednsopt=65001:abcd").data(), ["192.168.200.7"])
        self.assertEqual(self.dig("worker0.kubenet", "+ednsflags=0x0080").data(), ["192.168.200.7"])

    def test_an_edns_version_we_do_not_know(self) -> None:
        """RFC 6891 6.1.3."""
        response = self.dig("worker0.kubenet", "+edns=1", "+noednsnegotiation")
        self.assertEqual((response.status, response.answer), ("BADVERS", []))
        self.assertIn("version: 0", response.edns)

    def test_what_does_not_fit_is_cut_and_asked_for_again_over_tcp(self) -> None:
        for size, limit in (("+bufsize=512", 512), ("+noedns", 512), ("+bufsize=4096", 1232)):
            with self.subTest(size):
                cut = self.dig("many.kubenet", size, "+ignore")
                self.assertIn("tc", cut.flags)
                self.assertLessEqual(cut.size, limit)
                whole = self.dig("many.kubenet", size)
                self.assertEqual((whole.over, len(whole.answer)), ("TCP", 100))
                self.assertNotIn("tc", whole.flags)

    def test_opcodes_and_classes(self) -> None:
        self.assertEqual(self.dig("worker0.kubenet", "+opcode=notify").status, "NOTIMP")
        self.assertEqual(self.dig("worker0.kubenet", "+opcode=update").status, "NOTIMP")
        self.assertEqual(self.dig("worker0.kubenet", "CH", "TXT").status, "REFUSED")

    def test_rfc_8906(self) -> None:
        """Section 8's probes that dig can send: none goes unanswered."""
        probes = {
            ("+noedns", "+noad", "+norec", "kubenet", "SOA"): "NOERROR",
            ("+noedns", "+noad", "+norec", "TYPE1000", "kubenet"): "NOERROR",
            ("+noedns", "+ad", "+norec", "kubenet", "SOA"): "NOERROR",
            ("+noedns", "+noad", "+norec", "+zflag", "kubenet", "SOA"): "NOERROR",
            ("+noedns", "+noad", "+norec", "+opcode=15", "+header-only"): "NOTIMP",
            ("+nocookie", "+edns=0", "+noad", "+norec", "kubenet", "SOA"): "NOERROR",
            ("+nocookie", "+edns=0", "+noad", "+norec", "+dnssec", "kubenet", "SOA"): "NOERROR",
            ("+nocookie", "+edns=0", "+noad", "+norec", "+ednsopt=100", "kubenet", "SOA"): "NOERROR",
            ("+nocookie", "+edns=0", "+noad", "+norec", "+ednsflags=0x40", "kubenet", "SOA"): "NOERROR",
            ("+nocookie", "+edns=1", "+noednsneg", "+noad", "+norec", "kubenet", "SOA"): "BADVERS",
            ("+nocookie", "+edns=1", "+noednsneg", "+noad", "+norec", "+ednsopt=100", "kubenet", "SOA"): "BADVERS",
            ("+nocookie", "+edns=1", "+noednsneg", "+noad", "+norec", "+ednsflags=0x40", "kubenet", "SOA"): "BADVERS",
            ("+nocookie", "+edns=255", "+noednsneg", "+noad", "+norec", "+ednsflags=0x40", "+ednsopt=100", "kubenet", "SOA"): "BADVERS",
            ("+nocookie", "+edns=0", "+noad", "+norec", "+dnssec", "+ednsopt=100", "+ednsflags=0x40", "TYPE1000", "kubenet"): "NOERROR",
            ("+nocookie", "+edns=0", "+noad", "+norec", "nobody.kubenet", "SOA"): "NXDOMAIN",
            ("+nocookie", "+edns=0", "+noad", "+norec", "example.com", "SOA"): "REFUSED",
            ("+nocookie", "+edns=0", "+noad", "+norec", "+opcode=15", "kubenet", "SOA"): "NOTIMP",
            ("+nocookie", "+edns=0", "+noad", "+norec", "+bufsize=512", "+ignore", "many.kubenet", "A"): "NOERROR",
            ("+cookie", "+noad", "+norec", "kubenet", "SOA"): "NOERROR",
            ("+nocookie", "+edns=0", "+noad", "+norec", "+tcp", "kubenet", "SOA"): "NOERROR",
        }
        for probe, status in probes.items():
            with self.subTest(" ".join(probe)):
                response = self.dig(*probe)
                self.assertEqual(response.status, status)
                self.assertEqual(bool(response.edns), "+noedns" not in probe)
                if response.edns:
                    self.assertIn("version: 0", response.edns)
                    flags = response.edns.partition("flags:")[2].partition(";")[0].split()
                    self.assertLessEqual(set(flags), {"do"})  # unknown ones are not echoed


class Askers(NetTest):
    """Who may ask."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve()
        self.lan = self.link()

    def test_the_host_itself(self) -> None:
        answer = clients.dig_one(self.host, "@192.168.200.1", "worker0.kubenet")
        self.assertEqual(answer.data(), ["192.168.200.7"])

    def test_somebody_on_a_link_that_is_not_ours(self) -> None:  # N13
        """CVE-2012-3411's shape: our address, asked through another interface."""
        other = self.guest(self.link("other0", "10.9.9.1/24"), "other", "52:52:52:99:00:01")
        other.ip("address add 10.9.9.2/24 dev eth0", "route add default via 10.9.9.1")
        answer = clients.dig_one(other, "@192.168.200.1", "www.example.com")
        self.assertEqual((answer.status, answer.answer), ("REFUSED", []))

    def test_loopback_is_not_ours(self) -> None:
        """Promise: never binds loopback:53 or *:53."""
        result = self.host.run(["dig", "@127.0.0.1", "+tries=1", "+time=1", "worker0.kubenet"])
        self.assertNotEqual(result.returncode, 0)
        sockets = self.host.run(["ss", "--no-header", "--numeric", "-lntu", "sport = :53"]).stdout
        addresses = {line.split()[4] for line in sockets.splitlines()}
        self.assertEqual(addresses, {"192.168.200.1:53"})


class Elsewhere(NetTest):
    """Networks that are not on the machine, or not where the plan says."""

    AWAY = "  away: {subnet: 10.9.0.0/24}\n"

    def test_an_address_of_ours_that_the_machine_does_not_have(self) -> None:  # N12, N13
        """Nobody is this host by claiming a network's address while that is nowhere."""
        server = self.serve(PLAN + self.AWAY + "dns: {refuse: drop}\n")
        guest = self.addressed_guest(self.link())
        guest.ip("address add 10.9.0.1/32 dev eth0")
        self.link("uplink0", "10.8.8.1/24")
        self.host.ip("route add default via 10.8.8.2")  # the forger's answer would leave here
        server.wait_log("endpoint.bound service=dns address=192.168.200.1")
        with guest.entered():
            forger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(forger.close)
        forger.bind(("10.9.0.1", 0))
        forger.settimeout(0.3)
        forger.sendto(wire.dns_query("worker0.kubenet"), ("192.168.200.1", 53))
        with self.assertRaises(TimeoutError):
            forger.recv(512)
        self.assertEqual(server.counters()["dns.udp.drops.bad_source"], 1)


    def test_the_address_is_not_on_the_interface_that_the_plan_names(self) -> None:
        """Neither transport serves a link because its clients have the right addresses."""
        server = self.serve(PLAN.replace("    hosts:", "    interface: berth0\n    hosts:"))
        guest = self.addressed_guest(self.link("other0"))
        server.wait_log("endpoint.waiting service=dns .*correct `interface:`")
        self.assertEqual(self.status_of("gateway", guest), ["REFUSED", "REFUSED"])

        self.host.ip("address delete 192.168.200.1/24 dev other0")
        named = self.link("berth0")
        server.wait_log("endpoint.bound service=dns")
        right = self.addressed_guest(named, "worker1")
        self.assertEqual(self.status_of("gateway", right), ["NOERROR", "NOERROR"])

    def test_the_address_moves_while_a_connection_is_open(self) -> None:
        server = self.serve(PLAN.replace("    hosts:", "    interface: berth0\n    hosts:"))
        guest = self.addressed_guest(self.link("berth0"))
        server.wait_log("endpoint.bound service=dns")
        with guest.entered():
            connection = socket.create_connection(("192.168.200.1", 53), 5)
        self.addCleanup(connection.close)
        self.assertEqual(self.rcode_over(connection), wire.NOERROR)
        self.host.ip("link set berth0 name other0")
        server.wait_log("endpoint.waiting service=dns .*correct `interface:`")
        self.assertEqual(self.rcode_over(connection), wire.REFUSED)

    @staticmethod
    def status_of(name: str, guest: lab.Guest) -> list[str]:
        """By UDP and by TCP."""
        return [clients.dig_one(guest, over, name + ".kubenet").status for over in ("+notcp", "+tcp")]

    @staticmethod
    def rcode_over(connection: socket.socket) -> int:
        message = wire.dns_query("gateway.kubenet")
        connection.sendall(struct.pack("!H", len(message)) + message)
        with connection.makefile("rb") as answers:
            size = struct.unpack("!H", answers.read(2))[0]
            return wire.DnsAnswer.parse(answers.read(size)).rcode


class TwoNetworks(NetTest):
    def test_a_bare_name_is_the_askers_own(self) -> None:
        self.serve("""
networks:
  red:
    subnet: 192.168.200.0/24
    hosts: {node: {mac: 52:52:52:00:00:04, address: 7}}
  blue:
    subnet: 10.20.0.0/16
    hosts: {node: {mac: 52:52:52:00:00:04, address: 10.20.3.7}}
""")
        red = self.guest(self.link("red0", "192.168.200.1/24"), "red", "52:52:52:00:00:04")
        blue = self.guest(self.link("blue0", "10.20.0.1/16"), "blue", "52:52:52:00:00:05")
        red.ip("address add 192.168.200.60/24 dev eth0")
        blue.ip("address add 10.20.0.60/16 dev eth0")
        self.assertEqual(clients.dig_one(red, "@192.168.200.1", "node").data(), ["192.168.200.7"])
        self.assertEqual(clients.dig_one(blue, "@10.20.0.1", "node").data(), ["10.20.3.7"])
        for guest, server in ((red, "192.168.200.1"), (blue, "10.20.0.1")):
            answers = [clients.dig_one(guest, f"@{server}", name).data()
                       for name in ("node.red", "node.blue")]  # fmt: skip
            self.assertEqual(answers, [["192.168.200.7"], ["10.20.3.7"]])


if __name__ == "__main__":
    main()
